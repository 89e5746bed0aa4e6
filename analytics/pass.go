package analytics

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"hailong/surveys"
)

// Releaser runs the release pass: for every node of the calendar that has closed, the answers not yet
// released become a release of at least the minimum, or wait.
type Releaser struct {
	store    surveys.Store
	roller   *Roller
	judge    *Judge
	calendar Calendar
}

// NewReleaser makes a releaser on a store.
func NewReleaser(store surveys.Store, roller *Roller, calendar Calendar) *Releaser {
	return &Releaser{store: store, roller: roller, judge: NewJudge(store), calendar: calendar}
}

// passState remembers the last pass. Its revision tells every server that releases may have come.
type passState struct {
	Last surveys.Day `json:"last"`
}

func passes() surveys.Collection[passState] {
	return surveys.Collection[passState]{Kind: "stamp", ID: func(passState) string { return "pass" }}
}

func lastPass(ctx context.Context, s surveys.RecordStore) (surveys.Stored[passState], error) {
	at, err := passes().Find(ctx, s, "pass")
	if errors.Is(err, surveys.ErrNotFound) {
		return surveys.Stored[passState]{}, nil
	}
	return at, err
}

// LastPass is the day of the last release pass, "" if there was none.
func LastPass(ctx context.Context, s surveys.RecordStore) (surveys.Day, error) {
	state, err := lastPass(ctx, s)
	return state.Value.Last, err
}

// Pass counts what is dirty, sets aside what came in a rush (Judge), and then catches up on every closing since the last
// pass, in order, with what had arrived by then. It says how many releases it made. Run it again at any time: what is
// released is not released twice, and two passes at once collide harmlessly. A clock that went back makes it wait.
func (r *Releaser) Pass(ctx context.Context, today surveys.Day, progress func(done, of int)) (int, error) {
	if _, err := r.roller.Roll(ctx, "", nil); err != nil {
		return 0, err
	}
	state, err := lastPass(ctx, r.store)
	if err != nil {
		return 0, err
	}
	if state.Value.Last > today {
		return 0, nil
	}
	if err = r.weigh(ctx, state.Value.Last, today); err != nil {
		return 0, err
	}
	facilities, err := surveys.Facilities().All(ctx, r.store)
	if err != nil {
		return 0, fmt.Errorf("release pass: %w", err)
	}
	made, err := r.passAll(ctx, facilities, state.Value.Last, today, progress)
	if err != nil {
		return made, err
	}
	if err = r.takeHabits(ctx, facilities, today); err != nil {
		return made, err
	}
	return made, r.tell(ctx, state, today)
}

// weigh judges what is about to be released, and counts again what was set aside.
func (r *Releaser) weigh(ctx context.Context, last, today surveys.Day) error {
	moved, err := r.judge.Weigh(ctx, last, today)
	if err == nil && moved > 0 {
		_, err = r.roller.Roll(ctx, "", nil)
	}
	return err
}

// tell stamps the pass, so that every server reads what is new. Another pass may have stamped meanwhile: a server
// that has read since then must read again.
func (r *Releaser) tell(ctx context.Context, state surveys.Stored[passState], today surveys.Day) error {
	for {
		_, err := passes().Put(ctx, r.store, passState{Last: max(today, state.Value.Last)}, state.Rev)
		if !errors.Is(err, surveys.ErrConflict) {
			return err
		}
		if state, err = lastPass(ctx, r.store); err != nil {
			return err
		}
	}
}

// passAll runs the pass for every facility; they have nothing to do with each other, so some go side by side.
func (r *Releaser) passAll(ctx context.Context, facilities []surveys.Stored[surveys.Facility], last, today surveys.Day,
	progress func(done, of int),
) (int, error) {
	var mu sync.Mutex
	made, done := 0, 0
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range facilities {
		work.Go(func() error {
			n, err := r.passFacility(ctx, f.Value.ID, last, today)
			mu.Lock()
			defer mu.Unlock()
			made, done = made+n, done+1
			if err != nil {
				return fmt.Errorf("release pass of %s: %w", f.Value.ID, err)
			}
			if progress != nil {
				progress(done, len(facilities))
			}
			return nil
		})
	}
	err := work.Wait()
	return made, err //nolint:wrapcheck // each says of which facility
}

// passFacility runs the pass for one facility, again from the start when another releaser was quicker: each time
// there is less left to do, for the other's releases are there. A conflict with nothing new there would never end.
func (r *Releaser) passFacility(ctx context.Context, id surveys.FacilityID, last, today surveys.Day) (int, error) {
	made, known := 0, -1
	for {
		groups, err := r.load(ctx, id)
		if err != nil {
			return made, err
		}
		there := 0
		for _, g := range groups {
			there += len(g.releases)
		}
		if there <= known {
			return made, fmt.Errorf("the release in the way cannot be read: %w", surveys.ErrConflict)
		}
		n, err := r.passGroups(ctx, groups, last, today)
		made, known = made+n, there+n
		if !errors.Is(err, surveys.ErrConflict) {
			return made, err
		}
	}
}

// passGroups runs night after night, so that on each a group sees the others as they stood then.
func (r *Releaser) passGroups(ctx context.Context, groups []*groupState, last, today surveys.Day) (int, error) {
	var nights []surveys.Day
	for _, g := range groups {
		nights = append(nights, g.closings(r.calendar, last, today)...)
	}
	slices.Sort(nights)
	made := 0
	for _, d := range slices.Compact(nights) {
		for _, g := range groups {
			n, err := r.close(ctx, g, d, d > last, d == today)
			made += n
			if err != nil {
				return made, err
			}
		}
	}
	return made, nil
}

// close runs one night's pass over a group: the day and half-month that closed, tried once, and every
// month, quarter and year that has closed and still has something open. The last night takes whatever
// has arrived, the nights being caught up on only what had arrived before.
func (r *Releaser) close(ctx context.Context, g *groupState, on surveys.Day, first, latest bool) (int, error) {
	arrivedBy := on.Add(-1)
	if latest {
		arrivedBy = on
	}
	g.advance(arrivedBy)
	made := 0
	for level := DayLevel; level <= Year; level++ {
		for _, node := range g.openNodes(r.calendar, level, on, first) {
			for _, pick := range []func(*groupState, Node) []openPart{pickOpen, pickTakenOut, pickMoved} {
				picked := pick(g, node)
				if len(picked) == 0 {
					continue
				}
				if err := r.release(ctx, g, node, on, picked); err != nil {
					return made, err
				}
				made++
			}
		}
	}
	return made, nil
}

func (r *Releaser) release(ctx context.Context, g *groupState, n Node, on surveys.Day, picked []openPart) error {
	rel, rec, err := draft(g.Group, n, g.sequence(n)+1, on, picked)
	if err != nil {
		return err
	}
	rel.withhold(g.instrument, g.keeps(n, rel, picked))
	if rec, err = encodeHead(rel, rec); err != nil {
		return err
	}
	if err := r.store.AddRelease(ctx, rec); err != nil {
		return fmt.Errorf("add release %s: %w", rec.ID, err)
	}
	g.take(rel, picked)
	return nil
}
