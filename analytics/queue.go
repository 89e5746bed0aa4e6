package analytics

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"hailong/surveys"
)

// Queue is what reviewers see of the forms that stand aside, and how their acts are carried out. It tells nothing of what
// was answered: no rating, no comment, no hour. A form without an answered core item is in no figure, and not here.
type Queue struct {
	store    surveys.Store
	ledger   *Ledger
	roller   *Roller
	calendar Calendar

	mu   sync.Mutex
	left map[facilityDay]leftOver
}

// leftOver is what is left to do of a day that was acted on, as its book and the acts were then. It is kept in memory, to
// be thrown away at any time: a form that was acted on may have been taken back since, which no count tells.
type leftOver struct {
	rev           int64
	acts          int
	open, waiting int64
}

// NewQueue makes a queue on a store.
func NewQueue(store surveys.Store, ledger *Ledger, roller *Roller, c Calendar) *Queue {
	return &Queue{store: store, ledger: ledger, roller: roller, calendar: c, left: map[facilityDay]leftOver{}}
}

// AsideForm is what a reviewer sees of one form.
type AsideForm struct {
	Handle  surveys.Handle
	Point   surveys.PointID
	Form    surveys.Form
	Channel surveys.Channel
	Pace    surveys.Pace
	Waits   bool // excluded by one person, for a second to say the same
}

// AsideGroup is the forms of a facility and day that stand aside for one reason and nobody has settled.
type AsideGroup struct {
	Facility surveys.FacilityID
	Day      surveys.Day
	Reason   string
	Forms    []AsideForm // by handle, which is by chance
}

// Key is what tells a group from others.
func (g AsideGroup) Key() GroupKey { return GroupKey{g.Facility, g.Day, g.Reason} }

// GroupKey names a group.
type GroupKey struct {
	Facility surveys.FacilityID
	Day      surveys.Day
	Reason   string
}

// Mark changes when any form joins or leaves the group: who acts on all of it acts on what was seen.
func (g AsideGroup) Mark() string {
	sum := sha256.New()
	for _, f := range g.Forms {
		fmt.Fprintf(sum, "%s %t\n", f.Handle, f.Waits) //nolint:errcheck // a sum takes all
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Waits counts the forms that wait for a second person.
func (g AsideGroup) Waits() int {
	n := 0
	for _, f := range g.Forms {
		if f.Waits {
			n++
		}
	}
	return n
}

// QueueQuery picks groups. A page begins after a day and facility, and ends at a whole facility-day.
type QueueQuery struct {
	Facilities func(surveys.FacilityID) bool // nil: all
	Reason     string                        // "": any
	Waits      bool                          // only forms that wait for a second person, else only those that do not
	AfterDay   surveys.Day
	After      surveys.FacilityID
	Limit      int // groups; the last facility-day may bring a few more
}

// QueuePage is a page of groups, the oldest first.
type QueuePage struct {
	Groups []AsideGroup
	More   bool // there is a next page: after the last group's day and facility
	// First and Second are what Waiting says of the query's facilities.
	First, Second int64
}

// Page lists the groups of a query. Of each day it reads the responses only if the day's count and the acts say that
// something is left to do.
func (q *Queue) Page(ctx context.Context, query QueueQuery) (QueuePage, error) {
	var page QueuePage
	days, err := q.openDays(ctx, query.Facilities)
	if err != nil {
		return page, err
	}
	page.First, page.Second = waiting(days)
	for _, d := range days {
		if !query.wants(d) {
			continue
		}
		if len(page.Groups) >= query.Limit {
			page.More = true
			return page, nil
		}
		groups, err := q.groups(ctx, d.Facility, d.Day, d.states)
		if err != nil {
			return page, err
		}
		page.Groups = append(page.Groups, query.pick(groups)...)
	}
	return page, nil
}

// wants says whether a day comes after the last page and has something of the kind that is asked for.
func (q QueueQuery) wants(d openDay) bool {
	if cmp.Or(cmp.Compare(d.Day, q.AfterDay), cmp.Compare(d.Facility, q.After)) <= 0 {
		return false
	}
	if q.Waits {
		return d.waiting > 0
	}
	return d.Forms > d.waiting
}

// pick keeps of groups what is asked for.
func (q QueueQuery) pick(groups []AsideGroup) []AsideGroup {
	var picked []AsideGroup
	for _, g := range groups {
		g.Forms = slices.DeleteFunc(g.Forms, func(f AsideForm) bool { return f.Waits != q.Waits })
		if len(g.Forms) > 0 && (q.Reason == "" || q.Reason == g.Reason) {
			picked = append(picked, g)
		}
	}
	return picked
}

// openDay is a day on which something is left to do.
type openDay struct {
	AsideDay         // Forms: those not settled
	waiting  int64   // of them, those that wait for a second person
	states   formMap // of the acts on the facility's forms of that quarter
}

type formMap = map[surveys.Handle]surveys.FormState

// acted are the acts on a facility's forms of one quarter.
type acted struct {
	states formMap
	days   map[surveys.Day]bool
	acts   int
}

// acts reads what was made of the forms of all facilities, by the first day of the quarter.
func (q *Queue) acts(ctx context.Context) (map[facilityDay]acted, error) {
	stored, err := surveys.Reviews().All(ctx, q.store)
	if err != nil {
		return nil, err
	}
	byQuarter := map[facilityDay][]surveys.Review{}
	for _, a := range stored {
		at := facilityDay{a.Value.Facility, a.Value.Quarter}
		byQuarter[at] = append(byQuarter[at], a.Value)
	}
	all := map[facilityDay]acted{}
	for at, acts := range byQuarter {
		one := acted{states: surveys.FormStates(acts), days: map[surveys.Day]bool{}, acts: len(acts)}
		for _, a := range acts {
			one.days[a.Day] = true
		}
		all[at] = one
	}
	return all, nil
}

// openDays lists the days of the wanted facilities on which something is left to do.
func (q *Queue) openDays(ctx context.Context, wanted func(surveys.FacilityID) bool) ([]openDay, error) {
	if err := q.ledger.Refresh(ctx); err != nil {
		return nil, err
	}
	acts, err := q.acts(ctx)
	if err != nil {
		return nil, err
	}
	var open []openDay
	for _, d := range q.ledger.AsideDays() {
		if wanted != nil && !wanted(d.Facility) {
			continue
		}
		was := acts[facilityDay{d.Facility, q.quarter(d.Day)}]
		day := openDay{AsideDay: d, states: was.states}
		if was.days[d.Day] {
			left, err := q.leftOf(ctx, d, was)
			if err != nil {
				return nil, err
			}
			day.Forms, day.waiting = left.open+left.waiting, left.waiting
		}
		if day.Forms > 0 {
			open = append(open, day)
		}
	}
	return open, nil
}

// leftOf looks through a day that was acted on, unless its book and the acts are as they were when it was looked through.
func (q *Queue) leftOf(ctx context.Context, d AsideDay, was acted) (leftOver, error) {
	at := facilityDay{d.Facility, d.Day}
	q.mu.Lock()
	known, ok := q.left[at]
	q.mu.Unlock()
	if ok && known.rev == d.Rev && known.acts == was.acts {
		return known, nil
	}
	groups, err := q.groups(ctx, d.Facility, d.Day, was.states)
	if err != nil {
		return leftOver{}, err
	}
	left := leftOver{rev: d.Rev, acts: was.acts}
	for _, g := range groups {
		left.waiting += int64(g.Waits())
		left.open += int64(len(g.Forms) - g.Waits())
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left[at] = left
	return left, nil
}

func (q *Queue) quarter(day surveys.Day) surveys.Day { return q.calendar.Node(Quarter, day).From }

// Waiting counts the forms that wait for a reviewer, and apart from them those that wait for a second one.
func (q *Queue) Waiting(ctx context.Context, wanted func(surveys.FacilityID) bool) (first, second int64, err error) {
	days, err := q.openDays(ctx, wanted)
	first, second = waiting(days)
	return first, second, err
}

func waiting(days []openDay) (first, second int64) {
	for _, d := range days {
		second += d.waiting
		first += d.Forms - d.waiting
	}
	return first, second
}

// Group finds one group as it stands now, forms that wait for a second person among them; ErrNotFound if nothing is left.
func (q *Queue) Group(ctx context.Context, key GroupKey) (AsideGroup, error) {
	acts, err := surveys.ReviewsOf(ctx, q.store, key.Facility, q.quarter(key.Day))
	if err != nil {
		return AsideGroup{}, err
	}
	groups, err := q.groups(ctx, key.Facility, key.Day, surveys.FormStates(acts))
	if err != nil {
		return AsideGroup{}, err
	}
	i := slices.IndexFunc(groups, func(g AsideGroup) bool { return g.Reason == key.Reason })
	if i < 0 {
		return AsideGroup{}, fmt.Errorf("forms set aside on %s: %w", key.Day, surveys.ErrNotFound)
	}
	return groups[i], nil
}

// Standing says how many more of a facility's forms of the day's quarter one person may exclude alone, and whether all of
// the day's that wait for a second person were excluded by this one.
func (q *Queue) Standing(ctx context.Context, key GroupKey, by string) (left int, own bool, err error) {
	acts, err := surveys.ReviewsOf(ctx, q.store, key.Facility, q.quarter(key.Day))
	ofDay := slices.DeleteFunc(slices.Clone(acts), func(a surveys.Review) bool { return a.Day != key.Day })
	own = true
	for _, s := range surveys.FormStates(ofDay) {
		own = own && (!s.Waits || s.By == by)
	}
	return surveys.AloneLeft(acts), own, err
}

// groups reads a facility-day.
func (q *Queue) groups(ctx context.Context, facility surveys.FacilityID, day surveys.Day, states formMap) ([]AsideGroup, error) {
	byReason := map[string][]AsideForm{}
	err := q.eachAside(ctx, facility, day, func(r surveys.Response) {
		state, known := states[r.ID.Handle()]
		if r.Reason == surveys.ReasonExcluded || known && !state.Waits {
			return
		}
		byReason[r.Reason] = append(byReason[r.Reason], AsideForm{
			Handle: r.ID.Handle(), Point: r.Point, Form: r.Form, Channel: r.Channel, Pace: r.Pace, Waits: state.Waits,
		})
	})
	if err != nil {
		return nil, err
	}
	groups := make([]AsideGroup, 0, len(byReason))
	for reason, forms := range byReason {
		slices.SortFunc(forms, func(a, b AsideForm) int { return cmp.Compare(a.Handle, b.Handle) })
		groups = append(groups, AsideGroup{Facility: facility, Day: day, Reason: reason, Forms: forms})
	}
	slices.SortFunc(groups, func(a, b AsideGroup) int { return cmp.Compare(a.Reason, b.Reason) })
	return groups, nil
}

// eachAside calls f for the forms of a facility-day that stand aside and are in a figure.
func (q *Queue) eachAside(ctx context.Context, facility surveys.FacilityID, day surveys.Day, f func(surveys.Response)) error {
	query := surveys.ResponseQuery{Facility: facility, From: day, To: day}
	err := q.store.EachResponse(ctx, query, func(r surveys.Response) error {
		if r.Standing != surveys.Aside {
			return nil
		}
		tally, err := q.roller.tallies.of(ctx, r.Instrument, r.Version)
		if err != nil {
			return err
		}
		if tally.inFigures(r) {
			f(r)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what stands aside: %w", err)
	}
	return nil
}

// inFigures says whether a form has an answered core item.
func (t *Tally) inFigures(r surveys.Response) bool {
	for code, a := range r.Answers {
		if it := t.items[code]; it != nil && it.Role == surveys.Core && a.Number > 0 {
			return true
		}
	}
	return false
}
