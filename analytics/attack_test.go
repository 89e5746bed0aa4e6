package analytics_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hailong/analytics"
	"hailong/surveys"
)

// TestAttack plays somebody who may ask for any view, on any night, of any scope, and subtracts one from another: no
// difference may be about fewer than ten people, in all or of those whom nobody typed in.
//
// Each view is a list of releases, and the test knows which forms each release holds. What a difference tells is a
// sum of whole releases, corrections being negative; the forms that do not cancel out are those it is about.
func TestAttack(t *testing.T) {
	t.Parallel()
	long(t)
	seeds := 2
	if n, err := strconv.Atoi(os.Getenv("HAILONG_ATTACK_SEEDS")); err == nil {
		seeds = n // to try harder, by hand or by night
	}
	var mu sync.Mutex
	met := map[string]int{}
	t.Run("seeds", func(t *testing.T) {
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				a := newAttack(t, uint64(seed))
				a.live()
				a.prepare()
				a.ask()
				a.subtract()
				a.remember()
				mu.Lock()
				defer mu.Unlock()
				for what, n := range a.met {
					met[what] += n
				}
			})
		}
	})
	t.Logf("met %v", met)
	if len(met) == 0 {
		return // -run asked for others
	}
	for _, what := range []string{
		"day", "half_month", "month", "quarter", "year", "supplement", "correction", "withheld", "aside", "detail", "restricted", "mixed difference",
	} {
		if met[what] == 0 {
			t.Errorf("the attack never met: %s", what)
		}
	}
}

const station2 surveys.FacilityID = "f_station2"

// attack is the life of a few facilities over some months, and what was seen of it.
type attack struct {
	*office
	rng  *rand.Rand
	met  map[string]int
	late map[surveys.Day][]surveys.Response // by arrival
	from surveys.Day
	then []seenThen

	list    []released
	index   map[string]int
	classes []class
	coefs   [][]coef // by release: the classes it holds
	views   map[releaseSet]view
}

// class is the forms that stand alike in every release: no view tells them apart.
type class struct {
	all, own int64
	items    map[string]int64 // how many answered
}

type coef struct{ class, times int }

type releaseSet [8]uint64

func (s *releaseSet) add(i int) { s[i/64] |= 1 << (i % 64) }
func (s releaseSet) within(o releaseSet) bool {
	for i := range s {
		if s[i]&^o[i] != 0 {
			return false
		}
	}
	return true
}

func (s releaseSet) minus(o releaseSet) releaseSet {
	for i := range s {
		s[i] &^= o[i]
	}
	return s
}

func (s releaseSet) each(f func(i int)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			f(64*w + bits.TrailingZeros64(word))
		}
	}
}

// view is one figure as it was shown.
type view struct {
	name  string
	aside releaseSet
	analytics.Summary
}

// seenThen is a summary as it was seen on a night.
type seenThen struct {
	night surveys.Day
	scope string
	node  analytics.Node
	analytics.Summary
}

func newAttack(t *testing.T, seed uint64) *attack {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	a := &attack{
		office: newOffice(t, newMemStore(), pick(rng, 1, 1, 15)), rng: rng, met: map[string]int{},
		late: map[surveys.Day][]surveys.Response{}, from: "2025-08-20", index: map[string]int{}, views: map[releaseSet]view{},
	}
	a.facility(surveys.Facility{ID: station2, Name: "Trạm hai", Sector: "health", Kind: "station", Instrument: "station"}, "200")
	return a
}

// attackNights is how long the attacked live: past the close of a year.
const attackNights = 150

// live goes through five months, night by night.
func (a *attack) live() {
	for i := range attackNights {
		day := a.from.Add(i)
		a.today = day
		if a.rng.IntN(4) == 0 || i > 132 && i < 138 { // most nights are skipped, and caught up on
			a.pass(day)
			if a.rng.IntN(4) == 0 {
				a.look()
				a.peek(day)
			}
		}
		a.give1(day)
		for _, r := range a.late[day] {
			a.give(1, r)
		}
		a.tidy()
	}
	a.pass(a.from.Add(attackNights))
	a.checkDays()
	a.verify()
}

// give1 is what a day brings: a few at each place, now and then a crowd, now and then a pile of paper of last month.
func (a *attack) give1(day surveys.Day) {
	for _, f := range []surveys.FacilityID{hall, station, station2, clinic} {
		n := map[surveys.FacilityID]int{hall: a.rng.IntN(4), station: a.rng.IntN(2), station2: a.rng.IntN(8) / 7, clinic: a.rng.IntN(9) / 8}[f]
		switch {
		case f == clinic && n == 0: // so slow that only a year brings ten together
			continue
		case f != station2 && f != clinic && a.rng.IntN(9) == 0:
			n = 24 + a.rng.IntN(20)
		}
		for range n {
			a.hand(f, day, pick(a.rng, surveys.QR, surveys.QR, surveys.Link, surveys.Kiosk))
		}
		if a.rng.IntN(25) == 0 {
			for range a.rng.IntN(40) {
				a.hand(f, day.Add(-a.rng.IntN(35)), pick(a.rng, surveys.Paper, surveys.Paper, surveys.Paper, surveys.Link))
			}
		}
	}
}

func (a *attack) hand(f surveys.FacilityID, day surveys.Day, channel surveys.Channel) {
	r := surveys.Response{
		Facility: f, Point: pick[surveys.PointID](a.rng, "p_1", "p_2"), Channel: channel, Hour: a.rng.IntN(24), Day: day,
		Instrument: map[surveys.FacilityID]string{hall: "one_stop", clinic: "outpatient", station: "station", station2: "station"}[f],
	}
	answer(a.rng, &r)
	if codes := core(r.Instrument); a.rng.IntN(3) > 0 {
		delete(r.Answers, codes[3]) // one that few answer
	}
	r.Arrived = max(a.today, day)
	if channel == surveys.Link && a.rng.IntN(3) == 0 {
		r.Arrived = a.today.Add(1 + a.rng.IntN(40))
		a.late[r.Arrived] = append(a.late[r.Arrived], r)
		return
	}
	a.give(1, r)
}

// tidy sets aside what looks odd, much of a day or little, withdraws, and restores.
func (a *attack) tidy() {
	if a.rng.IntN(6) > 0 || len(a.forms) == 0 {
		return
	}
	odd := pick(a.rng, a.forms...)
	from, to := surveys.Counted, pick(a.rng, surveys.Aside, surveys.Aside, surveys.Withdrawn)
	if a.rng.IntN(4) == 0 {
		from, to = surveys.Aside, surveys.Counted
	}
	most := pick(a.rng, 1, 3, 12, 25, 60)
	span := pick(a.rng, 0, 0, 1, 20)
	var some []*given
	for _, g := range a.forms {
		near := g.Day.Within(odd.Day.Add(-span), odd.Day.Add(span))
		if g.now == from && g.Facility == odd.Facility && near && len(some) < most {
			some = append(some, g)
		}
	}
	a.move(some, to)
}

var attackScopes = map[string][]surveys.FacilityID{ //nolint:gochecknoglobals // a table of the test
	"facility:f_hall": {hall}, "facility:f_station": {station}, "facility:f_station2": {station2},
	"unit:100": {hall, clinic}, "unit:200": {station, station2}, "unit:36": {hall, clinic, station, station2},
	"sector:one_stop": {hall}, "sector:health": {clinic, station, station2}, "all": {hall, clinic, station, station2},
}

// peek looks at some figures on the night itself.
func (a *attack) peek(night surveys.Day) {
	for range 3 {
		node := a.calendar.Node(pick(a.rng, analytics.DayLevel, analytics.Month, analytics.Quarter, analytics.Year), night.Add(-1-a.rng.IntN(40)))
		scope := pick(a.rng, "facility:f_hall", "facility:f_station", "unit:200")
		a.then = append(a.then, seenThen{night, scope, node, a.summary(scope, node.From, node.To)})
	}
}

// remember: what was seen on a night is what is shown as of that night ever after.
func (a *attack) remember() {
	waits := cmpopts.IgnoreFields(analytics.Summary{}, "State", "Waiting", "SetAside", "Verdict", "Needed", "Forms")
	for _, then := range a.then {
		now := a.summary(then.scope, then.node.From, then.node.To, asof(then.night))
		if diff := cmp.Diff(then.Summary, now, waits); diff != "" {
			a.Errorf("%s of %+v as of %s has changed (-then +now)\n%s", then.scope, then.node, then.night, diff)
		}
	}
}

// prepare numbers the releases and sorts the forms into classes.
func (a *attack) prepare() {
	a.list = a.releases()
	if len(a.list) > 64*len(releaseSet{}) {
		a.Fatalf("%d releases are too many for this test", len(a.list))
	}
	signature := map[*given]*strings.Builder{}
	for i, r := range a.list {
		a.index[r.ID] = i
		a.met[r.Node.Level.String()]++
		a.met[string(r.Stream)]++
		switch {
		case r.Correction:
			a.met["correction"]++
		case r.Seq > 1:
			a.met["supplement"]++
		}
		if len(r.Items) > 0 && len(r.Withheld) > 0 {
			a.met["withheld"]++
		}
		for g, n := range a.vectors[r.ID] {
			if signature[g] == nil {
				signature[g] = &strings.Builder{}
			}
			fmt.Fprintf(signature[g], "%d*%d ", n, i)
		}
	}
	a.coefs = make([][]coef, len(a.list))
	numbers := map[string]int{}
	for g, b := range signature {
		c, known := numbers[b.String()]
		if !known {
			c = len(a.classes)
			numbers[b.String()] = c
			a.classes = append(a.classes, class{items: map[string]int64{}})
			for i, r := range a.list {
				if n := a.vectors[r.ID][g]; n != 0 {
					a.coefs[i] = append(a.coefs[i], coef{c, n})
				}
			}
		}
		a.classes[c].all++
		if !g.Channel.Typed() {
			a.classes[c].own++
		}
		for code, answer := range g.Answers {
			if answer.Kind == surveys.Number && answer.Number > 0 {
				a.classes[c].items[code]++
			}
		}
	}
}

// windows are all nodes of the calendar, and some others.
func (a *attack) windows() []analytics.Node {
	var list []analytics.Node
	last := a.from.Add(attackNights)
	for level := analytics.DayLevel; level <= analytics.Year; level++ {
		for day := a.from.Add(-40); day <= last; day = a.calendar.Node(level, day).To.Add(1) {
			list = append(list, a.calendar.Node(level, day))
		}
	}
	for range 60 {
		from := a.from.Add(a.rng.IntN(attackNights))
		list = append(list, analytics.Node{From: from, To: from.Add(a.rng.IntN(80))})
	}
	return list
}

// ask asks for every view: window, scope and night. Views of the same releases are one; the desk is asked once for
// each, and now and then again.
func (a *attack) ask() {
	nights := map[surveys.Day]bool{}
	for _, r := range a.list {
		nights[r.Released] = true
	}
	for scope, facilities := range attackScopes {
		for _, w := range a.windows() {
			var inside []int
			for i, r := range a.list {
				if w.Contains(r.Node) && slices.Contains(facilities, r.Facility) {
					inside = append(inside, i)
				}
			}
			for night := range nights {
				instrument := pick(a.rng, "", "", "station")
				a.askOne(scope, w, night, instrument, inside)
			}
		}
	}
}

// askOne reckons which releases a view must hold, asks for it if it is new, and holds the answer against them.
func (a *attack) askOne(scope string, w analytics.Node, night surveys.Day, instrument string, inside []int) {
	asked := instrument
	if strings.HasPrefix(scope, "facility") && instrument == "" {
		asked = map[bool]string{true: "one_stop", false: "station"}[scope == "facility:f_hall"]
	}
	var set, aside releaseSet
	var want []string
	none := true
	for _, i := range inside {
		r := a.list[i]
		switch {
		case r.Released > night || asked != "" && asked != r.Instrument:
		case r.Stream == analytics.Answers:
			set.add(i)
			want = append(want, r.ID)
			none = false
		case r.Stream == analytics.Aside:
			aside.add(i)
		case r.Stream == analytics.Detail && asked != "":
			set.add(i)
			want = append(want, r.ID)
		}
	}
	if before, known := a.views[set]; none || known && before.aside == aside && a.rng.IntN(200) > 0 {
		return
	}
	s := a.summary(scope, w.From, w.To, asof(night), func(q *analytics.Query) { q.Instrument = instrument })
	v := view{fmt.Sprintf("%s %s to %s as of %s, %q", scope, w.From, w.To, night, instrument), aside, s}
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(s.Releases)); s.Figures != nil && !slices.Equal(got, want) {
		a.Errorf("%s shows\n%v, not\n%v", v.name, got, want)
	}
	a.views[set] = v
	a.checkView(v, set)
}

// net adds releases up, those with a sign of -1 negatively, and tells how many forms do not cancel out. With a code,
// only releases that show the item count, and only forms that answered it.
func (a *attack) net(code string, sets map[int]releaseSet) (all, own int64) {
	times := make([]int, len(a.classes))
	for sign, set := range sets {
		set.each(func(i int) {
			if _, shown := a.list[i].Items[code]; code != "" && !shown {
				return
			}
			for _, c := range a.coefs[i] {
				times[c.class] += sign * c.times
			}
		})
	}
	for c, n := range times {
		switch {
		case n == 0:
		case code != "":
			all += a.classes[c].items[code]
		default:
			all += a.classes[c].all
			own += a.classes[c].own
		}
	}
	return all, own
}

// only keeps the releases of a stream.
func (a *attack) only(set releaseSet, s analytics.Stream) releaseSet {
	var kept releaseSet
	set.each(func(i int) {
		if a.list[i].Stream == s {
			kept.add(i)
		}
	})
	return kept
}

// checkView holds one view against the forms it is made of.
func (a *attack) checkView(v view, set releaseSet) {
	answers := a.only(set, analytics.Answers)
	all, own := a.net("", map[int]releaseSet{1: answers})
	switch {
	case few(all) || few(own):
		a.Errorf("%s shows %d forms, %d given by citizens themselves", v.name, all, own)
	case v.State == analytics.StateFull && *v.Forms != all || v.State != analytics.StateFull && all != 0:
		a.Errorf("%s shows %d forms of %d", v.name, v.Sums.Forms, all)
	case v.Waiting%10 != 0 || v.SetAside%10 != 0:
		a.Errorf("%s tells that %d wait and %d are set aside", v.name, v.Waiting, v.SetAside)
	}
	if hidden, corrected := a.hidden(v.Summary), a.corrected(set); few(hidden) && !corrected {
		a.Errorf("%s shows, by subtraction, %d answers to the core items that it withholds", v.name, hidden)
	}
	for _, it := range v.Items {
		n, _ := a.net(it.Code, map[int]releaseSet{1: set})
		switch {
		case it.Withheld:
			if it.Counts != nil || it.None != nil || it.Answered != nil || it.Rate != nil {
				a.Errorf("%s withholds %s and shows %+v", v.name, it.Code, it)
			}
		case *it.Answered != n || few(n):
			a.Errorf("%s shows %d answers to %s of %d", v.name, *it.Answered, it.Code, n)
		case slices.Min(it.Counts[:]) < 0 || *it.None < 0:
			a.Errorf("%s shows %v answers to %s", v.name, *it.Counts, it.Code)
		}
	}
}

// hidden is how many core answers the sums tell of and no item table shows; 0 for a view without tables.
func (a *attack) hidden(s analytics.Summary) int64 {
	if s.Figures == nil || len(s.Items) == 0 {
		return 0
	}
	left := s.Answered
	for _, it := range s.Items {
		if item, _ := a.instruments[s.Instrument].Item(it.Code); item.Role == surveys.Core && it.Answered != nil {
			left -= *it.Answered
		}
	}
	return left
}

func (a *attack) corrected(set releaseSet) bool {
	some := false
	set.each(func(i int) { some = some || a.list[i].Correction })
	return some
}

// subtract takes every view from every view that holds all its releases, and some others from each other.
func (a *attack) subtract() {
	sets := make([]releaseSet, 0, len(a.views))
	for set := range a.views {
		sets = append(sets, set)
	}
	const enough = 12_000
	a.rng.Shuffle(len(sets), func(i, j int) { sets[i], sets[j] = sets[j], sets[i] })
	done := map[releaseSet]bool{}
	for _, large := range sets {
		for _, small := range sets {
			if small == large || !small.within(large) {
				continue
			}
			if rest := large.minus(small); !done[rest] && (len(done) < enough || a.rng.IntN(50) == 0) {
				done[rest] = true
				a.compare(a.views[small], a.views[large], rest)
				a.checkDifference(rest, func() string { return a.views[large].name + "\nless " + a.views[small].name })
			}
		}
	}
	a.met["views"], a.met["differences"] = len(sets), len(done)
	for range 5_000 {
		one, other := pick(a.rng, sets...), pick(a.rng, sets...)
		a.checkPair(one, other)
	}
}

// compare takes two summaries as they are: forms, and answers to the items shown in both. A difference with
// corrections on one side and further forms on the other is about both; it is judged by the forms alone.
func (a *attack) compare(small, large view, rest releaseSet) {
	signs := map[bool]bool{}
	rest.each(func(i int) { signs[a.list[i].Correction] = true })
	if len(signs) > 1 {
		a.met["mixed difference"]++
		return
	}
	if small.Forms != nil && large.Forms != nil && few(*large.Forms-*small.Forms) {
		a.Errorf("%s: %d forms\n%s: %d forms", large.name, *large.Forms, small.name, *small.Forms)
	}
	if small.Instrument != large.Instrument {
		return
	}
	if few(a.hidden(large.Summary)-a.hidden(small.Summary)) && len(large.Items) > 0 && len(small.Items) > 0 {
		a.Errorf("%s and\n%s: %d and %d core answers are withheld", large.name, small.name, a.hidden(large.Summary), a.hidden(small.Summary))
	}
	for _, it := range large.Items {
		i := slices.IndexFunc(small.Items, func(s analytics.ItemTable) bool { return s.Code == it.Code })
		if i >= 0 && it.Answered != nil && small.Items[i].Answered != nil && few(*it.Answered-*small.Items[i].Answered) {
			a.Errorf("%s: %d answers to %s\n%s: %d", large.name, *it.Answered, it.Code, small.name, *small.Items[i].Answered)
		}
	}
}

// checkDifference holds a difference of two views against the forms it is about.
func (a *attack) checkDifference(rest releaseSet, names func() string) {
	answers := a.only(rest, analytics.Answers)
	if all, own := a.net("", map[int]releaseSet{1: answers}); few(all) || few(own) {
		a.Errorf("%s\nis about %d forms, %d given by citizens themselves", names(), all, own)
	}
	var codes []string
	rest.each(func(i int) {
		for code := range a.list[i].Items {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	})
	for _, code := range codes {
		if n, _ := a.net(code, map[int]releaseSet{1: rest}); few(n) && scaled(code) {
			a.Errorf("%s\nis about %d answers to %s", names(), n, code)
		}
	}
}

// scaled: the items of these tests that are not of the scale begin with G, K or T and a digit.
func scaled(code string) bool { return !strings.ContainsAny(code[:1], "GK") && code != "T1" }

// checkPair takes any view from any other, with or without what was set aside.
func (a *attack) checkPair(one, other releaseSet) {
	for _, mode := range []string{"answers", "set aside", "with set aside"} {
		x, y := a.only(one, analytics.Answers), a.only(other, analytics.Answers)
		switch mode {
		case "set aside":
			x, y = a.views[one].aside, a.views[other].aside
		case "with set aside":
			x = a.views[one].aside
		}
		if all, own := a.net("", map[int]releaseSet{1: x, -1: y}); few(all) || few(own) {
			a.Errorf("%s\nand %s, %s: %d forms apart, %d given by citizens themselves",
				a.views[one].name, a.views[other].name, mode, all, own)
		}
	}
}
