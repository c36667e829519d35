package awscli

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/dump"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "sts-get-caller-identity.json"
	Command []string // what prints it, but for the region and the output format
	Action  string   // the IAM action that the command needs; AWS allows sts:GetCallerIdentity to everybody
	Part    string   // what it fills, by its name in the snapshot's JSON
}

const (
	fileRegion = "account-get-region-opt-status.json"
	fileCaller = "sts-get-caller-identity.json"
)

// Files returns the files that [Read] reads, in the order of their names.
func Files() []File {
	return []File{
		{fileRegion, strings.Fields("aws account get-region-opt-status --region-name REGION"), "account:GetRegionOptStatus", "regionStatus"},
		{fileCaller, strings.Fields("aws sts get-caller-identity"), "sts:GetCallerIdentity", "caller"},
	}
}

// Read reads the dump directory that is the root of fsys. The package
// documentation says what becomes of missing and of malformed files. With an error
// the snapshot is the zero one.
func Read(fsys fs.FS) (identity.CredentialSnapshot, error) {
	known := []string{fileRegion, fileCaller}
	dir, err := dump.OpenDir(fsys, known, func(name string) (bool, error) { return slices.Contains(known, name), nil })
	if err != nil {
		return identity.CredentialSnapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s identity.CredentialSnapshot
	files := Files()
	s.Regions = read(dir, files[0], func(v dump.Value) identity.RegionStatus {
		return identity.RegionStatus{Name: v.ID("RegionName"), Status: v.ID("RegionOptStatus")}
	})
	s.Caller = read(dir, files[1], func(v dump.Value) identity.Caller {
		return identity.Caller{Account: v.ID("Account"), ARN: v.ID("Arn"), UserID: v.ID("UserId")}
	})
	if err := dir.Err(); err != nil {
		return identity.CredentialSnapshot{}, err
	}
	if len(s.Caller.Items) > 0 {
		s.Account = s.Caller.Items[0].Account
	}
	return s, nil
}

// read returns the one item that a file holds.
func read[T any](dir *dump.Dir, f File, item func(dump.Value) T) groundway.Part[T] {
	root, ok := dir.Root(f.Name)
	if !ok {
		return groundway.UnseenPart[T](dump.NoFile(f.Action, f.Name))
	}
	return groundway.SeenPart(item(root))
}
