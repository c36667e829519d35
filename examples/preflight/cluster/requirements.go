package cluster

import (
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// A Requirement is one line of what an installer's document says that is needed.
type Requirement struct {
	Step  string           // of the document, which the lines of a report are grouped by
	Line  string           // what is needed, in short
	Codes []groundway.Code // that answer for it; the part before the slash is the package
	By    string           // what answers where no code does, and why

	of func(Spec) string // the role or instance that the line is about, where its codes are asked of others too
}

// Document returns the name of the document of the profile's installer, or "" where
// there is none.
func Document(p network.Profile) string {
	return map[network.Profile]string{
		network.ProfileTectonic: "the installation requirements of Tectonic on AWS",
		network.ProfileElastic:  "the pages on setting up AWS for an elastic runtime environment",
		network.ProfileEKS:      "the page of Jenkins X on Amazon, for EKS",
	}[p]
}

// Requirements returns what the document of the profile's installer says that is
// needed, in its order: the installation requirements of Tectonic on AWS, the pages
// on setting up AWS for an elastic runtime environment, and the page of Jenkins X on
// Amazon for EKS. Kubeadm has no document of the kind, and no requirement here.
//
// What answers is the code of a finding, whose part before the slash is the package,
// or what stands in its place:
//
// The installation requirements of Tectonic on AWS:
//
//	What you need
//	  an access key, or a temporary one with its token               identity/credential-root
//	                                                                 identity/credential-life-short
//	                                                                 identity/credential-clock-skew
//	                                                                 a live check ends where the credentials do not work, and shows the caller
//	  region and availability zone                                   network/zone-single
//	                                                                 network/zone-type-unsupported
//	                                                                 network/zone-not-opted-in
//	                                                                 network/zone-impaired
//	                                                                 identity/credential-region-disabled
//	  licence and pull secret                                        identity/credential-license
//	                                                                 identity/credential-pull-secret
//	  SSH key pair in that region                                    sshkeys/pair-not-found
//	                                                                 sshkeys/pair-other-region
//	                                                                 sshkeys/pair-mismatch
//	                                                                 sshkeys/key-type-unsupported
//	  KMS key in that region                                         iam/key-not-found
//	                                                                 iam/key-other-region
//	                                                                 iam/key-not-enabled
//	                                                                 iam/key-not-symmetric
//	                                                                 iam/key-not-usable
//	  or access rights to generate one                               iam/key-not-creatable
//	  public hosted zone of a domain that resolves                   route53/zone-not-found
//	                                                                 route53/zone-eclipsed
//	                                                                 route53/delegation-missing
//	                                                                 route53/delegation-stale
//	                                                                 route53/delegation-partial
//	                                                                 route53/delegation-lame
//	                                                                 route53/zone-not-public
//	  two names below it that the installer makes                    route53/record-conflict
//	                                                                 route53/zone-negative-ttl
//	  a current Chrome or Firefox                                    out of scope: the browser is on the desk of whoever installs
//	  t2.medium nodes, one controller and one worker at least        network/zone-instance-type-not-offered
//	                                                                 network/quota-exceeded
//	                                                                 network/quota-headroom-low
//	  30 GB of storage for each node                                 EC2 makes the volumes with the nodes; AWS has no free space to show
//
//	Access to services
//	  CloudFormation, ELB, EC2, KMS, Route 53, S3 and VPC            iam/permission-missing
//	                                                                 iam/permission-denied
//	                                                                 iam/permission-boundary
//	                                                                 iam/permission-scp
//	  nothing in the way from an earlier cluster                     iam/leftover-resources
//	                                                                 iam/stack-blocked
//	                                                                 network/leftover-cluster-resources
//
//	SSH key
//	  ssh, scp and ssh-keygen                                        preflight/program-missing
//	  a key of which the private half is held                        sshkeys/pair-mismatch
//	                                                                 sshkeys/key-weak
//	                                                                 sshkeys/key-length-undocumented
//	                                                                 sshkeys/key-options
//
//	Subnet and VPC requirements
//	  an existing VPC with an internet gateway                       network/vpc-not-found
//	                                                                 network/vpc-not-available
//	                                                                 network/vpc-no-internet-gateway
//	  a subnet for controllers and one for workers                   network/subnet-not-found
//	                                                                 network/subnet-other-vpc
//	                                                                 network/subnet-duplicate
//	  public: an attached and routed internet gateway                network/subnet-not-public
//	                                                                 network/vpc-block-public-access
//	  public subnets assign addresses                                network/subnet-no-auto-public-ip
//	  private subnets with a default gateway                         network/route-default-missing
//	                                                                 network/route-default-partial
//	                                                                 network/route-default-blackhole
//	                                                                 network/nat-not-available
//	                                                                 network/nat-not-in-public-subnet
//	                                                                 network/nat-private
//	                                                                 network/subnet-unexpectedly-public
//	  controllers and workers route to each other                    network/route-subnets-unreachable
//	  route tables are attached explicitly                           network/subnet-implicit-route-table
//	  internal: VPN access                                           network/route-vpn-absent
//	  DHCP options with the private domain name of AWS               network/dhcp-options-missing
//	                                                                 network/dhcp-domain-wrong
//	                                                                 network/dhcp-domain-multiple
//	  two load balancers, on port 443                                network/lb-too-few-zones
//	                                                                 network/lb-unexpected-subnet
//	                                                                 network/flow-security-group-blocked
//
// The pages on setting up AWS for an elastic runtime environment, in nine steps:
//
//	1 AWS resources
//	  a VPC                                                          network/vpc-not-found
//	                                                                 network/vpc-not-available
//	  a public subnet                                                network/subnet-not-public
//	  a private subnet                                               network/subnet-not-found
//	                                                                 network/subnet-other-vpc
//	                                                                 network/subnet-unexpectedly-public
//	                                                                 network/subnet-free-ips-low
//	  a NAT gateway                                                  network/nat-not-available
//	                                                                 network/nat-not-in-public-subnet
//	                                                                 network/nat-private
//	  an internet gateway, attached                                  network/vpc-no-internet-gateway
//	  a public and a private route table                             network/route-default-missing
//	                                                                 network/route-default-partial
//	                                                                 network/route-default-blackhole
//	                                                                 network/subnet-implicit-route-table
//	  a security group that lets SSH in                              network/flow-security-group-blocked
//	                                                                 network/flow-nacl-blocked
//	                                                                 network/flow-nacl-return-blocked
//	                                                                 network/flow-no-route
//	  or the right to create one                                     iam/security-group-not-creatable
//	  a file system that workers mount                               iam/file-system-not-found
//	                                                                 iam/file-system-not-available
//	                                                                 iam/file-system-not-encrypted
//	                                                                 iam/file-system-mount-target-missing
//
//	2 Cluster installer policy
//	  a policy without spaces in its name                            iam/role-policy-missing
//	                                                                 iam/permission-missing
//	                                                                 iam/permission-denied
//	                                                                 iam/permission-boundary
//	                                                                 iam/permission-scp
//	  both roles can be passed on                                    iam/role-not-passable
//
//	3 Cluster installer role
//	  a role that EC2 assumes                                        iam/role-not-found
//	                                                                 iam/role-not-for-ec2
//
//	4 Worker node policy
//	  a policy without spaces in its name                            iam/role-policy-missing
//	                                                                 iam/permission-missing
//	                                                                 iam/permission-denied
//	                                                                 iam/permission-boundary
//	                                                                 iam/permission-scp
//	  workers read their secrets                                     iam/secret-not-found
//	                                                                 iam/secret-pending-deletion
//	                                                                 iam/secret-not-readable
//
//	5 Worker node role
//	  a role that EC2 assumes                                        iam/role-not-found
//	                                                                 iam/role-not-for-ec2
//
//	6 Instance profiles
//	  an instance profile for each role, which holds it alone        iam/instance-profile-not-found
//	                                                                 iam/instance-profile-role-wrong
//
//	7 Jump host
//	  an instance in the public subnet that SSH reaches              iam/instance-not-found
//	                                                                 iam/instance-not-running
//	                                                                 iam/instance-misplaced
//	                                                                 iam/instance-not-public
//	                                                                 iam/instance-key-pair-wrong
//
//	8 Master node
//	  an instance in the private subnet                              iam/instance-not-found
//	                                                                 iam/instance-not-running
//	                                                                 iam/instance-misplaced
//
//	9 Role of the master node
//	  the master node carries the installer's role                   iam/instance-profile-not-attached
//
// The page of Jenkins X on Amazon, for EKS:
//
//	Cluster and boot
//	  permissions to create the cluster, and to boot                 iam/permission-missing
//	                                                                 iam/permission-denied
//	                                                                 iam/permission-boundary
//	                                                                 iam/permission-scp
//	  a VPC and subnets that EKS takes                               network/vpc-not-found
//	                                                                 network/subnet-not-found
//	                                                                 network/subnet-other-vpc
//	                                                                 network/zone-eks-unsupported
//	                                                                 network/lb-subnet-tag-missing
//	  CloudFormation stacks of policies                              iam/stack-blocked
//	                                                                 iam/leftover-resources
//	  buckets for long-term storage, made where they are missing     iam/bucket-not-found
//	                                                                 iam/bucket-other-account
//	                                                                 iam/bucket-other-region
//	                                                                 iam/bucket-public-access
//	                                                                 iam/bucket-not-encrypted
//	                                                                 iam/bucket-not-versioned
//	  an ECR repository, made where it is missing                    iam/repository-not-creatable
//	  an OpenID Connect provider and roles for service accounts      iam/awsiam plans and makes them; identity/jenkinsx names the accounts
//
//	Vault
//	  an existing IAM user                                           iam/vault-user-not-found
//	                                                                 iam/user-policies-full
//	  a free slot for an access key                                  iam/user-access-keys-full
//	  or an access key of the user's in two variables                iam/user-access-key-foreign
//	  dynamoDBTable and dynamoDBRegion                               iam/table-not-found
//	                                                                 iam/table-not-active
//	                                                                 iam/table-key-wrong
//	  kmsKeyId and kmsRegion                                         iam/key-not-found
//	                                                                 iam/key-other-region
//	                                                                 iam/key-not-enabled
//	                                                                 iam/key-not-symmetric
//	                                                                 iam/key-not-usable
//	  s3Bucket, s3Region and s3Prefix                                iam/bucket-not-found
//	                                                                 iam/bucket-other-account
//	                                                                 iam/bucket-other-region
//	                                                                 iam/bucket-prefix-invalid
//
//	DNS and TLS
//	  a hosted zone of the subdomain, delegated                      route53/zone-not-found
//	                                                                 route53/zone-eclipsed
//	                                                                 route53/delegation-missing
//	                                                                 route53/delegation-stale
//	                                                                 route53/delegation-partial
//	                                                                 route53/delegation-lame
//	  the settings of jx-requirements.yml                            identity/jenkinsx.Check judges the file
func Requirements(p network.Profile) []Requirement {
	var list []Requirement
	switch p {
	case network.ProfileTectonic:
		list = tectonicRequirements()
	case network.ProfileElastic:
		list = elasticRequirements()
	case network.ProfileEKS:
		list = eksRequirements()
	}
	for i := range list {
		list[i].Codes = slices.Clone(list[i].Codes)
	}
	return list
}

func codes(pkg string, slugs ...string) []groundway.Code {
	list := make([]groundway.Code, len(slugs))
	for i, s := range slugs {
		list[i] = groundway.Code(pkg + "/" + s)
	}
	return list
}

var (
	keyPair    = codes("sshkeys", "pair-not-found", "pair-other-region", "pair-mismatch", "key-type-unsupported")
	keyInPlace = codes("iam", "key-not-found", "key-other-region", "key-not-enabled", "key-not-symmetric", "key-not-usable")
	subnets    = codes("network", "subnet-not-found", "subnet-other-vpc")
	privateOut = codes("network", "route-default-missing", "route-default-partial", "route-default-blackhole")
	natWorks   = codes("network", "nat-not-available", "nat-not-in-public-subnet", "nat-private")
	instanceUp = codes("iam", "instance-not-found", "instance-not-running", "instance-misplaced")
	profileIs  = codes("iam", "instance-profile-not-found", "instance-profile-role-wrong")
	permitted  = codes("iam", "permission-missing", "permission-denied", "permission-boundary", "permission-scp")
	delegated  = codes("route53", "zone-not-found", "zone-eclipsed", "delegation-missing", "delegation-stale", "delegation-partial", "delegation-lame")
)

const (
	byLoad = "a live check ends where the credentials do not work, and shows the caller"
)

func tectonicRequirements() []Requirement {
	const need, access, ssh, net = "What you need", "Access to services", "SSH key", "Subnet and VPC requirements"
	return []Requirement{
		{Step: need, Line: "an access key, or a temporary one with its token", Codes: codes("identity", "credential-root", "credential-life-short", "credential-clock-skew"), By: byLoad},
		{Step: need, Line: "region and availability zone", Codes: append(codes("network", "zone-single", "zone-type-unsupported", "zone-not-opted-in", "zone-impaired"), "identity/credential-region-disabled")},
		{Step: need, Line: "licence and pull secret", Codes: codes("identity", "credential-license", "credential-pull-secret")},
		{Step: need, Line: "SSH key pair in that region", Codes: keyPair},
		{Step: need, Line: "KMS key in that region", Codes: keyInPlace},
		{Step: need, Line: "or access rights to generate one", Codes: codes("iam", "key-not-creatable")},
		{Step: need, Line: "public hosted zone of a domain that resolves", Codes: slices.Concat(delegated, codes("route53", "zone-not-public"))},
		{Step: need, Line: "two names below it that the installer makes", Codes: codes("route53", "record-conflict", "zone-negative-ttl")},
		{Step: need, Line: "a current Chrome or Firefox", By: "out of scope: the browser is on the desk of whoever installs"},
		{Step: need, Line: "t2.medium nodes, one controller and one worker at least", Codes: codes("network", "zone-instance-type-not-offered", "quota-exceeded", "quota-headroom-low")},
		{Step: need, Line: "30 GB of storage for each node", By: "EC2 makes the volumes with the nodes; AWS has no free space to show"},
		{Step: access, Line: "CloudFormation, ELB, EC2, KMS, Route 53, S3 and VPC", Codes: permitted},
		{Step: access, Line: "nothing in the way from an earlier cluster", Codes: []groundway.Code{"iam/leftover-resources", "iam/stack-blocked", "network/leftover-cluster-resources"}},
		{Step: ssh, Line: "ssh, scp and ssh-keygen", Codes: []groundway.Code{codeProgram}},
		{Step: ssh, Line: "a key of which the private half is held", Codes: codes("sshkeys", "pair-mismatch", "key-weak", "key-length-undocumented", "key-options")},
		{Step: net, Line: "an existing VPC with an internet gateway", Codes: codes("network", "vpc-not-found", "vpc-not-available", "vpc-no-internet-gateway")},
		{Step: net, Line: "a subnet for controllers and one for workers", Codes: slices.Concat(subnets, codes("network", "subnet-duplicate"))},
		{Step: net, Line: "public: an attached and routed internet gateway", Codes: codes("network", "subnet-not-public", "vpc-block-public-access")},
		{Step: net, Line: "public subnets assign addresses", Codes: codes("network", "subnet-no-auto-public-ip")},
		{Step: net, Line: "private subnets with a default gateway", Codes: slices.Concat(privateOut, natWorks, codes("network", "subnet-unexpectedly-public"))},
		{Step: net, Line: "controllers and workers route to each other", Codes: codes("network", "route-subnets-unreachable")},
		{Step: net, Line: "route tables are attached explicitly", Codes: codes("network", "subnet-implicit-route-table")},
		{Step: net, Line: "internal: VPN access", Codes: codes("network", "route-vpn-absent")},
		{Step: net, Line: "DHCP options with the private domain name of AWS", Codes: codes("network", "dhcp-options-missing", "dhcp-domain-wrong", "dhcp-domain-multiple")},
		{Step: net, Line: "two load balancers, on port 443", Codes: codes("network", "lb-too-few-zones", "lb-unexpected-subnet", "flow-security-group-blocked")},
	}
}

// elasticRequirements has the nine steps of the pages.
func elasticRequirements() []Requirement {
	const (
		one, two, three = "1 AWS resources", "2 Cluster installer policy", "3 Cluster installer role"
		four, five, six = "4 Worker node policy", "5 Worker node role", "6 Instance profiles"
		seven, eight    = "7 Jump host", "8 Master node"
		nine            = "9 Role of the master node"
	)
	installer := func(s Spec) string { return s.Resources.ControllerRole.Name }
	worker := func(s Spec) string { return s.Resources.WorkerRole.Name }
	jumpHost := func(s Spec) string { return s.Resources.JumpHost }
	masterNode := func(s Spec) string { return s.Resources.MasterNode }
	return []Requirement{
		{Step: one, Line: "a VPC", Codes: codes("network", "vpc-not-found", "vpc-not-available")},
		{Step: one, Line: "a public subnet", Codes: codes("network", "subnet-not-public")},
		{Step: one, Line: "a private subnet", Codes: slices.Concat(subnets, codes("network", "subnet-unexpectedly-public", "subnet-free-ips-low"))},
		{Step: one, Line: "a NAT gateway", Codes: natWorks},
		{Step: one, Line: "an internet gateway, attached", Codes: codes("network", "vpc-no-internet-gateway")},
		{Step: one, Line: "a public and a private route table", Codes: slices.Concat(privateOut, codes("network", "subnet-implicit-route-table"))},
		{Step: one, Line: "a security group that lets SSH in", Codes: codes("network", "flow-security-group-blocked", "flow-nacl-blocked", "flow-nacl-return-blocked", "flow-no-route")},
		{Step: one, Line: "or the right to create one", Codes: codes("iam", "security-group-not-creatable")},
		{Step: one, Line: "a file system that workers mount", Codes: codes("iam", "file-system-not-found", "file-system-not-available", "file-system-not-encrypted", "file-system-mount-target-missing")},
		{Step: two, Line: "a policy without spaces in its name", Codes: slices.Concat(codes("iam", "role-policy-missing"), permitted), of: installer},
		{Step: two, Line: "both roles can be passed on", Codes: codes("iam", "role-not-passable")},
		{Step: three, Line: "a role that EC2 assumes", Codes: codes("iam", "role-not-found", "role-not-for-ec2"), of: installer},
		{Step: four, Line: "a policy without spaces in its name", Codes: slices.Concat(codes("iam", "role-policy-missing"), permitted), of: worker},
		{Step: four, Line: "workers read their secrets", Codes: codes("iam", "secret-not-found", "secret-pending-deletion", "secret-not-readable")},
		{Step: five, Line: "a role that EC2 assumes", Codes: codes("iam", "role-not-found", "role-not-for-ec2"), of: worker},
		{Step: six, Line: "an instance profile for each role, which holds it alone", Codes: profileIs},
		{Step: seven, Line: "an instance in the public subnet that SSH reaches", Codes: slices.Concat(instanceUp, codes("iam", "instance-not-public", "instance-key-pair-wrong")), of: jumpHost},
		{Step: eight, Line: "an instance in the private subnet", Codes: instanceUp, of: masterNode},
		{Step: nine, Line: "the master node carries the installer's role", Codes: codes("iam", "instance-profile-not-attached")},
	}
}

func eksRequirements() []Requirement {
	const boot, vault, dns = "Cluster and boot", "Vault", "DNS and TLS"
	return []Requirement{
		{Step: boot, Line: "permissions to create the cluster, and to boot", Codes: permitted},
		{Step: boot, Line: "a VPC and subnets that EKS takes", Codes: slices.Concat(codes("network", "vpc-not-found"), subnets, codes("network", "zone-eks-unsupported", "lb-subnet-tag-missing"))},
		{Step: boot, Line: "CloudFormation stacks of policies", Codes: codes("iam", "stack-blocked", "leftover-resources")},
		{Step: boot, Line: "buckets for long-term storage, made where they are missing", Codes: codes("iam", "bucket-not-found", "bucket-other-account", "bucket-other-region", "bucket-public-access", "bucket-not-encrypted", "bucket-not-versioned")},
		{Step: boot, Line: "an ECR repository, made where it is missing", Codes: codes("iam", "repository-not-creatable")},
		{Step: boot, Line: "an OpenID Connect provider and roles for service accounts", By: "iam/awsiam plans and makes them; identity/jenkinsx names the accounts"},
		{Step: vault, Line: "an existing IAM user", Codes: codes("iam", "vault-user-not-found", "user-policies-full")},
		{Step: vault, Line: "a free slot for an access key", Codes: codes("iam", "user-access-keys-full")},
		{Step: vault, Line: "or an access key of the user's in two variables", Codes: codes("iam", "user-access-key-foreign")},
		{Step: vault, Line: "dynamoDBTable and dynamoDBRegion", Codes: codes("iam", "table-not-found", "table-not-active", "table-key-wrong")},
		{Step: vault, Line: "kmsKeyId and kmsRegion", Codes: keyInPlace},
		{Step: vault, Line: "s3Bucket, s3Region and s3Prefix", Codes: codes("iam", "bucket-not-found", "bucket-other-account", "bucket-other-region", "bucket-prefix-invalid")},
		{Step: dns, Line: "a hosted zone of the subdomain, delegated", Codes: delegated},
		{Step: dns, Line: "the settings of jx-requirements.yml", By: "identity/jenkinsx.Check judges the file"},
	}
}
