package groundway_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
)

const password = "correct-horse"

// holder has a secret in every place of a struct; account holds one unexported,
// where package fmt may not call its methods.
type holder struct {
	Secret  groundway.Secret              `json:"secret" yaml:"secret" xml:"secret"`
	Attr    groundway.Secret              `json:"attr" yaml:"attr" xml:"attr,attr"`
	Pointer *groundway.Secret             `json:"pointer" yaml:"pointer" xml:"pointer"`
	List    []groundway.Secret            `json:"list" yaml:"list" xml:"list"`
	Nested  struct{ In groundway.Secret } `json:"nested" yaml:"nested" xml:"nested"`
}

type account struct{ secret groundway.Secret }

type ledger struct {
	byName   map[string]groundway.Secret
	bySecret map[groundway.Secret]string
	list     [1]groundway.Secret
	boxed    any
	nested   struct{ account *account }
}

func newHolder() holder {
	s := groundway.NewSecret(password)
	return holder{s, s, &s, []groundway.Secret{s}, struct{ In groundway.Secret }{s}}
}

// hiders are values that hold the password, none of which may show it.
func hiders() map[string]any {
	s := groundway.NewSecret(password)
	h := newHolder()
	l := ledger{
		map[string]groundway.Secret{"a": s},
		map[groundway.Secret]string{s: "a"},
		[1]groundway.Secret{s},
		s,
		struct{ account *account }{&account{s}},
	}
	return map[string]any{
		"value":             s,
		"pointer":           &s,
		"slice":             []groundway.Secret{s},
		"map":               map[string]groundway.Secret{"a": s},
		"map key":           map[groundway.Secret]int{s: 1},
		"exported field":    h,
		"pointer to struct": &h,
		"unexported field":  account{s},
		"pointer to it":     &account{s},
		"deep":              l,
		"pointer to deep":   &l,
		"interfaces":        []any{s, &s, account{s}},
	}
}

// assertHidden fails if text shows the password in any form that a person or a
// script would find.
func assertHidden(t *testing.T, where, text string) {
	t.Helper()
	bare := strings.NewReplacer(" ", "", "0x", "", ",", "").Replace(strings.ToLower(text))
	for name, form := range map[string]string{
		"plain":     password,
		"hex":       fmt.Sprintf("%x", password),
		"a part":    password[:7],
		"byte list": strings.NewReplacer("[", "", "]", "", " ", "").Replace(fmt.Sprint([]byte(password))),
	} {
		assert.NotContains(t, bare, form, "%s shows the secret (%s): %s", where, name, text)
	}
}

func TestSecretUnderEveryVerb(t *testing.T) {
	verbs := strings.Split("vTtbcdoOqxXUeEfFgGspwyz!", "")
	flags := []string{"", "+", "#", "-", " ", "0", "+#", "12", ".3", "-12.3", "# "}
	for name, value := range hiders() {
		for _, verb := range verbs {
			for _, flag := range flags {
				format := "%" + flag + verb
				assertHidden(t, name+" under "+format, fmt.Sprintf(format, value))
				assertHidden(t, name+" under "+format+" in an error", fmt.Errorf(format, value).Error())
			}
		}
		for _, malformed := range []string{"%*d", "%.*d", "%[9]d", "%", "%w %w", "no verb"} {
			assertHidden(t, name+" under "+malformed, fmt.Sprintf(malformed, value, value))
		}
		assertHidden(t, name+" under Sprint", fmt.Sprint("a", value, "b"))
		assertHidden(t, name+" under Sprintln", fmt.Sprintln(value))
		assertHidden(t, name+" joined", errors.Join(fmt.Errorf("sign in: %v", value)).Error())
	}
}

func TestSecretString(t *testing.T) {
	s := groundway.NewSecret(password)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%40s", "%-3v"} {
		assert.Equal(t, "[redacted]", fmt.Sprintf(format, s), format)
		assert.Empty(t, fmt.Sprintf(format, groundway.Secret{}), format)
	}
	assert.Equal(t, "[redacted]", s.String())
	assert.Equal(t, "[redacted]", s.GoString())
	assert.Equal(t, "{[redacted]}", fmt.Sprintf("%v", struct{ Secret groundway.Secret }{s}))
	assert.Equal(t, "groundway.Secret", fmt.Sprintf("%T", s))
}

func TestSecretInEncodings(t *testing.T) {
	h := newHolder()
	text, err := json.Marshal(h)
	require.NoError(t, err)
	assert.Equal(t, `{"secret":"[redacted]","attr":"[redacted]","pointer":"[redacted]","list":["[redacted]"],"nested":{"In":"[redacted]"}}`, string(text))

	text, err = yaml.Marshal(h)
	require.NoError(t, err)
	assert.Equal(t, 5, strings.Count(string(text), "[redacted]"), string(text))
	assertHidden(t, "YAML", string(text))

	text, err = xml.Marshal(h)
	require.NoError(t, err)
	assert.Equal(t, `<holder attr="[redacted]"><secret>[redacted]</secret><pointer>[redacted]</pointer>`+
		`<list>[redacted]</list><nested><In>[redacted]</In></nested></holder>`, string(text))

	for name, value := range hiders() {
		for encoding, marshal := range map[string]func(any) ([]byte, error){
			"JSON": json.Marshal, "YAML": yaml.Marshal, "XML": xml.Marshal, "gob": gobMarshal, "template": executeTemplate,
		} {
			text, _ := marshal(value) // what cannot be encoded shows nothing either
			assertHidden(t, name+" as "+encoding, string(text))
		}
	}
	empty, err := json.Marshal(groundway.Secret{})
	require.NoError(t, err)
	assert.Equal(t, `""`, string(empty))
}

func gobMarshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

func executeTemplate(v any) ([]byte, error) {
	var b bytes.Buffer
	err := template.Must(template.New("").Parse(`{{.}} {{printf "%#v %q" . .}} {{print .}} {{html .}}`)).Execute(&b, v)
	return b.Bytes(), err
}

func TestSecretInLogs(t *testing.T) {
	for name, value := range hiders() {
		var b bytes.Buffer
		for _, handler := range []slog.Handler{
			slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, &slog.HandlerOptions{AddSource: true}),
		} {
			logger := slog.New(handler).With("with", value).WithGroup("group")
			logger.Info("message", "key", value, slog.Group("inner", "key", value), value)
		}
		log.New(&b, "", 0).Println("message", value)
		assertHidden(t, name+" in a log", b.String())
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "key", groundway.NewSecret(password))
	assert.Contains(t, b.String(), "key=[redacted]")
}

// TestSecretInPanic lets a copy of the test die with a secret as the value of
// its panic, because only the runtime prints that.
func TestSecretInPanic(t *testing.T) {
	const variable = "GROUNDWAY_TEST_PANIC"
	values := map[string]any{
		"value":   groundway.NewSecret(password),
		"struct":  account{groundway.NewSecret(password)},
		"pointer": &account{groundway.NewSecret(password)},
		"error":   fmt.Errorf("sign in with %q", groundway.NewSecret(password)),
	}
	if which := os.Getenv(variable); which != "" {
		panic(values[which])
	}
	for name := range values {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecretInPanic$")
		cmd.Env = append(os.Environ(), variable+"="+name)
		text, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, name)
		require.Contains(t, string(text), "panic: ", name)
		assertHidden(t, name+" in a panic", string(text))
	}
}

func TestSecretUnmarshal(t *testing.T) {
	const want = "a\nb \"c\""
	var fromJSON, fromYAML, fromXML struct{ Secret groundway.Secret }
	require.NoError(t, json.Unmarshal([]byte(`{"Secret":"a\nb \"c\""}`), &fromJSON))
	assert.Equal(t, want, fromJSON.Secret.Reveal())
	require.NoError(t, yaml.Unmarshal([]byte(`secret: "a\nb \"c\""`), &fromYAML))
	assert.Equal(t, want, fromYAML.Secret.Reveal())
	require.NoError(t, xml.Unmarshal([]byte("<x><Secret>a&#10;b \"c\"</Secret></x>"), &fromXML))
	assert.Equal(t, want, fromXML.Secret.Reveal())

	var fromNumber struct{ Secret groundway.Secret }
	require.NoError(t, yaml.Unmarshal([]byte(`secret: 0123`), &fromNumber))
	assert.Equal(t, "0123", fromNumber.Secret.Reveal(), "a password of digits keeps its zeros")

	lost := groundway.NewSecret("before")
	assert.EqualError(t, lost.UnmarshalText([]byte("[redacted]")), `parse secret: it holds the text "[redacted]" in place of a secret`)
	require.NoError(t, lost.UnmarshalText(nil))
	assert.True(t, lost.IsZero())

	for _, text := range []string{`{"Secret":{"a":"` + password + `"}}`, `{"Secret":["` + password + `"]}`, `{"Secret":"` + password + `}`} {
		var v struct{ Secret groundway.Secret }
		err := json.Unmarshal([]byte(text), &v)
		require.Error(t, err)
		assertHidden(t, "the error for "+text[:10], err.Error())
	}
}

func TestSecretValue(t *testing.T) {
	s := groundway.NewSecret(password)
	assert.Equal(t, password, s.Reveal())
	assert.False(t, s.IsZero())
	assert.True(t, s.Equal(groundway.NewSecret(password)))
	assert.False(t, s.Equal(groundway.NewSecret(password+"x")))
	assert.False(t, s.Equal(groundway.NewSecret("Correct-horse")))
	assert.False(t, s.Equal(groundway.Secret{}))

	assert.True(t, groundway.NewSecret("").IsZero())
	assert.Equal(t, groundway.Secret{}, groundway.NewSecret(""))
	assert.Empty(t, groundway.Secret{}.Reveal())
	assert.Empty(t, groundway.Secret{}.String())
	assert.True(t, groundway.Secret{}.Equal(groundway.NewSecret("")))

	var none *groundway.Secret
	assert.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v %s", none, none, none) })
}
