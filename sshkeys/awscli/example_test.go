package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awscli"
)

// The output of "aws ec2 describe-key-pairs" is enough to say whether the key pair
// that a cluster names is there.
func ExampleRead() {
	dump := fstest.MapFS{"ec2-describe-key-pairs.json": &fstest.MapFile{Data: []byte(`{"KeyPairs": [
		{"KeyPairId": "key-0a1b2c3d4e5f60718", "KeyName": "operations", "KeyType": "ed25519", "KeyFingerprint": "n7Yk7SPqGSVMRpV9bQwwJ1p7y5Zp5kfc0mOYs5cC6pQ="}
	]}`)}}
	s, err := awscli.Read(dump)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range sshkeys.Check(s, sshkeys.Options{Region: "us-east-1", KeyName: "ops"}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// sshkeys/pair-not-found There is no key pair "ops" in us-east-1.
}
