package cluster

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
)

// may answers from the policies that were seen whether those of a principal let it do
// something, for the rules of package iam/resource, which judge those of resources.
func (s Snapshot) may(r iam.Request) iam.Verdict {
	findings, err := iam.CheckPermissions(s.iam(), iam.PermissionOptions{
		Principal: r.Principal, Needs: []iam.Need{{Action: r.Action, Resource: r.Resource}},
		Context: iam.Context{"aws:RequestedRegion": {s.Region}}, OwnPolicies: true,
	})
	if err != nil {
		return iam.Undetermined
	}
	verdict := iam.Allowed
	for _, f := range findings {
		final := slices.Contains([]groundway.Code{"iam/permission-denied", "iam/permission-boundary", "iam/permission-scp"}, f.Code)
		switch {
		case !final && f.Code != "iam/permission-missing": // a trial or a simulation of something else
		case f.Outcome == groundway.Failed && final:
			return iam.ExplicitlyDenied // no policy of a resource makes it good
		case f.Outcome == groundway.Failed:
			verdict = iam.ImplicitlyDenied
		case f.Outcome == groundway.Unknown && verdict == iam.Allowed:
			verdict = iam.Undetermined
		}
	}
	return verdict
}

// asksOfPolicies reports whether something of the spec is decided by the policies of
// identities.
func (s Spec) asksOfPolicies() bool {
	return len(s.Permissions.Actions) > 0 || s.Resources.ControllerRole.Name != "" || s.Resources.WorkerRole.Name != ""
}

// loadGrants adds the policies of the roles that the spec names to those that were
// read for its permissions: what is asked of a role is asked of its own policies.
func loadGrants(ctx context.Context, cfg aws.Config, spec Spec, account string, parts iam.Parts) (iam.Parts, error) {
	o := spec.resourceOptions(account)
	var principals []string
	if o.Installer != "" {
		principals = append(principals, o.Installer)
	}
	for _, u := range o.Secrets {
		if u.Reader != "" && !slices.Contains(principals, u.Reader) {
			principals = append(principals, u.Reader)
		}
	}
	client := iamsdk.NewFromConfig(cfg)
	for _, p := range principals {
		more, err := awsiam.Load(ctx, client, awsiam.LoadOptions{Principal: p, Organizations: organizations.NewFromConfig(cfg)})
		if err != nil {
			return iam.Parts{}, err
		}
		merge(&parts.Roles, more.Roles)
		merge(&parts.Users, more.Users)
		merge(&parts.Inline, more.Inline)
		merge(&parts.Attached, more.Attached)
		merge(&parts.Policies, more.Policies)
		merge(&parts.SCPs, more.SCPs)
	}
	return parts, nil
}

// bearing returns of the identities those that bear on what the spec asks of: a dump
// holds the whole account, and a live check reads no more than this.
func (s Snapshot) bearing(spec Spec) iam.Parts {
	owners := map[string]bool{}
	for _, role := range []NodeRole{spec.Resources.ControllerRole, spec.Resources.WorkerRole} {
		owners["role/"+role.Name] = true
	}
	principals := []string{spec.Permissions.Principal}
	for _, c := range s.IAM.Callers.Items {
		principals = append(principals, c.ARN)
	}
	for _, p := range principals {
		kind, name, _ := identityOf(p)
		owners[kind+"/"+name] = true
	}
	policies := map[string]bool{}
	parts := s.IAM
	parts.Users = only(parts.Users, func(u iam.UserDetail) bool {
		if !owners["user/"+u.Name] {
			return false
		}
		for _, g := range u.Groups {
			owners["group/"+g] = true
		}
		policies[u.Boundary] = true
		return true
	})
	parts.Roles = only(parts.Roles, func(r iam.RoleDetail) bool {
		policies[r.Boundary] = policies[r.Boundary] || owners["role/"+r.Name]
		return owners["role/"+r.Name]
	})
	parts.Inline = only(parts.Inline, func(p iam.InlinePolicyDetail) bool { return owners[p.Owner] })
	parts.Attached = only(parts.Attached, func(a iam.AttachedPolicy) bool {
		policies[a.ARN] = policies[a.ARN] || owners[a.Owner]
		return owners[a.Owner]
	})
	parts.Policies = only(parts.Policies, func(p iam.ManagedPolicyDetail) bool { return policies[p.ARN] })
	return parts
}

// only returns the part with the items that keep selects.
func only[T groundway.Keyed](part groundway.Part[T], keep func(T) bool) groundway.Part[T] {
	part.Items = slices.DeleteFunc(slices.Clone(part.Items), func(item T) bool { return !keep(item) })
	return part
}

// merge adds what a further reading showed to a part. A part that was not asked for
// before is the other's.
func merge[T groundway.Keyed](part *groundway.Part[T], more groundway.Part[T]) {
	asked := func(p groundway.Part[T]) bool { return p.Seen || len(p.Gaps) > 0 }
	switch {
	case !asked(more):
		return
	case !asked(*part):
		*part = more
		return
	}
	for _, item := range more.Items {
		if !slices.ContainsFunc(part.Items, func(have T) bool { return have.Key() == item.Key() }) {
			part.Items = append(part.Items, item)
		}
	}
	part.Partial = part.Partial || more.Partial || part.Seen != more.Seen
	part.Seen = part.Seen || more.Seen
	for _, g := range more.Gaps {
		if !slices.Contains(part.Gaps, g) {
			part.Gaps = append(part.Gaps, g)
		}
	}
}
