package storetest_test

import (
	"context"
	"slices"
	"sync/atomic"

	"hailong/surveys"
)

// each is a listing method: EachResponse, EachDay or EachRelease.
type each[Q, T any] func(ctx context.Context, q Q, f func(T) error) error

// backwards gives the last first.
func backwards[Q, T any](list each[Q, T]) each[Q, T] {
	return func(ctx context.Context, q Q, f func(T) error) error {
		var all []T
		if err := list(ctx, q, func(one T) error { all = append(all, one); return nil }); err != nil {
			return err
		}
		for _, one := range slices.Backward(all) {
			if err := f(one); err != nil {
				return err
			}
		}
		return nil
	}
}

// deaf goes on after the callback's error and gives none.
func deaf[Q, T any](list each[Q, T]) each[Q, T] {
	return func(ctx context.Context, q Q, f func(T) error) error {
		return list(ctx, q, func(one T) error { _ = f(one); return nil }) //nolint:errcheck // the defect
	}
}

// hushed stops at the callback's error and gives none.
func hushed[Q, T any](list each[Q, T]) each[Q, T] {
	return func(ctx context.Context, q Q, f func(T) error) error {
		var failed error
		err := list(ctx, q, func(one T) error { failed = f(one); return failed })
		if failed != nil {
			return nil //nolint:nilerr // the defect
		}
		return err
	}
}

// short gives the first 500 only.
func short[Q, T any](list each[Q, T]) each[Q, T] {
	return func(ctx context.Context, q Q, f func(T) error) error {
		n := 0
		return list(ctx, q, func(one T) error {
			if n++; n > 500 {
				return nil
			}
			return f(one)
		})
	}
}

// asking changes the query first.
func asking[Q, T any](list each[Q, T], change func(*Q)) each[Q, T] {
	return func(ctx context.Context, q Q, f func(T) error) error {
		change(&q)
		return list(ctx, q, f)
	}
}

func listingDefects() []defect {
	with := func(change func(each[surveys.ResponseQuery, surveys.Response]) each[surveys.ResponseQuery, surveys.Response]) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) { b.eachResponse = change(s.EachResponse) })
	}
	query := func(change func(*surveys.ResponseQuery)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.eachResponse = asking[surveys.ResponseQuery, surveys.Response](s.EachResponse, change)
		})
	}
	return []defect{
		{"EachResponse/order", "lists backwards", with(backwards)},
		{"EachResponse/stops_at_first_error", "goes on after an error", with(deaf)},
		{"EachResponse/stops_at_first_error", "swallows the error", with(hushed)},
		{"EachResponse/many_pages", "lists 500 at most", with(short)},
		{"EachResponse/facility", "ignores the facility", query(func(q *surveys.ResponseQuery) { q.Facility = "" })},
		{"EachResponse/days_inclusive", "leaves the last day out", query(func(q *surveys.ResponseQuery) {
			if q.To != "" {
				q.To = q.To.Add(-1)
			}
		})},
		{"EachResponse/days_inclusive", "leaves the first day out", query(func(q *surveys.ResponseQuery) {
			if q.From != "" {
				q.From = q.From.Add(1)
			}
		})},
		{"EachResponse/open_ends", "takes no end for the first day", query(func(q *surveys.ResponseQuery) {
			if q.To == "" {
				q.To = q.From
			}
		})},
		{"EachResponse/callback_uses_the_store", "is locked while it lists", breaking(func(s surveys.Store, b *broken) {
			var listing atomic.Bool
			b.eachResponse = func(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
				listing.Store(true)
				defer listing.Store(false)
				return s.EachResponse(ctx, q, f)
			}
			b.addResponses = func(ctx context.Context, batch []surveys.Response) ([]bool, error) {
				if listing.Load() {
					return nil, surveys.ErrUnavailable
				}
				return s.AddResponses(ctx, batch)
			}
		})},
	}
}

func bookDefects() []defect {
	with := func(change func(each[surveys.DayQuery, surveys.DayBook]) each[surveys.DayQuery, surveys.DayBook]) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) { b.eachDay = change(s.EachDay) })
	}
	query := func(change func(*surveys.DayQuery)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.eachDay = asking[surveys.DayQuery, surveys.DayBook](s.EachDay, change)
		})
	}
	return []defect{
		{"EachDay/order", "lists backwards", with(backwards)},
		{"EachDay/stops_at_first_error", "goes on after an error", with(deaf)},
		{"EachDay/stops_at_first_error", "swallows the error", with(hushed)},
		{"EachDay/many_pages", "lists 500 at most", with(short)},
		{"EachDay/query", "ignores the facility", query(func(q *surveys.DayQuery) { q.Facility = "" })},
		{"EachDay/query", "ignores the last day", query(func(q *surveys.DayQuery) { q.To = "" })},
	}
}

func releaseDefects() []defect {
	with := func(change func(each[surveys.ReleaseQuery, surveys.ReleaseRecord]) each[surveys.ReleaseQuery, surveys.ReleaseRecord]) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) { b.eachRelease = change(s.EachRelease) })
	}
	query := func(change func(*surveys.ReleaseQuery)) func(surveys.Store) surveys.Store {
		return breaking(func(s surveys.Store, b *broken) {
			b.eachRelease = asking[surveys.ReleaseQuery, surveys.ReleaseRecord](s.EachRelease, change)
		})
	}
	swallowing := breaking(func(s surveys.Store, b *broken) {
		b.addRelease = func(ctx context.Context, r surveys.ReleaseRecord) error {
			return unless(s.AddRelease(ctx, r), surveys.ErrConflict)
		}
	})
	return []defect{
		{"AddRelease/taken_id", "swallows the conflict", swallowing},
		{"AddRelease/racing", "swallows the conflict", swallowing},
		{"AddRelease/taken_id", "stores the second beside the first", breaking(func(s surveys.Store, b *broken) {
			b.addRelease = func(ctx context.Context, r surveys.ReleaseRecord) error {
				err := s.AddRelease(ctx, r)
				if err != nil {
					r.ID += "'"
					s.AddRelease(ctx, r) //nolint:errcheck // a broken store may
				}
				return err
			}
		})},
		{"EachRelease/all_fields", "loses the format", breaking(func(s surveys.Store, b *broken) {
			b.addRelease = func(ctx context.Context, r surveys.ReleaseRecord) error {
				r.Format = 0
				return s.AddRelease(ctx, r)
			}
		})},
		{"EachRelease/order", "lists backwards", with(backwards)},
		{"EachRelease/stops_at_first_error", "goes on after an error", with(deaf)},
		{"EachRelease/stops_at_first_error", "swallows the error", with(hushed)},
		{"EachRelease/many_pages", "lists 500 at most", with(short)},
		{"EachRelease/node_wholly_inside", "gives nodes that only begin inside", breaking(func(s surveys.Store, b *broken) {
			b.eachRelease = func(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
				to := q.To
				q.To = ""
				return s.EachRelease(ctx, q, func(r surveys.ReleaseRecord) error {
					if !r.From.Within("", to) {
						return nil
					}
					return f(r)
				})
			}
		})},
		{"EachRelease/facility", "ignores the facility", query(func(q *surveys.ReleaseQuery) { q.Facility = "" })},
		{"EachRelease/released_from", "leaves the day itself out", query(func(q *surveys.ReleaseQuery) { q.ReleasedFrom = q.ReleasedFrom.Add(1) })},
		{"EachRelease/without_parts", "gives the parts nevertheless", query(func(q *surveys.ReleaseQuery) { q.WithoutParts = false })},
	}
}
