package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/autoscalingaction"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
	"github.com/groundway-sdk/groundway/iam/action/elasticfilesystemaction"
	"github.com/groundway-sdk/groundway/iam/action/elasticloadbalancingaction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
	"github.com/groundway-sdk/groundway/iam/action/secretsmanageraction"
	"github.com/groundway-sdk/groundway/iam/action/stsaction"
)

// An Elastic is what the policies of an elastic runtime environment name. The
// zero value is invalid.
type Elastic struct {
	// InstallerRole and WorkerRole are the names of the two roles, without spaces.
	// Policies, roles and instance profiles are named after them.
	InstallerRole, WorkerRole string
	VPC                       string // "vpc-0a1"
	// Secrets is what the names of its secrets begin with. AnySecret stands in its
	// place for all secrets of the account in the region.
	Secrets   string
	AnySecret bool
	// Network means that the installer makes and changes subnets, route tables and
	// gateways, which the first step of the page has people make.
	Network bool
}

// ElasticInstaller is the cluster installer of an elastic runtime environment,
// on the master node.
type ElasticInstaller struct{ Elastic }

// ElasticWorker is a worker node of an elastic runtime environment.
type ElasticWorker struct{ Elastic }

const elasticPage = "https://onlinehelp.informatica.com/IICS/prod/admin/en/gg-iics-rte/Set_up_the_AWS_environment.html"

func (e Elastic) check(scope iam.Scope, preset string) error {
	c := in(scope, preset)
	c.name("InstallerRole", iam.RoleName, e.InstallerRole)
	c.name("WorkerRole", iam.RoleName, e.WorkerRole)
	if e.InstallerRole != "" && e.InstallerRole == e.WorkerRole {
		c.add("WorkerRole", "it is the InstallerRole: want two roles")
	}
	c.text("VPC", vpcForm, e.VPC)
	switch {
	case e.AnySecret && e.Secrets != "":
		c.add("AnySecret", "it contradicts Secrets")
	case !e.AnySecret:
		c.text("Secrets", secretForm, e.Secrets)
	}
	return c.err()
}

// secrets returns the ARN of the secrets.
func (e Elastic) secrets(scope iam.Scope) string {
	return scope.ARN("secretsmanager", "secret:"+e.Secrets+"*")
}

// Published returns the policy that the page calls
// Permissions_cluster_installer_policy.json.
func (e ElasticInstaller) Published(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope, "elastic installer"); err != nil {
		return iam.Document{}, err
	}
	world := scope.AnyRegion()
	ec2 := func(types ...string) []string { return arns(world, "ec2", types...) }
	return iam.NewDocument(
		iam.Allow(
			autoscalingaction.AttachLoadBalancers, autoscalingaction.UpdateAutoScalingGroup, autoscalingaction.DeleteAutoScalingGroup,
			autoscalingaction.TerminateInstanceInAutoScalingGroup, autoscalingaction.DescribeAutoScalingGroups,
			autoscalingaction.CreateAutoScalingGroup, autoscalingaction.DescribeScalingActivities, autoscalingaction.DescribeTags,
		).On("*").Sid("VisualEditor0"),
		iam.Allow("ec2:Describe*").On("*").Sid("VisualEditor1"),
		iam.Allow(ec2action.RunInstances).On(ec2("security-group/*", "network-interface/*", "launch-template/*", "snapshot/*",
			"instance/*", "key-pair/*", "volume/*", "subnet/*", "image/*")...).Sid("VisualEditor2"),
		iam.Allow(
			ec2action.CreateKeyPair, ec2action.CreateTags, ec2action.CreateRouteTable, ec2action.CreateImage, ec2action.CreateVolume,
			ec2action.CreateNetworkInterface, ec2action.CreateLaunchTemplate, ec2action.CreateSecurityGroup, ec2action.CreateInternetGateway,
			ec2action.CreateSnapshot, ec2action.AssociateSubnetCidrBlock, ec2action.CreateSubnet,
		).On(ec2("security-group/*", "network-interface/*", "internet-gateway/*", "launch-template/*", "instance/*", "security-group-rule/*",
			"snapshot/*", "subnet/*", "volume/*", "import-snapshot-task/*", "image/*", "key-pair/*")...).
			On(scope.ARN("ec2", "route-table/*")).Sid("VisualEditor3"),
		iam.Allow(slices.Concat(elasticSecurityRules, elasticInstances, elasticTemplates, elasticNetwork, []iam.Action{
			ec2action.DeleteTags, ec2action.CreateTags, ec2action.DeleteVolume, ec2action.ImportKeyPair, ec2action.DeleteKeyPair, ec2action.ImportSnapshot,
		})...).On("*").Sid("VisualEditor4"),
		iam.Allow(ec2action.CreateTags).On(ec2("network-interface/*", "key-pair/*", "launch-template/*", "instance/*", "volume/*", "subnet/*")...).
			On(scope.ARN("ec2", "route-table/*")).
			When(iam.StringEquals("ec2:CreateAction", "CreateVolume", "RunInstances", "CreateSecurityGroup", "CreateKeyPair", "CreateLaunchTemplate",
				"CreateLaunchTemplateVersion", "network-interface", "CreateTags", "CreateSubnet", "CreateAutoScalingGroup", "CreateRouteTable")).
			Sid("VisualEditor5"),
		iam.Allow(ec2action.CreateSecurityGroup).On(ec2("vpc/*")...).Sid("VisualEditor6"),
		iam.Allow(ec2action.CreateSecurityGroup, ec2action.CreateTags).
			On(ec2("security-group/*", "network-interface/*", "launch-template/*", "elastic-ip/*", "snapshot/*")...).Sid("VisualEditor7"),
		iam.Allow(
			ec2action.DeleteSubnet, ec2action.CreateTags, ec2action.CreateRouteTable, ec2action.AssociateSubnetCidrBlock, ec2action.CreateSubnet,
		).On(scope.ARN("ec2", "vpc/"+e.VPC), scope.ARN("ec2", "route-table/*")).On(ec2("subnet/*")...).Sid("VisualEditor8"),
		iam.Allow(ec2action.CreateVolume).On(ec2("snapshot/*")...).Sid("VisualEditor9"),
		iam.Allow(elasticfilesystemaction.CreateMountTarget, "elasticfilesystem:Describe*").On("*").Sid("VisualEditor10"),
		iam.Allow(elasticfilesystemaction.CreateFileSystem, elasticfilesystemaction.CreateAccessPoint, elasticfilesystemaction.CreateTags).
			On("*").Sid("VisualEditor11"),
		iam.Allow(iamaction.PassRole).On(arns(scope, "iam", "role/"+e.InstallerRole, "role/"+e.WorkerRole)...).Sid("VisualEditor13"),
		iam.Allow(stsaction.DecodeAuthorizationMessage).On("*").Sid("VisualEditor14"),
		iam.Allow("elasticloadbalancing:*").On(arns(world, "elasticloadbalancing",
			"targetgroup/*", "listener/*", "listener/app/*", "listener-rule/app/*", "listener/net/*", "listener-rule/net/*",
			"loadbalancer/*", "loadbalancer/app/*", "loadbalancer/net/*")...).Sid("VisualEditor19"),
		iam.Allow("secretsmanager:*").On(world.ARN("secretsmanager", "secret:*")).Sid("VisualEditor21"),
		iam.Allow(iamaction.CreateServiceLinkedRole).On("*").Sid("VisualEditor22"),
		iam.Allow(elasticloadbalancingaction.DescribeLoadBalancers, elasticloadbalancingaction.DescribeInstanceHealth).On("*"),
	)
}

// The actions of the page, by what they are done to.
var (
	elasticSecurityRules = []iam.Action{
		ec2action.AuthorizeSecurityGroupIngress, ec2action.AuthorizeSecurityGroupEgress,
		ec2action.RevokeSecurityGroupIngress, ec2action.RevokeSecurityGroupEgress, ec2action.DeleteSecurityGroup,
	}
	elasticInstances = []iam.Action{
		ec2action.StartInstances, ec2action.StopInstances, ec2action.TerminateInstances,
		ec2action.ModifyInstanceAttribute, ec2action.AssociateIamInstanceProfile,
	}
	elasticTemplates = []iam.Action{
		ec2action.CreateLaunchTemplateVersion, ec2action.ModifyLaunchTemplate,
		ec2action.DeleteLaunchTemplate, ec2action.DeleteLaunchTemplateVersions,
	}
	// elasticNetwork changes what people made in the first step of the page.
	elasticNetwork  = slices.Concat(elasticGateways, elasticRoutes, []iam.Action{ec2action.ModifyVpcAttribute})
	elasticGateways = []iam.Action{ec2action.AttachInternetGateway, ec2action.DetachInternetGateway, ec2action.DeleteInternetGateway}
	elasticRoutes   = []iam.Action{
		ec2action.CreateRoute, ec2action.DeleteRoute, ec2action.AssociateRouteTable, ec2action.DisassociateRouteTable,
		ec2action.ReplaceRouteTableAssociation, ec2action.DeleteRouteTable,
	}
	elasticSubnets = []iam.Action{ec2action.CreateSubnet, ec2action.AssociateSubnetCidrBlock, ec2action.DeleteSubnet}

	// Of elasticloadbalancing:*, what makes, changes and removes load balancers.
	elasticClassicBalancers = []iam.Action{
		elasticloadbalancingaction.CreateLoadBalancer, elasticloadbalancingaction.DeleteLoadBalancer,
		elasticloadbalancingaction.CreateLoadBalancerListeners, elasticloadbalancingaction.DeleteLoadBalancerListeners,
		elasticloadbalancingaction.ConfigureHealthCheck, elasticloadbalancingaction.ModifyLoadBalancerAttributes,
		elasticloadbalancingaction.ApplySecurityGroupsToLoadBalancer,
		elasticloadbalancingaction.AttachLoadBalancerToSubnets, elasticloadbalancingaction.DetachLoadBalancerFromSubnets,
		elasticloadbalancingaction.RegisterInstancesWithLoadBalancer, elasticloadbalancingaction.DeregisterInstancesFromLoadBalancer,
		elasticloadbalancingaction.SetSecurityGroups, elasticloadbalancingaction.SetSubnets,
		elasticloadbalancingaction.CreateListener, elasticloadbalancingaction.AddTags, elasticloadbalancingaction.RemoveTags,
	}
	elasticListeners = []iam.Action{
		elasticloadbalancingaction.ModifyListener, elasticloadbalancingaction.DeleteListener,
		elasticloadbalancingaction.CreateRule, elasticloadbalancingaction.ModifyRule, elasticloadbalancingaction.DeleteRule,
	}
	elasticTargets = []iam.Action{
		elasticloadbalancingaction.CreateTargetGroup, elasticloadbalancingaction.DeleteTargetGroup,
		elasticloadbalancingaction.ModifyTargetGroup, elasticloadbalancingaction.ModifyTargetGroupAttributes,
		elasticloadbalancingaction.RegisterTargets, elasticloadbalancingaction.DeregisterTargets,
	}
	// Of secretsmanager:*, what stores a secret and reads it.
	elasticSecrets = []iam.Action{
		secretsmanageraction.CreateSecret, secretsmanageraction.DescribeSecret, secretsmanageraction.GetSecretValue,
		secretsmanageraction.PutSecretValue, secretsmanageraction.UpdateSecret, secretsmanageraction.TagResource, secretsmanageraction.DeleteSecret,
	}
)

// Least returns what the installer needs, in one region and VPC. The page does
// not say with which tags it makes resources: they are bounded by type, region
// and account.
func (e ElasticInstaller) Least(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope, "elastic installer"); err != nil {
		return iam.Document{}, err
	}
	ec2 := func(types ...string) []string { return arns(scope, "ec2", types...) }
	elb := func(types ...string) []string { return arns(scope, "elasticloadbalancing", types...) }
	inVPC := iam.ArnEquals("ec2:Vpc", scope.ARN("ec2", "vpc/"+e.VPC))
	tagged := ec2("instance/*", "volume/*", "network-interface/*", "launch-template/*", "security-group/*", "key-pair/*", "snapshot/*", "image/*", "subnet/*")
	if e.Network {
		tagged = append(tagged, ec2("route-table/*", "internet-gateway/*")...)
	}
	statements := []iam.Statement{
		iam.Allow(
			autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeScalingActivities, autoscalingaction.DescribeTags,
			"ec2:Describe*", "elasticfilesystem:Describe*", elasticfilesystemaction.CreateFileSystem, stsaction.DecodeAuthorizationMessage,
			elasticloadbalancingaction.DescribeLoadBalancers, elasticloadbalancingaction.DescribeInstanceHealth,
		).On("*"),
		iam.Allow(
			autoscalingaction.CreateAutoScalingGroup, autoscalingaction.UpdateAutoScalingGroup, autoscalingaction.AttachLoadBalancers,
			autoscalingaction.TerminateInstanceInAutoScalingGroup, autoscalingaction.DeleteAutoScalingGroup,
		).On(scope.ARN("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")),
		iam.Allow(ec2action.RunInstances).On(ec2("network-interface/*", "launch-template/*", "snapshot/*", "instance/*", "key-pair/*", "volume/*", "image/*")...),
		iam.Allow(ec2action.RunInstances, ec2action.CreateNetworkInterface).On(ec2("subnet/*", "security-group/*")...).When(inVPC),
		iam.Allow(ec2action.CreateNetworkInterface).On(ec2("network-interface/*")...),
		iam.Allow(elasticInstances...).On(ec2("instance/*")...),
		iam.Allow(slices.Concat(elasticTemplates, []iam.Action{ec2action.CreateLaunchTemplate})...).On(ec2("launch-template/*")...),
		iam.Allow(ec2action.CreateVolume, ec2action.CreateSnapshot, ec2action.CreateImage).On(ec2("volume/*", "snapshot/*", "image/*", "instance/*")...),
		iam.Allow(ec2action.DeleteVolume).On(ec2("volume/*")...),
		iam.Allow(ec2action.ImportSnapshot).On(ec2("import-snapshot-task/*", "snapshot/*")...),
		iam.Allow(ec2action.CreateKeyPair, ec2action.ImportKeyPair, ec2action.DeleteKeyPair).On(ec2("key-pair/*")...),
		iam.Allow(ec2action.CreateSecurityGroup).On(ec2("security-group/*", "vpc/"+e.VPC)...),
		iam.Allow(elasticSecurityRules...).On(ec2("security-group/*")...).When(inVPC),
		iam.Allow(ec2action.CreateTags, ec2action.DeleteTags).On(tagged...),
		iam.Allow(elasticfilesystemaction.CreateMountTarget, elasticfilesystemaction.CreateAccessPoint, elasticfilesystemaction.CreateTags).
			On(scope.ARN("elasticfilesystem", "file-system/*")),
		iam.Allow(iamaction.PassRole).On(arns(scope, "iam", "role/"+e.InstallerRole, "role/"+e.WorkerRole)...).
			When(iam.StringEquals("iam:PassedToService", scope.Partition().ServicePrincipal("ec2"))),
		iam.Allow(elasticClassicBalancers...).On(elb("loadbalancer/*")...),
		iam.Allow(elasticListeners...).On(elb("listener/app/*", "listener/net/*", "listener-rule/app/*", "listener-rule/net/*")...),
		iam.Allow(elasticTargets...).On(elb("targetgroup/*")...),
		iam.Allow(elasticSecrets...).On(e.secrets(scope)),
		linkedRoles(scope, "autoscaling", "elasticloadbalancing", "elasticfilesystem"),
	}
	if e.Network {
		statements = append(statements,
			iam.Allow(elasticSubnets...).On(ec2("subnet/*", "vpc/"+e.VPC)...),
			iam.Allow(ec2action.CreateRouteTable).On(ec2("route-table/*", "vpc/"+e.VPC)...),
			iam.Allow(elasticRoutes...).On(ec2("route-table/*", "subnet/*")...).When(inVPC),
			iam.Allow(ec2action.CreateInternetGateway).On(ec2("internet-gateway/*")...),
			iam.Allow(elasticGateways...).On(ec2("internet-gateway/*", "vpc/"+e.VPC)...),
			iam.Allow(ec2action.ModifyVpcAttribute).On(ec2("vpc/"+e.VPC)...),
		)
	}
	for _, a := range e.additions(scope) {
		statements = append(statements, a.Statements...)
	}
	return iam.NewDocument(statements...)
}

func (e ElasticInstaller) additions(scope iam.Scope) []Addition {
	return []Addition{{
		Statements: []iam.Statement{
			iam.Allow(elasticfilesystemaction.TagResource).On(arns(scope, "elasticfilesystem", "file-system/*", "access-point/*")...).
				When(iam.StringEquals("elasticfilesystem:CreateAction", "CreateFileSystem", "CreateAccessPoint")),
		},
		Reason: "A file system that is made with tags needs it; elasticfilesystem:CreateTags, which the page grants, is the older way to tag.",
		URL:    "https://docs.aws.amazon.com/efs/latest/ug/using-tags-efs.html",
	}}
}

// Provenance says how Least lies to Published.
func (e ElasticInstaller) Provenance(scope iam.Scope) (Provenance, error) {
	if err := e.check(scope, "elastic installer"); err != nil {
		return Provenance{}, err
	}
	p := Provenance{
		Source: Source{Name: "Elastic runtime environments, Permissions_cluster_installer_policy.json", URL: elasticPage, Line: "Step 2, VisualEditor0 to VisualEditor22"},
		Added:  e.additions(scope),
		Dropped: []Drop{
			{Actions: []iam.Action{"elasticloadbalancing:*"}, Reason: "Of the service, what makes, changes and removes load balancers, listeners and target groups is needed; the page's ARNs of listeners without a type match nothing."},
			{Actions: []iam.Action{"secretsmanager:*"}, Reason: "Of the service, what stores a secret and reads it is needed, and on the secrets of the environment alone."},
			{Actions: []iam.Action{ec2action.CreateTags}, On: []string{scope.ARN("ec2", "import-snapshot-task/*")}, Reason: "VisualEditor4 allows tags on everything, so that VisualEditor3, 5, 7 and 8 bound nothing; and network-interface and CreateAutoScalingGroup in the condition of VisualEditor5 are no actions of EC2."},
		},
		Risks: []Risk{
			{Code: "iam/escalation-passrole-ec2", Reason: "The installer starts the nodes with their roles.", Mitigation: "Only the two roles can be passed, by their exact names, and only to EC2; the worker's allows less than the installer's."},
			{Code: "iam/escalation-passrole-instance", Reason: "The installer gives instances their roles.", Mitigation: "Only the two roles can be passed, by their exact names, and only to EC2; the worker's allows less than the installer's."},
			{Code: codeTagsOpen, Reason: "The page does not say by which calls tags are set.", Mitigation: "Tags can be set on the types of resources that the installer makes, in one region and account."},
		},
	}
	if !e.Network {
		p.Dropped = append(p.Dropped, Drop{
			Actions: slices.Concat(elasticNetwork, elasticSubnets, []iam.Action{ec2action.CreateRouteTable, ec2action.CreateInternetGateway}),
			Reason:  "People make the subnets, route tables and gateways in the first step of the page. Set Network if the installer shall.",
		})
	}
	return p, nil
}

// Published returns the policy that the page calls
// Permissions_worker_node_policy.json.
func (e ElasticWorker) Published(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope, "elastic worker"); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(elasticWorkerLooks...).On("*").Sid("DescribeActions"),
		iam.Allow(autoscalingaction.SetDesiredCapacity, autoscalingaction.TerminateInstanceInAutoScalingGroup).On("*").Sid("AutoscalingCapacity"),
		iam.Allow(secretsmanageraction.GetSecretValue).On("*").Sid("SecretsManagerAccess"),
	)
}

var elasticWorkerLooks = []iam.Action{
	elasticfilesystemaction.DescribeAccessPoints, elasticfilesystemaction.DescribeFileSystems, elasticfilesystemaction.DescribeMountTargets,
	ec2action.DescribeAvailabilityZones, autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeAutoScalingInstances,
	autoscalingaction.DescribeLaunchConfigurations, autoscalingaction.DescribeTags,
	ec2action.DescribeInstances, ec2action.DescribeLaunchTemplateVersions, ec2action.DescribeTags,
}

// Least returns what a worker needs: the secrets of the environment instead of
// all, and the groups of the region.
func (e ElasticWorker) Least(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope, "elastic worker"); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(elasticWorkerLooks...).On("*"),
		iam.Allow(autoscalingaction.SetDesiredCapacity, autoscalingaction.TerminateInstanceInAutoScalingGroup).
			On(scope.ARN("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")),
		iam.Allow(secretsmanageraction.GetSecretValue).On(e.secrets(scope)),
	)
}

// Provenance says how Least lies to Published.
func (e ElasticWorker) Provenance(scope iam.Scope) (Provenance, error) {
	if err := e.check(scope, "elastic worker"); err != nil {
		return Provenance{}, err
	}
	return Provenance{
		Source: Source{Name: "Elastic runtime environments, Permissions_worker_node_policy.json", URL: elasticPage, Line: "Step 4, DescribeActions to SecretsManagerAccess"},
	}, nil
}

// Set returns what an elastic runtime environment needs: the two policies, the
// two roles, which EC2 instances have, and their instance profiles. The policies
// are named after the roles, with "-policy", and the profiles as the roles are.
func (e Elastic) Set(scope iam.Scope) (Set, error) {
	s := Set{System: "elastic"}
	for _, part := range []struct {
		preset            Preset
		role, description string
		phase             Phase
	}{
		{ElasticInstaller{e}, e.InstallerRole, "The cluster installer of an elastic runtime environment", Create | Run | Delete},
		{ElasticWorker{e}, e.WorkerRole, "The worker nodes of an elastic runtime environment", Run},
	} {
		names, err := s.add(scope, part.preset, Policy{Name: part.role + "-policy", Description: part.description, Phase: part.phase})
		if err != nil {
			return Set{}, err
		}
		trust, err := iam.NewTrustDocument(iam.TrustService(scope.Partition().ServicePrincipal("ec2")))
		if err != nil {
			return Set{}, err
		}
		s.Roles = append(s.Roles, Role{Name: part.role, Description: part.description, Trust: trust, Policies: names})
		s.Profiles = append(s.Profiles, InstanceProfile{Name: part.role, Role: part.role})
	}
	return s.done()
}
