package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

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
