package draw_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/draw"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// wellFormed parses the picture, and returns its texts.
func wellFormed(t *testing.T, svg string) (texts []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			assert.Contains(t, []string{"svg", "title", "desc", "style", "rect", "text", "path"}, x.Name.Local)
			for _, a := range x.Attr {
				assert.NotContains(t, a.Name.Local, "on")
				assert.NotEqual(t, "href", a.Name.Local)
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(x)); text != "" {
				texts = append(texts, text)
			}
		}
	}
}

func TestSVG(t *testing.T) {
	s, o := nt.Public()
	good := draw.SVG(s, o, network.Check(s, o))
	wellFormed(t, good)
	golden.Check(t, "public.svg", []byte(good))

	nt.Associate(&s, "subnet-0c1", "rtb-02")
	nt.SetRoute(&s, "rtb-01", "0.0.0.0/0", "nat-01")
	nt.SetRoute(&s, "rtb-01", "10.9.0.0/16", "tgw-0a")
	nt.Blackhole(&s, "rtb-01", "10.9.0.0/16")
	nt.TheVPC(&s).Tags["Name"] = "demo"
	nt.Deny(&s.DNSSupport, "ec2:DescribeVpcAttribute")
	broken := draw.SVG(s, o, network.Check(s, o))
	texts := wellFormed(t, broken)
	golden.Check(t, "broken.svg", []byte(broken))
	for _, want := range []string{
		"✕ subnet-not-public", "0.0.0.0/0 → nat-02", "in another zone, us-east-1b", "private, out by NAT", "should be public", "10.9.0.0/16 → tgw-0a, dead", "? vpc-dns-support-disabled",
	} {
		assert.True(t, slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, want) }), want)
	}
	slices.Reverse(s.Subnets.Items)
	slices.Reverse(s.RouteTables.Items)
	slices.Reverse(s.NATGateways.Items)
	assert.Equal(t, broken, draw.SVG(s, o, network.Check(s, o)), "whatever the order")
}

func TestNothingSeen(t *testing.T) {
	_, o := nt.Public()
	for name, draw := range drawings {
		t.Run(name, func(t *testing.T) {
			texts := wellFormed(t, draw(network.Snapshot{}, o, network.Check(network.Snapshot{}, o)))
			assert.Contains(t, texts, "vpc-0a1 (not seen)")
			all := strings.Join(texts, " ")
			assert.Contains(t, all, "Not seen: the VPC, subnets, route tables, internet gateways, NAT gateways.")
			assert.Contains(t, all, "Which gateways are attached, and where routes lead, was not seen. Its subnets were not seen.")
			assert.NotRegexp(t, `…|\bNo\b|\bno\b|has no`, all, "nothing is cut, and nothing is said to be absent")
			assert.Contains(t, wellFormed(t, draw(network.Snapshot{}, network.Options{}, nil)), "no VPC (not seen)")
		})
	}
}

// drawings are the two forms of the picture.
var drawings = map[string]func(network.Snapshot, network.Options, []groundway.Finding) string{"wide": draw.SVG, "narrow": draw.Narrow}

// What is said to be absent was seen to be.
func TestAbsent(t *testing.T) {
	_, o := nt.Public()
	for _, test := range []struct {
		name string
		edit func(*network.Snapshot)
		want []string
	}{
		{"all seen", func(*network.Snapshot) {}, []string{"vpc-0a1 (not found)", "No gateway is attached, and no route leads to one.", "The VPC has no subnet."}},
		{"no gateways seen", func(s *network.Snapshot) { nt.Deny(&s.InternetGateways, "ec2:DescribeInternetGateways") }, []string{"Not seen: internet gateways.", "No route leads to a gateway; which are attached was not seen."}},
		{"no tables seen", func(s *network.Snapshot) { nt.Deny(&s.RouteTables, "ec2:DescribeRouteTables") }, []string{"Not seen: route tables.", "No internet gateway is attached; where routes lead was not seen."}},
		{"some seen", func(s *network.Snapshot) { s.Subnets.Partial, s.VPCs.Partial = true, true }, []string{"vpc-0a1 (not seen)", "Seen in part: the VPC, subnets.", "Its subnets were not seen."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := nt.Empty()
			test.edit(&s)
			all := strings.Join(wellFormed(t, draw.SVG(s, o, nil)), " ")
			for _, want := range test.want {
				assert.Contains(t, all, want)
			}
		})
	}
}

// A table of which a finding speaks stands there without its subnets, too.
func TestTableWithoutSubnets(t *testing.T) {
	s, o := nt.Public()
	nt.Deny(&s.Subnets, "ec2:DescribeSubnets")
	texts := wellFormed(t, draw.SVG(s, o, []groundway.Finding{{
		Code: "network/x", Outcome: groundway.Failed, Severity: groundway.Error, Subject: groundway.Subject{Kind: "route-table", ID: "rtb-01"},
	}}))
	assert.Contains(t, texts, "rtb-01")
	assert.Contains(t, texts, "serves 0 subnets of those seen")
	assert.Contains(t, texts, "Its subnets were not seen.")
}

// zones returns a good network with so many zones.
func zones(n int) (network.Snapshot, network.Options) {
	s, o := nt.Public()
	for i := 2; i < n; i++ {
		for _, id := range []string{"subnet-0c1", "subnet-0w1"} {
			subnet := *nt.Subnet(&s, id)
			subnet.ID, subnet.Zone = fmt.Sprint(id[:len(id)-1], i+1), "us-east-1"+string(rune('a'+i))
			s.Subnets.Items = append(s.Subnets.Items, subnet)
		}
		nat := *nt.NATGateway(&s, "nat-01")
		nat.ID, nat.SubnetID = fmt.Sprint("nat-0", i+1), fmt.Sprint("subnet-0c", i+1)
		s.NATGateways.Items = append(s.NATGateways.Items, nat)
		table := *nt.RouteTable(&s, "rtb-01")
		table.ID, table.Associations, table.Routes = fmt.Sprint("rtb-0", i+1), nil, slices.Clone(table.Routes)
		s.RouteTables.Items = append(s.RouteTables.Items, table)
		nt.SetRoute(&s, table.ID, "0.0.0.0/0", nat.ID)
		nt.Associate(&s, fmt.Sprint("subnet-0w", i+1), table.ID)
		nt.Associate(&s, fmt.Sprint("subnet-0c", i+1), "rtb-0c")
	}
	if n == 1 {
		s.Subnets.Items = slices.DeleteFunc(s.Subnets.Items, func(n network.Subnet) bool { return n.Zone != "us-east-1a" })
	}
	return s, o
}

// However many zones there are, the picture is as wide as a page, or as a phone,
// and every way has its own end.
func TestZones(t *testing.T) {
	for _, test := range []struct{ zones, wide, narrow int }{{1, 442, 442}, {2, 832, 442}, {3, 1222, 442}, {4, 832, 442}, {6, 1222, 442}} {
		t.Run(fmt.Sprint(test.zones), func(t *testing.T) {
			s, o := zones(test.zones)
			for name, width := range map[string]int{"wide": test.wide, "narrow": test.narrow} {
				svg := drawings[name](s, o, network.Check(s, o))
				texts := wellFormed(t, svg)
				assert.Contains(t, svg, fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="gw" viewBox="0 0 %d `, width), name)
				assert.Equal(t, test.zones+1, strings.Count(svg, `<path class="gw-tip-`), name)
				for _, n := range s.Subnets.Items {
					assert.Contains(t, texts, n.ID)
				}
			}
		})
	}
}

// An error frames what it is about: a NAT gateway, and not the subnet around it.
func TestFrames(t *testing.T) {
	s, o := nt.Public()
	nt.NATGateway(&s, "nat-01").State = "deleted"
	svg := draw.SVG(s, o, network.Check(s, o))
	assert.Equal(t, 1, strings.Count(svg, `<rect class="gw-nat gw-bad"`))
	assert.Equal(t, 2, strings.Count(svg, ` gw-bad"`), "and once in the legend")
	assert.Contains(t, wellFormed(t, svg), "an error is about it")
}

// Names that begin alike stay different, and so do the ends of routes.
func TestLongNames(t *testing.T) {
	s, o := nt.Public()
	for i := range s.Subnets.Items {
		n := &s.Subnets.Items[i]
		n.Tags = map[string]string{"Name": "team-platform-production-cluster-subnet-private-" + n.Zone}
	}
	nt.RouteTable(&s, "rtb-01").ID = "rtb-07c38ad95be14f260"
	nt.SetRoute(&s, "rtb-07c38ad95be14f260", "0.0.0.0/0", "nat-07c38ad95be14f260")
	nt.Blackhole(&s, "rtb-07c38ad95be14f260", "0.0.0.0/0")
	svg := draw.SVG(s, o, network.Check(s, o))
	texts := wellFormed(t, svg)
	assert.Contains(t, texts, "team-platform-produc…t-private-us-east-1a")
	assert.Contains(t, texts, "team-platform-produc…t-private-us-east-1b")
	assert.Equal(t, 2, strings.Count(svg, `<text class="gw-t gw-t-dead" `), "in the card of the subnet and in that of its table")
	assert.Equal(t, 2, strings.Count(svg, `>0.0.0.0/0 → nat-07c38ad95be14f260, dead<`), "a whole ID fits")
}

// Names are text of others.
func TestHostileNames(t *testing.T) {
	const name = "$(rm -rf ~)</text></svg><script>alert(1)</script>\x1b[31m\u202e\"'&\xff]]>"
	s, o := nt.Public()
	nt.TheVPC(&s).Tags = map[string]string{"Name": name}
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].Tags = map[string]string{"Name": strings.Repeat(name, 20)}
		s.Subnets.Items[i].Zone = name
	}
	nt.RouteTable(&s, "rtb-0c").Tags = map[string]string{"Name": name}
	s.NATGateways.Items[0].State = name
	for _, draw := range drawings {
		svg := draw(s, o, network.Check(s, o))
		wellFormed(t, svg)
		for _, bad := range []string{"<script", "\x1b", "\u202e", "\xff"} {
			assert.NotContains(t, svg, bad)
		}
		assert.Contains(t, svg, "$(rm -rf ~)&lt;/text&gt;")
		// As an ID, too.
		o := o
		o.VPC = name
		wellFormed(t, draw(s, o, nil))
	}
}

func TestLargeVPC(t *testing.T) {
	s, o := nt.Internal()
	for i := range 1000 {
		n := *nt.Subnet(&s, "subnet-0w1")
		n.ID, n.CIDRs = fmt.Sprintf("subnet-1%04d", i), []network.CIDR{{Prefix: netip.MustParsePrefix("10.0.64.0/20")}}
		s.Subnets.Items = append(s.Subnets.Items, n)
	}
	texts := wellFormed(t, draw.SVG(s, o, []groundway.Finding{{
		Code: "network/subnet-not-found", Outcome: groundway.Failed, Severity: groundway.Error, Subject: groundway.Subject{Kind: "subnet", ID: "subnet-10007"},
	}}))
	assert.Contains(t, texts, "999 more subnets of the VPC are not drawn.")
	assert.Contains(t, texts, "subnet-10007")
	assert.Contains(t, texts, "subnet-0p1")
}

func ExampleSVG() {
	s, o := nt.Public()
	svg := draw.SVG(s, o, network.Check(s, o))
	fmt.Println(strings.HasPrefix(svg, "<svg "), strings.Count(svg, "subnet-0"))
	// Output: true 4
}

// Every way ends where it leads: in an arrowhead, or in a cross where it is dead.
func TestArrows(t *testing.T) {
	for _, test := range []struct {
		name          string
		edit          func(*network.Snapshot)
		tips, crosses int
		texted        string
	}{
		{name: "one to the internet gateway, one to each NAT gateway", edit: func(*network.Snapshot) {}, tips: 3},
		{name: "a gateway that is detached", edit: func(s *network.Snapshot) { nt.DetachGateway(s) }, crosses: 3, texted: "internet gateway, not attached"},
		{
			name: "a NAT gateway that is gone", edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "nat-09") },
			tips: 2, crosses: 1, texted: "NAT gateway, not found",
		},
		{
			name: "a regional NAT gateway for both zones",
			edit: func(s *network.Snapshot) {
				n := nt.NATGateway(s, "nat-01")
				n.SubnetID, n.AvailabilityMode, n.RouteTableID = "", "regional", "rtb-0c"
				nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-01")
			},
			tips: 2, texted: "NAT gateway, regional available",
		},
		{
			name: "halves of the internet two ways",
			edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "tgw-0a") },
			tips: 4, texted: "128.0.0.0/1 → tgw-0a",
		},
		{name: "no way out", edit: func(s *network.Snapshot) { nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0") }, tips: 2, texted: "no default route"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, o := nt.Public()
			test.edit(&s)
			svg := draw.SVG(s, o, network.Check(s, o))
			texts := wellFormed(t, svg)
			assert.Equal(t, test.tips, strings.Count(svg, `<path class="gw-tip-`), "arrowheads")
			assert.Equal(t, test.crosses, strings.Count(svg, `<path class="gw-cross"`), "crosses")
			if test.texted != "" {
				assert.Contains(t, texts, test.texted)
			}
			slices.Reverse(s.Subnets.Items)
			slices.Reverse(s.RouteTables.Items)
			assert.Equal(t, svg, draw.SVG(s, o, network.Check(s, o)), "whatever the order")
		})
	}
}
