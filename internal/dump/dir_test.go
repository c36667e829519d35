package dump_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/dump"
)

type thing struct{ id string }

func (t thing) Key() string { return t.id }

func TestDir(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	known := []string{"x-list-things.json", "x-get-thing-ID.json"}
	dir, err := dump.OpenDir(fstest.MapFS{
		"x-list-things.json":   file(`{"Things": [{"Id": "a"}, {"Id": "b"}, {"Id": "a"}]}`),
		"x-list-thing.json":    file(`{}`),
		"x-get-thing-ID.json":  file(`{}`),
		"x-broken.json":        file(`{`),
		"notes.txt":            file("mine"),
		"x-list-things/a.json": file(`{}`),
	}, known, func(name string) (bool, error) {
		if name == "x-get-thing-ID.json" {
			return false, errors.New("x-get-thing-ID.json: want an ID in place of ID")
		}
		return name == "x-list-things.json" || name == "x-broken.json", nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"x-broken.json", "x-list-things.json"}, dir.Names())
	assert.False(t, dir.Empty())

	root, ok := dir.Root("x-list-things.json")
	require.True(t, ok)
	assert.Equal(t, []thing{{"a"}, {"b"}}, dump.Items(root, "Things", func(v dump.Value) thing { return thing{v.ID("Id")} }))
	_, ok = dir.Root("x-broken.json")
	assert.False(t, ok)
	_, ok = dir.Root("x-missing.json")
	assert.False(t, ok)
	assert.EqualError(t, dir.Err(), `x-broken.json:1:1: unexpected end of JSON input
x-get-thing-ID.json: want an ID in place of ID
x-list-thing.json: is not read under this name; rename it to x-list-things.json, or move it out of the directory
x-list-things.json:1:39: Things[2]: "a" stands twice, first on line 1`)

	empty, err := dump.OpenDir(fstest.MapFS{"notes.txt": file("mine")}, known, func(string) (bool, error) { return false, nil })
	require.NoError(t, err)
	assert.True(t, empty.Empty())
	assert.NoError(t, empty.Err())
}
