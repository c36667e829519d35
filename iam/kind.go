package iam

// A Kind is what a policy is attached to, which decides what it may hold. The
// zero value is invalid.
type Kind uint8

const (
	kindInvalid Kind = iota
	// IdentityPolicy is attached to a user, group or role, or is a permissions
	// boundary.
	IdentityPolicy
	// ResourcePolicy is attached to a resource, such as a bucket or a key.
	ResourcePolicy
	// TrustPolicy says who may assume a role.
	TrustPolicy
	// ServiceControlPolicy bounds what the principals of an organization's
	// accounts may do. Since 2025-09-19 it may hold all of the language but
	// Principal.
	ServiceControlPolicy
	// ResourceControlPolicy bounds what may be done to the resources of an
	// organization's accounts.
	ResourceControlPolicy
	// SessionPolicy is passed where a role is assumed and bounds the session.
	SessionPolicy
	// EndpointPolicy is attached to a VPC endpoint.
	EndpointPolicy
)

var kindNames = [...]string{"invalid", "identity", "resource", "trust", "scp", "rcp", "session", "endpoint"}

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{IdentityPolicy, ResourcePolicy, TrustPolicy, ServiceControlPolicy, ResourceControlPolicy, SessionPolicy, EndpointPolicy}
}

// String returns the word that ParseKind reads, or "invalid".
func (k Kind) String() string { return wordOf(kindNames[:], uint8(k)) }

// ParseKind reads one of the words identity, resource, trust, scp, rcp, session
// and endpoint.
func ParseKind(text string) (Kind, error) {
	n, err := parseWord("kind of policy", kindNames[:], []byte(text))
	return Kind(n), err
}

// MarshalText returns the word of String; an invalid kind is an error.
func (k Kind) MarshalText() ([]byte, error) {
	return marshalWord("kind of policy", kindNames[:], uint8(k))
}

// UnmarshalText accepts the words that MarshalText writes.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// title names the kind in a sentence.
func (k Kind) title() string {
	switch k {
	case ServiceControlPolicy:
		return "a service control policy"
	case ResourceControlPolicy:
		return "a resource control policy"
	case IdentityPolicy, EndpointPolicy:
		return "an " + k.String() + " policy"
	}
	return "a " + k.String() + " policy"
}
