package iam

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// The decisions of iam:SimulatePrincipalPolicy, see
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html.
const (
	simAllowed  = "allowed"
	simExplicit = "explicitDeny"
	simImplicit = "implicitDeny"
)

// bySimulation settles by a simulation what the policies leave open, where the
// simulation can be trusted.
func (c *permissionChecker) bySimulation(l permissionLayer, n Need) Verdict {
	s := c.simulations[n.key()]
	if s == nil || resourceMustAllow(n) || c.crosses(n) {
		return Undetermined
	}
	denied := func(by *bool) bool { return by != nil && !*by }
	switch l.layer {
	case SCPLayer:
		// Its denials ignore the conditions of the policies, so that only its
		// allowances say something, https://github.com/aws/aws-sdk/issues/102.
		if s.SCPs != nil && *s.SCPs {
			return Allowed
		}
	case BoundaryLayer:
		switch {
		case s.Decision == simAllowed, s.Boundary != nil && *s.Boundary:
			return Allowed
		case denied(s.Boundary) && len(s.Missing) == 0:
			return ImplicitlyDenied
		}
	case IdentityLayer:
		switch {
		case s.Decision == simAllowed:
			return Allowed
		case len(s.Missing) > 0, denied(s.Boundary), denied(s.SCPs), c.resourceMayAllow(n) && !c.o.OwnPolicies:
			// It was denied for want of a key, or by another layer.
		case s.Decision == simExplicit:
			return ExplicitlyDenied
		case s.Decision == simImplicit:
			return ImplicitlyDenied
		}
	}
	return Undetermined
}

// simulated reports where the simulator contradicts the policies.
func (c *permissionChecker) simulated() {
	if !c.s.Simulated.Seen {
		why := "nothing was simulated"
		if len(c.s.Simulated.Gaps) > 0 {
			why += ": " + gapsInWords(c.s.Simulated.Gaps)
		}
		c.skipped[codePermissionSimulated] = why
		return
	}
	for i, n := range c.o.Needs {
		s := c.simulations[n.key()]
		if s == nil || assumes(n) {
			continue
		}
		mine, open := Allowed, false
		for _, layer := range []Layer{IdentityLayer, BoundaryLayer, SCPLayer} {
			verdicts := c.verdicts[layer]
			switch {
			case verdicts == nil:
			case verdicts[i] == Undetermined:
				open = true
			case verdicts[i] != Allowed:
				mine = verdicts[i]
			}
		}
		// A denial with missing keys, or by policies of the organization, is one
		// that simulations are known to get wrong.
		lie := s.Decision != simAllowed && (len(s.Missing) > 0 || s.SCPs != nil && !*s.SCPs || c.resourceMayAllow(n))
		differs := (mine == Allowed) != (s.Decision == simAllowed)
		switch {
		case mine == Allowed && open, lie:
		case differs:
			g := c.group(codePermissionSimulated, groundway.Failed, c.who)
			g.add(n, "")
			g.facts = append(g.facts, groundway.Fact{Path: groundway.Pointer("parts", "iamSimulations", "items", s.Key(), "decision"), Got: s.Decision, Want: mine.String(), Source: "iam:SimulatePrincipalPolicy"})
		default:
			c.passed[codePermissionSimulated]++
		}
	}
}

// The codes of EC2 for a call with DryRun, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
const (
	probeAccepted = "DryRunOperation"
	probeDenied   = "UnauthorizedOperation"
)

// probes reports what EC2 said of calls on trial.
func (c *permissionChecker) probes() {
	if !c.s.Probes.Seen {
		c.skipped[codePermissionProbe] = "no call was tried"
		return
	}
	for _, p := range c.s.Probes.Items {
		n := Need{Action: Action(p.Action)}
		fact := groundway.Fact{Path: groundway.Pointer("parts", "ec2Probes", "items", p.Key(), "code"), Got: p.Code, Want: probeAccepted, Source: p.Action}
		switch p.Code {
		case probeAccepted:
			c.passed[codePermissionProbe]++
		case probeDenied:
			g := c.group(codePermissionProbe, groundway.Failed, c.who)
			reason := "it says nothing of the reason"
			if p.Message != "" {
				reason = "it says " + quote(p.Message)
			}
			g.add(n, reason)
			g.facts = append(g.facts, fact)
		default:
			g := c.group(codePermissionProbe, groundway.Unknown, groundway.Subject{Kind: "action", ID: p.Action})
			g.add(n, fmt.Sprintf("EC2 answered %s to a call on trial, which is neither %s nor %s; look whether anything was made", quote(p.Code), probeAccepted, probeDenied))
			g.facts = append(g.facts, fact)
		}
	}
	if gaps := c.s.Probes.Gaps; len(gaps) > 0 {
		g := c.group(codePermissionProbe, groundway.Unknown, c.who)
		for _, gap := range gaps {
			g.add(Need{Action: Action(gap.Action)}, strings.TrimSpace(gap.Code+" "+gap.Message))
		}
		g.facts = append(g.facts, unseenFacts([]string{"parts", "ec2Probes"}, gaps)...)
	}
}
