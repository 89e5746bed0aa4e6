package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/surveys"
)

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/healthz").want(http.StatusOK)
	s.get("/readyz").want(http.StatusServiceUnavailable)
	s.SetReady(true)
	s.get("/readyz").want(http.StatusOK)
	s.store.set(func(f *faults) { f.ping = fmt.Errorf("the disk is full: %w", surveys.ErrUnavailable) })
	s.get("/readyz").want(http.StatusOK) // an answer stands for a second
	s.clock.Add(time.Second)
	s.get("/readyz").want(http.StatusServiceUnavailable).must("!disk")
	s.get("/healthz").want(http.StatusOK)
	s.store.set(func(f *faults) { f.ping = nil })
	s.clock.Add(time.Second)
	s.get("/readyz").want(http.StatusOK)
}

// An answer that is on its way when the server is told to stop is stored and acknowledged; meanwhile the
// server says that it is not ready.
func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.run()
	if a, err := r.call(http.MethodGet, "/readyz", ""); err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("readyz: %v %v", a, err)
	}
	entered, goOn := make(chan struct{}), make(chan struct{})
	s.store.set(func(f *faults) { f.add = func() error { close(entered); <-goOn; return nil } })
	id := surveys.NewSubmissionID()
	status := make(chan int, 1)
	go func() {
		a, err := r.call(http.MethodPost, "/api/v1/responses", fmt.Sprintf(`{"token":%q,"submission_id":%q,"answers":{"Z":4}}`, clinicToken, id))
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		status <- a.StatusCode
	}()
	<-entered
	r.stop()
	eventually(t, "it is not ready", func() bool { return !s.Ready() })
	select {
	case err := <-r.ended:
		t.Fatalf("it stopped under a citizen: %v", err)
	default:
	}
	close(goOn)
	if got := <-status; got != http.StatusCreated {
		t.Errorf("status %d, want 201", got)
	}
	s.ok(<-r.ended)
	s.stored(string(id))
}

// Told to stop under load: whatever was acknowledged is stored, and kept-alive connections do not hold it up.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.run()
	var mu sync.Mutex
	var acked []surveys.SubmissionID
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				id := surveys.NewSubmissionID()
				a, err := r.call(http.MethodPost, "/api/v1/responses", fmt.Sprintf(`{"token":%q,"submission_id":%q,"answers":{"Z":4}}`, clinicToken, id))
				if err != nil {
					return // it has stopped
				}
				if a.StatusCode == http.StatusCreated {
					mu.Lock()
					acked = append(acked, id)
					mu.Unlock()
				} else if a.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("status %d", a.StatusCode)
				}
			}
		})
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(acked) }
	eventually(t, "a hundred are acknowledged", func() bool { return count() >= 100 })
	began := time.Now()
	r.stop()
	s.ok(<-r.ended)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	cancel()
	wg.Wait()
	for _, id := range acked {
		s.stored(string(id))
	}
}

// Stopped before it began.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	for range 4 {
		s := newSite(t)
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		s.ok(err)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		s.ok(s.Serve(ctx, l))
		var d net.Dialer
		if conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
			conn.Close() //nolint:errcheck // it should not be there
			t.Error("the listener is still open")
		}
	}
}

func TestServeTellsALostListener(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	s.ok(err)
	s.ok(l.Close())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context(), l) }()
	select {
	case err = <-ended:
		t.Logf("it ended with %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("it serves on a closed listener")
	}
}

// What is too large, or no form at all, is told in a page, over a real connection.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.run()
	for _, size := range []int{33 << 10, 64 << 10, 1 << 20} {
		form := "Z=4&comment=" + strings.Repeat("x", size)
		a, err := r.call(http.MethodPost, "/s/"+string(hallToken), form, "Content-Type", formType)
		if size == 1<<20 {
			continue // the server may hang up before all is sent
		}
		if err != nil {
			t.Errorf("%d bytes: %v", size, err)
			continue
		}
		a.want(http.StatusRequestEntityTooLarge).must("<h1>", "<!doctype html>")
		if a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("content type %q", a.Header.Get("Content-Type"))
		}
		a, err = r.call(http.MethodPost, "/api/v1/responses", `{"comment":"`+strings.Repeat("x", size)+`"}`, "Content-Type", "application/json")
		if err != nil {
			t.Errorf("%d bytes: %v", size, err)
			continue
		}
		a.want(http.StatusRequestEntityTooLarge)
		if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("content type %q", got)
		}
	}
	a, err := r.call(http.MethodPost, "/s/"+string(hallToken), "Z=4", "Content-Type", "multipart/form-data; boundary=x")
	s.ok(err)
	a.want(http.StatusBadRequest).must("<h1>", "!multipart: ")
	a, err = r.call(http.MethodGet, "/s/"+string(hallToken), "", "X-Long", strings.Repeat("x", 9000))
	s.ok(err)
	if a.StatusCode < 400 || a.StatusCode >= 500 {
		t.Errorf("very long header: status %d", a.StatusCode)
	}
	s.wantStored(0)
	// The limit itself is inclusive.
	v := s.filled(hallToken, "", "Z", "4")
	rest := "&unused="
	body := v.Encode() + rest
	body += strings.Repeat("x", 32<<10-len(body))
	a, err = r.call(http.MethodPost, "/s/"+string(hallToken), body, "Content-Type", formType)
	s.ok(err)
	a.want(http.StatusUnprocessableEntity)
}
