package awsnetwork

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
)

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	// Account is the caller's account, as sts:GetCallerIdentity shows it, and
	// Region the client's region. Both stand in the snapshot's head. Without
	// Account a VPC that another account shares is taken for one's own.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// Subnets are the IDs that the caller is going to ask about. Those that are
	// not in the VPC are looked for elsewhere, so that a subnet of another VPC
	// can be told from one that does not exist.
	Subnets []string
	// Cluster asks for the tags of clusters, by which leftovers of an earlier
	// cluster are found; it is the name of the cluster that is to be installed.
	Cluster string
	// InstanceTypes are the types whose zones are asked for.
	InstanceTypes []string
	// ClassifyOnly leaves out what routes do not need: security groups, network
	// ACLs, VPC endpoints and peering connections, which are unseen then. Nine
	// calls are made at once in place of twelve.
	ClassifyOnly bool
	// Progress is called whenever a call has ended, with the number of calls
	// that have and of those that are needed as far as is known. Calls of it do
	// not overlap.
	Progress func(done, total int)
}

// Load reads the network of a VPC, in one round trip where nothing asks for a
// second. It makes these twelve calls at once, every listing to its last page:
//
//	ec2:DescribeVpcs                 the VPC, by its ID
//	ec2:DescribeVpcAttribute         twice: enableDnsSupport, enableDnsHostnames
//	ec2:DescribeDhcpOptions          all sets, which saves waiting for the VPC's
//	ec2:DescribeSubnets              of the VPC
//	ec2:DescribeRouteTables          of the VPC
//	ec2:DescribeInternetGateways     attached to the VPC
//	ec2:DescribeNatGateways          of the VPC
//	ec2:DescribeAvailabilityZones    all, local and wavelength zones too
//	ec2:DescribeSecurityGroups       of the VPC
//	ec2:DescribeNetworkAcls          of the VPC
//	ec2:DescribeVpcEndpoints         of the VPC
//
// and these at once afterwards, where the first show that they are needed:
//
//	ec2:DescribeSubnets                       those of the options that are not in the VPC
//	ec2:DescribeEgressOnlyInternetGateways    all, where a route leads to one
//	ec2:GetManagedPrefixListEntries           for each list that a rule of a security group
//	                                          names, or a route, unless it leads to a
//	                                          gateway endpoint
//	ec2:DescribeInstanceTypeOfferings         of the options' instance types
//	ec2:DescribeTags                          whose key starts with kubernetes.io/cluster/,
//	                                          where the options name a cluster
//	ec2:DescribeVpcPeeringConnections         of the region, where a route or a security
//	                                          group names one
//
// What could not be seen is no error: a call that is denied, throttled beyond
// the client's retries, timed out, cut or answered with something else than an
// answer of AWS leaves its part unseen, or partial where pages came before it,
// with a [groundway.Gap] that names the action. An item that cannot be read is
// left out whole and makes its part partial likewise. A VPC that does not exist
// is an answer: its part is seen and empty. InternetGateways holds the gateways
// that are attached to the VPC: one that a route leads to and that is not among
// them is detached, or attached elsewhere. EgressGateways, PrefixLists,
// Peerings, InstanceOfferings and ClusterTags were not asked for, and are unseen
// without a gap, where nothing names one; the first three are unseen with the gaps of the route tables where those are.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials
// cannot be loaded or are refused, and when no request can be made, as without
// a region. The error's text holds nothing that AWS sent but its code;
// [errors.As] finds the SDK's error.
//
// Retries and timeouts are the client's. [Actions] lists the IAM actions.
func Load(ctx context.Context, client LoadAPI, vpc string, o LoadOptions) (network.Snapshot, error) {
	if vpc == "" {
		return network.Snapshot{}, fmt.Errorf("load network: no VPC ID")
	}
	l := loader{client: client, vpc: vpc, progress: progress{report: o.Progress}}
	s := emptyHead(o)
	err := l.readVPC(ctx, &s.Parts, o.ClassifyOnly)
	if err == nil {
		err = l.readRest(ctx, &s.Parts, o)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return network.Snapshot{}, fmt.Errorf("load network of %q: %w", vpc, err)
	}
	settleDNS(&s.Parts)
	return s, nil
}

// emptyHead returns a snapshot that says when and where the reading began.
func emptyHead(o LoadOptions) network.Snapshot {
	s := network.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	return s
}

// A loader reads the parts of one VPC.
type loader struct {
	client   LoadAPI
	vpc      string
	progress progress
}

// readVPC is the first wave: all that is known to be needed.
func (l *loader) readVPC(ctx context.Context, p *network.Parts, classifyOnly bool) error {
	g, ctx := errgroup.WithContext(ctx)
	calls := []func() error{
		read(&p.VPCs, func() (groundway.Part[network.VPC], error) { return l.vpcs(ctx) }),
		read(&p.DNSSupport, func() (groundway.Part[network.DNSAttribute], error) {
			return l.dnsAttribute(ctx, types.VpcAttributeNameEnableDnsSupport)
		}),
		read(&p.DNSHostnames, func() (groundway.Part[network.DNSAttribute], error) {
			return l.dnsAttribute(ctx, types.VpcAttributeNameEnableDnsHostnames)
		}),
		read(&p.DHCPOptions, func() (groundway.Part[network.DHCPOptions], error) { return l.dhcpOptions(ctx) }),
		read(&p.Subnets, func() (groundway.Part[network.Subnet], error) {
			return l.subnets(ctx, filter("vpc-id", l.vpc))
		}),
		read(&p.RouteTables, func() (groundway.Part[network.RouteTable], error) { return l.routeTables(ctx) }),
		read(&p.InternetGateways, func() (groundway.Part[network.InternetGateway], error) { return l.internetGateways(ctx) }),
		read(&p.NATGateways, func() (groundway.Part[network.NATGateway], error) { return l.natGateways(ctx) }),
		read(&p.Zones, func() (groundway.Part[network.Zone], error) { return l.zones(ctx) }),
	}
	if !classifyOnly {
		calls = append(calls,
			read(&p.SecurityGroups, func() (groundway.Part[network.SecurityGroup], error) { return l.securityGroups(ctx) }),
			read(&p.NetworkACLs, func() (groundway.Part[network.NetworkACL], error) { return l.networkACLs(ctx) }),
			read(&p.Endpoints, func() (groundway.Part[network.Endpoint], error) { return l.endpoints(ctx) }),
		)
	}
	l.progress.start(len(calls))
	for _, call := range calls {
		g.Go(l.progress.counted(call))
	}
	return g.Wait()
}

// concurrentLists bounds how many prefix lists are read at once: they share one
// request quota.
const concurrentLists = 10

// filterValues is how many values EC2 takes in one filter, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html.
const filterValues = 200

// readRest is the second wave: what the first shows to be needed.
func (l *loader) readRest(ctx context.Context, p *network.Parts, o LoadOptions) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(concurrentLists)
	var calls []func() error

	var elsewhere []groundway.Part[network.Subnet]
	if p.Subnets.Seen {
		chunks := slices.Collect(slices.Chunk(missing(o.Subnets, p.Subnets.Items), filterValues))
		elsewhere = make([]groundway.Part[network.Subnet], len(chunks))
		for i, ids := range chunks {
			calls = append(calls, read(&elsewhere[i], func() (groundway.Part[network.Subnet], error) {
				// A filter and not SubnetIds: one ID that does not exist would make
				// EC2 answer with an error and hide the others.
				return l.subnets(ctx, filter("subnet-id", ids...))
			}))
		}
	}

	var lists []groundway.Part[network.PrefixList]
	if len(o.InstanceTypes) > 0 {
		calls = append(calls, read(&p.InstanceOfferings, func() (groundway.Part[network.InstanceOffering], error) {
			return l.offerings(ctx, o.InstanceTypes)
		}))
	}
	if o.Cluster != "" {
		calls = append(calls, read(&p.ClusterTags, func() (groundway.Part[network.ClusterTag], error) { return l.clusterTags(ctx) }))
	}
	n := needsOf(p.RouteTables.Items, p.SecurityGroups.Items, p.Endpoints.Items)
	if n.peerings {
		calls = append(calls, read(&p.Peerings, func() (groundway.Part[network.Peering], error) { return l.peerings(ctx) }))
	}
	switch {
	case !p.RouteTables.Seen:
		p.PrefixLists = groundway.UnseenPart[network.PrefixList](p.RouteTables.Gaps...)
		p.EgressGateways = groundway.UnseenPart[network.InternetGateway](p.RouteTables.Gaps...)
		if !n.peerings {
			p.Peerings = groundway.UnseenPart[network.Peering](p.RouteTables.Gaps...)
		}
	default:
		if n.egress {
			calls = append(calls, read(&p.EgressGateways, func() (groundway.Part[network.InternetGateway], error) {
				return l.egressGateways(ctx)
			}))
		}
		lists = make([]groundway.Part[network.PrefixList], len(n.lists))
		for i, id := range n.lists {
			calls = append(calls, read(&lists[i], func() (groundway.Part[network.PrefixList], error) {
				return l.prefixList(ctx, id)
			}))
		}
	}

	l.progress.start(len(calls))
	for _, call := range calls {
		g.Go(l.progress.counted(call))
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, more := range elsewhere {
		p.Subnets = join(p.Subnets, more)
	}
	for i, more := range lists {
		if i == 0 {
			p.PrefixLists = more
			continue
		}
		p.PrefixLists = join(p.PrefixLists, more)
	}
	return nil
}

// read returns a call that fills the part, and nothing else, so that calls can
// run at once.
func read[T any](part *groundway.Part[T], get func() (groundway.Part[T], error)) func() error {
	return func() (err error) {
		*part, err = get()
		return err
	}
}

// join adds what a further call for the same part showed. An item that both
// show is the first one's.
func join[T groundway.Keyed](p, more groundway.Part[T]) groundway.Part[T] {
	for _, item := range more.Items {
		if !slices.ContainsFunc(p.Items, func(have T) bool { return have.Key() == item.Key() }) {
			p.Items = append(p.Items, item)
		}
	}
	p.Partial = p.Partial || more.Partial || p.Seen != more.Seen
	p.Seen = p.Seen || more.Seen
	p.Gaps = append(p.Gaps, more.Gaps...)
	return p
}

// missing returns the IDs, each once, that no subnet has.
func missing(ids []string, subnets []network.Subnet) []string {
	var list []string
	for _, id := range ids {
		if id != "" && !slices.ContainsFunc(subnets, func(s network.Subnet) bool { return s.ID == id }) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// needs are what the first wave shows to be needed.
type needs struct {
	lists            []string // prefix lists, in order
	egress, peerings bool     // egress-only gateways, peering connections
}

// needsOf returns what routes and rules name. The list of a gateway endpoint is
// that of the AWS service behind it, and says nothing about other destinations;
// that of a Gateway Load Balancer endpoint is anybody's.
func needsOf(tables []network.RouteTable, groups []network.SecurityGroup, endpoints []network.Endpoint) (n needs) {
	for _, t := range tables {
		for _, r := range t.Routes {
			if r.PrefixListID != "" && (r.Target.Kind != network.TargetEndpoint || slices.ContainsFunc(endpoints, func(e network.Endpoint) bool {
				return e.ID == r.Target.ID && strings.EqualFold(e.Type, "GatewayLoadBalancer")
			})) {
				n.lists = append(n.lists, r.PrefixListID)
			}
			n.egress = n.egress || r.Target.Kind == network.TargetEgressOnlyGateway
			n.peerings = n.peerings || r.Target.Kind == network.TargetPeering
		}
	}
	for _, g := range groups {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			n.lists = append(n.lists, r.PrefixListIDs...)
			n.peerings = n.peerings || slices.ContainsFunc(r.Groups, func(g network.GroupRef) bool { return g.PeeringID != "" })
		}
	}
	slices.Sort(n.lists)
	n.lists = slices.Compact(n.lists)
	return n
}

// settleDNS makes the attributes of a VPC that does not exist an answer, seen
// and empty, as the VPC itself is. A VPC that one call shows and another does
// not is no answer: it may have been made a moment ago.
func settleDNS(p *network.Parts) {
	if !p.VPCs.Complete() || len(p.VPCs.Items) > 0 {
		return
	}
	for _, part := range []*groundway.Part[network.DNSAttribute]{&p.DNSSupport, &p.DNSHostnames} {
		if slices.ContainsFunc(part.Gaps, func(g groundway.Gap) bool { return awserr.ClassOf(g.Code) == awserr.NotFound }) {
			*part = groundway.SeenPart[network.DNSAttribute]()
		}
	}
}

func (l *loader) vpcs(ctx context.Context) (groundway.Part[network.VPC], error) {
	return list(ctx, describeVPCs, func(ctx context.Context, token *string) ([]types.Vpc, *string, error) {
		// EC2 takes no MaxResults beside identifiers.
		out, err := l.client.DescribeVpcs(ctx, &ec2sdk.DescribeVpcsInput{VpcIds: []string{l.vpc}, NextToken: token})
		if err != nil {
			if awserr.Classify(err) == awserr.NotFound {
				return []types.Vpc{}, nil, nil
			}
			return nil, nil, err
		}
		return out.Vpcs, out.NextToken, nil
	}, vpcOf)
}

func (l *loader) dnsAttribute(ctx context.Context, name types.VpcAttributeName) (groundway.Part[network.DNSAttribute], error) {
	return list(ctx, describeVPCAttribute, func(ctx context.Context, _ *string) ([]bool, *string, error) {
		out, err := l.client.DescribeVpcAttribute(ctx, &ec2sdk.DescribeVpcAttributeInput{VpcId: &l.vpc, Attribute: name})
		if err != nil {
			return nil, nil, err
		}
		value := out.EnableDnsSupport
		if name == types.VpcAttributeNameEnableDnsHostnames {
			value = out.EnableDnsHostnames
		}
		if value == nil || value.Value == nil {
			return nil, nil, nil
		}
		return []bool{*value.Value}, nil, nil
	}, func(enabled bool) (network.DNSAttribute, error) {
		return network.DNSAttribute{VPCID: l.vpc, Enabled: enabled}, nil
	})
}

func (l *loader) dhcpOptions(ctx context.Context) (groundway.Part[network.DHCPOptions], error) {
	return list(ctx, describeDHCPOptions, func(ctx context.Context, token *string) ([]types.DhcpOptions, *string, error) {
		out, err := l.client.DescribeDhcpOptions(ctx, &ec2sdk.DescribeDhcpOptionsInput{MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.DhcpOptions, out.NextToken, nil
	}, dhcpOptionsOf)
}

func (l *loader) subnets(ctx context.Context, which []types.Filter) (groundway.Part[network.Subnet], error) {
	return list(ctx, describeSubnets, func(ctx context.Context, token *string) ([]types.Subnet, *string, error) {
		out, err := l.client.DescribeSubnets(ctx, &ec2sdk.DescribeSubnetsInput{Filters: which, MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Subnets, out.NextToken, nil
	}, subnetOf)
}

func (l *loader) routeTables(ctx context.Context) (groundway.Part[network.RouteTable], error) {
	return watcher{client: l.client}.routeTables(ctx, filter("vpc-id", l.vpc))
}

func (l *loader) internetGateways(ctx context.Context) (groundway.Part[network.InternetGateway], error) {
	return watcher{client: l.client}.internetGateways(ctx, filter("attachment.vpc-id", l.vpc))
}

func (l *loader) natGateways(ctx context.Context) (groundway.Part[network.NATGateway], error) {
	return watcher{client: l.client}.natGateways(ctx, filter("vpc-id", l.vpc))
}

func (l *loader) zones(ctx context.Context) (groundway.Part[network.Zone], error) {
	return list(ctx, describeZones, func(ctx context.Context, _ *string) ([]types.AvailabilityZone, *string, error) {
		out, err := l.client.DescribeAvailabilityZones(ctx, &ec2sdk.DescribeAvailabilityZonesInput{AllAvailabilityZones: aws.Bool(true)})
		if err != nil {
			return nil, nil, err
		}
		return out.AvailabilityZones, nil, nil
	}, zoneOf)
}

func (l *loader) securityGroups(ctx context.Context) (groundway.Part[network.SecurityGroup], error) {
	return watcher{client: l.client}.securityGroups(ctx, filter("vpc-id", l.vpc))
}

func (l *loader) networkACLs(ctx context.Context) (groundway.Part[network.NetworkACL], error) {
	return list(ctx, describeNetworkACLs, func(ctx context.Context, token *string) ([]types.NetworkAcl, *string, error) {
		out, err := l.client.DescribeNetworkAcls(ctx, &ec2sdk.DescribeNetworkAclsInput{
			Filters: filter("vpc-id", l.vpc), MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.NetworkAcls, out.NextToken, nil
	}, networkACLOf)
}

func (l *loader) endpoints(ctx context.Context) (groundway.Part[network.Endpoint], error) {
	return watcher{client: l.client}.endpoints(ctx, filter("vpc-id", l.vpc))
}

// peerings reads those of the region: a VPC stands on either side, and no
// filter asks for both.
func (l *loader) peerings(ctx context.Context) (groundway.Part[network.Peering], error) {
	return list(ctx, describePeerings, func(ctx context.Context, token *string) ([]types.VpcPeeringConnection, *string, error) {
		out, err := l.client.DescribeVpcPeeringConnections(ctx, &ec2sdk.DescribeVpcPeeringConnectionsInput{
			MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.VpcPeeringConnections, out.NextToken, nil
	}, peeringOf)
}

// offerings returns an item for every type that was asked for, also for those
// that are offered nowhere.
func (l *loader) offerings(ctx context.Context, wanted []string) (groundway.Part[network.InstanceOffering], error) {
	wanted = slices.Compact(slices.Sorted(slices.Values(wanted)))
	each, err := list(ctx, describeOfferings, func(ctx context.Context, token *string) ([]types.InstanceTypeOffering, *string, error) {
		out, err := l.client.DescribeInstanceTypeOfferings(ctx, &ec2sdk.DescribeInstanceTypeOfferingsInput{
			LocationType: types.LocationTypeAvailabilityZone, Filters: filter("instance-type", wanted...),
			MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.InstanceTypeOfferings, out.NextToken, nil
	}, offeringOf)
	part := groundway.Part[network.InstanceOffering]{Seen: each.Seen, Partial: each.Partial, Gaps: each.Gaps}
	if err != nil || !each.Seen {
		return part, err
	}
	for _, name := range wanted {
		o := network.InstanceOffering{Type: name}
		for _, one := range each.Items {
			if one.instanceType == name {
				o.Zones = append(o.Zones, one.zone)
			}
		}
		part.Items = append(part.Items, o)
	}
	return part, nil
}

func (l *loader) clusterTags(ctx context.Context) (groundway.Part[network.ClusterTag], error) {
	return list(ctx, describeTags, func(ctx context.Context, token *string) ([]types.TagDescription, *string, error) {
		out, err := l.client.DescribeTags(ctx, &ec2sdk.DescribeTagsInput{
			Filters: filter("key", "kubernetes.io/cluster/*"), MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Tags, out.NextToken, nil
	}, clusterTagOf)
}

func (l *loader) egressGateways(ctx context.Context) (groundway.Part[network.InternetGateway], error) {
	return list(ctx, describeEgressGateways, func(ctx context.Context, token *string) ([]types.EgressOnlyInternetGateway, *string, error) {
		out, err := l.client.DescribeEgressOnlyInternetGateways(ctx, &ec2sdk.DescribeEgressOnlyInternetGatewaysInput{
			MaxResults: aws.Int32(255), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.EgressOnlyInternetGateways, out.NextToken, nil
	}, egressGatewayOf)
}

// prefixList returns a part with this list, or without it where not every entry
// was seen: with some of its destinations a list would be another list.
func (l *loader) prefixList(ctx context.Context, id string) (groundway.Part[network.PrefixList], error) {
	entries, err := list(ctx, getPrefixListEntries, func(ctx context.Context, token *string) ([]types.PrefixListEntry, *string, error) {
		out, err := l.client.GetManagedPrefixListEntries(ctx, &ec2sdk.GetManagedPrefixListEntriesInput{
			PrefixListId: &id, MaxResults: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Entries, out.NextToken, nil
	}, prefixOf)
	if err != nil || !entries.Complete() {
		return groundway.UnseenPart[network.PrefixList](entries.Gaps...), err
	}
	prefixes := network.PrefixList{ID: id}
	for _, e := range entries.Items {
		prefixes.Entries = append(prefixes.Entries, e.Prefix)
	}
	return groundway.SeenPart(prefixes), nil
}

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

// progress counts calls.
type progress struct {
	mu     sync.Mutex
	report func(done, total int)
	done   int
	total  int
}

func (p *progress) start(calls int) { p.total += calls }

// counted returns the call, followed by a report.
func (p *progress) counted(call func() error) func() error {
	return func() error {
		err := call()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done++
		if p.report != nil {
			p.report(p.done, p.total)
		}
		return err
	}
}
