package sshkeys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/sshkeys"
)

func BenchmarkParsePublicKey(b *testing.B) {
	for name, k := range map[string]sshkeys.PublicKey{"ed25519": edKey().Public(), "rsa": rsaKey().Public()} {
		text := []byte(k.String())
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = sshkeys.ParsePublicKey(text)
			}
		})
	}
}

// 5 000 key pairs are the most that a region holds.
func BenchmarkCheck(b *testing.B) {
	s, o := good()
	for i := range 4999 {
		s.KeyPairs.Items = append(s.KeyPairs.Items, pair(fmt.Sprintf("pair-%d", i), rsaKey().Public()))
	}
	o.KeyName = "absent"
	b.ReportAllocs()
	for b.Loop() {
		sshkeys.Check(s, o)
	}
}

// A text of a megabyte that is all header takes no longer than it is long.
func BenchmarkParseHostile(b *testing.B) {
	text := []byte("---- BEGIN SSH2 PUBLIC KEY ----\nComment: " + strings.Repeat("\\\n", sshkeys.MaxText/2-64))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = sshkeys.ParsePublicKey(text)
	}
}
