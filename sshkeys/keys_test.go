package sshkeys_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/require"
)

// The keys that the tests share, made when the first test asks for them.
var (
	edKey   = sync.OnceValue(func() sshkeys.PrivateKey { return made(sshkeys.GenerateOptions{Comment: "ops@example.com"}) })
	edOther = sync.OnceValue(func() sshkeys.PrivateKey { return made(sshkeys.GenerateOptions{Comment: "other@example.com"}) })
	rsaKey  = sync.OnceValue(func() sshkeys.PrivateKey {
		return made(sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: 2048, Comment: "aws tectonic for alice@example.com"})
	})
	rsaShort = sync.OnceValue(func() sshkeys.PublicKey { return publicRSA(1024) })
	rsaOdd   = sync.OnceValue(func() sshkeys.PublicKey { return publicRSA(2056) })
	ecKey    = sync.OnceValue(func() sshkeys.PublicKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return must(sshkeys.NewPublicKey(must(key, err).Public(), ""))
	})
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func made(o sshkeys.GenerateOptions) sshkeys.PrivateKey { return must(sshkeys.Generate(o)) }

func publicRSA(bits int) sshkeys.PublicKey {
	return must(sshkeys.NewPublicKey(must(rsa.GenerateKey(rand.Reader, bits)).Public(), ""))
}

// dsaLine is a DSA key, of which ssh-keygen makes no more: that of the tests of
// kops, pkg/pki/sshkey_test.go.
const dsaLine = "ssh-dss AAAAB3NzaC1kc3MAAACBAIcCTu3vi9rNjsnhCrHeII7jSN6/FmnIdy09pQAsMAGGvCS9HBOteCKbIyYQQ0+Gi76Oui7cJ2VQojdxOxeZPoSP+QYnA+CVYhnowVVLeRA9VBQG3ZLInoXaqe3nR4/OXhY75GmYShBBPTQ+/fWGX9ltoXfygSc4KjhBNudvj75VAAAAFQDiw8A4MhY0aHSX/mtpa7XV8+iS6wAAAIAXyQaxM/dk0o1vBV3H0V0lGhog3mF7EJPdw7jagYvXQP1tAhzNofxZVhXHr4wGfiTQv9j5plDqQzCI/15a6DRyo9zI+zdPTR41W3dGrk56O2/Qxsz3/vNip5OwpOJ88yMmBX9m36gg0WrOXcZDgErhvZWRt5cXa9QjVg/KpxYLPAAAAIB8e5M82IiRLi+k1k4LsELKArQGzVkPgynESfnEXX0TKGiR7PJvBNGaKnPJtJ0Rrc38w/hLTeklroJt9Rdey/NI9b6tc+ur2pmJdnYppnNCm03WszU4oFD/7KIqR84Hf0fMbWd1hRvznpZhngZ505KNsL+ck0+Tlq6Hdhe2baXJcA=="

// encoded returns the Base64 word of the key's line.
func encoded(k sshkeys.PublicKey) string { return strings.Fields(k.Bare().String())[1] }

// blob returns the SSH encoding of the key.
func blob(k sshkeys.PublicKey) []byte { return must(base64.StdEncoding.DecodeString(encoded(k))) }

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// wrapped breaks a text into lines of n characters.
func wrapped(text string, n int) string {
	var b strings.Builder
	for ; len(text) > n; text = text[n:] {
		b.WriteString(text[:n] + "\n")
	}
	return b.String() + text
}

func secret(text string) groundway.Secret { return groundway.NewSecret(text) }

// run runs a program that is the second opinion of a test, without a terminal.
// Without the program the test is skipped: "go test ./..." asks for Go alone. In
// CI one that every machine has is a failure.
func run(t *testing.T, hint, name string, args ...string) string {
	t.Helper()
	out, err := try(t, hint, name, args...)
	require.NoError(t, err, "%s %q: %s", name, args, out)
	return out
}

// try is run for a program that may fail.
func try(t *testing.T, hint, name string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" && name != "puttygen" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed: %s", name, hint)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS_REQUIRE=never")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}

func keygen(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, "apt-get install openssh-client", "ssh-keygen", args...)
}

func openssl(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, "apt-get install openssl", "openssl", args...)
}
