package surveys

import "time"

// Why a response stands aside, or why it counts all the same: what Response.Reason may hold. A reason is never an
// accusation; it says what was seen, for the person who looks at it.
const (
	ReasonNoToken    = "no_token"    // without a valid form token or bearer token
	ReasonReplayed   = "replayed"    // its form token had been used before
	ReasonHoneypot   = "honeypot"    // it fills a field that people do not see
	ReasonTooFast    = "too_fast"    // faster than the questions can be read
	ReasonClosed     = "closed"      // given on a kiosk outside its opening hours
	ReasonInterval   = "interval"    // more answers in the hour than a kiosk's shortest interval permits
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
		ReasonNoToken, ReasonReplayed, ReasonHoneypot, ReasonTooFast, ReasonClosed, ReasonInterval, ReasonRepeat, ReasonBurst,
		ReasonOverBudget, ReasonAccepted, ReasonExcluded,
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

// shortForm is how many of its questions a form is taken to have been filled in for, at the least: one tap is soon done,
// but the page has to be read.
const shortForm = 3

// PaceOf is the pace of a form that took so long, on which so many questions of those asked were answered. A time below
// zero is of two clocks that differ: nothing is known.
func PaceOf(took time.Duration, answered, asked int) Pace {
	step := took / time.Duration(1+max(answered, min(asked, shortForm)))
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

// Evidence is what came with an answer. It is weighed when the answer arrives and not kept.
type Evidence struct {
	Known    bool // it comes from a program with a bearer token that may send answers here
	Opened   bool // it bears the token of a form of this point that we handed out
	Reused   bool // that token came with other answers before
	Honeypot bool // a field is filled that people do not see
	Again    int  // how often its phone says that it has answered here today
	Shared   bool // it comes from a device that many use one after the other
	Closed   bool // the kiosk was closed when it was given
	Crowded  bool // its hour has more answers than the kiosk's interval permits
	Pace     Pace
}

// MostAgain is how many answers a day one phone gives at one point before the next is suspect: a family shares a phone.
const MostAgain = 4

// Reason is why an answer is suspect, "" if it is not. What comes from a known program is not; what is typed from paper
// never comes here. No rule looks at where an answer comes from, so that a whole hall may share one address.
func (e Evidence) Reason() string {
	switch {
	case e.Known:
		return ""
	case e.Honeypot:
		return ReasonHoneypot
	case !e.Opened:
		return ReasonNoToken
	case e.Reused:
		return ReasonReplayed
	case e.Closed:
		return ReasonClosed
	case e.Crowded:
		return ReasonInterval
	case e.Shared: // its page stands open between two people
		return ""
	case e.Pace == Instant:
		return ReasonTooFast
	case e.Again >= MostAgain:
		return ReasonRepeat
	default:
		return ""
	}
}
