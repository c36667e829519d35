package iam

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A permissionSource is a policy of a layer, with where it stands.
type permissionSource struct {
	subject groundway.Subject // who has to change it
	pointer string            // to its text
	source  string            // the call that shows it
}

// A permissionLayer is what one layer knows.
type permissionLayer struct {
	layer     Layer
	code      groundway.Code // of what it does not allow
	denied    groundway.Code // of what it denies
	documents []Document
	sources   []permissionSource
	levels    [][]Document // of SCPs
	levelsAt  [][]permissionSource
	none      string // why nothing is asked of it; empty where something is
	unseen    bool   // more may stand there: allowances do not hold, denials do
	gaps      []groundway.Gap
	lacking   groundway.Subject // who lacks what is not allowed
	place     string            // a pointer to where it would stand
	source    string
}

// layers gathers what the snapshot holds of each.
func (c *permissionChecker) layers() []permissionLayer {
	identity := permissionLayer{
		layer: IdentityLayer, code: codePermissionMissing, denied: codePermissionDenied, lacking: c.who,
		place: "/parts/iamInlinePolicies/items", source: "iam:List" + c.listed() + "Policies",
	}
	boundary := permissionLayer{layer: BoundaryLayer, code: codePermissionBoundary, denied: codePermissionBoundary}
	switch {
	case c.root:
		identity.none, boundary.none = "the root user of an account needs no policy", "the root user has no boundary"
	default:
		c.identity(&identity)
		c.boundary(&boundary)
	}
	return []permissionLayer{identity, boundary, c.scps()}
}

func (c *permissionChecker) listed() string {
	if c.who.Kind == "user" {
		return "User"
	}
	return "Role"
}

// add reads the text of a policy into a layer.
func (l *permissionLayer) add(text string, at permissionSource) {
	d, err := Parse(text, ParseOptions{})
	if err != nil {
		l.unseen = true
		l.gaps = append(l.gaps, groundway.Gap{Action: at.source, Message: "the policy " + quote(at.subject.ID) + " cannot be read: " + err.Error()})
		return
	}
	l.documents = append(l.documents, d)
	l.sources = append(l.sources, at)
}

func (l *permissionLayer) miss(gaps ...groundway.Gap) {
	l.unseen = true
	l.gaps = append(l.gaps, gaps...)
}

func (c *permissionChecker) identity(l *permissionLayer) {
	owners := []string{c.owner}
	if c.who.Kind == "user" {
		u := c.s.user(c.who.ID)
		if u == nil {
			l.miss(c.s.Users.Gaps...)
		} else {
			c.principal = cmp.Or(u.ARN, c.principal)
			for _, g := range u.Groups {
				owners = append(owners, "group/"+g)
			}
		}
	} else {
		r := c.s.role(c.who.ID)
		if r == nil {
			l.miss(c.s.Roles.Gaps...)
		}
	}
	if !c.s.Inline.Complete() {
		l.miss(c.s.Inline.Gaps...)
	}
	if !c.s.Attached.Complete() {
		l.miss(c.s.Attached.Gaps...)
	}
	for _, owner := range owners {
		kind, name, _ := strings.Cut(owner, "/")
		for _, p := range c.s.inline(owner) {
			l.add(p.Document, permissionSource{
				subject: groundway.Subject{Kind: "policy", ID: p.Name, Name: owner, Account: c.who.Account, Path: owner},
				pointer: groundway.Pointer("parts", "iamInlinePolicies", "items", p.Key(), "document"),
				source:  "iam:Get" + strings.ToUpper(kind[:1]) + kind[1:] + "Policy",
			})
		}
		for _, arn := range c.s.attached(owner) {
			c.managed(l, arn, name)
		}
	}
}

// managed adds a managed policy to a layer.
func (c *permissionChecker) managed(l *permissionLayer, arn, of string) {
	p := c.s.policy(arn)
	if p == nil {
		gaps := c.s.Policies.Gaps
		if len(gaps) == 0 {
			gaps = []groundway.Gap{{Action: "iam:GetPolicy", Message: "the policy " + quote(arn) + " of " + quote(of) + " was not seen"}}
		}
		l.miss(gaps...)
		return
	}
	l.add(p.Document, permissionSource{
		subject: groundway.Subject{Kind: "policy", ID: cmp.Or(p.Name, arn), ARN: arn, Account: c.who.Account},
		pointer: groundway.Pointer("parts", "iamManagedPolicies", "items", arn, "document"),
		source:  "iam:GetPolicyVersion",
	})
}

func (c *permissionChecker) boundary(l *permissionLayer) {
	arn, seen := "", false
	var gaps []groundway.Gap
	if c.who.Kind == "user" {
		gaps = c.s.Users.Gaps
		if u := c.s.user(c.who.ID); u != nil {
			arn, seen = u.Boundary, true
		}
	} else {
		gaps = c.s.Roles.Gaps
		if r := c.s.role(c.who.ID); r != nil {
			arn, seen = r.Boundary, true
		}
	}
	l.place, l.source = "/parts/iamManagedPolicies/items", "iam:GetPolicyVersion"
	switch {
	case !seen:
		l.miss(gaps...)
		l.lacking = c.who
	case arn == "":
		l.none = "the principal has no permissions boundary"
	default:
		l.lacking = groundway.Subject{Kind: "policy", ID: arn, ARN: arn, Account: c.who.Account}
		c.managed(l, arn, c.who.ID)
	}
}

func (c *permissionChecker) scps() permissionLayer {
	l := permissionLayer{
		layer: SCPLayer, code: codePermissionSCP, denied: codePermissionSCP, place: "/parts/organizationsSCPs/items", source: "organizations:DescribePolicy",
		lacking: groundway.Subject{Kind: "account", ID: c.who.Account, Account: c.who.Account},
	}
	if !c.s.SCPs.Complete() {
		l.miss(c.s.SCPs.Gaps...)
	}
	if c.s.SCPs.Complete() && len(c.s.SCPs.Items) == 0 {
		l.none = "the account is under no service control policies"
		return l
	}
	top := 0
	for _, p := range c.s.SCPs.Items {
		if p.Level < 1 || p.Level > authMaxLevels {
			l.miss(groundway.Gap{Action: "organizations:ListPoliciesForTarget", Message: fmt.Sprintf("the policy %s has the level %d", quote(p.ID), p.Level)})
			continue
		}
		top = max(top, p.Level)
	}
	for level := 1; level <= top; level++ {
		one := permissionLayer{}
		for _, p := range c.s.SCPs.Items {
			if p.Level == level {
				one.add(p.Document, permissionSource{
					subject: groundway.Subject{Kind: "service-control-policy", ID: p.ID, Name: p.Name},
					pointer: groundway.Pointer("parts", "organizationsSCPs", "items", p.Key(), "document"), source: l.source,
				})
			}
		}
		if len(one.documents) == 0 && !one.unseen {
			one.miss(groundway.Gap{Action: "organizations:ListPoliciesForTarget", Message: fmt.Sprintf("no policy of level %d was seen", level)})
		}
		l.unseen = l.unseen || one.unseen
		l.gaps = append(l.gaps, one.gaps...)
		l.levels, l.levelsAt = append(l.levels, one.documents), append(l.levelsAt, one.sources)
	}
	return l
}

// all allows everything: it stands in for the layers that are not asked.
func all() []Document {
	return []Document{{Version: Version2012, Statements: []Statement{{Effect: EffectAllow, Actions: []Action{"*"}, Resources: []string{"*"}}}}}
}

// at returns the policy of a statement.
func (l permissionLayer) at(by StatementRef) permissionSource {
	list := l.sources
	if by.Level > 0 && by.Level <= len(l.levelsAt) {
		list = l.levelsAt[by.Level-1]
	}
	if by.Document > 0 && by.Document <= len(list) {
		return list[by.Document-1]
	}
	return permissionSource{subject: l.lacking, pointer: l.place, source: l.source}
}

// shared is the policy of a resource that leaves all to the policies of the
// principal's account: it stands in for those of resources, which are not seen, so
// that a layer answers for itself alone.
func (c *permissionChecker) shared() Document {
	account := []Principal{{Kind: PrincipalAWS, Value: c.who.Account}}
	return Document{Version: Version2012, Statements: []Statement{{Effect: EffectAllow, Principals: account, Actions: []Action{"*"}, Resources: []string{"*"}}}}
}

// withResourcePolicies are services whose resources have policies that can allow
// what no policy of the identity does, where both are of one account, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html.
var withResourcePolicies = map[string]bool{
	"acm-pca": true, "backup": true, "codeartifact": true, "dynamodb": true, "ecr": true, "elasticfilesystem": true, "es": true, "events": true,
	"execute-api": true, "glacier": true, "glue": true, "kinesis": true, "kms": true, "lambda": true, "s3": true, "s3express": true,
	"s3tables": true, "secretsmanager": true, "ses": true, "sns": true, "sqs": true, "sts": true,
}

// makesResource are actions that make the resource they are asked for on, so that
// there is no policy of it yet, in lower case.
var makesResource = map[string]bool{
	"dynamodb:createtable": true, "ecr:createrepository": true, "elasticfilesystem:createfilesystem": true, "lambda:createfunction": true,
	"s3:createbucket": true, "secretsmanager:createsecret": true, "sns:createtopic": true, "sqs:createqueue": true,
}

// resourceMayAllow reports whether the policy of the resource can allow what those
// of the identity do not. That of another account cannot.
func (c *permissionChecker) resourceMayAllow(n Need) bool {
	switch service := n.Action.Service(); {
	case n.Resource == "" || n.Resource == "*" || c.crosses(n) || makesResource[asciiLower(string(n.Action))]:
		return false
	case service == "kms" || service == "sts":
		return resourceMustAllow(n)
	default:
		return withResourcePolicies[service]
	}
}

// resourceMustAllow reports whether the policy of the resource decides whatever
// the identity may: the key policy of a key, the trust policy of a role. Aliases of
// keys have none.
func resourceMustAllow(n Need) bool {
	service, resource := authPartsOf(n.Resource)
	return service == "kms" && !strings.HasPrefix(resource, "alias/") && n.Action.Service() == "kms" || assumes(n)
}

// assumes reports whether a need is one of who assumes a role.
func assumes(n Need) bool {
	service, _ := authPartsOf(n.Resource)
	return n.Action.Service() == "sts" && (service == "iam" || strings.HasPrefix(asciiLower(string(n.Action)), "sts:assumerole"))
}

// crosses reports whether the resource is another account's.
func (c *permissionChecker) crosses(n Need) bool {
	owner := authAccountOf(n.Resource)
	return owner != "" && owner != c.who.Account
}
