package install

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/pki"
)

// Files are what a directory holds and is to hold. Paths have slashes, and are
// below the directory.
type Files struct {
	dir    string // empty: nothing is there, and nothing is written
	list   []File
	bundle pki.Bundle
	layout pki.Layout
}

// A File is one of them.
type File struct {
	Path string
	// Mark says what a run does to it: + is written, = holds what it should, ~ is
	// written anew, ! holds something else and is kept, ? waits for something that
	// is not known yet.
	Mark byte
	Note string // what it is, or what is wrong with it
	data []byte
}

// OpenFiles returns those of a directory, which need not exist.
func OpenFiles(dir string) (*Files, error) {
	info, err := os.Stat(dir)
	switch {
	case dir == "" || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("open %q: %w", dir, reason(err))
	case !info.IsDir():
		return nil, fmt.Errorf("open %q: it is no directory", dir)
	}
	return &Files{dir: dir}, nil
}

// reason is an error of the file system without its path.
func reason(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// openFile is what is wrong with a file of a mode that lets others at it.
const openFile = "others could read it; its mode is made 0600"

// maxFile is the size of the largest file that a run looks at.
const maxFile = 1 << 20

// read returns what is in a file. The note is not empty where that is nothing that
// a run can use.
func (f *Files) read(path string) (data []byte, mode fs.FileMode, note string, exists bool) {
	if f.dir == "" {
		return nil, 0, "", false
	}
	full := filepath.Join(f.dir, filepath.FromSlash(path))
	info, err := os.Lstat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, "", false
	case err != nil:
		return nil, 0, "it cannot be read: " + reason(err).Error(), true
	case !info.Mode().IsRegular():
		return nil, 0, "it is no regular file", true
	case info.Size() > maxFile:
		return nil, 0, "it is over 1 MiB", true
	}
	if data, err = os.ReadFile(full); err != nil {
		return nil, 0, "it cannot be read: " + reason(err).Error(), true
	}
	return data, info.Mode(), "", true
}

// Put says that a file is to hold this. One that holds anything else is kept: it
// may be somebody's work.
func (f *Files) Put(path, what string, data []byte) {
	there, mode, note, exists := f.read(path)
	file := File{Path: path, Mark: '+', Note: what, data: data}
	switch {
	case !exists:
	case note != "":
		file.Mark, file.Note = '!', note
	case !bytes.Equal(there, data):
		file.Mark, file.Note = '!', "it holds something else than this spec leads to; move it away to have it written anew"
	case mode.Perm()&0o077 != 0:
		file.Mark, file.Note = '~', openFile
	default:
		file.Mark = '='
	}
	f.list = append(f.list, file)
}

// Later says that a file cannot be written yet, and why.
func (f *Files) Later(path, why string) {
	f.list = append(f.list, File{Path: path, Mark: '?', Note: why})
}

// Keep returns what a file holds, if check returns nil for it, and otherwise what
// fresh makes. Where check returns ErrEnded the file is made anew; any other
// error means that it is damaged or somebody else's.
func (f *Files) Keep(path, what string, check func([]byte) error, fresh func() ([]byte, error)) ([]byte, error) {
	there, mode, note, exists := f.read(path)
	file := File{Path: path, Mark: '+', Note: what}
	if exists && note == "" {
		switch err := check(there); {
		case err == nil && mode.Perm()&0o077 != 0:
			file.Mark, file.Note, file.data = '~', openFile, there
		case err == nil:
			file.Mark, file.data = '=', there
		case errors.Is(err, ErrEnded):
			file.Mark, file.Note = '~', what+"; the one that is there has ended"
		default:
			note = err.Error()
		}
	}
	if note != "" {
		file.Mark, file.Note = '!', note+"; move it away to have a new one made"
	}
	if file.data == nil {
		data, err := fresh()
		if err != nil {
			return nil, fmt.Errorf("make %q: %w", path, err)
		}
		file.data = data
	}
	f.list = append(f.list, file)
	return file.data, nil
}

// ErrEnded says of a file that it was right, and that its time is over.
var ErrEnded = errors.New("it has ended")

// Certificates returns the bundle of the inventory: what the directory has of it in
// the layout, and the rest made now. It is written with the files.
func (f *Files) Certificates(inv pki.Inventory, layout pki.Layout, o pki.IssueOptions) (pki.Bundle, error) {
	var there pki.Bundle
	if _, err := os.Stat(f.dir); f.dir != "" && err == nil {
		if there, err = layout.Read(os.DirFS(f.dir), pki.ReadOptions{}); err != nil {
			return pki.Bundle{}, err
		}
	}
	for _, m := range o.Provided.Materials {
		// A key that is elsewhere belongs to the certificate that is here.
		if had, ok := there.Get(m.ID); ok && had.Key.IsZero() && len(m.Certificates) == 0 {
			had.Key = m.Key
			there = there.Put(had)
		}
	}
	o.Provided = o.Provided.With(there)
	bundle, err := pki.Issue(inv, o)
	if err != nil {
		// What is damaged says more than what does not go on without it.
		return pki.Bundle{}, cmp.Or(damaged(there, layout), err)
	}
	f.bundle, f.layout = bundle, layout
	for _, id := range bundle.IDs() {
		m, _ := bundle.Get(id)
		had, _ := there.Get(id)
		f.list = append(f.list, f.entry(id, m, had)...)
		bundle = bundle.Put(closed(m))
	}
	return bundle, nil
}

// closed returns an entry as a run leaves it: with keys that others cannot read.
func closed(m pki.Material) pki.Material {
	m.Sources = maps.Clone(m.Sources)
	for part, source := range m.Sources {
		source.Mode &^= 0o077
		m.Sources[part] = source
	}
	return m
}

// damaged returns an error that names the files of a bundle that hold something else.
func damaged(b pki.Bundle, layout pki.Layout) error {
	var errs []error
	for _, id := range b.IDs() {
		m := b.Materials[id]
		if strange(m) {
			errs = append(errs, fmt.Errorf("%s: %s", layout.Path(id, pki.PartKey), strangeKey(id, layout)))
		}
		for _, fault := range m.Faults {
			if !fault.Repaired {
				errs = append(errs, fmt.Errorf("%s: got %s, want %s; move it away to have a new one made", layout.Path(m.ID, fault.Part), fault.Got, fault.Want))
			}
		}
	}
	return errors.Join(errs...)
}

// strange says of what was read that its key is that of another certificate.
func strange(m pki.Material) bool {
	c := m.Certificate()
	return c != nil && !m.Key.IsZero() && !m.Key.Matches(c.PublicKey)
}

func strangeKey(id pki.ID, layout pki.Layout) string {
	return fmt.Sprintf("it does not belong to %s; put the one that does in its place, or move both away to have new ones made", layout.Path(id, pki.PartCertificate))
}

// entry returns the files of one entry of a bundle.
func (f *Files) entry(id pki.ID, m, had pki.Material) []File {
	var list []File
	for _, part := range []pki.Part{pki.PartKey, pki.PartPublicKey, pki.PartCertificate} {
		text, err := m.PEM(part)
		path := f.layout.Path(id, part)
		_, mode, note, exists := f.read(path)
		if err != nil || path == "" || text.IsZero() && !exists {
			continue // a key that is elsewhere has no file
		}
		file := File{Path: path, Mark: '+', Note: describe(id, m)}
		if exists {
			file.Mark = '='
			again, err := had.PEM(part)
			switch {
			case note != "":
				file.Mark, file.Note = '!', note
			case err != nil || again.IsZero() || !again.Equal(text):
				file.Mark, file.Note = '!', "it is damaged; move it away to have a new one made"
			case part == pki.PartKey && strange(had):
				file.Mark, file.Note = '!', strangeKey(id, f.layout)
			case part == pki.PartKey && mode.Perm()&0o077 != 0:
				file.Mark, file.Note = '~', openFile
			}
			for _, fault := range had.Faults {
				if fault.Part == part && !fault.Repaired {
					file.Mark, file.Note = '!', fmt.Sprintf("got %s, want %s; move it away to have a new one made", fault.Got, fault.Want)
				}
			}
		}
		list = append(list, file)
	}
	return list
}

// describe says what an entry is, and nothing of its key but the kind.
func describe(id pki.ID, m pki.Material) string {
	c := m.Certificate()
	if c == nil {
		return "key pair of service accounts"
	}
	return fmt.Sprintf("%s, until %s", strings.ReplaceAll(string(id), "/", " "), c.NotAfter.UTC().Format("2006-01-02"))
}

// List returns the files in the order in which they were named.
func (f *Files) List() []File { return slices.Clone(f.list) }

// Err returns an error that names the files that hold something else, or nil.
func (f *Files) Err() error {
	var kept []string
	for _, file := range f.list {
		if file.Mark == '!' {
			kept = append(kept, file.Path)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return fmt.Errorf("%d of the files in %q are not what they should be, and are kept: %s", len(kept), f.dir, strings.Join(kept, ", "))
}

// written says what a run did to the files, and names those that were there.
func (f *Files) written(n int) string {
	var changed []string
	for _, file := range f.list {
		if file.Mark == '~' {
			changed = append(changed, file.Path)
		}
	}
	files := "files"
	if n == 1 {
		files = "file"
	}
	text := fmt.Sprintf("%d %s written in %q, %d there already", n, files, f.dir, f.count('='))
	if len(changed) > 0 {
		text += "; changed: " + strings.Join(changed, ", ")
	}
	return text
}

// Changes returns how many of the files a run would write or report.
func (f *Files) Changes() int {
	return len(f.list) - f.count('=') - f.count('?')
}

func (f *Files) count(mark byte) int {
	n := 0
	for _, file := range f.list {
		if file.Mark == mark {
			n++
		}
	}
	return n
}

// Write writes what is to be written, and returns how many files that were. A
// directory that does not exist appears whole or not at all; in one that does,
// each file does. Where a file is to be kept that holds something else, nothing
// is written.
func (f *Files) Write(ctx context.Context) (n int, err error) {
	if err := f.Err(); err != nil {
		return 0, err
	}
	if f.Changes() == 0 {
		return 0, nil
	}
	target := f.dir
	if _, missing := os.Lstat(f.dir); errors.Is(missing, fs.ErrNotExist) {
		if target, err = os.MkdirTemp(filepath.Dir(f.dir), ".groundway-*"); err != nil { // of mode 0700
			return 0, fmt.Errorf("write %q: %w", f.dir, reason(err))
		}
		defer func() {
			if err != nil {
				_ = os.RemoveAll(target)
			}
		}()
	}
	if err = f.writeTo(ctx, target); err != nil {
		return 0, err
	}
	if target != f.dir {
		if err = os.Rename(target, f.dir); err != nil {
			return 0, fmt.Errorf("write %q: %w", f.dir, reason(err))
		}
	}
	return f.Changes(), nil
}

func (f *Files) writeTo(ctx context.Context, dir string) error {
	if len(f.bundle.Materials) > 0 {
		if _, err := f.layout.Write(ctx, dir, f.bundle, pki.WriteOptions{}); err != nil {
			return err
		}
	}
	for _, file := range f.list {
		if file.data == nil || file.Mark == '=' {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("write %q: %w", file.Path, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("write %q: %w", path, reason(err))
		}
		if err := cluster.WriteFile(path, file.data); err != nil {
			return err
		}
	}
	return nil
}
