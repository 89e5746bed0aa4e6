package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hailong/surveys"
)

// openOld makes a file as the first schema had it, with two responses of one day and two of others, and opens it.
func openOld(t *testing.T) (*Store, []surveys.SubmissionID) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hailong.db")
	db, err := sql.Open("sqlite", address(path, "immediate", "journal_mode(WAL)"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the file goes with the test
	schema, err := os.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = db.ExecContext(t.Context(), string(schema)+markHeader+"; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	const insert = `INSERT INTO responses VALUES (?, ?, ?, 'p1', 'one_stop', 1, 'short', 'qr', 'answers', '', 'vi', ?, 9, ?, '{"A3":4}', '')`
	var ids []surveys.SubmissionID
	for i, day := range []string{"2026-03-01", "2026-03-01", "2024-02-29", "1969-12-31"} {
		id := surveys.NewSubmissionID()
		key, _ := packID(id)
		if _, err = db.ExecContext(t.Context(), insert, key, id.Receipt(), fmt.Sprintf("f%d", i/2), day, day); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	s, err := Open(t.Context(), path, time.Now) //nolint:forbidigo // no clock here
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, ids
}

// A file of the first schema keeps every response, found by its id and its receipt, and knows a repeat again.
func TestReceiptsMigration(t *testing.T) {
	t.Parallel()
	s, ids := openOld(t)
	var all []surveys.Response
	for _, id := range ids {
		r, err := s.Response(t.Context(), id)
		if err != nil || r.ID != id {
			t.Fatalf("got response %s, %v; want %s", r.ID, err, id)
		}
		all = append(all, r)
		same, err := s.ResponsesByReceipt(t.Context(), id.Receipt())
		if err != nil || len(same) != 1 || same[0].ID != id {
			t.Errorf("got %v, %v for the receipt of %s, want it alone", same, err, id)
		}
	}
	added, err := s.AddResponses(t.Context(), all)
	if err != nil || slices.Contains(added, true) {
		t.Errorf("got %v, %v for repeats, want none to be new", added, err)
	}
	if err = s.Move(t.Context(), ids[2], surveys.Counted, surveys.Withdrawn, ""); err != nil {
		t.Error(err)
	}
}

// A day that goes leaves no receipt behind, and what is sent again afterwards is new.
func TestReceiptsGoWithTheirDay(t *testing.T) {
	t.Parallel()
	s, ids := openOld(t)
	gone, err := s.Response(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.writer.ExecContext(t.Context(), `DELETE FROM responses WHERE facility = 'f0' AND day = '2026-03-01'`); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Response(t.Context(), gone.ID); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("got %v for a response that went, want ErrNotFound", err)
	}
	var left int
	if err = s.reader.QueryRowContext(t.Context(), `SELECT count(*) FROM receipts`).Scan(&left); err != nil || left != 2 {
		t.Errorf("got %d receipts, %v; want the 2 of the other days", left, err)
	}
	if added, err := s.AddResponses(t.Context(), []surveys.Response{gone}); err != nil || !added[0] {
		t.Errorf("got %v, %v; want it to be new", added, err)
	}
}
