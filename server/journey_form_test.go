//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

// journeySteps are the journeys of the form that asks one question a screen.
func journeySteps() map[string]func(*testing.T, context.Context) {
	return map[string]func(*testing.T, context.Context){
		"Tap": journeyTap, "BackAndReload": journeyBackAndReload, "SameBytes": journeySameBytes, "ShowIf": journeyShowIf,
		"Storage": journeyStorage, "Voice": journeyVoice, "Looks": journeyLooks, "SlowNet": journeySlowNet,
		"ForcedColours": journeyForcedColours, "Wholly320": journeyWholly320,
	}
}

// journeyBefore runs a script before those of each page.
func (p *journeyPage) before(script string) {
	p.t.Helper()
	journeyTell(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// at is the name of the question on the screen.
const journeyAt = `[...document.querySelectorAll(".q")].filter(q => q.getClientRects().length).map(q => q.querySelector("[name]").name).join()`

func (p *journeyPage) wantAt(code string) {
	p.t.Helper()
	// (chromedp's own Poll sees nothing of a page that Back brought back.)
	at := journeyEval[string](p, `new Promise(done => { let n = 0; const see = () => { const at = `+journeyAt+`;
		if (at === "`+code+`" || n++ > 300) done(at); else setTimeout(see, 30); }; see(); })`)
	if at != code {
		p.t.Fatalf("on the screen is %q, want %q", at, code)
	}
}

// tap touches the middle of an element with a finger, which lifts at once.
func (p *journeyPage) tap(selector string) {
	p.t.Helper()
	p.reach(selector)
	at := journeyEval[struct{ X, Y float64 }](p, `(e => { e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect();
		return {X: r.left + r.width / 2, Y: r.top + r.height / 2}; })(document.querySelector('`+selector+`'))`)
	journeyTell(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: at.X, Y: at.Y}}})
	journeyTell(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
}

// journeyTap answers the whole form with a finger: each tap goes on by itself, a double tap answers one question only.
func journeyTap(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	journeyTell(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	p.to("/s/"+string(journeyHall), http.StatusOK)
	p.wantAt("A3")
	if got := p.text(".left"); got != "Còn khoảng một phút" {
		t.Errorf("time left: %q", got)
	}
	p.tap(`label[for="A3-5"]`)
	p.tap(`label[for="A3-5"]`)
	p.wantAt("B2")
	if journeyEval[bool](p, `document.querySelector("[name=B2]:checked") !== null`) {
		t.Error("the second tap answered the next question")
	}
	p.tap(`label[for="B2-4"]`)
	p.wantAt("C1")
	p.tap(`label[for="C1-0"]`)
	p.wantAt("C2")
	if got := journeyEval[int](p, `document.querySelectorAll(".bar .on").length`); got != 4 {
		t.Errorf("%d marks of progress at question 4", got)
	}
	p.tap(`label[for="C2-1"]`)
	p.wantAt("D1")
	p.tap(".prev")
	p.wantAt("C2")
	p.tap(".skip") // and the answer is taken back
	p.wantAt("D1")
	p.tap(`label[for="D1-1"]`)
	p.wantAt("Z")
	p.tap(`label[for="Z-3"]`)
	p.wantAt("comment")
	if !journeyEval[bool](p, `document.querySelector(".send").getClientRects().length > 0 && !document.querySelector(".next").getClientRects().length`) {
		t.Error("the last screen must have the one big button, and nothing that leads on")
	}
	p.typeInto("#comment", journeyComment)
	p.lands(http.StatusOK, journeyClick("form button"))
	journeyWantOne(s, journeyReceipt(p))
}

// journeyBackAndReload goes back with the browser, reloads, is called away, and changes the language; nothing is lost
// and the form is one and the same.
func journeyBackAndReload(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	id := journeyEval[string](p, `document.querySelector("[name=submission_id]").value`)
	token := journeyEval[string](p, `document.querySelector("[name=form_token]").value`)
	for _, code := range []string{"A3", "B2", "C1"} {
		p.reach("#" + code + "-5")
		p.choose(code, string(rune('0'+journeyAnswers()[code])))
	}
	p.reach("#D1-1")
	journeyEval[bool](p, `history.back(), true`)
	p.wantAt("C2")
	journeyEval[bool](p, `history.back(), true`)
	p.wantAt("C1")
	p.reach("#D1-1")
	same := func(when string) {
		t.Helper()
		p.wantAt("D1")
		got := journeyEval[[]string](p, `[...document.querySelectorAll("input:checked")].map(e => e.id).concat(
			document.querySelector("[name=submission_id]").value, document.querySelector("[name=form_token]").value)`)
		if d := cmp.Diff([]string{"A3-5", "B2-4", "C1-0", id, token}, got); d != "" {
			t.Errorf("after %s (-want +got):\n%s", when, d)
		}
	}
	same("going back and on")
	p.lands(http.StatusOK, chromedp.Reload())
	same("a reload")
	p.to("/s/ZZZZZZZZ", http.StatusNotFound)
	p.back()
	same("another page and back")
	p.to("/s/"+string(journeyHall)+"?lang=en", http.StatusOK)
	same("a change of language")
	p.to("/s/"+string(journeyHall), http.StatusOK)
	p.choose("D1", "1")
	p.choose("Z", "3")
	p.typeInto("#comment", journeyComment)
	p.lands(http.StatusOK, journeyClick("form button"))
	journeyWantOne(s, journeyReceipt(p))
	if left := journeyEval[int](p, `sessionStorage.length`); left != 0 {
		t.Errorf("%d drafts are kept after the form was sent", left)
	}
	p.to("/s/"+string(journeyHall), http.StatusOK)
	p.wantAt("A3")
	if journeyEval[string](p, `document.querySelector("[name=submission_id]").value`) == id {
		t.Error("the next form has the id of the last")
	}
}

// journeySameBytes sends the same answers with scripts and without, and compares what went over the wire.
func journeySameBytes(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	var bodies []string
	for _, off := range []bool{false, true} {
		p := journeyOpen(t, browser, s.base, 390)
		var body string
		p.must(chromedp.Listen(p.ctx, func(event any) {
			if e, ok := event.(*network.EventRequestWillBeSent); ok && e.Request.Method == http.MethodPost {
				p.mu.Lock()
				defer p.mu.Unlock()
				for _, part := range e.Request.PostDataEntries {
					body += string(part.Bytes)
				}
			}
		}))
		journeyTell(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
		p.to("/s/"+string(journeyHall), http.StatusOK)
		ids := journeyEval[[]string](p, `["submission_id", "form_token"].map(n => document.querySelector("[name="+n+"]").value)`)
		for _, code := range []string{"A3", "C1", "Z"} {
			p.choose(code, "4")
		}
		p.typeInto("#comment", "Hàng đợi dài & nóng")
		p.click(`label[for="FOR"]`)
		p.lands(http.StatusOK, journeyClick("form button"))
		p.mu.Lock()
		bodies = append(bodies, strings.NewReplacer(ids[0], "ID", ids[1], "TOKEN").Replace(body))
		p.mu.Unlock()
	}
	if bodies[0] == "" || bodies[0] != bodies[1] {
		t.Errorf("with scripts %q, without %q", bodies[0], bodies[1])
	}
	all := s.stored("p_hall")
	if len(all) != 2 || !all[0].Answers[surveys.OnBehalf].Holds("yes") || cmp.Diff(all[0].Answers, all[1].Answers) != "" {
		t.Errorf("stored is %+v", all)
	}
}

// journeyShowIf goes through the school's full form: what its level does not ask is passed over, and comes when the
// level is changed.
func journeyShowIf(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/JH000005?form=full", http.StatusOK)
	if got := p.text(".intro"); !strings.Contains(got, "cha mẹ hoặc người giám hộ") || strings.Contains(got, "lớp 10") {
		t.Errorf("a kindergarten's form says %q", got)
	}
	if journeyEval[bool](p, `document.getElementById("FOR") !== null`) {
		t.Error("a school asks for whom one answers")
	}
	walk := func() (asked []string) {
		p.reach("#K1-mn")
		for range 60 {
			at := journeyEval[string](p, journeyAt)
			asked = append(asked, at)
			if at == "comment" {
				return asked
			}
			journeyEval[bool](p, `document.querySelector(".next").click(), true`)
		}
		t.Fatalf("no end: %q", asked)
		return nil
	}
	choose := func(level string) {
		p.reach("#K1-mn")
		journeyEval[bool](p, `document.getElementById("K1-`+level+`").click(), true`)
	}
	choose("mn")
	if asked := walk(); slices.Contains(asked, "D2") || !slices.Contains(asked, "D6") || slices.Contains(asked, "K2") {
		t.Errorf("at a kindergarten asked were %q", asked)
	}
	choose("th")
	if asked := walk(); !slices.Contains(asked, "D2") || slices.Contains(asked, "D6") || !slices.Contains(asked, "K2") {
		t.Errorf("at a primary school asked were %q", asked)
	}
}

// journeyStorage answers where the browser refuses to keep anything.
func journeyStorage(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.before(`for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, {get() { throw new DOMException("refused", "SecurityError"); }});
		history.pushState = history.replaceState = () => { throw new DOMException("refused", "SecurityError"); };`)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	for _, code := range []string{"A3", "B2", "C1", "D1", "Z"} {
		p.choose(code, string(rune('0'+journeyAnswers()[code])))
	}
	p.click(".prev")
	p.wantAt("D1")
	p.click("footer [value=large]")
	p.typeInto("#comment", journeyComment)
	p.lands(http.StatusOK, journeyClick("form button"))
	journeyWantOne(s, journeyReceipt(p))
	if _, problems := p.heard(); len(problems) > 0 {
		t.Errorf("the console says %q", problems)
	}
}

// journeyVoice has phones with several voices: one that reads at home, one that would send the text away, none.
func journeyVoice(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	for _, one := range []struct {
		name, voices, lang string
		offered            bool
	}{
		{"own voice", `[{lang: "en-US", localService: true}, {lang: "vi-VN", localService: true}]`, "vi", true},
		{"old spelling", `[{lang: "vi_VN", localService: true}]`, "vi", true},
		{"voice of another host", `[{lang: "vi-VN", localService: false}]`, "vi", false},
		{"other language", `[{lang: "en-GB", localService: true}]`, "vi", false},
		{"English", `[{lang: "en-GB", localService: true}]`, "en", true},
		{"none", `[]`, "vi", false},
	} {
		p := journeyOpen(t, browser, s.base, 390)
		p.before(`speechSynthesis.getVoices = () => ` + one.voices + `; window.said = [];
			window.SpeechSynthesisUtterance = function (text) { this.text = text; };
			speechSynthesis.speak = u => said.push(u.voice.lang + ": " + u.text);`)
		p.to("/s/"+string(journeyHall)+"?lang="+one.lang, http.StatusOK)
		if got := journeyEval[bool](p, `document.querySelector(".hear").getClientRects().length > 0`); got != one.offered {
			t.Errorf("%s: offered %v, want %v", one.name, got, one.offered)
		}
		if !one.offered {
			continue
		}
		p.click(".hear")
		said := journeySpaces(strings.Join(journeyEval[[]string](p, `said`), "|"))
		want := []string{"vi", "Máy móc, thiết bị", "Rất hài lòng. Hài lòng. Bình thường"}
		if one.lang == "en" {
			want = []string{"en-GB: ", "Very satisfied. Satisfied"}
		}
		for _, part := range want {
			if !strings.Contains(said, part) {
				t.Errorf("%s: said %q, want %q in it", one.name, said, part)
			}
		}
	}
}

// journeyLooks sets text size and contrast; they hold on the next page and on a new visit, and go nowhere else.
func journeyLooks(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	look := func() []string {
		return journeyEval[[]string](p, `[getComputedStyle(document.documentElement).fontSize, getComputedStyle(document.body).color,
			[...document.querySelectorAll("footer [aria-pressed=true]")].map(b => b.value).join()]`)
	}
	if d := cmp.Diff([]string{"16px", "rgb(22, 32, 44)", ""}, look()); d != "" {
		t.Errorf("at first (-want +got):\n%s", d)
	}
	p.click("footer [value=large]")
	p.click("footer [name=contrast]")
	changed := []string{"20px", "rgb(0, 0, 0)", "large,more"}
	if d := cmp.Diff(changed, look()); d != "" {
		t.Errorf("changed (-want +got):\n%s", d)
	}
	p.to("/", http.StatusOK)
	if d := cmp.Diff(changed, look()); d != "" {
		t.Errorf("on the next page (-want +got):\n%s", d)
	}
	if got := journeyEval[string](p, `document.cookie`); got != "" {
		t.Errorf("cookie %q", got)
	}
	p.click("footer [value='']")
	p.click("footer [name=contrast]")
	if d := cmp.Diff([]string{"16px", "rgb(22, 32, 44)", ""}, look()); d != "" {
		t.Errorf("back (-want +got):\n%s", d)
	}
	journeyTell(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.to("/", http.StatusOK)
	if journeyEval[bool](p, `document.querySelector("footer") !== null`) {
		t.Error("without scripts the page offers what does nothing")
	}
}

// journeySlowNet opens the form over 400 kbit/s and a round trip of 400 ms. Chromium does not slow the handshakes of
// a connection, so two round trips (TCP, TLS 1.3) are added to what it measures.
func journeySlowNet(t *testing.T, browser context.Context) {
	const handshakes, within = 2 * 400, 2000.0 // ms
	s := journeyServe(t, false)
	for _, path := range []string{"/s/" + string(journeyHall), "/s/" + string(journeyStation) + "?form=full"} {
		// The best of three: what else this machine does is not the network.
		took := within + 1
		var p *journeyPage
		for n := 0; n < 3 && took > within; n++ {
			p = journeyOpen(t, browser, s.base, 390)
			took = journeyAnswerable(p, path) + handshakes
			t.Logf("%s: first question after %.0f ms, of which %d are handshakes not simulated", path, took, handshakes)
		}
		if took > within || took < handshakes+400 {
			t.Errorf("%s: the first question can be answered after %.0f ms, want %d to %.0f", path, took, handshakes+400, within)
		}
		p.until(`document.documentElement.classList.contains("steps")`)
		shift := journeyEval[float64](p, `new Promise(done => new PerformanceObserver(l => done(l.getEntries().reduce((sum, e) => sum + e.value, 0)))
			.observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))`)
		if shift > 0.02 {
			t.Errorf("%s: the script moves the page by %.3f", path, shift)
		}
	}
}

// journeyAnswerable opens a form over a slow network and says after how many milliseconds its first answers were drawn.
func journeyAnswerable(p *journeyPage, path string) float64 {
	journeyTell(p, network.Enable, network.EnableParams{})
	slow := []*network.Conditions{{Latency: 400, DownloadThroughput: 400_000 / 8, UploadThroughput: 400_000 / 8}}
	journeyTell(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: slow})
	p.before(`(() => { const see = () => { const e = document.querySelector(".o label");
		if (e && e.getClientRects().length) requestAnimationFrame(() => setTimeout(() => { window.answerable = performance.now(); }));
		else requestAnimationFrame(see); }; see(); })()`)
	p.to(path, http.StatusOK)
	p.until(`window.answerable > 0`)
	return journeyEval[float64](p, `answerable`)
}

// journeyForcedColours wants everything that is told by colour to be seen where the system sets the colours.
func journeyForcedColours(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	features := []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	journeyTell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	journeyFillIn(s, p)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	p.choose("B2", "4")
	seen := journeyEval[struct{ Bar, Rest, Chosen, Other string }](p, `(c => ({Bar: c(".bar .on", "backgroundColor"), Rest: c(".bar i:last-child", "backgroundColor"),
		Chosen: c("label[for=B2-4]", "borderTopColor") + c("label[for=B2-4]", "borderTopWidth"), Other: c("label[for=B2-5]", "borderTopColor") + c("label[for=B2-5]", "borderTopWidth")}))(
		(s, name) => getComputedStyle(document.querySelector(s))[name])`)
	if seen.Bar == seen.Rest || seen.Chosen == seen.Other {
		t.Errorf("with forced colours nothing tells them apart: %+v", seen)
	}
	if moving := journeyEval[int](p, `document.getAnimations().length`); moving != 0 {
		t.Errorf("%d things move", moving)
	}
	journeyShot(p, "form-forced-colours")
}

// journeyWholly320 walks the form on a small screen with the largest text of the footer and looks at every screen.
func journeyWholly320(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 320)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	p.click("footer [value=large]")
	for _, code := range []string{"A3", "B2", "C1", "C2", "D1", "Z", "comment"} {
		p.reach("[name=" + code + "]")
		p.wantAt(code)
		p.wantFits(code + " at 125 %")
		if top := journeyEval[float64](p, `document.querySelector(".q:not([hidden]) .o, textarea").getBoundingClientRect().top / innerHeight`); code != "comment" && top > 1 {
			t.Errorf("%s: the first answer is %.1f screens down", code, top)
		}
	}
	for code, value := range journeyAnswers() {
		p.choose(code, string(rune('0'+value)))
	}
	p.typeInto("#comment", journeyComment)
	p.lands(http.StatusOK, journeyClick("form button"))
	journeyWantOne(s, journeyReceipt(p))
}
