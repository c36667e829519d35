package network

import (
	"fmt"
	"net/netip"
)

// Options say which cluster a network is checked for.
type Options struct {
	Cluster           string       // the name that cluster tags carry
	Profile           Profile      // whose rules: zero is [ProfileTectonic]
	Topology          Topology     // zero is [TopologyPublic]
	Region            string       // zero is the region of the snapshot
	VPC               string       // the ID of the existing VPC
	ControllerSubnets []string     // IDs, in the caller's order
	WorkerSubnets     []string     // IDs, in the caller's order
	PodCIDR           netip.Prefix // zero: not checked
	ServiceCIDR       netip.Prefix // zero: not checked
}

// A Profile is the set of rules of one installer.
type Profile uint8

const (
	// ProfileTectonic is the Tectonic installer.
	ProfileTectonic Profile = iota
)

// ParseProfile returns the profile of this name.
func ParseProfile(name string) (Profile, error) {
	if name == "tectonic" {
		return ProfileTectonic, nil
	}
	return 0, fmt.Errorf("parse profile %q: want tectonic", name)
}

// A Topology says from where the cluster is reached.
type Topology uint8

const (
	// TopologyPublic is a cluster whose load balancers face the internet.
	TopologyPublic Topology = iota
	// TopologyInternal is a cluster that is reached through a VPN.
	TopologyInternal
)

// ParseTopology returns the topology of this name.
func ParseTopology(name string) (Topology, error) {
	switch name {
	case "public":
		return TopologyPublic, nil
	case "internal":
		return TopologyInternal, nil
	}
	return 0, fmt.Errorf("parse topology %q: want public or internal", name)
}
