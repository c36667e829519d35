package dump

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/internal/editdistance"
)

// CheckName returns an error where a file's name is none of the known names and
// so close to one that it was meant: it would be passed over in silence, and
// what it shows be taken for unseen. The known names have the form
// service-command.json, or service-command-ID.json with any word in capitals.
// Close means: the same letters and digits but for two, with or without the
// service, and whatever follows, so that a numbered copy, a second page, a wrong
// ID and a lost or a doubled extension are found.
func CheckName(name string, known []string) error {
	if slices.Contains(known, name) || strings.HasPrefix(name, ".") {
		return nil
	}
	nearest, least := "", maxDistance+1
	for _, k := range known {
		if d := distance(name, k); d < least {
			nearest, least = k, d
		}
	}
	if nearest == "" {
		return nil
	}
	return fmt.Errorf("%s: is not read under this name; rename it to %s, or move it out of the directory",
		quoteName(name), nearest)
}

const maxDistance = 2

var placeholder = regexp.MustCompile(`-[A-Z]+\.`)

// distance returns how far a name is from a known one, and more than
// maxDistance where it is not close.
func distance(name, known string) int {
	service, _, _ := strings.Cut(known, "-")
	n, k := letters(name), letters(placeholder.ReplaceAllString(known, "."))
	if len(n) > 200 {
		return maxDistance + 1
	}
	d := min(editdistance.Of(n, k, maxDistance+1), editdistance.Of(service+n, k, maxDistance+1))
	if strings.HasPrefix(n, k) || strings.HasPrefix(service+n, k) {
		d = min(d, maxDistance)
	}
	return d
}

// letters returns the letters and digits of a name up to its extension, in
// lower case.
func letters(name string) string {
	base, _, _ := strings.Cut(name, ".")
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(base))
}

// quoteName quotes a name that is not made of plain characters: it was not
// chosen by us.
func quoteName(name string) string {
	quoted := quote(name, 100)
	if quoted[1:len(quoted)-1] == name && !strings.ContainsAny(name, " '\"$`\\") {
		return name
	}
	return quoted
}
