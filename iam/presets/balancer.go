package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/acmaction"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
	"github.com/groundway-sdk/groundway/iam/action/elasticloadbalancingaction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
)

// LoadBalancerController is the AWS Load Balancer Controller. The zero value is
// invalid.
type LoadBalancerController struct {
	Cluster string // the value of the tag elbv2.k8s.aws/cluster of all that it makes
	VPC     string // "vpc-0a1"
	// WAF lets it put load balancers behind web ACLs, Shield behind Shield
	// Advanced, and Cognito read the clients of user pools, where ingresses ask.
	WAF, Shield, Cognito bool
}

const balancerTag = "elbv2.k8s.aws/cluster"

func (l LoadBalancerController) check(scope iam.Scope) error {
	c := in(scope, "load balancer controller")
	c.text("Cluster", clusterForm, l.Cluster)
	c.text("VPC", vpcForm, l.VPC)
	return c.err()
}

var (
	balancerLooks = []iam.Action{
		ec2action.DescribeAccountAttributes, ec2action.DescribeAddresses, ec2action.DescribeAvailabilityZones,
		ec2action.DescribeInternetGateways, ec2action.DescribeVpcs, ec2action.DescribeVpcPeeringConnections,
		ec2action.DescribeSubnets, ec2action.DescribeSecurityGroups, ec2action.DescribeInstances,
		ec2action.DescribeNetworkInterfaces, ec2action.DescribeTags, ec2action.GetCoipPoolUsage, ec2action.DescribeCoipPools,
		ec2action.GetSecurityGroupsForVpc, ec2action.DescribeIpamPools, ec2action.DescribeRouteTables,
		elasticloadbalancingaction.DescribeLoadBalancers, elasticloadbalancingaction.DescribeLoadBalancerAttributes,
		elasticloadbalancingaction.DescribeListeners, elasticloadbalancingaction.DescribeListenerCertificates,
		elasticloadbalancingaction.DescribeSSLPolicies, elasticloadbalancingaction.DescribeRules,
		elasticloadbalancingaction.DescribeTargetGroups, elasticloadbalancingaction.DescribeTargetGroupAttributes,
		elasticloadbalancingaction.DescribeTargetHealth, elasticloadbalancingaction.DescribeTags,
		elasticloadbalancingaction.DescribeTrustStores, elasticloadbalancingaction.DescribeListenerAttributes,
		elasticloadbalancingaction.DescribeCapacityReservation,
	}
	balancerCertificates = []iam.Action{
		acmaction.ListCertificates, acmaction.DescribeCertificate, iamaction.ListServerCertificates, iamaction.GetServerCertificate,
	}
	balancerWAF = []iam.Action{
		"wafv2:GetWebACL", "wafv2:GetWebACLForResource", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL",
	}
	balancerOldWAF = []iam.Action{
		"waf-regional:GetWebACL", "waf-regional:GetWebACLForResource", "waf-regional:AssociateWebACL", "waf-regional:DisassociateWebACL",
	}
	balancerShield = []iam.Action{
		"shield:GetSubscriptionState", "shield:DescribeProtection", "shield:CreateProtection", "shield:DeleteProtection",
	}
	balancerRules  = []iam.Action{ec2action.AuthorizeSecurityGroupIngress, ec2action.RevokeSecurityGroupIngress}
	balancerCreate = []iam.Action{elasticloadbalancingaction.CreateLoadBalancer, elasticloadbalancingaction.CreateTargetGroup}
	balancerListen = []iam.Action{
		elasticloadbalancingaction.CreateListener, elasticloadbalancingaction.DeleteListener,
		elasticloadbalancingaction.CreateRule, elasticloadbalancingaction.DeleteRule,
	}
	balancerChange = []iam.Action{
		elasticloadbalancingaction.ModifyLoadBalancerAttributes, elasticloadbalancingaction.SetIpAddressType,
		elasticloadbalancingaction.SetSecurityGroups, elasticloadbalancingaction.SetSubnets,
		elasticloadbalancingaction.DeleteLoadBalancer, elasticloadbalancingaction.ModifyTargetGroup,
		elasticloadbalancingaction.ModifyTargetGroupAttributes, elasticloadbalancingaction.DeleteTargetGroup,
		elasticloadbalancingaction.ModifyListenerAttributes, elasticloadbalancingaction.ModifyCapacityReservation,
		elasticloadbalancingaction.ModifyIpPools,
	}
	balancerModify = []iam.Action{
		elasticloadbalancingaction.ModifyListener, elasticloadbalancingaction.AddListenerCertificates,
		elasticloadbalancingaction.RemoveListenerCertificates, elasticloadbalancingaction.ModifyRule,
		elasticloadbalancingaction.SetRulePriorities,
	}
	balancerTags    = []iam.Action{elasticloadbalancingaction.AddTags, elasticloadbalancingaction.RemoveTags}
	balancerTargets = []iam.Action{elasticloadbalancingaction.RegisterTargets, elasticloadbalancingaction.DeregisterTargets}

	balancerTypes = []string{"targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*"}
	listenerTypes = []string{"listener/net/*/*/*", "listener/app/*/*/*", "listener-rule/net/*/*/*", "listener-rule/app/*/*/*"}
)

// Published returns the policy of the controller's documentation. It asks that
// the tag of the cluster is there, and not whose it is.
func (l LoadBalancerController) Published(scope iam.Scope) (iam.Document, error) {
	if err := l.check(scope); err != nil {
		return iam.Document{}, err
	}
	const asked, has = "aws:RequestTag/" + balancerTag, "aws:ResourceTag/" + balancerTag
	world := scope.AnyRegion().AnyAccount()
	groups := world.ARN("ec2", "security-group/*")
	balancers := arns(world, "elasticloadbalancing", balancerTypes...)
	return iam.NewDocument(
		iam.Allow(iamaction.CreateServiceLinkedRole).On("*").When(iam.StringEquals("iam:AWSServiceName", "elasticloadbalancing.amazonaws.com")),
		iam.Allow(balancerLooks...).On("*"),
		iam.Allow(slices.Concat(balancerCertificates, balancerWAF, balancerOldWAF, balancerShield, []iam.Action{"cognito-idp:DescribeUserPoolClient"})...).On("*"),
		iam.Allow(balancerRules...).On("*"),
		iam.Allow(ec2action.CreateSecurityGroup).On("*"),
		iam.Allow(ec2action.CreateTags).On(groups).When(iam.StringEquals("ec2:CreateAction", "CreateSecurityGroup"), iam.KeyPresent(asked)),
		iam.Allow(ec2action.CreateTags, ec2action.DeleteTags).On(groups).When(iam.KeyAbsent(asked), iam.KeyPresent(has)),
		iam.Allow(append(slices.Clone(balancerRules), ec2action.DeleteSecurityGroup)...).On("*").When(iam.KeyPresent(has)),
		iam.Allow(balancerCreate...).On("*").When(iam.KeyPresent(asked)),
		iam.Allow(balancerListen...).On("*"),
		iam.Allow(balancerTags...).On(balancers...).When(iam.KeyAbsent(asked), iam.KeyPresent(has)),
		iam.Allow(balancerTags...).On(arns(world, "elasticloadbalancing", listenerTypes...)...),
		iam.Allow(balancerChange...).On("*").When(iam.KeyPresent(has)),
		iam.Allow(elasticloadbalancingaction.AddTags).On(balancers...).
			When(iam.StringEquals("elasticloadbalancing:CreateAction", "CreateTargetGroup", "CreateLoadBalancer"), iam.KeyPresent(asked)),
		iam.Allow(balancerTargets...).On(world.ARN("elasticloadbalancing", "targetgroup/*/*")),
		iam.Allow(append(slices.Clone(balancerModify), elasticloadbalancingaction.SetWebAcl)...).On("*"),
	)
}

// Least returns what the controller needs for this cluster: the value of its tag
// is pinned, and rules of security groups to the VPC. It puts rules on the
// security groups of nodes too, which have no tag of its.
func (l LoadBalancerController) Least(scope iam.Scope) (iam.Document, error) {
	if err := l.check(scope); err != nil {
		return iam.Document{}, err
	}
	const askedKey = "aws:RequestTag/" + balancerTag
	asked, has := iam.StringEquals(askedKey, l.Cluster), iam.StringEquals("aws:ResourceTag/"+balancerTag, l.Cluster)
	elb := func(types ...string) []string { return arns(scope, "elasticloadbalancing", types...) }
	groups := scope.ARN("ec2", "security-group/*")
	inVPC := iam.ArnEquals("ec2:Vpc", scope.ARN("ec2", "vpc/"+l.VPC))
	statements := []iam.Statement{
		linkedRoles(scope, "elasticloadbalancing"),
		iam.Allow(slices.Concat(balancerLooks, balancerCertificates)...).On("*"),
		iam.Allow(balancerRules...).On(groups).When(inVPC),
		iam.Allow(ec2action.DeleteSecurityGroup).On(groups).When(has),
		iam.Allow(ec2action.CreateSecurityGroup).On(groups).When(asked),
		iam.Allow(ec2action.CreateSecurityGroup).On(scope.ARN("ec2", "vpc/"+l.VPC)),
		iam.Allow(ec2action.CreateTags).On(groups).When(iam.StringEquals("ec2:CreateAction", "CreateSecurityGroup"), asked),
		iam.Allow(ec2action.CreateTags, ec2action.DeleteTags).On(groups).When(iam.KeyAbsent(askedKey), has),
		iam.Allow(balancerCreate...).On(elb(balancerTypes...)...).When(asked),
		iam.Allow(elasticloadbalancingaction.AddTags).On(elb(balancerTypes...)...).
			When(iam.StringEquals("elasticloadbalancing:CreateAction", "CreateTargetGroup", "CreateLoadBalancer"), asked),
		iam.Allow(balancerTags...).On(elb(balancerTypes...)...).When(iam.KeyAbsent(askedKey), has),
		iam.Allow(balancerTags...).On(elb(listenerTypes...)...),
		iam.Allow(balancerChange...).On(elb(slices.Concat(balancerTypes, listenerTypes)...)...).When(has),
		iam.Allow(slices.Concat(balancerListen, balancerModify)...).On(elb(slices.Concat(balancerTypes, listenerTypes)...)...),
		iam.Allow(balancerTargets...).On(elb("targetgroup/*/*")...),
	}
	if l.WAF {
		statements = append(statements,
			iam.Allow(balancerWAF...).On(scope.ARN("wafv2", "regional/webacl/*")).On(elb("loadbalancer/app/*/*")...),
			iam.Allow(elasticloadbalancingaction.SetWebAcl).On("*"))
	}
	if l.Shield {
		statements = append(statements,
			iam.Allow("shield:GetSubscriptionState", "shield:DescribeProtection", "shield:CreateProtection").On("*"),
			iam.Allow("shield:DeleteProtection").On(scope.ARN("shield", "protection/*")))
	}
	if l.Cognito {
		statements = append(statements, iam.Allow("cognito-idp:DescribeUserPoolClient").On(scope.ARN("cognito-idp", "userpool/*")))
	}
	return iam.NewDocument(statements...)
}

// Provenance says how Least lies to Published.
func (l LoadBalancerController) Provenance(scope iam.Scope) (Provenance, error) {
	p := Provenance{
		Source: Source{
			Name: "AWS Load Balancer Controller 3.5, iam_policy.json", URL: "https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/install/iam_policy.json",
			Line: "all of it",
		},
		Dropped: []Drop{{Actions: balancerOldWAF, Reason: "AWS WAF Classic is at its end."}},
		Risks: []Risk{{
			Code: codeTagsOpen, Reason: "The controller tags listeners and rules after it made them.",
			Mitigation: "Load balancers, target groups and security groups have to have the cluster's tag already, or get it when they are made.",
		}, {
			Code: "iam/grant-dead", Reason: "The list of actions has tags with classic load balancers alone; the API takes listeners and rules too.",
			Mitigation: "None is needed: what does not apply grants nothing.",
		}},
	}
	if !l.WAF {
		p.Dropped = append(p.Dropped, Drop{Actions: append(slices.Clone(balancerWAF), elasticloadbalancingaction.SetWebAcl), Reason: "Set WAF where ingresses name web ACLs."})
	}
	if !l.Shield {
		p.Dropped = append(p.Dropped, Drop{Actions: balancerShield, Reason: "Set Shield where the account has Shield Advanced."})
	}
	if !l.Cognito {
		p.Dropped = append(p.Dropped, Drop{Actions: []iam.Action{"cognito-idp:DescribeUserPoolClient"}, Reason: "Set Cognito where ingresses authenticate by it."})
	}
	return provenanceOf(p, l.check(scope))
}
