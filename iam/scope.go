package iam

import (
	"fmt"
	"strings"
)

// A Scope is where a policy holds: a partition, a region and an account. It
// fills these parts of resource ARNs. The zero value is invalid: its ARNs are
// empty text, which [NewDocument] refuses, so that a scope that was forgotten
// does not widen a policy.
type Scope struct {
	partition Partition
	region    string
	account   string
}

// NewScope returns the scope of one account in one region. The partition is
// the region's.
func NewScope(region Region, account Account) (Scope, error) {
	if _, err := ParseRegion(string(region)); err != nil {
		return Scope{}, fmt.Errorf("new scope: %w", err)
	}
	if _, err := ParseAccount(string(account)); err != nil {
		return Scope{}, fmt.Errorf("new scope: %w", err)
	}
	return Scope{region.Partition(), string(region), string(account)}, nil
}

// MustScope is like [NewScope] and panics on an error. It is for literals.
func MustScope(region Region, account Account) Scope {
	s, err := NewScope(region, account)
	if err != nil {
		panic(err)
	}
	return s
}

// AnyRegion returns the scope of all regions of the partition.
func (s Scope) AnyRegion() Scope {
	if s != (Scope{}) {
		s.region = "*"
	}
	return s
}

// AnyAccount returns the scope of all accounts of the partition. In an
// identity policy this grants more than the own account only where a resource
// policy of the other account grants it too.
func (s Scope) AnyAccount() Scope {
	if s != (Scope{}) {
		s.account = "*"
	}
	return s
}

// Partition returns the partition of the scope.
func (s Scope) Partition() Partition { return s.partition }

// Region returns the region of the scope; "*" after [Scope.AnyRegion].
func (s Scope) Region() Region { return Region(s.region) }

// Account returns the account of the scope; "*" after [Scope.AnyAccount].
func (s Scope) Account() Account { return Account(s.account) }

// ARN returns the ARN of a resource of a service in the scope. The resource may
// be a pattern: scope.ARN("ec2", "instance/*"). Services without regions, and
// resources without an account, have these parts empty, as AWS has it: IAM and
// Route 53, buckets and their objects, images and snapshots of EC2. For the
// access points of Amazon S3, which have both, write an [ARN].
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func (s Scope) ARN(service, resource string) string {
	if s == (Scope{}) {
		return ""
	}
	a := ARN{s.partition, service, Region(s.region), Account(s.account), resource}
	if regionless[service] {
		a.Region = ""
	}
	kind, _, _ := strings.Cut(resource, "/")
	if accountless[service] || accountless[service+"/"+kind] {
		a.Account = ""
	}
	return a.String()
}

// ServicePrincipal returns a service as a principal, by the name that it has in
// the partition of the scope.
func (s Scope) ServicePrincipal(service string) Principal {
	return ServicePrincipal(s.partition.ServicePrincipal(service))
}

// regionless has the services whose ARNs have no region.
var regionless = map[string]bool{
	"iam": true, "sts": true, "organizations": true, "route53": true, "cloudfront": true, "s3": true,
	"globalaccelerator": true, "waf": true, "shield": true, "budgets": true, "ce": true,
}

// accountless has the services, and the types of resources of a service, whose
// ARNs have no account.
var accountless = map[string]bool{"s3": true, "route53": true, "ec2/image": true, "ec2/snapshot": true}
