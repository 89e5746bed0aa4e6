package storetest

import (
	"fmt"
	"slices"

	"hailong/surveys"
)

func eachDayChecks() []Check {
	return []Check{
		rule("EachDay/order", eachDayOrder),
		rule("EachDay/query", eachDayQuery),
		rule("EachDay/stops_at_first_error", eachDayStops),
		rule("EachDay/many_pages", eachDayManyPages),
	}
}

// putBook stores a first book of a facility-day.
func (t trial) putBook(facility surveys.FacilityID, day surveys.Day) {
	t.Helper()
	t.put(bookOf(facility, day), surveys.DirtyDay{Facility: facility, Day: day})
}

func eachDayOrder(t trial) {
	var want []facilityDay
	for _, facility := range []surveys.FacilityID{school, hall, clinic} {
		for _, day := range []surveys.Day{friday, monday, tuesday} {
			t.putBook(facility, day)
			want = append(want, facilityDay{facility, day})
		}
	}
	slices.SortFunc(want, comparePairs)
	t.equal(t.books(surveys.DayQuery{}), want, "books by facility and day")
}

func eachDayQuery(t trial) {
	for i := range 7 {
		t.putBook(hall, monday.Add(i-1))
		t.putBook(clinic, monday.Add(i-1))
	}
	t.equal(t.books(surveys.DayQuery{Facility: hall, From: monday, To: tuesday}),
		[]facilityDay{{hall, monday}, {hall, tuesday}}, "one facility, two days")
	t.equal(t.books(surveys.DayQuery{From: monday, To: monday}), []facilityDay{{hall, monday}, {clinic, monday}}, "one day")
	t.equal(len(t.books(surveys.DayQuery{Facility: clinic, From: friday})), 2, "books from Friday")
	t.equal(len(t.books(surveys.DayQuery{Facility: clinic, To: monday})), 2, "books to Monday")
	t.equal(len(t.books(surveys.DayQuery{Facility: school})), 0, "books of a facility without any")
}

func eachDayStops(t trial) {
	for i := range 4 {
		t.putBook(hall, monday.Add(i))
	}
	calls := 0
	err := t.EachDay(t.ctx, surveys.DayQuery{}, func(surveys.DayBook) error {
		if calls++; calls == 2 {
			return errStop
		}
		return nil
	})
	t.isError(err, errStop, "EachDay whose callback failed")
	t.equal(calls, 2, "calls until the error")
}

// The callback replaces each book, as a rebuild does.
func eachDayManyPages(t trial) {
	var want []facilityDay
	for _, facility := range []surveys.FacilityID{hall, clinic} {
		counted := t.countedOf(facility, 300)
		t.equal(t.putAll(counted), slices.Repeat([]bool{true}, 300), "300 new books")
		for _, c := range counted {
			want = append(want, facilityDay{facility, c.Book.Day})
		}
	}
	var got []facilityDay
	t.noError(t.EachDay(t.ctx, surveys.DayQuery{}, func(b surveys.DayBook) error {
		got = append(got, facilityDay{b.Facility, b.Day})
		return t.putDay(t.ctx, b, surveys.DirtyDay{Facility: b.Facility, Day: b.Day})
	}), "EachDay whose callback uses the store")
	t.equal(got, want, "all books over many pages")
}

func releaseChecks() []Check {
	return []Check{
		rule("AddRelease/taken_id", addReleaseTaken),
		rule("AddRelease/racing", addReleaseRacing),
		rule("EachRelease/all_fields", eachReleaseAllFields),
		rule("EachRelease/order", eachReleaseOrder),
		rule("EachRelease/node_wholly_inside", eachReleaseInside),
		rule("EachRelease/facility", eachReleaseFacility),
		rule("EachRelease/released_from", eachReleaseReleasedFrom),
		rule("EachRelease/without_parts", eachReleaseWithoutParts),
		rule("EachRelease/stops_at_first_error", eachReleaseStops),
		rule("EachRelease/many_pages", eachReleaseManyPages),
	}
}

func addReleaseTaken(t trial) {
	first := releaseOf("r1", hall, monday, friday)
	t.release(first)
	t.isError(t.AddRelease(t.ctx, releaseOf("r1", clinic, tuesday, tuesday)), surveys.ErrConflict, "AddRelease of a taken id")
	t.isError(t.AddRelease(t.ctx, first), surveys.ErrConflict, "AddRelease of the same again")
	t.equal(t.releases(surveys.ReleaseQuery{}), []surveys.ReleaseRecord{first}, "releases")
}

func addReleaseRacing(t trial) {
	for i := range 5 {
		id := fmt.Sprintf("r%d", i)
		t.oneWins(atOnce(6, func(int) error { return t.AddRelease(t.ctx, releaseOf(id, hall, monday, friday)) }), "AddRelease")
	}
	t.equal(len(t.releases(surveys.ReleaseQuery{})), 5, "releases")
}

func eachReleaseAllFields(t trial) {
	full := surveys.ReleaseRecord{
		ID: "one_stop.1|answers|2026-03-01..2026-03-14|2", Facility: clinic, From: "2026-03-01", To: "2026-03-14", Released: "2026-04-02",
		Format: 5, Head: []byte("\x00\xffđầu"), Parts: []byte("\xfe\x00phần"),
	}
	bare := surveys.ReleaseRecord{ID: "bare", Facility: hall, From: monday, To: monday, Released: monday}
	t.release(full)
	t.release(bare)
	t.equal(t.releases(surveys.ReleaseQuery{}), []surveys.ReleaseRecord{bare, full}, "EachRelease")
}

func eachReleaseOrder(t trial) {
	for _, r := range []surveys.ReleaseRecord{
		releaseOf("c", clinic, monday, monday), releaseOf("b", hall, tuesday, tuesday), releaseOf("z", hall, monday, monday),
		releaseOf("a", hall, tuesday, friday), releaseOf("y", hall, monday, friday), releaseOf("d", school, monday.Add(-9), monday),
	} {
		t.release(r)
	}
	t.equal(t.releaseIDs(surveys.ReleaseQuery{}), []string{"y", "z", "a", "b", "c", "d"}, "releases by facility, node start and id")
}

func eachReleaseInside(t trial) {
	for id, node := range map[string][2]surveys.Day{
		"before": {"2026-02-27", "2026-03-01"}, "over_start": {"2026-03-01", monday}, "at_start": {monday, monday},
		"whole": {monday, friday}, "at_end": {friday, friday}, "over_end": {friday, "2026-03-07"},
		"after": {"2026-03-07", "2026-03-08"}, "around": {"2026-03-01", "2026-03-31"},
	} {
		t.release(releaseOf(id, hall, node[0], node[1]))
	}
	t.equal(t.releaseIDs(surveys.ReleaseQuery{From: monday, To: friday}), []string{"at_start", "whole", "at_end"}, "nodes wholly inside")
	t.equal(t.releaseIDs(surveys.ReleaseQuery{From: friday}), []string{"at_end", "over_end", "after"}, "nodes from Friday")
	t.equal(t.releaseIDs(surveys.ReleaseQuery{To: monday}), []string{"before", "over_start", "at_start"}, "nodes to Monday")
}

func eachReleaseFacility(t trial) {
	t.release(releaseOf("a", hall, monday, monday))
	t.release(releaseOf("b", clinic, monday, monday))
	t.equal(t.releaseIDs(surveys.ReleaseQuery{Facility: clinic}), []string{"b"}, "releases of one facility")
	t.equal(len(t.releaseIDs(surveys.ReleaseQuery{Facility: school})), 0, "releases of a facility without any")
}

func eachReleaseReleasedFrom(t trial) {
	for i, id := range []string{"a", "b", "c"} {
		r := releaseOf(id, hall, monday, monday)
		r.Released = friday.Add(i)
		t.release(r)
	}
	t.equal(t.releaseIDs(surveys.ReleaseQuery{ReleasedFrom: friday.Add(1)}), []string{"b", "c"}, "released on that day or later")
	t.equal(len(t.releaseIDs(surveys.ReleaseQuery{ReleasedFrom: friday.Add(3)})), 0, "released later")
}

func eachReleaseWithoutParts(t trial) {
	want := releaseOf("a", hall, monday, monday)
	t.release(want)
	want.Parts = nil
	t.equal(t.releases(surveys.ReleaseQuery{WithoutParts: true}), []surveys.ReleaseRecord{want}, "releases without parts")
}

func eachReleaseStops(t trial) {
	for _, id := range []string{"a", "b", "c", "d"} {
		t.release(releaseOf(id, hall, monday, monday))
	}
	calls := 0
	err := t.EachRelease(t.ctx, surveys.ReleaseQuery{}, func(surveys.ReleaseRecord) error {
		if calls++; calls == 2 {
			return errStop
		}
		return nil
	})
	t.isError(err, errStop, "EachRelease whose callback failed")
	t.equal(calls, 2, "calls until the error")
}

// Many of one node start, and a callback that reads and writes.
func eachReleaseManyPages(t trial) {
	var want []string
	for i := range 600 {
		id := fmt.Sprintf("r%04d", i)
		want = append(want, id)
		t.release(releaseOf(id, hall, monday, monday.Add(i%7)))
	}
	var got []string
	t.noError(t.EachRelease(t.ctx, surveys.ReleaseQuery{Facility: hall}, func(r surveys.ReleaseRecord) error {
		got = append(got, r.ID)
		r.ID, r.Facility = "copy of "+r.ID, clinic
		return t.AddRelease(t.ctx, r)
	}), "EachRelease whose callback uses the store")
	t.equal(got, want, "all releases over many pages")
}
