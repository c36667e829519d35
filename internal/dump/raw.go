package dump

// JSON returns the value as it stands in the file, which is valid JSON, and "" of
// one that is not there. It is for what another package reads, such as a policy.
func (v Value) JSON() string {
	if v.file == nil {
		return ""
	}
	return string(v.file.text[v.at:v.file.skip(v.at)])
}
