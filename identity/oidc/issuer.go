package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
)

// CheckIssuer returns what keeps a URL from being the issuer of a cluster's tokens
// for AWS: it is https, without a port, a query, a user or a final slash, with a
// host in lower case, and of 255 characters at most.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func CheckIssuer(issuer string) error {
	if err := identity.CheckIssuer(issuer); err != nil {
		return err
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil:
		return errors.New("the issuer is not a URL")
	case u.Port() != "" || strings.Contains(u.Host, ":"):
		return fmt.Errorf("the issuer %q has a port, which IAM does not take", issuer)
	case u.Host != strings.ToLower(u.Host):
		return fmt.Errorf("the host of the issuer %q is not in lower case", issuer)
	case len(issuer) > 255:
		return fmt.Errorf("the issuer has %d characters, and IAM takes 255", len(issuer))
	case strings.ContainsAny(issuer, "*?$") || strings.IndexFunc(issuer, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0:
		return fmt.Errorf("the issuer %q has characters that no policy can name", issuer)
	}
	return nil
}

// ProviderPath returns an issuer as IAM names it in ARNs and condition keys:
// without "https://".
func ProviderPath(issuer string) string { return strings.TrimPrefix(issuer, "https://") }

// ProviderARN returns the ARN of the provider of an issuer in an account.
func ProviderARN(partition iam.Partition, account iam.Account, issuer string) string {
	return fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", partition, account, ProviderPath(issuer))
}

// BucketIssuer returns the issuer whose documents lie in a public bucket below a
// prefix, which may be empty. A bucket with a dot in its name is an error: the
// certificate of S3 does not cover it.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func BucketIssuer(region iam.Region, bucket, prefix string) (string, error) {
	if strings.Contains(bucket, ".") {
		return "", fmt.Errorf("issuer in bucket %q: its name has a dot, so that no certificate covers its host", bucket)
	}
	issuer := fmt.Sprintf("https://%s.s3.%s.%s", bucket, region, region.Partition().DNSSuffix())
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		issuer += "/" + prefix
	}
	if err := CheckIssuer(issuer); err != nil {
		return "", fmt.Errorf("issuer in bucket %q: %w", bucket, err)
	}
	return issuer, nil
}
