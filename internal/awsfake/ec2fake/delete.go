package ec2fake

import (
	"slices"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
)

// deleting returns the calls that delete things. What something else needs is not
// deleted: EC2 answers DependencyViolation.
func (f *fake) deleting() map[string]awsfake.Operation {
	return map[string]awsfake.Operation{
		"DeleteVpc":                       f.deleteVpc,
		"DeleteDhcpOptions":               f.deleteDhcpOptions,
		"DetachInternetGateway":           f.detachInternetGateway,
		"DeleteInternetGateway":           f.deleteInternetGateway,
		"DeleteEgressOnlyInternetGateway": f.deleteEgressGateway,
		"DeleteSubnet":                    f.deleteSubnet,
		"ReleaseAddress":                  f.releaseAddress,
		"DeleteNatGateway":                f.deleteNatGateway,
		"DeleteRouteTable":                f.deleteRouteTable,
		"DeleteSecurityGroup":             f.deleteSecurityGroup,
		"DeleteVpcEndpoints":              f.deleteEndpoints,
		"DisassociateRouteTable":          f.disassociateRouteTable,
	}
}

func (f *fake) deleteVpc(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		in := func(vpc string) bool { return vpc == v.ID }
		switch {
		case slices.ContainsFunc(s.Subnets.Items, func(n network.Subnet) bool { return in(n.VPCID) }),
			slices.ContainsFunc(s.InternetGateways.Items, attachedTo(v.ID)), slices.ContainsFunc(s.EgressGateways.Items, attachedTo(v.ID)),
			slices.ContainsFunc(s.Endpoints.Items, func(e network.Endpoint) bool { return in(e.VPCID) }),
			slices.ContainsFunc(s.SecurityGroups.Items, func(g network.SecurityGroup) bool { return in(g.VPCID) && g.Name != "default" }),
			slices.ContainsFunc(s.RouteTables.Items, func(t network.RouteTable) bool { return in(t.VPCID) && !isMain(t) }):
			return nil, inUse("The vpc '%s' has dependencies and cannot be deleted.", v.ID)
		}
		drop(&s.VPCs, v.ID)
		drop(&s.DNSSupport, v.ID)
		drop(&s.DNSHostnames, v.ID)
		s.RouteTables.Items = slices.DeleteFunc(slices.Clone(s.RouteTables.Items), func(t network.RouteTable) bool { return in(t.VPCID) })
		s.NetworkACLs.Items = slices.DeleteFunc(slices.Clone(s.NetworkACLs.Items), func(a network.NetworkACL) bool { return in(a.VPCID) })
		s.SecurityGroups.Items = slices.DeleteFunc(slices.Clone(s.SecurityGroups.Items), func(g network.SecurityGroup) bool { return in(g.VPCID) })
		return done, nil
	})
}

func isMain(t network.RouteTable) bool {
	return slices.ContainsFunc(t.Associations, func(a network.Association) bool { return a.Main })
}

func (f *fake) deleteDhcpOptions(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		d, err := get(s.DHCPOptions, r.Params.Get("DhcpOptionsId"), "InvalidDhcpOptionID.NotFound")
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.VPCs.Items, func(v network.VPC) bool { return v.DHCPOptionsID == d.ID }) {
			return nil, inUse("The dhcpOptions '%s' has dependencies and cannot be deleted.", d.ID)
		}
		drop(&s.DHCPOptions, d.ID)
		return done, nil
	})
}

func (f *fake) detachInternetGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		vpc := r.Params.Get("VpcId")
		g, err := get(s.InternetGateways, r.Params.Get("InternetGatewayId"), "InvalidInternetGatewayID.NotFound")
		switch {
		case err != nil:
			return nil, err
		case !attachedTo(vpc)(g):
			return nil, awsfake.Errorf("Gateway.NotAttached", "resource %s is not attached to network %s", g.ID, vpc)
		case slices.ContainsFunc(s.NATGateways.Items, func(n network.NATGateway) bool { return n.VPCID == vpc && n.State != "deleted" && n.State != "failed" }):
			return nil, inUse("Network %s has some mapped public address(es).", vpc)
		}
		g.Attachments = nil
		put(&s.InternetGateways, g)
		cutoff(s, g.ID)
		return done, nil
	})
}

func (f *fake) deleteInternetGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		g, err := get(s.InternetGateways, r.Params.Get("InternetGatewayId"), "InvalidInternetGatewayID.NotFound")
		if err != nil {
			return nil, err
		}
		if len(g.Attachments) > 0 {
			return nil, inUse("The internetGateway '%s' has dependencies and cannot be deleted.", g.ID)
		}
		drop(&s.InternetGateways, g.ID)
		return done, nil
	})
}

func (f *fake) deleteEgressGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		g, err := get(s.EgressGateways, r.Params.Get("EgressOnlyInternetGatewayId"), "InvalidEgressOnlyInternetGatewayId.NotFound")
		if err != nil {
			return nil, err
		}
		drop(&s.EgressGateways, g.ID)
		cutoff(s, g.ID)
		return struct {
			Code bool `xml:"returnCode"`
		}{true}, nil
	})
}

func (f *fake) deleteSubnet(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		n, err := get(s.Subnets, r.Params.Get("SubnetId"), "InvalidSubnetID.NotFound")
		if err != nil {
			return nil, err
		}
		if id := interfaces(s, n.ID); id != "" {
			return nil, inUse("The subnet '%s' has dependencies and cannot be deleted.", n.ID)
		}
		for _, t := range s.RouteTables.Items {
			t.Associations = slices.DeleteFunc(slices.Clone(t.Associations), func(a network.Association) bool { return a.SubnetID == n.ID })
			put(&s.RouteTables, t)
		}
		drop(&s.Subnets, n.ID)
		return done, nil
	})
}

func (f *fake) releaseAddress(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		a, err := get(s.addresses, r.Params.Get("AllocationId"), "InvalidAllocationID.NotFound")
		if err != nil {
			return nil, err
		}
		if a.AssociationID != "" {
			return nil, awsfake.Errorf("InvalidIPAddress.InUse", "Address %s is in use.", a.PublicIP)
		}
		drop(&s.addresses, a.AllocationID)
		return done, nil
	})
}

type natIDXML struct {
	ID string `xml:"natGatewayId"`
}

// deleteNatGateway begins to delete one. While that lasts its address is in use;
// afterwards it is still shown, as deleted.
func (f *fake) deleteNatGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		n, err := get(s.NATGateways, r.Params.Get("NatGatewayId"), "NatGatewayNotFound")
		if err != nil {
			return nil, err
		}
		if n.State == "deleted" || n.State == "deleting" {
			return natIDXML{n.ID}, nil
		}
		n.State = "deleting"
		put(&s.NATGateways, n)
		cutoff(s, n.ID)
		f.begin(n.ID, func(s *state) {
			n.State = "deleted"
			put(&s.NATGateways, n)
			for _, a := range s.addresses.Items {
				if slices.Contains(n.PublicAddresses, a.PublicIP) {
					a.AssociationID = ""
					put(&s.addresses, a)
				}
			}
		})
		return natIDXML{n.ID}, nil
	})
}

func (f *fake) deleteRouteTable(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		t, err := get(s.RouteTables, r.Params.Get("RouteTableId"), "InvalidRouteTableID.NotFound")
		if err != nil {
			return nil, err
		}
		if len(t.Associations) > 0 {
			return nil, inUse("The routeTable '%s' has dependencies and cannot be deleted.", t.ID)
		}
		drop(&s.RouteTables, t.ID)
		return done, nil
	})
}

func (f *fake) deleteSecurityGroup(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		g, err := get(s.SecurityGroups, r.Params.Get("GroupId"), "InvalidGroup.NotFound")
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.Endpoints.Items, func(e network.Endpoint) bool { return slices.Contains(e.GroupIDs, g.ID) }) {
			return nil, inUse("resource %s has a dependent object", g.ID)
		}
		drop(&s.SecurityGroups, g.ID)
		return done, nil
	})
}

type unsuccessfulXML struct {
	Set list[unsuccessfulItemXML] `xml:"unsuccessful"`
}

type unsuccessfulItemXML struct {
	ID    string `xml:"resourceId"`
	Error struct {
		Code string `xml:"code"`
	} `xml:"error"`
}

func (f *fake) deleteEndpoints(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		var out unsuccessfulXML
		for _, id := range r.List("VpcEndpointId") {
			e, err := get(s.Endpoints, id, "InvalidVpcEndpointId.NotFound")
			if err != nil {
				item := unsuccessfulItemXML{ID: id}
				item.Error.Code = "InvalidVpcEndpoint.NotFound"
				out.Set.Items = append(out.Set.Items, item)
				continue
			}
			if e.Type != "Interface" {
				drop(&s.Endpoints, id)
				continue
			}
			e.State = "deleting"
			put(&s.Endpoints, e)
			f.begin(id, func(s *state) { drop(&s.Endpoints, id) })
		}
		return out, nil
	})
}

func (f *fake) disassociateRouteTable(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		is := func(a network.Association) bool { return a.ID == r.Params.Get("AssociationId") && !a.Main }
		for _, t := range s.RouteTables.Items {
			if slices.ContainsFunc(t.Associations, is) {
				t.Associations = slices.DeleteFunc(slices.Clone(t.Associations), is)
				put(&s.RouteTables, t)
				return done, nil
			}
		}
		return nil, awsfake.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", r.Params.Get("AssociationId"))
	})
}
