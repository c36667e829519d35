package iam

import (
	"fmt"
	"slices"
	"strings"
)

// A Match says whether a statement, or a part of one, speaks of a request. The
// zero value is invalid.
type Match uint8

const (
	_ Match = iota
	// MatchNo means that it does not.
	MatchNo
	// MatchOpen means that it depends on a key that a partial request lacks.
	MatchOpen
	// MatchYes means that it does.
	MatchYes
)

var matchNames = [...]string{"invalid", "no", "open", "yes"}

// String returns the word that UnmarshalText reads, or "invalid".
func (m Match) String() string { return wordOf(matchNames[:], uint8(m)) }

// MarshalText returns the word of String; an invalid match is an error.
func (m Match) MarshalText() ([]byte, error) { return marshalWord("match", matchNames[:], uint8(m)) }

// UnmarshalText accepts the words that MarshalText writes.
func (m *Match) UnmarshalText(text []byte) error {
	n, err := parseWord("match", matchNames[:], text)
	*m = Match(n)
	return err
}

// match is the exported form of a truth.
func (t authTruth) match() Match {
	return [...]Match{authNo: MatchNo, authMaybe: MatchOpen, authYes: MatchYes}[t]
}

// An Explanation is a decision with everything that it was made of: a tree of
// layers, statements, and the parts of statements. [Explanation.String] prints
// it for people. Text from policies and requests is quoted in it.
type Explanation struct {
	Verdict Verdict      `json:"verdict"`
	Layer   Layer        `json:"layer"`
	By      StatementRef `json:"by,omitzero"`
	Missing []string     `json:"missing,omitempty"`
	Summary string       `json:"summary"` // the decision in a sentence
	// Layers are those that have policies or would need some, in the order of the
	// constants.
	Layers []LayerExplanation `json:"layers"`
}

// A LayerExplanation says what one layer, or one level of service or resource
// control policies, has to say.
type LayerExplanation struct {
	Layer Layer `json:"layer"`
	Level int   `json:"level,omitempty"` // from 1
	Asked bool  `json:"asked"`           // whether the request is subject to the layer
	// Denies and Allows say whether one of the statements does.
	Denies     Match                  `json:"denies,omitempty"`
	Allows     Match                  `json:"allows,omitempty"`
	Text       string                 `json:"text"` // the same in words, and why where it is not asked
	Statements []StatementExplanation `json:"statements,omitempty"`
}

// A StatementExplanation says whether and why a statement speaks of the request.
type StatementExplanation struct {
	StatementRef
	Path   string            `json:"path"` // line:column with the file in front, or a JSON pointer
	Effect Effect            `json:"effect"`
	Match  Match             `json:"match"`
	Parts  []PartExplanation `json:"parts"`
}

// A PartExplanation says whether and why an element of a statement, or one of
// its conditions, matches.
type PartExplanation struct {
	Element string `json:"element"` // "Action", or the operator and the key of a condition
	Match   Match  `json:"match"`
	Text    string `json:"text"`
}

// Explain decides a request as [Authorizer.Authorize] does and says why. It looks
// at every statement: it is for people, and not for many requests.
func (a *Authorizer) Explain(r Request) (Explanation, error) {
	e := a.evaluation()
	defer a.evaluations.Put(e)
	if err := e.begin(a, &r); err != nil {
		return Explanation{}, fmt.Errorf("explain: %w", err)
	}
	d := e.decide()
	out := Explanation{Verdict: d.Verdict, Layer: d.Layer, By: d.By}
	if d.Verdict == Undetermined {
		out.Missing = e.missing()
	}
	rule := e.ruling()
	where := newLocator()
	for i := range a.sets {
		out.Layers = append(out.Layers, e.explainSet(&a.sets[i], &rule, where))
	}
	for _, l := range []struct {
		layer  Layer
		needed bool
		text   string
	}{
		{ResourceLayer, rule.crossed || rule.required || !e.caller.kind.identity(), "there is no policy of the resource, which has to allow"},
		{IdentityLayer, e.takesPart(IdentityLayer, &rule), "there is no policy of the identity"},
		{IdentityLayer, rule.root && !rule.barred, "the root user needs no policy"},
		{IdentityLayer, rule.barred, "AWS lets the root user assume no role"},
		{SessionLayer, e.caller.kind == authFederated, "no session policy was passed, so that the session has no permissions of its own"},
	} {
		if l.needed && !rule.free && !slices.ContainsFunc(a.sets, func(s authSet) bool { return s.layer == l.layer }) {
			out.Layers = append(out.Layers, LayerExplanation{Layer: l.layer, Asked: !rule.root || l.layer != IdentityLayer, Denies: MatchNo, Allows: MatchNo, Text: l.text})
		}
	}
	slices.SortStableFunc(out.Layers, func(a, b LayerExplanation) int { return int(a.Layer) - int(b.Layer) })
	out.Summary = e.summary(d, &rule, out.Missing)
	return out, nil
}

// explainSet explains one layer, or one level.
func (e *authEvaluation) explainSet(set *authSet, rule *authRuling, where *locator) LayerExplanation {
	out := LayerExplanation{Layer: set.layer, Level: set.level, Asked: e.takesPart(set.layer, rule)}
	if !out.Asked {
		out.Text = "not asked: " + e.unasked(set.layer, rule)
		return out
	}
	deny, allow := authNo, authNo
	grant := authNamesNot
	for n := set.from; n < set.to; n++ {
		s := &e.a.statements[n]
		g, r := s.applies(e, false)
		if s.deny {
			deny = max(deny, r)
		} else if r > allow || r == allow && r != authNo {
			allow, grant = r, max(grant, g)
		}
		out.Statements = append(out.Statements, s.explain(e, r, where))
	}
	out.Denies, out.Allows = deny.match(), allow.match()
	switch {
	case deny == authYes && set.layer == ResourceLayer && rule.exempt:
		out.Text = "denies, which does not bind the root user of the bucket's account for this action"
	case deny == authYes:
		out.Text = "denies"
	case set.layer == RCPLayer && deny == authNo:
		out.Text = "does not deny; that it allows is not asked"
	case deny == authMaybe:
		out.Text = "may deny"
	case allow == authYes:
		out.Text = "allows"
	case allow == authMaybe:
		out.Text = "may allow"
	default:
		out.Text = "does not allow"
	}
	if set.layer == ResourceLayer && allow != authNo && deny != authYes && e.caller.kind.identity() {
		switch {
		case rule.crossed:
			out.Text += ", and the policies of the other account have to allow too"
		case grant == authNamesAccount:
			out.Text += " the account, so that policies of the identity decide"
		case grant == authNamesRole:
			out.Text += " the role, within the permissions boundary and the session policy"
		}
	}
	return out
}

// unasked says why a layer has no say.
func (e *authEvaluation) unasked(layer Layer, rule *authRuling) string {
	c := &e.caller
	switch {
	case rule.free:
		return "AWS answers this call whatever policies say"
	case c.serviceLinked():
		return "policies of organizations do not bind service-linked roles"
	case c.kind == authRoot && (layer == IdentityLayer || layer == BoundaryLayer):
		return "no policy can be attached to the root user"
	}
	return "the caller is no identity of an account"
}

// explain explains a statement.
func (s *authStatement) explain(e *authEvaluation, r authTruth, where *locator) StatementExplanation {
	out := StatementExplanation{
		StatementRef: s.ref, Effect: s.source.Effect, Match: r.match(),
		Path: where.place(*s.document, s.ref.Statement-1, ""),
	}
	part := func(element string, r authTruth, format string, args ...any) {
		out.Parts = append(out.Parts, PartExplanation{element, r.match(), fmt.Sprintf(format, args...)})
	}
	if !s.anyPrincipal {
		grant, r := s.principal(e)
		names := authNames(s.source.Principals)
		element := "Principal"
		if s.notPrincipal {
			element, names = "NotPrincipal", authNames(s.source.NotPrincipals)
		}
		how := [...]string{authNamesNot: "is named", authNamesAccount: "is named by its account", authNamesRole: "is named by its role", authNamesCaller: "is named"}[grant]
		switch {
		case s.notPrincipal && r == authNo:
			part(element, r, "%s is spared by %s", quoteLong(e.caller.text), authList(names))
		case s.notPrincipal && e.bounded && s.deny:
			part(element, r, "%s has a permissions boundary, so that NotPrincipal spares it in no case", quoteLong(e.caller.text))
		case s.notPrincipal:
			part(element, r, "%s is not spared by %s", quoteLong(e.caller.text), authList(names))
		case r == authNo:
			part(element, r, "%s is none of %s", quoteLong(e.caller.text), authList(names))
		case r == authMaybe:
			part(element, r, "whether %s is one of %s is not known", quoteLong(e.caller.text), authList(names))
		default:
			part(element, r, "%s %s in %s", quoteLong(e.caller.text), how, authList(names))
		}
	}
	element, actions := "Action", s.source.Actions
	if s.notAction {
		element, actions = "NotAction", s.source.NotActions
	}
	var hits []string
	for _, a := range actions {
		if authActionMatches(asciiLower(string(a)), string(e.request.Action)) {
			hits = append(hits, string(a))
		}
	}
	part(element, authIf(s.action(e)), "%s %s", quoteLong(string(e.request.Action)), authHits(hits, actions))
	if !s.anyResource {
		element, resources := "Resource", s.source.Resources
		if s.notResource {
			element, resources = "NotResource", s.source.NotResources
		}
		hits = nil
		lacks := ""
		for i := range s.resources {
			switch p := &s.resources[i]; {
			case p.match(e.resource, e) == authYes:
				hits = append(hits, resources[i])
			case p.variables && p.resolved(e) != authYes:
				lacks = fmt.Sprintf("; a variable of %s %s", quoteLong(resources[i]), authLacks(p.resolved(e)))
			}
		}
		part(element, s.resource(e), "%s %s%s", quoteLong(e.resource), authHits(hits, resources), lacks)
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		part(strings.TrimSpace(string(c.source.Operator)+" "+plainLong(c.source.Key)), c.holds(e), "%s", c.explain(e))
	}
	return out
}

// explain says why a condition holds or does not.
func (c *authCondition) explain(e *authEvaluation) string {
	switch {
	case c.slot < 0:
		return "an operator without keys always holds"
	case len(c.source.Values) == 0:
		return "a key without values never holds"
	}
	values, known := e.values(c.slot)
	var list []string
	for i := range values.len() {
		list = append(list, values.at(i))
	}
	want := authList(c.source.Values)
	switch {
	case !known:
		return "the request does not say whether it has the key; the policy has " + want
	case len(list) == 0 && c.family == familyNull:
		return "the request does not have the key; asked for is " + want
	case c.family == familyNull:
		return "the request has the key; asked for is " + want
	case len(list) == 0 && c.set == authForAll:
		return "the request does not have the key, and ForAllValues holds without"
	case len(list) == 0 && c.set == authForAny:
		return "the request does not have the key, and ForAnyValue asks for a value"
	case len(list) == 0 && c.negated:
		return "the request does not have the key, and the negated operator holds without"
	case len(list) == 0 && c.ifExists:
		return "the request does not have the key, and IfExists holds without"
	case len(list) == 0:
		return "the request does not have the key; the policy has " + want
	}
	lacks := ""
	for i := range c.patterns {
		if p := &c.patterns[i]; p.variables && p.resolved(e) != authYes {
			lacks = "; a variable " + authLacks(p.resolved(e))
		}
	}
	got := "the request has " + authList(list) + ", which "
	switch r := c.holds(e); {
	case r == authMaybe && c.negated:
		return got + "may match, and must not, " + want + lacks
	case r == authMaybe:
		return got + "may match " + want + lacks
	case c.negated && r == authYes:
		return got + "matches none of " + want + ", as asked" + lacks
	case c.negated:
		return got + "matches, and must not, one of " + want + lacks
	case r == authYes:
		return got + "matches " + want
	}
	return got + "matches none of " + want + lacks
}

// summary says the decision in a sentence.
func (e *authEvaluation) summary(d Decision, rule *authRuling, missing []string) string {
	what := fmt.Sprintf("%s on %s by %s", plainLong(string(e.request.Action)), quoteLong(e.resource), quoteLong(e.caller.text))
	switch d.Verdict {
	case Allowed:
		switch {
		case rule.free:
			return what + " is allowed: AWS answers this call whatever policies say"
		case d.By == (StatementRef{}):
			return what + " is allowed: the root user needs no policy"
		}
		return what + " is allowed by " + d.By.in(d.Layer)
	case ExplicitlyDenied:
		return what + " is denied by " + d.By.in(d.Layer)
	case ImplicitlyDenied:
		if rule.barred && d.Layer == IdentityLayer {
			return what + " is denied: AWS lets the root user assume no role"
		}
		return fmt.Sprintf("%s is denied, because no statement of %s allows it", what, d.Layer.title())
	}
	return fmt.Sprintf("whether %s is allowed depends on %s", what, authList(missing))
}

// title names the policies of a layer in a sentence.
func (l Layer) title() string {
	switch l {
	case RCPLayer:
		return "the resource control policies"
	case SCPLayer:
		return "the service control policies of a level"
	case EndpointLayer:
		return "the endpoint policy"
	case ResourceLayer:
		return "the policy of the resource"
	case IdentityLayer:
		return "the identity policies"
	case BoundaryLayer:
		return "the permissions boundary"
	}
	return "the session policies"
}

// in names a statement of a layer.
func (s StatementRef) in(layer Layer) string {
	text := fmt.Sprintf("statement %d", s.Statement)
	if s.ID != "" {
		text += " " + quoteLong(s.ID)
	}
	text += fmt.Sprintf(" of document %d of ", s.Document)
	if s.Level > 0 {
		return text + strings.TrimSuffix(layer.title(), " of a level") + fmt.Sprintf(" of level %d", s.Level)
	}
	return text + layer.title()
}

func authNames(list []Principal) []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Value
	}
	return names
}

func authLacks(resolved authTruth) string {
	if resolved == authMaybe {
		return "is not known"
	}
	return "has no value"
}

// authHits says which of the patterns match.
func authHits[T ~string](hits []string, all []T) string {
	if len(hits) > 0 {
		return "matches " + authList(hits)
	}
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = string(a)
	}
	return "matches none of " + authList(texts)
}

// authList quotes values, the first few of them.
func authList(values []string) string {
	const most = 5
	quoted := make([]string, 0, most)
	for _, v := range values[:min(len(values), most)] {
		quoted = append(quoted, quoteLong(v))
	}
	text := strings.Join(quoted, ", ")
	if more := len(values) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// String prints the explanation as an indented tree. Of a statement that does not
// speak of the request it shows what does not match.
func (x Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", x.Summary)
	for _, l := range x.Layers {
		fmt.Fprintf(&b, "  %s", l.Layer)
		if l.Level > 0 {
			fmt.Fprintf(&b, " level %d", l.Level)
		}
		fmt.Fprintf(&b, ": %s\n", l.Text)
		for _, s := range l.Statements {
			id := ""
			if s.ID != "" {
				id = " " + quoteLong(s.ID)
			}
			verb := map[Match]string{MatchNo: "does not apply", MatchOpen: "may apply", MatchYes: "applies"}[s.Match]
			fmt.Fprintf(&b, "    document %d statement %d%s (%s): %s %s\n", s.Document, s.Statement, id, plainLong(s.Path), s.Effect, verb)
			for _, p := range s.Parts {
				if s.Match == MatchYes || p.Match != MatchYes {
					fmt.Fprintf(&b, "      %s %s: %s\n", map[Match]string{MatchNo: "-", MatchOpen: "?", MatchYes: "+"}[p.Match], p.Element, p.Text)
				}
			}
		}
	}
	return b.String()
}
