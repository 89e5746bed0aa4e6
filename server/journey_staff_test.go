//go:build e2e

package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"hailong/analytics"
	"hailong/server/account"
	"hailong/server/view"
)

// signIn sets the administrator's password and signs in.
func (p *journeyPage) signIn(s *journeySite) {
	p.t.Helper()
	_, err := s.accounts.SetFirstPassword(p.t.Context(), journeyPassword)
	p.must(err)
	p.to("/login", http.StatusOK)
	p.enter(http.StatusOK, journeyPassword)
}

// enter sends the sign-in form.
func (p *journeyPage) enter(status int64, password string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS("#password"), password)))
	p.lands(status, chromedp.KeyEvent(kb.Enter))
}

// names lists the facilities of the list.
func (p *journeyPage) names() []string {
	p.t.Helper()
	return journeyEval[[]string](p, `[...document.querySelectorAll(".facilities th a")].map(a => a.textContent)`)
}

// journeyAdministrator signs in, filters, walks through periods, compares the screen with the API, signs out.
func journeyAdministrator(t *testing.T, browser context.Context) {
	s := journeyServe(t, true)
	p := journeyOpen(t, browser, s.base, 1280)
	_, err := s.accounts.SetFirstPassword(t.Context(), journeyPassword)
	p.must(err)
	p.to("/app?sector=health", http.StatusOK)
	if got := p.address(); !strings.HasPrefix(got, "/login") {
		t.Fatalf("/app without a session leads to %s", got)
	}
	p.enter(http.StatusUnauthorized, "không đúng")
	if got := p.text(".problem"); !strings.HasPrefix(got, "Mật khẩu chưa đúng.") {
		t.Errorf("a wrong password is answered %q", got)
	}
	p.enter(http.StatusOK, journeyPassword)
	if got := p.address(); got != "/app?sector=health" {
		t.Errorf("signing in leads to %s, not to where the way began", got)
	}
	journeyFilter(p)
	for id, verdict := range map[string]string{"f_station": "Chưa đạt", "f_hospital": "Đạt", "f_branch": "Chưa đủ căn cứ", "f_hall": ""} {
		journeySameAsAPI(s, p, id, verdict)
	}
	p.to("/app", http.StatusOK)
	p.lands(http.StatusOK, journeyClick(`form[action="/logout"] button`))
	if got := p.address(); got != "/login" {
		t.Errorf("signing out leads to %s", got)
	}
	p.to("/app/facilities/f_hall", http.StatusOK)
	if got := p.address(); !strings.HasPrefix(got, "/login?next=") {
		t.Errorf("after signing out the facility leads to %s", got)
	}
	if _, problems := p.heard(); len(problems) != 1 { // the browser itself tells of the 401
		t.Errorf("the console says %q", problems)
	}
}

// journeyFilter narrows the list and walks to other quarters.
func journeyFilter(p *journeyPage) {
	p.t.Helper()
	want := func(names ...string) {
		p.t.Helper()
		got := p.names()
		if strings.Join(got, "|") != strings.Join(names, "|") {
			p.t.Errorf("%s lists %q, want %q", p.address(), got, names)
		}
	}
	const hall, hospital, station, branch = "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", "Bệnh viện đa khoa Nghĩa Hưng", "Trạm Y tế xã Nghĩa Hưng", "Điểm trạm Liễu Đề"
	want(hospital, branch, station)
	pick := func(name, value string) { // as a reader does: choose, then the button
		p.t.Helper()
		p.must(chromedp.Do(p.ctx, chromedp.SetValue(chromedp.CSS(`.filter [name=`+name+`]`), value)))
		p.lands(http.StatusOK, journeyClick(".filter button.primary"))
		at, err := url.Parse(p.address())
		p.must(err)
		if at.Query().Get(name) != value {
			p.t.Errorf("the address is %s, want %s=%s in it", at, name, value)
		}
	}
	pick("sector", "")
	if got := len(p.names()); got != len(journeyPlaces()) {
		p.t.Errorf("%d facilities are listed, want %d", got, len(journeyPlaces()))
	}
	pick("unit", "13891")
	want(hospital, branch, station, hall)
	pick("q", "tram")
	want(branch, station)
	if got := p.text(".steps b"); got != "Quý IV/2025" {
		p.t.Errorf("the list opens with %s", got)
	}
	p.lands(http.StatusOK, journeyClick(".steps [rel=prev]"))
	if got := p.text(".steps b"); got != "Quý III/2025" {
		p.t.Errorf("before Quý IV/2025 comes %s", got)
	}
	want(branch, station)
	for _, quarter := range []string{"Quý IV/2025", "Quý I/2026"} {
		p.lands(http.StatusOK, journeyClick(".steps [rel=next]"))
		if got := p.text(".steps b"); got != quarter {
			p.t.Errorf("then comes %s, want %s", got, quarter)
		}
	}
	if journeyEval[bool](p, `!!document.querySelector(".steps [rel=next]")`) {
		p.t.Error("there is a way into the future")
	}
}

// summary asks the API for a facility's last quarter.
func (s *journeySite) summary(id string) analytics.Summary {
	s.t.Helper()
	secret, err := s.accounts.CreateToken(s.t.Context(), "chuyến đi", account.Admin, "all")
	s.must(err)
	q := url.Values{"scope": {"facility:" + id}, "from": {"2025-10-01"}, "to": {"2025-12-31"}}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base+"/api/v1/summary?"+q.Encode(), http.NoBody)
	s.must(err)
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	s.must(err)
	defer func() { s.must(resp.Body.Close()) }()
	var sum analytics.Summary
	s.must(json.NewDecoder(resp.Body).Decode(&sum))
	if resp.StatusCode != http.StatusOK || sum.State != analytics.StateFull {
		s.t.Fatalf("the summary of %s is %d %+v", id, resp.StatusCode, sum)
	}
	return sum
}

// journeySameAsAPI opens a facility from the list and compares what it says with the API.
func journeySameAsAPI(s *journeySite, p *journeyPage, id, verdict string) {
	p.t.Helper()
	sum := s.summary(id)
	words := map[analytics.Verdict]string{
		analytics.VerdictMet: "Đạt", analytics.VerdictNotMet: "Chưa đạt", analytics.VerdictUndecided: "Chưa đủ căn cứ", analytics.VerdictNoTarget: "",
	}
	if word, known := words[sum.Verdict]; !known || word != verdict {
		p.t.Errorf("the API's verdict on %s is %s, want %q", id, sum.Verdict, verdict)
	}
	rate, forms := journeySpaces(view.FormatPercent(view.Vietnamese, sum.Rate)), view.FormatInt(view.Vietnamese, *sum.Forms)
	p.to("/app", http.StatusOK)
	link := `.facilities a[href^="/app/facilities/` + id + `?"]`
	row := journeyEval[struct{ Rate, Forms, Says string }](p, `(r => ({Rate: r.querySelector(".rate").textContent.trim().replace("\u00a0", " "),
		Forms: r.querySelector(".forms").firstChild.textContent.trim(), Says: (r.querySelector(".says b") || {textContent: ""}).textContent}))
		(document.querySelector('`+link+`').closest("tr"))`)
	if row.Rate != rate || row.Forms != forms || verdict != "" && row.Says != verdict {
		p.t.Errorf("the list says %+v of %s, the API %s, %s, %s", row, id, rate, forms, sum.Verdict)
	}
	p.lands(http.StatusOK, journeyClick(link))
	sentence := p.text(".sentence")
	for _, part := range []string{"Quý IV/2025: ", rate + " hài lòng, ", " " + forms + " phiếu"} {
		if !strings.Contains(sentence, part) {
			p.t.Errorf("the sentence on %s is %q, without %q", id, sentence, part)
		}
	}
	chip := journeyEval[string](p, `(document.querySelector(".answer .chip b") || {textContent: ""}).textContent`)
	if verdict != "" && (chip != verdict || !strings.Contains(strings.ToLower(sentence), strings.ToLower(verdict))) {
		p.t.Errorf("the chip on %s is %q in %q, want %q", id, chip, sentence, verdict)
	}
	interval := fmt.Sprintf("%s đến %s", view.FormatDecimal(view.Vietnamese, 100*sum.Interval[0], 1), view.FormatDecimal(view.Vietnamese, 100*sum.Interval[1], 1))
	if hero := journeyEval[string](p, `document.querySelector(".hero").textContent`); !strings.Contains(journeySpaces(hero), interval) {
		p.t.Errorf("the bar of %s says %q, without %q", id, hero, interval)
	}
	journeyTables(p)
}

// journeyTables opens each table behind "Xem bảng số liệu".
func journeyTables(p *journeyPage) {
	p.t.Helper()
	n := journeyEval[int](p, `document.querySelectorAll("summary").length`)
	if n < 2 {
		p.t.Errorf("%s has %d tables to open, want those of trend and items", p.address(), n)
	}
	for i := range n {
		table := fmt.Sprintf(`document.querySelectorAll("details")[%d]`, i)
		if text := journeyEval[string](p, table+`.querySelector("summary").textContent`); text != "Xem bảng số liệu" {
			p.t.Errorf("a table's handle says %q", text)
		}
		if journeyEval[bool](p, table+`.querySelector("td").checkVisibility()`) {
			p.t.Error("a table is open before it is asked for")
		}
		journeyEval[bool](p, table+`.querySelector("summary").focus() || true`)
		p.press(kb.Enter)
		p.until(table + `.querySelector("td").checkVisibility()`)
	}
}

// journeyCode reads the QR code of each point as a phone would, off the screen.
func journeyCode(t *testing.T, browser context.Context) {
	s := journeyServe(t, false)
	p := journeyOpen(t, browser, s.base, 400)
	p.signIn(s)
	p.size(400, 400)
	for _, f := range journeyPlaces() {
		for _, point := range f.points {
			p.to("/app/points/"+string(point.ID)+"/qr.svg", http.StatusOK)
			picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
			p.must(err)
			drawn, err := png.Decode(bytes.NewReader(picture))
			p.must(err)
			bits, err := gozxing.NewBinaryBitmapFromImage(drawn)
			p.must(err)
			read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
			if err != nil {
				t.Fatalf("the code of %s cannot be read: %v", point.ID, err)
			}
			if want := s.base + "/s/" + string(point.Token); read.GetText() != want {
				t.Errorf("the code of %s reads %s, want %s", point.ID, read.GetText(), want)
			}
		}
	}
}
