package iam_test

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// named returns the actions of a service with these names.
func named(service, names string) []iam.Action {
	var list []iam.Action
	for _, name := range strings.Fields(names) {
		list = append(list, iam.Action(service+":"+name))
	}
	return list
}

// account returns ARNs of a service in the account of the tests, in any region.
func account(service string, resources ...string) []string {
	var list []string
	for _, r := range resources {
		list = append(list, "arn:aws:"+service+":*:111122223333:"+r)
	}
	return list
}

// An installer is a policy that people were told to attach. The actions and the
// resources are those of the published ones, mistakes included.
type installer struct {
	name     string
	kind     iam.Kind
	document iam.Document
}

// installers are the policies of the Tectonic installer, of Jenkins X on eksctl,
// and of the elastic runtime.
func installers() []installer {
	return []installer{
		{name: "tectonic", kind: identity, document: iam.MustDocument(
			iam.Allow(named("autoscaling", `CreateAutoScalingGroup CreateLaunchConfiguration DeleteAutoScalingGroup DeleteLaunchConfiguration
				DescribeAutoScalingGroups DescribeLaunchConfigurations DescribeScalingActivities UpdateAutoScalingGroup`)...).On("*"),
			iam.Allow(named("ec2", `AllocateAddress AssociateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress
				AuthorizeSecurityGroupIngress CreateInternetGateway CreateNatGateway CreateRoute CreateRouteTable
				CreateSecurityGroup CreateSubnet CreateTags CreateVolume CreateVpc DeleteInternetGateway DeleteNatGateway
				DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteVpc DescribeAccountAttributes
				DescribeAddresses DescribeAvailabilityZones DescribeImages DescribeInstanceAttribute DescribeInstances
				DescribeInternetGateways DescribeKeyPairs DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces
				DescribeRegions DescribeRouteTables DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVolumes
				DescribeVpcAttribute DescribeVpcClassicLink DescribeVpcs DetachInternetGateway DisassociateRouteTable
				ModifyInstanceAttribute ModifyNetworkInterfaceAttribute ModifySubnetAttribute ModifyVpcAttribute ReleaseAddress
				ReplaceRouteTableAssociation RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances
				TerminateInstances`)...).On("*"),
			iam.Allow(named("elasticloadbalancing", `AddTags ApplySecurityGroupsToLoadBalancer AttachLoadBalancerToSubnets ConfigureHealthCheck CreateLoadBalancer
				CreateLoadBalancerListeners DeleteLoadBalancer DescribeInstanceHealth DescribeLoadBalancerAttributes
				DescribeLoadBalancers DescribeTags ModifyLoadBalancerAttributes RegisterInstancesWithLoadBalancer
				SetLoadBalancerPoliciesOfListener`)...).On("*"),
			iam.Allow(named("iam", `AddRoleToInstanceProfile CreateInstanceProfile CreateRole DeleteInstanceProfile DeleteRole DeleteRolePolicy
				GetInstanceProfile GetRole GetRolePolicy GetUser ListInstanceProfilesForRole PassRole PutRolePolicy
				RemoveRoleFromInstanceProfile`)...).On("*"),
			iam.Allow(named("route53", `ChangeResourceRecordSets ChangeTagsForResource CreateHostedZone DeleteHostedZone GetChange GetHostedZone
				ListHostedZones ListResourceRecordSets ListTagsForResource UpdateHostedZoneComment`)...).On("*"),
			iam.Allow(named("s3", `CreateBucket DeleteBucket GetAccelerateConfiguration GetBucketCors GetBucketLocation GetBucketLogging
				GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
				GetLifecycleConfiguration GetReplicationConfiguration ListBucket PutBucketAcl PutBucketTagging`)...).On("*"),
			iam.Allow(named("s3", "DeleteObject GetObject GetObjectAcl GetObjectTagging GetObjectVersion PutObject PutObjectAcl PutObjectTagging")...).On("arn:aws:s3:::*"),
			iam.Allow("sts:GetCallerIdentity").On("*"),
		)},
		{name: "tectonicTrust", kind: trust, document: iam.MustDocument(
			iam.Allow("sts:AssumeRole").For(iam.AWSPrincipal("arn:aws:iam::444455556666:user/operator")),
		)},
		{name: "eksctl", kind: identity, document: iam.MustDocument(
			iam.Allow(named("iam", `AddRoleToInstanceProfile AttachRolePolicy CreateInstanceProfile CreateRole CreateServiceLinkedRole
				DeleteInstanceProfile DeleteRole DeleteRolePolicy DeleteServiceLinkedRole DetachRolePolicy GetInstanceProfile
				GetRole GetRolePolicy ListInstanceProfiles ListInstanceProfilesForRole PassRole PutRolePolicy
				RemoveRoleFromInstanceProfile`)...).
				On("arn:aws:iam::111122223333:instance-profile/eksctl-*", "arn:aws:iam::111122223333:role/eksctl-*"),
			iam.Allow("cloudformation:*").On("*"),
			iam.Allow("eks:*").On("*"),
			iam.Allow(named("autoscaling", `CreateAutoScalingGroup CreateLaunchConfiguration DeleteAutoScalingGroup DeleteLaunchConfiguration
				DescribeAutoScalingGroups DescribeLaunchConfigurations DescribeScalingActivities UpdateAutoScalingGroup`)...).On("*"),
			iam.Allow("ec2:DeleteInternetGateway").On("arn:aws:ec2:*:*:internet-gateway/*"),
			iam.Allow(named("ec2", `AllocateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress
				AuthorizeSecurityGroupIngress CreateInternetGateway CreateLaunchTemplate CreateNatGateway CreateRoute
				CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVpc DeleteInternetGateway
				DeleteLaunchTemplate DeleteNatGateway DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags
				DeleteVpc describeAddresses DescribeAvailabilityZones DescribeImageAttribute DescribeImages
				DescribeInternetGateways DescribeKeyPairs DescribeLaunchTemplates DescribeLaunchTemplateVersions
				DescribeNatGateways DescribeRouteTables DescribeSecurityGroups DescribeSubnets DescribeTags
				DescribeVpcAttribute DescribeVpcs DetachInternetGateway DisassociateRouteTable ImportKeyPair ModifyVpcAttribute
				ReleaseAddress RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances`)...).On("*"),
		)},
		{name: "boot", kind: identity, document: iam.MustDocument(
			iam.Allow(slices.Concat(
				named("dynamodb", "CreateTable DescribeTable"),
				named("s3", "CreateBucket GetObject ListBucket PutBucketVersioning"),
				named("cloudformation", "DescribeStackEvents DescribeStacks ListStacks"),
				named("kms", "CreateKey"),
			)...).On("*"),
			iam.Allow(slices.Concat(
				named("iam", `AttachRolePolicy AttachUserPolicy CreateAccessKey CreateOpenIDConnectProvider CreatePolicy CreateRole
				DeleteRole DetachRolePolicy GetOpenIDConnectProvider GetPolicy GetRole`),
				named("ecr", "CreateRepository DescribeRepositories"),
				named("cloudformation", "CreateStack DeleteStack"),
			)...).
				On("arn:aws:cloudformation:*:*:stack/*addon-iamserviceaccount*/*", "arn:aws:cloudformation:*:*:stack/*jenkins-x-vault*/*", "arn:aws:cloudformation:*:*:stack/JenkinsXPolicies*/*", "arn:aws:ecr:*:*:repository/*", "arn:aws:iam::*:oidc-provider/*", "arn:aws:iam::*:policy/*jenkins-x-vault*", "arn:aws:iam::*:policy/CFN*", "arn:aws:iam::*:role/*addon-iamserviceaccoun*", "arn:aws:iam::*:user/*"),
			iam.Allow(named("iam", `AttachRolePolicy CreateOpenIDConnectProvider CreatePolicy CreateRole DetachRolePolicy GetOpenIDConnectProvider
				GetPolicy`)...).
				On("arn:aws:iam::*:oidc-provider/*", "arn:aws:iam::*:policy/CFN*", "arn:aws:iam::*:role/*addon-iamserviceaccoun*"),
			iam.Allow("eks:*").
				On("arn:aws:eks:*:*:cluster/*", "arn:aws:eks:*:*:fargateprofile/*/*/*", "arn:aws:eks:*:*:nodegroup/*/*/*"),
		)},
		{name: "elastic", kind: identity, document: iam.MustDocument(
			iam.Allow(named("autoscaling", `AttachLoadBalancers CreateAutoScalingGroup DeleteAutoScalingGroup DescribeAutoScalingGroups
				DescribeScalingActivities DescribeTags TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup`)...).On("*"),
			iam.Allow("ec2:Describe*").On("*"),
			iam.Allow("ec2:RunInstances").
				On(account("ec2", "instance/*", "key-pair/*", "launch-template/*", "network-interface/*", "security-group/*", "subnet/*", "volume/*")...).
				On("arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"),
			iam.Allow(named("ec2", `AssociateSubnetCidrBlock CreateImage CreateInternetGateway CreateKeyPair CreateLaunchTemplate
				CreateNetworkInterface CreateRouteTable CreateSecurityGroup CreateSnapshot CreateSubnet CreateTags CreateVolume`)...).
				On(account("ec2", "import-snapshot-task/*", "instance/*", "internet-gateway/*", "key-pair/*", "launch-template/*", "network-interface/*", "security-group-rule/*", "security-group/*", "subnet/*", "volume/*")...).
				On("arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*", "arn:aws:ec2:us-east-1:111122223333:route-table/*"),
			iam.Allow(named("ec2", `AssociateIamInstanceProfile AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress
				AuthorizeSecurityGroupIngress CreateLaunchTemplateVersion CreateRoute CreateTags DeleteInternetGateway
				DeleteKeyPair DeleteLaunchTemplate DeleteLaunchTemplateVersions DeleteRoute DeleteRouteTable
				DeleteSecurityGroup DeleteTags DeleteVolume DetachInternetGateway DisassociateRouteTable ImportKeyPair
				ImportSnapshot ModifyInstanceAttribute ModifyLaunchTemplate ModifyVpcAttribute ReplaceRouteTableAssociation
				RevokeSecurityGroupEgress RevokeSecurityGroupIngress StartInstances StopInstances TerminateInstances`)...).On("*"),
			iam.Allow("ec2:CreateTags").
				On(account("ec2", "instance/*", "key-pair/*", "launch-template/*", "network-interface/*", "subnet/*", "volume/*")...).On("arn:aws:ec2:us-east-1:111122223333:route-table/*").
				When(iam.StringEquals("ec2:CreateAction", "CreateVolume", "RunInstances", "CreateSecurityGroup", "CreateKeyPair", "CreateLaunchTemplate", "CreateLaunchTemplateVersion", "network-interface", "CreateTags", "CreateSubnet", "CreateAutoScalingGroup", "CreateRouteTable")),
			iam.Allow("ec2:CreateSecurityGroup").On(account("ec2", "vpc/*")...),
			iam.Allow(named("ec2", "CreateSecurityGroup CreateTags")...).
				On(account("ec2", "elastic-ip/*", "launch-template/*", "network-interface/*", "security-group/*")...).On("arn:aws:ec2:*::snapshot/*"),
			iam.Allow(named("ec2", "AssociateSubnetCidrBlock CreateRouteTable CreateSubnet CreateTags DeleteSubnet")...).On(account("ec2", "subnet/*")...).
				On("arn:aws:ec2:us-east-1:111122223333:route-table/*", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"),
			iam.Allow("ec2:CreateVolume").On("arn:aws:ec2:*::snapshot/*"),
			iam.Allow(named("elasticfilesystem", "CreateMountTarget Describe*")...).On("*"),
			iam.Allow(named("elasticfilesystem", "CreateAccessPoint CreateFileSystem CreateTags")...).On("*"),
			iam.Allow("iam:PassRole").
				On("arn:aws:iam::111122223333:role/installer", "arn:aws:iam::111122223333:role/worker"),
			iam.Allow("sts:DecodeAuthorizationMessage").On("*"),
			iam.Allow("elasticloadbalancing:*").
				On(account("elasticloadbalancing", "listener-rule/app/*", "listener-rule/net/*", "listener/*", "listener/app/*", "listener/net/*", "loadbalancer/*", "loadbalancer/app/*", "loadbalancer/net/*", "targetgroup/*")...),
			iam.Allow("secretsmanager:*").On(account("secretsmanager", "secret:*")...),
			iam.Allow("iam:CreateServiceLinkedRole").On("*"),
			iam.Allow(named("elasticloadbalancing", "DescribeInstanceHealth DescribeLoadBalancers")...).On("*"),
		)},
		{name: "elasticWorker", kind: identity, document: iam.MustDocument(
			iam.Allow(slices.Concat(
				named("elasticfilesystem", "DescribeAccessPoints DescribeFileSystems DescribeMountTargets"),
				named("ec2", "DescribeAvailabilityZones DescribeInstances DescribeLaunchTemplateVersions DescribeTags"),
				named("autoscaling", "DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeLaunchConfigurations DescribeTags"),
			)...).On("*"),
			iam.Allow(named("autoscaling", "SetDesiredCapacity TerminateInstanceInAutoScalingGroup")...).On("*"),
			iam.Allow("secretsmanager:GetSecretValue").On("*"),
		)},
	}
}
