package groundway

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// JUnitOptions tunes [RenderJUnit]; its zero value fails what blocks, and
// nothing else.
type JUnitOptions struct {
	Strict bool // a warning is a failure too, and what could not be seen an error
}

// RenderJUnit writes the report as JUnit XML, in the form of Ant's schema that
// CI systems agree on: a suite for each area, in the order of [RenderText], and
// a case for each finding. The class name is the code and the name its subject.
// What blocks is a failure. The form knows no warnings: a failed finding that
// does not block, one that is waived and one that could not be seen are
// skipped, with their summary as the message, and the suite's system-out holds
// them in full. Rules that do not apply are skipped as well.
//
// Source: https://github.com/windyroad/JUnit-Schema
func RenderJUnit(w io.Writer, r Report, o JUnitOptions) error {
	var doc junitSuites
	for i, area := range areas(r.Findings) {
		doc.Suites = append(doc.Suites, junitSuiteOf(i, r, area, o))
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []junitSuite
}

// A junitSuite has its elements and attributes in the order of the schema,
// which asks for all of them.
type junitSuite struct {
	XMLName    xml.Name `xml:"testsuite"`
	Package    string   `xml:"package,attr"`
	ID         int      `xml:"id,attr"`
	Name       string   `xml:"name,attr"`
	Timestamp  string   `xml:"timestamp,attr"` // without a zone; it is UTC
	Hostname   string   `xml:"hostname,attr"`
	Tests      int      `xml:"tests,attr"`
	Failures   int      `xml:"failures,attr"`
	Errors     int      `xml:"errors,attr"`
	Skipped    int      `xml:"skipped,attr"`
	Time       int      `xml:"time,attr"` // of the suite: a report knows no durations
	Properties struct{} `xml:"properties"`
	Cases      []junitCase
	Out        string `xml:"system-out"`
	Err        string `xml:"system-err"`
}

type junitCase struct {
	XMLName   xml.Name     `xml:"testcase"`
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	Time      int          `xml:"time,attr"`
	Skipped   *junitResult `xml:"skipped"`
	Error     *junitResult `xml:"error"`
	Failure   *junitResult `xml:"failure"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func junitSuiteOf(id int, r Report, area []Finding, o JUnitOptions) junitSuite {
	code := area[0].Code
	s := junitSuite{
		Package: Visible(code.Package()), ID: id, Name: Visible(code.Area()), Hostname: "localhost",
		Timestamp: r.Time.UTC().Format("2006-01-02T15:04:05"), Tests: len(area),
	}
	var out strings.Builder
	for _, f := range area {
		c := junitCase{ClassName: Visible(string(f.Code)), Name: Visible(cmp.Or(f.Subject.describe(), string(f.Code)))}
		result := &junitResult{Message: Visible(f.Summary), Type: f.Severity.String(), Text: findingText(f)}
		open := f.Waived == nil && (f.Outcome == Failed || f.Outcome == Unknown)
		switch {
		case f.Blocks(), o.Strict && open && f.Outcome == Failed && f.Severity == Warning:
			c.Failure = result
			s.Failures++
		case o.Strict && open && f.Outcome == Unknown:
			result.Type = f.Outcome.String()
			c.Error = result
			s.Errors++
		case f.Outcome == Passed:
		default:
			label, _ := labelOf(f)
			c.Skipped = &junitResult{Message: strings.ToLower(label) + ": " + Visible(f.Summary)}
			s.Skipped++
			if f.Outcome != Skipped {
				out.WriteString(result.Text)
			}
		}
		s.Cases = append(s.Cases, c)
	}
	s.Out = out.String()
	return s
}

// findingText returns the finding as [RenderText] writes it, without color.
func findingText(f Finding) string {
	p := printer{width: 100}
	p.finding(f)
	return p.out.String()
}
