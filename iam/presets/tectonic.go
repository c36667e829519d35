package presets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/autoscalingaction"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
	"github.com/groundway-sdk/groundway/iam/action/elasticloadbalancingaction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
	"github.com/groundway-sdk/groundway/iam/action/kmsaction"
	"github.com/groundway-sdk/groundway/iam/action/route53action"
	"github.com/groundway-sdk/groundway/iam/action/s3action"
	"github.com/groundway-sdk/groundway/iam/action/stsaction"
)

// Tectonic is the Tectonic installer for AWS. The zero value is invalid.
//
// Its Terraform names the roles of the nodes CLUSTER-master-role,
// CLUSTER-worker-role and CLUSTER-etcd-role, so that the name of the cluster has
// at most 52 characters.
type Tectonic struct {
	Cluster    string // "demo"
	BaseDomain string // of the cluster's records: "k8s.example.com"
	// HostedZone is the public hosted zone of the base domain: "Z0123".
	HostedZone string
	// PrivateZone is a private hosted zone that exists. Empty means that the
	// installer makes one: since its id is not known before, it may then write
	// records below BaseDomain into every zone, and remove every empty one.
	PrivateZone string
	// VPC is one that exists, with its subnets, routes and gateways. Empty means
	// that the installer makes all of it: it may then change and remove every VPC
	// of the region, because Terraform tags its own too late to tell them apart.
	VPC string
	// Internal means that the cluster has no public endpoints: nothing is written
	// into the public hosted zone.
	Internal bool
	// Bucket holds what the nodes read when they start. The installer names it
	// CLUSTER-ncg.DOMAIN.
	Bucket string
	// KMSKey is the id of a key that exists. Empty means that the installer makes
	// one; the key policy that it gives the key says who may use it.
	KMSKey string
	// MasterRole, WorkerRole and EtcdRole are roles of nodes that exist, which
	// the installer then only passes. Give all three or none.
	MasterRole, WorkerRole, EtcdRole string
	// Boundary is the ARN of the permissions boundary that the roles of nodes have
	// to have. Terraform sends one only if its configuration was changed so.
	Boundary string

	// RoleName is the installer's own role; empty means "tectonic-installer".
	RoleName string
	// Operators are the ARNs of the users and roles that may assume it.
	Operators []string
	// ExternalID and MFA are asked of the operators where they are set. Roles
	// cannot sign in with MFA: it is for users.
	ExternalID string
	MFA        bool
	// OnEC2 lets EC2 instances have the role too, in a statement of its own: an
	// older version of the page did.
	OnEC2 bool
}

var tectonicSource = Source{
	Name: "Tectonic installer, aws-policy.json",
	URL:  "https://github.com/coreos/tectonic-installer/blob/152896a1/Documentation/files/aws-policy.json",
	Line: "AWS: Installation requirements, an importable AWS policy",
}

func (t Tectonic) check(scope iam.Scope) error {
	c := in(scope, "tectonic")
	c.text("Cluster", clusterForm, t.Cluster)
	c.text("BaseDomain", domainForm, t.BaseDomain)
	c.text("HostedZone", zoneForm, t.HostedZone)
	c.optional("PrivateZone", zoneForm, t.PrivateZone)
	c.optional("VPC", vpcForm, t.VPC)
	c.text("Bucket", bucketForm, t.Bucket)
	c.optional("KMSKey", keyForm, t.KMSKey)
	c.name("RoleName", iam.RoleName, t.roleName())
	given := 0
	for _, r := range []struct{ field, name string }{{"MasterRole", t.MasterRole}, {"WorkerRole", t.WorkerRole}, {"EtcdRole", t.EtcdRole}} {
		if r.name != "" {
			given++
			c.name(r.field, iam.RoleName, r.name)
		}
	}
	switch {
	case given > 0 && given < 3:
		c.add("MasterRole", "of MasterRole, WorkerRole and EtcdRole %d are given: want all or none", given)
	case given == 0 && t.Cluster != "":
		c.name("Cluster", iam.RoleName, t.Cluster+"-master-role")
	case given == 3 && t.Boundary != "":
		c.add("Boundary", "the roles of nodes exist already: want no Boundary beside MasterRole")
	}
	if t.Boundary != "" {
		c.arn("Boundary", "policy", t.Boundary)
	}
	if len(t.Operators) == 0 && (t.ExternalID != "" || t.MFA) {
		c.add("Operators", "there are none: ExternalID and MFA are asked of operators")
	}
	c.people("Operators", t.Operators)
	for _, o := range t.Operators {
		if t.MFA && strings.Contains(o, ":role/") {
			c.add("MFA", "%q is a role, which cannot sign in with it", shown(o))
		}
	}
	if t.ExternalID != "" {
		c.name("ExternalID", iam.ExternalID, t.ExternalID)
	}
	return c.err()
}

func (t Tectonic) roleName() string { return cmp.Or(t.RoleName, "tectonic-installer") }

// nodeRoles returns the names of the roles of nodes.
func (t Tectonic) nodeRoles() []string {
	if t.MasterRole != "" {
		return []string{t.MasterRole, t.WorkerRole, t.EtcdRole}
	}
	return []string{t.Cluster + "-master-role", t.Cluster + "-worker-role", t.Cluster + "-etcd-role"}
}

// Published returns the policy of the Tectonic documentation.
func (t Tectonic) Published(scope iam.Scope) (iam.Document, error) {
	if err := t.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(
			autoscalingaction.CreateAutoScalingGroup, autoscalingaction.CreateLaunchConfiguration,
			autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeLaunchConfigurations,
			autoscalingaction.DescribeScalingActivities, autoscalingaction.UpdateAutoScalingGroup,
			autoscalingaction.DeleteAutoScalingGroup, autoscalingaction.DeleteLaunchConfiguration,
		).On("*"),
		iam.Allow(slices.Concat(tectonicLooks, tectonicInstances, tectonicSecurityGroups, tectonicNetwork, []iam.Action{ec2action.CreateTags})...).On("*"),
		iam.Allow(slices.Concat(tectonicBalancers, tectonicBalancerLooks)...).On("*"),
		iam.Allow(slices.Concat(tectonicRoles, []iam.Action{
			iamaction.AddRoleToInstanceProfile, iamaction.CreateInstanceProfile, iamaction.DeleteInstanceProfile,
			iamaction.GetInstanceProfile, iamaction.RemoveRoleFromInstanceProfile,
			iamaction.GetRole, iamaction.PassRole, iamaction.GetUser, iamaction.ListInstanceProfilesForRole,
		})...).On("*"),
		iam.Allow(
			route53action.ChangeResourceRecordSets, route53action.ChangeTagsForResource, route53action.GetChange,
			route53action.GetHostedZone, route53action.CreateHostedZone, route53action.DeleteHostedZone,
			route53action.ListHostedZones, route53action.ListResourceRecordSets, route53action.ListTagsForResource,
			route53action.UpdateHostedZoneComment,
		).On("*"),
		iam.Allow(append(slices.Clone(tectonicBuckets), "s3:GetBucketReplication")...).On("*"),
		iam.Allow(tectonicObjects...).On(scope.ARN("s3", "*")),
		iam.Allow(stsaction.GetCallerIdentity).On("*"),
	)
}

// The actions of the published policy, by what they are done to.
var (
	tectonicLooks = []iam.Action{
		ec2action.DescribeAccountAttributes, ec2action.DescribeAddresses, ec2action.DescribeAvailabilityZones,
		ec2action.DescribeImages, ec2action.DescribeInstances, ec2action.DescribeInternetGateways,
		ec2action.DescribeInstanceAttribute, ec2action.DescribeKeyPairs, ec2action.DescribeNatGateways,
		ec2action.DescribeNetworkAcls, ec2action.DescribeNetworkInterfaces, ec2action.DescribeRegions,
		ec2action.DescribeRouteTables, ec2action.DescribeSecurityGroups, ec2action.DescribeSubnets,
		ec2action.DescribeTags, ec2action.DescribeVpcs, ec2action.DescribeVpcAttribute, ec2action.DescribeVolumes,
		ec2action.DescribeVpcClassicLink,
	}
	tectonicInstances = []iam.Action{
		ec2action.RunInstances, ec2action.TerminateInstances, ec2action.ModifyInstanceAttribute,
		ec2action.CreateVolume, ec2action.ModifyNetworkInterfaceAttribute,
	}
	tectonicSecurityGroups = []iam.Action{
		ec2action.CreateSecurityGroup, ec2action.AuthorizeSecurityGroupEgress, ec2action.AuthorizeSecurityGroupIngress,
		ec2action.RevokeSecurityGroupEgress, ec2action.RevokeSecurityGroupIngress, ec2action.DeleteSecurityGroup,
	}
	// tectonicNetwork makes and removes what a VPC that exists has already.
	tectonicNetwork  = slices.Concat(tectonicVPC, tectonicGateways, tectonicSubnets, tectonicRoutes)
	tectonicVPC      = []iam.Action{ec2action.CreateVpc, ec2action.ModifyVpcAttribute, ec2action.DeleteVpc}
	tectonicGateways = []iam.Action{
		ec2action.CreateInternetGateway, ec2action.AttachInternetGateway, ec2action.DetachInternetGateway,
		ec2action.DeleteInternetGateway, ec2action.AllocateAddress, ec2action.AssociateAddress, ec2action.ReleaseAddress,
		ec2action.CreateNatGateway, ec2action.DeleteNatGateway,
	}
	tectonicSubnets = []iam.Action{ec2action.CreateSubnet, ec2action.ModifySubnetAttribute, ec2action.DeleteSubnet}
	tectonicRoutes  = []iam.Action{
		ec2action.CreateRouteTable, ec2action.CreateRoute, ec2action.AssociateRouteTable,
		ec2action.ReplaceRouteTableAssociation, ec2action.DisassociateRouteTable, ec2action.DeleteRoute, ec2action.DeleteRouteTable,
	}
	tectonicBalancers = []iam.Action{
		elasticloadbalancingaction.CreateLoadBalancer, elasticloadbalancingaction.CreateLoadBalancerListeners,
		elasticloadbalancingaction.ConfigureHealthCheck, elasticloadbalancingaction.ModifyLoadBalancerAttributes,
		elasticloadbalancingaction.RegisterInstancesWithLoadBalancer, elasticloadbalancingaction.SetLoadBalancerPoliciesOfListener,
		elasticloadbalancingaction.DeleteLoadBalancer, elasticloadbalancingaction.ApplySecurityGroupsToLoadBalancer,
		elasticloadbalancingaction.AttachLoadBalancerToSubnets, elasticloadbalancingaction.AddTags,
	}
	tectonicBalancerLooks = []iam.Action{
		elasticloadbalancingaction.DescribeLoadBalancers, elasticloadbalancingaction.DescribeLoadBalancerAttributes,
		elasticloadbalancingaction.DescribeTags, elasticloadbalancingaction.DescribeInstanceHealth,
	}
	// tectonicRoles makes and removes the roles of nodes.
	tectonicRoles = []iam.Action{
		iamaction.CreateRole, iamaction.GetRolePolicy, iamaction.PutRolePolicy, iamaction.DeleteRolePolicy, iamaction.DeleteRole,
	}
	tectonicBuckets = []iam.Action{
		s3action.CreateBucket, s3action.ListBucket, s3action.GetBucketCORS, s3action.GetBucketWebsite,
		s3action.GetBucketVersioning, s3action.GetAccelerateConfiguration, s3action.GetBucketRequestPayment,
		s3action.GetBucketLogging, s3action.GetLifecycleConfiguration, s3action.GetReplicationConfiguration,
		s3action.GetBucketLocation, s3action.GetBucketTagging, s3action.DeleteBucket, s3action.PutBucketAcl, s3action.PutBucketTagging,
	}
	tectonicObjects = []iam.Action{
		s3action.PutObject, s3action.PutObjectAcl, s3action.PutObjectTagging, s3action.GetObject, s3action.GetObjectAcl,
		s3action.GetObjectTagging, s3action.GetObjectVersion, s3action.DeleteObject,
	}
)

// Least returns what the installer needs for this cluster. Terraform sets tags
// after it made a resource, so that no condition can ask for them: resources
// are bounded by type, region and account, by their names, and by the VPC if it
// exists.
func (t Tectonic) Least(scope iam.Scope) (iam.Document, error) {
	if err := t.check(scope); err != nil {
		return iam.Document{}, err
	}
	ec2 := func(types ...string) []string { return arns(scope, "ec2", types...) }
	inVPC := func(s iam.Statement) iam.Statement { return s }
	vpc, tagged := "vpc/*", []string{"instance/*", "volume/*", "security-group/*"}
	if t.VPC != "" {
		vpc = "vpc/" + t.VPC
		inVPC = func(s iam.Statement) iam.Statement { return s.When(iam.ArnEquals("ec2:Vpc", scope.ARN("ec2", vpc))) }
	} else {
		tagged = append(tagged, "vpc/*", "subnet/*", "route-table/*", "internet-gateway/*", "natgateway/*", "elastic-ip/*")
	}
	statements := []iam.Statement{
		iam.Allow(slices.Concat(tectonicLooks, tectonicBalancerLooks, []iam.Action{
			autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeLaunchConfigurations,
			autoscalingaction.DescribeScalingActivities, route53action.ListHostedZones,
		})...).On("*"),
		iam.Allow(ec2action.RunInstances).On(ec2("image/*", "instance/*", "key-pair/*", "network-interface/*", "volume/*")...),
		inVPC(iam.Allow(ec2action.RunInstances).On(ec2("subnet/*", "security-group/*")...)),
		iam.Allow(ec2action.TerminateInstances, ec2action.ModifyInstanceAttribute).On(ec2("instance/*")...),
		inVPC(iam.Allow(ec2action.ModifyInstanceAttribute, ec2action.ModifyNetworkInterfaceAttribute).On(ec2("security-group/*")...)),
		inVPC(iam.Allow(ec2action.ModifyNetworkInterfaceAttribute).On(ec2("network-interface/*")...)),
		iam.Allow(ec2action.CreateVolume).On(ec2("volume/*", "snapshot/*")...),
		iam.Allow(ec2action.CreateTags).On(ec2(tagged...)...),
		iam.Allow(ec2action.CreateSecurityGroup).On(ec2("security-group/*", vpc)...),
		inVPC(iam.Allow(
			ec2action.AuthorizeSecurityGroupEgress, ec2action.AuthorizeSecurityGroupIngress,
			ec2action.RevokeSecurityGroupEgress, ec2action.RevokeSecurityGroupIngress, ec2action.DeleteSecurityGroup,
		).On(ec2("security-group/*")...)),
		iam.Allow(
			autoscalingaction.CreateAutoScalingGroup, autoscalingaction.UpdateAutoScalingGroup, autoscalingaction.DeleteAutoScalingGroup,
		).On(arns(scope, "autoscaling",
			"autoScalingGroup:*:autoScalingGroupName/"+t.Cluster+"-masters",
			"autoScalingGroup:*:autoScalingGroupName/"+t.Cluster+"-workers")...),
		iam.Allow(autoscalingaction.CreateLaunchConfiguration, autoscalingaction.DeleteLaunchConfiguration).On(arns(scope, "autoscaling",
			"launchConfiguration:*:launchConfigurationName/"+t.Cluster+"-master-*",
			"launchConfiguration:*:launchConfigurationName/"+t.Cluster+"-worker-*")...),
		iam.Allow(tectonicBalancers...).On(scope.ARN("elasticloadbalancing", "loadbalancer/"+t.Cluster+"-*")),
		iam.Allow(tectonicBuckets...).On(scope.ARN("s3", t.Bucket)),
		iam.Allow(tectonicObjects...).On(scope.ARN("s3", t.Bucket+"/*")),
	}
	if t.VPC == "" {
		statements = append(statements, t.network(scope)...)
	}
	statements = slices.Concat(statements, t.zones(scope), t.roles(scope))
	for _, a := range t.additions(scope) {
		statements = append(statements, a.Statements...)
	}
	return iam.NewDocument(statements...)
}

// network makes and removes a VPC.
func (t Tectonic) network(scope iam.Scope) []iam.Statement {
	ec2 := func(types ...string) []string { return arns(scope, "ec2", types...) }
	return []iam.Statement{
		iam.Allow(tectonicVPC...).On(ec2("vpc/*")...),
		iam.Allow(tectonicSubnets...).On(ec2("subnet/*", "vpc/*")...),
		iam.Allow(tectonicRoutes...).On(ec2("route-table/*", "subnet/*", "vpc/*")...),
		iam.Allow(tectonicGateways...).On(ec2("internet-gateway/*", "vpc/*", "elastic-ip/*", "natgateway/*", "subnet/*", "network-interface/*")...),
	}
}

// zones writes the records of the cluster.
func (t Tectonic) zones(scope iam.Scope) []iam.Statement {
	public, private := scope.ARN("route53", "hostedzone/"+t.HostedZone), scope.ARN("route53", "hostedzone/"+cmp.Or(t.PrivateZone, "*"))
	written, read := []string{private}, []string{private, public}
	if !t.Internal {
		written = append(written, public)
	}
	if t.PrivateZone == "" {
		written, read = []string{private}, []string{private}
	}
	list := []iam.Statement{
		iam.Allow(route53action.ChangeResourceRecordSets).On(written...).When(recordsBelow(t.BaseDomain)...),
		iam.Allow(route53action.GetHostedZone, route53action.ListResourceRecordSets, route53action.ListTagsForResource).On(read...),
		iam.Allow(route53action.GetChange).On(scope.ARN("route53", "change/*")),
	}
	if t.PrivateZone == "" {
		list = append(list,
			iam.Allow(route53action.CreateHostedZone).On("*"),
			iam.Allow(route53action.DeleteHostedZone, route53action.UpdateHostedZoneComment, route53action.ChangeTagsForResource).On(private))
	}
	return list
}

// recordsBelow bounds changes to the records below a domain, in the form in
// which Route 53 compares their names.
//
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
func recordsBelow(domain string) []iam.Condition {
	const key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
	return []iam.Condition{
		iam.StringLike(key, "*."+domain).ForAllValues(),
		iam.KeyPresent(key),
	}
}

// roles makes, removes and passes the roles of nodes.
func (t Tectonic) roles(scope iam.Scope) []iam.Statement {
	var names []string
	for _, name := range t.nodeRoles() {
		names = append(names, "role/"+name)
	}
	roles := arns(scope, "iam", names...)
	profiles := arns(scope, "iam", "instance-profile/"+t.Cluster+"-master-profile", "instance-profile/"+t.Cluster+"-worker-profile", "instance-profile/"+t.Cluster+"-etcd-profile")
	list := []iam.Statement{
		iam.Allow(iamaction.PassRole).On(roles...).When(iam.StringEquals("iam:PassedToService", scope.Partition().ServicePrincipal("ec2"))),
		iam.Allow(
			iamaction.CreateInstanceProfile, iamaction.DeleteInstanceProfile, iamaction.GetInstanceProfile,
			iamaction.AddRoleToInstanceProfile, iamaction.RemoveRoleFromInstanceProfile,
		).On(profiles...),
		iam.Allow(iamaction.GetRole, iamaction.ListInstanceProfilesForRole).On(roles...),
	}
	if t.MasterRole != "" {
		return list
	}
	write := iam.Allow(iamaction.CreateRole, iamaction.PutRolePolicy).On(roles...)
	if t.Boundary != "" {
		write = write.When(iam.StringEquals("iam:PermissionsBoundary", t.Boundary))
	}
	return append(list, write, iam.Allow(iamaction.GetRolePolicy, iamaction.DeleteRolePolicy, iamaction.DeleteRole).On(roles...))
}

func (t Tectonic) additions(scope iam.Scope) []Addition {
	key := []iam.Statement{iam.Allow(kmsaction.CreateKey).On("*")}
	if t.KMSKey != "" {
		key = []iam.Statement{iam.Allow(kmsaction.DescribeKey, kmsaction.Encrypt, kmsaction.Decrypt).On(scope.ARN("kms", "key/"+t.KMSKey))}
	}
	return []Addition{
		{
			Statements: key,
			Reason:     "The page asks for a KMS key in the region, or for the right to make one, and its policy grants neither.",
			URL:        tectonicSource.URL,
		},
		{
			Statements: []iam.Statement{linkedRoles(scope, "autoscaling", "elasticloadbalancing")},
			Reason:     "The first group and the first load balancer of an account need roles of their services, which the policy is older than.",
			URL:        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html",
		},
	}
}

// Provenance says how Least lies to Published.
func (t Tectonic) Provenance(scope iam.Scope) (Provenance, error) {
	if err := t.check(scope); err != nil {
		return Provenance{}, err
	}
	p := Provenance{Source: tectonicSource, Added: t.additions(scope), Dropped: []Drop{
		{Actions: []iam.Action{"s3:GetBucketReplication"}, Reason: "There is no such action: s3:GetReplicationConfiguration, which the policy has too, is what the call needs."},
		{Actions: []iam.Action{stsaction.GetCallerIdentity}, Reason: "AWS answers the call whatever policies say."},
		{Actions: []iam.Action{iamaction.GetUser}, Reason: "The credentials are those of a role, which has no user: Terraform asks sts:GetCallerIdentity then."},
		{Actions: []iam.Action{"cloudformation:*"}, Reason: "The page lists the service, and an installation by Terraform makes no stack.", InWords: true},
	}}
	if t.VPC != "" {
		p.Dropped = append(p.Dropped, Drop{Actions: tectonicNetwork, Reason: "In a VPC that exists the subnets, routes and gateways exist too."})
	}
	if t.PrivateZone != "" {
		p.Dropped = append(p.Dropped, Drop{
			Actions: []iam.Action{route53action.CreateHostedZone, route53action.DeleteHostedZone, route53action.UpdateHostedZoneComment, route53action.ChangeTagsForResource},
			Reason:  "The private hosted zone exists.",
		})
	}
	if t.Internal && t.PrivateZone != "" {
		p.Dropped = append(p.Dropped, Drop{
			Actions: []iam.Action{route53action.ChangeResourceRecordSets}, On: []string{scope.ARN("route53", "hostedzone/"+t.HostedZone)},
			Reason: "An internal cluster has no records in the public hosted zone.",
		})
	}
	passed := Risk{Code: "iam/escalation-passrole-ec2", Reason: "The installer starts the nodes with their roles.", Mitigation: "Only the roles of the cluster's nodes can be passed, by their exact names, and only to EC2."}
	switch {
	case t.MasterRole != "":
		p.Dropped = append(p.Dropped, Drop{Actions: tectonicRoles, Reason: "The roles of nodes exist."})
	case t.Boundary != "":
		passed.Mitigation += " The permissions boundary bounds what they can be given."
	default:
		p.Risks = append(p.Risks, Risk{
			Code: "iam/escalation-new-role", Reason: "The installer makes the roles of nodes and writes their policies.",
			Mitigation: "Only three exact names can be made. Set Boundary, or make the roles beforehand and set MasterRole, WorkerRole and EtcdRole.",
		})
	}
	p.Risks = append(p.Risks, passed, Risk{
		Code: codeTagsOpen, Reason: "Terraform sets tags after it made a resource, so that no condition can ask for the call that makes it.",
		Mitigation: "Tags can be set on the types of resources that the installer makes, in one region and account.",
	})
	return p, nil
}

// Set returns what an installation of Tectonic needs: the installer's policy and
// its role, which the operators may assume, and an instance profile where EC2
// instances may have the role.
func (t Tectonic) Set(scope iam.Scope) (Set, error) {
	s := Set{System: "tectonic"}
	if len(t.Operators) == 0 && !t.OnEC2 {
		return Set{}, fmt.Errorf("tectonic: Operators: there are none: want the ARN of a user or role that may assume the role %q, or OnEC2", t.roleName())
	}
	names, err := s.add(scope, t, Policy{Name: "TectonicInstallerPolicy", Description: "What the Tectonic installer needs for the cluster " + t.Cluster, Phase: Create | Delete})
	if err != nil {
		return Set{}, err
	}
	trust, err := t.Trust(scope)
	if err != nil {
		return Set{}, err
	}
	s.Roles = []Role{{Name: t.roleName(), Description: "Installs the Tectonic cluster " + t.Cluster, Trust: trust, Policies: names}}
	if t.OnEC2 {
		s.Profiles = []InstanceProfile{{Name: t.roleName(), Role: t.roleName()}}
	}
	return s.done()
}

// Trust returns who may have the installer's role: the operators, and EC2 instances
// in a statement of its own. External IDs and multi-factor authentication are
// asked of operators alone, because no service sends them.
func (t Tectonic) Trust(scope iam.Scope) (iam.Document, error) {
	if err := t.check(scope); err != nil {
		return iam.Document{}, err
	}
	var trusts []iam.Trust
	if len(t.Operators) > 0 {
		people := iam.TrustPrincipals(t.Operators...)
		if t.ExternalID != "" {
			people = people.ExternalID(t.ExternalID)
		}
		if t.MFA {
			people = people.RequireMFA()
		}
		trusts = append(trusts, people)
	}
	if t.OnEC2 {
		trusts = append(trusts, iam.TrustService(scope.Partition().ServicePrincipal("ec2")))
	}
	return iam.NewTrustDocument(trusts...)
}
