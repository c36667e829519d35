package awserr_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

const action = "ec2:DescribeVpcs"

// answered is an error as the SDK returns it for an answer of this status.
func answered(status int, err error) error {
	return operation("EC2", "DescribeVpcs", &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	})
}

func operation(service, name string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: name, Err: err}
}

func api(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "secret text of AWS"}
}

func unsent(err error) error {
	return operation("EC2", "DescribeVpcs", fmt.Errorf("get identity: get credentials: %w", err))
}

func send(err error) error {
	return operation("EC2", "DescribeVpcs", &smithyhttp.RequestSendError{Err: err})
}

type timeout struct{}

func (timeout) Error() string   { return "secret text of the network" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

var _ net.Error = timeout{}

func TestGapAndStop(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		class   awserr.Class
		code    string
		message string
		stop    string // the error that ends the reading
	}{
		{"denied", answered(403, api("UnauthorizedOperation")), awserr.Denied, "UnauthorizedOperation", "the caller is not authorized", ""},
		{"denied by another service", answered(400, api("AccessDeniedException")), awserr.Denied, "AccessDeniedException", "the caller is not authorized", ""},
		{"in another case", answered(404, api("InvalidVpcId.NotFound")), awserr.NotFound, "InvalidVpcId.NotFound", "AWS knows nothing of this name", ""},
		{"throttled", answered(503, api("RequestLimitExceeded")), awserr.Throttled, "RequestLimitExceeded", "AWS throttled the call until the retries were used up", ""},
		{"throttled beyond the quota of retries", operation("EC2", "DescribeVpcs", errors.Join(api("Throttling"), errors.New("retry quota exceeded"))), awserr.Throttled, "Throttling", "AWS throttled the call until the retries were used up", ""},
		{"unavailable", answered(500, api("InternalError")), awserr.Unavailable, "InternalError", "AWS could not answer", ""},
		{"unknown code of a server error", answered(500, api("Odd")), awserr.Unavailable, "Odd", "AWS could not answer", ""},
		{"unknown code", answered(400, api("Odd")), awserr.Other, "Odd", "AWS refused the call", ""},
		{"no code", answered(400, api("UnknownError")), awserr.Other, "", "AWS refused the call", ""},
		{"no code, but a key", answered(400, api("AKIAIOSFODNN7EXAMPLE")), awserr.Other, "", "AWS refused the call", ""},
		{"no code, but a novel", answered(400, api(strings.Repeat("x", 65))), awserr.Other, "", "AWS refused the call", ""},
		{"no code, but an escape sequence", answered(400, api("\x1b[2J")), awserr.Other, "", "AWS refused the call", ""},
		{"a page of a proxy", answered(502, &smithy.DeserializationError{Err: errors.New("secret text")}), awserr.Unreadable, "", "the answer could not be read (HTTP status 502)", ""},
		{"no list", awserr.ErrNoList, awserr.Unreadable, "", "the answer could not be read", ""},
		{"no connection", send(&url.Error{Op: "Post", URL: "https://secret", Err: errors.New("refused")}), awserr.Connection, "", "the connection failed", ""},
		{"no name", send(&net.OpError{Err: &net.DNSError{Err: "no such host", Name: "secret"}}), awserr.Connection, "", "the connection failed: the endpoint's name did not resolve", ""},
		{"no certificate", send(&tls.CertificateVerificationError{Err: errors.New("secret")}), awserr.Connection, "", "the connection failed: the endpoint's certificate was not accepted", ""},
		{"no server", send(&net.OpError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), awserr.Connection, "", "the connection failed: the endpoint refused it", ""},
		{"no server, as the SDK's own client says it", answered(0, &smithyhttp.RequestSendError{Err: &net.OpError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}), awserr.Connection, "", "the connection failed: the endpoint refused it", ""},
		{"no answer in time", send(timeout{}), awserr.Timeout, "", "no answer came in time", ""},
		{"no answer in the time of a call", send(context.DeadlineExceeded), awserr.Timeout, "", "no answer came in time", ""},
		{"of a fake", errors.New("secret text"), awserr.Other, "", "AWS refused the call", ""},
		{"expired", answered(400, api("ExpiredToken")), awserr.Credentials, "ExpiredToken", "the credentials do not work", "ec2:DescribeVpcs: the credentials do not work (ExpiredToken)"},
		{"of a fake, without a response", api("AuthFailure"), awserr.Credentials, "AuthFailure", "the credentials do not work", "ec2:DescribeVpcs: the credentials do not work (AuthFailure)"},
		{
			"a role that cannot be assumed", unsent(operation("STS", "AssumeRoleWithWebIdentity", &smithyhttp.ResponseError{
				Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 403}}, Err: api("AccessDenied"),
			})), awserr.Credentials, "", "the credentials do not work", "ec2:DescribeVpcs: the credentials do not work: STS AssumeRoleWithWebIdentity failed (AccessDenied)",
		},
		{
			"no instance metadata", unsent(operation("ec2imds", "GetMetadata", &smithyhttp.RequestSendError{Err: errors.New("no route")})),
			awserr.Credentials, "", "the credentials do not work", "ec2:DescribeVpcs: the credentials do not work: ec2imds GetMetadata failed",
		},
		{
			"no profile", unsent(errors.New(`no profile "staging"`)), awserr.Unsent, "", "the request could not be made",
			`ec2:DescribeVpcs: the request could not be made: get identity: get credentials: no profile "staging"`,
		},
		{
			// As the SDK's provider of credential_process says it, which quotes all that the process wrote.
			"a process that writes no credentials", unsent(fmt.Errorf("process provider error: parse failed of process output: %s, error: %w",
				`{"Version":"1","SecretAccessKey":"wJalr/secret"}`, &json.UnmarshalTypeError{Value: "string", Field: "Version"})),
			awserr.Unsent, "", "the request could not be made",
			`ec2:DescribeVpcs: the request could not be made: what gives the credentials wrote something that cannot be read`,
		},
		{
			"a process that writes nothing", unsent(fmt.Errorf("secret: %w", json.Unmarshal(nil, new(any)))),
			awserr.Unsent, "", "the request could not be made",
			`ec2:DescribeVpcs: the request could not be made: what gives the credentials wrote something that cannot be read`,
		},
		{
			"a process that writes a time of its own", unsent(fmt.Errorf("secret: %w", json.Unmarshal([]byte(`"soon"`), new(time.Time)))),
			awserr.Unsent, "", "the request could not be made",
			`ec2:DescribeVpcs: the request could not be made: what gives the credentials wrote something that cannot be read`,
		},
		{
			"a provider without a network", unsent(timeout{}), awserr.Unsent, "", "the request could not be made",
			`ec2:DescribeVpcs: the request could not be made: get identity: get credentials: secret text of the network`,
		},
	} {
		assert.Equal(t, c.class, awserr.Classify(c.err), c.name)
		assert.Equal(t, groundway.Gap{Action: action, Code: c.code, Message: c.message}, awserr.Gap(action, c.err), c.name)
		stop := awserr.Stop(t.Context(), action, c.err)
		if c.stop == "" {
			assert.NoError(t, stop, c.name)
			continue
		}
		assert.EqualError(t, stop, c.stop, c.name)
		assert.ErrorIs(t, stop, c.err, c.name)
	}
}

func TestStopWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := awserr.Stop(ctx, action, send(errors.New("broken by the cancellation")))
	assert.EqualError(t, err, "ec2:DescribeVpcs: context canceled")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestFailed(t *testing.T) {
	for want, err := range map[string]error{
		"ec2:DescribeVpcs: the caller is not authorized (UnauthorizedOperation)":            answered(403, api("UnauthorizedOperation")),
		"ec2:DescribeVpcs: AWS has something of this name already (AlreadyExistsException)": answered(400, api("AlreadyExistsException")),
		"ec2:DescribeVpcs: something else needs it (DependencyViolation)":                   answered(400, api("DependencyViolation")),
		"ec2:DescribeVpcs: a quota of the account is used up (VpcLimitExceeded)":            answered(400, api("VpcLimitExceeded")),
		"ec2:DescribeVpcs: AWS knows nothing of this name (NotFoundException)":              answered(400, api("NotFoundException")),
		"ec2:DescribeVpcs: the credentials do not work (ExpiredToken)":                      answered(403, api("ExpiredToken")),
		"ec2:DescribeVpcs: the answer could not be read":                                    awserr.ErrNoList,
	} {
		got := awserr.Failed(t.Context(), action, err)
		assert.EqualError(t, got, want)
		assert.ErrorIs(t, got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := awserr.Failed(ctx, action, answered(403, api("UnauthorizedOperation")))
	assert.EqualError(t, got, "ec2:DescribeVpcs: context canceled")
	assert.ErrorIs(t, got, context.Canceled)
}
