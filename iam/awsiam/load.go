package awsiam

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// LoadOptions say what [Load] is to look at, by name. The zero value looks at
// nothing.
type LoadOptions struct {
	// Account is the caller's account, as sts:GetCallerIdentity shows it, and
	// Region the client's region. Both stand in the snapshot's head.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// Principal is the ARN of the user, the role, or the session of a role whose
	// permissions are asked about, with everything that bears on them.
	Principal string
	// Desired is what is going to be planned: the roles, policies, profiles and
	// providers of these names are looked at.
	Desired iam.Desired
	// Uses also looks for the instance profiles that hold the roles of Desired,
	// which [iam.PlanDelete] wants to know.
	Uses bool
	// Organizations shows the service control policies that the account of the
	// principal is under. Nil leaves them unseen.
	Organizations OrganizationsAPI
	// Progress is called whenever a thing has been read, with the number of things
	// that have and of those that are needed as far as is known. Calls of it do
	// not overlap.
	Progress func(done, total int)
}

// concurrentCalls bounds how many things are read at once. IAM throttles an
// account as a whole, console and all.
const concurrentCalls = 8

// Load reads what the options name. These are its calls, those of different
// things at once, every listing to its last page:
//
//	a role       iam:GetRole, iam:ListRolePolicies, iam:ListAttachedRolePolicies,
//	             iam:GetRolePolicy for each inline policy, and with Uses
//	             iam:ListInstanceProfilesForRole
//	a user       iam:GetUser, iam:ListUserPolicies, iam:ListAttachedUserPolicies,
//	             iam:GetUserPolicy, iam:ListGroupsForUser
//	one of Desired   iam:GetUser and iam:ListAttachedUserPolicies only
//	its groups   iam:ListGroupPolicies, iam:ListAttachedGroupPolicies, iam:GetGroupPolicy
//	a policy     iam:GetPolicy, iam:GetPolicyVersion, and for those of Desired
//	             iam:ListPolicyVersions
//	a profile    iam:GetInstanceProfile
//	a provider   iam:GetOpenIDConnectProvider
//	the SCPs     organizations:DescribeOrganization, organizations:ListParents and
//	             organizations:ListPoliciesForTarget for each level,
//	             organizations:DescribePolicy for each policy
//
// The policies of the principal are those that are attached to it and to its
// groups, and its permissions boundary. A role is asked for by its name, because
// the ARN of a session lacks the path.
//
// What could not be seen is no error: a call that is denied, throttled beyond
// the client's retries, timed out, cut or answered with something else than an
// answer of AWS leaves its part unseen, or partial where it holds something, with
// a [groundway.Gap] that names the action. A name that IAM does not know is an
// answer: its part is complete and does not hold it. Parts that nothing was asked
// of are unseen without a gap.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials
// cannot be loaded or are refused, when no request can be made, and where
// Principal is the ARN of none of those. The error's text holds nothing that AWS
// sent but its code; [errors.As] finds the SDK's error.
func Load(ctx context.Context, client LoadAPI, o LoadOptions) (iam.Snapshot, error) {
	s := iam.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	l := &loader{client: client, o: o, s: &s}
	if err := l.all(ctx); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return iam.Snapshot{}, fmt.Errorf("load identities: %w", err)
	}
	l.order()
	return s, nil
}

// A loader reads things at once and puts them into the parts of one snapshot.
type loader struct {
	client LoadAPI
	o      LoadOptions

	mu          sync.Mutex
	s           *iam.Snapshot
	done, total int
}

// locked lets no two calls write to the snapshot at once.
func (l *loader) locked(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// saw marks a part as one that was asked for, and adds what was seen.
func saw[T groundway.Keyed](l *loader, part *groundway.Part[T], items ...T) {
	l.locked(func() {
		part.Seen = true
		for _, item := range items {
			if item.Key() != "" && !slices.ContainsFunc(part.Items, func(have T) bool { return have.Key() == item.Key() }) {
				part.Items = append(part.Items, item)
			}
		}
	})
}

// failed returns the error that ends the reading, or notes the gap.
func failed[T groundway.Keyed](ctx context.Context, l *loader, part *groundway.Part[T], action string, err error) error {
	if stop := awserr.Stop(ctx, action, err); stop != nil {
		return stop
	}
	l.locked(func() {
		part.Partial = true
		if g := awserr.Gap(action, err); !slices.Contains(part.Gaps, g) {
			part.Gaps = append(part.Gaps, g)
		}
	})
	return nil
}

// order makes one snapshot of every order in which calls can end, and a part of
// which nothing was seen unseen.
func (l *loader) order() {
	p := &l.s.Parts
	settle(&p.Roles)
	settle(&p.Users)
	settle(&p.Inline)
	settle(&p.Attached)
	settle(&p.Policies)
	settle(&p.Profiles)
	settle(&p.Providers)
	settle(&p.SCPs)
}

func settle[T groundway.Keyed](part *groundway.Part[T]) {
	slices.SortFunc(part.Items, func(a, b T) int { return strings.Compare(a.Key(), b.Key()) })
	slices.SortFunc(part.Gaps, func(a, b groundway.Gap) int {
		return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	part.Gaps = slices.Compact(part.Gaps)
	if len(part.Gaps) > 0 && len(part.Items) == 0 {
		part.Seen, part.Partial = false, false
	}
}

// run reads things at once.
func (l *loader) run(ctx context.Context, things []func(context.Context) error) error {
	l.locked(func() { l.total += len(things) })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(concurrentCalls)
	for _, thing := range things {
		g.Go(func() error {
			if err := thing(ctx); err != nil {
				return err
			}
			l.locked(func() {
				l.done++
				if l.o.Progress != nil {
					l.o.Progress(l.done, l.total)
				}
			})
			return nil
		})
	}
	return g.Wait()
}

// all reads what has a name from the start, and then the policies that were
// found.
func (l *loader) all(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var first []func(context.Context) error
	roles := map[string]bool{} // by name, to whether it is desired
	var user string
	if l.o.Principal != "" {
		kind, name, err := principalName(l.o.Principal)
		switch {
		case err != nil:
			return err
		case kind == "role":
			roles[name] = false
		case kind == "user":
			user = name
		}
		// The root user has no policies of its own, and there is nothing to read.
	}
	for _, r := range l.o.Desired.Roles {
		roles[r.Name] = true
	}
	for name, desired := range roles {
		first = append(first, func(ctx context.Context) error { return l.role(ctx, name, desired && l.o.Uses) })
	}
	if user != "" {
		first = append(first, func(ctx context.Context) error { return l.user(ctx, user) })
	}
	for _, u := range l.o.Desired.Users {
		if u.User != user {
			first = append(first, func(ctx context.Context) error { return l.attachedUser(ctx, u.User) })
		}
	}
	wanted := map[string]bool{} // policies by ARN, to whether their versions are of interest
	for _, arn := range l.o.Desired.PolicyARNs() {
		wanted[arn] = true
	}
	for arn := range wanted {
		first = append(first, func(ctx context.Context) error { return l.policy(ctx, arn, true) })
	}
	for _, p := range l.o.Desired.Profiles {
		first = append(first, func(ctx context.Context) error { return l.profile(ctx, p.Name) })
	}
	for _, p := range l.o.Desired.Providers {
		first = append(first, func(ctx context.Context) error { return l.provider(ctx, l.o.Desired.ProviderARN(p)) })
	}
	if l.o.Organizations != nil && l.o.Principal != "" {
		first = append(first, l.scps)
	}
	if err := l.run(ctx, first); err != nil || l.o.Principal == "" {
		return err
	}
	var second []func(context.Context) error
	for _, arn := range l.bearing() {
		if !wanted[arn] {
			second = append(second, func(ctx context.Context) error { return l.policy(ctx, arn, false) })
		}
	}
	return l.run(ctx, second)
}

// principalName returns the kind and the name of who asks.
func principalName(text string) (kind, name string, err error) {
	a, err := iam.ParseARN(text)
	if err != nil {
		return "", "", err
	}
	switch kind, rest := a.ResourceType(), a.ResourceName(); {
	case a.Service == "iam" && a.Resource == "root":
		return "root", "", nil
	case a.Service == "iam" && (kind == "role" || kind == "user"):
		return kind, rest[strings.LastIndexByte(rest, '/')+1:], nil
	case a.Service == "sts" && kind == "assumed-role":
		name, _, _ := strings.Cut(rest, "/")
		return "role", name, nil
	}
	return "", "", fmt.Errorf("principal %q: want the ARN of a user, a role, the session of a role, or the root user", text)
}

// bearing returns the ARNs of the managed policies that bear on the principal.
func (l *loader) bearing() []string {
	var list []string
	for _, a := range l.s.Attached.Items {
		list = append(list, a.ARN)
	}
	for _, r := range l.s.Roles.Items {
		list = append(list, r.Boundary)
	}
	for _, u := range l.s.Users.Items {
		list = append(list, u.Boundary)
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(arn string) bool { return arn == "" })
}
