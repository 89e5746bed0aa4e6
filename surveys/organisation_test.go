package surveys_test

import (
	"errors"
	"testing"
	"time"

	"hailong/surveys"
)

// tree is the change of 2025 in small: two towns become one commune, a third splits in two.
func tree() *surveys.Organisation {
	return surveys.NewOrganisation([]surveys.Unit{
		{Code: "36", Name: "Nam Định", Kind: "province", From: "2000-01-01", To: "2025-06-30", Successors: []string{"37"}},
		{Code: "37", Name: "Ninh Bình", Kind: "province", From: "2000-01-01"},
		{Code: "361", Name: "Huyện", Kind: "district", Parent: "36", From: "2000-01-01", To: "2025-06-30"},
		{Code: "1", Name: "Thị trấn", Kind: "town", Parent: "361", From: "2000-01-01", To: "2025-06-30", Successors: []string{"1"}},
		{Code: "2", Name: "Xã hai", Kind: "commune", Parent: "361", From: "2000-01-01", To: "2025-06-30", Successors: []string{"1"}},
		{Code: "3", Name: "Xã ba", Kind: "commune", Parent: "361", From: "2000-01-01", To: "2025-06-30", Successors: []string{"1", "4"}},
		{Code: "1", Name: "Xã một", Kind: "commune", Parent: "37", From: "2025-07-01"},
		{Code: "4", Name: "Xã bốn", Kind: "commune", Parent: "37", From: "2025-07-01"},
		{Code: "x", Name: "Vòng", Kind: "commune", Parent: "y", From: "2000-01-01"},
		{Code: "y", Name: "Vòng", Kind: "commune", Parent: "x", From: "2000-01-01"},
	}, nil, nil)
}

func TestUnitOf(t *testing.T) {
	t.Parallel()
	org := tree()
	place := func(unit string, from surveys.Day) surveys.Placement {
		return surveys.Placement{Unit: unit, From: from}
	}
	for _, c := range []struct {
		name   string
		placed []surveys.Placement
		day    surveys.Day
		want   string // code@from
	}{
		{"its unit", []surveys.Placement{place("2", "2020-01-01")}, "2024-05-05", "2@2000-01-01"},
		{"the last day", []surveys.Placement{place("2", "2020-01-01")}, "2025-06-30", "2@2000-01-01"},
		{"the only successor", []surveys.Placement{place("2", "2020-01-01")}, "2025-07-01", "1@2025-07-01"},
		{"the same code, another unit", []surveys.Placement{place("1", "2020-01-01")}, "2026-01-01", "1@2025-07-01"},
		{"two successors", []surveys.Placement{place("3", "2020-01-01")}, "2025-07-01", ""},
		{"two successors and a further placement", []surveys.Placement{place("3", "2020-01-01"), place("4", "2025-07-01")}, "2025-07-02", "4@2025-07-01"},
		{"the day before it", []surveys.Placement{place("3", "2020-01-01"), place("4", "2025-07-01")}, "2025-06-30", "3@2000-01-01"},
		{"before the first placement", []surveys.Placement{place("2", "2020-01-01")}, "2010-01-01", "2@2000-01-01"},
		{"no successor", []surveys.Placement{place("361", "2020-01-01")}, "2025-07-01", ""},
		{"no placement", nil, "2025-07-01", ""},
		{"unknown unit", []surveys.Placement{place("9", "2020-01-01")}, "2025-07-01", ""},
	} {
		u, ok := org.UnitOf(surveys.Facility{Placements: c.placed}, c.day)
		if ok != (c.want != "") || ok && u.ID() != c.want {
			t.Errorf("%s: %s %v, want %q", c.name, u.ID(), ok, c.want)
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	org := tree()
	f := surveys.Facility{Placements: []surveys.Placement{{Unit: "2", From: "2020-01-01"}}}
	for _, c := range []struct {
		code string
		unit surveys.Day // a day on which the code is meant
		day  surveys.Day
		in   bool
	}{
		{"2", "2024-01-01", "2024-01-01", true},
		{"361", "2024-01-01", "2024-01-01", true},
		{"36", "2024-01-01", "2024-01-01", true},
		{"37", "2024-01-01", "2024-01-01", false},
		{"1", "2024-01-01", "2024-01-01", false},
		{"1", "2026-01-01", "2026-01-01", true},
		{"37", "2026-01-01", "2026-01-01", true},
		{"36", "2024-01-01", "2026-01-01", false},
		{"1", "2024-01-01", "2026-01-01", false},
	} {
		u, ok := org.Unit(c.code, c.unit)
		if !ok {
			t.Fatalf("no unit %s on %s", c.code, c.unit)
		}
		if got := org.Within(f, u, c.day); got != c.in {
			t.Errorf("within %s on %s: %v", u.ID(), c.day, got)
		}
	}
	ring := surveys.Facility{Placements: []surveys.Placement{{Unit: "x", From: "2020-01-01"}}}
	if u, _ := org.Unit("37", "2026-01-01"); org.Within(ring, u, "2026-01-01") {
		t.Error("a ring of parents leads to a province")
	}
	if n := len(org.UnitsOn("2026-01-01")); n != 5 {
		t.Errorf("%d units on a day, want 5", n)
	}
}

func TestTargetOn(t *testing.T) {
	t.Parallel()
	list := append(surveys.DefaultTargets(), surveys.Target{Sector: "one_stop", Value: 0.9, From: "2026-01-01", To: "2026-12-31"})
	for _, c := range []struct {
		sector surveys.Sector
		day    surveys.Day
		value  float64
	}{{"health", "2020-12-31", 0}, {"health", "2021-01-01", 0.85}, {"education", "2030-01-01", 0.85}, {"one_stop", "2026-12-31", 0.9}, {"one_stop", "2027-01-01", 0}, {"policy", "2026-01-01", 0}} {
		if got, ok := surveys.TargetOn(list, c.sector, c.day); got.Value != c.value || ok != (c.value > 0) {
			t.Errorf("%s on %s: %v %v", c.sector, c.day, got.Value, ok)
		}
	}
}

func TestDirectoryFollowsChanges(t *testing.T) {
	t.Parallel()
	m := newMemory()
	d := surveys.NewDirectory(m)
	org, err := d.Organisation(t.Context())
	if err != nil || len(org.Facilities()) != 0 {
		t.Fatal(org, err)
	}
	if _, err = surveys.Facilities().Put(t.Context(), m, surveys.Facility{ID: "f", Name: "B"}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err = surveys.Facilities().Put(t.Context(), m, surveys.Facility{ID: "e", Name: "A"}, 0); err != nil {
		t.Fatal(err)
	}
	if same, again := d.Organisation(t.Context()); again != nil || same != org {
		t.Errorf("read again without need: %v", again)
	}
	for range 2 {
		if err = surveys.OrganisationChanged(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	org, err = d.Organisation(t.Context())
	if err != nil || len(org.Facilities()) != 2 || org.Facilities()[0].Name != "A" {
		t.Errorf("facilities %v %v", org.Facilities(), err)
	}
	m.err = surveys.ErrUnavailable
	if _, err := d.Organisation(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("without a store: %v", err)
	}
}

func TestDoorway(t *testing.T) {
	t.Parallel()
	m := newMemory()
	put := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	put(surveys.PublishInstrument(ctx, m, *instrument(t, "station"), "2026-01-01"))
	put(surveys.PublishInstrument(ctx, m, *instrument(t, "pulse"), "2026-01-01"))
	f, err := surveys.Facilities().Put(ctx, m, surveys.Facility{ID: "f", Instrument: "station", From: "2026-01-01", To: "2026-03-10"}, 0)
	put(err)
	p, err := surveys.Points().Put(ctx, m, surveys.Point{ID: "p", Token: "AAAAAAAA", Facility: "f"}, 0)
	put(err)
	now := time.Date(2026, 3, 10, 16, 59, 59, 0, time.UTC) // the last second of the facility's last day
	zone, err := time.LoadLocation(surveys.Zone)
	put(err)
	d := surveys.NewDoorway(m, func() time.Time { return now }, zone)
	find := func() *surveys.Place {
		t.Helper()
		place, ferr := d.Find(ctx, "AAAAAAAA")
		put(ferr)
		return place
	}
	first := find()
	if first.Retired || first.Instrument.Key != "station" || first.Facility.ID != "f" {
		t.Errorf("place %+v", first)
	}
	reads := m.reads
	if find() != first || m.reads != reads {
		t.Error("a busy code is read again at once")
	}
	now = now.Add(time.Second)
	if place := find(); !place.Retired {
		t.Error("open after its last day")
	}
	now = now.Add(-24 * time.Hour)
	d = surveys.NewDoorway(m, func() time.Time { return now }, zone)
	before := find().Revision
	p.Value.Instrument = "pulse"
	p, err = surveys.Points().Put(ctx, m, p.Value, p.Rev)
	put(err)
	now = now.Add(time.Second)
	if place := find(); place.Instrument.Key != "pulse" || place.Revision == before {
		t.Errorf("after a change %+v", place)
	}
	p.Value.Retired = "2026-03-09"
	_, err = surveys.Points().Put(ctx, m, p.Value, p.Rev)
	put(err)
	_, err = surveys.Facilities().Put(ctx, m, f.Value, f.Rev)
	put(err)
	now = now.Add(time.Second)
	if place := find(); !place.Retired {
		t.Error("a retired point is open on its first day out of use")
	}
	if _, err := d.Find(ctx, "BBBBBBBB"); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("an unknown code: %v", err)
	}
	m.err = surveys.ErrUnavailable
	now = now.Add(time.Second)
	if _, err := d.Find(ctx, "AAAAAAAA"); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("without a store: %v", err)
	}
}
