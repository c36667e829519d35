package dump_test

import (
	"testing"

	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTextsAndJSON(t *testing.T) {
	t.Parallel()
	f, err := dump.Parse("f.json", []byte(`{"Names": ["a", "b\"c"], "Policy": {"Version": "2012-10-17", "Statement": [ {} ]}, "At": 1.5}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", `b"c`}, f.Root().Texts("Names"))
	assert.Nil(t, f.Root().Texts("None"))
	assert.Equal(t, `{"Version": "2012-10-17", "Statement": [ {} ]}`, f.Root().Get("Policy").JSON())
	assert.Equal(t, "1.5", f.Root().Get("At").JSON())
	assert.Empty(t, f.Root().Get("None").JSON())
	require.NoError(t, f.Err())

	assert.Nil(t, f.Root().Texts("Policy"))
	assert.EqualError(t, f.Err(), "f.json:1:36: Policy: got an object, want a list")
	f, err = dump.Parse("f.json", []byte(`{"Names": ["a", 7]}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, f.Root().Texts("Names"))
	assert.EqualError(t, f.Err(), "f.json:1:17: Names[1]: got 7, want a string")
}
