package presets

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// A Set is everything that one system needs in IAM. The order of its lists is
// that in which AWS takes them: providers and policies, then roles, then
// profiles. Rendered, it is JSON files or a CloudFormation template.
type Set struct {
	System       string            `json:"system"` // "tectonic"
	Policies     []Policy          `json:"policies,omitempty"`
	Providers    []Provider        `json:"providers,omitempty"`
	Roles        []Role            `json:"roles,omitempty"`
	Profiles     []InstanceProfile `json:"profiles,omitempty"`
	Associations []Association     `json:"associations,omitempty"`
	Attachments  []UserAttachment  `json:"attachments,omitempty"`
}

// A Policy is a managed policy. It keeps to the quota of one.
type Policy struct {
	Name        string       `json:"name"`
	Path        string       `json:"path,omitempty"` // empty means "/"
	Description string       `json:"description"`
	Phase       Phase        `json:"phase"` // when it is needed
	Document    iam.Document `json:"document"`
	// Export is the name under which a template exports the ARN, before the
	// suffix: "TektonBotPolicy". Empty means that it does not.
	Export string `json:"export,omitempty"`
}

// A Role is a role, its trust policy and what is attached to it.
type Role struct {
	Name        string       `json:"name"`
	Path        string       `json:"path,omitempty"` // empty means "/"
	Description string       `json:"description"`
	Trust       iam.Document `json:"trust"`
	Policies    []string     `json:"policies"`           // names of policies of the set
	Boundary    string       `json:"boundary,omitempty"` // an ARN
	// Namespace and ServiceAccount are those of the pods that have the role; empty
	// for other roles.
	Namespace      string `json:"namespace,omitempty"`
	ServiceAccount string `json:"serviceAccount,omitempty"`
}

// An InstanceProfile hands a role to EC2 instances. It holds exactly one.
type InstanceProfile struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
	Role string `json:"role"` // the name of a role of the set
}

// A Provider is an OpenID Connect provider that has to exist.
type Provider struct {
	URL       string   `json:"url"` // of the issuer
	ARN       string   `json:"arn"`
	Audiences []string `json:"audiences"`
}

// An Association is one of EKS Pod Identity, which EKS stores and not IAM.
type Association struct {
	Cluster        string `json:"cluster"`
	Namespace      string `json:"namespace"`
	ServiceAccount string `json:"serviceAccount"`
	Role           string `json:"role"` // the name of a role of the set
}

// A UserAttachment attaches policies to a user that exists.
type UserAttachment struct {
	User     string   `json:"user"`
	Policies []string `json:"policies"` // names of policies of the set
}

// In returns the set without the policies that none of the phases needs, and
// without roles that have no policy left.
func (s Set) In(phase Phase) Set {
	kept := map[string]bool{}
	s.Policies = slices.DeleteFunc(slices.Clone(s.Policies), func(p Policy) bool {
		kept[p.Name] = p.Phase&phase != 0
		return !kept[p.Name]
	})
	of := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !kept[name] })
	}
	roles := map[string]bool{}
	list := s.Roles
	s.Roles = nil
	for _, r := range list {
		r.Policies = of(r.Policies)
		roles[r.Name] = len(r.Policies) > 0
		if roles[r.Name] {
			s.Roles = append(s.Roles, r)
		}
	}
	s.Profiles = slices.DeleteFunc(slices.Clone(s.Profiles), func(p InstanceProfile) bool { return !roles[p.Role] })
	s.Associations = slices.DeleteFunc(slices.Clone(s.Associations), func(a Association) bool { return !roles[a.Role] })
	attachments := s.Attachments
	s.Attachments = nil
	for _, a := range attachments {
		if a.Policies = of(a.Policies); len(a.Policies) > 0 {
			s.Attachments = append(s.Attachments, a)
		}
	}
	if !slices.ContainsFunc(s.Roles, func(r Role) bool { return r.ServiceAccount != "" }) {
		s.Providers = nil
	}
	return s
}

// Documents returns the documents of policies of the set by their names, as a
// role lists them.
func (s Set) Documents(names []string) []iam.Document {
	var list []iam.Document
	for _, name := range names {
		for _, p := range s.Policies {
			if p.Name == name {
				list = append(list, p.Document)
			}
		}
	}
	return list
}

// add adds the policy of a preset, as several if one would be over the quota,
// and returns their names: NAME, or NAME-1, NAME-2 and so on.
func (s *Set) add(scope iam.Scope, p Preset, policy Policy) ([]string, error) {
	document, err := p.Least(scope)
	if err != nil {
		return nil, err
	}
	documents := []iam.Document{document}
	limit := iam.SizeLimits()[0]
	if limit.Count.Of(iam.MeasureText(document.String())) > limit.Max {
		fitted, err := iam.Fit(documents, iam.FitOptions{})
		if err != nil {
			return nil, fmt.Errorf("policy %q: %w", policy.Name, err)
		}
		documents = fitted.Documents
	}
	var names []string
	base, export := policy.Name, policy.Export
	for i, d := range documents {
		if len(documents) > 1 {
			policy.Name = fmt.Sprintf("%s-%d", base, i+1)
			if export != "" {
				policy.Export = fmt.Sprintf("%s%d", export, i+1)
			}
		}
		policy.Document = d
		names = append(names, policy.Name)
		s.Policies = append(s.Policies, policy)
	}
	return names, nil
}

// mostPolicies is how many managed policies a role may have, unless AWS raised
// the quota.
const mostPolicies = 10

// check refuses a set that AWS would refuse, before anything is made of it.
func (s Set) check() error {
	c := &checker{preset: s.System}
	size := func(field string, d iam.Document, kind iam.Kind) {
		for _, l := range iam.SizeLimits() {
			if l.Kind != kind {
				continue
			}
			if n := l.Count.Of(iam.MeasureText(d.String())); n > l.Max {
				c.add(field, "%d %s, and a %s has at most %d", n, l.Count, l.What, l.Max)
			}
			return
		}
	}
	seen := map[string]bool{}
	once := func(what, name string) {
		key := what + " " + strings.ToLower(name)
		if seen[key] {
			c.add(what+" "+name, "it stands twice")
		}
		seen[key] = true
	}
	for _, p := range s.Policies {
		once("policy", p.Name)
		c.name("policy "+p.Name, iam.PolicyName, p.Name)
		if p.Path != "" {
			c.name("path of policy "+p.Name, iam.Path, p.Path)
		}
		c.optional("export of policy "+p.Name, exportForm, p.Export)
		size("policy "+p.Name, p.Document, iam.IdentityPolicy)
	}
	for _, r := range s.Roles {
		once("role", r.Name)
		c.name("role "+r.Name, iam.RoleName, r.Name)
		for _, name := range r.Policies {
			if !seen["policy "+strings.ToLower(name)] {
				c.add("role "+r.Name, "the policy %q is not in the set", shown(name))
			}
		}
		if n := len(r.Policies); n > mostPolicies {
			c.add("role "+r.Name, "%d policies, and a role has at most %d", n, mostPolicies)
		}
		if r.Path != "" {
			c.name("path of role "+r.Name, iam.Path, r.Path)
		}
		if r.Boundary != "" {
			c.arn("boundary of role "+r.Name, "policy", r.Boundary)
		}
		c.optional("service account of role "+r.Name, accountForm, r.ServiceAccount)
		c.optional("namespace of role "+r.Name, accountForm, r.Namespace)
		size("trust of role "+r.Name, r.Trust, iam.TrustPolicy)
		if len(r.Trust.Statements) == 0 {
			c.add("trust of role "+r.Name, "it trusts nobody")
		}
	}
	for _, p := range s.Profiles {
		once("instance profile", p.Name)
		if !seen["role "+strings.ToLower(p.Role)] {
			c.add("instance profile "+p.Name, "the role %q is not in the set", shown(p.Role))
		}
		c.name("instance profile "+p.Name, iam.InstanceProfileName, p.Name)
	}
	for _, p := range s.Providers {
		c.issuer("provider "+p.URL, p.URL)
	}
	return c.err()
}

// done returns the set if AWS takes it.
func (s Set) done() (Set, error) {
	if err := s.check(); err != nil {
		return Set{}, err
	}
	return s, nil
}

// ShortName returns a name of at most so many characters: one that is longer
// loses its end to a hash of the whole, so that two long names stay different.
// Nothing in this package shortens a name unless it is asked by this function.
// The least maximum is 10.
func ShortName(name string, maximum int) string {
	const hash = 8
	if len(name) <= maximum || maximum < hash+2 {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprintf("%s-%0*x", strings.TrimRight(name[:maximum-hash-1], "-"), hash, h.Sum32())
}
