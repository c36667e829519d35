package sshkeys_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// A key that somebody sends comes in many forms, and EC2 shows fingerprints that
// ssh-keygen does not print.
func ExampleParsePublicKey() {
	key, err := sshkeys.ParsePublicKey([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops@example.com\r\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Type(), key.Bits(), key.Comment())
	fmt.Println("ssh-keygen:", key.Fingerprint())
	fmt.Println("EC2:       ", key.ImportFingerprint())

	_, err = sshkeys.ParsePublicKey([]byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl…"))
	fmt.Println(err)
	// Output:
	// ed25519 256 ops@example.com
	// ssh-keygen: SHA256:gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk
	// EC2:        gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk=
	// parse public key: line 1 column 1: got a private key, want the public one: ssh-keygen -y -f FILE prints it; treat the private key as leaked if others can read this text
}

// The key pair "ops" is there, and it is not the key that will be used.
func ExampleCheck() {
	held := sshkeys.MustParsePublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN")
	snapshot := sshkeys.Snapshot{
		Observation: groundway.Observation{Region: "us-east-1"},
		Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart(sshkeys.KeyPair{
			Name: "ops", Type: "ed25519", Fingerprint: "8ZVMcTKqdR5hxMjZI3t6b09EPIOE5QA6G9/Z63ejNBM=",
		})},
	}
	for _, f := range sshkeys.Check(snapshot, sshkeys.Options{Region: "us-east-1", KeyName: "ops", PublicKey: held}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
			fmt.Println(f.Remedies[0].Action)
		}
	}
	// Output:
	// sshkeys/pair-mismatch
	// The key pair "ops" is not the key that you hold: its fingerprint is 8ZVMcTKqdR5hxMjZI3t6b09EPIOE5QA6G9/Z63ejNBM=, and yours is gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk=.
	// Use the private key that belongs to the key pair, and give its public key.
}

// A key is made where there is none, and found where there is one.
func ExampleCreate() {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(home)

	path := filepath.Join(home, ".ssh", "ops")
	key, err := sshkeys.Create(context.Background(), path, groundway.NewSecret("correct horse"), sshkeys.GenerateOptions{
		Comment: "aws tectonic for alice@example.com",
	})
	if err != nil {
		log.Fatal(err)
	}
	found, err := sshkeys.Find(os.DirFS(filepath.Dir(path)))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range found {
		fmt.Println(f.File, f.Key.Type(), f.Key.Comment(), f.Key.Equal(key.Public()))
	}
	fmt.Println(key)
	// Output:
	// ops.pub ed25519 aws tectonic for alice@example.com true
	// [redacted]
}
