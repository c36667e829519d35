package patience_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway/internal/patience"
)

func TestRetry(t *testing.T) {
	t.Parallel()
	absent := errors.New("absent")
	rows := []struct {
		name     string
		patience time.Duration
		until    int // the attempt that works; 0 is none
		want     []time.Duration
		err      error
	}{
		{"at once", time.Minute, 1, []time.Duration{0}, nil},
		{"at the third", time.Minute, 3, []time.Duration{0, 1, 3}, nil},
		{"never", 30 * time.Second, 0, []time.Duration{0, 1, 3, 7, 15, 23, 30}, absent},
		{"without patience", 0, 0, []time.Duration{0}, absent},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var at []time.Duration
				err := patience.Retry(t.Context(), r.patience, time.Second, func() (bool, error) {
					at = append(at, time.Since(begin)/time.Second)
					if len(at) == r.until {
						return false, nil
					}
					return true, absent
				})
				assert.Equal(t, r.want, at)
				assert.Equal(t, r.err, err)
			})
		})
	}
}

func TestTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		err := patience.Retry(ctx, time.Hour, 2*time.Second, func() (bool, error) { return true, nil })
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 3*time.Second, time.Since(begin))
		assert.ErrorIs(t, patience.Sleep(ctx, 0), context.DeadlineExceeded)
		assert.NoError(t, patience.Sleep(t.Context(), -1))
	})
}
