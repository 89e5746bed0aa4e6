package demo_test

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/cmd/hailong/demo"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

func TestMake(t *testing.T) {
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
	if err = instruments.Publish(t.Context(), st, "2026-11-23"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	tell := func(s string) { t.Log(time.Since(began), s) }
	err = demo.Make(t.Context(), st, analytics.Calendar{MonthStart: 1}, "2026-11-23", slog.New(slog.DiscardHandler), tell)
	if err != nil {
		t.Fatal(err)
	}
	report, err := analytics.Verify(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v %+v", time.Since(began), report)
	if len(report.Mismatches) > 0 {
		t.Error("mismatch")
	}
}
