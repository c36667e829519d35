package awsidentity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// Clients are the SDK's clients of one account. What one that is nil would show is
// unseen.
type Clients struct {
	STS     CallerAPI
	Account RegionAPI
	IAM     RoleAPI
}

// LoadOptions say what to ask about. The zero value asks who the caller is.
type LoadOptions struct {
	Region  string // whether the account may use it; empty is not asked
	RoleARN string // the role that the caller is to assume; empty is not asked
	// Credentials are those of the clients, which are asked when they end; nil is not
	// asked. Of the access key's ID its first four characters are kept, and nothing of
	// what is secret.
	Credentials aws.CredentialsProvider
	Now         func() time.Time // nil: [time.Now]
}

// Load asks who the caller is, and with the same call what time AWS has; whether
// its account may use a region; and what a role that it is to assume asks for. The
// calls are in flight at once.
//
// What could not be seen is no error: a call that is denied, throttled beyond the
// client's retries, timed out, cut or answered with something else than an answer
// of AWS leaves its part unseen, with a [groundway.Gap] that names the action. A
// role that does not exist is seen: there is none.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials
// cannot be loaded or are refused, and when no request can be made. The error's
// text holds nothing that AWS sent but its code; [errors.As] finds the SDK's error.
//
// Retries and timeouts are the clients'.
func Load(ctx context.Context, clients Clients, o LoadOptions) (identity.CredentialSnapshot, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var s identity.CredentialSnapshot
	s.Region, s.Time = o.Region, o.Now().UTC()
	g, ctx := errgroup.WithContext(ctx)
	if clients.STS != nil {
		g.Go(func() (err error) {
			s.Caller, s.Clock, err = caller(ctx, clients.STS, o.Now)
			return err
		})
	}
	if clients.Account != nil && o.Region != "" {
		g.Go(func() (err error) {
			s.Regions, err = region(ctx, clients.Account, o.Region)
			return err
		})
	}
	if clients.IAM != nil && o.RoleARN != "" {
		g.Go(func() (err error) {
			s.Roles, err = role(ctx, clients.IAM, o.RoleARN)
			return err
		})
	}
	if o.Credentials != nil {
		g.Go(func() error {
			c, err := o.Credentials.Retrieve(ctx)
			if err != nil {
				return errors.New("the credentials cannot be loaded")
			}
			s.Credential = groundway.SeenPart(identity.Credential{AccessKeyID: c.AccessKeyID[:min(4, len(c.AccessKeyID))], Source: c.Source})
			if c.CanExpire {
				s.Credential.Items[0].Expires = c.Expires.UTC().Truncate(time.Second)
				s.Credential.Items[0].Renews = slices.Contains(renewing, c.Source)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return identity.CredentialSnapshot{}, fmt.Errorf("load caller: %w", err)
	}
	if len(s.Caller.Items) > 0 {
		s.Account = s.Caller.Items[0].Account
	}
	return s, nil
}

// renewing are the sources of the SDK's chain that give new credentials when theirs
// end, as the providers of aws-sdk-go-v2/credentials call themselves.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
var renewing = []string{
	"AssumeRoleProvider", "CredentialsEndpointProvider", "EC2RoleProvider", "LoginProvider", "ProcessProvider", "SSOProvider", "WebIdentityCredentials",
}

// unseen returns the part that a failed call leaves, or the error that ends the
// reading.
func unseen[T any](ctx context.Context, action string, err error) (groundway.Part[T], error) {
	if stop := awserr.Stop(ctx, action, err); stop != nil {
		return groundway.Part[T]{}, stop
	}
	return groundway.UnseenPart[T](awserr.Gap(action, err)), nil
}

func caller(ctx context.Context, client CallerAPI, now func() time.Time) (who groundway.Part[identity.Caller], clock groundway.Part[identity.Clock], err error) {
	out, err := client.GetCallerIdentity(ctx, &stssdk.GetCallerIdentityInput{})
	at := now().UTC()
	if err == nil && (out.Account == nil || out.Arn == nil) {
		err = awserr.ErrNoList
	}
	if err != nil {
		if who, err = unseen[identity.Caller](ctx, getCallerIdentity, err); err != nil {
			return who, clock, err
		}
		return who, groundway.UnseenPart[identity.Clock](who.Gaps...), nil
	}
	who = groundway.SeenPart(identity.Caller{Account: *out.Account, ARN: *out.Arn, UserID: aws.ToString(out.UserId)})
	if server, ok := awsmiddleware.GetServerTime(out.ResultMetadata); ok && !server.IsZero() {
		clock = groundway.SeenPart(identity.Clock{Service: "sts", AWS: server.UTC(), Local: at})
	} else {
		clock = groundway.UnseenPart[identity.Clock](groundway.Gap{Action: getCallerIdentity, Message: "the answer has no date"})
	}
	return who, clock, nil
}

func region(ctx context.Context, client RegionAPI, name string) (groundway.Part[identity.RegionStatus], error) {
	out, err := client.GetRegionOptStatus(ctx, &accountsdk.GetRegionOptStatusInput{RegionName: &name})
	switch {
	case err == nil && out.RegionOptStatus != "":
		return groundway.SeenPart(identity.RegionStatus{Name: name, Status: string(out.RegionOptStatus)}), nil
	case err == nil:
		err = awserr.ErrNoList
	case awserr.Code(err) == "ValidationException" && ctx.Err() == nil:
		return groundway.SeenPart(identity.RegionStatus{Name: name, Status: "UNKNOWN"}), nil
	}
	return unseen[identity.RegionStatus](ctx, getRegionOptStatus, err)
}

func role(ctx context.Context, client RoleAPI, arn string) (groundway.Part[identity.CallerRole], error) {
	parsed, err := iam.ParseARN(arn)
	name := parsed.ResourceName()
	if err != nil || parsed.ResourceType() != "role" || name == "" {
		return groundway.Part[identity.CallerRole]{}, fmt.Errorf("role %q: want arn:PARTITION:iam::ACCOUNT:role/NAME", arn)
	}
	// The name of a role is the last step of its path.
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			name = name[i+1:]
			break
		}
	}
	out, err := client.GetRole(ctx, &iamsdk.GetRoleInput{RoleName: &name})
	switch {
	case err != nil && ctx.Err() == nil && awserr.Classify(err) == awserr.NotFound:
		return groundway.SeenPart[identity.CallerRole](), nil
	case err == nil && (out.Role == nil || out.Role.AssumeRolePolicyDocument == nil || out.Role.Arn == nil):
		err = awserr.ErrNoList
	}
	if err != nil {
		return unseen[identity.CallerRole](ctx, getRole, err)
	}
	// Another role of this name, of another account or path, is not the one.
	if *out.Role.Arn != arn {
		return groundway.UnseenPart[identity.CallerRole](groundway.Gap{Action: getRole, Message: "the account has a role of this name by another ARN", Account: string(parsed.Account)}), nil
	}
	text, err := url.PathUnescape(*out.Role.AssumeRolePolicyDocument)
	var trust iam.Document
	if err == nil {
		trust, err = iam.Parse(text, iam.ParseOptions{})
	}
	if err != nil {
		return groundway.UnseenPart[identity.CallerRole](groundway.Gap{Action: getRole, Message: "the trust policy could not be read"}), nil
	}
	seconds := cmp.Or(aws.ToInt32(out.Role.MaxSessionDuration), 3600)
	return groundway.SeenPart(identity.CallerRole{ARN: arn, Trust: trust, MaxSession: time.Duration(seconds) * time.Second}), nil
}
