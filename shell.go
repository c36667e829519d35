package groundway

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ShellCommand returns an argument vector, as [Remedy.Commands] has them, as a line
// that a POSIX shell reads so: words that a shell would take apart or expand are
// quoted, and characters that a reader would not see as themselves are escapes.
func ShellCommand(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = shellWord(arg)
	}
	return strings.Join(words, " ")
}

// shellWord returns the word as a POSIX shell has to read it. Control
// characters become the escapes of $'…', which bash, zsh and POSIX 2024 know.
func shellWord(word string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-"
	switch {
	// zsh takes =word for the path of a command.
	case word != "" && word[0] != '=' && strings.Trim(word, safe) == "":
		return word
	case Visible(word) == word:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(word); {
		r, n := utf8.DecodeRuneInString(word[i:])
		switch {
		// An older shell reads $'…' as a dollar and a plain quotation, which
		// a quote or a backslash as itself would end early.
		case isVisible(r, n) && r != '\'' && r != '\\':
			b.WriteRune(r)
		default:
			for _, c := range []byte(word[i : i+n]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		i += n
	}
	b.WriteByte('\'')
	return b.String()
}
