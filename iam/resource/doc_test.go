package resource_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var slug = regexp.MustCompile(`\b[a-z]+(?:-[a-z0-9]+)+\b`)

// The table of the package documentation and the rules name the same codes.
func TestTheDocumentationNamesEveryRule(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^//\t.{49}  (\S.*)$`) // the second column
	var named []string
	for _, m := range row.FindAllStringSubmatch(string(data), -1) {
		named = append(named, slug.FindAllString(m[1], -1)...)
	}
	var rules []string
	for _, r := range resource.Rules() {
		rules = append(rules, string(r.Code)[len("iam/"):])
	}
	for _, n := range named {
		assert.Contains(t, rules, n, "the documentation names a code that is none")
	}
	for _, r := range rules {
		assert.True(t, slices.Contains(named, r), "the documentation does not name %s", r)
	}
}
