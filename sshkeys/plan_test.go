package sshkeys_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlanImport(t *testing.T) {
	t.Parallel()
	ed := edKey().Public()
	plan := func(t *testing.T, edit func(*sshkeys.Snapshot), name string, k sshkeys.PublicKey, o sshkeys.PlanOptions) sshkeys.Plan {
		s, _ := good()
		if edit != nil {
			edit(&s)
		}
		p, err := sshkeys.PlanImport(s, name, k, o)
		require.NoError(t, err)
		text, err := json.Marshal(p)
		require.NoError(t, err)
		var back sshkeys.Plan
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, p, back)
		return p
	}
	t.Run("a name that is free", func(t *testing.T) {
		p := plan(t, nil, "new", ed, sshkeys.PlanOptions{Owner: "demo", Tags: map[string]string{"team": "a"}})
		require.NoError(t, p.Err())
		assert.False(t, p.Empty())
		assert.Equal(t, ed, p.Key)
		assert.Equal(t, "+ key pair \"new\" in us-east-1: ed25519 "+ed.Fingerprint()+"\n"+
			"+   tag \"groundway:owner\" = \"demo\"\n+   tag \"team\" = \"a\"\n", p.String())
		// The account as the import leaves it.
		again := plan(t, func(s *sshkeys.Snapshot) { s.KeyPairs.Items = append(s.KeyPairs.Items, pair("new", ed)) }, "new", ed, sshkeys.PlanOptions{})
		assert.True(t, again.Empty())
	})
	t.Run("the key is there", func(t *testing.T) {
		p := plan(t, nil, "ops", ed, sshkeys.PlanOptions{})
		assert.True(t, p.Empty())
		assert.Equal(t, "key-0a1", p.Existing.ID)
		assert.Equal(t, "= key pair \"ops\" in us-east-1: ed25519 "+ed.Fingerprint()+"\n", p.String())
	})
	t.Run("the comment", func(t *testing.T) {
		for comment, want := range map[string]string{"alice@example.com": "alice@example.com", "Zoë": "", "\u202egpj": ""} {
			k, err := ed.WithComment(comment)
			require.NoError(t, err)
			assert.Equal(t, want, plan(t, nil, "new", k, sshkeys.PlanOptions{}).Key.Comment())
		}
	})
	for _, tt := range []struct {
		name    string
		edit    func(*sshkeys.Snapshot)
		pair    string
		key     sshkeys.PublicKey
		options sshkeys.PlanOptions
		want    string
	}{
		{"another key has the name", nil, "ops", edOther().Public(), sshkeys.PlanOptions{}, "sshkeys/pair-mismatch (failed): The key pair \"ops\" is not the key that you hold: its public key is " + ed.Fingerprint()},
		{"denied", deny, "ops", ed, sshkeys.PlanOptions{}, "sshkeys/pair-not-found (unknown): It could not be seen whether the key pair exists: ec2:DescribeKeyPairs (UnauthorizedOperation: the caller is not authorized)"},
		{"another region", nil, "new", ed, sshkeys.PlanOptions{Region: "eu-west-1"}, "sshkeys/pair-other-region (failed): The key pairs that were seen are those of us-east-1, and the cluster is to stand in eu-west-1."},
		{"a bad name", nil, "ops ", ed, sshkeys.PlanOptions{}, `sshkeys/pair-name-invalid (failed): EC2 takes no key pair of this name: "ops ": want no space first or last.`},
		{"ECDSA", nil, "new", ecKey(), sshkeys.PlanOptions{}, "sshkeys/key-type-unsupported (failed): The public key is of type ecdsa."},
		{"Windows", nil, "new", ed, sshkeys.PlanOptions{Windows: true}, "sshkeys/key-type-windows (failed): The public key is of type ed25519, and some instances run Windows."},
		{"options", nil, "new", sshkeys.MustParsePublicKey("restrict " + ed.String()), sshkeys.PlanOptions{}, "sshkeys/key-options (failed): Options of authorized_keys stand before the public key."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, tt.edit, tt.pair, tt.key, tt.options)
			assert.ErrorContains(t, p.Err(), tt.want)
			assert.False(t, p.Import)
			assert.False(t, p.Empty())
			assert.Contains(t, p.String(), "! sshkeys/")
			assert.Empty(t, p.Key.Options(), "options may hold secrets")
			assert.NotContains(t, p.String(), "+ ")
		})
	}
	t.Run("a weak key is a warning", func(t *testing.T) {
		assert.True(t, plan(t, nil, "new", rsaShort(), sshkeys.PlanOptions{}).Import)
	})
}

func TestPlanImportErrors(t *testing.T) {
	t.Parallel()
	_, err := sshkeys.PlanImport(sshkeys.Snapshot{}, "", edKey().Public(), sshkeys.PlanOptions{})
	assert.EqualError(t, err, "plan import of a key pair: no name is given")
	_, err = sshkeys.PlanImport(sshkeys.Snapshot{}, "ops", sshkeys.PublicKey{}, sshkeys.PlanOptions{})
	assert.EqualError(t, err, `plan import of the key pair "ops": no public key is given`)
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "ops team", strings.Repeat("n", 255), "a/b:c~!", "$(x)"} {
		assert.NoError(t, sshkeys.CheckName(name))
	}
	for name, want := range map[string]string{
		"":                       "key pair name: got none, want 1 to 255 ASCII characters",
		strings.Repeat("n", 256): `key pair name "` + strings.Repeat("n", 60) + `"…: got 256 characters, want 255 at most`,
		" ops":                   `key pair name " ops": want no space first or last`,
		"ops\n":                  `key pair name "ops\n": want printable ASCII characters only`,
		"schlüssel":              `key pair name "schlüssel": want printable ASCII characters only`,
	} {
		assert.EqualError(t, sshkeys.CheckName(name), want)
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		s, _ := r.region()
		data, err := json.Marshal(s)
		require.NoError(t, err)
		var back sshkeys.Snapshot
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, s.Parts, back.Parts)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(data), string(again))
	}
	var s sshkeys.Snapshot
	assert.EqualError(t, json.Unmarshal([]byte(`{"schema":"groundway.snapshot/v1","parts":{"keyPairs":{"seen":true,"items":{"a":{"name":"b"}}}}}`), &s),
		`parse snapshot: /parts/keyPairs/items/a: holds the item "b"`)
	require.NoError(t, json.Unmarshal([]byte(`{"schema":"groundway.snapshot/v1","parts":{"vpcs":{}}}`), &s))
	assert.Equal(t, groundway.Part[sshkeys.KeyPair]{}, s.KeyPairs, "unseen")
}
