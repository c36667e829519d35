package awskms

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/pki"
)

// A Key is what KMS says of a key. Empty fields are not in the answer.
type Key struct {
	ID      string `json:"id"`
	ARN     string `json:"arn,omitempty"`
	Account string `json:"account,omitempty"` // of the owner, 12 digits
	Spec    string `json:"spec,omitempty"`    // "ECC_NIST_P256"
	Usage   string `json:"usage,omitempty"`   // "SIGN_VERIFY"
	State   string `json:"state,omitempty"`   // "Enabled"
}

// specs are the key specs whose certificates the programs of a cluster take, see
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html.
var specs = map[types.KeySpec]pki.Algorithm{
	types.KeySpecEccNistP256:         pki.ECDSAP256,
	types.KeySpecEccNistP384:         pki.ECDSAP384,
	types.KeySpecRsa2048:             pki.RSA2048,
	types.KeySpecRsa3072:             pki.RSA3072,
	types.KeySpecRsa4096:             pki.RSA4096,
	types.KeySpecEccNistEdwards25519: pki.Ed25519,
}

// specOf returns the key spec of an algorithm, and "" for the default and others.
func specOf(a pki.Algorithm) types.KeySpec {
	for spec, algorithm := range specs {
		if algorithm == a {
			return spec
		}
	}
	return ""
}

// unfit says why a key cannot sign certificates, or returns "". What the answer
// does not say does not count against the key.
func (k Key) unfit() string {
	_, known := specs[types.KeySpec(k.Spec)]
	switch {
	case k.State != "" && k.State != string(types.KeyStateEnabled):
		return fmt.Sprintf("its state is %q, want %q", k.State, types.KeyStateEnabled)
	case k.Usage != "" && k.Usage != string(types.KeyUsageTypeSignVerify):
		return fmt.Sprintf("its usage is %q, want %q", k.Usage, types.KeyUsageTypeSignVerify)
	case k.Spec != "" && !known:
		return fmt.Sprintf("its key spec is %q, want one of ECC_NIST_P256, ECC_NIST_P384, RSA_2048, RSA_3072, RSA_4096, ECC_NIST_EDWARDS25519", k.Spec)
	}
	return ""
}

// A Snapshot is what was seen of the key that an alias stands for.
type Snapshot struct {
	groundway.Observation
	Alias string              `json:"alias"` // "alias/demo-kube-ca"
	Key   groundway.Part[Key] `json:"key"`   // one, or none where nothing has the alias
}

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	Account string    // the caller's account, which stands in the snapshot's head
	Region  string    // the client's region, likewise
	Time    time.Time // when the reading began; zero: now
}

// Load reads which key has the alias, "alias/…", in one call, kms:DescribeKey.
// That none has it is an answer. A call that fails otherwise leaves the key
// unseen, with a [groundway.Gap] that names the action.
//
// Load returns an error where the alias is none, when ctx ends, when the
// credentials do not work, and when no request can be made.
func Load(ctx context.Context, client LoadAPI, alias string, o LoadOptions) (Snapshot, error) {
	s := Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}, Alias: alias}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	if err := checkAlias(alias); err != nil {
		return Snapshot{}, fmt.Errorf("load KMS key: %w", err)
	}
	switch k, err := describe(ctx, client, alias); {
	case err == nil:
		s.Key = groundway.SeenPart(k)
	case ctx.Err() == nil && awserr.Classify(err) == awserr.NotFound:
		s.Key = groundway.SeenPart[Key]()
	default:
		if stop := awserr.Stop(ctx, describeKey, err); stop != nil {
			return Snapshot{}, fmt.Errorf("load KMS key %q: %w", alias, stop)
		}
		s.Key = groundway.UnseenPart[Key](awserr.Gap(describeKey, err))
	}
	return s, nil
}

func describe(ctx context.Context, client LoadAPI, id string) (Key, error) {
	out, err := client.DescribeKey(ctx, &kmssdk.DescribeKeyInput{KeyId: &id})
	switch {
	case err != nil:
		return Key{}, err
	case out.KeyMetadata == nil || aws.ToString(out.KeyMetadata.KeyId) == "":
		return Key{}, awserr.ErrNoList
	}
	return keyOf(out.KeyMetadata), nil
}

func keyOf(m *types.KeyMetadata) Key {
	return Key{
		ID: aws.ToString(m.KeyId), ARN: aws.ToString(m.Arn), Account: aws.ToString(m.AWSAccountId),
		Spec: string(m.KeySpec), Usage: string(m.KeyUsage), State: string(m.KeyState),
	}
}

// checkAlias holds an alias to KMS's grammar, see
// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html.
func checkAlias(alias string) error {
	const want = `want "alias/" and 1 to 250 letters, digits, and characters of /_-`
	name, ok := strings.CutPrefix(alias, "alias/")
	foreign := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/_-", r)
	}
	switch {
	case !ok || name == "" || len(alias) > 256 || strings.ContainsFunc(name, foreign):
		return fmt.Errorf("alias %q: %s", alias, want)
	case strings.HasPrefix(name, "aws/"):
		return fmt.Errorf("alias %q: names that begin with alias/aws/ are AWS's own", alias)
	}
	return nil
}
