package network

import "fmt"

var topologyNames = []string{TopologyPublic: "public", TopologyInternal: "internal"}

// String returns the name that [ParseTopology] reads.
func (t Topology) String() string {
	if int(t) >= len(topologyNames) {
		return "invalid"
	}
	return topologyNames[t]
}

// MarshalText returns what String returns; an invalid topology is an error.
func (t Topology) MarshalText() ([]byte, error) {
	if int(t) >= len(topologyNames) {
		return nil, fmt.Errorf("marshal topology %d: not a valid value", t)
	}
	return []byte(topologyNames[t]), nil
}

// UnmarshalText reads what MarshalText writes.
func (t *Topology) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTopology(string(text))
	return err
}

// MarshalText returns what String returns; an invalid profile is an error.
func (p Profile) MarshalText() ([]byte, error) {
	if int(p) >= len(profileNames) {
		return nil, fmt.Errorf("marshal profile %d: not a valid value", p)
	}
	return []byte(profileNames[p]), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *Profile) UnmarshalText(text []byte) (err error) {
	*p, err = ParseProfile(string(text))
	return err
}
