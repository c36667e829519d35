package cloudformation_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

// An account is moto_server, asked with the AWS CLI.
type account struct{ url string }

func startAccount(t *testing.T) account {
	t.Helper()
	port := program.FreePort(t)
	server := program.Moto.Start(t, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	require.NoError(t, server.Ready(program.Listening(port)))
	return account{"http://" + program.Address(port)}
}

// ask runs a command of the AWS CLI and reads the JSON that it prints.
func (a account) ask(t *testing.T, answer any, args ...string) {
	t.Helper()
	ctx, cancel := program.Deadline(t)
	defer cancel()
	cmd := exec.CommandContext(ctx, program.AWS.Built(t), append([]string{"--endpoint-url", a.url, "--output", "json"}, args...)...)
	// Nothing of the machine's own configuration, and no proxy.
	cmd.Env = []string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_EC2_METADATA_DISABLED=true",
	}
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	require.NoError(t, cmd.Run(), "aws %q: %s", args, errors.String())
	require.NoError(t, json.Unmarshal(out.Bytes(), answer), out.String())
}

// A stack of the template has the policies, the roles and the profiles of the
// set, and exports the policies. Moto attaches no policies to roles of a stack,
// so that this is for the tests of iam/presets.
func TestStack(t *testing.T) {
	a := startAccount(t)
	for name, set := range map[string]func() (presets.Set, error){"tectonic": tectonic, "elastic": elastic, "jenkins-x": jenkinsX} {
		t.Run(name, func(t *testing.T) {
			s, err := set()
			require.NoError(t, err)
			if len(s.Attachments) > 0 {
				var made any
				a.ask(t, &made, "iam", "create-user", "--user-name", s.Attachments[0].User)
			}
			text, err := s.Template(presets.TemplateOptions{Providers: true})
			require.NoError(t, err)
			file := filepath.Join(t.TempDir(), "template.json")
			require.NoError(t, os.WriteFile(file, text, 0o600))
			var stack any
			a.ask(t, &stack, "cloudformation", "create-stack", "--stack-name", name, "--template-body", "file://"+file,
				"--capabilities", "CAPABILITY_NAMED_IAM", "--parameters", "ParameterKey="+presets.SuffixParameter+",ParameterValue=x1")

			var has struct {
				RoleDetailList []struct {
					RoleName                 string
					AssumeRolePolicyDocument json.RawMessage
					InstanceProfileList      []struct{ InstanceProfileName string }
				}
				UserDetailList []struct {
					UserName                string
					AttachedManagedPolicies []struct{ PolicyName string }
				}
				Policies []struct {
					Arn               string // moto leaves out the name
					PolicyVersionList []struct{ Document json.RawMessage }
				}
			}
			a.ask(t, &has, "iam", "get-account-authorization-details", "--filter", "Role", "User", "LocalManagedPolicy")
			documents, trusts := map[string]json.RawMessage{}, map[string]json.RawMessage{}
			profiles, users := map[string]string{}, map[string][]string{}
			for _, p := range has.Policies {
				documents[path.Base(p.Arn)] = p.PolicyVersionList[0].Document
			}
			for _, r := range has.RoleDetailList {
				trusts[r.RoleName] = r.AssumeRolePolicyDocument
				for _, p := range r.InstanceProfileList {
					profiles[p.InstanceProfileName] = r.RoleName
				}
			}
			for _, u := range has.UserDetailList {
				for _, p := range u.AttachedManagedPolicies {
					users[u.UserName] = append(users[u.UserName], p.PolicyName)
				}
			}
			same := func(what string, want iam.Document, got json.RawMessage) {
				t.Helper()
				document, err := iam.Parse(string(got), iam.ParseOptions{})
				require.NoError(t, err, what)
				assert.True(t, iam.Equal(want, document), what)
			}
			for _, p := range s.Policies {
				same(p.Name, p.Document, documents[p.Name+"-x1"])
			}
			for _, r := range s.Roles {
				same(r.Name, r.Trust, trusts[r.Name])
			}
			for _, p := range s.Profiles {
				assert.Equal(t, p.Role, profiles[p.Name])
			}
			for _, u := range s.Attachments {
				assert.Equal(t, []string{u.Policies[0] + "-x1"}, users[u.User])
			}
			if name == "jenkins-x" {
				var exports struct {
					Exports []struct{ Name, Value string }
				}
				a.ask(t, &exports, "cloudformation", "list-exports")
				var names []string
				for _, e := range exports.Exports {
					names = append(names, e.Name)
				}
				assert.ElementsMatch(t, []string{"CertManagerPolicy-x1", "ExternalDNSPolicy-x1", "ControllerBuildPolicy-x1", "TektonBotPolicy-x1", "VaultPolicy-x1"}, names)
			}
		})
	}
}
