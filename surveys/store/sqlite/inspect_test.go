package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestInspectChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "hailong.db")
	if found, s, err := sqlite.Inspect(t.Context(), path); found.Schema != 0 || found.Known == 0 || s != nil || err != nil {
		t.Errorf("of none: %+v, %v, %v", found, s, err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Fatalf("it made %v", got)
	}
	running := open(t, path)
	record := surveys.Record{Kind: "k", ID: "1", Body: []byte(`{}`)}
	if _, err := running.PutRecord(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	look := func(what string) {
		t.Helper()
		found, s, err := sqlite.Inspect(t.Context(), path)
		if err != nil || s == nil || found.Schema != found.Known || len(found.Damage) > 0 {
			t.Fatalf("%s: %+v, %v", what, found, err)
		}
		if _, err := s.Record(t.Context(), "k", "1"); err != nil {
			t.Errorf("%s: what stands there is not read: %v", what, err)
		}
		if _, err := s.PutRecord(t.Context(), surveys.Record{Kind: "k", ID: "2", Body: []byte(`{}`)}); !errors.Is(err, surveys.ErrUnavailable) {
			t.Errorf("%s: it is written: %v", what, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	look("beside a running server")
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	look("at rest")
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("it left %v", got)
	}
}

// A file of an older program is told and left.
func TestInspectOfAnOlderSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = db.ExecContext(t.Context(), `PRAGMA application_id = 0x484C4E47; CREATE TABLE old (x)`); err != nil {
		t.Fatal(err)
	}
	if err = db.Close(); err != nil {
		t.Fatal(err)
	}
	found, s, err := sqlite.Inspect(t.Context(), path)
	if err != nil || s != nil || found.Schema != 0 || found.Known < 1 {
		t.Errorf("%+v, %v, %v", found, s, err)
	}
}
