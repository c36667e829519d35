// Package awsroute53test has a Route 53 client for tests that answers from a
// snapshot, without a network.
package awsroute53test

import (
	"fmt"
	"slices"

	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
)

// A Client answers the calls of [awsroute53.LoadAPI] and [awsroute53.ApplyAPI],
// and keeps what is changed. It is the SDK's own client, whose requests are
// answered within the process: pages, escapes and errors come out as Route 53's
// would. It needs no closing and is safe for use by several goroutines.
type Client struct {
	*route53sdk.Client
	fake *awsfake.Fake
}

// NewClient returns a client of an account that looks like the snapshot. A part
// that is unseen is denied with the error code of its gap, or AccessDenied where
// it has none; so the zero snapshot denies everything.
func NewClient(s route53.Snapshot) *Client {
	fake := awsfake.New(route53fake.New(s, route53fake.Options{}))
	return &Client{route53sdk.NewFromConfig(fake.Config()), fake}
}

// Deny makes calls of these IAM actions, "route53:ListHostedZones", fail with
// AccessDenied, and returns the client. It panics for an action that neither
// [awsroute53.Load] nor [awsroute53.Apply] calls: a test that denies it would
// prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail with Throttling, however often
// they are retried, and returns the client. It panics as Deny does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if !slices.Contains(slices.Concat(awsroute53.Actions(), awsroute53.ApplyActions()), action) {
			panic(fmt.Sprintf("awsroute53test: neither Load nor Apply calls %q", action))
		}
		c.fake.Script(action, fault)
	}
	return c
}

// Calls returns the IAM actions of the requests so far, in the order in which
// they came; retries and further pages are requests too.
func (c *Client) Calls() []string {
	var actions []string
	for _, call := range c.fake.Calls() {
		actions = append(actions, call.Action)
	}
	return actions
}
