package yamltext_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway/internal/yamltext"
)

func TestNearest(t *testing.T) {
	known := []string{"cluster", "profile", "topology", "region"}
	for _, test := range []struct {
		word, near string
		isClose    bool
	}{
		{"cluster", "cluster", true},
		{"Clutser", "cluster", true},
		{"reg", "region", true},
		{"xyz", "region", false},
		{strings.Repeat("r", 201), "", false},
	} {
		near, isClose := yamltext.Nearest(test.word, known)
		assert.Equal(t, test.near, near, test.word)
		assert.Equal(t, test.isClose, isClose, test.word)
	}
	_, isClose := yamltext.Nearest("cluster", nil)
	assert.False(t, isClose)
}
