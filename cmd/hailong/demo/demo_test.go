package demo_test

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/cmd/hailong/demo"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

const today surveys.Day = "2026-11-23"

// The demo holds about 150 facilities, two closed quarters and every verdict and state, and agrees with itself.
func TestMake(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the whole demo takes a minute, and several under the race detector: TestAnswer makes a part of it")
	}
	clock := func() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if closeErr := st.Close(); closeErr != nil {
			t.Error(closeErr)
		}
	}()
	if err = instruments.Publish(t.Context(), st, today); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	tell := func(s string) { t.Log(time.Since(began), s) }
	calendar := analytics.Calendar{MonthStart: 1}
	for range 2 { // the second time nothing is left to make
		if err = demo.Make(t.Context(), st, calendar, today, slog.New(slog.DiscardHandler), tell); err != nil {
			t.Fatal(err)
		}
	}
	report, err := analytics.Verify(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v %+v", time.Since(began), report)
	if len(report.Mismatches) > 0 {
		t.Errorf("the demo does not agree with itself: %v", report.Mismatches)
	}
	desk := analytics.NewDesk(st, analytics.NewLedger(st), surveys.NewDirectory(st), calendar, func() surveys.Day { return today })
	for quarter, want := range map[string][]string{
		"2026-04-01 2026-06-30": {"met", "not_met", "undecided", "no_target"},
		"2026-07-01 2026-09-30": {"met", "not_met", "undecided", "incomplete", "no_target", "none", "hidden", "full"},
		"2026-10-01 2026-12-31": {"open", "full", "none"},
	} {
		rows, err := desk.Rows(t.Context(), analytics.Query{
			Scope: analytics.Scope{Kind: analytics.AllScope}, From: surveys.Day(quarter[:10]), To: surveys.Day(quarter[11:]), Exact: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) < 140 || len(rows) > 160 {
			t.Errorf("%s: got %d facilities, want about 150", quarter, len(rows))
		}
		seen := map[string]int{}
		for _, r := range rows {
			seen[string(r.Summary.State)]++
			seen[string(r.Summary.Verdict)]++
		}
		for _, w := range want {
			if seen[w] == 0 {
				t.Errorf("%s: no facility is %s: %v", quarter, w, seen)
			}
		}
	}
}
