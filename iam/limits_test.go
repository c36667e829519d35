package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

func TestMeasureText(t *testing.T) {
	for _, test := range []struct {
		text string
		want iam.Size
	}{
		{"", iam.Size{}},
		{"{ \"a b\" :\n\t1 }", iam.Size{Characters: 14, Bytes: 14, Significant: 9, Dense: 8}},
		{`{"é":"\" x"}`, iam.Size{Characters: 12, Bytes: 13, Significant: 12, Dense: 11}},
		{`"a\\" "b"`, iam.Size{Characters: 9, Bytes: 9, Significant: 8, Dense: 8}},
	} {
		assert.Equal(t, test.want, iam.MeasureText(test.text), test.text)
	}
}

// sized returns a policy whose text has n characters, of which spaces are
// white space between tokens.
func sized(t *testing.T, n, spaces int, statement string) iam.Document {
	t.Helper()
	const id = "@"
	text := `{"Version":"2012-10-17",` + strings.Repeat(" ", spaces) + `"Statement":[` + statement + `]}`
	fill := n - (len(text) - len(id))
	require.Positive(t, fill)
	text = strings.Replace(text, id, strings.Repeat("x", fill), 1)
	require.Len(t, text, n)
	return iam.MustParse(text)
}

func TestSizeLimits(t *testing.T) {
	const (
		identity = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::@"}`
		resource = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/a"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::@"}`
		trust    = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/@"},"Action":"sts:AssumeRole"}`
		rcp      = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::@"}`
	)
	for _, test := range []struct {
		name      string
		kind      iam.Kind
		options   iam.ValidateOptions
		statement string
		max       int
		spaces    bool // count
		above     groundway.Outcome
	}{
		{"managed policy", iam.IdentityPolicy, iam.ValidateOptions{}, identity, 6144, false, groundway.Failed},
		{"inline of a user", iam.IdentityPolicy, iam.ValidateOptions{MaxSize: 2048}, identity, 2048, false, groundway.Failed},
		{"inline of a group", iam.IdentityPolicy, iam.ValidateOptions{MaxSize: 5120}, identity, 5120, false, groundway.Failed},
		{"inline of a role", iam.IdentityPolicy, iam.ValidateOptions{MaxSize: 10240}, identity, 10240, false, groundway.Failed},
		{"trust policy", iam.TrustPolicy, iam.ValidateOptions{}, trust, 2048, false, groundway.Failed},
		{"trust policy with a raised quota", iam.TrustPolicy, iam.ValidateOptions{MaxSize: 4096}, trust, 4096, false, groundway.Failed},
		{"session policy", iam.SessionPolicy, iam.ValidateOptions{}, identity, 2048, true, groundway.Failed},
		{"service control policy, old quota", iam.ServiceControlPolicy, iam.ValidateOptions{}, identity, 5120, true, groundway.Unknown},
		{"service control policy, set quota", iam.ServiceControlPolicy, iam.ValidateOptions{MaxSize: 5120}, identity, 5120, true, groundway.Failed},
		{"resource control policy", iam.ResourceControlPolicy, iam.ValidateOptions{}, rcp, 5120, true, groundway.Failed},
		{"bucket policy", iam.ResourcePolicy, iam.ValidateOptions{}, resource, 20480, true, groundway.Failed},
		{"endpoint policy", iam.EndpointPolicy, iam.ValidateOptions{}, resource, 20480, true, groundway.Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome := func(d iam.Document) groundway.Outcome {
				return finding(t, iam.Validate(d, test.kind, test.options), "iam/size-exceeded").Outcome
			}
			assert.Equal(t, groundway.Passed, outcome(sized(t, test.max, 0, test.statement)))
			assert.Equal(t, test.above, outcome(sized(t, test.max+1, 0, test.statement)))
			want := groundway.Passed
			if test.spaces {
				want = test.above
			}
			assert.Equal(t, want, outcome(sized(t, test.max+9, 9, test.statement)))
		})
	}
	t.Run("service control policy, new quota", func(t *testing.T) {
		f := finding(t, iam.Validate(sized(t, 10240, 0, identity), iam.ServiceControlPolicy, iam.ValidateOptions{}), "iam/size-exceeded")
		assert.Equal(t, groundway.Unknown, f.Outcome)
		assert.Equal(t, "The document has 10240 bytes, white space included, and AWS's pages give the quota as 5120 and as 10240.", f.Summary)
		f = finding(t, iam.Validate(sized(t, 10241, 0, identity), iam.ServiceControlPolicy, iam.ValidateOptions{}), "iam/size-exceeded")
		assert.Equal(t, groundway.Failed, f.Outcome)
	})
	for _, l := range iam.SizeLimits() {
		assert.NotEmpty(t, l.URL, l.What)
		assert.NotEqual(t, "invalid", l.Count.String(), l.What)
	}
}

func TestCheckName(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		kind iam.NameKind
		name string
		want string // empty if the name is taken
	}{
		{iam.RoleName, x(64), ""},
		{iam.RoleName, x(65), `role name "` + x(60) + `"…: 65 characters, want 1 to 64`},
		{iam.RoleName, "", `role name "": 0 characters, want 1 to 64`},
		{iam.RoleName, "demo+=,.@_-Z9", ""},
		{iam.RoleName, "a b", `role name "a b": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{iam.RoleName, "a/b", `role name "a/b": the character '/' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{iam.RoleName, "é", `role name "é": the character 'é' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{iam.SwitchRoleName, "/team/" + x(58), ""},
		{iam.SwitchRoleName, "/team/" + x(59), `path and name of a role "/team/` + x(54) + `"…: 65 characters, want 1 to 64`},
		{iam.RoleSessionName, x(64), ""},
		{iam.RoleSessionName, x(65), `role session name "` + x(60) + `"…: 65 characters, want 2 to 64`},
		{iam.RoleSessionName, "a", `role session name "a": 1 characters, want 2 to 64`},
		{iam.UserName, x(64), ""},
		{iam.UserName, x(65), `user name "` + x(60) + `"…: 65 characters, want 1 to 64`},
		{iam.GroupName, x(128), ""},
		{iam.GroupName, x(129), `group name "` + x(60) + `"…: 129 characters, want 1 to 128`},
		{iam.InstanceProfileName, x(128), ""},
		{iam.InstanceProfileName, x(129), `instance profile name "` + x(60) + `"…: 129 characters, want 1 to 128`},
		{iam.PolicyName, x(128), ""},
		{iam.PolicyName, x(129), `policy name "` + x(60) + `"…: 129 characters, want 1 to 128`},
		{iam.Path, "/", ""},
		{iam.Path, "/" + x(510) + "/", ""},
		{iam.Path, "/" + x(511) + "/", `path "/` + x(59) + `"…: 513 characters, want 1 to 512`},
		{iam.Path, "/team", `path "/team": want it to begin and end with a slash`},
		{iam.Path, "team/", `path "team/": want it to begin and end with a slash`},
		{iam.ExternalID, "ab", ""},
		{iam.ExternalID, "a:b/c+=,.@-", ""},
		{iam.ExternalID, "a", `external ID "a": 1 characters, want 2 to 1224`},
		{iam.ExternalID, x(1224), ""},
		{iam.ExternalID, x(1225), `external ID "` + x(60) + `"…: 1225 characters, want 2 to 1224`},
		{iam.ExternalID, "a b", `external ID "a b": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@:/-`},
		{0, "a", `check name "a": invalid kind of name 0`},
	} {
		err := iam.CheckName(test.kind, test.name)
		if test.want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.EqualError(t, err, test.want)
	}
	for i, l := range iam.NameLimits() {
		assert.Equal(t, iam.NameKind(i+1), l.Kind, l.What)
	}
}
