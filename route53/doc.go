// Package route53 says whether the names of a Kubernetes cluster will resolve:
// which hosted zone answers for them, whether anybody delegates to it, and what
// is in their way. It plans the zone of a subdomain with its delegation, and
// splits changes into requests that AWS takes.
//
//	findings := route53.Check(snapshot, route53.Options{
//		BaseDomain: route53.MustParseName("k8s.example.com"), Cluster: "demo", ZoneID: "Z0K8S",
//	})
//
// A [Snapshot] is plain data. Package route53/awsroute53 reads one from a live
// account, route53/awscli from the output of the AWS CLI, and route53/resolver
// asks the public DNS, which fills the part Delegations. Everything here is
// pure: the same snapshot gives the same answer, whatever its order. [Rules]
// lists the rules with the IAM actions that answer them; what DNS servers are
// asked needs no permission and stands as [ActionQuery].
//
// # Names
//
// A [Name] has one canonical text, so that names which the API escapes, people
// write in capitals and browsers show in other scripts compare by ==. The
// escapes of Route 53 are octal, those of zone files and of most DNS software
// decimal; only the former are read here, and [Name.Presentation] writes the latter.
//
// # Which zone
//
// Any number of zones may have one name. [Candidates] returns all that enclose a
// name with what tells them apart; [ChoosePublic] and [ChoosePrivate] choose one
// only where something decides: the longest name, the association with a VPC,
// and among public zones of one name the delegation. Nothing is chosen by order.
//
// # Delegation in four views
//
// [JudgeDelegation] compares the delegation set of the zone, the NS record set
// within it, what the parent says, and what the name servers and a recursive
// resolver answer, and comes to one [Verdict]. Where the parent is a zone of the
// same account, the change that mends it comes along, as an UPSERT: that
// converges whatever stood there.
//
// # What is asked of the names of a cluster
//
// These codes, each with "route53/" before it, answer for what installers and
// add-ons take for granted:
//
//	what is asked                                      codes
//	a hosted zone, by its ID or by its name            zone-not-found, zone-ambiguous, zone-same-name
//	that answers those who will ask                    zone-not-public, private-zone-not-associated,
//	                                                   private-zone-dns-off, private-zone-shadows
//	and holds the base domain                          zone-not-parent, zone-eclipsed,
//	                                                   zone-child-undelegated
//	a registered domain that is delegated to it        delegation-missing, delegation-other-zone,
//	                                                   delegation-elsewhere, delegation-stale,
//	                                                   delegation-partial, delegation-lame,
//	                                                   delegation-cached, zone-name-servers
//	names that validating resolvers accept             dnssec-ds-mismatch, dnssec-unhealthy,
//	                                                   dnssec-no-ds
//	that nobody else has                               record-conflict, record-leftover,
//	                                                   record-wildcard, record-cname-cycle
//	and that are not remembered as absent              zone-negative-ttl
//	external-dns can manage its records                record-owner-other, record-owner-orphan
//	cert-manager can answer a DNS challenge            acme-challenge-occupied, acme-caa-forbids
//	room for all that                                  limit-records, limit-zones
//
// What external-dns and cert-manager may do is [ExternalDNS.Permissions] and
// [CertManager.Permissions]; what Jenkins X is told of both is an [Ingress].
//
// # What it will not do
//
// It changes nothing: route53/awsroute53 applies a [Plan], re-reads what the plan
// assumed, and stops where that changed. Record sets with a routing policy are
// read and never planned. Signatures of DNSSEC are not verified: the DS records
// of the parent are compared with the keys that Route 53 says are active.
//
// See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/Welcome.html.
package route53
