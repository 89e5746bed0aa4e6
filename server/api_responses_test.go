package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/server/account"
	"hailong/surveys"
)

type receiptBody struct {
	Receipt string `json:"receipt"`
}

// problem is an error of the API.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

// problem reads an error and checks its shape.
func (r *reply) problem(status int) problem {
	r.t.Helper()
	r.want(status)
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("content type %q", got)
	}
	var p problem
	r.json(&p)
	if p.Status != status || p.Title == "" || p.Type == "" || strings.TrimSpace(p.Detail) == "" || p.RequestID == "" {
		r.t.Errorf("problem %+v", p)
	}
	if strings.Contains(r.body, "api.detail") || strings.Contains(r.body, `"error.`) {
		r.t.Errorf("the problem is told by a key, not in words: %s", r.body)
	}
	return p
}

func (p problem) fields() []string {
	var names []string
	for _, e := range p.Errors {
		names = append(names, e.Field)
	}
	return names
}

func TestAPISubmit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := s.opened(clinicToken, map[string]any{"B2": 4, "G1": 80, "G2": "maybe", "Z": 0, "B7": nil})
	r := s.api(with(body, "comment", " tốt ")).want(http.StatusCreated)
	id, ok := body["submission_id"].(surveys.SubmissionID)
	if !ok {
		t.Fatal("no id")
	}
	var got receiptBody
	r.json(&got)
	if got.Receipt != string(id.Receipt()) || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answer %s %s", r.body, r.Header.Get("Content-Type"))
	}
	want := surveys.Response{
		ID: id, Receipt: id.Receipt(), Facility: "f_clinic", Point: "p_clinic", Instrument: "station", Version: 1,
		Form: surveys.FullForm, Channel: surveys.QR, Standing: surveys.Counted, Pace: surveys.Slow, Lang: "vi", Day: "2026-03-10", Hour: 9, Arrived: "2026-03-10",
		Answers: surveys.Answers{"B2": surveys.NumberAnswer(4), "G1": surveys.NumberAnswer(80), "G2": surveys.TextAnswer("maybe"), "Z": surveys.NumberAnswer(0)},
		Comment: "tốt",
	}
	if d := cmp.Diff(want, s.stored(string(id))); d != "" {
		t.Errorf("stored (-want +got):\n%s", d)
	}
	for name, again := range map[string]map[string]any{
		"the same": body, "other answers": with(body, "answers", map[string]any{"B2": 1}), "no answers": with(body, "answers", map[string]any{}),
		"unknown item": with(body, "answers", map[string]any{"Q9": 1}), "unknown field": with(body, "colour", "red"), "wrong type": with(body, "comment", 5),
		"bad channel": with(body, "channel", "fax"), "unknown token": with(body, "token", unknownToken), "retired token": with(body, "token", retiredToken),
		"paper": with(body, "channel", "paper"), "capitals": with(body, "submission_id", strings.ToUpper(string(id))),
	} {
		r := s.api(again)
		if r.StatusCode != http.StatusOK || r.body != fmt.Sprintf(`{"receipt":%q}`, id.Receipt()) {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
	s.wantStored(1)
}

func TestAPIDefaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		change []any
		form   surveys.Form
		ch     surveys.Channel
		lang   string
		hour   int
	}{
		{nil, "short", "qr", "vi", 9},
		{[]any{"form", "full", "channel", "kiosk", "lang", "en"}, "full", "kiosk", "en", 9},
		{[]any{"form", "", "channel", "", "lang", "", "form_token", "anything"}, "short", "qr", "vi", 9},
		{[]any{"channel", "link"}, "short", "link", "vi", 9},
		{[]any{"channel", "paper", "form", "full"}, "full", "paper", "vi", -1},
		{[]any{"channel", "assisted"}, "short", "assisted", "vi", 9},
		{[]any{"token", strings.ToLower(string(hallToken[:4]) + "-" + string(hallToken[4:]))}, "short", "qr", "vi", 9},
	} {
		body := with(submission(hallToken, map[string]any{"A3": 4}), c.change...)
		s.api(body, bearer(s.token(account.Manager, "facility:f_hall"))...).want(http.StatusCreated)
		got := s.stored(fmt.Sprint(body["submission_id"]))
		if got.Form != c.form || got.Channel != c.ch || got.Lang != c.lang || got.Hour != c.hour {
			t.Errorf("%v: stored %+v", c.change, got)
		}
	}
}

// What only staff may send in needs a token that may do it, there.
func TestAPITyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, channel := range []string{"paper", "assisted"} {
		for _, c := range []struct {
			name   string
			header []string
			status int
		}{
			{"no bearer", nil, 401},
			{"empty bearer", []string{"Authorization", "Bearer "}, 401},
			{"other scheme", []string{"Authorization", "Basic abc"}, 401},
			{"unknown bearer", bearer("hl_nope"), 401},
			{"viewer", bearer(s.token(account.Viewer, "all")), 403},
			{"manager of another", bearer(s.token(account.Manager, "facility:f_clinic")), 403},
			{"office of another commune", bearer(s.token(account.Office, "unit:13900")), 403},
			{"another sector", bearer(s.token(account.Manager, "sector:health")), 403},
			{"its manager", bearer(s.token(account.Manager, "facility:f_hall")), 201},
			{"its commune", bearer(s.token(account.Office, "unit:13891")), 201},
			{"its province", bearer(s.token(account.Office, "unit:36")), 201},
			{"its sector", bearer(s.token(account.Office, "sector:one_stop")), 201},
			{"administrator", bearer(s.token(account.Admin, "all")), 201},
			{"scheme in small letters", []string{"authorization", "bearer " + s.token(account.Admin, "all")}, 201},
		} {
			r := s.api(with(submission(hallToken, map[string]any{"A3": 4}), "channel", channel), c.header...)
			if r.StatusCode != c.status {
				t.Errorf("%s %s: status %d, want %d", channel, c.name, r.StatusCode, c.status)
			}
			if c.status >= 400 {
				r.problem(c.status)
			}
			if c.status == 401 && !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: WWW-Authenticate %q", c.name, r.Header.Get("WWW-Authenticate"))
			}
		}
	}
	s.wantStored(12)
}

func TestAPIMalformed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, body := range []string{"", "{", "[]", `"x"`, "5", "null", "true", `{"token":}`, `{"a":1}{"b":2}`, "\xff\xfe", `{"token":"` + string(hallToken) + `"`, "token=x", strings.Repeat("[", 20000)} {
		s.api(body).problem(http.StatusBadRequest)
	}
	s.wantStored(0)
}

func TestAPIInvalid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	answers := func(a ...any) []any { return []any{"answers", with(nil, a...)} }
	for _, c := range []struct {
		name   string
		change []any
		fields []string
	}{
		{"unknown field", []any{"colour", "red"}, []string{"colour"}},
		{"unknown fields", []any{"colour", "red", "Colour", 1}, []string{"Colour", "colour"}},
		{"known field in capitals", []any{"Token", "x"}, []string{"Token"}},
		{"unknown item", answers("A3", 4, "Q9", 1), []string{"Q9"}},
		{"item of another questionnaire", answers("TX1", 4), []string{"TX1"}},
		{"off the scale", answers("A3", 6), []string{"A3"}},
		{"negative", answers("A3", -1), []string{"A3"}},
		{"fraction", answers("A3", 4.5), []string{"A3"}},
		{"number as text", answers("A3", "4"), []string{"A3"}},
		{"huge", answers("A3", 1e300), []string{"A3"}},
		{"many digits", []any{"answers", rawJSON(`{"A3":99999999999999999999999999}`)}, []string{"A3"}},
		{"exponent beyond all", []any{"answers", rawJSON(`{"A3":1e999999}`)}, []string{"A3"}},
		{"true", answers("A3", true), []string{"A3"}},
		{"object", answers("A3", map[string]any{"x": map[string]any{"y": 1}}), []string{"A3"}},
		{"list for a scale", answers("A3", []string{"4"}), []string{"A3"}},
		{"empty list for a scale", answers("A3", []string{}), []string{"A3"}},
		{"list of numbers", answers("A3", []int{4}), []string{"A3"}},
		{"list of lists", answers("A3", [][]string{{"4"}}), []string{"A3"}},
		{"unknown choice", answers("K1", "nope"), []string{"K1"}},
		{"empty choice", answers("K1", ""), []string{"K1"}},
		{"number for a choice", answers("K1", 1), []string{"K1"}},
		{"several mistakes", answers("A3", 9, "K1", "nope", "Q9", 1), []string{"A3", "K1", "Q9"}},
		{"several types", answers("Z", true, "A3", 4.5, "B2", map[string]int{}), []string{"A3", "B2", "Z"}},
		{"no answer", answers(), []string{"answers"}},
		{"only blanks", answers("A3", nil), []string{"answers"}},
		{"answers null", []any{"answers", nil}, []string{"answers"}},
		{"answers a list", []any{"answers", []int{1}}, []string{"answers"}},
		{"token a number", []any{"token", 5}, []string{"token"}},
		{"no token", []any{"token", ""}, []string{"token"}},
		{"no id", []any{"submission_id", nil}, []string{"submission_id"}},
		{"id a number", []any{"submission_id", 5}, []string{"submission_id"}},
		{"id of version 1", []any{"submission_id", "c232ab00-9414-11ec-b3c8-9f6bdeced846"}, []string{"submission_id"}},
		{"id of version 8", []any{"submission_id", surveys.RowSubmissionID("b", "1")}, []string{"submission_id"}},
		{"id without hyphens", []any{"submission_id", "7d444840964142d7a0b5d09d4b6f2b1a"}, []string{"submission_id"}},
		{"id of zeros", []any{"submission_id", "00000000-0000-0000-0000-000000000000"}, []string{"submission_id"}},
		{"form", []any{"form", "long"}, []string{"form"}},
		{"lang", []any{"lang", "fr"}, []string{"lang"}},
		{"channel", []any{"channel", "fax"}, []string{"channel"}},
		{"form and lang", []any{"form", "long", "lang", "fr"}, []string{"form", "lang"}},
		{"comment a list", []any{"comment", []string{"x"}}, []string{"comment"}},
		{"comment too long", []any{"comment", strings.Repeat("ế", surveys.MaxComment+1)}, []string{"comment"}},
	} {
		body := with(submission(hallToken, map[string]any{"A3": 4}), c.change...)
		if body["submission_id"] == nil {
			delete(body, "submission_id")
		}
		p := s.api(body).problem(http.StatusUnprocessableEntity)
		if got := p.fields(); !slices.Equal(got, c.fields) {
			t.Errorf("%s: fields %v, want %v", c.name, got, c.fields)
		}
		for _, e := range p.Errors {
			if strings.HasPrefix(e.Message, "error.") || e.Message == "" {
				t.Errorf("%s: message %q", c.name, e.Message)
			}
		}
	}
	s.wantStored(0)
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestAPIShowIfAndChoices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		name    string
		token   surveys.Token
		answers map[string]any
		fields  []string
	}{
		{"not asked", clinicToken, map[string]any{"Z": 5, "G4": "vì sao"}, []string{"G4"}},
		{"asked", clinicToken, map[string]any{"Z": 1, "G4": "chờ"}, nil},
		{"text too long", clinicToken, map[string]any{"Z": 1, "G4": strings.Repeat("ế", 301)}, []string{"G4"}},
		{"blank text", clinicToken, map[string]any{"Z": 1, "G4": "  "}, nil},
		{"text a number", clinicToken, map[string]any{"Z": 1, "G4": 3}, []string{"G4"}},
		{"percent", clinicToken, map[string]any{"G1": 101}, []string{"G1"}},
		{"percent bounds", clinicToken, map[string]any{"G1": 100, "Z": 0}, nil},
		{"too many", schoolToken, map[string]any{"K4": []string{"access", "facilities", "results"}}, []string{"K4"}},
		{"the same twice", schoolToken, map[string]any{"K4": []string{"access", "access"}}, nil},
		{"multiple as text", schoolToken, map[string]any{"K4": "access"}, []string{"K4"}},
		{"null in a list", schoolToken, map[string]any{"K4": []any{"access", nil}}, []string{"K4"}},
		{"empty list", schoolToken, map[string]any{"K4": []string{}, "A2": 4}, nil},
		{"only an empty list", schoolToken, map[string]any{"K4": []string{}}, []string{"answers"}},
		{"whole float", schoolToken, map[string]any{"A2": rawJSON("4.0")}, nil},
		{"minus nought", schoolToken, map[string]any{"A2": rawJSON("-0")}, nil},
	} {
		r := s.api(submission(c.token, c.answers))
		if c.fields == nil {
			r.want(http.StatusCreated)
			continue
		}
		if got := r.problem(http.StatusUnprocessableEntity).fields(); !slices.Equal(got, c.fields) {
			t.Errorf("%s: fields %v, want %v", c.name, got, c.fields)
		}
	}
}

func TestAPIPlaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for token, status := range map[surveys.Token]int{
		unknownToken: 404, "ABC": 404, "../../..": 404, retiredToken: 410, closedToken: 410, futureToken: 410,
	} {
		s.api(submission(token, map[string]any{"Z": 4})).problem(status)
	}
	vi := s.api(submission(unknownToken, map[string]any{"Z": 4})).problem(404)
	r := s.send(http.MethodPost, "/api/v1/responses?lang=en", `{}`)
	en := r.problem(http.StatusUnprocessableEntity)
	if !slices.Contains(en.fields(), "token") || !slices.Contains(en.fields(), "submission_id") {
		t.Errorf("an empty object: fields %v", en.fields())
	}
	if !strings.Contains(vi.Detail, "Không") || strings.ContainsAny(en.Detail, "ốạếđ") {
		t.Errorf("details %q and %q", vi.Detail, en.Detail)
	}
	s.wantStored(0)
}

// Many send the same at once, as an impatient kiosk does: one is stored and all are told the same.
func TestAPIConcurrentRepeats(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.run()
	const times = 50
	body := fmt.Sprintf(`{"token":%q,"submission_id":%q,"answers":{"A3":5}}`, hallToken, surveys.NewSubmissionID())
	var mu sync.Mutex
	var wg sync.WaitGroup
	created, receipts := 0, map[string]int{}
	for range times {
		wg.Go(func() {
			got, err := r.call(http.MethodPost, "/api/v1/responses", body)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			receipts[got.body]++
			if got.StatusCode == http.StatusCreated {
				created++
			} else if got.StatusCode != http.StatusOK {
				t.Errorf("status %d: %s", got.StatusCode, got.body)
			}
		})
	}
	wg.Wait()
	if created != 1 || len(receipts) != 1 {
		t.Errorf("%d were created, want 1; receipts %v", created, receipts)
	}
	s.wantStored(1)
}
