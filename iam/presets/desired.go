package presets

import "github.com/groundway-sdk/groundway/iam"

// Desired returns the set as what [iam.Plan] compares an account with, and the
// adapter awsiam applies: in the account of the scope, with the owner's tag, which
// may be empty. The associations of EKS Pod Identity are left to EKS.
func (s Set) Desired(scope iam.Scope, owner string) iam.Desired {
	d := iam.Desired{Account: scope.Account(), Partition: scope.Partition(), Owner: owner}
	arns := map[string]string{}
	for _, p := range s.Policies {
		policy := iam.ManagedPolicy{Name: p.Name, Path: p.Path, Description: p.Description, Document: p.Document}
		d.Policies = append(d.Policies, policy)
		arns[p.Name] = d.PolicyARN(policy)
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
	for _, p := range s.Profiles {
		d.Profiles = append(d.Profiles, iam.InstanceProfile{Name: p.Name, Path: p.Path, Role: p.Role})
	}
	for _, p := range s.Providers {
		d.Providers = append(d.Providers, iam.OIDCProvider{URL: p.URL, ClientIDs: p.Audiences})
	}
	for _, a := range s.Attachments {
		d.Users = append(d.Users, iam.UserAttachment{User: a.User, Managed: of(a.Policies)})
	}
	return d
}
