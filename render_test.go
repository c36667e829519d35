package groundway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// sampleReport has a finding of every kind and every field in use, in several
// areas, with texts that need wrapping and words that do not fit a line.
func sampleReport(t testing.TB) groundway.Report {
	t.Helper()
	vpc := groundway.Subject{Kind: "vpc", ID: "vpc-0a1", Name: "demo", Region: "us-east-1"}
	blackhole := groundway.Finding{
		Code: "network/nat-not-available", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: "nat-gateway", ID: "nat-0a", Zone: "us-east-1a"},
		Summary: "nat-0a is failed: Elastic IP address eipalloc-0a could not be associated with this NAT gateway",
		Detail:  "Nodes in subnets that route through it cannot pull images or reach the AWS APIs, and the installation stops at its first download.",
		Evidence: []groundway.Fact{
			{Path: "/parts/natGateways/items/nat-0a/state", Got: "failed", Want: "available", Source: "ec2:DescribeNatGateways"},
			{Path: "/parts/routeTables/items/rtb-0w/routes/0.0.0.0~10/target", Got: "nat-0a", Source: "ec2:DescribeRouteTables"},
		},
		Remedies: []groundway.Remedy{
			{
				Action: "Create a new NAT gateway in a public subnet and point the default route at it",
				Commands: [][]string{
					{"aws", "ec2", "create-nat-gateway", "--subnet-id", "<PUBLIC SUBNET>", "--allocation-id", "<ALLOCATION ID>", "--region", "us-east-1"},
					{"aws", "ec2", "replace-route", "--route-table-id", "rtb-0w", "--destination-cidr-block", "0.0.0.0/0", "--nat-gateway-id", "<NEW NAT GATEWAY>"},
				},
				Actor: "the owner of account 444455556666",
				URL:   "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
			},
			{Action: "Route through a NAT gateway that is available"},
		},
		Related: []groundway.Subject{{Kind: "route-table", ID: "rtb-0w"}},
	}
	r := groundway.NewReport(noon, []groundway.Finding{
		blackhole,
		{
			Code: "network/subnet-not-public", Outcome: groundway.Skipped, Severity: groundway.Error, Subject: vpc,
			Summary: "follows from what failed above", Detail: "Subnets subnet-0c1, subnet-0c2 and subnet-0c3 leave the VPC through nat-0a only.",
			Causes: []string{blackhole.Fingerprint()},
		},
		{
			Code: "network/subnet-other-vpc", Outcome: groundway.Skipped, Severity: groundway.Error, Subject: vpc,
			Summary: "the spec names no other VPC",
		},
		{
			Code: "network/subnet-not-found", Outcome: groundway.Passed, Severity: groundway.Error, Subject: vpc,
			Summary: "all 6 subnets exist", Evidence: []groundway.Fact{{Got: "6"}},
		},
		{
			Code: "network/vpc-dns-support-disabled", Outcome: groundway.Unknown, Severity: groundway.Error, Subject: vpc,
			Summary: "whether vpc-0a1 resolves names could not be seen",
			Detail:  "ec2:DescribeVpcAttribute was denied.",
			Evidence: []groundway.Fact{
				{Path: "/parts/vpcs/items/vpc-0a1/dnsSupport", Want: "enabled", Source: "ec2:DescribeVpcAttribute"},
			},
			Remedies: []groundway.Remedy{{Action: "Allow ec2:DescribeVpcAttribute to the caller"}},
		},
		{
			Code: "network/nat-single", Outcome: groundway.Failed, Severity: groundway.Warning, Subject: vpc,
			Summary: "3 zones share one NAT gateway", Remedies: []groundway.Remedy{{Action: "Create one in each zone"}},
		},
		{
			Code: "network/vpc-shared-not-owner", Outcome: groundway.Failed, Severity: groundway.Info, Subject: vpc,
			Summary: "vpc-0a1 belongs to account 444455556666",
		},
		{
			Code: "network/cidr-invalid", Outcome: groundway.Failed, Severity: groundway.Error,
			Subject: groundway.Subject{Kind: "spec", Path: "/network/podCIDR"},
			Summary: "10.2.0.1/16 has bits set beyond its prefix length",
			Detail:  "A word that is longer than any line: " + strings.Repeat("0123456789", 12) + " and what comes after it.",
			Evidence: []groundway.Fact{
				{Path: "cluster.yaml:9:12", Got: "10.2.0.1/16", Want: "10.2.0.0/16"},
				{},
			},
			Remedies: []groundway.Remedy{{
				Action:   "Write 10.2.0.0/16",
				Commands: [][]string{{"sed", "-i", "s#10.2.0.1/16#10.2.0.0/16#", strings.Repeat("a-very-long-folder/", 8) + "cluster.yaml"}},
			}},
		},
		{
			Code: "iam/wildcard-resource", Outcome: groundway.Failed, Severity: groundway.Error,
			Subject: groundway.Subject{Kind: "policy-statement", ID: "AllowAll", Name: "installer", Path: "policy.json:4:7"},
			Summary: "the statement allows iam:PassRole on every role",
		},
	})
	r, err := r.Waive(
		groundway.Waiver{Code: "iam/wildcard-resource", Reason: "a lab account", Expires: noon.AddDate(0, 1, 0)},
		groundway.Waiver{Code: "network/nat-single"},
	)
	require.NoError(t, err)
	return r
}

func renderText(t testing.TB, r groundway.Report, o groundway.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, groundway.RenderText(&b, r, o))
	return b.String()
}

func renderJSON(t testing.TB, r groundway.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, groundway.RenderJSON(&b, r))
	return b.String()
}

func TestRenderGolden(t *testing.T) {
	r := sampleReport(t)
	golden.Check(t, "report-100.txt", []byte(renderText(t, r, groundway.TextOptions{})))
	golden.Check(t, "report-60.txt", []byte(renderText(t, r, groundway.TextOptions{Width: 60})))
	golden.Check(t, "report-color.txt", []byte(renderText(t, r, groundway.TextOptions{Color: true, Width: 80})))
	golden.Check(t, "report.json", []byte(renderJSON(t, r)))
	golden.Check(t, "report-empty.txt", []byte(renderText(t, groundway.NewReport(noon), groundway.TextOptions{})))
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]+m")

func TestRenderTextColor(t *testing.T) {
	r := sampleReport(t)
	colored := renderText(t, r, groundway.TextOptions{Color: true})
	assert.Contains(t, colored, "\x1b[")
	assert.Equal(t, renderText(t, r, groundway.TextOptions{}), colors.ReplaceAllString(colored, ""),
		"color adds escape sequences and moves nothing")
	for line := range strings.Lines(colored) {
		codes := colors.FindAllString(line, -1)
		if len(codes) > 0 {
			assert.Equal(t, "\x1b[0m", codes[len(codes)-1], "a line that is cut out leaves the terminal plain: %q", line)
		}
	}
}

func TestRenderTextWidth(t *testing.T) {
	r := sampleReport(t)
	for _, width := range []int{-1, 0, 1, 59, 60, 61, 72, 80, 99, 100, 101, 120, 200, 1000} {
		limit := width
		if width == 0 {
			limit = 100
		}
		limit = max(60, limit)
		for line := range strings.Lines(renderText(t, r, groundway.TextOptions{Width: width})) {
			line = strings.TrimSuffix(line, "\n")
			assert.Equal(t, strings.TrimRight(line, " "), line, "no line ends with a space")
			if utf8.RuneCountInString(line) <= limit {
				continue
			}
			// Only a word of a command may be longer, and it stands alone but
			// for the backslash behind it.
			word := strings.TrimSuffix(strings.TrimSpace(line), ` \`)
			assert.NotContains(t, word, " ", "width %d: %q has %d columns", width, line, len(line))
			assert.Greater(t, len(word)+len("               \\"), limit, "width %d: %q", width, line)
		}
	}
}

// TestRenderTextCommandWidth proves that a word fits the width wherever it could:
// only one that is longer than a line of its own may stand out.
func TestRenderTextCommandWidth(t *testing.T) {
	for _, length := range []int{1, 20, 40, 60, 78, 79, 80, 81, 82, 83, 84, 100, 200} {
		word := strings.Repeat("x", length)
		command := renderedCommand(t, []string{"aws", "--option", word, "--flag", "--list", word, word, word}, 100)
		for i, line := range strings.Split(command, "\n") {
			if i == 0 {
				line = "             $ " + line
			}
			alone := strings.TrimSuffix(strings.TrimSpace(line), ` \`)
			assert.True(t, len(line) <= 100 || alone == word && length > 81, "words of %d: %q has %d columns", length, line, len(line))
		}
	}
}

func TestRenderTextNoBlankLines(t *testing.T) {
	bare := groundway.NewReport(noon, []groundway.Finding{
		{Code: "network/subnet-a", Outcome: groundway.Skipped, Severity: groundway.Error, Summary: "does not apply"},
		{Code: "network/subnet-b", Outcome: groundway.Passed, Severity: groundway.Error},
		{Code: "network/subnet-c", Outcome: groundway.Skipped, Severity: groundway.Error, Summary: "does not apply"},
	})
	text := renderText(t, bare, groundway.TextOptions{})
	assert.NotContains(t, text, "\n\n\n")
	_, group, ok := strings.Cut(text, "network/subnet\n")
	require.True(t, ok)
	group, _, _ = strings.Cut(group, "\n\n")
	for _, slug := range []string{"subnet-a", "subnet-b", "subnet-c"} {
		assert.Contains(t, group, slug, "what has no detail leaves no line empty, which would end its group")
	}
}

func TestRenderTextOrder(t *testing.T) {
	text := renderText(t, sampleReport(t), groundway.TextOptions{})
	var areas []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "network/") || strings.HasPrefix(line, "iam/") {
			areas = append(areas, strings.TrimSpace(line))
		}
	}
	assert.Equal(t, []string{"network/cidr", "network/nat", "network/vpc", "iam/wildcard", "network/subnet"}, areas,
		"errors first, then what is waived, then what passed; in the order of the codes otherwise")
	assert.Less(t, strings.Index(text, "nat-not-available"), strings.Index(text, "nat-single"), "an error before what is waived")
	assert.Less(t, strings.Index(text, "subnet-not-found"), strings.Index(text, "subnet-not-public"), "a pass before a skip")

	shuffled := sampleReport(t)
	findings := slices.Clone(shuffled.Findings)
	slices.Reverse(findings)
	assert.Equal(t, text, renderText(t, groundway.NewReport(shuffled.Time, findings), groundway.TextOptions{}))
}

// Many rules that do not apply for one reason are one line; a few are a line each.
func TestRenderTextInapplicable(t *testing.T) {
	var findings []groundway.Finding
	for i, detail := range []string{"no key is named", "no key is named", "no key is named", "no key is named", "no key is named", "no zone is named", "no zone is named"} {
		findings = append(findings, groundway.Finding{
			Code: groundway.Code("sshkeys/rule-" + string(rune('a'+i))), Outcome: groundway.Skipped, Severity: groundway.Error,
			Summary: "A rule", Detail: detail,
		})
	}
	cause := findings[0]
	cause.Code, cause.Causes = "sshkeys/rule-z", []string{"0"}
	got := renderText(t, groundway.NewReport(noon, append(findings, cause)), groundway.TextOptions{})
	assert.Equal(t, `Groundway report of 2026-03-01 12:00:00 UTC
8 skipped

sshkeys/rule
  skipped  A rule (rule-f): no zone is named
  skipped  A rule (rule-g): no zone is named
  skipped  A rule (rule-z): no key is named

not applicable
  skipped  5 rules of sshkeys: no key is named

Nothing blocks the installation.
`, got)
}

func TestRenderVerdict(t *testing.T) {
	one := groundway.NewReport(noon, []groundway.Finding{errorA})
	assert.True(t, strings.HasSuffix(renderText(t, one, groundway.TextOptions{}), "\n\nBlocked by 1 error.\n"))
	two := groundway.NewReport(noon, ofAKind)
	assert.True(t, strings.HasSuffix(renderText(t, two, groundway.TextOptions{}), "\n\nBlocked by 2 errors.\n"))
	waived, err := two.Waive(groundway.Waiver{Code: "network/a"}, groundway.Waiver{Code: "network/b"})
	require.NoError(t, err)
	const unseen = "\n\nNothing that was seen blocks the installation; 1 thing could not be seen.\n"
	assert.True(t, strings.HasSuffix(renderText(t, waived, groundway.TextOptions{}), unseen))
	waived.Findings = waived.Blocking()
	assert.True(t, strings.HasSuffix(renderText(t, waived, groundway.TextOptions{}), "\n\nNothing blocks the installation.\n"))
}

// full is a writer that takes nothing.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestRenderErrors(t *testing.T) {
	r := sampleReport(t)
	assert.ErrorIs(t, groundway.RenderText(full{}, r, groundway.TextOptions{}), errFull)
	assert.ErrorIs(t, groundway.RenderJSON(full{}, r), errFull)
	var b bytes.Buffer
	err := groundway.RenderJSON(&b, groundway.NewReport(noon, []groundway.Finding{{Code: "a/b"}}))
	assert.ErrorContains(t, err, "render report: ")
	assert.Empty(t, b.String(), "half a document is none")
}

// hostileRanges are characters that a terminal, a browser or a reader would not
// see as they are.
var hostileRanges = [][2]rune{
	{0x00, 0x00},
	{0x01, 0x1f},       // C0
	{0x7f, 0x9f},       // DEL and C1
	{0xad, 0xad},       // soft hyphen
	{0x34f, 0x34f},     // combining grapheme joiner
	{0x61c, 0x61c},     // Arabic letter mark
	{0x115f, 0x1160},   // Hangul fillers
	{0x17b4, 0x17b5},   // Khmer inherent vowels
	{0x180b, 0x180f},   // Mongolian variation selectors
	{0x200b, 0x200f},   // zero width and direction marks
	{0x2028, 0x202e},   // separators, embeddings and overrides
	{0x2060, 0x206f},   // joiners and isolates
	{0x3164, 0x3164},   // Hangul filler
	{0xd7ff, 0xd7ff},   // unassigned
	{0xe000, 0xe000},   // private use
	{0xfe00, 0xfe0f},   // variation selectors
	{0xfeff, 0xfeff},   // byte order mark
	{0xffa0, 0xffa0},   // half-width Hangul filler
	{0xfff9, 0xfffb},   // interlinear annotation
	{0xffff, 0xffff},   // noncharacter
	{0xe0001, 0xe0001}, // tags
	{0xe0020, 0xe007f},
	{0xe0100, 0xe01ef}, // variation selectors supplement
}

// hostile returns texts of these characters amid letters, and texts that do harm
// in other ways.
func hostile() (all []string) {
	for _, r := range hostileRanges {
		text := ""
		for c := r[0]; c <= r[1]; c++ {
			text += "a" + string(c) + "b"
			if len(text) > 100 || c == r[1] {
				all, text = append(all, text), ""
			}
		}
	}
	return append(all,
		"a\xffb", "a\xc0\x80b", "a\xed\xa0\x80b", "a\xf4\x90\x80\x80b", "\xe2\x80", // invalid UTF-8
		"\x1b[2J\x1b]0;title\x07", "\x1b]8;;https://example.com\x1b\\click\x1b]8;;\x1b\\", "\u202egnp.exe",
		"line\r\nERROR    forged finding", "$(rm -rf ~)<script>alert(1)</script>", "`id`", "'; rm -rf ~ #", "\x01'; rm -rf ~ #",
		"%s%n%d", `\`, `\x1b[31m`, `"`, strings.Repeat("\u0301", 100),
	)
}

// plant writes text into every string of v, however deep.
func plant(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			plant(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			plant(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			plant(v.Elem(), text)
		}
	}
}

// hostileReport holds text wherever a report can hold text.
func hostileReport(text string) groundway.Report {
	var findings []groundway.Finding
	for _, o := range []groundway.Outcome{groundway.Failed, groundway.Unknown, groundway.Passed, groundway.Skipped, groundway.Failed} {
		f := groundway.Finding{
			Outcome: o, Severity: groundway.Error,
			Evidence: []groundway.Fact{{}},
			Remedies: []groundway.Remedy{{Commands: [][]string{{"", "", ""}}}, {}},
			Related:  []groundway.Subject{{}},
			Causes:   []string{""},
		}
		if len(findings) > 3 {
			f.Waived = &groundway.Waiver{}
		}
		plant(reflect.ValueOf(&f).Elem(), text)
		findings = append(findings, f)
	}
	pointer := findings[0]
	pointer.Evidence = []groundway.Fact{{Path: "/" + text, Got: text}}
	return groundway.NewReport(noon, append(findings, pointer))
}

// invisible is judged by the categories of Unicode and, for what has a visible
// category and no picture, by the list of hostile characters itself.
func invisible(c rune) bool {
	if ' ' < c && c < 0x7f {
		return false
	}
	return unicode.In(c, unicode.C, unicode.Z) || c == utf8.RuneError ||
		slices.ContainsFunc(hostileRanges, func(r [2]rune) bool { return r[0] <= c && c <= r[1] })
}

func TestRenderHostileText(t *testing.T) {
	for _, text := range hostile() {
		r := hostileReport(text)
		for name, output := range map[string]string{
			"text": renderText(t, r, groundway.TextOptions{}),
			"JSON": renderJSON(t, r),
		} {
			require.True(t, utf8.ValidString(output), "%s of %q", name, text)
			for i, c := range output {
				if c != '\n' && c != ' ' && invisible(c) {
					t.Fatalf("%s of %q holds %U near %q", name, text, c, output[max(0, i-30):min(len(output), i+30)])
				}
			}
		}
		colored := renderText(t, r, groundway.TextOptions{Color: true})
		assert.NotContains(t, colors.ReplaceAllString(colored, ""), "\x1b", "%q", text)
		assert.NotContains(t, renderText(t, r, groundway.TextOptions{}), "\nERROR    forged", "%q", text)
	}
}

// TestRenderJSONKeepsText proves that the escapes read back as what they stand
// for. Invalid UTF-8 has no form in JSON and becomes what encoding/json makes of it.
func TestRenderJSONKeepsText(t *testing.T) {
	for _, text := range append(hostile(), "plain", "ünïcödé ☃ 😀 中文", "<&>") {
		output := renderJSON(t, hostileReport(text))
		for _, c := range "<>&" {
			assert.NotContains(t, output, string(c), "%q within HTML", text)
		}
		var back groundway.Report
		require.NoError(t, json.Unmarshal([]byte(output), &back), "%q", text)
		plain, err := json.Marshal(text)
		require.NoError(t, err)
		var want string
		require.NoError(t, json.Unmarshal(plain, &want))
		require.Equal(t, hostileReport(want), back, "%q", text)
	}
}

// TestRenderKeepsVisibleText proves that caution does not eat names in other
// scripts.
func TestRenderKeepsVisibleText(t *testing.T) {
	for _, text := range []string{"ünïcödé", "中文", "日本語", "한국어", "العربية", "हिन्दी", "☃", "😀", "e\u0301"} {
		r := hostileReport(text)
		assert.Contains(t, renderText(t, r, groundway.TextOptions{}), text)
		assert.Contains(t, renderJSON(t, r), text)
	}
}

// TestRenderedCommandsRun gives hostile words to real shells, in the way a
// reader would who copies a command, and looks at what the program then gets.
func TestRenderedCommandsRun(t *testing.T) {
	words := append(hostile(),
		"", " ", "a b", "$HOME", "${HOME}", "$(id)", "`id`", "*", "?", "[a]", "{a,b}", "~", "~root", "!!", "!ls", "a!b",
		"#", "a#b", "&", "|", ";", "<", ">", "(", ")", "=", "a=b", "-n", "--", "-", "'", "''", "'\\''", `"`, `\`, `\\`, `\'`, `\n`, "\n", "a\n", "\t",
		"a'b\nc", "a\\\nb", "\x01'", "\x01\\", "\x017", "ü", "ü\n", "%s", "%%", "subnet-0c1", "0.0.0.0/0", "Key=Name,Value=a b", "<SUBNET>",
	)
	words = slices.DeleteFunc(words, func(word string) bool {
		return strings.Contains(word, "\x00") // no argument of a program can hold one
	})
	// Names that a pattern left unquoted would turn into.
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "ab"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	for _, width := range []int{60, 100, 10000} {
		for _, shell := range []string{"bash", "sh"} {
			var scripts, want []string
			for _, word := range words {
				args := []string{"printf", "[%s]", word, "--option", word, word, strings.Repeat("x", 50), "--flag", "-o", word}
				script := renderedCommand(t, args, width)
				if shell == "sh" && strings.Contains(script, "$'") {
					continue // an escape that older shells print as it is
				}
				scripts = append(scripts, script)
				want = append(want, "["+strings.Join(args[2:], "][")+"]")
			}
			// One shell for all of them, with a zero byte behind each.
			output := run(t, dir, shell, strings.Join(scripts, "\nprintf '\\0'\n"))
			got := strings.Split(output, "\x00")
			require.Len(t, got, len(want), "%s at width %d", shell, width)
			for i := range want {
				assert.Equal(t, want[i], got[i], "%s at width %d reads %s", shell, width, scripts[i])
			}
		}
	}
}

// TestRenderedWords pins how words are quoted where running them cannot tell: an
// interactive shell expands more than a script does.
func TestRenderedWords(t *testing.T) {
	for word, want := range map[string]string{
		"subnet-0c1":                    "subnet-0c1",
		"arn:aws:iam::111122223333:a/b": "arn:aws:iam::111122223333:a/b",
		"Key=a,Value=b@c+d%e":           "Key=a,Value=b@c+d%e",
		"":                              "''",
		"a b":                           "'a b'",
		"it's":                          `'it'\''s'`,
		"wow!!":                         "'wow!!'",
		"~":                             "'~'",
		"=ls":                           "'=ls'",
		"中文":                            "'中文'",
		"a\tb":                          `$'a\011b'`,
		"\x1b's\\":                      `$'\033\047s\134'`,
		"\u202e!":                       `$'\342\200\256!'`,
	} {
		assert.Equal(t, "x "+want, renderedCommand(t, []string{"x", word}, 100))
	}
}

// TestRenderedCommandsAreHarmless gives words that try to run a command to a
// shell that knows $'…' and to one that does not.
func TestRenderedCommandsAreHarmless(t *testing.T) {
	for _, word := range []string{
		"$(touch pwned)", "`touch pwned`", "; touch pwned", "'; touch pwned #", "\"; touch pwned #", "\n touch pwned\n",
		"\x01'; touch pwned #", "\x01\\'; touch pwned #", "\x01\\\\'; touch pwned #", "\x01'\ntouch pwned\n'", "\x01$(touch pwned)",
		"\x01'$(touch pwned)'", "\u202e'; touch pwned #", "\xff'; touch pwned #", "\x01'\"$(touch pwned)\"'", "|touch pwned", "& touch pwned &",
	} {
		for _, shell := range []string{"bash", "sh"} {
			dir := t.TempDir()
			script := renderedCommand(t, []string{"printf", "%s", word, "--name", word}, 100)
			run(t, dir, shell, script)
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			require.NoError(t, err)
			assert.Empty(t, files, "%s ran a part of %s", shell, script)
		}
	}
}

// renderedCommand returns the command as a report prints it, without the prompt.
func renderedCommand(t testing.TB, args []string, width int) string {
	t.Helper()
	f := errorA
	f.Remedies = []groundway.Remedy{{Action: "Run", Commands: [][]string{args}}}
	text := renderText(t, groundway.NewReport(noon, []groundway.Finding{f}), groundway.TextOptions{Width: width})
	_, command, ok := strings.Cut(text, "\n             $ ")
	require.True(t, ok, text)
	command, _, ok = strings.Cut(command, "\n\nBlocked")
	require.True(t, ok, text)
	return command
}

func run(t testing.TB, dir, shell, script string) string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("%s is not installed: %v", shell, err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-c", script)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/nonexistent"}
	output, _ := cmd.Output() // what it prints is the verdict
	return string(output)
}

// What is called as its ID is called so once.
func TestSubjectIsNamedOnce(t *testing.T) {
	for _, test := range []struct {
		subject groundway.Subject
		want    string
	}{
		{groundway.Subject{Kind: "availability-zone", ID: "eu-west-1a", Zone: "eu-west-1a"}, "availability-zone eu-west-1a"},
		{groundway.Subject{Kind: "availability-zone", ID: "eu-west-1a", Name: "eu-west-1a"}, "availability-zone eu-west-1a"},
		{groundway.Subject{Kind: "hosted-zone", ID: "Z01", Name: "example.com", Zone: "example.com"}, "hosted-zone Z01 (example.com)"},
		{groundway.Subject{Kind: "field", Path: "/a", Name: "/a"}, "field /a"},
		{groundway.Subject{Kind: "subnet", ID: "subnet-0a", Name: "web", Zone: "eu-west-1a"}, "subnet subnet-0a (web, eu-west-1a)"},
	} {
		r := groundway.NewReport(noon, []groundway.Finding{{Code: "network/x", Outcome: groundway.Failed, Severity: groundway.Error, Subject: test.subject}})
		var text strings.Builder
		require.NoError(t, groundway.RenderText(&text, r, groundway.TextOptions{}))
		assert.Contains(t, text.String(), "network/x  "+test.want+"\n")
		assert.Contains(t, renderHTML(t, r, groundway.HTMLOptions{}), ">"+test.want+"</a></h4>")
	}
}
