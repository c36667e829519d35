package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// balancer returns the program that makes the load balancers of services, and
// false where the profile has none.
func (c *checker) balancer() (Demand, bool) {
	d := Demand{Consumer: ConsumerCloudController, Cluster: c.o.Cluster, Internal: c.o.Topology == TopologyInternal}
	switch c.o.Profile {
	case ProfileElastic:
		return d, false
	case ProfileEKS:
		d.Consumer = ConsumerALB
	}
	return d, true
}

// predicted returns what the load balancers' program will choose, once for all
// rules. It fails where the rule says nothing, which is recorded.
func (c *checker) predicted(code groundway.Code) (Prediction, bool) {
	d, has := c.balancer()
	if !has {
		c.Inapplicable(code, "the profile has no load balancers")
		return Prediction{}, false
	}
	if c.stopAtVPC(code) {
		return Prediction{}, false
	}
	if len(c.o.ControllerSubnets) == 0 {
		c.Inapplicable(code, "the options name no controller subnet")
		return Prediction{}, false
	}
	if c.prediction == nil {
		p := newPredictor(c.classifier, c.listed, d).predict()
		c.prediction = &p
	}
	if len(c.prediction.Gaps) > 0 {
		c.unknown(code, c.vpcSubject(), c.prediction.Gaps...)
		return Prediction{}, false
	}
	return *c.prediction, true
}

func checkBalancerTag(c *checker, code groundway.Code) {
	d, has := c.balancer()
	switch {
	case !has:
		c.Inapplicable(code, "the profile has no load balancers")
		return
	case c.o.Profile == ProfileTectonic:
		c.Inapplicable(code, "the installer names the subnets of its load balancers itself")
		return
	}
	key := d.roleTag()
	for _, m := range c.named(code, func(m *member) bool { return m.controller }) {
		value, ok := m.subnet.Tags[key]
		if ok && (value == "1" || value == "") {
			c.Pass(code, 1)
			continue
		}
		f := groundway.Finding{
			Code: code, Subject: c.subnetSubject(m),
			Summary:  fmt.Sprintf("The controller subnet %s has no tag %s.", m.id, key),
			Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "tags", key), Got: value, Want: "1", Source: actionSubnets}},
			Remedies: []groundway.Remedy{{
				Action: "Tag the subnet for load balancers.", Commands: [][]string{TagEdit{SubnetID: m.id, Key: key, Value: "1"}.Command()},
			}},
		}
		if ok {
			f.Summary = fmt.Sprintf("The tag %s of the controller subnet %s has a value that is not read.", key, m.id)
		}
		c.Fail(f)
	}
}

func checkBalancerSubnet(c *checker, code groundway.Code) {
	p, ok := c.predicted(code)
	if !ok {
		return
	}
	d, _ := c.balancer()
	for _, z := range p.Zones {
		for _, id := range z.Chosen {
			i := slices.IndexFunc(c.members, func(m *member) bool { return m.id == id })
			if i >= 0 && c.members[i].controller {
				c.Pass(code, 1)
				continue
			}
			s := c.subnets[id]
			subject := c.subnetSubject(&member{id: id, subnet: s})
			if _, foreign := c.Failed(codeSubnetForeign, subject); foreign {
				c.Skip(code, codeSubnetForeign, subject)
				continue
			}
			own := "shared"
			f := groundway.Finding{
				Code: code, Subject: subject,
				Summary: fmt.Sprintf("In %s %s will put load balancers into %s, which is no controller subnet.", z.Zone, d.Consumer, id),
				Evidence: []groundway.Fact{{
					Path: pointer("subnets", id, "id"), Got: id, Want: "a controller subnet to be chosen in " + z.Zone, Source: actionSubnets,
				}},
				Remedies: []groundway.Remedy{{
					Action:   "Keep the subnet out by the tag of no cluster.",
					Commands: [][]string{TagEdit{SubnetID: id, Key: unmanagedTag, Value: "true"}.Command()},
				}},
			}
			for _, lost := range z.Lost {
				if k := slices.IndexFunc(c.members, func(m *member) bool { return m.id == lost.SubnetID }); k >= 0 && c.members[k].controller {
					f.Summary = strings.TrimSuffix(f.Summary, ".") + fmt.Sprintf(", and not into %s: %s.", lost.SubnetID, lost.Reason)
					f.Related = append(f.Related, c.subnetSubject(c.members[k]))
					f.Remedies = append([]groundway.Remedy{{
						Action:   fmt.Sprintf("Tag %s for load balancers, which comes first.", lost.SubnetID),
						Commands: [][]string{TagEdit{SubnetID: lost.SubnetID, Key: d.roleTag(), Value: "1"}.Command()},
					}}, f.Remedies...)
				}
			}
			if _, tagged := s.Tags[clusterTag+c.o.Cluster]; tagged {
				f.Remedies[len(f.Remedies)-1] = groundway.Remedy{
					Action:   "Remove the tag of the cluster from the subnet, if it is not the cluster's.",
					Commands: [][]string{{"aws", "ec2", "delete-tags", "--resources", id, "--tags", tagJSON(clusterTag+c.o.Cluster, own)}},
				}
			}
			c.Fail(f)
		}
	}
	if !c.Settled(code) {
		c.Inapplicable(code, "no subnet of the VPC fits "+d.Consumer.String())
	}
}

func checkBalancerZones(c *checker, code groundway.Code) {
	if _, has := c.balancer(); !has {
		c.Inapplicable(code, "the profile has no load balancers")
		return
	}
	controller := func(m *member) bool { return m.controller }
	members := c.named(code, controller)
	if len(members) == 0 {
		return
	}
	regular, unseen, ok := c.regularZones(code, members)
	if !ok {
		return
	}
	single, failed := c.Failed(codeZoneSingle, c.vpcSubject())
	switch {
	case len(regular) >= 2:
		c.Pass(code, len(members))
	case len(regular)+len(unseen) >= 2:
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Zones, actionZones)...)
	case c.hides(controller):
		// named has said that a subnet was not seen, which may be in another zone.
	case failed && single.Severity >= c.Rule(code).Severity:
		// It says the same of the same subnets, and is no less severe.
		c.Skip(code, codeZoneSingle, c.vpcSubject())
	default:
		c.Fail(groundway.Finding{
			Code: code, Subject: c.vpcSubject(), Related: c.subjectsOf(members),
			Summary:  fmt.Sprintf("Load balancers have subnets in %s.", oneZone(members, regular)),
			Evidence: c.zoneFacts(members, "two availability zones among the controller subnets"),
			Remedies: []groundway.Remedy{{
				Action:   "Name a controller subnet of a second zone.",
				Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)},
			}},
		})
	}
}
