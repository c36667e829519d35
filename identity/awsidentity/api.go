package awsidentity

import (
	"context"

	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
)

// CallerAPI is what [Load] asks of STS. The SDK's client implements it.
type CallerAPI interface {
	GetCallerIdentity(context.Context, *stssdk.GetCallerIdentityInput, ...func(*stssdk.Options)) (*stssdk.GetCallerIdentityOutput, error)
}

// RegionAPI is what [Load] asks of Account Management, whose client is a
// hundredth of EC2's: it says of one region what ec2:DescribeRegions says of all.
type RegionAPI interface {
	GetRegionOptStatus(context.Context, *accountsdk.GetRegionOptStatusInput, ...func(*accountsdk.Options)) (*accountsdk.GetRegionOptStatusOutput, error)
}

// RoleAPI is what [Load] asks of IAM.
type RoleAPI interface {
	GetRole(context.Context, *iamsdk.GetRoleInput, ...func(*iamsdk.Options)) (*iamsdk.GetRoleOutput, error)
}

// AssumeAPI is what [Assume] asks of STS.
type AssumeAPI interface {
	AssumeRole(context.Context, *stssdk.AssumeRoleInput, ...func(*stssdk.Options)) (*stssdk.AssumeRoleOutput, error)
}

var (
	_ CallerAPI = (*stssdk.Client)(nil)
	_ AssumeAPI = (*stssdk.Client)(nil)
	_ RegionAPI = (*accountsdk.Client)(nil)
	_ RoleAPI   = (*iamsdk.Client)(nil)
)

// The IAM actions of the calls about the caller. AWS lets everybody call
// sts:GetCallerIdentity.
const (
	getCallerIdentity  = "sts:GetCallerIdentity"
	getRegionOptStatus = "account:GetRegionOptStatus"
	getRole            = "iam:GetRole"
	assumeRole         = "sts:AssumeRole"
)

// Actions returns the IAM actions that [Load] can call, in alphabetical order.
func Actions() []string { return []string{getRegionOptStatus, getRole, getCallerIdentity} }
