package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

// openRaw opens a database behind the store's back.
func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// What a citizen takes back is not in the file any more, not even in what was overwritten.
func TestWithdrawnLeavesNothingInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	s := open(t, path)
	list := batch(40)
	marker, answer := "dấu vết của một người", "chỉ-người-này"
	list[17].Comment = strings.Repeat(marker+" ", 300) // over several pages
	list[17].Answers["K9"] = surveys.TextAnswer(answer)
	list[18].Comment, list[18].Answers = marker, surveys.Answers{"K9": surveys.TextAnswer(answer)}
	if _, err := s.AddResponses(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for _, r := range list[17:19] {
		if err := s.Move(t.Context(), r.ID, surveys.Counted, surveys.Withdrawn, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1 {
		t.Errorf("after Close there are %v, want the file alone (%v)", files, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{marker, answer} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%q is still in the file", secret)
		}
	}
	if !bytes.Contains(text, []byte(list[3].Comment)) {
		t.Error("the other comments are not found, so that this test would notice nothing")
	}
}

// The order of arrival cannot be read from the file.
func TestNoRowNumbers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	open(t, path)
	_, err := openRaw(t, path).ExecContext(t.Context(), "SELECT rowid FROM responses")
	if err == nil || !strings.Contains(err.Error(), "no such column") {
		t.Errorf("got %v, want no rowid", err)
	}
}

// Readers go on while another process writes; writers wait, and say so when it lasts.
func TestAnotherProcessHoldsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	s := open(t, path)
	other, err := openRaw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if closeErr := other.Close(); closeErr != nil {
			t.Error(closeErr)
		}
	}()
	if _, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err = s.Ping(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
		t.Errorf("Ping while another writes: %v, want ErrUnavailable", err)
	}
	if got := count(t, s); got != 0 {
		t.Errorf("%d responses", got) // readers do not wait
	}
	if _, err = other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err = s.Ping(t.Context()); err != nil {
		t.Errorf("Ping afterwards: %v", err)
	}
}

// What is frozen stays so whoever writes to the file, in whatever way SQL knows to write.
func TestFrozenEvenForForeignSQL(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	s := open(t, path)
	keys := map[string]string{"key": "one_stop"}
	want := surveys.Record{Kind: "instrument", ID: "one_stop.1", Keys: keys, Body: []byte(`{"a":1}`), Frozen: true}
	for _, r := range []surveys.Record{want, {Kind: "instrument", ID: "free"}} {
		if _, err := s.PutRecord(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	want.Rev = 1
	raw := openRaw(t, path)
	for statement, fails := range map[string]bool{
		"UPDATE records SET body = x'00'":                                                                                   true,
		"UPDATE records SET frozen = 0 WHERE id = 'one_stop.1'":                                                             true,
		"UPDATE OR IGNORE records SET body = x'00' WHERE frozen":                                                            true,
		"UPDATE OR REPLACE records SET id = 'one_stop.1' WHERE id = 'free'":                                                 true,
		"DELETE FROM records":                                                                                               true,
		"DELETE FROM records WHERE id = 'one_stop.1'":                                                                       true,
		"REPLACE INTO records VALUES ('instrument', 'one_stop.1', 9, '{}', 0, x'00')":                                       false, // it does nothing
		"INSERT OR REPLACE INTO records SELECT kind, id, 9, keys, 0, x'00' FROM records":                                    false, // to this one
		"INSERT INTO records VALUES ('instrument', 'one_stop.1', 1, '{}', 0, x'00') ON CONFLICT DO UPDATE SET body = x'00'": false,
	} {
		if _, err := raw.ExecContext(t.Context(), statement); (err != nil) != fails {
			t.Errorf("%s: got error %v, want one: %v", statement, err, fails)
		}
		got, err := s.Record(t.Context(), "instrument", "one_stop.1")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("after %s: %v (-want +got):\n%s", statement, err, diff)
		}
		if free, err := s.Record(t.Context(), "instrument", "free"); err != nil || free.Rev == 0 {
			t.Fatalf("after %s: the record beside it: %v %v", statement, free, err)
		}
	}
	if _, err := raw.ExecContext(t.Context(), "DELETE FROM records WHERE id = 'free'"); err != nil {
		t.Errorf("delete what is not frozen: %v", err)
	}
}
