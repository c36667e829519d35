package faulttest_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/kmsfake"
	"github.com/groundway-sdk/groundway/pki/awskms"
)

var kmsRows = []faulttest.Row{
	{
		Name:     "awskms.Load",
		Services: kms,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awskms.Load(ctx, kmssdk.NewFromConfig(cfg), "alias/ca", awskms.LoadOptions{Time: time.Unix(0, 0)})
		},
	},
	{
		Name:     "awskms.Apply",
		Services: kms,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			p, err := awskms.PlanKey(awskms.Snapshot{Alias: "alias/new", Key: groundway.SeenPart[awskms.Key]()}, awskms.PlanOptions{})
			if err != nil {
				return nil, err
			}
			key, err := awskms.Apply(ctx, kmssdk.NewFromConfig(cfg), p, awskms.ApplyOptions{Patience: time.Millisecond})
			return key.Spec, err // a second attempt makes a second key
		},
	},
	{
		Name:     "awskms.Signer",
		Services: kms,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, err := awskms.NewSigner(ctx, kmssdk.NewFromConfig(cfg), "alias/ca")
			if err != nil {
				return nil, err
			}
			digest := sha256.Sum256(nil)
			_, err = s.Sign(nil, digest[:], crypto.SHA256) // no two signatures are alike
			return s.Key(), err
		},
	},
}

func kms() []awsfake.Service {
	var k kmsfake.KMS
	k.Create("ECC_NIST_P256", "alias/ca")
	return []awsfake.Service{k.Service()}
}
