package awscli

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "dynamodb-describe-table-TABLE.json"; a word in capitals stands for what the file is about
	Command []string // what prints it, but for the region and the output format; words in capitals are to be filled in
	Action  string   // the IAM action that the command needs
	Part    string   // what it fills, by its name in the snapshot's JSON
}

// Files returns the files that [ReadResources] and [ReadIdentities] read, in the
// order of their names. In a name USER, ROLE, TABLE, KEY, BUCKET, SECRET and FILESYSTEM
// stand for the name or the ID of what it is about.
func Files() []File {
	files := slices.Concat(resourceFiles(), IdentityFiles())
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return files
}

// resourceFiles are those of ReadResources.
func resourceFiles() []File {
	call := func(part, action, command string) File {
		words := strings.Fields(command)
		name := words[0] + "-" + words[1]
		for _, w := range words[2:] {
			if isMark(w) {
				name += "-" + w
			}
		}
		return File{name + ".json", append([]string{"aws"}, words...), action, part}
	}
	return []File{
		call("stacks", "cloudformation:DescribeStacks", "cloudformation describe-stacks"),
		call("dynamodbTables", "dynamodb:DescribeTable", "dynamodb describe-table --table-name TABLE"),
		call("dynamodbTables", "dynamodb:ListTables", "dynamodb list-tables"),
		call("ec2Instances", "ec2:DescribeInstances", "ec2 describe-instances"),
		call("ecrRepositories", "ecr:DescribeRepositories", "ecr describe-repositories"),
		call("efsFileSystems", "elasticfilesystem:DescribeFileSystems", "efs describe-file-systems"),
		call("efsFileSystems", "elasticfilesystem:DescribeMountTargets", "efs describe-mount-targets --file-system-id FILESYSTEM"),
		call("users", "iam:ListAccessKeys", "iam list-access-keys --user-name USER"),
		call("roles", "iam:ListAttachedRolePolicies", "iam list-attached-role-policies --role-name ROLE"),
		call("users", "iam:ListAttachedUserPolicies", "iam list-attached-user-policies --user-name USER"),
		call("instanceProfiles", "iam:ListInstanceProfiles", "iam list-instance-profiles"),
		call("roles", "iam:ListRolePolicies", "iam list-role-policies --role-name ROLE"),
		call("roles", "iam:ListRoles", "iam list-roles"),
		call("users", "iam:ListUsers", "iam list-users"),
		call("kmsKeys", "kms:DescribeKey", "kms describe-key --key-id KEY"),
		call("kmsKeys", "kms:GetKeyPolicy", "kms get-key-policy --policy-name default --key-id KEY"),
		call("kmsKeys", "kms:ListAliases", "kms list-aliases"),
		call("kmsKeys", "kms:ListKeys", "kms list-keys"),
		call("s3Buckets", "s3:GetEncryptionConfiguration", "s3api get-bucket-encryption --bucket BUCKET"),
		call("s3Buckets", "s3:GetBucketLocation", "s3api get-bucket-location --bucket BUCKET"),
		call("s3Buckets", "s3:GetBucketVersioning", "s3api get-bucket-versioning --bucket BUCKET"),
		call("s3Buckets", "s3:GetBucketPublicAccessBlock", "s3api get-public-access-block --bucket BUCKET"),
		call("s3OwnBuckets", "s3:ListAllMyBuckets", "s3api list-buckets"),
		call("secrets", "secretsmanager:GetResourcePolicy", "secretsmanager get-resource-policy --secret-id SECRET"),
		call("secrets", "secretsmanager:ListSecrets", "secretsmanager list-secrets --include-planned-deletion"),
	}
}

func isMark(word string) bool {
	return word != "" && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// fileOf returns the description of a file, by its command.
func fileOf(command string) File {
	files := resourceFiles()
	return files[slices.IndexFunc(files, func(f File) bool {
		return strings.Join(f.Command[1:3], " ") == command
	})]
}

// mark returns the word in capitals of a name, or "".
func (f File) mark() string {
	base := strings.TrimSuffix(f.Name, ".json")
	if last := base[strings.LastIndexByte(base, '-')+1:]; isMark(last) {
		return last
	}
	return ""
}

// about returns what the file of this name is about.
func (f File) about(name string) (what string, ok bool) {
	if f.mark() == "" {
		return "", f.Name == name
	}
	what, ok = strings.CutPrefix(name, strings.TrimSuffix(f.Name, f.mark()+".json"))
	if !ok {
		return "", false
	}
	what, ok = strings.CutSuffix(what, ".json")
	return what, ok && word.MatchString(what)
}

// word is what the names of users, roles, tables, buckets and the like are made of,
// as far as a file can have such a name.
var word = regexp.MustCompile(`^[A-Za-z0-9_.@+=,-]{1,255}$`)

// named returns the name of the file that is about something.
func (f File) named(what string) string {
	if f.mark() == "" {
		return f.Name
	}
	return strings.TrimSuffix(f.Name, f.mark()+".json") + what + ".json"
}
