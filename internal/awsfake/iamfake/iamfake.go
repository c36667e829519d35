// Package iamfake answers for AWS IAM, with the identities of one account that it
// holds itself.
//
// It is eventually consistent where a test asks it to be, and refuses what the API
// reference says IAM refuses, which emulators let pass: a trust policy that names
// a principal which it does not see yet, a second role in an instance profile, a
// sixth version of a policy, the deletion of what is in use. See
// https://docs.aws.amazon.com/IAM/latest/APIReference/.
package iamfake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// Account is the account that the fake answers for.
const Account = "111122223333"

// An IAM is the identities of an account. Its zero value has none. It is safe for
// use by several goroutines.
type IAM struct {
	// Lag is how many calls later a change is seen; until then reading calls, and
	// writing calls that need what was changed, act on what was there before.
	Lag int

	mu      sync.Mutex
	calls   int
	history []change // the last is how things are
	ids     int
}

// A change is a state of the account with the call after which it is seen.
type change struct {
	seen int
	world
}

// A world is all that there is. Names are compared without regard to case, so
// that they stand in lower case as keys.
type world struct {
	roles     map[string]role
	users     map[string]user
	groups    map[string]group
	policies  map[string]policy // by ARN
	profiles  map[string]profile
	providers map[string]provider // by ARN
}

type owned struct {
	inline   map[string]string
	attached []string // ARNs
}

type role struct {
	owned
	name, path, id, trust, description, boundary string
	maxSession                                   int
	tags                                         map[string]string
}

type user struct {
	owned
	name, path, id, boundary string
	groups                   []string
}

type group struct {
	owned
	name string
}

type policy struct {
	arn, name, path, description, standard string
	versions                               map[string]string // to the document
	order                                  []string
	next                                   int
	tags                                   map[string]string
}

type profile struct {
	name, path, id string
	roles          []string
	tags           map[string]string
}

type provider struct {
	arn, url               string
	clientIDs, thumbprints []string
	tags                   map[string]string
}

func (o owned) clone() owned {
	return owned{maps.Clone(o.inline), slices.Clone(o.attached)}
}

// clone returns a world that shares nothing that is written into.
func (w world) clone() world {
	c := world{map[string]role{}, map[string]user{}, map[string]group{}, map[string]policy{}, map[string]profile{}, map[string]provider{}}
	for k, v := range w.roles {
		v.owned, v.tags = v.owned.clone(), maps.Clone(v.tags)
		c.roles[k] = v
	}
	for k, v := range w.users {
		v.owned, v.groups = v.owned.clone(), slices.Clone(v.groups)
		c.users[k] = v
	}
	for k, v := range w.groups {
		v.owned = v.owned.clone()
		c.groups[k] = v
	}
	for k, v := range w.policies {
		v.versions, v.order, v.tags = maps.Clone(v.versions), slices.Clone(v.order), maps.Clone(v.tags)
		c.policies[k] = v
	}
	for k, v := range w.profiles {
		v.roles, v.tags = slices.Clone(v.roles), maps.Clone(v.tags)
		c.profiles[k] = v
	}
	for k, v := range w.providers {
		v.clientIDs, v.thumbprints, v.tags = slices.Clone(v.clientIDs), slices.Clone(v.thumbprints), maps.Clone(v.tags)
		c.providers[k] = v
	}
	return c
}

// now returns how things are.
func (f *IAM) now() world {
	if len(f.history) == 0 {
		f.history = []change{{0, world{}.clone()}}
	}
	return f.history[len(f.history)-1].world
}

// seen returns how things look to a call: as they were before the last change, if
// it is stale, or before those that are not seen yet.
func (f *IAM) seen(stale bool) world {
	f.now()
	if stale && len(f.history) > 1 {
		return f.history[len(f.history)-2].world
	}
	for _, c := range slices.Backward(f.history) {
		if c.seen <= f.calls {
			return c.world
		}
	}
	return f.history[0].world
}

// change makes a change.
func (f *IAM) change(write func(*world)) {
	w := f.now().clone()
	write(&w)
	f.history = append(f.history, change{f.calls + f.Lag, w})
}

// id returns a unique identifier with the prefix of its kind.
func (f *IAM) id(prefix string) string {
	f.ids++
	return fmt.Sprintf("%s%016d", prefix, f.ids)
}

func arn(resource string) string { return "arn:aws:iam::" + Account + ":" + resource }

func (r role) arn() string       { return arn("role" + r.path + r.name) }
func (u user) arn() string       { return arn("user" + u.path + u.name) }
func (p profile) arn() string    { return arn("instance-profile" + p.path + p.name) }
func (g group) arn() string      { return arn("group/" + g.name) }
func lower(name string) string   { return strings.ToLower(name) }
func orSlash(path string) string { return cmp.Or(path, "/") }

// errorf returns an error of IAM with its own status.
func errorf(status int, code, format string, args ...any) *awsfake.Error {
	return &awsfake.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func noSuch(what, name string) *awsfake.Error {
	return errorf(http.StatusNotFound, "NoSuchEntity", "The %s with name %s cannot be found.", what, name)
}

func exists(what, name string) *awsfake.Error {
	return errorf(http.StatusConflict, "EntityAlreadyExists", "%s with name %s already exists.", what, name)
}

// AddUser makes a user with inline policies, by name, that is in the groups.
func (f *IAM) AddUser(name, path string, inline map[string]string, groups ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(func(w *world) {
		w.users[lower(name)] = user{owned: owned{inline: inline}, name: name, path: orSlash(path), id: f.id("AIDA"), groups: groups}
	})
	f.settle()
}

// AddGroup makes a group with inline policies, by name.
func (f *IAM) AddGroup(name string, inline map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(func(w *world) { w.groups[lower(name)] = group{owned: owned{inline: inline}, name: name} })
	f.settle()
}

// AddRole makes a role with inline policies, by name, and tags.
func (f *IAM) AddRole(name, path, trust string, inline, tags map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(func(w *world) {
		w.roles[lower(name)] = role{owned: owned{inline: inline}, name: name, path: orSlash(path), id: f.id("AROA"), trust: trust, maxSession: 3600, tags: tags}
	})
	f.settle()
}

// AddPolicy makes a managed policy and returns its ARN. One of AWS's is given by
// its ARN as the name.
func (f *IAM) AddPolicy(name, document string, tags map[string]string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := policy{arn: arn("policy/" + name), name: name, path: "/", standard: "v1", versions: map[string]string{"v1": document}, order: []string{"v1"}, next: 2, tags: tags}
	if strings.HasPrefix(name, "arn:") {
		p.arn, p.name = name, name[strings.LastIndexByte(name, '/')+1:]
	}
	f.change(func(w *world) { w.policies[p.arn] = p })
	f.settle()
	return p.arn
}

// Attach attaches a policy to "user/NAME", "group/NAME" or "role/NAME".
func (f *IAM) Attach(to, policyARN string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(func(w *world) { must(w.edit(to, func(o *owned) { o.attached = append(o.attached, policyARN) })) })
	f.settle()
}

// Bound sets the permissions boundary of "user/NAME" or "role/NAME".
func (f *IAM) Bound(who, policyARN string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(func(w *world) {
		kind, name, _ := strings.Cut(who, "/")
		if kind == "user" {
			u := w.users[lower(name)]
			u.boundary = policyARN
			w.users[lower(name)] = u
			return
		}
		r := w.roles[lower(name)]
		r.boundary = policyARN
		w.roles[lower(name)] = r
	})
	f.settle()
}

// From returns the identities of a snapshot, of the account [Account]. What is
// attached and not among the policies is one that allows nothing of interest.
func From(s iam.Snapshot) *IAM {
	f := &IAM{}
	f.change(func(w *world) {
		of := func(who string) owned {
			o := owned{inline: map[string]string{}}
			for _, p := range s.Inline.Items {
				if p.Owner == who {
					o.inline[p.Name] = p.Document
				}
			}
			for _, a := range s.Attached.Items {
				if a.Owner == who {
					o.attached = append(o.attached, a.ARN)
					if _, ok := w.policies[a.ARN]; !ok {
						w.policies[a.ARN] = standIn(a.ARN)
					}
				}
			}
			return o
		}
		for _, r := range s.Roles.Items {
			w.roles[lower(r.Name)] = role{of("role/" + r.Name), r.Name, orSlash(r.Path), cmp.Or(r.ID, f.id("AROA")), r.Trust, r.Description, r.Boundary, cmp.Or(r.MaxSession, 3600), r.Tags}
		}
		for _, u := range s.Users.Items {
			w.users[lower(u.Name)] = user{of("user/" + u.Name), u.Name, orSlash(u.Path), cmp.Or(u.ID, f.id("AIDA")), u.Boundary, u.Groups}
			for _, g := range u.Groups {
				w.groups[lower(g)] = group{of("group/" + g), g}
			}
		}
		for _, p := range s.Policies.Items {
			made := policy{arn: p.ARN, name: p.Name, path: orSlash(p.Path), description: p.Description, standard: cmp.Or(p.Default, "v1"), order: p.Versions, tags: p.Tags, versions: map[string]string{}}
			if len(made.order) == 0 {
				made.order = []string{made.standard}
			}
			for _, v := range made.order {
				made.versions[v] = p.Document
			}
			made.next, _ = strconv.Atoi(strings.TrimPrefix(made.order[len(made.order)-1], "v"))
			made.next++
			w.policies[p.ARN] = made
		}
		for _, p := range s.Profiles.Items {
			w.profiles[lower(p.Name)] = profile{p.Name, orSlash(p.Path), f.id("AIPA"), p.Roles, p.Tags}
		}
		for _, p := range s.Providers.Items {
			w.providers[p.ARN] = provider{p.ARN, p.URL, p.ClientIDs, p.Thumbprints, p.Tags}
		}
	})
	f.settle()
	return f
}

// standIn is a policy of which only the name is known.
func standIn(arn string) policy {
	const text = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}}`
	return policy{arn: arn, name: arn[strings.LastIndexByte(arn, '/')+1:], path: "/", standard: "v1", versions: map[string]string{"v1": text}, order: []string{"v1"}, next: 2}
}

// settle shows all changes at once.
func (f *IAM) settle() {
	f.history = []change{{0, f.now()}}
}

func must(err error) {
	if err != nil {
		panic("iamfake: " + err.Error())
	}
}

// edit changes the policies of "user/NAME", "group/NAME" or "role/NAME".
func (w *world) edit(who string, write func(*owned)) error {
	kind, name, _ := strings.Cut(who, "/")
	switch key := lower(name); kind {
	case "user":
		if u, ok := w.users[key]; ok {
			write(&u.owned)
			w.users[key] = u
			return nil
		}
	case "group":
		if g, ok := w.groups[key]; ok {
			write(&g.owned)
			w.groups[key] = g
			return nil
		}
	case "role":
		if r, ok := w.roles[key]; ok {
			write(&r.owned)
			w.roles[key] = r
			return nil
		}
	}
	return noSuch(kind, name)
}

// attachments counts who has a policy, and whom it bounds.
func (w world) attachments(policyARN string) (attached, bounds int) {
	count := func(o owned, boundary string) {
		if slices.Contains(o.attached, policyARN) {
			attached++
		}
		if boundary == policyARN {
			bounds++
		}
	}
	for _, r := range w.roles {
		count(r.owned, r.boundary)
	}
	for _, u := range w.users {
		count(u.owned, u.boundary)
	}
	for _, g := range w.groups {
		count(g.owned, "")
	}
	return attached, bounds
}

// Service returns the service that answers from the identities.
func (f *IAM) Service() awsfake.Service {
	s := awsfake.Service{
		Name: "iam", Protocol: awsfake.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Operations: map[string]awsfake.Operation{},
	}
	for name, read := range reads {
		s.Operations[name] = func(r awsfake.Request) (any, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.calls++
			return read(f.seen(r.Stale), r)
		}
	}
	for name, write := range writes {
		s.Operations[name] = func(r awsfake.Request) (any, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.calls++
			return write(f, f.seen(r.Stale), r)
		}
	}
	return s
}
