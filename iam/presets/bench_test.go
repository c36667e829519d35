package presets_test

import (
	"testing"

	"github.com/groundway-sdk/groundway/iam/presets"
)

func BenchmarkLeast(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tectonic.Least(scope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	for _, m := range makers() {
		b.Run(m.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.set(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkTemplate(b *testing.B) {
	s, err := jenkinsX.Set(scope)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Template(presets.TemplateOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
