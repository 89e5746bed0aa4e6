package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hailong/surveys"
)

// use stores what a point saw on a day.
func (s *site) use(facility surveys.FacilityID, point surveys.PointID, day surveys.Day, opened, begun int64) {
	s.t.Helper()
	s.ok(surveys.AddUsage(s.t.Context(), s.store, surveys.Usage{
		Facility: facility, Month: day.Month(),
		Points: map[surveys.PointID]map[int]surveys.Use{point: {day.Date().Day(): {Opened: opened, Begun: begun}}},
	}, surveys.NewID("u")))
}

// A covered poster comes first, with what to do; what is used as ever needs nobody; nothing tells of today.
func TestPointsList(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	_, err := surveys.CountingSince(t.Context(), b.store, "2025-08-01")
	b.ok(err)
	for day := surveys.Day("2025-12-15"); day < "2026-03-10"; day = day.Add(1) {
		b.use("f_clinic", "p_clinic", day, 12, 7)
		if day < "2026-03-04" {
			b.use("f_hall", "p_hall", day, 10, 6)
		}
	}
	b.use("f_clinic", "p_clinic", "2026-03-10", 5000, 4000) // today
	page := b.open("/app/points").want(http.StatusOK).must("!5.0", "!Quầy 9", "!Trạm cũ", "!Trạm mới", "Số liệu tính đến hết ngày 09/03/2026", "Lượt mở đếm từ ngày 01/08/2025")
	checkStaff(t, page)
	problems := page.doc().Find(".problems li")
	if problems.Length() != 1 || !strings.Contains(problems.Text(), "Quầy 1") {
		t.Errorf("%d problems: %q", problems.Length(), problems.Text())
	}
	for _, want := range []string{"Mã có vẻ đã hỏng hoặc bị che.", "28 ngày: 220 mở · 132 bắt đầu · 0 gửi · mở lần cuối 03/03/2026"} {
		if !strings.Contains(problems.Text(), want) {
			t.Errorf("the problem does not say %q: %q", want, problems.Text())
		}
	}
	rows := page.doc().Find(".uses tbody tr")
	if rows.Length() != 5 || !strings.Contains(rows.First().Text(), "Bộ phận Một cửa") || !strings.Contains(rows.Last().Text(), "Trường Tiểu học") {
		t.Errorf("the rows are %q", rows.Text())
	}
	for query, want := range map[string]int{"?unit=13900": 1, "?sector=health": 1, "?q=mot+cua": 3, "?q=cong+truong": 1, "?q=zzz": 0, "?unit=nope&sector=nope&page=99": 5, "?page=-1": 5} {
		if got := b.open("/app/points" + query).want(http.StatusOK).doc().Find(".uses tbody tr").Length(); got != want {
			t.Errorf("%s picks %d rows, want %d", query, got, want)
		}
	}
	b.open("/app/facilities/f_hall").want(http.StatusOK).must("28 ngày: 220 mở · 132 bắt đầu", "Mã có vẻ đã hỏng hoặc bị che.")
	b.browser().open("/app/points").want(http.StatusSeeOther)
}

// Whom a facility never asks, and points made by a click.
func TestOpenPoints(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	page := b.open("/app/facilities/f_hall?kind=month").want(http.StatusOK).must(
		"người bị từ chối hoặc bị trả lại hồ sơ", "người bỏ về khi chưa xong việc", "!người không đến tận nơi", "!Mọi điểm đều ở nơi trả kết quả",
		"Mời Ông/Bà cho biết mức độ hài lòng với Bộ phận Một cửa Nghĩa Hưng", "https://khaosat.example/s/"+string(onlineToken)+"</textarea>")
	form := page.doc().Find(".offers form:has(input[name=kind][value=slip])")
	v := url.Values{}
	for _, name := range []string{"csrf", "back", "kind", "name"} {
		v.Set(name, form.Find("input[name="+name+"]").AttrOr("value", ""))
	}
	action := form.AttrOr("action", "")
	if action != "/app/facilities/f_hall/points" || v.Get("name") != "Phiếu nhỏ trao tay" {
		t.Fatalf("the offer posts %v to %q", v, action)
	}
	b.open("/app/facilities/f_hall/print?paper=slips").must("chưa có điểm riêng cho phiếu nhỏ")
	for range 2 { // pressed twice
		if got, want := b.sendForm(action, v).want(http.StatusSeeOther).Header.Get("Location"), "/app/facilities/f_hall?kind=month#points"; got != want {
			t.Errorf("leads to %q, want %q", got, want)
		}
	}
	var slips []surveys.Point
	stored, err := surveys.Points().By(t.Context(), b.store, "facility", "f_hall")
	b.ok(err)
	for _, p := range stored {
		if p.Value.Kind == "slip" {
			slips = append(slips, p.Value)
		}
	}
	if len(slips) != 1 || slips[0].Name != "Phiếu nhỏ trao tay" {
		t.Fatalf("made %+v, want one", slips)
	}
	b.get("/s/" + string(slips[0].Token)).want(http.StatusOK).must("Phiếu nhỏ trao tay")
	b.open("/app/facilities/f_hall").must("!Tạo điểm cho phiếu nhỏ", "/s/"+string(slips[0].Token))
	ticked := b.open("/app/facilities/f_hall/print?paper=slips").must("!chưa có điểm riêng cho phiếu nhỏ").doc().Find("input[name=point][checked]")
	if ticked.Length() != 1 || ticked.AttrOr("value", "") != string(slips[0].ID) {
		t.Errorf("for slips %d points are ticked", ticked.Length())
	}
	// The boxes were ticked for posters before slips were chosen.
	b.choose("f_hall", "slips", "queue", "p_hall", "p_pulse").want(http.StatusSeeOther)
	b.choose("f_hall", "a4", "queue", string(slips[0].ID)).want(http.StatusSeeOther)
	b.choose("f_hall", "slips", "queue", "p_hall").want(http.StatusSeeOther) // meant so
	var got []string
	for _, p := range b.prints() {
		got = append(got, string(p.Point)+" "+p.Paper)
	}
	want := []string{"p_hall a4", "p_hall slips", "p_pulse a4", string(slips[0].ID) + " slips"}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("printed %q, want %q", got, want)
	}

	with := func(name, value string) url.Values {
		c := url.Values{"csrf": v["csrf"], "back": v["back"], "kind": {"gate"}, "name": {"Cổng"}}
		c.Set(name, value)
		return c
	}
	b.sendForm(action, with("csrf", "wrong")).want(http.StatusForbidden)
	b.sendForm(action, with("kind", "poster")).want(http.StatusUnprocessableEntity)
	b.sendForm(action, with("name", " \u200b ")).want(http.StatusUnprocessableEntity)
	b.sendForm(action, with("name", strings.Repeat("x", 201))).want(http.StatusUnprocessableEntity)
	b.sendForm("/app/facilities/f_closed/points", with("", "")).want(http.StatusGone)
	b.sendForm("/app/facilities/nope/points", with("", "")).want(http.StatusNotFound)
	if to := b.sendForm(action, with("back", "https://evil.example/app")).want(http.StatusSeeOther).Header.Get("Location"); to != "/app#points" {
		t.Errorf("leads to %q", to)
	}
	b.open("/app/facilities/f_closed").want(http.StatusOK).must("!Chưa có điểm nào hỏi", "!Thêm điểm khảo sát")
}
