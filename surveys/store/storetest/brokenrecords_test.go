package storetest_test

import (
	"context"
	"errors"
	"maps"
	"slices"

	"hailong/surveys"
)

// keepingUnderAnyRev replaces a record whatever its revision.
func keepingUnderAnyRev(s surveys.Store, b *broken) {
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		for {
			rev, err := s.PutRecord(ctx, r)
			if !errors.Is(err, surveys.ErrConflict) {
				return rev, err
			}
			now, _ := s.Record(ctx, r.Kind, r.ID) //nolint:errcheck // a broken store may
			r.Rev = now.Rev
		}
	}
}

// losingUpdates says that a record is stored though another was faster.
func losingUpdates(s surveys.Store, b *broken) {
	b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
		_, err := s.PutRecord(ctx, r)
		return r.Rev + 1, unless(err, surveys.ErrConflict)
	}
}

func recordDefects() []defect {
	put := func(change func(*surveys.Record)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
				change(&r)
				return s.PutRecord(ctx, r)
			}
		})
	}
	return slices.Concat(deleteDefects(), []defect{
		{"Record/not_found", "gives an empty record", breaking(func(s surveys.Store, b *broken) {
			b.record = func(ctx context.Context, kind, id string) (surveys.Record, error) {
				r, err := s.Record(ctx, kind, id)
				return r, unless(err, surveys.ErrNotFound)
			}
		})},
		{"Record/all_fields", "loses the keys", put(func(r *surveys.Record) { r.Keys = nil })},
		{"Record/all_fields", "loses the body", put(func(r *surveys.Record) { r.Body = []byte("{}") })},
		{"PutRecord/revisions", "gives the old revision", breaking(func(s surveys.Store, b *broken) {
			b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
				_, err := s.PutRecord(ctx, r)
				return r.Rev, err
			}
		})},
		{"PutRecord/first_twice", "ignores the revision", breaking(keepingUnderAnyRev)},
		{"PutRecord/without_predecessor", "ignores the revision", breaking(keepingUnderAnyRev)},
		{"PutRecord/stale_changes_nothing", "ignores the revision", breaking(keepingUnderAnyRev)},
		{"PutRecord/racing", "ignores the revision", breaking(keepingUnderAnyRev)},
		{"PutRecord/racing_increments", "swallows the conflict", breaking(losingUpdates)},
		{"PutRecord/cancelled", "stores under a cancelled context", breaking(func(s surveys.Store, b *broken) {
			b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
				return s.PutRecord(context.WithoutCancel(ctx), r)
			}
		})},
	})
}

func deleteDefects() []defect {
	return []defect{
		{"DeleteRecord/removes", "removes nothing", breaking(func(_ surveys.Store, b *broken) {
			b.deleteRecord = func(context.Context, string, string, int64) error { return nil }
		})},
		{"DeleteRecord/not_found", "is content with an unknown id", breaking(func(s surveys.Store, b *broken) {
			b.deleteRecord = func(ctx context.Context, kind, id string, rev int64) error {
				return unless(s.DeleteRecord(ctx, kind, id, rev), surveys.ErrNotFound)
			}
		})},
		{"DeleteRecord/conflict", "ignores the revision", breaking(func(s surveys.Store, b *broken) {
			b.deleteRecord = func(ctx context.Context, kind, id string, rev int64) error {
				if r, err := s.Record(ctx, kind, id); err == nil {
					rev = r.Rev
				}
				return s.DeleteRecord(ctx, kind, id, rev)
			}
		})},
	}
}

func recordListDefects() []defect {
	query := func(change func(*surveys.RecordQuery)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.records = func(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
				change(&q)
				return s.Records(ctx, q)
			}
		})
	}
	return slices.Concat(lifeDefects(), []defect{
		{"Records/order", "lists backwards", breaking(func(s surveys.Store, b *broken) {
			b.records = func(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
				all, err := s.Records(ctx, q)
				slices.Reverse(all)
				return all, err
			}
		})},
		{"Kinds/in_order", "lists backwards", breaking(func(s surveys.Store, b *broken) {
			b.kinds = func(ctx context.Context) ([]string, error) {
				all, err := s.Kinds(ctx)
				slices.Reverse(all)
				return all, err
			}
		})},
		{"Kinds/emptied", "remembers what is gone", breaking(func(_ surveys.Store, b *broken) {
			b.kinds = func(context.Context) ([]string, error) { return []string{"point", "unit"}, nil }
		})},
		{"Records/after_and_limit", "ignores After", query(func(q *surveys.RecordQuery) { q.After = "" })},
		{"Records/after_and_limit", "ignores the limit", query(func(q *surveys.RecordQuery) { q.Limit = 0 })},
		{"Records/by_key", "ignores the key", query(func(q *surveys.RecordQuery) { q.Index = "" })},
		{"Records/by_key_after_and_limit", "ignores After where there is a key", query(func(q *surveys.RecordQuery) {
			if q.Index != "" {
				q.After = ""
			}
		})},
		{"Records/key_change", "leaves the old keys", breaking(func(s surveys.Store, b *broken) {
			b.putRecord = func(ctx context.Context, r surveys.Record) (int64, error) {
				if old, err := s.Record(ctx, r.Kind, r.ID); err == nil {
					keys := maps.Clone(old.Keys)
					maps.Copy(keys, r.Keys)
					r.Keys = keys
				}
				return s.PutRecord(ctx, r)
			}
		})},
		{"Records/empty_key_is_not_indexed", "indexes an empty value", query(func(q *surveys.RecordQuery) {
			if q.Value == "" {
				q.Index = ""
			}
		})},
		{"Records/kinds_are_apart", "lists every kind", breaking(func(s surveys.Store, b *broken) {
			b.records = func(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
				var all []surveys.Record
				for _, kind := range []string{"unit", "point"} {
					q.Kind = kind
					some, err := s.Records(ctx, q)
					if err != nil {
						return nil, err
					}
					all = append(all, some...)
				}
				return all, nil
			}
		})},
	})
}

func lifeDefects() []defect {
	return []defect{
		{"Ping/answers", "never answers", breaking(func(_ surveys.Store, b *broken) {
			b.ping = func(context.Context) error { return surveys.ErrUnavailable }
		})},
		{"Ping/cancelled", "answers without looking", breaking(func(_ surveys.Store, b *broken) {
			b.ping = func(context.Context) error { return nil }
		})},
		{"Close/then_unavailable", "stays open", breaking(func(_ surveys.Store, b *broken) { b.closed = func() error { return nil } })},
		{"Close/then_unavailable", "gives an error when closed twice", breaking(func(s surveys.Store, b *broken) {
			b.closed = func() error {
				if err := s.Ping(context.Background()); err != nil {
					return err
				}
				return s.Close()
			}
		})},
	}
}

func sharedDefects() []defect {
	return []defect{
		{"Shared/racing_adds", "knows only the ids that it stored itself", breaking(func(s surveys.Store, b *broken) {
			known := map[surveys.SubmissionID]bool{}
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				_, err := s.AddResponses(ctx, batch)
				added := make([]bool, len(batch))
				for i, r := range batch {
					added[i] = !known[r.ID]
					known[r.ID] = true
				}
				return added, err
			}
		})},
		{"Shared/racing_counts", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"Shared/racing_records", "swallows the conflict", breaking(losingUpdates)},
		{"Shared/later_mark_of_another_stays", "clears all marks", breaking(clearingAll)},
		{"Shared/all_is_there_after_reopening", "keeps releases in memory", breaking(func(_ surveys.Store, b *broken) {
			var kept []surveys.ReleaseRecord
			b.addRelease = func(_ context.Context, r surveys.ReleaseRecord) error { kept = append(kept, r); return nil }
			b.eachRelease = func(_ context.Context, _ surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
				for _, r := range kept {
					if err := f(r); err != nil {
						return err
					}
				}
				return nil
			}
		})},
		{"Shared/all_is_there_after_reopening", "writes after it was asked to close", breaking(func(s surveys.Store, b *broken) {
			b.putRecord = func(_ context.Context, r surveys.Record) (int64, error) { return r.Rev + 1, nil }
			b.closed = s.Close
		})},
	}
}
