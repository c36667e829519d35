package dex

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
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
	k.Positions = positions
	return k.run(func() { k.text(problems) })
}

// A linter holds what the rules share.
type linter struct {
	*verdict.Judge
	c      Config
	o      LintOptions
	issuer issuer
	// cut are the pointers of values that could not be read: true; and of what they
	// stand in: false.
	cut map[string]bool
}

func newLinter(file string, c Config, o LintOptions) *linter {
	k := &linter{Judge: verdict.NewJudge(rules, "dex-configuration"), c: c, o: o, issuer: parseIssuer(c.Issuer), cut: map[string]bool{}}
	k.File = file
	k.Kind = func(path string) string {
		for prefix, kind := range map[string]string{
			"/staticClients/": "dex-client", "/staticPasswords/": "dex-password", "/connectors/": "dex-connector",
		} {
			if strings.HasPrefix(path, prefix) {
				return kind
			}
		}
		return "dex-configuration"
	}
	return k
}

func (k *linter) run(text func()) []groundway.Finding {
	if text != nil {
		text()
	}
	if unread, failed := k.Failed(codeUnreadable, k.Subject("")); failed {
		k.SkipAll(codeUnreadable, unread.Subject)
		return k.Findings()
	}
	for _, check := range []func(*linter){
		checkRefused, checkEnvironment, checkIssuer, checkGRPC, checkCertificates, checkClientCA,
		checkLifetimes, checkRefresh, checkClients, checkPasswords, checkConnectors, checkOAuth, checkRest,
	} {
		check(k)
	}
	k.Settle()
	return k.Findings()
}

// codesOf says which rule a problem of the text belongs to.
var codesOf = map[yamltext.Kind]groundway.Code{
	yamltext.Syntax: codeUnreadable, yamltext.Document: codeSecondDoc, yamltext.UnknownKey: codeKeyUnknown,
	yamltext.KeyCase: codeKeyCase, yamltext.DuplicateKey: codeKeyTwice, yamltext.Unquoted: codeUnquoted,
	yamltext.Type: codeRefused, yamltext.Value: codeRefused,
}

// reread are the parts that dex reads once more, each by its type: there a number is
// no text, as it is elsewhere.
var reread = []string{"/connectors/", "/staticPasswords/", "/storage/", "/signer/"}

func (k *linter) text(problems []yamltext.Problem) {
	for i, p := range problems {
		if slices.ContainsFunc(reread, func(part string) bool { return strings.HasPrefix(p.Path, part) }) {
			problems[i].Harmless = false
		}
	}
	k.Problems(problems, func(p yamltext.Problem) groundway.Code { return codesOf[p.Kind] })
	for _, p := range problems {
		if codesOf[p.Kind] == codeRefused {
			k.cut[p.Path] = true
			for at := range above(p.Path) {
				if _, known := k.cut[at]; !known {
					k.cut[at] = false
				}
			}
		}
	}
	for _, code := range []groundway.Code{codeUnreadable, codeKeyUnknown, codeKeyCase, codeKeyTwice, codeSecondDoc, codeUnquoted} {
		if !k.Settled(code) {
			k.Pass(code, 1)
		}
	}
}

// whole reports whether everything below the path could be read, and the path itself.
func (k *linter) whole(path string) bool {
	if _, within := k.cut[path]; within {
		return false
	}
	for at := range above(path) {
		if k.cut[at] {
			return false
		}
	}
	return true
}

// above are the pointers of what a pointer stands in, the nearest first.
func above(pointer string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := strings.LastIndexByte(pointer, '/'); i > 0; i = strings.LastIndexByte(pointer[:i], '/') {
			if !yield(pointer[:i]) {
				return
			}
		}
	}
}

// variable reports whether a text of a connector stands in the environment, in
// which case the rule is unknown.
func (k *linter) variable(code groundway.Code, path, text string) bool {
	names := references(text)
	if len(names) == 0 {
		return false
	}
	k.Unseen(code, path, "the value of $"+strings.Join(names, ", $"))
	return true
}
