package awssshkeys_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

var (
	held  = sshkeys.MustParsePublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN ops@example.com")
	other = func() sshkeys.PublicKey {
		k, err := sshkeys.Generate(sshkeys.GenerateOptions{})
		if err != nil {
			panic(err)
		}
		return k.Public()
	}()
)

func pair(name string, k sshkeys.PublicKey) sshkeys.KeyPair {
	return sshkeys.KeyPair{Name: name, ID: "key-0a1", Type: k.Type().String(), Fingerprint: k.ImportFingerprint(), PublicKey: k.String()}
}

func region(pairs ...sshkeys.KeyPair) *awsfake.Fake {
	return awsfake.New(ec2fake.KeyPairs(sshkeys.Parts{KeyPairs: groundway.SeenPart(pairs...)}))
}

func load(t *testing.T, fake *awsfake.Fake) sshkeys.Snapshot {
	t.Helper()
	s, err := awssshkeys.Load(t.Context(), ec2sdk.NewFromConfig(fake.Config()), awssshkeys.LoadOptions{
		Account: "111122223333", Region: "us-east-1", Time: time.Unix(0, 0),
	})
	require.NoError(t, err)
	return s
}

func TestLoad(t *testing.T) {
	t.Parallel()
	fake := region(pair("b", held), pair("a", other))
	var progress []int
	s, err := awssshkeys.Load(t.Context(), ec2sdk.NewFromConfig(fake.Config()), awssshkeys.LoadOptions{
		Account: "111122223333", Region: "us-east-1", Time: time.Unix(0, 0), Progress: func(done, total int) { progress = append(progress, done, total) },
	})
	require.NoError(t, err)
	assert.Equal(t, sshkeys.Snapshot{
		Observation: groundway.Observation{Account: "111122223333", Region: "us-east-1", Time: time.Unix(0, 0).UTC()},
		Parts:       sshkeys.Parts{KeyPairs: groundway.SeenPart(pair("b", held), pair("a", other))},
	}, s)
	assert.Equal(t, []int{1, 1}, progress)
	assert.Equal(t, awssshkeys.Actions(), fake.Actions())

	s = load(t, region())
	assert.True(t, s.KeyPairs.Complete(), "no key pairs is an answer")
	s, err = awssshkeys.Load(t.Context(), ec2sdk.NewFromConfig(fake.Config()), awssshkeys.LoadOptions{})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), s.Time, time.Minute)
}

func TestLoadGaps(t *testing.T) {
	t.Parallel()
	fake := region()
	fake.Script("*", awsfake.Deny())
	assert.Equal(t, groundway.UnseenPart[sshkeys.KeyPair](groundway.Gap{
		Action: "ec2:DescribeKeyPairs", Code: "UnauthorizedOperation", Message: "the caller is not authorized",
	}), load(t, fake).KeyPairs)

	fake = region()
	fake.Script("*", awsfake.Garbage(`<?xml version="1.0"?><DescribeKeyPairsResponse><keySet>`+
		`<item><keyPairId>key-1</keyPairId></item><item><keyName>a</keyName></item><item><keyName>a</keyName><keyType>rsa</keyType></item></keySet></DescribeKeyPairsResponse>`))
	s := load(t, fake)
	assert.Equal(t, groundway.Part[sshkeys.KeyPair]{
		Items: []sshkeys.KeyPair{{Name: "a", Type: "rsa"}}, Seen: true, Partial: true,
		Gaps: []groundway.Gap{{Action: "ec2:DescribeKeyPairs", Message: "1 of the items could not be read: no name"}},
	}, s.KeyPairs)
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	fake := region()
	fake.Script("*", awsfake.Fail(http.StatusForbidden, "ExpiredToken"))
	_, err := awssshkeys.Load(t.Context(), ec2sdk.NewFromConfig(fake.Config()), awssshkeys.LoadOptions{})
	assert.EqualError(t, err, "load key pairs: ec2:DescribeKeyPairs: the credentials do not work (ExpiredToken)")
	_, ok := errors.AsType[smithy.APIError](err)
	assert.True(t, ok)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = awssshkeys.Load(ctx, ec2sdk.NewFromConfig(fake.Config()), awssshkeys.LoadOptions{})
	assert.ErrorIs(t, err, context.Canceled)
}

func ensure(t *testing.T, fake *awsfake.Fake, name string, k sshkeys.PublicKey) (sshkeys.KeyPair, error) {
	t.Helper()
	return awssshkeys.EnsureImported(t.Context(), ec2sdk.NewFromConfig(fake.Config()), name, k, sshkeys.PlanOptions{
		Region: "us-east-1", Owner: "demo", Tags: map[string]string{"team": "a"},
	})
}

func count(fake *awsfake.Fake, action string) (n int) {
	for _, c := range fake.Calls() {
		if c.Action == action {
			n++
		}
	}
	return n
}

// The second call changes nothing, and returns what the first one did.
func TestEnsureImported(t *testing.T) {
	t.Parallel()
	fake := region(pair("another", other))
	first, err := ensure(t, fake, "ops", held)
	require.NoError(t, err)
	assert.Equal(t, sshkeys.KeyPair{
		Name: "ops", ID: "key-00000000000000002", Type: "ed25519", Fingerprint: held.ImportFingerprint(), PublicKey: held.String(),
	}, first)
	second, err := ensure(t, fake, "ops", held)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Equal(t, 1, count(fake, "ec2:ImportKeyPair"))
	assert.Equal(t, sshkeys.Match, load(t, fake).Compare("ops", held).Verdict)

	for _, c := range fake.Calls() {
		if c.Action == "ec2:ImportKeyPair" {
			assert.Equal(t, []string{"key-pair", "groundway:owner", "demo", "team", "a"}, []string{
				c.Params.Get("TagSpecification.1.ResourceType"),
				c.Params.Get("TagSpecification.1.Tag.1.Key"), c.Params.Get("TagSpecification.1.Tag.1.Value"),
				c.Params.Get("TagSpecification.1.Tag.2.Key"), c.Params.Get("TagSpecification.1.Tag.2.Value"),
			})
		}
	}
}

// A name that another key has is a finding, and never overwritten.
func TestEnsureImportedMismatch(t *testing.T) {
	t.Parallel()
	fake := region(pair("ops", other))
	_, err := ensure(t, fake, "ops", held)
	assert.ErrorIs(t, err, awssshkeys.ErrBlocked)
	assert.EqualError(t, err, `import key pair "ops": the plan cannot be applied: sshkeys/pair-mismatch (failed): The key pair "ops" is not the key that you hold: `+
		`its public key is `+other.Fingerprint()+`, and yours is `+held.Fingerprint()+`.`)
	assert.Zero(t, count(fake, "ec2:ImportKeyPair"))
	assert.Equal(t, pair("ops", other), load(t, fake).KeyPairs.Items[0])
}

func TestEnsureImportedErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, action string
		fault        awsfake.Fault
		want         string
	}{
		{"reading denied", "ec2:DescribeKeyPairs", awsfake.Deny(), `sshkeys/pair-not-found (unknown): It could not be seen whether the key pair exists: ec2:DescribeKeyPairs (UnauthorizedOperation: the caller is not authorized)`},
		{"importing denied", "ec2:ImportKeyPair", awsfake.Deny(), `import key pair "ops": ec2:ImportKeyPair: the caller is not authorized (UnauthorizedOperation)`},
		{"too many", "ec2:ImportKeyPair", awsfake.Fail(http.StatusBadRequest, "ResourceLimitExceeded"), `import key pair "ops": ec2:ImportKeyPair: AWS refused the call (ResourceLimitExceeded)`},
		{"an empty answer", "ec2:ImportKeyPair", awsfake.Garbage(""), `import key pair "ops": ec2:ImportKeyPair: the answer could not be read`},
		{"taken, and not shown", "ec2:ImportKeyPair", awsfake.Fail(http.StatusBadRequest, "InvalidKeyPair.Duplicate"), `import key pair "ops": ec2:ImportKeyPair: EC2 says that the name is taken (InvalidKeyPair.Duplicate), and shows no key pair of it: try again`},
	} {
		fake := region()
		fake.Script(tt.action, tt.fault)
		_, err := ensure(t, fake, "ops", held)
		assert.ErrorContains(t, err, tt.want, tt.name)
	}
	fake := region()
	_, err := ensure(t, fake, "", held)
	assert.EqualError(t, err, "plan import of a key pair: no name is given")
}

func planned(t *testing.T, fake *awsfake.Fake) sshkeys.Plan {
	t.Helper()
	p, err := sshkeys.PlanImport(load(t, fake), "ops", held, sshkeys.PlanOptions{})
	require.NoError(t, err)
	return p
}

// Between the plan and its application somebody else was faster, with the same
// key or with another one, seen before the import or only by it.
func TestApplyAfterAChange(t *testing.T) {
	t.Parallel()
	for _, stale := range []bool{false, true} {
		for name, theirs := range map[string]sshkeys.PublicKey{"the same key": held, "another key": other} {
			fake := region()
			p := planned(t, fake)
			_, err := ensure(t, fake, "ops", theirs)
			require.NoError(t, err)
			before := count(fake, "ec2:ImportKeyPair")
			if stale {
				fake.Script("ec2:DescribeKeyPairs", awsfake.Stale().For(1))
			}
			got, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p)
			if name == "the same key" {
				require.NoError(t, err)
				assert.Equal(t, "ops", got.Name)
			} else {
				assert.ErrorIs(t, err, awssshkeys.ErrChanged)
				assert.EqualError(t, err, `import key pair "ops": the account changed since the plan: there is a key pair of the name, and its public key is "`+
					theirs.Fingerprint()+`", want "`+held.Fingerprint()+`"`)
				assert.Equal(t, sshkeys.KeyPair{}, got)
			}
			imports := count(fake, "ec2:ImportKeyPair") - before
			assert.Equal(t, stale, imports == 1, "%s, stale %v: %d imports", name, stale, imports)
			assert.Equal(t, sshkeys.Match, load(t, fake).Compare("ops", theirs).Verdict)
		}
	}
}

// The answer to the import is lost, and the SDK tries again: EC2 says that the
// name is taken, by this very key.
func TestApplyAfterALostAnswer(t *testing.T) {
	t.Parallel()
	fake := region()
	p := planned(t, fake)
	fake.Script("ec2:ImportKeyPair", awsfake.Drop().For(1))
	got, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p)
	require.NoError(t, err)
	assert.Equal(t, held.ImportFingerprint(), got.Fingerprint)
	assert.Equal(t, 2, count(fake, "ec2:ImportKeyPair"))
	assert.Len(t, load(t, fake).KeyPairs.Items, 1)
}

// A fingerprint that is not that of the key: the key itself decides.
func TestApplyComparesTheAnswer(t *testing.T) {
	t.Parallel()
	answer := func(fingerprint string) awsfake.Fault {
		return awsfake.Garbage(`<?xml version="1.0"?><ImportKeyPairResponse><keyName>ops</keyName><keyPairId>key-1</keyPairId><keyFingerprint>` +
			fingerprint + `</keyFingerprint></ImportKeyPairResponse>`)
	}
	fake := region()
	p := planned(t, fake)
	for _, shown := range []string{other.ImportFingerprint(), "aa:bb"} {
		fake = region()
		fake.Script("ec2:ImportKeyPair", answer(shown))
		_, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p)
		assert.EqualError(t, err, `import key pair "ops": ec2:ImportKeyPair: it was imported with the fingerprint "`+
			shown+`", want "`+held.ImportFingerprint()+`"`)
	}

	// The key pair is there, and only the answer shows something strange, as moto's does.
	fake = region(pair("ops", held))
	fake.Script("ec2:DescribeKeyPairs", awsfake.Stale().For(1))
	fake.Script("ec2:ImportKeyPair", answer("aa:bb"))
	got, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p)
	require.NoError(t, err)
	assert.Equal(t, held.String(), got.PublicKey)
}

func TestApplyRefusesStrangePlans(t *testing.T) {
	t.Parallel()
	for _, p := range []sshkeys.Plan{{}, {Name: "ops"}, {Name: "ops", Import: true}} {
		fake := region()
		_, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), p)
		assert.EqualError(t, err, fmt.Sprintf("import key pair %q: the plan cannot be applied: it is not one of sshkeys.PlanImport", p.Name))
		assert.Empty(t, fake.Calls())
	}
	// What is there already needs no call.
	there := pair("ops", held)
	fake := region()
	got, err := awssshkeys.Apply(t.Context(), ec2sdk.NewFromConfig(fake.Config()), sshkeys.Plan{Name: "ops", Key: held, Existing: &there})
	require.NoError(t, err)
	assert.Equal(t, there, got)
	assert.Empty(t, fake.Calls())
}

// The actions that are documented are those that are called; ec2:CreateTags is
// asked for by EC2 itself.
func TestActions(t *testing.T) {
	t.Parallel()
	fake := region()
	_, err := ensure(t, fake, "ops", held)
	require.NoError(t, err)
	assert.Equal(t, []string{"ec2:DescribeKeyPairs", "ec2:ImportKeyPair"}, fake.Actions())
	assert.Equal(t, []string{"ec2:CreateTags", "ec2:ImportKeyPair"}, awssshkeys.ApplyActions())
}
