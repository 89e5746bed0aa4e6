package sqlite_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// older makes a file of schema 1 that holds a counted day, and nothing else in its folder.
func older(t *testing.T) (path string) {
	t.Helper()
	return olderNamed(t, "hailong.db")
}

func olderNamed(t *testing.T, name string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	first, err := os.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	raw(t, path, string(first), "PRAGMA application_id = 0x484C4E47", "PRAGMA user_version = 1", "PRAGMA journal_mode = WAL",
		"INSERT INTO days VALUES ('f_hall', '2026-03-02', 4, 1, 12, 0, x'5b5d')")
	return path
}

// folder is every file of a folder with its content and the time it changed.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[at] = info.ModTime().String()
		if !d.IsDir() {
			text, err := os.ReadFile(at)
			all[at] += string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func plan(t *testing.T, path string) surveys.Migration {
	t.Helper()
	p, err := sqlite.Plan(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanChangesNothing(t *testing.T) {
	t.Parallel()
	path := older(t)
	was := folder(t, filepath.Dir(path))
	p := plan(t, path)
	last := p.Steps[len(p.Steps)-1]
	if p.From != 1 || p.To != last.Number || last.Number < 3 || !strings.Contains(p.Copy, "hailong.schema-1.DAY.db") {
		t.Errorf("plan of a file of schema 1: %+v", p)
	}
	for _, step := range p.Steps {
		if step.Number <= 1 || step.Name == "" || len(step.About) < 10 || strings.Contains(step.About, "\n") || !strings.HasSuffix(step.About, ".") {
			t.Errorf("step %+v", step)
		}
	}
	none := filepath.Join(filepath.Dir(path), "none", "hailong.db")
	if p := plan(t, none); p.From != 0 || p.Steps[0].Number != 1 {
		t.Errorf("plan of a new store: %+v", p)
	}
	if diff := cmp.Diff(was, folder(t, filepath.Dir(path))); diff != "" {
		t.Errorf("planning changed the folder (-was +is):\n%s", diff)
	}
	s := open(t, path)
	if p := plan(t, path); p.From != p.To || p.Steps != nil || s.Ping(t.Context()) != nil {
		t.Errorf("plan of a file that is open and up to date: %+v", p)
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	for name, file := range refused() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "hailong.db")
			file.prepare(t, path)
			if errors.Is(file.is, surveys.ErrUnavailable) {
				return // damage shows when it is opened, not in the header
			}
			if p, err := sqlite.Plan(t.Context(), path); err == nil {
				t.Errorf("planned %+v", p)
			} else if file.is != nil && !errors.Is(err, file.is) {
				t.Errorf("got %v, want %v", err, file.is)
			}
		})
	}
}

// copies are the copies in a folder.
func copies(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.schema-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Opening an older file leaves a copy of it beside, which is that of before and for its owner's eyes.
func TestOpenMigratesWithACopy(t *testing.T) {
	t.Parallel()
	path := older(t)
	dir := filepath.Dir(path)
	write(t, filepath.Join(dir, "hailong.schema-1.2026-03-10.db.partial"), "left by one that was killed")
	s := open(t, path)
	book, err := s.Day(t.Context(), "f_hall", "2026-03-02")
	if err != nil || book.Rev != 4 || book.Forms != 12 || book.Seal != "" || string(book.Body) != "[]" {
		t.Errorf("the day is %+v, %v", book, err)
	}
	copied := copies(t, dir)
	if len(copied) != 1 || filepath.Base(copied[0]) != "hailong.schema-1."+clock().Format("2006-01-02")+".db" {
		t.Fatalf("copies: %v", copied)
	}
	if info, statErr := os.Stat(copied[0]); statErr != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info, statErr)
	}
	if p := plan(t, copied[0]); p.From != 1 {
		t.Errorf("the copy has schema %d", p.From)
	}
	again := open(t, copied[0]) // the copy of the copy has another name
	if book, err = again.Day(t.Context(), "f_hall", "2026-03-02"); err != nil || book.Forms != 12 {
		t.Errorf("the copy holds %+v, %v", book, err)
	}
	if err := errors.Join(s.Close(), again.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	if n := len(copies(t, dir)); n != 2 {
		t.Errorf("%d copies, want 2: a file that is up to date is not copied", n)
	}
}

func TestMigrateCopiesIntoAFolder(t *testing.T) {
	t.Parallel()
	path := older(t)
	to := filepath.Join(t.TempDir(), "new", "copies")
	done, err := sqlite.Migrate(t.Context(), path, clock, to)
	if err != nil || done.From != 1 || done.To != plan(t, path).To || filepath.Dir(done.Copy) != to {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err = sqlite.Migrate(t.Context(), path, clock, to); err != nil || done.Copy != "" || len(copies(t, to)) != 1 {
		t.Errorf("again: %+v, %v", done, err)
	}
	none := filepath.Join(t.TempDir(), "none.db")
	if _, err = sqlite.Migrate(t.Context(), none, clock, to); err != nil {
		t.Error(err)
	}
	if _, err = os.Stat(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store was made: %v", err)
	}
}

// Names are taken as they are.
func TestMigrateHostileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DAY.db", "khảo sát 100%20 [1].db", "no-end", "a.schema-1.b.db"} {
		path := olderNamed(t, name)
		done, err := sqlite.Migrate(t.Context(), path, clock, "")
		if err != nil || done.From != 1 {
			t.Errorf("%s: %+v, %v", name, done, err)
			continue
		}
		if p := plan(t, done.Copy); p.From != 1 || filepath.Dir(done.Copy) != filepath.Dir(path) || plan(t, path).Steps != nil {
			t.Errorf("%s: the copy is %s, of schema %d", name, done.Copy, p.From)
		}
	}
}

// What cannot be copied is not migrated.
func TestMigrateWithoutCopy(t *testing.T) {
	t.Parallel()
	path := older(t)
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(t.TempDir(), "file")
	write(t, taken, "")
	_, err = sqlite.Migrate(t.Context(), path, clock, taken)
	if err == nil || !strings.Contains(err.Error(), "the copy of before could not be written to "+taken+", so nothing was changed") {
		t.Errorf("got %v", err)
	}
	if is, err := os.ReadFile(path); err != nil || !bytes.Equal(is, was) {
		t.Errorf("the file has changed: %v", err)
	}
	if p := plan(t, path); p.From != 1 {
		t.Errorf("it has schema %d", p.From)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	path := older(t)
	var wg sync.WaitGroup
	done := make([]sqlite.Migrated, 4)
	for i := range done {
		wg.Go(func() {
			var err error
			if done[i], err = sqlite.Migrate(t.Context(), path, clock, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	made := 0
	for _, d := range done {
		if d.Copy != "" {
			made++
		}
	}
	if made != 1 || len(copies(t, filepath.Dir(path))) != 1 {
		t.Errorf("%+v, copies %v; want one", done, copies(t, filepath.Dir(path)))
	}
}
