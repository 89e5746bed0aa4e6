package surveys_test

import (
	"testing"
	"time"

	"hailong/surveys"
)

func TestPaceOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		took            time.Duration
		answered, asked int
		want            surveys.Pace
	}{
		{-time.Second, 6, 6, surveys.PaceUnknown},
		{0, 1, 1, surveys.Instant},
		{4 * time.Second, 6, 6, surveys.Instant},
		{4200 * time.Millisecond, 6, 6, surveys.Quick},
		{8300 * time.Millisecond, 6, 6, surveys.Quick},
		{8400 * time.Millisecond, 6, 6, surveys.Steady},
		{40 * time.Second, 6, 6, surveys.Steady},
		{56 * time.Second, 6, 6, surveys.Slow},
		{14 * 24 * time.Hour, 30, 30, surveys.Slow},
		{time.Second, 1, 1, surveys.Instant},             // one tap
		{2500 * time.Millisecond, 1, 1, surveys.Steady},  // and a thought before it
		{2300 * time.Millisecond, 1, 6, surveys.Instant}, // the same where there is more to read
		{4700 * time.Millisecond, 1, 6, surveys.Quick},
		{4800 * time.Millisecond, 1, 6, surveys.Steady},
		{12 * time.Second, 30, 31, surveys.Instant}, // a full form in the time of a short one
	}
	for _, tt := range tests {
		if got := surveys.PaceOf(tt.took, tt.answered, tt.asked); got != tt.want {
			t.Errorf("%d of %d answers in %s: %q, want %q", tt.answered, tt.asked, tt.took, got, tt.want)
		}
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		e    surveys.Evidence
		want string
	}{
		{"as people send it", surveys.Evidence{Opened: true, Pace: surveys.Steady}, ""},
		{"a quick one, alone", surveys.Evidence{Opened: true, Pace: surveys.Quick}, ""},
		{"by a clock that differs", surveys.Evidence{Opened: true}, ""},
		{"a known program", surveys.Evidence{Known: true, Honeypot: true, Reused: true, Again: 9, Pace: surveys.Instant}, ""},
		{"nothing at all", surveys.Evidence{}, surveys.ReasonNoToken},
		{"a field nobody sees", surveys.Evidence{Opened: true, Honeypot: true, Pace: surveys.Slow}, surveys.ReasonHoneypot},
		{"a token a second time", surveys.Evidence{Opened: true, Reused: true, Pace: surveys.Slow}, surveys.ReasonReplayed},
		{"at once", surveys.Evidence{Opened: true, Pace: surveys.Instant}, surveys.ReasonTooFast},
		{"the fourth of a family", surveys.Evidence{Opened: true, Again: 3, Pace: surveys.Steady}, ""},
		{"the fifth from one phone", surveys.Evidence{Opened: true, Again: 4, Pace: surveys.Steady}, surveys.ReasonRepeat},
		{"a tablet on the counter, all day", surveys.Evidence{Opened: true, Shared: true, Again: 9, Pace: surveys.Instant}, ""},
		{"the tablet, without its page", surveys.Evidence{Shared: true, Pace: surveys.Slow}, surveys.ReasonNoToken},
	}
	for _, tt := range tests {
		if got := tt.e.Reason(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
