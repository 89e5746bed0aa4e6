package analytics

import (
	"fmt"
	"time"

	"hailong/surveys"
)

// Level is a level of the calendar's tree: day ⊂ half-month ⊂ month ⊂ quarter ⊂ year.
type Level uint8

// The levels, from the smallest.
const (
	DayLevel Level = iota + 1
	HalfMonth
	Month
	Quarter
	Year
)

// letter names a level in the id of a release.
func (l Level) letter() string { return string("?dhmqy"[l]) }

// Node is one piece of the calendar, both days included.
type Node struct {
	Level    Level
	From, To surveys.Day
}

// Contains says whether the other node lies wholly inside.
func (n Node) Contains(other Node) bool { return n.From <= other.From && other.To <= n.To }

// Calendar divides the days. MonthStart is 1 for calendar months, or 15 for reporting months, which run
// from the 15th of the month before to the 14th (Nghị định 09/2019, domain of reporting years).
type Calendar struct {
	MonthStart int
}

// NewCalendar refuses every start but 1 and 15.
func NewCalendar(monthStart int) (Calendar, error) {
	if monthStart != 1 && monthStart != reportingStart {
		return Calendar{}, fmt.Errorf("months start on the 1st or the 15th, not on day %d", monthStart)
	}
	return Calendar{MonthStart: monthStart}, nil
}

const reportingStart = 15

// month is the year and month a day is reported in.
func (c Calendar) month(d surveys.Day) (int, time.Month) {
	t := d.Date()
	if c.MonthStart == reportingStart && t.Day() >= reportingStart {
		t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t.Year(), t.Month()
}

// months is the span of n reported months from a year and month on.
func (c Calendar) months(year int, first time.Month, n int) (from, to surveys.Day) {
	if c.MonthStart == reportingStart {
		return surveys.DateDay(year, first-1, reportingStart), surveys.DateDay(year, first-1+time.Month(n), reportingStart-1)
	}
	return surveys.DateDay(year, first, 1), surveys.DateDay(year, first+time.Month(n), 0)
}

// Node is the node of a level that holds the day.
func (c Calendar) Node(level Level, d surveys.Day) Node {
	year, month := c.month(d)
	n := Node{Level: level, From: d, To: d}
	switch level {
	case DayLevel:
	case HalfMonth:
		t := d.Date()
		if t.Day() < reportingStart {
			n.From, n.To = surveys.DateDay(t.Year(), t.Month(), 1), surveys.DateDay(t.Year(), t.Month(), reportingStart-1)
		} else {
			n.From, n.To = surveys.DateDay(t.Year(), t.Month(), reportingStart), surveys.DateDay(t.Year(), t.Month()+1, 0)
		}
	case Month:
		n.From, n.To = c.months(year, month, 1)
	case Quarter:
		n.From, n.To = c.months(year, (month-1)/3*3+1, 3)
	case Year:
		n.From, n.To = c.months(year, 1, 12)
	}
	return n
}

// PeriodKind names the standard periods; Custom has no verdict.
type PeriodKind string

// The kinds of periods.
const (
	MonthPeriod   PeriodKind = "month"
	QuarterPeriod PeriodKind = "quarter"
	HalfPeriod    PeriodKind = "half"
	NineMonths    PeriodKind = "nine_months"
	YearPeriod    PeriodKind = "year"
	Stage         PeriodKind = "stage" // two or more whole years
	Custom        PeriodKind = "custom"
)

// Period is a window of days, both included. Number counts it within its year from 1.
type Period struct {
	Kind     PeriodKind
	Year     int
	Number   int
	From, To surveys.Day
}

// closeAfter is how long after its end a period is decided: by then what was given offline has come in.
const closeAfter = 14

// Closes is the day on which the period is decided.
func (p Period) Closes() surveys.Day { return p.To.Add(closeAfter) }

func (k PeriodKind) length() int {
	switch k {
	case MonthPeriod:
		return 1
	case QuarterPeriod:
		return 3
	case HalfPeriod:
		return 6
	case NineMonths:
		return 9
	case YearPeriod, Stage, Custom:
	}
	return 12
}

// Period builds the number-th period of a kind in a year; nine months and years have number 1 only.
func (c Calendar) Period(kind PeriodKind, year, number int) Period {
	n := kind.length()
	from, to := c.months(year, time.Month(n*(number-1)+1), n)
	return Period{Kind: kind, Year: year, Number: number, From: from, To: to}
}

// PeriodOn is the period of a kind that holds the day.
func (c Calendar) PeriodOn(kind PeriodKind, d surveys.Day) Period {
	year, month := c.month(d)
	if kind == NineMonths {
		return c.Period(kind, year, 1)
	}
	return c.Period(kind, year, (int(month)-1)/kind.length()+1)
}

// Next is the period n periods of the same kind later; of a stage, the stage of as many years.
func (c Calendar) Next(p Period, n int) Period {
	if p.Kind == Stage {
		last, _ := c.month(p.To)
		years := last - p.Year + 1
		p.Year += n * years
		p.From, p.To = c.months(p.Year, 1, 12*years)
		return p
	}
	perYear := max(1, 12/p.Kind.length())
	at := p.Year*perYear + p.Number - 1 + n
	return c.Period(p.Kind, at/perYear, at%perYear+1)
}

// Recognise says which standard period a window is, Custom if none.
func (c Calendar) Recognise(from, to surveys.Day) Period {
	for _, kind := range []PeriodKind{MonthPeriod, QuarterPeriod, HalfPeriod, NineMonths, YearPeriod} {
		if p := c.PeriodOn(kind, from); p.From == from && p.To == to {
			return p
		}
	}
	first, last := c.Node(Year, from), c.Node(Year, to)
	year, _ := c.month(from)
	if first.From == from && last.To == to && first != last {
		return Period{Kind: Stage, Year: year, Number: 1, From: from, To: to}
	}
	return Period{Kind: Custom, From: from, To: to}
}

// String is the level's name in texts and addresses.
func (l Level) String() string {
	return [...]string{"", "day", "half_month", "month", "quarter", "year"}[l]
}

// NextRelease is a night on which a node closes, and how many forms its release needs.
type NextRelease struct {
	On    surveys.Day
	Level Level
	Least int64
}

// NextReleases lists the next closings that may bring out what waits in a window, the soonest first: of
// the nodes that hold today, or the window's last day when it is past.
func (c Calendar) NextReleases(from, to, today surveys.Day) []NextRelease {
	at := min(max(from, today), to)
	var list []NextRelease
	for level := DayLevel; level <= Year; level++ {
		on := c.Node(level, at).To.Add(1)
		if on <= today && level < Month {
			continue // days and half-months are tried once
		}
		list = append(list, NextRelease{On: max(on, today.Add(1)), Level: level, Least: Least(Answers, level)})
	}
	return list
}

// Minimum is the fewest forms that show anything in a window of a kind of its own: a month's or a quarter's node.
func (c Calendar) Minimum(kind PeriodKind) int64 {
	if kind == MonthPeriod {
		return Least(Answers, Month)
	}
	return Least(Answers, Quarter)
}
