package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file of mode 0600 whole or not at all: beside the file at
// path, and then in its place. A symbolic link stays, and the file that it
// leads to is replaced. A device or a pipe cannot be replaced and is written
// to. Errors name the path.
func WriteFile(path string, data []byte) error {
	if err := write(path, data); err != nil {
		// The path in err may be that of the file beside.
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err
		} else if l, ok := errors.AsType[*os.LinkError](err); ok {
			err = l.Err
		}
		return fmt.Errorf("write %q: %w", path, err)
	}
	return nil
}

func write(path string, data []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = path, nil
	}
	if err != nil {
		return err
	}
	switch info, err := os.Stat(target); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory, want a file")
	case !info.Mode().IsRegular():
		return os.WriteFile(target, data, 0o600)
	}
	return replace(target, data)
}

// replace makes sure that the data is on the disk before the name is, so that
// not even a crash leaves half a file under the name.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".groundway-*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Unjoin returns the errors that errors.Join put together, of which each is a
// message of its own.
func Unjoin(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var errs []error
	for _, err := range joined.Unwrap() {
		errs = append(errs, Unjoin(err)...)
	}
	return errs
}
