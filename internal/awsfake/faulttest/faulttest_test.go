package faulttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

const getCallerIdentity = "sts:GetCallerIdentity"

// caller returns a row that asks STS who the caller is and does with the answer
// what the test wants.
func caller(strict bool, then func(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error)) faulttest.Row {
	return faulttest.Row{
		Name:   "caller",
		Strict: strict,
		Services: func() []awsfake.Service {
			return []awsfake.Service{stsfake.New("111122223333", "arn:aws:iam::111122223333:user/ops", "AIDAEXAMPLE")}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			out, err := stssdk.NewFromConfig(cfg).GetCallerIdentity(ctx, &stssdk.GetCallerIdentityInput{})
			if err == nil && out.Account == nil {
				err = awserr.ErrNoList
			}
			return then(ctx, out, err)
		},
	}
}

// strictly returns the account, or an error that names the action.
func strictly(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
	if err == nil {
		return *out.Account, nil
	}
	if stop := awserr.Stop(ctx, getCallerIdentity, err); stop != nil {
		return nil, stop
	}
	return nil, fmt.Errorf("%s: %s", getCallerIdentity, awserr.Gap(getCallerIdentity, err).Message)
}

// asPart returns the account as a part.
func asPart(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
	if err == nil {
		return groundway.SeenPart(*out.Account), nil
	}
	return groundway.UnseenPart[string](awserr.Gap(getCallerIdentity, err)), awserr.Stop(ctx, getCallerIdentity, err)
}

func TestSoundAdaptersHaveNoProblems(t *testing.T) {
	assert.Empty(t, faulttest.Drive(t, caller(true, strictly)))
	assert.Empty(t, faulttest.Drive(t, caller(false, asPart)))
}

// The harness has to see what it is there for.
func TestUnsoundAdaptersHaveProblems(t *testing.T) {
	for _, c := range []struct {
		name   string
		strict bool
		then   func(context.Context, *stssdk.GetCallerIdentityOutput, error) (any, error)
		want   []string // of the problems, one each at least
	}{
		{
			"what failed reads as nothing", false,
			func(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
				if err != nil {
					return groundway.SeenPart[string](), ctx.Err()
				}
				return asPart(ctx, out, err)
			},
			[]string{"denied: sts:GetCallerIdentity, call 1: no gap names the action", "expired credentials: sts:GetCallerIdentity, call 1: want an error"},
		},
		{
			"a gap in a part that reads as complete", false,
			func(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
				p, stop := asPart(ctx, out, err)
				part := p.(groundway.Part[string])
				part.Seen = true
				return part, stop
			},
			[]string{"denied: sts:GetCallerIdentity, call 1: a part with gaps reads as complete"},
		},
		{
			"a gap without an action", false,
			func(ctx context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
				if err != nil && ctx.Err() == nil {
					return groundway.UnseenPart[string](groundway.Gap{Message: "denied"}), nil
				}
				return asPart(ctx, out, err)
			},
			[]string{"a gap without an action or a message"},
		},
		{
			"AWS's own text", true,
			func(_ context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
				if err != nil {
					return nil, fmt.Errorf("%s: %w", getCallerIdentity, err)
				}
				return *out.Account, nil
			},
			[]string{"the access key is shown", "the session token is shown", "the signature is shown", "AWS's encoded message is shown", "the identifier of a request is shown"},
		},
		{
			"a denial that ends the reading", false,
			func(_ context.Context, out *stssdk.GetCallerIdentityOutput, err error) (any, error) {
				if err != nil {
					return nil, errors.New("no")
				}
				return groundway.SeenPart(*out.Account), nil
			},
			[]string{"denied: sts:GetCallerIdentity, call 1: want a gap, got the error no", "cancelled: sts:GetCallerIdentity, call 1: want an error that is context.Canceled, got no"},
		},
		{
			"an adapter that never works", true,
			func(context.Context, *stssdk.GetCallerIdentityOutput, error) (any, error) {
				return nil, errors.New("no")
			},
			[]string{"no fault"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := strings.Join(faulttest.Drive(t, caller(c.strict, c.then)), "\n")
			for _, want := range c.want {
				assert.Contains(t, problems, want)
			}
		})
	}
}

// The goroutine ends with the context of the call, which the harness keeps
// until the end of its test; the leak is seen before.
func TestALeakIsAProblem(t *testing.T) {
	stop := make(chan struct{})
	row := caller(true, strictly)
	call, wire := row.Call, 0
	row.Call = func(ctx context.Context, cfg aws.Config) (any, error) {
		if *cfg.BaseEndpoint != "http://aws.invalid" {
			if wire++; wire == 1 {
				go func() { <-stop }()
			}
		}
		return call(ctx, cfg)
	}
	problems := strings.Join(faulttest.Drive(t, row), "\n")
	close(stop)
	assert.Contains(t, problems, "goroutines are left")
}
