package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsprobe"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// Permissions are what an installer has to be allowed.
type Permissions struct {
	Actions   []string // such as ec2:RunInstances, one at least
	Principal string   // the ARN of the user or role that installs; empty: the caller
}

// options are those of package iam, for what was seen.
func (p Permissions) options(spec Spec, s Snapshot) (iam.PermissionOptions, error) {
	o := iam.PermissionOptions{Principal: p.Principal, Context: iam.Context{"aws:RequestedRegion": {spec.Region}}}
	if o.Principal == "" && len(s.IAM.Callers.Items) > 0 {
		o.Principal = s.IAM.Callers.Items[0].ARN
	}
	account := iam.Account(s.Account)
	if a, err := iam.ParseARN(o.Principal); err == nil {
		account = a.Account
	}
	scope, err := iam.NewScope(iam.Region(spec.Region), account)
	if err != nil {
		// Nobody knows whose account it is: what the actions are about is open.
		for _, action := range p.Actions {
			o.Needs = append(o.Needs, iam.Need{Action: iam.Action(action)})
		}
		return o, nil
	}
	requirement, err := iam.Requirements(p.Actions, scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
	if err == nil {
		o.Needs, err = iam.NeedsOf(requirement)
	}
	return o, err
}

// keptIdentities are the names that the spec says.
func (s Spec) keptIdentities() []string {
	_, name, session := identityOf(s.Permissions.Principal)
	return slices.DeleteFunc([]string{name, session}, func(s string) bool { return s == "" })
}

// identityOf returns the kind and the name of the user or role that a principal is, or
// that it is a session of; of any other principal they say nothing.
func identityOf(principal string) (kind, name, session string) {
	a, err := iam.ParseARN(principal)
	if err != nil {
		return "", "", ""
	}
	kind, name = a.ResourceType(), a.ResourceName()
	if kind == "assumed-role" {
		name, session, _ = strings.Cut(name, "/")
		return "role", name, session
	}
	return kind, name[strings.LastIndexByte(name, '/')+1:], ""
}

func (s Snapshot) iam() iam.Snapshot { return iam.Snapshot{Observation: s.Observation, Parts: s.IAM} }

// checkPermissions answers for the spec's permissions. That there are none, or that
// nobody looked, is said of each rule.
func checkPermissions(spec Spec, s Snapshot) []groundway.Finding {
	if len(spec.Permissions.Actions) == 0 {
		return notAsked("the spec lists no permissions")
	}
	o, err := spec.Permissions.options(spec, s)
	if err == nil && o.Principal == "" && !s.IAM.Callers.Seen && len(s.IAM.Callers.Gaps) == 0 {
		s.IAM.Callers = groundway.UnseenPart[iam.Caller](groundway.Gap{Action: getCallerIdentity, Message: "it was not asked who the caller is"})
	}
	var findings []groundway.Finding
	if err == nil {
		findings, err = iam.CheckPermissions(s.iam(), o)
	}
	if err != nil {
		return notAsked(err.Error()) // the spec holds what no request can be made of, which ParseSpec refuses
	}
	return findings
}

func notAsked(why string) []groundway.Finding {
	tally := groundway.NewTally(iam.PermissionRules(), groundway.Subject{Kind: "permissions"})
	for _, r := range iam.PermissionRules() {
		tally.Inapplicable(r.Code, why)
	}
	return tally.Findings()
}

// loadPermissions reads what bears on the principal, where the spec lists
// permissions: nobody needs to be allowed to read IAM otherwise.
func loadPermissions(ctx context.Context, cfg aws.Config, ec2 *ec2sdk.Client, spec Spec, s Snapshot, arn string, probe bool) (iam.Parts, error) {
	if len(spec.Permissions.Actions) == 0 {
		return iam.Parts{}, nil
	}
	callers := groundway.UnseenPart[iam.Caller](groundway.Gap{Action: getCallerIdentity, Message: "AWS does not say who the caller is"})
	if arn != "" {
		callers = groundway.SeenPart(iam.Caller{ARN: arn})
	}
	principal := cmp.Or(spec.Permissions.Principal, arn)
	client := iamsdk.NewFromConfig(cfg)
	loaded := iam.Snapshot{}
	if principal != "" {
		var err error
		loaded, err = awsiam.Load(ctx, client, awsiam.LoadOptions{Principal: principal, Organizations: organizations.NewFromConfig(cfg)})
		if err != nil {
			return iam.Parts{}, err
		}
	}
	loaded.Account, loaded.Callers = s.Account, callers
	s.IAM = loaded.Parts
	o, err := spec.Permissions.options(spec, s)
	if err != nil {
		return iam.Parts{}, err
	}
	if principal != "" {
		if loaded, err = awsiam.Simulate(ctx, client, loaded, o, awsiam.SimulateOptions{}); err != nil {
			return iam.Parts{}, err
		}
	}
	if !probe || spec.Permissions.Principal != "" && spec.Permissions.Principal != arn {
		return loaded.Parts, nil
	}
	var tried []string
	for _, action := range awsprobe.Actions() {
		if slices.Contains(spec.Permissions.Actions, action) {
			tried = append(tried, action)
		}
	}
	if tried != nil {
		loaded.Probes, err = awsprobe.Probe(ctx, ec2, stssdk.NewFromConfig(cfg), awsprobe.Options{Actions: tried, VPC: spec.Network.VPC})
	}
	return loaded.Parts, err
}

// parseAction reads the name of an action of the catalog.
func parseAction(s string) (string, error) {
	service, name, ok := strings.Cut(s, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(s, "*? ") {
		return "", fmt.Errorf("got %s, want an action such as ec2:RunInstances, without wildcards", quote(s))
	}
	known, _, ok := catalog.Catalog{}.Action(iam.Action(s))
	if !ok {
		return "", fmt.Errorf("got %s, which is none of AWS's actions", quote(s))
	}
	return string(known), nil
}

func parsePrincipal(s string) (string, error) {
	a, err := iam.ParseARN(s)
	kind := a.ResourceType()
	if err != nil || a.IsPattern() || !a.Account.IsValid() || !(a.Service == "iam" && (kind == "role" || kind == "user") || a.Service == "sts" && kind == "assumed-role") {
		return "", fmt.Errorf("got %s, want the ARN of a user, a role, or the session of a role", quote(s))
	}
	return s, nil
}

// Policy returns the least policy that lets somebody check the spec in a scope and see
// everything: the permissions of the rules that would be unknown if nothing were seen.
func Policy(scope iam.Scope, spec Spec) (iam.Document, error) {
	unknown := map[groundway.Code]bool{}
	for _, f := range Check(spec, Snapshot{Observation: groundway.Observation{Region: spec.Region}}, time.Time{}).Findings {
		if f.Outcome == groundway.Unknown {
			unknown[f.Code] = true
		}
	}
	var permissions []string
	for _, r := range Rules() {
		if unknown[r.Code] {
			permissions = append(permissions, r.Permissions...)
		}
	}
	return iam.Requirements(permissions, scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
}
