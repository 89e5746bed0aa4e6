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
// The order makes a crash at any point safe: a day is counted, then sealed under its revision, then emptied; a sealed
// day that is not empty yet is emptied the next time.
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
		if err = s.store.DeleteResponses(ctx, id, ready); err != nil {
			return sealed, fmt.Errorf("delete responses: %w", err)
		}
		sealed += len(ready)
	}
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

// sealAll seals those of the days that are counted and gives those that are sealed now. One whose count is under way,
// or waits, is left for the next time.
func (s *Sealer) sealAll(ctx context.Context, id surveys.FacilityID, days []answeredDay) ([]surveys.Day, error) {
	books := map[surveys.Day]surveys.DayBook{}
	q := surveys.DayQuery{Facility: id, From: days[0].day, To: days[len(days)-1].day}
	err := s.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		books[b.Day] = b
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	dirty, err := s.dirty(ctx, id)
	if err != nil {
		return nil, err
	}
	var fresh []surveys.DayBook
	var ready []surveys.Day
	for _, d := range days {
		book, counted := books[d.day]
		switch {
		case book.Sealed:
			ready = append(ready, d.day)
		case !counted:
			err = s.store.MarkDirty(ctx, id, d.day) // it is counted before the next time
		case !dirty[d.day] && book.Format == dayFormat:
			book.Sealed, book.Seal = true, sealOf(book, d.withdrawn)
			fresh = append(fresh, book)
		}
		if err != nil {
			return nil, fmt.Errorf("mark a day: %w", err)
		}
	}
	now, err := s.put(ctx, id, fresh)
	return append(ready, now...), err
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

// put stores sealed books and gives their days. A day that a response came to since it was looked at is opened again.
func (s *Sealer) put(ctx context.Context, id surveys.FacilityID, books []surveys.DayBook) ([]surveys.Day, error) {
	stored, err := s.store.PutDays(ctx, unmarked(books))
	if err != nil {
		return nil, fmt.Errorf("seal days: %w", err)
	}
	dirty, err := s.dirty(ctx, id)
	if err != nil {
		return nil, err
	}
	var late []surveys.DayBook
	var sealed []surveys.Day
	for i, book := range books {
		switch {
		case !stored[i]:
		case dirty[book.Day]:
			book.Rev, book.Sealed, book.Seal = book.Rev+1, false, ""
			late = append(late, book)
		default:
			sealed = append(sealed, book.Day)
		}
	}
	if _, err = s.store.PutDays(ctx, unmarked(late)); err != nil {
		return nil, fmt.Errorf("open days again: %w", err)
	}
	return sealed, nil
}

// unmarked puts books whose marks stay.
func unmarked(books []surveys.DayBook) []surveys.CountedDay {
	counted := make([]surveys.CountedDay, 0, len(books))
	for _, b := range books {
		counted = append(counted, surveys.CountedDay{Book: b, Seen: surveys.DirtyDay{Facility: b.Facility, Day: b.Day}})
	}
	return counted
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
