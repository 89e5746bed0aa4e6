package server_test

import (
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"hailong/server"
	"hailong/surveys"
)

// browser keeps cookies.
type browser struct {
	*site
	cookies map[string]string
}

func (s *site) browser() *browser { return &browser{s, map[string]string{}} }

func (b *browser) headers() []string {
	var all []string
	for name, value := range b.cookies {
		all = append(all, name+"="+value)
	}
	if len(all) == 0 {
		return nil
	}
	return []string{"Cookie", strings.Join(all, "; ")}
}

func (b *browser) keep(r *reply) *reply {
	for _, c := range r.Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Year() < 2000 {
			delete(b.cookies, c.Name)
		}
	}
	return r
}

func (b *browser) open(path string) *reply { b.t.Helper(); return b.keep(b.get(path, b.headers()...)) }

func (b *browser) sendForm(path string, v url.Values) *reply {
	b.t.Helper()
	return b.keep(b.post(path, v, b.headers()...))
}

// signIn goes through the login page.
func (b *browser) signIn(query, secret string) *reply {
	b.t.Helper()
	v := b.open("/login" + query).want(http.StatusOK).fields()
	v.Set("password", secret)
	return b.sendForm("/login", v)
}

func newStaffSite(t testing.TB, change ...func(*server.Options)) *site {
	t.Helper()
	s := newSite(t, change...)
	_, err := s.manage.SetFirstPassword(t.Context(), password)
	s.ok(err)
	return s
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	b := s.browser()
	wrong := b.signIn("?next=/app/facilities/f_hall", "sai rồi").want(http.StatusUnauthorized).must("!sai rồi", `type="password"`)
	if got := wrong.fields().Get("next"); got != "/app/facilities/f_hall" {
		t.Errorf("after a wrong password next is %q", got)
	}
	if _, in := b.cookies["__Host-hailong_session"]; in {
		t.Fatal("a wrong password opens a session")
	}
	r := b.signIn("", password).want(http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != "/app" {
		t.Errorf("leads to %q", got)
	}
	found := false
	for _, c := range r.Cookies() {
		if c.Name != "__Host-hailong_session" {
			continue
		}
		found = true
		if !c.HttpOnly || !c.Secure || c.SameSite == http.SameSiteNoneMode || c.SameSite == http.SameSiteDefaultMode || c.Path != "/" || len(c.Value) < 30 || !c.Expires.IsZero() {
			t.Errorf("cookie %+v", c)
		}
	}
	if !found {
		t.Fatal("no session cookie")
	}
	b.open("/app").want(http.StatusOK)
	plain := newStaffSite(t, func(o *server.Options) { o.BaseURL = "http://10.0.0.5:8080" }).browser()
	for _, c := range plain.signIn("", password).want(http.StatusSeeOther).Cookies() {
		if c.Secure {
			t.Errorf("over http the cookie %s is Secure and would never come back", c.Name)
		}
	}
}

func TestCSRF(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	b := s.browser()
	v := b.open("/login").fields()
	v.Set("password", password)
	for name, change := range map[string]func(url.Values, *browser){
		"no token":       func(v url.Values, _ *browser) { v.Del("csrf") },
		"empty":          func(v url.Values, b *browser) { v.Set("csrf", ""); b.cookies["__Host-hailong_login"] = "" },
		"foreign token":  func(v url.Values, _ *browser) { v.Set("csrf", s.browser().open("/login").fields().Get("csrf")) },
		"no cookie":      func(_ url.Values, b *browser) { delete(b.cookies, "__Host-hailong_login") },
		"foreign cookie": func(_ url.Values, b *browser) { b.cookies["__Host-hailong_login"] = "x" },
	} {
		other, w := s.browser(), url.Values{}
		other.cookies["__Host-hailong_login"] = b.cookies["__Host-hailong_login"]
		for k := range v {
			w.Set(k, v.Get(k))
		}
		change(w, other)
		if r := other.sendForm("/login", w); r.StatusCode != http.StatusForbidden || other.cookies["__Host-hailong_session"] != "" {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
	}
	b.signIn("", password).want(http.StatusSeeOther)
	own := b.open("/app").doc().Find("input[name=csrf]").First().AttrOr("value", "")
	stranger := s.browser()
	stranger.signIn("", password).want(http.StatusSeeOther)
	foreign := stranger.open("/app").doc().Find("input[name=csrf]").First().AttrOr("value", "")
	if own == "" || own == foreign {
		t.Fatalf("tokens %q and %q", own, foreign)
	}
	for _, bad := range []string{"", "x", foreign} {
		b.sendForm("/logout", url.Values{"csrf": {bad}}).want(http.StatusForbidden)
	}
	b.open("/app").want(http.StatusOK)
	kept := b.cookies["__Host-hailong_session"]
	b.sendForm("/logout", url.Values{"csrf": {own}}).want(http.StatusSeeOther)
	b.cookies["__Host-hailong_session"] = kept
	b.open("/app").want(http.StatusSeeOther)
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	b := s.browser()
	b.signIn("", password).want(http.StatusSeeOther)
	s.clock.Add(12*time.Hour - time.Second)
	b.open("/app").want(http.StatusOK)
	s.clock.Add(time.Second)
	r := b.open("/app/facilities/f_hall?on=2026-01-01&kind=month").want(http.StatusSeeOther)
	to, err := url.Parse(r.Header.Get("Location"))
	s.ok(err)
	if to.Path != "/login" || to.Query().Get("next") != "/app/facilities/f_hall?on=2026-01-01&kind=month" {
		t.Errorf("leads to %q", r.Header.Get("Location"))
	}
	back := b.signIn("?"+to.RawQuery, password).want(http.StatusSeeOther)
	if got := back.Header.Get("Location"); got != "/app/facilities/f_hall?on=2026-01-01&kind=month" {
		t.Errorf("leads back to %q", got)
	}
}

func TestSignedOutSeesNothing(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	for _, path := range []string{"/app", "/app/", "/app/facilities/f_hall", "/app/facilities/nope", "/app/points/p_hall/qr.svg", "/app/points/p_hall/qr.png", "/app/nowhere", "/APP"} {
		for _, cookie := range []string{"", "__Host-hailong_session=", "__Host-hailong_session=x", "__Host-hailong_session=" + strings.Repeat("a", 3000)} {
			r := s.get(path, "Cookie", cookie)
			if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/login") {
				t.Errorf("%s %.30s: %d %s", path, cookie, r.StatusCode, r.Header.Get("Location"))
			}
			r.must("!Nghĩa Hưng")
		}
	}
	s.post("/logout", url.Values{}).want(http.StatusSeeOther)
}

func TestNextStaysHere(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	for next, want := range map[string]string{
		"": "/app", "/app": "/app", "/app?kind=month": "/app?kind=month", "/app/facilities/f_hall": "/app/facilities/f_hall",
		"//evil.example": "/app", "https://evil.example": "/app", `/\evil.example`: "/app", `/app\..\\evil.example`: "/app", "evil.example": "/app",
		"/app\r\nSet-Cookie: a=b": "/app", "javascript:alert(1)": "/app", "/login": "/app", " //evil.example": "/app", "\t//evil.example": "/app", "http:/app": "/app", "/apple": "/app", "/app.evil.example": "/app",
	} {
		b := s.browser()
		v := b.open("/login?next=" + url.QueryEscape(next)).want(http.StatusOK).fields()
		if got := v.Get("next"); got != want {
			t.Errorf("the page for next %q leads to %q, want %q", next, got, want)
		}
		if !strings.Contains(next, "evil") && next != "/app?kind=month" {
			continue // a password takes its time
		}
		v.Set("password", password)
		v.Set("next", next)
		if got := b.sendForm("/login", v).want(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("posted next %q leads to %q, want %q", next, got, want)
		}
	}
}

// Passwords are slow to check; more than two at once are refused, so that those who answer are not held up.
func TestTooManyLogins(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	entered, goOn := make(chan struct{}, 2), make(chan struct{})
	s.store.set(func(f *faults) {
		f.find = func(kind string) {
			if kind == "login" {
				entered <- struct{}{}
				<-goOn
			}
		}
	})
	var wg sync.WaitGroup
	for range 2 {
		b := s.browser()
		wg.Go(func() { b.signIn("", password).want(http.StatusSeeOther) })
	}
	<-entered
	<-entered
	s.browser().signIn("", password).want(http.StatusTooManyRequests).must(`type="password"`)
	close(goOn)
	wg.Wait()
	s.store.set(func(f *faults) { f.find = nil })
	s.browser().signIn("", password).want(http.StatusSeeOther)
}

func TestStaffPages(t *testing.T) {
	t.Parallel()
	s := newStaffSite(t)
	const evil = `Trạm <script>alert("1")</script> ` + "\u202e𠮷"
	s.facility(surveys.Facility{ID: "f_evil", Name: evil, Sector: "health", Kind: "station", Instrument: "station"}, "13891")
	s.point(surveys.Point{ID: "p_evil", Token: "EEEEEEEE", Facility: "f_evil", Kind: "gate", Name: evil})
	s.ok(surveys.OrganisationChanged(t.Context(), s.store))
	for range 35 {
		s.api(s.opened(clinicToken, map[string]any{"B2": 5, "B7": 2, "Z": 5})).want(http.StatusCreated)
	}
	s.clock.Add(24 * time.Hour)
	s.ok(s.Count(t.Context()))
	b := s.browser()
	b.signIn("", password).want(http.StatusSeeOther)
	list := b.open("/app?kind=month&on=2026-03-01").want(http.StatusOK).must("Trạm Y tế Liễu Đề", "Một cửa Nghĩa Hưng", "Tiểu học Đồng Thịnh", "!<script", "50")
	checkStaff(t, list)
	for query, names := range map[string][]string{
		"&sector=health":                      {"Liễu Đề", "!Bộ phận Một cửa", "!Tiểu học"},
		"&sector=education":                   {"Tiểu học", "!Liễu Đề", "!Bộ phận Một cửa"},
		"&unit=13900":                         {"Tiểu học", "!Liễu Đề"},
		"&q=" + url.QueryEscape("lieu de"):    {"Liễu Đề", "!Tiểu học", "!Bộ phận Một cửa"},
		"&q=" + url.QueryEscape("LIỄU ĐỀ"):    {"Liễu Đề", "!Tiểu học"},
		"&q=khong-co":                         {"!Trạm Y tế Liễu Đề", "!Tiểu học"},
		"&unit=nope":                          {"Liễu Đề", "Tiểu học"},
		"&lang=en":                            {"Liễu Đề"},
		"&q=" + url.QueryEscape(`"><script>`): {"!<script"},
	} {
		rows := b.open("/app?kind=month&on=2026-03-01" + query).want(http.StatusOK)
		main := rows.doc().Find("main").Find("a[href*='/app/facilities/']").Text()
		for _, name := range names {
			if bad, not := strings.CutPrefix(name, "!"); not == strings.Contains(main, bad) {
				t.Errorf("%s: the rows are %q; wanted %q", query, main, name)
			}
		}
		rows.must("!<script")
	}
	for _, id := range []string{"f_clinic", "f_hall", "f_school", "f_closed", "f_evil", "f_future"} {
		for _, query := range []string{"", "?kind=month&on=2026-03-01", "?kind=quarter&on=2026-03-01&lang=en", "?kind=year&on=2026-01-01", "?kind=nope&on=nope&lang=xx", "?on=0001-01-01", "?on=9999-12-31&kind=year"} {
			page := b.open("/app/facilities/" + id + query)
			if page.StatusCode != http.StatusOK {
				t.Errorf("%s%s: status %d", id, query, page.StatusCode)
				continue
			}
			checkStaff(t, page.must("!<script"))
		}
	}
	b.open("/app/facilities/f_clinic?kind=month&on=2026-03-01").must("35", string(clinicToken))
	b.open("/app/facilities/nope").want(http.StatusNotFound).must("<h1")
	b.open("/app/nowhere").want(http.StatusNotFound)
	b.open("/app/points/nope/qr.svg").want(http.StatusNotFound)
	for _, query := range []string{"?on=0001-01-01", "?on=9999-12-31", "?kind=year&on=9999-12-31", "?kind=stage&on=0001-01-01"} {
		if page := b.open("/app" + query); page.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", query, page.StatusCode)
		}
	}
	for _, line := range strings.Split(s.log.String(), "\n") {
		if strings.Contains(line, "level=ERROR") {
			t.Errorf("%.600s", line)
		}
	}
}

func checkStaff(t *testing.T, r *reply) {
	t.Helper()
	if own := strings.NewReplacer("https://khaosat.example/s/", "/s/", "https://khaosat.example/k/", "/k/").Replace(r.body); outward.MatchString(own) {
		t.Errorf("the page asks another site: %s", outward.FindString(own))
	}
	if n := r.doc().Find("script, [style], [onclick]").Length(); n > 0 {
		t.Errorf("%d things that the policy forbids", n)
	}
	if r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("headers %v", r.Header)
	}
}

func TestCodesLeadToTheForm(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://khaosat.example/":                               "https://khaosat.example/s/",
		"https://khao-sat-su-hai-long.nghiahung.ninhbinh.gov.vn": "https://khao-sat-su-hai-long.nghiahung.ninhbinh.gov.vn/s/",
		"http://10.0.0.5:8080":                                   "http://10.0.0.5:8080/s/",
	} {
		s := newStaffSite(t, func(o *server.Options) { o.BaseURL = base })
		b := s.browser()
		b.signIn("", password).want(http.StatusSeeOther)
		r := b.open("/app/points/p_clinic/qr.png").want(http.StatusOK)
		picture, err := png.Decode(strings.NewReader(r.body))
		s.ok(err)
		if got := decode(t, picture); got != want+string(clinicToken) {
			t.Errorf("the PNG leads to %q", got)
		}
		r = b.open("/app/points/p_clinic/qr.svg").want(http.StatusOK).must(`xmlns="http://www.w3.org/2000/svg"`)
		if got := decode(t, raster(t, r.body)); got != want+string(clinicToken) {
			t.Errorf("the SVG leads to %q", got)
		}
		if r.Header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("content type %q", r.Header.Get("Content-Type"))
		}
	}
}

func decode(t *testing.T, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

var (
	svgBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	svgRun = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
	svgAll = regexp.MustCompile(`<path d="([^"]+)"`)
)

// raster draws the runs of a code's path, eight pixels a module.
func raster(t *testing.T, svg string) image.Image {
	t.Helper()
	const scale = 8
	num := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	box, path := svgBox.FindStringSubmatch(svg), svgAll.FindStringSubmatch(svg)
	if box == nil || path == nil {
		t.Fatalf("not a code: %.300s", svg)
	}
	if rest := svgRun.ReplaceAllString(path[1], ""); rest != "" {
		t.Fatalf("the path has more than runs: %q", rest)
	}
	side := num(box[1])
	m := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for _, run := range svgRun.FindAllStringSubmatch(path[1], -1) {
		x, y, n := num(run[1]), num(run[2]), num(run[3])
		if run[3] != run[4] || x < 4 || y < 4 || x+n > side-4 || y >= side-4 {
			t.Errorf("run %s leaves the code or its quiet zone", run[0])
		}
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+n)*scale; px++ {
				m.SetGray(px, py, color.Gray{})
			}
		}
	}
	return m
}
