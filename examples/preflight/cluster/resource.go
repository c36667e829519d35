package cluster

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/network"
)

// Resources are what the cluster uses of the account beside its network, as the key
// resources of the spec names it. What is not given is not checked.
//
//	resources:
//	  controllerRole: {name: cluster_installer_role, policy: cluster_installer_policy}
//	  workerRole: {name: worker_node_role, policy: worker_node_policy, instanceProfile: workers}
//	  jumpHost: i-0a1                   # an instance with a public address, in network.jumpHostSubnet
//	  masterNode: i-0b2                 # an instance in a controller subnet, with the profile of its role
//	  fileSystem: fs-0a1                # of EFS, which the workers mount
//	  secrets: [elastic/agent]          # of Secrets Manager, which the workers read
//	  kms: {key: alias/tectonic}        # or create: true, where the installer makes one
//	  vault: {iamUserName: acmeuser, autoCreate: true}    # the keys of vault.aws in jx-requirements.yml
//	  buckets: {existing: [acme-logs], create: [acme-reports]}
//	  repositories: [acme/app]          # of ECR, made where they do not exist
//	  stacks: [eksctl-demo-cluster]     # of CloudFormation, which the installer makes
type Resources struct {
	ControllerRole, WorkerRole NodeRole
	JumpHost, MasterNode       string // IDs of instances
	FileSystem                 string // the ID
	Secrets                    []string
	KMSKey                     string // an ID, an alias, or the ARN of either
	CreateKMSKey               bool   // the installer makes a key
	Vault                      *Vault // nil: there is none
	Buckets, NewBuckets        []string
	Repositories, Stacks       []string
}

// names are those of IAM that the spec says.
func (r Resources) names() []string {
	list := []string{r.ControllerRole.Name, r.ControllerRole.Policy, r.WorkerRole.Name, r.WorkerRole.Policy}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// A NodeRole is the IAM role of instances. The zero value is none.
type NodeRole struct {
	Name            string
	Policy          string // that it has to have; empty: any
	InstanceProfile string // empty: that of the role's name
}

// A Vault is that of Jenkins X, with the access key that is given for it.
type Vault struct {
	jenkinsx.VaultAWS

	// AccessKeyID and SecretAccessKey are what VAULT_AWS_ACCESS_KEY_ID and
	// VAULT_AWS_SECRET_ACCESS_KEY hold for boot. No spec holds them, and this package
	// does not read the environment; empty: boot makes a key.
	AccessKeyID, SecretAccessKey groundway.Secret
}

// WithVaultKey returns the spec with an access key for its Vault, if it has one.
func (s Spec) WithVaultKey(id, secret groundway.Secret) Spec {
	if s.Resources.Vault != nil {
		v := *s.Resources.Vault
		v.AccessKeyID, v.SecretAccessKey = id, secret
		s.Resources.Vault = &v
	}
	return s
}

// resourceOptions name what the spec names. The stacks and instance profiles of an
// earlier cluster of the name are looked for in any case.
func (s Spec) resourceOptions(account string) resource.Options {
	r := s.Resources
	o := resource.Options{
		Region: s.Region, Cluster: s.Cluster, Repositories: r.Repositories, Stacks: r.Stacks,
	}
	arn := func(role NodeRole) string {
		if role.Name == "" || account == "" {
			return ""
		}
		return "arn:" + string(iam.Region(s.Region).Partition()) + ":iam::" + account + ":role/" + role.Name
	}
	o.Installer = arn(r.ControllerRole)
	for _, role := range []NodeRole{r.ControllerRole, r.WorkerRole} {
		if role.Name != "" {
			o.Roles = append(o.Roles, resource.NodeRole{Role: role.Name, Policy: role.Policy, Profile: role.InstanceProfile})
		}
	}
	if r.JumpHost != "" {
		jump := resource.NodeInstance{ID: r.JumpHost, Purpose: "jump host", VPC: s.Network.VPC, Public: true, KeyName: s.SSH.KeyName}
		if s.Network.JumpHostSubnet != "" {
			jump.Subnets = []string{s.Network.JumpHostSubnet}
		}
		o.Instances = append(o.Instances, jump)
	}
	if r.MasterNode != "" {
		o.Instances = append(o.Instances, resource.NodeInstance{
			ID: r.MasterNode, Purpose: "master node", VPC: s.Network.VPC, Subnets: s.Network.ControllerSubnets, KeyName: s.SSH.KeyName,
			Profile: cmp.Or(r.ControllerRole.InstanceProfile, r.ControllerRole.Name),
		})
	}
	// A security group is to be made where none is named, by the installer whose role
	// is.
	if s.Profile == network.ProfileElastic && r.ControllerRole.Name != "" && len(s.Network.WorkerSecurityGroups) == 0 {
		o.NewGroupVPC = s.Network.VPC
	}
	if r.KMSKey != "" || r.CreateKMSKey {
		o.KMS = &resource.KMSUse{Key: r.KMSKey}
		if o.Installer != "" {
			o.KMS.Principals = []string{o.Installer}
		}
	}
	if v := r.Vault; v != nil {
		o.Vault = &resource.Vault{
			AutoCreate: v.AutoCreate, User: v.IAMUserName, AccessKeyID: v.AccessKeyID, SecretAccessKey: v.SecretAccessKey,
			Table: v.DynamoDBTable, TableRegion: v.DynamoDBRegion, Key: v.KMSKeyID, KeyRegion: v.KMSRegion,
			Bucket: v.S3Bucket, BucketRegion: v.S3Region, Prefix: v.S3Prefix,
		}
		o.StackPrefixes = []string{"JenkinsXPolicies", "jenkins-x-vault"} // boot gives each a new suffix
	}
	for _, b := range r.Buckets {
		o.Buckets = append(o.Buckets, resource.BucketUse{Name: b})
	}
	for _, b := range r.NewBuckets {
		o.Buckets = append(o.Buckets, resource.BucketUse{Name: b, Create: true})
	}
	for _, name := range r.Secrets {
		o.Secrets = append(o.Secrets, resource.SecretUse{Secret: name, Reader: arn(r.WorkerRole)})
	}
	if r.FileSystem != "" {
		o.FileSystem = &resource.FileSystemUse{ID: r.FileSystem}
		for _, id := range s.Network.WorkerSubnets {
			o.FileSystem.Subnets = append(o.FileSystem.Subnets, resource.Subnet{ID: id})
		}
	}
	return o
}

// options join what package network saw: the zones of the subnets.
func (s Snapshot) resourceOptions(spec Spec) resource.Options {
	o := spec.resourceOptions(s.Account)
	o.May = s.may
	if o.FileSystem != nil {
		for i, n := range o.FileSystem.Subnets {
			at := slices.IndexFunc(s.Network.Subnets.Items, func(v network.Subnet) bool { return v.ID == n.ID })
			if at >= 0 {
				o.FileSystem.Subnets[i].Zone = s.Network.Subnets.Items[at].Zone
			}
		}
	}
	return o
}

func (s Snapshot) resource() resource.Snapshot {
	return resource.Snapshot{Observation: s.Observation, Parts: s.Resource}
}

func checkResources(spec Spec, s Snapshot) []groundway.Finding {
	return resource.Check(s.resource(), s.resourceOptions(spec))
}

// loadResources reads what the spec names, and whose the access key is that is given
// for Vault.
func loadResources(ctx context.Context, cfg aws.Config, spec Spec, account string, o LiveOptions) (resource.Parts, error) {
	s, err := awsresource.Load(ctx, awsresource.NewClients(cfg), spec.resourceOptions(account), awsresource.LoadOptions{
		Account: account, Region: spec.Region, Time: o.Time,
	})
	v := spec.Resources.Vault
	if err != nil || v == nil || v.AccessKeyID.IsZero() || v.SecretAccessKey.IsZero() {
		return s.Parts, err
	}
	theirs := cfg.Copy()
	theirs.Credentials = credentials.NewStaticCredentialsProvider(v.AccessKeyID.Reveal(), v.SecretAccessKey.Reveal(), "")
	s.KeyHolders, err = awsresource.Holder(ctx, stssdk.NewFromConfig(theirs), v.AccessKeyID)
	return s.Parts, err
}

// resourceFields are the keys below resources.
func (s *Spec) resourceFields() []field {
	r := &s.Resources
	role := func(key string, to *NodeRole) field {
		return field{key: key, want: "a mapping with name", optional: true, within: []field{
			{key: "name", want: "the name of a role", read: text(&to.Name, named(iam.RoleName, "role"))},
			{key: "policy", want: "the name of a policy", optional: true, read: text(&to.Policy, named(iam.PolicyName, "policy"))},
			{key: "instanceProfile", want: "the name of an instance profile", optional: true, read: text(&to.InstanceProfile, named(iam.InstanceProfileName, "instance profile"))},
		}}
	}
	return []field{
		role("controllerRole", &r.ControllerRole),
		role("workerRole", &r.WorkerRole),
		{key: "jumpHost", want: "the ID of an instance", optional: true, read: text(&r.JumpHost, parseInstanceID)},
		{key: "masterNode", want: "the ID of an instance", optional: true, read: text(&r.MasterNode, parseInstanceID)},
		{key: "fileSystem", want: "the ID of a file system", optional: true, read: text(&r.FileSystem, parseFileSystemID)},
		{key: "secrets", want: "a list of secrets", optional: true, read: texts(&r.Secrets, "the name or the ARN of a secret", ofForm(secretName, "the name or the ARN of a secret, such as elastic/agent"))},
		{key: "kms", want: "a mapping with key, or with create", optional: true, within: []field{
			{key: "key", want: "a KMS key", instead: "create", read: text(&r.KMSKey, parseKeyID)},
			{key: "create", want: "true or false", optional: true, read: truth(&r.CreateKMSKey)},
		}},
		s.vaultField(),
		{key: "buckets", want: "a mapping with existing, create, or both", optional: true, within: []field{
			{key: "existing", want: "a list of buckets", optional: true, read: texts(&r.Buckets, "the name of a bucket", parseBucket)},
			{key: "create", want: "a list of buckets", optional: true, read: texts(&r.NewBuckets, "the name of a bucket", parseBucket)},
		}},
		{key: "repositories", want: "a list of ECR repositories", optional: true, read: texts(&r.Repositories, "the name of a repository", ofForm(repository, "the name of an ECR repository, such as acme/app"))},
		{key: "stacks", want: "a list of CloudFormation stacks", optional: true, read: texts(&r.Stacks, "the name of a stack", ofForm(stackName, "the name of a CloudFormation stack, such as eksctl-demo-cluster"))},
	}
}

// vaultField is the key vault, which makes the vault where it stands.
func (s *Spec) vaultField() field {
	v := &Vault{}
	used := func(read reader) reader {
		return func(d *decoder, n *yaml.Node, path, want string) {
			s.Resources.Vault = v
			read(d, n, path, want)
		}
	}
	of := func(key, want string, to *string, parse func(string) (string, error)) field {
		return field{key: key, want: want, optional: true, read: used(text(to, parse))}
	}
	return field{key: "vault", want: "a mapping with the keys of vault.aws in jx-requirements.yml", optional: true, within: []field{
		{key: "autoCreate", want: "true or false", read: used(truth(&v.AutoCreate))},
		of("iamUserName", "the name of an IAM user", &v.IAMUserName, named(iam.UserName, "user")),
		of("dynamoDBTable", "the name of a table", &v.DynamoDBTable, ofForm(tableName, "the name of a DynamoDB table, such as vault-data")),
		of("dynamoDBRegion", "an AWS region such as us-east-1", &v.DynamoDBRegion, parseRegion),
		of("kmsKeyId", "a KMS key", &v.KMSKeyID, parseKeyID),
		of("kmsRegion", "an AWS region such as us-east-1", &v.KMSRegion, parseRegion),
		of("s3Bucket", "the name of a bucket", &v.S3Bucket, parseBucket),
		of("s3Region", "an AWS region such as us-east-1", &v.S3Region, parseRegion),
		of("s3Prefix", "a prefix such as vault/", &v.S3Prefix, ofForm(prefix, "a prefix such as vault/")),
	}}
}

// named reads a name of IAM.
func named(kind iam.NameKind, what string) func(string) (string, error) {
	return func(s string) (string, error) {
		if iam.CheckName(kind, s) != nil {
			return "", fmt.Errorf("got %s, want the name of a %s: letters, digits and the characters +=,.@_-, no space", quote(s), what)
		}
		return s, nil
	}
}

// The forms of names that have no reader elsewhere, as their services document
// them.
var (
	instanceID = regexp.MustCompile(`^i-[0-9a-z]{1,32}$`)
	secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@:-]{1,512}$`)
	repository = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)
	stackName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	tableName  = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	keyID      = regexp.MustCompile(`^(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:)?(key/[A-Za-z0-9-]{1,64}|alias/[A-Za-z0-9/_-]{1,250}|[A-Za-z0-9-]{8,64})$`)
	prefix     = regexp.MustCompile(`^[A-Za-z0-9!_.*'()/-]{1,1000}$`)
)

func parseInstanceID(s string) (string, error) {
	return ofForm(instanceID, "the ID of an instance, such as i-0a1b2c3d")(s)
}

func parseFileSystemID(s string) (string, error) {
	return parseID(s, "file system", "fs-", "fs-0a1b2c3d")
}

func parseKeyID(s string) (string, error) {
	if !keyID.MatchString(s) || strings.HasPrefix(s, "key/") {
		return "", fmt.Errorf("got %s, want the ID of a KMS key, an alias such as alias/tectonic, or the ARN of either", quote(s))
	}
	return s, nil
}

func parseBucket(s string) (string, error) {
	if name, ok := strings.CutPrefix(s, "s3://"); ok && bucketName.MatchString(strings.TrimSuffix(name, "/")) {
		return "", fmt.Errorf("got %s, want the name alone: %s", quote(s), strings.TrimSuffix(name, "/"))
	}
	if !bucketName.MatchString(s) || strings.Contains(s, "..") {
		return "", fmt.Errorf("got %s, want the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens", quote(s))
	}
	return s, nil
}
