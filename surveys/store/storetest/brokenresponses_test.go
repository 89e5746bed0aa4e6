package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"hailong/surveys"
)

func addDefects() []defect {
	return slices.Concat(repeatDefects(), addMarkDefects(), []defect{
		{"AddResponses/cancelled", "stores under a cancelled context", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				return s.AddResponses(context.WithoutCancel(ctx), batch)
			}
		})},
		{"AddResponses/cancelled_midway", "stores a batch that was cut off without its marks", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				added, err := s.AddResponses(context.WithoutCancel(ctx), batch)
				if ctx.Err() == nil {
					return added, err
				}
				for _, r := range batch {
					b.forget(r.Facility, r.Day)
				}
				return nil, ctx.Err()
			}
		})},
		{"AddResponses/cancelled_midway", "takes those of a batch that was cut off for new again", resending(
			func(ctx context.Context, s surveys.Store, batch []surveys.Response) ([]bool, error) {
				_, err := s.AddResponses(ctx, batch)
				return slices.Repeat([]bool{true}, len(batch)), err
			})},
		{"AddResponses/cancelled_midway", "stores those of a batch that was cut off twice", resending(
			func(ctx context.Context, s surveys.Store, batch []surveys.Response) ([]bool, error) {
				twice := slices.Clone(batch)
				for i := range twice {
					twice[i].ID = surveys.NewSubmissionID()
				}
				_, err := s.AddResponses(ctx, twice)
				return make([]bool, len(batch)), err
			})},
		{"AddResponses/takes_a_copy", "keeps what the caller gave", breaking(func(s surveys.Store, b *broken) {
			kept := map[surveys.SubmissionID]surveys.Response{}
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				for _, r := range batch {
					kept[r.ID] = r
				}
				return s.AddResponses(ctx, batch)
			}
			b.response = func(_ context.Context, id surveys.SubmissionID) (surveys.Response, error) { return kept[id], nil }
		})},
	})
}

// resending stores a batch that was cut off, and when it comes again does what is said.
func resending(
	again func(ctx context.Context, s surveys.Store, batch []surveys.Response) ([]bool, error),
) func(surveys.Store) surveys.Store {
	return breaking(func(s surveys.Store, b *broken) {
		cut := map[surveys.SubmissionID]bool{}
		b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
			switch {
			case cut[batch[0].ID]:
				return again(ctx, s, batch)
			case ctx.Err() == nil:
				return s.AddResponses(ctx, batch)
			}
			cut[batch[0].ID] = true
			s.AddResponses(context.WithoutCancel(ctx), batch) //nolint:errcheck // a broken store may
			return nil, ctx.Err()
		}
	})
}

func repeatDefects() []defect {
	return []defect{
		{"AddResponses/new_and_repeat", "takes every response for new", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				_, err := s.AddResponses(ctx, batch)
				return slices.Repeat([]bool{true}, len(batch)), err
			}
		})},
		{"AddResponses/twice_in_one_batch", "keeps the last of two alike", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				back := slices.Clone(batch)
				slices.Reverse(back)
				added, err := s.AddResponses(ctx, back)
				slices.Reverse(added)
				return added, err
			}
		})},
		{"AddResponses/keeps_first", "replaces a known response", breaking(func(s surveys.Store, b *broken) {
			last := map[surveys.SubmissionID]surveys.Response{}
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				for _, r := range batch {
					last[r.ID] = r
				}
				return s.AddResponses(ctx, batch)
			}
			b.response = func(_ context.Context, id surveys.SubmissionID) (surveys.Response, error) { return last[id], nil }
		})},
		{"AddResponses/empty_batch", "refuses an empty batch", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				if len(batch) == 0 {
					return nil, errors.New("nothing to add")
				}
				return s.AddResponses(ctx, batch)
			}
		})},
		{"AddResponses/large_batch", "drops what is over 500", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				_, err := s.AddResponses(ctx, batch[:min(500, len(batch))])
				return slices.Repeat([]bool{true}, len(batch)), err
			}
		})},
		{"AddResponses/racing_alike", "looks first and stores afterwards", breaking(func(s surveys.Store, b *broken) {
			var allLooked sync.WaitGroup
			allLooked.Add(6) // the racers of the check
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				isNew := make([]bool, len(batch))
				for i, r := range batch {
					_, err := s.Response(ctx, r.ID)
					isNew[i] = errors.Is(err, surveys.ErrNotFound)
				}
				allLooked.Done()
				allLooked.Wait()
				_, err := s.AddResponses(ctx, batch)
				return isNew, err
			}
		})},
	}
}

func addMarkDefects() []defect {
	return []defect{
		{"AddResponses/marks_dirty", "forgets the dirty mark", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				b.forget(batch[0].Facility, batch[0].Day)
				return s.AddResponses(ctx, batch)
			}
		})},
		{"AddResponses/marks_again_after_count", "marks only days never counted", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				if _, err := s.Day(ctx, batch[0].Facility, batch[0].Day); err == nil {
					b.forget(batch[0].Facility, batch[0].Day)
				}
				return s.AddResponses(ctx, batch)
			}
		})},
	}
}

func responseDefects() []defect {
	return slices.Concat(moveDefects(), []defect{
		{"Response/not_found", "gives an empty response for an unknown id", breaking(func(s surveys.Store, b *broken) {
			b.response = func(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
				r, err := s.Response(ctx, id)
				return r, unless(err, surveys.ErrNotFound)
			}
		})},
		{"Response/all_fields", "loses the hour", breaking(func(s surveys.Store, b *broken) {
			b.response = func(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
				r, err := s.Response(ctx, id)
				r.Hour = max(r.Hour, 0)
				return r, err
			}
		})},
		{"Response/all_fields", "cuts letters of four bytes", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				batch = slices.Clone(batch)
				for i := range batch {
					batch[i].Comment = string(slices.DeleteFunc([]rune(batch[i].Comment), func(r rune) bool { return r > 0xffff }))
				}
				return s.AddResponses(ctx, batch)
			}
		})},
		{"Response/bare", "knows no response without answers", breaking(func(s surveys.Store, b *broken) {
			b.response = func(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
				r, err := s.Response(ctx, id)
				if len(r.Answers) == 0 {
					return r, surveys.ErrNotFound
				}
				return r, err
			}
		})},
		{"ResponsesByReceipt/none", "gives an error for an unknown receipt", breaking(func(s surveys.Store, b *broken) {
			b.byReceipt = func(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error) {
				found, err := s.ResponsesByReceipt(ctx, receipt)
				if len(found) == 0 {
					return nil, surveys.ErrNotFound
				}
				return found, err
			}
		})},
	})
}

// unless swallows an error of a kind.
func unless(err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

// ignoringFrom moves whatever the standing is.
func ignoringFrom(s surveys.Store, b *broken) {
	b.move = func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
		if r, err := s.Response(ctx, id); err == nil {
			from = r.Standing
		}
		return s.Move(ctx, id, from, to, reason)
	}
}

func moveDefects() []defect {
	return []defect{
		{"Move/sets_aside_and_back", "loses the reason", breaking(func(s surveys.Store, b *broken) {
			b.move = func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, _ string) error {
				return s.Move(ctx, id, from, to, "")
			}
		})},
		{"Move/not_found", "is content with an unknown id", breaking(func(s surveys.Store, b *broken) {
			b.move = func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
				return unless(s.Move(ctx, id, from, to, reason), surveys.ErrNotFound)
			}
		})},
		{"Move/conflict", "ignores from", breaking(ignoringFrom)},
		{"Move/racing", "swallows the conflict", breaking(func(s surveys.Store, b *broken) {
			b.move = func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
				return unless(s.Move(ctx, id, from, to, reason), surveys.ErrConflict)
			}
		})},
		{"Move/empties_on_withdrawal", "keeps the comment", breaking(func(s surveys.Store, b *broken) {
			b.response = func(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
				r, err := s.Response(ctx, id)
				r.Comment = "nhanh"
				return r, err
			}
		})},
		{"Move/resend_after_withdrawal", "takes a withdrawn id for a free one", breaking(func(s surveys.Store, b *broken) {
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				r, err := s.Response(ctx, batch[0].ID)
				if err == nil && r.Standing == surveys.Withdrawn {
					return []bool{true}, s.Move(ctx, r.ID, surveys.Withdrawn, surveys.Counted, "")
				}
				return s.AddResponses(ctx, batch)
			}
		})},
		{"Move/marks_dirty", "forgets the dirty mark", breaking(func(s surveys.Store, b *broken) {
			b.move = func(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
				r, err := s.Response(ctx, id)
				b.forget(r.Facility, r.Day)
				return errors.Join(err, s.Move(ctx, id, from, to, reason))
			}
		})},
	}
}
