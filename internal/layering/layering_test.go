package layering_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/layering"
)

const top = "../.." // the top of the module

// listed is an entry of go list -json, as far as the tests here read it.
type listed struct {
	layering.Package
	Dir, Name                          string
	ForTest                            string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// list asks the go command for every package of the module with all that it and
// its tests import. It goes nowhere: what is missing is an error.
func list(t *testing.T) (all []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "-buildvcs=false",
		"-json=ImportPath,Standard,Imports,TestImports,XTestImports,Dir,Name,ForTest,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	output, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("go list: %v; run go mod download where it misses a module\n%s", err, exit.Stderr)
	}
	require.NoError(t, err)
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		// Variants that are compiled for a test have the imports of the plain
		// package and its test imports, which the plain package names as well.
		if p.ForTest == "" && !strings.HasSuffix(p.ImportPath, ".test") {
			all = append(all, p)
		}
	}
}

func TestLayering(t *testing.T) {
	var packages []layering.Package
	ours := 0
	for _, p := range list(t) {
		packages = append(packages, p.Package)
		if isOurs(p) {
			ours++
		}
	}
	require.Greater(t, ours, 5, "the list has the packages of this module")
	for _, violation := range layering.Check(packages) {
		t.Error(violation)
	}
}

func isOurs(p listed) bool {
	return p.ImportPath == layering.Module || strings.HasPrefix(p.ImportPath, layering.Module+"/")
}

func TestPackageComments(t *testing.T) {
	for _, p := range list(t) {
		if !isOurs(p) || len(p.GoFiles) == 0 {
			continue
		}
		var comments []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			require.NoError(t, err)
			if file.Doc != nil {
				comments = append(comments, name)
				assert.Empty(t, checkComment(p.Name, file.Doc), filepath.Join(p.Dir, name))
			}
		}
		assert.Len(t, comments, 1, "%s has its package comment in %v, want it in one file", p.ImportPath, comments)
	}
}

func checkComment(name string, doc *ast.CommentGroup) string {
	if name != "main" && !strings.HasPrefix(doc.Text(), "Package "+name+" ") {
		return "the comment does not begin with Package " + name
	}
	return ""
}

func TestFileNames(t *testing.T) {
	for _, p := range list(t) {
		if !isOurs(p) {
			continue
		}
		for _, files := range [][]string{p.GoFiles, p.TestGoFiles, p.XTestGoFiles} {
			for _, file := range files {
				assert.Empty(t, layering.CheckFileName(file), p.ImportPath)
			}
		}
	}
	for _, file := range []string{"util.go", "types_test.go", "aws_helpers.go", "sub/common.go", "misc.go"} {
		assert.NotEmpty(t, layering.CheckFileName(file), file)
	}
	for _, file := range []string{"subnet.go", "typeset.go", "commons.go", "x_types.json.go"} {
		assert.Empty(t, layering.CheckFileName(file), file)
	}
	assert.Equal(t, `a/util.go: "util" says nothing about what the file holds`, layering.CheckFileName("a/util.go"))
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(top)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	ignored, err := os.ReadFile(filepath.Join(top, ".gitignore"))
	require.NoError(t, err)
	assert.Empty(t, layering.CheckTopLevel(names, string(ignored)))

	assert.Equal(t, []string{"pkg: not part of the layout", "main.test: not part of the layout"},
		layering.CheckTopLevel([]string{"iam", "finding.go", "pkg", "bin", "x.out", "main.test"}, "# built\n/bin/\n\n*.out\n"))
}

// TestModules proves that nested modules stand under internal only.
func TestModules(t *testing.T) {
	var modules []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == ".git" || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.Name() == "go.mod" {
			rel, err := filepath.Rel(top, path)
			modules = append(modules, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, modules, "go.mod")
	for _, module := range modules {
		assert.True(t, module == "go.mod" || strings.HasPrefix(module, "internal/"), module)
	}
}

// TestCheckFails gives fabricated lists to the rules: each breaks one of them,
// and is told so.
func TestCheckFails(t *testing.T) {
	const (
		m       = layering.Module
		ec2     = "github.com/aws/aws-sdk-go-v2/service/ec2"
		config  = "github.com/aws/aws-sdk-go-v2/config"
		assert_ = "github.com/stretchr/testify/assert"
	)
	std := func(path string, imports ...string) layering.Package {
		return layering.Package{ImportPath: path, Standard: true, Imports: imports}
	}
	pkg := func(path string, imports ...string) layering.Package {
		return layering.Package{ImportPath: path, Imports: imports}
	}
	tested := func(path string, imports ...string) layering.Package {
		return layering.Package{ImportPath: path, XTestImports: imports}
	}
	// What every list has besides.
	world := []layering.Package{
		std("fmt"), std("net/http", "crypto/tls"), std("crypto/tls"), std("text/template"), std("html/template", "text/template"), std("expvar", "net/http"), std("os/user", "C"),
		pkg("go4.org/netipx", "fmt"), pkg("go.yaml.in/yaml/v3", "fmt"), pkg("golang.org/x/crypto/ssh", "fmt"),
		pkg(assert_, "net/http"), pkg(ec2, "net/http"), pkg(config, ec2), pkg("github.com/aws/smithy-go"), pkg("golang.org/x/sync/errgroup"),
		pkg("example.com/new", "fmt"), pkg("example.com/wrapper", ec2),
	}
	for _, test := range []struct {
		name string
		list []layering.Package
		want []string
	}{
		{
			name: "as it should be",
			list: []layering.Package{
				{ImportPath: m, Imports: []string{"fmt"}, XTestImports: []string{m, assert_, m + "/internal/golden", "go.yaml.in/yaml/v3"}},
				pkg(m+"/internal/golden", "fmt"), pkg(m+"/internal/dump", m),
				{ImportPath: m + "/network", Imports: []string{m, "go4.org/netipx"}, TestImports: []string{m + "/network/awscli", m + "/network/networktest", assert_}},
				pkg(m+"/network/awscli", m, m+"/network", m+"/internal/dump"), pkg(m+"/network/networktest", m+"/network"),
				{ImportPath: m + "/network/awsnetwork", Imports: []string{m, m + "/network", ec2, "github.com/aws/smithy-go", "golang.org/x/sync/errgroup", m + "/internal/awserr"}, XTestImports: []string{m + "/network/awsnetwork/awsnetworktest"}},
				pkg(m+"/network/awsnetwork/awsnetworktest", m+"/network/awsnetwork", ec2), pkg(m+"/internal/awserr", "github.com/aws/smithy-go"),
				pkg(m+"/iam", "fmt"), pkg(m+"/iam/catalog", m+"/iam"), pkg(m+"/iam/presets/tectonic", m+"/iam/action/ec2action", m+"/iam/catalog"),
				pkg(m+"/iam/action/ec2action", m+"/iam"), pkg(m+"/identity/dex", m+"/identity", m+"/pki", "go.yaml.in/yaml/v3"), pkg(m + "/identity"), pkg(m + "/pki"),
				pkg(m+"/examples/preflight", config, m+"/examples/preflight/cluster"), pkg(m+"/examples/preflight/cluster", m+"/network/awsnetwork", "example.com/new"),
			},
		},
		{
			name: "the root imports the standard library only",
			list: []layering.Package{pkg(m, "go4.org/netipx")},
			want: []string{
				m + " imports go4.org/netipx: not among what it may import (the vocabulary is in every build; its tests encode a Secret as YAML)",
				m + " reaches go4.org/netipx: importing them must add no line to the caller's go.sum",
			},
		},
		{
			name: "the root imports no package of the module",
			list: []layering.Package{pkg(m, m+"/network"), pkg(m + "/network")},
			want: []string{m + " imports " + m + "/network: not among what it may import (the vocabulary is in every build; its tests encode a Secret as YAML)"},
		},
		{
			name: "nothing in the root reaches net/http",
			list: []layering.Package{pkg(m, "expvar")},
			want: []string{m + " reaches net/http through expvar: each of them doubles the binary of a program that only builds a policy"},
		},
		{
			name: "nor does iam, or what is below it, reach templates",
			list: []layering.Package{pkg(m+"/iam", "text/template"), pkg(m+"/iam/catalog", "html/template"), pkg(m+"/iam/action/s3action", m+"/iam")},
			want: []string{
				m + "/iam reaches text/template: each of them doubles the binary of a program that only builds a policy",
				m + "/iam/action/s3action reaches text/template through " + m + "/iam: each of them doubles the binary of a program that only builds a policy",
				m + "/iam/catalog reaches html/template: each of them doubles the binary of a program that only builds a policy",
			},
		},
		{
			name: "pki brings in no module, even by way of the root",
			list: []layering.Package{pkg(m+"/pki", m), pkg(m, "example.com/new")},
			want: []string{
				m + " imports example.com/new: not among what it may import (the vocabulary is in every build; its tests encode a Secret as YAML)",
				m + " reaches example.com/new: importing them must add no line to the caller's go.sum",
				m + "/pki reaches example.com/new through " + m + ": importing them must add no line to the caller's go.sum",
			},
		},
		{
			name: "a module that the family does not name",
			list: []layering.Package{pkg(m+"/network", "golang.org/x/crypto/ssh"), pkg(m+"/sshkeys", "golang.org/x/crypto/ssh", "go4.org/netipx")},
			want: []string{
				m + "/network imports golang.org/x/crypto/ssh: not among what it may import (sets of addresses, exactly partitioned)",
				m + "/sshkeys imports go4.org/netipx: not among what it may import (the OpenSSH encoding of private keys has no other reader)",
			},
		},
		{
			name: "no siblings",
			list: []layering.Package{pkg(m+"/network", m+"/iam"), pkg(m + "/iam"), pkg(m+"/network/flow", m+"/network/plan"), pkg(m + "/network/plan")},
			want: []string{
				m + "/network imports " + m + "/iam: not among what it may import (sets of addresses, exactly partitioned)",
				m + "/network/flow imports " + m + "/network/plan: not among what it may import (what is below network speaks of its snapshot)",
			},
		},
		{
			name: "a pure package reaches no SDK, however indirectly",
			list: []layering.Package{pkg(m+"/network/draw", "example.com/wrapper"), pkg(m+"/network/plan", m+"/network/awsnetwork"), pkg(m+"/network/awsnetwork", ec2)},
			want: []string{
				m + "/network/draw imports example.com/wrapper: not among what it may import (what is below network speaks of its snapshot)",
				m + "/network/draw reaches " + ec2 + " through example.com/wrapper: a pure package reaches no SDK and no adapter",
				m + "/network/plan imports " + m + "/network/awsnetwork: not among what it may import (what is below network speaks of its snapshot)",
				m + "/network/plan reaches " + m + "/network/awsnetwork: a pure package reaches no SDK and no adapter",
			},
		},
		{
			name: "nor do its tests",
			list: []layering.Package{
				tested(m+"/network", m+"/network/awsnetwork"), pkg(m+"/network/awsnetwork", ec2), tested(m+"/iam", ec2),
				{ImportPath: m + "/pki", TestImports: []string{"example.com/new"}},
			},
			want: []string{
				"a test of " + m + "/iam imports " + ec2 + ": not among what it may import (policies are text: a caller who builds one pays for nothing else)",
				"a test of " + m + "/iam reaches " + ec2 + ": users of a pure package would download what its tests need",
				"a test of " + m + "/network imports " + m + "/network/awsnetwork: not among what it may import (sets of addresses, exactly partitioned)",
				"a test of " + m + "/network reaches " + m + "/network/awsnetwork: users of a pure package would download what its tests need",
				"a test of " + m + "/pki imports example.com/new: not among what it may import (the standard library issues and verifies certificates)",
			},
		},
		{
			name: "adapters load no credentials and know no other adapter",
			list: []layering.Package{
				pkg(m+"/network/awsnetwork", config, m+"/iam/awsiam"), pkg(m+"/iam/awsiam", ec2, m+"/network"), tested(m+"/route53/awsroute53", config), pkg(m + "/network"),
			},
			want: []string{
				"a test of " + m + "/route53/awsroute53 reaches " + config + ": only examples load credentials",
				m + "/iam/awsiam imports " + m + "/network: not among what it may import (an adapter knows its parent and the SDK)",
				m + "/network/awsnetwork imports " + config + ": not among what it may import (an adapter knows its parent and the SDK)",
				m + "/network/awsnetwork imports " + m + "/iam/awsiam: not among what it may import (an adapter knows its parent and the SDK)",
				m + "/network/awsnetwork reaches " + config + ": only examples load credentials",
			},
		},
		{
			name: "nothing imports an example",
			list: []layering.Package{pkg(m+"/iam/awsiam", m+"/examples/preflight/cluster"), pkg(m + "/examples/preflight/cluster")},
			want: []string{m + "/iam/awsiam imports " + m + "/examples/preflight/cluster: not among what it may import (an adapter knows its parent and the SDK)"},
		},
		{
			name: "a package that no rule names, and one that begins like another",
			list: []layering.Package{pkg(m + "/preflight"), pkg(m + "/iamx"), pkg(m + "/internal/tidy"), pkg("github.com/groundway-sdk/groundwayx", ec2)},
			want: []string{
				m + "/iamx: no rule names this package",
				m + "/internal/tidy: no rule names this package",
				m + "/preflight: no rule names this package",
			},
		},
		{
			name: "circles end",
			list: []layering.Package{pkg(m+"/pki", "example.com/a"), pkg("example.com/a", "example.com/b"), pkg("example.com/b", "example.com/a")},
			want: []string{
				m + "/pki imports example.com/a: not among what it may import (the standard library issues and verifies certificates)",
				m + "/pki reaches example.com/a: importing them must add no line to the caller's go.sum",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, layering.Check(append(test.list, world...)))
		})
	}
}
