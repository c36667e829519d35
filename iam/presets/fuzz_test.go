package presets_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// fillFields returns a copy of a preset with a text in place of every text.
func fillFields(p presets.Preset, text string) presets.Preset {
	v := reflect.New(reflect.TypeOf(p)).Elem()
	v.Set(reflect.ValueOf(p))
	var fill func(reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case reflect.Slice:
			if v.Len() > 0 {
				fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
				for i := range v.Len() {
					fill(fresh.Index(i))
				}
				v.Set(fresh)
			}
		case reflect.String:
			v.SetString(text)
		}
	}
	fill(v)
	return v.Interface().(presets.Preset)
}

// Whatever stands in the fields of a preset, it is refused or adds no wildcard
// and no variable to the policy, which AWS then reads.
func FuzzFields(f *testing.F) {
	for _, text := range []string{"demo", "vpc-0a1", "Z0123", "*", "${aws:username}", "a/../b", "arn:aws:iam::111122223333:policy/demo", `x"},{"Effect":"Allow`, "a\x00b", "ä", strings.Repeat("n", 65)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range provenCases() {
			for _, p := range []presets.Preset{c.preset, fillFields(c.preset, text)} {
				least, err := p.Least(scope)
				if err != nil {
					continue
				}
				read, err := iam.Parse(least.String(), iam.ParseOptions{})
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if !iam.Equal(read, least) {
					t.Fatalf("%s: %s", c.name, least)
				}
				for _, s := range least.Statements {
					for _, r := range s.Resources {
						if text != "" && strings.ContainsAny(text, "*?$") && strings.Contains(r, text) && len(text) > 1 || strings.Contains(r, "$") {
							t.Fatalf("%s: %q came through: %s", c.name, text, r)
						}
					}
				}
			}
		}
	})
}

// Fields are filled one at a time too: where the others are right, each refuses
// wildcards by itself.
func TestWildcardFields(t *testing.T) {
	for _, c := range provenCases() {
		kind := reflect.TypeOf(c.preset)
		for i := range kind.NumField() {
			v := reflect.New(kind).Elem()
			v.Set(reflect.ValueOf(c.preset))
			check := func(field string, set func(string)) {
				for _, text := range []string{"*", "demo*", "demo?", "${aws:username}", "vpc-*", "arn:aws:iam::111122223333:policy/*"} {
					set(text)
					if _, err := v.Interface().(presets.Preset).Least(scope); err == nil {
						t.Errorf("%s: %s %q is taken", c.name, field, text)
					}
				}
			}
			switch field := v.Field(i); field.Kind() {
			case reflect.String:
				check(kind.Field(i).Name, field.SetString)
			case reflect.Slice:
				check(kind.Field(i).Name, func(text string) { field.Set(reflect.ValueOf([]string{text})) })
			case reflect.Struct:
				for k := range field.NumField() {
					if inner := field.Field(k); inner.Kind() == reflect.String {
						before := inner.String()
						check(field.Type().Field(k).Name, inner.SetString)
						inner.SetString(before)
					}
				}
			}
		}
	}
}
