package awsresource

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// Holder returns whose the access key is that client signs with, in one call,
// sts:GetCallerIdentity, which needs no permission. The ID is that of the key; it is
// kept as its digest. That AWS refuses the key is an answer: the secret is not that of
// the ID, or there is no such key.
//
// Where no answer comes the part is unseen, with a gap. Holder returns an error when
// ctx ends and when no request can be made.
func Holder(ctx context.Context, client CallerAPI, id groundway.Secret) (groundway.Part[resource.KeyHolder], error) {
	holder := resource.KeyHolder{Digest: resource.KeyDigest(id.Reveal())}
	out, err := client.GetCallerIdentity(ctx, &stssdk.GetCallerIdentityInput{})
	if err == nil && out.Arn == nil {
		err = awserr.ErrNoList
	}
	switch {
	case err == nil:
		holder.ARN = aws.ToString(out.Arn)
	case ctx.Err() != nil:
		return groundway.Part[resource.KeyHolder]{}, fmt.Errorf("load key holder: %s: %w", getCallerIdentity, ctx.Err())
	case awserr.Classify(err) == awserr.Credentials && refusedCodes[awserr.Code(err)]:
		holder.Refused = true
	default:
		if stop := awserr.Stop(ctx, getCallerIdentity, err); stop != nil {
			return groundway.Part[resource.KeyHolder]{}, fmt.Errorf("load key holder: %w", stop)
		}
		return groundway.UnseenPart[resource.KeyHolder](awserr.Gap(getCallerIdentity, err)), nil
	}
	return groundway.SeenPart(holder), nil
}

// refusedCodes say that a key and its secret are no pair that AWS knows, see
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
var refusedCodes = map[string]bool{"InvalidClientTokenId": true, "SignatureDoesNotMatch": true}
