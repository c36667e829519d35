package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

func TestPageIsInStep(t *testing.T) {
	got, err := os.ReadFile("../../FINDINGS.md")
	require.NoError(t, err)
	assert.Equal(t, page(), string(got), "run go run ./internal/findings > FINDINGS.md at the top of the module")
}

// Codes are unique over all packages, and each stands in its own package's list.
func TestCodes(t *testing.T) {
	seen := map[groundway.Code]bool{}
	for _, p := range packages {
		for _, r := range p.rules() {
			assert.False(t, seen[r.Code], r.Code)
			seen[r.Code] = true
			family, _, _ := strings.Cut(p.name, "/")
			assert.Equal(t, family, r.Code.Package())
		}
	}
}
