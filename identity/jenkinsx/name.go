package jenkinsx

import (
	"net/netip"
	"regexp"
	"strings"
)

// The forms of names, each from the page of the service that gives it.
var (
	label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
	table = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	user = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)
	// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
	keyID = regexp.MustCompile(`^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?((key/)?(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias/[A-Za-z0-9/_-]{1,250})$`)
)

func validTable(s string) bool  { return table.MatchString(s) }
func validRegion(s string) bool { return region.MatchString(s) }
func validUser(s string) bool   { return user.MatchString(s) }
func validKeyID(s string) bool  { return keyID.MatchString(s) }

func validBucket(s string) bool {
	_, err := netip.ParseAddr(s)
	return bucket.MatchString(s) && !strings.Contains(s, "..") && err != nil
}

func validDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(s) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if !label.MatchString(l) {
			return false
		}
	}
	return true
}

// validSubdomain reports whether the text between a service's name and the domain
// makes a host name of them.
func validSubdomain(s string) bool {
	return len(s) > 1 && (s[0] == '-' || s[0] == '.') && strings.HasSuffix(s, ".") && validDomain("a"+s+"example.com")
}
