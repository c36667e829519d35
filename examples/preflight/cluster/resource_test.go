package cluster_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/groundway-sdk/groundway/network"
)

const resourceHead = `cluster: demo
profile: elastic
topology: internal
region: us-east-1
network:
  vpc: vpc-0a1
  controllerSubnets: [subnet-0e1]
  workerSubnets: [subnet-0e1, subnet-0f1]
  jumpHostSubnet: subnet-0c1
resources:
`

const allResources = resourceHead + `  controllerRole: {name: cluster_installer_role, policy: cluster_installer_policy}
  workerRole: {name: worker_node_role, policy: worker_node_policy, instanceProfile: worker_node_role}
  jumpHost: i-0a1
  masterNode: i-0b2
  fileSystem: fs-0a1
  secrets: [elastic/agent]
  kms: {key: ` + resourcetest.KeyID + `}
  vault:
    autoCreate: false
    iamUserName: acmeuser
    dynamoDBTable: vault-data
    dynamoDBRegion: us-east-1
    kmsKeyId: alias/vault
    kmsRegion: us-east-1
    s3Bucket: acme-vault
    s3Region: us-east-1
    s3Prefix: vault/
  buckets: {existing: [acme-logs], create: [acme-reports]}
  repositories: [acme/app]
  stacks: [eksctl-demo-cluster]
`

// resourcesOf returns the findings about resources that are neither passed nor
// skipped.
func resourcesOf(r groundway.Report) []string {
	list := []string{}
	for _, line := range open(r) {
		if strings.Contains(line, " iam/") {
			list = append(list, line)
		}
	}
	return list
}

// elasticAccount is the account of resourcetest with the subnets that it lies in.
func elasticAccount(t *testing.T) (cluster.Spec, cluster.Snapshot) {
	t.Helper()
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(allResources))
	require.NoError(t, err)
	r, o := resourcetest.Account()
	s := cluster.Snapshot{Observation: r.Observation, Resource: r.Parts}
	s.Network.Subnets = groundway.SeenPart(
		network.Subnet{ID: "subnet-0c1", VPCID: "vpc-0a1", Zone: "us-east-1a"},
		network.Subnet{ID: "subnet-0e1", VPCID: "vpc-0a1", Zone: "us-east-1a"}, network.Subnet{ID: "subnet-0f1", VPCID: "vpc-0a1", Zone: "us-east-1b"},
	)
	return spec.WithVaultKey(o.Vault.AccessKeyID, o.Vault.SecretAccessKey), s
}

// unjudged is unknown because the snapshot holds no policies of the roles.
var unjudged = []string{
	"unknown iam/role-not-passable@cluster_installer_role", "unknown iam/role-not-passable@worker_node_role",
	"unknown iam/secret-not-readable@elastic/agent", "unknown iam/security-group-not-creatable@/network/workerSecurityGroups",
}

// madeLater is unknown because nobody asked S3 about the bucket.
const madeLater = "unknown iam/bucket-other-account@acme-reports"

func TestCheckResources(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		edit func(*cluster.Spec, *cluster.Snapshot)
		want []string
	}{
		{"good", func(*cluster.Spec, *cluster.Snapshot) {}, nil},
		{"a mount target in another subnet of the zone", func(_ *cluster.Spec, s *cluster.Snapshot) {
			s.Resource.FileSystems.Items[0].Targets.Items[1].SubnetID = "subnet-0f9"
		}, nil},
		{"no mount target", func(_ *cluster.Spec, s *cluster.Snapshot) {
			s.Resource.FileSystems.Items[0].Targets.Items = s.Resource.FileSystems.Items[0].Targets.Items[:1]
		}, []string{"failed iam/file-system-mount-target-missing@subnet-0f1"}},
		{"a jump host in a private subnet", func(_ *cluster.Spec, s *cluster.Snapshot) {
			s.Resource.Instances.Items[0].SubnetID = "subnet-0e1"
		}, []string{"failed iam/instance-misplaced@i-0a1"}},
		{"a master node without its role", func(_ *cluster.Spec, s *cluster.Snapshot) {
			s.Resource.Instances.Items[1].ProfileARN = ""
		}, []string{"failed iam/instance-profile-not-attached@i-0b2"}},
		{"another access key", func(spec *cluster.Spec, _ *cluster.Snapshot) {
			*spec = spec.WithVaultKey(groundway.NewSecret("AKIAI44QH8DHBEXAMPLE"), groundway.NewSecret("x"))
		}, []string{"failed iam/user-access-key-foreign@/vault/aws/iamUserName"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec, s := elasticAccount(t)
			tt.edit(&spec, &s)
			want := append(append([]string{madeLater}, unjudged...), tt.want...)
			// Of a bucket that may be made nothing else is known either.
			known := func(list []string) []string {
				kept := []string{}
				for _, l := range list {
					if !strings.HasSuffix(l, "@acme-reports") || l == madeLater {
						kept = append(kept, l)
					}
				}
				return kept
			}
			assert.ElementsMatch(t, want, known(resourcesOf(cluster.Check(spec, s, time.Time{}))))
			assert.ElementsMatch(t, want, known(resourcesOf(cluster.Check(spec, s.Redact(spec), time.Time{}))), "redacted")

			path := filepath.Join(t.TempDir(), "saved.json")
			require.NoError(t, cluster.WriteSnapshot(path, s))
			again, err := cluster.ReadSnapshot(path)
			require.NoError(t, err)
			assert.Equal(t, cluster.Check(spec, s, time.Time{}), cluster.Check(spec, again, time.Time{}), "saved and read")
			data, err := json.Marshal(again)
			require.NoError(t, err)
			assert.NotContains(t, string(data), "AKIA")
		})
	}
}

// The roles of a cluster in China are of the partition there.
func TestCheckResourcesOfAPartition(t *testing.T) {
	t.Parallel()
	spec, s := elasticAccount(t)
	spec.Region, s.Region, s.Resource.Roles.Items = "cn-north-1", "cn-north-1", nil
	for _, f := range cluster.Check(spec, s, time.Time{}).Findings {
		if f.Code == "iam/security-group-not-creatable" {
			assert.Contains(t, f.Summary, "the policies of arn:aws-cn:iam::111122223333:role/cluster_installer_role do not tell")
		}
	}
}

func TestParseResources(t *testing.T) {
	t.Parallel()
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(allResources))
	require.NoError(t, err)
	r := spec.Resources
	assert.Equal(t, cluster.NodeRole{Name: "worker_node_role", Policy: "worker_node_policy", InstanceProfile: "worker_node_role"}, r.WorkerRole)
	assert.Equal(t, "acmeuser", r.Vault.IAMUserName)
	assert.False(t, r.Vault.AutoCreate)
	assert.Equal(t, []string{"acme-reports"}, r.NewBuckets)

	spec, err = cluster.ParseSpec("cluster.yaml", []byte(resourceHead+"  kms: {create: true}\n"))
	require.NoError(t, err)
	assert.True(t, spec.Resources.CreateKMSKey)
	assert.Nil(t, spec.Resources.Vault)
	assert.Nil(t, spec.WithVaultKey(groundway.NewSecret("a"), groundway.NewSecret("b")).Resources.Vault)

	for _, tt := range []struct{ text, want string }{
		{"  jumpHost: vpc-0a1\n", `11:13: resources.jumpHost: got "vpc-0a1", want the ID of an instance, such as i-0a1b2c3d`},
		{"  fileSystem: /mnt\n", `11:15: resources.fileSystem: got "/mnt", want the ID of a file system, such as fs-0a1b2c3d`},
		{"  workerRole: {name: x, policy: worker node policy}\n", `11:33: resources.workerRole.policy: got "worker node policy", want the name of a policy: letters, digits and the characters +=,.@_-, no space`},
		{"  workerRole: {policy: x}\n", `11:15: resources.workerRole: the key "name" is missing, want the name of a role`},
		{"  kms: {create: yes please}\n", `11:17: resources.kms.create: got the text "yes please", want true or false`},
		{"  kms: {key: alias/tectonic, create: true}\n", `11:9: resources.kms.key: stands beside create, want one of the two`},
		{"  kms: {}\n", `11:8: resources.kms: the key "key" is missing, want a KMS key`},
		{"  kms: {key: key/1234}\n", `11:14: resources.kms.key: got "key/1234", want the ID of a KMS key, an alias such as alias/tectonic, or the ARN of either`},
		{"  buckets: {existing: [s3://acme-logs]}\n", `11:24: resources.buckets.existing[0]: got "s3://acme-logs", want the name alone: acme-logs`},
		{"  buckets: {existing: [Acme]}\n", `11:24: resources.buckets.existing[0]: got "Acme", want the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens`},
		{"  vault: {iamUserName: acmeuser}\n", `11:10: resources.vault: the key "autoCreate" is missing, want true or false`},
		{"  vault: {autoCreate: true, dynamoDBRegion: us-east-1a}\n", `11:45: resources.vault.dynamoDBRegion: got "us-east-1a", an availability zone, want its region us-east-1`},
		{"  stacks: [a b]\n", `11:12: resources.stacks[0]: got "a b", want the name of a CloudFormation stack, such as eksctl-demo-cluster`},
		{"  secret: [a]\n", `11:3: resources: unknown key "secret", the nearest is "secrets", want one of controllerRole, workerRole, jumpHost, masterNode, fileSystem, secrets, kms, vault, buckets, repositories, stacks`},
	} {
		_, err := cluster.ParseSpec("cluster.yaml", []byte(resourceHead+tt.text))
		assert.EqualError(t, err, "cluster.yaml:"+tt.want)
	}
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	spec, s := builtIn(t)
	s.Machine.Programs = groundway.SeenPart(cluster.Program{Name: "ssh", Found: true}, cluster.Program{Name: "scp"})
	assert.Contains(t, open(cluster.Check(spec, s, time.Time{})), "failed preflight/program-missing@scp")
	s.Machine.Programs.Items[1].Found = true
	report := cluster.Check(spec, s, time.Time{})
	for _, f := range report.Findings {
		if f.Code == "preflight/program-missing" {
			assert.Equal(t, groundway.Passed, f.Outcome)
		}
	}
	spec.Profile = network.ProfileElastic
	assert.NotContains(t, strings.Join(open(cluster.Check(spec, s, time.Time{})), "\n"), "program-missing")
}

func TestResourceScript(t *testing.T) {
	t.Parallel()
	spec, _ := elasticAccount(t)
	script := cluster.DumpScript(spec)
	assert.Contains(t, script, "save dynamodb-describe-table-vault-data.json dynamodb describe-table --table-name vault-data\n")
	assert.Contains(t, script, "save efs-describe-mount-targets-fs-0a1.json efs describe-mount-targets --file-system-id fs-0a1\n")
	assert.Contains(t, cluster.DumpScript(cluster.Spec{}), "save cloudformation-describe-stacks.json cloudformation describe-stacks\n")
	assert.NotContains(t, script, os.Getenv("HOME"))
}
