package identity

import (
	"cmp"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// A CredentialSnapshot is what AWS says of the caller, and of what the caller is
// to work with. A part that is left out is unseen.
type CredentialSnapshot struct {
	groundway.Observation
	CredentialParts
}

// CredentialParts are what is seen. Their names in JSON are theirs alone, so that
// one file can hold the snapshots of several packages.
type CredentialParts struct {
	Caller groundway.Part[Caller] `json:"caller,omitzero"` // one
	// Credential is what is known of the credentials of the caller: one.
	Credential groundway.Part[Credential]   `json:"credential,omitzero"`
	Clock      groundway.Part[Clock]        `json:"clock,omitzero"`        // one
	Regions    groundway.Part[RegionStatus] `json:"regionStatus,omitzero"` // those that were asked for
	// Roles are those that the caller is to assume.
	Roles groundway.Part[CallerRole] `json:"callerRoles,omitzero"`
}

// A Caller is who sts:GetCallerIdentity says the credentials are of.
type Caller struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
	UserID  string `json:"userId"`
}

// Key returns the ARN.
func (c Caller) Key() string { return c.ARN }

// IsRoot reports whether the caller is the root user of the account: by the ARN, or
// by the user ID where a session hides it.
func (c Caller) IsRoot() bool {
	return c.UserID != "" && c.UserID == c.Account || strings.HasSuffix(c.ARN, ":root")
}

// IsSession reports whether the caller is a session of a role. Another role that
// it assumes is chained: such credentials last an hour at most.
func (c Caller) IsSession() bool { return strings.Contains(c.ARN, ":assumed-role/") }

// A Clock is the time here and at AWS at one moment, of which AWS's has no more
// than seconds.
type Clock struct {
	Service string    `json:"service"` // that answered: "sts"
	AWS     time.Time `json:"aws"`
	Local   time.Time `json:"local"` // when the answer came
}

// Key returns the service.
func (c Clock) Key() string { return c.Service }

// Skew returns by how much the clock here is fast.
func (c Clock) Skew() time.Duration { return c.Local.Sub(c.AWS) }

// A RegionStatus says whether the account may use a region, in AWS's words:
// ENABLED, ENABLED_BY_DEFAULT, ENABLING, DISABLED, DISABLING, or UNKNOWN for a
// region that AWS does not know.
type RegionStatus struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

// Key returns the name.
func (r RegionStatus) Key() string { return r.Name }

// A CallerRole is a role that the caller is to assume.
type CallerRole struct {
	ARN        string        `json:"arn"`
	Trust      iam.Document  `json:"trust"`
	MaxSession time.Duration `json:"maxSession,omitempty"` // zero where it is not shown
}

// Key returns the ARN.
func (r CallerRole) Key() string { return r.ARN }

// A Credential is what is known of the credentials themselves where they were loaded.
// None of it is secret.
type Credential struct {
	// AccessKeyID begins with AKIA for a key of a user, which does not expire, and
	// with ASIA for one that does. These four characters are enough.
	AccessKeyID string `json:"accessKeyId,omitempty"`
	// Expires is when they end, in whole seconds; zero where the source does not say,
	// as for those of environment variables.
	Expires time.Time `json:"expires,omitzero"`
	// Source is where they come from, as the SDK says it: "EnvConfigCredentials".
	Source string `json:"source,omitempty"`
	// Renews says that the source gives new ones when these end, to a program that asks
	// it: a role of an instance or a pod, a role that is assumed, a signed-in session.
	// Whoever was handed a copy has no more than the copy.
	Renews bool `json:"renews,omitempty"`
}

// Key returns the source.
func (c Credential) Key() string { return cmp.Or(c.Source, "unknown") }

// temporary reports whether the credentials end.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func (c Credential) temporary() bool {
	return strings.HasPrefix(c.AccessKeyID, "ASIA") || !c.Expires.IsZero()
}

// An Assumption is a role that the caller is to assume before anything else.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
type Assumption struct {
	RoleARN     string
	SessionName string
	// Duration is how long the session lasts; zero is an hour.
	Duration   time.Duration
	ExternalID string
	// MFASerial is the device, an ARN or a serial number, and TokenCode what it
	// shows: six digits.
	MFASerial string
	TokenCode groundway.Secret
}

// A SecretText is the text of a file that the installer is handed.
type SecretText struct {
	Name string // for messages
	Text groundway.Secret
	// Missing is why there is no text, and Unseen why nobody looked: clauses such as
	// "there is no such file". Both are empty where there is one.
	Missing, Unseen string
}

// CredentialOptions say what is planned. The zero value asks little.
type CredentialOptions struct {
	Time   time.Time     // now; without it nothing is said of what expires
	Run    time.Duration // how long the installation takes; zero is an hour
	Region string        // where it installs; empty is not asked
	Assume *Assumption   // nil: the caller works with its own credentials
	// PullSecret is what the installer pulls images with, for these registries; nil
	// where it needs none.
	PullSecret *SecretText
	Registries []string
	// License is that of the product; nil where it needs none.
	License *SecretText
}

// Redact returns the snapshot with what identifies the account replaced. What a
// rule decides by stays: that the caller is root, or a session.
func (s CredentialSnapshot) Redact() CredentialSnapshot {
	const account = "000000000001" // as the other packages call the account that a snapshot is of
	replace := func(text, was string) string {
		if was == "" {
			return text
		}
		return strings.ReplaceAll(text, was, account)
	}
	was := s.Account
	callers := make(groundway.List[Caller], 0, len(s.Caller.Items))
	for _, c := range s.Caller.Items {
		kind, _, named := strings.Cut(c.ARN[strings.LastIndexByte(c.ARN, ':')+1:], "/")
		arn := c.ARN[:strings.LastIndexByte(c.ARN, ':')+1] + kind
		switch {
		case kind == "assumed-role":
			arn += "/role/session"
		case named:
			arn += "/caller"
		}
		id := "AIDAEXAMPLE"
		if c.IsRoot() {
			id = account
		}
		was = c.Account
		callers = append(callers, Caller{account, replace(arn, c.Account), id})
	}
	if s.Caller.Items != nil {
		s.Caller.Items = callers
	}
	if s.Account != "" {
		s.Account = account
	}
	credentials := make(groundway.List[Credential], 0, len(s.Credential.Items))
	for _, c := range s.Credential.Items {
		c.AccessKeyID = c.AccessKeyID[:min(4, len(c.AccessKeyID))]
		c.Source, _, _ = strings.Cut(c.Source, ":") // a path follows
		credentials = append(credentials, c)
	}
	if s.Credential.Items != nil {
		s.Credential.Items = credentials
	}
	roles := make(groundway.List[CallerRole], 0, len(s.Roles.Items))
	for _, r := range s.Roles.Items {
		trust, err := iam.Parse(replace(r.Trust.String(), was), iam.ParseOptions{})
		if err != nil {
			trust = iam.Document{} // no policy, which nothing passes by
		}
		roles = append(roles, CallerRole{replace(r.ARN, was), trust, r.MaxSession})
	}
	if s.Roles.Items != nil {
		s.Roles.Items = roles
	}
	return s
}
