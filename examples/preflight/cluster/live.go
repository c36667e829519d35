package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsprobe"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
	"github.com/groundway-sdk/groundway/route53/resolver"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// LiveOptions are what [Load] may be told. The zero value is right.
type LiveOptions struct {
	// Endpoint is the URL that takes the place of every endpoint of AWS, such as
	// that of an emulator.
	Endpoint string
	Time     time.Time // when the reading began; zero: now
	// Caller is called once it is known who the caller is, before anything else
	// is read. The ARN is empty where AWS does not say.
	Caller func(account, arn string)
	// Progress is called as [awsnetwork.LoadOptions.Progress] is.
	Progress func(done, total int)
	// DNS is how the public DNS is asked. Where it is nil the root servers and
	// this machine's resolver are, but nobody for an account at an Endpoint:
	// nobody delegates to an emulator.
	DNS *resolver.Options
	// Probe also tries, with DryRun, those of the spec's actions that
	// [awsprobe.Actions] lists, for a caller that is the spec's principal. It cannot
	// be asked for together with Endpoint.
	Probe bool
}

// Load reads what the spec asks about from the live account, with the
// credentials of the SDK's default chain (environment, shared files, container,
// instance), see
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html.
// It only reads, the key pairs only where the spec names one, identities only where
// it lists permissions, the caller's credentials only where it has credentials, and
// the hosted zones only where it has dns; then the public DNS is asked too, see
// [LiveOptions]. Of what the spec names as [Resources] nothing
// else is read, but for the stacks and instance profiles of an earlier cluster.
// Errors and gaps are those of [awsnetwork.Load], [awsroute53.Load],
// [awssshkeys.Load], [awsiam.Load] and [awsresource.Load]; a
// caller whose account is not shown leaves the account of the snapshot empty. It is an
// error if the account is not that of the spec, and if neither STS nor EC2 answers.
func Load(ctx context.Context, spec Spec, o LiveOptions) (Snapshot, error) {
	if o.Probe && o.Endpoint != "" {
		return Snapshot{}, awsprobe.ErrEndpoint
	}
	cfg, err := Config(ctx, spec, o.Endpoint)
	if err != nil {
		return Snapshot{}, err
	}
	account, arn, silent, err := caller(ctx, stssdk.NewFromConfig(cfg))
	if err != nil {
		return Snapshot{}, err
	}
	if o.Caller != nil {
		o.Caller(account, arn)
	}
	if err := Match(spec, Snapshot{Observation: groundway.Observation{Account: account}}); err != nil {
		return Snapshot{}, err
	}
	client := ec2sdk.NewFromConfig(cfg)
	look := awsnetwork.LoadOptions{
		Account: account, Region: spec.Region, Time: o.Time, Progress: o.Progress,
		Subnets: slices.Concat(spec.Network.ControllerSubnets, spec.Network.WorkerSubnets, spec.Network.FileSystemSubnets, []string{spec.Network.JumpHostSubnet}),
		Cluster: spec.Cluster, InstanceTypes: spec.instanceTypes(),
	}
	var n network.Snapshot
	if spec.Network.New() {
		n, err = awsnetwork.LoadOwned(ctx, client, spec.Cluster, look)
	} else {
		n, err = awsnetwork.Load(ctx, client, spec.Network.VPC, look)
	}
	if err == nil {
		n.LoadBalancerTags, err = awsnetwork.LoadBalancerTags(ctx, taggingsdk.NewFromConfig(cfg), spec.Cluster)
	}
	if err != nil {
		return Snapshot{}, err
	}
	if silent != nil && !n.VPCs.Seen && !n.Subnets.Seen && !n.RouteTables.Seen {
		return Snapshot{}, fmt.Errorf("load caller: nothing answers in %s: %w", spec.Region, silent)
	}
	s := Snapshot{Observation: n.Observation, Network: n.Parts}
	s.DNS, err = loadDNS(ctx, cfg, spec, o)
	if err != nil {
		return Snapshot{}, err
	}
	s.SSH, err = loadSSH(ctx, client, spec)
	if err != nil {
		return Snapshot{}, err
	}
	s.Capacity, err = loadCapacity(ctx, cfg, spec, account, arn)
	if err != nil {
		return Snapshot{}, err
	}
	s.IAM, err = loadPermissions(ctx, cfg, client, spec, s, arn, o.Probe)
	if err != nil {
		return Snapshot{}, err
	}
	s.IAM, err = loadGrants(ctx, cfg, spec, account, s.IAM)
	if err != nil {
		return Snapshot{}, err
	}
	s.Resource, err = loadResources(ctx, cfg, spec, account, o)
	if err != nil {
		return Snapshot{}, err
	}
	s.Credentials, err = loadCredentials(ctx, cfg, spec)
	if err != nil {
		return Snapshot{}, err
	}
	s.Machine = findPrograms(spec.Profile)
	return s, nil
}

// Config returns what SDK clients are made of, for the region of the spec, with the
// credentials of the SDK's default chain. The endpoint takes the place of every
// endpoint of AWS, unless it is empty.
func Config(ctx context.Context, spec Spec, endpoint string) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(spec.Region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load credentials: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, fmt.Errorf("load credentials: %w", ctx.Err())
		}
		// The SDK names the last source it tried, which is seldom the one that
		// was meant.
		return aws.Config{}, errors.New("load credentials: no source has any that work; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login")
	}
	if endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
	}
	return cfg, nil
}

// CheckEndpoint returns an error for a text that is no URL of a server. One with a
// user is not repeated: a password may stand behind it.
func CheckEndpoint(text string) error {
	u, err := url.Parse(text)
	if strings.Contains(text, "@") {
		return errors.New("with a user in it: want a URL such as http://127.0.0.1:5000")
	}
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q: want a URL such as http://127.0.0.1:5000", text)
	}
	return nil
}

// Actions returns the IAM actions that [Load] can call.
func Actions() []string {
	// sts:GetCallerIdentity needs no permission, and cannot be denied by a policy.
	return slices.Concat(
		awsnetwork.Actions(), awsroute53.Actions(), awssshkeys.Actions(), awsiam.PrincipalActions(), awsiam.OrganizationsActions(),
		awsresource.Actions(), awscapacity.Actions(), awsidentity.Actions(), []string{"sts:DecodeAuthorizationMessage", "tag:GetResources", getCallerIdentity},
	)
}

const getCallerIdentity = "sts:GetCallerIdentity"

// caller returns who makes the calls. Only what would also end every other call
// is an error; silent is why STS did not answer, which need not be so of others.
func caller(ctx context.Context, client *stssdk.Client) (account, arn string, silent, err error) {
	id, err := client.GetCallerIdentity(ctx, &stssdk.GetCallerIdentityInput{})
	if err != nil {
		if stop := awserr.Stop(ctx, getCallerIdentity, err); stop != nil {
			return "", "", nil, fmt.Errorf("load caller: %w", stop)
		}
		return "", "", awserr.Failed(ctx, getCallerIdentity, err), nil
	}
	return aws.ToString(id.Account), aws.ToString(id.Arn), nil, nil
}
