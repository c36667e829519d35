package network_test

import (
	"fmt"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
)

// go test -run '^$' -bench Check ./network
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		s, o := nt.Large(n)
		b.Run(fmt.Sprintf("subnets=%d/tables=%d", n, n/5), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				network.Check(s, o)
			}
		})
	}
}

// The account of the benchmark is a good one but for its shape: it is not
// faster because rules stop early.
func TestLargeAccountIsChecked(t *testing.T) {
	s, o := nt.Large(50)
	assert.Empty(t, with(network.Check(s, o), groundway.Unknown))
	assert.Equal(t, ids("nat-single@nat-01"), with(network.Check(s, o), groundway.Failed))
}
