package iam

import "strings"

// A Catalog knows which actions AWS has, what they can be granted on, and which
// condition keys they have. [Lint] and [Tighten] take one in their options;
// the package iam/catalog has one embedded. It restates the Service
// Authorization Reference, which errs and lags: that an action is missing is no
// proof that AWS does not have it.
//
// Names of actions are compared without regard to case. A Catalog may be used
// by several goroutines at once, and what its methods return belongs to the
// caller.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
type Catalog interface {
	// Action returns an action as AWS spells it, and its access level. It is
	// false if the catalog does not have it; patterns it does not have.
	Action(name Action) (Action, AccessLevel, bool)
	// Expand returns the actions that a pattern matches, ordered, as AWS spells
	// them; nil if there is none.
	Expand(pattern Action) []Action
	// ResourceTypes returns the types that an action can be granted on, ordered
	// by name. It is nil where the action is unknown or takes "*" alone.
	ResourceTypes(name Action) []ResourceType
	// ConditionKeys returns the keys that an action has when it is done to a
	// resource of a type, ordered by name; for an empty type, those that it has
	// for any of its types. The global keys that every request may have are
	// not among them. It is nil where the action is unknown or has no such type.
	ConditionKeys(name Action, resourceType string) []ConditionKey
}

// An AccessLevel says what an action does to its resource. The zero value is
// invalid.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
type AccessLevel uint8

const (
	_ AccessLevel = iota
	// ListAccess shows that resources exist.
	ListAccess
	// ReadAccess shows what resources hold, and changes nothing.
	ReadAccess
	// TaggingAccess changes tags only.
	TaggingAccess
	// WriteAccess makes, changes or deletes resources.
	WriteAccess
	// PermissionsAccess grants permissions or changes them.
	PermissionsAccess
)

var accessLevelNames = [...]string{"invalid", "list", "read", "tagging", "write", "permissions management"}

// String returns AWS's word for the level in lower case: "permissions
// management"; or "invalid".
func (l AccessLevel) String() string { return wordOf(accessLevelNames[:], uint8(l)) }

// MarshalText returns the word of String; an invalid level is an error.
func (l AccessLevel) MarshalText() ([]byte, error) {
	return marshalWord("access level", accessLevelNames[:], uint8(l))
}

// UnmarshalText accepts the words that MarshalText writes.
func (l *AccessLevel) UnmarshalText(text []byte) error {
	n, err := parseWord("access level", accessLevelNames[:], text)
	*l = AccessLevel(n)
	return err
}

// A ResourceType is a type of resource that an action can be granted on.
type ResourceType struct {
	Name     string   `json:"name"`               // AWS's word, mostly with hyphens: "key-pair"
	ARNs     []string `json:"arns"`               // templates, at least one: "arn:${Partition}:ec2:${Region}:${Account}:key-pair/${KeyPairName}"
	Required bool     `json:"required,omitempty"` // the action is denied where no statement names a resource of this type
}

// Patterns returns the ARNs as patterns, each placeholder as *:
// "arn:*:ec2:*:*:key-pair/*".
func (t ResourceType) Patterns() []string {
	list := make([]string, len(t.ARNs))
	for i, arn := range t.ARNs {
		list[i] = placeholdersAs(arn, "*")
	}
	return list
}

// A ConditionKey is a condition key as the catalog declares it.
type ConditionKey struct {
	Name        string  `json:"name"` // may hold a placeholder: "aws:RequestTag/${TagKey}"
	Type        KeyType `json:"type"`
	Multivalued bool    `json:"multivalued,omitempty"` // a request may have several values of it
	// OfType means that the documentation has the key with the type of the
	// resource and not with the action, which may not send it.
	OfType bool `json:"ofType,omitempty"`
}

// Matches reports whether the name in a policy is this key. Case is
// disregarded, and a placeholder stands for at least one character.
func (k ConditionKey) Matches(name string) bool {
	key := asciiLower(k.Name)
	name = asciiLower(name)
	if key == name {
		return true
	}
	pattern := placeholdersAs(key, "?*")
	return pattern != key && glob(pattern, name)
}

// A KeyType is the type of the values of a condition key. The zero value is
// invalid.
type KeyType uint8

const (
	_            KeyType = iota
	StringKey            // compared with the String operators
	NumericKey           // with the Numeric ones
	DateKey              // with the Date ones
	BoolKey              // with Bool
	IPAddressKey         // with IpAddress and NotIpAddress
	ARNKey               // with the Arn ones, or the String ones
)

var keyTypeNames = [...]string{"invalid", "string", "numeric", "date", "bool", "ipaddress", "arn"}

// String returns AWS's word for the type in lower case, or "invalid".
func (t KeyType) String() string { return wordOf(keyTypeNames[:], uint8(t)) }

// MarshalText returns the word of String; an invalid type is an error.
func (t KeyType) MarshalText() ([]byte, error) {
	return marshalWord("type of condition key", keyTypeNames[:], uint8(t))
}

// UnmarshalText accepts the words that MarshalText writes.
func (t *KeyType) UnmarshalText(text []byte) error {
	n, err := parseWord("type of condition key", keyTypeNames[:], text)
	*t = KeyType(n)
	return err
}

// placeholdersAs returns a template with other text for each ${Placeholder}.
func placeholdersAs(template, by string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "${")
		_, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(template)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(by)
		template = after
	}
}
