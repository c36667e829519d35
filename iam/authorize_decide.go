package iam

import (
	"slices"
	"strings"
)

// An authTally is what the statements of one set come to.
type authTally struct {
	deny    authTruth
	denier  int                            // the statement that denies; -1 for none
	allow   [authNamesCaller + 1]authTruth // by how the caller is named
	allower [authNamesCaller + 1]int
}

// any returns whether a statement allows, however it names the caller.
func (t *authTally) any() authTruth {
	return max(t.allow[authNamesAccount], t.allow[authNamesRole], t.allow[authNamesCaller])
}

// by returns the statement that allows most directly.
func (t *authTally) by() int {
	by, best := -1, authNo
	for grant := authNamesCaller; grant > authNamesNot; grant-- {
		if t.allow[grant] > best {
			by, best = t.allower[grant], t.allow[grant]
		}
	}
	return by
}

// tally goes through the statements of a set that may speak of the request.
// The two lists of candidates are ordered, and left behind the set.
func (e *authEvaluation) tally(set *authSet, exact, open *[]int32) authTally {
	t := authTally{denier: -1}
	for {
		n := int32(set.to)
		is := false
		if len(*exact) > 0 && (*exact)[0] < n {
			n, is = (*exact)[0], true
		}
		if len(*open) > 0 && (*open)[0] < n {
			n, is = (*open)[0], false
			*open = (*open)[1:]
		} else if is {
			*exact = (*exact)[1:]
		}
		if int(n) == set.to {
			return t
		}
		s := &e.a.statements[n]
		grant, r := s.applies(e, is)
		switch {
		case r == authNo:
		case s.deny && r > t.deny:
			t.deny, t.denier = r, int(n)
		case !s.deny && r > t.allow[grant]:
			t.allow[grant], t.allower[grant] = r, int(n)
		}
	}
}

// An authRuling is what the request's kind says about which layers take part.
type authRuling struct {
	free     bool // no policy of the account is asked
	root     bool // the root user needs no policy of its own
	barred   bool // AWS refuses the call, whatever policies say
	crossed  bool // the resource is another account's
	required bool // the policy of the resource has to allow
	exempt   bool // denials in the policy of the resource do not count
}

// ruling returns the special cases of services and callers.
func (e *authEvaluation) ruling() authRuling {
	c := &e.caller
	r := authRuling{
		root:     c.kind == authRoot,
		crossed:  c.kind.identity() && e.owner != c.account,
		required: e.requiresResource(),
	}
	service, name := string(e.request.Action[:e.service]), string(e.request.Action[e.service+1:])
	switch {
	case len(service) == 3 && strings.EqualFold(service, "sts"):
		// AWS answers these calls whatever policies say.
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
		r.free = strings.EqualFold(name, "GetCallerIdentity") && c.kind.identity() ||
			strings.EqualFold(name, "GetSessionToken") && c.kind == authUser
		// The root user assumes no role.
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		r.barred = r.root && strings.EqualFold(name, "AssumeRole")
	case len(service) == 2 && strings.EqualFold(service, "s3"):
		// A bucket policy cannot lock out the root user of the bucket's account.
		// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
		r.exempt = r.root && !r.crossed &&
			(strings.EqualFold(name, "GetBucketPolicy") || strings.EqualFold(name, "PutBucketPolicy") || strings.EqualFold(name, "DeleteBucketPolicy"))
	}
	return r
}

// requiresResource reports whether the policy of the resource alone decides who
// may use it, so that policies of identities count only as far as it names the
// account: those of KMS keys, and the trust policies of roles.
//
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (e *authEvaluation) requiresResource() bool {
	if e.service != len("kms") {
		return false
	}
	service, resource := authPartsOf(e.resource)
	switch action := string(e.request.Action[:e.service]); service {
	case "kms":
		return strings.HasPrefix(resource, "key/") && strings.EqualFold(action, "kms")
	case "iam":
		return strings.HasPrefix(resource, "role/") && strings.EqualFold(action, "sts")
	}
	return false
}

// authPartsOf returns the third and the last part of an ARN.
func authPartsOf(arn string) (service, resource string) {
	_, rest, _ := strings.Cut(arn, ":")
	_, rest, _ = strings.Cut(rest, ":")
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	_, resource, _ = strings.Cut(rest, ":")
	return service, resource
}

// takesPart reports whether a layer is asked about the request.
func (e *authEvaluation) takesPart(layer Layer, r *authRuling) bool {
	c := &e.caller
	switch layer {
	case RCPLayer:
		return !c.serviceLinked()
	case SCPLayer:
		return c.kind.identity() && !c.serviceLinked() && !r.free
	case EndpointLayer:
		return true
	case ResourceLayer:
		return true
	case IdentityLayer, BoundaryLayer:
		return c.kind.identity() && c.kind != authRoot && !r.free
	case SessionLayer:
		return c.kind.identity() && !r.free
	}
	return false
}

// An authOutcome is what the layers come to, before a verdict is made of it.
type authOutcome struct {
	rule                              authRuling
	denied                            Layer // the first that denies, and the statement
	denier                            int
	open                              Layer // the first of which it is not known whether it denies
	scps, endpoint, boundary, session authTruth
	resource, identity                authTally
}

// weigh asks the layers in their order, up to one that denies.
func (e *authEvaluation) weigh(o *authOutcome) {
	o.rule = e.ruling()
	o.scps, o.endpoint, o.boundary, o.session = authYes, authYes, authYes, authYes
	if e.caller.kind == authFederated {
		// Without session policies such a session has no permissions of its own.
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
		o.session = authNo
	}
	name := appendAuthLower(e.lower[:0], string(e.request.Action))
	exact, open := e.a.exact[string(name)], e.a.open
	for i := range e.a.sets {
		set := &e.a.sets[i]
		if !e.takesPart(set.layer, &o.rule) {
			exact, open = authSkip(exact, set.to), authSkip(open, set.to)
			continue
		}
		t := e.tally(set, &exact, &open)
		if set.layer == ResourceLayer && o.rule.exempt {
			t.deny = authNo
		}
		if t.deny == authYes {
			o.denied, o.denier = set.layer, t.denier
			return
		}
		if t.deny == authMaybe && o.open == 0 {
			o.open = set.layer
		}
		switch set.layer {
		case SCPLayer:
			o.scps = min(o.scps, t.any())
		case EndpointLayer:
			o.endpoint = t.any()
		case ResourceLayer:
			o.resource = t
		case IdentityLayer:
			o.identity = t
		case BoundaryLayer:
			o.boundary = t.any()
		case SessionLayer:
			o.session = t.any()
		}
	}
}

// authSkip returns the candidates behind a set.
func authSkip(list []int32, to int) []int32 {
	for len(list) > 0 && int(list[0]) < to {
		list = list[1:]
	}
	return list
}

// appendAuthLower appends text in lower case.
func appendAuthLower(to []byte, text string) []byte {
	to = append(to, text...)
	for i, c := range to {
		to[i] = lowerCase(c)
	}
	return to
}

// own returns whether policies of the identity allow.
func (o *authOutcome) own() authTruth {
	if o.rule.root || o.rule.free {
		return authYes
	}
	return o.identity.any()
}

// limits returns whether the boundary and the session leave the request alone.
func (o *authOutcome) limits() authTruth { return min(o.boundary, o.session) }

// granted returns whether the policies of the identity and of the resource
// together allow.
func (o *authOutcome) granted(identity bool) authTruth {
	direct, role := o.resource.allow[authNamesCaller], min(o.resource.allow[authNamesRole], o.limits())
	whole := min(o.own(), o.limits())
	switch {
	case o.rule.free:
		return authYes
	case o.rule.barred:
		return authNo
	case !identity:
		return direct
	case o.rule.crossed:
		return min(whole, o.resource.any())
	case o.rule.required:
		whole = min(whole, o.resource.any())
	}
	return max(direct, role, whole)
}

// decide gives the verdict.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *authEvaluation) decide() Decision {
	var o authOutcome
	e.weigh(&o)
	return o.verdict(e.a, e.caller.kind.identity())
}

func (o *authOutcome) verdict(a *Authorizer, identity bool) Decision {
	if o.denied != 0 {
		return Decision{Verdict: ExplicitlyDenied, Layer: o.denied, By: a.statements[o.denier].ref}
	}
	granted := o.granted(identity)
	total := min(o.scps, o.endpoint, granted)
	if total == authYes && o.open == 0 {
		d := Decision{Verdict: Allowed, Layer: IdentityLayer}
		by := -1
		if identity && min(o.own(), o.limits()) == authYes && (!o.rule.required || o.resource.any() == authYes) {
			by = o.identity.by()
		} else {
			d.Layer, by = ResourceLayer, o.resource.by()
		}
		if by >= 0 {
			d.By = a.statements[by].ref
		}
		return d
	}
	d := Decision{Verdict: ImplicitlyDenied}
	if total != authNo {
		d.Verdict = Undetermined
	}
	switch total {
	case o.scps:
		d.Layer = SCPLayer
	case o.endpoint:
		d.Layer = EndpointLayer
	case granted:
		d.Layer = o.lacking(identity, granted)
	}
	if d.Verdict == Undetermined && o.open != 0 && (o.open < d.Layer || total == authYes) {
		d.Layer = o.open
	}
	return d
}

// lacking returns the first layer because of which the grant is no more than it
// is.
func (o *authOutcome) lacking(identity bool, granted authTruth) Layer {
	switch {
	case o.rule.barred:
		return IdentityLayer
	case !identity, (o.rule.crossed || o.rule.required) && o.resource.any() == granted:
		return ResourceLayer
	case !o.rule.crossed && granted != authNo && max(o.resource.allow[authNamesCaller], o.resource.allow[authNamesRole]) == granted:
		return ResourceLayer
	case o.own() == granted && (o.resource.allow[authNamesRole] <= granted || o.rule.crossed):
		return IdentityLayer
	case o.boundary == granted:
		return BoundaryLayer
	}
	return SessionLayer
}

// missing returns the keys that an undetermined request depends on.
func (e *authEvaluation) missing() []string {
	rule := e.ruling()
	var keys []string
	for i := range e.a.sets {
		set := &e.a.sets[i]
		if !e.takesPart(set.layer, &rule) {
			continue
		}
		allowed := false
		var own []string
		for n := set.from; n < set.to; n++ {
			s := &e.a.statements[n]
			switch grant, r := s.applies(e, false); {
			case r == authYes && !s.deny && (set.layer != ResourceLayer || grant == authNamesCaller):
				allowed = true
			case r == authMaybe && s.deny:
				keys = s.unknown(e, keys)
			case r == authMaybe:
				own = s.unknown(e, own)
			}
		}
		if !allowed {
			keys = append(keys, own...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// unknown appends the keys because of which it is not known whether a statement
// speaks of the request.
func (s *authStatement) unknown(e *authEvaluation, keys []string) []string {
	add := func(slot int) {
		if _, known := e.values(slot); !known {
			keys = append(keys, e.a.keys[slot])
		}
	}
	variables := func(patterns []authPattern) {
		for _, p := range patterns {
			for _, t := range p.tokens {
				if t.kind == authVariable {
					add(t.slot)
				}
			}
		}
	}
	for _, p := range s.principals {
		if p.kind == authPrincipalID {
			add(p.slot)
		}
	}
	variables(s.resources)
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.holds(e) == authMaybe {
			add(c.slot)
			variables(c.patterns)
		}
	}
	return keys
}
