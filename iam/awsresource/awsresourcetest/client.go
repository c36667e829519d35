// Package awsresourcetest has clients for tests that answer from a snapshot, without a
// network.
package awsresourcetest

import (
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
)

// A Client answers the calls of all [awsresource.Clients]. They are the SDK's own,
// whose requests are answered within the process: errors come out as AWS's would. It
// needs no closing and is safe for use by several goroutines.
type Client struct {
	awsresource.Clients
	fake *awsfake.Fake
}

// NewClient returns clients of the account that the snapshot shows. What is unseen is
// denied. The snapshot holds digests of access keys: of those whose IDs are given the
// IDs are shown.
func NewClient(s resource.Snapshot, accessKeyIDs ...string) *Client {
	fake := awsfake.New(resourcefake.New(s, accessKeyIDs...)...)
	return &Client{awsresource.NewClients(fake.Config()), fake}
}

// Deny makes calls of these IAM actions, "kms:DescribeKey", fail as denied, and
// returns the client. It panics for an action that [awsresource.Load] never calls: a
// test that denies it would prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail as throttled, however often they are
// retried, and returns the client. It panics as Deny does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if !slices.Contains(awsresource.Actions(), action) {
			panic(fmt.Sprintf("awsresourcetest: no call has the action %q", action))
		}
		c.fake.Script(action, fault)
	}
	return c
}

// Calls returns the IAM actions of the requests so far, in the order in which they
// came; retries are requests too.
func (c *Client) Calls() []string {
	var actions []string
	for _, call := range c.fake.Calls() {
		actions = append(actions, call.Action)
	}
	return actions
}
