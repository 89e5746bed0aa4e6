package view

import "hailong/surveys"

// PaperPage prints the paper form of a point. The form posts "csrf", "point", "form" (short or full), "copies" and "do"
// (preview or pdf) to Action; a PDF gets a batch number.
type PaperPage struct {
	StaffFrame
	Facility     string
	Action, Back string
	Entry        string
	Points       []PrintPoint
	Form         string
	Copies       string
	MostCopies   int
	Previews     []string // addresses of the pages
	Problem      PaperProblem
	Batches      []EntryRow
}

func (PaperPage) template() string { return "staff/paper" }

// Forms lists the lengths.
func (PaperPage) Forms() []surveys.Form { return []surveys.Form{surveys.FullForm, surveys.ShortForm} }

// PageNumber is the number of a page by its place.
func (PaperPage) PageNumber(i int) int { return i + 1 }

// PaperProblem is why nothing was printed.
type PaperProblem string

// The problems.
const (
	PaperNothing PaperProblem = "nothing"
	PaperCopies  PaperProblem = "copies"
)
