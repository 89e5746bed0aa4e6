package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"hailong/surveys"
	store "hailong/surveys/store/mongo"
	"hailong/surveys/store/storetest"
)

// patience bounds every wait of these tests.
const patience = time.Minute

// secantus is a MongoDB-compatible server of the test's own, that may be killed.
type secantus struct {
	program, address, dir string
	args                  []string
	cmd                   *exec.Cmd
}

// startSecantus starts the program that HAILONG_SECANTUS names, on a port and directory of its own.
func startSecantus(t *testing.T, args ...string) *secantus {
	t.Helper()
	program := os.Getenv("HAILONG_SECANTUS")
	if program == "" {
		if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
			t.Fatal("HAILONG_SECANTUS is empty and HAILONG_REQUIRE_MONGODB=1: the loss of the server must be tested")
		}
		fmt.Fprintf(os.Stderr, "SKIPPED %s: HAILONG_SECANTUS is empty, the loss of the server is NOT tested\n", t.Name())
		t.Skip("HAILONG_SECANTUS is empty: besides MONGODB_TEST_URI it must name secantusd-py")
	}
	s := &secantus{program: program, address: freeAddress(t), dir: t.TempDir(), args: args}
	s.start(t)
	t.Cleanup(func() { s.kill(t) })
	return s
}

func (s *secantus) start(t *testing.T) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatalf("split %s: %v", s.address, err)
	}
	args := append([]string{"--host", host, "--port", port, "--storage-path", s.dir, "--sync-on-commit", "--log-level", "ERROR"}, s.args...)
	s.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), s.program, args...)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", s.program, err)
	}
	eventually(t, "the server listens", func() bool {
		conn, err := net.Dial("tcp", s.address)
		return err == nil && conn.Close() == nil
	})
}

// kill ends the server as a power cut would.
func (s *secantus) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Errorf("kill: %v", err)
	}
	if err := s.cmd.Wait(); err == nil {
		t.Error("the killed server ended well")
	}
}

func (s *secantus) uri() string { return "mongodb://" + s.address + "/hailong" }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return l.Addr().String()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// A standalone server knows neither sessions with retries nor a majority.
func TestStandaloneContract(t *testing.T) {
	server := startSecantus(t, "--standalone")
	storetest.Run(t, func(t *testing.T) surveys.Store { return openStore(t, databaseURI(t, "mongodb://"+server.address)) })
}

// writer adds batches one after the other, and each again until it is acknowledged.
type writer struct {
	day           surveys.Day
	acked, failed atomic.Int64
	ids           []surveys.SubmissionID // of acknowledged responses
}

func (w *writer) run(ctx context.Context, s surveys.Store) error {
	for ctx.Err() == nil {
		batch := answeredMany(20, hall, w.day)
		for {
			_, err := s.AddResponses(context.WithoutCancel(ctx), batch)
			if err == nil {
				break
			}
			w.failed.Add(1)
			if !errors.Is(err, surveys.ErrUnavailable) {
				return fmt.Errorf("got %w, want ErrUnavailable", err)
			}
		}
		for _, r := range batch {
			w.ids = append(w.ids, r.ID)
		}
		w.acked.Add(1)
	}
	return nil
}

func TestServerKilledAndBack(t *testing.T) {
	t.Parallel()
	server := startSecantus(t)
	s, err := store.Open(t.Context(), server.uri(), noon)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	writers := []*writer{{day: monday}, {day: tuesday}, {day: tuesday}}
	var group errgroup.Group
	for _, w := range writers {
		group.Go(func() error { return w.run(ctx, s) })
	}
	acked := func(w *writer) int64 { return w.acked.Load() }
	failed := func(w *writer) int64 { return w.failed.Load() }
	for range 3 {
		eventually(t, "every writer got on", grown(writers, acked, 3))
		metError := grown(writers, failed, 1)
		server.kill(t)
		if err := s.Ping(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
			t.Errorf("Ping while the server is away: got error %v, want ErrUnavailable", err)
		}
		eventually(t, "every writer met an error", metError)
		server.start(t)
	}
	eventually(t, "every writer got on", grown(writers, acked, 3))
	stop()
	if err := group.Wait(); err != nil {
		t.Errorf("AddResponses: %v", err)
	}
	checkNothingLost(t, s, writers)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// grown tells when the count of every writer has grown since by more.
func grown(writers []*writer, count func(*writer) int64, more int64) func() bool {
	goals := make([]int64, len(writers))
	for i, w := range writers {
		goals[i] = count(w) + more
	}
	return func() bool {
		for i, w := range writers {
			if count(w) < goals[i] {
				return false
			}
		}
		return true
	}
}

func checkNothingLost(t *testing.T, s surveys.Store, writers []*writer) {
	t.Helper()
	stored := make(map[surveys.SubmissionID]int)
	if err := s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		stored[r.ID]++
		return nil
	}); err != nil {
		t.Fatalf("EachResponse: %v", err)
	}
	want := 0
	for _, w := range writers {
		want += len(w.ids)
		for _, id := range w.ids {
			if stored[id] != 1 {
				t.Errorf("acknowledged response %s is stored %d times", id, stored[id])
			}
		}
	}
	if len(stored) != want {
		t.Errorf("%d responses are stored, want %d", len(stored), want)
	}
	if days := dirtyDays(t, s); len(days) != 2 {
		t.Errorf("dirty days are %v, want Monday and Tuesday", days)
	}
	t.Logf("%d responses acknowledged, none lost", want)
}
