package groundway

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode reads a JSON text into v, which is settable. It is stricter than
// encoding/json, because a field that is passed over in silence is something
// that was seen and is not reported: keys are those of the tags to the letter,
// and none stands twice or is unknown, the last unless lenient. Errors name
// their place as a JSON pointer.
func decode(data []byte, v reflect.Value, lenient bool) error {
	isNull := bytes.Equal(bytes.TrimSpace(data), []byte("null"))
	switch {
	case isList(v):
		return decodeList(data, v, lenient)
	case v.Kind() == reflect.Pointer:
		if isNull {
			v.SetZero()
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return decode(data, v.Elem(), lenient)
	case readsItself(v):
		return inWords(json.Unmarshal(data, v.Addr().Interface()))
	case isNull && (v.Kind() == reflect.Slice || v.Kind() == reflect.Map || v.Kind() == reflect.Interface):
		v.SetZero()
		return nil
	case isNull:
		return fmt.Errorf("want %s, got null", wanted(v.Type()))
	case v.Kind() == reflect.Struct:
		return decodeStruct(data, v, lenient)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		return decodeArray(data, v, lenient)
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		return decodeMap(data, v, lenient)
	}
	return inWords(json.Unmarshal(data, v.Addr().Interface()))
}

func decodeStruct(data []byte, v reflect.Value, lenient bool) error {
	members, err := rawObject(data)
	if err != nil {
		return err
	}
	fields := map[string]reflect.Value{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "-" {
			if name == "" {
				name = f.Name
			}
			fields[name] = v.FieldByIndex(f.Index)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[name]
		switch {
		case known:
			if err := decode(members[name], field, lenient); err != nil {
				return at(name, err)
			}
		case !lenient:
			return at(name, errors.New("unknown field"))
		}
	}
	return nil
}

func decodeArray(data []byte, v reflect.Value, lenient bool) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return inWords(err)
	}
	v.SetZero()
	for i, r := range raw {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		if err := decode(r, v.Index(i), lenient); err != nil {
			return at(strconv.Itoa(i), err)
		}
	}
	return nil
}

func decodeMap(data []byte, v reflect.Value, lenient bool) error {
	members, err := rawObject(data)
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(members)))
	for _, key := range slices.Sorted(maps.Keys(members)) {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := decode(members[key], value, lenient); err != nil {
			return at(key, err)
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	return nil
}

// decodeList reads what [List.MarshalJSON] wrote.
func decodeList(data []byte, v reflect.Value, lenient bool) error {
	v.SetZero()
	if !v.Type().Elem().Implements(reflect.TypeFor[Keyed]()) {
		return decodeArray(data, v, lenient)
	}
	byKey, err := rawObject(data)
	if err != nil {
		return err
	}
	for i, key := range slices.Sorted(maps.Keys(byKey)) {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		if err := decode(byKey[key], v.Index(i), lenient); err != nil {
			return at(key, err)
		}
		if own := v.Index(i).Interface().(Keyed).Key(); own != key {
			return at(key, fmt.Errorf("holds the item %q", own))
		}
	}
	return nil
}

func isList(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(interface{ list() })
	return ok
}

// readsItself reports whether the value has a form of its own, such as a
// netip.Prefix or a time.
func readsItself(v reflect.Value) bool {
	switch v.Addr().Interface().(type) {
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return true
	}
	return false
}

// inWords says what a type mismatch is without the names of Go types.
func inWords(err error) error {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		got, _, _ := strings.Cut(mismatch.Value, " ")
		if got == "bool" {
			got = "true or false"
		}
		return fmt.Errorf("want %s, got %s", wanted(mismatch.Type), got)
	}
	return err
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return "a string"
		}
		return "an object"
	}
	return "a whole number"
}
