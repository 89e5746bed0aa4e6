package storetest_test

import (
	"context"
	"slices"

	"hailong/surveys"
)

// putting makes a build function of a PutDays.
func putting(
	put func(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error),
) func(surveys.Store) surveys.Store {
	return breaking(func(s surveys.Store, b *broken) {
		b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) { return put(ctx, s, counted) }
	})
}

func batchDefects() []defect {
	return slices.Concat(cutOffDefects(), []defect{
		{"PutDays/empty_batch", "refuses it", putting(func(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
			if len(counted) == 0 {
				return nil, surveys.ErrConflict
			}
			return s.PutDays(ctx, counted)
		})},
		{"PutDays/each_by_itself", "stores nothing when one is stale", putting(putAllOrNothing)},
		{"PutDays/each_by_itself", "stops at the first that is stale", putting(putUpToStale)},
		{"PutDays/each_by_itself", "says that all are stored", putting(sayAllStored)},
		{"PutDays/racing_batches", "says that all are stored", putting(sayAllStored)},
		{"PutDays/twice_in_one_batch", "keeps the last of two alike", putting(
			func(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
				back := slices.Clone(counted)
				slices.Reverse(back)
				stored, err := s.PutDays(ctx, back)
				slices.Reverse(stored)
				return stored, err
			})},
		{"PutDays/large_batch", "stores 256 at most", putting(
			func(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
				stored, err := s.PutDays(ctx, counted[:min(len(counted), 256)])
				return append(stored, slices.Repeat([]bool{true}, len(counted)-len(stored))...), err
			})},
	})
}

// putAllOrNothing takes a batch for one thing.
func putAllOrNothing(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
	for _, c := range counted {
		now, err := s.Day(ctx, c.Book.Facility, c.Book.Day)
		if unless(err, surveys.ErrNotFound) != nil {
			return nil, err
		}
		if now.Rev != c.Book.Rev {
			return make([]bool, len(counted)), nil
		}
	}
	return s.PutDays(ctx, counted)
}

func putUpToStale(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
	all := make([]bool, len(counted))
	for i, c := range counted {
		stored, err := s.PutDays(ctx, []surveys.CountedDay{c})
		if err != nil || !stored[0] {
			return all, err
		}
		all[i] = true
	}
	return all, nil
}

func sayAllStored(ctx context.Context, s surveys.Store, counted []surveys.CountedDay) ([]bool, error) {
	_, err := s.PutDays(ctx, counted)
	return slices.Repeat([]bool{true}, len(counted)), err
}

func cutOffDefects() []defect {
	// cutOff says what becomes of a batch whose context has ended.
	cutOff := func(end func(ctx context.Context, s surveys.Store, b *broken, counted []surveys.CountedDay)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
				if ctx.Err() == nil {
					return s.PutDays(ctx, counted)
				}
				end(context.WithoutCancel(ctx), s, b, counted)
				return nil, ctx.Err()
			}
		})
	}
	return []defect{
		{"PutDays/cancelled_midway", "stores the end of a batch that was cut off", cutOff(
			func(ctx context.Context, s surveys.Store, _ *broken, counted []surveys.CountedDay) {
				s.PutDays(ctx, counted[len(counted)/2:]) //nolint:errcheck // a broken store may
			})},
		{"PutDays/cancelled_midway", "clears all marks of a batch that was cut off", cutOff(
			func(_ context.Context, _ surveys.Store, b *broken, counted []surveys.CountedDay) {
				for _, c := range counted {
					b.forget(c.Book.Facility, c.Book.Day)
				}
			})},
		{"PutDays/cancelled_midway", "stores half a book where it was cut off", cutOff(
			func(ctx context.Context, s surveys.Store, _ *broken, counted []surveys.CountedDay) {
				half := counted[0]
				half.Book.Body = half.Book.Body[:len(half.Book.Body)/2]
				s.PutDays(ctx, []surveys.CountedDay{half}) //nolint:errcheck // a broken store may
			})},
	}
}
