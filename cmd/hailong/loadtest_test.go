package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hailong/cmd/hailong/openloop"
)

// A server takes a ramp of both kinds of visits; what the report says is what the store holds.
func TestLoadtest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.env["HAILONG_TOKEN"] = strings.TrimSpace(w.run("token", "create", "--name", "load", "--role", "viewer").want(0).out)
	s := w.serve()
	path := filepath.Join(w.dir, "report.json")
	got := w.run("loadtest", "--url", s.base, "--rate", "40:1s,80:1s", "--report", path).want(0, "2 codes", "beside the citizens' answers")
	if strings.Contains(got.out+got.err, w.env["HAILONG_TOKEN"]) || strings.Contains(got.err, "\r") {
		t.Errorf("it says its token, or its progress where there is no terminal: %s", got.err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report openloop.Report
	if err = json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	n := report.Acknowledged()
	visits := int64(0)
	for _, stage := range report.Stages {
		visits += stage.Visits
		if len(stage.Faults) != 0 || stage.Unsent != 0 || stage.Busy != 0 {
			t.Errorf("stage %+v", stage)
		}
	}
	if n != visits || n < 60 || len(report.Stages) != 2 || report.Check != (openloop.CheckReport{Asked: int(n), Known: int(n)}) {
		t.Errorf("of %d visits %d were acknowledged: %+v", visits, n, report)
	}
	if report.Generator.CPU <= 0 || report.Generator.MemoryMB <= 0 || report.Seconds < 2 || report.Text() != got.out {
		t.Errorf("report %+v, and on the screen\n%s", report, got.out)
	}
	s.end()
	w.run("roll").want(0)
	w.run("verify").want(0, strconv.FormatInt(n, 10)+" responses", "0 mismatches")
}

// Told to stop, it tells what it has so far, and what was acknowledged is still looked for.
func TestLoadtestInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	tokens := w.file("tokens.txt", " "+strings.ToLower(string(clinicToken))+"\n\n"+string(hallToken)+"\n")
	s := w.serve()
	ctx, stop := context.WithCancel(t.Context())
	var out, words safeBuffer
	p := w.program(&out, &words)
	p.terminal = true
	ended := make(chan int)
	go func() {
		ended <- p.run(ctx, []string{"loadtest", "--url", s.base, "--tokens", tokens, "--rate", "100", "--duration", "1h", "--scenario", "answers", "--arrivals", "constant"})
	}()
	eventually(t, "it tells its progress", func() bool { return strings.Contains(words.String(), "\r") })
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d: %s", code, words.String())
	}
	result{t: t, out: out.String()}.want(0, "stopped after", "acknowledged submissions", "0 lost", "!status")
	s.end()
}

func TestLoadtestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("loadtest", "--rate", "fast,50:soon", "--duration", "-1s", "--connections", "0", "--scenario", "riot", "--arrivals", "odd", "--seed", "x", "--url", "ftp://x").
		want(2, `"fast" is no rate`, `"soon" is no duration`, "--duration", "--connections", "answers, forms, mixed, flood, hall, insider", "--arrivals", "--seed", "--url", "HAILONG_TOKEN")
	w.env["HAILONG_TOKEN"] = "hl_x"
	for _, host := range []string{"https://khaosat.example.vn", "http://192.168.1.5:8080", "http://[2001:db8::1]", "http://127.0.0.1.example.vn"} {
		w.run("loadtest", "--url", host).want(2, "another machine", "--yes").sentence()
		w.run("loadtest", "--url", host, "--yes", "--insecure").want(2, "--insecure is for a server on this machine").sentence()
	}
	w.run("loadtest", "more").want(2, "more")
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	w.run("loadtest", "--url", gone.URL).want(1, gone.URL, "refused").sentence()
	strange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })) //nolint:errcheck // a test
	t.Cleanup(strange.Close)
	w.run("loadtest", "--url", strange.URL).want(1, "malformed answer").sentence()
	w.run("loadtest", "--url", strange.URL, "--tokens", filepath.Join(w.dir, "none")).want(1, "none").sentence()
	w.run("loadtest", "--url", strange.URL, "--tokens", w.file("bad.txt", "6T9C4N8R\nU\n")).want(1, "line 2 is no code")
	w.run("loadtest", "--url", strange.URL, "--tokens", w.file("empty.txt", "\n")).want(1, "holds no code").sentence()
}

// A server that forgets what it acknowledged fails the test.
func TestLoadtestOnAForgetfulServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	tokens := w.file("tokens.txt", string(clinicToken))
	s := w.serveAt(time.Now)
	forgetful := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		a, err := call(r.Context(), s.http, r.Method, s.base+r.URL.Path, string(body), "Content-Type", r.Header.Get("Content-Type"))
		if err != nil {
			t.Error(err)
		}
		if a.status == http.StatusOK && r.Method == http.MethodPost {
			a.status = http.StatusCreated // it has never heard of it
		}
		rw.WriteHeader(a.status)
		io.WriteString(rw, a.body) //nolint:errcheck // a test
	}))
	t.Cleanup(forgetful.Close)
	args := []string{"loadtest", "--url", forgetful.URL, "--tokens", tokens, "--rate", "50:500ms", "--scenario", "answers"}
	w.run(args...).want(1, "does not know every submission", "!0 lost")
	s.end()
}
