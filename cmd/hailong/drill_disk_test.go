//go:build linux

package main

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"hailong/surveys"
)

const formType = "application/x-www-form-urlencoded"

// form sends a page's fields as a browser does.
func (c *citizens) form(to *child, values url.Values) answer {
	c.t.Helper()
	a, err := call(c.t.Context(), c.client, http.MethodPost, to.base+"/s/"+string(clinicToken), values.Encode(), "Content-Type", formType)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// filledIn is an opened form with answers.
func (c *citizens) filledIn(at *child) url.Values {
	c.t.Helper()
	form := hidden(c.t, c.get(at, "/s/"+string(clinicToken)).body)
	form.Set("D1", "2")
	form.Set("comment", "Chờ lâu quá")
	return form
}

// hidden are the hidden fields of the page's form.
func hidden(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{}
	doc.Find("form[method=post] input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		values.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return values
}

// The disk fills up in the middle of work, again and again; what cannot be stored is answered 503 and may be sent
// again, the rest goes on, and when there is space everything goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if !apart(t) {
		return
	}
	w := newWorld(t)
	w.now = time.Now() // the children have the machine's clock
	d := newDisk(t, 64<<20)
	w.env["HAILONG_STORE"] = "file:" + filepath.Join(d.path, "hailong.db")
	w.organise()
	server := w.spawn()
	people := newCitizens(t)
	people.at(server.base)
	stop := people.start(4)
	var waiting []url.Values // forms that were refused
	// Left is what others leave: nothing, or so much that a lone page still finds room where a batch does not.
	for _, left := range []int64{0, 8 << 10, 0} {
		people.getOn(50)
		form := people.filledIn(server)
		d.fill(left)
		lost := people.failed.Load()
		eventually(t, "the citizens were refused", func() bool { return people.failed.Load() > lost+20 })
		waiting = append(waiting, w.whileFull(d, server, people, form))
		if left > 0 { // a server that is killed now starts again on the full disk
			w.kill(server)
			server.mustSay(t, "the disk is full", "!status=500", "!panic", "!Chờ lâu quá")
			server = w.spawn()
			people.at(server.base)
			waiting = append(waiting, w.whileFull(d, server, people, people.filledIn(server)))
		}
		d.free()
		eventually(t, "it is ready again", func() bool { return people.get(server, "/readyz").status == http.StatusOK })
	}
	for _, form := range waiting {
		for range 2 { // a double tap
			if a := people.form(server, form); a.status != http.StatusSeeOther {
				t.Errorf("the refused form, sent again: %d %s", a.status, a.body)
			}
		}
		people.knows(surveys.SubmissionID(form.Get("submission_id")))
	}
	people.getOn(50)
	stop()
	w.kill(server)
	people.client.CloseIdleConnections()
	server.mustSay(t, "the disk is full", "!status=500", "!panic", "!Chờ lâu quá")
	w.checkStored(people)
	w.checkIntegrity()
}

// whileFull tries every door of a server on a full disk. It gives the fields of the page that a refused form got.
func (w *world) whileFull(d *disk, server *child, people *citizens, form url.Values) url.Values {
	w.t.Helper()
	a := people.form(server, form)
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		w.t.Errorf("a form on a full disk: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	again := hidden(w.t, a.body)
	for name := range form {
		if again.Get(name) != form.Get(name) {
			w.t.Errorf("the page to a refused form gives back %s as %q, want %q", name, again.Get(name), form.Get(name))
		}
	}
	eventually(w.t, "it says that it is not ready", func() bool {
		return people.get(server, "/readyz").status == http.StatusServiceUnavailable
	})
	for path, want := range map[string]string{"/healthz": "ok", "/s/" + string(clinicToken): "submission_id", "/": "<h1>"} {
		if a := people.get(server, path); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			w.t.Errorf("%s on a full disk: %d", path, a.status)
		}
	}
	// What only reads goes on, above all a backup to another disk; what writes says why it cannot.
	w.run("verify").want(0, "0 mismatches")
	w.run("export", "responses", "--out", filepath.Join(w.dir, "responses.csv")).want(0, "rows")
	w.run("backup", "--dir", filepath.Join(w.dir, "backups")).want(0, "responses")
	w.run("roll").want(1, "the disk is full").sentence()
	w.run("rebuild").want(1, "the disk is full").sentence()
	w.run("backup", "--dir", filepath.Join(d.path, "backups")).want(1, "no space left").sentence()
	left, err := os.ReadDir(filepath.Join(d.path, "backups"))
	if len(left) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Errorf("a backup that failed leaves %v %v", left, err)
	}
	return again
}

// checkIntegrity asks SQLite whether the file is whole.
func (w *world) checkIntegrity() {
	w.t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(w.address(), "file:"))
	if err != nil {
		w.t.Fatal(err)
	}
	var verdict string
	err = db.QueryRowContext(w.t.Context(), "PRAGMA integrity_check").Scan(&verdict)
	if err = errors.Join(err, db.Close()); err != nil || verdict != "ok" {
		w.t.Errorf("integrity check: %q %v", verdict, err)
	}
}

// The write-ahead log itself fills the disk: half its size given back lets its own space serve again, for more
// answers than that half would hold. A store that is closed and opened on the full disk loses nothing either.
func TestLogFillsTheDisk(t *testing.T) {
	t.Parallel()
	if !apart(t) {
		return
	}
	w := newWorld(t)
	d := newDisk(t, 64<<20)
	w.env["HAILONG_STORE"] = "file:" + filepath.Join(d.path, "hailong.db")
	w.organise()
	d.fill(16 << 20)
	s := w.open()
	var stored []surveys.SubmissionID
	add := func() error {
		batch := longAnswers(64)
		_, err := s.AddResponses(t.Context(), batch)
		if err == nil {
			for _, r := range batch {
				stored = append(stored, r.ID)
			}
		}
		return err
	}
	var err error
	for err == nil {
		err = add()
	}
	before := len(stored)
	if !errors.Is(err, surveys.ErrUnavailable) || before == 0 {
		t.Fatalf("after %d answers: %v, want ErrUnavailable", before, err)
	}
	if err = s.Ping(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("ping on a full disk: %v", err)
	}
	d.free()
	d.fill(8 << 20)
	// The half by itself would hold half as many again.
	eventually(t, "the log's own space serves again", func() bool { return add() == nil && len(stored) > before*7/4 })
	for err = nil; err == nil; {
		err = add()
	}
	for range 2 { // also closed by half, and opened on the full disk
		if err = s.Close(); err != nil {
			t.Errorf("close on a full disk: %v", err)
		}
		s = w.open()
	}
	d.free()
	eventually(t, "the store can write", func() bool { return s.Ping(t.Context()) == nil && add() == nil })
	there := map[surveys.SubmissionID]bool{}
	err = s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(r surveys.Response) error { there[r.ID] = true; return nil })
	if err != nil || len(there) != len(stored) {
		t.Errorf("%d answers are stored, %d were acknowledged, %v", len(there), len(stored), err)
	}
	for _, id := range stored {
		if !there[id] {
			t.Errorf("acknowledged answer %s is lost", id)
		}
	}
	if err = s.Close(); err != nil {
		t.Error(err)
	}
	w.checkIntegrity()
}

func longAnswers(n int) []surveys.Response {
	list := make([]surveys.Response, n)
	for i := range list {
		id := surveys.NewSubmissionID()
		list[i] = surveys.Response{
			ID: id, Receipt: id.Receipt(), Facility: "f_clinic", Point: "p_clinic", Instrument: "station", Version: 1, Form: surveys.ShortForm,
			Channel: surveys.QR, Standing: surveys.Counted, Lang: "vi", Day: "2026-03-09", Hour: 9, Arrived: "2026-03-09",
			Answers: surveys.Answers{"Z": surveys.NumberAnswer(4)}, Comment: strings.Repeat("a", 300),
		}
	}
	return list
}
