package view

import "hailong/surveys"

// ListPage is the office's list of facilities in one period, by sector and name, never by rank.
type ListPage struct {
	StaffFrame
	Picker PeriodPicker
	Filter ListFilter
	// Place is the chosen unit with its kind in words ("xã Nghĩa Hưng"), "" for all.
	Place string
	// Closing is the day of the verdict; Closed says that it is past.
	Closing surveys.Day
	Closed  bool
	// Total counts the facilities before any filter.
	Total   int
	Sectors []SectorGroup
	// AsOf is the last day whose releases are in the figures.
	AsOf surveys.Day
}

func (ListPage) template() string { return "staff/list" }

// ListFilter is what a list of facilities, or of their points, is narrowed by. The form is a GET that sends "q", "unit" and
// "sector", and for facilities "kind" and "on".
type ListFilter struct {
	Query   string
	Unit    string // chosen code, "" for all
	Units   []UnitChoice
	Sector  string // chosen, "" for all
	Sectors []string
	// Clear is the address of the list without filters, of facilities in the same period.
	Clear string
}

// On says that something is filtered out.
func (f ListFilter) On() bool { return f.Query != "" || f.Unit != "" || f.Sector != "" }

// UnitChoice is one unit of the filter.
type UnitChoice struct{ Value, Name string }

// SectorGroup is the facilities of one sector.
type SectorGroup struct {
	Sector string  // one_stop, health, education or policy
	Target float64 // 0: none
	// Pooled counts every answer alike; Mean counts every facility alike. Nil when nothing is released.
	Pooled *PooledRate
	Mean   *MeanRate
	Rows   []FacilityRow
}

// PooledRate is the rate of all answers together.
type PooledRate struct {
	Rate  float64
	Forms int64
}

// MeanRate is the mean of the facilities' rates.
type MeanRate struct {
	Rate       float64
	Facilities int
}

// FacilityRow is one facility of the list.
type FacilityRow struct {
	Name  string
	URL   string
	State string
	// Score is for StateFull, Waiting for StateHidden.
	Score       Score
	Waiting     Waiting
	Reliability Reliability
}

// Chart is the row's drawing.
func (r FacilityRow) Chart() ScoreChart {
	return ScoreChart{
		Name: r.Name, Rate: r.Score.Rate, Interval: r.Score.Interval, Target: r.Score.Target, Verdict: r.Score.Verdict,
	}
}

// Count is the number of facilities listed.
func (p ListPage) Count() int {
	n := 0
	for _, s := range p.Sectors {
		n += len(s.Rows)
	}
	return n
}

// CommonTarget is the target of every sector that has one, 0 when they differ: only then does it stand on the
// scale in the head.
func (p ListPage) CommonTarget() float64 {
	common := 0.0
	for _, s := range p.Sectors {
		switch {
		case s.Target == 0 || s.Target == common:
		case common == 0:
			common = s.Target
		default:
			return 0
		}
	}
	return common
}

// verdicts counts the rows by verdict; those without a released result stand under StateNone.
func (p ListPage) verdicts() map[string]int64 {
	counts := map[string]int64{}
	for _, s := range p.Sectors {
		for _, r := range s.Rows {
			if r.State == StateFull {
				counts[r.Score.Verdict]++
			} else {
				counts[StateNone]++
			}
		}
	}
	return counts
}
