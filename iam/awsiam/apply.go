package awsiam

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/internal/patience"
)

// Errors of [Apply], for errors.Is.
var (
	// ErrBlocked means that the changes have findings that stand in their way.
	// Nothing was called.
	ErrBlocked = errors.New("the changes cannot be applied")
	// ErrChanged means that the account is no longer as the plan assumed. Nothing
	// was changed.
	ErrChanged = errors.New("the account changed since the plan")
	// ErrNotVisible means that AWS took the changes, and did not show them within
	// the patience of the options.
	ErrNotVisible = errors.New("AWS took the change and does not show it")
)

// ApplyOptions are what [Apply] may be told. The zero value is right.
type ApplyOptions struct {
	// Patience is how long a new thing is waited for: a principal that a trust
	// policy names, a role that a profile takes, everything at the end. IAM is
	// eventually consistent. Zero: a minute.
	Patience time.Duration
	// Progress is called with each step when AWS has taken it.
	Progress func(done iam.Step)
}

// A Result is what [Apply] did.
type Result struct {
	Done []iam.Step `json:"done,omitempty"` // in this order
	Left []iam.Step `json:"left,omitempty"` // what an error kept from being done
}

// Apply does what the changes say, one step after the other.
//
// It first looks at the account again. What has been done by now is left out, so
// that changes that broke off half way can be applied again; if anything else is
// to be done than was planned, Apply stops with [ErrChanged] and changes nothing.
// At the end it looks once more, until everything is there: AWS's word that a
// call succeeded is not taken for more than that. Without steps nothing is called.
//
// These are tried again for as long as the options are patient, because IAM shows
// to one of its servers later what another has taken: a trust policy that names a
// new principal (MalformedPolicyDocument), a new role, policy or profile that a
// step needs (NoSuchEntity), and what IAM is still busy with
// (EntityTemporarilyUnmodifiable, ConcurrentModification, DeleteConflict). Where
// AWS refuses a new thing because it exists, or says that a thing to be deleted
// does not, the account is looked at: a first attempt may have succeeded and its
// answer been lost.
//
// An error names the action, and holds nothing that AWS sent but its code. The
// result says in every case what was done and what is left; to plan again and
// apply does the rest.
func Apply(ctx context.Context, client ApplyAPI, c iam.Changes, o ApplyOptions) (Result, error) {
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	a := &applier{client: client, c: c, o: o}
	err := a.apply(ctx)
	if err != nil {
		err = fmt.Errorf("apply identities: %w", err)
	}
	return a.r, err
}

type applier struct {
	client ApplyAPI
	c      iam.Changes
	o      ApplyOptions
	r      Result
}

func (a *applier) apply(ctx context.Context) error {
	switch err := a.c.Err(); {
	case err != nil:
		a.r.Left = a.c.Steps
		return fmt.Errorf("%w: %w", ErrBlocked, err)
	case len(a.c.Steps) == 0:
		return nil
	}
	a.r.Left = a.c.Steps
	open, err := a.open(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		if !slices.ContainsFunc(a.c.Steps, func(planned iam.Step) bool { return reflect.DeepEqual(planned, s) }) {
			return fmt.Errorf("%w: %s of %q was not planned", ErrChanged, s.Action, s.Name)
		}
	}
	a.r.Left = open
	for len(a.r.Left) > 0 {
		if err := a.do(ctx, a.r.Left[0]); err != nil {
			return a.because(ctx, err)
		}
		a.r.Done = append(a.r.Done, a.r.Left[0])
		a.r.Left = a.r.Left[1:]
	}
	if len(a.r.Done) == 0 {
		return nil
	}
	return a.settled(ctx)
}

// because adds to the error of a step which of those before it are not done after
// all, although they were answered: the step may have failed for that.
func (a *applier) because(ctx context.Context, err error) error {
	if len(a.r.Done) == 0 || ctx.Err() != nil || awserr.Classify(err) == awserr.Credentials {
		return err
	}
	open, openErr := a.open(ctx)
	if openErr != nil {
		return err
	}
	for _, s := range a.r.Done {
		if slices.ContainsFunc(open, func(o iam.Step) bool { return same(o, s) }) {
			err = fmt.Errorf("%w; %s of %q was answered, and does not show", err, s.Action, s.Name)
		}
	}
	return err
}

// open looks at the account and returns the steps that are to be done.
func (a *applier) open(ctx context.Context) ([]iam.Step, error) {
	s, err := Load(ctx, a.client, LoadOptions{Desired: a.c.Desired, Uses: a.c.Delete})
	if err != nil {
		return nil, err
	}
	plan := iam.Plan
	if a.c.Delete {
		plan = iam.PlanDelete
	}
	now, _, err := plan(s, a.c.Desired, a.c.Options)
	if err != nil {
		return nil, err
	}
	if err := now.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return now.Steps, nil
}

// settled waits until the account shows everything.
func (a *applier) settled(ctx context.Context) error {
	var left []iam.Step
	err := patience.Retry(ctx, a.o.Patience, firstPause, func() (again bool, err error) {
		left, err = a.open(ctx)
		return err != nil && awserr.Stop(ctx, getRole, err) == nil || len(left) > 0, err
	})
	if err != nil {
		return err
	}
	if len(left) > 0 {
		a.r.Left = left
		var actions []string
		for _, s := range left {
			actions = append(actions, string(s.Action))
		}
		return fmt.Errorf("%w within %v: %s", ErrNotVisible, a.o.Patience, strings.Join(slices.Compact(actions), ", "))
	}
	return nil
}

// firstPause is how long IAM is left alone before it is asked again.
const firstPause = 500 * time.Millisecond

// passing are the codes of what IAM takes a moment later: the thing that a step
// needs is new, or was in use until a moment ago.
var passing = []string{"NoSuchEntity", "EntityTemporarilyUnmodifiable", "ConcurrentModification", "DeleteConflict"}

// do takes one step.
func (a *applier) do(ctx context.Context, s iam.Step) error {
	var refused error
	err := patience.Retry(ctx, a.o.Patience, firstPause, func() (again bool, err error) {
		refused = a.call(ctx, s)
		if refused == nil {
			return false, nil
		}
		if stop := awserr.Stop(ctx, string(s.Action), refused); stop != nil {
			return false, stop
		}
		class, code := awserr.Classify(refused), awserr.Code(refused)
		deletes := strings.HasPrefix(string(s.Action), "iam:De") || strings.HasPrefix(string(s.Action), "iam:Remove")
		if class == awserr.Exists || class == awserr.NotFound && deletes || code == "LimitExceeded" {
			done, err := a.done(ctx, s)
			if err != nil || done {
				refused = nil
				return false, err
			}
		}
		return slices.Contains(passing, code) && !(class == awserr.NotFound && deletes) || code == "MalformedPolicyDocument" && namesPrincipals(s), nil
	})
	switch {
	case err != nil:
		return err
	case refused == nil:
		if a.o.Progress != nil {
			a.o.Progress(s)
		}
		return nil
	}
	err = awserr.Failed(ctx, string(s.Action), refused)
	switch code := awserr.Code(refused); {
	case code == "MalformedPolicyDocument" && namesPrincipals(s):
		err = fmt.Errorf("%w: a principal of the trust policy of %q does not exist, or is not visible after %v", err, s.Name, a.o.Patience)
	case awserr.Classify(refused) == awserr.Exists:
		err = fmt.Errorf("%w: %q, in other letters, under another path, or made a moment ago", err, s.Name)
	}
	return err
}

// done looks whether a step is no longer to be done.
func (a *applier) done(ctx context.Context, s iam.Step) (bool, error) {
	open, err := a.open(ctx)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(open, func(o iam.Step) bool { return same(o, s) }), nil
}

// same reports whether two steps are about the same thing.
func same(a, b iam.Step) bool {
	return a.Action == b.Action && a.Name == b.Name && a.Policy == b.Policy && a.Role == b.Role && a.Version == b.Version
}

// namesPrincipals reports whether the step writes a trust policy that names a
// user, a role or an account: IAM refuses one that names a principal which it does
// not see.
func namesPrincipals(s iam.Step) bool {
	if s.Action != "iam:CreateRole" && s.Action != "iam:UpdateAssumeRolePolicy" {
		return false
	}
	d, err := iam.Parse(s.Document, iam.ParseOptions{})
	if err != nil {
		return false
	}
	for _, statement := range d.Statements {
		for _, p := range statement.Principals {
			if p.Kind == iam.PrincipalAWS || p.Kind == iam.PrincipalFederated {
				return true
			}
		}
	}
	return false
}

// Ensure brings the account to what is desired: it loads, plans and applies. To
// call it twice is to call it once: the second time only reading calls are made.
func Ensure(ctx context.Context, client ApplyAPI, d iam.Desired, p iam.PlanOptions, o ApplyOptions) (Result, error) {
	if err := d.Check(); err != nil {
		return Result{}, fmt.Errorf("plan identities: %w", err)
	}
	s, err := Load(ctx, client, LoadOptions{Desired: d})
	if err != nil {
		return Result{}, err
	}
	c, _, err := iam.Plan(s, d, p)
	if err != nil {
		return Result{}, err
	}
	return Apply(ctx, client, c, o)
}
