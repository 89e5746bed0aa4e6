package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hailong/surveys"
)

// figuresOnly leaves out what sealing is to remove.
func figuresOnly() cmp.Option { return cmpopts.IgnoreFields(shown{}, "Responses", "Receipts") }

// The time of single forms ends: they are gone from every file, every figure and release stays, and the days take no
// answer any more. A backup keeps them sealed, on the way to MongoDB and back.
func TestRetention(t *testing.T) {
	t.Parallel()
	long(t)
	w := newWorld(t)
	w.env["HAILONG_BACKUP_DIR"] = filepath.Join(w.dir, "copies")
	was := w.before() // seven months, of a version that did not know the setting; today is 2 April 2026
	w.run("retention").want(0, "kept for ever")
	w.run("retention", "--months", "2").want(2, "3 months or more")
	w.run("retention", "--months", "x").want(2, "no number")
	w.run("roll").want(0, "!sealed")
	old := w.oldAnswers()
	for _, text := range old {
		if w.filesWith(text) == 0 {
			t.Fatalf("%s is in no file to begin with", text)
		}
	}
	w.run("retention", "--months", "3").want(0, "for 3 months, as of tomorrow")
	w.run("roll").want(0, "!sealed") // a slip can be taken back today
	w.now = w.now.AddDate(0, 0, 1)
	w.run("roll").want(0, "0 releases made", "days sealed")
	w.run("roll").want(0, "!sealed")
	w.run("retention").want(0, "for 3 months")
	w.run("verify").want(0, "0 mismatches", "!, 0 of them sealed")
	words := w.run("verify").err
	w.run("rebuild").want(0)
	w.run("verify").want(0, words)

	is := w.show(was.Secret)
	if diff := cmp.Diff(was, is, figuresOnly()); diff != "" {
		t.Errorf("sealing changed figures (-was +is):\n%s", diff)
	}
	w.onlyRecent(is)
	for _, text := range old {
		if n := w.filesWith(text); n > 0 {
			t.Errorf("%q is still in %d files", text, n)
		}
	}
	w.run("import", "responses", w.file("late.csv", "token,date,B2\n"+string(clinicToken)+",2025-10-05,4\n"), "--batch", "late").
		want(1, "ngày 2025-10-05 đã niêm phong", "nothing was imported")
	w.run("import", "responses", w.file("late.csv", "token,date,B2\n"+string(clinicToken)+",2026-01-10,4\n"), "--batch", "late").want(0, "1 new")
	is = w.show(was.Secret)

	w.move(is, func() { w.env["HAILONG_DATA"] = filepath.Join(w.dir, "again") })
}

// On MongoDB days are sealed as on SQLite, and stay so on the way there and back.
func TestRetentionOnMongoDB(t *testing.T) {
	t.Parallel()
	long(t)
	server := mongoServer(t)
	w := newWorld(t)
	was := w.before()
	w.run("migrate").want(0)
	w.move(was, func() { w.onMongo(server) })
	w.run("retention", "--months", "3").want(0)
	w.now = w.now.AddDate(0, 0, 1)
	w.run("roll").want(0, "days sealed")
	w.run("verify").want(0, "0 mismatches", "0 dirty", "!, 0 of them sealed")
	is := w.show(was.Secret)
	if diff := cmp.Diff(was, is, figuresOnly()); diff != "" {
		t.Errorf("sealing changed figures (-was +is):\n%s", diff)
	}
	w.onlyRecent(is)
	w.move(is, func() { w.env["HAILONG_STORE"], w.env["HAILONG_DATA"] = "", filepath.Join(w.dir, "back") })
}

// onlyRecent wants the old single forms gone, from the store and from its files, and the recent ones there.
func (w *world) onlyRecent(is shown) {
	w.t.Helper()
	if strings.Contains(is.Responses, "2025-") || !strings.Contains(is.Responses, "2026-01-10") {
		w.t.Error("the raw export holds old forms, or lacks recent ones")
	}
	w.with(func(s surveys.Store) {
		id := surveys.RowSubmissionID("2025-09", "r7")
		if found, err := s.ResponsesByReceipt(w.t.Context(), id.Receipt()); err != nil || len(found) != 0 {
			w.t.Errorf("the receipt of a sealed day finds %v, %v", found, err)
		}
	})
}

// oldAnswers are byte strings that only forms of before 2026 have left in the store: their receipts.
func (w *world) oldAnswers() (texts []string) {
	w.t.Helper()
	w.with(func(s surveys.Store) {
		q := surveys.ResponseQuery{Facility: "f_clinic", To: "2025-12-31"}
		if err := s.EachResponse(w.t.Context(), q, func(r surveys.Response) error {
			texts = append(texts, string(r.Receipt))
			return nil
		}); err != nil {
			w.t.Fatal(err)
		}
	})
	return texts
}

// filesWith counts the files in the folder of data that hold a text.
func (w *world) filesWith(text string) (n int) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "data", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text)) {
			n++
		}
	}
	return n
}

// move backs up, goes to another store, restores, and wants all as it was.
func (w *world) move(is shown, to func()) {
	w.t.Helper()
	words := w.run("verify").want(0).err
	dir, err := os.MkdirTemp(w.dir, "backup")
	if err != nil {
		w.t.Fatal(err)
	}
	w.run("backup", "--dir", dir).want(0)
	to()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 1 {
		w.t.Fatalf("backups: %v, %v", names, err)
	}
	w.run("restore", names[0]).want(0)
	w.run("verify").want(0, words)
	if diff := cmp.Diff(is, w.show(is.Secret)); diff != "" {
		w.t.Errorf("after the move (-was +is):\n%s", diff)
	}
}

// A new store keeps single forms for two years unless it is told otherwise, once; the form says so.
func TestKeepRaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("roll", "--keep-raw", "1").want(2, "--keep-raw 1: single forms are kept for 3 months or more, or for ever (0)")
	w.organise()
	w.run("retention").want(0, "for 24 months")
	w.run("roll", "--keep-raw", "36").want(0, "kept for 24 months here, as the store says")
	s := w.serve()
	if a := s.get("/s/" + string(clinicToken)); !strings.Contains(a.body, "Từng phiếu, cả góp ý, được lưu 24\u00a0tháng") {
		t.Errorf("the notice does not say how long: %d", a.status)
	}
	s.end()
	w.run("retention", "--months", "0").want(0, "for ever")
	s = w.serve()
	if a := s.get("/s/" + string(clinicToken)); a.status != 200 || !strings.Contains(a.body, "được lưu không định hạn") || strings.Contains(a.body, "tháng rồi tự xóa") {
		t.Errorf("the notice names a time though there is none: %d", a.status)
	}
	s.end()
	other := newWorld(t)
	other.env["HAILONG_KEEP_RAW"] = "12"
	other.run("roll").want(0, "!as the store says")
	other.run("retention").want(0, "for 12 months")
	none := newWorld(t)
	none.run("retention", "--months", "12").want(1, "there is no store")
}

// A server seals by itself, after the pass of the night.
func TestServerSeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.before()
	w.run("retention", "--months", "3").want(0)
	w.now = w.now.AddDate(0, 0, 1)
	s := w.serve()
	eventually(t, "it seals", func() bool { return strings.Contains(s.words.String(), "days sealed") })
	s.end()
	w.run("verify").want(0, "0 mismatches", "!, 0 of them sealed")
}

// However a night that seals is killed, the next one finishes it, and no count is lost.
func TestSealingKilled(t *testing.T) {
	t.Parallel()
	long(t)
	killed := 0
	for round := range 8 {
		w := newWorld(t)
		w.before()
		w.run("migrate").want(0)
		w.now = time.Now().Add(-24 * time.Hour)
		w.run("roll").want(0)
		w.run("retention", "--months", "3").want(0)
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(3*(1+round)*(1+round))*time.Millisecond)
		cmd := exec.CommandContext(ctx, os.Args[0], "roll")
		cmd.Env = append(os.Environ(), asProgram+"=1", "HAILONG_DATA="+w.env["HAILONG_DATA"])
		if out, err := cmd.CombinedOutput(); err != nil {
			if killed++; ctx.Err() == nil {
				t.Fatalf("it failed by itself: %v, %s", err, out)
			}
		}
		stop()
		w.now = time.Now().Add(24 * time.Hour)
		w.run("roll").want(0)
		w.run("verify").want(0, "446 forms counted, 301 days", "0 dirty days, 0 mismatches", "!, 0 of them sealed")
	}
	if killed == 0 {
		t.Error("none was killed")
	}
}
