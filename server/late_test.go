package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
)

// counted is when a stored response counts, and when it arrived.
type counted struct {
	day     surveys.Day
	hour    int
	arrived surveys.Day
}

// keptForm is a form of the hall that the phone has kept for three weeks, filled in.
func (s *site) keptForm() url.Values {
	s.t.Helper()
	const kept = 21 * 24 * time.Hour
	s.clock.Add(-kept)
	v := s.form(hallToken, "")
	s.clock.Add(kept)
	v.Set("A3", "5")
	return v
}

func whenOf(r surveys.Response) counted { return counted{r.Day, r.Hour, r.Arrived} }

// The site's now is 2026-03-10, 9.30. Form and API count a late answer alike.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for given, want := range map[string]counted{
		"":              {"2026-03-10", 9, "2026-03-10"},
		"2026-03-10T07": {"2026-03-10", 7, "2026-03-10"},
		"2026-03-10T11": {"2026-03-10", 9, "2026-03-10"},
		"2026-03-09T23": {"2026-03-09", 23, "2026-03-10"},
		"2026-02-24T00": {"2026-02-24", 0, "2026-03-10"},
		"2026-02-23T23": {"2026-03-10", -1, "2026-03-10"},
		"2026-03-11T00": {"2026-03-10", -1, "2026-03-10"},
		"1970-01-01T07": {"2026-03-10", -1, "2026-03-10"},
	} {
		form := s.keptForm()
		form.Set("given", given)
		s.post("/s/"+string(hallToken), form).want(http.StatusSeeOther)
		if got := whenOf(s.stored(form.Get("submission_id"))); got != want {
			t.Errorf("form given %q: counted %v, want %v", given, got, want)
		}
		body := submission(hallToken, map[string]any{"A3": 5})
		s.api(with(body, "given", given)).want(http.StatusCreated)
		if got := whenOf(s.stored(fmt.Sprint(body["submission_id"]))); got != want {
			t.Errorf("API given %q: counted %v, want %v", given, got, want)
		}
	}
}

// A phone that says nonsense loses no answer; a program is told.
func TestUnreadableMoment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, given := range []string{"yesterday", "2026-02-30T09", "2026-03-10T9", "2026-03-10T24", strings.Repeat("9", 500)} {
		form := s.keptForm()
		form.Set("given", given)
		s.post("/s/"+string(hallToken), form).want(http.StatusSeeOther)
		if got := whenOf(s.stored(form.Get("submission_id"))); got != (counted{"2026-03-10", 9, "2026-03-10"}) {
			t.Errorf("given %q: counted %v", given, got)
		}
		s.api(with(submission(hallToken, map[string]any{"A3": 5}), "given", given)).want(http.StatusUnprocessableEntity).must(`"field":"given"`)
	}
	s.api(with(submission(hallToken, map[string]any{"A3": 5}), "given", 20260310)).want(http.StatusUnprocessableEntity).must(`"field":"given"`)
	s.wantStored(5)
}

// An answer given while a place was open is taken after it has closed, and none that was given since.
func TestLateAnswerToAClosedPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.keptForm()
	send := func(token surveys.Token, given string) *reply {
		v.Set("submission_id", string(surveys.NewSubmissionID()))
		v.Set("given", given)
		return s.post("/s/"+string(token), v)
	}
	send(retiredToken, "2026-02-28T16").want(http.StatusSeeOther) // retired on 2026-03-01
	if got := whenOf(s.stored(v.Get("submission_id"))); got != (counted{"2026-02-28", 16, "2026-03-10"}) {
		t.Errorf("counted %v", got)
	}
	for _, given := range []string{"", "2026-03-01T08", "2026-03-10T08", "2026-02-23T08", "2026-03-12T08"} {
		send(retiredToken, given).want(http.StatusGone)
	}
	send(closedToken, "2026-01-31T08").want(http.StatusGone) // the last day of its facility, too long ago
	send(futureToken, "2026-03-09T08").want(http.StatusGone)
	s.wantStored(1)
	// Before a facility opened there was nothing to answer: the phone's clock is wrong.
	s.facility(surveys.Facility{ID: "f_new", Name: "Trạm mới mở", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop", From: "2026-03-09"}, "13891")
	s.point(surveys.Point{ID: "p_new", Token: "NNNNNNNN", Facility: "f_new", Kind: "gate", Name: "Cổng"})
	send("NNNNNNNN", "2026-03-08T08").want(http.StatusSeeOther)
	if got := whenOf(s.stored(v.Get("submission_id"))); got != (counted{"2026-03-10", -1, "2026-03-10"}) {
		t.Errorf("counted %v", got)
	}
}

// After a clock ran ahead, days of the last two weeks may be sealed: no answer comes to them.
func TestLateAnswerToASealedDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.keptForm()
	v.Set("given", "2026-03-08T10")
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	s.ok(s.Count(t.Context()))
	book, err := s.store.Day(t.Context(), "f_hall", "2026-03-08")
	s.ok(err)
	book.Sealed = true
	stored, err := s.store.PutDays(t.Context(), []surveys.CountedDay{{Book: book, Seen: surveys.DirtyDay{Facility: "f_hall", Day: "2026-03-08"}}})
	if s.ok(err); !stored[0] {
		t.Fatal("the day is not sealed")
	}
	for _, day := range []struct {
		given string
		want  counted
	}{{"2026-03-08T10", counted{"2026-03-10", -1, "2026-03-10"}}, {"2026-03-07T10", counted{"2026-03-07", 10, "2026-03-10"}}} {
		v.Set("submission_id", string(surveys.NewSubmissionID()))
		v.Set("given", day.given)
		s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
		if got := whenOf(s.stored(v.Get("submission_id"))); got != day.want {
			t.Errorf("given %s: counted %v, want %v", day.given, got, day.want)
		}
	}
	// A re-send of what stands on the sealed day stores nothing.
	v.Set("given", "2026-03-08T10")
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	s.wantStored(3)
}

// Where it cannot be looked up whether a day is open, the answer waits on the phone.
func TestLateAnswerWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.keptForm()
	v.Set("given", "2026-03-08T10")
	s.store.set(func(f *faults) { f.day = surveys.ErrUnavailable })
	s.post("/s/"+string(hallToken), v).want(http.StatusServiceUnavailable).must("Gửi lại", `name="given" value="2026-03-08T10"`)
	r := s.post("/s/"+string(hallToken), v, "Accept", "application/json").want(http.StatusServiceUnavailable)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.wantStored(0)
	s.store.set(func(f *faults) { f.day = nil })
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	s.wantStored(1)
}

// The outbox is told in JSON what a browser is told by a page: only so can it tell us from a hotspot.
func TestOutboxIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	good := s.filled(hallToken, "?lang=en", "A3", "5")
	script := []string{"Accept", "application/json"}
	post := func(token surveys.Token, v url.Values, headers ...string) *reply {
		return s.post("/s/"+string(token), v, append(headers, script...)...)
	}
	want := surveys.SubmissionID(good.Get("submission_id")).Receipt()
	for range 2 { // a repeat is answered alike
		r := post(hallToken, good).want(http.StatusCreated)
		var got struct{ Receipt surveys.Receipt }
		r.json(&got)
		if to := r.Header.Get("Location"); got.Receipt != want || to != "/s/"+string(hallToken)+"/thanks?lang=en&r="+string(want) {
			t.Errorf("receipt %s, want %s; leads to %s", got.Receipt, want, to)
		}
		if r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("a receipt may be kept: %q", r.Header.Get("Cache-Control"))
		}
	}
	s.wantStored(1)
	bad := s.filled(hallToken, "")
	other := s.keptForm()
	for _, c := range []struct {
		name   string
		reply  *reply
		status int
	}{
		{"nothing answered", post(hallToken, bad), 422},
		{"no such place", post(unknownToken, other), 404},
		{"retired", post(retiredToken, other), 410},
		{"not a form", s.send(http.MethodPost, "/s/"+string(hallToken), "{}", append([]string{"Content-Type", "application/json"}, script...)...), 400},
	} {
		c.reply.want(c.status)
		if got := c.reply.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: answered in %s", c.name, got)
		}
	}
	s.store.set(func(f *faults) { f.add = func() error { return surveys.ErrUnavailable } })
	r := post(hallToken, other).want(http.StatusServiceUnavailable)
	if r.Header.Get("Retry-After") == "" || strings.Contains(r.body, "<html") {
		t.Errorf("busy: Retry-After %q, body %.80s", r.Header.Get("Retry-After"), r.body)
	}
	s.store.set(func(f *faults) { f.add = func() error { return errors.New("broken") } })
	post(hallToken, other).want(http.StatusInternalServerError)
	s.wantStored(1)
}

// What is too large is refused before its frame, over the wire; the outbox must know that it was us.
func TestOutboxSendsTooMuch(t *testing.T) {
	t.Parallel()
	r := newSite(t).run()
	got, err := r.call(http.MethodPost, "/s/"+string(hallToken), "comment="+strings.Repeat("x", 40<<10), "Content-Type", formType, "Accept", "application/json")
	r.ok(err)
	if got.want(http.StatusRequestEntityTooLarge); got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answered in %s", got.Header.Get("Content-Type"))
	}
}

// Two phones' tabs that send one answer at once, on both sides of midnight, are stored once.
func TestLateRepeatsOverMidnight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.clock.Add(14*time.Hour + 29*time.Minute) // 23.59
	v := s.keptForm()
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	s.clock.Add(2 * time.Minute)
	v.Set("given", "2026-03-10T23")
	s.post("/s/"+string(hallToken), v).want(http.StatusSeeOther)
	s.wantStored(1)
	if got := whenOf(s.stored(v.Get("submission_id"))); got != (counted{"2026-03-10", 23, "2026-03-10"}) {
		t.Errorf("counted %v", got)
	}
}
