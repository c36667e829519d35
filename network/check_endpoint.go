package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// endpointServices are what nodes of EKS call, and have no other way to from an
// isolated subnet, see
// https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html.
var endpointServices = []string{"ec2", "ecr.api", "ecr.dkr", "s3", "sts"}

// isolated returns the members without a way to the internet, where the profile
// can do without one. What is neither isolated nor not is recorded.
func (c *checker) isolated(code groundway.Code) []*member {
	if c.o.Profile != ProfileEKS {
		c.Inapplicable(code, "nodes of the profile need the internet, which endpoints are no way to")
		return nil
	}
	var list []*member
	for _, m := range c.routed(code, func(m *member) bool { return m.worker }) {
		switch e := m.egress.IPv4; e.Class {
		case ClassIsolated, ClassEndpoints:
			list = append(list, m)
		case ClassUnknown:
			c.unknown(code, c.subnetSubject(m), e.Gaps...)
		}
	}
	if len(list) == 0 && !c.Settled(code) {
		c.Inapplicable(code, "no worker subnet is isolated")
	}
	switch {
	case len(list) == 0:
	case !c.parts.Endpoints.Complete():
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Endpoints, actionEndpoints)...)
		return nil
	case c.region == "":
		// Endpoints are for services of a region.
		c.unknown(code, c.vpcSubject(), groundway.Gap{Action: actionZones, Message: "the region was not seen, nor named in the options"})
		return nil
	}
	return list
}

// endpointsOf returns the endpoints of the VPC for a service of AWS, those that
// are gone or refused left out.
func (c *checker) endpointsOf(service string) []*Endpoint {
	var list []*Endpoint
	for i := range c.parts.Endpoints.Items {
		e := &c.parts.Endpoints.Items[i]
		if e.VPCID == c.vpcID && strings.TrimPrefix(e.Service, china) == strings.TrimPrefix(c.serviceName(service), china) && (e.State == "" || is(e.State, "available") || is(e.State, "pending")) {
			list = append(list, e)
		}
	}
	return list
}

// china begins the names of most services in the regions of China, where S3 has
// one with it and one without.
const china = "cn."

func (c *checker) serviceName(service string) string {
	name := "com.amazonaws." + c.region + "." + service
	if strings.HasPrefix(c.region, "cn-") && service != "s3" {
		return china + name
	}
	return name
}

func (c *checker) endpointSubject(e *Endpoint) groundway.Subject {
	return groundway.Subject{Kind: "vpc-endpoint", ID: e.ID, Name: e.Tags["Name"], Region: c.region, Account: e.OwnerID}
}

func checkEndpointMissing(c *checker, code groundway.Code) {
	members := c.isolated(code)
	if len(members) == 0 {
		return
	}
	for _, service := range endpointServices {
		if list := c.endpointsOf(service); len(list) > 0 {
			if slices.ContainsFunc(list, func(e *Endpoint) bool { return e.State != "" }) {
				c.Pass(code, 1)
			} else {
				c.unknown(code, c.endpointSubject(list[0]), notShown(actionEndpoints, "the state of "+list[0].ID))
			}
			continue
		}
		kind := []string{"--vpc-endpoint-type", "Interface", "--subnet-ids", "<subnet-id>", "--security-group-ids", "<security-group-id>"}
		if service == "s3" {
			kind = []string{"--vpc-endpoint-type", "Gateway", "--route-table-ids"}
			for _, u := range byTable(members) {
				kind = append(kind, u.id)
			}
		}
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: groundway.Subject{Kind: "vpc-endpoint-service", ID: c.serviceName(service), Region: c.region}, Related: c.subjectsOf(members),
			Summary: fmt.Sprintf("%s has no endpoint for %s, which isolated nodes call; it serves %s.", c.vpcID, service, served(members)),
			Evidence: []groundway.Fact{{
				Path: groundway.Pointer("parts", "vpcEndpoints", "seen"), Got: "true", Want: "an endpoint for " + c.serviceName(service) + " among the items", Source: actionEndpoints,
			}},
			Remedies: []groundway.Remedy{{
				Action:   "Create the endpoint.",
				Commands: [][]string{append([]string{"aws", "ec2", "create-vpc-endpoint", "--vpc-id", c.vpcID, "--service-name", c.serviceName(service)}, kind...)},
			}},
		})
	}
}

func checkEndpointDNS(c *checker, code groundway.Code) {
	members := c.isolated(code)
	if len(members) == 0 {
		return
	}
	for _, service := range endpointServices {
		for _, e := range c.endpointsOf(service) {
			switch {
			case e.Type == "" && len(e.RouteTableIDs) == 0:
				c.unknown(code, c.endpointSubject(e), notShown(actionEndpoints, "the type of "+e.ID))
			case !is(e.Type, "Interface"):
				continue
			case e.PrivateDNS == nil:
				c.unknown(code, c.endpointSubject(e), notShown(actionEndpoints, "whether "+e.ID+" has private DNS"))
			case *e.PrivateDNS:
				c.Pass(code, 1)
			case slices.ContainsFunc(c.endpointsOf(service), func(other *Endpoint) bool {
				return is(other.Type, "Gateway") || other.PrivateDNS != nil && *other.PrivateDNS
			}):
				c.Pass(code, 1) // another endpoint has the name, or needs none
			default:
				c.Fail(groundway.Finding{
					Code: code, Subject: c.endpointSubject(e), Related: c.subjectsOf(members),
					Summary:  fmt.Sprintf("%s has no private DNS, so that nodes look for %s on the internet.", e.ID, service),
					Evidence: []groundway.Fact{{Path: pointer("vpcEndpoints", e.ID, "privateDnsEnabled"), Got: "false", Want: "true", Source: actionEndpoints}},
					Remedies: []groundway.Remedy{{
						Action:   "Give the endpoint private DNS.",
						Commands: [][]string{{"aws", "ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", e.ID, "--private-dns-enabled"}},
					}},
				})
			}
		}
	}
	if !c.Settled(code) {
		c.Inapplicable(code, "the VPC has no interface endpoint that isolated nodes call")
	}
}

func checkEndpointRouted(c *checker, code groundway.Code) {
	members := c.isolated(code)
	if len(members) == 0 {
		return
	}
	list := c.endpointsOf("s3")
	if slices.ContainsFunc(list, func(e *Endpoint) bool { return is(e.Type, "Interface") && e.PrivateDNS != nil && *e.PrivateDNS }) {
		c.Pass(code, 1)
		return
	}
	for _, e := range list {
		if !is(e.Type, "Gateway") {
			continue
		}
		for _, u := range byTable(members) {
			table := c.tables[u.id]
			live := slices.ContainsFunc(table.Routes, func(r Route) bool { return r.Target.ID == e.ID && !is(r.State, "blackhole") })
			if live || slices.ContainsFunc(list, func(other *Endpoint) bool { return slices.Contains(other.RouteTableIDs, u.id) }) {
				c.Pass(code, 1)
				continue
			}
			c.Fail(groundway.Finding{
				Code: code, Subject: c.tableSubject(u.id), Related: append(c.subjectsOf(u.users), c.endpointSubject(e)),
				Summary:  fmt.Sprintf("%s has no route to the gateway endpoint %s of S3; it serves %s.", u.id, e.ID, served(u.users)),
				Evidence: []groundway.Fact{{Path: pointer("routeTables", u.id, "id"), Got: u.id, Want: "a route to " + e.ID, Source: actionRouteTables}},
				Remedies: []groundway.Remedy{{
					Action:   "Associate the endpoint with the route table.",
					Commands: [][]string{{"aws", "ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", e.ID, "--add-route-table-ids", u.id}},
				}},
			})
		}
	}
	if !c.Settled(code) {
		c.Inapplicable(code, "the VPC has no gateway endpoint of S3")
	}
}

// byEndpoints reports whether the subnet is isolated and its nodes live by
// endpoints, so that the rules on these judge it.
func (c *checker) byEndpoints(e Egress) bool {
	return c.o.Profile == ProfileEKS && (e.Class == ClassIsolated || e.Class == ClassEndpoints)
}
