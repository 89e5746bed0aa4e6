package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	mongooptions "go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"hailong/surveys"
	"hailong/surveys/store"
)

// asProgram in the environment makes the test binary the program itself, for tests that kill it.
const asProgram = "HAILONG_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if page := os.Getenv(asBare); page != "" {
		serveBare(page)
	}
	// fasthttp keeps one goroutine for the Date header until the process ends, and one for each server and each
	// client some seconds after its end.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		// The ACME authority of the tests has no end.
		goleak.IgnoreAnyFunction("github.com/letsencrypt/pebble/v2/va.VAImpl.processTasks"))
}

// long leaves out of the short runs, under the race detector, what takes minutes there.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long: it runs without -short")
	}
}

// safeBuffer is an output that is read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// world is where a command runs: a folder, an environment and a clock.
type world struct {
	t   *testing.T
	dir string
	env map[string]string
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	return &world{
		t: t, dir: dir, env: map[string]string{"HAILONG_DATA": filepath.Join(dir, "data")},
		now: time.Date(2026, 3, 10, 9, 30, 0, 0, testZone(t)),
	}
}

func testZone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (w *world) program(out, words io.Writer) *program {
	return &program{
		stdout: out, stderr: words, zone: testZone(w.t),
		getenv: func(name string) string { return w.env[name] },
		clock:  func() time.Time { return w.now },
	}
}

// result is what a command did.
type result struct {
	t        *testing.T
	args     []string
	code     int
	out, err string
}

func (w *world) run(args ...string) result {
	w.t.Helper()
	var out, words safeBuffer
	code := w.program(&out, &words).run(w.t.Context(), args)
	return result{w.t, args, code, out.String(), words.String()}
}

// want checks exit status and words; a text after "!" must not be said.
func (r result) want(code int, texts ...string) result {
	r.t.Helper()
	if r.code != code {
		r.t.Errorf("%v: exit status %d, want %d; it said %s", r.args, r.code, code, r.err)
	}
	for _, text := range texts {
		if bad, not := strings.CutPrefix(text, "!"); not == strings.Contains(r.err+r.out, bad) {
			r.t.Errorf("%v: it said %q; wanted %q", r.args, r.err, text)
		}
	}
	return r
}

// file writes a file into the world.
func (w *world) file(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// database is the default store's file.
func (w *world) database() string { return filepath.Join(w.env["HAILONG_DATA"], "hailong.db") }

// address is the store's address.
func (w *world) address() string {
	if a := w.env["HAILONG_STORE"]; a != "" {
		return a
	}
	return "file:" + w.database()
}

// open opens the store beside the program.
func (w *world) open() surveys.Store {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), w.address(), func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// with opens the store for f and closes it.
func (w *world) with(f func(surveys.Store)) {
	w.t.Helper()
	s := w.open()
	f(s)
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
}

const (
	clinicToken surveys.Token = "6T9C4N8R"
	hallToken   surveys.Token = "7H2M4K9P"
)

// organise makes a commune with a clinic and a hall, as an import would.
func (w *world) organise() {
	w.t.Helper()
	w.run("roll").want(0)
	w.with(func(s surveys.Store) {
		put := func(err error) {
			if err != nil {
				w.t.Fatal(err)
			}
		}
		_, err := surveys.Units().Put(w.t.Context(), s, surveys.Unit{Code: "13891", Name: "Xã Nghĩa Hưng", Kind: "commune", From: "2025-07-01"}, 0)
		put(err)
		for _, f := range []surveys.Facility{
			{ID: "f_clinic", Name: "Trạm Y tế", Sector: "health", Kind: "station", Instrument: "station"},
			{ID: "f_hall", Name: "Một cửa", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop"},
		} {
			f.From, f.Placements = "2025-07-01", []surveys.Placement{{Unit: "13891", From: "2025-07-01"}}
			_, err = surveys.Facilities().Put(w.t.Context(), s, f, 0)
			put(err)
		}
		_, err = surveys.Points().Put(w.t.Context(), s, surveys.Point{ID: "p_clinic", Token: clinicToken, Facility: "f_clinic", Kind: "waiting", Name: "Phòng chờ"}, 0)
		put(err)
		_, err = surveys.Points().Put(w.t.Context(), s, surveys.Point{ID: "p_hall", Token: hallToken, Facility: "f_hall", Kind: "counter", Name: "Quầy 1"}, 0)
		put(err)
		put(surveys.OrganisationChanged(w.t.Context(), s))
	})
}

// served is a running serve or demo.
type served struct {
	t     *testing.T
	base  string
	words *safeBuffer
	stop  context.CancelFunc
	code  chan int
	http  *http.Client
}

var baseLine = regexp.MustCompile(`Hailong: (https?://\S+)`)

// serve starts the server on a free port; its clock stands still.
func (w *world) serve(args ...string) *served {
	w.t.Helper()
	return w.serveAt(func() time.Time { return w.now }, args...)
}

func (w *world) serveAt(clock surveys.Clock, args ...string) *served {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	s := &served{t: w.t, words: &safeBuffer{}, stop: stop, code: make(chan int, 1), http: newClient(w.t)}
	p := w.program(io.Discard, s.words)
	p.clock = clock
	go func() {
		s.code <- p.run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...))
		close(s.code)
	}()
	w.t.Cleanup(func() { stop(); <-s.code })
	eventually(w.t, "it serves", func() bool {
		if m := baseLine.FindStringSubmatch(s.words.String()); m != nil {
			s.base = m[1]
			return true
		}
		select {
		case code := <-s.code:
			w.t.Fatalf("serve ended with %d: %s", code, s.words)
		default:
		}
		return false
	})
	return s
}

// end stops the server and wants exit status 0.
func (s *served) end() {
	s.t.Helper()
	s.http.CloseIdleConnections()
	s.stop()
	if code := <-s.code; code != 0 {
		s.t.Errorf("serve ended with %d: %s", code, s.words)
	}
}

func newClient(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is an answer to a request.
type answer struct {
	status int
	body   string
	header http.Header
}

// call sends a request; header is name, value, name, value.
func call(ctx context.Context, client *http.Client, method, address, body string, header ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	raw, err := io.ReadAll(resp.Body)
	if err == nil {
		err = resp.Body.Close()
	}
	return answer{resp.StatusCode, string(raw), resp.Header}, err
}

func (s *served) get(path string, header ...string) answer {
	s.t.Helper()
	a, err := call(s.t.Context(), s.http, http.MethodGet, s.base+path, "", header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// submit sends one response and says whether it was acknowledged.
func submit(ctx context.Context, client *http.Client, base string, token surveys.Token, id surveys.SubmissionID) (answer, error) {
	body := fmt.Sprintf(`{"token":%q,"submission_id":%q,"answers":{"Z":4,"D1":5}}`, token, id)
	return call(ctx, client, http.MethodPost, base+"/api/v1/responses", body)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// onMongo puts the world's store on a database of its own at the server.
func (w *world) onMongo(server string) {
	w.t.Helper()
	var b [6]byte
	rand.Read(b[:])
	u, err := url.Parse(server)
	if err != nil {
		w.t.Fatalf("MongoDB address: %v", err)
	}
	name := "hailong_test_" + hex.EncodeToString(b[:])
	u.Path = "/" + name
	w.env["HAILONG_STORE"] = u.String()
	client, err := mongo.Connect(mongooptions.Client().ApplyURI(u.String()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.Database(name).Drop(ctx); err != nil {
			w.t.Logf("the test database stays: %v", err)
		}
		if err := client.Disconnect(ctx); err != nil {
			w.t.Error(err)
		}
	})
}

// mongo is the world's database, beside the program.
func (w *world) mongo() *mongo.Database {
	w.t.Helper()
	address := w.env["HAILONG_STORE"]
	client, err := mongo.Connect(mongooptions.Client().ApplyURI(address))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.Disconnect(ctx); err != nil {
			w.t.Error(err)
		}
	})
	return client.Database(address[strings.LastIndexByte(address, '/')+1:])
}

// mongoServer is the address of the server to test on.
func mongoServer(t *testing.T) string {
	t.Helper()
	server := os.Getenv("MONGODB_TEST_URI")
	if server == "" {
		if os.Getenv("HAILONG_REQUIRE_MONGODB") == "1" {
			t.Fatal("MONGODB_TEST_URI is empty and HAILONG_REQUIRE_MONGODB=1")
		}
		fmt.Fprintf(os.Stderr, "SKIPPED %s: MONGODB_TEST_URI is empty, MongoDB is NOT tested\n", t.Name())
		t.Skip("MONGODB_TEST_URI is empty")
	}
	return server
}
