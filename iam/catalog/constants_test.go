package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// services are those with constants.
var services = []string{
	"acm", "autoscaling", "cloudformation", "cloudfront", "cloudwatch", "dynamodb", "ec2", "ecr", "eks", "elasticfilesystem",
	"elasticloadbalancing", "events", "iam", "kms", "logs", "organizations", "pricing", "ram", "route53", "route53domains", "s3",
	"secretsmanager", "servicequotas", "sqs", "ssm", "sts", "tag",
}

// A constant is a declared constant with its comment in one line.
type constant struct {
	name   string
	action iam.Action
	doc    string
}

func constants(t *testing.T, file string) (list []constant) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	require.NoError(t, err)
	require.True(t, ast.IsGenerated(parsed), file)
	for _, declaration := range parsed.Decls {
		group := declaration.(*ast.GenDecl)
		if group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			action, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			list = append(list, constant{value.Names[0].Name, iam.Action(action), strings.Join(strings.Fields(value.Doc.Text()), " ")})
		}
	}
	return list
}

// TestConstants holds the constants and the catalog together: each constant that
// is not deprecated is an action, with what its comment says, and each action of
// the services is a constant.
func TestConstants(t *testing.T) {
	folders, err := os.ReadDir(filepath.FromSlash("../action"))
	require.NoError(t, err)
	require.Len(t, folders, len(services))
	for i, service := range services {
		require.Equal(t, service+"action", folders[i].Name())
		actions := map[iam.Action]bool{}
		for _, a := range all.Expand(iam.Action(service + ":*")) {
			actions[a] = true
		}
		require.NotEmpty(t, actions, service)
		for _, k := range constants(t, filepath.Join("..", "action", folders[i].Name(), "action.go")) {
			if strings.Contains(k.doc, " Deprecated: ") {
				continue
			}
			assert.True(t, actions[k.action], "%s is no action", k.action)
			delete(actions, k.action)
			_, name, _ := strings.Cut(string(k.action), ":")
			assert.True(t, strings.EqualFold(strings.ReplaceAll(name, "-", ""), k.name), "%s is called %s", k.action, k.name)
			assert.Equal(t, k.name+" "+comment(k.action), k.doc)
		}
		assert.Empty(t, actions, "%s: actions without a constant", service)
	}
}

// comment returns what the comment of an action says.
func comment(a iam.Action) string {
	_, level, _ := all.Action(a)
	text := "is a " + level.String() + " action."
	if level == iam.PermissionsAccess {
		text = "manages permissions."
	}
	var needs, uses []string
	types := all.ResourceTypes(a)
	for _, r := range types {
		name := r.Name
		if strings.Contains(name, " ") {
			name = strconv.Quote(name)
		}
		if r.Required {
			needs = append(needs, name)
		} else {
			uses = append(uses, name)
		}
	}
	if needs != nil {
		text += " It needs: " + strings.Join(needs, ", ") + "."
	}
	if uses != nil {
		text += " It can use: " + strings.Join(uses, ", ") + "."
	}
	if types == nil {
		text += ` It takes "*" alone.`
	}
	return text
}

// TestMisspelt compiles two programs that differ in one letter.
func TestMisspelt(t *testing.T) {
	build := func(action string) (string, error) {
		file := filepath.Join(t.TempDir(), "main.go")
		require.NoError(t, os.WriteFile(file, []byte(`package main

import (
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/ec2action"
)

func main() { _ = iam.Allow(`+action+`) }
`), 0o644))
		cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(t.TempDir(), "program"), file)
		cmd.Dir = filepath.FromSlash("../..")
		cmd.Env = append(cmd.Environ(), "GOPROXY=off", "GOWORK=off")
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	output, err := build("ec2action.RunInstances")
	require.NoError(t, err, output)
	output, err = build("ec2action.RunInstance")
	require.Error(t, err)
	assert.Contains(t, output, "undefined: ec2action.RunInstance\n")
}
