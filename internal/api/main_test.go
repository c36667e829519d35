package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListsAreInStep(t *testing.T) {
	lists, err := listAll(os.DirFS(filepath.Join("..", "..")))
	require.NoError(t, err)
	require.Contains(t, lists, "network.txt")
	for name, want := range lists {
		got, err := os.ReadFile(name)
		if assert.NoError(t, err, "run go run ./internal/api at the top of the module") {
			assert.Equal(t, string(want), string(got), "%s: run go run ./internal/api at the top of the module, and read the difference", name)
		}
	}
	files, err := filepath.Glob("*.txt")
	require.NoError(t, err)
	assert.Len(t, files, len(lists), "no list is left over")
}
