package analytics_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hailong/analytics"
	"hailong/surveys"
)

func calendarOf(t tb, monthStart int) analytics.Calendar {
	t.Helper()
	c, err := analytics.NewCalendar(monthStart)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

func TestNewCalendarRefuses(t *testing.T) {
	t.Parallel()
	for _, start := range []int{-1, 0, 2, 14, 16, 31} {
		if _, err := analytics.NewCalendar(start); err == nil {
			t.Errorf("months starting on day %d were accepted", start)
		}
	}
}

// TestCalendarTiles walks every day over three leap years: the nodes of a level follow each other without hole or
// overlap, every day lies in the node that holds it, and each level's node lies in that of the next.
func TestCalendarTiles(t *testing.T) {
	t.Parallel()
	lengths := map[analytics.Level][2]int{
		analytics.DayLevel: {1, 1}, analytics.HalfMonth: {14, 17}, analytics.Month: {28, 31},
		analytics.Quarter: {90, 92}, analytics.Year: {365, 366},
	}
	for _, start := range []int{1, 15} {
		c := calendarOf(t, start)
		for level := analytics.DayLevel; level <= analytics.Year; level++ {
			last := analytics.Node{}
			for day := surveys.Day("2019-12-01"); day <= "2029-03-01"; day = day.Add(1) {
				n := c.Node(level, day)
				switch {
				case n.Level != level || !day.Within(n.From, n.To):
					t.Fatalf("start %d: %s %s lies in %+v", start, level, day, n)
				case last.To != "" && n != last && n.From != last.To.Add(1):
					t.Fatalf("start %d: %+v follows %+v", start, n, last)
				case level > analytics.DayLevel && !n.Contains(c.Node(level-1, day)):
					t.Fatalf("start %d: %+v does not hold %+v", start, n, c.Node(level-1, day))
				case c.Node(level, n.From) != n || c.Node(level, n.To) != n:
					t.Fatalf("start %d: the ends of %+v lie elsewhere", start, n)
				}
				if long := days(n.From, n.To); long < lengths[level][0] || long > lengths[level][1] {
					t.Fatalf("start %d: %+v is %d days long", start, n, long)
				}
				last = n
			}
		}
	}
}

func days(from, to surveys.Day) int { return int(to.Date().Sub(from.Date()).Hours()/24) + 1 }

func TestCalendarNodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start    int
		level    analytics.Level
		day      surveys.Day
		from, to surveys.Day
	}{
		{1, analytics.DayLevel, "2024-02-29", "2024-02-29", "2024-02-29"},
		{1, analytics.HalfMonth, "2024-02-14", "2024-02-01", "2024-02-14"},
		{1, analytics.HalfMonth, "2024-02-15", "2024-02-15", "2024-02-29"},
		{1, analytics.Month, "2023-02-28", "2023-02-01", "2023-02-28"},
		{1, analytics.Quarter, "2024-12-31", "2024-10-01", "2024-12-31"},
		{1, analytics.Year, "2024-01-01", "2024-01-01", "2024-12-31"},
		{15, analytics.HalfMonth, "2024-02-15", "2024-02-15", "2024-02-29"},
		{15, analytics.Month, "2024-02-15", "2024-02-15", "2024-03-14"},
		{15, analytics.Month, "2024-02-14", "2024-01-15", "2024-02-14"},
		{15, analytics.Month, "2023-12-31", "2023-12-15", "2024-01-14"},
		{15, analytics.Quarter, "2023-12-15", "2023-12-15", "2024-03-14"},
		{15, analytics.Quarter, "2023-12-14", "2023-09-15", "2023-12-14"},
		{15, analytics.Year, "2024-12-14", "2023-12-15", "2024-12-14"},
		{15, analytics.Year, "2024-12-15", "2024-12-15", "2025-12-14"},
	} {
		want := analytics.Node{Level: c.level, From: c.from, To: c.to}
		if got := calendarOf(t, c.start).Node(c.level, c.day); got != want {
			t.Errorf("start %d, %s: got %+v, want %+v", c.start, c.day, got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start, year, number int
		kind                analytics.PeriodKind
		from, to, closes    surveys.Day
	}{
		{1, 2026, 2, analytics.MonthPeriod, "2026-02-01", "2026-02-28", "2026-03-14"},
		{1, 2026, 4, analytics.QuarterPeriod, "2026-10-01", "2026-12-31", "2027-01-14"},
		{1, 2026, 1, analytics.HalfPeriod, "2026-01-01", "2026-06-30", "2026-07-14"},
		{1, 2026, 1, analytics.NineMonths, "2026-01-01", "2026-09-30", "2026-10-14"},
		{1, 2024, 1, analytics.YearPeriod, "2024-01-01", "2024-12-31", "2025-01-14"},
		{15, 2026, 1, analytics.MonthPeriod, "2025-12-15", "2026-01-14", "2026-01-28"},
		{15, 2026, 2, analytics.HalfPeriod, "2026-06-15", "2026-12-14", "2026-12-28"},
		{15, 2026, 1, analytics.NineMonths, "2025-12-15", "2026-09-14", "2026-09-28"},
		{15, 2026, 1, analytics.YearPeriod, "2025-12-15", "2026-12-14", "2026-12-28"},
	} {
		p := calendarOf(t, c.start).Period(c.kind, c.year, c.number)
		want := analytics.Period{Kind: c.kind, Year: c.year, Number: c.number, From: c.from, To: c.to}
		if diff := cmp.Diff(want, p); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if p.Closes() != c.closes {
			t.Errorf("%+v closes on %s, want %s", p, p.Closes(), c.closes)
		}
	}
}

// drawPeriod is any standard period but a stage.
func drawPeriod(t *rapid.T) (analytics.Calendar, analytics.Period) {
	c := calendarOf(t, rapid.SampledFrom([]int{1, 15}).Draw(t, "start"))
	kinds := map[analytics.PeriodKind]int{
		analytics.MonthPeriod: 12, analytics.QuarterPeriod: 4, analytics.HalfPeriod: 2, analytics.NineMonths: 1, analytics.YearPeriod: 1,
	}
	kind := rapid.SampledFrom([]analytics.PeriodKind{
		analytics.MonthPeriod, analytics.QuarterPeriod, analytics.HalfPeriod, analytics.NineMonths, analytics.YearPeriod,
	}).Draw(t, "kind")
	return c, c.Period(kind, rapid.IntRange(2000, 2099).Draw(t, "year"), rapid.IntRange(1, kinds[kind]).Draw(t, "number"))
}

// TestPeriodRoundTrip: what Period builds, Recognise and PeriodOn find again, and nothing a day longer or shorter.
func TestPeriodRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p := drawPeriod(t)
		if got := c.Recognise(p.From, p.To); got != p {
			t.Errorf("%+v is recognised as %+v", p, got)
		}
		day := p.From.Add(rapid.IntRange(0, days(p.From, p.To)-1).Draw(t, "day"))
		if got := c.PeriodOn(p.Kind, day); got != p {
			t.Errorf("%s lies in %+v, want %+v", day, got, p)
		}
		for _, off := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if got := c.Recognise(p.From.Add(off[0]), p.To.Add(off[1])); got.Kind != analytics.Custom {
				t.Errorf("%s to %s, %v off, is recognised as %+v", p.From, p.To, off, got)
			}
		}
		if c.Node(analytics.Month, p.From).From != p.From || c.Node(analytics.Month, p.To).To != p.To {
			t.Errorf("%+v cuts a month", p)
		}
	})
}

// TestNext: periods of a kind follow each other, nine months at a year's distance; back again is where one was.
func TestNext(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p := drawPeriod(t)
		next := c.Next(p, 1)
		if p.Kind != analytics.NineMonths && next.From != p.To.Add(1) {
			t.Errorf("%+v follows %+v", next, p)
		}
		if p.Kind == analytics.NineMonths && (next.Year != p.Year+1 || next.Number != 1) {
			t.Errorf("%+v follows %+v", next, p)
		}
		n := rapid.IntRange(-40, 40).Draw(t, "n")
		if back := c.Next(c.Next(p, n), -n); back != p {
			t.Errorf("%d on and back: %+v, was %+v", n, back, p)
		}
		if c.Recognise(next.From, next.To) != next {
			t.Errorf("%+v is no period", next)
		}
	})
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start    int
		from, to surveys.Day
		want     analytics.PeriodKind
	}{
		{1, "2021-01-01", "2025-12-31", analytics.Stage},
		{1, "2024-01-01", "2025-12-31", analytics.Stage},
		{1, "2025-01-01", "2025-12-31", analytics.YearPeriod},
		{1, "2021-01-01", "2025-12-30", analytics.Custom},
		{1, "2021-01-02", "2025-12-31", analytics.Custom},
		{1, "2025-12-31", "2021-01-01", analytics.Custom}, // ends before it begins
		{1, "2020-12-15", "2025-12-14", analytics.Custom},
		{15, "2020-12-15", "2025-12-14", analytics.Stage},
		{15, "2021-01-01", "2025-12-31", analytics.Custom},
	} {
		cal := calendarOf(t, c.start)
		got := cal.Recognise(c.from, c.to)
		if got.Kind != c.want || got.From != c.from || got.To != c.to {
			t.Errorf("start %d, %s to %s: got %+v, want %s", c.start, c.from, c.to, got, c.want)
		}
		if c.want != analytics.Stage {
			continue
		}
		next := cal.Next(got, 1)
		if next.From != got.To.Add(1) || cal.Recognise(next.From, next.To) != next || cal.Next(next, -1) != got {
			t.Errorf("start %d: %+v follows %+v", c.start, next, got)
		}
	}
}

func TestNextReleases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		from, to, today surveys.Day
		want            []string
	}{
		{
			"in the middle of an open month", "2026-05-01", "2026-05-31", "2026-05-20",
			[]string{"day 30 on 2026-05-21", "half_month 30 on 2026-06-01", "month 20 on 2026-06-01", "quarter 10 on 2026-07-01", "year 10 on 2027-01-01"},
		},
		{
			"a past month: its day and half-month were tried, its month is tried every night", "2026-04-01", "2026-04-30", "2026-05-20",
			[]string{"month 20 on 2026-05-21", "quarter 10 on 2026-07-01", "year 10 on 2027-01-01"},
		},
		{
			"on the last day", "2026-05-01", "2026-05-31", "2026-05-31",
			[]string{"day 30 on 2026-06-01", "half_month 30 on 2026-06-01", "month 20 on 2026-06-01", "quarter 10 on 2026-07-01", "year 10 on 2027-01-01"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, n := range calendarOf(t, 1).NextReleases(c.from, c.to, c.today) {
				got = append(got, fmt.Sprintf("%s %d on %s", n.Level, n.Least, n.On))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
