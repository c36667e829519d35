package faulttest_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/kmsfake"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/pki/awskms"
)

// Every method of every adapter has a row.
var adapters = []faulttest.Row{
	{
		Name: "awsnetwork.Load",
		Services: func() []awsfake.Service {
			return []awsfake.Service{ec2fake.New(ec2fake.Everything(), ec2fake.Options{})}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s := ec2fake.Everything()
			return awsnetwork.Load(ctx, ec2sdk.NewFromConfig(cfg), ec2fake.VPC, awsnetwork.LoadOptions{
				Account: s.Account, Region: s.Region, Time: s.Time, Subnets: []string{"subnet-0c1", "subnet-0f1"},
			})
		},
	},
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
			key, err := awskms.Apply(ctx, kmssdk.NewFromConfig(cfg), p)
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

func TestAdapters(t *testing.T) {
	for _, row := range adapters {
		t.Run(row.Name, func(t *testing.T) { faulttest.Run(t, row) })
	}
}
