package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/store"
)

// The drill on months of answers: back up, lose everything, restore, verify: equal counts, figures, releases, receipts.
func TestDrillBackupWipeRestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.before()
	w.run("migrate").want(0)
	words := w.run("verify").want(0, "448 responses", "0 mismatches").err
	dir := filepath.Join(w.dir, "backups")
	w.run("backup", "--dir", dir).want(0, "22 releases, 301 days, 448 responses")
	if err := os.RemoveAll(filepath.Join(w.dir, "data")); err != nil {
		t.Fatal(err)
	}
	w.run("restore", w.lastBackup()).want(0, "22 releases, 301 days, 448 responses restored")
	w.run("verify").want(0, words)
	if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
		t.Errorf("restored otherwise (-was +is):\n%s", diff)
	}
}

// A backup that the version before has made is read.
func TestRestoreOlderBackup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.before()
	w.env["HAILONG_DATA"] = filepath.Join(w.dir, "other")
	w.run("restore", "testdata/format-1.backup").want(0, "448 responses restored")
	w.run("verify").want(0, "448 responses", "0 mismatches")
	if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
		t.Errorf("restored otherwise (-was +is):\n%s", diff)
	}
}

// A restore keeps off a store that a server uses, also when its file was deleted under the server; and a server keeps
// off one that is being restored.
func TestRestoreIntoRunningStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answered()
	file := w.backUp()
	s := w.serve()
	const sentence = "a server is using this store: stop it first"
	w.run("restore", file).want(1, sentence)
	names, err := filepath.Glob(w.database() + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".lock") {
			if err = os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.run("restore", file).want(1, sentence)
	if _, err = os.Stat(w.database()); err == nil {
		t.Error("a new file was made beside the running server")
	}
	s.end()
	release, err := store.Claim(w.address())
	if err != nil {
		t.Fatal(err)
	}
	w.run("serve", "--listen", "127.0.0.1:0").want(1, "a restore into this store is under way")
	w.run("restore", file).want(1, sentence) // the claim of another restore
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(w.database()); err != nil {
		t.Fatal(err)
	}
	w.run("restore", file).want(0, "48 responses restored")
}

func TestRestoreIntoRunningMongoDB(t *testing.T) {
	t.Parallel()
	server := mongoServer(t)
	w := newWorld(t)
	w.answered()
	file := w.backUp()
	w.onMongo(server)
	w.run("roll").want(0)
	s := w.serve()
	w.run("restore", file).want(1, "a server is using this store: stop it first")
	dir := filepath.Join(w.dir, "of the other")
	w.run("backup", "--dir", dir).want(0) // the server's sign is not in it
	s.end()
	w.run("restore", file).want(1, "the store is not empty")
	w.with(func(s surveys.Store) {
		if kinds, err := s.Kinds(t.Context()); err != nil || strings.Contains(strings.Join(kinds, " "), store.LeaseKind) {
			t.Errorf("an ended server left its sign: %v, %v", kinds, err)
		}
	})
	// One that was killed leaves it: it is not believed for ever, and cleared away by the next server.
	w.with(func(s surveys.Store) {
		body := fmt.Appendf(nil, `{"id":"killed","beat":%d}`, w.now.UnixMilli())
		if _, err := s.PutRecord(t.Context(), surveys.Record{Kind: store.LeaseKind, ID: "killed", Body: body}); err != nil {
			t.Fatal(err)
		}
	})
	w.run("restore", file).want(1, "a server is using this store")
	w.now = w.now.Add(3 * time.Minute)
	w.run("restore", file).want(1, "the store is not empty")
	w.serve().end()
	w.with(func(s surveys.Store) {
		if kinds, err := s.Kinds(t.Context()); err != nil || strings.Contains(strings.Join(kinds, " "), store.LeaseKind) {
			t.Errorf("the sign of a killed server stays: %v, %v", kinds, err)
		}
	})
}

var formsGiven = regexp.MustCompile(`(\d+) forms counted`)

// A clock that jumps a day back or ahead, or both around the end of a month, releases nothing twice and loses nothing:
// once it is right again, all comes out.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]map[surveys.Day]int{
		"right":                    {},
		"a day back":               {"2026-01-31": -1, "2026-02-01": -1},
		"a day ahead":              {"2026-01-31": 1, "2026-02-01": 1},
		"back and forth":           {"2026-01-30": 1, "2026-01-31": -1, "2026-02-01": 1, "2026-02-02": -1},
		"ahead once at the end":    {"2026-01-31": 1},
		"a week back at mid-month": {"2026-02-15": -7, "2026-02-16": -7},
		"a week ahead":             {"2026-01-29": 7},
	} {
		if testing.Short() && name != "back and forth" { // the race detector is shown one
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.now = time.Date(2026, 1, 26, 0, 30, 0, 0, testZone(t))
			w.organise()
			given := 0
			for day := surveys.Day("2026-01-26"); day <= "2026-02-18"; day = day.Add(1) {
				at := day.Add(off[day]).Date()
				w.now = time.Date(at.Year(), at.Month(), at.Day(), 0, 30, 0, 0, testZone(t))
				var rows strings.Builder
				rows.WriteString("token,date,channel,B2,B7\n")
				for i := range 7 {
					fmt.Fprintf(&rows, "%s,%s,qr,%d,4\n", clinicToken, day.Add(off[day]), 1+(i+given)%5)
					given++
				}
				// An import ends with a pass, and the night's comes besides.
				w.run("import", "responses", w.file("rows.csv", rows.String()), "--batch", string(day)).want(0, "7 new")
				w.run("roll").want(0)
				w.run("verify").want(0, "0 mismatches")
			}
			w.now = time.Date(2026, 4, 2, 0, 30, 0, 0, testZone(t))
			w.run("roll").want(0)
			w.run("roll").want(0, "0 releases made")
			words := w.run("verify").want(0, "0 mismatches", "0 dirty").err
			if m := formsGiven.FindStringSubmatch(words); m == nil || m[1] != fmt.Sprint(given) {
				t.Errorf("%d were given: %s", given, words)
			}
			w.releasedOnce(given)
		})
	}
}

// releasedOnce wants every form in one release, and every release under an id of its own.
func (w *world) releasedOnce(given int) {
	w.t.Helper()
	ids, forms := map[string]bool{}, 0
	w.with(func(s surveys.Store) {
		err := s.EachRelease(w.t.Context(), surveys.ReleaseQuery{}, func(rec surveys.ReleaseRecord) error {
			r, err := analytics.ReadRelease(rec)
			if err != nil {
				return err
			}
			if ids[r.ID] {
				w.t.Errorf("release %s is there twice", r.ID)
			}
			ids[r.ID] = true
			if r.Stream == analytics.Answers {
				forms += int(r.Forms)
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	})
	if forms != given || len(ids) < 2 {
		w.t.Errorf("%d releases hold %d forms of %d", len(ids), forms, given)
	}
}

// What a folder refuses is said in words, and no part of a backup stays in it.
func TestBackupFolders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	w.run("backup", "--dir", w.file("file", "")).want(1, "no backup was made in ", "it is a file, not a folder")
	w.run("backup", "--dir", filepath.Join(w.dir, "file", "sub")).want(1, "it is a file, not a folder")
	w.run("backup", "--dir", filepath.Join(w.dir, "new", "sub")).want(0)
	dir := filepath.Join(w.dir, "taken")
	if err := os.MkdirAll(filepath.Join(dir, "hailong-20260310-093000.backup", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.run("backup", "--dir", dir).want(1, "the file is whole, but the folder lets it have no name")
	old := filepath.Join(dir, "hailong-1.partial")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, w.now, w.now.AddDate(0, 0, -2)); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	w.run("backup", "--dir", dir).want(0)
	if names, err := filepath.Glob(filepath.Join(dir, "*.partial")); err != nil || len(names) > 0 {
		t.Errorf("left are %v, %v", names, err)
	}
}

// A backup that was cut off, encrypted to another key, damaged, or is none at all: a sentence, and no store is made
// that anything could be mistaken in.
func TestRestoreBadFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole, err := os.ReadFile("testdata/format-1.backup")
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte{}, whole...)
	damaged[len(damaged)/2] ^= 4
	for name, c := range map[string]struct{ file, want string }{
		"half":    {string(whole[:len(whole)/2]), "the backup is cut short: its last line is missing"},
		"damaged": {string(damaged), "damaged"},
		"a text":  {"token,date\n", "the file is no backup of Hailong"},
		"nothing": {"", "the file is no backup of Hailong"},
	} {
		for _, more := range [][]string{{"--dry-run"}, nil} {
			w.run(append([]string{"restore", w.file(name, c.file)}, more...)...).want(1, c.want)
		}
	}
	w.run("restore", "testdata/format-1.backup").want(0, "448 responses restored") // the store is as new
	w.with(func(s surveys.Store) {
		if err := backup.Finished(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}
