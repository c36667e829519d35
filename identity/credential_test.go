package identity_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

const (
	userARN = "arn:aws:iam::111122223333:user/ops"
	role    = "arn:aws:iam::111122223333:role/tectonic-installer"
)

// rulesOf returns the rules whose codes begin with "identity/" and the prefix.
func rulesOf(prefix string) []groundway.Rule {
	return slices.DeleteFunc(identity.Rules(), func(r groundway.Rule) bool { return !strings.HasPrefix(string(r.Code), "identity/"+prefix) })
}

func auths(pairs ...string) groundway.Secret {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, fmt.Sprintf("%q:{\"auth\":%q,\"email\":\"ops@example.com\"}", pairs[i], base64.StdEncoding.EncodeToString([]byte(pairs[i+1]))))
	}
	return groundway.NewSecret(`{"auths":{` + strings.Join(list, ",") + `}}`)
}

// callers is a user who assumes a role that asks for nothing, with all that an
// installer is handed.
func callers() (identity.CredentialSnapshot, identity.CredentialOptions) {
	var s identity.CredentialSnapshot
	s.Observation = groundway.Observation{Account: "111122223333", Region: "us-east-1", Time: noon}
	s.Caller = groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: userARN, UserID: "AIDAEXAMPLE"})
	s.Credential = groundway.SeenPart(identity.Credential{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", Source: "the environment"})
	s.Clock = groundway.SeenPart(identity.Clock{Service: "sts", AWS: noon, Local: noon.Add(time.Second)})
	s.Regions = groundway.SeenPart(identity.RegionStatus{Name: "us-east-1", Status: "ENABLED_BY_DEFAULT"})
	s.Roles = groundway.SeenPart(identity.CallerRole{ARN: role, Trust: iam.MustTrustDocument(iam.TrustPrincipals(userARN)), MaxSession: 4 * time.Hour})
	return s, identity.CredentialOptions{
		Time: noon, Run: 40 * time.Minute, Region: "us-east-1",
		Assume:     &identity.Assumption{RoleARN: role, SessionName: "ops", Duration: 2 * time.Hour},
		PullSecret: &identity.SecretText{Name: "config.json", Text: auths("https://quay.io/v1/", "ops:hunter2")}, Registries: []string{"quay.io"},
		License: &identity.SecretText{Name: "tectonic-license.txt", Text: groundway.NewSecret("eyJhbGciOi.hunter2.x\n")},
	}
}

func trusting(t iam.PrincipalTrust) groundway.Part[identity.CallerRole] {
	return groundway.SeenPart(identity.CallerRole{ARN: role, Trust: iam.MustTrustDocument(t), MaxSession: 4 * time.Hour})
}

func session(s *identity.CredentialSnapshot) {
	s.Caller.Items[0] = identity.Caller{Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/admin/ops", UserID: "AROAEXAMPLE:ops"}
}

func TestCheckCredentials(t *testing.T) {
	t.Parallel()
	rules := rulesOf("credential-")
	ledger := findingtest.Ledger{}
	for _, test := range []struct {
		name    string
		edit    func(s *identity.CredentialSnapshot, o *identity.CredentialOptions)
		fails   []string
		unknown []string
		says    string
	}{
		{"good", nil, nil, nil, ""},
		{"nothing seen", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			*s = identity.CredentialSnapshot{}
			s.Caller = groundway.UnseenPart[identity.Caller](groundway.Gap{Action: "sts:GetCallerIdentity", Code: "InternalFailure", Message: "AWS could not answer"})
		}, nil, []string{
			"credential-root", "credential-chain-capped", "credential-duration-refused", "credential-external-id", "credential-mfa",
			"credential-role-untrusted", "credential-region-disabled", "credential-clock-skew",
		}, "InternalFailure: AWS could not answer"},
		{"nothing asked", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			*o = identity.CredentialOptions{}
		}, nil, nil, "no role is to be assumed"},

		{"the root user", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Caller.Items[0] = identity.Caller{Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", UserID: "111122223333"}
		}, []string{"credential-root"}, nil, "The caller is the root user of account 111122223333."},
		{"a session of the root user", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume = nil
			s.Caller.Items[0] = identity.Caller{Account: "111122223333", UserID: "111122223333", ARN: "arn:aws:iam::111122223333:root"}
		}, []string{"credential-root"}, nil, ""},
		{"a user called root", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Caller.Items[0].ARN = "arn:aws:iam::111122223333:user/root"
			s.Roles = trusting(iam.TrustPrincipals("arn:aws:iam::111122223333:user/root"))
		}, nil, nil, ""},
		{"an answer without a caller", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume = nil
			s.Caller.Items[0] = identity.Caller{Account: "111122223333"}
		}, nil, []string{"credential-root"}, "the answer holds neither ARN nor user ID"},

		{"a minute left", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume, s.Credential = nil, groundway.SeenPart(identity.Credential{AccessKeyID: "ASIAEXAMPLE", Expires: noon.Add(time.Minute)})
		}, []string{"credential-life-short"}, nil, "The credentials last 1m0s more, and the installation takes 40m0s."},
		{"a minute left of what is renewed", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume, s.Credential = nil, groundway.SeenPart(identity.Credential{AccessKeyID: "ASIA", Source: "EC2RoleProvider", Expires: noon.Add(time.Minute), Renews: true})
		}, []string{"credential-life-short"}, nil, "WARNING  identity/credential-life-short"},
		{"exactly enough", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume, s.Credential = nil, groundway.SeenPart(identity.Credential{AccessKeyID: "ASIAEXAMPLE", Expires: noon.Add(40 * time.Minute)})
		}, nil, nil, ""},
		{"expired", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Credential.Items[0].Expires = noon
		}, []string{"credential-life-short"}, nil, "The credentials have expired."},
		{"from the environment", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume, s.Credential.Items[0].AccessKeyID = nil, "ASIAEXAMPLE"
		}, nil, []string{"credential-life-short"}, "the credentials of the environment end, and do not say when"},
		{"a session of which nothing else is known", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			session(s)
			o.Assume, s.Credential = nil, groundway.Part[identity.Credential]{}
		}, nil, []string{"credential-life-short"}, "the credentials of the caller end"},
		{"without the time", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume, s.Credential, o.Time = nil, groundway.SeenPart(identity.Credential{Expires: noon}), time.Time{}
		}, nil, []string{"credential-life-short"}, "the time was not given"},
		{"an hour unless it is said", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Run, o.Assume, s.Credential = 0, nil, groundway.SeenPart(identity.Credential{AccessKeyID: "ASIAEXAMPLE", Expires: noon.Add(59 * time.Minute)})
		}, []string{"credential-life-short"}, nil, "the installation takes 1h0m0s"},
		{"a session that is too short", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume.Duration = 30 * time.Minute
		}, []string{"credential-life-short"}, nil, "The session of the role lasts 30m0s, and the installation takes 40m0s."},

		{"a chain of two hours", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			session(s)
			s.Roles = trusting(iam.TrustPrincipals("arn:aws:iam::111122223333:role/admin"))
		}, []string{"credential-chain-capped"}, nil, "A session of 2h0m0s is asked for with the credentials of another session"},
		{"a chain of an hour", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			session(s)
			o.Assume.Duration = time.Hour
			s.Roles = trusting(iam.TrustPrincipals("arn:aws:iam::111122223333:role/admin"))
		}, nil, nil, ""},
		{"five hours", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) { o.Assume.Duration = 5 * time.Hour }, []string{"credential-duration-refused"}, nil, "A session of 5h0m0s is asked for, and STS gives 15 minutes to 4h0m0s."},
		{"13 hours of any role", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles.Items[0].MaxSession, o.Assume.Duration = 0, 13*time.Hour
		}, []string{"credential-duration-refused"}, nil, ""},
		{"two hours of a role that does not say", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) { s.Roles.Items[0].MaxSession = 0 }, nil, []string{"credential-duration-refused"}, ""},
		{"14 minutes", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Run, o.Assume.Duration = 10*time.Minute, 14*time.Minute
		}, []string{"credential-duration-refused"}, nil, ""},
		{"the name of the page", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume.SessionName = "<DESIRED_USER_NAME>"
		}, []string{"credential-session-name"}, nil, `The name of the session, "<DESIRED_USER_NAME>", is none that STS takes.`},

		{"no external ID", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals(userARN).ExternalID("groundway-7"))
		}, []string{"credential-external-id"}, nil, "asks for an external ID, and none is sent"},
		{"another external ID", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles, o.Assume.ExternalID = trusting(iam.TrustPrincipals(userARN).ExternalID("groundway-7")), "groundway-8"
		}, []string{"credential-external-id"}, nil, `asks for another external ID than "groundway-8"`},
		{"the external ID", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles, o.Assume.ExternalID = trusting(iam.TrustPrincipals(userARN).ExternalID("groundway-7")), "groundway-7"
		}, nil, nil, ""},
		{"an external ID that is not asked for", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Assume.ExternalID = "groundway-7"
		}, nil, nil, ""},
		{"an external ID of one letter", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) { o.Assume.ExternalID = "x" }, []string{"credential-external-id"}, nil, `The external ID "x" is none that STS takes.`},
		{"no MFA", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals(userARN).RequireMFA())
		}, []string{"credential-mfa"}, nil, "asks for MFA, and the caller has none"},
		{"MFA", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals(userARN).RequireMFA())
			o.Assume.MFASerial, o.Assume.TokenCode = "arn:aws:iam::111122223333:mfa/ops", groundway.NewSecret("123456")
		}, nil, nil, ""},
		{"five digits", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals(userARN).RequireMFA())
			o.Assume.MFASerial, o.Assume.TokenCode = "arn:aws:iam::111122223333:mfa/ops", groundway.NewSecret("12345")
		}, []string{"credential-mfa"}, nil, "The device and its code are not both given, or have another form than STS takes."},
		{"MFA of a session", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			session(s)
			o.Assume.Duration = time.Hour
			s.Roles = trusting(iam.TrustPrincipals("arn:aws:iam::111122223333:role/admin").RequireMFA())
		}, []string{"credential-mfa"}, nil, "which the session arn:aws:sts::111122223333:assumed-role/admin/ops cannot have"},
		{"neither", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals(userARN).RequireMFA().ExternalID("groundway-7"))
		}, []string{"credential-external-id", "credential-mfa"}, nil, ""},
		{"somebody else is trusted", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustPrincipals("arn:aws:iam::111122223333:user/alice").RequireMFA())
		}, []string{"credential-role-untrusted"}, nil, "The role arn:aws:iam::111122223333:role/tectonic-installer does not trust arn:aws:iam::111122223333:user/ops."},
		{"EC2 is trusted", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = groundway.SeenPart(identity.CallerRole{ARN: role, Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com")), MaxSession: 4 * time.Hour})
		}, []string{"credential-role-untrusted"}, nil, ""},
		{"the account is trusted", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles = trusting(iam.TrustAccountRoot("111122223333"))
		}, nil, nil, ""},
		{"an address", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Roles.Items[0].Trust = iam.MustParse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + userARN + `"},"Action":"sts:AssumeRole","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`)
		}, nil, []string{"credential-role-untrusted"}, "the trust policy asks for aws:SourceIp"},
		{"a caller that is none", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Caller.Items[0].ARN = "arn:aws:sts::111122223333:user/moto"
		}, nil, []string{"credential-external-id", "credential-mfa", "credential-role-untrusted"}, `"arn:aws:sts::111122223333:user/moto" is no caller that a policy can name`},
		{"no such role", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			s.Roles, o.Assume.Duration = groundway.SeenPart[identity.CallerRole](), time.Hour
		}, []string{"credential-role-untrusted"}, nil, "The role arn:aws:iam::111122223333:role/tectonic-installer does not exist."},

		{"a region that is off", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Regions.Items[0].Status = "DISABLED"
		}, []string{"credential-region-disabled"}, nil, "The region us-east-1 is disabled for the account."},
		{"another region was asked about", func(s *identity.CredentialSnapshot, o *identity.CredentialOptions) { o.Region = "af-south-1" }, nil, []string{"credential-region-disabled"}, ""},
		{"two minutes fast", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Clock.Items[0].Local = noon.Add(2 * time.Minute)
		}, []string{"credential-clock-skew"}, nil, "The clock is 2m0s fast."},
		{"six minutes slow", func(s *identity.CredentialSnapshot, _ *identity.CredentialOptions) {
			s.Clock.Items[0].Local = noon.Add(-6 * time.Minute)
		}, []string{"credential-clock-skew"}, nil, "The clock is 6m0s slow."},

		{"another registry", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.Registries = append(o.Registries, "docker.io")
		}, []string{"credential-pull-secret"}, nil, "The pull secret config.json has no credentials for docker.io."},
		{"a pull secret that is none", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.PullSecret.Text = groundway.NewSecret("hunter2")
		}, []string{"credential-pull-secret"}, nil, "The pull secret config.json cannot be used: it is not a JSON object."},
		{"no licence", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.License.Text = groundway.NewSecret(" \n")
		}, []string{"credential-license"}, nil, "The licence tectonic-license.txt is empty."},
		{"files that are not there", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.PullSecret = &identity.SecretText{Name: "config.json", Missing: "there is no such file"}
			o.License = &identity.SecretText{Name: "tectonic-license.txt", Missing: "there is no such file"}
		}, []string{"credential-license", "credential-pull-secret"}, nil, "The pull secret config.json was not read: there is no such file."},
		{"files that nobody read", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.PullSecret = &identity.SecretText{Name: "config.json", Unseen: "the file cannot be read"}
			o.License = &identity.SecretText{Name: "tectonic-license.txt", Unseen: "the file cannot be read"}
		}, nil, []string{"credential-license", "credential-pull-secret"}, "It could not be seen whether the licence is there: the file cannot be read."},
		{"one for the other", func(_ *identity.CredentialSnapshot, o *identity.CredentialOptions) {
			o.License.Text, o.PullSecret.Text = o.PullSecret.Text, o.License.Text
		}, []string{"credential-license", "credential-pull-secret"}, nil, "The licence tectonic-license.txt is a pull secret."},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, o := callers()
			if test.edit != nil {
				test.edit(&s, &o)
			}
			findings := identity.CheckCredentials(s, o)
			assert.ElementsMatch(t, test.fails, findingtest.Outcomes(findings, groundway.Failed))
			assert.ElementsMatch(t, test.unknown, findingtest.Outcomes(findings, groundway.Unknown))
			ledger.Hold(t, findingtest.Contract{Snapshot: together(t, s, o), Rules: rules, Sources: []string{"caller"}}, findings)
			text := findingtest.Text(t, findings)
			assert.Contains(t, text, test.says)
			for _, secret := range []string{"hunter2", "123456", base64.StdEncoding.EncodeToString([]byte("ops:hunter2"))} {
				assert.NotContains(t, text, secret)
			}
		})
	}
	ledger.Complete(t, rules, "credential-root", "credential-life-short", "credential-chain-capped", "credential-duration-refused", "credential-external-id", "credential-mfa",
		"credential-role-untrusted", "credential-region-disabled", "credential-clock-skew", "credential-pull-secret", "credential-license")
	// How far the clock is off decides how bad it is.
	s, o := callers()
	for minutes, want := range map[int]groundway.Severity{2: groundway.Warning, 5: groundway.Error, -5: groundway.Error} {
		s.Clock.Items[0].Local = noon.Add(time.Duration(minutes) * time.Minute)
		for _, f := range identity.CheckCredentials(s, o) {
			if f.Outcome == groundway.Failed {
				assert.Equal(t, want, f.Severity)
			}
		}
	}
}

// together is what evidence points into: what was seen, and what is planned.
func together(t *testing.T, s identity.CredentialSnapshot, o identity.CredentialOptions) any {
	t.Helper()
	if len(s.Caller.Items) > 0 && s.Caller.Items[0].ARN == "" {
		return nil // which no snapshot can be written of
	}
	text, err := groundway.MarshalSnapshot(s.Observation, s.CredentialParts)
	require.NoError(t, err)
	tree := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &tree))
	if a := o.Assume; a != nil {
		given := map[string]any{"duration": cmp.Or(a.Duration, time.Hour).String(), "sessionName": a.SessionName, "externalId": a.ExternalID, "mfaSerial": a.MFASerial}
		maps.DeleteFunc(given, func(_ string, v any) bool { return v == "" })
		tree["assume"] = given
	}
	for _, text := range []*identity.SecretText{o.PullSecret, o.License} {
		if text != nil && text.Missing == "" {
			tree[text.Name] = []string{} // in words
		}
	}
	return tree
}

func TestCredentialSnapshot(t *testing.T) {
	t.Parallel()
	s, o := callers()
	text, err := groundway.MarshalSnapshot(s.Observation, s.CredentialParts)
	require.NoError(t, err)
	var again identity.CredentialParts
	_, err = groundway.UnmarshalSnapshot(text, &again)
	require.NoError(t, err)
	assert.Equal(t, identity.CheckCredentials(s, o), identity.CheckCredentials(identity.CredentialSnapshot{CredentialParts: again}, o))

	s.Account, s.Caller.Items[0].Account = "444455556666", "444455556666"
	s.Caller.Items[0].ARN = "arn:aws:iam::444455556666:user/secret-name"
	s.Roles.Items[0].Trust = iam.MustTrustDocument(iam.TrustPrincipals("arn:aws:iam::444455556666:user/x"))
	s.Credential.Items[0].Source = "SharedConfigCredentials: /home/secret-name/.aws/credentials"
	r := s.Redact()
	assert.Equal(t, groundway.SeenPart(identity.Credential{AccessKeyID: "AKIA", Source: "SharedConfigCredentials"}), r.Credential)
	text, err = groundway.MarshalSnapshot(r.Observation, r.CredentialParts)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "444455556666")
	assert.NotContains(t, string(text), "secret-name")
	for arn, root := range map[string]bool{"arn:aws:iam::444455556666:root": true, "arn:aws:sts::444455556666:assumed-role/a/b": false} {
		s.Caller.Items[0].ARN = arn
		got := s.Redact().Caller.Items[0]
		assert.Equal(t, root, got.IsRoot())
		assert.Equal(t, !root, got.IsSession())
	}
	assert.Equal(t, identity.CredentialSnapshot{}, identity.CredentialSnapshot{}.Redact())
}

func TestParsePullSecret(t *testing.T) {
	t.Parallel()
	p, err := identity.ParsePullSecret(auths("quay.io", "ops:hun:ter2", "https://index.docker.io/v1/", "a:b"))
	require.NoError(t, err)
	assert.Equal(t, "hun:ter2", p.Auths["quay.io"].Password.Reveal())
	assert.Equal(t, "ops", p.Auths["quay.io"].Username)
	for registry, want := range map[string]bool{"quay.io": true, "https://quay.io/v2": true, "docker.io": true, "QUAY.io": true, "io": false, "registry.quay.io": false, "": false} {
		assert.Equal(t, want, p.Opens(registry), registry)
	}
	// Credentials for a path open what is below it, and stars one label each.
	p, err = identity.ParsePullSecret(auths("https://quay.io/acme", "a:b", "*.example.com", "a:b", "registry.local:5000", "a:b", "[", "a:b", "https://quay.example.org/v2/", "a:b"))
	require.NoError(t, err)
	for registry, want := range map[string]bool{
		"quay.io": false, "quay.io/acme": true, "quay.io/acme/app": true, "quay.io/acme2": false, "a.example.com": true, "a.b.example.com": false,
		"example.com": false, "registry.local": false, "registry.local:5000": true, "quay.example.org": true, "[": false,
	} {
		assert.Equal(t, want, p.Opens(registry), registry)
	}
	p, err = identity.ParsePullSecret(groundway.NewSecret(`{"auths":{"a":{"username":"u","password":"p"},"b":{"identitytoken":"t"}},"HttpHeaders":{}}`))
	require.NoError(t, err)
	assert.True(t, p.Opens("a") && p.Opens("b"))
	for text, want := range map[string]string{
		"":                         "it is empty",
		"hunter2":                  "it is not a JSON object",
		"{":                        "it is not JSON of this form, it ends early, or a name stands in it twice",
		`{"auths":{}}`:             "it names no registry",
		`{"auths":"hunter2"}`:      "it is not JSON of this form, it ends early, or a name stands in it twice",
		`{"auths":{},"auths":{}}`:  "it is not JSON of this form, it ends early, or a name stands in it twice",
		`{"auths":{"a":{}}}x`:      "something follows the JSON object",
		`{"quay.io":{"auth":"x"}}`: `it has no object "auths"`,
		`{"credsStore":"desktop"}`: "its credentials are in a store of this machine, where nodes cannot read them",
		`{"auths":{"quay.io":{}},"credsStore":"desktop"}`: `the credentials of "quay.io" are in a store of this machine, where nodes cannot read them`,
		`{"auths":{"quay.io":{}}}`:                        `"quay.io" has no user or no password`,
		`{"auths":{"quay.io":{"auth":"hunter2!"}}}`:       `the auth of "quay.io" is not base64`,
		`{"auths":{"quay.io":{"auth":"aHVudGVyMg=="}}}`:   `the auth of "quay.io" is not a user and a password with a colon between`,
		`{"auths":{"quay.io":{"auth":"b3BzOg=="}}}`:       `"quay.io" has no user or no password`,
		strings.Repeat("x", 1<<20+1):                      "it is over 1 MiB, which no Secret holds",
	} {
		_, err := identity.ParsePullSecret(groundway.NewSecret(text))
		assert.EqualError(t, err, "parse pull secret: "+want)
	}
}

func FuzzParsePullSecret(f *testing.F) {
	f.Add(auths("quay.io", "ops:hunter2").Reveal())
	f.Add(`{"auths":{"a":{"username":"u","password":"p"},"b":{"identitytoken":"t"}},"credHelpers":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := identity.ParsePullSecret(groundway.NewSecret(text))
		if err != nil {
			return
		}
		for registry, a := range p.Auths {
			_ = p.Opens(registry)
			require.False(t, a.Password.IsZero())
		}
	})
}

// An hour is left, and the installation takes an hour and a half.
func ExampleCheckCredentials() {
	var s identity.CredentialSnapshot
	s.Caller = groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/installer/ops", UserID: "AROAEXAMPLE:ops"})
	s.Credential = groundway.SeenPart(identity.Credential{AccessKeyID: "ASIAIOSFODNN7EXAMPLE", Expires: time.Date(2026, 11, 26, 13, 0, 0, 0, time.UTC)})
	for _, f := range identity.CheckCredentials(s, identity.CredentialOptions{
		Time: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Run: 90 * time.Minute,
	}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// identity/credential-life-short The credentials last 1h0m0s more, and the installation takes 1h30m0s.
}
