package faulttest_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
)

// Whose an access key is has no row: that AWS refuses the credentials is an answer
// there, and its test stands beside awsresource.Holder.
var resourceRows = []faulttest.Row{
	{
		Name: "awsresource.Load",
		Services: func() []awsfake.Service {
			s, o := resourcetest.Account()
			s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: "a"}, resource.Stack{Name: "b"})
			return resourcefake.New(s, o.Vault.AccessKeyID.Reveal())
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			_, o := resourcetest.Account()
			s, err := awsresource.Load(ctx, awsresource.NewClients(cfg), o, awsresource.LoadOptions{Region: awsfake.Region, Time: time.Unix(0, 0)})
			parts := s.Parts
			parts.KeyHolders.Seen = true // not asked for
			return parts, err
		},
	},
}
