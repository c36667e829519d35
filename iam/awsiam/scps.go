package awsiam

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// maxLevels is how deep an account can stand: the root, five levels of
// organizational units, and itself, see
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
const maxLevels = 7

// notInUse says that the account is in no organization.
const notInUse = "AWSOrganizationsNotInUseException"

// scps reads the service control policies from the account up to the root of the
// organization.
func (l *loader) scps(ctx context.Context) error {
	part := &l.s.SCPs
	a, err := iam.ParseARN(l.o.Principal)
	if err != nil {
		return err
	}
	organization, err := l.o.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	switch {
	case err != nil && awserr.Code(err) == notInUse:
		saw(l, part)
		return nil
	case err == nil && (organization.Organization == nil || organization.Organization.MasterAccountId == nil):
		err = awserr.ErrNoList
	case err == nil && *organization.Organization.MasterAccountId == string(a.Account):
		saw(l, part) // the management account is under no policy
		return nil
	}
	if err != nil {
		return failed(ctx, l, part, describeOrganization, err)
	}
	targets := []string{string(a.Account)}
	for {
		parents, err := pages(ctx, func(ctx context.Context, token *string) ([]types.Parent, *string, error) {
			out, err := l.o.Organizations.ListParents(ctx, &organizations.ListParentsInput{ChildId: aws.String(targets[len(targets)-1]), NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return out.Parents, out.NextToken, nil
		})
		if err == nil && len(parents) != 1 {
			err = awserr.ErrNoList
		}
		if err != nil {
			return failed(ctx, l, part, listParents, err)
		}
		targets = append(targets, aws.ToString(parents[0].Id))
		if parents[0].Type == types.ParentTypeRoot || len(targets) == maxLevels {
			break
		}
	}
	slices.Reverse(targets)
	documents := map[string]string{} // by ID: one policy may stand at several levels
	for i, target := range targets {
		policies, err := pages(ctx, func(ctx context.Context, token *string) ([]types.PolicySummary, *string, error) {
			out, err := l.o.Organizations.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: types.PolicyTypeServiceControlPolicy, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return out.Policies, out.NextToken, nil
		})
		if err == nil && len(policies) == 0 {
			// A level has one policy at least wherever the policies are switched on.
			err = fmt.Errorf("%w of policies", awserr.ErrNoList)
		}
		if err != nil {
			return failed(ctx, l, part, listPoliciesForTarget, err)
		}
		for _, p := range policies {
			id := aws.ToString(p.Id)
			if _, known := documents[id]; !known {
				out, err := l.o.Organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
				if err == nil && (out.Policy == nil || out.Policy.Content == nil) {
					err = awserr.ErrNoList
				}
				if err != nil {
					return failed(ctx, l, part, describePolicy, err)
				}
				documents[id] = *out.Policy.Content
			}
			saw(l, part, iam.SCPDetail{Level: i + 1, Target: target, ID: id, Name: aws.ToString(p.Name), Document: documents[id]})
		}
	}
	return nil
}
