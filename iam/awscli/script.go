package awscli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam/resource"
)

// FilesFor returns the files that show what the options name, in the order of
// their names, each with the name or the ID of what it is about in place of the word in
// capitals; of an alias or an ARN the file has the last part. A name that no command can
// have as it is gets no file.
func FilesFor(o resource.Options) []File {
	wanted := map[string][]string{}
	ask := func(command string, names ...string) { wanted[command] = append(wanted[command], names...) }
	for _, r := range o.Roles {
		ask("iam list-roles", "")
		ask("iam list-instance-profiles", "")
		ask("iam list-attached-role-policies", r.Role)
		ask("iam list-role-policies", r.Role)
	}
	if len(o.Instances) > 0 {
		ask("ec2 describe-instances", "")
	}
	var keys, buckets []string
	if o.KMS != nil {
		keys = append(keys, o.KMS.Key)
	}
	if v := o.Vault; v != nil {
		if v.User != "" {
			ask("iam list-users", "")
			ask("iam list-access-keys", v.User)
			ask("iam list-attached-user-policies", v.User)
		}
		if !v.AutoCreate {
			ask("dynamodb list-tables", "")
			ask("dynamodb describe-table", v.Table)
			keys, buckets = append(keys, v.Key), append(buckets, v.Bucket)
		}
	}
	empty := func(name string) bool { return name == "" }
	if keys = slices.DeleteFunc(keys, empty); len(keys) > 0 {
		ask("kms list-keys", "")
		ask("kms list-aliases", "")
		ask("kms describe-key", keys...)
		ask("kms get-key-policy", keys...)
	}
	for _, b := range o.Buckets {
		buckets = append(buckets, b.Name)
	}
	if buckets = slices.DeleteFunc(buckets, empty); len(buckets) > 0 {
		ask("s3api list-buckets", "")
		for _, command := range []string{"get-bucket-location", "get-public-access-block", "get-bucket-encryption", "get-bucket-versioning"} {
			ask("s3api "+command, buckets...)
		}
	}
	if len(o.Secrets) > 0 {
		ask("secretsmanager list-secrets", "")
		for _, u := range o.Secrets {
			ask("secretsmanager get-resource-policy", u.Secret)
		}
	}
	if len(o.Repositories) > 0 {
		ask("ecr describe-repositories", "")
	}
	if len(o.Stacks) > 0 || len(o.StackPrefixes) > 0 || o.Cluster != "" {
		ask("cloudformation describe-stacks", "")
	}
	if o.Cluster != "" {
		ask("iam list-roles", "")
		ask("iam list-instance-profiles", "")
	}
	if o.FileSystem != nil {
		ask("efs describe-file-systems", "")
		ask("efs describe-mount-targets", o.FileSystem.ID)
	}
	var list []File
	for _, f := range resourceFiles() {
		for _, what := range wanted[strings.Join(f.Command[1:3], " ")] {
			if named, ok := f.fill(what); ok {
				list = append(list, named)
			}
		}
	}
	slices.SortFunc(list, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(list, func(a, b File) bool { return a.Name == b.Name })
}

// fill returns the file that is about something.
func (f File) fill(what string) (File, bool) {
	mark := f.mark()
	if mark == "" {
		return f, true
	}
	label := what[strings.LastIndexAny(what, "/:")+1:]
	if !word.MatchString(label) || !argument.MatchString(what) {
		return File{}, false
	}
	name := f.named(label)
	f.Command = slices.Clone(f.Command)
	f.Command[slices.Index(f.Command, mark)] = what
	f.Name = name
	return f, true
}

// argument is what a shell and the AWS CLI read as it is: no quoting, no option, no
// file.
var argument = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_.@+=,:-]*(/[A-Za-z0-9_.@+=,:-]+)*$`)

// Script returns the commands of a POSIX shell that make the files, one a line, for
// the end of the script of network/awscli: they use its variable region and its
// function save, which adds the region and the format, and leaves no file behind where a
// call fails.
func Script(files []File) string {
	var b strings.Builder
	for _, f := range files {
		words := slices.Clone(f.Command[1:])
		if last := len(words) - 1; words[1] == "get-key-policy" && strings.Contains(words[last], "alias/") {
			words[last] = fmt.Sprintf(keyOfAlias, words[last])
		}
		fmt.Fprintf(&b, "save %s %s\n", f.Name, strings.Join(words, " "))
	}
	return b.String()
}

// keyOfAlias is the ID of the key that has an alias: KMS shows the policy of a key by
// its ID or its ARN alone, see
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html.
const keyOfAlias = `"$(aws kms describe-key --key-id %s --region "$region" --query KeyMetadata.KeyId --output text)"`
