package sshkeys_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Keys of which others saw what EC2 shows of them.
var vectors = []struct{ source, key, imported string }{
	{
		"kops, pkg/pki/sshkey_test.go, Test_AWSFingerprint_RsaKey1; kops finds its key pairs by it",
		"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCySdqIU+FhCWl3BNrAvPaOe5VfL2aCARUWwy91ZP+T7LBwFa9lhdttfjp/VX1D1/PVwntn2EhN079m8c2kfdmiZ/iCHqrLyIGSd+BOiCz0lT47znvANSfxYjLUuKrWWWeaXqerJkOsAD4PHchRLbZGPdbfoBKwtb/WT4GMRQmb9vmiaZYjsfdPPM9KkWI9ECoWFGjGehA8D+iYIPR711kRacb1xdYmnjHqxAZHFsb5L8wDWIeAyhy49cBD+lbzTiioq2xWLorXuFmXh6Do89PgzvHeyCLY6816f/kCX6wIFts8A2eaEHFL4rAOsuh6qHmSxGCR9peSyuRW8DxV725x",
		"85:a6:f4:64:b7:8f:4a:75:f1:ed:f9:26:1b:67:5f:f2",
	},
	{
		"RHEnVision/provisioning-backend, pull request 343: both keys were uploaded to EC2, and found by these",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN",
		"gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk=",
	},
}

func TestImportFingerprint(t *testing.T) {
	t.Parallel()
	for _, tt := range vectors {
		k := sshkeys.MustParsePublicKey(tt.key)
		assert.Equal(t, tt.imported, k.ImportFingerprint(), tt.source)
		assert.Equal(t, sshkeys.Match, sshkeys.KeyPair{Name: "ops", Fingerprint: tt.imported}.Compare(k).Verdict)
	}
	// The same two keys as ssh-keygen prints them, in the same sources.
	assert.Equal(t, "SHA256:gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk", sshkeys.MustParsePublicKey(vectors[1].key).Fingerprint())
	assert.Empty(t, ecKey().ImportFingerprint())
	assert.Empty(t, sshkeys.MustParsePublicKey(dsaLine).ImportFingerprint())
}

// digest returns the last word that openssl prints of a digest.
func digest(text string) string {
	words := strings.Fields(text)
	return words[len(words)-1]
}

// The two commands of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
// for RSA keys, as openssl runs them, of keys that each side made.
func TestFingerprintsAgainstOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ours"), []byte(privateTexts(rsaKey())["PKCS #1"]), 0o600))
	keygen(t, "-q", "-t", "rsa", "-b", "3072", "-m", "PEM", "-N", "", "-f", filepath.Join(dir, "theirs"))
	for _, name := range []string{"ours", "theirs"} {
		path, der := filepath.Join(dir, name), filepath.Join(dir, name+".der")
		k, err := sshkeys.ParsePrivateKey(must(os.ReadFile(path)), secret(""))
		require.NoError(t, err)
		openssl(t, "rsa", "-in", path, "-pubout", "-outform", "DER", "-out", der)
		assert.Equal(t, digest(openssl(t, "md5", "-c", der)), k.Public().ImportFingerprint())
		openssl(t, "pkcs8", "-in", path, "-inform", "PEM", "-outform", "DER", "-topk8", "-nocrypt", "-out", der)
		assert.Equal(t, digest(openssl(t, "sha1", "-c", der)), k.CreateFingerprint())
	}
}

// ED25519 keys have one fingerprint, whoever made them: that of ssh-keygen, with
// padding and without its prefix.
func TestFingerprintsAgainstKeygen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	keygen(t, "-q", "-t", "ed25519", "-N", "", "-f", path)
	k, err := sshkeys.ParsePrivateKey(must(os.ReadFile(path)), secret(""))
	require.NoError(t, err)
	printed := strings.Fields(keygen(t, "-l", "-f", path))[1]
	assert.Equal(t, printed, k.Public().Fingerprint())
	assert.Equal(t, strings.TrimPrefix(printed, "SHA256:")+"=", k.Public().ImportFingerprint())
	assert.Equal(t, k.Public().ImportFingerprint(), k.CreateFingerprint())
}
