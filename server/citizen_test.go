package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/instruments"
)

var outward = regexp.MustCompile(`(?i)(?:src|href|action|poster|data)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import`)

func TestFormPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, token := range []surveys.Token{hallToken, pulseToken, clinicToken, schoolToken} {
		for _, query := range []string{"", "?lang=en", "?form=full", "?lang=en&form=full"} {
			t.Run(string(token)+query, func(t *testing.T) {
				r := s.get("/s/" + string(token) + query).want(http.StatusOK)
				checkForm(t, r, query)
			})
		}
	}
}

func checkForm(t *testing.T, r *reply, query string) {
	t.Helper()
	if outward.MatchString(r.body) {
		t.Errorf("the form asks another site: %s", outward.FindString(r.body))
	}
	doc := r.doc()
	if n := doc.Find("script:not([defer]), link[rel=stylesheet], img, iframe").Length(); n > 0 {
		t.Errorf("%d things would be waited for", n)
	}
	lang, form := "vi", "short"
	if strings.Contains(query, "lang=en") {
		lang = "en"
	}
	if strings.Contains(query, "form=full") {
		form = "full"
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != lang {
		t.Errorf("language %q, want %q", got, lang)
	}
	v := r.fields()
	if v.Get("form") != form || v.Get("lang") != lang || v.Get("form_token") == "" {
		t.Errorf("hidden fields are %v", v)
	}
	if _, err := surveys.ParseSubmissionID(v.Get("submission_id")); err != nil {
		t.Error(err)
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q: a kept page would repeat its submission id", got)
	}
	if got := r.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "unsafe-inline") {
		t.Errorf("policy %q", got)
	}
	if len(r.Cookies()) > 0 {
		t.Errorf("the form sets cookies: %v", r.Cookies())
	}
}

// Every item of each questionnaire stands on its form under its code, and only those.
func TestFormAsksItsItems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all, err := instruments.All()
	s.ok(err)
	for i, in := range all {
		token := surveys.Token(fmt.Sprintf("0000000%d", i))
		s.point(surveys.Point{ID: surveys.PointID("p_of_" + in.Key), Token: token, Facility: "f_hall", Kind: "slip", Name: "Thử", Instrument: in.Key})
		for _, form := range []surveys.Form{surveys.ShortForm, surveys.FullForm} {
			r := s.get("/s/"+string(token)+"?form="+string(form), "Accept-Encoding", "gzip, deflate, br").want(http.StatusOK)
			if r.size > 14<<10 {
				t.Errorf("%s %s: %d bytes on the wire, want at most 14 KiB", in.Key, form, r.size)
			}
			var got, want []string
			r.doc().Find("form[method=post] [name]").Each(func(_ int, sel *goquery.Selection) {
				if name := sel.AttrOr("name", ""); !slices.Contains(got, name) {
					got = append(got, name)
				}
			})
			for _, it := range in.Asked(form) {
				want = append(want, it.Code)
			}
			want = append(want, "comment", "homepage", "form", "lang", "submission_id", "form_token")
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s %s: names of the inputs (-want +got):\n%s", in.Key, form, d)
			}
			for _, it := range in.Asked(form) {
				if n := r.doc().Find(fmt.Sprintf("input[name=%s]", it.Code)).Length(); it.Kind == surveys.Scale5 && n != 6 {
					t.Errorf("%s %s has %d radios, want 6", in.Key, it.Code, n)
				}
			}
		}
	}
}

func TestFormSubmissionIDsDiffer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seen := map[string]bool{}
	for range 20 {
		v := s.form(hallToken, "")
		for _, name := range []string{"submission_id", "form_token"} {
			if seen[v.Get(name)] {
				t.Fatalf("%s %q came twice", name, v.Get(name))
			}
			seen[v.Get(name)] = true
		}
	}
}

// What is spliced into the compressed page must come out as the page that is not compressed.
func TestFormGzipIsIdentity(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := regexp.MustCompile(`(name="(?:submission_id|form_token)" value=")[^"]*`)
	for _, path := range []string{"/s/" + string(hallToken), "/s/" + string(schoolToken) + "?form=full&lang=en", "/s/" + string(pulseToken)} {
		plain := s.get(path)
		packed := s.get(path, "Accept-Encoding", "gzip")
		if got := plain.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("no encoding was accepted, got %q", got)
		}
		if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
			t.Fatalf("gzip was accepted, got %q", got)
		}
		if !strings.Contains(plain.Header.Get("Vary"), "Accept-Encoding") || !strings.Contains(packed.Header.Get("Vary"), "Accept-Encoding") {
			t.Error("Vary does not name Accept-Encoding")
		}
		if d := cmp.Diff(ids.ReplaceAllString(plain.body, "$1"), ids.ReplaceAllString(packed.body, "$1")); d != "" {
			t.Errorf("%s: the packed page differs (-plain +packed):\n%s", path, d)
		}
	}
	for accept, want := range map[string]string{
		"": "", "gzip;q=0": "", "br": "", "identity": "", "deflate, gzip;q=0.5": "gzip", "*": "gzip", "gzip": "gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1": "gzip",
	} {
		if got := s.get("/s/"+string(hallToken), "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
		}
	}
}

// The trailer of the stream is checked by readers that are not Go's.
func TestFormGzipTrailer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/s/"+string(hallToken), http.NoBody)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := s.Try(req)
	s.ok(err)
	raw, err := io.ReadAll(resp.Body)
	s.ok(err)
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	page := []byte(unpack(t, resp).body)
	tail := raw[len(raw)-8:]
	if got, want := binary.LittleEndian.Uint32(tail), crc32.ChecksumIEEE(page); got != want {
		t.Errorf("checksum %x, want %x", got, want)
	}
	if got := binary.LittleEndian.Uint32(tail[4:]); int(got) != len(page) {
		t.Errorf("length %d, want %d", got, len(page))
	}
}

// A change of point, facility or questionnaire shows at once, apart from the moment the doorway keeps.
func TestFormCacheFollowsChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/s/"+string(hallToken), "Accept-Encoding", "gzip").must("Quầy 1")
	s.change("p_hall", func(p *surveys.Point) { p.Name = "Quầy số Hai" })
	s.get("/s/"+string(hallToken), "Accept-Encoding", "gzip").must("Quầy số Hai", "!Quầy 1")
	s.change("p_hall", func(p *surveys.Point) { p.Instrument = surveys.Pulse })
	s.get("/s/"+string(hallToken), "Accept-Encoding", "gzip").must(`name="P1"`, `!name="A3"`)
	s.change("p_hall", func(p *surveys.Point) { p.Facility, p.Instrument = "f_school", "" })
	s.get("/s/"+string(hallToken), "Accept-Encoding", "gzip").must("Đồng Thịnh", `name="A2"`, "!Một cửa Nghĩa Hưng")
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "A3", "5", "B2", "0", "Z", "4", "comment", "  Cán bộ rất nhiệt tình\r\nxin cảm ơn ")
	r := s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	id := surveys.SubmissionID(v.Get("submission_id"))
	receipt := r.receipt()
	if receipt != string(id.Receipt()) {
		t.Errorf("receipt %q, want %q", receipt, id.Receipt())
	}
	got := s.stored(string(id))
	want := surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: "f_hall", Point: "p_hall", Instrument: "one_stop", Version: 1,
		Form: surveys.ShortForm, Channel: surveys.QR, Standing: surveys.Counted, Pace: surveys.Slow, Lang: "vi", Day: "2026-03-10", Hour: 9, Arrived: "2026-03-10",
		Answers: surveys.Answers{"A3": surveys.NumberAnswer(5), "B2": surveys.NumberAnswer(0), "Z": surveys.NumberAnswer(4)},
		Comment: "Cán bộ rất nhiệt tình\nxin cảm ơn",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("stored response (-want +got):\n%s", d)
	}
	thanks := s.get(r.Header.Get("Location")).want(http.StatusOK)
	for i := 0; i < len(receipt); i += 4 {
		thanks.must(receipt[i : i+4])
	}
	if outward.MatchString(thanks.body) {
		t.Error("the thanks page asks another site")
	}
}

func TestSubmitChannelAndForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		name    string
		token   surveys.Token
		query   string
		answers []string
		form    surveys.Form
		channel surveys.Channel
		lang    string
	}{
		{"link", onlineToken, "?lang=en", []string{"Z", "4"}, surveys.ShortForm, surveys.Link, "en"},
		{"full", clinicToken, "?form=full", []string{"A1", "4", "G1", "80", "K2", "yes"}, surveys.FullForm, surveys.QR, "vi"},
		{"full with core only", clinicToken, "?form=full", []string{"B2", "4"}, surveys.FullForm, surveys.QR, "vi"},
		{"pulse", pulseToken, "", []string{"P1", "1", "K1", "waiting"}, surveys.ShortForm, surveys.QR, "vi"},
	} {
		v := s.filled(c.token, c.query, c.answers...)
		s.post("/s/"+string(c.token), v).want(http.StatusSeeOther)
		got := s.stored(v.Get("submission_id"))
		if got.Form != c.form || got.Channel != c.channel || got.Lang != c.lang || len(got.Answers) != len(c.answers)/2 {
			t.Errorf("%s: stored %+v", c.name, got)
		}
	}
}

// A double tap, a page sent again by the browser, or the same form sent again with other content: one
// response, the first, and its receipt.
func TestSubmitAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "A3", "5")
	path := "/s/" + string(hallToken)
	first := s.post(path, v).receipt()
	first2 := s.post(path, v).receipt()
	again := map[string]string{"the same": first2}
	for name, change := range map[string]func(url.Values){
		"other answer":  func(v url.Values) { v.Set("A3", "1") },
		"unknown value": func(v url.Values) { v.Set("A3", "9") },
		"nothing":       func(v url.Values) { v.Del("A3") },
		"unknown field": func(v url.Values) { v.Set("NOPE", "1") },
		"long comment":  func(v url.Values) { v.Set("comment", strings.Repeat("x", 5000)) },
		"capital id":    func(v url.Values) { v.Set("submission_id", strings.ToUpper(v.Get("submission_id"))) },
	} {
		other := url.Values{}
		for k, list := range v {
			other[k] = slices.Clone(list)
		}
		change(other)
		again[name] = s.post(path, other).receipt()
	}
	for name, got := range again {
		if got != first {
			t.Errorf("%s: receipt %q, want the first one's %q", name, got, first)
		}
	}
	s.wantStored(1)
	if got := s.stored(v.Get("submission_id")).Answers["A3"].Number; got != 5 {
		t.Errorf("the first answer became %d", got)
	}
	s.change("p_hall", func(p *surveys.Point) { p.Retired = "2026-03-10" })
	r := s.post(path, v)
	if r.receipt() != first {
		t.Error("a form sent again after the point was retired has another receipt")
	}
	s.get(r.Header.Get("Location")).want(http.StatusOK).must(first[:4])
}

func TestPlacesThatTakeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	post := url.Values{"Z": {"4"}, "submission_id": {string(surveys.NewSubmissionID())}}
	for _, c := range []struct {
		name, token string
		status      int
		texts       []string
	}{
		{"unknown", string(unknownToken), http.StatusNotFound, nil},
		{"too short", "ABC", http.StatusNotFound, nil},
		{"not a code", "ABCDEFGU", http.StatusNotFound, nil},
		{"letters of another script", url.PathEscape("ÀÁÂÃÈÉÊÌ"), http.StatusNotFound, nil},
		{"half a percent", "%25zzzz", http.StatusNotFound, nil},
		{"very long", strings.Repeat("A", 3000), http.StatusNotFound, nil},
		{"retired", string(retiredToken), http.StatusGone, []string{"Từ 1/3 xin đánh giá tại quầy 3 &lt;b&gt;tầng 2&lt;/b&gt;", "!<b>tầng 2</b>", "Quầy 9"}},
		{"closed", string(closedToken), http.StatusGone, []string{"Trạm cũ"}},
		{"not yet open", string(futureToken), http.StatusGone, []string{"Trạm mới"}},
	} {
		for _, lang := range []string{"", "?lang=en"} {
			s.get("/s/" + c.token + lang).want(c.status).must(c.texts...).must("!<form method=\"post\"")
			s.post("/s/"+c.token+lang, post).want(c.status).must(c.texts...)
		}
	}
	s.wantStored(0)
}

func TestTokensAsTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.point(surveys.Point{ID: "p_hard", Token: "01ABCDEF", Facility: "f_hall", Kind: "counter", Name: "Quầy O I"})
	for _, typed := range []string{"01ABCDEF", "01abcdef", "oiabcdef", "OLABCDEF", "01ab-cdef", "01ab cdef", " 01ab cdef "} {
		s.get("/s/" + url.PathEscape(typed)).want(http.StatusOK).must("Quầy O I")
		r := s.get("/s?code=" + url.QueryEscape(typed)).want(http.StatusSeeOther)
		s.get(r.Header.Get("Location")).want(http.StatusOK).must("Quầy O I")
		v := s.filled(hallToken, "", "Z", "5")
		to := s.post("/s/"+url.PathEscape(typed), v).want(http.StatusSeeOther).Header.Get("Location")
		if !strings.HasPrefix(to, "/s/01ABCDEF/thanks?") {
			t.Errorf("%q leads to %q", typed, to)
		}
	}
	s.get("/s?code="+url.QueryEscape(`"><script>x</script>`)).want(http.StatusNotFound).must("!<script>x", "aria-invalid")
	s.get("/s?code=").want(http.StatusNotFound)
	s.get("/").want(http.StatusOK).must(`name="code"`)
}

// A form that was open while its point was given to another facility counts where the code leads now: the
// printed code is what is in force, and the form is held to the questionnaire that stands there.
func TestRepointedWhileOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	same := s.filled(hallToken, "", "A3", "5")
	other := s.filled(hallToken, "", "A3", "5")
	s.facility(surveys.Facility{ID: "f_hall2", Name: "Một cửa Đồng Thịnh", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop"}, "13900")
	s.change("p_hall", func(p *surveys.Point) { p.Facility = "f_hall2" })
	s.post("/s/"+string(hallToken), same).want(http.StatusSeeOther)
	if got := s.stored(same.Get("submission_id")).Facility; got != "f_hall2" {
		t.Errorf("stored at %s, want f_hall2", got)
	}
	s.change("p_hall", func(p *surveys.Point) { p.Facility = "f_clinic" })
	s.post("/s/"+string(hallToken), other).want(http.StatusUnprocessableEntity).must("Liễu Đề", `name="B7"`)
	s.wantStored(1)
}

// A form is not tied to the address it was opened at: the token in the address decides.
func TestFormOfAnotherPoint(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "Z", "5")
	s.post("/s/"+string(clinicToken), v).want(http.StatusSeeOther)
	if got := s.stored(v.Get("submission_id")); got.Point != "p_clinic" || got.Instrument != "station" {
		t.Errorf("stored at %s on %s", got.Point, got.Instrument)
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const evil = `Trạm "x' & <script>alert(1)</script> \u202Eabc ` + "\u202e\u2066" + `𠮷🎉 @@submission@@ @@token@@ {{.}} </title></style></textarea>`
	s.facility(surveys.Facility{ID: "f_evil", Name: evil, Sector: "health", Kind: "station", Instrument: "station"}, "13891")
	s.point(surveys.Point{ID: "p_evil", Token: "EEEEEEEE", Facility: "f_evil", Kind: "gate", Name: evil})
	s.point(surveys.Point{ID: "p_gone", Token: "GGGGGGGG", Facility: "f_evil", Kind: "gate", Name: evil, Retired: "2026-01-01", Notice: evil})
	check := func(r *reply) *reply {
		t.Helper()
		r.must("!<script>", "!</textarea> ", "𠮷🎉")
		header := r.doc().Find("header p").Text()
		if strings.Count(header, evil) != 2 {
			t.Errorf("the header reads %q, want the names as they are", header)
		}
		return r
	}
	plain := check(s.get("/s/EEEEEEEE").want(http.StatusOK))
	packed := check(s.get("/s/EEEEEEEE", "Accept-Encoding", "gzip").want(http.StatusOK))
	for _, r := range []*reply{plain, packed} {
		if _, err := surveys.ParseSubmissionID(r.fields().Get("submission_id")); err != nil {
			t.Errorf("a name took the place of the submission id: %v", err)
		}
		if got := r.fields().Get("form_token"); len(got) < 20 || strings.Contains(got, "@") {
			t.Errorf("a name took the place of the form token: %q", got)
		}
	}
	v := packed.fields()
	v.Set("B2", "4")
	v.Set("comment", evil)
	check(s.get(s.post("/s/EEEEEEEE", v).want(http.StatusSeeOther).Header.Get("Location")).want(http.StatusOK))
	if got := s.stored(v.Get("submission_id")).Comment; got != evil {
		t.Errorf("comment %q, want it as it was written", got)
	}
	v = s.form("EEEEEEEE", "")
	v.Set("comment", evil)
	r := check(s.post("/s/EEEEEEEE", v).want(http.StatusUnprocessableEntity))
	if got := r.fields().Get("comment"); got != evil {
		t.Errorf("the comment came back as %q", got)
	}
	check(s.get("/s/GGGGGGGG").want(http.StatusGone))
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	paths := []string{
		"/", "/s", "/s/" + string(hallToken), "/s/" + string(hallToken) + "/thanks", "/healthz", "/readyz", "/static/x.css", "/nowhere",
		"/login", "/logout", "/app", "/app/facilities/f_hall", "/app/points/p_hall/qr.svg", "/api/v1/responses", "/api/v1/points", "/api/v1/summary", "/api/v1/nowhere", "/api", "/s/%00", "/%2e%2e/etc/passwd", "//x",
	}
	for _, path := range paths {
		for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodPost, http.MethodTrace, "BREW"} {
			r := s.send(method, path, "")
			if r.StatusCode >= 500 && path != "/readyz" {
				t.Errorf("%s %s: status %d", method, path, r.StatusCode)
			}
			if (method == http.MethodPut || method == http.MethodOptions) && r.StatusCode != 404 && r.StatusCode != 405 && !strings.HasPrefix(path, "/app") && path != "/logout" && path != "/readyz" && r.StatusCode != 401 {
				t.Errorf("%s %s: status %d, want 404 or 405", method, path, r.StatusCode)
			}
			if method == http.MethodHead && r.body != "" {
				t.Errorf("HEAD %s: a body of %d bytes", path, len(r.body))
			}
		}
	}
	s.get("/nowhere").want(http.StatusNotFound).must("!nowhere")
	s.wantStored(0)
}

func TestWrongContentType(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "Z", "5")
	for _, kind := range []string{"application/json", "text/plain", ""} {
		s.send(http.MethodPost, "/s/"+string(hallToken), v.Encode(), "Content-Type", kind).want(http.StatusBadRequest).must("<h1>")
	}
	s.send(http.MethodPost, "/s/"+string(hallToken), "Z=%zz", "Content-Type", formType).want(http.StatusBadRequest)
	s.wantStored(0)
	s.send(http.MethodPost, "/s/"+string(hallToken), v.Encode(), "Content-Type", formType+"; charset=UTF-8").want(http.StatusSeeOther)
	s.wantStored(1)
}

// fillQueue stops the store and fills the writer's queue; undo lets it go on.
func fillQueue(s *site) (undo func()) {
	s.t.Helper()
	stopped := make(chan struct{})
	s.store.set(func(f *faults) { f.add = func() error { <-stopped; return nil } })
	gone, cancel := context.WithCancel(s.t.Context())
	cancel()
	for {
		id := surveys.NewSubmissionID()
		err := s.Enqueue(gone, surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: "f_school", Point: "p_school", Instrument: "school", Version: 1, Form: "short", Channel: "qr",
			Standing: surveys.Counted, Lang: "vi", Day: "2026-03-10", Hour: 9, Arrived: "2026-03-10", Answers: surveys.Answers{"Z": surveys.NumberAnswer(4)},
		})
		if isBusy(err) {
			return func() {
				s.store.set(func(f *faults) { f.add = nil })
				close(stopped)
				eventually(s.t, "the queue is empty", func() bool { return s.Waiting() == 0 })
			}
		}
	}
}

func TestNotStored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage func(*site) func()
	}{
		{"queue full", fillQueue},
		{"store fails", func(s *site) func() {
			s.store.set(func(f *faults) { f.add = func() error { return fmt.Errorf("disk full: %w", surveys.ErrUnavailable) } })
			return func() { s.store.set(func(f *faults) { f.add = nil }) }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := s.filled(schoolToken, "?form=full&lang=en", "A2", "4", "K1", "th", "G1", "80", "comment", "dòng 1 <b>\"dòng\" 2")
			v["K4"] = []string{"access", "results"}
			undo := c.damage(s)
			r := s.post("/s/"+string(schoolToken), v).want(http.StatusServiceUnavailable)
			api := s.api(submission(schoolToken, map[string]any{"Z": 4})).want(http.StatusServiceUnavailable)
			undo()
			for _, x := range []*reply{r, api} {
				if x.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
				x.must("!disk full")
			}
			again := r.fields()
			for name := range v {
				if strings.TrimSpace(v.Get(name)) == "" {
					v.Del(name)
				}
			}
			for name := range again {
				if again.Get(name) == "" {
					again.Del(name)
				}
			}
			if d := cmp.Diff(v, again); d != "" {
				t.Fatalf("the page to send again (-sent +carried):\n%s", d)
			}
			if got := r.doc().Find("form").AttrOr("action", ""); got != "/s/"+string(schoolToken) {
				t.Errorf("it is sent to %q", got)
			}
			receipt := s.post("/s/"+string(schoolToken), again).receipt()
			if got := s.stored(v.Get("submission_id")); string(got.Receipt) != receipt || len(got.Answers) != 4 {
				t.Errorf("stored %+v", got)
			}
		})
	}
}

func TestStoreCannotRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.set(func(f *faults) { f.read = fmt.Errorf("secret detail: %w", surveys.ErrUnavailable) })
	for _, r := range []*reply{s.get("/s/" + string(hallToken)), s.post("/s/"+string(hallToken), url.Values{"Z": {"1"}}), s.api(submission(hallToken, map[string]any{"Z": 4}))} {
		r.want(http.StatusServiceUnavailable).must("!secret detail")
		if r.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	s.store.set(func(f *faults) { f.read = fmt.Errorf("secret detail") })
	s.get("/s/" + string(clinicToken)).want(http.StatusInternalServerError).must("!secret detail")
	s.get("/s/" + string(hallToken)).want(http.StatusInternalServerError)
	s.store.set(func(f *faults) { f.read = nil })
	s.get("/s/" + string(hallToken)).want(http.StatusOK)
}
