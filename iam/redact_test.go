package iam_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, row := range permissionRows {
		t.Run(row.name, func(t *testing.T) {
			s, o := principal()
			row.edit(&s, &o)
			s.Account = "111122223333"
			for i := range s.Roles.Items {
				s.Roles.Items[i].Description, s.Roles.Items[i].Tags = "of Example Corp", map[string]string{"team": "secret", groundway.OwnerTag: "demo"}
			}
			before, err := json.Marshal(s)
			require.NoError(t, err)
			red := s.Redact()
			after, err := json.Marshal(s)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after), "the snapshot itself stays")
			text, err := json.Marshal(red)
			require.NoError(t, err)
			for _, name := range []string{"111122223333", "installer", "Example Corp", "secret", "/run"} {
				assert.NotContains(t, string(text), name)
			}
			again, err := json.Marshal(red.Redact())
			require.NoError(t, err)
			assert.Equal(t, string(text), string(again), "twice is once")

			// The same verdicts, but for the names of who is meant.
			was, err := iam.CheckPermissions(s, o)
			require.NoError(t, err)
			for i, n := range o.Needs {
				o.Needs[i].Resource = strings.ReplaceAll(n.Resource, "111122223333", "000000000001")
			}
			is, err := iam.CheckPermissions(red, o)
			require.NoError(t, err)
			assert.Equal(t, outcomeCounts(was), outcomeCounts(is))
		})
	}
	s, _ := principal()
	text, err := json.Marshal(s.Redact("installer", "111122223333"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "arn:aws:iam::111122223333:role/ci/installer")
}

// Names and tags that are words of the policy language, or of AWS, mean in a
// document what they meant.
func TestRedactWords(t *testing.T) {
	t.Parallel()
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","iam:GetRole"],"Resource":["*","arn:aws:iam::111122223333:role/ec2"],` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci/ec2"},"StringEquals":{"aws:PrincipalTag/ec2":"ec2"}}}]}`
	const redacted = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","iam:GetRole"],"Resource":["*","arn:aws:iam::000000000001:role/role-1"],` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci/role-1"},"StringEquals":{"aws:PrincipalTag/ec2":"role-1"}}}]}`
	s, o := principal()
	s.Account = "111122223333"
	s.Callers.Items[0].ARN = "arn:aws:sts::111122223333:assumed-role/ec2/run"
	s.Roles.Items[0].Name, s.Roles.Items[0].ARN = "ec2", "arn:aws:iam::111122223333:role/ci/ec2"
	s.Roles.Items[0].Tags = map[string]string{"enabled": "true", "effect": "Allow", "any": "*"}
	s.Inline.Items[0].Owner, s.Inline.Items[0].Document = "role/ec2", document
	s.Attached.Items[0].Owner = "role/ec2"
	s.Simulated, s.Probes = groundway.Part[iam.Simulation]{}, groundway.Part[iam.Probe]{}
	o.Context = iam.Context{"aws:SecureTransport": {"true"}, "aws:PrincipalTag/ec2": {"ec2"}}
	was, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	require.Empty(t, summaries(was))
	red := s.Redact()
	assert.Equal(t, redacted, red.Inline.Items[0].Document)
	for _, name := range []string{"Allow", "Statement", "Effect", "AWS", "aws", "iam", "role", "us-east-1", "*"} {
		s.Users = groundway.SeenPart(iam.UserDetail{Name: name, Path: "/"})
		assert.Equal(t, redacted, s.Redact().Inline.Items[0].Document, "a user of the name %s", name)
	}
}

func outcomeCounts(findings []groundway.Finding) map[string]int {
	counts := map[string]int{}
	for _, f := range findings {
		counts[string(f.Code)+" "+f.Outcome.String()]++
	}
	return counts
}
