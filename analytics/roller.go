package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

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
// else counts at the same moment is left to them. Progress, if wanted, is told after each page; of is 0, unknown.
func (r *Roller) Roll(ctx context.Context, facility surveys.FacilityID, progress func(done, of int)) (int, error) {
	done := 0
	for {
		dirty, err := r.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: facility, Limit: rollPage})
		if err != nil {
			return done, fmt.Errorf("list dirty days: %w", err)
		}
		cleared := 0
		for batch := range slices.Chunk(dirty, rollBatch) {
			n, err := r.rollDays(ctx, batch)
			if err != nil {
				return done, err
			}
			cleared += n
		}
		done += cleared
		if progress != nil {
			progress(done, 0)
		}
		if len(dirty) < rollPage || cleared == 0 {
			return done, nil
		}
	}
}

// rollDays counts a batch of days, stores them, and says how many had marks to be cleared.
func (r *Roller) rollDays(ctx context.Context, batch []surveys.DirtyDay) (cleared int, err error) {
	counted := make([]surveys.CountedDay, 0, len(batch))
	for _, d := range batch {
		book, err := r.countAgain(ctx, d)
		if err != nil {
			return 0, err
		}
		counted = append(counted, surveys.CountedDay{Book: book, Seen: d})
	}
	stored, err := r.store.PutDays(ctx, counted)
	if err != nil {
		return 0, fmt.Errorf("put %d days: %w", len(counted), err)
	}
	for i, yes := range stored {
		if yes && len(batch[i].Marks) > 0 {
			cleared++
		}
	}
	return cleared, nil
}

// countAgain counts one day. The revision is read before the responses: whoever replaces the book in between
// makes this count a stale one.
func (r *Roller) countAgain(ctx context.Context, d surveys.DirtyDay) (surveys.DayBook, error) {
	was, err := r.store.Day(ctx, d.Facility, d.Day)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return was, fmt.Errorf("read day %s of %s: %w", d.Day, d.Facility, err)
	}
	if was.Sealed {
		return was, nil
	}
	next, err := r.count(ctx, d.Facility, d.Day)
	next.Rev = was.Rev
	return next, err
}

// count is a plain recount of one facility-day from its responses.
func (r *Roller) count(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	counts := map[partKey]*Counters{}
	q := surveys.ResponseQuery{Facility: facility, From: day, To: day}
	err := r.store.EachResponse(ctx, q, func(resp surveys.Response) error {
		tally, err := r.tallies.of(ctx, resp.Instrument, resp.Version)
		if err != nil {
			return err
		}
		tally.Count(resp, func(s Stream) *Counters {
			key := partKey{
				resp.Instrument, resp.Version, s, resp.Point, resp.Form, resp.Channel, resp.Day, resp.Arrived,
			}
			if counts[key] == nil {
				counts[key] = &Counters{}
			}
			return counts[key]
		})
		return nil
	})
	if err != nil {
		return surveys.DayBook{}, fmt.Errorf("count day %s of %s: %w", day, facility, err)
	}
	return book(facility, day, counts)
}
