// Package resolver asks the servers of the public DNS how a name is delegated:
// the parent's servers for their referral, the zone's own servers whether they
// answer for it, and a recursive resolver for what others are told.
//
//	part, err := resolver.Load(ctx, resolver.Questions(snapshot, "k8s.example.com"), resolver.Options{Recursive: "192.0.2.53"})
//	snapshot.Delegations = part
//
// The lookup of the standard library shows what some resolver came to, which may
// be two days old, and no referral. [Load] walks from the root without
// recursion, so that it sees what the parent says now, and in which words each
// server answers. It needs no permission and sends nothing but queries, by UDP
// with EDNS and by TCP where an answer was cut.
//
// What servers answer, and that they do not, is a value of the result: a server
// that is lame, silent or sends garbage costs bounded time and is no error.
// Nothing is validated by DNSSEC, and nothing is kept between two calls.
//
// Names on the wire are compared as octets, without regard to case (RFC 4343).
package resolver
