package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// BenchmarkDecode decodes the largest services, each without the others, and
// all of them one after another.
func BenchmarkDecode(b *testing.B) {
	f, err := catalog.Open(catalog.Embedded())
	require.NoError(b, err)
	for _, prefix := range []string{"ec2", "sagemaker", "connect", "iam", "s3", "sts"} {
		b.Run(prefix, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Decode(prefix); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		prefixes := f.Prefixes()
		for b.Loop() {
			for _, prefix := range prefixes {
				if err := f.Decode(prefix); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkOpen reads the index.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Open(catalog.Embedded()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAction(b *testing.B) {
	b.ReportAllocs()
	var c catalog.Catalog
	for b.Loop() {
		if _, _, ok := c.Action("ec2:runinstances"); !ok {
			b.Fatal("no such action")
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	var c catalog.Catalog
	for _, pattern := range []iam.Action{"ec2:RunInstances", "ec2:Describe*", "*:Tag*", "*"} {
		b.Run(string(pattern), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(c.Expand(pattern)) == 0 {
					b.Fatal("no actions")
				}
			}
		})
	}
}

func BenchmarkConditionKeys(b *testing.B) {
	b.ReportAllocs()
	var c catalog.Catalog
	for b.Loop() {
		if len(c.ConditionKeys("ec2:RunInstances", "instance")) == 0 {
			b.Fatal("no keys")
		}
	}
}
