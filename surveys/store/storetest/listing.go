package storetest

import (
	"cmp"
	"errors"
	"slices"

	"hailong/surveys"
)

func compareResponses(a, b surveys.Response) int {
	return cmp.Or(cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID))
}

func comparePairs(a, b facilityDay) int {
	return cmp.Or(cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Day, b.Day))
}

func moveChecks() []Check {
	return []Check{
		rule("Move/sets_aside_and_back", moveAsideAndBack),
		rule("Move/not_found", moveNotFound),
		rule("Move/conflict", moveConflict),
		rule("Move/empties_on_withdrawal", moveEmpties),
		rule("Move/resend_after_withdrawal", moveResend),
		rule("Move/marks_dirty", moveMarksDirty),
		rule("Move/racing", moveRacing),
	}
}

func moveAsideAndBack(t trial) {
	r, other := answered(hall, monday), answered(hall, monday)
	t.add(r, other)
	t.noError(t.Move(t.ctx, r.ID, surveys.Counted, surveys.Aside, surveys.ReasonBurst), "Move aside")
	want := r
	want.Standing, want.Reason = surveys.Aside, surveys.ReasonBurst
	t.equal(t.find(r.ID), want, "set aside")
	t.noError(t.Move(t.ctx, r.ID, surveys.Aside, surveys.Counted, ""), "Move back")
	t.equal(t.find(r.ID), r, "counted again")
	t.equal(t.find(other.ID), other, "the one that was not moved")
}

func moveNotFound(t trial) {
	r := answered(hall, monday)
	t.add(r)
	err := t.Move(t.ctx, surveys.NewSubmissionID(), surveys.Counted, surveys.Withdrawn, "")
	t.isError(err, surveys.ErrNotFound, "Move of an unknown id")
	t.isError(t.Move(t.ctx, "not-an-id", surveys.Counted, surveys.Aside, ""), surveys.ErrNotFound, "Move of what is no id")
	t.equal(t.find(r.ID), r, "the one that is there")
}

func moveConflict(t trial) {
	r := answered(hall, monday)
	t.add(r)
	err := t.Move(t.ctx, r.ID, surveys.Aside, surveys.Withdrawn, "không")
	t.isError(err, surveys.ErrConflict, "Move from a standing it has not")
	t.equal(t.find(r.ID), r, "response after the conflict")
}

func moveEmpties(t trial) {
	r, other := answered(hall, monday), answered(hall, monday)
	t.add(r, other)
	t.noError(t.Move(t.ctx, r.ID, surveys.Counted, surveys.Withdrawn, ""), "Move")
	want := r
	want.Standing, want.Answers, want.Comment = surveys.Withdrawn, nil, ""
	t.equal(t.find(r.ID), want, "withdrawn")
	t.equal(t.find(other.ID), other, "the one that was not withdrawn")
}

func moveResend(t trial) {
	r := answered(hall, monday)
	t.add(r)
	t.noError(t.Move(t.ctx, r.ID, surveys.Counted, surveys.Withdrawn, ""), "Move")
	t.equal(t.add(r), []bool{false}, "a late re-send")
	got := t.find(r.ID)
	t.equal(got.Standing, surveys.Withdrawn, "standing after the re-send")
	t.equal(len(got.Answers), 0, "answers after the re-send")
	t.equal(got.Comment, "", "comment after the re-send")
}

func moveMarksDirty(t trial) {
	r := answered(hall, monday)
	t.add(r)
	book := t.put(bookOf(hall, monday), t.dirtyOne(hall, monday))
	for _, step := range [][2]surveys.Standing{
		{surveys.Counted, surveys.Aside}, {surveys.Aside, surveys.Counted}, {surveys.Counted, surveys.Withdrawn},
	} {
		t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the count")
		t.noError(t.Move(t.ctx, r.ID, step[0], step[1], ""), "Move")
		book = t.put(book, t.dirtyOne(hall, monday))
	}
}

func moveRacing(t trial) {
	for range 5 {
		r := answered(hall, monday)
		t.add(r)
		t.oneWins(atOnce(6, func(int) error {
			return t.Move(t.ctx, r.ID, surveys.Counted, surveys.Aside, "đua")
		}), "Move")
	}
}

func eachResponseChecks() []Check {
	return []Check{
		rule("EachResponse/order", eachOrder),
		rule("EachResponse/facility", eachFacility),
		rule("EachResponse/days_inclusive", eachDaysInclusive),
		rule("EachResponse/open_ends", eachOpenEnds),
		rule("EachResponse/stops_at_first_error", eachStops),
		rule("EachResponse/many_pages", eachManyPages),
		rule("EachResponse/callback_uses_the_store", eachCallbackUsesStore),
	}
}

func eachOrder(t trial) {
	var want []surveys.Response
	for _, facility := range []surveys.FacilityID{school, hall, clinic} {
		for _, day := range []surveys.Day{friday, monday, tuesday} {
			want = append(want, manyAnswered(4, facility, day)...)
		}
	}
	t.add(want...)
	slices.SortFunc(want, compareResponses)
	t.equal(t.list(surveys.ResponseQuery{}), want, "responses by facility, day and id")
}

// ids lists the ids of a query.
func (t trial) ids(q surveys.ResponseQuery) []surveys.SubmissionID {
	t.Helper()
	var ids []surveys.SubmissionID
	for _, r := range t.list(q) {
		ids = append(ids, r.ID)
	}
	return ids
}

func eachFacility(t trial) {
	a, b := answered(hall, monday), answered(clinic, monday)
	t.add(a, b)
	t.equal(t.ids(surveys.ResponseQuery{Facility: clinic}), []surveys.SubmissionID{b.ID}, "those of one facility")
	t.equal(len(t.ids(surveys.ResponseQuery{Facility: school})), 0, "those of a facility without any")
	t.equal(len(t.ids(surveys.ResponseQuery{Facility: "f_"})), 0, "those of a facility whose name is a beginning")
}

func eachDaysInclusive(t trial) {
	var ids []surveys.SubmissionID
	for i := range 7 {
		r := answered(hall, monday.Add(i-1))
		t.add(r, answered(clinic, r.Day))
		ids = append(ids, r.ID)
	}
	t.equal(t.ids(surveys.ResponseQuery{Facility: hall, From: monday, To: friday}), ids[1:6], "Monday to Friday")
	t.equal(t.ids(surveys.ResponseQuery{Facility: hall, From: monday, To: monday}), ids[1:2], "Monday alone")
	t.equal(len(t.ids(surveys.ResponseQuery{From: monday, To: friday})), 10, "Monday to Friday in both facilities")
	t.equal(len(t.ids(surveys.ResponseQuery{From: friday, To: monday})), 0, "from after to")
}

func eachOpenEnds(t trial) {
	a, b, c := answered(hall, monday), answered(hall, tuesday), answered(hall, friday)
	t.add(a, b, c)
	t.equal(t.ids(surveys.ResponseQuery{From: tuesday}), []surveys.SubmissionID{b.ID, c.ID}, "from Tuesday")
	t.equal(t.ids(surveys.ResponseQuery{To: tuesday}), []surveys.SubmissionID{a.ID, b.ID}, "to Tuesday")
	t.equal(t.ids(surveys.ResponseQuery{}), []surveys.SubmissionID{a.ID, b.ID, c.ID}, "all")
}

func eachStops(t trial) {
	t.add(manyAnswered(5, hall, monday)...)
	calls := 0
	err := t.EachResponse(t.ctx, surveys.ResponseQuery{}, func(surveys.Response) error {
		if calls++; calls == 2 {
			return errStop
		}
		return nil
	})
	t.isError(err, errStop, "EachResponse whose callback failed")
	t.equal(calls, 2, "calls until the error")
}

// More than any sensible page, most of it on one facility-day.
func eachManyPages(t trial) {
	want := manyAnswered(1200, clinic, monday)
	for i := range 60 {
		want = append(want, manyAnswered(2, hall, monday.Add(i))...)
		want = append(want, manyAnswered(2, clinic, monday.Add(i))...)
	}
	for batch := range slices.Chunk(want, 500) {
		t.add(batch...)
	}
	slices.SortFunc(want, compareResponses)
	ids := make([]surveys.SubmissionID, len(want))
	for i, r := range want {
		ids[i] = r.ID
	}
	t.equal(t.ids(surveys.ResponseQuery{}), ids, "all ids over many pages")
	inClinic := ids[120:] // hall sorts before
	t.equal(t.ids(surveys.ResponseQuery{Facility: clinic}), inClinic, "all ids of one facility over many pages")
	t.equal(t.ids(surveys.ResponseQuery{To: monday}), slices.Concat(ids[:2], inClinic[:1202]), "all ids of one day over many pages")
}

// A callback may read and write; what was there before is seen once each.
func eachCallbackUsesStore(t trial) {
	before := manyAnswered(700, clinic, monday)
	t.add(before...)
	seen := map[surveys.SubmissionID]int{}
	calls := 0
	err := t.EachResponse(t.ctx, surveys.ResponseQuery{}, func(r surveys.Response) error {
		seen[r.ID]++
		if calls++; calls%100 != 0 {
			return nil
		}
		_, found := t.Response(t.ctx, r.ID)
		_, added := t.AddResponses(t.ctx, []surveys.Response{answered(hall, monday), answered(clinic, monday), answered(school, monday)})
		return errors.Join(found, added)
	})
	t.noError(err, "EachResponse whose callback uses the store")
	for _, r := range before {
		if seen[r.ID] != 1 {
			t.Fatalf("a response that was there before was seen %d times, want once", seen[r.ID])
		}
	}
}
