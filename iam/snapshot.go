package iam

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Snapshot is what was seen of the identities of an account. The zero value is
// a snapshot of which nothing was seen.
//
// It holds what was asked for by name: a role that is not among the roles does
// not exist if it was asked for and the part is complete. Documents are the text
// that AWS sent, decoded from its URL form; text that is no policy is kept, and
// what depends on it is unknown. An empty field was not in the answer.
//
// Its JSON form is canonical: one snapshot has one text, whatever the order of
// its items.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot.
type Parts struct {
	Callers   groundway.Part[Caller]                `json:"iamCallers"`          // sts:GetCallerIdentity: who looked
	Roles     groundway.Part[RoleDetail]            `json:"iamRoles"`            // iam:GetRole
	Users     groundway.Part[UserDetail]            `json:"iamUsers"`            // iam:GetUser, iam:ListGroupsForUser
	Inline    groundway.Part[InlinePolicyDetail]    `json:"iamInlinePolicies"`   // iam:GetRolePolicy and the like
	Attached  groundway.Part[AttachedPolicy]        `json:"iamAttachedPolicies"` // iam:ListAttachedRolePolicies and the like
	Policies  groundway.Part[ManagedPolicyDetail]   `json:"iamManagedPolicies"`  // iam:GetPolicy, iam:GetPolicyVersion, iam:ListPolicyVersions
	Profiles  groundway.Part[InstanceProfileDetail] `json:"iamInstanceProfiles"` // iam:GetInstanceProfile, iam:ListInstanceProfilesForRole
	Providers groundway.Part[OIDCProviderDetail]    `json:"iamOIDCProviders"`    // iam:GetOpenIDConnectProvider
	SCPs      groundway.Part[SCPDetail]             `json:"organizationsSCPs"`   // organizations:ListPoliciesForTarget, organizations:DescribePolicy
	Simulated groundway.Part[Simulation]            `json:"iamSimulations"`      // iam:SimulatePrincipalPolicy
	Probes    groundway.Part[Probe]                 `json:"ec2Probes"`           // calls of EC2 with DryRun
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the same
// file are left alone; parts of this one that it does not hold are unseen.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// A Caller is who looked, as sts:GetCallerIdentity says.
type Caller struct {
	ARN    string `json:"arn"`              // of the user, or of the session of a role
	UserID string `json:"userID,omitempty"` // AROA…:session
}

// Key returns the ARN.
func (c Caller) Key() string { return c.ARN }

// A RoleDetail is a role as iam:GetRole shows it.
type RoleDetail struct {
	Name        string            `json:"name"`
	Path        string            `json:"path,omitempty"`
	ARN         string            `json:"arn,omitempty"`
	ID          string            `json:"id,omitempty"` // AROA…
	Description string            `json:"description,omitempty"`
	Trust       string            `json:"trust,omitempty"`      // the text of the document
	Boundary    string            `json:"boundary,omitempty"`   // the ARN of the policy; empty: none
	MaxSession  int               `json:"maxSession,omitempty"` // seconds
	Tags        map[string]string `json:"tags,omitempty"`
}

// Key returns the name.
func (r RoleDetail) Key() string { return r.Name }

// A UserDetail is a user as iam:GetUser shows it, with its groups.
type UserDetail struct {
	Name     string            `json:"name"`
	Path     string            `json:"path,omitempty"`
	ARN      string            `json:"arn,omitempty"`
	ID       string            `json:"id,omitempty"`       // AIDA…
	Boundary string            `json:"boundary,omitempty"` // the ARN of the policy; empty: none
	Groups   []string          `json:"groups,omitempty"`   // names
	Tags     map[string]string `json:"tags,omitempty"`
}

// Key returns the name.
func (u UserDetail) Key() string { return u.Name }

// An InlinePolicyDetail is a policy within a role, a user or a group.
type InlinePolicyDetail struct {
	Owner    string `json:"owner"` // "role/NAME", "user/NAME" or "group/NAME"
	Name     string `json:"name"`
	Document string `json:"document"` // its text
}

// Key returns the owner and the name: "role/demo/ec2".
func (p InlinePolicyDetail) Key() string { return p.Owner + "/" + p.Name }

// An AttachedPolicy is a managed policy that is attached to a role, a user or a
// group.
type AttachedPolicy struct {
	Owner string `json:"owner"` // "role/NAME", "user/NAME" or "group/NAME"
	ARN   string `json:"arn"`
}

// Key returns the owner and the ARN.
func (p AttachedPolicy) Key() string { return p.Owner + " " + p.ARN }

// A ManagedPolicyDetail is a managed policy with its default version.
type ManagedPolicyDetail struct {
	ARN         string            `json:"arn"`
	Name        string            `json:"name,omitempty"`
	Path        string            `json:"path,omitempty"`
	Description string            `json:"description,omitempty"`
	Default     string            `json:"default,omitempty"`  // "v3"
	Versions    []string          `json:"versions,omitempty"` // the oldest first; where they were asked for
	Document    string            `json:"document,omitempty"` // the text of the default version
	Attachments int               `json:"attachments"`        // how many users, groups and roles have it
	Bounds      int               `json:"bounds,omitempty"`   // how many users and roles it bounds
	Tags        map[string]string `json:"tags,omitempty"`
}

// Key returns the ARN.
func (p ManagedPolicyDetail) Key() string { return p.ARN }

// An InstanceProfileDetail is an instance profile as iam:GetInstanceProfile
// shows it.
type InstanceProfileDetail struct {
	Name  string            `json:"name"`
	Path  string            `json:"path,omitempty"`
	ARN   string            `json:"arn,omitempty"`
	Roles []string          `json:"roles,omitempty"` // names; IAM takes one
	Tags  map[string]string `json:"tags,omitempty"`
}

// Key returns the name.
func (p InstanceProfileDetail) Key() string { return p.Name }

// An OIDCProviderDetail is an identity provider as
// iam:GetOpenIDConnectProvider shows it.
type OIDCProviderDetail struct {
	ARN         string            `json:"arn"`
	URL         string            `json:"url,omitempty"` // as IAM writes it, without the scheme
	ClientIDs   []string          `json:"clientIDs,omitempty"`
	Thumbprints []string          `json:"thumbprints,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// Key returns the ARN.
func (p OIDCProviderDetail) Key() string { return p.ARN }

// An SCPDetail is a service control policy at one of the levels that an account
// is under.
type SCPDetail struct {
	Level    int    `json:"level"`  // 1 is the root of the organization; the account has the last
	Target   string `json:"target"` // r-…, ou-… or the account
	ID       string `json:"id"`     // p-…
	Name     string `json:"name,omitempty"`
	Document string `json:"document"`
}

// Key returns the target and the ID.
func (p SCPDetail) Key() string { return p.Target + "/" + p.ID }

// A Simulation is what iam:SimulatePrincipalPolicy said of a request.
type Simulation struct {
	Action   string   `json:"action"`
	Resource string   `json:"resource"`
	Decision string   `json:"decision"`                // allowed, explicitDeny or implicitDeny
	Missing  []string `json:"missing,omitempty"`       // condition keys that the request lacked
	Boundary *bool    `json:"boundary,omitempty"`      // whether the boundary allows; nil: there is none
	SCPs     *bool    `json:"organizations,omitempty"` // whether the service control policies allow; nil: none were asked
}

// Key returns the action and the resource.
func (s Simulation) Key() string { return s.Action + " " + s.Resource }

// A Probe is what EC2 said of a call with DryRun.
type Probe struct {
	Action  string `json:"action"`
	Code    string `json:"code"`              // DryRunOperation, UnauthorizedOperation, or another
	Message string `json:"message,omitempty"` // what sts:DecodeAuthorizationMessage made of a denial; untrusted text
}

// Key returns the action.
func (p Probe) Key() string { return p.Action }

// find returns the item that meets the condition, or nil.
func find[T any](p groundway.Part[T], is func(T) bool) *T {
	for i := range p.Items {
		if is(p.Items[i]) {
			return &p.Items[i]
		}
	}
	return nil
}

func (p Parts) role(name string) *RoleDetail {
	return find(p.Roles, func(r RoleDetail) bool { return strings.EqualFold(r.Name, name) })
}

func (p Parts) user(name string) *UserDetail {
	return find(p.Users, func(u UserDetail) bool { return strings.EqualFold(u.Name, name) })
}

func (p Parts) policy(arn string) *ManagedPolicyDetail {
	return find(p.Policies, func(m ManagedPolicyDetail) bool { return m.ARN == arn })
}

func (p Parts) profile(name string) *InstanceProfileDetail {
	return find(p.Profiles, func(i InstanceProfileDetail) bool { return strings.EqualFold(i.Name, name) })
}

func (p Parts) provider(arn string) *OIDCProviderDetail {
	return find(p.Providers, func(o OIDCProviderDetail) bool { return o.ARN == arn })
}

// inline returns the inline policies of an owner, "role/NAME".
func (p Parts) inline(owner string) []InlinePolicyDetail {
	var list []InlinePolicyDetail
	for _, policy := range p.Inline.Items {
		if strings.EqualFold(policy.Owner, owner) {
			list = append(list, policy)
		}
	}
	return list
}

// attached returns the ARNs of the policies that are attached to an owner.
func (p Parts) attached(owner string) []string {
	var list []string
	for _, policy := range p.Attached.Items {
		if strings.EqualFold(policy.Owner, owner) {
			list = append(list, policy.ARN)
		}
	}
	return list
}

// unseenFacts are the facts of what was not seen.
func unseenFacts(pointer []string, gaps []groundway.Gap) []groundway.Fact {
	if len(gaps) == 0 {
		return []groundway.Fact{{Path: groundway.Pointer(pointer...), Want: "seen"}}
	}
	var facts []groundway.Fact
	for _, g := range gaps {
		facts = append(facts, groundway.Fact{Path: groundway.Pointer(pointer...), Got: strings.TrimSpace(g.Code + " " + g.Message), Want: "seen", Source: g.Action})
	}
	return facts
}

func gapsInWords(gaps []groundway.Gap) string {
	if len(gaps) == 0 {
		return "it was not asked for"
	}
	var list []string
	for _, g := range gaps {
		words := plain(g.Action)
		if detail := strings.TrimSuffix(strings.TrimPrefix(g.Code+": "+g.Message, ": "), ": "); detail != "" {
			words += " (" + plainLong(detail) + ")"
		}
		list = append(list, words)
	}
	return strings.Join(slices.Compact(list), ", ")
}
