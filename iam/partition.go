package iam

import (
	"fmt"
	"strings"
)

// A Partition is a group of regions with accounts of its own: the second part
// of an ARN. The zero value is invalid.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type Partition string

const (
	PartitionAWS   Partition = "aws"        // the commercial regions
	PartitionChina Partition = "aws-cn"     // Beijing and Ningxia
	PartitionUSGov Partition = "aws-us-gov" // AWS GovCloud (US)
	PartitionISO   Partition = "aws-iso"    // isolated regions, us-iso-…
	PartitionISOB  Partition = "aws-iso-b"  // isolated regions, us-isob-…
	PartitionISOE  Partition = "aws-iso-e"  // isolated regions, eu-isoe-…
	PartitionISOF  Partition = "aws-iso-f"  // isolated regions, us-isof-…
	PartitionEUSC  Partition = "aws-eusc"   // AWS European Sovereign Cloud
)

// A partitionFacts holds what differs between partitions. The region prefixes
// and DNS suffixes are those of partitions.json in the AWS SDKs; the SAML
// audience is the sign-in endpoint of the partition, where AWS documents one:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
type partitionFacts struct {
	partition    Partition
	regionPrefix string
	dnsSuffix    string
	samlAudience string
}

// The commercial partition stands last: its regions are those that no other
// prefix claims.
var partitions = [...]partitionFacts{
	{PartitionChina, "cn-", "amazonaws.com.cn", "https://signin.amazonaws.cn/saml"},
	{PartitionUSGov, "us-gov-", "amazonaws.com", "https://signin.amazonaws-us-gov.com/saml"},
	{PartitionISO, "us-iso-", "c2s.ic.gov", ""},
	{PartitionISOB, "us-isob-", "sc2s.sgov.gov", ""},
	{PartitionISOE, "eu-isoe-", "cloud.adc-e.uk", ""},
	{PartitionISOF, "us-isof-", "csp.hci.ic.gov", ""},
	{PartitionEUSC, "eusc-", "amazonaws.eu", ""},
	{PartitionAWS, "", "amazonaws.com", "https://signin.aws.amazon.com/saml"},
}

// Partitions returns all partitions that this package knows, the commercial
// one first.
func Partitions() []Partition {
	list := []Partition{PartitionAWS}
	for _, f := range partitions[:len(partitions)-1] {
		list = append(list, f.partition)
	}
	return list
}

func (p Partition) facts() (partitionFacts, bool) {
	for _, f := range partitions {
		if f.partition == p {
			return f, true
		}
	}
	return partitionFacts{}, false
}

// IsKnown reports whether this package knows the partition.
func (p Partition) IsKnown() bool {
	_, ok := p.facts()
	return ok
}

// DNSSuffix returns the domain of the partition's endpoints: "amazonaws.com";
// empty for an unknown partition.
func (p Partition) DNSSuffix() string {
	f, _ := p.facts()
	return f.dnsSuffix
}

// ServicePrincipal returns the name by which policies of the partition call a
// service: "eks.amazonaws.com" for "eks". The service may be given with its
// domain too.
//
// Nearly every service is SERVICE.amazonaws.com in every partition, China and
// GovCloud included. The exception is EC2, whose name has the domain of the
// partition in China and in the partitions iso and iso-b: ec2.amazonaws.com.cn.
// AWS has no page that lists these names; the exceptions are the ones that
// installers use which run there. A service with a name of its own, such as
// "pods.eks.amazonaws.com", is returned as it is, and a service that is named
// by region, such as logs.us-east-1.amazonaws.com, has to be given in full.
func (p Partition) ServicePrincipal(service string) string {
	name := service
	for _, suffix := range []string{".amazonaws.com.cn", ".amazonaws.com"} {
		name = strings.TrimSuffix(name, suffix)
	}
	if strings.Contains(name, ".") {
		return service
	}
	if name == "ec2" {
		switch p {
		case PartitionChina, PartitionISO, PartitionISOB:
			return "ec2." + p.DNSSuffix()
		}
	}
	return name + ".amazonaws.com"
}

// A Region is the name of a region: "us-east-1". The zero value means none.
type Region string

// ParseRegion reads the name of a region. It checks the form and not that the
// region exists: AWS opens new ones.
func ParseRegion(text string) (Region, error) {
	parts := strings.Split(text, "-")
	ok := len(parts) >= 3 && len(text) <= 32
	for i, part := range parts {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			ok = false
		}
		if last := i == len(parts)-1; ok && last && strings.Trim(part, "0123456789") != "" {
			ok = false
		}
	}
	if !ok {
		return "", fmt.Errorf("parse region %s: want a name such as us-east-1", quote(text))
	}
	return Region(text), nil
}

// Partition returns the partition that the region belongs to, by its prefix:
// cn-, us-gov-, us-iso- and so on. Any other region is commercial.
func (r Region) Partition() Partition {
	for _, f := range partitions {
		if strings.HasPrefix(string(r), f.regionPrefix) {
			return f.partition
		}
	}
	return PartitionAWS
}

// An Account is an AWS account id: 12 digits, leading zeros included. The zero
// value means none.
type Account string

// ParseAccount reads an account id. Hyphens as the console prints them, as in
// 1111-2222-3333, are not part of it.
func ParseAccount(text string) (Account, error) {
	if !Account(text).IsValid() {
		return "", fmt.Errorf("parse account %s: want 12 digits", quote(text))
	}
	return Account(text), nil
}

// IsValid reports whether the account id has 12 digits.
func (a Account) IsValid() bool {
	if len(a) != 12 {
		return false
	}
	for i := range len(a) {
		if a[i] < '0' || a[i] > '9' {
			return false
		}
	}
	return true
}
