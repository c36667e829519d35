package dex

import (
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// LintOptions say what surrounds a configuration. What is left out is unseen, and
// the rules that ask for it are unknown.
type LintOptions struct {
	// Time is now. Without it no certificate is judged by its dates.
	Time time.Time
	// Replicas is how many instances run; zero is unseen.
	Replicas int
	// Hosts are those that lead to dex: of the Ingress, of the load balancer. Nil
	// is unseen.
	Hosts []string
	// GRPCHost is the host by which the console reaches the gRPC interface.
	GRPCHost string
	// Environment has the variables that are set for dex: true. Nil is unseen.
	Environment map[string]bool
	// Files are those that the configuration names, by path; nil is unseen, and a
	// path that is not in it too.
	Files map[string][]byte
	// GRPCClient is the console's certificate, as PEM.
	GRPCClient []byte
}

// Lint judges a configuration: what dex starts with, and what it accepts in
// silence. Every rule has a finding at least. Their subjects are JSON pointers into
// the configuration.
func Lint(c Config, o LintOptions) []groundway.Finding {
	k := newLinter("", c, o)
	return k.run(nil)
}

// LintText is Lint of the text of a file, whose places stand in the evidence. A
// text that cannot be read has one failed finding, and nothing else is said of it.
func LintText(file string, data []byte, o LintOptions) []groundway.Finding {
	var c Config
	positions, problems := yamltext.Decode(data, &c)
	k := newLinter(file, c, o)
	k.positions = positions
	return k.run(func() { k.text(problems) })
}

// A linter holds what the rules share.
type linter struct {
	c         Config
	o         LintOptions
	file      string
	positions yamltext.Positions
	t         *groundway.Tally
	issuer    issuer
	cut       []string // pointers of values that could not be read
}

func newLinter(file string, c Config, o LintOptions) *linter {
	return &linter{
		c: c, o: o, file: file,
		t:      groundway.NewTally(Rules(), groundway.Subject{Kind: "dex-configuration", Name: file}),
		issuer: parseIssuer(c.Issuer),
	}
}

func (k *linter) run(text func()) []groundway.Finding {
	if text != nil {
		text()
	}
	unread, failed := k.t.Failed(codeUnreadable, k.subject(""))
	if failed {
		for _, r := range rules {
			if r.Code != codeUnreadable {
				k.t.Skip(r.Code, codeUnreadable, unread.Subject)
			}
		}
		return k.t.Findings()
	}
	for _, check := range []func(*linter){
		checkRefused, checkEnvironment, checkIssuer, checkGRPC, checkCertificates, checkClientCA,
		checkLifetimes, checkRefresh, checkClients, checkPasswords, checkConnectors, checkOAuth, checkRest,
	} {
		check(k)
	}
	for _, r := range rules {
		if !k.t.Settled(r.Code) {
			if r.none == "" {
				k.t.Pass(r.Code, 1)
			} else {
				k.t.Inapplicable(r.Code, r.none)
			}
		}
	}
	return k.t.Findings()
}

// codesOf says which rule a problem of the text belongs to.
var codesOf = map[yamltext.Kind]groundway.Code{
	yamltext.Syntax: codeUnreadable, yamltext.Document: codeSecondDoc, yamltext.UnknownKey: codeKeyUnknown,
	yamltext.KeyCase: codeKeyCase, yamltext.DuplicateKey: codeKeyTwice, yamltext.Unquoted: codeUnquoted,
	yamltext.Type: codeRefused, yamltext.Value: codeRefused,
}

func (k *linter) text(problems []yamltext.Problem) {
	for _, p := range problems {
		code, path := codesOf[p.Kind], p.Path
		if code == codeUnreadable {
			path = ""
		}
		place := k.subject(path)
		r := ruleOf(code)
		summary := p.Text
		if p.Path != "" {
			summary = strings.TrimPrefix(p.Path, "/") + ": " + p.Text
		}
		k.t.Fail(groundway.Finding{
			Code: code, Subject: place, Summary: "Line " + p.In(k.file)[len(k.file)+1:] + ": " + summary + ".",
			Evidence: []groundway.Fact{{Path: p.In(k.file), Got: p.Text, Want: r.Clause(), Source: "configuration"}},
			Remedies: []groundway.Remedy{{Action: r.action}},
		})
		if code == codeRefused {
			k.cut = append(k.cut, p.Path)
		}
	}
	for _, code := range []groundway.Code{codeUnreadable, codeKeyUnknown, codeKeyCase, codeKeyTwice, codeSecondDoc, codeUnquoted} {
		if !k.t.Settled(code) {
			k.t.Pass(code, 1)
		}
	}
}

func ruleOf(code groundway.Code) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.Code == code })]
}

func (k *linter) subject(path string) groundway.Subject {
	kind := "dex-configuration"
	for prefix, name := range map[string]string{
		"/staticClients/": "dex-client", "/staticPasswords/": "dex-password", "/connectors/": "dex-connector",
	} {
		if strings.HasPrefix(path, prefix) {
			kind = name
		}
	}
	if path == "" {
		path = "/"
	}
	return groundway.Subject{Kind: kind, Name: k.file, Path: path}
}

// at returns the place of a value, as the evidence names it.
func (k *linter) at(path string) string {
	if p, ok := k.positions.Of(path); ok {
		return p.In(k.file)
	}
	return path
}

// A fault is what a rule says of a value.
type fault struct {
	code     groundway.Code
	path     string // JSON pointer
	got      string // never a secret
	want     string
	summary  string
	severity groundway.Severity // zero is the rule's
}

// judge records whether a rule holds for a value.
func (k *linter) judge(ok bool, f fault) {
	if ok {
		k.t.Pass(f.code, 1)
		return
	}
	k.fail(f)
}

func (k *linter) fail(f fault) {
	if f.want == "" {
		f.want = ruleOf(f.code).Clause()
	}
	k.t.Fail(groundway.Finding{
		Code: f.code, Subject: k.subject(f.path), Summary: f.summary, Severity: f.severity,
		Evidence: []groundway.Fact{{Path: k.at(f.path), Got: f.got, Want: f.want, Source: "configuration"}},
		Remedies: []groundway.Remedy{{Action: ruleOf(f.code).action}},
	})
}

// unseen records that a rule needs what was not given.
func (k *linter) unseen(code groundway.Code, path, what string) {
	r := ruleOf(code)
	k.t.Unknown(groundway.Finding{
		Code: code, Subject: k.subject(path),
		Summary:  "It could not be seen whether " + r.Clause() + ": " + what + ".",
		Evidence: []groundway.Fact{{Path: k.at(path), Want: what, Source: "caller"}},
		Remedies: []groundway.Remedy{{Action: "Give what is missing to the check, or look yourself."}},
	})
}

// whole reports whether everything below the path could be read.
func (k *linter) whole(path string) bool {
	return !slices.ContainsFunc(k.cut, func(cut string) bool {
		return cut == path || strings.HasPrefix(cut, path+"/") || strings.HasPrefix(path, cut+"/")
	})
}

// variable reports whether a text of a connector stands in the environment, in
// which case the rule is unknown.
func (k *linter) variable(code groundway.Code, path, text string) bool {
	names := references(text)
	if len(names) == 0 {
		return false
	}
	k.unseen(code, path, "the value of $"+strings.Join(names, ", $"))
	return true
}
