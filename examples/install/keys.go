package install

import (
	"context"
	"crypto"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/groundway-sdk/groundway/pki/awskms"
)

// SigningKey plans a key in KMS that signs, and returns it once it is there; nil
// before that, and where the account is not looked at.
func (j *Job) SigningKey(ctx context.Context, alias string) (crypto.Signer, error) {
	j.Section("Key in KMS")
	if j.Live == nil {
		j.Line('?', "%s: whether it is there was not looked at", alias)
		j.Unseen("tectonic.authorityKey", errors.New("whether there is a key "+alias+" was not looked at"))
		return nil, nil
	}
	client := kmssdk.NewFromConfig(*j.Live)
	s, err := awskms.Load(ctx, client, alias, awskms.LoadOptions{Account: string(j.Scope.Account()), Region: j.Spec.Region, Time: j.Time})
	if err != nil {
		return nil, err
	}
	p, err := awskms.PlanKey(s, awskms.PlanOptions{Owner: j.Spec.Cluster})
	if err != nil {
		return nil, err
	}
	j.Diff(p.String())
	switch {
	case p.Blocked != "":
		j.Block("tectonic.authorityKey", errors.New("plan key "+alias+": "+p.Blocked))
		return nil, nil
	case !p.Empty():
		j.Do(Step{Title: "the key " + alias, Do: func(ctx context.Context, _ aws.Config, _ func(string)) (string, error) {
			key, err := awskms.Apply(ctx, client, p, awskms.ApplyOptions{})
			return "made as " + key.ID, err
		}})
		return nil, nil
	}
	signer, err := awskms.NewSigner(ctx, client, alias)
	if err != nil {
		return nil, err
	}
	return signer, nil
}
