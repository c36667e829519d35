package sshkeys

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// Options say which key pair the instances are to have, and what key is held of
// it. Without a KeyName there is nothing to check, and every rule is skipped.
type Options struct {
	Region  string // of the cluster, "us-east-1"; empty: the snapshot's
	KeyName string // the name of the key pair in EC2
	// PublicKey is the key that is held; zero: not given, and then nothing is
	// said about whose the key pair is.
	PublicKey PublicKey
	// PrivateKey may be given in place of PublicKey. It is needed only to
	// recognise an RSA key pair that EC2 made and of which the snapshot does not
	// show the public key.
	PrivateKey PrivateKey
	Windows    bool // some instances run Windows
}

// held returns the public key that is held, however it was given.
func (o Options) held() PublicKey {
	if o.PublicKey.IsZero() {
		return o.PrivateKey.Public()
	}
	return o.PublicKey
}

// created returns the fingerprint of a key pair that EC2 made of the key that is
// held, where its private half is given.
func (o Options) created() string {
	if o.PrivateKey.IsZero() || !o.PrivateKey.Public().Equal(o.held()) {
		return ""
	}
	return o.PrivateKey.CreateFingerprint()
}

// Check applies the rules to the key pair that the options name, and returns at
// least one finding for each of them: one that failed or could not be seen, or
// one that passed or was skipped. The findings are ordered by
// [groundway.Finding.Compare]. They never hold a comment or an option of a key.
//
// Where a key is held the rules about keys speak of it, and whether the key pair
// is that key is one question of its own; otherwise they speak of the key pair.
func Check(s Snapshot, o Options) []groundway.Finding {
	c := checker{s: s, o: o, region: cmp.Or(o.Region, s.Region), held: o.held(), pair: s.find(o.KeyName)}
	c.Tally = groundway.NewTally(rules, c.pairSubject())
	for _, rule := range []struct {
		code  groundway.Code
		check func(*checker, groundway.Code)
	}{
		{codeName, checkName},
		{codeRegion, checkRegion},
		{codeNotFound, checkFound},
		{codeOptions, checkKeyOptions},
		{codeType, checkType},
		{codeMismatch, checkMatch}, // after the type of the key, from which it can follow
		{codeWindows, checkWindows},
		{codeWeak, checkWeak},
		{codeLength, checkLength},
	} {
		if o.KeyName == "" {
			c.Inapplicable(rule.code, "no key pair is named")
			continue
		}
		rule.check(&c, rule.code)
	}
	return c.Findings()
}

// A checker holds what the rules share.
type checker struct {
	*groundway.Tally
	s      Snapshot
	o      Options
	region string
	held   PublicKey // zero: none
	pair   *KeyPair  // nil: there is none, or it was not seen
}

func (c *checker) pairSubject() groundway.Subject {
	s := groundway.Subject{Kind: "key-pair", ID: c.o.KeyName, Region: c.region}
	if c.o.KeyName == "" {
		s.Path = "/ssh/keyName"
	}
	return s
}

func keySubject() groundway.Subject {
	return groundway.Subject{Kind: "public-key", Path: "/ssh/publicKey"}
}

// unknown records that the rule could not be answered.
func (c *checker) unknown(code groundway.Code, gaps ...groundway.Gap) {
	c.Unseen(code, c.pairSubject(), func(g groundway.Gap) groundway.Remedy {
		r := g.Remedy(c.s.Account)
		if c.s.KeyPairs.Complete() {
			r.Action = "Ask for the public keys too, and check again."
		}
		r.Commands = [][]string{c.command("describe-key-pairs", "--key-names", argument(c.o.KeyName), "--include-public-key")}
		return r
	}, gaps...)
}

// command returns a command of the AWS CLI in the cluster's region.
func (c *checker) command(words ...string) []string {
	words = append([]string{"aws", "ec2"}, words...)
	if c.region != "" {
		words = append(words, "--region", c.region)
	}
	return words
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]*$`)

// argument returns the name as the AWS CLI takes it. It reads files where a word
// begins with file:// and options where one begins with a hyphen, so that a name
// which is not plain is left to the reader.
func argument(name string) string {
	if !plainName.MatchString(name) {
		return "<key-pair-name>"
	}
	return name
}

// pointer returns the place of the key pair, or of something within it, in the
// canonical JSON of the snapshot.
func pointer(name string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", "keyPairs", "items", name}, steps...)...)
}

// stop records that the rule is skipped for what keeps it from being asked.
func (c *checker) stop(code groundway.Code, causes ...groundway.Code) bool {
	for _, cause := range causes {
		if _, failed := c.Failed(cause, c.pairSubject()); failed {
			c.Skip(code, cause, c.pairSubject())
			return true
		}
	}
	return false
}

func checkName(c *checker, code groundway.Code) {
	err := CheckName(c.o.KeyName)
	if err == nil {
		c.Pass(code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code: code, Subject: c.pairSubject(),
		Summary:  "EC2 takes no key pair of this name: " + strings.TrimPrefix(err.Error(), "key pair name ") + ".",
		Evidence: []groundway.Fact{{Got: c.o.KeyName, Want: "1 to 255 printable ASCII characters, no space first or last"}},
		Remedies: []groundway.Remedy{{
			Action: "Name a key pair of the region.", Commands: [][]string{c.command("describe-key-pairs")},
		}},
	})
}

func checkRegion(c *checker, code groundway.Code) {
	switch {
	case c.o.Region == "":
		c.Inapplicable(code, "no region is named")
	case !c.s.KeyPairs.Seen:
		c.unknown(code, gapsOf(c.s.KeyPairs)...)
	case c.s.Region == "":
		c.Unknown(groundway.Finding{
			Code: code, Subject: c.pairSubject(),
			Summary:  fmt.Sprintf("It could not be seen whether %s: the answer of %s does not say of which region it is.", c.Rule(code).Clause(), actionKeyPairs),
			Evidence: []groundway.Fact{{Path: "/region", Want: c.o.Region, Source: actionKeyPairs}},
			Remedies: []groundway.Remedy{{Action: "Say of which region the snapshot is, which the output of the AWS CLI does not, and check again."}},
		})
	case c.s.Region == c.o.Region:
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code: code, Subject: c.pairSubject(),
			Summary:  fmt.Sprintf("The key pairs that were seen are those of %s, and the cluster is to stand in %s.", c.s.Region, c.o.Region),
			Evidence: []groundway.Fact{{Path: "/region", Got: c.s.Region, Want: c.o.Region, Source: actionKeyPairs}},
			Remedies: []groundway.Remedy{{
				Action:   "Look at the key pairs of " + c.o.Region + ", and import the public key there if it is missing.",
				Commands: [][]string{c.command("describe-key-pairs", "--include-public-key")},
			}},
		})
	}
}

func checkFound(c *checker, code groundway.Code) {
	switch {
	case c.stop(code, beforePair...):
	case c.pair != nil:
		c.Pass(code, 1)
	case !c.s.KeyPairs.Complete():
		c.unknown(code, gapsOf(c.s.KeyPairs)...)
	default:
		c.Fail(c.missing(code))
	}
}

// missing says what there is in place of the key pair: the same key under
// another name, or a name that differs in case.
func (c *checker) missing(code groundway.Code) groundway.Finding {
	where := ""
	if c.region != "" {
		where = " in " + c.region
	}
	f := groundway.Finding{
		Code: code, Subject: c.pairSubject(),
		Summary:  fmt.Sprintf("There is no key pair %q%s.", c.o.KeyName, where),
		Evidence: []groundway.Fact{{Path: pointer(c.o.KeyName), Want: "the key pair", Source: actionKeyPairs}},
		Remedies: []groundway.Remedy{
			{
				Action: "Import the public key under this name, into this region.",
				Commands: [][]string{c.command(
					"import-key-pair", "--key-name", argument(c.o.KeyName), "--public-key-material", "fileb://<public-key-file>",
				)},
			},
			{Action: "Name a key pair of this region.", Commands: [][]string{c.command("describe-key-pairs")}},
		},
	}
	for _, pair := range c.s.KeyPairs.Items {
		same := !c.held.IsZero() && pair.Compare(c.held).Verdict == Match
		if same {
			f.Remedies[1].Action = "Name a key pair of this region: one is the key that you hold."
			f.Evidence = append(f.Evidence, groundway.Fact{Path: pointer(pair.Name, "name"), Got: pair.Name, Want: c.o.KeyName, Source: actionKeyPairs})
		}
		if same || strings.EqualFold(pair.Name, c.o.KeyName) {
			f.Related = append(f.Related, groundway.Subject{Kind: "key-pair", ID: pair.Name, Region: c.region})
		}
	}
	slices.SortFunc(f.Evidence[1:], func(a, b groundway.Fact) int { return cmp.Compare(a.Path, b.Path) })
	return f
}

// found returns the key pair, or nil after it recorded why the rule says nothing.
func (c *checker) found(code groundway.Code) *KeyPair {
	switch {
	case c.stop(code, afterPair...):
		return nil
	case c.pair == nil:
		c.unknown(code, gapsOf(c.s.KeyPairs)...)
	}
	return c.pair
}

func checkMatch(c *checker, code groundway.Code) {
	if c.held.IsZero() {
		c.Inapplicable(code, "no key is given to compare the key pair with")
		return
	}
	if _, failed := c.Failed(codeType, keySubject()); failed {
		c.Skip(code, codeType, keySubject()) // no key pair of EC2 can be this key
		return
	}
	pair := c.found(code)
	if pair == nil {
		return
	}
	switch result := pair.compare(c.held, c.o.created()); result.Verdict {
	case Match:
		c.Pass(code, 1)
	case Unverifiable:
		c.unknown(code, result.Gaps...)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.pairSubject(), Related: []groundway.Subject{keySubject()},
			Summary: fmt.Sprintf("The key pair %q is not the key that you hold: its %s is %s, and yours is %s.", pair.Name, result.By, result.Got, result.Want),
			Remedies: []groundway.Remedy{
				{Action: "Use the private key that belongs to the key pair, and give its public key."},
				{
					Action: "Import your key under another name, and name that; a key pair is never replaced.",
					Commands: [][]string{c.command(
						"import-key-pair", "--key-name", "<other-name>", "--public-key-material", "fileb://<public-key-file>",
					)},
				},
			},
		}
		f.Evidence = []groundway.Fact{{Got: result.By + " " + result.Got, Want: result.By + " " + result.Want, Source: actionKeyPairs}}
		switch {
		case result.By == byFingerprint:
			f.Evidence[0] = groundway.Fact{Path: pointer(pair.Name, "fingerprint"), Got: pair.Fingerprint, Want: result.Want, Source: actionKeyPairs}
		case result.By == byType && pair.Type != "":
			f.Evidence[0] = groundway.Fact{Path: pointer(pair.Name, "type"), Got: pair.Type, Want: result.Want, Source: actionKeyPairs}
		}
		c.Fail(f)
	}
}

func checkKeyOptions(c *checker, code groundway.Code) {
	switch n := len(c.held.Options()); {
	case c.held.IsZero():
		c.Inapplicable(code, "no key is given")
	case n == 0:
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code: code, Subject: keySubject(),
			Summary:  "Options of authorized_keys stand before the public key.",
			Evidence: []groundway.Fact{{Got: plural(n, "option") + " before the type of the key", Want: "the type first: " + c.held.algorithm()}},
			Remedies: []groundway.Remedy{{Action: "Give the key alone: its type, the key in Base64, and a comment."}},
		})
	}
}

func checkType(c *checker, code groundway.Code) {
	switch {
	case c.held.IsZero():
		c.Inapplicable(code, "no key is given")
	case c.held.typ.InEC2():
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code: code, Subject: keySubject(),
			Summary:  fmt.Sprintf("The public key is of type %s.", c.held.typ),
			Evidence: []groundway.Fact{{Got: c.held.algorithm(), Want: "ssh-ed25519 or ssh-rsa"}},
			Remedies: []groundway.Remedy{
				{Action: "Make another key, and import that.", Commands: [][]string{{"ssh-keygen", "-t", "ed25519"}}},
			},
		})
	}
}

// A judged key is the one that the rules about keys speak of.
type judged struct {
	subject groundway.Subject
	what    string // in a sentence
	typ     Type   // zero: not seen
	bits    int    // zero: not seen
	source  string // the call that showed it; empty for a key of the options
}

// judge returns the key to judge, or false after it recorded why there is none.
func (c *checker) judge(code groundway.Code) (judged, bool) {
	if !c.held.IsZero() {
		if _, failed := c.Failed(codeType, keySubject()); failed {
			c.Skip(code, codeType, keySubject())
			return judged{}, false
		}
		return judged{subject: keySubject(), what: "the public key", typ: c.held.typ, bits: c.held.bits}, true
	}
	pair := c.found(code)
	if pair == nil {
		return judged{}, false
	}
	return judged{
		subject: c.pairSubject(), what: fmt.Sprintf("the key pair %q", pair.Name),
		typ: pair.keyType(), bits: pair.bits(), source: actionKeyPairs,
	}, true
}

func checkWindows(c *checker, code groundway.Code) {
	if !c.o.Windows {
		c.Inapplicable(code, "no instance runs Windows")
		return
	}
	k, ok := c.judge(code)
	switch {
	case !ok:
	case k.typ == 0:
		c.unknown(code, notShown("the type of "+c.o.KeyName))
	case k.typ == TypeRSA:
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code: code, Subject: k.subject,
			Summary:  fmt.Sprintf("%s is of type %s, and some instances run Windows.", upperFirst(k.what), k.typ),
			Evidence: []groundway.Fact{{Got: k.typ.String(), Want: TypeRSA.String(), Source: k.source}},
			Remedies: []groundway.Remedy{{
				Action: "Make an RSA key, and import that.", Commands: [][]string{{"ssh-keygen", "-t", "rsa", "-b", "4096"}},
			}},
		})
	}
}

func checkWeak(c *checker, code groundway.Code) {
	k, ok := c.judge(code)
	switch {
	case !ok:
	case k.unseenLength():
		c.unknown(code, notShown("the public key of "+c.o.KeyName))
	case k.weak():
		c.failLength(code, k, fmt.Sprintf("%d bits at least", MinBits))
	default:
		c.Pass(code, 1)
	}
}

// knownLengths are those of RSA keys that EC2 documents or is seen to take, and
// that are long enough.
var knownLengths = []int{2048, 3072, 4096}

func checkLength(c *checker, code groundway.Code) {
	k, ok := c.judge(code)
	switch {
	case !ok:
	case k.unseenLength():
		c.unknown(code, notShown("the public key of "+c.o.KeyName))
	case k.weak():
		c.Skip(code, codeWeak, k.subject)
	case k.typ != TypeRSA, slices.Contains(knownLengths, k.bits):
		c.Pass(code, 1)
	default:
		c.failLength(code, k, "2048, 3072 or 4096 bits")
	}
}

func (c *checker) failLength(code groundway.Code, k judged, want string) {
	c.Fail(groundway.Finding{
		Code: code, Subject: k.subject,
		Summary:  fmt.Sprintf("%s is an RSA key of %d bits.", upperFirst(k.what), k.bits),
		Evidence: []groundway.Fact{{Got: fmt.Sprintf("%d bits", k.bits), Want: want, Source: k.source}},
		Remedies: []groundway.Remedy{{
			Action: "Make another key, and import that under a new name.", Commands: [][]string{{"ssh-keygen", "-t", "rsa", "-b", "4096"}},
		}},
	})
}

// unseenLength reports whether a length decides, and it was not seen.
func (k judged) unseenLength() bool { return k.bits == 0 && k.typ != TypeED25519 }

func (k judged) weak() bool { return k.typ == TypeRSA && k.bits < MinBits }

// notShown is the gap of an answer that lacks a field.
func notShown(what string) groundway.Gap {
	return groundway.Gap{Action: actionKeyPairs, Message: "the answer does not show " + what}
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
