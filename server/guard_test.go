package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hailong/server"
	"hailong/server/account"
	"hailong/surveys"
)

// judged is how an answer stands.
func (s *site) judged(id string) string {
	s.t.Helper()
	r := s.stored(id)
	return strings.TrimSpace(string(r.Standing) + " " + r.Reason)
}

// A way of sending an answer: what differs from a form that a person opened, read and sent.
type way struct {
	name string
	do   func(s *site, v url.Values) // before it is sent
	want string
}

func ways() []way {
	flip := func(s *site, v url.Values, at int) {
		s.t.Helper()
		raw, err := base64.RawURLEncoding.DecodeString(v.Get("form_token"))
		s.ok(err)
		raw[at] ^= 1
		v.Set("form_token", base64.RawURLEncoding.EncodeToString(raw))
	}
	return []way{
		{"as people do", func(s *site, _ url.Values) { s.clock.Add(thinking) }, "answers"},
		{"after two weeks without network", func(s *site, _ url.Values) { s.clock.Add(29 * 24 * time.Hour) }, "answers"},
		{"kept for ever", func(s *site, _ url.Values) { s.clock.Add(30 * 24 * time.Hour) }, "aside no_token"},
		{"by a server whose clock is a minute behind", func(s *site, _ url.Values) { s.clock.Add(-time.Minute) }, "answers"},
		{"opened tomorrow", func(s *site, _ url.Values) { s.clock.Add(-24 * time.Hour) }, "aside no_token"},
		{"at once", func(*site, url.Values) {}, "aside too_fast"},
		{"in the hidden field too", func(s *site, v url.Values) { s.clock.Add(thinking); v.Set("homepage", "https://spam.example") }, "aside honeypot"},
		{"without a token", func(s *site, v url.Values) { s.clock.Add(thinking); v.Del("form_token") }, "aside no_token"},
		{"with rubbish for a token", func(s *site, v url.Values) { s.clock.Add(thinking); v.Set("form_token", "rubbish") }, "aside no_token"},
		{"with an older time", func(s *site, v url.Values) { flip(s, v, 2) }, "aside no_token"},
		{"with a forged signature", func(s *site, v url.Values) { s.clock.Add(thinking); flip(s, v, 23) }, "aside no_token"},
		{"with a token cut short", func(s *site, v url.Values) {
			s.clock.Add(thinking)
			v.Set("form_token", v.Get("form_token")[:30])
		}, "aside no_token"},
		{"with another point's token", func(s *site, v url.Values) {
			v.Set("form_token", s.form(pulseToken, "").Get("form_token"))
			s.clock.Add(thinking)
		}, "aside no_token"},
	}
}

// The form page and the API judge alike, and the sender is told the same whatever is thought of the answer.
func TestSuspectsStandAside(t *testing.T) {
	t.Parallel()
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := s.form(hallToken, "")
			for code, n := range map[string]string{"A3": "5", "B2": "4", "Z": "4"} {
				v.Set(code, n)
			}
			w.do(s, v)
			id := v.Get("submission_id")
			if got := s.post("/s/"+string(hallToken), v).receipt(); got != string(surveys.SubmissionID(id).Receipt()) {
				t.Errorf("receipt %q", got)
			}
			if got := s.judged(id); got != w.want {
				t.Errorf("the form stands %q, want %q", got, w.want)
			}
			s = newSite(t)
			v = s.form(hallToken, "")
			w.do(s, v)
			body := map[string]any{
				"token": hallToken, "submission_id": v.Get("submission_id"), "form_token": v.Get("form_token"),
				"answers": map[string]any{"A3": 5, "B2": 4, "Z": 4}, "homepage": v.Get("homepage"),
			}
			r := s.api(body).want(http.StatusCreated)
			if want := fmt.Sprintf(`{"receipt":%q}`, surveys.SubmissionID(v.Get("submission_id")).Receipt()); r.body != want {
				t.Errorf("answer %s, want %s", r.body, want)
			}
			if got := s.judged(v.Get("submission_id")); got != w.want {
				t.Errorf("the API's stands %q, want %q", got, w.want)
			}
		})
	}
}

// A program that we know needs no form; one that we do not know, or that may not send answers here, is as anybody.
func TestBearerIsNotSuspect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		name   string
		header []string
		want   string
	}{
		{"nobody", nil, "aside no_token"},
		{"its own facility's manager", bearer(s.token(account.Manager, "facility:f_hall")), "answers"},
		{"another's manager", bearer(s.token(account.Manager, "facility:f_school")), "aside no_token"},
		{"a viewer", bearer(s.token(account.Viewer, "all")), "aside no_token"},
		{"an invented token", bearer("hl_invented"), "aside no_token"},
	} {
		body := submission(hallToken, map[string]any{"A3": 4})
		s.api(body, c.header...).want(http.StatusCreated)
		if got := s.judged(fmt.Sprint(body["submission_id"])); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Whoever corrects a form is not too fast: its time runs from the first opening.
func TestCorrectedFormIsNotTooFast(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "A3", "9")
	again := s.post("/s/"+string(hallToken), v).want(http.StatusUnprocessableEntity).fields()
	again.Set("A3", "4")
	s.post("/s/"+string(hallToken), again).want(http.StatusSeeOther)
	if got := s.judged(v.Get("submission_id")); got != "answers" {
		t.Errorf("it stands %q", got)
	}
	// But the page does not make a good token out of none.
	v = s.filled(hallToken, "", "A3", "9")
	v.Set("form_token", "rubbish")
	again = s.post("/s/"+string(hallToken), v).want(http.StatusUnprocessableEntity).fields()
	again.Set("A3", "4")
	s.post("/s/"+string(hallToken), again).want(http.StatusSeeOther)
	if got := s.judged(v.Get("submission_id")); got != "aside too_fast" {
		t.Errorf("one that began with rubbish stands %q", got)
	}
}

// A kept page may send a few submissions with the token of its opening, and each of them again; a script that lives on
// one token may not.
func TestTokenUsedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.filled(hallToken, "", "A3", "5", "B2", "5", "Z", "5")
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	counted, aside := 1, 0
	for i := range 40 {
		v.Set("submission_id", string(surveys.NewSubmissionID()))
		for range 1 + i%3 {
			s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
		}
		switch got := s.judged(v.Get("submission_id")); got {
		case "answers":
			counted++
		case "aside replayed":
			aside++
		default:
			t.Fatalf("it stands %q", got)
		}
	}
	if counted != 4 || aside != 37 {
		t.Errorf("%d counted and %d aside, want 4 and 37", counted, aside)
	}
}

// Two servers on one store, and one that starts again, take each other's tokens; another store's they do not.
func TestTokenHoldsOnEveryServer(t *testing.T) {
	t.Parallel()
	var options server.Options
	s := newSite(t, func(o *server.Options) { options = *o })
	other, err := server.New(options)
	s.ok(err)
	t.Cleanup(other.Close)
	second := *s
	second.Server = other
	v := s.filled(hallToken, "", "A3", "5", "Z", "4")
	second.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	if got := s.judged(v.Get("submission_id")); got != "answers" {
		t.Errorf("opened at one server and sent to another: %q", got)
	}
	strange := newSite(t, func(o *server.Options) { o.Install.FormKey = []byte("another store's key of 32 bytes..") })
	v = strange.filled(hallToken, "", "A3", "5", "Z", "4")
	s.clock.Add(thinking)
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	if got := s.judged(v.Get("submission_id")); got != "aside no_token" {
		t.Errorf("opened at another installation: %q", got)
	}
}

// The mark of a phone says how many answers it gave at a point today, and no more. A family may share a phone.
func TestRepeatMark(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	name, value := "", ""
	send := func(token surveys.Token, cookie string) (string, []*http.Cookie) {
		t.Helper()
		v := s.filled(token, "", "Z", "4", "A3", "4")
		if token == pulseToken {
			v.Del("A3")
			v.Del("Z")
			v.Set("P1", "4")
		}
		r := s.post("/s/"+string(token), v, "Cookie", cookie).want(http.StatusSeeOther)
		return s.judged(v.Get("submission_id")), r.Cookies()
	}
	for i := range 12 {
		got, cookies := send(hallToken, name+"="+value)
		want := "answers"
		if i >= 4 {
			want = "aside repeat"
		}
		if got != want {
			t.Errorf("answer %d from one phone stands %q, want %q", i+1, got, want)
		}
		if len(cookies) != 1 {
			t.Fatalf("%d cookies, want one", len(cookies))
		}
		c := cookies[0]
		name, value = c.Name, c.Value
		if value != strconv.Itoa(min(i+1, 9)) || c.Name != "__Host-hailong_again_"+string(hallToken) || !c.HttpOnly || !c.Secure {
			t.Errorf("the mark is %v", c)
		}
		if left := time.Date(2026, 3, 11, 0, 0, 0, 0, zone(t)).Sub(s.clock.Now()); c.MaxAge != int(left.Seconds()) {
			t.Errorf("it lasts %d s, want until midnight: %s", c.MaxAge, left)
		}
	}
	for _, accept := range []string{"gzip", "identity"} {
		s.get("/s/"+string(hallToken), "Cookie", name+"="+value, "Accept-Encoding", accept).must("trả lời cho một người khác")
		s.get("/s/"+string(hallToken), "Accept-Encoding", accept).must("!trả lời cho một người khác")
		s.get("/s/"+string(pulseToken), "Cookie", name+"="+value, "Accept-Encoding", accept).must("!trả lời cho một người khác")
	}
	if got, cookies := send(pulseToken, name+"="+value); got != "answers" || cookies[0].Value != "1" {
		t.Errorf("another point minds the mark: %q %v", got, cookies)
	}
	for _, odd := range []string{"x", "-3", "99999999999999999999", "1; DROP", ""} {
		if got, _ := send(hallToken, name+"="+odd); got != "answers" {
			t.Errorf("a mark %q makes it stand %q", odd, got)
		}
	}
	// The API minds it too, and the same submission again marks nothing.
	body := s.opened(hallToken, map[string]any{"A3": 4})
	r := s.api(body, "Cookie", name+"=4").want(http.StatusCreated)
	if got := s.judged(fmt.Sprint(body["submission_id"])); got != "aside repeat" || len(r.Cookies()) != 1 {
		t.Errorf("sent to the API it stands %q, %v", got, r.Cookies())
	}
	if r := s.api(body, "Cookie", name+"=4").want(http.StatusOK); len(r.Cookies()) != 0 {
		t.Errorf("a repeat marks the phone: %v", r.Cookies())
	}
}

// A tablet that many people use one after the other has no mark and no pace, but it has to show its page.
func TestSharedDevice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.point(surveys.Point{ID: "p_kiosk", Token: "K1K1K1K1", Facility: "f_hall", Kind: "kiosk", Name: "Máy ở sảnh", Instrument: surveys.Pulse})
	for i := range 12 {
		v := s.form("K1K1K1K1", "")
		v.Set("P1", strconv.Itoa(1+i%5))
		r := s.post("/s/K1K1K1K1", v, "Cookie", "__Host-hailong_again_K1K1K1K1=9").want(http.StatusSeeOther)
		if got := s.stored(v.Get("submission_id")); got.Standing != surveys.Counted || got.Pace != surveys.PaceUnknown || len(r.Cookies()) != 0 {
			t.Errorf("answer %d: %s %s %s, cookies %v", i, got.Standing, got.Reason, got.Pace, r.Cookies())
		}
	}
	v := s.form("K1K1K1K1", "")
	v.Set("P1", "5")
	v.Del("form_token")
	s.post("/s/K1K1K1K1", v).want(http.StatusSeeOther)
	if got := s.judged(v.Get("submission_id")); got != "aside no_token" {
		t.Errorf("without its page: %q", got)
	}
}

// What is typed is known to whoever typed it: it has no pace and is never suspect.
func TestTypedIsNeverSuspect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, channel := range []string{"paper", "assisted"} {
		body := with(submission(hallToken, map[string]any{"A3": 4}), "channel", channel, "homepage", "x")
		s.api(body, bearer(s.token(account.Manager, "facility:f_hall"))...).want(http.StatusCreated)
		if got := s.stored(fmt.Sprint(body["submission_id"])); got.Standing != surveys.Counted || got.Pace != surveys.PaceUnknown {
			t.Errorf("%s: %+v", channel, got)
		}
	}
}

// The field that nobody sees: people, screen readers and browsers that fill in forms pass it by, and whoever meets it
// all the same is told to leave it empty.
func TestHoneypotIsUnseen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	field := s.get("/s/" + string(hallToken)).want(http.StatusOK).doc().Find("input[name=homepage]")
	if field.Length() != 1 || field.AttrOr("tabindex", "") != "-1" || field.AttrOr("autocomplete", "") != "off" || field.AttrOr("value", "") != "" {
		t.Errorf("the field: %d, %v", field.Length(), field.Nodes)
	}
	if field.Closest("[aria-hidden=true].unseen").Length() != 1 || !strings.Contains(field.Parent().Text(), "để trống") {
		t.Error("it is not hidden, or without a word for who sees it")
	}
}

// Nobody fills the past with forms that he opens now: an answer counts when its form was opened at the earliest.
func TestLateAnswerIsNotOlderThanItsForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.clock.Add(-2 * 24 * time.Hour)
	v := s.form(hallToken, "")
	s.clock.Add(2 * 24 * time.Hour)
	v.Set("A3", "5")
	for given, want := range map[string]counted{
		"2026-03-01T10": {"2026-03-08", 9, "2026-03-10"},
		"2026-03-08T08": {"2026-03-08", 9, "2026-03-10"},
		"2026-03-08T10": {"2026-03-08", 10, "2026-03-10"},
		"2026-03-09T07": {"2026-03-09", 7, "2026-03-10"},
		"":              {"2026-03-10", 9, "2026-03-10"},
	} {
		v.Set("given", given)
		v.Set("submission_id", string(surveys.NewSubmissionID()))
		s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
		if got := whenOf(s.stored(v.Get("submission_id"))); got != want {
			t.Errorf("given %q: counted %v, want %v", given, got, want)
		}
		v.Set("submission_id", string(surveys.NewSubmissionID()))
		s.api(map[string]any{
			"token": hallToken, "submission_id": v.Get("submission_id"), "form_token": v.Get("form_token"), "answers": map[string]any{"A3": 5}, "given": given,
		}).want(http.StatusCreated)
		if got := whenOf(s.stored(v.Get("submission_id"))); got != want {
			t.Errorf("by the API given %q: counted %v, want %v", given, got, want)
		}
	}
}
