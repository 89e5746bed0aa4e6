package view

import (
	"cmp"
	"slices"

	"hailong/surveys"
)

// PrintPage is where posters of one facility are chosen, looked at and printed, and where the ones on paper are kept.
// The form posts "csrf", "paper", every chosen "point" and "do" (preview, pdf or queue) to Action.
type PrintPage struct {
	StaffFrame
	Facility string
	Action   string
	// Back is the facility's page, Here this one with its choice.
	Back, Here string
	// PaperForm is where the same points' paper forms are printed.
	PaperForm string
	Papers    []string
	Paper     string // chosen
	Points    []PrintPoint
	Rows      []PrintRow
	Done      PrintDone
	Problem   PrintProblem
	// Local says that Address, which the codes lead to, opens on this machine only.
	Local   bool
	Address string
	Reach   Reach
	// NoSlips says that small slips are chosen and the facility has no point of their own.
	NoSlips bool
}

func (PrintPage) template() string { return "staff/print" }

// Chosen are the points to be printed.
func (p PrintPage) Chosen() []PrintPoint {
	var chosen []PrintPoint
	for _, point := range p.Points {
		if point.Chosen {
			chosen = append(chosen, point)
		}
	}
	return chosen
}

// Line is a row with what its form needs.
func (p PrintPage) Line(r PrintRow) PrintLine {
	r.Facility = ""
	return PrintLine{PrintRow: r, CSRF: p.CSRF, Here: p.Here}
}

// PrintPoint is a point that can be printed.
type PrintPoint struct {
	ID, Name string
	// Kind is the point's kind, as in a SurveyPoint.
	Kind   string
	Chosen bool
	// Preview is the address of its poster as a drawing.
	Preview string
}

// PrintDone is what was just done.
type PrintDone string

// PrintDoneQueued says that the chosen ones are in the queue.
const PrintDoneQueued PrintDone = "queued"

// PrintProblem is why nothing was printed.
type PrintProblem string

// PrintNothing says that no point was chosen.
const PrintNothing PrintProblem = "nothing"

// PrintRow is one paper with the code of a point.
type PrintRow struct {
	ID, Point string
	PointID   surveys.PointID
	// Facility is what it was printed for.
	Facility, FacilityURL string
	Paper                 string
	State                 string // queued, printed, hung or down
	Since                 surveys.Day
	Place                 string
	Address               string // what its code leads to, "" before it is printed
	// Stale is why it must be replaced: retired, address, moved or named; "" it need not be.
	Stale string
}

// Spent says that nothing hangs of it any more.
func (r PrintRow) Spent() bool { return r.State == string(surveys.PrintDown) }

// ComparePrints puts what must be replaced first, then by state, facility and point.
func ComparePrints(a, b PrintRow) int {
	order := func(r PrintRow) int {
		if r.Stale != "" {
			return -1
		}
		return slices.Index(surveys.PrintStates(), surveys.PrintState(r.State))
	}
	return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Point, b.Point), cmp.Compare(a.ID, b.ID))
}

// PrintLine is a row that can be moved on. It posts "csrf", "back", "place" and "state" to /app/prints/ID.
type PrintLine struct {
	PrintRow
	CSRF, Here string
}

// PrintFilter is what of the prints is listed.
type PrintFilter string

// The filters. PrintsTodo is what somebody still has to do.
const (
	PrintsTodo    PrintFilter = "todo"
	PrintsQueued  PrintFilter = "queued"
	PrintsPrinted PrintFilter = "printed"
	PrintsHung    PrintFilter = "hung"
	PrintsReplace PrintFilter = "replace"
	PrintsDown    PrintFilter = "down"
	PrintsAll     PrintFilter = "all"
)

// PrintFilters lists the filters in their order.
func PrintFilters() []PrintFilter {
	return []PrintFilter{PrintsTodo, PrintsQueued, PrintsPrinted, PrintsHung, PrintsReplace, PrintsDown, PrintsAll}
}

// ParsePrintFilter reads a filter's name; any other is PrintsTodo.
func ParsePrintFilter(s string) PrintFilter {
	if f := PrintFilter(s); slices.Contains(PrintFilters(), f) {
		return f
	}
	return PrintsTodo
}

func (f PrintFilter) picks(r PrintRow) bool {
	switch f {
	case PrintsAll:
		return true
	case PrintsReplace:
		return r.Stale != ""
	case PrintsTodo:
		return r.Stale != "" || r.State == string(surveys.PrintQueued) || r.State == string(surveys.PrintPrinted)
	case PrintsQueued, PrintsPrinted, PrintsHung, PrintsDown:
	}
	return r.State == string(f)
}

// PrintsPage lists the prints of the whole installation.
type PrintsPage struct {
	StaffFrame
	Filter    PrintFilter
	Choices   []PrintChoice
	Rows      []PrintRow
	Total     int
	Downloads []PrintDownload
	Here      string
	Local     bool
	Address   string
}

func (PrintsPage) template() string { return "staff/prints" }

// Count fills in the rows that the filter picks, and how many every filter would.
func (p *PrintsPage) Count(rows []PrintRow) {
	p.Rows, p.Choices = nil, nil
	for _, f := range PrintFilters() {
		c := PrintChoice{Filter: f}
		for _, r := range rows {
			if f.picks(r) {
				c.Count++
				if f == p.Filter {
					p.Rows = append(p.Rows, r)
				}
			}
		}
		p.Choices = append(p.Choices, c)
	}
}

// Waiting counts the rows that wait to be printed on one paper.
func (PrintsPage) Waiting(rows []PrintRow, paper string) int {
	n := 0
	for _, r := range rows {
		if r.State == string(surveys.PrintQueued) && r.Paper == paper {
			n++
		}
	}
	return n
}

// Line is a row with what its form needs.
func (p PrintsPage) Line(r PrintRow) PrintLine {
	return PrintLine{PrintRow: r, CSRF: p.CSRF, Here: p.Here}
}

// PrintChoice is one filter with how many it picks.
type PrintChoice struct {
	Filter PrintFilter
	Count  int
}

// PrintDownload is what waits on one paper: the form posts "csrf", "paper" and "back" to /app/prints once it is printed.
type PrintDownload struct {
	Paper string
	Count int
	URL   string
}
