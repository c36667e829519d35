package awsnetwork_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/awsnetwork/awsnetworktest"
	"github.com/groundway-sdk/groundway/network/networktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// observed are the options with which Load repeats the head of [ec2fake.Everything].
func observed() awsnetwork.LoadOptions {
	s := ec2fake.Everything()
	return awsnetwork.LoadOptions{Account: s.Account, Region: s.Region, Time: s.Time, Subnets: []string{"subnet-0c1", "subnet-0f1"}, Cluster: "demo", InstanceTypes: []string{"m5.large", "x9.none"}}
}

func canonical(t *testing.T, s network.Snapshot) string {
	t.Helper()
	data, err := json.MarshalIndent(s, "", " ")
	require.NoError(t, err)
	return string(data)
}

func newFake(s network.Snapshot) (*awsfake.Fake, awsnetwork.LoadAPI) {
	fake := awsfake.New(ec2fake.New(s, ec2fake.Options{}))
	return fake, ec2sdk.NewFromConfig(fake.Config())
}

func TestLoadCarriesEveryFieldOver(t *testing.T) {
	want := ec2fake.Everything()
	client := awsnetworktest.NewClient(want)
	got, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.Equal(t, canonical(t, want), canonical(t, got))
}

// A field that the data model gains has to be filled in the snapshot that the
// test above carries over.
func TestEverythingFillsEveryField(t *testing.T) {
	notShown := []string{
		"Parts.PrefixLists.Items.OwnerID",                                                       // not in GetManagedPrefixListEntries
		"Parts.EgressGateways.Items.OwnerID",                                                    // not in DescribeEgressOnlyInternetGateways
		"Parts.LoadBalancerTags", "Parts.LoadBalancerTags.Items", "Parts.LoadBalancerTags.Seen", // of LoadBalancerTags
	}
	filled, all := map[string]bool{}, map[string]bool{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if !v.IsZero() {
			filled[path] = true
		}
		all[path] = true
		switch {
		case v.Type().PkgPath() == "net/netip", v.Type().PkgPath() == "time":
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if name != "Partial" && name != "Gaps" {
					walk(strings.TrimPrefix(path+"."+name, "."), v.Field(i))
				}
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		}
	}
	walk("", reflect.ValueOf(ec2fake.Everything()))
	for path := range all {
		assert.Equal(t, !slices.Contains(notShown, path), filled[path], path)
	}
	assert.Greater(t, len(all), 80)
}

func TestDNSAttributesAreToldApart(t *testing.T) {
	for _, support := range []bool{false, true} {
		s := ec2fake.Everything()
		s.DNSSupport.Items[0].Enabled, s.DNSHostnames.Items[0].Enabled = support, !support
		got, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(s), ec2fake.VPC, observed())
		require.NoError(t, err)
		assert.Equal(t, canonical(t, s), canonical(t, got))
	}
}

func TestLoadReadsEveryPage(t *testing.T) {
	for _, size := range []int{1, 2, 3, 7} {
		fake, client := newFake(ec2fake.Everything())
		fake.Script("*", awsfake.Pages(size))
		got, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.NoError(t, err)
		assert.Equal(t, canonical(t, ec2fake.Everything()), canonical(t, got), "%d items a page", size)
	}
}

func TestLoadReadsFullPages(t *testing.T) {
	s := ec2fake.Everything()
	for i := range 250 {
		s.RouteTables.Items = append(s.RouteTables.Items, network.RouteTable{ID: fmt.Sprintf("rtb-1%03d", i), VPCID: ec2fake.VPC})
		s.PrefixLists.Items[0].Entries = append(s.PrefixLists.Items[0].Entries, netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, 100, byte(i)}), 32))
	}
	fake, client := newFake(s)
	got, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.Equal(t, canonical(t, s), canonical(t, got))
	calls := map[string]int{}
	for _, c := range fake.Calls() {
		calls[c.Action]++
	}
	assert.Equal(t, 3, calls["ec2:DescribeRouteTables"], "100 tables a page")
	assert.Equal(t, 5, calls["ec2:GetManagedPrefixListEntries"], "100 entries a page, and a call for each other list")
}

// plain is a VPC whose routes and groups ask for no second wave.
func plain() network.Snapshot {
	s := ec2fake.Everything()
	s.RouteTables.Items = s.RouteTables.Items[1:]
	s.SecurityGroups.Items = s.SecurityGroups.Items[1:]
	return s
}

// In a bubble of package synctest time passes only while everything waits, so
// that the durations are exact: every answer takes a second, and twelve answers
// take a second too.
func TestLoadTakesOneRoundTrip(t *testing.T) {
	for _, classifyOnly := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			fake, client := newFake(plain())
			fake.Script("*", awsfake.Delay(time.Second))
			start := time.Now()
			s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{
				Subnets: []string{"subnet-0c1", "subnet-0w1"}, ClassifyOnly: classifyOnly,
			})
			require.NoError(t, err)
			assert.Equal(t, time.Second, time.Since(start))
			calls := 12
			if classifyOnly {
				calls = 9
				assert.Equal(t, groundway.Part[network.SecurityGroup]{}, s.SecurityGroups)
			}
			require.Len(t, fake.Calls(), calls)
			for _, c := range fake.Calls() {
				assert.Equal(t, start, c.Start, c.Action)
				assert.Equal(t, start.Add(time.Second), c.End, c.Action)
			}
		})
	}
}

func TestLoadTakesTwoRoundTripsWhereRoutesAskForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(ec2fake.Everything())
		fake.Script("*", awsfake.Delay(time.Second))
		start := time.Now()
		_, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.NoError(t, err)
		assert.Equal(t, 2*time.Second, time.Since(start))
		var second []string
		for _, c := range fake.Calls() {
			if c.Start.After(start) {
				second = append(second, c.Action)
			}
		}
		assert.ElementsMatch(t, []string{
			"ec2:DescribeSubnets", "ec2:DescribeEgressOnlyInternetGateways", "ec2:DescribeVpcPeeringConnections",
			"ec2:DescribeInstanceTypeOfferings", "ec2:DescribeTags",
			"ec2:GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries",
		}, second)
	})
}

// The same over sockets: twelve requests are held until all twelve have come,
// however long that takes.
func TestLoadSendsItsCallsAtOnceOverTheWire(t *testing.T) {
	server := awsfake.Start(awsfake.New(ec2fake.New(plain(), ec2fake.Options{})))
	defer server.Close()
	server.Script("*", awsfake.Gather(12))
	_, err := awsnetwork.Load(t.Context(), ec2sdk.NewFromConfig(server.Config()), ec2fake.VPC, awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.Len(t, server.Calls(), 12)
}

func TestActionsAreThoseThatLoadCalls(t *testing.T) {
	fake, client := newFake(ec2fake.Everything())
	_, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.Equal(t, fake.Actions(), awsnetwork.Actions())
}

// Load may read and nothing else, and never probes.
func TestLoadOnlyReads(t *testing.T) {
	for _, action := range awsnetwork.Actions() {
		assert.Regexp(t, `^ec2:(Describe|Get)`, action)
	}
	fake, client := newFake(ec2fake.Everything())
	_, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	for _, c := range fake.Calls() {
		assert.NotContains(t, string(c.Body), "DryRun", c.Action)
	}
}

func TestDenyingAnActionLeavesAGapThatNamesIt(t *testing.T) {
	for _, action := range awsnetwork.Actions() {
		client := awsnetworktest.NewClient(ec2fake.Everything()).Deny(action)
		s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.NoError(t, err, action)
		want := groundway.Gap{Action: action, Code: "UnauthorizedOperation", Message: "the caller is not authorized"}
		affected := 0
		for name, p := range parts(s) {
			if name == "LoadBalancerTags" {
				continue // which Load does not read
			}
			if slices.Contains(p.Gaps, want) {
				affected++
				assert.False(t, p.Seen, "%s: %s", action, name)
			} else {
				assert.Empty(t, p.Gaps, "%s: %s", action, name)
				assert.True(t, p.Seen && !p.Partial, "%s: %s", action, name)
			}
		}
		switch action {
		case "ec2:DescribeVpcAttribute":
			assert.Equal(t, 2, affected, action)
		case "ec2:DescribeRouteTables":
			assert.Equal(t, 3, affected, "what routes would ask for is unseen too")
		default:
			assert.Equal(t, 1, affected, action)
		}
	}
}

// A seen is a part without its items.
type seen struct {
	Seen, Partial bool
	Gaps          []groundway.Gap
	Items         int
}

// parts returns the parts of a snapshot by name.
func parts(s network.Snapshot) map[string]seen {
	all := map[string]seen{}
	v := reflect.ValueOf(s.Parts)
	for i := range v.NumField() {
		p := v.Field(i)
		all[v.Type().Field(i).Name] = seen{
			p.FieldByName("Seen").Bool(), p.FieldByName("Partial").Bool(),
			p.FieldByName("Gaps").Interface().([]groundway.Gap), p.FieldByName("Items").Len(),
		}
	}
	return all
}

func TestThrottledBeyondRetries(t *testing.T) {
	client := awsnetworktest.NewClient(ec2fake.Everything()).Throttle("ec2:DescribeSubnets")
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.Equal(t, groundway.UnseenPart[network.Subnet](groundway.Gap{
		Action: "ec2:DescribeSubnets", Code: "RequestLimitExceeded", Message: "AWS throttled the call until the retries were used up",
	}), s.Subnets)
	retries := slices.DeleteFunc(client.Calls(), func(action string) bool { return action != "ec2:DescribeSubnets" })
	assert.Len(t, retries, 3)
}

func TestALaterPageThatFailsLeavesAPartialPart(t *testing.T) {
	fake, client := newFake(ec2fake.Everything())
	fake.Script("ec2:DescribeSubnets", awsfake.Pages(2), awsfake.Deny().From(1))
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.True(t, s.Subnets.Seen && s.Subnets.Partial)
	assert.Len(t, s.Subnets.Items, 2)
	assert.Equal(t, "ec2:DescribeSubnets", s.Subnets.Gaps[0].Action)
}

// An unseen or partial part of a snapshot is answered so that Load sees it as
// it was: a snapshot with gaps can be replayed through the client.
func TestGapsAreCarriedOver(t *testing.T) {
	for _, action := range awsnetwork.Actions() {
		fake, client := newFake(ec2fake.Everything())
		fake.Script(action, awsfake.Pages(1), awsfake.Fail(http.StatusForbidden, "UnauthorizedOperation").From(1))
		first, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.NoError(t, err)
		again, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(first), ec2fake.VPC, observed())
		require.NoError(t, err)
		for _, a := range []*network.Snapshot{&first, &again} {
			if action == "ec2:DescribeSubnets" {
				// The subnets of the second wave have no page of their own.
				a.Subnets.Gaps = slices.Compact(a.Subnets.Gaps)
			}
		}
		switch action {
		case "ec2:DescribeVpcAttribute", "ec2:DescribeAvailabilityZones": // without pages
			continue
		}
		assert.Equal(t, canonical(t, first), canonical(t, again), action)
	}
}

func TestAVPCThatDoesNotExistIsAnAnswer(t *testing.T) {
	for _, id := range []string{"vpc-0missing", "garbage", "vpc/../..", "$(rm -rf ~)"} {
		s, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(ec2fake.Everything()), id, awsnetwork.LoadOptions{})
		require.NoError(t, err, id)
		for name, p := range parts(s) {
			asked := name != "EgressGateways" && name != "PrefixLists" && name != "Peerings" && name != "InstanceOfferings" && name != "ClusterTags" && name != "LoadBalancerTags"
			assert.Equal(t, seen{Seen: asked, Items: p.Items}, p, "%s: %s", id, name)
		}
		assert.Empty(t, s.VPCs.Items, id)
		assert.Empty(t, s.DNSSupport.Items, id)
		assert.Empty(t, s.Subnets.Items, id)
	}
}

// That the VPC does not exist says nothing about a call that was denied.
func TestAVPCThatDoesNotExistAndADeniedCall(t *testing.T) {
	client := awsnetworktest.NewClient(ec2fake.Everything()).Deny("ec2:DescribeVpcAttribute")
	s, err := awsnetwork.Load(t.Context(), client, "vpc-0missing", awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.True(t, s.VPCs.Complete())
	assert.False(t, s.DNSSupport.Seen)
	assert.False(t, s.DNSHostnames.Seen)
}

// A VPC that one call shows and another does not, as just after it was made, is
// no answer on what the other call was asked.
func TestAVPCThatOnlySomeCallsKnow(t *testing.T) {
	fake, client := newFake(ec2fake.Everything())
	fake.Script("ec2:DescribeVpcAttribute", awsfake.Stale())
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
	require.NoError(t, err)
	assert.Len(t, s.VPCs.Items, 1)
	assert.Equal(t, groundway.UnseenPart[network.DNSAttribute](groundway.Gap{
		Action: "ec2:DescribeVpcAttribute", Code: "InvalidVpcID.NotFound", Message: "AWS knows nothing of this name",
	}), s.DNSSupport)
}

func TestSubnetsElsewhere(t *testing.T) {
	fake, client := newFake(ec2fake.Everything())
	o := awsnetwork.LoadOptions{Subnets: []string{"subnet-0missing", "subnet-0f1", "not an id", "", "subnet-0c1", "subnet-0f1"}}
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, o)
	require.NoError(t, err)
	assert.True(t, s.Subnets.Complete())
	i := slices.IndexFunc(s.Subnets.Items, func(s network.Subnet) bool { return s.ID == "subnet-0f1" })
	require.GreaterOrEqual(t, i, 0, "one ID that does not exist must not hide the others")
	assert.Equal(t, "vpc-0b1", s.Subnets.Items[i].VPCID)
	var asked []string
	for _, c := range fake.Calls() {
		if c.Params.Get("Filter.1.Name") == "subnet-id" {
			asked = append(asked, c.Params.Get("Filter.1.Value.1"), c.Params.Get("Filter.1.Value.2"), c.Params.Get("Filter.1.Value.3"), c.Params.Get("Filter.1.Value.4"))
		}
	}
	assert.Equal(t, []string{"not an id", "subnet-0f1", "subnet-0missing", ""}, asked, "each ID once, and none that is empty")
}

func TestManySubnetsElsewhere(t *testing.T) {
	s := ec2fake.Everything()
	var ids []string
	for i := range 401 {
		id := fmt.Sprintf("subnet-1%03d", i)
		ids = append(ids, id)
		s.Subnets.Items = append(s.Subnets.Items, network.Subnet{ID: id, VPCID: "vpc-0b1"})
	}
	fake, client := newFake(s)
	got, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{Subnets: ids})
	require.NoError(t, err)
	assert.Len(t, got.Subnets.Items, 3+401)
	for _, c := range fake.Calls() {
		assert.False(t, c.Params.Has("Filter.1.Value.201"), "EC2 takes 200 values a filter")
	}
}

func TestBrokenCredentialsAreAnError(t *testing.T) {
	for code, want := range map[string]string{
		"AuthFailure":                 `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (AuthFailure)`,
		"ExpiredToken":                `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (ExpiredToken)`,
		"InvalidClientTokenId":        `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (InvalidClientTokenId)`,
		"RequestExpired":              `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (RequestExpired)`,
		"SignatureDoesNotMatch":       `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (SignatureDoesNotMatch)`,
		"UnrecognizedClientException": `load network of "vpc-0a1": ec2:DescribeVpcs: the credentials do not work (UnrecognizedClientException)`,
	} {
		fake, client := newFake(ec2fake.Everything())
		fake.Script("ec2:DescribeVpcs", awsfake.Fail(http.StatusForbidden, code))
		s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.EqualError(t, err, want)
		assert.Equal(t, network.Snapshot{}, s)
		api, ok := errors.AsType[smithy.APIError](err)
		require.True(t, ok)
		assert.Equal(t, code, api.ErrorCode())
	}
}

func TestCredentialsThatCannotBeLoaded(t *testing.T) {
	fake := awsfake.New(ec2fake.New(ec2fake.Everything(), ec2fake.Options{}))
	cfg := fake.Config()
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no profile \"staging\"")
	})
	_, err := awsnetwork.Load(t.Context(), ec2sdk.NewFromConfig(cfg), ec2fake.VPC, awsnetwork.LoadOptions{})
	require.ErrorContains(t, err, `the request could not be made: `)
	assert.ErrorContains(t, err, `no profile "staging"`)
	assert.Empty(t, fake.Calls())

	cfg = fake.Config()
	cfg.Region, cfg.BaseEndpoint = "", nil
	_, err = awsnetwork.Load(t.Context(), ec2sdk.NewFromConfig(cfg), ec2fake.VPC, awsnetwork.LoadOptions{})
	require.ErrorContains(t, err, `the request could not be made: `, "a client without a region")
	assert.Empty(t, fake.Calls())
}

func TestLoadNeedsAVPC(t *testing.T) {
	_, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(network.Snapshot{}), "", awsnetwork.LoadOptions{})
	assert.EqualError(t, err, "load network: no VPC ID")
}

func TestLoadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := newFake(ec2fake.Everything())
		fake.Script("ec2:DescribeRouteTables", awsfake.Hang())
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		start := time.Now()
		s, err := awsnetwork.Load(ctx, client, ec2fake.VPC, observed())
		assert.EqualError(t, err, `load network of "vpc-0a1": context deadline exceeded`)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, network.Snapshot{}, s)
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

// A client's own timeout is no end of the reading.
func TestACallThatTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := awsfake.New(ec2fake.New(ec2fake.Everything(), ec2fake.Options{}))
		fake.Script("ec2:DescribeRouteTables", awsfake.Hang())
		cfg := fake.Config()
		cfg.HTTPClient.(*http.Client).Timeout = 5 * time.Second
		s, err := awsnetwork.Load(t.Context(), ec2sdk.NewFromConfig(cfg), ec2fake.VPC, observed())
		require.NoError(t, err)
		assert.Equal(t, groundway.UnseenPart[network.RouteTable](groundway.Gap{
			Action: "ec2:DescribeRouteTables", Message: "no answer came in time",
		}), s.RouteTables)
		assert.True(t, s.Subnets.Complete())
	})
}

func TestProgress(t *testing.T) {
	type step struct{ done, total int }
	var steps []step
	o := observed()
	o.Progress = func(done, total int) { steps = append(steps, step{done, total}) }
	_, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(ec2fake.Everything()), ec2fake.VPC, o)
	require.NoError(t, err)
	var want []step
	for i := range 12 {
		want = append(want, step{i + 1, 12})
	}
	for i := range 8 {
		want = append(want, step{12 + i + 1, 20})
	}
	assert.Equal(t, want, steps)
}

func TestTimeDefaultsToNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(network.Snapshot{}), ec2fake.VPC, awsnetwork.LoadOptions{})
		require.NoError(t, err)
		assert.Equal(t, time.Now().UTC(), s.Time)
	})
}

// An own is a LoadAPI whose answers to some calls a test makes itself.
type own struct {
	awsnetwork.LoadAPI
	subnets func(in *ec2sdk.DescribeSubnetsInput) (*ec2sdk.DescribeSubnetsOutput, error)
	tables  *ec2sdk.DescribeRouteTablesOutput
}

func (o own) DescribeSubnets(ctx context.Context, in *ec2sdk.DescribeSubnetsInput, f ...func(*ec2sdk.Options)) (*ec2sdk.DescribeSubnetsOutput, error) {
	if o.subnets == nil {
		return o.LoadAPI.DescribeSubnets(ctx, in, f...)
	}
	return o.subnets(in)
}

func (o own) DescribeRouteTables(ctx context.Context, in *ec2sdk.DescribeRouteTablesInput, f ...func(*ec2sdk.Options)) (*ec2sdk.DescribeRouteTablesOutput, error) {
	if o.tables == nil {
		return o.LoadAPI.DescribeRouteTables(ctx, in, f...)
	}
	return o.tables, nil
}

func TestListingsWithoutEnd(t *testing.T) {
	calls := 0
	client := own{LoadAPI: awsnetworktest.NewClient(ec2fake.Everything())}
	client.subnets = func(in *ec2sdk.DescribeSubnetsInput) (*ec2sdk.DescribeSubnetsOutput, error) {
		calls++
		return &ec2sdk.DescribeSubnetsOutput{Subnets: []types.Subnet{{SubnetId: aws.String("subnet-0c1")}}, NextToken: aws.String("again")}, nil
	}
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, 2, calls)
	assert.Equal(t, groundway.Part[network.Subnet]{
		Items: []network.Subnet{{ID: "subnet-0c1"}}, Seen: true, Partial: true,
		Gaps: []groundway.Gap{{Action: "ec2:DescribeSubnets", Message: "the listing came back to a page that it had shown"}},
	}, s.Subnets)

	calls = 0
	client.subnets = func(in *ec2sdk.DescribeSubnetsInput) (*ec2sdk.DescribeSubnetsOutput, error) {
		calls++
		return &ec2sdk.DescribeSubnetsOutput{Subnets: []types.Subnet{}, NextToken: aws.String(fmt.Sprint("page ", calls))}, nil
	}
	s, err = awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, 256, calls)
	assert.Equal(t, []groundway.Gap{{Action: "ec2:DescribeSubnets", Message: "the listing has more than 256 pages"}}, s.Subnets.Gaps)
	assert.True(t, s.Subnets.Seen && s.Subnets.Partial)
}

// An item that stands on two pages of a listing that changes under way is one.
func TestAnItemThatIsShownTwice(t *testing.T) {
	client := own{LoadAPI: awsnetworktest.NewClient(ec2fake.Everything())}
	client.subnets = func(in *ec2sdk.DescribeSubnetsInput) (*ec2sdk.DescribeSubnetsOutput, error) {
		out := &ec2sdk.DescribeSubnetsOutput{Subnets: []types.Subnet{{SubnetId: aws.String("subnet-0c1"), State: "pending"}}, NextToken: aws.String("2")}
		if in.NextToken != nil {
			out.Subnets[0].State, out.NextToken = "available", nil
		}
		return out, nil
	}
	// The second wave shows it again: a server that ignores the filter.
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{Subnets: []string{"subnet-0f1"}})
	require.NoError(t, err)
	assert.Equal(t, groundway.SeenPart(network.Subnet{ID: "subnet-0c1", State: "available"}), s.Subnets)
}

func TestAnAnswerWithoutItsListIsNone(t *testing.T) {
	for _, body := range []string{"", "<html><body>Sign in to the guest network</body></html>", "<DescribeSubnetsResponse/>"} {
		fake, client := newFake(ec2fake.Everything())
		fake.Script("*", awsfake.Garbage(body))
		s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, observed())
		require.NoError(t, err, body)
		for name, p := range parts(s) {
			if name == "LoadBalancerTags" {
				continue
			}
			require.Len(t, p.Gaps, 1, "%s: %q", name, body)
			assert.False(t, p.Seen, "%s: %q", name, body)
			assert.Equal(t, "the answer could not be read", p.Gaps[0].Message)
		}
	}
}

// Fields and values that EC2 learns later are passed over.
func TestAnAnswerOfALaterVersion(t *testing.T) {
	fake, client := newFake(ec2fake.Everything())
	fake.Script("ec2:DescribeSubnets", awsfake.Garbage(`<?xml version="1.0" encoding="UTF-8"?>
<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2099-01-01/">
  <requestId>1</requestId><weather><item>fair</item></weather>
  <subnetSet><item><subnetId>subnet-0c1</subnetId><state>hibernating</state><moons><item><name>Io</name></item></moons></item></subnetSet>
</DescribeSubnetsResponse>`))
	s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, groundway.SeenPart(network.Subnet{ID: "subnet-0c1", State: "hibernating"}), s.Subnets)
}

func TestItemsThatDoNotConvert(t *testing.T) {
	table := func(id string, routes ...types.Route) types.RouteTable {
		return types.RouteTable{RouteTableId: &id, Routes: routes}
	}
	route := func(destination string) types.Route {
		return types.Route{DestinationCidrBlock: &destination, GatewayId: aws.String("local")}
	}
	static := route("172.16.0.0/12")
	static.GatewayId, static.Origin = aws.String("igw-0a1"), "CreateRoute"
	twoDestinations := route("10.0.0.0/16")
	twoDestinations.DestinationIpv6CidrBlock = aws.String("::/0")
	twoTargets := route("10.0.0.0/16")
	twoTargets.NatGatewayId = aws.String("nat-0a1")
	for _, c := range []struct {
		name  string
		table types.RouteTable
		want  string // the message of the gap
	}{
		{"host bits", table("rtb-1", route("10.0.0.1/16")), `1 of the items could not be read, the first "rtb-1": a CIDR block does not parse`},
		{"no block", table("rtb-1", route("10.0.0.0")), `1 of the items could not be read, the first "rtb-1": a CIDR block does not parse`},
		{"no destination", table("rtb-1", types.Route{GatewayId: aws.String("local")}), `1 of the items could not be read, the first "rtb-1": a route has not one destination`},
		{"two destinations", table("rtb-1", twoDestinations), `1 of the items could not be read, the first "rtb-1": a route has not one destination`},
		{"two targets", table("rtb-1", twoTargets), `1 of the items could not be read, the first "rtb-1": a route has several targets`},
		{"one destination twice", table("rtb-1", static, static), `1 of the items could not be read, the first "rtb-1": two of its routes have one destination`},
		{"no identifier", types.RouteTable{}, `1 of the items could not be read, the first "": it has no identifier`},
		{"a long identifier", table(strings.Repeat("x", 1000), route("")), `1 of the items could not be read, the first "` + strings.Repeat("x", 40) + `": a route has not one destination`},
	} {
		client := own{LoadAPI: awsnetworktest.NewClient(ec2fake.Everything())}
		client.tables = &ec2sdk.DescribeRouteTablesOutput{RouteTables: []types.RouteTable{c.table, table("rtb-2")}}
		s, err := awsnetwork.Load(t.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
		require.NoError(t, err, c.name)
		assert.Equal(t, groundway.Part[network.RouteTable]{
			Items: []network.RouteTable{{ID: "rtb-2"}}, Seen: true, Partial: true,
			Gaps: []groundway.Gap{{Action: "ec2:DescribeRouteTables", Message: c.want}},
		}, s.RouteTables, c.name)
	}
}

// A prefix list of which a page is missing is left out: with some of its
// destinations it would be another list.
func TestAPrefixListThatIsNotSeenWhole(t *testing.T) {
	fake, whole := newFake(ec2fake.Everything())
	fake.Script("ec2:GetManagedPrefixListEntries", awsfake.Pages(2))
	s, err := awsnetwork.Load(t.Context(), firstPages{whole}, ec2fake.VPC, observed())
	require.NoError(t, err)
	want := ec2fake.Everything().PrefixLists
	want.Items = slices.DeleteFunc(want.Items, func(l network.PrefixList) bool { return l.ID == "pl-0a1" }) // it has two pages
	want.Partial = true
	want.Gaps = []groundway.Gap{{Action: "ec2:GetManagedPrefixListEntries", Message: "AWS refused the call"}}
	assert.ElementsMatch(t, want.Items, s.PrefixLists.Items)
	s.PrefixLists.Items = want.Items
	assert.Equal(t, want, s.PrefixLists)
}

// firstPages fails for every further page of a prefix list.
type firstPages struct{ awsnetwork.LoadAPI }

func (f firstPages) GetManagedPrefixListEntries(ctx context.Context, in *ec2sdk.GetManagedPrefixListEntriesInput, o ...func(*ec2sdk.Options)) (*ec2sdk.GetManagedPrefixListEntriesOutput, error) {
	if in.NextToken != nil {
		return nil, errors.New("no further page")
	}
	return f.LoadAPI.GetManagedPrefixListEntries(ctx, in, o...)
}

// The list of a gateway endpoint is the service's own, and not read; that of a
// Gateway Load Balancer endpoint may hold anything, a default route too.
func TestPrefixListsOfEndpoints(t *testing.T) {
	for kind, want := range map[string]int{"Gateway": 0, "GatewayLoadBalancer": 1} {
		account, o := networktest.Public()
		account.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0d", Entries: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}})
		account.Endpoints.Items = append(account.Endpoints.Items, network.Endpoint{ID: "vpce-0a", VPCID: o.VPC, Type: kind, State: "available"})
		networktest.RemoveRoute(&account, "rtb-01", "0.0.0.0/0")
		networktest.SetRoute(&account, "rtb-01", "pl-0d", "vpce-0a")
		s, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(account), o.VPC, awsnetwork.LoadOptions{})
		require.NoError(t, err)
		assert.Len(t, s.PrefixLists.Items, want, kind)
	}
}
