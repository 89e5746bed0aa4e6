package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hailong/surveys"
)

func putDaysEmpty(t trial) {
	t.noError(t.MarkDirty(t.ctx, hall, monday), "MarkDirty")
	t.equal(t.putAll(nil), []bool{}, "answer to an empty batch")
	t.equal(len(t.books(surveys.DayQuery{})), 0, "books")
	t.dirtyOne(hall, monday)
}

// A stale count in the middle keeps nothing from the others, and they nothing from it.
func putDaysEachByItself(t trial) {
	for i := range 5 {
		t.add(answered(hall, monday.Add(i)))
	}
	batch := t.countedOf(hall, 5)
	current := t.put(batch[1].Book, batch[1].Seen) // by another, who was faster
	t.add(answered(hall, monday.Add(1)))
	batch[1].Seen = t.countedOf(hall, 2)[1].Seen
	batch[1].Book.Body = []byte("stale")
	batch[3].Book.Rev = 7 // of no book
	t.equal(t.putAll(batch), []bool{true, false, true, false, true}, "what was stored of five, two of them stale")
	for _, i := range []int{0, 2, 4} {
		want := batch[i].Book
		want.Rev = 1
		t.equal(t.book(hall, want.Day), want, "book beside stale ones")
	}
	t.equal(t.book(hall, current.Day), current, "book whose count was stale")
	_, err := t.Day(t.ctx, hall, batch[3].Book.Day)
	t.isError(err, surveys.ErrNotFound, "Day that was counted at a revision of no book")
	t.equal(t.dirty(surveys.DirtyQuery{}), []surveys.DirtyDay{batch[1].Seen, batch[3].Seen}, "marks of the stale ones")
}

func putDaysTwice(t trial) {
	t.add(answered(hall, monday))
	seen := t.dirtyOne(hall, monday)
	first, second := bookOf(hall, monday), bookOf(hall, monday)
	second.Body = []byte("second")
	got := t.putAll([]surveys.CountedDay{{Book: first, Seen: surveys.DirtyDay{Facility: hall, Day: monday}}, {Book: second, Seen: seen}})
	t.equal(got, []bool{true, false}, "two first counts of one day")
	first.Rev = 1
	t.equal(t.book(hall, monday), first, "the first of the two")
	t.equal(t.dirtyOne(hall, monday), seen, "marks that only the second had seen")
	second.Rev = 1
	third := second
	third.Rev, third.Body = 2, []byte("third")
	t.equal(t.putAll([]surveys.CountedDay{{Book: second, Seen: seen}, {Book: third, Seen: seen}}), []bool{true, true}, "one count upon the other")
	third.Rev = 3
	t.equal(t.book(hall, monday), third, "the last of the two")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days")
}

func putDaysLarge(t trial) {
	const days = 300
	var batch []surveys.Response
	for i := range days {
		batch = append(batch, answered(hall, monday.Add(i)))
	}
	t.add(batch...)
	all := slices.Repeat([]bool{true}, days)
	counted := t.countedOf(hall, days)
	t.equal(t.putAll(counted), all, "300 first counts")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the first count")
	t.noError(t.MarkAllDirty(t.ctx), "MarkAllDirty")
	again := t.countedOf(hall, days)
	for i := range again {
		again[i].Book.Rev, again[i].Book.Body = 1, []byte("again")
	}
	t.equal(t.putAll(again), all, "300 counts again")
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the second count")
	n := 0
	t.noError(t.EachDay(t.ctx, surveys.DayQuery{}, func(b surveys.DayBook) error {
		if n++; b.Rev != 2 || string(b.Body) != "again" {
			return fmt.Errorf("the book of %s is %q at revision %d", b.Day, b.Body, b.Rev)
		}
		return nil
	}), "EachDay after both counts")
	t.equal(n, days, "books")
}

// Of rollers that count the same days, one stores each.
func putDaysRacing(t trial) {
	const racers, days = 4, 30
	for i := range days {
		t.add(answered(hall, monday.Add(i)))
	}
	batch := t.countedOf(hall, days)
	for rev := range int64(2) {
		stored := make([][]bool, racers)
		errs := atOnce(racers, func(i int) error {
			turn := i * days / racers // each in another order
			mine := slices.Concat(batch[turn:], batch[:turn])
			for k := range mine {
				mine[k].Book.Rev = rev
				mine[k].Book.Forms = int64(i)
			}
			got, err := t.PutDays(t.ctx, mine)
			if len(got) == days {
				stored[i] = slices.Concat(got[days-turn:], got[:days-turn])
			}
			return err
		})
		for i, err := range errs {
			t.noError(err, "PutDays")
			if stored[i] == nil {
				t.Fatalf("PutDays answered for fewer than %d", days)
			}
		}
		for k, c := range batch {
			var winners []int64
			for i := range racers {
				if stored[i][k] {
					winners = append(winners, int64(i))
				}
			}
			book := t.book(hall, c.Book.Day)
			t.equal(winners, []int64{book.Forms}, "racers told that their count is stored")
			t.equal(book.Rev, rev+1, "revision after the race")
		}
	}
	t.equal(len(t.dirty(surveys.DirtyQuery{})), 0, "dirty days after the race")
}

// A batch that is cut off anywhere is stored up to some book, each whole; a day that is not stored is dirty
// still, and sending it all again stores the rest.
func putDaysCancelledMidway(t trial) {
	const days = 40
	for i, facility := range []surveys.FacilityID{"f_a", "f_b", "f_c", "f_d", "f_e", "f_f", "f_g", "f_h"} {
		var batch []surveys.Response
		for k := range days {
			batch = append(batch, answered(facility, monday.Add(k)))
		}
		t.add(batch...)
		counted := t.countedOf(facility, days)
		ctx, cancel := context.WithTimeout(t.ctx, time.Duration(i*i)*200*time.Microsecond)
		_, err := t.PutDays(ctx, counted)
		cancel()
		there := t.books(surveys.DayQuery{Facility: facility})
		dirty := t.dirtyPairs(surveys.DirtyQuery{Facility: facility})
		if err == nil {
			t.equal(len(there), days, "books of an acknowledged batch")
			t.equal(len(dirty), 0, "dirty days of an acknowledged batch")
		}
		for k, c := range counted {
			at := facilityDay{facility, c.Book.Day}
			switch {
			case k < len(there):
				t.equal(there[k], at, "book stored of a batch that was cut off")
			case !slices.Contains(dirty, at):
				t.Errorf("day %d of a batch that was cut off after %d is not stored and not dirty", k, len(there))
			}
		}
		t.putAll(counted)
		var want, got []surveys.DayBook
		for _, c := range counted {
			c.Book.Rev = 1
			want = append(want, c.Book)
		}
		t.noError(t.EachDay(t.ctx, surveys.DayQuery{Facility: facility}, func(b surveys.DayBook) error {
			got = append(got, b)
			return nil
		}), "EachDay")
		t.equal(got, want, "books in the end")
	}
}
