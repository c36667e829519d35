// Package awsprobe tries calls of Amazon EC2 with DryRun, for callers that ask for
// it by name: EC2 then says whether it would let the caller do it, and does nothing.
//
//	snapshot.Probes, err = awsprobe.Probe(ctx, client, decoder, awsprobe.Options{VPC: "vpc-0a1"})
//	findings, err := iam.CheckPermissions(snapshot, options)
//
// It is the one way to learn of every layer at once, session policies and those of
// the organization included. [Actions] lists the calls that are ever tried. They
// would make things if EC2 did not heed DryRun, as some emulators do not: a client
// with an endpoint of its own is refused.
//
// It is a package of its own because EC2's client takes a minute to compile, which
// who only reads identities should not wait for.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
package awsprobe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// API is what [Probe] asks of EC2, each time with DryRun. The SDK's client
// implements it.
type API interface {
	AllocateAddress(context.Context, *ec2sdk.AllocateAddressInput, ...func(*ec2sdk.Options)) (*ec2sdk.AllocateAddressOutput, error)
	CreateInternetGateway(context.Context, *ec2sdk.CreateInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateInternetGatewayOutput, error)
	CreateRouteTable(context.Context, *ec2sdk.CreateRouteTableInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateRouteTableOutput, error)
	CreateSecurityGroup(context.Context, *ec2sdk.CreateSecurityGroupInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateSecurityGroupOutput, error)
	CreateVolume(context.Context, *ec2sdk.CreateVolumeInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateVolumeOutput, error)
	CreateVpc(context.Context, *ec2sdk.CreateVpcInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateVpcOutput, error)
	RunInstances(context.Context, *ec2sdk.RunInstancesInput, ...func(*ec2sdk.Options)) (*ec2sdk.RunInstancesOutput, error)

	// Options shows whether the client talks to EC2 itself.
	Options() ec2sdk.Options
}

// DecodeAPI is what [Probe] asks of STS to learn why EC2 denied a call.
type DecodeAPI interface {
	DecodeAuthorizationMessage(context.Context, *stssdk.DecodeAuthorizationMessageInput, ...func(*stssdk.Options)) (*stssdk.DecodeAuthorizationMessageOutput, error)
}

var (
	_ API       = (*ec2sdk.Client)(nil)
	_ DecodeAPI = (*stssdk.Client)(nil)
)

// ErrEndpoint means that the client has an endpoint of its own, and that nothing
// was called.
var ErrEndpoint = errors.New("calls are tried at EC2 itself only, and the client has an endpoint of its own")

// Options say what calls are about. What needs a field that is empty is not tried.
type Options struct {
	Actions []string // of [Actions]; nil: all that the other fields allow
	VPC     string   // "vpc-0a1", for ec2:CreateRouteTable and ec2:CreateSecurityGroup
	Zone    string   // "us-east-1a", for ec2:CreateVolume
	Image   string   // "ami-0a1", for ec2:RunInstances
	Type    string   // of the instance, for ec2:RunInstances; empty: t3.medium
}

// decode is the one call that is not EC2's.
const decode = "sts:DecodeAuthorizationMessage"

// A trial is a call that can be tried.
type trial struct {
	action string
	needs  func(Options) bool // nil: nothing
	call   func(context.Context, API, Options) error
}

var dryRun = aws.Bool(true)

var trials = []trial{
	{"ec2:AllocateAddress", nil, func(ctx context.Context, c API, _ Options) error {
		_, err := c.AllocateAddress(ctx, &ec2sdk.AllocateAddressInput{DryRun: dryRun, Domain: types.DomainTypeVpc})
		return err
	}},
	{"ec2:CreateInternetGateway", nil, func(ctx context.Context, c API, _ Options) error {
		_, err := c.CreateInternetGateway(ctx, &ec2sdk.CreateInternetGatewayInput{DryRun: dryRun})
		return err
	}},
	{"ec2:CreateRouteTable", func(o Options) bool { return o.VPC != "" }, func(ctx context.Context, c API, o Options) error {
		_, err := c.CreateRouteTable(ctx, &ec2sdk.CreateRouteTableInput{DryRun: dryRun, VpcId: &o.VPC})
		return err
	}},
	{"ec2:CreateSecurityGroup", func(o Options) bool { return o.VPC != "" }, func(ctx context.Context, c API, o Options) error {
		_, err := c.CreateSecurityGroup(ctx, &ec2sdk.CreateSecurityGroupInput{
			DryRun: dryRun, VpcId: &o.VPC, GroupName: aws.String("groundway-probe"), Description: aws.String("tried with DryRun, and never made"),
		})
		return err
	}},
	{"ec2:CreateVolume", func(o Options) bool { return o.Zone != "" }, func(ctx context.Context, c API, o Options) error {
		_, err := c.CreateVolume(ctx, &ec2sdk.CreateVolumeInput{DryRun: dryRun, AvailabilityZone: &o.Zone, Size: aws.Int32(1), VolumeType: types.VolumeTypeGp3})
		return err
	}},
	{"ec2:CreateVpc", nil, func(ctx context.Context, c API, _ Options) error {
		_, err := c.CreateVpc(ctx, &ec2sdk.CreateVpcInput{DryRun: dryRun, CidrBlock: aws.String("10.0.0.0/16")})
		return err
	}},
	{"ec2:RunInstances", func(o Options) bool { return o.Image != "" }, func(ctx context.Context, c API, o Options) error {
		kind := types.InstanceTypeT3Medium
		if o.Type != "" {
			kind = types.InstanceType(o.Type)
		}
		_, err := c.RunInstances(ctx, &ec2sdk.RunInstancesInput{DryRun: dryRun, ImageId: &o.Image, InstanceType: kind, MinCount: aws.Int32(1), MaxCount: aws.Int32(1)})
		return err
	}},
}

// Actions returns the IAM actions that [Probe] can try, in alphabetical order. A
// caller needs none of them to use it: that they are denied is an answer.
func Actions() []string {
	var list []string
	for _, t := range trials {
		list = append(list, t.action)
	}
	return list
}

// Probe tries the calls, one after the other, and returns what EC2 said of each:
// the codes DryRunOperation and UnauthorizedOperation, or another. Of a call that
// succeeded, and so may have made something, the code is "Success".
//
// With a decoder, which may be nil, the reason of a denial is decoded where the
// caller may do that, and put into words; nothing else of the message is kept.
//
// A call that got no answer leaves the part partial. The error is [ErrEndpoint], an
// action that is none of Actions, or one that ends a reading: ctx, credentials.
func Probe(ctx context.Context, client API, decoder DecodeAPI, o Options) (groundway.Part[iam.Probe], error) {
	part := groundway.SeenPart[iam.Probe]()
	if !official(client.Options()) {
		return groundway.Part[iam.Probe]{}, fmt.Errorf("probe permissions: %w", ErrEndpoint)
	}
	for _, action := range o.Actions {
		if !slices.Contains(Actions(), action) {
			return groundway.Part[iam.Probe]{}, fmt.Errorf("probe permissions: action %q: want one of %s", action, strings.Join(Actions(), ", "))
		}
	}
	for _, t := range trials {
		if t.needs != nil && !t.needs(o) || o.Actions != nil && !slices.Contains(o.Actions, t.action) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return groundway.Part[iam.Probe]{}, fmt.Errorf("probe permissions: %w", err)
		}
		err := t.call(ctx, client, o)
		if err == nil {
			part.Items = append(part.Items, iam.Probe{Action: t.action, Code: "Success"})
			continue
		}
		if stop := awserr.Stop(ctx, t.action, err); stop != nil {
			return groundway.Part[iam.Probe]{}, fmt.Errorf("probe permissions: %w", stop)
		}
		code := awserr.Code(err)
		if unanswered(err) || code == "" {
			part.Partial = true
			part.Gaps = append(part.Gaps, awserr.Gap(t.action, err))
			continue
		}
		p := iam.Probe{Action: t.action, Code: code}
		if code == "UnauthorizedOperation" && decoder != nil {
			message, err := reason(ctx, decoder, err)
			if err != nil {
				return groundway.Part[iam.Probe]{}, fmt.Errorf("probe permissions: %w", err)
			}
			p.Message = message
		}
		part.Items = append(part.Items, p)
	}
	return part, nil
}

// unanswered reports whether the call was not decided at all.
func unanswered(err error) bool {
	switch awserr.Classify(err) {
	case awserr.Throttled, awserr.Unavailable, awserr.Timeout, awserr.Connection, awserr.Unreadable:
		return true
	}
	return false
}

// official reports whether the client talks to EC2 itself: nobody set an endpoint,
// or a resolver that could return one.
func official(o ec2sdk.Options) bool {
	var own ec2sdk.EndpointResolverV2 = ec2sdk.NewDefaultEndpointResolverV2()
	//lint:ignore SA1019 a resolver of old code counts too
	old := o.EndpointResolver
	return o.BaseEndpoint == nil && old == nil && (o.EndpointResolverV2 == nil || reflect.TypeOf(o.EndpointResolverV2) == reflect.TypeOf(own))
}

// encodedMark stands before what EC2 encoded about a denial, see
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html.
const encodedMark = "Encoded authorization failure message: "

// reason decodes why a call was denied, and says it in words of this package. It
// is empty where there is no message, or the caller may not decode it.
func reason(ctx context.Context, decoder DecodeAPI, denied error) (string, error) {
	api, ok := errors.AsType[smithy.APIError](denied)
	if !ok {
		return "", nil
	}
	_, encoded, ok := strings.Cut(api.ErrorMessage(), encodedMark)
	if !ok {
		return "", nil
	}
	encoded, _, _ = strings.Cut(encoded, " ")
	out, err := decoder.DecodeAuthorizationMessage(ctx, &stssdk.DecodeAuthorizationMessageInput{EncodedMessage: &encoded})
	if err != nil {
		return "", awserr.Stop(ctx, decode, err)
	}
	var message struct {
		ExplicitDeny      bool `json:"explicitDeny"`
		MatchedStatements struct {
			Items []struct {
				StatementID string `json:"statementId"`
			} `json:"items"`
		} `json:"matchedStatements"`
	}
	if json.Unmarshal([]byte(aws.ToString(out.DecodedMessage)), &message) != nil {
		return "", nil
	}
	text := "no statement allows it"
	if message.ExplicitDeny {
		text = "a statement denies it"
		for _, s := range message.MatchedStatements.Items {
			if s.StatementID != "" {
				text += fmt.Sprintf(", %q", s.StatementID)
			}
		}
	}
	return text, nil
}
