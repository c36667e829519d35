package awsiam

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// steps are the calls of each step.
var steps = map[iam.Action]func(context.Context, ApplyAPI, iam.Step) error{
	"iam:CreatePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		out, err := c.CreatePolicy(ctx, &iamsdk.CreatePolicyInput{
			PolicyName: &s.Name, Path: &s.Path, Description: optional(s.Description), PolicyDocument: &s.Document, Tags: sdkTags(s.Tags),
		})
		return answered(err, err == nil && out.Policy != nil)
	},
	"iam:CreatePolicyVersion": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		out, err := c.CreatePolicyVersion(ctx, &iamsdk.CreatePolicyVersionInput{PolicyArn: &s.ARN, PolicyDocument: &s.Document, SetAsDefault: true})
		return answered(err, err == nil && out.PolicyVersion != nil)
	},
	"iam:DeletePolicyVersion": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeletePolicyVersion(ctx, &iamsdk.DeletePolicyVersionInput{PolicyArn: &s.ARN, VersionId: &s.Version})
		return err
	},
	"iam:DeletePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeletePolicy(ctx, &iamsdk.DeletePolicyInput{PolicyArn: &s.ARN})
		return err
	},
	"iam:TagPolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.TagPolicy(ctx, &iamsdk.TagPolicyInput{PolicyArn: &s.ARN, Tags: sdkTags(s.Tags)})
		return err
	},
	"iam:CreateOpenIDConnectProvider": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		out, err := c.CreateOpenIDConnectProvider(ctx, &iamsdk.CreateOpenIDConnectProviderInput{
			Url: &s.Name, ClientIDList: s.Values, ThumbprintList: s.Thumbprints, Tags: sdkTags(s.Tags),
		})
		return answered(err, err == nil && out.OpenIDConnectProviderArn != nil)
	},
	"iam:AddClientIDToOpenIDConnectProvider": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		for _, id := range s.Values {
			if _, err := c.AddClientIDToOpenIDConnectProvider(ctx, &iamsdk.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &s.ARN, ClientID: &id}); err != nil {
				return err
			}
		}
		return nil
	},
	"iam:RemoveClientIDFromOpenIDConnectProvider": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		for _, id := range s.Values {
			if _, err := c.RemoveClientIDFromOpenIDConnectProvider(ctx, &iamsdk.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &s.ARN, ClientID: &id}); err != nil {
				return err
			}
		}
		return nil
	},
	"iam:UpdateOpenIDConnectProviderThumbprint": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.UpdateOpenIDConnectProviderThumbprint(ctx, &iamsdk.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &s.ARN, ThumbprintList: s.Thumbprints})
		return err
	},
	"iam:TagOpenIDConnectProvider": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.TagOpenIDConnectProvider(ctx, &iamsdk.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &s.ARN, Tags: sdkTags(s.Tags)})
		return err
	},
	"iam:DeleteOpenIDConnectProvider": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeleteOpenIDConnectProvider(ctx, &iamsdk.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &s.ARN})
		return err
	},
	"iam:CreateRole": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		out, err := c.CreateRole(ctx, &iamsdk.CreateRoleInput{
			RoleName: &s.Name, Path: &s.Path, Description: optional(s.Description), AssumeRolePolicyDocument: &s.Document,
			MaxSessionDuration: seconds(s.MaxSession), PermissionsBoundary: optional(s.Policy), Tags: sdkTags(s.Tags),
		})
		return answered(err, err == nil && out.Role != nil)
	},
	"iam:UpdateAssumeRolePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.UpdateAssumeRolePolicy(ctx, &iamsdk.UpdateAssumeRolePolicyInput{RoleName: &s.Name, PolicyDocument: &s.Document})
		return err
	},
	"iam:UpdateRole": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.UpdateRole(ctx, &iamsdk.UpdateRoleInput{RoleName: &s.Name, Description: optional(s.Description), MaxSessionDuration: seconds(s.MaxSession)})
		return err
	},
	"iam:PutRolePermissionsBoundary": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.PutRolePermissionsBoundary(ctx, &iamsdk.PutRolePermissionsBoundaryInput{RoleName: &s.Name, PermissionsBoundary: &s.Policy})
		return err
	},
	"iam:DeleteRolePermissionsBoundary": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeleteRolePermissionsBoundary(ctx, &iamsdk.DeleteRolePermissionsBoundaryInput{RoleName: &s.Name})
		return err
	},
	"iam:TagRole": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.TagRole(ctx, &iamsdk.TagRoleInput{RoleName: &s.Name, Tags: sdkTags(s.Tags)})
		return err
	},
	"iam:PutRolePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.PutRolePolicy(ctx, &iamsdk.PutRolePolicyInput{RoleName: &s.Name, PolicyName: &s.Policy, PolicyDocument: &s.Document})
		return err
	},
	"iam:DeleteRolePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeleteRolePolicy(ctx, &iamsdk.DeleteRolePolicyInput{RoleName: &s.Name, PolicyName: &s.Policy})
		return err
	},
	"iam:AttachRolePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.AttachRolePolicy(ctx, &iamsdk.AttachRolePolicyInput{RoleName: &s.Name, PolicyArn: &s.Policy})
		return err
	},
	"iam:DetachRolePolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DetachRolePolicy(ctx, &iamsdk.DetachRolePolicyInput{RoleName: &s.Name, PolicyArn: &s.Policy})
		return err
	},
	"iam:AttachUserPolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.AttachUserPolicy(ctx, &iamsdk.AttachUserPolicyInput{UserName: &s.Name, PolicyArn: &s.Policy})
		return err
	},
	"iam:DetachUserPolicy": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DetachUserPolicy(ctx, &iamsdk.DetachUserPolicyInput{UserName: &s.Name, PolicyArn: &s.Policy})
		return err
	},
	"iam:DeleteRole": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeleteRole(ctx, &iamsdk.DeleteRoleInput{RoleName: &s.Name})
		return err
	},
	"iam:CreateInstanceProfile": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		out, err := c.CreateInstanceProfile(ctx, &iamsdk.CreateInstanceProfileInput{InstanceProfileName: &s.Name, Path: &s.Path, Tags: sdkTags(s.Tags)})
		return answered(err, err == nil && out.InstanceProfile != nil)
	},
	"iam:TagInstanceProfile": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.TagInstanceProfile(ctx, &iamsdk.TagInstanceProfileInput{InstanceProfileName: &s.Name, Tags: sdkTags(s.Tags)})
		return err
	},
	"iam:AddRoleToInstanceProfile": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.AddRoleToInstanceProfile(ctx, &iamsdk.AddRoleToInstanceProfileInput{InstanceProfileName: &s.Name, RoleName: &s.Role})
		return err
	},
	"iam:RemoveRoleFromInstanceProfile": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.RemoveRoleFromInstanceProfile(ctx, &iamsdk.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &s.Name, RoleName: &s.Role})
		return err
	},
	"iam:DeleteInstanceProfile": func(ctx context.Context, c ApplyAPI, s iam.Step) error {
		_, err := c.DeleteInstanceProfile(ctx, &iamsdk.DeleteInstanceProfileInput{InstanceProfileName: &s.Name})
		return err
	},
}

func (a *applier) call(ctx context.Context, s iam.Step) error {
	call, ok := steps[s.Action]
	if !ok {
		return fmt.Errorf("step %q: no call has this action", s.Action)
	}
	return call(ctx, a.client, s)
}

// answered returns the error of a call, or one that says that its answer holds
// nothing.
func answered(err error, holds bool) error {
	if err == nil && !holds {
		return awserr.ErrNoList
	}
	return err
}

// optional leaves out what is empty: IAM refuses an empty description.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func seconds(n int) *int32 {
	if n == 0 {
		return nil
	}
	return aws.Int32(int32(n))
}
