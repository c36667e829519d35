package awscli

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/dump"
)

// The files of [ReadIdentities].
const (
	fileDetails = "iam-get-account-authorization-details.json"
	fileCaller  = "sts-get-caller-identity.json"

	actionDetails = "iam:GetAccountAuthorizationDetails"
	actionCaller  = "sts:GetCallerIdentity"
)

// IdentityFiles returns the files that [ReadIdentities] reads. AWS allows
// sts:GetCallerIdentity to everybody.
func IdentityFiles() []File {
	return []File{
		{fileDetails, strings.Fields("aws iam get-account-authorization-details"), actionDetails, "iamRoles"},
		{fileCaller, strings.Fields("aws sts get-caller-identity"), actionCaller, "iamCallers"},
	}
}

// ReadIdentities reads the roles, the users and their groups, and the policies of
// the account from the dump directory that is the root of fsys, for
// [iam.CheckPermissions], and with them who made the dump. The package
// documentation says what becomes of missing and of malformed files. With an error
// the snapshot is the zero one.
//
// What the output leaves out is not taken for nothing: a group of a user, or a
// managed policy that is attached, of which it holds no details makes unknown what
// depends on it. Service control policies, which no file holds, are unseen.
func ReadIdentities(fsys fs.FS) (iam.Snapshot, error) {
	dir, err := dump.OpenDir(fsys, []string{fileDetails}, func(name string) (bool, error) {
		return name == fileDetails || name == fileCaller, nil
	})
	if err != nil {
		return iam.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s iam.Snapshot
	s.Callers = groundway.UnseenPart[iam.Caller](dump.NoFile(actionCaller, fileCaller))
	if root, ok := dir.Root(fileCaller); ok {
		s.Account = root.ID("Account")
		s.Callers = groundway.SeenPart(iam.Caller{ARN: root.ID("Arn"), UserID: root.Text("UserId")})
	}
	readDetails(dir, &s.Parts)
	s.SCPs = groundway.UnseenPart[iam.SCPDetail](
		groundway.Gap{Action: "organizations:DescribePolicy", Message: "no file of a dump holds service control policies"},
		groundway.Gap{Action: "organizations:ListPoliciesForTarget", Message: "no file of a dump holds service control policies"},
	)
	if err := dir.Err(); err != nil {
		return iam.Snapshot{}, err
	}
	return s, nil
}

// The lists of the output.
const (
	listUsers    = "UserDetailList"
	listGroups   = "GroupDetailList"
	listRoles    = "RoleDetailList"
	listPolicies = "Policies"
)

func readDetails(dir *dump.Dir, p *iam.Parts) {
	root, ok := dir.Root(fileDetails)
	d := details{root: root, gaps: []groundway.Gap{dump.NoFile(actionDetails, fileDetails)}}
	if ok {
		d.gaps = firstPage(root, IdentityFiles()[0], "", groundway.Part[iam.RoleDetail]{}).Gaps
		if !slices.ContainsFunc([]string{listUsers, listGroups, listRoles, listPolicies}, func(key string) bool { return root.Get(key).Exists() }) {
			root.Errorf("%s is missing; want the output of aws iam get-account-authorization-details", listRoles)
		}
	}
	p.Roles = detailsOf(&d, listRoles, d.role)
	p.Users = detailsOf(&d, listUsers, d.user)
	groups := detailsOf(&d, listGroups, d.group)
	p.Policies = detailsOf(&d, listPolicies, d.policy)

	// What stands within roles, users and groups is seen where all of these are.
	within := slices.Concat(p.Roles.Gaps, p.Users.Gaps, groups.Gaps)
	known := map[string]bool{}
	for _, g := range groups.Items {
		known[g.Key()] = true
	}
	for _, u := range p.Users.Items {
		for _, g := range u.Groups {
			if !known[g] {
				within = append(within, groundway.Gap{Action: actionDetails, Message: fmt.Sprintf("%s holds no details of the group %q of the user %q", fileDetails, g, u.Name)})
			}
		}
	}
	slices.SortFunc(within, func(a, b groundway.Gap) int { return cmp.Compare(a.Message, b.Message) })
	within = slices.Compact(within)
	seen := p.Roles.Seen || p.Users.Seen || groups.Seen
	partial := seen && len(within) > 0
	p.Inline = groundway.Part[iam.InlinePolicyDetail]{Items: d.inline, Seen: seen, Partial: partial, Gaps: within}
	p.Attached = groundway.Part[iam.AttachedPolicy]{Items: d.attached, Seen: seen, Partial: partial, Gaps: within}
}

// details gathers what stands within the lists.
type details struct {
	root      dump.Value
	gaps      []groundway.Gap // of the file as a whole
	undefined []groundway.Gap // of policies without their default version
	inline    []iam.InlinePolicyDetail
	attached  []iam.AttachedPolicy
}

// detailsOf reads one list. One that the output lacks, as with --filter, is unseen.
func detailsOf[T groundway.Keyed](d *details, key string, item func(dump.Value) T) groundway.Part[T] {
	part := groundway.Part[T]{Gaps: slices.Clone(d.gaps), Seen: d.root.Get(key).Exists()}
	if part.Seen {
		part.Items = slices.DeleteFunc(dump.Items(d.root, key, item), func(item T) bool { return item.Key() == "" })
	} else if len(part.Gaps) == 0 {
		part.Gaps = []groundway.Gap{{Action: actionDetails, Message: fileDetails + " holds no " + key}}
	}
	if key == listPolicies {
		part.Gaps = append(part.Gaps, d.undefined...)
	}
	part.Partial = part.Seen && len(part.Gaps) > 0
	return part
}

// A group is the name of one; its policies stand with those of the others.
type group string

// Key returns the name.
func (g group) Key() string { return string(g) }

func (d *details) role(v dump.Value) iam.RoleDetail {
	r := iam.RoleDetail{
		Name: named(v, "RoleName", iam.RoleName), Path: v.Text("Path"), ARN: v.Text("Arn"), ID: v.Text("RoleId"), Description: v.Text("Description"),
		Trust: policyText(v, "AssumeRolePolicyDocument"), Boundary: boundary(v), Tags: tags(v),
	}
	if seconds := v.Count("MaxSessionDuration"); seconds != nil {
		r.MaxSession = *seconds
	}
	d.within(v, "role/"+r.Name, "RolePolicyList")
	return r
}

func (d *details) user(v dump.Value) iam.UserDetail {
	u := iam.UserDetail{
		Name: named(v, "UserName", iam.UserName), Path: v.Text("Path"), ARN: v.Text("Arn"), ID: v.Text("UserId"),
		Boundary: boundary(v), Groups: distinct(v, "GroupList"), Tags: tags(v),
	}
	d.within(v, "user/"+u.Name, "UserPolicyList")
	return u
}

func (d *details) group(v dump.Value) group {
	name := named(v, "GroupName", iam.GroupName)
	d.within(v, "group/"+name, "GroupPolicyList")
	return group(name)
}

// named returns the name of an identity. One that IAM does not take is an error:
// policies are told by the name of their owner with a slash behind it.
func named(v dump.Value, key string, kind iam.NameKind) string {
	name := v.ID(key)
	if err := iam.CheckName(kind, name); err != nil && name != "" {
		v.Get(key).Errorf("%v", err)
		return ""
	}
	return name
}

// within gathers the policies of a role, a user or a group.
func (d *details) within(v dump.Value, owner, list string) {
	d.inline = append(d.inline, dump.Items(v, list, func(v dump.Value) iam.InlinePolicyDetail {
		if !v.Get("PolicyDocument").Exists() {
			v.Errorf("PolicyDocument is missing")
		}
		return iam.InlinePolicyDetail{Owner: owner, Name: named(v, "PolicyName", iam.PolicyName), Document: policyText(v, "PolicyDocument")}
	})...)
	d.attached = append(d.attached, dump.Items(v, "AttachedManagedPolicies", func(v dump.Value) iam.AttachedPolicy {
		return iam.AttachedPolicy{Owner: owner, ARN: v.ID("PolicyArn")}
	})...)
}

func boundary(v dump.Value) string {
	if b := v.Object("PermissionsBoundary"); b.Exists() {
		return b.ID("PermissionsBoundaryArn")
	}
	return ""
}

func (d *details) policy(v dump.Value) iam.ManagedPolicyDetail {
	p := iam.ManagedPolicyDetail{
		ARN: v.ID("Arn"), Name: v.Text("PolicyName"), Path: v.Text("Path"), Description: v.Text("Description"), Default: v.Text("DefaultVersionId"), Tags: tags(v),
	}
	if n := v.Count("AttachmentCount"); n != nil {
		p.Attachments = *n
	}
	if n := v.Count("PermissionsBoundaryUsageCount"); n != nil {
		p.Bounds = *n
	}
	for version := range v.Objects("PolicyVersionList") {
		id := version.ID("VersionId")
		p.Versions = append(p.Versions, id)
		if is := version.Bool("IsDefaultVersion"); p.Default == "" && is != nil && *is {
			p.Default = id
		}
		if id == p.Default {
			p.Document = policyText(version, "Document")
		}
	}
	slices.SortFunc(p.Versions, func(a, b string) int { return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b)) })
	if len(slices.Compact(slices.Clone(p.Versions))) < len(p.Versions) {
		v.Get("PolicyVersionList").Errorf("a version stands twice")
	}
	if p.Document == "" && p.ARN != "" {
		d.undefined = append(d.undefined, groundway.Gap{Action: actionDetails, Message: fmt.Sprintf("%s holds no text of the default version of %q", fileDetails, p.ARN)})
		p.ARN = "" // what is attached by it is unseen
	}
	return p
}

// number returns that of a version, so that v10 comes after v9.
func number(version string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(version, "v"))
	return n
}

// policyText returns the text of a policy, which the AWS CLI prints as an object and
// other programs as IAM sends it, as part of a URL. Text that is no policy is kept.
func policyText(v dump.Value, key string) string {
	if !strings.HasPrefix(v.Get(key).JSON(), `"`) {
		return v.Object(key).JSON()
	}
	text := v.Text(key)
	if plain, err := url.PathUnescape(text); err == nil && strings.HasPrefix(text, "%") {
		return plain
	}
	return text
}
