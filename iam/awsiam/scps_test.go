package awsiam_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/orgfake"
)

// member is an account two units below the root.
func member() orgfake.Organization {
	all, regions := allow("*").String(), iam.MustDocument(iam.Deny("ec2:*").On("*").When(iam.StringNotEquals("aws:RequestedRegion", "us-east-1"))).String()
	return orgfake.Organization{
		Management: "444455556666", Account: string(account), Units: []string{"ou-ab12-11111111", "ou-ab12-22222222"},
		Policies: map[string]map[string]string{
			orgfake.Root: {"FullAWSAccess": all}, "ou-ab12-11111111": {"FullAWSAccess": all, "Regions": regions},
			"ou-ab12-22222222": {"FullAWSAccess": all}, string(account): {"FullAWSAccess": all},
		},
	}
}

func TestSCPs(t *testing.T) {
	load := func(t *testing.T, o orgfake.Organization, fault ...awsfake.Fault) (groundway.Part[iam.SCPDetail], *awsfake.Fake) {
		fake := awsfake.New(orgfake.New(o))
		fake.Script("*", fault...)
		s, err := awsiam.Load(t.Context(), awsiamtest.NewClient(installer()), awsiam.LoadOptions{Principal: session, Organizations: organizations.NewFromConfig(fake.Config())})
		require.NoError(t, err)
		return s.SCPs, fake
	}
	t.Run("every level from the root", func(t *testing.T) {
		got, fake := load(t, member(), awsfake.Pages(1))
		require.True(t, got.Complete(), got.Gaps)
		var where []string
		for _, p := range got.Items {
			where = append(where, p.Target+" "+p.Name)
		}
		assert.Equal(t, []string{
			"111122223333 FullAWSAccess", "ou-ab12-11111111 FullAWSAccess", "ou-ab12-11111111 Regions", "ou-ab12-22222222 FullAWSAccess", "r-ab12 FullAWSAccess",
		}, where)
		assert.Equal(t, []int{4, 2, 2, 3, 1}, []int{got.Items[0].Level, got.Items[1].Level, got.Items[2].Level, got.Items[3].Level, got.Items[4].Level})
		described := 0
		for _, call := range fake.Calls() {
			if call.Action == "organizations:DescribePolicy" {
				described++
			}
		}
		assert.Equal(t, 2, described, "each policy is read once")
	})
	t.Run("no organization", func(t *testing.T) {
		got, _ := load(t, orgfake.Organization{})
		assert.Equal(t, groundway.SeenPart[iam.SCPDetail](), got)
	})
	t.Run("the management account is under none", func(t *testing.T) {
		o := member()
		o.Management = string(account)
		got, fake := load(t, o)
		assert.Equal(t, groundway.SeenPart[iam.SCPDetail](), got)
		assert.Equal(t, []string{"organizations:DescribeOrganization"}, fake.Actions())
	})
	t.Run("a member may not ask", func(t *testing.T) {
		got, _ := load(t, member(), awsfake.Deny())
		assert.Equal(t, "unseen organizations:DescribeOrganization", word(got))
	})
	t.Run("a level that is not shown", func(t *testing.T) {
		o := member()
		delete(o.Policies, "ou-ab12-22222222")
		got, _ := load(t, o)
		assert.Equal(t, "partial organizations:ListPoliciesForTarget", word(got))
	})
	t.Run("what they say is told apart from the principal's own", func(t *testing.T) {
		fake := awsfake.New(orgfake.New(member()))
		s, err := awsiam.Load(t.Context(), awsiamtest.NewClient(installer()), awsiam.LoadOptions{Principal: session, Organizations: organizations.NewFromConfig(fake.Config())})
		require.NoError(t, err)
		findings, err := iam.CheckPermissions(s, iam.PermissionOptions{
			Principal: session, Needs: []iam.Need{{Action: "ec2:RunInstances"}}, Context: iam.Context{"aws:RequestedRegion": {"eu-west-1"}},
		})
		require.NoError(t, err)
		var failed []string
		for _, f := range findings {
			if f.Outcome == groundway.Failed {
				failed = append(failed, string(f.Code)+" "+f.Subject.ID)
			}
		}
		assert.Equal(t, []string{"iam/permission-missing installer", "iam/permission-scp p-Regions"}, failed)
	})
}
