package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hailong/surveys"
	"hailong/surveys/store/sqlite"
)

// raw changes a database behind the store's back.
func raw(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

type refusedFile struct {
	prepare func(t *testing.T, path string)
	want    string
	is      error
}

// refused are files that Open must leave alone.
func refused() map[string]refusedFile {
	return map[string]refusedFile{
		"a folder": {func(t *testing.T, path string) {
			t.Helper()
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "it is a folder; name a file in it, such as ", nil},
		"a text": {func(t *testing.T, path string) {
			t.Helper()
			write(t, path, strings.Repeat("điểm khảo sát\n", 50))
		}, "it is not an SQLite database; it was left as it is", nil},
		"a short file": {func(t *testing.T, path string) {
			t.Helper()
			write(t, path, "SQLite format 3\x00")
		}, "it is not an SQLite database", surveys.ErrUnavailable},
		"a database with another mark": {func(t *testing.T, path string) {
			t.Helper()
			raw(t, path, "PRAGMA application_id = 7", "CREATE TABLE theirs (a)")
		}, "it is the database of another program", nil},
		"a database without mark": {func(t *testing.T, path string) {
			t.Helper()
			raw(t, path, "CREATE TABLE theirs (a)")
		}, "it is the database of another program", nil},
		"a newer schema": {func(t *testing.T, path string) {
			t.Helper()
			raw(t, path, "PRAGMA application_id = 0x484C4E47", "PRAGMA user_version = 900", "CREATE TABLE new (a)")
		}, "it has schema 900, this program knows 4; use the newer hailong that wrote it", surveys.ErrNewer},
		"a damaged database": {func(t *testing.T, path string) {
			t.Helper()
			raw(t, path, "PRAGMA application_id = 0x484C4E47", "PRAGMA user_version = 1", "CREATE TABLE a (b)")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			copy(text[100:], strings.Repeat("\xee", 400))
			write(t, path, string(text))
		}, "the file is damaged; restore a backup", surveys.ErrUnavailable},
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range refused() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "hailong.db")
			c.prepare(t, path)
			before, _ := os.ReadFile(path) //nolint:errcheck // a folder has no text
			s, err := sqlite.Open(t.Context(), path, clock)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "open "+path+": ") {
				t.Errorf("got %q, want it to begin with the path and contain %q", err, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v, want it to be %v", err, c.is)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) { //nolint:errcheck // as above
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"no folder can be made": "/proc/none/hailong.db", "no file can be made": "/proc/hailong.db"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlite.Open(t.Context(), path, clock)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
			}
			if !errors.Is(err, surveys.ErrUnavailable) {
				t.Errorf("got %v, want ErrUnavailable", err)
			}
		})
	}
	if _, err := sqlite.Open(t.Context(), "", clock); err == nil {
		t.Error("an empty path was opened")
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "hailong.db"), clock); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestNewFileIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "dữ liệu 100% #1?", "năm & tháng")
	path := filepath.Join(folder, "hài lòng.db")
	s := open(t, path)
	if _, err := s.AddResponses(t.Context(), batch(1)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", e.Name(), info.Mode().Perm())
		}
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), "hài lòng.db hài lòng.db-shm hài lòng.db-wal"; got != want {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, p := range []string{folder, filepath.Dir(folder)} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("folder %s: %v %v, want mode 0700", p, info.Mode(), err)
		}
	}
}

// Several processes may start on a new file at the same moment.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hailong.db")
	const n = 8
	errs := make(chan error, n)
	for range n {
		go func() {
			s, err := sqlite.Open(t.Context(), path, clock)
			if err == nil {
				_, err = s.AddResponses(t.Context(), batch(3))
				err = errors.Join(err, s.Close())
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := count(t, open(t, path)); got != 3*n {
		t.Errorf("%d responses, want %d", got, 3*n)
	}
}

func TestPingNoticesAFileThatIsGone(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string) error{
		"deleted": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "hailong.db")
			s := open(t, path)
			if err := s.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); !errors.Is(err, surveys.ErrUnavailable) {
				t.Errorf("got %v, want ErrUnavailable", err)
			}
		})
	}
}

// Several look at once, as servers and a doctor do; none hinders another, and nothing is left beside the file.
func TestPingsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "hailong.db")
	var group sync.WaitGroup
	for range 4 {
		s := open(t, path)
		group.Go(func() {
			for range 25 {
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if left, err := filepath.Glob(path + "-room*"); err != nil || len(left) > 0 {
		t.Errorf("left beside the file: %v %v", left, err)
	}
}
