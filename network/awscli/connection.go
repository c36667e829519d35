package awscli

import (
	"net/netip"

	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
)

func endpoint(v dump.Value) network.Endpoint {
	e := network.Endpoint{
		ID:            v.ID("VpcEndpointId"),
		VPCID:         v.Text("VpcId"),
		OwnerID:       v.Text("OwnerId"),
		Type:          v.Text("VpcEndpointType"),
		Service:       v.Text("ServiceName"),
		State:         v.Text("State"),
		PrivateDNS:    v.Bool("PrivateDnsEnabled"),
		RouteTableIDs: v.Texts("RouteTableIds"),
		SubnetIDs:     v.Texts("SubnetIds"),
		Tags:          tags(v),
	}
	for g := range v.Objects("Groups") {
		e.GroupIDs = append(e.GroupIDs, g.ID("GroupId"))
	}
	return e
}

func peering(v dump.Value) network.Peering {
	return network.Peering{
		ID:        v.ID("VpcPeeringConnectionId"),
		State:     v.Object("Status").Text("Code"),
		Requester: peeredVPC(v.Object("RequesterVpcInfo")),
		Accepter:  peeredVPC(v.Object("AccepterVpcInfo")),
		Tags:      tags(v),
	}
}

// peeredVPC reads one side. Its first block stands beside the set of blocks as
// well as in it.
func peeredVPC(v dump.Value) network.PeeredVPC {
	p := network.PeeredVPC{VPCID: v.Text("VpcId"), OwnerID: v.Text("OwnerId"), Region: v.Text("Region")}
	add := func(block netip.Prefix) {
		for _, have := range p.CIDRs {
			if have == block {
				return
			}
		}
		p.CIDRs = appendValid(p.CIDRs, block)
	}
	for c := range v.Objects("CidrBlockSet") {
		add(prefix4(c, "CidrBlock"))
	}
	for c := range v.Objects("Ipv6CidrBlockSet") {
		add(prefix6(c, "Ipv6CidrBlock"))
	}
	add(prefix4(v, "CidrBlock"))
	return p
}

// A typeInZone is one item of the instance type offerings.
type typeInZone struct{ instanceType, zone string }

// Key returns the type and the zone.
func (o typeInZone) Key() string { return o.instanceType + " " + o.zone }

func offering(v dump.Value) typeInZone {
	if kind := v.Text("LocationType"); kind != "" && kind != "availability-zone" {
		v.Get("LocationType").Errorf("is %q; want the output with --location-type availability-zone", kind)
	}
	return typeInZone{v.ID("InstanceType"), v.ID("Location")}
}

func clusterTag(v dump.Value) network.ClusterTag {
	return network.ClusterTag{
		ResourceID: v.ID("ResourceId"), ResourceType: v.Text("ResourceType"), TagKey: v.ID("Key"), Value: v.Text("Value"),
	}
}

// A tagged is a resource with its tags.
type tagged struct {
	arn  string
	tags map[string]string
}

// Key returns the ARN.
func (t tagged) Key() string { return t.arn }

func taggedResource(v dump.Value) tagged { return tagged{v.ID("ResourceARN"), tags(v)} }
