package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
)

// Nodes are what the cluster is to have of nodes; the zero value says nothing.
type Nodes struct {
	Controllers, Workers NodeGroup
	Pods                 capacity.PodNetwork // where pods have their addresses from
	PodsEach             int                 // on each node, with addresses of their own; zero: as many as it takes
}

// A NodeGroup is the nodes of one role.
type NodeGroup struct {
	InstanceType string
	Count        int
}

// types returns the instance types of the nodes, each once.
func (n Nodes) types() []string {
	var types []string
	for _, g := range []NodeGroup{n.Controllers, n.Workers} {
		if g.Count > 0 && !slices.Contains(types, g.InstanceType) {
			types = append(types, g.InstanceType)
		}
	}
	return types
}

// most bounds the numbers of nodes and of pods on each: beyond what a cluster of
// Kubernetes takes.
const most = 10000

// nodeFields are the keys below nodes.
func (n *Nodes) fields() []field {
	group := func(key string, to *NodeGroup, optional bool) field {
		return field{key: key, want: "a mapping with instanceType and count", optional: optional, within: []field{
			{key: "instanceType", want: "an instance type such as m5.large", read: text(&to.InstanceType, parseInstanceType)},
			{key: "count", want: fmt.Sprintf("a number from 0 to %d", most), read: number(&to.Count, 0, most)},
		}}
	}
	return []field{
		group("controllers", &n.Controllers, true),
		group("workers", &n.Workers, false),
		{key: "pods", want: "overlay, vpc or vpc-prefixes", optional: true, read: text(&n.Pods, parsePodNetwork)},
		{key: "podsEach", want: fmt.Sprintf("a number from 0 to %d", most), optional: true, read: number(&n.PodsEach, 0, most)},
	}
}

func parsePodNetwork(s string) (capacity.PodNetwork, error) {
	n, err := capacity.ParsePodNetwork(s)
	if err != nil {
		return 0, fmt.Errorf("got %s, want overlay, vpc or vpc-prefixes", quote(s))
	}
	return n, nil
}

// capacityOptions are those of a spec without nodes where it names none: no rule of
// package capacity has a subject then.
func (s Spec) capacityOptions() capacity.Options {
	o := capacity.Options{Profile: s.Profile, Region: s.Region, Pods: s.Nodes.Pods}
	if s.Nodes == (Nodes{}) {
		return o
	}
	if s.Nodes.Controllers.InstanceType != "" {
		o.Nodes = append(o.Nodes, capacity.Nodes{Role: "controller", InstanceType: s.Nodes.Controllers.InstanceType, Count: s.Nodes.Controllers.Count, PodsEach: s.Nodes.PodsEach, Subnets: s.Network.ControllerSubnets})
	}
	o.Nodes = append(o.Nodes, capacity.Nodes{Role: "worker", InstanceType: s.Nodes.Workers.InstanceType, Count: s.Nodes.Workers.Count, PodsEach: s.Nodes.PodsEach, Subnets: s.Network.WorkerSubnets})
	o.Needs.ClassicLoadBalancers = capacity.MinimumOf(s.Profile).ClassicLoadBalancers
	if len(s.Network.ControllerSecurityGroups) == 0 {
		o.Needs.SecurityGroups++ // the installer makes them, one a role at least
	}
	if len(s.Network.WorkerSecurityGroups) == 0 {
		o.Needs.SecurityGroups++
	}
	return o
}

func (s Snapshot) capacity() capacity.Snapshot {
	return capacity.Snapshot{Observation: s.Observation, Parts: s.Capacity}
}

// loadCapacity reads the account's room where the spec says what nodes there are to
// be: nobody needs the permissions otherwise. It is asked what the caller may.
func loadCapacity(ctx context.Context, cfg aws.Config, spec Spec, account, arn string) (capacity.Parts, error) {
	if spec.Nodes == (Nodes{}) {
		return capacity.Parts{}, nil
	}
	s, err := awscapacity.Load(ctx, awscapacity.Clients{
		EC2: ec2sdk.NewFromConfig(cfg), Quotas: quotassdk.NewFromConfig(cfg), LoadBalancers: elbv2sdk.NewFromConfig(cfg),
		ClassicLoadBalancers: elbsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg), KMS: kmssdk.NewFromConfig(cfg),
	}, awscapacity.LoadOptions{
		Account: account, Region: spec.Region, Principal: principalOf(arn),
		InstanceTypes: spec.Nodes.types(),
	})
	return s.Parts, err
}

// principalOf returns whom IAM knows behind the ARN of a caller: the role behind a
// session of it, taken to stand at the path /, and nobody behind the account's root.
func principalOf(arn string) string {
	p := strings.SplitN(arn, ":", 6)
	if len(p) != 6 {
		return ""
	}
	kind, name, _ := strings.Cut(p[5], "/")
	switch {
	case p[2] == "iam" && (kind == "user" || kind == "role"):
		return arn
	case p[2] == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		return strings.Join([]string{p[0], p[1], "iam", p[3], p[4], "role/" + role}, ":")
	}
	return ""
}
