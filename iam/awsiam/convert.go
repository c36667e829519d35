package awsiam

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/groundway-sdk/groundway/iam"
)

func roleOf(r types.Role) iam.RoleDetail {
	role := iam.RoleDetail{
		Name: aws.ToString(r.RoleName), Path: aws.ToString(r.Path), ARN: aws.ToString(r.Arn), ID: aws.ToString(r.RoleId),
		Description: aws.ToString(r.Description), Trust: decoded(r.AssumeRolePolicyDocument), MaxSession: int(aws.ToInt32(r.MaxSessionDuration)), Tags: tagsOf(r.Tags),
	}
	if r.PermissionsBoundary != nil {
		role.Boundary = aws.ToString(r.PermissionsBoundary.PermissionsBoundaryArn)
	}
	return role
}

func userOf(u types.User) iam.UserDetail {
	user := iam.UserDetail{
		Name: aws.ToString(u.UserName), Path: aws.ToString(u.Path), ARN: aws.ToString(u.Arn), ID: aws.ToString(u.UserId), Tags: tagsOf(u.Tags),
	}
	if u.PermissionsBoundary != nil {
		user.Boundary = aws.ToString(u.PermissionsBoundary.PermissionsBoundaryArn)
	}
	return user
}

func policyOf(p types.Policy) iam.ManagedPolicyDetail {
	return iam.ManagedPolicyDetail{
		ARN: aws.ToString(p.Arn), Name: aws.ToString(p.PolicyName), Path: aws.ToString(p.Path), Description: aws.ToString(p.Description),
		Default: aws.ToString(p.DefaultVersionId), Attachments: int(aws.ToInt32(p.AttachmentCount)), Bounds: int(aws.ToInt32(p.PermissionsBoundaryUsageCount)), Tags: tagsOf(p.Tags),
	}
}

func profileOf(p types.InstanceProfile) iam.InstanceProfileDetail {
	profile := iam.InstanceProfileDetail{
		Name: aws.ToString(p.InstanceProfileName), Path: aws.ToString(p.Path), ARN: aws.ToString(p.Arn), Tags: tagsOf(p.Tags),
	}
	for _, r := range p.Roles {
		profile.Roles = append(profile.Roles, aws.ToString(r.RoleName))
	}
	return profile
}

// versionsOf returns the identifiers of versions, "v10" after "v9".
func versionsOf(list []types.PolicyVersion) []string {
	var versions []string
	for _, v := range list {
		versions = append(versions, aws.ToString(v.VersionId))
	}
	number := func(v string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(v, "v"))
		return n
	}
	slices.SortFunc(versions, func(a, b string) int { return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b)) })
	return versions
}

func tagsOf(list []types.Tag) map[string]string {
	if len(list) == 0 {
		return nil
	}
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func sdkTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// sorted returns a sorted copy, nil where there is none.
func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
