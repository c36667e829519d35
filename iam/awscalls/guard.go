package awscalls

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/groundway-sdk/groundway/iam"
)

// ErrRefused means that a [Guard] refused a call. Nothing was sent.
var ErrRefused = errors.New("the policy would not allow the call")

// GuardOptions say by which policies a [Guard] decides. Principal, Scope and Catalog
// have no default.
type GuardOptions struct {
	Policies  iam.Policies
	Principal string      // who is taken to ask: the ARN of a user or role
	Scope     iam.Scope   // of the resources that calls name by identifiers
	Catalog   iam.Catalog // catalog.Catalog{} of package iam/catalog
	// Context holds the condition keys that requests have. aws:RequestedRegion is
	// that of the client. What depends on another key is refused.
	Context iam.Context
}

// A Guard refuses calls that policies would not allow. It is safe for use by several
// goroutines.
type Guard struct {
	o          GuardOptions
	authorizer *iam.Authorizer
}

// NewGuard returns a guard. The error says which option is missing, or is that of
// [iam.Compile].
func NewGuard(o GuardOptions) (*Guard, error) {
	switch {
	case o.Principal == "":
		return nil, errors.New("new guard: no principal is given")
	case o.Scope == (iam.Scope{}):
		return nil, errors.New("new guard: the scope is the zero value")
	case o.Catalog == nil:
		return nil, errors.New("new guard: no catalog is given")
	}
	a, err := iam.Compile(o.Policies)
	if err != nil {
		return nil, fmt.Errorf("new guard: %w", err)
	}
	return &Guard{o, a}, nil
}

// Attach puts the guard into a stack of middleware, as [Recorder.Attach] does. A
// call is sent if every action that it needs is allowed on everything that it names;
// it is refused with [ErrRefused] if one is denied, if it depends on a condition key
// that is not known, or if the operation cannot be mapped to actions.
func (g *Guard) Attach(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("groundway.Guard", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if err := g.check(callOf(ctx, in), awsmiddleware.GetRegion(ctx)); err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

func (g *Guard) check(c Call, region string) error {
	needs, err := c.needs(g.o.Scope, g.o.Catalog)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	keys := maps.Clone(g.o.Context)
	if keys == nil {
		keys = iam.Context{}
	}
	if _, given := keys["aws:RequestedRegion"]; !given && region != "" {
		keys["aws:RequestedRegion"] = []string{region}
	}
	for _, n := range needs {
		d, err := g.authorizer.Authorize(iam.Request{Principal: g.o.Principal, Action: n.Action, Resource: n.Resource, Context: keys, Partial: true})
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrRefused, err)
		case d.Verdict == iam.Undetermined:
			return fmt.Errorf("%w: %s depends on %s", ErrRefused, n, strings.Join(d.Missing, ", "))
		case d.Verdict != iam.Allowed:
			return fmt.Errorf("%w: %s is %s by the %s policies", ErrRefused, n, d.Verdict, d.Layer)
		}
	}
	return nil
}
