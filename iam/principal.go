package iam

import "strings"

// A PrincipalKind is the kind of a principal, as AWS spells it in a document.
// The zero value is invalid.
type PrincipalKind string

const (
	// PrincipalEveryone is the principal "*" that stands in place of the object
	// of kinds. In most policies it means what {"AWS": "*"} means, but services
	// store the two apart, and so does this package.
	PrincipalEveryone PrincipalKind = "*"
	// PrincipalAWS is an account, user, role or session, or "*".
	PrincipalAWS PrincipalKind = "AWS"
	// PrincipalService is an AWS service: "ec2.amazonaws.com".
	PrincipalService PrincipalKind = "Service"
	// PrincipalFederated is a SAML or OpenID Connect provider.
	PrincipalFederated PrincipalKind = "Federated"
	// PrincipalCanonicalUser is an account by its canonical user ID, in Amazon S3.
	PrincipalCanonicalUser PrincipalKind = "CanonicalUser"
)

// principalKinds are the kinds that stand as keys, in the order of printing.
var principalKinds = [...]PrincipalKind{PrincipalAWS, PrincipalCanonicalUser, PrincipalFederated, PrincipalService}

func (k PrincipalKind) known() bool {
	for _, kind := range principalKinds {
		if k == kind {
			return true
		}
	}
	return k == PrincipalEveryone
}

// A Principal is who a statement speaks of. The zero value is invalid.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Principal struct {
	Kind  PrincipalKind
	Value string // an ARN, an account id of 12 digits, a service, or "*"
}

// Everyone returns the principal "*", which names everybody, in any account,
// and callers without credentials too.
func Everyone() Principal { return Principal{PrincipalEveryone, "*"} }

// AWSPrincipal returns a principal of AWS: the ARN of a user, role or session.
func AWSPrincipal(arn string) Principal { return Principal{PrincipalAWS, arn} }

// AccountRoot returns the account as a principal: all its users and roles that
// their own policies allow it. AWS reads the id as arn:aws:iam::ID:root.
func AccountRoot(account Account) Principal { return Principal{PrincipalAWS, string(account)} }

// ServicePrincipal returns an AWS service as a principal: "ec2.amazonaws.com".
// See [Partition.ServicePrincipal] for the name in each partition.
func ServicePrincipal(name string) Principal { return Principal{PrincipalService, name} }

// FederatedPrincipal returns a SAML or OpenID Connect provider, by its ARN, or
// by the name of one that AWS knows, such as "accounts.google.com".
func FederatedPrincipal(provider string) Principal { return Principal{PrincipalFederated, provider} }

// account returns the account that a principal stands for as a whole: its id,
// or the ARN of its root.
func (p Principal) account() (Account, bool) {
	if p.Kind != PrincipalAWS {
		return "", false
	}
	if id := Account(p.Value); id.IsValid() {
		return id, true
	}
	// arn:PARTITION:iam::ID:root, taken apart by hand: comparing two documents
	// asks this of every principal.
	rest, ok := strings.CutPrefix(p.Value, "arn:aws")
	if !ok {
		return "", false
	}
	partition, rest, ok := strings.Cut(rest, ":iam::")
	if !ok || !Partition("aws"+partition).IsKnown() {
		return "", false
	}
	id, ok := strings.CutSuffix(rest, ":root")
	if !ok || !Account(id).IsValid() {
		return "", false
	}
	return Account(id), true
}

// originAccess reports whether the principal is an origin access identity of
// CloudFront, which stands in bucket policies as a user of no account.
//
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
func (p Principal) originAccess() bool {
	return p.Kind == PrincipalAWS && strings.HasPrefix(p.Value, "arn:") && strings.Contains(p.Value, ":iam::cloudfront:user/")
}

// deleted reports whether the principal is the unique id that AWS leaves where
// a user, role or group was deleted.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func (p Principal) deleted() bool {
	if p.Kind != PrincipalAWS || len(p.Value) < 16 {
		return false
	}
	switch p.Value[:4] {
	case "AROA", "AIDA", "AGPA":
	default:
		return false
	}
	return strings.Trim(p.Value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
