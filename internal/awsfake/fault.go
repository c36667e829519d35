package awsfake

import (
	"strings"
	"time"
)

// A Fault is one way in which AWS, or the network before it, misbehaves. Its
// zero value changes nothing. After and Times choose the calls that it meets;
// the other fields can be combined.
type Fault struct {
	After int // calls of the action that are let through first
	Times int // calls that it meets from then on; zero: all

	Delay    time.Duration // answer so much later
	Hang     bool          // never answer; a call ends when its client gives up
	Gather   int           // answer when so many calls have come to it
	Refuse   Refusal       // answer with an error, in the service's own form
	Error    *Error        // answer with this error, likewise
	Echo     bool          // answer with an error that shows the request's credentials
	Body     *string       // answer 200 with this in place of an answer
	Status   int           // with Body: another status
	Cut      bool          // break the connection in the middle of the body
	Drop     bool          // break the connection before the answer
	PageSize int           // items a page, if fewer than the client asks for
	Stale    bool          // answer from the state before the last change
}

// A Refusal is an error whose code and status differ from protocol to protocol.
type Refusal uint8

// The refusals. The zero value is none.
const (
	Denied Refusal = 1 + iota
	Throttled
)

// Deny answers that the caller is not authorized.
func Deny() Fault { return Fault{Refuse: Denied} }

// Throttle answers that there were too many calls.
func Throttle() Fault { return Fault{Refuse: Throttled} }

// Fail answers with an error of this status and code.
func Fail(status int, code string) Fault {
	return Fault{Error: &Error{Status: status, Code: code, Message: "the fake was told to fail"}}
}

// Delay answers correctly, and later.
func Delay(d time.Duration) Fault { return Fault{Delay: d} }

// Hang never answers.
func Hang() Fault { return Fault{Hang: true} }

// Gather holds back its answers until n calls wait for one. Without n calls at
// once it hangs: that a client gets an answer proves that it makes them at once.
func Gather(n int) Fault { return Fault{Gather: n} }

// Cut breaks the connection in the middle of the answer.
func Cut() Fault { return Fault{Cut: true} }

// Drop breaks the connection before the answer.
func Drop() Fault { return Fault{Drop: true} }

// Garbage answers 200 with a body of no protocol.
func Garbage(body string) Fault { return Fault{Body: &body} }

// Echo answers with an error whose code and message repeat the authorization
// and the session token of the request.
func Echo() Fault { return Fault{Echo: true} }

// Pages answers with pages of at most n items.
func Pages(n int) Fault { return Fault{PageSize: n} }

// Stale answers from the state before the last change.
func Stale() Fault { return Fault{Stale: true} }

// For returns the fault for n calls only.
func (f Fault) For(n int) Fault { f.Times = n; return f }

// From returns the fault for the calls after the first n.
func (f Fault) From(n int) Fault { f.After = n; return f }

// and returns both faults as one; where they contradict each other the first
// holds.
func (f Fault) and(g Fault) Fault {
	f.Delay += g.Delay
	f.Hang = f.Hang || g.Hang
	f.Gather = max(f.Gather, g.Gather)
	f.Cut = f.Cut || g.Cut
	f.Drop = f.Drop || g.Drop
	f.Stale = f.Stale || g.Stale
	if f.PageSize == 0 {
		f.PageSize = g.PageSize
	}
	if !f.replaces() {
		f.Refuse, f.Error, f.Echo, f.Body, f.Status = g.Refuse, g.Error, g.Echo, g.Body, g.Status
	}
	return f
}

// replaces reports whether the service is not asked at all.
func (f Fault) replaces() bool { return f.Refuse != 0 || f.Error != nil || f.Echo || f.Body != nil }

// Script makes calls of an action, "ec2:DescribeSubnets", "ec2:*" or "*", meet
// the faults. Each fault counts the calls of its own action.
func (f *Fake) Script(action string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range faults {
		f.script = append(f.script, &scripted{action: action, fault: fault})
	}
}

// scripted is a fault with the number of calls it has seen.
type scripted struct {
	action string
	fault  Fault
	seen   int
}

func (s *scripted) meets(action string) bool {
	prefix, all := strings.CutSuffix(s.action, "*")
	if s.action != action && (!all || !strings.HasPrefix(action, prefix)) {
		return false
	}
	s.seen++
	n := s.seen - s.fault.After
	return n > 0 && (s.fault.Times == 0 || n <= s.fault.Times)
}
