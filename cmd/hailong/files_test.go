package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hailong/surveys"
)

// paper is a file of so many rows, without ids.
func paper(rows int) string {
	var b strings.Builder
	b.WriteString("token,date,B2,D1,comment\n")
	for i := range rows {
		fmt.Fprintf(&b, "%s,2026-02-%02d,%d,%d,\n", clinicToken, 1+i%28, i%6, 1+i%5)
	}
	return b.String()
}

func (w *world) stored() int {
	w.t.Helper()
	n := 0
	w.with(func(s surveys.Store) {
		if err := s.EachResponse(w.t.Context(), surveys.ResponseQuery{}, func(surveys.Response) error { n++; return nil }); err != nil {
			w.t.Fatal(err)
		}
	})
	return n
}

// An import that is killed half way is completed by the same import, to what an undisturbed one makes.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	long(t)
	const rows = 40_000
	w := newWorld(t)
	w.now = time.Now() // as the child's
	w.organise()
	file := w.file("paper.csv", paper(rows))
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "import", "responses", file, "--batch", "b")
	cmd.Env = append(os.Environ(), asProgram+"=1", "HAILONG_DATA="+w.env["HAILONG_DATA"])
	w.with(func(s surveys.Store) {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "some rows were stored", func() bool {
			return errors.Is(s.EachResponse(t.Context(), surveys.ResponseQuery{}, func(surveys.Response) error { return errSome }), errSome)
		})
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the import ended before it was killed")
	}
	half := w.stored()
	if half == 0 || half >= rows || half%10_000 != 0 {
		t.Errorf("%d rows of %d were stored when it was killed", half, rows)
	}
	w.run("import", "responses", file, "--batch", "b", "--dry-run").want(0, fmt.Sprintf("%d rows: %d new, 0 changed, %d known", rows, rows-half, half))
	w.run("import", "responses", file, "--batch", "b").want(0, fmt.Sprintf("%d rows: %d new, 0 changed, %d known", rows, rows-half, half), "!another file")
	w.run("import", "responses", file, "--batch", "b").want(0, fmt.Sprintf("%d new, 0 changed, %d known", 0, rows))
	w.run("verify").want(0, fmt.Sprintf("%d responses", rows), "0 mismatches")
	other := newWorld(t)
	other.now = w.now
	other.organise()
	other.run("import", "responses", file, "--batch", "b").want(0)
	for _, what := range []string{"responses", "days", "releases"} {
		if a, b := w.run("export", what).want(0), other.run("export", what).want(0); a.out != b.out {
			t.Errorf("%s differ:\n%.2000s\n%.2000s", what, a.out, b.out)
		}
	}
}

var errSome = errors.New("there is one")

func TestImportSaysWhatNobodyExpects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	file := w.file("a.csv", paper(40))
	dry := w.run("import", "responses", file, "--batch", "b", "--dry-run").want(0, "40 rows: 40 new", "file sha256=")
	_, digest, _ := strings.Cut(dry.err, "file sha256=")
	digest = strings.TrimSpace(digest)
	changed := w.file("a.csv", strings.Replace(paper(40), ",0,1,\n", ",1,1,\n", 1))
	w.run("import", "responses", changed, "--batch", "b", "--expect", digest).want(1, "nothing was imported", "không phải là tệp đã kiểm tra", digest)
	w.run("import", "responses", changed, "--batch", "b", "--expect", digest, "--lang", "en").want(1, "this is not the file that was checked")
	w.run("import", "responses", changed, "--batch", "b", "--expect", "xyz").want(2, "--expect")
	if n := w.stored(); n > 0 {
		t.Errorf("%d stored", n)
	}
	w.file("a.csv", paper(40))
	w.run("import", "responses", file, "--batch", "b", "--expect", digest[:12]).want(0, "40 new", digest, "!another file")
	w.file("a.csv", strings.Replace(paper(41), ",0,1,\n", ",1,1,\n", 1))
	w.run("import", "responses", file, "--batch", "b").want(0, "41 rows: 1 new, 0 changed, 40 known", "batch b was imported from another file before (2026-03-10, 40 rows",
		"dòng 2: đợt này đã có dòng này với nội dung khác; phiếu cũ được giữ nguyên", "!dòng 3")
	w.run("import", "responses", file, "--batch", "b").want(0, "41 known", "!another file")

	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // nothing of it is kept
	for _, sheet := range []string{"Sheet1", "Nháp"} {
		if sheet != "Sheet1" {
			if _, err := f.NewSheet(sheet); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetSheetRow(sheet, "A1", &[]any{"token", "date", "B2"}); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(sheet, "A2", &[]any{string(clinicToken), "2026-02-01", 4}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("Nháp", false); err != nil {
		t.Fatal(err)
	}
	book := filepath.Join(w.dir, "b.xlsx")
	if err := f.SaveAs(book); err != nil {
		t.Fatal(err)
	}
	// The name does not tell what a file is.
	misnamed := filepath.Join(w.dir, "b.csv")
	if err := os.Rename(book, misnamed); err != nil {
		t.Fatal(err)
	}
	w.run("import", "responses", misnamed, "--batch", "x").want(0, "1 new", `sheet "Sheet1" was read`, "Nháp")
}

func TestExportsToFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.run("import", "responses", w.file("a.csv", paper(40)), "--batch", "b").want(0)
	out, codebook := filepath.Join(w.dir, "r.xlsx"), filepath.Join(w.dir, "codebook.csv")
	w.run("export", "responses", "--out", out, "--codebook", codebook).want(0, "40 rows")
	f, err := excelize.OpenFile(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	plain := w.run("export", "responses").want(0)
	last := plain.out[strings.LastIndex(plain.out, "# rows="):]
	if cell, err := f.GetCellValue("responses", "A42"); err != nil || cell != strings.TrimSpace(last) {
		t.Errorf("last line %q, want %q, %v", cell, last, err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if book, err := os.ReadFile(codebook); err != nil || !bytes.Contains(book, []byte("column,channel,")) {
		t.Errorf("codebook %s, %v", book, err)
	}
	if named := w.run("export", "responses", "--format", "xlsx").want(0); !strings.HasPrefix(named.out, "PK") {
		t.Error("--format xlsx wrote no workbook")
	}
	for _, what := range []string{"comments", "days", "releases", "facilities", "units"} {
		w.run("export", what).want(0, "# rows=")
	}
	w.run("export", "units", "--from", "2026-01-01").want(2, "do not apply to units")
	w.run("export", "everything").want(2, "responses|comments|days|releases|facilities|units")
	w.run("export", "days", "--format", "ods").want(2, "neither csv nor xlsx")
	w.run("export", "days", "--out", "x", "--codebook", "x").want(2, "the same file")
}

// An export that fails leaves what stood there, and nothing half.
func TestExportThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.run("import", "responses", w.file("a.csv", paper(40)), "--batch", "b").want(0)
	w.run("export", "responses", "--out", filepath.Join(w.dir, "nowhere", "r.csv")).want(1, "nowhere")
	folder := filepath.Join(w.dir, "folder")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(folder, "r.csv")
	if err := os.WriteFile(kept, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, words safeBuffer
	if code := w.program(&out, &words).run(ctx, []string{"export", "responses", "--out", kept}); code != 1 {
		t.Errorf("exit status %d: %s", code, words.String())
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "kept" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		w.run("export", "responses", "--out", "/dev/full").want(1, "the disk is full")
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	file := w.file("a.csv", paper(4000))
	w.run("import", "responses", file, "--batch", "quiet", "--dry-run").want(0, "!\r", "!/s")
	var out, words safeBuffer
	p := w.program(&out, &words)
	p.terminal = true
	if code := p.run(t.Context(), []string{"import", "responses", file, "--batch", "b"}); code != 0 {
		t.Fatalf("exit status %d: %s", code, words.String())
	}
	for _, want := range []string{"rows:", "100%", "4000/4000", "/s", "\n4000 rows: 4000 new"} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("progress lacks %q: %q", want, words.String())
		}
	}
	if p.progress("other")(1, 0); p.bar == nil {
		t.Error("no bar is open")
	}
	if p.say("words\n"); p.bar != nil || !strings.HasSuffix(words.String(), "\nwords\n") {
		t.Errorf("the line of the bar stays open: %q", words.String())
	}
}

// What a facility declares to have served comes from a file; a wrong row stops all of it.
func TestImportVisits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.run("import", "visits", w.file("visits.csv", "facility,from,to,visits\nf_hall,2026-03-01,2026-03-31,620\n")).want(0, "1 rows: 1 new")
	w.run("import", "visits", w.file("wrong.csv", "facility,from,to,visits\nf_clinic,2026-03-01,,5\nf_none,2026-03-01,,5\n")).want(1, "f_none", "nothing was imported")
	w.with(func(s surveys.Store) {
		all, err := surveys.DeclaredVisits().All(t.Context(), s)
		if err != nil || len(all) != 1 || all[0].Value.Count != 620 {
			t.Errorf("declared: %+v, %v", all, err)
		}
	})
}
