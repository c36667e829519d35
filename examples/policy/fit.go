package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// fit writes policies that keep to a quota.
func (c command) fit(args []string) (int, error) {
	set := flags("fit")
	kind := set.String("kind", "identity", "")
	limit := set.String("limit", "", "")
	format := set.String("format", "text", "")
	wildcards := set.Bool("wildcards", false, "")
	var o iam.FitOptions
	set.IntVar(&o.Policies, "policies", 0, "")
	set.Func("placeholder", "", func(v string) error {
		parts := strings.Split(v, "=")
		if len(parts) == 3 {
			if n, err := strconv.Atoi(parts[2]); err == nil {
				o.Placeholders = append(o.Placeholders, iam.Placeholder{Name: parts[0], Text: parts[1], Max: n})
				return nil
			}
		}
		return errors.New("want NAME=TEXT=LENGTH, such as cluster=demo=100")
	})
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	if set.NArg() == 0 {
		return statusBroken, errors.New("fit: want the files of policies")
	}
	err := choice(set, "format", *format, "text", "json")
	if err == nil {
		o.Kind, err = iam.ParseKind(*kind)
	}
	if err == nil && *limit != "" {
		err = choice(set, "limit", *limit, "managed", "user", "group", "role")
		for _, l := range iam.SizeLimits() {
			if l.Kind == iam.IdentityPolicy && strings.Contains(l.What, *limit) {
				o.Limit = l
			}
		}
	}
	if err != nil {
		return statusBroken, err
	}
	if *wildcards {
		o.Catalog = catalog.Catalog{}
	}
	documents, err := readDocuments(set.Args())
	if err != nil {
		return statusBroken, err
	}
	fitted, err := iam.Fit(documents, o)
	var none *iam.FitError
	switch {
	case errors.As(err, &none):
		if _, err := fmt.Fprintln(c.stdout, groundway.Visible(none.Error())); err != nil {
			return statusBroken, fmt.Errorf("write answer: %w", err)
		}
		return statusBlocked, nil
	case err != nil:
		return statusBroken, err
	}
	if *format == "json" {
		err = encode(c.stdout, fitted, "  ")
	} else {
		for i, d := range fitted.Documents {
			fmt.Fprintf(c.stderr, "policy %d of %d: %d characters at worst\n", i+1, len(fitted.Documents), fitted.Sizes[i])
			if _, err = c.stdout.Write(groundway.VisibleJSON([]byte(d.Indent()))); err != nil {
				break
			}
		}
	}
	if err != nil {
		return statusBroken, fmt.Errorf("write policies: %w", err)
	}
	return statusClear, nil
}
