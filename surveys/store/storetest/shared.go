package storetest

import (
	"context"

	"hailong/surveys"
)

// SharedChecks lists the rules that need two handles on one store.
func SharedChecks() []Check {
	return []Check{
		pairRule("Shared/racing_adds", sharedAdds),
		pairRule("Shared/racing_counts", sharedCounts),
		pairRule("Shared/racing_records", sharedRecords),
		pairRule("Shared/later_mark_of_another_stays", sharedLaterMark),
		pairRule("Shared/frozen_for_all", sharedFrozen),
		{Name: "Shared/all_is_there_after_reopening", Run: sharedReopen},
	}
}

// pairRule makes a check that needs two handles.
func pairRule(name string, run func(a, b trial)) Check {
	return Check{Name: name, Run: func(tb TB, open func() surveys.Store) {
		tb.Helper()
		ctx, cancel := context.WithTimeout(tb.Context(), patience)
		defer cancel()
		run(trial{TB: tb, Store: open(), ctx: ctx}, trial{TB: tb, Store: open(), ctx: ctx})
	}}
}

func sharedAdds(a, b trial) {
	handles := []trial{a, b}
	for round := range 5 {
		batch := manyAnswered(50, hall, monday.Add(round))
		isNew := make([]int, len(handles))
		errs := atOnce(len(handles), func(i int) error {
			added, err := handles[i].AddResponses(a.ctx, batch)
			for _, yes := range added {
				if yes {
					isNew[i]++
				}
			}
			return err
		})
		for _, err := range errs {
			a.noError(err, "AddResponses through two handles")
		}
		a.equal(isNew[0]+isNew[1], len(batch), "responses told to be new through two handles")
	}
	a.equal(len(b.list(surveys.ResponseQuery{})), 250, "stored responses")
	a.equal(len(b.dirty(surveys.DirtyQuery{})), 5, "dirty days")
}

func sharedCounts(a, b trial) {
	handles := []trial{a, b}
	for round := range 5 {
		day := monday.Add(round)
		a.add(answered(hall, day))
		seen := b.dirtyOne(hall, day)
		a.oneWins(atOnce(4, func(i int) error { return handles[i%2].putDay(a.ctx, bookOf(hall, day), seen) }), "PutDays through two handles")
		a.equal(b.book(hall, day), a.book(hall, day), "the book through either handle")
	}
}

func sharedRecords(a, b trial) {
	handles := []trial{a, b}
	r := recordOf("setting", "n", map[string]string{"k": "v"})
	for range 5 {
		a.oneWins(atOnce(4, func(i int) error {
			_, err := handles[i%2].PutRecord(a.ctx, r)
			return err
		}), "PutRecord through two handles")
		r.Rev++
		b.stays(r)
	}
}

func sharedLaterMark(a, b trial) {
	a.add(answered(hall, monday))
	seen := b.dirtyOne(hall, monday)
	a.add(answered(hall, monday))
	book := b.put(bookOf(hall, monday), seen)
	b.put(book, a.dirtyOne(hall, monday))
	a.equal(len(a.dirty(surveys.DirtyQuery{})), 0, "dirty days when both marks were seen")
}

func sharedFrozen(a, b trial) {
	frozen := a.keep(frozenOf("one_stop.1"))
	b.mustStayFrozen(frozen)
	a.stays(frozen)
}

func sharedReopen(tb TB, open func() surveys.Store) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	before := trial{TB: tb, Store: open(), ctx: ctx}
	r, later := answered(hall, monday), answered(clinic, tuesday)
	before.add(r)
	book := before.put(bookOf(hall, monday), before.dirtyOne(hall, monday))
	before.add(later)
	release := releaseOf("r1", hall, monday, friday)
	before.release(release)
	record := before.keep(recordOf("unit", "u1", map[string]string{"parent": "a"}))
	marks := before.dirtyOne(clinic, tuesday)
	before.noError(before.Close(), "Close")

	after := trial{TB: tb, Store: open(), ctx: ctx}
	after.equal(after.find(r.ID), r, "response after reopening")
	after.equal(after.book(hall, monday), book, "book after reopening")
	after.equal(after.releases(surveys.ReleaseQuery{}), []surveys.ReleaseRecord{release}, "releases after reopening")
	after.stays(record)
	after.equal(after.dirtyOne(clinic, tuesday), marks, "dirty days after reopening")
	after.equal(after.add(r), []bool{false}, "a repeat after reopening")
	after.put(bookOf(clinic, tuesday), marks)
	after.equal(len(after.dirty(surveys.DirtyQuery{})), 0, "dirty days counted with marks from before")
}
