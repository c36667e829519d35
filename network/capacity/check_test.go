package capacity_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
)

// account has a VPC, and room for a cluster.
func account() (capacity.Snapshot, network.Snapshot, capacity.Options) {
	n, no := nt.Public()
	s := capacity.Snapshot{Observation: n.Observation}
	values := map[string]float64{
		capacity.VPCs: 5, capacity.InternetGateways: 5, capacity.NATGateways: 5, capacity.SecurityGroups: 2500, capacity.Addresses: 5,
		capacity.ClassicLoadBalancers: 20, capacity.NetworkLoadBalancers: 50, capacity.ApplicationLoadBalancers: 50, "ec2/L-1216C47A": 64,
	}
	s.Quotas, s.Uses = groundway.SeenPart[capacity.Quota](), groundway.SeenPart[capacity.Use]()
	for _, l := range capacity.Limits() {
		if value, ok := values[l.Quota]; ok {
			service, code, _ := strings.Cut(l.Quota, "/")
			s.Quotas.Items = append(s.Quotas.Items, capacity.Quota{Service: service, Code: code, Value: value})
		}
		s.Uses.Items = append(s.Uses.Items, capacity.Use{Quota: l.Quota, Count: 1})
	}
	use(&s, capacity.NATGateways).Zones = map[string]int{"us-east-1a": 1, "us-east-1b": 1}
	s.InstanceTypes = groundway.SeenPart(
		capacity.InstanceType{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10},
		capacity.InstanceType{Type: "t2.micro", VCPUs: 1, MemoryMiB: 1024, Interfaces: 2, Addresses: 2},
		capacity.InstanceType{Type: "t2.medium", VCPUs: 2, MemoryMiB: 4096, Interfaces: 3, Addresses: 6},
	)
	s.Roles = groundway.SeenPart[capacity.ServiceRole]()
	for _, service := range capacity.Services() {
		s.Roles.Items = append(s.Roles.Items, capacity.ServiceRole{Service: service, Name: capacity.RoleName(service), Exists: true})
	}
	s.Encryption = groundway.SeenPart(capacity.Encryption{})
	return s, n, capacity.Options{
		Nodes: []capacity.Nodes{
			{Role: "controller", InstanceType: "m5.large", Count: 3, Subnets: no.ControllerSubnets},
			{Role: "worker", InstanceType: "m5.large", Count: 6, Subnets: no.WorkerSubnets},
		},
		Needs: capacity.Needs{
			VPCs: 1, InternetGateways: 1, Addresses: 2, SecurityGroups: 4, ClassicLoadBalancers: 2, NetworkLoadBalancers: 1, ApplicationLoadBalancers: 1,
			NATGateways: map[string]int{"us-east-1a": 1, "us-east-1c": 1},
		},
	}
}

func use(s *capacity.Snapshot, quota string) *capacity.Use {
	i := slices.IndexFunc(s.Uses.Items, func(u capacity.Use) bool { return u.Quota == quota })
	return &s.Uses.Items[i]
}

func quota(s *capacity.Snapshot, key string) *capacity.Quota {
	i := slices.IndexFunc(s.Quotas.Items, func(q capacity.Quota) bool { return q.Key() == key })
	return &s.Quotas.Items[i]
}

// world is what a case changes.
type world struct {
	s capacity.Snapshot
	n network.Snapshot
	o capacity.Options
}

var cases = []struct {
	name string
	harm func(*world)
	code groundway.Code // "": nothing
	want groundway.Outcome
	says string
}{
	{"all is well", func(*world) {}, "", 0, ""},
	{
		"OpenShift: five of five VPCs used, and it passes", func(w *world) { use(&w.s, capacity.VPCs).Count = 5 },
		"network/quota-exceeded", groundway.Failed, "The account may have 5 VPCs; 5 are there, and the cluster takes 1 more.",
	},
	{
		"little is left", func(w *world) { use(&w.s, capacity.VPCs).Count = 4 },
		"network/quota-headroom-low", groundway.Failed, "The account may have 5 VPCs; with the cluster 5 are there, and less than 20 per cent is left.",
	},
	{
		"NAT gateways of one zone", func(w *world) { use(&w.s, capacity.NATGateways).Zones["us-east-1c"] = 5 },
		"network/quota-exceeded", groundway.Failed, "The account may have 5 NAT gateways in a zone; 5 are there in us-east-1c, and the cluster takes 1 more.",
	},
	{
		"vCPUs", func(w *world) { quota(&w.s, "ec2/L-1216C47A").Value = 18 },
		"network/quota-exceeded", groundway.Failed, "The account may have 18 vCPUs of On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances; 1 are there, and the cluster takes 18 more.",
	},
	{
		"a quota that is denied", func(w *world) {
			w.s.Quotas = groundway.UnseenPart[capacity.Quota](groundway.Gap{Action: "servicequotas:ListServiceQuotas", Code: "AccessDeniedException", Message: "the caller is not authorized"})
			w.o.Needs, w.o.Nodes = capacity.Needs{VPCs: 1}, nil
		},
		"network/quota-exceeded", groundway.Unknown, "It could not be seen how many VPCs the account may have: servicequotas:ListServiceQuotas (AccessDeniedException: the caller is not authorized).",
	},
	{
		"use that cannot be counted", func(w *world) {
			w.s.Uses.Items = slices.DeleteFunc(w.s.Uses.Items, func(u capacity.Use) bool { return u.Quota == capacity.Addresses })
			w.s.Uses.Partial, w.s.Uses.Gaps = true, []groundway.Gap{{Action: "ec2:DescribeAddresses", Code: "UnauthorizedOperation"}}
		},
		"network/quota-exceeded", groundway.Unknown, "It could not be seen how many Elastic IP addresses there are: ec2:DescribeAddresses (UnauthorizedOperation).",
	},
	{
		"a family without a quota that is known", func(w *world) { w.o.Nodes[0].InstanceType = "mac2.metal" },
		"network/quota-exceeded", groundway.Unknown, "It could not be seen which quota instances of mac2.metal count against: servicequotas:ListServiceQuotas.",
	},
	{
		"a type that was not seen", func(w *world) {
			w.s.InstanceTypes = groundway.UnseenPart[capacity.InstanceType](groundway.Gap{Action: "ec2:DescribeInstanceTypes"})
			w.o.Pods = capacity.PodsVPC
		},
		"network/addresses-short", groundway.Unknown, "It could not be seen how many addresses nodes of m5.large take: ec2:DescribeInstanceTypes.",
	},
	{
		"nodes alone", func(w *world) { nt.Subnet(&w.n, "subnet-0w1").FreeAddresses = new(2) },
		"network/addresses-short", groundway.Failed, "subnet-0w1 has 2 free addresses; the 3 nodes that are to stand in it take 3, with their pods.",
	},
	{
		"pods with addresses", func(w *world) {
			w.o.Pods = capacity.PodsVPC
			nt.Subnet(&w.n, "subnet-0w1").FreeAddresses = new(89)
		},
		"network/addresses-short", groundway.Failed, "subnet-0w1 has 89 free addresses; the 3 nodes that are to stand in it take 90, with their pods.",
	},
	{
		"a subnet that was not seen", func(w *world) { nt.Subnet(&w.n, "subnet-0w1").FreeAddresses = nil },
		"network/addresses-short", groundway.Unknown, "It could not be seen how many addresses are free in subnet-0w1: ec2:DescribeSubnets.",
	},
	{
		"no worker", func(w *world) { w.o.Nodes = w.o.Nodes[:1] },
		"network/nodes-below-minimum", groundway.Failed, "0 nodes are to be a worker; the installer asks for 1 at least.",
	},
	{
		"small nodes", func(w *world) { w.o.Nodes[1].InstanceType = "t2.micro" },
		"network/nodes-below-minimum", groundway.Failed, "t2.micro has 1 vCPUs and 1024 MiB; the installer asks for those of t2.medium, 2 and 4096, at least.",
	},
	{
		"nodes of a size that was not seen", func(w *world) { w.s.InstanceTypes.Items = nil },
		"network/nodes-below-minimum", groundway.Unknown, "It could not be seen how large m5.large is: ec2:DescribeInstanceTypes (the answer has no instance type m5.large).",
	},
	{
		"a role that nobody may make", func(w *world) { w.s.Roles.Items[0].Exists, w.s.Roles.Items[0].Creatable = false, new(false) },
		"network/service-linked-role-missing", groundway.Failed, "The role AWSServiceRoleForAutoScaling is not there, and the caller may not have it made.",
	},
	{
		"a role that will be made", func(w *world) { w.s.Roles.Items[0].Exists, w.s.Roles.Items[0].Creatable = false, new(true) },
		"", 0, "",
	},
	{
		"a role of which that is not known", func(w *world) { w.s.Roles.Items[0].Exists = false },
		"network/service-linked-role-missing", groundway.Unknown, "It could not be seen whether the caller may have the role AWSServiceRoleForAutoScaling made, which is not there: iam:SimulatePrincipalPolicy.",
	},
	{
		"roles that were not seen", func(w *world) { w.s.Roles = groundway.UnseenPart[capacity.ServiceRole]() },
		"network/service-linked-role-missing", groundway.Unknown, "It could not be seen whether there is the role AWSServiceRoleForAutoScaling: iam:GetRole.",
	},
	{"AWS's own key", func(w *world) {
		w.s.Encryption.Items[0] = capacity.Encryption{Default: true, KeyID: "alias/aws/ebs", KeyManager: "AWS"}
	}, "", 0, ""},
	{
		"a key that Auto Scaling may not use", func(w *world) {
			w.s.Encryption.Items[0] = capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(false)}
		},
		"network/ebs-default-key-unusable", groundway.Failed, "New volumes are encrypted with key-0a, which does not let Auto Scaling's role use it.",
	},
	{
		"a key whose policy was not seen", func(w *world) {
			w.s.Encryption.Items[0] = capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER"}
		},
		"network/ebs-default-key-unusable", groundway.Unknown, "It could not be seen whether Auto Scaling may use the key of new volumes: kms:GetKeyPolicy.",
	},
	{
		"encryption that was not seen", func(w *world) { w.s.Encryption = groundway.Part[capacity.Encryption]{} },
		"network/ebs-default-key-unusable", groundway.Unknown, "It could not be seen whether new volumes are encrypted by default: ec2:GetEbsEncryptionByDefault.",
	},
}

func check(harm func(*world)) []groundway.Finding {
	var w world
	w.s, w.n, w.o = account()
	harm(&w)
	return capacity.Check(w.s, w.n, w.o)
}

func TestCheck(t *testing.T) {
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			var found []string
			for _, f := range check(test.harm) {
				if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
					found = append(found, fmt.Sprintf("%s %v: %s", f.Code, f.Outcome, f.Summary))
				}
				if f.Outcome == groundway.Failed {
					assert.NotEmpty(t, f.Evidence, f.Code)
					assert.NotEmpty(t, f.Remedies, f.Code)
				}
			}
			if test.code == "" {
				assert.Empty(t, found)
				return
			}
			assert.Contains(t, found, fmt.Sprintf("%s %v: %s", test.code, test.want, test.says))
			if test.want == groundway.Failed {
				assert.Len(t, found, 1, "one cause, one finding")
			}
		})
	}
}

// Every rule comes out each way, and its evidence points at the snapshot.
func TestRules(t *testing.T) {
	findingtest.Rules(t, "network", capacity.Rules)
	out := map[groundway.Code]map[groundway.Outcome]bool{}
	for _, r := range capacity.Rules() {
		out[r.Code] = map[groundway.Outcome]bool{}
		assert.NotEmpty(t, r.Permissions)
	}
	for _, test := range append(cases, cases[0]) {
		for _, f := range check(test.harm) {
			out[f.Code][f.Outcome] = true
		}
	}
	for _, f := range capacity.Check(capacity.Snapshot{}, network.Snapshot{}, capacity.Options{Profile: network.ProfileEKS}) {
		assert.Equal(t, groundway.Skipped, f.Outcome)
		assert.NotEmpty(t, f.Detail, f.Code)
	}
	for code, outcomes := range out {
		for _, o := range []groundway.Outcome{groundway.Passed, groundway.Failed, groundway.Unknown} {
			assert.True(t, outcomes[o], "%s is never %v", code, o)
		}
	}
}

// together returns the parts of both snapshots, as a preflight saves them.
func together(t *testing.T, list ...any) any {
	all := map[string]json.RawMessage{}
	for _, s := range list {
		data, err := json.Marshal(s)
		require.NoError(t, err)
		var one struct {
			Parts map[string]json.RawMessage `json:"parts"`
		}
		require.NoError(t, json.Unmarshal(data, &one))
		maps.Copy(all, one.Parts)
	}
	return map[string]any{"parts": all}
}

func TestContract(t *testing.T) {
	for _, test := range cases {
		w := world{}
		w.s, w.n, w.o = account()
		if test.harm != nil {
			test.harm(&w)
		}
		before := network.Check(w.n, network.Options{Profile: w.o.Profile})
		findingtest.Contract{Snapshot: together(t, w.s, w.n), Rules: capacity.Rules(), Before: before}.Hold(t, capacity.Check(w.s, w.n, w.o))
	}
}

func TestEvidence(t *testing.T) {
	for _, f := range check(func(w *world) { use(&w.s, capacity.NATGateways).Zones["us-east-1c"] = 5 }) {
		if f.Outcome != groundway.Failed {
			continue
		}
		assert.Equal(t, []groundway.Fact{
			{Path: "/parts/quotas/items/vpc~1L-FE5A380F/value", Got: "5", Want: "6 or more", Source: "servicequotas:ListServiceQuotas"},
			{Path: "/parts/quotaUses/items/vpc~1L-FE5A380F/zones/us-east-1c", Got: "5", Want: "room for 1 more", Source: "ec2:DescribeNatGateways"},
		}, f.Evidence)
		assert.Equal(t, [][]string{{
			"aws", "service-quotas", "request-service-quota-increase", "--service-code", "vpc", "--quota-code", "L-FE5A380F", "--desired-value", "8", "--region", "us-east-1",
		}}, f.Remedies[0].Commands)
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	s, _, _ := account()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	var back capacity.Snapshot
	require.NoError(t, json.Unmarshal(text, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
	assert.Contains(t, string(text), `"vpc/L-F678F1CE":{`)
}

func TestFamilyQuota(t *testing.T) {
	for name, want := range map[string]string{
		"m5.large": "ec2/L-1216C47A", "t2.medium": "ec2/L-1216C47A", "c7gn.large": "ec2/L-1216C47A", "im4gn.large": "ec2/L-1216C47A",
		"g4dn.xlarge": "ec2/L-DB2E81BA", "vt1.3xlarge": "ec2/L-DB2E81BA", "p5.48xlarge": "ec2/L-417A185B", "x2idn.large": "ec2/L-7295265B",
		"inf2.xlarge": "ec2/L-1945791B", "trn1.2xlarge": "ec2/L-2C3B7624", "dl1.24xlarge": "ec2/L-6E869C2A", "hpc7g.4xlarge": "ec2/L-F7808C92",
		"u-6tb1.56xlarge": "ec2/L-43DA4232", "u7i-12tb.224xlarge": "ec2/L-43DA4232", "f2.6xlarge": "ec2/L-74FC7D96",
		"mac2.metal": "", "": "", "m5": "", "quantum1.large": "",
	} {
		got, ok := capacity.FamilyQuota(name)
		assert.Equal(t, want, got, name)
		assert.Equal(t, want != "", ok, name)
	}
}

// naive hands out addresses one pod after the other, as the VPC CNI does, and then
// keeps one interface, or one prefix, in reserve.
func naive(t capacity.InstanceType, n capacity.PodNetwork, pods int) int {
	if n == capacity.PodsVPC {
		interfaces, free := 1, t.Addresses-1
		for range pods {
			if free == 0 {
				interfaces++
				free = t.Addresses - 1
			}
			free--
		}
		if interfaces < t.Interfaces {
			interfaces++
		}
		return interfaces * t.Addresses
	}
	var prefixes []int // free addresses in each
	for range pods {
		if len(prefixes) == 0 || prefixes[len(prefixes)-1] == 0 {
			prefixes = append(prefixes, 16)
		}
		prefixes[len(prefixes)-1]--
	}
	if len(prefixes) < t.Interfaces*(t.Addresses-1) {
		prefixes = append(prefixes, 16)
	}
	interfaces := 0
	for left := len(prefixes); left > 0; left -= t.Addresses - 1 {
		interfaces++
	}
	return len(prefixes)*16 + interfaces
}

func TestAddressesOf(t *testing.T) {
	for _, kind := range []capacity.InstanceType{
		{Type: "t2.medium", VCPUs: 2, Interfaces: 3, Addresses: 6},
		{Type: "m5.large", VCPUs: 2, Interfaces: 3, Addresses: 10},
		{Type: "m5.24xlarge", VCPUs: 96, Interfaces: 15, Addresses: 50},
		{Type: "t2.nano", VCPUs: 1, Interfaces: 2, Addresses: 2},
	} {
		for _, n := range []capacity.PodNetwork{capacity.PodsVPC, capacity.PodsVPCPrefixes} {
			limit := capacity.MaxPods(kind, n) - 2
			for pods := range limit + 1 {
				got, err := capacity.AddressesOf(kind, n, pods)
				require.NoError(t, err)
				require.Equal(t, naive(kind, n, pods), got, "%s %d %d pods", kind.Type, n, pods)
				require.GreaterOrEqual(t, got, pods+1)
			}
			_, err := capacity.AddressesOf(kind, n, limit+1)
			assert.EqualError(t, err, fmt.Sprintf("addresses of %s: it takes %d pods with addresses of their own, and %d are wanted", kind.Type, limit, limit+1))
		}
	}
	m5 := capacity.InstanceType{Type: "m5.large", VCPUs: 2, Interfaces: 3, Addresses: 10}
	assert.Equal(t, 29, capacity.MaxPods(m5, capacity.PodsVPC), "as EKS has it")
	assert.Equal(t, 110, capacity.MaxPods(m5, capacity.PodsVPCPrefixes), "as EKS recommends")
	assert.Zero(t, capacity.MaxPods(m5, capacity.PodsOverlay))
	one, err := capacity.AddressesOf(m5, capacity.PodsOverlay, 500)
	require.NoError(t, err)
	assert.Equal(t, 1, one)
	_, err = capacity.AddressesOf(capacity.InstanceType{Type: "x"}, capacity.PodsVPC, 0)
	assert.EqualError(t, err, "addresses of x: its interfaces are not known")
	_, err = capacity.AddressesOf(m5, capacity.PodsVPC, -1)
	assert.EqualError(t, err, "addresses of m5.large: -1 pods")
}

// What a plan takes is what it has not.
func TestNeedsOf(t *testing.T) {
	s := nt.Empty()
	p, err := plan.New(s, plan.Options{Cluster: "demo", CIDR: netip.MustParsePrefix("10.0.0.0/16"), Endpoints: []string{"ec2"}})
	require.NoError(t, err)
	assert.Equal(t, capacity.Needs{
		VPCs: 1, InternetGateways: 1, Addresses: 3, SecurityGroups: 2, NATGateways: map[string]int{"us-east-1a": 1, "us-east-1b": 1, "us-east-1c": 1},
	}, capacity.NeedsOf(p))
	again, err := plan.New(p.Snapshot(s), plan.Options{Cluster: "demo", Endpoints: []string{"ec2"}})
	require.NoError(t, err)
	assert.Equal(t, capacity.Needs{}, capacity.NeedsOf(again))
	assert.Equal(t, capacity.Needs{}, capacity.NeedsOf(plan.Plan{}))
	assert.Equal(t, capacity.Minimum{Controllers: 1, Workers: 1, InstanceType: "t2.medium", VCPUs: 2, MemoryMiB: 4096, DiskGB: 30, ClassicLoadBalancers: 2}, capacity.MinimumOf(network.ProfileTectonic))
	assert.Zero(t, capacity.MinimumOf(network.ProfileEKS))
}

func BenchmarkCheck(b *testing.B) {
	s, n, o := account()
	b.ReportAllocs()
	for b.Loop() {
		capacity.Check(s, n, o)
	}
}

func Example() {
	s, n, o := account()
	use(&s, capacity.Addresses).Count = 4
	for _, f := range capacity.Check(s, n, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
			fmt.Println(strings.Join(f.Remedies[0].Commands[0], " "))
		}
	}
	// Output:
	// network/quota-exceeded
	// The account may have 5 Elastic IP addresses; 4 are there, and the cluster takes 2 more.
	// aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 8 --region us-east-1
}

func TestRedact(t *testing.T) {
	s, n, o := account()
	s.Encryption.Items[0] = capacity.Encryption{Default: true, KeyID: "arn:aws:kms:us-east-1:111122223333:key/0a", KeyManager: "CUSTOMER", ForAutoScaling: new(false)}
	text, err := json.Marshal(s.Redact())
	require.NoError(t, err)
	assert.NotContains(t, string(text), "111122223333")
	assert.Contains(t, string(text), "key-redacted")
	assert.Contains(t, s.Encryption.Items[0].KeyID, "111122223333", "the original stays")
	outcomes := func(s capacity.Snapshot) (list []string) {
		for _, f := range capacity.Check(s, n, o) {
			list = append(list, fmt.Sprint(f.Code, f.Outcome))
		}
		return list
	}
	assert.Equal(t, outcomes(s), outcomes(s.Redact()))
}

func TestPodNetwork(t *testing.T) {
	for _, n := range []capacity.PodNetwork{capacity.PodsOverlay, capacity.PodsVPC, capacity.PodsVPCPrefixes} {
		back, err := capacity.ParsePodNetwork(n.String())
		require.NoError(t, err)
		assert.Equal(t, n, back)
	}
	_, err := capacity.ParsePodNetwork("calico")
	assert.EqualError(t, err, `parse pod network "calico": want overlay, vpc or vpc-prefixes`)
	assert.Equal(t, "invalid", capacity.PodNetwork(9).String())
}
