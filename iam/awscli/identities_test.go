package awscli_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	fileDetails = "iam-get-account-authorization-details.json"
	fileCaller  = "sts-get-caller-identity.json"

	arns       = "arn:aws:iam::111122223333:"
	reads      = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}`
	runs       = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ec2:RunInstances", "iam:PassRole"], "Resource": "*"}]}`
	ends       = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:TerminateInstances", "Resource": "*"}]}`
	everything = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}`
	trust      = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`

	session = `{"UserId": "AROAEXAMPLE:run", "Account": "111122223333", "Arn": "arn:aws:sts::111122223333:assumed-role/installer/run"}`
)

// asURL is a document as IAM sends it, and as programs print it that do not decode it.
func asURL(document string) string { return `"` + url.PathEscape(document) + `"` }

// accountDetails is a role below a path with a boundary, and a user of a group.
var accountDetails = `{
	"UserDetailList": [{
		"Path": "/", "UserName": "ops", "UserId": "AIDAEXAMPLE", "Arn": "` + arns + `user/ops", "CreateDate": "2026-01-02T03:04:05+00:00",
		"UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ` + asURL(reads) + `}], "GroupList": ["installers"], "AttachedManagedPolicies": []
	}],
	"GroupDetailList": [{
		"Path": "/", "GroupName": "installers", "Arn": "` + arns + `group/installers",
		"GroupPolicyList": [{"PolicyName": "ends", "PolicyDocument": ` + ends + `}],
		"AttachedManagedPolicies": [{"PolicyName": "runs", "PolicyArn": "` + arns + `policy/demo/runs"}]
	}],
	"RoleDetailList": [{
		"Path": "/demo/", "RoleName": "installer", "RoleId": "AROAEXAMPLE", "Arn": "` + arns + `role/demo/installer", "AssumeRolePolicyDocument": ` + trust + `,
		"InstanceProfileList": [], "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": ` + runs + `}],
		"AttachedManagedPolicies": [{"PolicyName": "ReadOnly", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnly"}],
		"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "` + arns + `policy/limit"},
		"Tags": [{"Key": "team", "Value": "a"}], "RoleLastUsed": {}
	}],
	"Policies": [
		{"PolicyName": "runs", "Arn": "` + arns + `policy/demo/runs", "Path": "/demo/", "DefaultVersionId": "v10", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "PolicyVersionList": [
			{"Document": ` + runs + `, "VersionId": "v10", "IsDefaultVersion": true}, {"Document": ` + everything + `, "VersionId": "v9", "IsDefaultVersion": false}]},
		{"PolicyName": "ReadOnly", "Arn": "arn:aws:iam::aws:policy/ReadOnly", "DefaultVersionId": "v1", "AttachmentCount": 1, "PolicyVersionList": [{"Document": ` + reads + `, "VersionId": "v1", "IsDefaultVersion": true}]},
		{"PolicyName": "limit", "Arn": "` + arns + `policy/limit", "DefaultVersionId": "v1", "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 1, "PolicyVersionList": [{"Document": ` + everything + `, "VersionId": "v1", "IsDefaultVersion": true}]}
	]
}`

func identityFiles() map[string]string {
	return map[string]string{fileDetails: accountDetails, fileCaller: session}
}

var noSCPs = groundway.UnseenPart[iam.SCPDetail](
	groundway.Gap{Action: "organizations:DescribePolicy", Message: "no file of a dump holds service control policies"},
	groundway.Gap{Action: "organizations:ListPoliciesForTarget", Message: "no file of a dump holds service control policies"},
)

func TestReadIdentities(t *testing.T) {
	t.Parallel()
	s, err := awscli.ReadIdentities(dir(identityFiles()))
	require.NoError(t, err)
	want := iam.Snapshot{Observation: groundway.Observation{Account: "111122223333"}, Parts: iam.Parts{
		Callers: groundway.SeenPart(iam.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/installer/run", UserID: "AROAEXAMPLE:run"}),
		Roles: groundway.SeenPart(iam.RoleDetail{
			Name: "installer", Path: "/demo/", ARN: arns + "role/demo/installer", ID: "AROAEXAMPLE", Trust: trust, Boundary: arns + "policy/limit", Tags: map[string]string{"team": "a"},
		}),
		Users: groundway.SeenPart(iam.UserDetail{Name: "ops", Path: "/", ARN: arns + "user/ops", ID: "AIDAEXAMPLE", Groups: []string{"installers"}}),
		Inline: groundway.SeenPart(
			iam.InlinePolicyDetail{Owner: "role/installer", Name: "own", Document: runs}, iam.InlinePolicyDetail{Owner: "user/ops", Name: "own", Document: reads},
			iam.InlinePolicyDetail{Owner: "group/installers", Name: "ends", Document: ends},
		),
		Attached: groundway.SeenPart(
			iam.AttachedPolicy{Owner: "role/installer", ARN: "arn:aws:iam::aws:policy/ReadOnly"}, iam.AttachedPolicy{Owner: "group/installers", ARN: arns + "policy/demo/runs"},
		),
		Policies: groundway.SeenPart(
			iam.ManagedPolicyDetail{ARN: arns + "policy/demo/runs", Name: "runs", Path: "/demo/", Default: "v10", Versions: []string{"v9", "v10"}, Document: runs, Attachments: 1},
			iam.ManagedPolicyDetail{ARN: "arn:aws:iam::aws:policy/ReadOnly", Name: "ReadOnly", Default: "v1", Versions: []string{"v1"}, Document: reads, Attachments: 1},
			iam.ManagedPolicyDetail{ARN: arns + "policy/limit", Name: "limit", Default: "v1", Versions: []string{"v1"}, Document: everything, Bounds: 1},
		),
		SCPs: noSCPs,
	}}
	assert.Equal(t, want, s)
}

// judge returns what the dump says of a principal and some actions, without the service
// control policies.
func judge(t *testing.T, files map[string]string, principal string, actions ...iam.Action) map[groundway.Code]string {
	t.Helper()
	s, err := awscli.ReadIdentities(dir(files))
	require.NoError(t, err)
	o := iam.PermissionOptions{Principal: principal}
	for _, a := range actions {
		o.Needs = append(o.Needs, iam.Need{Action: a})
	}
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	got := map[groundway.Code]string{}
	for _, f := range findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown && f.Code != "iam/permission-scp" {
			got[f.Code] = f.Outcome.String() + ": " + f.Summary
		}
	}
	return got
}

// The policies of a dump decide, and what it does not hold is unknown.
func TestReadIdentitiesDecides(t *testing.T) {
	t.Parallel()
	user := arns + "user/ops"
	without := func(old, with string) map[string]string {
		files := identityFiles()
		require.Contains(t, files[fileDetails], old)
		files[fileDetails] = strings.Replace(files[fileDetails], old, with, 1)
		return files
	}
	for _, tt := range []struct {
		name      string
		files     map[string]string
		principal string
		actions   []iam.Action
		want      map[groundway.Code]string
	}{
		{"a session of the role", identityFiles(), "", []iam.Action{"ec2:RunInstances", "ec2:DescribeVpcs"}, map[groundway.Code]string{}},
		{"what no policy allows", identityFiles(), "", []iam.Action{"ec2:CreateVpc"}, map[groundway.Code]string{
			"iam/permission-missing": `failed: No policy of the role "installer" allows ec2:CreateVpc.`,
		}},
		{"what the boundary keeps", identityFiles(), arns + "role/demo/installer", []iam.Action{"iam:PassRole"}, map[groundway.Code]string{
			"iam/permission-boundary": `failed: The permissions boundary of the role "installer" keeps it from iam:PassRole.`,
		}},
		{"a user by its own policy and that of its group", identityFiles(), user, []iam.Action{"ec2:RunInstances", "ec2:DescribeVpcs"}, map[groundway.Code]string{}},
		{"a user that its group's policy denies", identityFiles(), user, []iam.Action{"ec2:TerminateInstances"}, map[groundway.Code]string{
			"iam/permission-denied": `failed: The policy "ends" denies the user "ops" ec2:TerminateInstances.`,
		}},
		{"the default version and not another", identityFiles(), user, []iam.Action{"ec2:CreateVpc"}, map[groundway.Code]string{
			"iam/permission-missing": `failed: No policy of the user "ops" allows ec2:CreateVpc.`,
		}},
		{"no details of the group, as with --filter User", without(`"GroupName": "installers"`, `"GroupName": "others"`), user, []iam.Action{"ec2:RunInstances"}, map[groundway.Code]string{
			"iam/permission-missing": `unknown: It could not be decided whether the policies of the identity allow the user "ops" to call ec2:RunInstances: not all policies could be seen: iam:GetAccountAuthorizationDetails (iam-get-account-authorization-details.json holds no details of the group "installers" of the user "ops").`,
		}},
		{"no details of an attached policy", without(`"Arn": "arn:aws:iam::aws:policy/ReadOnly"`, `"Arn": "arn:aws:iam::aws:policy/Other"`), "", []iam.Action{"ec2:DescribeVpcs"}, map[groundway.Code]string{
			"iam/permission-missing": `unknown: It could not be decided whether the policies of the identity allow the role "installer" to call ec2:DescribeVpcs: not all policies could be seen: iam:GetPolicy (the policy "arn:aws:iam::aws:policy/ReadOnly" of "installer" was not seen).`,
		}},
		{"no text of the default version", without(`"DefaultVersionId": "v10"`, `"DefaultVersionId": "v11"`), user, []iam.Action{"ec2:RunInstances"}, map[groundway.Code]string{
			"iam/permission-missing": `unknown: It could not be decided whether the policies of the identity allow the user "ops" to call ec2:RunInstances: not all policies could be seen: iam:GetAccountAuthorizationDetails (iam-get-account-authorization-details.json holds no text of the default version of "arn:aws:iam::111122223333:policy/demo/runs").`,
		}},
		{"a first page", without(`"UserDetailList"`, `"Marker": "eyJ", "IsTruncated": true, "UserDetailList"`), "", []iam.Action{"ec2:CreateVpc"}, map[groundway.Code]string{
			"iam/permission-missing": `unknown: It could not be decided whether the policies of the identity allow the role "installer" to call ec2:CreateVpc: not all policies could be seen: iam:GetAccountAuthorizationDetails (iam-get-account-authorization-details.json holds the first page only: it has a Marker).`,
		}},
		{"a list that is not there", without(`"RoleDetailList"`, `"Roles"`), "", []iam.Action{"ec2:RunInstances"}, map[groundway.Code]string{
			"iam/permission-missing":  `unknown: It could not be decided whether the policies of the identity allow the role "installer" to call ec2:RunInstances: the policies could not be seen: iam:GetAccountAuthorizationDetails (iam-get-account-authorization-details.json holds no RoleDetailList).`,
			"iam/permission-boundary": `unknown: It could not be decided whether the permissions boundary and its policy allow the role "installer" to call ec2:RunInstances: the policies could not be seen: iam:GetAccountAuthorizationDetails (iam-get-account-authorization-details.json holds no RoleDetailList).`,
		}},
		{"text that is no policy", without(runs, `"no policy"`), "", []iam.Action{"ec2:RunInstances"}, map[groundway.Code]string{
			"iam/permission-missing": `unknown: It could not be decided whether the policies of the identity allow the role "installer" to call ec2:RunInstances: not all policies could be seen: iam:GetRolePolicy (the policy "own" cannot be read: parse policy: line 1 column 1: want a policy document in braces, got 'n').`,
		}},
		{"no file", map[string]string{}, user, []iam.Action{"ec2:RunInstances"}, map[groundway.Code]string{
			"iam/permission-missing":  `unknown: It could not be decided whether the policies of the identity allow the user "ops" to call ec2:RunInstances: the policies could not be seen: iam:GetAccountAuthorizationDetails (no file iam-get-account-authorization-details.json).`,
			"iam/permission-boundary": `unknown: It could not be decided whether the permissions boundary and its policy allow the user "ops" to call ec2:RunInstances: the policies could not be seen: iam:GetAccountAuthorizationDetails (no file iam-get-account-authorization-details.json).`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, judge(t, tt.files, tt.principal, tt.actions...))
		})
	}
}

// Service control policies are never taken for none.
func TestReadIdentitiesLeavesSCPsOpen(t *testing.T) {
	t.Parallel()
	s, err := awscli.ReadIdentities(dir(identityFiles()))
	require.NoError(t, err)
	findings, err := iam.CheckPermissions(s, iam.PermissionOptions{Needs: []iam.Need{{Action: "ec2:RunInstances"}}})
	require.NoError(t, err)
	for _, f := range findings {
		if f.Code == "iam/permission-scp" {
			assert.Equal(t, groundway.Unknown, f.Outcome)
			assert.Contains(t, f.Summary, "organizations:ListPoliciesForTarget (no file of a dump holds service control policies)")
		}
	}
}

func TestReadIdentitiesErrors(t *testing.T) {
	t.Parallel()
	role := func(rest string) string {
		return `{"RoleDetailList": [{"RoleName": "r", "AssumeRolePolicyDocument": {}` + rest + `}]}`
	}
	for _, tt := range []struct{ name, file, text, want string }{
		{"another command's output", fileDetails, `{"Roles": []}`, `iam-get-account-authorization-details.json:1:1: RoleDetailList is missing; want the output of aws iam get-account-authorization-details`},
		{"a list", fileDetails, `[]`, `iam-get-account-authorization-details.json:1:1: got a list, want an object: the whole output of the call`},
		{"a text for a list", fileDetails, `{"RoleDetailList": "r"}`, `iam-get-account-authorization-details.json:1:20: RoleDetailList: got the string "r", want a list`},
		{"no name", fileDetails, `{"RoleDetailList": [{"Path": "/"}]}`, `iam-get-account-authorization-details.json:1:21: RoleDetailList[0]: RoleName is missing`},
		{"a name that is none", fileDetails, `{"UserDetailList": [{"UserName": "a/b"}]}`, `iam-get-account-authorization-details.json:1:34: UserDetailList[0].UserName: user name "a/b": the character '/' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{"a role twice", fileDetails, `{"RoleDetailList": [{"RoleName": "r"}, {"RoleName": "r"}]}`, `iam-get-account-authorization-details.json:1:40: RoleDetailList[1]: "r" stands twice, first on line 1`},
		{"a group twice", fileDetails, `{"UserDetailList": [{"UserName": "u", "GroupList": ["g", "g"]}]}`, `iam-get-account-authorization-details.json:1:52: UserDetailList[0].GroupList: "g" is empty or stands twice`},
		{"a policy twice", fileDetails, role(`, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {}}, {"PolicyName": "p", "PolicyDocument": {}}]`), `iam-get-account-authorization-details.json:1:133: RoleDetailList[0].RolePolicyList[1]: "role/r/p" stands twice, first on line 1`},
		{"no document", fileDetails, role(`, "RolePolicyList": [{"PolicyName": "p"}]`), `iam-get-account-authorization-details.json:1:90: RoleDetailList[0].RolePolicyList[0]: PolicyDocument is missing`},
		{"a number for a document", fileDetails, role(`, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": 7}]`), `iam-get-account-authorization-details.json:1:128: RoleDetailList[0].RolePolicyList[0].PolicyDocument: got 7, want an object`},
		{"no ARN", fileDetails, `{"Policies": [{"PolicyName": "p"}]}`, `iam-get-account-authorization-details.json:1:15: Policies[0]: Arn is missing`},
		{"a boundary without ARN", fileDetails, role(`, "PermissionsBoundary": {}`), `iam-get-account-authorization-details.json:1:94: RoleDetailList[0].PermissionsBoundary: PermissionsBoundaryArn is missing`},
		{"a version twice", fileDetails, `{"Policies": [{"Arn": "arn:aws:iam::aws:policy/p", "PolicyVersionList": [{"VersionId": "v1"}, {"VersionId": "v1"}]}]}`, `iam-get-account-authorization-details.json:1:73: Policies[0].PolicyVersionList: a version stands twice`},
		{"no caller", fileCaller, `{"Account": "111122223333"}`, `sts-get-caller-identity.json:1:1: Arn is missing`},
		{"a slip of the pen", "iam-get-account-authorization-detail.json", `{}`, `iam-get-account-authorization-detail.json: is not read under this name; rename it to iam-get-account-authorization-details.json, or move it out of the directory`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := awscli.ReadIdentities(dir(map[string]string{tt.file: tt.text}))
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, iam.Snapshot{}, s)
		})
	}
	_, err := awscli.ReadIdentities(broken{})
	assert.EqualError(t, err, "read dump: the disk is gone")
}

// The two readers of one directory leave each other's files alone.
func TestReadersShareADirectory(t *testing.T) {
	t.Parallel()
	both := whole()
	for name, text := range identityFiles() {
		both[name] = text
	}
	resources, err := awscli.ReadResources(dir(both))
	require.NoError(t, err)
	alone, err := awscli.ReadResources(dir(whole()))
	require.NoError(t, err)
	assert.Equal(t, alone, resources)
	s, err := awscli.ReadIdentities(dir(both))
	require.NoError(t, err)
	assert.Len(t, s.Roles.Items, 1)
}

func FuzzReadIdentities(f *testing.F) {
	f.Add([]byte(accountDetails), []byte(session))
	f.Add([]byte(`{"UserDetailList": [{"UserName": "u", "GroupList": ["g"]}]}`), []byte(`{"Account": "1", "Arn": "arn:aws:iam::111122223333:root"}`))
	f.Fuzz(func(t *testing.T, details, caller []byte) {
		s, err := awscli.ReadIdentities(fstest.MapFS{fileDetails: {Data: details}, fileCaller: {Data: caller}})
		if err != nil {
			require.Equal(t, iam.Snapshot{}, s)
			return
		}
		text, err := s.MarshalJSON()
		require.NoError(t, err)
		var back iam.Snapshot
		require.NoError(t, back.UnmarshalJSON(text))
		for _, principal := range []string{"", arns + "role/demo/installer", arns + "user/ops"} {
			_, _ = iam.CheckPermissions(s, iam.PermissionOptions{Principal: principal, Needs: []iam.Need{{Action: "ec2:RunInstances"}}})
		}
		_ = s.Redact()
	})
}
