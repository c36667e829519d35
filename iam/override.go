package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An Override corrects what a catalog says about actions, where AWS's
// documentation errs, lags or leaves out. The zero value is invalid: an
// override names its actions and its reason.
type Override struct {
	// Action is the action, or a pattern over the actions of the catalog. An
	// action that the catalog does not have is added to it if Level says what
	// it does.
	Action Action      `json:"action"`
	Level  AccessLevel `json:"level,omitempty"`
	// Types, unless nil, stand in place of the types that the action can be
	// granted on. An empty list means that it takes "*" alone.
	Types []ResourceType `json:"types"`
	// Keys are keys that the action has beside those of the catalog, for each
	// of its types. One of the same name replaces the catalog's.
	Keys   []ConditionKey `json:"keys,omitempty"`
	Reason string         `json:"reason"`        // what is wrong, in a sentence
	URL    string         `json:"url,omitempty"` // the page that shows it
}

func (o Override) check() error {
	switch {
	case !strings.Contains(string(o.Action), ":"):
		return fmt.Errorf("action %s is not of the form SERVICE:NAME", quote(string(o.Action)))
	case o.Reason == "":
		return errors.New("no reason")
	case o.Level == 0 && o.Types == nil && len(o.Keys) == 0:
		return errors.New("it changes nothing: want a level, types or keys")
	}
	for _, t := range o.Types {
		if t.Name == "" || len(t.ARNs) == 0 {
			return fmt.Errorf("type %s: want a name and an ARN", quote(t.Name))
		}
		for _, arn := range t.ARNs {
			if _, err := ParseARN(placeholdersAs(arn, "*")); err != nil {
				return fmt.Errorf("type %s: %w", quote(t.Name), err)
			}
		}
	}
	for _, k := range o.Keys {
		if prefix, name, _ := strings.Cut(k.Name, ":"); prefix == "" || name == "" || k.Type == 0 {
			return fmt.Errorf("condition key %s: want PREFIX:NAME and a type", quote(k.Name))
		}
	}
	return nil
}

// ParseOverrides reads an override file: a JSON array of objects with the keys
// action, level, types, keys, reason and url. The keys of a type are name,
// arns and required, those of a condition key name, type and multivalued; level
// and type are the words of [AccessLevel] and [KeyType]. An unknown key is an
// error. An error names the place behind what it is about.
func ParseOverrides(text string) ([]Override, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var list []Override
	err := d.Decode(&list)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("text after the array")
		}
	}
	if err != nil {
		at := d.InputOffset()
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = syntax.Offset
		}
		line, column := (&source{text: text}).at(min(int(at), len(text)))
		return nil, fmt.Errorf("parse overrides: before line %d column %d: %w", line, column, err)
	}
	for i, o := range list {
		if err := o.check(); err != nil {
			return nil, fmt.Errorf("parse overrides: override %d: %w", i+1, err)
		}
	}
	return list, nil
}

// KnownErrors returns the corrections of AWS's documentation that [Lint] and
// [Tighten] apply before those of their options. Each has its source.
func KnownErrors() []Override {
	const slr = "arn:${Partition}:iam::${Account}:role/aws-service-role/${ServicePrincipal}/${RoleName}"
	var list []Override
	for _, a := range serviceLinkedRoleActions {
		list = append(list, Override{
			Action: a, Types: []ResourceType{{Name: "role", ARNs: []string{slr}, Required: true}},
			Reason: "The reference names roles of any path. Service-linked roles have the path /aws-service-role/ and no other.",
			URL:    guide + "id_roles_create-service-linked-role.html",
		})
	}
	list = append(list, Override{
		Action: "route53:ChangeTagsForResource",
		Types: []ResourceType{
			{Name: "healthcheck", ARNs: []string{"arn:${Partition}:route53:::healthcheck/${Id}"}},
			{Name: "hostedzone", ARNs: []string{"arn:${Partition}:route53:::hostedzone/${Id}"}},
		},
		Reason: "The reference asks for a health check and a hosted zone. A call speaks of one of the two.",
		URL:    "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html",
	})
	for _, k := range []struct{ service, key, url string }{
		{"secretsmanager", "secretsmanager:ResourceTag/${TagKey}", "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access-abac.html"},
		{"ssm", "ssm:resourceTag/${TagKey}", "https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html"},
		{"sagemaker", "sagemaker:ResourceTag/${TagKey}", "https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html"},
		{"glacier", "glacier:ResourceTag/${TagKey}", "https://docs.aws.amazon.com/amazonglacier/latest/dev/access-control-overview.html"},
	} {
		list = append(list, Override{
			Action: Action(k.service + ":*"), Keys: []ConditionKey{{Name: k.key, Type: StringKey}},
			Reason: "The reference writes the tag key as if it were part of the name. Any tag key may stand there.",
			URL:    k.url,
		})
	}
	return list
}

var serviceLinkedRoleActions = []Action{
	"iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus",
}

// Correct returns the catalog with the overrides applied, the later ones over
// the earlier. Overrides of which Action is no action and no pattern change
// nothing.
func Correct(c Catalog, overrides ...Override) Catalog {
	if len(overrides) == 0 {
		return c
	}
	k := corrected{Catalog: c, exact: map[string][]int{}, list: slices.Clone(overrides)}
	for i, o := range k.list {
		if strings.ContainsAny(string(o.Action), "*?") {
			k.patterns = append(k.patterns, i)
			continue
		}
		name := asciiLower(string(o.Action))
		k.exact[name] = append(k.exact[name], i)
		if _, _, ok := c.Action(o.Action); !ok && o.Level != 0 {
			k.added = append(k.added, o.Action)
		}
	}
	slices.Sort(k.added)
	k.added = slices.Compact(k.added)
	return k
}

// corrected is a catalog with overrides.
type corrected struct {
	Catalog
	list     []Override
	exact    map[string][]int // of an action in lower case, the indexes of its overrides
	patterns []int
	added    []Action // that the catalog does not have
}

// of returns the overrides of an action, in their order.
func (c corrected) of(name Action) []Override {
	lower := asciiLower(string(name))
	indexes := slices.Clone(c.exact[lower])
	for _, i := range c.patterns {
		if glob(asciiLower(string(c.list[i].Action)), lower) {
			indexes = append(indexes, i)
		}
	}
	slices.Sort(indexes)
	var list []Override
	for _, i := range indexes {
		list = append(list, c.list[i])
	}
	return list
}

// Action implements [Catalog].
func (c corrected) Action(name Action) (Action, AccessLevel, bool) {
	known, level, ok := c.Catalog.Action(name)
	if strings.ContainsAny(string(name), "*?") {
		return known, level, ok
	}
	for _, i := range c.exact[asciiLower(string(name))] {
		o := c.list[i]
		if o.Level == 0 {
			continue
		}
		level = o.Level
		if !ok {
			known, ok = o.Action, true
		}
	}
	return known, level, ok
}

// Expand implements [Catalog].
func (c corrected) Expand(pattern Action) []Action {
	list := c.Catalog.Expand(pattern)
	for _, a := range c.added {
		if glob(asciiLower(string(pattern)), asciiLower(string(a))) {
			list = append(list, a)
		}
	}
	slices.Sort(list)
	return list
}

// ResourceTypes implements [Catalog].
func (c corrected) ResourceTypes(name Action) []ResourceType {
	if _, _, ok := c.Action(name); !ok {
		return nil
	}
	types, replaced := []ResourceType(nil), false
	for _, o := range c.of(name) {
		if o.Types != nil {
			types, replaced = o.Types, true
		}
	}
	if !replaced {
		return c.Catalog.ResourceTypes(name)
	}
	types = slices.Clone(types)
	for i := range types {
		types[i].ARNs = slices.Clone(types[i].ARNs)
	}
	slices.SortStableFunc(types, func(a, b ResourceType) int { return strings.Compare(a.Name, b.Name) })
	return types
}

// ConditionKeys implements [Catalog].
func (c corrected) ConditionKeys(name Action, resourceType string) []ConditionKey {
	if _, _, ok := c.Action(name); !ok {
		return nil
	}
	named := func(t ResourceType) bool { return t.Name == resourceType }
	if resourceType != "" && !slices.ContainsFunc(c.ResourceTypes(name), named) {
		return nil
	}
	keys := c.Catalog.ConditionKeys(name, resourceType)
	if keys == nil && resourceType != "" && !slices.ContainsFunc(c.Catalog.ResourceTypes(name), named) {
		// A type that an override added has the keys of the action.
		keys = c.Catalog.ConditionKeys(name, "")
	}
	for _, o := range c.of(name) {
		for _, k := range o.Keys {
			if i := slices.IndexFunc(keys, func(has ConditionKey) bool { return strings.EqualFold(has.Name, k.Name) }); i >= 0 {
				keys[i] = k
				continue
			}
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b ConditionKey) int { return strings.Compare(a.Name, b.Name) })
	return keys
}
