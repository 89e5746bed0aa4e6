package surveys_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

var errKilled = errors.New("killed")

// dying is a store under a program that is killed before one of its writes, and does no more.
type dying struct {
	surveys.Store
	writes int // left until then, -1: never
}

func (d *dying) write() error {
	if d.writes == 0 {
		return errKilled
	}
	d.writes--
	return nil
}

func (d *dying) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	if err := d.write(); err != nil {
		return 0, err
	}
	return d.Store.PutRecord(ctx, r)
}

func (d *dying) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	if err := d.write(); err != nil {
		return nil, err
	}
	return d.Store.AddResponses(ctx, batch)
}

func (d *dying) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	if err := d.write(); err != nil {
		return err
	}
	return d.Store.Move(ctx, id, from, to, reason)
}

// office is a desk on a store of its own, with one batch.
type office struct {
	t     *testing.T
	store *dying
	*surveys.EntryDesk
	number surveys.BatchNumber
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), func() time.Time { return time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC) })
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, instruments.Publish(t.Context(), db, "2026-01-01"))
	_, err = surveys.Install(t.Context(), db, surveys.Installation{MonthStart: 1, FormKey: make([]byte, 32)})
	must(t, err)
	_, err = surveys.Facilities().Put(t.Context(), db, surveys.Facility{ID: "f", Sector: "policy", Kind: "office", Instrument: "pulse", From: "2026-01-01"}, 0)
	must(t, err)
	_, err = surveys.Points().Put(t.Context(), db, surveys.Point{ID: "p", Token: "00000001", Facility: "f", Kind: "office"}, 0)
	must(t, err)
	o := &office{t: t, store: &dying{Store: db, writes: -1}}
	ingest := surveys.NewIngest(o.store, slog.New(slog.DiscardHandler))
	t.Cleanup(ingest.Close)
	o.EntryDesk = surveys.NewEntryDesk(o.store, ingest, func() surveys.Day { return "2026-03-10" },
		func(context.Context, surveys.Response) (bool, error) { return false, nil })
	b, err := surveys.IssueBatch(t.Context(), db, surveys.PaperBatch{Point: "p", Facility: "f", Instrument: "pulse", Version: 1, Form: surveys.ShortForm, Lang: "vi", Copies: 1, Printed: "2026-03-01"})
	must(t, err)
	o.number = b.Number
	must(t, o.Begin(t.Context(), b.Number, surveys.Paper, 2, "2026-03-05"))
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keyed is a form with one answer.
func (o *office) keyed(id surveys.SubmissionID, sheet, answer int) surveys.Keyed {
	k := surveys.Keyed{Batch: o.number, Sheet: sheet, Day: "2026-03-05", Seat: "s", By: "a"}
	k.ID, k.Answers = id, surveys.Answers{"P1": surveys.NumberAnswer(answer)}
	return k
}

// counted lists the answers of the forms that count.
func (o *office) counted() []int {
	o.t.Helper()
	var list []int
	must(o.t, o.store.EachResponse(o.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		if r.Standing == surveys.Counted {
			list = append(list, r.Answers["P1"].Number)
		}
		return nil
	}))
	return list
}

// finish types what is missing with this answer, and wants one form that counts, with it or what it says already.
func (o *office) finish(answer int) {
	o.t.Helper()
	o.store.writes = -1
	b, forms, err := o.Stored(o.t.Context(), o.number)
	must(o.t, err)
	for _, n := range surveys.Missing(forms) {
		_, err := o.Save(o.t.Context(), o.keyed(b.Sheets[n-1].ID, n, answer))
		must(o.t, err)
	}
}

// Killed before any of its writes, an act leaves a batch that shows what is missing, and the form counts once in the end.
func TestKilledAtTheDesk(t *testing.T) {
	t.Parallel()
	const mostWrites = 6
	for writes := range mostWrites {
		o := newOffice(t)
		id := surveys.NewSubmissionID()
		o.store.writes = writes
		_, saved := o.Save(t.Context(), o.keyed(id, 0, 4))
		o.store.writes = -1
		if _, err := o.Save(t.Context(), o.keyed(id, 0, 4)); err != nil { // the browser sends it again
			t.Fatal(err)
		}
		o.finish(4)
		if got := o.counted(); len(got) != 1 || got[0] != 4 {
			t.Errorf("saved and killed after %d writes (%v): %v count", writes, saved, got)
		}
		o.store.writes = writes
		_, undone := o.Undo(t.Context(), o.number, 1, "s")
		o.finish(2) // the clerk types what is missing
		want := 4
		if undone == nil || writes > 0 {
			want = 2
		}
		if got := o.counted(); len(got) != 1 || got[0] != want {
			t.Errorf("taken back and killed after %d writes (%v): %v count, want %d", writes, undone, got, want)
		}
		must(t, o.Finish(t.Context(), o.number, true))
		o.store.writes = writes
		second := o.keyed("", 1, 1)
		_, compared := o.Compare(t.Context(), second)
		if compared == nil {
			compared = o.Settle(t.Context(), second, []string{"P1"})
		}
		o.finish(1)
		o.store.writes = -1
		differ, err := o.Compare(t.Context(), second)
		must(t, err)
		if len(differ) > 0 {
			must(t, o.Settle(t.Context(), second, []string{"P1"}))
		}
		if got := o.counted(); len(got) != 1 || got[0] != 1 {
			t.Errorf("settled and killed after %d writes (%v): %v count", writes, compared, got)
		}
		must(t, o.Close(t.Context(), o.number))
		b, err := o.Find(t.Context(), o.number)
		must(t, err)
		if b.State != surveys.BatchClosed || b.Sheets != nil || b.Seed != "" || b.Check.Sheets != 1 || b.Check.Compared != 3 || b.Check.Differing != 1 {
			t.Errorf("closed after %d writes, the batch is %+v", writes, b.PaperBatch)
		}
	}
}

// The desk refuses what does not fit the state of a batch.
func TestDeskRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	wants := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	wants("finishing nothing", o.Finish(ctx, o.number, true), surveys.ErrBatchDone)
	_, err := o.Save(ctx, o.keyed(surveys.NewSubmissionID(), 3, 5))
	wants("typing a sheet that was not begun", err, surveys.ErrConflict)
	_, err = o.Save(ctx, o.keyed(surveys.NewSubmissionID(), 0, 5))
	must(t, err)
	wants("fewer than handed in", o.Finish(ctx, o.number, false), surveys.ErrHandedIn)
	wants("closing while typing", o.Close(ctx, o.number), surveys.ErrBatchDone)
	_, err = o.Undo(ctx, o.number, 1, "another seat")
	wants("taking back from another seat", err, surveys.ErrConflict)
	_, err = o.Compare(ctx, o.keyed("", 1, 5))
	wants("comparing while typing", err, surveys.ErrBatchDone)
	must(t, o.Finish(ctx, o.number, true))
	must(t, o.Reopen(ctx, o.number))
	must(t, o.Finish(ctx, o.number, true))
	_, err = o.Save(ctx, o.keyed(surveys.NewSubmissionID(), 0, 5))
	wants("typing after the end", err, surveys.ErrBatchDone)
	wants("closing unchecked", o.Close(ctx, o.number), surveys.ErrUnchecked)
}
