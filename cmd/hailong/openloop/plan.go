package openloop

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stage is a while of one rate.
type Stage struct {
	Rate float64 // visits a second
	For  time.Duration
}

// Plan is one stage after the other.
type Plan []Stage

const mostRate = 100_000

// ParsePlan reads "50", for a duration, or a ramp that has its own: "50:10s,200:30s". All mistakes come in one error.
func ParsePlan(text string, duration time.Duration) (Plan, error) {
	var plan Plan
	var mistakes []error
	isRamp := strings.Contains(text, ":")
	if isRamp && duration != 0 {
		mistakes = append(mistakes, errors.New("a ramp has its own durations"))
	}
	for part := range strings.SplitSeq(text, ",") {
		rate, lasts, timed := strings.Cut(strings.TrimSpace(part), ":")
		stage := Stage{For: duration}
		var err error
		if stage.Rate, err = strconv.ParseFloat(rate, 64); err != nil || !(stage.Rate > 0 && stage.Rate <= mostRate) {
			mistakes = append(mistakes, fmt.Errorf("%q is no rate of visits a second, up to %d", rate, mostRate))
		}
		if timed {
			stage.For, err = time.ParseDuration(lasts)
			if err != nil || stage.For <= 0 {
				mistakes = append(mistakes, fmt.Errorf("%q is no duration, as 30s", lasts))
			}
		} else if isRamp || stage.For <= 0 || len(plan) > 0 {
			mistakes = append(mistakes, fmt.Errorf("%q does not say how long, as %s:30s", part, rate))
		}
		plan = append(plan, stage)
	}
	return plan, errors.Join(mistakes...)
}

// Lasts is how long the plan takes.
func (p Plan) Lasts() (sum time.Duration) {
	for _, s := range p {
		sum += s.For
	}
	return sum
}

// Share is the plan with a share of its rates.
func (p Plan) Share(share float64) Plan {
	scaled := make(Plan, len(p))
	for i, s := range p {
		scaled[i] = Stage{Rate: s.Rate * share, For: s.For}
	}
	return scaled
}

// stage is the number of the stage at a time from the start; what is due after the end belongs to the last.
func (p Plan) stage(at time.Duration) int {
	for i, s := range p {
		if at < s.For {
			return i
		}
		at -= s.For
	}
	return len(p) - 1
}

// arrivals are the times, from the start, at which somebody comes: as people do, each without regard to the others
// (Poisson), or at even distances.
func (p Plan) arrivals(random *rand.Rand, poisson bool) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		var start time.Duration
		for _, s := range p { // each begins anew: a Poisson process has no memory
			for at := range s.arrivals(random, poisson) {
				if !yield(start + at) {
					return
				}
			}
			start += s.For
		}
	}
}

// arrivals are those of the crowd's plan, or of exactly so many.
func (c Crowd) arrivals(random *rand.Rand, poisson bool) iter.Seq[time.Duration] {
	if c.Exactly == 0 {
		return c.Plan.arrivals(random, poisson)
	}
	var first, start time.Duration
	var busy Stage
	for _, s := range c.Plan {
		if s.Rate > 0 {
			first, busy = start, s
		}
		start += s.For
	}
	times := make([]time.Duration, c.Exactly)
	for i := range times {
		times[i] = first + time.Duration(random.Int64N(int64(busy.For)))
	}
	slices.Sort(times)
	return slices.Values(times)
}

func (s Stage) arrivals(random *rand.Rand, poisson bool) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		if s.Rate == 0 {
			return // a while in which nobody comes
		}
		sum := 0.0
		for n := 1; ; n++ {
			if poisson {
				sum += random.ExpFloat64()
			} else {
				sum = float64(n)
			}
			at := time.Duration(sum / s.Rate * float64(time.Second))
			if at >= s.For || !yield(at) {
				return
			}
		}
	}
}
