package awskms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/internal/patience"
	"github.com/groundway-sdk/groundway/pki"
)

// Errors of [Apply], for errors.Is.
var (
	// ErrBlocked means that the plan cannot be carried out. Nothing was called.
	ErrBlocked = errors.New("the plan cannot be applied")
	// ErrChanged means that the account is no longer as the plan assumed. Nothing
	// was changed.
	ErrChanged = errors.New("the account changed since the plan")
)

// PlanOptions are what [PlanKey] may be told. The zero value is right.
type PlanOptions struct {
	Algorithm   pki.Algorithm     // of the key; zero: ECDSA on P-256
	Owner       string            // the value of the owner tag, such as the name of the cluster; empty: "groundway"
	Tags        map[string]string // given to the key besides
	Description string            // of the key; empty: one that names the alias
}

// A Plan says what it takes for an alias to stand for a key that signs. It is
// data, which [Apply] carries out. The zero value changes nothing.
type Plan struct {
	Account     string            `json:"account,omitempty"`
	Region      string            `json:"region,omitempty"`
	Alias       string            `json:"alias"`
	Create      bool              `json:"create"`         // nothing has the alias, and a key is to be made
	Spec        string            `json:"spec,omitempty"` // of the new key: "ECC_NIST_P256"
	Tags        map[string]string `json:"tags,omitempty"` // of the new key
	Description string            `json:"description,omitempty"`
	Existing    *Key              `json:"existing,omitempty"` // the key that has the alias already, and does
	Blocked     string            `json:"blocked,omitempty"`  // why nothing can be done
}

// PlanKey decides what it takes for the snapshot's alias to stand for a key of
// this algorithm. A key that has the alias and does is left as it is, whoever
// made it, so that a second plan after an apply is empty. One that does not,
// because it is disabled, for something else, or of another algorithm, blocks
// the plan: a key is never replaced, since certificates hang on it. So does a
// key that could not be seen.
func PlanKey(s Snapshot, o PlanOptions) (Plan, error) {
	if o.Algorithm == pki.DefaultAlgorithm {
		o.Algorithm = pki.ECDSAP256
	}
	spec := specOf(o.Algorithm)
	if spec == "" {
		return Plan{}, fmt.Errorf("plan KMS key %q: algorithm %s: KMS has no such keys", s.Alias, o.Algorithm)
	}
	if err := checkAlias(s.Alias); err != nil {
		return Plan{}, fmt.Errorf("plan KMS key: %w", err)
	}
	p := Plan{Account: s.Account, Region: s.Region, Alias: s.Alias}
	switch {
	case len(s.Key.Items) > 0:
		key := s.Key.Items[0]
		p.Existing = &key
		if reason := key.unfit(); reason != "" {
			p.Blocked = fmt.Sprintf("the key %s has the alias, and %s", key.ID, reason)
		} else if key.Spec != "" && key.Spec != string(spec) {
			p.Blocked = fmt.Sprintf("the key %s has the alias, and its key spec is %s, want %s", key.ID, key.Spec, spec)
		}
	case !s.Key.Seen || s.Key.Partial:
		p.Blocked = "it could not be seen whether a key has the alias"
		for _, gap := range s.Key.Gaps {
			p.Blocked += fmt.Sprintf(": %s: %s", gap.Action, gap.Message)
		}
	default:
		p.Create, p.Spec = true, string(spec)
		p.Description = cmp.Or(o.Description, "signs the certificates of "+strings.TrimPrefix(s.Alias, "alias/"))
		p.Tags = maps.Clone(o.Tags)
		if p.Tags == nil {
			p.Tags = map[string]string{}
		}
		p.Tags[groundway.OwnerTag] = cmp.Or(o.Owner, "groundway")
	}
	return p, nil
}

// Empty reports whether there is nothing to change. A plan that is blocked is
// not empty: what it was asked for is not there.
func (p Plan) Empty() bool { return !p.Create && p.Blocked == "" }

// String prints the plan like a diff, a line for each thing: + is made, = is
// there already, ! stands in the way.
func (p Plan) String() string {
	var b strings.Builder
	switch {
	case p.Blocked != "":
		fmt.Fprintf(&b, "! %s: %s\n", p.Alias, groundway.Visible(p.Blocked))
	case p.Create:
		fmt.Fprintf(&b, "+ KMS key %s %s\n", p.Alias, p.Spec)
		for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
			fmt.Fprintf(&b, "+   tag %q = %q\n", key, p.Tags[key])
		}
	case p.Existing != nil:
		fmt.Fprintf(&b, "= KMS key %s %s (%s)\n", p.Alias, p.Existing.Spec, p.Existing.ID)
	}
	return b.String()
}

// An UnnamedError says that a key was made and its alias was not. KMS has no way
// to make both at once, and a key cannot be deleted at once either. The remedy
// is the alias: aws kms create-alias --alias-name ALIAS --target-key-id KEY.
type UnnamedError struct {
	Alias string
	Key   string // the ID of the key
	Err   error
}

// Error names the key, so that it is not lost.
func (e *UnnamedError) Error() string {
	return fmt.Sprintf("the key %s was made and the alias %s was not: %v; give it with: aws kms create-alias --alias-name %[2]s --target-key-id %[1]s", e.Key, e.Alias, e.Err)
}

// Unwrap returns the error of the call.
func (e *UnnamedError) Unwrap() error { return e.Err }

// ApplyOptions are what [Apply] may be told. The zero value is right.
type ApplyOptions struct {
	// Patience is how long the new key and then its alias are waited for, which
	// KMS shows to one of its servers later than to another, see
	// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency.
	// Zero: a minute.
	Patience time.Duration
}

// Apply makes the key of a plan, gives it the alias, and returns it when KMS
// shows it under the alias. It first looks whether the alias is still free, and
// stops with [ErrChanged] if not. A plan that is empty calls nothing. The key gets
// KMS's default key policy, which lets the account's IAM policies decide.
//
// KMS has no token by which it knows a request again: where a connection breaks
// after a request was sent, the client's second attempt makes a second key, and
// the first is left without an alias. It has the plan's tags and description,
// and costs money until it is deleted. It is not looked for: KMS lists keys
// without their tags, and may not list a new one for minutes.
//
// A call that fails is an error that names its action. If the alias cannot be
// given the error is an [*UnnamedError].
func Apply(ctx context.Context, client ApplyAPI, p Plan, o ApplyOptions) (Key, error) {
	key, err := apply(ctx, client, p, cmp.Or(o.Patience, time.Minute))
	if err != nil {
		return Key{}, fmt.Errorf("create KMS key %q: %w", p.Alias, err)
	}
	return key, nil
}

func apply(ctx context.Context, client ApplyAPI, p Plan, wait time.Duration) (Key, error) {
	switch {
	case p.Blocked != "":
		return Key{}, fmt.Errorf("%w: %s", ErrBlocked, p.Blocked)
	case !p.Create && p.Existing != nil:
		return *p.Existing, nil
	case !p.Create || checkAlias(p.Alias) != nil || p.Spec == "":
		return Key{}, fmt.Errorf("%w: it is not one of PlanKey", ErrBlocked)
	}
	switch there, err := describe(ctx, client, p.Alias); {
	case err == nil:
		return Key{}, fmt.Errorf("%w: the key %s has the alias", ErrChanged, there.ID)
	case ctx.Err() != nil || awserr.Classify(err) != awserr.NotFound:
		return Key{}, awserr.Failed(ctx, describeKey, err)
	}
	var tags []types.Tag
	for _, name := range slices.Sorted(maps.Keys(p.Tags)) {
		tags = append(tags, types.Tag{TagKey: aws.String(name), TagValue: aws.String(p.Tags[name])})
	}
	out, err := client.CreateKey(ctx, &kmssdk.CreateKeyInput{
		KeySpec: types.KeySpec(p.Spec), KeyUsage: types.KeyUsageTypeSignVerify, Description: &p.Description, Tags: tags,
	})
	if err == nil && (out.KeyMetadata == nil || aws.ToString(out.KeyMetadata.KeyId) == "") {
		err = awserr.ErrNoList
	}
	if err != nil {
		return Key{}, awserr.Failed(ctx, createKey, err)
	}
	key := keyOf(out.KeyMetadata)
	if err := name(ctx, client, p.Alias, key.ID, wait); err != nil {
		return Key{}, &UnnamedError{p.Alias, key.ID, err}
	}
	return key, nil
}

// name gives a key the alias, and looks whether it has it: the answer of KMS is
// empty, as is that of a server that is not KMS; and an alias that is taken may be
// this key's, by a first attempt whose answer was lost.
func name(ctx context.Context, client ApplyAPI, alias, id string, wait time.Duration) error {
	err := patiently(ctx, wait, func() error {
		_, err := client.CreateAlias(ctx, &kmssdk.CreateAliasInput{AliasName: &alias, TargetKeyId: &id})
		return err
	})
	if err != nil && (ctx.Err() != nil || awserr.Classify(err) != awserr.Exists) {
		return awserr.Failed(ctx, createAlias, err)
	}
	var there Key
	lookErr := patiently(ctx, wait, func() (err error) {
		there, err = describe(ctx, client, alias)
		return err
	})
	switch {
	case lookErr == nil && there.ID == id:
		return nil
	case err != nil:
		return awserr.Failed(ctx, createAlias, err)
	case lookErr != nil && (ctx.Err() != nil || awserr.Classify(lookErr) != awserr.NotFound):
		return awserr.Failed(ctx, describeKey, lookErr)
	}
	return fmt.Errorf("%s: KMS took it, and does not show it within %v", createAlias, wait)
}

// patiently calls again what finds nothing, for KMS may know it a moment later.
func patiently(ctx context.Context, wait time.Duration, call func() error) error {
	return patience.Retry(ctx, wait, 250*time.Millisecond, func() (again bool, err error) {
		err = call()
		return awserr.Classify(err) == awserr.NotFound, err
	})
}
