package awscli

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
)

// Read reads the dump directory that is the root of fsys. The package
// documentation says what becomes of missing and of malformed files. A
// directory that holds no file of [Files] is an error, for it is the wrong one.
// With an error the snapshot is the zero one.
func Read(fsys fs.FS) (network.Snapshot, error) {
	r, err := open(fsys)
	if err != nil {
		return network.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s network.Snapshot
	s.Zones = list(r, fileZones, "AvailabilityZones", r.zone)
	s.DHCPOptions = list(r, fileDHCPOptions, "DhcpOptions", dhcpOptions)
	s.EgressGateways = list(r, fileEgressGateways, "EgressOnlyInternetGateways", egressGateway)
	s.InstanceOfferings = r.offerings()
	s.InternetGateways = list(r, fileGateways, "InternetGateways", internetGateway)
	s.NATGateways = list(r, fileNATGateways, "NatGateways", natGateway)
	s.NetworkACLs = list(r, fileNetworkACLs, "NetworkAcls", networkACL)
	s.RouteTables = list(r, fileRouteTables, "RouteTables", routeTable)
	s.SecurityGroups = list(r, fileSecurityGroups, "SecurityGroups", securityGroup)
	s.Subnets = list(r, fileSubnets, "Subnets", r.subnet)
	s.Endpoints = list(r, fileEndpoints, "VpcEndpoints", endpoint)
	s.Peerings = list(r, filePeerings, "VpcPeeringConnections", peering)
	s.ClusterTags = list(r, fileTags, "Tags", clusterTag)
	s.ClusterTags.Items = slices.DeleteFunc(s.ClusterTags.Items, func(t network.ClusterTag) bool {
		return !strings.HasPrefix(t.TagKey, "kubernetes.io/cluster/")
	})
	s.LoadBalancerTags = r.loadBalancerTags()
	s.VPCs = list(r, fileVPCs, "Vpcs", vpc)
	s.DNSHostnames = r.dnsAttribute(fileDNSHostnames, "EnableDnsHostnames", s.VPCs)
	s.DNSSupport = r.dnsAttribute(fileDNSSupport, "EnableDnsSupport", s.VPCs)
	s.PrefixLists = r.prefixLists(s.RouteTables, s.SecurityGroups)
	s.Account = r.account()
	s.Region = r.regionName
	markZones(&s.Zones)
	if err := r.Err(); err != nil {
		return network.Snapshot{}, err
	}
	return s, nil
}

// A reader reads the files of one directory.
type reader struct {
	*dump.Dir
	regionName string // the first that was seen
	regionFrom string // the file that showed it
}

// open lists the directory and judges its names.
func open(fsys fs.FS) (*reader, error) {
	var known []string
	for _, f := range Files() {
		known = append(known, f.Name)
	}
	dir, err := dump.OpenDir(fsys, known, func(name string) (bool, error) {
		if name == filePrefixList {
			return false, fmt.Errorf("%s: want the ID of a prefix list, such as pl-0a1, in place of %s", name, prefixListIDInNames)
		}
		_, isList := prefixListOf(name)
		return isList || slices.Contains(known, name), nil
	})
	if err != nil {
		return nil, err
	}
	if dir.Empty() {
		return nil, fmt.Errorf("the directory holds no output of the AWS CLI: want files such as %s", fileVPCs)
	}
	return &reader{Dir: dir}, nil
}

// list reads a file whose output is a list of items under a key.
func list[T groundway.Keyed](r *reader, name, key string, item func(dump.Value) T) groundway.Part[T] {
	f := fileNamed(name)
	root, ok := r.Root(name)
	if !ok {
		return groundway.UnseenPart[T](dump.NoFile(f.Action, name))
	}
	want(root, key, f)
	part := groundway.SeenPart(dump.Items(root, key, item)...)
	if firstPage(root) {
		part.Partial = true
		part.Gaps = append(part.Gaps, groundway.Gap{Action: f.Action, Message: name + " holds the first page only: it has a NextToken"})
	}
	return part
}

// want adds an error where the output lacks its key: it is another command's.
func want(root dump.Value, key string, f File) {
	if !root.Get(key).Exists() {
		root.Errorf("%s is missing; want the output of %s", key, strings.Join(f.Command, " "))
	}
}

// firstPage reports whether more pages follow. The AWS CLI fetches them all
// unless it is told otherwise.
func firstPage(root dump.Value) bool {
	return root.Text("NextToken") != "" || root.Text("PaginationToken") != ""
}

// region notes the region that a file speaks of.
func (r *reader) region(v dump.Value, name, region string) {
	switch {
	case region == "" || region == r.regionName:
	case r.regionName == "":
		r.regionName, r.regionFrom = region, name
	default:
		v.Errorf("is of region %q, but %s is of %q; want the output of one region", region, r.regionFrom, r.regionName)
	}
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func (r *reader) account() string {
	root, ok := r.Root(fileCaller)
	if !ok {
		return ""
	}
	want(root, "Account", fileNamed(fileCaller))
	id := root.Text("Account")
	if id != "" && !accountID.MatchString(id) {
		root.Get("Account").Errorf("%q is no account ID; want 12 digits", id)
	}
	return id
}

// dnsAttribute reads one of the two DNS switches, of the one VPC that EC2
// answers for.
func (r *reader) dnsAttribute(name, key string, vpcs groundway.Part[network.VPC]) groundway.Part[network.DNSAttribute] {
	f := fileNamed(name)
	root, ok := r.Root(name)
	if !ok {
		return groundway.UnseenPart[network.DNSAttribute](dump.NoFile(f.Action, name))
	}
	want(root, key, f)
	enabled := root.Object(key).Bool("Value")
	if v := root.Object(key); v.Exists() && !v.Has("Value") {
		v.Errorf("Value is missing")
	}
	attribute := network.DNSAttribute{VPCID: root.ID("VpcId"), Enabled: enabled != nil && *enabled}
	part := groundway.SeenPart(attribute)
	if !vpcs.Complete() || slices.ContainsFunc(vpcs.Items, func(v network.VPC) bool { return v.ID != attribute.VPCID }) {
		part.Partial = true
		part.Gaps = []groundway.Gap{{Action: f.Action, Message: name + " speaks of " + attribute.VPCID + " only"}}
	}
	return part
}

// offerings reads in which zones each instance type is offered: the output has
// an item for each type in each zone.
func (r *reader) offerings() groundway.Part[network.InstanceOffering] {
	each := list(r, fileOfferings, "InstanceTypeOfferings", offering)
	part := groundway.Part[network.InstanceOffering]{Seen: each.Seen, Partial: each.Partial, Gaps: each.Gaps}
	at := map[string]int{}
	for _, o := range each.Items {
		i, ok := at[o.instanceType]
		if !ok {
			i = len(part.Items)
			at[o.instanceType] = i
			part.Items = append(part.Items, network.InstanceOffering{Type: o.instanceType})
		}
		part.Items[i].Zones = append(part.Items[i].Zones, o.zone)
	}
	return part
}

// loadBalancerTags reads the tags of clusters that load balancers carry.
func (r *reader) loadBalancerTags() groundway.Part[network.ClusterTag] {
	each := list(r, fileBalancerTags, "ResourceTagMappingList", taggedResource)
	part := groundway.Part[network.ClusterTag]{Seen: each.Seen, Partial: each.Partial, Gaps: each.Gaps}
	for _, b := range each.Items {
		if !strings.Contains(b.arn, ":loadbalancer/") {
			continue // of a listing of all kinds
		}
		for _, key := range slices.Sorted(maps.Keys(b.tags)) {
			if strings.HasPrefix(key, "kubernetes.io/cluster/") {
				part.Items = append(part.Items, network.ClusterTag{ResourceID: b.arn, ResourceType: "load-balancer", TagKey: key, Value: b.tags[key]})
			}
		}
	}
	return part
}

// prefixLists reads the lists of which the directory has a file. The part is
// complete where these are all that the routes and the security groups name.
func (r *reader) prefixLists(
	tables groundway.Part[network.RouteTable], groups groundway.Part[network.SecurityGroup],
) groundway.Part[network.PrefixList] {
	action := fileNamed(filePrefixList).Action
	part := groundway.Part[network.PrefixList]{Partial: !tables.Complete(), Gaps: slices.Clone(tables.Gaps)}
	read := map[string]bool{}
	for _, name := range r.Names() {
		id, isList := prefixListOf(name)
		if !isList {
			continue
		}
		read[id] = true
		l, whole := r.prefixList(name, id)
		if !whole {
			part.Partial = true
			part.Gaps = append(part.Gaps, groundway.Gap{Action: action, Message: name + " holds the first page only: it has a NextToken"})
			continue
		}
		part.Items = append(part.Items, l)
	}
	for _, id := range listsNamed(tables.Items, groups.Items) {
		if !read[id] {
			part.Partial = true
			part.Gaps = append(part.Gaps, dump.NoFile(action, prefixListFile(id)))
		}
	}
	part.Seen = !part.Partial || len(part.Items) > 0
	part.Partial = part.Partial && part.Seen
	return part
}

// listsNamed returns the prefix lists that routes lead to and that rules allow,
// in order.
func listsNamed(tables []network.RouteTable, groups []network.SecurityGroup) []string {
	var ids []string
	for _, t := range tables {
		for _, r := range t.Routes {
			if r.PrefixListID != "" {
				ids = append(ids, r.PrefixListID)
			}
		}
	}
	for _, g := range groups {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			ids = append(ids, r.PrefixListIDs...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// markZones marks the zones as partial unless the list shows that it holds
// those too that the account has not opted in to.
func markZones(zones *groundway.Part[network.Zone]) {
	all := slices.ContainsFunc(zones.Items, func(z network.Zone) bool { return strings.EqualFold(z.OptIn, "not-opted-in") })
	if zones.Seen && !all {
		zones.Partial = true
		zones.Gaps = append(zones.Gaps, groundway.Gap{
			Action:  fileNamed(fileZones).Action,
			Message: fileZones + " lists no zone that is not opted in: without --all-availability-zones such zones are left out",
		})
	}
}
