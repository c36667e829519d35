package route53_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// name is slug@subject.
func name(f groundway.Finding) string {
	return strings.TrimPrefix(string(f.Code), "route53/") + "@" + f.Subject.String()
}

func with(findings []groundway.Finding, o groundway.Outcome) []string {
	var names []string
	for _, f := range findings {
		if f.Outcome == o {
			names = append(names, name(f))
		}
	}
	slices.Sort(names)
	return names
}

func TestCheck(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, o := r.account()
			findings := route53.Check(s, o)
			slices.Sort(r.failed)
			assert.Equal(t, r.failed, with(findings, groundway.Failed))
			unknown := with(findings, groundway.Unknown)
			if i := slices.IndexFunc(r.unknown, func(u string) bool { return strings.HasPrefix(u, "*") }); i >= 0 {
				// All that is unknown is so of one subject.
				for _, u := range unknown {
					assert.True(t, strings.HasSuffix(u, r.unknown[i][1:]), u)
				}
				assert.NotEmpty(t, unknown)
			} else if !strings.Contains(r.name, "by the API alone") || r.unknown != nil {
				slices.Sort(r.unknown)
				assert.Equal(t, r.unknown, unknown)
			}
			checkFindings(t, s, o, findings)
		})
	}
}

// checkFindings holds what is true of every result.
func checkFindings(t *testing.T, s route53.Snapshot, o route53.Options, findings []groundway.Finding) {
	t.Helper()
	findingtest.Contract{Snapshot: s, Rules: route53.Rules(), Sources: []string{route53.ActionQuery}}.Hold(t, findings)
	// The order of the input does not matter, nor does a trip through JSON.
	assert.Equal(t, findings, route53.Check(shuffled(s), o), "whatever the order")
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again route53.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, findings, route53.Check(again, o), "after a trip through JSON")
}

// shuffled returns a copy whose lists are in another order.
func shuffled(s route53.Snapshot) route53.Snapshot {
	var again route53.Snapshot
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(data, &again); err != nil {
		panic(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			swap := reflect.Swapper(v.Interface())
			random.Shuffle(v.Len(), func(i, j int) { swap(i, j) })
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(&again.Parts))
	return again
}

func TestRules(t *testing.T) {
	findingtest.Rules(t, "route53", route53.Rules)
	assert.Len(t, route53.Rules(), 32)
	for _, r := range route53.Rules() {
		assert.NotEmpty(t, r.Permissions)
		for _, p := range r.Permissions {
			assert.Regexp(t, `^(route53|ec2):[A-Z][A-Za-z]+$`, p, "an IAM action, of which policies are made")
		}
		_, page := r.Reason()
		assert.Less(t, len(page), 86, "%s: the page fits a line of a report", r.Code)
	}
}

var denials = []struct {
	action string
	deny   func(*route53.Snapshot)
}{
	{"route53:ListHostedZones", func(s *route53.Snapshot) { rt.Deny(&s.Zones, "route53:ListHostedZones") }},
	{"route53:GetHostedZone", func(s *route53.Snapshot) { rt.Deny(&s.Details, "route53:GetHostedZone") }},
	{"route53:ListResourceRecordSets", func(s *route53.Snapshot) { rt.Deny(&s.Records, "route53:ListResourceRecordSets") }},
	{"route53:GetDNSSEC", func(s *route53.Snapshot) { rt.Deny(&s.DNSSEC, "route53:GetDNSSEC") }},
	{"route53:GetHostedZoneLimit", func(s *route53.Snapshot) { rt.Deny(&s.Limits, "route53:GetHostedZoneLimit") }},
	{"route53:ListHostedZonesByVPC", func(s *route53.Snapshot) { rt.Deny(&s.VPCZones, "route53:ListHostedZonesByVPC") }},
	{route53.ActionQuery, func(s *route53.Snapshot) { rt.Deny(&s.Delegations, route53.ActionQuery) }},
}

// Every rule is produced as failed, as passed and, where it can be, as unknown.
func TestEveryRuleHasEveryOutcome(t *testing.T) {
	heard := map[groundway.Code]map[groundway.Outcome]bool{}
	hear := func(s route53.Snapshot, o route53.Options) {
		for _, f := range route53.Check(s, o) {
			if heard[f.Code] == nil {
				heard[f.Code] = map[groundway.Outcome]bool{}
			}
			heard[f.Code][f.Outcome] = true
		}
	}
	for _, r := range rows {
		s, o := r.account()
		hear(s, o)
		for _, d := range denials {
			s, o := r.account()
			d.deny(&s)
			hear(s, o)
		}
	}
	// The zone's name is never unseen where the zone is seen, and whether it
	// is the right one is judged by the rules that it depends on.
	for _, r := range route53.Rules() {
		for _, o := range []groundway.Outcome{groundway.Passed, groundway.Failed, groundway.Skipped, groundway.Unknown} {
			if r.Code == "route53/zone-not-found" && o == groundway.Skipped {
				continue
			}
			assert.True(t, heard[r.Code][o], "%s is %s somewhere", r.Code, o)
		}
	}
}

// What is not seen yields unknowns that name the action, and nothing fails that
// does not fail when all is seen.
func TestSeeingLessFailsNoMore(t *testing.T) {
	for _, r := range rows {
		s, o := r.account()
		full := map[string]bool{}
		for _, f := range route53.Check(s, o) {
			full[name(f)+" "+f.Outcome.String()] = true
		}
		for _, d := range denials {
			s, o := r.account()
			d.deny(&s)
			findings := route53.Check(s, o)
			for _, failed := range with(findings, groundway.Failed) {
				if d.action == route53.ActionQuery && strings.HasPrefix(failed, "delegation-") {
					continue // the verdict of the same delegation, by the names alone
				}
				assert.True(t, full[failed+" failed"] || worse(r, failed), "%s without %s: %s", r.name, d.action, failed)
			}
			checkFindings(t, s, o, findings)
		}
		s, o = r.account()
		s.Parts = route53.Parts{}
		assert.Empty(t, with(route53.Check(s, o), groundway.Failed), r.name)
	}
}

// worse reports whether a rule failed that was skipped because of another, which
// is unknown now.
func worse(r row, failed string) bool {
	s, o := r.account()
	slug, _, _ := strings.Cut(failed, "@")
	for _, f := range route53.Check(s, o) {
		if f.Code == groundway.Code("route53/"+slug) && f.Outcome == groundway.Skipped && len(f.Causes) > 0 {
			return true
		}
	}
	return false
}

// What an account holds is anybody's text: what findings say of it is harmless, and
// short. Evidence holds it as it is.
func TestFindingsPrintHarmlessly(t *testing.T) {
	hostile := "$(rm -rf ~)<script>\x1b[31m\u202e\n" + strings.Repeat("y", 10_000)
	s, o := rt.Account()
	o.ExternalDNS, o.CertManager = &route53.ExternalDNS{}, &route53.CertManager{}
	for i := range s.Zones.Items {
		s.Zones.Items[i].Comment, s.Zones.Items[i].CallerReference = hostile, hostile
	}
	weighted := rt.Set("demo.k8s.example.com", "CNAME", hostile)
	weighted.SetID, weighted.Routing = hostile, map[string]string{"Weight": hostile}
	rt.Put(&s, rt.Zone, weighted,
		rt.Set("demo-api.k8s.example.com", "A", hostile), rt.Set("x.demo.k8s.example.com", "TXT", hostile),
		rt.Set("a-gone.k8s.example.com", "TXT", `"heritage=external-dns,external-dns/owner=`+hostile+`"`),
		rt.Set("k8s.example.com", "CAA", `0 issue "`+hostile+`"`), rt.Set("_acme-challenge.k8s.example.com", "CNAME", hostile))
	rt.DNSSEC(&s, rt.Zone).Status, rt.DNSSEC(&s, rt.Zone).Message = "ACTION_NEEDED", hostile
	findings := route53.Check(s, o)
	assert.Len(t, with(findings, groundway.Failed), 8)
	for _, f := range findings {
		texts := []string{f.Summary, f.Detail}
		for _, r := range f.Remedies {
			texts = append(texts, r.Action)
		}
		for _, text := range texts {
			assert.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%s: %q", f.Code, text)
			assert.Less(t, len(text), 800, f.Code)
		}
	}
}

func TestWithoutABaseDomainEverythingIsSkipped(t *testing.T) {
	s, _ := rt.Account()
	findings := route53.Check(s, route53.Options{})
	require.Len(t, findings, len(route53.Rules()))
	for _, f := range findings {
		assert.Equal(t, groundway.Skipped, f.Outcome)
		assert.Equal(t, "the options name no base domain", f.Detail)
	}
}
