package openloop_test

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"hailong/cmd/hailong/openloop"
	"hailong/surveys"
)

// fasthttp keeps one goroutine a client for some seconds after its last connection.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"))
}

// server is an API that knows ids, takes a moment for each answer, and does with every request what act says.
type server struct {
	mu   sync.Mutex
	seen map[surveys.SubmissionID]bool
	sent int
	act  func(n int) (openloop.Reply, error, bool) // of the nth request from 1; false: answer it properly
}

const moment = time.Millisecond

func (s *server) Send(_ context.Context, q openloop.Request) (openloop.Reply, error) {
	s.mu.Lock()
	s.sent++
	n := s.sent
	s.mu.Unlock()
	if s.act != nil {
		if r, err, done := s.act(n); done {
			return r, err
		}
	}
	time.Sleep(moment) // of the bubble's clock
	var in struct {
		SubmissionID surveys.SubmissionID `json:"submission_id"`
	}
	if err := json.Unmarshal(q.Body, &in); err != nil {
		return openloop.Reply{Status: 422}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status := 201
	if s.seen[in.SubmissionID] {
		status = 200
	}
	if s.seen == nil {
		s.seen = map[surveys.SubmissionID]bool{}
	}
	s.seen[in.SubmissionID] = true
	return openloop.Reply{Status: status, Body: []byte(`{"receipt":"` + string(in.SubmissionID.Receipt()) + `"}`)}, nil
}

var sheets = []*openloop.Sheet{{Token: "6T9C4N8R", Questions: []string{"B1", "B2", "Z"}}} //nolint:gochecknoglobals // a fixture

func newRun(s openloop.Sender, plan openloop.Plan, connections int) *openloop.Run {
	return &openloop.Run{
		Plan: plan, Connections: connections, Seed: 1, Scenario: openloop.Scenarios()["answers"], Sheets: sheets, Sender: s,
	}
}

func step(t *testing.T, s openloop.StageReport, name string) openloop.StepReport {
	t.Helper()
	for _, l := range s.Steps {
		if l.Step == name {
			return l
		}
	}
	t.Fatalf("no step %s in %+v", name, s)
	return openloop.StepReport{}
}

// For two of ten seconds the server answers nobody: who is due then waits for its end, one tenth of all more than a
// second. A generator that waits for an answer before it sends again would have met the stall once for each
// connection.
func TestStallIsSeenByEverybodyDueInIt(t *testing.T) {
	t.Parallel()
	for name, connections := range map[string]int{"many connections": 1000, "one connection": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				s := &server{act: func(int) (openloop.Reply, error, bool) {
					if at := time.Since(began); at >= 4*time.Second && at < 6*time.Second {
						time.Sleep(6*time.Second - at)
					}
					return openloop.Reply{}, nil, false
				}}
				out := newRun(s, openloop.Plan{{Rate: 100, For: 10 * time.Second}}, connections).Do(t.Context())
				got := step(t, out.Stages[0], "answer")
				if got.Count < 995 || got.Count > 1000 {
					t.Errorf("%d answers, want 100 a second for ten", got.Count)
				}
				for what, c := range map[string][3]float64{
					"p50": {got.P50, 1, 2}, "p90": {got.P90, 900, 1150}, "p99": {got.P99, 1850, 1950}, "max": {got.Max, 1980, 2010},
				} {
					if c[0] < c[1] || c[0] > c[2] {
						t.Errorf("%s is %g ms, want %g to %g", what, c[0], c[1], c[2])
					}
				}
				if wantLate := connections == 1; wantLate != (out.LateShare > 0.1) {
					t.Errorf("%.3f of the requests left late", out.LateShare)
				}
			})
		})
	}
}

// What waits too long for a connection is told as not sent, and no latency is made of it.
func TestNotSentInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{act: func(int) (openloop.Reply, error, bool) {
			time.Sleep(40 * time.Second)
			return openloop.Reply{}, nil, false
		}}
		out := newRun(s, openloop.Plan{{Rate: 10, For: time.Second}}, 1).Do(t.Context())
		got := out.Stages[0]
		if got.Visits != 9 || got.Unsent != 8 || got.Acknowledged != 1 || got.Achieved != 0 || step(t, got, "answer").Count != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestKindsOfAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply openloop.Reply
		busy  bool
		fault string // "" none
	}{
		"busy":               {openloop.Reply{Status: 503, RetryAfter: "5"}, true, ""},
		"503 without a when": {openloop.Reply{Status: 503}, false, "status 503"},
		"broken":             {openloop.Reply{Status: 500}, false, "status 500"},
		"no JSON":            {openloop.Reply{Status: 201, Body: []byte("ok")}, false, "malformed answer"},
		"another's receipt":  {openloop.Reply{Status: 201, Body: []byte(`{"receipt":"000000000000"}`)}, false, "malformed answer"},
		"an empty answer":    {openloop.Reply{}, false, "status 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &server{act: func(n int) (openloop.Reply, error, bool) { return c.reply, nil, n%2 == 0 }}
				out := newRun(s, openloop.Plan{{Rate: 100, For: time.Second}}, 10).Do(t.Context())
				got := out.Stages[0]
				bad, faults := int64(s.sent/2), int64(0)
				for kind, n := range got.Faults {
					faults += n
					if !strings.HasSuffix(kind, ": "+c.fault) {
						t.Errorf("fault %q, want %q", kind, c.fault)
					}
				}
				if got.Busy+faults != bad || c.busy != (faults == 0) || c.busy != (got.Busy > 0) {
					t.Errorf("%d were answered so; got %+v", bad, got)
				}
				if got.Acknowledged != step(t, got, "answer").Count || got.Acknowledged == 0 || len(out.Sample) != int(got.Acknowledged) {
					t.Errorf("acknowledged %d, sample %d: %+v", got.Acknowledged, len(out.Sample), got)
				}
			})
		})
	}
}

// Told to stop, it tells what was measured so far.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer stop()
		var told []openloop.Snapshot
		run := newRun(&server{}, openloop.Plan{{Rate: 100, For: 2 * time.Second}, {Rate: 50, For: time.Hour}, {Rate: 1, For: time.Hour}}, 10)
		run.Progress = func(s openloop.Snapshot) { told = append(told, s) }
		out := run.Do(ctx)
		if !out.Interrupted || len(out.Stages) != 2 || out.Stages[1].Seconds < 0.49 || out.Stages[1].Seconds > 0.51 {
			t.Fatalf("got %+v", out)
		}
		for i, want := range []float64{100, 50} {
			if got := out.Stages[i].Achieved; math.Abs(got-want) > 5 {
				t.Errorf("stage %d: %g a second, want %g", i, got, want)
			}
		}
		if len(told) < 4 || told[0].Rate != 100 || math.Abs(told[0].Achieved-100) > 5 || told[0].P99 != moment {
			t.Errorf("progress %+v", told)
		}
	})
}

// The same seed makes the same arrivals and answers, another one others; people come as many as planned.
func TestSeed(t *testing.T) {
	t.Parallel()
	times := func(seed uint64, poisson bool) (at []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var mu sync.Mutex
			s := &server{act: func(int) (openloop.Reply, error, bool) {
				mu.Lock()
				defer mu.Unlock()
				at = append(at, time.Since(began))
				return openloop.Reply{Status: 503, RetryAfter: "1"}, nil, true
			}}
			run := newRun(s, openloop.Plan{{Rate: 50, For: 20 * time.Second}, {Rate: 500, For: 4 * time.Second}}, 10_000)
			run.Seed, run.Poisson = seed, poisson
			run.Do(t.Context())
		})
		return at
	}
	one, again, other := times(1, true), times(1, true), times(2, true)
	if len(one) != len(again) || one[500] != again[500] || one[500] == other[500] {
		t.Errorf("arrivals of a seed: %d and %d, %v and %v; of another %v", len(one), len(again), one[500], again[500], other[500])
	}
	if n := float64(len(one)); math.Abs(n-3000) > 4*math.Sqrt(3000) {
		t.Errorf("%g came, want about 3000", n)
	}
	if even := times(1, false); len(even) < 2990 || len(even) > 3000 || even[10]-even[9] != 20*time.Millisecond {
		t.Errorf("at even distances %d came, the tenth after %v", len(even), even[10]-even[9])
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		out := newRun(s, openloop.Plan{{Rate: 100, For: time.Second}}, 10).Do(t.Context())
		delete(s.seen, out.Sample[3].ID)
		delete(s.seen, out.Sample[7].ID)
		first := s.sent
		s.act = func(n int) (openloop.Reply, error, bool) {
			switch n - first {
			case 1: // busy once: it asks again
				return openloop.Reply{Status: 503, RetryAfter: "5"}, nil, true
			case 4:
				return openloop.Reply{Status: 200, Body: []byte(`{"receipt":"000000000000"}`)}, nil, true
			}
			return openloop.Reply{}, nil, false
		}
		got := openloop.Check(t.Context(), s, out.Sample, sheets)
		if n := len(out.Sample); got != (openloop.CheckReport{Asked: n, Known: n - 3, Lost: 2, Unknown: 1}) {
			t.Errorf("got %+v of %d", got, n)
		}
	})
}

// A server that is gone afterwards ends the check soon.
func TestCheckOfAServerThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		out := newRun(s, openloop.Plan{{Rate: 100, For: time.Second}}, 10).Do(t.Context())
		s.act = func(int) (openloop.Reply, error, bool) { return openloop.Reply{}, io.EOF, true }
		began := time.Now()
		got := openloop.Check(t.Context(), s, out.Sample, sheets)
		if n := len(out.Sample); got != (openloop.CheckReport{Asked: n, Unknown: n}) || time.Since(began) > 30*time.Second {
			t.Errorf("got %+v of %d after %v", got, n, time.Since(began))
		}
	})
}
