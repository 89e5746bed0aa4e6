package analytics_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"hailong/analytics"
)

// outcome is how often an interval held the truth and how often it said "Đạt" against a target equal to the truth,
// where "Đạt" is wrong; in percent of the runs.
type outcome struct{ covered, met float64 }

// simulatedCell is one row of the table.
type simulatedCell struct {
	forms     int
	rate, icc float64
	score     outcome
	width     float64 // mean width of the score's interval, in points
	noPull    outcome // the score's interval without the pull of deff towards m̄
	plain     outcome // without the caps and d = m̄ at 0 and 100 % as well
}

// TestSimulation draws forms of 5–7 items whose answers are alike to a known degree (beta-binomial, by a Pólya urn), and
// asks how often the interval holds the truth and how often it says a false "Đạt".
// `go test -run Simulation -v ./analytics` prints the table.
func TestSimulation(t *testing.T) {
	t.Parallel()
	long(t)
	const runs = 4000
	var cells []*simulatedCell
	for _, rate := range []float64{0.85, 0.95} {
		for _, n := range []int{30, 50, 100, 500} {
			for _, icc := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} {
				cells = append(cells, &simulatedCell{forms: n, rate: rate, icc: icc})
			}
		}
	}
	var wait sync.WaitGroup
	for i, c := range cells {
		wait.Go(func() { c.run(rand.New(rand.NewPCG(85, uint64(i))), runs) })
	}
	wait.Wait()

	var table strings.Builder
	for _, c := range cells {
		fmt.Fprintf(&table, "%.2f  %5d  %.1f  %7.1f  %5.1f  %5.1f  %10.1f  %5.1f  %8.1f  %5.1f\n", c.rate, c.forms, c.icc,
			c.score.covered, c.score.met, c.width, c.noPull.covered, c.noPull.met, c.plain.covered, c.plain.met)
	}
	t.Logf("target = true rate, %d runs a row, in %%\nrate  forms  icc  covered    Đạt  width  no pull: c.    Đạt  plain: c.    Đạt\n%s",
		runs, &table)
	for _, c := range cells {
		low := 92.5
		if c.forms >= 500 {
			low = 93.5
		}
		if c.score.covered < low {
			t.Errorf("rate %v, %d forms, icc %v: coverage %.1f %%", c.rate, c.forms, c.icc, c.score.covered)
		}
		if c.score.met > 3 {
			t.Errorf("rate %v, %d forms, icc %v: %.1f %% false Đạt", c.rate, c.forms, c.icc, c.score.met)
		}
	}
}

// run fills the row with what happened in this many samples.
func (c *simulatedCell) run(rng *rand.Rand, runs int) {
	share := 100 / float64(runs)
	values := make([]int, 0, 7)
	for range runs {
		var sums analytics.Sums
		for range c.forms {
			values = urnForm(rng, values[:0], c.rate, c.icc)
			sums = sums.Add(analytics.FormSums(values))
		}
		score, _ := sums.Score()
		c.width += share * (score.Upper - score.Lower)
		c.score.count(share, c.rate, score.Lower, score.Upper)
		lower, upper := unpulledInterval(sums, true)
		c.noPull.count(share, c.rate, lower, upper)
		lower, upper = unpulledInterval(sums, false)
		c.plain.count(share, c.rate, lower, upper)
	}
}

func (o *outcome) count(share, rate, lower, upper float64) {
	if lower <= rate && rate <= upper {
		o.covered += share
	}
	if lower >= rate {
		o.met += share
	}
}

// urnForm appends 5–7 answers: each satisfied with this rate, any two with correlation icc.
func urnForm(rng *rand.Rand, values []int, rate, icc float64) []int {
	weight := 1/icc - 1
	satisfied := 0.0
	for i := range 5 + rng.IntN(3) {
		if rng.Float64()*(weight+float64(i)) < rate*weight+satisfied {
			satisfied++
			values = append(values, 4+i%2)
		} else {
			values = append(values, 1+i%3)
		}
	}
	return values
}

// unpulledInterval is the score's without the pull of its design effect, with or without what guards the ends: the
// reason why they are there.
func unpulledInterval(s analytics.Sums, guarded bool) (lower, upper float64) {
	n, m := float64(s.Forms), float64(s.Answered)
	p := float64(s.Satisfied) / m
	deff := 1.0
	if p > 0 && p < 1 {
		deff = max(1, (float64(s.SatisfiedSq)-2*p*float64(s.Cross)+p*p*float64(s.AnsweredSq))/(m*p*(1-p)))
	} else if guarded {
		deff = float64(s.AnsweredSq) / m
	}
	lower, upper = analytics.Wilson(p, m/deff)
	if guarded {
		zz := analytics.Z95 * analytics.Z95
		lower, upper = min(lower, n/(n+zz)), max(upper, zz/(n+zz))
	}
	return lower, upper
}
