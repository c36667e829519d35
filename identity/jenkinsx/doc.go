// Package jenkinsx reads, judges and writes jx-requirements.yml, by which "jx
// boot" installs Jenkins X on EKS, and names the service accounts that it gives
// IAM roles.
//
//	file, err := jenkinsx.Parse("jx-requirements.yml", data)
//	findings := jenkinsx.Check(file, jenkinsx.Options{})
//	file, err = file.With(requirements)
//	os.WriteFile("jx-requirements.yml", file.Bytes(), 0o644)
//
// [Parse] keeps what it does not know: keys of other parts of Jenkins X stay
// where they are, as do comments; blank lines do not. It is strict about what it
// does know, because jx is not: a key that stands twice or a truth value where a
// text belongs is an error with its place.
//
// # What the page on Amazon asks for
//
// The documentation of Jenkins X on Amazon says this of the file, and these
// codes, each with "identity/jenkinsx-" before it, or functions answer for it:
//
//	set the provider to eks                            provider-wrong, cluster-key
//	terraform: true means that boot creates nothing    terraform-creates
//	ingress: domain, externalDNS, ignoreLoadBalancer   domain-invalid, domain-overwritten
//	ingress: namespaceSubDomain                        subdomain-invalid
//	ingress: tls with email, enabled, production       tls-email-invalid, tls-staging, tls-without-dns
//	vault.aws: autoCreate, iamUserName                 vault-user-missing
//	vault.aws: the names of an existing vault          vault-names-missing, vault-names-invalid
//	Vault cannot use roles for service accounts        vault-static-keys: today it can
//	buckets for long-term storage                      storage-invalid
//	service accounts with roles, and more of one's     [ServiceAccounts], [ServiceAccount.ExportName]
//	own with policies that exist
//
// The page writes the provider below the key clusterConfig. The programs read
// cluster, and cluster alone; the other is read here, and found.
//
// Whether the user, the table, the key and the buckets exist is for package
// iam/resource to say, and whether the domain is delegated for package route53.
//
// Source: https://jenkins-x.io/v3/admin/setup/ and the documentation of version 2,
// "Using Boot on Amazon".
package jenkinsx
