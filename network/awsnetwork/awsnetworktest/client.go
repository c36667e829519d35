// Package awsnetworktest has an EC2 client for tests that answers from a
// snapshot, without a network.
package awsnetworktest

import (
	"context"
	"fmt"
	"slices"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

// A Client answers the calls of [awsnetwork.LoadAPI], [awsnetwork.ApplyAPI] and
// [awsnetwork.RemoveAPI]. It is the SDK's own client, whose requests are answered
// within the process: filters, pages and errors come out as EC2's would, what is
// made is there afterwards, a NAT gateway after it was looked at once, and what
// something else needs is not deleted. It needs no closing and is safe for use by
// several goroutines.
type Client struct {
	client
	fake *awsfake.Fake
}

type client interface {
	awsnetwork.ApplyAPI
	awsnetwork.RemoveAPI
}

// NoWait lets no time pass; it is for the Wait of [awsnetwork.ApplyOptions] and
// [awsnetwork.RemoveOptions].
func NoWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// NewClient returns a client of a region that looks like the snapshot, which
// may hold several VPCs; networktest.Empty has none yet. A part that is unseen is denied with the error code of
// its gap, or UnauthorizedOperation where it has none; so the zero snapshot
// denies everything, and a test lists with [groundway.SeenPart] what its caller
// may see.
func NewClient(s network.Snapshot) *Client {
	fake := awsfake.New(ec2fake.New(s, ec2fake.Options{}))
	return &Client{ec2sdk.NewFromConfig(fake.Config()), fake}
}

// Deny makes calls of these IAM actions, "ec2:DescribeSubnets", fail with
// UnauthorizedOperation, and returns the client. It panics for an action that
// package awsnetwork never calls: a test that denies it would prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail with RequestLimitExceeded,
// however often they are retried, and returns the client. It panics as Deny
// does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if action == "ec2:CreateTags" || !slices.Contains(slices.Concat(awsnetwork.Actions(), awsnetwork.ApplyActions(), awsnetwork.RemoveActions()), action) {
			panic(fmt.Sprintf("awsnetworktest: awsnetwork does not call %q", action))
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
