package backup_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hailong/surveys"
	"hailong/surveys/backup"
)

// threeDays is a store with a counted day, one after the other, each with answers.
func threeDays(t *testing.T) (surveys.Store, []surveys.Day) {
	t.Helper()
	st := open(t)
	days := []surveys.Day{"2024-02-01", "2024-02-02", "2024-02-03"}
	for _, day := range days {
		var batch []surveys.Response
		for range 3 {
			id := surveys.NewSubmissionID()
			batch = append(batch, surveys.Response{ID: id, Receipt: id.Receipt(), Facility: "f1", Day: day, Arrived: day, Standing: surveys.Counted})
		}
		if _, err := st.AddResponses(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	dirty, err := st.DirtyDays(t.Context(), surveys.DirtyQuery{})
	for _, d := range dirty {
		book := surveys.DayBook{Facility: d.Facility, Day: d.Day, Format: 1, Forms: 3, Body: []byte("three of " + d.Day)}
		if err == nil {
			_, err = st.PutDays(t.Context(), []surveys.CountedDay{{Book: book, Seen: d}})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return st, days
}

func sealDay(ctx context.Context, st surveys.Store, day surveys.Day) error {
	book, err := st.Day(ctx, "f1", day)
	if err != nil {
		return err
	}
	book.Sealed, book.Seal = true, book.Digest()
	_, err = st.PutDays(ctx, []surveys.CountedDay{{Book: book, Seen: surveys.DirtyDay{Facility: "f1", Day: day}}})
	return err
}

// sealing seals days, and empties them, while a backup reads the responses.
type sealing struct {
	surveys.Store

	before, after surveys.Day // the first answer is read
}

func (s *sealing) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	end := func(day surveys.Day) error {
		if err := sealDay(ctx, s.Store, day); err != nil {
			return err
		}
		return s.DeleteResponses(ctx, "f1", []surveys.Day{day})
	}
	if err := end(s.before); err != nil {
		return err
	}
	if err := s.Store.EachResponse(ctx, q, f); err != nil {
		return err
	}
	return end(s.after)
}

// What is sealed while a backup is made is restored sealed and empty, and what is only sealed is emptied: a count is
// never restored without either its answers or its seal.
func TestBackupWhileSealing(t *testing.T) {
	t.Parallel()
	st, days := threeDays(t)
	if err := sealDay(t.Context(), st, days[2]); err != nil { // and not emptied: the program was killed
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), &sealing{st, days[0], days[1]}, &file, backup.Options{Made: "2026-11-24"}); err != nil {
		t.Fatal(err)
	}
	again := open(t)
	counts, err := backup.Restore(t.Context(), again, source(file.Bytes(), ""), nil)
	if err != nil || counts.Days != 5 {
		t.Fatalf("%+v, %v; want three days and two again", counts, err)
	}
	if err := st.DeleteResponses(t.Context(), "f1", days); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content(t, st), content(t, again), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("restored otherwise (-was +is):\n%s", diff)
	}
	if err := again.EachDay(t.Context(), surveys.DayQuery{}, func(b surveys.DayBook) error {
		if !b.Sealed || b.Seal != b.Digest() {
			t.Errorf("day %s is restored as %+v", b.Day, b)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
