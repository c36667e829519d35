package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// execute runs the command as it runs where nothing is a terminal.
func execute(args ...string) (status int, stdout, stderr string) {
	return executeOn(command{}, args...)
}

// executeOn runs the command with what c says of the surroundings.
func executeOn(c command, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	c.stdout, c.stderr = &out, &errs
	if c.env == nil {
		c.env = func(string) string { return "" }
	}
	if c.now.IsZero() {
		c.now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	}
	status = c.run(context.Background(), args)
	return status, out.String(), errs.String()
}

const (
	spec        = "broken/cluster.yaml"
	builtInNote = "preflight: note: this is the built-in account, examples/preflight/account; -h says how to check yours, and broken beside it is one that is not ready\n"
)

func TestBuiltInAccount(t *testing.T) {
	status, text, stderr := execute()
	assert.Equal(t, statusClear, status)
	assert.Equal(t, builtInNote, stderr)
	golden.Check(t, "account.txt", []byte(text))

	// The directory says the same from outside.
	status, again, stderr := execute("-spec", "account/cluster.yaml", "-snapshot", "account")
	assert.Equal(t, statusClear, status)
	assert.Empty(t, stderr)
	assert.Equal(t, text, again)
}

// A VPC that does not exist yet has nothing to check.
func TestNewVPC(t *testing.T) {
	status, stdout, stderr := execute("-spec", "../tectonic/account/cluster.yaml", "-snapshot", "../tectonic/account")
	assert.Equal(t, statusBroken, status)
	assert.Empty(t, stdout)
	assert.Equal(t, "preflight: the spec plans a new VPC, and the preflight checks one that exists: want network.vpc; see examples/tectonic\n", stderr)
}

func TestBrokenAccount(t *testing.T) {
	status, text, stderr := execute("-spec", spec, "-snapshot", "broken")
	assert.Equal(t, statusBlocked, status)
	assert.Empty(t, stderr)
	golden.Check(t, "broken.txt", []byte(text))

	status, data, stderr := execute("-spec", spec, "-snapshot", "broken", "-format", "json")
	assert.Equal(t, statusBlocked, status)
	assert.Empty(t, stderr)
	golden.Check(t, "broken.json", []byte(data))
}

func TestTextFits(t *testing.T) {
	_, report, _ := execute()
	assertFits(t, report)
	for _, code := range []string{"network/subnet-not-public", "network/dhcp-domain-wrong"} {
		_, text, _ := execute("-explain", code)
		assertFits(t, text)
	}
	_, help, _ := execute("-h")
	own, _, _ := strings.Cut(help, "#!/bin/sh")
	assertFits(t, own)
}

// assertFits finds no line over 100 columns but those of a single word of a
// command, with its option.
func assertFits(t *testing.T, text string) {
	t.Helper()
	require.NotEmpty(t, text)
	word := regexp.MustCompile(`^ {13,}(--[a-z-]+ )?(\$?'.*'|[^ ]*)( \\)?$`)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if n := utf8.RuneCountInString(line); n > 100 && !word.MatchString(line) {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	text, err := os.ReadFile(spec)
	require.NoError(t, err)
	elsewhere := file("elsewhere.yaml", strings.Replace(string(text), "us-west-2", "us-west-1", 1))
	wrong := file("wrong.yaml", strings.NewReplacer("us-west-2", "us-west-2a", "cluster:", "clutser:").Replace(string(text)))
	const (
		all      = "network/dhcp-domain-wrong,network/nat-not-in-public-subnet,network/subnet-not-public"
		rest     = "network/subnet-no-auto-public-ip,network/vpc-dns-hostnames-disabled"
		noReport = ""
	)

	for _, test := range []struct {
		name   string
		args   []string
		status int
		stdout string // a part of it, or noReport
		stderr string // without "preflight: " at the beginning of lines, and DIR for the directory
	}{
		// What the flags ask.
		{"a spec and a directory", []string{"-spec", spec, "-snapshot", "broken"}, 1, "Blocked by 3 errors.", ""},
		{"flags with two hyphens", []string{"--spec=" + spec, "--snapshot=broken"}, 1, "Blocked by 3 errors.", ""},
		{"json", []string{"-spec", spec, "-snapshot", "broken", "-format", "json"}, 1, `"schema": "groundway.report/v1"`, ""},
		{"help", []string{"-h"}, 0, "-save-snapshot FILE", ""},
		{"help with two hyphens", []string{"--help"}, 0, "save ec2-describe-vpcs.json ec2 describe-vpcs\n", ""},
		{"checklist", []string{"-spec", spec, "-snapshot", "broken", "-format", "checklist"}, 1, "  failed   private subnets with a default gateway\n           network/nat-not-in-public-subnet of nat-07c38ad95be14f260\n", ""},
		{"script", []string{"-spec", spec, "-script"}, 0, "save ec2-describe-vpcs.json ec2 describe-vpcs\n", ""},
		{"policy of no account", []string{"-spec", spec, "-policy"}, 2, noReport, "-policy: " + spec + " does not say which account it is for: want the key account\n"},
		{"policy and a check", []string{"-spec", spec, "-policy", "-live"}, 2, noReport, "-policy and -script print and check nothing: each stands with -spec alone\n"},
		{"policy without a spec", []string{"-policy"}, 2, noReport, "-policy and -script print and check nothing: each stands with -spec alone\n"},
		{"explain", []string{"-explain", "network/subnet-not-public"}, 0, "IAM actions  ec2:DescribeVpcs, ec2:DescribeSubnets, ec2:DescribeRouteTables,\n", ""},

		// Waivers.
		{"waive one", []string{"-spec", spec, "-snapshot", "broken", "-waive", "network/dhcp-domain-wrong"}, 1, "Blocked by 2 errors.", ""},
		{"waive a subject", []string{"-spec", spec, "-snapshot", "broken", "-waive", "network/subnet-not-public@subnet-8d24f6a1"}, 1, "Blocked by 2 errors.", ""},
		{"waive all", []string{"-spec", spec, "-snapshot", "broken", "-waive", all}, 0, "waived: by -waive", ""},
		{"waive all in two flags", []string{"-spec", spec, "-snapshot", "broken", "-waive", "network/dhcp-domain-wrong, network/subnet-not-public", "-waive", "network/nat-not-in-public-subnet"}, 0, "Nothing that was seen blocks the installation; 1 thing could not be seen.", ""},
		{
			"waive what is not there",
			[]string{"-spec", spec, "-snapshot", "broken", "-waive", "network/nat-single,network/dhcp-domain-wrong@dopt-2c6f90d1"},
			1, "Blocked by 3 errors.",
			"note: waive network/nat-single: no failed or unknown finding has this code and subject\n" +
				"note: waive network/dhcp-domain-wrong@dopt-2c6f90d1: no failed or unknown finding has this code and subject\n",
		},
		{
			"waive nonsense",
			[]string{"-waive", "network/nat-sinlge,nat,,network/nat-single@"},
			2, noReport,
			"-waive: no rule has the code \"network/nat-sinlge\", the nearest is network/nat-single\n" +
				"-waive: parse waiver \"nat\": want CODE or CODE@SUBJECT, such as network/nat-single@nat-0a\n" +
				"-waive: parse waiver \"\": want CODE or CODE@SUBJECT, such as network/nat-single@nat-0a\n" +
				"-waive: parse waiver \"network/nat-single@\": no subject after the @\n",
		},

		// Strict.
		{"strict and blocked anyway", []string{"-spec", spec, "-snapshot", "broken", "-strict"}, 1, "Blocked by 3 errors.", ""},
		{
			"strict",
			[]string{"-spec", spec, "-snapshot", "broken", "-strict", "-waive", all},
			1, "Nothing that was seen blocks the installation; 1 thing could not be seen.",
			"note: with -strict, warnings (1) and unknowns (1) block too\n",
		},
		{
			"strict and an unknown",
			[]string{"-spec", spec, "-snapshot", "broken", "-strict", "-waive", all + ",network/subnet-no-auto-public-ip"},
			1, "waived",
			"note: with -strict, warnings (0) and unknowns (1) block too\n",
		},
		{"strict and nothing", []string{"-spec", spec, "-snapshot", "broken", "-strict", "-waive", all + "," + rest}, 0, "5 waived", ""},

		// Flags that are wrong.
		{"an unknown flag", []string{"-snapshto", "x"}, 2, noReport, "flag provided but not defined: -snapshto; -h lists the flags\n"},
		{"trying without the account", []string{"-spec", spec, "-snapshot", "x", "-probe"}, 2, noReport, "-probe needs -live\n"},
		{"trying at an emulator", []string{"-spec", spec, "-live", "-probe", "-endpoint-url", "http://127.0.0.1:1"}, 2, noReport, "-probe asks EC2 itself: an emulator behind -endpoint-url might make what is only to be tried\n"},
		{"no value", []string{"-spec"}, 2, noReport, "flag needs an argument: -spec; -h lists the flags\n"},
		{"a value that is no truth value", []string{"-strict=maybe"}, 2, noReport, "invalid boolean value \"maybe\" for -strict: parse error; -h lists the flags\n"},
		{"an argument", []string{"account"}, 2, noReport, "unexpected argument \"account\": every input has a flag, -h lists them\n"},
		{"a spec alone", []string{"-spec", spec}, 2, noReport, "-spec needs -live, or -snapshot: a saved snapshot, or a directory of output of the AWS CLI\n"},
		{"a snapshot alone", []string{"-snapshot", "broken"}, 2, noReport, "-snapshot and -live need -spec: the cluster to check the account for\n"},
		{"live alone", []string{"-live"}, 2, noReport, "-snapshot and -live need -spec: the cluster to check the account for\n"},
		{"live and a snapshot", []string{"-spec", spec, "-live", "-snapshot", "broken"}, 2, noReport, "-snapshot and -live are two accounts: name one of them\n"},
		{"an endpoint without live", []string{"-spec", spec, "-snapshot", "broken", "-endpoint-url", "http://127.0.0.1:1"}, 2, noReport, "-endpoint-url needs -live\n"},
		{"an endpoint that is no URL", []string{"-spec", spec, "-live", "-endpoint-url", "127.0.0.1:5000"}, 2, noReport, "-endpoint-url \"127.0.0.1:5000\": want a URL such as http://127.0.0.1:5000\n"},
		{"empty values", []string{"-spec", "", "-snapshot", ""}, 2, noReport, "-snapshot, -spec: the value is empty\n"},
		{"an unknown format", []string{"-format", "yaml"}, 2, noReport, "-format \"yaml\": want one of text, checklist, json, junit, sarif, html\n"},
		{"explain and more", []string{"-explain", "network/nat-single", "-strict"}, 2, noReport, "-explain prints a rule and checks nothing: it stands alone\n"},
		{"explain a misspelt code", []string{"-explain", "subnet-not-publik"}, 2, noReport, "-explain: no rule has the code \"subnet-not-publik\", the nearest is network/subnet-not-public\n"},
		{"one file for two things", []string{"-o", "x", "-save-snapshot", "x"}, 2, noReport, "-o and -save-snapshot name one file, \"x\"\n"},

		// Input and output that is wrong.
		{"no spec", []string{"-spec", filepath.Join(dir, "none.yaml"), "-snapshot", "broken"}, 2, noReport, "read spec: open DIR/none.yaml: no such file or directory\n"},
		{
			"a wrong spec",
			[]string{"-spec", wrong, "-snapshot", "broken"},
			2, noReport,
			"DIR/wrong.yaml:4:1: unknown key \"clutser\", the nearest is \"cluster\", want one of cluster, profile, topology, region, account, network, dns, ssh, permissions, resources, credentials, nodes, tectonic, elastic, jenkinsx\n" +
				"DIR/wrong.yaml:7:9: region: got \"us-west-2a\", an availability zone, want its region us-west-2\n",
		},
		{"no snapshot", []string{"-spec", spec, "-snapshot", filepath.Join(dir, "none")}, 2, noReport, "read snapshot: stat DIR/none: no such file or directory\n"},
		{
			"a wrong snapshot",
			[]string{"-spec", spec, "-snapshot", spec},
			2, noReport,
			"read snapshot \"broken/cluster.yaml\": parse snapshot: line 1 column 1: invalid character '#' looking for beginning of value\n",
		},
		{"another region", []string{"-spec", elsewhere, "-snapshot", "broken"}, 2, noReport, "the snapshot is of the region \"us-west-2\", the spec wants us-west-1\n"},
		{"a report into nowhere", []string{"-spec", spec, "-snapshot", "broken", "-o", filepath.Join(dir, "none", "x")}, 2, noReport, "write \"DIR/none/x\": no such file or directory\n"},
		{"a report into a directory", []string{"-spec", spec, "-snapshot", "broken", "-o", dir}, 2, noReport, "write \"DIR\": it is a directory, want a file\n"},
		{"a snapshot into nowhere", []string{"-spec", spec, "-snapshot", "broken", "-save-snapshot", filepath.Join(dir, "none", "x")}, 2, noReport, "write \"DIR/none/x\": no such file or directory\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := execute(test.args...)
			assert.Equal(t, test.status, status)
			if test.stdout == noReport {
				assert.Empty(t, stdout)
			}
			assert.Contains(t, stdout, test.stdout)
			want := ""
			for line := range strings.Lines(test.stderr) {
				want += "preflight: " + line
			}
			assert.Equal(t, want, strings.ReplaceAll(stderr, dir, "DIR"))
		})
	}
}

// Every mistake of a dump is a message of its own.
func TestWrongDump(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ec2-describe-vpcs.json"), []byte(`{"Vpcs": `), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ec2-describe-subnets.json"), []byte(`{"Subnets": [{"SubnetId": 5}, {"SubnetId": true}]}`), 0o600))
	status, stdout, stderr := execute("-spec", spec, "-snapshot", dir)
	assert.Equal(t, statusBroken, status)
	assert.Empty(t, stdout)
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	require.Len(t, lines, 3)
	for i, file := range []string{"subnets", "subnets", "vpcs"} {
		assert.Regexp(t, `^preflight: read snapshot "`+regexp.QuoteMeta(dir)+`": ec2-describe-`+file+`\.json:1:[0-9]+: .`, lines[i])
	}
}

func TestExplain(t *testing.T) {
	status, text, stderr := execute("-explain", "network/route-default-missing")
	assert.Equal(t, statusClear, status)
	assert.Empty(t, stderr)
	golden.Check(t, "explain.txt", []byte(text))
}

func TestOutputFile(t *testing.T) {
	_, want, _ := execute("-spec", spec, "-snapshot", "broken")
	path := filepath.Join(t.TempDir(), "report.txt")
	terminal := command{terminal: true, columns: 200}
	status, stdout, stderr := executeOn(terminal, "-spec", spec, "-snapshot", "broken", "-o", path)
	assert.Equal(t, statusBlocked, status)
	assert.Empty(t, stdout+stderr)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputFails(t *testing.T) {
	var stderr bytes.Buffer
	c := command{stdout: full{}, stderr: &stderr, env: os.Getenv}
	for _, args := range [][]string{{"-spec", spec, "-snapshot", "broken"}, {"-h"}, {"-explain", "network/nat-single"}} {
		stderr.Reset()
		assert.Equal(t, statusBroken, c.run(t.Context(), args), args)
		assert.Regexp(t, "^preflight: .*no space left on device\n$", stderr.String())
	}
}

func TestColor(t *testing.T) {
	const escape = "\x1b["
	for _, test := range []struct {
		name     string
		terminal bool
		env      map[string]string
		args     []string
		want     bool
	}{
		{"a terminal", true, map[string]string{"TERM": "xterm-256color"}, nil, true},
		{"a terminal that says nothing of itself", true, nil, nil, true},
		{"a pipe", false, nil, nil, false},
		{"NO_COLOR", true, map[string]string{"NO_COLOR": "1"}, nil, false},
		{"a dumb terminal", true, map[string]string{"TERM": "dumb"}, nil, false},
		{"json", true, nil, []string{"-format", "json"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := command{terminal: test.terminal, columns: 120, env: func(name string) string { return test.env[name] }}
			_, colored, _ := executeOn(c, test.args...)
			assert.Equal(t, test.want, strings.Contains(colored, escape))
			_, plain, _ := execute(test.args...)
			assert.Equal(t, plain, regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(colored, ""))
		})
	}
}

// On a narrow terminal the report is as narrow, and never wider than 100.
func TestTerminalWidth(t *testing.T) {
	widest := func(columns int) (n int) {
		c := command{terminal: true, columns: columns, env: func(string) string { return "dumb" }}
		_, text, _ := executeOn(c)
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "https://") && !strings.HasSuffix(line, "\\\n") && !strings.Contains(line, " --") {
				n = max(n, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
			}
		}
		return n
	}
	assert.LessOrEqual(t, widest(80), 80)
	assert.Greater(t, widest(200), 80)
	assert.LessOrEqual(t, widest(200), 100)
	assert.Equal(t, widest(100), widest(0))
}

// A saved snapshot gives the same report, byte for byte but for the time.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	saved, again, redacted := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json"), filepath.Join(dir, "c.json")
	later := command{now: time.Date(2027, 8, 9, 10, 11, 12, 0, time.UTC)}
	for _, format := range []string{"text", "json"} {
		_, first, _ := execute("-spec", spec, "-snapshot", "broken", "-save-snapshot", saved, "-format", format)
		status, second, stderr := executeOn(later, "-spec", spec, "-snapshot", saved, "-save-snapshot", again, "-format", format)
		assert.Equal(t, statusBlocked, status)
		assert.Empty(t, stderr)
		first = strings.NewReplacer("2026-03-04 05:06:07", "2027-08-09 10:11:12", "2026-03-04T05:06:07Z", "2027-08-09T10:11:12Z").Replace(first)
		assert.Equal(t, first, second)
		assert.Equal(t, read(t, saved), read(t, again))

		_, first, _ = execute("-save-snapshot", redacted, "-redact", "-format", format)
		_, second, _ = execute("-spec", "account/cluster.yaml", "-snapshot", redacted, "-format", format)
		assert.Equal(t, first, second)
		assert.NotContains(t, first, "demo-controller-a")
		assert.NotContains(t, read(t, redacted), "111122223333")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

// Names and tags of an account are untrusted text, and the text of errors of
// AWS is, too.
func TestHostileNames(t *testing.T) {
	const hostile = "$(rm -rf ~)<script>alert(1)</script>\x1b[2J\x1b]0;x\x07\u009b31m\r\n\u202etxt.exe\u2066\x7f`id`'\";|&"
	dir := t.TempDir()
	entries, err := os.ReadDir("broken")
	require.NoError(t, err)
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" || e.Name() == "ec2-describe-tags.json" {
			continue // of that the whole is tags
		}
		var value any
		require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join("broken", e.Name()))), &value))
		data, err := json.Marshal(poison(value, hostile))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, e.Name()), data, 0o600))
	}
	saved := filepath.Join(dir, "saved", "snapshot.json")
	require.NoError(t, os.Mkdir(filepath.Dir(saved), 0o700))

	status, text, stderr := execute("-spec", spec, "-snapshot", dir, "-save-snapshot", saved)
	require.Equal(t, statusBlocked, status, stderr)
	status, data, _ := execute("-spec", spec, "-snapshot", saved, "-format", "json")
	require.Equal(t, statusBlocked, status)

	// It all came through, and nothing raw of it.
	assert.Contains(t, text, `$(rm -rf ~)<script>`)
	assert.Contains(t, data, `$(rm -rf ~)\u003cscript\u003e`)
	for _, output := range []string{text, data, read(t, saved), stderr} {
		assert.NotRegexp(t, `[^\P{C}\n]`, output)
	}
	assertFits(t, text)
	assert.NotContains(t, data, "<script>")

	// The clusters that own things are named by tags, whose text stands in findings.
	var report groundway.Report
	require.NoError(t, json.Unmarshal([]byte(data), &report))
	owned := false
	var commands [][]string
	for _, f := range report.Findings {
		owned = owned || f.Code == "network/subnet-owned-by-other-cluster" && f.Outcome == groundway.Failed
		for _, r := range f.Remedies {
			commands = append(commands, r.Commands...)
		}
	}
	assert.True(t, owned)

	// A shell reads the commands as the words that they are.
	require.NotEmpty(t, commands)
	var printed [][]string
	for line := range strings.Lines(strings.ReplaceAll(text, " \\\n", "")) {
		if words, ok := strings.CutPrefix(strings.TrimSpace(line), "$ "); ok {
			out, err := exec.Command("bash", "-c", `printf '%s\0' `+words).Output()
			require.NoError(t, err, words)
			printed = append(printed, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"))
		}
	}
	assert.ElementsMatch(t, commands, printed)
}

// poison puts text into everything of a dump that people may write: the values
// of tags, and a tag of another cluster, and the domain name of DHCP.
func poison(value any, text string) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = poison(v[i], text)
		}
	case map[string]any:
		for key := range v {
			v[key] = poison(v[key], text)
		}
		if _, tagged := v["Tags"]; tagged {
			v["Tags"] = []any{
				map[string]any{"Key": "Name", "Value": text},
				map[string]any{"Key": text, "Value": text},
				map[string]any{"Key": "kubernetes.io/cluster/" + text, "Value": "owned"},
			}
		}
		if v["Key"] == "domain-name" {
			v["Values"] = []any{map[string]any{"Value": text}}
		}
	}
	return value
}

// The command as a stranger runs it.
func TestBinary(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "preflight")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := func(args ...string) (int, string, string) {
		cmd := exec.Command(binary, args...)
		cmd.Dir = t.TempDir()
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if _, failed := errors.AsType[*exec.ExitError](err); !failed {
			require.NoError(t, err)
		}
		return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
	}

	status, stdout, stderr := run()
	assert.Equal(t, 0, status)
	assert.Equal(t, builtInNote, stderr)
	_, want, _ := execute()
	_, body, _ := strings.Cut(stdout, "\n")
	_, wantBody, _ := strings.Cut(want, "\n")
	assert.Equal(t, wantBody, body)

	status, stdout, stderr = run("-spec", "none.yaml", "-snapshot", "none")
	assert.Equal(t, 2, status)
	assert.Empty(t, stdout)
	assert.Equal(t, "preflight: read spec: open none.yaml: no such file or directory\n", stderr)

	status, _, stderr = run("-h")
	assert.Equal(t, 0, status)
	assert.Empty(t, stderr)
}

// The policy of -policy is of the spec, its account and region.
func TestPolicy(t *testing.T) {
	text, err := os.ReadFile(spec)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cluster.yaml")
	require.NoError(t, os.WriteFile(file, append(text, "account: \"111122223333\"\n"...), 0o600))
	status, policy, stderr := execute("-spec", file, "-policy")
	require.Equal(t, statusClear, status, stderr)
	_, err = iam.Parse(policy, iam.ParseOptions{})
	require.NoError(t, err)
	assert.Contains(t, policy, "cloudformation:DescribeStacks")
	assert.NotContains(t, policy, "dynamodb", "the spec names no table")
}

// The page is whole in one file, with the picture of the network.
func TestHTML(t *testing.T) {
	status, page, stderr := execute("-spec", spec, "-snapshot", "broken", "-format", "html")
	assert.Equal(t, statusBlocked, status)
	assert.Empty(t, stderr)
	assert.Contains(t, page, "<title>Preflight of demo</title>")
	assert.Contains(t, page, `<h2>Network</h2>`)
	assert.Contains(t, page, "✕ subnet-not-public")
	assert.Contains(t, page, `<section class="code" id="network/subnet-not-public">`)
	assert.NotContains(t, page, "<script")

	_, redacted, _ := execute("-spec", spec, "-snapshot", "broken", "-format", "html", "-redact")
	assert.NotContains(t, redacted, "demo-controller-a")
}
