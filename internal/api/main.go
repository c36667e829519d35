// Api lists the exported API of every package that users import, one text file
// a package, so that a change of the API shows in a review as what it is:
//
//	go run ./internal/api
//
// run at the top of the module, writes the lists anew; a test keeps them in
// step.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	lists, err := listAll(os.DirFS("."))
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range lists {
		if err := os.WriteFile(filepath.Join("internal", "api", name), text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// listAll returns the lists of all packages of the module by the names of their
// files. Programs, what is internal, and generated constants are left out.
func listAll(module fs.FS) (map[string][]byte, error) {
	lists := map[string][]byte{}
	err := fs.WalkDir(module, ".", func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return err
		case d.Name() == "internal", d.Name() == "testdata", dir != "." && strings.HasPrefix(d.Name(), "."), dir == "iam/action":
			return fs.SkipDir
		}
		text, err := list(module, dir)
		if err != nil || text == nil {
			return err
		}
		name := strings.ReplaceAll(dir, "/", "_") + ".txt"
		if dir == "." {
			name = "groundway.txt"
		}
		lists[name] = text
		return nil
	})
	return lists, err
}

// list returns the exported declarations of the package in a directory, each in
// canonical form and all in alphabetical order, or nil if it holds none that
// can be imported.
func list(module fs.FS, dir string) ([]byte, error) {
	files, err := fs.Glob(module, path.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := fs.ReadFile(module, name)
		if err != nil {
			return nil, err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if file.Name.Name == "main" {
			return nil, nil
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			lines = append(lines, declarations(fset, decl)...)
		}
	}
	if lines == nil {
		return nil, nil
	}
	slices.Sort(lines)
	return []byte(strings.Join(slices.Compact(lines), "\n") + "\n"), nil
}

// declarations returns each declaration of a group by itself.
func declarations(fset *token.FileSet, decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		d.Body = nil
		return []string{text(fset, d)}
	case *ast.GenDecl:
		var lines []string
		for _, spec := range d.Specs {
			if d.Tok != token.IMPORT {
				lines = append(lines, d.Tok.String()+" "+text(fset, spec))
			}
		}
		return lines
	}
	return nil
}

func text(fset *token.FileSet, node ast.Node) string {
	var b bytes.Buffer
	config := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := config.Fprint(&b, fset, node); err != nil {
		return fmt.Sprintf("(cannot be printed: %v)", err)
	}
	return b.String()
}
