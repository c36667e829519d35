package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	iamcli "github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/identity"
	callercli "github.com/groundway-sdk/groundway/identity/awscli"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awscli"
	"github.com/groundway-sdk/groundway/network/capacity"
	roomcli "github.com/groundway-sdk/groundway/network/capacity/awscli"
	"github.com/groundway-sdk/groundway/route53"
	dnscli "github.com/groundway-sdk/groundway/route53/awscli"
	"github.com/groundway-sdk/groundway/sshkeys"
	sshcli "github.com/groundway-sdk/groundway/sshkeys/awscli"
)

// A Snapshot is what was seen of an account for all packages together: one
// file of groundway.snapshot/v1. The zero value is a snapshot of which nothing
// was seen.
type Snapshot struct {
	groundway.Observation
	Network  network.Parts
	DNS      route53.Parts
	SSH      sshkeys.Parts
	IAM      iam.Parts
	Resource resource.Parts
	Capacity capacity.Parts
	Machine  Machine

	Credentials identity.CredentialParts // of the caller
}

func (s Snapshot) network() network.Snapshot {
	return network.Snapshot{Observation: s.Observation, Parts: s.Network}
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Network, s.DNS, s.SSH, s.IAM, s.Resource, s.Capacity, s.Machine, s.Credentials)
}

// UnmarshalJSON reads groundway.snapshot/v1; see [groundway.UnmarshalSnapshot].
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Network, &s.DNS, &s.SSH, &s.IAM, &s.Resource, &s.Capacity, &s.Machine, &s.Credentials)
	s.Observation = o
	return err
}

// maxSnapshot is the size of the largest snapshot that is read. A VPC of 1 000
// subnets takes about 1 MB.
const maxSnapshot = 256 << 20

// ReadSnapshot reads the snapshot at path: a file that [WriteSnapshot] wrote,
// or a directory of output of the AWS CLI, see [DumpScript] and package
// [github.com/groundway-sdk/groundway/network/awscli].
func ReadSnapshot(path string) (Snapshot, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	if info.IsDir() {
		s, err := ReadDump(os.DirFS(path))
		if err != nil {
			return Snapshot{}, within(path, err)
		}
		return s, nil
	}
	data, err := readFile(path, maxSnapshot)
	if err != nil {
		return Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	var s Snapshot
	switch {
	case len(data) > maxSnapshot:
		err = fmt.Errorf("it is over %d MiB, which no snapshot is", maxSnapshot>>20)
	case len(bytes.TrimSpace(data)) == 0:
		err = errors.New("it is empty, want a saved snapshot, or a directory of output of the AWS CLI")
	default:
		err = s.UnmarshalJSON(data)
	}
	if err != nil {
		return Snapshot{}, within(path, err)
	}
	return s, nil
}

// within names the snapshot in err, or in each of the errors that it joins.
func within(path string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("read snapshot %q: %w", path, err)
	}
	var errs []error
	for _, err := range joined.Unwrap() {
		errs = append(errs, within(path, err))
	}
	return errors.Join(errs...)
}

// ReadDump reads a directory of output of the AWS CLI, as [ReadSnapshot] does.
func ReadDump(fsys fs.FS) (Snapshot, error) {
	n, err := awscli.Read(fsys)
	zones, zonesErr := dnscli.Read(fsys)
	keys, keysErr := sshcli.Read(fsys)
	named, namedErr := iamcli.ReadResources(fsys)
	who, whoErr := iamcli.ReadIdentities(fsys)
	room, roomErr := roomcli.Read(fsys, n)
	caller, callerErr := callercli.Read(fsys)
	if err := errors.Join(err, zonesErr, keysErr, namedErr, whoErr, roomErr, callerErr); err != nil {
		return Snapshot{}, err
	}
	return Snapshot{
		Observation: n.Observation, Network: n.Parts, DNS: zones.Parts, SSH: keys.Parts, IAM: who.Parts, Resource: named.Parts,
		Capacity: room.Parts, Credentials: caller.CredentialParts,
	}, nil
}

// ReadAccount reads a directory that holds a spec, cluster.yaml, beside the output of
// the AWS CLI, such as one that is embedded in a program.
func ReadAccount(fsys fs.FS, dir string) (Spec, Snapshot, error) {
	name := path.Join(dir, "cluster.yaml")
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Spec{}, Snapshot{}, fmt.Errorf("read spec: %w", err)
	}
	spec, err := ParseSpec(name, text)
	if err != nil {
		return Spec{}, Snapshot{}, err
	}
	dump, err := fs.Sub(fsys, dir)
	if err != nil {
		return Spec{}, Snapshot{}, err
	}
	spec = spec.withFiles(func(name string) ([]byte, error) { return fs.ReadFile(dump, name) })
	s, err := ReadDump(dump)
	return spec, s, err
}

// WriteSnapshot saves the snapshot at path for [ReadSnapshot], as indented JSON;
// see [WriteFile].
func WriteSnapshot(path string, s Snapshot) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write snapshot %q: %w", path, err)
	}
	return WriteFile(path, append(data, '\n'))
}
