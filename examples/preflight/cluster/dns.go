package cluster

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/miekg/dns"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
	"github.com/groundway-sdk/groundway/route53/resolver"
)

// DNS is where the names of the cluster are to stand.
type DNS struct {
	Zone       string // the ID of the hosted zone, without "/hostedzone/"
	BaseDomain string // lower case, without a final dot
}

// dnsOptions are those of a spec without dns where the base domain is empty: no
// rule of package route53 has a subject then. The attributes of the VPC are left
// out, for package network checks them.
func (s Spec) dnsOptions() route53.Options {
	if s.DNS == (DNS{}) {
		return route53.Options{}
	}
	return route53.Options{
		BaseDomain: s.DNS.domain(), Cluster: s.Cluster, ZoneID: s.DNS.Zone,
		Internal: s.Topology == network.TopologyInternal,
		VPC:      route53.VPC{ID: s.Network.VPC, Region: s.Region},
	}
}

// domain returns the base domain as a name, or the zero value for a text that no
// spec holds.
func (d DNS) domain() route53.Name {
	n, err := route53.ParseName(d.BaseDomain)
	if err != nil {
		return ""
	}
	return n
}

func (s Snapshot) dns() route53.Snapshot {
	return route53.Snapshot{Observation: s.Observation, Parts: s.DNS}
}

// keptNames are those that the spec says, which redaction leaves readable.
func (s Spec) keptNames() []string {
	kept := []string{s.DNS.BaseDomain}
	if names, err := route53.TectonicNames(s.Cluster, s.DNS.domain()); err == nil {
		for _, n := range names {
			kept = append(kept, string(n))
		}
	}
	return kept
}

// loadDNS reads the hosted zones where the spec names one, and asks the DNS about
// them.
func loadDNS(ctx context.Context, cfg aws.Config, spec Spec, o LiveOptions) (route53.Parts, error) {
	if spec.DNS == (DNS{}) {
		return route53.Parts{}, nil
	}
	s, err := awsroute53.Load(ctx, route53sdk.NewFromConfig(cfg), spec.DNS.domain(), awsroute53.LoadOptions{
		Region: spec.Region, Time: o.Time, ZoneID: spec.DNS.Zone,
		VPC: route53.ZoneVPC{ID: spec.Network.VPC, Region: spec.Region},
	})
	if err != nil || o.DNS == nil && o.Endpoint != "" {
		return s.Parts, err
	}
	ask := resolver.Options{Recursive: systemResolver()}
	if o.DNS != nil {
		ask = *o.DNS
	}
	s.Delegations, err = resolver.Load(ctx, resolver.Questions(s, spec.DNS.domain()), ask)
	return s.Parts, err
}

// systemResolver returns the first resolver of this machine, or "".
func systemResolver() string {
	c, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(c.Servers, func(s string) bool { _, err := netip.ParseAddr(s); return err == nil })
	if i < 0 {
		return ""
	}
	return c.Servers[i]
}
