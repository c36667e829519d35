package awscli_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awscli"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// account returns the files of the good account, to be changed.
func account(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS(filepath.Join("testdata", "account"))
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

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(data)
}

// The dump is one of the account of route53test.
func TestRead(t *testing.T) {
	got, err := awscli.Read(account(t))
	require.NoError(t, err)
	want, o := rt.Account()
	want.Delegations = groundway.Part[route53.Delegation]{}
	// A dump has the VPCs that it has.
	want.VPCZones.Partial = true
	want.VPCZones.Gaps = []groundway.Gap{{Action: "route53:ListHostedZonesByVPC", Message: "only VPCs that have a file route53-list-hosted-zones-by-vpc-VPCID.json"}}
	want.Limits.Items = append(want.Limits.Items, route53.Limit{ZoneID: rt.Private, Type: route53.LimitRecords, Value: 10000, Count: 2})
	assert.Equal(t, text(t, want.Parts), text(t, got.Parts))
	for _, f := range route53.Check(got, o) {
		assert.NotEqual(t, groundway.Failed, f.Outcome, f.Summary)
	}
}

func TestReadEverything(t *testing.T) {
	files := account(t)
	files["route53-list-resource-record-sets-Z0K8S.json"].Data = []byte(`{"ResourceRecordSets": [
		{"Name": "\\052.k8s.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "LB-1.us-east-1.elb.amazonaws.com.", "EvaluateTargetHealth": true}},
		{"Name": "w.k8s.example.com.", "Type": "A", "SetIdentifier": "one", "Weight": 10, "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.7"}], "HealthCheckId": "h1"},
		{"Name": "m.k8s.example.com.", "Type": "A", "SetIdentifier": "x", "MultiValueAnswer": true, "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.7"}]},
		{"Name": "g.k8s.example.com.", "Type": "A", "SetIdentifier": "x", "GeoLocation": {"CountryCode": "AT"}, "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.7"}]},
		{"Name": "p.k8s.example.com.", "Type": "A", "SetIdentifier": "x", "GeoProximityLocation": {"Bias": 1}, "CidrRoutingConfig": {"CollectionId": "c", "LocationName": "l"}, "Region": "us-east-1", "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.7"}]}
	]}`)
	files["route53-get-dnssec-Z0K8S.json"].Data = []byte(`{"Status": {"ServeSignature": "SIGNING"}, "KeySigningKeys": [
		{"Name": "a", "Status": "ACTIVE", "KeyTag": 7, "SigningAlgorithmType": 13, "DigestAlgorithmType": 2, "DigestValue": "ABCD"},
		{"Name": "b", "Status": "INACTIVE", "KeyTag": 8, "SigningAlgorithmType": 13, "DigestAlgorithmType": 2, "DigestValue": "EF"}]}`)
	s, err := awscli.Read(files)
	require.NoError(t, err)
	i := slices.IndexFunc(s.Records.Items, func(r route53.ZoneRecords) bool { return r.ZoneID == rt.Zone })
	sets := s.Records.Items[i].Sets.Items
	assert.Equal(t, route53.RecordSet{Name: "*.k8s.example.com", Type: "A", Alias: &route53.Alias{ZoneID: "Z35SXDOTRQ7X7K", Target: "lb-1.us-east-1.elb.amazonaws.com", EvaluateTargetHealth: true}}, sets[0])
	assert.Equal(t, map[string]string{"Weight": "10", "HealthCheckId": "h1"}, sets[1].Routing)
	assert.Equal(t, map[string]string{"MultiValueAnswer": "true"}, sets[2].Routing)
	assert.Equal(t, map[string]string{"GeoLocation": "AT"}, sets[3].Routing)
	assert.Equal(t, map[string]string{"GeoProximityLocation": "coordinates", "CidrRoutingConfig": "c l", "Region": "us-east-1"}, sets[4].Routing)
	i = slices.IndexFunc(s.DNSSEC.Items, func(d route53.ZoneDNSSEC) bool { return d.ZoneID == rt.Zone })
	assert.Equal(t, route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{{KeyTag: 7, Algorithm: 13, DigestType: 2, Digest: "abcd"}}}, s.DNSSEC.Items[i])
}

func TestMissingFiles(t *testing.T) {
	s, err := awscli.Read(fstest.MapFS{"ec2-describe-vpcs.json": {Data: []byte("{}")}})
	require.NoError(t, err)
	for _, seen := range []bool{s.Zones.Seen, s.Details.Seen, s.Records.Seen, s.DNSSEC.Seen, s.Limits.Seen} {
		assert.False(t, seen)
	}
	assert.Equal(t, []groundway.Gap{{Action: "route53:ListHostedZones", Message: "no file route53-list-hosted-zones.json"}}, s.Zones.Gaps)

	for _, f := range awscli.Files() {
		name := strings.NewReplacer("ZONEID", rt.Zone, "VPCID", rt.VPC).Replace(f.Name)
		files := account(t)
		delete(files, name)
		s, err := awscli.Read(files)
		require.NoError(t, err)
		assert.Contains(t, text(t, s), `"message": "no file `+strings.ReplaceAll(name, rt.VPC, "VPCID")+`"`)
		_, o := rt.Account()
		for _, f := range route53.Check(s, o) {
			assert.NotEqual(t, groundway.Failed, f.Outcome, "without %s: %s", name, f.Summary)
		}
	}

	// Only the list and the records, as a person would dump them by hand.
	files := account(t)
	for name := range files {
		if strings.Contains(name, "-get-") {
			delete(files, name)
		}
	}
	s, err = awscli.Read(files)
	require.NoError(t, err)
	assert.True(t, s.Records.Complete())
	assert.False(t, s.Details.Seen)
}

func TestFirstPages(t *testing.T) {
	files := account(t)
	files["route53-list-hosted-zones.json"].Data = []byte(`{"HostedZones": [], "NextToken": "x"}`)
	s, err := awscli.Read(files)
	require.NoError(t, err)
	assert.True(t, s.Zones.Partial)
	assert.Equal(t, "route53-list-hosted-zones.json holds the first page only: it has a NextToken", s.Zones.Gaps[0].Message)
	assert.True(t, s.Records.Partial, "more zones may be there")

	files = account(t)
	files["route53-list-resource-record-sets-Z0K8S.json"].Data = []byte(`{"ResourceRecordSets": [], "NextRecordName": "x"}`)
	s, err = awscli.Read(files)
	require.NoError(t, err)
	i := slices.IndexFunc(s.Records.Items, func(r route53.ZoneRecords) bool { return r.ZoneID == rt.Zone })
	assert.True(t, s.Records.Items[i].Sets.Partial)
	assert.True(t, s.Records.Partial)
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, data, err string }{
		{"route53-list-hosted-zones.json", `{"Zones": []}`, "route53-list-hosted-zones.json:1:1: HostedZones is missing; want the output of aws route53 list-hosted-zones"},
		{"route53-list-hosted-zones.json", `{"HostedZones": [{"Id": "/hostedzone/Z1", "Name": "a..b."}]}`, `route53-list-hosted-zones.json:1:51: HostedZones[0].Name: parse name "a..b.": label 2 is empty`},
		{"route53-list-hosted-zones.json", `{"HostedZones": [{"Id": "/hostedzone/Z1", "Name": "a."}, {"Id": "Z1", "Name": "a."}]}`, `route53-list-hosted-zones.json:1:58: HostedZones[1]: "Z1" stands twice, first on line 1`},
		{"route53-list-hosted-zones.json", `{"HostedZones": [{"Name": "a."}]}`, `route53-list-hosted-zones.json:1:18: HostedZones[0]: Id is missing`},
		{"route53-get-hosted-zone-Z0K8S.json", `{"HostedZone": {"Id": "/hostedzone/Z0OTHER"}}`, `route53-get-hosted-zone-Z0K8S.json:1:23: HostedZone.Id: is of the zone Z0OTHER, want that of the file's name, Z0K8S`},
		{"route53-get-hosted-zone-Z0K8S.json", `{"HostedZone": {"Id": "Z0K8S"}, "DelegationSet": {"NameServers": ["a b"]}}`, `route53-get-hosted-zone-Z0K8S.json:1:66: DelegationSet.NameServers: parse name "a b": label 1: ' ' has to be escaped: write \040`},
		{"route53-list-resource-record-sets-Z0K8S.json", `{"ResourceRecordSets": [{"Name": "a.", "Type": "A", "TTL": "60"}]}`, `route53-list-resource-record-sets-Z0K8S.json:1:60: ResourceRecordSets[0].TTL: got the string "60", want a whole number from 0 on`},
		{"route53-list-resource-record-sets-Z0K8S.json", `{"ResourceRecordSets": [{"Name": "a.", "Type": "A"}, {"Name": "A.", "Type": "A"}]}`, `route53-list-resource-record-sets-Z0K8S.json:1:54: ResourceRecordSets[1]: "a A" stands twice, first on line 1`},
		{"route53-list-resource-record-sets-Z0K8S.json", `{"ResourceRecordSets": [{"Name": "a.", "Type": "A", "MultiValueAnswer": 1}]}`, `route53-list-resource-record-sets-Z0K8S.json:1:73: ResourceRecordSets[0].MultiValueAnswer: got 1, want true or false`},
		{"route53-get-account-limit.json", `{"Limit": {"Type": "X", "Value": 1}}`, "route53-get-account-limit.json:1:1: Count is missing"},
		{"route53-get-hosted-zone-limit-Z0K8S.json", `{"Limit": {"Type": "MAX_RRSETS_BY_ZONE"}, "Count": 2}`, "route53-get-hosted-zone-limit-Z0K8S.json:1:11: Limit: Value is missing"},
		{"route53-get-dnssec-Z0K8S.json", `{}`, "route53-get-dnssec-Z0K8S.json:1:1: Status is missing; want the output of aws route53 get-dnssec --hosted-zone-id ZONEID"},
		{"route53-list-hosted-zone.json", `{}`, "route53-list-hosted-zone.json: is not read under this name; rename it to route53-list-hosted-zones.json, or move it out of the directory"},
		{"route53-get-dnssec-ZONEID.json", `{}`, "route53-get-dnssec-ZONEID.json: want the ID of a hosted zone, such as Z0123456789ABC, in place of ZONEID"},
		{"route53-list-hosted-zones-by-vpc-vpc-0a1.json", `{"HostedZoneSummaries": [{"HostedZoneId": "Z1", "Name": "a."}, {"HostedZoneId": "Z1", "Name": "b."}]}`, `route53-list-hosted-zones-by-vpc-vpc-0a1.json:1:64: HostedZoneSummaries[1]: "Z1" stands twice, first on line 1`},
		{"route53-list-hosted-zones-by-vpc-VPCID.json", `{}`, "route53-list-hosted-zones-by-vpc-VPCID.json: want the ID of a VPC, such as vpc-0a1, in place of VPCID"},
		{"route53-get-dnssec-z1.json", `{}`, "route53-get-dnssec-z1.json: is not read under this name; rename it to route53-get-dnssec-ZONEID.json, or move it out of the directory"},
	} {
		files := account(t)
		files[c.name] = &fstest.MapFile{Data: []byte(c.data)}
		s, err := awscli.Read(files)
		assert.EqualError(t, err, c.err)
		assert.Zero(t, s)
	}
}

// The script makes what is read, here with a stand-in for the AWS CLI that prints
// the files of the account.
func TestScript(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the script with")
	}
	from, err := filepath.Abs(filepath.Join("testdata", "account"))
	require.NoError(t, err)
	dir := t.TempDir()
	aws := `#!/bin/sh
command=$2
case $command in *-by-vpc) cat "` + from + `/route53-$command-vpc-0a1.json"; exit;; esac
for zone in "$@"; do :; case $zone in Z0*) break;; esac; zone=; done
case "$*" in
*--query*) printf '/hostedzone/Z0PARENT\t/hostedzone/Z0K8S\t/hostedzone/Z0PRIVATE\n';;
*) cat "` + from + `/route53-$command${zone:+-$zone}.json";;
esac
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "aws"), []byte(aws), 0o700))
	cmd := exec.CommandContext(t.Context(), sh)
	cmd.Stdin = strings.NewReader(`region=us-east-1 vpc=vpc-0a1
save() { file=$1; shift; aws "$@" --region "$region" --output json >"$file" || { rm -f "$file"; echo "not saved: $file" >&2; }; }
mkdir dump && cd dump
` + awscli.Script())
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	got, err := awscli.Read(os.DirFS(filepath.Join(dir, "dump")))
	require.NoError(t, err)
	want, err := awscli.Read(account(t))
	require.NoError(t, err)
	assert.Equal(t, text(t, want.Records), text(t, got.Records))
	assert.Equal(t, text(t, want.Limits), text(t, got.Limits))
	assert.Equal(t, text(t, want.Details), text(t, got.Details))
	assert.Equal(t, text(t, want.VPCZones), text(t, got.VPCZones))
}

func FuzzRead(f *testing.F) {
	good := account(f)
	for name, file := range good {
		f.Add(name, file.Data)
	}
	f.Add("route53-list-resource-record-sets-Z0K8S.json", []byte(`{"ResourceRecordSets":[{"GeoLocation":1,"Weight":{},"MultiValueAnswer":[],"AliasTarget":{}}]}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if !fs.ValidPath(name) || strings.Contains(name, "/") {
			return
		}
		files := maps.Clone(good)
		files[name] = &fstest.MapFile{Data: data}
		s, err := awscli.Read(files)
		if err != nil {
			require.Zero(t, s)
			return
		}
		_, o := rt.Account()
		route53.Check(s, o)
		_, err = json.Marshal(s)
		require.NoError(t, err)
	})
}
