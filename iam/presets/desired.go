package presets

import (
	"fmt"

	"github.com/groundway-sdk/groundway/iam"
)

// DesiredOptions adjust [Set.Desired].
type DesiredOptions struct {
	Owner string // as in [iam.Desired]: the name of the cluster
	// Providers makes the OpenID Connect providers too, which eksctl makes with
	// withOIDC.
	Providers bool
}

// Desired returns the set as what [iam.Plan] compares an account with. Users that
// the set attaches policies to have to exist; the associations of Pod Identity are
// for EKS.
func (s Set) Desired(scope iam.Scope, o DesiredOptions) (iam.Desired, error) {
	c := in(scope, s.System)
	c.one(scope)
	if err := c.err(); err != nil {
		return iam.Desired{}, err
	}
	if err := s.check(); err != nil {
		return iam.Desired{}, err
	}
	d := iam.Desired{Account: scope.Account(), Partition: scope.Partition(), Owner: o.Owner}
	arns := map[string]string{}
	for _, p := range s.Policies {
		managed := iam.ManagedPolicy{Name: p.Name, Path: p.Path, Description: p.Description, Document: p.Document}
		arns[p.Name] = d.PolicyARN(managed)
		d.Policies = append(d.Policies, managed)
	}
	of := func(names []string) []string {
		var list []string
		for _, name := range names {
			list = append(list, arns[name])
		}
		return list
	}
	for _, r := range s.Roles {
		d.Roles = append(d.Roles, iam.Role{Name: r.Name, Path: r.Path, Description: r.Description, Trust: r.Trust, Managed: of(r.Policies), Boundary: r.Boundary})
	}
	for _, a := range s.Attachments {
		d.Users = append(d.Users, iam.UserAttachment{User: a.User, Managed: of(a.Policies)})
	}
	for _, p := range s.Profiles {
		d.Profiles = append(d.Profiles, iam.InstanceProfile{Name: p.Name, Path: p.Path, Role: p.Role})
	}
	if o.Providers {
		for _, p := range s.Providers {
			d.Providers = append(d.Providers, iam.OIDCProvider{URL: p.URL, ClientIDs: p.Audiences})
		}
	}
	if err := d.Check(); err != nil {
		return iam.Desired{}, fmt.Errorf("%s: %w", s.System, err)
	}
	return d, nil
}
