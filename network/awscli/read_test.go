package awscli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awscli"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// dir returns the files of a directory of testdata, to be changed.
func dir(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS(filepath.Join("testdata", name))
	require.NoError(t, fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	}))
	return files
}

// replace changes the one place of a file that holds the old text.
func replace(t testing.TB, files fstest.MapFS, name, old, text string) {
	t.Helper()
	require.Equal(t, 1, bytes.Count(files[name].Data, []byte(old)), "%s: %s", name, old)
	files[name] = &fstest.MapFile{Data: bytes.Replace(files[name].Data, []byte(old), []byte(text), 1)}
}

// TestRead compares what is read with the snapshots beside the directories:
// public is a dump of a good account, everything holds one of each thing that
// EC2 may show.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"public", "everything"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := awscli.Read(os.DirFS(filepath.Join("testdata", name)))
			require.NoError(t, err)
			got, err := json.MarshalIndent(s, "", "  ")
			require.NoError(t, err)
			golden.Check(t, name+".golden.json", append(got, '\n'))

			var again network.Snapshot
			require.NoError(t, json.Unmarshal(got, &again))
			text, err := json.MarshalIndent(again, "", "  ")
			require.NoError(t, err)
			assert.Equal(t, string(got), string(text))
		})
	}
}

// outcomes returns the outcomes that each code has.
func outcomes(findings []groundway.Finding) map[groundway.Code][]groundway.Outcome {
	all := map[groundway.Code][]groundway.Outcome{}
	for _, f := range findings {
		all[f.Code] = append(all[f.Code], f.Outcome)
	}
	return all
}

func failed(findings []groundway.Finding) map[string]groundway.Code {
	all := map[string]groundway.Code{}
	for _, f := range findings {
		if f.Outcome == groundway.Failed {
			all[f.Fingerprint()] = f.Code
		}
	}
	return all
}

func TestReadJudgedAsLiteral(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(os.DirFS("testdata/public"))
	require.NoError(t, err)
	literal, options := networktest.Public()
	findings := network.Check(s, options)
	assert.Empty(t, failed(findings))
	assert.Equal(t, outcomes(network.Check(literal, options)), outcomes(findings))
}

// partNamed returns how a part of the snapshot stands.
func partNamed(t *testing.T, s network.Snapshot, name string) (part struct {
	Seen, Partial bool
	Gaps          []groundway.Gap
},
) {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var all struct {
		Parts map[string]json.RawMessage `json:"parts"`
	}
	require.NoError(t, json.Unmarshal(data, &all))
	require.Contains(t, all.Parts, name)
	require.NoError(t, json.Unmarshal(all.Parts[name], &part))
	return part
}

// needless are the parts without which the rules come to the same verdict on the
// good account: no route leads to an egress-only gateway, an active route to an
// internet gateway shows that it is attached, and the ARNs of the subnets show
// the region.
var needless = map[string]bool{
	"egressGateways": true, "internetGateways": true, "zones": true,
	"securityGroups": true, "networkAcls": true, "vpcEndpoints": true, "vpcPeeringConnections": true, "instanceTypeOfferings": true, "clusterTags": true, "loadBalancerTags": true, // package flow asks for them
}

func TestReadWithoutAFile(t *testing.T) {
	t.Parallel()
	full, err := awscli.Read(dir(t, "public"))
	require.NoError(t, err)
	_, options := networktest.Public()
	options.Region = ""
	fullFailed := failed(network.Check(full, options))
	for _, file := range awscli.Files() {
		t.Run(file.Name, func(t *testing.T) {
			t.Parallel()
			files := dir(t, "public")
			delete(files, file.Name)
			s, err := awscli.Read(files)
			require.NoError(t, err)
			switch {
			case file.Part == "account":
				assert.Empty(t, s.Account)
			case strings.Contains(file.Name, "PLID"):
				assert.Equal(t, full, s, "no route names a list")
				return
			default:
				part := partNamed(t, s, file.Part)
				assert.False(t, part.Seen)
				assert.False(t, part.Partial)
				assert.Equal(t, []groundway.Gap{{Action: file.Action, Message: "no file " + file.Name}}, part.Gaps)
			}
			unknown := map[string]bool{}
			findings := network.Check(s, options)
			for _, f := range findings {
				if f.Outcome == groundway.Unknown {
					for _, e := range f.Evidence {
						unknown[e.Source] = true
					}
				}
			}
			for fingerprint, code := range failed(findings) {
				assert.Contains(t, fullFailed, fingerprint, "%s", code)
			}
			if !needless[file.Part] {
				assert.Contains(t, unknown, file.Action)
			}
		})
	}
}

func TestReadPartly(t *testing.T) {
	t.Parallel()
	const (
		tables = "ec2-describe-route-tables.json"
		list   = "ec2-get-managed-prefix-list-entries-pl-0a1.json"
		dns    = "ec2-describe-vpc-attribute-enableDnsSupport.json"
		zones  = "ec2-describe-availability-zones.json"
	)
	noList := func(id string) groundway.Gap {
		return groundway.Gap{Action: "ec2:GetManagedPrefixListEntries", Message: "no file ec2-get-managed-prefix-list-entries-" + id + ".json"}
	}
	page := func(action, name string) groundway.Gap {
		return groundway.Gap{Action: action, Message: name + " holds the first page only: it has a NextToken"}
	}
	for _, row := range []struct {
		name, dump string
		edit       func(*testing.T, fstest.MapFS)
		part       string
		seen       bool
		partial    bool
		gaps       []groundway.Gap
	}{
		{
			name: "first page", dump: "public", part: "routeTables", seen: true, partial: true,
			edit: func(t *testing.T, files fstest.MapFS) {
				replace(t, files, tables, `{
    "RouteTables"`, `{"NextToken": "abc",
    "RouteTables"`)
			},
			gaps: []groundway.Gap{page("ec2:DescribeRouteTables", tables)},
		},
		{
			name: "the only page", dump: "public", part: "routeTables", seen: true,
			edit: func(t *testing.T, files fstest.MapFS) {
				replace(t, files, tables, `{
    "RouteTables"`, `{"NextToken": null,
    "RouteTables"`)
			},
		},
		{name: "no list is named", dump: "public", part: "prefixLists", seen: true},
		{
			name: "one list of two", dump: "everything", part: "prefixLists", seen: true, partial: true,
			gaps: []groundway.Gap{noList("pl-63a5400a")},
		},
		{
			name: "both lists", dump: "everything", part: "prefixLists", seen: true,
			edit: func(_ *testing.T, files fstest.MapFS) {
				files["ec2-get-managed-prefix-list-entries-pl-63a5400a.json"] = &fstest.MapFile{Data: []byte(`{"Entries": []}`)}
			},
		},
		{
			name: "neither list", dump: "everything", part: "prefixLists",
			edit: func(_ *testing.T, files fstest.MapFS) { delete(files, list) },
			gaps: []groundway.Gap{noList("pl-0a1"), noList("pl-63a5400a")},
		},
		{
			name: "first page of a list", dump: "everything", part: "prefixLists",
			edit: func(t *testing.T, files fstest.MapFS) {
				replace(t, files, list, `{
    "Entries"`, `{"NextToken": "abc", "Entries"`)
			},
			gaps: []groundway.Gap{page("ec2:GetManagedPrefixListEntries", list), noList("pl-63a5400a")},
		},
		{
			name: "a list, but no tables", dump: "everything", part: "prefixLists", seen: true, partial: true,
			edit: func(_ *testing.T, files fstest.MapFS) { delete(files, tables) },
			gaps: []groundway.Gap{{Action: "ec2:DescribeRouteTables", Message: "no file " + tables}},
		},
		{name: "attribute of the one VPC", dump: "public", part: "dnsSupport", seen: true},
		{
			name: "attribute of one VPC of two", dump: "everything", part: "dnsSupport", seen: true, partial: true,
			gaps: []groundway.Gap{{Action: "ec2:DescribeVpcAttribute", Message: dns + " speaks of vpc-0a1 only"}},
		},
		{
			name: "attribute of one VPC of who knows", dump: "public", part: "dnsSupport", seen: true, partial: true,
			edit: func(_ *testing.T, files fstest.MapFS) { delete(files, "ec2-describe-vpcs.json") },
			gaps: []groundway.Gap{{Action: "ec2:DescribeVpcAttribute", Message: dns + " speaks of vpc-0a1 only"}},
		},
		{name: "all zones", dump: "public", part: "zones", seen: true},
		{
			name: "zones that are opted in", dump: "public", part: "zones", seen: true, partial: true,
			edit: func(t *testing.T, files fstest.MapFS) { replace(t, files, zones, "not-opted-in", "opted-in") },
			gaps: []groundway.Gap{{
				Action:  "ec2:DescribeAvailabilityZones",
				Message: zones + " lists no zone that is not opted in: without --all-availability-zones such zones are left out",
			}},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			files := dir(t, row.dump)
			if row.edit != nil {
				row.edit(t, files)
			}
			s, err := awscli.Read(files)
			require.NoError(t, err)
			part := partNamed(t, s, row.part)
			assert.Equal(t, row.seen, part.Seen, "seen")
			assert.Equal(t, row.partial, part.Partial, "partial")
			assert.Equal(t, row.gaps, part.Gaps)
		})
	}
}

func TestReadBadInput(t *testing.T) {
	t.Parallel()
	const (
		subnets = "ec2-describe-subnets.json"
		tables  = "ec2-describe-route-tables.json"
		vpcs    = "ec2-describe-vpcs.json"
		nats    = "ec2-describe-nat-gateways.json"
		dhcp    = "ec2-describe-dhcp-options.json"
		dns     = "ec2-describe-vpc-attribute-enableDnsSupport.json"
		caller  = "sts-get-caller-identity.json"
		list    = "ec2-get-managed-prefix-list-entries-pl-0a1.json"
		groups  = "ec2-describe-security-groups.json"
		acls    = "ec2-describe-network-acls.json"
		peers   = "ec2-describe-vpc-peering-connections.json"
	)
	route := func(fields string) string {
		return `{"RouteTables": [{"RouteTableId": "rtb-0m", "Routes": [
 {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
 {` + fields + `}
]}]}`
	}
	for _, row := range []struct{ name, file, text, want string }{
		{"empty", subnets, "", subnets + ":1:1: is empty; repeat the call, or remove the file where the call fails"},
		{
			"error of the CLI", vpcs, "\nAn error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: No.\n",
			vpcs + `:2:1: got the text "An error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: No.",` +
				` want JSON as the AWS CLI prints it with --output json; remove the file where the call fails`,
		},
		{"cut off", vpcs, `{"Vpcs": [`, vpcs + ":1:10: unexpected end of JSON input"},
		{"other call", vpcs, `{"Subnets": []}`, vpcs + ":1:1: Vpcs is missing; want the output of aws ec2 describe-vpcs"},
		{"queried", vpcs, `[]`, vpcs + ":1:1: got a list, want an object: the whole output of the call"},
		{"two documents", vpcs, "{\"Vpcs\": []}\n{\"Vpcs\": []}", vpcs + ":2:1: goes on after the end of the document; want the output of one call"},
		{"no list", vpcs, `{"Vpcs": {}}`, vpcs + ":1:10: Vpcs: got an object, want a list"},
		{"no objects", vpcs, `{"Vpcs": ["vpc-0a1"]}`, vpcs + `:1:11: Vpcs[0]: got the string "vpc-0a1", want an object`},
		{"key twice", vpcs, `{"Vpcs": [{"VpcId": "vpc-0a1", "VpcId": "vpc-0a2"}]}`, vpcs + ":1:32: Vpcs[0].VpcId: stands twice in one object, first on line 1"},
		{"no ID", vpcs, `{"Vpcs": [{"VpcId": "vpc-0a1"}, {"State": "available"}]}`, vpcs + ":1:33: Vpcs[1]: VpcId is missing"},
		{
			"ID twice", vpcs, "{\"Vpcs\": [\n{\"VpcId\": \"vpc-0a1\"},\n{\"VpcId\": \"vpc-0a1\"}]}",
			vpcs + `:3:1: Vpcs[1]: "vpc-0a1" stands twice, first on line 2`,
		},
		{
			"wrong types", subnets, "{\"Subnets\": [{\"SubnetId\": 1,\n\"State\": [],\n\"MapPublicIpOnLaunch\": \"true\",\n\"AvailableIpAddressCount\": -1}]}",
			subnets + ":1:27: Subnets[0].SubnetId: got 1, want a string\n" +
				subnets + ":2:10: Subnets[0].State: got a list, want a string\n" +
				subnets + `:3:24: Subnets[0].MapPublicIpOnLaunch: got the string "true", want true or false` + "\n" +
				subnets + ":4:28: Subnets[0].AvailableIpAddressCount: got -1, want a whole number from 0 on",
		},
		{
			"host bits", subnets, "{\"Subnets\": [\n{\"SubnetId\": \"a\"},\n{\"SubnetId\": \"b\", \"CidrBlock\": \"10.0.1.7/24\"}]}",
			subnets + `:3:32: Subnets[1].CidrBlock: "10.0.1.7/24" has host bits set; want 10.0.1.0/24`,
		},
		{
			"no CIDR", vpcs, `{"Vpcs": [{"VpcId": "a", "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0"}]}]}`,
			vpcs + `:1:68: Vpcs[0].CidrBlockAssociationSet[0].CidrBlock: "10.0.0.0" is no CIDR block; want one such as 10.0.0.0/16`,
		},
		{
			"association without CIDR", vpcs, `{"Vpcs": [{"VpcId": "a", "Ipv6CidrBlockAssociationSet": [{}]}]}`,
			vpcs + `:1:58: Vpcs[0].Ipv6CidrBlockAssociationSet[0]: Ipv6CidrBlock is missing`,
		},
		{
			"other family", vpcs, `{"Vpcs": [{"VpcId": "a", "CidrBlock": "2001:db8::/56"}]}`,
			vpcs + `:1:39: Vpcs[0].CidrBlock: "2001:db8::/56" is no IPv4 block`,
		},
		{
			"mapped family", subnets, `{"Subnets": [{"SubnetId": "a", "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "::ffff:10.0.0.0/112"}]}]}`,
			subnets + `:1:82: Subnets[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock: "::ffff:10.0.0.0/112" is no IPv6 block`,
		},
		{
			"no address", nats, `{"NatGateways": [{"NatGatewayId": "nat-01", "NatGatewayAddresses": [{"PublicIp": "198.51.100.256"}]}]}`,
			nats + `:1:82: NatGateways[0].NatGatewayAddresses[0].PublicIp: "198.51.100.256" is no IP address; want one such as 203.0.113.7`,
		},
		{
			"tag twice", vpcs, `{"Vpcs": [{"VpcId": "a", "Tags": [{"Key": "k", "Value": ""}, {"Key": "k", "Value": ""}]}]}`,
			vpcs + `:1:62: Vpcs[0].Tags[1]: the tag "k" stands twice`,
		},
		{
			"tag without key", vpcs, `{"Vpcs": [{"VpcId": "a", "Tags": [{"key": "k", "value": ""}]}]}`,
			vpcs + `:1:35: Vpcs[0].Tags[0]: Key is missing`,
		},
		{
			"option twice", dhcp, `{"DhcpOptions": [{"DhcpOptionsId": "d", "DhcpConfigurations": [{"Key": "k", "Values": []}, {"Key": "k"}]}]}`,
			dhcp + `:1:92: DhcpOptions[0].DhcpConfigurations[1]: the option "k" stands twice`,
		},
		{
			"attachment to nothing", "ec2-describe-internet-gateways.json", `{"InternetGateways": [{"InternetGatewayId": "igw-0a", "Attachments": [{}]}]}`,
			"ec2-describe-internet-gateways.json:1:71: InternetGateways[0].Attachments[0]: VpcId is missing",
		},
		{
			"no destination", tables, route(`"GatewayId": "igw-0a"`),
			tables + ":3:2: RouteTables[0].Routes[1]: has no destination; want one destination of" +
				" DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId",
		},
		{
			"two destinations", tables, route(`"DestinationCidrBlock": "0.0.0.0/0", "DestinationIpv6CidrBlock": "::/0"`),
			tables + ":3:2: RouteTables[0].Routes[1]: has DestinationCidrBlock and DestinationIpv6CidrBlock; want one destination of" +
				" DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId",
		},
		{
			"destination with host bits", tables, route(`"DestinationIpv6CidrBlock": "2001:db8::1/64"`),
			tables + `:3:31: RouteTables[0].Routes[1].DestinationIpv6CidrBlock: "2001:db8::1/64" has host bits set; want 2001:db8::/64`,
		},
		{
			"two targets", tables, route(`"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0a", "NatGatewayId": "nat-01"`),
			tables + ":3:2: RouteTables[0].Routes[1]: has GatewayId and NatGatewayId; want one target",
		},
		{
			"no next hop", tables, route(`"DestinationCidrBlock": "0.0.0.0/0", "IpAddress": "here"`),
			tables + `:3:53: RouteTables[0].Routes[1].IpAddress: "here" is no IP address; want one such as 203.0.113.7`,
		},
		{
			"propagated twice", tables, `{"RouteTables": [{"RouteTableId": "a", "Routes": [
 {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vgw-0a", "Origin": "EnableVgwRoutePropagation"},
 {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vgw-0a", "Origin": "EnableVgwRoutePropagation"}
]}]}`,
			tables + ":3:2: RouteTables[0].Routes[1]: the destination 10.9.0.0/16 vgw-0a stands twice",
		},
		{
			"destination twice", tables, route(`"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "igw-0a", "Origin": "CreateRoute"`),
			tables + ":3:2: RouteTables[0].Routes[1]: the destination 10.0.0.0/16 stands twice",
		},
		{
			"other attribute", dns, `{"EnableDnsHostnames": {"Value": true}, "VpcId": "vpc-0a1"}`,
			dns + ":1:1: EnableDnsSupport is missing; want the output of aws ec2 describe-vpc-attribute --vpc-id VPC --attribute enableDnsSupport",
		},
		{"attribute without value", dns, `{"EnableDnsSupport": {}, "VpcId": "vpc-0a1"}`, dns + ":1:22: EnableDnsSupport: Value is missing"},
		{"attribute of nothing", dns, `{"EnableDnsSupport": {"Value": true}}`, dns + ":1:1: VpcId is missing"},
		{"no account", caller, `{"UserId": "x"}`, caller + ":1:1: Account is missing; want the output of aws sts get-caller-identity"},
		{"account", caller, `{"Account": "1111-2222-3333"}`, caller + `:1:13: Account: "1111-2222-3333" is no account ID; want 12 digits`},
		{"entry", list, `{"Entries": [{"Cidr": "192.0.2.7/24"}, {}]}`, list + `:1:23: Entries[0].Cidr: "192.0.2.7/24" has host bits set; want 192.0.2.0/24` + "\n" +
			list + ":1:40: Entries[1]: Cidr is missing"},
		{
			"rule without protocol", groups, `{"SecurityGroups": [{"GroupId": "sg-0a", "IpPermissions": [{"IpRanges": [{"CidrIp": "10.0.0.1/8"}]}]}]}`,
			groups + `:1:60: SecurityGroups[0].IpPermissions[0]: IpProtocol is missing` + "\n" +
				groups + `:1:85: SecurityGroups[0].IpPermissions[0].IpRanges[0].CidrIp: "10.0.0.1/8" has host bits set; want 10.0.0.0/8`,
		},
		{
			"one port", groups, `{"SecurityGroups": [{"GroupId": "sg-0a", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22}]}]}`,
			groups + ":1:60: SecurityGroups[0].IpPermissions[0]: has one of FromPort and ToPort; want both or none",
		},
		{
			"port of a type", groups, `{"SecurityGroups": [{"GroupId": "sg-0a", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": "22", "ToPort": 1.5}]}]}`,
			groups + `:1:94: SecurityGroups[0].IpPermissions[0].FromPort: got the string "22", want a whole number` + "\n" +
				groups + ":1:110: SecurityGroups[0].IpPermissions[0].ToPort: got 1.5, want a whole number",
		},
		{
			"entry without number", acls, `{"NetworkAcls": [{"NetworkAclId": "acl-0a", "Entries": [{"Egress": true, "Protocol": "-1"}]}]}`,
			acls + ":1:57: NetworkAcls[0].Entries[0]: has no RuleNumber or no Egress",
		},
		{
			"entry without block", acls, `{"NetworkAcls": [{"NetworkAclId": "acl-0a", "Entries": [{"RuleNumber": 1, "Egress": true, "Protocol": "-1", "RuleAction": "deny"}]}]}`,
			acls + ":1:57: NetworkAcls[0].Entries[0]: has no block; want CidrBlock or Ipv6CidrBlock",
		},
		{
			"entry twice", acls, `{"NetworkAcls": [{"NetworkAclId": "acl-0a", "Entries": [
 {"RuleNumber": 1, "Egress": true, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"},
 {"RuleNumber": 1, "Egress": true, "Protocol": "6", "RuleAction": "allow", "Ipv6CidrBlock": "::/0"}]}]}`,
			acls + `:3:2: NetworkAcls[0].Entries[1]: "egress 1" stands twice, first on line 2`,
		},
		{
			"no list of IDs", "ec2-describe-vpc-endpoints.json", `{"VpcEndpoints": [{"VpcEndpointId": "vpce-0a", "SubnetIds": [1], "RouteTableIds": "rtb-0a"}]}`,
			`ec2-describe-vpc-endpoints.json:1:83: VpcEndpoints[0].RouteTableIds: got the string "rtb-0a", want a list` + "\n" +
				`ec2-describe-vpc-endpoints.json:1:62: VpcEndpoints[0].SubnetIds[0]: got 1, want a string`,
		},
		{
			"side that is none", peers, `{"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-0a", "AccepterVpcInfo": "vpc-0a1"}]}`,
			peers + `:1:84: VpcPeeringConnections[0].AccepterVpcInfo: got the string "vpc-0a1", want an object`,
		},
		{
			"another region", subnets, `{"Subnets": [{"SubnetId": "a", "SubnetArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/a"}]}`,
			subnets + `:1:45: Subnets[0].SubnetArn: is of region "eu-west-1", but ec2-describe-availability-zones.json is of "us-east-1"; want the output of one region`,
		},
		{"misnamed", "ec2-describe-subnet.json", "{}", "ec2-describe-subnet.json: is not read under this name; rename it to ec2-describe-subnets.json, or move it out of the directory"},
		{
			"list without ID", "ec2-get-managed-prefix-list-entries.json", "{}",
			"ec2-get-managed-prefix-list-entries.json: is not read under this name; rename it to ec2-get-managed-prefix-list-entries-PLID.json, or move it out of the directory",
		},
		{
			"list with the placeholder", "ec2-get-managed-prefix-list-entries-PLID.json", "{}",
			"ec2-get-managed-prefix-list-entries-PLID.json: want the ID of a prefix list, such as pl-0a1, in place of PLID",
		},
		{
			"list with a path for an ID", "ec2-get-managed-prefix-list-entries-pl-$(id).json", "{}",
			`"ec2-get-managed-prefix-list-entries-pl-$(id).json": is not read under this name; rename it to ec2-get-managed-prefix-list-entries-PLID.json, or move it out of the directory`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			files := dir(t, "public")
			files[row.file] = &fstest.MapFile{Data: []byte(row.text)}
			s, err := awscli.Read(files)
			require.EqualError(t, err, row.want)
			assert.Equal(t, network.Snapshot{}, s)
		})
	}
}

func TestReadJoinsErrorsInTheOrderOfFiles(t *testing.T) {
	t.Parallel()
	files := dir(t, "public")
	for name := range files {
		files[name] = &fstest.MapFile{}
	}
	files["ec2-describe-vpc.json"] = &fstest.MapFile{}
	_, err := awscli.Read(files)
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, len(files))
	assert.True(t, slices.IsSorted(lines), "%s", err)
}

func TestReadDirectories(t *testing.T) {
	t.Parallel()
	_, err := awscli.Read(os.DirFS(filepath.Join("testdata", "none")))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = awscli.Read(fstest.MapFS{"README.md": {}, "route53-list-hosted-zones.json": {}})
	require.EqualError(t, err, "read dump: the directory holds no output of the AWS CLI: want files such as ec2-describe-vpcs.json")

	files := dir(t, "public")
	want, err := awscli.Read(files)
	require.NoError(t, err)
	for _, other := range []string{
		"README.md", ".ec2-describe-vpcs.json.swp", "ec2-describe-vpcs.json.d/page.json", "ec2-describe-volumes.json",
		"ec2-describe-key-pairs.json",
		"route53-list-hosted-zones.json", "route53-list-resource-record-sets-Z0123.json",
	} {
		files[other] = &fstest.MapFile{Data: []byte("not JSON")}
	}
	got, err := awscli.Read(files)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	delete(files, "ec2-describe-vpcs.json")
	files["ec2-describe-vpcs.json/x"] = &fstest.MapFile{}
	_, err = awscli.Read(files)
	require.EqualError(t, err, "ec2-describe-vpcs.json: is not a regular file")
}

// TestReadOlderCLI reads what an AWS CLI that knows the identifiers only would
// print: all the rest is unseen, and nothing a default.
func TestReadOlderCLI(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(fstest.MapFS{
		"ec2-describe-vpcs.json":               {Data: []byte(`{"Vpcs": [{"VpcId": "vpc-0a1", "CidrBlock": "10.0.0.0/16"}]}`)},
		"ec2-describe-subnets.json":            {Data: []byte(`{"Subnets": [{"SubnetId": "subnet-0c1", "CidrBlock": ""}]}`)},
		"ec2-describe-nat-gateways.json":       {Data: []byte(`{"NatGateways": [{"NatGatewayId": "nat-01"}]}`)},
		"ec2-describe-availability-zones.json": {Data: []byte(`{"AvailabilityZones": [{"ZoneName": "us-east-1a"}]}`)},
	})
	require.NoError(t, err)
	assert.Equal(t, network.VPC{ID: "vpc-0a1", CIDRs: []network.CIDR{{Prefix: s.VPCs.Items[0].CIDRs[0].Prefix}}}, s.VPCs.Items[0])
	assert.Equal(t, network.Subnet{ID: "subnet-0c1"}, s.Subnets.Items[0])
	assert.Equal(t, network.NATGateway{ID: "nat-01"}, s.NATGateways.Items[0])
	assert.Equal(t, network.Zone{Name: "us-east-1a"}, s.Zones.Items[0])
	assert.Equal(t, groundway.Observation{}, s.Observation)
}

// TestReadTwoRoutes has a destination that a static and a propagated route lead
// to: EC2 shows both.
func TestReadTwoRoutes(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(os.DirFS("testdata/everything"))
	require.NoError(t, err)
	var targets []string
	for _, table := range s.RouteTables.Items {
		for _, r := range table.Routes {
			if r.Prefix.String() == "172.29.0.0/16" {
				targets = append(targets, r.Target.ID)
			}
		}
	}
	assert.Equal(t, []string{"vgw-0a", "tgw-0a"}, targets)
}

// FuzzRead puts arbitrary bytes in the place of one file of a dump.
func FuzzRead(f *testing.F) {
	var names []string
	for i, file := range awscli.Files() {
		names = append(names, strings.ReplaceAll(file.Name, "PLID", "pl-0a1"))
		for _, dump := range []string{"public", "everything"} {
			if seed, ok := dir(f, dump)[names[i]]; ok {
				f.Add(uint(i), seed.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint, data []byte) {
		name := names[which%uint(len(names))]
		files := fstest.MapFS{"ec2-describe-vpcs.json": {Data: []byte(`{"Vpcs": [{"VpcId": "vpc-0a1"}]}`)}}
		files[name] = &fstest.MapFile{Data: data}
		s, err := awscli.Read(files)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				require.True(t, strings.HasPrefix(line, name+":"), line)
			}
			return
		}
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var again network.Snapshot
		require.NoError(t, json.Unmarshal(text, &again))
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(text), string(second))
	})
}

func ExampleRead() {
	snapshot, err := awscli.Read(os.DirFS("testdata/public"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(snapshot.Account, snapshot.Region)
	for _, table := range snapshot.RouteTables.Items {
		for _, r := range table.Routes {
			fmt.Println(table.ID, r.Prefix, r.State, r.Target.Kind)
		}
	}
	// Output:
	// 111122223333 us-east-1
	// rtb-0m 10.0.0.0/16 active local
	// rtb-0c 10.0.0.0/16 active local
	// rtb-0c 0.0.0.0/0 active internet-gateway
	// rtb-01 10.0.0.0/16 active local
	// rtb-01 0.0.0.0/0 active nat-gateway
	// rtb-02 10.0.0.0/16 active local
	// rtb-02 0.0.0.0/0 active nat-gateway
}

func ExampleRead_badInput() {
	_, err := awscli.Read(fstest.MapFS{"ec2-describe-subnets.json": {Data: []byte(`{
    "Subnets": [
        {
            "SubnetId": "subnet-0c1",
            "CidrBlock": "10.0.1.7/24"
        }
    ]
}`)}})
	fmt.Println(err)
	// Output:
	// ec2-describe-subnets.json:5:26: Subnets[0].CidrBlock: "10.0.1.7/24" has host bits set; want 10.0.1.0/24
}
