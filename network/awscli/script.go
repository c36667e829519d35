package awscli

import (
	"fmt"
	"strings"
)

// Script returns a POSIX shell script that makes a dump directory named dump of
// one VPC, with the permissions and the profile that the AWS CLI finds in its
// environment. It only reads. A call that is denied leaves no file, and its
// message on the terminal; the part is then unseen, and the checks that need it
// come out as unknown. Where vpc or region is empty, the script takes it as its
// first or second argument. Both may hold any text: they are quoted.
//
// The whole region is listed rather than the one VPC, so that a subnet which
// stands in another VPC is told from one that does not exist.
func Script(vpc, region string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("#!/bin/sh")
	line("# Writes the directory dump. A call that fails leaves no file: what it would show is unseen.")
	line("vpc=%s", orArgument(vpc, 1, "the ID of the VPC"))
	line("region=%s", orArgument(region, 2, "the region"))
	line("umask 077")
	line("mkdir -p dump && cd dump || exit")
	line(`save() { file=$1; shift; aws "$@" --region "$region" --output json >"$file" || { rm -f "$file"; echo "not saved: $file" >&2; }; }`)
	for _, f := range Files() {
		if f.Name != filePrefixList {
			line("save %s %s", f.Name, argumentsOf(f))
		}
	}
	line("for list in $(")
	line(`  aws ec2 describe-route-tables --region "$region" --output text \`)
	line("    --query 'RouteTables[].Routes[].DestinationPrefixListId'")
	line(`  aws ec2 describe-security-groups --region "$region" --output text \`)
	line("    --query 'SecurityGroups[].[IpPermissions, IpPermissionsEgress][][].PrefixListIds[].PrefixListId'")
	line("); do")
	lists := fileNamed(filePrefixList)
	line(`  save "%s" %s`, prefixListFile("$list"), argumentsOf(lists))
	line("done")
	return b.String()
}

// argumentsOf returns the words of a file's command behind aws, with the
// variables of the script where they are to be filled in.
func argumentsOf(f File) string {
	words := strings.Join(f.Command[1:], " ")
	return strings.NewReplacer(" VPC", ` "$vpc"`, " "+prefixListIDInNames, ` "$list"`).Replace(words)
}

// orArgument quotes a value for a POSIX shell, or asks for it on the command
// line where it is empty.
func orArgument(value string, n int, what string) string {
	if value == "" {
		return fmt.Sprintf(`"${%d:?%s}"`, n, what)
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
