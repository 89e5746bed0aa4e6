//go:build e2e

package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/server"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// journeyFate is what the network does to a request.
type journeyFate int

const (
	journeyPass   journeyFate = iota
	journeyCut                // the connection breaks before the server has heard
	journeyLose               // the server answers, and the answer is lost
	journeyBusy               // 503, come again in two seconds
	journeyPortal             // a hotspot answers every request with its login page
)

// journeyWire is the network between the browser and a server that may die and come back: one address for both.
type journeyWire struct {
	t    *testing.T
	base string

	mu     sync.Mutex
	fate   func(*http.Request) journeyFate
	to     *url.URL // nil: nobody listens
	after  func()   // called when the server has answered a post, before the answer goes on
	edit   func(path, body string) string
	posts  []string // the bodies of the answers that were sent
	passed int      // of them, those that the server heard
	ahead  int      // pages that a program fetched ahead
}

func journeyCable(t *testing.T) *journeyWire {
	t.Helper()
	w := &journeyWire{t: t}
	w.all(journeyPass)
	front := httptest.NewServer(w)
	t.Cleanup(front.Close)
	w.base = front.URL
	return w
}

// all gives every request one fate.
func (w *journeyWire) all(f journeyFate) { w.each(func(*http.Request) journeyFate { return f }) }

func (w *journeyWire) each(f func(*http.Request) journeyFate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fate = f
}

func (w *journeyWire) leads(base string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = nil
	if base != "" {
		to, err := url.Parse(base)
		if err != nil {
			w.t.Error(err)
		}
		w.to = to
	}
}

func (w *journeyWire) then(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = f
}

// rewrite changes what the server says.
func (w *journeyWire) rewrite(f func(path, body string) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edit = f
}

// sent lists the bodies of all posts, and says how many the server heard.
func (w *journeyWire) sent() (bodies []string, heard int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append(bodies, w.posts...), w.passed
}

func (w *journeyWire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	fate, to, after, edit := w.fate(r), w.to, w.after, w.edit
	answer := r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/start")
	if answer {
		w.posts = append(w.posts, string(body))
	}
	if to != nil && (fate == journeyPass || fate == journeyLose) && answer {
		w.passed++
	}
	if r.Header.Get("Purpose") != "" {
		w.ahead++
	}
	w.mu.Unlock()
	switch {
	case fate == journeyBusy:
		out.Header().Set("Retry-After", "2")
		out.Header().Set("Content-Type", "application/problem+json")
		out.WriteHeader(http.StatusServiceUnavailable)
	case fate == journeyPortal:
		out.Header().Set("Content-Type", "text/html")
		out.WriteHeader(http.StatusForbidden)
		fmt.Fprint(out, "<h1>Wi-Fi: xin đăng nhập</h1>") //nolint:errcheck // the browser may be gone
	case fate == journeyCut || to == nil:
		panic(http.ErrAbortHandler)
	default:
		said := httptest.NewRecorder()
		proxy := httputil.ReverseProxy{
			Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(to)
				p.Out.Host = p.In.Host
				if edit != nil {
					p.Out.Header.Del("Accept-Encoding")
				}
			},
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
			Transport:    &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		}
		proxy.ServeHTTP(said, r)
		if after != nil && answer {
			after()
		}
		if fate == journeyLose {
			panic(http.ErrAbortHandler)
		}
		text := said.Body.String()
		if edit != nil {
			text = edit(r.URL.Path, text)
			said.Header().Del("Content-Length")
		}
		for name, values := range said.Header() {
			out.Header()[name] = values
		}
		out.WriteHeader(said.Code)
		io.WriteString(out, text) //nolint:errcheck // the browser may be gone
	}
}

// journeyFarSite is an installation whose server is a process of its own, behind a wire.
type journeyFarSite struct {
	*journeySite
	wire *journeyWire
	path string
	cmd  *exec.Cmd
}

const journeyStore = "HAILONG_JOURNEY_STORE"

// journeyFar makes an installation and starts its server. Its clock is the browser's.
func journeyFar(t *testing.T) *journeyFarSite {
	t.Helper()
	far := &journeyFarSite{path: filepath.Join(t.TempDir(), "hailong.db"), wire: journeyCable(t)}
	s := &journeySite{t: t, clock: time.Now}
	db, err := sqlite.Open(t.Context(), far.path, s.clock)
	s.must(err)
	t.Cleanup(func() { s.must(db.Close()) })
	s.store = db
	s.must(instruments.Publish(t.Context(), db, "2025-07-01"))
	_, err = surveys.Install(t.Context(), db, surveys.Installation{MonthStart: 1, FormKey: bytes.Repeat([]byte{9}, 32)})
	s.must(err)
	s.organise()
	s.base = far.wire.base
	far.journeySite = s
	far.rise()
	return far
}

// rise starts the server on the store as it stands.
func (f *journeyFarSite) rise() {
	f.t.Helper()
	f.cmd = exec.CommandContext(context.WithoutCancel(f.t.Context()), os.Args[0], "-test.run=^TestServeForJourney$")
	f.cmd.Env = append(os.Environ(), journeyStore+"="+f.path)
	f.cmd.Stderr = f.t.Output()
	words, err := f.cmd.StdoutPipe()
	f.must(err)
	f.must(f.cmd.Start())
	cmd := f.cmd
	f.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			f.kill()
		}
	})
	base, err := bufio.NewReader(words).ReadString('\n')
	if err != nil {
		f.t.Fatalf("the server does not start: %v", err)
	}
	f.wire.leads(strings.TrimSpace(base))
}

// kill ends the server as a power cut would.
func (f *journeyFarSite) kill() {
	f.wire.leads("")
	if err := f.cmd.Process.Kill(); err != nil {
		f.t.Error(err)
	}
	f.cmd.Wait() //nolint:errcheck // it was killed
}

// TestServeForJourney is the server of a journey, in a process of its own; called as a test it does nothing.
func TestServeForJourney(t *testing.T) {
	path := os.Getenv(journeyStore)
	if path == "" {
		return
	}
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	zone, err := time.LoadLocation(surveys.Zone)
	fail(err)
	db, err := sqlite.Open(t.Context(), path, time.Now)
	fail(err)
	installation, err := surveys.Installed(t.Context(), db)
	fail(err)
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	fail(err)
	srv, err := server.New(server.Options{
		Store: db, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), Clock: time.Now, Zone: zone,
		BaseURL: "http://127.0.0.1", Lang: view.Vietnamese, Office: "UBND xã Nghĩa Hưng", Contact: "0228 3871 000", Install: installation,
	})
	fail(err)
	fmt.Printf("http://%s\n", listener.Addr()) //nolint:forbidigo // it is read by the journey
	fail(srv.Serve(t.Context(), listener))
}
