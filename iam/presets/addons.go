package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/autoscalingaction"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
	"github.com/groundway-sdk/groundway/iam/action/eksaction"
	"github.com/groundway-sdk/groundway/iam/action/route53action"
)

// ExternalDNS writes the records of services and ingresses into hosted zones.
// The zero value is invalid.
type ExternalDNS struct {
	HostedZones []string // by their ids: "Z0123"
	// Domain bounds its records to those below a domain, the records by which it
	// knows its own included. Empty means all of the zones.
	Domain string
}

func (e ExternalDNS) check(scope iam.Scope) error {
	c := in(scope, "external-dns")
	c.list("HostedZones", zoneForm, e.HostedZones)
	c.optional("Domain", domainForm, e.Domain)
	return c.err()
}

// Published returns the policy of the documentation of external-dns.
func (e ExternalDNS) Published(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(route53action.ChangeResourceRecordSets, route53action.ListResourceRecordSets, route53action.ListTagsForResources).
			On(scope.ARN("route53", "hostedzone/*")),
		iam.Allow(route53action.ListHostedZones).On("*"),
	)
}

// Least returns what it needs of its hosted zones.
func (e ExternalDNS) Least(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope); err != nil {
		return iam.Document{}, err
	}
	zones := hostedZones(scope, e.HostedZones)
	change := iam.Allow(route53action.ChangeResourceRecordSets).On(zones...)
	if e.Domain != "" {
		change = change.When(recordsBelow(e.Domain)...)
	}
	return iam.NewDocument(
		change,
		iam.Allow(route53action.ListResourceRecordSets, route53action.ListTagsForResources).On(zones...),
		iam.Allow(route53action.ListHostedZones).On("*"),
	)
}

// Provenance says how Least lies to Published.
func (e ExternalDNS) Provenance(scope iam.Scope) (Provenance, error) {
	return provenanceOf(Provenance{Source: Source{
		Name: "external-dns", URL: "https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/", Line: "IAM Policy",
	}}, e.check(scope))
}

func hostedZones(scope iam.Scope, ids []string) []string {
	var list []string
	for _, id := range ids {
		list = append(list, scope.ARN("route53", "hostedzone/"+id))
	}
	return list
}

// CertManager answers the DNS challenges of certificate authorities. The zero
// value is invalid.
type CertManager struct {
	HostedZones []string // by their ids: "Z0123"
	// AnyName lets it write TXT records of every name, for challenges that a CNAME
	// leads elsewhere (cnameStrategy: Follow).
	AnyName bool
}

func (m CertManager) check(scope iam.Scope) error {
	c := in(scope, "cert-manager")
	c.list("HostedZones", zoneForm, m.HostedZones)
	return c.err()
}

// Published returns the policy of the documentation of cert-manager.
func (m CertManager) Published(scope iam.Scope) (iam.Document, error) {
	if err := m.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(route53action.GetChange).On(scope.ARN("route53", "change/*")),
		iam.Allow(route53action.ChangeResourceRecordSets, route53action.ListResourceRecordSets).On(scope.ARN("route53", "hostedzone/*")),
		iam.Allow(route53action.ListHostedZonesByName).On("*"),
	)
}

// Least returns what it needs: it writes TXT records of challenges, and no
// others.
func (m CertManager) Least(scope iam.Scope) (iam.Document, error) {
	if err := m.check(scope); err != nil {
		return iam.Document{}, err
	}
	const names, types = "route53:ChangeResourceRecordSetsNormalizedRecordNames", "route53:ChangeResourceRecordSetsRecordTypes"
	zones := hostedZones(scope, m.HostedZones)
	change := iam.Allow(route53action.ChangeResourceRecordSets).On(zones...).
		When(iam.StringEquals(types, "TXT").ForAllValues(), iam.KeyPresent(types))
	if !m.AnyName {
		change = change.When(iam.StringLike(names, "_acme-challenge.*").ForAllValues(), iam.KeyPresent(names))
	}
	return iam.NewDocument(
		iam.Allow(route53action.GetChange).On(scope.ARN("route53", "change/*")),
		change,
		iam.Allow(route53action.ListResourceRecordSets).On(zones...),
		iam.Allow(route53action.ListHostedZonesByName).On("*"),
	)
}

// Provenance says how Least lies to Published.
func (m CertManager) Provenance(scope iam.Scope) (Provenance, error) {
	return provenanceOf(Provenance{Source: Source{
		Name: "cert-manager", URL: "https://cert-manager.io/docs/configuration/acme/dns01/route53/", Line: "Set up an IAM Policy",
	}}, m.check(scope))
}

// ClusterAutoscaler changes the size of the groups of a cluster's nodes. The zero
// value is invalid.
type ClusterAutoscaler struct {
	// Cluster is in the tag of its groups, k8s.io/cluster-autoscaler/CLUSTER with
	// the value owned, by which the autoscaler finds them. EKS sets it on managed
	// node groups.
	Cluster string
}

func (a ClusterAutoscaler) check(scope iam.Scope) error {
	c := in(scope, "cluster autoscaler")
	c.text("Cluster", clusterForm, a.Cluster)
	return c.err()
}

var (
	autoscalerLooks = []iam.Action{
		autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeAutoScalingInstances,
		autoscalingaction.DescribeLaunchConfigurations, autoscalingaction.DescribeScalingActivities,
		ec2action.DescribeImages, ec2action.DescribeInstanceTypes, ec2action.DescribeLaunchTemplateVersions,
		ec2action.GetInstanceTypesFromInstanceRequirements,
	}
	autoscalerSizes = []iam.Action{autoscalingaction.SetDesiredCapacity, autoscalingaction.TerminateInstanceInAutoScalingGroup}
)

// Published returns the policy of its documentation for all its features.
func (a ClusterAutoscaler) Published(scope iam.Scope) (iam.Document, error) {
	if err := a.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(append(slices.Clone(autoscalerLooks), eksaction.DescribeNodegroup)...).On("*"),
		iam.Allow(autoscalerSizes...).On("*"),
	)
}

// Least returns what it needs of the groups with the tag of the cluster.
func (a ClusterAutoscaler) Least(scope iam.Scope) (iam.Document, error) {
	if err := a.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(autoscalerLooks...).On("*"),
		iam.Allow(eksaction.DescribeNodegroup).On(scope.ARN("eks", "nodegroup/"+a.Cluster+"/*")),
		iam.Allow(autoscalerSizes...).On(scope.ARN("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")).
			When(iam.StringEquals("aws:ResourceTag/k8s.io/cluster-autoscaler/"+a.Cluster, "owned")),
	)
}

// Provenance says how Least lies to Published.
func (a ClusterAutoscaler) Provenance(scope iam.Scope) (Provenance, error) {
	return provenanceOf(Provenance{Source: Source{
		Name: "Cluster Autoscaler", URL: "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md",
		Line: "Full Cluster Autoscaler Features Policy (Recommended)",
	}}, a.check(scope))
}

// VPCCNI gives pods addresses of the VPC. The zero value is invalid.
type VPCCNI struct {
	Cluster string // "demo", as the variable CLUSTER_NAME of aws-node has it
	VPC     string // "vpc-0a1"
	IPv6    bool   // the cluster is one of IPv6
}

func (v VPCCNI) check(scope iam.Scope) error {
	c := in(scope, "VPC CNI")
	c.text("Cluster", clusterForm, v.Cluster)
	c.text("VPC", vpcForm, v.VPC)
	return c.err()
}

var (
	cniLooks = []iam.Action{
		ec2action.DescribeInstances, ec2action.DescribeTags, ec2action.DescribeNetworkInterfaces, ec2action.DescribeInstanceTypes,
		ec2action.DescribeSecurityGroups, ec2action.DescribeSubnets,
	}
	cniAddresses = []iam.Action{
		ec2action.AssignPrivateIpAddresses, ec2action.UnassignPrivateIpAddresses, ec2action.DeleteNetworkInterface,
	}
	cniInterfaces = []iam.Action{
		ec2action.AttachNetworkInterface, ec2action.DetachNetworkInterface, ec2action.ModifyNetworkInterfaceAttribute,
	}
)

// Published returns the generic policy of its documentation, which is AWS's
// AmazonEKS_CNI_Policy, or that for IPv6.
func (v VPCCNI) Published(scope iam.Scope) (iam.Document, error) {
	if err := v.check(scope); err != nil {
		return iam.Document{}, err
	}
	actions := slices.Concat(cniLooks, cniAddresses, cniInterfaces, []iam.Action{ec2action.CreateNetworkInterface})
	if v.IPv6 {
		actions = append(slices.Clone(cniLooks), ec2action.AssignIpv6Addresses, ec2action.ModifyNetworkInterfaceAttribute)
	}
	return iam.NewDocument(
		iam.Allow(actions...).On("*"),
		iam.Allow(ec2action.CreateTags).On(scope.AnyRegion().AnyAccount().ARN("ec2", "network-interface/*")),
	)
}

// Least returns what the plugin needs, as its documentation scopes it to one
// cluster: interfaces with the tag of the cluster, in its VPC. With IPv6 it
// changes the first interface of an instance alone, which EC2 made and which has
// no tag: that is bounded by the VPC.
func (v VPCCNI) Least(scope iam.Scope) (iam.Document, error) {
	if err := v.check(scope); err != nil {
		return iam.Document{}, err
	}
	ec2 := func(types ...string) []string { return arns(scope, "ec2", types...) }
	inVPC := iam.ArnEquals("ec2:Vpc", scope.ARN("ec2", "vpc/"+v.VPC))
	if v.IPv6 {
		return iam.NewDocument(
			iam.Allow(cniLooks...).On("*"),
			iam.Allow(ec2action.AssignIpv6Addresses, ec2action.ModifyNetworkInterfaceAttribute).On(ec2("network-interface/*")...).When(inVPC),
			iam.Allow(ec2action.CreateTags).On(ec2("network-interface/*")...),
		)
	}
	const tag = "cluster.k8s.amazonaws.com/name"
	return iam.NewDocument(
		iam.Allow(cniLooks...).On("*"),
		iam.Allow(ec2action.CreateTags).On(ec2("network-interface/*")...),
		iam.Allow(ec2action.CreateNetworkInterface).On(ec2("network-interface/*")...).When(iam.StringEquals("aws:RequestTag/"+tag, v.Cluster)),
		iam.Allow(ec2action.CreateNetworkInterface).On(ec2("subnet/*", "security-group/*")...).When(inVPC),
		iam.Allow(slices.Concat(cniAddresses, cniInterfaces)...).On(ec2("network-interface/*")...).When(iam.StringEquals("aws:ResourceTag/"+tag, v.Cluster)),
		iam.Allow(cniInterfaces...).On(ec2("instance/*")...).When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/"+v.Cluster, "owned")),
		iam.Allow(ec2action.ModifyNetworkInterfaceAttribute).On(ec2("security-group/*")...).When(inVPC),
	)
}

// Provenance says how Least lies to Published.
func (v VPCCNI) Provenance(scope iam.Scope) (Provenance, error) {
	line := "Generic IAM policies, IPv4 mode"
	if v.IPv6 {
		line = "Generic IAM policies, IPv6 mode"
	}
	return provenanceOf(Provenance{
		Source: Source{Name: "Amazon VPC CNI", URL: "https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md", Line: line},
		Risks: []Risk{{
			Code: codeTagsOpen, Reason: "The plugin tags interfaces that nodes have already.",
			Mitigation: "Tags can be set on network interfaces alone, in one region and account; use a role for aws-node and not that of the nodes.",
		}},
	}, v.check(scope))
}
