package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func execute(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	c := command{stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	status = c.run(args)
	return status, out.String(), errs.String()
}

const (
	operator = "arn:aws:iam::111122223333:user/operator"
	home     = "arn:aws:s3:::demo/operator/notes"
)

func TestGolden(t *testing.T) {
	for _, test := range []struct {
		file   string
		status int
		args   []string
	}{
		{"lint.txt", statusBlocked, []string{"lint", "testdata/broken.json"}},
		{"lint.json", statusBlocked, []string{"lint", "-format", "json", "testdata/broken.json"}},
		{"allowed.txt", statusClear, []string{"authorize", "-identity", "testdata/operator.json", "-boundary", "testdata/boundary.json", "-principal", operator, "-action", "s3:GetObject", "-resource", home, "-context", "aws:SecureTransport=true", "-context", "aws:RequestedRegion=us-east-1"}},
		{"denied.txt", statusBlocked, []string{"authorize", "-identity", "testdata/operator.json", "-boundary", "testdata/boundary.json", "-principal", operator, "-action", "s3:GetObject", "-resource", home, "-context", "aws:SecureTransport=true"}},
		{"undetermined.json", statusBlocked, []string{"authorize", "-identity", "testdata/operator.json", "-principal", operator, "-action", "s3:GetObject", "-resource", home, "-partial", "-format", "json"}},
		{"batch.txt", statusBlocked, []string{"authorize", "-batch", "testdata/batch.jsonl"}},
		{"escalate.txt", statusClear, []string{"escalate", "-principal", operator, "-identity", "testdata/operator.json"}},
		{"escalate-bounded.txt", statusClear, []string{"escalate", "-principal", operator, "-identity", "testdata/operator.json", "-boundary", "testdata/boundary.json"}},
		{"compare.txt", statusBlocked, []string{"compare", "testdata/narrower.json", "testdata/wider.json"}},
		{"compare.json", statusBlocked, []string{"compare", "-json", "testdata/wider.json", "testdata/narrower.json"}},
		{"compare-equal.txt", statusClear, []string{"compare", "-catalogue", "testdata/wider.json,testdata/narrower.json", "testdata/wider.json"}},
		{"compare-trust.json", statusBlocked, []string{"compare", "-json", "testdata/trust-template.json", "testdata/wider.json"}},
		{"fit-error.txt", statusBlocked, []string{"fit", "-limit", "user", "-placeholder", "bucket=demo=2048", "testdata/wider.json", "testdata/narrower.json"}},
		{"fit.json", statusClear, []string{"fit", "-format", "json", "-wildcards", "-placeholder", "bucket=demo=63", "testdata/wider.json", "testdata/narrower.json"}},
		{"tighten.json", statusClear, []string{"tighten", "-region", "us-east-1", "-account", "111122223333", "-bucket", "demo", "-tag", "team=a", "-pass-to", "ec2.amazonaws.com", "testdata/narrower.json"}},
		{"help.txt", statusClear, []string{"-h"}},
	} {
		t.Run(test.file, func(t *testing.T) {
			status, stdout, stderr := execute("", test.args...)
			assert.Equal(t, test.status, status)
			assert.Empty(t, stderr)
			golden.Check(t, test.file, []byte(stdout))
		})
	}
}

// Every line of a batch comes out as one line, in order, whatever it is.
func TestBatch(t *testing.T) {
	in, err := os.ReadFile("testdata/batch.jsonl")
	require.NoError(t, err)
	_, want, _ := execute("", "authorize", "-batch", "testdata/batch.jsonl")
	_, got, stderr := execute(string(in), "authorize", "-batch", "-")
	require.Empty(t, stderr)
	require.Equal(t, want, got)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	require.Len(t, lines, 11)
	for _, line := range lines {
		var a answer
		require.NoError(t, json.Unmarshal([]byte(line), &a))
		require.NotEqual(t, a.Verdict == "", a.Error == "", line)
	}
	status, got, _ := execute(strings.TrimSuffix(strings.SplitN(string(in), "\n", 2)[0], "\n"), "authorize", "-batch", "-")
	require.Equal(t, statusClear, status)
	require.Equal(t, `{"id":1,"verdict":"allowed","layer":"identity"}`+"\n", got)
}

func TestEscalateStrict(t *testing.T) {
	args := []string{"escalate", "-strict", "-principal", operator, "-identity", "testdata/operator.json"}
	status, _, _ := execute("", args...)
	require.Equal(t, statusBlocked, status)
	status, _, _ = execute("", append(args, "-role", "arn:aws:iam::111122223333:role/administrator")...)
	require.Equal(t, statusClear, status, "the one strong role has another name than those that may be passed")
}

func TestErrors(t *testing.T) {
	missing := "open testdata/missing.json: no such file or directory"
	for _, test := range []struct {
		args []string
		err  string
	}{
		{nil, "want lint, authorize, escalate, compare, fit or tighten; -h says more"},
		{[]string{"check"}, `"check": want lint, authorize, escalate, compare, fit or tighten; -h says more`},
		{[]string{"lint"}, "lint: want the files of policies"},
		{[]string{"lint", "-kind", "x", "f"}, `parse kind of policy "x": want one of identity, resource, trust, scp, rcp, session, endpoint`},
		{[]string{"lint", "-format", "xml", "f"}, `lint: -format "xml": want one of text, json`},
		{[]string{"lint", "testdata/missing.json"}, "read policy: " + missing},
		{[]string{"authorize"}, "authorize: want -principal and -action, or -batch"},
		{[]string{"authorize", "-batch", "f", "-partial"}, "authorize: -batch stands alone: its lines hold everything"},
		{[]string{"authorize", "-batch", "testdata/missing.json"}, "read batch: " + missing},
		{[]string{"authorize", "-principal", ""}, "authorize: -principal: the value is empty"},
		{[]string{"authorize", "-identity", ""}, `authorize: invalid value "" for flag -identity: the value is empty; -h lists the flags`},
		{[]string{"authorize", "-context", "x"}, `authorize: invalid value "x" for flag -context: want KEY=VALUE, such as aws:SourceIp=192.0.2.1; -h lists the flags`},
		{[]string{"authorize", "-principal", operator, "-action", "s3:*"}, `explain: action "s3:*": want SERVICE:NAME without wildcards`},
		{[]string{"authorize", "-principal", operator, "-action", "s3:GetObject", "more"}, `authorize: unexpected argument "more": every input has a flag, -h lists them`},
		{[]string{"authorize", "-principal", operator, "-action", "s3:GetObject", "-resource-policy", "a", "-resource-policy", "b"}, "-resource-policy: a resource has one policy"},
		{[]string{"authorize", "-principal", operator, "-action", "s3:GetObject", "-identity", "testdata/broken.json"}, `compile policies: identity: document 1: statement 2 "Pass": effect "allow": want Allow or Deny`},
		{[]string{"escalate"}, "escalate: want -principal"},
		{[]string{"escalate", "-principal", operator, "-region", "x"}, `parse region "x": want a name such as us-east-1`},
		{[]string{"escalate", "-principal", operator, "-scp", "testdata/missing.json"}, "read policy: " + missing},
		{[]string{"compare", "a"}, "compare: want two files, or two lists of files with commas"},
		{[]string{"compare", "-kind", "x", "a", "b"}, `parse kind of policy "x": want one of identity, resource, trust, scp, rcp, session, endpoint`},
		{[]string{"compare", "testdata/wider.json", "testdata/missing.json"}, "read policy: " + missing},
		{[]string{"compare", "-kind", "trust", "testdata/wider.json", "testdata/wider.json"}, `compare policies: the first: document 1: statement 1 "Home": want one of Principal and NotPrincipal`},
		{[]string{"fit"}, "fit: want the files of policies"},
		{[]string{"fit", "-limit", "x", "f"}, `fit: -limit "x": want one of managed, user, group, role`},
		{[]string{"fit", "-placeholder", "x", "f"}, `fit: invalid value "x" for flag -placeholder: want NAME=TEXT=LENGTH, such as cluster=demo=100; -h lists the flags`},
		{[]string{"fit", "-placeholder", "x=demo=1", "testdata/wider.json"}, `fit policies: placeholder "x": "demo" has 4 characters, and may have 1`},
		{[]string{"tighten"}, "tighten: want one file"},
		{[]string{"tighten", "-tag", "x", "f"}, `tighten: invalid value "x" for flag -tag: want KEY=VALUE, such as kubernetes.io/cluster/demo=owned; -h lists the flags`},
		{[]string{"tighten", "-region", "x", "testdata/wider.json"}, `tighten policy: parse region "x": want a name such as us-east-1`},
	} {
		status, stdout, stderr := execute("", test.args...)
		assert.Equal(t, statusBroken, status, test.args)
		assert.Empty(t, stdout)
		assert.Equal(t, "policy: "+test.err+"\n", stderr)
	}
}

// Policies are anybody's text. U+009B, which begins a sequence of some terminals,
// is a character that AWS takes in a policy.
func TestHostilePolicies(t *testing.T) {
	for name, evil := range map[string]string{"taken by AWS": "\u009b31m<b>$(id)", "not taken": "\x1b[31m\u202e<b>$(id)"} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(evil)
			require.NoError(t, err)
			evilJSON := string(text[1 : len(text)-1])
			file := filepath.Join(t.TempDir(), "policy.json")
			require.NoError(t, os.WriteFile(file, []byte(`{"Version":"2012-10-17","Statement":[
				{"Sid":"`+evilJSON+`","Effect":"Allow","Action":["s3:GetObject","iam:PassRole"],"Resource":"arn:aws:s3:::demo/`+evilJSON+`",
				"Condition":{"StringEquals":{"aws:PrincipalTag/`+evilJSON+`":"`+evilJSON+`"}}},
				{"Effect":"Allow","Action":"ec2:Run`+evilJSON+`","Resource":"*"}]}`), 0o600))
			request := []string{"-identity", file, "-principal", operator, "-action", "s3:GetObject", "-resource", "arn:aws:s3:::demo/" + evil}
			for _, args := range [][]string{
				{"lint", file},
				{"lint", "-format", "json", file},
				append([]string{"authorize"}, request...),
				append([]string{"authorize", "-format", "json"}, request...),
				{"escalate", "-identity", file, "-principal", operator},
				{"compare", file, "testdata/wider.json"},
				{"compare", "-json", file, "testdata/wider.json"},
				{"fit", file},
				{"fit", "-format", "json", file},
				{"fit", "-limit", "user", "-placeholder", evil + "=demo=2048", file},
				{"tighten", "-region", "us-east-1", file},
				{evil},
				{"lint", evil},
			} {
				_, stdout, stderr := execute("", args...)
				for _, line := range strings.Split(stdout+stderr, "\n") {
					assert.Equal(t, groundway.Visible(line), line, args)
				}
			}
		})
	}
}
