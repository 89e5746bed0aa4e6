package analytics

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"hailong/surveys"
)

// A budget is how many forms a point, or a facility at all its points, can have in an hour and on a day. It is generous:
// a hall full of people, or a parents' meeting, passes at a point that never saw a form. What a facility declares to
// have served sets it, and what the point had before raises it.
const (
	pointInHour, pointOnDay       = 300, 600
	facilityInHour, facilityOnDay = 400, 1000
	// With declared visits: so many times the mean of a day, in an hour and on a day, and never less than the least.
	visitsHour, visitsDay = 2, 4
	leastHour, leastDay   = 40, 60
	// The history: so many times the busy hours and days (their 95th percentile) of eight weeks with at least two of forms.
	historyTimes = 4
	historyDays  = 56
	historyLeast = 14
)

// wholeFacility stands for all points of a facility.
const wholeFacility surveys.PointID = ""

// budget is the most of an hour and of a day.
type budget struct{ hour, day int }

func (b budget) most(o budget) budget { return budget{max(b.hour, o.hour), max(b.day, o.day)} }

// budgets are those of a facility on a day; the zero value has no limits.
type budgets struct {
	set    bool
	floor  budget // of a point without a history
	points map[surveys.PointID]budget
}

func (b budgets) of(p surveys.PointID) budget {
	if own, ok := b.points[p]; ok {
		return own
	}
	return b.floor
}

// isBusy says whether a day holds more than the least of all budgets.
func (l loads) isBusy(day surveys.Day) bool {
	total := 0
	for at := range l {
		if at.day == day {
			forms := l.whole(at).forms
			total += forms
			if forms > leastHour {
				return true
			}
		}
	}
	return total > leastDay
}

// passedBy says whether some point, or all together, had more than its budget.
func (b budgets) passedBy(l loads, day surveys.Day) bool {
	if !b.set {
		return false
	}
	total := map[surveys.PointID]int{}
	for at, points := range l {
		if at.day != day {
			continue
		}
		whole := l.whole(at).forms
		total[wholeFacility] += whole
		if whole > b.of(wholeFacility).hour {
			return true
		}
		for p, one := range points {
			total[p] += one.forms
			if one.forms > b.of(p).hour {
				return true
			}
		}
	}
	for p, n := range total {
		if n > b.of(p).day {
			return true
		}
	}
	return false
}

// budgets learns those of a day from what was declared and, where that is not enough for what came, from the days
// before.
func (j *Judge) budgets(ctx context.Context, id surveys.FacilityID, l loads, day surveys.Day) (budgets, error) {
	whole := budget{facilityInHour, facilityOnDay}
	b := budgets{set: true, floor: budget{pointInHour, pointOnDay}}
	mean, known, err := surveys.VisitsADay(ctx, j.store, id, day)
	if err != nil {
		return b, err
	}
	if known {
		b.floor = budget{max(leastHour, int(visitsHour*mean)), max(leastDay, int(visitsDay*mean))}
		whole = b.floor
	}
	b.points = map[surveys.PointID]budget{wholeFacility: whole}
	if !b.passedBy(l, day) {
		return b, nil
	}
	past, err := j.past(ctx, id, day)
	for p, h := range past {
		b.points[p] = b.of(p).most(h.budget())
	}
	return b, err
}

// past is what came to a facility's points in the weeks before a day.
func (j *Judge) past(ctx context.Context, id surveys.FacilityID, day surveys.Day) (map[surveys.PointID]*history, error) {
	past := map[surveys.PointID]*history{}
	q := surveys.DayQuery{Facility: id, From: day.Add(-historyDays), To: day.Add(-1)}
	err := j.store.EachDay(ctx, q, func(book surveys.DayBook) error {
		parts, err := Parts(book)
		for p, hours := range hoursOf(parts) {
			if past[p] == nil {
				past[p] = &history{}
			}
			past[p].add(hours)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	return past, nil
}

// hoursOf are the forms by hour that count, at each point and at all.
func hoursOf(parts []Part) map[surveys.PointID]*[24]int {
	all := map[surveys.PointID]*[24]int{}
	for _, part := range parts {
		if part.Stream != Answers || part.Channel.Typed() {
			continue
		}
		for _, p := range []surveys.PointID{part.Point, wholeFacility} {
			if all[p] == nil {
				all[p] = &[24]int{}
			}
			for hour, n := range part.Counters.Hours {
				all[p][hour] += int(n)
			}
		}
	}
	return all
}

// history is how many forms came in hours and on days that had any.
type history struct{ hours, days []int }

func (h *history) add(hours *[24]int) {
	total := 0
	for _, n := range hours {
		if n > 0 {
			h.hours = append(h.hours, n)
			total += n
		}
	}
	if total > 0 {
		h.days = append(h.days, total)
	}
}

func (h *history) budget() budget {
	if len(h.days) < historyLeast {
		return budget{}
	}
	return budget{historyTimes * high(h.hours), historyTimes * high(h.days)}
}

// high is the 95th percentile.
func high(n []int) int {
	slices.Sort(n)
	return n[(len(n)-1)*95/100]
}

// weighed is a form with what it is judged by.
type weighed struct {
	id      surveys.SubmissionID
	point   surveys.PointID
	hour    int // or late
	quick   bool
	content uint64 // of equal answers to one instrument
	answers int
	part    partKey
	movable bool   // it counts, and nobody has accepted it
	reason  string // why it is suspect
}

func weigh(r surveys.Response) (*weighed, error) {
	answers, err := r.Answers.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode answers: %w", err)
	}
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%s %d %s", r.Instrument, r.Version, answers))
	return &weighed{
		id: r.ID, point: r.Point, hour: slotOf(r).hour, quick: r.Pace == surveys.Quick, content: h.Sum64(), answers: len(r.Answers),
		part:    partKey{r.Instrument, r.Version, "", r.Point, r.Form, r.Channel, r.Day, r.Arrived},
		movable: r.Standing == surveys.Counted && r.Reason != surveys.ReasonAccepted,
	}, nil
}

// suspect notes why forms of one day are suspect: in a rush the quick ones; a crowd of forms alike; beyond a budget first
// the quick ones, then those alike, and if that is not enough all of the hour.
func suspect(forms []*weighed, hot map[int]bool, limit budgets) {
	for _, f := range forms {
		if f.quick && hot[f.hour] {
			f.reason = surveys.ReasonBurst
		}
	}
	byPoint := map[surveys.PointID][]*weighed{}
	for _, f := range forms {
		byPoint[f.point] = append(byPoint[f.point], f)
	}
	for _, own := range byPoint {
		for hour := range late + 1 {
			crowd(inHour(own, hour))
		}
	}
	if !limit.set {
		return
	}
	byPoint[wholeFacility] = forms
	points := slices.Sorted(maps.Keys(byPoint))
	slices.Reverse(points) // the whole facility last, when what floods a point is gone
	for _, p := range points {
		most := limit.of(p)
		for hour := range late + 1 {
			thin(inHour(byPoint[p], hour), most.hour)
		}
		thinDay(byPoint[p], most.day)
	}
}

// left are those that are not suspect.
func left(forms []*weighed) []*weighed {
	return slices.DeleteFunc(slices.Clone(forms), func(f *weighed) bool { return f.reason != "" })
}

func inHour(forms []*weighed, hour int) []*weighed {
	return slices.DeleteFunc(left(forms), func(f *weighed) bool { return f.hour != hour })
}

func mark(forms []*weighed, reason string) {
	for _, f := range forms {
		f.reason = reason
	}
}

func byContent(forms []*weighed) map[uint64][]*weighed {
	alike := map[uint64][]*weighed{}
	for _, f := range forms {
		alike[f.content] = append(alike[f.content], f)
	}
	return alike
}

// crowd marks the content that makes up nearly all of one point's hour.
func crowd(forms []*weighed) {
	if len(forms) < alikeForms {
		return
	}
	for _, same := range byContent(forms) {
		if len(same) >= alikeForms && same[0].answers >= alikeAnswers && float64(len(same)) >= alikeShare*float64(len(forms)) {
			mark(same, surveys.ReasonBurst)
		}
	}
}

// thin brings one hour within its budget.
func thin(forms []*weighed, most int) {
	if len(forms) <= most {
		return
	}
	var quick []*weighed
	for _, f := range forms {
		if f.quick {
			quick = append(quick, f)
		}
	}
	mark(quick, surveys.ReasonBurst)
	alike := byContent(left(forms))
	contents := slices.SortedFunc(maps.Keys(alike), func(a, b uint64) int {
		return cmp.Or(cmp.Compare(len(alike[b]), len(alike[a])), cmp.Compare(a, b))
	})
	for _, c := range contents {
		if len(left(forms)) > most && len(alike[c]) > most/2 {
			mark(alike[c], surveys.ReasonBurst)
		}
	}
	if rest := left(forms); len(rest) > most {
		mark(rest, surveys.ReasonOverBudget)
	}
}

// thinDay brings a day within its budget: the fullest hour goes first.
func thinDay(forms []*weighed, most int) {
	for rest := left(forms); len(rest) > most; rest = left(forms) {
		var count [late + 1]int
		for _, f := range rest {
			count[f.hour]++
		}
		fullest := 0
		for hour, n := range count {
			if n > count[fullest] {
				fullest = hour
			}
		}
		mark(inHour(forms, fullest), surveys.ReasonOverBudget)
	}
}
