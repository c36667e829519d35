package awscli

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "ec2-describe-key-pairs.json"
	Command []string // what prints it, but for the region and the output format
	Action  string   // the IAM action that the command needs
	Part    string   // what it fills, by its name in the snapshot's JSON
}

const fileKeyPairs = "ec2-describe-key-pairs.json"

// Files returns the files that [Read] reads.
func Files() []File {
	return []File{{
		Name: fileKeyPairs, Command: strings.Fields("aws ec2 describe-key-pairs --include-public-key"),
		Action: "ec2:DescribeKeyPairs", Part: "keyPairs",
	}}
}

// Read reads the dump directory that is the root of fsys. The package
// documentation says what becomes of missing and of malformed files. With an
// error the snapshot is the zero one.
func Read(fsys fs.FS) (sshkeys.Snapshot, error) {
	known := []string{fileKeyPairs}
	dir, err := dump.OpenDir(fsys, known, func(name string) (bool, error) { return name == fileKeyPairs, nil })
	if err != nil {
		return sshkeys.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s sshkeys.Snapshot
	s.KeyPairs = keyPairs(dir)
	if err := dir.Err(); err != nil {
		return sshkeys.Snapshot{}, err
	}
	return s, nil
}

func keyPairs(dir *dump.Dir) groundway.Part[sshkeys.KeyPair] {
	f := Files()[0]
	root, ok := dir.Root(f.Name)
	if !ok {
		return groundway.UnseenPart[sshkeys.KeyPair](dump.NoFile(f.Action, f.Name))
	}
	if !root.Get("KeyPairs").Exists() {
		root.Errorf("KeyPairs is missing; want the output of %s", strings.Join(f.Command, " "))
	}
	part := groundway.SeenPart(dump.Items(root, "KeyPairs", keyPair)...)
	// EC2 has no pages of key pairs, but --max-items of the AWS CLI cuts the list.
	if root.Text("NextToken") != "" {
		part.Partial = true
		part.Gaps = []groundway.Gap{{Action: f.Action, Message: f.Name + " holds the first page only: it has a NextToken"}}
	}
	return part
}

func keyPair(v dump.Value) sshkeys.KeyPair {
	return sshkeys.KeyPair{
		Name:        v.ID("KeyName"),
		ID:          v.Text("KeyPairId"),
		Type:        v.Text("KeyType"),
		Fingerprint: v.Text("KeyFingerprint"),
		PublicKey:   strings.TrimSpace(v.Text("PublicKey")),
	}
}
