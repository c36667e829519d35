package network

import (
	"fmt"
	"net/netip"
	"slices"
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

	// ControllerGroups and WorkerGroups are the IDs of the security groups that
	// the nodes get; none: an installer makes its own.
	ControllerGroups []string
	WorkerGroups     []string
	// JumpHostSubnet is the ID of the public subnet of the host from which
	// people log in to the nodes, and JumpHostGroups are its security groups.
	// Empty: there is none.
	JumpHostSubnet string
	JumpHostGroups []string
	// FileSystemSubnets are the IDs of the subnets with the mount targets of a
	// file system that workers mount, and FileSystemGroups are the security
	// groups of these. Empty: there is none.
	FileSystemSubnets []string
	FileSystemGroups  []string
	// PrivateNetworks are the blocks, beyond a VPN or the like, from which an
	// internal cluster is used. Empty: no flow from there is checked.
	PrivateNetworks []netip.Prefix
	InstanceTypes   []string // that nodes are to be of; empty: not checked
}

// A Profile is the set of rules of one installer.
type Profile uint8

const (
	// ProfileTectonic is the Tectonic installer: controllers and workers on
	// instances of the account, behind two load balancers in the subnets of the
	// controllers.
	ProfileTectonic Profile = iota
	// ProfileElastic is the elastic runtime of Informatica: a master node and
	// workers in private subnets, in a public one a jump host, and no load
	// balancers. Its topology makes no difference.
	ProfileElastic
	// ProfileEKS is a cluster of EKS: the controller subnets are those that are
	// given to the control plane and to load balancers.
	ProfileEKS
	// ProfileKubeadm is a cluster that kubeadm sets up, with a load balancer for
	// its API server in the subnets of the controllers.
	ProfileKubeadm
)

var profileNames = []string{ProfileTectonic: "tectonic", ProfileElastic: "elastic", ProfileEKS: "eks", ProfileKubeadm: "kubeadm"}

// String returns the name that [ParseProfile] reads.
func (p Profile) String() string {
	if int(p) >= len(profileNames) {
		return "invalid"
	}
	return profileNames[p]
}

// ParseProfile returns the profile of this name.
func ParseProfile(name string) (Profile, error) {
	if i := slices.Index(profileNames, name); i >= 0 {
		return Profile(i), nil
	}
	return 0, fmt.Errorf("parse profile %q: want tectonic, elastic, eks or kubeadm", name)
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
