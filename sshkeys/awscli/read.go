package awscli

import (
	"errors"
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
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return sshkeys.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var errs []error
	there := false
	for _, e := range entries {
		switch name := e.Name(); {
		case name == fileKeyPairs:
			there = true
		case !e.IsDir():
			errs = append(errs, dump.CheckName(name, []string{fileKeyPairs}))
		}
	}
	var s sshkeys.Snapshot
	if there {
		s.KeyPairs, err = readKeyPairs(fsys)
		errs = append(errs, err)
	} else {
		s.KeyPairs = groundway.UnseenPart[sshkeys.KeyPair](groundway.Gap{Action: Files()[0].Action, Message: "no file " + fileKeyPairs})
	}
	if err := errors.Join(errs...); err != nil {
		return sshkeys.Snapshot{}, err
	}
	return s, nil
}

func readKeyPairs(fsys fs.FS) (groundway.Part[sshkeys.KeyPair], error) {
	file, err := dump.Open(fsys, fileKeyPairs)
	if err != nil {
		return groundway.Part[sshkeys.KeyPair]{}, err
	}
	root := file.Root()
	if !root.Get("KeyPairs").Exists() {
		root.Errorf("KeyPairs is missing; want the output of %s", strings.Join(Files()[0].Command, " "))
	}
	part := groundway.SeenPart[sshkeys.KeyPair]()
	seen := map[string]dump.Value{}
	for v := range root.Objects("KeyPairs") {
		pair := keyPair(v)
		if first, twice := seen[pair.Name]; twice && pair.Name != "" {
			v.Repeats(first, pair.Name)
			continue
		}
		seen[pair.Name] = v
		part.Items = append(part.Items, pair)
	}
	// EC2 has no pages of key pairs, but --max-items of the AWS CLI cuts the list.
	if root.Text("NextToken") != "" {
		part.Partial = true
		part.Gaps = []groundway.Gap{{Action: Files()[0].Action, Message: fileKeyPairs + " holds the first page only: it has a NextToken"}}
	}
	return part, file.Err()
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
