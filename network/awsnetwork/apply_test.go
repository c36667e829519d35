package awsnetwork_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
)

// noWait lets no time pass.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

var applyOptions = awsnetwork.ApplyOptions{Wait: noWait, Timeout: time.Minute}

func region(s network.Snapshot) *awsfake.Fake { return awsfake.New(ec2fake.New(s, ec2fake.Options{})) }

// everyKind is a plan in which everything occurs.
func everyKind() plan.Options {
	return plan.Options{
		Cluster: "demo", Zones: []string{"us-east-1a", "us-east-1b"}, IPv6: true, Endpoints: []string{"s3", "ecr.api"},
		PodCIDR: netip.MustParsePrefix("10.2.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"),
		PrivateRoutes: map[netip.Prefix]network.Target{netip.MustParsePrefix("192.168.0.0/16"): {Kind: network.TargetVPNGateway, ID: "vgw-0a"}},
		Tags:          map[string]string{"team": "platform"},
	}
}

// planned reads what the owner has, and plans.
func planned(t *testing.T, fake *awsfake.Fake, o plan.Options) (plan.Plan, network.Snapshot) {
	t.Helper()
	lo := awsnetwork.LoadOptions{Account: nt.Account, Region: nt.Region, Time: time.Unix(0, 0), Cluster: "demo"}
	client := ec2sdk.NewFromConfig(fake.Config())
	var s network.Snapshot
	var err error
	if o.VPC != "" {
		s, err = awsnetwork.Load(t.Context(), client, o.VPC, lo)
	} else {
		s, err = awsnetwork.LoadOwned(t.Context(), client, "demo", lo)
	}
	require.NoError(t, err)
	p, err := plan.New(s, o)
	require.NoError(t, err)
	return p, s
}

func apply(t *testing.T, fake *awsfake.Fake, p plan.Plan) (awsnetwork.Applied, error) {
	t.Helper()
	return awsnetwork.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p, applyOptions)
}

func remove(t *testing.T, fake *awsfake.Fake) ([]awsnetwork.Resource, error) {
	t.Helper()
	return awsnetwork.Remove(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "demo", awsnetwork.RemoveOptions{Wait: noWait, Timeout: time.Minute})
}

// writes returns the calls so far that changed something.
func writes(fake *awsfake.Fake) (actions []string) {
	for _, c := range fake.Calls() {
		if !strings.HasPrefix(c.Action, "ec2:Describe") {
			actions = append(actions, c.Action)
		}
	}
	return actions
}

// A plan is carried out, checks clean, is empty afterwards, is kept by a second
// apply, and removed to the last thing; in a new VPC and in one that exists, for
// both topologies.
func TestApply(t *testing.T) {
	t.Parallel()
	existing, _ := nt.Public()
	for i := range existing.Subnets.Items { // the administrator keeps the cluster's load balancers out of them
		existing.Subnets.Items[i].Tags = map[string]string{"kubernetes.io/cluster/unmanaged": "true"}
	}
	for _, topology := range []network.Topology{network.TopologyPublic, network.TopologyInternal} {
		for _, vpc := range []string{"", nt.VPC} {
			t.Run(fmt.Sprintf("%v %q", topology, vpc), func(t *testing.T) {
				t.Parallel()
				s, o := nt.Empty(), everyKind()
				if o.Topology = topology; vpc != "" {
					s, o.VPC, o.IPv6 = existing, vpc, false
					s.EgressGateways.Seen = true
				}
				fake := region(s)
				before := stateOf(t, fake, vpc)
				p, _ := planned(t, fake, o)
				require.Empty(t, p.Findings)
				done, err := apply(t, fake, p)
				require.NoError(t, err)
				for _, key := range done.Made {
					assert.NotEmpty(t, done.IDs[key], key)
				}
				for key := range p.IDs() {
					assert.NotEmpty(t, done.IDs[key], key)
				}

				second, after := planned(t, fake, o)
				after.LoadBalancerTags.Seen = true // of another service
				require.True(t, second.Empty(), "%s", second)
				for _, f := range network.Check(after, second.CheckOptions(done.IDs)) {
					assert.NotEqual(t, groundway.Failed, f.Outcome, "%v", f)
					assert.NotEqual(t, groundway.Unknown, f.Outcome, "%v", f)
				}
				made := len(writes(fake))
				for _, again := range []plan.Plan{p, second} { // the first once more, as after a lost answer
					result, err := apply(t, fake, again)
					require.NoError(t, err)
					assert.Equal(t, done.IDs, result.IDs)
					assert.Empty(t, result.Made)
				}
				assert.Len(t, writes(fake), made, "nothing is done twice")

				gone, err := remove(t, fake)
				require.NoError(t, err)
				assert.Len(t, gone, len(done.Made))
				assert.Equal(t, before, stateOf(t, fake, vpc), "what was there before is there, and nothing else")
				gone, err = remove(t, fake)
				require.NoError(t, err)
				assert.Empty(t, gone)

				actions := fake.Actions()
				allowed := slices.Concat(awsnetwork.Actions(), awsnetwork.ApplyActions(), awsnetwork.RemoveActions())
				for _, action := range actions {
					assert.Contains(t, allowed, action)
				}
			})
		}
	}
}

// stateOf returns what can be seen of the VPC and of the owner's things, but for
// NAT gateways that are deleted.
func stateOf(t *testing.T, fake *awsfake.Fake, vpc string) string {
	t.Helper()
	client := ec2sdk.NewFromConfig(fake.Config())
	owned, err := awsnetwork.Owned(t.Context(), client, "demo")
	require.NoError(t, err)
	if vpc == "" {
		return fmt.Sprint(owned)
	}
	s, err := awsnetwork.Load(t.Context(), client, vpc, awsnetwork.LoadOptions{Time: time.Unix(0, 0)})
	require.NoError(t, err)
	s.NATGateways.Items = slices.DeleteFunc(s.NATGateways.Items, func(n network.NATGateway) bool { return n.State == "deleted" })
	text, err := json.Marshal(s)
	require.NoError(t, err)
	return fmt.Sprint(owned) + string(text)
}

// Whatever call fails, and however, the next apply of the same plan goes on, and
// nothing is there twice; and so does a removal.
func TestResume(t *testing.T) {
	t.Parallel()
	o := everyKind()
	o.Zones, o.NAT = o.Zones[:2], plan.NATSingle
	clean := region(nt.Empty())
	p, _ := planned(t, clean, o)
	first := len(clean.Calls())
	_, err := apply(t, clean, p)
	require.NoError(t, err)
	applied := len(clean.Calls())
	want := kinds(t, clean)
	last := len(clean.Calls())
	_, err = remove(t, clean)
	require.NoError(t, err)
	removed := len(clean.Calls()) - last

	for name, fault := range map[string]awsfake.Fault{
		"denied": awsfake.Deny(),
		"lost":   awsfake.Drop(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := range applied - first {
				fake := region(nt.Empty())
				p, _ := planned(t, fake, o)
				fake.Script("*", fault.From(n))
				result, err := apply(t, fake, p)
				require.Error(t, err, "call %d", n)
				for _, key := range result.Made {
					require.ErrorContains(t, err, result.IDs[key], "the error says what was made")
				}
				healed := fake.Healed()
				if half, _ := planned(t, healed, o); n%3 == 0 { // as well a plan that was made anew
					p = half
				}
				_, err = apply(t, healed, p)
				require.NoError(t, err, "call %d", n)
				require.Equal(t, want, kinds(t, healed), "call %d", n)
				again, _ := planned(t, healed, o)
				require.True(t, again.Empty(), "call %d: %s", n, again)
			}
			for n := range removed {
				fake := region(nt.Empty())
				p, _ := planned(t, fake, o)
				_, err := apply(t, fake, p)
				require.NoError(t, err)
				fake.Script("*", fault.From(n))
				_, err = remove(t, fake)
				require.Error(t, err, "call %d", n)
				healed := fake.Healed()
				_, err = remove(t, healed)
				require.NoError(t, err, "call %d", n)
				require.Empty(t, kinds(t, healed), "call %d", n)
			}
		})
	}
}

// kinds counts what the owner has.
func kinds(t *testing.T, fake *awsfake.Fake) map[string]int {
	t.Helper()
	owned, err := awsnetwork.Owned(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "demo")
	require.NoError(t, err)
	count := map[string]int{}
	for _, r := range owned {
		count[r.Kind+"/"+r.Name]++
	}
	return count
}

// One zone more: what is there stays, endpoints grow.
func TestApplyAnotherZone(t *testing.T) {
	t.Parallel()
	fake := region(nt.Empty())
	o := everyKind()
	p, _ := planned(t, fake, o)
	first, err := apply(t, fake, p)
	require.NoError(t, err)
	o.Zones = append(o.Zones, "us-east-1c")
	p, _ = planned(t, fake, o)
	second, err := apply(t, fake, p)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"subnet/controller-us-east-1c", "subnet/worker-us-east-1c", "elastic-ip/us-east-1c", "nat-gateway/us-east-1c", "route-table/private-us-east-1c",
	}, second.Made)
	for key, id := range first.IDs {
		assert.Equal(t, id, second.IDs[key], key)
	}
	p, after := planned(t, fake, o)
	assert.True(t, p.Empty(), "%s", p)
	for _, e := range after.Endpoints.Items {
		assert.Equal(t, 3, len(e.RouteTableIDs)+len(e.SubnetIDs), e.Service)
	}
}

// A plan names what it replaces in its own tables, and Apply replaces no more.
func TestApplyReplaces(t *testing.T) {
	t.Parallel()
	fake := region(nt.Empty())
	o := everyKind()
	p, _ := planned(t, fake, o)
	done, err := apply(t, fake, p)
	require.NoError(t, err)
	client := ec2sdk.NewFromConfig(fake.Config())
	table, igw, destination := done.IDs["route-table/private-us-east-1a"], done.IDs["internet-gateway/"], "0.0.0.0/0"
	_, err = client.ReplaceRoute(t.Context(), &ec2sdk.ReplaceRouteInput{RouteTableId: &table, GatewayId: &igw, DestinationCidrBlock: &destination})
	require.NoError(t, err)
	_, s := planned(t, fake, o)
	for _, a := range nt.RouteTable(&s, done.IDs["route-table/public"]).Associations {
		if a.SubnetID == done.IDs["subnet/controller-us-east-1a"] {
			_, err = client.ReplaceRouteTableAssociation(t.Context(), &ec2sdk.ReplaceRouteTableAssociationInput{AssociationId: &a.ID, RouteTableId: &table})
			require.NoError(t, err)
		}
	}

	_, err = apply(t, fake, p)
	require.ErrorIs(t, err, awsnetwork.ErrChanged, "the plan of before does not know of it")
	assert.EqualError(t, err, fmt.Sprintf(`apply network plan of "demo": the account changed since the plan: `+
		"subnet/controller-us-east-1a: %s is associated with %s, which the plan does not know\nroute-table/private-us-east-1a: %s leads 0.0.0.0/0 to %s, which the plan does not know",
		done.IDs["subnet/controller-us-east-1a"], table, table, igw))
	p, _ = planned(t, fake, o)
	var replaced []string
	for line := range strings.Lines(p.String()) {
		if line[0] != '=' {
			replaced = append(replaced, line)
		}
	}
	assert.Equal(t, []string{
		"~   association with controller-us-east-1a in place of " + table + "\n",
		"~   0.0.0.0/0 to nat-gateway " + done.IDs["nat-gateway/us-east-1a"] + " in place of " + igw + "\n",
	}, replaced)
	_, err = apply(t, fake, p)
	require.NoError(t, err)
	p, _ = planned(t, fake, o)
	assert.True(t, p.Empty(), "%s", p)
}

// What the plan assumed is looked at again, and nothing is made where it changed.
func TestApplyChanged(t *testing.T) {
	t.Parallel()
	o := everyKind()
	o.VPC, o.IPv6 = nt.VPC, false
	s, _ := nt.Public()
	p, _ := planned(t, region(s), o)
	for _, test := range []struct {
		name string
		harm func(*network.Snapshot)
		want string
	}{
		{"the VPC is gone", func(s *network.Snapshot) { s.VPCs.Items = nil }, "the VPC vpc-0a1 does not exist"},
		{"a block more", func(s *network.Snapshot) {
			v := nt.TheVPC(s)
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: netip.MustParsePrefix("100.64.0.0/16"), State: "associated"})
		}, "the VPC vpc-0a1 has the blocks [10.0.0.0/16 100.64.0.0/16], and the plan assumed [10.0.0.0/16]"},
		{"the gateway is detached", nt.DetachGateway, "the internet gateway igw-0a is not attached to vpc-0a1 any more"},
		{
			"a subnet where the plan has one", func(s *network.Snapshot) {
				n := *nt.Subnet(s, "subnet-0w1")
				n.ID, n.CIDRs = "subnet-0new", []network.CIDR{{Prefix: netip.MustParsePrefix("10.0.64.0/24")}}
				s.Subnets.Items = append(s.Subnets.Items, n)
			}, "subnet/worker-us-east-1a: the block 10.0.64.0/20 is taken by subnet-0new (10.0.64.0/24)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := nt.Public()
			test.harm(&s)
			fake := region(s)
			result, err := apply(t, fake, p)
			require.ErrorIs(t, err, awsnetwork.ErrChanged)
			assert.EqualError(t, err, `apply network plan of "demo": the account changed since the plan: `+test.want)
			assert.Empty(t, result.Made)
			assert.Empty(t, writes(fake))
		})
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	p, _ := planned(t, region(nt.Empty()), everyKind())
	blocked := p
	blocked.Findings = []groundway.Finding{{Code: "network/subnet-not-public", Summary: "It is not."}}
	fake := region(nt.Empty())
	_, err := apply(t, fake, blocked)
	assert.EqualError(t, err, `apply network plan of "demo": the plan cannot be applied: the network would not do: network/subnet-not-public: It is not.`)
	assert.ErrorIs(t, err, awsnetwork.ErrBlocked)
	_, err = apply(t, fake, plan.Plan{})
	assert.EqualError(t, err, `apply network plan of "": the plan cannot be applied: it is not one of plan.New`)
	assert.Empty(t, fake.Calls())

	fake.Script("ec2:CreateSubnet", awsfake.Fail(http.StatusBadRequest, "SubnetLimitExceeded").From(1))
	result, err := apply(t, fake, p)
	assert.EqualError(t, err, fmt.Sprintf(`apply network plan of "demo": subnet/controller-us-east-1b: ec2:CreateSubnet: a quota of the account is used up (SubnetLimitExceeded); `+
		"made before: vpc %s, dhcp-options %s, internet-gateway %s, egress-only-internet-gateway %s, subnet/controller-us-east-1a %s",
		result.IDs["vpc/"], result.IDs["dhcp-options/"], result.IDs["internet-gateway/"], result.IDs["egress-only-internet-gateway/"], result.IDs["subnet/controller-us-east-1a"]))

	_, err = remove(t, region(nt.Empty()))
	require.NoError(t, err)
	_, err = awsnetwork.Remove(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "", awsnetwork.RemoveOptions{})
	assert.EqualError(t, err, `remove network of owner "": no owner`)
	_, err = awsnetwork.Owned(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "")
	assert.EqualError(t, err, `list network of owner "": no owner`)
	_, err = awsnetwork.LoadOwned(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "", awsnetwork.LoadOptions{})
	assert.EqualError(t, err, "load network: no owner")
}

// A NAT gateway that fails, or takes too long, is an error that says so.
func TestApplyWaits(t *testing.T) {
	t.Parallel()
	o := everyKind()
	o.Zones, o.NAT = o.Zones[:1], plan.NATSingle
	fake := awsfake.New(ec2fake.New(nt.Empty(), ec2fake.Options{Settle: 3}))
	p, _ := planned(t, fake, o)
	var waits []time.Duration
	var states []string
	_, err := awsnetwork.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p, awsnetwork.ApplyOptions{
		Wait: func(_ context.Context, d time.Duration) error {
			waits = append(waits, d)
			return nil
		},
		Progress: func(p awsnetwork.Progress) {
			require.LessOrEqual(t, p.Done, p.Total)
			if p.State != "there" {
				states = append(states, p.Resource+" "+p.State)
			} else if p.Done == p.Total {
				states = append(states, "all")
			}
		},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"vpc/ pending", "vpc/ pending", "vpc/ pending",
		"nat-gateway/us-east-1a pending", "nat-gateway/us-east-1a pending", "nat-gateway/us-east-1a pending",
		"vpc-endpoint/ecr.api pending", "vpc-endpoint/ecr.api pending", "vpc-endpoint/ecr.api pending", "all",
	}, states)
	assert.Equal(t, slices.Repeat([]time.Duration{5 * time.Second}, 9), waits)

	fake = awsfake.New(ec2fake.New(nt.Empty(), ec2fake.Options{Settle: 100}))
	_, err = apply(t, fake, p)
	require.ErrorContains(t, err, `apply network plan of "demo": vpc/: ec2:DescribeVpcs: it is pending after 1m0s; made before: vpc vpc-`)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = awsnetwork.Apply(ctx, ec2sdk.NewFromConfig(fake.Config()), p, awsnetwork.ApplyOptions{
		Wait: func(context.Context, time.Duration) error { cancel(); return ctx.Err() },
	})
	assert.ErrorIs(t, err, context.Canceled)
}

// What others put into the network stays, and says so.
func TestRemoveLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	fake := region(nt.Empty())
	o := everyKind()
	o.Zones = o.Zones[:1]
	p, _ := planned(t, fake, o)
	done, err := apply(t, fake, p)
	require.NoError(t, err)
	client := ec2sdk.NewFromConfig(fake.Config())
	vpc, name := done.IDs["vpc/"], "theirs"
	theirs, err := client.CreateSecurityGroup(t.Context(), &ec2sdk.CreateSecurityGroupInput{GroupName: &name, Description: &name, VpcId: &vpc})
	require.NoError(t, err)
	gone, err := remove(t, fake)
	require.EqualError(t, err, fmt.Sprintf(`remove network of owner "demo": vpc %s: ec2:DeleteVpc: something else needs it (DependencyViolation); left: vpc %s, dhcp-options %s`, vpc, vpc, done.IDs["dhcp-options/"]))
	assert.Len(t, gone, len(done.Made)-2)
	_, err = client.DeleteSecurityGroup(t.Context(), &ec2sdk.DeleteSecurityGroupInput{GroupId: theirs.GroupId})
	require.NoError(t, err, "it is there")
	gone, err = remove(t, fake)
	require.NoError(t, err)
	assert.Equal(t, []awsnetwork.Resource{{Kind: "vpc", ID: vpc, VPC: vpc}, {Kind: "dhcp-options", ID: done.IDs["dhcp-options/"]}}, gone)
}

// What an earlier cluster left in another VPC is seen before there is one of one's own.
func TestLoadOwnedSeesLeftovers(t *testing.T) {
	t.Parallel()
	s := nt.Empty()
	left := network.ClusterTag{ResourceID: "sg-0old", ResourceType: "security-group", TagKey: "kubernetes.io/cluster/demo", Value: "owned"}
	s.ClusterTags = groundway.SeenPart(left)
	client := ec2sdk.NewFromConfig(region(s).Config())
	got, err := awsnetwork.LoadOwned(t.Context(), client, "demo", awsnetwork.LoadOptions{Cluster: "demo"})
	require.NoError(t, err)
	assert.Equal(t, groundway.SeenPart(left), got.ClusterTags)
	got, err = awsnetwork.LoadOwned(t.Context(), client, "demo", awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.False(t, got.ClusterTags.Seen, "nobody asked")
}

// Two VPCs of one owner are nobody's to choose from.
func TestSeveralVPCs(t *testing.T) {
	t.Parallel()
	s := nt.Empty()
	p, err := plan.New(s, everyKind())
	require.NoError(t, err)
	for _, id := range []string{"vpc-0b", "vpc-0a"} {
		s.VPCs.Items = append(s.VPCs.Items, network.VPC{ID: id, State: "available", Tags: p.TagsOf("vpc", "")})
	}
	fake := region(s)
	_, err = awsnetwork.LoadOwned(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "demo", awsnetwork.LoadOptions{})
	assert.EqualError(t, err, `load network of owner "demo": 2 VPCs carry its tags: vpc-0a, vpc-0b: remove those that are not wanted`)
	_, err = apply(t, fake, p)
	assert.EqualError(t, err, `apply network plan of "demo": the account changed since the plan: 2 VPCs carry its tags: vpc-0a, vpc-0b: remove those that are not wanted`)
}

// An owner is not a pattern.
func TestOwnerIsNoPattern(t *testing.T) {
	t.Parallel()
	fake := region(nt.Empty())
	p, _ := planned(t, fake, everyKind())
	_, err := apply(t, fake, p)
	require.NoError(t, err)
	owned, err := awsnetwork.Owned(t.Context(), ec2sdk.NewFromConfig(fake.Config()), "*")
	require.NoError(t, err)
	assert.Empty(t, owned)
	for _, c := range fake.Calls()[len(fake.Calls())-10:] {
		assert.Contains(t, c.Params.Encode(), "%5C%2A", "a star is escaped: %s", c.Action)
	}
}

// An EC2 that drops the tags of DHCP options, as emulators do.
type forgetful struct{ *ec2sdk.Client }

func (f forgetful) CreateDhcpOptions(ctx context.Context, in *ec2sdk.CreateDhcpOptionsInput, o ...func(*ec2sdk.Options)) (*ec2sdk.CreateDhcpOptionsOutput, error) {
	bare := *in
	bare.TagSpecifications = nil
	return f.Client.CreateDhcpOptions(ctx, &bare, o...)
}

func TestApplyTagsLater(t *testing.T) {
	t.Parallel()
	fake := region(nt.Empty())
	p, _ := planned(t, fake, everyKind())
	_, err := awsnetwork.Apply(t.Context(), forgetful{ec2sdk.NewFromConfig(fake.Config())}, p, applyOptions)
	require.NoError(t, err)
	again, _ := planned(t, fake, everyKind())
	assert.True(t, again.Empty(), "%s", again)
}

// An EC2 in which a table keeps the associations of subnets that are gone, as one
// emulator does.
type clinging struct {
	*ec2sdk.Client
	associated map[string]bool // tables whose associations nobody removed
	removed    []string
}

func (c *clinging) DeleteRouteTable(ctx context.Context, in *ec2sdk.DeleteRouteTableInput, o ...func(*ec2sdk.Options)) (*ec2sdk.DeleteRouteTableOutput, error) {
	if !c.associated[*in.RouteTableId] {
		return c.Client.DeleteRouteTable(ctx, in, o...)
	}
	return nil, &smithy.GenericAPIError{Code: "DependencyViolation"}
}

func (c *clinging) DescribeRouteTables(ctx context.Context, in *ec2sdk.DescribeRouteTablesInput, o ...func(*ec2sdk.Options)) (*ec2sdk.DescribeRouteTablesOutput, error) {
	out, err := c.Client.DescribeRouteTables(ctx, in, o...)
	if err == nil {
		for i, t := range out.RouteTables {
			if c.associated[*t.RouteTableId] {
				out.RouteTables[i].Associations = []types.RouteTableAssociation{
					{RouteTableAssociationId: aws.String("rtbassoc-ours"), SubnetId: &subnetOfOurs},
					{RouteTableAssociationId: aws.String("rtbassoc-theirs"), SubnetId: aws.String("subnet-0theirs")},
				}
			}
		}
	}
	return out, err
}

func (c *clinging) DisassociateRouteTable(_ context.Context, in *ec2sdk.DisassociateRouteTableInput, _ ...func(*ec2sdk.Options)) (*ec2sdk.DisassociateRouteTableOutput, error) {
	c.removed = append(c.removed, *in.AssociationId)
	clear(c.associated)
	return &ec2sdk.DisassociateRouteTableOutput{}, nil
}

var subnetOfOurs string

func TestRemoveDisassociates(t *testing.T) {
	fake := region(nt.Empty())
	o := everyKind()
	o.Zones = o.Zones[:1]
	p, _ := planned(t, fake, o)
	done, err := apply(t, fake, p)
	require.NoError(t, err)
	subnetOfOurs = done.IDs["subnet/controller-us-east-1a"]
	client := &clinging{Client: ec2sdk.NewFromConfig(fake.Config()), associated: map[string]bool{done.IDs["route-table/public"]: true}}
	gone, err := awsnetwork.Remove(t.Context(), client, "demo", awsnetwork.RemoveOptions{Wait: noWait, Timeout: time.Minute})
	require.NoError(t, err)
	assert.Len(t, gone, len(done.Made))
	assert.Equal(t, []string{"rtbassoc-ours"}, client.removed, "those of others stay")
}
