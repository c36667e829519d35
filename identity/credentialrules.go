package identity

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

const (
	codeRoot        groundway.Code = "identity/credential-root"
	codeLife        groundway.Code = "identity/credential-life-short"
	codeChain       groundway.Code = "identity/credential-chain-capped"
	codeDuration    groundway.Code = "identity/credential-duration-refused"
	codeSessionName groundway.Code = "identity/credential-session-name"
	codeExternalID  groundway.Code = "identity/credential-external-id"
	codeMFA         groundway.Code = "identity/credential-mfa"
	codeUntrusted   groundway.Code = "identity/credential-role-untrusted"
	codeRegion      groundway.Code = "identity/credential-region-disabled"
	codeClock       groundway.Code = "identity/credential-clock-skew"
	codePullSecret  groundway.Code = "identity/credential-pull-secret"
	codeLicense     groundway.Code = "identity/credential-license"
)

const (
	actionCaller = "sts:GetCallerIdentity"
	actionRole   = "iam:GetRole"
	actionRegion = "account:GetRegionOptStatus"

	pageRoot   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
	pageTemp   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html"
	pageAssume = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
	pageChain  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"
	pageParty  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
	pageMFA    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html"
	pageRegion = "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"
	pageClock  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"
	pagePull   = "https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"
	noRole     = "no role is to be assumed"
)

// credentialRules are those of [CheckCredentials].
var credentialRules = seenBy(map[groundway.Code][]string{
	codeRoot: {actionCaller}, codeLife: {actionCaller}, codeChain: {actionCaller}, codeDuration: {actionRole},
	codeExternalID: {actionCaller, actionRole}, codeMFA: {actionCaller, actionRole}, codeUntrusted: {actionCaller, actionRole},
	codeRegion: {actionRegion}, codeClock: {actionCaller},
}, []verdict.Rule{
	verdict.NewRule(codeRoot, groundway.Error, pageRoot, "The caller is not the root user",
		"No policy limits the root user, it cannot assume roles, and its keys do not expire.",
		"Use credentials of a user or a role.", ""),
	verdict.NewRule(codeLife, groundway.Error, pageTemp, "The credentials outlast the installation",
		"An installation whose credentials end stops halfway, and leaves what it has made so far.",
		"Renew the credentials right before the installation, for as long as it takes.", ""),
	verdict.NewRule(codeChain, groundway.Error, pageChain, "No session of a role is chained for more than an hour",
		"A role that is assumed with the credentials of another role lasts an hour at most: STS refuses to give more, whatever the role allows.",
		"Assume the role with the credentials of a user, or plan for an hour.", noRole),
	verdict.NewRule(codeDuration, groundway.Error, pageAssume, "The session is as long as the role allows",
		"STS gives sessions from 15 minutes to the longest that the role allows, which is at most 12 hours, and refuses any other.",
		"Ask for a duration that the role allows, or have it raised.", noRole),
	verdict.NewRule(codeSessionName, groundway.Error, pageAssume, "The session has a name",
		"STS takes 2 to 64 letters, digits and characters of +=,.@_-. The name stands in the account's logs.",
		"Name the session by who installs.", noRole),
	verdict.NewRule(codeExternalID, groundway.Error, pageParty, "The external ID is the one that the role asks for",
		"STS refuses a caller without it, and does not say so.",
		"Send the external ID that the owner of the role gave you.", noRole, codeRoot),
	verdict.NewRule(codeMFA, groundway.Error, pageMFA, "Who the role asks for MFA has signed in with it",
		"STS refuses a caller without it, and does not say so. Sessions of roles cannot have it.",
		"Send the serial number of the device and the code that it shows.", noRole, codeRoot),
	verdict.NewRule(codeUntrusted, groundway.Error, pageAssume, "The role trusts the caller",
		"STS refuses whom the trust policy does not name.",
		"Have the caller added to the trust policy of the role.", noRole, codeRoot, codeExternalID, codeMFA),
	verdict.NewRule(codeRegion, groundway.Error, pageRegion, "The account may use the region",
		"In a region that the account has not opted in to, every call fails as if the credentials were wrong.",
		"Enable the region for the account, and wait until it is enabled.", "no region is named"),
	verdict.NewRule(codeClock, groundway.Error, pageClock, "The clock agrees with AWS's",
		"AWS refuses requests that are signed five minutes early or late. Tokens and certificates that this machine makes are wrong by as much.",
		"Set the clock, and keep it by NTP.", ""),
	verdict.NewRule(codePullSecret, groundway.Error, pagePull, "The pull secret opens every registry",
		"Without it nodes pull no images, which shows long after the installation has begun.",
		"Download the pull secret anew, and hand it over as it is.", "the installer needs no pull secret"),
	verdict.NewRule(codeLicense, groundway.Error, pagePull, "The licence is there",
		"The installer stops without it, after it has made the machines.",
		"Download the licence, and hand it over as it is.", "the installer needs no licence"),
})

// seenBy puts the IAM actions into the rules.
func seenBy(actions map[groundway.Code][]string, rules []verdict.Rule) []verdict.Rule {
	for i := range rules {
		rules[i].Permissions = actions[rules[i].Code]
	}
	return rules
}
