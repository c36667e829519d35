package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

func TestPageIsInStep(t *testing.T) {
	got, err := os.ReadFile("../../FINDINGS.md")
	require.NoError(t, err)
	assert.True(t, page() == string(got), "the page is not what the rules say; run go run ./internal/findings > FINDINGS.md at the top of the module")
}

// Every link of the page leads to one heading, and no cell of a table breaks it.
func TestLinks(t *testing.T) {
	headings := map[string]int{}
	for line := range strings.Lines(page()) {
		if text, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
			headings[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), "/", "")]++
		}
		if strings.HasPrefix(line, "| ") {
			assert.Equal(t, 4, strings.Count(line, "|"), line)
		}
	}
	links := regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(page(), -1)
	require.NotEmpty(t, links)
	for _, l := range links {
		assert.Equal(t, 1, headings[l[1]], l[1])
	}
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
