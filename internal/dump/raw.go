package dump

// Texts returns the elements of a member that is a list of strings, in their
// order. An element of another type is an error of the file, and left out.
func (v Value) Texts(key string) []string {
	var list []string
	for m := range v.elements(key) {
		if m.file.text[m.at] != '"' {
			m.mismatch("a string")
			continue
		}
		list = append(list, unquote(m.file.text[m.at:]))
	}
	return list
}

// JSON returns the value as it stands in the file, which is valid JSON, and "" of
// one that is not there. It is for what another package reads, such as a policy.
func (v Value) JSON() string {
	if v.file == nil {
		return ""
	}
	return string(v.file.text[v.at:v.file.skip(v.at)])
}
