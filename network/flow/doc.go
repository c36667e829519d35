// Package flow says who can talk to whom in a VPC, for nodes that do not exist
// yet: whether the security groups, network ACLs and routes of a snapshot let
// the traffic of a cluster pass, and its answers come back.
//
//	findings := flow.Check(snapshot, network.Options{…}) // the flows of a profile
//	result := flow.New(snapshot, "vpc-0a1").Reach(from, to, flow.Traffic{Ports: flow.Port(443)})
//
// [Check] is for installers: it judges every flow that [Flows] lists for the
// profile. [Network.Reach] answers one question of one's own. Both are pure, and
// exact: addresses and ports are sets, of which rules take their parts, so that
// "some of it is blocked" is told from "all of it" without a probe.
//
// # The way of a packet
//
// A packet passes the security groups of its sender and, where it leaves the
// subnet, the subnet's network ACL; then it follows the longest route. It passes
// the network ACL of the subnet that it enters, and the security groups of the
// host. Its answer passes both network ACLs once more, to the port from which
// the sender opened the connection, and follows the routes of the other side.
// Through a NAT gateway it passes the network ACL of the gateway's subnet too,
// and follows the routes of that subnet, on the way out and back to the sender.
// What comes in by an internet gateway or a virtual private gateway, answers
// among it, follows the gateway's own route table where it has one.
//
// # What is assumed
//
// A result that is [Assumed] says on what it rests:
//
//   - hosts without a named security group get what an installer makes for them,
//     which lets their flows pass;
//   - an instance, an interface or a Gateway Load Balancer endpoint to which a
//     route leads passes traffic on; rules that name a security group do not count
//     for it, as in EC2;
//   - a VPN, a transit gateway or a core network passes it on, and leads answers
//     back by the way on which it came;
//   - of a peer, whose routes are followed where the snapshot holds them, the
//     security groups and network ACLs let it pass.
//
// What the snapshot does not show is [Unknown], with the IAM action that would
// show it, and never blocked: a prefix list that could not be read, a group of
// another account, rules that name a group of which nobody said whether the
// nodes are members. Filters that are too large to be followed, far beyond the
// quotas of AWS, are unknown too.
//
// # Limits
//
// The profiles use IPv4, and so does Check: it says nothing of IPv6, of which
// Reach answers for [Traffic] that asks so. Traffic to the Amazon resolver, the
// instance metadata and the time service is not filtered by network ACLs, and not
// looked at. An ICMP answer is taken to be of any type. What hosts themselves
// filter, source and destination checks of instances, whether an appliance has
// the public address that an internet gateway asks of it, and VPC encryption
// controls are not seen.
//
// The filters are described at
// https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html.
// The calls that show what is needed are those of network/awsnetwork.
package flow
