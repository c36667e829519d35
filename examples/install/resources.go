package install

import (
	"context"

	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
)

// Resources asks whether what the plan names is there: what nobody plans here, such
// as tables and buckets, and what earlier steps made. Without a live account it is
// said what was not looked at.
func (j *Job) Resources(ctx context.Context, what string, o resource.Options) error {
	if j.Live == nil {
		j.Line('?', "%s: whether it is there, and fit for use, was not looked at", what)
		return nil
	}
	s, err := awsresource.Load(ctx, awsresource.NewClients(*j.Live), o, awsresource.LoadOptions{
		Account: string(j.Scope.Account()), Region: j.Spec.Region, Time: j.Time,
	})
	if err != nil {
		return err
	}
	j.Line(' ', "%s: the verdict is below", what)
	j.Judge(resource.Check(s, o)...)
	return nil
}

// Pending reports whether there is something to do in the account: what rests on it
// cannot be judged before.
func (j *Job) Pending() bool { return len(j.steps) > 0 }
