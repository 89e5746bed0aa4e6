package openloop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report is everything that a load came to. Latencies are in milliseconds, from when a request was due.
type Report struct {
	URL         string        `json:"url"`
	Scenario    string        `json:"scenario"`
	Arrivals    string        `json:"arrivals"`
	Seed        uint64        `json:"seed"`
	Connections int           `json:"connections"`
	Seconds     float64       `json:"seconds"`
	Interrupted bool          `json:"interrupted"`
	Stages      []StageReport `json:"stages"`
	Generator   Generator     `json:"generator"`
	Check       CheckReport   `json:"check"`
	// Crowds is how many answers of each named crowd were acknowledged, Standing how they stand; nil: the server did not say.
	Crowds   map[string]int64 `json:"crowds,omitempty"`
	Standing *Standing        `json:"standing,omitempty"`
}

// StageReport is one stage. Visits, latencies, Busy and Faults belong to the stage in which they were due,
// acknowledgements to the one in which they came; Achieved leaves out those after the end of the plan. Busy are the answers 503 that say when to come again; Unsent is what the generator could not
// send in time; Faults are all other answers, by step and kind.
type StageReport struct {
	Rate         float64          `json:"rate"`
	Seconds      float64          `json:"seconds"`
	Visits       int64            `json:"visits"`
	Acknowledged int64            `json:"acknowledged"`
	Achieved     float64          `json:"achieved"`
	Busy         int64            `json:"busy"`
	Unsent       int64            `json:"unsent"`
	Faults       map[string]int64 `json:"faults"`
	Steps        []StepReport     `json:"steps"`
}

// StepReport is how long one step took that was answered as it should be.
type StepReport struct {
	Step  string  `json:"step"`
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

// Generator is what the generator itself took. CPU is a share of one processor.
type Generator struct {
	CPU       float64 `json:"cpu"`
	MemoryMB  float64 `json:"memory_mb"`
	LateShare float64 `json:"late_share"`
}

// CheckReport is what the server said afterwards about acknowledged submissions.
type CheckReport struct {
	Asked   int `json:"asked"`
	Known   int `json:"known"`
	Lost    int `json:"lost"`
	Unknown int `json:"unknown"` // the server did not say
}

// Acknowledged is how many submissions were, over all stages.
func (r Report) Acknowledged() (n int64) {
	for _, s := range r.Stages {
		n += s.Acknowledged
	}
	return n
}

// lateMuch is the share of late requests from which on the figures tell of the generator.
const lateMuch = 0.05

// Text is the report for people.
func (r Report) Text() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("%s  scenario %s, %s arrivals, %d connections, seed %d\n", r.URL, r.Scenario, r.Arrivals, r.Connections, r.Seed)
	if r.Interrupted {
		say("stopped after %.1f s\n", r.Seconds)
	}
	for i, s := range r.Stages {
		say("\nstage %d: %.4g visits/s asked for %.1f s: %d visits, %d acknowledged (%.1f/s), %d busy (503), %d not sent in time\n",
			i+1, s.Rate, s.Seconds, s.Visits, s.Acknowledged, s.Achieved, s.Busy, s.Unsent)
		for _, kind := range slices.Sorted(maps.Keys(s.Faults)) {
			say("  %d × %s\n", s.Faults[kind], kind)
		}
		if len(s.Steps) > 0 {
			say("  %-8s %9s %10s %10s %10s %10s %10s\n", "ms", "answers", "p50", "p90", "p99", "p99.9", "max")
		}
		for _, l := range s.Steps {
			say("  %-8s %9d %10.2f %10.2f %10.2f %10.2f %10.2f\n", l.Step, l.Count, l.P50, l.P90, l.P99, l.P999, l.Max)
		}
	}
	say("\ngenerator: %.2f of a processor, %.0f MB, %.1f %% of the requests left late\n", r.Generator.CPU, r.Generator.MemoryMB, 100*r.Generator.LateShare)
	if r.Generator.LateShare > lateMuch {
		say("           so many that the latencies tell of the generator or of too few connections too\n")
	}
	say("check: of %d acknowledged submissions %d are known with their receipt, %d lost, %d without a word\n",
		r.Check.Asked, r.Check.Known, r.Check.Lost, r.Check.Unknown)
	for _, name := range slices.Sorted(maps.Keys(r.Crowds)) {
		say("%6d acknowledged of %s\n", r.Crowds[name], name)
	}
	if r.Standing != nil {
		say("at once %d of them count and %d stand aside; what came in a rush is set aside by the pass of the night, before anything is released\n",
			r.Standing.Counted, r.Standing.Aside)
	}
	return b.String()
}
