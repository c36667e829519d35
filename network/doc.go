// Package network says whether a VPC is ready for a Kubernetes cluster: which
// way each subnet really reaches the internet, and what an installer would
// fail on half an hour later.
//
//	findings := network.Check(snapshot, network.Options{
//		Cluster: "demo", Topology: network.TopologyPublic, VPC: "vpc-0a1",
//		ControllerSubnets: []string{"subnet-0c1"}, WorkerSubnets: []string{"subnet-0w1"},
//	})
//
// A [Snapshot] is plain data. Package network/awsnetwork reads one from a live
// account, network/awscli from the output of the AWS CLI, and
// network/networktest has good ones to start tests from. [Check],
// [ClassifySubnets] and [Predict] are pure: they do no I/O and give the same
// answer for the same snapshot, whatever its order. Package network/flow says who
// can talk to whom, and package network/draw makes a picture.
//
// # Public is what the routes say
//
// [ClassifySubnets] takes the destination space apart as AWS does: effective
// table, longest prefix, priority, state of the route, attachment of the
// gateway, the exit of a NAT gateway, block public access. A narrow route to an
// internet gateway does not make a subnet public, nor does an IPv6 one, a dead
// one, or a public address on launch; a split default does. What could not be
// seen is [ClassUnknown].
//
// # What the documents of the tectonic profile ask for
//
// The installation requirements of Tectonic on AWS say this of subnets and
// VPCs, and these codes, each with "network/" before it, answer for it:
//
//	what is asked                                      codes
//	an existing VPC                                    vpc-not-found, vpc-not-available
//	that has an internet gateway, also for internal    vpc-no-internet-gateway
//	clusters; the installer creates none in it
//	two subnets of it, one for controllers and one     subnet-not-found, subnet-other-vpc,
//	for workers                                        subnet-duplicate
//	public: controllers have an attached and routed    subnet-not-public, route-default-blackhole,
//	internet gateway; public subnets have a default    vpc-block-public-access
//	route to the internet gateway
//	public subnets should auto-assign addresses        subnet-no-auto-public-ip
//	public: a private subnet for workers; internal:    subnet-unexpectedly-public,
//	two private subnets                                route-internet-narrow
//	private subnets have a default route to a default  route-default-missing, route-default-partial,
//	gateway, such as a NAT gateway or a virtual        route-default-blackhole, nat-not-available,
//	private gateway                                    nat-not-in-public-subnet, nat-private
//	controller and worker subnets route to each other  route-subnets-unreachable
//	route tables are explicitly attached to subnets    subnet-implicit-route-table
//	internal: VPN access to the subnets                route-vpn-absent
//	DHCP options with the AWS private domain name,     dhcp-options-missing, dhcp-domain-wrong,
//	ec2.internal in us-east-1 and                      dhcp-domain-multiple
//	REGION.compute.internal elsewhere
//
// The remaining codes ask for what the documents take for granted: DNS that
// answers (vpc-dns-support-disabled, vpc-dns-hostnames-disabled,
// dhcp-dns-not-amazon), blocks that are apart (cidr-…), nobody else's network
// (vpc-owned-by-other-cluster, subnet-owned-by-other-cluster,
// subnet-foreign-candidate, vpc-shared-not-owner), room for addresses and tags
// (subnet-free-ips-low, subnet-tag-slots-full), zones that can fail and zones
// that do (zone-…, nat-single, nat-cross-zone), load balancers where they are
// expected (lb-…), and nothing left of an earlier cluster
// (leftover-cluster-resources).
//
// The documents contradict themselves in places. Decided here:
//
//   - One table asks for "2 subnets connected to an IGW" of a public cluster,
//     the text for a private subnet for workers. The text holds: workers have
//     no need to be reached, and NAT lets them out.
//   - Two subnets are asked for where zones are not spoken of. One subnet for
//     each role passes, and zone-single says as a warning what that costs.
//   - An internal cluster needs an internet gateway in its VPC, though none of
//     its subnets leads there: the gateway is where NAT leaves. A VPC that has
//     another way out can waive vpc-no-internet-gateway.
//   - "VPN access" is any route into another network: a virtual private
//     gateway, a transit gateway, a peering connection, a core network, the
//     local gateway of an Outpost. A VPN server on an instance cannot be told
//     from any other instance, so that its absence is a warning.
//
// # What the documents of the elastic profile ask for
//
// The pages on setting up AWS for an elastic runtime name these resources, in
// step 1 and step 7, and leave out the guidelines that they announce for each
// ("Use the following guidelines …"). Where a guideline is left out, the rule
// that stands in is what AWS's own documentation says of such a resource; the
// page that each rule rests on is in its Doc:
//
//	what is asked                                      codes
//	a VPC, its block entered by hand                   vpc-not-found, vpc-not-available,
//	                                                   vpc-cidr-association-pending, cidr-…
//	a public subnet; guidelines left out, those of     subnet-not-public, subnet-no-auto-public-ip
//	AWS for public subnets stand in                    of the jump host's subnet
//	a private subnet that hosts the servers;           subnet-not-found, subnet-other-vpc,
//	guidelines left out, those for private subnets     subnet-unexpectedly-public, subnet-free-ips-low,
//	stand in                                           subnet-implicit-route-table
//	a NAT gateway that lets private nodes out;         nat-not-available, nat-not-in-public-subnet,
//	guidelines left out, those for public NAT          nat-private, nat-single, nat-cross-zone
//	gateways stand in
//	an internet gateway, attached to the VPC           vpc-no-internet-gateway
//	a public route table; guidelines left out: its     subnet-not-public, route-default-blackhole,
//	default route leads to the internet gateway        route-internet-narrow
//	a private route table; guidelines left out: its    route-default-missing, route-default-partial,
//	default route leads to the NAT gateway             route-default-blackhole
//	a security group that allows SSH; guidelines left  flow-security-group-blocked, of package flow:
//	out: port 22 from the internet to the jump host,   also port 2049 to the file system of which
//	and from there to the nodes                        the policies of the pages speak
//	a jump host in the public subnet, reached by SSH   flow-nacl-blocked, flow-nacl-return-blocked,
//	from the internet                                  flow-no-route
//	the runtime in a private subnet                    subnet-unexpectedly-public
//
// What the pages do not name (ports among nodes) follows kubeadm's, see
// flow.Flows.
//
// # The other profiles
//
// The eks profile rests on
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: two zones
// that EKS supports, six free addresses, subnets tagged for load balancers, and,
// where worker subnets have no way to the internet, the endpoints that take its
// place (endpoint-…). The kubeadm profile asks for what the cloud controller and
// a load balancer for the API server need. What differs in severity stands with
// each rule's use: a DHCP domain of one's own is a warning to EKS, whose nodes do
// not take their names from it.
//
// # Who will be picked
//
// [Predict] says which subnets the cloud controller, the AWS Load Balancer
// Controller, the VPC CNI and EKS will choose in each zone, why the others lose,
// and which one tag would change it. They call a subnet public by any route to an
// internet gateway; what they choose is predicted by what they believe.
//
// [Rules] returns all rules with their reasons, severities and the IAM actions
// that answer them.
//
// # Limits
//
// IPv6 is classified, and checked where it exposes a subnet; no rule of the
// profile asks for it. Network ACLs and security groups are for package flow.
// A transit gateway, an appliance and, for what is addressed to the other VPC, a
// peering connection are where the model ends: their traffic is taken to arrive. Of a private NAT gateway
// only the next hop is followed.
package network
