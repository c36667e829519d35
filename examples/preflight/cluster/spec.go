package cluster

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"

	"github.com/groundway-sdk/groundway/network"
)

// A Spec says what a cluster wants of an account, as its YAML file does:
//
//	cluster: demo                      # 1 to 100 lower-case letters, digits and hyphens
//	profile: tectonic                  # whose rules: tectonic, elastic, eks or kubeadm
//	topology: public                   # public or internal
//	region: us-east-1
//	network:
//	  vpc: vpc-0a1                     # an existing VPC
//	  controllerSubnets: [subnet-0c1]  # one at least
//	  workerSubnets: [subnet-0e1]      # one at least
//	  podCIDR: 10.2.0.0/16             # optional: without it nothing is said about pods
//	  serviceCIDR: 10.3.0.0/16         # optional likewise
//	  privateNetworks: [10.128.0.0/9]  # optional: from where an internal cluster is used
//	  instanceTypes: [m5.large]        # optional: which its zones have to offer
//	  # Optional: the security groups that nodes get, where they exist already, and
//	  # a jump host and a file system with their subnets and security groups.
//	  controllerSecurityGroups: [sg-0c1]
//	  workerSecurityGroups: [sg-0e1]
//	  jumpHostSubnet: subnet-0p1
//	  jumpHostSecurityGroups: [sg-0a1]
//	  fileSystemSubnets: [subnet-0e1]
//	  fileSystemSecurityGroups: [sg-0f1]
//	dns: {zone: Z0123, baseDomain: k8s.example.com}                      # optional
//	ssh: {keyName: ops, publicKey: ssh-ed25519 AAAA… ops@example.com}    # optional
//	permissions: {actions: [ec2:RunInstances], principal: arn:…}         # optional: what the installer calls, and who it is
//	resources: {kms: {key: alias/tectonic}}                              # optional, see [Resources]
//	credentials: {installTakes: 1h30m, pullSecret: config.json}          # optional, see [Credentials]
//	nodes:                             # optional: without it nothing is said about quotas
//	  controllers: {instanceType: m5.large, count: 3}      # optional: an EKS cluster has none of its own
//	  workers: {instanceType: m5.large, count: 6}
//	  pods: vpc                        # optional: overlay, or the VPC CNI, vpc or vpc-prefixes
//	  podsEach: 20                     # optional: pods with addresses of their own on each node
//	account: "111122223333"            # optional: without it that of the snapshot; another one is refused
//
// A new VPC has cidr in place of vpc and its subnets, and perhaps zones:
//
//	network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b]}
//
// What the programs that install something ask for besides stands in the mappings
// tectonic, elastic and jenkinsx; see [Tectonic], [Elastic] and [JenkinsX].
//
// The public key may have any form that sshkeys.ParsePublicKey reads, over several
// lines behind a |. The zero value is no valid spec.
type Spec struct {
	Cluster  string           // the name that cluster tags carry
	Profile  network.Profile  // whose rules
	Topology network.Topology // from where the cluster is reached
	Region   string           // "us-east-1"
	Account  string           // "111122223333"; empty: that of the snapshot
	Network  Network
	DNS      DNS // zero: not given, as are those below
	SSH      SSH

	Permissions Permissions
	Resources   Resources // what it uses beside
	Credentials Credentials
	Nodes       Nodes
	Tectonic    Tectonic
	Elastic     Elastic
	JenkinsX    JenkinsX
}

// Network is the network that the cluster is to stand in: an existing one, or
// with CIDR a new one.
type Network struct {
	VPC               string       // the ID of the VPC; empty for a new one
	CIDR              netip.Prefix // the block of a new VPC, which [PlanNetwork] lays out
	Zones             []string     // of a new VPC, in the order of their blocks; nil: the first three
	ControllerSubnets []string     // IDs in the order of the spec, one at least
	WorkerSubnets     []string     // IDs in the order of the spec, one at least
	PodCIDR           netip.Prefix // zero: not given
	ServiceCIDR       netip.Prefix // zero: not given

	PrivateNetworks                                []netip.Prefix // from which an internal cluster is used
	InstanceTypes                                  []string
	ControllerSecurityGroups, WorkerSecurityGroups []string // IDs; nil: an installer makes its own
	JumpHostSubnet                                 string   // the ID; empty: there is no jump host
	JumpHostSecurityGroups                         []string
	FileSystemSubnets                              []string // IDs; nil: there is no file system
	FileSystemSecurityGroups                       []string
}

func (s Spec) networkOptions() network.Options {
	return network.Options{
		Cluster:           s.Cluster,
		Profile:           s.Profile,
		Topology:          s.Topology,
		VPC:               s.Network.VPC,
		ControllerSubnets: s.Network.ControllerSubnets,
		WorkerSubnets:     s.Network.WorkerSubnets,
		PodCIDR:           s.Network.PodCIDR,
		ServiceCIDR:       s.Network.ServiceCIDR,
		PrivateNetworks:   s.Network.PrivateNetworks,
		InstanceTypes:     s.instanceTypes(),
		ControllerGroups:  s.Network.ControllerSecurityGroups,
		WorkerGroups:      s.Network.WorkerSecurityGroups,
		JumpHostSubnet:    s.Network.JumpHostSubnet,
		JumpHostGroups:    s.Network.JumpHostSecurityGroups,
		FileSystemSubnets: s.Network.FileSystemSubnets,
		FileSystemGroups:  s.Network.FileSystemSecurityGroups,
	}
}

// instanceTypes are those of the nodes, and those that the network names besides.
func (s Spec) instanceTypes() []string {
	types := append(slices.Clone(s.Network.InstanceTypes), s.Nodes.types()...)
	slices.Sort(types)
	return slices.Compact(types)
}

// maxSpec is the size of the largest spec that is read: a hundred times what a
// cluster of 200 subnets, the limit of a VPC, takes.
const maxSpec = 1 << 20

// ReadSpec reads the spec in the file at path, and the files that its credentials name;
// see [ParseSpec].
func ReadSpec(path string) (Spec, error) {
	data, err := readFile(path, maxSpec)
	if err != nil {
		return Spec{}, fmt.Errorf("read spec: %w", err)
	}
	s, err := ParseSpec(path, data)
	return s.withFiles(filesBeside(path)), err
}

// readFile reads at most one byte more than limit, so that its caller can tell
// a longer file, and a device without end does no harm.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// ParseSpec reads a spec from YAML; name is what its errors call the text. The
// error holds every mistake that was found, joined, in the order of the text,
// and each names its place and field, what stands there and what was expected:
//
//	cluster.yaml:7:22: network.controllerSubnets: got the text "subnet-0c1", want a list of subnet IDs
//
// Unknown keys are mistakes, as are keys that stand twice, anchors, aliases and
// tags, a second document, and anything that is not UTF-8 or is over 1 MiB.
func ParseSpec(name string, data []byte) (Spec, error) {
	var s Spec
	d := decoder{name: name, root: s.fields(), meant: map[string]bool{}}
	if root := d.parse(data); root != nil {
		d.mapping(root, "", d.root)
	}
	if err := d.err(); err != nil {
		return Spec{}, err
	}
	return s, nil
}

// fields are the keys of the spec, in the order in which messages list them.
func (s *Spec) fields() []field {
	return []field{
		{key: "cluster", want: "the name of the cluster", read: text(&s.Cluster, parseClusterName)},
		{key: "profile", want: "tectonic, elastic, eks or kubeadm", read: text(&s.Profile, parseProfile)},
		{key: "topology", want: "public or internal", read: text(&s.Topology, parseTopology)},
		{key: "region", want: "an AWS region such as us-east-1", read: text(&s.Region, parseRegion)},
		{key: "account", want: "the ID of an AWS account, in quotes", optional: true, read: text(&s.Account, parseAccount)},
		{key: "network", want: "a mapping with vpc and its subnets", within: []field{
			{key: "vpc", want: "the ID of a VPC", instead: "cidr", read: text(&s.Network.VPC, parseVPCID)},
			{key: "cidr", want: "the address block of a new VPC", optional: true, read: text(&s.Network.CIDR, parseVPCBlock)},
			{key: "zones", want: "a list of availability zones", optional: true, read: texts(&s.Network.Zones, "an availability zone such as us-east-1a", parseZone)},
			{key: "controllerSubnets", want: "a list of subnet IDs", instead: "cidr", read: texts(&s.Network.ControllerSubnets, "the ID of a subnet", parseSubnetID)},
			{key: "workerSubnets", want: "a list of subnet IDs", instead: "cidr", read: texts(&s.Network.WorkerSubnets, "the ID of a subnet", parseSubnetID)},
			{key: "podCIDR", want: "an address block such as 10.2.0.0/16", optional: true, read: text(&s.Network.PodCIDR, parseCIDR)},
			{key: "serviceCIDR", want: "an address block such as 10.3.0.0/16", optional: true, read: text(&s.Network.ServiceCIDR, parseCIDR)},
			{key: "privateNetworks", want: "a list of address blocks", optional: true, read: texts(&s.Network.PrivateNetworks, "an address block such as 10.128.0.0/9", parseCIDR)},
			{key: "instanceTypes", want: "a list of instance types", optional: true, read: texts(&s.Network.InstanceTypes, "an instance type", parseInstanceType)},
			groups("controllerSecurityGroups", &s.Network.ControllerSecurityGroups),
			groups("workerSecurityGroups", &s.Network.WorkerSecurityGroups),
			{key: "jumpHostSubnet", want: "the ID of a subnet", optional: true, read: text(&s.Network.JumpHostSubnet, parseSubnetID)},
			groups("jumpHostSecurityGroups", &s.Network.JumpHostSecurityGroups),
			{key: "fileSystemSubnets", want: "a list of subnet IDs", optional: true, read: texts(&s.Network.FileSystemSubnets, "the ID of a subnet", parseSubnetID)},
			groups("fileSystemSecurityGroups", &s.Network.FileSystemSecurityGroups),
		}},
		{key: "dns", want: "a mapping with zone and baseDomain", optional: true, within: []field{
			{key: "zone", want: "the ID of a hosted zone", read: text(&s.DNS.Zone, parseZoneID)},
			{key: "baseDomain", want: "a domain such as k8s.example.com", read: text(&s.DNS.BaseDomain, parseDomain)},
		}},
		{key: "ssh", want: "a mapping with keyName and publicKey", optional: true, within: []field{
			{key: "keyName", want: "the name of a key pair in EC2", read: text(&s.SSH.KeyName, parseKeyName)},
			{key: "publicKey", want: "a public key such as ssh-ed25519 AAAA…", optional: true, read: text(&s.SSH.PublicKey, parsePublicKey)},
		}},
		{key: "permissions", want: "a mapping with actions", optional: true, within: []field{
			{key: "actions", want: "a list of actions", read: texts(&s.Permissions.Actions, "an action such as ec2:RunInstances", parseAction)},
			{key: "principal", want: "the ARN of a user or role", optional: true, read: text(&s.Permissions.Principal, parsePrincipal)},
		}},
		{key: "resources", want: "a mapping of what the cluster uses", optional: true, within: s.resourceFields()},
		s.credentialField(),
		{key: "nodes", want: "a mapping with controllers and workers", optional: true, within: s.Nodes.fields()},
		s.Tectonic.field(), s.Elastic.field(), s.JenkinsX.field(),
	}
}

// groups is an optional key with IDs of security groups.
func groups(key string, to *[]string) field {
	return field{key: key, want: "a list of security group IDs", optional: true, read: texts(to, "the ID of a security group", parseGroupID)}
}
