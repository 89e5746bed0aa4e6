package analytics_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
)

// varied gives n forms of an hour, no two with the same answers.
func (o *office) varied(n int, like surveys.Response) []*given {
	o.Helper()
	batch := make([]surveys.Response, n)
	for i := range batch {
		batch[i] = another(like)
		batch[i].Answers = surveys.Answers{}
		rest := i
		for _, code := range core(batch[i].Instrument) {
			batch[i].Answers[code] = surveys.NumberAnswer(1 + rest%5)
			rest /= 5
		}
	}
	return o.store(batch)
}

// stands tells how forms stand now: "40 answers, 12 burst".
func (o *office) stands(forms []*given) string {
	o.Helper()
	count := map[string]int{}
	for _, f := range forms {
		r, err := o.st.Response(o.ctx, f.ID)
		o.must(err)
		switch r.Standing {
		case surveys.Aside:
			count[r.Reason]++
		case surveys.Counted, surveys.Withdrawn:
			count[string(r.Standing)]++
		}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(count)) {
		list = append(list, fmt.Sprintf("%d %s", count[name], name))
	}
	return strings.Join(list, ", ")
}

// night runs the pass without following its releases: what the judge moves, the office's own book does not know.
func (o *office) night(day surveys.Day) {
	o.Helper()
	_, err := o.passOn(o.st, day)
	o.must(err)
}

const judged surveys.Day = "2026-03-10"

// at is a form of an hour of the judged day.
func at(hour int, pace surveys.Pace) surveys.Response {
	return surveys.Response{Day: judged, Hour: hour, Pace: pace}
}

// TestJudge: on each line what came, and how it stands after the night.
func TestJudge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(o *office) []*given
		want string
	}{
		{"quick ones in a rush", func(o *office) []*given {
			return slices.Concat(o.varied(30, at(9, surveys.Steady)), o.varied(12, at(9, surveys.Quick)))
		}, "30 answers, 12 burst"},
		{"too few quick ones for a rush", func(o *office) []*given {
			return slices.Concat(o.varied(30, at(9, surveys.Steady)), o.varied(7, at(9, surveys.Quick)))
		}, "37 answers"},
		{"a small share of a busy hour", func(o *office) []*given {
			return slices.Concat(o.varied(190, at(9, surveys.Steady)), o.varied(10, at(9, surveys.Quick)))
		}, "200 answers"},
		{"the same number over two hours", func(o *office) []*given {
			return slices.Concat(o.varied(7, at(9, surveys.Quick)), o.varied(7, at(10, surveys.Quick)))
		}, "14 answers"},
		{"a point where quick is usual", func(o *office) []*given {
			for hour := range 12 {
				o.varied(4, at(6+hour, surveys.Quick))
				o.varied(4, at(6+hour, surveys.Steady))
			}
			like := at(18, surveys.Quick)
			return slices.Concat(o.varied(12, like), o.varied(8, at(18, surveys.Steady)))
		}, "20 answers"},
		{"spread over facilities", func(o *office) []*given {
			var all []*given
			for _, id := range []surveys.FacilityID{hall, clinic, station} {
				like := at(9, surveys.Quick)
				like.Facility = id
				all = append(all, o.varied(7, like)...)
				like.Pace = surveys.Slow
				all = append(all, o.varied(5, like)...)
			}
			return all
		}, "15 answers, 21 burst"},
		{"a full hall", func(o *office) []*given { return o.varied(300, at(9, surveys.Steady)) }, "300 answers"},
		{"more than a hall", func(o *office) []*given { return o.varied(301, at(9, surveys.Steady)) }, "301 over_budget"},
		{"beyond the budget the quick go first", func(o *office) []*given {
			return slices.Concat(o.varied(290, at(9, surveys.Slow)), o.varied(20, at(9, surveys.Quick)))
		}, "290 answers, 20 burst"},
		{"then those alike", func(o *office) []*given {
			return slices.Concat(o.varied(110, at(9, surveys.Steady)), o.give(900, surveys.Response{Day: judged, Hour: 9, Pace: surveys.Slow, Answers: scale(5, core("one_stop")...)}))
		}, "110 answers, 900 burst"},
		{"a patient script that says the same each time", func(o *office) []*given {
			return slices.Concat(o.varied(20, at(9, surveys.Steady)), o.give(100, at(9, surveys.Slow)))
		}, "20 answers, 100 burst"},
		{"a content that many people share", func(o *office) []*given {
			return slices.Concat(o.varied(60, at(9, surveys.Steady)), o.give(150, at(9, surveys.Slow)))
		}, "210 answers"},
		{"staff with forty forms: for the grade", func(o *office) []*given {
			return o.give(40, surveys.Response{Day: judged, Hour: 18, Pace: surveys.Steady, Answers: scale(5, core("one_stop")...)})
		}, "40 answers"},
		{"one tap is soon alike", func(o *office) []*given {
			like := at(9, surveys.Slow)
			like.Instrument = surveys.Pulse
			return o.give(200, like)
		}, "200 answers"},
		{"all day long", func(o *office) []*given {
			var all []*given
			for hour := range 6 {
				all = append(all, o.varied(100+hour, at(8+hour, surveys.Steady))...)
			}
			return all
		}, "510 answers, 105 over_budget"},
		{"at many points of one facility", func(o *office) []*given {
			var all []*given
			for p := range 5 {
				like := at(9, surveys.Steady)
				like.Point = surveys.PointID(fmt.Sprint("p_", p))
				all = append(all, o.varied(90, like)...)
			}
			return all
		}, "450 over_budget"},
		{"what is flooded at one point leaves the others", func(o *office) []*given {
			other := at(9, surveys.Steady)
			other.Point = "p_2"
			return slices.Concat(o.varied(350, at(9, surveys.Steady)), o.varied(60, other))
		}, "60 answers, 350 over_budget"},
		{"typed ones", func(o *office) []*given {
			return o.varied(1500, surveys.Response{Day: judged, Hour: 9, Channel: surveys.Assisted, Pace: surveys.Quick})
		}, "1500 answers"},
		{"an unknown hour", func(o *office) []*given { return o.varied(301, at(-1, surveys.PaceUnknown)) }, "301 over_budget"},
		{"an import", func(o *office) []*given {
			batch := make([]surveys.Response, 1500)
			for i := range batch {
				batch[i] = defaults(at(-1, surveys.PaceUnknown))
				batch[i].ID = surveys.RowSubmissionID("lô", strconv.Itoa(i))
				batch[i].Receipt = batch[i].ID.Receipt()
			}
			return o.store(batch)
		}, "1500 answers"},
		{"spread over the past", func(o *office) []*given {
			var all []*given
			for day := range 14 {
				for hour := range 24 {
					all = append(all, o.varied(1, surveys.Response{Day: judged.Add(day - 14), Hour: hour, Arrived: judged, Pace: surveys.Slow})...)
				}
			}
			return append(all, o.varied(40, at(9, surveys.Steady))...)
		}, "40 answers, 336 burst"},
		{"a village without network for a week", func(o *office) []*given {
			var all []*given
			for day := range 7 {
				all = append(all, o.varied(12, surveys.Response{Day: judged.Add(day - 7), Hour: 9, Arrived: judged, Pace: surveys.Slow})...)
			}
			return all
		}, "84 answers"},
		{"quick ones that say they are late", func(o *office) []*given {
			var all []*given
			for hour := range 12 {
				all = append(all, o.varied(1, surveys.Response{Day: judged.Add(-3), Hour: 6 + hour, Arrived: judged, Pace: surveys.Quick})...)
			}
			return all
		}, "12 burst"},
		{"today is not over", func(o *office) []*given {
			return o.varied(400, surveys.Response{Day: judged.Add(1), Hour: 0, Pace: surveys.Quick})
		}, "400 answers"},
		{"those that stand aside already do not make a rush", func(o *office) []*given {
			o.give(500, surveys.Response{Day: judged, Hour: 9, Standing: surveys.Aside})
			return o.varied(50, at(9, surveys.Steady))
		}, "50 answers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			o.night(judged)
			forms := tt.give(o)
			for range 2 { // whoever looks again comes to the same
				o.night(judged.Add(1))
				if got := o.stands(forms); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			}
			o.verify()
		})
	}
}

// TestBudgets: the budget of a point follows what was declared and what it had before.
func TestBudgets(t *testing.T) {
	t.Parallel()
	declare := func(o *office, from, to surveys.Day, n int) {
		_, err := surveys.DeclaredVisits().Put(o.ctx, o.st, surveys.Visits{Facility: hall, From: from, To: to, Count: n}, 0)
		o.must(err)
	}
	busy := func(o *office, days, n int, standing surveys.Standing) {
		for i := range days {
			day := judged.Add(i - days)
			o.varied(n, surveys.Response{Day: day, Hour: 9, Pace: surveys.Steady, Standing: standing})
		}
	}
	tests := []struct {
		name   string
		before func(o *office)
		forms  int
		want   string
	}{
		{"a quiet post", func(o *office) { declare(o, "2026-03-01", "2026-03-31", 310) }, 40, "40 answers"},
		{"a quiet post with more than it can have", func(o *office) { declare(o, "2026-03-01", "2026-03-31", 310) }, 41, "41 over_budget"},
		{"a great hospital", func(o *office) { declare(o, "2026-03-01", "2026-03-31", 31*300) }, 600, "600 answers"},
		{"the shortest span tells", func(o *office) {
			declare(o, "2026-01-01", "2026-12-31", 3650)
			declare(o, "2026-03-10", "2026-03-10", 500)
		}, 400, "400 answers"},
		{"another month's visits", func(o *office) { declare(o, "2026-02-01", "2026-02-28", 280) }, 300, "300 answers"},
		{"what it had before", func(o *office) { busy(o, 14, 120, "") }, 480, "480 answers"},
		{"and not more", func(o *office) { busy(o, 14, 120, "") }, 481, "481 over_budget"},
		{"too short a past", func(o *office) { busy(o, 13, 120, "") }, 480, "480 over_budget"},
		{"what was set aside teaches nothing", func(o *office) { busy(o, 20, 120, surveys.Aside) }, 480, "480 over_budget"},
		{"one wild day teaches little", func(o *office) {
			busy(o, 20, 20, "")
			o.varied(290, surveys.Response{Day: judged.Add(-3), Hour: 15, Pace: surveys.Steady})
		}, 301, "301 over_budget"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			tt.before(o)
			o.night(judged)
			forms := o.varied(tt.forms, at(9, surveys.Steady))
			o.night(judged.Add(1))
			if got := o.stands(forms); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// What is released, and what a person has accepted, stays as it is.
func TestJudgeLeavesAlone(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.night(judged)
		early := o.varied(40, at(9, surveys.Steady))
		o.night(judged.Add(1))
		if got := o.told(); len(got) != 1 || !strings.HasPrefix(got[0], "answers day 2026-03-10 #1: 40") {
			t.Fatalf("released: %v", got)
		}
		late := at(9, surveys.Steady)
		late.Arrived = judged.Add(2)
		flood := o.varied(320, late)
		o.night(judged.Add(3))
		if got := o.stands(early); got != "40 answers" {
			t.Errorf("those released: %s", got)
		}
		if got := o.stands(flood); got != "320 over_budget" {
			t.Errorf("the flood: %s", got)
		}
		for _, f := range flood[:5] {
			o.must(o.st.Move(o.ctx, f.ID, surveys.Aside, surveys.Counted, surveys.ReasonAccepted))
		}
		more := o.varied(3, late)
		o.night(judged.Add(4))
		if got := o.stands(flood); got != "5 answers, 315 over_budget" {
			t.Errorf("after a person has looked: %s", got)
		}
		if got := o.stands(more); got != "3 over_budget" {
			t.Errorf("what arrived with it: %s", got)
		}
		o.verify()
	})
}

// Two servers at once, and one that is cut off anywhere, come to the same.
func TestJudgeTogether(t *testing.T) {
	t.Parallel()
	data := newMemData()
	o := newOffice(t, &memStore{memData: data}, 1)
	o.night(judged)
	forms := slices.Concat(o.varied(200, at(9, surveys.Steady)), o.varied(150, at(9, surveys.Quick)))
	o.roll()
	var work sync.WaitGroup
	var mu sync.Mutex
	moved := 0
	for range 4 {
		work.Go(func() {
			n, err := analytics.NewJudge(&memStore{memData: data}).Weigh(o.ctx, judged, judged.Add(1))
			mu.Lock()
			defer mu.Unlock()
			o.must(err)
			moved += n
		})
	}
	work.Wait()
	if got := o.stands(forms); moved != 150 || got != "200 answers, 150 burst" {
		t.Errorf("%d moved: %s", moved, got)
	}
}

func TestJudgeCutOff(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for at1 := 1; at1 < 40; at1 += 4 {
			o := newOffice(t, newMemStore(), 1)
			o.night(judged)
			forms := slices.Concat(o.varied(40, at(9, surveys.Steady)), o.varied(20, at(9, surveys.Quick)))
			bad := &faulty{Store: o.st, left: at1, after: after}
			_, err := o.passOn(bad, judged.Add(1))
			if bad.crashed && !errors.Is(err, errCrash) {
				t.Fatalf("at write %d: %v", at1, err)
			}
			for _, r := range o.releases() {
				if r.Forms > 40 {
					t.Errorf("at write %d the quick ones are released: %s", at1, r)
				}
			}
			o.night(judged.Add(1))
			if got := o.stands(forms); got != "40 answers, 20 burst" {
				t.Errorf("cut off at write %d: %s", at1, got)
			}
			o.verify()
		}
	}
}

// crowdOf gives people as they come: their time to fill in is spread around 40 seconds for six questions.
func (o *office) crowdOf(random *rand.Rand, n int, like surveys.Response) []*given {
	o.Helper()
	batch := make([]surveys.Response, n)
	for i := range batch {
		r := another(like)
		r.Answers = surveys.Answers{}
		mood := random.NormFloat64()
		codes := core(r.Instrument)
		for _, code := range codes {
			r.Answers[code] = surveys.NumberAnswer(min(5, max(1, int(math.Round(4.1+0.6*mood+0.7*random.NormFloat64())))))
		}
		r.Pace = paceOfPerson(random, len(codes))
		batch[i] = r
	}
	return o.store(batch)
}

func paceOfPerson(random *rand.Rand, questions int) surveys.Pace {
	step := 5.5 * math.Exp(0.55*random.NormFloat64())
	return surveys.PaceOf(secondsOf(step*float64(questions+1)), questions, questions)
}

// TestWronglySetAside lets people come for weeks at all sorts of places: of 100,000 real answers fewer than one in a
// hundred may be set aside. The judge alone is tested here; who arrives too fast is in the paces.
func TestWronglySetAside(t *testing.T) {
	t.Parallel()
	long(t)
	wrong, all := 0, 0
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 7))
		o := newOffice(t, newMemStore(), 1)
		var forms []*given
		// A hall with a hundred a day, a clinic with twenty, a station with two; once a vaccination day and once a meeting.
		for d := range 28 {
			day := judged.Add(d - 28)
			for hour, weight := range []float64{8, 16, 17, 12, 5, 2, 3, 10, 11, 8, 3} {
				share := weight / 95
				forms = append(forms, o.crowdOf(random, poisson(random, 100*share), surveys.Response{Facility: hall, Day: day, Hour: 7 + hour})...)
				forms = append(forms, o.crowdOf(random, poisson(random, 20*share), surveys.Response{Facility: clinic, Day: day, Hour: 7 + hour})...)
				forms = append(forms, o.crowdOf(random, poisson(random, 2*share), surveys.Response{Facility: station, Day: day, Hour: 7 + hour})...)
			}
			if d == 20 {
				forms = append(forms, o.crowdOf(random, 280, surveys.Response{Facility: station, Day: day, Hour: 8})...)
				forms = append(forms, o.crowdOf(random, 200, surveys.Response{Facility: clinic, Day: day, Hour: 19})...)
			}
			if d%14 == 13 {
				o.night(day.Add(1))
			}
		}
		o.night(judged)
		for _, f := range forms {
			r, err := o.st.Response(o.ctx, f.ID)
			o.must(err)
			all++
			if r.Standing != surveys.Counted || r.Pace == surveys.Instant {
				wrong++
			}
		}
	}
	t.Logf("%d of %d real answers are set aside: %.3f %%", wrong, all, 100*float64(wrong)/float64(all))
	if 100*wrong >= all {
		t.Errorf("%d of %d real answers are set aside", wrong, all)
	}
}

// TestFloods lets scripts with honest tokens and a machine's pace loose on a hall of 200 people, with many seeds.
func TestFloods(t *testing.T) {
	t.Parallel()
	long(t)
	real1, wrong, scripted, caught := 0, 0, 0, 0
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 8))
		o := newOffice(t, newMemStore(), 1)
		o.night(judged)
		people := o.crowdOf(random, 200, surveys.Response{Day: judged, Hour: 9})
		var scripts []*given
		for _, id := range []surveys.FacilityID{hall, hall, clinic, station} {
			scripts = append(scripts, o.varied(150, surveys.Response{Facility: id, Day: judged, Hour: 9, Pace: surveys.Quick, Point: surveys.PointID(fmt.Sprint("p_", random.IntN(9)))})...)
		}
		o.night(judged.Add(1))
		for i, forms := range [][]*given{people, scripts} {
			for _, f := range forms {
				r, err := o.st.Response(o.ctx, f.ID)
				o.must(err)
				aside := r.Standing == surveys.Aside || r.Pace == surveys.Instant
				switch {
				case i == 0 && aside:
					wrong++
				case i == 1 && aside:
					caught++
				}
			}
		}
		real1, scripted = real1+len(people), scripted+len(scripts)
	}
	t.Logf("%d of %d scripted and %d of %d people are set aside", caught, scripted, wrong, real1)
	if 100*caught < 95*scripted || 100*wrong >= real1 {
		t.Errorf("%d of %d scripted and %d of %d people are set aside", caught, scripted, wrong, real1)
	}
}

// TestKnownLimits holds what doc.go says no rule finds: whoever waits as long as people do, answers differently each
// time and stays within the budget. It is here so that the limit is known, and moves only on purpose.
func TestKnownLimits(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.night(judged)
	patient := o.varied(300, at(9, surveys.Steady))
	o.night(judged.Add(1))
	if got := o.stands(patient); got != "300 answers" {
		t.Errorf("a patient script within the budget: %s", got)
	}
	// Beyond it, at a person's pace and with a person's answers, the people of that hour go with it.
	o = newOffice(t, newMemStore(), 1)
	o.night(judged)
	random := rand.New(rand.NewPCG(1, 9))
	people := o.crowdOf(random, 200, surveys.Response{Day: judged, Hour: 9})
	o.crowdOf(random, 2000, surveys.Response{Day: judged, Hour: 9})
	o.night(judged.Add(1))
	if got := o.stands(people); strings.Contains(got, "answers") {
		t.Errorf("the people of a flooded hour: %s", got)
	}
}

func secondsOf(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func poisson(random *rand.Rand, mean float64) int {
	limit, p, k := math.Exp(-mean), random.Float64(), 0
	for p > limit {
		p *= random.Float64()
		k++
	}
	return k
}
