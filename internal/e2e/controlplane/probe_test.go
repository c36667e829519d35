package controlplane_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// handshake returns why the two ends of a connection do not take each other's
// certificates, if they do not. Under TLS 1.3 a client learns of the server's
// verdict when it reads, and a server of HTTP/2 is the first to write.
func handshake(ctx context.Context, port int, config *tls.Config) error {
	config = config.Clone()
	config.NextProtos = []string{"h2"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address(port))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

// etcdRead reads a key over gRPC.
func etcdRead(t *testing.T, s server, config *tls.Config) error {
	t.Helper()
	if err := handshake(t.Context(), s.port, config); err != nil {
		return err
	}
	_, err := call(t.Context(), newClient(t, config), s.url(), "/etcdserverpb.KV/Range", field(nil, 1, "key"))
	return err
}

// etcdGateway writes and reads a key through etcd's own gateway, which turns
// JSON into gRPC: see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/.
func etcdGateway(t *testing.T, s server, config *tls.Config) error {
	t.Helper()
	client := newClient(t, config)
	if _, err := send(t.Context(), client, http.MethodPost, s.url()+"/v3/kv/put", nil, `{"key":"a2V5","value":"dmFsdWU="}`); err != nil {
		return err
	}
	answer, err := send(t.Context(), client, http.MethodPost, s.url()+"/v3/kv/range", nil, `{"key":"a2V5"}`)
	if err == nil && !bytes.Contains(answer, []byte("dmFsdWU=")) {
		err = fmt.Errorf("the value is not in %s", answer)
	}
	return err
}

// dexVersion asks dex for its version over gRPC.
func dexVersion(t *testing.T, s server, config *tls.Config) error {
	t.Helper()
	if err := handshake(t.Context(), s.port, config); err != nil {
		return err
	}
	answer, err := call(t.Context(), newClient(t, config), s.url(), "/api.Dex/GetVersion", nil)
	if err == nil && !bytes.Contains(answer, []byte(dex.Version)) {
		err = fmt.Errorf("the version %s is not in %q", dex.Version, answer)
	}
	return err
}

// A user is who the API server takes a client for.
type user struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// whoAmI asks the API server.
func whoAmI(t *testing.T, s server, config *tls.Config, header http.Header) (user, error) {
	t.Helper()
	var review struct {
		Status struct {
			UserInfo user `json:"userInfo"`
		} `json:"status"`
	}
	if err := handshake(t.Context(), s.port, config); err != nil {
		return user{}, err
	}
	answer, err := send(t.Context(), newClient(t, config), http.MethodPost, s.url()+"/apis/authentication.k8s.io/v1/selfsubjectreviews", header,
		`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	if err != nil {
		return user{}, err
	}
	err = json.Unmarshal(answer, &review)
	return review.Status.UserInfo, err
}

// serviceAccountToken has the API server sign a token, and take it.
func serviceAccountToken(t *testing.T, s server, config *tls.Config) error {
	t.Helper()
	const accounts = "/api/v1/namespaces/default/serviceaccounts"
	as := operator{t, newClient(t, config), s.url(), nil}
	if _, err := as.try(http.MethodGet, accounts+"/robot", ""); err != nil {
		as.eventually(http.MethodPost, accounts, `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}`)
	}
	token, err := as.token(accounts + "/robot/token")
	if err != nil {
		return err
	}
	anonymous := &tls.Config{RootCAs: config.RootCAs, ServerName: config.ServerName}
	who, err := whoAmI(t, s, anonymous, bearer(token))
	if err == nil && who.Username != "system:serviceaccount:default:robot" {
		err = fmt.Errorf("the service account is %q", who.Username)
	}
	return err
}

// send sends JSON and returns the answer; a status other than 2xx is an error.
func send(ctx context.Context, client *http.Client, method, url string, header http.Header, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, request.URL.Path, response.Status, bytes.TrimSpace(answer))
	}
	return answer, err
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// An operator speaks to the API server as someone.
type operator struct {
	t      *testing.T
	client *http.Client
	url    string
	header http.Header
}

func (o operator) try(method, path, object string) ([]byte, error) {
	return send(o.t.Context(), o.client, method, o.url+path, o.header, object)
}

func (o operator) do(method, path, object string) []byte {
	o.t.Helper()
	answer, err := o.try(method, path, object)
	require.NoError(o.t, err)
	return answer
}

// token asks for a token of a service account.
func (o operator) token(path string) (string, error) {
	answer, err := o.try(http.MethodPost, path, `{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}`)
	if err != nil {
		return "", err
	}
	var request struct {
		Status struct {
			Token string `json:"token"`
		} `json:"status"`
	}
	err = json.Unmarshal(answer, &request)
	return request.Status.Token, err
}

// eventually is do for what the API server needs a moment for.
func (o operator) eventually(method, path, object string) {
	o.t.Helper()
	var err error
	for range 300 {
		if _, err = o.try(method, path, object); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	require.NoError(o.t, err)
}

// A peer is a server of the test's own that the API server connects to, and
// notes what certificate and headers it shows.
type peer struct {
	port int
	seen chan *http.Request
}

// startPeer serves over TLS and asks for a certificate.
func startPeer(t *testing.T, config *tls.Config, handle http.HandlerFunc) peer {
	t.Helper()
	l, err := net.Listen("tcp", address(0))
	if err != nil {
		t.Fatal(err)
	}
	p := peer{l.Addr().(*net.TCPAddr).Port, make(chan *http.Request, 1000)}
	config.NextProtos = []string{"h2", "http/1.1"}
	s := &http.Server{TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.seen <- r:
		default: // nobody reads that many
		}
		handle(w, r)
	})}
	ended := make(chan error, 1)
	go func() { ended <- s.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return p
}
