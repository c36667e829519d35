package jenkinsx

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
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

const page = "https://jenkins-x.io/v2/docs/install-setup/installing/boot/clouds/amazon/"

var rules = []verdict.Rule{
	verdict.NewRule(codeKeyUnknown, groundway.Warning, page, "Every key is one that Jenkins X reads",
		"A key that is misspelt sets nothing. Only keys with the name of another, all but a letter or two, are reported: Jenkins X reads many that this package does not.",
		"Write the key as it is read, or waive the finding if another program reads it.", ""),
	verdict.NewRule(codeClusterKey, groundway.Error, page, "The cluster is configured under the key cluster",
		"The documentation writes clusterConfig, which no version of jx reads: the provider stays unset.",
		"Rename the key to cluster.", ""),
	verdict.NewRule(codeProvider, groundway.Error, page, "The provider is eks",
		"Boot makes buckets, keys and policies of AWS for the provider eks only.",
		"Set cluster.provider to eks.", "", codeClusterKey),
	verdict.NewRule(codeTerraform, groundway.Error, page, "With terraform nothing is left for boot to create",
		"terraform: true says that all resources exist; boot then creates none, and what the file leaves to it is missing.",
		"Create what is missing, name it in the file, and set autoCreate of Vault to false.", ""),
	verdict.NewRule(codeDomain, groundway.Error, page, "The ingress has a domain",
		"External DNS and certificates need a domain of one's own, by the rules of host names.",
		"Write the domain whose hosted zone is delegated, such as cluster1.example.com: in lower case, without a scheme, a wildcard or a final dot.", ""),
	verdict.NewRule(codeOverwritten, groundway.Warning, page, "The domain stays as it is",
		"Without ignoreLoadBalancer boot may replace the domain by one made of the load balancer's address, and records and certificates are those of another name.",
		"Set ingress.ignoreLoadBalancer to true.", ""),
	verdict.NewRule(codeSubdomain, groundway.Error, page, "The names of services are host names",
		"Names are SERVICE, namespaceSubDomain and domain put together: the middle begins with a hyphen or a dot and ends with a dot, as \"-jx.\" and \".jx.\" do.",
		"Write it with a hyphen or a dot first and a dot last: \"-jx.\".", ""),
	verdict.NewRule(codeTLSEmail, groundway.Error, "https://cert-manager.io/docs/configuration/acme/", "Certificates are asked for with an address of electronic mail",
		"Let's Encrypt opens no account without one, and cert-manager waits.",
		"Write the address of whoever is told when certificates expire.", ""),
	verdict.NewRule(codeTLSStaging, groundway.Warning, "https://letsencrypt.org/docs/staging-environment/", "Certificates are those of the production server",
		"Browsers and git servers refuse certificates of the staging server. It is right for a first try: the production server limits how often one asks.",
		"Set ingress.tls.production to true once the staging certificates have come.", ""),
	verdict.NewRule(codeTLSDNS, groundway.Warning, page, "Certificates come with external DNS",
		"Without external DNS nobody writes the records of the names that the certificates are for, unless they stand there already.",
		"Set ingress.externalDNS to true.", ""),
	verdict.NewRule(codeSecretStorage, groundway.Error, page, "Secrets are stored in a place that exists",
		"secretStorage is local or vault; Vault's settings without it have no effect.",
		"Set secretStorage to vault, or to local.", ""),
	verdict.NewRule(codeVaultUser, groundway.Error, page, "Vault has an IAM user",
		"Boot attaches Vault's policy to an existing user and makes access keys of it. Without a name it asks, or stops where nobody can answer.",
		"Give Vault a role through its service account.", ""),
	verdict.NewRule(codeVaultKeys, groundway.Warning, "https://developer.hashicorp.com/vault/docs/configuration/seal/awskms", "Vault has no keys that do not expire",
		"The page says that Vault cannot use roles for service accounts. Today it can: a role whose credentials last an hour takes the place of a user, one of whose two access keys is used up by every installation.",
		"Give Vault a role through its service account.", ""),
	verdict.NewRule(codeVaultMissing, groundway.Error, page, "An existing vault is named in full",
		"With autoCreate: false boot makes nothing for Vault, and needs the names and regions of the table, the key and the bucket.",
		"Write the name of what the existing vault uses.", ""),
	verdict.NewRule(codeVaultInvalid, groundway.Error, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html", "What Vault uses has names that AWS can have given",
		"A table, key, bucket, region or user of another form does not exist.",
		"Write the name as AWS gave it, without a path; the ID or the ARN of a key.", ""),
	verdict.NewRule(codeStorage, groundway.Error, page, "Long-term storage is in buckets of S3",
		"On EKS the URL of a bucket is s3://NAME; one of another cloud cannot be written to.",
		"Write s3:// and the name of the bucket.", ""),
}

// Rules returns the rules of [Check], in the order of the file.
func Rules() []groundway.Rule { return verdict.Public(rules) }
