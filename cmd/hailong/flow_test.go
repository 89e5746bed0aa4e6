package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hailong/surveys"
)

// The way of a new installation: units, facilities, paper forms, figures, all by the command line and the API.
func TestImportRollSummary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	units := w.file("units.csv", "code,name,kind,parent,from,to,successors\n37,Tỉnh Ninh Bình,province,,2025-07-01,,\n13891,Xã Nghĩa Hưng,commune,37,2025-07-01,,\n")
	facilities := w.file("facilities.csv", "id,unit,name,sector,kind,address,from,to,instrument,points\n"+
		"f_clinic,13891,Trạm Y tế Liễu Đề,health,station,,2025-07-01,,,waiting:Phòng chờ;result:Bàn thuốc:pulse\n")
	w.run("import", "units", units, "--dry-run").want(0, "2 new")
	w.run("import", "facilities", facilities).want(1) // its unit is not there: the dry run changed nothing
	w.run("import", "units", units).want(0, "2 rows: 2 new")
	w.run("import", "units", units).want(0, "2 known")
	w.run("import", "facilities", facilities).want(0, "1 new", "2 new points")
	w.run("import", "facilities", facilities).want(0, "1 known", "0 new points")

	made := w.run("token", "create", "--name", "bàn nhập liệu", "--role", "admin").want(0)
	secret := strings.TrimSpace(made.out)
	if strings.Contains(secret, "\n") || !strings.HasPrefix(secret, "hl_") || strings.Contains(made.err, secret) {
		t.Fatalf("the token is printed as %q, words %q", made.out, made.err)
	}
	h := []string{"Authorization", "Bearer " + secret}
	s := w.serve()
	var points struct {
		Points []struct{ Token, Kind, Instrument, URL string }
	}
	read(t, s.get("/api/v1/points?facility=f_clinic", h...), &points)
	token := ""
	for _, p := range points.Points {
		if p.Kind == "waiting" {
			token = p.Token
			if p.URL != s.base+"/s/"+token || p.Instrument != "station" {
				t.Errorf("point %+v", p)
			}
		}
	}
	// Paper forms of February: 30 satisfied, 10 not; two rows are alike and both count.
	var rows strings.Builder
	rows.WriteString("token,date,id,B2,B7,Z,comment\n")
	for i := range 40 {
		b2 := 5
		if i >= 30 {
			b2 = 2
		}
		fmt.Fprintf(&rows, "%s,2026-02-%02d,r%d,%d,,,\n", token, 1+i%28, i, b2)
	}
	file := w.file("responses.csv", rows.String())
	w.run("import", "responses", file, "--batch", "hộp phiếu tháng 2", "--dry-run").want(0, "40 rows: 40 new")
	w.run("import", "responses", file, "--batch", "hộp phiếu tháng 2").want(0, "40 rows: 40 new", "1 releases made")
	w.run("import", "responses", file, "--batch", "hộp phiếu tháng 2").want(0, "40 known", "0 releases made")
	w.run("roll").want(0, "0 releases made")
	w.run("rebuild").want(0)
	w.run("verify").want(0, "40 responses", "0 mismatches")

	var sum struct {
		State, Verdict      string
		Forms, Waiting      int
		Satisfied, Answered int
		Rate, Target        float64
		Needed              *int
	}
	read(t, s.get("/api/v1/summary?scope=facility:f_clinic&from=2026-02-01&to=2026-02-28", h...), &sum)
	if sum.State != "full" || sum.Forms != 40 || sum.Waiting != 0 || sum.Answered != 40 || sum.Satisfied != 30 || math.Abs(sum.Rate-0.75) > 1e-15 || sum.Target != 0.85 {
		t.Errorf("summary %+v", sum)
	}
	if sum.Verdict != "open" { // the month closes on 14 March
		t.Errorf("verdict %q, want open", sum.Verdict)
	}
	s.end()
	out := w.run("export", "responses").want(0, "40 rows")
	if !regexp.MustCompile(`\n# rows=40 sha256=[0-9A-Fa-f]{64}\r?\n$`).MatchString(out.out) {
		t.Errorf("the export ends with %q", out.out[max(0, len(out.out)-120):])
	}
	path := filepath.Join(w.dir, "days.csv")
	w.run("export", "days", "--out", path, "--from", "2026-02-01", "--to", "2026-02-10").want(0)
	days, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(days), "2026-02-10") || strings.Contains(string(days), "2026-02-11") {
		t.Errorf("days: %v %.300s", err, days)
	}
}

func read(t *testing.T, a answer, into any) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatal(err)
	}
}

func TestImportRefusesWholeFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	bad := w.file("bad.csv", "token,date,B2\n"+string(clinicToken)+",2026-02-01,4\n"+string(clinicToken)+",2026-02-30,4\nZZZZZZZZ,2026-02-01,4\n"+string(clinicToken)+",2026-02-01,9\n")
	w.run("import", "responses", bad, "--batch", "b").want(1, "nothing was imported", "3", "4", "5")
	w.run("import", "responses", filepath.Join(w.dir, "nowhere.csv"), "--batch", "b").want(1, "nowhere.csv")
	w.run("verify").want(0, "0 responses")
}

// A server takes answers, is stopped, and everything it acknowledged is in the store.
func TestServeAndStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.env["HAILONG_OFFICE"] = "UBND xã Nghĩa Hưng"
	s := w.serve("--base-url", "")
	if a := s.get("/readyz"); a.status != http.StatusOK {
		t.Errorf("readyz: %d", a.status)
	}
	form := s.get("/s/" + string(clinicToken))
	id := regexp.MustCompile(`name="submission_id" value="([^"]+)"`).FindStringSubmatch(form.body)
	if form.status != http.StatusOK || id == nil || !strings.Contains(form.body, "UBND xã Nghĩa Hưng") {
		t.Fatalf("form: %d %.300s", form.status, form.body)
	}
	v := url.Values{"submission_id": {id[1]}, "Z": {"4"}, "form": {"short"}, "lang": {"vi"}}
	a, err := call(t.Context(), s.http, http.MethodPost, s.base+"/s/"+string(clinicToken), v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("submit: %+v %v", a, err)
	}
	w.run("verify").want(0, "1 responses") // commands work beside a running server
	s.end()
	w.with(func(st surveys.Store) {
		if _, err := st.Response(t.Context(), surveys.SubmissionID(id[1])); err != nil {
			t.Error(err)
		}
	})
	if strings.Contains(s.words.String(), string(clinicToken)) || strings.Contains(s.words.String(), "127.0.0.1:0") {
		t.Errorf("words: %s", s.words)
	}
}

// A point that is retired by a command shows within the moment that the server keeps what it knows.
func TestChangesReachARunningServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	s := w.serveAt(time.Now) // the doorway forgets by the clock
	if a := s.get("/s/" + string(clinicToken)); a.status != http.StatusOK {
		t.Fatalf("form: %d", a.status)
	}
	w.with(func(st surveys.Store) {
		was, err := surveys.Points().Find(t.Context(), st, "p_clinic")
		if err != nil {
			t.Fatal(err)
		}
		was.Value.Retired, was.Value.Notice = "2026-01-01", "Xin sang phòng 2"
		if _, err = surveys.Points().Put(t.Context(), st, was.Value, was.Rev); err != nil {
			t.Fatal(err)
		}
	})
	eventually(t, "the point is retired", func() bool {
		a := s.get("/s/" + string(clinicToken))
		return a.status == http.StatusGone && strings.Contains(a.body, "Xin sang phòng 2")
	})
	s.end()
}
