package storetest

import "hailong/surveys"

func sealChecks() []Check {
	return []Check{
		rule("DeleteResponses/removes_for_good", purgeRemoves),
		rule("DeleteResponses/leaves_the_others", purgeLeaves),
		rule("DeleteResponses/only_sealed", purgeOnlySealed),
		rule("DeleteResponses/not_dirty", purgeNotDirty),
		rule("DeleteResponses/again", purgeAgain),
	}
}

// seal puts a sealed book of a day, for all marks that it has.
func (t trial) seal(facility surveys.FacilityID, day surveys.Day) {
	t.Helper()
	book := bookOf(facility, day)
	book.Sealed, book.Seal = true, book.Digest()
	t.put(book, t.dirtyDay(facility, day))
}

// dirtyDay is the day with all marks that it has.
func (t trial) dirtyDay(facility surveys.FacilityID, day surveys.Day) surveys.DirtyDay {
	t.Helper()
	for _, d := range t.dirty(surveys.DirtyQuery{Facility: facility}) {
		if d.Day == day {
			return d
		}
	}
	return surveys.DirtyDay{Facility: facility, Day: day}
}

func purgeRemoves(t trial) {
	gone := append(manyAnswered(300, hall, monday), manyAnswered(3, hall, friday)...)
	t.add(gone...)
	t.seal(hall, monday)
	t.seal(hall, friday)
	books := []surveys.DayBook{t.book(hall, monday), t.book(hall, friday)}
	t.noError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday, friday}), "DeleteResponses")
	t.equal(len(t.list(surveys.ResponseQuery{})), 0, "responses left")
	for _, r := range []surveys.Response{gone[0], gone[302]} {
		_, err := t.Response(t.ctx, r.ID)
		t.isError(err, surveys.ErrNotFound, "Response of one that was deleted")
		found, err := t.ResponsesByReceipt(t.ctx, r.Receipt)
		t.noError(err, "ResponsesByReceipt")
		t.equal(len(found), 0, "responses by the receipt of one that was deleted")
		t.isError(t.Move(t.ctx, r.ID, surveys.Counted, surveys.Withdrawn, ""), surveys.ErrNotFound, "Move of one that was deleted")
	}
	t.equal([]surveys.DayBook{t.book(hall, monday), t.book(hall, friday)}, books, "the sealed books")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days")
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after MarkAllDirty")
}

func purgeLeaves(t trial) {
	kept := []surveys.Response{answered(hall, monday.Add(-1)), answered(hall, friday), answered(clinic, monday), answered(clinic, tuesday)}
	t.add(kept...)
	t.add(answered(hall, monday), answered(hall, tuesday))
	for _, r := range append(kept, answered(hall, monday), answered(hall, tuesday)) {
		t.seal(r.Facility, r.Day)
	}
	t.noError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday, tuesday}), "DeleteResponses")
	for _, r := range kept {
		t.equal(t.find(r.ID), r, "a response of another day or facility")
	}
	t.equal(len(t.list(surveys.ResponseQuery{})), len(kept), "responses left")
}

func purgeOnlySealed(t trial) {
	open, uncounted := answered(hall, monday), answered(hall, tuesday)
	t.add(open, uncounted)
	t.put(bookOf(hall, monday), surveys.DirtyDay{Facility: hall, Day: monday})
	t.isError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday}), surveys.ErrConflict, "DeleteResponses of a day that is not sealed")
	t.isError(t.DeleteResponses(t.ctx, hall, []surveys.Day{tuesday}), surveys.ErrConflict, "DeleteResponses of a day without a book")
	t.equal(t.find(open.ID), open, "the response of the open day")
	t.equal(t.find(uncounted.ID), uncounted, "the response of the day without a book")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 2, "dirty days")

	closed := bookOf(hall, friday)
	closed.Sealed = true
	last := answered(hall, friday)
	t.add(last)
	t.put(closed, t.dirtyDay(hall, friday))
	t.isError(t.DeleteResponses(t.ctx, hall, []surveys.Day{friday}), surveys.ErrConflict, "DeleteResponses of a day without a seal")
	t.equal(t.find(last.ID), last, "the response of the day without a seal")
}

// purgeNotDirty: what came after the last count stays, and so does all else of its day.
func purgeNotDirty(t trial) {
	counted, late := answered(hall, monday), answered(hall, monday)
	t.add(counted)
	t.seal(hall, monday)
	t.add(late)
	t.isError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday}), surveys.ErrConflict, "DeleteResponses of a dirty day")
	t.equal(t.find(counted.ID), counted, "the counted response of the dirty day")
	t.equal(t.find(late.ID), late, "the late response of the dirty day")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 1, "dirty days")
	book := t.book(hall, monday)
	t.put(book, t.dirtyDay(hall, monday))
	t.noError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday}), "DeleteResponses of a counted day")
	t.equal(len(t.list(surveys.ResponseQuery{})), 0, "responses left")
}

func purgeAgain(t trial) {
	first := answered(hall, monday)
	t.noError(t.DeleteResponses(t.ctx, hall, nil), "DeleteResponses of no day")
	t.add(first)
	t.seal(hall, monday)
	for range 2 {
		t.noError(t.DeleteResponses(t.ctx, hall, []surveys.Day{monday}), "DeleteResponses")
	}
	t.equal(len(t.list(surveys.ResponseQuery{})), 0, "responses left")
	t.equal(t.add(first), []bool{true}, "the same response after its first was deleted")
}
