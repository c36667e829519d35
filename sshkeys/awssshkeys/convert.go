package awssshkeys

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway/sshkeys"
)

func pairOf(info types.KeyPairInfo) sshkeys.KeyPair {
	return sshkeys.KeyPair{
		Name:        aws.ToString(info.KeyName),
		ID:          aws.ToString(info.KeyPairId),
		Type:        string(info.KeyType),
		Fingerprint: aws.ToString(info.KeyFingerprint),
		// EC2 ends the line of some keys.
		PublicKey: strings.TrimSpace(aws.ToString(info.PublicKey)),
	}
}

// tagSpecification gives the tags to a key pair as it is made.
func tagSpecification(tags map[string]string) []types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	spec := types.TagSpecification{ResourceType: types.ResourceTypeKeyPair}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		spec.Tags = append(spec.Tags, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return []types.TagSpecification{spec}
}
