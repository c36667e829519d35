package route53_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// The values of the documentation of Jenkins X, but for the domain.
func ingress() route53.Ingress {
	return route53.Ingress{
		Domain: "k8s.example.com", IgnoreLoadBalancer: true, ExternalDNS: true, NamespaceSubDomain: "-jx.",
		TLS: route53.IngressTLS{Enabled: true, Email: "certifiable@acmecorp.example", Production: true},
	}
}

func TestIngressOptions(t *testing.T) {
	o, err := ingress().Options()
	require.NoError(t, err)
	assert.Equal(t, route53.Options{
		BaseDomain: "k8s.example.com", ExternalDNS: &route53.ExternalDNS{},
		CertManager: &route53.CertManager{Names: []route53.Name{"*.k8s.example.com"}},
	}, o)
	s, _ := rt.Account()
	for _, f := range route53.Check(s, o) {
		assert.Contains(t, []groundway.Outcome{groundway.Passed, groundway.Skipped}, f.Outcome, f.Code)
	}
	nested := ingress()
	nested.NamespaceSubDomain = ".jx."
	o, err = nested.Options()
	require.NoError(t, err)
	assert.Equal(t, []route53.Name{"*.jx.k8s.example.com"}, o.CertManager.Names)
}

func TestIngressErrors(t *testing.T) {
	for _, c := range []struct {
		edit func(*route53.Ingress)
		err  string
	}{
		{func(i *route53.Ingress) { i.Domain = "" }, `read ingress: domain: parse name "": it is empty`},
		{func(i *route53.Ingress) { i.Domain = "com" }, `read ingress: domain: "com" is a top-level domain`},
		{func(i *route53.Ingress) { i.Domain = "*.example.com" }, `read ingress: domain: "*.example.com" is a wildcard; want the domain below which the services stand`},
		{func(i *route53.Ingress) { i.NamespaceSubDomain = "-jx" }, `read ingress: namespaceSubDomain: "-jx" does not lead from a service to the domain; want a text such as "-jx."`},
		{func(i *route53.Ingress) { i.NamespaceSubDomain = "..jx." }, `read ingress: namespaceSubDomain: "..jx." does not lead from a service to the domain; want a text such as "-jx."`},
		{func(i *route53.Ingress) { i.TLS.Email = "" }, `read ingress: tls.email: "" is no e-mail address; want one such as ops@acme.test`},
		{func(i *route53.Ingress) { i.TLS.Email = "Ops <ops@acme.test>" }, `read ingress: tls.email: "Ops <ops@acme.test>" is no e-mail address; want one such as ops@acme.test`},
		{func(i *route53.Ingress) { i.TLS.Email = "ops@Example.com" }, `read ingress: tls.email: the ACME servers of Let's Encrypt refuse addresses at example.com`},
	} {
		i := ingress()
		c.edit(&i)
		o, err := i.Options()
		assert.EqualError(t, err, c.err)
		assert.Zero(t, o)
	}
}

func TestPermissionsOfAddOns(t *testing.T) {
	assert.Equal(t, []route53.Permission{
		{Action: "route53:ChangeResourceRecordSets", Resources: []string{"arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"}},
		{Action: "route53:ListHostedZones", Resources: []string{"*"}},
		{Action: "route53:ListResourceRecordSets", Resources: []string{"arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"}},
		{Action: "route53:ListTagsForResources", Resources: []string{"arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"}},
	}, route53.ExternalDNS{}.Permissions("", "Z2", "/hostedzone/Z1", "Z2"))
	assert.Equal(t, []route53.Permission{
		{Action: "route53:ChangeResourceRecordSets", Resources: []string{"arn:aws-cn:route53:::hostedzone/*"}},
		{Action: "route53:GetChange", Resources: []string{"arn:aws-cn:route53:::change/*"}},
		{Action: "route53:ListResourceRecordSets", Resources: []string{"arn:aws-cn:route53:::hostedzone/*"}},
		{Action: "route53:ListHostedZonesByName", Resources: []string{"*"}},
	}, route53.CertManager{}.Permissions("aws-cn"))
	assert.Len(t, route53.CertManager{}.Permissions("", "Z1"), 3, "a pinned zone is not looked up")
}

func TestTectonicNames(t *testing.T) {
	names, err := route53.TectonicNames("demo", "k8s.example.com")
	require.NoError(t, err)
	assert.Equal(t, []route53.Name{"demo.k8s.example.com", "demo-api.k8s.example.com"}, names)
	_, err = route53.TectonicNames("a.b", "k8s.example.com")
	assert.EqualError(t, err, `parse cluster "a.b": want one label`)
	_, err = route53.TectonicNames("", "k8s.example.com")
	assert.EqualError(t, err, `parse name ".k8s.example.com": label 1 is empty`)
}
