package view

import "hailong/surveys"

// The verdicts on a period. An empty verdict has no chip.
const (
	VerdictMet        = "met"
	VerdictNotMet     = "not_met"
	VerdictUndecided  = "undecided"
	VerdictOpen       = "open"         // the period or its closing day is still to come
	VerdictIncomplete = "incomplete"   // under 90 % of the forms are shown
	VerdictNoTarget   = "no_target"    // the sector has none
	VerdictNoPeriod   = "not_a_period" // a free window: no verdict is ever given
)

// The states of a figure.
const (
	StateNone   = "none"   // no forms
	StateHidden = "hidden" // forms, none released yet
	StateFull   = "full"
)

// StaffFrame is what all staff pages share.
type StaffFrame struct {
	// Organisation is whose installation this is, "" to leave it out.
	Organisation string
	// Demo puts a banner on the page: the figures are invented.
	Demo bool
	// CSRF goes back with every form that changes something.
	CSRF string
	// SignedIn shows the way to the list and the button to sign out.
	SignedIn bool
	// MayReview shows the way to the forms that stand aside; Reviewing is how many wait there, in steps of ten.
	MayReview bool
	Reviewing int64
	// Switch is the address of this page in the other language, "" where there is none (after a POST).
	Switch string
}

// LoginPage asks for the administrator's password. It posts "password", "csrf" and "next" to /login.
type LoginPage struct {
	StaffFrame
	// Next is the local path to go to afterwards.
	Next string
	// Problem is why the last attempt failed, "" at first.
	Problem LoginProblem
}

// LoginProblem is why somebody could not sign in.
type LoginProblem string

// The reasons.
const (
	LoginWrong   LoginProblem = "wrong"   // 401: the password is not right
	LoginTooMany LoginProblem = "many"    // 429: too many attempts
	LoginExpired LoginProblem = "expired" // 403: the form was open for too long
)

func (LoginPage) template() string { return "staff/login" }

// ErrorPage says in a sentence why a staff page cannot be shown, and what to do next.
type ErrorPage struct {
	StaffFrame
	// Status is 400, 403, 404, 409, 422, 500 or 503; any other reads as 500.
	Status    int
	RequestID string
	// Retry is this page's address, "" where sending again makes no sense.
	Retry string
}

func (ErrorPage) template() string { return "staff/error" }

// Heading is the error in a few words.
func (p ErrorPage) Heading() Message { return Msg("staff.error.title." + p.key()) }

// Body tells what to do next.
func (p ErrorPage) Body() Message { return Msg("staff.error.body." + p.key()) }

func (p ErrorPage) key() string {
	switch p.Status {
	case 400, 405:
		return "400"
	case 403:
		return "403"
	case 404, 410:
		return "404"
	case 409:
		return "409"
	case 422:
		return "422"
	case 503:
		return "503"
	default:
		return "500"
	}
}

// Score is a released result against its target.
type Score struct {
	Forms    int64
	Rate     float64
	Interval Interval
	Target   float64 // 0: none
	Verdict  string
	// Needed is about how many more forms would decide, exact; 0 when it cannot be said. The page rounds up.
	Needed int64
}

// WaitStep is a day on which waiting forms may come out: when the node (a day, half-month, month, quarter
// or year that ends before it) has Minimum forms.
type WaitStep struct {
	Date    surveys.Day
	Minimum int64
	// Kind is day, half_month, month, quarter or year.
	Kind string
}

// Waiting is what has arrived and is not released.
type Waiting struct {
	Forms int64
	Steps []WaitStep
}

// Earliest is the first day on which something may come out, "" when none is known.
func (x Waiting) Earliest() surveys.Day {
	if len(x.Steps) == 0 {
		return ""
	}
	return x.Steps[0].Date
}

// RoundNeeded rounds a number of forms up as it is shown: to fives from 20, to tens from 100.
func RoundNeeded(n int64) int64 {
	step := int64(1)
	switch {
	case n >= 100:
		step = 10
	case n >= 20:
		step = 5
	}
	return (n + step - 1) / step * step
}
