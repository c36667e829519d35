package awssshkeys_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys/awssshkeystest"
)

// From no key to an imported one: Create makes the key and its two files, and
// EnsureImported the key pair. An installer passes the client that
// ec2.NewFromConfig of the AWS SDK returns.
func ExampleEnsureImported() {
	ctx := context.Background()
	client := awssshkeystest.NewClient(sshkeys.Snapshot{Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart[sshkeys.KeyPair]()}})
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(home)

	key, err := sshkeys.Create(ctx, filepath.Join(home, ".ssh", "ops"), groundway.NewSecret("correct horse"), sshkeys.GenerateOptions{
		Comment: "aws tectonic for alice@example.com",
	})
	if err != nil {
		log.Fatal(err)
	}
	pair, err := awssshkeys.EnsureImported(ctx, client, "ops", key.Public(), sshkeys.PlanOptions{Region: "us-east-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pair.Name, pair.Type, pair.Fingerprint == key.Public().ImportFingerprint())

	// To do it again changes nothing.
	_, err = awssshkeys.EnsureImported(ctx, client, "ops", key.Public(), sshkeys.PlanOptions{Region: "us-east-1"})
	fmt.Println(err, client.Calls())
	// Output:
	// ops ed25519 true
	// <nil> [ec2:DescribeKeyPairs ec2:DescribeKeyPairs ec2:ImportKeyPair ec2:DescribeKeyPairs]
}
