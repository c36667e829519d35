package awscli_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscli"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// whole is what the AWS CLI prints, shortened.
var whole = map[string]string{
	"ec2-describe-addresses.json": `{"Addresses": [
		{"AllocationId": "eipalloc-1", "PublicIpv4Pool": "amazon", "Domain": "vpc"}, {"AllocationId": "eipalloc-2", "PublicIpv4Pool": "ipv4pool-ec2-0a", "Domain": "vpc"}]}`,
	"ec2-describe-instances.json": `{"Reservations": [{"Instances": [
		{"InstanceId": "i-1", "InstanceType": "m5.large", "State": {"Code": 16, "Name": "running"}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}, "Placement": {"Tenancy": "default"}},
		{"InstanceId": "i-2", "InstanceType": "m5.large", "State": {"Name": "stopped"}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}},
		{"InstanceId": "i-3", "InstanceType": "m5.large", "State": {"Name": "running"}, "InstanceLifecycle": "spot", "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}},
		{"InstanceId": "i-4", "InstanceType": "g5.xlarge", "State": {"Name": "pending"}}]}]}`,
	"ec2-describe-instance-types.json": `{"InstanceTypes": [{"InstanceType": "m5.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192},
		"NetworkInfo": {"MaximumNetworkInterfaces": 3, "Ipv4AddressesPerInterface": 10}}]}`,
	"ec2-get-ebs-encryption-by-default.json":                         `{"EbsEncryptionByDefault": true, "SseType": "sse-kms"}`,
	"ec2-get-ebs-default-kms-key-id.json":                            `{"KmsKeyId": "alias/aws/ebs"}`,
	"elb-describe-load-balancers.json":                               `{"LoadBalancerDescriptions": [{"LoadBalancerName": "a"}, {"LoadBalancerName": "b"}]}`,
	"elbv2-describe-load-balancers.json":                             `{"LoadBalancers": [{"Type": "network"}, {"Type": "application"}, {"Type": "network"}, {"Type": "gateway"}]}`,
	"iam-list-roles.json":                                            `{"Roles": [{"RoleName": "AWSServiceRoleForAutoScaling"}, {"RoleName": "admin"}]}`,
	"service-quotas-list-service-quotas-ec2.json":                    `{"Quotas": [{"QuotaCode": "L-1216C47A", "Value": 64.0}, {"QuotaCode": "L-FFFFFFFF", "Value": 1.5}]}`,
	"service-quotas-list-aws-default-service-quotas-ec2.json":        `{"Quotas": [{"QuotaCode": "L-1216C47A", "Value": 5.0}, {"QuotaCode": "L-0263D0A3", "Value": 5.0}]}`,
	"service-quotas-list-service-quotas-vpc.json":                    `{"Quotas": [{"QuotaCode": "L-F678F1CE", "Value": 5.0}]}`,
	"service-quotas-list-service-quotas-elasticloadbalancing.json":   `{"Quotas": []}`,
	"service-quotas-list-aws-default-service-quotas-elasticload.txt": `not ours`,
}

func dump(texts map[string]string) fs.FS {
	files := fstest.MapFS{}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestRead(t *testing.T) {
	n, _ := nt.Public()
	s, err := awscli.Read(dump(whole), n)
	require.NoError(t, err)
	assert.Equal(t, n.Observation, s.Observation)
	uses := map[string]int{}
	for _, u := range s.Uses.Items {
		uses[u.Quota] = u.Count
	}
	assert.Equal(t, map[string]int{
		capacity.VPCs: 1, capacity.InternetGateways: 1, capacity.NATGateways: 2, capacity.SecurityGroups: 1, capacity.Addresses: 1,
		capacity.ClassicLoadBalancers: 2, capacity.NetworkLoadBalancers: 2, capacity.ApplicationLoadBalancers: 1, "ec2/L-1216C47A": 2,
		// Of G and VT it does not say how many: that is no number.
		"ec2/L-417A185B": 0, "ec2/L-74FC7D96": 0, "ec2/L-7295265B": 0, "ec2/L-6E869C2A": 0, "ec2/L-F7808C92": 0, "ec2/L-1945791B": 0, "ec2/L-2C3B7624": 0, "ec2/L-43DA4232": 0,
	}, uses)
	assert.True(t, s.Uses.Complete())
	assert.Equal(t, groundway.List[capacity.Quota]{
		{Service: "ec2", Code: "L-1216C47A", Value: 64}, {Service: "ec2", Code: "L-0263D0A3", Value: 5, Default: true}, {Service: "vpc", Code: "L-F678F1CE", Value: 5},
	}, s.Quotas.Items)
	assert.Equal(t, groundway.SeenPart(capacity.InstanceType{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10}), s.InstanceTypes)
	assert.Equal(t, groundway.SeenPart(capacity.Encryption{Default: true, KeyID: "alias/aws/ebs", KeyManager: "AWS"}), s.Encryption)
	assert.Equal(t, groundway.SeenPart(
		capacity.ServiceRole{Service: "autoscaling.amazonaws.com", Name: "AWSServiceRoleForAutoScaling", Exists: true},
		capacity.ServiceRole{Service: "elasticloadbalancing.amazonaws.com", Name: "AWSServiceRoleForElasticLoadBalancing"},
	), s.Roles)
}

// A file that is missing is unseen; none at all was not asked for.
func TestReadMissing(t *testing.T) {
	n, _ := nt.Public()
	s, err := awscli.Read(dump(nil), n)
	require.NoError(t, err)
	assert.Equal(t, capacity.Parts{}, s.Parts)
	for _, f := range awscli.Files() {
		texts := maps.Clone(whole)
		delete(texts, f.Name)
		s, err := awscli.Read(dump(texts), n)
		require.NoError(t, err)
		var gaps []groundway.Gap
		for _, list := range [][]groundway.Gap{s.Uses.Gaps, s.Quotas.Gaps, s.InstanceTypes.Gaps, s.Encryption.Gaps, s.Roles.Gaps} {
			gaps = append(gaps, list...)
		}
		if f.Part == "quotas" && f.Action == "servicequotas:ListAWSDefaultServiceQuotas" {
			assert.Empty(t, gaps, "its quotas are missing, and say so")
			continue
		}
		assert.Equal(t, []groundway.Gap{{Action: f.Action, Message: "no file " + f.Name}}, gaps, f.Name)
	}
}

// The first page of several counts nothing, and leaves no room for defaults. A type
// that does not show its size is not known.
func TestReadInPart(t *testing.T) {
	n, _ := nt.Public()
	texts := maps.Clone(whole)
	texts["elbv2-describe-load-balancers.json"] = `{"LoadBalancers": [{"Type": "network"}], "NextMarker": "more"}`
	texts["service-quotas-list-service-quotas-ec2.json"] = `{"Quotas": [{"QuotaCode": "L-1216C47A", "Value": 64.0}], "NextToken": "more"}`
	texts["ec2-describe-instance-types.json"] = `{"InstanceTypes": [{"InstanceType": "m5.large", "MemoryInfo": {"SizeInMiB": 8192}}]}`
	s, err := awscli.Read(dump(texts), n)
	require.NoError(t, err)
	for _, u := range s.Uses.Items {
		assert.NotContains(t, []string{capacity.NetworkLoadBalancers, capacity.ApplicationLoadBalancers}, u.Quota)
	}
	assert.Equal(t, []groundway.Gap{{Action: "elasticloadbalancing:DescribeLoadBalancers", Message: "elbv2-describe-load-balancers.json holds the first page only: it has a NextMarker"}}, s.Uses.Gaps)
	assert.Equal(t, groundway.List[capacity.Quota]{{Service: "ec2", Code: "L-1216C47A", Value: 64}, {Service: "vpc", Code: "L-F678F1CE", Value: 5}}, s.Quotas.Items)
	assert.Empty(t, s.InstanceTypes.Items)

	// Other packages list roles too.
	s, err = awscli.Read(dump(map[string]string{"iam-list-roles.json": whole["iam-list-roles.json"]}), n)
	require.NoError(t, err)
	assert.Equal(t, capacity.Parts{}, s.Parts)
	texts["iam-list-roles.json"] = `{"Roles": [], "IsTruncated": true, "Marker": "more"}`
	s, err = awscli.Read(dump(texts), n)
	require.NoError(t, err)
	assert.Equal(t, groundway.UnseenPart[capacity.ServiceRole](groundway.Gap{Action: "iam:ListRoles", Message: "iam-list-roles.json holds the first page only: it has a Marker"}), s.Roles)
}

func TestReadErrors(t *testing.T) {
	n, _ := nt.Public()
	for _, test := range []struct{ name, text, want string }{
		{"ec2-describe-addresses.json", `{"Adresses": []}`, "ec2-describe-addresses.json:1:1: Addresses is missing; want the output of aws ec2 describe-addresses"},
		{"ec2-get-ebs-encryption-by-default.json", `{}`, "ec2-get-ebs-encryption-by-default.json:1:1: EbsEncryptionByDefault is missing; want the output of aws ec2 get-ebs-encryption-by-default"},
		{"service-quotas-list-service-quotas-vpc.json", `{"Quotas": [{"QuotaCode": "L-F678F1CE", "Value": "5"}]}`, `service-quotas-list-service-quotas-vpc.json:1:50: Quotas[0].Value: got the string "5", want a number from 0 on`},
		{"service-quotas-list-service-quotas-vpcs.json", `{}`, "service-quotas-list-service-quotas-vpcs.json: is not read under this name; rename it to service-quotas-list-service-quotas-vpc.json, or move it out of the directory"},
	} {
		texts := maps.Clone(whole)
		texts[test.name] = test.text
		_, err := awscli.Read(dump(texts), n)
		assert.EqualError(t, err, test.want)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range awscli.Files() {
		f.Add(file.Name, whole[file.Name])
	}
	n, _ := nt.Public()
	f.Fuzz(func(t *testing.T, name, text string) {
		if !fs.ValidPath(name) {
			return
		}
		s, err := awscli.Read(dump(map[string]string{name: text}), n)
		if err != nil {
			assert.Equal(t, capacity.Snapshot{}, s)
			return
		}
		data, err := json.Marshal(s)
		require.NoError(t, err)
		var back capacity.Snapshot
		require.NoError(t, json.Unmarshal(data, &back))
	})
}
