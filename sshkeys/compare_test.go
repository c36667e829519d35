package sshkeys_test

import (
	"encoding/json"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	ed, other, rsaPublic := edKey().Public(), edOther().Public(), rsaKey().Public()
	fingerprint := func(typ, text string) sshkeys.KeyPair {
		return sshkeys.KeyPair{Name: "ops", Type: typ, Fingerprint: text}
	}
	for _, tt := range []struct {
		name string
		pair sshkeys.KeyPair
		held sshkeys.PublicKey
		want sshkeys.Verdict
		by   string
	}{
		{"the key", pair("ops", ed), ed, sshkeys.Match, "public key"},
		{"another key", pair("ops", other), ed, sshkeys.Mismatch, "public key"},
		{"the key with a comment and the line end that EC2 shows", sshkeys.KeyPair{Name: "ops", PublicKey: ed.Bare().String() + " ops\n"}, ed, sshkeys.Match, "public key"},
		{"the key decides, whatever the fingerprint", sshkeys.KeyPair{Name: "ops", PublicKey: ed.String(), Fingerprint: other.ImportFingerprint()}, ed, sshkeys.Match, "public key"},
		{"RSA, imported", fingerprint("rsa", rsaPublic.ImportFingerprint()), rsaPublic, sshkeys.Match, "fingerprint"},
		{"RSA, imported, another", fingerprint("", rsaShort().ImportFingerprint()), rsaPublic, sshkeys.Mismatch, "fingerprint"},
		{"RSA, made by EC2", fingerprint("rsa", rsaKey().CreateFingerprint()), rsaPublic, sshkeys.Unverifiable, ""},
		{"ED25519", fingerprint("ed25519", ed.ImportFingerprint()), ed, sshkeys.Match, "fingerprint"},
		{"ED25519, another", fingerprint("ed25519", other.ImportFingerprint()), ed, sshkeys.Mismatch, "fingerprint"},
		{"ED25519, as ssh-keygen prints it", fingerprint("ed25519", ed.Fingerprint()), ed, sshkeys.Match, "fingerprint"},
		{"another type", fingerprint("rsa", ""), ed, sshkeys.Mismatch, "type"},
		{"another type, by the form of its fingerprint", fingerprint("", rsaPublic.ImportFingerprint()), ed, sshkeys.Mismatch, "type"},
		{"the type alone", fingerprint("ed25519", ""), ed, sshkeys.Unverifiable, ""},
		{"a fingerprint of no form, such as moto's", fingerprint("ed25519", "00:11:22"), ed, sshkeys.Unverifiable, ""},
		{"nothing", sshkeys.KeyPair{Name: "ops"}, ed, sshkeys.Unverifiable, ""},
		{"no key held", pair("ops", ed), sshkeys.PublicKey{}, sshkeys.Unverifiable, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.pair.Compare(tt.held)
			assert.Equal(t, tt.want, c.Verdict)
			assert.Equal(t, tt.by, c.By)
			assert.Equal(t, tt.want == sshkeys.Unverifiable, len(c.Gaps) > 0)
			if tt.want == sshkeys.Mismatch {
				assert.NotEqual(t, c.Got, c.Want)
			}
			s := sshkeys.Snapshot{Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart(pair("first", rsaShort()), tt.pair)}}
			assert.Equal(t, c, s.Compare("ops", tt.held))
			assert.Equal(t, sshkeys.Comparison{Verdict: sshkeys.Absent}, s.Compare("none", tt.held))
		})
	}
	s, _ := good()
	s.KeyPairs.Partial = true
	assert.Equal(t, sshkeys.Unverifiable, s.Compare("none", ed).Verdict, "absence is not concluded from a part")
	assert.Equal(t, sshkeys.Match, s.Compare("ops", ed).Verdict)
	deny(&s)
	c := s.Compare("ops", ed)
	assert.Equal(t, sshkeys.Comparison{Verdict: sshkeys.Unverifiable, Gaps: s.KeyPairs.Gaps}, c)
}

// The MD5 that the API reference describes, RFC 4716's, names the key as well.
func TestCompareRFC4716(t *testing.T) {
	t.Parallel()
	// From the same test of kops as the vector: ssh-keygen -l -E md5 prints it.
	k := sshkeys.MustParsePublicKey(vectors[0].key)
	p := sshkeys.KeyPair{Name: "ops", Type: "rsa", Fingerprint: "BE:BA:EC:2B:9E:A0:68:B8:19:6B:9A:26:CC:B1:58:FF"}
	assert.Equal(t, sshkeys.Match, p.Compare(k).Verdict)
	assert.Equal(t, sshkeys.Mismatch, p.Compare(rsaKey().Public()).Verdict)
}

// With the private key every fingerprint of EC2 can be told.
func TestComparePrivate(t *testing.T) {
	t.Parallel()
	made := sshkeys.KeyPair{Name: "ops", Type: "rsa", Fingerprint: rsaKey().CreateFingerprint()}
	s := sshkeys.Snapshot{Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart(made)}}
	assert.Equal(t, sshkeys.Match, made.ComparePrivate(rsaKey()).Verdict)
	assert.Equal(t, sshkeys.Match, s.ComparePrivate("ops", rsaKey()).Verdict)
	other := made
	other.Fingerprint = "00" + made.Fingerprint[2:]
	if other.Fingerprint == made.Fingerprint {
		other.Fingerprint = "01" + made.Fingerprint[2:]
	}
	assert.Equal(t, sshkeys.Mismatch, other.ComparePrivate(rsaKey()).Verdict)
	assert.Equal(t, sshkeys.Unverifiable, made.ComparePrivate(sshkeys.PrivateKey{}).Verdict)
}

func TestVerdictText(t *testing.T) {
	t.Parallel()
	for _, v := range []sshkeys.Verdict{sshkeys.Match, sshkeys.Mismatch, sshkeys.Absent, sshkeys.Unverifiable} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		var back sshkeys.Verdict
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, v, back)
	}
	_, err := sshkeys.Verdict(0).MarshalText()
	assert.EqualError(t, err, "marshal verdict 0: not a valid value")
	assert.Equal(t, "invalid", sshkeys.Verdict(9).String())
	var v sshkeys.Verdict
	assert.EqualError(t, v.UnmarshalText([]byte("same")), `parse verdict "same": want one of match, mismatch, absent, unverifiable`)
}
