package iam_test

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway/iam"
)

// An oracle decides a request in the plainest way that AWS's pages allow: every
// statement of every policy, with regular expressions, big numbers and maps. It
// is slow, shares no code with the Authorizer but the reading of templates, and
// knows complete contexts only.
type oracle struct {
	policies iam.Policies
	request  iam.Request
	keys     map[string][]string // in lower case, but for those of issuers
	version  iam.Version         // of the document that is read
	exact    bool                // it is the policy of a resource, which takes ARNs as they are

	kind, partition, account, name, roleARN string
	owner                                   string
}

// oracleVerdict decides a request that Authorize takes.
func oracleVerdict(p iam.Policies, r iam.Request) iam.Verdict {
	o := oracle{policies: p, request: r, keys: map[string][]string{}}
	for key, values := range r.Context {
		o.keys[oracleKey(key)] = values
	}
	o.who()
	o.derive()

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
	person := o.kind != "anonymous" && o.kind != "service" && o.kind != "provider"
	linked := strings.Contains(o.roleARN, ":role/aws-service-role/")
	action := strings.ToLower(string(r.Action))
	free := action == "sts:getcalleridentity" && person || action == "sts:getsessiontoken" && o.kind == "user"
	inOrganization := person && !linked && !free
	attached := person && o.kind != "root" && !free

	denies := func(documents []iam.Document) bool {
		return len(o.matching(documents, iam.EffectDeny)) > 0
	}
	var denied bool
	if !linked {
		for _, level := range p.RCPs {
			denied = denied || denies(level)
		}
	}
	if inOrganization {
		for _, level := range p.SCPs {
			denied = denied || denies(level)
		}
	}
	denied = denied || denies(p.Endpoint)
	rootsOwn := o.kind == "root" && o.owner == o.account && (action == "s3:getbucketpolicy" || action == "s3:putbucketpolicy" || action == "s3:deletebucketpolicy")
	if !rootsOwn {
		o.exact = true
		denied = denied || denies([]iam.Document{p.Resource})
		o.exact = false
	}
	if attached {
		denied = denied || denies(p.Identity) || denies(p.Boundary)
	}
	if person && !free {
		denied = denied || denies(p.Session)
	}
	if denied {
		return iam.ExplicitlyDenied
	}

	allows := func(documents []iam.Document) bool {
		return len(o.matching(documents, iam.EffectAllow)) > 0
	}
	if inOrganization {
		for _, level := range p.SCPs {
			if !allows(level) {
				return iam.ImplicitlyDenied
			}
		}
	}
	if len(p.Endpoint) > 0 && !allows(p.Endpoint) {
		return iam.ImplicitlyDenied
	}
	verdict := func(ok bool) iam.Verdict {
		if ok {
			return iam.Allowed
		}
		return iam.ImplicitlyDenied
	}
	if free {
		return iam.Allowed
	}
	if o.kind == "root" && action == "sts:assumerole" {
		return iam.ImplicitlyDenied // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
	}
	byCaller, byRole, byAccount := false, false, false
	o.exact = true
	named := o.matching([]iam.Document{p.Resource}, iam.EffectAllow)
	o.exact = false
	for _, how := range named {
		byCaller = byCaller || how == "caller"
		byRole = byRole || how == "role"
		byAccount = byAccount || how == "account"
	}
	if !person {
		return verdict(byCaller)
	}
	limits := true
	if o.kind != "root" && len(p.Boundary) > 0 {
		limits = allows(p.Boundary)
	}
	if len(p.Session) > 0 {
		limits = limits && allows(p.Session)
	} else if o.kind == "federated" {
		limits = false
	}
	own := o.kind == "root" || allows(p.Identity)
	arn := strings.SplitN(r.Resource, ":", 6)
	alone := len(arn) == 6 && (arn[2] == "kms" && strings.HasPrefix(arn[5], "key/") && strings.HasPrefix(action, "kms:") ||
		arn[2] == "iam" && strings.HasPrefix(arn[5], "role/") && strings.HasPrefix(action, "sts:"))
	switch {
	case o.owner != o.account:
		return verdict(len(named) > 0 && own && limits)
	case byCaller:
		return iam.Allowed
	case byRole && limits:
		return iam.Allowed
	case alone:
		return verdict(len(named) > 0 && own && limits)
	}
	return verdict(own && limits)
}

// who reads the principal of the request.
func (o *oracle) who() {
	r := o.request
	match := func(pattern string) []string {
		return regexp.MustCompile(`^` + pattern + `$`).FindStringSubmatch(r.Principal)
	}
	set := func(kind string, m []string) bool {
		if m == nil {
			return false
		}
		o.kind, o.partition, o.account = kind, m[1], m[2]
		if len(m) > 3 {
			o.name = m[3]
		}
		return true
	}
	switch {
	case r.Principal == "*":
		o.kind = "anonymous"
	case set("user", match(`arn:([^:]+):iam::(\d{12}):user/(?:.*/)?([^/]+)`)):
	case set("role", match(`arn:([^:]+):iam::(\d{12}):role/(?:.*/)?([^/]+)`)):
		o.roleARN = r.Principal
	case set("root", match(`arn:([^:]+):iam::(\d{12}):root`)):
	case set("session", match(`arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/[^/]+`)):
		if v := o.keys["aws:principalarn"]; len(v) == 1 && regexp.MustCompile(`^arn:[^:]+:iam::`+o.account+`:role/(.*/)?`+o.name+`$`).MatchString(v[0]) {
			o.roleARN = v[0]
		}
	case set("federated", match(`arn:([^:]+):sts::(\d{12}):federated-user/(.+)`)):
	case set("provider", match(`arn:([^:]+):iam::(\d{12}):(?:oidc|saml)-provider/(.+)`)):
	case strings.HasSuffix(r.Principal, ".amazonaws.com"), strings.HasSuffix(r.Principal, ".amazonaws.com.cn"):
		o.kind = "service"
	default:
		o.kind = "provider"
	}
	o.owner = string(r.ResourceAccount)
	if arn := strings.SplitN(r.Resource, ":", 6); o.owner == "" && len(arn) == 6 && regexp.MustCompile(`^\d{12}$`).MatchString(arn[4]) {
		o.owner = arn[4]
	}
	if o.owner == "" {
		o.owner = o.account
	}
}

// derive adds the keys that AWS sends with every request of the kind.
func (o *oracle) derive() {
	add := func(key, value string) {
		if _, ok := o.keys[strings.ToLower(key)]; !ok && value != "" {
			o.keys[strings.ToLower(key)] = []string{value}
		}
	}
	role := o.roleARN
	if role == "" {
		role = "arn:" + o.partition + ":iam::" + o.account + ":role/" + o.name
	}
	switch o.kind {
	case "user":
		add("aws:PrincipalArn", o.request.Principal)
		add("aws:PrincipalType", "User")
		add("aws:username", o.name)
	case "role", "session":
		add("aws:PrincipalArn", role)
		add("aws:PrincipalType", "AssumedRole")
	case "federated":
		add("aws:PrincipalArn", o.request.Principal)
		add("aws:PrincipalType", "FederatedUser")
	case "root":
		add("aws:PrincipalArn", o.request.Principal)
		add("aws:PrincipalType", "Account")
	case "anonymous":
		add("aws:PrincipalType", "Anonymous")
	case "service":
		add("aws:PrincipalServiceName", o.request.Principal)
		add("aws:PrincipalIsAWSService", "true")
	}
	if o.kind != "anonymous" && o.kind != "service" && o.kind != "provider" {
		add("aws:PrincipalAccount", o.account)
		add("aws:PrincipalIsAWSService", "false")
	}
	add("aws:ResourceAccount", o.owner)
}

func oracleKey(key string) string {
	if host := strings.FieldsFunc(key, func(r rune) bool { return r == ':' || r == '/' }); len(host) > 1 && strings.Contains(host[0], ".") {
		return key
	}
	return strings.ToLower(key)
}

// matching returns how the statements of an effect that apply name the caller.
func (o *oracle) matching(documents []iam.Document, effect iam.Effect) (how []string) {
	for _, d := range documents {
		o.version = d.Version
		for _, s := range d.Statements {
			if s.Effect != effect || !o.action(s) || !o.resource(s) {
				continue
			}
			name, ok := o.principal(s)
			if !ok {
				continue
			}
			all := true
			for _, c := range s.Conditions {
				all = all && o.condition(c)
			}
			if all {
				how = append(how, name)
			}
		}
	}
	return how
}

func oracleGlob(pattern, any, one string) string {
	var b strings.Builder
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(any)
		case '?':
			b.WriteString(one)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

func oracleMatches(expression, text string) bool {
	return regexp.MustCompile(`(?s)^(?:` + expression + `)$`).MatchString(text)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func (o *oracle) action(s iam.Statement) bool {
	in := func(list []iam.Action) bool {
		for _, a := range list {
			if oracleMatches(oracleGlob(strings.ToLower(string(a)), ".*", "."), strings.ToLower(string(o.request.Action))) {
				return true
			}
		}
		return false
	}
	if s.NotActions != nil {
		return !in(s.NotActions)
	}
	return in(s.Actions)
}

// expand returns the text as a regular expression, with a mark for each wildcard
// that is one; false if a variable has no value.
func (o *oracle) expand(text string) (pieces []oraclePiece, ok bool) {
	if o.version != iam.Version2012 {
		return []oraclePiece{{text: text}}, true
	}
	t, err := iam.ParseTemplate(text)
	if err != nil {
		panic(err)
	}
	for _, s := range t {
		switch {
		case s.Escape != 0:
			pieces = append(pieces, oraclePiece{string(rune(s.Escape)), true})
		case s.Key != "":
			values := o.keys[oracleKey(s.Key)]
			switch {
			case len(values) == 1:
				pieces = append(pieces, oraclePiece{values[0], true})
			case len(values) == 0 && s.HasDefault:
				pieces = append(pieces, oraclePiece{s.Default, true})
			default:
				return nil, false
			}
		default:
			pieces = append(pieces, oraclePiece{text: s.Text})
		}
	}
	return pieces, true
}

type oraclePiece struct {
	text    string
	literal bool
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (o *oracle) resourceMatches(pattern string) (matches, resolved bool) {
	if pattern == "*" {
		return true, true
	}
	for !o.exact && strings.Count(pattern, ":") < 5 {
		pattern += ":*" // what a policy of an identity lacks is any
	}
	pieces, ok := o.expand(pattern)
	if !ok {
		return false, false
	}
	// Wildcards in the first five parts: a * that ends its part may run over
	// colons, others may not.
	var b strings.Builder
	colons := 0
	flat := ""
	for _, p := range pieces {
		if p.literal {
			flat += strings.Repeat("\x00", len(p.text))
		} else {
			flat += p.text
		}
	}
	at := 0
	for _, p := range pieces {
		for i := range len(p.text) {
			c := p.text[i]
			ends := at+1 == len(flat) || flat[at+1] == ':'
			switch {
			case p.literal:
				b.WriteString(regexp.QuoteMeta(string(c)))
			case c == '*' && (colons >= 5 || ends):
				b.WriteString(".*")
			case c == '*':
				b.WriteString("[^:]*")
			case c == '?' && colons >= 5:
				b.WriteString(".")
			case c == '?':
				b.WriteString("[^:]")
			default:
				b.WriteString(regexp.QuoteMeta(string(c)))
			}
			if c == ':' {
				colons++
			}
			at++
		}
	}
	return oracleMatches(b.String(), o.request.Resource), true
}

func (o *oracle) resource(s iam.Statement) bool {
	for _, r := range s.Resources {
		if ok, _ := o.resourceMatches(r); ok {
			return true
		}
	}
	if s.NotResources == nil {
		return s.Resources == nil
	}
	for _, r := range s.NotResources {
		if ok, resolved := o.resourceMatches(r); ok || !resolved {
			return false
		}
	}
	return true
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (o *oracle) named(p iam.Principal) (how string, ok bool) {
	switch {
	case p.Value == "*" && (p.Kind == iam.PrincipalEveryone || p.Kind == iam.PrincipalAWS):
		return "caller", true
	case p.Kind == iam.PrincipalService:
		return "caller", o.kind == "service" && o.request.Principal == p.Value
	case p.Kind == iam.PrincipalFederated:
		return "caller", o.kind == "provider" && o.request.Principal == p.Value
	}
	account := regexp.MustCompile(`^(?:arn:aws[^:]*:iam::)?(\d{12})(?::root)?$`).FindStringSubmatch(p.Value)
	person := o.kind != "anonymous" && o.kind != "service" && o.kind != "provider"
	if account != nil {
		if o.kind == "root" {
			return "caller", o.account == account[1]
		}
		return "account", person && o.account == account[1]
	}
	if role := regexp.MustCompile(`^arn:[^:]+:iam::(\d{12}):role/(?:.*/)?([^/]+)$`).FindStringSubmatch(p.Value); role != nil {
		if o.kind != "role" && o.kind != "session" {
			return "role", false
		}
		if o.roleARN != "" {
			return "role", o.roleARN == p.Value
		}
		return "role", o.account == role[1] && o.name == role[2]
	}
	return "caller", person && o.request.Principal == p.Value
}

func (o *oracle) principal(s iam.Statement) (how string, ok bool) {
	if s.Principals == nil && s.NotPrincipals == nil {
		return "caller", true
	}
	if s.NotPrincipals != nil {
		return "caller", !o.spared(s)
	}
	best := ""
	for _, p := range s.Principals {
		switch how, ok := o.named(p); {
		case ok && (best == "" || how == "caller" || how == "role" && best == "account"):
			best = how
		}
	}
	return best, best != ""
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (o *oracle) spared(s iam.Statement) bool {
	listed := map[string]bool{}
	for _, p := range s.NotPrincipals {
		if p.Value == "*" {
			return true
		}
		if how, ok := o.named(p); ok {
			listed[how] = true
		}
	}
	if s.Effect == iam.EffectAllow {
		return len(listed) > 0
	}
	person := o.kind != "anonymous" && o.kind != "service" && o.kind != "provider"
	if person && o.kind != "root" && len(o.policies.Boundary) > 0 {
		return false
	}
	switch o.kind {
	case "user", "federated":
		return listed["account"] && listed["caller"]
	case "role":
		return listed["account"] && listed["role"]
	case "session":
		return listed["account"] && listed["role"] && listed["caller"]
	}
	return listed["caller"]
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (o *oracle) condition(c iam.Condition) bool {
	if c.Key == "" {
		return true
	}
	if len(c.Values) == 0 {
		return false
	}
	values := o.keys[oracleKey(c.Key)]
	base := string(c.Operator.Base())
	if base == "Null" || c.Operator.IsForAllValues() || c.Operator.IsForAnyValue() {
		if strings.Join(values, "") == "" {
			values = nil
		}
	}
	if base == "Null" {
		for _, v := range c.Values {
			if strings.EqualFold(v, "true") && len(values) == 0 || strings.EqualFold(v, "false") && len(values) > 0 {
				return true
			}
		}
		return false
	}
	negated := strings.Contains(base, "Not")
	positive := strings.Replace(base, "Not", "", 1)
	matches := func(value string) bool {
		for _, v := range c.Values {
			if o.compare(positive, v, value) {
				return true
			}
		}
		return false
	}
	switch {
	case c.Operator.IsForAllValues():
		for _, v := range values {
			if matches(v) == negated {
				return false
			}
		}
		return true
	case c.Operator.IsForAnyValue():
		for _, v := range values {
			if matches(v) != negated {
				return true
			}
		}
		return false
	case len(values) == 0:
		return negated || c.Operator.IsIfExists()
	}
	any := false
	for _, v := range values {
		any = any || matches(v)
	}
	return any != negated
}

func (o *oracle) compare(operator, policy, value string) bool {
	literal := func() (string, bool) {
		pieces, ok := o.expand(policy)
		text := ""
		for _, p := range pieces {
			text += p.text
		}
		return text, ok
	}
	like := func(any, one string) bool {
		pieces, ok := o.expand(policy)
		expression := ""
		for _, p := range pieces {
			if p.literal {
				expression += regexp.QuoteMeta(p.text)
			} else {
				expression += oracleGlob(p.text, any, one)
			}
		}
		return ok && oracleMatches(expression, value)
	}
	numbers := func(ok func(compared int) bool) bool {
		a, okA := new(big.Rat).SetString(value)
		b, okB := new(big.Rat).SetString(policy)
		return okA && okB && ok(a.Cmp(b))
	}
	dates := func(ok func(compared int) bool) bool {
		a, okA := oracleDate(value)
		b, okB := oracleDate(policy)
		return okA && okB && ok(a.Compare(b))
	}
	less := func(c int) bool { return c < 0 }
	lessSame := func(c int) bool { return c <= 0 }
	same := func(c int) bool { return c == 0 }
	moreSame := func(c int) bool { return c >= 0 }
	more := func(c int) bool { return c > 0 }
	switch operator {
	case "StringEquals":
		text, ok := literal()
		return ok && text == value
	case "StringEqualsIgnoreCase":
		text, ok := literal()
		return ok && strings.EqualFold(text, value)
	case "StringLike":
		return like(".*", ".")
	case "ArnEquals", "ArnLike":
		if strings.Count(value, ":") < 5 || !strings.HasPrefix(value, "arn:") {
			return false
		}
		if policy == "*" {
			return true
		}
		// Part by part.
		want, got := strings.SplitN(policy, ":", 6), strings.SplitN(value, ":", 6)
		if strings.Contains(policy, "${") && o.version == iam.Version2012 {
			pieces, ok := o.expand(policy)
			if !ok {
				return false
			}
			text := ""
			for _, p := range pieces {
				if p.literal {
					text += strings.NewReplacer("*", "\x01", "?", "\x02").Replace(p.text)
				} else {
					text += p.text
				}
			}
			want = strings.SplitN(text, ":", 6)
		}
		if len(want) < 6 {
			return false
		}
		for i := range want {
			e := oracleGlob(want[i], ".*", ".")
			e = strings.NewReplacer("\x01", `\*`, "\x02", `\?`).Replace(e)
			if !oracleMatches(e, got[i]) {
				return false
			}
		}
		return true
	case "NumericEquals":
		return numbers(same)
	case "NumericLessThan":
		return numbers(less)
	case "NumericLessThanEquals":
		return numbers(lessSame)
	case "NumericGreaterThan":
		return numbers(more)
	case "NumericGreaterThanEquals":
		return numbers(moreSame)
	case "DateEquals":
		return dates(same)
	case "DateLessThan":
		return dates(less)
	case "DateLessThanEquals":
		return dates(lessSame)
	case "DateGreaterThan":
		return dates(more)
	case "DateGreaterThanEquals":
		return dates(moreSame)
	case "Bool":
		return strings.EqualFold(policy, value) && (strings.EqualFold(value, "true") || strings.EqualFold(value, "false"))
	case "BinaryEquals":
		a, errA := base64.StdEncoding.DecodeString(value)
		b, errB := base64.StdEncoding.DecodeString(policy)
		return errA == nil && errB == nil && bytes.Equal(a, b)
	case "IpAddress":
		a, err := netip.ParseAddr(value)
		if err != nil {
			return false
		}
		if p, err := netip.ParsePrefix(policy); err == nil {
			return p.Contains(a)
		}
		b, err := netip.ParseAddr(policy)
		return err == nil && a == b
	}
	panic("operator " + operator)
}

func oracleDate(text string) (time.Time, bool) {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	seconds, ok := new(big.Int).SetString(text, 10)
	if !ok || !seconds.IsInt64() {
		return time.Time{}, false
	}
	return time.Unix(seconds.Int64(), 0), true
}
