package awsroute53test_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
	"github.com/groundway-sdk/groundway/route53/awsroute53/awsroute53test"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An installer that loads what route53test describes gets just that, and the
// same verdicts.
func TestLoadReturnsTheSnapshotOfTheClient(t *testing.T) {
	want, o := rt.Account()
	got, err := awsroute53.Load(t.Context(), awsroute53test.NewClient(want), o.BaseDomain, awsroute53.LoadOptions{
		Account: want.Account, Region: want.Region, Time: want.Time, VPC: route53.ZoneVPC{ID: o.VPC.ID, Region: o.VPC.Region},
	})
	require.NoError(t, err)
	got.Delegations = want.Delegations
	assert.Equal(t, route53.Check(want, o), route53.Check(got, o))
}

func TestTheZeroSnapshotDeniesEverything(t *testing.T) {
	client := awsroute53test.NewClient(route53.Snapshot{})
	got, err := awsroute53.Load(t.Context(), client, "k8s.example.com", awsroute53.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []groundway.Gap{{Action: "route53:ListHostedZones", Code: "AccessDenied", Message: "the caller is not authorized"}}, got.Zones.Gaps)
	assert.ElementsMatch(t, []string{"route53:ListHostedZones", "route53:GetAccountLimit"}, client.Calls())
}

func TestThrottle(t *testing.T) {
	s, o := rt.Account()
	got, err := awsroute53.Load(t.Context(), awsroute53test.NewClient(s).Throttle("route53:GetHostedZone"), o.BaseDomain, awsroute53.LoadOptions{})
	require.NoError(t, err)
	assert.False(t, got.Details.Seen)
	assert.Equal(t, "Throttling", got.Details.Gaps[0].Code)
}

func ExampleNewClient() {
	s, o := rt.Account()
	client := awsroute53test.NewClient(s) // keeps what is changed
	plan, err := route53.PlanSubdomain(s, "cluster1.example.com", route53.SubdomainOptions{CallerReference: "c1"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := awsroute53.Apply(context.Background(), client, plan, awsroute53.ApplyOptions{Wait: 1}); err != nil {
		log.Fatal(err)
	}
	after, err := awsroute53.Load(context.Background(), client, "cluster1.example.com", awsroute53.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(route53.ChoosePublic(after, "demo.cluster1.example.com").Zone.Name, o.BaseDomain)
	// Output: cluster1.example.com k8s.example.com
}
