package aws_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
)

func newRoute53Client(url string) *route53sdk.Client {
	return route53sdk.New(route53sdk.Options{
		Region:       region,
		BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}, nil
		}),
	})
}

// newZone makes a public zone and returns its ID.
func newZone(t *testing.T, client *route53sdk.Client, name string) string {
	t.Helper()
	out, err := client.CreateHostedZone(t.Context(), &route53sdk.CreateHostedZoneInput{Name: &name, CallerReference: aws.String("of " + name)})
	require.NoError(t, err)
	return route53.ZoneID(*out.HostedZone.Id)
}

func loadZones(t *testing.T, client *route53sdk.Client, domain route53.Name) route53.Snapshot {
	t.Helper()
	s, err := awsroute53.Load(t.Context(), client, domain, awsroute53.LoadOptions{
		Account: account, Region: region, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	})
	require.NoError(t, err)
	return s
}

// A subdomain with its delegation: planned, applied, and nothing left to plan.
// Moto gives all zones one set of name servers, so that the sets themselves say
// nothing here; what it lacks (the limit of the account, DNSSEC) is unseen.
func TestRoute53Subdomain(t *testing.T) {
	client := newRoute53Client(startMoto(t))
	parent := newZone(t, client, "example.com.")
	newZone(t, client, "example.org.")
	before := loadZones(t, client, "cluster1.example.com")
	require.Len(t, before.Zones.Items, 2)

	o := route53.SubdomainOptions{CallerReference: "cluster1"}
	plan, err := route53.PlanSubdomain(before, "cluster1.example.com", o)
	require.NoError(t, err)
	assert.Equal(t, "+ zone cluster1.example.com, public\n  zone example.com ("+parent+")\n+   cluster1.example.com NS 172800 the name servers of the new zone\n", plan.String())
	quick := awsroute53.ApplyOptions{Wait: 10 * time.Millisecond}
	result, err := awsroute53.Apply(t.Context(), client, plan, quick)
	require.NoError(t, err)
	require.Len(t, result.Steps, 2)
	assert.Len(t, result.Steps[0].NameServers, 4)

	after := loadZones(t, client, "cluster1.example.com")
	child := result.Steps[0].ZoneID
	j := route53.JudgeDelegation(after, child)
	assert.Equal(t, route53.VerdictOK, j.Verdict, "%s", j)
	assert.Equal(t, parent, j.ParentZone.ID)
	again, err := route53.PlanSubdomain(after, "cluster1.example.com", o)
	require.NoError(t, err)
	assert.True(t, again.Empty(), "%s", again)

	// Records of the cluster, in two batches.
	var want []route53.RecordSet
	names, err := route53.TectonicNames("demo", "cluster1.example.com")
	require.NoError(t, err)
	for _, n := range names {
		want = append(want, route53.RecordSet{Name: n, Type: "A", TTL: 60, Values: []string{"198.51.100.7"}})
	}
	step, err := route53.PlanRecords(after, child, want, route53.PlanOptions{})
	require.NoError(t, err)
	quick.Limits = route53.Limits{Elements: 1, Characters: 100} // a batch for each
	_, err = awsroute53.Apply(t.Context(), client, route53.Plan{Steps: []route53.Step{step}}, quick)
	require.NoError(t, err)
	done := loadZones(t, client, "cluster1.example.com")
	step, err = route53.PlanRecords(done, child, want, route53.PlanOptions{})
	require.NoError(t, err)
	assert.Empty(t, step.Changes)

	// Somebody changes one of them, and the plan of before stops.
	stale, err := route53.PlanRecords(done, child, []route53.RecordSet{{Name: names[0], Type: "A", TTL: 60, Values: []string{"198.51.100.8"}}}, route53.PlanOptions{Replace: names})
	require.NoError(t, err)
	_, err = client.ChangeResourceRecordSets(t.Context(), &route53sdk.ChangeResourceRecordSetsInput{HostedZoneId: &child, ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{
		Action: types.ChangeActionUpsert,
		ResourceRecordSet: &types.ResourceRecordSet{
			Name: aws.String(names[0].Absolute()), Type: types.RRTypeA, TTL: aws.Int64(60), ResourceRecords: []types.ResourceRecord{{Value: aws.String("198.51.100.99")}},
		},
	}}}})
	require.NoError(t, err)
	quick.Limits = route53.DefaultLimits
	_, err = awsroute53.Apply(t.Context(), client, route53.Plan{Steps: []route53.Step{stale}}, quick)
	assert.ErrorIs(t, err, awsroute53.ErrChanged)
}

// Moto pages by 100 zones and 300 record sets, as AWS does.
func TestRoute53Pages(t *testing.T) {
	client := newRoute53Client(startMoto(t))
	zone := newZone(t, client, "example.com.")
	var want []route53.RecordSet
	for i := range 350 {
		want = append(want, route53.RecordSet{Name: route53.MustParseName("n" + strings.Repeat("x", i%20) + string(rune('a'+i/20)) + ".example.com"), Type: "A", TTL: 60, Values: []string{"198.51.100.7"}})
	}
	step, err := route53.PlanRecords(loadZones(t, client, "example.com"), zone, want, route53.PlanOptions{})
	require.NoError(t, err)
	_, err = awsroute53.Apply(t.Context(), client, route53.Plan{Steps: []route53.Step{step}}, awsroute53.ApplyOptions{
		Wait: 10 * time.Millisecond, Rate: awsroute53.Rate{Burst: 1000, PerSecond: 1000},
	})
	require.NoError(t, err)
	s := loadZones(t, client, "example.com")
	require.Len(t, s.Records.Items, 1)
	assert.Len(t, s.Records.Items[0].Sets.Items, 352)
	assert.True(t, s.Records.Items[0].Sets.Complete())
}

// The command, live: a zone that its parent does not delegate to is found, with
// the change that mends it.
func TestPreflightDNS(t *testing.T) {
	preflight := buildPreflight(t)
	url := startMoto(t)
	client := newRoute53Client(url)
	site := publicSite(t, newClient(url))
	newZone(t, client, "example.com.")
	zone := newZone(t, client, "k8s.example.com.")

	dir := t.TempDir()
	spec, saved := filepath.Join(dir, "cluster.yaml"), filepath.Join(dir, "snapshot.json")
	require.NoError(t, os.WriteFile(spec, []byte(site.spec()+"dns: {zone: "+zone+", baseDomain: k8s.example.com}\n"), 0o600))
	live, status := run(t, preflight, "-spec", spec, "-live", "-endpoint-url", url, "-format", "json", "-save-snapshot", saved)
	assert.Equal(t, 1, status)
	var report groundway.Report
	require.NoError(t, json.Unmarshal(live, &report), "%s", live)
	blocking := report.Blocking()
	require.Len(t, blocking, 1)
	assert.Equal(t, groundway.Code("route53/delegation-missing"), blocking[0].Code)
	assert.Contains(t, strings.Join(blocking[0].Remedies[0].Commands[0], " "), `"Action":"UPSERT"`)

	replayed, again := run(t, preflight, "-spec", spec, "-snapshot", saved, "-format", "json")
	assert.Equal(t, status, again)
	assert.Equal(t, withoutTime(t, live), withoutTime(t, replayed))
}
