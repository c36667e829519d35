package ec2fake

import (
	"encoding/base64"
	"fmt"
	"slices"
	"sync"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// KeyPairs returns the service for a region of which a test needs the key pairs
// alone: all else is denied.
func KeyPairs(p sshkeys.Parts) awsfake.Service {
	return New(network.Snapshot{}, Options{KeyPairs: p})
}

// A keyring holds the key pairs of a region, to which an import adds one.
type keyring struct {
	mu          sync.Mutex
	now, before groundway.Part[sshkeys.KeyPair]
}

// The elements of the answers, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html.
type keySet struct {
	Set list[keyPairXML] `xml:"keySet"`
}

type keyPairXML struct {
	Name        string `xml:"keyName"`
	ID          string `xml:"keyPairId,omitempty"`
	Type        string `xml:"keyType,omitempty"`
	Fingerprint string `xml:"keyFingerprint,omitempty"`
	PublicKey   string `xml:"publicKey,omitempty"`
}

func (k *keyring) describe(r awsfake.Request) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	part := k.now
	if r.Stale {
		part = k.before
	}
	if !part.Complete() { // the call has no pages, so that it cannot break off after some
		return nil, refused(part.Gaps)
	}
	r.PageSize = 0
	items, _, err := describe(r, part, query[sshkeys.KeyPair]{
		ids: "KeyName", notFound: "InvalidKeyPair.NotFound",
		filters: map[string]func(sshkeys.KeyPair) []string{
			"key-name": func(p sshkeys.KeyPair) []string { return []string{p.Name} },
		},
	})
	var set keySet
	for _, p := range items {
		x := keyPairXML(p)
		if r.Params.Get("IncludePublicKey") != "true" {
			x.PublicKey = ""
		}
		set.Set.Items = append(set.Set.Items, x)
	}
	return set, err
}

// importPair takes a key as EC2 does: RSA or ED25519 without options.
func (k *keyring) importPair(r awsfake.Request) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := r.Params.Get("KeyName")
	if err := sshkeys.CheckName(name); err != nil {
		return nil, awsfake.Errorf("InvalidParameterValue", "%v", err)
	}
	material, err := base64.StdEncoding.DecodeString(r.Params.Get("PublicKeyMaterial"))
	if err != nil {
		return nil, awsfake.Errorf("InvalidParameterValue", "Value for parameter PublicKeyMaterial is invalid: %v", err)
	}
	key, err := sshkeys.ParsePublicKey(material)
	if err != nil || !key.Type().InEC2() || len(key.Options()) > 0 {
		return nil, awsfake.Errorf("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
	}
	switch {
	case !k.now.Complete():
		return nil, refused(k.now.Gaps)
	case slices.ContainsFunc(k.now.Items, func(p sshkeys.KeyPair) bool { return p.Name == name }):
		return nil, awsfake.Errorf("InvalidKeyPair.Duplicate", "The keypair already exists")
	}
	pair := sshkeys.KeyPair{
		Name: name, ID: fmt.Sprintf("key-%017x", len(k.now.Items)+1), Type: key.Type().String(),
		Fingerprint: key.ImportFingerprint(), PublicKey: key.String(),
	}
	k.before = k.now
	k.now.Items = append(slices.Clone(k.now.Items), pair)
	pair.Type, pair.PublicKey = "", "" // the answer holds neither
	return keyPairXML(pair), nil
}
