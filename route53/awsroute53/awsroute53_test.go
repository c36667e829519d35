package awsroute53_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"
	"testing/synctest"
	"time"

	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
	"github.com/groundway-sdk/groundway/route53/awsroute53/awsroute53test"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is one whose every zone is asked for, with names that the API escapes.
func account() route53.Snapshot {
	s, _ := rt.Account()
	s.Delegations = groundway.Part[route53.Delegation]{}
	s.Limits.Items = append(s.Limits.Items, route53.Limit{ZoneID: rt.Private, Type: route53.LimitRecords, Value: 10000, Count: 2})
	s.VPCZones.Items[0].Zones = groundway.SeenPart(
		route53.VPCZone{ZoneID: "Z0SERVICE", Name: "vpce.example.org", Service: "efs.amazonaws.com"},
		route53.VPCZone{ZoneID: "Z0THEIRS", Name: "theirs.example.org", Account: "444455556666"})
	weighted := rt.Set("w.k8s.example.com", "A", "198.51.100.7")
	weighted.SetID, weighted.Routing = "one", map[string]string{"Weight": "10"}
	rt.Put(&s, rt.Zone, rt.Alias("*.k8s.example.com", "lb-1.us-east-1.elb.amazonaws.com"), rt.Set(`a\344b.k8s.example.com`, "TXT", `"x y"`), weighted)
	*rt.DNSSEC(&s, rt.Parent) = route53.ZoneDNSSEC{ZoneID: rt.Parent, Status: "SIGNING", Keys: []route53.DS{{KeyTag: 7, Algorithm: 13, DigestType: 2, Digest: "abcd"}}}
	return s
}

func loadOptions(s route53.Snapshot) awsroute53.LoadOptions {
	return awsroute53.LoadOptions{Account: s.Account, Region: s.Region, Time: s.Time, VPC: route53.ZoneVPC{ID: rt.VPC, Region: s.Region}}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(data)
}

func TestLoadReturnsTheAccount(t *testing.T) {
	want := account()
	for _, size := range []int{0, 1, 2} {
		fake := awsfake.New(route53fake.New(want, route53fake.Options{}))
		if size > 0 {
			fake.Script("*", awsfake.Pages(size))
		}
		got, err := awsroute53.Load(t.Context(), route53sdk.NewFromConfig(fake.Config()), "example.com", loadOptions(want))
		require.NoError(t, err)
		assert.Equal(t, text(t, want), text(t, got), "pages of %d", size)
		assert.Equal(t, awsroute53.Actions(), fake.Actions())
	}
}

// Zones of other domains are listed, and not looked into; zones of one name are
// all looked into.
func TestLoadAsksWhatTheDomainNeeds(t *testing.T) {
	s := account()
	rt.AddZone(&s, "Z0OTHER", "example.org", route53.Public, 20)
	rt.AddZone(&s, "Z0TWIN", rt.Domain, route53.Public, 7)
	got, err := awsroute53.Load(t.Context(), awsroute53test.NewClient(s), "k8s.example.com", loadOptions(s))
	require.NoError(t, err)
	assert.Len(t, got.Zones.Items, 5)
	var ids []string
	for _, d := range got.Details.Items {
		ids = append(ids, d.ZoneID)
	}
	assert.Equal(t, []string{rt.Zone, rt.Parent, "Z0TWIN"}, ids)
	got, err = awsroute53.Load(t.Context(), awsroute53test.NewClient(s), "k8s.example.com", awsroute53.LoadOptions{ZoneID: "/hostedzone/Z0OTHER"})
	require.NoError(t, err)
	assert.Len(t, got.Details.Items, 4)
	assert.False(t, got.Time.IsZero())
}

func TestDeniedActionsBecomeUnknown(t *testing.T) {
	s, o := rt.Account()
	for _, action := range awsroute53.Actions() {
		got, err := awsroute53.Load(t.Context(), awsroute53test.NewClient(s).Deny(action), o.BaseDomain, loadOptions(s))
		require.NoError(t, err, action)
		o.NewZones = 1
		findings := route53.Check(got, o)
		require.NoError(t, groundway.NewReport(s.Time, findings).Err(), action)
		assert.Contains(t, fmt.Sprintf("%+v", findings), "Source:"+action, action)
	}
}

func TestLoadErrors(t *testing.T) {
	s := account()
	client := route53sdk.NewFromConfig(scripted(s, "*", awsfake.Fail(403, "ExpiredToken")).Config())
	_, err := awsroute53.Load(t.Context(), client, "example.com", awsroute53.LoadOptions{})
	assert.ErrorContains(t, err, `load hosted zones of "example.com": route53:`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = awsroute53.Load(ctx, awsroute53test.NewClient(s), "example.com", awsroute53.LoadOptions{})
	assert.ErrorIs(t, err, context.Canceled)
}

func scripted(s route53.Snapshot, action string, faults ...awsfake.Fault) *awsfake.Fake {
	fake := awsfake.New(route53fake.New(s, route53fake.Options{Pending: 2}))
	fake.Script(action, faults...)
	return fake
}

// The burst goes at once, and what is beyond it at the rate.
func TestLoadKeepsToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := account()
		client := awsroute53test.NewClient(s)
		start := time.Now()
		o := loadOptions(s)
		o.Rate = awsroute53.Rate{Burst: 3, PerSecond: 2}
		_, err := awsroute53.Load(t.Context(), client, "example.com", o)
		require.NoError(t, err)
		calls := len(client.Calls())
		assert.Equal(t, 14, calls)
		assert.Equal(t, time.Duration(calls-3)*500*time.Millisecond, time.Since(start))
	})
}

var quick = awsroute53.ApplyOptions{Wait: time.Millisecond, Patience: 50 * time.Millisecond}

func TestApplySubdomain(t *testing.T) {
	s := account()
	client := route53sdk.NewFromConfig(scripted(s, "none").Config())
	plan, err := route53.PlanSubdomain(s, "cluster1.example.com", route53.SubdomainOptions{CallerReference: "c1", Comment: "of cluster1"})
	require.NoError(t, err)
	result, err := awsroute53.Apply(t.Context(), client, plan, quick)
	require.NoError(t, err)
	require.Len(t, result.Steps, 2)
	made := result.Steps[0]
	assert.Equal(t, "Z0MADE4", made.ZoneID)
	assert.Len(t, made.NameServers, 4)
	assert.Equal(t, awsroute53.StepResult{ZoneID: rt.Parent, Changed: 1}, result.Steps[1])

	after, err := awsroute53.Load(t.Context(), client, "cluster1.example.com", loadOptions(s))
	require.NoError(t, err)
	assert.Equal(t, route53.VerdictOK, route53.JudgeDelegation(after, made.ZoneID).Verdict)
	again, err := route53.PlanSubdomain(after, "cluster1.example.com", route53.SubdomainOptions{})
	require.NoError(t, err)
	assert.True(t, again.Empty(), "%s", again)

	// The same plan once more finds all done.
	twice, err := awsroute53.Apply(t.Context(), client, plan, quick)
	require.NoError(t, err)
	assert.Equal(t, result, twice)
	unchanged, err := awsroute53.Load(t.Context(), client, "cluster1.example.com", loadOptions(s))
	require.NoError(t, err)
	assert.Equal(t, text(t, after), text(t, unchanged))
}

// A delegation that is stale converges, and what nobody named is left alone.
func TestApplyTheFixOfAJudgement(t *testing.T) {
	s := account()
	rt.Put(&s, rt.Parent, rt.NS(rt.Domain, "ns1.example.net", "ns2.example.net"), rt.Set("www.example.com", "A", "198.51.100.7"))
	j := route53.JudgeDelegation(s, rt.Zone)
	require.Equal(t, route53.VerdictElsewhere, j.Verdict)
	client := awsroute53test.NewClient(s)
	_, err := awsroute53.Apply(t.Context(), client, j.Fix, quick)
	require.NoError(t, err)
	after, err := awsroute53.Load(t.Context(), client, "example.com", loadOptions(s))
	require.NoError(t, err)
	assert.Equal(t, route53.VerdictOK, route53.JudgeDelegation(after, rt.Zone).Verdict)
	rt.Put(&s, rt.Parent, rt.NS(rt.Domain, rt.Servers(5)...))
	assert.Equal(t, text(t, s), text(t, after))
}

// Somebody was faster.
func TestApplyStopsWhereTheAccountChanged(t *testing.T) {
	planned := account()
	for _, c := range []struct {
		name string
		edit func(*route53.Snapshot)
		want []route53.RecordSet
		err  string
	}{
		{"created", func(s *route53.Snapshot) { rt.Put(s, rt.Zone, rt.Set("a.k8s.example.com", "A", "198.51.100.99")) }, []route53.RecordSet{rt.Set("a.k8s.example.com", "A", "198.51.100.1")}, `apply plan: step 1: CREATE "a.k8s.example.com A" in Z0K8S: the account has changed since it was planned for`},
		{"changed", func(s *route53.Snapshot) { rt.Put(s, rt.Zone, rt.Set(`a\344b.k8s.example.com`, "TXT", `"other"`)) }, []route53.RecordSet{rt.Set(`a\344b.k8s.example.com`, "TXT", `"new"`)}, `apply plan: step 1: UPSERT "a\\344b.k8s.example.com TXT" in Z0K8S: the account has changed since it was planned for`},
		{"deleted", func(s *route53.Snapshot) { rt.Remove(s, rt.Zone, `a\344b.k8s.example.com TXT`) }, []route53.RecordSet{rt.Set(`a\344b.k8s.example.com`, "TXT", `"new"`)}, `apply plan: step 1: UPSERT "a\\344b.k8s.example.com TXT" in Z0K8S: the account has changed since it was planned for`},
	} {
		step, err := route53.PlanRecords(planned, rt.Zone, c.want, route53.PlanOptions{Replace: []route53.Name{`a\344b.k8s.example.com`}})
		require.NoError(t, err, c.name)
		s := account()
		c.edit(&s)
		client := awsroute53test.NewClient(s)
		_, err = awsroute53.Apply(t.Context(), client, route53.Plan{Steps: []route53.Step{step}}, quick)
		assert.EqualError(t, err, c.err)
		assert.ErrorIs(t, err, awsroute53.ErrChanged)
		assert.NotContains(t, client.Calls(), "route53:ChangeResourceRecordSets")
	}
	// A zone of that name was made meanwhile.
	plan, err := route53.PlanSubdomain(planned, "cluster1.example.com", route53.SubdomainOptions{CallerReference: "c1"})
	require.NoError(t, err)
	s := account()
	rt.AddZone(&s, "Z0OTHER", "cluster1.example.com", route53.Public, 7)
	client := awsroute53test.NewClient(s)
	_, err = awsroute53.Apply(t.Context(), client, plan, quick)
	assert.EqualError(t, err, `apply plan: step 1: create zone "cluster1.example.com": Z0OTHER has this name: the account has changed since it was planned for`)
	assert.NotContains(t, client.Calls(), "route53:CreateHostedZone")
}

func TestApplyIsPatient(t *testing.T) {
	s := account()
	step, err := route53.PlanRecords(s, rt.Zone, []route53.RecordSet{rt.Set("a.k8s.example.com", "A", "198.51.100.1")}, route53.PlanOptions{})
	require.NoError(t, err)
	plan := route53.Plan{Steps: []route53.Step{step}}
	put := func(fault awsfake.Fault) error {
		client := route53sdk.NewFromConfig(scripted(s, "route53:ChangeResourceRecordSets", fault).Config())
		result, err := awsroute53.Apply(t.Context(), client, plan, quick)
		if err == nil {
			assert.Equal(t, 1, result.Steps[0].Changed)
		}
		return err
	}
	prior := awsfake.Fail(400, "PriorRequestNotComplete")
	assert.NoError(t, put(prior.For(7)), "more often than the SDK retries")
	assert.EqualError(t, put(prior), "apply plan: step 1: route53:ChangeResourceRecordSets: AWS throttled the call until the retries were used up (PriorRequestNotComplete)")
	assert.NoError(t, put(awsfake.Throttle().For(7)))
	assert.EqualError(t, put(awsfake.Deny()), "apply plan: step 1: route53:ChangeResourceRecordSets: the caller is not authorized (AccessDenied)")

	never := awsfake.New(route53fake.New(s, route53fake.Options{Pending: 1 << 30}))
	_, err = awsroute53.Apply(t.Context(), route53sdk.NewFromConfig(never.Config()), plan, quick)
	assert.EqualError(t, err, "apply plan: step 1: route53:GetChange: the change was made, and is not INSYNC after 50ms")
}

// Changes beyond the limits of a request go out in several.
func TestApplySplits(t *testing.T) {
	s := account()
	var want []route53.RecordSet
	for i := range 1001 {
		want = append(want, rt.Set(fmt.Sprintf("n%d.k8s.example.com", i), "A", "198.51.100.7"))
	}
	step, err := route53.PlanRecords(s, rt.Zone, want[:25], route53.PlanOptions{})
	require.NoError(t, err)
	client := awsroute53test.NewClient(s)
	o := quick
	o.Limits = route53.Limits{Elements: 10, Characters: 1000}
	o.Rate = awsroute53.Rate{Burst: 1000, PerSecond: 1000}
	result, err := awsroute53.Apply(t.Context(), client, route53.Plan{Steps: []route53.Step{step}}, o)
	require.NoError(t, err)
	assert.Equal(t, 25, result.Steps[0].Changed)
	sent := 0
	for _, call := range client.Calls() {
		if call == "route53:ChangeResourceRecordSets" {
			sent++
		}
	}
	assert.Equal(t, 3, sent)
}

func TestApplyRefusesRoutingPolicies(t *testing.T) {
	weighted := rt.Set("new.k8s.example.com", "A", "198.51.100.7")
	weighted.SetID = "one"
	_, err := awsroute53.Apply(t.Context(), awsroute53test.NewClient(account()), route53.Plan{Steps: []route53.Step{{
		ZoneID: rt.Zone, Changes: []route53.Change{{Action: route53.Create, Set: weighted}},
	}}}, quick)
	assert.EqualError(t, err, `apply plan: step 1: "new.k8s.example.com A one" has a routing policy, which is not changed here`)
	_, err = awsroute53.Apply(t.Context(), awsroute53test.NewClient(account()), route53.Plan{Steps: []route53.Step{{ZoneID: rt.Zone, Delegate: []route53.Name{"x.k8s.example.com"}}}}, quick)
	assert.EqualError(t, err, `apply plan: step 1: delegate "x.k8s.example.com": no earlier step made a zone`)
}

func TestAMisspeltAction(t *testing.T) {
	assert.PanicsWithValue(t, `awsroute53test: neither Load nor Apply calls "route53:ListZones"`, func() { awsroute53test.NewClient(route53.Snapshot{}).Deny("route53:ListZones") })
}

func ExampleLoad() {
	s, o := rt.Account()
	client := awsroute53test.NewClient(s).Deny("route53:GetDNSSEC") // in place of the SDK's own
	loaded, err := awsroute53.Load(context.Background(), client, o.BaseDomain, awsroute53.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, z := range loaded.Zones.Items {
		fmt.Println(z.ID, z.Name, z.Visibility)
	}
	fmt.Println(loaded.DNSSEC.Seen, loaded.DNSSEC.Gaps[0].Action, loaded.DNSSEC.Gaps[0].Code)
	// Output:
	// Z0K8S k8s.example.com public
	// Z0PARENT example.com public
	// Z0PRIVATE corp.example.com private
	// false route53:GetDNSSEC AccessDenied
}
