package awscli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/iam/awscli"
)

// An account at its quota of 1 000 roles, each with a policy of its own.
func BenchmarkReadIdentities(b *testing.B) {
	var roles []string
	for i := range 1000 {
		roles = append(roles, fmt.Sprintf(`{"RoleName": "role-%[1]d", "Arn": "%[2]srole/role-%[1]d", "AssumeRolePolicyDocument": %[3]s, "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": %[4]s}], "AttachedManagedPolicies": [{"PolicyName": "ReadOnly", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnly"}]}`, i, arns, trust, runs))
	}
	text := `{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [` + strings.Join(roles, ",\n") + `], "Policies": []}`
	files := dir(map[string]string{fileDetails: text})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := awscli.ReadIdentities(files); err != nil {
			b.Fatal(err)
		}
	}
}
