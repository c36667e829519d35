package awscapacity

import (
	"context"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// Clients are what [Load] asks, each the SDK's own. Nil: what it would show is
// unseen.
type Clients struct {
	EC2                  EC2API
	Quotas               QuotasAPI
	LoadBalancers        LoadBalancersAPI
	ClassicLoadBalancers ClassicLoadBalancersAPI
	IAM                  IAMAPI
	KMS                  KMSAPI
}

// EC2API is what [Load] asks of EC2: reading calls only.
//
// An output whose list is nil is read as no answer, not as an empty one, as in
// package awsnetwork.
type EC2API interface {
	ec2sdk.DescribeVpcsAPIClient
	ec2sdk.DescribeInternetGatewaysAPIClient
	ec2sdk.DescribeNatGatewaysAPIClient
	ec2sdk.DescribeSubnetsAPIClient
	ec2sdk.DescribeSecurityGroupsAPIClient
	ec2sdk.DescribeInstancesAPIClient
	ec2sdk.DescribeInstanceTypesAPIClient

	DescribeAddresses(context.Context, *ec2sdk.DescribeAddressesInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeAddressesOutput, error)
	GetEbsEncryptionByDefault(context.Context, *ec2sdk.GetEbsEncryptionByDefaultInput, ...func(*ec2sdk.Options)) (*ec2sdk.GetEbsEncryptionByDefaultOutput, error)
	GetEbsDefaultKmsKeyId(context.Context, *ec2sdk.GetEbsDefaultKmsKeyIdInput, ...func(*ec2sdk.Options)) (*ec2sdk.GetEbsDefaultKmsKeyIdOutput, error)
}

// QuotasAPI is what [Load] asks of Service Quotas.
type QuotasAPI interface {
	quotassdk.ListServiceQuotasAPIClient
	quotassdk.ListAWSDefaultServiceQuotasAPIClient
}

// LoadBalancersAPI is what [Load] asks of Elastic Load Balancing.
type LoadBalancersAPI interface {
	elbv2sdk.DescribeLoadBalancersAPIClient
}

// ClassicLoadBalancersAPI is what [Load] asks of its first version.
type ClassicLoadBalancersAPI interface {
	elbsdk.DescribeLoadBalancersAPIClient
}

// IAMAPI is what [Load] asks of IAM.
type IAMAPI interface {
	iamsdk.SimulatePrincipalPolicyAPIClient

	GetRole(context.Context, *iamsdk.GetRoleInput, ...func(*iamsdk.Options)) (*iamsdk.GetRoleOutput, error)
}

// KMSAPI is what [Load] asks of KMS.
type KMSAPI interface {
	DescribeKey(context.Context, *kmssdk.DescribeKeyInput, ...func(*kmssdk.Options)) (*kmssdk.DescribeKeyOutput, error)
	GetKeyPolicy(context.Context, *kmssdk.GetKeyPolicyInput, ...func(*kmssdk.Options)) (*kmssdk.GetKeyPolicyOutput, error)
	kmssdk.ListGrantsAPIClient
}

var (
	_ EC2API                  = (*ec2sdk.Client)(nil)
	_ QuotasAPI               = (*quotassdk.Client)(nil)
	_ LoadBalancersAPI        = (*elbv2sdk.Client)(nil)
	_ ClassicLoadBalancersAPI = (*elbsdk.Client)(nil)
	_ IAMAPI                  = (*iamsdk.Client)(nil)
	_ KMSAPI                  = (*kmssdk.Client)(nil)
)

// The IAM actions of the calls.
const (
	describeVPCs             = "ec2:DescribeVpcs"
	describeInternetGateways = "ec2:DescribeInternetGateways"
	describeNATGateways      = "ec2:DescribeNatGateways"
	describeSubnets          = "ec2:DescribeSubnets"
	describeSecurityGroups   = "ec2:DescribeSecurityGroups"
	describeAddresses        = "ec2:DescribeAddresses"
	describeInstances        = "ec2:DescribeInstances"
	describeInstanceTypes    = "ec2:DescribeInstanceTypes"
	getEncryption            = "ec2:GetEbsEncryptionByDefault"
	getDefaultKey            = "ec2:GetEbsDefaultKmsKeyId"
	listQuotas               = "servicequotas:ListServiceQuotas"
	listDefaultQuotas        = "servicequotas:ListAWSDefaultServiceQuotas"
	describeLoadBalancers    = "elasticloadbalancing:DescribeLoadBalancers"
	getRole                  = "iam:GetRole"
	simulate                 = "iam:SimulatePrincipalPolicy"
	describeKey              = "kms:DescribeKey"
	getKeyPolicy             = "kms:GetKeyPolicy"
	listGrants               = "kms:ListGrants"
)

// Actions returns the IAM actions that [Load] can call, in alphabetical order.
func Actions() []string {
	return []string{
		describeAddresses, describeInstanceTypes, describeInstances, describeInternetGateways, describeNATGateways,
		describeSecurityGroups, describeSubnets, describeVPCs, getDefaultKey, getEncryption,
		describeLoadBalancers, getRole, simulate, describeKey, getKeyPolicy, listGrants, listDefaultQuotas, listQuotas,
	}
}
