package awsroute53

import (
	"context"
	"sync"
	"time"

	"github.com/groundway-sdk/groundway/internal/patience"
)

// A Rate is how many requests may be sent: Burst at once, and PerSecond from
// then on. The zero value is [DefaultRate].
//
// It is a budget of the account, which everybody who uses the account shares,
// and does not count the SDK's retries. Where others need some of it, or AWS has
// raised the quota, the caller says so.
type Rate struct {
	Burst     int
	PerSecond float64
}

// DefaultRate is the token bucket that AWS documents for the requests of an
// account: a burst of 50, refilled by 10 a second. Most sources still name the 5
// a second of before July 2026. See
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html.
var DefaultRate = Rate{Burst: 50, PerSecond: 10}

// createRate is the narrower bucket of route53:CreateHostedZone.
var createRate = Rate{Burst: 40, PerSecond: 2}

// A bucket hands out what a rate allows. It is safe for use by several
// goroutines.
type bucket struct {
	rate Rate

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

func newBucket(r Rate) *bucket {
	if r == (Rate{}) {
		r = DefaultRate
	}
	r.Burst = max(1, r.Burst)
	return &bucket{rate: r, tokens: float64(r.Burst), last: time.Now()}
}

// take waits until a request may be sent, or the context ends.
func (b *bucket) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return patience.Sleep(ctx, b.reserve(time.Now()))
}

// reserve takes a token, of the future if there is none, and returns how long it
// is until then.
func (b *bucket) reserve(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(float64(b.rate.Burst), b.tokens+now.Sub(b.last).Seconds()*b.rate.PerSecond)
	b.last = now
	b.tokens--
	if b.tokens >= 0 || b.rate.PerSecond <= 0 {
		return 0
	}
	return time.Duration(-b.tokens / b.rate.PerSecond * float64(time.Second))
}
