package awsnetwork_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

// roundTrip is about what it takes to reach the next region and back.
const roundTrip = 20 * time.Millisecond

// inTurn holds back each call until the one before it has ended.
type inTurn struct {
	mu   sync.Mutex
	http aws.HTTPClient
}

func (c *inTurn) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.http.Do(r)
}

// BenchmarkLoad reads a VPC from a server that takes a round trip to answer,
// with its calls at once and, to compare, in turn.
func BenchmarkLoad(b *testing.B) {
	server := awsfake.Start(awsfake.New(ec2fake.New(plain(), ec2fake.Options{})))
	defer server.Close()
	server.Script("*", awsfake.Delay(roundTrip))
	cfg := server.Config()
	load := func(b *testing.B, client awsnetwork.LoadAPI) {
		for b.Loop() {
			_, err := awsnetwork.Load(b.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
			require.NoError(b, err)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(roundTrip), "round-trips/op")
	}
	b.Run("at once", func(b *testing.B) { load(b, ec2sdk.NewFromConfig(cfg)) })
	b.Run("in turn", func(b *testing.B) {
		turn := &inTurn{http: cfg.HTTPClient}
		load(b, ec2sdk.NewFromConfig(cfg, func(o *ec2sdk.Options) { o.HTTPClient = turn }))
	})
}

// BenchmarkLoadLarge reads 1 000 subnets and 200 route tables of 20 routes each
// within the process: what Load itself and the SDK cost.
func BenchmarkLoadLarge(b *testing.B) {
	s := plain()
	for i := range 1000 {
		s.Subnets.Items = append(s.Subnets.Items, network.Subnet{
			ID: fmt.Sprintf("subnet-1%03d", i), VPCID: ec2fake.VPC, Zone: "us-east-1a",
			CIDRs: []network.CIDR{{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 4), byte(i << 4)}), 28)}},
			Tags:  map[string]string{"Name": fmt.Sprint("subnet ", i)},
		})
	}
	for i := range 200 {
		t := network.RouteTable{ID: fmt.Sprintf("rtb-1%03d", i), VPCID: ec2fake.VPC}
		for k := range 20 {
			t.Routes = append(t.Routes, network.Route{
				Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(k), 0, 0}), 16), State: "active",
				Target: network.Target{Kind: network.TargetTransitGateway, ID: "tgw-0a1"},
			})
		}
		for k := range 5 {
			t.Associations = append(t.Associations, network.Association{SubnetID: fmt.Sprintf("subnet-1%03d", 5*i+k), State: "associated"})
		}
		s.RouteTables.Items = append(s.RouteTables.Items, t)
	}
	_, client := newFake(s)
	for b.Loop() {
		got, err := awsnetwork.Load(b.Context(), client, ec2fake.VPC, awsnetwork.LoadOptions{})
		require.NoError(b, err)
		require.Len(b, got.Subnets.Items, 1003)
	}
}
