// Package awsidentitytest has clients for tests: of a caller that a snapshot
// describes, and of an account in which issuer documents can be published, both
// without a network.
package awsidentitytest

import (
	"fmt"
	"slices"

	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/callerfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/sitefake"
)

// A scripted is a fake whose calls can be made to fail.
type scripted struct {
	fake    *awsfake.Fake
	actions []string
}

func (s scripted) script(fault awsfake.Fault, actions []string) {
	for _, action := range actions {
		if !slices.Contains(s.actions, action) {
			panic(fmt.Sprintf("awsidentitytest: awsidentity does not call %q", action))
		}
		s.fake.Script(action, fault)
	}
}

// Calls returns the IAM actions of the requests so far, in the order in which they
// came; retries and further pages are requests too.
func (s scripted) Calls() []string {
	var actions []string
	for _, call := range s.fake.Calls() {
		actions = append(actions, call.Action)
	}
	return actions
}

// Clients answer the calls of [awsidentity.Load] and [awsidentity.Assume]. They are
// the SDK's own clients, whose requests are answered within the process. They need
// no closing and are safe for use by several goroutines.
type Clients struct {
	awsidentity.Clients
	Assume awsidentity.AssumeAPI
	scripted
}

// NewClients returns the clients of a caller like that of the snapshot. Roles are
// assumed by whoever asks: whom they trust is for identity.CheckCredentials to say.
func NewClients(s identity.CredentialSnapshot) *Clients {
	fake := awsfake.New(callerfake.New(s.CredentialParts)...)
	cfg := fake.Config()
	sts := stssdk.NewFromConfig(cfg)
	return &Clients{
		awsidentity.Clients{STS: sts, Account: accountsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg)},
		sts,
		scripted{fake, append(awsidentity.Actions(), "sts:AssumeRole")},
	}
}

// Deny makes calls of these IAM actions, "iam:GetRole", fail as denied, and returns
// the clients. It panics for an action that is never called: a test that denies it
// would prove nothing.
func (c *Clients) Deny(actions ...string) *Clients { c.script(awsfake.Deny(), actions); return c }

// Throttle makes calls of these IAM actions fail as throttled, however often they
// are retried, and returns the clients. It panics as Deny does.
func (c *Clients) Throttle(actions ...string) *Clients {
	c.script(awsfake.Throttle(), actions)
	return c
}

// Account is the account of a [Site].
const Account = sitefake.Account

// Region is the region of a [Site]'s clients.
const Region = awsfake.Region

// A Site is an account in which documents can be published, with its clients.
type Site struct {
	awsidentity.SiteClients
	scripted
	world *sitefake.World
}

// NewSite returns an account without buckets and distributions.
func NewSite() *Site {
	w := &sitefake.World{}
	fake := awsfake.New(w.Services()...)
	cfg := fake.Config()
	return &Site{
		awsidentity.SiteClients{
			S3:         s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = true }),
			CloudFront: cloudfrontsdk.NewFromConfig(cfg),
		},
		scripted{fake, append(awsidentity.SiteActions(), awsidentity.ApplyActions()...)},
		w,
	}
}

// Deny is as that of [Clients].
func (s *Site) Deny(actions ...string) *Site { s.script(awsfake.Deny(), actions); return s }

// Throttle is as that of [Clients].
func (s *Site) Throttle(actions ...string) *Site { s.script(awsfake.Throttle(), actions); return s }

// Recover lets all calls succeed from now on, and returns the site.
func (s *Site) Recover() *Site {
	s.fake = awsfake.New(s.world.Services()...)
	cfg := s.fake.Config()
	s.SiteClients = awsidentity.SiteClients{
		S3:         s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = true }),
		CloudFront: cloudfrontsdk.NewFromConfig(cfg),
	}
	return s
}

// AddBucket puts a bucket of an account there, with tags as pairs of key and value.
func (s *Site) AddBucket(name, owner string, tags ...string) { s.world.AddBucket(name, owner, tags...) }

// SetPolicy gives a bucket a policy.
func (s *Site) SetPolicy(bucket, policy string) { s.world.SetPolicy(bucket, policy) }

// Policy returns the policy of a bucket.
func (s *Site) Policy(bucket string) string { return s.world.Policy(bucket) }

// SetObject writes an object, as somebody else does.
func (s *Site) SetObject(bucket, key, data string) { s.world.SetObject(bucket, key, data) }

// Object returns an object and its headers; ok is false where there is none.
func (s *Site) Object(bucket, key string) (data, contentType, cacheControl string, ok bool) {
	return s.world.Object(bucket, key)
}

// AddControl puts an origin access control there that signs "always" or "never".
func (s *Site) AddControl(name, behavior string) { s.world.AddControl(name, behavior) }

// AddDistribution puts a distribution there whose origin is a host, with the ID of
// an origin access control, "E0000000000001" of the first, and tags.
func (s *Site) AddDistribution(origin, control string, tags ...string) {
	s.world.AddDistribution(origin, control, tags...)
}

// SetEnabled switches all distributions on or off.
func (s *Site) SetEnabled(enabled bool) { s.world.SetEnabled(enabled) }
