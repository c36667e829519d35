package flow_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// large returns a large account whose nodes have groups.
func large(n int) (network.Snapshot, network.Options) {
	s, o := nt.Large(n)
	grouped(&s, &o)
	for _, id := range []string{"sg-0c", "sg-0w"} {
		nt.SecurityGroup(&s, id).Ingress[0].Prefixes[0] = netip.MustParsePrefix("10.0.0.0/8")
	}
	return s, o
}

// Check makes the findings of network.Check too.
//
//	go test -run '^$' -bench Check ./network/flow
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		s, o := large(n)
		b.Run(fmt.Sprintf("subnets=%d/tables=%d", n, n/5), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				flow.Check(s, o)
			}
		})
	}
}

// The account of the benchmark is a good one but for its shape: it is not
// faster because rules stop early.
func TestLargeAccountIsChecked(t *testing.T) {
	s, o := large(50)
	findings := flow.Check(s, o)
	assert.Empty(t, with(findings, groundway.Unknown))
	assert.Empty(t, with(findings, groundway.Failed))
	assert.Len(t, with(findings, groundway.Passed), 4)
}
