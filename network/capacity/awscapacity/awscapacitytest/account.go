// Package awscapacitytest has clients for tests that answer from a snapshot of
// an account's room, without a network.
//
//	account := awscapacitytest.NewAccount(awscapacitytest.Roomy()).Deny("ec2:DescribeAddresses")
//	snapshot, err := awscapacity.Load(ctx, account.Clients(), awscapacity.LoadOptions{})
//
// The clients are the SDK's own, whose requests are answered within the process:
// pages and errors come out as AWS's would.
package awscapacitytest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/capacityfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
)

// An Account is what the clients of [awscapacity.Load] see. It needs no closing
// and is safe for use by several goroutines.
type Account struct{ fake *awsfake.Fake }

// Roomy returns the room of an account in which everything was seen and nothing
// is used: quotas of 100, m5.large and t3.medium, the service-linked roles, and
// new volumes that are not encrypted. Every call returns fresh values.
func Roomy() capacity.Snapshot {
	s := capacity.Snapshot{Observation: groundway.Observation{
		Account: "111122223333", Region: "us-east-1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	s.Quotas, s.Uses = groundway.SeenPart[capacity.Quota](), groundway.SeenPart[capacity.Use]()
	for _, l := range capacity.Limits() {
		service, code, _ := strings.Cut(l.Quota, "/")
		use := capacity.Use{Quota: l.Quota}
		if l.PerZone {
			use.Zones = map[string]int{}
		}
		s.Quotas.Items = append(s.Quotas.Items, capacity.Quota{Service: service, Code: code, Value: 100})
		s.Uses.Items = append(s.Uses.Items, use)
	}
	s.InstanceTypes = groundway.SeenPart(
		capacity.InstanceType{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10},
		capacity.InstanceType{Type: "t3.medium", VCPUs: 2, MemoryMiB: 4096, Interfaces: 3, Addresses: 6},
	)
	s.Roles = groundway.SeenPart[capacity.ServiceRole]()
	for _, service := range capacity.Services() {
		s.Roles.Items = append(s.Roles.Items, capacity.ServiceRole{Service: service, Name: capacity.RoleName(service), Exists: true})
	}
	s.Encryption = groundway.SeenPart(capacity.Encryption{})
	return s
}

// NewAccount returns an account that has what the snapshot says: as many VPCs,
// addresses, instances and load balancers as were counted, and those quotas,
// types and roles. What is not among its uses is not there.
//
// What the gaps of the snapshot name is denied, with their codes, and so is all
// that would show a part that is unseen; so the zero snapshot denies everything.
// Whether a role that is missing may be made holds for all of them.
func NewAccount(s capacity.Snapshot) *Account {
	a := &Account{awsfake.New(append(world(s).Services(), ec2(s))...)}
	for _, part := range []struct {
		seen    bool
		gaps    []groundway.Gap
		actions []string
	}{
		{s.Quotas.Seen, s.Quotas.Gaps, []string{"servicequotas:ListServiceQuotas"}},
		{s.Uses.Seen, s.Uses.Gaps, counted()},
		{s.InstanceTypes.Seen, s.InstanceTypes.Gaps, []string{"ec2:DescribeInstanceTypes"}},
		{s.Roles.Seen, s.Roles.Gaps, []string{"iam:GetRole"}},
		{s.Encryption.Seen, s.Encryption.Gaps, []string{"ec2:GetEbsEncryptionByDefault"}},
	} {
		for _, g := range part.gaps {
			fault := awsfake.Deny()
			if g.Code != "" {
				fault = awsfake.Fail(http.StatusForbidden, g.Code)
			}
			a.script(fault, []string{g.Action})
		}
		if !part.seen && len(part.gaps) == 0 {
			a.Deny(part.actions...)
		}
	}
	for _, r := range s.Roles.Items {
		if !r.Exists && r.Creatable == nil {
			a.Deny("iam:SimulatePrincipalPolicy")
		}
	}
	for _, e := range s.Encryption.Items {
		if e.ForAutoScaling == nil {
			a.Deny("kms:GetKeyPolicy")
		}
	}
	return a
}

// counted returns the actions whose answers are counted.
func counted() (actions []string) {
	for _, l := range capacity.Limits() {
		actions = append(actions, l.Counted)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Clients returns clients of the account.
func (a *Account) Clients() awscapacity.Clients {
	cfg := a.fake.Config()
	return awscapacity.Clients{
		EC2: ec2sdk.NewFromConfig(cfg), Quotas: quotassdk.NewFromConfig(cfg), LoadBalancers: elbv2sdk.NewFromConfig(cfg),
		ClassicLoadBalancers: elbsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg), KMS: kmssdk.NewFromConfig(cfg),
	}
}

// Deny makes calls of these IAM actions, "ec2:DescribeVpcs", fail as those of a
// caller who may not, and returns the account. It panics for an action that
// package awscapacity never calls: a test that denies it would prove nothing.
func (a *Account) Deny(actions ...string) *Account { return a.script(awsfake.Deny(), actions) }

// Throttle makes calls of these IAM actions fail however often they are retried,
// and returns the account. It panics as Deny does.
func (a *Account) Throttle(actions ...string) *Account { return a.script(awsfake.Throttle(), actions) }

func (a *Account) script(fault awsfake.Fault, actions []string) *Account {
	for _, action := range actions {
		if !slices.Contains(awscapacity.Actions(), action) {
			panic(fmt.Sprintf("awscapacitytest: awscapacity does not call %q", action))
		}
		a.fake.Script(action, fault)
	}
	return a
}

// Calls returns the IAM actions of the requests so far, in the order in which
// they came; retries and further pages are requests too.
func (a *Account) Calls() []string {
	var actions []string
	for _, call := range a.fake.Calls() {
		actions = append(actions, call.Action)
	}
	return actions
}

func uses(s capacity.Snapshot, quota string) (u capacity.Use) {
	for _, u := range s.Uses.Items {
		if u.Quota == quota {
			return u
		}
	}
	return u
}

// world is the account beside EC2.
func world(s capacity.Snapshot) capacityfake.World {
	w := capacityfake.World{
		Quotas: s.Quotas.Items, Classic: uses(s, capacity.ClassicLoadBalancers).Count,
		Balancer: slices.Concat(
			slices.Repeat([]string{"application"}, uses(s, capacity.ApplicationLoadBalancers).Count),
			slices.Repeat([]string{"network"}, uses(s, capacity.NetworkLoadBalancers).Count),
		),
		Policy: `{"Statement":[]}`,
	}
	for _, r := range s.Roles.Items {
		if r.Exists {
			w.Roles = append(w.Roles, r.Name)
		}
		w.MayMake = w.MayMake || r.Creatable != nil && *r.Creatable
	}
	for _, e := range s.Encryption.Items {
		w.KeyOwner = e.KeyManager
		if e.ForAutoScaling != nil && *e.ForAutoScaling {
			w.Grantees = []string{"arn:aws:iam::" + s.Account + ":role/aws-service-role/autoscaling.amazonaws.com/" + capacity.RoleName("autoscaling.amazonaws.com")}
		}
	}
	return w
}

// types has a type of each family whose vCPUs are counted.
var types = []string{
	"m5.large", "dl1.24xlarge", "f1.2xlarge", "g4dn.xlarge", "hpc6a.48xlarge", "inf1.xlarge", "p3.2xlarge", "trn1.2xlarge", "u-6tb1.metal", "x1.16xlarge",
}

// ec2 is EC2 with as much of everything as was counted.
func ec2(s capacity.Snapshot) awsfake.Service {
	n := network.Snapshot{Observation: s.Observation}
	n.VPCs = several(uses(s, capacity.VPCs).Count, func(i int) network.VPC {
		return network.VPC{ID: fmt.Sprintf("vpc-%d", i), OwnerID: s.Account, State: "available"}
	})
	n.InternetGateways = several(uses(s, capacity.InternetGateways).Count, func(i int) network.InternetGateway {
		return network.InternetGateway{ID: fmt.Sprintf("igw-%d", i), OwnerID: s.Account}
	})
	n.SecurityGroups = several(uses(s, capacity.SecurityGroups).Count, func(i int) network.SecurityGroup {
		return network.SecurityGroup{ID: fmt.Sprintf("sg-%d", i), OwnerID: s.Account}
	})
	n.Subnets, n.NATGateways = groundway.SeenPart[network.Subnet](), groundway.SeenPart[network.NATGateway]()
	nats := uses(s, capacity.NATGateways)
	add := func(subnet string, count int) {
		for range count {
			n.NATGateways.Items = append(n.NATGateways.Items, network.NATGateway{
				ID: fmt.Sprintf("nat-%d", len(n.NATGateways.Items)), SubnetID: subnet, State: "available",
			})
		}
	}
	for zone, count := range nats.Zones {
		n.Subnets.Items = append(n.Subnets.Items, network.Subnet{ID: "subnet-" + zone, Zone: zone})
		add("subnet-"+zone, count)
		nats.Count -= count
	}
	add("", max(nats.Count, 0)) // regional ones are in no zone
	o := ec2fake.Options{InstanceTypes: s.InstanceTypes.Items}
	for i := range uses(s, capacity.Addresses).Count {
		o.Addresses = append(o.Addresses, ec2fake.Address{AllocationID: fmt.Sprintf("eipalloc-%d", i), Pool: "amazon"})
	}
	for i, t := range types {
		quota, _ := capacity.FamilyQuota(t)
		if count := uses(s, quota).Count; count > 0 {
			o.Instances = append(o.Instances, ec2fake.Instance{ID: fmt.Sprintf("i-%d", i), Type: t, Cores: count, Threads: 1})
		}
	}
	for _, e := range s.Encryption.Items {
		o.Encryption = &e
	}
	return ec2fake.New(n, o)
}

func several[T any](count int, one func(int) T) groundway.Part[T] {
	part := groundway.SeenPart[T]()
	for i := range count {
		part.Items = append(part.Items, one(i))
	}
	return part
}
