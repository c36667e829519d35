package failure_test

import (
	"testing"

	"github.com/groundway-sdk/groundway/identity/failure"
)

func BenchmarkScenarios(b *testing.B) {
	m := model()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := failure.Scenarios(m); err != nil {
			b.Fatal(err)
		}
	}
}
