package capacity

import (
	"fmt"
	"slices"
)

// A PodNetwork says where pods have their addresses from.
type PodNetwork uint8

// The pod networks. The zero value is an overlay, as flannel's: pods have no
// addresses of the VPC.
const (
	PodsOverlay     PodNetwork = iota
	PodsVPC                    // the Amazon VPC CNI with an address for each pod
	PodsVPCPrefixes            // the Amazon VPC CNI with prefix delegation: blocks of 16
)

var podNetworks = []string{PodsOverlay: "overlay", PodsVPC: "vpc", PodsVPCPrefixes: "vpc-prefixes"}

// ParsePodNetwork reads what String writes: overlay, vpc or vpc-prefixes.
func ParsePodNetwork(name string) (PodNetwork, error) {
	if i := slices.Index(podNetworks, name); i >= 0 {
		return PodNetwork(i), nil
	}
	return 0, fmt.Errorf("parse pod network %q: want overlay, vpc or vpc-prefixes", name)
}

// String returns the name: "overlay".
func (n PodNetwork) String() string {
	if int(n) >= len(podNetworks) {
		return "invalid"
	}
	return podNetworks[n]
}

// The VPC CNI keeps one interface, or one prefix, more than it needs (its
// WARM_ENI_TARGET and WARM_PREFIX_TARGET are 1), see
// https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/eni-and-ip-target.md.
const (
	warm   = 1
	prefix = 16 // addresses
	// Two pods of each node share its address: the CNI's own and kube-proxy.
	hostPods = 2
)

// MaxPods returns how many pods a node of a type can have, those included that
// share its address, as EKS reckons; zero where the VPC sets no limit, or the
// type's interfaces are not known. With prefixes EKS recommends no more than 110,
// and 250 for more than 30 vCPUs, see
// https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html.
func MaxPods(t InstanceType, n PodNetwork) int {
	slots := t.Interfaces * (t.Addresses - 1)
	switch {
	case n == PodsOverlay, slots <= 0:
		return 0
	case n == PodsVPC:
		return slots + hostPods
	}
	recommended := 110
	if t.VCPUs > 30 {
		recommended = 250
	}
	return min(slots*prefix+hostPods, recommended)
}

// AddressesOf returns how many addresses of its subnet a node takes with so many
// pods, those not counted that share its own. It is an error if the type does not
// take so many, or its interfaces are not known.
//
// The VPC CNI takes whole interfaces, each with all of its addresses, or whole
// prefixes; and of either one more than it needs, while the type has room. A prefix
// has to be free in one piece, so that a subnet can be too full for one although
// addresses are left.
func AddressesOf(t InstanceType, n PodNetwork, pods int) (int, error) {
	if n == PodsOverlay {
		return 1, nil
	}
	slots := t.Addresses - 1 // of an interface: one address is the interface's own
	switch limit := MaxPods(t, n) - hostPods; {
	case t.Interfaces < 1 || slots < 1:
		return 0, fmt.Errorf("addresses of %s: its interfaces are not known", t.Type)
	case pods < 0:
		return 0, fmt.Errorf("addresses of %s: %d pods", t.Type, pods)
	case pods > limit:
		return 0, fmt.Errorf("addresses of %s: it takes %d pods with addresses of their own, and %d are wanted", t.Type, limit, pods)
	}
	if n == PodsVPC {
		interfaces := min(max(up(pods, slots), 1)+warm, t.Interfaces)
		return interfaces * t.Addresses, nil
	}
	prefixes := min(up(pods, prefix)+warm, t.Interfaces*slots)
	return prefixes*prefix + up(prefixes, slots), nil
}

// up returns a/b, rounded up.
func up(a, b int) int { return (a + b - 1) / b }
