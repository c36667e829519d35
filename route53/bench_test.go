package route53_test

import (
	"fmt"
	"testing"

	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// large returns an account with this many zones, and as many record sets in the
// cluster's.
func large(n int) (route53.Snapshot, route53.Options) {
	s, o := rt.Account()
	for i := range n {
		rt.AddZone(&s, fmt.Sprintf("Z1%d", i), route53.MustParseName(fmt.Sprintf("n%d.example.org", i)), route53.Public, i)
	}
	for r := range s.Records.Items {
		if s.Records.Items[r].ZoneID == rt.Zone {
			sets := &s.Records.Items[r].Sets.Items
			for i := range n {
				*sets = append(*sets, rt.Set(fmt.Sprintf("n%d.k8s.example.com", i), "A", "198.51.100.7"))
			}
		}
	}
	return s, o
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		s, o := large(n)
		b.Run(fmt.Sprintf("%d zones and record sets", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				route53.Check(s, o)
			}
		})
	}
}

// Half of the record sets are ownership records of external-dns, as in a zone
// that it manages.
func BenchmarkCheckOwned(b *testing.B) {
	for _, n := range []int{100, 10000} {
		s, o := large(n / 2)
		o.ExternalDNS = &route53.ExternalDNS{OwnerID: "old"}
		for i := range n / 2 {
			sets := &s.Records.Items[1].Sets.Items
			*sets = append(*sets, rt.Set(fmt.Sprintf("a-n%d.k8s.example.com", i), "TXT", heritage))
		}
		s.Zones.Items = s.Zones.Items[:3]
		b.Run(fmt.Sprintf("%d record sets", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				route53.Check(s, o)
			}
		})
	}
}

func BenchmarkParseName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := route53.ParseName(`\052.demo.k8s.example.com.`); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBatches(b *testing.B) {
	var changes []route53.Change
	for i := range 10000 {
		changes = append(changes, route53.Change{Action: route53.Upsert, Set: rt.Set(fmt.Sprintf("n%d.example.com", i), "A", "198.51.100.7")})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := route53.Batches(changes, route53.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
