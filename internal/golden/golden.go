// Package golden compares what a test produced with a file that a person has
// read. Run the tests of one package with -update to write its files anew, and
// read the difference before it is committed.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of the package under test anew")

// Check fails the test unless got equals the file testdata/name of the package
// under test, byte for byte; name may hold slashes. The failure shows the first
// line that differs. With -update, Check writes the file instead.
func Check(t testing.TB, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := write(file, got); err != nil {
			t.Fatalf("update golden file: %v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read golden file: %v (run the test with -update to write it)", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	line, gotLine, wantLine := firstDifference(string(got), string(want))
	t.Errorf("%s:%d: output differs from the golden file\n got: %s\nwant: %s\n(run the test with -update to accept it)",
		filepath.ToSlash(file), line, gotLine, wantLine)
}

func write(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// firstDifference returns the first line, counted from 1, in which two
// different texts differ, and what stands there in each, quoted so that white
// space and missing final newlines show.
func firstDifference(got, want string) (line int, gotLine, wantLine string) {
	gotLines, wantLines := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for line < len(gotLines) && line < len(wantLines) && gotLines[line] == wantLines[line] {
		line++
	}
	return line + 1, quoteLine(gotLines, line), quoteLine(wantLines, line)
}

func quoteLine(lines []string, i int) string {
	if i >= len(lines) || lines[i] == "" {
		return "(the end)"
	}
	return strconv.Quote(lines[i])
}
