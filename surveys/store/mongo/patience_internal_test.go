package mongo

import (
	"context"
	"testing"
	"time"
)

// A batch of a restore has the time of several operations, but none more than the life of its marks; what the caller
// set stays.
func TestPatientlyGrowsWithTheBatch(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{1: opTimeout, 2000: 5 * opTimeout, 1_000_000: writerLife} {
		ctx, cancel := patiently(t.Context(), n)
		end, ok := ctx.Deadline()
		if left := time.Until(end); !ok || left > want || left < want-time.Second {
			t.Errorf("%d responses have %v, want %v", n, left, want)
		}
		cancel()
	}
	set, cancelSet := context.WithTimeout(t.Context(), time.Second)
	defer cancelSet()
	ctx, cancel := patiently(set, 2000)
	defer cancel()
	got, _ := ctx.Deadline()
	if want, _ := set.Deadline(); !got.Equal(want) {
		t.Errorf("got %v, want the caller's own %v", got, want)
	}
}
