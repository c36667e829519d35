package cloudformation_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
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

			for _, r := range s.Roles {
				var role struct {
					Role struct {
						AssumeRolePolicyDocument json.RawMessage
					}
				}
				a.ask(t, &role, "iam", "get-role", "--role-name", r.Name)
				trust, err := iam.Parse(string(role.Role.AssumeRolePolicyDocument), iam.ParseOptions{})
				require.NoError(t, err)
				assert.True(t, iam.Equal(trust, r.Trust), "%s", trust.Indent())
			}
			var local struct {
				Policies []struct{ PolicyName, Arn string }
			}
			a.ask(t, &local, "iam", "list-policies", "--scope", "Local")
			arns := map[string]string{}
			for _, p := range local.Policies {
				arns[p.PolicyName] = p.Arn
			}
			for _, p := range s.Policies {
				var version struct {
					PolicyVersion struct{ Document json.RawMessage }
				}
				require.Contains(t, arns, p.Name+"-x1")
				a.ask(t, &version, "iam", "get-policy-version", "--policy-arn", arns[p.Name+"-x1"], "--version-id", "v1")
				document, err := iam.Parse(string(version.PolicyVersion.Document), iam.ParseOptions{})
				require.NoError(t, err)
				assert.True(t, iam.Equal(p.Document, document), "%s", p.Name)
			}
			for _, u := range s.Attachments {
				var attached struct{ AttachedPolicies []struct{ PolicyName string } }
				a.ask(t, &attached, "iam", "list-attached-user-policies", "--user-name", u.User)
				require.Len(t, attached.AttachedPolicies, 1)
				assert.Equal(t, u.Policies[0]+"-x1", attached.AttachedPolicies[0].PolicyName)
			}
			for _, p := range s.Profiles {
				var profile struct {
					InstanceProfile struct{ Roles []struct{ RoleName string } }
				}
				a.ask(t, &profile, "iam", "get-instance-profile", "--instance-profile-name", p.Name)
				require.Len(t, profile.InstanceProfile.Roles, 1)
				assert.Equal(t, p.Role, profile.InstanceProfile.Roles[0].RoleName)
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
