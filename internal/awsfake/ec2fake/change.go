package ec2fake

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
)

// A state is what there is in the region at one time.
type state struct {
	network.Parts
	addresses groundway.Part[Address]
}

// An Address is an Elastic IP address.
type Address struct {
	AllocationID  string
	PublicIP      netip.Addr
	AssociationID string // where a NAT gateway or something else has it
	Pool          string // "amazon", or the ID of one's own pool
	Tags          map[string]string
}

// Key returns the allocation's ID.
func (a Address) Key() string { return a.AllocationID }

// A transition is what becomes of a thing that was shown so often.
type transition struct {
	left int
	end  func(*state)
}

// change makes one change of the state, or none where do fails. Until the next
// one Stale answers from before it.
func (f *fake) change(do func(s *state) (any, error)) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.now
	out, err := do(&next)
	if err == nil {
		f.before, f.now = f.now, next
	}
	return out, err
}

// begin says that a thing is on its way: once it was shown often enough, end
// happens.
func (f *fake) begin(id string, end func(*state)) { f.onWay[id] = &transition{f.settle, end} }

// shown counts that these things were shown.
func shown[T groundway.Keyed](f *fake, r awsfake.Request, items []T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Stale {
		return
	}
	for _, item := range items {
		t := f.onWay[item.Key()]
		if t == nil {
			continue
		}
		if t.left--; t.left <= 0 {
			delete(f.onWay, item.Key())
			t.end(&f.now)
		}
	}
}

// newID returns an ID that nothing has.
func (f *fake) newID(prefix string) string {
	f.made++
	return fmt.Sprintf("%s%017x", prefix, f.made)
}

// once returns what an earlier request with the same client token made.
func (f *fake) once(r awsfake.Request) (id string, again bool) {
	token := r.Params.Get("ClientToken")
	id, again = f.tokens[r.Action+" "+token]
	return id, again && token != ""
}

func (f *fake) keep(r awsfake.Request, id string) {
	f.tokens[r.Action+" "+r.Params.Get("ClientToken")] = id
}

// get returns the item of a key, or an error of this code.
func get[T groundway.Keyed](part groundway.Part[T], key, notFound string) (T, error) {
	if !part.Seen {
		return *new(T), refused(part.Gaps)
	}
	for _, item := range part.Items {
		if item.Key() == key {
			return item, nil
		}
	}
	return *new(T), awsfake.Errorf(notFound, "The ID '%s' does not exist", key)
}

// put adds an item, or replaces the one of its key. The list that was there is
// left as it is: a state before the change holds it.
func put[T groundway.Keyed](part *groundway.Part[T], item T) {
	items := slices.Clone(part.Items)
	if i := slices.IndexFunc(items, func(have T) bool { return have.Key() == item.Key() }); i >= 0 {
		items[i] = item
	} else {
		items = append(items, item)
	}
	part.Items = items
}

// drop removes the item of a key.
func drop[T groundway.Keyed](part *groundway.Part[T], key string) {
	part.Items = slices.DeleteFunc(slices.Clone(part.Items), func(have T) bool { return have.Key() == key })
}

// tagOf returns the value of an item's tag.
func tagOf(item any, key string) string {
	field := reflect.ValueOf(item).FieldByName("Tags")
	if !field.IsValid() {
		return ""
	}
	return field.Interface().(map[string]string)[key]
}

// unescaped returns the values of a filter as they are meant: * and ? and \ stand
// behind a backslash, and nothing of this fake is asked for a wildcard.
func unescaped(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, strings.NewReplacer(`\\`, `\`, `\*`, `*`, `\?`, `?`).Replace(v))
	}
	return out
}

// tagsIn returns the tags that a request asks for.
func tagsIn(r awsfake.Request) map[string]string {
	tags := map[string]string{}
	for i := 1; r.Params.Has(fmt.Sprintf("TagSpecification.%d.ResourceType", i)); i++ {
		for k := 1; r.Params.Has(fmt.Sprintf("TagSpecification.%d.Tag.%d.Key", i, k)); k++ {
			prefix := fmt.Sprintf("TagSpecification.%d.Tag.%d.", i, k)
			tags[r.Params.Get(prefix+"Key")] = r.Params.Get(prefix + "Value")
		}
	}
	return tags
}

func block(r awsfake.Request, name, code string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(r.Params.Get(name))
	if err != nil {
		return p, awsfake.Errorf("InvalidParameterValue", "%v", err)
	}
	if p.Addr().Is4() && (p.Bits() < 16 || p.Bits() > 28) {
		return p, awsfake.Errorf(code, "The CIDR '%s' is invalid.", p)
	}
	return p.Masked(), nil
}

func inUse(format string, args ...any) error {
	return awsfake.Errorf("DependencyViolation", format, args...)
}

type returnXML struct {
	Return bool `xml:"return"`
}

// taken returns the error of something that is there already.
func taken(code, format string, args ...any) error { return awsfake.Errorf(code, format, args...) }

var done = returnXML{true}

// The elements of the answers that hold one thing.
type madeXML struct {
	VPC      *vpcXML        `xml:"vpc"`
	Options  *dhcpXML       `xml:"dhcpOptions"`
	Internet *gatewayXML    `xml:"internetGateway"`
	Egress   *gatewayXML    `xml:"egressOnlyInternetGateway"`
	Subnet   *subnetXML     `xml:"subnet"`
	NAT      *natXML        `xml:"natGateway"`
	Table    *routeTableXML `xml:"routeTable"`
	Endpoint *endpointXML   `xml:"vpcEndpoint"`
	Token    string         `xml:"clientToken,omitempty"`
}

type elasticXML struct {
	PublicIP      string       `xml:"publicIp"`
	AllocationID  string       `xml:"allocationId"`
	AssociationID string       `xml:"associationId,omitempty"`
	Domain        string       `xml:"domain"`
	Pool          string       `xml:"publicIpv4Pool,omitempty"`
	Tags          list[tagXML] `xml:"tagSet"`
}

func elasticXMLOf(a Address) elasticXML {
	return elasticXML{a.PublicIP.String(), a.AllocationID, a.AssociationID, "vpc", a.Pool, tagsXML(a.Tags)}
}

type elasticSet struct {
	Set list[elasticXML] `xml:"addressesSet"`
}

func (f *fake) describeAddresses(r awsfake.Request) (any, error) {
	r.PageSize = 0 // the call has no pages
	items, _, err := describe(r, f.parts(r).addresses, query[Address]{
		ids: "AllocationId", prefix: "eipalloc-", malformed: "InvalidAllocationID.Malformed", notFound: "InvalidAllocationID.NotFound",
	})
	var set elasticSet
	for _, a := range items {
		set.Set.Items = append(set.Set.Items, elasticXMLOf(a))
	}
	return set, err
}

// first returns the one element of a list.
func first[T any](l list[T]) *T { return &l.Items[0] }

// cutoff turns every route to a target into a black hole.
func cutoff(s *state, target string) {
	for _, t := range s.RouteTables.Items {
		routes := slices.Clone(t.Routes)
		for i := range routes {
			if routes[i].Target.ID == target {
				routes[i].State = "blackhole"
			}
		}
		t.Routes = routes
		put(&s.RouteTables, t)
	}
}

// interfaces says what in the subnet has a network interface.
func interfaces(s *state, subnet string) string {
	for _, n := range s.NATGateways.Items {
		if n.SubnetID == subnet && n.State != "deleted" && n.State != "failed" {
			return n.ID
		}
	}
	for _, e := range s.Endpoints.Items {
		if slices.Contains(e.SubnetIDs, subnet) {
			return e.ID
		}
	}
	return ""
}

func number(r awsfake.Request, name string) *int {
	n, err := strconv.Atoi(r.Params.Get(name))
	if err != nil {
		return nil
	}
	return &n
}
