package jenkinsx

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// Options are what [Check] may be told. The zero value is right.
type Options struct {
	// VaultRole says that Vault gets a role by its service account, or by Pod
	// Identity, in place of a user.
	VaultRole bool
}

// Check judges a file: what jx boot would stop at, or do otherwise than was meant.
// Every rule has a finding at least. Subjects are JSON pointers into the file, and
// the evidence names the line and column.
func Check(f File, o Options) []groundway.Finding {
	c := &checker{Judge: verdict.NewJudge(rules, "jx-requirements"), f: f, r: f.Requirements(), o: o}
	c.File, c.Positions, c.Source = f.name, f.positions, ""
	for _, check := range []func(*checker){
		checkKeys, checkCluster, checkTerraform, checkDomain, checkTLS, checkVault, checkStorage,
	} {
		check(c)
	}
	c.Settle()
	return c.Findings()
}

type checker struct {
	*verdict.Judge
	f File
	r Requirements
	o Options
}

// fail records that a rule fails for the value at a pointer, which stands there as
// got, with other ways out than the rule's.
func (c *checker) fail(code groundway.Code, pointer, got, want, summary string, or ...string) {
	c.Fail(verdict.Fault{Code: code, Path: pointer, Got: got, Want: want, Summary: summary, Or: or})
}

// vault returns what Vault uses: where nothing is said, boot makes it.
func (c *checker) vault() VaultAWS {
	if aws := c.r.Vault.AWS; aws != nil {
		return *aws
	}
	return VaultAWS{AutoCreate: c.r.UsesVault()}
}

func checkKeys(c *checker) {
	for _, p := range c.f.unknown {
		if p.Path == "/clusterConfig" || !strings.Contains(p.Text, "the nearest is") {
			continue
		}
		text, _, _ := strings.Cut(p.Text, ";")
		c.fail(codeKeyUnknown, p.Path, p.Path[strings.LastIndexByte(p.Path, '/')+1:], "a key that Jenkins X reads",
			strings.ToUpper(text[:1])+text[1:]+".")
	}
}

func checkCluster(c *checker) {
	const pointer = "/cluster/provider"
	if c.f.elsewhere != (Cluster{}) {
		c.fail(codeClusterKey, "/clusterConfig", "clusterConfig", "cluster", "The cluster is configured under clusterConfig, which nothing reads.")
	}
	switch got := c.r.Cluster.Provider; {
	case got == "eks":
	case got == "" && c.f.elsewhere != (Cluster{}):
		c.Skip(codeProvider, codeClusterKey, c.Subject("/clusterConfig"))
	case got == "":
		c.fail(codeProvider, pointer, "", "eks", "No provider is set.")
	default:
		c.fail(codeProvider, pointer, got, "eks", fmt.Sprintf("The provider is %q.", got))
	}
}

func checkTerraform(c *checker) {
	if !c.r.Terraform {
		c.Inapplicable(codeTerraform, "boot creates what is missing")
		return
	}
	if c.vault().AutoCreate {
		c.fail(codeTerraform, "/vault/aws/autoCreate", "true", "false",
			"terraform is true, and Vault's resources are left for boot to create.", "Set terraform to false.")
	}
	for _, key := range slices.Sorted(maps.Keys(c.r.Storage.Buckets())) {
		if c.r.Storage.Buckets()[key].URL == "" {
			c.fail(codeTerraform, "/storage/"+key+"/url", "", "s3://NAME",
				fmt.Sprintf("terraform is true, and the bucket for %s is left for boot to create.", key), "Set terraform to false.")
		}
	}
}

func checkDomain(c *checker) {
	in := c.r.Ingress
	if sub := in.NamespaceSubDomain; sub != "" && !validSubdomain(sub) {
		c.fail(codeSubdomain, "/ingress/namespaceSubDomain", sub, "\"-jx.\" or \".jx.\"",
			fmt.Sprintf("The subdomain %q makes no host names, such as hook%sexample.com.", sub, sub))
	}
	if !in.ExternalDNS && !in.TLS.Enabled {
		const none = "neither external DNS nor certificates are asked for"
		c.Inapplicable(codeDomain, none)
		c.Inapplicable(codeOverwritten, none)
		return
	}
	const pointer = "/ingress/domain"
	switch {
	case in.Domain == "":
		c.fail(codeDomain, pointer, "", "a domain", "The ingress has no domain.")
	case !validDomain(in.Domain):
		c.fail(codeDomain, pointer, in.Domain, "a domain in lower case, without a final dot", fmt.Sprintf("The domain %q is none.", in.Domain))
	case !in.IgnoreLoadBalancer:
		c.fail(codeOverwritten, "/ingress/ignoreLoadBalancer", "false", "true", fmt.Sprintf("Boot may write another domain over %s.", in.Domain))
	}
}

func checkTLS(c *checker) {
	tls := c.r.Ingress.TLS
	if !tls.Enabled {
		for _, code := range []groundway.Code{codeTLSEmail, codeTLSStaging, codeTLSDNS} {
			c.Inapplicable(code, "no certificates are asked for")
		}
		return
	}
	if a, err := mail.ParseAddress(tls.Email); err != nil || a.Address != tls.Email {
		summary := "No address is given for Let's Encrypt."
		if tls.Email != "" {
			summary = fmt.Sprintf("The address %q is none.", tls.Email)
		}
		c.fail(codeTLSEmail, "/ingress/tls/email", tls.Email, "an address such as ops@example.com", summary)
	}
	if !tls.Production {
		c.fail(codeTLSStaging, "/ingress/tls/production", "false", "true", "Certificates are those of the staging server.")
	}
	if !c.r.Ingress.ExternalDNS {
		c.fail(codeTLSDNS, "/ingress/externalDNS", "false", "true", "Certificates are asked for, and nobody writes the records of their names.",
			"Write a wildcard record of the domain yourself.")
	}
}

func checkStorage(c *checker) {
	buckets := c.r.Storage.Buckets()
	if len(buckets) == 0 {
		c.Inapplicable(codeStorage, "no storage is enabled")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(buckets)) {
		name, isS3 := strings.CutPrefix(buckets[key].URL, "s3://")
		if url := buckets[key].URL; url != "" && (!isS3 || !validBucket(strings.TrimSuffix(name, "/"))) {
			c.fail(codeStorage, "/storage/"+key+"/url", url, "s3://NAME", fmt.Sprintf("The storage for %s is %q, which is no bucket of S3.", key, url))
		}
	}
}

func checkVault(c *checker) {
	aws := c.vault()
	const pointer = "/secretStorage"
	switch s := c.r.SecretStorage; {
	case s != "" && s != "vault" && s != "local":
		c.fail(codeSecretStorage, pointer, s, "vault or local", fmt.Sprintf("Secrets are to be stored in %q.", s))
	case s != "vault" && c.r.Vault.AWS != nil:
		c.fail(codeSecretStorage, pointer, s, "vault", "Vault is configured, and secrets are stored elsewhere.",
			"Remove vault.aws.")
	}
	if !c.r.UsesVault() {
		for _, code := range []groundway.Code{codeVaultUser, codeVaultKeys, codeVaultMissing, codeVaultInvalid} {
			c.Inapplicable(code, "Vault is not used")
		}
		return
	}
	switch {
	case c.o.VaultRole:
		c.Inapplicable(codeVaultUser, "Vault has a role")
	case aws.IAMUserName == "":
		c.fail(codeVaultUser, "/vault/aws/iamUserName", "", "the name of an IAM user", "Vault has no IAM user.",
			"Name an existing user that has a free access-key slot.")
	default:
		c.fail(codeVaultKeys, "/vault/aws/iamUserName", aws.IAMUserName, "a role", fmt.Sprintf("Vault gets access keys of the user %s, which do not expire.", aws.IAMUserName))
	}
	c.vaultNames(aws)
}

// A name of vault.aws with what makes it one.
type vaultName struct {
	key, value, want string
	valid            func(string) bool
}

func (c *checker) vaultNames(aws VaultAWS) {
	names := []vaultName{
		{"dynamoDBTable", aws.DynamoDBTable, "3 to 255 letters, digits and characters of _.-", validTable},
		{"dynamoDBRegion", aws.DynamoDBRegion, "a region such as us-east-1", validRegion},
		{"kmsKeyId", aws.KMSKeyID, "a key ID, an alias, or the ARN of either", validKeyID},
		{"kmsRegion", aws.KMSRegion, "a region such as us-east-1", validRegion},
		{"s3Bucket", aws.S3Bucket, "3 to 63 lower-case letters, digits, dots and hyphens", validBucket},
		{"s3Region", aws.S3Region, "a region such as us-east-1", validRegion},
		{"s3Prefix", aws.S3Prefix, "a prefix that does not begin with a slash", func(s string) bool { return !strings.HasPrefix(s, "/") && len(s) <= 1024 }},
	}
	if aws.AutoCreate {
		c.Inapplicable(codeVaultMissing, "boot creates Vault's resources")
	}
	for _, n := range names {
		pointer := "/vault/aws/" + n.key
		switch {
		case n.value == "" && !aws.AutoCreate:
			c.fail(codeVaultMissing, pointer, "", n.want, fmt.Sprintf("autoCreate is false, and %s is not given.", n.key), "Set vault.aws.autoCreate to true.")
		case n.value != "" && !n.valid(n.value):
			c.fail(codeVaultInvalid, pointer, n.value, n.want, fmt.Sprintf("%s is %q, which AWS cannot have given.", n.key, n.value))
		}
	}
	if aws.IAMUserName != "" && !validUser(aws.IAMUserName) {
		c.fail(codeVaultInvalid, "/vault/aws/iamUserName", aws.IAMUserName, "1 to 64 letters, digits and characters of +=,.@_-",
			fmt.Sprintf("iamUserName is %q, which AWS cannot have given.", aws.IAMUserName))
	}
}
