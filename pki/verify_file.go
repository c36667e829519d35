package pki

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

func checkCluster(k *checker, code groundway.Code) {
	for _, p := range k.problems {
		k.fail(code, fault{
			subject:  k.fieldSubject(p),
			summary:  fmt.Sprintf("%s is %q: %s.", p.path, p.got, p.want),
			evidence: []groundway.Fact{{Path: p.path, Got: p.got, Want: p.want}},
		})
	}
	if len(k.problems) == 0 {
		k.Pass(code, 1)
	}
}

// parts are in the order of messages.
var parts = []Part{PartCertificate, PartKey, PartPublicKey}

// checkMissing asks for a certificate and its key of every entry, and for
// nothing but the certificate of an authority: whoever signed need not be here.
func checkMissing(k *checker, code groundway.Code) {
	for _, e := range k.entries {
		wanted := parts[:2]
		switch {
		case e.isTokens():
			wanted = parts[1:]
		case e.id.IsCA(), e.next:
			wanted = parts[:1]
		}
		var missing []Part
		unreadable := false
		for _, part := range wanted {
			source, read := e.material.Sources[part]
			switch {
			case source.Unreadable != "":
				k.unseen(code, k.subject(e), source)
				unreadable = true
			case !e.material.has(part) && !read:
				missing = append(missing, part)
			}
		}
		if len(missing) > 0 {
			k.failMissing(code, e, missing)
		} else if !unreadable {
			k.Pass(code, 1)
		}
	}
}

func (k *checker) failMissing(code groundway.Code, e *entry, missing []Part) {
	f := fault{subject: k.subject(e), entry: e}
	var words []string
	for _, part := range missing {
		words = append(words, strings.ReplaceAll(string(part), "-", " "))
		f.evidence = append(f.evidence, groundway.Fact{Path: string(e.id), Want: "a " + strings.ReplaceAll(string(part), "-", " ")})
	}
	f.summary = fmt.Sprintf("%s has no %s.", e.id, join(words))
	whole := len(missing) > 1 || e.id.IsCA()
	if e.spec != nil && e.spec.Optional && whole || e.ca != nil && e.ca.Name == AuthorityFrontProxy {
		f.severity = groundway.Warning
		f.summary = fmt.Sprintf("%s has no %s; the cluster works without.", e.id, join(words))
	}
	k.fail(code, f)
}

func checkFileMode(k *checker, code groundway.Code) {
	for _, e := range k.entries {
		source := e.material.Sources[PartKey]
		switch {
		case source.Unreadable != "":
			k.unseen(code, fileSubject(source.Name), source)
		case source.Name == "" || source.Mode == 0:
		case source.Mode.Perm()&0o077 != 0:
			k.fail(code, fault{
				subject:  fileSubject(source.Name),
				summary:  fmt.Sprintf("%s, the key of %s, has the mode %04o; others than its owner can get at it.", source.Name, e.id, source.Mode.Perm()),
				evidence: []groundway.Fact{{Path: source.Name, Got: fmt.Sprintf("%04o", source.Mode.Perm()), Want: "0600"}},
				remedies: []groundway.Remedy{{Commands: [][]string{{"chmod", "0600", source.Name}}}},
				related:  []groundway.Subject{k.subject(e)},
			})
		default:
			k.Pass(code, 1)
		}
	}
	k.orInapplicable(code, "no key was read from a file with a mode")
}

func checkLeftovers(k *checker, code groundway.Code) {
	for _, name := range k.b.Leftovers {
		k.fail(code, fault{
			subject:  fileSubject(name),
			summary:  fmt.Sprintf("%s is left over from a run that was interrupted.", name),
			evidence: []groundway.Fact{{Path: name, Got: "a file that is being written", Want: "no such file"}},
			remedies: []groundway.Remedy{{Commands: [][]string{{"rm", name}}}},
		})
	}
	if len(k.b.Leftovers) == 0 {
		k.Pass(code, 1)
	}
}

// checkFaults reports what the reader found under the code.
func checkFaults(k *checker, code groundway.Code) {
	for _, e := range k.entries {
		for _, part := range parts {
			source, read := e.material.Sources[part]
			broken := false
			for _, f := range e.material.Faults {
				if f.Code == code && f.Part == part {
					broken = true
					k.failFile(f, e)
				}
			}
			switch {
			case source.Unreadable != "":
				k.unseen(code, fileSubject(source.Name), source)
			case read && !broken:
				k.Pass(code, 1)
			}
		}
	}
	k.orInapplicable(code, "nothing was read from files")
}

func (k *checker) orInapplicable(code groundway.Code, reason string) {
	if !k.Settled(code) {
		k.Inapplicable(code, reason)
	}
}

func (k *checker) failFile(f Fault, e *entry) {
	at := f.File
	where := ""
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d:1", f.File, f.Line)
		where = fmt.Sprintf(" in line %d", f.Line)
	}
	if f.Block > 0 {
		where = fmt.Sprintf(" in block %d", f.Block) + strings.Replace(where, " in line", ", line", 1)
	}
	out := fault{
		subject: fileSubject(f.File), entry: e, part: f.Part,
		summary:  fmt.Sprintf("%s, the %s of %s, has %s%s.", f.File, strings.ReplaceAll(string(f.Part), "-", " "), e.id, f.Got, where),
		evidence: []groundway.Fact{{Path: at, Got: f.Got, Want: f.Want}},
		remedies: []groundway.Remedy{{Commands: repair(f)}},
		related:  []groundway.Subject{k.subject(e)},
	}
	if f.Repaired {
		out.summary = strings.TrimSuffix(out.summary, ".") + "; the bundle has it right, the file has not."
		out.severity = groundway.Warning
	}
	k.fail(f.Code, out)
}

// repair is what openssl does about a fault; it writes beside the file.
func repair(f Fault) [][]string {
	switch f.Code {
	case codeKeyEncrypted:
		return [][]string{{"openssl", "pkey", "-in", f.File, "-out", f.File + ".plain"}}
	case codePEMEmpty:
		if strings.HasPrefix(f.Got, "DER") && f.Part == PartCertificate {
			return [][]string{{"openssl", "x509", "-inform", "der", "-in", f.File, "-out", f.File + ".pem"}}
		}
		if strings.HasPrefix(f.Got, "DER") && f.Part == PartKey {
			return [][]string{{"openssl", "pkey", "-inform", "der", "-in", f.File, "-out", f.File + ".pem"}}
		}
	case codePEMEncoding:
		return [][]string{{"dos2unix", f.File}}
	}
	return nil
}
