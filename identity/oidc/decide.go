package oidc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// A Reason says why STS gives no credentials. It is empty where it does.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	ReasonRequest      Reason = "request"       // the name or the duration of the session is none
	ReasonMalformed    Reason = "malformed"     // it is no token
	ReasonTooLong      Reason = "too-long"      // over 20,000 characters
	ReasonUnsigned     Reason = "unsigned"      // alg is "none", or there is no signature
	ReasonAlgorithm    Reason = "algorithm"     // signed by an algorithm that is not taken
	ReasonIssuer       Reason = "issuer"        // of another issuer than the provider's
	ReasonKey          Reason = "key"           // by a key that is not published
	ReasonSignature    Reason = "signature"     // which the key did not make
	ReasonExpired      Reason = "expired"       //
	ReasonNotYet       Reason = "not-yet-valid" // issued in the future, or valid from then
	ReasonClientID     Reason = "client-id"     // its audience is none of the provider's client IDs
	ReasonProvider     Reason = "provider"      // the trust policy names another provider
	ReasonAction       Reason = "action"        // the trust policy allows another call
	ReasonAudience     Reason = "audience"      // the trust policy asks for another audience
	ReasonSubject      Reason = "subject"       // the trust policy asks for another service account
	ReasonCondition    Reason = "condition"     // another condition of the trust policy does not hold
	ReasonDenied       Reason = "denied"        // a statement of the trust policy denies it
	ReasonUndetermined Reason = "undetermined"  // it depends on what is not known here
)

// code returns the code of the error by which STS says so.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (r Reason) code() string {
	switch r {
	case "", ReasonUndetermined:
		return ""
	case ReasonRequest, ReasonTooLong:
		return "ValidationError"
	case ReasonExpired:
		return "ExpiredTokenException"
	case ReasonProvider, ReasonAction, ReasonAudience, ReasonSubject, ReasonCondition, ReasonDenied:
		return "AccessDenied"
	}
	return "InvalidIdentityToken"
}

// A Provider is an OpenID Connect provider of IAM.
type Provider struct {
	ARN       string   `json:"arn"` // arn:aws:iam::111122223333:oidc-provider/HOST/PATH
	URL       string   `json:"url"` // as IAM shows it, without "https://", or as an issuer
	ClientIDs []string `json:"clientIds"`
}

// Key returns the ARN.
func (p Provider) Key() string { return p.ARN }

// Issuer returns the issuer whose tokens the provider takes.
func (p Provider) Issuer() string { return "https://" + ProviderPath(p.URL) }

// A Role is a role that a token is to be exchanged for.
type Role struct {
	ARN   string       `json:"arn"`
	Trust iam.Document `json:"trust"`
	// MaxSession is the longest session that the role allows; zero is an hour.
	MaxSession time.Duration `json:"maxSession,omitempty"`
	// Policies are the ARNs of the attached managed policies; [Decide] needs none.
	Policies groundway.Part[string] `json:"policies,omitzero"`
}

// Key returns the ARN.
func (r Role) Key() string { return r.ARN }

// A WebIdentity is a call of AssumeRoleWithWebIdentity, with what it rests on.
type WebIdentity struct {
	Token    groundway.Secret
	Keys     KeySet // what the issuer publishes
	Provider Provider
	Role     Role
	Time     time.Time // now; required
	// SessionName is 2 to 64 characters; empty is not checked.
	SessionName string
	// Duration is from 15 minutes to what the role allows; zero is an hour.
	Duration time.Duration
	// Context holds further condition keys of the call, such as aws:SourceIp.
	// Without them a condition on one leaves the decision open. The name of the
	// session, and what is known of the token, is added.
	Context iam.Context
}

// A Decision says whether STS gives credentials.
type Decision struct {
	Verdict iam.Verdict
	Reason  Reason // empty where it does
	// Text says why, in a sentence; what it repeats of a token is quoted.
	Text string
	// Code is that of the error that STS answers with, as far as its pages say.
	Code string
	// Token is what was read of it.
	Token Token
	// Explanation is how the trust policy was read; it is zero where STS does not
	// come to that.
	Explanation iam.Explanation
}

// Allowed reports whether STS gives credentials. It does not where that is open.
func (d Decision) Allowed() bool { return d.Verdict == iam.Allowed }

func refused(r Reason, text string, t Token) Decision {
	return Decision{Verdict: iam.ImplicitlyDenied, Reason: r, Text: sentence(text), Code: r.code(), Token: t}
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

// Decide says whether STS exchanges a token for credentials of a role, without
// asking it: whether the token is well-formed, of the provider's issuer, signed by
// a key that is published, in its time and for a client of the provider, and what
// the trust policy says of its audience and subject.
//
// A condition on a key of the issuer that STS does not set, such as one of
// another claim, is not met. Where a token has several audiences, or the claim
// azp, and the trust policy takes some of them only, the decision is open: AWS
// does not say which of them it compares. That the documents can be fetched is
// taken for granted. STS may allow for clocks that differ, and Decide does not.
//
// The error is one of the input and not of the token: a time that is missing, or a
// trust policy or an ARN that is none.
func Decide(w WebIdentity) (Decision, error) {
	if w.Time.IsZero() {
		return Decision{}, errors.New("decide: no time given")
	}
	arn, err := iam.ParseARN(w.Provider.ARN)
	if err != nil || arn.ResourceType() != "oidc-provider" {
		return Decision{}, fmt.Errorf("decide: the provider %s: want arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH", quote(w.Provider.ARN))
	}
	if d := w.checkSession(); d.Reason != "" {
		return d, nil
	}
	t, err := ParseToken(w.Token)
	if err != nil {
		return refusedFor(err, t), nil
	}
	if t.Issuer != w.Provider.Issuer() {
		return refused(ReasonIssuer, fmt.Sprintf("the token is of the issuer %s, and the provider's is %s", quote(t.Issuer), quote(w.Provider.Issuer())), t), nil
	}
	if err := t.Verify(w.Keys); err != nil {
		return refusedFor(err, t), nil
	}
	return w.claims(t)
}

// refusedFor makes a decision of a refusal.
func refusedFor(err error, t Token) Decision {
	e, _ := errors.AsType[*RefusedError](err)
	return refused(e.Reason, "the token is refused: "+e.Text, t)
}

// checkSession compares what the call asks for with what STS gives.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (w WebIdentity) checkSession() Decision {
	longest := cmp.Or(w.Role.MaxSession, time.Hour)
	switch {
	case w.SessionName != "" && iam.CheckName(iam.RoleSessionName, w.SessionName) != nil:
		return refused(ReasonRequest, iam.CheckName(iam.RoleSessionName, w.SessionName).Error(), Token{})
	case w.Duration != 0 && w.Duration < 15*time.Minute:
		return refused(ReasonRequest, fmt.Sprintf("a session of %s is shorter than 15 minutes", w.Duration), Token{})
	case w.Duration > longest:
		return refused(ReasonRequest, fmt.Sprintf("a session of %s is longer than the role allows, %s", w.Duration, longest), Token{})
	}
	return Decision{}
}

// claims decides by what a token says that was verified, or is taken to be.
func (w WebIdentity) claims(t Token) (Decision, error) {
	switch {
	case !w.Time.Before(t.Expires):
		return refused(ReasonExpired, fmt.Sprintf("the token expired at %s", stamp(t.Expires)), t), nil
	case w.Time.Before(t.IssuedAt):
		return refused(ReasonNotYet, fmt.Sprintf("the token was issued at %s, which is in the future", stamp(t.IssuedAt)), t), nil
	case w.Time.Before(t.NotBefore):
		return refused(ReasonNotYet, fmt.Sprintf("the token is valid from %s", stamp(t.NotBefore)), t), nil
	case !slices.ContainsFunc(t.Audiences, func(a string) bool { return slices.Contains(w.Provider.ClientIDs, a) }):
		return refused(ReasonClientID, fmt.Sprintf("the token is for %s, and the provider takes tokens for %s", quoted(t.Audiences), quoted(w.Provider.ClientIDs)), t), nil
	}
	return w.trust(t)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func quoted(list []string) string {
	const most = 5
	if len(list) == 0 {
		return "nobody"
	}
	var texts []string
	for _, s := range list[:min(len(list), most)] {
		texts = append(texts, quote(s))
	}
	text := strings.Join(texts, ", ")
	if more := len(list) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// trust asks the trust policy, once for each text that AWS may take for the
// audience.
func (w WebIdentity) trust(t Token) (Decision, error) {
	authorizer, err := iam.Compile(iam.Policies{Resource: w.Role.Trust})
	if err != nil {
		return Decision{}, fmt.Errorf("decide: the trust policy: %w", err)
	}
	audiences := slices.Clone(t.Audiences)
	if t.AuthorizedParty != "" {
		audiences = append(audiences, t.AuthorizedParty)
	}
	slices.Sort(audiences)
	var first Decision
	for i, audience := range slices.Compact(audiences) {
		x, err := authorizer.Explain(iam.Request{
			Principal: w.Provider.ARN, Action: actionWebIdentity, Resource: w.Role.ARN,
			Context: w.context(t, audience), Partial: true,
		})
		if err != nil {
			return Decision{}, fmt.Errorf("decide: the role %s: %w", quote(w.Role.ARN), err)
		}
		d := explained(t, x, actionWebIdentity, ProviderPath(w.Provider.URL))
		switch {
		case i == 0:
			first = d
		case d.Verdict != first.Verdict:
			return Decision{
				Verdict: iam.Undetermined, Reason: ReasonUndetermined, Token: t, Explanation: x,
				Text: fmt.Sprintf("The token is for %s, and the trust policy takes some of them only: AWS does not say which it compares.", quoted(audiences)),
			}, nil
		}
	}
	return first, nil
}

const actionWebIdentity iam.Action = "sts:AssumeRoleWithWebIdentity"

// context returns the condition keys of the call.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (w WebIdentity) context(t Token, audience string) iam.Context {
	path := ProviderPath(w.Provider.URL)
	c := iam.Context{"sts:ExternalId": nil, "aws:MultiFactorAuthPresent": nil, "aws:MultiFactorAuthAge": nil}
	// Of the claims of a token only these become keys; a policy that asks for
	// another one is not met.
	for _, s := range w.Role.Trust.Statements {
		for _, condition := range s.Conditions {
			if len(condition.Key) > len(path) && strings.EqualFold(condition.Key[:len(path)+1], path+":") {
				c[condition.Key] = nil
			}
		}
	}
	for key, values := range w.Context {
		c[key] = values
	}
	for key := range c {
		if strings.EqualFold(key, path+":aud") || strings.EqualFold(key, path+":sub") {
			delete(c, key)
		}
	}
	c[path+":aud"], c[path+":sub"] = []string{audience}, []string{t.Subject}
	if w.SessionName != "" {
		c["sts:RoleSessionName"] = []string{w.SessionName}
	}
	return c
}

// explained makes a decision of what the trust policy says of an action; path is
// that of the provider, where there is one.
func explained(t Token, x iam.Explanation, action iam.Action, path string) Decision {
	d := Decision{Verdict: x.Verdict, Token: t, Explanation: x, Text: sentence(x.Summary)}
	switch x.Verdict {
	case iam.Allowed:
		d.Text = fmt.Sprintf("Statement %d of the trust policy allows %s.", x.By.Statement, action)
	case iam.ExplicitlyDenied:
		d.Reason = ReasonDenied
	case iam.Undetermined:
		d.Reason = ReasonUndetermined
	case iam.ImplicitlyDenied:
		var why string
		d.Reason, why = nearest(x, path)
		d.Text = fmt.Sprintf("The trust policy does not allow %s: %s.", action, why)
	}
	d.Code = d.Reason.code()
	return d
}

// nearest returns why the statement that comes closest to allowing does not: the
// first of the reasons, of the statement in which it comes last.
func nearest(x iam.Explanation, path string) (Reason, string) {
	order := []Reason{ReasonProvider, ReasonAction, ReasonAudience, ReasonSubject, ReasonCondition}
	best, why := -1, "it has no statement that allows"
	for _, layer := range x.Layers {
		for _, s := range layer.Statements {
			if s.Effect != "Allow" {
				continue
			}
			first, text := len(order), ""
			for _, p := range s.Parts {
				if p.Match != iam.MatchNo {
					continue
				}
				if at := slices.Index(order, reasonOf(p.Element, path)); at < first {
					first, text = at, fmt.Sprintf("statement %d asks for another %s: %s", s.Statement, elementName(p.Element), p.Text)
				}
			}
			if first < len(order) && first > best {
				best, why = first, text
			}
		}
	}
	return order[max(best, 0)], why
}

func elementName(element string) string {
	switch element {
	case "Principal", "NotPrincipal":
		return "provider"
	case "Action", "NotAction":
		return "action"
	}
	_, key, _ := strings.Cut(element, " ")
	return key
}

func reasonOf(element, path string) Reason {
	switch name := elementName(element); {
	case name == "provider":
		return ReasonProvider
	case name == "action":
		return ReasonAction
	case strings.EqualFold(name, path+":aud"):
		return ReasonAudience
	case strings.EqualFold(name, path+":sub"), strings.EqualFold(name, tagNamespace), strings.EqualFold(name, tagServiceAccount):
		return ReasonSubject
	}
	return ReasonCondition
}
