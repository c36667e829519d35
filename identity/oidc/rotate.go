package oidc

import (
	"cmp"
	"crypto"
	"fmt"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway/pki"
)

// RotateOptions say how long to wait. The zero value is right.
type RotateOptions struct {
	// Cache is how long verifiers may hold on to a key set that they fetched. AWS
	// does not say how long STS does; zero is an hour.
	Cache time.Duration
	// Life is the longest life of a token; zero is a day, which the webhook of IAM
	// roles for service accounts asks for.
	Life time.Duration
}

// A RotationStep leads from one phase to the next.
type RotationStep struct {
	pki.PhaseStep
	// Keys are what the issuer publishes from this step on, and Publish is whether
	// that differs from before.
	Keys    KeySet
	Publish bool
}

// PlanRotation returns the steps that remain until the API server signs tokens
// with another key and the one before is forgotten. A key is published before it
// signs, and stays published until the last token that it signed has expired. How
// far a change has come is read from the set that is published and the identifier
// of the key that signs; next is the public key that is to sign, and nil where no
// change is wanted, or one is to be ended.
//
// The key files of the API server rotate with it, see [pki.PlanRotation]: publish
// the set of each step before the API server is restarted with the next key.
//
// It fails where the key that signs is not published, so that its tokens are
// refused now: publish it first. And where a set has keys that no phase explains.
func PlanRotation(published KeySet, signs string, next crypto.PublicKey, o RotateOptions) ([]RotationStep, error) {
	ring := pki.KeyRing{Signs: signs, Trusted: published.IDs()}
	keys := published
	if next != nil {
		made, err := NewKeySet(next)
		if err != nil {
			return nil, fmt.Errorf("rotate key set: %w", err)
		}
		if id := made.Keys[0].ID; id != signs {
			ring.Next = id
			keys.Keys = slices.Concat(keys.Keys, made.Keys)
		}
	}
	steps, err := pki.PlanPhases(ring, "", pki.PhaseOptions{
		Cache: cmp.Or(o.Cache, time.Hour), Life: cmp.Or(o.Life, 24*time.Hour),
	})
	if err != nil {
		return nil, fmt.Errorf("rotate key set: %w", err)
	}
	var plan []RotationStep
	before := published
	for _, s := range steps {
		step := RotationStep{PhaseStep: s}
		for _, id := range s.Ring.Trusted {
			k, _ := keys.Key(id)
			step.Keys.Keys = append(step.Keys.Keys, k)
		}
		if err := step.Keys.check(); err != nil {
			return nil, fmt.Errorf("rotate key set: phase %s: %w", s.To, err)
		}
		step.Publish = string(before.Bytes()) != string(step.Keys.Bytes())
		switch s.To {
		case pki.PhasePublished:
			step.Do = "Publish the key set with the next key, and give the next key to every API server by --service-account-key-file."
			step.Undo = "Publish the key set without it."
		case pki.PhaseSwitched:
			step.Do = "Let every API server sign with the next key: --service-account-signing-key-file."
			step.Undo = "Let the key before sign again: it is published still."
		case pki.PhaseSteady:
			step.Do = "Publish the key set without the key before, and take it from every API server."
			step.Undo = "Publish it again."
		}
		before = step.Keys
		plan = append(plan, step)
	}
	return plan, nil
}
