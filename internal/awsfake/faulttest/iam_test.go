package faulttest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsprobe"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/orgfake"
)

var iamRows = []faulttest.Row{
	{
		Name:     "awsiam.Load",
		Services: identities,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, err := awsiam.Load(ctx, iamsdk.NewFromConfig(cfg), awsiam.LoadOptions{
				Account: iamfake.Account, Region: awsfake.Region, Time: time.Unix(0, 0), Principal: "arn:aws:iam::111122223333:user/ops", Desired: held, Uses: true,
				Organizations: organizations.NewFromConfig(cfg),
			})
			// What other calls show was not asked for.
			s.Callers.Seen, s.Simulated.Seen, s.Probes.Seen = true, true, true
			return s, err
		},
	},
	{
		Name:     "awsiam.Simulate",
		Services: identities,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			o := iam.PermissionOptions{Principal: "arn:aws:iam::111122223333:user/ops", Needs: []iam.Need{{Action: "ec2:DescribeVpcs"}, {Action: "ec2:DescribeSubnets"}, {Action: "ec2:RunInstances"}}}
			s, err := awsiam.Simulate(ctx, iamsdk.NewFromConfig(cfg), iam.Snapshot{}, o, awsiam.SimulateOptions{})
			return s.Simulated, err
		},
	},
	{
		Name: "awsprobe.Probe",
		Services: func() []awsfake.Service {
			return []awsfake.Service{ec2fake.DryRun("AllocateAddress", "CreateInternetGateway", "CreateVpc")}
		},
		Strict: true, // what is not done on trial is an answer, and never a pass
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			part, err := awsprobe.Probe(ctx, official{ec2sdk.NewFromConfig(cfg)}, stssdk.NewFromConfig(cfg), awsprobe.Options{})
			return part, probed(part, err)
		},
	},
	{
		Name: "awsiam.Ensure",
		Services: func() []awsfake.Service {
			s := iam.Snapshot{Parts: iam.Parts{Users: groundway.SeenPart(iam.UserDetail{Name: "vault"})}}
			return []awsfake.Service{iamfake.From(s).Service()}
		},
		Strict: true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			// Without patience: what is tried again is tried by the client.
			return nil, ensured(awsiam.Ensure(ctx, iamsdk.NewFromConfig(cfg), held, iam.PlanOptions{}, awsiam.ApplyOptions{Patience: 1}))
		},
	},
	{
		Name:     "awsiam.Apply deletes",
		Services: identities,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, err := awsiam.Load(ctx, iamsdk.NewFromConfig(cfg), awsiam.LoadOptions{Desired: held, Uses: true})
			if err != nil {
				return nil, err
			}
			c, _, err := iam.PlanDelete(s, held, iam.PlanOptions{})
			if err != nil {
				return nil, err
			}
			return nil, ensured(awsiam.Apply(ctx, iamsdk.NewFromConfig(cfg), c, awsiam.ApplyOptions{Patience: 1}))
		},
	},
}

// official is a client that seems to talk to EC2 itself, as the fake's does not.
type official struct{ *ec2sdk.Client }

func (official) Options() ec2sdk.Options { return ec2sdk.Options{} }

// probed is an error where EC2 did not accept a call.
func probed(part groundway.Part[iam.Probe], err error) error {
	if err != nil {
		return err
	}
	for _, g := range part.Gaps {
		return fmt.Errorf("%s: %s", g.Action, g.Message)
	}
	for _, p := range part.Items {
		if p.Code != "DryRunOperation" {
			return fmt.Errorf("%s: %s", p.Action, p.Code)
		}
	}
	return nil
}

// ensured is the error alone: what was done by which attempt differs.
func ensured(_ awsiam.Result, err error) error { return err }

var (
	someDocument = iam.MustDocument(iam.Allow("ec2:DescribeVpcs").On("*"))
	ownTags      = map[string]string{groundway.OwnerTag: "groundway"}
)

// held is one of each kind.
var held = iam.Desired{
	Account:   iamfake.Account,
	Policies:  []iam.ManagedPolicy{{Name: "p", Document: someDocument}},
	Providers: []iam.OIDCProvider{{URL: "https://oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}}},
	Roles: []iam.Role{{
		Name: "r", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com")),
		Inline: []iam.InlinePolicy{{Name: "a", Document: someDocument}, {Name: "b", Document: someDocument}, {Name: "c", Document: someDocument}}, Managed: []string{"arn:aws:iam::111122223333:policy/p"},
	}},
	Profiles: []iam.InstanceProfile{{Name: "x", Role: "r"}},
	Users:    []iam.UserAttachment{{User: "vault", Managed: []string{"arn:aws:iam::111122223333:policy/p"}}},
}

// identities is an account that holds all of held, and a user with a group and a
// boundary; a role has more policies than a small page holds.
func identities() []awsfake.Service {
	text := someDocument.String()
	s := iam.Snapshot{Parts: iam.Parts{
		Users: groundway.SeenPart(iam.UserDetail{Name: "ops", Groups: []string{"admins"}, Boundary: "arn:aws:iam::111122223333:policy/bound"}, iam.UserDetail{Name: "vault"}),
		Roles: groundway.SeenPart(iam.RoleDetail{Name: "r", Trust: held.Roles[0].Trust.String(), Tags: ownTags}),
		Inline: groundway.SeenPart(
			iam.InlinePolicyDetail{Owner: "user/ops", Name: "own", Document: text}, iam.InlinePolicyDetail{Owner: "group/admins", Name: "theirs", Document: text},
			iam.InlinePolicyDetail{Owner: "role/r", Name: "a", Document: text}, iam.InlinePolicyDetail{Owner: "role/r", Name: "b", Document: text}, iam.InlinePolicyDetail{Owner: "role/r", Name: "c", Document: text},
		),
		Attached:  groundway.SeenPart(iam.AttachedPolicy{Owner: "role/r", ARN: "arn:aws:iam::111122223333:policy/p"}, iam.AttachedPolicy{Owner: "user/ops", ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess"}, iam.AttachedPolicy{Owner: "user/vault", ARN: "arn:aws:iam::111122223333:policy/p"}),
		Policies:  groundway.SeenPart(iam.ManagedPolicyDetail{ARN: "arn:aws:iam::111122223333:policy/bound", Name: "bound", Default: "v1", Document: text}, iam.ManagedPolicyDetail{ARN: "arn:aws:iam::111122223333:policy/p", Name: "p", Default: "v1", Document: text, Tags: ownTags, Versions: []string{"v1"}}),
		Profiles:  groundway.SeenPart(iam.InstanceProfileDetail{Name: "x", Roles: []string{"r"}, Tags: ownTags}),
		Providers: groundway.SeenPart(iam.OIDCProviderDetail{ARN: held.ProviderARN(held.Providers[0]), URL: "oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}, Tags: ownTags}),
	}}
	return []awsfake.Service{iamfake.From(s).Service(), orgfake.New(orgfake.Organization{
		Management: "444455556666", Account: iamfake.Account, Units: []string{"ou-ab12-11111111"},
		Policies: map[string]map[string]string{
			"r-ab12": {"FullAWSAccess": text}, "ou-ab12-11111111": {"FullAWSAccess": text}, iamfake.Account: {"FullAWSAccess": text, "Regions": text, "Roots": text},
		},
	})}
}
