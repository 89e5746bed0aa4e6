package surveys

import "time"

// Why a response stands aside, or why it counts all the same: what Response.Reason may hold. A reason is never an
// accusation; it says what was seen, for the person who looks at it.
const (
	ReasonNoToken    = "no_token"    // without a valid form token or bearer token
	ReasonReplayed   = "replayed"    // its form token had been used before
	ReasonHoneypot   = "honeypot"    // it fills a field that people do not see
	ReasonTooFast    = "too_fast"    // faster than the questions can be read
	ReasonRepeat     = "repeat"      // the phone says that it has answered here many times today
	ReasonBurst      = "burst"       // one of many alike, or quick, in an hour that holds more than the point ever had
	ReasonOverBudget = "over_budget" // of an hour or day with far more answers than the point can have
	// ReasonAccepted: a person looked at it and lets it count. No rule sets it aside again.
	ReasonAccepted = "accepted"
	// ReasonExcluded: a person looked at it and keeps it out of the score.
	ReasonExcluded = "excluded"
)

// Reasons lists every reason.
func Reasons() []string {
	return []string{
		ReasonNoToken, ReasonReplayed, ReasonHoneypot, ReasonTooFast, ReasonRepeat, ReasonBurst, ReasonOverBudget,
		ReasonAccepted, ReasonExcluded,
	}
}

// Pace is how fast a form was filled in, for its length: all that is kept of the time it took.
type Pace string

// The paces, from the opening of the form to its arrival.
const (
	PaceUnknown Pace = ""
	Instant     Pace = "instant" // faster than anybody reads
	Quick       Pace = "quick"   // as few people are, and as machines are that wait a little
	Steady      Pace = "steady"  // as most people are
	Slow        Pace = "slow"    // with pauses, or sent later
)

// The least time a step takes in each pace: every answer is one, and opening and sending is one more.
const (
	quickStep  = 600 * time.Millisecond
	steadyStep = 1200 * time.Millisecond
	slowStep   = 8 * time.Second
)

// PaceOf is the pace of a form with so many answers that took so long. A time below zero is of two clocks that
// differ: nothing is known.
func PaceOf(took time.Duration, answers int) Pace {
	step := took / time.Duration(answers+1)
	switch {
	case took < 0:
		return PaceUnknown
	case step < quickStep:
		return Instant
	case step < steadyStep:
		return Quick
	case step < slowStep:
		return Steady
	default:
		return Slow
	}
}
