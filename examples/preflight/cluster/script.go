package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	iamcli "github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/groundway-sdk/groundway/network/awscli"
	roomcli "github.com/groundway-sdk/groundway/network/capacity/awscli"
	dnscli "github.com/groundway-sdk/groundway/route53/awscli"
	sshcli "github.com/groundway-sdk/groundway/sshkeys/awscli"
)

// DumpScript returns a POSIX shell script that makes a directory for
// [ReadSnapshot] with the AWS CLI: that of awscli.Script, which takes the VPC and
// the region as its arguments, with what the other packages read besides, and what
// the spec names. It ends with how many files there are, and fails if there is none. The
// identities and policies of the account are saved where the spec
// lists permissions or names a role. The zero Spec names nothing.
func DumpScript(spec Spec) string {
	var b strings.Builder
	b.WriteString(awscli.Script("", ""))
	spec.Cluster = cmp.Or(spec.Cluster, "any")
	files := iamcli.FilesFor(spec.resourceOptions(""))
	if spec.asksOfPolicies() {
		// Who made the dump is saved with the network.
		files = append(files, slices.DeleteFunc(iamcli.IdentityFiles(), func(f iamcli.File) bool { return f.Command[1] == "sts" })...)
	}
	for _, f := range sshcli.Files() {
		fmt.Fprintf(&b, "save %s %s\n", f.Name, strings.Join(f.Command[1:], " "))
	}
	for _, f := range roomcli.Files() {
		if !slices.ContainsFunc(files, func(have iamcli.File) bool { return have.Name == f.Name }) {
			fmt.Fprintf(&b, "save %s %s\n", f.Name, strings.Join(f.Command[1:], " "))
		}
	}
	b.WriteString(dnscli.Script())
	b.WriteString(credentialScript(spec))
	b.WriteString(iamcli.Script(files))
	b.WriteString(`set -- *.json
[ -e "$1" ] || { echo "nothing was saved: no call was answered" >&2; exit 1; }
echo "$# files in dump" >&2
`)
	return b.String()
}
