package resource

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/standin"
)

// Redact returns a copy of the snapshot without the names of what the options do
// not name, to hand to somebody else. Each value that is mapped gets a stand-in,
// the same wherever it stands, so that [Check] comes to the same verdicts for the
// options. Stand-ins are numbered in the order of the names; nothing is hashed, and
// nothing is random. To redact twice is to redact once.
//
// Mapped are
//
//   - account IDs, wherever they stand, to 000000000001 and so on, the snapshot's
//     own first; those that the options hold stay;
//   - the names of users, instance profiles, buckets, tables and the like that the
//     options do not name and no rule looks for, to stack-1 and so on by what has the
//     name first, and within their ARNs too;
//   - the values of tags, to value-1, and their keys, to tag-1, but for those by
//     which a rule knows a cluster's own, and the keys of those that name another;
//   - public addresses, to 203.0.113.1, and messages of gaps, to message-1.
//
// What the options name stays, and with it the text of the policies that decide
// about it, but for account IDs; other policies are left out. Regions, states, IDs of
// resources, error codes and IAM actions stay too.
func (s Snapshot) Redact(o Options) Snapshot {
	r := redactor{Book: standin.New(kinds), c: newChecker(s, o), keep: slices.Concat(o.texts(), o.LeftoverRoles(), o.leftoverProfiles())}
	for _, text := range r.keep {
		if a, err := iam.ParseARN(text); err == nil {
			r.Keep(string(a.Account))
		}
	}
	for _, v := range s.Stacks.Items {
		if r.c.ofCluster(v) {
			r.keep = append(r.keep, v.Name)
		}
	}
	var to Snapshot
	r.Walk(func() { to = r.snapshot(s) })
	return to
}

// kinds are those of the words that are mapped.
var kinds = []string{
	"alias", "bucket", "file-system", "holder", "key", "message", "pair", "policy", "profile", "repository", "role", "secret", "stack", "table", "tag", "target", "user", "value",
}

func (r *redactor) snapshot(s Snapshot) Snapshot {
	s.Account = r.Account(s.Account)
	s.Users = redact(r, s.Users, "user", func(u *User, name func(string) string) {
		u.Name, u.ARN = name(u.Name), name(u.ARN)
		u.Policies = redact(r, u.Policies, "policy", redactPolicy)
		u.AccessKeys = redact(r, u.AccessKeys, "key", func(*AccessKey, func(string) string) {})
	})
	s.Roles = redact(r, s.Roles, "role", func(i *Role, name func(string) string) {
		i.Trust = r.policy(i.Trust, slices.ContainsFunc(r.c.o.Roles, func(n NodeRole) bool { return n.Role == i.Name }))
		i.Name, i.ARN = name(i.Name), name(i.ARN)
		i.Policies = redact(r, i.Policies, "policy", redactPolicy)
		i.Inline = redact(r, i.Inline, "policy", func(p *InlinePolicy, name func(string) string) { p.Name = name(p.Name) })
	})
	s.Profiles = redact(r, s.Profiles, "profile", func(p *InstanceProfile, name func(string) string) {
		p.Name, p.ARN = name(p.Name), name(p.ARN)
		p.Roles = slices.Clone(p.Roles)
		for i, role := range p.Roles {
			p.Roles[i] = r.word("role", role)
		}
	})
	s.Instances = redact(r, s.Instances, "instance", func(i *Instance, _ func(string) string) {
		i.ProfileARN = r.arn("profile", lastWord(i.ProfileARN), i.ProfileARN)
		i.KeyName, i.Tags = r.word("pair", i.KeyName), r.tags(i.Tags)
		i.PublicIP = r.publicIP(i.PublicIP)
	})
	s.Tables = redact(r, s.Tables, "table", func(t *Table, name func(string) string) { t.Name, t.ARN = name(t.Name), name(t.ARN) })
	s.Keys = redact(r, s.Keys, "key", func(k *Key, _ func(string) string) {
		named := slices.ContainsFunc(append([]string{k.ID}, k.Aliases...), func(n string) bool { return r.kept("key", n) })
		k.Policy = r.policy(k.Policy, named || slices.ContainsFunc(r.c.secrets, func(t thing[Secret]) bool { return t.item != nil && k.names(t.item.KMSKey) }))
		k.ID, k.ARN, k.Aliases = r.Accounts(k.ID), r.Accounts(k.ARN), slices.Clone(k.Aliases)
		for i, a := range k.Aliases {
			k.Aliases[i] = r.alias(a)
		}
	})
	s.Buckets = redact(r, s.Buckets, "bucket", func(b *Bucket, name func(string) string) { b.Name = name(b.Name) })
	s.OwnBuckets = redact(r, s.OwnBuckets, "bucket", func(b *OwnBucket, name func(string) string) { b.Name = name(b.Name) })
	s.Secrets = redact(r, s.Secrets, "secret", func(v *Secret, name func(string) string) {
		v.Policy = r.policy(v.Policy, slices.ContainsFunc(r.c.secrets, func(t thing[Secret]) bool { return t.item != nil && t.item.Name == v.Name }))
		v.Name, v.ARN, v.KMSKey = name(v.Name), name(v.ARN), r.alias(v.KMSKey)
	})
	s.Repositories = redact(r, s.Repositories, "repository", func(v *Repository, name func(string) string) { v.Name, v.ARN = name(v.Name), name(v.ARN) })
	s.Stacks = redact(r, s.Stacks, "stack", func(v *Stack, name func(string) string) {
		v.Name, v.ID, v.Tags = name(v.Name), name(v.ID), r.tags(v.Tags)
	})
	s.FileSystems = redact(r, s.FileSystems, "file-system", func(f *FileSystem, _ func(string) string) {
		f.ARN = r.Accounts(f.ARN)
		f.Targets = redact(r, f.Targets, "target", func(*MountTarget, func(string) string) {})
	})
	s.KeyHolders = redact(r, s.KeyHolders, "holder", func(h *KeyHolder, _ func(string) string) { h.ARN = r.arn("user", lastWord(h.ARN), h.ARN) })
	return s
}

func redactPolicy(p *AttachedPolicy, name func(string) string) {
	p.ARN = name(p.ARN)
	if p.Name != "" {
		p.Name = lastWord(p.ARN)
	}
}

// redact returns a copy of a part whose items went through edit, in the order of
// their names. The function that edit gets maps the item's name, and its name within
// an ARN.
func redact[T groundway.Keyed](r *redactor, p groundway.Part[T], kind string, edit func(*T, func(string) string)) groundway.Part[T] {
	p.Items, p.Gaps = slices.Clone(p.Items), slices.Clone(p.Gaps)
	slices.SortFunc(p.Items, func(a, b T) int { return cmp.Compare(a.Key(), b.Key()) })
	for i := range p.Items {
		own := lastWordOf(p.Items[i].Key())
		edit(&p.Items[i], func(text string) string { return r.arn(kind, own, text) })
	}
	for i, g := range p.Gaps {
		p.Gaps[i].Account = r.Accounts(g.Account)
		p.Gaps[i].Message = r.message(g.Message)
	}
	return p
}

// lastWordOf returns a name as it is, and the name that an ARN ends with.
func lastWordOf(key string) string {
	if strings.HasPrefix(key, "arn:") {
		return lastWord(key)
	}
	return key
}

type redactor struct {
	*standin.Book
	c    *checker
	keep []string // texts of the options, and names that the rules make of them
}

// texts are all texts of the options: what stands in one of them stays.
func (o Options) texts() []string {
	list := []string{o.Region, o.Cluster, o.Installer}
	for _, r := range o.Roles {
		list = append(list, r.Role, r.Policy, r.Profile)
	}
	for _, n := range o.Instances {
		list = append(list, n.ID, n.Profile, n.KeyName)
	}
	if k := o.KMS; k != nil {
		list = append(append(list, k.Key), k.Principals...)
	}
	if v := o.Vault; v != nil {
		list = append(list, v.User, v.Table, v.Key, v.Bucket)
	}
	for _, b := range o.Buckets {
		list = append(list, b.Name)
	}
	for _, u := range o.Secrets {
		list = append(list, u.Secret, u.Reader)
	}
	list = append(append(list, o.Repositories...), o.Stacks...)
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// kept reports whether a name stays: the options name it, an ARN of theirs ends
// with it, or a rule looks for it.
func (r *redactor) kept(kind, name string) bool {
	for _, k := range r.keep {
		if k == name || strings.HasSuffix(k, "/"+name) || strings.HasSuffix(k, ":"+name) {
			return true
		}
	}
	return kind == "stack" && slices.ContainsFunc(r.c.o.StackPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// word returns the stand-in of a name.
func (r *redactor) word(kind, name string) string {
	if r.kept(kind, name) {
		r.Keep(name)
	}
	return r.Word(kind, name)
}

// alias maps the name of a key where it is an alias, or the ARN of one. Those of AWS
// itself say nothing of anybody.
func (r *redactor) alias(key string) string {
	before, name, ok := strings.Cut(key, "alias/")
	if !ok || strings.HasPrefix(name, "aws/") {
		return r.Accounts(key)
	}
	return r.Accounts(before) + "alias/" + r.word("alias", name)
}

// publicIP maps an address to one that is for documentation, RFC 5737.
func (r *redactor) publicIP(text string) string {
	const net = "203.0.113."
	n, isStandIn := strings.CutPrefix(text, net)
	isStandIn = isStandIn && n != "" && strings.Trim(n, "0123456789") == ""
	return r.Value("address", text, isStandIn, func(n int) string { return net + strconv.Itoa(n) })
}

// arn maps a name, or within an ARN the name and the account.
func (r *redactor) arn(kind, name, text string) string {
	if name == "" || text == "" {
		return text
	}
	to := r.word(kind, name)
	if text == name {
		return to
	}
	at := 0 // of the resource
	if a, err := iam.ParseARN(text); err == nil {
		at = len(text) - len(a.Resource)
	}
	return r.Accounts(text[:at] + replaceName(text[at:], name, to))
}

// replaceName replaces a name where it stands by itself within the resource of an ARN.
// That of a secret has six characters behind the name.
func replaceName(resource, name, to string) string {
	var b strings.Builder
	for rest := resource; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return b.String() + rest
		}
		end := i + len(name)
		before := len(resource) - len(rest) + i
		begins := before == 0 || strings.IndexByte("/:", resource[before-1]) >= 0
		if begins && (end == len(rest) || strings.IndexByte("/:-", rest[end]) >= 0) {
			b.WriteString(rest[:i] + to)
		} else {
			b.WriteString(rest[:end])
		}
		rest = rest[end:]
	}
}

// policy maps the accounts within a policy that decides about what the options name, and
// drops the others, which name whom they like.
func (r *redactor) policy(text string, named bool) string {
	if !named {
		return ""
	}
	return r.Accounts(text)
}

// tags maps the tags but for those that name the cluster.
func (r *redactor) tags(tags map[string]string) map[string]string {
	if tags == nil {
		return nil
	}
	list := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if r.c.o.Cluster != "" && r.c.ofCluster(Stack{Tags: map[string]string{key: tags[key]}}) {
			list[key] = tags[key]
			continue
		}
		if slices.Contains(clusterTags, key) { // another cluster's stack stays that
			list[key] = r.Word("value", tags[key])
			continue
		}
		list[r.Word("tag", key)] = r.Word("value", tags[key])
	}
	return list
}

var about = regexp.MustCompile(`(?s)^("(?:[^"\\]|\\.)*": )(.*)$`)

// message maps the message of a gap. What it is about stays where it is kept: the
// rules find it by that.
func (r *redactor) message(text string) string {
	before := ""
	if m := about.FindStringSubmatch(text); m != nil {
		name := strings.TrimSuffix(strings.TrimPrefix(m[1], `"`), `": `)
		if slices.Contains(r.keep, name) {
			before = m[1]
		}
		text = m[2]
	}
	if text == "" {
		return before
	}
	return before + r.Word("message", text)
}
