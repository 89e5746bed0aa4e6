package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"hailong/surveys"
)

// typist types paper forms in a browser of its own.
type typist struct {
	t      *testing.T
	client *http.Client
	base   *atomic.Pointer[string]
	csrf   string
	day    string
}

var (
	csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	dayField  = regexp.MustCompile(`name="day" value="(\d{4}-\d\d-\d\d)"`)
)

// send posts a form until some server answers, and gives the page it ends on.
func (y *typist) send(path string, form url.Values) answer {
	y.t.Helper()
	var got answer
	eventually(y.t, "the form was taken", func() bool {
		a, err := call(y.t.Context(), y.client, http.MethodPost, *y.base.Load()+path, form.Encode(), "Content-Type", formType)
		got = a
		return err == nil && a.status < http.StatusInternalServerError
	})
	return got
}

func (y *typist) find(re *regexp.Regexp, path string) string {
	y.t.Helper()
	a, err := call(y.t.Context(), y.client, http.MethodGet, *y.base.Load()+path, "")
	if err != nil {
		y.t.Fatal(err)
	}
	m := re.FindStringSubmatch(a.body)
	if m == nil {
		y.t.Fatalf("%s has no %s: %.300s", path, re, a.body)
	}
	return m[1]
}

// newTypist signs in.
func newTypist(t *testing.T, base *atomic.Pointer[string]) *typist {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	y := &typist{t: t, client: newClient(t), base: base}
	y.client.Jar, y.client.CheckRedirect = jar, nil
	y.send("/login", url.Values{"csrf": {y.find(csrfField, "/login")}, "password": {"mật khẩu dài"}})
	y.csrf = y.find(csrfField, "/app/entry")
	return y
}

// Two type in one batch while the server is killed three times: every form is stored once, under a sheet of its own.
func TestPaperKilled(t *testing.T) {
	t.Parallel()
	const forms, kills = 40, 3
	w := newWorld(t)
	w.organise()
	w.env["HAILONG_ADMIN_PASSWORD"] = "mật khẩu dài"
	var number surveys.BatchNumber
	w.with(func(s surveys.Store) {
		b, err := surveys.IssueBatch(t.Context(), s, surveys.PaperBatch{
			Point: "p_hall", Facility: "f_hall", Instrument: "one_stop", Version: 1, Form: surveys.ShortForm, Lang: "vi", Copies: 1, Printed: "2026-01-01",
		})
		if err != nil {
			t.Fatal(err)
		}
		number = b.Number
	})
	var base atomic.Pointer[string]
	server := w.spawn()
	base.Store(&server.base)
	batch := "/app/entry/" + string(number)
	var typed atomic.Int64
	var work sync.WaitGroup
	for range 2 {
		y := newTypist(t, &base)
		y.send(batch, url.Values{"csrf": {y.csrf}, "do": {"begin"}, "channel": {"paper"}, "handed_in": {"80"}, "day": {""}})
		y.day = y.find(dayField, batch+"/type")
		work.Go(func() {
			for range forms {
				form := url.Values{"csrf": {y.csrf}, "sheet": {"0"}, "day": {y.day}, "submission_id": {string(surveys.NewSubmissionID())}}
				for _, code := range []string{"A3", "B2", "C1", "C2", "D1", "Z"} {
					form.Set(code, "4")
				}
				if a := y.send(batch+"/type", form); a.status != http.StatusOK || !strings.Contains(a.body, "Đã lưu phiếu số") {
					t.Errorf("status %d: %.300s", a.status, a.body)
				}
				typed.Add(1)
			}
		})
	}
	for n := range kills {
		goal := int64(15 * (n + 1))
		eventually(t, "they got on", func() bool { return typed.Load() >= goal })
		w.kill(server)
		server = w.spawn()
		base.Store(&server.base)
	}
	work.Wait()
	w.kill(server)
	w.with(func(s surveys.Store) {
		b, err := surveys.PaperBatches().Find(t.Context(), s, string(number))
		if err != nil {
			t.Fatal(err)
		}
		stored := map[surveys.SubmissionID]int{}
		err = s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error { stored[r.ID]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		for i, sheet := range b.Value.Sheets {
			if stored[sheet.ID] != 1 {
				t.Errorf("sheet %d is stored %d times", i+1, stored[sheet.ID])
			}
		}
		if len(b.Value.Sheets) != 2*forms || len(stored) != 2*forms {
			t.Errorf("%d sheets, %d forms stored; want %d of each", len(b.Value.Sheets), len(stored), 2*forms)
		}
	})
}
