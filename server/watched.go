package server

import (
	"context"
	"errors"
	"time"

	"hailong/surveys"
)

// watchedStore tells the metrics what a store does: how long, and how it failed. It changes nothing of it.
type watchedStore struct {
	surveys.Store
	metrics *metrics
	clock   surveys.Clock
}

func (w *watchedStore) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	began := w.clock()
	added, err := w.Store.AddResponses(ctx, batch)
	w.done(opAddResponses, began, err)
	if err == nil {
		w.metrics.stored(added)
	}
	return added, err
}

func (w *watchedStore) Response(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	return watch(w, "response", func() (surveys.Response, error) { return w.Store.Response(ctx, id) })
}

func (w *watchedStore) ResponsesByReceipt(ctx context.Context, r surveys.Receipt) ([]surveys.Response, error) {
	return watch(w, "responses_by_receipt", func() ([]surveys.Response, error) { return w.Store.ResponsesByReceipt(ctx, r) })
}

func (w *watchedStore) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	return w.act("move", func() error { return w.Store.Move(ctx, id, from, to, reason) })
}

func (w *watchedStore) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	return each(w, "each_response", f, func(f func(surveys.Response) error) error { return w.Store.EachResponse(ctx, q, f) })
}

func (w *watchedStore) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	return watch(w, "dirty_days", func() ([]surveys.DirtyDay, error) { return w.Store.DirtyDays(ctx, q) })
}

func (w *watchedStore) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	return w.act("mark_dirty", func() error { return w.Store.MarkDirty(ctx, facility, day) })
}

func (w *watchedStore) MarkAllDirty(ctx context.Context) error {
	return w.act("mark_all_dirty", func() error { return w.Store.MarkAllDirty(ctx) })
}

func (w *watchedStore) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	return watch(w, "day", func() (surveys.DayBook, error) { return w.Store.Day(ctx, facility, day) })
}

func (w *watchedStore) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	return watch(w, "put_days", func() ([]bool, error) { return w.Store.PutDays(ctx, counted) })
}

func (w *watchedStore) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	return each(w, "each_day", f, func(f func(surveys.DayBook) error) error { return w.Store.EachDay(ctx, q, f) })
}

func (w *watchedStore) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return w.act("delete_responses", func() error { return w.Store.DeleteResponses(ctx, facility, days) })
}

func (w *watchedStore) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	return w.act("add_release", func() error { return w.Store.AddRelease(ctx, r) })
}

func (w *watchedStore) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	return each(w, "each_release", f, func(f func(surveys.ReleaseRecord) error) error { return w.Store.EachRelease(ctx, q, f) })
}

func (w *watchedStore) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	return watch(w, "record", func() (surveys.Record, error) { return w.Store.Record(ctx, kind, id) })
}

func (w *watchedStore) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	return watch(w, "put_record", func() (int64, error) { return w.Store.PutRecord(ctx, r) })
}

func (w *watchedStore) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	return w.act("delete_record", func() error { return w.Store.DeleteRecord(ctx, kind, id, rev) })
}

func (w *watchedStore) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	return watch(w, "records", func() ([]surveys.Record, error) { return w.Store.Records(ctx, q) })
}

func (w *watchedStore) Kinds(ctx context.Context) ([]string, error) {
	return watch(w, "kinds", func() ([]string, error) { return w.Store.Kinds(ctx) })
}

func (w *watchedStore) Ping(ctx context.Context) error {
	return w.act(opPing, func() error { return w.Store.Ping(ctx) })
}

func (w *watchedStore) act(operation string, f func() error) error {
	began := w.clock()
	err := f()
	w.done(operation, began, err)
	return err
}

func watch[T any](w *watchedStore, operation string, f func() (T, error)) (T, error) {
	began := w.clock()
	out, err := f()
	w.done(operation, began, err)
	return out, err
}

// each keeps apart what the store could not do and what its caller's f did not want.
func each[T any](w *watchedStore, operation string, f func(T) error, run func(func(T) error) error) error {
	began := w.clock()
	var own error
	err := run(func(v T) error {
		own = f(v)
		return own
	})
	failed := err
	if own != nil {
		failed = nil
	}
	w.done(operation, began, failed)
	return err
}

func (w *watchedStore) done(operation string, began time.Time, err error) {
	w.metrics.storeDone(operation, w.clock().Sub(began), err)
}

// errorClass names a failure of the store; "" is none: that a thing is not there is an answer.
func errorClass(err error) string {
	switch {
	case err == nil, errors.Is(err, surveys.ErrNotFound):
		return ""
	case errors.Is(err, surveys.ErrUnavailable):
		return "unavailable"
	case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrFrozen):
		return "conflict"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	default:
		return "other"
	}
}
