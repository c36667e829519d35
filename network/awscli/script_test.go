package awscli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awscli"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(network.Parts{})
	require.NoError(t, err)
	var parts map[string]any
	require.NoError(t, json.Unmarshal(data, &parts))
	parts["account"] = nil

	var names []string
	for _, f := range awscli.Files() {
		names = append(names, f.Name)
		assert.Contains(t, parts, f.Part)
		delete(parts, f.Part)
		assert.Equal(t, "aws", f.Command[0])
		assert.True(t, strings.HasPrefix(f.Name, f.Command[1]+"-"+f.Command[2]), "%s is named after its call", f.Name)
		service, call, _ := strings.Cut(f.Action, ":")
		if service == "tag" { // IAM's name for the service
			service = "resourcegroupstaggingapi"
		}
		assert.Equal(t, f.Command[1], service)
		assert.Equal(t, strings.ReplaceAll(f.Command[2], "-", ""), strings.ToLower(call))
	}
	assert.Empty(t, parts, "parts that no file fills")
	assert.True(t, slices.IsSorted(names))
}

// aws stands in for the AWS CLI: it prints what testdata has for the call, and
// denies the call that DENIED names.
const aws = `#!/bin/sh
name="$1-$2"
case "$*" in
*"--query RouteTables"*) echo "pl-0a1	pl-63a5400a"; exit;;
*"--query SecurityGroups"*) echo "pl-0a1"; exit;;
esac
while [ $# -gt 0 ]; do
  case "$1" in
    --attribute|--prefix-list-id) name="$name-$2";;
    --vpc-id) [ "$2" = "$WANT_VPC" ] || { echo "vpc: $2" >&2; exit 1; };;
    --region) [ "$2" = "us-east-1" ] || { echo "region: $2" >&2; exit 1; };;
  esac
  shift
done
if [ "$name" = "$DENIED" ]; then echo "An error occurred (UnauthorizedOperation)" >&2; exit 254; fi
cat "$TESTDATA/$name.json"
`

func TestScript(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the script with")
	}
	testdata, err := filepath.Abs("testdata/everything")
	require.NoError(t, err)
	want, err := awscli.Read(os.DirFS(testdata))
	require.NoError(t, err)
	for _, row := range []struct {
		name, vpc, script string
		arguments         []string
	}{
		{"literals", "vpc-0a1", awscli.Script("vpc-0a1", "us-east-1"), nil},
		{"arguments", "vpc-0a1", awscli.Script("", ""), []string{"vpc-0a1", "us-east-1"}},
		{"hostile", "'$(touch here)'\n`touch there`", awscli.Script("'$(touch here)'\n`touch there`", "us-east-1"), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			work, bin := t.TempDir(), t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(bin, "aws"), []byte(aws), 0o700))
			run := exec.Command(sh, append([]string{"-c", row.script, "sh"}, row.arguments...)...)
			run.Dir = work
			run.Env = []string{
				"PATH=" + bin + ":" + os.Getenv("PATH"), "TESTDATA=" + testdata, "WANT_VPC=" + row.vpc,
				"DENIED=ec2-describe-nat-gateways",
			}
			out, err := run.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Contains(t, string(out), "An error occurred (UnauthorizedOperation)")
			entries, err := os.ReadDir(work)
			require.NoError(t, err)
			assert.Len(t, entries, 1)

			got, err := awscli.Read(os.DirFS(filepath.Join(work, "dump")))
			require.NoError(t, err)
			assert.False(t, got.NATGateways.Seen, "the call was denied")
			got.NATGateways = want.NATGateways
			assert.Equal(t, want, got)
		})
	}
}

func ExampleScript() {
	fmt.Print(awscli.Script("vpc-0a1", "us-east-1"))
	// Output:
	// #!/bin/sh
	// # Writes the directory dump. A call that fails leaves no file: what it would show is unseen.
	// vpc='vpc-0a1'
	// region='us-east-1'
	// umask 077
	// mkdir -p dump && cd dump || exit
	// save() { file=$1; shift; aws "$@" --region "$region" --output json >"$file" || { rm -f "$file"; echo "not saved: $file" >&2; }; }
	// save ec2-describe-availability-zones.json ec2 describe-availability-zones --all-availability-zones
	// save ec2-describe-dhcp-options.json ec2 describe-dhcp-options
	// save ec2-describe-egress-only-internet-gateways.json ec2 describe-egress-only-internet-gateways
	// save ec2-describe-instance-type-offerings.json ec2 describe-instance-type-offerings --location-type availability-zone
	// save ec2-describe-internet-gateways.json ec2 describe-internet-gateways
	// save ec2-describe-nat-gateways.json ec2 describe-nat-gateways
	// save ec2-describe-network-acls.json ec2 describe-network-acls
	// save ec2-describe-route-tables.json ec2 describe-route-tables
	// save ec2-describe-security-groups.json ec2 describe-security-groups
	// save ec2-describe-subnets.json ec2 describe-subnets
	// save ec2-describe-tags.json ec2 describe-tags
	// save ec2-describe-vpc-attribute-enableDnsHostnames.json ec2 describe-vpc-attribute --vpc-id "$vpc" --attribute enableDnsHostnames
	// save ec2-describe-vpc-attribute-enableDnsSupport.json ec2 describe-vpc-attribute --vpc-id "$vpc" --attribute enableDnsSupport
	// save ec2-describe-vpc-endpoints.json ec2 describe-vpc-endpoints
	// save ec2-describe-vpc-peering-connections.json ec2 describe-vpc-peering-connections
	// save ec2-describe-vpcs.json ec2 describe-vpcs
	// save resourcegroupstaggingapi-get-resources.json resourcegroupstaggingapi get-resources --resource-type-filters elasticloadbalancing:loadbalancer
	// save sts-get-caller-identity.json sts get-caller-identity
	// for list in $(
	//   aws ec2 describe-route-tables --region "$region" --output text \
	//     --query 'RouteTables[].Routes[].DestinationPrefixListId'
	//   aws ec2 describe-security-groups --region "$region" --output text \
	//     --query 'SecurityGroups[].[IpPermissions, IpPermissionsEgress][][].PrefixListIds[].PrefixListId'
	// ); do
	//   save "ec2-get-managed-prefix-list-entries-$list.json" ec2 get-managed-prefix-list-entries --prefix-list-id "$list"
	// done
}
