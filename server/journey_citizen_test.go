//go:build e2e

package server_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

const journeyComment = "Nên có thêm ghế chờ."

// journeyAnswers are what the citizen of the journeys chooses on the short form.
func journeyAnswers() map[string]int {
	return map[string]int{"A3": 5, "B2": 4, "C1": 0, "D1": 1, "Z": 3}
}

func journeyAnswer(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	journeyFillIn(s, journeyOpen(t, browser, s.base, 390))
}

func journeyAnswerNoScript(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	journeyTell(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	journeyFillIn(s, p)
}

// journeyFillIn answers the short form, sends it, and sends it again in the ways a browser can.
func journeyFillIn(s *journeySite, p *journeyPage) {
	p.base = s.base
	p.to("/s/"+string(journeyHall), http.StatusOK)
	for code, value := range journeyAnswers() {
		p.choose(code, string(rune('0'+value)))
	}
	p.choose("A3", "2")
	p.choose("A3", "5") // minds are changed
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#comment"), journeyComment)))
	id := journeyEval[string](p, `document.querySelector("[name=submission_id]").value`)
	p.lands(http.StatusOK, journeyClick("form button"))
	receipt := journeyReceipt(p)
	journeyWantOne(s, receipt)

	p.lands(http.StatusOK, chromedp.Reload())
	if again := journeyReceipt(p); again != receipt {
		p.t.Errorf("after a reload the receipt is %s, was %s", again, receipt)
	}
	journeyWantOne(s, receipt)

	// Back shows the form as it was left, with the same submission id, or a new and empty one. Neither may store
	// the same answers twice.
	p.back()
	kept := journeyEval[bool](p, `document.querySelector("input:checked") !== null`)
	if same := journeyEval[string](p, `document.querySelector("[name=submission_id]").value`) == id; kept != same {
		p.t.Errorf("after Back the answers are there: %v, the submission id is the same: %v", kept, same)
	}
	status := int64(http.StatusUnprocessableEntity)
	if kept {
		status = http.StatusOK
	}
	p.lands(status, journeyClick("form button"))
	if kept && journeyReceipt(p) != receipt {
		p.t.Errorf("sent again, the receipt is %s, was %s", journeyReceipt(p), receipt)
	}
	journeyWantOne(s, receipt)
}

var journeyGroups = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}$`)

// journeyReceipt reads the receipt of a thanks page.
func journeyReceipt(p *journeyPage) surveys.Receipt {
	p.t.Helper()
	at, err := url.Parse(p.address())
	p.must(err)
	if !strings.HasSuffix(at.Path, "/thanks") {
		p.t.Fatalf("the browser is at %s, want the thanks page", at.Path)
	}
	shown := strings.Join(strings.Fields(p.text("p.code")), " ")
	if !journeyGroups.MatchString(shown) {
		p.t.Fatalf("the receipt reads %q, want three groups of four letters", shown)
	}
	receipt, _ := surveys.ParseReceipt(shown)
	if at.Query().Get("r") != string(receipt) {
		p.t.Errorf("the page shows %s, its address %s", receipt, at.Query().Get("r"))
	}
	return receipt
}

// journeyWantOne wants exactly one response of the hall's counter, with the journey's answers.
func journeyWantOne(s *journeySite, receipt surveys.Receipt) {
	s.t.Helper()
	all := s.stored("p_hall")
	if len(all) != 1 {
		s.t.Fatalf("%d responses are stored, want 1", len(all))
	}
	got := all[0]
	want := surveys.Answers{}
	for code, value := range maps.All(journeyAnswers()) {
		want[code] = surveys.NumberAnswer(value)
	}
	if diff := cmp.Diff(want, got.Answers); diff != "" {
		s.t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got.Receipt != receipt || got.Comment != journeyComment || got.Channel != surveys.QR || got.Form != surveys.ShortForm || got.Lang != "vi" || got.Hour != 9 || got.Day != "2026-02-20" {
		s.t.Errorf("stored is %+v, the receipt %s", got, receipt)
	}
}

// journeyKeyboard answers and sends without a pointer.
func journeyKeyboard(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	focused := func() string {
		return journeyEval[string](p, `(e => e.name || e.tagName)(document.activeElement)`)
	}
	tabTo := func(name string) {
		t.Helper()
		for range 20 {
			p.press(kb.Tab)
			if focused() != name {
				continue
			}
			if !journeyEval[bool](p, `document.activeElement.matches(":focus-visible")`) {
				t.Errorf("%s has the focus and does not show it", name)
			}
			return
		}
		t.Fatalf("20 tabs do not lead to %s; the focus is on %s", name, focused())
	}
	tabTo("SUMMARY")
	p.press(kb.Enter)
	p.until(`document.querySelector("details").open`)
	p.press(" ")
	p.until(`!document.querySelector("details").open`)
	// The first Tab into a question stands on its best answer; Space takes it, the arrows move and take.
	for _, code := range []string{"A3", "B2", "C1", "C2", "D1", "Z"} {
		tabTo(code)
		value, chosen := journeyAnswers()[code]
		if !chosen {
			continue
		}
		p.press(" ")
		for at := 5; at > value; at-- {
			p.press(kb.ArrowDown)
		}
		if got := journeyEval[string](p, `document.querySelector("[name=`+code+`]:checked").value`); got != string(rune('0'+value)) {
			t.Errorf("the keys chose %s=%s, want %d", code, got, value)
		}
	}
	tabTo("comment")
	p.press(journeyComment)
	tabTo("BUTTON")
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	journeyWantOne(s, journeyReceipt(p))
}

// journeyMistake sends nothing but a comment, reads what is wrong and puts it right.
func journeyMistake(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/"+string(journeyHall), http.StatusOK)
	id := journeyEval[string](p, `document.querySelector("[name=submission_id]").value`)
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#comment"), journeyComment)))
	p.lands(http.StatusUnprocessableEntity, journeyClick("form button"))
	p.until(`document.activeElement.matches(".sum")`)
	if title := journeyEval[string](p, `document.title`); !strings.HasPrefix(title, "Chưa gửi được:") {
		t.Errorf("the title is %q", title)
	}
	if got := journeyEval[string](p, `document.getElementById("comment").value`); got != journeyComment {
		t.Errorf("the comment is %q now", got)
	}
	if got := journeyEval[string](p, `document.querySelector("[name=submission_id]").value`); got != id {
		t.Errorf("the submission id changed from %s to %s", id, got)
	}
	journeyFollow(p)
	if got := len(s.stored("p_hall")); got != 0 {
		t.Fatalf("%d responses are stored, want none", got)
	}
	for code, value := range journeyAnswers() {
		p.choose(code, string(rune('0'+value)))
	}
	p.lands(http.StatusOK, journeyClick("form button"))
	journeyWantOne(s, journeyReceipt(p))
}

// journeyFollow clicks each link of the summary: it repeats the start of a message and leads to a field.
func journeyFollow(p *journeyPage) (fields []string) {
	p.t.Helper()
	links := journeyEval[[]string](p, `[...document.querySelectorAll(".sum a")].map(a => a.hash.slice(1))`)
	if len(links) == 0 {
		p.t.Fatal("the summary has no links")
	}
	for _, id := range links {
		p.click(`.sum a[href="#` + id + `"]`)
		p.until(`document.activeElement.id === "` + id + `"`)
		field := journeyEval[struct{ Name, Link, Beside string }](p, `(e => ({Name: e.name,
			Link: document.querySelector(".sum a[href='#"+e.id+"']").textContent.replace(/^Câu\s\d+:\s*/, "").trim(),
			Beside: document.getElementById(e.name+"-e").textContent.trim()}))(document.activeElement)`)
		if field.Link == "" || !strings.HasPrefix(field.Beside, field.Link) {
			p.t.Errorf("the link says %q, the field %q", field.Link, field.Beside)
		}
		if !journeyEval[bool](p, `(r => r.top >= 0 && r.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`) {
			p.t.Errorf("the field %s is not on the screen after its link", field.Name)
		}
		fields = append(fields, field.Name)
	}
	return fields
}

// journeyMistakeInFull mistypes a number on the full form.
func journeyMistakeInFull(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/s/"+string(journeyStation), http.StatusOK)
	p.lands(http.StatusOK, journeyClick(".alt a"))
	p.choose("A1", "4")
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#G1"), "150")))
	p.lands(http.StatusUnprocessableEntity, journeyClick("form button"))
	p.until(`document.activeElement.matches(".sum")`)
	if diff := cmp.Diff([]string{"G1"}, journeyFollow(p)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if !journeyEval[bool](p, `document.getElementById("A1-4").checked && document.getElementById("G1").value === "150"`) {
		t.Error("what was typed is gone")
	}
	journeyShot(p, "error-full-390")
	p.must(chromedp.Do(p.ctx, chromedp.Clear(chromedp.CSS("#G1")), chromedp.SendKeys(chromedp.CSS("#G1"), "95")))
	p.lands(http.StatusOK, journeyClick("form button"))
	all := s.stored("p_station")
	want := surveys.Answers{"A1": surveys.NumberAnswer(4), "G1": surveys.NumberAnswer(95)}
	if len(all) != 1 || cmp.Diff(want, all[0].Answers) != "" || all[0].Form != surveys.FullForm {
		t.Errorf("stored is %+v, want the full form's %v", all, want)
	}
}

// journeyOneRequest counts what the first view of the form costs.
func journeyOneRequest(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	for _, path := range []string{"/s/" + string(journeyHall), "/s/" + string(journeyHall) + "?lang=en"} {
		p := journeyOpen(t, browser, s.base, 390)
		p.to(path, http.StatusOK)
		p.until(`document.readyState === "complete"`)
		requests, problems := p.heard()
		// Scripts are deferred: nothing waits for them. The service worker fetches the page that it keeps by itself.
		requests = slices.DeleteFunc(requests, func(url string) bool { return strings.HasSuffix(url, ".js") })
		if diff := cmp.Diff([]string{s.base + path}, requests); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		if len(problems) > 0 {
			t.Errorf("the console says %q", problems)
		}
		if weight := journeyEval[int](p, `performance.getEntriesByType("navigation")[0].transferSize`); weight > 14<<10 {
			t.Errorf("the form weighs %d bytes, want at most 14 KiB", weight)
		}
	}
}

// journeyTypedCode types a wrong and a right code on the first page.
func journeyTypedCode(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 390)
	p.to("/", http.StatusOK)
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#code"), "zzzz zzzz")))
	p.lands(http.StatusNotFound, chromedp.KeyEvent(kb.Enter))
	p.until(`document.activeElement.id === "code"`)
	if got := journeyEval[string](p, `document.activeElement.value`); got != "zzzz zzzz" {
		t.Errorf("the typed code is %q now", got)
	}
	p.must(chromedp.Do(p.ctx, chromedp.Clear(chromedp.CSS("#code")), chromedp.SendKeys(chromedp.CSS("#code"), "jh2m-4k9p")))
	p.lands(http.StatusOK, journeyClick("form button"))
	if got := p.address(); !strings.HasPrefix(got, "/s/"+string(journeyHall)) {
		t.Errorf("the code leads to %s", got)
	}
	p.to("/s/"+string(journeyRetired), http.StatusGone)
	if got := p.text("main"); !strings.Contains(got, "Quầy 3, tầng 2") {
		t.Errorf("the retired point says %q", got)
	}
	p.to("/s/ZZZZZZZZ", http.StatusNotFound)
}
