package resolver

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
)

// Options are what [Load] may be told. The zero value asks the public DNS.
type Options struct {
	// Roots are the servers at which the walk begins; empty: the root servers of
	// the public DNS, by their IPv4 addresses.
	Roots []netip.Addr
	Port  int // of every server; zero: 53
	// Dial opens connections, "udp" or "tcp"; nil: those of [net.Dialer].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Recursive is the address of a resolver that is asked with recursion, with or
	// without a port; empty: none is.
	Recursive string
	Timeout   time.Duration // of one exchange; zero: 2 seconds
	Attempts  int           // at one address; zero: 2
	// Patience bounds the time for all questions together; zero: 30 seconds. What
	// was not answered by then was not answered.
	Patience time.Duration
	// Queries bounds the number of queries of one question; zero: 200.
	Queries int
}

func (o Options) withDefaults() Options {
	if len(o.Roots) == 0 {
		o.Roots = roots
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	o.Port = cmp.Or(o.Port, 53)
	o.Timeout = cmp.Or(o.Timeout, 2*time.Second)
	o.Attempts = cmp.Or(o.Attempts, 2)
	o.Patience = cmp.Or(o.Patience, 30*time.Second)
	o.Queries = cmp.Or(o.Queries, 200)
	return o
}

// roots are the addresses of a.root-servers.net to m.root-servers.net, see
// https://www.internic.net/domain/named.root.
var roots = []netip.Addr{
	netip.MustParseAddr("198.41.0.4"), netip.MustParseAddr("170.247.170.2"), netip.MustParseAddr("192.33.4.12"),
	netip.MustParseAddr("199.7.91.13"), netip.MustParseAddr("192.203.230.10"), netip.MustParseAddr("192.5.5.241"),
	netip.MustParseAddr("192.112.36.4"), netip.MustParseAddr("198.97.190.53"), netip.MustParseAddr("192.36.148.17"),
	netip.MustParseAddr("192.58.128.30"), netip.MustParseAddr("193.0.14.129"), netip.MustParseAddr("199.7.83.42"),
	netip.MustParseAddr("202.12.27.33"),
}

// A Question is a zone whose delegation is asked for.
type Question struct {
	Name    route53.Name
	Servers []route53.Name // to ask besides those that the parent names: the zone's delegation set
}

// Questions returns what is to be asked for the domain: the name of every public
// zone of the snapshot that encloses it, with the delegation sets of all zones
// of that name, the longest name first.
func Questions(s route53.Snapshot, domain route53.Name) []Question {
	var questions []Question
	for _, c := range route53.Candidates(s, domain) {
		if c.Zone.Visibility != route53.Public {
			continue
		}
		if n := len(questions); n == 0 || questions[n-1].Name != c.Zone.Name {
			questions = append(questions, Question{Name: c.Zone.Name})
		}
		if c.Detail != nil {
			q := &questions[len(questions)-1]
			q.Servers = sortedNames(append(q.Servers, c.Detail.NameServers...))
		}
	}
	return questions
}

func sortedNames(names []route53.Name) []route53.Name {
	names = slices.Clone(names)
	slices.SortFunc(names, route53.Name.Compare)
	return slices.Compact(names)
}

// Load asks the questions, at the same time. It returns an error, and no part,
// only where ctx ends or the options cannot be right.
func Load(ctx context.Context, questions []Question, o Options) (groundway.Part[route53.Delegation], error) {
	part, err := load(ctx, questions, o.withDefaults())
	if err != nil {
		return groundway.Part[route53.Delegation]{}, fmt.Errorf("ask the DNS: %w", err)
	}
	return part, nil
}

func load(ctx context.Context, questions []Question, o Options) (groundway.Part[route53.Delegation], error) {
	recursive, err := recursiveAddress(o.Recursive)
	if err != nil {
		return groundway.Part[route53.Delegation]{}, err
	}
	patient, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	items := make([]route53.Delegation, len(questions))
	var wait sync.WaitGroup
	for i, q := range questions {
		wait.Go(func() {
			w := &walker{o: o, answers: map[query]answer{}}
			items[i] = w.delegation(patient, q, recursive)
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return groundway.Part[route53.Delegation]{}, err
	}
	return groundway.SeenPart(items...), nil
}

// recursiveAddress returns host and port of the resolver, or the zero value.
func recursiveAddress(text string) (netip.AddrPort, error) {
	if text == "" {
		return netip.AddrPort{}, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("the resolver %q is no address; want one such as 192.0.2.53 or 127.0.0.1:5353", text)
	}
	return a, nil
}

// delegation asks all that there is to ask of one name.
func (w *walker) delegation(ctx context.Context, q Question, recursive netip.AddrPort) route53.Delegation {
	d := route53.Delegation{Name: q.Name}
	var glue map[route53.Name][]netip.Addr
	d.Parent, glue = w.referral(ctx, q.Name)
	servers := sortedNames(slices.Concat(d.Parent.NameServers, q.Servers))
	answers := make([]route53.ServerAnswer, len(servers))
	var wait sync.WaitGroup
	if recursive.IsValid() {
		wait.Go(func() { d.Recursive = w.recursive(ctx, q.Name, recursive) })
	}
	turns := make(chan struct{}, concurrentServers)
	for i, n := range servers {
		turns <- struct{}{}
		wait.Go(func() {
			answers[i] = w.server(ctx, q.Name, n, glue[n])
			<-turns
		})
	}
	wait.Wait()
	if len(answers) > 0 {
		d.Servers = answers
	}
	return d
}

// concurrentServers bounds how many servers are asked at once.
const concurrentServers = 8
