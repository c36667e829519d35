package pki

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// WriteOptions tune [Layout.Write]; the zero value replaces nothing.
type WriteOptions struct {
	// Replace are the entries whose files may be replaced where they hold
	// something else.
	Replace []ID
	// Remove are the entries whose files are removed, in this order, after all else
	// is written: what a rotation prepared, see [ID.Next], and of an authority the
	// file of its key. Neither is removed if the bundle has it.
	Remove []ID
}

// A planned file is to be written, removed, or only closed to others.
type planned struct {
	path    string // with the separators of the system
	text    string
	replace bool
	close   bool
	remove  bool
}

// Write writes the bundle into a directory, which it makes if there is none, and
// returns the files that it wrote, in order. Files are readable and writable for
// their owner alone (0600), and directories that it makes are too (0700). Each
// file appears whole or not at all, authorities before what they signed and keys
// before certificates: what an interrupted run leaves, the next one completes.
//
// A file that holds the same certificates or key already, in whatever form, is
// left alone, but for a mode that lets others read a key. One that holds
// something else is an error that names it, unless Replace has its entry, and
// then nothing is written at all. Keys behind a signer have no file, and
// [Kubelet] is never written.
func (l Layout) Write(ctx context.Context, dir string, b Bundle, o WriteOptions) (written []string, err error) {
	plan, err := l.plan(dir, b, o)
	if err != nil {
		return nil, fmt.Errorf("write %s layout: %w", l.Name, err)
	}
	for _, p := range plan {
		if err := ctx.Err(); err != nil {
			return written, fmt.Errorf("write %s layout: %w", l.Name, err)
		}
		do := p.write
		switch {
		case p.close:
			do = p.chmod
		case p.remove:
			do = p.unlink
		}
		if err := do(); err != nil {
			return written, fmt.Errorf("write %s layout: %q: %s", l.Name, p.path, reasonOf(err))
		}
		if !p.close && !p.remove {
			written = append(written, p.path)
		}
	}
	return written, nil
}

// plan compares the bundle with the directory, and finds all that stands in the
// way before anything is written.
func (l Layout) plan(dir string, b Bundle, o WriteOptions) ([]planned, error) {
	var plan []planned
	var errs []error
	for _, m := range b.sorted() {
		if m.ID == Kubelet {
			continue
		}
		for _, part := range []Part{PartKey, PartPublicKey, PartCertificate} {
			value, err := m.PEM(part)
			switch {
			case err != nil:
				return nil, fmt.Errorf("%s of %s: %w", part, m.ID, err)
			case value.IsZero():
				continue
			}
			path := l.Path(m.ID, part)
			if path == "" || !fs.ValidPath(path) {
				errs = append(errs, fmt.Errorf("%s of %s: the layout has no file for it", part, m.ID))
				continue
			}
			p := planned{
				path: filepath.Join(dir, filepath.FromSlash(path)), text: value.Reveal(),
				replace: slices.Contains(o.Replace, m.ID),
			}
			same, mode, err := p.same(m, part)
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("%q: %s", p.path, reasonOf(err)))
			case mode != 0 && !same && !p.replace:
				errs = append(errs, fmt.Errorf("%q holds something else than the %s of %s in the bundle; name the entry in Replace to replace it", p.path, part, m.ID))
			case !same:
				plan = append(plan, p)
			case part == PartKey && mode.Perm()&0o077 != 0:
				p.close = true
				plan = append(plan, p)
			}
		}
	}
	for _, id := range o.Remove {
		removed, err := l.removal(dir, b, id)
		plan = append(plan, removed...)
		errs = append(errs, err)
	}
	return plan, errors.Join(errs...)
}

// removal plans the removal of an entry's files, the key first: what is left if
// the run ends between them is a certificate that nobody can use.
func (l Layout) removal(dir string, b Bundle, id ID) ([]planned, error) {
	_, isNext := id.base()
	m, has := b.Get(id)
	parts := []Part{PartKey, PartPublicKey, PartCertificate}
	if id.IsCA() {
		parts, has = parts[:1], !m.Key.IsZero()
	}
	switch {
	case !isNext && !id.IsCA():
		return nil, fmt.Errorf("remove %s: only what a rotation prepared is removed, and the key of an authority", id)
	case has:
		return nil, fmt.Errorf("remove %s: the bundle has it", id)
	}
	var plan []planned
	for _, part := range parts {
		path := l.Path(id, part)
		if path == "" {
			continue
		}
		path = filepath.Join(dir, filepath.FromSlash(path))
		if _, err := os.Lstat(path); err == nil {
			plan = append(plan, planned{path: path, remove: true})
		}
	}
	return plan, nil
}

// same reports whether the file holds the part already, in any form that the
// components read, and its mode, which is zero where there is none.
func (p planned) same(m Material, part Part) (same bool, mode fs.FileMode, err error) {
	info, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, 0, nil
	case err != nil:
		return false, 0, err
	case !info.Mode().IsRegular():
		return false, 0, errors.New("not a file")
	case info.Size() > MaxFileSize:
		return false, info.Mode(), nil
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		return false, 0, err
	}
	there := ReadFiles([]File{{ID: m.ID, Part: part, Data: data}}, ReadOptions{}).Materials[m.ID]
	// Of the authorities in a file the first signs, which some programs go by; but
	// what a reader put in order is not another file.
	if part == PartCertificate && !(p.replace && m.ID.IsCA()) {
		there.Key = m.Key
		there.order()
	}
	// What had to be repaired is what the components would stumble over.
	if slices.ContainsFunc(there.Faults, func(f Fault) bool { return f.Repaired }) {
		return false, info.Mode(), nil
	}
	again, err := there.PEM(part)
	return err == nil && again.Reveal() == p.text, info.Mode(), nil
}

// chmod takes a key away from the eyes of others.
func (p planned) chmod() error { return os.Chmod(p.path, 0o600) }

func (p planned) unlink() error { return os.Remove(p.path) }

// write makes the file under another name first. Where nothing may be replaced a
// link takes its place, which fails if another run was faster.
func (p planned) write() error {
	dir, base := filepath.Split(p.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+base+".*"+partialSuffix)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(p.text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil && p.replace {
		err = os.Rename(f.Name(), p.path)
	} else if err == nil {
		err = link(f.Name(), p.path)
	}
	if err == nil {
		syncDir(dir)
	}
	return err
}

// link gives a file its name unless something has it already. File systems
// without links leave a moment in which another run could be overwritten.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// syncDir makes the new name durable where the system can; where it cannot, a
// crash shows as a file that is missing.
func syncDir(dir string) {
	if d, err := os.Open(filepath.Clean(dir)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
