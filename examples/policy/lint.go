package main

import (
	"errors"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// lint reports what Validate and Lint find in each of the files.
func (c command) lint(args []string) (int, error) {
	set := flags("lint")
	format := set.String("format", "text", "")
	kindName := set.String("kind", "identity", "")
	strict := set.Bool("strict", false, "")
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	kind, err := iam.ParseKind(*kindName)
	switch {
	case err != nil:
		return statusBroken, err
	case set.NArg() == 0:
		return statusBroken, errors.New("lint: want the files of policies")
	}
	if err := choice(set, "format", *format, "text", "json"); err != nil {
		return statusBroken, err
	}
	documents, err := readDocuments(set.Args())
	if err != nil {
		return statusBroken, err
	}
	var findings []groundway.Finding
	for _, d := range documents {
		findings = append(findings, iam.Validate(d, kind, iam.ValidateOptions{})...)
		findings = append(findings, iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: kind, Validated: true})...)
	}
	return c.write(findings, *format, *strict)
}
