package awskms

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/pki"
)

// A Signer signs with a key in KMS. It keeps the public key, and verifies every
// signature before it returns it. It is safe for use by several goroutines; the
// zero value is none.
type Signer struct {
	ctx    context.Context // of the calls: crypto.Signer has no parameter for it
	client SignAPI
	key    Key
	public crypto.PublicKey
}

var (
	_ crypto.Signer        = (*Signer)(nil)
	_ crypto.MessageSigner = (*Signer)(nil)
)

// NewSigner returns the signer of a key, which is named by its ID, its ARN, or an
// alias of it, as "alias/…" or as an ARN. It asks KMS for the key and its public
// key at once, and refuses a key that is not enabled, that is for something else
// than signing, or whose kind the programs of a cluster do not take.
//
// Calls to sign end with ctx; [Signer.WithContext] gives them another.
func NewSigner(ctx context.Context, client SignAPI, id string) (*Signer, error) {
	if id == "" {
		return nil, errors.New("KMS key: no key ID")
	}
	s := &Signer{ctx: ctx, client: client}
	var g errgroup.Group // both calls come to their end: what one says may explain the other
	g.Go(func() error {
		key, err := describe(ctx, client, id)
		if err != nil {
			return awserr.Failed(ctx, describeKey, err)
		}
		s.key = key
		return nil
	})
	var of string
	g.Go(func() error {
		out, err := client.GetPublicKey(ctx, &kmssdk.GetPublicKeyInput{KeyId: &id})
		if err == nil && len(out.PublicKey) == 0 {
			err = awserr.ErrNoList
		}
		if err != nil {
			return awserr.Failed(ctx, getPublicKey, err)
		}
		if s.public, err = x509.ParsePKIXPublicKey(out.PublicKey); err != nil {
			return fmt.Errorf("%s: the public key could not be read", getPublicKey)
		}
		if out.KeyId != nil {
			of = *out.KeyId
		}
		return nil
	})
	err := g.Wait()
	if reason := s.key.unfit(); reason != "" {
		return nil, fmt.Errorf("KMS key %q: %s", id, reason)
	}
	if err != nil {
		return nil, fmt.Errorf("KMS key %q: %w", id, err)
	}
	if reason := s.contradiction(of); reason != "" {
		return nil, fmt.Errorf("KMS key %q: %s", id, reason)
	}
	return s, nil
}

// contradiction says where the two answers disagree; the public key is that of
// the key named.
func (s *Signer) contradiction(of string) string {
	algorithm := pki.AlgorithmOf(s.public)
	switch {
	case of != "" && of != s.key.ID && of != s.key.ARN:
		return fmt.Sprintf("it changed while it was read, from %q to %q", s.key.ID, of)
	case algorithm == pki.DefaultAlgorithm:
		return "its public key is of a kind that the programs of a cluster do not take"
	case s.key.Spec != "" && specs[types.KeySpec(s.key.Spec)] != algorithm:
		return fmt.Sprintf("its public key is %s, and its key spec says %s", algorithm, s.key.Spec)
	}
	return ""
}

// WithContext returns the signer with another context for its calls.
func (s *Signer) WithContext(ctx context.Context) *Signer {
	other := *s
	other.ctx = ctx
	return &other
}

// Key returns what KMS said of the key when the signer was made.
func (s *Signer) Key() Key { return s.key }

// Public returns the public key: an *ecdsa.PublicKey, an *rsa.PublicKey, or an
// ed25519.PublicKey.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// maxMessage is how many bytes KMS takes to hash itself, see
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html.
const maxMessage = 4096

// SignMessage has KMS hash and sign a message; a message of over 4096 bytes is
// hashed here. It makes one call, kms:Sign. The reader is not used: KMS has
// randomness of its own. Options are those of [Signer.Sign].
func (s *Signer) SignMessage(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	hash := opts.HashFunc()
	if len(message) <= maxMessage || hash == 0 {
		return s.sign(message, types.MessageTypeRaw, opts, func() []byte { return digestOf(hash, message) })
	}
	if !hash.Available() {
		return nil, fmt.Errorf("sign with KMS key %q: hash function %v is not available", s.key.ID, hash)
	}
	digest := digestOf(hash, message)
	return s.sign(digest, types.MessageTypeDigest, opts, func() []byte { return digest })
}

// Sign signs a digest of SHA-256, SHA-384 or SHA-512: an elliptic curve takes the
// one of its size, an RSA key any of them, by PKCS #1 v1.5 or, with
// [rsa.PSSOptions] of a salt as long as the hash, by PSS. With an Ed25519 key and
// without a hash the digest is the message itself, of at most 4096 bytes. It
// makes one call, kms:Sign.
func (s *Signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	kind := types.MessageTypeDigest
	if opts.HashFunc() == 0 {
		kind = types.MessageTypeRaw
	} else if len(digest) != opts.HashFunc().Size() {
		return nil, fmt.Errorf("sign with KMS key %q: a digest of %d bytes, want the %d of %v",
			s.key.ID, len(digest), opts.HashFunc().Size(), opts.HashFunc())
	}
	return s.sign(digest, kind, opts, func() []byte { return digest })
}

func digestOf(hash crypto.Hash, message []byte) []byte {
	if hash == 0 {
		return message
	}
	h := hash.New()
	h.Write(message)
	return h.Sum(nil)
}

func (s *Signer) sign(message []byte, kind types.MessageType, opts crypto.SignerOpts, digest func() []byte) ([]byte, error) {
	signature, err := s.ask(message, kind, opts)
	if err == nil && !s.verifies(digest(), signature, opts) {
		err = fmt.Errorf("%s: the signature does not verify by the key's public key", sign)
	}
	if err != nil {
		return nil, fmt.Errorf("sign with KMS key %q: %w", s.key.ID, err)
	}
	return signature, nil
}

func (s *Signer) ask(message []byte, kind types.MessageType, opts crypto.SignerOpts) ([]byte, error) {
	algorithm, err := s.algorithm(opts)
	switch {
	case err != nil:
		return nil, err
	case kind == types.MessageTypeRaw && len(message) > maxMessage:
		return nil, fmt.Errorf("a message of %d bytes, and KMS takes %d at most", len(message), maxMessage)
	}
	out, err := s.client.Sign(s.ctx, &kmssdk.SignInput{
		KeyId: &s.key.ID, Message: message, MessageType: kind, SigningAlgorithm: algorithm,
	})
	if err == nil && len(out.Signature) == 0 {
		err = awserr.ErrNoList
	}
	if err != nil {
		return nil, awserr.Failed(s.ctx, sign, err)
	}
	return out.Signature, nil
}

// algorithm returns KMS's name of the algorithm that the options ask for.
func (s *Signer) algorithm(opts crypto.SignerOpts) (types.SigningAlgorithmSpec, error) {
	hash := opts.HashFunc()
	switch public := s.public.(type) {
	case *ecdsa.PublicKey:
		own := map[int]crypto.Hash{256: crypto.SHA256, 384: crypto.SHA384}[public.Curve.Params().BitSize]
		if hash != own {
			return "", fmt.Errorf("hash function %v: KMS signs with %s keys by %v only", hash, s.key.Spec, own)
		}
		return map[crypto.Hash]types.SigningAlgorithmSpec{
			crypto.SHA256: types.SigningAlgorithmSpecEcdsaSha256, crypto.SHA384: types.SigningAlgorithmSpecEcdsaSha384,
		}[hash], nil
	case *rsa.PublicKey:
		pss, isPSS := opts.(*rsa.PSSOptions)
		if isPSS && pss.SaltLength != rsa.PSSSaltLengthEqualsHash && pss.SaltLength != hash.Size() {
			return "", fmt.Errorf("a PSS salt of length %d: KMS makes it as long as the hash", pss.SaltLength)
		}
		if spec, ok := rsaAlgorithms[rsaScheme{hash, isPSS}]; ok {
			return spec, nil
		}
		return "", fmt.Errorf("hash function %v: KMS signs with RSA keys by SHA-256, SHA-384 and SHA-512", hash)
	case ed25519.PublicKey:
		if hash != 0 {
			return "", fmt.Errorf("hash function %v: an Ed25519 key signs whole messages", hash)
		}
		return types.SigningAlgorithmSpecEd25519Sha512, nil
	}
	return "", fmt.Errorf("key spec %q: not one that this package signs with", s.key.Spec)
}

type rsaScheme struct {
	hash crypto.Hash
	pss  bool
}

var rsaAlgorithms = map[rsaScheme]types.SigningAlgorithmSpec{
	{crypto.SHA256, false}: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256,
	{crypto.SHA384, false}: types.SigningAlgorithmSpecRsassaPkcs1V15Sha384,
	{crypto.SHA512, false}: types.SigningAlgorithmSpecRsassaPkcs1V15Sha512,
	{crypto.SHA256, true}:  types.SigningAlgorithmSpecRsassaPssSha256,
	{crypto.SHA384, true}:  types.SigningAlgorithmSpecRsassaPssSha384,
	{crypto.SHA512, true}:  types.SigningAlgorithmSpecRsassaPssSha512,
}

// verifies reports whether the signature is the key's. It costs less than a
// thousandth of the call, and keeps a broken signature out of a certificate.
func (s *Signer) verifies(digest, signature []byte, opts crypto.SignerOpts) bool {
	switch public := s.public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	case *rsa.PublicKey:
		if _, ok := opts.(*rsa.PSSOptions); ok {
			return rsa.VerifyPSS(public, opts.HashFunc(), digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(public, opts.HashFunc(), digest, signature) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(public, digest, signature)
	}
	return false
}
