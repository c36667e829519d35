package awsresource

import (
	"context"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// users reads the users that are named, with their access keys and policies.
func (l *loader) users(c Clients, p *resource.Parts) func() {
	var names []string
	if v := l.names.Vault; v != nil && v.User != "" {
		names = append(names, v.User)
	}
	if without(c.IAM == nil, &p.Users, getUser, len(names)) {
		return nothing
	}
	list := places[resource.User](names, 1)
	for _, n := range list {
		l.call(getUser, n.place(), func(ctx context.Context) error {
			out, err := c.IAM.GetUser(ctx, &iamsdk.GetUserInput{UserName: &n.name})
			if err == nil && (out.User == nil || out.User.UserName == nil) {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.Name = n.name
				}
				return err
			}
			n.item.Name, n.item.ARN = n.name, aws.ToString(out.User.Arn)
			return nil
		})
		listed(l, &n.item.AccessKeys, listAccessKeys, func(ctx context.Context, token *string) ([]resource.AccessKey, bool, *string, error) {
			out, err := c.IAM.ListAccessKeys(ctx, &iamsdk.ListAccessKeysInput{UserName: &n.name, Marker: token})
			if err != nil {
				return nil, false, nil, err
			}
			var keys []resource.AccessKey
			for _, k := range out.AccessKeyMetadata {
				keys = append(keys, resource.AccessKey{Digest: resource.KeyDigest(aws.ToString(k.AccessKeyId)), Status: string(k.Status)})
			}
			return keys, out.AccessKeyMetadata != nil, marker(out.IsTruncated, out.Marker), nil
		})
		listed(l, &n.item.Policies, listUserPolicies, func(ctx context.Context, token *string) ([]resource.AttachedPolicy, bool, *string, error) {
			out, err := c.IAM.ListAttachedUserPolicies(ctx, &iamsdk.ListAttachedUserPoliciesInput{UserName: &n.name, Marker: token})
			if err != nil {
				return nil, false, nil, err
			}
			return attached(out.AttachedPolicies), out.AttachedPolicies != nil, marker(out.IsTruncated, out.Marker), nil
		})
	}
	return func() {
		for _, n := range list {
			if n.item.Presence != "" {
				n.item = resource.User{Name: n.name, Presence: n.item.Presence}
				continue
			}
			if n.item.AccessKeys.Seen || n.item.Policies.Seen {
				n.item.Name = n.name // what has these exists
			}
			n.gaps = append(n.gaps, n.item.AccessKeys.Gaps, n.item.Policies.Gaps)
		}
		join(&p.Users, list)
	}
}

// marker returns the token of the next page of IAM.
func marker(truncated bool, next *string) *string {
	if !truncated {
		return nil
	}
	return next
}

func attached(policies []iamtypes.AttachedPolicy) []resource.AttachedPolicy {
	var list []resource.AttachedPolicy
	for _, p := range policies {
		list = append(list, resource.AttachedPolicy{ARN: aws.ToString(p.PolicyArn), Name: aws.ToString(p.PolicyName)})
	}
	return list
}

// roles reads the roles that are named, with their policies, and asks whether an
// earlier cluster left some.
func (l *loader) roles(c Clients, p *resource.Parts) func() {
	left := l.names.LeftoverRoles()
	names := slices.Clone(left)
	for _, r := range l.names.Roles {
		names = append(names, r.Role)
	}
	if without(c.IAM == nil, &p.Roles, getRole, len(names)) {
		return nothing
	}
	list := places[resource.Role](names, 1)
	for _, n := range list {
		l.call(getRole, n.place(), func(ctx context.Context) error {
			out, err := c.IAM.GetRole(ctx, &iamsdk.GetRoleInput{RoleName: &n.name})
			if err == nil && (out.Role == nil || out.Role.RoleName == nil) {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.Name = n.name
				}
				return err
			}
			// IAM writes policies as part of a URL, where a plus is one.
			trust, err := url.PathUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
			if err != nil {
				trust = ""
			}
			n.item.Name, n.item.ARN, n.item.Trust = n.name, aws.ToString(out.Role.Arn), trust
			return nil
		})
		if slices.Contains(left, n.name) {
			continue
		}
		listed(l, &n.item.Policies, listRolePolicies, func(ctx context.Context, token *string) ([]resource.AttachedPolicy, bool, *string, error) {
			out, err := c.IAM.ListAttachedRolePolicies(ctx, &iamsdk.ListAttachedRolePoliciesInput{RoleName: &n.name, Marker: token})
			if err != nil {
				return nil, false, nil, err
			}
			return attached(out.AttachedPolicies), out.AttachedPolicies != nil, marker(out.IsTruncated, out.Marker), nil
		})
		listed(l, &n.item.Inline, listInline, func(ctx context.Context, token *string) ([]resource.InlinePolicy, bool, *string, error) {
			out, err := c.IAM.ListRolePolicies(ctx, &iamsdk.ListRolePoliciesInput{RoleName: &n.name, Marker: token})
			if err != nil {
				return nil, false, nil, err
			}
			var policies []resource.InlinePolicy
			for _, name := range out.PolicyNames {
				policies = append(policies, resource.InlinePolicy{Name: name})
			}
			return policies, out.PolicyNames != nil, marker(out.IsTruncated, out.Marker), nil
		})
	}
	return func() {
		for _, n := range list {
			if n.item.Presence != "" {
				n.item = resource.Role{Name: n.name, Presence: n.item.Presence}
				continue
			}
			if n.item.Policies.Seen || n.item.Inline.Seen {
				n.item.Name = n.name
			}
			n.gaps = append(n.gaps, n.item.Policies.Gaps, n.item.Inline.Gaps)
		}
		join(&p.Roles, list)
	}
}

// profiles reads all instance profiles: those that an earlier cluster left are among
// them.
func (l *loader) profiles(c Clients, p *resource.Parts) func() {
	n := len(l.names.Roles)
	if l.names.Cluster != "" {
		n++
	}
	if without(c.IAM == nil, &p.Profiles, listProfiles, n) {
		return nothing
	}
	listed(l, &p.Profiles, listProfiles, func(ctx context.Context, token *string) ([]resource.InstanceProfile, bool, *string, error) {
		out, err := c.IAM.ListInstanceProfiles(ctx, &iamsdk.ListInstanceProfilesInput{Marker: token})
		if err != nil {
			return nil, false, nil, err
		}
		var profiles []resource.InstanceProfile
		for _, v := range out.InstanceProfiles {
			profile := resource.InstanceProfile{Name: aws.ToString(v.InstanceProfileName), ARN: aws.ToString(v.Arn)}
			for _, r := range v.Roles {
				profile.Roles = append(profile.Roles, aws.ToString(r.RoleName))
			}
			profiles = append(profiles, profile)
		}
		return profiles, out.InstanceProfiles != nil, marker(out.IsTruncated, out.Marker), nil
	})
	return nothing
}
