package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hailong/surveys"
)

// child is the program in a process of its own.
type child struct {
	cmd   *exec.Cmd
	base  string
	said  *safeBuffer
	heard chan struct{} // closed when its words have ended
}

// spawn starts serve in a process of its own, with the machine's clock.
func (w *world) spawn() *child {
	w.t.Helper()
	c := &child{said: &safeBuffer{}, heard: make(chan struct{})}
	c.cmd = exec.CommandContext(context.WithoutCancel(w.t.Context()), os.Args[0], "serve", "--listen", "127.0.0.1:0")
	c.cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range w.env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	words, err := c.cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if c.cmd.ProcessState == nil {
			w.kill(c)
		}
	})
	base := make(chan string, 1)
	go func() {
		defer close(c.heard)
		lines := bufio.NewScanner(words)
		for lines.Scan() {
			fmt.Fprintln(c.said, lines.Text()) //nolint:errcheck // a buffer
			if m := baseLine.FindStringSubmatch(lines.Text()); m != nil {
				base <- m[1]
			}
		}
		io.Copy(c.said, words) //nolint:errcheck // what is left of a killed child
	}()
	select {
	case c.base = <-base:
	case <-c.heard:
		w.t.Fatalf("serve ended: %s", c.said)
	}
	return c
}

// kill ends the child as a power cut would.
func (w *world) kill(c *child) {
	w.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		w.t.Error(err)
	}
	<-c.heard
	var failed *exec.ExitError
	if err := c.cmd.Wait(); !errors.As(err, &failed) {
		w.t.Errorf("the killed server ended with %v: %s", err, c.said)
	}
}

// citizens send answers until they are told to stop, each again until it is acknowledged.
type citizens struct {
	t      *testing.T
	client *http.Client
	base   atomic.Pointer[string]
	spare  atomic.Pointer[string] // nil, or where to try when base failed
	acked  atomic.Int64
	failed atomic.Int64

	mu  sync.Mutex
	ids []surveys.SubmissionID
}

func (c *citizens) at(base string) { c.base.Store(&base) }

// try is the address for the nth try of an answer.
func (c *citizens) try(n int) string {
	if spare := c.spare.Load(); spare != nil && n%2 == 1 {
		return *spare
	}
	return *c.base.Load()
}

// run sends with n at once until ctx ends; then what is under way is sent until it is acknowledged.
func (c *citizens) run(ctx context.Context, n int) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				c.one(context.WithoutCancel(ctx), surveys.NewSubmissionID())
			}
		})
	}
	return &wg
}

func (c *citizens) one(ctx context.Context, id surveys.SubmissionID) {
	for n := 0; ; n++ {
		a, err := submit(ctx, c.client, c.try(n), clinicToken, id)
		switch {
		case err == nil && (a.status == http.StatusCreated || a.status == http.StatusOK):
			if !strings.Contains(a.body, string(id.Receipt())) {
				c.t.Errorf("acknowledged with %s", a.body)
			}
			c.knows(id)
			c.acked.Add(1)
			return
		case err == nil && a.status != http.StatusServiceUnavailable:
			c.t.Errorf("status %d: %s", a.status, a.body)
			return
		case err == nil && a.header.Get("Retry-After") == "":
			c.t.Errorf("503 does not say when to come again: %s", a.body)
		}
		c.failed.Add(1)
		<-time.After(20 * time.Millisecond) // leaves the processor to the server that starts
	}
}

// knows notes an id that was acknowledged.
func (c *citizens) knows(id surveys.SubmissionID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids = append(c.ids, id)
}

func (c *citizens) get(from *child, path string) answer {
	c.t.Helper()
	a, err := call(c.t.Context(), c.client, http.MethodGet, from.base+path, "")
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// start sends with n at once, until the answer is called; that waits for what is under way.
func (c *citizens) start(n int) (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	done := c.run(ctx, n)
	return func() {
		cancel()
		done.Wait()
	}
}

// getOn waits until n more are acknowledged.
func (c *citizens) getOn(n int64) {
	c.t.Helper()
	goal := c.acked.Load() + n
	eventually(c.t, "the citizens got on", func() bool { return c.acked.Load() >= goal })
}

// mustSay holds a server's words against texts; one after "!" must not be said.
func (c *child) mustSay(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if bad, not := strings.CutPrefix(text, "!"); not == strings.Contains(c.said.String(), bad) {
			t.Errorf("the server's words: wanted %q in %s", text, c.said)
		}
	}
}

// checkStored wants every acknowledged answer once, and nothing else, in store, verify and export.
func (w *world) checkStored(c *citizens) {
	w.t.Helper()
	// The children had the machine's clock; on MongoDB the marks of a killed server, which bear the hour, count after
	// seventy minutes.
	w.now = time.Now().Add(2 * time.Hour)
	stored := map[surveys.SubmissionID]int{}
	w.with(func(s surveys.Store) {
		err := s.EachResponse(w.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error { stored[r.ID]++; return nil })
		if err != nil {
			w.t.Fatal(err)
		}
	})
	for _, id := range c.ids {
		if stored[id] != 1 {
			w.t.Errorf("acknowledged answer %s is stored %d times", id, stored[id])
		}
	}
	if len(stored) != len(c.ids) {
		w.t.Errorf("%d answers are stored, %d were acknowledged", len(stored), len(c.ids))
	}
	rows := fmt.Sprintf("%d rows", len(c.ids))
	w.run("roll").want(0)
	w.run("verify").want(0, fmt.Sprintf("%d responses, %d forms counted", len(c.ids), len(c.ids)), "0 dirty days, 0 mismatches")
	out := w.run("export", "responses").want(0, rows)
	if n := strings.Count(out.out, "f_clinic,p_clinic,"); n != len(c.ids) {
		w.t.Errorf("the export has %d answers, want %d", n, len(c.ids))
	}
	w.t.Logf("%d answers acknowledged, %d sendings failed, none lost", len(c.ids), c.failed.Load())
}

func newCitizens(t *testing.T) *citizens {
	t.Helper()
	return &citizens{t: t, client: newClient(t)}
}

// killed runs serve five times and kills it each time in the middle of work; the citizens go on all the while.
func (w *world) killed() {
	w.t.Helper()
	w.organise()
	people := newCitizens(w.t)
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	server := w.spawn()
	people.at(server.base)
	done := people.run(ctx, 8)
	for range 5 {
		goal := people.acked.Load() + 60
		eventually(w.t, "the citizens got on", func() bool { return people.acked.Load() >= goal })
		w.kill(server)
		server = w.spawn()
		people.at(server.base)
	}
	stop()
	done.Wait()
	w.kill(server)
	people.client.CloseIdleConnections()
	w.checkStored(people)
}

func TestKillOnSQLite(t *testing.T) {
	t.Parallel()
	newWorld(t).killed()
}

func TestKillOnMongoDB(t *testing.T) {
	t.Parallel()
	long(t)
	server := mongoServer(t)
	w := newWorld(t)
	w.onMongo(server)
	w.killed()
}

// Two servers on one MongoDB take answers side by side, the same ones at times, and the counts stay exact.
func TestTwoServersOnOneMongoDB(t *testing.T) {
	t.Parallel()
	server := mongoServer(t)
	w := newWorld(t)
	w.onMongo(server)
	w.organise()
	one, two := w.spawn(), w.spawn()
	people, others := newCitizens(t), newCitizens(t)
	people.at(one.base)
	others.at(two.base)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done, done2 := people.run(ctx, 4), others.run(ctx, 4)
	for range 20 { // the same answer to both at once
		id := surveys.NewSubmissionID()
		var wg sync.WaitGroup
		var created atomic.Int64
		for _, base := range []string{one.base, two.base, one.base, two.base} {
			wg.Go(func() {
				a, err := submit(t.Context(), people.client, base, clinicToken, id)
				if err != nil || a.status != http.StatusOK && a.status != http.StatusCreated || !strings.Contains(a.body, string(id.Receipt())) {
					t.Errorf("sent to both: %+v %v", a, err)
				}
				if a.status == http.StatusCreated {
					created.Add(1)
				}
			})
		}
		wg.Wait()
		if n := created.Load(); n != 1 {
			t.Errorf("the same answer was new %d times", n)
		}
		people.mu.Lock()
		people.ids = append(people.ids, id)
		people.mu.Unlock()
	}
	eventually(t, "both served", func() bool { return people.acked.Load() > 40 && others.acked.Load() > 40 })
	w.run("roll").want(0) // beside both
	stop()
	done.Wait()
	done2.Wait()
	w.kill(one)
	w.kill(two)
	people.client.CloseIdleConnections()
	others.client.CloseIdleConnections()
	people.ids = append(people.ids, others.ids...)
	w.checkStored(people)
}
