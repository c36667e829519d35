package controlplane_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/pki/awskms"
)

// keyManagement is a client of moto's KMS.
func keyManagement(t *testing.T) *kmssdk.Client {
	t.Helper()
	port := freePort(t)
	s := moto.Start(t, "-H", loopback.String(), "-p", fmt.Sprint(port))
	require.NoError(t, s.Ready(listening(port)))
	return kmssdk.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + address(port)),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}, nil
		}),
	})
}

// keyIn makes a key in KMS.
func keyIn(t *testing.T, client *kmssdk.Client, alias string, a pki.Algorithm) pki.Key {
	t.Helper()
	s, err := awskms.Load(t.Context(), client, alias, awskms.LoadOptions{})
	require.NoError(t, err)
	plan, err := awskms.PlanKey(s, awskms.PlanOptions{Algorithm: a, Owner: "demo"})
	require.NoError(t, err)
	_, err = awskms.Apply(t.Context(), client, plan, awskms.ApplyOptions{})
	require.NoError(t, err)
	signer, err := awskms.NewSigner(t.Context(), client, alias)
	require.NoError(t, err)
	return pki.NewKey(signer)
}

// The keys of the authorities are in KMS, where they sign the whole set, and the
// servers accept it; then another key in KMS takes the place of etcd's.
func TestAuthoritiesInKMS(t *testing.T) {
	t.Parallel()
	client := keyManagement(t)
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	var keys pki.Bundle
	for i, a := range inventory.Authorities {
		ca := a.Name.CA()
		algorithm := []pki.Algorithm{pki.ECDSAP256, pki.RSA2048, pki.ECDSAP384}[i%3]
		keys = keys.Put(pki.Material{ID: ca, Key: keyIn(t, client, "alias/demo-"+strings.ReplaceAll(string(ca), "/", "-"), algorithm)})
	}
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now(), Provided: keys})
	require.NoError(t, err)
	m := written(t, b, pki.KubeadmLayout())
	for _, a := range inventory.Authorities {
		assert.NoFileExists(t, m.key(a.Name.CA()), "no key of an authority leaves KMS")
	}
	clean(t, m, inventory)
	opinions(t, m, inventory)
	prove(t, m)

	next := keyIn(t, client, "alias/demo-etcd-ca-next", pki.ECDSAP384)
	e := startEtcd(t, m, 1)[0]
	require.NoError(t, e.serves())
	steps := 0
	for ; ; steps++ {
		// Which key is whose shows in the certificates; the keys are put back.
		now := m.reread(t)
		for _, id := range []pki.ID{pki.EtcdCA, pki.EtcdCA.Next()} {
			x := now.Materials[id]
			x.ID = id
			for _, key := range []pki.Key{next, keys.Materials[pki.EtcdCA].Key} {
				if c := x.Certificate(); c != nil && key.Matches(c.PublicKey) {
					x.Key = key
				}
			}
			if steps == 0 && id == pki.EtcdCA.Next() {
				x.Key = next
			}
			if !x.Key.IsZero() {
				now = now.Put(x)
			}
		}
		plan, err := pki.PlanRotation(inventory, now, pki.EtcdCA, pki.RotateOptions{Time: time.Now()})
		require.NoError(t, err)
		if len(plan.Steps) == 0 {
			break
		}
		step := plan.Steps[0]
		require.Empty(t, step.Broken)
		_, err = m.layout.Write(t.Context(), m.dir, step.Bundle, pki.WriteOptions{Replace: step.Changed, Remove: step.Removed})
		require.NoError(t, err)
		e.Restart(t)
		require.NoError(t, e.serves())
		live := m.live(t)
		require.NoError(t, etcdGateway(t, e.server, live.config(t, pki.AuthorityEtcd, etcdName, pki.EtcdClient)), step.To)
		assert.NoFileExists(t, m.key(pki.EtcdCA))
	}
	assert.Equal(t, 3, steps, "the key was made before")
	assert.True(t, next.Matches(m.reread(t).Materials[pki.EtcdCA].Certificate().PublicKey))
	clean(t, m, inventory)
}
