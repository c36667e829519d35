package iam_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func readTestdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func BenchmarkParse(b *testing.B) {
	text := readTestdata(b, "installer.json")
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := iam.Parse(text, iam.ParseOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	d := iam.MustParse(readTestdata(b, "installer.json"))
	b.ReportAllocs()
	for b.Loop() {
		_ = d.String()
	}
}

func BenchmarkEqual(b *testing.B) {
	x := iam.MustParse(readTestdata(b, "installer.json"))
	y := iam.MustParse(readTestdata(b, "installer-reordered.json"))
	b.ReportAllocs()
	for b.Loop() {
		if !iam.Equal(x, y) {
			b.Fatal("not equal")
		}
	}
}

// without returns n statements without Sids, each with 4 actions, 2 resources
// and a condition, and the same in another order.
func without(n int) (a, b iam.Document) {
	a.Version, b.Version = iam.Version2012, iam.Version2012
	for i := range n {
		s := iam.Allow("ec2:RunInstances", "ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances").
			On(fmt.Sprintf("arn:aws:ec2:*:111122223333:instance/i-%04d", i), "arn:aws:ec2:*:111122223333:volume/*").
			When(iam.StringEquals("aws:ResourceTag/team", "demo"))
		a.Statements = append(a.Statements, s)
		b.Statements = append([]iam.Statement{s}, b.Statements...)
	}
	return a, b
}

func BenchmarkEqual256(b *testing.B) {
	x, y := without(256)
	b.ReportAllocs()
	for b.Loop() {
		if !iam.Equal(x, y) {
			b.Fatal("not equal")
		}
	}
}

func benchmarkInstallers(b *testing.B, run func(installer)) {
	for _, i := range installers() {
		b.Run(i.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run(i)
			}
		})
	}
}

func BenchmarkLint(b *testing.B) {
	benchmarkInstallers(b, func(i installer) {
		iam.Lint(i.document, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: i.kind})
	})
}

func BenchmarkTighten(b *testing.B) {
	benchmarkInstallers(b, func(i installer) {
		if _, err := iam.Tighten(i.document, wholeIntent(), iam.TightenOptions{Catalog: catalog.Catalog{}}); err != nil {
			b.Fatal(err)
		}
	})
}
