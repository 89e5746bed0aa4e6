package analytics_test

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
)

// honestDays stores some varied forms of every day of a span, given in working hours.
func (o *office) honestDays(from, to surveys.Day, daily int) {
	o.Helper()
	h := newHonest(rand.New(rand.NewPCG(5, uint64(len(o.forms)))), o.instruments["one_stop"])
	h.level, h.spread, h.quick = 1, 1, 0.05
	var batch []surveys.Response
	for day := from; day <= to; day = day.Add(1) {
		for i := range daily {
			r := h.form(day, 8+i%8, 0)
			r.ID = surveys.NewSubmissionID()
			r.Receipt, r.Point = r.ID.Receipt(), "p_1"
			batch = append(batch, r)
		}
	}
	o.store(batch)
}

func (o *office) habits() []analytics.Habit {
	o.Helper()
	stored, err := analytics.Habits().All(o.ctx, o.st)
	o.must(err)
	var list []analytics.Habit
	for _, h := range stored {
		list = append(list, h.Value)
	}
	return list
}

// Staff add 40 perfect forms after closing to 200 honest ones: the grade falls when the quarter closes, not before; it
// stays when the responses are deleted and whatever is decided later, and two servers come to the same.
func TestGradeFallsAtTheClose(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.honestDays("2026-01-05", "2026-03-15", 3)
		o.honestDays("2026-04-01", "2026-06-09", 3)
		insider := o.give(40, surveys.Response{Day: "2026-05-12", Hour: 18, Pace: surveys.Steady, Answers: scale(5, core("one_stop")...)})
		grade := func(from, to surveys.Day) string {
			s := o.summary("facility:f_hall", from, to)
			if s.Reliability == nil {
				return ""
			}
			if raw, err := json.Marshal(s); err != nil || !json.Valid(raw) {
				t.Errorf("%s, %v", raw, err)
			}
			return string(s.Reliability.Grade)
		}
		pass := func(day surveys.Day) {
			errs := make([]error, 2)
			var work sync.WaitGroup
			for i := range errs {
				work.Go(func() {
					_, errs[i] = analytics.NewReleaser(o.st, analytics.NewRoller(o.st), o.calendar).Pass(o.ctx, day, nil)
				})
			}
			work.Wait()
			for _, err := range errs {
				o.must(err)
			}
			o.today = day
		}
		pass("2026-07-13")
		if n := len(o.habits()); n != 5 {
			t.Errorf("%d habits are taken, want those of the months whose stragglers are in", n)
		}
		if got := grade("2026-01-01", "2026-03-31") + grade("2026-04-01", "2026-06-30"); got != "A" {
			t.Errorf("before the second quarter closes the grades are %q", got)
		}
		pass("2026-07-14")
		if got := grade("2026-01-01", "2026-03-31") + grade("2026-04-01", "2026-06-30"); got != "AC" {
			t.Errorf("at the close the grades are %q, want A and C", got)
		}
		s := o.summary("facility:f_hall", "2026-04-01", "2026-06-30")
		if diff := cmp.Diff([]analytics.Signal{analytics.SignalLate, analytics.SignalBunched}, s.Reliability.Signals); diff != "" {
			t.Errorf("signals (-want +got):\n%s", diff)
		}
		if s = o.summary("facility:f_hall", "2026-04-01", "2026-06-30", asof("2026-07-13")); s.Reliability != nil {
			t.Errorf("as it was before the close the grade is %+v", s.Reliability)
		}
		if s = o.summary("facility:f_hall", "2026-04-02", "2026-06-30"); s.Reliability != nil {
			t.Error("a free window has a grade")
		}
		if s = o.summary("unit:100", "2026-04-01", "2026-06-30"); s.Reliability != nil {
			t.Error("a unit has a grade")
		}
		was := o.habits()
		o.must(o.st.Move(o.ctx, insider[0].ID, surveys.Counted, surveys.Aside, surveys.ReasonExcluded))
		o.roll()
		sealDays(o, hall, "2026-05-12")
		pass("2026-08-20")
		if got := grade("2026-04-01", "2026-06-30"); got != "C" {
			t.Errorf("when the responses are gone the grade is %q", got)
		}
		if diff := cmp.Diff(was, o.habits()[:len(was)]); diff != "" {
			t.Errorf("habits changed (-was +now):\n%s", diff)
		}
	})
}

// A month of which something is deleted already has no habit, one of few forms an empty one, and without a habit there
// is no grade.
func TestHabitsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.honestDays("2026-01-05", "2026-02-10", 3)
	o.give(9, surveys.Response{Day: "2026-03-10", Hour: 3, Answers: scale(5, core("one_stop")...)})
	o.give(20, surveys.Response{Day: "2026-03-11", Channel: surveys.Paper, Hour: -1, Answers: scale(5, core("one_stop")...)})
	o.roll()
	sealDays(o, hall, "2026-01-07")
	o.pass("2026-04-20")
	var months []surveys.Day
	for _, h := range o.habits() {
		months = append(months, h.Month)
		if h.Month == "2026-03-01" && h != (analytics.Habit{Facility: hall, Month: "2026-03-01", Format: 2}) {
			t.Errorf("nine forms and twenty typed ones leave %+v", h)
		}
	}
	if diff := cmp.Diff([]surveys.Day{"2026-02-01", "2026-03-01"}, months); diff != "" {
		t.Errorf("habits (-want +got):\n%s", diff)
	}
	if s := o.summary("facility:f_hall", "2026-03-01", "2026-03-31"); s.Reliability != nil {
		t.Errorf("a month without enough forms is graded %+v", s.Reliability)
	}
}

func TestReliabilityOf(t *testing.T) {
	t.Parallel()
	at := func(hour int, n float64) *[24]float64 {
		var all [24]float64
		all[hour] = n
		return &all
	}
	hours := func(day, night int) (h [24]int) {
		h[9], h[20] = day, night
		return h
	}
	tests := []struct {
		name      string
		now, past analytics.Habit
		always    bool
		want      string
	}{
		{name: "too few", now: analytics.Habit{Forms: 29, Perfect: 29, Hours: hours(0, 29)}, want: "none"},
		{name: "nothing unusual", now: analytics.Habit{Forms: 30, Hours: hours(30, 0)}, want: "A"},
		{name: "all at night", now: analytics.Habit{Forms: 30, Hours: hours(0, 30)}, want: "D late"},
		{name: "all at night where people come at night", now: analytics.Habit{Forms: 30, Hours: hours(0, 30)}, always: true, want: "A"},
		{name: "at night, as ever", now: analytics.Habit{Forms: 200, Hours: hours(180, 20)}, past: analytics.Habit{Forms: 400, Hours: hours(360, 40)}, always: true, want: "A"},
		{name: "as many at night as always, beyond the cap", now: analytics.Habit{Forms: 200, Hours: hours(80, 120)}, past: analytics.Habit{Forms: 99, Hours: hours(40, 59)}, want: "D late"},
		{name: "a few alike", now: analytics.Habit{Forms: 300, Bunched: 12}, want: "B bunched"},
		{name: "under three in a hundred", now: analytics.Habit{Forms: 300, Bunched: 8}, want: "A"},
		{name: "alike at an hour with hardly any", now: analytics.Habit{Forms: 300, Bunched: 9, BunchedAt: at(20, 9), Hours: hours(300, 0)}, want: "C bunched"},
		{name: "alike at an hour with many", now: analytics.Habit{Forms: 300, Bunched: 9, BunchedAt: at(10, 9), Hours: hours(300, 0)}, want: "B bunched"},
		{name: "alike at night, too few", now: analytics.Habit{Forms: 300, Bunched: 8, BunchedAt: at(20, 8), Hours: hours(300, 0)}, want: "A"},
		{name: "alike at night where people come at night", now: analytics.Habit{Forms: 300, Bunched: 9, BunchedAt: at(20, 9), Hours: hours(300, 0)}, always: true, want: "B bunched"},
		{name: "a tenth alike", now: analytics.Habit{Forms: 300, Bunched: 30}, want: "C bunched"},
		{name: "hasty", now: analytics.Habit{Forms: 300, Paced: 300, Hasty: 150}, want: "D hasty"},
		{name: "hasty, as ever", now: analytics.Habit{Forms: 300, Paced: 300, Hasty: 60}, past: analytics.Habit{Forms: 600, Paced: 600, Hasty: 110}, want: "A"},
		{name: "hasty, of few whose pace is known", now: analytics.Habit{Forms: 300, Paced: 29, Hasty: 29}, want: "A"},
		{name: "a leap", now: analytics.Habit{Forms: 300, Perfect: 240}, past: analytics.Habit{Forms: 300, Perfect: 90}, want: "D drift"},
		{name: "a leap down is no stuffing", now: analytics.Habit{Forms: 300, Perfect: 30}, past: analytics.Habit{Forms: 300, Perfect: 240}, want: "A"},
		{name: "better by ten points", now: analytics.Habit{Forms: 300, Perfect: 150}, past: analytics.Habit{Forms: 300, Perfect: 120}, want: "A"},
		{name: "no past, no leap", now: analytics.Habit{Forms: 300, Perfect: 300}, past: analytics.Habit{Forms: 59}, want: "A"},
	}
	for _, tt := range tests {
		got := "none"
		if r := analytics.ReliabilityOf([]analytics.Habit{tt.now}, []analytics.Habit{tt.past}, tt.always); r != nil {
			got = string(r.Grade)
			for _, s := range r.Signals {
				got += " " + string(s)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
