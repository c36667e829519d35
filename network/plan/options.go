package plan

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/network"
)

// Options say what a network is to be. What has no comment to the contrary may be
// left out.
type Options struct {
	Cluster  string // required: the name that tags carry, of lower-case letters, digits and hyphens
	Owner    string // the value of groundway.OwnerTag; empty: Cluster
	Profile  network.Profile
	Topology network.Topology
	Region   string // empty: the snapshot's

	// VPC is the ID of the VPC to extend; empty: a new one is made.
	VPC string
	// CIDR is the block of a new VPC, /16 to /28. Without it the first of
	// Candidates that is free of Forbidden is taken, and without those the first
	// of DefaultCandidates.
	CIDR       netip.Prefix
	Candidates []netip.Prefix

	// Zones are the names of the zones, "us-east-1a", in their order, which is
	// that of the blocks. Empty: the first three of the snapshot that are
	// regular, available and opted in.
	Zones []string
	// ZoneSlots is for how many zones each role keeps room; zero: 4, or 8 for more
	// than four zones.
	ZoneSlots int

	// Controllers and Workers are how many addresses hosts and pods of the role
	// use in each subnet; those of load balancers and of a NAT gateway, which the
	// subnets of controllers hold too, are added. Zero: as many as fit, workers half
	// of the VPC and the other roles an eighth each.
	Controllers, Workers int
	Growth               int // per cent that is added to both numbers

	NAT NATLayout
	// Endpoints are services that private subnets reach without the internet:
	// "s3", "ecr.api". S3 and DynamoDB get gateway endpoints.
	Endpoints []string
	// PrivateRoutes lead from private subnets into other networks, by block.
	PrivateRoutes map[netip.Prefix]network.Target
	IPv6          bool // a /56 of Amazon for a new VPC, a /64 for each subnet

	PodCIDR, ServiceCIDR netip.Prefix
	// Forbidden are blocks that the network must keep apart from: networks that
	// it is or will be connected to. Pods, services, Docker's bridge, and what the
	// private routes and the VPC's own route tables lead to, are kept apart from
	// anyway.
	Forbidden []netip.Prefix
	Tags      map[string]string // on everything besides the plan's own
}

// A NATLayout says how private subnets reach the internet. The zero value is a NAT
// gateway in each zone.
type NATLayout uint8

// The layouts. One NAT gateway is cheaper than one in each zone, and all zones go
// down with its own.
const (
	NATPerZone NATLayout = iota
	NATSingle
	NATNone // private subnets do not reach the internet: endpoints have to do
)

var natNames = []string{NATPerZone: "zone", NATSingle: "one", NATNone: "none"}

// ParseNATLayout reads what String writes: zone, one or none.
func ParseNATLayout(name string) (NATLayout, error) {
	if i := slices.Index(natNames, name); i >= 0 {
		return NATLayout(i), nil
	}
	return 0, fmt.Errorf("parse NAT layout %q: want zone, one or none", name)
}

// String returns the name: "zone".
func (l NATLayout) String() string {
	if int(l) >= len(natNames) {
		return "invalid"
	}
	return natNames[l]
}

// MarshalText returns what String returns; an invalid layout is an error.
func (l NATLayout) MarshalText() ([]byte, error) {
	if int(l) >= len(natNames) {
		return nil, fmt.Errorf("marshal NAT layout %d: not a valid value", l)
	}
	return []byte(natNames[l]), nil
}

// UnmarshalText reads what MarshalText writes.
func (l *NATLayout) UnmarshalText(text []byte) (err error) {
	*l, err = ParseNATLayout(string(text))
	return err
}

// DefaultCandidates returns the blocks that a new VPC is tried with, in their
// order. They leave out what pods and services have by default: 10.2.0.0/15 with
// Tectonic, 10.96.0.0/12 with kubeadm, 10.100.0.0/16 with EKS, 10.244.0.0/16 with
// flannel, and Docker's blocks.
func DefaultCandidates() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("10.16.0.0/16"), netip.MustParsePrefix("10.32.0.0/16"),
		netip.MustParsePrefix("10.48.0.0/16"), netip.MustParsePrefix("10.64.0.0/16"), netip.MustParsePrefix("10.160.0.0/16"),
		netip.MustParsePrefix("10.176.0.0/16"), netip.MustParsePrefix("10.192.0.0/16"), netip.MustParsePrefix("172.30.0.0/16"),
	}
}

// The sizes that EC2 takes, see
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.
const (
	largest  = 16 // bits of a VPC or a subnet
	smallest = 28
	reserved = 5 // addresses of a subnet that are AWS's
)

// forOthers is how many addresses of a controllers' subnet are not theirs: two
// load balancers need eight each, see
// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-backend-instances.html,
// and a NAT gateway one.
const forOthers = 2*8 + 1

const maxZoneSlots = 16

var (
	clusterName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$`)
	zoneName    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z0-9]+)+[a-z]$`)
	service     = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)
)

// check returns every mistake of the options that can be told without a snapshot.
func (o Options) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !clusterName.MatchString(o.Cluster) {
		fail("Cluster %q: want 1 to 100 lower-case letters, digits and hyphens", o.Cluster)
	}
	if o.VPC != "" && (o.CIDR.IsValid() || len(o.Candidates) > 0) {
		fail("VPC %q and CIDR: a VPC that exists has its blocks", o.VPC)
	}
	if o.CIDR.IsValid() && len(o.Candidates) > 0 {
		fail("CIDR and Candidates: give one of them")
	}
	for _, p := range append([]netip.Prefix{o.CIDR}, o.Candidates...) {
		if p.IsValid() && (!p.Addr().Is4() || p != p.Masked() || p.Bits() < largest || p.Bits() > smallest) {
			fail("CIDR %s: want an IPv4 block from /16 to /28 without host bits", p)
		}
	}
	blocks := map[string][]netip.Prefix{"PodCIDR": {o.PodCIDR}, "ServiceCIDR": {o.ServiceCIDR}, "Forbidden": o.Forbidden}
	for p := range o.PrivateRoutes {
		blocks["PrivateRoutes"] = append(blocks["PrivateRoutes"], p)
	}
	for _, field := range []string{"PodCIDR", "ServiceCIDR", "Forbidden", "PrivateRoutes"} {
		for _, p := range blocks[field] {
			if p.IsValid() && p != p.Masked() {
				fail("%s %s: has host bits set, want %s", field, p, p.Masked())
			} else if !p.IsValid() && field != "PodCIDR" && field != "ServiceCIDR" {
				fail("%s: holds the zero block", field)
			}
		}
	}
	for i, z := range o.Zones {
		if !zoneName.MatchString(z) {
			fail("Zones: %q is no zone, want one such as us-east-1a", z)
		}
		if slices.Contains(o.Zones[:i], z) {
			fail("Zones: %s stands twice", z)
		}
	}
	if o.ZoneSlots < 0 || o.ZoneSlots > maxZoneSlots || o.ZoneSlots > 0 && len(o.Zones) > o.ZoneSlots {
		fail("ZoneSlots %d: want as many as there are zones (%d), and %d at most", o.ZoneSlots, len(o.Zones), maxZoneSlots)
	}
	for field, n := range map[string]int{"Controllers": o.Controllers, "Workers": o.Workers} {
		if n < 0 || n > 1<<(32-largest)-reserved {
			fail("%s %d: want 0 to %d addresses in a subnet", field, n, 1<<(32-largest)-reserved)
		}
	}
	if o.Growth < 0 || o.Growth > 1000 {
		fail("Growth %d: want 0 to 1000 per cent", o.Growth)
	}
	if int(o.NAT) >= len(natNames) {
		fail("NAT %d: not a valid value", o.NAT)
	}
	for _, e := range o.Endpoints {
		if !service.MatchString(e) {
			fail("Endpoints: %q is no service, want one such as s3 or ecr.api", e)
		}
	}
	for key := range o.Tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") || key == "" {
			fail("Tags: %q is AWS's own", key)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}
