package capacity

import (
	"slices"
	"strings"
	"unicode"
)

// A Limit is a quota that this package knows to count.
type Limit struct {
	Quota   string // its key: "vpc/L-F678F1CE"
	What    string // in words, plural
	Counted string // the IAM action whose answer is counted
	PerZone bool
}

// The quotas, see https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html.
const (
	VPCs                     = "vpc/L-F678F1CE"
	InternetGateways         = "vpc/L-A4707A72"
	NATGateways              = "vpc/L-FE5A380F" // in each zone
	SecurityGroups           = "vpc/L-E79EC296"
	Addresses                = "ec2/L-0263D0A3" // Elastic IP addresses of Amazon's; one's own do not count
	ApplicationLoadBalancers = "elasticloadbalancing/L-53DA6B97"
	NetworkLoadBalancers     = "elasticloadbalancing/L-69A177A2"
	ClassicLoadBalancers     = "elasticloadbalancing/L-E9E9831D"
)

// families are the quotas on the vCPUs of running On-Demand instances, by the
// letters that their types begin with, see
// https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html.
var families = map[string]string{
	"a": standard, "c": standard, "d": standard, "h": standard, "i": standard, "im": standard, "is": standard,
	"m": standard, "r": standard, "t": standard, "z": standard,
	"dl": "ec2/L-6E869C2A", "f": "ec2/L-74FC7D96", "g": "ec2/L-DB2E81BA", "gr": "ec2/L-DB2E81BA", "vt": "ec2/L-DB2E81BA",
	"hpc": "ec2/L-F7808C92", "inf": "ec2/L-1945791B", "p": "ec2/L-417A185B", "trn": "ec2/L-2C3B7624", "u": "ec2/L-43DA4232", "x": "ec2/L-7295265B",
}

const standard = "ec2/L-1216C47A"

// FamilyQuota returns the quota that the vCPUs of On-Demand instances of a type
// count against: "ec2/L-1216C47A" for m5.large. It reports false for a type whose
// quota this package does not know, such as those of dedicated Mac hosts.
func FamilyQuota(instanceType string) (string, bool) {
	letters, _, ok := strings.Cut(instanceType, ".")
	if !ok {
		return "", false
	}
	if i := strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		letters = letters[:i]
	}
	quota := families[letters]
	return quota, quota != ""
}

// Limits returns the quotas that this package counts, in the order of their keys.
func Limits() []Limit {
	list := []Limit{
		{VPCs, "VPCs", "ec2:DescribeVpcs", false},
		{InternetGateways, "internet gateways", "ec2:DescribeInternetGateways", false},
		{NATGateways, "NAT gateways in a zone", "ec2:DescribeNatGateways", true},
		{SecurityGroups, "security groups", "ec2:DescribeSecurityGroups", false},
		{Addresses, "Elastic IP addresses", "ec2:DescribeAddresses", false},
		{ApplicationLoadBalancers, "Application Load Balancers", "elasticloadbalancing:DescribeLoadBalancers", false},
		{NetworkLoadBalancers, "Network Load Balancers", "elasticloadbalancing:DescribeLoadBalancers", false},
		{ClassicLoadBalancers, "Classic Load Balancers", "elasticloadbalancing:DescribeLoadBalancers", false},
	}
	names := map[string]string{
		standard: "Standard (A, C, D, H, I, M, R, T, Z)", "ec2/L-6E869C2A": "DL", "ec2/L-74FC7D96": "F", "ec2/L-DB2E81BA": "G and VT",
		"ec2/L-F7808C92": "HPC", "ec2/L-1945791B": "Inf", "ec2/L-417A185B": "P", "ec2/L-2C3B7624": "Trn", "ec2/L-43DA4232": "High Memory", "ec2/L-7295265B": "X",
	}
	for quota, name := range names {
		list = append(list, Limit{quota, "vCPUs of On-Demand " + name + " instances", "ec2:DescribeInstances", false})
	}
	slices.SortFunc(list, func(a, b Limit) int { return strings.Compare(a.Quota, b.Quota) })
	return list
}

// limitOf returns what is known of a quota.
func limitOf(quota string) Limit {
	for _, l := range Limits() {
		if l.Quota == quota {
			return l
		}
	}
	return Limit{Quota: quota, What: quota}
}
