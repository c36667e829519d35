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
	svg := draw.SVG(network.Snapshot{}, o, nil)
	assert.Contains(t, wellFormed(t, svg), "vpc-0a1 (not seen)")
	assert.Contains(t, wellFormed(t, draw.SVG(network.Snapshot{}, network.Options{}, nil)), "no VPC (not seen)")
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
	svg := draw.SVG(s, o, network.Check(s, o))
	wellFormed(t, svg)
	for _, bad := range []string{"<script", "\x1b", "\u202e", "\xff"} {
		assert.NotContains(t, svg, bad)
	}
	assert.Contains(t, svg, "$(rm -rf ~)&lt;/text&gt;")
	// As an ID, too.
	o.VPC = name
	wellFormed(t, draw.SVG(s, o, nil))
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
			tips: 2, crosses: 1, texted: "NAT gateway, not seen",
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
