package awssshkeys

import (
	"context"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
)

// LoadAPI is what [Load] asks of EC2: a reading call only. The SDK's client
// implements it, and package awssshkeystest has one that answers from a snapshot.
//
// An output whose list is nil is read as no answer, not as an empty one: the SDK
// returns a nil list where the answer held none, as an empty body does, and a
// list of length zero where AWS said that there are no items.
type LoadAPI interface {
	ec2sdk.DescribeKeyPairsAPIClient
}

// ApplyAPI is what [Apply] asks of EC2: to look again, and to import.
type ApplyAPI interface {
	LoadAPI

	ImportKeyPair(context.Context, *ec2sdk.ImportKeyPairInput, ...func(*ec2sdk.Options)) (*ec2sdk.ImportKeyPairOutput, error)
}

var _ ApplyAPI = (*ec2sdk.Client)(nil)

// The IAM actions of the calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html.
const (
	describeKeyPairs = "ec2:DescribeKeyPairs"
	importKeyPair    = "ec2:ImportKeyPair"
	createTags       = "ec2:CreateTags"
)

// Actions returns the IAM actions that [Load] can call.
func Actions() []string { return []string{describeKeyPairs} }

// ApplyActions returns the IAM actions that [Apply] needs besides, in
// alphabetical order. EC2 asks for ec2:CreateTags where an import sets tags, as
// those of this package do.
func ApplyActions() []string { return []string{createTags, importKeyPair} }
