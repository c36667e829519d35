package route53

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// registered reports whether the name is one that a registrar gives out: a
// label below a public suffix. Its delegation is not set in a zone, but at the
// registrar.
func registered(n Name) bool { return n.Parent() == suffixOf(n) }

// suffixOf returns the public suffix of a name, or the name itself. Those that
// hosters list for their customers, such as github.io, do not count: they are
// names that somebody registered.
func suffixOf(n Name) Name {
	for {
		suffix, icann := publicsuffix.PublicSuffix(string(n))
		if icann || !strings.Contains(suffix, ".") {
			return Name(suffix)
		}
		n = Name(suffix).Parent()
	}
}
