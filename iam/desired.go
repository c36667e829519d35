package iam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

// Desired is what is to be in an account: policies, roles, instance profiles and
// identity providers, all of one owner. It is what [Plan] compares an account
// with. The zero value is none of an account that is not named, which Plan
// refuses.
type Desired struct {
	Account   Account   `json:"account"`             // 12 digits
	Partition Partition `json:"partition,omitempty"` // empty: the commercial one
	// Owner is the value of the tag [groundway.OwnerTag], such as the name of the
	// cluster; empty: "groundway".
	Owner string `json:"owner,omitempty"`
	// TrustQuota is how many characters a trust policy may have where AWS raised
	// the quota; zero: the default of 2,048.
	TrustQuota int               `json:"trustQuota,omitempty"`
	Policies   []ManagedPolicy   `json:"policies,omitempty"`
	Roles      []Role            `json:"roles,omitempty"`
	Profiles   []InstanceProfile `json:"profiles,omitempty"`
	Providers  []OIDCProvider    `json:"providers,omitempty"`
	// Users are users that exist, and that managed policies are attached to. A user is
	// nobody's here: nothing else of it is looked at or changed.
	Users []UserAttachment `json:"users,omitempty"`
}

// A UserAttachment attaches managed policies to a user that exists.
type UserAttachment struct {
	User    string   `json:"user"`
	Managed []string `json:"managed"` // the ARNs of the policies, as those of a role
}

// A ManagedPolicy is a customer managed policy that is to be there.
type ManagedPolicy struct {
	Name        string            `json:"name"`           // unique in the account
	Path        string            `json:"path,omitempty"` // empty: "/"
	Description string            `json:"description,omitempty"`
	Document    Document          `json:"document"`
	Tags        map[string]string `json:"tags,omitempty"` // beside that of the owner
}

// A Role is a role that is to be there, with its policies.
type Role struct {
	Name        string `json:"name"`           // unique in the account, without regard to case
	Path        string `json:"path,omitempty"` // empty: "/"
	Description string `json:"description,omitempty"`
	// Trust says who may assume the role, see [NewTrustDocument].
	Trust  Document       `json:"trust"`
	Inline []InlinePolicy `json:"inline,omitempty"`
	// Managed are the ARNs of the managed policies that are attached: AWS's, or
	// customer managed ones of the account, those of the same Desired included,
	// see [Desired.PolicyARN].
	Managed []string `json:"managed,omitempty"`
	// Boundary is the ARN of the managed policy that bounds the role. Where it is
	// empty, a boundary that somebody put there stays.
	Boundary string `json:"boundary,omitempty"`
	// MaxSession is how long a session of the role may last, 1 to 12 hours in
	// whole seconds. Zero leaves what is there, and AWS's hour on a new role.
	MaxSession time.Duration     `json:"maxSession,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"` // beside that of the owner
}

// An InlinePolicy is a policy within a role.
type InlinePolicy struct {
	Name     string   `json:"name"`
	Document Document `json:"document"`
}

// An InstanceProfile is an instance profile that is to be there, with exactly
// one role: IAM takes no second one, and EC2 none without.
type InstanceProfile struct {
	Name string            `json:"name"`           // unique in the account, without regard to case
	Path string            `json:"path,omitempty"` // empty: "/"
	Role string            `json:"role"`           // the name of the role, without its path
	Tags map[string]string `json:"tags,omitempty"` // beside that of the owner
}

// An OIDCProvider is an issuer of web identities that the account knows.
type OIDCProvider struct {
	URL string `json:"url"` // "https://oidc.example.com/demo", without a query
	// ClientIDs are the audiences, [WebIdentityAudience] for pods.
	ClientIDs []string `json:"clientIDs"`
	// Thumbprints are those of the issuer's certificate authority, SHA-1 in
	// hexadecimal. Where there are none, AWS obtains one and what is there stays.
	Thumbprints []string          `json:"thumbprints,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"` // beside that of the owner
}

// PolicyARN returns the ARN that a managed policy has in the account of d.
func (d Desired) PolicyARN(p ManagedPolicy) string {
	return d.arn("policy" + cmp.Or(p.Path, "/") + p.Name)
}

// RoleARN returns the ARN that a role has in the account of d.
func (d Desired) RoleARN(r Role) string { return d.arn("role" + cmp.Or(r.Path, "/") + r.Name) }

// ProviderARN returns the ARN that a provider has in the account of d: that of
// its URL without the scheme.
func (d Desired) ProviderARN(p OIDCProvider) string {
	return d.arn("oidc-provider/" + strings.TrimSuffix(strings.TrimPrefix(p.URL, "https://"), "/"))
}

func (d Desired) arn(resource string) string {
	return ARN{Partition: cmp.Or(d.Partition, PartitionAWS), Service: "iam", Account: d.Account, Resource: resource}.String()
}

// owner is the value of the owner's tag.
func (d Desired) owner() string { return cmp.Or(d.Owner, "groundway") }

// tags returns the tags with that of the owner.
func (d Desired) tags(own map[string]string) map[string]string {
	all := maps.Clone(own)
	if all == nil {
		all = map[string]string{}
	}
	all[groundway.OwnerTag] = d.owner()
	return all
}

// foreignPolicies returns the ARNs of the customer managed policies that roles
// name and that d does not hold, sorted.
func (d Desired) foreignPolicies() []string {
	own := map[string]bool{}
	for _, p := range d.Policies {
		own[d.PolicyARN(p)] = true
	}
	var list []string
	note := func(arns ...string) {
		for _, arn := range arns {
			if a, err := ParseARN(arn); err == nil && a.Account == d.Account && !own[arn] {
				list = append(list, arn)
			}
		}
	}
	for _, r := range d.Roles {
		note(r.Managed...)
		note(r.Boundary)
	}
	for _, u := range d.Users {
		note(u.Managed...)
	}
	return sorted(list)
}

// PolicyARNs returns the ARNs of the managed policies of the account that d is
// about: its own, and those that its roles name besides. Each stands once, in
// order.
func (d Desired) PolicyARNs() []string {
	list := d.foreignPolicies()
	for _, p := range d.Policies {
		list = append(list, d.PolicyARN(p))
	}
	return sorted(list)
}

// Check returns an error that lists, each with its field, what AWS would refuse
// of d or what cannot be meant: names and paths, documents that [Validate] finds
// an error in or that are over their quota, a trust policy without a principal,
// an account that has not 12 digits, two things of one name, a profile without a
// role. Plan begins with it, so that nothing is called for what cannot work.
func (d Desired) Check() error {
	c := desiredCheck{d: d, names: map[string]string{}}
	if !d.Account.IsValid() {
		c.add("account", "%s: want 12 digits", quote(string(d.Account)))
	}
	if d.Partition != "" && !d.Partition.IsKnown() {
		c.add("partition", "%s: want one of %v", quote(string(d.Partition)), Partitions())
	}
	c.tags("owner", map[string]string{groundway.OwnerTag: d.owner()})
	for i, p := range d.Policies {
		c.policy(fmt.Sprintf("policies[%d]", i), p)
	}
	for i, r := range d.Roles {
		c.role(fmt.Sprintf("roles[%d]", i), r)
	}
	for i, p := range d.Profiles {
		at := fmt.Sprintf("profiles[%d]", i)
		c.name(at, InstanceProfileName, p.Name, p.Path, "instance profile")
		if err := CheckName(RoleName, p.Role); err != nil {
			c.add(at+".role", "%v", err)
		}
		c.tags(at+".tags", p.Tags)
	}
	for i, u := range d.Users {
		at := fmt.Sprintf("users[%d]", i)
		if err := CheckName(UserName, u.User); err != nil {
			c.add(at+".user", "%v", err)
		}
		c.once(at+".user", "user", u.User)
		for j, arn := range u.Managed {
			field := fmt.Sprintf("%s.managed[%d]", at, j)
			c.policyARN(field, arn)
			c.once(field, "attached policy of user "+u.User, arn)
		}
	}
	for i, p := range d.Providers {
		c.provider(fmt.Sprintf("providers[%d]", i), p)
	}
	return errors.Join(c.errs...)
}

type desiredCheck struct {
	d     Desired
	names map[string]string // kind and name in lower case, to the field that has it
	errs  []error
}

func (c *desiredCheck) add(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
}

func (c *desiredCheck) once(field, kind, name string) {
	key := kind + " " + strings.ToLower(name)
	if at, ok := c.names[key]; ok {
		c.add(field, "%s: %s has the name already; IAM compares names without regard to case", quote(name), at)
	}
	c.names[key] = field
}

func (c *desiredCheck) name(at string, kind NameKind, name, path, what string) {
	if err := CheckName(kind, name); err != nil {
		c.add(at+".name", "%v", err)
	}
	if path != "" {
		if err := CheckName(Path, path); err != nil {
			c.add(at+".path", "%v", err)
		}
	}
	c.once(at+".name", what, name)
}

func (c *desiredCheck) policy(at string, p ManagedPolicy) {
	c.name(at, PolicyName, p.Name, p.Path, "policy")
	c.document(at+".document", p.Document, IdentityPolicy, 0)
	c.text(at+".description", p.Description)
	c.tags(at+".tags", p.Tags)
}

// The quotas that Check compares with beside those of [SizeLimits], see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
const (
	maxRoleInline  = 10240 // characters of all inline policies of a role
	maxTags        = 50
	maxTagKey      = 128
	maxTagValue    = 256
	maxDescription = 1000
	minSession     = time.Hour
	maxSession     = 12 * time.Hour
	maxClientIDs   = 100
	maxThumbprints = 5
	maxVersions    = 5
)

func (c *desiredCheck) role(at string, r Role) {
	c.name(at, RoleName, r.Name, r.Path, "role")
	c.document(at+".trust", r.Trust, TrustPolicy, c.d.TrustQuota)
	total := 0
	for i, p := range r.Inline {
		field := fmt.Sprintf("%s.inline[%d]", at, i)
		if err := CheckName(PolicyName, p.Name); err != nil {
			c.add(field+".name", "%v", err)
		}
		c.once(field+".name", "inline policy of "+strings.ToLower(r.Name), p.Name)
		c.document(field+".document", p.Document, IdentityPolicy, 1<<20)
		total += MeasureText(p.Document.String()).Significant
	}
	if total > maxRoleInline {
		c.add(at+".inline", "%d characters together, want %d at most", total, maxRoleInline)
	}
	for i, arn := range r.Managed {
		field := fmt.Sprintf("%s.managed[%d]", at, i)
		c.policyARN(field, arn)
		c.once(field, "attached policy of "+strings.ToLower(r.Name), arn)
	}
	if r.Boundary != "" {
		c.policyARN(at+".boundary", r.Boundary)
	}
	switch whole := r.MaxSession == r.MaxSession.Truncate(time.Second); {
	case r.MaxSession == 0:
	case r.MaxSession < minSession, r.MaxSession > maxSession, !whole:
		c.add(at+".maxSession", "%v: want %v to %v in whole seconds", r.MaxSession, minSession, maxSession)
	}
	c.text(at+".description", r.Description)
	c.tags(at+".tags", r.Tags)
}

// text checks a description, for which AWS gives this set of characters.
func (c *desiredCheck) text(field, text string) {
	if len([]rune(text)) > maxDescription {
		c.add(field, "%d characters, want %d at most", len([]rune(text)), maxDescription)
	}
	for _, r := range text {
		if r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r > '~') && (r < 0xA1 || r > 0xFF) {
			c.add(field, "the character %q is none that AWS takes", r)
			return
		}
	}
}

func (c *desiredCheck) policyARN(field, text string) {
	a, err := ParseARN(text)
	switch {
	case err != nil:
		c.add(field, "%v", err)
	case a.Service != "iam" || a.ResourceType() != "policy" || a.Region != "" || a.IsPattern():
		c.add(field, "%s: want the ARN of a managed policy", quote(text))
	case a.Partition != cmp.Or(c.d.Partition, PartitionAWS):
		c.add(field, "%s: it is of the partition %s, want %s", quote(text), quote(string(a.Partition)), quote(string(cmp.Or(c.d.Partition, PartitionAWS))))
	case a.Account != c.d.Account && a.Account != "aws":
		c.add(field, "%s: it is of the account %s, want one of AWS or of %s", quote(text), quote(string(a.Account)), c.d.Account)
	}
}

// document reports what Validate finds an error in. maxSize of zero is the
// first quota of the kind.
func (c *desiredCheck) document(field string, doc Document, kind Kind, maxSize int) {
	for _, f := range Validate(doc, kind, ValidateOptions{MaxSize: maxSize}) {
		if f.Outcome == groundway.Failed && f.Severity == groundway.Error {
			c.add(field, "%s: %s", f.Code, f.Summary)
		}
	}
}

// tags checks what https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
// says of tags.
func (c *desiredCheck) tags(field string, tags map[string]string) {
	if len(tags) > maxTags-1 {
		c.add(field, "%d tags, want %d at most beside that of the owner", len(tags), maxTags-1)
	}
	seen := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch before, twice := seen[strings.ToLower(key)]; {
		case twice:
			c.add(field, "the keys %s and %s differ in case alone, which IAM takes for one", quote(before), quote(key))
		case key == "" || len([]rune(key)) > maxTagKey || !tagText.MatchString(key):
			c.add(field, "the key %s: want 1 to %d letters, digits, spaces and _.:/=+-@", quote(key), maxTagKey)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			c.add(field, "the key %s: AWS keeps keys that begin with aws: for itself", quote(key))
		case key == groundway.OwnerTag && tags[key] != c.d.owner():
			c.add(field, "the key %s: it is the owner's, whose value is %s", quote(key), quote(c.d.owner()))
		case len([]rune(tags[key])) > maxTagValue || !tagText.MatchString(tags[key]):
			c.add(field, "the value of %s: want at most %d letters, digits, spaces and _.:/=+-@", quote(key), maxTagValue)
		}
		seen[strings.ToLower(key)] = key
	}
}

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

var thumbprint = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)

func (c *desiredCheck) provider(at string, p OIDCProvider) {
	u, err := url.Parse(p.URL)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(p.URL) > 255:
		c.add(at+".url", "%s: want https://HOST/PATH of at most 255 characters, without a query", quote(p.URL))
	case u.Port() != "":
		c.add(at+".url", "%s: IAM takes no port", quote(p.URL))
	}
	c.once(at+".url", "provider", strings.TrimSuffix(p.URL, "/"))
	if len(p.ClientIDs) == 0 || len(p.ClientIDs) > maxClientIDs {
		c.add(at+".clientIDs", "%d audiences, want 1 to %d", len(p.ClientIDs), maxClientIDs)
	}
	for i, id := range p.ClientIDs {
		if id == "" || len(id) > 255 {
			c.add(fmt.Sprintf("%s.clientIDs[%d]", at, i), "%s: want 1 to 255 characters", quote(id))
		}
	}
	if len(p.Thumbprints) > maxThumbprints {
		c.add(at+".thumbprints", "%d, want %d at most", len(p.Thumbprints), maxThumbprints)
	}
	for i, t := range p.Thumbprints {
		if !thumbprint.MatchString(t) {
			c.add(fmt.Sprintf("%s.thumbprints[%d]", at, i), "%s: want 40 hexadecimal digits", quote(t))
		}
	}
	c.tags(at+".tags", p.Tags)
}
