package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// Policies are all that bear on the requests of one principal to one resource.
// A list of which nothing is known stays nil. The zero value denies everything
// to everybody but the root user of an account.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
type Policies struct {
	// Identity are the policies of the user, of its groups, or of the role,
	// inline and managed.
	Identity []Document `json:"identity,omitempty"`
	// Boundary is the permissions boundary of the user or role; empty means none.
	Boundary []Document `json:"boundary,omitempty"`
	// Session are the policies that were passed when the session began; empty
	// means none.
	Session []Document `json:"session,omitempty"`
	// Resource is the policy of the resource, and where a role is assumed its
	// trust policy. A document without statements means none.
	Resource Document `json:"resource,omitzero"`
	// SCPs are the service control policies that the principal's account is
	// under, by level: the root, each organizational unit on the way, the
	// account. Nil means no organization, or its management account. Each level
	// has to allow, so that a level without policies denies everything.
	SCPs [][]Document `json:"scps,omitempty"`
	// RCPs are the resource control policies that the resource's account is
	// under, by level. That they allow is not asked: AWS's RCPFullAWSAccess is
	// attached everywhere and cannot be detached.
	RCPs [][]Document `json:"rcps,omitempty"`
	// Endpoint is the policy of the VPC endpoint that requests come through;
	// empty means none, or the default one.
	Endpoint []Document `json:"endpoint,omitempty"`
}

// A Request is one call: who does what to what, and the circumstances.
type Request struct {
	// Principal is who asks: the ARN of a user, of a role or a session of it, of
	// a federated user, of an account's root, or of an identity provider; the name
	// of a service, "ec2.amazonaws.com"; or "*" for a caller without credentials.
	Principal string `json:"principal"`
	Action    Action `json:"action"`             // as an action and not as a pattern
	Resource  string `json:"resource,omitempty"` // an ARN; "*" or empty where the action has no resource
	// ResourceAccount owns the resource. Empty means the account in its ARN or,
	// where it has none as those of buckets, the principal's.
	ResourceAccount Account `json:"resourceAccount,omitempty"`
	// Context holds the condition keys of the request. Those that follow from the
	// fields above are added where they are missing, see [Authorizer.Authorize].
	Context Context `json:"context,omitempty"`
	// CanonicalUser is the canonical user ID of the principal's account, for
	// bucket policies that name accounts so. Where it is empty they do not match.
	CanonicalUser string `json:"canonicalUser,omitempty"`
	// Partial says that the request may have more keys than Context holds. An
	// empty list there means that the key is known to be missing.
	Partial bool `json:"partial,omitempty"`
}

// A Context holds the values of condition keys, by key. Keys are compared
// without regard to case, and most have one value.
type Context map[string][]string

// UnmarshalJSON reads an object whose values are text, a number, a boolean, or a
// list of these. Numbers keep their digits. A null is a missing key, as an empty
// list is.
func (c *Context) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return fmt.Errorf("unmarshal context: want an object of condition keys: %v", err)
	}
	context := make(Context, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if object[key] == nil {
			context[key] = nil
			continue
		}
		list, ok := object[key].([]any)
		if !ok {
			list = []any{object[key]}
		}
		values := make([]string, len(list))
		for i, v := range list {
			switch v := v.(type) {
			case string:
				values[i] = v
			case json.Number:
				values[i] = v.String()
			case bool:
				values[i] = strconv.FormatBool(v)
			default:
				return fmt.Errorf("unmarshal context: key %s: want text, a number, a boolean, or a list of these", quote(key))
			}
		}
		context[key] = values
	}
	*c = context
	return nil
}

// A Verdict is the outcome of a request. The zero value is invalid.
type Verdict uint8

const (
	_ Verdict = iota
	// Allowed means that policies allow the request and none denies it.
	Allowed
	// ImplicitlyDenied means that a policy that has to allow the request does not.
	ImplicitlyDenied
	// ExplicitlyDenied means that a statement denies the request.
	ExplicitlyDenied
	// Undetermined means that the request is partial, and allowed or denied by
	// what the keys are that it lacks.
	Undetermined
)

var verdictNames = [...]string{"invalid", "allowed", "implicitly-denied", "explicitly-denied", "undetermined"}

// String returns the word that UnmarshalText reads, or "invalid".
func (v Verdict) String() string { return wordOf(verdictNames[:], uint8(v)) }

// MarshalText returns the word of String; an invalid verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) {
	return marshalWord("verdict", verdictNames[:], uint8(v))
}

// UnmarshalText accepts the words that MarshalText writes.
func (v *Verdict) UnmarshalText(text []byte) error {
	n, err := parseWord("verdict", verdictNames[:], text)
	*v = Verdict(n)
	return err
}

// A Layer is a kind of policies that has a say in a request. The zero value
// means none.
type Layer uint8

const (
	_ Layer = iota
	// RCPLayer are the resource control policies of the resource's organization.
	RCPLayer
	// SCPLayer are the service control policies of the principal's organization.
	SCPLayer
	// EndpointLayer is the policy of the VPC endpoint.
	EndpointLayer
	// ResourceLayer is the policy of the resource, or the trust policy of a role.
	ResourceLayer
	// IdentityLayer are the policies of the user or role.
	IdentityLayer
	// BoundaryLayer is the permissions boundary.
	BoundaryLayer
	// SessionLayer are the policies of the session.
	SessionLayer
)

var layerNames = [...]string{"invalid", "rcp", "scp", "endpoint", "resource", "identity", "boundary", "session"}

// String returns the word that UnmarshalText reads, or "invalid".
func (l Layer) String() string { return wordOf(layerNames[:], uint8(l)) }

// MarshalText returns the word of String; an invalid layer is an error.
func (l Layer) MarshalText() ([]byte, error) { return marshalWord("layer", layerNames[:], uint8(l)) }

// UnmarshalText accepts the words that MarshalText writes.
func (l *Layer) UnmarshalText(text []byte) error {
	n, err := parseWord("layer", layerNames[:], text)
	*l = Layer(n)
	return err
}

// A StatementRef names a statement among the documents of a layer. Numbers count
// from 1; the zero value names none.
type StatementRef struct {
	Level     int    `json:"level,omitempty"` // of service control policies, and 0 elsewhere
	Document  int    `json:"document"`        // in the list that the layer, or the level, has
	Statement int    `json:"statement"`
	ID        string `json:"id,omitempty"` // its Sid
}

// A Decision is the answer to a request.
type Decision struct {
	Verdict Verdict
	// Layer decided. Of a denied request it is the first, in the order of the
	// constants, that denies or that has to allow and does not; of an allowed one
	// that which grants, and of an undetermined one the first that is open.
	Layer Layer
	// By is the statement that denies or grants. There is none where nothing
	// allows, and where the root user or AWS itself needs no statement.
	By StatementRef
	// Missing are the condition keys that an undetermined request depends on, as
	// the policies write them, sorted.
	Missing []string
}

// An Authorizer decides requests by policies that were compiled once, see
// [Compile]. It is immutable: any number of goroutines may use it at once. The
// zero value has no policies.
type Authorizer struct {
	sets       []authSet
	statements []authStatement
	exact      map[string][]int32 // an action in lower case, to the statements that have it as it is
	open       []int32            // statements that have patterns or NotAction
	keys       []string           // the condition keys, as they are written first
	slots      map[string]int     // a condition key in normal form, to its index in keys
	derived    [authDerived]int   // where in keys those are that follow from the request; -1 if nowhere
	bounded    bool               // there is a permissions boundary

	evaluations sync.Pool // of *authEvaluation
}

// evaluation returns a place to decide a request in.
func (a *Authorizer) evaluation() *authEvaluation {
	if e, ok := a.evaluations.Get().(*authEvaluation); ok {
		return e
	}
	return &authEvaluation{slots: make([]authSlot, len(a.keys))}
}

// Authorize decides a request.
//
// These condition keys follow from the other fields of the request and are added
// where Context does not have them: aws:PrincipalArn, aws:PrincipalAccount,
// aws:PrincipalType, aws:PrincipalIsAWSService, aws:PrincipalServiceName,
// aws:username, aws:ResourceAccount. Of the session of a role the ARN of the
// role is known but for its path: a role with a path needs aws:PrincipalArn.
//
// A verdict other than [Undetermined] holds whatever the keys are that a partial
// request lacks. One that is denied at any rate is [ImplicitlyDenied], even where
// a missing key could make the denial explicit. What it depends on is found
// statement by statement: two that allow under opposite conditions leave it
// undetermined.
//
// Of empty text set operators and Null say what they say of a missing key.
//
// A key with several values under an operator without ForAnyValue or
// ForAllValues, of which AWS's pages say only that it needs one of them, matches
// if one of its values does.
//
// The error says which part of the request has no form that AWS sends.
func (a *Authorizer) Authorize(r Request) (Decision, error) {
	e := a.evaluation()
	defer a.evaluations.Put(e)
	if err := e.begin(a, &r); err != nil {
		return Decision{}, fmt.Errorf("authorize: %w", err)
	}
	d := e.decide()
	if d.Verdict == Undetermined {
		d.Missing = e.missing()
	}
	return d, nil
}
