// Package faulttest drives the methods of adapters through everything that AWS,
// and the network before it, can do to them.
//
// An adapter joins with one [Row] in the table of this package's test.
package faulttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// A Row is one method of an adapter, in a world in which it finds everything.
type Row struct {
	Name     string                   // "awsnetwork.Load"
	Services func() []awsfake.Service // fresh ones for every run
	// Call calls the method with a client of this configuration and returns what
	// it returned. Two calls of it return the same where AWS answers the same: a
	// time that the method takes from the clock has to be given.
	Call func(context.Context, aws.Config) (any, error)
	// Strict says that a call of AWS that fails is an error of the method, which
	// names the action. Otherwise it leaves a part unseen or partial, with a gap
	// that does.
	Strict bool
	// Each is how many calls of each action are driven, for a method that looks at
	// the same things again and again; zero: all.
	Each int
}

// Run drives the row through the faults, at every call that it makes.
func Run(t *testing.T, row Row) {
	for _, problem := range Drive(t, row) {
		t.Error(problem)
	}
}

// Drive returns what is wrong with the row, in words.
func Drive(t *testing.T, row Row) []string {
	d := &driver{t: t, row: row}
	clean, ok := d.clean()
	if !ok {
		return d.problems
	}
	for _, at := range clean.calls {
		if row.Each > 0 && at.n >= row.Each {
			continue
		}
		for _, f := range faults {
			d.overTheWire(at, f, clean.result)
		}
		d.cancelled(at)
		d.timedOut(at)
	}
	d.cancelledBefore()
	return d.problems
}

// What a fault has to lead to.
type outcome uint8

const (
	fails    outcome = iota // a gap, or an error where the row is strict
	stops                   // an error that names the action
	recovers                // the same result as without it
	survives                // anything but a panic, a leak or a secret
)

// faults are met by the call they are driven at and, but for those that
// recover, by all later calls of its action.
var faults = []struct {
	name  string
	fault awsfake.Fault
	want  outcome
}{
	{"denied", awsfake.Deny(), fails},
	{"throttled", awsfake.Throttle(), fails},
	{"throttled once", awsfake.Throttle().For(1), recovers},
	{"throttled twice", awsfake.Throttle().For(2), recovers},
	{"internal error", awsfake.Fail(http.StatusInternalServerError, "InternalError"), fails},
	{"internal error once", awsfake.Fail(http.StatusInternalServerError, "InternalError").For(1), recovers},
	{"an error that nobody knows", awsfake.Fail(http.StatusBadRequest, "SomethingNew"), fails},
	{"an error that shows the credentials", awsfake.Echo(), fails},
	{"expired credentials", awsfake.Fail(http.StatusForbidden, "ExpiredToken"), stops},
	{"unknown credentials", awsfake.Fail(http.StatusForbidden, "InvalidClientTokenId"), stops},
	{"a broken connection", awsfake.Drop(), fails},
	{"a broken connection once", awsfake.Drop().For(1), recovers},
	{"a broken answer", awsfake.Cut(), fails},
	{"an empty answer", awsfake.Garbage(""), fails},
	{"a page of a proxy", awsfake.Garbage("<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>"), fails},
	{"a document of another kind", awsfake.Garbage(`<?xml version="1.0"?><Nothing><of/><ours/></Nothing>`), fails},
	{"an answer that breaks off", awsfake.Garbage(`<?xml version="1.0"?><R><vpcSet><item><vpcId>vpc-0`), fails},
	{"bytes", awsfake.Garbage("\x00\xff\xfe\x1b[2J\x07"), fails},
	{"an error of a proxy", awsfake.Fault{Body: new("<html><body>502 Bad Gateway</body></html>"), Status: http.StatusBadGateway}, fails},
	{"small pages", awsfake.Pages(1), recovers},
	{"a delay", awsfake.Delay(time.Millisecond), recovers},
	{"an old state once", awsfake.Stale().For(1), survives},
	{"an old state", awsfake.Stale(), survives},
}

// A place is the nth call of an action, counted from 0.
type place struct {
	action string
	n      int
}

func (p place) String() string { return fmt.Sprintf("%s, call %d", p.action, p.n+1) }

type cleanRun struct {
	calls  []place
	result string
}

type driver struct {
	t        *testing.T
	row      Row
	problems []string
}

func (d *driver) problem(at place, fault, format string, args ...any) {
	d.problems = append(d.problems, fmt.Sprintf("%s: %s: %s: %s", d.row.Name, fault, at, fmt.Sprintf(format, args...)))
}

// world returns a fake whose pages are small, so that listings have several.
func (d *driver) world() *awsfake.Fake {
	fake := awsfake.New(d.row.Services()...)
	fake.Script("*", awsfake.Pages(2))
	return fake
}

// clean runs the row without a fault.
func (d *driver) clean() (cleanRun, bool) {
	fake := d.world()
	result, err := d.row.Call(d.t.Context(), fake.Config())
	if err != nil {
		d.problem(place{}, "no fault", "%v", err)
		return cleanRun{}, false
	}
	d.secrets(place{}, "no fault", result, nil)
	for _, p := range parts(result) {
		if !p.complete {
			d.problem(place{}, "no fault", "a part has gaps: %v", p.gaps)
		}
	}
	run := cleanRun{result: marshal(result)}
	seen := map[string]int{}
	for _, c := range fake.Calls() {
		run.calls = append(run.calls, place{c.Action, seen[c.Action]})
		seen[c.Action]++
	}
	if len(run.calls) == 0 {
		d.problem(place{}, "no fault", "the method calls nothing")
	}
	return run, len(run.calls) > 0
}

// overTheWire runs the row against a server that has the fault.
func (d *driver) overTheWire(at place, f struct {
	name  string
	fault awsfake.Fault
	want  outcome
}, clean string,
) {
	before := goleak.IgnoreCurrent()
	server := awsfake.Start(d.world())
	if f.fault.PageSize > 0 {
		server = d.restart(server)
	}
	server.Script(at.action, f.fault.From(at.n))
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	result, err := d.row.Call(ctx, server.Config())
	cancel()
	server.Close()
	if leak := goleak.Find(before); leak != nil {
		d.problem(at, f.name, "goroutines are left: %v", leak)
	}
	d.secrets(at, f.name, result, err)
	switch f.want {
	case recovers:
		if err != nil || marshal(result) != clean {
			d.problem(at, f.name, "want the result that there is without it; error %v, result %s", err, marshal(result))
		}
	case stops:
		d.wantError(at, f.name, err)
	case fails:
		// A call whose answer was lost has had its effect, which a method may see.
		if d.row.Strict && (f.fault.Cut || f.fault.Drop) && err == nil && marshal(result) == clean {
			return
		}
		d.wantFailure(at, f.name, result, err)
	}
}

// restart replaces a server by one with pages as large as the client asks for.
func (d *driver) restart(s *awsfake.Server) *awsfake.Server {
	s.Close()
	return awsfake.Start(awsfake.New(d.row.Services()...))
}

func (d *driver) wantError(at place, fault string, err error) {
	if err == nil || !strings.Contains(err.Error(), at.action) {
		d.problem(at, fault, "want an error that names the action, got %v", err)
	}
}

func (d *driver) wantFailure(at place, fault string, result any, err error) {
	if d.row.Strict {
		d.wantError(at, fault, err)
		return
	}
	if err != nil {
		d.problem(at, fault, "want a gap, got the error %v", err)
		return
	}
	named := false
	for _, p := range parts(result) {
		for _, g := range p.gaps {
			named = named || g.Action == at.action
			if g.Action == "" || g.Message == "" {
				d.problem(at, fault, "a gap without an action or a message: %+v", g)
			}
		}
		if p.complete && len(p.gaps) > 0 {
			d.problem(at, fault, "a part with gaps reads as complete: %v", p.gaps)
		}
	}
	if !named {
		d.problem(at, fault, "no gap names the action; result %s", marshal(result))
	}
}

// cancelled cancels the context while the call hangs. In the bubble nothing
// runs any more once everything waits, so that what has not returned then never
// would.
func (d *driver) cancelled(at place) {
	synctest.Test(d.t, func(t *testing.T) {
		fake := d.world()
		fake.Script(at.action, awsfake.Hang().From(at.n))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		var result any
		var err error
		go func() {
			defer close(done)
			result, err = d.row.Call(ctx, fake.Config())
		}()
		synctest.Wait()
		start := time.Now()
		cancel()
		<-done
		if !errors.Is(err, context.Canceled) {
			d.problem(at, "cancelled", "want an error that is context.Canceled, got %v", err)
		}
		if wait := time.Since(start); wait > 0 {
			d.problem(at, "cancelled", "it took %v to return", wait)
		}
		d.secrets(at, "cancelled", result, err)
	})
}

// timedOut lets the client give up by itself, on every attempt.
func (d *driver) timedOut(at place) {
	synctest.Test(d.t, func(t *testing.T) {
		fake := d.world()
		fake.Script(at.action, awsfake.Hang().From(at.n))
		cfg := fake.Config()
		cfg.HTTPClient.(*http.Client).Timeout = 10 * time.Second
		result, err := d.row.Call(t.Context(), cfg)
		d.secrets(at, "no answer", result, err)
		d.wantFailure(at, "no answer", result, err)
	})
}

// cancelledBefore calls the method with a context that has ended.
func (d *driver) cancelledBefore() {
	ctx, cancel := context.WithCancel(d.t.Context())
	cancel()
	fake := d.world()
	result, err := d.row.Call(ctx, fake.Config())
	if !errors.Is(err, context.Canceled) {
		d.problem(place{}, "cancelled before", "want an error that is context.Canceled, got %v", err)
	}
	if calls := fake.Actions(); len(calls) > 0 {
		d.problem(place{}, "cancelled before", "calls were made: %v", calls)
	}
	d.secrets(place{}, "cancelled before", result, err)
}

// secrets looks for the client's credentials in everything that can be printed.
func (d *driver) secrets(at place, fault string, result any, err error) {
	text := fmt.Sprintf("%v %+v %s", err, result, marshal(result))
	for what, secret := range map[string]string{
		"the access key":                  awsfake.AccessKeyID,
		"the secret key":                  awsfake.SecretAccessKey,
		"the session token":               awsfake.SessionToken,
		"the signature":                   "Signature=",
		"AWS's encoded message":           "Encoded authorization",
		"the identifier of a request":     awsfake.RequestID,
		"the answer of a proxy":           "Bad Gateway",
		"an escape sequence of an answer": "\x1b",
	} {
		if strings.Contains(text, secret) {
			d.problem(at, fault, "%s is shown: %s", what, text)
		}
	}
}

func marshal(result any) string {
	data, err := json.Marshal(result)
	if err != nil {
		return "does not marshal: " + err.Error()
	}
	return string(data)
}

// A part is a [groundway.Part] without its items.
type part struct {
	complete bool
	gaps     []groundway.Gap
}

// parts returns the parts that stand anywhere within a result.
func parts(result any) []part {
	var all []part
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			seen, partial, gaps := v.FieldByName("Seen"), v.FieldByName("Partial"), v.FieldByName("Gaps")
			if seen.IsValid() && partial.IsValid() && gaps.IsValid() && gaps.Type() == reflect.TypeFor[[]groundway.Gap]() {
				list := gaps.Interface().([]groundway.Gap)
				all = append(all, part{seen.Bool() && !partial.Bool(), slices.Clone(list)})
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(result))
	return all
}
