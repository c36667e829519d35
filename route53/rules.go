package route53

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// The IAM actions that answer the rules, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html.
const (
	actionZones        = "route53:ListHostedZones"
	actionZone         = "route53:GetHostedZone"
	actionRecords      = "route53:ListResourceRecordSets"
	actionDNSSEC       = "route53:GetDNSSEC"
	actionZoneLimit    = "route53:GetHostedZoneLimit"
	actionAccountLimit = "route53:GetAccountLimit"
	actionVPCZones     = "route53:ListHostedZonesByVPC"
)

// commandOf returns the AWS CLI command that shows what an action shows, or nil.
func commandOf(action, zoneID string) []string {
	if zoneID == "" {
		zoneID = "<ZONE>"
	}
	switch action {
	case actionZones:
		return []string{"aws", "route53", "list-hosted-zones"}
	case actionZone:
		return []string{"aws", "route53", "get-hosted-zone", "--id", zoneID}
	case actionRecords:
		return []string{"aws", "route53", "list-resource-record-sets", "--hosted-zone-id", zoneID}
	case actionDNSSEC:
		return []string{"aws", "route53", "get-dnssec", "--hosted-zone-id", zoneID}
	case actionZoneLimit:
		return []string{"aws", "route53", "get-hosted-zone-limit", "--type", LimitRecords, "--hosted-zone-id", zoneID}
	case actionAccountLimit:
		return []string{"aws", "route53", "get-account-limit", "--type", LimitZones}
	}
	return nil
}

const (
	codeZoneNotFound    groundway.Code = "route53/zone-not-found"
	codeZoneAmbiguous   groundway.Code = "route53/zone-ambiguous"
	codeZoneNotPublic   groundway.Code = "route53/zone-not-public"
	codeZoneNotParent   groundway.Code = "route53/zone-not-parent"
	codeZoneSameName    groundway.Code = "route53/zone-same-name"
	codeZoneEclipsed    groundway.Code = "route53/zone-eclipsed"
	codeZoneUndelegated groundway.Code = "route53/zone-child-undelegated"
	codeZoneNameServers groundway.Code = "route53/zone-name-servers"
	codeZoneNegativeTTL groundway.Code = "route53/zone-negative-ttl"
	codePrivateAssoc    groundway.Code = "route53/private-zone-not-associated"
	codePrivateDNS      groundway.Code = "route53/private-zone-dns-off"
	codePrivateShadows  groundway.Code = "route53/private-zone-shadows"
	codeNotDelegated    groundway.Code = "route53/delegation-missing"
	codeOtherZone       groundway.Code = "route53/delegation-other-zone"
	codeElsewhere       groundway.Code = "route53/delegation-elsewhere"
	codeStale           groundway.Code = "route53/delegation-stale"
	codePartial         groundway.Code = "route53/delegation-partial"
	codeLame            groundway.Code = "route53/delegation-lame"
	codeCached          groundway.Code = "route53/delegation-cached"
	codeDSMismatch      groundway.Code = "route53/dnssec-ds-mismatch"
	codeDNSSECUnhealthy groundway.Code = "route53/dnssec-unhealthy"
	codeDNSSECNoDS      groundway.Code = "route53/dnssec-no-ds"
	codeRecordConflict  groundway.Code = "route53/record-conflict"
	codeRecordLeftover  groundway.Code = "route53/record-leftover"
	codeRecordOrphan    groundway.Code = "route53/record-owner-orphan"
	codeRecordOwner     groundway.Code = "route53/record-owner-other"
	codeRecordWildcard  groundway.Code = "route53/record-wildcard"
	codeRecordCycle     groundway.Code = "route53/record-cname-cycle"
	codeACMEOccupied    groundway.Code = "route53/acme-challenge-occupied"
	codeACMEForbidden   groundway.Code = "route53/acme-caa-forbids"
	codeLimitRecords    groundway.Code = "route53/limit-records"
	codeLimitZones      groundway.Code = "route53/limit-zones"
)

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule { return groundway.CloneRules(rules) }

const since = "0.1.0"

// The rules on which others rest.
var (
	afterFound     = []groundway.Code{codeZoneNotFound, codeZoneAmbiguous}
	afterZone      = append(slices.Clone(afterFound), codeZoneNotPublic, codeZoneNotParent)
	afterEclipse   = append(slices.Clone(afterZone), codeZoneEclipsed)
	afterDelegated = append(slices.Clone(afterZone), codeNotDelegated)
	// What says that nobody's queries come to the zone.
	afterReach = append(slices.Clone(afterDelegated), codeOtherZone, codeElsewhere, codeStale)
)

var (
	seeZones      = []string{actionZones}
	seeDelegation = []string{actionZones, actionZone, actionRecords}
	seeRecords    = []string{actionZones, actionRecords}
)

// rules are in the order in which a reader would look: what is found first
// explains what comes later.
var rules = []groundway.Rule{
	// The zone
	{
		Since: since, Code: codeZoneNotFound, Severity: groundway.Error, Title: "The hosted zone exists",
		Doc:         "The installer writes the names of the cluster into a hosted zone of this account: the one it is told, or else one that encloses the base domain. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/CreatingHostedZone.html",
		Permissions: seeZones,
	},
	{
		Since: since, Code: codeZoneAmbiguous, Severity: groundway.Error, Title: "One hosted zone is meant",
		Doc:       "Route 53 allows any number of zones of one name. Which of them answers is decided by whom the parent delegates to, and a tool that takes the first, the last or a random one writes where nobody looks. https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html",
		DependsOn: []groundway.Code{codeZoneNotFound}, Permissions: []string{actionZones, actionZone},
	},
	{
		Since: since, Code: codeZoneNotPublic, Severity: groundway.Error, Title: "The hosted zone answers those who will ask",
		Doc:       "A private zone answers only the VPCs that it is associated with: clients on the internet find no name of a public cluster there. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html",
		DependsOn: afterFound, Permissions: seeZones,
	},
	{
		Since: since, Code: codeZoneNotParent, Severity: groundway.Error, Title: "The base domain lies within the hosted zone",
		Doc:       "Route 53 refuses a record whose name is not in the zone. A name is in a zone on the boundary of a label: bad-example.com is not in example.com. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html",
		DependsOn: afterFound, Permissions: seeZones,
	},
	{
		Since: since, Code: codeZoneSameName, Severity: groundway.Warning, Title: "No other zone of the account has the same name",
		Doc:       "Tools that look a zone up by name take any of them, or all: external-dns writes into each private one and, of public ones, into a random one, and cert-manager into the last it was told of. https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html",
		DependsOn: afterFound, Permissions: seeZones,
	},
	{
		Since: since, Code: codeZoneEclipsed, Severity: groundway.Error, Title: "No child zone takes the cluster's names away",
		Doc:       "Once a name has NS records, all at and below it is answered by the child zone. What is written into the parent there is never seen. In a private zone that is so where a delegation rule of Route 53 Resolver leads there, which is a warning. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/CreatingNewSubdomain.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionZone, actionRecords},
	},
	{
		Since: since, Code: codeZoneUndelegated, Severity: groundway.Warning, Title: "No closer zone stands there without a delegation",
		Doc:       "Tools that choose the zone with the longest name write into a zone that nobody asks. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/CreatingNewSubdomain.html",
		DependsOn: afterEclipse, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeZoneNameServers, Severity: groundway.Warning, Title: "The zone's own NS record set names its delegation set",
		Doc:       "Resolvers prefer what a zone says of itself to what its parent says (RFC 2181 section 5.4.1), so that an edited NS record set leads them away after a correct delegation led them in. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionZone, actionRecords},
	},
	{
		Since: since, Code: codeZoneNegativeTTL, Severity: groundway.Warning, Title: "Resolvers forget soon that a name did not exist",
		Doc:       "Whoever looks up the API name before the installer has made it is told for so long that it does not exist: the lesser of the TTL and the last field of the SOA record (RFC 2308 section 5). Nodes look early, and more than 300 seconds outlast what installers wait for. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html",
		DependsOn: afterZone, Permissions: seeRecords,
	},

	// Private zones
	{
		Since: since, Code: codePrivateAssoc, Severity: groundway.Error, Title: "The private zone is associated with the cluster's VPC",
		Doc:       "A private zone answers only the VPCs that it is associated with. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionZone},
	},
	{
		Since: since, Code: codePrivateDNS, Severity: groundway.Error, Title: "The VPC of a private zone has DNS support and DNS names",
		Doc:       "Private zones are answered only where enableDnsSupport and enableDnsHostnames are both on. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html",
		DependsOn: afterZone, Permissions: []string{actionZones, "ec2:DescribeVpcAttribute"},
	},
	{
		Since: since, Code: codePrivateShadows, Severity: groundway.Error, Title: "No other private zone hides the names from the VPC",
		Doc:       "In a VPC the most specific private zone that encloses a name answers for it, and where it lacks the name the answer is NXDOMAIN: neither a less specific nor a public zone is asked. Zones of other accounts count too. Nodes then find no API server. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionZone, actionVPCZones},
	},

	// Delegation
	{
		Since: since, Code: codeNotDelegated, Severity: groundway.Error, Title: "The parent delegates the name of the zone",
		Doc:       "Without NS records in the parent nobody on the internet reaches the zone. Installers write their records all the same, and time out half an hour later. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/GetInfoAboutHostedZone.html",
		DependsOn: afterZone, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeOtherZone, Severity: groundway.Error, Title: "The parent does not delegate to another zone of that name",
		Doc:       "Of several zones of one name only that one answers whose name servers the parent names. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/GetInfoAboutHostedZone.html",
		DependsOn: afterDelegated, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeElsewhere, Severity: groundway.Error, Title: "The parent does not delegate to somebody else",
		Doc:       "The servers that the parent names answer for the domain, with records of another provider or account. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/MigratingDNS.html",
		DependsOn: afterDelegated, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeStale, Severity: groundway.Error, Title: "The parent does not delegate to servers of a zone that is gone",
		Doc:       "A zone that is made anew gets four other name servers, unless it is given a reusable delegation set; the parent has to be told each time. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-concepts.html",
		DependsOn: afterDelegated, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codePartial, Severity: groundway.Error, Title: "The parent names the zone's servers, all of them and no others",
		Doc:       "Resolvers choose among all servers that the parent names: with a wrong one some lookups fail and others do not. Of a missing one only the redundancy is lost, which is a warning. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/GetInfoAboutHostedZone.html",
		DependsOn: afterReach, Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeLame, Severity: groundway.Error, Title: "The zone's servers answer for it",
		Doc:       "A server that is delegated to and answers REFUSED, or without authority, is lame: resolvers lose time on it or fail. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/GetInfoAboutHostedZone.html",
		DependsOn: append(slices.Clone(afterReach), codePartial), Permissions: seeDelegation,
	},
	{
		Since: since, Code: codeCached, Severity: groundway.Warning, Title: "Resolvers know the present delegation",
		Doc:       "A resolver keeps a delegation for its TTL, commonly two days, after the parent was put right, and that a name did not exist for the parent's negative TTL. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/MigratingDNS.html",
		DependsOn: append(slices.Clone(afterReach), codePartial), Permissions: []string{actionZones, actionZone},
	},

	// DNSSEC
	{
		Since: since, Code: codeDSMismatch, Severity: groundway.Error, Title: "The DS records of the parent fit a key of the zone",
		Doc:       "With a DS record in the parent, resolvers that validate answer SERVFAIL unless the zone is signed by the key of that record: a zone that is made anew, or no longer signed, is gone for them. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec.html",
		DependsOn: afterReach, Permissions: []string{actionZones, actionRecords, actionDNSSEC},
	},
	{
		Since: since, Code: codeDNSSECUnhealthy, Severity: groundway.Error, Title: "The signing of the zone needs no action",
		Doc:       "ACTION_NEEDED and INTERNAL_FAILURE mean that Route 53 cannot use a key, as after its KMS key was disabled; signatures expire and the zone goes bogus. https://docs.aws.amazon.com/Route53/latest/APIReference/API_DNSSECStatus.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionDNSSEC},
	},
	{
		Since: since, Code: codeDNSSECNoDS, Severity: groundway.Info, Title: "A signed zone has a DS record in its parent",
		Doc:       "Without it the signatures are there and nobody checks them. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec.html",
		DependsOn: afterReach, Permissions: []string{actionZones, actionRecords, actionDNSSEC},
	},

	// Records
	{
		Since: since, Code: codeRecordConflict, Severity: groundway.Error, Title: "None of the names that the installer creates exists",
		Doc:       "A record that stands there already leads to something else, or makes the installer fail when it creates its own. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeRecordLeftover, Severity: groundway.Warning, Title: "Nothing stands below the cluster's domain",
		Doc:       "Records below the domain of a cluster that does not exist yet are what an earlier one of that name left; a wildcard among them answers for names of the new one. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeRecordOrphan, Severity: groundway.Warning, Title: "No ownership record of external-dns outlived what it owns",
		Doc:       "external-dns keeps who owns a name in TXT records. One whose record is gone makes it believe that the name is taken by another cluster. https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeRecordOwner, Severity: groundway.Warning, Title: "external-dns owns what it is to manage",
		Doc:       "external-dns changes no record whose TXT record names another owner, and says so only in its log. https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/registry/",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeRecordWildcard, Severity: groundway.Warning, Title: "No wildcard answers for the cluster's names before they exist",
		Doc:       "With a wildcard above them the names resolve to something else until the installer has made them, and resolvers keep that answer for its TTL. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeRecordCycle, Severity: groundway.Warning, Title: "No CNAME records lead in a circle",
		Doc:       "Resolvers give up on a circle of CNAME records with SERVFAIL, and not every server notices when it is made. https://datatracker.ietf.org/doc/html/rfc1034#section-3.6.2",
		DependsOn: afterZone, Permissions: seeRecords,
	},

	// Certificates by ACME
	{
		Since: since, Code: codeACMEOccupied, Severity: groundway.Error, Title: "cert-manager can write its challenge",
		Doc:       "The DNS challenge is a TXT record at _acme-challenge. Where a CNAME stands there Route 53 refuses it, and where NS records stand nobody sees it. https://cert-manager.io/docs/configuration/acme/dns01/",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},
	{
		Since: since, Code: codeACMEForbidden, Severity: groundway.Error, Title: "CAA records let the issuer issue",
		Doc:       "The CAA record set that is closest to a name says which authorities may issue for it (RFC 8659), and issuewild which may for wildcards. https://letsencrypt.org/docs/caa/",
		DependsOn: afterEclipse, Permissions: seeRecords,
	},

	// Limits
	{
		Since: since, Code: codeLimitRecords, Severity: groundway.Error, Title: "The zone has room for the cluster's records",
		Doc:       "A zone takes 10 000 record sets unless the quota was raised. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html",
		DependsOn: afterZone, Permissions: []string{actionZones, actionZoneLimit},
	},
	{
		Since: since, Code: codeLimitZones, Severity: groundway.Error, Title: "The account has room for the new hosted zones",
		Doc:         "An account takes 500 hosted zones unless the quota was raised. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html",
		Permissions: []string{actionAccountLimit},
	},
}
