package storetest_test

import (
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
		{"DirtyDays/oldest_first", "gives the newest first", breaking(func(s surveys.Store, b *broken) {
			b.dirtyDays = func(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
				days, err := s.DirtyDays(ctx, q)
				slices.Reverse(days)
				return days, err
			}
		})},
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

// clearingAll clears marks that nobody saw.
func clearingAll(s surveys.Store, b *broken) {
	b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
		return s.PutDay(ctx, book, marksNow(ctx, s, seen))
	}
}

// puttingUnderAnyRev replaces a book whatever its revision.
func puttingUnderAnyRev(s surveys.Store, b *broken) {
	b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
		for {
			err := s.PutDay(ctx, book, seen)
			if !errors.Is(err, surveys.ErrConflict) {
				return err
			}
			now, _ := s.Day(ctx, book.Facility, book.Day) //nolint:errcheck // a broken store may
			book.Rev = now.Rev
		}
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

func putDayDefects() []defect {
	return slices.Concat(staleDefects(), []defect{
		{"Day/not_found", "gives an empty book", breaking(func(s surveys.Store, b *broken) {
			b.day = func(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
				book, err := s.Day(ctx, facility, day)
				return book, unless(err, surveys.ErrNotFound)
			}
		})},
		{"Day/all_fields", "forgets the seal", breaking(func(s surveys.Store, b *broken) {
			b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
				book.Sealed = false
				return s.PutDay(ctx, book, seen)
			}
		})},
		{"PutDay/revisions", "keeps the first body", breaking(func(s surveys.Store, b *broken) {
			b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
				if old, err := s.Day(ctx, book.Facility, book.Day); err == nil {
					book.Body = old.Body
				}
				return s.PutDay(ctx, book, seen)
			}
		})},
		{"PutDay/clears_marks_seen", "leaves the marks", breaking(func(s surveys.Store, b *broken) {
			b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
				seen.Marks = nil
				return s.PutDay(ctx, book, seen)
			}
		})},
		{"PutDay/later_mark_stays", "clears all marks", breaking(clearingAll)},
		{"PutDay/clears_only_marks_seen", "clears all marks", breaking(clearingAll)},
		{"PutDay/old_marks_clear_nothing_new", "counts its marks from one", breaking(countingMarks)},
		{"PutDay/cancelled", "stores under a cancelled context", breaking(func(s surveys.Store, b *broken) {
			b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
				return s.PutDay(context.WithoutCancel(ctx), book, seen)
			}
		})},
	})
}

func staleDefects() []defect {
	return []defect{
		{"PutDay/first_twice", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDay/without_predecessor", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDay/stale_changes_nothing", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDay/racing", "ignores the revision", breaking(puttingUnderAnyRev)},
		{"PutDay/stale_changes_nothing", "clears the marks though it is stale", breaking(func(s surveys.Store, b *broken) {
			b.putDay = func(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
				err := s.PutDay(ctx, book, seen)
				if errors.Is(err, surveys.ErrConflict) {
					b.forget(book.Facility, book.Day)
				}
				return err
			}
		})},
	}
}
