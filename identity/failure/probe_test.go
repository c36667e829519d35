package failure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/failure"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

// An issuer answers by path; a string is a body with the status 200.
type issuer map[string]func(w http.ResponseWriter)

func says(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { _, _ = w.Write([]byte(body)) }
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

const discovery = "/.well-known/openid-configuration"

// goodIssuer is one at the URL.
func goodIssuer(url string) issuer {
	return issuer{
		discovery: says(fmt.Sprintf(`{"issuer": %q, "jwks_uri": %q, "id_token_signing_alg_values_supported": ["RS256"]}`, url, url+"/keys")),
		"/keys": func(w http.ResponseWriter) {
			w.Header().Set("Cache-Control", "max-age=30, must-revalidate")
			_, _ = w.Write([]byte(`{"keys": [{"kid": "a"}]}`))
		},
		"/healthz": says("Health check passed"),
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	var rules []groundway.Rule
	for _, r := range failure.Rules() {
		if strings.HasPrefix(string(r.Code), "identity/probe-") {
			rules = append(rules, r)
		}
	}
	ledger := findingtest.Ledger{}
	for _, test := range []struct {
		name  string
		edit  func(url string, i issuer, o *failure.ProbeOptions)
		fails []string
		says  string
	}{
		{"good", nil, nil, ""},
		{"no document", func(_ string, i issuer, _ *failure.ProbeOptions) { i[discovery] = status(503) }, []string{"discovery"}, "503"},
		{"a redirect", func(url string, i issuer, _ *failure.ProbeOptions) {
			i[discovery] = func(w http.ResponseWriter) {
				w.Header().Set("Location", url+"/elsewhere")
				w.WriteHeader(http.StatusFound)
			}
			i["/elsewhere"] = says(`{}`)
		}, []string{"discovery"}, "302, a redirect, which is not followed"},
		{"a huge answer", func(_ string, i issuer, _ *failure.ProbeOptions) {
			i[discovery] = says(strings.Repeat(" ", failure.MaxAnswer+1))
		}, []string{"discovery"}, "an answer over 1 MiB"},
		{"no JSON", func(_ string, i issuer, _ *failure.ProbeOptions) { i[discovery] = says("<html>") }, []string{"discovery"}, "an answer that is no JSON document"},
		{"another name", func(url string, i issuer, _ *failure.ProbeOptions) {
			i[discovery] = says(fmt.Sprintf(`{"issuer": %q, "jwks_uri": %q, "id_token_signing_alg_values_supported": ["RS256"]}`, url+"/", url+"/keys"))
		}, []string{"issuer"}, "/\"."},
		{"keys elsewhere", func(url string, i issuer, _ *failure.ProbeOptions) {
			i[discovery] = says(fmt.Sprintf(`{"issuer": %q, "jwks_uri": "https://elsewhere.example.com/keys", "id_token_signing_alg_values_supported": ["RS256"]}`, url))
		}, []string{"keys-elsewhere"}, "elsewhere.example.com"},
		{"another algorithm", func(_ string, _ issuer, o *failure.ProbeOptions) { o.Algorithms = []string{"ES256"} }, []string{"algorithms"}, "signs with RS256"},
		{"the storage is gone", func(_ string, i issuer, _ *failure.ProbeOptions) { i["/keys"] = status(500) }, []string{"keys"}, "500"},
		{"no key", func(_ string, i issuer, _ *failure.ProbeOptions) { i["/keys"] = says(`{"keys": []}`) }, []string{"keys"}, "a set without a key"},
		{"no set", func(_ string, i issuer, _ *failure.ProbeOptions) { i["/keys"] = says(`[`) }, []string{"keys"}, "an answer that is no set of keys"},
		{"keys as dex has them", func(_ string, i issuer, _ *failure.ProbeOptions) {
			i["/keys"] = func(w http.ResponseWriter) {
				w.Header().Set("Cache-Control", "max-age=600, must-revalidate")
				_, _ = w.Write([]byte(`{"keys": [{"kid": "a"}]}`))
			}
		}, []string{"keys-age"}, "for 9m30s after a fetch"},
		{"not healthy", func(_ string, i issuer, _ *failure.ProbeOptions) { i["/healthz"] = status(500) }, []string{"health"}, ""},
		{"another authority", func(_ string, _ issuer, o *failure.ProbeOptions) { o.Roots = x509.NewCertPool() }, []string{"tls-sni", "tls-no-sni"}, "unknown authority"},
		{"the end is near", func(_ string, _ issuer, o *failure.ProbeOptions) {
			o.Time = time.Date(2084, 1, 20, 0, 0, 0, 0, time.UTC)
		}, []string{"tls-ends"}, ""},
		{"nothing was given", func(_ string, _ issuer, o *failure.ProbeOptions) { *o = failure.ProbeOptions{} }, nil, ""},
		{"nobody listens", func(_ string, _ issuer, o *failure.ProbeOptions) { o.Dial = "127.0.0.1:1" }, []string{"tls-sni", "tls-no-sni"}, "connection refused"},
		{"gRPC for everybody", func(_ string, _ issuer, o *failure.ProbeOptions) { o.GRPC = grpcServer(t, tls.NoClientCert) }, []string{"grpc-open"}, "speaks to whoever shows no certificate"},
		{"gRPC in the clear", func(_ string, _ issuer, o *failure.ProbeOptions) { o.GRPC = plainServer(t) }, []string{"grpc-open"}, ""},
		{"gRPC that speaks another protocol", func(_ string, _ issuer, o *failure.ProbeOptions) {
			o.GRPC = tlsServer(t, &tls.Config{NextProtos: []string{"acme-tls/1"}})
		}, nil, "no application protocol"},
		{"gRPC of TLS 1.2", func(_ string, _ issuer, o *failure.ProbeOptions) {
			o.GRPC = tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12})
		}, nil, ""},
		{"gRPC that nobody serves", func(_ string, _ issuer, o *failure.ProbeOptions) { o.GRPC = "127.0.0.1:1" }, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answers issuer
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if answer, ok := answers[r.URL.Path]; ok {
					answer(w)
				} else {
					w.WriteHeader(http.StatusNotFound)
				}
			}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			answers = goodIssuer(server.URL)
			o := failure.ProbeOptions{Time: noon, Roots: roots, GRPC: grpcServer(t, tls.RequireAnyClientCert)}
			if test.edit != nil {
				test.edit(server.URL, answers, &o)
			}
			findings, err := failure.Probe(t.Context(), server.Client(), server.URL, o)
			require.NoError(t, err)
			var want []string
			for _, code := range test.fails {
				want = append(want, "probe-"+code)
			}
			assert.ElementsMatch(t, want, findingtest.Outcomes(findings, groundway.Failed))
			ledger.Hold(t, findingtest.Contract{Rules: rules, Sources: []string{"caller"}}, findings)
			assert.Contains(t, findingtest.Text(t, findings), test.says)
		})
	}
	ledger.Complete(t, rules, "probe-keys", "probe-keys-age", "probe-tls-sni", "probe-tls-no-sni", "probe-tls-ends", "probe-grpc-open")
}

// grpcServer is one that speaks HTTP/2, as dex's gRPC interface does.
func grpcServer(t *testing.T, auth tls.ClientAuthType) string {
	return tlsServer(t, &tls.Config{ClientAuth: auth})
}

func tlsServer(t *testing.T, config *tls.Config) string {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.EnableHTTP2 = config.NextProtos == nil
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func plainServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func TestProbeRefuses(t *testing.T) {
	t.Parallel()
	_, err := failure.Probe(t.Context(), http.DefaultClient, "https://me:hunter2@dex.example.com", failure.ProbeOptions{})
	assert.EqualError(t, err, "probe issuer: the issuer is not a URL with a host and without a user")
	_, err = failure.Probe(t.Context(), nil, "https://dex.example.com", failure.ProbeOptions{})
	assert.EqualError(t, err, "probe issuer: no client")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = failure.Probe(ctx, http.DefaultClient, "https://dex.example.com", failure.ProbeOptions{})
	assert.EqualError(t, err, `probe "https://dex.example.com": context canceled`)
}

func TestMaxAge(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"max-age=600, must-revalidate": 10 * time.Minute, "": -1, "no-store, max-age=600": -1, "public, Max-Age=\"30\"": 30 * time.Second, "max-age=-1": -1, "max-age=0": -1, "max-age=x": -1,
	} {
		assert.Equal(t, want, failure.MaxAge(http.Header{"Cache-Control": {value}}), value)
	}
}

// An issuer that ends in a slash is asked where the API server asks it.
func TestProbeSlash(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) }))
	defer server.Close()
	_, err := failure.Probe(t.Context(), server.Client(), server.URL+"/identity/", failure.ProbeOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"/identity" + discovery}, asked)
}
