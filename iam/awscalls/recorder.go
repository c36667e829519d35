package awscalls

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/groundway-sdk/groundway/iam"
)

// A Call is one operation that a client was asked for. Nothing of its input is kept
// but the identifiers of resources: no documents, no data, no secrets.
type Call struct {
	Service   string   `json:"service"`   // the service ID of the SDK: "EC2"
	Operation string   `json:"operation"` // "DescribeVpcs"
	Resources []string `json:"resources,omitempty"`

	named named
}

// A Recorder notes the calls of the clients that it is attached to. Its zero value
// is ready. It is safe for use by several goroutines.
type Recorder struct {
	mu    sync.Mutex
	calls []Call
}

// Attach puts the recorder into a stack of middleware. It is one of
// aws.Config.APIOptions, for all clients of the configuration, or of the options
// of one client.
func (r *Recorder) Attach(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("groundway.Recorder", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		r.note(callOf(ctx, in))
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

// callOf is the call that a stack is about to make.
func callOf(ctx context.Context, in middleware.InitializeInput) Call {
	c := Call{Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx)}
	c.named = namedIn(c.Service, in.Parameters)
	c.Resources = c.named.all()
	return c
}

func (r *Recorder) note(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

// Calls returns the calls so far, in the order in which they were made. What the SDK
// tries again is one call.
func (r *Recorder) Calls() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Permissions returns the IAM actions that the calls need, in alphabetical order,
// iam:PassRole included where one hands on a role, and what it takes to set tags. The
// error joins what could not be mapped; the actions of the others are returned beside it.
func (r *Recorder) Permissions(c iam.Catalog) ([]string, error) {
	needs, err := r.needs(iam.Scope{}, c)
	var list []string
	for _, n := range needs {
		list = append(list, string(n.Action))
	}
	slices.Sort(list)
	return slices.Compact(list), err
}

// Requirement returns the least policy that would have allowed the calls: each
// action on the resources that the calls named, on all of a type where they named
// none, and on "*" where it takes no resource. A program that makes what it then
// names needs more than one run showed: identifiers differ from run to run, so that
// [iam.Requirements] of Permissions is the policy for the next one.
func (r *Recorder) Requirement(scope iam.Scope, c iam.Catalog) (iam.Document, error) {
	if scope == (iam.Scope{}) {
		return iam.Document{}, errors.New("requirement of calls: the scope is the zero value")
	}
	needs, err := r.needs(scope, c)
	if err != nil {
		return iam.Document{}, err
	}
	on := map[iam.Action][]string{}
	for _, n := range needs {
		on[n.Action] = append(on[n.Action], n.Resource)
	}
	byResources := map[string][]iam.Action{}
	for a, resources := range on {
		slices.Sort(resources)
		key := strings.Join(slices.Compact(resources), "\n")
		byResources[key] = append(byResources[key], a)
	}
	var statements []iam.Statement
	for key, actions := range byResources {
		slices.Sort(actions)
		statements = append(statements, iam.Allow(actions...).On(strings.Split(key, "\n")...))
	}
	slices.SortFunc(statements, func(a, b iam.Statement) int { return strings.Compare(string(a.Actions[0]), string(b.Actions[0])) })
	if len(statements) == 0 {
		return iam.Document{}, errors.New("requirement of calls: no call needs a permission")
	}
	return iam.NewDocument(statements...)
}

// needs are what the calls need, each once.
func (r *Recorder) needs(scope iam.Scope, c iam.Catalog) ([]iam.Need, error) {
	var needs []iam.Need
	var errs []error
	seen := map[iam.Action]map[string]bool{}
	for _, call := range r.Calls() {
		own, err := call.needs(scope, c)
		if err != nil && !slices.ContainsFunc(errs, func(e error) bool { return e.Error() == err.Error() }) {
			errs = append(errs, err)
		}
		for _, n := range own {
			if seen[n.Action] == nil {
				seen[n.Action] = map[string]bool{}
			}
			if !seen[n.Action][n.Resource] {
				seen[n.Action][n.Resource] = true
				needs = append(needs, n)
			}
		}
	}
	return needs, errors.Join(errs...)
}

// needs are the requests that AWS decides for one call.
func (c Call) needs(scope iam.Scope, catalog iam.Catalog) ([]iam.Need, error) {
	actions, err := ActionsOf(c.Service, c.Operation, catalog)
	if err != nil {
		return nil, err
	}
	var needs []iam.Need
	for _, a := range actions {
		for _, resource := range c.named.resources(a, scope, catalog) {
			needs = append(needs, iam.Need{Action: a, Resource: resource})
		}
	}
	for _, kind := range c.named.tagged {
		needs = append(needs, iam.Need{Action: createTags, Resource: scope.ARN("ec2", kind+"/*")})
	}
	if a, ok := tagging[c.Service][c.Operation]; ok && c.named.tags {
		for _, resource := range c.named.resources(a, scope, catalog) {
			needs = append(needs, iam.Need{Action: a, Resource: resource})
		}
	}
	switch role := scope.ARN("iam", "role/*"); {
	case c.Service == "IAM" && c.Operation == "AddRoleToInstanceProfile":
		for _, name := range c.named.values["RoleNameWithPath"] {
			needs = append(needs, iam.Need{Action: passRole, Resource: scope.ARN("iam", "role/"+name)})
		}
	case c.named.passes:
		passed := false
		for _, arn := range c.named.roles {
			if strings.HasPrefix(arn, "arn:") {
				needs, passed = append(needs, iam.Need{Action: passRole, Resource: arn}), true
			}
		}
		if !passed {
			// A profile is named, and which role it holds is not known here.
			needs = append(needs, iam.Need{Action: passRole, Resource: role})
		}
	}
	return needs, nil
}
