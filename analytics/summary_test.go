package analytics_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
)

func testOffice(t *testing.T) *office {
	t.Helper()
	return newOffice(t, newMemStore(), 1)
}

// look counts what is dirty and tells the ledger, as the server does once a minute.
func (o *office) look() {
	o.Helper()
	o.roll()
	o.must(o.ledger.Refresh(o.ctx))
	o.must(o.ledger.ReadDays(o.ctx, surveys.DayQuery{}))
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	forms := o.give(27, surveys.Response{Day: "2026-05-03"})
	o.pass("2026-05-20")
	type seen struct {
		State             analytics.State
		Waiting, SetAside int64
	}
	check := func(what string, wantExact, wantOthers seen) {
		t.Helper()
		o.look()
		for _, c := range []struct {
			want   seen
			change []func(*analytics.Query)
		}{{wantExact, []func(*analytics.Query){exact}}, {wantOthers, nil}} {
			s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31", c.change...)
			if got := (seen{s.State, s.Waiting, s.SetAside}); got != c.want {
				t.Errorf("%s: got %+v, want %+v", what, got, c.want)
			}
		}
	}
	check("27 by midnight", seen{"hidden", 27, 0}, seen{"hidden", 20, 0})
	o.give(5, surveys.Response{Day: "2026-05-19", Arrived: "2026-05-20"})
	check("5 more today", seen{"hidden", 32, 0}, seen{"hidden", 20, 0})
	o.move(forms[:12], surveys.Aside)
	check("12 set aside", seen{"hidden", 20, 12}, seen{"hidden", 10, 10})
	o.pass("2026-05-21")
	check("the next day", seen{"hidden", 20, 12}, seen{"hidden", 20, 10})
	o.move(forms[12:27], surveys.Withdrawn)
	check("15 withdrawn", seen{"hidden", 5, 12}, seen{"none", 0, 10})
	o.give(40, surveys.Response{Day: "2026-05-21"})
	check("a good day, still to come", seen{"hidden", 45, 12}, seen{"none", 0, 10})
	o.pass("2026-05-22")
	check("a good day", seen{"full", 5, 12}, seen{"full", 0, 10})
}

// TestWaitingOfOtherWindows: what a larger node released does not wait, though the window cannot show it.
func TestWaitingOfOtherWindows(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(15, surveys.Response{Day: "2026-05-03"})
	o.give(15, surveys.Response{Day: "2026-05-23"})
	o.pass("2026-06-01")
	if s := o.summary("facility:f_hall", "2026-05-01", "2026-05-14", exact); s.State != "hidden" || s.Waiting != 0 {
		t.Errorf("half of a released month: %s, %d waiting", s.State, s.Waiting)
	}
	if s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31"); s.State != "full" || *s.Forms != 30 {
		t.Errorf("the month: %s", s.State)
	}
	if s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31", exact, asof("2026-05-31")); s.State != "hidden" || s.Waiting != 30 {
		t.Errorf("the month before its release: %s, %d waiting", s.State, s.Waiting)
	}
}

// TestBesideTheScore: forms satisfied throughout, and the rate over all scored items, detail ones too.
func TestBesideTheScore(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	codes := core("station")
	one := scale(5, codes...)
	one[codes[0]] = surveys.NumberAnswer(2)
	o.give(30, surveys.Response{Facility: station, Day: "2026-05-03", Answers: scale(5, codes...)})
	o.give(10, surveys.Response{Facility: station, Day: "2026-05-03", Answers: one})
	o.pass("2026-06-10")
	s := o.summary("facility:f_station", "2026-05-01", "2026-05-31")
	if s.Complete != 0.75 || s.ScoredRate == nil || *s.ScoredRate != s.Rate {
		t.Errorf("complete %v, scored rate %v, rate %v", s.Complete, s.ScoredRate, s.Rate)
	}
}

// TestHiddenIsAbsent: what a state hides is absent from the JSON, not zero.
func TestHiddenIsAbsent(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(40, surveys.Response{Facility: station, Day: "2026-05-03"})
	o.give(15, surveys.Response{Facility: station, Day: "2026-06-03"})
	o.pass("2026-06-10")
	always := []string{"definition", "from", "instrument", "releases", "scope", "set_aside", "state", "target", "to", "verdict", "waiting"}
	full := []string{
		"answered", "complete", "deff", "factors", "forms", "interval", "items", "mean", "n_eff", "needed", "rate", "satisfied", "scored_rate",
	}
	for _, c := range []struct {
		month, to surveys.Day
		state     string
		also      []string
	}{
		{"2026-04-01", "2026-04-30", "none", []string{"forms"}},
		{"2026-06-01", "2026-06-30", "hidden", nil},
		{"2026-05-01", "2026-05-31", "full", full},
	} {
		raw, err := json.Marshal(o.summary("facility:f_station", c.month, c.to))
		o.must(err)
		var got map[string]any
		o.must(json.Unmarshal(raw, &got))
		want := slices.Sorted(slices.Values(slices.Concat(always, c.also)))
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" || got["state"] != c.state {
			t.Errorf("state %v, want %s (-want +got)\n%s", got["state"], c.state, diff)
		}
		if c.state == "none" && got["forms"] != 0.0 {
			t.Errorf("none, but %v forms", got["forms"])
		}
	}
}

// TestVerdicts: the first reason that holds, else the verdict; needed only where there is none yet.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	const from, to = surveys.Day("2026-05-01"), surveys.Day("2026-05-31")
	clinicForms := func(n, value int, day surveys.Day) func(*office) {
		return func(o *office) {
			o.give(n, surveys.Response{Facility: clinic, Day: day, Answers: scale(value, core("outpatient")...)})
		}
	}
	both := func(fs ...func(*office)) func(*office) {
		return func(o *office) {
			for _, f := range fs {
				f(o)
			}
		}
	}
	mixed := both(clinicForms(17, 4, "2026-05-05"), clinicForms(3, 3, "2026-05-20"))
	for _, c := range []struct {
		name, scope      string
		from, to, today  surveys.Day
		fill             func(*office)
		want             analytics.Verdict
		needed, noTarget bool
	}{
		{"no standard period", "facility:f_clinic", from, "2026-05-30", "2026-06-20", clinicForms(200, 5, "2026-05-05"), "not_a_period", false, false},
		{"no target", "facility:f_hall", from, to, "2026-06-20", func(o *office) { o.give(40, surveys.Response{Day: "2026-05-05"}) }, "no_target", false, true},
		{"no target goes before open", "facility:f_hall", from, to, "2026-05-10", func(*office) {}, "no_target", false, true},
		{"several sectors have none", "all", from, to, "2026-06-20", clinicForms(200, 5, "2026-05-05"), "no_target", false, true},
		{"a unit of several sectors has none", "unit:100", from, to, "2026-06-20", clinicForms(200, 5, "2026-05-05"), "no_target", false, true},
		{"a unit of one sector has one", "unit:200", from, to, "2026-06-20", func(*office) {}, "undecided", false, false},
		{"the day before the close", "facility:f_clinic", from, to, "2026-06-13", clinicForms(200, 5, "2026-05-05"), "open", true, false},
		{"at the close", "facility:f_clinic", from, to, "2026-06-14", clinicForms(200, 5, "2026-05-05"), "met", false, false},
		{"not met", "sector:health", from, to, "2026-06-14", clinicForms(200, 3, "2026-05-05"), "not_met", false, false},
		{"too few forms for a verdict", "facility:f_clinic", from, to, "2026-06-14", clinicForms(29, 5, "2026-05-05"), "undecided", true, false},
		{"nothing shown", "facility:f_clinic", from, to, "2026-06-14", func(*office) {}, "undecided", false, false},
		{"nothing shown of something", "facility:f_clinic", from, to, "2026-06-14", clinicForms(12, 5, "2026-05-05"), "incomplete", false, false},
		{"nothing shown of a few: it tells of them as of none", "facility:f_clinic", from, to, "2026-06-14", clinicForms(5, 5, "2026-05-05"), "undecided", false, false},
		{"90 of 100 are shown", "facility:f_clinic", from, to, "2026-06-14", both(clinicForms(90, 5, "2026-05-05"), clinicForms(10, 5, "2026-05-25")), "met", false, false},
		{"89 of 99 are not enough", "facility:f_clinic", from, to, "2026-06-14", both(clinicForms(89, 5, "2026-05-05"), clinicForms(10, 5, "2026-05-25")), "incomplete", true, false},
		{"open goes before incomplete", "facility:f_clinic", from, to, "2026-06-13", both(clinicForms(89, 5, "2026-05-05"), clinicForms(10, 5, "2026-05-25")), "open", true, false},
		{"on the target no number helps", "facility:f_clinic", from, to, "2026-06-14", mixed, "undecided", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := testOffice(t)
			c.fill(o)
			o.pass(c.today)
			s := o.summary(c.scope, c.from, c.to)
			if s.Verdict != c.want || (s.Needed != nil) != c.needed || (s.Target == nil) != c.noTarget {
				t.Errorf("got %s, needed %v, target %v; want %+v", s.Verdict, s.Needed, s.Target, c)
			}
			if s.Needed != nil {
				if k, ok := analytics.Needed(s.Sums, 0.85); !ok || k != *s.Needed {
					t.Errorf("needed %d, want %d", *s.Needed, k)
				}
			}
			if future := o.summary(c.scope, c.from, c.to, asof("2099-01-01")); future.Verdict != s.Verdict {
				t.Errorf("as of a day to come the verdict is %s", future.Verdict)
			}
		})
	}
}

// TestTargetOfTheDay: the target in force on the window's last day counts.
func TestTargetOfTheDay(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	_, err := surveys.Targets().Put(o.ctx, o.st, surveys.Target{Sector: "policy", Value: 0.5, From: "2026-05-31", To: "2026-06-29"}, 0)
	o.must(err)
	o.facility(surveys.Facility{ID: "f_x", Name: "Ủy ban", Sector: "policy", Kind: "office", Instrument: "policy"}, "200")
	o.today = "2026-09-01"
	for to, want := range map[surveys.Day]bool{"2026-05-31": true, "2026-06-30": false, "2026-04-30": false} {
		s := o.summary("facility:f_x", to[:8]+"01", to)
		if (s.Target != nil) != want {
			t.Errorf("period to %s: target %v", to, s.Target)
		}
	}
}

// TestTrees: after a merger the same releases belong to the unit of their time or to today's, by the last day of
// their node.
func TestTrees(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.unit(surveys.Unit{Code: "301", Name: "Xã cũ 1", Kind: "commune", Parent: "36", From: "2000-01-01", To: "2026-05-15", Successors: []string{"300"}})
	o.unit(surveys.Unit{Code: "302", Name: "Xã cũ 2", Kind: "commune", Parent: "36", From: "2000-01-01", To: "2026-05-15", Successors: []string{"300"}})
	o.unit(surveys.Unit{Code: "300", Name: "Xã mới", Kind: "commune", Parent: "36", From: "2026-05-16"})
	o.facility(surveys.Facility{ID: "f_1", Name: "Trạm 1", Sector: "health", Kind: "station", Instrument: "station"}, "301")
	o.facility(surveys.Facility{ID: "f_2", Name: "Trạm 2", Sector: "health", Kind: "station", Instrument: "station"}, "302")
	give := func(n int, f surveys.FacilityID, day surveys.Day) {
		o.give(n, surveys.Response{Facility: f, Day: day, Instrument: "station"})
	}
	give(30, "f_1", "2026-05-04") // day, in the old unit
	give(31, "f_2", "2026-05-05") // day, in the other
	give(10, "f_1", "2026-05-10") // these two make a month, whose last day is in the new
	give(10, "f_1", "2026-05-20")
	give(33, "f_2", "2026-05-25") // day, in the new
	o.pass("2026-06-02")
	now := func(q *analytics.Query) { q.Tree = analytics.TreeNow }
	for _, c := range []struct {
		scope    string
		from, to surveys.Day
		tree     func(*analytics.Query)
		want     int64
	}{
		{"unit:301", "2026-05-01", "2026-05-15", nil, 30},
		{"unit:301@2026-05-15", "2026-05-01", "2026-05-31", nil, 30},
		{"unit:302@2026-01-01", "2026-05-01", "2026-05-31", nil, 31},
		{"unit:300", "2026-05-01", "2026-05-31", nil, 20 + 33},
		{"unit:300", "2026-05-01", "2026-05-31", now, 30 + 31 + 20 + 33},
		{"unit:300@2026-06-01", "2026-05-01", "2026-05-14", now, 30 + 31},
		{"unit:300@2026-06-01", "2026-05-01", "2026-05-14", nil, 0},
		{"unit:301@2026-05-15", "2026-05-01", "2026-05-31", now, 0},
		{"unit:36", "2026-05-01", "2026-05-31", nil, 30 + 31 + 20 + 33},
		{"unit:36", "2026-05-01", "2026-05-31", now, 30 + 31 + 20 + 33},
		{"facility:f_1", "2026-05-01", "2026-05-31", nil, 50},
	} {
		var change []func(*analytics.Query)
		if c.tree != nil {
			change = append(change, c.tree)
		}
		if s := o.summary(c.scope, c.from, c.to, change...); *s.Forms != c.want {
			t.Errorf("%s %s to %s, now %v: %d forms, want %d", c.scope, c.from, c.to, c.tree != nil, *s.Forms, c.want)
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	for _, scope := range []analytics.Scope{
		{Kind: analytics.FacilityScope, Name: "f_none"},
		{Kind: analytics.UnitScope, Name: "999"},
		{Kind: analytics.UnitScope, Name: "100", Day: "1999-12-31"},
	} {
		q := analytics.Query{Scope: scope, From: "2026-05-01", To: "2026-05-31"}
		if _, err := o.desk.Summary(o.ctx, q); !errors.Is(err, surveys.ErrNotFound) {
			t.Errorf("%s: %v", scope, err)
		}
	}
}

// TestWideScopes: pooled and mean of facilities stand side by side, the pulse stays out unless it is named, and
// items are listed of one instrument only.
func TestWideScopes(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(90, surveys.Response{Facility: clinic, Day: "2026-05-04", Answers: scale(5, core("outpatient")...)})
	o.give(30, surveys.Response{Facility: station, Day: "2026-05-04", Answers: scale(2, core("station")...)})
	o.give(50, surveys.Response{Facility: station, Day: "2026-05-04", Instrument: surveys.Pulse})
	o.give(40, surveys.Response{Day: "2026-05-04", Answers: scale(5, core("one_stop")...)})
	o.pass("2026-06-20")
	ask := func(key string) func(*analytics.Query) { return func(q *analytics.Query) { q.Instrument = key } }
	for _, c := range []struct {
		scope, instrument string
		forms             int64
		pooled, mean      float64
		facilities        int
		items             bool
	}{
		{"sector:health", "", 120, 0.75, 0.5, 2, false},
		{"sector:health", "outpatient", 90, 1, 1, 1, true},
		{"all", "", 160, 130.0 / 160, 2.0 / 3, 3, false},
		{"all", surveys.Pulse, 50, 1, 1, 1, true},
		{"unit:100", "", 130, 1, 1, 2, false},
		{"facility:f_station", "", 30, 0, 0, 0, true},
		{"facility:f_station", surveys.Pulse, 50, 1, 0, 0, true},
	} {
		s := o.summary(c.scope, "2026-05-01", "2026-05-31", ask(c.instrument))
		if *s.Forms != c.forms || math.Abs(s.Rate-c.pooled) > 1e-12 || (len(s.Items) > 0) != c.items {
			t.Errorf("%s %s: %d forms, rate %v, %d items", c.scope, c.instrument, *s.Forms, s.Rate, len(s.Items))
		}
		switch {
		case c.facilities == 0:
			if s.FacilityMean != nil {
				t.Errorf("%s: a mean of one", c.scope)
			}
		case s.FacilityMean == nil || math.Abs(s.FacilityMean.Rate-c.mean) > 1e-12 || s.FacilityMean.Facilities != c.facilities:
			t.Errorf("%s %s: facility mean %+v", c.scope, c.instrument, s.FacilityMean)
		}
	}
	rows, err := o.desk.Rows(o.ctx, analytics.Query{Scope: analytics.Scope{Kind: analytics.AllScope}, From: "2026-05-01", To: "2026-05-31"})
	o.must(err)
	var got []surveys.FacilityID
	for _, r := range rows {
		got = append(got, r.Facility.ID)
		alone := o.summary("facility:"+string(r.Facility.ID), "2026-05-01", "2026-05-31")
		alone.Items, alone.Factors, alone.ScoredRate = nil, nil, nil
		if diff := cmp.Diff(alone, r.Summary); diff != "" {
			t.Errorf("row and summary of %s differ\n%s", r.Facility.ID, diff)
		}
	}
	if diff := cmp.Diff([]surveys.FacilityID{clinic, station, hall}, got); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
}

// TestFigures: the figures of one view, reckoned by hand.
func TestFigures(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(20, surveys.Response{Day: "2026-05-04", Answers: surveys.Answers{
		"A3": surveys.NumberAnswer(5), "B2": surveys.NumberAnswer(2), "C1": surveys.NumberAnswer(0), "Z": surveys.NumberAnswer(4),
	}})
	o.give(10, surveys.Response{Day: "2026-05-04", Form: surveys.FullForm, Answers: surveys.Answers{
		"A3": surveys.NumberAnswer(3), "B2": surveys.NumberAnswer(4), "A1": surveys.NumberAnswer(1),
	}})
	o.give(25, surveys.Response{Day: "2026-05-14", Answers: scale(4, "A3", "B2", "D1")}) // a half-month with nothing else
	o.pass("2026-07-02")
	s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31")
	if *s.Forms != 55 || s.Answered != 60+75 || s.Satisfied != 20+10+75 || math.Abs(s.Mean-(20*7+10*7+75*4)/135.0) > 1e-12 {
		t.Errorf("got %+v, %d forms", s.Figures, *s.Forms)
	}
	want := []string{
		"f_hall:one_stop.1:answers:d2026-05-04:1", "f_hall:one_stop.1:answers:m2026-05-01:1",
	}
	if diff := cmp.Diff(want, s.Releases); diff != "" {
		t.Errorf("releases (-want +got)\n%s", diff)
	}
	items := map[string]analytics.ItemTable{}
	for _, it := range s.Items {
		items[it.Code] = it
	}
	if a3 := items["A3"]; *a3.Counts != [5]int64{0, 0, 10, 25, 20} || *a3.None != 0 || *a3.Answered != 55 || math.Abs(*a3.Rate-45.0/55) > 1e-12 {
		t.Errorf("A3: %+v", a3)
	}
	if c1 := items["C1"]; !c1.Withheld || c1.Counts != nil || c1.Answered != nil || c1.None != nil || c1.Rate != nil || c1.Interval != nil {
		t.Errorf("C1, which nobody rated: %+v", c1)
	}
	if _, listed := items["A1"]; listed {
		t.Errorf("A1 is listed, though its ten answers were not released by a month")
	}
	s = o.summary("facility:f_hall", "2026-04-01", "2026-06-30")
	if i := slices.IndexFunc(s.Items, func(it analytics.ItemTable) bool { return it.Code == "A1" }); i < 0 || *s.Items[i].Answered != 10 {
		t.Errorf("A1 in the quarter: %+v", s.Items)
	}
	for _, f := range s.Factors {
		if want := map[string]float64{"A": (45.0/55 + 0) / 2, "B": 35.0 / 55, "D": 1}[f.Code]; math.Abs(f.Rate-want) > 1e-12 {
			t.Errorf("factor %s: %v, want %v", f.Code, f.Rate, want)
		}
	}
}

func TestWithSetAside(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	forms := o.give(60, surveys.Response{Day: "2026-05-04"})
	o.give(30, surveys.Response{Day: "2026-05-05", Standing: surveys.Aside, Answers: scale(1, "A3")})
	o.pass("2026-05-06")
	s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31")
	if s.Rate != 1 || s.WithSetAside == nil || s.WithSetAside.Answered != 330 || s.WithSetAside.Satisfied != 300 {
		t.Errorf("got %+v with set aside %+v", s.Figures, s.WithSetAside)
	}
	o.move(forms[:30], surveys.Aside)
	o.pass("2026-06-01") // a form stands on one side only, on every night
	for _, day := range []surveys.Day{"2026-05-06", "2026-05-31", "2026-06-01"} {
		s = o.summary("facility:f_hall", "2026-05-01", "2026-05-31", asof(day))
		if s.WithSetAside.Answered != 330 {
			t.Errorf("as of %s: %d answers with those set aside, not 330", day, s.WithSetAside.Answered)
		}
	}
}

// TestRestricted: shown by itself, from 30 forms on.
func TestRestricted(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	form := only(analytics.Restricted, "2026-05-04")
	o.give(29, form)
	q := analytics.Query{Scope: analytics.Scope{Kind: analytics.FacilityScope, Name: string(hall)}, From: "2026-05-01", To: "2026-06-30"}
	o.pass("2026-07-05")
	tables, err := o.desk.Restricted(o.ctx, q)
	o.must(err)
	if len(tables) != 0 {
		t.Errorf("29 forms are shown: %+v", tables)
	}
	form.Answers, form.Arrived = surveys.Answers{"T1": surveys.TextAnswer("yes")}, "2026-07-05"
	o.give(1, form)
	o.pass("2026-07-06")
	tables, err = o.desk.Restricted(o.ctx, q)
	o.must(err)
	if len(tables) != 1 || tables[0].Item.Code != "T1" || !slices.Equal(tables[0].Counts, []int64{29, 1, 0}) {
		t.Fatalf("got %+v", tables)
	}
	for _, change := range []func(*analytics.Query){asof("2026-07-05"), func(q *analytics.Query) { q.To = "2026-05-30" }} {
		other := q
		change(&other)
		if tables, err = o.desk.Restricted(o.ctx, other); err != nil || len(tables) != 0 {
			t.Errorf("%+v: %v, %v", other, tables, err)
		}
	}
	raw, err := json.Marshal(o.summary("facility:f_hall", "2026-05-01", "2026-05-31"))
	o.must(err)
	if s := string(raw); o.summary("facility:f_hall", "2026-05-01", "2026-05-31").State != "none" {
		t.Errorf("restricted items make a figure: %s", s)
	}
}

func TestParseScope(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"all", "facility:f_1", "unit:13891", "unit:13891@2025-07-01", "sector:health", "facility:a:b"} {
		got, err := analytics.ParseScope(s)
		if err != nil || got.String() != s {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", ":", "all:", "all:x", "facility:", "facility", "unit:", "unit:@2025-07-01", "unit:1@", "unit:1@2025-02-30",
		"sector:", "sector:army", "Sector:health", "district:1",
	} {
		if got, err := analytics.ParseScope(s); err == nil {
			t.Errorf("%q is read as %+v", s, got)
		}
	}
}

func FuzzParseScope(f *testing.F) {
	for _, s := range []string{"all", "unit:1@2025-07-01", "facility:f_1", "sector:health", "unit:@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := analytics.ParseScope(s)
		if err != nil {
			return
		}
		if again, err := analytics.ParseScope(got.String()); err != nil || again != got {
			t.Errorf("%q is %+v, and that as a text %+v, %v", s, got, again, err)
		}
	})
}

// TestLedgerFollows: a ledger that lived through many passes shows what a fresh one shows.
func TestLedgerFollows(t *testing.T) {
	t.Parallel()
	long(t)
	o := testOffice(t)
	for i := range 60 {
		day := surveys.Day("2026-05-01").Add(i)
		forms := o.give(20+i, surveys.Response{Day: day, Arrived: day.Add(i % 3)})
		if i%7 == 0 {
			o.move(forms[:10], surveys.Aside)
		}
		if i%5 != 0 {
			o.pass(day.Add(1))
		}
		old := o.summary("facility:f_hall", "2026-04-01", "2026-07-31", exact)
		lived, ledger := o.desk, o.ledger
		o.restart()
		fresh := o.summary("facility:f_hall", "2026-04-01", "2026-07-31", exact)
		o.desk, o.ledger = lived, ledger
		if diff := cmp.Diff(fresh, old); diff != "" && i%5 != 0 {
			t.Fatalf("night %d (-fresh +old)\n%s", i, diff)
		}
	}
}
