package route53

import (
	"fmt"
	"strings"
)

// Options say which cluster the zones are checked for.
type Options struct {
	// BaseDomain is the domain in which the cluster's names are to stand. Without
	// it no rule has a subject.
	BaseDomain Name
	Cluster    string // the name of the cluster, the leftmost label of its names
	// ZoneID is the hosted zone that the installer is told to use. Without it the
	// zone is looked for by name, and several of one name are a finding unless
	// the public DNS decides.
	ZoneID string
	// Internal says that the names are looked up from within the VPC only, so
	// that a private zone will do.
	Internal bool
	VPC      VPC // in which the nodes stand; the zero value: not known
	// Names are those that the installer is going to create; nil are those of
	// [TectonicNames].
	Names []Name
	// NewZones is how many hosted zones are going to be made.
	NewZones int
	// ExternalDNS and CertManager are add-ons that will work on the zone; nil
	// means that they will not.
	ExternalDNS *ExternalDNS
	CertManager *CertManager
}

// A VPC is what the rules of private zones need to know of the cluster's VPC.
type VPC struct {
	ID     string
	Region string
	// DNSSupport and DNSHostnames are its attributes enableDnsSupport and
	// enableDnsHostnames; nil where the caller checks them elsewhere, as package
	// network does.
	DNSSupport   *bool
	DNSHostnames *bool
}

// TectonicNames returns the two names that the Tectonic installer creates below
// the base domain: CLUSTER for the console and CLUSTER-api for the API server.
func TectonicNames(cluster string, base Name) ([]Name, error) {
	console, err := base.Child(cluster)
	if err != nil {
		return nil, err
	}
	api, err := base.Child(cluster + "-api")
	if err != nil {
		return nil, err
	}
	if strings.Contains(cluster, ".") {
		return nil, fmt.Errorf("parse cluster %s: want one label", quote(cluster))
	}
	return []Name{console, api}, nil
}

// TectonicRecords returns the record sets of [TectonicNames], aliases of the two
// load balancers, for [PlanRecords]. The canonical hosted zone of a load balancer
// is what DescribeLoadBalancers shows: CanonicalHostedZoneNameID of a classic one.
func TectonicRecords(cluster string, base Name, console, api Alias) ([]RecordSet, error) {
	names, err := TectonicNames(cluster, base)
	if err != nil {
		return nil, err
	}
	return []RecordSet{
		{Name: names[0], Type: "A", Alias: &console},
		{Name: names[1], Type: "A", Alias: &api},
	}, nil
}

// names returns the names that are to be created, in order.
func (o Options) names() []Name {
	if o.Names != nil {
		return sortedNames(o.Names)
	}
	if o.Cluster == "" || o.BaseDomain == "" {
		return nil
	}
	names, err := TectonicNames(o.Cluster, o.BaseDomain)
	if err != nil {
		return nil
	}
	return sortedNames(names)
}

// domain returns the domain of the cluster, below which nothing but its own
// names may stand.
func (o Options) domain() Name {
	if n, err := o.BaseDomain.Child(o.Cluster); err == nil && o.Cluster != "" {
		return n
	}
	return ""
}
