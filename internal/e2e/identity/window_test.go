package identity_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
)

func portOf(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(text)
	require.NoError(t, err)
	return port
}

// signing returns the name of the key that dex signs with: the first of its set.
func (c *cluster) signing() (string, error) {
	data, err := c.get("/keys")
	if err != nil {
		return "", err
	}
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil || len(set.Keys) == 0 {
		return "", err
	}
	return set.Keys[0].ID, nil
}

// rotation waits for the next rotation, and returns when it was seen.
func (c *cluster) rotation() time.Time {
	c.t.Helper()
	before, err := c.signing()
	require.NoError(c.t, err)
	eventually(c.t, 80*time.Second, func() error {
		now, err := c.signing()
		if err != nil {
			return err
		}
		if now == before {
			return errSame
		}
		return nil
	})
	return time.Now()
}

var errSame = &statusError{0, "the key is the same"}

// A key that dex rotates right after an API server has fetched the keys is refused
// for as long as Simulate says, within tolerance. The ingress says that the keys are
// good for 60 s, in place of dex's 600, so that the test is short: the API server
// keeps them 30 s less. Dex looks for a key that is due every 30 s.
func TestKeyWindow(t *testing.T) {
	t.Parallel()
	const (
		maxAge    = 60 * time.Second
		tolerance = 2500 * time.Millisecond
	)
	c := newCluster(t)
	config := c.config
	config.Storage.Config = dex.MemoryStorage{}
	period, life := time.Second, 10*time.Minute
	config.Expiry.SigningKeys, config.Expiry.IDTokens = &period, &life
	one := c.runDex(config)
	c.balancer.lead(one)
	eventually(t, 10*time.Second, func() error { return want(c.balancer.count(), 1) })
	api := c.startServer(c.byFlags())
	c.balancer.maxAge.Store(int64(maxAge / time.Second))

	// The first token makes the API server fetch the keys, 20 s after one rotation and
	// so about 10 s before the next.
	last := c.rotation()
	time.Sleep(time.Until(last.Add(20 * time.Second)))
	old, err := c.login()
	require.NoError(t, err)
	eventually(t, 30*time.Second, func() error { _, err := api.whoAmI(old, nil); return err })
	fetched := time.Now()
	rotated := c.rotation()

	model := failure.NewModel(config, 1)
	model.KeysMaxAge = maxAge
	model.Dex.Expiry.SigningKeys = nil // dex rotates when it looks, each 30 s and more
	require.Equal(t, 30*time.Second, model.Window())
	result, err := failure.Simulate(model, failure.Outage{Kind: failure.KeyRotation, SinceFetch: rotated.Sub(fetched)})
	require.NoError(t, err)
	effect, ok := result.Of(failure.UseNewToken, "")
	require.True(t, ok)
	require.True(t, effect.Cut, "the rotation fell within the window")

	fresh, err := c.login()
	require.NoError(t, err)
	require.NotEqual(t, kid(t, old), kid(t, fresh))
	_, err = api.whoAmI(fresh, nil)
	assert.Equal(t, http.StatusUnauthorized, status(err), "a token of the new key is refused")
	eventually(t, 40*time.Second, func() error {
		_, err := api.whoAmI(old, nil)
		require.NoError(t, err, "a token of the old key goes on working")
		_, err = api.whoAmI(fresh, nil)
		return err
	})
	took := time.Since(rotated)
	t.Logf("refused for %s, and Simulate says %s", took, effect.For)
	assert.InDelta(t, effect.For.Seconds(), took.Seconds(), tolerance.Seconds())

	// Where the ingress says 30 s, there is no window: the first token of a new key is
	// taken at once.
	model.KeysMaxAge = 30 * time.Second
	assert.Zero(t, model.Window())
	c.balancer.maxAge.Store(30)
	other := c.startServer(c.byFlags())
	eventually(t, 30*time.Second, func() error { _, err := other.whoAmI(fresh, nil); return err })
	c.rotation()
	token, err := c.login()
	require.NoError(t, err)
	require.NotEqual(t, kid(t, fresh), kid(t, token))
	_, err = other.whoAmI(token, nil)
	assert.NoError(t, err)
}
