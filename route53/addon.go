package route53

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

// ExternalDNS is how the add-on external-dns is going to work on the zone.
type ExternalDNS struct {
	OwnerID string // of --txt-owner-id; empty: "default", as external-dns has it
}

func (e *ExternalDNS) owner() string {
	if e.OwnerID == "" {
		return "default"
	}
	return e.OwnerID
}

// CertManager is how the add-on cert-manager is going to get certificates by
// ACME's DNS challenge.
type CertManager struct {
	// Names are those to certify, wildcards as "*.example.com"; nil: the base
	// domain and the wildcard below it.
	Names  []Name
	Issuer string // as CAA records name it; empty: letsencrypt.org
}

func (m *CertManager) names(base Name) []Name {
	if m.Names != nil {
		return sortedNames(m.Names)
	}
	return []Name{base, "*." + base}
}

func (m *CertManager) issuer() string {
	if m.Issuer == "" {
		return "letsencrypt.org"
	}
	return m.Issuer
}

// A Permission is an IAM action with the ARNs of the resources that it is needed
// on.
type Permission struct {
	Action    string
	Resources []string
}

// Permissions returns the least that external-dns needs to manage records of
// these zones, as its tutorial for AWS has it, see
// https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/.
// Without zones the grant is for all zones of the account; partition is "aws"
// where it is empty.
func (e ExternalDNS) Permissions(partition string, zoneIDs ...string) []Permission {
	zones := zoneARNs(partition, zoneIDs)
	return []Permission{
		{"route53:ChangeResourceRecordSets", zones},
		{"route53:ListHostedZones", []string{"*"}},
		{"route53:ListResourceRecordSets", zones},
		{"route53:ListTagsForResources", zones},
	}
}

// Permissions returns the least that cert-manager needs to answer ACME's DNS
// challenge in these zones, see
// https://cert-manager.io/docs/configuration/acme/dns01/route53/. With exactly
// the zones that its issuers pin by hostedZoneID it looks none up by name, and
// needs no grant for that.
func (m CertManager) Permissions(partition string, zoneIDs ...string) []Permission {
	zones := zoneARNs(partition, zoneIDs)
	list := []Permission{
		{"route53:ChangeResourceRecordSets", zones},
		{"route53:GetChange", []string{"arn:" + orAWS(partition) + ":route53:::change/*"}},
		{"route53:ListResourceRecordSets", zones},
	}
	if len(zoneIDs) == 0 {
		list = append(list, Permission{"route53:ListHostedZonesByName", []string{"*"}})
	}
	return list
}

func orAWS(partition string) string {
	if partition == "" {
		return "aws"
	}
	return partition
}

func zoneARNs(partition string, zoneIDs []string) []string {
	prefix := "arn:" + orAWS(partition) + ":route53:::hostedzone/"
	if len(zoneIDs) == 0 {
		return []string{prefix + "*"}
	}
	var arns []string
	for _, id := range zoneIDs {
		arns = append(arns, prefix+ZoneID(id))
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// Ingress are the values of the section ingress of a jx-requirements.yml, by
// which Jenkins X has external-dns and cert-manager work on a domain.
type Ingress struct {
	Domain             string
	IgnoreLoadBalancer bool
	ExternalDNS        bool
	NamespaceSubDomain string // between the name of a service and the domain: "-jx."
	TLS                IngressTLS
}

// IngressTLS is how the domain gets its certificates.
type IngressTLS struct {
	Enabled    bool
	Email      string // of the ACME account
	Production bool   // false: the issuer's staging environment, which no browser trusts
}

// Options returns the options by which [Check] asks what the ingress needs:
// a zone that is reached, and room for the records and the challenges of the
// add-ons. An error names the field that cannot be right.
func (i Ingress) Options() (Options, error) {
	o, err := i.options()
	if err != nil {
		return Options{}, fmt.Errorf("read ingress: %w", err)
	}
	return o, nil
}

func (i Ingress) options() (Options, error) {
	domain, err := ParseName(i.Domain)
	switch {
	case err != nil:
		return Options{}, fmt.Errorf("domain: %w", err)
	case domain.depth() < 2:
		return Options{}, fmt.Errorf("domain: %q is a top-level domain", string(domain))
	case domain.Wildcard():
		return Options{}, fmt.Errorf("domain: %q is a wildcard; want the domain below which the services stand", string(domain))
	}
	o := Options{BaseDomain: domain}
	if i.ExternalDNS {
		o.ExternalDNS = &ExternalDNS{}
	}
	service, err := ParseName("service" + i.namespaceSubDomain() + string(domain))
	if err != nil || !service.Below(domain) {
		return Options{}, fmt.Errorf("namespaceSubDomain: %s does not lead from a service to the domain; want a text such as \"-jx.\"", quote(i.NamespaceSubDomain))
	}
	if i.TLS.Enabled {
		if err := checkEmail(i.TLS.Email); err != nil {
			return Options{}, fmt.Errorf("tls.email: %w", err)
		}
		// The certificate is for what the services share: one label below the
		// domain, or below the namespace's part of it.
		o.CertManager = &CertManager{Names: []Name{"*." + service.Parent()}}
	}
	return o, nil
}

func (i Ingress) namespaceSubDomain() string {
	if i.NamespaceSubDomain == "" {
		return "."
	}
	return i.NamespaceSubDomain
}

func checkEmail(text string) error {
	a, err := mail.ParseAddress(text)
	if text == "" || err != nil || a.Address != text {
		return fmt.Errorf("%s is no e-mail address; want one such as ops@acme.test", quote(text))
	}
	_, host, _ := strings.Cut(text, "@")
	for _, reserved := range []string{"example.com", "example.net", "example.org"} {
		if strings.EqualFold(host, reserved) {
			return fmt.Errorf("the ACME servers of Let's Encrypt refuse addresses at %s", reserved)
		}
	}
	return nil
}
