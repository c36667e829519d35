package network_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
)

var denials = []struct {
	action string
	deny   func(*network.Snapshot)
}{
	{"ec2:DescribeVpcs", func(s *network.Snapshot) { nt.Deny(&s.VPCs, "ec2:DescribeVpcs") }},
	{"ec2:DescribeVpcAttribute", func(s *network.Snapshot) { nt.Deny(&s.DNSSupport, "ec2:DescribeVpcAttribute") }},
	{"ec2:DescribeVpcAttribute", func(s *network.Snapshot) { nt.Deny(&s.DNSHostnames, "ec2:DescribeVpcAttribute") }},
	{"ec2:DescribeDhcpOptions", func(s *network.Snapshot) { nt.Deny(&s.DHCPOptions, "ec2:DescribeDhcpOptions") }},
	{"ec2:DescribeSubnets", func(s *network.Snapshot) { nt.Deny(&s.Subnets, "ec2:DescribeSubnets") }},
	{"ec2:DescribeRouteTables", func(s *network.Snapshot) { nt.Deny(&s.RouteTables, "ec2:DescribeRouteTables") }},
	{"ec2:DescribeNatGateways", func(s *network.Snapshot) { nt.Deny(&s.NATGateways, "ec2:DescribeNatGateways") }},
	{"ec2:DescribeInternetGateways", func(s *network.Snapshot) { nt.Deny(&s.InternetGateways, "ec2:DescribeInternetGateways") }},
	{"ec2:DescribeAvailabilityZones", func(s *network.Snapshot) { nt.Deny(&s.Zones, "ec2:DescribeAvailabilityZones") }},
	{"ec2:GetManagedPrefixListEntries", func(s *network.Snapshot) { nt.Deny(&s.PrefixLists, "ec2:GetManagedPrefixListEntries") }},
	{"ec2:DescribeVpcEndpoints", func(s *network.Snapshot) { nt.Deny(&s.Endpoints, "ec2:DescribeVpcEndpoints") }},
	{"ec2:DescribeInstanceTypeOfferings", func(s *network.Snapshot) { nt.Deny(&s.InstanceOfferings, "ec2:DescribeInstanceTypeOfferings") }},
	{"tag:GetResources", func(s *network.Snapshot) { nt.Deny(&s.LoadBalancerTags, "tag:GetResources") }},
	{"ec2:DescribeTags", func(s *network.Snapshot) { nt.Deny(&s.ClusterTags, "ec2:DescribeTags") }},
	{"sts:GetCallerIdentity", func(s *network.Snapshot) { s.Account = "" }},
}

// In the good accounts, what is not seen yields unknowns that name the action,
// and nothing fails. No route of the accounts names a prefix list.
func TestDeniedActionsAreUnknown(t *testing.T) {
	for _, account := range []func() (network.Snapshot, network.Options){nt.Public, nt.Internal} {
		for _, d := range denials {
			s, o := account()
			d.deny(&s)
			findings := network.Check(s, o)
			assert.Empty(t, with(findings, groundway.Failed), d.action)
			checkFindings(t, s, o, findings)
			unknown := 0
			for _, f := range findings {
				if f.Outcome == groundway.Unknown {
					unknown++
					for _, e := range f.Evidence {
						assert.Equal(t, d.action, e.Source, f.Code)
						assert.Contains(t, f.Summary, d.action)
					}
				}
			}
			switch d.action {
			case "ec2:GetManagedPrefixListEntries", "ec2:DescribeVpcEndpoints", "ec2:DescribeInstanceTypeOfferings":
				// Nothing of the good accounts asks for them.
			default:
				assert.NotZero(t, unknown, d.action)
			}
		}
	}
}

// Seeing less never makes anything fail that does not fail when all is seen.
// Two kinds of rows are left out: those in which EC2 contradicts itself for a
// moment, with a gateway that is gone while the routes to it are still active;
// and the shared VPC, of which one only knows that it is shared by seeing both
// its owner and the caller.
func TestSeeingLessFailsNoMore(t *testing.T) {
	contradictory := map[string]bool{
		"gateway detached, routes not yet dead": true,
		"gateway detaching":                     true,
		"gateway of another VPC":                true,
	}
	for _, r := range slices.Concat(rows, profileRows) {
		s, o := r.account()
		full := map[string]bool{}
		for _, f := range network.Check(s, o) {
			full[name(f)+" "+f.Outcome.String()] = true
		}
		for _, d := range denials {
			if contradictory[r.name] && d.action == "ec2:DescribeInternetGateways" {
				continue
			}
			if strings.Contains(r.name, "shared VPC") && (d.action == "ec2:DescribeVpcs" || d.action == "sts:GetCallerIdentity") {
				continue
			}
			s, o := r.account()
			d.deny(&s)
			for _, f := range network.Check(s, o) {
				if f.Outcome == groundway.Failed {
					assert.True(t, full[name(f)+" failed"], "%s without %s: %s", r.name, d.action, name(f))
				}
			}
		}
	}
}

// mayBeUnseen are the fields that an answer may lack and from which verdicts
// follow, by their places in Parts.
var mayBeUnseen = []string{
	"VPCs.State", "VPCs.DHCPOptionsID", "Subnets.Zone", "Subnets.AutoPublicIP", "Subnets.FreeAddresses",
	"RouteTables.Routes.State", "InternetGateways.Attachments.State", "EgressGateways.Attachments.State",
	"NATGateways.State", "NATGateways.Connectivity", "Zones.Type", "Zones.State", "Zones.OptIn",
	"Endpoints.Type", "Endpoints.State", "Endpoints.PrivateDNS",
}

// A field that the answer lacks makes nothing fail that did not fail, and lets
// nothing pass that failed: the rule is unknown then, or follows from another
// that is. Every row empties each third of its fields, and the next row the next.
func TestFieldsThatAreNotShown(t *testing.T) {
	for i, r := range slices.Concat(rows, profileRows) {
		s, o := r.account()
		before := network.Check(s, o)
		failed := with(before, groundway.Failed)
		blank(reflect.ValueOf(&s.Parts).Elem(), "", func(path string) {
			if i++; i%3 != 0 {
				return
			}
			after := network.Check(s, o)
			for _, f := range after {
				// Of two that fail alike one may be skipped for the other.
				alone := !slices.Contains(ids("network/lb-too-few-zones", "network/nat-cross-zone", "network/nat-not-in-public-subnet"), string(f.Code))
				if f.Outcome == groundway.Failed && alone {
					assert.Contains(t, failed, name(f), "%s without %s", r.name, path)
				}
			}
			for _, f := range before {
				if f.Outcome == groundway.Failed {
					assert.True(t, slices.ContainsFunc(after, func(now groundway.Finding) bool {
						return now.Code == f.Code && now.Outcome != groundway.Passed
					}), "%s without %s: %s passes", r.name, path, name(f))
				}
			}
		})
	}
}

// blank calls f for every field of mayBeUnseen, each emptied in its turn.
func blank(v reflect.Value, path string, f func(path string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() {
				blank(v.Field(i), strings.TrimPrefix(path+"."+strings.TrimPrefix(field.Name, "Items"), "."), f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			blank(v.Index(i), strings.TrimSuffix(path, "."), f)
		}
	case reflect.String, reflect.Pointer:
		if v.IsZero() || !slices.Contains(mayBeUnseen, path) {
			return
		}
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		v.SetZero()
		f(path)
		v.Set(was)
	}
}

func TestZeroSnapshot(t *testing.T) {
	for _, account := range []func() (network.Snapshot, network.Options){nt.Public, nt.Internal} {
		_, o := account()
		findings := network.Check(network.Snapshot{}, o)
		assert.Empty(t, with(findings, groundway.Failed))
		checkFindings(t, network.Snapshot{}, o, findings)
	}
	findings := network.Check(network.Snapshot{}, network.Options{})
	assert.Equal(t, ids("vpc-not-found@/network/vpc"), with(findings, groundway.Failed))
}

// A named subnet that was not seen may be in any zone.
func TestZonesOfASubnetThatWasNotSeen(t *testing.T) {
	for _, hidden := range []string{"subnet-0c1", "subnet-0w2"} {
		s, o := nt.Public()
		s.Subnets.Partial = true
		s.Subnets.Items = slices.DeleteFunc(s.Subnets.Items, func(n network.Subnet) bool { return n.ID == hidden })
		outcomes := map[groundway.Code]groundway.Outcome{}
		for _, f := range network.Check(s, o) {
			outcomes[f.Code] = f.Outcome
			assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", hidden, f.Summary)
		}
		assert.Equal(t, groundway.Unknown, outcomes["network/zone-single"])
		assert.Equal(t, groundway.Unknown, outcomes["network/zone-unbalanced"])
	}
}
