//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hailong/surveys"
)

// paper puts a batch of forms on record as if they had been printed.
func (s *journeySite) paper(form surveys.Form) surveys.BatchNumber {
	s.t.Helper()
	b, err := surveys.IssueBatch(s.t.Context(), s.store, surveys.PaperBatch{
		Point: "p_hall", Facility: "f_hall", Instrument: "one_stop", Version: 1, Form: form, Lang: "vi", Copies: 20, Printed: "2026-02-16",
	})
	s.must(err)
	return b.Number
}

// keyed lists what is stored of typed forms.
func (s *journeySite) keyed() []surveys.Response {
	s.t.Helper()
	var list []surveys.Response
	for _, r := range s.stored("p_hall") {
		if r.Channel.Typed() && r.Standing != surveys.Withdrawn {
			list = append(list, r)
		}
	}
	return list
}

// shows waits for a condition of the page, also across the change to another page.
func (p *journeyPage) shows(condition string) {
	p.t.Helper()
	eventually(p.t, condition, func() bool {
		met, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		return err == nil && met
	})
}

func (s *journeySite) endSessions() {
	s.t.Helper()
	all, err := s.store.Records(s.t.Context(), surveys.RecordQuery{Kind: "session"})
	s.must(err)
	for _, r := range all {
		s.must(s.store.DeleteRecord(s.t.Context(), r.Kind, r.ID, r.Rev))
	}
}

func (p *journeyPage) wantKeyed(s *journeySite, n int) {
	p.t.Helper()
	if got := len(s.keyed()); got != n {
		p.t.Fatalf("%d forms are stored, want %d", got, n)
	}
}

// values are what stands in the fields of the form, in order.
func (p *journeyPage) values() string {
	p.t.Helper()
	return journeyEval[string](p, `[...document.querySelectorAll(".ask input")].map(i => i.value || "_").join("")`)
}

// journeyEntry types a batch by the number pad alone: digits, Enter, minus.
func journeyEntry(t *testing.T, browser context.Context) {
	script := journeyAxeScript(t)
	s := journeyServe(t, false)
	number := s.paper(surveys.ShortForm)
	p := journeyOpen(t, browser, s.base, 1440)
	p.signIn(s)
	p.to("/app/entry", http.StatusOK)
	p.shows(`document.activeElement.id === "number"`)
	p.press(string(number))
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.shows(`document.activeElement.id === "handed_in"`)
	p.press("3")
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.shows(`document.activeElement.matches(".ask input")`)
	p.press("543210")
	p.shows(`document.activeElement.id === "save"`) // items + 1 keys
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.wantKeyed(s, 1)
	if got := p.text(".lasttyped"); !strings.Contains(got, "Ghi số 1 vào ô") || !strings.Contains(got, "Cả phiếu: 15") {
		t.Errorf("after the first form it says %q", got)
	}
	p.shows(`document.activeElement.matches(".ask input")`)
	p.press("59")
	if got := p.text(".told"); got != "Chỉ có số 0 đến 5." {
		t.Errorf("a nine is answered %q", got)
	}
	p.press("4-3" + kb.Enter)
	if got := p.values(); got != "53.___" {
		t.Errorf("typed is %q, want 53.___: minus takes one digit back, Enter leaves blank", got)
	}
	p.lands(http.StatusOK, chromedp.Reload())
	p.shows(`document.readyState === "complete" && document.activeElement.id === "i-C2"`)
	p.press("444/*")
	if got := p.values(); got != "53.444" {
		t.Errorf("after a reload it is %q, want 53.444", got)
	}
	p.shows(`document.activeElement.id === "comment"`)
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#comment"), "Cần thêm ghế")))
	p.shows(`document.activeElement.value === "Cần thêm ghế"`)
	p.press(kb.Enter)
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter+kb.Enter)) // twice
	p.shows(`document.querySelector(".lasttyped") && document.activeElement.matches(".ask input")`)
	p.wantKeyed(s, 2)
	p.shows(`document.querySelectorAll(".ask .is").length === 0`)
	p.press("-")
	if got := p.text(".told"); !strings.Contains(got, "lần nữa") {
		t.Errorf("a step back beyond the form is answered %q", got)
	}
	p.lands(http.StatusOK, chromedp.KeyEvent("-"))
	p.wantKeyed(s, 1)
	p.shows(`document.activeElement.id === "save"`)
	if got := p.values(); got != "53.444" || !journeyEval[bool](p, `document.getElementById("behalf").checked && comment.value === "Cần thêm ghế"`) {
		t.Errorf("taken back, the form shows %q", got)
	}
	p.press("-1")
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent("+"))
	p.wantKeyed(s, 2)
	journeyEndedSession(p, s)
	journeySecondKeying(p, s, number, script)
	journeyEntryLooks(p, s, script)
	if _, problems := p.heard(); len(problems) > 0 {
		t.Errorf("the browser complains: %q", problems)
	}
}

// journeyEndedSession ends the session in the middle of a form: nothing that was typed is lost.
func journeyEndedSession(p *journeyPage, s *journeySite) {
	p.t.Helper()
	p.shows(`document.activeElement.matches(".ask input")`)
	at := p.address()
	p.press("555")
	s.endSessions()
	p.press("222")
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	if got := p.address(); !strings.HasPrefix(got, "/login") {
		p.t.Fatalf("without a session it leads to %s", got)
	}
	p.wantKeyed(s, 2)
	p.enter(http.StatusOK, journeyPassword)
	p.to(at, http.StatusOK)
	p.shows(`document.activeElement.id === "save"`)
	if got := p.values(); got != "555222" {
		p.t.Errorf("after signing in again it shows %q", got)
	}
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.wantKeyed(s, 3)
}

// journeySecondKeying ends the batch, types the sample again with a slip, and settles it.
func journeySecondKeying(p *journeyPage, s *journeySite, number surveys.BatchNumber, script string) {
	p.t.Helper()
	batch := "/app/entry/" + string(number)
	p.to(batch, http.StatusOK)
	p.shows(`document.readyState === "complete"`)
	p.lands(http.StatusOK, journeyClick("form [value=finish] ~ .controls button"))
	p.shows(`document.readyState === "complete" && document.querySelector(".twice a")`)
	p.lands(http.StatusOK, journeyClick(".twice a"))
	p.shows(`document.activeElement.matches(".ask input")`)
	if got := p.values(); got != "______" {
		p.t.Errorf("the second keying shows %q", got)
	}
	found, err := surveys.PaperBatches().Find(p.t.Context(), s.store, string(number))
	p.must(err)
	sheet := found.Value.Sample()[0]
	digits := []string{"543210", "53.441", "555222"}[sheet-1]
	p.press("1" + digits[1:])
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	differ := 1
	if sheet == 2 {
		differ = 2 // for whom was not typed the second time
	}
	p.shows(`document.activeElement.type === "radio"`)
	p.wantFits("entry-diff")
	p.axe(script, "entry-diff")
	journeyShot(p, "entry/entry-diff")
	p.press(strings.Repeat("2", differ))
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.shows(`document.readyState === "complete" && document.querySelector("button[value=close]")`)
	p.lands(http.StatusOK, journeyClick("button[value=close]"))
	if got := p.text("main"); !strings.Contains(got, "Đã đóng lô") || !strings.Contains(got, "đã sửa") {
		p.t.Errorf("closed, the batch says %q", got)
	}
	p.wantKeyed(s, 3)
	for _, r := range s.keyed() {
		if r.Answers["A3"].Number == 1 {
			return
		}
	}
	p.t.Error("no stored form has the answer that was put right")
}

// journeyEntryLooks looks at every page of paper forms: axe, no sideways scrolling, pictures.
func journeyEntryLooks(p *journeyPage, s *journeySite, script string) {
	p.t.Helper()
	full, fresh := "/app/entry/"+string(s.paper(surveys.FullForm)), "/app/entry/"+string(s.paper(surveys.FullForm))
	p.to(full, http.StatusOK)
	p.shows(`document.activeElement.id === "handed_in"`)
	p.press("12")
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.shows(`document.activeElement.matches(".ask input")`)
	keys := journeyEval[string](p, `[...document.querySelectorAll(".ask:not([hidden])")].map(r => ({scale5: "4", single: "1", percent: "85", multiple: "1\\r", text: "\\r"})[r.dataset.kind]).join("")`)
	p.press(keys)
	p.shows(`document.activeElement.id === "save"`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.wantKeyed(s, 4)
	if items := len(s.keyed()[0].Answers); len(keys) > 23 {
		p.t.Errorf("%d keys and Enter for the 23 items of a form, %d of which are stored", len(keys), items)
	}
	p.t.Logf("a full form: %d keys and Enter", len(keys))
	scenes := []journeyScene{
		{"entry", func(p *journeyPage) { p.to("/app/entry", http.StatusOK) }},
		{"entry-new", func(p *journeyPage) { p.to(fresh, http.StatusOK) }},
		{"entry-batch", func(p *journeyPage) { p.to(full, http.StatusOK) }},
		{"entry-type", func(p *journeyPage) {
			p.to(full+"/type", http.StatusOK)
			p.shows(`document.activeElement.matches(".ask input, #save")`)
			if journeyEval[bool](p, `document.querySelectorAll(".ask.typed").length === 0`) {
				p.press("5431")
			}
		}},
		{"paper", func(p *journeyPage) { p.to("/app/facilities/f_hall/paper", http.StatusOK) }},
		{"entry-en", func(p *journeyPage) { p.to(full+"?lang=en", http.StatusOK) }},
	}
	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 390}, {"dark", 390}, {"light", 1440}, {"dark", 1440}, {"light", 320}} {
		p.scheme(look.scheme)
		p.size(look.width, 800)
		for _, scene := range scenes {
			scene.open(p)
			name := scene.name + "-" + look.scheme
			p.wantFits(name)
			p.axe(script, name)
			journeyShot(p, "entry/"+name+"-"+strconv.FormatInt(look.width, 10))
		}
	}
}

// journeyEntryNoScript types a form where scripts are off: the same fields, Tab in between, and a blank that must be said.
func journeyEntryNoScript(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	number := s.paper(surveys.ShortForm)
	p := journeyOpen(t, browser, s.base, 390)
	p.signIn(s)
	journeyTell(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.to("/app/entry/"+string(number), http.StatusOK)
	p.click("#handed_in")
	p.press("1")
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.click(".ask input")
	p.press("5" + kb.Tab + "4" + kb.Tab + "3" + kb.Tab + "." + kb.Tab + "5")
	p.lands(http.StatusUnprocessableEntity, chromedp.KeyEvent(kb.Enter)) // the last one is not typed
	p.wantKeyed(s, 0)
	p.click(".ask.wrong input")
	p.press("4")
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	p.wantKeyed(s, 1)
	p.lands(http.StatusOK, journeyClick("#undo button"))
	p.wantKeyed(s, 0)
	if got := p.values(); got != "543.54" {
		t.Errorf("taken back, the form shows %q", got)
	}
	p.lands(http.StatusOK, journeyClick("#save"))
	p.wantKeyed(s, 1)
}
