// Package capacity says whether an account can hold a cluster before it is
// installed: whether quotas leave room beside what is used already, whether the
// subnets have addresses for nodes and pods, and whether what instances and load
// balancers need beside permissions is there.
//
//	findings := capacity.Check(snapshot, network, capacity.Options{
//		Region: "us-east-1",
//		Nodes:  []capacity.Nodes{{Role: "worker", InstanceType: "m5.large", Count: 6, Subnets: ids}},
//		Needs:  capacity.NeedsOf(plan),
//	})
//
// [Check] is pure. Package capacity/awscapacity reads the [Snapshot] from a live
// account: quotas from Service Quotas, and their use by counting what there is.
//
// A quota that leaves room is no promise: EC2 may be out of instances of a type in
// a zone all the same. Which zones offer a type at all is the business of
// network.Check.
//
// Source: https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html
package capacity
