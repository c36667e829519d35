package awscli_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awscli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const file = "ec2-describe-key-pairs.json"

func dump(text string) fstest.MapFS { return fstest.MapFS{file: {Data: []byte(text)}} }

// whole is what the AWS CLI prints, versions 1 and 2 alike, but for the key.
const whole = `{
    "KeyPairs": [
        {
            "KeyPairId": "key-0a1b2c3d4e5f60718",
            "KeyFingerprint": "gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk=",
            "KeyName": "ops",
            "KeyType": "ed25519",
            "Tags": [{"Key": "Name", "Value": "ops"}],
            "PublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops\n",
            "CreateTime": "2026-01-02T15:04:05.000Z"
        },
        {"KeyName": "old", "KeyFingerprint": "85:a6:f4:64:b7:8f:4a:75:f1:ed:f9:26:1b:67:5f:f2"}
    ]
}`

func TestRead(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(dump(whole))
	require.NoError(t, err)
	assert.Equal(t, sshkeys.Snapshot{Parts: sshkeys.Parts{KeyPairs: groundway.SeenPart(
		sshkeys.KeyPair{
			Name: "ops", ID: "key-0a1b2c3d4e5f60718", Type: "ed25519", Fingerprint: "gL/y6MvNmJ8jDXtsL/oMmK8jUuIefN39BBuvYw/Rndk=",
			PublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops",
		},
		sshkeys.KeyPair{Name: "old", Fingerprint: "85:a6:f4:64:b7:8f:4a:75:f1:ed:f9:26:1b:67:5f:f2"},
	)}}, s)
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	s, err := awscli.Read(dump(`{"KeyPairs": []}`))
	require.NoError(t, err)
	assert.True(t, s.KeyPairs.Complete())

	s, err = awscli.Read(fstest.MapFS{"ec2-describe-vpcs.json": {Data: []byte("{}")}, "notes.txt": {}})
	require.NoError(t, err)
	assert.Equal(t, groundway.UnseenPart[sshkeys.KeyPair](groundway.Gap{
		Action: "ec2:DescribeKeyPairs", Message: "no file ec2-describe-key-pairs.json",
	}), s.KeyPairs)

	s, err = awscli.Read(dump(`{"KeyPairs": [{"KeyName": "ops"}], "NextToken": "eyJ"}`))
	require.NoError(t, err)
	assert.True(t, s.KeyPairs.Partial)
	assert.Equal(t, []groundway.Gap{{
		Action: "ec2:DescribeKeyPairs", Message: "ec2-describe-key-pairs.json holds the first page only: it has a NextToken",
	}}, s.KeyPairs.Gaps)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		dir  fs.FS
		want string
	}{
		{"another command's output", dump(`{"Vpcs": []}`), file + ":1:1: KeyPairs is missing; want the output of aws ec2 describe-key-pairs --include-public-key"},
		{"no name", dump(`{"KeyPairs": [{}]}`), file + ":1:15: KeyPairs[0]: KeyName is missing"},
		{"a name twice", dump("{\"KeyPairs\": [{\"KeyName\": \"a\"},\n{\"KeyName\": \"a\"}]}"), file + `:2:1: KeyPairs[1]: "a" stands twice, first on line 1`},
		{"a number", dump(`{"KeyPairs": [{"KeyName": "a", "KeyType": 7}]}`), file + `:1:43: KeyPairs[0].KeyType: got 7, want a string`},
		{"no JSON", dump("An error occurred"), file + `:1:1: `},
		{
			"a slip of the pen",
			fstest.MapFS{"ec2-describe-key-pair.json": {Data: []byte(whole)}},
			"ec2-describe-key-pair.json: is not read under this name; rename it to ec2-describe-key-pairs.json, or move it out of the directory",
		},
		{"no directory", broken{}, "read dump: the disk is gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := awscli.Read(tt.dir)
			require.Error(t, err)
			if tt.name == "no JSON" {
				assert.ErrorContains(t, err, tt.want)
			} else {
				assert.EqualError(t, err, tt.want)
			}
			assert.Equal(t, sshkeys.Snapshot{}, s)
		})
	}
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is gone") }

func TestFiles(t *testing.T) {
	t.Parallel()
	for _, f := range awscli.Files() {
		assert.Equal(t, "aws", f.Command[0])
		assert.Equal(t, f.Command[1]+"-"+f.Command[2]+".json", f.Name)
		assert.Equal(t, "keyPairs", f.Part)
		assert.Equal(t, "ec2:DescribeKeyPairs", f.Action)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"KeyPairs": [{"KeyName": "a", "PublicKey": "ssh-rsa"}], "NextToken": "x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := awscli.Read(dump(string(data)))
		if err != nil {
			require.Equal(t, sshkeys.Snapshot{}, s)
			return
		}
		text, err := s.MarshalJSON()
		require.NoError(t, err)
		var back sshkeys.Snapshot
		require.NoError(t, back.UnmarshalJSON(text))
		sshkeys.Check(s, sshkeys.Options{KeyName: "ops"})
	})
}
