package route53

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/internal/standin"
)

// Redact returns a copy of the snapshot without the names of people and
// companies in it, to hand to somebody else. Each value that is mapped gets a
// stand-in, the same wherever it stands, so that what belonged together still
// does and [Check] comes to the same verdicts. Stand-ins are numbered in the
// canonical order of the snapshot. To redact twice is to redact once.
//
// Mapped are the labels of names, to label-1 and so on, but for those of the
// names in keep and of the names that enclose them, for public suffixes such as
// co.uk, for the names of AWS's own servers, for wildcards and for labels that begin with an
// underscore; the addresses of records and servers, to addresses of
// 240.0.0.0/4 and 2001:db8::/32, but for private ones; the texts of other
// records, comments, caller references, and the messages of gaps. Of a label
// that external-dns puts a record type in front of, as in cname-shop, the type
// stays; of its ownership records the form does. Account IDs become
// 000000000001 and so on.
//
// IDs of zones and VPCs, types, TTLs, states and limits stay.
func (s Snapshot) Redact(keep ...string) Snapshot {
	r := &redactor{Book: standin.New([]string{"label", "text", "owner", "message"})}
	for _, text := range keep {
		if n, err := ParseName(text); err == nil {
			r.keep = append(r.keep, n)
		}
	}
	s.Parts = s.canonical()
	var to Snapshot
	r.Walk(func() { to = r.snapshot(s) })
	return to
}

type redactor struct {
	*standin.Book
	keep []Name
}

var typePrefix = regexp.MustCompile(`^(a|aaaa|cname|ns|mx|srv|ptr|txt|naptr)-`)

// name maps the labels that say something of whose name it is.
func (r *redactor) name(n Name) Name {
	if n == "" || n == Root || awsServer(n) {
		return n
	}
	labels := n.texts()
	for i, label := range labels {
		rest := Name(strings.Join(n.texts()[i:], "."))
		if i > 0 && n.In("amazonaws.com") || r.readable(rest) {
			break // and so is what follows
		}
		if label == "*" || strings.HasPrefix(label, "_") {
			continue
		}
		prefix := typePrefix.FindString(label)
		if prefix != "" && r.readable(rest[len(prefix):]) {
			break // an ownership record of a name that is kept
		}
		labels[i] = prefix + r.Word("label", label[len(prefix):])
	}
	return Name(strings.Join(labels, "."))
}

// readable reports whether a name says nothing that is not known: it encloses
// one that is kept, or is a public suffix.
func (r *redactor) readable(n Name) bool {
	if slices.ContainsFunc(r.keep, func(k Name) bool { return k.In(n) }) {
		return true
	}
	return n == suffixOf(n)
}

// accountURI is the account that a CAA record lets an issuer issue for, RFC 8657.
var accountURI = regexp.MustCompile(`https?://[^;"\s]+`)

func (r *redactor) names(list []Name) []Name {
	list = slices.Clone(list)
	for i, n := range list {
		list[i] = r.name(n)
	}
	return list
}

func (r *redactor) address(a netip.Addr) netip.Addr {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.String() == placeholder {
		return a
	}
	return r.Address(a)
}

func (r *redactor) addressText(text string) string {
	if a, err := netip.ParseAddr(text); err == nil {
		return r.address(a).String()
	}
	return text
}

// value maps the value of a record by its type.
func (r *redactor) value(kind, text string) string {
	switch kind {
	case "A", "AAAA":
		return r.addressText(text)
	case "DS":
		return text
	case "NS", "CNAME", "PTR":
		if n, err := ParseName(text); err == nil {
			return r.name(n).Absolute()
		}
	case "SOA":
		if f := strings.Fields(text); len(f) == 7 {
			for i := range 2 {
				if n, err := ParseName(f[i]); err == nil && !n.In("amazon.com") {
					f[i] = r.name(n).Absolute()
				}
			}
			return strings.Join(f, " ")
		}
	case "CAA":
		if !strings.Contains(text, "iodef") {
			return accountURI.ReplaceAllStringFunc(text, func(account string) string { return r.Word("text", account) })
		}
	case "TXT":
		if owner, ok := ownership(RecordSet{Type: kind, Values: []string{text}}); ok {
			return fmt.Sprintf(`"heritage=external-dns,external-dns/owner=%s"`, r.Word("owner", owner))
		}
		return `"` + r.Word("text", strings.Trim(text, `"`)) + `"`
	}
	return r.Word("text", text)
}

func (r *redactor) snapshot(s Snapshot) Snapshot {
	s.Account = r.Account(s.Account)
	s.Zones = standin.Part(r.Book, s.Zones, func(z *HostedZone) {
		z.Name = r.name(z.Name)
		z.CallerReference, z.Comment = r.Word("text", z.CallerReference), r.Word("text", z.Comment)
	})
	s.Details = standin.Part(r.Book, s.Details, func(d *ZoneDetail) { d.NameServers = r.names(d.NameServers) })
	s.Records = standin.Part(r.Book, s.Records, func(z *ZoneRecords) {
		z.Sets = standin.Part(r.Book, z.Sets, func(set *RecordSet) {
			set.Name = r.name(set.Name)
			set.Values = slices.Clone(set.Values)
			for i, v := range set.Values {
				set.Values[i] = r.value(set.Type, v)
			}
			if set.Alias != nil {
				alias := *set.Alias
				alias.Target = r.name(alias.Target)
				set.Alias = &alias
			}
			set.SetID = r.Word("text", set.SetID)
			if location, ok := set.Routing["CidrRoutingConfig"]; ok {
				set.Routing = maps.Clone(set.Routing)
				set.Routing["CidrRoutingConfig"] = r.Word("text", location)
			}
		})
	})
	s.VPCZones = standin.Part(r.Book, s.VPCZones, func(v *VPCZones) {
		v.Zones = standin.Part(r.Book, v.Zones, func(z *VPCZone) { z.Name, z.Account = r.name(z.Name), r.Account(z.Account) })
	})
	s.DNSSEC = standin.Part(r.Book, s.DNSSEC, func(d *ZoneDNSSEC) { d.Message = r.Word("message", d.Message) })
	s.Limits = standin.Part(r.Book, s.Limits, func(*Limit) {})
	s.Delegations = standin.Part(r.Book, s.Delegations, func(d *Delegation) {
		d.Name = r.name(d.Name)
		d.Parent.Zone, d.Parent.NameServers = r.name(d.Parent.Zone), r.names(d.Parent.NameServers)
		d.Parent.Server = r.addressText(d.Parent.Server)
		d.Servers = slices.Clone(d.Servers)
		for i := range d.Servers {
			a := &d.Servers[i]
			a.Server, a.NameServers, a.Addresses = r.name(a.Server), r.names(a.NameServers), slices.Clone(a.Addresses)
			for j, addr := range a.Addresses {
				a.Addresses[j] = r.address(addr)
			}
			if a.SOA != nil {
				soa := *a.SOA
				soa.MName = r.name(soa.MName)
				a.SOA = &soa
			}
		}
		if d.Recursive != nil {
			answer := *d.Recursive
			answer.Resolver, answer.NameServers = r.addressText(answer.Resolver), r.names(answer.NameServers)
			d.Recursive = &answer
		}
	})
	return s
}
