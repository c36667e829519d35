package iam

import (
	"maps"
	"slices"
	"strings"
)

// A compareCaller is who makes a request, as far as a request can say.
type compareCaller struct {
	principal string
	canonical string
	userID    string
}

// callers returns callers that stand for all: each that a statement names, one
// more of each account and role that it names, and one of each kind that no
// statement does. Those that several principals name at once are for [comparer.several].
func (c *comparer) callers() []int {
	if c.who != nil {
		return c.alone
	}
	c.index = map[compareCaller]int{}
	var last []compareCaller
	add := func(who compareCaller) {
		if _, seen := c.index[who]; !seen {
			c.alone = append(c.alone, c.caller(who))
		}
	}
	within := func(account string) {
		add(compareCaller{principal: "arn:aws:iam::" + account + ":user/someone"})
		add(compareCaller{principal: "arn:aws:sts::" + account + ":assumed-role/someone/session"})
		add(compareCaller{principal: "arn:aws:iam::" + account + ":role/someone"})
		add(compareCaller{principal: "arn:aws:sts::" + account + ":federated-user/someone"})
		add(compareCaller{principal: "arn:aws:iam::" + account + ":root"})
	}
	for _, boxes := range c.boxes {
		for _, b := range boxes {
			for _, p := range slices.Concat(b.principals, b.except) {
				account, whole := p.account()
				switch {
				case p.Value == "*":
				case whole:
					within(string(account))
				case p.Kind == PrincipalCanonicalUser:
					add(compareCaller{principal: "arn:aws:iam::999999999999:user/someone", canonical: p.Value})
				case p.deleted():
					for _, principal := range []string{"arn:aws:sts::999999999999:assumed-role/someone/session", "arn:aws:iam::999999999999:user/someone"} {
						if who, ok := (compareCaller{principal: principal}).identified(p.Value); ok {
							add(who)
						}
					}
				case strings.HasPrefix(p.Value, compareStandInPrefix):
					last = append(last, compareCaller{principal: p.Value}) // no request can name it
				default:
					add(compareCaller{principal: p.Value})
					if caller, err := parseAuthCaller(p.Value); err == nil && caller.account != "" {
						if caller.kind == authRole {
							add(compareCaller{principal: "arn:" + caller.partition + ":sts::" + caller.account + ":assumed-role/" + caller.name + "/session"})
						}
						within(caller.account)
					}
				}
			}
		}
	}
	within("444455556666")
	add(compareCaller{principal: "another.amazonaws.com"})
	add(compareCaller{principal: "another.example.com"})
	add(compareCaller{principal: "*"})
	for _, who := range last {
		add(who)
	}
	return c.alone
}

// caller returns the index of a caller.
func (c *comparer) caller(who compareCaller) int {
	n, ok := c.index[who]
	if !ok {
		n = len(c.who)
		c.who, c.index[who] = append(c.who, who), n
	}
	return n
}

// identified returns the caller with a unique ID, if its kind has such ones.
func (w compareCaller) identified(id string) (compareCaller, bool) {
	caller, err := parseAuthCaller(w.principal)
	user := strings.HasPrefix(id, "AIDA")
	switch {
	case err != nil:
		return w, false
	case user && caller.kind == authUser, !user && caller.kind == authRole:
		w.userID = id
	case !user && caller.kind == authSession:
		w.userID = id + ":session"
	default:
		return w, false
	}
	return w, true
}

// compareCallers bounds the callers of several names that a region is searched for.
const compareCallers = 1 << 12

// several returns callers with a canonical ID or a unique ID beside their ARN. A
// name more makes a caller one of more statements, which matters where it has to
// be one of several, and where NotPrincipal spares it.
func (c *comparer) several(x, ys []*compareBox) []int {
	var canonical, ids []string
	note := func(list []Principal) {
		for _, p := range list {
			switch {
			case p.Kind == PrincipalCanonicalUser:
				canonical = append(canonical, p.Value)
			case p.deleted():
				ids = append(ids, p.Value)
			}
		}
	}
	for _, b := range x {
		if len(x) > 1 {
			note(b.principals)
		}
		note(b.except)
	}
	for _, b := range ys {
		note(b.except)
	}
	canonical, ids = sorted(canonical), sorted(ids)
	alone := c.callers()
	if (len(canonical)+1)*(len(ids)+1) > compareCallers/len(alone) && len(canonical)+len(ids) > 0 {
		c.limit("the principals, canonical IDs and unique IDs are too many to compare")
		return nil
	}
	var list []int
	for _, n := range alone {
		who := c.who[n]
		caller, err := parseAuthCaller(who.principal)
		if err != nil || !caller.kind.identity() || who.canonical != "" || who.userID != "" {
			continue
		}
		for _, user := range append([]string{""}, canonical...) {
			who.canonical = user
			if user != "" {
				list = append(list, c.caller(who))
			}
			for _, id := range ids {
				if both, ok := who.identified(id); ok {
					list = append(list, c.caller(both))
				}
			}
		}
	}
	return list
}

// principalCells finds callers.
func (c *comparer) principalCells(x, ys []*compareBox) []compareCell {
	f := compareFinder{budget: &c.budget}
	if !c.named {
		in := newCompareBits(len(ys))
		for i := range ys {
			in.set(i)
		}
		f.add("", in)
		return f.cells
	}
	for _, i := range slices.Concat(c.callers(), c.several(x, ys)) {
		if f.done {
			break
		}
		who := c.who[i]
		if slices.ContainsFunc(x, func(b *compareBox) bool { return !c.speaksOf(b, i, who) }) {
			continue
		}
		in := newCompareBits(len(ys))
		for k, y := range ys {
			if c.speaksOf(y, i, who) {
				in.set(k)
			}
		}
		f.add(who.principal+"\x00"+who.canonical+"\x00"+who.userID, in)
	}
	return f.cells
}

// speaksOf reports whether a statement names a caller, by its index.
func (c *comparer) speaksOf(b *compareBox, index int, who compareCaller) bool {
	for len(b.names) <= index {
		b.names = append(b.names, 0)
	}
	if b.names[index] == 0 {
		a := c.judges[b.side].authorizer
		r := Request{Principal: who.principal, CanonicalUser: who.canonical, Action: "a:b", Resource: "*"}
		if who.userID != "" {
			r.Context = Context{"aws:userid": {who.userID}}
		}
		e := authEvaluation{slots: make([]authSlot, len(a.keys))}
		truth := authNo
		if e.begin(a, &r) == nil {
			_, truth = c.judges[b.side].statement(b.ordinal).principal(&e)
		}
		b.names[index] = 1 + truth
	}
	return b.names[index] == 1+authYes
}

// finish makes the values that were chosen a request.
func (c *comparer) finish(chosen Request) Request {
	r := chosen
	r.Context = Context{}
	for key, values := range chosen.Context {
		r.Context[key] = values
	}
	for key, value := range c.fixed {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(r.Context)), func(k string) bool { return conditionKey(k) == key }) {
			r.Context[key] = []string{value}
		}
	}
	if c.named {
		parts := strings.Split(chosen.Principal, "\x00")
		r.Principal, r.CanonicalUser = parts[0], parts[1]
		if parts[2] != "" {
			r.Context["aws:userid"] = []string{parts[2]}
		}
	}
	return c.complete(r)
}

// complete adds the principal of policies that name none, and says of keys that
// follow from a request where they are missing.
func (c *comparer) complete(r Request) Request {
	account := authAccountOf(r.Resource)
	if account == "" {
		account = "111122223333"
	}
	kind := "user"
	for key, values := range r.Context {
		switch conditionKey(key) {
		case "aws:principalarn":
			if len(values) == 1 && r.Principal == "" {
				if caller, err := parseAuthCaller(values[0]); err == nil && caller.kind.identity() {
					r.Principal = values[0]
				}
			}
		case "aws:principalaccount":
			if len(values) == 1 && Account(values[0]).IsValid() {
				account = values[0]
			}
		}
	}
	for key := range c.keys {
		name := c.keys[key].tests[0].condition.Key
		_, present := r.Context[name]
		switch {
		case present:
		case key == "aws:username":
			kind = "role" // which has none
		case slices.Contains(compareDerivedKeys, key) && !c.named && !compareAlways[key]:
			r.Context[name] = []string{}
		}
	}
	if r.Principal == "" {
		r.Principal = "arn:aws:iam::" + account + ":" + kind + "/demo"
	}
	if len(r.Context) == 0 {
		r.Context = nil
	}
	return r
}

// compareDerivedKeys are the keys that an [Authorizer] derives, in normal form.
var compareDerivedKeys = func() []string {
	var list []string
	for _, key := range authDerivedKeys {
		list = append(list, conditionKey(key))
	}
	return list
}()
