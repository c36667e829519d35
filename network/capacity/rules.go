package capacity

import (
	"github.com/groundway-sdk/groundway"
)

const (
	codeExceeded  groundway.Code = "network/quota-exceeded"
	codeHeadroom  groundway.Code = "network/quota-headroom-low"
	codeAddresses groundway.Code = "network/addresses-short"
	codeMinimum   groundway.Code = "network/nodes-below-minimum"
	codeRole      groundway.Code = "network/service-linked-role-missing"
	codeKey       groundway.Code = "network/ebs-default-key-unusable"
)

const (
	actionQuotas  = "servicequotas:ListServiceQuotas"
	actionTypes   = "ec2:DescribeInstanceTypes"
	actionSubnets = "ec2:DescribeSubnets"
	actionRole    = "iam:GetRole"
	actionMayRole = "iam:SimulatePrincipalPolicy"
	actionEBS     = "ec2:GetEbsEncryptionByDefault"
	actionKey     = "kms:GetKeyPolicy"
)

const since = "0.1.0"

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule { return groundway.CloneRules(rules) }

var countedBy = []string{
	actionQuotas, "servicequotas:ListAWSDefaultServiceQuotas", actionTypes, "ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeInternetGateways",
	"ec2:DescribeNatGateways", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeAddresses", "elasticloadbalancing:DescribeLoadBalancers",
}

var rules = []groundway.Rule{
	{
		Since: since, Code: codeExceeded, Severity: groundway.Error, Title: "The quotas leave room for the cluster",
		Doc:         "What goes beyond a quota is refused while the cluster is being installed, often with no more than a timeout to show for it; a raise may take days. https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html",
		Permissions: countedBy,
	},
	{
		Since: since, Code: codeHeadroom, Severity: groundway.Warning, Title: "The quotas leave room for growth and replacements",
		Doc:       "Nodes are replaced by new ones that stand beside the old for a while, and scaling goes on until a quota ends it. https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html",
		DependsOn: []groundway.Code{codeExceeded}, Permissions: countedBy,
	},
	{
		Since: since, Code: codeAddresses, Severity: groundway.Error, Title: "The subnets have addresses for the nodes and their pods",
		Doc:         "A node that finds no address does not start, and with the VPC CNI pods stay in ContainerCreating on nodes that do. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
		Permissions: []string{actionSubnets, actionTypes},
	},
	{
		Since: since, Code: codeMinimum, Severity: groundway.Error, Title: "The nodes are as many and as large as the installer asks for",
		Doc:         "Below the documented minimum an installation does not come up, or not for long. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html",
		Permissions: []string{actionTypes},
	},
	{
		Since: since, Code: codeRole, Severity: groundway.Error, Title: "The service-linked roles are there, or the caller may have them made",
		Doc:         "Load balancers and Auto Scaling groups act by a role of their own, which the first of them makes in an account: with the caller's permission for iam:CreateServiceLinkedRole. https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html",
		Permissions: []string{actionRole, actionMayRole},
	},
	{
		Since: since, Code: codeKey, Severity: groundway.Error, Title: "Auto Scaling may use the key that new volumes are encrypted with",
		Doc:         "Where a customer's key encrypts new volumes and does not let Auto Scaling's role use it, instances end as soon as they start, with Client.InternalError. https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html",
		Permissions: []string{actionEBS, "ec2:GetEbsDefaultKmsKeyId", "kms:DescribeKey", actionKey, "kms:ListGrants"},
	},
}
