package resource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// found records whether things exist.
func found[T any](c *checker, code groundway.Code, things []thing[T], none, what string, remedies func(thing[T]) []groundway.Remedy) {
	for _, t := range things {
		if t.unseen || t.presence == Forbidden {
			gaps := t.gaps
			if len(gaps) == 0 {
				gaps = []groundway.Gap{notShown(t.action, t.subject.ID)}
			}
			c.unknown(code, t.subject, gaps...)
			continue
		}
		where := ""
		if t.region != "" {
			where = " in " + t.region
		}
		c.hold(t.item != nil, claim{
			code: code, subject: t.subject, path: t.at(), want: "the " + what, source: t.action,
			summary:  fmt.Sprintf("There is no %s %q%s.", what, t.subject.ID, where),
			remedies: remedies(t),
		})
	}
	if len(things) == 0 {
		c.Inapplicable(code, none)
	}
}

// vaultRole is the way out that leaves no access key behind.
func vaultRole() groundway.Remedy {
	return groundway.Remedy{
		Action: "Give Vault a role through its service account in place of a user: it needs no access key then.",
		URL:    "https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
	}
}

func checkUserFound(c *checker, code groundway.Code) {
	found(c, code, c.users, unnamed, "IAM user", func(t thing[User]) []groundway.Remedy {
		return []groundway.Remedy{
			{Action: "Create the user, or name one that exists.", Commands: [][]string{aws("", "iam", "create-user", "--user-name", word(t.subject.ID, "user-name"))}},
			vaultRole(),
		}
	})
}

// accessKeysPerUser cannot be raised, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const accessKeysPerUser = 2

func checkUserSlot(c *checker, code groundway.Code) {
	if v := c.o.Vault; v != nil && !v.AccessKeyID.IsZero() {
		c.Inapplicable(code, "an access key is given, and so none is made")
		return
	}
	for _, t := range seen(c, code, codeUserNotFound, c.users, unnamed) {
		keys := t.item.AccessKeys
		n := len(keys.Items)
		if n < accessKeysPerUser && !keys.Complete() {
			c.unknown(code, t.subject, partGaps(keys, actionAccessKeys, "all access keys of "+t.subject.ID)...)
			continue
		}
		var inactive []string
		for _, k := range keys.Items {
			if strings.EqualFold(k.Status, "Inactive") || strings.EqualFold(k.Status, "Expired") {
				inactive = append(inactive, strings.ToLower(k.Status))
			}
		}
		summary := fmt.Sprintf("The user %q has %d access keys, which is all that IAM lets it have.", t.subject.ID, n)
		if len(inactive) > 0 {
			summary = fmt.Sprintf("The user %q has %d access keys, of which %d are inactive; these count too.", t.subject.ID, n, len(inactive))
		}
		c.hold(n < accessKeysPerUser, claim{
			code: code, subject: t.subject, path: t.at("accessKeys"), got: plural(n, "access key"), want: "1 at most", source: actionAccessKeys,
			summary: summary,
			remedies: []groundway.Remedy{
				vaultRole(),
				{
					Action: "Delete an access key that nobody uses.",
					Commands: [][]string{
						aws("", "iam", "list-access-keys", "--user-name", word(t.subject.ID, "user-name")),
						aws("", "iam", "delete-access-key", "--user-name", word(t.subject.ID, "user-name"), "--access-key-id", "<access-key-id>"),
					},
				},
				{Action: "Give Vault an access key of the user that you hold, in VAULT_AWS_ACCESS_KEY_ID and VAULT_AWS_SECRET_ACCESS_KEY."},
			},
		})
	}
}

// policiesPerUser is the default quota, which can be raised to 20; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const policiesPerUser = 10

func checkUserPolicies(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeUserNotFound, c.users, unnamed) {
		n := len(t.item.Policies.Items)
		if n < policiesPerUser && !t.item.Policies.Complete() {
			c.unknown(code, t.subject, partGaps(t.item.Policies, actionUserPolicies, "all policies of "+t.subject.ID)...)
			continue
		}
		c.hold(n < policiesPerUser, claim{
			code: code, subject: t.subject, path: t.at("attachedPolicies"), got: plural(n, "attached policy"), want: "9 at most", source: actionUserPolicies,
			summary: fmt.Sprintf("The user %q has %d attached policies, and boot attaches one more.", t.subject.ID, n),
			remedies: []groundway.Remedy{
				{
					Action: "Detach the policies that earlier runs left.",
					Commands: [][]string{
						aws("", "iam", "list-attached-user-policies", "--user-name", word(t.subject.ID, "user-name")),
						aws("", "iam", "detach-user-policy", "--user-name", word(t.subject.ID, "user-name"), "--policy-arn", "<policy-arn>"),
					},
				},
				{Action: "Have the quota on policies of a user raised."},
				vaultRole(),
			},
		})
	}
}

// checkVaultKey says of the key that is given for Vault whose it is.
func checkVaultKey(c *checker, code groundway.Code) {
	v := c.o.Vault
	if v == nil || v.AccessKeyID.IsZero() && v.SecretAccessKey.IsZero() {
		c.Inapplicable(code, unnamed)
		return
	}
	if v.User == "" {
		c.Inapplicable(code, unnamed)
		return
	}
	whole := groundway.Subject{Kind: "access-key", Path: "/vault/aws/iamUserName"}
	k := claim{code: code, subject: whole, remedies: []groundway.Remedy{
		{Action: "Give both halves of an active access key of the user " + strconv.Quote(v.User) + "."}, vaultRole(),
	}}
	if v.AccessKeyID.IsZero() || v.SecretAccessKey.IsZero() {
		k.got, k.want, k.summary = "one half of an access key", "both", "Of the access key for Vault one half is missing: its ID and its secret belong together."
		c.hold(false, k)
		return
	}
	for _, t := range seen(c, code, codeUserNotFound, c.users, unnamed) {
		c.vaultKey(k, t, digest(v.AccessKeyID))
	}
}

func (c *checker) vaultKey(k claim, t thing[User], id string) {
	keys := t.item.AccessKeys
	at := slices.IndexFunc(keys.Items, func(a AccessKey) bool { return a.Digest == id })
	holder := slices.IndexFunc(c.s.KeyHolders.Items, func(h KeyHolder) bool { return h.Digest == id })
	k.path, k.source = t.at("accessKeys"), actionAccessKeys
	switch {
	case at < 0 && keys.Complete():
		k.got, k.want = "an access key that is none of the user's", "one of "+plural(len(keys.Items), "access key")
		k.summary = fmt.Sprintf("The access key that is given for Vault is none of the user %q.", t.subject.ID)
		c.hold(false, k)
	case at >= 0 && keys.Items[at].Status != "" && !strings.EqualFold(keys.Items[at].Status, "Active"):
		k.got, k.want = keys.Items[at].Status, "Active"
		k.summary = fmt.Sprintf("The access key of the user %q that is given for Vault is %s.", t.subject.ID, strings.ToLower(keys.Items[at].Status))
		c.hold(false, k)
	case holder >= 0 && c.s.KeyHolders.Items[holder].Refused:
		k.path, k.source = groundway.Pointer("parts", "keyHolders", "items", id, "refused"), actionCaller
		k.got, k.want, k.summary = "true", "false", "AWS refuses the access key that is given for Vault: the secret is not that of the ID, or the key does not exist."
		c.hold(false, k)
	case holder >= 0 && t.item.ARN != "" && c.s.KeyHolders.Items[holder].ARN != t.item.ARN:
		k.path, k.source = groundway.Pointer("parts", "keyHolders", "items", id, "arn"), actionCaller
		k.got, k.want = c.s.KeyHolders.Items[holder].ARN, t.item.ARN
		k.summary = fmt.Sprintf("The access key that is given for Vault is that of %s, and not of the user %q.", k.got, t.subject.ID)
		c.hold(false, k)
	case at < 0 && holder < 0:
		c.unknown(k.code, k.subject, partGaps(keys, actionAccessKeys, "the access keys of "+t.subject.ID)...)
	case holder < 0:
		c.unknown(k.code, k.subject, partGaps(c.s.KeyHolders, actionCaller, "that the secret belongs to the access key")...)
	default:
		c.Pass(k.code, 1)
	}
}

func checkRoleFound(c *checker, code groundway.Code) {
	found(c, code, c.roles, unnamed, "role", func(t thing[Role]) []groundway.Remedy {
		return []groundway.Remedy{{
			Action:   "Create the role with the trust policy of EC2, or name one that exists.",
			Commands: [][]string{aws("", "iam", "create-role", "--role-name", word(t.subject.ID, "role-name"), "--assume-role-policy-document", "file://<trust-policy-file>")},
		}}
	})
}

// checkRoleTrust asks the trust policy whether EC2 may assume the role, by its name in
// all partitions or by that of the region's own.
func checkRoleTrust(c *checker, code groundway.Code) {
	services := []string{"ec2.amazonaws.com", iam.Region(c.region).Partition().ServicePrincipal("ec2")}
	for _, t := range seen(c, code, codeRoleNotFound, c.roles, unnamed) {
		j, ok := judgeOf(t.item.Trust)
		if !ok {
			c.unknown(code, t.subject, t.lacks(actionGetRole, "a trust policy that can be read")...)
			continue
		}
		verdict := iam.Undetermined
		for _, service := range services {
			if got, err := j.alone.Authorize(iam.Request{Principal: service, Action: "sts:AssumeRole", Resource: t.item.ARN}); err == nil && verdict != iam.Allowed {
				verdict = got.Verdict
			}
		}
		if verdict == iam.Undetermined {
			c.unknown(code, t.subject, t.lacks(actionGetRole, "a trust policy that decides for EC2")...)
			continue
		}
		c.hold(verdict == iam.Allowed, claim{
			code: code, subject: t.subject, path: t.at(), got: verdict.String() + " by the trust policy", want: "sts:AssumeRole allowed to " + services[1], source: actionGetRole,
			summary: fmt.Sprintf("The trust policy of the role %q does not let EC2 assume it.", t.subject.ID),
			remedies: []groundway.Remedy{{
				Action:   "Let " + services[1] + " assume the role in its trust policy.",
				Commands: [][]string{aws("", "iam", "update-assume-role-policy", "--role-name", word(t.subject.ID, "role-name"), "--policy-document", "file://<trust-policy-file>")},
			}},
		})
	}
}

func checkRolePolicy(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeRoleNotFound, c.roles, unnamed) {
		wanted := c.o.Roles[t.n].Policy
		attached, inline := t.item.Policies, t.item.Inline
		var names []string
		for _, p := range attached.Items {
			names = append(names, lastWord(p.ARN))
		}
		for _, p := range inline.Items {
			names = append(names, p.Name)
		}
		ok := len(names) > 0
		text, want := "no policy at all", "a policy"
		if wanted != "" {
			ok = slices.Contains(names, wanted)
			text, want = "no policy "+strconv.Quote(wanted), wanted
		}
		if !ok && (!attached.Complete() || !inline.Complete()) {
			gaps := partGaps(attached, actionRolePolicies, "all policies of "+t.subject.ID)
			if attached.Complete() {
				gaps = partGaps(inline, actionRoleInline, "all policies of "+t.subject.ID)
			}
			c.unknown(code, t.subject, gaps...)
			continue
		}
		slices.Sort(names)
		c.hold(ok, claim{
			code: code, subject: t.subject, path: t.at("attachedPolicies"), got: strings.Join(names, ", "), want: want, source: actionRolePolicies,
			summary: fmt.Sprintf("The role %q has %s.", t.subject.ID, text),
			remedies: []groundway.Remedy{{
				Action:   "Attach the policy of this role. IAM takes no space in the name of a policy.",
				Commands: [][]string{aws("", "iam", "attach-role-policy", "--role-name", word(t.subject.ID, "role-name"), "--policy-arn", "<policy-arn>")},
			}},
		})
	}
}

func checkProfileFound(c *checker, code groundway.Code) {
	found(c, code, c.profiles, unnamed, "instance profile", func(t thing[InstanceProfile]) []groundway.Remedy {
		name, role := word(t.subject.ID, "instance-profile-name"), word(c.o.Roles[t.n].Role, "role-name")
		return []groundway.Remedy{{
			Action: "Create the instance profile and add the role: only the console does so by itself.",
			Commands: [][]string{
				aws("", "iam", "create-instance-profile", "--instance-profile-name", name),
				aws("", "iam", "add-role-to-instance-profile", "--instance-profile-name", name, "--role-name", role),
			},
		}}
	})
}

func checkProfileRole(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeProfileNotFound, c.profiles, unnamed) {
		role := c.o.Roles[t.n].Role
		got := strings.Join(t.item.Roles, ", ")
		name := word(t.subject.ID, "instance-profile-name")
		var commands [][]string
		for _, other := range t.item.Roles {
			if other != role {
				commands = append(commands, aws("", "iam", "remove-role-from-instance-profile", "--instance-profile-name", name, "--role-name", word(other, "role-name")))
			}
		}
		if !slices.Contains(t.item.Roles, role) {
			commands = append(commands, aws("", "iam", "add-role-to-instance-profile", "--instance-profile-name", name, "--role-name", word(role, "role-name")))
		}
		summary := fmt.Sprintf("The instance profile %q holds no role.", t.subject.ID)
		if got != "" {
			summary = fmt.Sprintf("The instance profile %q holds the role %s in place of %q.", t.subject.ID, strconv.Quote(got), role)
		}
		c.hold(len(t.item.Roles) == 1 && t.item.Roles[0] == role, claim{
			code: code, subject: t.subject, path: t.at("roles"), got: got, want: role, source: actionProfiles, summary: summary,
			remedies: []groundway.Remedy{{Action: "Put the role, and it alone, into the instance profile.", Commands: commands}},
		})
	}
}

// checkPassRole asks whether the installer may hand the roles to instances.
func checkPassRole(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeRoleNotFound, c.roles, unnamed) {
		c.permit(code, t.subject, c.o.Installer, t.item.ARN, "to hand the role to instances", "iam:PassRole")
	}
}

// partGaps returns why a part is not complete.
func partGaps[T any](p groundway.Part[T], action, what string) []groundway.Gap {
	if len(p.Gaps) > 0 {
		return p.Gaps
	}
	return []groundway.Gap{notShown(action, what)}
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "key"):
		return strconv.Itoa(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
