package resource

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// Check applies the rules to the resources that the options name, and returns at
// least one finding for each of them: one for every resource that failed or could
// not be seen, and one for all together that passed or were skipped. The findings
// are ordered by [groundway.Finding.Compare]. No access key and no secret stands
// in them.
func Check(s Snapshot, o Options) []groundway.Finding {
	c := newChecker(s, o)
	for _, r := range define() {
		r.check(c, r.Code)
	}
	return c.Findings()
}

// A checker holds what the rules share.
type checker struct {
	*groundway.Tally
	s      Snapshot
	o      Options
	region string

	users       []thing[User]
	roles       []thing[Role]
	profiles    []thing[InstanceProfile]
	instances   []thing[Instance]
	tables      []thing[Table]
	keys        []thing[Key]
	keyUsers    map[groundway.Subject][]string // ARNs of who uses each of keys
	buckets     []thing[Bucket]
	secrets     []thing[Secret]
	fileSystems []thing[FileSystem]
}

// A thing is a resource that the options name, with what was seen of it.
type thing[T any] struct {
	subject  groundway.Subject
	item     *T // nil where it was not seen, or where AWS showed none
	presence Presence
	unseen   bool            // nothing says whether there is one
	gaps     []groundway.Gap // why something of it was not seen
	pointer  []string        // of the item in the snapshot's JSON
	action   string          // that shows it
	region   string          // where it has to be
	n        int             // of the options' list it stands in
}

func newChecker(s Snapshot, o Options) *checker {
	c := &checker{s: s, o: o, region: cmp.Or(o.Region, s.Region), keyUsers: map[groundway.Subject][]string{}}
	c.withPaths()
	c.Tally = groundway.NewTally(Rules(), groundway.Subject{Kind: "cluster", ID: o.Cluster, Region: c.region})
	for i, r := range o.Roles {
		c.roles = append(c.roles, look(c, s.Roles, want{"iam-role", r.Role, "", "roles", actionGetRole, i}, byKey[Role]))
		c.profiles = append(c.profiles, look(c, s.Profiles, want{"instance-profile", r.profile(), "", "instanceProfiles", actionProfiles, i}, byKey[InstanceProfile]))
	}
	for i, n := range o.Instances {
		c.instances = append(c.instances, look(c, s.Instances, want{"instance", n.ID, c.region, "ec2Instances", actionInstances, i}, byKey[Instance]))
	}
	if o.KMS != nil && o.KMS.Key != "" {
		c.key(o.KMS.Key, cmp.Or(o.KMS.Region, c.region), c.o.KMS.Principals...)
	}
	c.vault()
	for i, b := range o.Buckets {
		c.buckets = append(c.buckets, c.bucket(b.Name, cmp.Or(b.Region, c.region), i))
	}
	for i, u := range o.Secrets {
		c.secrets = append(c.secrets, look(c, s.Secrets, want{"secret", u.Secret, c.region, "secrets", actionDescribeSecret, i}, Secret.names))
	}
	if f := o.FileSystem; f != nil {
		c.fileSystems = append(c.fileSystems, look(c, s.FileSystems, want{"file-system", f.ID, c.region, "efsFileSystems", actionFileSystems, 0}, byKey[FileSystem]))
	}
	return c
}

// withPaths gives the principals of the options that are roles the ARNs that were seen:
// who knows a role by its name does not know its path, and policies of resources name
// it with that.
func (c *checker) withPaths() {
	arns := map[string]string{} // by account and name
	for _, r := range c.s.Roles.Items {
		if a, err := iam.ParseARN(r.ARN); err == nil {
			arns[string(a.Account)+"/"+r.Name] = r.ARN
		}
	}
	full := func(principal string) string {
		a, err := iam.ParseARN(principal)
		if err != nil || a.ResourceType() != "role" {
			return principal
		}
		return cmp.Or(arns[string(a.Account)+"/"+lastWord(principal)], principal)
	}
	c.o.Installer = full(c.o.Installer)
	if k := c.o.KMS; k != nil {
		use := *k
		use.Principals = slices.Clone(k.Principals)
		for i, p := range use.Principals {
			use.Principals[i] = full(p)
		}
		c.o.KMS = &use
	}
	c.o.Secrets = slices.Clone(c.o.Secrets)
	for i, u := range c.o.Secrets {
		c.o.Secrets[i].Reader = full(u.Reader)
	}
}

// arn returns the ARN of a resource of the account in the region. Where the snapshot does
// not say whose it is, the account is the installer's.
func (c *checker) arn(service, resource string) string {
	account := c.s.Account
	if a, err := iam.ParseARN(c.o.Installer); err == nil {
		account = cmp.Or(account, string(a.Account))
	}
	return strings.Join([]string{"arn", string(iam.Region(c.region).Partition()), service, c.region, account, resource}, ":")
}

// vault looks for what Vault uses, but for what boot makes itself: it adds a new ending
// to the names.
func (c *checker) vault() {
	v := c.o.Vault
	if v == nil {
		return
	}
	if v.User != "" {
		c.users = append(c.users, look(c, c.s.Users, want{"iam-user", v.User, "", "users", actionGetUser, -1}, byKey[User]))
	}
	if v.AutoCreate {
		return
	}
	if v.Table != "" {
		region := cmp.Or(v.TableRegion, c.region)
		c.tables = append(c.tables, look(c, c.s.Tables, want{"table", v.Table, region, "dynamodbTables", actionDescribeTable, -1}, func(t Table, name string) bool {
			return t.Name == name && within(t.ARN, region)
		}))
	}
	if v.Key != "" {
		var users []string
		for _, u := range c.users {
			if u.item != nil && u.item.ARN != "" {
				users = append(users, u.item.ARN)
			}
		}
		c.key(v.Key, cmp.Or(v.KeyRegion, c.region), users...)
	}
	if v.Bucket != "" {
		c.buckets = append(c.buckets, c.bucket(v.Bucket, cmp.Or(v.BucketRegion, c.region), -1))
	}
}

// key looks for a key of KMS, which some principals use. An alias is another key in
// each region. A key that is named twice is one, by the first of its names.
func (c *checker) key(name, region string, users ...string) {
	t := look(c, c.s.Keys, want{"kms-key", name, region, "kmsKeys", actionDescribeKey, 0}, func(k Key, name string) bool {
		return k.names(name) && (!strings.HasPrefix(name, "alias/") || within(k.ARN, region))
	})
	same := slices.IndexFunc(c.keys, func(k thing[Key]) bool {
		return k.subject == t.subject || k.item != nil && t.item != nil && k.item.ID == t.item.ID && k.region == t.region
	})
	if same < 0 {
		same = len(c.keys)
		c.keys = append(c.keys, t)
	}
	subject := c.keys[same].subject
	for _, u := range users {
		if !slices.Contains(c.keyUsers[subject], u) {
			c.keyUsers[subject] = append(c.keyUsers[subject], u)
		}
	}
}

// within reports whether a resource is in the region, as far as its ARN says.
func within(arn, region string) bool {
	a, err := iam.ParseARN(arn)
	return err != nil || a.Region == "" || region == "" || string(a.Region) == region
}

// A want is a name to look for.
type want struct {
	kind, name, region, part, action string
	n                                int
}

// unnamed is why a rule has no subject. It is one reason for all rules, which a
// report can say in one line.
const unnamed = "the options name no such resource"

func byKey[T groundway.Keyed](item T, name string) bool { return item.Key() == name }

// look finds a name among the items of a part.
func look[T groundway.Keyed](c *checker, part groundway.Part[T], w want, names func(T, string) bool) thing[T] {
	t := thing[T]{
		subject: groundway.Subject{Kind: w.kind, ID: w.name, Region: w.region},
		pointer: []string{"parts", w.part, "items", w.name}, action: w.action, region: w.region, n: w.n,
		gaps: gapsAbout(part.Gaps, w.name),
	}
	i := slices.IndexFunc(part.Items, func(item T) bool { return names(item, w.name) })
	switch {
	case i >= 0:
		item := part.Items[i]
		t.pointer[3] = item.Key()
		if t.presence = presenceOf(item); t.presence == "" {
			t.item = &item
		}
	case part.Complete() && !c.listed(w):
		t.unseen, t.gaps = true, []groundway.Gap{{Action: w.action, Message: fmt.Sprintf("%q: nobody asked in its region", w.name)}}
	case part.Complete():
		t.presence = Absent
	default:
		t.unseen = true
		if len(t.gaps) == 0 {
			t.gaps = []groundway.Gap{notShown(w.action, w.name)}
		}
	}
	return t
}

// listed reports whether a list of the region would show what is looked for.
func (c *checker) listed(w want) bool {
	region := w.region
	if a, err := iam.ParseARN(w.name); err == nil {
		region = cmp.Or(string(a.Region), region)
	}
	return region == "" || c.region == "" || region == c.region
}

func presenceOf(item any) Presence {
	switch i := item.(type) {
	case User:
		return i.Presence
	case Role:
		return i.Presence
	case Instance:
		return i.Presence
	case Table:
		return i.Presence
	case Key:
		return i.Presence
	case Bucket:
		return i.Presence
	case Secret:
		return i.Presence
	case Repository:
		return i.Presence
	case FileSystem:
		return i.Presence
	}
	return ""
}

// About returns the gap with a message that says what it was asked about. The
// rules find the gaps of a resource by it.
func About(name string, g groundway.Gap) groundway.Gap {
	g.Message = fmt.Sprintf("%q: %s", name, g.Message)
	return g
}

// gapsAbout returns the gaps that speak of a name, and those that speak of none.
func gapsAbout(gaps []groundway.Gap, name string) []groundway.Gap {
	var list []groundway.Gap
	for _, g := range gaps {
		if strings.HasPrefix(g.Message, fmt.Sprintf("%q: ", name)) || !strings.HasPrefix(g.Message, `"`) {
			list = append(list, g)
		}
	}
	return list
}

// notShown is the gap of an answer that lacks something.
func notShown(action, what string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "no answer shows " + what}
}

// at returns the place of a field of the thing in the canonical JSON of the
// snapshot.
func (t thing[T]) at(field ...string) string {
	return groundway.Pointer(append(slices.Clone(t.pointer), field...)...)
}

// seen yields the things that are there. Of the others it records that the rule
// follows from that, or that it could not be answered.
func seen[T any](c *checker, code, missing groundway.Code, things []thing[T], none string) []thing[T] {
	var there []thing[T]
	for _, t := range things {
		switch {
		case t.item != nil:
			there = append(there, t)
		case t.unseen:
			c.unknown(code, t.subject, t.gaps...)
		default:
			cause, failed := c.failedOf(t.subject, missing, codeBucketOtherAccount, codeBucketOtherRegion)
			switch {
			case failed:
				c.Skip(code, cause, t.subject)
			case t.presence == Absent:
				c.Inapplicable(code, "what does not exist yet is made")
			default:
				c.unknown(code, t.subject, t.lacks(t.action, "more")...)
			}
		}
	}
	if len(things) == 0 {
		c.Inapplicable(code, none)
	}
	return there
}

// failedOf returns the first of the rules that failed for the subject.
func (c *checker) failedOf(s groundway.Subject, codes ...groundway.Code) (groundway.Code, bool) {
	for _, code := range codes {
		if _, failed := c.Failed(code, s); failed {
			return code, true
		}
	}
	return "", false
}

// A claim is what a rule says of a subject.
type claim struct {
	code      groundway.Code
	subject   groundway.Subject
	path      string // of the field in the snapshot
	got, want string
	source    string
	summary   string // of the failure
	remedies  []groundway.Remedy
	related   []groundway.Subject
	severity  groundway.Severity
}

// hold records that a claim holds or does not.
func (c *checker) hold(ok bool, k claim) {
	if ok {
		c.Pass(k.code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code: k.code, Subject: k.subject, Summary: k.summary, Remedies: k.remedies, Related: k.related, Severity: k.severity,
		Evidence: []groundway.Fact{{Path: k.path, Got: k.got, Want: k.want, Source: k.source}},
	})
}

// unknown records that the rule could not be answered.
func (c *checker) unknown(code groundway.Code, s groundway.Subject, gaps ...groundway.Gap) {
	c.Unseen(code, s, func(g groundway.Gap) groundway.Remedy {
		return groundway.Remedy{Action: g.Remedy(g.Account).Action, Commands: c.commandOf(g.Action, s)}
	}, gaps...)
}

// lacks returns the gaps of one action among those of a thing, or one that says
// that the answer lacks the field.
func (t thing[T]) lacks(action, what string) []groundway.Gap {
	var list []groundway.Gap
	for _, g := range t.gaps {
		if g.Action == action {
			list = append(list, g)
		}
	}
	if len(list) == 0 {
		list = []groundway.Gap{notShown(action, what+" of "+t.subject.ID)}
	}
	return list
}
