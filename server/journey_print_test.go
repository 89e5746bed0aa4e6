//go:build e2e

package server_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hailong/surveys"
	"hailong/surveys/poster/postertest"
)

// hang puts papers of every state on record.
func (s *journeySite) hang() {
	s.t.Helper()
	hall := journeyPlaces()[0]
	move := func(point surveys.Point, paper, base, place string, day surveys.Day, to ...surveys.PrintState) {
		s.t.Helper()
		point.Facility = surveys.FacilityID(hall.id)
		m := surveys.PrintMove{
			Now: surveys.PrintSubject{
				Point: point, Facility: surveys.Facility{ID: point.Facility, Name: hall.name}, URL: base + "/s/" + string(point.Token),
			},
			To: to[0], Place: place, Today: day,
		}
		p, err := surveys.OrderPrint(s.t.Context(), s.store, paper, m)
		s.must(err)
		for _, m.To = range to[1:] {
			_, err = surveys.MovePrint(s.t.Context(), s.store, p.ID, m)
			s.must(err)
		}
	}
	counter, result := hall.points[0], hall.points[1]
	move(counter, "a4", "https://khaosat-cu.example", "cạnh quầy 1, bên trái cửa sổ tiếp nhận", "2025-10-02", surveys.PrintPrinted, surveys.PrintHung)
	move(counter, "a5", s.base, "", "2025-12-20", surveys.PrintPrinted)
	move(counter, "a6", s.base, "quầy 1", "2025-09-01", surveys.PrintPrinted, surveys.PrintHung, surveys.PrintDown)
	move(result, "a6", s.base, "bàn trả kết quả", "2025-12-20", surveys.PrintPrinted, surveys.PrintHung)
	move(result, "slips", s.base, "", "2026-01-05", surveys.PrintQueued)
}

// journeyPrint puts a code on the wall: choose, look, queue, print, hang; then it says where.
func journeyPrint(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 800)
	p.signIn(s)
	p.to("/app/facilities/f_station", http.StatusOK)
	p.lands(http.StatusOK, journeyClick(`a[href$="/f_station/print"]`))
	p.must(chromedp.Do(p.ctx, journeyClick(`[name=paper][value=a6]`)))
	p.lands(http.StatusOK, journeyClick(`button[value=preview]`))
	if got := p.address(); !strings.Contains(got, "paper=a6") {
		t.Errorf("the preview of A6 is at %s", got)
	}
	p.until(`[...document.querySelectorAll(".sheets img")].every(i => i.complete && i.naturalWidth > 0)`)
	if shown := journeyEval[int](p, `document.querySelectorAll(".sheets img").length`); shown != 1 {
		t.Errorf("%d posters are shown, want 1", shown)
	}
	p.must(chromedp.Do(p.ctx, chromedp.ScrollIntoView(chromedp.CSS(".sheets img"))))
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.must(err)
	if got, want := postertest.Decode(t, postertest.Picture(t, bytes.Clone(picture))), s.base+"/s/"+string(journeyStation); got != want {
		t.Errorf("the preview on the screen reads %q, want %q", got, want)
	}
	p.lands(http.StatusOK, journeyClick(`button[value=queue]`))
	if got := p.text(".done"); !strings.Contains(got, "Đã đưa vào danh sách chờ in") {
		t.Errorf("queueing is answered %q", got)
	}
	p.to("/app/prints", http.StatusOK)
	p.lands(http.StatusOK, journeyClick(`.print button[value=printed]`))
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS(".print [name=place]"), "cửa phòng chờ")))
	p.lands(http.StatusOK, journeyClick(`.print button[value=hung]`))
	if got := p.text("main"); !strings.Contains(got, "Không còn việc gì phải làm") {
		t.Errorf("then there is left %q", got)
	}
	p.to("/app/facilities/f_station", http.StatusOK)
	if got := p.text(".points"); !strings.Contains(got, "A6: đang treo từ") || !strings.Contains(got, "cửa phòng chờ") {
		t.Errorf("the facility says %q", got)
	}
}
