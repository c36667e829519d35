package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// compare says how what two sets of policies allow lies to each other.
func (c command) compare(args []string) (int, error) {
	set := flags("compare")
	kind := set.String("kind", "", "")
	exists := set.Bool("catalogue", false, "")
	asJSON := set.Bool("json", false, "")
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	if set.NArg() != 2 {
		return statusBroken, errors.New("compare: want two files, or two lists of files with commas")
	}
	var o iam.CompareOptions
	if *kind != "" {
		var err error
		if o.Kind, err = iam.ParseKind(*kind); err != nil {
			return statusBroken, err
		}
	}
	if *exists {
		o.Catalog = catalog.Catalog{}
	}
	var sides [2][]iam.Document
	for i := range sides {
		var err error
		if sides[i], err = readDocuments(strings.Split(set.Arg(i), ",")); err != nil {
			return statusBroken, err
		}
	}
	answer, err := iam.Compare(sides[0], sides[1], o)
	if err != nil {
		return statusBroken, err
	}
	if *asJSON {
		err = encode(c.stdout, answer, "")
	} else {
		err = c.writeComparison(answer, sides, o)
	}
	if err != nil {
		return statusBroken, fmt.Errorf("write comparison: %w", err)
	}
	if answer.Relation != iam.RelationEqual {
		return statusBlocked, nil
	}
	return statusClear, nil
}

// writeComparison writes the relation in a sentence, and what differs.
func (c command) writeComparison(answer iam.Comparison, sides [2][]iam.Document, o iam.CompareOptions) error {
	sentence := map[iam.Relation]string{
		iam.RelationEqual:       "Both allow the same.",
		iam.RelationWithin:      "The second allows all that the first does, and more.",
		iam.RelationContains:    "The first allows all that the second does, and more.",
		iam.RelationOverlapping: "Each allows something that the other does not.",
		iam.RelationDisjoint:    "Nothing is allowed by both.",
		iam.RelationUndecided:   "How they lie to each other could not be decided: " + answer.Undecided + ".",
	}[answer.Relation]
	d, err := iam.Diff(sides[0], sides[1], o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.stdout, sentence+"\n"+d.String())
	return err
}
