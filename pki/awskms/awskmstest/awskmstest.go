// Package awskmstest has a KMS client for tests that signs with keys of its
// own, without a network.
package awskmstest

import (
	"fmt"
	"slices"

	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/kmsfake"
	"github.com/groundway-sdk/groundway/pki/awskms"
)

// A Client answers the calls of [awskms.SignAPI] and [awskms.ApplyAPI]. It is the
// SDK's own client, whose requests are answered within the process: KMS's limits
// on messages, digests and states hold. It needs no closing and is safe for use
// by several goroutines.
type Client struct {
	*kmssdk.Client
	fake *awsfake.Fake
	kms  *kmsfake.KMS
}

// NewClient returns the client of an account without keys.
func NewClient() *Client {
	kms := &kmsfake.KMS{}
	fake := awsfake.New(kms.Service())
	return &Client{kmssdk.NewFromConfig(fake.Config()), fake, kms}
}

// Create makes a key of a key spec, "ECC_NIST_P256", gives it the alias,
// "alias/…", unless that is empty, and returns its ID. It panics for a spec that
// KMS does not have.
func (c *Client) Create(spec, alias string) string { return c.kms.Create(spec, alias) }

// SetState puts a key into a state, "Disabled" or "PendingDeletion", and returns
// the client.
func (c *Client) SetState(id, state string) *Client { c.kms.SetState(id, state); return c }

// SetUsage says of a key that it is for something else than signing,
// "KEY_AGREEMENT", and returns the client.
func (c *Client) SetUsage(id, usage string) *Client { c.kms.SetUsage(id, usage); return c }

// Lag makes so many calls not find a new key, nor a new alias, and returns the
// client: KMS is eventually consistent.
func (c *Client) Lag(calls int) *Client { c.kms.Lag = calls; return c }

// Corrupt makes KMS return signatures that do not verify, and returns the client.
func (c *Client) Corrupt() *Client { c.kms.Corrupt(); return c }

// Tags returns the tags that a key was made with.
func (c *Client) Tags(id string) map[string]string { return c.kms.Tags(id) }

// Deny makes calls of these IAM actions, "kms:Sign", fail with
// AccessDeniedException, and returns the client. It panics for an action that
// package awskms never calls: a test that denies it would prove nothing.
func (c *Client) Deny(actions ...string) *Client { return c.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail with ThrottlingException,
// however often they are retried, and returns the client. It panics as Deny does.
func (c *Client) Throttle(actions ...string) *Client { return c.script(awsfake.Throttle(), actions) }

func (c *Client) script(fault awsfake.Fault, actions []string) *Client {
	for _, action := range actions {
		if !slices.Contains(awskms.Actions(), action) && !slices.Contains(awskms.ApplyActions(), action) {
			panic(fmt.Sprintf("awskmstest: awskms does not call %q", action))
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
