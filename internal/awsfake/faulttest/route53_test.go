package faulttest_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
	"github.com/groundway-sdk/groundway/route53/route53test"
)

var route53Rows = []faulttest.Row{
	{
		Name: "awsroute53.Load",
		Services: func() []awsfake.Service {
			s, _ := route53test.Account()
			return []awsfake.Service{route53fake.New(s, route53fake.Options{})}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, o := route53test.Account()
			loaded, err := awsroute53.Load(ctx, route53sdk.NewFromConfig(cfg), o.BaseDomain, awsroute53.LoadOptions{
				Account: s.Account, Region: s.Region, Time: s.Time, Rate: unlimited, VPC: route53.ZoneVPC{ID: route53test.VPC, Region: s.Region},
			})
			loaded.Delegations = s.Delegations // which no call of AWS shows
			return loaded, err
		},
	},
	{
		// A zone of its own with its delegation: every call that Apply makes, but
		// for the one that only a lost answer leads to.
		Name: "awsroute53.Apply", Strict: true,
		Services: func() []awsfake.Service {
			s, _ := route53test.Account()
			return []awsfake.Service{route53fake.New(s, route53fake.Options{Pending: 1, Before: &s})}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, _ := route53test.Account()
			return applySubdomain(ctx, cfg, s)
		},
	},
	{
		// The zone is there, made by an earlier request whose answer was lost.
		Name: "awsroute53.Apply again", Strict: true,
		Services: func() []awsfake.Service {
			s, _ := route53test.Account()
			route53test.AddZone(&s, "Z0MADE", "cluster1.example.com", route53.Public, 7)
			return []awsfake.Service{route53fake.New(s, route53fake.Options{Before: &s})}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, _ := route53test.Account()
			return applySubdomain(ctx, cfg, s)
		},
	},
}

// unlimited leaves the rate of requests to the fake.
var unlimited = awsroute53.Rate{Burst: 1000, PerSecond: 1000}

// applySubdomain applies the plan of a zone cluster1.example.com to the account.
func applySubdomain(ctx context.Context, cfg aws.Config, s route53.Snapshot) (any, error) {
	plan, err := route53.PlanSubdomain(s, "cluster1.example.com", route53.SubdomainOptions{CallerReference: "made-Z0MADE"})
	if err != nil {
		return nil, err
	}
	return awsroute53.Apply(ctx, route53sdk.NewFromConfig(cfg), plan, awsroute53.ApplyOptions{
		Rate: unlimited, Wait: time.Millisecond, Patience: 250 * time.Millisecond,
	})
}
