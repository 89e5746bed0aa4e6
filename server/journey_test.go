//go:build e2e

package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"hailong/analytics"
	"hailong/server"
	"hailong/server/account"
	"hailong/server/view"
	"hailong/surveys"
	"hailong/surveys/instruments"
	"hailong/surveys/store/sqlite"
)

// TestJourney walks whole ways through the product in Chromium. HAILONG_AXE names an axe.min.js (else npm
// fetches it), HAILONG_SHOTS a folder for pictures.
func TestJourney(t *testing.T) {
	usual := journeyStart(t)
	t.Run("LargeText", func(t *testing.T) {
		t.Parallel()
		// This browser also forgets a page that is left, as small phones do.
		forgets := chromedp.Flag("disable-features", "BackForwardCache")
		journeyLargeText(t, journeyStart(t, chromedp.Flag("blink-settings", "defaultFontSize=32"), forgets))
	})
	type journey struct {
		name string
		walk func(*testing.T, context.Context)
	}
	journeys := []journey{ // the longest first
		{"Axe", journeyAxe},
		{"Administrator", journeyAdministrator},
		{"Dark", journeyDark},
		{"Narrow", journeyNarrow},
		{"Answer", journeyAnswer},
		{"AnswerNoScript", journeyAnswerNoScript},
		{"Keyboard", journeyKeyboard},
		{"Mistake", journeyMistake},
		{"MistakeInFull", journeyMistakeInFull},
		{"OneRequest", journeyOneRequest},
		{"TypedCode", journeyTypedCode},
		{"Code", journeyCode},
		{"Print", journeyPrint},
		{"Review", journeyReview},
		{"Entry", journeyEntry},
		{"EntryNoScript", journeyEntryNoScript},
		{"Withdraw", journeyWithdraw},
	}
	for name, walk := range journeySteps() {
		journeys = append(journeys, journey{name, walk})
	}
	if os.Getenv("HAILONG_SHOTS") != "" {
		journeys = append(journeys, journey{"Shots", journeyShots})
	}
	for _, one := range journeys {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			one.walk(t, usual)
		})
	}
}

// journeyWithin bounds one journey. On a quiet machine none takes half a minute.
const journeyWithin = 4 * time.Minute

// journeyOptions are those of every browser of the journeys.
func journeyOptions() []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
	}
	for _, name := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage", "disable-extensions", "disable-renderer-backgrounding", "hide-scrollbars",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	return append(options, chromedp.Flag("force-color-profile", "srgb"))
}

// journeyStart starts a browser that lives as long as the test.
func journeyStart(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	options := append(journeyOptions(), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	// The first Do binds the browser's life to its context, so it gets no deadline.
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(browser); err != nil {
			t.Errorf("close chromium: %v", err)
		}
	})
	return browser
}

// journeyPage is one tab in a browser context of its own.
type journeyPage struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu       sync.Mutex
	requests []string // other than data:
	problems []string // what the browser's console complained of
}

// journeyOpen opens a tab of width × 800.
func journeyOpen(t *testing.T, browser context.Context, base string, width int64) *journeyPage {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	p := &journeyPage{t: t, base: base}
	p.must(chromedp.Do(tab))
	p.must(chromedp.Listen(tab, p.listen))
	within, cancel := context.WithTimeout(tab, journeyWithin)
	t.Cleanup(cancel)
	p.ctx = within
	// A page without focus runs no autofocus.
	journeyTell(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.size(width, 800)
	return p
}

func (p *journeyPage) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			p.requests = append(p.requests, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			p.problems = append(p.problems, "console."+string(e.Type))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.problems = append(p.problems, e.Entry.Text)
		}
	}
}

// heard is what the network and the console have told so far.
func (p *journeyPage) heard() (requests, problems []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests), slices.Clone(p.problems)
}

func (p *journeyPage) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// journeyTell runs one protocol command whose answer is of no interest.
func journeyTell[P, R any](p *journeyPage, command cdp.Command[P, R], params P) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, command, params)
	p.must(err)
}

func (p *journeyPage) size(width, height int64) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height)))
}

// scheme plays a dark or a light screen.
func (p *journeyPage) scheme(name string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	journeyTell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// to opens an address of the site and wants this status.
func (p *journeyPage) to(path string, status int64) {
	p.t.Helper()
	p.lands(status, chromedp.Navigate(p.base+path))
}

// lands runs steps that lead to another page, waits for it and wants this status.
func (p *journeyPage) lands(status int64, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	answer, err := chromedp.RunResponse(p.ctx, steps...)
	if err != nil {
		p.t.Fatalf("no page came: %v", err)
	}
	if answer.Status != status {
		p.t.Fatalf("%s answered %d, want %d", answer.URL, answer.Status, status)
	}
}

// back goes back in the history. Chromium may bring the page back as it was left, without loading it.
func (p *journeyPage) back() {
	p.t.Helper()
	entries, err := chromedp.Run(p.ctx, chromedp.NavigationEntries())
	p.must(err)
	before := page.NavigateToHistoryEntryParams{EntryID: entries.Entries[entries.CurrentIndex-1].ID}
	_, err = chromedp.Run(p.ctx, chromedp.WaitEvent(page.FrameNavigated, nil, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, failed := cdp.Call(ctx, t, page.NavigateToHistoryEntry, before)
		return failed
	})))
	p.must(err)
	// Where it is loaded after all, its content comes after the event. Where scripts are off, no listener would be called.
	eventually(p.t, "the page of before is there", func() bool { return journeyEval[string](p, `document.readyState`) == "complete" })
}

var errJourneyNothing = errors.New("nothing to click on")

// journeyReach finds an element; on a form that asks one question a screen it walks to its screen first, and waits
// until the page takes taps again. It is to be awaited. Without history the walk leaves no entries behind, as chromedp
// takes an entry for the page that a click was to lead to.
func journeyReach(selector string, history bool) string {
	return `(async (e, push) => {
		if (` + strconv.FormatBool(!history) + `) window.history.pushState = () => {};
		const walk = name => { const b = document.querySelector(".nav ." + name); if (!b || b.hidden) return false; b.click(); return true; };
		const shown = () => e.closest(".q") ? e.closest(".q[hidden]") === null : !e.hidden;
		if (e && document.querySelector("html.steps")) {
			const before = () => document.querySelector(".q:not([hidden])").compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING;
			for (let n = 0; n < 99 && !shown() && before() && walk("prev"); n++) await new Promise(done => setTimeout(done, 30));
			while (!shown() && walk("next"));
			while (document.querySelector(".still")) await new Promise(done => setTimeout(done, 30));
		}
		window.history.pushState = push;
		return e;
	})(document.querySelector(` + strconv.Quote(selector) + `), window.history.pushState)`
}

// journeyClick clicks the middle of an element with the mouse, whatever lies there. (chromedp's own Click does
// not find anything on a page that Back brought back.)
func journeyClick(selector string) chromedp.Action[chromedp.Void] {
	middle := journeyReach(selector, false) + `.then(e => { if (!e) return null; e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(); return {X: r.left + r.width / 2, Y: r.top + r.height / 2}; })`
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := chromedp.Evaluate[*struct{ X, Y float64 }](middle, chromedp.EvalAwaitPromise)(ctx, t)
		if err == nil && at == nil {
			err = fmt.Errorf("%w: %s", errJourneyNothing, selector)
		}
		if err != nil {
			return err
		}
		_, err = chromedp.MouseClickXY(at.X, at.Y)(ctx, t)
		return err
	})
}

// reach brings the screen of an element.
func (p *journeyPage) reach(selector string) {
	p.t.Helper()
	journeyEval[bool](p, journeyReach(selector, true)+`.then(e => !!e)`)
}

// typeInto types into a field of a form.
func (p *journeyPage) typeInto(selector, text string) {
	p.t.Helper()
	p.reach(selector)
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS(selector), text)))
}

func (p *journeyPage) click(selector string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, journeyClick(selector)))
}

// choose clicks the row of an answer and wants it chosen.
func (p *journeyPage) choose(code, value string) {
	p.t.Helper()
	p.click(`label[for="` + code + "-" + value + `"]`)
	if !journeyEval[bool](p, `document.getElementById("`+code+"-"+value+`").checked`) {
		p.t.Fatalf("%s=%s was clicked and is not chosen", code, value)
	}
}

// text is what a reader sees of an element, its no-break spaces plain.
func (p *journeyPage) text(selector string) string {
	p.t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS(selector)))
	p.must(err)
	return strings.TrimSpace(journeySpaces(text))
}

// journeySpaces makes no-break spaces plain ones.
func journeySpaces(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

func (p *journeyPage) address() string {
	p.t.Helper()
	at, err := chromedp.Run(p.ctx, chromedp.Location())
	p.must(err)
	return strings.TrimPrefix(at, p.base)
}

// press presses keys one after the other.
func (p *journeyPage) press(keys string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
}

// until waits for a condition of the page.
func (p *journeyPage) until(condition string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		p.t.Fatalf("waited in vain for %s: %v", condition, err)
	}
}

func journeyEval[T any](p *journeyPage, script string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%v in %.200s", err, script)
	}
	return v
}

// The tokens and the password of the journeys' installation.
const (
	journeyHall     surveys.Token = "JH2M4K9P"
	journeyStation  surveys.Token = "JT9C4N8R"
	journeyRetired  surveys.Token = "JR3T6D2X"
	journeyPassword               = "mật khẩu của chuyến đi"
)

// journeySite is a server on a store of its own, behind a socket.
type journeySite struct {
	t        *testing.T
	store    surveys.Store
	base     string
	accounts *account.Accounts
	clock    surveys.Clock
	ahead    atomic.Int64 // by how much, in ns, the clock has gone on
}

// journeyNow is the time of all journeys: the fourth quarter of 2025 is decided, the first of 2026 runs.
func journeyNow(zone *time.Location) time.Time { return time.Date(2026, 2, 20, 9, 30, 0, 0, zone) }

// journeyServe makes an installation and serves it; filled puts answers of eight months into it.
func journeyServe(t *testing.T, filled bool) *journeySite {
	t.Helper()
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	s := &journeySite{t: t}
	s.clock = func() time.Time { return journeyNow(zone).Add(time.Duration(s.ahead.Load())) }
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "hailong.db"), s.clock)
	s.must(err)
	t.Cleanup(func() { s.must(db.Close()) })
	s.store = db
	s.must(instruments.Publish(t.Context(), db, "2025-07-01"))
	installation, err := surveys.Install(t.Context(), db, surveys.Installation{MonthStart: 1, FormKey: bytes.Repeat([]byte{9}, 32)})
	s.must(err)
	s.organise()
	if filled {
		s.fill(zone)
	}
	s.accounts = account.New(db, s.clock)
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	s.must(err)
	s.base = "http://" + listener.Addr().String()
	if filled {
		s.hang()
		s.useCodes()
		s.setAside()
	}
	srv, err := server.New(server.Options{
		Store: db, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Clock: s.clock, Zone: zone,
		BaseURL: s.base, Lang: view.Vietnamese, Office: "UBND xã Nghĩa Hưng", Contact: "0228 3871 000", Install: installation,
	})
	s.must(err)
	s.serve(srv, listener)
	return s
}

// serve lets a server run until the journey is over.
func (s *journeySite) serve(srv *server.Server, listener net.Listener) {
	serving, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := srv.Serve(serving, listener); err != nil {
			s.t.Errorf("serve: %v", err)
		}
	})
	s.t.Cleanup(func() { stop(); done.Wait() })
}

func (s *journeySite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// journeyPlace is a facility and how it is answered.
type journeyPlace struct {
	id, name     string
	sector, kind string
	instrument   string
	unit         string
	rate         float64 // of satisfied answers
	quarterly    int     // forms
	points       []surveys.Point
}

func journeyPlaces() []journeyPlace {
	at := func(id string, token surveys.Token, kind surveys.PointKind, name string) surveys.Point {
		return surveys.Point{ID: surveys.PointID(id), Token: token, Kind: kind, Name: name}
	}
	retired := at("p_old", journeyRetired, "counter", "Quầy 9")
	retired.Retired, retired.Notice = "2026-02-01", "Từ 1/2 xin đánh giá tại Quầy 3, tầng 2"
	return []journeyPlace{
		{
			"f_hall", "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", "one_stop", "one_stop_hall", "one_stop", "13891", 0.9, 240,
			[]surveys.Point{at("p_hall", journeyHall, "counter", "Quầy 1 – Hộ tịch, chứng thực"), at("p_result", "JH000001", "result", "Bàn trả kết quả"), retired},
		},
		{"f_hospital", "Bệnh viện đa khoa Nghĩa Hưng", "health", "hospital", "outpatient", "13891", 0.93, 400, []surveys.Point{at("p_hospital", "JH000002", "waiting", "Phòng chờ khám")}},
		{"f_station", "Trạm Y tế xã Nghĩa Hưng", "health", "station", "station", "13891", 0.62, 180, []surveys.Point{at("p_station", journeyStation, "waiting", "Phòng chờ")}},
		{"f_branch", "Điểm trạm Liễu Đề", "health", "station_branch", "station", "13891", 0.83, 46, []surveys.Point{at("p_branch", "JH000003", "waiting", "Phòng chờ")}},
		{"f_primary", "Trường Tiểu học Đồng Thịnh", "education", "primary", "school", "13900", 0.88, 70, []surveys.Point{at("p_primary", "JH000004", "gate", "Cổng trường")}},
		{"f_kinder", "Trường Mầm non Đồng Thịnh", "education", "kindergarten", "school", "13900", 0.8, 7, []surveys.Point{at("p_kinder", "JH000005", "gate", "Cổng trường")}},
		{"f_office", "UBND xã Đồng Thịnh", "policy", "office", "policy", "13900", 0.7, 0, []surveys.Point{at("p_office", "JH000006", "office", "Bàn tiếp dân")}},
	}
}

func (s *journeySite) organise() {
	s.t.Helper()
	ctx := s.t.Context()
	for _, u := range []surveys.Unit{
		{Code: "37", Name: "Tỉnh Ninh Bình", Kind: "province", From: "2025-07-01"},
		{Code: "13891", Name: "Xã Nghĩa Hưng", Kind: "commune", Parent: "37", From: "2025-07-01"},
		{Code: "13900", Name: "Xã Đồng Thịnh", Kind: "commune", Parent: "37", From: "2025-07-01"},
	} {
		_, err := surveys.Units().Put(ctx, s.store, u, 0)
		s.must(err)
	}
	for _, f := range journeyPlaces() {
		_, err := surveys.Facilities().Put(ctx, s.store, surveys.Facility{
			ID: surveys.FacilityID(f.id), Name: f.name, Sector: surveys.Sector(f.sector), Kind: surveys.FacilityKind(f.kind),
			Instrument: f.instrument, From: "2025-07-01", Placements: []surveys.Placement{{Unit: f.unit, From: "2025-07-01"}},
		}, 0)
		s.must(err)
		for _, p := range f.points {
			p.Facility = surveys.FacilityID(f.id)
			_, err := surveys.Points().Put(ctx, s.store, p, 0)
			s.must(err)
		}
	}
	s.must(surveys.OrganisationChanged(ctx, s.store))
}

// fill writes answers from July 2025 to yesterday and runs the release pass.
func (s *journeySite) fill(zone *time.Location) {
	s.t.Helper()
	ctx, today := s.t.Context(), surveys.DayOf(journeyNow(zone), zone)
	calendar, err := analytics.NewCalendar(1)
	s.must(err)
	ingest := surveys.NewIngest(s.store, slog.New(slog.DiscardHandler))
	defer ingest.Close()
	for i, f := range journeyPlaces() {
		in, failed := surveys.LatestInstrument(ctx, s.store, f.instrument)
		s.must(failed)
		rng := rand.New(rand.NewPCG(uint64(i), 41))
		place := surveys.Place{Point: f.points[0], Facility: surveys.Facility{ID: surveys.FacilityID(f.id), Instrument: f.instrument}, Instrument: in}
		var batch []surveys.Response
		for day := surveys.Day("2025-07-01"); day < today; day = day.Add(1) {
			quarter := calendar.Node(analytics.Quarter, day)
			length, at := journeyDays(quarter.From, quarter.To)+1, journeyDays(quarter.From, day)
			for range (at+1)*f.quarterly/length - at*f.quarterly/length {
				batch = append(batch, journeyInvent(rng, place, day, f.rate))
			}
		}
		_, err = ingest.AddAll(ctx, batch)
		s.must(err)
	}
	_, err = analytics.NewReleaser(s.store, analytics.NewRoller(s.store), calendar).Pass(ctx, today, nil)
	s.must(err)
}

func journeyDays(a, b surveys.Day) int { return int(b.Date().Sub(a.Date()).Hours() / 24) }

// journeyInvent makes one form; every fourth is a full one.
func journeyInvent(rng *rand.Rand, place surveys.Place, day surveys.Day, rate float64) surveys.Response {
	sub := surveys.Submission{
		ID: surveys.NewSubmissionID(), Form: surveys.ShortForm, Channel: surveys.QR, Lang: "vi", Answers: surveys.Answers{},
	}
	if rng.IntN(4) == 0 {
		sub.Form = surveys.FullForm
	}
	for i, it := range place.Instrument.Asked(sub.Form) {
		switch {
		case it.Kind == surveys.Scale5 && rng.Float64() < 0.05:
			sub.Answers[it.Code] = surveys.NumberAnswer(0)
		case it.Kind == surveys.Scale5 && rng.Float64() < rate-0.02*float64(i%5-2):
			sub.Answers[it.Code] = surveys.NumberAnswer(4 + rng.IntN(2))
		case it.Kind == surveys.Scale5:
			sub.Answers[it.Code] = surveys.NumberAnswer(1 + rng.IntN(3))
		case it.Kind == surveys.Single:
			sub.Answers[it.Code] = surveys.TextAnswer(it.Options[rng.IntN(len(it.Options))].Code)
		}
	}
	sub.Prune(place.Instrument)
	return place.Response(sub, day, 8+rng.IntN(8), day)
}

// stored lists the responses of a point.
func (s *journeySite) stored(point surveys.PointID) []surveys.Response {
	s.t.Helper()
	var all []surveys.Response
	s.must(s.store.EachResponse(s.t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error {
		if r.Point == point {
			all = append(all, r)
		}
		return nil
	}))
	return all
}

// journeyShot saves a picture of the whole page, if pictures are wanted.
func journeyShot(p *journeyPage, name string) {
	p.t.Helper()
	folder := os.Getenv("HAILONG_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.must(err)
	p.must(os.MkdirAll(folder, 0o750))
	p.must(os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600))
}
