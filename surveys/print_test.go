package surveys_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

func printSubject() surveys.PrintSubject {
	return surveys.PrintSubject{
		Point:    surveys.Point{ID: "p_1", Token: "7K3MPX9D", Facility: "f_1", Name: "Quầy 2"},
		Facility: surveys.Facility{ID: "f_1", Name: "Một cửa", From: "2025-07-01"},
		URL:      "https://hl.example/s/7K3MPX9D",
	}
}

func TestPrintMoves(t *testing.T) {
	t.Parallel()
	states := surveys.PrintStates()
	allowed := map[surveys.PrintState][]surveys.PrintState{
		surveys.PrintQueued:  {surveys.PrintQueued, surveys.PrintPrinted, surveys.PrintDown},
		surveys.PrintPrinted: {surveys.PrintPrinted, surveys.PrintHung, surveys.PrintDown},
		surveys.PrintHung:    {surveys.PrintHung, surveys.PrintDown},
		surveys.PrintDown:    {surveys.PrintDown},
	}
	for _, from := range states {
		for _, to := range append(states, "", "burnt") {
			got, err := surveys.Print{ID: "x", State: from, Queued: "2026-01-01"}.Move(surveys.PrintMove{To: to, Place: " cạnh \n quầy\t2 ", Now: printSubject(), Today: "2026-10-15"})
			want := slices.Contains(allowed[from], to)
			if want != (err == nil) || err != nil && !errors.Is(err, surveys.ErrConflict) {
				t.Errorf("%s → %q: %v", from, to, err)
			}
			if err == nil && (got.State != to || from != to && got.Since() != "2026-10-15") {
				t.Errorf("%s → %s gives %+v", from, to, got)
			}
			if err == nil && to == surveys.PrintHung && from != to && got.Place != "cạnh quầy 2" {
				t.Errorf("it hangs at %q", got.Place)
			}
		}
	}
	_, err := surveys.Print{State: surveys.PrintPrinted}.Move(surveys.PrintMove{To: surveys.PrintHung, Place: strings.Repeat("ệ", 201)})
	var invalid *surveys.InvalidError
	if !errors.As(err, &invalid) {
		t.Errorf("a place of 201 letters is answered %v", err)
	}
}

func TestPrintStale(t *testing.T) {
	t.Parallel()
	printed, err := surveys.Print{State: surveys.PrintQueued}.Move(surveys.PrintMove{To: surveys.PrintPrinted, Now: printSubject(), Today: "2026-10-15"})
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[surveys.Stale]func(*surveys.PrintSubject){
		"":                   func(*surveys.PrintSubject) {},
		surveys.StaleRetired: func(s *surveys.PrintSubject) { s.Point.Retired = "2026-10-16" },
		surveys.StaleAddress: func(s *surveys.PrintSubject) { s.URL = "https://moi.example/s/7K3MPX9D" },
		surveys.StaleMoved:   func(s *surveys.PrintSubject) { s.Facility.ID = "f_2" },
		surveys.StaleNamed:   func(s *surveys.PrintSubject) { s.Point.Name = "Quầy 3" },
	} {
		now := printSubject()
		change(&now)
		hung := printed
		hung.State = surveys.PrintHung
		for _, p := range []surveys.Print{printed, hung} {
			if got := p.Stale(now, "2026-10-16"); got != want {
				t.Errorf("%s: stale %q, want %q", p.State, got, want)
			}
		}
		for _, state := range []surveys.PrintState{surveys.PrintQueued, surveys.PrintDown} {
			if got := (surveys.Print{State: state}).Stale(now, "2026-10-16"); got != "" {
				t.Errorf("%s must be replaced: %s", state, got)
			}
		}
	}
	closed := printSubject()
	closed.Facility.To = "2026-09-30"
	if got := printed.Stale(closed, "2026-10-16"); got != surveys.StaleRetired {
		t.Errorf("of a closed facility it is %q", got)
	}
}

func TestOrderPrint(t *testing.T) {
	t.Parallel()
	s := newMemory()
	order := func(paper string, to surveys.PrintState, day surveys.Day) surveys.Print {
		t.Helper()
		p, err := surveys.OrderPrint(t.Context(), s, paper, surveys.PrintMove{To: to, Now: printSubject(), Today: day})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	states := func(want ...surveys.PrintState) {
		t.Helper()
		all, err := surveys.Prints().By(t.Context(), s, "point", "p_1")
		if err != nil {
			t.Fatal(err)
		}
		var got []surveys.PrintState
		for _, p := range all {
			got = append(got, p.Value.State)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prints (-want +got):\n%s", diff)
		}
	}
	first := order("a4", surveys.PrintQueued, "2026-10-01")
	order("a4", surveys.PrintQueued, "2026-10-02")
	states(surveys.PrintQueued)
	if got := order("a4", surveys.PrintPrinted, "2026-10-03"); got.ID != first.ID || got.Queued != "2026-10-01" || got.Printed != "2026-10-03" || got.URL == "" {
		t.Errorf("printed: %+v", got)
	}
	if got := order("a4", surveys.PrintPrinted, "2026-10-04"); got.ID != first.ID || got.Printed != "2026-10-04" {
		t.Errorf("printed again: %+v", got)
	}
	states(surveys.PrintPrinted)
	if _, err := surveys.MovePrint(t.Context(), s, first.ID, surveys.PrintMove{To: surveys.PrintHung, Place: "cổng", Today: "2026-10-05"}); err != nil {
		t.Fatal(err)
	}
	order("a4", surveys.PrintPrinted, "2026-10-06")
	order("a6", surveys.PrintQueued, "2026-10-06")
	states(surveys.PrintHung, surveys.PrintPrinted, surveys.PrintQueued)
	if _, err := surveys.MovePrint(t.Context(), s, "nope", surveys.PrintMove{To: surveys.PrintHung}); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("an unknown print is answered %v", err)
	}
}

// Two who order the same at once have one order.
func TestOrderPrintAtOnce(t *testing.T) {
	t.Parallel()
	s := newMemory()
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			_, err := surveys.OrderPrint(t.Context(), s, "a4", surveys.PrintMove{To: surveys.PrintQueued, Now: printSubject(), Today: "2026-10-01"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	all, err := surveys.Prints().All(t.Context(), s)
	if err != nil || len(all) != 1 {
		t.Errorf("%d orders (%v), want 1", len(all), err)
	}
}
