package groundway_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func renderSARIF(t testing.TB, r groundway.Report, rules ...groundway.Rule) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, groundway.RenderSARIF(&b, r, rules))
	return b.String()
}

// sarifLog is a log as its readers take it.
type sarifLog struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct{ ID string }
			}
		}
		Results []sarifResult
	}
}

type sarifResult struct {
	RuleID       string
	RuleIndex    int
	Kind, Level  string
	Message      struct{ Text string }
	Suppressions []struct{ Status string }
	Locations    []struct {
		PhysicalLocation *struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, StartColumn int }
		}
		LogicalLocations []struct{ Name, FullyQualifiedName, Kind string }
	}
	PartialFingerprints map[string]string
}

func readSARIF(t testing.TB, text string) sarifLog {
	t.Helper()
	var l sarifLog
	require.NoError(t, json.Unmarshal([]byte(text), &l))
	require.Len(t, l.Runs, 1)
	return l
}

var natRule = groundway.Rule{
	Code: "network/nat-not-available", Title: "The NAT gateways in use are available", Severity: groundway.Error,
	Doc: "Traffic to one that is not is dropped. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html", Since: "0.1.0",
}

func TestRenderSARIFGolden(t *testing.T) {
	golden.Check(t, "report.sarif", []byte(renderSARIF(t, sampleReport(t), natRule)))
	golden.Check(t, "report-empty.sarif", []byte(renderSARIF(t, groundway.NewReport(noon))))
}

func TestRenderSARIFResults(t *testing.T) {
	r := sampleReport(t)
	run := readSARIF(t, renderSARIF(t, r, natRule)).Runs[0]
	require.Len(t, run.Results, len(r.Findings))
	kinds := map[groundway.Outcome]string{
		groundway.Passed: "pass", groundway.Failed: "fail", groundway.Skipped: "notApplicable", groundway.Unknown: "open",
	}
	levels := map[groundway.Severity]string{groundway.Info: "note", groundway.Warning: "warning", groundway.Error: "error"}
	for i, f := range r.Findings {
		got := run.Results[i]
		assert.Equal(t, string(f.Code), got.RuleID)
		assert.Equal(t, string(f.Code), run.Tool.Driver.Rules[got.RuleIndex].ID)
		assert.Equal(t, kinds[f.Outcome], got.Kind, f.Code)
		if f.Outcome == groundway.Failed {
			assert.Equal(t, levels[f.Severity], got.Level, f.Code)
		} else {
			assert.Equal(t, "none", got.Level, f.Code)
		}
		assert.Equal(t, f.Waived != nil, len(got.Suppressions) > 0, f.Code)
		assert.Equal(t, map[string]string{"groundway/v1": f.Fingerprint()}, got.PartialFingerprints)
	}
}

func TestRenderSARIFLocations(t *testing.T) {
	type place struct {
		uri          string
		line, column int
	}
	for path, want := range map[string]place{
		"policy.json:4:7":        {"policy.json", 4, 7},
		"policy.json:4":          {"policy.json", 4, 0},
		"C:/my policy.json:12:1": {"C%3A/my%20policy.json", 12, 1},
		"a:b:3:9":                {"a%3Ab", 3, 9},
		"/network/podCIDR":       {},
		"/a:3:9":                 {}, // a JSON pointer
		"policy.json":            {},
		"policy.json:0:1":        {},
		":4:7":                   {},
		"4:7":                    {"4", 7, 0},
	} {
		f := groundway.Finding{
			Code: "iam/sid-invalid", Outcome: groundway.Failed, Severity: groundway.Error, Summary: "s",
			Subject: groundway.Subject{Kind: "policy-statement", Path: path},
		}
		at := readSARIF(t, renderSARIF(t, groundway.NewReport(noon, []groundway.Finding{f}))).Runs[0].Results[0].Locations[0]
		if want == (place{}) {
			require.Nil(t, at.PhysicalLocation, path)
			assert.Equal(t, path, at.LogicalLocations[0].Name)
			assert.Equal(t, "policy-statement", at.LogicalLocations[0].Kind)
			continue
		}
		require.NotNil(t, at.PhysicalLocation, path)
		p := at.PhysicalLocation
		assert.Equal(t, want, place{p.ArtifactLocation.URI, p.Region.StartLine, p.Region.StartColumn}, path)
	}
}

// A name of an account must not become a link or a placeholder of a message.
func TestRenderSARIFMessagesAreText(t *testing.T) {
	f := groundway.Finding{
		Code: "network/vpc-not-found", Outcome: groundway.Failed, Severity: groundway.Error,
		Summary: `[click](https://example.com) {0} \n`, Subject: groundway.Subject{Kind: "vpc", ID: "vpc-0a1"},
	}
	got := readSARIF(t, renderSARIF(t, groundway.NewReport(noon, []groundway.Finding{f}))).Runs[0].Results[0].Message.Text
	assert.Equal(t, `\[click\](https://example.com) {{0}} \\n`, got)
}

func TestRenderSARIFHostileText(t *testing.T) {
	for _, text := range hostile() {
		output := renderSARIF(t, hostileReport(text))
		readSARIF(t, output)
		for _, c := range output {
			require.False(t, c != '\n' && c != ' ' && invisible(c), "%q has %q", output, c)
		}
	}
}
