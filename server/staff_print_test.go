package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/server"
	"hailong/surveys"
	"hailong/surveys/poster"
	"hailong/surveys/poster/postertest"
)

// signedIn is the administrator in front of a site.
func signedIn(t *testing.T, change ...func(*server.Options)) *browser {
	t.Helper()
	b := newStaffSite(t, change...).browser()
	b.signIn("", password).want(http.StatusSeeOther)
	return b
}

// prints lists what is on record.
func (s *site) prints() []surveys.Print {
	s.t.Helper()
	all, err := surveys.Prints().All(s.t.Context(), s.store)
	s.ok(err)
	var list []surveys.Print
	for _, p := range all {
		list = append(list, p.Value)
	}
	return list
}

// choose fills in the form of a facility's print page.
func (b *browser) choose(facility, paper, do string, points ...string) *reply {
	b.t.Helper()
	page := b.open("/app/facilities/" + facility + "/print").want(http.StatusOK)
	form := url.Values{"csrf": {page.doc().Find("input[name=csrf]").AttrOr("value", "")}, "paper": {paper}, "do": {do}, "point": points}
	return b.sendForm("/app/facilities/"+facility+"/print", form)
}

// follow opens where an answer leads.
func (b *browser) follow(r *reply) *reply {
	b.t.Helper()
	path, _, _ := strings.Cut(r.want(http.StatusSeeOther).Header.Get("Location"), "#")
	return b.open(path)
}

// move presses a button of a print.
func (b *browser) move(id string, fields ...string) *reply {
	b.t.Helper()
	form := url.Values{"csrf": {b.open("/app/prints").doc().Find("input[name=csrf]").AttrOr("value", "")}, "back": {"/app/prints?show=all"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.sendForm("/app/prints/"+id, form)
}

// A code from its facility's page to the wall and down again; each step is remembered.
func TestPrintQueue(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.open("/app/facilities/f_hall").want(http.StatusOK).must(`href="/app/facilities/f_hall/print"`)
	page := b.open("/app/facilities/f_hall/print").want(http.StatusOK).must("Quầy 1", "Bàn trả kết quả", "!Quầy 9", "!chỉ mở được trên máy này")
	if n := page.doc().Find("input[name=point][checked]").Length(); n != 2 {
		t.Errorf("%d points are ticked at first, want the two in use that hang", n)
	}
	checkStaff(t, page)
	seen := b.follow(b.choose("f_hall", "a6", "preview", "p_hall", "p_pulse")).want(http.StatusOK)
	if n := seen.doc().Find(".sheets img").Length(); n != 2 || len(b.prints()) != 0 {
		t.Errorf("%d previews, %d prints on record; want 2 and none", n, len(b.prints()))
	}
	b.follow(b.choose("f_hall", "a6", "queue", "p_hall", "p_pulse")).want(http.StatusOK).must("Đã đưa vào danh sách chờ in.")
	b.choose("f_hall", "a6", "queue", "p_hall").want(http.StatusSeeOther) // pressed twice
	b.open("/app/prints").want(http.StatusOK).must("chờ in từ 10/03/2026", "2 bản", "/app/prints.pdf?")
	pdf := b.open("/app/prints.pdf?paper=a6").want(http.StatusOK)
	if pages := postertest.Pages(t, []byte(pdf.body), 150); len(pages) != 2 {
		t.Errorf("%d pages wait, want 2", len(pages))
	}
	form := url.Values{"csrf": {b.open("/app/prints").doc().Find("input[name=csrf]").AttrOr("value", "")}, "paper": {"a6"}, "back": {"/app/prints"}}
	b.sendForm("/app/prints", form).want(http.StatusSeeOther)
	b.open("/app/prints.pdf?paper=a6").want(http.StatusNotFound)
	b.move("p_hall.a6.0001", "state", "hung", "place", "  cạnh quầy 1 <b>\u202e ").want(http.StatusSeeOther)
	b.move("p_hall.a6.0001", "state", "hung", "place", "nơi khác").want(http.StatusSeeOther) // pressed twice: the first holds
	b.open("/app/facilities/f_hall").must("A6: đang treo từ 10/03/2026", "cạnh quầy 1 &lt;b&gt;", "!Phải thay")
	b.clock.Add(24 * time.Hour)
	b.signIn("", password).want(http.StatusSeeOther) // a session ends before
	b.move("p_hall.a6.0001", "state", "down").want(http.StatusSeeOther)
	want := surveys.Print{
		ID: "p_hall.a6.0001", Point: "p_hall", Facility: "f_hall", Paper: "a6", State: surveys.PrintDown, URL: "https://khaosat.example/s/" + string(hallToken),
		Says: "Bộ phận Một cửa Nghĩa Hưng\nQuầy 1", Place: "cạnh quầy 1 <b>", Queued: "2026-03-10", Printed: "2026-03-10", Hung: "2026-03-10", Down: "2026-03-11",
	}
	if got := b.prints()[0]; got != want {
		t.Errorf("on record is %+v, want %+v", got, want)
	}
	b.open("/app/prints?show=down").must("đã gỡ 11/03/2026")
	b.open("/app/facilities/f_hall").must("!A6: đã gỡ")
}

// What hangs must be replaced when its point, its names or our address change.
func TestPrintsMustBeReplaced(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.follow(b.choose("f_hall", "a4", "pdf", "p_hall", "p_pulse", "p_online")).want(http.StatusOK)
	b.follow(b.choose("f_clinic", "a4", "pdf", "p_clinic")).want(http.StatusOK)
	for _, p := range b.prints() {
		b.move(p.ID, "state", "hung", "place", "tường").want(http.StatusSeeOther)
	}
	b.open("/app/prints?show=replace").must("!Phải thay.")
	b.change("p_hall", func(p *surveys.Point) { p.Retired = "2026-03-10" })
	b.change("p_pulse", func(p *surveys.Point) { p.Facility, p.Instrument = "f_school", "" })
	b.change("p_clinic", func(p *surveys.Point) { p.Name = "Phòng khám" })
	page := b.open("/app/prints?show=replace").want(http.StatusOK).
		must("Điểm này không còn nhận phiếu.", "Điểm này nay thuộc cơ sở khác.", "Tên trên bản in đã đổi.", "!Mã dẫn tới địa chỉ cũ")
	if n := page.doc().Find(".print").Length(); n != 3 {
		t.Errorf("%d must be replaced, want 3", n)
	}
	for _, id := range []string{"f_hall", "f_school"} { // where it hangs, and where the point is now
		b.open("/app/facilities/" + id + "/print").want(http.StatusOK).must("Điểm này nay thuộc cơ sở khác.")
	}
	b.open("/app/facilities/f_clinic").must("Phải thay.")
	moved, err := server.New(server.Options{
		Store: b.store, Log: b.Log, Clock: b.clock.Now, Zone: zone(t), BaseURL: "http://127.0.0.1:8080", Lang: b.Lang, Install: b.Install,
	})
	b.ok(err)
	t.Cleanup(moved.Close)
	b.Server = moved
	b.signIn("", password).want(http.StatusSeeOther) // over plain HTTP the cookie has another name
	page = b.open("/app/prints?show=replace").want(http.StatusOK).must("Mã dẫn tới địa chỉ cũ", "https://khaosat.example/s/"+string(onlineToken), "http://127.0.0.1:8080, địa chỉ chỉ mở được trên máy này")
	if n := page.doc().Find(".print").Length(); n != 4 {
		t.Errorf("under another address %d must be replaced, want all 4", n)
	}
}

func TestPrintedPicturesLeadToTheForm(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long: it runs without -short")
	}
	b := signedIn(t, func(o *server.Options) { o.BaseURL = "https://khao-sat.nghiahung.gov.vn/" })
	want := "https://khao-sat.nghiahung.gov.vn/s/" + string(clinicToken)
	for _, paper := range poster.Papers() {
		r := b.open("/app/points/p_clinic/poster.svg?paper=" + string(paper)).want(http.StatusOK)
		one := postertest.SVG(t, []byte(r.body), 1600)
		pdf := b.follow(b.choose("f_clinic", string(paper), "pdf", "p_clinic")).want(http.StatusOK)
		page := postertest.Pages(t, []byte(pdf.body), 150)[0]
		if paper == poster.Slips {
			one, page = postertest.Cell(one, 4, 2, 3, 1), postertest.Cell(page, 4, 2, 3, 1)
		}
		if got := postertest.Decode(t, one); got != want {
			t.Errorf("the preview of %s reads %q, want %q", paper, got, want)
		}
		if got := postertest.Decode(t, page); got != want {
			t.Errorf("%s reads %q, want %q", paper, got, want)
		}
		if disposition := pdf.Header.Get("Content-Disposition"); disposition != `attachment; filename="f_clinic-tram-y-te-lieu-de-`+string(paper)+`.pdf"` {
			t.Errorf("it is saved as %s", disposition)
		}
	}
	english := b.open("/app/facilities/f_clinic/print.pdf?lang=en").want(http.StatusOK)
	if text := postertest.Text(t, []byte(english.body)); !strings.Contains(text, "Were you") || strings.Contains(text, "Hôm nay") {
		t.Errorf("the English poster says %q", text)
	}
}

// Wrong input is a page with the right status, and changes nothing.
func TestPrintRefuses(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.choose("f_hall", "a4", "queue", "p_hall").want(http.StatusSeeOther)
	before := b.prints()
	b.choose("f_hall", "a4", "queue").want(http.StatusUnprocessableEntity).must("Chưa chọn điểm nào.", `role="alert"`)
	b.choose("f_hall", "a4", "pdf", "p_retired", "p_clinic", "nope").want(http.StatusUnprocessableEntity)
	b.choose("f_hall", "a3", "pdf", "p_hall").want(http.StatusBadRequest)
	b.choose("f_hall", "a4", "burn", "p_hall").want(http.StatusBadRequest)
	b.move("p_hall.a4.0001", "state", "hung").want(http.StatusConflict).must("Đã có người thay đổi trước")
	b.move("p_hall.a4.0001", "state", "").want(http.StatusConflict)
	b.move("nope", "state", "down").want(http.StatusNotFound)
	b.move("p_hall.a4.0001", "csrf", "wrong", "state", "printed").want(http.StatusForbidden)
	b.sendForm("/app/prints", url.Values{"paper": {"a4"}}).want(http.StatusForbidden)
	b.sendForm("/app/facilities/f_hall/print", url.Values{"paper": {"a4"}, "point": {"p_hall"}, "do": {"queue"}}).want(http.StatusForbidden)
	if after := b.prints(); !slices.Equal(before, after) {
		t.Errorf("refused, and yet %+v became %+v", before, after)
	}
	b.move("p_hall.a4.0001", "state", "printed").want(http.StatusSeeOther)
	b.move("p_hall.a4.0001", "state", "hung", "place", strings.Repeat("ệ", 201)).want(http.StatusUnprocessableEntity).must("Chưa lưu được")
	back := b.move("p_hall.a4.0001", "state", "down", "back", "https://evil.example/").want(http.StatusSeeOther)
	if got := back.Header.Get("Location"); got != "/app#prints" {
		t.Errorf("it leads back to %s", got)
	}
	for path, status := range map[string]int{
		"/app/facilities/nope/print": 404, "/app/facilities/nope/print.pdf": 404, "/app/facilities/f_hall/print?paper=a3": 400,
		"/app/facilities/f_hall/print.pdf?paper=%00": 400, "/app/facilities/f_hall/print.pdf?point=p_retired": 404,
		"/app/facilities/f_closed/print.pdf": 404, "/app/facilities/f_closed/print": 200, "/app/points/p_retired/poster.svg": 410,
		"/app/points/p_closed/poster.svg": 410, "/app/points/nope/poster.svg": 404, "/app/points/p_hall/poster.svg?paper=x": 400,
		"/app/prints.pdf": 400, "/app/prints.pdf?paper=a5": 404, "/app/prints?show=%3Cscript%3E": 200,
	} {
		b.open(path).want(status).must("!<script")
	}
	stranger := b.browser()
	for _, path := range []string{"/app/prints", "/app/prints.pdf?paper=a4", "/app/facilities/f_hall/print", "/app/facilities/f_hall/print.pdf", "/app/points/p_hall/poster.svg"} {
		if r := stranger.open(path).want(http.StatusSeeOther); !strings.HasPrefix(r.Header.Get("Location"), "/login?next=") {
			t.Errorf("%s is open to strangers: %s", path, r.Header.Get("Location"))
		}
	}
	b.store.set(func(f *faults) { f.read = surveys.ErrUnavailable })
	b.open("/app/prints").want(http.StatusServiceUnavailable)
}

// Two who press at once leave one print in one state.
func TestPrintAtOnce(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	page := b.open("/app/facilities/f_hall/print").want(http.StatusOK)
	form := url.Values{"csrf": {page.doc().Find("input[name=csrf]").AttrOr("value", "")}, "paper": {"a4"}, "do": {"pdf"}, "point": {"p_hall"}}
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			if r := b.post("/app/facilities/f_hall/print", form, b.headers()...); r.StatusCode != http.StatusSeeOther && r.StatusCode != http.StatusConflict {
				t.Errorf("status %d", r.StatusCode)
			}
		})
	}
	work.Wait()
	if got := b.prints(); len(got) != 1 || got[0].State != surveys.PrintPrinted {
		t.Errorf("on record are %+v", got)
	}
}
