package dump

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Dir is a directory of outputs of the AWS CLI, one file a call, of which a
// reader takes those that it knows. It gathers what is wrong with them.
type Dir struct {
	fsys     fs.FS
	names    []string
	problems []problem
	opened   []opened
}

// A problem is an error of a file as a whole.
type problem struct {
	name string
	err  error
}

type opened struct {
	name string
	file *File
}

// OpenDir lists the directory that is the root of fsys. Of each name, ours says
// whether the reader takes the file; for one that it does not take and that is so
// close to a known name that it was meant, see [CheckName], there is an error. A
// name that holds a placeholder, such as "…-ZONEID.json" itself, has to be judged
// by ours, whose error is kept.
func OpenDir(fsys fs.FS, known []string, ours func(name string) (bool, error)) (*Dir, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	d := &Dir{fsys: fsys}
	for _, e := range entries {
		name := e.Name()
		take, err := ours(name)
		switch {
		case take:
			d.names = append(d.names, name)
		case err != nil:
			d.Problem(name, err)
		case !e.IsDir():
			d.Problem(name, CheckName(name, known))
		}
	}
	return d, nil
}

// Names returns the names of the files that the reader takes, in order.
func (d *Dir) Names() []string { return d.names }

// Empty reports whether the reader takes no file, and none was meant.
func (d *Dir) Empty() bool { return len(d.names) == 0 && len(d.problems) == 0 }

// Problem keeps an error of a file as a whole; nil is none.
func (d *Dir) Problem(name string, err error) {
	if err != nil {
		d.problems = append(d.problems, problem{name, err})
	}
}

// Err joins all that is wrong, in the order of the files' names.
func (d *Dir) Err() error {
	all := slices.Clone(d.problems)
	for _, f := range d.opened {
		if err := f.file.Err(); err != nil {
			all = append(all, problem{f.name, err})
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int { return cmp.Compare(a.name, b.name) })
	var errs []error
	for _, p := range all {
		errs = append(errs, p.err)
	}
	return errors.Join(errs...)
}

// Root returns the document of a file. There is none where the file is missing
// or, which is a problem then, where it cannot be read.
func (d *Dir) Root(name string) (root Value, ok bool) {
	if !slices.Contains(d.names, name) {
		return Value{}, false
	}
	file, err := Open(d.fsys, name)
	if err != nil {
		d.Problem(name, err)
		return Value{}, false
	}
	d.opened = append(d.opened, opened{name, file})
	return file.Root(), true
}

// Items returns the objects of a list, read one by one. That two have one key is
// an error of the second, which is left out.
func Items[T groundway.Keyed](root Value, key string, item func(Value) T) []T {
	var items []T
	seen := map[string]Value{}
	for v := range root.Objects(key) {
		it := item(v)
		if first, twice := seen[it.Key()]; twice && it.Key() != "" {
			v.Repeats(first, it.Key())
			continue
		}
		seen[it.Key()] = v
		items = append(items, it)
	}
	return items
}

// NoFile returns the gap that a missing file leaves.
func NoFile(action, name string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "no file " + name}
}
