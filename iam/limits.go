package iam

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Size is the length of a policy text, counted in the ways that AWS counts.
type Size struct {
	Characters  int // Unicode characters, all of them
	Bytes       int // bytes of the text in UTF-8
	Significant int // characters, without white space between the tokens of JSON
	Dense       int // characters, without any white space, that within quotes included
}

// MeasureText counts a policy text. AWS says that IAM does not count white
// space, and not whether that holds within quotes; Significant is the number
// to rely on, and Dense the one that some tools compare.
func MeasureText(text string) Size {
	s := Size{Bytes: len(text), Characters: utf8.RuneCountInString(text)}
	quoted, escaped := false, false
	for _, r := range text {
		space := r == ' ' || r == '\n' || r == '\t' || r == '\r'
		if quoted || !space {
			s.Significant++
		}
		if !space {
			s.Dense++
		}
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
	}
	return s
}

// A SizeLimit is a quota of AWS on the size of a policy.
type SizeLimit struct {
	Kind       Kind
	What       string // "managed policy"
	Max        int
	Count      Count  // which of the numbers of [Size] is compared
	Adjustable bool   // AWS raises it on request
	Aggregate  bool   // counts all inline policies of the user, group or role together
	URL        string // the page that says so
}

// A Count says which characters a quota counts. The zero value is invalid.
type Count uint8

const (
	// CountSignificant leaves out white space between tokens, as IAM does.
	CountSignificant Count = iota + 1
	// CountCharacters counts every character.
	CountCharacters
	// CountBytes counts every byte.
	CountBytes
)

// Of returns the number that the quota compares.
func (c Count) Of(s Size) int {
	switch c {
	case CountSignificant:
		return s.Significant
	case CountBytes:
		return s.Bytes
	}
	return s.Characters
}

// String returns what is counted, in words.
func (c Count) String() string {
	switch c {
	case CountSignificant:
		return "characters without white space between tokens"
	case CountCharacters:
		return "characters, white space included"
	case CountBytes:
		return "bytes, white space included"
	}
	return "invalid"
}

const (
	quotasPage        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
	organizationsPage = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"
	endpointPage      = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html"
	bucketPolicyPage  = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html"
	assumeRolePage    = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
)

// SizeLimits returns the quotas on the size of policies, the first of each kind
// being the one that [Validate] compares with unless its options say otherwise.
//
// The quota of a trust policy is a default: AWS raises it on request, to a
// number on which its pages differ, and that is not among these limits. That
// of an SCP was 5,120 characters; newer versions of the page say 10,240. A
// session policy has a second limit, on a packed form that only STS computes.
// The quota of a resource policy is the bucket's; other services have theirs.
func SizeLimits() []SizeLimit {
	return []SizeLimit{
		{Kind: IdentityPolicy, What: "managed policy", Max: 6144, Count: CountSignificant, URL: quotasPage},
		{Kind: IdentityPolicy, What: "inline policies of a user", Max: 2048, Count: CountSignificant, Aggregate: true, URL: quotasPage},
		{Kind: IdentityPolicy, What: "inline policies of a group", Max: 5120, Count: CountSignificant, Aggregate: true, URL: quotasPage},
		{Kind: IdentityPolicy, What: "inline policies of a role", Max: 10240, Count: CountSignificant, Aggregate: true, URL: quotasPage},
		{Kind: ResourcePolicy, What: "bucket policy", Max: 20 * 1024, Count: CountBytes, URL: bucketPolicyPage},
		{Kind: TrustPolicy, What: "role trust policy", Max: 2048, Count: CountSignificant, Adjustable: true, URL: quotasPage},
		{Kind: ServiceControlPolicy, What: "service control policy", Max: 5120, Count: CountBytes, URL: organizationsPage},
		{Kind: ServiceControlPolicy, What: "service control policy, by newer versions of the page", Max: 10240, Count: CountBytes, URL: organizationsPage},
		{Kind: ResourceControlPolicy, What: "resource control policy", Max: 5120, Count: CountBytes, URL: organizationsPage},
		{Kind: SessionPolicy, What: "session policy", Max: 2048, Count: CountCharacters, Aggregate: true, URL: assumeRolePage},
		{Kind: EndpointPolicy, What: "VPC endpoint policy", Max: 20480, Count: CountCharacters, URL: endpointPage},
	}
}

// A NameKind is a kind of name that AWS limits. The zero value is invalid.
type NameKind uint8

const (
	RoleName            NameKind = iota + 1 // of a role, without its path
	RoleSessionName                         // of the session of an assumed role
	UserName                                // of a user
	GroupName                               // of a group
	InstanceProfileName                     // of an instance profile
	PolicyName                              // of a managed or an inline policy
	Path                                    // of a user, group, role, policy or instance profile: "/team/"
	ExternalID                              // that a third party sends, see [PrincipalTrust.ExternalID]
	// SwitchRoleName is the path and the name of a role together, where people
	// switch to the role in the console.
	SwitchRoleName
)

// A NameLimit says which names of a kind AWS takes.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type NameLimit struct {
	Kind    NameKind
	What    string // "role name"
	Min     int
	Max     int
	Symbols string // what is allowed beside the letters and digits of ASCII
}

var nameLimits = [...]NameLimit{
	{RoleName, "role name", 1, 64, "+=,.@_-"},
	{RoleSessionName, "role session name", 2, 64, "+=,.@_-"},
	{UserName, "user name", 1, 64, "+=,.@_-"},
	{GroupName, "group name", 1, 128, "+=,.@_-"},
	{InstanceProfileName, "instance profile name", 1, 128, "+=,.@_-"},
	{PolicyName, "policy name", 1, 128, "+=,.@_-"},
	{Path, "path", 1, 512, "+=,.@_-/"},
	{ExternalID, "external ID", 2, 1224, "+=,.@:/-"},
	{SwitchRoleName, "path and name of a role", 1, 64, "+=,.@_-/"},
}

// NameLimits returns the limits of all kinds of names.
func NameLimits() []NameLimit { return append([]NameLimit(nil), nameLimits[:]...) }

// CheckName returns an error if AWS does not take the name. It cannot see that
// a name is in use: AWS compares the names of users, groups, roles and instance
// profiles without regard to case.
func CheckName(kind NameKind, name string) error {
	if kind == 0 || int(kind) > len(nameLimits) {
		return fmt.Errorf("check name %s: invalid kind of name %d", quote(name), kind)
	}
	l := nameLimits[kind-1]
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(l.Symbols, r) {
			return fmt.Errorf("%s %s: the character %q is none of a-z, A-Z, 0-9 and %s", l.What, quote(name), r, l.Symbols)
		}
	}
	switch {
	case len(name) < l.Min || len(name) > l.Max:
		return fmt.Errorf("%s %s: %d characters, want %d to %d", l.What, quote(name), len(name), l.Min, l.Max)
	case kind == Path && (name[0] != '/' || name[len(name)-1] != '/'):
		return fmt.Errorf("path %s: want it to begin and end with a slash", quote(name))
	}
	return nil
}
