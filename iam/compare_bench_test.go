package iam_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// benchCompare compares and checks the answer.
func benchCompare(b *testing.B, p, q iam.Document, o iam.CompareOptions, want iam.Relation) {
	first, second := one(p), one(q)
	b.ReportAllocs()
	for b.Loop() {
		c, err := iam.Compare(first, second, o)
		if err != nil {
			b.Fatal(err)
		}
		if c.Relation != want {
			b.Fatal(c.Relation, c.Undecided)
		}
	}
}

// BenchmarkCompare125 compares the policy of 125 actions with itself in another
// order, with one action less, and with one that differs in every service.
func BenchmarkCompare125(b *testing.B) {
	d := installers()[0].document
	other := d
	other.Statements = slices.Clone(d.Statements)
	slices.Reverse(other.Statements)
	less := other
	less.Statements = slices.Clone(other.Statements)
	less.Statements[3].Actions = less.Statements[3].Actions[1:]
	crossed := other
	crossed.Statements = slices.Clone(other.Statements)
	for i, s := range crossed.Statements {
		if i%2 == 0 {
			crossed.Statements[i].Actions = append(slices.Clone(s.Actions[1:]), iam.Action(s.Actions[0].Service()+":Describe*"))
		}
	}
	b.Run("equal", func(b *testing.B) { benchCompare(b, d, other, iam.CompareOptions{}, iam.RelationEqual) })
	b.Run("contains", func(b *testing.B) { benchCompare(b, d, less, iam.CompareOptions{}, iam.RelationContains) })
	b.Run("overlapping", func(b *testing.B) { benchCompare(b, d, crossed, iam.CompareOptions{}, iam.RelationOverlapping) })
	b.Run("catalogue", func(b *testing.B) {
		benchCompare(b, d, other, iam.CompareOptions{Catalog: catalog.Catalog{}}, iam.RelationEqual)
	})
}

// BenchmarkComparePatterns has patterns of resources and actions alone.
func BenchmarkComparePatterns(b *testing.B) {
	on := func(resources ...string) iam.Document { return iam.MustDocument(iam.Allow("a:b").On(resources...)) }
	var types []string
	for _, t := range strings.Fields("instance volume subnet vpc image snapshot key-pair security-group network-interface route-table internet-gateway launch-template") {
		types = append(types, "arn:aws:ec2:us-east-1:111122223333:"+t+"/*")
	}
	regions := make([]string, len(types))
	for i, t := range types {
		regions[i] = strings.Replace(t, "us-east-1", "*", 1)
	}
	var describe []iam.Action
	for _, name := range (catalog.Catalog{}).Expand("ec2:Describe*")[:40] {
		describe = append(describe, name+"*")
	}
	b.Run("one-in-one", func(b *testing.B) {
		benchCompare(b, on("arn:aws:s3:::demo/a*"), on("arn:aws:s3:::demo/*"), iam.CompareOptions{}, iam.RelationWithin)
	})
	b.Run("one-in-twelve", func(b *testing.B) {
		benchCompare(b, on(types[4]), on(types...), iam.CompareOptions{}, iam.RelationWithin)
	})
	b.Run("regions", func(b *testing.B) {
		benchCompare(b, on(regions...), on(types...), iam.CompareOptions{}, iam.RelationContains)
	})
	b.Run("forty-actions", func(b *testing.B) {
		benchCompare(b, iam.MustDocument(iam.Allow("ec2:Describe*").On("*")), iam.MustDocument(iam.Allow(describe...).On("*")), iam.CompareOptions{}, iam.RelationContains)
	})
	b.Run("hostile", func(b *testing.B) {
		benchCompare(b, on("arn:aws:s3:::*a"+strings.Repeat("?", 18)), on("arn:aws:s3:::*a"+strings.Repeat("?", 19), "arn:aws:s3:::*b"+strings.Repeat("?", 18)), iam.CompareOptions{}, iam.RelationUndecided)
	})
}

func BenchmarkFit(b *testing.B) {
	d := one(installers()[0].document)
	limit := iam.SizeLimit{Kind: iam.IdentityPolicy, What: "test", Max: 1600, Count: iam.CountSignificant}
	for _, test := range []struct {
		name string
		o    iam.FitOptions
	}{
		{"one", iam.FitOptions{}},
		{"split", iam.FitOptions{Limit: limit, Policies: 10}},
		{"wildcards", iam.FitOptions{Limit: limit, Policies: 10, Catalog: catalog.Catalog{}}},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := iam.Fit(d, test.o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompareStatements has statements of 4 actions, 2 resources and a
// condition each.
func BenchmarkCompareStatements(b *testing.B) {
	for _, n := range []int{8, 32, 128, 512} {
		x, y := without(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchCompare(b, x, y, iam.CompareOptions{MaxStates: 1 << 20}, iam.RelationEqual) })
	}
}
