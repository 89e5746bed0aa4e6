package storetest_test

import (
	"context"
	"sync"

	"hailong/surveys"
)

// freezer keeps in memory, outside the store, which records are frozen.
type freezer struct {
	mu     sync.Mutex
	frozen map[string]bool
}

func (f *freezer) holds(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.frozen[id]
}

func (f *freezer) freeze(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frozen[id] = true
}

// thawing stores what is to be frozen like anything else.
func thawing(s surveys.Store, b *broken) {
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		r.Frozen = false
		return s.PutRecord(ctx, r)
	}
}

// freezingInMemory knows only what this handle froze.
func freezingInMemory(s surveys.Store, b *broken) {
	f := &freezer{frozen: map[string]bool{}}
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		if r.Rev > 0 && f.holds(r.ID) {
			return 0, surveys.ErrFrozen
		}
		freeze := r.Frozen
		r.Frozen = false
		rev, err := s.PutRecord(ctx, r)
		if err == nil && freeze {
			f.freeze(r.ID)
		}
		return rev, err
	}
	b.deleteRecord = func(ctx context.Context, kind, id string, rev int64) error {
		if f.holds(id) {
			return surveys.ErrFrozen
		}
		return s.DeleteRecord(ctx, kind, id, rev)
	}
	b.record = func(ctx context.Context, kind, id string) (surveys.Record, error) {
		r, err := s.Record(ctx, kind, id)
		r.Frozen = f.holds(id)
		return r, err
	}
}

// freezingFirstOnly freezes a record that is new, and none that was there.
func freezingFirstOnly(s surveys.Store, b *broken) {
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		r.Frozen = r.Frozen && r.Rev == 0
		return s.PutRecord(ctx, r)
	}
}

// conflicting gives ErrConflict for what is frozen, which asks the caller to try again.
func conflicting(s surveys.Store, b *broken) {
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		rev, err := s.PutRecord(ctx, r)
		if unless(err, surveys.ErrFrozen) == nil && err != nil {
			err = surveys.ErrConflict
		}
		return rev, err
	}
}

// deletingFrozen hides a frozen record that it was asked to delete.
func deletingFrozen(s surveys.Store, b *broken) {
	f := &freezer{frozen: map[string]bool{}}
	b.deleteRecord = func(ctx context.Context, kind, id string, rev int64) error {
		err := s.DeleteRecord(ctx, kind, id, rev)
		if unless(err, surveys.ErrFrozen) == nil && err != nil {
			f.freeze(id)
			return nil //nolint:nilerr // the defect
		}
		return err
	}
	b.record = func(ctx context.Context, kind, id string) (surveys.Record, error) {
		if f.holds(id) {
			return surveys.Record{}, surveys.ErrNotFound
		}
		return s.Record(ctx, kind, id)
	}
}

// freezingAll freezes every record of a kind with the first of them.
func freezingAll(s surveys.Store, b *broken) {
	f := &freezer{frozen: map[string]bool{}}
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		if r.Rev > 0 && f.holds(r.Kind) {
			return 0, surveys.ErrFrozen
		}
		if r.Frozen {
			f.freeze(r.Kind)
		}
		return s.PutRecord(ctx, r)
	}
}

func frozenDefects() []defect {
	return []defect{
		{"Record/all_fields", "forgets that it is frozen", breaking(thawing)},
		{"PutRecord/frozen_stays", "forgets that it is frozen", breaking(thawing)},
		{"PutRecord/frozen_stays", "gives a conflict for what is frozen", breaking(conflicting)},
		{"PutRecord/frozen_stays", "freezes the whole kind", breaking(freezingAll)},
		{"PutRecord/freezes_later", "freezes only what is new", breaking(freezingFirstOnly)},
		{"PutRecord/racing_freeze", "forgets that it is frozen", breaking(thawing)},
		{"DeleteRecord/frozen_stays", "deletes what is frozen", breaking(deletingFrozen)},
		{"DeleteRecord/frozen_stays", "forgets that it is frozen", breaking(thawing)},
		{"Shared/frozen_for_all", "keeps in memory what is frozen", breaking(freezingInMemory)},
	}
}
