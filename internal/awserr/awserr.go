// Package awserr reads the errors of the AWS SDK for the adapters: which of
// them end a reading, and what the others say in a [groundway.Gap].
//
// Codes are matched in one table, messages never: what AWS writes into a
// message is free text that may hold request identifiers, encoded authorization
// details and names, so none of it reaches a gap.
package awserr

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/groundway-sdk/groundway"
)

// A Class is what an error means to an adapter. The zero value is an error that
// no other class describes.
type Class uint8

// The classes. Only Credentials and Unsent end a reading, see [Stop].
const (
	Other       Class = iota
	Denied            // the caller may not make the call
	Throttled         // too many calls, and the SDK's retries were used up
	Unavailable       // AWS answered that it could not answer
	NotFound          // what the call names does not exist, or cannot exist
	Timeout           // no answer came in time
	Connection        // no answer came at all, or it broke off
	Unreadable        // an answer came that is none of AWS's
	Credentials       // the credentials could not be loaded, or AWS refused them
	Unsent            // the request could not even be made: no region, a missing parameter
	Exists            // what the call would make exists already
	InUse             // what the call would delete is needed by something else
	Limit             // a quota of the account is used up
)

// inWords says what gaps say of each class.
var inWords = [...]string{
	Other:       "AWS refused the call",
	Denied:      "the caller is not authorized",
	Throttled:   "AWS throttled the call until the retries were used up",
	Unavailable: "AWS could not answer",
	NotFound:    "AWS knows nothing of this name",
	Timeout:     "no answer came in time",
	Connection:  "the connection failed",
	Unreadable:  "the answer could not be read",
	Credentials: "the credentials do not work",
	Unsent:      "the request could not be made",
	Exists:      "AWS has something of this name already",
	InUse:       "something else needs it",
	Limit:       "a quota of the account is used up",
}

// ErrNoList is an answer that lacks the list it should hold. The SDK reads an
// empty body, or a document of another kind, as an output whose lists are nil;
// AWS writes a list that has no items as an empty element, which the SDK reads
// as a list of length zero.
var ErrNoList = errors.New("the answer holds no list")

// codes are the error codes that mean something to an adapter, in lower case
// because services spell some of them in two ways. See
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// and, for those common to all services,
// https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html.
var codes = map[string]Class{
	"unauthorizedoperation": Denied,
	"accessdenied":          Denied,
	"accessdeniedexception": Denied,
	"notauthorized":         Denied,
	"authorizationerror":    Denied,
	"optinrequired":         Denied,
	"blocked":               Denied,
	"pendingverification":   Denied,

	"requestlimitexceeded":                   Throttled,
	"throttling":                             Throttled,
	"throttlingexception":                    Throttled,
	"throttledexception":                     Throttled,
	"requestthrottled":                       Throttled,
	"requestthrottledexception":              Throttled,
	"toomanyrequestsexception":               Throttled,
	"ec2throttledexception":                  Throttled,
	"slowdown":                               Throttled,
	"priorrequestnotcomplete":                Throttled,
	"bandwidthlimitexceeded":                 Throttled,
	"provisionedthroughputexceededexception": Throttled,

	"internalerror":               Unavailable,
	"internalfailure":             Unavailable,
	"internalservererror":         Unavailable,
	"internalserviceerror":        Unavailable,
	"serverinternal":              Unavailable,
	"unavailable":                 Unavailable,
	"serviceunavailable":          Unavailable,
	"serviceunavailableexception": Unavailable,
	"requesttimeout":              Unavailable,
	"requesttimeoutexception":     Unavailable,

	"filesystemnotfound":                          NotFound,
	"gateway.notattached":                         NotFound,
	"gatewaynotfound":                             NotFound,
	"invalidallocationid.notfound":                NotFound,
	"invalidassociationid.notfound":               NotFound,
	"invaliddhcpoptionid.notfound":                NotFound,
	"invalidegressonlyinternetgatewayid.notfound": NotFound,
	"invalidgatewayid.notfound":                   NotFound,
	"invalidgroup.notfound":                       NotFound,
	"invalidinternetgatewayid.notfound":           NotFound,
	"invalidkeypair.notfound":                     NotFound,
	"invalidnatgatewayid.notfound":                NotFound,
	"invalidprefixlistid.malformed":               NotFound,
	"invalidprefixlistid.notfound":                NotFound,
	"invalidprefixlistidnotfound":                 NotFound,
	"invalidroute.notfound":                       NotFound,
	"invalidroutetableid.notfound":                NotFound,
	"invalidsubnetid.malformed":                   NotFound,
	"invalidsubnetid.notfound":                    NotFound,
	"invalidvpcendpoint.notfound":                 NotFound,
	"invalidvpcendpointid.notfound":               NotFound,
	"invalidvpcid.malformed":                      NotFound,
	"invalidvpcid.notfound":                       NotFound,
	"natgatewaynotfound":                          NotFound,
	"nosuchbucket":                                NotFound,
	"nosuchbucketpolicy":                          NotFound,
	"nosuchchange":                                NotFound,
	"nosuchentity":                                NotFound,
	"nosuchhostedzone":                            NotFound,
	"nosuchkey":                                   NotFound,
	"nosuchpublicaccessblockconfiguration":        NotFound,
	"nosuchtagset":                                NotFound,
	"notfoundexception":                           NotFound,
	"repositorynotfoundexception":                 NotFound,
	"resourcenotfoundexception":                   NotFound,

	"alreadyexistsexception":           Exists,
	"bucketalreadyownedbyyou":          Exists,
	"distributionalreadyexists":        Exists,
	"entityalreadyexists":              Exists,
	"invalidgroup.duplicate":           Exists,
	"invalidkeypair.duplicate":         Exists,
	"invalidpermission.duplicate":      Exists,
	"invalidsubnet.conflict":           Exists,
	"originaccesscontrolalreadyexists": Exists,
	"resource.alreadyassociated":       Exists,
	"routealreadyexists":               Exists,

	"dependencyviolation":    InUse,
	"invalidipaddress.inuse": InUse,

	"addresslimitexceeded":         Limit,
	"internetgatewaylimitexceeded": Limit,
	"natgatewaylimitexceeded":      Limit,
	"routelimitexceeded":           Limit,
	"routetablelimitexceeded":      Limit,
	"securitygrouplimitexceeded":   Limit,
	"subnetlimitexceeded":          Limit,
	"vpcendpointlimitexceeded":     Limit,
	"vpclimitexceeded":             Limit,

	"authfailure":                         Credentials,
	"expiredtoken":                        Credentials,
	"expiredtokenexception":               Credentials,
	"invalidclienttokenid":                Credentials,
	"invalidaccesskeyid":                  Credentials,
	"invalidtoken":                        Credentials,
	"invalidsecurity":                     Credentials,
	"unrecognizedclientexception":         Credentials,
	"signaturedoesnotmatch":               Credentials,
	"invalidsignatureexception":           Credentials,
	"incompletesignature":                 Credentials,
	"incompletesignatureexception":        Credentials,
	"missingauthenticationtoken":          Credentials,
	"missingauthenticationtokenexception": Credentials,
	"requestexpired":                      Credentials,
	"requesttimetooskewed":                Credentials,
	"tokenrefreshrequired":                Credentials,
}

// Classify returns the class of an error that a call of an SDK client returned.
func Classify(err error) Class {
	if nested(err) != nil {
		return Credentials
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if class := ClassOf(api.ErrorCode()); class != Other {
			return class
		}
		if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.HTTPStatusCode() >= 500 {
			return Unavailable
		}
		return Other
	}
	switch {
	case errors.Is(err, ErrNoList):
		return Unreadable
	case is[*smithy.OperationError](err) && !sent(err):
		return Unsent
	case errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return Timeout
	case is[*smithyhttp.RequestSendError](err): // the SDK writes it as a response with the status 0
		return Connection
	case is[*smithyhttp.ResponseError](err), is[*smithy.DeserializationError](err):
		return Unreadable
	case is[net.Error](err):
		return Connection
	}
	return Other
}

// ClassOf returns the class of an error code, or Other.
func ClassOf(code string) Class { return codes[strings.ToLower(code)] }

// sent reports whether the SDK got as far as sending a request: what fails
// before that is the credentials, the configuration or the parameters.
func sent(err error) bool {
	return is[*smithyhttp.RequestSendError](err) || is[*smithyhttp.ResponseError](err) ||
		is[*smithy.DeserializationError](err) || is[interface {
		error
		CanceledError() bool
	}](err)
}

// nested returns the operation within an operation, or nil. While a call is
// made no other is, except to obtain credentials.
func nested(err error) *smithy.OperationError {
	outer, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return nil
	}
	inner, _ := errors.AsType[*smithy.OperationError](outer.Err)
	return inner
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// Code returns the error code that AWS sent, or "" where it sent none, or none
// that looks like a code: letters and dots, at most 64. Anything else might be
// something that a broken or hostile endpoint put there.
func Code(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || nested(err) != nil {
		return ""
	}
	code := api.ErrorCode()
	foreign := func(r rune) bool {
		return r != '.' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	// The SDK says UnknownError where the answer had no code.
	if len(code) > 64 || strings.ContainsFunc(code, foreign) || code == "UnknownError" {
		return ""
	}
	return code
}

// Gap returns what a failed call of this IAM action leaves: its code, and a
// message in words of this package.
func Gap(action string, err error) groundway.Gap {
	return groundway.Gap{Action: action, Code: Code(err), Message: message(err)}
}

// message says what the class of the error is, and what more can be told
// without repeating anything that was sent.
func message(err error) string {
	class := Classify(err)
	text := inWords[class]
	switch response, answered := errors.AsType[*smithyhttp.ResponseError](err); {
	case class == Unreadable && answered:
		text += fmt.Sprintf(" (HTTP status %d)", response.HTTPStatusCode())
	case class == Connection && is[*net.DNSError](err):
		text += ": the endpoint's name did not resolve"
	case class == Connection && is[*tls.CertificateVerificationError](err):
		text += ": the endpoint's certificate was not accepted"
	case class == Connection && errors.Is(err, syscall.ECONNREFUSED):
		text += ": the endpoint refused it"
	}
	return text
}

// Stop returns the error that ends a reading, or nil where err merely leaves a
// gap. A reading ends when ctx has, and when further calls could only fail in
// the same way: the credentials do not work, or no request can be made.
func Stop(ctx context.Context, action string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", action, ctx.Err())
	}
	switch class := Classify(err); class {
	case Credentials, Unsent:
		return &stopError{action, class, err}
	}
	return nil
}

// Failed returns the error of a call without which nothing can go on, in words of
// this package; errors.As reaches what the SDK returned.
func Failed(ctx context.Context, action string, err error) error {
	if stop := Stop(ctx, action, err); stop != nil {
		return stop
	}
	return &failedError{Gap(action, err), err}
}

type failedError struct {
	gap groundway.Gap
	err error
}

func (e *failedError) Unwrap() error { return e.err }

func (e *failedError) Error() string {
	text := e.gap.Action + ": " + e.gap.Message
	if e.gap.Code != "" {
		text += " (" + e.gap.Code + ")"
	}
	return text
}

// A stopError prints no text that AWS sent; errors.As reaches it.
type stopError struct {
	action string
	class  Class
	err    error
}

func (e *stopError) Unwrap() error { return e.err }

func (e *stopError) Error() string {
	text := e.action + ": " + inWords[e.class]
	if code := Code(e.err); code != "" {
		return text + " (" + code + ")"
	}
	if inner := nested(e.err); inner != nil {
		text += ": " + inner.Service() + " " + inner.Operation() + " failed"
		if code := Code(inner); code != "" {
			text += " (" + code + ")"
		}
		return text
	}
	// What is left was found on this side of the wire, by the SDK's own code.
	if op, ok := errors.AsType[*smithy.OperationError](e.err); ok && e.class == Unsent {
		if quotes(op.Err) {
			return text + ": what gives the credentials wrote something that cannot be read"
		}
		return text + ": " + op.Err.Error()
	}
	return text
}

// quotes reports whether the error is about a text that did not parse: the SDK
// repeats the whole output of a credential_process then, secrets included.
func quotes(err error) bool {
	return is[*json.SyntaxError](err) || is[*json.UnmarshalTypeError](err) || is[*time.ParseError](err)
}
