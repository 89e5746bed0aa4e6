package openloop_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hailong/cmd/hailong/openloop"
	"hailong/surveys"
)

// counter is a server with forms, which notes of each answer how long its form was open, and with which token it came.
type counter struct {
	mu      sync.Mutex
	opened  map[string]time.Time // by form token
	tokens  map[string]int
	open    []time.Duration
	bare    int
	perfect int
	codes   map[string]int
}

func (c *counter) Send(_ context.Context, q openloop.Request) (openloop.Reply, error) {
	time.Sleep(moment) // of the bubble's clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.Method == "GET" {
		token := fmt.Sprintf("t%d", len(c.opened))
		c.opened[token] = time.Now()
		page := fmt.Sprintf(`<form><input type="hidden" name="submission_id" value="%s"><input type="hidden" name="form_token" value="%s"></form>`, surveys.NewSubmissionID(), token)
		return openloop.Reply{Status: 200, Body: []byte(page)}, nil
	}
	if strings.HasPrefix(q.Path, "/api/") {
		c.bare++
		_, rest, _ := strings.Cut(string(q.Body), `"submission_id":"`)
		return openloop.Reply{Status: 201, Body: fmt.Appendf(nil, `{"receipt":%q}`, surveys.SubmissionID(rest[:36]).Receipt())}, nil
	}
	v, err := url.ParseQuery(string(q.Body))
	if err != nil {
		return openloop.Reply{Status: 400}, nil
	}
	c.tokens[v.Get("form_token")]++
	c.open = append(c.open, time.Since(c.opened[v.Get("form_token")]))
	c.codes[q.Path]++
	if v.Get("B1")+v.Get("B2")+v.Get("Z") == "555" {
		c.perfect++
	}
	return openloop.Reply{Status: 303, Location: "/thanks?r=" + string(surveys.SubmissionID(v.Get("submission_id")).Receipt())}, nil
}

// tell lets a story happen.
func tell(t *testing.T, name string) (*counter, openloop.Outcome) {
	t.Helper()
	c := &counter{opened: map[string]time.Time{}, tokens: map[string]int{}, codes: map[string]int{}}
	plan, scenario := openloop.Stories()[name](2 * time.Minute)
	run := &openloop.Run{
		Plan: plan, Connections: 64, Seed: 1, Scenario: scenario, Sender: c, Patience: openloop.StoryPatience,
		Sheets: []*openloop.Sheet{{Token: "6T9C4N8R", Questions: []string{"B1", "B2", "Z"}}, {Token: "7H2M4K9P", Questions: []string{"B1", "B2", "Z"}}},
	}
	out := run.Do(t.Context())
	for _, stage := range out.Stages {
		if len(stage.Faults) != 0 || stage.Unsent != 0 {
			t.Errorf("stage %+v", stage)
		}
	}
	return c, out
}

func TestHallStory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, out := tell(t, "hall")
		if n := out.Crowds["people"]; n != 200 || len(out.Crowds) != 1 || c.bare != 0 || c.codes["/s/7H2M4K9P"] != 0 {
			t.Errorf("%v came, %d of them by the API, at %v", out.Crowds, c.bare, c.codes)
		}
		slow := 0
		for _, d := range c.open {
			if d < 4*time.Second {
				slow++
			}
		}
		if slow > 4 || c.perfect > 20 {
			t.Errorf("%d of %d people took less than a second a step, %d were delighted with everything", slow, len(c.open), c.perfect)
		}
	})
}

func TestFloodStory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, out := tell(t, "flood")
		var all int64
		for name, n := range out.Crowds {
			all += n
			if want := int64(400); n != want && (name != "people" || n != 200) {
				t.Errorf("%d of %s", n, name)
			}
		}
		if len(out.Crowds) != 6 || all != 2200 || c.bare != 400 {
			t.Errorf("%v came", out.Crowds)
		}
		most := 0
		for _, n := range c.tokens {
			most = max(most, n)
		}
		if most != 400 || c.codes["/s/7H2M4K9P"] < 150 {
			t.Errorf("one token came %d times; the codes %v", most, c.codes)
		}
		if len(out.Stages) != 3 || out.Stages[1].Rate < 100 || out.Took > 4*time.Minute+time.Second {
			t.Errorf("it took %s: %+v", out.Took, out.Stages)
		}
	})
}

func TestInsiderStory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, out := tell(t, "insider")
		if n := out.Crowds["perfect forms by hand"]; n != 40 || int64(c.perfect) != n {
			t.Errorf("%v, %d of them perfect", out.Crowds, c.perfect)
		}
		for _, d := range c.open {
			if d < 9*time.Second || d > 22*time.Second {
				t.Errorf("one took %s", d)
			}
		}
	})
}

func TestStandingOn(t *testing.T) {
	t.Parallel()
	reply := openloop.Reply{Status: 200, Body: []byte(`{"forms":30,"waiting":4,"set_aside":7}`)}
	s := &server{act: func(int) (openloop.Reply, error, bool) { return reply, nil, true }}
	if got, err := openloop.StandingOn(t.Context(), s, "2026-03-10"); err != nil || got != (openloop.Standing{Counted: 68, Aside: 14}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []openloop.Reply{{Status: 401}, {Status: 200, Body: []byte("<html>")}} {
		reply = bad
		if got, err := openloop.StandingOn(t.Context(), s, "2026-03-10"); err == nil {
			t.Errorf("%+v gives %+v", bad, got)
		}
	}
}
