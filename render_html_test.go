package groundway_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func renderHTML(t testing.TB, r groundway.Report, o groundway.HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, groundway.RenderHTML(&b, r, o))
	return b.String()
}

// balanced fails unless every element is closed, in order.
func balanced(t *testing.T, page string) {
	t.Helper()
	var open []string
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<!DOCTYPE html>`).ReplaceAllString(page, "")
	for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*?(/?)>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta" || m[2] == "br" || m[3] == "/":
		case m[1] == "":
			open = append(open, m[2])
		default:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1], m[2])
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open)
}

func TestRenderHTML(t *testing.T) {
	page := renderHTML(t, sampleReport(t), groundway.HTMLOptions{
		Title: "demo & more", Pictures: []groundway.Picture{
			{Title: "The network", SVG: `<svg viewBox="0 0 830 1"></svg>`, Narrow: `<svg viewBox="0 0 440 2"></svg>`},
			{Title: "Certificates", SVG: `<svg></svg>`},
		},
	})
	golden.Check(t, "report.html", []byte(page))
	balanced(t, page)
	assert.Contains(t, page, "<title>demo &amp; more</title>")
	assert.Contains(t, page, `<a href="#network/nat-not-available">network/nat-not-available</a>`)
	assert.Regexp(t, `(?s)<div class="frame wide" style="--wide:830px"><p class="hint">The picture is wider [^\n]*\n<div class="picture"[^\n]*\n<svg viewBox="0 0 830 1"></svg>`, page)
	assert.Regexp(t, `(?s)<div class="frame narrow" style="--wide:440px">.*<svg viewBox="0 0 440 2"></svg>`, page)
	assert.Regexp(t, `<div class="frame">\n<div class="picture"[^\n]*\n<svg></svg>`, page, "a picture of unknown width")

	// Nothing is loaded, and nothing runs.
	assert.NotRegexp(t, `(?i)<(script|link|img|iframe|object|embed|form|base)\b`, page)
	assert.NotRegexp(t, `(?i)\bon[a-z]+=|javascript:|url\(|@import`, page)
	for _, m := range regexp.MustCompile(`\b(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		assert.Regexp(t, `^(#|https://)`, m[1])
	}
	// Anchors are unique, and links within the page lead to one.
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bid="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		assert.False(t, ids[m[1]], m[1])
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		assert.True(t, ids[m[1]], m[1])
	}
}

// A code that fails with two severities, and one that failed and was skipped
// for the same subject, stand in several places of one page.
func TestRenderHTMLAnchors(t *testing.T) {
	f := groundway.Finding{
		Code: "network/subnet-free-ips-low", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: "subnet", ID: "subnet-0a"}, Summary: "x",
	}
	g, h := f, f
	g.Severity, g.Subject.ID = groundway.Warning, "subnet-0b"
	h.Outcome = groundway.Skipped
	page := renderHTML(t, groundway.NewReport(noon, []groundway.Finding{f, g, h}), groundway.HTMLOptions{})
	assert.Equal(t, 1, strings.Count(page, `id="network/subnet-free-ips-low"`))
	assert.Equal(t, 1, strings.Count(page, `id="network/subnet-free-ips-low-2"`))
	assert.Equal(t, 1, strings.Count(page, `id="f-`+f.Fingerprint()+`"`))
	assert.Equal(t, 1, strings.Count(page, `id="f-`+f.Fingerprint()+`-2"`))
}

func TestRenderHTMLVerdicts(t *testing.T) {
	assert.Contains(t, renderHTML(t, groundway.Report{}, groundway.HTMLOptions{}), `<p class="verdict good">Nothing stops the installation.</p>`)
	assert.NotContains(t, renderHTML(t, groundway.Report{}, groundway.HTMLOptions{}), "<time")
	unknown := groundway.NewReport(time.Time{}, []groundway.Finding{{Code: "network/x", Outcome: groundway.Unknown, Severity: groundway.Error}})
	assert.Contains(t, renderHTML(t, unknown, groundway.HTMLOptions{}), `<p class="verdict part">Nothing that was seen stops the installation; 1 thing could not be seen.</p>`)
	unknown.Findings = append(unknown.Findings, unknown.Findings[0])
	assert.Contains(t, renderHTML(t, unknown, groundway.HTMLOptions{}), "; 2 things could not be seen.")
}

// Each command is whole, is selected alone, and breaks between its words only.
func TestRenderHTMLCommands(t *testing.T) {
	page := renderHTML(t, groundway.NewReport(noon, []groundway.Finding{{
		Code: "network/x", Outcome: groundway.Failed, Severity: groundway.Error,
		Remedies: []groundway.Remedy{{Action: "Replace it.", Commands: [][]string{
			{"aws", "ec2", "create-nat-gateway", "--dry-run", "--subnet-id", "<public subnet>"},
			{"aws", "ec2", "replace-route", "--nat-gateway-id"},
		}}},
	}}), groundway.HTMLOptions{})
	balanced(t, page)
	var commands []string
	for _, m := range regexp.MustCompile(`<pre><code>(.*)</code></pre>`).FindAllStringSubmatch(page, -1) {
		commands = append(commands, m[1])
	}
	assert.Equal(t, []string{
		"<span>aws</span> <span>ec2</span> <span>create-nat-gateway</span> <span>--dry-run</span> <span><span>--subnet-id</span> <span>&#39;&lt;public subnet&gt;&#39;</span></span>",
		"<span>aws</span> <span>ec2</span> <span>replace-route</span> <span>--nat-gateway-id</span>",
	}, commands)
}

// Whatever text the account holds, it comes out as text.
func TestRenderHTMLHostile(t *testing.T) {
	const text = "$(rm -rf ~)</pre><script>alert(1)</script>\x1b[31m\u202e\" onload=x '&\xff%s%d"
	f := groundway.Finding{
		Code: groundway.Code(text), Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: text, ID: text, Name: text, Zone: text, Path: text}, Summary: text, Detail: text,
		Evidence: []groundway.Fact{{Path: text, Got: text, Want: text, Source: text}},
		Remedies: []groundway.Remedy{{Action: text, Commands: [][]string{{text, text}}, Actor: text, URL: "javascript:alert(1)"}, {Action: text, URL: "https://example.com/" + text}},
		Related:  []groundway.Subject{{Kind: text, ID: text}}, Causes: []string{text},
	}
	g := f
	g.Outcome = groundway.Passed
	page := renderHTML(t, groundway.NewReport(noon, []groundway.Finding{f, g}), groundway.HTMLOptions{Title: text, Pictures: []groundway.Picture{{Title: text}}})
	balanced(t, page)
	for _, bad := range []string{"<script", "javascript:", "\x1b", "\u202e", "\xff", `" onload`, "%!"} {
		assert.NotContains(t, page, bad)
	}
}

func TestRenderHTMLToABrokenWriter(t *testing.T) {
	assert.EqualError(t, groundway.RenderHTML(brokenWriter{}, groundway.Report{}, groundway.HTMLOptions{}), "no space left")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func ExampleRenderHTML() {
	report := groundway.NewReport(noon, []groundway.Finding{{
		Code: "network/subnet-not-public", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: "subnet", ID: "subnet-0c1"}, Summary: "The controller subnet subnet-0c1 leads to a NAT gateway.",
	}})
	var page strings.Builder
	if err := groundway.RenderHTML(&page, report, groundway.HTMLOptions{Title: "Preflight of demo"}); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(page.String()) {
		if strings.Contains(line, "<title>") || strings.Contains(line, "verdict bad\"") {
			fmt.Print(line)
		}
	}
	// Output:
	// <title>Preflight of demo</title>
	// <p class="verdict bad">1 finding stops the installation.</p>
}
