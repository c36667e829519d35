package groundway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Part is one list of a snapshot, with what could not be seen of it. The
// zero value is unseen, so that a forgotten part can never be taken for an
// empty account.
type Part[T any] struct {
	Items   List[T] `json:"items,omitempty"`
	Seen    bool    `json:"seen"`              // Items is what AWS answered
	Partial bool    `json:"partial,omitempty"` // more may exist: presence may be concluded, absence may not
	Gaps    []Gap   `json:"gaps,omitempty"`    // why the part is unseen or partial
}

// A Gap says why something could not be seen, and who could show it.
type Gap struct {
	Action  string `json:"action"`            // the IAM action that is missing or failed: "ec2:DescribeSubnets"
	Code    string `json:"code,omitempty"`    // the AWS error code: "UnauthorizedOperation"
	Message string `json:"message,omitempty"` // in words; untrusted text
	Account string `json:"account,omitempty"` // the account that owns what was not shown
}

// String names the action with the error, as sentences take it:
// "ec2:DescribeSubnets (UnauthorizedOperation: you are not authorized)".
func (g Gap) String() string {
	switch {
	case g.Code != "" && g.Message != "":
		return g.Action + " (" + g.Code + ": " + g.Message + ")"
	case g.Code != "" || g.Message != "":
		return g.Action + " (" + g.Code + g.Message + ")"
	}
	return g.Action
}

// Remedy returns how the gap is closed: by a permission of the caller where that is
// what it lacks, or where what was not shown belongs to another than this account, by
// its owner; else by a better answer.
func (g Gap) Remedy(account string) Remedy {
	if g.Account != "" && g.Account != account {
		return Remedy{
			Action: "Have the owner of the resource use " + g.Action + " and share the answer.",
			Actor:  "owner of account " + g.Account,
		}
	}
	if g.denied() {
		return Remedy{Action: "Let the caller use " + g.Action + " and check again."}
	}
	return Remedy{Action: "See that " + g.Action + " is answered in full, and check again."}
}

// denied reports whether the gap is one of permission, as far as it says why: AWS has
// several codes for that.
func (g Gap) denied() bool {
	code := strings.ToLower(g.Code)
	return code == "" && g.Message == "" || slices.ContainsFunc([]string{"denied", "unauthorized", "notauthorized", "authorizationerror"}, func(word string) bool {
		return strings.Contains(code, word)
	})
}

// SeenPart returns a part that was seen whole.
func SeenPart[T any](items ...T) Part[T] { return Part[T]{Items: items, Seen: true} }

// UnseenPart returns a part of which nothing was seen.
func UnseenPart[T any](gaps ...Gap) Part[T] { return Part[T]{Gaps: gaps} }

// Complete reports whether absence may be concluded: what is not among the
// items does not exist.
func (p Part[T]) Complete() bool { return p.Seen && !p.Partial }

// Keyed is implemented by items that have a name of their own in a list.
type Keyed interface {
	// Key returns the name: an AWS identifier, or the destination of a route.
	// It is not empty, and no two items of a list share it.
	Key() string
}

// A List is a slice whose JSON form is an object from key to item where the
// items are [Keyed], and an array otherwise. The object makes a JSON pointer
// name its item, /subnets/items/subnet-0c1/state, and survive a reordering.
type List[T any] []T

// MarshalJSON writes the items in the order of their keys. Two items with one
// key, or an empty key, are an error.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if _, ok := any(*new(T)).(Keyed); !ok {
		return json.Marshal(present([]T(l)))
	}
	byKey := make(map[string]T, len(l))
	for _, item := range l {
		key := any(item).(Keyed).Key()
		if _, dup := byKey[key]; dup || key == "" {
			return nil, fmt.Errorf("marshal list of %T: key %q is empty or stands twice", item, key)
		}
		byKey[key] = item
	}
	return json.Marshal(byKey)
}

// UnmarshalJSON reads what MarshalJSON wrote, in the order of the keys. A key
// that stands twice, or that is not its item's own, is an error that names the
// place. Fields that the items do not know are passed over, as elsewhere in
// encoding/json; [UnmarshalSnapshot] refuses them.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	return decode(data, reflect.ValueOf(l).Elem(), true)
}

// list marks a List for decode, whatever its items are.
func (*List[T]) list() {}

// rawObject splits a JSON object into its members and refuses duplicate keys,
// of which encoding/json would silently keep the last.
func rawObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, fmt.Errorf("want a JSON object, got %.20q", data)
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := tok.(string)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, at(key, err)
		}
		if _, dup := members[key]; dup {
			return nil, at(key, errors.New("stands twice"))
		}
		members[key] = raw
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return members, nil
}

// placeError is an error at a JSON pointer, built from the inside out.
type placeError struct {
	pointer string
	err     error
}

func (e *placeError) Error() string { return fmt.Sprintf("%s: %v", e.pointer, e.err) }
func (e *placeError) Unwrap() error { return e.err }

// at puts key in front of the pointer of err.
func at(key string, err error) error {
	if inner, ok := err.(*placeError); ok {
		return &placeError{Pointer(key) + inner.pointer, inner.err}
	}
	return &placeError{Pointer(key), err}
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// Pointer returns the JSON pointer (RFC 6901) with these steps, escaped:
// Pointer("routes", "0.0.0.0/0") is "/routes/0.0.0.0~10".
func Pointer(steps ...string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteByte('/')
		_, _ = pointerEscaper.WriteString(&b, step)
	}
	return b.String()
}
