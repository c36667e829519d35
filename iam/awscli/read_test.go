package awscli_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func dir(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

const key = resourcetest.KeyID

// whole is the account of resourcetest as the AWS CLI prints it.
func whole() map[string]string {
	return map[string]string{
		"iam-list-users.json":                                         `{"Users": [{"Path": "/", "UserName": "acmeuser", "UserId": "AIDAEXAMPLE", "Arn": "arn:aws:iam::111122223333:user/acmeuser"}]}`,
		"iam-list-access-keys-acmeuser.json":                          `{"AccessKeyMetadata": [{"UserName": "acmeuser", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"}]}`,
		"iam-list-attached-user-policies-acmeuser.json":               `{"AttachedPolicies": [{"PolicyName": "jenkins-x-vault", "PolicyArn": "arn:aws:iam::111122223333:policy/jenkins-x-vault"}]}`,
		"iam-list-roles.json":                                         `{"Roles": [` + role("cluster_installer_role") + `, ` + role("worker_node_role") + `]}`,
		"iam-list-role-policies-worker_node_role.json":                `{"PolicyNames": []}`,
		"iam-list-role-policies-cluster_installer_role.json":          `{"PolicyNames": []}`,
		"iam-list-attached-role-policies-worker_node_role.json":       `{"AttachedPolicies": [{"PolicyName": "worker_node_policy", "PolicyArn": "arn:aws:iam::111122223333:policy/worker_node_policy"}]}`,
		"iam-list-attached-role-policies-cluster_installer_role.json": `{"AttachedPolicies": [{"PolicyName": "cluster_installer_policy", "PolicyArn": "arn:aws:iam::111122223333:policy/cluster_installer_policy"}]}`,
		"iam-list-instance-profiles.json":                             `{"InstanceProfiles": [` + profile("cluster_installer_role") + `, ` + profile("worker_node_role") + `]}`,
		"ec2-describe-instances.json": `{"Reservations": [
			{"Instances": [{"InstanceId": "i-0a1", "State": {"Code": 16, "Name": "running"}, "VpcId": "vpc-0a1", "SubnetId": "subnet-0c1", "PublicIpAddress": "203.0.113.7", "KeyName": "ops"}]},
			{"Instances": [{"InstanceId": "i-0b2", "State": {"Code": 16, "Name": "running"}, "VpcId": "vpc-0a1", "SubnetId": "subnet-0e1", "KeyName": "ops",
				"IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/cluster_installer_role", "Id": "AIPAEXAMPLE"}}]}]}`,
		"dynamodb-list-tables.json": `{"TableNames": ["vault-data"]}`,
		"dynamodb-describe-table-vault-data.json": `{"Table": {"TableName": "vault-data", "TableArn": "arn:aws:dynamodb:us-east-1:111122223333:table/vault-data", "TableStatus": "ACTIVE",
			"AttributeDefinitions": [{"AttributeName": "Key", "AttributeType": "S"}, {"AttributeName": "Path", "AttributeType": "S"}],
			"KeySchema": [{"AttributeName": "Path", "KeyType": "HASH"}, {"AttributeName": "Key", "KeyType": "RANGE"}]}}`,
		"kms-list-keys.json":    `{"Keys": [{"KeyId": "` + key + `", "KeyArn": "arn:aws:kms:us-east-1:111122223333:key/` + key + `"}]}`,
		"kms-list-aliases.json": `{"Aliases": [{"AliasName": "alias/vault", "TargetKeyId": "` + key + `"}, {"AliasName": "alias/aws/ebs"}]}`,
		"kms-describe-key-" + key + ".json": `{"KeyMetadata": {"KeyId": "` + key + `", "Arn": "arn:aws:kms:us-east-1:111122223333:key/` + key + `",
			"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}}`,
		"kms-get-key-policy-" + key + ".json":           `{"Policy": "` + strings.ReplaceAll(resourcetest.KeyPolicy, `"`, `\"`) + `", "PolicyName": "default"}`,
		"s3api-list-buckets.json":                       `{"Buckets": [{"Name": "acme-logs", "BucketRegion": "us-east-1"}, {"Name": "acme-vault", "BucketRegion": "us-east-1"}], "Owner": {"ID": "0a"}}`,
		"s3api-get-bucket-location-acme-logs.json":      `{"LocationConstraint": null}`,
		"s3api-get-bucket-location-acme-vault.json":     `{"LocationConstraint": null}`,
		"s3api-get-public-access-block-acme-logs.json":  blocked,
		"s3api-get-public-access-block-acme-vault.json": blocked,
		"s3api-get-bucket-encryption-acme-logs.json":    encrypted,
		"s3api-get-bucket-encryption-acme-vault.json":   encrypted,
		"s3api-get-bucket-versioning-acme-logs.json":    `{"Status": "Enabled"}`,
		"s3api-get-bucket-versioning-acme-vault.json":   `{"Status": "Enabled"}`,
		"secretsmanager-list-secrets.json":              `{"SecretList": [{"ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:elastic/agent-AbCdEf", "Name": "elastic/agent"}]}`,
		"secretsmanager-get-resource-policy-agent.json": `{"ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:elastic/agent-AbCdEf", "Name": "elastic/agent"}`,
		"ecr-describe-repositories.json":                `{"repositories": [{"repositoryArn": "arn:aws:ecr:us-east-1:111122223333:repository/acme/app", "repositoryName": "acme/app"}]}`,
		"cloudformation-describe-stacks.json":           `{"Stacks": [{"StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/JenkinsXPolicies-f00d/0a1b", "StackName": "JenkinsXPolicies-f00d", "StackStatus": "UPDATE_COMPLETE"}]}`,
		"efs-describe-file-systems.json":                `{"FileSystems": [{"FileSystemId": "fs-0a1", "FileSystemArn": "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1", "LifeCycleState": "available", "Encrypted": true}]}`,
		"efs-describe-mount-targets-fs-0a1.json": `{"MountTargets": [
			{"MountTargetId": "fsmt-0a1", "SubnetId": "subnet-0e1", "VpcId": "vpc-0a1", "AvailabilityZoneName": "us-east-1a", "LifeCycleState": "available"},
			{"MountTargetId": "fsmt-0b2", "SubnetId": "subnet-0f1", "VpcId": "vpc-0a1", "AvailabilityZoneName": "us-east-1b", "LifeCycleState": "available"}]}`,
	}
}

const (
	blocked   = `{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}`
	encrypted = `{"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}]}}`
)

func role(name string) string {
	return `{"RoleName": "` + name + `", "Arn": "arn:aws:iam::111122223333:role/` + name + `", "AssumeRolePolicyDocument": ` + resourcetest.EC2Trust + `}`
}

func profile(name string) string {
	return `{"InstanceProfileName": "` + name + `", "Arn": "arn:aws:iam::111122223333:instance-profile/` + name + `", "Roles": [{"RoleName": "` + name + `"}]}`
}

// What the AWS CLI prints of the account is the account.
func TestRead(t *testing.T) {
	t.Parallel()
	s, err := awscli.ReadResources(dir(whole()))
	require.NoError(t, err)
	want, o := resourcetest.Account()
	want.Observation = groundway.Observation{}
	want.KeyHolders = groundway.Part[resource.KeyHolder]{} // no file says whose a key is
	// S3 was not asked about other buckets.
	want.Buckets.Partial, want.Buckets.Gaps = true, s.Buckets.Gaps
	assert.Equal(t, []groundway.Gap{{Action: "s3:GetBucketLocation", Message: "no file s3api-get-bucket-location-BUCKET.json for other buckets"}}, s.Buckets.Gaps)
	assert.Equal(t, want, s)
	for _, f := range resource.Check(s, o) {
		if f.Code != "iam/user-access-key-foreign" {
			assert.NotContains(t, []groundway.Outcome{groundway.Failed, groundway.Unknown}, f.Outcome, "%s: %s", f.Code, f.Summary)
		}
	}
	text, err := s.MarshalJSON()
	require.NoError(t, err)
	assert.NotContains(t, string(text), "AKIA", "an access key ID is kept as its digest")
}

// Each file that is missing is a gap that names it and its action, and makes
// nothing pass or fail that the others do not.
func TestMissingFiles(t *testing.T) {
	t.Parallel()
	for name := range whole() {
		files := whole()
		delete(files, name)
		s, err := awscli.ReadResources(dir(files))
		require.NoError(t, err)
		_, o := resourcetest.Account()
		unknown := 0
		for _, f := range resource.Check(s, o) {
			assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s: %s", name, f.Code, f.Summary)
			if f.Outcome == groundway.Unknown && f.Code != "iam/user-access-key-foreign" {
				unknown++
			}
		}
		spare := map[string]bool{ // what another file shows too
			"kms-list-keys.json": true, "s3api-get-bucket-location-acme-logs.json": true, "s3api-get-bucket-location-acme-vault.json": true,
			"iam-list-access-keys-acmeuser.json": true, "dynamodb-list-tables.json": true,
			"iam-list-role-policies-worker_node_role.json": true, "iam-list-role-policies-cluster_installer_role.json": true,
		}
		assert.Equal(t, !spare[name], unknown > 0, "%s: %d unknown", name, unknown)
	}
}

func TestReadVariants(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		check func(*testing.T, resource.Snapshot)
	}{
		{"nothing", nil, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, []groundway.Gap{{Action: "iam:ListUsers", Message: "no file iam-list-users.json"}}, s.Users.Gaps)
			assert.Equal(t, []groundway.Gap{{Action: "dynamodb:ListTables", Message: "no file dynamodb-list-tables.json"}}, s.Tables.Gaps)
			assert.False(t, s.Buckets.Seen || s.Tables.Seen || s.Keys.Seen || s.FileSystems.Seen)
		}},
		{"empty lists", map[string]string{"cloudformation-describe-stacks.json": `{"Stacks": []}`, "dynamodb-list-tables.json": `{"TableNames": []}`}, func(t *testing.T, s resource.Snapshot) {
			assert.True(t, s.Stacks.Complete() && s.Tables.Complete())
		}},
		{"a first page", map[string]string{"cloudformation-describe-stacks.json": `{"Stacks": [], "NextToken": "eyJ"}`}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, groundway.Part[resource.Stack]{Seen: true, Partial: true, Gaps: []groundway.Gap{{
				Action: "cloudformation:DescribeStacks", Message: "cloudformation-describe-stacks.json holds the first page only: it has a NextToken",
			}}}, s.Stacks)
		}},
		{"first pages of keys, aliases and buckets", map[string]string{
			"kms-list-keys.json": `{"Keys": [], "NextMarker": "x", "Truncated": true}`, "kms-list-aliases.json": `{"Aliases": [], "NextToken": "x"}`,
			"s3api-list-buckets.json": `{"Buckets": [], "ContinuationToken": "x"}`,
		}, func(t *testing.T, s resource.Snapshot) {
			assert.True(t, s.Keys.Partial && s.OwnBuckets.Partial)
			assert.Equal(t, []groundway.Gap{
				{Action: "kms:ListKeys", Message: "kms-list-keys.json holds the first page only: it has a NextMarker"},
				{Action: "kms:ListAliases", Message: "kms-list-aliases.json holds the first page only: it has a NextToken"},
			}, s.Keys.Gaps)
		}},
		{"a trust policy as part of a URL", map[string]string{"iam-list-roles.json": `{"Roles": [{"RoleName": "r", "AssumeRolePolicyDocument": "%7B%22a+b%22%3A1%7D"}]}`}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, `{"a+b":1}`, s.Roles.Items[0].Trust)
		}},
		{"a page of IAM that is the last", map[string]string{"iam-list-instance-profiles.json": `{"InstanceProfiles": [], "IsTruncated": false, "Marker": "x"}`}, func(t *testing.T, s resource.Snapshot) {
			assert.True(t, s.Profiles.Complete())
		}},
		{"a table without its list", map[string]string{"dynamodb-describe-table-a.json": `{"Table": {"TableName": "a"}}`}, func(t *testing.T, s resource.Snapshot) {
			assert.True(t, s.Tables.Seen && s.Tables.Partial)
			assert.Len(t, s.Tables.Items, 1)
		}},
		{"a key whose files are named by its alias", map[string]string{
			"kms-describe-key-vault.json": `{"KeyMetadata": {"KeyId": "0a1b", "KeyState": "Enabled"}}`, "kms-get-key-policy-vault.json": `{"Policy": "{}"}`,
			"kms-list-aliases.json": `{"Aliases": [{"AliasName": "alias/vault", "TargetKeyId": "0a1b"}]}`,
		}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, resource.Key{ID: "0a1b", State: "Enabled", Aliases: []string{"alias/vault"}, Policy: "{}"}, s.Keys.Items[0])
		}},
		{"a bucket that never had versions", map[string]string{"s3api-get-bucket-versioning-b.json": ""}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, "never", s.Buckets.Items[0].Versioning)
		}},
		{"a bucket of Ireland", map[string]string{"s3api-get-bucket-location-b.json": `{"LocationConstraint": "EU"}`}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, "eu-west-1", s.Buckets.Items[0].Region)
		}},
		{"a bucket that is half open", map[string]string{"s3api-get-public-access-block-b.json": `{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}`}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, "BlockPublicAcls", s.Buckets.Items[0].Blocks)
		}},
		{"dates of both versions", map[string]string{"secretsmanager-list-secrets.json": `{"SecretList": [{"Name": "a", "DeletedDate": "2026-01-02T03:04:05.500000+00:00"}, {"Name": "b", "DeletedDate": 1767323045.5}]}`}, func(t *testing.T, s resource.Snapshot) {
			at := time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC)
			assert.Equal(t, []time.Time{at, at}, []time.Time{s.Secrets.Items[0].Deleted, s.Secrets.Items[1].Deleted})
		}},
		{"policies of two secrets, one named for its last part", map[string]string{
			"secretsmanager-list-secrets.json":          `{"SecretList": [{"Name": "a/b"}, {"Name": "c"}, {"Name": "b"}]}`,
			"secretsmanager-get-resource-policy-b.json": `{"Name": "a/b", "ResourcePolicy": "{}"}`, "secretsmanager-get-resource-policy-c.json": `{"Name": "c"}`,
		}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, []resource.Secret{{Name: "a/b", Policy: "{}"}, {Name: "c", Policy: "none"}, {Name: "b"}}, []resource.Secret(s.Secrets.Items))
		}},
		{"a replica", map[string]string{"secretsmanager-list-secrets.json": `{"SecretList": [{"Name": "a", "ARN": "arn:aws:secretsmanager:us-east-1:1:secret:a", "PrimaryRegion": "eu-west-1"}]}`}, func(t *testing.T, s resource.Snapshot) {
			assert.Equal(t, "eu-west-1", s.Secrets.Items[0].Replica)
		}},
		{"files of others", map[string]string{"ec2-describe-vpcs.json": "{", "notes.txt": ""}, func(t *testing.T, s resource.Snapshot) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := awscli.ReadResources(dir(tt.files))
			require.NoError(t, err)
			tt.check(t, s)
		})
	}
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is gone") }

func TestReadErrors(t *testing.T) {
	t.Parallel()
	one := func(name, text string) fs.FS { return dir(map[string]string{name: text}) }
	for _, tt := range []struct {
		name string
		dir  fs.FS
		want string
	}{
		{"another command's output", one("iam-list-users.json", `{"Roles": []}`), `iam-list-users.json:1:1: Users is missing; want the output of aws iam list-users`},
		{"no name", one("iam-list-users.json", `{"Users": [{}]}`), `iam-list-users.json:1:12: Users[0]: UserName is missing`},
		{"a name twice", one("cloudformation-describe-stacks.json", `{"Stacks": [{"StackName": "a"}, {"StackName": "a"}]}`), `cloudformation-describe-stacks.json:1:33: Stacks[1]: "a" stands twice, first on line 1`},
		{"a number for a name", one("dynamodb-list-tables.json", `{"TableNames": ["a", 7]}`), `dynamodb-list-tables.json:1:22: TableNames[1]: got 7, want a string`},
		{"a list for a text", one("ecr-describe-repositories.json", `{"repositories": [{"repositoryName": []}]}`), `ecr-describe-repositories.json:1:38: repositories[0].repositoryName: got a list, want a string`},
		{"a file of another table", one("dynamodb-describe-table-a.json", `{"Table": {"TableName": "b"}}`), `dynamodb-describe-table-a.json:1:11: Table: TableName is "b"; want "a", which the file is named for`},
		{"no time", one("secretsmanager-list-secrets.json", `{"SecretList": [{"Name": "a", "DeletedDate": "soon"}]}`), `secretsmanager-list-secrets.json:1:46: SecretList[0].DeletedDate: is no time; want one such as 2026-01-02T15:04:05+00:00`},
		{"no location", one("s3api-get-bucket-location-b.json", `{}`), `s3api-get-bucket-location-b.json:1:1: LocationConstraint is missing; want the output of aws s3api get-bucket-location --bucket BUCKET`},
		{"an empty file", one("s3api-get-bucket-location-b.json", ``), `s3api-get-bucket-location-b.json:1:1: `},
		{"a placeholder", one("iam-list-access-keys-USER.json", `{}`), `iam-list-access-keys-USER.json: want the name of what it is about in place of USER`},
		{"a slip of the pen", one("iam-list-user.json", `{}`), `iam-list-user.json: is not read under this name; rename it to iam-list-users.json, or move it out of the directory`},
		{"no directory", broken{}, "read dump: the disk is gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := awscli.ReadResources(tt.dir)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, resource.Snapshot{}, s)
		})
	}
}

// The names follow the rule: service, command, and what it is about.
func TestFiles(t *testing.T) {
	t.Parallel()
	names := []string{}
	text, err := groundway.MarshalSnapshot(groundway.Observation{}, resource.Parts{}, iam.Parts{})
	require.NoError(t, err)
	for _, f := range awscli.Files() {
		assert.True(t, strings.HasPrefix(f.Name, f.Command[1]+"-"+f.Command[2]), f.Name)
		assert.Contains(t, string(text), `"`+f.Part+`"`)
		assert.Contains(t, f.Action, ":")
		names = append(names, f.Name)
	}
	assert.IsIncreasing(t, names)
}

// The files of the options are those of the account, and a shell reads the script.
func TestScript(t *testing.T) {
	t.Parallel()
	_, o := resourcetest.Account()
	files := awscli.FilesFor(o)
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	for name := range whole() {
		assert.Contains(t, names, name)
	}
	assert.Contains(t, names, "kms-describe-key-vault.json", "of an alias")
	assert.Len(t, names, len(whole())+2)
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	cmd := exec.Command(shell, "-s")
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader("region=us-east-1\nsave() { file=$1; shift; printf '%s\\n' \"$*\" >\"$file\"; }\naws() { printf '%s' \"${4#alias/}-of-$6\"; }\n" + awscli.Script(files))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	made, err := filepath.Glob(filepath.Join(cmd.Dir, "*.json"))
	require.NoError(t, err)
	assert.Len(t, made, len(files))
	policy, err := os.ReadFile(filepath.Join(cmd.Dir, "kms-get-key-policy-vault.json"))
	require.NoError(t, err)
	assert.Equal(t, "kms get-key-policy --policy-name default --key-id vault-of-us-east-1\n", string(policy))

	assert.Empty(t, awscli.FilesFor(resource.Options{KMS: &resource.KMSUse{}, Vault: &resource.Vault{AutoCreate: true}}), "nothing is named")
	o.Vault.User, o.Vault.Table, o.Vault.Bucket = "$(id)", "a b", "--help"
	script := awscli.Script(awscli.FilesFor(o))
	assert.NotContains(t, script, "$(id)")
	assert.NotContains(t, script, "--help")
}

func FuzzReadResources(f *testing.F) {
	for name, text := range whole() {
		f.Add(name, []byte(text))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		files := dir(whole())
		if !fs.ValidPath(name) || strings.Contains(name, "/") || name == "." {
			return
		}
		files[name] = &fstest.MapFile{Data: data}
		s, err := awscli.ReadResources(files)
		if err != nil {
			require.Equal(t, resource.Snapshot{}, s)
			return
		}
		text, err := s.MarshalJSON()
		require.NoError(t, err)
		var back resource.Snapshot
		require.NoError(t, back.UnmarshalJSON(text))
		_, o := resourcetest.Account()
		resource.Check(s, o)
	})
}
