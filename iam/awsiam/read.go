package awsiam

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

func (l *loader) role(ctx context.Context, name string, uses bool) error {
	p := &l.s.Parts
	out, err := l.client.GetRole(ctx, &iamsdk.GetRoleInput{RoleName: &name})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		// There is nothing within it either.
		saw(l, &p.Roles)
		saw(l, &p.Inline)
		saw(l, &p.Attached)
		if uses {
			saw(l, &p.Profiles)
		}
		return nil
	case err == nil && (out.Role == nil || aws.ToString(out.Role.RoleName) == ""):
		err = awserr.ErrNoList
	}
	if err != nil {
		// Nothing was learnt of what is within it.
		return first(
			failed(ctx, l, &p.Roles, getRole, err),
			failed(ctx, l, &p.Inline, getRole, err),
			failed(ctx, l, &p.Attached, getRole, err),
		)
	}
	saw(l, &p.Roles, roleOf(*out.Role))
	owner := "role/" + *out.Role.RoleName
	err = l.policiesOf(ctx, owner, ownCalls{
		list: func(ctx context.Context, marker *string) ([]string, *string, error) {
			out, err := l.client.ListRolePolicies(ctx, &iamsdk.ListRolePoliciesInput{RoleName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, next(out.IsTruncated, out.Marker), nil
		},
		get: func(ctx context.Context, policy string) (*string, error) {
			out, err := l.client.GetRolePolicy(ctx, &iamsdk.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		attached: func(ctx context.Context, marker *string) ([]types.AttachedPolicy, *string, error) {
			out, err := l.client.ListAttachedRolePolicies(ctx, &iamsdk.ListAttachedRolePoliciesInput{RoleName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.AttachedPolicies, next(out.IsTruncated, out.Marker), nil
		},
		listAction: listRolePolicies, getAction: getRolePolicy, attachedAction: listAttachedRole,
	})
	if err != nil || !uses {
		return err
	}
	profiles, err := pages(ctx, func(ctx context.Context, marker *string) ([]types.InstanceProfile, *string, error) {
		out, err := l.client.ListInstanceProfilesForRole(ctx, &iamsdk.ListInstanceProfilesForRoleInput{RoleName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.InstanceProfiles, next(out.IsTruncated, out.Marker), nil
	})
	if err != nil {
		return failed(ctx, l, &p.Profiles, listProfilesForRole, err)
	}
	for _, profile := range profiles {
		// Of those that are desired GetInstanceProfile shows the tags, and this
		// does not.
		if !l.desiredProfile(aws.ToString(profile.InstanceProfileName)) {
			saw(l, &p.Profiles, profileOf(profile))
		}
	}
	saw(l, &p.Profiles)
	return nil
}

func (l *loader) desiredProfile(name string) bool {
	for _, p := range l.o.Desired.Profiles {
		if p.Name == name {
			return true
		}
	}
	return false
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) user(ctx context.Context, name string) error {
	p := &l.s.Parts
	out, err := l.client.GetUser(ctx, &iamsdk.GetUserInput{UserName: &name})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		saw(l, &p.Users)
		saw(l, &p.Inline)
		saw(l, &p.Attached)
		return nil
	case err == nil && (out.User == nil || aws.ToString(out.User.UserName) == ""):
		err = awserr.ErrNoList
	}
	if err != nil {
		return first(
			failed(ctx, l, &p.Users, getUser, err),
			failed(ctx, l, &p.Inline, getUser, err),
			failed(ctx, l, &p.Attached, getUser, err),
		)
	}
	user := userOf(*out.User)
	groups, err := pages(ctx, func(ctx context.Context, marker *string) ([]types.Group, *string, error) {
		out, err := l.client.ListGroupsForUser(ctx, &iamsdk.ListGroupsForUserInput{UserName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.Groups, next(out.IsTruncated, out.Marker), nil
	})
	for _, g := range groups {
		user.Groups = append(user.Groups, aws.ToString(g.GroupName))
	}
	saw(l, &p.Users, user)
	if err != nil {
		// A group that is not seen has policies that are not.
		if err := first(failed(ctx, l, &p.Inline, listGroupsForUser, err), failed(ctx, l, &p.Attached, listGroupsForUser, err)); err != nil {
			return err
		}
	}
	err = l.policiesOf(ctx, "user/"+user.Name, ownCalls{
		list: func(ctx context.Context, marker *string) ([]string, *string, error) {
			out, err := l.client.ListUserPolicies(ctx, &iamsdk.ListUserPoliciesInput{UserName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, next(out.IsTruncated, out.Marker), nil
		},
		get: func(ctx context.Context, policy string) (*string, error) {
			out, err := l.client.GetUserPolicy(ctx, &iamsdk.GetUserPolicyInput{UserName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		attached:   l.attachedToUser(name),
		listAction: listUserPolicies, getAction: getUserPolicy, attachedAction: listAttachedUser,
	})
	for _, group := range user.Groups {
		if err == nil {
			err = l.group(ctx, group)
		}
	}
	return err
}

// attachedUser reads which managed policies a user has.
func (l *loader) attachedUser(ctx context.Context, name string) error {
	p := &l.s.Parts
	out, err := l.client.GetUser(ctx, &iamsdk.GetUserInput{UserName: &name})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		saw(l, &p.Users)
		saw(l, &p.Attached)
		return nil
	case err == nil && (out.User == nil || aws.ToString(out.User.UserName) == ""):
		err = awserr.ErrNoList
	}
	if err != nil {
		return first(failed(ctx, l, &p.Users, getUser, err), failed(ctx, l, &p.Attached, getUser, err))
	}
	saw(l, &p.Users, userOf(*out.User))
	attached, err := pages(ctx, l.attachedToUser(name))
	if err != nil {
		return failed(ctx, l, &p.Attached, listAttachedUser, err)
	}
	saw(l, &p.Attached)
	for _, a := range attached {
		saw(l, &p.Attached, iam.AttachedPolicy{Owner: "user/" + *out.User.UserName, ARN: aws.ToString(a.PolicyArn)})
	}
	return nil
}

func (l *loader) attachedToUser(name string) func(context.Context, *string) ([]types.AttachedPolicy, *string, error) {
	return func(ctx context.Context, marker *string) ([]types.AttachedPolicy, *string, error) {
		out, err := l.client.ListAttachedUserPolicies(ctx, &iamsdk.ListAttachedUserPoliciesInput{UserName: &name, Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.AttachedPolicies, next(out.IsTruncated, out.Marker), nil
	}
}

func (l *loader) group(ctx context.Context, name string) error {
	return l.policiesOf(ctx, "group/"+name, ownCalls{
		list: func(ctx context.Context, marker *string) ([]string, *string, error) {
			out, err := l.client.ListGroupPolicies(ctx, &iamsdk.ListGroupPoliciesInput{GroupName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.PolicyNames, next(out.IsTruncated, out.Marker), nil
		},
		get: func(ctx context.Context, policy string) (*string, error) {
			out, err := l.client.GetGroupPolicy(ctx, &iamsdk.GetGroupPolicyInput{GroupName: &name, PolicyName: &policy})
			if err != nil {
				return nil, err
			}
			return out.PolicyDocument, nil
		},
		attached: func(ctx context.Context, marker *string) ([]types.AttachedPolicy, *string, error) {
			out, err := l.client.ListAttachedGroupPolicies(ctx, &iamsdk.ListAttachedGroupPoliciesInput{GroupName: &name, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.AttachedPolicies, next(out.IsTruncated, out.Marker), nil
		},
		listAction: listGroupPolicies, getAction: getGroupPolicy, attachedAction: listAttachedGroup,
	})
}

// ownCalls read the policies of a role, a user or a group.
type ownCalls struct {
	list                                  func(context.Context, *string) ([]string, *string, error)
	get                                   func(context.Context, string) (*string, error)
	attached                              func(context.Context, *string) ([]types.AttachedPolicy, *string, error)
	listAction, getAction, attachedAction string
}

func (l *loader) policiesOf(ctx context.Context, owner string, c ownCalls) error {
	p := &l.s.Parts
	names, err := pages(ctx, c.list)
	if err != nil {
		if err := failed(ctx, l, &p.Inline, c.listAction, err); err != nil {
			return err
		}
	} else {
		saw(l, &p.Inline)
	}
	for _, name := range names {
		text, err := c.get(ctx, name)
		if err == nil && text == nil {
			err = awserr.ErrNoList
		}
		if err != nil {
			if err := failed(ctx, l, &p.Inline, c.getAction, err); err != nil {
				return err
			}
			continue
		}
		saw(l, &p.Inline, iam.InlinePolicyDetail{Owner: owner, Name: name, Document: decoded(text)})
	}
	attached, err := pages(ctx, c.attached)
	if err != nil {
		if err := failed(ctx, l, &p.Attached, c.attachedAction, err); err != nil {
			return err
		}
	} else {
		saw(l, &p.Attached)
	}
	for _, a := range attached {
		saw(l, &p.Attached, iam.AttachedPolicy{Owner: owner, ARN: aws.ToString(a.PolicyArn)})
	}
	return nil
}

func (l *loader) policy(ctx context.Context, arn string, versions bool) error {
	part := &l.s.Policies
	out, err := l.client.GetPolicy(ctx, &iamsdk.GetPolicyInput{PolicyArn: &arn})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		saw(l, part)
		return nil
	case err == nil && (out.Policy == nil || aws.ToString(out.Policy.Arn) == ""):
		err = awserr.ErrNoList
	}
	if err != nil {
		return failed(ctx, l, part, getPolicy, err)
	}
	policy := policyOf(*out.Policy)
	version, err := l.client.GetPolicyVersion(ctx, &iamsdk.GetPolicyVersionInput{PolicyArn: &arn, VersionId: &policy.Default})
	if err == nil && (version.PolicyVersion == nil || version.PolicyVersion.Document == nil) {
		err = awserr.ErrNoList
	}
	if err != nil {
		return failed(ctx, l, part, getPolicyVersion, err)
	}
	policy.Document = decoded(version.PolicyVersion.Document)
	if versions {
		list, err := pages(ctx, func(ctx context.Context, marker *string) ([]types.PolicyVersion, *string, error) {
			out, err := l.client.ListPolicyVersions(ctx, &iamsdk.ListPolicyVersionsInput{PolicyArn: &arn, Marker: marker})
			if err != nil {
				return nil, nil, err
			}
			return out.Versions, next(out.IsTruncated, out.Marker), nil
		})
		if err != nil {
			return failed(ctx, l, part, listPolicyVersions, err)
		}
		policy.Versions = versionsOf(list)
	}
	saw(l, part, policy)
	return nil
}

func (l *loader) profile(ctx context.Context, name string) error {
	part := &l.s.Profiles
	out, err := l.client.GetInstanceProfile(ctx, &iamsdk.GetInstanceProfileInput{InstanceProfileName: &name})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		saw(l, part)
		return nil
	case err == nil && (out.InstanceProfile == nil || aws.ToString(out.InstanceProfile.InstanceProfileName) == ""):
		err = awserr.ErrNoList
	}
	if err != nil {
		return failed(ctx, l, part, getInstanceProfile, err)
	}
	saw(l, part, profileOf(*out.InstanceProfile))
	return nil
}

func (l *loader) provider(ctx context.Context, arn string) error {
	part := &l.s.Providers
	out, err := l.client.GetOpenIDConnectProvider(ctx, &iamsdk.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	switch {
	case err != nil && awserr.Classify(err) == awserr.NotFound:
		saw(l, part)
		return nil
	case err == nil && aws.ToString(out.Url) == "":
		err = awserr.ErrNoList
	}
	if err != nil {
		return failed(ctx, l, part, getProvider, err)
	}
	saw(l, part, iam.OIDCProviderDetail{
		ARN: arn, URL: aws.ToString(out.Url), ClientIDs: sorted(out.ClientIDList), Thumbprints: out.ThumbprintList, Tags: tagsOf(out.Tags),
	})
	return nil
}

// decoded returns the text of a document, which IAM sends as part of a URL.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func decoded(text *string) string {
	s := aws.ToString(text)
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
