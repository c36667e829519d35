package awscli

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/dump"
)

// ReadResources reads the dump directory that is the root of fsys. The package
// documentation says what becomes of missing and of malformed files. With an error
// the snapshot is the zero one.
func ReadResources(fsys fs.FS) (resource.Snapshot, error) {
	r, err := open(fsys)
	if err != nil {
		return resource.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s resource.Snapshot
	s.Users = r.users()
	s.Roles = r.roles()
	s.Profiles = list(r, "iam list-instance-profiles", "InstanceProfiles", instanceProfile)
	s.Instances = r.instances()
	s.Tables = r.tables()
	s.Keys = r.keys()
	s.Buckets = r.buckets()
	s.OwnBuckets = list(r, "s3api list-buckets", "Buckets", func(v dump.Value) resource.OwnBucket {
		return resource.OwnBucket{Name: v.ID("Name"), Region: v.Text("BucketRegion")}
	})
	s.Secrets = r.secrets()
	s.Repositories = list(r, "ecr describe-repositories", "repositories", func(v dump.Value) resource.Repository {
		return resource.Repository{Name: v.ID("repositoryName"), ARN: v.Text("repositoryArn")}
	})
	s.Stacks = list(r, "cloudformation describe-stacks", "Stacks", stack)
	s.FileSystems = list(r, "efs describe-file-systems", "FileSystems", r.fileSystem)
	if err := r.Err(); err != nil {
		return resource.Snapshot{}, err
	}
	return s, nil
}

// A reader reads the files of one directory.
type reader struct {
	*dump.Dir
	fsys  fs.FS
	about map[string]map[string]string // by the name in Files, and by what they are about, the files that are there
}

// open sorts the files of the directory.
func open(fsys fs.FS) (*reader, error) {
	files := resourceFiles()
	known := make([]string, len(files))
	for i, f := range files {
		known[i] = f.Name
	}
	r := &reader{fsys: fsys, about: map[string]map[string]string{}}
	var err error
	r.Dir, err = dump.OpenDir(fsys, known, func(name string) (bool, error) {
		for _, f := range files {
			what, ok := f.about(name)
			switch {
			case name == f.Name && f.mark() != "":
				return false, fmt.Errorf("%s: want the name of what it is about in place of %s", name, f.mark())
			case ok:
				if r.about[f.Name] == nil {
					r.about[f.Name] = map[string]string{}
				}
				r.about[f.Name][what] = name
				return true, nil
			}
		}
		return false, nil
	})
	return r, err
}

// root returns the document of a file. There is none where the file is missing or,
// which is an error then, where it cannot be read.
func (r *reader) root(f File, what, key string) (root dump.Value, ok bool) {
	name, ok := r.about[f.Name][what]
	if !ok {
		return dump.Value{}, false
	}
	if info, err := fs.Stat(r.fsys, name); err == nil && info.Size() == 0 && f.Command[2] == "get-bucket-versioning" {
		return dump.Value{}, true // the AWS CLI prints nothing where an answer has no fields
	}
	root, ok = r.Root(name)
	if ok && key != "" && !root.Get(key).Exists() {
		root.Errorf("%s is missing; want the output of %s", key, strings.Join(f.Command, " "))
	}
	return root, ok
}

// subjects returns what the files of a name are about, in order.
func (r *reader) subjects(f File) []string {
	var list []string
	for what := range r.about[f.Name] {
		list = append(list, what)
	}
	slices.Sort(list)
	return list
}

func noFile(f File, what string) groundway.Gap { return dump.NoFile(f.Action, f.named(what)) }

// list reads a file whose output is a list of items under a key.
func list[T groundway.Keyed](r *reader, command, key string, item func(dump.Value) T) groundway.Part[T] {
	return listOf(r, command, "", key, item)
}

// listOf does so with the file that is about something.
func listOf[T groundway.Keyed](r *reader, command, what, key string, item func(dump.Value) T) groundway.Part[T] {
	f := fileOf(command)
	root, ok := r.root(f, what, key)
	if !ok {
		return groundway.UnseenPart[T](noFile(f, what))
	}
	part := groundway.SeenPart(dump.Items(root, key, item)...)
	return firstPage(root, f, what, part)
}

// firstPage marks a part of which more pages follow. The AWS CLI fetches them all
// unless it is told otherwise.
func firstPage[T any](root dump.Value, f File, what string, part groundway.Part[T]) groundway.Part[T] {
	truncated := root.Bool("IsTruncated")
	for _, key := range []string{"NextToken", "nextToken", "NextMarker", "Marker", "ContinuationToken", "LastEvaluatedTableName"} {
		// IAM answers with the marker of the page itself where it was asked for one.
		if root.Has(key) && (truncated == nil || *truncated) {
			part.Partial = true
			part.Gaps = append(part.Gaps, groundway.Gap{Action: f.Action, Message: f.named(what) + " holds the first page only: it has a " + key})
			return part
		}
	}
	return part
}

func tags(v dump.Value) map[string]string {
	var m map[string]string
	for t := range v.Objects("Tags") {
		if m == nil {
			m = map[string]string{}
		}
		m[t.ID("Key")] = t.Text("Value")
	}
	return m
}

func (r *reader) users() groundway.Part[resource.User] {
	return list(r, "iam list-users", "Users", func(v dump.Value) resource.User {
		u := resource.User{Name: v.ID("UserName"), ARN: v.Text("Arn")}
		u.AccessKeys = listOf(r, "iam list-access-keys", u.Name, "AccessKeyMetadata", func(v dump.Value) resource.AccessKey {
			return resource.AccessKey{Digest: resource.KeyDigest(v.ID("AccessKeyId")), Status: v.Text("Status")}
		})
		u.Policies = listOf(r, "iam list-attached-user-policies", u.Name, "AttachedPolicies", attachedPolicy)
		return u
	})
}

func attachedPolicy(v dump.Value) resource.AttachedPolicy {
	return resource.AttachedPolicy{ARN: v.ID("PolicyArn"), Name: v.Text("PolicyName")}
}

func (r *reader) roles() groundway.Part[resource.Role] {
	return list(r, "iam list-roles", "Roles", func(v dump.Value) resource.Role {
		role := resource.Role{Name: v.ID("RoleName"), ARN: v.Text("Arn"), Trust: policyText(v, "AssumeRolePolicyDocument")}
		role.Policies = listOf(r, "iam list-attached-role-policies", role.Name, "AttachedPolicies", attachedPolicy)
		f := fileOf("iam list-role-policies")
		root, ok := r.root(f, role.Name, "PolicyNames")
		if !ok {
			role.Inline = groundway.UnseenPart[resource.InlinePolicy](noFile(f, role.Name))
			return role
		}
		role.Inline = groundway.SeenPart[resource.InlinePolicy]()
		for _, name := range distinct(root, "PolicyNames") {
			role.Inline.Items = append(role.Inline.Items, resource.InlinePolicy{Name: name})
		}
		role.Inline = firstPage(root, f, role.Name, role.Inline)
		return role
	})
}

// distinct returns the strings of a list. One that stands twice or is empty is an
// error.
func distinct(v dump.Value, key string) []string {
	var list []string
	seen := map[string]bool{"": true}
	for _, text := range v.Texts(key) {
		if seen[text] {
			v.Get(key).Errorf("%q is empty or stands twice", text)
			continue
		}
		seen[text] = true
		list = append(list, text)
	}
	return list
}

func instanceProfile(v dump.Value) resource.InstanceProfile {
	p := resource.InstanceProfile{Name: v.ID("InstanceProfileName"), ARN: v.Text("Arn")}
	for role := range v.Objects("Roles") {
		p.Roles = append(p.Roles, role.ID("RoleName"))
	}
	return p
}

func (r *reader) instances() groundway.Part[resource.Instance] {
	f := fileOf("ec2 describe-instances")
	root, ok := r.root(f, "", "Reservations")
	if !ok {
		return groundway.UnseenPart[resource.Instance](noFile(f, ""))
	}
	part := groundway.SeenPart[resource.Instance]()
	seen := map[string]dump.Value{}
	for reservation := range root.Objects("Reservations") {
		for v := range reservation.Objects("Instances") {
			i := resource.Instance{
				ID: v.ID("InstanceId"), State: v.Object("State").Text("Name"), VPCID: v.Text("VpcId"), SubnetID: v.Text("SubnetId"),
				PublicIP: v.Text("PublicIpAddress"), ProfileARN: v.Object("IamInstanceProfile").Text("Arn"), KeyName: v.Text("KeyName"), Tags: tags(v),
			}
			if first, twice := seen[i.ID]; twice && i.ID != "" {
				v.Repeats(first, i.ID)
				continue
			}
			seen[i.ID] = v
			part.Items = append(part.Items, i)
		}
	}
	return firstPage(root, f, "", part)
}

// tables joins the list of names with what is described. Without the list a table
// that is not described is unseen.
func (r *reader) tables() groundway.Part[resource.Table] {
	f, described := fileOf("dynamodb list-tables"), fileOf("dynamodb describe-table")
	root, listed := r.root(f, "", "TableNames")
	part := groundway.Part[resource.Table]{Seen: listed}
	names := distinct(root, "TableNames")
	for _, name := range r.subjects(described) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		t := resource.Table{Name: name}
		if v, ok := r.root(described, name, "Table"); ok {
			t = table(v.Object("Table"), name)
			part.Seen = true
		}
		part.Items = append(part.Items, t)
	}
	return firstPage(root, f, "", unlisted(part, f, listed))
}

// unlisted marks a part without its list: what is not described may exist.
func unlisted[T any](part groundway.Part[T], f File, listed bool) groundway.Part[T] {
	if !listed {
		part.Partial = part.Seen
		part.Gaps = []groundway.Gap{noFile(f, "")}
	}
	return part
}

func table(v dump.Value, name string) resource.Table {
	if got := v.ID("TableName"); got != "" && got != name {
		v.Errorf("TableName is %q; want %q, which the file is named for", got, name)
	}
	types := map[string]string{}
	for a := range v.Objects("AttributeDefinitions") {
		types[a.ID("AttributeName")] = a.Text("AttributeType")
	}
	var keys []string
	for k := range v.Objects("KeySchema") {
		attribute := k.ID("AttributeName")
		keys = append(keys, attribute+" "+k.Text("KeyType")+" "+types[attribute])
	}
	return resource.Table{Name: name, ARN: v.Text("TableArn"), Status: v.Text("TableStatus"), Schema: strings.Join(keys, ", ")}
}

// keys joins the list of keys, their aliases and what is described.
func (r *reader) keys() groundway.Part[resource.Key] {
	f, described := fileOf("kms list-keys"), fileOf("kms describe-key")
	part := list(r, "kms list-keys", "Keys", func(v dump.Value) resource.Key {
		return resource.Key{ID: v.ID("KeyId"), ARN: v.Text("KeyArn")}
	})
	listed := part.Seen
	aliases, missing := r.aliases()
	labels := map[string]string{} // of the files, by the ID of the key
	for _, id := range r.subjects(described) {
		v, ok := r.root(described, id, "KeyMetadata")
		if !ok {
			continue
		}
		v = v.Object("KeyMetadata")
		k := resource.Key{ID: v.ID("KeyId"), ARN: v.Text("Arn"), State: v.Text("KeyState"), Spec: cmp.Or(v.Text("KeySpec"), v.Text("CustomerMasterKeySpec")), Usage: v.Text("KeyUsage")}
		part.Seen = true
		if k.ID == "" {
			continue
		}
		labels[k.ID] = id
		if i := slices.IndexFunc(part.Items, func(other resource.Key) bool { return other.ID == k.ID }); i >= 0 {
			part.Items[i] = k
		} else {
			part.Items = append(part.Items, k)
		}
	}
	policy := fileOf("kms get-key-policy")
	for i := range part.Items {
		k := &part.Items[i]
		k.Aliases = aliases[k.ID]
		for _, label := range []string{labels[k.ID], k.ID} {
			if v, ok := r.root(policy, label, "Policy"); ok {
				k.Policy = v.Text("Policy")
				break
			}
		}
	}
	slices.SortFunc(part.Items, func(a, b resource.Key) int { return cmp.Compare(a.ID, b.ID) })
	if !listed {
		return unlisted(part, f, false)
	}
	if missing != nil {
		// A key may be named by an alias that was not seen.
		part.Partial = true
		part.Gaps = append(part.Gaps, missing...)
	}
	return part
}

// aliases returns the aliases of each key, and why some are missing.
func (r *reader) aliases() (of map[string][]string, missing []groundway.Gap) {
	f := fileOf("kms list-aliases")
	root, ok := r.root(f, "", "Aliases")
	if !ok {
		missing = []groundway.Gap{noFile(f, "")}
	}
	missing = firstPage(root, f, "", groundway.Part[resource.Key]{Gaps: missing}).Gaps
	of = map[string][]string{}
	for v := range root.Objects("Aliases") {
		if key := v.Text("TargetKeyId"); key != "" {
			of[key] = append(of[key], v.ID("AliasName"))
		}
	}
	for _, list := range of {
		slices.Sort(list)
	}
	return of, missing
}

// buckets reads what the buckets are configured with. A bucket that no file speaks
// of is unseen: the list of the account's own stands in a part of its own.
func (r *reader) buckets() groundway.Part[resource.Bucket] {
	location, block := fileOf("s3api get-bucket-location"), fileOf("s3api get-public-access-block")
	encryption, versioning := fileOf("s3api get-bucket-encryption"), fileOf("s3api get-bucket-versioning")
	var names []string
	for _, f := range []File{location, block, encryption, versioning} {
		names = append(names, r.subjects(f)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	part := groundway.Part[resource.Bucket]{Seen: len(names) > 0, Partial: len(names) > 0}
	part.Gaps = []groundway.Gap{{Action: location.Action, Message: "no file " + location.Name + " for other buckets"}}
	if len(names) == 0 {
		part.Gaps[0].Message = "no file " + location.Name
	}
	for _, name := range names {
		b := resource.Bucket{Name: name}
		if v, ok := r.root(location, name, ""); ok {
			if !strings.Contains(v.JSON(), `"LocationConstraint"`) {
				v.Errorf("LocationConstraint is missing; want the output of %s", strings.Join(location.Command, " "))
			}
			b.Region = resource.BucketRegion(v.Text("LocationConstraint"))
		}
		if v, ok := r.root(block, name, "PublicAccessBlockConfiguration"); ok {
			v = v.Object("PublicAccessBlockConfiguration")
			b.Blocks = resource.BlocksOf(on(v, "BlockPublicAcls"), on(v, "IgnorePublicAcls"), on(v, "BlockPublicPolicy"), on(v, "RestrictPublicBuckets"))
		}
		if v, ok := r.root(encryption, name, "ServerSideEncryptionConfiguration"); ok {
			b.Encryption = "none"
			for rule := range v.Object("ServerSideEncryptionConfiguration").Objects("Rules") {
				b.Encryption = cmp.Or(rule.Object("ApplyServerSideEncryptionByDefault").Text("SSEAlgorithm"), b.Encryption)
			}
		}
		if v, ok := r.root(versioning, name, ""); ok {
			b.Versioning = cmp.Or(v.Text("Status"), "never")
		}
		part.Items = append(part.Items, b)
	}
	return part
}

func on(v dump.Value, key string) bool {
	b := v.Bool(key)
	return b != nil && *b
}

// secrets joins the list of secrets with their policies. The file of a policy is named
// for the last part of the secret's name, and says itself of which secret it is.
func (r *reader) secrets() groundway.Part[resource.Secret] {
	f := fileOf("secretsmanager get-resource-policy")
	policies := map[string]string{}
	for _, what := range r.subjects(f) {
		if v, ok := r.root(f, what, "Name"); ok {
			policies[v.ID("Name")] = cmp.Or(v.Text("ResourcePolicy"), "none")
		}
	}
	return list(r, "secretsmanager list-secrets", "SecretList", func(v dump.Value) resource.Secret {
		name := v.ID("Name")
		return resource.Secret{Name: name, ARN: v.Text("ARN"), KMSKey: v.Text("KmsKeyId"), Deleted: date(v.Get("DeletedDate")), Replica: replica(v), Policy: policies[name]}
	})
}

// replica returns the region of the secret that one repeats.
func replica(v dump.Value) string {
	primary := v.Text("PrimaryRegion")
	if strings.Contains(v.Text("ARN"), ":"+primary+":") {
		return ""
	}
	return primary
}

// date reads a time as the AWS CLI prints it: version 2 as a text, version 1 as
// seconds.
func date(v dump.Value) time.Time {
	text := v.JSON()
	if text == "" {
		return time.Time{}
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		if t, err := time.Parse(time.RFC3339Nano, unquoted); err == nil {
			return t.UTC()
		}
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < 1e11 {
		return time.UnixMilli(int64(seconds * 1000)).UTC()
	}
	v.Errorf("is no time; want one such as 2026-01-02T15:04:05+00:00")
	return time.Time{}
}

func stack(v dump.Value) resource.Stack {
	return resource.Stack{Name: v.ID("StackName"), ID: v.Text("StackId"), Status: v.Text("StackStatus"), Tags: tags(v)}
}

func (r *reader) fileSystem(v dump.Value) resource.FileSystem {
	f := resource.FileSystem{ID: v.ID("FileSystemId"), ARN: v.Text("FileSystemArn"), State: v.Text("LifeCycleState"), Encrypted: v.Bool("Encrypted")}
	f.Targets = listOf(r, "efs describe-mount-targets", f.ID, "MountTargets", func(v dump.Value) resource.MountTarget {
		return resource.MountTarget{
			ID: v.ID("MountTargetId"), SubnetID: v.Text("SubnetId"), VPCID: v.Text("VpcId"), Zone: v.Text("AvailabilityZoneName"), State: v.Text("LifeCycleState"),
		}
	})
	return f
}
