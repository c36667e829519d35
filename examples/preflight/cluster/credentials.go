package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	callercli "github.com/groundway-sdk/groundway/identity/awscli"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
)

// Credentials are what an installation is carried through with: those of the caller,
// and the files that the installer is handed.
//
//	credentials:
//	  installTakes: 1h30m           # how long the installation takes
//	  pullSecret: config.json       # optional: the file that docker login writes
//	  registries: [quay.io]         # optional: which the pull secret has to open
//	  license: tectonic-license.txt # optional: that of the product
//
// Paths are relative to the folder of the spec. What the files hold is in no report and
// no snapshot: a replay reads them anew.
type Credentials struct {
	InstallTakes time.Duration // zero: not given, and nothing is said about credentials
	PullSecret   *identity.SecretText
	Registries   []string
	License      *identity.SecretText
}

// credentialField is the key credentials.
func (s *Spec) credentialField() field {
	c := &s.Credentials
	return field{key: "credentials", want: "a mapping with installTakes", optional: true, within: []field{
		{key: "installTakes", want: "a duration such as 1h30m", read: text(&c.InstallTakes, parseRun)},
		{key: "pullSecret", want: "the path of a file", optional: true, read: text(&c.PullSecret, parseSecretPath)},
		{key: "registries", want: "a list of registries", optional: true, read: texts(&c.Registries, "a registry such as quay.io", parseRegistry)},
		{key: "license", want: "the path of a file", optional: true, read: text(&c.License, parseSecretPath)},
	}}
}

func parseRun(s string) (time.Duration, error) {
	const longest = 7 * 24 * time.Hour // a mistake rather than an installation
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute || d > longest {
		return 0, fmt.Errorf("got %s, want a duration from 1m to 168h, such as 1h30m", quote(s))
	}
	return d, nil
}

// parseSecretPath refuses what may be the secret itself, and does not repeat it.
func parseSecretPath(s string) (*identity.SecretText, error) {
	const longest = 1024
	if s == "" || len(s) > longest || isPrivateKey(s) || s[0] == '{' || hasControl(s) {
		return nil, errors.New("got a text that is no path, want the path of a file, not what it holds")
	}
	return &identity.SecretText{Name: s, Unseen: "the spec was read without the files that it names"}, nil
}

func hasControl(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return true
		}
	}
	return false
}

// A host with or without a port.
var registryHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)

func parseRegistry(s string) (string, error) {
	return ofForm(registryHost, "a registry such as quay.io, without a scheme and a path")(s)
}

// withFiles returns the spec with the texts of the files that its credentials name.
func (s Spec) withFiles(read func(name string) ([]byte, error)) Spec {
	load := func(named *identity.SecretText) *identity.SecretText {
		if named == nil {
			return nil
		}
		t := &identity.SecretText{Name: named.Name}
		switch data, err := read(named.Name); {
		case errors.Is(err, fs.ErrNotExist):
			t.Missing = "there is no such file"
		case err != nil:
			t.Unseen = "the file cannot be read"
		default:
			t.Text = groundway.NewSecret(string(data))
		}
		return t
	}
	s.Credentials.PullSecret, s.Credentials.License = load(s.Credentials.PullSecret), load(s.Credentials.License)
	return s
}

// filesBeside reads files whose paths are relative to that of the spec.
func filesBeside(spec string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(spec), name)
		}
		return readFile(name, maxSpec)
	}
}

func (s Snapshot) credentials() identity.CredentialSnapshot {
	return identity.CredentialSnapshot{Observation: s.Observation, CredentialParts: s.Credentials}
}

// checkCredentials judges by the time of the snapshot: whether the credentials lasted
// when they were looked at.
func checkCredentials(spec Spec, s Snapshot) []groundway.Finding {
	c := spec.Credentials
	if c.InstallTakes == 0 {
		t := groundway.NewTally(identity.CredentialRules(), groundway.Subject{Kind: "credentials"})
		for _, r := range identity.CredentialRules() {
			t.Inapplicable(r.Code, "the spec says nothing of credentials")
		}
		return t.Findings()
	}
	return identity.CheckCredentials(s.credentials(), identity.CredentialOptions{
		Time: s.Time, Run: c.InstallTakes, Region: spec.Region, PullSecret: c.PullSecret, Registries: c.Registries, License: c.License,
	})
}

// loadCredentials reads what the spec asks of the caller: nobody needs the permission
// otherwise.
func loadCredentials(ctx context.Context, cfg aws.Config, spec Spec) (identity.CredentialParts, error) {
	if spec.Credentials.InstallTakes == 0 {
		return identity.CredentialParts{}, nil
	}
	s, err := awsidentity.Load(ctx, awsidentity.Clients{STS: stssdk.NewFromConfig(cfg), Account: accountsdk.NewFromConfig(cfg)}, awsidentity.LoadOptions{
		Region: spec.Region, Credentials: cfg.Credentials,
	})
	return s.CredentialParts, err
}

// credentialScript is the part of the dump script that is about the caller: who it is,
// the network's part saves. No output of the AWS CLI says when credentials end.
func credentialScript(spec Spec) string {
	var b strings.Builder
	for _, f := range callercli.Files() {
		if spec.Credentials.InstallTakes != 0 && f.Part == "regionStatus" {
			fmt.Fprintf(&b, "save %s %s\n", f.Name, strings.Replace(strings.Join(f.Command[1:], " "), "REGION", `"$region"`, 1))
		}
	}
	return b.String()
}
