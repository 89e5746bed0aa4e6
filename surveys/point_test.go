package surveys_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

func TestOpenPoint(t *testing.T) {
	t.Parallel()
	const today surveys.Day = "2026-03-10"
	ctx := t.Context()
	st, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "s.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if closeErr := st.Close(); closeErr != nil {
			t.Error(closeErr)
		}
	})
	for _, f := range []surveys.Facility{{ID: "f", From: "2025-01-01"}, {ID: "closed", From: "2025-01-01", To: "2026-01-31"}} {
		if _, err := surveys.Facilities().Put(ctx, st, f, 0); err != nil {
			t.Fatal(err)
		}
	}
	open := func(f surveys.FacilityID, kind surveys.PointKind, name string) (surveys.Point, error) {
		return surveys.OpenPoint(ctx, st, f, kind, name, today)
	}
	var made [8]surveys.Point
	var work sync.WaitGroup
	for i := range made {
		work.Go(func() {
			var err error
			if made[i], err = open("f", "slip", "  Phiếu \u200bnhỏ\n"); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	first := made[0]
	if _, ok := surveys.ParseToken(string(first.Token)); !ok || first.Name != "Phiếu nhỏ" || first.Kind != "slip" || first.Facility != "f" || !strings.HasPrefix(string(first.ID), "p_") {
		t.Errorf("made %+v", first)
	}
	for _, p := range made {
		if p != first {
			t.Errorf("of eight at once one made %+v, another %+v", p, first)
		}
	}
	if other, err := open("f", "online", "Phiếu nhỏ"); err != nil || other.ID == first.ID || other.Token == first.Token {
		t.Errorf("of another kind: %+v, %v", other, err)
	}
	if err := surveys.RetirePoint(ctx, st, first.ID, today, ""); err != nil {
		t.Fatal(err)
	}
	next, err := open("f", "slip", "Phiếu nhỏ")
	if err != nil || next.ID == first.ID || next.Token == first.Token || next.Retired != "" {
		t.Errorf("after the first has been retired: %+v, %v", next, err)
	}
	if again, err := open("f", "slip", "Phiếu nhỏ"); err != nil || again != next {
		t.Errorf("again: %+v, %v", again, err)
	}
	all, err := surveys.Points().All(ctx, st)
	if err != nil || len(all) != 3 {
		t.Errorf("%d points are stored, want 3 (%v)", len(all), err)
	}
	var invalid *surveys.InvalidError
	for _, c := range []struct {
		kind surveys.PointKind
		name string
	}{{"poster", "Quầy"}, {"", "Quầy"}, {"slip", " \t\u200b"}, {"slip", strings.Repeat("ấ", 201)}} {
		if p, err := open("f", c.kind, c.name); !errors.As(err, &invalid) {
			t.Errorf("kind %q, name %.20q: got %+v, %v", c.kind, c.name, p, err)
		}
	}
	if _, err := open("nobody", "slip", "Phiếu"); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("at a facility that is not: %v", err)
	}
	if _, err := open("closed", "slip", "Phiếu"); !errors.Is(err, surveys.ErrRetired) {
		t.Errorf("at a closed facility: %v", err)
	}
}
