package awskmstest_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway/pki/awskms"
	"github.com/groundway-sdk/groundway/pki/awskms/awskmstest"
)

// What a program does with a key in KMS, and with a KMS that does not let it.
func ExampleNewClient() {
	client := awskmstest.NewClient()
	id := client.Create("ECC_NIST_P256", "alias/demo-ca")
	signer, err := awskms.NewSigner(context.Background(), client, "alias/demo-ca")
	if err != nil {
		log.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a certificate"))
	if _, err = signer.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
		log.Fatal(err)
	}
	client.SetState(id, "Disabled")
	_, err = signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	fmt.Println(err)
	fmt.Println(len(client.Calls()), "calls")
	// Output:
	// sign with KMS key "1234abcd-12ab-34cd-56ef-000000000001": kms:Sign: AWS refused the call (DisabledException)
	// 4 calls
}
