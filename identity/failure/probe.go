package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// ProbeOptions say what a live issuer is compared with. What is left out is unseen.
type ProbeOptions struct {
	// Time is now, for the certificate; zero leaves the handshakes unseen.
	Time time.Time
	// Algorithms are those that the API server takes; nil is RS256.
	Algorithms []string
	// Roots verify the certificate at the issuer: nil leaves the handshakes unseen,
	// for the client's own roots cannot be asked.
	Roots *x509.CertPool
	// Dial is HOST:PORT to connect to for the handshakes; empty is that of the
	// issuer.
	Dial string
	// GRPC is HOST:PORT of the gRPC interface; empty leaves it unseen.
	GRPC string
}

// MaxAnswer is the size in bytes over which an answer is not read.
const MaxAnswer = 1 << 20

// patience is for one handshake. How long an answer may take is the client's.
const patience = 10 * time.Second

// Probe asks a live issuer what the API server and kubectl ask it, by reading calls
// only: the discovery document, the keys, the health; and shakes hands with and
// without naming the host, and with the gRPC interface without a certificate, which
// must fail. It follows no redirect, and reads no answer over [MaxAnswer].
//
// What the issuer does not answer is a finding, and only a bad argument or the end of
// the context is an error.
func Probe(ctx context.Context, client *http.Client, issuer string, o ProbeOptions) ([]groundway.Finding, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("probe issuer: the issuer is not a URL with a host and without a user")
	}
	if client == nil {
		return nil, errors.New("probe issuer: no client")
	}
	if o.Algorithms == nil {
		o.Algorithms = []string{"RS256"}
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := &probe{Judge: verdict.NewJudge(probeRules, "issuer"), ctx: ctx, client: &own, issuer: issuer, url: u, o: o}
	p.Source = "GET"
	p.discovery()
	p.handshakes()
	p.grpc()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("probe %q: %w", issuer, err)
	}
	return p.Findings(), nil
}

type probe struct {
	*verdict.Judge
	ctx    context.Context
	client *http.Client
	issuer string
	url    *url.URL
	o      ProbeOptions
}

// get returns an answer with the status 200, or why there is none.
func (p *probe) get(address string) (body []byte, header http.Header, problem string) {
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, "the address is not a URL"
	}
	response, err := p.client.Do(request)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return nil, nil, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 == 3 {
		return nil, nil, fmt.Sprintf("%d, a redirect, which is not followed", response.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, MaxAnswer+1))
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, nil, strconv.Itoa(response.StatusCode)
	case err != nil:
		return nil, nil, err.Error()
	case len(body) > MaxAnswer:
		return nil, nil, "an answer over 1 MiB"
	}
	return body, response.Header, ""
}

// A document is what is read of discovery.
type document struct {
	Issuer     string   `json:"issuer"`
	KeysURI    string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

func (p *probe) discovery() {
	place := strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration" // as the API server asks
	body, _, problem := p.get(place)
	var d document
	if problem == "" {
		if err := json.Unmarshal(body, &d); err != nil {
			problem = "an answer that is no JSON document"
		}
	}
	p.Require(problem == "", verdict.Fault{Code: codeProbeReach, Path: place, Got: problem, Want: "200 and a document", Summary: "The issuer does not answer with its discovery document: " + problem + "."})
	if problem != "" {
		for _, r := range probeRules {
			if slices.Contains(r.DependsOn, codeProbeReach) {
				p.Skip(r.Code, codeProbeReach, p.Subject(place))
			}
		}
		return
	}
	p.Require(d.Issuer == p.issuer, verdict.Fault{Code: codeProbeIssuer, Path: place, Got: d.Issuer, Want: p.issuer, Summary: fmt.Sprintf("The issuer that is asked as %q calls itself %q.", p.issuer, d.Issuer)})
	keys, err := url.Parse(d.KeysURI)
	same := err == nil && keys.Scheme == p.url.Scheme && keys.Host == p.url.Host
	p.Require(same, verdict.Fault{Code: codeProbeOrigin, Path: place, Got: d.KeysURI, Want: "an address at " + p.url.Scheme + "://" + p.url.Host, Summary: fmt.Sprintf("The keys are at %q, not where the issuer is.", d.KeysURI)})
	taken := slices.ContainsFunc(d.Algorithms, func(a string) bool { return slices.Contains(p.o.Algorithms, a) })
	p.Require(taken, verdict.Fault{Code: codeProbeAlgs, Path: place, Got: strings.Join(d.Algorithms, ", "), Want: "one of " + strings.Join(p.o.Algorithms, ", "), Summary: fmt.Sprintf("The issuer signs with %s, and the API server takes %s.", strings.Join(d.Algorithms, ", "), strings.Join(p.o.Algorithms, ", "))})
	p.keys(d.KeysURI, same)
	health := strings.TrimSuffix(p.issuer, "/") + "/healthz"
	_, _, problem = p.get(health)
	p.Require(problem == "", verdict.Fault{Code: codeProbeHealth, Path: health, Got: problem, Want: "200", Summary: "The issuer does not say that it is healthy: " + problem + "."})
}

func (p *probe) keys(place string, same bool) {
	if !same {
		// Another host is not asked: it may be anybody's.
		p.Unseen(codeProbeKeys, place, "the keys are at another host, which was not asked")
		p.Unseen(codeProbeAge, place, "the keys are at another host, which was not asked")
		return
	}
	body, header, problem := p.get(place)
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	if problem == "" {
		switch err := json.Unmarshal(body, &set); {
		case err != nil:
			problem = "an answer that is no set of keys"
		case len(set.Keys) == 0:
			problem = "a set without a key"
		}
	}
	p.Require(problem == "", verdict.Fault{Code: codeProbeKeys, Path: place, Got: problem, Want: "200 and a key", Summary: "The issuer does not show its keys: " + problem + "."})
	if problem != "" {
		p.Skip(codeProbeAge, codeProbeKeys, p.Subject(place))
		return
	}
	age := max(0, MaxAge(header))
	window := max(0, age-expiryDelta)
	p.Require(window == 0, verdict.Fault{
		Code: codeProbeAge, Path: place, Got: header.Get("Cache-Control"), Want: "max-age=30 or less",
		Summary: fmt.Sprintf("The keys may be kept for %s: for %s after a fetch the API server refuses tokens of a new key.", age, window),
	})
}

// MaxAge returns for how long an answer may be kept, by its Cache-Control, and less
// than zero where it may not be: as KeysMaxAge of the model has it.
func MaxAge(header http.Header) time.Duration {
	for _, part := range strings.Split(header.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			return -1
		case "max-age":
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil && seconds > 0 {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return -1
}

func (p *probe) handshakes() {
	host, port := p.url.Hostname(), p.url.Port()
	if port == "" {
		port = "443"
	}
	address := p.o.Dial
	if address == "" {
		address = net.JoinHostPort(host, port)
	}
	codes := []groundway.Code{codeProbeSNI, codeProbeNoSNI, codeProbeEnds}
	switch {
	case p.url.Scheme != "https":
		for _, code := range codes {
			p.Inapplicable(code, "the issuer is not https")
		}
		return
	case p.o.Roots == nil, p.o.Time.IsZero():
		for _, code := range codes {
			p.Unseen(code, p.issuer, "the authorities to verify it by, or the time, were not given")
		}
		return
	}
	chain, problem := p.handshake(address, host, host)
	p.Require(problem == "", verdict.Fault{Code: codeProbeSNI, Path: address, Got: problem, Want: "a certificate for " + host, Summary: "The certificate is not verified where the client names the host: " + problem + "."})
	_, without := p.handshake(address, "", host)
	p.Require(without == "", verdict.Fault{Code: codeProbeNoSNI, Path: address, Got: without, Want: "a certificate for " + host, Summary: "The certificate is not verified where the client names no host: " + without + "."})
	if len(chain) == 0 {
		p.Unseen(codeProbeEnds, address, "there was no handshake")
		return
	}
	end := chain[0].NotAfter
	p.Require(end.Sub(p.o.Time) >= 30*24*time.Hour, verdict.Fault{Code: codeProbeEnds, Path: address, Got: end.UTC().Format(time.RFC3339), Want: "30 days or more", Summary: "The certificate ends on " + end.UTC().Format(time.DateOnly) + "."})
}

// handshake returns what the server shows, and why it is not for the host. Without a
// name the client sends none, and verifies all the same.
func (p *probe) handshake(address, name, host string) (chain []*x509.Certificate, problem string) {
	config := &tls.Config{
		ServerName: name,
		// What is shown is verified below, for both handshakes alike: a client that
		// sends no name would verify nothing.
		InsecureSkipVerify: true,
		NextProtos:         []string{"h2", "http/1.1"},
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err.Error()
	}
	defer func() { _ = conn.Close() }()
	chain = conn.(*tls.Conn).ConnectionState().PeerCertificates
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	options := x509.VerifyOptions{DNSName: host, Roots: p.o.Roots, Intermediates: between, CurrentTime: p.o.Time}
	if _, err := chain[0].Verify(options); err != nil {
		return chain, err.Error()
	}
	return chain, ""
}

// grpc shakes hands without a certificate. Under TLS 1.3 a client learns that it was
// refused when it reads.
func (p *probe) grpc() {
	if p.o.GRPC == "" {
		p.Unseen(codeProbeGRPC, "grpc", "no address of the gRPC interface was given")
		return
	}
	refused, unseen := p.grpcRefuses()
	if unseen != "" {
		p.Unseen(codeProbeGRPC, p.o.GRPC, unseen)
		return
	}
	p.Require(refused, verdict.Fault{Code: codeProbeGRPC, Path: p.o.GRPC, Got: "an answer", Want: "a refusal", Summary: "The gRPC interface at " + p.o.GRPC + " speaks to whoever shows no certificate."})
}

func (p *probe) grpcRefuses() (refused bool, unseen string) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.o.GRPC)
	if err != nil {
		return false, "no connection: " + err.Error()
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	// Who the server is does not matter for whether it asks.
	client := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := client.HandshakeContext(ctx); err != nil {
		if asksForCertificate(err) {
			return true, ""
		}
		var plain tls.RecordHeaderError
		if errors.As(err, &plain) {
			return false, "" // it speaks without TLS to everybody
		}
		return false, "no handshake: " + err.Error()
	}
	// A server of HTTP/2 writes first; one that wants a certificate writes an alert.
	_, err = client.Read(make([]byte, 1))
	switch {
	case err == nil:
		return false, ""
	case asksForCertificate(err):
		return true, ""
	}
	return false, "no answer: " + err.Error()
}

// asksForCertificate reports whether the other end said that it does not go on for
// want of a certificate. Any other alert, that of a protocol that it does not speak for
// example, says nothing of that.
//
// https://www.rfc-editor.org/rfc/rfc8446.html#section-6.2
func asksForCertificate(err error) bool {
	const badCertificate, certificateUnknown, accessDenied, certificateRequired = 42, 46, 49, 116
	var op *net.OpError
	// The errors of crypto/tls that come from there are of this kind alone.
	return errors.As(err, &op) && op.Op == "remote error" && slices.ContainsFunc(
		[]tls.AlertError{badCertificate, certificateUnknown, accessDenied, certificateRequired},
		func(a tls.AlertError) bool { return op.Err.Error() == a.Error() },
	)
}
