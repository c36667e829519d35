package awsnetwork

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
)

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
