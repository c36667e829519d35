package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/pki/awskms"
	"github.com/groundway-sdk/groundway/pki/awskms/awskmstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var specs = []string{"ECC_NIST_P256", "ECC_NIST_P384", "RSA_2048", "RSA_3072", "ECC_NIST_EDWARDS25519"}

func signerOf(t testing.TB, client *awskmstest.Client, id string) *awskms.Signer {
	t.Helper()
	s, err := awskms.NewSigner(t.Context(), client, id)
	require.NoError(t, err)
	return s
}

// A key of each kind signs a root, and what crypto/x509 makes of it verifies.
func TestSignerSignsCertificates(t *testing.T) {
	for _, spec := range specs {
		t.Run(spec, func(t *testing.T) {
			client := awskmstest.NewClient()
			id := client.Create(spec, "alias/ca")
			for _, name := range []string{id, "alias/ca", "arn:aws:kms:us-east-1:111122223333:key/" + id, "arn:aws:kms:us-east-1:111122223333:alias/ca"} {
				s := signerOf(t, client, name)
				assert.Equal(t, id, s.Key().ID)
				template := &x509.Certificate{
					SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0),
					IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
				}
				der, err := x509.CreateCertificate(rand.Reader, template, template, s.Public(), s)
				require.NoError(t, err)
				c, err := x509.ParseCertificate(der)
				require.NoError(t, err)
				assert.NoError(t, c.CheckSignatureFrom(c))
			}
			assert.Equal(t, 4, countOf(client, "kms:Sign"), "crypto/x509 hands over the whole message, in one call")
		})
	}
}

func countOf(client *awskmstest.Client, action string) int {
	n := 0
	for _, call := range client.Calls() {
		if call == action {
			n++
		}
	}
	return n
}

// Digests and messages of every size, with every algorithm of the key.
func TestSign(t *testing.T) {
	short, long := []byte("message"), []byte(strings.Repeat("m", 4097))
	pss := func(h crypto.Hash) crypto.SignerOpts {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
	}
	options := map[string][]crypto.SignerOpts{
		"ECC_NIST_P256": {crypto.SHA256}, "ECC_NIST_P384": {crypto.SHA384}, "ECC_NIST_EDWARDS25519": {crypto.Hash(0)},
		"RSA_2048": {crypto.SHA256, crypto.SHA384, crypto.SHA512, pss(crypto.SHA256), pss(crypto.SHA384), pss(crypto.SHA512)},
	}
	client := awskmstest.NewClient()
	for spec, all := range options {
		s := signerOf(t, client, client.Create(spec, ""))
		for _, opts := range all {
			for _, message := range [][]byte{short, long[:4096], long} {
				_, err := s.SignMessage(nil, message, opts)
				if opts.HashFunc() == 0 && len(message) > 4096 {
					assert.EqualError(t, err, fmt.Sprintf("sign with KMS key %q: a message of 4097 bytes, and KMS takes 4096 at most", s.Key().ID))
					continue
				}
				assert.NoError(t, err, "%s %v %d", spec, opts, len(message))
			}
			digest := short
			if h := opts.HashFunc(); h != 0 {
				sum := h.New()
				sum.Write(short)
				digest = sum.Sum(nil)
			}
			_, err := s.Sign(nil, digest, opts)
			assert.NoError(t, err, "%s %v", spec, opts)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	client := awskmstest.NewClient()
	digest := sha256.Sum256(nil)
	for _, test := range []struct {
		spec   string
		digest []byte
		opts   crypto.SignerOpts
		want   string
	}{
		{"ECC_NIST_P256", digest[:31], crypto.SHA256, "a digest of 31 bytes, want the 32 of SHA-256"},
		{"ECC_NIST_P256", make([]byte, 48), crypto.SHA384, "hash function SHA-384: KMS signs with ECC_NIST_P256 keys by SHA-256 only"},
		{"ECC_NIST_P384", digest[:], crypto.SHA256, "hash function SHA-256: KMS signs with ECC_NIST_P384 keys by SHA-384 only"},
		{"RSA_2048", make([]byte, 20), crypto.SHA1, "hash function SHA-1: KMS signs with RSA keys by SHA-256, SHA-384 and SHA-512"},
		{"RSA_2048", digest[:], &rsa.PSSOptions{SaltLength: 8, Hash: crypto.SHA256}, "a PSS salt of length 8: KMS makes it as long as the hash"},
		{"ECC_NIST_EDWARDS25519", digest[:], crypto.SHA256, "hash function SHA-256: an Ed25519 key signs whole messages"},
	} {
		s := signerOf(t, client, client.Create(test.spec, ""))
		calls := len(client.Calls())
		_, err := s.Sign(nil, test.digest, test.opts)
		assert.EqualError(t, err, fmt.Sprintf("sign with KMS key %q: %s", s.Key().ID, test.want))
		assert.Len(t, client.Calls(), calls, "nothing is called")
	}
}

func TestNewSignerRefuses(t *testing.T) {
	const id = "1234abcd-12ab-34cd-56ef-000000000001"
	for _, test := range []struct {
		name string
		edit func(*awskmstest.Client)
		want string
	}{
		{"disabled", func(c *awskmstest.Client) { c.SetState(c.Create("ECC_NIST_P256", ""), "Disabled") }, `its state is "Disabled", want "Enabled"`},
		{"to be deleted", func(c *awskmstest.Client) { c.SetState(c.Create("ECC_NIST_P256", ""), "PendingDeletion") }, `its state is "PendingDeletion", want "Enabled"`},
		{"for key agreement", func(c *awskmstest.Client) { c.SetUsage(c.Create("ECC_NIST_P256", ""), "KEY_AGREEMENT") }, `its usage is "KEY_AGREEMENT", want "SIGN_VERIFY"`},
		{"symmetric", func(c *awskmstest.Client) { c.Create("SYMMETRIC_DEFAULT", "") }, `its usage is "ENCRYPT_DECRYPT", want "SIGN_VERIFY"`},
		{"another curve", func(c *awskmstest.Client) { c.Create("ECC_NIST_P521", "") }, `its key spec is "ECC_NIST_P521", want one of ECC_NIST_P256, ECC_NIST_P384, RSA_2048, RSA_3072, RSA_4096, ECC_NIST_EDWARDS25519`},
		{"not there", func(*awskmstest.Client) {}, "AWS knows nothing of this name (NotFoundException)"},
		{"not to be described", func(c *awskmstest.Client) { c.Create("ECC_NIST_P256", ""); c.Deny("kms:DescribeKey") }, "kms:DescribeKey: the caller is not authorized (AccessDeniedException)"},
		{"not to be read", func(c *awskmstest.Client) { c.Create("ECC_NIST_P256", ""); c.Deny("kms:GetPublicKey") }, "kms:GetPublicKey: the caller is not authorized (AccessDeniedException)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := awskmstest.NewClient()
			test.edit(client)
			s, err := awskms.NewSigner(t.Context(), client, id)
			assert.Nil(t, s)
			require.ErrorContains(t, err, fmt.Sprintf("KMS key %q: ", id))
			assert.ErrorContains(t, err, test.want)
		})
	}
	_, err := awskms.NewSigner(t.Context(), awskmstest.NewClient(), "")
	assert.EqualError(t, err, "KMS key: no key ID")
}

// What KMS says later is said, and no certificate comes of it.
func TestSignerFails(t *testing.T) {
	digest := sha256.Sum256(nil)
	for _, test := range []struct {
		name string
		edit func(*awskmstest.Client, string)
		want string
	}{
		{"disabled since", func(c *awskmstest.Client, id string) { c.SetState(id, "Disabled") }, "kms:Sign: AWS refused the call (DisabledException)"},
		{"denied", func(c *awskmstest.Client, _ string) { c.Deny("kms:Sign") }, "kms:Sign: the caller is not authorized (AccessDeniedException)"},
		{"throttled", func(c *awskmstest.Client, _ string) { c.Throttle("kms:Sign") }, "kms:Sign: AWS throttled the call until the retries were used up (ThrottlingException)"},
		{"a wrong signature", func(c *awskmstest.Client, _ string) { c.Corrupt() }, "kms:Sign: the signature does not verify by the key's public key"},
	} {
		for _, spec := range specs {
			client := awskmstest.NewClient()
			id := client.Create(spec, "")
			s := signerOf(t, client, id)
			test.edit(client, id)
			var err error
			switch {
			case strings.HasSuffix(spec, "25519"):
				_, err = s.SignMessage(nil, digest[:], crypto.Hash(0))
			case strings.HasSuffix(spec, "384"):
				_, err = s.SignMessage(nil, digest[:], crypto.SHA384)
			default:
				_, err = s.SignMessage(nil, digest[:], crypto.SHA256)
			}
			assert.EqualError(t, err, fmt.Sprintf("sign with KMS key %q: %s", id, test.want), "%s, %s", test.name, spec)
		}
	}
}

func TestSignerEndsWithItsContext(t *testing.T) {
	client := awskmstest.NewClient()
	s := signerOf(t, client, client.Create("ECC_NIST_P256", ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	digest := sha256.Sum256(nil)
	_, err := s.WithContext(ctx).Sign(nil, digest[:], crypto.SHA256)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = s.Sign(nil, digest[:], crypto.SHA256)
	assert.NoError(t, err, "the signer itself has another context")
}

// The three authorities are in KMS, and the leaves are made here.
func TestIssueUnderKeysInKMS(t *testing.T) {
	cluster := demo()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	require.NoError(t, err)
	for _, spec := range []string{"ECC_NIST_P256", "ECC_NIST_P384", "RSA_2048"} {
		client := awskmstest.NewClient()
		var provided pki.Bundle
		for _, a := range []pki.ID{pki.EtcdCA, pki.KubeCA, pki.IngressCA} {
			signer := signerOf(t, client, client.Create(spec, "alias/"+strings.ReplaceAll(string(a), "/", "-")))
			provided = provided.Put(pki.Material{ID: a, Key: pki.NewKey(signer)})
		}
		bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: noon, Provided: provided})
		require.NoError(t, err)
		report := groundway.NewReport(noon, pki.Verify(bundle, cluster, pki.VerifyOptions{Time: noon}))
		assert.NoError(t, report.Err())
		_, err = bundle.Materials[pki.KubeCA].Key.PEM()
		assert.ErrorIs(t, err, pki.ErrNoPrivateKey)
		assert.Positive(t, countOf(client, "kms:Sign"))
		for _, m := range bundle.Materials {
			for _, c := range m.Certificates {
				if c.IsCA && m.ID == pki.KubeCA {
					assert.True(t, bundle.Materials[pki.KubeCA].Key.Matches(c.PublicKey))
				}
			}
		}
	}
}

func demo() pki.Cluster {
	return pki.Cluster{
		Name:        "demo",
		APIExternal: "demo-api.k8s.example.com",
		ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"),
		EtcdMembers: []pki.Node{{Name: "demo-etcd-0.k8s.example.com"}},
		ConsoleHost: "demo.k8s.example.com",
	}
}

func planOf(t *testing.T, client *awskmstest.Client, alias string, o awskms.PlanOptions) awskms.Plan {
	t.Helper()
	s, err := awskms.Load(t.Context(), client, alias, awskms.LoadOptions{Account: "111122223333", Region: "us-east-1", Time: noon})
	require.NoError(t, err)
	p, err := awskms.PlanKey(s, o)
	require.NoError(t, err)
	return p
}

func TestPlanAndApply(t *testing.T) {
	client := awskmstest.NewClient()
	o := awskms.PlanOptions{Algorithm: pki.ECDSAP384, Owner: "demo", Tags: map[string]string{"team": "platform"}}
	p := planOf(t, client, "alias/demo-kube-ca", o)
	assert.False(t, p.Empty())
	assert.Equal(t, `+ KMS key alias/demo-kube-ca ECC_NIST_P384
+   tag "groundway:owner" = "demo"
+   tag "team" = "platform"
`, p.String())
	key, err := awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, "ECC_NIST_P384", key.Spec)
	assert.Equal(t, map[string]string{"groundway:owner": "demo", "team": "platform"}, client.Tags(key.ID))
	assert.Equal(t, []string{"kms:DescribeKey", "kms:DescribeKey", "kms:CreateKey", "kms:CreateAlias", "kms:DescribeKey"}, client.Calls())
	assert.IsType(t, &ecdsa.PublicKey{}, signerOf(t, client, "alias/demo-kube-ca").Public())

	again := planOf(t, client, "alias/demo-kube-ca", o)
	assert.True(t, again.Empty())
	assert.Equal(t, "= KMS key alias/demo-kube-ca ECC_NIST_P384 ("+key.ID+")\n", again.String())
	calls := len(client.Calls())
	same, err := awskms.Apply(t.Context(), client, again, awskms.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, key, same)
	assert.Len(t, client.Calls(), calls, "an empty plan calls nothing")

	_, err = awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{})
	assert.ErrorIs(t, err, awskms.ErrChanged)
	assert.EqualError(t, err, `create KMS key "alias/demo-kube-ca": the account changed since the plan: the key `+key.ID+` has the alias`)
}

func TestPlanIsBlocked(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*awskmstest.Client)
		o    awskms.PlanOptions
		want string
	}{
		{
			"another algorithm", func(c *awskmstest.Client) { c.Create("RSA_2048", "alias/ca") },
			awskms.PlanOptions{},
			"the key 1234abcd-12ab-34cd-56ef-000000000001 has the alias, and its key spec is RSA_2048, want ECC_NIST_P256",
		},
		{
			"disabled", func(c *awskmstest.Client) { c.SetState(c.Create("ECC_NIST_P256", "alias/ca"), "Disabled") },
			awskms.PlanOptions{},
			`the key 1234abcd-12ab-34cd-56ef-000000000001 has the alias, and its state is "Disabled", want "Enabled"`,
		},
		{
			"unseen", func(c *awskmstest.Client) { c.Deny("kms:DescribeKey") },
			awskms.PlanOptions{},
			"it could not be seen whether a key has the alias: kms:DescribeKey: the caller is not authorized",
		},
	} {
		client := awskmstest.NewClient()
		test.edit(client)
		p := planOf(t, client, "alias/ca", test.o)
		assert.Equal(t, test.want, p.Blocked, test.name)
		assert.Equal(t, "! alias/ca: "+test.want+"\n", p.String())
		assert.False(t, p.Empty())
		calls := len(client.Calls())
		_, err := awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{})
		assert.ErrorIs(t, err, awskms.ErrBlocked, test.name)
		assert.Len(t, client.Calls(), calls)
	}
	_, err := awskms.Apply(t.Context(), awskmstest.NewClient(), awskms.Plan{}, awskms.ApplyOptions{})
	assert.EqualError(t, err, `create KMS key "": the plan cannot be applied: it is not one of PlanKey`)
}

// The key is not lost where its alias could not be given.
func TestApplyNamesAKeyWithoutAnAlias(t *testing.T) {
	client := awskmstest.NewClient()
	p := planOf(t, client, "alias/ca", awskms.PlanOptions{})
	client.Deny("kms:CreateAlias")
	_, err := awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{})
	unnamed, ok := errors.AsType[*awskms.UnnamedError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "1234abcd-12ab-34cd-56ef-000000000001", unnamed.Key)
	assert.EqualError(t, err, `create KMS key "alias/ca": the key 1234abcd-12ab-34cd-56ef-000000000001 was made and the alias alias/ca was not: `+
		`kms:CreateAlias: the caller is not authorized (AccessDeniedException); `+
		`give it with: aws kms create-alias --alias-name alias/ca --target-key-id 1234abcd-12ab-34cd-56ef-000000000001`)
}

// KMS shows a new key and a new alias to one of its servers later than to another.
func TestApplyIsPatient(t *testing.T) {
	client := awskmstest.NewClient().Lag(1)
	p := planOf(t, client, "alias/ca", awskms.PlanOptions{})
	key, err := awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, key.ID, signerOf(t, client, "alias/ca").Key().ID)
	assert.Equal(t, []string{"kms:CreateKey", "kms:CreateAlias", "kms:CreateAlias", "kms:DescribeKey", "kms:DescribeKey"}, client.Calls()[2:7])

	client = awskmstest.NewClient().Lag(100)
	_, err = awskms.Apply(t.Context(), client, p, awskms.ApplyOptions{Patience: time.Millisecond})
	assert.EqualError(t, err, `create KMS key "alias/ca": the key 1234abcd-12ab-34cd-56ef-000000000001 was made and the alias alias/ca was not: `+
		`kms:CreateAlias: AWS knows nothing of this name (NotFoundException); `+
		`give it with: aws kms create-alias --alias-name alias/ca --target-key-id 1234abcd-12ab-34cd-56ef-000000000001`)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = awskms.Apply(ctx, client, p, awskms.ApplyOptions{})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	unnamed, ok := errors.AsType[*awskms.UnnamedError](err)
	require.True(t, ok)
	assert.Equal(t, "1234abcd-12ab-34cd-56ef-000000000002", unnamed.Key)
}

func TestAliases(t *testing.T) {
	const want = `: want "alias/" and 1 to 250 letters, digits, and characters of /_-`
	for alias, text := range map[string]string{
		"":                                  `alias ""` + want,
		"demo":                              `alias "demo"` + want,
		"alias/":                            `alias "alias/"` + want,
		"alias/a b":                         `alias "alias/a b"` + want,
		"alias/ä":                           `alias "alias/ä"` + want,
		"alias/aws/ebs":                     `alias "alias/aws/ebs": names that begin with alias/aws/ are AWS's own`,
		"alias/" + strings.Repeat("a", 251): `alias "alias/` + strings.Repeat("a", 251) + `"` + want,
	} {
		client := awskmstest.NewClient()
		_, err := awskms.Load(t.Context(), client, alias, awskms.LoadOptions{})
		assert.EqualError(t, err, "load KMS key: "+text)
		assert.Empty(t, client.Calls())
		_, err = awskms.PlanKey(awskms.Snapshot{Alias: alias}, awskms.PlanOptions{})
		assert.EqualError(t, err, "plan KMS key: "+text)
	}
}

func TestActionsAreThoseThatAreCalled(t *testing.T) {
	client := awskmstest.NewClient()
	_, err := awskms.Apply(t.Context(), client, planOf(t, client, "alias/ca", awskms.PlanOptions{}), awskms.ApplyOptions{})
	require.NoError(t, err)
	for _, action := range client.Calls() {
		assert.Contains(t, awskms.ApplyActions(), action)
	}
	calls := len(client.Calls())
	digest := sha256.Sum256(nil)
	_, err = signerOf(t, client, "alias/ca").Sign(nil, digest[:], crypto.SHA256)
	require.NoError(t, err)
	assert.ElementsMatch(t, awskms.Actions(), client.Calls()[calls:])
}

var (
	_ awskms.SignAPI  = (*awskmstest.Client)(nil)
	_ awskms.ApplyAPI = (*awskmstest.Client)(nil)
	_                 = (*kmssdk.Client)(nil)
)

// The key of the kube authority is made in KMS and never leaves it.
func Example() {
	ctx := context.Background()
	client := awskmstest.NewClient() // kms.NewFromConfig(cfg) of the AWS SDK

	snapshot, err := awskms.Load(ctx, client, "alias/demo-kube-ca", awskms.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := awskms.PlanKey(snapshot, awskms.PlanOptions{Owner: "demo"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)
	if _, err := awskms.Apply(ctx, client, plan, awskms.ApplyOptions{}); err != nil {
		log.Fatal(err)
	}
	signer, err := awskms.NewSigner(ctx, client, "alias/demo-kube-ca")
	if err != nil {
		log.Fatal(err)
	}

	inventory, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	bundle, err := pki.Issue(inventory, pki.IssueOptions{
		Time:     noon,
		Provided: pki.Bundle{}.Put(pki.Material{ID: pki.KubeCA, Key: pki.NewKey(signer)}),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bundle.Materials[pki.APIServer].Certificate().Issuer)
	// Output:
	// + KMS key alias/demo-kube-ca ECC_NIST_P256
	// +   tag "groundway:owner" = "demo"
	// CN=kube-ca,O=bootkube
}
