package sshkeys

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/groundway-sdk/groundway"
)

// A Found is a key that [Find] came upon.
type Found struct {
	File    string    // of the public key, "id_rsa.pub", or of a private key that stands alone, "ops.pem"
	Key     PublicKey // zero where it could not be read, and then Err says why
	Private string    // the file with the private half: "id_rsa"; empty where there is none beside it
	// Exposed says that the mode of the private half lets others than its owner
	// at it: ssh refuses to use it. chmod 600 closes it. On Windows a mode says
	// nothing of the kind.
	Exposed bool
	Err     error
}

// Find returns the keys of a directory, as a person looks for one in ~/.ssh:
//
//	keys, err := sshkeys.Find(os.DirFS(filepath.Join(home, ".ssh")))
//
// They are the files whose names end in .pub, and the private keys that have no
// such file, of which the form of OpenSSH shows the public half though it is
// encrypted. Those that ssh tries by itself come first, in its order (id_rsa,
// id_ecdsa, id_ed25519, id_dsa), and the others by name. A file of .pub that is
// no key, or another one than the private key beside it, is reported with Err.
// Certificates and the keys of security tokens, which sit there rightly, are so
// too, as they have no use in EC2.
//
// A directory that does not exist holds no keys. Nothing of a private key is
// kept.
func Find(fsys fs.FS) ([]Found, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	var list []Found
	for _, name := range names {
		base, isPublic := strings.CutSuffix(name, ".pub")
		switch {
		case isPublic:
			list = append(list, findPublic(fsys, name, base))
		case !slices.Contains(names, name+".pub"):
			if f, ok := findPrivate(fsys, name); ok {
				list = append(list, f)
			}
		}
	}
	slices.SortStableFunc(list, func(f, g Found) int {
		return cmp.Or(cmp.Compare(standardPlace(f.File), standardPlace(g.File)), cmp.Compare(f.File, g.File))
	})
	return list, nil
}

// standard are the files that ssh tries, see ssh_config(5), IdentityFile.
var standard = []string{"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa"}

func standardPlace(name string) int {
	if i := slices.Index(standard, strings.TrimSuffix(name, ".pub")); i >= 0 {
		return i
	}
	return len(standard)
}

// findPublic reads a file of .pub, and compares it with the private key beside it.
func findPublic(fsys fs.FS, name, base string) Found {
	f := Found{File: name}
	text, _, err := readKeyFile(fsys, name)
	if err == nil {
		f.Key, err = ParsePublicKey(text)
	}
	f.Err = err
	text, mode, err := readKeyFile(fsys, base)
	if err != nil {
		return f // there is none, or none that we may read
	}
	public, isPrivate, err := publicOf(text)
	if !isPrivate {
		return f
	}
	f.Private, f.Exposed = base, mode.Perm()&0o077 != 0
	if f.Err == nil && err == nil && !public.Equal(f.Key) {
		f.Key, f.Err = PublicKey{}, fmt.Errorf("the private key beside it, %q, is another one: ssh-keygen -y -f FILE prints its public half", base)
	}
	return f
}

// findPrivate reads a private key without a .pub file beside it.
func findPrivate(fsys fs.FS, name string) (Found, bool) {
	text, mode, err := readKeyFile(fsys, name)
	if err != nil {
		return Found{}, false
	}
	public, isPrivate, err := publicOf(text)
	if !isPrivate {
		return Found{}, false
	}
	return Found{File: name, Key: public, Private: name, Exposed: mode.Perm()&0o077 != 0, Err: err}, true
}

// publicOf returns the public half of what may be a private key.
func publicOf(text []byte) (public PublicKey, isPrivate bool, err error) {
	plain, err := plainText(text)
	if err != nil {
		return PublicKey{}, false, nil
	}
	for line := range strings.Lines(plain) {
		if err = privateLine(strings.TrimSpace(line)); err != nil {
			break
		}
	}
	if err == nil {
		return PublicKey{}, false, nil
	}
	_, encrypted := ssh.ParseRawPrivateKey([]byte(plain))
	if missing, ok := errors.AsType[*ssh.PassphraseMissingError](encrypted); ok && missing.PublicKey != nil {
		public, err := fromBlob(missing.PublicKey.Marshal())
		return public, true, err
	}
	k, keyErr := ParsePrivateKey(text, groundway.Secret{})
	if keyErr == nil {
		return k.Public(), true, nil
	}
	if err == errPrivate {
		err = fmt.Errorf("it does not show its public half, which ssh-keygen -y -f FILE prints: %w", keyErr)
	}
	return PublicKey{}, true, err
}

// maxKeyFile is the size of the largest file that may be a key.
const maxKeyFile = 64 << 10

func readKeyFile(fsys fs.FS, name string) ([]byte, fs.FileMode, error) {
	// Not opened before it is known to be a file: a pipe would never answer.
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, 0, fmt.Errorf("%q: not a file of a key", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil || len(data) > maxKeyFile {
		return nil, 0, errors.Join(err, fmt.Errorf("%q: not a file of a key", name))
	}
	return data, info.Mode(), nil
}
