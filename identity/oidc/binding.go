package oidc

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
)

// A Mode is how pods come by permissions. The zero value is invalid.
type Mode uint8

const (
	_ Mode = iota
	// ModeIRSA gives each service account a role, by tokens of the cluster's issuer.
	ModeIRSA
	// ModePodIdentity gives each service account a role, by an association of EKS.
	ModePodIdentity
	// ModeNodeRole gives the permissions of all service accounts to the role of the
	// nodes, and with it to every pod.
	ModeNodeRole
)

var modeNames = []string{ModeIRSA: "irsa", ModePodIdentity: "pod-identity", ModeNodeRole: "node-role"}

// String returns the name, or "invalid".
func (m Mode) String() string {
	if m == 0 || int(m) >= len(modeNames) {
		return "invalid"
	}
	return modeNames[m]
}

// A Cluster is where service accounts get their roles.
type Cluster struct {
	Name  string // what the names of roles begin with
	Scope iam.Scope
	Mode  Mode
	// Issuer signs the tokens, and Provider is its provider's ARN: for ModeIRSA. An
	// empty Provider is that of the issuer in the account.
	Issuer   string
	Provider string
	// NodeRole is the name of the nodes' role: for ModeNodeRole.
	NodeRole string
}

// ARN returns the ARN of the EKS cluster of this name.
func (c Cluster) ARN() string { return c.Scope.ARN("eks", "cluster/"+c.Name) }

// A Binding says what a service account may do in AWS.
type Binding struct {
	Namespace      string
	ServiceAccount string
	Labels         map[string]string // of the account, put on where they are missing
	// Role is the name of the role; empty makes one of the cluster, the namespace
	// and the account. Several bindings may share a role that they name.
	Role string
	// PolicyARNs are managed policies that exist, and Policy is one of the role's
	// own; a document without statements is none.
	PolicyARNs []string
	Policy     iam.Document
	// Audience is that of the tokens; empty is [iam.WebIdentityAudience].
	Audience string
	// TokenLife is how long a token is good for, from ten minutes; zero leaves it to
	// the webhook, which asks for a day.
	TokenLife time.Duration
	// Session is how long the credentials may last, from an hour to twelve; zero is
	// an hour.
	Session time.Duration
}

func (b Binding) subject() string { return Subject(b.Namespace, b.ServiceAccount) }

func (b Binding) audience() string { return cmp.Or(b.Audience, iam.WebIdentityAudience) }

// FromJenkinsX returns the bindings of a table of service accounts. What the
// template of Jenkins X exports, by the name of the export, is put beside the
// policies that the table names: exports are the outputs of its stack.
func FromJenkinsX(accounts []jenkinsx.ServiceAccount, exports map[string]string) ([]Binding, error) {
	if twice := jenkinsx.Duplicates(accounts); len(twice) > 0 {
		return nil, fmt.Errorf("bindings: the account %s stands twice", strings.Join(twice, " and "))
	}
	var list []Binding
	for _, a := range accounts {
		b := Binding{Namespace: a.Namespace, ServiceAccount: a.Name, Labels: a.Labels, PolicyARNs: slices.Clone(a.PolicyARNs)}
		if a.Export != "" {
			arn, ok := exports[a.Export]
			if !ok {
				return nil, fmt.Errorf("bindings: the account %s/%s has the policy of the export %q, which is not among the outputs", a.Namespace, a.Name, a.Export)
			}
			b.PolicyARNs = append(b.PolicyARNs, arn)
		}
		list = append(list, b)
	}
	return list, nil
}

// A RolePlan is a role as it is to be.
type RolePlan struct {
	Name       string
	ARN        string
	Trust      iam.Document // without statements for the role of the nodes, which exists
	PolicyARNs []string     // to be attached, ordered
	Policies   []NamedPolicy
	MaxSession time.Duration
}

// A NamedPolicy is an inline policy of a role.
type NamedPolicy struct {
	Name   string
	Policy iam.Document
}

// An Annotation is what a service account is to have for its role.
type Annotation struct {
	Namespace, ServiceAccount string
	Labels                    map[string]string
	RoleARN                   string
	Audience                  string        // empty is the webhook's own
	TokenLife                 time.Duration // zero is the webhook's own
}

// A Plan is what gives service accounts their permissions. Package iam/awsiam
// makes roles and providers; [Annotate] writes the annotations.
type Plan struct {
	Cluster  Cluster
	Bindings []Binding // with all names filled in, in the order of their accounts
	// Provider is what has to be registered with IAM, with every audience as a
	// client ID; it is zero unless the mode is ModeIRSA.
	Provider     Provider
	Roles        []RolePlan    // by name
	Associations []Association // of ModePodIdentity
	Annotations  []Annotation  // of ModeIRSA
}

var (
	dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
	dnsName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
)

// NewPlan returns what these bindings come to in a cluster. Trust policies pin the
// audience and the service account, each exactly. The error joins all mistakes: an
// account that stands twice, a name that Kubernetes or IAM does not take, a policy
// of another partition, an issuer that IAM does not take.
func NewPlan(c Cluster, bindings []Binding) (Plan, error) {
	p := planner{plan: Plan{Cluster: c}, roles: map[string]*RolePlan{}, trusts: map[string][]iam.Trust{}}
	p.cluster()
	bindings = slices.Clone(bindings)
	slices.SortStableFunc(bindings, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.ServiceAccount, b.ServiceAccount))
	})
	for i, b := range bindings {
		if i > 0 && b.subject() == bindings[i-1].subject() {
			p.fail("the service account %s/%s stands twice", b.Namespace, b.ServiceAccount)
		}
		p.binding(b)
	}
	p.finish()
	if len(p.errs) > 0 {
		return Plan{}, fmt.Errorf("plan roles: %w", errors.Join(p.errs...))
	}
	return p.plan, nil
}

type planner struct {
	plan   Plan
	roles  map[string]*RolePlan
	trusts map[string][]iam.Trust
	errs   []error
}

func (p *planner) fail(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

func (p *planner) cluster() {
	c := &p.plan.Cluster
	if c.Scope == (iam.Scope{}) {
		p.fail("the cluster has no scope")
		return
	}
	switch c.Mode {
	case ModeIRSA:
		if err := CheckIssuer(c.Issuer); err != nil {
			p.errs = append(p.errs, err)
		}
		c.Provider = cmp.Or(c.Provider, ProviderARN(c.Scope.Partition(), c.Scope.Account(), c.Issuer))
		p.plan.Provider = Provider{ARN: c.Provider, URL: ProviderPath(c.Issuer)}
		if !strings.HasSuffix(c.Provider, ":oidc-provider/"+ProviderPath(c.Issuer)) {
			p.fail("the provider %q is not that of the issuer %q", c.Provider, c.Issuer)
		}
	case ModePodIdentity:
		if c.Name == "" {
			p.fail("the cluster has no name")
		}
	case ModeNodeRole:
		if err := iam.CheckName(iam.RoleName, c.NodeRole); err != nil {
			p.fail("the nodes: %w", err)
		}
	default:
		p.fail("mode %d: not a valid value", c.Mode)
	}
}

func (p *planner) binding(b Binding) {
	c := p.plan.Cluster
	who := fmt.Sprintf("the service account %s/%s", b.Namespace, b.ServiceAccount)
	before := len(p.errs)
	if !dnsLabel.MatchString(b.Namespace) || len(b.ServiceAccount) > 253 || !dnsName.MatchString(b.ServiceAccount) {
		p.fail("%s: want a namespace and a name by the rules of DNS", who)
		return
	}
	if b.TokenLife != 0 && (b.TokenLife < 10*time.Minute || b.TokenLife > 24*time.Hour) {
		p.fail("%s: a token of %s, want ten minutes to a day", who, b.TokenLife)
	}
	if b.Session != 0 && (b.Session < time.Hour || b.Session > 12*time.Hour) {
		p.fail("%s: a session of %s, want an hour to twelve", who, b.Session)
	}
	if strings.ContainsAny(b.Audience, "*?$") || len(b.Audience) > 255 || strings.TrimSpace(b.Audience) != b.Audience {
		p.fail("%s: the audience %q, want exact text of 255 characters at most", who, b.Audience)
	}
	for _, arn := range b.PolicyARNs {
		a, err := iam.ParseARN(arn)
		switch {
		case err != nil || a.Service != "iam" || a.ResourceType() != "policy" || a.IsPattern():
			p.fail("%s: the policy %s: want arn:PARTITION:iam::ACCOUNT:policy/NAME", who, quote(arn))
		case a.Partition != c.Scope.Partition():
			p.fail("%s: the policy %s is of the partition %s, and the cluster of %s", who, quote(arn), a.Partition, c.Scope.Partition())
		case a.Account != "aws" && a.Account != c.Scope.Account():
			p.fail("%s: the policy %s is another account's, and only one of the role's own account or of AWS can be attached", who, quote(arn))
		}
	}
	if c.Mode == ModeNodeRole {
		b.Role = c.NodeRole
	}
	b.Role = cmp.Or(b.Role, roleName(c.Name, b.Namespace, b.ServiceAccount))
	if err := iam.CheckName(iam.RoleName, b.Role); err != nil {
		p.fail("%s: %w", who, err)
	}
	if len(p.errs) == before {
		p.plan.Bindings = append(p.plan.Bindings, b)
		p.role(b)
	}
}

// roleName makes a name of at most 64 characters, which a hash keeps apart where it
// is cut.
func roleName(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	name := strings.Join(parts, "-")
	const most = 64
	sum := sha256.Sum256([]byte(strings.Join(parts, "/")))
	if len(name) > most {
		name = name[:most-9] + "-" + hex.EncodeToString(sum[:4])
	}
	return name
}

// role adds what a binding asks of its role.
func (p *planner) role(b Binding) {
	c := p.plan.Cluster
	r := p.roles[b.Role]
	if r == nil {
		r = &RolePlan{Name: b.Role, ARN: fmt.Sprintf("arn:%s:iam::%s:role/%s", c.Scope.Partition(), c.Scope.Account(), b.Role)}
		p.roles[b.Role] = r
	}
	r.PolicyARNs = append(r.PolicyARNs, b.PolicyARNs...)
	r.MaxSession = max(r.MaxSession, cmp.Or(b.Session, time.Hour))
	if len(b.Policy.Statements) > 0 {
		r.Policies = append(r.Policies, NamedPolicy{b.Namespace + "-" + b.ServiceAccount, b.Policy})
	}
	switch c.Mode {
	case ModeIRSA:
		if !slices.Contains(p.plan.Provider.ClientIDs, b.audience()) {
			p.plan.Provider.ClientIDs = append(p.plan.Provider.ClientIDs, b.audience())
		}
		p.trusts[b.Role] = append(p.trusts[b.Role], iam.TrustWebIdentity(c.Provider, b.audience(), b.subject()))
		p.plan.Annotations = append(p.plan.Annotations, Annotation{b.Namespace, b.ServiceAccount, b.Labels, r.ARN, b.Audience, b.TokenLife})
	case ModePodIdentity:
		p.trusts[b.Role] = append(p.trusts[b.Role], iam.TrustPodIdentity(c.ARN(), b.Namespace, b.ServiceAccount))
		p.plan.Associations = append(p.plan.Associations, Association{Cluster: c.ARN(), Namespace: b.Namespace, ServiceAccount: b.ServiceAccount, Role: r.ARN})
	}
}

func (p *planner) finish() {
	slices.Sort(p.plan.Provider.ClientIDs)
	for _, r := range p.roles {
		slices.Sort(r.PolicyARNs)
		r.PolicyARNs = slices.Compact(r.PolicyARNs)
		if len(r.PolicyARNs) > 10 {
			p.fail("the role %s has %d managed policies, and IAM attaches 10 unless the quota is raised", r.Name, len(r.PolicyARNs))
		}
		if trusts := p.trusts[r.Name]; len(trusts) > 0 {
			var err error
			if r.Trust, err = iam.NewTrustDocument(merge(trusts)...); err != nil {
				p.fail("the role %s: %w", r.Name, err)
			} else if n := iam.MeasureText(r.Trust.String()).Significant; n > maxTrust() {
				p.fail("the trust policy of the role %s has %d characters, and IAM takes %d: give its accounts roles of their own", r.Name, n, maxTrust())
			}
		}
		p.plan.Roles = append(p.plan.Roles, *r)
	}
	slices.SortFunc(p.plan.Roles, func(a, b RolePlan) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
}

// merge joins the statements that differ in the subject alone.
func merge(trusts []iam.Trust) []iam.Trust {
	var list []iam.Trust
	byAudience := map[string]int{}
	for _, t := range trusts {
		w, ok := t.(iam.WebIdentityTrust)
		if !ok {
			list = append(list, t)
			continue
		}
		if at, seen := byAudience[w.Audiences[0]]; seen {
			before := list[at].(iam.WebIdentityTrust)
			before.Subjects = append(before.Subjects, w.Subjects...)
			list[at] = before
			continue
		}
		byAudience[w.Audiences[0]] = len(list)
		list = append(list, w)
	}
	return list
}

// maxTrust is the quota of a trust policy, unless it was raised.
func maxTrust() int {
	for _, l := range iam.SizeLimits() {
		if l.Kind == iam.TrustPolicy {
			return l.Max
		}
	}
	return 0
}
