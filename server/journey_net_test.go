//go:build e2e

package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

// TestJourneyNet answers while the network or the server fails: whatever happens, each answer is stored exactly once.
func TestJourneyNet(t *testing.T) {
	browser := journeyStart(t)
	for _, one := range []struct {
		name string
		walk func(*testing.T, context.Context)
	}{
		{"Offline", journeyOffline},
		{"Flaky", journeyFlaky},
		{"Killed", journeyKilled},
		{"Refused", journeyRefused},
		{"TwoTabs", journeyTwoTabs},
		{"Bytes", journeyBytes},
		{"Hotspot", journeyHotspot},
		{"Busy", journeyIsBusy},
		{"Gone", journeyGone},
		{"Again", journeyAgain},
		{"Sync", journeySync},
		{"Update", journeyUpdate},
		{"Insecure", journeyInsecure},
		{"Clock", journeyClock},
		{"PowerCut", func(t *testing.T, _ context.Context) { journeyPowerCut(t) }},
		{"Look", journeyHeldLook},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			one.walk(t, browser)
		})
	}
}

const journeyForm = "/s/" + string(journeyHall)

// journeyVisit opens a form and waits until the service worker keeps it.
func journeyVisit(t *testing.T, browser context.Context, s *journeyFarSite) *journeyPage {
	t.Helper()
	p := journeyOpen(t, browser, s.base, 390)
	p.opens(journeyForm)
	p.keeps()
	return p
}

// opens opens a form and waits until its outbox would take an answer.
func (p *journeyPage) opens(path string) {
	p.t.Helper()
	p.to(path, http.StatusOK)
	p.comesTo(`document.querySelector("#outbox[data-ready]") !== null`)
}

// comesTo waits for a condition, on whatever page the browser is by then.
func (p *journeyPage) comesTo(condition string) {
	p.t.Helper()
	eventually(p.t, condition, func() bool {
		holds, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](condition))
		return err == nil && holds
	})
}

// keeps waits until the service worker has the page in its hands.
func (p *journeyPage) keeps() {
	p.t.Helper()
	journeyEval[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	p.until(`navigator.serviceWorker.controller !== null`)
}

// tab opens another tab of the same phone.
func (p *journeyPage) tab() *journeyPage {
	p.t.Helper()
	tab, closeTab := chromedp.NewContext(p.ctx)
	p.t.Cleanup(closeTab)
	q := &journeyPage{t: p.t, base: p.base, ctx: tab}
	q.must(chromedp.Do(tab))
	journeyTell(q, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return q
}

func (p *journeyPage) id() string {
	p.t.Helper()
	return journeyEval[string](p, `document.querySelector("[name=submission_id]").value`)
}

// outbox lists the ids of what waits on the phone.
func (p *journeyPage) outbox() []string {
	p.t.Helper()
	return journeyEval[[]string](p, `new Promise((done, fail) => {
		const asked = indexedDB.open("hailong");
		asked.onerror = fail;
		asked.onsuccess = () => {
			const all = asked.result.transaction("outbox").objectStore("outbox").getAll();
			all.onsuccess = () => { asked.result.close(); done(all.result.map(r => r.id)); };
		};
	})`)
}

// says waits until the page says a text.
func (p *journeyPage) says(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.offsetParent && e.innerText.replaceAll("\u00a0", " ").includes(%q))`, selector, text))
}

// answers chooses an answer, on whatever screen it stands: how it is chosen is the matter of other journeys.
func (p *journeyPage) answers(code, value string) {
	p.t.Helper()
	if !journeyEval[bool](p, fmt.Sprintf(`(e => { e.click(); return e.checked; })(document.getElementById("%s-%s"))`, code, value)) {
		p.t.Fatalf("%s=%s was clicked and is not chosen", code, value)
	}
}

// journeySubmit is what a click on the send button does.
const journeySubmit = `document.querySelector("form[method=post]").requestSubmit();`

func journeySends() chromedp.Action[chromedp.Void] { return journeyDo(journeySubmit) }

// journeyDo runs a script that may lead to another page.
func journeyDo(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](script+"; undefined")(ctx, target)
		return err
	})
}

// held sends the form and waits until the page says that it waits.
func (p *journeyPage) held() {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, journeySends()))
	p.says("#kept h1", "Phiếu đang chờ gửi")
	if journeyEval[bool](p, `document.querySelector("form").offsetParent !== null`) {
		p.t.Error("the form can be sent a second time")
	}
}

// comes tells the page that the network is back.
func (p *journeyPage) comes() {
	p.t.Helper()
	journeyEval[bool](p, `dispatchEvent(new Event("online"))`)
}

// shownReceipt is the receipt on the page that waits.
func (p *journeyPage) shownReceipt() surveys.Receipt {
	p.t.Helper()
	shown := strings.Join(strings.Fields(p.text("#kept .code")), " ")
	if !journeyGroups.MatchString(shown) {
		p.t.Fatalf("the receipt reads %q, want three groups of four letters", shown)
	}
	receipt, _ := surveys.ParseReceipt(shown)
	return receipt
}

// clears brings the network back, and wants the page that waits to say that its answer is sent.
func (s *journeyFarSite) clears(p *journeyPage, id string) {
	s.t.Helper()
	s.wire.all(journeyPass)
	p.comes()
	p.says("#kept h1", "Đã gửi phiếu.")
	if got, want := p.shownReceipt(), surveys.SubmissionID(id).Receipt(); got != want {
		s.t.Errorf("the phone shows %s, want %s", got, want)
	}
}

// wantAll wants exactly these submissions of the hall's counter stored, given within the last hours.
func (s *journeyFarSite) wantAll(ids ...string) {
	s.t.Helper()
	var got []string
	for _, r := range s.stored("p_hall") {
		got = append(got, string(r.ID))
		if len(r.Answers) == 0 {
			s.t.Errorf("%s has no answers", r.ID)
		}
		day, err := time.ParseInLocation("2006-01-02", string(r.Day), journeyZone(s.t))
		s.must(err)
		given := day.Add(time.Duration(r.Hour) * time.Hour)
		if ago := time.Since(given); r.Hour < 0 || ago < 0 || ago > 3*time.Hour {
			s.t.Errorf("%s counts at %s, %d o'clock: %s ago", r.ID, r.Day, r.Hour, ago)
		}
	}
	slices.Sort(got)
	slices.Sort(ids)
	if diff := cmp.Diff(ids, got); diff != "" {
		s.t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func journeyZone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// journeyOffline opens, reloads and answers forms without network, and goes online.
func journeyOffline(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	first := p.id()
	s.wire.all(journeyCut)
	p.answers("A3", "5")
	p.held()
	if got, want := p.shownReceipt(), surveys.SubmissionID(first).Receipt(); got != want {
		t.Errorf("the phone shows %s, want %s", got, want)
	}
	p.says("#outbox", "1 phiếu đang chờ gửi")
	if n := len(s.stored("p_hall")); n != 0 {
		t.Fatalf("%d stored without network", n)
	}
	// A reload, and a second person on the same phone.
	p.opens(journeyForm)
	p.says("#outbox", "1 phiếu đang chờ gửi")
	second := p.id()
	p = p.tab()
	p.opens(journeyForm + "?lang=vi&zarsrc=zalo") // as a chat would open it
	third := p.id()
	for _, id := range []string{second, third} {
		if _, err := surveys.ParseSubmissionID(id); err != nil || id == first || second == third {
			t.Errorf("the kept page has the ids %s, %s, then %s: %v", first, second, third, err)
		}
	}
	p.answers("Z", "1")
	p.held()
	p.says("#outbox", "2 phiếu đang chờ gửi")
	if diff := cmp.Diff(slices.Sorted(slices.Values([]string{first, third})), p.outbox()); diff != "" {
		t.Errorf("kept on the phone (-want +got):\n%s", diff)
	}
	s.clears(p, third)
	p.says("#outbox", "Đã gửi 2 phiếu")
	s.wantAll(first, third)
	if left := p.outbox(); len(left) != 0 {
		t.Errorf("the phone still keeps %q", left)
	}
	journeyWantKept(p)
}

// journeyWantKept wants nothing in the caches but forms and scripts.
func journeyWantKept(p *journeyPage) {
	p.t.Helper()
	kept := journeyEval[[]string](p, `caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys())))).then(all => all.flat().map(r => new URL(r.url).pathname))`)
	forms := 0
	for _, path := range kept {
		if path == journeyForm {
			forms++
		} else if !strings.HasPrefix(path, "/static/") || !strings.HasSuffix(path, ".js") {
			p.t.Errorf("%s is kept", path)
		}
	}
	if forms == 0 || forms == len(kept) {
		p.t.Errorf("kept is %q, want the form and its scripts", kept)
	}
}

// journeyFlaky answers six forms while every second request fails, on its way there or back.
func journeyFlaky(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	rng := rand.New(rand.NewPCG(5, 2026))
	posts := 0
	s.wire.each(func(r *http.Request) journeyFate { // one at a time
		if r.Method == http.MethodPost {
			if posts++; posts == 1 {
				return journeyCut
			}
		}
		return []journeyFate{journeyPass, journeyPass, journeyCut, journeyLose}[rng.IntN(4)]
	})
	var ids []string
	waited := 0
	for range 6 {
		p.must(chromedp.Do(p.ctx, chromedp.Navigate(p.base+journeyForm)))
		p.comesTo(`document.querySelector("form [name=submission_id]") !== null && document.querySelector("#outbox[data-ready]") !== null`)
		ids = append(ids, p.id())
		p.answers("A3", "4")
		p.must(chromedp.Do(p.ctx, journeySends()))
		p.comesTo(`location.pathname.endsWith("/thanks") && document.body.innerText.includes("Mã phiếu") || [...document.querySelectorAll("#kept h1")].some(e => e.offsetParent)`)
		if !strings.Contains(p.address(), "/thanks") {
			waited++
		}
	}
	if waited == 0 {
		t.Error("none of 6 waited: half of the requests should fail")
	}
	eventually(t, "all are sent", func() bool { p.comes(); return len(p.outbox()) == 0 })
	s.wantAll(ids...)
}

// journeyKilled kills the server in the middle of a form, before and after it is stored.
func journeyKilled(t *testing.T, browser context.Context) {
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored=%v", stored), func(t *testing.T) {
			s := journeyFar(t)
			p := journeyVisit(t, browser, s)
			id := p.id()
			p.answers("B2", "3")
			if stored {
				s.wire.then(s.kill)
				s.wire.all(journeyLose)
			} else {
				s.wire.each(func(r *http.Request) journeyFate {
					if r.Method == http.MethodPost {
						return journeyCut
					}
					return journeyPass
				})
			}
			p.held()
			if !stored {
				s.kill()
			}
			s.wire.then(nil)
			p.must(chromedp.Do(p.ctx, chromedp.Navigate(p.base+journeyForm))) // a reload while it is down
			p.says("#outbox", "1 phiếu đang chờ gửi")
			s.wire.all(journeyPass)
			s.rise()
			p.comes()
			p.says("#outbox", "Đã gửi 1 phiếu")
			s.wantAll(id)
			if _, heard := s.wire.sent(); stored && heard < 2 {
				t.Errorf("the server heard %d posts, want a repeat of what it had stored", heard)
			}
		})
	}
}

// journeyRefused plays browsers that refuse what the outbox needs: the plain form works.
func journeyRefused(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	refuse := func(name string) string {
		return `Object.defineProperty(window, "` + name + `", {configurable: true, get() { throw new DOMException("refused", "SecurityError"); }});`
	}
	var ids []string
	for name, script := range map[string]string{
		"all refused": refuse("indexedDB") + refuse("localStorage") + refuse("sessionStorage") + refuse("caches") +
			`Object.defineProperty(Navigator.prototype, "serviceWorker", {get() { throw new DOMException("refused", "SecurityError"); }});`,
		"none there": `delete window.indexedDB; Object.defineProperty(window, "indexedDB", {value: undefined});
			Object.defineProperty(Navigator.prototype, "serviceWorker", {value: undefined}); Object.defineProperty(Navigator.prototype, "locks", {value: undefined});`,
		"opens with an error": `IDBFactory.prototype.open = () => { const r = {}; setTimeout(() => r.onerror({}), 0); return r; };`,
		"never opens":         `IDBFactory.prototype.open = () => ({});`,
		"full at the start":   `IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };`,
		"full when sent":      `IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };`,
		"stuck when sent":     `IDBObjectStore.prototype.add = function() { const t = this.transaction; Object.defineProperty(t, "oncomplete", {set() {}}); return {}; };`,
		"no worker":           `Object.defineProperty(Navigator.prototype, "serviceWorker", {value: undefined});`,
		"no WebCrypto":        `Object.defineProperty(Crypto.prototype, "subtle", {value: undefined});`,
		"old":                 `delete window.AbortController; delete window.BroadcastChannel; Object.defineProperty(Navigator.prototype, "locks", {value: undefined});`,
	} {
		p := journeyOpen(t, browser, s.base, 390)
		journeyTell(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		p.to(journeyForm, http.StatusOK)
		p.until(`document.readyState === "complete"`)
		id := p.id()
		p.answers("C1", "4")
		p.lands(http.StatusOK, journeySends())
		if got, want := journeyReceipt(p), surveys.SubmissionID(id).Receipt(); got != want {
			t.Errorf("%s: receipt %s, want %s", name, got, want)
		}
		ids = append(ids, id)
		s.wantAll(ids...)
	}
	// Without storage and without network the browser says so itself, and nothing is promised.
	p := journeyOpen(t, browser, s.base, 390)
	journeyTell(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: refuse("indexedDB")})
	p.to(journeyForm, http.StatusOK)
	p.answers("C1", "4")
	if journeyEval[bool](p, `!document.querySelector("form").dispatchEvent(new Event("submit", {cancelable: true}))`) {
		t.Error("the plain form is held back")
	}
}

// journeyTwoTabs lets two tabs and the service worker send the same answers at once, with and without the lock that
// keeps them apart where a browser has it.
func journeyTwoTabs(t *testing.T, browser context.Context) {
	for name, script := range map[string]string{
		"locks": "", "no locks": `Object.defineProperty(Navigator.prototype, "locks", {value: undefined});`,
	} {
		t.Run(name, func(t *testing.T) {
			s := journeyFar(t)
			p := journeyOpen(t, browser, s.base, 390)
			q := p.tab()
			var ids []string
			for _, tab := range []*journeyPage{p, q} {
				journeyTell(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
				tab.opens(journeyForm)
				tab.keeps()
				ids = append(ids, tab.id())
			}
			s.wire.all(journeyCut)
			for _, tab := range []*journeyPage{p, q} {
				tab.answers("A3", "2")
				tab.held()
			}
			q.says("#outbox", "2 phiếu đang chờ gửi")
			s.wire.all(journeyPass)
			p.comes()
			q.comes()
			journeyWake(q, s.base)
			p.says("#kept h1", "Đã gửi phiếu.")
			q.says("#kept h1", "Đã gửi phiếu.")
			if p.shownReceipt() == q.shownReceipt() {
				t.Error("both tabs show one receipt")
			}
			s.wantAll(ids...)
			bodies, _ := s.wire.sent()
			journeyWantAlike(t, bodies)
			if left := p.outbox(); len(left) != 0 {
				t.Errorf("the phone still keeps %q", left)
			}
		})
	}
}

// journeyWantAlike wants all bodies of one submission alike, but for the hour that is told with a late one.
func journeyWantAlike(t *testing.T, bodies []string) {
	t.Helper()
	seen := map[string]string{}
	for _, body := range bodies {
		v, err := url.ParseQuery(body)
		if err != nil {
			t.Error(err)
		}
		plain, _, _ := strings.Cut(body, "&given=")
		id := v.Get("submission_id")
		if was, again := seen[id]; again && was != plain {
			t.Errorf("%s was sent as %s and as %s", id, was, plain)
		}
		seen[id] = plain
	}
}

// journeyBytes holds what the outbox sends against what the browser sends by itself.
func journeyBytes(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	fill := `(() => {
		const f = document.querySelector("form");
		f.elements.submission_id.value = "%s";
		f.elements.form_token.value = "mã & = + %% \u00a0~*'()!";
		f.elements.comment.value = "dòng 1\ndòng 2\r\n\n  ễ e\u0302\u0303 😀 \ud800 a+b&c=d;<\"'>%%0D ~*()!'-._\t";
		document.getElementById("A3-4").checked = true;
		document.getElementById("Z-5").checked = true;
		return true;
	})()`
	var ids []string
	send := func(how string) {
		p.opens(journeyForm)
		ids = append(ids, string(surveys.NewSubmissionID()))
		journeyEval[bool](p, fmt.Sprintf(fill, ids[len(ids)-1]))
		p.lands(http.StatusOK, journeyDo(how))
	}
	send(`HTMLFormElement.prototype.submit.call(document.querySelector("form"))`)
	send(journeySubmit)
	bodies, _ := s.wire.sent()
	if len(bodies) != 2 {
		t.Fatalf("%d posts, want 2", len(bodies))
	}
	if got, want := strings.ReplaceAll(bodies[1], ids[1], ids[0]), bodies[0]; got != want {
		t.Errorf("the outbox sends\n%s\nthe browser\n%s", got, want)
	}
	s.wantAll(ids...)
}

// journeyHotspot meets a network whose login page answers every request: nothing counts as sent or refused.
func journeyHotspot(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	id := p.id()
	s.wire.all(journeyPortal)
	p.answers("D1", "5")
	p.held()
	p.comes()
	if diff := cmp.Diff([]string{id}, p.outbox()); diff != "" {
		t.Errorf("kept on the phone (-want +got):\n%s", diff)
	}
	s.clears(p, id)
	s.wantAll(id)
}

// journeyIsBusy meets a server that asks for patience.
func journeyIsBusy(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	id := p.id()
	s.wire.all(journeyBusy)
	p.answers("D1", "5")
	p.held()
	asked := time.Now()
	s.wire.all(journeyPass)
	p.comes() // too early: the server said when
	p.says("#kept h1", "Đã gửi phiếu.")
	if waited := time.Since(asked); waited < time.Second {
		t.Errorf("sent again after %s, want the two seconds that the server asked for", waited)
	}
	s.wantAll(id)
}

// journeyGone sends to a place that took no answers when this one was given: the person is told, and it is dropped.
func journeyGone(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	s.wire.all(journeyCut)
	p.answers("D1", "5")
	p.held()
	hall, err := surveys.Points().Find(t.Context(), s.store, "p_hall")
	s.must(err)
	hall.Value.Retired = "2026-01-01"
	_, err = surveys.Points().Put(t.Context(), s.store, hall.Value, hall.Rev)
	s.must(err)
	s.kill()
	s.rise() // no cache knows the place as it was
	s.wire.all(journeyPass)
	p.comes()
	p.says("#kept h1", "Phiếu không gửi được")
	p.says("#outbox", "1 phiếu không gửi được và đã được xóa khỏi máy này")
	if left := p.outbox(); len(left) != 0 {
		t.Errorf("the phone still keeps %q", left)
	}
	s.wantAll()
	// The kept form goes with its place.
	p.to(journeyForm, http.StatusGone)
	s.wire.all(journeyCut)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(p.base+journeyForm)); err == nil {
		t.Error("a retired place's form is still kept")
	}
}

// journeyAgain goes back after sending: whoever is at the phone then has an id of their own.
func journeyAgain(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	first := p.id()
	p.answers("A3", "1")
	p.lands(http.StatusOK, journeyDo(`for (const _ of "12") `+journeySubmit)) // a double tap
	journeyReceipt(p)
	if bodies, _ := s.wire.sent(); len(bodies) != 1 {
		t.Errorf("a double tap sent %d times", len(bodies))
	}
	p.back()
	second := p.id()
	if second == first || journeyEval[bool](p, `document.querySelector("input:checked") !== null`) {
		t.Errorf("after Back the form has the id %s, was %s, or its answers", second, first)
	}
	p.answers("A3", "5")
	p.lands(http.StatusOK, journeySends())
	s.wantAll(first, second)
}

// journeySync closes the page and lets the browser wake the service worker.
func journeySync(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyVisit(t, browser, s)
	id := p.id()
	s.wire.all(journeyCut)
	p.answers("A3", "3")
	p.held()
	p.until(`window.synced = window.synced || navigator.serviceWorker.ready.then(r => r.sync.getTags()).then(t => { window.tags = t; }), (window.tags || []).includes("outbox") || (window.synced = null)`)
	p.must(chromedp.Do(p.ctx, chromedp.Navigate("about:blank")))
	s.wire.all(journeyPass)
	journeyWake(p, s.base)
	eventually(t, "the service worker has sent", func() bool { return len(s.stored("p_hall")) == 1 })
	s.wantAll(id)
	p.opens(journeyForm)
	p.says("#outbox", "Đã gửi 1 phiếu")
	p.opens(journeyForm)
	p.until(`document.readyState === "complete"`)
	if got := p.text("#outbox"); got != "" {
		t.Errorf("the page says again %q", got)
	}
}

// journeyInsecure plays plain HTTP: without WebCrypto, service worker and locks an answer still waits, and its receipt
// is shown once the server has it.
func journeyInsecure(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	p := journeyOpen(t, browser, s.base, 390)
	journeyTell(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		for (const name of ["serviceWorker", "locks"]) Object.defineProperty(Navigator.prototype, name, {value: undefined});
		Object.defineProperty(Crypto.prototype, "subtle", {value: undefined});
		Object.defineProperty(Crypto.prototype, "randomUUID", {value: undefined});`})
	p.opens(journeyForm)
	id := p.id()
	s.wire.all(journeyCut)
	p.answers("A3", "5")
	p.held()
	if journeyEval[bool](p, `document.querySelector("#kept .card").offsetParent !== null`) {
		t.Error("a card without a receipt is shown")
	}
	s.clears(p, id)
	s.wantAll(id)
}

// journeyClock answers on a phone whose clock is wrong: at once, where only the server's clock counts, and late, where
// the answer counts on the day it arrives, marked.
func journeyClock(t *testing.T, browser context.Context) {
	s := journeyFar(t)
	for _, days := range []int{-4000, -20, 20, 4000} {
		p := journeyOpen(t, browser, s.base, 390)
		journeyTell(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`
			const right = Date.now; Date.now = () => right() + %d * 864e5;`, days)})
		p.opens(journeyForm)
		p.keeps()
		at, late := p.id(), ""
		p.answers("A3", "5")
		p.lands(http.StatusOK, journeySends())
		s.wire.all(journeyCut)
		p.opens(journeyForm)
		late = p.id()
		p.answers("A3", "1")
		p.held()
		s.clears(p, late)
		today := surveys.DayOf(time.Now(), journeyZone(t))
		for id, unknown := range map[string]bool{at: false, late: true} {
			r, err := s.store.Response(t.Context(), surveys.SubmissionID(id))
			s.must(err)
			// A moment before the form was opened may be taken for that of its opening, which is today's.
			wrong := (r.Hour == -1) != unknown && (!unknown || days > 0)
			if r.Day != r.Arrived || r.Day > today || r.Day < today.Add(-1) || wrong {
				t.Errorf("%d days off: counts on %s at %d, arrived %s; want the hour unknown: %v", days, r.Day, r.Hour, r.Arrived, unknown)
			}
		}
	}
}

// journeyPowerCut lets the phone die while an answer waits on it.
func journeyPowerCut(t *testing.T) {
	s := journeyFar(t)
	phone := t.TempDir()
	first := journeyPhone(t, phone)
	p := first.visit(s.base)
	id := p.id()
	s.wire.all(journeyCut)
	p.answers("A3", "2")
	p.held()
	if err := chromedp.FromContext(first.ctx).Browser.Process().Kill(); err != nil {
		t.Fatal(err)
	}
	first.stop()
	p = journeyPhone(t, phone).visit(s.base) // from what the phone keeps
	p.says("#outbox", "1 phiếu đang chờ gửi")
	if p.id() == id {
		t.Error("the reopened form has the id of the answer that waits")
	}
	s.wire.all(journeyPass)
	p.comes()
	p.says("#outbox", "Đã gửi 1 phiếu")
	s.wantAll(id)
}

// journeyHandset is a browser whose storage outlives it.
type journeyHandset struct {
	t    *testing.T
	ctx  context.Context
	stop func()
}

func journeyPhone(t *testing.T, folder string) *journeyHandset {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(journeyOptions(), chromedp.UserDataDir(folder))...)
	browser, closeBrowser := chromedp.NewContext(allocator)
	both := func() { closeBrowser(); stop() }
	t.Cleanup(both)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return &journeyHandset{t: t, ctx: browser, stop: both}
}

// visit opens the form in the browser's own, lasting storage.
func (h *journeyHandset) visit(base string) *journeyPage {
	h.t.Helper()
	p := &journeyPage{t: h.t, ctx: h.ctx, base: base}
	journeyTell(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.opens(journeyForm)
	p.keeps()
	return p
}
