package network

import "net/netip"

// An InstanceOffering says in which zones instances of a type can be launched.
type InstanceOffering struct {
	Type  string   `json:"instanceType"`
	Zones []string `json:"zones,omitempty"` // by their names in this account; empty: nowhere in the region
}

// Key returns the type.
func (o InstanceOffering) Key() string { return o.Type }

// A ClusterTag is a tag kubernetes.io/cluster/NAME of a resource.
type ClusterTag struct {
	ResourceID   string `json:"resourceId"`             // of a load balancer the ARN
	ResourceType string `json:"resourceType,omitempty"` // "vpc", "security-group", "volume", "load-balancer"
	TagKey       string `json:"key"`
	Value        string `json:"value,omitempty"` // owned, shared
}

// Key returns the ID of the resource and the key of the tag.
func (t ClusterTag) Key() string { return t.ResourceID + " " + t.TagKey }

// An Endpoint is a VPC endpoint as ec2:DescribeVpcEndpoints shows it.
type Endpoint struct {
	ID            string            `json:"id"`
	VPCID         string            `json:"vpcId,omitempty"`
	OwnerID       string            `json:"ownerId,omitempty"`
	Type          string            `json:"vpcEndpointType,omitempty"`   // Interface, Gateway, GatewayLoadBalancer, Resource, ServiceNetwork
	Service       string            `json:"serviceName,omitempty"`       // "com.amazonaws.us-east-1.s3"
	State         string            `json:"state,omitempty"`             // pendingAcceptance, pending, available, deleting, deleted, rejected, failed, expired
	PrivateDNS    *bool             `json:"privateDnsEnabled,omitempty"` // of an interface endpoint
	RouteTableIDs []string          `json:"routeTableIds,omitempty"`     // of a gateway endpoint
	SubnetIDs     []string          `json:"subnetIds,omitempty"`         // of the others: where their interfaces are
	GroupIDs      []string          `json:"groupIds,omitempty"`          // the security groups of their interfaces
	Tags          map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (e Endpoint) Key() string { return e.ID }

// A Peering is a VPC peering connection as ec2:DescribeVpcPeeringConnections
// shows it. Whoever of the two asked for it, traffic flows both ways where the
// route tables of both lead to it.
type Peering struct {
	ID        string            `json:"id"`
	State     string            `json:"state,omitempty"` // initiating-request, pending-acceptance, active, deleted, rejected, failed, expired, provisioning, deleting
	Requester PeeredVPC         `json:"requester,omitzero"`
	Accepter  PeeredVPC         `json:"accepter,omitzero"`
	Tags      map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (p Peering) Key() string { return p.ID }

// A PeeredVPC is one side of a peering connection.
type PeeredVPC struct {
	VPCID   string         `json:"vpcId,omitempty"`
	OwnerID string         `json:"ownerId,omitempty"`
	Region  string         `json:"region,omitempty"`
	CIDRs   []netip.Prefix `json:"cidrs,omitempty"` // IPv4 and IPv6; shown while the connection is active
}
