package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"hailong/surveys"
)

// Names used all over; only their order matters.
const (
	hall    surveys.FacilityID = "f_0hall"
	clinic  surveys.FacilityID = "f_1clinic"
	school  surveys.FacilityID = "f_2school"
	monday  surveys.Day        = "2026-03-02"
	tuesday surveys.Day        = "2026-03-03"
	friday  surveys.Day        = "2026-03-06"
)

// errStop is what a callback gives to stop a listing.
var errStop = errors.New("stop here")

func isOf(err, want error) bool { return errors.Is(err, want) }

// answered makes a response like one that a citizen sends.
func answered(facility surveys.FacilityID, day surveys.Day) surveys.Response {
	id := surveys.NewSubmissionID()
	return surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: facility, Point: "p_counter1", Instrument: "one_stop", Version: 1,
		Form: surveys.ShortForm, Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi",
		Day: day, Hour: 9, Arrived: day,
		Answers: surveys.Answers{"A1": surveys.NumberAnswer(4), "Z": surveys.NumberAnswer(5)},
		Comment: "nhanh",
	}
}

// manyAnswered makes n of them for one facility-day.
func manyAnswered(n int, facility surveys.FacilityID, day surveys.Day) []surveys.Response {
	batch := make([]surveys.Response, n)
	for i := range batch {
		batch[i] = answered(facility, day)
	}
	return batch
}

func bookOf(facility surveys.FacilityID, day surveys.Day) surveys.DayBook {
	return surveys.DayBook{
		Facility: facility, Day: day, Format: 3, Forms: 12, Body: []byte("\x00\xffcounts of " + string(day)),
	}
}

func releaseOf(id string, facility surveys.FacilityID, from, to surveys.Day) surveys.ReleaseRecord {
	return surveys.ReleaseRecord{
		ID: id, Facility: facility, From: from, To: to, Released: to.Add(1), Format: 2,
		Head: []byte(`{"forms":31}`), Parts: []byte("\x00\xfeparts"),
	}
}

func recordOf(kind, id string, keys map[string]string) surveys.Record {
	return surveys.Record{Kind: kind, ID: id, Keys: keys, Body: fmt.Appendf(nil, `{"id":%q}`, id)}
}

// atOnce runs f n times at once and gives what each returned.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins wants exactly one to have succeeded and all others to have met a conflict.
func (t trial) oneWins(errs []error, doing string) {
	t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !isOf(err, surveys.ErrConflict):
			t.Errorf("%s: got error %v, want none or ErrConflict", doing, err)
		}
	}
	if won != 1 {
		t.Errorf("%s: %d of %d racers won, want exactly 1", doing, won, len(errs))
	}
}

// add stores responses and gives what AddResponses said of them.
func (t trial) add(batch ...surveys.Response) []bool {
	t.Helper()
	added, err := t.AddResponses(t.ctx, batch)
	t.noError(err, "AddResponses")
	if len(added) != len(batch) {
		t.Fatalf("AddResponses gave %d answers for %d responses", len(added), len(batch))
	}
	return added
}

// find reads a response that must be there.
func (t trial) find(id surveys.SubmissionID) surveys.Response {
	t.Helper()
	got, err := t.Response(t.ctx, id)
	t.noError(err, "Response")
	return got
}

// list gives every response of a query.
func (t trial) list(q surveys.ResponseQuery) []surveys.Response {
	t.Helper()
	var all []surveys.Response
	t.noError(t.EachResponse(t.ctx, q, func(r surveys.Response) error {
		all = append(all, r)
		return nil
	}), "EachResponse")
	return all
}

// dirty lists dirty days.
func (t trial) dirty(q surveys.DirtyQuery) []surveys.DirtyDay {
	t.Helper()
	days, err := t.DirtyDays(t.ctx, q)
	t.noError(err, "DirtyDays")
	return days
}

// facilityDay is a dirty day without its marks, which are opaque.
type facilityDay struct {
	Facility surveys.FacilityID
	Day      surveys.Day
}

func (t trial) dirtyPairs(q surveys.DirtyQuery) []facilityDay {
	t.Helper()
	var pairs []facilityDay
	for _, d := range t.dirty(q) {
		pairs = append(pairs, facilityDay{d.Facility, d.Day})
	}
	return pairs
}

// dirtyOne gives the only dirty day, which must be this one.
func (t trial) dirtyOne(facility surveys.FacilityID, day surveys.Day) surveys.DirtyDay {
	t.Helper()
	days := t.dirty(surveys.DirtyQuery{})
	if len(days) != 1 || days[0].Facility != facility || days[0].Day != day {
		t.Fatalf("dirty days are %v, want only %s %s", days, facility, day)
	}
	return days[0]
}

// put stores a book and gives it with its new revision.
func (t trial) put(book surveys.DayBook, seen surveys.DirtyDay) surveys.DayBook {
	t.Helper()
	t.noError(t.putDay(t.ctx, book, seen), "PutDays")
	book.Rev++
	return book
}

// putDay stores one book: ErrConflict if PutDays said that it was not stored.
func (t trial) putDay(ctx context.Context, book surveys.DayBook, seen surveys.DirtyDay) error {
	stored, err := t.PutDays(ctx, []surveys.CountedDay{{Book: book, Seen: seen}})
	switch {
	case err != nil:
		return err
	case len(stored) != 1:
		return fmt.Errorf("PutDays gave %d answers for one book", len(stored))
	case !stored[0]:
		return surveys.ErrConflict
	}
	return nil
}

// putAll stores books and gives what PutDays said of them.
func (t trial) putAll(counted []surveys.CountedDay) []bool {
	t.Helper()
	stored, err := t.PutDays(t.ctx, counted)
	t.noError(err, "PutDays")
	if len(stored) != len(counted) {
		t.Fatalf("PutDays gave %d answers for %d books", len(stored), len(counted))
	}
	return stored
}

// countedOf makes a first count of each of n days of a facility, for the marks that they have now.
func (t trial) countedOf(facility surveys.FacilityID, n int) []surveys.CountedDay {
	t.Helper()
	seen := map[surveys.Day]surveys.DirtyDay{}
	for _, d := range t.dirty(surveys.DirtyQuery{Facility: facility}) {
		seen[d.Day] = d
	}
	counted := make([]surveys.CountedDay, n)
	for i := range counted {
		day := monday.Add(i)
		counted[i] = surveys.CountedDay{Book: bookOf(facility, day), Seen: seen[day]}
	}
	return counted
}

func (t trial) book(facility surveys.FacilityID, day surveys.Day) surveys.DayBook {
	t.Helper()
	got, err := t.Day(t.ctx, facility, day)
	t.noError(err, "Day")
	return got
}

func (t trial) books(q surveys.DayQuery) []facilityDay {
	t.Helper()
	var all []facilityDay
	t.noError(t.EachDay(t.ctx, q, func(b surveys.DayBook) error {
		all = append(all, facilityDay{b.Facility, b.Day})
		return nil
	}), "EachDay")
	return all
}

func (t trial) release(r surveys.ReleaseRecord) {
	t.Helper()
	t.noError(t.AddRelease(t.ctx, r), "AddRelease")
}

func (t trial) releases(q surveys.ReleaseQuery) []surveys.ReleaseRecord {
	t.Helper()
	var all []surveys.ReleaseRecord
	t.noError(t.EachRelease(t.ctx, q, func(r surveys.ReleaseRecord) error {
		all = append(all, r)
		return nil
	}), "EachRelease")
	return all
}

func (t trial) releaseIDs(q surveys.ReleaseQuery) []string {
	t.Helper()
	var ids []string
	for _, r := range t.releases(q) {
		ids = append(ids, r.ID)
	}
	return ids
}

// keep stores a record and gives it with its new revision.
func (t trial) keep(r surveys.Record) surveys.Record {
	t.Helper()
	rev, err := t.PutRecord(t.ctx, r)
	t.noError(err, "PutRecord")
	r.Rev = rev
	return r
}

func (t trial) recordIDs(q surveys.RecordQuery) []string {
	t.Helper()
	records, err := t.Records(t.ctx, q)
	t.noError(err, "Records")
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return ids
}
