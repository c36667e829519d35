package identity

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// CheckCredentials says whether an installation can be carried through with the
// credentials of the caller: who it is, how long they last, whether the role that
// it is to assume trusts it, and what else it was handed. It needs no private part
// of the credentials, and no finding holds a secret.
func CheckCredentials(s CredentialSnapshot, o CredentialOptions) []groundway.Finding {
	o.Run = cmp.Or(o.Run, time.Hour)
	k := &credentialChecker{Judge: verdict.NewJudge(credentialRules, "credentials"), s: s, o: o}
	if len(s.Caller.Items) > 0 {
		k.caller = &s.Caller.Items[0]
	}
	for _, check := range []func(*credentialChecker){
		checkRoot, checkLife, checkAssumption, checkTrust, checkRegion, checkClock, checkPullSecret, checkLicense,
	} {
		check(k)
	}
	k.Settle()
	return k.Findings()
}

type credentialChecker struct {
	*verdict.Judge
	s      CredentialSnapshot
	o      CredentialOptions
	caller *Caller // nil: unseen
}

// unseen records that a rule is unknown because a part was not seen.
func (k *credentialChecker) unseen(code groundway.Code, part, action string, gaps []groundway.Gap) {
	if len(gaps) == 0 {
		gaps = []groundway.Gap{{Action: action, Message: "it was not asked for"}}
	}
	k.Tally.Unseen(code, k.Subject("/parts/"+part), nil, gaps...)
}

func (k *credentialChecker) callerPath(field string) string {
	return groundway.Pointer("parts", "caller", "items", k.caller.ARN, field)
}

func checkRoot(k *credentialChecker) {
	k.Source = actionCaller
	switch {
	case k.caller == nil:
		k.unseen(codeRoot, "caller", actionCaller, k.s.Caller.Gaps)
	case k.caller.ARN == "" && k.caller.UserID == "":
		k.unseen(codeRoot, "caller", actionCaller, []groundway.Gap{{Action: actionCaller, Message: "the answer holds neither ARN nor user ID"}})
	default:
		k.Require(!k.caller.IsRoot(), verdict.Fault{
			Code: codeRoot, Path: k.callerPath("arn"), Got: k.caller.ARN, Want: "a user or a role",
			Summary:  fmt.Sprintf("The caller is the root user of account %s.", k.caller.Account),
			Commands: [][]string{{"aws", "sts", "get-caller-identity"}},
		})
	}
}

func checkLife(k *credentialChecker) {
	var c Credential // unseen: nothing is known
	if len(k.s.Credential.Items) > 0 {
		c = k.s.Credential.Items[0]
	}
	path := groundway.Pointer("parts", "credential", "items", c.Key(), "expires")
	k.Source = "credentials"
	session := k.caller != nil && k.caller.IsSession()
	expired := !c.Expires.IsZero() && !k.o.Time.IsZero() && !k.o.Time.Before(c.Expires)
	switch {
	case k.o.Assume != nil && !expired:
		// The credentials are exchanged at once; what counts then is the session.
		d := cmp.Or(k.o.Assume.Duration, time.Hour)
		k.Source = "caller"
		k.Require(d >= k.o.Run, verdict.Fault{
			Code: codeLife, Path: "/assume/duration", Got: d.String(), Want: k.o.Run.String(),
			Summary: fmt.Sprintf("The session of the role lasts %s, and the installation takes %s.", d, k.o.Run),
			Action:  "Ask for a longer session, or renew it while the installation runs.",
		})
	case c.AccessKeyID == "" && c.Expires.IsZero() && !session:
		k.Unseen(codeLife, path, "nothing is known of the credentials but whose they are")
	case !c.temporary() && !session:
		k.Pass(codeLife, 1)
	case c.Expires.IsZero():
		k.Unseen(codeLife, path, fmt.Sprintf("the credentials of %s end, and do not say when", cmp.Or(c.Source, "the caller")))
	case k.o.Time.IsZero():
		k.Unseen(codeLife, path, "the time was not given")
	default:
		left := c.Expires.Sub(k.o.Time)
		f := verdict.Fault{
			Code: codeLife, Path: path, Got: c.Expires.UTC().Format(time.RFC3339), Want: "after " + k.o.Time.Add(k.o.Run).UTC().Format(time.RFC3339),
			Summary: fmt.Sprintf("The credentials last %s more, and the installation takes %s.", left.Round(time.Second), k.o.Run),
		}
		switch {
		case expired:
			f.Summary = "The credentials have expired."
		case c.Renews:
			f.Severity = groundway.Warning
			f.Summary = strings.TrimSuffix(f.Summary, ".") + ": " + c.Source + " gives new ones, to a program that asks it."
			f.Action, f.Or = "Have the installer load credentials from there itself, not a copy of these.", []string{k.Rule(codeLife).Action}
		}
		k.Require(left >= k.o.Run, f)
	}
}

// checkAssumption judges what is asked of STS by its form.
func checkAssumption(k *credentialChecker) {
	a := k.o.Assume
	if a == nil {
		return
	}
	k.Source = "caller"
	err := iam.CheckName(iam.RoleSessionName, a.SessionName)
	k.Require(err == nil, verdict.Fault{
		Code: codeSessionName, Path: "/assume/sessionName", Got: a.SessionName, Want: "2 to 64 letters, digits and characters of +=,.@_-",
		Summary: fmt.Sprintf("The name of the session, %q, is none that STS takes.", a.SessionName),
	})

	asked := cmp.Or(a.Duration, time.Hour)
	role, seen := k.role()
	longest := cmp.Or(role.MaxSession, 12*time.Hour)
	switch {
	case asked < 15*time.Minute || asked > longest:
		k.Fail(verdict.Fault{
			Code: codeDuration, Path: "/assume/duration", Got: asked.String(), Want: "15 minutes to " + longest.String(),
			Summary: fmt.Sprintf("A session of %s is asked for, and STS gives 15 minutes to %s.", asked, longest),
		})
	case asked > time.Hour && (!seen || role.MaxSession == 0): // an hour is what every role allows
		k.unseen(codeDuration, "callerRoles", actionRole, k.s.Roles.Gaps)
	default:
		k.Pass(codeDuration, 1)
	}

	switch {
	case asked <= time.Hour:
		k.Pass(codeChain, 1)
	case k.caller == nil:
		k.unseen(codeChain, "caller", actionCaller, k.s.Caller.Gaps)
	default:
		k.Require(!k.caller.IsSession(), verdict.Fault{
			Code: codeChain, Path: "/assume/duration", Got: asked.String(), Want: "an hour at most",
			Summary: fmt.Sprintf("A session of %s is asked for with the credentials of another session, %s.", asked, k.caller.ARN),
			Also:    []groundway.Fact{{Path: k.callerPath("arn"), Got: k.caller.ARN, Want: "a user", Source: actionCaller}},
		})
	}
}

// role returns the role to be assumed, if it was seen.
func (k *credentialChecker) role() (CallerRole, bool) {
	for _, r := range k.s.Roles.Items {
		if r.ARN == k.o.Assume.RoleARN {
			return r, true
		}
	}
	return CallerRole{}, false
}

const (
	pathExternalID = "/assume/externalId"
	pathMFA        = "/assume/mfaSerial"
)

var (
	tokenCode = regexp.MustCompile(`^[0-9]{6}$`)
	mfaSerial = regexp.MustCompile(`^[\w+=/:,.@-]{9,256}$`)
)

// checkTrust asks the trust policy of the role, and finds out what it lacks by
// asking again as if it were there.
func checkTrust(k *credentialChecker) {
	a := k.o.Assume
	if a == nil {
		return
	}
	k.Source = "caller"
	if err := iam.CheckName(iam.ExternalID, a.ExternalID); a.ExternalID != "" && err != nil {
		k.Fail(verdict.Fault{
			Code: codeExternalID, Path: pathExternalID, Got: a.ExternalID, Want: "2 to 1224 letters, digits and characters of _+=,.@:/-",
			Summary: fmt.Sprintf("The external ID %q is none that STS takes.", a.ExternalID),
		})
	}
	hasMFA := mfaSerial.MatchString(a.MFASerial) && tokenCode.MatchString(a.TokenCode.Reveal())
	if !hasMFA && (a.MFASerial != "" || !a.TokenCode.IsZero()) {
		k.Fail(verdict.Fault{
			Code: codeMFA, Path: pathMFA, Got: a.MFASerial, Want: "the serial number of a device, and the six digits that it shows",
			Summary: "The device and its code are not both given, or have another form than STS takes.",
		})
	}
	codes := []groundway.Code{codeExternalID, codeMFA, codeUntrusted}
	role, seen := k.role()
	switch {
	case k.caller != nil && k.caller.IsRoot():
		for _, code := range codes {
			k.Skip(code, codeRoot, k.Subject(k.callerPath("arn")))
		}
	case k.caller == nil:
		for _, code := range codes {
			k.unseen(code, "caller", actionCaller, k.s.Caller.Gaps)
		}
	case !seen && k.s.Roles.Complete():
		k.Source = actionRole
		k.Fail(verdict.Fault{
			Code: codeUntrusted, Path: "/parts/callerRoles", Got: "no such role", Want: a.RoleARN,
			Summary: fmt.Sprintf("The role %s does not exist.", a.RoleARN), Action: "Name a role that exists.",
		})
	case !seen:
		for _, code := range codes {
			k.unseen(code, "callerRoles", actionRole, k.s.Roles.Gaps)
		}
	default:
		k.trust(role, hasMFA)
	}
}

// An asking is one way to ask the trust policy.
type asking struct {
	externalIDs []string
	mfa         bool
}

func (k *credentialChecker) trust(role CallerRole, hasMFA bool) {
	k.Source = actionRole
	path := groundway.Pointer("parts", "callerRoles", "items", role.ARN, "trust")
	authorizer, err := iam.Compile(iam.Policies{
		Resource: role.Trust,
		// What the caller's own policies say is not asked here.
		Identity: []iam.Document{iam.MustDocument(iam.Allow("sts:AssumeRole").On("*"))},
	})
	if err != nil {
		k.Fail(verdict.Fault{
			Code: codeUntrusted, Path: path, Got: "a policy that cannot be read", Want: "a trust policy",
			Summary: fmt.Sprintf("The trust policy of %s is none: %v.", role.ARN, err), Action: "Replace the trust policy.",
		})
		return
	}
	ask := func(a asking) iam.Explanation {
		// Of keys that are not asked for here, such as aws:SourceIp, nothing is known.
		c := iam.Context{"sts:ExternalId": a.externalIDs, "sts:RoleSessionName": {k.o.Assume.SessionName}, "aws:MultiFactorAuthPresent": nil, "aws:MultiFactorAuthAge": nil}
		if a.mfa {
			c["aws:MultiFactorAuthPresent"], c["aws:MultiFactorAuthAge"] = []string{"true"}, []string{"1"}
		}
		x, err := authorizer.Explain(iam.Request{Principal: k.caller.ARN, Action: "sts:AssumeRole", Resource: role.ARN, Context: c, Partial: true})
		if err != nil {
			return iam.Explanation{} // the caller's ARN has no form that AWS sends
		}
		return x
	}
	mine := asking{mfa: hasMFA}
	if k.o.Assume.ExternalID != "" {
		mine.externalIDs = []string{k.o.Assume.ExternalID}
	}
	x := ask(mine)
	if x.Verdict == 0 {
		for _, code := range []groundway.Code{codeExternalID, codeMFA, codeUntrusted} {
			k.Unseen(code, k.callerPath("arn"), fmt.Sprintf("%q is no caller that a policy can name", k.caller.ARN))
		}
		return
	}
	if x.Verdict == iam.Allowed {
		for _, code := range []groundway.Code{codeExternalID, codeMFA, codeUntrusted} {
			k.Pass(code, 1)
		}
		return
	}
	lacks, open := k.lacking(role, mine, ask)
	if lacks == nil || open {
		k.Pass(codeExternalID, 1)
		k.Pass(codeMFA, 1)
		if x.Verdict == iam.Undetermined {
			k.Unseen(codeUntrusted, path, "the trust policy asks for "+strings.Join(x.Missing, ", "))
			return
		}
		k.Fail(verdict.Fault{
			Code: codeUntrusted, Path: path, Got: x.Summary, Want: "trust in " + k.caller.ARN,
			Summary:  fmt.Sprintf("The role %s does not trust %s.", role.ARN, k.caller.ARN),
			Commands: [][]string{{"aws", "iam", "get-role", "--role-name", role.ARN[strings.LastIndexByte(role.ARN, '/')+1:]}},
		})
		return
	}
	because := []groundway.Fact{{Path: path, Got: x.Summary, Want: "a caller that it allows", Source: actionRole}}
	k.Source = "caller"
	if slices.Contains(lacks, codeExternalID) {
		got := k.o.Assume.ExternalID
		summary := fmt.Sprintf("The role %s asks for an external ID, and none is sent.", role.ARN)
		if got != "" {
			summary = fmt.Sprintf("The role %s asks for another external ID than %q.", role.ARN, got)
		}
		k.Fail(verdict.Fault{Code: codeExternalID, Path: pathExternalID, Got: got, Want: "the external ID of the trust policy", Summary: summary, Also: because})
		k.Skip(codeUntrusted, codeExternalID, k.Subject(pathExternalID))
	} else {
		k.Pass(codeExternalID, 1)
	}
	if slices.Contains(lacks, codeMFA) {
		f := verdict.Fault{
			Code: codeMFA, Path: pathMFA, Got: k.o.Assume.MFASerial, Want: "MFA", Also: because,
			Summary: fmt.Sprintf("The role %s asks for MFA, and the caller has none.", role.ARN),
		}
		if k.caller.IsSession() {
			f.Summary = fmt.Sprintf("The role %s asks for MFA, which the session %s cannot have.", role.ARN, k.caller.ARN)
			f.Action = "Assume the role with the credentials of a user who has a device."
		}
		k.Fail(f)
		k.Skip(codeUntrusted, codeMFA, k.Subject(pathMFA))
	} else {
		k.Pass(codeMFA, 1)
	}
}

// lacking returns the least that the caller has to bring so that the trust policy
// allows: nothing where nothing helps. It is open where it stays undetermined.
func (k *credentialChecker) lacking(role CallerRole, mine asking, ask func(asking) iam.Explanation) (codes []groundway.Code, open bool) {
	ids := [][]string{mine.externalIDs, nil}
	for _, s := range role.Trust.Statements {
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, "sts:ExternalId") {
				for _, v := range c.Values {
					ids = append(ids, []string{strings.NewReplacer("*", "x", "?", "x").Replace(v)})
				}
			}
		}
	}
	best := 3
	for i, id := range ids {
		for _, mfa := range []bool{mine.mfa, !mine.mfa} {
			x := ask(asking{id, mfa})
			if x.Verdict != iam.Allowed && x.Verdict != iam.Undetermined {
				continue
			}
			var need []groundway.Code
			if i > 0 && !slices.Equal(id, mine.externalIDs) {
				need = append(need, codeExternalID)
			}
			if mfa != mine.mfa {
				need = append(need, codeMFA)
			}
			if len(need) < best {
				best, codes, open = len(need), need, x.Verdict == iam.Undetermined && len(need) == 0
			}
		}
	}
	return codes, open
}

func checkRegion(k *credentialChecker) {
	if k.o.Region == "" {
		return
	}
	k.Source = actionRegion
	for _, r := range k.s.Regions.Items {
		if r.Name != k.o.Region {
			continue
		}
		switch r.Status {
		case "ENABLED", "ENABLED_BY_DEFAULT":
			k.Pass(codeRegion, 1)
		default:
			k.Fail(verdict.Fault{
				Code: codeRegion, Path: groundway.Pointer("parts", "regionStatus", "items", r.Name, "status"), Got: r.Status, Want: "ENABLED",
				Summary:  fmt.Sprintf("The region %s is %s for the account.", r.Name, strings.ToLower(r.Status)),
				Commands: [][]string{{"aws", "account", "enable-region", "--region-name", r.Name}},
			})
		}
		return
	}
	k.unseen(codeRegion, "regionStatus", actionRegion, k.s.Regions.Gaps)
}

func checkClock(k *credentialChecker) {
	if len(k.s.Clock.Items) == 0 {
		k.unseen(codeClock, "clock", actionCaller, k.s.Clock.Gaps)
		return
	}
	k.Source = actionCaller
	c := k.s.Clock.Items[0]
	skew := c.Skew().Round(time.Second)
	f := verdict.Fault{
		Code: codeClock, Path: groundway.Pointer("parts", "clock", "items", c.Service, "local"), Got: c.Local.UTC().Format(time.RFC3339),
		Want: "within a minute of " + c.AWS.UTC().Format(time.RFC3339), Summary: fmt.Sprintf("The clock is %s fast.", skew),
	}
	if skew < 0 {
		f.Summary = fmt.Sprintf("The clock is %s slow.", -skew)
	}
	if skew.Abs() < 5*time.Minute {
		f.Severity = groundway.Warning
	}
	k.Require(skew.Abs() <= time.Minute, f)
}
