package dex_test

import (
	"testing"

	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/dexrows"
)

func BenchmarkLintText(b *testing.B) {
	text := []byte(dexrows.Base)
	b.ReportAllocs()
	for b.Loop() {
		dex.LintText("dex.yaml", text, around)
	}
}

func BenchmarkRender(b *testing.B) {
	config := dex.Tectonic(tectonic)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dex.Render(config); err != nil {
			b.Fatal(err)
		}
	}
}
