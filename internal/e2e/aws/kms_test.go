package aws_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/pki/awskms"
)

// The keys of all authorities are made in moto's KMS, and sign the whole set.
// moto hashes a digest once more, so that this would fail on the first signature
// if the signer did not hand over whole messages.
func TestAuthoritiesInKMS(t *testing.T) {
	client := kmssdk.NewFromConfig(configOf(startMoto(t)))
	cluster := pki.Cluster{
		Name:        "demo",
		APIExternal: "demo-api.k8s.example.com",
		ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"),
		EtcdMembers: []pki.Node{{Name: "demo-etcd-0.k8s.example.com"}},
		ConsoleHost: "demo.k8s.example.com",
	}
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	require.NoError(t, err)
	now := time.Now()
	for _, algorithm := range []pki.Algorithm{pki.ECDSAP256, pki.ECDSAP384, pki.RSA2048} {
		t.Run(algorithm.String(), func(t *testing.T) {
			var provided pki.Bundle
			for _, authority := range inventory.Authorities {
				ca := authority.Name.CA()
				alias := "alias/" + algorithm.String() + "-" + strings.ReplaceAll(string(ca), "/", "-")
				plan := planKey(t, client, alias, algorithm)
				require.True(t, plan.Create, plan)
				key, err := awskms.Apply(t.Context(), client, plan, awskms.ApplyOptions{})
				require.NoError(t, err)
				again := planKey(t, client, alias, algorithm)
				require.True(t, again.Empty(), again)
				assert.Equal(t, key.ID, again.Existing.ID)

				signer, err := awskms.NewSigner(t.Context(), client, alias)
				require.NoError(t, err)
				provided = provided.Put(pki.Material{ID: ca, Key: pki.NewKey(signer)})
			}
			bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: now, Provided: provided})
			require.NoError(t, err)
			assert.NoError(t, groundway.NewReport(now, pki.Verify(bundle, cluster, pki.VerifyOptions{Time: now})).Err())
		})
	}
}

func planKey(t *testing.T, client awskms.LoadAPI, alias string, algorithm pki.Algorithm) awskms.Plan {
	t.Helper()
	s, err := awskms.Load(t.Context(), client, alias, awskms.LoadOptions{})
	require.NoError(t, err)
	plan, err := awskms.PlanKey(s, awskms.PlanOptions{Algorithm: algorithm, Owner: "demo"})
	require.NoError(t, err)
	return plan
}
