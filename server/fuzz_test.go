package server_test

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/valyala/fasthttp"

	"hailong/server"
	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// brief is a store that keeps responses for a moment, in memory: a fuzzer sends a million.
type brief struct {
	surveys.Store
	mu   sync.Mutex
	kept map[surveys.SubmissionID]surveys.Response
}

const briefly = 1000

func (b *brief) AddResponses(_ context.Context, batch []surveys.Response) ([]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) > briefly {
		clear(b.kept)
	}
	added := make([]bool, len(batch))
	for i, r := range batch {
		if _, known := b.kept[r.ID]; !known {
			b.kept[r.ID], added[i] = r, true
		}
	}
	return added, nil
}

func (b *brief) Response(_ context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known := b.kept[id]
	if !known {
		return r, surveys.ErrNotFound
	}
	return r, nil
}

// newBriefSite is a site that is fast enough for a fuzzer, and what asks it without a socket.
func newBriefSite(f *testing.F) *site {
	f.Helper()
	path := filepath.Join(f.TempDir(), "hailong.db")
	s := newSiteOn(f, func(clock surveys.Clock) (surveys.Store, error) {
		db, err := sqlite.Open(f.Context(), path, clock)
		return &brief{Store: db, kept: map[surveys.SubmissionID]surveys.Response{}}, err
	}, func(o *server.Options) { o.Log = slog.New(slog.DiscardHandler) })
	s.asked = map[string]*surveys.Instrument{}
	return s
}

// hand posts a body straight to the handlers.
func (s *site) hand(path, kind, accept, body string) *reply {
	s.t.Helper()
	var c fasthttp.RequestCtx
	c.Request.Header.SetMethod(http.MethodPost)
	c.Request.SetRequestURI("http://fuzz" + path)
	c.Request.Header.SetContentType(kind)
	c.Request.Header.Set("Accept", accept)
	c.Request.SetBodyString(body)
	s.Handle(&c)
	out := http.Header{}
	c.Response.Header.VisitAll(func(name, value []byte) { out.Add(string(name), string(value)) })
	return &reply{Response: &http.Response{StatusCode: c.Response.StatusCode(), Header: out}, t: s.t, body: string(c.Response.Body())}
}

// checkValid wants what is stored to be a valid answer to its questionnaire, whole and at its place.
func (s *site) checkValid(r surveys.Response) {
	s.t.Helper()
	in := s.asked[surveys.InstrumentID(r.Instrument, r.Version)]
	if in == nil {
		var err error
		in, err = surveys.FindInstrument(s.t.Context(), s.store, r.Instrument, r.Version)
		s.ok(err)
		s.asked[in.ID()] = in
	}
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
	if r.Receipt != r.ID.Receipt() || r.Channel.Typed() || r.Arrived != "2026-03-10" || !r.Day.Within("2026-02-24", r.Arrived) || r.Day != r.Arrived && r.Hour < 0 {
		s.t.Errorf("stored %+v", r)
	}
}

// wantsPage picks one body in 32 that is answered with a page and not, as the outbox is, with JSON: a page takes forty
// times as long as all the rest.
func wantsPage(body string) bool {
	sum := fnv.New32a()
	sum.Write([]byte(body))
	return sum.Sum32()%32 == 0
}

const jsonType = "application/json"

// FuzzForm: whatever is posted as a form, the answer is a page or a problem and no server error, and nothing invalid is
// stored.
func FuzzForm(f *testing.F) {
	made := newBriefSite(f)
	id := string(surveys.NewSubmissionID())
	for _, seed := range []string{
		"Z=4&submission_id=" + id, "A3=5&comment=%F0%9F%8E%89&form=full&lang=en&submission_id=" + id, "K4=a&K4=b&K4=", "Z=4;A3=5", "%", "=&=&", "Z=\x00",
		"comment=" + strings.Repeat("%E1%BA%BF", 1001), "G1=100%25&Z=1&G4=%FF%FE", "P1=1&K1=waiting&submission_id=" + id, "comment=e%CC%82%CC%81&Z=0x1&submission_id=" + id,
		"Z=4&given=2026-03-09T23&submission_id=" + id, "Z=4&given=2026-03-11T00&given=1970-01-01T00&submission_id=" + id, "Z=4&given=9999-12-31T24&submission_id=" + id,
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
		accept := jsonType // what the outbox sends
		if wantsPage(body) {
			accept = "text/html"
		}
		r := s.hand("/s/"+string(tokens[int(place)%len(tokens)]), formType, accept, body)
		switch r.StatusCode {
		case http.StatusSeeOther, http.StatusCreated:
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
		if strings.Count(r.body, "<script") != strings.Count(r.body, `<script src="/static/`) {
			t.Error("a script came through")
		}
	})
}

// FuzzAPI is the same of the API.
func FuzzAPI(f *testing.F) {
	made := newBriefSite(f)
	id := string(surveys.NewSubmissionID())
	for _, seed := range []string{
		`{}`, `null`, `[`, `{"token":"7H2M4K9P","submission_id":"` + id + `","answers":{"A3":5}}`,
		`{"token":"6T9C4N8R","submission_id":"` + id + `","form":"full","answers":{"Z":1,"G4":"\u0000e\u0302\u0301","G1":80.0,"K1":null},"comment":"\ud800"}`,
		`{"token":"7H2M4K9P","submission_id":"` + id + `","answers":{"A3":5},"given":"2026-02-24T00"}`, `{"token":"7H2M4K9P","submission_id":"` + id + `","answers":{"A3":5},"given":null}`,
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
		r := s.hand("/api/v1/responses", jsonType, jsonType, body)
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
