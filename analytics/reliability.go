package analytics

import (
	"math"

	"hailong/surveys"
)

// Grade says in one letter how far the score of a facility and period can be relied on: whether its forms came as they
// usually come there. It says nothing about anybody.
type Grade string

// The grades.
const (
	GradeA Grade = "A" // nothing unusual
	GradeB Grade = "B" // something unusual, too little to matter
	GradeC Grade = "C" // part of the forms came in an unusual way: hold it against something else
	GradeD Grade = "D" // so many that the score should not stand alone
)

// Signal is one way in which forms can come unusually.
type Signal string

// The signals.
const (
	SignalLate    Signal = "late"    // at hours at which this facility has hardly any forms
	SignalBunched Signal = "bunched" // many alike within an hour at one point
	SignalHasty   Signal = "hasty"   // quick and with one answer throughout, more than before
	SignalDrift   Signal = "drift"   // suddenly far more perfect forms than before
)

// Signals lists the signals in their order.
func Signals() []Signal { return []Signal{SignalLate, SignalBunched, SignalHasty, SignalDrift} }

// Reliability is the grade with the signals that made it.
type Reliability struct {
	Grade   Grade    `json:"grade"`
	Signals []Signal `json:"signals"` // none for A
}

const (
	// reliabilityLeast is the fewest forms that a grade is given for, and that a share is judged by.
	reliabilityLeast = 30
	// pastMonths is how far back a facility's own past goes.
	pastMonths = 6
	// overdispersion is how much more the forms of different days differ than chance would have it.
	overdispersion = 2
	// gateZ is the normal deviate of 0.5 % on one side.
	gateZ = 2.576
	// The grades begin at these shares of the period's forms.
	shareB, shareC, shareD = 0.03, 0.10, 0.25
)

// ReliabilityOf grades a period by the habits of its months, against those of up to six months before; nil for fewer than 30
// forms. alwaysOpen says that the facility serves people at night too.
//
// For each signal, x of n forms show it now and X of N did before. The usual share is p0 = (X + 30·π)/(N + 30), with the
// prior share π worth 30 forms, and never above a cap: what was always so is usual only up to there. A signal speaks if
//
//	x/n > p0 + δ + 2.576·√(2·p0(1−p0)·(1/n + 1/(N+30)))
//
// where δ leaves room for true change and the 2 for days that differ (a one-sided two-sample test with
// overdispersion; McCullagh & Nelder 1989, §4.5). Then m = (x − n·(p0+δ)) / (1 − (p0+δ)) forms came in that way, if all of them show
// the signal; bunched counts its own (see Habit). The grade follows from the largest m/n: under 3 % A, under 10 %
// B, under 25 % C, else D; not from their sum, since the same forms make several signals speak. Each way by itself has honest
// causes, a campaign or an evening on which many came; forms that came in two at once, many alike within one hour at which
// there are hardly any, have none that we know: where they are 3 % or more the grade is C at best. A facility that was always
// filled by its own staff has the past it made, up to the caps: the grade knows change, not truth.
func ReliabilityOf(now, past []Habit, alwaysOpen bool) *Reliability {
	have, had := sumHabits(now), sumHabits(past)
	if have.Forms < reliabilityLeast {
		return nil
	}
	shares := map[Signal]float64{
		SignalLate:    lateExcess(have, had, alwaysOpen),
		SignalBunched: have.Bunched / float64(have.Forms),
		SignalHasty:   share{have.Hasty, have.Paced, had.Hasty, had.Paced}.excess(usual{prior: 0.08, room: 0.05, most: 0.35}),
	}
	if had.Forms >= 2*reliabilityLeast {
		shares[SignalDrift] = share{have.Perfect, have.Forms, had.Perfect, had.Forms}.excess(usual{
			prior: float64(had.Perfect) / float64(had.Forms), room: 0.12, most: 1,
		})
	}
	r := &Reliability{Grade: GradeA, Signals: []Signal{}}
	worst := 0.0
	for _, s := range Signals() {
		if shares[s] >= shareB {
			r.Signals = append(r.Signals, s)
			worst = max(worst, shares[s])
		}
	}
	if nightBunch(have, had, alwaysOpen)/float64(have.Forms) >= shareB {
		worst = max(worst, shareC)
	}
	switch {
	case worst >= shareD:
		r.Grade = GradeD
	case worst >= shareC:
		r.Grade = GradeC
	case worst >= shareB:
		r.Grade = GradeB
	}
	return r
}

// sumHabits adds months up.
func sumHabits(habits []Habit) Habit {
	var sum Habit
	for _, h := range habits {
		sum.Forms += h.Forms
		sum.Perfect += h.Perfect
		sum.Paced += h.Paced
		sum.Hasty += h.Hasty
		sum.Bunched += h.Bunched
		for hour, n := range h.Hours {
			sum.Hours[hour] += n
		}
		if h.BunchedAt == nil {
			continue
		}
		if sum.BunchedAt == nil {
			sum.BunchedAt = new([24]float64)
		}
		for hour, n := range h.BunchedAt {
			sum.BunchedAt[hour] += n
		}
	}
	return sum
}

// usual is what is known of a share before anything was counted.
type usual struct {
	prior float64 // worth priorForms forms
	room  float64 // for true change
	most  float64
}

const priorForms = 30

// share is a count of a whole, now and before.
type share struct{ x, n, pastX, pastN int }

// excess is the share of forms that came in an unusual way, 0 unless the test speaks.
func (s share) excess(u usual) float64 {
	if s.n < reliabilityLeast {
		return 0
	}
	n, past := float64(s.n), float64(s.pastN)+priorForms
	p := min((float64(s.pastX)+priorForms*u.prior)/past, u.most)
	gate := p + u.room + gateZ*math.Sqrt(overdispersion*p*(1-p)*(1/n+1/past))
	if float64(s.x)/n <= gate {
		return 0
	}
	return (float64(s.x)/n - p - u.room) / (1 - p - u.room)
}

const (
	// lateLeast is the fewest forms of the past that tell at which hours a facility has any.
	lateLeast = 100
	// lateShare: an hour with less of the past's forms is one at which there are hardly any.
	lateShare = 0.01
	// Where the past does not tell, the usual hours are from six to six.
	opens, closes = 6, 18
)

// unusualHours are those at which a facility has hardly any forms, by its past where that tells; none of a facility that is
// open at night and has no past.
func unusualHours(had Habit, alwaysOpen bool) (unusual [24]bool) {
	past := 0
	for _, n := range had.Hours {
		past += n
	}
	for hour := range unusual {
		switch {
		case past >= lateLeast:
			unusual[hour] = float64(had.Hours[hour]) < lateShare*float64(past)
		case !alwaysOpen:
			unusual[hour] = hour < opens || hour >= closes
		}
	}
	return unusual
}

// lateExcess is the excess of forms at hours at which the facility has hardly any.
func lateExcess(have, had Habit, alwaysOpen bool) float64 {
	var s share
	for hour, unusual := range unusualHours(had, alwaysOpen) {
		s.n += have.Hours[hour]
		s.pastN += had.Hours[hour]
		if unusual {
			s.x += have.Hours[hour]
			s.pastX += had.Hours[hour]
		}
	}
	return s.excess(usual{prior: 0.03, room: 0.03, most: 0.10})
}

// nightBunch is how many forms too many came alike within an hour at hours at which the facility has hardly any.
func nightBunch(have, had Habit, alwaysOpen bool) float64 {
	sum := 0.0
	if have.BunchedAt == nil {
		return sum
	}
	for hour, unusual := range unusualHours(had, alwaysOpen) {
		if unusual {
			sum += have.BunchedAt[hour]
		}
	}
	return sum
}

// alwaysOpen are the kinds of facilities that serve people at night too.
func alwaysOpen(kind surveys.FacilityKind) bool { return kind == "hospital" || kind == "station" }
