package awsiam

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// SimulateAPI is what [Simulate] asks of IAM.
type SimulateAPI interface {
	iamsdk.SimulatePrincipalPolicyAPIClient
}

var _ SimulateAPI = (*iamsdk.Client)(nil)

// SimulateOptions are what [Simulate] may be told. The zero value is right.
type SimulateOptions struct {
	// All simulates also what the policies of the snapshot decide, so that
	// [iam.CheckPermissions] can say where the two differ.
	All bool
}

// actionsPerCall keeps requests small: each action is decided on each resource.
const actionsPerCall = 50

// Simulate has IAM evaluate what the policies of the snapshot leave undecided, and
// returns the snapshot with the answers. One call, iam:SimulatePrincipalPolicy, asks
// for all actions on one resource with one context; the keys that follow from the
// options are sent as text.
//
// The call takes a user or role and no session, so that it is made with the ARN of
// the role, whose path is in the snapshot; where the role was not seen, the path is
// not known and nothing is simulated. The root user cannot be simulated.
//
// What could not be simulated leaves the part unseen or partial. The error is that
// of [iam.CheckPermissions], or one that ends a reading as in [Load].
func Simulate(ctx context.Context, client SimulateAPI, s iam.Snapshot, o iam.PermissionOptions, so SimulateOptions) (iam.Snapshot, error) {
	needs, err := iam.Undecided(s, o)
	if err != nil {
		return s, fmt.Errorf("simulate permissions: %w", err)
	}
	if so.All {
		needs = o.Needs
	}
	s.Simulated = groundway.SeenPart[iam.Simulation]()
	if len(needs) == 0 {
		return s, nil
	}
	if o.Principal == "" && len(s.Callers.Items) > 0 {
		o.Principal = s.Callers.Items[0].ARN
	}
	source := sourceOf(s, o.Principal)
	if source == "" {
		s.Simulated = groundway.UnseenPart[iam.Simulation](groundway.Gap{Action: simulatePrincipal, Message: "the ARN of the user or role with its path is not known"})
		return s, nil
	}
	seen := map[string]bool{}
	for _, call := range callsOf(needs, o.Context) {
		results, err := pages(ctx, func(ctx context.Context, marker *string) ([]types.EvaluationResult, *string, error) {
			out, err := client.SimulatePrincipalPolicy(ctx, &iamsdk.SimulatePrincipalPolicyInput{
				PolicySourceArn: &source, ActionNames: call.actions, ResourceArns: call.resources, ContextEntries: call.context, Marker: marker,
			})
			if err != nil {
				return nil, nil, err
			}
			return out.EvaluationResults, next(out.IsTruncated, out.Marker), nil
		})
		for _, r := range results {
			sim := simulationOf(r)
			if key := sim.Key(); !seen[key] {
				seen[key] = true
				s.Simulated.Items = append(s.Simulated.Items, sim)
			}
		}
		if err != nil {
			if stop := awserr.Stop(ctx, simulatePrincipal, err); stop != nil {
				return s, fmt.Errorf("simulate permissions: %w", stop)
			}
			s.Simulated.Partial = true
			if g := awserr.Gap(simulatePrincipal, err); !slices.Contains(s.Simulated.Gaps, g) {
				s.Simulated.Gaps = append(s.Simulated.Gaps, g)
			}
			if awserr.Classify(err) == awserr.Denied {
				break // the others would be too
			}
		}
	}
	settle(&s.Simulated)
	return s, nil
}

// sourceOf returns the ARN of the user or role behind a principal, as IAM has it.
func sourceOf(s iam.Snapshot, principal string) string {
	kind, name, err := principalName(principal)
	if err != nil {
		return ""
	}
	for _, r := range s.Roles.Items {
		if kind == "role" && strings.EqualFold(r.Name, name) {
			return r.ARN
		}
	}
	for _, u := range s.Users.Items {
		if kind == "user" && strings.EqualFold(u.Name, name) {
			return u.ARN
		}
	}
	if a, _ := iam.ParseARN(principal); a.Service == "iam" && kind != "root" {
		return principal
	}
	return ""
}

// A simulateCall is one call: its needs have one resource and one context.
type simulateCall struct {
	actions   []string
	resources []string
	context   []types.ContextEntry
}

func callsOf(needs []iam.Need, common iam.Context) []simulateCall {
	at := map[string]int{}
	var calls []simulateCall
	for _, n := range needs {
		all := maps.Clone(common)
		if all == nil {
			all = iam.Context{}
		}
		maps.Copy(all, n.Context)
		resource := cmp.Or(n.Resource, "*")
		key := fmt.Sprint(resource, all) // maps print in the order of their keys
		i, ok := at[key]
		if !ok || len(calls[i].actions) == actionsPerCall {
			i = len(calls)
			at[key] = i
			calls = append(calls, simulateCall{resources: []string{resource}, context: entriesOf(all)})
		}
		calls[i].actions = append(calls[i].actions, string(n.Action))
	}
	return calls
}

func entriesOf(c iam.Context) []types.ContextEntry {
	var list []types.ContextEntry
	for _, key := range slices.Sorted(maps.Keys(c)) {
		entry := types.ContextEntry{ContextKeyName: aws.String(key), ContextKeyValues: c[key], ContextKeyType: types.ContextKeyTypeEnumString}
		switch len(c[key]) {
		case 0:
			continue
		case 1:
		default:
			entry.ContextKeyType = types.ContextKeyTypeEnumStringList
		}
		list = append(list, entry)
	}
	return list
}

func simulationOf(r types.EvaluationResult) iam.Simulation {
	s := iam.Simulation{
		Action: aws.ToString(r.EvalActionName), Resource: cmp.Or(aws.ToString(r.EvalResourceName), "*"),
		Decision: string(r.EvalDecision), Missing: sorted(r.MissingContextValues),
	}
	if r.PermissionsBoundaryDecisionDetail != nil {
		s.Boundary = aws.Bool(r.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary)
	}
	if r.OrganizationsDecisionDetail != nil {
		s.SCPs = aws.Bool(r.OrganizationsDecisionDetail.AllowedByOrganizations)
	}
	return s
}
