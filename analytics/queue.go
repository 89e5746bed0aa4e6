package analytics

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"hailong/surveys"
)

// Queue is what reviewers see of the forms that stand aside, and how their acts are carried out. It tells nothing of what
// was answered: no rating, no comment, no hour. A form without an answered core item is in no figure, and not here.
type Queue struct {
	store    surveys.Store
	ledger   *Ledger
	roller   *Roller
	calendar Calendar
}

// NewQueue makes a queue on a store.
func NewQueue(store surveys.Store, ledger *Ledger, roller *Roller, c Calendar) *Queue {
	return &Queue{store: store, ledger: ledger, roller: roller, calendar: c}
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
}

// Page lists the groups of a query. Of each day it reads the responses only if the day's count and the acts say that
// something is left to do.
func (q *Queue) Page(ctx context.Context, query QueueQuery) (QueuePage, error) {
	var page QueuePage
	days, err := q.openDays(ctx, query.Facilities)
	if err != nil {
		return page, err
	}
	for _, d := range days {
		after := cmp.Or(cmp.Compare(d.Day, query.AfterDay), cmp.Compare(d.Facility, query.After)) > 0
		if !after || query.Waits && d.waiting == 0 || !query.Waits && d.Forms <= d.waiting {
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
		for _, g := range groups {
			g.Forms = slices.DeleteFunc(g.Forms, func(f AsideForm) bool { return f.Waits != query.Waits })
			if len(g.Forms) > 0 && (query.Reason == "" || query.Reason == g.Reason) {
				page.Groups = append(page.Groups, g)
			}
		}
	}
	return page, nil
}

// openDay is a day on which something is left to do.
type openDay struct {
	AsideDay         // Forms: those not settled
	waiting  int64   // of them, those that wait for a second person
	states   formMap // of the acts on the facility's forms of that quarter
}

type formMap = map[surveys.Handle]surveys.FormState

func (q *Queue) openDays(ctx context.Context, wanted func(surveys.FacilityID) bool) ([]openDay, error) {
	if err := q.ledger.Refresh(ctx); err != nil {
		return nil, err
	}
	acts, err := surveys.Reviews().All(ctx, q.store)
	if err != nil {
		return nil, err
	}
	type quarter struct {
		facility surveys.FacilityID
		from     surveys.Day
	}
	byQuarter := map[quarter][]surveys.Review{}
	dayOf := map[surveys.Handle]surveys.Day{}
	for _, a := range acts {
		at := quarter{a.Value.Facility, a.Value.Quarter}
		byQuarter[at] = append(byQuarter[at], a.Value)
		for _, h := range a.Value.Forms {
			dayOf[h] = a.Value.Day
		}
	}
	states := map[quarter]formMap{}
	settled, waiting := map[facilityDay]int64{}, map[facilityDay]int64{}
	for at, list := range byQuarter {
		states[at] = surveys.FormStates(list)
		for h, s := range states[at] {
			switch on := (facilityDay{at.facility, dayOf[h]}); {
			case s.Waits:
				waiting[on]++
			case s.Decision == surveys.Exclude:
				settled[on]++
			}
		}
	}
	var open []openDay
	for _, d := range q.ledger.AsideDays() {
		on := facilityDay{d.Facility, d.Day}
		if d.Forms -= settled[on]; d.Forms <= 0 || wanted != nil && !wanted(d.Facility) {
			continue
		}
		at := quarter{d.Facility, q.quarter(d.Day)}
		open = append(open, openDay{AsideDay: d, waiting: waiting[on], states: states[at]})
	}
	return open, nil
}

func (q *Queue) quarter(day surveys.Day) surveys.Day { return q.calendar.Node(Quarter, day).From }

// Waiting counts the forms that wait for a reviewer, and apart from them those that wait for a second one.
func (q *Queue) Waiting(ctx context.Context, wanted func(surveys.FacilityID) bool) (first, second int64, err error) {
	days, err := q.openDays(ctx, wanted)
	for _, d := range days {
		second += min(d.waiting, d.Forms)
		first += max(0, d.Forms-d.waiting)
	}
	return first, second, err
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

// Act is what a reviewer asks for.
type Act struct {
	GroupKey
	Forms    []surveys.Handle // nil: all of the group that do not wait for a second person, as Mark saw it
	Second   bool             // with Forms nil: all that wait for a second person instead
	Mark     string
	Decision surveys.Decision
	Note     string
	By       string
	On       surveys.Day
}

// Done is what came of an act.
type Done struct {
	Review surveys.Review
	// Gone counts forms that were taken back by their givers, or deleted, since the act was asked for.
	Gone int
}

// Decide puts an act on record and carries it out: the act first, so that a crash leaves it to Finish. ErrConflict if the
// group is not as it was seen, or somebody was quicker; then nothing changed.
func (q *Queue) Decide(ctx context.Context, a Act) (Done, error) {
	group, err := q.Group(ctx, a.GroupKey)
	if errors.Is(err, surveys.ErrNotFound) {
		return Done{}, fmt.Errorf("review: nothing is left: %w", surveys.ErrConflict)
	}
	if err != nil {
		return Done{}, err
	}
	review := surveys.Review{
		Facility: a.Facility, Quarter: q.quarter(a.Day), Day: a.Day, Reason: a.Reason, Forms: a.Forms,
		Decision: a.Decision, Note: a.Note, By: a.By, On: a.On,
	}
	if a.Forms == nil && a.Mark != group.Mark() {
		return Done{}, fmt.Errorf("review: the group has changed: %w", surveys.ErrConflict)
	}
	there := map[surveys.Handle]bool{}
	for _, f := range group.Forms {
		there[f.Handle] = true
		if a.Forms == nil && f.Waits == a.Second && len(review.Forms) < surveys.MostReviewed {
			review.Forms = append(review.Forms, f.Handle)
		}
	}
	if slices.ContainsFunc(review.Forms, func(h surveys.Handle) bool { return !there[h] }) {
		return Done{}, fmt.Errorf("review: a form is not there any more: %w", surveys.ErrConflict)
	}
	if review, err = surveys.AddReview(ctx, q.store, review); err != nil {
		return Done{}, err
	}
	moved, err := q.carryOut(ctx, review)
	if err != nil {
		return Done{}, err
	}
	done := Done{Review: review}
	if !review.Second {
		done.Gone = len(review.Forms) - moved
	}
	return done, q.recount(ctx, a.GroupKey)
}

// recount brings the day's own count up to date, so that the queue tells what is left.
func (q *Queue) recount(ctx context.Context, key GroupKey) error {
	if _, err := q.roller.Roll(ctx, key.Facility, nil); err != nil {
		return err
	}
	return q.ledger.ReadDays(ctx, surveys.DayQuery{Facility: key.Facility, From: key.Day, To: key.Day})
}

// carryOut moves the forms of an act, and says how many it found. It may be repeated. A form that was released aside
// leaves that stream by a correction of at least the minimum (design.md §6, rule 4), at some later pass.
func (q *Queue) carryOut(ctx context.Context, r surveys.Review) (int, error) {
	if r.Second {
		return 0, nil
	}
	to, reason := surveys.Counted, surveys.ReasonAccepted
	if r.Decision == surveys.Exclude {
		to, reason = surveys.Aside, surveys.ReasonExcluded
	}
	var ids []surveys.SubmissionID
	err := q.eachAside(ctx, r.Facility, r.Day, func(resp surveys.Response) {
		if _, named := slices.BinarySearch(r.Forms, resp.ID.Handle()); named && resp.Reason != surveys.ReasonExcluded {
			ids = append(ids, resp.ID)
		}
	})
	if err != nil {
		return 0, err
	}
	moved := 0
	for _, id := range ids {
		err := q.store.Move(ctx, id, surveys.Aside, to, reason)
		switch {
		case err == nil:
			moved++
		case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrNotFound): // taken back, or deleted
		default:
			return moved, fmt.Errorf("carry out a review: %w", err)
		}
	}
	return moved, nil
}

// finishDays is how long after an act its forms are looked at again: a restored backup may hold an act and its forms as they
// stood before.
const finishDays = 100

// Finish carries out what acts of the last days left undone: a crash between the act and its forms. Call it before the
// pass.
func (q *Queue) Finish(ctx context.Context, today surveys.Day) error {
	acts, err := surveys.Reviews().All(ctx, q.store)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Value.On < today.Add(-finishDays) {
			continue
		}
		if _, err := q.carryOut(ctx, a.Value); err != nil {
			return err
		}
	}
	return nil
}
