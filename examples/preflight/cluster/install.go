package cluster

import (
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
	"github.com/groundway-sdk/groundway/route53"
)

// Tectonic is what an installation of Tectonic asks for besides:
//
//	tectonic:
//	  operators: [arn:aws:iam::111122223333:user/ops]  # who may assume the installer's role
//	  adminEmail: admin@example.com                # the first user of the console
//	  etcdMembers: 3                               # optional, 9 at most: 3 without it
//	  replicas: 2                                  # optional: instances of dex, 2 without it
//	  authorityKey: alias/demo-kube                # optional: of a key in KMS that signs for the kube authority
//	  privateZone: Z0456                           # optional, of an internal cluster
//	  externalID: demo                             # optional: asked of the users, as is mfa: true
//
// The key that encrypts is that of resources.kms: without one the installer makes it.
type Tectonic struct {
	Operators    []string
	AdminEmail   string
	EtcdMembers  int
	Replicas     int
	AuthorityKey string // empty: a key in a file
	PrivateZone  string
	ExternalID   string
	MFA          bool
}

func (t *Tectonic) field() field {
	return field{key: "tectonic", want: "a mapping with operators and adminEmail", optional: true, within: []field{
		{key: "operators", want: "a list of ARNs of users and roles", read: texts(&t.Operators, "the ARN of a user or role", parseOperator)},
		{key: "adminEmail", want: "an address such as admin@example.com", read: text(&t.AdminEmail, parseEmail)},
		{key: "etcdMembers", want: "a number from 1 to 9", optional: true, read: number(&t.EtcdMembers, 1, 9)},
		{key: "replicas", want: "a number from 1 to 9", optional: true, read: number(&t.Replicas, 1, 9)},
		{key: "authorityKey", want: "an alias of a KMS key", optional: true, read: text(&t.AuthorityKey, ofForm(keyAlias, "an alias of a KMS key, such as alias/demo-kube"))},
		{key: "privateZone", want: "the ID of a hosted zone", optional: true, read: text(&t.PrivateZone, parseZoneID)},
		{key: "externalID", want: "an external ID", optional: true, read: text(&t.ExternalID, ofForm(externalID, "an external ID of 2 to 1000 characters"))},
		{key: "mfa", want: "true or false", optional: true, read: truth(&t.MFA)},
	}}
}

// Elastic is what an elastic runtime environment asks for besides resources, which
// names its two roles and what people make:
//
//	elastic:
//	  secrets: elastic/            # what the names of its secrets begin with
//	  makesNetwork: true           # optional: the installer makes subnets and routes
//	  securityGroup: elastic-ssh   # optional: the name of one that lets SSH in
type Elastic struct {
	Secrets       string
	MakesNetwork  bool
	SecurityGroup string
}

func (e *Elastic) field() field {
	return field{key: "elastic", want: "a mapping with secrets", optional: true, within: []field{
		{key: "secrets", want: "what the names of its secrets begin with", read: text(&e.Secrets, ofForm(secretStart, "the beginning of names of secrets, such as elastic/"))},
		{key: "makesNetwork", want: "true or false", optional: true, read: truth(&e.MakesNetwork)},
		{key: "securityGroup", want: "the name of a security group", optional: true, read: text(&e.SecurityGroup, ofForm(groupName, "the name of a security group"))},
	}}
}

// JenkinsX is what Jenkins X on EKS asks for besides resources, which names its Vault
// and its buckets, of which the first is for logs, reports and artifacts. The dns
// mapping is that of the parent zone:
//
//	jenkinsx:
//	  domain: cluster1.example.com      # below dns.baseDomain, a zone of its own
//	  email: ops@example.com            # for certificates of Let's Encrypt
//	  production: true                  # optional: certificates that browsers take
//	  issuer: https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE  # of the EKS cluster
//	  operators: [arn:aws:iam::111122223333:user/ops]  # who make the cluster and run boot
//	  repositories: acme/               # what the names of image repositories begin with
type JenkinsX struct {
	Domain, Email string
	Production    bool
	Issuer        string
	Operators     []string
	Repositories  string
}

func (j *JenkinsX) field() field {
	return field{key: "jenkinsx", want: "a mapping with domain, email, issuer, operators and repositories", optional: true, within: []field{
		{key: "domain", want: "a domain below dns.baseDomain", read: text(&j.Domain, parseDomain)},
		{key: "email", want: "an address such as ops@example.com", read: text(&j.Email, parseEmail)},
		{key: "production", want: "true or false", optional: true, read: truth(&j.Production)},
		{key: "issuer", want: "the URL of the cluster's issuer", read: text(&j.Issuer, ofForm(issuerURL, "the URL of the cluster's issuer, such as https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"))},
		{key: "operators", want: "a list of ARNs of users and roles", read: texts(&j.Operators, "the ARN of a user or role", parseOperator)},
		{key: "repositories", want: "what the names of image repositories begin with", read: text(&j.Repositories, ofForm(imageStart, "the beginning of names of image repositories, such as acme/"))},
	}}
}

// New reports whether the spec asks for a VPC that does not exist yet.
func (n Network) New() bool { return n.CIDR.IsValid() }

// PlanNetwork lays out the new VPC of a spec with cidr; see [plan.New].
func PlanNetwork(spec Spec, s Snapshot) (plan.Plan, error) {
	return plan.New(s.network(), plan.Options{
		Cluster: spec.Cluster, Profile: spec.Profile, Topology: spec.Topology, Region: spec.Region,
		CIDR: spec.Network.CIDR, Zones: spec.Network.Zones,
		PodCIDR: spec.Network.PodCIDR, ServiceCIDR: spec.Network.ServiceCIDR, Forbidden: spec.Network.PrivateNetworks,
	})
}

// WithNetwork returns the spec and the snapshot as they are once the plan is
// carried out: with the new VPC in place of its block, and IDs that stand for
// what has none yet. A VPC that AWS has only just made has a network ACL that lets
// all pass, and no private hosted zone.
func WithNetwork(spec Spec, s Snapshot, p plan.Plan) (Spec, Snapshot) {
	after := p.Snapshot(s.network())
	s.Network = after.Parts
	o := p.CheckOptions(p.IDs())
	spec.Network.CIDR, spec.Network.Zones = netip.Prefix{}, nil
	spec.Network.VPC, spec.Network.ControllerSubnets, spec.Network.WorkerSubnets = o.VPC, o.ControllerSubnets, o.WorkerSubnets
	if p.VPC.ID != "" {
		return spec, s
	}
	acl := network.NetworkACL{ID: "acl-" + p.Cluster, VPCID: o.VPC, OwnerID: p.Account, Default: true}
	for _, egress := range []bool{false, true} {
		acl.Entries = append(acl.Entries, network.ACLEntry{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", Prefix: everywhere})
	}
	for _, n := range p.Subnets {
		acl.Associations = append(acl.Associations, network.ACLAssociation{SubnetID: p.IDs()["subnet/"+n.Name]})
	}
	s.Network.NetworkACLs.Items = append(slices.Clone(s.Network.NetworkACLs.Items), acl)
	s.Network.NetworkACLs.Seen = true
	zones := route53.VPCZones{VPCID: o.VPC, Zones: groundway.SeenPart[route53.VPCZone]()}
	s.DNS.VPCZones.Items = append(slices.Clone(s.DNS.VPCZones.Items), zones)
	s.DNS.VPCZones.Seen = true
	return spec, s
}

var everywhere = netip.MustParsePrefix("0.0.0.0/0")
