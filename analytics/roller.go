package analytics

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"hailong/surveys"
)

// Roller counts dirty days again from their responses. It adds to nothing: a book is replaced whole under
// a revision check, so a crash, a second roller or an answer in between leaves the day dirty and the next
// pass right.
type Roller struct {
	store   surveys.Store
	tallies *tallies
}

// NewRoller makes a roller on a store.
func NewRoller(store surveys.Store) *Roller {
	return &Roller{store: store, tallies: &tallies{store: store, byID: map[string]*Tally{}}}
}

// tallies keeps the tally of each version; versions are frozen, so what is kept stays right.
type tallies struct {
	store surveys.RecordStore
	mu    sync.Mutex
	byID  map[string]*Tally
}

func (ts *tallies) of(ctx context.Context, key string, version int) (*Tally, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	id := surveys.InstrumentID(key, version)
	if t, ok := ts.byID[id]; ok {
		return t, nil
	}
	in, err := surveys.FindInstrument(ctx, ts.store, key, version)
	if err != nil {
		return nil, fmt.Errorf("count by %s: %w", id, err)
	}
	ts.byID[id] = NewTally(in)
	return ts.byID[id], nil
}

const (
	// rollPage is how many dirty days are listed at a time.
	rollPage = 1000
	// rollBatch is how many books are stored at a time: the disk is waited for once for all of them.
	rollBatch = 200
)

// Roll counts the dirty days of a facility, of all if it is empty, and says how many. A day that someone
// else counts at the same moment is left to them. Progress, if wanted, is told after each page; what becomes dirty
// meanwhile is counted too, so that done may pass what was to be done at the start.
func (r *Roller) Roll(ctx context.Context, facility surveys.FacilityID, progress func(done, of int)) (int, error) {
	of, err := r.toDo(ctx, facility, progress != nil)
	if err != nil {
		return 0, err
	}
	done := 0
	for {
		dirty, err := r.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: facility, Limit: rollPage})
		if err != nil {
			return done, fmt.Errorf("list dirty days: %w", err)
		}
		cleared, err := r.rollSome(ctx, dirty)
		done += cleared
		if err != nil {
			return done, err
		}
		if progress != nil {
			progress(done, max(done, of))
		}
		if len(dirty) < rollPage || cleared == 0 {
			return done, nil
		}
	}
}

// toDo is the number of dirty days, if it is wanted.
func (r *Roller) toDo(ctx context.Context, facility surveys.FacilityID, wanted bool) (int, error) {
	if !wanted {
		return 0, nil
	}
	dirty, err := r.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: facility})
	if err != nil {
		return 0, fmt.Errorf("list dirty days: %w", err)
	}
	return len(dirty), nil
}

// rollSome counts a page of days, some batches side by side: a day has nothing to do with another.
func (r *Roller) rollSome(ctx context.Context, dirty []surveys.DirtyDay) (int, error) {
	var cleared atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for batch := range slices.Chunk(dirty, rollBatch) {
		work.Go(func() error {
			n, err := r.rollDays(ctx, batch)
			cleared.Add(int64(n))
			return err
		})
	}
	err := work.Wait()
	return int(cleared.Load()), err
}

// rollDays counts a batch of days, stores them, and says how many had marks to be cleared.
func (r *Roller) rollDays(ctx context.Context, batch []surveys.DirtyDay) (cleared int, err error) {
	counted := make([]surveys.CountedDay, 0, len(batch))
	for run := range runs(batch) {
		some, problem := r.countRun(ctx, run)
		if problem != nil {
			return 0, problem
		}
		counted = append(counted, some...)
	}
	stored, err := r.store.PutDays(ctx, counted)
	if err != nil {
		return 0, fmt.Errorf("put %d days: %w", len(counted), err)
	}
	for i, yes := range stored {
		if yes && len(counted[i].Seen.Marks) > 0 {
			cleared++
		}
	}
	return cleared, nil
}

// runGap is how many clean days a scan may pass over between two dirty ones.
const runGap = 3

// runs cuts a list by facility and day into stretches of one facility that are worth one scan.
func runs(batch []surveys.DirtyDay) iter.Seq[[]surveys.DirtyDay] {
	return func(yield func([]surveys.DirtyDay) bool) {
		from := 0
		for i := 1; i <= len(batch); i++ {
			if i < len(batch) && batch[i].Facility == batch[i-1].Facility && batch[i].Day <= batch[i-1].Day.Add(1+runGap) {
				continue
			}
			if !yield(batch[from:i]) {
				return
			}
			from = i
		}
	}
}

// countRun counts the days of a run. The revisions are read before the responses: whoever replaces a book in
// between makes its count a stale one. The book of a sealed day stays as it is; its marks are left to the sealer where
// they stand for responses.
func (r *Roller) countRun(ctx context.Context, run []surveys.DirtyDay) ([]surveys.CountedDay, error) {
	facility, from, to := run[0].Facility, run[0].Day, run[len(run)-1].Day
	was := map[surveys.Day]surveys.DayBook{}
	q := surveys.DayQuery{Facility: facility, From: from, To: to}
	err := r.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		was[b.Day] = b
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read days of %s: %w", facility, err)
	}
	counts, err := r.count(ctx, facility, from, to)
	if err != nil {
		return nil, err
	}
	counted := make([]surveys.CountedDay, 0, len(run))
	for _, d := range run {
		book := was[d.Day]
		switch {
		case !book.Sealed:
			rev := book.Rev
			if book, err = newBook(facility, d.Day, counts[d.Day]); err != nil {
				return nil, err
			}
			book.Rev = rev
		case counts[d.Day] != nil:
			continue
		}
		counted = append(counted, surveys.CountedDay{Book: book, Seen: d})
	}
	return counted, nil
}

// count is a plain recount of a facility's days from their responses.
func (r *Roller) count(ctx context.Context, facility surveys.FacilityID, from, to surveys.Day) (map[surveys.Day]map[partKey]*Counters, error) {
	counts := map[surveys.Day]map[partKey]*Counters{}
	q := surveys.ResponseQuery{Facility: facility, From: from, To: to}
	err := r.store.EachResponse(ctx, q, func(resp surveys.Response) error {
		tally, err := r.tallies.of(ctx, resp.Instrument, resp.Version)
		if err != nil {
			return err
		}
		day := counts[resp.Day]
		if day == nil {
			day = map[partKey]*Counters{}
			counts[resp.Day] = day
		}
		tally.Count(resp, func(s Stream) *Counters {
			key := partKey{
				resp.Instrument, resp.Version, s, resp.Point, resp.Form, resp.Channel, resp.Day, resp.Arrived,
			}
			if day[key] == nil {
				day[key] = &Counters{}
			}
			return day[key]
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count %s from %s to %s: %w", facility, from, to, err)
	}
	return counts, nil
}
