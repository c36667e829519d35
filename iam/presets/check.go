package presets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// A checker collects what is wrong with the fields of a preset, before any
// document is made of them.
type checker struct {
	preset string
	errs   []error
}

// in begins the check of a preset in a scope.
func in(scope iam.Scope, preset string) *checker {
	c := &checker{preset: preset}
	if scope == (iam.Scope{}) {
		c.add("scope", "it is empty: want that of iam.NewScope")
	}
	return c
}

// one checks that a scope is one account in one region.
func (c *checker) one(scope iam.Scope) {
	switch {
	case scope == (iam.Scope{}):
	case regionOf(scope) == "*":
		c.add("scope", "it is of all regions: want one")
	case scope.Account() == "*":
		c.add("scope", "it is of all accounts: want one")
	}
}

func (c *checker) add(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s: %s", c.preset, field, fmt.Sprintf(format, args...)))
}

func (c *checker) err() error { return errors.Join(c.errs...) }

// name checks a required name of a user, role, policy or path.
func (c *checker) name(field string, kind iam.NameKind, name string) {
	if err := iam.CheckName(kind, name); err != nil {
		c.add(field, "%v", err)
	}
}

// people checks the ARNs of users and roles that may assume a role.
func (c *checker) people(field string, arns []string) {
	for _, text := range arns {
		kind := "user"
		if a, err := iam.ParseARN(text); err == nil && a.ResourceType() == "role" {
			kind = "role"
		}
		c.arn(field, kind, text)
	}
}

// A form says which text AWS takes for a field.
type form struct {
	what     string
	prefix   string
	letters  string // beside a-z, A-Z and 0-9
	min, max int
	lower    bool // no capital letters
}

var (
	clusterForm = form{what: "cluster name", letters: "-_", min: 1, max: 100}
	vpcForm     = form{what: "VPC id", prefix: "vpc-", letters: "-", min: 5, max: 21, lower: true}
	zoneForm    = form{what: "hosted zone id", min: 1, max: 32}
	bucketForm  = form{what: "bucket name", letters: ".-", min: 3, max: 63, lower: true}
	keyForm     = form{what: "key id", letters: "-", min: 1, max: 64}
	domainForm  = form{what: "domain name", letters: ".-", min: 1, max: 253, lower: true}
	tableForm   = form{what: "table name", letters: "_.-", min: 3, max: 255}
	secretForm  = form{what: "beginning of secret names", letters: "/_+=.@-", min: 1, max: 512}
	accountForm = form{what: "name of Kubernetes", letters: ".-", min: 1, max: 253, lower: true}
	repoForm    = form{what: "beginning of repository names", letters: "._/-", min: 1, max: 256, lower: true}
	exportForm  = form{what: "export", min: 1, max: 255 - 1 - maxSuffix}
	labelForm   = form{what: "label", letters: "._/-", min: 1, max: 317}
	objectForm  = form{what: "prefix of objects", letters: "!-_.'()/", min: 1, max: 1024}
)

// text checks a required field.
func (c *checker) text(field string, f form, value string) {
	for _, r := range value {
		ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' && !f.lower || r >= '0' && r <= '9' || strings.ContainsRune(f.letters, r)
		if !ok {
			c.add(field, "%s %q: it may not hold %q", f.what, shown(value), r)
			return
		}
	}
	switch {
	case value == "":
		c.add(field, "it is empty: want a %s", f.what)
	case len(value) < f.min || len(value) > f.max:
		c.add(field, "%s %q: %d characters, want %d to %d", f.what, shown(value), len(value), f.min, f.max)
	case !strings.HasPrefix(value, f.prefix):
		c.add(field, "%s %q: want it to begin with %s", f.what, value, f.prefix)
	}
}

// optional checks a field that may be empty.
func (c *checker) optional(field string, f form, value string) {
	if value != "" {
		c.text(field, f, value)
	}
}

// arn checks a required ARN of IAM that stands for one thing alone.
func (c *checker) arn(field, kind, text string) {
	a, err := iam.ParseARN(text)
	switch {
	case err != nil:
		c.add(field, "%v", err)
	case strings.ContainsAny(text, "*?$"):
		c.add(field, "%q: it may not hold wildcards", shown(text))
	case a.Service != "iam" || !strings.HasPrefix(a.Resource, kind+"/"):
		c.add(field, "%q: want the ARN of a %s of IAM", shown(text), kind)
	default:
		if _, err := iam.ParseAccount(string(a.Account)); err != nil && a.Account != "aws" {
			c.add(field, "%v", err)
		}
	}
}

// issuer checks the URL of an OpenID Connect issuer, as IAM takes it.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func (c *checker) issuer(field, url string) {
	host, ok := strings.CutPrefix(url, "https://")
	switch {
	case url == "":
		c.add(field, "it is empty: want the URL of the cluster's issuer")
		return
	case !ok:
		c.add(field, "issuer %q: want it to begin with https://", shown(url))
		return
	case host == "" || strings.HasSuffix(host, "/"):
		c.add(field, "issuer %q: want it without a slash at the end", shown(url))
		return
	case len(url) > 255:
		c.add(field, "issuer %q: %d characters, want at most 255", shown(url), len(url))
		return
	}
	for _, r := range host {
		if r <= ' ' || r > '~' || strings.ContainsRune(`*?$#"\'<>@:`, r) {
			c.add(field, "issuer %q: it may not hold %q", shown(url), r)
			return
		}
	}
}

// list checks a list of at least one.
func (c *checker) list(field string, f form, values []string) {
	if len(values) == 0 {
		c.add(field, "it is empty: want a %s", f.what)
	}
	for _, v := range values {
		c.text(field, f, v)
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// shown cuts text that is too long to show.
func shown(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
