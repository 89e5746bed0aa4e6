package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hailong/server"
	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store/sqlite"
)

const kioskToken surveys.Token = "K7Z5K7Z5"

const kioskPIN = "274906"

// newKiosk is a site with a kiosk that asks one question and is set up, open from 7:30 to 17:00.
func newKiosk(t testing.TB, change ...func(*server.Options)) *site {
	t.Helper()
	s := newSite(t, change...)
	s.point(surveys.Point{ID: "p_kiosk", Token: kioskToken, Facility: "f_hall", Kind: "kiosk", Name: "Máy ở sảnh", Instrument: surveys.Pulse})
	s.setUp(kioskPIN)
	return s
}

// setUp sets the kiosk up, or gives it another PIN.
func (s *site) setUp(pin string) {
	s.t.Helper()
	hash, err := account.Hash(pin)
	s.ok(err)
	was, rev, err := surveys.FindKiosk(s.t.Context(), s.store, "p_kiosk")
	s.ok(err)
	k := surveys.KioskSetting{Point: "p_kiosk", Interval: 60, Idle: 30, Since: "2026-03-01"}
	for i := range 5 {
		k.Hours[i] = []surveys.Span{{From: 7*60 + 30, To: 17 * 60}}
	}
	if was != nil {
		k = *was
	}
	k.PIN, k.Term = hash, "term of "+pin
	_, err = surveys.KioskSettings().Put(s.t.Context(), s.store, k, rev)
	s.ok(err)
	s.clock.Add(2 * time.Second)
}

// begin starts the kiosk and gives its pass.
func (s *site) unlock(pin string) string {
	s.t.Helper()
	var out struct{ Pass, Term string }
	s.post("/k/"+string(kioskToken), url.Values{"pin": {pin}}, "Accept", "application/json").want(http.StatusOK).json(&out)
	if out.Pass == "" || out.Term == "" {
		s.t.Fatalf("the pass is %+v", out)
	}
	return out.Pass
}

// tapped is an answer as the kiosk sends it.
func tapped(pass string, answers ...string) url.Values {
	v := url.Values{"form": {"short"}, "lang": {"vi"}, "submission_id": {string(surveys.NewSubmissionID())}, "form_token": {pass}, "P1": {"4"}}
	for i := 0; i < len(answers); i += 2 {
		v.Set(answers[i], answers[i+1])
	}
	return v
}

func (s *site) tap(v url.Values) *reply {
	s.t.Helper()
	return s.post("/s/"+string(kioskToken), v, "Accept", "application/json").want(http.StatusCreated)
}

func TestKioskStart(t *testing.T) {
	t.Parallel()
	s := newKiosk(t)
	page := s.get("/k/" + strings.ToLower(string(kioskToken))).want(http.StatusOK)
	page.must(`data-to="/s/K7Z5K7Z5"`, "data-pulse>", "!argon2", "!term of", "!"+kioskPIN)
	if got := page.Header.Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self'") || strings.Contains(got, "unsafe") {
		t.Errorf("policy %q", got)
	}
	start := func(pin string) *reply {
		return s.post("/k/"+string(kioskToken), url.Values{"pin": {pin}})
	}
	for _, wrong := range []string{"", "274907", kioskPIN + "0", "' or 1=1 --"} {
		r := start(wrong).want(http.StatusForbidden).must("!pass")
		if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%q is answered with %q", wrong, got)
		}
	}
	// The fifth is looked at and, being wrong, makes the next wait, even the right one.
	start("111111").want(http.StatusForbidden)
	if wait := start(kioskPIN).want(http.StatusTooManyRequests).must("!pass").Header.Get("Retry-After"); wait != "10" {
		t.Errorf("wait %q s", wait)
	}
	s.clock.Add(11 * time.Second)
	start(kioskPIN).want(http.StatusOK).must(`"pass":"k.`)
	start("111111").want(http.StatusForbidden) // the right one ends the row
	start(kioskPIN).want(http.StatusOK)
	// A million digits cannot be tried: the wait grows to a quarter of an hour.
	for range 30 {
		if start("111111").StatusCode == http.StatusTooManyRequests {
			s.clock.Add(16 * time.Minute)
		}
	}
	start("111111")
	if wait, err := strconv.Atoi(start(kioskPIN).want(http.StatusTooManyRequests).Header.Get("Retry-After")); err != nil || wait < 600 || wait > 900 {
		t.Errorf("after many the wait is %d s, %v", wait, err)
	}
	s.setUp("902831")
	start("902831").want(http.StatusOK) // a new PIN waits for nobody
}

// What is no kiosk, or none yet, or none any more.
func TestNoKiosk(t *testing.T) {
	t.Parallel()
	s := newKiosk(t)
	s.point(surveys.Point{ID: "p_bare", Token: "K8K8K8K8", Facility: "f_hall", Kind: "kiosk", Name: "Máy mới"})
	s.get("/k/K8K8K8K8").want(http.StatusOK).must("Máy này chưa được cài đặt", "This device has not been set up", "!data-screen")
	s.post("/k/K8K8K8K8", url.Values{"pin": {kioskPIN}}).want(http.StatusNotFound)
	if got := s.get("/k/" + string(hallToken)).want(http.StatusSeeOther).Header.Get("Location"); got != "/s/"+string(hallToken)+"?lang=vi" {
		t.Errorf("a counter leads to %s", got)
	}
	s.post("/k/"+string(hallToken), url.Values{"pin": {kioskPIN}}).want(http.StatusNotFound)
	s.get("/k/" + string(unknownToken)).want(http.StatusNotFound)
	s.post("/k/"+string(unknownToken), url.Values{"pin": {kioskPIN}}).want(http.StatusNotFound)
	s.get("/k/%F0%9F").want(http.StatusNotFound)
	s.change("p_kiosk", func(p *surveys.Point) { p.Retired = "2026-03-10" })
	s.get("/k/" + string(kioskToken)).want(http.StatusGone)
	s.post("/k/"+string(kioskToken), url.Values{"pin": {kioskPIN}}).want(http.StatusGone)
}

// An answer of the kiosk counts by its channel, without a mark on the device and without a pace; the form page and the
// API judge alike.
func TestKioskIsJudged(t *testing.T) {
	t.Parallel()
	strange := newKiosk(t, func(o *server.Options) { o.Install.FormKey = []byte("another store's key of 32 bytes..") }).unlock(kioskPIN)
	for _, c := range []struct {
		name string
		do   func(s *site, v url.Values)
		want string
	}{
		{"its pass", func(*site, url.Values) {}, "kiosk answers"},
		{"months later", func(s *site, _ url.Values) { s.clock.Add(98 * 24 * time.Hour) }, "kiosk answers"},
		{"a forged pass", func(_ *site, v url.Values) {
			pass := []byte(v.Get("form_token"))
			pass[len(pass)-2] ^= 1
			v.Set("form_token", string(pass))
		}, "qr aside no_token"},
		{"a pass cut short", func(_ *site, v url.Values) { v.Set("form_token", v.Get("form_token")[:20]) }, "qr aside no_token"},
		{"its mark alone", func(_ *site, v url.Values) { v.Set("form_token", "k.") }, "qr aside no_token"},
		{"another installation's pass", func(_ *site, v url.Values) { v.Set("form_token", strange) }, "qr aside no_token"},
		{"a pass of the PIN before", func(s *site, _ url.Values) { s.setUp("902831") }, "qr aside no_token"},
		{"a pass from tomorrow", func(s *site, _ url.Values) { s.clock.Add(-24 * time.Hour) }, "qr aside no_token"},
		{"no pass", func(_ *site, v url.Values) { v.Del("form_token") }, "qr aside no_token"},
		{"at six in the evening", func(s *site, _ url.Values) { s.clock.Add(9 * time.Hour) }, "kiosk aside closed"},
		{"on a Sunday", func(s *site, _ url.Values) { s.clock.Add(5 * 24 * time.Hour) }, "kiosk aside closed"},
		{"given at night", func(s *site, v url.Values) { s.clock.Add(24 * time.Hour); v.Set("given", "2026-03-11T03") }, "kiosk aside closed"},
		{"given in time, come at night", func(s *site, v url.Values) { s.clock.Add(10 * time.Hour); v.Set("given", "2026-03-10T16") }, "kiosk answers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newKiosk(t)
			v := tapped(s.unlock(kioskPIN))
			c.do(s, v)
			if r := s.tap(v); len(r.Cookies()) != 0 && strings.HasPrefix(c.want, "kiosk") {
				t.Errorf("the device is marked: %v", r.Cookies())
			}
			r := s.stored(v.Get("submission_id"))
			if got := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Channel, r.Standing, r.Reason)); got != c.want {
				t.Errorf("it stands %q, want %q", got, c.want)
			}
			if r.Pace != surveys.PaceUnknown {
				t.Errorf("its pace is %s", r.Pace)
			}
			body := map[string]any{
				"token": kioskToken, "submission_id": surveys.NewSubmissionID(), "form_token": v.Get("form_token"), "answers": map[string]any{"P1": 4}, "channel": "qr",
			}
			if given := v.Get("given"); given != "" {
				body["given"] = given
			}
			s.api(body).want(http.StatusCreated)
			r = s.stored(fmt.Sprint(body["submission_id"]))
			if got := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Channel, r.Standing, r.Reason)); got != c.want {
				t.Errorf("sent to the API it stands %q, want %q", got, c.want)
			}
		})
	}
}

// The pass of one kiosk is none at another, and none where there is no kiosk.
func TestPassIsOfOnePoint(t *testing.T) {
	t.Parallel()
	s := newKiosk(t)
	pass := s.unlock(kioskPIN)
	s.point(surveys.Point{ID: "p_other", Token: "K9K9K9K9", Facility: "f_hall", Kind: "kiosk", Name: "Máy khác", Instrument: surveys.Pulse})
	set, _, err := surveys.FindKiosk(t.Context(), s.store, "p_kiosk")
	s.ok(err)
	set.Point = "p_other"
	_, err = surveys.KioskSettings().Put(t.Context(), s.store, *set, 0)
	s.ok(err)
	for _, token := range []surveys.Token{"K9K9K9K9", pulseToken} {
		v := tapped(pass)
		s.post("/s/"+string(token), v).want(http.StatusSeeOther)
		if got := s.judged(v.Get("submission_id")); got != "aside no_token" {
			t.Errorf("at %s it stands %q", token, got)
		}
	}
	// Nor is a form's token a pass, nor does calling oneself a kiosk make one.
	v := s.filled(kioskToken, "", "P1", "4")
	s.post("/s/"+string(kioskToken), v).want(http.StatusSeeOther)
	if r := s.stored(v.Get("submission_id")); r.Channel != surveys.QR || r.Standing != surveys.Counted || r.Pace == surveys.PaceUnknown {
		t.Errorf("a phone that scans the code of the kiosk: %s %s %s %q", r.Channel, r.Standing, r.Reason, r.Pace)
	}
	body := with(s.opened(kioskToken, map[string]any{"P1": 5}), "channel", "kiosk")
	s.api(body).want(http.StatusCreated)
	if got := s.judged(fmt.Sprint(body["submission_id"])); got != "aside no_token" {
		t.Errorf("who calls himself a kiosk stands %q", got)
	}
	body = with(submission(kioskToken, map[string]any{"P1": 5}), "channel", "kiosk")
	s.api(body, bearer(s.token(account.Manager, "facility:f_hall"))...).want(http.StatusCreated)
	if got := s.judged(fmt.Sprint(body["submission_id"])); got != "answers" {
		t.Errorf("a known program's stands %q", got)
	}
}

// An hour takes as many answers as the interval permits by then; what is more stands aside. The same one again is none.
func TestKioskInterval(t *testing.T) {
	t.Parallel()
	s := newKiosk(t) // 9:30, an answer a minute
	pass := s.unlock(kioskPIN)
	s.clock.Add(-29 * time.Minute)
	counted := map[string]int{}
	send := func(given string) {
		v := tapped(pass, "given", given)
		s.tap(v)
		s.post("/s/"+string(kioskToken), v, "Accept", "application/json").want(http.StatusCreated)
		counted[s.judged(v.Get("submission_id"))]++
	}
	for range 10 {
		send("2026-03-10T09")
	}
	if counted["answers"] != 3 || counted["aside interval"] != 7 {
		t.Errorf("in the first minute: %v, want 3 and 7", counted)
	}
	s.clock.Add(10 * time.Minute)
	clear(counted)
	for range 10 {
		send("2026-03-10T09")
	}
	if counted["answers"] != 10 {
		t.Errorf("ten minutes later: %v", counted)
	}
	// Hours without network: each holds its own.
	s.clock.Add(6 * time.Hour)
	clear(counted)
	for _, hour := range []string{"10", "11", "12", "13", "14"} {
		for range 65 {
			send("2026-03-10T" + hour)
		}
	}
	if counted["answers"] != 5*62 || counted["aside interval"] != 5*3 {
		t.Errorf("in five hours: %v, want 310 and 15", counted)
	}
}

// Nobody fills the past with a pass of now.
func TestKioskPassIsNotOlderThanItsStart(t *testing.T) {
	t.Parallel()
	s := newKiosk(t)
	v := tapped(s.unlock(kioskPIN), "given", "2026-03-05T10")
	s.clock.Add(24 * time.Hour)
	s.tap(v)
	if got, want := whenOf(s.stored(v.Get("submission_id"))), (counted{"2026-03-10", 9, "2026-03-11"}); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}

// Neither the PIN nor the pass is in the store, the log, a metric, an answer or a page; a backup carries the kiosk, so
// that a restored one goes on with the pass it has.
func TestKioskPrivacy(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.point(surveys.Point{ID: "p_kiosk", Token: kioskToken, Facility: "f_hall", Kind: "kiosk", Name: "Máy ở sảnh", Instrument: surveys.Pulse})
	form := b.open("/app/points/p_kiosk/kiosk").want(http.StatusOK).fields()
	form.Set("form", "pulse")
	form.Set("pin", kioskPIN)
	form.Set("interval", "x")
	wrong := b.sendForm("/app/points/p_kiosk/kiosk", form).want(http.StatusUnprocessableEntity)
	form.Set("interval", "5")
	b.sendForm("/app/points/p_kiosk/kiosk", form).want(http.StatusSeeOther)
	b.clock.Add(2 * time.Second)
	b.post("/k/"+string(kioskToken), url.Values{"pin": {"MARK-pin"}}, "User-Agent", "MARK-tablet").want(http.StatusForbidden)
	pass := b.unlock(kioskPIN)
	v := tapped(pass)
	b.tap(v)
	b.ok(b.Count(t.Context()))
	var file bytes.Buffer
	_, err := backup.Write(t.Context(), b.store, &file, backup.Options{Made: "2026-03-10"})
	b.ok(err)
	packed := bytes.NewReader(file.Bytes())
	secret := b.token(account.Admin, "all")
	places := map[string]string{
		"log": b.log.String(), "backup": unzipped(t, packed), "metrics": b.get("/metrics", bearer(secret)...).want(http.StatusOK).body,
		"page": b.open("/app/points/p_kiosk/kiosk").want(http.StatusOK).body, "page with a mistake": wrong.body,
		"kiosk": b.get("/k/" + string(kioskToken)).body, "points": b.get("/api/v1/points", bearer(secret)...).want(http.StatusOK).body,
	}
	for _, cell := range cells(t, b.path) {
		places["store"] += cell.text + "\n"
	}
	_, signed, _ := strings.Cut(pass, ".")
	restored := filepath.Join(t.TempDir(), "again.db")
	again, err := sqlite.Open(t.Context(), restored, b.clock.Now)
	b.ok(err)
	t.Cleanup(func() { b.ok(again.Close()) })
	path := filepath.Join(t.TempDir(), "backup")
	b.ok(os.WriteFile(path, file.Bytes(), 0o600))
	_, err = backup.Restore(t.Context(), again, backup.FileSource(path, ""), nil)
	b.ok(err)
	set, _, err := surveys.FindKiosk(t.Context(), again, "p_kiosk")
	b.ok(err)
	if set == nil || set.Term == "" || set.Interval != 5 {
		t.Errorf("restored: %+v", set)
	}
	for _, cell := range cells(t, restored) {
		places["restored"] += cell.text + "\n"
	}
	for place, text := range places {
		for _, mark := range []string{kioskPIN, signed, "MARK"} {
			if strings.Contains(text, mark) {
				t.Errorf("the %s holds %q", place, mark)
			}
		}
		hash := strings.Contains(text, "argon2id")
		if want := place == "store" || place == "restored"; hash != want {
			t.Errorf("the %s holds a hash: %v, want %v", place, hash, want)
		}
	}
}
