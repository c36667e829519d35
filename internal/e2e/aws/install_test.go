package aws_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// installers builds the three programs beside the preflight.
func installers(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "./examples/tectonic", "./examples/elastic", "./examples/jenkinsx")
	cmd.Dir = filepath.Join("..", "..", "..")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// outcome is what a run of a program said, and how it ended.
type outcome struct {
	status         int
	stdout, stderr string
}

// runProgram runs a program with moto's credentials, and no others.
func runProgram(t *testing.T, program string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = []string{
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "HOME=" + t.TempDir(),
	}
	_ = cmd.Run() // the status says it
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// sums are the digests of the files below a directory, by name.
func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), path)
		files[path] = fmt.Sprintf("%x %s", sha256.Sum256(data), info.ModTime())
		return nil
	}))
	return files
}

// specFile writes a spec.
func specFile(t *testing.T, format string, args ...any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, format, args...), 0o600))
	return path
}

// iamNames are the names of all that IAM holds of one's own.
func iamNames(t *testing.T, client *iamsdk.Client) (names []string) {
	t.Helper()
	policies, err := client.ListPolicies(t.Context(), &iamsdk.ListPoliciesInput{Scope: "Local"})
	require.NoError(t, err)
	for _, p := range policies.Policies {
		names = append(names, fmt.Sprintf("policy %s %s", *p.PolicyName, *p.DefaultVersionId))
	}
	roles, err := client.ListRoles(t.Context(), &iamsdk.ListRolesInput{})
	require.NoError(t, err)
	for _, r := range roles.Roles {
		attached, err := client.ListAttachedRolePolicies(t.Context(), &iamsdk.ListAttachedRolePoliciesInput{RoleName: r.RoleName})
		require.NoError(t, err)
		names = append(names, fmt.Sprintf("role %s with %d policies", *r.RoleName, len(attached.AttachedPolicies)))
	}
	profiles, err := client.ListInstanceProfiles(t.Context(), &iamsdk.ListInstanceProfilesInput{})
	require.NoError(t, err)
	for _, p := range profiles.InstanceProfiles {
		names = append(names, fmt.Sprintf("profile %s with %d roles", *p.InstanceProfileName, len(p.Roles)))
	}
	providers, err := client.ListOpenIDConnectProviders(t.Context(), &iamsdk.ListOpenIDConnectProvidersInput{})
	require.NoError(t, err)
	for _, p := range providers.OpenIDConnectProviderList {
		names = append(names, *p.Arn)
	}
	return names
}

// twice runs a program with -apply and -out until all is there, and once more, which
// must change nothing, and returns what both said.
func twice(t *testing.T, url, out, program, spec string) (first, second outcome) {
	t.Helper()
	client := iamsdk.NewFromConfig(configOf(url))
	args := []string{"-spec", spec, "-live", "-endpoint-url", url, "-out", out}
	dry := runProgram(t, program, append(args, "-dry-run")...)
	assert.Contains(t, dry.stderr, "a dry run: nothing was written, and nothing was changed\n")
	assert.NoDirExists(t, out)
	assert.Empty(t, iamNames(t, client))

	first = runProgram(t, program, append(args, "-apply")...)
	require.Contains(t, first.stderr, "nothing is left to be changed in the account "+account+"\n", "%s", first.stdout)
	files, network, held := sums(t, out), inventory(t, newClient(url)), iamNames(t, client)

	second = runProgram(t, program, append(args, "-apply")...)
	assert.Contains(t, second.stderr, "nothing is left to be changed in the account "+account+"\n")
	assert.NotContains(t, second.stderr, "1 of ")
	assert.Contains(t, second.stderr, fmt.Sprintf(": 0 files written in %q, %d there already\n", out, len(files)))
	assert.Equal(t, files, sums(t, out))
	assert.Equal(t, network, inventory(t, newClient(url)))
	assert.Equal(t, held, iamNames(t, client))
	assert.Equal(t, first.status, second.status)
	for _, said := range []outcome{first, second} {
		assert.Equal(t, 1, strings.Count(said.stdout, "Verdict on what this leads to"), "the last one")
	}
	for _, text := range []string{dry.stdout, dry.stderr, first.stdout, first.stderr, second.stdout, second.stderr} {
		assert.NotContains(t, text, "PRIVATE KEY")
	}
	return first, second
}

// An installation of Tectonic in a new VPC: the VPC, the key pair, the policies that
// name the VPC, and the files.
func TestTectonic(t *testing.T) {
	programs, url := installers(t), startMoto(t)
	zone := newZone(t, newRoute53Client(url), "k8s.example.com")
	out := filepath.Join(t.TempDir(), "assets")
	first, _ := twice(t, url, out, filepath.Join(programs, "tectonic"), specFile(t, `
cluster: demo
profile: tectonic
topology: public
region: %s
network: {cidr: 10.0.0.0/16, zones: [%[1]sa, %[1]sb], podCIDR: 10.2.0.0/16, serviceCIDR: 10.3.0.0/16}
dns: {zone: %s, baseDomain: k8s.example.com}
ssh: {keyName: ops}
tectonic: {operators: ["arn:aws:iam::%s:user/ops"], adminEmail: admin@example.com, mfa: true, authorityKey: alias/demo-kube}
`, region, zone, account))
	for _, step := range []string{"the VPC 10.0.0.0/16: ", "the key pair ops: imported as key-", "policies and roles: ", "the key alias/demo-kube: made as "} {
		assert.Contains(t, first.stderr, step)
	}
	assert.Equal(t, 0, first.status, first.stdout)
	assert.FileExists(t, filepath.Join(out, "tls", "ca.crt"))
	assert.NoFileExists(t, filepath.Join(out, "tls", "ca.key"), "the key is in KMS")
	keys, err := newClient(url).DescribeKeyPairs(t.Context(), &ec2sdk.DescribeKeyPairsInput{KeyNames: []string{"ops"}})
	require.NoError(t, err)
	assert.Len(t, keys.KeyPairs, 1)
	role, err := iamsdk.NewFromConfig(configOf(url)).GetRole(t.Context(), &iamsdk.GetRoleInput{RoleName: aws.String("tectonic-installer")})
	require.NoError(t, err)
	assert.Contains(t, *role.Role.AssumeRolePolicyDocument, "MultiFactorAuthPresent")
}

// An elastic runtime in a VPC that is there.
func TestElastic(t *testing.T) {
	programs, url := installers(t), startMoto(t)
	s := publicSite(t, newClient(url))
	first, second := twice(t, url, filepath.Join(t.TempDir(), "assets"), filepath.Join(programs, "elastic"), specFile(t, `
cluster: demo
profile: elastic
topology: internal
region: %s
network:
  vpc: %s
  controllerSubnets: [%s]
  workerSubnets: [%s, %s]
  jumpHostSubnet: %s
ssh: {keyName: ops}
elastic: {secrets: elastic/}
resources: {controllerRole: {name: cluster_installer_role}, workerRole: {name: worker_node_role}}
`, region, s.vpc, s.private[0], s.private[0], s.private[1], s.public[0]))
	assert.Contains(t, first.stderr, "policies and roles: ")
	assert.NotContains(t, second.stdout, "ERROR")
	assert.Contains(t, iamNames(t, iamsdk.NewFromConfig(configOf(url))), "profile worker_node_role with 1 roles")
}

// Jenkins X: nothing is changed before what Vault needs is there; then the zone is made,
// and the policies that name it.
func TestJenkinsX(t *testing.T) {
	programs, url := installers(t), startMoto(t)
	dns, b := newRoute53Client(url), newBuilder(t, url)
	zone, s, client := newZone(t, dns, "example.com"), b.site, iamsdk.NewFromConfig(configOf(url))
	program, key := filepath.Join(programs, "jenkinsx"), b.key("vault", kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
	spec := specFile(t, `
cluster: demo
profile: eks
topology: public
region: %s
network: {vpc: %s, controllerSubnets: [%s, %s], workerSubnets: [%s, %s]}
dns: {zone: %s, baseDomain: example.com}
jenkinsx:
  domain: cluster1.example.com
  email: ops@acmecorp.example
  issuer: https://oidc.eks.%[1]s.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE
  operators: ["arn:aws:iam::%[8]s:user/ops"]
  repositories: acme/
resources:
  vault:
    autoCreate: false
    dynamoDBTable: demo-vault
    dynamoDBRegion: %[1]s
    kmsKeyId: %[9]s
    kmsRegion: %[1]s
    s3Bucket: demo-vault
    s3Region: %[1]s
    s3Prefix: vault/
  buckets: {existing: [demo-jx-storage]}
`, region, s.vpc, s.public[0], s.public[1], s.private[0], s.private[1], zone, account, key)

	out := filepath.Join(t.TempDir(), "assets")
	blocked := runProgram(t, program, "-spec", spec, "-live", "-endpoint-url", url, "-out", out, "-apply")
	assert.Equal(t, 1, blocked.status)
	assert.Equal(t, "jenkinsx: nothing was written, and nothing was changed: the verdict on what this leads to has 3 errors\n", blocked.stderr)
	for _, code := range []string{"iam/table-not-found", "iam/bucket-not-found"} {
		assert.Contains(t, blocked.stdout, code, "nobody has made what Vault needs")
	}
	assert.NoDirExists(t, out)
	assert.Empty(t, iamNames(t, client))
	assert.Empty(t, loadZones(t, dns, "cluster1.example.com").Zones.Items[1:], "the zone of the parent is there, and no other")

	b.table("demo-vault", dynamodbtypes.ScalarAttributeTypeS)
	b.bucket("demo-vault", region)
	b.bucket("demo-jx-storage", region)
	first, _ := twice(t, url, out, program, spec)
	assert.Equal(t, 0, first.status, first.stdout)
	assert.Contains(t, first.stderr, "the zone cluster1.example.com: ")
	assert.Contains(t, first.stderr, "policies and roles: ")
	assert.Contains(t, first.stdout, "\nAfter the zone cluster1.example.com:\n\n")
	assert.Contains(t, first.stdout, "\nAfter policies and roles:\n\n")
	assert.Len(t, loadZones(t, dns, "cluster1.example.com").Zones.Items, 2)
}
