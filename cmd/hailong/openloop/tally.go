package openloop

import (
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A histogram holds microseconds up to the longest that anything may take, with three digits.
const (
	histogramMost   = int64(10 * time.Minute / time.Microsecond)
	histogramDigits = 3
)

// sampleSize is how many acknowledged submissions are looked for afterwards.
const sampleSize = 500

// tally counts what happens. Each thing belongs to the stage in which it was due.
type tally struct {
	mu     sync.Mutex
	stages []stageTally
	recent *hdrhistogram.Histogram // since the last snapshot
	acked  int64                   // since the last snapshot
	faults int64
	busy   int64
	sent   int64
	late   int64
	seen   int // acknowledged, of which sample is one
	sample []Acknowledged
	random *rand.Rand
	crowds map[string]int64
}

type stageTally struct {
	came, unsent, busy int64
	acked, inTime      int64 // inTime: before the plan's end, which makes the rate
	faults             map[string]int64
	steps              map[string]*hdrhistogram.Histogram
}

// measure is one request and its answer.
type measure struct {
	stage int
	step  string
	late  bool
	took  time.Duration
	reply Reply
	err   error
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, histogramMost, histogramDigits)
}

func newTally(p Plan, seed uint64) *tally {
	t := &tally{stages: make([]stageTally, len(p)), recent: newHistogram(), crowds: map[string]int64{}, random: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // a sample
	for i := range t.stages {
		t.stages[i] = stageTally{faults: map[string]int64{}, steps: map[string]*hdrhistogram.Histogram{}}
	}
	return t
}

func (t *tally) came(stage int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stages[stage].came++
}

func (t *tally) unsent(stage int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stages[stage].unsent++
}

func (t *tally) fault(stage int, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stages[stage].faults[kind]++
	t.faults++
}

// answered counts an answer. A latency is one of a right answer: a quick refusal must not make the server look fast.
func (t *tally) answered(m measure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	if m.late {
		t.late++
	}
	stage := &t.stages[m.stage]
	var status statusError
	switch {
	case m.err == nil:
		if stage.steps[m.step] == nil {
			stage.steps[m.step] = newHistogram()
		}
		us := min(max(m.took.Microseconds(), 1), histogramMost)
		stage.steps[m.step].RecordValue(us) //nolint:errcheck // it is within the bounds
		t.recent.RecordValue(us)            //nolint:errcheck // it is within the bounds
	case errors.As(m.err, &status) && status == http.StatusServiceUnavailable && m.reply.RetryAfter != "":
		stage.busy++
		t.busy++
	default:
		stage.faults[m.step+": "+kindOf(m.err)]++
		t.faults++
	}
}

func (t *tally) sentBy(crowd string) {
	if crowd == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.crowds[crowd]++
}

// acknowledged counts a stored submission and keeps some, each as likely as any other, to look for.
func (t *tally) acknowledged(stage int, inTime bool, a Acknowledged) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stages[stage].acked++
	if inTime {
		t.stages[stage].inTime++
	}
	t.acked++
	t.seen++
	if len(t.sample) < sampleSize {
		t.sample = append(t.sample, a)
	} else if i := t.random.IntN(t.seen); i < sampleSize {
		t.sample[i] = a
	}
}

func (t *tally) lateShare() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return float64(t.late) / float64(max(t.sent, 1))
}

// Snapshot is how a run goes: rates and the latency are those since the last one, the rest is from the start.
type Snapshot struct {
	At, Of   time.Duration
	Rate     float64 // asked now
	Achieved float64 // acknowledged a second
	InFlight int
	P99      time.Duration
	Busy     int64
	Faults   int64
}

func (t *tally) snapshot(since time.Duration) Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Snapshot{
		Achieved: float64(t.acked) / since.Seconds(), P99: quantile(t.recent, 99), Busy: t.busy, Faults: t.faults,
	}
	t.acked = 0
	t.recent.Reset()
	return s
}

func quantile(h *hdrhistogram.Histogram, percent float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(percent)) * time.Microsecond
}

// report is what each stage that began came to; the last may have been cut short.
func (t *tally) report(p Plan, took time.Duration) (reports []StageReport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, s := range p {
		if took <= 0 {
			break
		}
		got, lasted := t.stages[i], min(took, s.For)
		took -= s.For
		r := StageReport{
			Rate: s.Rate, Seconds: lasted.Seconds(), Visits: got.came, Acknowledged: got.acked,
			Achieved: float64(got.inTime) / lasted.Seconds(), Busy: got.busy, Unsent: got.unsent, Faults: got.faults,
		}
		for _, step := range slices.Sorted(maps.Keys(got.steps)) {
			h := got.steps[step]
			r.Steps = append(r.Steps, StepReport{
				Step: step, Count: h.TotalCount(), P50: millis(quantile(h, 50)), P90: millis(quantile(h, 90)), P99: millis(quantile(h, 99)),
				P999: millis(quantile(h, 99.9)), Max: float64(h.Max()) / 1000,
			})
		}
		reports = append(reports, r)
	}
	return reports
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
