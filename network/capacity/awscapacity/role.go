package awscapacity

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network/capacity"
)

// roles looks for the service-linked roles, and asks of those that are missing
// whether the principal may have them made.
func (l *loader) roles(ctx context.Context) error {
	for _, service := range capacity.Services() {
		r := capacity.ServiceRole{Service: service, Name: capacity.RoleName(service)}
		out, err := l.clients.IAM.GetRole(ctx, &iamsdk.GetRoleInput{RoleName: &r.Name})
		switch {
		case err == nil && out.Role == nil:
			err = awserr.ErrNoList
		case err == nil:
			r.Exists = true
		case awserr.Code(err) == "NoSuchEntity" || awserr.Code(err) == "NoSuchEntityException":
			err = nil
			if l.o.Principal != "" {
				may, simErr := l.may(ctx, service)
				if r.Creatable = may; simErr != nil {
					if stop := put(ctx, l, &l.parts.Roles, simulate, simErr); stop != nil {
						return stop
					}
				}
			}
		}
		if err != nil {
			if stop := put(ctx, l, &l.parts.Roles, getRole, err); stop != nil {
				return stop
			}
			continue
		}
		if err := put(ctx, l, &l.parts.Roles, getRole, nil, r); err != nil {
			return err
		}
	}
	return nil
}

// may asks IAM whether the principal may have a service's role made.
func (l *loader) may(ctx context.Context, service string) (*bool, error) {
	out, err := l.clients.IAM.SimulatePrincipalPolicy(ctx, &iamsdk.SimulatePrincipalPolicyInput{
		PolicySourceArn: &l.o.Principal, ActionNames: []string{"iam:CreateServiceLinkedRole"},
		ContextEntries: []iamtypes.ContextEntry{{
			ContextKeyName: aws.String("iam:AWSServiceName"), ContextKeyType: iamtypes.ContextKeyTypeEnumString, ContextKeyValues: []string{service},
		}},
	})
	if err == nil && len(out.EvaluationResults) == 0 {
		err = awserr.ErrNoList
	}
	if err != nil {
		return nil, err
	}
	return aws.Bool(out.EvaluationResults[0].EvalDecision == iamtypes.PolicyEvaluationDecisionTypeAllowed), nil
}

// encryption reads how new volumes are encrypted, and of a customer's key whether
// Auto Scaling may use it.
func (l *loader) encryption(ctx context.Context) error {
	out, err := l.clients.EC2.GetEbsEncryptionByDefault(ctx, &ec2sdk.GetEbsEncryptionByDefaultInput{})
	if err == nil && out.EbsEncryptionByDefault == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		return put(ctx, l, &l.parts.Encryption, getEncryption, err)
	}
	e := capacity.Encryption{Default: *out.EbsEncryptionByDefault}
	if !e.Default {
		return put(ctx, l, &l.parts.Encryption, getEncryption, nil, e)
	}
	key, err := l.clients.EC2.GetEbsDefaultKmsKeyId(ctx, &ec2sdk.GetEbsDefaultKmsKeyIdInput{})
	if err == nil && aws.ToString(key.KmsKeyId) == "" {
		err = awserr.ErrNoList
	}
	if err != nil {
		return put(ctx, l, &l.parts.Encryption, getDefaultKey, err)
	}
	e.KeyID = *key.KmsKeyId
	if action, err := l.keyUse(ctx, &e); err != nil {
		if stop := put(ctx, l, &l.parts.Encryption, action, err); stop != nil {
			return stop
		}
		l.mu.Lock()
		l.parts.Encryption.Partial = true
		l.mu.Unlock()
	}
	return put(ctx, l, &l.parts.Encryption, getEncryption, nil, e)
}

// keyUse says of a key whose it is and whether Auto Scaling's role may use it, as
// far as it can be seen.
func (l *loader) keyUse(ctx context.Context, e *capacity.Encryption) (action string, err error) {
	if strings.HasSuffix(e.KeyID, "alias/aws/ebs") {
		e.KeyManager = string(kmstypes.KeyManagerTypeAws)
		return "", nil
	}
	if l.clients.KMS == nil {
		return "", nil
	}
	key, err := l.clients.KMS.DescribeKey(ctx, &kmssdk.DescribeKeyInput{KeyId: &e.KeyID})
	if err == nil && key.KeyMetadata == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		return describeKey, err
	}
	if e.KeyManager = string(key.KeyMetadata.KeyManager); key.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeAws {
		return "", nil
	}
	role := capacity.RoleName("autoscaling.amazonaws.com")
	policy, err := l.clients.KMS.GetKeyPolicy(ctx, &kmssdk.GetKeyPolicyInput{KeyId: &e.KeyID})
	if err == nil && policy.Policy == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		return getKeyPolicy, err
	}
	allowed, sure, err := allows(aws.ToString(policy.Policy), role)
	switch {
	case err != nil:
		return getKeyPolicy, awserr.ErrNoList
	case allowed && sure:
		e.ForAutoScaling = aws.Bool(true)
		return "", nil
	}
	grants, err := every(ctx, func(ctx context.Context, marker *string) ([]kmstypes.GrantListEntry, *string, error) {
		out, err := l.clients.KMS.ListGrants(ctx, &kmssdk.ListGrantsInput{KeyId: &e.KeyID, Limit: aws.Int32(100), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.Grants, out.NextMarker, nil
	})
	if err != nil {
		return listGrants, err
	}
	granted := slices.ContainsFunc(grants, func(g kmstypes.GrantListEntry) bool {
		return strings.HasSuffix(aws.ToString(g.GranteePrincipal), "/"+role) && slices.Contains(g.Operations, kmstypes.GrantOperationGenerateDataKeyWithoutPlaintext)
	})
	if granted || sure {
		e.ForAutoScaling = &granted
	}
	return "", nil
}
