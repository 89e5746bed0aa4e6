package main

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"hailong/surveys"
)

const calm surveys.FacilityID = "f_calm"

// honestly stores the forms that people gave at a hall on the working days of a span, in its hours.
func (w *world) honestly(rng *rand.Rand, facility surveys.FacilityID, point surveys.PointID, from, to surveys.Day, daily int) {
	w.t.Helper()
	var batch []surveys.Response
	for day := from; day <= to; day = day.Add(1) {
		if d := day.Date().Weekday(); d == time.Saturday || d == time.Sunday {
			continue
		}
		for range daily {
			id := surveys.NewSubmissionID()
			r := surveys.Response{
				ID: id, Receipt: id.Receipt(), Facility: facility, Point: point, Instrument: "one_stop", Version: 1, Form: surveys.ShortForm,
				Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: day, Hour: 7 + rng.IntN(10), Arrived: day, Pace: surveys.Steady,
				Answers: surveys.Answers{},
			}
			mood := 3.8 + rng.NormFloat64()
			for _, code := range []string{"A3", "B2", "C1", "C2", "D1", "Z"} {
				r.Answers[code] = surveys.NumberAnswer(max(1, min(5, int(math.Round(mood+0.6*rng.NormFloat64())))))
			}
			batch = append(batch, r)
		}
	}
	w.with(func(s surveys.Store) {
		if _, err := s.AddResponses(w.t.Context(), batch); err != nil {
			w.t.Fatal(err)
		}
	})
}

// Staff fill in 40 perfect forms after closing, by the load test against a server, among six hundred honest ones of the
// quarter. When the quarter has closed, the page of the hall says beside the score that it should not be taken alone; that
// of another hall with forms of the same kind says nothing of the sort.
func TestInsiderShowsOnThePage(t *testing.T) {
	long(t)
	t.Parallel()
	w := newWorld(t)
	w.env["HAILONG_ADMIN_PASSWORD"] = "đúng mật khẩu 123"
	w.now = time.Date(2026, 2, 12, 18, 5, 0, 0, testZone(t))
	w.organise()
	w.with(func(s surveys.Store) {
		hall := surveys.Facility{ID: calm, Name: "Một cửa yên tĩnh", Sector: "one_stop", Kind: "one_stop_hall", Instrument: "one_stop", From: "2025-07-01"}
		hall.Placements = []surveys.Placement{{Unit: "13891", From: "2025-07-01"}}
		if _, err := surveys.Facilities().Put(t.Context(), s, hall, 0); err != nil {
			t.Fatal(err)
		}
	})
	rng := rand.New(rand.NewPCG(26, 13))
	for facility, point := range map[surveys.FacilityID]surveys.PointID{"f_hall": "p_hall", calm: "p_calm"} {
		w.honestly(rng, facility, point, "2025-07-07", "2026-02-11", 9)
	}
	began := time.Now()
	s := w.serveAt(func() time.Time { return w.now.Add(time.Since(began)) })
	w.run("loadtest", "--url", s.base, "--tokens", w.file("tokens.txt", string(hallToken)), "--scenario", "insider", "--duration", "10s").
		want(0, "perfect forms by hand", "0 lost")
	s.end()
	for facility, point := range map[surveys.FacilityID]surveys.PointID{"f_hall": "p_hall", calm: "p_calm"} {
		w.honestly(rng, facility, point, "2026-02-12", "2026-03-31", 9)
	}
	w.now = time.Date(2026, 4, 15, 8, 0, 0, 0, testZone(t))
	w.run("roll").want(0)
	s = w.serve()
	staff := s.signIn(w.env["HAILONG_ADMIN_PASSWORD"])
	quiet := staff("/app/facilities/" + string(calm))
	page := staff("/app/facilities/f_hall")
	s.end()
	if got := quiet.Find(".reliability .grade").Text(); got != "A" {
		t.Errorf("the calm hall has the grade %q", got)
	}
	said := strings.Join(strings.Fields(page.Find(".reliability").Text()), " ")
	if grade := page.Find(".reliability.low .grade").Text(); grade != "C" && grade != "D" || !strings.Contains(said, "phiếu") {
		t.Errorf("the page says %q", said)
	}
	sentence := strings.Join(strings.Fields(page.Find(".sentence").Text()), " ")
	t.Logf("%s | %s", sentence, said)
	forms, err := strconv.Atoi(strings.ReplaceAll(between(sentence, "hài lòng, ", " phiếu"), ".", ""))
	if err != nil || forms < 600 || forms > 640 || !strings.Contains(page.Find("h1").Text(), "Một cửa") {
		t.Errorf("the score stands beside it as %q", sentence)
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// signIn opens pages as the administrator.
func (s *served) signIn(password string) func(path string) *goquery.Document {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: s.http.Transport}
	read := func(resp *http.Response, err error) *goquery.Document {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // a test
		doc, err := goquery.NewDocumentFromReader(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			s.t.Fatalf("status %d, %v", resp.StatusCode, err)
		}
		return doc
	}
	get := func(path string) *goquery.Document {
		s.t.Helper()
		return read(client.Get(s.base + path)) //nolint:noctx // a test
	}
	form := url.Values{"password": {password}}
	for _, in := range get("/login").Find("form input[type=hidden]").EachIter() {
		form.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
	}
	read(client.PostForm(s.base+"/login", form)) //nolint:noctx // a test
	return get
}
