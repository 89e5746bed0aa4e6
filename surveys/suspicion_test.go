package surveys_test

import (
	"testing"
	"time"

	"hailong/surveys"
)

func TestPaceOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		took    time.Duration
		answers int
		want    surveys.Pace
	}{
		{-time.Second, 6, surveys.PaceUnknown},
		{0, 1, surveys.Instant},
		{4 * time.Second, 6, surveys.Instant},
		{4200 * time.Millisecond, 6, surveys.Quick},
		{8300 * time.Millisecond, 6, surveys.Quick},
		{8400 * time.Millisecond, 6, surveys.Steady},
		{40 * time.Second, 6, surveys.Steady},
		{56 * time.Second, 6, surveys.Slow},
		{14 * 24 * time.Hour, 30, surveys.Slow},
		{time.Second, 1, surveys.Instant},            // one tap
		{2500 * time.Millisecond, 1, surveys.Steady}, // and a thought before it
		{12 * time.Second, 30, surveys.Instant},      // a full form in the time of a short one
	}
	for _, tt := range tests {
		if got := surveys.PaceOf(tt.took, tt.answers); got != tt.want {
			t.Errorf("%d answers in %s: %q, want %q", tt.answers, tt.took, got, tt.want)
		}
	}
}
