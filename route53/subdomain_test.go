package route53_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

const cluster1 route53.Name = "cluster1.example.com"

func TestPlanSubdomain(t *testing.T) {
	o := route53.SubdomainOptions{CallerReference: "cluster1"}
	for _, c := range []struct {
		name string
		of   route53.Name
		edit func(*route53.Snapshot)
		o    route53.SubdomainOptions
		want string
	}{
		{"nothing is there", cluster1, nil, o, `+ zone cluster1.example.com, public
  zone example.com (Z0PARENT)
+   cluster1.example.com NS 172800 the name servers of the new zone
`},
		{"all is there", rt.Domain, nil, o, "no changes\n"},
		{"the delegation is missing", rt.Domain, func(s *route53.Snapshot) { rt.Remove(s, rt.Parent, "k8s.example.com NS") }, o, `  zone example.com (Z0PARENT)
+   k8s.example.com NS 172800 ns-1029.awsdns-05.org. ns-1541.awsdns-05.co.uk. ns-5.awsdns-05.com. ns-517.awsdns-05.net.
`},
		{"the delegation is stale", rt.Domain, func(s *route53.Snapshot) { rt.Put(s, rt.Parent, rt.NS(rt.Domain, "ns1.example.net")) }, o, `  zone example.com (Z0PARENT)
-   k8s.example.com NS 172800 ns1.example.net.
+   k8s.example.com NS 172800 ns-1029.awsdns-05.org. ns-1541.awsdns-05.co.uk. ns-5.awsdns-05.com. ns-517.awsdns-05.net.
`},
		{"the zone is gone, and its delegation is left", cluster1, func(s *route53.Snapshot) { rt.Put(s, rt.Parent, rt.NS(cluster1, "ns1.example.net")) }, o, `+ zone cluster1.example.com, public
  zone example.com (Z0PARENT)
-   cluster1.example.com NS 172800 ns1.example.net.
+   cluster1.example.com NS 172800 the name servers of the new zone
`},
		{"the parent is somebody else's", "k8s.example.org", nil, route53.SubdomainOptions{CallerReference: "x", DelegationSetID: "N1"}, `+ zone k8s.example.org, public, delegation set N1
! by hand, where k8s.example.org is delegated: k8s.example.org NS 172800 the name servers of the new zone
`},
		{"a private zone of that name is no zone of it", "corp.example.com", nil, o, `+ zone corp.example.com, public
  zone example.com (Z0PARENT)
+   corp.example.com NS 172800 the name servers of the new zone
`},
		{"the parent's parent is there", "a.b.example.com", nil, o, `+ zone a.b.example.com, public
  zone example.com (Z0PARENT)
+   a.b.example.com NS 172800 the name servers of the new zone
`},
		{"hidden records are allowed", cluster1, func(s *route53.Snapshot) {
			rt.Put(s, rt.Parent, rt.Set("www.cluster1.example.com", "A", "198.51.100.7"))
		}, route53.SubdomainOptions{CallerReference: "x", HideRecords: true}, `+ zone cluster1.example.com, public
  zone example.com (Z0PARENT)
+   cluster1.example.com NS 172800 the name servers of the new zone
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := rt.Account()
			if c.edit != nil {
				c.edit(&s)
			}
			plan, err := route53.PlanSubdomain(s, c.of, c.o)
			require.NoError(t, err)
			assert.Equal(t, c.want, plan.String())
			shuffledPlan, err := route53.PlanSubdomain(shuffled(s), c.of, c.o)
			require.NoError(t, err)
			assert.Equal(t, plan.String(), shuffledPlan.String(), "whatever the order")
			apply(&s, plan)
			if len(plan.ByHand) == 0 {
				again, err := route53.PlanSubdomain(s, c.of, c.o)
				require.NoError(t, err)
				assert.True(t, again.Empty(), "a second plan is empty: %s", again)
				// What the plan promises is what the rules ask for.
				j := route53.JudgeDelegation(route53.Snapshot{Parts: route53.Parts{Zones: s.Zones, Details: s.Details, Records: s.Records}}, zoneOf(s, c.of))
				assert.Equal(t, route53.VerdictOK, j.Verdict, j.String())
			}
		})
	}
}

func zoneOf(s route53.Snapshot, name route53.Name) string {
	i := slices.IndexFunc(s.Zones.Items, func(z route53.HostedZone) bool { return z.Name == name && z.Visibility == route53.Public })
	return s.Zones.Items[i].ID
}

func TestPlanSubdomainErrors(t *testing.T) {
	twins := func(s *route53.Snapshot) {
		rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
		d := rt.Delegation(s, rt.Domain)
		d.Parent.Status, d.Parent.NameServers = route53.NotDelegated, nil
	}
	o := route53.SubdomainOptions{CallerReference: "x"}
	for _, c := range []struct {
		of   route53.Name
		edit func(*route53.Snapshot)
		o    route53.SubdomainOptions
		err  string
	}{
		{"", nil, o, `plan subdomain "": it is no name below a zone`},
		{"*.example.com", nil, o, `plan subdomain "*.example.com": a wildcard is no zone`},
		{cluster1, nil, route53.SubdomainOptions{}, `plan subdomain "cluster1.example.com": a zone has to be made, and CallerReference is empty`},
		{cluster1, func(s *route53.Snapshot) { s.Zones.Partial = true }, o, `plan subdomain "cluster1.example.com": not all hosted zones were seen, so that one of this name may exist`},
		{rt.Domain, twins, o, `plan subdomain "k8s.example.com": Z0K8S, Z0TWIN are public zones of k8s.example.com, and nothing decides between them; name the zone by its ID`},
		{rt.Domain, nil, route53.SubdomainOptions{ZoneID: "Z0GONE"}, `plan subdomain "k8s.example.com": the account has no zone Z0GONE`},
		{cluster1, nil, route53.SubdomainOptions{CallerReference: "x", ParentID: "Z0GONE"}, `plan subdomain "cluster1.example.com": the account has no parent Z0GONE`},
		{cluster1, nil, route53.SubdomainOptions{CallerReference: "x", ParentID: rt.Zone}, `plan subdomain "cluster1.example.com": the parent Z0K8S of k8s.example.com does not enclose it`},
		{rt.Domain, nil, route53.SubdomainOptions{ZoneID: rt.Private}, `plan subdomain "k8s.example.com": Z0PRIVATE is a private zone of corp.example.com; want a public one of k8s.example.com`},
		{cluster1, func(s *route53.Snapshot) { rt.Deny(&s.Records, "route53:ListResourceRecordSets") }, o, `plan subdomain "cluster1.example.com": the record sets of the parent Z0PARENT were not all seen`},
		{rt.Domain, func(s *route53.Snapshot) { rt.Deny(&s.Details, "route53:GetHostedZone") }, o, `plan subdomain "k8s.example.com": the name servers of Z0K8S were not seen`},
		{"a.k8s.example.com", func(s *route53.Snapshot) { s.Zones.Items = s.Zones.Items[:1] }, o, `plan subdomain "a.k8s.example.com": k8s.example.com is delegated away from the parent Z0PARENT, so that a delegation of a.k8s.example.com there is never seen`},
		{
			cluster1, func(s *route53.Snapshot) {
				rt.Put(s, rt.Parent, rt.Set("www.cluster1.example.com", "A", "198.51.100.7"))
			}, o,
			`plan subdomain "cluster1.example.com": the delegation would hide 1 record set of the parent, the first "www.cluster1.example.com A"; move them into the new zone, or allow it by HideRecords`,
		},
		{
			cluster1, func(s *route53.Snapshot) {
				rt.Put(s, rt.Parent, rt.Set("cluster1.example.com", "CNAME", "x.example.net"))
			},
			route53.SubdomainOptions{CallerReference: "x", HideRecords: true},
			`plan subdomain "cluster1.example.com": the parent Z0PARENT has a CNAME at cluster1.example.com, beside which no NS record set can stand; delete it first`,
		},
		{rt.Domain, func(s *route53.Snapshot) { rt.HostedZone(s, rt.Zone).Visibility = "" }, o, `plan subdomain "k8s.example.com": it was not seen whether Z0K8S of k8s.example.com is public; name the zone by its ID`},
		{
			cluster1, func(s *route53.Snapshot) { rt.Put(s, rt.Parent, rt.Set("cluster1.example.com", "DS", ds.String())) }, o,
			`plan subdomain "cluster1.example.com": the parent Z0PARENT has DS records of cluster1.example.com, which no key of a new zone will fit; delete them first`,
		},
	} {
		s, _ := rt.Account()
		if c.edit != nil {
			c.edit(&s)
		}
		plan, err := route53.PlanSubdomain(s, c.of, c.o)
		assert.EqualError(t, err, c.err)
		assert.True(t, plan.Empty())
	}
}

func TestPlanSubdomainOfANamedZone(t *testing.T) {
	s, _ := rt.Account()
	rt.AddZone(&s, "Z0TWIN", rt.Domain, route53.Public, 7)
	plan, err := route53.PlanSubdomain(s, rt.Domain, route53.SubdomainOptions{ZoneID: "Z0TWIN", ParentID: rt.Parent})
	require.NoError(t, err)
	assert.Contains(t, plan.String(), "+   k8s.example.com NS 172800 ns-1031.awsdns-07.org.")
}
