package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// EC2 neither replaces nor deletes a route that a gateway propagated: a static
// one of the same destination comes before it, and propagation can be turned off.
func TestRemediesOfPropagatedRoutes(t *testing.T) {
	propagate := func(s *network.Snapshot, table, destination, state, origin string) {
		nt.SetRoute(s, table, destination, "vgw-0a")
		r := &nt.RouteTable(s, table).Routes[len(nt.RouteTable(s, table).Routes)-1]
		r.State, r.Origin = state, origin
	}
	tests := []struct {
		name string
		edit func(*network.Snapshot)
		code groundway.Code
		want string // among the commands
	}{
		{
			"a default route that has to lead to the internet gateway",
			func(s *network.Snapshot) { propagate(s, "rtb-0c", "0.0.0.0/0", "active", "EnableVgwRoutePropagation") },
			"network/subnet-not-public", "aws ec2 create-route --route-table-id rtb-0c --destination-cidr-block 0.0.0.0/0 --gateway-id igw-0a",
		},
		{
			"a dead default route",
			func(s *network.Snapshot) {
				propagate(s, "rtb-01", "0.0.0.0/0", "blackhole", "EnableVgwRoutePropagation")
			},
			"network/route-default-blackhole", "aws ec2 create-route --route-table-id rtb-01 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id <nat-gateway-id>",
		},
		{
			"a dead route to a part",
			func(s *network.Snapshot) {
				propagate(s, "rtb-01", "52.0.0.0/8", "blackhole", "EnableVgwRoutePropagation")
			},
			"network/route-default-partial", "aws ec2 disable-vgw-route-propagation --route-table-id rtb-01 --gateway-id vgw-0a",
		},
		{
			"a dead route of a route server to a part",
			func(s *network.Snapshot) { propagate(s, "rtb-01", "52.0.0.0/8", "blackhole", "Advertisement") },
			"network/route-default-partial", "aws ec2 disable-route-server-propagation --route-table-id rtb-01 --route-server-id <route-server-id>",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, o := nt.Public()
			test.edit(&s)
			var commands []string
			for _, f := range network.Check(s, o) {
				for _, r := range f.Remedies {
					for _, c := range r.Commands {
						if f.Outcome == groundway.Failed && f.Code == test.code {
							commands = append(commands, strings.Join(c, " "))
						}
					}
				}
			}
			require.Contains(t, commands, test.want)
			for _, c := range commands {
				assert.NotContains(t, c, "replace-route --")
				assert.NotContains(t, c, "delete-route")
			}
		})
	}
}
