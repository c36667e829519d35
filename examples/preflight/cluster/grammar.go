package cluster

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/network"
)

// The functions in this file read one value each. Their errors say what they
// got and what was wanted; the caller puts the place in front.

// A label as RFC 1123 section 2.1 has it, but for its length.
var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func parseClusterName(s string) (string, error) {
	const longest = 100
	switch {
	case len(s) > longest:
		return "", fmt.Errorf("got %s of %d characters, want %d at most", quote(s), len(s), longest)
	case !label.MatchString(s):
		return "", fmt.Errorf("got %s, want lower-case letters, digits and hyphens, no hyphen first or last", quote(s))
	}
	return s, nil
}

func parseProfile(s string) (network.Profile, error) {
	p, err := network.ParseProfile(s)
	if err == nil {
		return p, nil
	}
	return 0, fmt.Errorf("got %s, want tectonic, elastic, eks or kubeadm", quote(s))
}

func parseTopology(s string) (network.Topology, error) {
	t, err := network.ParseTopology(s)
	if err != nil {
		return 0, fmt.Errorf("got %s, want public or internal", quote(s))
	}
	return t, nil
}

var (
	region = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$`)
	zone   = regexp.MustCompile(`^([a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2})[a-z]$`)
)

func parseRegion(s string) (string, error) {
	if m := zone.FindStringSubmatch(s); m != nil {
		return "", fmt.Errorf("got %q, an availability zone, want its region %s", s, m[1])
	}
	if !region.MatchString(s) {
		return "", fmt.Errorf("got %s, want an AWS region such as us-east-1", quote(s))
	}
	return s, nil
}

// EC2 gives 8 or 17 hexadecimal digits; examples and emulators use others.
var resourceID = regexp.MustCompile(`^[a-z]+-[0-9a-z]{1,32}$`)

func parseVPCID(s string) (string, error) { return parseID(s, "VPC", "vpc-", "vpc-0a1b2c3d") }
func parseSubnetID(s string) (string, error) {
	return parseID(s, "subnet", "subnet-", "subnet-0a1b2c3d")
}

func parseGroupID(s string) (string, error) {
	return parseID(s, "security group", "sg-", "sg-0a1b2c3d")
}

// EC2 writes m5.large, u-6tb1.56xlarge and mac2-m2.metal.
var instanceType = regexp.MustCompile(`^[a-z0-9-]{1,20}\.[a-z0-9-]{1,20}$`)

func parseInstanceType(s string) (string, error) {
	if !instanceType.MatchString(s) {
		return "", fmt.Errorf("got %s, want an instance type such as m5.large", quote(s))
	}
	return s, nil
}

func parseID(s, what, prefix, example string) (string, error) {
	switch {
	case strings.HasPrefix(s, prefix) && resourceID.MatchString(s):
		return s, nil
	case strings.HasPrefix(s, "arn:"):
		return "", fmt.Errorf("got the ARN %s, want the ID of the %s alone, such as %s", quote(s), what, example)
	}
	return "", fmt.Errorf("got %s, want the ID of a %s, such as %s", quote(s), what, example)
}

func parseCIDR(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil && strings.Contains(s, "/"):
		return netip.Prefix{}, fmt.Errorf("got %s, want an address block such as 10.2.0.0/16", quote(s))
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("got %s, want an address block with its length, such as 10.2.0.0/16", quote(s))
	case p.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("got %q, an IPv4 address in the form of IPv6, want an address block such as 10.2.0.0/16", s)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("got %q, which has bits set after the first %d, want %s", s, p.Bits(), p.Masked())
	}
	return p, nil
}

// parseVPCBlock reads a block that EC2 takes for a VPC, see
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.
func parseVPCBlock(s string) (netip.Prefix, error) {
	p, err := parseCIDR(s)
	switch {
	case err != nil:
		return p, err
	case !p.Addr().Is4() || p.Bits() < 16 || p.Bits() > 28:
		return netip.Prefix{}, fmt.Errorf("got %q, want an IPv4 block from /16 to /28, such as 10.0.0.0/16", s)
	}
	return p, nil
}

func parseZone(s string) (string, error) {
	if !zone.MatchString(s) {
		return "", fmt.Errorf("got %s, want an availability zone such as us-east-1a", quote(s))
	}
	return s, nil
}

func parseAccount(s string) (string, error) {
	if _, err := iam.ParseAccount(s); err != nil {
		return "", fmt.Errorf("got %s, want the 12 digits of an AWS account, such as \"111122223333\"", quote(s))
	}
	return s, nil
}

// Route 53 gives IDs that begin with Z; emulators give others.
var zoneID = regexp.MustCompile(`^[0-9A-Z]{1,32}$`)

func parseZoneID(s string) (string, error) {
	if id := strings.TrimPrefix(s, "/hostedzone/"); id != s && zoneID.MatchString(id) {
		return "", fmt.Errorf("got %q, want the ID alone: %s", s, id)
	}
	if !zoneID.MatchString(s) {
		return "", fmt.Errorf("got %s, want the ID of a hosted zone, such as Z0123456789ABC", quote(s))
	}
	return s, nil
}

func parseDomain(s string) (string, error) {
	const longest, longestLabel = 253, 63 // RFC 1035 section 2.3.4, without the final dot
	labels := strings.Split(s, ".")
	ok := len(s) <= longest && len(labels) > 1
	for _, l := range labels {
		ok = ok && len(l) <= longestLabel && label.MatchString(l)
	}
	if !ok {
		return "", fmt.Errorf("got %s, want a domain in lower case without a final dot, such as k8s.example.com", quote(s))
	}
	return s, nil
}

func parseOperator(s string) (string, error) {
	a, err := iam.ParseARN(s)
	if err != nil || a.Service != "iam" || strings.ContainsAny(s, "*?$") || !strings.HasPrefix(a.Resource, "user/") && !strings.HasPrefix(a.Resource, "role/") {
		return "", fmt.Errorf("got %s, want the ARN of a user or role, such as arn:aws:iam::111122223333:user/ops", quote(s))
	}
	return s, nil
}

// An address of which one at most is meant: what a certificate, an account with
// Let's Encrypt or a login of dex takes.
var address = regexp.MustCompile(`^[A-Za-z0-9._%+-]{1,64}@[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$`)

// The forms of what installers ask for besides.
var (
	keyAlias    = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)
	externalID  = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]{2,1000}$`)
	secretStart = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	groupName   = regexp.MustCompile(`^[A-Za-z0-9 ._:/()#,@+=;{}!$*\[\]-]{1,255}$`)
	issuerURL   = regexp.MustCompile(`^https://[a-z0-9.-]{1,253}(/[A-Za-z0-9._/-]{1,200})?$`)
	imageStart  = regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]{0,254}$`)
)

func parseEmail(s string) (string, error) {
	if !address.MatchString(s) {
		return "", fmt.Errorf("got %s, want an address such as ops@example.com", quote(s))
	}
	return s, nil
}

// ofForm reads a text of a form.
func ofForm(form *regexp.Regexp, want string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !form.MatchString(s) {
			return "", fmt.Errorf("got %s, want %s", quote(s), want)
		}
		return s, nil
	}
}
