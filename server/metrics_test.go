package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"hailong/server"
	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/store/sqlite"
	"hailong/surveys/store/storetest"
)

// families parses an exposition.
func families(t testing.TB, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return all
}

// scrape asks as the monitoring system does.
func (s *site) scrape() map[string]*dto.MetricFamily {
	s.t.Helper()
	return families(s.t, s.exposition())
}

func (s *site) exposition() string {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.MetricsHandler().ServeHTTP(w, httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		s.t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// value finds one figure: the count of a histogram. Labels are name, value, name, value.
func value(t testing.TB, all map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	f := all[name]
	if f == nil {
		t.Fatalf("there is no %s", name)
	}
metrics:
	for _, m := range f.GetMetric() {
		has := map[string]string{}
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		for i := 0; i < len(labels); i += 2 {
			if has[labels[i]] != labels[i+1] {
				continue metrics
			}
		}
		switch {
		case m.GetCounter() != nil:
			return m.GetCounter().GetValue()
		case m.GetGauge() != nil:
			return m.GetGauge().GetValue()
		default:
			return float64(m.GetHistogram().GetSampleCount())
		}
	}
	t.Fatalf("%s has no %v", name, labels)
	return 0
}

func wantValue(t testing.TB, all map[string]*dto.MetricFamily, want float64, name string, labels ...string) {
	t.Helper()
	if got := value(t, all, name, labels...); got != want {
		t.Errorf("%s%v is %v, want %v", name, labels, got, want)
	}
}

func TestMetricsAreForAnAdministrator(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/metrics").want(http.StatusUnauthorized).must("!hailong_", "!go_")
	s.get("/metrics", bearer("hl_wrong")...).want(http.StatusUnauthorized).must("!hailong_")
	for _, role := range []account.Role{account.Viewer, account.Manager, account.Office} {
		s.get("/metrics", bearer(s.token(role, "all"))...).want(http.StatusForbidden).must("!hailong_")
	}
	s.get("/metrics", bearer(s.token(account.Admin, "facility:f_hall"))...).want(http.StatusForbidden).must("!hailong_")
	r := s.get("/metrics", bearer(s.token(account.Admin, "all"))...).want(http.StatusOK)
	all := families(t, r.body)
	if all["hailong_http_requests_total"] == nil || all["go_goroutines"] == nil || all["process_open_fds"] == nil {
		t.Errorf("families are missing: %.2000s", r.body)
	}
	// A peer on loopback is whoever a proxy on this machine lets in: it opens nothing.
	run := s.run()
	a, err := run.call(http.MethodGet, "/metrics", "")
	s.ok(err)
	a.want(http.StatusUnauthorized).must("!hailong_")
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *server.Options) {
		o.CertificateEnds = func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	for i := range 12 {
		s.get("/s/" + string(hallToken)).want(http.StatusOK)
		body := submission(hallToken, map[string]any{"Z": 4})
		s.api(body).want(http.StatusCreated)
		if i == 0 {
			s.api(body).want(http.StatusOK)
		}
	}
	s.get("/nowhere").want(http.StatusNotFound)
	s.get("/s/" + string(unknownToken)).want(http.StatusNotFound)
	s.get("/healthz").want(http.StatusOK)
	s.api(`{"token":1}`).want(http.StatusUnprocessableEntity)
	large, err := s.run().call(http.MethodPost, "/api/v1/responses", strings.Repeat("x", server.BodyLimit+1))
	s.ok(err)
	large.want(http.StatusRequestEntityTooLarge)
	s.get("/app").want(http.StatusSeeOther)
	s.send(http.MethodDelete, "/", "").want(http.StatusNotFound)
	s.ok(s.Count(t.Context()))
	s.store.set(func(f *faults) { f.ping = fmt.Errorf("full: %w", surveys.ErrUnavailable) })
	s.SetReady(true)
	s.get("/readyz").want(http.StatusServiceUnavailable)
	s.store.set(func(f *faults) { f.add = func() error { return errors.New("broken") } })
	s.api(submission(hallToken, map[string]any{"Z": 4})).want(http.StatusInternalServerError)

	all := s.scrape()
	requests := func(want float64, method, route, status string) {
		t.Helper()
		wantValue(t, all, want, "hailong_http_requests_total", "method", method, "route", route, "status", status)
	}
	requests(12, "GET", "/s/:token", "2xx")
	requests(1, "GET", "/s/:token", "4xx")
	requests(13, "POST", "/api/v1/responses", "2xx")
	requests(1, "POST", "/api/v1/responses", "4xx")
	requests(1, "POST", "/api/v1/responses", "5xx")
	requests(1, "GET", "/healthz", "2xx")
	requests(1, "GET", "/readyz", "5xx")
	requests(1, "GET", "none", "4xx")
	requests(1, "POST", "none", "4xx") // the body was refused before its route was known
	requests(1, "other", "none", "4xx")
	requests(0, "POST", "/", "4xx")
	requests(0, "GET", "/", "2xx")
	requests(1, "GET", "/app", "3xx")
	wantValue(t, all, 13, "hailong_http_request_seconds", "route", "/s/:token", "method", "GET")
	wantValue(t, all, 12, "hailong_answers_total", "outcome", "accepted")
	wantValue(t, all, 1, "hailong_answers_total", "outcome", "repeated")
	wantValue(t, all, 13, "hailong_commit_answers")
	wantValue(t, all, 0, "hailong_answers_refused_total")
	wantValue(t, all, 0, "hailong_ingest_queue")
	wantValue(t, all, 4096, "hailong_ingest_queue_capacity")
	wantValue(t, all, 1, "hailong_store_errors_total", "operation", "ping", "class", "unavailable")
	wantValue(t, all, 1, "hailong_store_errors_total", "operation", "add_responses", "class", "other")
	wantValue(t, all, 0, "hailong_store_errors_total", "operation", "record", "class", "unavailable")
	wantValue(t, all, 1, "hailong_store_seconds", "operation", "ping")
	wantValue(t, all, float64(s.clock.Now().Unix()), "hailong_release_pass_last_timestamp_seconds")
	wantValue(t, all, 0, "hailong_release_pass_failures_total")
	wantValue(t, all, 0, "hailong_dirty_days")
	wantValue(t, all, 1_800_000_000, "hailong_tls_certificate_expiry_timestamp_seconds")

	s.Close()
	s.store.set(func(f *faults) { f.add = nil })
	s.api(submission(hallToken, map[string]any{"Z": 4})).want(http.StatusServiceUnavailable)
	wantValue(t, s.scrape(), 1, "hailong_answers_refused_total")
}

// A monitoring system keeps every minute: what it sees must not tell when a lone form came.
func TestMetricsTellOfNoLoneForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	about := func() string {
		t.Helper()
		var kept []string
		for _, line := range strings.Split(s.exposition(), "\n") {
			// The process' own memory and processor time move with everything; and the probes are ours.
			if strings.HasPrefix(line, "hailong_") && !strings.Contains(line, "rolls_total") && !strings.Contains(line, "roll_last") && !strings.Contains(line, "pass_last") {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "\n")
	}
	s.ok(s.Count(t.Context()))
	form := func() {
		t.Helper()
		v := s.filled(clinicToken, "", "Z", "4")
		a := s.post("/s/"+string(clinicToken), v).want(http.StatusSeeOther)
		s.get(a.Header.Get("Location")).want(http.StatusOK)
	}
	before := about()
	for range 9 {
		form()
		s.ok(s.Count(t.Context()))
		if now := about(); now != before {
			t.Fatalf("a lone form is seen:\n%s\n%s", before, now)
		}
	}
	form()
	all := s.scrape()
	wantValue(t, all, 10, "hailong_answers_total", "outcome", "accepted")
	wantValue(t, all, 10, "hailong_http_requests_total", "route", "/s/:token", "method", "POST", "status", "3xx")
	before = about()
	form()
	if now := about(); now != before {
		t.Errorf("the eleventh form is seen:\n%s\n%s", before, now)
	}
}

// Nothing personal, no token and no name of a place is a label or a value.
func TestMetricsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	trail := []string{
		"User-Agent", "MARK-agent", "X-Forwarded-For", "203.0.113.77", "X-Request-Id", "MARK-id", "Host", "MARK-host",
		"Cookie", "hailong_session=MARK-session", "Referer", "https://zalo.example/MARK", "Content-Type", "application/json",
	}
	var ids []string
	for range 11 {
		id := string(surveys.NewSubmissionID())
		ids = append(ids, id)
		body := fmt.Sprintf(`{"token":%q,"submission_id":%q,"answers":{"Z":4},"comment":"MARK-comment"}`, clinicToken, id)
		s.send(http.MethodPost, "/api/v1/responses", body, trail...).want(http.StatusCreated)
	}
	s.get("/MARK-path?MARK-query", trail...).want(http.StatusNotFound)
	s.get("/s/MARK-token", trail...).want(http.StatusNotFound)
	s.send("MARKMETHOD", "/s/"+string(hallToken), "", trail...)
	secret := s.token(account.Admin, "all")
	s.get("/api/v1/points?facility=f_clinic", append(bearer(secret), trail...)...).want(http.StatusOK)
	s.store.set(func(f *faults) { f.add = func() error { return errors.New("MARK-error at f_clinic") } })
	s.api(submission(clinicToken, map[string]any{"Z": 4}), trail...).want(http.StatusInternalServerError)
	text := s.exposition()
	if !strings.Contains(text, `hailong_answers_total{outcome="accepted"} 11`) {
		t.Errorf("the search finds nothing: %s", text)
	}
	for _, bad := range append(ids, "MARK", "203.0.113", secret, string(clinicToken), string(hallToken), "f_clinic", "p_clinic", "station", "Nghĩa", "13891") {
		if strings.Contains(text, bad) {
			t.Errorf("the metrics hold %q", bad)
		}
	}
}

func TestReleasePassThatFailsIsCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.set(func(f *faults) { f.read = fmt.Errorf("gone: %w", surveys.ErrUnavailable) })
	if err := s.Count(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
		t.Fatalf("the pass says %v", err)
	}
	all := s.scrape()
	wantValue(t, all, 1, "hailong_release_pass_failures_total")
	wantValue(t, all, 0, "hailong_release_pass_last_timestamp_seconds")
	wantValue(t, all, 1, "hailong_store_errors_total", "operation", "records", "class", "unavailable")
}

// The store that the metrics look through keeps the contract.
func TestWatchedStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	storetest.Run(t, func(t *testing.T) surveys.Store {
		t.Helper()
		db, err := sqlite.Open(context.WithoutCancel(t.Context()), filepath.Join(t.TempDir(), "hailong.db"), clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return server.Watched(db, clock)
	})
}

// A method that the store gets anew is watched too: every one has its operation, and no operation is left over.
func TestEveryMethodOfTheStoreIsWatched(t *testing.T) {
	t.Parallel()
	var want []string
	for store, i := reflect.TypeFor[surveys.Store](), 0; i < store.NumMethod(); i++ {
		if name := store.Method(i).Name; name != "Close" {
			want = append(want, strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(name, "${1}_$2")))
		}
	}
	got := server.StoreOperations()
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods of the store and operations of the metrics (-want +got):\n%s", diff)
	}
}

// What the seal deletes is told like every other operation.
func TestDeletionsAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.Store.DeleteResponses(t.Context(), "f1", []surveys.Day{"2020-01-01"}); !errors.Is(err, surveys.ErrConflict) {
		t.Fatalf("of a day without a seal: %v", err)
	}
	if n := value(t, s.scrape(), "hailong_store_errors_total", "operation", "delete_responses", "class", "conflict"); n != 1 {
		t.Errorf("%v errors of delete_responses, want 1", n)
	}
}
