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
// statement does; and each of these with the canonical IDs and the unique IDs that
// statements name.
func (c *comparer) callers() []compareCaller {
	if c.who != nil {
		return c.who
	}
	var list []compareCaller
	var canonical, ids, last []string
	add := func(principal string) {
		if who := (compareCaller{principal: principal}); !slices.Contains(list, who) {
			list = append(list, who)
		}
	}
	within := func(account string) {
		add("arn:aws:iam::" + account + ":user/someone")
		add("arn:aws:sts::" + account + ":assumed-role/someone/session")
		add("arn:aws:iam::" + account + ":role/someone")
		add("arn:aws:sts::" + account + ":federated-user/someone")
		add("arn:aws:iam::" + account + ":root")
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
					canonical = append(canonical, p.Value)
				case p.deleted():
					ids = append(ids, p.Value)
				case strings.HasPrefix(p.Value, compareStandInPrefix):
					last = append(last, p.Value) // no request can name it
				default:
					add(p.Value)
					if caller, err := parseAuthCaller(p.Value); err == nil && caller.account != "" {
						if caller.kind == authRole {
							add("arn:" + caller.partition + ":sts::" + caller.account + ":assumed-role/" + caller.name + "/session")
						}
						within(caller.account)
					}
				}
			}
		}
	}
	within("444455556666")
	add("another.amazonaws.com")
	add("another.example.com")
	add("*")
	for _, principal := range last {
		add(principal)
	}
	c.who = slices.Clone(list)
	canonical, ids = sorted(canonical), sorted(ids)
	if c.crowded = len(list)*(len(canonical)+1)*(len(ids)+1) > compareCallers; c.crowded {
		return c.who
	}
	for _, who := range list {
		caller, err := parseAuthCaller(who.principal)
		if err != nil || !caller.kind.identity() {
			continue
		}
		for _, canonicalUser := range append([]string{""}, canonical...) {
			who.canonical, who.userID = canonicalUser, ""
			if canonicalUser != "" {
				c.who = append(c.who, who)
			}
			for _, id := range ids {
				switch user := strings.HasPrefix(id, "AIDA"); {
				case user && caller.kind == authUser, !user && caller.kind == authRole:
					who.userID = id
				case !user && caller.kind == authSession:
					who.userID = id + ":session"
				default:
					continue // whose IDs are of another form
				}
				c.who = append(c.who, who)
			}
		}
	}
	return c.who
}

// compareCallers bounds the callers of which it is looked at whom they are named
// by.
const compareCallers = 1 << 12

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
	callers := c.callers()
	if c.crowded {
		c.limit("the principals, canonical IDs and unique IDs are too many to compare")
	}
	for i, who := range callers {
		if f.done {
			break
		}
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
