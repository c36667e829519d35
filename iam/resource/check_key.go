package resource

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

func checkKeyFound(c *checker, code groundway.Code) {
	found(c, code, c.keys, unnamed, "KMS key", func(t thing[Key]) []groundway.Remedy {
		return []groundway.Remedy{
			{Action: "Create a symmetric key in that region, and name its ID.", Commands: [][]string{aws(t.region, "kms", "create-key")}},
			{Action: "Name a key of the region.", Commands: [][]string{aws(t.region, "kms", "list-keys")}},
		}
	})
	if v := c.o.Vault; v != nil {
		c.named(code, "kms-key", "kmsKeyId", v.Key)
	}
}

// checkKeyRegion reads the region from the key's ARN: an ARN of another region
// can be named, and answers from there.
func checkKeyRegion(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeKeyNotFound, c.keys, unnamed) {
		a, err := iam.ParseARN(t.item.ARN)
		if err != nil || t.region == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeKey, "the region")...)
			continue
		}
		c.hold(string(a.Region) == t.region, claim{
			code: code, subject: t.subject, path: t.at("arn"), got: t.item.ARN, want: "a key in " + t.region, source: actionDescribeKey,
			summary: fmt.Sprintf("The KMS key %s is in %s, and has to be in %s.", t.subject.ID, a.Region, t.region),
			remedies: []groundway.Remedy{{
				Action: "Name a key of that region.", Commands: [][]string{aws(t.region, "kms", "list-keys")},
			}},
		})
	}
}

// inState says what is to be done about a key in a state, see
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.
func (c *checker) inState(t thing[Key]) []groundway.Remedy {
	id := word(t.item.ID, "key-id")
	switch strings.ToLower(t.item.State) {
	case "disabled":
		return []groundway.Remedy{{Action: "Enable the key.", Commands: [][]string{aws(t.region, "kms", "enable-key", "--key-id", id)}}}
	case "pendingdeletion", "pendingreplicadeletion":
		return []groundway.Remedy{{
			Action: "Cancel the deletion, and enable the key; or name another one.",
			Commands: [][]string{
				aws(t.region, "kms", "cancel-key-deletion", "--key-id", id), aws(t.region, "kms", "enable-key", "--key-id", id),
			},
		}}
	case "pendingimport":
		return []groundway.Remedy{{Action: "Import the key material, or name another key.", Commands: [][]string{aws(t.region, "kms", "get-parameters-for-import", "--key-id", id, "--wrapping-algorithm", "RSAES_OAEP_SHA_256", "--wrapping-key-spec", "RSA_4096")}}}
	case "unavailable":
		return []groundway.Remedy{{Action: "Connect the custom key store that holds the key.", Commands: [][]string{aws(t.region, "kms", "describe-custom-key-stores")}}}
	}
	return []groundway.Remedy{{Action: "Wait until the key is enabled, and check again.", Commands: [][]string{aws(t.region, "kms", "describe-key", "--key-id", id)}}}
}

func checkKeyEnabled(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeKeyNotFound, c.keys, unnamed) {
		if t.item.State == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeKey, "the state")...)
			continue
		}
		c.hold(is(t.item.State, "Enabled"), claim{
			code: code, subject: t.subject, path: t.at("state"), got: t.item.State, want: "Enabled", source: actionDescribeKey,
			summary:  fmt.Sprintf("The KMS key %s is in the state %s.", t.subject.ID, t.item.State),
			remedies: c.inState(t),
		})
	}
}

func checkKeyKind(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeKeyNotFound, c.keys, unnamed) {
		if t.item.Spec == "" || t.item.Usage == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeKey, "the spec and the usage")...)
			continue
		}
		got := t.item.Spec + " for " + t.item.Usage
		c.hold(is(t.item.Spec, "SYMMETRIC_DEFAULT") && is(t.item.Usage, "ENCRYPT_DECRYPT"), claim{
			code: code, subject: t.subject, path: t.at(), got: got, want: "SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT", source: actionDescribeKey,
			summary: fmt.Sprintf("The KMS key %s is %s.", t.subject.ID, got),
			remedies: []groundway.Remedy{{
				Action:   "Create a symmetric key, and name that: what a key is for cannot be changed.",
				Commands: [][]string{aws(t.region, "kms", "create-key", "--key-spec", "SYMMETRIC_DEFAULT", "--key-usage", "ENCRYPT_DECRYPT")},
			}},
		})
	}
}

// keyActions are what Vault's seal and an installer that encrypts its assets use
// of a key, see https://developer.hashicorp.com/vault/docs/configuration/seal/awskms.
var keyActions = []iam.Action{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"}

// checkKeyUsable asks the key policy, and with it the policies of the principal
// where they are known. Where they are not, what the key policy forbids even to
// somebody with all permissions is a failure, and what it leaves to the account is
// taken to be granted there.
func checkKeyUsable(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeKeyNotFound, c.keys, unnamed) {
		principals := c.keyUsers[t.subject]
		if len(principals) == 0 {
			c.Inapplicable(code, unnamed)
			continue
		}
		j, ok := judgeOf(t.item.Policy)
		if !ok {
			c.unknown(code, t.subject, t.lacks(actionKeyPolicy, "a key policy that can be read")...)
			continue
		}
		for _, p := range principals {
			c.usable(code, t, j, p)
		}
	}
}

// usable asks the key policy first: it needs no other where it names the principal.
func (c *checker) usable(code groundway.Code, t thing[Key], j policyJudge, principal string) {
	for _, action := range keyActions {
		verdict, grants := j.judge(principal, action, t.item.ARN)
		source, by := actionKeyPolicy, "The key policy"
		if verdict == iam.Allowed {
			own := c.may(principal, action, t.item.ARN)
			if own == iam.ExplicitlyDenied || own == iam.ImplicitlyDenied && !grants {
				verdict, source, by = own, "the policies of "+principal, "Their policies"
			}
		}
		switch verdict {
		case iam.Allowed:
			continue
		case iam.Undetermined:
			c.unknown(code, t.subject, groundway.Gap{Action: actionKeyPolicy, Message: "the key policy decides by conditions that are not known"})
		default:
			c.hold(false, claim{
				code: code, subject: t.subject, path: t.at(), got: verdict.String(), want: string(action) + " allowed to " + principal, source: source,
				summary:  fmt.Sprintf("%s may not use %s with the KMS key %s.", principal, action, t.subject.ID),
				remedies: []groundway.Remedy{{Action: fmt.Sprintf("%s must allow kms:DescribeKey, kms:Encrypt and kms:Decrypt to %s.", by, principal)}},
			})
		}
		return
	}
	c.Pass(code, 1)
}

// checkKeyCreatable is for an installer that makes its key itself.
func checkKeyCreatable(c *checker, code groundway.Code) {
	switch {
	case c.o.KMS == nil:
		c.Inapplicable(code, unnamed)
		return
	case c.o.KMS.Key != "":
		c.Inapplicable(code, "a key is named")
		return
	}
	s := groundway.Subject{Kind: "kms-key", Region: c.region, Path: "/kms/key"}
	c.permit(code, s, c.o.Installer, "*", "where no key is named", "kms:CreateKey")
}
