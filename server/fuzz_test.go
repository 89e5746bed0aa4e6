package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hailong/server"
	"hailong/surveys"
)

// checkValid wants what is stored to be a valid answer to its questionnaire, whole and at its place.
func (s *site) checkValid(r surveys.Response) {
	s.t.Helper()
	in, err := surveys.FindInstrument(s.t.Context(), s.store, r.Instrument, r.Version)
	s.ok(err)
	sub := surveys.Submission{ID: r.ID, Form: r.Form, Channel: r.Channel, Lang: r.Lang, Comment: r.Comment, Answers: surveys.Answers{}}
	for code, a := range r.Answers {
		sub.Answers[code] = a
	}
	if err := sub.Check(in); err != nil {
		s.t.Errorf("an invalid answer is stored: %v in %+v", err, r)
	}
	if sub.Comment != r.Comment || len(sub.Answers) != len(r.Answers) || sub.Form != r.Form {
		s.t.Errorf("what is stored is not clean: %+v becomes %+v", r, sub)
	}
	if r.Receipt != r.ID.Receipt() || r.Channel.Typed() || r.Day != "2026-03-10" {
		s.t.Errorf("stored %+v", r)
	}
}

// FuzzForm: whatever is posted as a form, the answer is a page and no server error, and nothing invalid is stored.
func FuzzForm(f *testing.F) {
	made := newSite(f)
	id := string(surveys.NewSubmissionID())
	for _, seed := range []string{
		"Z=4&submission_id=" + id, "A3=5&comment=%F0%9F%8E%89&form=full&lang=en&submission_id=" + id, "K4=a&K4=b&K4=", "Z=4;A3=5", "%", "=&=&", "Z=\x00",
		"comment=" + strings.Repeat("%E1%BA%BF", 1001), "G1=100%25&Z=1&G4=%FF%FE", "P1=1&K1=waiting&submission_id=" + id, "comment=e%CC%82%CC%81&Z=0x1&submission_id=" + id,
	} {
		f.Add(byte(0), seed)
		f.Add(byte(2), seed)
	}
	tokens := []surveys.Token{hallToken, pulseToken, clinicToken, schoolToken, onlineToken}
	f.Fuzz(func(t *testing.T, place byte, body string) {
		if len(body) > server.BodyLimit {
			return
		}
		s := made.on(t)
		before := s.calls()
		r := s.send(http.MethodPost, "/s/"+string(tokens[int(place)%len(tokens)]), body, "Content-Type", formType)
		switch r.StatusCode {
		case http.StatusSeeOther:
			to, err := url.Parse(r.Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := surveys.ParseReceipt(to.Query().Get("r")); !ok || !strings.HasPrefix(to.Path, "/s/") {
				t.Errorf("leads to %s", to)
			}
			v, err := url.ParseQuery(body)
			if err != nil {
				t.Fatalf("an unreadable form was taken: %v", err)
			}
			id, err := surveys.ParseSubmissionID(v.Get("submission_id"))
			if err != nil {
				t.Fatal(err)
			}
			s.checkValid(s.stored(string(id)))
		case http.StatusUnprocessableEntity, http.StatusBadRequest:
			if after := s.calls(); after != before {
				t.Errorf("refused and stored: %d became %d", before, after)
			}
		default:
			t.Errorf("status %d", r.StatusCode)
		}
		if strings.Contains(strings.ReplaceAll(r.body, ownScript, ""), "<script") {
			t.Error("a script came through")
		}
	})
}

// ownScript begins the only scripts that a page of ours has.
const ownScript = `<script defer src="/static/`

// FuzzAPI is the same of the API.
func FuzzAPI(f *testing.F) {
	made := newSite(f)
	id := string(surveys.NewSubmissionID())
	for _, seed := range []string{
		`{}`, `null`, `[`, `{"token":"7H2M4K9P","submission_id":"` + id + `","answers":{"A3":5}}`,
		`{"token":"6T9C4N8R","submission_id":"` + id + `","form":"full","answers":{"Z":1,"G4":"\u0000e\u0302\u0301","G1":80.0,"K1":null},"comment":"\ud800"}`,
		`{"token":"5S2G7H4J","submission_id":"` + id + `","answers":{"K4":["access","access"],"A2":-0}}`,
		`{"token":"5S2G7H4J","submission_id":"` + id + `","answers":{"A2":1e400}}`, `{"answers":{"A":[[[[]]]]}}`, `{"token":5,"submission_id":"` + id + `"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > server.BodyLimit {
			return
		}
		s := made.on(t)
		before := s.calls()
		r := s.send(http.MethodPost, "/api/v1/responses", body)
		switch r.StatusCode {
		case http.StatusCreated, http.StatusOK:
			var in struct {
				SubmissionID string `json:"submission_id"`
			}
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				t.Logf("the rest was not readable: %v", err)
			}
			id, err := surveys.ParseSubmissionID(in.SubmissionID)
			if err != nil {
				t.Fatal(err)
			}
			s.checkValid(s.stored(string(id)))
			if !strings.Contains(r.body, string(id.Receipt())) {
				t.Errorf("answered %s", r.body)
			}
		default:
			r.problem(r.StatusCode)
			if r.StatusCode >= 500 {
				t.Errorf("status %d", r.StatusCode)
			}
			if after := s.calls(); after != before {
				t.Errorf("refused and stored: %d became %d", before, after)
			}
		}
	})
}
