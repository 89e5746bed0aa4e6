package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"hailong/surveys"
)

// secantus is a MongoDB-compatible server of the test's own, that may be killed.
type secantus struct {
	t                     *testing.T
	program, address, dir string
	cmd                   *exec.Cmd
}

func newSecantus(t *testing.T) *secantus {
	t.Helper()
	program := os.Getenv("HAILONG_SECANTUS")
	if program == "" {
		if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
			t.Fatal("HAILONG_SECANTUS is empty and HAILONG_REQUIRE_MONGODB=1")
		}
		fmt.Fprintf(os.Stderr, "SKIPPED %s: HAILONG_SECANTUS is empty, the loss of MongoDB is NOT tested\n", t.Name())
		t.Skip("HAILONG_SECANTUS is empty: besides MONGODB_TEST_URI it must name secantusd-py")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &secantus{t: t, program: program, address: l.Addr().String(), dir: t.TempDir()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *secantus) start() {
	s.t.Helper()
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.CommandContext(context.WithoutCancel(s.t.Context()), s.program,
		"--host", host, "--port", port, "--storage-path", s.dir, "--sync-on-commit", "--log-level", "ERROR")
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "MongoDB listens", func() bool {
		var d net.Dialer
		conn, err := d.DialContext(s.t.Context(), "tcp", s.address)
		return err == nil && conn.Close() == nil
	})
}

func (s *secantus) kill() {
	if s.cmd.ProcessState != nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err == nil {
		s.t.Error("the killed MongoDB ended well")
	}
}

// MongoDB goes away during work and comes back: what was not stored is answered 503, nothing acknowledged is
// lost, and the server goes on without a restart.
func TestMongoDBGoesAway(t *testing.T) {
	t.Parallel()
	db := newSecantus(t)
	w := newWorld(t)
	w.env["HAILONG_STORE"] = "mongodb://" + db.address + "/hailong"
	w.organise()
	s := w.serveAt(time.Now)
	people := newCitizens(t)
	people.at(s.base)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := people.run(ctx, 4)
	for range 2 {
		goal, lost := people.acked.Load()+20, people.failed.Load()
		eventually(t, "the citizens got on", func() bool { return people.acked.Load() >= goal })
		db.kill()
		eventually(t, "the citizens were refused", func() bool { return people.failed.Load() > lost })
		eventually(t, "it says that it is not ready", func() bool {
			return s.get("/readyz").status == http.StatusServiceUnavailable
		})
		a, err := submit(t.Context(), people.client, s.base, clinicToken, surveys.NewSubmissionID())
		if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("submit without MongoDB: %+v %v", a, err)
		}
		db.start()
		eventually(t, "it is ready again", func() bool { return s.get("/readyz").status == http.StatusOK })
	}
	goal := people.acked.Load() + 20
	eventually(t, "the citizens got on", func() bool { return people.acked.Load() >= goal })
	stop()
	done.Wait()
	people.client.CloseIdleConnections()
	s.end()
	w.checkStored(people)
}
