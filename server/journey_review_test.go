//go:build e2e

package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hailong/analytics"
	"hailong/surveys"
)

const (
	journeyAsideDay surveys.Day = "2026-02-19"
	journeyGroup    string      = "/app/review/group?facility=f_station&day=2026-02-19&reason=burst"
)

// setAside stores forms that rules set aside, and a decision on some.
func (s *journeySite) setAside() {
	s.t.Helper()
	paces := []surveys.Pace{surveys.Quick, surveys.Steady, surveys.Slow, surveys.Instant}
	add := func(n, place int, reason string) {
		f := journeyPlaces()[place]
		in, err := surveys.LatestInstrument(s.t.Context(), s.store, f.instrument)
		s.must(err)
		batch := make([]surveys.Response, n)
		for i := range batch {
			id := surveys.RowSubmissionID("aside", f.id+reason+strings.Repeat("i", i))
			form := []surveys.Form{surveys.ShortForm, surveys.FullForm}[i%2]
			batch[i] = surveys.Response{
				ID: id, Receipt: id.Receipt(), Facility: surveys.FacilityID(f.id), Point: f.points[i%len(f.points)].ID, Instrument: in.Key, Version: in.Version,
				Form: form, Channel: surveys.QR, Standing: surveys.Aside, Reason: reason, Pace: paces[i%len(paces)], Lang: "vi", Day: journeyAsideDay, Hour: 9,
				Arrived: journeyAsideDay, Answers: surveys.Answers{in.Asked(form)[0].Code: surveys.NumberAnswer(5)}, Comment: "bình luận không ai được thấy",
			}
			for _, it := range in.Items {
				if it.Role == surveys.Core {
					batch[i].Answers[it.Code] = surveys.NumberAnswer(5)
				}
			}
		}
		_, err = s.store.AddResponses(s.t.Context(), batch)
		s.must(err)
	}
	add(12, 2, surveys.ReasonBurst)
	add(3, 0, surveys.ReasonNoToken)
	add(130, 1, surveys.ReasonOverBudget)
	add(30, 0, surveys.ReasonRepeat)
	roller, ledger := analytics.NewRoller(s.store), analytics.NewLedger(s.store)
	_, err := roller.Roll(s.t.Context(), "", nil)
	s.must(err)
	q := analytics.NewQueue(s.store, ledger, roller, analytics.Calendar{MonthStart: 1})
	key := analytics.GroupKey{Facility: "f_hall", Day: journeyAsideDay, Reason: surveys.ReasonRepeat}
	g, err := q.Group(s.t.Context(), key)
	s.must(err)
	var forms []surveys.Handle
	for _, f := range g.Forms[:25] {
		forms = append(forms, f.Handle)
	}
	_, err = q.Decide(s.t.Context(), analytics.Act{
		GroupKey: key, Forms: forms, Decision: surveys.Exclude, Note: "Một máy gửi liên tục trong cả buổi.", By: "Nguyễn Thị Hoa", On: "2026-02-20",
	})
	s.must(err)
}

// journeyReview decides on forms by keyboard alone: the first answer without a note is refused by the browser, the second is
// carried out; somebody who was slower is told.
func journeyReview(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 1280)
	p.signIn(s)
	p.to("/app/review", http.StatusOK)
	if got := journeySpaces(p.text(".reviews")); strings.Contains(got, "bình luận") || !strings.Contains(got, "12 phiếu") {
		t.Errorf("the queue says %q", got)
	}
	if got := p.text(".who .count"); got != "170+" {
		t.Errorf("the way to the queue tells %q, want 170+", got)
	}
	p.lands(http.StatusOK, journeyClick(`.reviews a[href*="f_station"]`))
	slower := journeyOpen(t, browser, s.base, 1280)
	slower.to("/login", http.StatusOK)
	slower.enter(http.StatusOK, journeyPassword)
	slower.to(journeyGroup, http.StatusOK)
	journeyEval[bool](p, `document.querySelector("button[value=accept]").focus() || true`)
	p.press(kb.Enter)
	if got := p.address(); !strings.HasPrefix(got, "/app/review/group") {
		t.Errorf("without a note it leads to %s", got)
	}
	p.until(`document.activeElement.id === "note"`) // where the browser wants something
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#note"), "Đoàn cựu chiến binh cùng đến khám.")))
	journeyEval[bool](p, `document.querySelector("button[value=accept]").focus() || true`)
	p.lands(http.StatusOK, chromedp.KeyEvent(kb.Enter))
	if got := journeySpaces(p.text("[role=status]")); got != "Đã cho 12 phiếu tính vào kết quả." {
		t.Errorf("deciding is answered %q", got)
	}
	slower.must(chromedp.Do(slower.ctx, chromedp.SendKeys(chromedp.CSS("#note"), "Giống nhau quá.")))
	slower.lands(http.StatusConflict, journeyClick(`button[value=exclude]`))
	if got := slower.text("[role=alert]"); !strings.Contains(got, "Có người vừa quyết định") {
		t.Errorf("whoever was slower is told %q", got)
	}
	p.to("/app/review/acts", http.StatusOK)
	if got := p.text(".reviews"); !strings.Contains(got, "Đoàn cựu chiến binh") || !strings.Contains(got, "Nguyễn Thị Hoa") || strings.Contains(got, "Giống nhau") {
		t.Errorf("on record is %q", got)
	}
}
