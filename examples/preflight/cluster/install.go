package cluster

import (
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
	"github.com/groundway-sdk/groundway/route53"
)

// Tectonic is what an installation of Tectonic asks for besides:
//
//	tectonic:
//	  users: [arn:aws:iam::111122223333:user/ops]  # who may assume the installer's role
//	  adminEmail: admin@example.com                # the first user of the console
//	  etcdMembers: 3                               # optional, 1 to 9: 3 without it
//	  replicas: 2                                  # optional: instances of dex, 2 without it
//	  kmsKey: 1234abcd-12ab-34cd-56ef-1234567890ab # optional: the installer makes one without it
//	  authorityKey: alias/demo-kube                # optional: of a key in KMS that signs for the kube authority
//	  privateZone: Z0456                           # optional, of an internal cluster
//	  externalID: demo                             # optional: asked of the users, as is mfa: true
type Tectonic struct {
	Users       []string
	AdminEmail  string
	EtcdMembers int
	Replicas    int
	KMSKey      string

	AuthorityKey string // empty: a key in a file
	PrivateZone  string
	ExternalID   string
	MFA          bool
}

func (t *Tectonic) field() field {
	return field{key: "tectonic", want: "a mapping with users and adminEmail", optional: true, within: []field{
		{key: "users", want: "a list of ARNs of users", read: texts(&t.Users, "the ARN of a user", parseUser)},
		{key: "adminEmail", want: "an address such as admin@example.com", read: text(&t.AdminEmail, parseEmail)},
		{key: "etcdMembers", want: "a number from 1 to 9", optional: true, read: number(&t.EtcdMembers, 1, 9)},
		{key: "replicas", want: "a number from 1 to 9", optional: true, read: number(&t.Replicas, 1, 9)},
		{key: "kmsKey", want: "the ID of a KMS key", optional: true, read: text(&t.KMSKey, matching(`[0-9a-z-]{1,64}`, "the ID of a KMS key, without its ARN"))},
		{key: "authorityKey", want: "an alias of a KMS key", optional: true, read: text(&t.AuthorityKey, matching(`alias/[A-Za-z0-9/_-]{1,250}`, "an alias of a KMS key, such as alias/demo-kube"))},
		{key: "privateZone", want: "the ID of a hosted zone", optional: true, read: text(&t.PrivateZone, parseZoneID)},
		{key: "externalID", want: "an external ID", optional: true, read: text(&t.ExternalID, matching(`[\w+=,.@:/-]{2,1000}`, "an external ID of 2 to 1000 characters"))},
		{key: "mfa", want: "true or false", optional: true, read: truth(&t.MFA)},
	}}
}

// Elastic is what an elastic runtime environment asks for besides:
//
//	elastic:
//	  installerRole: cluster_installer_role
//	  workerRole: worker_node_role
//	  secrets: elastic/            # what the names of its secrets begin with
//	  makesNetwork: true           # optional: the installer makes subnets and routes
//	  securityGroup: elastic-ssh   # optional: the name of one that lets SSH in
//	  fileSystem: fs-0a1           # optional, as are the next two: what people made
//	  jumpHost: i-0a1
//	  masterNode: i-0b1
type Elastic struct {
	InstallerRole, WorkerRole string
	Secrets                   string
	MakesNetwork              bool
	SecurityGroup             string
	FileSystem                string
	JumpHost, MasterNode      string
}

func (e *Elastic) field() field {
	return field{key: "elastic", want: "a mapping with installerRole, workerRole and secrets", optional: true, within: []field{
		{key: "installerRole", want: "the name of a role", read: text(&e.InstallerRole, name(iam.RoleName, "a role"))},
		{key: "workerRole", want: "the name of a role", read: text(&e.WorkerRole, name(iam.RoleName, "a role"))},
		{key: "secrets", want: "what the names of its secrets begin with", read: text(&e.Secrets, matching(`[\w/+=.@-]{1,512}`, "the beginning of names of secrets, such as elastic/"))},
		{key: "makesNetwork", want: "true or false", optional: true, read: truth(&e.MakesNetwork)},
		{key: "securityGroup", want: "the name of a security group", optional: true, read: text(&e.SecurityGroup, matching(`[\w .:/()#,@+=;{}!$*\[\]-]{1,255}`, "the name of a security group"))},
		{key: "fileSystem", want: "the ID of a file system", optional: true, read: text(&e.FileSystem, id("file system", "fs-"))},
		{key: "jumpHost", want: "the ID of an instance", optional: true, read: text(&e.JumpHost, id("instance", "i-"))},
		{key: "masterNode", want: "the ID of an instance", optional: true, read: text(&e.MasterNode, id("instance", "i-"))},
	}}
}

// JenkinsX is what Jenkins X on EKS asks for besides. The dns mapping is that of
// the parent zone:
//
//	jenkinsx:
//	  domain: cluster1.example.com      # below dns.baseDomain, a zone of its own
//	  email: ops@example.com            # for certificates of Let's Encrypt
//	  production: true                  # optional: certificates that browsers take
//	  issuer: https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE  # of the EKS cluster
//	  operators: [arn:aws:iam::111122223333:user/ops]  # who make the cluster and run boot
//	  storage: demo-storage             # the bucket for logs, reports and artifacts
//	  repositories: acme/               # what the names of image repositories begin with
//	  vault: {table: vault-data, key: 1234abcd-12ab-34cd-56ef-1234567890ab, bucket: vault-data}
//	  vaultUser: vault                  # optional: for a Vault that cannot use a role
type JenkinsX struct {
	Domain, Email string
	Production    bool
	Issuer        string
	Operators     []string
	Storage       string
	Repositories  string
	Vault         VaultStore
	VaultUser     string
}

// A VaultStore names what Vault keeps its secrets in, and the key of its seal.
type VaultStore struct {
	Table, Key, Bucket string
}

func (j *JenkinsX) field() field {
	bucket := matching(`[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]`, "the name of an S3 bucket")
	return field{key: "jenkinsx", want: "a mapping with domain, email, issuer, operators, storage, repositories and vault", optional: true, within: []field{
		{key: "domain", want: "a domain below dns.baseDomain", read: text(&j.Domain, parseDomain)},
		{key: "email", want: "an address such as ops@example.com", read: text(&j.Email, parseEmail)},
		{key: "production", want: "true or false", optional: true, read: truth(&j.Production)},
		{key: "issuer", want: "the URL of the cluster's issuer", read: text(&j.Issuer, matching(`https://[a-z0-9.-]{1,253}(/[A-Za-z0-9._/-]{1,200})?`, "the URL of the cluster's issuer, such as https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"))},
		{key: "operators", want: "a list of ARNs of users", read: texts(&j.Operators, "the ARN of a user", parseUser)},
		{key: "storage", want: "the name of an S3 bucket", read: text(&j.Storage, bucket)},
		{key: "repositories", want: "what the names of image repositories begin with", read: text(&j.Repositories, matching(`[a-z0-9][a-z0-9._/-]{0,254}`, "the beginning of names of image repositories, such as acme/"))},
		{key: "vault", want: "a mapping with table, key and bucket", within: []field{
			{key: "table", want: "the name of a DynamoDB table", read: text(&j.Vault.Table, matching(`[\w.-]{3,255}`, "the name of a DynamoDB table"))},
			{key: "key", want: "the ID of a KMS key", read: text(&j.Vault.Key, matching(`[0-9a-z-]{1,64}`, "the ID of a KMS key, without its ARN"))},
			{key: "bucket", want: "the name of an S3 bucket", read: text(&j.Vault.Bucket, bucket)},
		}},
		{key: "vaultUser", want: "the name of a user of IAM", optional: true, read: text(&j.VaultUser, name(iam.UserName, "a user of IAM"))},
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
