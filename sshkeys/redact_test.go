package sshkeys_test

import (
	"encoding/json"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In every row of the table: the same verdicts, and to redact twice is to redact
// once.
func TestRedactKeepsVerdicts(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		s, o := r.region()
		s.KeyPairs.Items = append(s.KeyPairs.Items, pair("alice", edOther().Public()), pair("key of bob", rsaShort()))
		before := marshal(t, s)
		redacted := s.Redact(o)
		assert.Equal(t, before, marshal(t, s), "the original is left alone")
		assert.Equal(t, marshal(t, redacted), marshal(t, redacted.Redact(o)), r.name)
		for _, outcome := range []groundway.Outcome{groundway.Failed, groundway.Unknown, groundway.Passed, groundway.Skipped} {
			assert.Equal(t, with(sshkeys.Check(s, o), outcome), with(sshkeys.Check(redacted, o), outcome), r.name)
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestRedact(t *testing.T) {
	t.Parallel()
	s, o := good()
	created := sshkeys.KeyPair{Name: "made", Type: "rsa", Fingerprint: rsaKey().CreateFingerprint()}
	same := pair("alice again", edOther().Public())
	broken := sshkeys.KeyPair{Name: "pair-1", PublicKey: "alice's secret", Fingerprint: "alice's"}
	s.KeyPairs.Items = append(s.KeyPairs.Items, pair("alice", edOther().Public()), same, pair("bob", rsaKey().Public()), created, broken)
	s.KeyPairs.Partial = true
	s.KeyPairs.Gaps = []groundway.Gap{{Action: "ec2:DescribeKeyPairs", Code: "Throttling", Message: "alice is throttled", Account: "444455556666"}}
	r := s.Redact(o)
	text := marshal(t, r)
	for _, hidden := range []string{
		"alice", "bob", "example.com", encoded(edOther().Public()), encoded(rsaKey().Public()), edOther().Public().ImportFingerprint(),
		rsaKey().CreateFingerprint(), rsaKey().Public().ImportFingerprint(), "111122223333", "444455556666",
	} {
		assert.NotContains(t, text, hidden)
	}
	by := map[string]sshkeys.KeyPair{}
	for _, p := range r.KeyPairs.Items {
		by[p.Name] = p
	}
	assert.Equal(t, edKey().Public().Bare().String(), by["ops"].PublicKey, "the key that is held stays")
	assert.Equal(t, edKey().Public().ImportFingerprint(), by["ops"].Fingerprint)
	assert.Equal(t, by["pair-2"].PublicKey, by["pair-3"].PublicKey, "one key under two names")
	assert.Equal(t, by["pair-2"].Fingerprint, by["pair-3"].Fingerprint)
	assert.Equal(t, 2048, sshkeys.MustParsePublicKey(by["pair-4"].PublicKey).Bits())
	assert.Equal(t, "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01", by["pair-5"].Fingerprint)
	assert.Equal(t, sshkeys.KeyPair{Name: "pair-1"}, by["pair-1"], "a stand-in stays, and what cannot be read goes")
	assert.Equal(t, "000000000001", r.Account)
	assert.Equal(t, []groundway.Gap{{Action: "ec2:DescribeKeyPairs", Code: "Throttling", Message: "message-1", Account: "000000000002"}}, r.KeyPairs.Gaps)
}
