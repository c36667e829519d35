// Package layering holds who may import whom in this module. Its rules are
// data, each with its reason; its test applies them to what the go command
// lists. A package that no rule names fails the test: add it to a family, and a
// new dependency between packages to DESIGN.md as well.
package layering

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Module is the path of this module.
const Module = "github.com/groundway-sdk/groundway"

const (
	sdk     = "github.com/aws/..."
	config  = "github.com/aws/aws-sdk-go-v2/config"
	testify = "github.com/stretchr/testify/..."
)

// A Package is what the rules ask of one entry of go list -deps -test -json.
type Package struct {
	ImportPath   string
	Standard     bool     // of the standard library
	Imports      []string // of the package itself
	TestImports  []string // of the tests within it
	XTestImports []string // of the tests beside it
}

// Check returns one line for each import that breaks a rule, ordered. The list
// holds the packages of this module and all that they and their tests import.
func Check(list []Package) []string {
	c := checker{byPath: map[string]Package{}}
	for _, p := range list {
		c.byPath[p.ImportPath] = p
	}
	for _, p := range list {
		if name, ours := relative(p.ImportPath); ours {
			c.check(p, name)
		}
	}
	slices.Sort(c.violations)
	return slices.Compact(c.violations)
}

type checker struct {
	byPath     map[string]Package
	violations []string
}

func (c *checker) report(format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

func (c *checker) check(p Package, name string) {
	f, ok := familyOf(name)
	if !ok {
		c.report("%s: no rule names this package", p.ImportPath)
		return
	}
	for _, imported := range p.Imports {
		if !c.allowed(f, imported) {
			c.report("%s imports %s: not among what it may import (%s)", p.ImportPath, imported, f.why)
		}
	}
	tests := slices.Concat(p.TestImports, p.XTestImports)
	for _, imported := range tests {
		if f.kind == pure && !c.allowedInTest(f, imported) {
			c.report("a test of %s imports %s: not among what it may import (%s)", p.ImportPath, imported, f.why)
		}
	}
	if f.kind == pure {
		c.reach(p.ImportPath, p.Imports, isSDK, "a pure package reaches no SDK and no adapter")
		c.reach("a test of "+p.ImportPath, tests, isSDK, "users of a pure package would download what its tests need")
	}
	if f.kind != example {
		loads := func(dep Package) bool { return matches(config, dep.ImportPath) }
		c.reach(p.ImportPath, p.Imports, loads, "only examples load credentials")
		c.reach("a test of "+p.ImportPath, tests, loads, "only examples load credentials")
	}
	for _, b := range bans {
		if matchesAny(b.members, name) {
			c.reach(p.ImportPath, p.Imports, b.hits, b.why)
		}
	}
}

// allowed reports whether a package of the family may import this one.
func (c *checker) allowed(f family, imported string) bool {
	name, ours := relative(imported)
	switch {
	case f.kind == example:
		return true
	case !ours:
		return c.byPath[imported].Standard || matchesAny(f.may, imported) || f.kind == adapter && matchesAny(adapterMay, imported)
	case name == "":
		return true
	}
	return matchesAny(f.may, name) || f.kind == adapter && matchesAny(adapterMay, name)
}

// allowedInTest reports whether a test of a pure package may import this one.
func (c *checker) allowedInTest(f family, imported string) bool {
	if name, ours := relative(imported); ours {
		other, ok := familyOf(name)
		return ok && other.kind == pure || name == "internal/findingtest"
	}
	return c.allowed(f, imported) || matches(testify, imported) || matchesAny(f.testMay, imported)
}

// reach reports the packages that are hit among the imports and all that they
// import, each with one way that leads to it.
func (c *checker) reach(from string, imports []string, hit func(Package) bool, why string) {
	via := map[string]string{}
	queue := slices.Clone(imports)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		p, known := c.byPath[at]
		if !known {
			p.ImportPath = at
		}
		if hit(p) {
			c.report("%s reaches %s%s: %s", from, at, way(via, at), why)
			continue
		}
		for _, next := range p.Imports {
			if _, seen := via[next]; !seen && !slices.Contains(imports, next) {
				via[next] = at
				queue = append(queue, next)
			}
		}
	}
}

// way names the packages between the start and at, the last first.
func way(via map[string]string, at string) string {
	text := ""
	for step := via[at]; step != ""; step = via[step] {
		text += " through " + step
	}
	return text
}

func isSDK(p Package) bool {
	if name, ours := relative(p.ImportPath); ours {
		f, ok := familyOf(name)
		return ok && f.kind == adapter
	}
	return matches(sdk, p.ImportPath)
}

func (b ban) hits(p Package) bool {
	_, ours := relative(p.ImportPath)
	foreign := !ours && !p.Standard && p.ImportPath != "C" // cgo is no package
	return matchesAny(b.banned, p.ImportPath) || foreign && slices.Contains(b.banned, thirdParty)
}

func familyOf(name string) (family, bool) {
	for _, f := range families {
		if matchesAny(f.packages, name) {
			return f, true
		}
	}
	return family{}, false
}

// relative returns the path of a package within this module, "" for the root.
func relative(importPath string) (string, bool) {
	if importPath == Module {
		return "", true
	}
	return strings.CutPrefix(importPath, Module+"/")
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) })
}

// matches reports whether the pattern is the name, or ends in /... and the name
// is that path or below it.
func matches(pattern, name string) bool {
	above, below := strings.CutSuffix(pattern, "/...")
	return name == above || below && strings.HasPrefix(name, above+"/")
}

// CheckFileName returns what is wrong with the name of a Go file, or "".
func CheckFileName(file string) string {
	for word := range strings.SplitSeq(strings.TrimSuffix(path.Base(file), ".go"), "_") {
		if slices.Contains(noNames, word) {
			return fmt.Sprintf("%s: %q says nothing about what the file holds", file, word)
		}
	}
	return ""
}

// CheckTopLevel returns a line for each name that may not stand at the top of
// the module. What .gitignore names may, since it is never committed.
func CheckTopLevel(names []string, gitignore string) []string {
	var ignored []string
	for line := range strings.Lines(gitignore) {
		if line = strings.Trim(strings.TrimSpace(line), "/"); line != "" && line[0] != '#' {
			ignored = append(ignored, line)
		}
	}
	var violations []string
	for _, name := range names {
		isIgnored := slices.ContainsFunc(ignored, func(pattern string) bool {
			ok, err := path.Match(pattern, name)
			return ok && err == nil
		})
		if !slices.Contains(topLevel, name) && path.Ext(name) != ".go" && !isIgnored {
			violations = append(violations, name+": not part of the layout")
		}
	}
	return violations
}
