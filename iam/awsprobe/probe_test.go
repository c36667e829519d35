package awsprobe_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsprobe"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

// operations are the names of the API's operations of all trials.
func operations() []string {
	var list []string
	for _, action := range awsprobe.Actions() {
		list = append(list, strings.TrimPrefix(action, "ec2:"))
	}
	return list
}

// ec2 is a fake whose clients have the endpoint of EC2 itself; the fake is their
// transport.
func ec2() (*awsfake.Fake, aws.Config) {
	fake := awsfake.New(ec2fake.DryRun(operations()...), stsfake.WithMessages(stsfake.New("111122223333", "arn:aws:iam::111122223333:user/ops", "AIDA0"),
		`{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"NoRun","effect":"DENY"}]},"context":{"principal":{"arn":"secret"}}}`))
	cfg := fake.Config()
	cfg.BaseEndpoint = nil
	return fake, cfg
}

var everything = awsprobe.Options{VPC: "vpc-0a1", Zone: "us-east-1a", Image: "ami-0a1"}

func TestProbe(t *testing.T) {
	fake, cfg := ec2()
	got, err := awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), stssdk.NewFromConfig(cfg), everything)
	require.NoError(t, err)
	want := groundway.SeenPart[iam.Probe]()
	for _, action := range awsprobe.Actions() {
		want.Items = append(want.Items, iam.Probe{Action: action, Code: "DryRunOperation"})
	}
	assert.Equal(t, want, got)
	for _, call := range fake.Calls() {
		assert.Equal(t, "true", call.Params.Get("DryRun"), call.Action)
	}

	// What the options do not say is not tried.
	got, err = awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), nil, awsprobe.Options{})
	require.NoError(t, err)
	assert.Len(t, got.Items, 3)
	got, err = awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), nil, awsprobe.Options{Actions: []string{"ec2:CreateVpc"}})
	require.NoError(t, err)
	assert.Len(t, got.Items, 1)
	_, err = awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), nil, awsprobe.Options{Actions: []string{"ec2:TerminateInstances"}})
	assert.ErrorContains(t, err, `probe permissions: action "ec2:TerminateInstances": want one of ec2:AllocateAddress, `)
}

func TestProbeDenied(t *testing.T) {
	fake, cfg := ec2()
	fake.Script("ec2:CreateVpc", awsfake.Deny())
	o := awsprobe.Options{Actions: []string{"ec2:CreateVpc"}}
	got, err := awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), stssdk.NewFromConfig(cfg), o)
	require.NoError(t, err)
	assert.Equal(t, []iam.Probe{{Action: "ec2:CreateVpc", Code: "UnauthorizedOperation", Message: `a statement denies it, "NoRun"`}}, []iam.Probe(got.Items))

	fake.Script("sts:DecodeAuthorizationMessage", awsfake.Deny())
	got, err = awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), stssdk.NewFromConfig(cfg), o)
	require.NoError(t, err)
	assert.Equal(t, []iam.Probe{{Action: "ec2:CreateVpc", Code: "UnauthorizedOperation"}}, []iam.Probe(got.Items))
}

// What is neither yes nor no is kept as it is, a success first of all.
func TestProbeSomethingElse(t *testing.T) {
	fake, cfg := ec2()
	fake.Script("ec2:CreateVpc", awsfake.Fail(http.StatusBadRequest, "VpcLimitExceeded"))
	fake.Script("ec2:AllocateAddress", awsfake.Garbage(`<AllocateAddressResponse><publicIp>192.0.2.1</publicIp></AllocateAddressResponse>`))
	fake.Script("ec2:CreateInternetGateway", awsfake.Throttle())
	got, err := awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), nil, awsprobe.Options{})
	require.NoError(t, err)
	assert.Equal(t, []iam.Probe{{Action: "ec2:AllocateAddress", Code: "Success"}, {Action: "ec2:CreateVpc", Code: "VpcLimitExceeded"}}, []iam.Probe(got.Items))
	assert.True(t, got.Partial)
	assert.Equal(t, "ec2:CreateInternetGateway", got.Gaps[0].Action)
}

// An emulator might make what it is asked to try.
func TestProbeRefusesOtherEndpoints(t *testing.T) {
	fake, cfg := ec2()
	for name, option := range map[string]func(*ec2sdk.Options){
		"an endpoint": func(o *ec2sdk.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:5000") },
		"a resolver":  func(o *ec2sdk.Options) { o.EndpointResolverV2 = custom{} },
		"an old resolver": func(o *ec2sdk.Options) {
			//lint:ignore SA1019 old code has it
			o.EndpointResolver = ec2sdk.EndpointResolverFromURL("http://127.0.0.1:5000")
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg, option), nil, everything)
			require.ErrorIs(t, err, awsprobe.ErrEndpoint)
			assert.EqualError(t, err, "probe permissions: calls are tried at EC2 itself only, and the client has an endpoint of its own")
		})
	}
	t.Run("the environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:5000")
		set := cfg
		set.BaseEndpoint = aws.String("http://127.0.0.1:5000") // as config.LoadDefaultConfig would
		_, err := awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(set), nil, everything)
		require.ErrorIs(t, err, awsprobe.ErrEndpoint)
	})
	assert.Empty(t, fake.Calls())
}

type custom struct{ ec2sdk.EndpointResolverV2 }

func TestProbeEnds(t *testing.T) {
	fake, cfg := ec2()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := awsprobe.Probe(ctx, ec2sdk.NewFromConfig(cfg), nil, everything)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, fake.Calls())
	fake.Script("*", awsfake.Fail(http.StatusForbidden, "ExpiredToken"))
	_, err = awsprobe.Probe(t.Context(), ec2sdk.NewFromConfig(cfg), nil, everything)
	assert.EqualError(t, err, "probe permissions: ec2:AllocateAddress: the credentials do not work (ExpiredToken)")
	assert.False(t, errors.Is(err, awsprobe.ErrEndpoint))
}
