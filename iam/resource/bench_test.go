package resource_test

import (
	"fmt"
	"testing"

	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
)

// BenchmarkCheck checks an account that has a thousand stacks and instance
// profiles of others.
func BenchmarkCheck(b *testing.B) {
	s, o := resourcetest.Account()
	for i := range 1000 {
		s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: fmt.Sprint("stack", i), Status: "CREATE_COMPLETE", Tags: map[string]string{"team": "x"}})
		s.Profiles.Items = append(s.Profiles.Items, resource.InstanceProfile{Name: fmt.Sprint("profile", i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		resource.Check(s, o)
	}
}
