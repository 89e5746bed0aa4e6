package demo

import (
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// Some facilities, invented, counted and released side by side.
func TestAnswer(t *testing.T) {
	t.Parallel()
	const today surveys.Day = "2026-11-23"
	ctx := t.Context()
	st, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "demo.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if closeErr := st.Close(); closeErr != nil {
			t.Error(closeErr)
		}
	})
	list, old, err := units()
	if err != nil {
		t.Fatal(err)
	}
	some := sites(list, old, rand.New(rand.NewPCG(1, 0)))[20:32]
	if err = instruments.Publish(ctx, st, today); err != nil {
		t.Fatal(err)
	}
	if err = store(ctx, st, list, some); err != nil {
		t.Fatal(err)
	}
	calendar := analytics.Calendar{MonthStart: 1}
	forms, err := answer(ctx, st, some, calendar, today, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	releases, err := analytics.NewReleaser(st, analytics.NewRoller(st), calendar).Pass(ctx, today, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := analytics.Verify(ctx, st)
	if err != nil {
		t.Fatal(err)
	}
	if forms == 0 || report.Responses != int(forms) || report.Releases != releases || releases == 0 || len(report.Mismatches) > 0 {
		t.Errorf("%d forms invented, %d releases: got %+v", forms, releases, report)
	}
	t.Logf("%d forms, %d releases", forms, releases)
}
