package iam_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

func TestParseARN(t *testing.T) {
	for _, test := range []struct {
		text       string
		want       iam.ARN
		kind, name string
		pattern    bool
	}{
		{"arn:aws:ec2:us-east-1:111122223333:instance/i-0a", iam.ARN{"aws", "ec2", "us-east-1", "111122223333", "instance/i-0a"}, "instance", "i-0a", false},
		{"arn:aws:s3:::bucket/key:with:colons", iam.ARN{"aws", "s3", "", "", "bucket/key:with:colons"}, "", "bucket/key:with:colons", false},
		{"arn:aws-cn:iam::111122223333:root", iam.ARN{"aws-cn", "iam", "", "111122223333", "root"}, "", "root", false},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", iam.ARN{"aws", "iam", "", "aws", "policy/ReadOnlyAccess"}, "policy", "ReadOnlyAccess", false},
		{"arn:aws:logs:*:*:log-group:demo:*", iam.ARN{"aws", "logs", "*", "*", "log-group:demo:*"}, "log-group", "demo:*", true},
		{"arn:aws:s3:::home/${aws:username}", iam.ARN{"aws", "s3", "", "", "home/${aws:username}"}, "", "home/${aws:username}", true},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := iam.ParseARN(test.text)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.text, got.String())
			assert.Equal(t, test.kind, got.ResourceType())
			assert.Equal(t, test.name, got.ResourceName())
			assert.Equal(t, test.pattern, got.IsPattern())

			data, err := json.Marshal(got)
			require.NoError(t, err)
			var again iam.ARN
			require.NoError(t, json.Unmarshal(data, &again))
			assert.Equal(t, got, again)
		})
	}
	_, err := json.Marshal(iam.ARN{})
	require.ErrorContains(t, err, "marshal ARN: it is the zero value")
	assert.Panics(t, func() { iam.MustParseARN("x") })
}

func TestParseARNErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", `parse ARN "": want it to begin with "arn:"`},
		{"i-0a", `parse ARN "i-0a": want it to begin with "arn:"`},
		{"arn:aws:s3", `parse ARN "arn:aws:s3": want 6 parts between colons, got 3`},
		{"arn::s3:::b", `parse ARN "arn::s3:::b": no partition`},
		{"arn:aws::::b", `parse ARN "arn:aws::::b": no service`},
		{"arn:aws:s3:::", `parse ARN "arn:aws:s3:::": no resource`},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := iam.ParseARN(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestPartitions(t *testing.T) {
	assert.Equal(t, []iam.Partition{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}, iam.Partitions())
	for _, test := range []struct {
		region    iam.Region
		partition iam.Partition
		ec2       string
	}{
		{"us-east-1", iam.PartitionAWS, "ec2.amazonaws.com"},
		{"xx-new-9", iam.PartitionAWS, "ec2.amazonaws.com"},
		{"cn-northwest-1", iam.PartitionChina, "ec2.amazonaws.com.cn"},
		{"us-gov-west-1", iam.PartitionUSGov, "ec2.amazonaws.com"},
		{"us-iso-east-1", iam.PartitionISO, "ec2.c2s.ic.gov"},
		{"us-isob-east-1", iam.PartitionISOB, "ec2.sc2s.sgov.gov"},
		{"eu-isoe-west-1", iam.PartitionISOE, "ec2.amazonaws.com"},
		{"us-isof-south-1", iam.PartitionISOF, "ec2.amazonaws.com"},
		{"eusc-de-east-1", iam.PartitionEUSC, "ec2.amazonaws.com"},
	} {
		t.Run(string(test.region), func(t *testing.T) {
			p := test.region.Partition()
			assert.Equal(t, test.partition, p)
			assert.True(t, p.IsKnown())
			assert.NotEmpty(t, p.DNSSuffix())
			assert.Equal(t, test.ec2, p.ServicePrincipal("ec2"))
			assert.Equal(t, test.ec2, p.ServicePrincipal("ec2.amazonaws.com"))
			// EKS and its Fargate pods have one name everywhere.
			assert.Equal(t, "eks.amazonaws.com", p.ServicePrincipal("eks.amazonaws.com.cn"))
			assert.Equal(t, "eks-fargate-pods.amazonaws.com", p.ServicePrincipal("eks-fargate-pods"))
			assert.Equal(t, "pods.eks.amazonaws.com", p.ServicePrincipal("pods.eks.amazonaws.com"))
			assert.Equal(t, "logs.us-east-1.amazonaws.com", p.ServicePrincipal("logs.us-east-1.amazonaws.com"))
		})
	}
	assert.False(t, iam.Partition("aws-x").IsKnown())
	assert.Empty(t, iam.Partition("aws-x").DNSSuffix())
}

func TestParseRegionAndAccount(t *testing.T) {
	for _, text := range []string{"us-east-1", "us-gov-west-1", "ap-southeast-12"} {
		_, err := iam.ParseRegion(text)
		assert.NoError(t, err, text)
	}
	for _, text := range []string{"", "us-east", "us-east-1a", "US-EAST-1", "us--1", "*", "us-east-1 "} {
		_, err := iam.ParseRegion(text)
		assert.ErrorContains(t, err, "want a name such as us-east-1", text)
	}
	_, err := iam.ParseAccount("011122223333")
	require.NoError(t, err)
	for _, text := range []string{"", "11122223333", "1111-2222-3333", "11112222333x", "*"} {
		_, err := iam.ParseAccount(text)
		assert.ErrorContains(t, err, "want 12 digits", text)
	}
}

func TestScope(t *testing.T) {
	scope := iam.MustScope("us-east-1", "111122223333")
	china := iam.MustScope("cn-north-1", "111122223333")
	for _, test := range []struct{ got, want string }{
		{scope.ARN("ec2", "instance/*"), "arn:aws:ec2:us-east-1:111122223333:instance/*"},
		{scope.ARN("ec2", "image/ami-0a"), "arn:aws:ec2:us-east-1::image/ami-0a"},
		{scope.ARN("ec2", "snapshot/*"), "arn:aws:ec2:us-east-1::snapshot/*"},
		{scope.ARN("iam", "role/demo-*"), "arn:aws:iam::111122223333:role/demo-*"},
		{scope.ARN("s3", "bucket/*"), "arn:aws:s3:::bucket/*"},
		{scope.ARN("route53", "hostedzone/Z0123"), "arn:aws:route53:::hostedzone/Z0123"},
		{scope.AnyRegion().ARN("ec2", "vpc/*"), "arn:aws:ec2:*:111122223333:vpc/*"},
		{scope.AnyAccount().ARN("ec2", "vpc/*"), "arn:aws:ec2:us-east-1:*:vpc/*"},
		{china.ARN("eks", "cluster/demo"), "arn:aws-cn:eks:cn-north-1:111122223333:cluster/demo"},
		{iam.Scope{}.ARN("ec2", "vpc/*"), ""},
		{iam.Scope{}.AnyRegion().AnyAccount().ARN("ec2", "vpc/*"), ""},
	} {
		assert.Equal(t, test.want, test.got)
	}
	assert.Equal(t, iam.PartitionChina, china.Partition())
	assert.Equal(t, iam.Account("111122223333"), china.Account())
	assert.Equal(t, iam.ServicePrincipal("ec2.amazonaws.com.cn"), china.ServicePrincipal("ec2"))

	_, err := iam.NewScope("useast1", "111122223333")
	require.EqualError(t, err, `new scope: parse region "useast1": want a name such as us-east-1`)
	_, err = iam.NewScope("us-east-1", "1")
	require.EqualError(t, err, `new scope: parse account "1": want 12 digits`)
	assert.Panics(t, func() { iam.MustScope("", "") })
}

func TestActionService(t *testing.T) {
	for action, want := range map[iam.Action]string{"EC2:Run*": "ec2", "*": "*", "ec2": "", "": "", "a:b:c": "a"} {
		assert.Equal(t, want, action.Service(), action)
	}
}
