package awsnetwork

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// LoadOwned reads the VPC that a plan of this owner made, for plan.New to go on
// from: it looks for it by its tags and loads it as [Load] does. Where there is
// none it reads the zones, the tags of clusters if the options name one, and those
// internet gateways and sets of DHCP options that an interrupted [Apply] may have
// left; the parts of a VPC are then seen and empty. To plan in a VPC of somebody else's, use Load.
//
// Two VPCs that carry the owner's tags are an error that names them. What cannot
// be seen is no error, as with Load; plan.New says what it cannot do without.
func LoadOwned(ctx context.Context, client LoadAPI, owner string, o LoadOptions) (network.Snapshot, error) {
	if owner == "" {
		return network.Snapshot{}, errors.New("load network: no owner")
	}
	fail := func(err error) (network.Snapshot, error) {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return network.Snapshot{}, fmt.Errorf("load network of owner %q: %w", owner, err)
	}
	w := watcher{client: client, owner: owner}
	vpcs, err := w.vpcs(ctx)
	if err != nil {
		return fail(err)
	}
	switch len(vpcs.Items) {
	case 0:
	case 1:
		return Load(ctx, client, vpcs.Items[0].ID, o)
	default:
		return fail(severalVPCs(vpcs.Items))
	}
	s := emptyHead(o)
	s.Parts = network.Parts{
		VPCs: vpcs, DNSSupport: groundway.SeenPart[network.DNSAttribute](), DNSHostnames: groundway.SeenPart[network.DNSAttribute](),
		Subnets: groundway.SeenPart[network.Subnet](), RouteTables: groundway.SeenPart[network.RouteTable](),
		NATGateways: groundway.SeenPart[network.NATGateway](), SecurityGroups: groundway.SeenPart[network.SecurityGroup](),
		NetworkACLs: groundway.SeenPart[network.NetworkACL](), Endpoints: groundway.SeenPart[network.Endpoint](),
	}
	l := loader{client: client}
	g, inner := errgroup.WithContext(ctx)
	g.Go(read(&s.Zones, func() (groundway.Part[network.Zone], error) { return l.zones(inner) }))
	g.Go(read(&s.DHCPOptions, func() (groundway.Part[network.DHCPOptions], error) { return l.dhcpOptions(inner) }))
	g.Go(read(&s.InternetGateways, func() (groundway.Part[network.InternetGateway], error) { return w.internetGateways(inner, w.byOwner()) }))
	if o.Cluster != "" { // its tags may stand on what is elsewhere
		g.Go(read(&s.ClusterTags, func() (groundway.Part[network.ClusterTag], error) { return l.clusterTags(inner) }))
	}
	if err := g.Wait(); err != nil {
		return fail(err)
	}
	return s, nil
}

func severalVPCs(vpcs []network.VPC) error {
	var ids []string
	for _, v := range vpcs {
		ids = append(ids, v.ID)
	}
	slices.Sort(ids)
	return fmt.Errorf("%d VPCs carry its tags: %s: remove those that are not wanted", len(ids), strings.Join(ids, ", "))
}

// A watcher reads what an owner has. Where nothing can be concluded without an
// answer, as before something is made or deleted, a call that fails is an error.
type watcher struct {
	client LoadAPI
	owner  string
}

// A world is what a watcher sees.
type world struct {
	network.Parts
	addresses groundway.Part[address]
}

// An address is an Elastic IP address.
type address struct {
	ID   string
	Tags map[string]string
}

// Key returns the ID of the allocation.
func (a address) Key() string { return a.ID }

// addressAPI is the call that only writing needs.
type addressAPI interface {
	DescribeAddresses(context.Context, *ec2sdk.DescribeAddressesInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeAddressesOutput, error)
}

// byOwner returns the filter for what carries the owner's tag. A star, a question
// mark and a backslash would be wildcards.
func (w watcher) byOwner() []types.Filter {
	return filter("tag:"+groundway.OwnerTag, strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(w.owner))
}

// vpcs returns the VPCs that plans of the owner made.
func (w watcher) vpcs(ctx context.Context) (groundway.Part[network.VPC], error) {
	part, err := list(ctx, describeVPCs, func(ctx context.Context, token *string) ([]types.Vpc, *string, error) {
		out, err := w.client.DescribeVpcs(ctx, &ec2sdk.DescribeVpcsInput{Filters: w.byOwner(), MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Vpcs, out.NextToken, nil
	}, vpcOf)
	part.Items = slices.DeleteFunc(part.Items, func(v network.VPC) bool { return !w.has(v.Tags, "vpc/") })
	return part, err
}

func (w watcher) subnets(ctx context.Context, which []types.Filter) (groundway.Part[network.Subnet], error) {
	l := loader{client: w.client}
	return l.subnets(ctx, which)
}

func (w watcher) internetGateways(ctx context.Context, which []types.Filter) (groundway.Part[network.InternetGateway], error) {
	return list(ctx, describeInternetGateways, func(ctx context.Context, token *string) ([]types.InternetGateway, *string, error) {
		out, err := w.client.DescribeInternetGateways(ctx, &ec2sdk.DescribeInternetGatewaysInput{Filters: which, MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.InternetGateways, out.NextToken, nil
	}, internetGatewayOf)
}

func (w watcher) egressGateways(ctx context.Context) (groundway.Part[network.InternetGateway], error) {
	return list(ctx, describeEgressGateways, func(ctx context.Context, token *string) ([]types.EgressOnlyInternetGateway, *string, error) {
		out, err := w.client.DescribeEgressOnlyInternetGateways(ctx, &ec2sdk.DescribeEgressOnlyInternetGatewaysInput{
			Filters: w.byOwner(), MaxResults: aws.Int32(255), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.EgressOnlyInternetGateways, out.NextToken, nil
	}, egressGatewayOf)
}

func (w watcher) dhcpOptions(ctx context.Context) (groundway.Part[network.DHCPOptions], error) {
	return list(ctx, describeDHCPOptions, func(ctx context.Context, token *string) ([]types.DhcpOptions, *string, error) {
		out, err := w.client.DescribeDhcpOptions(ctx, &ec2sdk.DescribeDhcpOptionsInput{Filters: w.byOwner(), MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.DhcpOptions, out.NextToken, nil
	}, dhcpOptionsOf)
}

func (w watcher) addresses(ctx context.Context, client addressAPI) (groundway.Part[address], error) {
	return list(ctx, describeAddresses, func(ctx context.Context, _ *string) ([]types.Address, *string, error) {
		out, err := client.DescribeAddresses(ctx, &ec2sdk.DescribeAddressesInput{Filters: w.byOwner()})
		if err != nil {
			return nil, nil, err
		}
		return out.Addresses, nil, nil
	}, func(a types.Address) (address, error) { return address{text(a.AllocationId), tagsOf(a.Tags)}, nil })
}

func (w watcher) natGateways(ctx context.Context, which []types.Filter) (groundway.Part[network.NATGateway], error) {
	return list(ctx, describeNATGateways, func(ctx context.Context, token *string) ([]types.NatGateway, *string, error) {
		out, err := w.client.DescribeNatGateways(ctx, &ec2sdk.DescribeNatGatewaysInput{Filter: which, MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.NatGateways, out.NextToken, nil
	}, natGatewayOf)
}

func (w watcher) routeTables(ctx context.Context, which []types.Filter) (groundway.Part[network.RouteTable], error) {
	return list(ctx, describeRouteTables, func(ctx context.Context, token *string) ([]types.RouteTable, *string, error) {
		out, err := w.client.DescribeRouteTables(ctx, &ec2sdk.DescribeRouteTablesInput{Filters: which, MaxResults: aws.Int32(100), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.RouteTables, out.NextToken, nil
	}, tableOf)
}

func (w watcher) securityGroups(ctx context.Context, which []types.Filter) (groundway.Part[network.SecurityGroup], error) {
	return list(ctx, describeSecurityGroups, func(ctx context.Context, token *string) ([]types.SecurityGroup, *string, error) {
		out, err := w.client.DescribeSecurityGroups(ctx, &ec2sdk.DescribeSecurityGroupsInput{Filters: which, MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.SecurityGroups, out.NextToken, nil
	}, securityGroupOf)
}

func (w watcher) endpoints(ctx context.Context, which []types.Filter) (groundway.Part[network.Endpoint], error) {
	return list(ctx, describeEndpoints, func(ctx context.Context, token *string) ([]types.VpcEndpoint, *string, error) {
		out, err := w.client.DescribeVpcEndpoints(ctx, &ec2sdk.DescribeVpcEndpointsInput{Filters: which, MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.VpcEndpoints, out.NextToken, nil
	}, endpointOf)
}

// has reports whether the tags are those of the owner's thing of this kind and
// name, "subnet/worker-us-east-1a".
func (w watcher) has(tags map[string]string, resource string) bool {
	return tags[groundway.OwnerTag] == w.owner && tags[plan.ResourceTag] == resource
}

// must returns an error where a part may hold more than was seen.
func must[T any](part *groundway.Part[T], get func() (groundway.Part[T], error)) func() error {
	return func() (err error) {
		if *part, err = get(); err != nil || part.Complete() {
			return err
		}
		if len(part.Gaps) > 0 {
			g := part.Gaps[0]
			text := g.Action + ": " + g.Message
			if g.Code != "" {
				text += " (" + g.Code + ")"
			}
			return errors.New(text)
		}
		return errors.New("something could not be seen")
	}
}

// everything reads what the owner has: gateways, sets of DHCP options and addresses
// by its tag, and what stands in a VPC by the given filter; without one there is no
// VPC yet. Gateways that are attached to the VPC are among them, whoever has them.
func (w watcher) everything(ctx context.Context, client addressAPI, scope []types.Filter, vpc string, egress bool) (world, error) {
	var seen world
	var attached groundway.Part[network.InternetGateway]
	g, ctx := errgroup.WithContext(ctx)
	g.Go(must(&seen.DHCPOptions, func() (groundway.Part[network.DHCPOptions], error) { return w.dhcpOptions(ctx) }))
	if egress {
		g.Go(must(&seen.EgressGateways, func() (groundway.Part[network.InternetGateway], error) { return w.egressGateways(ctx) }))
	}
	g.Go(must(&seen.addresses, func() (groundway.Part[address], error) { return w.addresses(ctx, client) }))
	g.Go(must(&seen.InternetGateways, func() (groundway.Part[network.InternetGateway], error) {
		return w.internetGateways(ctx, w.byOwner())
	}))
	if vpc != "" {
		g.Go(must(&attached, func() (groundway.Part[network.InternetGateway], error) {
			return w.internetGateways(ctx, filter("attachment.vpc-id", vpc))
		}))
	}
	if scope != nil {
		g.Go(must(&seen.Subnets, func() (groundway.Part[network.Subnet], error) { return w.subnets(ctx, scope) }))
		g.Go(must(&seen.RouteTables, func() (groundway.Part[network.RouteTable], error) { return w.routeTables(ctx, scope) }))
		g.Go(must(&seen.NATGateways, func() (groundway.Part[network.NATGateway], error) { return w.natGateways(ctx, scope) }))
		g.Go(must(&seen.SecurityGroups, func() (groundway.Part[network.SecurityGroup], error) { return w.securityGroups(ctx, scope) }))
		g.Go(must(&seen.Endpoints, func() (groundway.Part[network.Endpoint], error) { return w.endpoints(ctx, scope) }))
	}
	if err := g.Wait(); err != nil {
		return world{}, err
	}
	seen.InternetGateways = join(attached, seen.InternetGateways)
	return seen, nil
}

// gone reports whether something in this state is there no more, or is leaving.
func gone(state string) bool {
	return slices.Contains([]string{"deleting", "deleted", "failed", "rejected", "expired"}, strings.ToLower(state))
}

// named returns the IDs of the owner's things by kind and name. What is on its way
// out is not among them. Of two with one name, as an answer that was lost may have
// left, the first by its ID counts, and of gateways one that is attached.
func (w watcher) named(seen world, vpc string) map[string]string {
	ids := map[string]string{}
	add := func(kind, id string, tags map[string]string) {
		key := tags[plan.ResourceTag]
		if tags[groundway.OwnerTag] != w.owner || !strings.HasPrefix(key, kind+"/") {
			return
		}
		if have, ok := ids[key]; !ok || id < have {
			ids[key] = id
		}
	}
	for _, n := range seen.Subnets.Items {
		add("subnet", n.ID, n.Tags)
	}
	for _, t := range seen.RouteTables.Items {
		add("route-table", t.ID, t.Tags)
	}
	for _, n := range seen.NATGateways.Items {
		if !gone(n.State) {
			add("nat-gateway", n.ID, n.Tags)
		}
	}
	for _, g := range seen.SecurityGroups.Items {
		add("security-group", g.ID, g.Tags)
	}
	for _, e := range seen.Endpoints.Items {
		if !gone(e.State) {
			add("vpc-endpoint", e.ID, e.Tags)
		}
	}
	for _, d := range seen.DHCPOptions.Items {
		add("dhcp-options", d.ID, d.Tags)
	}
	for _, a := range seen.addresses.Items {
		add("elastic-ip", a.ID, a.Tags)
	}
	for kind, part := range map[string]groundway.Part[network.InternetGateway]{"internet-gateway": seen.InternetGateways, "egress-only-internet-gateway": seen.EgressGateways} {
		for _, g := range slices.SortedFunc(slices.Values(part.Items), func(a, b network.InternetGateway) int {
			return cmp.Or(cmp.Compare(len(b.Attachments), len(a.Attachments)), cmp.Compare(a.ID, b.ID))
		}) {
			if _, have := ids[kind+"/"]; !have && (len(g.Attachments) == 0 || attachedTo(g, vpc)) {
				add(kind, g.ID, g.Tags)
			}
		}
	}
	return ids
}

func attachedTo(g network.InternetGateway, vpc string) bool {
	return slices.ContainsFunc(g.Attachments, func(a network.Attachment) bool { return a.VPCID == vpc && !strings.EqualFold(a.State, "detached") })
}

// failed returns the error of a call that was needed.
func failed(ctx context.Context, action, what string, err error) error {
	return fmt.Errorf("%s: %w", what, awserr.Failed(ctx, action, err))
}
