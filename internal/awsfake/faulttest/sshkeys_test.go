package faulttest_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

var sshRows = []faulttest.Row{
	{
		Name:     "awssshkeys.Load",
		Services: keyPairs,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awssshkeys.Load(ctx, ec2sdk.NewFromConfig(cfg), awssshkeys.LoadOptions{Region: awsfake.Region, Time: time.Unix(0, 0)})
		},
	},
	{
		Name:     "awssshkeys.Apply",
		Services: keyPairs,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awssshkeys.Apply(ctx, ec2sdk.NewFromConfig(cfg), sshkeys.Plan{Region: awsfake.Region, Name: "new", Key: key, Import: true})
		},
	},
	{
		Name:     "awssshkeys.EnsureImported",
		Services: keyPairs,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awssshkeys.EnsureImported(ctx, ec2sdk.NewFromConfig(cfg), "new", key, sshkeys.PlanOptions{Region: awsfake.Region})
		},
	},
}

// key is held, and a key pair of it is to be there.
var key = sshkeys.MustParsePublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops@example.com")

// keyPairs is a region with three key pairs, one more than a small page holds.
func keyPairs() []awsfake.Service {
	return []awsfake.Service{ec2fake.KeyPairs(sshkeys.Parts{KeyPairs: groundway.SeenPart(
		sshkeys.KeyPair{Name: "a", Type: "rsa"}, sshkeys.KeyPair{Name: "b", Type: "rsa"}, sshkeys.KeyPair{Name: "c", Type: "ed25519"},
	)})}
}
