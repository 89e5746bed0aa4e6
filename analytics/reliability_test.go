package analytics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"hailong/analytics"
	"hailong/surveys"
)

// honest is an invented facility whose forms are given by citizens only.
type honest struct {
	rng     *rand.Rand
	in      *surveys.Instrument
	daily   float64 // forms of a working day
	points  int
	level   float64 // mean of the answers' latent scale
	spread  float64 // between people
	quick   float64 // share of quick people
	evening float64 // share of forms given after closing, by a photograph of the code
}

func newHonest(rng *rand.Rand, in *surveys.Instrument) *honest {
	return &honest{
		rng: rng, in: in, daily: math.Exp(math.Log(1.5) + rng.Float64()*math.Log(14)), points: 1 + rng.IntN(4),
		level: 0.6 + 1.4*rng.Float64(), spread: 0.7 + 0.6*rng.Float64(), quick: 0.03 + 0.17*rng.Float64(), evening: 0.03 * rng.Float64(),
	}
}

// change is what may truly change from one quarter to the next.
func (h *honest) change() {
	h.level += 0.15 * h.rng.NormFloat64()
	h.quick = min(0.25, max(0.02, h.quick+0.03*h.rng.NormFloat64()))
	h.daily *= math.Exp(0.25 * h.rng.NormFloat64())
}

// form invents one form of a day and hour; mood is what people of the day share.
func (h *honest) form(day surveys.Day, hour int, mood float64) surveys.Response {
	own := h.level + mood + h.spread*h.rng.NormFloat64()
	answers := surveys.Answers{}
	for _, code := range core("one_stop") {
		if h.rng.Float64() < 0.04 {
			continue
		}
		x := own + 0.6*h.rng.NormFloat64()
		answers[code] = surveys.NumberAnswer(max(1, min(5, 4+int(math.Floor(x)))))
	}
	pace := surveys.Steady
	switch u := h.rng.Float64(); {
	case u < h.quick:
		pace = surveys.Quick
	case u > 0.9:
		pace = surveys.Slow
	}
	return defaults(surveys.Response{
		Point: surveys.PointID([]string{"p_0", "p_1", "p_2", "p_3"}[h.rng.IntN(h.points)]),
		Day:   day, Hour: hour, Pace: pace, Answers: answers,
	})
}

// month invents the forms of a month: busy and quiet days, good and bad ones, now and then a hall that fills at once.
func (h *honest) month(first surveys.Day) []surveys.Response {
	var all []surveys.Response
	weights := []float64{8, 16, 17, 12, 5, 2, 3, 10, 11, 8, 2}
	for day := first; day[:7] == first[:7]; day = day.Add(1) {
		if w := day.Date().Weekday(); w == 0 || w == 6 {
			continue
		}
		mood := 0.2 * h.rng.NormFloat64()
		n := poissonOf(h.rng, h.daily*math.Exp(0.3*h.rng.NormFloat64()))
		for range n {
			hour := 7 + pickOf(h.rng, weights)
			if h.rng.Float64() < h.evening {
				hour = 18 + h.rng.IntN(5)
			}
			all = append(all, h.form(day, hour, mood))
		}
		if h.rng.Float64() < 0.01 {
			for range 20 + h.rng.IntN(60) {
				all = append(all, h.form(day, 9, mood+0.1*h.rng.NormFloat64()))
			}
		}
	}
	return all
}

func poissonOf(rng *rand.Rand, mean float64) int {
	limit, p, k := math.Exp(-mean), rng.Float64(), 0
	for p > limit {
		p *= rng.Float64()
		k++
	}
	return k
}

func pickOf(rng *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := rng.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (h *honest) habit(first surveys.Day, forms []surveys.Response) analytics.Habit {
	return analytics.TakeHabit("f_1", first, h.in, func(surveys.PointID) bool { return true }, forms)
}

// quarters invents six months of the past and a quarter.
func (h *honest) quarters() (past, now []analytics.Habit, forms [3][]surveys.Response) {
	for i := range 9 {
		first := surveys.Day(fmt.Sprintf("2026-%02d-01", i+1))
		if i%3 == 0 {
			h.change()
		}
		made := h.month(first)
		if i < 6 {
			past = append(past, h.habit(first, made))
		} else {
			forms[i-6] = made
			now = append(now, h.habit(first, made))
		}
	}
	return past, now, forms
}

// perfect is a form of the insider's.
func (h *honest) perfect(day surveys.Day, hour int, pace surveys.Pace) surveys.Response {
	return defaults(surveys.Response{
		Point: "p_0", Day: day, Hour: hour, Pace: pace, Answers: scale(5, core("one_stop")...),
	})
}

func oneStop(t *testing.T) *surveys.Instrument {
	t.Helper()
	all, err := testInstruments()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Key == "one_stop" {
			return &all[i]
		}
	}
	t.Fatal("no instrument one_stop")
	return nil
}

// Of honest facility-quarters fewer than two in a hundred are graded below B, with a past and without.
func TestHonestFacilitiesAreReliable(t *testing.T) {
	t.Parallel()
	in, rng := oneStop(t), rand.New(rand.NewPCG(26, 11))
	runs, most := 400, 0.02
	if testing.Short() {
		runs, most = 150, 0.04 // the sampling error is larger
	}
	if n, err := strconv.Atoi(os.Getenv("HAILONG_HONEST_QUARTERS")); err == nil {
		runs, most = n, 0.005 // to measure, by hand
	}
	graded, below := 0, map[bool]int{}
	signals := map[bool]map[analytics.Signal]int{true: {}, false: {}}
	for range runs {
		past, now, _ := newHonest(rng, in).quarters()
		for known, past := range map[bool][]analytics.Habit{true: past, false: nil} {
			r := analytics.ReliabilityOf(now, past, false)
			if r == nil {
				continue
			}
			graded++
			if r.Grade >= analytics.GradeC {
				below[known]++
			}
			for _, s := range r.Signals {
				signals[known][s]++
			}
		}
	}
	graded /= 2
	for known, n := range below {
		t.Logf("with a past %t: %d of %d honest quarters below B (%.2f %%); signals %v", known, n, graded, 100*float64(n)/float64(graded), signals[known])
		if float64(n) >= most*float64(graded) {
			t.Errorf("that is too many")
		}
	}
	if graded < runs*9/10 {
		t.Errorf("only %d of %d quarters are graded", graded, runs)
	}
}

// insider adds forms to a month of a quarter, counted from 0.
type insider func(h *honest, month int, first surveys.Day) []surveys.Response

// once adds 40 within an hour of one day.
func once(hour int) insider {
	return func(h *honest, month int, first surveys.Day) (forms []surveys.Response) {
		for range 40 {
			if month == 1 {
				forms = append(forms, h.perfect(first.Add(9), hour, surveys.Steady))
			}
		}
		return forms
	}
}

// evening adds 40 between closing and ten of one day.
func evening(h *honest, month int, first surveys.Day) (forms []surveys.Response) {
	for i := range 40 {
		if month == 1 {
			forms = append(forms, h.perfect(first.Add(9), 18+i/10, surveys.Steady))
		}
	}
	return forms
}

// daily adds three every day, in hours.
func daily(pace surveys.Pace) insider {
	return func(h *honest, _ int, first surveys.Day) (forms []surveys.Response) {
		for day := range 28 {
			for i := range 3 {
				forms = append(forms, h.perfect(first.Add(day), 8+4*i, pace))
			}
		}
		return forms
	}
}

// Staff who add forms of their own to two hundred honest ones of a quarter (few: to as many each month), and how often the
// grade falls below B. What is added slowly, without haste, by a facility without a past shows nowhere.
func TestInsidersLowerTheGrade(t *testing.T) {
	t.Parallel()
	in := oneStop(t)
	runs := 40
	if testing.Short() {
		runs = 20
	}
	tests := []struct {
		name  string
		stuff insider
		least map[int]float64 // with a past, by how many honest forms there are; what is not named is only told
	}{
		{"40 perfect after closing", once(18), map[int]float64{200: 0.95, 600: 0.95, 1200: 0.9}},
		{"40 perfect through an evening", evening, map[int]float64{200: 0.95}},
		{"40 alike at once in hours", once(14), map[int]float64{200: 0.9}},
		{"3 a day, quickly", daily(surveys.Quick), map[int]float64{200: 0.9}},
		{"3 a day, unhurried", daily(surveys.Steady), map[int]float64{200: 0.6}},
	}
	for _, tt := range tests {
		for _, many := range []int{200, 600, 1200} {
			if _, wanted := tt.least[many]; !wanted && many > 600 {
				continue
			}
			rng := rand.New(rand.NewPCG(26, 12))
			fell, fresh := 0, 0
			for range runs {
				h := newHonest(rng, in)
				h.daily = float64(many) / 40
				past, _, forms := h.quarters()
				var now []analytics.Habit
				for i := range forms {
					first := surveys.Day(fmt.Sprintf("2026-%02d-01", i+7))
					rng.Shuffle(len(forms[i]), func(a, b int) { forms[i][a], forms[i][b] = forms[i][b], forms[i][a] })
					some := forms[i][:min(len(forms[i]), many/3)]
					now = append(now, h.habit(first, append(some, tt.stuff(h, i, first)...)))
				}
				if r := analytics.ReliabilityOf(now, past, false); r.Grade >= analytics.GradeC {
					fell++
				}
				if r := analytics.ReliabilityOf(now, nil, false); r.Grade >= analytics.GradeC {
					fresh++
				}
			}
			power := float64(fell) / float64(runs)
			t.Logf("%s among %d: below B in %.1f %%, without a past in %.1f %%", tt.name, many, 100*power, 100*float64(fresh)/float64(runs))
			if least := tt.least[many]; power < least {
				t.Errorf("%s among %d: the grade falls below B in %.1f %%, want %.0f %%", tt.name, many, 100*power, 100*least)
			}
		}
	}
}
