package awskms

import (
	"context"

	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
)

// LoadAPI is what [Load] asks of KMS. The SDK's client implements it.
type LoadAPI interface {
	DescribeKey(context.Context, *kmssdk.DescribeKeyInput, ...func(*kmssdk.Options)) (*kmssdk.DescribeKeyOutput, error)
}

// SignAPI is what a [Signer] asks of KMS.
type SignAPI interface {
	LoadAPI

	GetPublicKey(context.Context, *kmssdk.GetPublicKeyInput, ...func(*kmssdk.Options)) (*kmssdk.GetPublicKeyOutput, error)
	Sign(context.Context, *kmssdk.SignInput, ...func(*kmssdk.Options)) (*kmssdk.SignOutput, error)
}

// ApplyAPI is what [Apply] asks of KMS.
type ApplyAPI interface {
	LoadAPI

	CreateKey(context.Context, *kmssdk.CreateKeyInput, ...func(*kmssdk.Options)) (*kmssdk.CreateKeyOutput, error)
	CreateAlias(context.Context, *kmssdk.CreateAliasInput, ...func(*kmssdk.Options)) (*kmssdk.CreateAliasOutput, error)
}

var (
	_ SignAPI  = (*kmssdk.Client)(nil)
	_ ApplyAPI = (*kmssdk.Client)(nil)
)

// The IAM actions of the calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html.
const (
	describeKey  = "kms:DescribeKey"
	getPublicKey = "kms:GetPublicKey"
	sign         = "kms:Sign"
	createKey    = "kms:CreateKey"
	createAlias  = "kms:CreateAlias"
	tagResource  = "kms:TagResource"
)

// Actions returns the IAM actions that a [Signer] needs on its key, in
// alphabetical order. [Load] needs the first of them.
func Actions() []string { return []string{describeKey, getPublicKey, sign} }

// ApplyActions returns the IAM actions that [Apply] needs, in alphabetical
// order. KMS asks for kms:TagResource where a key is made with tags, as those of
// this package are.
func ApplyActions() []string { return []string{createAlias, createKey, describeKey, tagResource} }
