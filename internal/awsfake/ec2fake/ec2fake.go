// Package ec2fake answers EC2's describe calls from a [network.Snapshot], and
// changes it as the calls do that make and delete parts of a network.
//
// An unseen part is answered with the error that its gap names, or with
// UnauthorizedOperation; a partial one with its items and then, instead of a
// last page, with that error. So a snapshot with gaps is loaded as it was.
package ec2fake

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// Options change what New answers. The zero value is right.
type Options struct {
	// Before is the state that [awsfake.Stale] answers from; nil means one in
	// which nothing existed.
	Before *network.Snapshot
	// KeyPairs are those of the region, to which an import adds; the zero value
	// denies both. Before an import, Stale answers that there were none.
	KeyPairs sshkeys.Parts
	// Addresses are the Elastic IP addresses of the region.
	Addresses []Address
	// Instances, InstanceTypes and Encryption are what an account's room is counted
	// from; nil Encryption: new volumes are not encrypted.
	Instances     []Instance
	InstanceTypes []capacity.InstanceType
	Encryption    *capacity.Encryption
	// Settle is how often a VPC, a NAT gateway or an interface endpoint is shown
	// on its way before it is there, or gone. Zero: once.
	Settle int
}

// New returns the service for this snapshot, which may hold several VPCs.
func New(s network.Snapshot, o Options) awsfake.Service {
	f := &fake{
		account: s.Account, settle: max(o.Settle, 1), tokens: map[string]string{}, onWay: map[string]*transition{},
		now: state{s.Parts, groundway.SeenPart(o.Addresses...)}, before: state{nothing(), groundway.SeenPart[Address]()},
	}
	if o.Before != nil {
		f.before.Parts = o.Before.Parts
	}
	keys := &keyring{now: o.KeyPairs.KeyPairs, before: groundway.SeenPart[sshkeys.KeyPair]()}
	service := awsfake.Service{
		Name:      "ec2",
		Protocol:  awsfake.EC2Query,
		Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
		Operations: map[string]awsfake.Operation{
			"DescribeVpcs":                       f.describeVpcs,
			"DescribeVpcAttribute":               f.describeVpcAttribute,
			"DescribeDhcpOptions":                f.describeDhcpOptions,
			"DescribeSubnets":                    f.describeSubnets,
			"DescribeRouteTables":                f.describeRouteTables,
			"DescribeInternetGateways":           f.describeInternetGateways,
			"DescribeNatGateways":                f.describeNatGateways,
			"DescribeAvailabilityZones":          f.describeAvailabilityZones,
			"DescribeEgressOnlyInternetGateways": f.describeEgressGateways,
			"GetManagedPrefixListEntries":        f.getPrefixListEntries,
			"DescribeKeyPairs":                   keys.describe,
			"ImportKeyPair":                      keys.importPair,
			"DescribeSecurityGroups":             f.describeSecurityGroups,
			"DescribeNetworkAcls":                f.describeNetworkACLs,
			"DescribeVpcEndpoints":               f.describeEndpoints,
			"DescribeInstanceTypeOfferings":      f.describeOfferings,
			"DescribeTags":                       f.describeTags,
			"DescribeVpcPeeringConnections":      f.describePeerings,
			"DescribeAddresses":                  f.describeAddresses,
		},
	}
	maps.Copy(service.Operations, room(o))
	maps.Copy(service.Operations, f.making())
	maps.Copy(service.Operations, f.deleting())
	return service
}

// nothing is a region in which everything was seen, and nothing is.
func nothing() network.Parts {
	return network.Parts{
		VPCs:              groundway.SeenPart[network.VPC](),
		DNSSupport:        groundway.SeenPart[network.DNSAttribute](),
		DNSHostnames:      groundway.SeenPart[network.DNSAttribute](),
		DHCPOptions:       groundway.SeenPart[network.DHCPOptions](),
		Subnets:           groundway.SeenPart[network.Subnet](),
		RouteTables:       groundway.SeenPart[network.RouteTable](),
		PrefixLists:       groundway.SeenPart[network.PrefixList](),
		InternetGateways:  groundway.SeenPart[network.InternetGateway](),
		EgressGateways:    groundway.SeenPart[network.InternetGateway](),
		NATGateways:       groundway.SeenPart[network.NATGateway](),
		Zones:             groundway.SeenPart[network.Zone](),
		SecurityGroups:    groundway.SeenPart[network.SecurityGroup](),
		NetworkACLs:       groundway.SeenPart[network.NetworkACL](),
		Endpoints:         groundway.SeenPart[network.Endpoint](),
		InstanceOfferings: groundway.SeenPart[network.InstanceOffering](),
		ClusterTags:       groundway.SeenPart[network.ClusterTag](),
		Peerings:          groundway.SeenPart[network.Peering](),
	}
}

// A fake holds the state of a region.
type fake struct {
	account string
	settle  int

	mu          sync.Mutex
	now, before state
	made        int                    // how many things were made, for their IDs
	tokens      map[string]string      // what a client token made
	onWay       map[string]*transition // by ID
}

func (f *fake) parts(r awsfake.Request) state {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Stale {
		return f.before
	}
	return f.now
}

func (f *fake) describeVpcs(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).VPCs, query[network.VPC]{
		ids: "VpcId", prefix: "vpc-", malformed: "InvalidVpcID.Malformed", notFound: "InvalidVpcID.NotFound",
		filters: map[string]func(network.VPC) []string{
			"vpc-id":   func(v network.VPC) []string { return []string{v.ID} },
			"owner-id": func(v network.VPC) []string { return []string{v.OwnerID} },
		},
	})
	shown(f, r, items)
	return vpcSet{vpcsXML(items), next}, err
}

func (f *fake) describeVpcAttribute(r awsfake.Request) (any, error) {
	id, parts := r.Params.Get("VpcId"), f.parts(r)
	part, name := parts.DNSSupport, r.Params.Get("Attribute")
	switch name {
	case "enableDnsSupport":
	case "enableDnsHostnames":
		part = parts.DNSHostnames
	default:
		return nil, awsfake.Errorf("InvalidParameterValue", "the fake has no attribute %q", name)
	}
	if !part.Complete() {
		return nil, refused(part.Gaps)
	}
	for _, a := range part.Items {
		if a.VPCID == id {
			return attributeXML(id, name, a.Enabled), nil
		}
	}
	return nil, awsfake.Errorf("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
}

func (f *fake) describeDhcpOptions(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).DHCPOptions, query[network.DHCPOptions]{
		ids: "DhcpOptionsId", prefix: "dopt-", malformed: "InvalidDhcpOptionsId.Malformed", notFound: "InvalidDhcpOptionID.NotFound", size: 1000,
	})
	return dhcpOptionsSet{dhcpOptionsXML(items), next}, err
}

func (f *fake) describeSubnets(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).Subnets, query[network.Subnet]{
		ids: "SubnetId", prefix: "subnet-", malformed: "InvalidSubnetID.Malformed", notFound: "InvalidSubnetID.NotFound", size: 1000,
		filters: map[string]func(network.Subnet) []string{
			"vpc-id":    func(s network.Subnet) []string { return []string{s.VPCID} },
			"subnet-id": func(s network.Subnet) []string { return []string{s.ID} },
		},
	})
	return subnetSet{subnetsXML(items), next}, err
}

func (f *fake) describeRouteTables(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).RouteTables, query[network.RouteTable]{
		ids: "RouteTableId", prefix: "rtb-", malformed: "InvalidRouteTableId.Malformed", notFound: "InvalidRouteTableID.NotFound", size: 100,
		filters: map[string]func(network.RouteTable) []string{
			"vpc-id": func(t network.RouteTable) []string { return []string{t.VPCID} },
		},
	})
	return routeTableSet{routeTablesXML(items), next}, err
}

func (f *fake) describeInternetGateways(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).InternetGateways, query[network.InternetGateway]{
		ids: "InternetGatewayId", prefix: "igw-", malformed: "InvalidInternetGatewayId.Malformed", notFound: "InvalidInternetGatewayID.NotFound", size: 1000,
		filters: map[string]func(network.InternetGateway) []string{
			"attachment.vpc-id": func(g network.InternetGateway) (ids []string) {
				for _, a := range g.Attachments {
					ids = append(ids, a.VPCID)
				}
				return ids
			},
		},
	})
	return internetGatewaySet{internetGatewaysXML(items), next}, err
}

func (f *fake) describeNatGateways(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).NATGateways, query[network.NATGateway]{
		ids: "NatGatewayId", prefix: "nat-", malformed: "InvalidNatGatewayID.Malformed", notFound: "NatGatewayNotFound", size: 1000,
		filters: map[string]func(network.NATGateway) []string{
			"vpc-id":    func(n network.NATGateway) []string { return []string{n.VPCID} },
			"subnet-id": func(n network.NATGateway) []string { return []string{n.SubnetID} },
			"state":     func(n network.NATGateway) []string { return []string{n.State} },
		},
	})
	shown(f, r, items)
	return natGatewaySet{natGatewaysXML(items), next}, err
}

func (f *fake) describeAvailabilityZones(r awsfake.Request) (any, error) {
	part := f.parts(r).Zones
	if !part.Complete() { // the call has no pages, so that it cannot break off after some
		return nil, refused(part.Gaps)
	}
	var items []network.Zone
	for _, z := range part.Items {
		if r.Params.Get("AllAvailabilityZones") == "true" || !strings.EqualFold(z.OptIn, "not-opted-in") {
			items = append(items, z)
		}
	}
	return zoneSet{zonesXML(items)}, nil
}

func (f *fake) describeEgressGateways(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).EgressGateways, query[network.InternetGateway]{
		ids: "EgressOnlyInternetGatewayId", prefix: "eigw-",
		malformed: "InvalidEgressOnlyInternetGatewayId.Malformed", notFound: "InvalidEgressOnlyInternetGatewayId.NotFound", size: 255,
	})
	return egressGatewaySet{egressGatewaysXML(items), next}, err
}

func (f *fake) describeSecurityGroups(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).SecurityGroups, query[network.SecurityGroup]{
		ids: "GroupId", prefix: "sg-", malformed: "InvalidGroupId.Malformed", notFound: "InvalidGroup.NotFound", size: 1000,
		filters: map[string]func(network.SecurityGroup) []string{
			"vpc-id": func(g network.SecurityGroup) []string { return []string{g.VPCID} },
		},
	})
	return securityGroupSet{securityGroupsXML(items), next}, err
}

func (f *fake) describeNetworkACLs(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).NetworkACLs, query[network.NetworkACL]{
		ids: "NetworkAclId", prefix: "acl-", malformed: "InvalidNetworkAclId.Malformed", notFound: "InvalidNetworkAclID.NotFound", size: 1000,
		filters: map[string]func(network.NetworkACL) []string{
			"vpc-id": func(a network.NetworkACL) []string { return []string{a.VPCID} },
		},
	})
	return networkACLSet{networkACLsXML(items), next}, err
}

func (f *fake) describeEndpoints(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).Endpoints, query[network.Endpoint]{
		ids: "VpcEndpointId", prefix: "vpce-", malformed: "InvalidVpcEndpointId.Malformed", notFound: "InvalidVpcEndpointId.NotFound", size: 1000,
		filters: map[string]func(network.Endpoint) []string{
			"vpc-id": func(e network.Endpoint) []string { return []string{e.VPCID} },
		},
	})
	shown(f, r, items)
	return endpointSet{endpointsXML(items), next}, err
}

func (f *fake) describeOfferings(r awsfake.Request) (any, error) {
	part := f.parts(r).InstanceOfferings
	each := groundway.Part[inZone]{Seen: part.Seen, Partial: part.Partial, Gaps: part.Gaps}
	for _, o := range part.Items {
		for _, zone := range o.Zones {
			each.Items = append(each.Items, inZone{o.Type, zone})
		}
	}
	items, next, err := describe(r, each, query[inZone]{
		size: 1000,
		filters: map[string]func(inZone) []string{
			"instance-type": func(o inZone) []string { return []string{o.Type} },
		},
	})
	return offeringSet{offeringsXML(items), next}, err
}

func (f *fake) describeTags(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).ClusterTags, query[network.ClusterTag]{
		size: 1000,
		filters: map[string]func(network.ClusterTag) []string{
			// The one wildcard that is asked for matches all that a snapshot has.
			"key": func(t network.ClusterTag) []string { return []string{t.TagKey, "kubernetes.io/cluster/*"} },
		},
	})
	return tagSet{clusterTagsXML(items), next}, err
}

func (f *fake) describePeerings(r awsfake.Request) (any, error) {
	items, next, err := describe(r, f.parts(r).Peerings, query[network.Peering]{
		ids: "VpcPeeringConnectionId", prefix: "pcx-",
		malformed: "InvalidVpcPeeringConnectionId.Malformed", notFound: "InvalidVpcPeeringConnectionID.NotFound", size: 1000,
	})
	return peeringSet{peeringsXML(items), next}, err
}

func (f *fake) getPrefixListEntries(r awsfake.Request) (any, error) {
	id, part := r.Params.Get("PrefixListId"), f.parts(r).PrefixLists
	i := slices.IndexFunc(part.Items, func(l network.PrefixList) bool { return l.ID == id })
	switch {
	case i < 0 && !part.Complete():
		return nil, refused(part.Gaps)
	case i < 0:
		return nil, awsfake.Errorf("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", id)
	}
	entries := part.Items[i].Entries
	start, end, next, err := r.Page(r.Params.Get("NextToken"), pageSize(r, 100), len(entries))
	return entrySet{entriesXML(entries[start:end]), next}, err
}

// A query says how a listing is narrowed.
type query[T any] struct {
	ids                         string // the parameter that holds identifiers
	prefix, malformed, notFound string // of the identifiers, and the errors for those that are none
	size                        int    // items that EC2 puts on a page
	filters                     map[string]func(T) []string
}

// describe returns a page of the items that the request asks for. Identifiers
// that do not exist are an error, values of filters are not.
func describe[T groundway.Keyed](r awsfake.Request, part groundway.Part[T], q query[T]) ([]T, string, error) {
	if !part.Seen {
		return nil, "", refused(part.Gaps)
	}
	items := slices.Clone([]T(part.Items))
	if ids := r.List(q.ids); len(ids) > 0 {
		if r.Params.Has("MaxResults") {
			return nil, "", awsfake.Errorf("InvalidParameterCombination", "The parameter %s cannot be used with the parameter maxResults", q.ids)
		}
		for _, id := range ids {
			if !strings.HasPrefix(id, q.prefix) {
				return nil, "", awsfake.Errorf(q.malformed, "Invalid id: \"%s\" (expecting \"%s...\")", id, q.prefix)
			}
			if !slices.ContainsFunc(items, func(item T) bool { return item.Key() == id }) && part.Complete() {
				return nil, "", awsfake.Errorf(q.notFound, "The ID '%s' does not exist", id)
			}
		}
		items = slices.DeleteFunc(items, func(item T) bool { return !slices.Contains(ids, item.Key()) })
	}
	for name, values := range r.Filters() {
		of, known := q.filters[name]
		if key, tag := strings.CutPrefix(name, "tag:"); tag {
			of, known = func(item T) []string { return []string{tagOf(item, key)} }, true
			values = unescaped(values)
		}
		if !known {
			return nil, "", awsfake.Errorf("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		items = slices.DeleteFunc(items, func(item T) bool {
			return !slices.ContainsFunc(of(item), func(v string) bool { return slices.Contains(values, v) })
		})
	}
	start, end, next, err := r.Page(r.Params.Get("NextToken"), pageSize(r, q.size), len(items))
	switch {
	case err != nil || !part.Partial || next != "":
	case start == len(items): // what more there is cannot be seen
		return nil, "", refused(part.Gaps)
	default:
		next = r.Token(len(items))
	}
	return items[start:end], next, err
}

// pageSize returns what the client asks for, up to EC2's own limit.
func pageSize(r awsfake.Request, limit int) int {
	size := 0
	for _, digit := range r.Params.Get("MaxResults") {
		size = min(10*size+int(digit-'0'), 1_000_000)
	}
	return min(cmp.Or(size, limit), cmp.Or(limit, size))
}

// refused returns the error behind the first gap.
func refused(gaps []groundway.Gap) error {
	code := "UnauthorizedOperation"
	if len(gaps) > 0 {
		code = cmp.Or(gaps[0].Code, code)
	}
	status := http.StatusBadRequest
	if code == "UnauthorizedOperation" {
		status = http.StatusForbidden
	}
	return &awsfake.Error{Status: status, Code: code, Message: "the snapshot does not show it"}
}
