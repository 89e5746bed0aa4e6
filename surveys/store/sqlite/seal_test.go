package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hailong/surveys"
)

// Of what was deleted no byte is left in any file, though the store stays open.
func TestDeletedAnswersLeaveNoByte(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	s := open(t, path)
	const marker, kept = "marker-of-what-was-said", "what-stays"
	list := batch(600)
	for i := range list {
		list[i].Comment = marker
		if i%2 == 1 {
			list[i].Comment, list[i].Day = kept, "2026-05-05"
		}
	}
	if _, err := s.AddResponses(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	dirty, err := s.DirtyDays(t.Context(), surveys.DirtyQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var sealed []surveys.Day
	for _, seen := range dirty {
		if seen.Day == "2026-05-05" {
			continue
		}
		sealed = append(sealed, seen.Day)
		book := surveys.DayBook{Facility: seen.Facility, Day: seen.Day, Sealed: true, Seal: "a seal"}
		if _, err := s.PutDays(t.Context(), []surveys.CountedDay{{Book: book, Seen: seen}}); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(text string) (found []string) {
		files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(text)) {
				found = append(found, filepath.Base(file))
			}
		}
		return found
	}
	if len(holds(marker)) == 0 {
		t.Fatal("the marker is nowhere to begin with")
	}
	if err := s.DeleteResponses(t.Context(), list[0].Facility, sealed); err != nil {
		t.Fatal(err)
	}
	if found := holds(marker); found != nil {
		t.Errorf("what was deleted is still in %v", found)
	}
	if len(holds(kept)) == 0 || count(t, s) != 300 {
		t.Errorf("what was to stay is in %v, %d responses", holds(kept), count(t, s))
	}
}
