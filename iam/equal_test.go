package iam_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

func TestEqual(t *testing.T) {
	statement := func(body string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + body + `}]}`
	}
	two := func(a, b string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + a + `},{"Effect":"Allow",` + b + `}]}`
	}
	const base = `"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
	when := func(condition string) string { return statement(base + `,"Condition":` + condition) }
	for _, test := range []struct {
		name string
		a, b string
		want bool
	}{
		{"the same", statement(base), statement(base), true},
		{"order of elements", statement(base), `{"Statement":[{"Resource":"arn:aws:s3:::b/*","Action":"s3:GetObject","Effect":"Allow"}],"Version":"2012-10-17"}`, true},
		{"order of statements", two(base, `"Action":"a:b","Resource":"*"`), two(`"Action":"a:b","Resource":"*"`, base), true},
		{"order of values", statement(`"Action":["a:b","a:c"],"Resource":["x","y"]`), statement(`"Action":["a:c","a:b"],"Resource":["y","x"]`), true},
		{"text or list", statement(base), statement(`"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/*"]`), true},
		{"one statement or a list", statement(base), `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + base + `}}`, true},
		{"case of actions", statement(base), statement(`"Action":"S3:getobject","Resource":"arn:aws:s3:::b/*"`), true},
		{"case of resources", statement(base), statement(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::B/*"`), false},
		{"case of the effect", statement(base), strings.Replace(statement(base), "Allow", "allow", 1), false},
		{"effect", statement(base), strings.Replace(statement(base), "Allow", "Deny", 1), false},
		{"value that stands twice", statement(base), statement(`"Action":["s3:GetObject","s3:getobject"],"Resource":"arn:aws:s3:::b/*"`), true},
		{"action that a pattern covers", statement(`"Action":"s3:Get*","Resource":"*"`), statement(`"Action":["s3:GetObject","s3:Get*"],"Resource":"*"`), true},
		{"pattern that a pattern covers", statement(`"Action":"s3:*","Resource":"*"`), statement(`"Action":["s3:G*","s3:Get*","s3:*"],"Resource":"*"`), true},
		{"action that a pattern does not cover", statement(`"Action":"s3:Get*","Resource":"*"`), statement(`"Action":["s3:PutObject","s3:Get*"],"Resource":"*"`), false},
		{"everything covers", statement(`"Action":"*","Resource":"*"`), statement(`"Action":["*","a:b"],"Resource":["*","arn:aws:s3:::b"]`), true},
		{"resource that a pattern covers", statement(`"Action":"a:b","Resource":"arn:aws:s3:::b/*"`), statement(`"Action":"a:b","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/x:y"]`), true},
		{"a pattern in an earlier part may not", statement(`"Action":"a:b","Resource":"arn:aws:ec2:*"`), statement(`"Action":"a:b","Resource":["arn:aws:ec2:*","arn:aws:ec2:r:1:x"]`), false},
		{"a pattern that ends in a variable may not", statement(`"Action":"a:b","Resource":"arn:aws:s3:::b/${*"`), statement(`"Action":"a:b","Resource":["arn:aws:s3:::b/${*","arn:aws:s3:::b/${aws:username}"]`), false},
		{"? is not *", statement(`"Action":"s3:Get?","Resource":"*"`), statement(`"Action":"s3:Get*","Resource":"*"`), false},
		{"actions in two statements", statement(`"Action":["a:b","a:c"],"Resource":"*"`), two(`"Action":"a:b","Resource":"*"`, `"Action":"a:c","Resource":"*"`), true},
		{"resources in two statements", statement(`"Action":"a:b","Resource":["x","y"]`), two(`"Action":"a:b","Resource":"x"`, `"Action":"a:b","Resource":"y"`), true},
		{"principals in two statements", statement(`"Principal":{"AWS":["111122223333","444455556666"]},"Action":"a:b"`), two(`"Principal":{"AWS":"444455556666"},"Action":"a:b"`, `"Principal":{"AWS":"111122223333"},"Action":"a:b"`), true},
		{"products that overlap", two(`"Action":["a:b","a:c"],"Resource":"x"`, `"Action":"a:b","Resource":"y"`), two(`"Action":"a:b","Resource":["x","y"]`, `"Action":"a:c","Resource":"x"`), true},
		{"a square is not its diagonal", statement(`"Action":["a:b","a:c"],"Resource":["x","y"]`), two(`"Action":"a:b","Resource":"x"`, `"Action":"a:c","Resource":"y"`), false},
		{"a statement twice", statement(base), two(base, base), true},
		{"a statement within another", statement(`"Action":"a:b","Resource":"*"`), two(`"Action":"a:b","Resource":"*"`, `"Action":"a:b","Resource":"x"`), true},
		{"statements with variables stay apart", statement(`"Action":"a:b","Resource":["x","${aws:username}"]`), two(`"Action":"a:b","Resource":"x"`, `"Action":"a:b","Resource":"${aws:username}"`), false},
		{"negations are not taken apart", statement(`"NotAction":["a:b","a:c"],"Resource":"*"`), two(`"NotAction":"a:b","Resource":"*"`, `"NotAction":"a:c","Resource":"*"`), false},
		{"order and case in a negation", statement(`"NotAction":["a:b","a:c"],"Resource":"*"`), statement(`"NotAction":["A:C","a:b","a:c"],"Resource":"*"`), true},
		{"negation is not its list", statement(`"NotAction":"a:b","Resource":"*"`), statement(`"Action":"a:b","Resource":"*"`), false},
		{"not resource", statement(`"Action":"a:b","NotResource":["x","y"]`), statement(`"Action":"a:b","NotResource":["y","x"]`), true},
		{"conditions keep statements apart", two(`"Action":"a:b","Resource":"*","Condition":{"Bool":{"k:l":"true"}}`, `"Action":"a:c","Resource":"*"`), statement(`"Action":["a:b","a:c"],"Resource":"*"`), false},
		{"one condition", two(`"Action":"a:b","Resource":"*","Condition":{"Bool":{"k:l":true}}`, `"Action":"a:c","Resource":"*","Condition":{"Bool":{"K:L":["true"]}}`), statement(`"Action":["a:b","a:c"],"Resource":"*","Condition":{"Bool":{"k:l":"true"}}`), true},
		{"case of condition keys", when(`{"StringEquals":{"aws:SourceIp":"x"}}`), when(`{"StringEquals":{"AWS:sourceip":"x"}}`), true},
		{"case of tag keys", when(`{"StringEquals":{"aws:ResourceTag/Team":"x"}}`), when(`{"StringEquals":{"aws:resourcetag/team":"x"}}`), true},
		{"case of an issuer's path", when(`{"StringEquals":{"oidc.example.com/id/AB:sub":"x"}}`), when(`{"StringEquals":{"oidc.example.com/id/ab:sub":"x"}}`), false},
		{"case of condition values", when(`{"StringEquals":{"a:b":"x"}}`), when(`{"StringEquals":{"a:b":"X"}}`), false},
		{"order of conditions", when(`{"Bool":{"a:b":"true"},"StringLike":{"c:d":["x","y"],"e:f":"z"}}`), when(`{"StringLike":{"e:f":"z","c:d":["y","x","y"]},"Bool":{"a:b":"true"}}`), true},
		{"operators", when(`{"StringEquals":{"a:b":"x"}}`), when(`{"StringLike":{"a:b":"x"}}`), false},
		{"the two ARN operators", when(`{"ArnEquals":{"a:b":"x"}}`), when(`{"ArnLike":{"a:b":"x"}}`), true},
		{"the two ARN operators, negated", when(`{"ForAnyValue:ArnNotEqualsIfExists":{"a:b":"x"}}`), when(`{"ForAnyValue:ArnNotLikeIfExists":{"a:b":"x"}}`), true},
		{"negated ARN operators differ", when(`{"ArnNotEquals":{"a:b":"x"}}`), when(`{"ArnEquals":{"a:b":"x"}}`), false},
		{"if exists", when(`{"StringEquals":{"a:b":"x"}}`), when(`{"StringEqualsIfExists":{"a:b":"x"}}`), false},
		{"sets", when(`{"ForAnyValue:StringEquals":{"a:b":"x"}}`), when(`{"ForAllValues:StringEquals":{"a:b":"x"}}`), false},
		{"values are alternatives, conditions are not", when(`{"StringEquals":{"a:b":["x","y"]}}`), when(`{"StringEquals":{"a:b":"x"}}`), false},
		{"empty condition", when(`{}`), statement(base), true},
		{"operator without keys", when(`{"Bool":{}}`), statement(base), true},
		{"key without values", when(`{"Bool":{"a:b":[]}}`), statement(base), false},
		{"version absent is 2008-10-17", `{"Statement":[]}`, `{"Version":"2008-10-17","Statement":[]}`, true},
		{"versions", `{"Version":"2012-10-17","Statement":[]}`, `{"Version":"2008-10-17","Statement":[]}`, false},
		{"sid and id", `{"Id":"a","Statement":[{"Sid":"b","Effect":"Allow"}]}`, `{"Statement":[{"Effect":"Allow"}]}`, true},
		{"account id and root", statement(`"Principal":{"AWS":"111122223333"}`), statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`), true},
		{"account id and root in China", statement(`"Principal":{"AWS":"111122223333"}`), statement(`"Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"}`), true},
		{"account id and root in NotPrincipal", statement(`"NotPrincipal":{"AWS":"111122223333"}`), statement(`"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}`), true},
		{"a user called root", statement(`"Principal":{"AWS":"111122223333"}`), statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:user/root"}`), false},
		{"everyone and everyone of AWS", statement(`"Principal":"*"`), statement(`"Principal":{"AWS":"*"}`), false},
		{"kinds of principals", statement(`"Principal":{"AWS":"a"}`), statement(`"Principal":{"Service":"a"}`), false},
		{"a role that was deleted", statement(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/a"}`), statement(`"Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"}`), false},
		{"absent and empty", statement(`"Action":"a:b","Resource":[]`), statement(`"Action":"a:b"`), false},
		{"a variable and its negation", statement(`"Action":"a:b","Resource":"x/${aws:username}"`), statement(`"Action":"a:b","NotResource":"x/${aws:username}"`), false},
		{"a root without an account", statement(`"Principal":{"AWS":"abc"}`), statement(`"Principal":{"AWS":"arn:aws:iam::abc:root"}`), false},
		{"text that looks absent", statement(`"Action":"\u0000","Resource":"*"`), statement(`"Resource":"*"`), false},
		{"text that looks like a whole list", statement(`"Action":"\u0000-\u0001\u0003a:b","Resource":"*"`), statement(`"NotAction":"a:b","Resource":"*"`), false},
		{"an effect that looks like conditions", `{"Statement":[{"Effect":"\u0000\u0005Allow\u0000"}]}`, `{"Statement":[{"Effect":"Allow"}]}`, false},
		{"text that looks like two values", statement(`"Action":["a:b","a:c"]`), statement(`"Action":"a:b\u0000a:c"`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := iam.MustParse(test.a), iam.MustParse(test.b)
			assert.Equal(t, test.want, iam.Equal(a, b))
			assert.Equal(t, test.want, iam.Equal(b, a))
			assert.Len(t, a.Hash(), 64)
		})
	}
}

// An atom is one combination of the values of a statement: the naive view of
// documents without patterns, in which two documents mean the same if they have
// the same atoms.
type atom struct{ effect, condition, principal, action, resource string }

func atoms(d iam.Document) map[atom]bool {
	all := map[atom]bool{}
	for _, s := range d.Statements {
		for _, p := range s.Principals {
			for _, a := range s.Actions {
				for _, r := range s.Resources {
					all[atom{string(s.Effect), fmt.Sprint(s.Conditions), p.Value, strings.ToLower(string(a)), r}] = true
				}
			}
		}
	}
	return all
}

// apart returns the document with a statement for each combination of values.
func apart(d iam.Document) iam.Document {
	all := d
	all.Statements = nil
	for _, s := range d.Statements {
		for _, p := range s.Principals {
			for _, a := range s.Actions {
				for _, r := range s.Resources {
					one := s
					one.Principals, one.Actions, one.Resources = []iam.Principal{p}, []iam.Action{a}, []string{r}
					all.Statements = append(all.Statements, one)
				}
			}
		}
	}
	return all
}

func some[T any](r *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:1+r.IntN(len(list))]
}

func randomDocument(r *rand.Rand, actions []iam.Action, resources []string) iam.Document {
	d := iam.Document{Version: iam.Version2012}
	for range 1 + r.IntN(5) {
		s := iam.Statement{
			Effect:     []iam.Effect{iam.EffectAllow, iam.EffectAllow, iam.EffectDeny}[r.IntN(3)],
			Principals: some(r, []iam.Principal{iam.AWSPrincipal("a"), iam.AWSPrincipal("b")}),
			Actions:    some(r, actions),
			Resources:  some(r, resources),
		}
		if r.IntN(4) == 0 {
			s.Conditions = []iam.Condition{iam.Bool("a:b", true)}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// Without patterns, Equal is exactly the equality of the atoms.
func TestEqualIsEqualityOfAtoms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for i := range 5_000 {
		a := randomDocument(r, []iam.Action{"a:x", "A:Y"}, []string{"r", "s"})
		b := randomDocument(r, []iam.Action{"a:X", "a:y"}, []string{"r", "s"})
		if i%2 == 0 {
			b = apart(a)
			drop := r.IntN(2 * len(b.Statements))
			b.Statements = slices.Delete(b.Statements, min(drop, len(b.Statements)), min(drop+1, len(b.Statements)))
		}
		want := maps.Equal(atoms(a), atoms(b))
		if want {
			equal++
		}
		require.Equal(t, want, iam.Equal(a, b), "%s\n%s", a, b)
	}
	require.Greater(t, equal, 100, "the test compares too few equal documents")
}

// With patterns, documents that Equal calls equal decide every request alike.
func TestEqualIsSound(t *testing.T) {
	// The texts hold no characters but those that package path reads as AWS does.
	actions := []iam.Action{"a:*", "a:x*", "a:xy", "a:?y", "*", "a:z"}
	resources := []string{"arn:aws:s:::*", "arn:aws:s:::b*", "arn:aws:s:::bc", "arn:aws:*", "*"}
	requests := []string{"a:xy", "a:z", "a:x", "a:xyz", "a:zy", "b:c"}
	targets := []string{"arn:aws:s:::b", "arn:aws:s:::bc", "arn:aws:s:::d", "arn:aws:t:::d", "q"}
	decide := func(d iam.Document) string {
		var out strings.Builder
		for _, conditional := range []bool{false, true} {
			for _, who := range []string{"a", "b"} {
				for _, action := range requests {
					for _, target := range targets {
						verdict := byte('-')
						for _, s := range d.Statements {
							ok, _ := anyOf(s.Actions, action)
							on, _ := anyOf(s.Resources, target)
							if !ok || !on || !slices.Contains(s.Principals, iam.AWSPrincipal(who)) || s.Conditions != nil && !conditional {
								continue
							}
							if s.Effect == iam.EffectDeny {
								verdict = 'D'
								break
							}
							verdict = 'A'
						}
						out.WriteByte(verdict)
					}
				}
			}
		}
		return out.String()
	}
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[string]string{} // hash to decisions
	collisions := 0
	for range 8_000 {
		d := randomDocument(r, some(r, actions), some(r, resources))
		d.Statements = d.Statements[:min(2, len(d.Statements))]
		got := decide(d)
		hash := d.Hash()
		if was, ok := seen[hash]; ok {
			collisions++
			require.Equal(t, was, got, "%s", d)
		}
		seen[hash] = got
	}
	require.Greater(t, collisions, 500, "the test compares too few equal documents")
}

func anyOf[T ~string](patterns []T, text string) (bool, error) {
	for _, p := range patterns {
		if ok, err := path.Match(string(p), text); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// Rewriting a document without a change of meaning leaves it equal.
func TestEqualSurvivesRewriting(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	d := iam.MustParse(readTestdata(t, "installer.json"))
	for range 200 {
		var rewritten iam.Document
		rewritten.Version = d.Version
		for _, s := range d.Statements {
			// Each statement falls into two, by actions or by resources.
			a, b := s, s
			if cut := r.IntN(len(s.Actions) + 1); r.IntN(2) == 0 && cut > 0 && cut < len(s.Actions) {
				a.Actions, b.Actions = s.Actions[:cut], s.Actions[cut-1:]
			} else if len(s.Resources) > 1 {
				a.Resources, b.Resources = s.Resources[:1], s.Resources[1:]
			}
			a.Actions = slices.Clone(a.Actions)
			r.Shuffle(len(a.Actions), func(i, j int) { a.Actions[i], a.Actions[j] = a.Actions[j], a.Actions[i] })
			a.Actions[0] = iam.Action(strings.ToUpper(string(a.Actions[0])))
			rewritten.Statements = append(rewritten.Statements, a, b)
		}
		r.Shuffle(len(rewritten.Statements), func(i, j int) {
			s := rewritten.Statements
			s[i], s[j] = s[j], s[i]
		})
		require.True(t, iam.Equal(d, rewritten))
	}
	for i := range d.Statements {
		changed := d
		changed.Statements = slices.Delete(slices.Clone(d.Statements), i, i+1)
		// ec2:DeleteInternetGateway stands in two statements, on one gateway and on all.
		require.Equal(t, i == 1, iam.Equal(d, changed), "statement %d", i+1)
	}
}

func TestHashIsStable(t *testing.T) {
	assert.Equal(t, "da1790bb517a9f2c9f3a8735c6579327c8bf5fa51f41f50db5f11fa552be5384", iam.Document{}.Hash())
	assert.Equal(t, "34c33a7345326e8d5053f553695df1856a1ef924b36f7b42942021ee4d922b02", iam.MustParse(readTestdata(t, "installer.json")).Hash())
}

// The work of Equal is bounded by the length of the document, and not by its
// square.
func TestEqualIsLinear(t *testing.T) {
	for name, text := range hostile(320_000) {
		d, err := iam.Parse(text, iam.ParseOptions{})
		if err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			assert.LessOrEqual(t, iam.HashWork(d), 10*len(text), "elements looked at, for %d bytes", len(text))
		})
	}
}

// Documents whose statements are too tangled to unite are still told apart, and
// still equal to themselves in another order.
func TestEqualOfTangledDocuments(t *testing.T) {
	d := iam.MustParse(classes(320_000))
	reversed := d
	reversed.Statements = slices.Clone(d.Statements)
	slices.Reverse(reversed.Statements)
	assert.True(t, iam.Equal(d, reversed))
	changed := d
	changed.Statements = slices.Clone(d.Statements)
	changed.Statements[3].Resources = changed.Statements[3].Resources[1:]
	assert.False(t, iam.Equal(d, changed))
}

func TestEqualAllocations(t *testing.T) {
	a := iam.MustParse(readTestdata(t, "installer.json"))
	b := iam.MustParse(readTestdata(t, "installer-reordered.json"))
	allocs := testing.AllocsPerRun(100, func() { require.True(t, iam.Equal(a, b)) })
	assert.LessOrEqual(t, allocs, 90.0)
}
