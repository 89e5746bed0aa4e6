package storetest

import (
	"context"
	"slices"

	"hailong/surveys"
)

func dirtyChecks() []Check {
	return []Check{
		rule("DirtyDays/order", dirtyOrder),
		rule("DirtyDays/limit", dirtyLimit),
		rule("DirtyDays/facility", dirtyFacility),
		rule("MarkDirty/marks_one", markDirtyOne),
		rule("MarkAllDirty/responses_and_books", markAllDirty),
		rule("MarkAllDirty/not_sealed", markAllDirtySealed),
	}
}

func dirtyOrder(t trial) {
	t.add(answered(school, tuesday), answered(hall, friday), answered(clinic, monday), answered(hall, monday))
	t.noError(t.MarkDirty(t.ctx, clinic, monday.Add(-400)), "MarkDirty")
	want := []facilityDay{{hall, monday}, {hall, friday}, {clinic, monday.Add(-400)}, {clinic, monday}, {school, tuesday}}
	t.equal(t.dirtyPairs(surveys.DirtyQuery{}), want, "dirty days by facility and day")
}

func dirtyLimit(t trial) {
	t.add(answered(hall, tuesday), answered(hall, friday), answered(clinic, monday))
	t.equal(t.dirtyPairs(surveys.DirtyQuery{Limit: 2}), []facilityDay{{hall, tuesday}, {hall, friday}}, "the first two")
	t.equal(len(t.dirtyPairs(surveys.DirtyQuery{Limit: 9})), 3, "dirty days under a limit they do not reach")
	t.equal(len(t.dirtyPairs(surveys.DirtyQuery{})), 3, "dirty days without limit")
}

func dirtyFacility(t trial) {
	t.add(answered(hall, tuesday), answered(hall, friday), answered(clinic, monday))
	t.equal(t.dirtyPairs(surveys.DirtyQuery{Facility: hall}), []facilityDay{{hall, tuesday}, {hall, friday}}, "those of one facility")
	t.equal(t.dirtyPairs(surveys.DirtyQuery{Facility: hall, Limit: 1}), []facilityDay{{hall, tuesday}}, "its oldest")
	t.equal(len(t.dirtyPairs(surveys.DirtyQuery{Facility: school})), 0, "those of a facility without any")
}

func markDirtyOne(t trial) {
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days of an empty store")
	t.noError(t.MarkDirty(t.ctx, hall, monday), "MarkDirty")
	t.noError(t.MarkDirty(t.ctx, hall, monday), "MarkDirty again")
	book := t.put(bookOf(hall, monday), t.dirtyOne(hall, monday))
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the count")
	t.noError(t.MarkDirty(t.ctx, hall, monday), "MarkDirty after the count")
	t.put(book, t.dirtyOne(hall, monday))
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the second count")
}

// count puts a book of every dirty day, so that none is dirty.
func (t trial) count(sealed bool) {
	t.Helper()
	for _, d := range t.dirty(surveys.DirtyQuery{}) {
		book := bookOf(d.Facility, d.Day)
		book.Sealed = sealed
		t.put(book, d)
	}
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after counting all")
}

func markAllDirty(t trial) {
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty of an empty store")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days of an empty store")
	t.add(answered(hall, monday), answered(hall, monday), answered(clinic, friday))
	t.count(false)
	t.put(bookOf(school, tuesday), surveys.DirtyDay{Facility: school, Day: tuesday}) // a book without responses
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty")
	want := []facilityDay{{hall, monday}, {clinic, friday}, {school, tuesday}}
	t.equal(t.dirtyPairs(surveys.DirtyQuery{}), want, "every day that has a response or a book")
	for _, d := range t.dirty(surveys.DirtyQuery{}) {
		t.put(t.book(d.Facility, d.Day), d)
	}
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the recount")
	t.add(answered(school, monday)) // has a response and no book, and is dirty: it gets a further mark
	seen := t.dirtyOne(school, monday)
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 4, "dirty days with one that has no book")
	t.put(bookOf(school, monday), seen)
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 4, "dirty days after a count that saw the mark before MarkAllDirty only")
}

func markAllDirtySealed(t trial) {
	t.add(answered(hall, monday))
	t.count(true)
	t.put(bookOf(hall, tuesday), surveys.DirtyDay{Facility: hall, Day: tuesday})
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty")
	t.equal(t.dirtyPairs(surveys.DirtyQuery{}), []facilityDay{{hall, tuesday}}, "dirty days beside a sealed one")
}

func putDaysChecks() []Check {
	return []Check{
		rule("Day/not_found", dayNotFound),
		rule("Day/all_fields", dayAllFields),
		rule("PutDays/revisions", putDayRevisions),
		rule("PutDays/first_twice", putDayFirstTwice),
		rule("PutDays/without_predecessor", putDayWithoutPredecessor),
		rule("PutDays/stale_changes_nothing", putDayStale),
		rule("PutDays/clears_marks_seen", putDayClears),
		rule("PutDays/later_mark_stays", putDayLaterMark),
		rule("PutDays/clears_only_marks_seen", putDayOnlySeen),
		rule("PutDays/old_marks_clear_nothing_new", putDayOldMarks),
		rule("PutDays/racing", putDayRacing),
		rule("PutDays/cancelled", putDayCancelled),
		rule("PutDays/empty_batch", putDaysEmpty),
		rule("PutDays/each_by_itself", putDaysEachByItself),
		rule("PutDays/twice_in_one_batch", putDaysTwice),
		rule("PutDays/large_batch", putDaysLarge),
		rule("PutDays/racing_batches", putDaysRacing),
		rule("PutDays/cancelled_midway", putDaysCancelledMidway),
	}
}

func dayNotFound(t trial) {
	t.put(bookOf(hall, monday), surveys.DirtyDay{Facility: hall, Day: monday})
	_, err := t.Day(t.ctx, hall, tuesday)
	t.isError(err, surveys.ErrNotFound, "Day without a book")
	_, err = t.Day(t.ctx, clinic, monday)
	t.isError(err, surveys.ErrNotFound, "Day of another facility")
}

func dayAllFields(t trial) {
	full := surveys.DayBook{
		Facility: clinic, Day: friday, Format: 9, Forms: 1 << 40, Sealed: true, Seal: "0123abcdef",
		Body: []byte("\x00\x01\xff\xfenot text"),
	}
	bare := surveys.DayBook{Facility: hall, Day: monday}
	for _, want := range []surveys.DayBook{full, bare} {
		want = t.put(want, surveys.DirtyDay{Facility: want.Facility, Day: want.Day})
		t.mustEqual(t.book(want.Facility, want.Day), want, "Day")
		t.noError(t.EachDay(t.ctx, surveys.DayQuery{Facility: want.Facility}, func(got surveys.DayBook) error {
			t.equal(got, want, "EachDay")
			return nil
		}), "EachDay")
	}
	got := t.book(clinic, friday)
	got.Body[0] = 'X'
	t.equal(t.book(clinic, friday).Body, full.Body, "body after a reader changed what it got")
}

func putDayRevisions(t trial) {
	seen := surveys.DirtyDay{Facility: hall, Day: monday}
	book := bookOf(hall, monday)
	for rev := int64(1); rev <= 3; rev++ {
		book.Forms, book.Body = 10*rev, []byte{byte(rev)}
		book = t.put(book, seen)
		t.equal(t.book(hall, monday), book, "book replaced")
		t.equal(book.Rev, rev, "revision")
	}
	t.equal(len(t.books(surveys.DayQuery{})), 1, "books")
}

func putDayFirstTwice(t trial) {
	seen := surveys.DirtyDay{Facility: hall, Day: monday}
	first := t.put(bookOf(hall, monday), seen)
	second := bookOf(hall, monday)
	second.Forms = 99
	t.isError(t.putDay(t.ctx, second, seen), surveys.ErrConflict, "PutDays at revision 0 of a book that is there")
	t.equal(t.book(hall, monday), first, "book after the conflict")
}

func putDayWithoutPredecessor(t trial) {
	seen := surveys.DirtyDay{Facility: hall, Day: monday}
	ahead := bookOf(hall, monday)
	ahead.Rev = 4
	t.isError(t.putDay(t.ctx, ahead, seen), surveys.ErrConflict, "PutDays at revision 4 of no book")
	_, err := t.Day(t.ctx, hall, monday)
	t.isError(err, surveys.ErrNotFound, "Day after the conflict")
	first := t.put(bookOf(hall, monday), seen)
	t.isError(t.putDay(t.ctx, ahead, seen), surveys.ErrConflict, "PutDays at revision 4 of a book at 1")
	t.equal(t.book(hall, monday), first, "book after the conflict")
}

func putDayStale(t trial) {
	t.add(answered(hall, monday))
	stale := bookOf(hall, monday)
	current := t.put(stale, t.dirtyOne(hall, monday))
	t.add(answered(hall, monday))
	seen := t.dirtyOne(hall, monday)
	stale.Forms, stale.Body = 99, []byte("stale")
	t.isError(t.putDay(t.ctx, stale, seen), surveys.ErrConflict, "stale PutDays")
	t.equal(t.book(hall, monday), current, "book after a stale PutDays")
	t.equal(t.dirtyOne(hall, monday), seen, "marks after a stale PutDays")
	t.put(current, seen)
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the right one")
}

func putDayClears(t trial) {
	t.add(answered(hall, monday))
	t.add(answered(hall, monday), answered(clinic, monday))
	t.noError(t.MarkDirty(t.ctx, hall, monday), "MarkDirty")
	seen := t.dirty(surveys.DirtyQuery{Facility: hall})
	t.mustEqual(len(seen), 1, "entries of a day that was marked three times")
	t.put(bookOf(hall, monday), seen[0])
	t.dirtyOne(clinic, monday)
}

func putDayLaterMark(t trial) {
	for name, mark := range map[string]func() error{
		"response": func() error {
			_, err := t.AddResponses(t.ctx, []surveys.Response{answered(hall, monday)})
			return err
		},
		"MarkDirty":    func() error { return t.MarkDirty(t.ctx, hall, monday) },
		"MarkAllDirty": func() error { return t.MarkAllDirty(t.ctx) },
	} {
		t.add(answered(hall, monday))
		book, err := t.Day(t.ctx, hall, monday)
		if err != nil {
			book = bookOf(hall, monday)
		}
		seen := t.dirtyOne(hall, monday)
		t.noError(mark(), name)
		book = t.put(book, seen)
		if len(t.dirty(surveys.DirtyQuery{})) != 1 {
			t.Errorf("the mark of a %s made after the listing was cleared by PutDays", name)
			continue
		}
		t.put(book, t.dirtyOne(hall, monday))
		t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days when the later mark was seen too")
	}
}

func putDayOnlySeen(t trial) {
	t.add(answered(hall, monday), answered(hall, tuesday), answered(clinic, monday))
	var seen surveys.DirtyDay
	for _, d := range t.dirty(surveys.DirtyQuery{Facility: hall}) {
		if d.Day == monday {
			seen = d
		}
	}
	book := t.put(bookOf(hall, monday), surveys.DirtyDay{Facility: hall, Day: monday})
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 3, "dirty days after a PutDays that saw no marks")
	t.put(book, seen)
	got := t.dirtyPairs(surveys.DirtyQuery{})
	slices.SortFunc(got, comparePairs)
	t.equal(got, []facilityDay{{hall, tuesday}, {clinic, monday}}, "the other dirty days")
}

// Marks that were cleared once must never stand for marks made since, or a slow roller would clear
// what it has not counted.
func putDayOldMarks(t trial) {
	t.add(answered(hall, monday))
	old := t.dirtyOne(hall, monday)
	book := t.put(bookOf(hall, monday), old)
	t.add(answered(hall, monday))
	t.put(book, old)
	if len(t.dirty(surveys.DirtyQuery{})) != 1 {
		t.Errorf("marks cleared by an earlier PutDays cleared a mark made since")
	}
}

func putDayRacing(t trial) {
	for i := range 5 {
		day := monday.Add(i)
		t.add(answered(hall, day))
		seen := t.dirtyOne(hall, day)
		t.oneWins(atOnce(6, func(racer int) error {
			book := bookOf(hall, day)
			book.Forms = int64(racer)
			return t.putDay(t.ctx, book, seen)
		}), "first PutDays")
		current := t.book(hall, day)
		t.equal(current.Rev, int64(1), "revision after the race")
		t.oneWins(atOnce(6, func(int) error { return t.putDay(t.ctx, current, surveys.DirtyDay{Facility: hall, Day: day}) }), "second PutDays")
		t.equal(t.book(hall, day).Rev, int64(2), "revision after the second race")
		t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the race")
	}
}

func putDayCancelled(t trial) {
	t.add(answered(hall, monday))
	seen := t.dirtyOne(hall, monday)
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	if t.putDay(ctx, bookOf(hall, monday), seen) == nil {
		t.Errorf("PutDays under a cancelled context gave no error")
	}
	_, err := t.Day(t.ctx, hall, monday)
	t.isError(err, surveys.ErrNotFound, "Day after the cancelled PutDays")
	t.dirtyOne(hall, monday)
}
