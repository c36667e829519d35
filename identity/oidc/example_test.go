package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
)

// Will STS take the token of a pod for the role?
func ExampleDecide() {
	const issuer = "https://d111111abcdef8.cloudfront.net"
	key, token := podToken(issuer, "system:serviceaccount:jx:tekton-bot", "sts.amazonaws.com")
	keys, err := oidc.NewKeySet(key)
	if err != nil {
		log.Fatal(err)
	}
	provider := oidc.ProviderARN(iam.PartitionAWS, "111122223333", issuer)
	for _, account := range []string{"tekton-bot", "jxui"} {
		d, err := oidc.Decide(oidc.WebIdentity{
			Token: token, Keys: keys, Time: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC),
			Provider: oidc.Provider{ARN: provider, URL: issuer, ClientIDs: []string{"sts.amazonaws.com"}},
			Role: oidc.Role{
				ARN:   "arn:aws:iam::111122223333:role/" + account,
				Trust: iam.MustTrustDocument(iam.TrustServiceAccount(provider, "jx", account)),
			},
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(account, d.Allowed(), d.Text)
	}
	// Output:
	// tekton-bot true Statement 1 of the trust policy allows sts:AssumeRoleWithWebIdentity.
	// jxui false The trust policy does not allow sts:AssumeRoleWithWebIdentity: statement 1 asks for another d111111abcdef8.cloudfront.net:sub: the request has "system:serviceaccount:jx:tekton-bot", which matches none of "system:serviceaccount:jx:jxui".
}

// podToken returns a token as the API server makes one, and its public key.
func podToken(issuer, subject, audience string) (crypto.PublicKey, groundway.Secret) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	kid, err := oidc.KeyID(key.Public())
	if err != nil {
		log.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	signed, err := signer.Sign([]byte(fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":[%q],"iat":1795694000,"exp":1795698000}`, issuer, subject, audience)))
	if err != nil {
		log.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		log.Fatal(err)
	}
	return key.Public(), groundway.NewSecret(text)
}

// What a service account needs for S3, and the annotation in a manifest that
// somebody else wrote.
func ExampleNewPlan() {
	plan, err := oidc.NewPlan(
		oidc.Cluster{Name: "demo", Scope: iam.MustScope("us-east-1", "111122223333"), Mode: oidc.ModeIRSA, Issuer: "https://d111111abcdef8.cloudfront.net"},
		[]oidc.Binding{{Namespace: "jx", ServiceAccount: "jxui", PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plan.Roles[0].ARN, plan.Roles[0].PolicyARNs)
	manifest := `apiVersion: v1
kind: ServiceAccount
metadata:
  name: jxui # the console
  namespace: jx
`
	text, _, err := oidc.Annotate("jxui.yaml", []byte(manifest), plan.Annotations)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", text)
	// Output:
	// arn:aws:iam::111122223333:role/demo-jx-jxui [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
	// apiVersion: v1
	// kind: ServiceAccount
	// metadata:
	//   name: jxui # the console
	//   namespace: jx
	//   annotations:
	//     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/demo-jx-jxui
}
