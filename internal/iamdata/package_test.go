package iamdata_test

import (
	"cmp"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/internal/iamdata"
)

var unpacked = flag.String("package", "", "the directory of the unpacked package, to compare the committed files with")

// TestCommitted compares every answer of the catalog with the package, and what
// the generator makes of it now with the committed files.
func TestCommitted(t *testing.T) {
	if *unpacked == "" {
		t.Skip("needs -package with the directory of the unpacked package; see internal/iamdata/generate")
	}
	d, err := iamdata.ReadPackage(os.DirFS(*unpacked), iamdata.Pinned)
	require.NoError(t, err)
	var c catalog.Catalog
	assert.Equal(t, d.Version, c.Version())
	assert.Equal(t, d.Date, c.Date().Format("2006-01-02"))
	require.Len(t, c.Services(), len(d.Services))
	for i, want := range d.Services {
		got := c.Services()[i]
		require.Equal(t, catalog.Service{Prefix: want.Prefix, Name: want.Name}, got)
		compare(t, want, got)
	}

	top := t.TempDir()
	for _, p := range iamdata.Packages {
		path := filepath.Join("iam", "action", p.Package(), "action.go")
		source, err := os.ReadFile(filepath.Join("..", "..", path))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(top, filepath.Dir(path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(top, path), source, 0o644))
	}
	paths, err := iamdata.WriteFiles(d, iamdata.Packages, top)
	require.NoError(t, err)
	for _, path := range paths {
		want, err := os.ReadFile(filepath.Join(top, path))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("..", "..", path))
		require.NoError(t, err)
		assert.True(t, string(want) == string(got), "%s is not what is generated", path)
	}
}

// compare compares the answers about one service.
func compare(t *testing.T, want iamdata.Service, got catalog.Service) {
	var c catalog.Catalog
	key := func(at int, ofType bool) iam.ConditionKey {
		k := want.Keys[at]
		return iam.ConditionKey{Name: k.Name, Type: iam.KeyType(k.Kind), Multivalued: k.Many, OfType: ofType}
	}
	var keys []iam.ConditionKey
	for i := range want.Keys {
		keys = append(keys, key(i, false))
	}
	require.Equal(t, keys, got.ConditionKeys(), want.Prefix)
	var types []iam.ResourceType
	for _, r := range want.Types {
		types = append(types, iam.ResourceType{Name: r.Name, ARNs: r.ARNs})
	}
	require.Equal(t, types, got.ResourceTypes(), want.Prefix)
	require.Len(t, got.Actions(), len(want.Actions), want.Prefix)
	for _, a := range want.Actions {
		full := iam.Action(want.Prefix + ":" + a.Name)
		name, level, ok := c.Action(iam.Action(strings.ToUpper(string(full))))
		require.True(t, ok, full)
		require.Equal(t, full, name)
		require.Equal(t, a.Level.String(), level.String(), full)

		var types []iam.ResourceType
		union := map[string]iam.ConditionKey{}
		for _, r := range a.Rows {
			declared := want.Types[r.Type]
			types = append(types, iam.ResourceType{Name: declared.Name, ARNs: declared.ARNs, Required: r.Required})
			own := map[string]iam.ConditionKey{}
			if len(r.Keys) == 0 {
				for _, at := range declared.Keys {
					own[want.Keys[at].Name] = key(at, true)
				}
			}
			for _, at := range slices.Concat(r.Keys, a.Keys) {
				own[want.Keys[at].Name] = key(at, false)
			}
			require.Equal(t, sorted(own), c.ConditionKeys(full, declared.Name), "%s on %s", full, declared.Name)
			for name, k := range own {
				if before, ok := union[name]; !ok || before.OfType {
					union[name] = k
				}
			}
		}
		for _, at := range a.Keys {
			union[want.Keys[at].Name] = key(at, false)
		}
		require.Equal(t, types, c.ResourceTypes(full), full)
		require.Equal(t, sorted(union), c.ConditionKeys(full, ""), full)
	}
}

func sorted(keys map[string]iam.ConditionKey) []iam.ConditionKey {
	return slices.SortedFunc(maps.Values(keys), func(a, b iam.ConditionKey) int { return cmp.Compare(a.Name, b.Name) })
}
