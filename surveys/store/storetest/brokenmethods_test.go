package storetest_test

import (
	"context"

	"hailong/surveys"
)

// The methods of broken: the one that was put otherwise, or that of the sound store.

func (b *broken) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	if b.dirtyDays != nil {
		return b.dirtyDays(ctx, q)
	}
	days, err := b.Store.DirtyDays(ctx, q)
	b.mu.Lock()
	defer b.mu.Unlock()
	var shown []surveys.DirtyDay
	for _, d := range days {
		if !b.hidden[pair{d.Facility, d.Day}] {
			shown = append(shown, d)
		}
	}
	return shown, err
}

func (b *broken) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	if b.addResponses != nil {
		return b.addResponses(ctx, batch)
	}
	return b.Store.AddResponses(ctx, batch)
}

func (b *broken) Response(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	if b.response != nil {
		return b.response(ctx, id)
	}
	return b.Store.Response(ctx, id)
}

func (b *broken) ResponsesByReceipt(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error) {
	if b.byReceipt != nil {
		return b.byReceipt(ctx, receipt)
	}
	return b.Store.ResponsesByReceipt(ctx, receipt)
}

func (b *broken) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	if b.move != nil {
		return b.move(ctx, id, from, to, reason)
	}
	return b.Store.Move(ctx, id, from, to, reason)
}

func (b *broken) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	if b.eachResponse != nil {
		return b.eachResponse(ctx, q, f)
	}
	return b.Store.EachResponse(ctx, q, f)
}

func (b *broken) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	if b.markDirty != nil {
		return b.markDirty(ctx, facility, day)
	}
	return b.Store.MarkDirty(ctx, facility, day)
}

func (b *broken) MarkAllDirty(ctx context.Context) error {
	if b.markAllDirty != nil {
		return b.markAllDirty(ctx)
	}
	return b.Store.MarkAllDirty(ctx)
}

func (b *broken) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	if b.day != nil {
		return b.day(ctx, facility, day)
	}
	return b.Store.Day(ctx, facility, day)
}

func (b *broken) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	if b.putDays != nil {
		return b.putDays(ctx, counted)
	}
	return b.Store.PutDays(ctx, counted)
}

func (b *broken) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	if b.eachDay != nil {
		return b.eachDay(ctx, q, f)
	}
	return b.Store.EachDay(ctx, q, f)
}

func (b *broken) AddRelease(ctx context.Context, r surveys.ReleaseRecord) error {
	if b.addRelease != nil {
		return b.addRelease(ctx, r)
	}
	return b.Store.AddRelease(ctx, r)
}

func (b *broken) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	if b.eachRelease != nil {
		return b.eachRelease(ctx, q, f)
	}
	return b.Store.EachRelease(ctx, q, f)
}

func (b *broken) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	if b.record != nil {
		return b.record(ctx, kind, id)
	}
	return b.Store.Record(ctx, kind, id)
}

func (b *broken) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	if b.putRecord != nil {
		return b.putRecord(ctx, r)
	}
	return b.Store.PutRecord(ctx, r)
}

func (b *broken) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	if b.deleteRecord != nil {
		return b.deleteRecord(ctx, kind, id, rev)
	}
	return b.Store.DeleteRecord(ctx, kind, id, rev)
}

func (b *broken) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	if b.records != nil {
		return b.records(ctx, q)
	}
	return b.Store.Records(ctx, q)
}

func (b *broken) Kinds(ctx context.Context) ([]string, error) {
	if b.kinds != nil {
		return b.kinds(ctx)
	}
	return b.Store.Kinds(ctx)
}

func (b *broken) Ping(ctx context.Context) error {
	if b.ping != nil {
		return b.ping(ctx)
	}
	return b.Store.Ping(ctx)
}

func (b *broken) Close() error {
	if b.closed != nil {
		return b.closed()
	}
	return b.Store.Close()
}
