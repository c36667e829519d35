package route53

import (
	"net/netip"

	"github.com/groundway-sdk/groundway"
)

// A Delegation is what the servers of the public DNS say of a name.
type Delegation struct {
	Name    Name                         `json:"name"`
	Parent  Referral                     `json:"parent"`
	Servers groundway.List[ServerAnswer] `json:"servers,omitempty"` // those that the parent, or the caller, names
	// Recursive is what a recursive resolver answers; nil where none was asked.
	Recursive *RecursiveAnswer `json:"recursive,omitempty"`
}

// Key returns the name.
func (d Delegation) Key() string { return string(d.Name) }

// A Referral is what the servers of the parent zone answer without recursion.
type Referral struct {
	Zone        Name           `json:"zone,omitempty"` // the parent zone, as far as the walk from the root came
	Status      ReferralStatus `json:"status"`
	NameServers []Name         `json:"nameServers,omitempty"` // of the authority section of the referral
	TTL         int64          `json:"ttl,omitempty"`         // seconds
	// DS are the DS records that the parent has, and DSSeen says that it was
	// asked for them and answered.
	DS     []DS   `json:"ds,omitempty"`
	DSSeen bool   `json:"dsSeen,omitempty"`
	Server string `json:"server,omitempty"` // the server that answered: name and address
	Reason string `json:"reason,omitempty"` // of Unanswered, in words of this module
}

// A ReferralStatus is how a referral came out. The zero value is invalid.
type ReferralStatus string

// The statuses of a referral.
const (
	Delegated    ReferralStatus = "delegated"     // there is a referral
	NotDelegated ReferralStatus = "not-delegated" // the name exists in the parent, and is not delegated
	NoSuchName   ReferralStatus = "no-such-name"  // NXDOMAIN
	Unanswered   ReferralStatus = "unanswered"    // no server of the parent gave an answer that can be read
)

// A ServerAnswer is what one name server answers for the zone without recursion.
type ServerAnswer struct {
	Server      Name         `json:"server"`
	Addresses   []netip.Addr `json:"addresses,omitempty"`
	Status      ServerStatus `json:"status"`
	Rcode       string       `json:"rcode,omitempty"`       // "NOERROR", "REFUSED"
	NameServers []Name       `json:"nameServers,omitempty"` // of the zone's own NS record set
	SOA         *SOA         `json:"soa,omitempty"`
	Reason      string       `json:"reason,omitempty"` // in words of this module
}

// Key returns the name of the server.
func (a ServerAnswer) Key() string { return string(a.Server) }

// A ServerStatus is how a server answers. The zero value is invalid.
type ServerStatus string

// The statuses of a server. Only Lame is known to be wrong: a server that is
// silent here may answer elsewhere.
const (
	Authoritative ServerStatus = "authoritative" // it has the zone, and says so by the AA bit
	Lame          ServerStatus = "lame"          // it answers, and does not have the zone
	Silent        ServerStatus = "silent"        // no answer in time, or none that can be read
	Unresolved    ServerStatus = "unresolved"    // the server's own name has no address, or none that could be found out
)

// A RecursiveAnswer is what a resolver that others use answers.
type RecursiveAnswer struct {
	Resolver    string `json:"resolver"` // its address
	Rcode       string `json:"rcode,omitempty"`
	NameServers []Name `json:"nameServers,omitempty"`
	TTL         int64  `json:"ttl,omitempty"`    // seconds for which it keeps the answer, also that there is none
	Reason      string `json:"reason,omitempty"` // why there is no answer, in words of this module
}
