package pki

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// An Expiry says when an entry of a bundle ends, what breaks then, and what to do
// before.
type Expiry struct {
	ID  ID
	End time.Time // the last second in which anybody accepts it
	// By is the entry whose end this is: the entry's own, or that of the authority
	// that ends before it.
	By ID
	// Breaks are the connections that do not come about from then on.
	Breaks []Edge
	// Action is what to do before, as an imperative sentence.
	Action string
}

// String says it in a sentence without a period.
func (e Expiry) String() string {
	text := fmt.Sprintf("%s ends on %s", e.ID, stamp(e.End))
	if e.By != e.ID {
		text += " with " + string(e.By)
	}
	var paths []string
	for _, edge := range e.Breaks {
		if path := fmt.Sprintf("%s to %s", edge.From, edge.To); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if len(paths) > 0 {
		text += "; then " + join(paths) + " fails"
	}
	return text
}

// Expiries returns when every certificate of the bundle ends, the first to end
// first. An authority ends for all that it signed: what stands under one that ends
// before is named with it. What is not in the bundle, and the service-account key
// pair, which has no end, are not in the list.
func Expiries(inv Inventory, b Bundle) []Expiry {
	var all []Expiry
	for _, a := range inv.Authorities {
		m := b.Materials[a.Name.CA()]
		if a.SameAs != "" || len(m.Certificates) == 0 {
			continue
		}
		e := Expiry{ID: a.Name.CA(), By: a.Name.CA(), End: m.Certificate().NotAfter}
		for _, c := range inv.Certificates {
			if c.Authority == a.Name {
				e.Breaks = append(e.Breaks, inv.edgesOf(c.ID)...)
			}
		}
		e.Breaks = compactEdges(e.Breaks)
		e.Action = fmt.Sprintf("Rotate %s: begin with PlanRotation while everything that it signed can still be replaced.", e.ID)
		all = append(all, e)
	}
	for _, c := range inv.Certificates {
		m := b.Materials[c.ID]
		if len(m.Certificates) == 0 {
			continue
		}
		e := Expiry{ID: c.ID, By: c.ID, End: m.Certificate().NotAfter, Breaks: inv.edgesOf(c.ID)}
		path, _ := pathOf(m.Certificates, b.Materials[c.Authority.CA()].Certificates)
		for _, ca := range path[1:] {
			if ca.NotAfter.Before(e.End) {
				e.End, e.By = ca.NotAfter, c.Authority.CA()
			}
		}
		e.Action = fmt.Sprintf("Renew %s: PlanRenewal issues it anew under the authority that it has.", e.ID)
		if e.By != e.ID {
			e.Action = fmt.Sprintf("Rotate %s first: no certificate under it lasts longer.", e.By)
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b Expiry) int {
		return cmp.Or(a.End.Compare(b.End), compareIDs(a.ID, b.ID))
	})
	return all
}

// edgesOf returns the connections at which the certificate is shown.
func (inv Inventory) edgesOf(id ID) []Edge {
	var all []Edge
	for _, e := range inv.Edges {
		if id.Role() == e.Server || id.Role() == e.Client {
			all = append(all, e)
		}
	}
	return all
}

func compactEdges(list []Edge) []Edge {
	var all []Edge
	for _, e := range list {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}
