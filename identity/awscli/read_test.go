package awscli_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awscli"
)

const (
	caller = `{
    "UserId": "111122223333",
    "Account": "111122223333",
    "Arn": "arn:aws:iam::111122223333:root"
}
`
	region = `{
    "RegionName": "af-south-1",
    "RegionOptStatus": "DISABLED"
}
`
)

func dump(files ...string) fstest.MapFS {
	m := fstest.MapFS{"ec2-describe-vpcs.json": {Data: []byte("not read here")}}
	for i := 0; i+1 < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

func TestRead(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(dump("sts-get-caller-identity.json", caller, "account-get-region-opt-status.json", region))
	require.NoError(t, err)
	assert.Equal(t, "111122223333", s.Account)
	assert.Equal(t, groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333"}), s.Caller)
	assert.Equal(t, groundway.SeenPart(identity.RegionStatus{Name: "af-south-1", Status: "DISABLED"}), s.Regions)
	var failed []groundway.Code
	for _, f := range identity.CheckCredentials(s, identity.CredentialOptions{Region: "af-south-1"}) {
		if f.Outcome == groundway.Failed {
			failed = append(failed, f.Code)
		}
	}
	assert.ElementsMatch(t, []groundway.Code{"identity/credential-region-disabled", "identity/credential-root"}, failed)

	s, err = awscli.Read(dump())
	require.NoError(t, err)
	assert.Equal(t, []groundway.Gap{{Action: "sts:GetCallerIdentity", Message: "no file sts-get-caller-identity.json"}}, s.Caller.Gaps)
	assert.Equal(t, []groundway.Gap{{Action: "account:GetRegionOptStatus", Message: "no file account-get-region-opt-status.json"}}, s.Regions.Gaps)
	for _, f := range awscli.Files() {
		assert.Equal(t, f.Name, strings.Join(f.Command[1:3], "-")+".json")
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"sts-get-caller-identity.json", `{"Account": 111122223333}`, "sts-get-caller-identity.json:1:13: Account: "},
		{"sts-get-caller-identity.json", `{"Account": "1", "Arn": "a"}`, "UserId"},
		{"sts-get-caller-identity.json", "", "sts-get-caller-identity.json"},
		{"sts-get-caller-identiy.json", caller, "sts-get-caller-identiy.json"},
	} {
		_, err := awscli.Read(dump(test.name, test.text))
		require.Error(t, err, test.text)
		assert.Contains(t, err.Error(), test.want)
	}
}
