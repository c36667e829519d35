package capacity

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// Check returns the verdict of every rule of [Rules] on the snapshot. The network
// is that of the nodes' subnets; without subnets it may be the zero value. What
// could not be seen is unknown, and so is a quota whose use could not be counted.
func Check(s Snapshot, n network.Snapshot, o Options) []groundway.Finding {
	c := &checker{s: s, n: n, o: o}
	c.region = cmp.Or(o.Region, s.Region)
	c.Tally = groundway.NewTally(rules, groundway.Subject{Kind: "region", ID: c.region, Region: c.region, Account: s.Account})
	c.quotas()
	c.addresses()
	c.minimum()
	c.roles()
	c.key()
	return c.Findings()
}

type checker struct {
	*groundway.Tally
	s      Snapshot
	n      network.Snapshot
	o      Options
	region string
}

func pointer(part, id string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", part, "items", id}, steps...)...)
}

func item[T groundway.Keyed](part groundway.Part[T], key string) (T, bool) {
	i := slices.IndexFunc(part.Items, func(item T) bool { return item.Key() == key })
	if i < 0 {
		return *new(T), false
	}
	return part.Items[i], true
}

// unknown records that something was not seen: by the gaps of a part that speak
// of the action, or by the action alone.
func (c *checker) unknown(code groundway.Code, s groundway.Subject, what, action string, gaps []groundway.Gap) {
	of := slices.DeleteFunc(slices.Clone(gaps), func(g groundway.Gap) bool { return g.Action != action })
	if len(of) == 0 {
		of = []groundway.Gap{{Action: action}}
	}
	var why []string
	f := groundway.Finding{Code: code, Subject: s}
	for _, g := range of {
		if slices.Contains(why, g.String()) {
			continue
		}
		why = append(why, g.String())
		f.Evidence = append(f.Evidence, groundway.Fact{Got: cmp.Or(g.Message, g.Code), Want: "an answer of " + g.Action, Source: g.Action})
	}
	f.Summary = fmt.Sprintf("It could not be seen %s: %s.", what, strings.Join(why, "; "))
	f.Remedies = []groundway.Remedy{of[0].Remedy(c.s.Account)}
	c.Unknown(f)
}

// A want is what the cluster takes of a quota.
type want struct {
	quota, zone string
	count       int
}

func (c *checker) wants() (list []want) {
	add := func(quota, zone string, n int) {
		if n > 0 {
			list = append(list, want{quota, zone, n})
		}
	}
	n := c.o.Needs
	add(VPCs, "", n.VPCs)
	add(InternetGateways, "", n.InternetGateways)
	add(Addresses, "", n.Addresses)
	add(SecurityGroups, "", n.SecurityGroups)
	add(ApplicationLoadBalancers, "", n.ApplicationLoadBalancers)
	add(NetworkLoadBalancers, "", n.NetworkLoadBalancers)
	add(ClassicLoadBalancers, "", n.ClassicLoadBalancers)
	for _, zone := range slices.Sorted(maps.Keys(n.NATGateways)) {
		add(NATGateways, zone, n.NATGateways[zone])
	}
	families := map[string]int{}
	for _, nodes := range c.o.Nodes {
		quota, known := FamilyQuota(nodes.InstanceType)
		t, seen := item(c.s.InstanceTypes, nodes.InstanceType)
		switch {
		case nodes.Count <= 0:
		case !known:
			c.unknown(codeExceeded, typeSubject(nodes.InstanceType), "which quota instances of "+nodes.InstanceType+" count against", actionQuotas, nil)
		case !seen:
			c.unknown(codeExceeded, typeSubject(nodes.InstanceType), "how many vCPUs "+nodes.InstanceType+" has", actionTypes, c.typeGaps(nodes.InstanceType))
		default:
			families[quota] += t.VCPUs * nodes.Count
		}
	}
	for _, quota := range slices.Sorted(maps.Keys(families)) {
		add(quota, "", families[quota])
	}
	return list
}

func typeSubject(name string) groundway.Subject {
	return groundway.Subject{Kind: "instance-type", ID: name}
}

func (c *checker) quotas() {
	for _, w := range c.wants() {
		c.quota(w)
	}
	for _, code := range []groundway.Code{codeExceeded, codeHeadroom} {
		if !c.Settled(code) {
			c.Inapplicable(code, "the options name nothing that is counted")
		}
	}
}

func (c *checker) quota(w want) {
	limit := limitOf(w.quota)
	subject := groundway.Subject{Kind: "quota", ID: w.quota, Region: c.region, Zone: w.zone, Account: c.s.Account}
	if w.zone != "" {
		subject.Path = groundway.Pointer("zones", w.zone)
	}
	q, seen := item(c.s.Quotas, w.quota)
	u, counted := item(c.s.Uses, w.quota)
	for _, code := range []groundway.Code{codeExceeded, codeHeadroom} {
		if !seen {
			c.unknown(code, subject, "how many "+limit.What+" the account may have", actionQuotas, c.s.Quotas.Gaps)
		} else if !counted {
			c.unknown(code, subject, "how many "+limit.What+" there are", limit.Counted, c.s.Uses.Gaps)
		}
	}
	if !seen || !counted {
		return
	}
	used, usePath := u.Count, pointer("quotaUses", w.quota, "count")
	if limit.PerZone {
		used, usePath = u.Zones[w.zone], pointer("quotaUses", w.quota, "zones", w.zone)
	}
	total := used + w.count
	spare := int(math.Ceil(float64(total) * 100 / float64(100-min(c.o.headroom(), 99)))) // a quota with the headroom
	code, atLeast := codeExceeded, total
	switch {
	case float64(total) > q.Value:
		c.Skip(codeHeadroom, codeExceeded, subject)
	case float64(spare) > q.Value:
		c.Pass(codeExceeded, 1)
		code, atLeast = codeHeadroom, spare
	default:
		c.Pass(codeExceeded, 1)
		c.Pass(codeHeadroom, 1)
		return
	}
	where := ""
	if w.zone != "" {
		where = " in " + w.zone
	}
	service, quotaCode, _ := strings.Cut(w.quota, "/")
	summary := fmt.Sprintf("The account may have %s %s; %d are there%s, and the cluster takes %d more.", number(q.Value), limit.What, used, where, w.count)
	if code == codeHeadroom {
		summary = fmt.Sprintf("The account may have %s %s; with the cluster %d are there%s, and less than %d per cent is left.", number(q.Value), limit.What, total, where, c.o.headroom())
	}
	command := []string{"aws", "service-quotas", "request-service-quota-increase", "--service-code", service, "--quota-code", quotaCode, "--desired-value", strconv.Itoa(spare)}
	if c.region != "" {
		command = append(command, "--region", c.region)
	}
	c.Fail(groundway.Finding{
		Code: code, Subject: subject, Summary: summary,
		Evidence: []groundway.Fact{
			{Path: pointer("quotas", w.quota, "value"), Got: number(q.Value), Want: strconv.Itoa(atLeast) + " or more", Source: actionQuotas},
			{Path: usePath, Got: strconv.Itoa(used), Want: fmt.Sprintf("room for %d more", w.count), Source: limit.Counted},
		},
		Remedies: []groundway.Remedy{
			{Action: "Ask for a higher quota.", Commands: [][]string{command}},
			{Action: "Remove what nobody needs of the " + limit.What + "."},
		},
	})
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// addresses holds what the nodes take of each subnet against what is free in it.
func (c *checker) addresses() {
	takes, nodes := map[string]int{}, map[string]int{}
	unsure := map[string]string{} // subnets, with the type that is not known
	for _, group := range c.o.Nodes {
		if len(group.Subnets) == 0 || group.Count <= 0 {
			continue
		}
		each, err := c.each(group)
		subnets := slices.Compact(slices.Sorted(slices.Values(group.Subnets)))
		for _, id := range subnets {
			if err != nil {
				unsure[id] = group.InstanceType
				continue
			}
			n := up(group.Count, len(subnets))
			nodes[id] += n
			takes[id] += n * each
		}
	}
	ids := slices.Collect(maps.Keys(takes))
	ids = append(ids, slices.Collect(maps.Keys(unsure))...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		subject := groundway.Subject{Kind: "subnet", ID: id, Region: c.region}
		subnet, seen := item(c.n.Subnets, id)
		switch {
		case unsure[id] != "":
			c.unknown(codeAddresses, subject, "how many addresses nodes of "+unsure[id]+" take", actionTypes, c.s.InstanceTypes.Gaps)
		case !seen, subnet.FreeAddresses == nil:
			c.unknown(codeAddresses, subject, "how many addresses are free in "+id, actionSubnets, c.n.Subnets.Gaps)
		case *subnet.FreeAddresses >= takes[id]:
			c.Pass(codeAddresses, 1)
		default:
			c.Fail(groundway.Finding{
				Code: codeAddresses, Subject: subject,
				Summary: fmt.Sprintf("%s has %d free addresses; the %d nodes that are to stand in it take %d, with their pods.", id, *subnet.FreeAddresses, nodes[id], takes[id]),
				Evidence: []groundway.Fact{{
					Path: pointer("subnets", id, "availableIpAddressCount"), Got: strconv.Itoa(*subnet.FreeAddresses), Want: strconv.Itoa(takes[id]) + " or more", Source: actionSubnets,
				}},
				Remedies: []groundway.Remedy{{Action: "Name larger subnets or more of them, fewer pods on a node, or fewer nodes."}},
			})
		}
	}
	if !c.Settled(codeAddresses) {
		c.Inapplicable(codeAddresses, "the options name no nodes with their subnets")
	}
}

// each returns how many addresses a node of the group takes.
func (c *checker) each(group Nodes) (int, error) {
	t, _ := item(c.s.InstanceTypes, group.InstanceType)
	pods := group.PodsEach
	if limit := MaxPods(t, c.o.Pods) - hostPods; pods == 0 || pods > limit {
		pods = max(limit, 0) // a kubelet that is told of more gets no more
	}
	return AddressesOf(t, c.o.Pods, pods)
}

// minimum holds the nodes against what the installer asks for.
func (c *checker) minimum() {
	m := MinimumOf(c.o.Profile)
	switch {
	case m == Minimum{}:
		c.Inapplicable(codeMinimum, "the profile names no minimum")
		return
	case len(c.o.Nodes) == 0:
		c.Inapplicable(codeMinimum, "the options name no nodes")
		return
	}
	for _, role := range []struct {
		name string
		want int
	}{{"controller", m.Controllers}, {"worker", m.Workers}} {
		subject, count := groundway.Subject{Kind: "nodes", ID: role.name}, 0
		for _, group := range c.o.Nodes {
			if group.Role == role.name {
				count += group.Count
			}
		}
		if count >= role.want {
			c.Pass(codeMinimum, 1)
			continue
		}
		c.Fail(groundway.Finding{
			Code: codeMinimum, Subject: subject,
			Summary:  fmt.Sprintf("%d nodes are to be a %s; the installer asks for %d at least.", count, role.name, role.want),
			Evidence: []groundway.Fact{{Got: strconv.Itoa(count) + " of role " + role.name, Want: strconv.Itoa(role.want) + " or more"}},
			Remedies: []groundway.Remedy{{Action: "Ask for more nodes."}},
		})
	}
	done := map[string]bool{}
	for _, group := range c.o.Nodes {
		name := group.InstanceType
		t, seen := item(c.s.InstanceTypes, name)
		switch {
		case done[name]:
		case !seen:
			c.unknown(codeMinimum, typeSubject(name), "how large "+name+" is", actionTypes, c.typeGaps(name))
		case t.VCPUs >= m.VCPUs && t.MemoryMiB >= m.MemoryMiB:
			c.Pass(codeMinimum, 1)
		default:
			c.Fail(groundway.Finding{
				Code: codeMinimum, Subject: typeSubject(name),
				Summary: fmt.Sprintf("%s has %d vCPUs and %d MiB; the installer asks for those of %s, %d and %d, at least.", name, t.VCPUs, t.MemoryMiB, m.InstanceType, m.VCPUs, m.MemoryMiB),
				Evidence: []groundway.Fact{
					{Path: pointer("instanceTypes", name, "vCpus"), Got: strconv.Itoa(t.VCPUs), Want: strconv.Itoa(m.VCPUs) + " or more", Source: actionTypes},
					{Path: pointer("instanceTypes", name, "memoryMiB"), Got: strconv.Itoa(t.MemoryMiB), Want: strconv.Itoa(m.MemoryMiB) + " or more", Source: actionTypes},
				},
				Remedies: []groundway.Remedy{{Action: "Name a larger type, such as t3.medium."}},
			})
		}
		done[name] = true
	}
}

// roles looks for the roles that load balancers and Auto Scaling act by.
func (c *checker) roles() {
	if len(c.o.Nodes) == 0 {
		c.Inapplicable(codeRole, "the options name no nodes")
		return
	}
	for _, service := range Services() {
		subject := groundway.Subject{Kind: "role", ID: roleNames[service], Account: c.s.Account}
		r, seen := item(c.s.Roles, service)
		switch {
		case !seen:
			action := actionRole
			if gaps := c.s.Roles.Gaps; len(gaps) > 0 {
				action = gaps[0].Action // a dump lists all roles
			}
			c.unknown(codeRole, subject, "whether there is the role "+roleNames[service], action, c.s.Roles.Gaps)
		case r.Exists, r.Creatable != nil && *r.Creatable:
			c.Pass(codeRole, 1)
		case r.Creatable == nil:
			c.unknown(codeRole, subject, "whether the caller may have the role "+r.Name+" made, which is not there", actionMayRole, c.s.Roles.Gaps)
		default:
			c.Fail(groundway.Finding{
				Code: codeRole, Subject: subject,
				Summary: fmt.Sprintf("The role %s is not there, and the caller may not have it made.", r.Name),
				Evidence: []groundway.Fact{
					{Path: pointer("serviceLinkedRoles", service, "exists"), Got: "false", Want: "true", Source: actionRole},
					{Path: pointer("serviceLinkedRoles", service, "creatable"), Got: "false", Want: "true", Source: actionMayRole},
				},
				Remedies: []groundway.Remedy{{
					Action:   "Have somebody make it who may use iam:CreateServiceLinkedRole.",
					Commands: [][]string{{"aws", "iam", "create-service-linked-role", "--aws-service-name", service}},
				}},
			})
		}
	}
}

// typeGaps returns why an instance type was not seen.
func (c *checker) typeGaps(name string) []groundway.Gap {
	if c.s.InstanceTypes.Complete() {
		return []groundway.Gap{{Action: actionTypes, Message: "the answer has no instance type " + name}}
	}
	return c.s.InstanceTypes.Gaps
}

var roleNames = map[string]string{
	"autoscaling.amazonaws.com":          "AWSServiceRoleForAutoScaling",
	"elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
}

// Services returns the services whose roles are looked for, in order.
func Services() []string { return slices.Sorted(maps.Keys(roleNames)) }

// RoleName returns the name of a service's role, or "" for another service.
func RoleName(service string) string { return roleNames[service] }

// key looks whether Auto Scaling may use the key of new volumes.
func (c *checker) key() {
	if len(c.o.Nodes) == 0 {
		c.Inapplicable(codeKey, "the options name no nodes")
		return
	}
	e, seen := item(c.s.Encryption, "default")
	subject := groundway.Subject{Kind: "key", ID: e.KeyID, Region: c.region, Account: c.s.Account}
	switch {
	case !seen:
		c.unknown(codeKey, groundway.Subject{Kind: "region", ID: c.region, Region: c.region}, "whether new volumes are encrypted by default", actionEBS, c.s.Encryption.Gaps)
	case !e.Default, strings.EqualFold(e.KeyManager, "AWS"), e.ForAutoScaling != nil && *e.ForAutoScaling:
		c.Pass(codeKey, 1)
	case e.ForAutoScaling == nil:
		c.unknown(codeKey, subject, "whether Auto Scaling may use the key of new volumes", actionKey, c.s.Encryption.Gaps)
	default:
		c.Fail(groundway.Finding{
			Code: codeKey, Subject: subject,
			Summary: "New volumes are encrypted with " + e.KeyID + ", which does not let Auto Scaling's role use it.",
			Evidence: []groundway.Fact{
				{Path: pointer("ebsEncryption", "default", "kmsKeyId"), Got: e.KeyID, Want: "a key that the role may use", Source: "ec2:GetEbsDefaultKmsKeyId"},
				{Path: pointer("ebsEncryption", "default", "forAutoScaling"), Got: "false", Want: "true", Source: actionKey},
			},
			Remedies: []groundway.Remedy{
				{Action: "Let the role AWSServiceRoleForAutoScaling use the key, in the key's policy or by a grant."},
				{Action: "Encrypt new volumes with AWS's own key.", Commands: [][]string{{"aws", "ec2", "reset-ebs-default-kms-key-id"}}},
			},
		})
	}
}
