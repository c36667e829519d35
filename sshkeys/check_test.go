package sshkeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
)

// pair returns the key pair that an import of the key leaves.
func pair(name string, k sshkeys.PublicKey) sshkeys.KeyPair {
	return sshkeys.KeyPair{
		Name: name, ID: "key-0a1", Type: k.Type().String(), Fingerprint: k.ImportFingerprint(), PublicKey: k.String(),
	}
}

// good returns a region in which everything is as the options want it.
func good() (sshkeys.Snapshot, sshkeys.Options) {
	s := sshkeys.Snapshot{
		Observation: groundway.Observation{Account: "111122223333", Region: "us-east-1"},
		Parts:       sshkeys.Parts{KeyPairs: groundway.SeenPart(pair("ops", edKey().Public()))},
	}
	return s, sshkeys.Options{Region: "us-east-1", KeyName: "ops", PublicKey: edKey().Public()}
}

func deny(s *sshkeys.Snapshot) {
	s.KeyPairs = groundway.UnseenPart[sshkeys.KeyPair](groundway.Gap{
		Action: "ec2:DescribeKeyPairs", Code: "UnauthorizedOperation", Message: "the caller is not authorized",
	})
}

// A row edits the good region and says which findings fail and which are unknown,
// each as slug@subject.
type row struct {
	name            string
	edit            func(*sshkeys.Snapshot, *sshkeys.Options)
	failed, unknown []string
}

const key = "@/ssh/publicKey"

var rows = []row{
	{name: "good"},
	{name: "no key pair named", edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) { *o = sshkeys.Options{} }},
	{name: "no key held", edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.PublicKey = sshkeys.PublicKey{} }},
	{name: "the private key is held", edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
		o.PublicKey, o.PrivateKey = sshkeys.PublicKey{}, edKey()
	}},
	{name: "RSA", edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
		o.PublicKey, o.Windows = rsaKey().Public(), true
		s.KeyPairs = groundway.SeenPart(pair("ops", rsaKey().Public()))
	}},

	// The name and the region
	{
		name:   "a name with a space last",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.KeyName = "ops " },
		failed: []string{"pair-name-invalid@ops "},
	},
	{
		name:   "another region",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { s.Region = "us-west-2" },
		failed: []string{"pair-other-region@ops"},
	},
	{
		name:    "no region shown",
		edit:    func(s *sshkeys.Snapshot, o *sshkeys.Options) { s.Region = "" },
		unknown: []string{"pair-other-region@ops"},
	},
	{name: "no region asked for", edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.Region = "" }},

	// The key pair
	{
		name:   "no key pair at all",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { s.KeyPairs = groundway.SeenPart[sshkeys.KeyPair]() },
		failed: []string{"pair-not-found@ops"},
	},
	{
		name:   "the key under another name",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.KeyName = "Ops" },
		failed: []string{"pair-not-found@Ops"},
	},
	{
		name:    "denied",
		edit:    func(s *sshkeys.Snapshot, o *sshkeys.Options) { deny(s) },
		unknown: []string{"pair-mismatch@ops", "pair-not-found@ops", "pair-other-region@ops"},
	},
	{
		name: "denied, and no key held",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			deny(s)
			o.PublicKey, o.Windows = sshkeys.PublicKey{}, true
		},
		unknown: []string{"key-length-undocumented@ops", "key-type-windows@ops", "key-weak@ops", "pair-not-found@ops", "pair-other-region@ops"},
	},
	{
		name: "the first page, without it",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.KeyName, s.KeyPairs.Partial = "other", true
		},
		unknown: []string{"pair-mismatch@other", "pair-not-found@other"},
	},
	{
		name: "the first page, with it",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) { s.KeyPairs.Partial = true },
	},
	{
		name:   "another key",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.PublicKey = edOther().Public() },
		failed: []string{"pair-mismatch@ops"},
	},
	{
		name: "another key, by its fingerprint alone",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey, s.KeyPairs.Items[0].PublicKey = edOther().Public(), ""
		},
		failed: []string{"pair-mismatch@ops"},
	},
	{
		name:   "a key of another type",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.PublicKey = rsaKey().Public() },
		failed: []string{"pair-mismatch@ops"},
	},
	{
		name: "made by EC2, without its public key",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = rsaKey().Public()
			s.KeyPairs = groundway.SeenPart(sshkeys.KeyPair{Name: "ops", Type: "rsa", Fingerprint: rsaKey().CreateFingerprint()})
		},
		unknown: []string{"pair-mismatch@ops"},
	},
	{
		name: "made by EC2, and the private key is held",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey, o.PrivateKey = sshkeys.PublicKey{}, rsaKey()
			s.KeyPairs = groundway.SeenPart(sshkeys.KeyPair{Name: "ops", Type: "rsa", Fingerprint: rsaKey().CreateFingerprint()})
		},
	},
	{
		name: "made by EC2, and no key is held",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = sshkeys.PublicKey{}
			s.KeyPairs = groundway.SeenPart(sshkeys.KeyPair{Name: "ops", Fingerprint: rsaKey().CreateFingerprint()})
		},
	},

	// The key
	{
		name: "options before the key",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = sshkeys.MustParsePublicKey(`environment="TOKEN=swordfish" ` + o.PublicKey.String())
		},
		failed: []string{"key-options" + key},
	},
	{
		name:   "ECDSA",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.PublicKey, o.Windows = ecKey(), true },
		failed: []string{"key-type-unsupported" + key},
	},
	{
		name:   "DSA",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.PublicKey = sshkeys.MustParsePublicKey(dsaLine) },
		failed: []string{"key-type-unsupported" + key},
	},
	{
		name:   "ED25519 for Windows",
		edit:   func(s *sshkeys.Snapshot, o *sshkeys.Options) { o.Windows = true },
		failed: []string{"key-type-windows" + key},
	},
	{
		name: "ED25519 for Windows, and no key held",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey, o.Windows = sshkeys.PublicKey{}, true
			s.KeyPairs.Items[0].Type, s.KeyPairs.Items[0].PublicKey = "", ""
		},
		failed: []string{"key-type-windows@ops"},
	},
	{
		name: "nothing shown but the name",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey, o.Windows = sshkeys.PublicKey{}, true
			s.KeyPairs = groundway.SeenPart(sshkeys.KeyPair{Name: "ops"})
		},
		unknown: []string{"key-length-undocumented@ops", "key-type-windows@ops", "key-weak@ops"},
	},
	{
		name: "RSA of 1024 bits",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = rsaShort()
			s.KeyPairs = groundway.SeenPart(pair("ops", rsaShort()))
		},
		failed: []string{"key-weak" + key},
	},
	{
		name: "RSA of 1024 bits in EC2",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = sshkeys.PublicKey{}
			s.KeyPairs = groundway.SeenPart(pair("ops", rsaShort()))
		},
		failed: []string{"key-weak@ops"},
	},
	{
		name: "RSA of 2056 bits",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = rsaOdd()
			s.KeyPairs = groundway.SeenPart(pair("ops", rsaOdd()))
		},
		failed: []string{"key-length-undocumented" + key},
	},
	{
		name: "RSA, imported, its public key not shown",
		edit: func(s *sshkeys.Snapshot, o *sshkeys.Options) {
			o.PublicKey = sshkeys.PublicKey{}
			s.KeyPairs = groundway.SeenPart(pair("ops", rsaKey().Public()))
			s.KeyPairs.Items[0].PublicKey = ""
		},
		unknown: []string{"key-length-undocumented@ops", "key-weak@ops"},
	},
}

func (r row) region() (sshkeys.Snapshot, sshkeys.Options) {
	s, o := good()
	if r.edit != nil {
		r.edit(&s, &o)
	}
	return s, o
}

// with returns the findings of the outcome as slug@subject, in order.
func with(findings []groundway.Finding, outcome groundway.Outcome) []string {
	var list []string
	for _, f := range findings {
		if f.Outcome == outcome {
			list = append(list, strings.TrimPrefix(string(f.Code), "sshkeys/")+"@"+f.Subject.String())
		}
	}
	slices.Sort(list)
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, o := r.region()
			findings := sshkeys.Check(s, o)
			assert.Equal(t, r.failed, with(findings, groundway.Failed))
			assert.Equal(t, r.unknown, with(findings, groundway.Unknown))
			checkFindings(t, s, findings)
		})
	}
}

// checkFindings holds what is true of every result.
func checkFindings(t *testing.T, s sshkeys.Snapshot, findings []groundway.Finding) {
	t.Helper()
	findingtest.Contract{Snapshot: s, Rules: sshkeys.Rules()}.Hold(t, findings)
	for _, f := range findings {
		assert.NotEmpty(t, f.Evidence, f.Code)
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			assert.NotEmpty(t, f.Remedies, f.Code)
			assert.NotEmpty(t, f.Detail, f.Code)
		}
		if f.Outcome == groundway.Unknown {
			assert.Contains(t, f.Summary, "ec2:DescribeKeyPairs")
		}
		shown := fmt.Sprintf("%+v", f)
		for _, hidden := range []string{"ops@example.com", "other@example.com", "swordfish", "AAAA"} {
			assert.NotContains(t, shown, hidden, "no comment, option or key is shown")
		}
	}
}

// Seeing less never makes anything fail that does not fail when all is seen.
func TestSeeingLessFailsNoMore(t *testing.T) {
	t.Parallel()
	less := map[string]func(*sshkeys.Snapshot){
		"denied":    deny,
		"no region": func(s *sshkeys.Snapshot) { s.Region = "" },
		"partial": func(s *sshkeys.Snapshot) {
			s.KeyPairs.Items, s.KeyPairs.Partial = nil, s.KeyPairs.Seen
		},
	}
	field := func(name string, clear func(*sshkeys.KeyPair)) {
		less[name] = func(s *sshkeys.Snapshot) {
			s.KeyPairs.Items = slices.Clone(s.KeyPairs.Items)
			for i := range s.KeyPairs.Items {
				clear(&s.KeyPairs.Items[i])
			}
		}
	}
	field("no public key", func(p *sshkeys.KeyPair) { p.PublicKey = "" })
	field("no type", func(p *sshkeys.KeyPair) { p.Type = "" })
	field("no fingerprint", func(p *sshkeys.KeyPair) { p.Fingerprint = "" })
	field("nothing but names", func(p *sshkeys.KeyPair) { *p = sshkeys.KeyPair{Name: p.Name} })
	for _, r := range rows {
		for what, hide := range less {
			s, o := r.region()
			full := with(sshkeys.Check(s, o), groundway.Failed)
			hide(&s)
			findings := sshkeys.Check(s, o)
			checkFindings(t, s, findings)
			assert.Subset(t, full, with(findings, groundway.Failed), "%s, %s", r.name, what)
		}
	}
}

func TestZeroSnapshot(t *testing.T) {
	t.Parallel()
	_, o := good()
	findings := sshkeys.Check(sshkeys.Snapshot{}, o)
	assert.Empty(t, with(findings, groundway.Failed))
	assert.NotEmpty(t, with(findings, groundway.Unknown))
	checkFindings(t, sshkeys.Snapshot{}, findings)
}

// The evidence of a mismatch is what was compared: a fingerprint that EC2 made of
// the private key says nothing beside the one of an import.
func TestMismatchShowsWhatWasCompared(t *testing.T) {
	t.Parallel()
	made := sshkeys.KeyPair{Name: "ops", Type: "rsa", Fingerprint: rsaKey().CreateFingerprint(), PublicKey: rsaKey().Public().String()}
	other := rsaOdd()
	fingerprint := func(k sshkeys.PublicKey) string { return k.ImportFingerprint() }
	for _, tt := range []struct {
		name string
		pair sshkeys.KeyPair
		held sshkeys.PublicKey
		want groundway.Fact
	}{
		{"by the key", made, other, groundway.Fact{Got: "public key " + rsaKey().Public().Fingerprint(), Want: "public key " + other.Fingerprint()}},
		{
			"by the fingerprint",
			sshkeys.KeyPair{Name: "ops", Fingerprint: fingerprint(rsaKey().Public())},
			other,
			groundway.Fact{Path: "/parts/keyPairs/items/ops/fingerprint", Got: fingerprint(rsaKey().Public()), Want: fingerprint(other)},
		},
		{
			"by the type",
			sshkeys.KeyPair{Name: "ops", Type: "rsa"},
			edKey().Public(),
			groundway.Fact{Path: "/parts/keyPairs/items/ops/type", Got: "rsa", Want: "ed25519"},
		},
		{
			"by the type that a fingerprint tells",
			sshkeys.KeyPair{Name: "ops", Fingerprint: fingerprint(other)},
			edKey().Public(),
			groundway.Fact{Got: "type rsa", Want: "type ed25519"},
		},
	} {
		s, o := good()
		s.KeyPairs, o.PublicKey = groundway.SeenPart(tt.pair), tt.held
		findings := sshkeys.Check(s, o)
		f := findings[slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == "sshkeys/pair-mismatch" })]
		tt.want.Source = "ec2:DescribeKeyPairs"
		assert.Equal(t, groundway.Failed, f.Outcome, tt.name)
		assert.Equal(t, []groundway.Fact{tt.want}, f.Evidence, tt.name)
		checkFindings(t, s, findings)
	}
}

func TestRegionThatIsNotShown(t *testing.T) {
	t.Parallel()
	s, o := good()
	s.Region = ""
	findings := sshkeys.Check(s, o)
	f := findings[slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == "sshkeys/pair-other-region" })]
	assert.Equal(t, groundway.Unknown, f.Outcome)
	assert.Equal(t, []groundway.Fact{{Path: "/region", Want: o.Region, Source: "ec2:DescribeKeyPairs"}}, f.Evidence)
	assert.Equal(t, "Say of which region the snapshot is, which the output of the AWS CLI does not, and check again.", f.Remedies[0].Action)
	assert.Empty(t, f.Remedies[0].Commands)
}

// What is missing is told apart from what is there under another name.
func TestMissingNamesTheKeyElsewhere(t *testing.T) {
	t.Parallel()
	s, o := good()
	s.KeyPairs.Items = append(s.KeyPairs.Items, pair("PROD", edOther().Public()), pair("laptop", edKey().Public()))
	o.KeyName = "prod"
	findings := sshkeys.Check(s, o)
	f := findings[slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Outcome == groundway.Failed })]
	assert.Equal(t, `There is no key pair "prod" in us-east-1.`, f.Summary)
	assert.Equal(t, []groundway.Fact{
		{Path: "/parts/keyPairs/items/prod", Want: "the key pair", Source: "ec2:DescribeKeyPairs"},
		{Path: "/parts/keyPairs/items/laptop/name", Got: "laptop", Want: "prod", Source: "ec2:DescribeKeyPairs"},
		{Path: "/parts/keyPairs/items/ops/name", Got: "ops", Want: "prod", Source: "ec2:DescribeKeyPairs"},
	}, f.Evidence)
	var related []string
	for _, s := range f.Related {
		related = append(related, s.ID)
	}
	assert.Equal(t, []string{"PROD", "laptop", "ops"}, related)
	assert.Equal(t, []string{
		"aws", "ec2", "import-key-pair", "--key-name", "prod", "--public-key-material", "fileb://<public-key-file>", "--region", "us-east-1",
	}, f.Remedies[0].Commands[0])
}

// A name is text from an account: one that the AWS CLI would read as something
// else is left to the reader.
func TestCommandsHoldNoStrangeNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"file:///etc/passwd", "--profile", "$(rm -rf ~)", "a b", `"`, "-", "fileb://x", "a'b"} {
		o := sshkeys.Options{Region: "us-east-1", KeyName: name, PublicKey: edKey().Public()}
		for _, s := range []sshkeys.Snapshot{{}, {Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart[sshkeys.KeyPair]()}}} {
			for _, f := range sshkeys.Check(s, o) {
				for _, r := range f.Remedies {
					for _, command := range r.Commands {
						assert.NotContains(t, command, name)
					}
				}
			}
		}
	}
}

func TestEveryRuleIsProven(t *testing.T) {
	t.Parallel()
	seen := map[groundway.Code]map[groundway.Outcome]bool{}
	for _, r := range rows {
		s, o := r.region()
		for _, f := range sshkeys.Check(s, o) {
			if seen[f.Code] == nil {
				seen[f.Code] = map[groundway.Outcome]bool{}
			}
			seen[f.Code][f.Outcome] = true
		}
	}
	for _, r := range sshkeys.Rules() {
		assert.True(t, seen[r.Code][groundway.Failed], "%s fails", r.Code)
		assert.True(t, seen[r.Code][groundway.Passed], "%s passes", r.Code)
		// What needs no call cannot be unknown.
		assert.Equal(t, len(r.Permissions) > 0, seen[r.Code][groundway.Unknown], "%s is unknown", r.Code)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "sshkeys", sshkeys.Rules)
}
