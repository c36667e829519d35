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

func outcomeCounts(findings []groundway.Finding) map[string]int {
	counts := map[string]int{}
	for _, f := range findings {
		counts[string(f.Code)+" "+f.Outcome.String()]++
	}
	return counts
}
