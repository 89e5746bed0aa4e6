package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"hailong/surveys"
)

// figures is what an office would compare after a move: the exports, a summary over the API with a token of before,
// and the recount.
func (w *world) figures(secret string) string {
	w.t.Helper()
	s := w.serve()
	sum := s.get("/api/v1/summary?scope=facility:f_clinic&from=2026-02-01&to=2026-02-28", "Authorization", "Bearer "+secret)
	s.end()
	if sum.status != 200 || !strings.Contains(sum.body, `"state":"full"`) {
		w.t.Fatalf("summary: %d %s", sum.status, sum.body)
	}
	return sum.body + w.run("export", "responses").want(0).out + w.run("export", "days").want(0).out +
		w.run("verify").want(0, "0 mismatches").err
}

// answered is an installation with a release, forms that wait, and one that was withdrawn.
func (w *world) answered() (secret string) {
	w.t.Helper()
	w.organise()
	var rows strings.Builder
	rows.WriteString("token,date,id,B2,B7,Z,comment\n")
	for i := range 45 {
		fmt.Fprintf(&rows, "%s,2026-02-%02d,r%d,%d,,4,\"Cảm ơn 😀\"\n", clinicToken, 1+i%28, i, 1+i%5)
	}
	for i := range 3 {
		fmt.Fprintf(&rows, "%s,2026-03-09,s%d,5,,,\n", clinicToken, i)
	}
	w.run("import", "responses", w.file("rows.csv", rows.String()), "--batch", "b").want(0, "48 new", "1 releases made")
	w.with(func(s surveys.Store) {
		if err := s.Move(w.t.Context(), surveys.RowSubmissionID("b", "s0"), surveys.Counted, surveys.Withdrawn, ""); err != nil {
			w.t.Fatal(err)
		}
	})
	w.run("roll").want(0)
	return strings.TrimSpace(w.run("token", "create", "--name", "x", "--role", "admin").want(0).out)
}

// lastBackup is the newest file in the folder of backups.
func (w *world) lastBackup() string {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.dir, "backups", "hailong-*"))
	if err != nil || len(names) == 0 {
		w.t.Fatalf("backups: %v, %v", names, err)
	}
	return names[len(names)-1]
}

func (w *world) backUp(args ...string) string {
	w.t.Helper()
	w.run(append([]string{"backup", "--dir", filepath.Join(w.dir, "backups")}, args...)...).want(0, "48 responses")
	return w.lastBackup()
}

// The drill: back up, lose everything, restore: the same counts, figures and receipts.
func TestBackupRestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.answered()
	before := w.figures(secret)
	file := w.backUp()
	w.run("restore", file).want(1, "not empty")
	w.run("restore", file, "--dry-run").want(0, "whole", "48 responses")
	if err := os.RemoveAll(filepath.Join(w.dir, "data")); err != nil {
		t.Fatal(err)
	}
	w.run("restore", file).want(0, "48 responses restored")
	if after := w.figures(secret); after != before {
		t.Errorf("restored otherwise:\n%s\nwas:\n%s", after, before)
	}
	w.with(func(s surveys.Store) {
		id := surveys.RowSubmissionID("b", "r7")
		if found, err := s.ResponsesByReceipt(t.Context(), id.Receipt()); err != nil || len(found) != 1 || found[0].ID != id {
			t.Errorf("the receipt finds %v, %v", found, err)
		}
	})
	// What was withdrawn and known stays so: the same rows again are no new ones.
	w.run("import", "responses", filepath.Join(w.dir, "rows.csv"), "--batch", "b").want(0, "48 known", "0 releases made")
}

// An office outgrows one machine, and comes back.
func TestBackupToMongoDBAndBack(t *testing.T) {
	t.Parallel()
	server := mongoServer(t)
	w := newWorld(t)
	secret := w.answered()
	before := w.figures(secret)
	file := w.backUp()
	w.onMongo(server)
	w.run("restore", file).want(0, "48 responses restored")
	if after := w.figures(secret); after != before {
		t.Errorf("otherwise on MongoDB:\n%s\nwas:\n%s", after, before)
	}
	w.now = w.now.Add(time.Second) // the next file has another name
	file = w.backUp()
	delete(w.env, "HAILONG_STORE")
	w.env["HAILONG_DATA"] = filepath.Join(w.dir, "again")
	w.run("restore", file).want(0, "48 responses restored")
	if after := w.figures(secret); after != before {
		t.Errorf("otherwise after the way back:\n%s\nwas:\n%s", after, before)
	}
}

func TestBackupEncrypted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answered()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := w.backUp("--recipient", key.Recipient().String())
	if !strings.HasSuffix(file, ".backup.age") {
		t.Errorf("it is named %s", file)
	}
	w.run("restore", file, "--dry-run").want(1, "encrypted")
	w.run("restore", file, "--dry-run", "--identity", w.file("key.txt", key.String())).want(0, "48 responses")
	w.run("restore", file, "--dry-run", "--identity", filepath.Join(w.dir, "none.txt")).want(1, "none.txt")
	w.run("backup", "--dir", w.dir, "--recipient", "age1nobody").want(2, "recipient")
}

func TestBackupKeepsTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.organise()
	dir := filepath.Join(w.dir, "backups")
	for range 5 {
		w.now = w.now.Add(time.Hour)
		w.run("backup", "--dir", dir, "--keep", "2").want(0)
	}
	for _, name := range []string{"hailong-notes.backup", "hailong-20260310.txt", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.now = w.now.Add(time.Hour)
	w.run("backup", "--dir", dir, "--keep", "2").want(0)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if info, infoErr := e.Info(); infoErr != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", e.Name(), info.Mode(), infoErr)
		}
	}
	want := "hailong-20260310-143000.backup hailong-20260310-153000.backup hailong-20260310.txt hailong-notes.backup other"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("left are %s, want %s", got, want)
	}
}

func TestBackupWrongUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("backup").want(2, "--dir")
	w.run("backup", "--dir", w.dir, "--every", "5s").want(2, "--every")
	w.run("backup", "--dir", w.dir, "--keep", "-1").want(2, "--keep")
	w.run("restore").want(2, "restore FILE")
	w.run("restore", filepath.Join(w.dir, "none")).want(1, "none")
	w.run("backup", "--dir", w.file("a file", "")).want(1, "a file")
}

// A backup made while answers arrive agrees with itself.
func TestBackupWhileServing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answered()
	now := w.now
	s := w.serveAt(func() time.Time { return now })
	done := make(chan int)
	stop := make(chan struct{})
	go func() {
		acked := 0
		defer func() { done <- acked }()
		for {
			select {
			case <-stop:
				return
			default:
			}
			a, err := submit(t.Context(), s.http, s.base, clinicToken, surveys.NewSubmissionID())
			if err == nil && a.status == 201 {
				acked++
			}
		}
	}()
	dir := filepath.Join(w.dir, "backups")
	for range 3 {
		w.now = w.now.Add(time.Second)
		w.run("backup", "--dir", dir).want(0)
	}
	close(stop)
	if acked := <-done; acked == 0 {
		t.Error("nothing was answered meanwhile")
	}
	s.end()
	w.env["HAILONG_DATA"] = filepath.Join(w.dir, "again")
	w.run("restore", w.lastBackup()).want(0)
	w.run("verify").want(0, "0 mismatches", "0 dirty")
}
