package flow_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// apply does to the snapshot what a command of a remedy does to an account. It
// reports false for commands that a person has to complete.
func apply(t *testing.T, s *network.Snapshot, command []string) bool {
	t.Helper()
	value := func(option string) string {
		if i := slices.Index(command, option); i >= 0 {
			return command[i+1]
		}
		return ""
	}
	switch command[2] {
	case "create-network-acl-entry":
		number, err := strconv.Atoi(value("--rule-number"))
		require.NoError(t, err)
		e := network.ACLEntry{
			Number: number, Egress: slices.Contains(command, "--egress"), Action: value("--rule-action"), Protocol: value("--protocol"),
			Prefix: netip.MustParsePrefix(value("--cidr-block")),
		}
		if text := value("--port-range"); text != "" {
			var from, to int
			_, err := fmt.Sscanf(text, "From=%d,To=%d", &from, &to)
			require.NoError(t, err)
			e.FromPort, e.ToPort = &from, &to
		}
		a := nt.NetworkACL(s, value("--network-acl-id"))
		for _, have := range a.Entries {
			require.NotEqual(t, have.Key(), e.Key(), "EC2 refuses a second entry of one number")
		}
		a.Entries = append(slices.Clone(a.Entries), e)
	case "authorize-security-group-ingress", "authorize-security-group-egress":
		g := nt.SecurityGroup(s, value("--group-id"))
		r := network.SecurityRule{}
		for _, part := range strings.FieldsFunc(value("--ip-permissions"), func(c rune) bool { return c == ',' }) {
			name, text, _ := strings.Cut(part, "=")
			n, _ := strconv.Atoi(text)
			switch name {
			case "IpProtocol":
				r.Protocol = text
			case "FromPort":
				r.FromPort = &n
			case "ToPort":
				r.ToPort = &n
			case "IpRanges":
				r.Prefixes = append(r.Prefixes, netip.MustParsePrefix(strings.TrimSuffix(strings.TrimPrefix(text, "[{CidrIp="), "}]")))
			case "UserIdGroupPairs":
				r.Groups = append(r.Groups, network.GroupRef{ID: strings.TrimSuffix(strings.TrimPrefix(text, "[{GroupId="), "}]")})
			}
		}
		if command[2] == "authorize-security-group-egress" {
			g.Egress = network.MergeRules(append(slices.Clone(g.Egress), r))
		} else {
			g.Ingress = network.MergeRules(append(slices.Clone(g.Ingress), r))
		}
	default:
		return false
	}
	return true
}

// The remedies of all blockers together let the traffic pass, and nothing less
// than each of them does: that is what "smallest fix" promises.
func TestRemediesLetTheTrafficPass(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	fixed := 0
	for range 600 {
		s := random(rnd)
		from := flow.Place{Subnets: []string{subnets[rnd.IntN(2)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		to := flow.Place{Subnets: []string{subnets[2+rnd.IntN(2)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		traffic := flow.Traffic{Protocol: []string{"tcp", "udp"}[rnd.IntN(2)], Ports: flow.Port(443)}
		r := flow.New(s, nt.VPC).Reach(from, to, traffic)
		if len(r.Blockers) == 0 {
			continue
		}
		// with returns the verdict where the remedies of all blockers but one are
		// applied, or of all.
		with := func(but int) (flow.Verdict, bool) {
			again := s
			again.NetworkACLs.Items, again.SecurityGroups.Items = slices.Clone(s.NetworkACLs.Items), slices.Clone(s.SecurityGroups.Items)
			for i, b := range r.Blockers {
				require.NotEmpty(t, b.Remedy.Action)
				require.NotEmpty(t, b.Evidence)
				if len(b.Remedy.Commands) == 0 || len(b.Remedy.Commands) == 4 { // a few of more
					return 0, false
				}
				for _, c := range b.Remedy.Commands {
					if i != but && !apply(t, &again, c) {
						return 0, false
					}
				}
			}
			v := flow.New(again, nt.VPC).Reach(from, to, traffic).Verdict
			if v == flow.Assumed { // by way of an appliance
				v = flow.Reachable
			}
			return v, true
		}
		v, whole := with(-1)
		if !whole {
			continue
		}
		fixed++
		require.Equal(t, flow.Reachable.String(), v.String(), "%+v", r)
		for i := range r.Blockers {
			v, _ := with(i)
			require.NotEqual(t, flow.Reachable, v, "without the remedy of %+v", r.Blockers[i])
		}
	}
	require.Greater(t, fixed, 100)
}

// An ACL whose first entry denies has no numbers for what many flows need.
func TestEntriesOfManyFlowsHaveNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	commands := func(number int) (list []string) {
		s, o := nt.Public()
		entry := deny(false, "6", "10.0.0.0/16", 1, 65535)
		entry.Number = number
		closed(&s, "subnet-0w1", entry)
		for _, f := range flow.Check(s, o) {
			if f.Outcome == groundway.Failed && f.Code == "network/flow-nacl-blocked" {
				for _, c := range f.Remedies[0].Commands {
					list = append(list, strings.Join(c, " "))
				}
			}
		}
		return list
	}
	made := commands(90)
	require.Greater(t, len(made), 3)
	numbers := map[string]bool{}
	for _, c := range made {
		_, rest, _ := strings.Cut(c, "--rule-number ")
		number, _, _ := strings.Cut(rest, " ")
		require.False(t, numbers[number], "%s: %q", number, made)
		numbers[number] = true
	}
	require.Equal(t, []string{"aws ec2 describe-network-acls --network-acl-ids acl-0b"}, commands(2))
}

// Seeing less of a network never makes traffic pass that is blocked, nor blocks
// what passes.
func TestSeeingLessContradictsNothing(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 8))
	unknown := 0
	for range 400 {
		s := random(rnd)
		from := flow.Place{Subnets: []string{subnets[rnd.IntN(4)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		to := flow.Place{Subnets: []string{subnets[rnd.IntN(4)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		traffic := flow.Traffic{Ports: flow.Port(443)}
		want := flow.New(s, nt.VPC).Reach(from, to, traffic).Verdict
		for _, hide := range []func(*network.Snapshot){
			func(s *network.Snapshot) { nt.Deny(&s.SecurityGroups, "ec2:DescribeSecurityGroups") },
			func(s *network.Snapshot) { nt.Deny(&s.NetworkACLs, "ec2:DescribeNetworkAcls") },
			func(s *network.Snapshot) { nt.Deny(&s.RouteTables, "ec2:DescribeRouteTables") },
			func(s *network.Snapshot) { nt.Deny(&s.PrefixLists, "ec2:GetManagedPrefixListEntries") },
			func(s *network.Snapshot) { nt.Deny(&s.Subnets, "ec2:DescribeSubnets") },
		} {
			less := s
			hide(&less)
			got := flow.New(less, nt.VPC).Reach(from, to, traffic)
			switch got.Verdict {
			case want:
			case flow.Unknown:
				unknown++
				require.NotEmpty(t, got.Gaps)
			case flow.Partial:
				require.Equal(t, flow.Blocked, want, "what is known to block some, and blocks all: %+v", got)
				t.Fatalf("a part is said to pass that does not: %+v", got)
			default:
				t.Fatalf("%v, and with less %v: %+v", want, got.Verdict, got)
			}
		}
	}
	require.Greater(t, unknown, 300)
}

func TestReachOverIPv6(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	nt.TheVPC(&s).CIDRs = append(nt.TheVPC(&s).CIDRs, network.CIDR{Prefix: netip.MustParsePrefix("2001:db8:0:100::/56"), State: "associated"})
	for i, id := range []string{"subnet-0c1", "subnet-0w1"} {
		n := nt.Subnet(&s, id)
		n.CIDRs = append(n.CIDRs, network.CIDR{Prefix: netip.MustParsePrefix(fmt.Sprintf("2001:db8:0:10%d::/64", i)), State: "associated"})
	}
	for i := range s.RouteTables.Items {
		table := &s.RouteTables.Items[i]
		table.Routes = append(table.Routes, network.Route{
			Prefix: netip.MustParsePrefix("2001:db8:0:100::/56"), Target: network.Target{Kind: network.TargetLocal}, State: "active", Origin: "CreateRouteTable",
		})
	}
	v6 := flow.Traffic{Ports: flow.Port(443), IPv6: true}
	n := flow.New(s, nt.VPC)
	r := n.Reach(controllers, workers, v6)
	require.Equal(t, flow.Blocked, r.Verdict, "the ACL speaks of IPv4 only")
	require.Equal(t, flow.StageACLEgress, r.Blockers[0].Stage)
	for _, egress := range []bool{false, true} {
		nt.SetEntry(&s, "acl-0a", network.ACLEntry{Number: 101, Egress: egress, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("::/0")})
	}
	n = flow.New(s, nt.VPC)
	require.Equal(t, flow.Reachable, n.Reach(controllers, workers, v6).Verdict)
	internet := flow.Place{Internet: true}
	r = n.Reach(workers, internet, v6)
	require.Equal(t, flow.Blocked, r.Verdict, "no route")
	for _, c := range r.Blockers[0].Remedy.Commands {
		require.Equal(t, "--destination-ipv6-cidr-block", c[5])
	}
	nt.SetRoute(&s, "rtb-01", "::/0", "eigw-0a")
	s.EgressGateways = groundway.SeenPart(network.InternetGateway{ID: "eigw-0a", Attachments: []network.Attachment{{VPCID: nt.VPC, State: "attached"}}})
	n = flow.New(s, nt.VPC)
	require.Equal(t, flow.Reachable, n.Reach(workers, internet, v6).Verdict)
	require.Equal(t, flow.Blocked, n.Reach(internet, workers, v6).Verdict, "an egress-only gateway lets nobody in")
	require.Equal(t, flow.Unknown, n.Reach(controllers, flow.Place{Subnets: []string{"subnet-0w2"}}, v6).Verdict, "no IPv6 block")
}

// A NAT gateway leads to private networks as to the internet, and lets nothing in.
func TestReachThroughAPrivateNATGateway(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	nt.NATGateway(&s, "nat-01").Connectivity = "private"
	nt.SetRoute(&s, "rtb-01", "10.200.0.0/16", "nat-01")
	nt.SetRoute(&s, "rtb-0c", "10.200.0.0/16", "tgw-0a")
	office := flow.Place{Addresses: prefixes("10.200.0.0/16")}
	n := flow.New(s, nt.VPC)
	r := n.Reach(flow.Place{Subnets: []string{"subnet-0w1"}, Ungrouped: true}, office, flow.Traffic{Ports: flow.Port(443)})
	require.Equal(t, flow.Assumed, r.Verdict)
	require.Equal(t, []string{"tgw-0a passes it on, to which rtb-0c leads what comes from nat-01"}, r.Assumptions)
	require.Equal(t, flow.Blocked, n.Reach(office, workers, flow.Traffic{Ports: flow.Port(443)}).Verdict)
	require.Equal(t, flow.Unknown, n.Reach(workers, office, flow.Traffic{Protocol: "-1"}).Verdict, "a deny of TCP alone would not be seen")
}

// A rule that names a group of a peer lets its members in, which nobody can look
// into, unless the peering connection is gone.
func TestReachFromTheGroupOfAPeer(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]flow.Verdict{"": flow.Unknown, "active": flow.Unknown, "deleted": flow.Blocked} {
		s, _ := nt.Internal()
		peer(&s, "active")
		nt.SetRoute(&s, "rtb-01", "10.50.0.0/16", "pcx-0a")
		in := nt.Allow("tcp 443")
		in.Groups = []network.GroupRef{{ID: "sg-0p", OwnerID: "444455556666", VPCID: "vpc-0p", PeeringID: "pcx-0a", PeeringStatus: status}}
		nt.AddGroup(&s, "sg-0w", in)
		from, to := flow.Place{Addresses: prefixes("10.50.0.0/16")}, flow.Place{Subnets: []string{"subnet-0w1"}, Groups: []string{"sg-0w"}}
		require.Equal(t, want, flow.New(s, nt.VPC).Reach(from, to, flow.Traffic{Ports: flow.Port(443)}).Verdict, status)
		// Hosts of the VPC whose groups are not named are no members of it.
		near := flow.Place{Subnets: []string{"subnet-0c1"}}
		require.Equal(t, flow.Blocked, flow.New(s, nt.VPC).Reach(near, to, flow.Traffic{Ports: flow.Port(443)}).Verdict, status)
	}
}

func TestVerdictString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "invalid", flow.Verdict(0).String())
	require.Equal(t, "blocked", flow.Blocked.String())
	require.Equal(t, "tcp 443", flow.Traffic{Ports: flow.Port(443)}.String())
	require.Equal(t, "tcp", flow.Traffic{}.String())
	require.Equal(t, "udp 30000-32767", flow.Traffic{Protocol: "udp", Ports: flow.Ports{From: 30000, To: 32767}}.String())
	require.Equal(t, "protocol 50", flow.Traffic{Protocol: "50"}.String())
	require.Equal(t, "icmp", flow.Traffic{Protocol: "icmp"}.String())
}
