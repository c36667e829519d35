package groundway

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage    = "https://github.com/groundway-sdk/groundway"
)

// RenderSARIF writes the report as a SARIF 2.1.0 log of one run. The rules are
// those that the findings come from, in any order; a code without a rule is
// described by its name alone. The outcome is a result's kind (pass, fail,
// notApplicable, and open for what could not be seen), and the severity the
// level of what failed. A subject that is a place in a file is a physical
// location, any other a logical one. Waivers are suppressions, the fingerprint
// is the partial fingerprint "groundway/v1", and evidence and remedies are
// properties in the form of groundway.report/v1.
//
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func RenderSARIF(w io.Writer, r Report, rules []Rule) error {
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: "Groundway", InformationURI: homepage, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, EndTime: r.Time.UTC().Format("2006-01-02T15:04:05Z")}},
		Results:     []sarifResult{},
	}
	index := map[Code]int{}
	for _, code := range codes(r.Findings) {
		index[code] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(code, rules))
	}
	for _, f := range r.Findings {
		run.Results = append(run.Results, sarifResultOf(f, index[f.Code]))
	}
	data, err := json.MarshalIndent(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, "", "  ")
	if err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	_, err = w.Write(append(VisibleJSON(data), '\n'))
	return err
}

// codes returns the codes of the findings, each once, in alphabetical order.
func codes(findings []Finding) []Code {
	var all []Code
	for _, f := range findings {
		all = append(all, f.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool   `json:"executionSuccessful"`
	EndTime             string `json:"endTimeUtc"`
}

type sarifRule struct {
	ID      string              `json:"id"`
	Short   *sarifMessage       `json:"shortDescription,omitempty"`
	Full    *sarifMessage       `json:"fullDescription,omitempty"`
	HelpURI string              `json:"helpUri,omitempty"`
	Default *sarifConfiguration `json:"defaultConfiguration,omitempty"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifMessage       `json:"message"`
	Locations    []sarifLocation    `json:"locations,omitempty"`
	Related      []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Properties   *sarifProperties   `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	Line   int `json:"startLine"`
	Column int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	Name      string `json:"name,omitempty"`
	Qualified string `json:"fullyQualifiedName,omitempty"`
	Kind      string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
}

type sarifProperties struct {
	Evidence []Fact   `json:"evidence,omitempty"`
	Remedies []Remedy `json:"remedies,omitempty"`
	Causes   []string `json:"causes,omitempty"`
}

func sarifRuleOf(code Code, rules []Rule) sarifRule {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code })
	if i < 0 {
		return sarifRule{ID: string(code)}
	}
	why, page := rules[i].Reason()
	return sarifRule{
		ID: string(code), Short: sarifText(rules[i].Title + "."), Full: sarifText(cmp.Or(why, rules[i].Title)), HelpURI: page,
		Default: &sarifConfiguration{sarifLevel(rules[i].Severity)},
	}
}

func sarifResultOf(f Finding, rule int) sarifResult {
	text := f.Summary
	if f.Detail != "" {
		text += " " + f.Detail
	}
	result := sarifResult{
		RuleID: string(f.Code), RuleIndex: rule, Kind: sarifKinds[f.Outcome], Level: "none", Message: *sarifText(cmp.Or(text, string(f.Code))),
		Fingerprints: map[string]string{"groundway/v1": f.Fingerprint()},
	}
	// Only what failed has a level: section 3.27.10 of the specification.
	if f.Outcome == Failed {
		result.Level = sarifLevel(f.Severity)
	}
	if f.Subject != (Subject{}) {
		result.Locations = []sarifLocation{sarifLocationOf(f.Subject)}
	}
	for _, s := range f.Related {
		result.Related = append(result.Related, sarifLocationOf(s))
	}
	if f.Waived != nil {
		result.Suppressions = []sarifSuppression{{"external", "accepted", f.Waived.Reason}}
	}
	if len(f.Evidence)+len(f.Remedies)+len(f.Causes) > 0 {
		result.Properties = &sarifProperties{f.Evidence, f.Remedies, f.Causes}
	}
	return result
}

var sarifKinds = map[Outcome]string{Passed: "pass", Failed: "fail", Skipped: "notApplicable", Unknown: "open"}

func sarifLevel(s Severity) string {
	if s == Info {
		return "note"
	}
	return s.String()
}

// sarifText returns text as a message. Braces and brackets have a meaning in
// messages, placeholders and links, which a name of an account must not get.
func sarifText(text string) *sarifMessage {
	return &sarifMessage{sarifEscaper.Replace(Visible(text))}
}

var sarifEscaper = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}")

func sarifLocationOf(s Subject) sarifLocation {
	if file, line, column, ok := textPlace(s.Path); ok {
		return sarifLocation{Physical: &sarifPhysical{sarifArtifact{sarifURI(file)}, sarifRegion{line, column}}}
	}
	kind := cmp.Or(s.Kind, "resource")
	return sarifLocation{Logical: []sarifLogical{{
		Name: cmp.Or(s.ID, s.Path), Qualified: cmp.Or(s.ARN, strings.Trim(kind+"/"+s.ID+s.Path, "/")), Kind: kind,
	}}}
}

// textPlace splits file:line:column; the column may be missing.
func textPlace(path string) (file string, line, column int, ok bool) {
	if strings.HasPrefix(path, "/") {
		return "", 0, 0, false // a JSON pointer
	}
	parts := strings.Split(path, ":")
	var numbers []int
	for len(parts) > 1 && len(numbers) < 2 {
		n, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil {
			break
		}
		if n < 1 {
			return "", 0, 0, false
		}
		numbers, parts = append(numbers, n), parts[:len(parts)-1]
	}
	switch file = strings.Join(parts, ":"); {
	case file == "" || len(numbers) == 0:
		return "", 0, 0, false
	case len(numbers) == 1:
		return file, numbers[0], 0, true
	}
	return file, numbers[1], numbers[0], true
}

// sarifURI returns the path of a file as a relative reference of RFC 3986.
func sarifURI(file string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
	var b strings.Builder
	for _, c := range []byte(file) {
		if strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
