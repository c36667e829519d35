package awscapacity

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// keyUses are what Auto Scaling's role does with the key of a volume: it makes a
// grant for EBS, and a data key, see
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html.
var keyUses = []string{"kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"}

// A keyStatement is one of a key policy.
type keyStatement struct {
	Effect                  string
	Principal, NotPrincipal any
	Action, NotAction       any
	Condition               map[string]any
}

// allows reports whether a key policy lets a role, by its name, use the key. It is
// not sure where that depends on a condition, but for the one of AWS's own example
// for the role, kms:GrantIsForAWSResource, or on a statement of all but some. That
// of the account's root does not count: a service-linked role has no policy that
// would pass it on.
func allows(policy, role string) (allowed, sure bool, err error) {
	var doc struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		return false, false, err
	}
	var all []keyStatement
	if json.Unmarshal(doc.Statement, &all) != nil {
		var one keyStatement // a single one may stand alone
		if err := json.Unmarshal(doc.Statement, &one); err != nil {
			return false, false, err
		}
		all = []keyStatement{one}
	}
	allowed, sure = true, true
	for _, use := range keyUses {
		yes, certain := allowsUse(all, role, use)
		if certain && !yes {
			return false, true, nil
		}
		allowed, sure = allowed && yes, sure && certain
	}
	return allowed, sure, nil
}

func allowsUse(all []keyStatement, role, use string) (yes, certain bool) {
	certain = true
	for _, s := range all {
		switch {
		case s.NotPrincipal == nil && !mentions(s.Principal, role), s.NotAction == nil && !matches(s.Action, use):
		case s.NotPrincipal != nil, s.NotAction != nil, !s.unconditional():
			certain = false
		case s.Effect == "Deny":
			return false, true
		case s.Effect == "Allow":
			yes = true
		}
	}
	return yes, certain
}

func (s keyStatement) unconditional() bool {
	for operator, of := range s.Condition {
		keys, ok := of.(map[string]any)
		if s.Effect != "Allow" || operator != "Bool" || !ok || len(keys) != 1 || keys["kms:GrantIsForAWSResource"] == nil || !slices.Contains(texts(keys["kms:GrantIsForAWSResource"]), "true") {
			return false
		}
	}
	return true
}

// texts returns a string, a bool or a list of them as a list.
func texts(value any) (list []string) {
	switch v := value.(type) {
	case string:
		list = []string{v}
	case bool:
		list = []string{map[bool]string{true: "true", false: "false"}[v]}
	case []any:
		for _, one := range v {
			list = append(list, texts(one)...)
		}
	}
	return list
}

func mentions(principal any, role string) bool {
	if p, ok := principal.(map[string]any); ok {
		principal = p["AWS"]
	}
	return slices.ContainsFunc(texts(principal), func(p string) bool { return p == "*" || strings.HasSuffix(p, "/"+role) })
}

// matches reports whether one of the actions, with its wildcards, is the use.
func matches(actions any, use string) bool {
	return slices.ContainsFunc(texts(actions), func(a string) bool {
		ok, err := path.Match(strings.ToLower(a), strings.ToLower(use))
		return ok && err == nil
	})
}
