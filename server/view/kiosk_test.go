package view_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"hailong/server/view"
	"hailong/static"
	"hailong/surveys"
)

func kioskPage() view.KioskPage {
	p := view.KioskPage{
		Place: place().Place, Token: "K7QM2XHD", Action: "/s/K7QM2XHD", Term: "0011223344556677", Interval: 5, Idle: 30,
		Hours: surveys.UsualWeek(), Pulse: true, Now: 1_770_000_000_000,
	}
	for _, lang := range view.Langs() {
		first := scaled(lang, "P1", "", "Ông/Bà thấy lần phục vụ vừa rồi thế nào?")
		reason := view.Question{
			Code: "K1", Text: "Điều gì làm Ông/Bà chưa hài lòng?", Kind: view.KindSingle,
			Options: []view.Option{{Code: "waiting", Label: "Chờ lâu"}, {Code: "other", Label: "Khác"}},
			ShowIf:  &view.ShowIf{Code: "P1", In: []string{"1", "2"}},
		}
		p.Faces = append(p.Faces, view.KioskFace{Lang: lang, Questions: []view.Question{first, reason}, Hours: p.Hours})
	}
	return p
}

// The page holds every screen in both languages, hidden but for its frame, and nothing that keeps an answer.
func TestKioskPage(t *testing.T) {
	t.Parallel()
	raw := html(t, renderer(t), view.Vietnamese, kioskPage())
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range view.Langs() {
		face := doc.Find(".face[lang=" + string(lang) + "]")
		screens := face.Find("[data-screen]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-screen", "") })
		if diff := cmp.Diff([]string{"start", "ask", "ask", "send", "thanks", "failed", "closed", "pin", "staff"}, screens); diff != "" {
			t.Errorf("%s: screens (-want +got):\n%s", lang, diff)
		}
		if n := face.Find("[data-screen]:not([hidden])").Length(); n != 0 {
			t.Errorf("%s: %d screens are shown without the script", lang, n)
		}
		if n := face.Find(".keys [data-do=key]").Length(); n != 10 {
			t.Errorf("%s: the pad has %d digits", lang, n)
		}
		if got := face.Find("[data-code=K1]").AttrOr("data-in", ""); got != "1 2" {
			t.Errorf("%s: the reason is asked after %q", lang, got)
		}
		if _, hidden := face.Attr("hidden"); hidden != (lang != view.Vietnamese) {
			t.Errorf("%s: hidden is %v", lang, hidden)
		}
	}
	if got := doc.Find("#kiosk").AttrOr("data-hours", ""); got != "[[[450,690],[810,1020]],[[450,690],[810,1020]],[[450,690],[810,1020]],[[450,690],[810,1020]],[[450,690],[810,1020]],[],[]]" {
		t.Errorf("hours for the script: %s", got)
	}
	mustSay(t, doc.Find("[lang=vi] [data-screen=closed]"), "Thứ Hai – Thứ Sáu 7:30–11:30, 13:30–17:00", "Thứ Bảy – Chủ Nhật nghỉ")
	mustSay(t, doc.Find("[lang=en] [data-screen=closed]"), "Monday – Friday", "Saturday – Sunday closed")
	for sel, want := range map[string]int{"input, textarea, form, select": 0, "[style], iframe, img": 0, "style": 1, "script[src^='/static/kiosk-'][defer]": 1, "script[src^='/static/outbox-'][defer]": 1, "script": 2} {
		if got := doc.Find(sel).Length(); got != want {
			t.Errorf("%s: got %d, want %d", sel, got, want)
		}
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); ids[id] {
			t.Errorf("id %s stands twice", id)
		} else {
			ids[id] = true
		}
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		if !ids[s.AttrOr("aria-labelledby", "")] {
			t.Errorf("a group is named by nothing: %s", s.AttrOr("aria-labelledby", ""))
		}
	})
	if bytes.Contains(raw, []byte("ZgotmplZ")) || bytes.Contains(raw, []byte("user-scalable")) {
		t.Error("a value was refused, or zooming is forbidden to who needs it by other means")
	}
}

// Without a PIN the page says in words what to do, and has no screen to answer on.
func TestKioskNotSetUp(t *testing.T) {
	t.Parallel()
	page := kioskPage()
	page.Term = ""
	doc := document(t, view.Vietnamese, page)
	mustSay(t, doc.Find("[lang=vi] main"), "Máy này chưa được cài đặt", "đặt mã PIN")
	mustSay(t, doc.Find("[lang=en] main"), "This device has not been set up", "sets a PIN")
	if n := doc.Find("[data-screen], .corner").Length(); n != 0 {
		t.Errorf("%d screens of a kiosk that is not set up", n)
	}
}

func TestKioskCSPAllowsTheStyle(t *testing.T) {
	t.Parallel()
	_, css, _ := strings.Cut(string(html(t, renderer(t), view.Vietnamese, kioskPage())), "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	sum := sha256.Sum256([]byte(css))
	csp := renderer(t).KioskCSP()
	for _, want := range []string{"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "script-src 'self'", "connect-src 'self'", "default-src 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("CSP %s\nhas no %s", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(css, "url(") {
		t.Errorf("the policy is lax, or the style loads something: %s", csp)
	}
	raw, err := static.Files.ReadFile("css/kiosk.css")
	if err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(`).FindAllString(string(raw), -1); got != nil {
		t.Errorf("colours outside of tokens.css: %v", got)
	}
}

func kioskSetting() view.KioskSettingPage {
	p := view.KioskSettingPage{
		StaffFrame: staffFrame(), Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Point: hostile, Action: "/app/points/p_1/kiosk",
		Back: "/app/facilities/f_1", URL: "https://hl.example/k/K7QM2XHD", Pulse: true, Interval: "5", Idle: "30",
	}
	for i, spans := range surveys.UsualWeek() {
		p.Hours[i] = surveys.SpansText(spans)
	}
	return p
}

// kioskPages are the pages of a kiosk's settings in every state.
func kioskPages() map[string]view.Page {
	saved, wrong := kioskSetting(), kioskSetting()
	saved.PIN, saved.Saved, saved.Retired, saved.Pulse = true, true, true, false
	for field, problem := range map[string]view.KioskProblem{
		"form": view.KioskFormUnknown, "interval": view.KioskIntervalWrong, "idle": view.KioskIdleWrong, "hours1": view.KioskNeverOpen, "pin": view.KioskPINEasy,
	} {
		wrong.Wrong(field, problem)
	}
	wrong.Wrong("pin", view.KioskPINWrong)
	wrong.Wrong("pin", view.KioskPINMissing)
	wrong.WrongDay(7)
	return map[string]view.Page{"kiosk": kioskSetting(), "kiosk-saved": saved, "kiosk-wrong": wrong}
}

func TestKioskSettingPage(t *testing.T) {
	t.Parallel()
	wrong := docOf(t, view.Vietnamese, kioskPages()["kiosk-wrong"])
	mustSay(t, wrong.Find("[role=alert]"), "từ 3 đến 300", "từ 10 đến 300", "ít nhất một ngày", "Giờ của Chủ Nhật", "quá dễ đoán", "từ 6 đến 12 chữ số")
	if n := wrong.Find("[aria-invalid=true]").Length(); n != 5 {
		t.Errorf("%d fields are marked, want 5", n)
	}
	if got := wrong.Find("input[type=password]").AttrOr("value", ""); got != "" {
		t.Errorf("the PIN is shown again: %q", got)
	}
	fresh := docOf(t, view.Vietnamese, kioskSetting())
	mustSay(t, fresh.Find("main"), "https://hl.example/k/K7QM2XHD", "Chưa có mã PIN thì máy chưa nhận phiếu.")
	if fresh.Find(".problem, .done").Length() != 0 || fresh.Find("input[name^=hours]").Length() != 7 {
		t.Error("a fresh page complains, or has not seven days")
	}
}
