package analytics

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"hailong/surveys"
)

// Report is what Verify saw.
type Report struct {
	Responses, Forms, Days, Sealed, Releases, Habits, Dirty int
	Mismatches                                              []string
}

// note adds a mismatch; after so many the rest says nothing new.
func (r *Report) note(format string, args ...any) {
	const most = 100
	if len(r.Mismatches) < most {
		r.Mismatches = append(r.Mismatches, fmt.Sprintf(format, args...))
	}
}

// Verify holds the store against itself: every day that is not dirty equals a plain recount of its responses;
// Σ releases + Σ unreleased = Σ days for every part; every release equals the sum of its parts and keeps its
// minimum; every receipt follows from its submission id; every sealed day is as it was sealed and has no responses left;
// every habit, which makes the reliability grades, equals a recount as far as its responses are still there.
func Verify(ctx context.Context, s surveys.Store) (Report, error) {
	var report Report
	v := verifier{store: s, roller: NewRoller(s), report: &report, dirty: map[facilityDay]bool{}}
	dirty, err := s.DirtyDays(ctx, surveys.DirtyQuery{})
	if err != nil {
		return report, fmt.Errorf("list dirty days: %w", err)
	}
	for _, d := range dirty {
		v.dirty[facilityDay{d.Facility, d.Day}] = true
	}
	report.Dirty = len(dirty)
	if err = v.readHabits(ctx); err != nil {
		return report, fmt.Errorf("read habits: %w", err)
	}
	if v.calendar, err = v.habitCalendar(ctx); err != nil {
		return report, err
	}
	facilities, err := surveys.Facilities().All(ctx, s)
	if err != nil {
		return report, fmt.Errorf("verify: %w", err)
	}
	for _, f := range facilities {
		if err := v.facility(ctx, f.Value.ID); err != nil {
			return report, fmt.Errorf("verify %s: %w", f.Value.ID, err)
		}
	}
	return report, nil
}

type facilityDay struct {
	facility surveys.FacilityID
	day      surveys.Day
}

type verifier struct {
	store  surveys.Store
	roller *Roller
	report *Report
	dirty  map[facilityDay]bool
	// withdrawn are the parts of the facility at hand of which something was withdrawn, in the key of the answers;
	// of a sealed day it is only known that something was.
	withdrawn    map[partKey]bool
	withdrawnDay map[surveys.Day]bool

	calendar      Calendar
	habits        map[surveys.FacilityID][]Habit
	habitsThrough surveys.Day
	sealedMonths  map[surveys.Day]bool // of the facility at hand
}

func (v *verifier) facility(ctx context.Context, id surveys.FacilityID) error {
	days := map[surveys.Day]bool{}
	v.withdrawn, v.withdrawnDay, v.sealedMonths = map[partKey]bool{}, map[surveys.Day]bool{}, map[surveys.Day]bool{}
	habits, err := v.newHabits(ctx, id)
	if err != nil {
		return err
	}
	err = v.store.EachResponse(ctx, surveys.ResponseQuery{Facility: id}, func(r surveys.Response) error {
		v.report.Responses++
		days[r.Day] = true
		if r.Standing == surveys.Withdrawn {
			v.withdrawn[partKey{r.Instrument, r.Version, Answers, r.Point, r.Form, r.Channel, r.Day, r.Arrived}] = true
		}
		if r.Receipt != r.ID.Receipt() {
			v.report.note("a response of %s on %s has a receipt that does not follow from its id", id, r.Day)
		}
		if r.Arrived < r.Day {
			v.report.note("a response of %s on %s arrived before it was given", id, r.Day)
		}
		tally, unknown := v.roller.tallies.of(ctx, r.Instrument, r.Version)
		if unknown == nil {
			habits.add(r, tally)
		}
		return unknown
	})
	if err != nil {
		return fmt.Errorf("read responses: %w", err)
	}
	for day := range days {
		if err := v.day(ctx, id, day); err != nil {
			return err
		}
	}
	if err := v.releases(ctx, id, days); err != nil {
		return err
	}
	return v.checkHabits(ctx, id, habits)
}

// day holds a book against a recount. A day that answers come to while this runs is dirty and left out.
func (v *verifier) day(ctx context.Context, id surveys.FacilityID, day surveys.Day) error {
	book, err := v.store.Day(ctx, id, day)
	missing := errors.Is(err, surveys.ErrNotFound)
	if err != nil && !missing {
		return fmt.Errorf("read day %s: %w", day, err)
	}
	if book.Seal != "" {
		return v.emptied(ctx, id, day)
	}
	if v.dirty[facilityDay{id, day}] {
		return nil
	}
	if missing {
		v.report.note("day %s of %s was never counted", day, id)
		return nil
	}
	counts, err := v.roller.count(ctx, id, day, day)
	if err != nil {
		return err
	}
	again, err := newBook(id, day, counts[day])
	if err != nil {
		return err
	}
	if string(again.Body) == string(book.Body) && again.Forms == book.Forms {
		return nil
	}
	dirty, err := v.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: id})
	if err != nil {
		return fmt.Errorf("list dirty days: %w", err)
	}
	for _, d := range dirty {
		if d.Day == day {
			return nil
		}
	}
	v.report.note("day %s of %s does not equal a recount of its responses", day, id)
	return nil
}

// emptied wants no response on a day with a seal. One that is being emptied while this runs has none the next moment.
func (v *verifier) emptied(ctx context.Context, id surveys.FacilityID, day surveys.Day) error {
	q := surveys.ResponseQuery{Facility: id, From: day, To: day}
	err := v.store.EachResponse(ctx, q, func(surveys.Response) error { return errEnough })
	if errors.Is(err, errEnough) {
		if v.dirty[facilityDay{id, day}] {
			v.report.note("day %s of %s got single forms after its seal: they are kept and in no count", day, id)
		} else {
			v.report.note("day %s of %s is sealed and still has single forms: the next pass (hailong roll) deletes them", day, id)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read responses: %w", err)
	}
	return nil
}

// ledgers is what verify adds up of one facility's releases and days.
type ledgers struct {
	released map[partKey]Counters // Σ releases of the parts that are in no day
	open     map[partKey]Counters // days − releases, what was set aside beside what was not
	others   []surveys.Day        // days with a book and no response
}

// releases holds every release against its parts, and the parts against the days. Books of other days than those
// of the responses are held against a recount too: they should count nothing.
func (v *verifier) releases(ctx context.Context, id surveys.FacilityID, days map[surveys.Day]bool) error {
	l := ledgers{released: map[partKey]Counters{}, open: map[partKey]Counters{}}
	hold := func(rec surveys.ReleaseRecord) error {
		v.report.Releases++
		if err := v.release(rec, l.released); err != nil {
			return err
		}
		return takeOut(rec, l.open)
	}
	if err := v.store.EachRelease(ctx, surveys.ReleaseQuery{Facility: id}, hold); err != nil {
		return fmt.Errorf("read releases: %w", err)
	}
	count := func(b surveys.DayBook) error { return v.book(b, days[b.Day], &l) }
	if err := v.store.EachDay(ctx, surveys.DayQuery{Facility: id}, count); err != nil {
		return fmt.Errorf("read days: %w", err)
	}
	for _, day := range l.others {
		if err := v.day(ctx, id, day); err != nil {
			return err
		}
	}
	for key, c := range l.released {
		// What was released and is in no day any more waits to be corrected; nothing else may be left.
		if c.Forms < 0 {
			v.report.note("%s %s on %s: more was corrected than released", id, key.stream, key.day)
		}
	}
	v.nothingLost(id, l.open)
	return nil
}

// book adds a day to the ledgers.
func (v *verifier) book(b surveys.DayBook, answered bool, l *ledgers) error {
	v.report.Days++
	v.report.Forms += int(b.Forms)
	v.seal(b)
	parts, err := Parts(b)
	for _, p := range parts {
		key := p.key(b.Day)
		delete(l.released, key)
		if pooled, ok := key.pooled(); ok {
			l.open[pooled] = l.open[pooled].Add(p.Counters)
		}
	}
	if !answered {
		l.others = append(l.others, b.Day)
	}
	return err
}

// seal holds a book against what was noted when it was sealed.
func (v *verifier) seal(b surveys.DayBook) {
	if b.Sealed {
		v.sealedMonths[v.calendar.Node(Month, b.Day).From] = true
	}
	if b.Seal == "" {
		return
	}
	v.report.Sealed++
	whole, withdrawn := checkSeal(b)
	if !whole {
		v.report.note("day %s of %s is not as it was sealed", b.Day, b.Facility)
	}
	v.withdrawnDay[b.Day] = withdrawn
}

// pooled is the key of answers and of what was set aside of them alike: a form goes from one to the other.
func (k partKey) pooled() (partKey, bool) {
	ok := k.stream == Answers || k.stream == Aside
	k.stream = Answers
	return k, ok
}

func takeOut(rec surveys.ReleaseRecord, open map[partKey]Counters) error {
	parts, err := readParts(rec)
	for _, p := range parts {
		if key, ok := p.key(p.Day).pooled(); ok {
			open[key] = open[key].Sub(p.Counters)
		}
	}
	return err
}

// nothingLost: no release holds more than was answered and stands in the days, in no count of any part of which
// nothing was withdrawn.
func (v *verifier) nothingLost(id surveys.FacilityID, open map[partKey]Counters) {
	for key, left := range open {
		if v.dirty[facilityDay{id, key.day}] || v.withdrawn[key] || v.withdrawnDay[key.day] {
			continue
		}
		if left.Forms == 0 && !left.IsZero() || left.isNegative() {
			v.report.note("%s on %s: what was released (%s) is not among the answers any more", id, key.day, key.channel)
		}
	}
}

// minimum holds a release to its own, in all and of the forms that citizens gave themselves.
func (v *verifier) minimum(r *Release, own int64) {
	if n, least := max(r.Forms, -r.Forms), Least(r.Stream, r.Node.Level); n < least {
		v.report.note("release %s holds %d forms, fewer than its minimum", r.ID, n)
	} else if own = max(own, -own); own != 0 && own < least {
		v.report.note("release %s holds %d forms that citizens gave themselves, fewer than its minimum", r.ID, own)
	}
}

func (v *verifier) release(rec surveys.ReleaseRecord, released map[partKey]Counters) error {
	r, err := ReadRelease(rec)
	if err != nil {
		return err
	}
	parts, err := readParts(rec)
	if err != nil {
		return err
	}
	var total Counters
	var own int64 // given by citizens themselves
	for _, p := range parts {
		total = total.Add(p.Counters)
		if !p.Channel.Typed() {
			own += p.Counters.Forms
		}
		released[p.key(p.Day)] = released[p.key(p.Day)].Add(p.Counters)
		if !p.Day.Within(r.Node.From, r.Node.To) {
			v.report.note("release %s holds a day outside its node", r.ID)
		}
	}
	if total.Forms != r.Forms || total.Sums != r.Sums {
		v.report.note("release %s does not equal the sum of its parts", r.ID)
	}
	for code, row := range r.Items {
		if !reflect.DeepEqual(total.Items[code], row) {
			v.report.note("release %s: item %s does not equal the sum of its parts", r.ID, code)
		}
	}
	v.minimum(r, own)
	if r.ID != releaseID(r.Group(), r.Node, r.Seq) {
		v.report.note("release %s has an id that does not follow from its content", rec.ID)
	}
	return nil
}
