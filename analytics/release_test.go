package analytics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hailong/analytics"
	"hailong/surveys"
)

// only is a form that counts in one stream alone.
func only(s analytics.Stream, day surveys.Day) surveys.Response {
	r := surveys.Response{Day: day}
	switch s {
	case analytics.Answers:
	case analytics.Aside:
		r.Standing = surveys.Aside
	case analytics.Detail:
		r.Form, r.Answers = surveys.FullForm, scale(4, "A1")
	case analytics.Restricted:
		r.Form, r.Answers = surveys.FullForm, surveys.Answers{"T1": surveys.TextAnswer("no")}
	}
	return r
}

// TestMinimums: at every level and in every stream the minimum is released at the close, and one less is not. The
// forms lie on two days that no smaller node holds together.
func TestMinimums(t *testing.T) {
	t.Parallel()
	type rung struct {
		level analytics.Level
		days  [2]surveys.Day
		on    surveys.Day
		least int
	}
	rungs := []rung{
		{analytics.DayLevel, [2]surveys.Day{"2026-03-03", "2026-03-03"}, "2026-03-04", 30},
		{analytics.HalfMonth, [2]surveys.Day{"2026-03-01", "2026-03-14"}, "2026-03-15", 30},
		{analytics.Month, [2]surveys.Day{"2026-03-14", "2026-03-15"}, "2026-04-01", 20},
		{analytics.Quarter, [2]surveys.Day{"2026-02-28", "2026-03-01"}, "2026-04-01", 10},
		{analytics.Year, [2]surveys.Day{"2026-03-31", "2026-04-01"}, "2027-01-01", 10},
	}
	for _, s := range []analytics.Stream{analytics.Answers, analytics.Aside, analytics.Detail, analytics.Restricted} {
		for _, r := range rungs {
			if s == analytics.Restricted {
				r.least = 30
			}
			if got := analytics.Least(s, r.level); got != int64(r.least) {
				t.Errorf("Least(%s, %s) = %d, want %d", s, r.level, got, r.least)
			}
			t.Run(fmt.Sprintf("%s by %s", s, r.level), func(t *testing.T) {
				t.Parallel()
				for _, forms := range []int{r.least - 1, r.least} {
					o := newOffice(t, newMemStore(), 1)
					o.give(forms/2, only(s, r.days[0]))
					o.give(forms-forms/2, only(s, r.days[1]))
					o.pass("2027-03-01")
					var got []string
					for _, rel := range o.releases() {
						if rel.Node.Level <= r.level {
							got = append(got, fmt.Sprintf("%s %s %d on %s", rel.Stream, rel.Node.Level, rel.Forms, rel.Released))
						}
					}
					var want []string
					if forms == r.least {
						want = []string{fmt.Sprintf("%s %s %d on %s", s, r.level, forms, r.on)}
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%d forms (-want +got)\n%s", forms, diff)
					}
				}
			})
		}
	}
}

// TestTypedForms: a release holds none given by citizens themselves or at least the minimum of those.
func TestTypedForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, typed, want int }{
		{5, 40, 40},
		{29, 1, 0},
		{1, 29, 0},
		{0, 29, 0},
		{0, 30, 30},
		{29, 30, 30},
		{30, 0, 30},
		{30, 1, 31},
		{30, 40, 70},
	} {
		t.Run(fmt.Sprintf("%d given and %d typed", c.given, c.typed), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			for i, channel := range []surveys.Channel{surveys.QR, surveys.Kiosk, surveys.Link} {
				o.give((c.given+i)/3, surveys.Response{Day: "2026-03-03", Channel: channel})
			}
			for i, channel := range []surveys.Channel{surveys.Paper, surveys.Assisted} {
				o.give((c.typed+i)/2, surveys.Response{Day: "2026-03-03", Channel: channel})
			}
			o.pass("2026-03-04")
			var want []string
			if c.want > 0 {
				want = []string{fmt.Sprintf("answers day 2026-03-03 #1: %d on 2026-03-04", c.want)}
			}
			if diff := cmp.Diff(want, o.told()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// story is a course of events at the hall in 2026 and the releases it must bring.
type story struct {
	name string
	tell func(o *office)
	want []string
}

func stories() []story {
	form := func(day, arrived surveys.Day) surveys.Response { return surveys.Response{Day: day, Arrived: arrived} }
	at := func(day surveys.Day) surveys.Response { return surveys.Response{Day: day} }
	typed := func(day surveys.Day) surveys.Response { return surveys.Response{Day: day, Channel: surveys.Paper} }
	return append([]story{
		{"a day is tried once", func(o *office) {
			o.give(29, at("2026-03-03"))
			o.pass("2026-03-04")
			o.give(5, form("2026-03-03", "2026-03-04"))
			o.nightly("2026-03-05", "2026-03-20")
		}, []string{"answers half 2026-03-01 #1: 34 on 2026-03-15"}},
		{"a half-month is tried once", func(o *office) {
			o.give(29, at("2026-03-03"))
			o.nightly("2026-03-04", "2026-03-15")
			o.give(5, form("2026-03-03", "2026-03-15"))
			o.nightly("2026-03-16", "2026-04-01")
		}, []string{"answers month 2026-03-01 #1: 34 on 2026-04-01"}},
		{"a day is tried once even when more passes run on its night", func(o *office) {
			o.give(29, at("2026-03-03"))
			o.pass("2026-03-04")
			o.give(5, form("2026-03-03", "2026-03-04"))
			o.pass("2026-03-04")
		}, nil},
		{"months, quarters and years take supplements", func(o *office) {
			o.give(20, at("2026-05-15"))
			o.nightly("2026-06-01", "2026-06-02")
			o.give(20, form("2026-05-16", "2026-06-03"))
			o.pass("2026-06-04")
			o.give(19, form("2026-05-17", "2026-06-04"))
			o.nightly("2026-06-05", "2026-07-01")
			o.give(10, form("2026-05-18", "2026-07-05"))
			o.give(9, form("2026-05-18", "2026-07-06"))
			o.pass("2026-07-07")
			o.give(1, form("2026-01-05", "2026-07-07"))
			o.pass("2027-01-01")
			o.give(10, form("2026-02-05", "2027-01-02"))
			o.give(9, form("2026-08-05", "2027-01-02"))
			o.pass("2027-01-03")
			o.give(1, form("2026-01-05", "2027-01-03"))
			o.pass("2027-01-04")
		}, []string{
			"answers month 2026-05-01 #1: 20 on 2026-06-01", "answers month 2026-05-01 #2: 20 on 2026-06-04",
			"answers quarter 2026-04-01 #1: 19 on 2026-07-01", "answers quarter 2026-04-01 #2: 10 on 2026-07-06",
			"answers year 2026-01-01 #1: 10 on 2027-01-01", "answers quarter 2026-01-01 #1: 10 on 2027-01-03",
			"answers year 2026-01-01 #2: 10 on 2027-01-04",
		}},
		{"what waited below comes out above", func(o *office) {
			o.give(5, at("2026-03-03"))
			o.give(40, typed("2026-03-03"))
			o.give(5, at("2026-02-03"))
			o.nightly("2026-03-04", "2026-04-01")
		}, []string{"answers day 2026-03-03 #1: 40 on 2026-03-04", "answers quarter 2026-01-01 #1: 10 on 2026-04-01"}},
		{"what arrives on the night itself belongs to the next", func(o *office) {
			o.give(30, form("2026-03-03", "2026-03-04"))
			o.pass("2026-03-06") // catching up: on the night to 4 March it had not arrived
		}, nil},
		{"but a pass of the same day, after an import, sees it", func(o *office) {
			o.give(30, form("2026-03-03", "2026-03-04"))
			o.pass("2026-03-04")
		}, []string{"answers day 2026-03-03 #1: 30 on 2026-03-04"}},
		{"withdrawn or set aside before the release, it just leaves", func(o *office) {
			forms := o.give(31, at("2026-03-03"))
			o.move(forms[:1], surveys.Withdrawn)
			forms = o.give(31, at("2026-03-05"))
			o.move(forms[:2], surveys.Aside)
			o.nightly("2026-03-04", "2026-03-06")
		}, []string{"answers day 2026-03-03 #1: 30 on 2026-03-04"}},
		{"an answer without a core item is in no figure", func(o *office) {
			o.give(29, at("2026-03-03"))
			o.give(9, surveys.Response{Day: "2026-03-03", Answers: scale(4, "Z")})
			o.give(9, surveys.Response{Day: "2026-03-03", Answers: scale(0, "A3", "B2")})
			o.give(9, surveys.Response{Day: "2026-03-03", Form: surveys.FullForm, Answers: scale(4, "A1", "Z")})
			o.pass("2026-03-04")
		}, nil},
		{"groups are apart", func(o *office) {
			for range 2 {
				o.give(29, at("2026-03-03"))
				o.give(29, surveys.Response{Day: "2026-03-03", Instrument: "policy", Answers: scale(4, "A1")})
				o.give(29, surveys.Response{Day: "2026-03-03", Facility: clinic})
				o.pass("2026-03-04")
				o.today = "2026-03-03"
			}
		}, nil},
	}, corrections()...)
}

// corrections are stories of what is set aside after its release.
func corrections() []story {
	at := func(day surveys.Day) surveys.Response { return surveys.Response{Day: day} }
	aside := func(o *office, forms []*given) { o.move(forms, surveys.Aside) }
	return []story{
		{"a correction waits for the month", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:29])
			o.nightly("2026-05-07", "2026-06-02")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers month 2026-05-01 #1: -29 on 2026-06-01",
			"aside month 2026-05-01 #1: 29 on 2026-06-01",
		}},
		{"a correction needs the minimum", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:19])
			o.nightly("2026-05-07", "2026-07-02")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers quarter 2026-04-01 #1: -19 on 2026-07-01",
			"aside quarter 2026-04-01 #1: 19 on 2026-07-01",
		}},
		{"what remains of the node is the minimum; until then what was set aside is shown nowhere", func(o *office) {
			forms := o.give(45, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:30]) // 15 remain: too few for a month, enough for a quarter
			o.nightly("2026-05-07", "2026-07-02")
		}, []string{
			"answers day 2026-05-05 #1: 45 on 2026-05-06", "answers quarter 2026-04-01 #1: -30 on 2026-07-01",
			"aside quarter 2026-04-01 #1: 30 on 2026-07-01",
		}},
		{"or nothing", func(o *office) {
			forms := o.give(45, at("2026-05-05"))
			o.pass("2026-05-06")
			o.move(forms, surveys.Withdrawn)
			o.nightly("2026-05-07", "2026-06-02")
		}, []string{"answers day 2026-05-05 #1: 45 on 2026-05-06", "answers month 2026-05-01 #1: -45 on 2026-06-01"}},
		{"five that remain would be seen, and so would they by subtracting what was set aside", func(o *office) {
			forms := o.give(15, at("2026-05-05"))
			o.pass("2026-07-01")
			aside(o, forms[:10])
			o.pass("2027-06-01")
		}, []string{"answers quarter 2026-04-01 #1: 15 on 2026-07-01"}},
		{"what a quarter released is never corrected at a month inside it", func(o *office) {
			o.give(60, at("2026-05-04"))
			var forms []*given
			for i, day := range []surveys.Day{"2026-07-01", "2026-07-02", "2026-07-03"} {
				forms = append(forms, o.give(19, surveys.Response{Day: surveys.Day("2026-05-05").Add(i), Arrived: day.Add(-1)})...)
				o.pass(day)
			}
			aside(o, forms[:38])
			o.pass("2026-07-04")
		}, []string{
			"answers day 2026-05-04 #1: 60 on 2026-05-05", "answers quarter 2026-04-01 #1: 19 on 2026-07-01", "answers quarter 2026-04-01 #2: 19 on 2026-07-02",
			"answers quarter 2026-04-01 #3: 19 on 2026-07-03", "answers quarter 2026-04-01 #4: -38 on 2026-07-04",
			"aside quarter 2026-04-01 #1: 38 on 2026-07-04",
		}},
		{"of each release nothing or ten remain: 31 of a month, but one of a day", func(o *office) {
			forms := o.give(30, at("2026-05-05"))
			o.give(30, at("2026-05-06"))
			o.pass("2026-05-07")
			aside(o, forms[:29])
			o.pass("2026-07-02")
		}, []string{"answers day 2026-05-05 #1: 30 on 2026-05-06", "answers day 2026-05-06 #1: 30 on 2026-05-07"}},
		{"of each release nothing or ten are taken out", func(o *office) {
			forms := o.give(40, at("2026-05-05"))
			forms = append(forms[:25], o.give(40, at("2026-05-06"))[:5]...)
			o.pass("2026-05-07")
			aside(o, forms)
			o.pass("2026-07-02")
		}, []string{
			"answers day 2026-05-05 #1: 40 on 2026-05-06", "answers day 2026-05-06 #1: 40 on 2026-05-07",
			"answers month 2026-05-01 #1: -25 on 2026-06-01", "aside month 2026-05-01 #1: 25 on 2026-06-01",
		}},
		{"the typed ones are known: five given that remain would be seen", func(o *office) {
			forms := o.give(30, at("2026-05-05"))
			o.give(40, surveys.Response{Day: "2026-05-05", Channel: surveys.Paper})
			o.pass("2026-05-06")
			aside(o, forms[:25])
			o.pass("2026-07-02")
		}, []string{"answers day 2026-05-05 #1: 70 on 2026-05-06"}},
		{"nor may five of one release, with more given on another day", func(o *office) {
			forms := o.give(30, at("2026-05-05"))
			o.give(40, surveys.Response{Day: "2026-05-05", Channel: surveys.Paper})
			o.give(40, at("2026-05-06"))
			o.pass("2026-05-07")
			aside(o, forms[:25])
			o.pass("2026-07-02")
		}, []string{"answers day 2026-05-05 #1: 70 on 2026-05-06", "answers day 2026-05-06 #1: 40 on 2026-05-07"}},
		{"typed ones are corrected alone", func(o *office) {
			forms := o.give(30, at("2026-05-05"))
			paper := o.give(40, surveys.Response{Day: "2026-05-05", Channel: surveys.Paper})
			o.pass("2026-05-06")
			aside(o, slices.Concat(forms[:5], paper[:30]))
			o.nightly("2026-05-07", "2026-06-01")
		}, []string{
			"answers day 2026-05-05 #1: 70 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01",
			"aside month 2026-05-01 #1: 30 on 2026-06-01",
		}},
		{"restoring all but two would show the two", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:30])
			o.pass("2026-06-01")
			o.move(forms[:28], surveys.Counted)
			o.pass("2027-02-01")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01",
			"aside month 2026-05-01 #1: 30 on 2026-06-01",
		}},
		{"set aside with three that were never shown, the three would show", func(o *office) {
			forms := o.give(33, at("2026-05-05"))
			aside(o, forms[:3])
			o.pass("2026-05-06")
			aside(o, forms[3:])
			o.pass("2027-02-01")
		}, []string{"answers day 2026-05-05 #1: 30 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01"}},
		{"and restored, they come back without a new one, which would show", func(o *office) {
			forms := o.give(33, at("2026-05-05"))
			aside(o, forms[:3])
			o.pass("2026-05-06")
			aside(o, forms[3:])
			o.pass("2026-06-01")
			o.move(forms[3:], surveys.Counted)
			o.give(1, at("2026-05-06"))
			o.pass("2026-06-02")
		}, []string{
			"answers day 2026-05-05 #1: 30 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01",
			"answers month 2026-05-01 #2: 30 on 2026-06-02",
		}},
		{"released as set aside, then restored beside three new ones, the three wait for others", func(o *office) {
			forms := o.give(30, surveys.Response{Day: "2026-05-05", Standing: surveys.Aside})
			o.pass("2026-05-06")
			o.move(forms, surveys.Counted)
			o.give(3, at("2026-05-06"))
			o.nightly("2026-06-01", "2026-06-03")
			o.pass("2027-02-01")
		}, []string{
			"aside day 2026-05-05 #1: 30 on 2026-05-06", "aside month 2026-05-01 #1: -30 on 2026-06-01",
			"answers month 2026-05-01 #1: 30 on 2026-06-02",
		}},
		{"restoring all with one more would show the one", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:30])
			o.pass("2026-06-01")
			o.move(forms[:30], surveys.Counted)
			o.give(1, surveys.Response{Day: "2026-05-05", Arrived: "2026-06-01", Point: "p_2"})
			o.pass("2026-06-02")
			o.pass("2026-06-03")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01",
			"aside month 2026-05-01 #1: 30 on 2026-06-01", "aside month 2026-05-01 #2: -30 on 2026-06-02",
			"answers month 2026-05-01 #2: 30 on 2026-06-03",
		}},
		{"what a quarter corrected does not come back at a month inside it: there it would count twice", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:50])
			o.pass("2026-07-01")
			o.move(forms[:50], surveys.Counted)
			o.nightly("2026-07-02", "2026-07-03")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers quarter 2026-04-01 #1: -50 on 2026-07-01",
			"aside quarter 2026-04-01 #1: 50 on 2026-07-01", "aside quarter 2026-04-01 #2: -50 on 2026-07-02",
			"answers quarter 2026-04-01 #2: 50 on 2026-07-03",
		}},
		{"of each item nothing or ten remain", func(o *office) {
			some := o.give(30, at("2026-05-05"))
			o.give(30, surveys.Response{Day: "2026-05-05", Answers: scale(5, "A3", "B2", "C1", "D1", "Z")})
			o.pass("2026-05-06")
			aside(o, some[:25]) // five answers to C2 remain
			o.pass("2026-07-02")
		}, []string{"answers day 2026-05-05 #1: 60 on 2026-05-06"}},
		{"set aside and restored, nothing happened", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms)
			o.move(forms, surveys.Counted)
			o.pass("2026-06-02")
		}, []string{"answers day 2026-05-05 #1: 60 on 2026-05-06"}},
		{"restored after the correction, it is released again once it is out of the other stream", func(o *office) {
			forms := o.give(60, at("2026-05-05"))
			o.pass("2026-05-06")
			aside(o, forms[:30])
			o.pass("2026-06-01")
			o.move(forms[:30], surveys.Counted)
			o.nightly("2026-06-02", "2026-06-04")
		}, []string{
			"answers day 2026-05-05 #1: 60 on 2026-05-06", "answers month 2026-05-01 #1: -30 on 2026-06-01",
			"aside month 2026-05-01 #1: 30 on 2026-06-01", "aside month 2026-05-01 #2: -30 on 2026-06-02",
			"answers month 2026-05-01 #2: 30 on 2026-06-03",
		}},
	}
}

func TestStories(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			s.tell(o)
			if diff := cmp.Diff(s.want, o.told()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			o.checkDays()
			o.checkWaiting(o.today)
			o.verify()
			if made := o.pass(o.today); made != 0 {
				t.Errorf("a pass again on the same day made %d releases", made)
			}
			o.today = o.today.Add(-1)
			if made := o.pass(o.today); made != 0 || len(o.told()) != len(s.want) {
				t.Errorf("a clock that went back made %d releases", made)
			}
		})
	}
}

// TestWithheld: items with fewer than ten answers are withheld, and of the core items the next smallest, ties in the
// instrument's order, until those withheld hold none or at least ten answers.
func TestWithheld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		answers map[string]int // of 30 forms; others are answered by all
		want    []string
	}{
		{"all answered", nil, nil},
		{"ten are enough", map[string]int{"C2": 10}, nil},
		{"nine, and the first of the others", map[string]int{"C2": 9}, []string{"A3", "C2"}},
		{"nine, and the next smallest", map[string]int{"C2": 9, "D1": 12, "A3": 13}, []string{"C2", "D1"}},
		{"four and five are nine", map[string]int{"D1": 4, "B2": 5}, []string{"A3", "B2", "D1"}},
		{"four and six are ten", map[string]int{"D1": 4, "B2": 6}, []string{"B2", "D1"}},
		{"none at all tells nothing", map[string]int{"C1": 0}, []string{"C1"}},
		{"none and nine", map[string]int{"A3": 0, "C2": 9, "C1": 29}, []string{"A3", "C1", "C2"}},
		{"Z is no core item", map[string]int{"Z": 3}, []string{"Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			for i := range 30 {
				answers := surveys.Answers{}
				for _, code := range core("one_stop") {
					most, set := c.answers[code]
					switch {
					case !set || i < most:
						answers[code] = surveys.NumberAnswer(1 + i%5)
					case i%2 == 0:
						answers[code] = surveys.NumberAnswer(0) // no opinion: no answer
					}
				}
				o.give(1, surveys.Response{Day: "2026-03-03", Answers: answers})
			}
			o.pass("2026-03-04")
			r := o.releases()[0]
			if diff := cmp.Diff(c.want, r.Withheld); diff != "" {
				t.Errorf("withheld (-want +got)\n%s", diff)
			}
			for _, code := range core("one_stop") {
				if _, shown := r.Items[code]; shown == slices.Contains(c.want, code) {
					t.Errorf("item %s: shown %v", code, shown)
				}
			}
		})
	}
}

// TestWithheldByItself: outside the core items nothing tells their sum, so that each is judged by itself.
func TestWithheldByItself(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.give(9, surveys.Response{Day: "2026-03-03", Form: surveys.FullForm, Answers: scale(4, "A1", "E3")})
	o.give(21, surveys.Response{Day: "2026-03-03", Form: surveys.FullForm, Answers: scale(4, "E3")})
	o.pass("2026-03-04")
	r := o.releases()[0]
	if !slices.Contains(r.Withheld, "A1") || slices.Contains(r.Withheld, "E3") || len(r.Items) != 1 || r.Stream != analytics.Detail {
		t.Errorf("got %+v", r.Release)
	}
}

// TestCorrectionWithholds: of an item that few of those taken out had answered, the correction shows no table.
func TestCorrectionWithholds(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	some := o.give(40, surveys.Response{Day: "2026-05-05"})
	others := o.give(40, surveys.Response{Day: "2026-05-05", Answers: scale(5, "A3", "B2", "C1", "D1", "Z")})
	o.pass("2026-05-06")
	o.move(slices.Concat(some[:5], others[:24]), surveys.Aside)
	o.pass("2026-06-01")
	i := slices.IndexFunc(o.releases(), func(r released) bool { return r.Correction })
	if i < 0 {
		t.Fatalf("no correction: %v", o.told())
	}
	r := o.releases()[i]
	if diff := cmp.Diff([]string{"A3", "C2"}, r.Withheld); diff != "" || r.Forms != -29 {
		t.Errorf("%s withholds (-want +got)\n%s", r, diff)
	}
}

// TestCorrectionOfWithheld: of an item whose table a release withholds, its correction shows none either.
func TestCorrectionOfWithheld(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.give(40, surveys.Response{Day: "2026-05-04"})
	few := o.give(5, surveys.Response{Day: "2026-05-05"}) // C2 is withheld, and with it A3, though thirty answered it
	rest := o.give(25, surveys.Response{Day: "2026-05-05", Answers: scale(5, "A3", "B2", "C1", "D1", "Z")})
	o.pass("2026-05-06")
	o.move(slices.Concat(few, rest), surveys.Aside)
	o.pass("2026-06-01")
	s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31")
	for _, it := range s.Items {
		if *it.Answered != 40 {
			t.Errorf("%d answers to %s are shown, 40 forms are left", *it.Answered, it.Code)
		}
	}
	if *s.Forms != 40 || len(s.Releases) != 3 {
		t.Errorf("%d forms of %v", *s.Forms, s.Releases)
	}
}

// TestCorrectionKeepsToWhatIsShown: where only some of the releases it takes from show an item's table, the correction
// shows none: what was set aside then stays in that table, which is better than taking out what never stood there.
func TestCorrectionKeepsToWhatIsShown(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.give(60, surveys.Response{Day: "2026-05-03"})
	forms := o.give(40, surveys.Response{Day: "2026-05-04"})[:30]
	forms = append(forms, o.give(5, surveys.Response{Day: "2026-05-05"})...) // here C2 is withheld, and with it A3
	forms = append(forms, o.give(25, surveys.Response{Day: "2026-05-05", Answers: scale(4, "A3", "B2", "C1", "D1", "Z")})...)
	o.pass("2026-05-06")
	o.move(forms, surveys.Aside)
	o.pass("2026-06-01")
	s := o.summary("facility:f_hall", "2026-05-01", "2026-05-31")
	want := map[string]int64{"A3": 100, "B2": 70, "C1": 70, "C2": 100, "D1": 70, "Z": 70}
	for _, it := range s.Items {
		if *it.Answered != want[it.Code] {
			t.Errorf("%d answers to %s, want %d", *it.Answered, it.Code, want[it.Code])
		}
	}
	if *s.Forms != 70 || len(s.Releases) != 4 {
		t.Errorf("%d forms of %v", *s.Forms, s.Releases)
	}
	o.move(forms, surveys.Counted) // restored, they come back with no more tables than were taken out
	o.nightly("2026-06-02", "2026-06-04")
	s = o.summary("facility:f_hall", "2026-05-01", "2026-05-31")
	want = map[string]int64{"A3": 100, "B2": 130, "C1": 130, "C2": 100, "D1": 130, "Z": 130}
	for _, it := range s.Items {
		if *it.Answered != want[it.Code] || *s.Forms != 130 {
			t.Errorf("restored: %d answers to %s, want %d, of %d forms", *it.Answered, it.Code, want[it.Code], *s.Forms)
		}
	}
}

// TestCatchUp: a pass after skipped nights makes the very releases that nightly passes would have made.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	atMost(t, 12, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		start := pick(rng, 1, 15)
		nightly, skipping := newOffice(t, newMemStore(), start), newOffice(t, newMemStore(), start)
		day := surveys.Day("2026-02-20")
		for range rapid.IntRange(5, 100).Draw(t, "nights") {
			nightly.pass(day)
			if rng.IntN(20) == 0 {
				skipping.pass(day)
			}
			for range rng.IntN(3) {
				r := defaults(surveys.Response{
					Point: pick[surveys.PointID](rng, "p_1", "p_2"), Channel: pick(rng, surveys.QR, surveys.Paper),
					Day: day.Add(-pick(rng, 0, 0, 0, 1, 15, 40)), Arrived: day, Instrument: "one_stop", Hour: rng.IntN(24),
				})
				answer(rng, &r)
				batch := slices.Repeat([]surveys.Response{r}, pick(rng, 1, 3, 6, 20, 32))
				for i := range batch {
					batch[i].ID = surveys.NewSubmissionID()
					batch[i].Receipt = batch[i].ID.Receipt()
				}
				nightly.store(batch)
				skipping.store(batch)
			}
			day = day.Add(1)
		}
		nightly.pass(day)
		skipping.pass(day)
		if diff := cmp.Diff(nightly.records(), skipping.records()); diff != "" {
			t.Errorf("nightly passes and catching up (-nightly +skipping)\n%s", diff)
		}
	})
}

// records are the stored releases as texts.
func (o *office) records() []string {
	o.Helper()
	var list []string
	err := o.st.EachRelease(o.ctx, surveys.ReleaseQuery{}, func(r surveys.ReleaseRecord) error {
		list = append(list, fmt.Sprintf("%s %s %s %s %d\n%s\n%s", r.ID, r.From, r.To, r.Released, r.Format, r.Head, r.Parts))
		return nil
	})
	o.must(err)
	return list
}

// TestReleasersAtOnce: passes side by side make together what one makes alone, and all of them succeed.
func TestReleasersAtOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		t.Helper()
		fill := func(o *office) {
			for i := range 12 {
				o.give(30+i, surveys.Response{Day: surveys.Day("2026-03-01").Add(i)})
				o.give(12, surveys.Response{
					Day: surveys.Day("2026-03-01").Add(i), Facility: station, Form: surveys.FullForm,
					Answers: scale(3, "B2", "TX1"),
				})
			}
		}
		alone, together := newOffice(t, newMemStore(), 1), newOffice(t, fresh(), 1)
		fill(alone)
		fill(together)
		alone.pass("2026-07-02")
		const racers = 4
		errs := make(chan error, racers)
		for range racers {
			go func() {
				releaser := analytics.NewReleaser(together.st, analytics.NewRoller(together.st), together.calendar)
				_, err := releaser.Pass(together.ctx, "2026-07-02", nil)
				errs <- err
			}()
		}
		for range racers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		together.follow()
		together.verify()
		if diff := cmp.Diff(alone.records(), together.records()); diff != "" {
			t.Errorf("(-alone +together)\n%s", diff)
		}
		if !strings.HasPrefix(strings.Join(alone.told(), "\n"), "answers day 2026-03-01 #1: 30 on 2026-03-02") {
			t.Errorf("got %v", alone.told())
		}
	})
}

// TestClockBack: under a clock that went back nothing is released, though something could be.
func TestClockBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.give(30, surveys.Response{Day: "2026-05-05"})
	o.pass("2026-06-10")
	o.give(30, surveys.Response{Day: "2026-05-06", Arrived: "2026-06-08"})
	for _, c := range []struct {
		day  surveys.Day
		want int
	}{{"2026-06-09", 0}, {"2026-05-07", 0}, {"2026-06-10", 1}, {"2026-06-09", 0}} {
		if made := o.pass(c.day); made != c.want {
			t.Errorf("on %s %d releases were made, want %d", c.day, made, c.want)
		}
	}
}

// slow is a store whose reader of responses is overtaken, once, between reading and what it does next.
type slow struct {
	surveys.Store
	overtake *sync.Once
	by       func()
}

func (s slow) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	err := s.Store.EachResponse(ctx, q, f)
	s.overtake.Do(s.by)
	return err
}

// TestStaleCount: a count that was overtaken by an answer and a newer count does not replace it.
func TestStaleCount(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		t.Helper()
		for _, counted := range []bool{false, true} { // the first count of a day, and a later one
			o := newOffice(t, fresh(), 1)
			o.give(3, surveys.Response{Day: "2026-05-05"})
			if counted {
				o.roll()
				o.give(1, surveys.Response{Day: "2026-05-05"})
			}
			st := slow{o.st, &sync.Once{}, func() {
				o.give(1, surveys.Response{Day: "2026-05-05"})
				o.roll()
			}}
			_, err := analytics.NewRoller(st).Roll(o.ctx, "", nil)
			o.must(err)
			o.roll()
			o.checkDays()
		}
	})
}

// TestRollersAtOnce: counting side by side, while answers come in and leave, ends with the right count.
func TestRollersAtOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		t.Helper()
		o := newOffice(t, fresh(), 1)
		before := o.give(60, surveys.Response{Day: "2026-03-03"})
		done, errs := make(chan struct{}), make(chan error, 2)
		for range cap(errs) {
			go func() {
				for {
					if _, err := analytics.NewRoller(o.st).Roll(o.ctx, "", nil); err != nil {
						errs <- err
						return
					}
					select {
					case <-done:
						errs <- nil
						return
					default:
					}
				}
			}()
		}
		for i := range 15 {
			o.give(2, surveys.Response{Day: surveys.Day("2026-03-03").Add(i % 3)})
			o.move(before[2*i:2*i+1], surveys.Aside)
			o.move(before[2*i+1:2*i+2], surveys.Withdrawn)
		}
		close(done)
		for range cap(errs) {
			o.must(<-errs)
		}
		o.roll()
		o.checkDays()
		if report := o.verify(); report.Dirty != 0 {
			t.Errorf("%d days are dirty", report.Dirty)
		}
	})
}
