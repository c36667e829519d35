// Package awssshkeystest has an EC2 client for tests that answers from a
// snapshot, without a network, and takes imports.
package awssshkeystest

import (
	"fmt"
	"slices"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// A Client answers the calls of [awssshkeys.ApplyAPI]. It is the SDK's own
// client, whose requests are answered within the process: errors come out as
// EC2's would. It needs no closing and is safe for use by several goroutines.
type Client struct {
	awssshkeys.ApplyAPI
	fake *awsfake.Fake
}

// NewClient returns a client of a region that holds the key pairs of the
// snapshot. An import adds one, and is refused as by EC2: a name that is taken, a
// key that is neither RSA nor ED25519. Where the key pairs are unseen or partial
// both calls are denied; a test lists with [groundway.SeenPart] what there is,
// which may be nothing.
func NewClient(s sshkeys.Snapshot) *Client {
	fake := awsfake.New(ec2fake.KeyPairs(s.Parts))
	return &Client{ec2sdk.NewFromConfig(fake.Config()), fake}
}

// Deny makes calls of these IAM actions, "ec2:ImportKeyPair", fail with
// UnauthorizedOperation, and returns the client. It panics for an action that
// package awssshkeys never calls: a test that denies it would prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail with RequestLimitExceeded,
// however often they are retried, and returns the client. It panics as Deny
// does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if !slices.Contains([]string{"ec2:DescribeKeyPairs", "ec2:ImportKeyPair"}, action) {
			panic(fmt.Sprintf("awssshkeystest: no call has the action %q", action))
		}
		c.fake.Script(action, fault)
	}
	return c
}

// Calls returns the IAM actions of the requests so far, in the order in which
// they came; retries are requests too.
func (c *Client) Calls() []string {
	var actions []string
	for _, call := range c.fake.Calls() {
		actions = append(actions, call.Action)
	}
	return actions
}
