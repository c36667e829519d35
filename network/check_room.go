package network

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// room says how many free addresses a subnet of a role needs, how many it should
// have, and what for.
func (c *checker) room(m *member) (need, wish int, why string) {
	need, why = 1, "a node needs 1"
	if !m.controller {
		return need, need, why
	}
	switch c.o.Profile {
	case ProfileTectonic:
		return 2 * freeForBalancer, 2 * freeForBalancer, fmt.Sprintf("2 load balancers need %d", 2*freeForBalancer)
	case ProfileEKS:
		return freeForEKS, freeWishedByEKS, fmt.Sprintf("EKS needs %d and recommends %d", freeForEKS, freeWishedByEKS)
	case ProfileKubeadm:
		return freeForBalancer, freeForBalancer, fmt.Sprintf("a load balancer needs %d", freeForBalancer)
	}
	return need, need, why
}

func checkFreeAddresses(c *checker, code groundway.Code) {
	for _, m := range c.named(code, everyMember) {
		need, wish, why := c.room(m)
		free := m.subnet.FreeAddresses
		switch {
		case free == nil:
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "availableIpAddressCount of "+m.id))
			continue
		case *free >= wish:
			c.Pass(code, 1)
			continue
		}
		f := groundway.Finding{
			Code: code, Subject: c.subnetSubject(m),
			Summary: fmt.Sprintf("%s%s has %s; %s.", m.id, inBrackets(firstCIDR(m.subnet)), freeText(*free), why),
			Evidence: []groundway.Fact{{
				Path: pointer("subnets", m.id, "availableIpAddressCount"), Got: fmt.Sprint(*free), Want: fmt.Sprintf("%d or more", wish), Source: actionSubnets,
			}},
			Remedies: []groundway.Remedy{{
				Action: "Delete network interfaces that nothing uses, or name a larger subnet.",
				Commands: [][]string{{
					"aws", "ec2", "describe-network-interfaces", "--filters", "Name=subnet-id,Values=" + m.id, "Name=status,Values=available",
				}},
			}},
		}
		if *free >= need {
			f.Severity = groundway.Warning
		}
		c.Fail(f)
	}
}

// unmanagedTag keeps a subnet out of the choice of every cluster: it looks like
// that of another one.
const unmanagedTag = clusterTag + "unmanaged"

// checkForeign finds the subnets that nobody named and that the cloud controller
// may choose for load balancers.
func checkForeign(c *checker, code groundway.Code) {
	d, has := c.balancer()
	switch {
	case !has:
		c.Inapplicable(code, "the profile has no load balancers")
		return
	case c.stopAtVPC(code):
		return
	case len(c.o.ControllerSubnets) == 0:
		c.Inapplicable(code, "the options name no controller subnet")
		return
	case !c.listed.Complete():
		c.unknown(code, c.vpcSubject(), gapsOf(c.listed, actionSubnets)...)
		return
	}
	p := newPredictor(c.classifier, c.listed, d)
	named := map[string]bool{}
	for _, m := range c.members {
		named[m.id] = true
	}
	for _, s := range p.all {
		if _, tagged := p.clusterTags(s); named[s.ID] || tagged {
			c.Pass(code, 1)
			continue
		}
		if !d.Internal && !p.naivePublic(s) {
			if len(p.gaps) > 0 {
				c.unknown(code, c.subnetSubject(&member{id: s.ID, subnet: s}), p.gaps...)
				p.gaps = nil
				continue
			}
			c.Pass(code, 1)
			continue
		}
		c.Fail(groundway.Finding{
			Code: code, Subject: c.subnetSubject(&member{id: s.ID, subnet: s}),
			Summary:  fmt.Sprintf("%s is not named and carries no cluster's tag, so that load balancers of the cluster may be put into it.", s.ID),
			Evidence: []groundway.Fact{{Path: pointer("subnets", s.ID, "tags", unmanagedTag), Want: "a tag of another cluster, or this one", Source: actionSubnets}},
			Remedies: []groundway.Remedy{{
				Action:   "Tag the subnet as one of no cluster.",
				Commands: [][]string{TagEdit{SubnetID: s.ID, Key: unmanagedTag, Value: "true"}.Command()},
			}, {
				Action: "Name the subnet, if it is the cluster's.",
			}},
		})
	}
	if !c.Settled(code) {
		c.Inapplicable(code, "the VPC has no subnet")
	}
}

// tagSlots is how many tags a resource may have; those of AWS do not count. See
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions.
const tagSlots = 50

func checkTagSlots(c *checker, code groundway.Code) {
	for _, m := range c.named(code, everyMember) {
		used := 0
		for key := range m.subnet.Tags {
			if !strings.HasPrefix(key, "aws:") {
				used++
			}
		}
		if _, has := m.subnet.Tags[clusterTag+c.o.Cluster]; has || used < tagSlots {
			c.Pass(code, 1)
			continue
		}
		c.Fail(groundway.Finding{
			Code: code, Subject: c.subnetSubject(m),
			Summary: fmt.Sprintf("%s has %d tags, and there is no room for that of the cluster.", m.id, used),
			Evidence: []groundway.Fact{{
				Path: pointer("subnets", m.id, "tags", clusterTag+cmp.Or(c.o.Cluster, "NAME")), Want: fmt.Sprintf("the tag, or less than %d others", tagSlots), Source: actionSubnets,
			}},
			Remedies: []groundway.Remedy{{
				Action:   "Remove a tag that nobody needs.",
				Commands: [][]string{{"aws", "ec2", "describe-tags", "--filters", "Name=resource-id,Values=" + m.id}},
			}},
		})
	}
}

// checkLeftovers finds what an earlier cluster of the same name left behind:
// what carries its tag as owned, and is not named. The named subnets and the VPC
// are those of the cluster that is to come.
func checkLeftovers(c *checker, code groundway.Code) {
	key := clusterTag + c.o.Cluster
	if c.o.Cluster == "" {
		c.Inapplicable(code, "the options name no cluster")
		return
	}
	seen := 0
	for _, from := range []struct {
		part, action string
		tags         groundway.Part[ClusterTag]
	}{
		{"clusterTags", actionTags, c.parts.ClusterTags},
		{"loadBalancerTags", actionBalancerTags, c.parts.LoadBalancerTags},
	} {
		if !from.tags.Complete() {
			c.unknown(code, c.vpcSubject(), gapsOf(from.tags, from.action)...)
		}
		for _, t := range from.tags.Items {
			seen++
			if t.TagKey != key || !is(t.Value, "owned") || t.ResourceID == c.vpcID ||
				slices.ContainsFunc(c.members, func(m *member) bool { return m.id == t.ResourceID }) {
				continue
			}
			c.Fail(groundway.Finding{
				Code:    code,
				Subject: groundway.Subject{Kind: cmp.Or(t.ResourceType, "resource"), ID: t.ResourceID, Region: c.region},
				Summary: fmt.Sprintf("%s is tagged as owned by a cluster of the same name, %s.", t.ResourceID, c.o.Cluster),
				Evidence: []groundway.Fact{{
					Path: pointer(from.part, t.Key(), "value"), Got: t.Value, Want: "no such tag before the cluster is installed", Source: from.action,
				}},
				Remedies: []groundway.Remedy{{
					Action:   "Delete what the earlier cluster left, or give the new one another name.",
					Commands: [][]string{{"aws", "resourcegroupstaggingapi", "get-resources", "--tag-filters", keyJSON(key)}},
				}},
			})
		}
	}
	if c.parts.ClusterTags.Complete() && c.parts.LoadBalancerTags.Complete() {
		c.Pass(code, max(seen, 1))
	}
}
