package awsidentity

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// A Session is what assuming a role gives. Its secrets hide themselves.
type Session struct {
	identity.Credential
	ARN    string // of the session: "arn:aws:sts::111122223333:assumed-role/NAME/SESSION"
	secret groundway.Secret
	token  groundway.Secret
}

// Retrieve returns the credentials: a Session is an [aws.CredentialsProvider] of a
// client's configuration. They are not renewed. Here secrets leave their hiding.
func (s Session) Retrieve(context.Context) (aws.Credentials, error) {
	if s.secret.IsZero() {
		return aws.Credentials{}, fmt.Errorf("the session is none of Assume")
	}
	return aws.Credentials{
		AccessKeyID: s.AccessKeyID, SecretAccessKey: s.secret.Reveal(), SessionToken: s.token.Reveal(),
		Source: "groundway", CanExpire: true, Expires: s.Expires,
	}, nil
}

var _ aws.CredentialsProvider = Session{}

// Assume assumes a role, in one call. What STS would refuse by its form, the name
// of the session, its duration, an external ID, is refused here, before the call;
// identity.CheckCredentials says why a role refuses a caller, which STS does not.
// A code of an MFA device is good for one call: a second attempt of the client,
// after a connection that broke, is refused with it.
func Assume(ctx context.Context, client AssumeAPI, a identity.Assumption) (Session, error) {
	s, err := assume(ctx, client, a)
	if err != nil {
		return Session{}, fmt.Errorf("assume role %q: %w", a.RoleARN, err)
	}
	return s, nil
}

func assume(ctx context.Context, client AssumeAPI, a identity.Assumption) (Session, error) {
	if err := iam.CheckName(iam.RoleSessionName, a.SessionName); err != nil {
		return Session{}, err
	}
	in := &stssdk.AssumeRoleInput{RoleArn: &a.RoleARN, RoleSessionName: &a.SessionName}
	if a.Duration != 0 {
		if a.Duration < 15*time.Minute || a.Duration > 12*time.Hour {
			return Session{}, fmt.Errorf("duration %s: want 15 minutes to 12 hours", a.Duration)
		}
		in.DurationSeconds = aws.Int32(int32(a.Duration / time.Second))
	}
	if a.ExternalID != "" {
		if err := iam.CheckName(iam.ExternalID, a.ExternalID); err != nil {
			return Session{}, err
		}
		in.ExternalId = &a.ExternalID
	}
	if a.MFASerial != "" {
		in.SerialNumber, in.TokenCode = &a.MFASerial, aws.String(a.TokenCode.Reveal())
	}
	out, err := client.AssumeRole(ctx, in)
	if err == nil {
		c := out.Credentials
		if c == nil || aws.ToString(c.AccessKeyId) == "" || aws.ToString(c.SecretAccessKey) == "" || aws.ToString(c.SessionToken) == "" || c.Expiration == nil {
			err = awserr.ErrNoList
		}
	}
	if err != nil {
		return Session{}, awserr.Failed(ctx, assumeRole, err)
	}
	s := Session{
		Credential: identity.Credential{AccessKeyID: *out.Credentials.AccessKeyId, Expires: out.Credentials.Expiration.UTC(), Source: "sts:AssumeRole"},
		secret:     groundway.NewSecret(*out.Credentials.SecretAccessKey), token: groundway.NewSecret(*out.Credentials.SessionToken),
	}
	if out.AssumedRoleUser != nil {
		s.ARN = aws.ToString(out.AssumedRoleUser.Arn)
	}
	return s, nil
}
