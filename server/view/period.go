package view

import (
	"strconv"

	"hailong/surveys"
)

// PeriodKind is the length of a period.
type PeriodKind string

// The kinds of periods. A custom one has no verdict.
const (
	PeriodMonth      PeriodKind = "month"
	PeriodQuarter    PeriodKind = "quarter"
	PeriodHalf       PeriodKind = "half"
	PeriodNineMonths PeriodKind = "nine_months"
	PeriodYear       PeriodKind = "year"
	PeriodStage      PeriodKind = "stage" // several whole years
	PeriodCustom     PeriodKind = "custom"
)

// PeriodKinds lists those that a reader can choose from.
func PeriodKinds() []PeriodKind {
	return []PeriodKind{PeriodMonth, PeriodQuarter, PeriodHalf, PeriodNineMonths, PeriodYear}
}

// Period is a stretch of days with a name. Number is the month (1–12), quarter (1–4) or half (1–2).
type Period struct {
	Kind         PeriodKind
	Year, Number int
	From, To     surveys.Day // both included
}

// label names the period in full: "Quý III/2026".
func (p Period) label(w *words) string {
	switch p.Kind {
	case PeriodMonth:
		return w.T("staff.period.month."+strconv.Itoa(p.Number), w.year(p.Year))
	case PeriodQuarter:
		return w.T("staff.period.quarter."+strconv.Itoa(p.Number), w.year(p.Year))
	case PeriodHalf:
		return w.T("staff.period.half."+strconv.Itoa(p.Number), w.year(p.Year))
	case PeriodNineMonths:
		return w.T("staff.period.nine_months", w.year(p.Year))
	case PeriodYear:
		return w.T("staff.period.year", w.year(p.Year))
	case PeriodStage:
		return w.T("staff.period.stage", string(p.From)[:4], string(p.To)[:4])
	case PeriodCustom:
	}
	return w.T("staff.period.days", w.Date(p.From), w.Date(p.To))
}

// short names a month or a quarter where its year is said elsewhere: "T7", "Quý III".
func (p Period) short(w *words) string {
	switch p.Kind {
	case PeriodMonth, PeriodQuarter:
		return w.T("staff.period.short." + string(p.Kind) + "." + strconv.Itoa(p.Number))
	case PeriodHalf, PeriodNineMonths, PeriodYear, PeriodStage, PeriodCustom:
	}
	return w.year(p.Year)
}

// year writes a year, which has no separator of thousands.
func (w *words) year(y int) string { return strconv.Itoa(y) }

// PeriodPicker leads from period to period. The form sends "kind" and "on", a day of the period in view,
// so that another kind shows the period of that kind which holds the day.
type PeriodPicker struct {
	Period Period
	On     surveys.Day
	// Previous and Next are addresses, "" where there is none.
	Previous, Next string
}

// Kinds are the choices of the select.
func (PeriodPicker) Kinds() []PeriodKind { return PeriodKinds() }
