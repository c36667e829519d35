package awsnetwork

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// lay lists the steps of the plan in the order in which they have to be taken.
// NAT gateways take minutes: what does not need them is made meanwhile.
func (a *applier) lay() {
	if a.own() {
		a.vpcSteps()
	}
	a.gatewaySteps()
	for _, s := range a.p.Subnets {
		a.subnetSteps(s)
	}
	for _, n := range a.p.NATGateways {
		a.natSteps(n)
	}
	for _, t := range a.p.RouteTables {
		a.tableSteps(t)
	}
	for _, n := range a.p.NATGateways {
		a.natWait(n)
	}
	for _, t := range a.p.RouteTables {
		a.routeSteps(t, func(r plan.Route) bool { return r.Kind == network.TargetNATGateway })
	}
	a.endpointSteps()
}

func (a *applier) add(s step) { a.steps = append(a.steps, s) }

// exists returns the condition that something of the key is there.
func (a *applier) exists(key string) func(world) bool {
	return func(world) bool { return a.ids[key] != "" }
}

// tags returns the tags of a thing, for the call that makes it.
func (a *applier) tags(kind, name string) []types.TagSpecification {
	resource := types.ResourceType(kind)
	if kind == "nat-gateway" {
		resource = types.ResourceTypeNatgateway
	}
	tags := a.p.TagsOf(kind, name)
	spec := types.TagSpecification{ResourceType: resource}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		spec.Tags = append(spec.Tags, types.Tag{Key: &key, Value: aws.String(tags[key])})
	}
	return []types.TagSpecification{spec}
}
