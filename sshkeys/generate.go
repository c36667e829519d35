package sshkeys

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/groundway-sdk/groundway"
)

// The lengths of RSA keys that are made, in bits.
const (
	MinBits = 2048
	MaxBits = 4096 // the longest that EC2 documents
)

// GenerateOptions say what key [Generate] makes. The zero value is an ED25519
// key without a comment.
type GenerateOptions struct {
	// Type is TypeRSA or TypeED25519; zero: TypeED25519. Windows instances take
	// RSA keys only.
	Type Type
	// Bits is the length of an RSA key, MinBits to MaxBits; zero: MaxBits.
	Bits int
	// Comment is text in one line that tells people whose key it is, such as
	// "aws tectonic for alice@example.com".
	Comment string
}

// Generate makes a new key. It writes nothing: see [PrivateKey.Write] and
// [Create].
func Generate(o GenerateOptions) (PrivateKey, error) {
	k, err := generate(o)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("generate key: %w", err)
	}
	return k, nil
}

func generate(o GenerateOptions) (PrivateKey, error) {
	if err := checkComment(o.Comment); err != nil {
		return PrivateKey{}, err
	}
	switch cmp.Or(o.Type, TypeED25519) {
	case TypeED25519:
		if o.Bits != 0 && o.Bits != 256 {
			return PrivateKey{}, fmt.Errorf("got %d bits, but an ED25519 key has 256", o.Bits)
		}
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return PrivateKey{}, err
		}
		return newPrivateKey(key, o.Comment)
	case TypeRSA:
		bits := cmp.Or(o.Bits, MaxBits)
		if bits < MinBits || bits > MaxBits {
			return PrivateKey{}, fmt.Errorf("got %d bits, want %d to %d", o.Bits, MinBits, MaxBits)
		}
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			return PrivateKey{}, err
		}
		return newPrivateKey(key, o.Comment)
	}
	return PrivateKey{}, fmt.Errorf("got the type %s, which EC2 does not take, want rsa or ed25519", o.Type)
}

// Create makes a new key and its two files, as ssh-keygen does: [Generate] and
// [PrivateKey.Write].
func Create(ctx context.Context, path string, passphrase groundway.Secret, o GenerateOptions) (PrivateKey, error) {
	// Before the time is spent that an RSA key takes.
	if err := checkFree(path); err != nil {
		return PrivateKey{}, fmt.Errorf("create key: %w", err)
	}
	k, err := Generate(o)
	if err != nil {
		return PrivateKey{}, err
	}
	return k, k.Write(ctx, path, passphrase)
}

// Write writes the private key to path, in the form of OpenSSH and encrypted with
// the passphrase unless that is empty, and the public key to path.pub. Both can be
// read and written by their owner alone (0600), and so can the directory if it
// has to be made (0700). Both appear, whole, or none does; a file that is there
// already is never replaced, and is an error.
func (k PrivateKey) Write(ctx context.Context, path string, passphrase groundway.Secret) error {
	if err := k.write(ctx, path, passphrase); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return nil
}

func (k PrivateKey) write(ctx context.Context, path string, passphrase groundway.Secret) (err error) {
	text, err := k.OpenSSH(passphrase)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkFree(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return about(dir, err)
	}
	beside, err := writeBeside(dir, text.Reveal())
	if err != nil {
		return about(path, err)
	}
	defer os.Remove(beside)
	besidePublic, err := writeBeside(dir, k.Public().String()+"\n")
	if err != nil {
		return about(path, err)
	}
	defer os.Remove(besidePublic)
	if err := link(beside, path); err != nil {
		return about(path, err)
	}
	if err := link(besidePublic, path+".pub"); err != nil {
		// The private key is the one that was linked a moment ago.
		return errors.Join(about(path+".pub", err), os.Remove(path))
	}
	if d, err := os.Open(dir); err == nil { // not every system can make names durable
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// checkFree returns an error if one of the two files is there.
func checkFree(path string) error {
	for _, p := range []string{path, path + ".pub"} {
		switch _, err := os.Lstat(p); {
		case err == nil:
			return about(p, fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return about(p, err)
		}
	}
	return nil
}

// about names the file that was asked for in an error, in place of any other.
func about(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	} else if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	return fmt.Errorf("%q: %w", path, err)
}

// writeBeside writes a file of mode 0600 under a name of its own, and makes sure
// that its text is on the disk.
func writeBeside(dir, text string) (name string, err error) {
	f, err := os.CreateTemp(dir, ".groundway-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// link gives a file its name unless something has it already. Where the file
// system has no links the name is taken by an empty file first, and for a moment
// that is what stands there.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	taken, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), os.Rename(from, to)); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
