package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

// explain writes the rule of a code for a person, within 100 columns.
func explain(w io.Writer, code string) error {
	rule, err := cluster.FindRule(code)
	if err != nil {
		return fmt.Errorf("-explain: %w", err)
	}
	var depends []string
	for _, code := range rule.DependsOn {
		depends = append(depends, string(code))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", rule.Code)
	wrapped(&b, "", rule.Title)
	for paragraph := range strings.SplitSeq(rule.Doc, "\n\n") {
		b.WriteByte('\n')
		wrapped(&b, "", paragraph)
	}
	b.WriteByte('\n')
	wrapped(&b, "Severity     ", rule.Severity.String()+", unless the profile says otherwise")
	wrapped(&b, "Depends on   ", cmp.Or(strings.Join(depends, ", "), "no other rule"))
	wrapped(&b, "IAM actions  ", cmp.Or(strings.Join(rule.Permissions, ", "), "none"))
	wrapped(&b, "Since        ", rule.Since)
	_, err = w.Write(b.Bytes())
	return err
}

// wrapped writes the words of text in lines of 100 columns: label before the
// first, and as many spaces before the others.
func wrapped(b *bytes.Buffer, label, text string) {
	const width = 100
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
			b.WriteString(label)
			column = len(label)
		case column+1+utf8.RuneCountInString(word) > width:
			b.WriteString("\n" + strings.Repeat(" ", len(label)))
			column = len(label)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += utf8.RuneCountInString(word)
	}
	b.WriteByte('\n')
}
