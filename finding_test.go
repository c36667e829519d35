package groundway_test

import (
	"encoding"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

func TestCode(t *testing.T) {
	for _, test := range []struct {
		code           groundway.Code
		pkg, area, why string
	}{
		{"network/subnet-not-public", "network", "network/subnet", "the common case"},
		{"network/zone-eks-unsupported", "network", "network/zone", "the first word only"},
		{"iam/wildcard", "iam", "iam/wildcard", "a slug of one word"},
		{"iam/", "iam", "iam/", "no slug"},
		{"iam", "iam", "iam/", "no slash"},
		{"a/b/c-d", "a", "a/b/c", "a second slash belongs to the slug"},
		{"", "", "/", "the zero value"},
	} {
		assert.Equal(t, test.pkg, test.code.Package(), "package of %q: %s", test.code, test.why)
		assert.Equal(t, test.area, test.code.Area(), "area of %q: %s", test.code, test.why)
	}
}

// enum is what the two enumerations have in common.
type enum interface {
	encoding.TextMarshaler
	String() string
}

func TestEnumWords(t *testing.T) {
	for word, value := range map[string]groundway.Outcome{
		"passed": groundway.Passed, "failed": groundway.Failed, "skipped": groundway.Skipped, "unknown": groundway.Unknown,
	} {
		testWord(t, word, value)
	}
	for word, value := range map[string]groundway.Severity{
		"info": groundway.Info, "warning": groundway.Warning, "error": groundway.Error,
	} {
		testWord(t, word, value)
	}
	assert.Less(t, groundway.Info, groundway.Warning)
	assert.Less(t, groundway.Warning, groundway.Error)
}

func testWord[E interface {
	comparable
	enum
}](t *testing.T, word string, value E) {
	t.Helper()
	assert.Equal(t, word, value.String())
	text, err := json.Marshal(value)
	require.NoError(t, err)
	assert.Equal(t, `"`+word+`"`, string(text))
	var back E
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, value, back)

	byValue, err := json.Marshal(map[E]int{value: 1})
	require.NoError(t, err, "as the key of an object")
	assert.Equal(t, `{"`+word+`":1}`, string(byValue))
}

func TestEnumInvalid(t *testing.T) {
	for _, test := range []struct {
		value enum
		want  string
	}{
		{groundway.Outcome(0), "marshal outcome 0: not a valid value"},
		{groundway.Unknown + 1, "marshal outcome 5: not a valid value"},
		{groundway.Outcome(255), "marshal outcome 255: not a valid value"},
		{groundway.Severity(0), "marshal severity 0: not a valid value"},
		{groundway.Error + 1, "marshal severity 4: not a valid value"},
	} {
		assert.Equal(t, "invalid", test.value.String())
		_, err := test.value.MarshalText()
		assert.EqualError(t, err, test.want)
	}
	for _, test := range []struct{ outcome, severity string }{
		{"", ""}, {"invalid", "invalid"}, {"Failed", "Error"}, {"failed ", "error "}, {"1", "1"}, {"error", "failed"},
	} {
		o := groundway.Failed
		assert.EqualError(t, o.UnmarshalText([]byte(test.outcome)),
			`parse outcome "`+test.outcome+`": want one of passed, failed, skipped, unknown`)
		assert.Zero(t, o, "a refused word leaves no outcome behind")
		s := groundway.Error
		assert.EqualError(t, s.UnmarshalText([]byte(test.severity)),
			`parse severity "`+test.severity+`": want one of info, warning, error`)
		assert.Zero(t, s)
	}
}

func TestSubjectString(t *testing.T) {
	assert.Equal(t, "subnet-0c1", groundway.Subject{Kind: "subnet", ID: "subnet-0c1", Path: "/network"}.String())
	assert.Equal(t, "/network/vpc", groundway.Subject{Kind: "spec", Path: "/network/vpc", Name: "x"}.String())
	assert.Equal(t, "vpc", groundway.Subject{Kind: "vpc", Name: "x", ARN: "arn"}.String())
	assert.Empty(t, groundway.Subject{}.String())
}

// TestSubjectCompare builds subjects that are in order by construction: each
// field alone decides once those that come before it in the order are equal.
func TestSubjectCompare(t *testing.T) {
	byField := []func(*groundway.Subject) *string{
		func(s *groundway.Subject) *string { return &s.Kind },
		func(s *groundway.Subject) *string { return &s.ID },
		func(s *groundway.Subject) *string { return &s.Path },
		func(s *groundway.Subject) *string { return &s.ARN },
		func(s *groundway.Subject) *string { return &s.Name },
		func(s *groundway.Subject) *string { return &s.Region },
		func(s *groundway.Subject) *string { return &s.Zone },
		func(s *groundway.Subject) *string { return &s.Account },
	}
	require.Len(t, byField, reflect.TypeFor[groundway.Subject]().NumField(), "every field takes part")
	for i, field := range byField {
		var low, high groundway.Subject
		*field(&low), *field(&high) = "a", "b"
		for _, later := range byField[i+1:] {
			*later(&low), *later(&high) = "z", "a"
		}
		assert.Equal(t, -1, low.Compare(high), "field %d", i)
		assert.Equal(t, 1, high.Compare(low), "field %d", i)
		assert.Equal(t, 0, low.Compare(low), "field %d", i)
	}
}

func TestFingerprint(t *testing.T) {
	f := groundway.Finding{
		Code: "network/subnet-not-public", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: "subnet", ID: "subnet-0c1", Path: "/network/controllerSubnets/0"},
	}
	// printf '%s\0%s\0%s\0%s' CODE KIND ID PATH | sha256sum, cut to 32 digits. The
	// value itself is a promise: reports of different versions are compared by it.
	assert.Equal(t, "469ede3546143c4ead0a79d87904fc2c", f.Fingerprint())
	assert.Equal(t, f.Fingerprint(), groundway.Fingerprint(f.Code, f.Subject))

	observed := f
	observed.Outcome, observed.Severity = groundway.Unknown, groundway.Warning
	observed.Subject.ARN, observed.Subject.Name, observed.Subject.Region = "arn", "name", "us-east-1"
	observed.Subject.Zone, observed.Subject.Account = "us-east-1a", "111122223333"
	observed.Summary, observed.Detail = "summary", "detail"
	observed.Evidence = []groundway.Fact{{Got: "x"}}
	observed.Remedies = []groundway.Remedy{{Action: "x"}}
	observed.Related = []groundway.Subject{{ID: "x"}}
	observed.Causes = []string{"x"}
	observed.Waived = &groundway.Waiver{Code: f.Code}
	assert.Equal(t, f.Fingerprint(), observed.Fingerprint(), "nothing that was observed takes part")

	seen := map[string]string{f.Fingerprint(): "the original"}
	for name, change := range map[string]func(*groundway.Finding){
		"code":             func(f *groundway.Finding) { f.Code = "network/subnet-not-found" },
		"kind":             func(f *groundway.Finding) { f.Subject.Kind = "vpc" },
		"id":               func(f *groundway.Finding) { f.Subject.ID = "subnet-0c2" },
		"path":             func(f *groundway.Finding) { f.Subject.Path = "/network/controllerSubnets/1" },
		"id in kind":       func(f *groundway.Finding) { f.Subject.Kind, f.Subject.ID = "subnetsubnet-0c1", "" },
		"path in id":       func(f *groundway.Finding) { f.Subject.ID, f.Subject.Path = f.Subject.ID+f.Subject.Path, "" },
		"path for id":      func(f *groundway.Finding) { f.Subject.ID, f.Subject.Path = f.Subject.Path, f.Subject.ID },
		"nothing but code": func(f *groundway.Finding) { f.Subject = groundway.Subject{} },
	} {
		g := f
		change(&g)
		other, taken := seen[g.Fingerprint()]
		assert.False(t, taken, "%s has the fingerprint of %s", name, other)
		seen[g.Fingerprint()] = name
	}
}

func TestFindingBlocks(t *testing.T) {
	for _, o := range []groundway.Outcome{0, groundway.Passed, groundway.Failed, groundway.Skipped, groundway.Unknown} {
		for _, s := range []groundway.Severity{0, groundway.Info, groundway.Warning, groundway.Error} {
			f := groundway.Finding{Outcome: o, Severity: s}
			assert.Equal(t, o == groundway.Failed && s == groundway.Error, f.Blocks(), "%v %v", o, s)
			f.Waived = &groundway.Waiver{}
			assert.False(t, f.Blocks(), "%v %v waived", o, s)
		}
	}
}

func TestFindingCompare(t *testing.T) {
	subject := func(id string) groundway.Subject { return groundway.Subject{Kind: "subnet", ID: id} }
	// In order: worse first, then code, outcome, subject and summary; each row
	// is wrong in what comes after the key that decides.
	want := []groundway.Finding{
		{Severity: groundway.Error, Code: "a/a", Outcome: groundway.Unknown, Subject: subject("z"), Summary: "z"},
		{Severity: groundway.Error, Code: "b/a", Outcome: groundway.Passed, Subject: subject("z"), Summary: "z"},
		{Severity: groundway.Error, Code: "b/a", Outcome: groundway.Failed, Subject: subject("a"), Summary: "z"},
		{Severity: groundway.Error, Code: "b/a", Outcome: groundway.Failed, Subject: subject("b"), Summary: "a"},
		{Severity: groundway.Error, Code: "b/a", Outcome: groundway.Failed, Subject: subject("b"), Summary: "b"},
		{Severity: groundway.Warning, Code: "a/a", Outcome: groundway.Failed, Subject: subject("a"), Summary: "a"},
		{Severity: groundway.Info, Code: "a/a", Outcome: groundway.Failed, Subject: subject("a"), Summary: "a"},
		{},
	}
	for i, f := range want {
		for k, g := range want {
			assert.Equal(t, sign(i-k), f.Compare(g), "%d against %d", i, k)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		got := slices.Clone(want)
		random.Shuffle(len(got), func(i, k int) { got[i], got[k] = got[k], got[i] })
		slices.SortFunc(got, groundway.Finding.Compare)
		require.Equal(t, want, got)
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

func TestFindingJSON(t *testing.T) {
	f := groundway.Finding{
		Code: "network/subnet-not-public", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{
			Kind: "subnet", ID: "subnet-0c1", ARN: "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0c1", Name: "web <1>",
			Region: "us-east-1", Zone: "us-east-1a", Account: "111122223333", Path: "/network/controllerSubnets/0",
		},
		Summary:  "subnet-0c1 has no route to an internet gateway",
		Detail:   "Load balancers need one.",
		Evidence: []groundway.Fact{{Path: "/a", Got: "b", Want: "c", Source: "ec2:DescribeRouteTables"}, {}},
		Remedies: []groundway.Remedy{{
			Action: "Add a route", Commands: [][]string{{"aws", "ec2"}, {}}, Actor: "the owner", URL: "https://example.com",
		}, {Action: "Choose another subnet"}},
		Related: []groundway.Subject{{Kind: "route-table", ID: "rtb-0w"}},
		Causes:  []string{"0123"},
		Waived:  &groundway.Waiver{Code: "network/subnet-not-public", Subject: "subnet-0c1", Reason: "lab", Expires: noon},
	}
	data, err := json.Marshal(f)
	require.NoError(t, err)
	var back groundway.Finding
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, f, back)

	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &keys))
	assert.JSONEq(t, `"`+f.Fingerprint()+`"`, string(keys["fingerprint"]))
}

// TestFindingJSONIsWhole proves that a reader need not ask whether a key or a
// list is there.
func TestFindingJSONIsWhole(t *testing.T) {
	for name, f := range map[string]groundway.Finding{
		"nil lists": {Code: "a/b", Outcome: groundway.Passed, Severity: groundway.Info},
		"empty lists": {
			Code: "a/b", Outcome: groundway.Passed, Severity: groundway.Info,
			Evidence: []groundway.Fact{}, Remedies: []groundway.Remedy{}, Related: []groundway.Subject{}, Causes: []string{},
		},
	} {
		data, err := json.Marshal(f)
		require.NoError(t, err)
		assert.JSONEq(t, `{
			"code": "a/b", "outcome": "passed", "severity": "info", "subject": {}, "summary": "", "detail": "",
			"evidence": [], "remedies": [], "related": [], "causes": [],
			"fingerprint": "`+f.Fingerprint()+`", "waived": null
		}`, string(data), name)
		var back groundway.Finding
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, groundway.Finding{Code: "a/b", Outcome: groundway.Passed, Severity: groundway.Info}, back,
			"%s: no list is a nil list", name)
	}
}

func TestFindingJSONErrors(t *testing.T) {
	_, err := json.Marshal(groundway.Finding{Code: "a/b", Severity: groundway.Info})
	assert.ErrorContains(t, err, "marshal outcome 0: not a valid value")
	_, err = json.Marshal(groundway.Finding{Code: "a/b", Outcome: groundway.Failed})
	assert.ErrorContains(t, err, "marshal severity 0: not a valid value")
	for _, test := range []struct{ data, want string }{
		{`{"outcome":"FAILED"}`, `parse outcome "FAILED": want one of passed, failed, skipped, unknown`},
		{`{"severity":"fatal"}`, `parse severity "fatal": want one of info, warning, error`},
		{`{"code":"a/b","severity":"error"}`, `parse finding "a/b": outcome or severity is missing`},
		{`{"code":"a/b","outcome":"failed","severity":null}`, `parse finding "a/b": outcome or severity is missing`},
		{`{"evidence":{}}`, "cannot unmarshal object"},
		{`[]`, "cannot unmarshal array"},
	} {
		var f groundway.Finding
		assert.ErrorContains(t, json.Unmarshal([]byte(test.data), &f), test.want, test.data)
		assert.Zero(t, f, test.data)
	}
}
