package flow

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// maxWork is how many bands and ranges are looked at for one filter and one
// kind of traffic. Groups and ACLs within AWS's quotas stay far
// below it; beyond it the verdict is unknown.
const maxWork = 2_000_000

// A query is what a filter is asked: traffic of a protocol to ports, with the
// addresses of the other side.
type query struct {
	protocol int
	ports    Ports
	remote   addresses
}

// An answer is what a filter does with a query: three spaces that partition it.
type answer struct {
	passed, denied, unseen space
	gaps                   []groundway.Gap  // for unseen
	by                     map[string]space // what each entry denied, by its key; "" for what none allowed
}

func (a answer) full() bool { return len(a.denied) == 0 && len(a.unseen) == 0 }

func (q query) all() space { return whole(q.ports, q.remote) }

// passes answers a query for which no filter stands.
func passes(q query) answer { return answer{passed: q.all()} }

func unseenAnswer(q query, gaps ...groundway.Gap) answer {
	return answer{unseen: q.all(), gaps: gaps}
}

func tooMuch(q query, action, what string) answer {
	return unseenAnswer(q, groundway.Gap{Action: action, Message: fmt.Sprintf("%s has too many rules to be followed", what)})
}

// An acl is a network ACL with its entries in the order in which they are
// asked: ingress, egress.
type acl struct {
	*network.NetworkACL
	ingress, egress []entry
}

type entry struct {
	*network.ACLEntry
	block addresses
}

func newACL(a *network.NetworkACL) *acl {
	x := &acl{NetworkACL: a}
	for i := range a.Entries {
		e := entry{&a.Entries[i], addressesOf(prefixList(a.Entries[i].Prefix), a.Entries[i].Prefix.Addr().Is6())}
		if e.Egress {
			x.egress = append(x.egress, e)
		} else {
			x.ingress = append(x.ingress, e)
		}
	}
	byNumber := func(a, b entry) int { return cmp.Compare(a.Number, b.Number) }
	slices.SortFunc(x.ingress, byNumber)
	slices.SortFunc(x.egress, byNumber)
	return x
}

// ask lets the entries take what is left, lowest number first. See
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html.
func (a *acl) ask(egress bool, q query) answer {
	entries := a.ingress
	if egress {
		entries = a.egress
	}
	if len(q.remote) == 0 {
		return answer{}
	}
	v6 := q.remote[0].From().Is6()
	rest := q.all()
	m := &meter{maxWork}
	var out answer
	for _, e := range entries {
		ports, ok := entryPorts(e.ACLEntry, q.protocol)
		if !ok || e.Prefix.Addr().Is6() != v6 {
			continue
		}
		taken := rest.take(ports, e.block, m)
		switch {
		case m.empty():
			return tooMuch(q, actionNetworkACLs, a.ID)
		case len(taken) == 0:
		case !is(e.Action, "allow") && !is(e.Action, "deny"):
			out.unseen = append(out.unseen, taken...)
			out.gaps = append(out.gaps, notShown(actionNetworkACLs, "what the entry "+e.Key()+" of "+a.ID+" does"))
		case is(e.Action, "allow"):
			out.passed = append(out.passed, taken...)
		default:
			out.deny(e.Key(), taken)
		}
		if len(rest) == 0 {
			break
		}
	}
	if len(rest) > 0 {
		out.deny("", rest)
	}
	return out
}

func (a *answer) deny(key string, s space) {
	if a.by == nil {
		a.by = map[string]space{}
	}
	a.by[key] = append(a.by[key], s...)
	a.denied = append(a.denied, s...)
}

// entryPorts returns the ports of an ACL's entry where it speaks of the protocol.
func entryPorts(e *network.ACLEntry, protocol int) (Ports, bool) {
	return matched(e.Protocol, protocol, e.FromPort, e.ToPort, e.ICMPType, e.ICMPCode)
}

// rulePorts returns the ports of a group's rule where it speaks of the protocol.
// Of ICMP its ports are the type and the code.
func rulePorts(r *network.SecurityRule, protocol int) (Ports, bool) {
	return matched(r.Protocol, protocol, r.FromPort, r.ToPort, r.FromPort, r.ToPort)
}

func matched(name string, protocol int, from, to, kind, code *int) (Ports, bool) {
	switch of := number(name); {
	case of == anyProtocol:
		return allPorts, true
	case of != protocol:
		return Ports{}, false
	case hasPorts(protocol):
		return portRange(from, to)
	case isICMP(protocol) && kind != nil && code != nil:
		return icmpPorts(*kind, *code)
	}
	return allPorts, true
}

// portRange returns the range of two ports; -1, or none at all, is every port.
func portRange(from, to *int) (Ports, bool) {
	if from == nil || to == nil || *from == -1 {
		return allPorts, true
	}
	if *from < 0 || *to > 65535 || *from > *to {
		return Ports{}, false
	}
	return Ports{uint16(*from), uint16(*to)}, true
}

// askGroups returns what the groups of one side let pass: what any rule of any
// of them allows. The other side is a member of the groups peer, where they are
// known: a rule that names one of these allows all of its addresses.
func (n *Network) askGroups(ids []string, egress bool, q query, peer Place) answer {
	if len(q.remote) == 0 {
		return answer{}
	}
	v6 := q.remote[0].From().Is6()
	rest := q.all()
	m := &meter{maxWork}
	var out answer
	var maybe space // by rules that name groups of a peer whose groups are not known
	for _, id := range ids {
		g := n.groups[id]
		if g == nil || g.VPCID != n.vpcID && g.VPCID != "" {
			if !n.snapshot.SecurityGroups.Complete() {
				return unseenAnswer(q, gapsOf(n.snapshot.SecurityGroups, actionSecurityGroups)...)
			}
			continue // it has no rules; Check says that it does not exist
		}
		rules := g.Ingress
		if egress {
			rules = g.Egress
		}
		for i := range rules {
			r := &rules[i]
			ports, ok := rulePorts(r, q.protocol)
			if !ok {
				continue
			}
			allowed := addressesOf(r.Prefixes, v6)
			for _, list := range r.PrefixListIDs {
				of, seen := n.listAddresses(list, v6)
				if !seen {
					maybe = append(maybe, band{ports, q.remote})
					out.gaps = append(out.gaps, groundway.Gap{Action: actionPrefixLists, Message: "the entries of " + list + " were not seen"})
				}
				allowed = allowed.with(of)
			}
			for _, ref := range r.Groups {
				switch {
				case peer.Internet, peer.behind:
				case slices.Contains(peer.Groups, ref.ID):
					allowed = q.remote
				case len(peer.Groups) == 0 && !peer.Ungrouped && peer.inside() && ref.PeeringID == "":
					maybe = append(maybe, band{ports, q.remote})
					out.gaps = append(out.gaps, groundway.Gap{Action: actionSecurityGroups, Message: "whether " + peer.name() + " will be members of " + ref.ID + " is not said"})
				case ref.PeeringID != "" && !peer.inside() && (ref.PeeringStatus == "" || is(ref.PeeringStatus, "active")):
					maybe = append(maybe, band{ports, q.remote})
					out.gaps = append(out.gaps, groundway.Gap{Action: actionSecurityGroups, Message: "the members of " + ref.ID + " are in a peer", Account: ref.OwnerID})
				}
			}
			out.passed = append(out.passed, rest.take(ports, allowed, m)...)
			if m.empty() {
				return tooMuch(q, actionSecurityGroups, strings.Join(ids, ", "))
			}
		}
	}
	for _, b := range maybe {
		out.unseen = append(out.unseen, rest.take(b.ports, b.addrs, m)...)
	}
	if m.empty() {
		return tooMuch(q, actionSecurityGroups, strings.Join(ids, ", "))
	}
	if len(out.unseen) == 0 {
		out.gaps = nil
	}
	out.gaps = slices.CompactFunc(out.gaps, func(a, b groundway.Gap) bool { return a == b })
	if len(rest) > 0 {
		out.deny("", rest)
	}
	return out
}

// listAddresses returns the entries of a prefix list.
func (n *Network) listAddresses(id string, v6 bool) (addresses, bool) {
	for i := range n.snapshot.PrefixLists.Items {
		if l := &n.snapshot.PrefixLists.Items[i]; l.ID == id {
			return addressesOf(l.Entries, v6), true
		}
	}
	return nil, false
}

func prefixList(p netip.Prefix) []netip.Prefix { return []netip.Prefix{p} }

// is compares a value of an AWS enumeration, whose case differs between calls.
func is(value, word string) bool { return strings.EqualFold(value, word) }
