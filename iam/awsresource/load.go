package awsresource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	// Account is the caller's account, as sts:GetCallerIdentity shows it, and
	// Region the clients' region. Both stand in the snapshot's head.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// Progress is called when a call has ended, with how many have and how many there
	// are so far. It is not called by two goroutines at once.
	Progress func(done, total int)
}

// Load reads what the options name: by its name where AWS has a call for that, and
// from a listing otherwise (instance profiles, stacks, and the account's own buckets).
// The calls are all made at once, but for the policies of KMS keys, which AWS shows
// by the ID that a first call returns. What the options do not name is not asked for:
// its part is unseen, and needs no permission.
//
// That AWS knows nothing of a name is an answer, see [resource.Presence]. What could
// not be seen is no error: a call that is denied, throttled beyond the client's
// retries, timed out, cut or answered with something else than an answer of AWS leaves
// its part unseen or partial, with a [groundway.Gap] that names the action and what it
// was asked about.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials cannot be
// loaded or are refused, and when no request can be made, as without a region. The
// error's text holds nothing that AWS sent but its code; [errors.As] finds the SDK's
// error.
//
// Retries and timeouts are the clients'.
func Load(ctx context.Context, c Clients, names resource.Options, o LoadOptions) (resource.Snapshot, error) {
	s := resource.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	group, inner := errgroup.WithContext(ctx)
	l := &loader{ctx: inner, group: group, o: o, names: names, region: cmp.Or(o.Region, names.Region)}
	settle := []func(){
		l.users(c, &s.Parts), l.roles(c, &s.Parts), l.profiles(c, &s.Parts), l.instances(c, &s.Parts), l.tables(c, &s.Parts), l.keys(c, &s.Parts),
		l.buckets(c, &s.Parts), l.secrets(c, &s.Parts), l.repositories(c, &s.Parts), l.stacks(c, &s.Parts), l.fileSystems(c, &s.Parts),
	}
	l.begin()
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return resource.Snapshot{}, fmt.Errorf("load resources: %w", err)
	}
	for _, f := range settle {
		f()
	}
	return s, nil
}

// A loader makes the calls of one reading.
type loader struct {
	ctx    context.Context
	group  *errgroup.Group
	o      LoadOptions
	names  resource.Options
	region string
	calls  []func() error

	mu          sync.Mutex
	done, total int
}

// call adds a call, which fills a place of its own. What keeps it from being answered
// goes to the gaps of the place, unless reading has to stop for it.
func (l *loader) call(action string, gaps *[]groundway.Gap, do func(ctx context.Context) error) {
	l.calls = append(l.calls, func() error {
		err := do(l.ctx)
		if err == nil {
			return nil
		}
		if within, ok := err.(stopped); ok {
			return within.error
		}
		if stop := awserr.Stop(l.ctx, action, err); stop != nil {
			return stop
		}
		*gaps = append(*gaps, awserr.Gap(action, err))
		return nil
	})
}

// begin makes all calls at once.
func (l *loader) begin() {
	l.total = len(l.calls)
	for _, call := range l.calls {
		l.group.Go(func() error {
			err := call()
			l.mu.Lock()
			defer l.mu.Unlock()
			l.done++
			if l.o.Progress != nil && err == nil {
				l.o.Progress(l.done, l.total)
			}
			return err
		})
	}
}

// found notes the presence of what a call asked about: an error that says so is an
// answer.
func found(presence *resource.Presence, err error) error {
	if awserr.Classify(err) == awserr.NotFound {
		*presence = resource.Absent
		return nil
	}
	return err
}

// A named is what was seen of one name, by several calls at once.
type named[T any] struct {
	name string
	item T
	gaps [][]groundway.Gap // of each call: none writes to those of another
}

// place returns where a call notes its gaps.
func (n *named[T]) place() *[]groundway.Gap {
	n.gaps = append(n.gaps, nil)
	return &n.gaps[len(n.gaps)-1]
}

// places returns the places of so many names.
func places[T any](names []string, calls int) []*named[T] {
	var list []*named[T]
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name != "" {
			list = append(list, &named[T]{name: name, gaps: make([][]groundway.Gap, 0, calls)})
		}
	}
	return list
}

// join makes a part of what was seen of the names. A name of which the first call
// was not answered is no item.
func join[T groundway.Keyed](part *groundway.Part[T], list []*named[T]) {
	if len(list) == 0 {
		return
	}
	part.Seen = true
	for _, n := range list {
		for _, gaps := range n.gaps {
			for _, g := range gaps {
				part.Gaps = append(part.Gaps, resource.About(n.name, g))
			}
		}
		if n.item.Key() != "" {
			part.Items = append(part.Items, n.item)
		}
	}
	part.Partial = len(part.Gaps) > 0
	if part.Partial && len(part.Items) == 0 {
		part.Seen, part.Partial = false, false
	}
}

// noClient is the gap of a service that nobody asked.
func noClient(action string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "there is no client of the service"}
}

// without reports whether there is no client for what is named, after it recorded
// that.
func without[T any](missing bool, part *groundway.Part[T], action string, named int) bool {
	if missing && named > 0 {
		*part = groundway.UnseenPart[T](noClient(action))
	}
	return missing || named == 0
}

func nothing() {}

// maxPages is how many pages of one listing are read, far above any quota.
const maxPages = 256

// pages reads every page of a listing into a part of its own.
func pages[T groundway.Keyed](part *groundway.Part[T], get func(token *string) (items []T, answered bool, next *string, err error)) error {
	var token *string
	places := map[string]int{}
	for range maxPages {
		items, answered, next, err := get(token)
		if err == nil && !answered {
			err = awserr.ErrNoList
		}
		if err != nil {
			part.Partial = part.Seen
			return err
		}
		part.Seen = true
		for _, item := range items {
			at, twice := places[item.Key()]
			switch {
			case item.Key() == "":
				part.Partial = true
			case twice: // a listing that changes under way may show an item twice
				part.Items[at] = item
			default:
				places[item.Key()] = len(part.Items)
				part.Items = append(part.Items, item)
			}
		}
		if next == nil || *next == "" {
			return nil
		}
		if token != nil && *token == *next {
			break
		}
		token = next
	}
	part.Partial = true
	return awserr.ErrNoList
}

// listed adds a call that reads a listing.
func listed[T groundway.Keyed](l *loader, part *groundway.Part[T], action string, get func(ctx context.Context, token *string) (items []T, answered bool, next *string, err error)) {
	var gaps []groundway.Gap
	l.call(action, &gaps, func(ctx context.Context) error {
		return pages(part, func(token *string) ([]T, bool, *string, error) { return get(ctx, token) })
	})
	call := l.calls[len(l.calls)-1]
	l.calls[len(l.calls)-1] = func() error {
		err := call()
		part.Gaps = append(part.Gaps, gaps...)
		if part.Partial && len(part.Gaps) == 0 {
			part.Gaps = []groundway.Gap{{Action: action, Message: "an item of the answer has no name"}}
		}
		return err
	}
}
