package awsnetwork

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/internal/patience"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// Errors of [Apply], for errors.Is.
var (
	// ErrBlocked means that the plan has findings that stand in its way. Nothing
	// was called.
	ErrBlocked = errors.New("the plan cannot be applied")
	// ErrChanged means that the account is no longer as the plan assumed. Nothing
	// was changed.
	ErrChanged = errors.New("the account changed since the plan")
)

// ApplyOptions are what [Apply] may be told. The zero value is right.
type ApplyOptions struct {
	// Timeout bounds each time of waiting, for a NAT gateway above all, which
	// takes a few minutes; zero: 15 minutes.
	Timeout time.Duration
	// Wait lets a time pass between two looks, and returns early, with an error,
	// where ctx ends. Nil: by the clock. Tests give one that returns at once.
	Wait func(ctx context.Context, d time.Duration) error
	// Progress is called whenever something is there, and while something is
	// waited for. Calls of it do not overlap.
	Progress func(Progress)
}

// Progress is how far [Apply] or [Remove] has come.
type Progress struct {
	Done, Total int    // of all that is to be there, or to be gone
	Resource    string // by kind and name: "nat-gateway/us-east-1a"
	ID          string // empty where it has none yet
	State       string // of EC2 while it is waited for: "pending"; otherwise "there" or "gone"
}

// Applied is what [Apply] did.
type Applied struct {
	// IDs are the identifiers of all that the plan has, by kind and name:
	// "subnet/worker-us-east-1a". Plan.CheckOptions takes them.
	IDs map[string]string
	// Made is what was made by this call, in its order, by kind and name.
	Made []string
}

// pause is how long Apply and Remove wait between two looks.
const pause = 5 * time.Second

// tries is how often a call is made whose outcome is not known, or for which AWS
// does not know yet what was made a moment before.
const tries = 3

// Apply carries a plan of package plan out.
//
// It first looks again at all that the plan assumed, and stops with [ErrChanged]
// where that is no longer so: the blocks of the VPC, what the plan found and
// keeps, the addresses that it gives to subnets. What an earlier call made of the
// same plan is found by its tags and gone on with, so that Apply can be called
// again after any error, and to apply a plan twice is to apply it once.
//
// All that is made carries the tags of Plan.TagsOf from the call on that makes it.
// Nothing that lacks them is changed, and nothing is deleted; a route or an
// association of a table that the plan replaces, it names. A call that makes
// something is repeated only where EC2 is known not to have carried it out, where
// it takes a client token, or where the thing is not there when looked for: a lost
// answer does not make a second VPC. At the end Apply looks whether everything is
// as planned.
//
// An error names the IAM action, the thing, and all that was made before, which
// stays: call Apply again, or [Remove]. It holds nothing that AWS sent but its
// code. What was made is in the result in any case.
func Apply(ctx context.Context, client ApplyAPI, p plan.Plan, o ApplyOptions) (Applied, error) {
	a := &applier{client: client, p: p, o: o, watch: watcher{client: client, owner: p.Owner}, nonce: rand.Text(), new: map[string]string{}}
	err := a.apply(ctx)
	result := Applied{IDs: a.ids, Made: a.made}
	if err == nil {
		return result, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	var made []string
	for _, key := range a.made {
		made = append(made, strings.TrimSuffix(key, "/")+" "+a.ids[key])
	}
	if len(made) > 0 {
		return result, fmt.Errorf("apply network plan of %q: %w; made before: %s", p.Cluster, err, strings.Join(made, ", "))
	}
	return result, fmt.Errorf("apply network plan of %q: %w", p.Cluster, err)
}

type applier struct {
	client ApplyAPI
	p      plan.Plan
	o      ApplyOptions
	watch  watcher
	nonce  string // of this call: client tokens of two calls are never alike

	vpc    string            // its ID, once there is one
	block6 netip.Prefix      // of the VPC, once there is one
	seen   world             // when last looked
	ids    map[string]string // by kind and name: what is there
	new    map[string]string // and of this what this call made
	made   []string          // its keys, in their order
	steps  []step
	done   int
}

// A step brings one thing about.
type step struct {
	key    string // "subnet/worker-us-east-1a"
	action string // of the call that brings it about, or that shows it
	// there reports whether it is so already.
	there func(world) bool
	// do brings it about; nil: it comes by itself, and look shows how far it is.
	do   func(ctx context.Context) error
	look func(ctx context.Context) (ready bool, state string, err error)
}

func (a *applier) apply(ctx context.Context) error {
	if err := a.p.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrBlocked, err)
	}
	if a.p.Owner == "" || a.p.VPC == (plan.VPC{}) {
		return fmt.Errorf("%w: it is not one of plan.New", ErrBlocked)
	}
	if err := a.observe(ctx); err != nil {
		return err
	}
	if err := a.unchanged(a.seen); err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	a.lay()
	for _, s := range a.steps {
		if err := a.run(ctx, s); err != nil {
			return err
		}
		a.done++
		a.report(s.key, "there")
	}
	return a.confirm(ctx)
}

// observe reads the VPC and all that the owner has. What this call made is there,
// also where EC2 does not show it yet.
func (a *applier) observe(ctx context.Context) error {
	if err := a.look(ctx); err != nil {
		return err
	}
	for key, id := range a.new {
		if _, shown := a.ids[key]; !shown {
			a.ids[key] = id
		}
	}
	return nil
}

// look reads the VPC and all that the owner has.
func (a *applier) look(ctx context.Context) error {
	var vpcs groundway.Part[network.VPC]
	find := a.watch.vpcs
	if id := cmp.Or(a.p.VPC.ID, a.vpc); id != "" {
		l := loader{client: a.client, vpc: id}
		find = l.vpcs
	}
	if err := must(&vpcs, func() (groundway.Part[network.VPC], error) { return find(ctx) })(); err != nil {
		return err
	}
	switch len(vpcs.Items) {
	case 0:
	case 1:
		a.vpc = vpcs.Items[0].ID
	default:
		return fmt.Errorf("%w: %w", ErrChanged, severalVPCs(vpcs.Items))
	}
	var scope []types.Filter
	if a.vpc != "" {
		scope = filter("vpc-id", a.vpc)
	}
	seen, err := a.watch.everything(ctx, a.client, scope, a.vpc, a.p.EgressGateway != nil)
	if err != nil {
		return err
	}
	seen.VPCs = vpcs
	a.noteBlock6(vpcs.Items)
	if a.own() && len(vpcs.Items) == 1 {
		l := loader{client: a.client, vpc: a.vpc}
		for name, part := range map[types.VpcAttributeName]*groundway.Part[network.DNSAttribute]{
			types.VpcAttributeNameEnableDnsSupport: &seen.DNSSupport, types.VpcAttributeNameEnableDnsHostnames: &seen.DNSHostnames,
		} {
			if err := must(part, func() (groundway.Part[network.DNSAttribute], error) { return l.dnsAttribute(ctx, name) })(); err != nil {
				return err
			}
		}
	}
	a.ids = a.watch.named(seen, a.vpc)
	if a.vpc != "" {
		a.ids["vpc/"] = a.vpc
	}
	if g := a.p.InternetGateway; g != nil && g.Attached {
		a.ids["internet-gateway/"] = g.ID
	}
	a.seen = seen
	return nil
}

// own reports whether the VPC is, or is to be, one that a plan made.
func (a *applier) own() bool { return a.p.DHCPOptions != nil }

// run brings a step about.
func (a *applier) run(ctx context.Context, s step) error {
	if s.there(a.seen) {
		return nil
	}
	if s.do == nil {
		return a.poll(ctx, s)
	}
	var err error
	for try := range tries {
		if try > 0 {
			if waited := a.wait(ctx, pause); waited != nil {
				return waited
			}
			_, before := a.ids[s.key]
			if lookErr := a.observe(ctx); lookErr != nil {
				return lookErr
			}
			if id, now := a.ids[s.key]; now && !before { // its answer was lost
				a.note(s.key, id)
			}
			if s.there(a.seen) {
				return nil
			}
		}
		if err = s.do(ctx); err == nil {
			return nil
		}
		switch awserr.Classify(err) {
		case awserr.Unavailable, awserr.Timeout, awserr.Connection, awserr.Unreadable: // it may have been carried out
		case awserr.NotFound: // what it needs was made a moment ago, and is not known everywhere
		case awserr.Exists: // it was carried out, or something stands in its place
		default:
			return failed(ctx, s.action, s.key, err)
		}
	}
	return failed(ctx, s.action, s.key, err)
}

// poll waits until a thing has come about by itself.
func (a *applier) poll(ctx context.Context, s step) error {
	var state string
	for range a.looks() {
		ready, now, err := s.look(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.key, err)
		}
		if ready {
			return nil
		}
		state = now
		a.report(s.key, state)
		if err := a.wait(ctx, pause); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %s: it is %s after %v", s.key, s.action, cmp.Or(state, "not shown"), a.timeout())
}

// confirm looks whether everything is as planned, and shown.
func (a *applier) confirm(ctx context.Context) error {
	var left step
	for try := range tries {
		if try > 0 {
			if err := a.wait(ctx, pause); err != nil {
				return err
			}
		}
		ids := a.ids
		if err := a.look(ctx); err != nil {
			a.ids = ids
			return err
		}
		i := slices.IndexFunc(a.steps, func(s step) bool { return !s.there(a.seen) })
		if i < 0 {
			return nil
		}
		left, a.ids = a.steps[i], ids
	}
	return fmt.Errorf("%s: %s: AWS took the call and does not show what it was to bring about", left.key, left.action)
}

func (a *applier) timeout() time.Duration { return cmp.Or(a.o.Timeout, 15*time.Minute) }

// looks is how often something is looked at that is waited for.
func (a *applier) looks() int { return max(1, int(a.timeout()/pause)) }

func (a *applier) wait(ctx context.Context, d time.Duration) error { return waitFor(ctx, a.o.Wait, d) }

func waitFor(ctx context.Context, wait func(context.Context, time.Duration) error, d time.Duration) error {
	if wait != nil {
		return wait(ctx, d)
	}
	return patience.Sleep(ctx, d)
}

func (a *applier) report(key, state string) {
	if a.o.Progress != nil {
		a.o.Progress(Progress{Done: a.done, Total: len(a.steps), Resource: key, ID: a.ids[key], State: state})
	}
}

// record notes what a call made. An answer that names nothing is none.
func (a *applier) record(key string, id *string) error {
	if text(id) == "" {
		return awserr.ErrNoList
	}
	a.note(key, *id)
	return nil
}

func (a *applier) note(key, id string) {
	a.ids[key], a.new[key] = id, id
	a.made = append(a.made, key)
}

// id returns the identifier of a thing of the plan.
func (a *applier) id(kind, name string) *string { return aws.String(a.ids[kind+"/"+name]) }

// token returns the client token for a thing: the same for each attempt of this
// call, and never that of another, since EC2 answers a token that it knows with
// what it made for it, be that deleted by now.
func (a *applier) token(key string) *string {
	sum := sha256.Sum256([]byte(a.nonce + " " + key))
	return aws.String(hex.EncodeToString(sum[:16]))
}

// once keeps the SDK from repeating a call whose outcome is not known: Apply looks
// before it does.
func once(o *ec2sdk.Options) {
	if o.Retryer != nil {
		o.Retryer = careful{o.Retryer}
	}
}

type careful struct{ aws.Retryer }

// IsErrorRetryable reports whether AWS said that it did nothing yet.
func (c careful) IsErrorRetryable(err error) bool {
	return awserr.Classify(err) == awserr.Throttled && c.Retryer.IsErrorRetryable(err)
}
