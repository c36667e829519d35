package resource

import "strings"

// plainWord reports whether a name can stand in a command as it is.
func plainWord(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.@+=,-/:", r)
	}) && !strings.Contains(s, "://")
}

// word returns a name as the AWS CLI takes it, or a mark where it is not plain.
func word(s, mark string) string {
	if plainWord(s) {
		return s
	}
	return "<" + mark + ">"
}

// aws returns a command of the AWS CLI, in a region unless that is empty.
func aws(region string, words ...string) []string {
	words = append([]string{"aws"}, words...)
	if region != "" {
		words = append(words, "--region", region)
	}
	return words
}
