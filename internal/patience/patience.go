// Package patience waits for what AWS shows a moment later than it took it.
package patience

import (
	"context"
	"time"
)

// Sleep waits, and returns the error of the context if that ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// longest is the longest pause between two attempts.
const longest = 8 * time.Second

// Retry calls try until it says that another time is of no use, or the patience is at
// its end, and returns its last error. The first pause is as given, each other twice
// the one before it, and the last as long as there is patience. Without patience
// there is one attempt. While it waits, the end of the context ends it.
func Retry(ctx context.Context, patience, first time.Duration, try func() (again bool, err error)) error {
	for pause := first; ; pause = min(2*pause, longest) {
		again, err := try()
		if !again || patience <= 0 {
			return err
		}
		pause = min(pause, patience)
		if err := Sleep(ctx, pause); err != nil {
			return err
		}
		patience -= pause
	}
}
