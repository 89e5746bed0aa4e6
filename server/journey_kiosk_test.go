//go:build e2e

package server_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"hailong/server/account"
	"hailong/surveys"
)

// TestJourneyKiosk stands before the tablet: as citizens, as staff, and as the power that fails.
func TestJourneyKiosk(t *testing.T) {
	browser := journeyStart(t)
	for _, one := range []struct {
		name string
		walk func(*testing.T, context.Context)
	}{
		{"Offline", journeyKioskOffline},
		{"Look", journeyKioskLook},
		{"Pulse", journeyKioskPulse},
		{"Short", journeyKioskShort},
		{"Idle", journeyKioskIdle},
		{"PIN", journeyKioskPIN},
		{"NewPIN", journeyKioskNewPIN},
		{"Insecure", journeyKioskInsecure},
		{"Refused", journeyKioskRefused},
		{"Hours", journeyKioskHours},
		{"Interval", journeyKioskInterval},
		{"Trap", journeyKioskTrap},
		{"Keyboard", journeyKioskKeyboard},
		{"PowerCut", func(t *testing.T, _ context.Context) { journeyKioskPowerCut(t) }},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			one.walk(t, browser)
		})
	}
}

const (
	journeyTablet surveys.Token = "JK5P2W8M"
	journeyKiosk                = "/k/" + string(journeyTablet)
	journeyPIN                  = "274906"
)

// journeyHallway is an installation with a kiosk, behind a wire.
type journeyHallway struct {
	*journeySite
	wire *journeyWire
}

// journeyKioskSite sets up a kiosk that asks one question, or the short form of its facility.
func journeyKioskSite(t *testing.T, pulse bool) *journeyHallway {
	t.Helper()
	h := &journeyHallway{journeySite: journeyServe(t, false), wire: journeyCable(t)}
	h.wire.leads(h.base)
	point := surveys.Point{ID: "p_tablet", Token: journeyTablet, Facility: "f_hall", Kind: surveys.KioskPoint, Name: "Sảnh chờ"}
	if pulse {
		point.Instrument = surveys.Pulse
	}
	_, err := surveys.Points().Put(t.Context(), h.store, point, 0)
	h.must(err)
	h.setPIN(journeyPIN)
	return h
}

// setPIN sets the kiosk up, or anew.
func (h *journeyHallway) setPIN(pin string) {
	h.t.Helper()
	hash, err := account.Hash(pin)
	h.must(err)
	was, rev, err := surveys.FindKiosk(h.t.Context(), h.store, "p_tablet")
	h.must(err)
	set := surveys.KioskSetting{Point: "p_tablet", Interval: 5, Idle: 30, Hours: surveys.UsualWeek(), Since: "2026-02-01"}
	if was != nil {
		set = *was
	}
	set.PIN, set.Term = hash, "term of "+pin
	_, err = surveys.KioskSettings().Put(h.t.Context(), h.store, set, rev)
	h.must(err)
	h.ahead.Add(int64(2 * time.Second)) // until no cache knows it as it was
}

// journeyStand is a tablet before a kiosk.
type journeyStand struct {
	*journeyPage
	hall *journeyHallway
}

// journeyWatch lets the tablet's clocks go on when the journey says so.
const journeyWatch = `(() => {
	const day = Date.now, mark = performance.now.bind(performance), ahead = () => Number(localStorage.getItem("ahead"));
	Date.now = () => day() + ahead();
	performance.now = () => mark() + ahead();
})();`

func (h *journeyHallway) tablet(browser context.Context, more ...string) *journeyStand {
	h.t.Helper()
	p := &journeyStand{journeyOpen(h.t, browser, h.wire.base, 1280), h}
	for _, script := range append(more, journeyWatch) {
		journeyTell(p.journeyPage, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	}
	return p
}

// shows waits for a screen.
func (p *journeyStand) shows(name string) {
	p.t.Helper()
	on := ""
	p.t.Cleanup(func() {
		if on != name {
			p.t.Logf("wanted the screen %q, and %q was there", name, on)
		}
	})
	eventually(p.t, "the screen "+name+" is there", func() bool {
		now, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`(k => k ? k.dataset.ready ? k.dataset.on : "not ready" : "no kiosk")(document.querySelector("#kiosk"))`))
		if err == nil {
			on = now
		}
		return err == nil && now == name
	})
}

// on waits for one question.
func (p *journeyStand) on(code string) {
	p.t.Helper()
	p.shows("ask")
	p.comesTo(`document.querySelector(".face:not([hidden]) [data-screen=ask]:not([hidden])").dataset.code === "` + code + `"`)
}

// later lets time pass, here and at the server.
func (p *journeyStand) later(d time.Duration) {
	p.t.Helper()
	p.hall.ahead.Add(int64(d))
	journeyEval[bool](p.journeyPage, fmt.Sprintf(`localStorage.setItem("ahead", Number(localStorage.getItem("ahead")) + %d), true`, d.Milliseconds()))
	if d >= time.Minute { // it may have asked for the time in between
		p.comes()
	}
}

// tap touches what can be seen, a moment after its screen came.
func (p *journeyStand) tap(selector string) {
	p.t.Helper()
	p.later(500 * time.Millisecond)
	p.click(".face:not([hidden]) > header " + selector + ", .face:not([hidden]) [data-screen]:not([hidden]) " + selector)
}

// pick taps an answer.
func (p *journeyStand) pick(value string) {
	p.t.Helper()
	p.tap(`[data-do=answer][value="` + value + `"]`)
}

// types types a PIN on the pad.
func (p *journeyStand) types(pin string) {
	p.t.Helper()
	p.shows("pin")
	for _, digit := range pin {
		p.tap(`[data-do=key][value="` + string(digit) + `"]`)
	}
	p.tap(`[data-do=enter]`)
}

// begins opens the kiosk and starts it.
func (p *journeyStand) begins() {
	p.t.Helper()
	p.to(journeyKiosk, http.StatusOK)
	p.shows("start")
	p.tap("[data-do=pin]")
	p.types(journeyPIN)
	p.shows("ask")
	p.keeps()
	p.until(`caches.keys().then(k => Promise.all(k.map(n => caches.open(n).then(c => c.keys())))).then(a => a.flat().filter(r => r.url.includes("/k/") || r.url.includes("/static/")).length === 3)`)
}

// corner presses the hidden corner as long as staff do.
func (p *journeyStand) corner() {
	p.t.Helper()
	at := journeyEval[struct{ X, Y float64 }](p.journeyPage, `(r => ({X: r.left + r.width / 2, Y: r.top + r.height / 2}))(document.querySelector(".face:not([hidden]) .corner").getBoundingClientRect())`)
	mouse := func(kind input.DispatchMouseEventType) {
		journeyTell(p.journeyPage, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
	mouse(input.DispatchMouseEventTypeMousePressed)
	p.shows("pin")
	mouse(input.DispatchMouseEventTypeMouseReleased)
}

// count reads a number of the panel for staff.
func (p *journeyStand) count(name string) string {
	p.t.Helper()
	return p.text(`.face:not([hidden]) [data-count=` + name + `]`)
}

// sends waits until nothing is left on the tablet.
func (p *journeyStand) sends() {
	p.t.Helper()
	eventually(p.t, "all is sent", func() bool {
		p.comes()
		return !slices.ContainsFunc(p.outbox(), func(id string) bool { return len(id) == 36 })
	})
}

// kept lists the answers of the kiosk as code=value, with how each stands.
func (h *journeyHallway) kept() []string {
	h.t.Helper()
	var all []string
	for _, r := range h.stored("p_tablet") {
		if r.Channel != surveys.Kiosk || r.Pace != surveys.PaceUnknown || r.Comment != "" {
			h.t.Errorf("%s came by %s, pace %q", r.ID, r.Channel, r.Pace)
		}
		var answers []string
		for code, a := range r.Answers {
			answers = append(answers, code+"="+strings.Join(a.Strings(), "+"))
		}
		slices.Sort(answers)
		all = append(all, strings.TrimSpace(strings.Join(answers, " ")+" "+r.Lang+" "+string(r.Standing)+" "+r.Reason))
	}
	slices.Sort(all)
	return all
}

func (h *journeyHallway) wantKept(want ...string) {
	h.t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, h.kept()); diff != "" {
		h.t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// clean wants no trace of an answer, nor of a receipt, on the screen or behind it.
func (p *journeyStand) clean() {
	p.t.Helper()
	if found := journeyEval[[]string](p.journeyPage, `[...document.querySelectorAll("[aria-pressed=true], :checked, input, textarea, .code")].map(e => e.outerHTML)
		.concat(Object.keys(sessionStorage), Object.keys(localStorage).filter(k => k !== "ahead"), location.search + location.hash || [],
		JSON.stringify(history.state) === "1" || history.state === null ? [] : [JSON.stringify(history.state)])`); len(found) > 0 {
		p.t.Errorf("left behind: %q", found)
	}
}

// journeyKioskPulse answers with one tap, and with two, in both languages.
func journeyKioskPulse(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.begins()
	p.on("P1")
	p.tap("[data-do=lang]")
	if got := journeyEval[string](p.journeyPage, `document.documentElement.lang`); got != "en" {
		t.Errorf("the page speaks %s", got)
	}
	p.pick("5")
	p.shows("thanks")
	if got := p.text(".face:not([hidden]) [data-screen=thanks]"); !strings.Contains(got, "Your feedback has been recorded.") {
		t.Errorf("thanks in English: %q", got)
	}
	p.clean()
	p.later(6 * time.Second)
	p.on("P1")
	if got := journeyEval[string](p.journeyPage, `document.documentElement.lang`); got != "vi" {
		t.Errorf("the next person is spoken to in %s", got)
	}
	p.pick("2")
	p.on("K1") // whoever is not satisfied is asked why
	p.pick("waiting")
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	p.pick("1")
	p.on("K1")
	p.tap("[data-do=back]")
	p.on("P1")
	p.pick("3")
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	p.pick("1")
	p.on("K1")
	p.tap("[data-do=skip]")
	p.shows("thanks")
	p.sends()
	h.wantKept("P1=5 en answers", "K1=waiting P1=2 vi answers", "P1=3 vi answers", "P1=1 vi answers")
	p.clean()
	if _, problems := p.heard(); len(problems) > 0 {
		t.Errorf("the console complains: %q", problems)
	}
}

// journeyKioskShort answers the facility's short form, with a change of mind.
func journeyKioskShort(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, false)
	p := h.tablet(browser)
	p.begins()
	p.on("A3")
	p.pick("5")
	p.on("B2")
	p.tap("[data-do=back]")
	p.on("A3")
	p.pick("4")
	p.on("B2")
	p.tap("[data-do=skip]")
	p.on("C1")
	p.pick("0")
	p.on("C2")
	p.tap("[data-do=lang]") // the answers stay
	p.on("C2")
	p.pick("3")
	p.on("D1")
	p.pick("2")
	p.on("Z")
	p.pick("4")
	p.shows("send")
	p.tap("[data-do=back]")
	p.on("Z")
	p.pick("5")
	p.shows("send")
	p.tap("[data-do=send]")
	p.shows("thanks")
	p.sends()
	h.wantKept("A3=4 C1=0 C2=3 D1=2 Z=5 en answers")
	p.later(6 * time.Second)
	p.on("A3")
	p.clean()
	// Who skips everything has sent nothing.
	for _, code := range []string{"A3", "B2", "C1", "C2", "D1", "Z"} {
		p.on(code)
		p.tap("[data-do=skip]")
	}
	p.on("A3")
	h.wantKept("A3=4 C1=0 C2=3 D1=2 Z=5 en answers")
}

// journeyKioskIdle walks away: a form that was not finished is forgotten, an answer of one tap counts.
func journeyKioskIdle(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, false)
	p := h.tablet(browser)
	p.begins()
	p.on("A3")
	p.tap("[data-do=lang]")
	p.pick("1")
	p.on("B2")
	p.later(29 * time.Second)
	p.pick("1")
	p.on("C1")
	p.later(31 * time.Second)
	p.on("A3")
	p.clean()
	if got := journeyEval[string](p.journeyPage, `document.documentElement.lang`); got != "vi" {
		t.Errorf("after idleness the page speaks %s", got)
	}
	p.must(chromedp.Do(p.ctx, chromedp.Navigate("about:blank")))
	p.back()
	p.on("A3")
	p.clean()
	// Nothing of the first is in what the third sends, nor of the second, who did not press the button.
	for _, z := range []string{"2", "5"} {
		for _, code := range []string{"A3", "B2", "C1", "C2", "D1"} {
			p.on(code)
			p.tap("[data-do=skip]")
		}
		p.on("Z")
		p.pick(z)
		p.shows("send")
		if z == "2" {
			p.later(31 * time.Second)
			p.on("A3")
			p.clean()
		}
	}
	p.tap("[data-do=send]")
	p.shows("thanks")
	p.sends()
	h.wantKept("Z=5 vi answers")

	h = journeyKioskSite(t, true)
	p = h.tablet(browser)
	p.begins()
	p.on("P1")
	p.pick("1")
	p.on("K1")
	p.later(31 * time.Second)
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	p.clean()
	p.sends()
	h.wantKept("P1=1 vi answers")
}

// journeyKioskOffline takes 40 answers in five hours without network, with a reload half way: each is sent once, counts
// in its own hour, and none stands aside.
func journeyKioskOffline(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	for i := range 7 { // as a hall without a break at noon
		set, rev, err := surveys.FindKiosk(t.Context(), h.store, "p_tablet")
		h.must(err)
		set.Hours[i] = []surveys.Span{{From: 7 * 60, To: 17 * 60}}
		_, err = surveys.KioskSettings().Put(t.Context(), h.store, *set, rev)
		h.must(err)
	}
	h.ahead.Add(int64(2 * time.Second))
	p := h.tablet(browser)
	p.begins()
	h.wire.all(journeyCut)
	var want []string
	hours := map[int]int{}
	for i := range 40 {
		p.on("P1")
		hours[h.clock().Hour()]++
		p.pick(strconv.Itoa(3 + i%3))
		p.shows("thanks")
		want = append(want, fmt.Sprintf("P1=%d vi answers", 3+i%3))
		p.later(7*time.Minute + 30*time.Second)
		if i == 20 {
			p.to(journeyKiosk, http.StatusOK)
		}
	}
	p.on("P1")
	if n := len(h.kept()); n != 0 {
		t.Fatalf("%d stored without network", n)
	}
	if got := p.text(".face:not([hidden]) header"); !strings.Contains(got, "ngoại tuyến") {
		t.Errorf("the head says %q", got)
	}
	public := journeyEval[string](p.journeyPage, `document.body.innerText`)
	if strings.Contains(public, "40") || strings.Contains(public, "chưa gửi") {
		t.Errorf("the public reads of what waits: %q", public)
	}
	p.corner()
	p.types(journeyPIN)
	p.shows("staff")
	if got := p.count("unsent"); got != "40" {
		t.Errorf("staff read that %s wait", got)
	}
	h.wire.all(journeyPass)
	p.tap("[data-do=flush]")
	p.comesTo(`document.querySelector(".face:not([hidden]) [data-count=unsent]").textContent === "0" || (dispatchEvent(new Event("online")), false)`)
	if got := p.count("sent"); got != "40" {
		t.Errorf("staff read that %s were sent", got)
	}
	h.wantKept(want...)
	got := map[int]int{}
	for _, r := range h.stored("p_tablet") {
		got[r.Hour]++
	}
	if diff := cmp.Diff(hours, got); diff != "" || len(hours) < 5 {
		t.Errorf("by hour (-want +got):\n%s", diff)
	}
	bodies, _ := h.wire.sent()
	journeyWantAlike(t, slices.DeleteFunc(bodies, func(b string) bool { return strings.HasPrefix(b, "pin=") }))
}

// journeyKioskPIN types wrong PINs and the right one, with and without network.
func journeyKioskPIN(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.to(journeyKiosk, http.StatusOK)
	p.shows("start")
	p.tap("[data-do=pin]")
	p.types("999999")
	p.says("[data-when=wrong]", "Mã PIN chưa đúng.")
	p.types(journeyPIN)
	p.on("P1")
	p.keeps()
	// A short touch of the corner does nothing.
	p.click(".face:not([hidden]) .corner")
	p.on("P1")
	h.wire.all(journeyCut)
	p.corner()
	for range 3 {
		p.types("000001")
		p.says("[data-when=wrong]", "Mã PIN chưa đúng.")
	}
	p.types(journeyPIN) // right, and too soon
	p.says("[data-when=wait]", "Xin chờ rồi nhập lại")
	p.to(journeyKiosk, http.StatusOK) // a reload begins nothing anew
	p.on("P1")
	p.corner()
	p.types(journeyPIN)
	p.says("[data-when=wait]", "Xin chờ rồi nhập lại")
	p.later(31 * time.Second)
	p.on("P1")
	p.corner()
	p.types(journeyPIN)
	p.shows("staff")
	if got := p.count("unsent"); got != "0" {
		t.Errorf("%s wait", got)
	}
	p.later(31 * time.Second) // staff walk away: the panel does not stand open
	p.on("P1")
	p.corner()
	p.later(31 * time.Second)
	p.on("P1")
	p.corner()
	p.types(journeyPIN)
	p.shows("staff")
	p.tap("[data-do=leave]")
	p.shows("start")
	p.to(journeyKiosk, http.StatusOK) // left is left
	p.shows("start")
	p.tap("[data-do=pin]")
	p.types(journeyPIN) // and begun again without network
	p.on("P1")
	text := journeyEval[string](p.journeyPage, `new Promise(done => { const o = indexedDB.open("hailong"); o.onsuccess = () => {
		const g = o.result.transaction("outbox").objectStore("outbox").getAll(); g.onsuccess = () => { o.result.close(); done(JSON.stringify(g.result)); }; }; })`)
	if strings.Contains(text+journeyEval[string](p.journeyPage, `document.documentElement.outerHTML`), journeyPIN) || !strings.Contains(text, `"pass":"k.`) {
		t.Errorf("the tablet keeps %s", text)
	}
}

// journeyKioskNewPIN changes the PIN: the tablet asks for the new one, and what it has taken is not lost.
func journeyKioskNewPIN(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.begins()
	h.setPIN("481516")
	p.later(6 * time.Minute)
	p.shows("start")
	p.says("[data-when=term]", "Mã PIN đã đổi")
	p.tap("[data-do=pin]")
	p.types(journeyPIN)
	p.says("[data-when=wrong]", "Mã PIN chưa đúng.")
	p.types("481516")
	p.on("P1")
	// Another name comes to the screen by itself, without loading the page, which would end the full screen.
	journeyEval[bool](p.journeyPage, `window.stays = true`)
	point, err := surveys.Points().Find(t.Context(), h.store, "p_tablet")
	h.must(err)
	point.Value.Name = "Cửa ra"
	_, err = surveys.Points().Put(t.Context(), h.store, point.Value, point.Rev)
	h.must(err)
	p.later(6 * time.Minute)
	p.says("header", "Cửa ra")
	if !journeyEval[bool](p.journeyPage, `window.stays === true`) {
		t.Error("the page was loaded anew")
	}
	p.pick("4")
	p.shows("thanks")
	p.sends()
	h.wantKept("P1=4 vi answers")
}

// journeyKioskInsecure plays plain HTTP: no service worker, no WebCrypto, so that the server checks the PIN.
func journeyKioskInsecure(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser, `for (const name of ["serviceWorker", "locks", "wakeLock", "storage"]) Object.defineProperty(Navigator.prototype, name, {value: undefined});
		Object.defineProperty(Crypto.prototype, "subtle", {value: undefined});`)
	p.to(journeyKiosk, http.StatusOK)
	p.shows("start")
	p.tap("[data-do=pin]")
	p.types(journeyPIN)
	p.on("P1")
	h.wire.all(journeyCut)
	p.pick("4")
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	p.corner()
	p.types(journeyPIN)
	p.says("[data-when=cut]", "không có mạng")
	h.wire.all(journeyPass)
	p.types("999999")
	p.says("[data-when=wrong]", "Mã PIN chưa đúng.")
	p.types(journeyPIN)
	p.shows("staff")
	p.sends()
	h.wantKept("P1=4 vi answers")
}

// journeyKioskRefused opens the kiosk where nothing can be kept: it does not begin, and says why.
func journeyKioskRefused(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser, `Object.defineProperty(window, "indexedDB", {get() { throw new DOMException("refused", "SecurityError"); }});`)
	p.to(journeyKiosk, http.StatusOK)
	p.says("[data-when=store]", "không cho lưu phiếu")
	// Where the memory is full, nobody is thanked for what is not kept.
	p = h.tablet(browser, `IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };`)
	p.begins()
	p.pick("5")
	p.shows("failed")
	p.later(9 * time.Second)
	p.on("P1")
	h.wantKept()
}

// journeyKioskHours comes at noon, in the evening and on a Sunday.
func journeyKioskHours(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.begins() // Friday, 9:30
	p.later(2*time.Hour + 15*time.Minute)
	p.shows("closed")
	p.says("[data-screen=closed]", "7:30–11:30, 13:30–17:00")
	p.clean()
	p.later(2 * time.Hour)
	p.on("P1")
	h.wire.all(journeyCut)
	p.later(4 * time.Hour)
	p.shows("closed")
	p.to(journeyKiosk, http.StatusOK)
	p.shows("closed")
	p.corner() // staff come in at any hour
	p.types(journeyPIN)
	p.shows("staff")
	p.tap("[data-do=home]")
	p.shows("closed")
	p.later(40 * time.Hour)
	p.shows("closed")
	p.later(24 * time.Hour) // Monday
	p.on("P1")
}

// journeyKioskInterval taps quickly: one person is one answer.
func journeyKioskInterval(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.begins()
	p.later(time.Second)
	journeyEval[bool](p.journeyPage, `(b => { for (const d of [1, 2, 3]) b.dispatchEvent(new MouseEvent("click", {bubbles: true, detail: d})); return true; })(document.querySelector(".face:not([hidden]) [data-code=P1] [value='4']"))`)
	p.shows("thanks")
	p.later(3 * time.Second)
	p.to(journeyKiosk, http.StatusOK)
	p.shows("thanks") // a reload does not make it shorter
	p.later(3 * time.Second)
	p.on("P1")
	// The second half of a double tap does not answer the question that comes next.
	p.later(time.Second)
	journeyEval[bool](p.journeyPage, `(() => { const at = s => document.querySelector(".face:not([hidden]) [data-screen]:not([hidden]) " + s);
		at("[value='2']").dispatchEvent(new MouseEvent("click", {bubbles: true, detail: 1}));
		at("[data-do=answer]").dispatchEvent(new MouseEvent("click", {bubbles: true, detail: 2})); return true; })()`)
	p.on("K1")
	p.tap("[data-do=skip]")
	p.shows("thanks")
	p.sends()
	h.wantKept("P1=4 vi answers", "P1=2 vi answers")
}

// journeyKioskTrap tries the ways out that a browser has.
func journeyKioskTrap(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.to("/", http.StatusOK)
	p.begins()
	p.on("P1")
	for range 3 {
		p.must(chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Evaluate[chromedp.Void](`history.back()`)(ctx, target)
			return err
		})))
		p.on("P1")
		if got := p.address(); got != journeyKiosk {
			t.Fatalf("Back leads to %s", got)
		}
	}
	prevented := journeyEval[[]bool](p.journeyPage, `[new MouseEvent("contextmenu", {bubbles: true, cancelable: true}), new WheelEvent("wheel", {ctrlKey: true, bubbles: true, cancelable: true}),
		new Event("gesturestart", {bubbles: true, cancelable: true}), new Event("selectstart", {bubbles: true, cancelable: true}),
		new KeyboardEvent("keydown", {key: "p", ctrlKey: true, bubbles: true, cancelable: true}), new KeyboardEvent("keydown", {key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true}),
		new KeyboardEvent("keydown", {key: "F5", bubbles: true, cancelable: true})].map(e => !document.querySelector(".face:not([hidden]) h1").dispatchEvent(e))`)
	if slices.Contains(prevented, false) {
		t.Errorf("let through: %v", prevented)
	}
	style := journeyEval[[]string](p.journeyPage, `[getComputedStyle(document.documentElement).touchAction, getComputedStyle(document.body).userSelect]`)
	if diff := cmp.Diff([]string{"pan-y", "none"}, style); diff != "" {
		t.Errorf("pinching and selecting (-want +got):\n%s", diff)
	}
	if links := journeyEval[int](p.journeyPage, `[...document.querySelectorAll("a[href]")].filter(e => e.offsetParent).length`); links != 0 {
		t.Errorf("%d links lead out", links)
	}
	if requests, _ := p.heard(); slices.ContainsFunc(requests, func(r string) bool { return !strings.HasPrefix(r, p.base) }) {
		t.Errorf("asked elsewhere: %q", requests)
	}
}

// journeyKioskKeyboard does all by keys: answers, comes in and leaves.
func journeyKioskKeyboard(t *testing.T, browser context.Context) {
	h := journeyKioskSite(t, true)
	p := h.tablet(browser)
	p.to(journeyKiosk, http.StatusOK)
	p.shows("start")
	walk := func(selector string) {
		t.Helper()
		for range 20 {
			if journeyEval[bool](p.journeyPage, `document.activeElement.matches(`+strconv.Quote(selector)+`)`) {
				return
			}
			p.press(kb.Tab)
		}
		t.Fatalf("Tab never comes to %s", selector)
	}
	walk("[data-do=pin]")
	p.press(kb.Enter)
	p.shows("pin")
	p.press(journeyPIN + "7" + kb.Backspace)
	p.press(kb.Enter)
	p.on("P1")
	if got := journeyEval[string](p.journeyPage, `document.activeElement.textContent`); !strings.Contains(got, "thế nào") {
		t.Errorf("the focus is on %q, want the question", got)
	}
	walk(".face:not([hidden]) [data-code=P1] [value='4']")
	p.press(kb.Enter)
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	walk(".corner")
	p.press(kb.Enter)
	p.shows("pin")
	p.press(journeyPIN)
	p.press(kb.Enter)
	p.shows("staff")
	walk(".face:not([hidden]) [data-do=leave]")
	p.press(kb.Enter)
	p.shows("start")
	p.sends()
	h.wantKept("P1=4 vi answers")
}

// journeyKioskPowerCut lets the tablet die while answers wait on it: it goes on by itself, still without network.
func journeyKioskPowerCut(t *testing.T) {
	h := journeyKioskSite(t, true)
	folder := t.TempDir()
	start := func() (*journeyHandset, *journeyStand) {
		phone := journeyPhone(t, folder)
		p := &journeyStand{&journeyPage{t: t, ctx: phone.ctx, base: h.wire.base}, h}
		journeyTell(p.journeyPage, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		journeyTell(p.journeyPage, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: journeyWatch})
		p.size(1280, 800)
		return phone, p
	}
	phone, p := start()
	p.begins()
	h.wire.all(journeyCut)
	for range 3 {
		p.on("P1")
		p.pick("5")
		p.shows("thanks")
		p.later(6 * time.Second)
	}
	p.on("P1")
	if err := chromedp.FromContext(phone.ctx).Browser.Process().Kill(); err != nil {
		t.Fatal(err)
	}
	phone.stop()
	_, p = start()
	p.to(journeyKiosk, http.StatusOK) // from what the tablet keeps
	// Whether its own clock is kept is not the matter here.
	p.on("P1")
	p.clean()
	p.pick("4")
	p.shows("thanks")
	p.later(6 * time.Second)
	p.on("P1")
	p.corner()
	p.types(journeyPIN)
	p.shows("staff")
	if got := p.count("unsent"); got != "4" {
		t.Errorf("%s wait, want 4", got)
	}
	h.wire.all(journeyPass)
	p.sends()
	h.wantKept("P1=5 vi answers", "P1=5 vi answers", "P1=5 vi answers", "P1=4 vi answers")
}
