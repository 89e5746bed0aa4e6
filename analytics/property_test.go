package analytics_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hailong/analytics"
	"hailong/surveys"
)

// TestInterleavings: whatever happens in whatever order, in the end every day is a recount of its responses, every
// release keeps its rules, nothing waits that could be shown, and the store agrees with itself.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		t.Helper()
		runs := map[string]int{"memory": 24, "sqlite": 4, "mongodb": 3}[path.Base(t.Name())]
		atMost(t, runs, func(t *rapid.T) { interleave(t, fresh()) })
	})
}

// atMost checks a property that takes its time no oftener than this, a quarter of it with -short. One that fails is
// tried as often as it takes to find the smallest failure.
func atMost(t *testing.T, runs int, property func(t *rapid.T)) {
	t.Helper()
	if testing.Short() {
		runs = max(1, runs/4)
	}
	failed := false
	rapid.Check(t, func(t *rapid.T) {
		if runs--; runs < 0 && !failed {
			return
		}
		done := false
		defer func() { failed = failed || !done || t.Failed() }()
		property(t)
		done = true
	})
}

// player draws what happens next.
type player struct {
	*office
	t   *rapid.T
	day surveys.Day
}

func interleave(t *rapid.T, st surveys.Store) {
	start := rapid.SampledFrom([]int{1, 15}).Draw(t, "month start")
	p := &player{office: newOffice(t, st, start), t: t, day: "2026-02-26"}
	steps := map[string]func(){
		"give": p.giveSome, "give more": p.giveSome, "and more": p.giveSome, "burst": p.burst,
		"repeat": p.repeat, "move": p.moveSome, "move many": p.moveMany, "roll": p.roll,
		"pass": func() { p.pass(p.day) }, "next night": p.nextNight, "skip nights": p.skipNights,
		"crash": p.crash, "rebuild": p.rebuild, "two at once": p.twoAtOnce, "clock back": p.clockBack,
	}
	names := slices.Sorted(maps.Keys(steps))
	for range rapid.IntRange(5, 60).Draw(t, "steps") {
		steps[rapid.SampledFrom(names).Draw(t, "step")]()
	}
	p.day = p.day.Add(rapid.SampledFrom([]int{0, 1, 40, 400}).Draw(t, "later"))
	p.pass(p.day)
	p.pass(p.day) // what was set aside in two streams at once may need a second
	p.checkDays()
	p.checkWaiting(p.day)
	if report := p.verify(); report.Responses != len(p.forms) || report.Releases != len(p.vectors) || report.Dirty != 0 {
		t.Errorf("verify saw %+v, not %d responses and %d releases", report, len(p.forms), len(p.vectors))
	}
}

// one invents a form. Its content is drawn from a seed: nothing is learnt from shrinking it.
func (p *player) one() surveys.Response {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(p.t, "form"), 0))
	r := surveys.Response{
		Facility: pick(rng, hall, station), Point: pick[surveys.PointID](rng, "p_1", "p_2"), Hour: rng.IntN(25) - 1,
		Channel: pick(rng, surveys.QR, surveys.QR, surveys.Link, surveys.Paper, surveys.Assisted),
		Day:     p.day.Add(-pick(rng, 0, 0, 0, 1, 3, 20, 50)), Arrived: p.day, Instrument: "one_stop",
	}
	if r.Facility == station {
		r.Instrument = pick(rng, "station", "station", "school", surveys.Pulse)
	}
	answer(rng, &r)
	return r
}

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// answer invents the answers of a form: most core items, and on every other one what only the full form asks.
func answer(rng *rand.Rand, r *surveys.Response) {
	r.Answers = surveys.Answers{}
	for _, code := range core(r.Instrument) {
		if rng.IntN(10) > 0 {
			r.Answers[code] = surveys.NumberAnswer(rng.IntN(6))
		}
	}
	if rng.IntN(2) == 0 {
		return
	}
	r.Form = surveys.FullForm
	extra := map[string]surveys.Answers{
		"one_stop": {
			"A1": surveys.NumberAnswer(rng.IntN(6)), "E3": surveys.NumberAnswer(rng.IntN(6)),
			"T1": surveys.TextAnswer(pick(rng, "no", "yes", "no_answer")), "K3": surveys.TextAnswer(pick(rng, "submit", "ask")),
		},
		"station": {
			"TX1": surveys.NumberAnswer(rng.IntN(6)), "G1": surveys.NumberAnswer(rng.IntN(101)), "G4": surveys.TextAnswer("chờ lâu"),
		},
		"school": {"B1": surveys.NumberAnswer(rng.IntN(6)), "K4": surveys.ListAnswer("access", "results")},
	}[r.Instrument]
	for _, code := range slices.Sorted(maps.Keys(extra)) {
		if rng.IntN(4) > 0 {
			r.Answers[code] = extra[code]
		}
	}
}

func (p *player) giveSome() { p.give(rapid.IntRange(1, 12).Draw(p.t, "forms"), p.one()) }

// burst makes releases likely: a good day, of many who gave alike.
func (p *player) burst() {
	for range rapid.IntRange(1, 3).Draw(p.t, "bursts") {
		p.give(rapid.IntRange(8, 35).Draw(p.t, "forms"), p.one())
	}
}

// repeat sends known forms again, with other content.
func (p *player) repeat() {
	if len(p.forms) == 0 {
		return
	}
	again := rapid.SampledFrom(p.forms).Draw(p.t, "again").Response
	again.Day, again.Answers = again.Day.Add(1), nil
	added, err := p.st.AddResponses(p.ctx, []surveys.Response{again})
	p.must(err)
	if added[0] {
		p.t.Errorf("a repeat was stored")
	}
}

func (p *player) target(now surveys.Standing) surveys.Standing {
	if now == surveys.Aside {
		return rapid.SampledFrom([]surveys.Standing{surveys.Counted, surveys.Withdrawn}).Draw(p.t, "to")
	}
	return rapid.SampledFrom([]surveys.Standing{surveys.Aside, surveys.Aside, surveys.Withdrawn}).Draw(p.t, "to")
}

func (p *player) moveSome() {
	for range rapid.IntRange(1, 5).Draw(p.t, "moves") {
		if len(p.forms) == 0 {
			return
		}
		if g := rapid.SampledFrom(p.forms).Draw(p.t, "form"); g.now != surveys.Withdrawn {
			p.move([]*given{g}, p.target(g.now))
		}
	}
}

// moveMany sets many of a burst aside, so that corrections come about.
func (p *player) moveMany() {
	if len(p.forms) == 0 {
		return
	}
	from := rapid.IntRange(0, len(p.forms)-1).Draw(p.t, "from")
	standing := p.forms[from].now
	if standing == surveys.Withdrawn {
		return
	}
	to := p.target(standing)
	for _, g := range p.forms[from:min(len(p.forms), from+rapid.IntRange(5, 60).Draw(p.t, "moves"))] {
		if g.now == standing {
			p.move([]*given{g}, to)
		}
	}
}

func (p *player) nextNight() {
	p.day = p.day.Add(1)
	p.pass(p.day)
}

func (p *player) skipNights() {
	p.day = p.day.Add(rapid.SampledFrom([]int{1, 2, 7, 16, 31, 95}).Draw(p.t, "nights"))
}

// crash fails the k-th write of a pass or a rebuild; who comes later starts from what is stored.
func (p *player) crash() {
	f := &faulty{Store: p.st, left: rapid.IntRange(1, 12).Draw(p.t, "write"), after: rapid.Bool().Draw(p.t, "carried out")}
	var err error
	if rapid.Bool().Draw(p.t, "rebuild") {
		if err = f.MarkAllDirty(p.ctx); err == nil {
			_, err = analytics.NewRoller(f).Roll(p.ctx, "", nil)
		}
	} else {
		_, err = p.passOn(f, p.day)
	}
	if f.crashed != errors.Is(err, errCrash) || !f.crashed && err != nil {
		p.t.Errorf("crashed %v, error %v", f.crashed, err)
	}
	p.follow()
}

func (p *player) rebuild() {
	p.must(p.st.MarkAllDirty(p.ctx))
	p.roll()
	p.checkDays()
}

// twoAtOnce runs two passes side by side, as two servers at midnight.
func (p *player) twoAtOnce() {
	errs := make(chan error, 2)
	for range cap(errs) {
		go func() {
			releaser := analytics.NewReleaser(p.st, analytics.NewRoller(p.st), p.calendar)
			_, err := releaser.Pass(p.ctx, p.day, nil)
			errs <- err
		}()
	}
	for range cap(errs) {
		p.must(<-errs)
	}
	p.today = max(p.today, p.day)
	p.follow()
}

// clockBack: a clock that went back makes nothing.
func (p *player) clockBack() {
	p.pass(p.day)
	made, err := p.passOn(p.st, p.day.Add(-rapid.IntRange(1, 40).Draw(p.t, "days back")))
	p.must(err)
	if made != 0 {
		p.t.Errorf("%d releases made under a clock that went back", made)
	}
}
