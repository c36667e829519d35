package capacity

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// CountNetwork counts the use of quotas in a snapshot that holds the network of the
// whole region, as a directory of AWS CLI output does. What was not seen whole is
// not counted. Of VPCs only those of the account count, where it is given.
func CountNetwork(n network.Parts, account string) groundway.Part[Use] {
	var part groundway.Part[Use]
	count := func(whole bool, gaps []groundway.Gap, u Use) {
		if !whole {
			part.Gaps = append(part.Gaps, gaps...)
			return
		}
		part.Items = append(part.Items, u)
	}
	vpcs := 0
	for _, v := range n.VPCs.Items {
		if account == "" || v.OwnerID == "" || v.OwnerID == account {
			vpcs++
		}
	}
	count(n.VPCs.Complete(), n.VPCs.Gaps, Use{Quota: VPCs, Count: vpcs})
	count(n.InternetGateways.Complete(), n.InternetGateways.Gaps, Use{Quota: InternetGateways, Count: len(n.InternetGateways.Items)})
	count(n.SecurityGroups.Complete(), n.SecurityGroups.Gaps, Use{Quota: SecurityGroups, Count: len(n.SecurityGroups.Items)})
	nats := Use{Quota: NATGateways, Zones: map[string]int{}}
	for _, g := range n.NATGateways.Items {
		if !strings.EqualFold(g.State, "pending") && !strings.EqualFold(g.State, "available") {
			continue
		}
		nats.Count++
		if i := slices.IndexFunc(n.Subnets.Items, func(s network.Subnet) bool { return s.ID == g.SubnetID }); i >= 0 && n.Subnets.Items[i].Zone != "" {
			nats.Zones[n.Subnets.Items[i].Zone]++
		}
	}
	count(n.NATGateways.Complete() && n.Subnets.Complete(), slices.Concat(n.NATGateways.Gaps, n.Subnets.Gaps), nats)
	part.Seen = len(part.Items) > 0
	part.Partial = part.Seen && len(part.Gaps) > 0
	return part
}

// An Instance is what of one counts against a quota.
type Instance struct {
	Type     string
	OnDemand bool // no spot instance, and none on a dedicated host
	VCPUs    int  // zero: not shown
}

// CountInstances counts the vCPUs of running and pending On-Demand instances by
// quota. A family of which one instance does not show them is not counted.
func CountInstances(instances []Instance) []Use {
	vcpus := map[string]int{}
	for _, quota := range families {
		vcpus[quota] = 0
	}
	for _, i := range instances {
		quota, known := FamilyQuota(i.Type)
		switch _, counts := vcpus[quota]; {
		case !known || !i.OnDemand || !counts:
		case i.VCPUs == 0:
			delete(vcpus, quota)
		default:
			vcpus[quota] += i.VCPUs
		}
	}
	var uses []Use
	for quota, n := range vcpus {
		uses = append(uses, Use{Quota: quota, Count: n})
	}
	slices.SortFunc(uses, func(a, b Use) int { return strings.Compare(a.Quota, b.Quota) })
	return uses
}
