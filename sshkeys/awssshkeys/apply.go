package awssshkeys

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// Errors of [Apply], for errors.Is.
var (
	// ErrBlocked means that the plan has findings that stand in its way. Nothing
	// was called.
	ErrBlocked = errors.New("the plan cannot be applied")
	// ErrChanged means that the account is no longer as the plan assumed. Nothing
	// was changed.
	ErrChanged = errors.New("the account changed since the plan")
)

// Apply imports the key of the plan, and returns the key pair that is there
// afterwards.
//
// It first looks again at the name that the plan found free. If a key pair has it
// by now that is another key, Apply stops with [ErrChanged]; if it is this key,
// what the plan wants is there, and Apply returns it and changes nothing. The same
// goes for an import that EC2 refuses as a duplicate, because somebody was faster,
// or because the answer to a first attempt was lost: to apply a plan twice is to
// apply it once. What EC2 says it imported is compared with the key.
//
// A plan that is empty calls nothing. Any call that fails is an error that names
// its action, and holds nothing that AWS sent but its code.
func Apply(ctx context.Context, client ApplyAPI, p sshkeys.Plan) (sshkeys.KeyPair, error) {
	pair, err := apply(ctx, client, p)
	if err != nil {
		return sshkeys.KeyPair{}, fmt.Errorf("import key pair %q: %w", p.Name, err)
	}
	return pair, nil
}

func apply(ctx context.Context, client ApplyAPI, p sshkeys.Plan) (sshkeys.KeyPair, error) {
	switch err := p.Err(); {
	case err != nil:
		return sshkeys.KeyPair{}, fmt.Errorf("%w: %w", ErrBlocked, err)
	case !p.Import && p.Existing != nil:
		return *p.Existing, nil
	case !p.Import, p.Key.IsZero():
		return sshkeys.KeyPair{}, fmt.Errorf("%w: it is not one of sshkeys.PlanImport", ErrBlocked)
	}
	if there, err := lookUp(ctx, client, p); err != nil || there != nil {
		return value(there), err
	}
	out, err := client.ImportKeyPair(ctx, &ec2sdk.ImportKeyPairInput{
		KeyName: &p.Name, PublicKeyMaterial: []byte(p.Key.String()), TagSpecifications: tagSpecification(p.Tags),
	})
	switch {
	case err != nil && awserr.Classify(err) == awserr.Exists:
		there, lookErr := lookUp(ctx, client, p)
		if lookErr == nil && there == nil {
			lookErr = fmt.Errorf("%s: EC2 says that the name is taken (%s), and shows no key pair of it: try again", importKeyPair, awserr.Code(err))
		}
		return value(there), lookErr
	case err != nil:
		return sshkeys.KeyPair{}, awserr.Failed(ctx, importKeyPair, err)
	case aws.ToString(out.KeyPairId) == "" && aws.ToString(out.KeyFingerprint) == "":
		// The key pair may have been made all the same; the next plan will tell.
		return sshkeys.KeyPair{}, awserr.Failed(ctx, importKeyPair, awserr.ErrNoList)
	}
	made := sshkeys.KeyPair{
		Name: p.Name, ID: aws.ToString(out.KeyPairId), Type: p.Key.Type().String(), Fingerprint: aws.ToString(out.KeyFingerprint),
	}
	if made.Compare(p.Key).Verdict != sshkeys.Match {
		// The fingerprint is not what it should be. The key itself decides.
		there, err := lookUp(ctx, client, p)
		if err == nil && there == nil {
			err = fmt.Errorf("%s: it was imported with the fingerprint %q, want %q", importKeyPair, made.Fingerprint, p.Key.ImportFingerprint())
		}
		if err != nil {
			return sshkeys.KeyPair{}, err
		}
	}
	made.PublicKey = p.Key.String()
	return made, nil
}

// lookUp returns the key pair that has the name of the plan, nil where there is
// none, and an error where it is not the key of the plan.
func lookUp(ctx context.Context, client LoadAPI, p sshkeys.Plan) (*sshkeys.KeyPair, error) {
	// All of them, as Load does: where one is asked for by its name EC2 answers an
	// error if there is none, and a filter reads * and ? and \ as something else.
	infos, err := describe(ctx, client)
	if err != nil {
		return nil, awserr.Failed(ctx, describeKeyPairs, err)
	}
	for _, pair := range partOf(infos).Items {
		if pair.Name != p.Name {
			continue
		}
		switch c := pair.Compare(p.Key); c.Verdict {
		case sshkeys.Match:
			pair.PublicKey = p.Key.String()
			return &pair, nil
		case sshkeys.Mismatch:
			return nil, fmt.Errorf("%w: there is a key pair of the name, and its %s is %q, want %q", ErrChanged, c.By, c.Got, c.Want)
		}
		return nil, fmt.Errorf("%w: there is a key pair of the name, and nothing shows which key it is", ErrChanged)
	}
	return nil, nil
}

// value returns what the pointer leads to, or the zero value.
func value(pair *sshkeys.KeyPair) sshkeys.KeyPair {
	if pair == nil {
		return sshkeys.KeyPair{}
	}
	return *pair
}

// EnsureImported makes sure that the key pair of this name is this key: it loads
// the key pairs, plans and applies. To call it twice is to call it once. A key pair of the
// name that is another key is an error, [ErrBlocked], and stays as it is.
func EnsureImported(ctx context.Context, client ApplyAPI, name string, key sshkeys.PublicKey, o sshkeys.PlanOptions) (sshkeys.KeyPair, error) {
	s, err := Load(ctx, client, LoadOptions{Region: o.Region})
	if err != nil {
		return sshkeys.KeyPair{}, err
	}
	p, err := sshkeys.PlanImport(s, name, key, o)
	if err != nil {
		return sshkeys.KeyPair{}, err
	}
	return Apply(ctx, client, p)
}
