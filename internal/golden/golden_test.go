package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/golden"
)

// recorder is a test that remembers how it failed. Fatalf leaves by a panic,
// because Goexit would end the test that watches.
type recorder struct {
	testing.TB
	text string
}

type stopped struct{}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(stopped{})
}

func check(t *testing.T, name, got string) (failure string) {
	t.Helper()
	r := &recorder{TB: t}
	defer func() {
		if v := recover(); v != nil {
			require.Equal(t, stopped{}, v)
		}
		failure = r.text
	}()
	golden.Check(r, name, []byte(got))
	return r.text
}

func TestCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll(filepath.Join("testdata", "sub"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join("testdata", "sub", "a.txt"), []byte("one\ntwo\n"), 0o644))

	const accept = "\n(run the test with -update to accept it)"
	for _, test := range []struct{ name, got, want string }{
		{"equal", "one\ntwo\n", ""},
		{"other line", "one\ntoo\n", "testdata/sub/a.txt:2: output differs from the golden file\n got: \"too\\n\"\nwant: \"two\\n\"" + accept},
		{"shorter", "one\n", "testdata/sub/a.txt:2: output differs from the golden file\n got: (the end)\nwant: \"two\\n\"" + accept},
		{"longer", "one\ntwo\nthree", "testdata/sub/a.txt:3: output differs from the golden file\n got: \"three\"\nwant: (the end)" + accept},
		{"no final newline", "one\ntwo", "testdata/sub/a.txt:2: output differs from the golden file\n got: \"two\"\nwant: \"two\\n\"" + accept},
		{"carriage returns", "one\r\ntwo\n", "testdata/sub/a.txt:1: output differs from the golden file\n got: \"one\\r\\n\"\nwant: \"one\\n\"" + accept},
		{"empty", "", "testdata/sub/a.txt:1: output differs from the golden file\n got: (the end)\nwant: \"one\\n\"" + accept},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, check(t, "sub/a.txt", test.got))
		})
	}
	assert.Contains(t, check(t, "none.txt", "one"), "run the test with -update to write it")
}
