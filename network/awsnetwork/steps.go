package awsnetwork

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// lay lists the steps of the plan in the order in which they have to be taken.
// NAT gateways take minutes: what does not need them is made meanwhile.
func (a *applier) lay() {
	if a.own() {
		a.vpcSteps()
	}
	a.gatewaySteps()
	for _, s := range a.p.Subnets {
		a.subnetSteps(s)
	}
	for _, n := range a.p.NATGateways {
		a.natSteps(n)
	}
	for _, t := range a.p.RouteTables {
		a.tableSteps(t)
	}
	for _, n := range a.p.NATGateways {
		a.natWait(n)
	}
	for _, t := range a.p.RouteTables {
		a.routeSteps(t, func(r plan.Route) bool { return r.Kind == network.TargetNATGateway })
	}
	a.endpointSteps()
}

func (a *applier) add(s step) { a.steps = append(a.steps, s) }

// exists returns the condition that something of the key is there.
func (a *applier) exists(key string) func(world) bool {
	return func(world) bool { return a.ids[key] != "" }
}

// tags returns the tags of a thing, for the call that makes it.
func (a *applier) tags(kind, name string) []types.TagSpecification {
	resource := types.ResourceType(kind)
	if kind == "nat-gateway" {
		resource = types.ResourceTypeNatgateway
	}
	tags := a.p.TagsOf(kind, name)
	spec := types.TagSpecification{ResourceType: resource}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		spec.Tags = append(spec.Tags, types.Tag{Key: &key, Value: aws.String(tags[key])})
	}
	return []types.TagSpecification{spec}
}

func (a *applier) vpcSteps() {
	a.add(step{
		key: "vpc/", action: createVPC, there: a.exists("vpc/"),
		do: func(ctx context.Context) error {
			in := &ec2sdk.CreateVpcInput{CidrBlock: aws.String(a.p.VPC.CIDR.String()), TagSpecifications: a.tags("vpc", "")}
			if a.p.VPC.IPv6 {
				in.AmazonProvidedIpv6CidrBlock = aws.Bool(true)
			}
			out, err := a.client.CreateVpc(ctx, in, once)
			if err != nil {
				return err
			}
			if out.Vpc == nil {
				return awserr.ErrNoList
			}
			if err := a.record("vpc/", out.Vpc.VpcId); err != nil {
				return err
			}
			a.vpc = *out.Vpc.VpcId
			return nil
		},
	})
	a.add(step{
		key: "vpc/", action: describeVPCs,
		there: func(seen world) bool { ready, _ := a.vpcReady(seen.VPCs.Items); return ready },
		look: func(ctx context.Context) (bool, string, error) {
			var part groundway.Part[network.VPC]
			l := loader{client: a.client, vpc: a.vpc}
			if err := must(&part, func() (groundway.Part[network.VPC], error) { return l.vpcs(ctx) })(); err != nil {
				return false, "", err
			}
			ready, state := a.vpcReady(part.Items)
			return ready, state, nil
		},
	})
	for _, name := range []types.VpcAttributeName{types.VpcAttributeNameEnableDnsSupport, types.VpcAttributeNameEnableDnsHostnames} {
		a.add(step{
			key: "vpc/", action: modifyVPCAttribute,
			there: func(seen world) bool {
				part := seen.DNSSupport
				if name == types.VpcAttributeNameEnableDnsHostnames {
					part = seen.DNSHostnames
				}
				return slices.Contains(part.Items, network.DNSAttribute{VPCID: a.vpc, Enabled: true})
			},
			do: func(ctx context.Context) error {
				in, on := &ec2sdk.ModifyVpcAttributeInput{VpcId: &a.vpc}, &types.AttributeBooleanValue{Value: aws.Bool(true)}
				if in.EnableDnsSupport = on; name == types.VpcAttributeNameEnableDnsHostnames {
					in.EnableDnsSupport, in.EnableDnsHostnames = nil, on
				}
				_, err := a.client.ModifyVpcAttribute(ctx, in)
				return err
			},
		})
	}
	a.optionsSteps()
}

// vpcReady reports whether the VPC can be built in: IPv6 comes a moment later.
func (a *applier) vpcReady(vpcs []network.VPC) (ready bool, state string) {
	a.noteBlock6(vpcs)
	for _, v := range vpcs {
		switch {
		case v.ID != a.vpc:
		case !strings.EqualFold(v.State, "available"):
			return false, strings.ToLower(v.State)
		default:
			return !a.p.VPC.IPv6 || a.block6.IsValid(), "associating its IPv6 block"
		}
	}
	return false, ""
}

// noteBlock6 notes the block of IPv6 that the VPC has, once it is associated.
func (a *applier) noteBlock6(vpcs []network.VPC) {
	for _, v := range vpcs {
		for _, c := range v.CIDRs {
			if v.ID == a.vpc && c.Prefix.Addr().Is6() && c.Prefix.Bits() <= 56 && strings.EqualFold(c.State, "associated") {
				a.block6 = c.Prefix
			}
		}
	}
}

func (a *applier) optionsSteps() {
	a.add(step{
		key: "dhcp-options/", action: createDHCPOptions, there: a.exists("dhcp-options/"),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateDhcpOptions(ctx, &ec2sdk.CreateDhcpOptionsInput{
				DhcpConfigurations: []types.NewDhcpConfiguration{
					{Key: aws.String("domain-name"), Values: []string{a.p.DHCPOptions.Domain}},
					{Key: aws.String("domain-name-servers"), Values: []string{"AmazonProvidedDNS"}},
				},
				TagSpecifications: a.tags("dhcp-options", ""),
			}, once)
			if err != nil {
				return err
			}
			if out.DhcpOptions == nil {
				return awserr.ErrNoList
			}
			if err := a.record("dhcp-options/", out.DhcpOptions.DhcpOptionsId); err != nil || a.watch.has(tagsOf(out.DhcpOptions.Tags), "dhcp-options/") {
				return err
			}
			// Emulators of EC2 drop the tags of this call: without them the set would
			// not be known again.
			_, err = a.client.CreateTags(ctx, &ec2sdk.CreateTagsInput{
				Resources: []string{*out.DhcpOptions.DhcpOptionsId}, Tags: a.tags("dhcp-options", "")[0].Tags,
			})
			return err
		},
	})
	a.add(step{
		key: "dhcp-options/", action: associateDHCPOptions,
		there: func(seen world) bool {
			return a.ids["dhcp-options/"] != "" && slices.ContainsFunc(seen.VPCs.Items, func(v network.VPC) bool { return v.DHCPOptionsID == a.ids["dhcp-options/"] })
		},
		do: func(ctx context.Context) error {
			_, err := a.client.AssociateDhcpOptions(ctx, &ec2sdk.AssociateDhcpOptionsInput{DhcpOptionsId: a.id("dhcp-options", ""), VpcId: &a.vpc})
			return err
		},
	})
}

func (a *applier) gatewaySteps() {
	if g := a.p.InternetGateway; g != nil && !g.Attached {
		const key = "internet-gateway/"
		a.add(step{
			key: key, action: createInternetGateway, there: a.exists(key),
			do: func(ctx context.Context) error {
				out, err := a.client.CreateInternetGateway(ctx, &ec2sdk.CreateInternetGatewayInput{TagSpecifications: a.tags("internet-gateway", "")}, once)
				if err != nil {
					return err
				}
				if out.InternetGateway == nil {
					return awserr.ErrNoList
				}
				return a.record(key, out.InternetGateway.InternetGatewayId)
			},
		})
		a.add(step{
			key: key, action: attachInternetGateway,
			there: func(seen world) bool { return a.attached(seen.InternetGateways) },
			do: func(ctx context.Context) error {
				_, err := a.client.AttachInternetGateway(ctx, &ec2sdk.AttachInternetGatewayInput{InternetGatewayId: a.id("internet-gateway", ""), VpcId: &a.vpc}, once)
				return err
			},
		})
		// EC2 makes no NAT gateway before it knows of it.
		a.add(step{
			key: key, action: attachInternetGateway,
			there: func(seen world) bool { return a.attached(seen.InternetGateways) },
			look: func(ctx context.Context) (bool, string, error) {
				var part groundway.Part[network.InternetGateway]
				err := must(&part, func() (groundway.Part[network.InternetGateway], error) {
					return a.watch.internetGateways(ctx, filter("attachment.vpc-id", a.vpc))
				})()
				return a.attached(part), "not attached", err
			},
		})
	}
	if a.p.EgressGateway != nil {
		const key = "egress-only-internet-gateway/"
		a.add(step{
			key: key, action: createEgressGateway, there: a.exists(key),
			do: func(ctx context.Context) error {
				out, err := a.client.CreateEgressOnlyInternetGateway(ctx, &ec2sdk.CreateEgressOnlyInternetGatewayInput{
					VpcId: &a.vpc, ClientToken: a.token(key), TagSpecifications: a.tags("egress-only-internet-gateway", ""),
				})
				if err != nil {
					return err
				}
				if out.EgressOnlyInternetGateway == nil {
					return awserr.ErrNoList
				}
				return a.record(key, out.EgressOnlyInternetGateway.EgressOnlyInternetGatewayId)
			},
		})
	}
}

// attached reports whether the plan's internet gateway is attached to the VPC.
func (a *applier) attached(part groundway.Part[network.InternetGateway]) bool {
	id := a.ids["internet-gateway/"]
	return slices.ContainsFunc(part.Items, func(g network.InternetGateway) bool { return g.ID == id && id != "" && attachedTo(g, a.vpc) })
}

func (a *applier) subnetSteps(s plan.Subnet) {
	key := "subnet/" + s.Name
	a.add(step{
		key: key, action: createSubnet, there: a.exists(key),
		do: func(ctx context.Context) error {
			in := &ec2sdk.CreateSubnetInput{
				VpcId: &a.vpc, AvailabilityZone: &s.Zone, CidrBlock: aws.String(s.CIDR.String()), TagSpecifications: a.tags("subnet", s.Name),
			}
			if s.IPv6 > 0 {
				block, err := plan.Block6(a.block6, s.IPv6)
				if err != nil {
					return err
				}
				in.Ipv6CidrBlock = aws.String(block.String())
			}
			out, err := a.client.CreateSubnet(ctx, in, once)
			if err != nil {
				return err
			}
			if out.Subnet == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.Subnet.SubnetId)
		},
	})
	if !s.Public {
		return
	}
	a.add(step{
		key: key, action: modifySubnetAttribute,
		there: func(seen world) bool {
			return slices.ContainsFunc(seen.Subnets.Items, func(n network.Subnet) bool {
				return n.ID == a.ids[key] && n.AutoPublicIP != nil && *n.AutoPublicIP
			})
		},
		do: func(ctx context.Context) error {
			_, err := a.client.ModifySubnetAttribute(ctx, &ec2sdk.ModifySubnetAttributeInput{
				SubnetId: a.id("subnet", s.Name), MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)},
			})
			return err
		},
	})
}

func (a *applier) natSteps(n plan.NATGateway) {
	key, elastic := "nat-gateway/"+n.Name, "elastic-ip/"+n.Name
	a.add(step{
		key: elastic, action: allocateAddress,
		there: func(world) bool { return a.ids[elastic] != "" || a.ids[key] != "" },
		do: func(ctx context.Context) error {
			out, err := a.client.AllocateAddress(ctx, &ec2sdk.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: a.tags("elastic-ip", n.Name)}, once)
			if err != nil {
				return err
			}
			return a.record(elastic, out.AllocationId)
		},
	})
	a.add(step{
		key: key, action: createNATGateway, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateNatGateway(ctx, &ec2sdk.CreateNatGatewayInput{
				SubnetId: a.id("subnet", n.Subnet), AllocationId: a.id("elastic-ip", n.Name), ConnectivityType: types.ConnectivityTypePublic,
				ClientToken: a.token(key), TagSpecifications: a.tags("nat-gateway", n.Name),
			})
			if err != nil {
				return err
			}
			if out.NatGateway == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.NatGateway.NatGatewayId)
		},
	})
}

// natWait waits until the gateway forwards. One that failed is an error with
// EC2's code for it.
func (a *applier) natWait(n plan.NATGateway) {
	key := "nat-gateway/" + n.Name
	a.add(step{
		key: key, action: describeNATGateways,
		there: func(seen world) bool {
			return slices.ContainsFunc(seen.NATGateways.Items, func(n network.NATGateway) bool {
				return n.ID == a.ids[key] && strings.EqualFold(n.State, "available")
			})
		},
		look: func(ctx context.Context) (bool, string, error) {
			var part groundway.Part[network.NATGateway]
			if err := must(&part, func() (groundway.Part[network.NATGateway], error) {
				return a.watch.natGateways(ctx, filter("vpc-id", a.vpc))
			})(); err != nil {
				return false, "", err
			}
			for _, n := range part.Items {
				switch {
				case n.ID != a.ids[key]:
				case gone(n.State):
					return false, "", fmt.Errorf("%s: %s is %s (%.60q)", describeNATGateways, n.ID, strings.ToLower(n.State), n.FailureCode)
				default:
					return strings.EqualFold(n.State, "available"), n.State, nil
				}
			}
			return false, "", nil
		},
	})
}

func (a *applier) tableSteps(t plan.RouteTable) {
	key := "route-table/" + t.Name
	a.add(step{
		key: key, action: createRouteTable, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateRouteTable(ctx, &ec2sdk.CreateRouteTableInput{
				VpcId: &a.vpc, ClientToken: a.token(key), TagSpecifications: a.tags("route-table", t.Name),
			})
			if err != nil {
				return err
			}
			if out.RouteTable == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.RouteTable.RouteTableId)
		},
	})
	for _, s := range a.p.Subnets {
		if s.Table == t.Name {
			a.associationStep(t, s)
		}
	}
	a.routeSteps(t, func(r plan.Route) bool { return r.Kind != network.TargetNATGateway })
}

func (a *applier) associationStep(t plan.RouteTable, s plan.Subnet) {
	var have string // the association that the plan replaces
	action := associateRouteTable
	if s.Replaces != "" {
		action = replaceAssociation
	}
	a.add(step{
		key: "subnet/" + s.Name, action: action,
		there: func(seen world) bool {
			table, association, ok := associationOf(seen, a.ids["subnet/"+s.Name])
			if have = ""; ok && table == s.Replaces {
				have = association
			}
			return ok && table == a.ids["route-table/"+t.Name]
		},
		do: func(ctx context.Context) error {
			if have != "" {
				_, err := a.client.ReplaceRouteTableAssociation(ctx, &ec2sdk.ReplaceRouteTableAssociationInput{AssociationId: &have, RouteTableId: a.id("route-table", t.Name)}, once)
				return err
			}
			_, err := a.client.AssociateRouteTable(ctx, &ec2sdk.AssociateRouteTableInput{SubnetId: a.id("subnet", s.Name), RouteTableId: a.id("route-table", t.Name)}, once)
			return err
		},
	})
}

// routeSteps makes the routes of a table of some kinds.
func (a *applier) routeSteps(t plan.RouteTable, which func(plan.Route) bool) {
	for _, r := range t.Routes {
		if !which(r) {
			continue
		}
		replaces := false
		action := createRoute
		if r.Replaces != "" {
			action = replaceRoute
		}
		a.add(step{
			key: "route-table/" + t.Name, action: action,
			there: func(seen world) bool {
				have, ok := routeTo(tableIn(seen, a.ids["route-table/"+t.Name]), r.Destination)
				replaces = ok && have.Target.ID == r.Replaces
				return ok && have.Target.ID == a.target(r)
			},
			do: func(ctx context.Context) error {
				in := a.routeInput(t, r)
				if replaces {
					_, err := a.client.ReplaceRoute(ctx, &ec2sdk.ReplaceRouteInput{
						RouteTableId: in.RouteTableId, DestinationCidrBlock: in.DestinationCidrBlock, DestinationIpv6CidrBlock: in.DestinationIpv6CidrBlock,
						GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, EgressOnlyInternetGatewayId: in.EgressOnlyInternetGatewayId,
						TransitGatewayId: in.TransitGatewayId, VpcPeeringConnectionId: in.VpcPeeringConnectionId, CoreNetworkArn: in.CoreNetworkArn,
						LocalGatewayId: in.LocalGatewayId, CarrierGatewayId: in.CarrierGatewayId, OdbNetworkArn: in.OdbNetworkArn,
						NetworkInterfaceId: in.NetworkInterfaceId, InstanceId: in.InstanceId, VpcEndpointId: in.VpcEndpointId,
					})
					return err
				}
				_, err := a.client.CreateRoute(ctx, in, once)
				return err
			},
		})
	}
}

func (a *applier) routeInput(t plan.RouteTable, r plan.Route) *ec2sdk.CreateRouteInput {
	in := &ec2sdk.CreateRouteInput{RouteTableId: a.id("route-table", t.Name)}
	if to := r.Destination.String(); r.Destination.Addr().Is4() {
		in.DestinationCidrBlock = &to
	} else {
		in.DestinationIpv6CidrBlock = &to
	}
	id := aws.String(a.target(r))
	switch r.Kind {
	case network.TargetNATGateway:
		in.NatGatewayId = id
	case network.TargetEgressOnlyGateway:
		in.EgressOnlyInternetGatewayId = id
	case network.TargetTransitGateway:
		in.TransitGatewayId = id
	case network.TargetPeering:
		in.VpcPeeringConnectionId = id
	case network.TargetCoreNetwork:
		in.CoreNetworkArn = id
	case network.TargetLocalGateway:
		in.LocalGatewayId = id
	case network.TargetCarrierGateway:
		in.CarrierGatewayId = id
	case network.TargetODBNetwork:
		in.OdbNetworkArn = id
	case network.TargetInterface:
		in.NetworkInterfaceId = id
	case network.TargetInstance:
		in.InstanceId = id
	case network.TargetEndpoint:
		in.VpcEndpointId = id
	default: // internet and VPN gateways
		in.GatewayId = id
	}
	return in
}

func (a *applier) endpointSteps() {
	if g := a.p.EndpointGroup; g != nil {
		a.groupSteps(*g)
	}
	for _, e := range a.p.Endpoints {
		a.endpointStep(e)
	}
	for _, e := range a.p.Endpoints {
		if !e.Gateway {
			a.endpointWait(e)
		}
	}
}

func (a *applier) groupSteps(g plan.Group) {
	key := "security-group/" + g.Name
	a.add(step{
		key: key, action: createSecurityGroup, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateSecurityGroup(ctx, &ec2sdk.CreateSecurityGroupInput{
				VpcId: &a.vpc, GroupName: &g.Name, Description: aws.String("HTTPS from the VPC to its endpoints"), TagSpecifications: a.tags("security-group", g.Name),
			}, once)
			if err != nil {
				return err
			}
			return a.record(key, out.GroupId)
		},
	})
	missing := g.CIDRs
	a.add(step{
		key: key, action: authorizeIngress,
		there: func(seen world) bool {
			missing = g.CIDRs
			for _, have := range seen.SecurityGroups.Items {
				if have.ID == a.ids[key] {
					missing = g.Missing(have)
				}
			}
			return len(missing) == 0
		},
		do: func(ctx context.Context) error {
			https := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443)}
			for _, block := range missing {
				https.IpRanges = append(https.IpRanges, types.IpRange{CidrIp: aws.String(block.String())})
			}
			_, err := a.client.AuthorizeSecurityGroupIngress(ctx, &ec2sdk.AuthorizeSecurityGroupIngressInput{
				GroupId: a.id("security-group", g.Name), IpPermissions: []types.IpPermission{https},
			}, once)
			return err
		},
	})
}

// within returns the IDs of what an endpoint is in.
func (a *applier) within(e plan.Endpoint) (tables, subnets []string) {
	for _, name := range e.Tables {
		tables = append(tables, a.ids["route-table/"+name])
	}
	for _, name := range e.Subnets {
		subnets = append(subnets, a.ids["subnet/"+name])
	}
	return tables, subnets
}

func (a *applier) endpointStep(e plan.Endpoint) {
	key := "vpc-endpoint/" + e.Name
	a.add(step{
		key: key, action: createEndpoint, there: a.exists(key),
		do: func(ctx context.Context) error {
			in := &ec2sdk.CreateVpcEndpointInput{
				VpcId: &a.vpc, ServiceName: aws.String(e.Service(a.p.Region)), ClientToken: a.token(key), TagSpecifications: a.tags("vpc-endpoint", e.Name),
			}
			if in.RouteTableIds, in.SubnetIds = a.within(e); e.Gateway {
				in.VpcEndpointType = types.VpcEndpointTypeGateway
			} else {
				in.VpcEndpointType, in.PrivateDnsEnabled = types.VpcEndpointTypeInterface, aws.Bool(true)
				in.SecurityGroupIds = []string{a.ids["security-group/"+a.p.EndpointGroup.Name]}
			}
			out, err := a.client.CreateVpcEndpoint(ctx, in)
			if err != nil {
				return err
			}
			if out.VpcEndpoint == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.VpcEndpoint.VpcEndpointId)
		},
	})
	var tables, subnets []string // that it lacks
	a.add(step{
		key: key, action: modifyEndpoint,
		there: func(seen world) bool {
			tables, subnets = a.within(e)
			for _, have := range seen.Endpoints.Items {
				if have.ID == a.ids[key] {
					tables = slices.DeleteFunc(tables, func(id string) bool { return slices.Contains(have.RouteTableIDs, id) })
					subnets = slices.DeleteFunc(subnets, func(id string) bool { return slices.Contains(have.SubnetIDs, id) })
					return len(tables)+len(subnets) == 0
				}
			}
			return a.new[key] != "" // it was made with all of them
		},
		do: func(ctx context.Context) error {
			_, err := a.client.ModifyVpcEndpoint(ctx, &ec2sdk.ModifyVpcEndpointInput{VpcEndpointId: a.id("vpc-endpoint", e.Name), AddRouteTableIds: tables, AddSubnetIds: subnets})
			return err
		},
	})
}

// endpointWait waits until an interface endpoint answers.
func (a *applier) endpointWait(e plan.Endpoint) {
	key := "vpc-endpoint/" + e.Name
	ready := func(endpoints []network.Endpoint) (bool, string) {
		for _, have := range endpoints {
			if have.ID == a.ids[key] {
				return strings.EqualFold(have.State, "available"), have.State
			}
		}
		return false, ""
	}
	a.add(step{
		key: key, action: describeEndpoints,
		there: func(seen world) bool { ok, _ := ready(seen.Endpoints.Items); return ok },
		look: func(ctx context.Context) (bool, string, error) {
			var part groundway.Part[network.Endpoint]
			if err := must(&part, func() (groundway.Part[network.Endpoint], error) {
				return a.watch.endpoints(ctx, filter("vpc-id", a.vpc))
			})(); err != nil {
				return false, "", err
			}
			ok, state := ready(part.Items)
			return ok, strings.ToLower(state), nil
		},
	})
}
