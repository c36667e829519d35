package iam

import (
	"errors"
	"fmt"
	"strings"
)

// An ARN is an Amazon Resource Name in its six parts, of which the first is
// always "arn". It may be a pattern, as in the resources of a statement. The
// zero value is invalid.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	Partition Partition // "aws"
	Service   string    // "ec2"
	Region    Region    // empty for global services
	Account   Account   // empty for resources that need none; "aws" for AWS's own policies
	Resource  string    // may hold colons: "instance/i-0a", "log-group:demo:*"
}

// ParseARN reads an ARN or a pattern of one. Partition, service and resource
// must be there. That the account has 12 digits is not asked: some have words.
func ParseARN(text string) (ARN, error) {
	parts := strings.SplitN(text, ":", 6)
	var reason string
	switch {
	case parts[0] != "arn":
		reason = `want it to begin with "arn:"`
	case len(parts) < 6:
		reason = fmt.Sprintf("want 6 parts between colons, got %d", len(parts))
	case parts[1] == "":
		reason = "no partition"
	case parts[2] == "":
		reason = "no service"
	case parts[5] == "":
		reason = "no resource"
	}
	if reason != "" {
		return ARN{}, fmt.Errorf("parse ARN %s: %s", quote(text), reason)
	}
	return ARN{Partition(parts[1]), parts[2], Region(parts[3]), Account(parts[4]), parts[5]}, nil
}

// MustParseARN is like [ParseARN] and panics on an error. It is for literals.
func MustParseARN(text string) ARN {
	a, err := ParseARN(text)
	if err != nil {
		panic(err)
	}
	return a
}

// String returns the form that [ParseARN] reads.
func (a ARN) String() string {
	return "arn:" + string(a.Partition) + ":" + a.Service + ":" + string(a.Region) + ":" + string(a.Account) + ":" + a.Resource
}

// IsPattern reports whether a part of the ARN holds a wildcard or a variable.
func (a ARN) IsPattern() bool { return strings.ContainsAny(a.String(), "*?$") }

// ResourceType returns the type of the resource, the text before the first
// slash or colon: "instance" of "instance/i-0a". It is empty where the resource
// has no type, as the buckets of Amazon S3.
func (a ARN) ResourceType() string {
	if i := strings.IndexAny(a.Resource, "/:"); i >= 0 && a.Service != "s3" {
		return a.Resource[:i]
	}
	return ""
}

// ResourceName returns what follows the type: "i-0a" of "instance/i-0a".
func (a ARN) ResourceName() string {
	if kind := a.ResourceType(); kind != "" {
		return a.Resource[len(kind)+1:]
	}
	return a.Resource
}

// MarshalText returns the form that UnmarshalText reads.
func (a ARN) MarshalText() ([]byte, error) {
	if a == (ARN{}) {
		return nil, errors.New("marshal ARN: it is the zero value")
	}
	return []byte(a.String()), nil
}

// UnmarshalText is [ParseARN].
func (a *ARN) UnmarshalText(text []byte) (err error) {
	*a, err = ParseARN(string(text))
	return err
}

// isARNPattern reports whether the text has the six parts of an ARN.
func isARNPattern(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Count(text, ":") >= 5
}
