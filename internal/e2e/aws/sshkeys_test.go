package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// Keys are made and imported as an installer does it, and what moto shows of them
// is compared. Moto's fingerprints of ED25519 keys and of keys that it made are
// not those of AWS, so that only the public key decides there.
func TestKeyPairs(t *testing.T) {
	client := newClient(startMoto(t))
	ctx := t.Context()
	load := func() sshkeys.Snapshot {
		s, err := awssshkeys.Load(ctx, client, awssshkeys.LoadOptions{Region: region})
		require.NoError(t, err)
		require.True(t, s.KeyPairs.Complete())
		return s
	}
	require.Empty(t, load().KeyPairs.Items)

	dir := t.TempDir()
	keys := map[string]sshkeys.PrivateKey{}
	for name, o := range map[string]sshkeys.GenerateOptions{
		"ed":      {Comment: "ops@example.com"},
		"rsa2048": {Type: sshkeys.TypeRSA, Bits: 2048},
		"rsa3072": {Type: sshkeys.TypeRSA, Bits: 3072, Comment: "aws tectonic for alice@example.com"},
	} {
		k, err := sshkeys.Create(ctx, filepath.Join(dir, name), groundway.NewSecret("correct horse"), o)
		require.NoError(t, err)
		keys[name] = k
		first, err := awssshkeys.EnsureImported(ctx, client, name, k.Public(), sshkeys.PlanOptions{Region: region, Owner: "demo"})
		require.NoError(t, err, name)
		again, err := awssshkeys.EnsureImported(ctx, client, name, k.Public(), sshkeys.PlanOptions{Region: region, Owner: "demo"})
		require.NoError(t, err, name)
		assert.Equal(t, first.ID, again.ID, "the second call made nothing")
		assert.NotEmpty(t, first.ID)
	}
	found, err := sshkeys.Find(os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, found, len(keys))

	s := load()
	require.Len(t, s.KeyPairs.Items, len(keys))
	for _, f := range found {
		assert.Equal(t, sshkeys.Match, s.Compare(f.Private, f.Key).Verdict, f.File)
		findings := sshkeys.Check(s, sshkeys.Options{Region: region, KeyName: f.Private, PublicKey: f.Key})
		assert.NoError(t, groundway.NewReport(s.Time, findings).Err(), f.File)
	}
	assert.Equal(t, sshkeys.Mismatch, s.Compare("rsa2048", keys["rsa3072"].Public()).Verdict)
	assert.Equal(t, sshkeys.Absent, s.Compare("none", keys["ed"].Public()).Verdict)

	// Of RSA the fingerprint tells as well, as where the public key is not asked for.
	for i, p := range s.KeyPairs.Items {
		if strings.HasPrefix(p.Name, "rsa") {
			assert.Equal(t, keys[p.Name].Public().ImportFingerprint(), p.Fingerprint)
		}
		s.KeyPairs.Items[i].PublicKey = ""
	}
	assert.Equal(t, sshkeys.Match, s.Compare("rsa3072", keys["rsa3072"].Public()).Verdict)
	assert.Equal(t, sshkeys.Mismatch, s.Compare("rsa3072", keys["rsa2048"].Public()).Verdict)

	// A name that another key has is never overwritten.
	_, err = awssshkeys.EnsureImported(ctx, client, "ed", keys["rsa2048"].Public(), sshkeys.PlanOptions{Region: region})
	assert.ErrorIs(t, err, awssshkeys.ErrBlocked)
	assert.ErrorContains(t, err, "sshkeys/pair-mismatch (failed)")
	assert.Equal(t, sshkeys.Match, load().Compare("ed", keys["ed"].Public()).Verdict)

	// Somebody else was faster, with the same key and with another one.
	for name, want := range map[string]error{"ed": nil, "rsa2048": awssshkeys.ErrChanged} {
		plan := sshkeys.Plan{Region: region, Name: name, Key: keys["ed"].Public(), Import: true}
		_, err := awssshkeys.Apply(ctx, client, plan)
		assert.ErrorIs(t, err, want)
	}
}

// A key pair that EC2 makes is told by its private key, which EC2 hands over
// once, in the form that it has.
func TestKeyPairMadeByEC2(t *testing.T) {
	client := newClient(startMoto(t))
	for _, kind := range []types.KeyType{types.KeyTypeRsa, types.KeyTypeEd25519} {
		name := "made-" + string(kind)
		out, err := client.CreateKeyPair(t.Context(), &ec2sdk.CreateKeyPairInput{KeyName: &name, KeyType: kind})
		require.NoError(t, err)
		held, err := sshkeys.ParsePrivateKey([]byte(*out.KeyMaterial), groundway.Secret{})
		require.NoError(t, err)
		assert.Equal(t, string(kind), held.Public().Type().String())
		s, err := awssshkeys.Load(t.Context(), client, awssshkeys.LoadOptions{Region: region})
		require.NoError(t, err)
		assert.Equal(t, sshkeys.Match, s.ComparePrivate(name, held).Verdict)
		assert.Equal(t, sshkeys.Match, s.Compare(name, held.Public()).Verdict)
	}
}

// The preflight of a cluster whose spec names a key pair: it passes with the key
// that was imported, blocks with another one, and replays.
func TestPreflightSSH(t *testing.T) {
	url := startMoto(t)
	client := newClient(url)
	s := publicSite(t, client)
	key, err := sshkeys.Generate(sshkeys.GenerateOptions{Comment: "ops@example.com"})
	require.NoError(t, err)
	other, err := sshkeys.Generate(sshkeys.GenerateOptions{})
	require.NoError(t, err)
	_, err = awssshkeys.EnsureImported(t.Context(), client, "ops", key.Public(), sshkeys.PlanOptions{Region: region})
	require.NoError(t, err)

	program := buildPreflight(t)
	dir := t.TempDir()
	for name, want := range map[string]struct {
		key    sshkeys.PublicKey
		status int
		failed []groundway.Code
	}{
		"good":  {key.Public(), 0, nil},
		"wrong": {other.Public(), 1, []groundway.Code{"sshkeys/pair-mismatch"}},
	} {
		spec := filepath.Join(dir, name+".yaml")
		text := s.spec() + "ssh:\n  keyName: ops\n  publicKey: " + want.key.String() + "\n"
		require.NoError(t, os.WriteFile(spec, []byte(text), 0o600))
		saved := filepath.Join(dir, name+".json")
		live, status := run(t, program, "-spec", spec, "-live", "-endpoint-url", url, "-format", "json", "-save-snapshot", saved)
		assert.Equal(t, want.status, status, name)
		var report groundway.Report
		require.NoError(t, json.Unmarshal(live, &report))
		assert.Equal(t, want.failed, codes(report, groundway.Failed), name)
		replayed, again := run(t, program, "-spec", spec, "-snapshot", saved, "-format", "json")
		assert.Equal(t, status, again)
		assert.Equal(t, withoutTime(t, live), withoutTime(t, replayed))
	}
}
