package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/autoscalingaction"
	"github.com/groundway-sdk/groundway/iam/action/cloudformationaction"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
	"github.com/groundway-sdk/groundway/iam/action/eksaction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
	"github.com/groundway-sdk/groundway/iam/action/ssmaction"
)

// EKSCreator makes and removes an EKS cluster with eksctl. The zero value is
// invalid.
type EKSCreator struct {
	Cluster string // "demo"; eksctl names stacks, roles and groups eksctl-CLUSTER-…
	// Boundary is the ARN of the permissions boundary that the roles have to have:
	// iam.serviceRolePermissionsBoundary and the like in eksctl's configuration.
	Boundary string
}

const (
	jenkinsXPage = "https://github.com/jenkins-x/jx-docs/blob/master/content/en/docs/install-setup/installing/boot/clouds/amazon.md"
	eksctlPage   = "https://eksctl.io/usage/minimum-iam-policies/"
)

func (e EKSCreator) check(scope iam.Scope) error {
	c := in(scope, "EKS creator")
	c.text("Cluster", clusterForm, e.Cluster)
	if e.Boundary != "" {
		c.arn("Boundary", "policy", e.Boundary)
	}
	return c.err()
}

// The actions of the published policy, by what they are done to.
var (
	eksRoles = []iam.Action{
		iamaction.CreateRole, iamaction.DeleteRole, iamaction.AttachRolePolicy, iamaction.DetachRolePolicy,
		iamaction.PutRolePolicy, iamaction.DeleteRolePolicy, iamaction.GetRole, iamaction.GetRolePolicy,
		iamaction.ListInstanceProfilesForRole, iamaction.PassRole,
	}
	eksProfiles = []iam.Action{
		iamaction.CreateInstanceProfile, iamaction.DeleteInstanceProfile, iamaction.GetInstanceProfile,
		iamaction.AddRoleToInstanceProfile, iamaction.RemoveRoleFromInstanceProfile,
	}
	eksGroups = []iam.Action{
		autoscalingaction.CreateAutoScalingGroup, autoscalingaction.UpdateAutoScalingGroup, autoscalingaction.DeleteAutoScalingGroup,
	}
	eksGroupLooks = []iam.Action{
		autoscalingaction.DescribeAutoScalingGroups, autoscalingaction.DescribeLaunchConfigurations, autoscalingaction.DescribeScalingActivities,
	}
	eksLooks = []iam.Action{
		ec2action.DescribeVpcAttribute, ec2action.DescribeInternetGateways, ec2action.DescribeRouteTables, ec2action.DescribeTags,
		ec2action.DescribeNatGateways, ec2action.DescribeSecurityGroups, ec2action.DescribeSubnets, ec2action.DescribeAvailabilityZones,
		ec2action.DescribeImages, ec2action.DescribeAddresses, ec2action.DescribeVpcs, ec2action.DescribeLaunchTemplates,
		ec2action.DescribeLaunchTemplateVersions, ec2action.DescribeImageAttribute, ec2action.DescribeKeyPairs,
	}
	eksNetwork = []iam.Action{
		ec2action.CreateVpc, ec2action.ModifyVpcAttribute, ec2action.DeleteVpc, ec2action.CreateSubnet, ec2action.DeleteSubnet,
		ec2action.CreateRouteTable, ec2action.CreateRoute, ec2action.AssociateRouteTable, ec2action.DisassociateRouteTable,
		ec2action.DeleteRoute, ec2action.DeleteRouteTable, ec2action.CreateInternetGateway, ec2action.AttachInternetGateway,
		ec2action.DetachInternetGateway, ec2action.DeleteInternetGateway, ec2action.AllocateAddress, ec2action.ReleaseAddress,
		ec2action.CreateNatGateway, ec2action.DeleteNatGateway,
	}
	eksSecurityGroups = []iam.Action{
		ec2action.CreateSecurityGroup, ec2action.AuthorizeSecurityGroupIngress, ec2action.AuthorizeSecurityGroupEgress,
		ec2action.RevokeSecurityGroupIngress, ec2action.RevokeSecurityGroupEgress, ec2action.DeleteSecurityGroup,
	}
	// Of cloudformation:*, what makes, follows and removes a stack.
	eksStacks = []iam.Action{
		cloudformationaction.CreateStack, cloudformationaction.DeleteStack, cloudformationaction.DescribeStackEvents,
		cloudformationaction.DescribeStackResources, cloudformationaction.ListStackResources, cloudformationaction.GetTemplate,
		cloudformationaction.CreateChangeSet, cloudformationaction.DescribeChangeSet, cloudformationaction.ExecuteChangeSet,
		cloudformationaction.DeleteChangeSet, cloudformationaction.UpdateTerminationProtection, cloudformationaction.TagResource,
	}
	// Of eks:*, what makes, follows and removes a cluster with its nodes.
	eksCluster = []iam.Action{
		eksaction.DescribeCluster, eksaction.DeleteCluster, eksaction.UpdateClusterConfig, eksaction.UpdateClusterVersion,
		eksaction.ListUpdates, eksaction.DescribeUpdate, eksaction.TagResource,
		eksaction.CreateNodegroup, eksaction.ListNodegroups, eksaction.CreateFargateProfile, eksaction.ListFargateProfiles,
		eksaction.CreateAddon, eksaction.ListAddons, eksaction.CreateAccessEntry, eksaction.ListAccessEntries,
	}
	eksParts = []iam.Action{
		eksaction.DescribeNodegroup, eksaction.UpdateNodegroupConfig, eksaction.UpdateNodegroupVersion, eksaction.DeleteNodegroup,
		eksaction.DescribeFargateProfile, eksaction.DeleteFargateProfile,
		eksaction.DescribeAddon, eksaction.UpdateAddon, eksaction.DeleteAddon,
		eksaction.DescribeAccessEntry, eksaction.DeleteAccessEntry,
	}
)

// Published returns the policy that people collected for eksctl, as the page of
// Jenkins X has it.
func (e EKSCreator) Published(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(
		iam.Allow(slices.Concat(eksRoles, eksProfiles, []iam.Action{
			iamaction.ListInstanceProfiles, iamaction.CreateServiceLinkedRole, iamaction.DeleteServiceLinkedRole,
		})...).On(arns(scope, "iam", "instance-profile/eksctl-*", "role/eksctl-*")...),
		iam.Allow("cloudformation:*").On("*"),
		iam.Allow("eks:*").On("*"),
		iam.Allow(slices.Concat(eksGroups, eksGroupLooks, []iam.Action{
			autoscalingaction.CreateLaunchConfiguration, autoscalingaction.DeleteLaunchConfiguration,
		})...).On("*"),
		iam.Allow(ec2action.DeleteInternetGateway).On(scope.AnyRegion().AnyAccount().ARN("ec2", "internet-gateway/*")),
		iam.Allow(slices.Concat(eksLooks, eksNetwork, eksSecurityGroups, []iam.Action{
			ec2action.CreateTags, ec2action.DeleteTags, ec2action.CreateLaunchTemplate, ec2action.DeleteLaunchTemplate,
			ec2action.RunInstances, ec2action.ImportKeyPair,
		})...).On("*"),
	)
}

// Least returns what eksctl needs for this cluster. CloudFormation acts with the
// permissions of its caller, so that the calls of its stacks are here too.
func (e EKSCreator) Least(scope iam.Scope) (iam.Document, error) {
	if err := e.check(scope); err != nil {
		return iam.Document{}, err
	}
	own := "eksctl-" + e.Cluster + "-"
	ec2 := func(types ...string) []string { return arns(scope, "ec2", types...) }
	roles := scope.ARN("iam", "role/"+own+"*")
	write := iam.Allow(iamaction.CreateRole, iamaction.PutRolePolicy).On(roles)
	attach := iam.Allow(iamaction.AttachRolePolicy).On(roles).When(iam.ArnEquals("iam:PolicyARN", e.managed(scope)...))
	if e.Boundary != "" {
		bounded := iam.StringEquals("iam:PermissionsBoundary", e.Boundary)
		write, attach = write.When(bounded), attach.When(bounded)
	}
	statements := []iam.Statement{
		iam.Allow(slices.Concat(eksLooks, eksGroupLooks, []iam.Action{
			cloudformationaction.ListStacks, cloudformationaction.DescribeStacks,
			eksaction.CreateCluster, eksaction.ListClusters, eksaction.DescribeClusterVersions, eksaction.DescribeAddonVersions,
		})...).On("*"),
		write, attach,
		iam.Allow(iamaction.PassRole).On(roles).When(iam.StringEquals("iam:PassedToService", "eks.amazonaws.com", "eks-fargate-pods.amazonaws.com", scope.Partition().ServicePrincipal("ec2"))),
		iam.Allow(
			iamaction.DeleteRole, iamaction.DetachRolePolicy, iamaction.DeleteRolePolicy, iamaction.GetRole, iamaction.GetRolePolicy,
			iamaction.ListInstanceProfilesForRole,
		).On(roles),
		iam.Allow(eksProfiles...).On(scope.ARN("iam", "instance-profile/"+own+"*")),
		iam.Allow(eksStacks...).On(scope.ARN("cloudformation", "stack/"+own+"*/*")),
		iam.Allow(eksCluster...).On(scope.ARN("eks", "cluster/"+e.Cluster)),
		iam.Allow(append(slices.Clone(eksParts), eksaction.TagResource)...).On(arns(scope, "eks",
			"nodegroup/"+e.Cluster+"/*", "fargateprofile/"+e.Cluster+"/*", "addon/"+e.Cluster+"/*", "access-entry/"+e.Cluster+"/*")...),
		iam.Allow(eksGroups...).On(scope.ARN("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"+own+"*")),
		iam.Allow(eksNetwork...).On(ec2("vpc/*", "subnet/*", "route-table/*", "internet-gateway/*", "elastic-ip/*", "natgateway/*")...),
		iam.Allow(eksSecurityGroups...).On(ec2("security-group/*", "vpc/*")...),
		iam.Allow(ec2action.CreateLaunchTemplate, ec2action.DeleteLaunchTemplate).On(ec2("launch-template/*")...),
		iam.Allow(ec2action.RunInstances).On(ec2("instance/*", "volume/*", "network-interface/*", "subnet/*", "security-group/*", "launch-template/*", "key-pair/*", "image/*")...),
		iam.Allow(ec2action.ImportKeyPair).On(ec2("key-pair/" + own + "*")...),
		iam.Allow(ec2action.CreateTags, ec2action.DeleteTags).On(ec2("vpc/*", "subnet/*", "route-table/*", "internet-gateway/*", "elastic-ip/*", "natgateway/*",
			"security-group/*", "launch-template/*", "instance/*", "volume/*", "network-interface/*", "key-pair/*")...),
	}
	for _, a := range e.additions(scope) {
		statements = append(statements, a.Statements...)
	}
	return iam.NewDocument(statements...)
}

// managed returns the policies of AWS that eksctl attaches to the roles of the
// cluster and of its nodes.
//
// https://docs.aws.amazon.com/eks/latest/userguide/security-iam-awsmanpol.html
func (e EKSCreator) managed(scope iam.Scope) []string {
	var list []string
	for _, name := range []string{
		"AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy",
		"AmazonEC2ContainerRegistryReadOnly", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore",
		"AmazonEKSFargatePodExecutionRolePolicy",
	} {
		list = append(list, iam.ARN{Partition: scope.Partition(), Service: "iam", Account: "aws", Resource: "policy/" + name}.String())
	}
	return list
}

func (e EKSCreator) additions(scope iam.Scope) []Addition {
	return []Addition{
		{
			Statements: []iam.Statement{linkedRoles(scope, "eks", "eks-nodegroup", "eks-fargate", "autoscaling")},
			Reason:     "The policy grants iam:CreateServiceLinkedRole on roles named eksctl-*, where it never applies: these roles have a path of their own.",
			URL:        "https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles.html",
		},
		{
			Statements: []iam.Statement{
				iam.Allow(iamaction.TagRole, iamaction.ListAttachedRolePolicies).On(scope.ARN("iam", "role/eksctl-"+e.Cluster+"-*")),
				iam.Allow(iamaction.GetRole).On(scope.ARN("iam", "role/aws-service-role/*")),
			},
			Reason: "Later versions of eksctl tag the roles that they make, list what is attached, and look for the roles of services.",
			URL:    eksctlPage,
		},
		{
			Statements: []iam.Statement{iam.Allow(ssmaction.GetParameter).On(iam.ARN{
				Partition: scope.Partition(), Service: "ssm", Region: "*", Resource: "parameter/aws/service/*",
			}.String())},
			Reason: "Later versions of eksctl find the image of the nodes in a public parameter of AWS.",
			URL:    eksctlPage,
		},
	}
}

// Provenance says how Least lies to Published.
func (e EKSCreator) Provenance(scope iam.Scope) (Provenance, error) {
	if err := e.check(scope); err != nil {
		return Provenance{}, err
	}
	p := Provenance{
		Source: Source{Name: "Jenkins X on Amazon, IAM Policy for cluster creation", URL: jenkinsXPage, Line: "IAM Policy for cluster creation"},
		Added:  e.additions(scope),
		Dropped: []Drop{
			{Actions: []iam.Action{"cloudformation:*"}, Reason: "Of the service, what makes, follows and removes the stacks of the cluster is needed."},
			{Actions: []iam.Action{"eks:*"}, Reason: "Of the service, what makes, follows and removes the cluster with its nodes and add-ons is needed."},
			{Actions: []iam.Action{iamaction.ListInstanceProfiles}, Reason: "It takes no resource, so that on named ones it never applied; nothing missed it."},
			{Actions: []iam.Action{iamaction.DeleteServiceLinkedRole}, Reason: "On roles named eksctl-* it never applied, and the roles of services are for the whole account."},
			{
				Actions: []iam.Action{iamaction.CreateServiceLinkedRole}, On: []string{scope.ARN("iam", "role/eksctl-*")},
				Reason: "On roles named eksctl-* it never applied. The right roles are added.",
			},
			{
				Actions: []iam.Action{autoscalingaction.CreateLaunchConfiguration, autoscalingaction.DeleteLaunchConfiguration},
				Reason:  "eksctl makes launch templates, and new accounts cannot make launch configurations.",
			},
		},
	}
	passed := Risk{
		Code: "iam/escalation-passrole-ec2", Reason: "eksctl gives nodes their roles.",
		Mitigation: "Only roles named eksctl-CLUSTER-* can be passed, and only to EKS, Fargate and EC2.",
	}
	if e.Boundary != "" {
		passed.Mitigation += " The permissions boundary bounds what they can be given."
	} else {
		p.Risks = append(p.Risks, Risk{
			Code: "iam/escalation-new-role", Reason: "eksctl makes the roles of the cluster and its nodes and writes inline policies of theirs.",
			Mitigation: "Only roles named eksctl-CLUSTER-* can be made, and only the policies of AWS for clusters and nodes be attached. Set Boundary.",
		})
	}
	p.Risks = append(p.Risks, passed, Risk{
		Code: codeTagsOpen, Reason: "CloudFormation sets some tags after it made a resource.",
		Mitigation: "Tags can be set on the types of resources that a cluster has, in one region and account.",
	})
	return p, nil
}
