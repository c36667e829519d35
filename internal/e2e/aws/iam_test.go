package aws_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscalls"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// identities is what an installer puts into an account.
func identities() iam.Desired {
	document := func(actions ...iam.Action) iam.Document { return iam.MustDocument(iam.Allow(actions...).On("*")) }
	d := iam.Desired{
		Account: account, Owner: "demo",
		Policies:  []iam.ManagedPolicy{{Name: "demo-nodes", Path: "/demo/", Document: document("ec2:DescribeInstances"), Tags: map[string]string{"team": "a"}}},
		Providers: []iam.OIDCProvider{{URL: "https://oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}, Thumbprints: []string{strings.Repeat("0a", 20)}}},
	}
	nodes := d.PolicyARN(d.Policies[0])
	d.Roles = []iam.Role{
		{
			Name: "demo-worker", Path: "/demo/", Description: "workers", MaxSession: 2 * time.Hour,
			Trust:  iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com")),
			Inline: []iam.InlinePolicy{{Name: "logs", Document: document("logs:PutLogEvents", "logs:CreateLogStream")}}, Managed: []string{nodes}, Boundary: nodes,
		},
		{Name: "demo-pods", Trust: iam.MustTrustDocument(iam.TrustServiceAccount(d.ProviderARN(d.Providers[0]), "kube-system", "autoscaler"))},
	}
	d.Profiles = []iam.InstanceProfile{{Name: "demo-worker", Role: "demo-worker"}}
	return d
}

// isWrite reports whether a call changes something.
func isWrite(c awscalls.Call) bool {
	return slices.Contains(iam.StepActions(), iam.Action("iam:"+c.Operation))
}

// An account is brought to what is wanted, by a caller who holds itself to the
// policy that the plan asks for; the second time nothing is written; and all of it
// goes again.
func TestIdentities(t *testing.T) {
	url := startMoto(t)
	ctx := t.Context()
	d := identities()
	reading, err := awsiam.Load(ctx, iamsdk.NewFromConfig(configOf(url)), awsiam.LoadOptions{Desired: d, Account: account})
	require.NoError(t, err)
	changes, _, err := iam.Plan(reading, d, iam.PlanOptions{})
	require.NoError(t, err)
	require.NoError(t, changes.Err())
	require.Len(t, changes.Steps, 8)

	scope := iam.MustScope(region, account)
	policy, err := iam.Requirements(slices.Concat(changes.Actions(), awsiam.Actions()), scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	guard, err := awscalls.NewGuard(awscalls.GuardOptions{
		Policies: iam.Policies{Identity: []iam.Document{policy}}, Principal: "arn:aws:iam::" + account + ":user/installer", Scope: scope, Catalog: catalog.Catalog{},
	})
	require.NoError(t, err)
	var recorder awscalls.Recorder
	cfg := configOf(url)
	cfg.APIOptions = append(cfg.APIOptions, guard.Attach, recorder.Attach)
	client := iamsdk.NewFromConfig(cfg)

	result, err := awsiam.Apply(ctx, client, changes, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Len(t, result.Done, 8)
	permissions, err := recorder.Permissions(catalog.Catalog{})
	require.NoError(t, err)
	for _, p := range changes.Actions() {
		if p != "iam:PutRolePermissionsBoundary" { // asked for to be safe: CreateRole sets the boundary
			assert.Contains(t, permissions, p, "the plan asks for no more than its calls need")
		}
	}
	made := len(slices.DeleteFunc(recorder.Calls(), func(c awscalls.Call) bool { return !isWrite(c) }))
	assert.Equal(t, 8, made)

	again, err := awsiam.Ensure(ctx, client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Empty(t, again.Done)
	assert.Len(t, slices.DeleteFunc(recorder.Calls(), func(c awscalls.Call) bool { return !isWrite(c) }), made, "the second time nothing is written")

	// Somebody changes a policy, and it is changed back.
	_, err = client.PutRolePolicy(ctx, &iamsdk.PutRolePolicyInput{RoleName: aws.String("demo-worker"), PolicyName: aws.String("logs"), PolicyDocument: aws.String(iam.MustDocument(iam.Allow("*").On("*")).String())})
	require.NoError(t, err)
	again, err = awsiam.Ensure(ctx, client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	require.Len(t, again.Done, 1)
	assert.Equal(t, iam.Action("iam:PutRolePolicy"), again.Done[0].Action)

	plain := iamsdk.NewFromConfig(configOf(url))
	reading, err = awsiam.Load(ctx, plain, awsiam.LoadOptions{Desired: d, Uses: true, Account: account})
	require.NoError(t, err)
	gone, _, err := iam.PlanDelete(reading, d, iam.PlanOptions{})
	require.NoError(t, err)
	_, err = awsiam.Apply(ctx, client, gone, awsiam.ApplyOptions{})
	require.ErrorIs(t, err, awscalls.ErrRefused, "the policy of the plan deletes nothing")
	_, err = awsiam.Apply(ctx, plain, gone, awsiam.ApplyOptions{})
	require.NoError(t, err)
	_, err = plain.GetRole(ctx, &iamsdk.GetRoleInput{RoleName: aws.String("demo-worker")})
	assert.ErrorContains(t, err, "NoSuchEntity")
}

// Every system gets its identities in one call, and a second one finds nothing to do.
func TestPresetsAppliedTwice(t *testing.T) {
	scope := iam.MustScope(region, account)
	operators := []string{"arn:aws:iam::444455556666:user/operator"}
	vault := presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab", Bucket: "demo-vault"}
	federation := presets.Federation{Issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"}
	sets := map[string]func() (presets.Set, error){
		"tectonic": func() (presets.Set, error) {
			return presets.Tectonic{Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com", Operators: operators}.Set(scope)
		},
		"elastic": func() (presets.Set, error) {
			return presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-elastic", VPC: "vpc-0a1", Secrets: "demo/"}.Set(scope)
		},
		"jenkins x": func() (presets.Set, error) {
			return presets.JenkinsX{
				Cluster: "demo", Federation: federation, Operators: operators, HostedZone: "Z0123",
				Buckets: []string{"demo-logs"}, Repositories: "acme/", Vault: vault, VaultUser: "vault",
			}.Set(scope)
		},
	}
	url := startMoto(t)
	admin := iamsdk.NewFromConfig(configOf(url))
	_, err := admin.CreateUser(t.Context(), &iamsdk.CreateUserInput{UserName: aws.String("vault")})
	require.NoError(t, err)
	for name, make := range sets {
		t.Run(name, func(t *testing.T) {
			set, err := make()
			require.NoError(t, err)
			d, err := set.Desired(scope, presets.DesiredOptions{Owner: "demo", Providers: true})
			require.NoError(t, err)
			var recorder awscalls.Recorder
			cfg := configOf(url)
			cfg.APIOptions = append(cfg.APIOptions, recorder.Attach)
			client := iamsdk.NewFromConfig(cfg)
			first, err := awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.NotEmpty(t, first.Done)
			made := len(slices.DeleteFunc(recorder.Calls(), func(c awscalls.Call) bool { return !isWrite(c) }))
			assert.Equal(t, len(first.Done), made)
			second, err := awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Empty(t, second.Done)
			assert.Len(t, slices.DeleteFunc(recorder.Calls(), func(c awscalls.Call) bool { return !isWrite(c) }), made)
		})
	}
}

// preflightActions are the permissions of those rules whose calls moto's access control decides
// as AWS does.
func preflightActions() []string {
	var list []string
	for _, rules := range [][]groundway.Rule{network.Rules(), sshkeys.Rules(), iam.PermissionRules()} {
		for _, r := range rules {
			list = append(list, r.Permissions...)
		}
	}
	list = slices.DeleteFunc(list, func(a string) bool {
		service, _, _ := strings.Cut(a, ":")
		return service != "ec2" && service != "iam" || a == "iam:SimulatePrincipalPolicy" // which moto does not implement
	})
	slices.Sort(list)
	return slices.Compact(list)
}

// A user with the policy of the preflight and nothing else sees everything; with any
// one action taken away, what that showed is unknown, and nothing else fails.
func TestPreflightUnderAccessControl(t *testing.T) {
	url := startMoto(t)
	ctx := t.Context()
	admin := iamsdk.NewFromConfig(configOf(url))
	s := publicSite(t, newClient(url))
	_, err := newClient(url).ImportKeyPair(ctx, &ec2sdk.ImportKeyPairInput{KeyName: aws.String("ops"), PublicKeyMaterial: []byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops@example.com")})
	require.NoError(t, err)

	user, principal := "checker", "arn:aws:iam::"+account+":user/checker"
	_, err = admin.CreateUser(ctx, &iamsdk.CreateUserInput{UserName: &user})
	require.NoError(t, err)
	_, err = admin.CreateGroup(ctx, &iamsdk.CreateGroupInput{GroupName: aws.String("checkers")})
	require.NoError(t, err)
	_, err = admin.AddUserToGroup(ctx, &iamsdk.AddUserToGroupInput{GroupName: aws.String("checkers"), UserName: &user})
	require.NoError(t, err)
	_, err = admin.PutGroupPolicy(ctx, &iamsdk.PutGroupPolicyInput{GroupName: aws.String("checkers"), PolicyName: aws.String("own"), PolicyDocument: aws.String(iam.MustDocument(iam.Allow("s3:ListAllMyBuckets").On("*")).String())})
	require.NoError(t, err)
	managed, err := admin.CreatePolicy(ctx, &iamsdk.CreatePolicyInput{PolicyName: aws.String("more"), PolicyDocument: aws.String(iam.MustDocument(iam.Allow("s3:ListAllMyBuckets").On("*")).String())})
	require.NoError(t, err)
	_, err = admin.AttachUserPolicy(ctx, &iamsdk.AttachUserPolicyInput{UserName: &user, PolicyArn: managed.Policy.Arn})
	require.NoError(t, err)
	key, err := admin.CreateAccessKey(ctx, &iamsdk.CreateAccessKeyInput{UserName: &user})
	require.NoError(t, err)
	boss := administrator(t, admin)

	scope := iam.MustScope(region, account)
	grant := func(actions []string) {
		d, err := iam.Requirements(actions, scope, iam.RequirementOptions{}) // on "*": moto knows few resources
		require.NoError(t, err)
		_, err = iamsdk.NewFromConfig(as(url, boss)).PutUserPolicy(ctx, &iamsdk.PutUserPolicyInput{UserName: &user, PolicyName: aws.String("preflight"), PolicyDocument: aws.String(d.String())})
		require.NoError(t, err)
	}
	enforce(t, url)
	cfg := as(url, aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey})
	run := func() []groundway.Finding {
		client := ec2sdk.NewFromConfig(cfg)
		n, err := awsnetwork.Load(ctx, client, s.vpc, awsnetwork.LoadOptions{Account: account, Region: region, Subnets: slices.Concat(s.controllers, s.workers), Cluster: "demo"})
		require.NoError(t, err)
		keys, err := awssshkeys.Load(ctx, client, awssshkeys.LoadOptions{Region: region})
		require.NoError(t, err)
		identities, err := awsiam.Load(ctx, iamsdk.NewFromConfig(cfg), awsiam.LoadOptions{Principal: principal, Account: account})
		require.NoError(t, err)
		own, err := iam.CheckPermissions(identities, iam.PermissionOptions{Principal: principal, Needs: []iam.Need{{Action: "s3:ListAllMyBuckets"}}})
		require.NoError(t, err)
		return slices.Concat(network.Check(n, s.options(t)), sshkeys.Check(keys, sshkeys.Options{Region: region, KeyName: "ops"}), own)
	}

	all := preflightActions()
	grant(all)
	full := run()
	unseen := unknown(full)
	for _, f := range full {
		assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", f.Code, f.Summary)
	}
	for action := range unseen {
		assert.NotContains(t, all, action, "granted, and not seen")
	}

	checked := 0
	for _, action := range all {
		if slices.Contains(notCalled, action) {
			continue
		}
		t.Run(action, func(t *testing.T) {
			grant(slices.DeleteFunc(slices.Clone(all), func(a string) bool { return a == action }))
			less := run()
			if !unknown(less)[action] {
				assert.Contains(t, notJudged, action, "nothing says that it could not be seen")
				return
			}
			checked++
			for _, f := range less {
				assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", f.Code, f.Summary)
			}
		})
	}
	assert.GreaterOrEqual(t, checked, 15)
}

// notCalled are calls that nothing here asks for: the principal is a user, and no
// route leads to the others.
var notCalled = []string{
	"ec2:DescribeEgressOnlyInternetGateways", "ec2:GetManagedPrefixListEntries",
	"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
}

// notJudged are calls whose absence the spec of this test does not need: nothing in
// it asks about what they show.
var notJudged = []string{"ec2:DescribeInstanceTypeOfferings", "ec2:DescribeVpcEndpoints"}

// unknown returns the actions that unknown findings name, but for those that moto
// cannot answer.
func unknown(findings []groundway.Finding) map[string]bool {
	actions := map[string]bool{}
	for _, f := range findings {
		if f.Outcome == groundway.Unknown && !slices.Contains(notShown, f.Code) {
			for _, e := range f.Evidence {
				actions[e.Source] = true
			}
		}
	}
	return actions
}

// administrator makes a user who may do everything, and returns its key.
func administrator(t *testing.T, admin *iamsdk.Client) aws.Credentials {
	t.Helper()
	name := aws.String("boss")
	_, err := admin.CreateUser(t.Context(), &iamsdk.CreateUserInput{UserName: name})
	require.NoError(t, err)
	_, err = admin.PutUserPolicy(t.Context(), &iamsdk.PutUserPolicyInput{UserName: name, PolicyName: aws.String("all"), PolicyDocument: aws.String(iam.MustDocument(iam.Allow("*").On("*")).String())})
	require.NoError(t, err)
	key, err := admin.CreateAccessKey(t.Context(), &iamsdk.CreateAccessKeyInput{UserName: name})
	require.NoError(t, err)
	return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}
}

// as configures clients with these credentials.
func as(url string, c aws.Credentials) aws.Config {
	cfg := configOf(url)
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
	return cfg
}

// enforce makes moto decide every call by policies from now on, see
// https://docs.getmoto.org/en/latest/docs/iam.html.
func enforce(t *testing.T, url string) {
	t.Helper()
	response, err := http.Post(url+"/moto-api/reset-auth", "text/plain", strings.NewReader("0"))
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, response.Body)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	t.Cleanup(func() {
		if response, err := http.Post(url+"/moto-api/reset-auth", "text/plain", strings.NewReader("inf")); err == nil {
			_ = response.Body.Close()
		}
	})
}
