package view

import (
	"slices"

	"hailong/surveys"
)

// ReviewPage lists the forms that stand aside and wait for a person, by facility, day and reason. It tells nothing of what
// was answered. The filter is a GET of "show", "q", "unit" and "reason".
type ReviewPage struct {
	StaffFrame
	Filter ReviewFilter
	Rows   []ReviewRow
	// Waiting counts all forms that wait, Second those that wait for a second person.
	Waiting, Second int64
	// Next is the address of the next page, "" on the last.
	Next string
	// First is the address of the first page, "" there.
	First string
	Done  ReviewDone
}

func (ReviewPage) template() string { return "staff/review" }

// ReviewFilter is what the queue is narrowed by.
type ReviewFilter struct {
	Query   string
	Unit    string // chosen code, "" for all
	Units   []UnitChoice
	Reason  string // chosen, "" for all
	Reasons []string
	Second  bool // those that wait for a second person
	// Clear is the address of the queue without filters.
	Clear string
}

// On says that something is filtered out.
func (f ReviewFilter) On() bool { return f.Query != "" || f.Unit != "" || f.Reason != "" }

// AsideReasons are the reasons for which a rule sets aside, as the filter offers them.
func AsideReasons() []string {
	return slices.DeleteFunc(surveys.Reasons(), func(r string) bool {
		return r == surveys.ReasonAccepted || r == surveys.ReasonExcluded
	})
}

// ReviewRow is the forms of one facility, day and reason.
type ReviewRow struct {
	Facility, Place string
	Day             surveys.Day
	Reason          Message
	URL             string
	Forms           []ReviewForm
}

// ReviewForm is one form as a reviewer sees it: nothing of what it says, no hour.
type ReviewForm struct {
	Handle string
	Point  string
	Full   bool
	Pace   Pace
	// Waits says that one person excluded it and a second must say the same.
	Waits bool
}

// Pace is how fast a form was filled in, in a class that has words.
type Pace string

// Paces lists the classes, the fastest first.
func Paces() []Pace { return []Pace{"instant", "quick", "steady", "slow", "unknown"} }

// PaceOf is the class of a stored pace.
func PaceOf(p surveys.Pace) Pace {
	if pace := Pace(p); slices.Contains(Paces(), pace) {
		return pace
	}
	return "unknown"
}

// PaceCount is how many forms were filled in at a pace.
type PaceCount struct {
	Pace  Pace
	Count int
}

// PointCount is how many forms came from a point.
type PointCount struct {
	Point string
	Count int
}

// ReviewForms are counted by what is seen of them.
type ReviewForms []ReviewForm

// Full counts those of the long form.
func (l ReviewForms) Full() int {
	n := 0
	for _, f := range l {
		if f.Full {
			n++
		}
	}
	return n
}

// Short counts those of the short form.
func (l ReviewForms) Short() int { return len(l) - l.Full() }

// Paces counts them by pace, the fastest first.
func (l ReviewForms) Paces() []PaceCount {
	var counts []PaceCount
	for _, p := range Paces() {
		c := PaceCount{Pace: p}
		for _, f := range l {
			if f.Pace == p {
				c.Count++
			}
		}
		if c.Count > 0 {
			counts = append(counts, c)
		}
	}
	return counts
}

// Points counts them by point, the most first.
func (l ReviewForms) Points() []PointCount {
	var counts []PointCount
	for _, f := range l {
		i := slices.IndexFunc(counts, func(c PointCount) bool { return c.Point == f.Point })
		if i < 0 {
			i, counts = len(counts), append(counts, PointCount{Point: f.Point})
		}
		counts[i].Count++
	}
	slices.SortStableFunc(counts, func(a, b PointCount) int { return b.Count - a.Count })
	return counts
}

// Seen is the row's forms, to be counted.
func (r ReviewRow) Seen() ReviewForms { return r.Forms }

// ReviewGroupPage decides on the forms of one facility, day and reason. It posts "csrf", "facility", "day", "reason",
// "note", "decision" (accept or exclude), and either every chosen handle as "form" or "mark" with "of" (all or second).
type ReviewGroupPage struct {
	StaffFrame
	Facility, Place string
	FacilityID      string
	Day             surveys.Day
	ReasonCode      string
	Reason          Message
	// Open are the forms that wait for a first decision, Waits those that wait for a second person.
	Open, Waits ReviewForms
	// Chosen says which handles are ticked; nil: all.
	Chosen []string
	Mark   string
	// Own says that all that waits for a second person was excluded by whoever reads this.
	Own bool
	// Left is how many forms may be excluded on one person's word.
	Left    int
	Back    string
	Note    string
	Problem ReviewProblem
	Done    ReviewDone
}

func (ReviewGroupPage) template() string { return "staff/review_group" }

// MostListed is how many forms are listed one by one; a larger group is decided on as a whole.
const MostListed = 100

// Single says that forms can be decided on one by one.
func (p ReviewGroupPage) Single() bool { return len(p.Open) <= MostListed }

// Most is how many forms one act takes.
func (ReviewGroupPage) Most() int { return surveys.MostReviewed }

// AtOnce is how many of the group one act takes.
func (p ReviewGroupPage) AtOnce() int { return min(len(p.Open), surveys.MostReviewed) }

// Ticked says whether a form is chosen.
func (p ReviewGroupPage) Ticked(f ReviewForm) bool {
	return p.Chosen == nil || slices.Contains(p.Chosen, f.Handle)
}

// ReviewProblem is why an act was not done.
type ReviewProblem string

// The problems.
const (
	ReviewNoNote   ReviewProblem = "no_note"
	ReviewLongNote ReviewProblem = "long_note"
	ReviewNothing  ReviewProblem = "nothing"   // no form is ticked
	ReviewChanged  ReviewProblem = "changed"   // somebody was quicker, or a form came or went
	ReviewNeedsTwo ReviewProblem = "needs_two" // the same person cannot exclude twice
)

// ReviewDone is what was just done; its zero is nothing.
type ReviewDone struct {
	What  string // accepted, excluded or second
	Forms int
	Gone  int // of them, taken back by their givers meanwhile
}

// ReviewActsPage lists the acts on record, the newest first.
type ReviewActsPage struct {
	StaffFrame
	Acts []ReviewAct
	Next string
}

func (ReviewActsPage) template() string { return "staff/review_acts" }

// ReviewAct is an act on record.
type ReviewAct struct {
	On       surveys.Day
	By       string // "" the administrator
	Facility string
	Day      surveys.Day
	Reason   Message
	Forms    int
	// What is accepted, excluded, or second for an exclusion that waits for a second person.
	What string
	Note string
}
