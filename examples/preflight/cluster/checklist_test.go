package cluster_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/network"
)

var documented = []network.Profile{network.ProfileTectonic, network.ProfileElastic, network.ProfileEKS}

// Every code of the requirements is one that a report holds, and every rule about
// resources answers for one of them.
func TestRequirementsAndRulesAreInStep(t *testing.T) {
	t.Parallel()
	answers := map[groundway.Code]bool{}
	for _, p := range documented {
		require.NotEmpty(t, cluster.Requirements(p), p)
		for _, r := range cluster.Requirements(p) {
			assert.NotEmpty(t, r.Step)
			assert.NotEmpty(t, r.Line)
			assert.True(t, len(r.Codes) > 0 || r.By != "", "nothing answers for %q", r.Line)
			for _, c := range r.Codes {
				_, err := cluster.FindRule(string(c))
				assert.NoError(t, err, r.Line)
				answers[c] = true
			}
		}
	}
	for _, r := range resource.Rules() {
		assert.True(t, answers[r.Code], "%s answers for no requirement", r.Code)
	}
	assert.Nil(t, cluster.Requirements(network.ProfileKubeadm))
	first := cluster.Requirements(network.ProfileElastic)
	first[3].Codes[0] = "changed"
	assert.NotEqual(t, first[3].Codes[0], cluster.Requirements(network.ProfileElastic)[3].Codes[0])
}

// table writes the requirements of a profile as the documentation has them.
func table(p network.Profile) string {
	var b strings.Builder
	step := ""
	for _, r := range cluster.Requirements(p) {
		if r.Step != step {
			step = r.Step
			fmt.Fprintf(&b, "//\n//\t%s\n", step)
		}
		line := r.Line
		for _, c := range r.Codes {
			fmt.Fprintf(&b, "//\t  %-62s %s\n", line, c)
			line = ""
		}
		if r.By != "" {
			fmt.Fprintf(&b, "//\t  %-62s %s\n", line, r.By)
		}
	}
	return b.String()
}

// The table of the documentation is that of the program.
func TestTheDocumentationHasEveryRequirement(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("requirements.go")
	require.NoError(t, err)
	for _, p := range documented {
		assert.Contains(t, string(data), table(p), p)
	}
}

// The steps of the elastic runtime's document are nine groups.
func TestElasticSteps(t *testing.T) {
	t.Parallel()
	var steps []string
	for _, r := range cluster.Requirements(network.ProfileElastic) {
		steps = append(steps, r.Step)
	}
	assert.Len(t, slices.Compact(steps), 9)
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	spec, s := builtIn(t)
	marks := cluster.Checklist(spec, cluster.Check(spec, s, time.Time{}))
	require.Len(t, marks, len(cluster.Requirements(spec.Profile)))
	var b strings.Builder
	for _, m := range marks {
		outcome := "-"
		if m.Outcome != 0 {
			outcome = m.Outcome.String()
		}
		fmt.Fprintf(&b, "%-8s %s: %s\n", outcome, m.Step, m.Line)
		for _, f := range m.Findings {
			fmt.Fprintf(&b, "           %s@%s\n", f.Code, f.Subject)
		}
	}
	golden.Check(t, "checklist.txt", []byte(b.String()))
}

// A step about one role or instance does not fail for another.
func TestChecklistOfOneRole(t *testing.T) {
	t.Parallel()
	spec, s := elasticAccount(t)
	outcomes := func() map[string]string {
		found := map[string]string{}
		for _, m := range cluster.Checklist(spec, cluster.Check(spec, s, time.Time{})) {
			found[m.Step+": "+m.Line] = m.Outcome.String()
		}
		return found
	}
	const role, up = ": a role that EC2 assumes", ": an instance in the private subnet"
	s.Resource.Roles.Items[1].Trust = strings.Replace(s.Resource.Roles.Items[1].Trust, "ec2.", "lambda.", 1)
	s.Resource.Instances.Items[0].State = "stopped"
	got := outcomes()
	assert.Equal(t, "passed", got["3 Cluster installer role"+role])
	assert.Equal(t, "failed", got["5 Worker node role"+role])
	assert.Equal(t, "failed", got["7 Jump host: an instance in the public subnet that SSH reaches"])
	assert.Equal(t, "passed", got["8 Master node"+up])

	spec.Resources.MasterNode = ""
	assert.Equal(t, "skipped", outcomes()["8 Master node"+up])
}

// A warning is not a failure, and what the document does not ask for is not lost.
func TestWarningsAndWhatIsBeside(t *testing.T) {
	spec, s := builtIn(t)
	report := cluster.Check(spec, s, time.Time{})
	for _, m := range cluster.Checklist(spec, report) {
		failed := slices.ContainsFunc(m.Findings, func(f groundway.Finding) bool { return f.Outcome == groundway.Failed && f.Severity == groundway.Error })
		assert.Equal(t, m.Outcome == groundway.Failed && !failed, m.Warns(), m.Line)
	}
	seen := map[groundway.Code]bool{}
	for _, f := range cluster.Beside(spec, report) {
		seen[f.Code] = true
		assert.Contains(t, []groundway.Outcome{groundway.Failed, groundway.Unknown}, f.Outcome)
	}
	for _, m := range cluster.Checklist(spec, report) {
		for _, f := range m.Findings {
			assert.False(t, seen[f.Code], "%s stands twice", f.Code)
			seen[f.Code] = true
		}
	}
	for _, f := range report.Findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			assert.True(t, seen[f.Code], "%s is lost", f.Code)
		}
	}
}
