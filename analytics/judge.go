package analytics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hailong/surveys"
)

// Judge sets aside what came in a rush: before a day is released it looks at what the store holds of it, so that it
// comes to the same on every server, however often it looks. What arrives is judged by itself when it arrives
// (surveys.Evidence); here answers are judged by each other. It has the hour of an answer, the class of its pace and
// its content to go by, no address and no finer time.
//
// It moves only what counts, was given by citizens themselves, is released in no part, and was not accepted by a person.
// What was imported, an administrator answers for.
type Judge struct {
	store surveys.Store
}

// NewJudge makes a judge on a store.
func NewJudge(store surveys.Store) *Judge { return &Judge{store: store} }

const (
	// judgedDays is how far back an answer may still come in by itself.
	judgedDays = 15
	// A rush at a facility in one hour: so many quick forms, and such a share of its forms.
	rushForms = 8
	rushShare = 0.1
	// A rush at many points at once: the same of all facilities together.
	wideForms = 20
	// Where quick forms are usual (one question, one tap), a rush is so many times their usual share, which shows from so
	// many hours of so many forms.
	rushTimes  = 3
	usualHours = 10
	usualForms = 5
	// One content, of at least so many answers, from so many forms at a point in one hour that make up such a share of all.
	alikeAnswers = 4
	alikeForms   = 100
	alikeShare   = 0.8
)

// slot is one hour of one civil day, or all that arrived on it late: since a phone alone says when a late answer was
// given, those are judged by the day they came, and no flood is thinned out by spreading it over the past.
// A kiosk is believed its hour: a late answer of one bears its pass, or stands aside already.
type slot struct {
	day  surveys.Day
	hour int // 0–23 or late
}

// late stands after the hours of a day.
const late = 24

func slotOf(r surveys.Response) slot {
	if r.Arrived > r.Day && r.Channel != surveys.Kiosk || r.Hour < 0 {
		return slot{r.Arrived, late}
	}
	return slot{r.Day, r.Hour}
}

// load is how many forms came, and how many of them were filled in quickly.
type load struct{ forms, quick int }

func (l load) add(o load) load { return load{l.forms + o.forms, l.quick + o.quick} }

// loads is what came to a facility by hour and point.
type loads map[slot]map[surveys.PointID]load

func (l loads) whole(at slot) (sum load) {
	for _, one := range l[at] {
		sum = sum.add(one)
	}
	return sum
}

// Weigh judges the days before today, as far back as answers may have come since the last pass, and says how many it
// has set aside.
func (j *Judge) Weigh(ctx context.Context, last, today surveys.Day) (moved int, err error) {
	if last == "" || last > today {
		last = today
	}
	from, to := last.Add(-judgedDays), today.Add(-1)
	busy, err := j.busy(ctx, from, to)
	if err != nil || !busy {
		return 0, err
	}
	all, err := j.survey(ctx, from, to)
	if err != nil {
		return 0, err
	}
	wide := rushes(together(all), wideForms)
	for _, facility := range slices.Sorted(maps.Keys(all)) {
		rushed := rushes(all[facility].byHour(), rushForms)
		for at := range wide {
			rushed[at] = true
		}
		n, err := j.weighFacility(ctx, facility, all[facility], rushed)
		moved += n
		if err != nil {
			return moved, fmt.Errorf("judge the forms of %s: %w", facility, err)
		}
	}
	return moved, nil
}

// busy says whether any hour holds enough for any rule. The books tell that sooner than the responses.
func (j *Judge) busy(ctx context.Context, from, to surveys.Day) (bool, error) {
	hours, most := map[slot]int64{}, int64(0)
	err := j.store.EachDay(ctx, surveys.DayQuery{From: from, To: to}, func(b surveys.DayBook) error {
		parts, err := Parts(b)
		for _, p := range parts {
			if p.Channel.Typed() || p.Stream != Answers && p.Stream != Aside {
				continue
			}
			rest := p.Counters.Forms
			for hour, n := range p.Counters.Hours {
				if p.Arrived == b.Day {
					hours[slot{b.Day, hour}] += n
					most = max(most, hours[slot{b.Day, hour}])
					rest -= n
				}
			}
			hours[slot{p.Arrived, late}] += rest
			most = max(most, hours[slot{p.Arrived, late}])
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read days: %w", err)
	}
	return most >= rushForms, nil
}

// weighs says whether a response is one that the rules are about: sent by a citizen, and counted or set aside by these
// rules before.
func weighs(r surveys.Response) bool {
	ours := r.Standing == surveys.Aside && (r.Reason == surveys.ReasonBurst || r.Reason == surveys.ReasonOverBudget)
	return !r.Channel.Typed() && !r.ID.Imported() && (r.Standing == surveys.Counted || ours)
}

// survey reads what came to each facility.
func (j *Judge) survey(ctx context.Context, from, to surveys.Day) (map[surveys.FacilityID]loads, error) {
	all := map[surveys.FacilityID]loads{}
	err := j.store.EachResponse(ctx, surveys.ResponseQuery{From: from, To: to}, func(r surveys.Response) error {
		if !weighs(r) || r.Arrived > to {
			return nil
		}
		if all[r.Facility] == nil {
			all[r.Facility] = loads{}
		}
		at := slotOf(r)
		if all[r.Facility][at] == nil {
			all[r.Facility][at] = map[surveys.PointID]load{}
		}
		all[r.Facility][at][r.Point] = all[r.Facility][at][r.Point].add(loadOf(r.Pace))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read responses: %w", err)
	}
	return all, nil
}

func loadOf(p surveys.Pace) load {
	if p == surveys.Quick {
		return load{1, 1}
	}
	return load{forms: 1}
}

func (l loads) byHour() map[slot]load {
	hours := make(map[slot]load, len(l))
	for at := range l {
		hours[at] = l.whole(at)
	}
	return hours
}

func together(all map[surveys.FacilityID]loads) map[slot]load {
	hours := map[slot]load{}
	for _, one := range all {
		for at := range one {
			hours[at] = hours[at].add(one.whole(at))
		}
	}
	return hours
}

// rushes are the hours with at least so many quick forms that make up far more than their usual share.
func rushes(hours map[slot]load, least int) map[slot]bool {
	share := max(rushShare, rushTimes*usualShare(hours))
	rushed := map[slot]bool{}
	for at, l := range hours {
		if l.quick >= least && float64(l.quick) >= share*float64(l.forms) {
			rushed[at] = true
		}
	}
	return rushed
}

// usualShare is the median share of quick forms, 0 where too few hours tell.
func usualShare(hours map[slot]load) float64 {
	var shares []float64
	for _, l := range hours {
		if l.forms >= usualForms {
			shares = append(shares, float64(l.quick)/float64(l.forms))
		}
	}
	if len(shares) < usualHours {
		return 0
	}
	slices.Sort(shares)
	return shares[len(shares)/2]
}

// weighFacility judges those days of a facility that hold a rush or more than a budget.
func (j *Judge) weighFacility(ctx context.Context, id surveys.FacilityID, l loads, rushed map[slot]bool) (moved int, err error) {
	for _, day := range l.days() {
		hot := l.rushedOn(day, rushed)
		limit := budgets{}
		if l.isBusy(day) {
			if limit, err = j.budgets(ctx, id, l, day); err != nil {
				return moved, err
			}
		}
		if len(hot) == 0 && !l.isCrowded(day) && !limit.passedBy(l, day) {
			continue
		}
		from := day
		if l[slot{day, late}] != nil {
			from = day.Add(-judgedDays)
		}
		n, err := j.weighDay(ctx, id, from, day, hot, limit)
		moved += n
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

func (l loads) days() []surveys.Day {
	var days []surveys.Day
	for at := range l {
		days = append(days, at.day)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// rushedOn are the hours of a day in which there was a rush and a quick form came to this facility.
func (l loads) rushedOn(day surveys.Day, rushed map[slot]bool) map[int]bool {
	hot := map[int]bool{}
	for at := range l {
		if at.day == day && rushed[at] && l.whole(at).quick > 0 {
			hot[at.hour] = true
		}
	}
	return hot
}

// isCrowded says whether some hour of a day could hold a crowd of forms alike.
func (l loads) isCrowded(day surveys.Day) bool {
	for at, points := range l {
		for _, one := range points {
			if at.day == day && one.forms >= alikeForms {
				return true
			}
		}
	}
	return false
}

// weighDay reads the forms that came on one day, given on it or since from, judges them together and moves those that
// are suspect.
func (j *Judge) weighDay(ctx context.Context, id surveys.FacilityID, from, day surveys.Day, hot map[int]bool, limit budgets) (moved int, err error) {
	var forms []*weighed
	q := surveys.ResponseQuery{Facility: id, From: from, To: day}
	if err = j.store.EachResponse(ctx, q, func(r surveys.Response) error {
		if !weighs(r) || slotOf(r).day != day {
			return nil
		}
		one, wrong := weigh(r)
		forms = append(forms, one)
		return wrong
	}); err != nil {
		return 0, fmt.Errorf("read responses: %w", err)
	}
	suspect(forms, hot, limit)
	out, err := j.released(ctx, id, from)
	if err != nil {
		return 0, err
	}
	for _, f := range forms {
		if f.reason == "" || !f.movable || out[f.part] {
			continue
		}
		err = j.store.Move(ctx, f.id, surveys.Counted, surveys.Aside, f.reason)
		switch {
		case err == nil:
			moved++
		case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrNotFound): // somebody was quicker, or it was taken back
		default:
			return moved, fmt.Errorf("set aside: %w", err)
		}
	}
	return moved, nil
}

// released are the parts of days that stand in a release, of whatever stream that counts.
func (j *Judge) released(ctx context.Context, id surveys.FacilityID, from surveys.Day) (map[partKey]bool, error) {
	out := map[partKey]bool{}
	err := j.store.EachRelease(ctx, surveys.ReleaseQuery{Facility: id, ReleasedFrom: from}, func(rec surveys.ReleaseRecord) error {
		parts, err := readParts(rec)
		for _, p := range parts {
			if p.Day >= from && p.Stream != Aside {
				key := p.key(p.Day)
				key.stream = ""
				out[key] = true
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read releases: %w", err)
	}
	return out, nil
}
