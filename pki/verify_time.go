package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway"
)

// noTime records that a rule cannot be answered without the time. The bundle
// stands for all of its entries: one thing is to be done.
func (k *checker) noTime(code groundway.Code) {
	k.unknown(code, k.bundleSubject(), "time", "the options give no time", "Give the time, and verify again.")
}

// timed judges entries where the time is known.
func (k *checker) timed(code groundway.Code, keep func(*entry) bool, judge func(*entry)) {
	if k.o.Time.IsZero() {
		k.noTime(code)
		return
	}
	k.each(code, keep, judge)
}

// first returns the first certificate of the entry that a test holds for, and
// where it stands, as the start of a sentence, unless it is the leaf.
func (e *entry) first(test func(*x509.Certificate) bool) (*x509.Certificate, string) {
	for i, c := range e.material.Certificates {
		if test(c) {
			if i > 0 {
				return c, fmt.Sprintf("holds %q in block %d, which ", nameOf(c), i+1)
			}
			return c, ""
		}
	}
	return nil, ""
}

func checkExpired(k *checker, code groundway.Code) {
	k.timed(code, hasCert, func(e *entry) {
		limit := k.o.Time.Add(k.o.Skew)
		c, where, severity := k.first(e, func(c *x509.Certificate) bool { return c.NotAfter.Before(limit) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		verb := "ended on"
		if !c.NotAfter.Before(k.o.Time) {
			verb = "ends within the skew of clocks, on"
		}
		k.failCertAs(severity, code, e, where+fmt.Sprintf("%s %s.", verb, stamp(c.NotAfter)),
			groundway.Fact{Got: "notAfter " + stamp(c.NotAfter), Want: stamp(limit) + " or later"})
	})
}

// first returns the first certificate of the entry that a test holds for, as
// entry.first does. One that no chain leads to is taken if there is no other, and
// is but a warning: it waits to be removed.
func (k *checker) first(e *entry, test func(*x509.Certificate) bool) (*x509.Certificate, string, groundway.Severity) {
	if c, where := e.first(func(c *x509.Certificate) bool { return test(c) && k.inUse(e, c) }); c != nil {
		return c, where, 0
	}
	c, where := e.first(test)
	return c, where, groundway.Warning
}

// inUse reports whether a certificate of the entry's file matters: it is the first
// one, or a chain leads by way of it.
func (k *checker) inUse(e *entry, c *x509.Certificate) bool {
	leads := func(leaf *entry) bool { return slices.ContainsFunc(leaf.path, c.Equal) }
	return c == e.cert() || leads(e) || e.id.IsCA() && slices.ContainsFunc(k.entries, leads)
}

func checkFuture(k *checker, code groundway.Code) {
	k.timed(code, hasCert, func(e *entry) {
		c, where, severity := k.first(e, func(c *x509.Certificate) bool { return c.NotBefore.After(k.o.Time) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCertAs(severity, code, e, where+fmt.Sprintf("begins on %s.", stamp(c.NotBefore)),
			groundway.Fact{Got: "notBefore " + stamp(c.NotBefore), Want: stamp(k.o.Time) + " or earlier"})
	})
}

func checkPlanned(k *checker, code groundway.Code) {
	if k.o.Planned.IsZero() {
		k.Inapplicable(code, "the options plan no date")
		return
	}
	k.timed(code, hasCert, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeTimeExpired) {
			return
		}
		c, where, severity := k.first(e, func(c *x509.Certificate) bool { return c.NotAfter.Before(k.o.Planned) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCertAs(severity, code, e, where+fmt.Sprintf("ends on %s, before the planned %s.", stamp(c.NotAfter), stamp(k.o.Planned)),
			groundway.Fact{Got: "notAfter " + stamp(c.NotAfter), Want: stamp(k.o.Planned) + " or later"})
	})
}

// checkOutlives compares what is said with what holds, and so needs no time. An
// authority that has ended already is the cause of more than this.
func checkOutlives(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		if k.skipIf(code, k.subject(k.entry(e.authority())), codeTimeExpired) {
			return
		}
		for _, c := range e.path[1:] {
			if e.cert().NotAfter.After(c.NotAfter) {
				k.failCert(code, e, fmt.Sprintf("ends on %s, after its authority %q, which ends on %s.", stamp(e.cert().NotAfter), nameOf(c), stamp(c.NotAfter)),
					groundway.Fact{Got: "notAfter " + stamp(e.cert().NotAfter), Want: "not after " + stamp(c.NotAfter)})
				return
			}
		}
		k.Pass(code, 1)
	})
}

func checkSoon(k *checker, code groundway.Code) {
	k.timed(code, hasCert, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeTimeExpired, codeTimePlanned) {
			return
		}
		limit := k.o.Time.Add(k.o.Soon)
		c, where := e.first(func(c *x509.Certificate) bool { return c.NotAfter.Before(limit) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		left := int(c.NotAfter.Sub(k.o.Time) / day)
		k.failCert(code, e, where+fmt.Sprintf("ends in %s, on %s.", plural(left, "day"), stamp(c.NotAfter)),
			groundway.Fact{Got: "notAfter " + stamp(c.NotAfter), Want: stamp(limit) + " or later"})
	})
}

const longestLeaf = 398 * day

func checkLong(k *checker, code groundway.Code) {
	k.each(code, isLeaf, func(e *entry) {
		c := e.cert()
		if life := c.NotAfter.Sub(c.NotBefore); life > longestLeaf {
			k.failCert(code, e, fmt.Sprintf("lasts for %s.", plural(int(life/day), "day")),
				groundway.Fact{Got: stamp(c.NotBefore) + " to " + stamp(c.NotAfter), Want: "398 days at most"})
			return
		}
		k.Pass(code, 1)
	})
}

func checkCALong(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		c, where := e.first(func(c *x509.Certificate) bool { return c.NotAfter.After(c.NotBefore.AddDate(10, 0, 1)) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, where+fmt.Sprintf("lasts for %s.", plural(int(c.NotAfter.Sub(c.NotBefore)/day), "day")),
			groundway.Fact{Got: stamp(c.NotBefore) + " to " + stamp(c.NotAfter), Want: "ten years at most"})
	})
}

func checkFresh(k *checker, code groundway.Code) {
	k.timed(code, hasCert, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeTimeFuture) {
			return
		}
		c, where := e.first(func(c *x509.Certificate) bool { return c.NotBefore.After(k.o.Time.Add(-k.o.Skew)) })
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, where+fmt.Sprintf("began %s ago.", k.o.Time.Sub(c.NotBefore).Round(time.Second)),
			groundway.Fact{Got: "notBefore " + stamp(c.NotBefore), Want: stamp(k.o.Time.Add(-k.o.Skew)) + " or earlier"})
	})
}
