package analytics

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hailong/surveys"
)

// Sealer ends the time for which single responses are kept: it seals the days that are older and deletes their
// responses. What was counted stays, and what of it waits is released as ever, since the pass reads days.
//
// Every step is one write under the revision of the day's book, so that a crash, or a second sealer, at any point is
// safe: a counted day is closed (Sealed), which keeps the roller away; one that got an answer all the same is opened
// again, to be counted; one that did not gets its Seal, which is final, and only then is emptied.
type Sealer struct {
	store  surveys.Store
	roller *Roller
}

// NewSealer makes a sealer on a store.
func NewSealer(store surveys.Store, roller *Roller) *Sealer {
	return &Sealer{store: store, roller: roller}
}

// sealState guards what cannot be undone against a clock that jumps and against a slip in the setting.
type sealState struct {
	From surveys.Day `json:"from"` // the clock has been believed since
	Last surveys.Day `json:"last"` // the last time that it was asked
}

func sealStates() surveys.Collection[sealState] {
	return surveys.Collection[sealState]{Kind: "stamp", ID: func(sealState) string { return "seal" }}
}

const (
	// sealGap is the longest time without a pass, in days, after which the clock is still believed at once.
	sealGap = 7
	// sealBatch is how many days of a facility are sealed before their responses are deleted.
	sealBatch = 100
)

// Retain settles for how many months single responses are kept, 0 for ever. It holds from the next day on: until then
// a slip can be taken back.
func Retain(ctx context.Context, s surveys.RecordStore, months int, today surveys.Day) error {
	if err := surveys.CheckKeepRaw(months); err != nil {
		return err
	}
	for {
		at, err := sealStates().Find(ctx, s, "seal")
		if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return err
		}
		_, err = sealStates().Put(ctx, s, sealState{From: today, Last: today}, at.Rev)
		if err == nil {
			return surveys.SetKeepRaw(ctx, s, months)
		}
		if !errors.Is(err, surveys.ErrConflict) {
			return err
		}
	}
}

// Seal seals what is older than the installation keeps, and says how many days it emptied. It does nothing on the
// first day that it is asked, on one before the last, and on one more than a week after the last: a clock that is
// wrong must not delete what cannot be brought back. Call it after the pass.
func (s *Sealer) Seal(ctx context.Context, today surveys.Day) (int, error) {
	in, err := surveys.Installed(ctx, s.store)
	if err != nil {
		return 0, fmt.Errorf("seal: %w", err)
	}
	before := in.KeptFrom(today)
	believed, err := s.believe(ctx, today)
	if err != nil || !believed || before == "" {
		return 0, err
	}
	if _, err = s.roller.Roll(ctx, "", nil); err != nil {
		return 0, err
	}
	facilities, err := surveys.Facilities().All(ctx, s.store)
	if err != nil {
		return 0, fmt.Errorf("seal: %w", err)
	}
	sealed := 0
	for _, f := range facilities {
		n, err := s.facility(ctx, f.Value.ID, before.Add(-1))
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("seal days of %s: %w", f.Value.ID, err)
		}
	}
	if err = surveys.DropUsage(ctx, s.store, before); err != nil {
		return sealed, fmt.Errorf("drop old usage: %w", err)
	}
	return sealed, nil
}

// believe notes that it was asked and says whether the clock is to be believed.
func (s *Sealer) believe(ctx context.Context, today surveys.Day) (bool, error) {
	for {
		at, err := sealStates().Find(ctx, s.store, "seal")
		if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return false, err
		}
		state := at.Value
		if today < state.Last || today > state.Last.Add(sealGap) || state.Last == "" {
			state.From = today
		}
		state.Last = today
		if state == at.Value {
			return today > state.From, nil
		}
		if _, err = sealStates().Put(ctx, s.store, state, at.Rev); !errors.Is(err, surveys.ErrConflict) {
			return err == nil && today > state.From, err
		}
	}
}

// facility seals and empties the days of a facility up to the last, batch by batch.
func (s *Sealer) facility(ctx context.Context, id surveys.FacilityID, last surveys.Day) (int, error) {
	sealed := 0
	for from := surveys.Day(""); ; {
		days, err := s.answered(ctx, surveys.ResponseQuery{Facility: id, From: from, To: last})
		if err != nil || len(days) == 0 {
			return sealed, err
		}
		from = days[len(days)-1].day.Add(1)
		ready, err := s.sealAll(ctx, id, days)
		if err != nil {
			return sealed, err
		}
		n, err := s.empty(ctx, id, ready)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("delete responses: %w", err)
		}
	}
}

// empty deletes the responses of days that have their seal, and says of how many. One that got an answer even then is
// left as it is.
func (s *Sealer) empty(ctx context.Context, id surveys.FacilityID, days []surveys.Day) (emptied int, err error) {
	err = s.store.DeleteResponses(ctx, id, days)
	if err == nil {
		return len(days), nil
	}
	if !errors.Is(err, surveys.ErrConflict) {
		return 0, err
	}
	for _, day := range days {
		switch err := s.store.DeleteResponses(ctx, id, []surveys.Day{day}); {
		case err == nil:
			emptied++
		case !errors.Is(err, surveys.ErrConflict):
			return emptied, err
		}
	}
	return emptied, nil
}

// answeredDay is a day that still has responses.
type answeredDay struct {
	day       surveys.Day
	withdrawn bool // of one at least
}

// answered lists the first days of a query that have responses, no more than a batch.
func (s *Sealer) answered(ctx context.Context, q surveys.ResponseQuery) ([]answeredDay, error) {
	var days []answeredDay
	err := s.store.EachResponse(ctx, q, func(r surveys.Response) error {
		if len(days) == 0 || days[len(days)-1].day != r.Day {
			if len(days) == sealBatch {
				return errEnough
			}
			days = append(days, answeredDay{day: r.Day})
		}
		if r.Standing == surveys.Withdrawn {
			days[len(days)-1].withdrawn = true
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("read responses: %w", err)
	}
	return days, nil
}

// errEnough ends a listing.
var errEnough = errors.New("enough")

// sealAll seals those of the days that are counted and gives those that have their seal now. One whose count is under
// way, or waits, is left for the next time.
func (s *Sealer) sealAll(ctx context.Context, id surveys.FacilityID, days []answeredDay) ([]surveys.Day, error) {
	closed, ready, err := s.closeAll(ctx, id, days)
	if err != nil {
		return nil, err
	}
	dirty, err := s.dirty(ctx, id)
	if err != nil {
		return nil, err
	}
	var late, whole []surveys.DayBook
	for _, d := range days {
		book, ok := closed[d.day]
		switch {
		case !ok:
		case dirty[d.day]:
			book.Sealed = false
			late = append(late, book)
		default:
			book.Seal = sealOf(book, d.withdrawn)
			whole = append(whole, book)
		}
	}
	if _, err = s.put(ctx, late); err != nil {
		return nil, err
	}
	sealed, err := s.put(ctx, whole)
	for _, book := range sealed {
		ready = append(ready, book.Day)
	}
	return ready, err
}

// closeAll closes the days that are counted, and gives those that are closed and those that have their seal already.
func (s *Sealer) closeAll(ctx context.Context, id surveys.FacilityID, days []answeredDay) (
	closed map[surveys.Day]surveys.DayBook, ready []surveys.Day, err error,
) {
	dirty, err := s.dirty(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	answered := map[surveys.Day]bool{}
	for _, d := range days {
		answered[d.day] = true
	}
	var fresh []surveys.DayBook
	closed = map[surveys.Day]surveys.DayBook{}
	q := surveys.DayQuery{Facility: id, From: days[0].day, To: days[len(days)-1].day}
	err = s.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		switch {
		case !answered[b.Day]:
			return nil
		case b.Seal != "":
			ready = append(ready, b.Day)
		case b.Sealed:
			closed[b.Day] = b
		case !dirty[b.Day] && b.Format == dayFormat:
			b.Sealed = true
			fresh = append(fresh, b)
		}
		delete(answered, b.Day)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read days: %w", err)
	}
	for day := range answered { // never counted
		if err = s.store.MarkDirty(ctx, id, day); err != nil {
			return nil, nil, fmt.Errorf("mark a day: %w", err)
		}
	}
	fresh, err = s.put(ctx, fresh)
	for _, b := range fresh {
		closed[b.Day] = b
	}
	return closed, ready, err
}

func (s *Sealer) dirty(ctx context.Context, id surveys.FacilityID) (map[surveys.Day]bool, error) {
	list, err := s.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: id})
	if err != nil {
		return nil, fmt.Errorf("list dirty days: %w", err)
	}
	dirty := map[surveys.Day]bool{}
	for _, d := range list {
		dirty[d.Day] = true
	}
	return dirty, nil
}

// put stores books under their revisions, with the marks of their days left, and gives those that were stored as they
// are now.
func (s *Sealer) put(ctx context.Context, books []surveys.DayBook) ([]surveys.DayBook, error) {
	counted := make([]surveys.CountedDay, 0, len(books))
	for _, b := range books {
		counted = append(counted, surveys.CountedDay{Book: b, Seen: surveys.DirtyDay{Facility: b.Facility, Day: b.Day}})
	}
	done, err := s.store.PutDays(ctx, counted)
	if err != nil {
		return nil, fmt.Errorf("put days: %w", err)
	}
	var stored []surveys.DayBook
	for i, b := range books {
		if done[i] {
			b.Rev++
			stored = append(stored, b)
		}
	}
	return stored, nil
}

// withdrawnMark follows the digest in the seal of a day of which something was withdrawn.
const withdrawnMark = " withdrawn"

func sealOf(b surveys.DayBook, withdrawn bool) string {
	if withdrawn {
		return b.Digest() + withdrawnMark
	}
	return b.Digest()
}

// checkSeal says whether a sealed book is as it was, and whether something of its day was withdrawn.
func checkSeal(b surveys.DayBook) (whole, withdrawn bool) {
	digest, withdrawn := strings.CutSuffix(b.Seal, withdrawnMark)
	return digest == b.Digest(), withdrawn
}
