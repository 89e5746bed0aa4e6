package storetest_test

import (
	"context"
	"errors"

	"hailong/surveys"
)

func (b *broken) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	if b.deleteResponses != nil {
		return b.deleteResponses(ctx, facility, days)
	}
	return b.Store.DeleteResponses(ctx, facility, days)
}

func sealDefects() []defect {
	type deletes = func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error
	deleting := func(with func(s surveys.Store) deletes) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) { b.deleteResponses = with(s) })
	}
	return []defect{
		{"Day/all_fields", "forgets the digest of a seal", breaking(puttingOtherwise(func(_ context.Context, _ surveys.Store, c *surveys.CountedDay) {
			c.Book.Seal = ""
		}))},
		{"DeleteResponses/removes_for_good", "removes the first day only", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
				return s.DeleteResponses(ctx, facility, days[:min(1, len(days))])
			}
		})},
		{"DeleteResponses/removes_for_good", "makes the days dirty", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
				return errors.Join(s.DeleteResponses(ctx, facility, days), s.MarkDirty(ctx, facility, days[0]))
			}
		})},
		{"DeleteResponses/removes_for_good", "only withdraws", deleting(withdrawing)},
		{"DeleteResponses/leaves_the_others", "removes the days between and around", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
				for _, day := range days {
					days = append(days, day.Add(-1))
				}
				return s.DeleteResponses(ctx, facility, days)
			}
		})},
		{"DeleteResponses/leaves_the_others", "removes the day of every facility", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, _ surveys.FacilityID, days []surveys.Day) error {
				return errors.Join(s.DeleteResponses(ctx, "f_0hall", days), s.DeleteResponses(ctx, "f_1clinic", days))
			}
		})},
		{"DeleteResponses/only_sealed", "seals what it is to remove", deleting(sealing)},
		{"DeleteResponses/only_sealed", "says nothing of days that are not sealed", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
				return unless(s.DeleteResponses(ctx, facility, days), surveys.ErrConflict)
			}
		})},
		{"DeleteResponses/not_dirty", "counts for itself what it is to remove", deleting(counting)},
		{"DeleteResponses/again", "fails where nothing is left", deleting(func(s surveys.Store) deletes {
			return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
				left := surveys.ErrNotFound
				err := s.EachResponse(ctx, surveys.ResponseQuery{Facility: facility}, func(surveys.Response) error {
					left = nil
					return nil
				})
				return errors.Join(err, left, s.DeleteResponses(ctx, facility, days))
			}
		})},
	}
}

// withdrawing keeps the ids, as a store that takes deleting for withdrawing.
func withdrawing(s surveys.Store) func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return func(ctx context.Context, facility surveys.FacilityID, _ []surveys.Day) error {
		return s.EachResponse(ctx, surveys.ResponseQuery{Facility: facility}, func(r surveys.Response) error {
			return s.Move(ctx, r.ID, r.Standing, surveys.Withdrawn, "")
		})
	}
}

// sealing deletes days that are not sealed.
func sealing(s surveys.Store) func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
		for _, day := range days {
			book, err := s.Day(ctx, facility, day)
			if err != nil {
				return err
			}
			book.Sealed, book.Seal = true, book.Digest()
			seen := surveys.DirtyDay{Facility: facility, Day: day}
			if _, err = s.PutDays(ctx, []surveys.CountedDay{{Book: book, Seen: seen}}); err != nil {
				return err
			}
		}
		return s.DeleteResponses(ctx, facility, days)
	}
}

// counting deletes what is in no count, having cleared its marks.
func counting(s surveys.Store) func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	return func(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
		dirty, err := s.DirtyDays(ctx, surveys.DirtyQuery{Facility: facility})
		if err != nil {
			return err
		}
		for _, d := range dirty {
			book, err := s.Day(ctx, facility, d.Day)
			if err != nil {
				return err
			}
			if _, err = s.PutDays(ctx, []surveys.CountedDay{{Book: book, Seen: d}}); err != nil {
				return err
			}
		}
		return s.DeleteResponses(ctx, facility, days)
	}
}
