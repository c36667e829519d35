package iamdata_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/iamdata"
)

// pkg is a package of two services, with what the real one is odd in.
var pkg = map[string]string{
	"package.json":           `{"name": "example", "version": "1.2.3", "license": "MIT", "updatedAt": "2026-01-02T03:04:05Z", "files": []}`,
	"LICENSE.txt":            "MIT License\n\nCopyright (c) 2026 Example\n",
	"data/services.json":     `["queue", "a-b"]`,
	"data/serviceNames.json": `{"queue": "Example Queue", "a-b": "Example"}`,
	"data/actions/queue.json": `{
		"sendmessage": {"name": "SendMessage", "description": "Grants", "accessLevel": "Write", "dependentActions": [], "conditionKeys": ["queue:Size", "queue:Size"],
			"resourceTypes": [
				{"name": "Queue", "required": true, "conditionKeys": ["aws:TagKeys"], "dependentActions": []},
				{"name": "dead letters", "required": false, "conditionKeys": [], "dependentActions": []},
				{"name": "Queue", "required": false, "conditionKeys": ["aws:RequestTag/${TagKey}"], "dependentActions": []}
			]},
		"listqueues": {"name": "ListQueues", "accessLevel": "List", "conditionKeys": [], "resourceTypes": [], "dependentActions": []},
		"getqueue": {"name": "GetQueue", "accessLevel": "Read", "conditionKeys": [], "dependentActions": [],
			"resourceTypes": [{"name": "dead letters", "required": true, "conditionKeys": [], "dependentActions": []}]},
		"tagqueue": {"name": "TagQueue", "accessLevel": "Tagging, Write", "conditionKeys": ["aws:TagKeys", "aws:RequestTag/${TagKey}"], "dependentActions": [],
			"resourceTypes": [{"name": "Queue", "required": false, "conditionKeys": [], "dependentActions": []}]},
		"addpermission": {"name": "AddPermission", "accessLevel": "Permissions management, Write", "conditionKeys": [], "resourceTypes": [], "dependentActions": []},
		"approve-all": {"name": "approve-All", "accessLevel": "Write", "conditionKeys": [], "resourceTypes": [], "dependentActions": []}
	}`,
	"data/resourceTypes/queue.json": `{
		"queue": {"key": "Queue", "arn": "arn:${Partition}:queue:${Region}:${Account}:${QueueName}, arn:${Partition}:queue::${Account}:global/*", "conditionKeys": ["aws:TagKeys"]},
		"dead letters": {"key": "dead letters", "arn": "arn:${Partition}:queue:${Region}:${Account}:dead/${Name}-{Date-and-Time}"}
	}`,
	"data/conditionKeys/queue.json": `{
		"queue:size": {"key": "queue:Size", "description": "Filters", "type": "Numeric"},
		"queue:old/<key>": {"key": "queue:Old/<key>", "type": "String"},
		"queue:sender": {"key": "queue:Sender", "type": "ArrayOfARN"},
		"queue:when": {"key": "queue:When", "type": "Date"},
		"queue:from": {"key": "queue:From", "type": "IPAddress"},
		"queue:fifo": {"key": "queue:Fifo", "type": "Bool"},
		"aws:requesttag/${tagkey}": {"key": "aws:RequestTag/${TagKey}", "type": "String"},
		"aws:tagkeys": {"key": "aws:TagKeys", "type": "ArrayOfString"}
	}`,
	"data/actions/a-b.json":       `{"connect": {"name": "connect", "accessLevel": "Write", "conditionKeys": [], "resourceTypes": [], "dependentActions": []}}`,
	"data/resourceTypes/a-b.json": `{}`,
	"data/conditionKeys/a-b.json": `{}`,
}

// data is what it holds.
var data = iamdata.Data{
	Version: "1.2.3", Date: "2026-01-02", License: []byte("MIT License\n\nCopyright (c) 2026 Example\n"),
	Services: []iamdata.Service{
		{Prefix: "a-b", Name: "Example", Actions: []iamdata.Action{{Name: "connect", Level: iamdata.Write}}},
		{
			Prefix: "queue", Name: "Example Queue",
			Keys: []iamdata.Key{
				{Name: "aws:RequestTag/${TagKey}", Kind: iamdata.String},
				{Name: "aws:TagKeys", Kind: iamdata.String, Many: true},
				{Name: "queue:Fifo", Kind: iamdata.Bool},
				{Name: "queue:From", Kind: iamdata.IPAddress},
				{Name: "queue:Old/${key}", Kind: iamdata.String},
				{Name: "queue:Sender", Kind: iamdata.ARN, Many: true},
				{Name: "queue:Size", Kind: iamdata.Numeric},
				{Name: "queue:When", Kind: iamdata.Date},
			},
			Types: []iamdata.Type{
				{
					Name: "Queue", Keys: []int{1},
					ARNs: []string{"arn:${Partition}:queue:${Region}:${Account}:${QueueName}", "arn:${Partition}:queue::${Account}:global/*"},
				},
				{Name: "dead letters", ARNs: []string{"arn:${Partition}:queue:${Region}:${Account}:dead/${Name}-${Date-and-Time}"}},
			},
			Actions: []iamdata.Action{
				{Name: "AddPermission", Level: iamdata.PermissionsManagement},
				{Name: "approve-All", Level: iamdata.Write},
				{Name: "GetQueue", Level: iamdata.Read, Rows: []iamdata.Row{{Type: 1, Required: true}}},
				{Name: "ListQueues", Level: iamdata.List},
				{Name: "SendMessage", Level: iamdata.Write, Keys: []int{6}, Rows: []iamdata.Row{{Type: 0, Required: true, Keys: []int{0, 1}}, {Type: 1}}},
				{Name: "TagQueue", Level: iamdata.Tagging, Keys: []int{0, 1}, Rows: []iamdata.Row{{Type: 0}}},
			},
		},
	},
}

// files returns the package with some files changed: each pair is a path and
// what its first occurrence of old is replaced by, with a | between old and new.
func files(changes ...string) fstest.MapFS {
	texts := maps.Clone(pkg)
	for i := 0; i < len(changes); i += 2 {
		before, after, _ := strings.Cut(changes[i+1], "|")
		texts[changes[i]] = strings.Replace(texts[changes[i]], before, after, 1)
	}
	fsys := fstest.MapFS{}
	for path, text := range texts {
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// pin returns the pin of a package.
func pin(t *testing.T, fsys fstest.MapFS) iamdata.Pin {
	t.Helper()
	digest, err := iamdata.Digest(fsys)
	require.NoError(t, err)
	return iamdata.Pin{Name: "example", Version: "1.2.3", License: "MIT", Digest: digest}
}

func TestReadPackage(t *testing.T) {
	got, err := iamdata.ReadPackage(files(), pin(t, files()))
	require.NoError(t, err)
	assert.Equal(t, data, got)
}

func TestReadPackageErrors(t *testing.T) {
	for _, test := range []struct{ path, change, want string }{
		{"package.json", `"example"|"other"`, `package.json: name is "other", want "example"`},
		{"package.json", `1.2.3|1.2.4`, `package.json: version is "1.2.4", want "1.2.3"`},
		{"package.json", `"MIT"|"GPL-2.0"`, `package.json: license is "GPL-2.0", want "MIT"`},
		{"package.json", `2026-01-02T|yesterdayT`, `package.json: updatedAt is "yesterdayT03:04:05Z", want it to begin with a date`},
		{"package.json", `{|[`, `package.json: invalid character ':' after array element`},
		{"LICENSE.txt", "MIT|Some", "LICENSE.txt: it is not the MIT License"},
		{"data/services.json", `"a-b"|"queue"`, `service "queue": it stands twice, is not in lower case, or has no name`},
		{"data/services.json", `"a-b"|"A-b"`, `service "A-b": it stands twice, is not in lower case, or has no name`},
		{"data/services.json", `"a-b"|"none"`, `service "none": it stands twice, is not in lower case, or has no name`},
		{"data/actions/queue.json", `"name": "GetQueue"|"name": "PutQueue"`, `service "queue": data/actions/queue.json: "getqueue" holds "PutQueue"`},
		{"data/actions/queue.json", `"Read"|"Admin"`, `service "queue": action "GetQueue": unknown access level "Admin"`},
		{"data/actions/queue.json", `"dependentActions": []|"dependentActions": ["iam:PassRole"]`, `service "queue": action "SendMessage": it has dependent actions, which the catalog does not offer yet`},
		{"data/actions/queue.json", `["aws:TagKeys"], "dependentActions": []|["aws:TagKeys"], "dependentActions": ["iam:PassRole"]`, `service "queue": action "SendMessage": it has dependent actions, which the catalog does not offer yet`},
		{"data/actions/queue.json", `{"name": "Queue"|{"name": "Topic"`, `service "queue": action "SendMessage": resource type "Topic" is not declared`},
		{"data/actions/queue.json", `"queue:Size"|"queue:Sise"`, `service "queue": action "SendMessage": condition key "queue:Sise" is not declared`},
		{"data/actions/queue.json", `["aws:TagKeys"]|["aws:Tags"]`, `service "queue": action "SendMessage": resource type "Queue": condition key "aws:Tags" is not declared`},
		{"data/actions/a-b.json", `"connect": {"name": "connect"|"con nect": {"name": "con nect"`, `service "a-b": action "con nect": its name has a character that is no letter, digit or hyphen`},
		{"data/resourceTypes/queue.json", `"arn:${Partition}:queue:${Region}:${Account}:dead|"dead`, `service "queue": resource type "dead letters": "dead/${Name}-{Date-and-Time}" is no template of an ARN`},
		{"data/resourceTypes/queue.json", `${QueueName}|${QueueName`, `service "queue": resource type "Queue": "arn:${Partition}:queue:${Region}:${Account}:${QueueName" is no template of an ARN`},
		{"data/resourceTypes/queue.json", `["aws:TagKeys"]|["aws:Tags"]`, `service "queue": resource type "Queue": condition key "aws:Tags" is not declared`},
		{"data/conditionKeys/queue.json", `"Numeric"|"Number"`, `service "queue": condition key "queue:Size": unknown type "Number"`},
		{"data/conditionKeys/queue.json", `"queue:old/<key>": {"key": "queue:Old/<key>"|"queue:old/<key": {"key": "queue:Old/<key"`, `service "queue": condition key "queue:Old/<key": its placeholders are not told apart`},
	} {
		t.Run(test.want, func(t *testing.T) {
			changed := files(test.path, test.change)
			_, err := iamdata.ReadPackage(changed, pin(t, changed))
			assert.EqualError(t, err, "read package example: "+test.want)
		})
	}

	missing := files()
	delete(missing, "LICENSE.txt")
	_, err := iamdata.ReadPackage(missing, iamdata.Pin{Name: "example", Version: "1.2.3", License: "MIT"})
	assert.EqualError(t, err, "read package example: open LICENSE.txt: file does not exist")
}

// TestDigest holds that no file that is read can change unseen.
func TestDigest(t *testing.T) {
	fixed := pin(t, files())
	assert.Len(t, fixed.Digest, 64)
	changed := files("data/actions/queue.json", "Grants|grants")
	_, err := iamdata.ReadPackage(changed, fixed)
	assert.EqualError(t, err, "read package example: its digest is "+pin(t, changed).Digest+", want "+fixed.Digest)

	for path := range pkg {
		changed := files()
		changed[path].Data = append(changed[path].Data, '\n')
		assert.NotEqual(t, fixed.Digest, pin(t, changed).Digest, path)
	}
	more := files()
	more["data/actions/zzz.json"] = &fstest.MapFile{Data: []byte("{}")}
	assert.NotEqual(t, fixed.Digest, pin(t, more).Digest)
}
