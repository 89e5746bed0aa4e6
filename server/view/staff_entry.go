package view

import (
	"strconv"
	"strings"

	"hailong/surveys"
)

// EntryPage lists the batches of paper forms and takes the number of one. It posts "csrf" and "number" to /app/entry.
type EntryPage struct {
	StaffFrame
	Number  string // as typed
	Problem EntryProblem
	Batches []EntryRow
}

func (EntryPage) template() string { return "staff/entry" }

// EntryRow is one batch.
type EntryRow struct {
	Number          string // as printed
	URL             string
	Facility, Point string
	Title           string // of the questionnaire
	Full            bool
	State           string // open, checking or closed
	Printed         surveys.Day
	Copies          int
	HandedIn, Typed int
	Rate            EntryRate
}

// Begun says that sheets are back.
func (r EntryRow) Begun() bool { return r.HandedIn > 0 }

// EntryRate is what came of a second keying.
type EntryRate struct {
	surveys.PaperCheck
	Low, High float64 // 95 % interval
}

// entryGood is the rate under which typing is good.
const entryGood = 0.01

// Word is the rate in words: none, good or high.
func (r EntryRate) Word() string {
	switch {
	case r.Compared == 0:
		return "none"
	case r.Rate() < entryGood:
		return "good"
	default:
		return "high"
	}
}

// EntryProblem is why something was not done, the end of a key staff.entry.problem.…
type EntryProblem string

// The problems.
const (
	EntryNoBatch     EntryProblem = "number"
	EntryMalformed   EntryProblem = "fields"
	EntryNoDay       EntryProblem = "day"
	EntryFuture      EntryProblem = "future"
	EntryUnprinted   EntryProblem = "unprinted"
	EntryClosedThen  EntryProblem = "closed_then"
	EntrySealed      EntryProblem = "sealed"
	EntryDone        EntryProblem = "done"
	EntryMissing     EntryProblem = "missing"
	EntryPublished   EntryProblem = "published"
	EntryUnchecked   EntryProblem = "unchecked"
	EntryNotAll      EntryProblem = "not_all"
	EntryConflict    EntryProblem = "conflict"
	EntryBusy        EntryProblem = "busy"
	EntryAnswers     EntryProblem = "answers"
	EntryNothing     EntryProblem = "nothing"
	EntryLongComment EntryProblem = "comment"
	EntryUnsettled   EntryProblem = "unsettled"
)

// EntryBatchPage is one batch: how it is to be typed, its sums, its second keying and its end. It posts "csrf" and "do"
// (begin, finish, reopen or close) to URL; begin with "channel", "handed_in" and "day", finish with "anyway".
type EntryBatchPage struct {
	StaffFrame
	EntryRow
	PDF                string
	Channel            string // paper, assisted or "" before it is said
	Day                surveys.Day
	TypedBy, CheckedBy []string
	Undone             int
	// Typed values of the form, where it was refused.
	TypedDay, TypedSheets string
	Pages                 int
	Sums                  []EntrySum
	Missing               []int
	Sample                []EntrySampled
	Problem               EntryProblem
	Done                  string // begun, checked, settled, finished, reopened, closed or ""
	Closed                surveys.Day
}

func (EntryBatchPage) template() string { return "staff/entry_batch" }

// Dones lists what can just have been done.
func (EntryBatchPage) Dones() []string {
	return []string{"begun", "checked", "settled", "finished", "reopened", "closed"}
}

// Total adds all sheets up.
func (p EntryBatchPage) Total() EntrySum {
	all := EntrySum{Pages: make([]int, p.Pages)}
	for _, s := range p.Sums {
		for i, n := range s.Pages {
			all.Pages[i] += n
		}
	}
	return all
}

// PageNumbers are those of the form.
func (p EntryBatchPage) PageNumbers() []int { return countTo(p.Pages) }

// TypeSheet is where a sheet is typed that is not stored.
func (p EntryBatchPage) TypeSheet(sheet int) string {
	path, _, _ := strings.Cut(p.URL, "?")
	return path + "/type?sheet=" + strconv.Itoa(sheet)
}

// Short says that fewer or more sheets are typed than were handed in.
func (p EntryBatchPage) Short() bool { return p.Typed != p.HandedIn }

// ToCheck is how many sheets of the sample are still to be typed again or settled.
func (p EntryBatchPage) ToCheck() int {
	n := 0
	for _, s := range p.Sample {
		if s.State != "done" {
			n++
		}
	}
	return n
}

// Untouched says that nothing was compared yet.
func (p EntryBatchPage) Untouched() bool { return p.Rate.Sheets == 0 }

func countTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// EntrySum is the control sum of one sheet by its pages.
type EntrySum struct {
	Sheet int
	Pages []int
}

// All adds the pages.
func (s EntrySum) All() int {
	n := 0
	for _, p := range s.Pages {
		n += p
	}
	return n
}

// EntrySampled is a sheet that is typed twice.
type EntrySampled struct {
	Sheet int
	State string // todo, open (differences to settle) or done
	URL   string
}

// EntryFormPage types one form. It posts "csrf", "submission_id", "sheet", "day", every item's digits under its code, "FOR"
// and "comment" to Action. With Check it is a second keying and shows nothing of the first.
type EntryFormPage struct {
	StaffFrame
	EntryRow
	Action, Back, Undo string
	Check              bool
	Sheet              int // to be typed; 0: the next
	ID                 surveys.SubmissionID
	Day                surveys.Day
	Leaves             []EntryLeaf
	Behalf             bool // whether it is asked
	BehalfOn           bool
	BehalfText         string
	BehalfCode         string
	Comment            string
	CommentText        string
	Last               *EntryLast
	Problem            EntryProblem
	Filled             bool // the values come from the server
}

func (EntryFormPage) template() string { return "staff/entry_form" }

// Now is the number that the sheet has, or will have if nobody else is faster.
func (p EntryFormPage) Now() int {
	if p.Sheet > 0 {
		return p.Sheet
	}
	return p.Typed + 1
}

// PageNumber is the number of a page by its place.
func (EntryFormPage) PageNumber(i int) int { return i + 1 }

// Script is what the script says, by name.
func (EntryFormPage) Script() []string {
	return []string{"scale", "choice", "percent", "empty", "again"}
}

// EntryLeaf is one page of the form.
type EntryLeaf struct {
	Page  int
	Items []EntryItem
}

// EntryItem is one question as it is typed.
type EntryItem struct {
	Code, Text string
	Kind       string // scale5, single, multiple, percent or text
	Options    []EntryOption
	Most       int    // choices
	Value      string // digits
	If         string // item that it depends on, "" none
	In, NotIn  string // digits of that item, apart by commas
	Wrong      bool
}

// Letters is how long what is typed can get.
func (i EntryItem) Letters() int {
	switch i.Kind {
	case "percent":
		return 3
	case "multiple":
		return 2 * max(1, len(i.Options))
	case "text":
		return 600
	}
	return 2
}

// EntryOption is one circle with its words.
type EntryOption struct{ Digit, Label string }

// EntryLast is the sheet that was typed last here.
type EntryLast struct {
	EntrySum
	ID surveys.SubmissionID
}

// EntryDiffPage settles what differs between two keyings. It posts "csrf", "do" (settle), the second keying again, and for
// each item "pick_CODE" (first or second) to Action.
type EntryDiffPage struct {
	StaffFrame
	EntryRow
	Action, Back string
	Sheet        int
	Rows         []EntryDiff
	Again        []Field
	Problem      EntryProblem
}

func (EntryDiffPage) template() string { return "staff/entry_diff" }

// EntryDiff is one item that differs.
type EntryDiff struct {
	Code, Text    string
	First, Second string // digits, "" blank
	Pick          string
}
