package groundway

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a string that hides itself wherever a value is printed: with any
// verb of package fmt, in JSON, YAML, XML and other text encodings, and in
// log/slog. It also stays hidden as an unexported field of a printed struct.
// The zero value is the empty secret. Compare secrets with Equal, not with ==.
type Secret struct {
	// A pointer, because fmt prints the fields of a struct without calling
	// their methods where it may not: then it shows an address.
	text *string
}

// NewSecret returns a secret that holds text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text. A search for its callers finds every place where a
// secret leaves its hiding.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal reports whether both hold the same text, in a time that depends on
// their lengths only.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// String returns "[redacted]", or "" for the empty secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString returns what String returns.
func (s Secret) GoString() string { return s.String() }

// Format writes what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue returns what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what String returns: secrets are read from files and
// never written to them this way.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets the secret to text. It refuses "[redacted]", which can
// only come from a secret that was lost on its way out.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return fmt.Errorf("parse secret: it holds the text %q in place of a secret", redacted)
	}
	*s = NewSecret(string(text))
	return nil
}
