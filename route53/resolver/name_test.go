package resolver_test

import (
	"math/rand/v2"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
)

// Names of any octets survive the way through the wire, whose text has decimal
// escapes where Route 53's has octal ones.
func TestNamesThroughTheWire(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		labels := make([]string, 1+random.IntN(3))
		for i := range labels {
			octets := make([]byte, 1+random.IntN(8))
			for j := range octets {
				octets[j] = byte(random.IntN(256))
				if random.IntN(3) == 0 {
					octets[j] = `*.\"();@$09`[random.IntN(11)]
				}
			}
			labels[i] = string(octets)
		}
		name, err := route53.NewName(labels...)
		require.NoError(t, err)
		wire := make([]byte, 300)
		n, err := dns.PackDomainName(dns.Fqdn(name.Presentation()), wire, 0, nil, false)
		require.NoError(t, err, name)
		unpacked, _, err := dns.UnpackDomainName(wire[:n], 0)
		require.NoError(t, err)
		require.Equal(t, name, resolver.NameOf(unpacked), "%s as %s", name, unpacked)
	}
	assert.Equal(t, ".", route53.Root.Presentation())
	assert.Equal(t, `*.0\047a.example.com`, route53.MustParseName(`*.0\057a.Example.com.`).Presentation())
	assert.Equal(t, route53.Root, resolver.NameOf("."))
	for _, text := range []string{"", `a\`, `a\25`, `a\256.`, `a\2x5.`, "a..b."} {
		assert.Empty(t, resolver.NameOf(text), text)
	}
}

// Whatever a server sends is read without a panic, and a referral never leads up
// or aside.
func FuzzRead(f *testing.F) {
	q := new(dns.Msg).SetQuestion("k8s.example.com.", dns.TypeNS)
	m := new(dns.Msg).SetReply(q)
	for _, text := range []string{"k8s.example.com. 60 IN NS ns1.example.net.", "com. 60 IN NS a.com."} {
		rr, err := dns.NewRR(text)
		require.NoError(f, err)
		m.Ns = append(m.Ns, rr)
		data, err := m.Pack()
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := new(dns.Msg)
		if m.Unpack(data) != nil {
			return
		}
		status := resolver.Read(m, "example.com", "k8s.example.com", dns.TypeNS)
		require.NotEmpty(t, status)
	})
}
