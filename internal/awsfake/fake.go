// Package awsfake answers the real AWS SDK clients in their own wire protocols,
// and misbehaves where a test asks it to.
//
//	fake := awsfake.New(ec2fake.New(snapshot))
//	fake.Script("ec2:DescribeSubnets", awsfake.Deny())
//	client := ec2.NewFromConfig(fake.Config())
//
// A [Fake] is a client's transport within the process; [Start] puts it behind a
// loopback port. What it answers with comes from a [Service] for each AWS
// service, which the packages below this one make.
package awsfake

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// The credentials that every client of a fake signs with. None of them may ever
// show up in what an adapter returns.
const (
	AccessKeyID     = "AKIAGROUNDWAYFAKE000"
	SecretAccessKey = "groundway/fake/secret/access/key/0000000"
	SessionToken    = "groundway-fake-session-token-0000000000000000000000000000000000000000"
)

// Region is the region of every client of a fake.
const Region = "us-east-1"

// A Fake stands in for AWS. It is safe for use by several goroutines. Its zero
// value knows no service.
type Fake struct {
	services []Service

	mu     sync.Mutex
	calls  []*Call
	script []*scripted
	gather gathering
}

// A gathering is the calls that wait for more of them.
type gathering struct {
	waiting int
	full    chan struct{}
}

// New returns a fake of these services.
func New(services ...Service) *Fake { return &Fake{services: services} }

// Healed returns a fake of the same services, in the state that they are in, without
// a script and without calls.
func (f *Fake) Healed() *Fake { return New(f.services...) }

// A Call is one request that a fake received; a retry is a call of its own.
type Call struct {
	Action string     // "ec2:DescribeSubnets"
	Params url.Values // of the query protocols
	Body   []byte     // as it was sent
	Start  time.Time  // when it had been received
	End    time.Time  // when its answer was ready; zero while it is not
}

// Calls returns the calls so far, in the order in which they came.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := make([]Call, len(f.calls))
	for i, c := range f.calls {
		calls[i] = *c
	}
	return calls
}

// Actions returns the actions of the calls so far, each once, in alphabetical
// order.
func (f *Fake) Actions() []string {
	var actions []string
	for _, c := range f.Calls() {
		actions = append(actions, c.Action)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Config returns the configuration of a client that talks to the fake within
// the process, without a socket or a goroutine. Its three attempts follow each
// other without delay.
func (f *Fake) Config() aws.Config { return config("http://aws.invalid", f) }

func config(endpoint string, transport http.RoundTripper) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: &endpoint,
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey, SessionToken: SessionToken}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
}

// RoundTrip answers a request within the process.
func (f *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	// As a server sees it: with the path values that a ServeMux sets.
	a := f.answer(r.Clone(r.Context()), body)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if a.drop {
		return nil, io.ErrUnexpectedEOF
	}
	content := io.Reader(bytes.NewReader(a.body))
	if a.cut {
		content = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{})
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(content),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

// broken is the rest of a body whose connection was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A Server is a fake behind a loopback port.
type Server struct {
	*Fake
	URL    string // "http://127.0.0.1:40000"
	http   *httptest.Server
	closed context.CancelFunc
}

// Start serves the fake until Close.
func Start(f *Fake) *Server {
	life, closed := context.WithCancel(context.Background())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		a := f.answer(r.WithContext(ctx), body)
		if a.drop {
			panic(http.ErrAbortHandler)
		}
		for name, values := range a.header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
		w.WriteHeader(a.status)
		if a.cut {
			_, _ = w.Write(a.body[:len(a.body)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(a.body)
	}))
	return &Server{f, s.URL, s, closed}
}

// Config returns the configuration of a client that talks to the server.
func (s *Server) Config() aws.Config { return config(s.URL, s.http.Client().Transport) }

// Close ends the calls that are under way and stops the server. No goroutine of
// the server or of its clients' connections is left.
func (s *Server) Close() {
	s.closed()
	s.http.CloseClientConnections()
	s.http.Close()
}

// An answer is what goes back over the wire.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // break off in the middle of the body
	drop   bool // break off before the first byte
}

// answer logs the request, lets the script have its way, and asks the service.
func (f *Fake) answer(r *http.Request, body []byte) answer {
	service, request := f.route(r, body)
	call := &Call{Action: cmp.Or(service.Prefix, service.Name) + ":" + request.Action, Params: request.Params, Body: body}
	fault := f.begin(call)
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		call.End = time.Now()
	}()
	if fault.Hang {
		<-r.Context().Done()
	}
	if fault.Gather > 0 {
		select {
		case <-f.join(fault.Gather):
		case <-r.Context().Done():
		}
	}
	if fault.Delay > 0 {
		timer := time.NewTimer(fault.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	if r.Context().Err() != nil {
		return answer{drop: true}
	}
	request.PageSize, request.Stale = fault.PageSize, fault.Stale
	a := service.answer(request, fault)
	a.cut, a.drop = fault.Cut, fault.Drop
	return a
}

// begin logs the call and returns what the script says of it.
func (f *Fake) begin(call *Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	call.Start = time.Now()
	f.calls = append(f.calls, call)
	var all Fault
	for _, s := range f.script {
		if s.meets(call.Action) {
			all = all.and(s.fault)
		}
	}
	return all
}

// join adds a call to the gathering and returns what is closed when n are there.
func (f *Fake) join(n int) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gather.full == nil {
		f.gather.full = make(chan struct{})
	}
	full := f.gather.full
	if f.gather.waiting++; f.gather.waiting >= n {
		close(full)
		f.gather = gathering{}
	}
	return full
}

// route finds the service by the scope of the signature, and for a request that
// is not signed by who knows its action.
func (f *Fake) route(r *http.Request, body []byte) (Service, Request) {
	scope := signingName(r.Header.Get("Authorization"))
	for _, s := range f.services {
		if scope != "" && s.Name != scope {
			continue
		}
		request := s.request(r, body)
		if _, known := s.Operations[request.Action]; known || scope != "" && request.Action != "" {
			return s, request
		}
	}
	return Service{Name: scope, Protocol: RESTJSON}, Request{HTTP: r}
}

// signingName returns "ec2" of "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/ec2/aws4_request, …".
func signingName(authorization string) string {
	_, credential, _ := strings.Cut(authorization, "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	scope := strings.Split(credential, "/")
	if len(scope) != 5 {
		return ""
	}
	return scope[3]
}
