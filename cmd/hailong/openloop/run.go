package openloop

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"hailong/surveys"
)

// Run is one load: who comes, when, and through how many connections.
type Run struct {
	Plan        Plan
	Poisson     bool
	Connections int
	Seed        uint64
	Scenario    Scenario
	Sheets      []*Sheet
	Sender      Sender
	Patience    time.Duration // how long after the plan's end visits may go on; 0: half a minute
	// Progress is told twice a second how it goes; nil tells nobody.
	Progress func(Snapshot)
}

const (
	// patience is how long a request waits for a free connection before it counts as not sent, and how long after the
	// plan's end visits may go on, where the run does not say.
	patience = 30 * time.Second
	// mostVisits bounds the visits under way, and with them the generator's memory.
	mostVisits = 20_000
	// lateAfter is how long after it was due a request may leave and still count as in time.
	lateAfter     = 10 * time.Millisecond
	progressEvery = 500 * time.Millisecond
)

// Outcome is what a run measured.
type Outcome struct {
	Stages      []StageReport
	Took        time.Duration
	Interrupted bool
	LateShare   float64 // of the requests left later than due
	Sample      []Acknowledged
	Crowds      map[string]int64 // how many answers of each named crowd were acknowledged
}

// running is a run under way.
type running struct {
	*Run
	began time.Time
	tally *tally
	slots chan struct{} // one for each connection
	alive chan struct{} // one for each visit under way
}

// Do lets the crowds come as planned, waits for those who came, and says what it measured. When ctx ends nobody comes
// any more and the measure so far is told.
func (r *Run) Do(ctx context.Context) Outcome {
	run := &running{
		Run: r, began: time.Now(), tally: newTally(r.Plan, r.Seed),
		slots: make(chan struct{}, r.Connections), alive: make(chan struct{}, mostVisits),
	}
	visits, end := context.WithCancel(ctx)
	defer end()
	var coming, there sync.WaitGroup
	for i, crowd := range r.Scenario.Crowds(r.Plan) {
		coming.Go(func() { run.come(visits, crowd, rand.New(rand.NewPCG(r.Seed, uint64(i))), &there) }) //nolint:gosec // answers are invented, not secret
	}
	watching, unwatch := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() { run.watch(watching) })
	coming.Wait()
	run.wait(visits, run.began.Add(r.Plan.Lasts()))
	late := time.AfterFunc(cmp.Or(r.Patience, patience), end)
	there.Wait()
	late.Stop()
	unwatch()
	watcher.Wait()
	return run.outcome(ctx.Err() != nil)
}

// come lets a crowd arrive. The clock alone says when.
func (r *running) come(ctx context.Context, crowd Crowd, random *rand.Rand, there *sync.WaitGroup) {
	for at := range crowd.arrivals(random, r.Poisson) {
		due := r.began.Add(at)
		if !r.wait(ctx, due) {
			return
		}
		v := &Visitor{
			run: r, due: due, crowd: crowd.Name, Sheet: r.Sheets[random.IntN(len(r.Sheets))],
			Random: rand.New(rand.NewPCG(random.Uint64(), random.Uint64())), //nolint:gosec // answers are invented, not secret
		}
		if crowd.AtFirst {
			v.Sheet = r.Sheets[0]
		}
		stage := r.stageOf(due)
		r.tally.came(stage)
		select {
		case r.alive <- struct{}{}:
			there.Go(func() {
				defer func() { <-r.alive }()
				crowd.Visit(ctx, v)
			})
		default:
			r.tally.unsent(stage)
		}
	}
}

// wait waits until then, and says false when ctx ends first.
func (r *running) wait(ctx context.Context, then time.Time) bool {
	d := time.Until(then)
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *running) stageOf(due time.Time) int { return r.Plan.stage(due.Sub(r.began)) }

func (r *running) watch(ctx context.Context) {
	if r.Progress == nil {
		return
	}
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			at := now.Sub(r.began)
			s := r.tally.snapshot(progressEvery)
			s.At, s.Of, s.InFlight = at, r.Plan.Lasts(), len(r.slots)
			s.Rate = r.Plan[r.Plan.stage(at)].Rate
			r.Progress(s)
		}
	}
}

func (r *running) outcome(interrupted bool) Outcome {
	took := time.Since(r.began)
	return Outcome{
		Stages: r.tally.report(r.Plan, took), Took: took, Interrupted: interrupted,
		LateShare: r.tally.lateShare(), Sample: r.tally.sample, Crowds: r.tally.crowds,
	}
}

// Visitor is one person, who does one thing after the other.
type Visitor struct {
	Random *rand.Rand
	Sheet  *Sheet

	run   *running
	due   time.Time // of what is done next
	crowd string
}

// Acknowledged is a submission that the server has acknowledged.
type Acknowledged struct {
	ID    surveys.SubmissionID
	Token surveys.Token
}

// Send sends what is due, through a free connection, and says whether judge found the answer right. Time runs from when
// it was due, not from when it left.
func (v *Visitor) Send(ctx context.Context, step string, q Request, judge func(Reply) error) bool {
	r, stage := v.run, v.run.stageOf(v.due)
	free := time.NewTimer(patience)
	defer free.Stop()
	select {
	case r.slots <- struct{}{}:
	case <-free.C:
		r.tally.unsent(stage)
		return false
	case <-ctx.Done():
		r.tally.unsent(stage)
		return false
	}
	left := time.Now()
	reply, err := r.Sender.Send(ctx, q)
	<-r.slots
	now := time.Now()
	if err == nil {
		err = judge(reply)
	}
	r.tally.answered(measure{stage: stage, step: step, late: left.Sub(v.due) > lateAfter, took: now.Sub(v.due), reply: reply, err: err})
	v.due = now
	return err == nil
}

// Think waits, and says false when the visit is over. What comes next is due at the end of it.
func (v *Visitor) Think(ctx context.Context, d time.Duration) bool {
	v.due = v.due.Add(d)
	return v.run.wait(ctx, v.due)
}

// Acknowledged notes a submission that must be found in the store afterwards.
func (v *Visitor) Acknowledged(id surveys.SubmissionID) {
	at := v.due.Sub(v.run.began) // the answer has just come
	v.run.tally.sentBy(v.crowd)
	v.run.tally.acknowledged(v.run.Plan.stage(at), at < v.run.Plan.Lasts(), Acknowledged{ID: id, Token: v.Sheet.Token})
}

// fault notes what was wrong beside the answers themselves.
func (v *Visitor) fault(kind string) { v.run.tally.fault(v.run.stageOf(v.due), kind) }
