package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// SSH is the key pair that opens the nodes.
type SSH struct {
	KeyName   string            // of the key pair in EC2
	PublicKey sshkeys.PublicKey // the key that is held; zero: not given
}

func (s Spec) sshOptions() sshkeys.Options {
	return sshkeys.Options{Region: s.Region, KeyName: s.SSH.KeyName, PublicKey: s.SSH.PublicKey}
}

func (s Snapshot) ssh() sshkeys.Snapshot {
	return sshkeys.Snapshot{Observation: s.Observation, Parts: s.SSH}
}

// loadSSH reads the key pairs where the spec names one: nobody needs the
// permission otherwise.
func loadSSH(ctx context.Context, client awssshkeys.LoadAPI, spec Spec) (sshkeys.Parts, error) {
	if spec.SSH.KeyName == "" {
		return sshkeys.Parts{}, nil
	}
	s, err := awssshkeys.Load(ctx, client, awssshkeys.LoadOptions{Region: spec.Region})
	return s.Parts, err
}

func parseKeyName(s string) (string, error) {
	switch {
	case isPrivateKey(s):
		return "", errors.New("got a private key, want the name of a key pair; treat the private key as leaked if others can read this file")
	case sshkeys.CheckName(s) != nil:
		return "", fmt.Errorf("got %s, want the name of a key pair: 1 to 255 ASCII characters, no space first or last", quote(s))
	}
	return s, nil
}

// parsePublicKey returns errors that do not repeat the text: it may be a private
// key, put here by mistake.
func parsePublicKey(s string) (sshkeys.PublicKey, error) {
	k, err := sshkeys.ParsePublicKey([]byte(s))
	parse, ok := errors.AsType[*sshkeys.ParseError](err)
	switch {
	case ok && parse.Line > 1:
		return sshkeys.PublicKey{}, fmt.Errorf("line %d of the text: %s", parse.Line, parse.Reason)
	case ok:
		return sshkeys.PublicKey{}, errors.New(parse.Reason)
	}
	return k, err
}

func isPrivateKey(s string) bool {
	_, err := sshkeys.ParsePublicKey([]byte(s))
	parse, ok := errors.AsType[*sshkeys.ParseError](err)
	return ok && parse.Private
}
