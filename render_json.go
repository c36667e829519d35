package groundway

import (
	"encoding/json"
	"fmt"
	"io"
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
	_, err = w.Write(append(VisibleJSON(data), '\n'))
	return err
}
