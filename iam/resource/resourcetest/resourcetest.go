// Package resourcetest has an account to start tests from: everything that a
// cluster may name is there, and every rule of package resource passes or has
// nothing to say.
package resourcetest

import (
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
)

// The account and its region.
const (
	AccountID = "111122223333"
	Region    = "us-east-1"
	KeyID     = "1234abcd-12ab-34cd-56ef-1234567890ab"
)

// Names of principals of the account.
const (
	Installer = "arn:aws:iam::111122223333:role/cluster_installer_role"
	Worker    = "arn:aws:iam::111122223333:role/worker_node_role"
	User      = "arn:aws:iam::111122223333:user/acmeuser"
)

// EC2Trust is the trust policy of a role for instances.
const EC2Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// KeyPolicy is the policy that KMS gives to a key by default.
const KeyPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`

// Account returns the account, and options that name all of it. The policies of
// its principals allow everything.
func Account() (resource.Snapshot, resource.Options) {
	encrypted := true
	role := func(name, policy string) resource.Role {
		return resource.Role{
			Name: name, ARN: "arn:aws:iam::" + AccountID + ":role/" + name, Trust: EC2Trust,
			Policies: groundway.SeenPart(attached(policy)), Inline: groundway.SeenPart[resource.InlinePolicy](),
		}
	}
	profile := func(name string) resource.InstanceProfile {
		return resource.InstanceProfile{Name: name, ARN: "arn:aws:iam::" + AccountID + ":instance-profile/" + name, Roles: []string{name}}
	}
	bucket := func(name string) resource.Bucket {
		return resource.Bucket{Name: name, Region: Region, Blocks: resource.AllBlocks, Encryption: "AES256", Versioning: "Enabled"}
	}
	s := resource.Snapshot{Observation: groundway.Observation{Account: AccountID, Region: Region, Time: time.Unix(0, 0).UTC()}}
	s.Users = groundway.SeenPart(resource.User{
		Name: "acmeuser", ARN: User,
		AccessKeys: groundway.SeenPart(resource.AccessKey{Digest: resource.KeyDigest("AKIAIOSFODNN7EXAMPLE"), Status: "Active"}),
		Policies:   groundway.SeenPart(attached("jenkins-x-vault")),
	})
	s.Roles = groundway.SeenPart(role("cluster_installer_role", "cluster_installer_policy"), role("worker_node_role", "worker_node_policy"))
	s.Profiles = groundway.SeenPart(profile("cluster_installer_role"), profile("worker_node_role"))
	s.Instances = groundway.SeenPart(
		resource.Instance{ID: "i-0a1", State: "running", VPCID: "vpc-0a1", SubnetID: "subnet-0c1", PublicIP: "203.0.113.7", KeyName: "ops"},
		resource.Instance{
			ID: "i-0b2", State: "running", VPCID: "vpc-0a1", SubnetID: "subnet-0e1", KeyName: "ops",
			ProfileARN: "arn:aws:iam::" + AccountID + ":instance-profile/cluster_installer_role",
		},
	)
	s.Tables = groundway.SeenPart(resource.Table{
		Name: "vault-data", ARN: "arn:aws:dynamodb:us-east-1:111122223333:table/vault-data", Status: "ACTIVE", Schema: "Path HASH S, Key RANGE S",
	})
	s.Keys = groundway.SeenPart(resource.Key{
		ID: KeyID, ARN: "arn:aws:kms:us-east-1:111122223333:key/" + KeyID, Aliases: []string{"alias/vault"},
		State: "Enabled", Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Policy: KeyPolicy,
	})
	s.Buckets = groundway.SeenPart(bucket("acme-logs"), bucket("acme-vault"))
	s.OwnBuckets = groundway.SeenPart(resource.OwnBucket{Name: "acme-logs", Region: Region}, resource.OwnBucket{Name: "acme-vault", Region: Region})
	s.Secrets = groundway.SeenPart(resource.Secret{Name: "elastic/agent", ARN: "arn:aws:secretsmanager:us-east-1:111122223333:secret:elastic/agent-AbCdEf", Policy: "none"})
	s.Repositories = groundway.SeenPart(resource.Repository{Name: "acme/app", ARN: "arn:aws:ecr:us-east-1:111122223333:repository/acme/app"})
	s.Stacks = groundway.SeenPart(resource.Stack{
		Name: "JenkinsXPolicies-f00d", ID: "arn:aws:cloudformation:us-east-1:111122223333:stack/JenkinsXPolicies-f00d/0a1b", Status: "UPDATE_COMPLETE",
	})
	s.FileSystems = groundway.SeenPart(resource.FileSystem{
		ID: "fs-0a1", ARN: "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1", State: "available", Encrypted: &encrypted,
		Targets: groundway.SeenPart(
			resource.MountTarget{ID: "fsmt-0a1", SubnetID: "subnet-0e1", VPCID: "vpc-0a1", Zone: "us-east-1a", State: "available"},
			resource.MountTarget{ID: "fsmt-0b2", SubnetID: "subnet-0f1", VPCID: "vpc-0a1", Zone: "us-east-1b", State: "available"},
		),
	})
	s.KeyHolders = groundway.SeenPart(resource.KeyHolder{Digest: resource.KeyDigest("AKIAIOSFODNN7EXAMPLE"), ARN: User})

	o := resource.Options{
		Region: Region, Cluster: "demo", Installer: Installer,
		May: func(iam.Request) iam.Verdict { return iam.Allowed },
		Roles: []resource.NodeRole{
			{Role: "cluster_installer_role", Policy: "cluster_installer_policy"}, {Role: "worker_node_role", Policy: "worker_node_policy"},
		},
		Instances: []resource.NodeInstance{
			{ID: "i-0a1", Purpose: "jump host", VPC: "vpc-0a1", Subnets: []string{"subnet-0c1"}, Public: true, KeyName: "ops"},
			{ID: "i-0b2", Purpose: "master node", VPC: "vpc-0a1", Subnets: []string{"subnet-0e1", "subnet-0f1"}, Profile: "cluster_installer_role", KeyName: "ops"},
		},
		NewGroupVPC: "vpc-0a1",
		KMS:         &resource.KMSUse{Key: KeyID, Principals: []string{Installer}},
		Vault: &resource.Vault{
			User: "acmeuser", Table: "vault-data", Key: "alias/vault", Bucket: "acme-vault", Prefix: "vault/",
			AccessKeyID: groundway.NewSecret("AKIAIOSFODNN7EXAMPLE"), SecretAccessKey: groundway.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
		},
		Buckets:       []resource.BucketUse{{Name: "acme-logs", Create: true}},
		Secrets:       []resource.SecretUse{{Secret: "elastic/agent", Reader: Worker}},
		Repositories:  []string{"acme/app"},
		Stacks:        []string{"eksctl-demo-cluster"},
		StackPrefixes: []string{"JenkinsXPolicies", "jenkins-x-vault"},
		FileSystem:    &resource.FileSystemUse{ID: "fs-0a1", Subnets: []resource.Subnet{{ID: "subnet-0e1", Zone: "us-east-1a"}, {ID: "subnet-0f1", Zone: "us-east-1b"}}},
	}
	return s, o
}

func attached(policy string) resource.AttachedPolicy {
	return resource.AttachedPolicy{ARN: "arn:aws:iam::" + AccountID + ":policy/" + policy, Name: policy}
}
