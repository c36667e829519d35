// Package standin hides values: each gets a stand-in, numbered in the order in which
// the values are met, the same wherever a value stands. Nothing is hashed, so that
// none can be guessed back, and nothing is random.
package standin

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Book holds the stand-ins that were given. A value that has the form of one keeps
// it, so that to redact twice is to redact once.
type Book struct {
	words    *regexp.Regexp // what the stand-in of a word or a domain looks like
	kept     map[string]bool
	taken    map[string]bool   // what may not be given out
	to       map[string]string // from a value to its stand-in
	next     map[string]int    // the last number of each kind
	last4    netip.Addr        // the last address that was given
	last6    netip.Addr
	learning bool
}

// New returns a book for words of these kinds. What is to keep gets no stand-in.
func New(kinds []string, keep ...string) *Book {
	b := &Book{
		words: regexp.MustCompile(`^(` + strings.Join(kinds, "|") + `)-[1-9][0-9]*$|^domain-[1-9][0-9]*\.example$`),
		kept:  map[string]bool{"": true}, taken: map[string]bool{}, to: map[string]string{}, next: map[string]int{},
		last4: addresses4.Addr(), last6: addresses6.Addr(),
	}
	b.Keep(keep...)
	return b
}

// Keep adds to what is kept.
func (b *Book) Keep(texts ...string) {
	for _, t := range texts {
		b.kept[t], b.taken[t] = true, true
	}
}

// Kept reports whether a text is kept.
func (b *Book) Kept(text string) bool { return b.kept[text] }

// Walk calls a function that meets all values, twice: at first each stays as it is,
// and the book learns which stand-ins are in use.
func (b *Book) Walk(meet func()) {
	b.learning = true
	meet()
	b.learning = false
	meet()
}

// Learning reports whether values stay as they are.
func (b *Book) Learning() bool { return b.learning }

// Value returns the stand-in of a value, which numbered makes of the next number of
// its kind that is free. One that is a stand-in already stays.
func (b *Book) Value(kind, value string, isStandIn bool, numbered func(n int) string) string {
	if isStandIn || b.kept[value] || b.words.MatchString(value) {
		b.taken[value] = true
		return value
	}
	if to, ok := b.to[value]; ok || b.learning {
		return cmp.Or(to, value)
	}
	to := ""
	for to == "" || b.taken[to] {
		b.next[kind]++
		to = numbered(b.next[kind])
	}
	b.to[value] = to
	return to
}

// Word returns the stand-in of a text: KIND-1 and so on.
func (b *Book) Word(kind, text string) string {
	return b.Value(kind, text, false, func(n int) string { return kind + "-" + strconv.Itoa(n) })
}

// Domain returns the stand-in of a name of the DNS: domain-1.example and so on.
func (b *Book) Domain(name string) string {
	return b.Value("domain", name, false, func(n int) string { return fmt.Sprintf("domain-%d.example", n) })
}

var (
	account  = regexp.MustCompile(`\b[0-9]{12}\b`)
	accounts = regexp.MustCompile(`^0{6}[0-9]{6}$`)
)

// Account returns the stand-in of the ID of an account: 000000000001 and so on.
func (b *Book) Account(id string) string {
	return b.Value("account", id, accounts.MatchString(id), func(n int) string { return fmt.Sprintf("%012d", n) })
}

// Accounts replaces the IDs of accounts within a text: twelve digits that stand by
// themselves.
func (b *Book) Accounts(text string) string { return account.ReplaceAllStringFunc(text, b.Account) }

// Addresses that nobody has.
var (
	addresses4 = netip.MustParsePrefix("240.0.0.0/4")   // reserved, RFC 1112
	addresses6 = netip.MustParsePrefix("2001:db8::/32") // documentation, RFC 3849
)

// Address returns the stand-in of an address: 240.0.0.1 or 2001:db8::1 and so on.
func (b *Book) Address(a netip.Addr) netip.Addr {
	last := &b.last4
	if a.Unmap().Is6() {
		last = &b.last6
	}
	to := b.Value("", a.String(), addresses4.Contains(a.Unmap()) || addresses6.Contains(a), func(int) string {
		*last = last.Next()
		return last.String()
	})
	if to == a.String() {
		return a
	}
	return netip.MustParseAddr(to)
}

// Part returns a copy of a part, its items in the order of their keys, each of which
// goes through edit. The accounts of gaps get stand-ins, and their messages too, as
// message-1 and so on.
func Part[T groundway.Keyed](b *Book, p groundway.Part[T], edit func(*T)) groundway.Part[T] {
	p.Items = slices.Clone(p.Items)
	slices.SortStableFunc(p.Items, func(x, y T) int { return cmp.Compare(x.Key(), y.Key()) })
	for i := range p.Items {
		edit(&p.Items[i])
	}
	p.Gaps = slices.Clone(p.Gaps)
	for i := range p.Gaps {
		p.Gaps[i].Account, p.Gaps[i].Message = b.Account(p.Gaps[i].Account), b.Word("message", p.Gaps[i].Message)
	}
	return p
}
