package jenkinsx

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

const (
	codeKeyUnknown    groundway.Code = "identity/jenkinsx-key-unknown"
	codeClusterKey    groundway.Code = "identity/jenkinsx-cluster-key"
	codeProvider      groundway.Code = "identity/jenkinsx-provider-wrong"
	codeTerraform     groundway.Code = "identity/jenkinsx-terraform-creates"
	codeDomain        groundway.Code = "identity/jenkinsx-domain-invalid"
	codeOverwritten   groundway.Code = "identity/jenkinsx-domain-overwritten"
	codeSubdomain     groundway.Code = "identity/jenkinsx-subdomain-invalid"
	codeTLSEmail      groundway.Code = "identity/jenkinsx-tls-email-invalid"
	codeTLSStaging    groundway.Code = "identity/jenkinsx-tls-staging"
	codeTLSDNS        groundway.Code = "identity/jenkinsx-tls-without-dns"
	codeSecretStorage groundway.Code = "identity/jenkinsx-secretstorage-invalid"
	codeVaultUser     groundway.Code = "identity/jenkinsx-vault-user-missing"
	codeVaultKeys     groundway.Code = "identity/jenkinsx-vault-static-keys"
	codeVaultMissing  groundway.Code = "identity/jenkinsx-vault-names-missing"
	codeVaultInvalid  groundway.Code = "identity/jenkinsx-vault-names-invalid"
	codeStorage       groundway.Code = "identity/jenkinsx-storage-invalid"
)

const (
	page = "https://jenkins-x.io/v2/docs/install-setup/installing/boot/clouds/amazon/"
	v    = "0.1.0"
)

var rules = []groundway.Rule{
	{
		Code: codeKeyUnknown, Title: "Every key is one that Jenkins X reads", Severity: groundway.Warning, Since: v,
		Doc: "A key that is misspelt sets nothing. Only keys with the name of another, all but a letter or two, are reported: Jenkins X reads many that this package does not. " + page,
	},
	{
		Code: codeClusterKey, Title: "The cluster is configured under the key cluster", Severity: groundway.Error, Since: v,
		Doc: "The documentation writes clusterConfig, which no version of jx reads: the provider stays unset. " + page,
	},
	{
		Code: codeProvider, Title: "The provider is eks", Severity: groundway.Error, Since: v, DependsOn: []groundway.Code{codeClusterKey},
		Doc: "Boot makes buckets, keys and policies of AWS for the provider eks only. " + page,
	},
	{
		Code: codeTerraform, Title: "With terraform nothing is left for boot to create", Severity: groundway.Error, Since: v,
		Doc: "terraform: true says that all resources exist; boot then creates none, and what the file leaves to it is missing. " + page,
	},
	{
		Code: codeDomain, Title: "The ingress has a domain", Severity: groundway.Error, Since: v,
		Doc: "External DNS and certificates need a domain of one's own, by the rules of host names. " + page,
	},
	{
		Code: codeOverwritten, Title: "The domain stays as it is", Severity: groundway.Warning, Since: v,
		Doc: "Without ignoreLoadBalancer boot may replace the domain by one made of the load balancer's address, and records and certificates are those of another name. " + page,
	},
	{
		Code: codeSubdomain, Title: "The names of services are host names", Severity: groundway.Error, Since: v,
		Doc: "Names are SERVICE, namespaceSubDomain and domain put together: the middle begins with a hyphen or a dot and ends with a dot, as \"-jx.\" and \".jx.\" do. " + page,
	},
	{
		Code: codeTLSEmail, Title: "Certificates are asked for with an address of electronic mail", Severity: groundway.Error, Since: v,
		Doc: "Let's Encrypt opens no account without one, and cert-manager waits. https://cert-manager.io/docs/configuration/acme/",
	},
	{
		Code: codeTLSStaging, Title: "Certificates are those of the production server", Severity: groundway.Warning, Since: v,
		Doc: "Browsers and git servers refuse certificates of the staging server. It is right for a first try: the production server limits how often one asks. https://letsencrypt.org/docs/staging-environment/",
	},
	{
		Code: codeTLSDNS, Title: "Certificates come with external DNS", Severity: groundway.Warning, Since: v,
		Doc: "Without external DNS nobody writes the records of the names that the certificates are for, unless they stand there already. " + page,
	},
	{
		Code: codeSecretStorage, Title: "Secrets are stored in a place that exists", Severity: groundway.Error, Since: v,
		Doc: "secretStorage is local or vault; Vault's settings without it have no effect. " + page,
	},
	{
		Code: codeVaultUser, Title: "Vault has an IAM user", Severity: groundway.Error, Since: v,
		Doc: "Boot attaches Vault's policy to an existing user and makes access keys of it. Without a name it asks, or stops where nobody can answer. " + page,
	},
	{
		Code: codeVaultKeys, Title: "Vault has no keys that do not expire", Severity: groundway.Warning, Since: v,
		Doc: "The page says that Vault cannot use roles for service accounts. Today it can: a role whose credentials last an hour takes the place of a user, one of whose two access keys is used up by every installation. https://developer.hashicorp.com/vault/docs/configuration/seal/awskms",
	},
	{
		Code: codeVaultMissing, Title: "An existing vault is named in full", Severity: groundway.Error, Since: v,
		Doc: "With autoCreate: false boot makes nothing for Vault, and needs the names and regions of the table, the key and the bucket. " + page,
	},
	{
		Code: codeVaultInvalid, Title: "What Vault uses has names that AWS can have given", Severity: groundway.Error, Since: v,
		Doc: "A table, key, bucket, region or user of another form does not exist. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
	},
	{
		Code: codeStorage, Title: "Long-term storage is in buckets of S3", Severity: groundway.Error, Since: v,
		Doc: "On EKS the URL of a bucket is s3://NAME; one of another cloud cannot be written to. " + page,
	},
}

// Rules returns the rules of [Check], in the order of the file.
func Rules() []groundway.Rule {
	list := slices.Clone(rules)
	for i := range list {
		list[i].DependsOn = slices.Clone(list[i].DependsOn)
	}
	return list
}
