package awssshkeys

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	// Account is the caller's account, as sts:GetCallerIdentity shows it, and
	// Region the client's region. Both stand in the snapshot's head.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// Progress is called when the one call has ended, with 1 and 1.
	Progress func(done, total int)
}

// Load reads the key pairs of the client's region with their public keys, in one
// call, ec2:DescribeKeyPairs, which has no pages. All are read and not one by its
// name: that a name is missing is then an answer, and a finding can say under
// which other name the key is there.
//
// What could not be seen is no error: a call that is denied, throttled beyond the
// client's retries, timed out, cut or answered with something else than an answer
// of AWS leaves the key pairs unseen, with a [groundway.Gap] that names the
// action. A key pair without a name is left out and makes the part partial.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials
// cannot be loaded or are refused, and when no request can be made, as without a
// region. The error's text holds nothing that AWS sent but its code; [errors.As]
// finds the SDK's error.
//
// Retries and timeouts are the client's.
func Load(ctx context.Context, client LoadAPI, o LoadOptions) (sshkeys.Snapshot, error) {
	s := sshkeys.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	pairs, err := describe(ctx, client)
	s.KeyPairs = partOf(pairs)
	if err != nil {
		if stop := awserr.Stop(ctx, describeKeyPairs, err); stop != nil {
			return sshkeys.Snapshot{}, fmt.Errorf("load key pairs: %w", stop)
		}
		s.KeyPairs = groundway.UnseenPart[sshkeys.KeyPair](awserr.Gap(describeKeyPairs, err))
	}
	if o.Progress != nil {
		o.Progress(1, 1)
	}
	return s, nil
}

// describe returns the key pairs of the region.
func describe(ctx context.Context, client LoadAPI) ([]types.KeyPairInfo, error) {
	out, err := client.DescribeKeyPairs(ctx, &ec2sdk.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true)})
	if err == nil && out.KeyPairs == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		return nil, err
	}
	return out.KeyPairs, nil
}

// partOf converts the answer. Of a name that stands twice, as it cannot, the last
// counts.
func partOf(pairs []types.KeyPairInfo) groundway.Part[sshkeys.KeyPair] {
	part := groundway.SeenPart[sshkeys.KeyPair]()
	at := map[string]int{}
	unnamed := 0
	for _, info := range pairs {
		pair := pairOf(info)
		i, twice := at[pair.Name]
		switch {
		case pair.Name == "":
			unnamed++
		case twice:
			part.Items[i] = pair
		default:
			at[pair.Name] = len(part.Items)
			part.Items = append(part.Items, pair)
		}
	}
	if unnamed > 0 {
		part.Partial = true
		part.Gaps = []groundway.Gap{{Action: describeKeyPairs, Message: fmt.Sprintf("%d of the items could not be read: no name", unnamed)}}
	}
	return part
}
