package awsroute53

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/internal/patience"
	"github.com/groundway-sdk/groundway/route53"
)

// ApplyOptions are what [Apply] may be told. The zero value is right.
type ApplyOptions struct {
	Rate   Rate           // of requests; zero: [DefaultRate]
	Limits route53.Limits // of a request; zero: [route53.DefaultLimits]
	// Wait is how long to wait before a change that is PENDING is looked at
	// again, and before a request is repeated that Route 53 put off; zero: 4
	// seconds.
	Wait time.Duration
	// Patience is how long to go on so with one batch; zero: 2 minutes. Changes
	// reach all of Route 53's servers within 60 seconds as a rule.
	Patience time.Duration
}

// A Result is what was done of a plan.
type Result struct {
	Steps []StepResult // as many as were begun
}

// A StepResult is what was done of a step.
type StepResult struct {
	ZoneID      string         // the zone of the step, also where it was made
	NameServers []route53.Name // of a zone that was made, in order
	Changed     int            // record sets that are as the plan wants them
}

// ErrChanged is what stands there being neither what the plan assumed nor what
// it wants. Nothing of its batch was sent.
var ErrChanged = errors.New("the account has changed since it was planned for")

// Apply carries out the plan, step by step, and returns when all of Route 53's
// servers answer by it. Before each step it re-reads the record sets that the
// step names, and stops with [ErrChanged] where one is neither as the plan
// assumed nor as it wants it. What is as the plan wants it already is left
// alone, so that a plan can be applied again after it broke off, and a second
// time changes nothing.
//
// The changes go out in batches, each of which AWS makes whole or not at all. A
// request that Route 53 puts off (PriorRequestNotComplete, Throttling) is
// repeated for as long as the options say. Apply touches no record set that the
// plan does not name, and makes no zone where one of the name exists, unless it
// was made with the caller reference of the plan.
//
// The plan's delegations ByHand are not its business. With an error the result
// says what was done before.
func Apply(ctx context.Context, client ApplyAPI, plan route53.Plan, o ApplyOptions) (Result, error) {
	if o.Wait == 0 {
		o.Wait = 4 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Minute
	}
	a := &applier{client: client, o: o, bucket: newBucket(o.Rate), creations: newBucket(createRate)}
	var result Result
	for i, step := range plan.Steps {
		result.Steps = append(result.Steps, StepResult{ZoneID: step.ZoneID})
		if err := a.step(ctx, step, &result, i); err != nil {
			return result, fmt.Errorf("apply plan: step %d: %w", i+1, err)
		}
	}
	return result, nil
}

type applier struct {
	client    ApplyAPI
	o         ApplyOptions
	bucket    *bucket
	creations *bucket
}

func (a *applier) step(ctx context.Context, step route53.Step, result *Result, i int) error {
	done := &result.Steps[i]
	if step.New != nil {
		if err := a.create(ctx, *step.New, done); err != nil {
			return err
		}
	}
	changes := slices.Clone(step.Changes)
	for _, name := range step.Delegate {
		servers := newServers(result.Steps[:i])
		if len(servers) == 0 {
			return fmt.Errorf("delegate %q: no earlier step made a zone", string(name))
		}
		change := route53.Change{Action: route53.Upsert, Set: route53.RecordSet{Name: name, Type: "NS", TTL: route53.DelegationTTL}}
		for _, n := range servers {
			change.Set.Values = append(change.Set.Values, n.Absolute())
		}
		if before, ok := step.Before[name]; ok {
			change.Before = &before
		}
		changes = append(changes, change)
	}
	batches, err := route53.Batches(changes, a.o.Limits)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := a.batch(ctx, done.ZoneID, b); err != nil {
			return err
		}
		done.Changed += len(b)
	}
	return nil
}

func newServers(steps []StepResult) []route53.Name {
	for _, s := range slices.Backward(steps) {
		if len(s.NameServers) > 0 {
			return s.NameServers
		}
	}
	return nil
}

// create makes a zone, unless there is one that was made by the same request.
func (a *applier) create(ctx context.Context, z route53.NewZone, done *StepResult) error {
	found, err := a.existing(ctx, z)
	if err != nil {
		return err
	}
	if found {
		return nil
	}
	in := &route53sdk.CreateHostedZoneInput{Name: aws.String(z.Name.Absolute()), CallerReference: &z.CallerReference}
	if z.Comment != "" {
		in.HostedZoneConfig = &types.HostedZoneConfig{Comment: &z.Comment}
	}
	if z.DelegationSetID != "" {
		in.DelegationSetId = &z.DelegationSetID
	}
	var out *route53sdk.CreateHostedZoneOutput
	err = a.patiently(ctx, createZone, func() error {
		if err := a.creations.take(ctx); err != nil {
			return err
		}
		out, err = a.client.CreateHostedZone(ctx, in)
		if err == nil && (out.HostedZone == nil || out.DelegationSet == nil || out.ChangeInfo == nil) {
			err = awserr.ErrNoList
		}
		return err
	})
	if awserr.Code(err) == "HostedZoneAlreadyExists" {
		// An answer of ours may have been lost on its way.
		return a.adopt(ctx, z, done)
	}
	if err != nil {
		return awserr.Failed(ctx, createZone, err)
	}
	detail, err := detailOf(route53.ZoneID(aws.ToString(out.HostedZone.Id)), out.DelegationSet, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", createZone, err)
	}
	done.ZoneID, done.NameServers = detail.ZoneID, sortedNames(detail.NameServers)
	return a.insync(ctx, out.ChangeInfo)
}

// existing looks for a zone of the name: one of the same request is adopted by
// adopt, any other stops the plan.
func (a *applier) existing(ctx context.Context, z route53.NewZone) (bool, error) {
	zone, ok, err := a.find(ctx, func(h route53.HostedZone) bool { return h.Name == z.Name && h.Visibility != route53.Private })
	switch {
	case err != nil || !ok:
		return false, err
	case zone.CallerReference == z.CallerReference:
		// CreateHostedZone says so too, and adopt does the rest.
		return false, nil
	}
	return false, fmt.Errorf("create zone %q: %s has this name: %w", string(z.Name), zone.ID, ErrChanged)
}

// adopt reads the zone that an earlier request with the same caller reference
// made.
func (a *applier) adopt(ctx context.Context, z route53.NewZone, done *StepResult) error {
	zone, ok, err := a.find(ctx, func(h route53.HostedZone) bool { return h.CallerReference == z.CallerReference })
	switch {
	case err != nil:
		return err
	case !ok || zone.Name != z.Name:
		return fmt.Errorf("create zone %q: %s: the caller reference %q was used before, for another zone", string(z.Name), createZone, z.CallerReference)
	}
	var out *route53sdk.GetHostedZoneOutput
	err = a.patiently(ctx, getZone, func() (err error) {
		out, err = a.client.GetHostedZone(ctx, &route53sdk.GetHostedZoneInput{Id: &zone.ID})
		if err == nil && (out.HostedZone == nil || out.DelegationSet == nil) {
			err = awserr.ErrNoList
		}
		return err
	})
	if err != nil {
		return awserr.Failed(ctx, getZone, err)
	}
	detail, err := detailOf(zone.ID, out.DelegationSet, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", getZone, err)
	}
	done.ZoneID, done.NameServers = zone.ID, sortedNames(detail.NameServers)
	return nil
}

func sortedNames(names []route53.Name) []route53.Name {
	slices.SortFunc(names, route53.Name.Compare)
	return names
}

// find returns the first zone, in the order of IDs, that is wanted.
func (a *applier) find(ctx context.Context, want func(route53.HostedZone) bool) (route53.HostedZone, bool, error) {
	part, err := zones(ctx, a.client, a.bucket)
	if err != nil {
		return route53.HostedZone{}, false, err
	}
	if !part.Complete() {
		return route53.HostedZone{}, false, fmt.Errorf("%s: %s", part.Gaps[0].Action, part.Gaps[0].Message)
	}
	if i := slices.IndexFunc(part.Items, want); i >= 0 {
		return part.Items[i], true, nil
	}
	return route53.HostedZone{}, false, nil
}

// batch makes the changes of a batch that are not made yet.
func (a *applier) batch(ctx context.Context, zoneID string, b route53.Batch) error {
	todo, err := a.remaining(ctx, zoneID, b)
	if err != nil || len(todo) == 0 {
		return err
	}
	changes, err := changesOf(todo)
	if err != nil {
		return err
	}
	var out *route53sdk.ChangeResourceRecordSetsOutput
	err = a.patiently(ctx, changeRecords, func() (err error) {
		out, err = a.client.ChangeResourceRecordSets(ctx, &route53sdk.ChangeResourceRecordSetsInput{
			HostedZoneId: &zoneID, ChangeBatch: &types.ChangeBatch{Changes: changes},
		})
		if err == nil && out.ChangeInfo == nil {
			err = awserr.ErrNoList
		}
		return err
	})
	if awserr.Code(err) == "InvalidChangeBatch" {
		// The answer to a request that was made may have been lost, and its
		// repetition refused.
		if todo, again := a.remaining(ctx, zoneID, b); again == nil && len(todo) == 0 {
			return nil
		}
	}
	if err != nil {
		return awserr.Failed(ctx, changeRecords, err)
	}
	return a.insync(ctx, out.ChangeInfo)
}

// remaining re-reads the record sets that the batch names, and returns the
// changes that are still to be made.
func (a *applier) remaining(ctx context.Context, zoneID string, b route53.Batch) (route53.Batch, error) {
	var todo route53.Batch
	have := map[route53.Name][]route53.RecordSet{}
	for _, c := range b {
		sets, read := have[c.Set.Name]
		if !read {
			var err error
			if sets, err = a.setsAt(ctx, zoneID, c.Set.Name); err != nil {
				return nil, err
			}
			have[c.Set.Name] = sets
		}
		i := slices.IndexFunc(sets, func(s route53.RecordSet) bool { return s.Key() == c.Set.Key() })
		var now *route53.RecordSet
		if i >= 0 {
			now = &sets[i]
		}
		switch {
		case c.Action == route53.Delete && now == nil, c.Action != route53.Delete && now != nil && now.Equal(c.Set):
		case c.Action == route53.Delete && now.Equal(c.Set),
			c.Action != route53.Delete && now == nil && c.Before == nil,
			c.Action == route53.Upsert && now != nil && c.Before != nil && now.Equal(*c.Before):
			todo = append(todo, c)
		default:
			return nil, fmt.Errorf("%s %q in %s: %w", c.Action, c.Set.Key(), zoneID, ErrChanged)
		}
	}
	return todo, nil
}

// setsAt returns the record sets of one name: the listing begins at it.
func (a *applier) setsAt(ctx context.Context, zoneID string, name route53.Name) ([]route53.RecordSet, error) {
	in := &route53sdk.ListResourceRecordSetsInput{HostedZoneId: &zoneID, StartRecordName: aws.String(name.Absolute()), MaxItems: aws.Int32(100)}
	over := false
	part, err := pages(ctx, a.bucket, listRecords, func(ctx context.Context) ([]types.ResourceRecordSet, string, error) {
		sets, next, err := recordPage(ctx, a.client, in)
		for i, s := range sets {
			if n, bad := nameOf(s.Name); bad == nil && n != name {
				over = true
				sets = sets[:i]
				break
			}
		}
		if over {
			next = ""
		}
		return sets, next, err
	}, setOf)
	switch {
	case err != nil:
		return nil, err
	case !part.Complete():
		return nil, fmt.Errorf("%s: %s", part.Gaps[0].Action, part.Gaps[0].Message)
	}
	return part.Items, nil
}

// insync waits until all of Route 53's servers have the change.
func (a *applier) insync(ctx context.Context, info *types.ChangeInfo) error {
	if info.Status == types.ChangeStatusInsync {
		return nil
	}
	deadline := time.Now().Add(a.o.Patience)
	for {
		var out *route53sdk.GetChangeOutput
		err := a.patiently(ctx, getChange, func() (err error) {
			out, err = a.client.GetChange(ctx, &route53sdk.GetChangeInput{Id: info.Id})
			if err == nil && out.ChangeInfo == nil {
				err = awserr.ErrNoList
			}
			return err
		})
		switch {
		case err != nil:
			return awserr.Failed(ctx, getChange, err)
		case out.ChangeInfo.Status == types.ChangeStatusInsync:
			return nil
		case !time.Now().Add(a.o.Wait).Before(deadline):
			return fmt.Errorf("%s: the change was made, and is not INSYNC after %v", getChange, a.o.Patience)
		}
		if err := patience.Sleep(ctx, a.o.Wait); err != nil {
			return fmt.Errorf("%s: %w", getChange, err)
		}
	}
}

// patiently makes a call within the rate, and again while Route 53 puts it off.
func (a *applier) patiently(ctx context.Context, action string, call func() error) error {
	deadline := time.Now().Add(a.o.Patience)
	for {
		if err := a.bucket.take(ctx); err != nil {
			return err
		}
		err := call()
		if err == nil || awserr.Classify(err) != awserr.Throttled || !time.Now().Add(a.o.Wait).Before(deadline) {
			return err
		}
		if err := patience.Sleep(ctx, a.o.Wait); err != nil {
			return err
		}
	}
}
