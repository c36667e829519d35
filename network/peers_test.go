package network_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
)

// Well-known projects answer the question whether a subnet is public wrongly, or
// did, each in a way of its own. A row has a network that shows the way, the rule
// that they follow or followed, and the truth, which the rule gets wrong. A rule
// is told in the words of this package, as small as shows the way. Where it was
// read stands at the row: files are of the state that README, "What others do",
// links to, or of the commit named; issues and pull requests say what was wrong,
// and some have mended it since.
func TestWhatPeersMisjudge(t *testing.T) {
	const public = network.ClassInternet
	tests := []struct {
		name  string // the project, and its way
		peer  func(s network.Snapshot, subnet string) bool
		edit  func(*network.Snapshot) // of subnet-0w1 and its table rtb-01
		class network.Class
	}{
		{
			// github.com/aws/copilot-cli issue 3266, of version 1.15, mended by pull request 3269;
			// github.com/hortonworks/cloudbreak pull request 9676, of AwsSubnetIgwExplorer before it;
			// Tectonic's installer/pkg/aws/getters.go, GetVPCSubnets.
			name: "copilot, cloudbreak and Tectonic: a subnet of the main table is not public, or not there",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			},
			class: public,
		},
		{
			// github.com/kubernetes-sigs/cluster-api-provider-aws, describeVpcSubnets of
			// pkg/cloud/services/network/subnets.go at 01b3c1290706: the look-up's ok is asked
			// again after the main table took its place. Pull request 835 had brought it in.
			name: "Cluster API for AWS: the fall-back on the main table is dead code",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			},
			class: public,
		},
		{
			// github.com/aws/aws-parallelcluster issue 7173, of version 3.14.0: is_subnet_public of
			// cli/src/pcluster/aws/ec2.py; mended by pull request 7174.
			name: "parallelcluster: the first table stands in for the main one",
			peer: func(s network.Snapshot, subnet string) bool {
				if t := explicit(s, subnet); t != nil {
					return anyGateway(t)
				}
				return anyGateway(&s.RouteTables.Items[0])
			},
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				slices.SortStableFunc(s.RouteTables.Items, func(a, b network.RouteTable) int {
					return strings.Compare(strings.TrimPrefix(a.ID, "rtb-0c"), strings.TrimPrefix(b.ID, "rtb-0c"))
				})
			},
			class: network.ClassIsolated,
		},
		{
			// github.com/awslabs/aws-config-rules, python/ec2_vpc_public_subnet.py before pull request 66.
			// As mended, at e09e6025e03f, any route to 0.0.0.0/0 makes public, be it to NAT.
			name: "aws-config-rules: the main table counts though the subnet has its own",
			peer: func(s network.Snapshot, subnet string) bool {
				return anyGateway(explicit(s, subnet)) || anyGateway(nt.RouteTable(&s, "rtb-0m"))
			},
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a") },
			class: network.ClassNAT,
		},
		{
			// github.com/prowler-cloud/prowler issue 5046, of version 4.3.5: only the first of the
			// tables found was looked at, says pull request 5081, which mended it. Its code before
			// that was not read.
			name: "prowler: one of the tables is looked at",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(&s.RouteTables.Items[0]) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "rtb-0c")
			},
			class: public,
		},
		{
			// github.com/aws/aws-cdk issue 3706: the VPC importer before pull request 3784.
			name: "CDK: assigning public addresses makes a subnet public",
			peer: func(s network.Snapshot, subnet string) bool { return *nt.Subnet(&s, subnet).AutoPublicIP },
			edit: func(s *network.Snapshot) { *nt.Subnet(s, "subnet-0w1").AutoPublicIP = true }, class: network.ClassNAT,
		},
		{
			// github.com/kubernetes/cloud-provider-aws, isSubnetPublic of pkg/providers/v1/aws.go;
			// github.com/kubernetes-sigs/aws-load-balancer-controller, isSubnetContainsRouteToIGW of
			// pkg/networking/subnet_resolver.go; github.com/openshift/installer, isSubnetPublic of
			// pkg/asset/installconfig/aws/subnet.go; github.com/aquasecurity/cloudsploit,
			// getPrivateSubnets of helpers/aws/functions.js. None asks for a destination.
			name: "the cloud controller, the load balancer controller, OpenShift, cloudsploit: any route to a gateway, however narrow",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "igw-0a") }, class: network.ClassNAT,
		},
		{
			name: "the same: an IPv6 route to a gateway makes IPv4 public",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				addIPv6(s, "subnet-0w1")
				nt.SetRoute(s, "rtb-01", "::/0", "igw-0a")
			},
			class: network.ClassNAT,
		},
		{
			// Of those whose code was read, none asks for the state of a route.
			name: "all that read routes: a blackhole is a route",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0b")
				nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
			},
			class: network.ClassBroken,
		},
		{
			// describeVpcSubnets, as above.
			name: "Cluster API for AWS: the prefix of the ID decides, not the attachment",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0a")
				s.InternetGateways.Items[0].Attachments[0].VPCID = "vpc-0b2"
			},
			class: network.ClassBroken,
		},
		{
			// isSubnetPublic and describeVpcSubnets, as above.
			name: "OpenShift and Cluster API for AWS: a carrier gateway is the internet",
			peer: func(s network.Snapshot, subnet string) bool {
				return slices.ContainsFunc(explicit(s, subnet).Routes, func(r network.Route) bool { return strings.HasPrefix(r.Target.ID, "cagw-") })
			},
			edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "cagw-0a") }, class: network.ClassCarrier,
		},
		{
			// GetVPCSubnets, as above.
			name: "Tectonic: only a route to exactly 0.0.0.0/0 is a default",
			peer: exactDefault,
			edit: func(s *network.Snapshot) {
				nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "igw-0a")
				nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "igw-0a")
			},
			class: public,
		},
		{
			// GetVPCSubnets, as above; github.com/openshift/configuration-anomaly-detection, as pull
			// request 276 says that it decides.
			name: "Tectonic and configuration-anomaly-detection: a longer route that takes the default's place is not seen",
			peer: exactDefault,
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0a")
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "tgw-0a")
				nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "tgw-0a")
			},
			class: network.ClassPrivate,
		},
		{
			// github.com/kubernetes/kops, NetworkModelBuilder.Build of pkg/model/awsmodel/network.go;
			// github.com/eksctl-io/eksctl, ImportSubnets of pkg/vpc/vpc.go and pull request 4490.
			name: "kops and eksctl: the word of the user decides",
			peer: func(network.Snapshot, string) bool { return true }, class: network.ClassNAT,
		},
		{
			// None of those whose code was read errs here: they ask for the association's subnet.
			name: "whoever asks only for an association: the table of a gateway is the table of a subnet",
			peer: func(s network.Snapshot, subnet string) bool {
				return slices.ContainsFunc(s.RouteTables.Items, func(t network.RouteTable) bool { return len(t.Associations) > 0 && anyGateway(&t) })
			},
			edit: func(s *network.Snapshot) {
				nt.RouteTable(s, "rtb-0c").Associations = []network.Association{{GatewayID: "vgw-0a", State: "associated"}}
			},
			class: network.ClassBroken, // of nat-01, whose subnet has the main table now
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := nt.Public()
			if tt.edit != nil {
				tt.edit(&s)
			}
			got := egressOf(t, s, "subnet-0w1").IPv4.Class
			assert.Equal(t, tt.class, got)
			assert.NotEqual(t, got == public, tt.peer(s, "subnet-0w1"), "the peer's rule errs here")
		})
	}
}

// explicit returns the table that is associated with the subnet, or nil.
func explicit(s network.Snapshot, subnet string) *network.RouteTable {
	for i, t := range s.RouteTables.Items {
		if slices.ContainsFunc(t.Associations, func(a network.Association) bool { return a.SubnetID == subnet }) {
			return &s.RouteTables.Items[i]
		}
	}
	return nil
}

// anyGateway is the rule that any route to an internet gateway makes public.
func anyGateway(t *network.RouteTable) bool {
	return t != nil && slices.ContainsFunc(t.Routes, func(r network.Route) bool { return strings.HasPrefix(r.Target.ID, "igw-") })
}

func exactDefault(s network.Snapshot, subnet string) bool {
	return slices.ContainsFunc(explicit(s, subnet).Routes, func(r network.Route) bool {
		return r.Key() == "0.0.0.0/0" && strings.HasPrefix(r.Target.ID, "igw-")
	})
}
