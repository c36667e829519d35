// Package resource says whether what a cluster's configuration and its policies
// name is there, and in a state to be used: buckets, tables, keys, secrets,
// repositories, stacks, file systems, users, roles, instance profiles and the
// instances that exist before the cluster does.
//
//	findings := resource.Check(snapshot, resource.Options{
//		Region: "us-east-1", Cluster: "demo",
//		KMS:     &resource.KMSUse{Key: "alias/tectonic"},
//		Buckets: []resource.BucketUse{{Name: "acme-logs", Create: true}},
//	})
//
// A [Snapshot] is plain data. Package iam/awsresource reads one from a live
// account, iam/awscli from the output of the AWS CLI, and resourcetest has one to
// start tests from. [Check] is pure: it does no I/O and gives the same answer for
// the same snapshot, whatever its order. It never needs the value of a secret, and
// of access keys it keeps digests.
//
// # Answers that show nothing
//
// AWS has several ways to show no resource, and they mean different things:
//
//	there is nothing of the name (404)      the rule that asks for existence fails
//	it is there and not for the caller      unknown; of a bucket that is none of the
//	(403)                                   account's own, bucket-other-account
//	it is elsewhere (301)                   bucket-other-region; a key of another
//	                                        region is key-other-region
//	it is being created, or deleted         the rule about its state fails, and says
//	                                        what to wait for
//	the caller may not ask                  unknown, with the action that is missing
//
// # What the documents ask for
//
// The installation requirements of Tectonic, the pages on the elastic runtime
// environment and those of Jenkins X on Amazon say this of resources, and these
// codes, each with "iam/" before it, answer for it:
//
//	Tectonic
//	a KMS key in the region                            key-not-found, key-other-region,
//	                                                   key-not-enabled, key-not-symmetric,
//	                                                   key-not-usable
//	or access rights to generate one                   key-not-creatable
//	nothing of that name from before                   leftover-resources
//
//	Elastic runtime environment
//	installer policy, worker policy                    role-policy-missing
//	cluster installer role, worker node role           role-not-found, role-not-for-ec2,
//	                                                   role-not-passable
//	instance profiles that hold their roles            instance-profile-not-found,
//	                                                   instance-profile-role-wrong
//	a security group, or the right to create one       security-group-not-creatable
//	jump host in the public subnet                     instance-not-found, instance-not-running,
//	                                                   instance-misplaced, instance-not-public,
//	                                                   instance-key-pair-wrong
//	master node with the installer's role              instance-profile-not-attached
//	shared file system                                 file-system-not-found,
//	                                                   file-system-not-available,
//	                                                   file-system-not-encrypted,
//	                                                   file-system-mount-target-missing
//	secrets that the worker reads                      secret-not-found, secret-pending-deletion,
//	                                                   secret-not-readable
//
//	Jenkins X
//	an existing IAM user                               vault-user-not-found
//	one free slot of two for an access key             user-access-keys-full
//	or a pair of one's own in two variables            user-access-key-foreign
//	boot attaches a policy to the user                 user-policies-full
//	dynamoDBTable, dynamoDBRegion                      table-not-found, table-not-active,
//	                                                   table-key-wrong
//	kmsKeyId, kmsRegion                                key-not-found and the others of keys
//	s3Bucket, s3Region, s3Prefix; storage              bucket-not-found, bucket-other-account,
//	                                                   bucket-other-region, bucket-public-access,
//	                                                   bucket-not-encrypted, bucket-not-versioned,
//	                                                   bucket-prefix-invalid
//	an ECR registry, or one is created                 repository-not-creatable
//	CloudFormation stacks                              stack-blocked
//
// Vault can have a role through its service account today, for which no user, no
// access key and no attached policy is needed: each finding about the user offers
// that.
//
// # Limits
//
// Whether a policy allows what it has to is for package iam to say; [Options.May]
// joins its answer. Whether security groups let NFS and SSH through is for
// network/flow. EFS access points, and the exports of stacks, are not looked at. Of
// an earlier cluster's leftovers the stacks are found by their tags and names, the
// instance profiles and roles by the names that Tectonic and kops give; what carries
// its tags in EC2 is for package network.
package resource
