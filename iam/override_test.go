package iam_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func TestParseOverrides(t *testing.T) {
	list, err := iam.ParseOverrides(`[
		{"action": "demo:Launch", "level": "write", "types": [{"name": "rocket", "arns": ["arn:${Partition}:demo:${Region}:${Account}:rocket/${Id}"], "required": true}],
		 "keys": [{"name": "demo:Stage", "type": "numeric", "multivalued": true}], "reason": "It is new.", "url": "https://docs.aws.amazon.com/"},
		{"action": "eks:CreateCluster", "types": [], "reason": "It takes * alone."}]`)
	require.NoError(t, err)
	assert.Equal(t, []iam.Override{
		{
			Action: "demo:Launch", Level: iam.WriteAccess,
			Types:  []iam.ResourceType{{Name: "rocket", ARNs: []string{"arn:${Partition}:demo:${Region}:${Account}:rocket/${Id}"}, Required: true}},
			Keys:   []iam.ConditionKey{{Name: "demo:Stage", Type: iam.NumericKey, Multivalued: true}},
			Reason: "It is new.", URL: "https://docs.aws.amazon.com/",
		},
		{Action: "eks:CreateCluster", Types: []iam.ResourceType{}, Reason: "It takes * alone."},
	}, list)
	none, err := iam.ParseOverrides("[]")
	require.NoError(t, err)
	assert.Empty(t, none)
	text, err := json.Marshal(list)
	require.NoError(t, err)
	again, err := iam.ParseOverrides(string(text))
	require.NoError(t, err)
	assert.Equal(t, list, again)

	for text, want := range map[string]string{
		"":                                  "parse overrides: before line 1 column 1: EOF",
		"{}":                                "parse overrides: before line 1 column 3: json: cannot unmarshal object into Go value of type []iam.Override",
		"[] []":                             "parse overrides: before line 1 column 5: text after the array",
		"[\n {\"actions\": \"a:b\"}]":       `parse overrides: before line 2 column 21: json: unknown field "actions"`,
		`[{"action":"ab","reason":"r"}]`:    `parse overrides: override 1: action "ab" is not of the form SERVICE:NAME`,
		`[{"action":"a:b"}]`:                "parse overrides: override 1: no reason",
		`[{"action":"a:b","reason":"r"}]`:   "parse overrides: override 1: it changes nothing: want a level, types or keys",
		`[{"action":"a:b","level":"high"}]`: `parse overrides: before line 1 column 34: parse access level "high": want one of list, read, tagging, write, permissions management`,
		`[{"action":"a:b","reason":"r","types":[{"name":"t"}]}]`:                  `parse overrides: override 1: type "t": want a name and an ARN`,
		`[{"action":"a:b","reason":"r","types":[{"name":"t","arns":["arn:x"]}]}]`: `parse overrides: override 1: type "t": parse ARN "arn:x": want 6 parts between colons, got 2`,
		`[{"action":"a:b","reason":"r","keys":[{"name":"k","type":"string"}]}]`:   `parse overrides: override 1: condition key "k": want PREFIX:NAME and a type`,
	} {
		_, err := iam.ParseOverrides(text)
		assert.EqualError(t, err, want, text)
	}
}

func FuzzParseOverrides(f *testing.F) {
	text, err := json.Marshal(iam.KnownErrors())
	require.NoError(f, err)
	f.Add(string(text))
	f.Add("[\n{]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := iam.ParseOverrides(text)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "parse overrides: "))
			return
		}
		written, err := json.Marshal(list)
		require.NoError(t, err)
		again, err := iam.ParseOverrides(string(written))
		require.NoError(t, err)
		require.Len(t, again, len(list))
	})
}

func TestCorrect(t *testing.T) {
	rocket := iam.ResourceType{Name: "rocket", ARNs: []string{"arn:${Partition}:demo:${Region}:${Account}:rocket/${Id}"}}
	c := iam.Correct(
		catalog.Catalog{},
		iam.Override{Action: "demo:Launch", Level: iam.WriteAccess, Types: []iam.ResourceType{rocket}},
		iam.Override{Action: "demo:Missing", Types: []iam.ResourceType{rocket}},
		iam.Override{Action: "sts:GetCallerIdentity", Types: []iam.ResourceType{rocket}},
		iam.Override{Action: "SQS:SendMessage", Level: iam.ReadAccess, Types: []iam.ResourceType{}},
		iam.Override{Action: "sqs:*", Keys: []iam.ConditionKey{{Name: "sqs:Size", Type: iam.NumericKey}}},
		iam.Override{Action: "sqs:TagQueue", Keys: []iam.ConditionKey{{Name: "sqs:Size", Type: iam.StringKey}}},
	)
	name, level, ok := c.Action("DEMO:launch")
	assert.True(t, ok)
	assert.Equal(t, iam.Action("demo:Launch"), name)
	assert.Equal(t, iam.WriteAccess, level)
	assert.Equal(t, []iam.Action{"demo:Launch"}, c.Expand("demo:*"))
	assert.Equal(t, []iam.ResourceType{rocket}, c.ResourceTypes("demo:Launch"))
	_, _, ok = c.Action("demo:Missing")
	assert.False(t, ok, "it has no level")
	assert.Nil(t, c.ResourceTypes("demo:Missing"))
	_, _, ok = c.Action("sqs:*")
	assert.False(t, ok)

	name, level, _ = c.Action("sqs:sendmessage")
	assert.Equal(t, iam.Action("sqs:SendMessage"), name, "the catalog's spelling")
	assert.Equal(t, iam.ReadAccess, level)
	assert.Empty(t, c.ResourceTypes("sqs:SendMessage"))
	assert.Equal(t, catalog.Catalog{}.ResourceTypes("sqs:TagQueue"), c.ResourceTypes("sqs:TagQueue"))
	assert.Equal(t, []iam.ResourceType{rocket}, c.ResourceTypes("sts:GetCallerIdentity"))
	assert.Nil(t, c.ConditionKeys("sqs:SendMessage", "queue"), "it has no such type any more")

	size := func(a iam.Action, kind string) iam.KeyType {
		keys := c.ConditionKeys(a, kind)
		assert.True(t, slices.IsSortedFunc(keys, func(a, b iam.ConditionKey) int { return strings.Compare(a.Name, b.Name) }))
		i := slices.IndexFunc(keys, func(k iam.ConditionKey) bool { return k.Name == "sqs:Size" })
		if i < 0 {
			return 0
		}
		return keys[i].Type
	}
	assert.Equal(t, iam.NumericKey, size("sqs:SendMessage", ""))
	assert.Equal(t, iam.NumericKey, size("sqs:DeleteQueue", "queue"))
	assert.Equal(t, iam.StringKey, size("sqs:TagQueue", ""), "the later override")
	assert.Zero(t, size("sns:Publish", ""))

	own := c.ResourceTypes("demo:Launch")
	own[0].ARNs[0] = "changed"
	assert.Equal(t, []iam.ResourceType{rocket}, c.ResourceTypes("demo:Launch"))
	assert.Equal(t, catalog.Catalog{}, iam.Correct(catalog.Catalog{}))
}

// TestKnownErrors holds that each correction changes what the catalog says: one
// that does not is no longer needed.
func TestKnownErrors(t *testing.T) {
	var c catalog.Catalog
	for _, o := range iam.KnownErrors() {
		assert.True(t, strings.HasPrefix(o.URL, "https://docs.aws.amazon.com/"), o.Action)
		assert.True(t, strings.HasSuffix(o.Reason, "."), o.Action)
		actions := c.Expand(o.Action)
		require.NotEmpty(t, actions, o.Action)
		corrected := iam.Correct(c, o)
		changed := false
		for _, a := range actions {
			if o.Types != nil {
				assert.NotEqual(t, c.ResourceTypes(a), corrected.ResourceTypes(a), a)
			}
			changed = changed || !slices.Equal(c.ConditionKeys(a, ""), corrected.ConditionKeys(a, ""))
		}
		assert.Equal(t, o.Keys != nil, changed, o.Action)
	}
	text, err := json.Marshal(iam.KnownErrors())
	require.NoError(t, err)
	list, err := iam.ParseOverrides(string(text))
	require.NoError(t, err)
	assert.Equal(t, iam.KnownErrors(), list, "they are overrides as files have them")
}
