package iamdata_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/internal/iamdata"
)

var queue = iamdata.Constants{Prefix: "queue", Title: "Example Queue", Pages: []string{"examplequeue", "examplequeuev2"}}

func TestSource(t *testing.T) {
	source, err := queue.Source(data, nil)
	require.NoError(t, err)
	golden.Check(t, "new.go.txt", source)

	again, err := queue.Source(data, source)
	require.NoError(t, err)
	assert.Equal(t, string(source), string(again), "nothing changes without a change of the data")
}

// TestSourceKeeps regenerates a file that an older version of the data gave.
func TestSourceKeeps(t *testing.T) {
	former, err := os.ReadFile(filepath.Join("testdata", "former.go.txt"))
	require.NoError(t, err)
	source, err := queue.Source(data, former)
	require.NoError(t, err)
	golden.Check(t, "kept.go.txt", source)

	again, err := queue.Source(data, source)
	require.NoError(t, err)
	assert.Equal(t, string(source), string(again))

	// The data of another day changes nothing about what is deprecated.
	later := data
	later.Date = "2027-01-01"
	again, err = queue.Source(later, source)
	require.NoError(t, err)
	assert.Equal(t, strings.ReplaceAll(string(source), "The data is that of 2026-01-02.", "The data is that of 2027-01-01."), string(again))
}

func TestSourceNames(t *testing.T) {
	names := func(former string, actions ...string) (list []string, err error) {
		s := iamdata.Service{Prefix: "x"}
		for _, a := range actions {
			s.Actions = append(s.Actions, iamdata.Action{Name: a, Level: iamdata.Read})
		}
		if former != "" {
			former = "package xaction\nconst (\n" + former + "\n)\n"
		}
		source, err := iamdata.Constants{Prefix: "x"}.Source(iamdata.Data{Services: []iamdata.Service{s}}, []byte(former))
		for line := range strings.Lines(string(source)) {
			if name, value, ok := strings.Cut(line, " iam.Action = "); ok {
				list = append(list, strings.Fields(name)[0]+"="+strings.Trim(value, "\"\n"))
			}
		}
		return list, err
	}
	for _, test := range []struct {
		name, former string
		actions      []string
		want         []string
	}{
		{"small", "", []string{"connect"}, []string{"Connect=x:connect"}},
		{"keyword", "", []string{"select", "Type"}, []string{"Select=x:select", "Type=x:Type"}},
		{"hyphens", "", []string{"ViaService-EventsAndStates", "-x"}, []string{"ViaServiceEventsAndStates=x:ViaService-EventsAndStates", "X=x:-x"}},
		{"digit", "", []string{"2Phase"}, []string{"Action2Phase=x:2Phase"}},
		{"clash", "", []string{"A-B", "AB"}, []string{"AB=x:A-B", "ABAction=x:AB"}},
		{"clash with the former", `AB iam.Action = "x:AB"`, []string{"A-B", "AB"}, []string{"AB=x:AB", "ABAction=x:A-B"}},
		{"clash with a deprecated one", `AB iam.Action = "x:Gone"`, []string{"AB"}, []string{"AB=x:Gone", "ABAction=x:AB"}},
		{"named by hand", `Mine iam.Action = "x:AB"`, []string{"AB"}, []string{"Mine=x:AB"}},
		{"another case", `GetDNS iam.Action = "x:GetDNS"`, []string{"GetDns"}, []string{"GetDNS=x:GetDns"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := names(test.former, test.actions...)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	for _, test := range []struct{ name, former, want string }{
		{"clash", "A = \"x:1\"\nAAction = \"x:2\"", `write package xaction: action "x:A": the name AAction is taken; give it one by hand in the file, and it keeps that`},
		{"two names for an action", "A = \"x:1\"\nB = \"X:1\"", "write package xaction: former source: constant B stands twice"},
		{"two of a name", "A = \"x:1\"\nA = \"x:2\"", "write package xaction: former source: constant A stands twice"},
		{"a number", "A = 1", "write package xaction: former source: constant A is no text"},
		{"two values", "A, B = \"x\", \"y\"", "write package xaction: former source: want one name and one value, got [A B]"},
		{"no Go", "A = = 1", "write package xaction: former source:3:5: expected operand, found '='"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := names(test.former, "A")
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := iamdata.Constants{Prefix: "none"}.Source(data, nil)
	assert.EqualError(t, err, `write package noneaction: the data has no service "none"`)
	assert.Equal(t, "accessanalyzeraction", iamdata.Constants{Prefix: "access-analyzer"}.Package())
	assert.Equal(t, "route53action", iamdata.Constants{Prefix: "route53"}.Package())
}

func TestWriteFiles(t *testing.T) {
	top := t.TempDir()
	folder := filepath.Join(top, "iam", "action", "queueaction")
	contents := func() map[string]string {
		files := map[string]string{}
		for _, path := range []string{"iam/action/queueaction/action.go", "iam/catalog/LICENSE-iam-data", "iam/catalog/actions.bin"} {
			content, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(path)))
			require.NoError(t, err)
			files[path] = string(content)
		}
		return files
	}
	paths, err := iamdata.WriteFiles(data, []iamdata.Constants{queue}, top)
	require.NoError(t, err)
	assert.Equal(t, []string{"iam/action/queueaction/action.go", "iam/catalog/LICENSE-iam-data", "iam/catalog/actions.bin"}, paths)
	first := contents()
	assert.Equal(t, string(data.License), first["iam/catalog/LICENSE-iam-data"])
	assert.Equal(t, string(iamdata.Encode(data)), first["iam/catalog/actions.bin"])
	_, err = iamdata.WriteFiles(data, []iamdata.Constants{queue}, top)
	require.NoError(t, err)
	assert.Equal(t, first, contents())

	// The constants that are there are read, and nothing is written if that fails.
	former, err := os.ReadFile(filepath.Join("testdata", "former.go.txt"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "action.go"), former, 0o644))
	_, err = iamdata.WriteFiles(data, []iamdata.Constants{queue}, top)
	require.NoError(t, err)
	assert.Contains(t, contents()["iam/action/queueaction/action.go"], "Deprecated: ")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "action.go"), []byte("damaged"), 0o644))
	other := data
	other.Version = "9.9.9"
	_, err = iamdata.WriteFiles(other, []iamdata.Constants{queue}, top)
	require.Error(t, err)
	assert.Equal(t, first["iam/catalog/actions.bin"], contents()["iam/catalog/actions.bin"])
	assert.Equal(t, "damaged", contents()["iam/action/queueaction/action.go"])
}
