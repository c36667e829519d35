// Package kmsfake answers for AWS KMS, with keys that it makes itself.
//
// It holds to what the API reference says of messages, digests and states, which
// emulators let pass: https://docs.aws.amazon.com/kms/latest/APIReference/.
package kmsfake

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway/internal/awsfake"
)

const (
	region  = awsfake.Region
	account = "111122223333"
)

// A KMS is the keys and aliases of an account in a region. Its zero value has
// none. It is safe for use by several goroutines.
type KMS struct {
	// Lag is how many calls do not find a new key by its ID, nor a new alias.
	Lag int

	mu      sync.Mutex
	keys    map[string]*key // by ID
	aliases map[string]string
	late    map[string]int // calls that do not find it yet, by ID and by alias
	corrupt bool
}

type key struct {
	id, spec, usage, state string
	description            string
	tags                   map[string]string
	signer                 crypto.Signer // nil of a symmetric key
}

// Create makes a key of a spec and gives it the alias, unless that is empty. It
// returns the ID of the key.
func (k *KMS) Create(spec, alias string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	made, err := k.create(spec, "SIGN_VERIFY", "", nil)
	if err != nil {
		panic("kmsfake: " + err.Error())
	}
	if alias != "" {
		k.alias(alias, made.id)
	}
	return made.id
}

// SetState puts a key into a state: "Disabled", "PendingDeletion".
func (k *KMS) SetState(id, state string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[id].state = state
}

// SetUsage says of a key that it is for something else: "KEY_AGREEMENT".
func (k *KMS) SetUsage(id, usage string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[id].usage = usage
}

// Corrupt makes signatures that do not verify from now on.
func (k *KMS) Corrupt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.corrupt = true
}

// Tags returns the tags of a key.
func (k *KMS) Tags(id string) map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys[id].tags
}

func (k *KMS) alias(name, id string) {
	if k.aliases == nil {
		k.aliases = map[string]string{}
	}
	k.aliases[name] = id
}

func (k *KMS) create(spec, usage, description string, tags map[string]string) (*key, error) {
	made := &key{spec: spec, usage: usage, state: "Enabled", description: description, tags: tags}
	var err error
	switch spec {
	case "ECC_NIST_P256":
		made.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ECC_NIST_P384":
		made.signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ECC_NIST_P521":
		made.signer, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "RSA_2048", "RSA_3072", "RSA_4096":
		var bits int
		_, _ = fmt.Sscanf(spec, "RSA_%d", &bits)
		made.signer, err = rsa.GenerateKey(rand.Reader, bits)
	case "ECC_NIST_EDWARDS25519":
		_, made.signer, err = ed25519.GenerateKey(rand.Reader)
	case "SYMMETRIC_DEFAULT":
		made.usage = "ENCRYPT_DECRYPT"
	default:
		return nil, awsfake.Errorf("ValidationException", "key spec %q is none", spec)
	}
	if err != nil {
		return nil, err
	}
	if k.keys == nil {
		k.keys = map[string]*key{}
	}
	made.id = fmt.Sprintf("1234abcd-12ab-34cd-56ef-%012d", len(k.keys)+1)
	k.keys[made.id] = made
	return made, nil
}

func (made *key) arn() string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", region, account, made.id)
}

// find returns the key of an ID, an alias, or an ARN of either.
func (k *KMS) find(id string) (*key, error) {
	name := id
	if strings.HasPrefix(id, "arn:") {
		name = strings.TrimPrefix(id[strings.LastIndexByte(id, ':')+1:], "key/")
	}
	if k.late[name] > 0 {
		k.late[name]--
		return nil, awsfake.Errorf("NotFoundException", "%q is not found", id)
	}
	if target, ok := k.aliases[name]; ok {
		name = target
	}
	if found := k.keys[name]; found != nil {
		return found, nil
	}
	return nil, awsfake.Errorf("NotFoundException", "%q is not found", id)
}

// Service returns the service that answers from the keys.
func (k *KMS) Service() awsfake.Service {
	return awsfake.Service{
		Name: "kms", Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{
			"DescribeKey":  locked(k, k.describeKey),
			"GetPublicKey": locked(k, k.getPublicKey),
			"Sign":         locked(k, k.sign),
			"CreateKey":    locked(k, k.createKey),
			"CreateAlias":  locked(k, k.createAlias),
		},
	}
}

// locked reads the input of an operation and holds the lock while it runs.
func locked[In any](k *KMS, operation func(In) (any, error)) awsfake.Operation {
	return func(r awsfake.Request) (any, error) {
		var in In
		if err := json.Unmarshal(r.Body, &in); err != nil {
			return nil, awsfake.Errorf("SerializationException", "%v", err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		return operation(in)
	}
}

type metadata struct {
	KeyID        string `json:"KeyId"`
	ARN          string `json:"Arn"`
	AWSAccountID string `json:"AWSAccountId"`
	KeySpec      string
	KeyUsage     string
	KeyState     string
	Enabled      bool
	Description  string
}

func (made *key) metadata() any {
	return struct{ KeyMetadata metadata }{metadata{
		made.id, made.arn(), account, made.spec, made.usage, made.state, made.state == "Enabled", made.description,
	}}
}

type named struct {
	KeyID string `json:"KeyId"`
}

func (k *KMS) describeKey(in named) (any, error) {
	found, err := k.find(in.KeyID)
	if err != nil {
		return nil, err
	}
	return found.metadata(), nil
}

// usable returns the key if it may be used, with the errors of
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.
func (k *KMS) usable(id string) (*key, error) {
	found, err := k.find(id)
	switch {
	case err != nil:
		return nil, err
	case found.state == "Disabled":
		return nil, awsfake.Errorf("DisabledException", "%s is disabled", found.arn())
	case found.state != "Enabled":
		return nil, awsfake.Errorf("KMSInvalidStateException", "%s is %s", found.arn(), found.state)
	case found.signer == nil:
		return nil, awsfake.Errorf("UnsupportedOperationException", "%s is a symmetric key", found.arn())
	}
	return found, nil
}

func (k *KMS) getPublicKey(in named) (any, error) {
	found, err := k.usable(in.KeyID)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(found.signer.Public())
	return struct {
		KeyID     string `json:"KeyId"`
		PublicKey []byte
		KeySpec   string
		KeyUsage  string
	}{found.arn(), der, found.spec, found.usage}, err
}

type signInput struct {
	KeyID            string `json:"KeyId"`
	Message          []byte
	MessageType      string
	SigningAlgorithm string
}

func (k *KMS) sign(in signInput) (any, error) {
	found, err := k.usable(in.KeyID)
	switch {
	case err != nil:
		return nil, err
	case found.usage != "SIGN_VERIFY":
		return nil, awsfake.Errorf("InvalidKeyUsageException", "%s is for %s", found.arn(), found.usage)
	case len(in.Message) == 0 || len(in.Message) > 4096:
		return nil, awsfake.Errorf("ValidationException", "a message of %d bytes", len(in.Message))
	}
	signature, err := found.sign(in)
	if err != nil {
		return nil, err
	}
	if k.corrupt {
		signature[len(signature)-1] ^= 1
	}
	return struct {
		KeyID            string `json:"KeyId"`
		Signature        []byte
		SigningAlgorithm string
	}{found.arn(), signature, in.SigningAlgorithm}, nil
}

var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

func (made *key) sign(in signInput) ([]byte, error) {
	hash := hashes[in.SigningAlgorithm[max(0, len(in.SigningAlgorithm)-3):]]
	refused := awsfake.Errorf("InvalidKeyUsageException", "algorithm %s is not one of %s", in.SigningAlgorithm, made.spec)
	var opts crypto.SignerOpts = hash
	switch public := made.signer.Public().(type) {
	case ed25519.PublicKey:
		if in.SigningAlgorithm != "ED25519_SHA_512" {
			return nil, refused
		}
		if in.MessageType == "DIGEST" {
			return nil, awsfake.Errorf("ValidationException", "ED25519_SHA_512 takes a RAW message")
		}
		return made.signer.Sign(nil, in.Message, crypto.Hash(0))
	case *ecdsa.PublicKey:
		size := map[int]crypto.Hash{256: crypto.SHA256, 384: crypto.SHA384, 521: crypto.SHA512}[public.Curve.Params().BitSize]
		if !strings.HasPrefix(in.SigningAlgorithm, "ECDSA_SHA_") || hash != size {
			return nil, refused
		}
	default:
		switch {
		case strings.HasPrefix(in.SigningAlgorithm, "RSASSA_PSS_SHA_") && hash != 0:
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
		case !strings.HasPrefix(in.SigningAlgorithm, "RSASSA_PKCS1_V1_5_SHA_") || hash == 0:
			return nil, refused
		}
	}
	digest := in.Message
	if in.MessageType != "DIGEST" {
		h := hash.New()
		h.Write(in.Message)
		digest = h.Sum(nil)
	} else if len(digest) != hash.Size() {
		return nil, awsfake.Errorf("ValidationException", "Digest is invalid length for algorithm %s", in.SigningAlgorithm)
	}
	return made.signer.Sign(rand.Reader, digest, opts)
}

type createKeyInput struct {
	KeySpec, KeyUsage, Description string
	Tags                           []struct{ TagKey, TagValue string }
}

func (k *KMS) createKey(in createKeyInput) (any, error) {
	tags := map[string]string{}
	for _, t := range in.Tags {
		tags[t.TagKey] = t.TagValue
	}
	made, err := k.create(in.KeySpec, in.KeyUsage, in.Description, tags)
	if err != nil {
		return nil, err
	}
	k.lag(made.id)
	return made.metadata(), nil
}

// lag lets the next calls not find a name.
func (k *KMS) lag(name string) {
	if k.late == nil {
		k.late = map[string]int{}
	}
	k.late[name] = k.Lag
}

func (k *KMS) createAlias(in struct {
	AliasName   string
	TargetKeyID string `json:"TargetKeyId"`
},
) (any, error) {
	found, err := k.find(in.TargetKeyID)
	if err != nil {
		return nil, err
	}
	if _, taken := k.aliases[in.AliasName]; taken {
		return nil, awsfake.Errorf("AlreadyExistsException", "An alias with the name %s already exists", in.AliasName)
	}
	k.alias(in.AliasName, found.id)
	k.lag(in.AliasName)
	return struct{}{}, nil
}
