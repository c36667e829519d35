package aws_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

// accountDetails is the answer of iam:GetAccountAuthorizationDetails as the SDK decodes
// it, whose documents are still parts of URLs, and as the AWS CLI prints it.
func accountDetails(t *testing.T, url string, client *iamsdk.Client) map[string][]byte {
	t.Helper()
	out, err := client.GetAccountAuthorizationDetails(t.Context(), &iamsdk.GetAccountAuthorizationDetailsInput{})
	require.NoError(t, err)
	text, err := json.Marshal(out)
	require.NoError(t, err)
	forms := map[string][]byte{"SDK": text}
	cmd := exec.CommandContext(t.Context(), program.AWS.Built(t), "iam", "get-account-authorization-details", "--output", "json", "--region", region, "--endpoint-url", url)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing")
	forms["AWS CLI"], err = cmd.Output()
	require.NoError(t, err)
	return forms
}

// A dump says of every principal what a live reading does.
func TestIdentitiesFromDump(t *testing.T) {
	url := startMoto(t)
	ctx := t.Context()
	client := iamsdk.NewFromConfig(configOf(url))
	_, err := awsiam.Ensure(ctx, client, identities(), iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	user, group := aws.String("ops"), aws.String("installers")
	_, err = client.CreateUser(ctx, &iamsdk.CreateUserInput{UserName: user})
	require.NoError(t, err)
	_, err = client.CreateGroup(ctx, &iamsdk.CreateGroupInput{GroupName: group})
	require.NoError(t, err)
	_, err = client.AddUserToGroup(ctx, &iamsdk.AddUserToGroupInput{GroupName: group, UserName: user})
	require.NoError(t, err)
	own := iam.MustDocument(iam.Allow("ec2:*").On("*"), iam.Deny("ec2:TerminateInstances").On("*")).String()
	_, err = client.PutGroupPolicy(ctx, &iamsdk.PutGroupPolicyInput{GroupName: group, PolicyName: aws.String("own"), PolicyDocument: &own})
	require.NoError(t, err)
	managed := "arn:aws:iam::" + account + ":policy/demo/demo-nodes"
	_, err = client.AttachGroupPolicy(ctx, &iamsdk.AttachGroupPolicyInput{GroupName: group, PolicyArn: &managed})
	require.NoError(t, err)
	_, err = client.CreatePolicyVersion(ctx, &iamsdk.CreatePolicyVersionInput{
		PolicyArn: &managed, SetAsDefault: true, PolicyDocument: aws.String(iam.MustDocument(iam.Allow("ec2:DescribeInstances", "s3:ListAllMyBuckets").On("*")).String()),
	})
	require.NoError(t, err)

	forms := accountDetails(t, url, client)
	for _, principal := range []string{
		"arn:aws:sts::" + account + ":assumed-role/demo-worker/run", "arn:aws:iam::" + account + ":role/demo-pods", "arn:aws:iam::" + account + ":user/ops", "arn:aws:iam::" + account + ":user/nobody",
	} {
		o := iam.PermissionOptions{Principal: principal, Needs: []iam.Need{
			{Action: "ec2:RunInstances"}, {Action: "ec2:TerminateInstances"}, {Action: "ec2:DescribeInstances"}, {Action: "s3:ListAllMyBuckets"}, {Action: "logs:PutLogEvents"},
		}}
		live, err := awsiam.Load(ctx, client, awsiam.LoadOptions{Principal: principal, Account: account})
		require.NoError(t, err)
		want := judged(t, live, o)
		for name, text := range forms {
			s, err := awscli.ReadIdentities(fstest.MapFS{"iam-get-account-authorization-details.json": {Data: text}})
			require.NoError(t, err)
			assert.Equal(t, want, judged(t, s, o), "%s of %s", name, principal)
		}
	}
}

// judged returns what the rules decide of which actions, but for service control
// policies, which neither reading sees.
func judged(t *testing.T, s iam.Snapshot, o iam.PermissionOptions) map[string][]string {
	t.Helper()
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	list := map[string][]string{}
	for _, f := range findings {
		if f.Code == "iam/permission-scp" || f.Outcome != groundway.Failed && f.Outcome != groundway.Unknown {
			continue
		}
		for _, e := range f.Evidence {
			if e.Want != "seen" {
				key := f.Outcome.String() + " " + string(f.Code)
				list[key] = append(list[key], e.Want)
			}
		}
	}
	return list
}

// What the AWS CLI itself prints of a good account is judged as the account is, but for
// what no file shows.
func TestResourcesFromDump(t *testing.T) {
	program.AWS.Built(t)
	url := startMoto(t)
	o := newBuilder(t, url).good()
	dir := t.TempDir()
	var script strings.Builder
	fmt.Fprintf(&script, "region=%s\nsave() { file=$1; shift; { aws \"$@\" --region \"$region\" --output json >$file || rm -f $file; } & }\n", region)
	script.WriteString(awscli.Script(awscli.FilesFor(o)))
	script.WriteString("wait\n")
	cmd := exec.CommandContext(t.Context(), "sh", "-s")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(script.String())
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_ENDPOINT_URL="+url)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	s, err := awscli.ReadResources(os.DirFS(dir))
	require.NoError(t, err)
	s.Account, s.Region = account, region
	report := groundway.NewReport(time.Time{}, resource.Check(s, o))
	assert.Empty(t, codes(report, groundway.Failed), "%s", out)
	assert.ElementsMatch(t, []groundway.Code{
		"iam/user-access-key-foreign", // nobody used the key
		// Whether another account has the bucket that is to be made is seen live alone.
		"iam/bucket-not-found", "iam/bucket-other-account", "iam/bucket-other-region", "iam/bucket-not-encrypted", "iam/bucket-not-versioned", "iam/bucket-public-access",
	}, codes(report, groundway.Unknown), "%s", out)
	o.Vault.Table, o.Secrets[0].Secret, o.FileSystem.ID, o.Vault.User = "vault-none", "none", "fs-0123456789abcdef0", "nobody"
	report = groundway.NewReport(time.Time{}, resource.Check(s, o))
	assert.ElementsMatch(t, []groundway.Code{"iam/table-not-found", "iam/secret-not-found", "iam/file-system-not-found", "iam/vault-user-not-found"}, codes(report, groundway.Failed))
}
