package resource

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// vaultSchema is the key of the table that Vault's DynamoDB storage reads, see
// https://developer.hashicorp.com/vault/docs/configuration/storage/dynamodb.
const vaultSchema = "Path HASH S, Key RANGE S"

func checkTableFound(c *checker, code groundway.Code) {
	found(c, code, c.tables, unnamed, "DynamoDB table", func(t thing[Table]) []groundway.Remedy {
		return []groundway.Remedy{
			{
				Action: "Create the table.",
				Commands: [][]string{aws(
					t.region, "dynamodb", "create-table", "--table-name", word(t.subject.ID, "table-name"), "--billing-mode", "PAY_PER_REQUEST",
					"--attribute-definitions", "AttributeName=Path,AttributeType=S", "AttributeName=Key,AttributeType=S",
					"--key-schema", "AttributeName=Path,KeyType=HASH", "AttributeName=Key,KeyType=RANGE",
				)},
			},
			{Action: "Name the region that the table is in, or let boot make it by autoCreate."},
		}
	})
	if v := c.o.Vault; v != nil {
		c.named(code, "table", "dynamoDBTable", v.Table)
	}
}

// named records a failure where Vault has to be given a name and is not: boot makes
// nothing for a Vault that exists.
func (c *checker) named(code groundway.Code, kind, field, name string) {
	if name != "" || c.o.Vault.AutoCreate {
		return
	}
	c.hold(false, claim{
		code: code, subject: groundway.Subject{Kind: kind, Path: "/vault/aws/" + field}, want: "a name",
		summary:  fmt.Sprintf("Vault is not made by boot, and %s does not say what it uses.", field),
		remedies: []groundway.Remedy{{Action: "Name it in " + field + ", or let boot make it by autoCreate."}},
	})
}

func checkTableActive(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeTableNotFound, c.tables, unnamed) {
		if t.item.Status == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeTable, "the status")...)
			continue
		}
		action := "Wait until the table is active, and check again."
		switch {
		case is(t.item.Status, "DELETING"):
			action = "Wait until the table is gone, and create another."
		case is(t.item.Status, "INACCESSIBLE_ENCRYPTION_CREDENTIALS"):
			action = "Give DynamoDB the use of the table's KMS key back."
		case strings.HasPrefix(strings.ToUpper(t.item.Status), "ARCHIV"):
			action = "Restore the table from its backup."
		}
		// A table that is being changed can be read and written.
		c.hold(is(t.item.Status, "ACTIVE") || is(t.item.Status, "UPDATING"), claim{
			code: code, subject: t.subject, path: t.at("status"), got: t.item.Status, want: "ACTIVE", source: actionDescribeTable,
			summary:  fmt.Sprintf("The DynamoDB table %q is %s.", t.subject.ID, t.item.Status),
			remedies: []groundway.Remedy{{Action: action, Commands: [][]string{aws(t.region, "dynamodb", "describe-table", "--table-name", word(t.subject.ID, "table-name"))}}},
		})
	}
}

func checkTableSchema(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeTableNotFound, c.tables, unnamed) {
		if t.item.Schema == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeTable, "the key schema")...)
			continue
		}
		c.hold(t.item.Schema == vaultSchema, claim{
			code: code, subject: t.subject, path: t.at("schema"), got: t.item.Schema, want: vaultSchema, source: actionDescribeTable,
			summary:  fmt.Sprintf("The DynamoDB table %q has the key %s.", t.subject.ID, t.item.Schema),
			remedies: []groundway.Remedy{{Action: "Create another table with the partition key Path and the sort key Key, both strings, and name that: the key of a table cannot be changed."}},
		})
	}
}

// bucket looks for a bucket. Where S3 was not asked about it, the list of the
// account's own buckets shows that it is there, or that the account has none of the
// name; whether another account has one it does not show.
func (c *checker) bucket(name, region string, n int) thing[Bucket] {
	t := look(c, c.s.Buckets, want{"bucket", name, region, "s3Buckets", actionBucketLocation, n}, byKey[Bucket])
	own, listed := c.owned(name)
	if t.presence == Absent && !slices.ContainsFunc(c.s.Buckets.Items, func(b Bucket) bool { return b.Name == name }) {
		// All accounts share the names: that nobody has it, S3 alone says.
		t.presence, t.unseen, t.gaps = "", true, []groundway.Gap{notShown(actionBucketLocation, name)}
	}
	switch {
	case t.item != nil && t.item.Region == "" && own != nil:
		t.item.Region = own.Region
	case !t.unseen:
	case listed && own != nil:
		t.unseen, t.item = false, &Bucket{Name: name, Region: own.Region}
		t.pointer = []string{"parts", "s3OwnBuckets", "items", name}
	case listed && !c.creates(t):
		t.unseen, t.presence, t.action = false, Absent, actionListBuckets
		t.pointer = []string{"parts", "s3OwnBuckets", "items", name}
	}
	return t
}

// owned returns the bucket of this name that the account owns, if it owns one, and
// whether that is known.
func (c *checker) owned(name string) (own *OwnBucket, known bool) {
	list := c.s.OwnBuckets
	if i := slices.IndexFunc(list.Items, func(b OwnBucket) bool { return b.Name == name }); i >= 0 {
		return &list.Items[i], true
	}
	return nil, list.Complete()
}

// creates reports whether a bucket is made where it does not exist.
func (c *checker) creates(t thing[Bucket]) bool { return t.n >= 0 && c.o.Buckets[t.n].Create }

func checkBucketFound(c *checker, code groundway.Code) {
	for _, t := range c.buckets {
		switch {
		case t.presence == Absent && c.creates(t):
			c.Inapplicable(code, "what does not exist yet is made")
		case t.presence == Forbidden, t.presence == OtherRegion:
			c.Pass(code, 1) // whose it is and where is asked below
		default:
			t.region = "" // that of a bucket is asked below too
			found(c, code, []thing[Bucket]{t}, "", "bucket of the account", func(t thing[Bucket]) []groundway.Remedy {
				return []groundway.Remedy{
					{Action: "Create the bucket.", Commands: [][]string{aws(t.subject.Region, "s3", "mb", "s3://"+word(t.subject.ID, "bucket"))}},
					{Action: "Name a bucket of the account.", Commands: [][]string{aws("", "s3api", "list-buckets")}},
				}
			})
		}
	}
	if len(c.buckets) == 0 {
		c.Inapplicable(code, unnamed)
	}
	if v := c.o.Vault; v != nil {
		c.named(code, "bucket", "s3Bucket", v.Bucket)
	}
}

// checkBucketOwner tells a bucket of another account, where no policy of the
// caller's account helps. That S3 shows nothing of a bucket does not tell yet:
// the list of the account's own buckets does.
func checkBucketOwner(c *checker, code groundway.Code) {
	for _, t := range c.buckets {
		own, known := c.owned(t.subject.ID)
		_, missing := c.Failed(codeBucketNotFound, t.subject)
		switch {
		case missing:
			c.Skip(code, codeBucketNotFound, t.subject)
			continue
		case t.unseen:
			c.unknown(code, t.subject, t.gaps...)
			continue
		case t.presence == Absent:
			c.Inapplicable(code, "what does not exist yet is made")
			continue
		case !known:
			c.unknown(code, t.subject, partGaps(c.s.OwnBuckets, actionListBuckets, "the owner of "+t.subject.ID)...)
			continue
		}
		summary := fmt.Sprintf("The bucket %q is another account's.", t.subject.ID)
		if c.creates(t) {
			summary = fmt.Sprintf("The bucket %q cannot be made: another account has one of this name.", t.subject.ID)
		}
		c.hold(own != nil, claim{
			code: code, subject: t.subject, path: groundway.Pointer("parts", "s3OwnBuckets", "items", t.subject.ID), want: "a bucket of the account", source: actionListBuckets,
			summary:  summary,
			remedies: []groundway.Remedy{{Action: "Choose another name: all accounts share the names of buckets."}},
		})
	}
	if len(c.buckets) == 0 {
		c.Inapplicable(code, unnamed)
	}
}

func checkBucketRegion(c *checker, code groundway.Code) {
	var there []thing[Bucket]
	for _, t := range c.buckets {
		own, _ := c.owned(t.subject.ID)
		_, foreign := c.Failed(codeBucketOtherAccount, t.subject)
		switch {
		case t.presence != OtherRegion || foreign:
			there = append(there, t)
		case own != nil && own.Region != "":
			c.elsewhere(code, t, own.Region)
		default:
			c.elsewhere(code, t, c.regionOf(t))
		}
	}
	if len(there) == 0 && len(c.buckets) > 0 {
		return
	}
	for _, t := range seen(c, code, codeBucketNotFound, there, unnamed) {
		_, foreign := c.Failed(codeBucketOtherAccount, t.subject)
		switch {
		case foreign:
			c.Skip(code, codeBucketOtherAccount, t.subject)
		case t.item.Region == "" || t.region == "":
			c.unknown(code, t.subject, t.lacks(actionBucketLocation, "the region")...)
		case t.item.Region == t.region:
			c.Pass(code, 1)
		default:
			c.elsewhere(code, t, t.item.Region)
		}
	}
}

// regionOf returns the region of a bucket that S3 did not show, as its redirection
// named it.
func (c *checker) regionOf(t thing[Bucket]) string {
	for _, b := range c.s.Buckets.Items {
		if b.Name == t.subject.ID {
			return b.Region
		}
	}
	return ""
}

func (c *checker) elsewhere(code groundway.Code, t thing[Bucket], got string) {
	where := got
	if where == "" {
		where = "another region"
	}
	c.hold(false, claim{
		code: code, subject: t.subject, path: t.at("region"), got: got, want: t.region, source: actionBucketLocation,
		summary: fmt.Sprintf("The bucket %q is in %s, and has to be in %s.", t.subject.ID, where, t.region),
		remedies: []groundway.Remedy{
			{Action: "Write the region that the bucket is in."},
			{Action: "Choose another name for a bucket of that region: a bucket cannot be moved."},
		},
	})
}

// A setting is one thing that a bucket is configured with.
type setting struct {
	field, action, want string
	of                  func(Bucket) string
	ok                  func(string) bool
	summary             string // with the name and the value
	remedy              string
	command             []string
}

func (c *checker) setting(code groundway.Code, s setting) {
	for _, t := range seen(c, code, codeBucketNotFound, c.buckets, unnamed) {
		if cause, failed := c.failedOf(t.subject, codeBucketOtherAccount); failed {
			c.Skip(code, cause, t.subject)
			continue
		}
		got := s.of(*t.item)
		if got == "" {
			c.unknown(code, t.subject, t.lacks(s.action, "what the rule asks")...)
			continue
		}
		words := append([]string{"s3api", s.command[0], "--bucket", word(t.subject.ID, "bucket")}, s.command[1:]...)
		c.hold(s.ok(got), claim{
			code: code, subject: t.subject, path: t.at(s.field), got: got, want: s.want, source: s.action,
			summary:  fmt.Sprintf(s.summary, t.subject.ID, got),
			remedies: []groundway.Remedy{{Action: s.remedy, Commands: [][]string{aws(t.item.Region, words...)}}},
		})
	}
}

func checkBucketPublic(c *checker, code groundway.Code) {
	c.setting(code, setting{
		field: "publicAccessBlock", action: actionPublicAccess, want: AllBlocks,
		of: func(b Bucket) string { return b.Blocks }, ok: func(got string) bool { return got == AllBlocks },
		summary: "Public access to the bucket %q is not blocked in every way: %s.",
		remedy:  "Block public access in all four ways.",
		command: []string{
			"put-public-access-block", "--public-access-block-configuration",
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
		},
	})
}

func checkBucketEncryption(c *checker, code groundway.Code) {
	c.setting(code, setting{
		field: "encryption", action: actionEncryption, want: "AES256 or aws:kms",
		of: func(b Bucket) string { return b.Encryption }, ok: func(got string) bool { return got != "none" },
		summary: "The bucket %q has no default encryption: %s.",
		remedy:  "Set the default encryption.",
		command: []string{
			"put-bucket-encryption", "--server-side-encryption-configuration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`,
		},
	})
}

func checkBucketVersioning(c *checker, code groundway.Code) {
	c.setting(code, setting{
		field: "versioning", action: actionVersioning, want: "Enabled",
		of: func(b Bucket) string { return b.Versioning }, ok: func(got string) bool { return is(got, "Enabled") },
		summary: "The bucket %q keeps no versions: versioning is %s.",
		remedy:  "Enable versioning.",
		command: []string{"put-bucket-versioning", "--versioning-configuration", "Status=Enabled"},
	})
}

// checkVaultPrefix is about the text alone.
func checkVaultPrefix(c *checker, code groundway.Code) {
	v := c.o.Vault
	if v == nil || v.Prefix == "" {
		c.Inapplicable(code, unnamed)
		return
	}
	s := groundway.Subject{Kind: "bucket-prefix", ID: v.Prefix, Path: "/vault/aws/s3Prefix"}
	c.hold(strings.HasSuffix(v.Prefix, "/") && !strings.HasPrefix(v.Prefix, "/"), claim{
		code: code, subject: s, got: v.Prefix, want: "a prefix with a slash last, and none first",
		summary:  fmt.Sprintf("The prefix %q makes no folder of its own.", v.Prefix),
		remedies: []groundway.Remedy{{Action: "Write the prefix with a slash last and none first: vault/."}},
	})
}

func checkSecretFound(c *checker, code groundway.Code) {
	found(c, code, c.secrets, unnamed, "secret", func(t thing[Secret]) []groundway.Remedy {
		return []groundway.Remedy{{
			Action:   "Create the secret, or name one of the region.",
			Commands: [][]string{aws(t.region, "secretsmanager", "create-secret", "--name", word(t.subject.ID, "secret-name"), "--secret-string", "file://<secret-file>")},
		}}
	})
}

func checkSecretDeleted(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeSecretNotFound, c.secrets, unnamed) {
		c.hold(t.item.Deleted.IsZero(), claim{
			code: code, subject: t.subject, path: t.at("deletedDate"), got: t.item.Deleted.Format(time.RFC3339Nano), want: "no date of deletion", source: actionDescribeSecret,
			summary:  fmt.Sprintf("The secret %q is to be deleted, and nobody can read it.", t.subject.ID),
			remedies: []groundway.Remedy{{Action: "Restore the secret.", Commands: [][]string{aws(t.region, "secretsmanager", "restore-secret", "--secret-id", word(t.subject.ID, "secret-name"))}}},
		})
	}
}

// checkSecretReadable asks the policy of the secret, those of the reader, and of these
// whether they let it use the key that encrypts the secret.
func checkSecretReadable(c *checker, code groundway.Code) {
	const get iam.Action = "secretsmanager:GetSecretValue"
	for _, t := range seen(c, code, codeSecretNotFound, c.secrets, unnamed) {
		reader, key := c.o.Secrets[t.n].Reader, t.item.KMSKey
		if reader == "" {
			c.Inapplicable(code, unnamed)
			continue
		}
		if cause, failed := c.failedOf(t.subject, codeSecretDeleted); failed {
			c.Skip(code, cause, t.subject)
			continue
		}
		leaves, grants := iam.Allowed, false
		if t.item.Policy != "none" {
			j, ok := judgeOf(t.item.Policy)
			if !ok {
				c.unknown(code, t.subject, t.lacks(actionSecretPolicy, "a resource policy that can be read")...)
				continue
			}
			leaves, grants = j.judge(reader, get, t.item.ARN)
		}
		switch {
		case leaves == iam.Undetermined:
			c.unknown(code, t.subject, groundway.Gap{Action: actionSecretPolicy, Message: "the policy of the secret decides by conditions that are not known"})
		case leaves != iam.Allowed:
			c.hold(false, claim{
				code: code, subject: t.subject, path: t.at(), got: leaves.String(), want: string(get) + " allowed to " + reader, source: actionSecretPolicy,
				summary: fmt.Sprintf("The policy of the secret %q keeps %s from reading it.", t.subject.ID, reader),
				remedies: []groundway.Remedy{{
					Action:   fmt.Sprintf("Allow %s to %s in the policy of the secret.", get, reader),
					Commands: [][]string{aws(t.region, "secretsmanager", "get-resource-policy", "--secret-id", word(t.subject.ID, "secret-name"))},
				}},
			})
		case !grants && c.may(reader, get, t.item.ARN) != iam.Allowed, grants && c.may(reader, get, t.item.ARN) == iam.ExplicitlyDenied:
			c.permit(code, t.subject, reader, t.item.ARN, "to read the secret", get)
		case key == "" || strings.HasSuffix(key, "alias/aws/secretsmanager"):
			c.Pass(code, 1)
		default:
			c.permit(code, t.subject, reader, key, "to read the secret, which this key encrypts", "kms:Decrypt")
		}
	}
}
