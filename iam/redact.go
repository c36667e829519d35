package iam

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/standin"
)

// Redact returns a copy of the snapshot without the names of people and companies
// in it, to hand to somebody else. Each value that is mapped gets a stand-in, the
// same wherever it stands, so that [CheckPermissions] comes to the same verdicts.
// Stand-ins are numbered in the order of the names; nothing is hashed, so none can
// be guessed back. To redact twice is to redact once.
//
// Mapped are
//
//   - account IDs, wherever twelve digits stand by themselves, to 000000000001 and
//     so on, the snapshot's own first;
//   - the names of the snapshot's roles, users, groups, policies and profiles, to
//     role-1 and so on, wherever they stand between slashes, quotes, colons or
//     ends, in documents too, unless the word is one of the language there: an
//     effect, the prefix of an action, a condition key, a part of an ARN;
//   - the names of sessions, to session-1, and unique IDs, to id-1;
//   - the values of tags, to value-1, but for that of the owner;
//   - descriptions and messages, to text-1.
//
// All else in a document stays, for it decides: what a policy is about (buckets,
// keys, other accounts' roles by name) can be read from it. Names in keep stay too.
func (s Snapshot) Redact(keep ...string) Snapshot {
	r := redactor{
		Book: standin.New([]string{"role", "user", "group", "policy", "profile", "session", "id", "value", "text"}, keep...), names: map[string]string{},
	}
	s.Parts = clonedParts(s.Parts)
	r.Walk(func() {
		// The longest first, so that none is taken for a part of another.
		r.order = slices.SortedFunc(maps.Keys(r.names), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
		s.visit(&r)
	})
	return s
}

type redactor struct {
	*standin.Book
	names map[string]string // those that texts may hold, with what they have become
	order []string          // the names, once all are known
}

// name returns the stand-in of a name, which texts may hold.
func (r *redactor) name(kind, text string) string {
	r.names[text] = r.Word(kind, text)
	return r.names[text]
}

// text replaces accounts and names within a longer text.
func (r *redactor) text(text string) string {
	text = r.Accounts(text)
	for _, name := range r.order {
		if to := r.names[name]; to != name && strings.Contains(text, name) {
			text = replaceWord(text, name, to)
		}
	}
	return text
}

// replaceWord replaces a name where it stands by itself and is one: an action, a
// condition key or a part of an ARN may be the same word.
func replaceWord(text, name, to string) string {
	ends := func(c byte) bool { return strings.IndexByte(`/:"'* `, c) >= 0 }
	var b strings.Builder
	done := 0
	for {
		i := strings.Index(text[done:], name)
		if i < 0 {
			b.WriteString(text[done:])
			return b.String()
		}
		i += done
		end := i + len(name)
		b.WriteString(text[done:i])
		if (i == 0 || ends(text[i-1])) && (end == len(text) || ends(text[end])) && !isLanguage(text, i, end) {
			b.WriteString(to)
		} else {
			b.WriteString(name)
		}
		done = end
	}
}

// isLanguage reports whether a word of a document is one of the language, and no
// name: an element, an effect, the prefix of an action or of a condition key, the
// whole key, one of the first parts of an ARN, or a type of IAM.
func isLanguage(text string, from, to int) bool {
	begin := strings.LastIndexByte(text[:from], '"') + 1
	value, rest, quoted := strings.Cut(text[begin:], `"`)
	if begin > 0 && quoted && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), ":") {
		return true
	}
	before, after := text[begin:from], text[to:]
	colon := strings.HasPrefix(after, ":")
	switch {
	case slices.Contains([]string{"Allow", "Deny", string(Version2008), string(Version2012)}, value), strings.Trim(text[from:to], "*?") == "":
		return true
	case before == "":
		return begin > 0 && colon
	case !strings.HasPrefix(before, "arn:"):
		return false
	}
	parts := strings.Split(before, ":")
	return len(parts) < 6 || len(parts) == 6 && parts[5] == "" && (parts[2] == "iam" || parts[2] == "sts") && (colon || strings.HasPrefix(after, "/"))
}

// owner replaces the name of an owner, "role/NAME".
func (r *redactor) owner(text string) string {
	kind, name, ok := strings.Cut(text, "/")
	if !ok {
		return r.text(text)
	}
	return kind + "/" + r.name(kind, name)
}

func (r *redactor) tags(tags map[string]string) map[string]string {
	if tags == nil {
		return nil
	}
	out := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out[key] = tags[key]
		if key != groundway.OwnerTag {
			out[key] = r.Word("value", tags[key])
		}
	}
	return out
}

// visit maps everything in one order.
func (s *Snapshot) visit(r *redactor) {
	s.Account = r.Account(s.Account)
	// Names first: everything else may hold them.
	for i := range s.Roles.Items {
		s.Roles.Items[i].Name = r.name("role", s.Roles.Items[i].Name)
	}
	for i := range s.Users.Items {
		u := &s.Users.Items[i]
		u.Name = r.name("user", u.Name)
		for j := range u.Groups {
			u.Groups[j] = r.name("group", u.Groups[j])
		}
	}
	for i := range s.Policies.Items {
		s.Policies.Items[i].Name = r.name("policy", s.Policies.Items[i].Name)
	}
	for i := range s.Inline.Items {
		s.Inline.Items[i].Name = r.name("policy", s.Inline.Items[i].Name)
	}
	for i := range s.Profiles.Items {
		s.Profiles.Items[i].Name = r.name("profile", s.Profiles.Items[i].Name)
	}
	for i := range s.SCPs.Items {
		s.SCPs.Items[i].Name = r.name("policy", s.SCPs.Items[i].Name)
	}
	s.indirect(r)
	for i := range s.Callers.Items {
		c := &s.Callers.Items[i]
		c.ARN, c.UserID = r.text(c.ARN), r.name("id", c.UserID)
	}
	for i := range s.Roles.Items {
		x := &s.Roles.Items[i]
		x.ARN, x.ID, x.Description, x.Trust, x.Boundary, x.Tags = r.text(x.ARN), r.name("id", x.ID), r.Word("text", x.Description), r.text(x.Trust), r.text(x.Boundary), r.tags(x.Tags)
	}
	for i := range s.Users.Items {
		x := &s.Users.Items[i]
		x.ARN, x.ID, x.Boundary, x.Tags = r.text(x.ARN), r.name("id", x.ID), r.text(x.Boundary), r.tags(x.Tags)
	}
	for i := range s.Inline.Items {
		x := &s.Inline.Items[i]
		x.Owner, x.Document = r.owner(x.Owner), r.text(x.Document)
	}
	for i := range s.Attached.Items {
		x := &s.Attached.Items[i]
		x.Owner, x.ARN = r.owner(x.Owner), r.text(x.ARN)
	}
	for i := range s.Policies.Items {
		x := &s.Policies.Items[i]
		x.ARN, x.Description, x.Document, x.Tags = r.text(x.ARN), r.Word("text", x.Description), r.text(x.Document), r.tags(x.Tags)
	}
	for i := range s.Profiles.Items {
		x := &s.Profiles.Items[i]
		x.ARN, x.Tags = r.text(x.ARN), r.tags(x.Tags)
		for j := range x.Roles {
			x.Roles[j] = r.name("role", x.Roles[j])
		}
	}
	for i := range s.Providers.Items {
		x := &s.Providers.Items[i]
		x.ARN, x.Tags = r.text(x.ARN), r.tags(x.Tags)
	}
	for i := range s.SCPs.Items {
		x := &s.SCPs.Items[i]
		x.Target, x.Document = r.text(x.Target), r.text(x.Document)
	}
	for i := range s.Simulated.Items {
		s.Simulated.Items[i].Resource = r.text(s.Simulated.Items[i].Resource)
	}
	for i := range s.Probes.Items {
		s.Probes.Items[i].Message = r.Word("text", s.Probes.Items[i].Message)
	}
	for _, gaps := range [][]groundway.Gap{
		s.Callers.Gaps, s.Roles.Gaps, s.Users.Gaps, s.Inline.Gaps, s.Attached.Gaps, s.Policies.Gaps, s.Profiles.Gaps, s.Providers.Gaps, s.SCPs.Gaps, s.Simulated.Gaps, s.Probes.Gaps,
	} {
		for i := range gaps {
			gaps[i].Message, gaps[i].Account = r.Word("text", gaps[i].Message), r.Account(gaps[i].Account)
		}
	}
}

// indirect names what only ARNs and owners name.
func (s *Snapshot) indirect(r *redactor) {
	for _, c := range s.Callers.Items {
		a, _ := ParseARN(c.ARN)
		name := a.ResourceName()
		switch kind := a.ResourceType(); kind {
		case "assumed-role":
			role, session, _ := strings.Cut(name, "/")
			r.name("role", role)
			r.name("session", session)
		case "role", "user":
			r.name(kind, name[strings.LastIndexByte(name, '/')+1:])
		}
	}
	for _, p := range s.Inline.Items {
		kind, name, _ := strings.Cut(p.Owner, "/")
		r.name(kind, name)
	}
	for _, p := range s.Attached.Items {
		kind, name, _ := strings.Cut(p.Owner, "/")
		r.name(kind, name)
		if a, err := ParseARN(p.ARN); err == nil && a.Account != "aws" {
			r.name("policy", p.ARN[strings.LastIndexByte(p.ARN, '/')+1:])
		}
	}
}

// clonedParts returns parts that can be written into, in the order of their keys.
func clonedParts(p Parts) Parts {
	p.Callers, p.Roles, p.Users, p.Inline = cloned(p.Callers), cloned(p.Roles), cloned(p.Users), cloned(p.Inline)
	p.Attached, p.Policies, p.Profiles, p.Providers = cloned(p.Attached), cloned(p.Policies), cloned(p.Profiles), cloned(p.Providers)
	p.SCPs, p.Simulated, p.Probes = cloned(p.SCPs), cloned(p.Simulated), cloned(p.Probes)
	for i := range p.Users.Items {
		p.Users.Items[i].Groups = slices.Clone(p.Users.Items[i].Groups)
	}
	for i := range p.Profiles.Items {
		p.Profiles.Items[i].Roles = slices.Clone(p.Profiles.Items[i].Roles)
	}
	return p
}

func cloned[T groundway.Keyed](p groundway.Part[T]) groundway.Part[T] {
	p.Items, p.Gaps = slices.Clone(p.Items), slices.Clone(p.Gaps)
	slices.SortFunc(p.Items, func(a, b T) int { return strings.Compare(a.Key(), b.Key()) })
	return p
}
