package presets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

const (
	ec2Here   = "arn:aws:ec2:us-east-1:111122223333:"
	iamHere   = "arn:aws:iam::111122223333:"
	ownVPC    = ec2Here + "vpc/vpc-0a1"
	otherVPC  = ec2Here + "vpc/vpc-0b2"
	records   = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
	types     = "route53:ChangeResourceRecordSetsRecordTypes"
	elbTag    = "elbv2.k8s.aws/cluster"
	balancers = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/demo/0a1"
)

// What programs do, and what they should not, decided by the authorizer.
func TestScenarios(t *testing.T) {
	inVPC := with(tectonic, func(t *presets.Tectonic) { t.VPC = "vpc-0a1" })
	installer, worker := presets.ElasticInstaller{Elastic: elastic}, presets.ElasticWorker{Elastic: elastic}
	creator := presets.EKSCreator{Cluster: "demo"}
	bounded := presets.EKSCreator{Cluster: "demo", Boundary: boundary}
	withUser := with(boot, func(j *presets.JenkinsXBoot) { j.VaultUser = "vault" })
	prefix := with(vault, func(v *presets.Vault) { v.Prefix = "vault/" })
	dns := presets.ExternalDNS{HostedZones: []string{"Z0123"}, Domain: "k8s.example.com"}
	challenges := presets.CertManager{HostedZones: []string{"Z0123"}}
	autoscaler := presets.ClusterAutoscaler{Cluster: "demo"}
	cni := presets.VPCCNI{Cluster: "demo", VPC: "vpc-0a1"}
	const group = "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:0a1:autoScalingGroupName/"
	for _, c := range []struct {
		preset   presets.Preset
		action   iam.Action
		resource string
		context  iam.Context
		want     bool
	}{
		{inVPC, "ec2:RunInstances", ec2Here + "instance/*", nil, true},
		{inVPC, "ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-0a1", nil, true},
		{inVPC, "ec2:RunInstances", ec2Here + "subnet/subnet-0a1", iam.Context{"ec2:Vpc": {ownVPC}}, true},
		{inVPC, "ec2:RunInstances", ec2Here + "subnet/subnet-0b2", iam.Context{"ec2:Vpc": {otherVPC}}, false},
		{inVPC, "ec2:AuthorizeSecurityGroupIngress", ec2Here + "security-group/sg-0b2", iam.Context{"ec2:Vpc": {otherVPC}}, false},
		{inVPC, "ec2:CreateVpc", ec2Here + "vpc/*", nil, false},
		{tectonic, "ec2:CreateVpc", ec2Here + "vpc/*", nil, true},
		{tectonic, "ec2:TerminateInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1", nil, false},
		{tectonic, "iam:PassRole", iamHere + "role/demo-master-role", iam.Context{"iam:PassedToService": {"ec2.amazonaws.com"}}, true},
		{tectonic, "iam:PassRole", iamHere + "role/demo-master-role", iam.Context{"iam:PassedToService": {"lambda.amazonaws.com"}}, false},
		{tectonic, "iam:PassRole", iamHere + "role/administrator", iam.Context{"iam:PassedToService": {"ec2.amazonaws.com"}}, false},
		{tectonic, "iam:PutRolePolicy", iamHere + "role/tectonic-installer", nil, false},
		{tectonic, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"demo-api.k8s.example.com", `\052.demo.k8s.example.com`}}, true},
		{tectonic, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"demo-api.k8s.example.com", "www.example.com"}}, false},
		{tectonic, "s3:PutObject", "arn:aws:s3:::demo-ncg.k8s.example.com/kubeconfig", nil, true},
		{tectonic, "s3:GetObject", "arn:aws:s3:::other/secret", nil, false},
		{tectonic, "kms:CreateKey", "*", nil, true},
		{tectonic, "autoscaling:DeleteAutoScalingGroup", group + "demo-workers", nil, true},
		{tectonic, "autoscaling:DeleteAutoScalingGroup", group + "other", nil, false},

		{installer, "iam:PassRole", iamHere + "role/demo-worker", iam.Context{"iam:PassedToService": {"ec2.amazonaws.com"}}, true},
		{installer, "iam:CreateServiceLinkedRole", iamHere + "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", iam.Context{"iam:AWSServiceName": {"autoscaling.amazonaws.com"}}, true},
		{installer, "iam:CreateServiceLinkedRole", iamHere + "role/aws-service-role/ops.emr-serverless.amazonaws.com/Role", iam.Context{"iam:AWSServiceName": {"ops.emr-serverless.amazonaws.com"}}, false},
		{installer, "ec2:CreateSecurityGroup", ownVPC, nil, true},
		{installer, "ec2:CreateSecurityGroup", otherVPC, nil, false},
		{installer, "ec2:DeleteSubnet", ec2Here + "subnet/subnet-0a1", nil, false},
		{installer, "elasticfilesystem:TagResource", "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1", iam.Context{"elasticfilesystem:CreateAction": {"CreateFileSystem"}}, true},
		{installer, "secretsmanager:DeleteSecret", "arn:aws:secretsmanager:us-east-1:111122223333:secret:other-0a1", nil, false},
		{worker, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:demo/key-0a1", nil, true},
		{worker, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:payroll-0a1", nil, false},
		{worker, "iam:PassRole", iamHere + "role/demo-installer", nil, false},

		{creator, "iam:AttachRolePolicy", iamHere + "role/eksctl-demo-cluster-ServiceRole", iam.Context{"iam:PolicyARN": {"arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}}, true},
		{creator, "iam:AttachRolePolicy", iamHere + "role/eksctl-demo-cluster-ServiceRole", iam.Context{"iam:PolicyARN": {"arn:aws:iam::aws:policy/AdministratorAccess"}}, false},
		{creator, "iam:CreateRole", iamHere + "role/eksctl-demo-cluster-ServiceRole", nil, true},
		{bounded, "iam:CreateRole", iamHere + "role/eksctl-demo-cluster-ServiceRole", nil, false},
		{bounded, "iam:CreateRole", iamHere + "role/eksctl-demo-cluster-ServiceRole", iam.Context{"iam:PermissionsBoundary": {boundary}}, true},
		{creator, "eks:CreateCluster", "*", nil, true},
		{creator, "eks:DeleteCluster", "arn:aws:eks:us-east-1:111122223333:cluster/other", nil, false},
		{creator, "cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1:111122223333:stack/eksctl-demo-cluster/0a1", nil, true},
		{creator, "cloudformation:DeleteStack", "arn:aws:cloudformation:us-east-1:111122223333:stack/payroll/0a1", nil, false},
		{creator, "ssm:GetParameter", "arn:aws:ssm:us-east-1::parameter/aws/service/eks/optimized-ami/1.34/image_id", nil, true},
		{creator, "ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/secret", nil, false},

		{boot, "iam:CreateAccessKey", iamHere + "user/vault", nil, false},
		{withUser, "iam:CreateAccessKey", iamHere + "user/vault", nil, true},
		{withUser, "iam:CreateAccessKey", iamHere + "user/administrator", nil, false},
		{withUser, "iam:AttachUserPolicy", iamHere + "user/vault", iam.Context{"iam:PolicyARN": {iamHere + "policy/demo-jenkins-x-vault-0a1"}}, true},
		{withUser, "iam:AttachUserPolicy", iamHere + "user/vault", iam.Context{"iam:PolicyARN": {"arn:aws:iam::aws:policy/AdministratorAccess"}}, false},
		{boot, "iam:CreateRole", iamHere + "role/eksctl-demo-addon-iamserviceaccount-jx-tekton-bot", nil, true},
		{boot, "iam:CreateRole", iamHere + "role/eksctl-other-addon-iamserviceaccount-jx-tekton-bot", nil, false},
		{boot, "eks:DescribeCluster", "arn:aws:eks:us-east-1:111122223333:cluster/demo", nil, true},
		{boot, "eks:DescribeCluster", "arn:aws:eks:us-east-1:111122223333:cluster/other", nil, false},

		{vault, "kms:DescribeKey", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", nil, true},
		{vault, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab", nil, false},
		{vault, "dynamodb:CreateTable", "arn:aws:dynamodb:us-east-1:111122223333:table/vault-data", nil, false},
		{prefix, "s3:GetObject", "arn:aws:s3:::demo-vault/vault/core", nil, true},
		{prefix, "s3:GetObject", "arn:aws:s3:::demo-vault/other", nil, false},
		{prefix, "s3:ListBucket", "arn:aws:s3:::demo-vault", iam.Context{"s3:prefix": {"vault/"}}, true},
		{prefix, "s3:ListBucket", "arn:aws:s3:::demo-vault", nil, false},

		{dns, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"app.k8s.example.com"}}, true},
		{dns, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0456", iam.Context{records: {"app.k8s.example.com"}}, false},
		{dns, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", nil, false},
		{challenges, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"_acme-challenge.app.k8s.example.com"}, types: {"TXT"}}, true},
		{challenges, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"_acme-challenge.app.k8s.example.com"}, types: {"CNAME"}}, false},
		{challenges, "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123", iam.Context{records: {"app.k8s.example.com"}, types: {"TXT"}}, false},

		{autoscaler, "autoscaling:SetDesiredCapacity", group + "nodes", iam.Context{"aws:ResourceTag/k8s.io/cluster-autoscaler/demo": {"owned"}}, true},
		{autoscaler, "autoscaling:SetDesiredCapacity", group + "nodes", iam.Context{"aws:ResourceTag/k8s.io/cluster-autoscaler/other": {"owned"}}, false},
		{balancer, "elasticloadbalancing:CreateLoadBalancer", balancers, iam.Context{"aws:RequestTag/" + elbTag: {"demo"}}, true},
		{balancer, "elasticloadbalancing:CreateLoadBalancer", balancers, iam.Context{"aws:RequestTag/" + elbTag: {"other"}}, false},
		{balancer, "elasticloadbalancing:DeleteLoadBalancer", balancers, iam.Context{"aws:ResourceTag/" + elbTag: {"demo"}}, true},
		{balancer, "elasticloadbalancing:DeleteLoadBalancer", balancers, iam.Context{"aws:ResourceTag/" + elbTag: {"other"}}, false},
		{balancer, "elasticloadbalancing:AddTags", balancers, iam.Context{"aws:ResourceTag/" + elbTag: {"other"}, "aws:RequestTag/" + elbTag: {"demo"}}, false},
		{balancer, "ec2:AuthorizeSecurityGroupIngress", ec2Here + "security-group/sg-0a1", iam.Context{"ec2:Vpc": {ownVPC}}, true},
		{balancer, "ec2:AuthorizeSecurityGroupIngress", ec2Here + "security-group/sg-0b2", iam.Context{"ec2:Vpc": {otherVPC}}, false},
		{presets.EBSCSI{}, "ec2:DeleteVolume", ec2Here + "volume/vol-0a1", iam.Context{"ec2:ResourceTag/ebs.csi.aws.com/cluster": {"true"}}, true},
		{presets.EBSCSI{}, "ec2:DeleteVolume", ec2Here + "volume/vol-0b2", nil, false},
		{presets.EBSCSI{}, "ec2:CreateTags", ec2Here + "volume/vol-0b2", iam.Context{"aws:TagKeys": {"ebs.csi.aws.com/cluster"}}, false},
		{cni, "ec2:DeleteNetworkInterface", ec2Here + "network-interface/eni-0a1", iam.Context{"aws:ResourceTag/cluster.k8s.amazonaws.com/name": {"demo"}}, true},
		{cni, "ec2:DeleteNetworkInterface", ec2Here + "network-interface/eni-0b2", iam.Context{"aws:ResourceTag/cluster.k8s.amazonaws.com/name": {"other"}}, false},
	} {
		least, err := c.preset.Least(scope)
		require.NoError(t, err)
		policies := iam.Policies{Identity: []iam.Document{least}}
		if c.action.Service() == "kms" && c.resource != "*" {
			// The key policy that AWS gives a key: the account's policies decide.
			policies.Resource = iam.MustDocument(iam.Allow("kms:*").For(iam.AccountRoot("111122223333")).On("*"))
		}
		decision, err := iam.MustCompile(policies).Authorize(iam.Request{
			Principal: iamHere + "role/program", Action: c.action, Resource: c.resource, Context: c.context,
		})
		require.NoError(t, err)
		assert.Equal(t, c.want, decision.Verdict == iam.Allowed, "%T: %s on %s with %v is %s", c.preset, c.action, c.resource, c.context, decision.Verdict)
	}
}

// A role of pods is for one service account of one cluster.
func TestServiceAccountScenarios(t *testing.T) {
	const provider = iamHere + "oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	const key = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	token := func(audience, subject string) iam.Context {
		return iam.Context{key + ":aud": {audience}, key + ":sub": {subject}}
	}
	pod := func(cluster, namespace, name string) iam.Context {
		return iam.Context{
			"aws:SourceAccount": {"111122223333"}, "aws:SourceArn": {"arn:aws:eks:us-east-1:111122223333:cluster/" + cluster},
			"aws:RequestTag/eks-cluster-arn":      {"arn:aws:eks:us-east-1:111122223333:cluster/" + cluster},
			"aws:RequestTag/kubernetes-namespace": {namespace}, "aws:RequestTag/kubernetes-service-account": {name},
		}
	}
	const web, service = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"
	irsa, podIdentity := presets.Federation{Issuer: issuer}, presets.Federation{PodIdentity: "demo"}
	for _, c := range []struct {
		federation presets.Federation
		principal  string
		action     iam.Action
		context    iam.Context
		want       bool
	}{
		{irsa, provider, web, token("sts.amazonaws.com", "system:serviceaccount:external-dns:external-dns"), true},
		{irsa, provider, web, token("sts.amazonaws.com", "system:serviceaccount:default:external-dns"), false},
		{irsa, provider, web, token("sts.amazonaws.com", "system:serviceaccount:external-dns:external-dns2"), false},
		{irsa, provider, web, token("kubernetes", "system:serviceaccount:external-dns:external-dns"), false},
		{irsa, provider + "X", web, token("sts.amazonaws.com", "system:serviceaccount:external-dns:external-dns"), false},
		{irsa, provider, web, nil, false},
		{podIdentity, "pods.eks.amazonaws.com", service, pod("demo", "external-dns", "external-dns"), true},
		{podIdentity, "pods.eks.amazonaws.com", service, pod("other", "external-dns", "external-dns"), false},
		{podIdentity, "pods.eks.amazonaws.com", service, pod("demo", "default", "external-dns"), false},
		{podIdentity, "pods.eks.amazonaws.com", service, nil, false},
	} {
		s, err := presets.ServiceAccounts(scope, c.federation, addOns("demo")[0])
		require.NoError(t, err)
		decision, err := iam.MustCompile(iam.Policies{Resource: s.Roles[0].Trust}).Authorize(iam.Request{
			Principal: c.principal, Action: c.action, Resource: iamHere + "role/demo-external-dns", Context: c.context,
		})
		require.NoError(t, err)
		assert.Equal(t, c.want, decision.Verdict == iam.Allowed, "%s with %v is %s", c.principal, c.context, decision.Verdict)
	}
}
