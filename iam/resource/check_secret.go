package resource

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

func checkSecretFound(c *checker, code groundway.Code) {
	found(c, code, c.secrets, unnamed, "secret", func(t thing[Secret]) []groundway.Remedy {
		return []groundway.Remedy{{
			Action:   "Create the secret, or name one of the region.",
			Commands: [][]string{aws(t.region, "secretsmanager", "create-secret", "--name", word(t.subject.ID, "secret-name"), "--secret-string", "file://<secret-file>")},
		}}
	})
}

func checkSecretDeleted(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeSecretNotFound, c.secrets, unnamed) {
		c.hold(t.item.Deleted.IsZero(), claim{
			code: code, subject: t.subject, path: t.at("deletedDate"), got: t.item.Deleted.Format(time.RFC3339Nano), want: "no date of deletion", source: actionDescribeSecret,
			summary:  fmt.Sprintf("The secret %q is to be deleted, and nobody can read it.", t.subject.ID),
			remedies: []groundway.Remedy{{Action: "Restore the secret.", Commands: [][]string{aws(t.region, "secretsmanager", "restore-secret", "--secret-id", word(t.subject.ID, "secret-name"))}}},
		})
	}
}

// checkSecretReadable asks the policy of the secret, those of the reader, and that of the
// key that encrypts the secret. Whoever is of another account needs all three, see
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html.
func checkSecretReadable(c *checker, code groundway.Code) {
	const get iam.Action = "secretsmanager:GetSecretValue"
	for _, t := range seen(c, code, codeSecretNotFound, c.secrets, unnamed) {
		reader, key := c.o.Secrets[t.n].Reader, t.item.KMSKey
		if reader == "" {
			c.Inapplicable(code, unnamed)
			continue
		}
		if cause, failed := c.failedOf(t.subject, codeSecretDeleted); failed {
			c.Skip(code, cause, t.subject)
			continue
		}
		foreign := crosses(reader, t.item.ARN)
		leaves, grants := iam.Allowed, false
		switch {
		case t.item.Policy == "none" && foreign:
			leaves = iam.ImplicitlyDenied // the policy of a secret has to let other accounts in
		case t.item.Policy != "none":
			j, ok := judgeOf(t.item.Policy)
			if !ok {
				c.unknown(code, t.subject, t.lacks(actionSecretPolicy, "a resource policy that can be read")...)
				continue
			}
			leaves, grants = j.judge(reader, get, t.item.ARN)
		}
		own := c.may(reader, get, t.item.ARN)
		if own == iam.ImplicitlyDenied && grants {
			own = iam.Allowed
		}
		switch {
		case leaves == iam.Undetermined:
			c.unknown(code, t.subject, groundway.Gap{Action: actionSecretPolicy, Message: "the policy of the secret decides by conditions that are not known"})
		case leaves != iam.Allowed:
			summary := fmt.Sprintf("The policy of the secret %q keeps %s from reading it.", t.subject.ID, reader)
			if t.item.Policy == "none" {
				summary = fmt.Sprintf("The secret %q has no policy that lets %s of another account read it.", t.subject.ID, reader)
			}
			c.hold(false, claim{
				code: code, subject: t.subject, path: t.at(), got: leaves.String(), want: string(get) + " allowed to " + reader, source: actionSecretPolicy,
				summary: summary,
				remedies: []groundway.Remedy{{
					Action:   fmt.Sprintf("Allow %s to %s in the policy of the secret.", get, reader),
					Commands: [][]string{aws(t.region, "secretsmanager", "get-resource-policy", "--secret-id", word(t.subject.ID, "secret-name"))},
				}},
			})
		case own != iam.Allowed:
			c.permit(code, t.subject, reader, t.item.ARN, "to read the secret", get)
		case key != "" && !strings.HasSuffix(key, "alias/aws/secretsmanager"):
			c.decrypts(code, t, reader)
		case foreign:
			c.hold(false, claim{
				code: code, subject: t.subject, path: t.at("arn"), got: t.item.ARN, want: "a secret that a customer managed key encrypts", source: actionDescribeSecret,
				summary: fmt.Sprintf("The secret %q is encrypted with the key aws/secretsmanager, which %s of another account cannot use.", t.subject.ID, reader),
				remedies: []groundway.Remedy{{
					Action:   "Encrypt the secret with a customer managed key whose policy lets them decrypt.",
					Commands: [][]string{aws(t.region, "secretsmanager", "update-secret", "--secret-id", word(t.subject.ID, "secret-name"), "--kms-key-id", "<key-id>")},
				}},
			})
		default:
			c.Pass(code, 1)
		}
	}
}

// crosses reports whether a resource is of another account than a principal.
func crosses(principal, resource string) bool {
	p, errP := iam.ParseARN(principal)
	r, errR := iam.ParseARN(resource)
	return errP == nil && errR == nil && p.Account != "" && r.Account != "" && p.Account != r.Account
}

// decrypts asks whether the reader of a secret may use the key that encrypts it: its
// own policies, and that of the key, without which they count for nothing.
func (c *checker) decrypts(code groundway.Code, t thing[Secret], reader string) {
	const decrypt iam.Action = "kms:Decrypt"
	name := t.item.KMSKey
	own := c.may(reader, decrypt, name)
	leaves, grants := iam.Undetermined, false
	if i := slices.IndexFunc(c.s.Keys.Items, func(k Key) bool { return k.names(name) }); i >= 0 {
		if j, ok := judgeOf(c.s.Keys.Items[i].Policy); ok {
			leaves, grants = j.judge(reader, decrypt, c.s.Keys.Items[i].ARN)
		}
	}
	show := aws(t.region, "kms", "get-key-policy", "--key-id", keyWord(word(name, "key-id")), "--policy-name", "default")
	switch {
	case own == iam.ExplicitlyDenied || own != iam.Allowed && leaves == iam.Allowed && !grants:
		c.permit(code, t.subject, reader, name, "to read the secret, which this key encrypts", decrypt)
	case leaves == iam.Undetermined:
		c.Unknown(groundway.Finding{
			Code: code, Subject: t.subject, Summary: "It could not be seen whether " + c.Rule(code).Clause() + ": the policy of the key that encrypts it does not tell, or was not seen.",
			Evidence: []groundway.Fact{{Got: "not decided", Want: string(decrypt) + " on " + name + " allowed to " + reader, Source: actionKeyPolicy}},
			Remedies: []groundway.Remedy{{Action: fmt.Sprintf("Look whether the policy of the key allows %s to %s.", decrypt, reader), Commands: [][]string{show}}},
		})
	case leaves != iam.Allowed:
		c.hold(false, claim{
			code: code, subject: t.subject, path: t.at(), got: leaves.String(), want: string(decrypt) + " allowed to " + reader, source: actionKeyPolicy,
			summary:  fmt.Sprintf("The policy of the key that encrypts the secret %q keeps %s from reading it.", t.subject.ID, reader),
			remedies: []groundway.Remedy{{Action: fmt.Sprintf("Allow %s to %s in the policy of the key.", decrypt, reader), Commands: [][]string{show}}},
		})
	case own == iam.Undetermined:
		c.permit(code, t.subject, reader, name, "to read the secret, which this key encrypts", decrypt)
	default:
		c.Pass(code, 1)
	}
}
