package sqlite

import (
	"errors"
	"testing"

	"hailong/surveys"
)

// The pragmas stand for disks that are full or read-only: they make SQLite give the same codes.
func TestDisksThatFail(t *testing.T) {
	t.Parallel()
	for name, pragma := range map[string]string{"full": "max_page_count = 1", "read_only": "query_only = ON"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			if _, err := s.writer.ExecContext(t.Context(), "PRAGMA "+pragma); err != nil {
				t.Fatal(err)
			}
			list := make([]surveys.Response, 200)
			for i := range list {
				list[i] = surveys.Response{ID: surveys.NewSubmissionID(), Facility: "f", Day: "2026-03-02", Comment: string(make([]byte, 500))}
			}
			if _, err := s.AddResponses(t.Context(), list); !errors.Is(err, surveys.ErrUnavailable) {
				t.Errorf("AddResponses: got %v, want ErrUnavailable", err)
			}
			dirty, err := s.DirtyDays(t.Context(), surveys.DirtyQuery{})
			if err != nil || len(dirty) != 0 {
				t.Errorf("dirty days after the failure: %v %v, want none", dirty, err)
			}
			_, err = s.Response(t.Context(), list[0].ID)
			if !errors.Is(err, surveys.ErrNotFound) {
				t.Errorf("Response after the failure: %v, want ErrNotFound", err)
			}
		})
	}
}

func TestPragmasOfEveryConnection(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "secure_delete": "1",
	} {
		var got string
		if err := s.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q %v, want %q", pragma, got, err, want)
		}
	}
	for range 3 { // held, so that each is another connection
		conn, err := s.reader.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}()
		for pragma, want := range map[string]string{"journal_mode": "wal", "query_only": "1", "busy_timeout": "10000"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("reader: %s is %q %v, want %q", pragma, got, err, want)
			}
		}
	}
}
