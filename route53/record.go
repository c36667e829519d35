package route53

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A RecordSet is a resource record set: either records with their TTL, or an
// alias.
type RecordSet struct {
	Name   Name     `json:"name"`
	Type   string   `json:"type"`             // "A", "NS"
	TTL    int64    `json:"ttl,omitempty"`    // seconds; an alias has none
	Values []string `json:"values,omitempty"` // in the form of a zone file, as the API has them; untrusted text
	Alias  *Alias   `json:"alias,omitempty"`
	// SetID tells apart the sets of a routing policy, and Routing holds the
	// policy in words of the API: Weight, Region, Failover and so on.
	SetID   string            `json:"setIdentifier,omitempty"`
	Routing map[string]string `json:"routing,omitempty"`
}

// Key returns name, type and, where there is one, set identifier: "*.example.com A".
func (r RecordSet) Key() string {
	key := string(r.Name) + " " + r.Type
	if r.SetID != "" {
		key += " " + r.SetID
	}
	return key
}

// Equal reports whether two sets answer alike: the order of values does not
// matter.
func (r RecordSet) Equal(o RecordSet) bool {
	if r.Name != o.Name || r.Type != o.Type || r.SetID != o.SetID || !maps.Equal(r.Routing, o.Routing) {
		return false
	}
	if (r.Alias == nil) != (o.Alias == nil) {
		return false
	}
	if r.Alias != nil {
		return *r.Alias == *o.Alias
	}
	return r.TTL == o.TTL && slices.Equal(sortedValues(r), sortedValues(o))
}

// sortedValues returns the values in one order; names among them in one form.
func sortedValues(r RecordSet) []string {
	values := slices.Clone(r.Values)
	if namesInValues[r.Type] {
		for i, v := range values {
			if n, err := ParseName(v); err == nil {
				values[i] = n.Absolute()
			}
		}
	}
	slices.Sort(values)
	return values
}

// namesInValues are the types whose values are a name alone.
var namesInValues = map[string]bool{"NS": true, "CNAME": true, "PTR": true}

// names returns the values of a set as names; those that are none are left out.
func (r RecordSet) names() []Name {
	var names []Name
	for _, v := range r.Values {
		if n, err := ParseName(v); err == nil {
			names = append(names, n)
		}
	}
	return sortedNames(names)
}

// An Alias answers with the addresses of an AWS resource.
type Alias struct {
	ZoneID               string `json:"hostedZoneId"` // of the target, as the service that owns it has it
	Target               Name   `json:"dnsName"`
	EvaluateTargetHealth bool   `json:"evaluateTargetHealth,omitempty"`
}

// An SOA is the part of a start of authority that matters to caches.
type SOA struct {
	MName   Name  `json:"mname,omitempty"`
	Serial  int64 `json:"serial,omitempty"`
	TTL     int64 `json:"ttl"`     // seconds
	Minimum int64 `json:"minimum"` // seconds
}

// NegativeTTL is how long resolvers keep an answer that a name does not exist,
// in seconds: the lesser of the two, RFC 2308 section 5.
func (s SOA) NegativeTTL() int64 { return min(s.TTL, s.Minimum) }

// A DS is a DS record: the digest of a key that the zone has to sign with.
type DS struct {
	KeyTag     int    `json:"keyTag"`
	Algorithm  int    `json:"algorithm"`
	DigestType int    `json:"digestType"`
	Digest     string `json:"digest"` // lower-case hexadecimal
}

// String returns the record in the form of a zone file.
func (d DS) String() string {
	return strings.Join([]string{strconv.Itoa(d.KeyTag), strconv.Itoa(d.Algorithm), strconv.Itoa(d.DigestType), d.Digest}, " ")
}

// ParseDS reads the form of a zone file, in which the digest may have spaces.
func ParseDS(text string) (DS, bool) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return DS{}, false
	}
	var numbers [3]int
	for i := range numbers {
		n, err := strconv.ParseUint(f[i], 10, 16)
		if err != nil {
			return DS{}, false
		}
		numbers[i] = int(n)
	}
	digest := strings.ToLower(strings.Join(f[3:], ""))
	if len(digest)%2 != 0 || strings.Trim(digest, "0123456789abcdef") != "" {
		return DS{}, false
	}
	return DS{numbers[0], numbers[1], numbers[2], digest}, true
}

// ParseSOA reads the value of an SOA record: two names and five numbers.
func ParseSOA(value string, ttl int64) (SOA, bool) {
	f := strings.Fields(value)
	if len(f) != 7 {
		return SOA{}, false
	}
	mname, err := ParseName(f[0])
	if err != nil {
		return SOA{}, false
	}
	var numbers [5]int64
	for i := range numbers {
		n, err := strconv.ParseUint(f[2+i], 10, 32)
		if err != nil {
			return SOA{}, false
		}
		numbers[i] = int64(n)
	}
	return SOA{MName: mname, Serial: numbers[0], TTL: ttl, Minimum: numbers[4]}, true
}

// inWords tells an alias from plain records.
func (r RecordSet) inWords() string {
	if r.Alias != nil {
		return fmt.Sprintf("%s record that is an alias of %s", article(r.Type), r.Alias.Target)
	}
	return fmt.Sprintf("%s record with %s", article(r.Type), printable(strings.Join(r.Values, ", ")))
}

func article(kind string) string {
	if strings.HasPrefix(kind, "A") {
		return "an " + kind
	}
	return "a " + kind
}

// content returns TTL and values, or the alias, harmless and in one line.
func (r RecordSet) content() string {
	if r.Alias != nil {
		return fmt.Sprintf("ALIAS %s (%s)", r.Alias.Target.Absolute(), printable(r.Alias.ZoneID))
	}
	values := sortedValues(r)
	for i, v := range values {
		values[i] = printable(v)
	}
	text := fmt.Sprintf("%d %s", r.TTL, strings.Join(values, " "))
	if len(values) == 0 {
		text += "the name servers of the new zone"
	}
	for _, key := range slices.Sorted(maps.Keys(r.Routing)) {
		text += fmt.Sprintf(" %s=%s", printable(key), printable(r.Routing[key]))
	}
	return text
}

// printable returns text as it is where it is plain ASCII, and quoted where it
// is not: values are anybody's.
func printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return quote(text)
	}
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}
