// Package plan lays out the network of a cluster: a new VPC, or more subnets in
// one that exists.
//
//	p, err := plan.New(snapshot, plan.Options{Cluster: "demo", CIDR: netip.MustParsePrefix("10.0.0.0/16")})
//	fmt.Print(p) // like a diff: + is made, = is there already
//
// [New] is pure. The same options give the same plan, whatever the order of the
// snapshot, and a plan proves itself: turned into the snapshot that it leads to,
// [Plan.Snapshot], it is given to network.Check for its topology, and what fails
// there stands in [Plan.Findings]. Package network/awsnetwork carries plans out.
//
// # What is laid out
//
//	                public cluster                     internal cluster
//	new VPC         public subnets for controllers     private subnets for both, and public ones
//	                and private ones for workers, an   that hold the NAT gateways alone, an
//	                internet gateway, NAT gateways     internet gateway
//	existing VPC    the same subnets; it has to have an internet gateway already where the
//	                profile says that the installer makes none (tectonic): that is a finding
//
// The way into an internal cluster, a VPN or a transit gateway, is somebody
// else's: [Options.PrivateRoutes] leads to it.
//
// # Addresses
//
// Each role has one region of addresses, which is cut into as many blocks of one
// size as the VPC may have zones ([Options.ZoneSlots]); zone n of every role has
// block n. Blocks are aligned, alike in all zones, and keep their place when a
// zone is added. Regions are laid out by size, the largest first, in the first
// place that is free of existing subnets and of what is forbidden.
//
// A subnet is a /16 at most and a /28 at least, and five addresses of it are AWS's
// own. What does not fit is refused, with the numbers, before AWS is asked.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
package plan
