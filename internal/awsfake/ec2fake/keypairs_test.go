package ec2fake_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/sshkeys"
)

const keyLine = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN"

func TestImportKeyPair(t *testing.T) {
	fake := awsfake.New(ec2fake.KeyPairs(sshkeys.Parts{KeyPairs: groundway.SeenPart(sshkeys.KeyPair{Name: "a", PublicKey: keyLine})}))
	client := ec2sdk.NewFromConfig(fake.Config())
	in := func(name, material string) error {
		_, err := client.ImportKeyPair(t.Context(), &ec2sdk.ImportKeyPairInput{KeyName: &name, PublicKeyMaterial: []byte(material)})
		return err
	}
	assert.Equal(t, "InvalidKeyPair.Duplicate", code(in("a", keyLine)))
	assert.Equal(t, "InvalidParameterValue", code(in("a ", keyLine)))
	assert.Equal(t, "InvalidKey.Format", code(in("b", "no key")))
	assert.Equal(t, "InvalidKey.Format", code(in("b", "restrict "+keyLine)))
	assert.Equal(t, "InvalidKey.Format", code(in("b", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBI4J3o7fmmEyDAhNoJacnK4x+54T")))
	require.NoError(t, in("b", keyLine))
	assert.Equal(t, "InvalidKeyPair.Duplicate", code(in("b", keyLine)))

	describe := func(in ec2sdk.DescribeKeyPairsInput) []string {
		out, err := client.DescribeKeyPairs(t.Context(), &in)
		require.NoError(t, err)
		var shown []string
		for _, p := range out.KeyPairs {
			shown = append(shown, *p.KeyName+" "+aws.ToString(p.PublicKey))
		}
		return shown
	}
	assert.Equal(t, []string{"a ", "b "}, describe(ec2sdk.DescribeKeyPairsInput{}))
	assert.Equal(t, []string{"b " + keyLine}, describe(ec2sdk.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true), Filters: filter("key-name", "b", "c")}))
	_, err := client.DescribeKeyPairs(t.Context(), &ec2sdk.DescribeKeyPairsInput{KeyNames: []string{"c"}})
	assert.Equal(t, "InvalidKeyPair.NotFound", code(err))
	fake.Script("ec2:DescribeKeyPairs", awsfake.Stale())
	assert.Equal(t, []string{"a "}, describe(ec2sdk.DescribeKeyPairsInput{}))
}
