package iam

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// candidates returns values of a key that stand for all: each limit that a test
// compares with, and what lies between two.
func (u *compareKeyUse) candidates() []string {
	var values []string
	for _, t := range u.tests {
		if t.family != familyNull {
			values = append(values, t.condition.Values...)
		}
	}
	switch u.family {
	case familyNumeric:
		return compareNumbers(values)
	case familyDate:
		return compareDates(values)
	case familyIP:
		return compareAddresses(values)
	case familyBool:
		return []string{"true", "false"}
	case familyBinary:
		return append(values, compareOtherBytes(values))
	}
	// What is compared in several ways, or only tested for being there.
	list := append([]string{"another"}, values...)
	list = append(list, compareNumbers(values)...)
	list = append(list, compareDates(values)...)
	return append(list, compareAddresses(values)...)
}

// compareOtherBytes returns base64 text that is none of the values.
func compareOtherBytes(values []string) string {
	for n := 0; ; n++ {
		text := "another"
		if n > 0 {
			text += strconv.Itoa(n)
		}
		if other := base64.StdEncoding.EncodeToString([]byte(text)); !slices.Contains(values, other) {
			return other
		}
	}
}

func compareNumbers(values []string) []string {
	var list []*big.Rat
	digits := 1
	for _, v := range values {
		n, ok := parseAuthNumber(v)
		if !ok || compareLong(v) {
			continue
		}
		if r, ok := new(big.Rat).SetString(v); ok {
			list = append(list, r)
			digits = max(digits, len(v)+compareAbs(n.point)+1)
		}
	}
	slices.SortFunc(list, (*big.Rat).Cmp)
	list = compareBetween(list, big.NewRat(0, 1), func(r *big.Rat, by int64) *big.Rat { return new(big.Rat).Add(r, big.NewRat(by, 1)) },
		func(a, b *big.Rat) *big.Rat {
			sum := new(big.Rat).Add(a, b)
			return sum.Quo(sum, big.NewRat(2, 1))
		})
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.FloatString(digits)
		if strings.Contains(out[i], ".") {
			out[i] = strings.TrimSuffix(strings.TrimRight(out[i], "0"), ".")
		}
	}
	return out
}

// compareDigits bounds the digits of the numbers that are compared exactly.
const compareDigits = 100

// compareLong reports whether a number has more digits than are written out.
func compareLong(value string) bool {
	n, ok := parseAuthNumber(value)
	return ok && (compareAbs(n.point) > compareDigits || len(value) > compareDigits)
}

func compareAbs(n int) int { return max(n, -n) }

// compareBetween returns the points of a sorted list, one between any two, one
// before and one behind all; or another for an empty list.
func compareBetween[T any](list []T, other T, move func(T, int64) T, middle func(a, b T) T) []T {
	if len(list) == 0 {
		return []T{other}
	}
	out := []T{move(list[0], -1)}
	for i, x := range list {
		if i > 0 {
			out = append(out, middle(list[i-1], x))
		}
		out = append(out, x)
	}
	return append(out, move(list[len(list)-1], 1))
}

func compareDates(values []string) []string {
	list := compareParse(values, authDate)
	slices.SortFunc(list, time.Time.Compare)
	list = compareBetween(list, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
		func(t time.Time, by int64) time.Time { return t.Add(time.Duration(by) * time.Second) },
		func(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2) })
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.UTC().Format(time.RFC3339Nano)
		if _, ok := authDate(out[i]); !ok {
			out[i] = strconv.FormatInt(t.Unix(), 10) // years of more than four digits have no other form
		}
	}
	return out
}

// compareAddresses returns the addresses at which ranges begin, and those
// behind their ends: ranges change nowhere else.
func compareAddresses(values []string) []string {
	list := []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::")}
	for _, r := range compareParse(values, authRange) {
		first := r.Masked().Addr()
		last := first.AsSlice()
		for bit := r.Bits(); bit < 8*len(last); bit++ {
			last[bit/8] |= 0x80 >> (bit % 8)
		}
		list = append(list, first)
		if end, ok := netip.AddrFromSlice(last); ok {
			if behind := end.Next(); behind.IsValid() {
				list = append(list, behind)
			}
		}
	}
	var out []string
	for _, a := range list {
		if !a.Is4In6() {
			out = append(out, a.String())
		}
	}
	return out
}
