package presets

import (
	"bytes"
	"encoding/json"
)

// A File is a file of a rendered set. Its name has slashes and no wildcards.
type File struct {
	Name string
	Data []byte
}

// Files returns the set as JSON files, in the order of the set: policies/NAME.json
// holds a policy, roles/NAME.trust.json the trust policy of a role, as the AWS CLI
// takes them by file://; set.json holds the whole set, with the names of what is
// attached to what.
//
//	aws iam create-policy --policy-name NAME --policy-document file://policies/NAME.json
//	aws iam create-role --role-name NAME --assume-role-policy-document file://roles/NAME.trust.json
//	aws iam attach-role-policy --role-name NAME --policy-arn ARN
func (s Set) Files() ([]File, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	var list []File
	for _, p := range s.Policies {
		list = append(list, File{"policies/" + p.Name + ".json", []byte(p.Document.Indent())})
	}
	for _, r := range s.Roles {
		list = append(list, File{"roles/" + r.Name + ".trust.json", []byte(r.Trust.Indent())})
	}
	data, err := encode(s)
	if err != nil {
		return nil, err
	}
	return append(list, File{"set.json", data}), nil
}

// encode writes JSON for people, and nothing escaped that need not be.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
