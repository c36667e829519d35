// Package awsidentity asks AWS about the caller, assumes a role, and publishes the
// documents of an issuer.
//
//	snapshot, err := awsidentity.Load(ctx, awsidentity.Clients{STS: sts.NewFromConfig(cfg)}, awsidentity.LoadOptions{Credentials: cfg.Credentials})
//	findings := identity.CheckCredentials(snapshot, identity.CredentialOptions{Time: time.Now()})
//
//	session, err := awsidentity.Assume(ctx, sts.NewFromConfig(cfg), assumption)
//	cfg.Credentials = session
//
//	site, err := awsidentity.LoadSite(ctx, clients, options)       // bucket and distribution
//	plan, err := awsidentity.PlanSite(site)
//	site, err = awsidentity.ApplySite(ctx, clients, plan)          // site.Issuer() is the issuer
//	documents, err := oidc.NewDocuments(site.Issuer(), keys)
//	puts, err := awsidentity.PlanDocuments(site, documents, signs)
//	err = awsidentity.ApplyDocuments(ctx, clients, puts)
//
// The bucket is private: CloudFront alone reads it, with origin access control, and
// its host is the issuer's. A public bucket has to be asked for by name. Nothing
// that does not carry the owner tag is changed, statements of others in the policy
// of the bucket stay, and nothing is ever deleted. Documents are written only over
// what was read, and a key set without the key that signs is not written at all.
//
// The region is asked of Account Management: the client of EC2, whose
// DescribeRegions says the same, takes a minute to compile. Providers and roles are
// made by package iam/awsiam.
//
// [Actions], [SiteActions] and [ApplyActions] list the IAM actions that a policy has
// to allow. Package awsidentitytest has clients for tests. See
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html.
package awsidentity
