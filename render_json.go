package groundway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// RenderJSON writes the report as indented JSON in the form of
// groundway.report/v1, with a final newline. <, >, & and everything that a
// terminal would not print as itself are escaped, so that the text is harmless
// within HTML and on a screen.
func RenderJSON(w io.Writer, r Report) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	_, err = w.Write(append(escapeInvisible(data), '\n'))
	return err
}

// escapeInvisible writes the runes of a JSON text that are not visible as \u
// escapes. Such runes stand within strings only, but for the line breaks and
// spaces of the indentation.
func escapeInvisible(data []byte) []byte {
	var b bytes.Buffer
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == '\n' || isVisible(r, n):
			b.Write(data[:n])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		data = data[n:]
	}
	return b.Bytes()
}
