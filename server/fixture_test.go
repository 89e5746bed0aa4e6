package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"hailong/server"
	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// The tokens of the fixture's points.
const (
	hallToken    surveys.Token = "7H2M4K9P"
	pulseToken   surveys.Token = "3P5V8Q2W"
	clinicToken  surveys.Token = "6T9C4N8R"
	schoolToken  surveys.Token = "5S2G7H4J"
	onlineToken  surveys.Token = "2N7E4N3K"
	retiredToken surveys.Token = "9R3T6D2X"
	closedToken  surveys.Token = "4C8S5D9F"
	futureToken  surveys.Token = "8F3T7R2E"
	unknownToken surveys.Token = "ZZZZZZZZ"
)

const (
	password      = "đúng mật khẩu 123"
	retiredNotice = "Từ 1/3 xin đánh giá tại quầy 3 <b>tầng 2</b>"
)

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// safeBuffer is a log that many write.
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

// faults make a store fail or wait.
type faults struct {
	surveys.Store
	mu    sync.Mutex
	add   func() error // before AddResponses
	adds  int          // how often it was called
	ping  error
	read  error             // of records
	find  func(kind string) // before Record
	purge error             // of DeleteResponses
	day   error             // of a day's book
	put   func(error) error // after PutRecord
}

func (f *faults) set(change func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *faults) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	f.mu.Lock()
	add := f.add
	f.adds++
	f.mu.Unlock()
	if add != nil {
		if err := add(); err != nil {
			return nil, err
		}
	}
	return f.Store.AddResponses(ctx, batch)
}

func (f *faults) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	f.mu.Lock()
	purge := f.purge
	f.mu.Unlock()
	if purge != nil {
		return purge
	}
	return f.Store.DeleteResponses(ctx, facility, days)
}

func (f *faults) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	f.mu.Lock()
	err := f.day
	f.mu.Unlock()
	if err != nil {
		return surveys.DayBook{}, err
	}
	return f.Store.Day(ctx, facility, day)
}

func (f *faults) Ping(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ping != nil {
		return f.ping
	}
	return f.Store.Ping(ctx)
}

func (f *faults) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	f.mu.Lock()
	find := f.find
	f.mu.Unlock()
	if find != nil {
		find(kind)
	}
	return f.Store.Record(ctx, kind, id)
}

func (f *faults) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	f.mu.Lock()
	put := f.put
	f.mu.Unlock()
	rev, err := f.Store.PutRecord(ctx, r)
	if put != nil {
		err = put(err)
	}
	return rev, err
}

func (f *faults) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	f.mu.Lock()
	err := f.read
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return f.Store.Records(ctx, q)
}

// site is a server on a store of its own.
type site struct {
	*server.Server
	t      testing.TB
	store  *faults
	path   string
	clock  *clock
	log    *safeBuffer
	manage *account.Accounts
	kept   url.Values // the last confirmation of a withdrawal
	asked  map[string]*surveys.Instrument
}

// newSite makes a small installation: a one-stop hall, a clinic and a school in one commune.
func newSite(t testing.TB, change ...func(*server.Options)) *site {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hailong.db")
	s := newSiteOn(t, func(clock surveys.Clock) (surveys.Store, error) { return sqlite.Open(t.Context(), path, clock) }, change...)
	s.path = path
	return s
}

// newSiteOn makes the same installation on any store.
func newSiteOn(t testing.TB, open func(surveys.Clock) (surveys.Store, error), change ...func(*server.Options)) *site {
	t.Helper()
	s := &site{t: t, log: &safeBuffer{}, clock: &clock{now: time.Date(2026, 3, 10, 9, 30, 0, 0, zone(t))}}
	db, err := open(s.clock.Now)
	s.ok(err)
	s.store = &faults{Store: db}
	t.Cleanup(func() { s.ok(db.Close()) })
	s.ok(instruments.Publish(t.Context(), db, "2025-07-01"))
	installation, err := surveys.Install(t.Context(), db, surveys.Installation{MonthStart: 1, FormKey: bytes.Repeat([]byte{7}, 32)})
	s.ok(err)
	s.organise()
	o := server.Options{
		Store: s.store, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Clock: s.clock.Now, Zone: zone(t),
		BaseURL: "https://khaosat.example", Lang: view.Vietnamese, Office: "UBND xã Nghĩa Hưng", Contact: "0228 3871 000", Install: installation,
	}
	for _, f := range change {
		f(&o)
	}
	s.manage = account.New(db, s.clock.Now)
	s.Server, err = server.New(o)
	s.ok(err)
	s.Pause(func(context.Context, time.Duration) {})
	t.Cleanup(s.Close)
	return s
}

// on is the site in another test: that of one input of a fuzzer.
func (s *site) on(t testing.TB) *site {
	other := *s
	other.t = t
	return &other
}

// calls is how often something was sent to the store.
func (s *site) calls() int {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.adds
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) organise() {
	s.t.Helper()
	for _, u := range []surveys.Unit{
		{Code: "36", Name: "Tỉnh Ninh Bình", Kind: "province", From: "2000-01-01"},
		{Code: "13891", Name: "Xã Nghĩa Hưng", Kind: "commune", Parent: "36", From: "2025-07-01"},
		{Code: "13900", Name: "Xã Đồng Thịnh", Kind: "commune", Parent: "36", From: "2025-07-01"},
	} {
		_, err := surveys.Units().Put(s.t.Context(), s.store, u, 0)
		s.ok(err)
	}
	s.facility(surveys.Facility{ID: "f_hall", Name: "Bộ phận Một cửa Nghĩa Hưng", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop"}, "13891")
	s.facility(surveys.Facility{ID: "f_clinic", Name: "Trạm Y tế Liễu Đề", Sector: "health", Kind: "station", Instrument: "station"}, "13891")
	s.facility(surveys.Facility{ID: "f_school", Name: "Trường Tiểu học Đồng Thịnh", Sector: "education", Kind: "primary", Instrument: "school"}, "13900")
	s.facility(surveys.Facility{ID: "f_closed", Name: "Trạm cũ", Sector: "health", Kind: "station", Instrument: "station", To: "2026-01-31"}, "13891")
	s.facility(surveys.Facility{ID: "f_future", Name: "Trạm mới", Sector: "health", Kind: "station", Instrument: "station", From: "2026-07-01"}, "13891")
	s.point(surveys.Point{ID: "p_hall", Token: hallToken, Facility: "f_hall", Kind: "counter", Name: "Quầy 1"})
	s.point(surveys.Point{ID: "p_pulse", Token: pulseToken, Facility: "f_hall", Kind: "result", Name: "Bàn trả kết quả", Instrument: surveys.Pulse})
	s.point(surveys.Point{ID: "p_online", Token: onlineToken, Facility: "f_hall", Kind: "online", Name: "Cổng dịch vụ công"})
	s.point(surveys.Point{ID: "p_clinic", Token: clinicToken, Facility: "f_clinic", Kind: "waiting", Name: "Phòng chờ"})
	s.point(surveys.Point{ID: "p_school", Token: schoolToken, Facility: "f_school", Kind: "gate", Name: "Cổng trường"})
	s.point(surveys.Point{ID: "p_retired", Token: retiredToken, Facility: "f_hall", Kind: "counter", Name: "Quầy 9", Retired: "2026-03-01", Notice: retiredNotice})
	s.point(surveys.Point{ID: "p_closed", Token: closedToken, Facility: "f_closed", Kind: "gate", Name: "Cổng"})
	s.point(surveys.Point{ID: "p_future", Token: futureToken, Facility: "f_future", Kind: "gate", Name: "Cổng"})
	s.ok(surveys.OrganisationChanged(s.t.Context(), s.store))
}

func (s *site) facility(f surveys.Facility, unit string) {
	s.t.Helper()
	if f.From == "" {
		f.From = "2025-07-01"
	}
	f.Placements = []surveys.Placement{{Unit: unit, From: f.From}}
	_, err := surveys.Facilities().Put(s.t.Context(), s.store, f, 0)
	s.ok(err)
}

func (s *site) point(p surveys.Point) {
	s.t.Helper()
	_, err := surveys.Points().Put(s.t.Context(), s.store, p, 0)
	s.ok(err)
}

// change changes a point and waits, by the clock, until every cache has forgotten it.
func (s *site) change(id string, f func(*surveys.Point)) {
	s.t.Helper()
	was, err := surveys.Points().Find(s.t.Context(), s.store, id)
	s.ok(err)
	f(&was.Value)
	_, err = surveys.Points().Put(s.t.Context(), s.store, was.Value, was.Rev)
	s.ok(err)
	s.clock.Add(2 * time.Second)
}

// token makes a bearer token.
func (s *site) token(role account.Role, scope string) string {
	s.t.Helper()
	secret, err := s.manage.CreateToken(s.t.Context(), "test", role, scope)
	s.ok(err)
	return secret
}

// reply is what came back, unpacked.
type reply struct {
	*http.Response
	t    testing.TB
	body string
	size int // of the body on the wire

	parsed *goquery.Document
}

// send sends a request; headers are name, value, name, value.
func (s *site) send(method, path, body string, headers ...string) *reply {
	s.t.Helper()
	req := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	if body == "" {
		req.Body = http.NoBody
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := s.Try(req)
	s.ok(err)
	return unpack(s.t, resp)
}

func unpack(t testing.TB, resp *http.Response) *reply {
	t.Helper()
	raw, err := io.ReadAll(resp.Body)
	if err == nil {
		err = resp.Body.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := &reply{Response: resp, t: t, size: len(raw)}
	if resp.Header.Get("Content-Encoding") == "gzip" && len(raw) > 0 {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	r.body = string(raw)
	return r
}

func (s *site) get(path string, headers ...string) *reply {
	s.t.Helper()
	return s.send(http.MethodGet, path, "", headers...)
}

const formType = "application/x-www-form-urlencoded"

func (s *site) post(path string, form url.Values, headers ...string) *reply {
	s.t.Helper()
	return s.send(http.MethodPost, path, form.Encode(), append([]string{"Content-Type", formType}, headers...)...)
}

// api sends JSON; body may be a text that is sent as it is.
func (s *site) api(body any, headers ...string) *reply {
	s.t.Helper()
	text, isText := body.(string)
	if !isText {
		raw, err := json.Marshal(body)
		s.ok(err)
		text = string(raw)
	}
	return s.send(http.MethodPost, "/api/v1/responses", text, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func bearer(secret string) []string { return []string{"Authorization", "Bearer " + secret} }

// want stops the test unless the status is this.
func (r *reply) want(status int) *reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("status %d, want %d; body %.1500s", r.StatusCode, status, r.body)
	}
	return r
}

func (r *reply) doc() *goquery.Document {
	r.t.Helper()
	if r.parsed != nil {
		return r.parsed
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
	if err != nil {
		r.t.Fatal(err)
	}
	r.parsed = doc
	return doc
}

func (r *reply) json(into any) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		r.t.Fatalf("%v in %s", err, r.body)
	}
}

// must wants each text on the page, and after "!" not on it.
func (r *reply) must(texts ...string) *reply {
	r.t.Helper()
	for _, text := range texts {
		if bad, not := strings.CutPrefix(text, "!"); not {
			if strings.Contains(r.body, bad) {
				r.t.Errorf("the page must not hold %q", bad)
			}
		} else if !strings.Contains(r.body, text) {
			r.t.Errorf("the page must hold %q; it is %.3000s", text, r.body)
		}
	}
	return r
}

// fields are a page's form as a browser would send it untouched.
func (r *reply) fields() url.Values {
	r.t.Helper()
	v := url.Values{}
	form := r.doc().Find("form[method=post]")
	form.Find("input, textarea").Each(func(_ int, in *goquery.Selection) {
		name := in.AttrOr("name", "")
		kind := in.AttrOr("type", "text")
		_, checked := in.Attr("checked")
		switch {
		case name == "", (kind == "radio" || kind == "checkbox") && !checked:
		case in.Is("textarea"):
			v.Add(name, in.Text())
		default:
			v.Add(name, in.AttrOr("value", ""))
		}
	})
	return v
}

// form opens a form and gives its fields.
func (s *site) form(token surveys.Token, query string) url.Values {
	s.t.Helper()
	return s.get("/s/" + string(token) + query).want(http.StatusOK).fields()
}

// thinking is how long people of the tests take to fill in a form.
const thinking = 40 * time.Second

// filled is a form with answers, as a person fills it in: code, value, code, value.
func (s *site) filled(token surveys.Token, query string, answers ...string) url.Values {
	s.t.Helper()
	v := s.form(token, query)
	s.clock.Add(thinking)
	for i := 0; i < len(answers); i += 2 {
		v.Set(answers[i], answers[i+1])
	}
	return v
}

// receipt reads the receipt out of a redirect.
func (r *reply) receipt() string {
	r.t.Helper()
	r.want(http.StatusSeeOther)
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil {
		r.t.Fatal(err)
	}
	return to.Query().Get("r")
}

// responses lists all that is stored.
func (s *site) responses() []surveys.Response {
	s.t.Helper()
	var all []surveys.Response
	s.ok(s.store.EachResponse(s.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		all = append(all, r)
		return nil
	}))
	return all
}

func (s *site) stored(id string) surveys.Response {
	s.t.Helper()
	r, err := s.store.Response(s.t.Context(), surveys.SubmissionID(id))
	s.ok(err)
	return r
}

func (s *site) wantStored(n int) {
	s.t.Helper()
	if got := len(s.responses()); got != n {
		s.t.Errorf("%d responses are stored, want %d", got, n)
	}
}

// submission is the body of a right response of the API.
func submission(token surveys.Token, answers map[string]any) map[string]any {
	return map[string]any{"token": token, "submission_id": surveys.NewSubmissionID(), "answers": answers}
}

// opened is the body of a right response of the API, from a form that was opened and thought about.
func (s *site) opened(token surveys.Token, answers map[string]any) map[string]any {
	s.t.Helper()
	v := s.filled(token, "")
	return map[string]any{
		"token": token, "submission_id": surveys.SubmissionID(v.Get("submission_id")), "form_token": v.Get("form_token"), "answers": answers,
	}
}

// with is a copy with fields changed: name, value, name, value.
func with(body map[string]any, changes ...any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, body)
	for i := 0; i < len(changes); i += 2 {
		if name, ok := changes[i].(string); ok {
			out[name] = changes[i+1]
		}
	}
	return out
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// running is a site behind a listener of its own.
type running struct {
	*site
	base   string
	client *http.Client
	stop   context.CancelFunc
	ended  chan error
}

// run serves the site on a free port until the test ends or stops it.
func (s *site) run() *running {
	s.t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	s.ok(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(s.t.Context()))
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	r := &running{
		site: s, base: "http://" + listener.Addr().String(), stop: stop, ended: make(chan error, 1),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	go func() { r.ended <- s.Serve(ctx, listener); close(r.ended) }()
	s.t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		for err := range r.ended { // unless the test has read it
			s.ok(err)
		}
	})
	return r
}

// call sends a request over the wire.
func (r *running) call(method, path, body string, headers ...string) (*reply, error) {
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	return unpack(r.t, resp), nil
}
