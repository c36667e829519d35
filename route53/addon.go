package route53

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// ExternalDNS is how the add-on external-dns is going to work on the zone.
type ExternalDNS struct {
	OwnerID string // of --txt-owner-id; empty: "default", as external-dns has it
}

func (e *ExternalDNS) owner() string {
	if e.OwnerID == "" {
		return "default"
	}
	return e.OwnerID
}

// CertManager is how the add-on cert-manager is going to get certificates by
// ACME's DNS challenge.
type CertManager struct {
	// Names are those to certify, wildcards as "*.example.com"; nil: the base
	// domain and the wildcard below it.
	Names  []Name
	Issuer string // as CAA records name it; empty: letsencrypt.org
}

func (m *CertManager) names(base Name) []Name {
	if m.Names != nil {
		return sortedNames(m.Names)
	}
	return []Name{base, "*." + base}
}

func (m *CertManager) issuer() string {
	if m.Issuer == "" {
		return "letsencrypt.org"
	}
	return m.Issuer
}

// A Permission is an IAM action with the ARNs of the resources that it is needed
// on.
type Permission struct {
	Action    string
	Resources []string
}

// Permissions returns the least that external-dns needs to manage records of
// these zones, as its tutorial for AWS has it, see
// https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/.
// Without zones the grant is for all zones of the account; partition is "aws"
// where it is empty.
func (e ExternalDNS) Permissions(partition string, zoneIDs ...string) []Permission {
	zones := zoneARNs(partition, zoneIDs)
	return []Permission{
		{"route53:ChangeResourceRecordSets", zones},
		{"route53:ListHostedZones", []string{"*"}},
		{"route53:ListResourceRecordSets", zones},
		{"route53:ListTagsForResources", zones},
	}
}

// Permissions returns the least that cert-manager needs to answer ACME's DNS
// challenge in these zones, see
// https://cert-manager.io/docs/configuration/acme/dns01/route53/. With exactly
// the zones that its issuers pin by hostedZoneID it looks none up by name, and
// needs no grant for that.
func (m CertManager) Permissions(partition string, zoneIDs ...string) []Permission {
	zones := zoneARNs(partition, zoneIDs)
	list := []Permission{
		{"route53:ChangeResourceRecordSets", zones},
		{"route53:GetChange", []string{"arn:" + orAWS(partition) + ":route53:::change/*"}},
		{"route53:ListResourceRecordSets", zones},
	}
	if len(zoneIDs) == 0 {
		list = append(list, Permission{"route53:ListHostedZonesByName", []string{"*"}})
	}
	return list
}

func orAWS(partition string) string {
	if partition == "" {
		return "aws"
	}
	return partition
}

func zoneARNs(partition string, zoneIDs []string) []string {
	prefix := "arn:" + orAWS(partition) + ":route53:::hostedzone/"
	if len(zoneIDs) == 0 {
		return []string{prefix + "*"}
	}
	var arns []string
	for _, id := range zoneIDs {
		arns = append(arns, prefix+ZoneID(id))
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// Ingress are the values of the section ingress of a jx-requirements.yml, by
// which Jenkins X has external-dns and cert-manager work on a domain.
type Ingress struct {
	Domain             string
	IgnoreLoadBalancer bool
	ExternalDNS        bool
	NamespaceSubDomain string // between the name of a service and the domain: "-jx."
	TLS                IngressTLS
}

// IngressTLS is how the domain gets its certificates.
type IngressTLS struct {
	Enabled    bool
	Email      string // of the ACME account
	Production bool   // false: the issuer's staging environment, which no browser trusts
}

// Options returns the options by which [Check] asks what the ingress needs:
// a zone that is reached, and room for the records and the challenges of the
// add-ons. An error names the field that cannot be right.
func (i Ingress) Options() (Options, error) {
	o, err := i.options()
	if err != nil {
		return Options{}, fmt.Errorf("read ingress: %w", err)
	}
	return o, nil
}

func (i Ingress) options() (Options, error) {
	domain, err := ParseName(i.Domain)
	switch {
	case err != nil:
		return Options{}, fmt.Errorf("domain: %w", err)
	case domain.depth() < 2:
		return Options{}, fmt.Errorf("domain: %q is a top-level domain", string(domain))
	case domain.Wildcard():
		return Options{}, fmt.Errorf("domain: %q is a wildcard; want the domain below which the services stand", string(domain))
	}
	o := Options{BaseDomain: domain}
	if i.ExternalDNS {
		o.ExternalDNS = &ExternalDNS{}
	}
	service, err := ParseName("service" + i.namespaceSubDomain() + string(domain))
	if err != nil || !service.Below(domain) {
		return Options{}, fmt.Errorf("namespaceSubDomain: %s does not lead from a service to the domain; want a text such as \"-jx.\"", quote(i.NamespaceSubDomain))
	}
	if i.TLS.Enabled {
		if err := checkEmail(i.TLS.Email); err != nil {
			return Options{}, fmt.Errorf("tls.email: %w", err)
		}
		// The certificate is for what the services share: one label below the
		// domain, or below the namespace's part of it.
		o.CertManager = &CertManager{Names: []Name{"*." + service.Parent()}}
	}
	return o, nil
}

func (i Ingress) namespaceSubDomain() string {
	if i.NamespaceSubDomain == "" {
		return "."
	}
	return i.NamespaceSubDomain
}

func checkEmail(text string) error {
	a, err := mail.ParseAddress(text)
	if text == "" || err != nil || a.Address != text {
		return fmt.Errorf("%s is no e-mail address; want one such as ops@acme.test", quote(text))
	}
	_, host, _ := strings.Cut(text, "@")
	for _, reserved := range []string{"example.com", "example.net", "example.org"} {
		if strings.EqualFold(host, reserved) {
			return fmt.Errorf("the ACME servers of Let's Encrypt refuse addresses at %s", reserved)
		}
	}
	return nil
}

// certified returns the record sets of the zone for the rules of certificates, or
// false after it recorded why the rule says nothing.
func (c *checker) certified(code groundway.Code) ([]RecordSet, bool) {
	switch {
	case c.o.CertManager == nil:
		c.Inapplicable(code, "cert-manager is not among the add-ons")
	case c.zone != nil && c.zone.Visibility == Private:
		c.Inapplicable(code, "the zone is private, and the issuer asks the public DNS")
	default:
		return c.seenSets(code)
	}
	return nil, false
}

func checkACMEOccupied(c *checker, code groundway.Code) {
	sets, ok := c.certified(code)
	if !ok {
		return
	}
	var challenges []Name
	for _, name := range c.o.CertManager.names(c.o.BaseDomain) {
		if name.Wildcard() {
			name = name.Parent()
		}
		if challenge, err := name.Child("_acme-challenge"); err == nil {
			challenges = append(challenges, challenge)
		}
	}
	challenges = sortedNames(challenges)
	failed := false
	for _, set := range sets {
		if !slices.Contains(challenges, set.Name) || set.Type != "CNAME" && set.Type != "NS" {
			continue
		}
		failed = true
		c.Fail(groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, set),
			Summary:  fmt.Sprintf("%s has %s, so that the challenge cannot stand there.", set.Name, set.inWords()),
			Evidence: c.factsOfSet(set),
			Remedies: []groundway.Remedy{
				{Action: "Delete the record.", Commands: [][]string{deleteCommand(c.zone.ID, set)}},
				{Action: "Have cert-manager follow a CNAME, with cnameStrategy: Follow in the solver."},
			},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		})
	}
	if !failed && c.setsOf(c.zone.ID).Complete() {
		c.Pass(code, len(challenges))
	}
}

func checkACMEAllowed(c *checker, code groundway.Code) {
	if _, ok := c.certified(code); !ok {
		return
	}
	for _, name := range c.o.CertManager.names(c.o.BaseDomain) {
		zone, set, found, gaps := c.closestCAA(name)
		switch {
		case found && !allows(set, c.o.CertManager.issuer(), name.Wildcard()):
			f := groundway.Finding{
				Code: code, Subject: setSubject(zone.ID, set),
				Summary: fmt.Sprintf("The CAA records at %s do not let %s issue for %s.", set.Name, c.o.CertManager.issuer(), name),
				Related: []groundway.Subject{c.zoneSubject(zone.ID)},
			}
			for i, v := range set.Values {
				f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(zone.ID, set.Key(), "values", strconv.Itoa(i)), Got: v, Want: "one that names " + c.o.CertManager.issuer(), Source: actionRecords})
			}
			// An issuewild property of its own would shut out those that may issue for
			// wildcards by issue.
			property := "issue"
			if name.Wildcard() && len(caa(set)["issuewild"]) > 0 {
				property = "issuewild"
			}
			fixed := set
			fixed.Values = append(slices.Clone(set.Values), fmt.Sprintf("0 %s %q", property, c.o.CertManager.issuer()))
			f.Remedies = []groundway.Remedy{{Action: "Add the issuer to the CAA records.", Commands: [][]string{changeCommand(zone.ID, Change{Action: Upsert, Set: fixed})}}}
			c.Fail(f)
		case len(gaps) > 0:
			c.unknown(code, c.zoneSubject(c.zone.ID), gaps...)
		default:
			c.Pass(code, 1)
		}
	}
}

// closestCAA climbs from the name to the first CAA record set, through the zones
// of this account, up to the domain that a registrar gave out.
func (c *checker) closestCAA(name Name) (z HostedZone, set RecordSet, found bool, gaps []groundway.Gap) {
	if name.Wildcard() {
		name = name.Parent()
	}
	z = *c.zone
	for n := name; ; n = n.Parent() {
		if !n.In(z.Name) {
			parent, ok := c.parentOf(z)
			if !ok || !n.In(parent.Name) {
				return z, set, false, []groundway.Gap{notShown(actionRecords, "the CAA records at "+string(n)+" and above, which are not in this account")}
			}
			z = parent
		}
		if set, ok := c.set(z.ID, n, "CAA"); ok {
			return z, set, true, nil
		}
		if part := c.setsOf(z.ID); !part.Complete() {
			return z, set, false, gapsOf(part, actionRecords)
		}
		if registered(n) || n.depth() <= 1 {
			return z, set, false, nil
		}
	}
}

// caa returns the values of CAA records by their property, RFC 8659 section 4.1.
func caa(set RecordSet) map[string][]string {
	properties := map[string][]string{}
	for _, v := range set.Values {
		f := strings.Fields(v)
		if len(f) < 3 {
			continue
		}
		tag := strings.ToLower(f[1])
		properties[tag] = append(properties[tag], strings.Trim(strings.Join(f[2:], " "), `"`))
	}
	return properties
}

// allows reports whether CAA records let the issuer issue by a DNS challenge,
// RFC 8659 and RFC 8657.
func allows(set RecordSet, issuer string, wildcard bool) bool {
	properties := caa(set)
	values, restricted := properties["issue"]
	if wild, ok := properties["issuewild"]; ok && wildcard {
		values, restricted = wild, true
	}
	if !restricted {
		return true
	}
	return slices.ContainsFunc(values, func(v string) bool {
		parts := strings.Split(v, ";")
		if !strings.EqualFold(strings.TrimSpace(parts[0]), issuer) {
			return false
		}
		for _, p := range parts[1:] {
			key, methods, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.TrimSpace(key) == "validationmethods" && !slices.Contains(strings.Split(methods, ","), "dns-01") {
				return false
			}
		}
		return true
	})
}
