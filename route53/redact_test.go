package route53_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// A redacted snapshot gives the same verdicts, and redacting it again changes
// nothing.
func TestRedactKeepsTheVerdicts(t *testing.T) {
	outcomes := func(s route53.Snapshot, o route53.Options) map[groundway.Code]map[groundway.Outcome]int {
		all := map[groundway.Code]map[groundway.Outcome]int{}
		for _, f := range route53.Check(s, o) {
			if all[f.Code] == nil {
				all[f.Code] = map[groundway.Outcome]int{}
			}
			all[f.Code][f.Outcome]++
		}
		return all
	}
	for _, r := range rows {
		if r.name == "the same owner" {
			continue // the owner of the options is not the snapshot's any more
		}
		t.Run(r.name, func(t *testing.T) {
			s, o := r.account()
			keep := []string{string(o.BaseDomain), "demo." + string(o.BaseDomain), "demo-api." + string(o.BaseDomain)}
			for _, n := range o.Names {
				keep = append(keep, string(n))
			}
			once := s.Redact(keep...)
			assert.Equal(t, outcomes(s, o), outcomes(once, o))
			a, err := json.Marshal(once)
			require.NoError(t, err)
			b, err := json.Marshal(once.Redact(keep...))
			require.NoError(t, err)
			assert.Equal(t, string(a), string(b), "twice is once")
		})
	}
}

func TestRedactHidesNames(t *testing.T) {
	s, o := rt.Account()
	rt.HostedZone(&s, rt.Private).Comment = "of the secret project"
	rt.AddZone(&s, "Z0ACME", "acme-corp.org", route53.Public, 21)
	rt.AddZone(&s, "Z0LTD", "acme-corp.co.uk", route53.Public, 25)
	office := rt.Set("k8s.example.com", "TXT", `"x"`)
	office.SetID, office.Routing = "berlin", map[string]string{"CidrRoutingConfig": "c-1 headquarters"}
	rt.Put(&s, rt.Zone,
		rt.Set("payroll.k8s.example.com", "A", "198.51.100.7"), rt.Set("cname-payroll.k8s.example.com", "TXT", heritage),
		rt.Set("payroll.k8s.example.com", "TXT", `"password hint"`), rt.Alias("shop.k8s.example.com", "payroll-lb-1.us-east-1.elb.amazonaws.com"),
		rt.Set("k8s.example.com", "CAA", `0 iodef "mailto:boss@acme-corp.org"`), rt.Set("k8s.example.com", "MX", "10 mail.acme-corp.org."),
		rt.Set("eu.k8s.example.com", "CAA", `0 issue "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/4711"`),
		office, rt.Set("v6.k8s.example.com", "AAAA", "2600:1f00::7"), rt.Set("in.k8s.example.com", "A", "10.0.0.7"))
	rt.Deny(&s.DNSSEC, "route53:GetDNSSEC")
	s.DNSSEC.Gaps[0].Account = "444455556666"
	data, err := json.Marshal(s.Redact(string(o.BaseDomain)))
	require.NoError(t, err)
	text := string(data)
	for _, hidden := range []string{"payroll", "corp", "acme", "secret", "password", "198.51.100.7", "2600:1f00", "boss", "owner=old", "web", "berlin", "headquarters", "acct/4711", "111122223333", "444455556666", "made-Z0"} {
		assert.NotContains(t, text, hidden)
	}
	for _, kept := range []string{"k8s.example.com", rt.Zone, "awsdns", `heritage=external-dns`, "10.0.0.7", "letsencrypt.org; accounturi=text-", "elb.amazonaws.com", ".co.uk\"", `"cname-label-`} {
		assert.Contains(t, text, kept)
	}
}
