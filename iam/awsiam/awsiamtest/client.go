// Package awsiamtest has an IAM client for tests that answers from a snapshot,
// without a network, and takes every change that [awsiam.Apply] makes.
package awsiamtest

import (
	"fmt"
	"slices"

	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
)

// Account is the account that every client answers for.
const Account iam.Account = iamfake.Account

// A Client answers the calls of [awsiam.ApplyAPI] and of [awsiam.SimulateAPI]. It
// is the SDK's own client, whose requests are answered within the process: errors
// come out as IAM's would. It needs no closing and is safe for use by several
// goroutines.
type Client struct {
	*iamsdk.Client
	fake *awsfake.Fake
	iam  *iamfake.IAM
}

// NewClient returns a client of an account that holds what the snapshot shows. It
// refuses what IAM refuses: names that are taken, documents that are none, trust
// in a principal that does not exist, the deletion of what is in use. Policies of
// AWS can be attached, and allow nothing of interest unless the snapshot has them.
func NewClient(s iam.Snapshot) *Client {
	state := iamfake.From(s)
	fake := awsfake.New(state.Service())
	return &Client{iamsdk.NewFromConfig(fake.Config()), fake, state}
}

// Lag makes each change be seen so many calls later, and returns the client: IAM is
// eventually consistent.
func (c *Client) Lag(calls int) *Client {
	c.iam.Lag = calls
	return c
}

// Deny makes calls of these IAM actions, "iam:CreateRole", fail with AccessDenied,
// and returns the client. It panics for an action that package awsiam never calls:
// a test that denies it would prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail with Throttling, however often
// they are retried, and returns the client. It panics as Deny does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if !slices.Contains(awsiam.Actions(), action) && !slices.Contains(iam.StepActions(), iam.Action(action)) {
			panic(fmt.Sprintf("awsiamtest: no call has the action %q", action))
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
