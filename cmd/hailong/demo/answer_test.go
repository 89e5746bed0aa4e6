package demo

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// part is a store with some facilities of the demo.
func part(t *testing.T, from, to int) (surveys.Store, []site) {
	t.Helper()
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
	some := sites(list, old, rand.New(rand.NewPCG(1, 0)))[from:to]
	if err = instruments.Publish(ctx, st, "2026-11-23"); err == nil {
		err = store(ctx, st, list, some)
	}
	if err != nil {
		t.Fatal(err)
	}
	return st, some
}

// Some facilities, invented, counted and released side by side.
func TestAnswer(t *testing.T) {
	t.Parallel()
	const today surveys.Day = "2026-11-23"
	ctx := t.Context()
	st, some := part(t, 20, 32)
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

// asCitizens gives every response the id of one that a citizen sent: the judge leaves imported ones alone.
type asCitizens struct{ surveys.Store }

func (s asCitizens) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	batch = slices.Clone(batch)
	for i := range batch {
		batch[i].ID = surveys.NewSubmissionID()
		batch[i].Receipt = batch[i].ID.Receipt()
	}
	return s.Store.AddResponses(ctx, batch)
}

// Nine months of a hospital, of halls, clinics and schools: of answers that people gave fewer than one in a hundred
// may be set aside.
func TestJudgeOnTheDemo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long: it runs without -short")
	}
	const today surveys.Day = "2026-11-23"
	ctx := t.Context()
	db, some := part(t, 0, 9)
	st := asCitizens{db}
	calendar := analytics.Calendar{MonthStart: 1}
	forms, err := answer(ctx, st, some, calendar, today, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	instant := int64(0)
	if err = st.EachResponse(ctx, surveys.ResponseQuery{}, func(r surveys.Response) error {
		if r.Pace == surveys.Instant {
			instant++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	moved, err := analytics.NewJudge(st).Weigh(ctx, start(calendar, today), today)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("of %d answers %d would have been too fast when they came, and %d are set aside at night; weighed in %s", forms, instant, moved, time.Since(began))
	if forms < 20_000 || 100*(instant+int64(moved)) >= forms {
		t.Errorf("of %d answers %d would have been too fast and %d are set aside", forms, instant, moved)
	}
}
