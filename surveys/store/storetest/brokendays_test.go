package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"hailong/surveys"
)

func dirtyDefects() []defect {
	query := func(change func(*surveys.DirtyQuery)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.dirtyDays = func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
				change(&q)
				return s.DirtyDays(ctx, q)
			}
		})
	}
	return []defect{
		{"DirtyDays/order", "gives the last first", breaking(func(s surveys.Store, b *broken) {
			b.dirtyDays = func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
				days, err := s.DirtyDays(ctx, q)
				slices.Reverse(days)
				return days, err
			}
		})},
		{"DirtyDays/order", "gives the oldest day first", breaking(oldestFirst)},
		{"DirtyDays/limit", "gives the oldest days first", breaking(oldestFirst)},
		{"DirtyDays/limit", "ignores the limit", query(func(q *surveys.DirtyQuery) { q.Limit = 0 })},
		{"DirtyDays/limit", "takes no limit for one", query(func(q *surveys.DirtyQuery) { q.Limit = max(q.Limit, 1) })},
		{"DirtyDays/facility", "ignores the facility", query(func(q *surveys.DirtyQuery) { q.Facility = "" })},
		{"MarkDirty/marks_one", "marks nothing", breaking(func(_ surveys.Store, b *broken) {
			b.markDirty = func(context.Context, surveys.FacilityID, surveys.Day) error { return nil }
		})},
		{"MarkAllDirty/responses_and_books", "marks only days with a book", breaking(func(s surveys.Store, b *broken) {
			b.markAllDirty = func(ctx context.Context) error {
				return s.EachDay(ctx, surveys.DayQuery{}, func(d surveys.DayBook) error { return s.MarkDirty(ctx, d.Facility, d.Day) })
			}
		})},
		{"MarkAllDirty/responses_and_books", "marks only days with a response", breaking(func(s surveys.Store, b *broken) {
			b.markAllDirty = func(ctx context.Context) error {
				return s.EachResponse(ctx, surveys.ResponseQuery{}, func(r surveys.Response) error { return s.MarkDirty(ctx, r.Facility, r.Day) })
			}
		})},
		{"MarkAllDirty/not_sealed", "marks sealed days too", breaking(func(s surveys.Store, b *broken) {
			b.markAllDirty = func(ctx context.Context) error {
				return errors.Join(s.MarkAllDirty(ctx), s.EachDay(ctx, surveys.DayQuery{}, func(d surveys.DayBook) error {
					return s.MarkDirty(ctx, d.Facility, d.Day)
				}))
			}
		})},
	}
}

// oldestFirst lists dirty days by day and then facility.
func oldestFirst(s surveys.Store, b *broken) {
	b.dirtyDays = func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
		days, err := s.DirtyDays(ctx, surveys.DirtyQuery{Facility: q.Facility})
		slices.SortStableFunc(days, func(a, b surveys.DirtyDay) int { return cmp.Compare(a.Day, b.Day) })
		if q.Limit > 0 && len(days) > q.Limit {
			days = days[:q.Limit]
		}
		return days, err
	}
}

// marksNow gives all present marks of a day, seen or not.
func marksNow(ctx context.Context, s surveys.Store, seen surveys.DirtyDay) surveys.DirtyDay {
	days, _ := s.DirtyDays(ctx, surveys.DirtyQuery{Facility: seen.Facility}) //nolint:errcheck // a broken store may
	for _, d := range days {
		if d.Day == seen.Day {
			return d
		}
	}
	return seen
}

// puttingOtherwise changes what is counted first.
func puttingOtherwise(change func(ctx context.Context, s surveys.Store, c *surveys.CountedDay)) func(surveys.Store, *broken) {
	return func(s surveys.Store, b *broken) {
		b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
			counted = slices.Clone(counted)
			for i := range counted {
				change(ctx, s, &counted[i])
			}
			return s.PutDays(ctx, counted)
		}
	}
}

// clearingAll clears marks that nobody saw.
func clearingAll(s surveys.Store, b *broken) {
	puttingOtherwise(func(ctx context.Context, s surveys.Store, c *surveys.CountedDay) {
		c.Seen = marksNow(ctx, s, c.Seen)
	})(s, b)
}

// puttingUnderAnyRev replaces a book whatever its revision.
func puttingUnderAnyRev(s surveys.Store, b *broken) {
	b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
		all := make([]bool, len(counted))
		for i, c := range counted {
			for !all[i] {
				stored, err := s.PutDays(ctx, []surveys.CountedDay{c})
				if err != nil {
					return nil, err
				}
				all[i] = stored[0]
				now, _ := s.Day(ctx, c.Book.Facility, c.Book.Day) //nolint:errcheck // a broken store may
				c.Book.Rev = now.Rev
			}
		}
		return all, nil
	}
}

// puttingUncancelled stores under a cancelled context.
func puttingUncancelled(s surveys.Store, b *broken) {
	b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
		return s.PutDays(context.WithoutCancel(ctx), counted)
	}
}

// countingMarks names a mark by how many there are, which starts anew when they are cleared.
func countingMarks(s surveys.Store, b *broken) {
	b.dirtyDays = func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
		days, err := s.DirtyDays(ctx, q)
		for i := range days {
			days[i].Marks = []string{"1"}
		}
		return days, err
	}
	clearingAll(s, b)
}

func putDaysDefects() []defect {
	return slices.Concat(staleDefects(), []defect{
		{"Day/not_found", "gives an empty book", breaking(func(s surveys.Store, b *broken) {
			b.day = func(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
				book, err := s.Day(ctx, facility, day)
				return book, unless(err, surveys.ErrNotFound)
			}
		})},
		{"Day/all_fields", "forgets the seal", breaking(puttingOtherwise(func(_ context.Context, _ surveys.Store, c *surveys.CountedDay) {
			c.Book.Sealed = false
		}))},
		{"PutDays/revisions", "keeps the first body", breaking(puttingOtherwise(keepBody))},
		{"PutDays/clears_marks_seen", "leaves the marks", breaking(puttingOtherwise(func(_ context.Context, _ surveys.Store, c *surveys.CountedDay) {
			c.Seen.Marks = nil
		}))},
		{"PutDays/later_mark_stays", "clears all marks", breaking(clearingAll)},
		{"PutDays/clears_only_marks_seen", "clears all marks", breaking(clearingAll)},
		{"PutDays/old_marks_clear_nothing_new", "counts its marks from one", breaking(countingMarks)},
		{"PutDays/cancelled", "stores under a cancelled context", breaking(puttingUncancelled)},
	})
}

func keepBody(ctx context.Context, s surveys.Store, c *surveys.CountedDay) {
	if old, err := s.Day(ctx, c.Book.Facility, c.Book.Day); err == nil {
		c.Book.Body = old.Body
	}
}

func staleDefects() []defect {
	return []defect{
		{"PutDays/first_twice", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDays/without_predecessor", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDays/stale_changes_nothing", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDays/racing", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDays/racing_batches", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDays/stale_changes_nothing", "clears the marks though it is stale", breaking(clearingStale)},
		{"PutDays/each_by_itself", "clears the marks though it is stale", breaking(clearingStale)},
	}
}

// clearingStale clears the marks of a day whatever became of its book.
func clearingStale(s surveys.Store, b *broken) {
	b.putDays = func(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
		stored, err := s.PutDays(ctx, counted)
		for i, yes := range stored {
			if !yes {
				b.forget(counted[i].Book.Facility, counted[i].Book.Day)
			}
		}
		return stored, err
	}
}
