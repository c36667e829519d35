package resolver

import (
	"github.com/miekg/dns"

	"github.com/groundway-sdk/groundway/route53"
)

// NameOf is nameOf.
var NameOf = nameOf

// Read reads an answer as one of a server of the zone.
func Read(m *dns.Msg, zone, name route53.Name, kind uint16) route53.ReferralStatus {
	return read(m, zone, name, kind).kind
}
