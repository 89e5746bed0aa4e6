package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tree is every file of a folder with its content and the time it changed.
func tree(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[path] = info.ModTime().String()
		if !d.IsDir() {
			raw, err := os.ReadFile(path)
			all[path] += string(raw)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	w.run("migrate", "--plan").want(0, "there is no store yet")
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a plan made the folder of data: %v", err)
	}
	was := w.before()
	untouched := tree(t, w.dir)
	w.run("migrate", "--plan").want(0, "from schema 1 to 4", "copy: the whole file is copied first, as hailong.schema-1.DAY.db",
		"step 3, seal: A sealed day holds the digest of its count.",
		"step 4, pace: A response keeps how fast it was filled in, in four classes.", "!step 1")
	if diff := cmp.Diff(untouched, tree(t, w.dir)); diff != "" {
		t.Fatalf("the plan changed something (-was +is):\n%s", diff)
	}
	taken := w.file("taken", "")
	w.run("roll", "--backup-dir", taken).want(1, "the copy of before could not be written to "+taken+", so nothing was changed")
	w.run("migrate", "--plan").want(0, "from schema 1 to 4")
	copies := filepath.Join(w.dir, "copies")
	w.run("migrate", "--backup-dir", copies).want(0, "from schema 1 to 4", "as it was before it is in "+copies)
	w.run("migrate").want(0, "schema 4, nothing to do", "!copy")
	w.run("migrate", "now").want(2, "takes no")
	names, err := filepath.Glob(filepath.Join(copies, "*"))
	if err != nil || len(names) != 1 || filepath.Base(names[0]) != "hailong.schema-1.2026-04-02.db" {
		t.Fatalf("copies: %v, %v", names, err)
	}
	if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
		t.Errorf("after the migration (-was +is):\n%s", diff)
	}
	w.env["HAILONG_STORE"] = "file:" + names[0]
	if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
		t.Errorf("the copy shows (-was +is):\n%s", diff)
	}
}

// A program meets the file of a newer one: it says so, whatever it was told to do, and leaves it as it is.
func TestNewerFileIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.before()
	db, err := sql.Open("sqlite", w.database())
	if err == nil {
		_, err = db.ExecContext(t.Context(), "PRAGMA user_version = 5")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	was := tree(t, w.dir)[w.database()]
	for _, args := range [][]string{
		{"migrate", "--plan"},
		{"migrate"},
		{"serve", "--listen", "127.0.0.1:0"},
		{"roll"},
		{"verify"},
		{"backup", "--dir", filepath.Join(w.dir, "backups")},
	} {
		w.run(args...).want(1, "it has schema 5, this program knows 4; use the newer hailong that wrote it")
	}
	if is := tree(t, w.dir); is[w.database()] != was || len(is) != 3 {
		t.Errorf("it was changed, or something put beside it: %d names", len(is))
	}
}

// However a migration is killed, the file is of the one schema or the other, and the next start finishes it.
func TestMigrationKilled(t *testing.T) {
	t.Parallel()
	long(t)
	done := 0
	for round := range 14 {
		w := newWorld(t)
		was := w.before()
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(round*round)*time.Millisecond)
		cmd := exec.CommandContext(ctx, os.Args[0], "migrate")
		cmd.Env = append(os.Environ(), asProgram+"=1", "HAILONG_DATA="+w.env["HAILONG_DATA"])
		if out, err := cmd.CombinedOutput(); err == nil {
			done++
		} else if ctx.Err() == nil {
			t.Fatalf("it failed by itself: %v, %s", err, out)
		}
		stop()
		plan := w.run("migrate", "--plan").want(0)
		if !strings.Contains(plan.err, "from schema 1 to 4") && !strings.Contains(plan.err, "schema 4, nothing to do") {
			t.Errorf("round %d: %s", round, plan.err)
		}
		w.run("verify").want(0, "448 responses", "0 mismatches")
		if partial, err := filepath.Glob(filepath.Join(w.dir, "data", "*.partial")); err != nil || len(partial) > 0 {
			t.Errorf("round %d: left are %v, %v", round, partial, err)
		}
		if round%5 == 0 {
			if diff := cmp.Diff(was, w.show(was.Secret)); diff != "" {
				t.Errorf("round %d (-was +is):\n%s", round, diff)
			}
		}
	}
	if done == 14 {
		t.Error("none was killed")
	}
}

// On MongoDB the steps only add: the plan says why there is no copy.
func TestMigrateMongoDB(t *testing.T) {
	t.Parallel()
	server := mongoServer(t)
	w := newWorld(t)
	w.onMongo(server)
	w.run("migrate", "--plan").want(0, "there is no store yet")
	w.run("roll").want(0)
	w.run("migrate", "--plan").want(0, "schema 2, nothing to do")
	w.setMongoSchema(1)
	w.run("migrate", "--plan").want(0, "from schema 1 to 2", "copy: none is made: the steps only add", "step 2, seal:")
	w.run("migrate").want(0, "from schema 1 to 2")
	w.run("migrate", "--plan").want(0, "schema 2, nothing to do")
	w.setMongoSchema(3)
	for _, args := range [][]string{{"migrate", "--plan"}, {"roll"}} {
		w.run(args...).want(1, "it has schema 3, this program knows 2; use the newer hailong that wrote it")
	}
}

func (w *world) setMongoSchema(version int) {
	w.t.Helper()
	err := w.mongo().Collection("meta").FindOneAndUpdate(w.t.Context(),
		map[string]any{"_id": "schema"}, map[string]any{"$set": map[string]any{"version": version}}).Err()
	if err != nil {
		w.t.Fatal(fmt.Errorf("schema of the test database: %w", err))
	}
}
