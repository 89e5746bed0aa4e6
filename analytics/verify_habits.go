package analytics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hailong/surveys"
)

// habitRecount takes a month's habit again. A habit never changes, but a form may since have been accepted, excluded or
// withdrawn, or have come in by an import: of those nobody knows how they stood when it was taken. Without any, the habit
// must be what it was; with some, it must lie between what is sure and what may be.
type habitRecount struct {
	sure, may *habitTaker
	gone      int // withdrawn, so that nothing of them is left to count
	unsure    bool
}

// habitsOf are the recounts of a facility's months by their first day.
type habitsOf struct {
	facility surveys.FacilityID
	calendar Calendar
	onSpot   func(surveys.PointID) bool
	months   map[surveys.Day]*habitRecount
}

func (h *habitsOf) add(r surveys.Response, t *Tally) {
	if r.Channel.Typed() {
		return
	}
	month := h.calendar.Node(Month, r.Day)
	m := h.months[month.From]
	if m == nil {
		m = &habitRecount{
			sure: newHabitTaker(h.facility, month.From, h.onSpot), may: newHabitTaker(h.facility, month.From, h.onSpot),
		}
		h.months[month.From] = m
	}
	late := r.Arrived >= month.To.Add(closeAfter)
	switch kind := reasonKind(r.Reason); {
	case r.Standing == surveys.Withdrawn:
		m.gone++
		m.unsure = true
	case late || kind == byPeople:
		m.unsure = true
		r.Standing = surveys.Counted
		m.may.add(r, t)
	case kind == byCrowd: // it may have joined the crowd when a later one came
		r.Standing = surveys.Counted
		m.may.add(r, t)
	default: // counted, or set aside when it came
		m.sure.add(r, t)
		m.may.add(r, t)
	}
}

// settledBy says by what it was settled how a form stands.
type settledBy int

const (
	atArrival settledBy = iota
	byCrowd
	byPeople
)

func reasonKind(reason string) settledBy {
	switch reason {
	case "", surveys.ReasonNoToken, surveys.ReasonReplayed, surveys.ReasonHoneypot, surveys.ReasonTooFast, surveys.ReasonRepeat:
		return atArrival
	case surveys.ReasonBurst, surveys.ReasonOverBudget:
		return byCrowd
	}
	return byPeople
}

// holds says whether a habit may be what was taken of these forms. hours is false where the points' kinds may have changed.
func (m *habitRecount) holds(was Habit, hours bool) bool {
	sure, may := m.sure.take(), m.may.take()
	if was.Format < habitFormat {
		sure.BunchedAt, may.BunchedAt, sure.Format, may.Format = nil, nil, was.Format, was.Format
	}
	if !m.unsure {
		return sure.equals(was, hours)
	}
	// What is too few to be kept tells nothing, so here the takers are asked themselves.
	low, high := m.sure.habit, m.may.habit
	if was.Forms == 0 {
		return low.Forms < habitLeast && was == Habit{Facility: was.Facility, Month: was.Month, Format: was.Format}
	}
	within := func(n, from, to int) bool { return n >= from && n <= to+m.gone }
	ok := was.Forms >= habitLeast && within(was.Forms, low.Forms, high.Forms) && within(was.Perfect, low.Perfect, high.Perfect) &&
		within(was.Paced, low.Paced, high.Paced) && within(was.Hasty, low.Hasty, high.Hasty) && was.Bunched <= float64(was.Forms)
	for hour, n := range was.Hours {
		ok = ok && (!hours || within(n, low.Hours[hour], high.Hours[hour]))
	}
	return ok
}

// equals compares what was counted; the hours only where asked.
func (h Habit) equals(o Habit, hours bool) bool {
	at, bt := h.BunchedAt, o.BunchedAt
	if hours && ((at == nil) != (bt == nil) || at != nil && *at != *bt || h.Hours != o.Hours) {
		return false
	}
	h.BunchedAt, o.BunchedAt, h.Hours, o.Hours = nil, nil, [24]int{}, [24]int{}
	return h == o
}

// habitCalendar is the installation's; that of the habits in a store that was never settled.
func (v *verifier) habitCalendar(ctx context.Context) (Calendar, error) {
	in, err := surveys.Installed(ctx, v.store)
	if errors.Is(err, surveys.ErrNotFound) {
		in.MonthStart, err = 1, nil
		for _, all := range v.habits {
			in.MonthStart = all[0].Month.Date().Day()
		}
	}
	if err != nil {
		return Calendar{}, fmt.Errorf("read installation: %w", err)
	}
	return NewCalendar(in.MonthStart)
}

func (v *verifier) newHabits(ctx context.Context, id surveys.FacilityID) (*habitsOf, error) {
	spot, err := onSpot(ctx, v.store, id)
	if err != nil {
		return nil, err
	}
	return &habitsOf{facility: id, calendar: v.calendar, onSpot: spot, months: map[surveys.Day]*habitRecount{}}, nil
}

// checkHabits holds a facility's habits against its responses. Of a month some of whose responses are deleted nothing can
// be said.
func (v *verifier) checkHabits(ctx context.Context, id surveys.FacilityID, again *habitsOf) error {
	points, err := surveys.Points().By(ctx, v.store, "facility", string(id))
	if err != nil {
		return err
	}
	hours := !slices.ContainsFunc(points, func(p surveys.Stored[surveys.Point]) bool { return p.Rev > 1 })
	stored := v.habits[id]
	for _, was := range stored {
		v.report.Habits++
		m := again.months[was.Month]
		if m == nil {
			m = &habitRecount{sure: newHabitTaker(id, was.Month, again.onSpot), may: newHabitTaker(id, was.Month, again.onSpot)}
		}
		if !v.sealedMonths[was.Month] && !m.holds(was, hours) {
			v.report.note("the habit of %s in the month from %s does not equal a recount of its forms", id, was.Month)
		}
		delete(again.months, was.Month)
	}
	for _, month := range slices.Sorted(maps.Keys(again.months)) {
		known := again.months[month].sure.habit.Forms >= habitLeast && v.calendar.Node(Month, month).To <= v.habitsThrough
		if known && !v.sealedMonths[month] {
			v.report.note("the habit of %s in the month from %s was never taken", id, month)
		}
	}
	return nil
}

// readHabits reads all habits, and through which day all are taken.
func (v *verifier) readHabits(ctx context.Context) error {
	stamp, err := habitStamps().Find(ctx, v.store, "habits")
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	v.habitsThrough = stamp.Value.Through
	all, err := Habits().All(ctx, v.store)
	v.habits = map[surveys.FacilityID][]Habit{}
	for _, h := range all {
		v.habits[h.Value.Facility] = append(v.habits[h.Value.Facility], h.Value)
	}
	return err
}
