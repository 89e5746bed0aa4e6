package analytics

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"

	"hailong/surveys"
)

// Habit is how the counted forms that citizens gave at a facility came in one month: when in the day, how fast, how much
// alike. It is taken once, when the month closes, from responses that may be deleted later, and never changes; it is all
// that a reliability grade is made of. It holds no answer; a month with fewer than habitLeast forms keeps none at all.
type Habit struct {
	Facility surveys.FacilityID `json:"facility"`
	Month    surveys.Day        `json:"month"` // its first day
	Forms    int                `json:"forms"`
	Hours    [24]int            `json:"hours"`   // of forms given on the spot and sent at once: not by link, from a slip, or at a gate
	Perfect  int                `json:"perfect"` // best answer to every core item answered, at least habitItems of them
	Paced    int                `json:"paced"`   // whose pace is known
	Hasty    int                `json:"hasty"`   // of them, quick and with the same answer to every core item
	Bunched  float64            `json:"bunched"` // forms too many alike within an hour at a point: see bunched
	// BunchedAt tells of those given on the spot at which hour they came; nil in habits of a format before 2.
	BunchedAt *[24]float64 `json:"bunched_at,omitempty"`
	Format    int          `json:"format,omitempty"`
}

// habitFormat is the format of the habits that are taken now.
const habitFormat = 2

const (
	habitLeast = 10
	// habitItems is how many core items must be answered for their being alike to mean something.
	habitItems = 3
)

// Habits is the collection of habits.
func Habits() surveys.Collection[Habit] {
	return surveys.Collection[Habit]{
		Kind:   "habit",
		ID:     func(h Habit) string { return string(h.Facility) + "@" + string(h.Month) },
		Frozen: func(Habit) bool { return true },
	}
}

// habitTaker takes the habit of one facility and month.
type habitTaker struct {
	habit  Habit
	onSpot func(surveys.PointID) bool
	cells  map[hourCell]map[uint64]int // forms by content
	whole  map[uint64]int              // of all cells
	alike  int                         // forms in cells
}

// hourCell is an hour at a point; what arrived later than it was given is in one of its own.
type hourCell struct {
	point surveys.PointID
	slot  slot
}

func newHabitTaker(facility surveys.FacilityID, month surveys.Day, onSpot func(surveys.PointID) bool) *habitTaker {
	return &habitTaker{
		habit: Habit{Facility: facility, Month: month}, onSpot: onSpot,
		cells: map[hourCell]map[uint64]int{}, whole: map[uint64]int{},
	}
}

// add takes in a form that counts and that a citizen gave.
func (h *habitTaker) add(r surveys.Response, t *Tally) {
	if r.Standing != surveys.Counted || r.Channel.Typed() || !t.inFigures(r) {
		return
	}
	h.habit.Forms++
	at := slotOf(r)
	if at.hour < late && r.Channel != surveys.Link && h.onSpot(r.Point) {
		h.habit.Hours[at.hour]++
	}
	content, uniform, best := t.content(r)
	quick := r.Pace == surveys.Quick || r.Pace == surveys.Instant
	if best {
		h.habit.Perfect++
	}
	if r.Pace != surveys.PaceUnknown && r.Channel != surveys.Kiosk {
		h.habit.Paced++
		if quick && uniform {
			h.habit.Hasty++
		}
	}
	if content != 0 {
		cell := hourCell{r.Point, at}
		if h.cells[cell] == nil {
			h.cells[cell] = map[uint64]int{}
		}
		h.cells[cell][content]++
		h.whole[content]++
		h.alike++
	}
}

// content tells the answers of a form to the items of the short form apart, 0 where too few core items are answered;
// whether all core items have the same answer, and whether that is the best.
func (t *Tally) content(r surveys.Response) (content uint64, uniform, best bool) {
	answered, value := 0, 0
	uniform = true
	sum := fnv.New64a()
	for _, it := range t.instrument.Items {
		a, given := r.Answers[it.Code]
		if !given || !it.Short() {
			continue
		}
		fmt.Fprintf(sum, "%s=%d;", it.Code, a.Number) //nolint:errcheck // a sum takes all
		if it.Role != surveys.Core || a.Number == 0 {
			continue
		}
		uniform = uniform && (answered == 0 || a.Number == value)
		value = a.Number
		answered++
	}
	if answered < habitItems {
		return 0, false, false
	}
	return sum.Sum64() | 1, uniform, uniform && value == 5
}

// take gives the habit.
func (h *habitTaker) take() Habit {
	if h.habit.Forms < habitLeast {
		return Habit{Facility: h.habit.Facility, Month: h.habit.Month, Format: habitFormat}
	}
	h.habit.Format = habitFormat
	h.habit.Bunched, h.habit.BunchedAt = h.bunched()
	return h.habit
}

const (
	// bunchLeast is the fewest forms alike in an hour that can be a bunch.
	bunchLeast = 8
	// bunchChance is how seldom chance may make any bunch at a facility in a month.
	bunchChance = 1e-3
	// bunchLikeness is how much more alike people of one hour are than those of others (intra-class correlation).
	bunchLikeness = 0.02
)

// bunched estimates how many forms in the hours of each point came from elsewhere than the rest. Of the c forms of an hour
// k have one content, which a share q of all other forms of the month has. If the chance of k or more,
//
//	P(X ≥ k),  X ~ BetaBinomial(c, q, intra-class correlation 0.02),
//
// is under 0.001 divided by the hours looked at (Bonferroni), m = (k − c·q) / (1 − q) of them are too many: c − m forms
// like the others would hold (c − m)·q of that content, and k is m more. (Skellam 1948, J. R. Stat. Soc. B 10:257, for
// the distribution.)
func (h *habitTaker) bunched() (all float64, at *[24]float64) {
	looked := 0
	for _, contents := range h.cells {
		if total(contents) >= bunchLeast {
			looked++
		}
	}
	var many []float64
	byHour := map[int][]float64{}
	for cell, contents := range h.cells {
		c := total(contents)
		content, k := most(contents)
		if k < bunchLeast {
			continue
		}
		q := (float64(h.whole[content]-k) + 1) / (float64(h.alike-c) + 2)
		if betaBinomialTail(k, c, q, bunchLikeness) < bunchChance/float64(looked) {
			m := (float64(k) - float64(c)*q) / (1 - q)
			many = append(many, m)
			if cell.slot.hour < late && h.onSpot(cell.point) {
				byHour[cell.slot.hour] = append(byHour[cell.slot.hour], m)
			}
		}
	}
	at = new([24]float64)
	for hour, some := range byHour {
		at[hour] = roundSum(some)
	}
	return roundSum(many), at
}

// roundSum adds up in order of size, so that the sum is the same on every server.
func roundSum(some []float64) float64 {
	slices.Sort(some)
	sum := 0.0
	for _, m := range some {
		sum += m
	}
	return math.Round(sum)
}

func total(contents map[uint64]int) int {
	n := 0
	for _, k := range contents {
		n += k
	}
	return n
}

// most is the commonest content; of two as common either will do, for the rest follows from their number.
func most(contents map[uint64]int) (content uint64, k int) {
	for _, c := range slices.Sorted(maps.Keys(contents)) {
		if contents[c] > k {
			content, k = c, contents[c]
		}
	}
	return content, k
}

// betaBinomialTail is P(X ≥ k) of n with mean share q and intra-class correlation rho.
func betaBinomialTail(k, n int, q, rho float64) float64 {
	s := (1 - rho) / rho
	a, b := q*s, (1-q)*s
	lbeta := func(x, y float64) float64 { return lgamma(x) + lgamma(y) - lgamma(x+y) }
	var p float64
	for i := k; i <= n; i++ {
		x, rest := float64(i), float64(n-i)
		p += math.Exp(lgamma(float64(n)+1) - lgamma(x+1) - lgamma(rest+1) + lbeta(x+a, rest+b) - lbeta(a, b))
	}
	return p
}

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// TakeHabit takes the habit of a month from its responses, of one instrument. Points that onSpot denies are those whose
// forms may be filled in anywhere, at any hour.
func TakeHabit(facility surveys.FacilityID, month surveys.Day, in *surveys.Instrument, onSpot func(surveys.PointID) bool,
	responses []surveys.Response,
) Habit {
	h, t := newHabitTaker(facility, month, onSpot), NewTally(in)
	for _, r := range responses {
		h.add(r, t)
	}
	return h.take()
}

// habitStamp says up to which day every month's habit has been taken.
type habitStamp struct {
	Through surveys.Day `json:"through"`
}

func habitStamps() surveys.Collection[habitStamp] {
	return surveys.Collection[habitStamp]{Kind: "stamp", ID: func(habitStamp) string { return "habits" }}
}

// takeHabits takes the habits of the months that have closed since it was last asked: of each once, fourteen days
// after its end, when what was given offline has come in. A month of which some responses are deleted has none. Several
// servers come to the same, and whoever is later finds it there.
func (r *Releaser) takeHabits(ctx context.Context, facilities []surveys.Stored[surveys.Facility], today surveys.Day) error {
	stamp, err := habitStamps().Find(ctx, r.store, "habits")
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	through := r.calendar.Node(Month, today.Add(1-closeAfter)).From.Add(-1)
	if through <= stamp.Value.Through {
		return nil
	}
	for _, f := range facilities {
		if err = r.takeFacility(ctx, f.Value.ID, stamp.Value.Through, through); err != nil {
			return fmt.Errorf("habits of %s: %w", f.Value.ID, err)
		}
	}
	_, err = habitStamps().Put(ctx, r.store, habitStamp{through}, stamp.Rev)
	if errors.Is(err, surveys.ErrConflict) { // another server did the same
		return nil
	}
	return err
}

// takeFacility takes the habits of a facility's months after one day, up to another.
func (r *Releaser) takeFacility(ctx context.Context, id surveys.FacilityID, after, through surveys.Day) error {
	from := surveys.Day("")
	if after != "" {
		from = after.Add(1)
	}
	sealed, err := r.sealedMonths(ctx, surveys.DayQuery{Facility: id, From: from, To: through})
	if err != nil {
		return err
	}
	onSpot, err := onSpot(ctx, r.store, id)
	if err != nil {
		return err
	}
	months := map[surveys.Day]*habitTaker{}
	err = r.store.EachResponse(ctx, surveys.ResponseQuery{Facility: id, From: from, To: through}, func(resp surveys.Response) error {
		month := r.calendar.Node(Month, resp.Day).From
		if months[month] == nil {
			months[month] = newHabitTaker(id, month, onSpot)
		}
		tally, unknown := r.roller.tallies.of(ctx, resp.Instrument, resp.Version)
		if unknown == nil {
			months[month].add(resp, tally)
		}
		return unknown
	})
	if err != nil {
		return fmt.Errorf("read responses: %w", err)
	}
	for month, h := range months {
		if sealed[month] {
			continue
		}
		_, err = Habits().Put(ctx, r.store, h.take(), 0)
		if err != nil && !errors.Is(err, surveys.ErrConflict) {
			return err
		}
	}
	return nil
}

// sealedMonths are the months of which some responses are deleted.
func (r *Releaser) sealedMonths(ctx context.Context, q surveys.DayQuery) (map[surveys.Day]bool, error) {
	sealed := map[surveys.Day]bool{}
	err := r.store.EachDay(ctx, q, func(b surveys.DayBook) error {
		if b.Sealed {
			sealed[r.calendar.Node(Month, b.Day).From] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	return sealed, nil
}

// onSpot says of a facility's points whether their forms are filled in there.
func onSpot(ctx context.Context, s surveys.RecordStore, id surveys.FacilityID) (func(surveys.PointID) bool, error) {
	points, err := surveys.Points().By(ctx, s, "facility", string(id))
	elsewhere := map[surveys.PointID]bool{}
	for _, p := range points {
		elsewhere[p.Value.ID] = slices.Contains([]surveys.PointKind{"slip", "gate", "online"}, p.Value.Kind)
	}
	return func(p surveys.PointID) bool { return !elsewhere[p] }, err
}

// readHabits reads all habits, which only a pass adds to.
func (l *Ledger) readHabits(ctx context.Context) error {
	stamp, err := habitStamps().Find(ctx, l.store, "habits")
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return err
	}
	stored, err := Habits().All(ctx, l.store)
	if err != nil {
		return err
	}
	habits := map[surveys.FacilityID][]Habit{}
	for _, h := range stored { // ordered by facility and month, as the ids are
		habits[h.Value.Facility] = append(habits[h.Value.Facility], h.Value)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.habits, l.through = habits, stamp.Value.Through
	return nil
}

// reliability grades a facility and period, nil before the habits of all its months are taken.
func (l *Ledger) reliability(f surveys.Facility, p Period, c Calendar) *Reliability {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if p.To > l.through {
		return nil
	}
	before := c.Next(c.PeriodOn(MonthPeriod, p.From), -pastMonths).From
	var now, past []Habit
	for _, h := range l.habits[f.ID] {
		switch {
		case h.Month.Within(p.From, p.To):
			now = append(now, h)
		case h.Month >= before && h.Month < p.From:
			past = append(past, h)
		}
	}
	return ReliabilityOf(now, past, alwaysOpen(f.Kind))
}
