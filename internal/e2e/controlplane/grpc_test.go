package controlplane_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// newClient returns a client that speaks HTTP/2 where the server does. Each
// probe takes one of its own, so that none finds a connection of another.
func newClient(t *testing.T, config *tls.Config) *http.Client {
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// call makes a unary gRPC call and returns the answer's bytes. One request and
// one response are little enough to need no gRPC library: see
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
func call(ctx context.Context, client *http.Client, base, method string, message []byte) ([]byte, error) {
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+method, bytes.NewReader(append(frame, message...)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	// A call that fails at once has its status among the headers.
	status, text := response.Trailer.Get("Grpc-Status"), response.Trailer.Get("Grpc-Message")
	if status == "" {
		status, text = response.Header.Get("Grpc-Status"), response.Header.Get("Grpc-Message")
	}
	if status != "0" {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
		return nil, fmt.Errorf("%s: %s, gRPC status %q: %s", method, response.Status, status, text)
	}
	if len(body) < 5 || int(binary.BigEndian.Uint32(body[1:5])) != len(body)-5 {
		return nil, fmt.Errorf("%s: a frame of %d bytes is not whole", method, len(body))
	}
	return body[5:], nil
}

// field appends a field of wire type 2 to a protocol buffer, which is all that
// these tests send.
func field(message []byte, number byte, value string) []byte {
	message = append(message, number<<3|2, byte(len(value)))
	return append(message, value...)
}
