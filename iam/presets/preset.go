package presets

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
)

// A Preset is the policy of one program: what its documentation grants, and
// what it needs. [Tectonic], [ElasticInstaller], [ElasticWorker], [EKSCreator],
// [JenkinsXBoot], [Vault] and the types of the add-ons are presets.
//
// The methods fill in names and ids, and return an error for a field that AWS
// would refuse, or that holds a wildcard.
type Preset interface {
	// Published returns what the source grants, mistakes included, with the names
	// of the preset in place of its placeholders.
	Published(iam.Scope) (iam.Document, error)
	// Least returns what the program needs.
	Least(iam.Scope) (iam.Document, error)
	// Provenance says where the two come from, and why they differ.
	Provenance(iam.Scope) (Provenance, error)
}

// A Provenance says how the Least of a preset lies to its Published. The tests
// of this package prove it: Least lies within Published and what was added,
// nothing that was dropped is left, and Risks are all that [iam.Escalate] and
// [iam.Lint] find.
type Provenance struct {
	Source  Source
	Added   []Addition
	Dropped []Drop
	Risks   []Risk
}

// provenanceOf returns a provenance if the preset has no mistakes.
func provenanceOf(p Provenance, err error) (Provenance, error) {
	if err != nil {
		return Provenance{}, err
	}
	return p, nil
}

// A Source is where a published policy stands.
type Source struct {
	Name string
	URL  string
	Line string // where on the page
}

// An Addition is what Least grants and the published policy does not.
type Addition struct {
	Statements []iam.Statement
	Reason     string
	URL        string // the page that says that it is needed
}

// A Drop is what the published policy grants and Least does not.
type Drop struct {
	// Actions are names, of which nothing is left, or patterns, of which Least
	// lists what is needed.
	Actions []iam.Action
	On      []string // the resources; nil means all
	Reason  string
	// InWords means that the page asks for it and its policy does not grant it.
	InWords bool
}

// A Risk is something that remains for [iam.Escalate] or [iam.Lint] to find, and
// what bounds it.
type Risk struct {
	Code       groundway.Code
	Reason     string
	Mitigation string
	// Unseen means that the rule does not find it, because the way takes a policy
	// that the program writes itself.
	Unseen bool
}

// codeTagsOpen is the rule of iam.Lint about tags on what others made.
const codeTagsOpen groundway.Code = "iam/createtags-open"

// A Phase is a part in the life of a cluster. Phases may be joined: Create|Delete.
// The zero value is none.
type Phase uint8

const (
	// Create is the installation.
	Create Phase = 1 << iota
	// Run is everything after it.
	Run
	// Delete is the removal.
	Delete
)

// String returns the words of the phases: "create, delete"; "none" for none.
func (p Phase) String() string {
	text := ""
	for i, word := range []string{"create", "run", "delete"} {
		if p&(1<<i) == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += word
	}
	if text == "" {
		return "none"
	}
	return text
}

// MarshalText returns the text of String.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText accepts the words that MarshalText writes.
func (p *Phase) UnmarshalText(text []byte) error {
	for phase := range Create | Run | Delete + 1 {
		if phase.String() == string(text) {
			*p = phase
			return nil
		}
	}
	return fmt.Errorf("parse phase %q: want words such as \"create, delete\"", shown(string(text)))
}

// arns returns ARNs of one service in a scope.
func arns(scope iam.Scope, service string, resources ...string) []string {
	list := make([]string, len(resources))
	for i, r := range resources {
		list[i] = scope.ARN(service, r)
	}
	return list
}

// linkedRoles lets a program make the roles by which AWS services act for the
// account, where nobody has made them before.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
func linkedRoles(scope iam.Scope, services ...string) iam.Statement {
	var roles, names []string
	for _, s := range services {
		roles = append(roles, scope.ARN("iam", "role/aws-service-role/"+s+".amazonaws.com/*"))
		names = append(names, s+".amazonaws.com")
	}
	return iam.Allow(iamaction.CreateServiceLinkedRole).On(roles...).When(iam.StringEquals("iam:AWSServiceName", names...))
}

// regionOf returns the region of a scope as its ARNs have it.
func regionOf(scope iam.Scope) string {
	return string(iam.MustParseARN(scope.ARN("eks", "cluster/demo")).Region)
}
