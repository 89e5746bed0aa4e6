package view

import "hailong/surveys"

// FacilityPage answers a manager's questions in order: are we there, how sure, better or worse, what first.
type FacilityPage struct {
	StaffFrame
	Name string
	// Place is the facility's unit with its kind in words ("xã Nghĩa Hưng").
	Place  string
	Sector string
	// List is the address of the list in the same period.
	List   string
	Picker PeriodPicker
	// Closing is the day of the verdict; Closed says that it is past.
	Closing surveys.Day
	Closed  bool
	State   string
	Score   Score // for StateFull
	// Reliability is how far the forms came as usual; its zero is no grade.
	Reliability Reliability
	Trend       Trend
	// Priorities are at most three items to look at first.
	Priorities []Priority
	// Scale are the instrument's words for the answers 1 to 5.
	Scale   [5]string
	Factors []FactorGroup
	// DetailWaiting counts the items of the full form none of whose answers are released.
	DetailWaiting int
	// Restricted are items for the administrator and the office only; empty for everyone else.
	Restricted []RestrictedItem
	Waiting    Waiting
	// SetAside counts forms kept out of the score.
	SetAside int64
	// WithAside is the score with the released ones of them; nil while none is released.
	WithAside *WithAside
	// Pupils stands beside the score where a school asks them too; nil elsewhere.
	Pupils *PupilScore
	Points []SurveyPoint
	Reach  Reach
	// Print is the address where the points' codes are printed.
	Print      string
	Definition Definition
	AsOf       surveys.Day
}

// PupilScore is what the pupils of a school said on the form of their own.
type PupilScore struct {
	State    string // none, hidden or full
	Rate     float64
	Forms    int64
	Interval Interval
}

// WithAside is the score as it would be if forms that were set aside counted.
type WithAside struct {
	Rate     float64
	Interval Interval
}

func (FacilityPage) template() string { return "staff/facility" }

// Chart is the big interval bar.
func (p FacilityPage) Chart() ScoreChart {
	return ScoreChart{
		Name: p.Name, Rate: p.Score.Rate, Interval: p.Score.Interval, Target: p.Score.Target, Verdict: p.Score.Verdict,
	}
}

// TrendChart is the drawing of the trend.
func (p FacilityPage) TrendChart() TrendChart {
	return TrendChart{Name: p.Name, Points: p.Trend.Points, Target: p.Trend.Target}
}

// Target is the line that every drawing of the page carries; it is known before there is a score.
func (p FacilityPage) Target() float64 { return p.Definition.Target.Value }

// ItemChart is the drawing of one item.
func (p FacilityPage) ItemChart(i ItemRow) StackChart {
	return StackChart{Name: i.Label, Counts: i.Counts, Words: p.Scale, Target: p.Target()}
}

// PriorityChart is the drawing of one item to look at first.
func (p FacilityPage) PriorityChart(i Priority) StackChart {
	return StackChart{Name: i.Label, Counts: i.Counts, Words: p.Scale}
}

// Best lists the answers from 5 to 1 with their words, for legends and heads of tables.
func (p FacilityPage) Best() []ScaleWord {
	list := make([]ScaleWord, 0, len(p.Scale))
	for v := 5; v >= 1; v-- {
		list = append(list, ScaleWord{Value: v, Text: p.Scale[v-1]})
	}
	return list
}

// ScaleWord is one answer of the scale.
type ScaleWord struct {
	Value int
	Text  string
}

// Trend is the course of the rate over windows of one level.
type Trend struct {
	// Level is PeriodMonth, or PeriodQuarter for a facility with few forms.
	Level  PeriodKind
	Points []TrendPoint // oldest first, without holes
	Target float64
}

// Shown counts the points with a rate.
func (t Trend) Shown() int {
	n := 0
	for _, p := range t.Points {
		if p.State == StateFull {
			n++
		}
	}
	return n
}

// TrendGap is one line under the trend: a run of points that have no rate, and why.
type TrendGap struct {
	State   string
	Minimum int64
	From    Period
	To      Period // the same as From when the run is one point
	Single  bool
}

// Gaps lists the runs of points without a rate, oldest first.
func (t Trend) Gaps() []TrendGap {
	var notes []TrendGap
	for i, p := range t.Points {
		if p.State == StateFull {
			continue
		}
		last := len(notes) - 1
		if i > 0 && last >= 0 && t.Points[i-1].State == p.State && notes[last].Minimum == p.Minimum {
			notes[last].To, notes[last].Single = p.Period, false
			continue
		}
		notes = append(notes, TrendGap{State: p.State, Minimum: p.Minimum, From: p.Period, To: p.Period, Single: true})
	}
	return notes
}

// TrendPoint is one window of the trend.
type TrendPoint struct {
	Period   Period
	State    string
	Rate     float64
	Interval Interval
	Forms    int64
	// Minimum is what the forms of a hidden point wait for.
	Minimum int64
	// Current says that the point lies in the period of the page.
	Current bool
}

// Priority is an item to look at first.
type Priority struct {
	Label    string
	Rate     float64
	Answered int64
	Counts   [5]int64 // of the answers 1 to 5
	// Missing is about how many more satisfied people would have made Level.
	Missing int64
	Level   float64 // the target, or the facility's own rate where there is none
	// Detail says that the item stands on the full form only.
	Detail bool
	// Code leads to the item's row below.
	Code string
}

// FactorGroup is the items of one factor.
type FactorGroup struct {
	Title string
	// Rate is the mean of the shown items' rates; Shown 0 means there is none.
	Rate  float64
	Shown int
	Items []ItemRow
}

// Add adds an item, shown with its figures or withheld; the scored ones with figures make the rate.
func (g *FactorGroup) Add(row ItemRow, scored bool) {
	if scored && !row.Withheld && row.Answered > 0 {
		g.Shown++
	}
	g.Items = append(g.Items, row)
}

// ItemRow is one scored item.
type ItemRow struct {
	Code  string
	Label string
	// Core items make the score.
	Core bool
	// Withheld says that every release had fewer than ten answers; nothing below is then known.
	Withheld bool
	Counts   [5]int64 // of the answers 1 to 5
	None     int64    // "không sử dụng / không có ý kiến"
	Answered int64
	Rate     float64
}

// Best lists the counts from 5 to 1.
func (i ItemRow) Best() [5]int64 {
	c := i.Counts
	return [5]int64{c[4], c[3], c[2], c[1], c[0]}
}

// RestrictedItem is an item that is never scored, with the count of every option.
type RestrictedItem struct {
	Code, Label string
	// Withheld says that fewer than thirty forms are there to show.
	Withheld bool
	Options  []OptionCount
}

// OptionCount is how often an option was chosen.
type OptionCount struct {
	Label string
	Count int64
}

// SurveyPoint is one printed code or kiosk.
type SurveyPoint struct {
	ID   surveys.PointID
	Name string
	Kind string // waiting, counter, result, refusal, slip, gate, office, kiosk or online
	// Code is the token as it is printed, URL the address that the QR code holds.
	Code, URL string
	Retired   bool
	// Prints are the papers with its code that are not taken down.
	Prints []PrintRow
	// Use is how it was used, nil for a point that is not in use.
	Use *PointUse
	// Paste is the text to put on a portal or in a chat, for a point that is a link.
	Paste string
}

// Definition is what the figures rest on.
type Definition struct {
	Satisfied, Answered int64 // of the core items
	CoreItems           int
	Deff, EffectiveN    float64
	Mean                float64 // of core answers, 1 to 5; 0: none
	Complete            float64 // share of the forms whose every answered core item is 4 or 5
	Scored              float64 // rate over all scored items shown; 0: none is
	// Instruments names each questionnaire with its versions; only the first's items are shown.
	Instruments []InstrumentUse
	Target      TargetSource
	Releases    int
}

// InstrumentUse is a questionnaire and the versions that answers in the period were given on.
type InstrumentUse struct {
	Title    string
	Versions []int
}

// TargetSource is a target and where it comes from; Value 0 is none.
type TargetSource struct {
	Value  float64
	From   surveys.Day
	Source string
}
