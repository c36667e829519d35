package groundway_test

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func renderJUnit(t testing.TB, r groundway.Report, o groundway.JUnitOptions) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, groundway.RenderJUnit(&b, r, o))
	return b.String()
}

// suites is a JUnit document as its readers take it.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		Package   string `xml:"package,attr"`
		ID        int    `xml:"id,attr"`
		Name      string `xml:"name,attr"`
		Timestamp string `xml:"timestamp,attr"`
		Hostname  string `xml:"hostname,attr"`
		Tests     int    `xml:"tests,attr"`
		Failures  int    `xml:"failures,attr"`
		Errors    int    `xml:"errors,attr"`
		Skipped   int    `xml:"skipped,attr"`
		Cases     []struct {
			Name      string    `xml:"name,attr"`
			ClassName string    `xml:"classname,attr"`
			Failure   *struct { // with what a person has to read
				Message string `xml:"message,attr"`
				Type    string `xml:"type,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error *struct {
				Type string `xml:"type,attr"`
			} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
		Out string `xml:"system-out"`
	} `xml:"testsuite"`
}

func readJUnit(t testing.TB, text string) suites {
	t.Helper()
	var s suites
	require.NoError(t, xml.Unmarshal([]byte(text), &s), "%s", text)
	return s
}

func TestRenderJUnitGolden(t *testing.T) {
	r := sampleReport(t)
	golden.Check(t, "report.junit.xml", []byte(renderJUnit(t, r, groundway.JUnitOptions{})))
	golden.Check(t, "report-strict.junit.xml", []byte(renderJUnit(t, r, groundway.JUnitOptions{Strict: true})))
	golden.Check(t, "report-empty.junit.xml", []byte(renderJUnit(t, groundway.NewReport(noon), groundway.JUnitOptions{})))
}

func TestRenderJUnitAgreesWithTheVerdict(t *testing.T) {
	r := sampleReport(t)
	c := r.Counts()
	for _, strict := range []bool{false, true} {
		failures, errors, skipped, tests := 0, 0, 0, 0
		for i, s := range readJUnit(t, renderJUnit(t, r, groundway.JUnitOptions{Strict: strict})).Suites {
			assert.Equal(t, i, s.ID)
			assert.Equal(t, "2026-03-01T12:00:00", s.Timestamp)
			assert.Len(t, s.Cases, s.Tests)
			var failed, erred, passedOver int
			for _, c := range s.Cases {
				switch {
				case c.Failure != nil:
					failed++
					assert.Contains(t, c.Failure.Text, c.ClassName)
				case c.Error != nil:
					erred++
					assert.Equal(t, "unknown", c.Error.Type)
				case c.Skipped != nil:
					passedOver++
				}
			}
			assert.Equal(t, [3]int{failed, erred, passedOver}, [3]int{s.Failures, s.Errors, s.Skipped}, s.Name)
			failures, errors, skipped, tests = failures+failed, errors+erred, skipped+passedOver, tests+s.Tests
		}
		assert.Equal(t, len(r.Findings), tests)
		if strict {
			assert.Equal(t, c.Errors+c.Warnings, failures)
			assert.Equal(t, c.Unknown, errors)
			assert.Equal(t, c.Infos+c.Waived+c.Skipped, skipped)
		} else {
			assert.Equal(t, len(r.Blocking()), failures)
			assert.Zero(t, errors)
			assert.Equal(t, c.Warnings+c.Infos+c.Unknown+c.Waived+c.Skipped, skipped)
		}
	}
}

var tag = regexp.MustCompile(`</?([a-z-]+)`)

func TestRenderJUnitHostileText(t *testing.T) {
	known := "testsuites testsuite properties testcase failure error skipped system-out system-err"
	for _, text := range hostile() {
		output := renderJUnit(t, hostileReport(text), groundway.JUnitOptions{})
		readJUnit(t, output)
		for _, m := range tag.FindAllStringSubmatch(output, -1) {
			assert.Contains(t, strings.Fields(known), m[1], "%q", text)
		}
		for _, c := range output {
			if c != '\n' {
				assert.False(t, c != ' ' && invisible(c), "%q has %q", output, c)
			}
		}
	}
}
