package network

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

func checkVPCFound(c *checker, code groundway.Code) {
	switch {
	case c.vpc != nil:
		c.Pass(code, 1)
	case c.vpcID == "":
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.vpcSubject(),
			Summary:  "No VPC is named.",
			Remedies: []groundway.Remedy{{Action: "Name the VPC.", Commands: [][]string{{"aws", "ec2", "describe-vpcs"}}}},
		})
	case !c.parts.VPCs.Complete():
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.VPCs, actionVPCs)...)
	default:
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: c.vpcSubject(),
			Summary: fmt.Sprintf("%s does not exist%s.", c.vpcID, c.where()),
			Evidence: []groundway.Fact{
				{Path: pointer("vpcs", c.vpcID), Want: "the VPC", Source: actionVPCs},
			},
			Remedies: []groundway.Remedy{{
				Action:   "Name a VPC of this account and region, or use credentials of the account that has it.",
				Commands: [][]string{{"aws", "ec2", "describe-vpcs"}},
			}},
		})
	}
}

// where names the region and the account that were looked at, where known.
func (c *checker) where() string {
	text := ""
	if c.region != "" {
		text += " in " + c.region
	}
	if c.account != "" {
		text += " of account " + c.account
	}
	return text
}

// seenVPC returns the VPC, or nil after it recorded why the rule says nothing.
func (c *checker) seenVPC(code groundway.Code) *VPC {
	if c.stopAtVPC(code) {
		return nil
	}
	if c.vpc == nil {
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.VPCs, actionVPCs)...)
	}
	return c.vpc
}

func checkVPCAvailable(c *checker, code groundway.Code) {
	v := c.seenVPC(code)
	switch {
	case v == nil:
	case v.State == "":
		c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the state of the VPC"))
	case is(v.State, "available"):
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.vpcSubject(),
			Summary:  fmt.Sprintf("%s is %s.", v.ID, v.State),
			Evidence: []groundway.Fact{{Path: pointer("vpcs", v.ID, "state"), Got: v.State, Want: "available", Source: actionVPCs}},
			Remedies: []groundway.Remedy{{
				Action:   "Wait until the VPC is available.",
				Commands: [][]string{{"aws", "ec2", "wait", "vpc-available", "--vpc-ids", v.ID}},
			}},
		})
	}
}

func checkDNSSupport(c *checker, code groundway.Code) {
	c.checkDNS(code, c.parts.DNSSupport, "dnsSupport", "enableDnsSupport", "--enable-dns-support")
}

func checkDNSHostnames(c *checker, code groundway.Code) {
	c.checkDNS(code, c.parts.DNSHostnames, "dnsHostnames", "enableDnsHostnames", "--enable-dns-hostnames")
}

func (c *checker) checkDNS(code groundway.Code, part groundway.Part[DNSAttribute], name, attribute, option string) {
	if c.stopAtVPC(code) {
		return
	}
	a := byKey(part)[c.vpcID]
	switch {
	case a == nil && part.Complete():
		c.unknown(code, c.vpcSubject(), notShown(actionVPCAttribute, attribute+" of "+c.vpcID))
	case a == nil:
		c.unknown(code, c.vpcSubject(), gapsOf(part, actionVPCAttribute)...)
	case a.Enabled:
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.vpcSubject(),
			Summary:  fmt.Sprintf("%s has %s switched off.", c.vpcID, attribute),
			Evidence: []groundway.Fact{{Path: pointer(name, c.vpcID, "enabled"), Got: "false", Want: "true", Source: actionVPCAttribute}},
			Remedies: []groundway.Remedy{{
				Action:   "Switch " + attribute + " on.",
				Commands: [][]string{{"aws", "ec2", "modify-vpc-attribute", "--vpc-id", c.vpcID, option, `{"Value":true}`}},
			}},
		})
	}
}

func checkInternetGateway(c *checker, code groundway.Code) {
	if c.stopAtVPC(code) {
		return
	}
	id, seen := c.anyAttached()
	switch {
	case id != "":
		c.Pass(code, 1)
	case !seen:
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.InternetGateways, actionInternetGateways)...)
	default:
		f := groundway.Finding{
			Code:    code,
			Subject: c.vpcSubject(),
			Summary: fmt.Sprintf("%s has no attached internet gateway.", c.vpcID),
			Remedies: []groundway.Remedy{{
				Action: "Attach an internet gateway to the VPC.",
				Commands: [][]string{
					{"aws", "ec2", "create-internet-gateway"},
					{"aws", "ec2", "attach-internet-gateway", "--vpc-id", c.vpcID, "--internet-gateway-id", "<internet-gateway-id>"},
				},
			}},
		}
		if c.o.Topology == TopologyInternal && (c.o.Profile == ProfileEKS || c.o.Profile == ProfileKubeadm) && !c.goesDirect() {
			f.Severity = groundway.Info // nothing of the cluster leads there
		}
		// What was attached, or is about to be, tells the reader where to look.
		for _, id := range slices.Sorted(maps.Keys(c.gateways)) {
			for i, a := range c.gateways[id].Attachments {
				if a.VPCID == c.vpcID {
					f.Evidence = append(f.Evidence, groundway.Fact{
						Path: pointer("internetGateways", id, "attachments", strconv.Itoa(i), "state"), Got: a.State, Want: "attached", Source: actionInternetGateways,
					})
				}
			}
		}
		for _, id := range slices.Sorted(maps.Keys(c.tables)) {
			for _, r := range c.tables[id].Routes {
				if r.Target.Kind == TargetInternetGateway {
					f.Evidence = append(f.Evidence, groundway.Fact{
						Path: pointer("routeTables", id, "routes", r.Key(), "target", "id"), Got: r.Target.ID, Want: "a gateway that is attached to " + c.vpcID, Source: actionRouteTables,
					})
					f.Remedies[0].Commands = [][]string{
						{"aws", "ec2", "attach-internet-gateway", "--vpc-id", c.vpcID, "--internet-gateway-id", r.Target.ID},
					}
				}
			}
		}
		if f.Evidence == nil {
			f.Evidence = []groundway.Fact{{
				Path: groundway.Pointer("parts", "internetGateways", "seen"), Got: "true",
				Want: "an internet gateway attached to " + c.vpcID + " among the items", Source: actionInternetGateways,
			}}
		}
		c.Fail(f)
	}
}

// goesDirect reports whether a way of a named subnet to the internet ends at an
// internet gateway that is not there, directly or behind a NAT gateway.
func (c *checker) goesDirect() bool {
	return slices.ContainsFunc(c.members, func(m *member) bool {
		return slices.ContainsFunc(m.egress.IPv4.Slices, func(s Slice) bool { return s.Cause.Code == codeNoInternetGateway })
	})
}

const clusterTag = "kubernetes.io/cluster/"

// otherOwners returns the keys of the tags by which other clusters own a
// resource, ordered.
func (c *checker) otherOwners(tags map[string]string) []string {
	var keys []string
	for key, value := range tags {
		if name, ok := strings.CutPrefix(key, clusterTag); ok && name != c.o.Cluster && value == "owned" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// checkOwners fails if other clusters own the subject.
func (c *checker) checkOwners(code groundway.Code, s groundway.Subject, part, action string, tags map[string]string) {
	keys := c.otherOwners(tags)
	switch {
	case len(keys) > 0:
	case s.Account != "" && c.account != "" && s.Account != c.account:
		// See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html.
		c.unknown(code, c.vpcSubject(), groundway.Gap{Action: action, Account: s.Account, Message: "AWS shows a participant no tags of the owner"})
		return
	default:
		c.Pass(code, 1)
		return
	}
	f := groundway.Finding{
		Code:    code,
		Subject: s,
		Summary: fmt.Sprintf("%s is tagged as owned by another cluster: %s.", s.ID, strings.Join(keys, ", ")),
		Remedies: []groundway.Remedy{
			{Action: "Use a " + s.Kind + " of this cluster's own."},
			{Action: "Remove the tag, if that cluster is gone."},
		},
	}
	for _, key := range keys {
		f.Evidence = append(f.Evidence, groundway.Fact{
			Path: pointer(part, s.ID, "tags", key), Got: "owned", Want: "shared, or no such tag", Source: action,
		})
		f.Remedies[1].Commands = append(f.Remedies[1].Commands, []string{"aws", "ec2", "delete-tags", "--resources", s.ID, "--tags", tagJSON(key, "owned")})
	}
	c.Fail(f)
}

// tagJSON writes a tag as the AWS CLI reads it whatever the key holds; in its
// shorter form a comma ends the key.
func tagJSON(key, value string) string {
	return listJSON(struct{ Key, Value string }{key, value})
}

// keyJSON writes a key alone, for a tag of any value.
func keyJSON(key string) string {
	return listJSON(struct{ Key string }{key})
}

func listJSON(item any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode([]any{item})
	return strings.TrimSpace(b.String())
}

func checkVPCOwner(c *checker, code groundway.Code) {
	if v := c.seenVPC(code); v != nil {
		c.checkOwners(code, c.vpcSubject(), "vpcs", actionVPCs, v.Tags)
	}
}

func checkVPCShared(c *checker, code groundway.Code) {
	v := c.seenVPC(code)
	switch {
	case v == nil:
	case v.OwnerID == "":
		c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the owner of the VPC"))
	case c.account == "":
		c.unknown(code, c.vpcSubject(), groundway.Gap{Action: actionCaller, Message: "the caller's account was not seen"})
	case v.OwnerID == c.account:
		c.Pass(code, 1)
	default:
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.vpcSubject(),
			Summary:  fmt.Sprintf("%s belongs to account %s, and the caller to %s.", v.ID, v.OwnerID, c.account),
			Evidence: []groundway.Fact{{Path: pointer("vpcs", v.ID, "ownerId"), Got: v.OwnerID, Want: c.account, Source: actionVPCs}},
			Remedies: []groundway.Remedy{{
				Action: "Have the owner make the changes to the VPC, its routes and its tags that this report asks for.",
				Actor:  "owner of account " + v.OwnerID,
			}},
		})
	}
}

func checkBlockPublicAccess(c *checker, code groundway.Code) {
	members := c.named(code, everyMember)
	if len(members) == 0 {
		return
	}
	f := groundway.Finding{
		Code:    code,
		Subject: c.vpcSubject(),
		Remedies: []groundway.Remedy{{
			Action: "Exclude the VPC from block public access.",
			Commands: [][]string{{
				"aws", "ec2", "create-vpc-block-public-access-exclusion", "--vpc-id", c.vpcID,
				"--internet-gateway-exclusion-mode", "allow-bidirectional",
			}},
		}},
	}
	modes := map[string]bool{}
	unseen := false
	for _, m := range members {
		mode := c.blockMode(m.id)
		cut := m.public(c.o) && (is(mode, blockIngress) || is(mode, blockBidirectional))
		for _, s := range m.egress.IPv4.Slices {
			cut = cut || s.Cause.Code == code && s.Share > narrow
		}
		switch {
		case cut:
			modes[mode] = true
			f.Related = append(f.Related, c.subnetSubject(m))
			if m.subnet.BlockMode != "" {
				f.Evidence = append(f.Evidence, c.blockFact("subnets", m.id, mode))
			}
		case mode == "":
			unseen = true
		}
	}
	switch {
	case len(f.Related) > 0:
		if c.vpc != nil && c.vpc.BlockMode != "" && !is(c.vpc.BlockMode, "off") {
			f.Evidence = append([]groundway.Fact{c.blockFact("vpcs", c.vpcID, c.vpc.BlockMode)}, f.Evidence...)
		}
		f.Summary = fmt.Sprintf("Block public access (%s) cuts %s of the cluster off.",
			strings.Join(slices.Sorted(maps.Keys(modes)), ", "), plural(len(f.Related), "subnet"))
		c.Fail(f)
	case unseen:
		c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the state of block public access"))
	default:
		c.Pass(code, len(members))
	}
}

func (c *checker) blockFact(part, id, mode string) groundway.Fact {
	action := actionSubnets
	if part == "vpcs" {
		action = actionVPCs
	}
	return groundway.Fact{Path: pointer(part, id, "internetGatewayBlockMode"), Got: mode, Want: "off", Source: action}
}

func checkCIDRAssociations(c *checker, code groundway.Code) {
	v := c.seenVPC(code)
	if v == nil {
		return
	}
	f := groundway.Finding{Code: code, Subject: c.vpcSubject(), Remedies: []groundway.Remedy{{
		Action:   "Wait until the association is through, or remove one that failed.",
		Commands: [][]string{{"aws", "ec2", "describe-vpcs", "--vpc-ids", v.ID, "--query", "Vpcs[].CidrBlockAssociationSet"}},
	}}}
	var pending []string
	for i, b := range v.CIDRs {
		switch {
		case b.State == "":
			c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the state of the block "+b.Prefix.String()))
			return
		case is(b.State, "associating"), is(b.State, "disassociating"), is(b.State, "failing"):
			pending = append(pending, b.Prefix.String()+" is "+b.State)
			f.Evidence = append(f.Evidence, groundway.Fact{
				Path: pointer("vpcs", v.ID, "cidrs", strconv.Itoa(i), "state"), Got: b.State, Want: "associated", Source: actionVPCs,
			})
		}
	}
	if len(pending) == 0 {
		c.Pass(code, len(v.CIDRs))
		return
	}
	f.Summary = fmt.Sprintf("Of the blocks of %s, %s.", v.ID, strings.Join(pending, " and "))
	c.Fail(f)
}
