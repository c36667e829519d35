package iamfake

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// The elements of answers, as the API reference writes them. Documents go out as
// parts of a URL.

type tagXML struct{ Key, Value string }

type tagsXML struct {
	Member []tagXML `xml:"member"`
}

func tagsOf(tags map[string]string) tagsXML {
	var list tagsXML
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list.Member = append(list.Member, tagXML{key, tags[key]})
	}
	return list
}

type boundaryXML struct {
	PermissionsBoundaryArn  string
	PermissionsBoundaryType string
}

func boundaryOf(arn string) *boundaryXML {
	if arn == "" {
		return nil
	}
	return &boundaryXML{arn, "Policy"}
}

type roleXML struct {
	RoleName, Path, Arn      string
	RoleID                   string `xml:"RoleId"`
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	PermissionsBoundary      *boundaryXML
	Tags                     tagsXML
}

func roleOf(r role) roleXML {
	return roleXML{r.name, r.path, r.arn(), r.id, url.PathEscape(r.trust), r.description, r.maxSession, boundaryOf(r.boundary), tagsOf(r.tags)}
}

type profileXML struct {
	InstanceProfileName, Path, Arn string
	InstanceProfileID              string `xml:"InstanceProfileId"`
	Roles                          struct {
		Member []roleXML `xml:"member"`
	}
	Tags tagsXML
}

func profileOf(w world, p profile) profileXML {
	x := profileXML{InstanceProfileName: p.name, Path: p.path, Arn: p.arn(), InstanceProfileID: p.id, Tags: tagsOf(p.tags)}
	for _, name := range p.roles {
		if r, ok := w.roles[lower(name)]; ok {
			x.Roles.Member = append(x.Roles.Member, roleOf(r))
		}
	}
	return x
}

type policyElement struct {
	PolicyName                    string
	Path                          string
	Arn                           string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	Description                   string `xml:",omitempty"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Tags                          tagsXML
}

func policyOf(w world, p policy) policyElement {
	attached, bounds := w.attachments(p.arn)
	return policyElement{p.name, p.path, p.arn, p.standard, p.description, attached, bounds, true, tagsOf(p.tags)}
}

// A list with the page that it is.
type names struct {
	PolicyNames struct {
		Member []string `xml:"member"`
	}
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// page returns the page of a listing that the request asks for.
func page[T any](r awsfake.Request, all []T) (items []T, truncated bool, marker string, err error) {
	size, _ := strconv.Atoi(r.Params.Get("MaxItems"))
	start, end, next, err := r.Page(r.Params.Get("Marker"), size, len(all))
	if err != nil {
		return nil, false, "", err
	}
	return all[start:end], next != "", next, nil
}

func listNames(r awsfake.Request, o owned) (any, error) {
	var out names
	var err error
	out.PolicyNames.Member, out.IsTruncated, out.Marker, err = page(r, slices.Sorted(maps.Keys(o.inline)))
	return out, err
}

type attachedXML struct {
	PolicyName, PolicyArn string
}

func listAttached(r awsfake.Request, o owned) (any, error) {
	var all []attachedXML
	for _, arn := range o.attached {
		all = append(all, attachedXML{arn[strings.LastIndexByte(arn, '/')+1:], arn})
	}
	var out struct {
		AttachedPolicies struct {
			Member []attachedXML `xml:"member"`
		}
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}
	var err error
	out.AttachedPolicies.Member, out.IsTruncated, out.Marker, err = page(r, all)
	return out, err
}

// ownerOf returns the policies of the user, group or role that a request names.
func (w world) ownerOf(kind string, r awsfake.Request) (owned, error) {
	switch kind {
	case "User":
		if u, ok := w.users[lower(r.Params.Get("UserName"))]; ok {
			return u.owned, nil
		}
	case "Group":
		if g, ok := w.groups[lower(r.Params.Get("GroupName"))]; ok {
			return g.owned, nil
		}
	case "Role":
		if found, ok := w.roles[lower(r.Params.Get("RoleName"))]; ok {
			return found.owned, nil
		}
	}
	return owned{}, noSuch(lower(kind), r.Params.Get(kind+"Name"))
}

func inlineOf(kind string) func(world, awsfake.Request) (any, error) {
	return func(w world, r awsfake.Request) (any, error) {
		o, err := w.ownerOf(kind, r)
		if err != nil {
			return nil, err
		}
		name := r.Params.Get("PolicyName")
		text, ok := o.inline[name]
		if !ok {
			return nil, noSuch("policy", name)
		}
		return struct{ UserName, GroupName, RoleName, PolicyName, PolicyDocument string }{
			r.Params.Get("UserName"), r.Params.Get("GroupName"), r.Params.Get("RoleName"), name, url.PathEscape(text),
		}, nil
	}
}

func namesOf(kind string) func(world, awsfake.Request) (any, error) {
	return func(w world, r awsfake.Request) (any, error) {
		o, err := w.ownerOf(kind, r)
		if err != nil {
			return nil, err
		}
		return listNames(r, o)
	}
}

func attachedOf(kind string) func(world, awsfake.Request) (any, error) {
	return func(w world, r awsfake.Request) (any, error) {
		o, err := w.ownerOf(kind, r)
		if err != nil {
			return nil, err
		}
		return listAttached(r, o)
	}
}

// reads are the calls that change nothing.
var reads = map[string]func(world, awsfake.Request) (any, error){
	"GetRole": func(w world, r awsfake.Request) (any, error) {
		found, ok := w.roles[lower(r.Params.Get("RoleName"))]
		if !ok {
			return nil, noSuch("role", r.Params.Get("RoleName"))
		}
		return struct{ Role roleXML }{roleOf(found)}, nil
	},
	"GetUser": func(w world, r awsfake.Request) (any, error) {
		u, ok := w.users[lower(r.Params.Get("UserName"))]
		if !ok {
			return nil, noSuch("user", r.Params.Get("UserName"))
		}
		type userXML struct {
			UserName, Path, Arn string
			UserID              string `xml:"UserId"`
			PermissionsBoundary *boundaryXML
		}
		return struct{ User userXML }{userXML{u.name, u.path, u.arn(), u.id, boundaryOf(u.boundary)}}, nil
	},
	"ListRolePolicies":          namesOf("Role"),
	"ListUserPolicies":          namesOf("User"),
	"ListGroupPolicies":         namesOf("Group"),
	"GetRolePolicy":             inlineOf("Role"),
	"GetUserPolicy":             inlineOf("User"),
	"GetGroupPolicy":            inlineOf("Group"),
	"ListAttachedRolePolicies":  attachedOf("Role"),
	"ListAttachedUserPolicies":  attachedOf("User"),
	"ListAttachedGroupPolicies": attachedOf("Group"),
	"ListGroupsForUser": func(w world, r awsfake.Request) (any, error) {
		u, ok := w.users[lower(r.Params.Get("UserName"))]
		if !ok {
			return nil, noSuch("user", r.Params.Get("UserName"))
		}
		type groupXML struct{ GroupName, Path, Arn string }
		var all []groupXML
		for _, name := range u.groups {
			if g, ok := w.groups[lower(name)]; ok {
				all = append(all, groupXML{g.name, "/", g.arn()})
			}
		}
		var out struct {
			Groups struct {
				Member []groupXML `xml:"member"`
			}
			IsTruncated bool
			Marker      string `xml:",omitempty"`
		}
		var err error
		out.Groups.Member, out.IsTruncated, out.Marker, err = page(r, all)
		return out, err
	},
	"GetPolicy": func(w world, r awsfake.Request) (any, error) {
		p, ok := w.policies[r.Params.Get("PolicyArn")]
		if !ok {
			return nil, noSuch("policy", r.Params.Get("PolicyArn"))
		}
		return struct{ Policy policyElement }{policyOf(w, p)}, nil
	},
	"GetPolicyVersion": func(w world, r awsfake.Request) (any, error) {
		p, ok := w.policies[r.Params.Get("PolicyArn")]
		text, has := p.versions[r.Params.Get("VersionId")]
		if !ok || !has {
			return nil, noSuch("policy version", r.Params.Get("VersionId"))
		}
		return struct{ PolicyVersion versionXML }{versionXML{r.Params.Get("VersionId"), p.standard == r.Params.Get("VersionId"), url.PathEscape(text)}}, nil
	},
	"ListPolicyVersions": func(w world, r awsfake.Request) (any, error) {
		p, ok := w.policies[r.Params.Get("PolicyArn")]
		if !ok {
			return nil, noSuch("policy", r.Params.Get("PolicyArn"))
		}
		var all []versionXML
		for _, id := range slices.Backward(p.order) { // the newest first, as IAM does
			all = append(all, versionXML{id, id == p.standard, ""})
		}
		var out struct {
			Versions struct {
				Member []versionXML `xml:"member"`
			}
			IsTruncated bool
			Marker      string `xml:",omitempty"`
		}
		var err error
		out.Versions.Member, out.IsTruncated, out.Marker, err = page(r, all)
		return out, err
	},
	"GetInstanceProfile": func(w world, r awsfake.Request) (any, error) {
		p, ok := w.profiles[lower(r.Params.Get("InstanceProfileName"))]
		if !ok {
			return nil, noSuch("instance profile", r.Params.Get("InstanceProfileName"))
		}
		return struct{ InstanceProfile profileXML }{profileOf(w, p)}, nil
	},
	"ListInstanceProfilesForRole": func(w world, r awsfake.Request) (any, error) {
		name := r.Params.Get("RoleName")
		if _, ok := w.roles[lower(name)]; !ok {
			return nil, noSuch("role", name)
		}
		var all []profileXML
		for _, key := range slices.Sorted(maps.Keys(w.profiles)) {
			if p := w.profiles[key]; slices.ContainsFunc(p.roles, func(n string) bool { return strings.EqualFold(n, name) }) {
				x := profileOf(w, p)
				x.Tags = tagsXML{} // which this call does not show
				all = append(all, x)
			}
		}
		var out struct {
			InstanceProfiles struct {
				Member []profileXML `xml:"member"`
			}
			IsTruncated bool
			Marker      string `xml:",omitempty"`
		}
		var err error
		out.InstanceProfiles.Member, out.IsTruncated, out.Marker, err = page(r, all)
		return out, err
	},
	"GetOpenIDConnectProvider": func(w world, r awsfake.Request) (any, error) {
		p, ok := w.providers[r.Params.Get("OpenIDConnectProviderArn")]
		if !ok {
			return nil, noSuch("provider", r.Params.Get("OpenIDConnectProviderArn"))
		}
		type listXML struct {
			Member []string `xml:"member"`
		}
		return struct {
			URL            string `xml:"Url"`
			ClientIDList   listXML
			ThumbprintList listXML
			Tags           tagsXML
		}{p.url, listXML{p.clientIDs}, listXML{p.thumbprints}, tagsOf(p.tags)}, nil
	},
	"SimulatePrincipalPolicy": simulate,
}

type versionXML struct {
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	Document         string `xml:",omitempty"`
}

// simulate decides as IAM would, by the policies of the principal and what the
// request says of the context. Like IAM it takes users, groups and roles and not
// their sessions.
func simulate(w world, r awsfake.Request) (any, error) {
	source := r.Params.Get("PolicySourceArn")
	a, err := iam.ParseARN(source)
	name := a.ResourceName()[strings.LastIndexByte(a.ResourceName(), '/')+1:]
	if err != nil || a.Service != "iam" || a.ResourceType() != "role" && a.ResourceType() != "user" {
		return nil, awsfake.Errorf("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", source)
	}
	documents, boundary, err := w.policiesOf(a.ResourceType(), name)
	if err != nil {
		return nil, err
	}
	authorizer, err := iam.Compile(iam.Policies{Identity: documents, Boundary: boundary})
	if err != nil {
		return nil, awsfake.Errorf("PolicyEvaluation", "%v", err)
	}
	context := iam.Context{}
	for i := 1; ; i++ {
		key := r.Params.Get("ContextEntries.member." + strconv.Itoa(i) + ".ContextKeyName")
		if key == "" {
			break
		}
		context[key] = r.List("ContextEntries.member." + strconv.Itoa(i) + ".ContextKeyValues.member")
	}
	type detailXML struct{ AllowedByPermissionsBoundary bool }
	type resultXML struct {
		EvalActionName, EvalResourceName, EvalDecision string
		MissingContextValues                           struct {
			Member []string `xml:"member"`
		}
		PermissionsBoundaryDecisionDetail *detailXML
	}
	resources := r.List("ResourceArns.member")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	var all []resultXML
	for _, action := range r.List("ActionNames.member") {
		for _, resource := range resources {
			d, err := authorizer.Authorize(iam.Request{Principal: source, Action: iam.Action(action), Resource: resource, Context: context, Partial: true})
			if err != nil {
				return nil, awsfake.Errorf("InvalidInput", "%v", err)
			}
			x := resultXML{EvalActionName: action, EvalResourceName: resource, EvalDecision: "implicitDeny"}
			x.MissingContextValues.Member = d.Missing
			switch d.Verdict {
			case iam.Allowed:
				x.EvalDecision = "allowed"
			case iam.ExplicitlyDenied:
				x.EvalDecision = "explicitDeny"
			}
			if boundary != nil {
				x.PermissionsBoundaryDecisionDetail = &detailXML{d.Layer != iam.BoundaryLayer || d.Verdict == iam.Allowed}
			}
			all = append(all, x)
		}
	}
	var out struct {
		EvaluationResults struct {
			Member []resultXML `xml:"member"`
		}
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}
	out.EvaluationResults.Member, out.IsTruncated, out.Marker, err = page(r, all)
	return out, err
}

// policiesOf returns the policies that bear on a user or role.
func (w world) policiesOf(kind, name string) (documents, boundary []iam.Document, err error) {
	var own []owned
	bound := ""
	switch kind {
	case "user":
		u, ok := w.users[lower(name)]
		if !ok {
			return nil, nil, noSuch(kind, name)
		}
		own, bound = append(own, u.owned), u.boundary
		for _, g := range u.groups {
			own = append(own, w.groups[lower(g)].owned)
		}
	default:
		r, ok := w.roles[lower(name)]
		if !ok {
			return nil, nil, noSuch(kind, name)
		}
		own, bound = append(own, r.owned), r.boundary
	}
	add := func(to *[]iam.Document, text string) {
		if d, err := iam.Parse(text, iam.ParseOptions{}); err == nil {
			*to = append(*to, d)
		}
	}
	for _, o := range own {
		for _, name := range slices.Sorted(maps.Keys(o.inline)) {
			add(&documents, o.inline[name])
		}
		for _, arn := range o.attached {
			p := w.policies[arn]
			add(&documents, p.versions[p.standard])
		}
	}
	if bound != "" {
		p := w.policies[bound]
		add(&boundary, p.versions[p.standard])
	}
	return documents, boundary, nil
}
