package oidc

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// The annotations that the webhook reads.
//
// https://github.com/aws/amazon-eks-pod-identity-webhook
const (
	annotationRole     = "eks.amazonaws.com/role-arn"
	annotationAudience = "eks.amazonaws.com/audience"
	annotationLife     = "eks.amazonaws.com/token-expiration"
)

// An Account is a service account of a manifest.
type Account struct {
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Path        string            `json:"path"` // file:line:column
}

// Key returns NAMESPACE/NAME.
func (a Account) Key() string { return a.Namespace + "/" + a.Name }

// ParseAccounts returns the service accounts of a manifest, in their order. It may
// hold any objects of Kubernetes, each in a document of its own; a list of objects
// is an error, as are two accounts of one name, an account without a namespace, and
// one that is written with anchors, tags, a key twice, or values of the wrong kind.
// An error names the line.
func ParseAccounts(name string, text []byte) ([]Account, error) {
	docs, err := parseManifest(name, text)
	if err != nil {
		return nil, fmt.Errorf("parse service accounts: %w", err)
	}
	var list []Account
	for _, d := range docs {
		if d.account != nil {
			list = append(list, *d.account)
		}
	}
	return list, nil
}

// object is what is read of an object; everything else is left alone.
type object struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name        string            `yaml:"name"`
		Namespace   string            `yaml:"namespace"`
		Labels      map[string]string `yaml:"labels"`
		Annotations map[string]string `yaml:"annotations"`
	} `yaml:"metadata"`
}

// A document is one of a manifest: its text with the separator before it.
type document struct {
	head    []byte // the separator line, empty for a first document without one
	text    []byte
	account *Account // nil for any other object
}

// A line that begins with three hyphens ends a document wherever it stands.
var separator = regexp.MustCompile(`(?m)^---(?:[ \t].*)?\r?$\n?`)

func parseManifest(name string, text []byte) ([]document, error) {
	if len(text) > yamltext.MaxSize {
		return nil, yamltext.Err(name, []yamltext.Problem{{Position: yamltext.Position{Line: 1, Column: 1}, Kind: yamltext.Syntax, Text: "the text is over 1 MiB"}})
	}
	var docs []document
	from, head := 0, []byte(nil)
	for _, at := range append(separator.FindAllIndex(text, -1), []int{len(text), len(text)}) {
		docs = append(docs, document{head: head, text: text[from:at[0]]})
		from, head = at[1], text[at[0]:at[1]]
	}
	line := 1
	seen := map[string]string{}
	for i := range docs {
		d := &docs[i]
		if rest := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimRight(d.head, "\r\n"), []byte("---"))); len(rest) > 0 && rest[0] != '#' {
			return nil, fmt.Errorf("%s:%d:1: a document begins on the line of its separator, want it below", name, line)
		}
		line += bytes.Count(d.head, []byte("\n"))
		account, err := d.read(name, line)
		if err != nil {
			return nil, err
		}
		if account != nil {
			if first, twice := seen[account.Key()]; twice {
				return nil, fmt.Errorf("%s: the service account %s stands twice, first at %s", account.Path, groundway.Visible(account.Key()), first)
			}
			seen[account.Key()] = account.Path
			d.account = account
		}
		line += bytes.Count(d.text, []byte("\n"))
	}
	return docs, nil
}

// blank reports whether a document holds nothing but comments.
func blank(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && string(line) != "..." {
			return false
		}
	}
	return true
}

// read returns the account that a document is, or nil.
func (d *document) read(name string, line int) (*Account, error) {
	if blank(d.text) {
		return nil, nil
	}
	var o object
	positions, problems := yamltext.Decode(d.text, &o)
	shift := func(p yamltext.Position) yamltext.Position {
		return yamltext.Position{Line: p.Line + line - 1, Column: p.Column}
	}
	problems = slices.DeleteFunc(problems, func(p yamltext.Problem) bool { return p.Kind == yamltext.UnknownKey })
	// Of an object of another kind nothing is read but that it is.
	other := o.Kind != "" && o.Kind != "ServiceAccount"
	if other {
		problems = slices.DeleteFunc(problems, func(p yamltext.Problem) bool { return p.Path != "" && p.Path != "/kind" })
	}
	for i := range problems {
		problems[i].Position = shift(problems[i].Position)
	}
	if err := yamltext.Err(name, problems); err != nil {
		return nil, err
	}
	at, _ := positions.Of("/metadata/name")
	here := shift(at).In(name)
	switch {
	case o.Kind == "List", o.Kind == "ServiceAccountList":
		return nil, fmt.Errorf("%s: a %s, want each object in a document of its own", here, o.Kind)
	case other:
		return nil, nil
	case o.Kind == "":
		return nil, fmt.Errorf("%s: an object without a kind", here)
	case o.Metadata.Name == "":
		return nil, fmt.Errorf("%s: a service account without a name", here)
	case o.Metadata.Namespace == "":
		return nil, fmt.Errorf("%s: the service account %s has no namespace: whoever applies it decides which", here, quote(o.Metadata.Name))
	}
	return &Account{o.Metadata.Namespace, o.Metadata.Name, o.Metadata.Labels, o.Metadata.Annotations, here}, nil
}

// A Change is one value that [Annotate] wrote.
type Change struct {
	Account string // NAMESPACE/NAME
	Key     string // of an annotation or label; empty where the account was added
	From    string // empty where there was none
	To      string
}

// String prints the change like a diff.
func (c Change) String() string {
	switch {
	case c.Key == "":
		return "+ " + groundway.Visible(c.Account)
	case c.From == "":
		return fmt.Sprintf("+ %s %s: %s", groundway.Visible(c.Account), groundway.Visible(c.Key), quote(c.To))
	}
	return fmt.Sprintf("~ %s %s: %s, before %s", groundway.Visible(c.Account), groundway.Visible(c.Key), quote(c.To), quote(c.From))
}

// Annotate writes annotations into the service accounts of a manifest, and says
// what it changed. It adds accounts that the manifest does not have. What it does
// not own stays: other annotations and labels, other fields, comments, and every
// document that needs no change, byte for byte; of one that does, blank lines go. A label that has another value
// stays too. An audience that the account has is overwritten, because the trust
// policy pins it; the life of tokens only where the annotation has one.
//
// A second call changes nothing. Errors are those of [ParseAccounts].
func Annotate(name string, text []byte, annotations []Annotation) ([]byte, []Change, error) {
	docs, err := parseManifest(name, text)
	if err != nil {
		return nil, nil, fmt.Errorf("annotate service accounts: %w", err)
	}
	var changes []Change
	added := map[string]bool{}
	for _, a := range annotations {
		key := a.Namespace + "/" + a.ServiceAccount
		i := slices.IndexFunc(docs, func(d document) bool { return d.account != nil && d.account.Key() == key })
		if i < 0 {
			if added[key] {
				return nil, nil, fmt.Errorf("annotate service accounts: %s is to be annotated twice", key)
			}
			added[key] = true
			d, err := a.document(docs)
			if err != nil {
				return nil, nil, fmt.Errorf("annotate service accounts: %s: %w", key, err)
			}
			docs = append(docs, d)
			changes = append(changes, Change{Account: key})
			continue
		}
		made, err := a.upsert(&docs[i], name)
		if err != nil {
			return nil, nil, fmt.Errorf("annotate service accounts: %s: %w", key, err)
		}
		changes = append(changes, made...)
	}
	var out bytes.Buffer
	for _, d := range docs {
		out.Write(d.head)
		out.Write(d.text)
	}
	if _, err := parseManifest(name, out.Bytes()); err != nil {
		return nil, nil, fmt.Errorf("annotate service accounts: what was written is not read: %w", err)
	}
	return out.Bytes(), changes, nil
}

// wanted returns the annotations that an account is to have.
func (a Annotation) wanted(has map[string]string) map[string]string {
	want := map[string]string{annotationRole: a.RoleARN}
	if _, pinned := has[annotationAudience]; pinned || a.Audience != "" {
		want[annotationAudience] = Binding{Audience: a.Audience}.audience()
	}
	if a.TokenLife != 0 {
		want[annotationLife] = strconv.Itoa(int(a.TokenLife.Seconds()))
	}
	return want
}

// document returns the account as a new document behind others.
func (a Annotation) document(before []document) (document, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	yamltext.Set(root, "apiVersion", yamltext.Text("v1"))
	yamltext.Set(root, "kind", yamltext.Text("ServiceAccount"))
	meta := yamltext.Below(root, "metadata")
	yamltext.Set(meta, "name", yamltext.Text(a.ServiceAccount))
	yamltext.Set(meta, "namespace", yamltext.Text(a.Namespace))
	for key, value := range sorted(a.Labels) {
		yamltext.Set(yamltext.Below(meta, "labels"), key, yamltext.Text(value))
	}
	for key, value := range sorted(a.wanted(nil)) {
		yamltext.Set(yamltext.Below(meta, "annotations"), key, yamltext.Text(value))
	}
	text, err := yamltext.Write(root, 2)
	if err != nil {
		return document{}, err
	}
	d := document{text: text}
	last := before[len(before)-1]
	if len(before) > 1 || !blank(last.text) {
		d.head = []byte("---\n")
		if n := len(last.text); n > 0 && last.text[n-1] != '\n' {
			d.head = []byte("\n---\n")
		}
	}
	return d, nil
}

// upsert writes what differs into a document.
func (a Annotation) upsert(d *document, name string) ([]Change, error) {
	account := d.account
	var root yaml.Node
	if err := yaml.Unmarshal(d.text, &root); err != nil || len(root.Content) != 1 {
		return nil, fmt.Errorf("%s: the document is not read again", name)
	}
	meta := yamltext.Below(root.Content[0], "metadata")
	var changes []Change
	change := func(where, key, value string, has map[string]string) {
		yamltext.Set(yamltext.Below(meta, where), key, yamltext.Text(value))
		changes = append(changes, Change{account.Key(), key, has[key], value})
	}
	for key, value := range sorted(a.Labels) {
		if _, has := account.Labels[key]; !has {
			change("labels", key, value, account.Labels)
		}
	}
	for key, value := range sorted(a.wanted(account.Annotations)) {
		if account.Annotations[key] != value {
			change("annotations", key, value, account.Annotations)
		}
	}
	if changes == nil {
		return nil, nil
	}
	var err error
	d.text, err = yamltext.Write(&root, 2)
	return changes, err
}

func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(key string, value V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
