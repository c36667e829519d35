package capacity

import (
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// Options say what a cluster takes. What has no comment to the contrary may be
// left out.
type Options struct {
	Profile network.Profile // whose minimum holds
	Region  string          // empty: the snapshot's
	Nodes   []Nodes         // empty: nothing is said about instances
	Pods    PodNetwork
	Needs   Needs
	// Headroom is how much of a quota, in per cent, is to be free once the cluster
	// is there; zero: 20.
	Headroom int
}

// Nodes are nodes of one role and type.
type Nodes struct {
	Role         string   // "controller" or "worker"
	InstanceType string   // "m5.large"
	Count        int      // of all together
	PodsEach     int      // with addresses of their own, on each node; zero: as many as the type takes
	Subnets      []string // IDs, over which they are spread evenly
}

// Needs are what a cluster takes beside its nodes, and is not there yet.
type Needs struct {
	VPCs, InternetGateways, Addresses, SecurityGroups                    int
	ApplicationLoadBalancers, NetworkLoadBalancers, ClassicLoadBalancers int
	NATGateways                                                          map[string]int // by zone
}

// A Minimum is what an installer asks for at least.
type Minimum struct {
	Controllers, Workers int
	InstanceType         string // the least that its documentation names
	VCPUs, MemoryMiB     int    // of that type
	DiskGB               int    // of each node
	ClassicLoadBalancers int    // that the installer makes itself
}

// MinimumOf returns the minimum of a profile: the zero value where its
// documentation names none.
//
// Tectonic's is one controller and one worker, t2.medium with 30 GB each, behind
// two load balancers. Regions that are newer than the type offer t3.medium in its
// place, which has as much.
func MinimumOf(p network.Profile) Minimum {
	if p == network.ProfileTectonic {
		return Minimum{Controllers: 1, Workers: 1, InstanceType: "t2.medium", VCPUs: 2, MemoryMiB: 4096, DiskGB: 30, ClassicLoadBalancers: 2}
	}
	return Minimum{}
}

// NeedsOf returns what carrying a plan out takes: what it has and is not there.
func NeedsOf(p plan.Plan) Needs {
	var n Needs
	if p.VPC.ID == "" && p.VPC != (plan.VPC{}) {
		n.VPCs = 1
		n.SecurityGroups = 1 // the default one
	}
	if p.InternetGateway != nil && p.InternetGateway.ID == "" {
		n.InternetGateways = 1
	}
	if p.EndpointGroup != nil && p.EndpointGroup.ID == "" {
		n.SecurityGroups++
	}
	for _, g := range p.NATGateways {
		if g.ID == "" {
			if n.NATGateways == nil {
				n.NATGateways = map[string]int{}
			}
			n.NATGateways[g.Name]++
			n.Addresses++
		}
	}
	return n
}

func (o Options) headroom() int {
	if o.Headroom == 0 {
		return 20
	}
	return o.Headroom
}
