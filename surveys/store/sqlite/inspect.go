package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"hailong/surveys"
)

// Inspect looks at a file and changes neither it nor its folder. The store that it opens can only be read; it is nil
// unless the file is whole and of this program's schema.
func Inspect(ctx context.Context, path string) (surveys.Inspection, *Store, error) {
	found := surveys.Inspection{}
	steps, err := readMigrations(migrations)
	if err != nil {
		return found, nil, fmt.Errorf("inspect: %w", err)
	}
	found.Known = steps[len(steps)-1].Number
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return found, nil, nil
	case err != nil:
		return found, nil, (&Store{}).wrap("inspect "+path, err)
	}
	s, err := openToRead(path, info)
	if err == nil {
		err = s.inspect(ctx, &found)
	}
	if s != nil && (err != nil || found.Schema != found.Known || len(found.Damage) > 0) {
		err = errors.Join((&Store{}).wrap("inspect "+path, err), s.Close())
		s = nil
	}
	return found, s, err
}

// openToRead opens a file for reading only. One that nobody has open has no log beside it, and SQLite would make one
// to read it; so it is told that the file stands still.
func openToRead(path string, info os.FileInfo) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // Inspect wraps it
	}
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(ON)"}}
	if _, err = os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		q.Set("immutable", "1")
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err //nolint:wrapcheck // Inspect wraps it
	}
	return &Store{path: path, file: info, writer: db, reader: db}, nil
}

func (s *Store) inspect(ctx context.Context, found *surveys.Inspection) (err error) {
	if found.Schema, err = version(ctx, s.reader, found.Known); err != nil {
		return err
	}
	rows, err := s.reader.QueryContext(ctx, `PRAGMA quick_check(10)`)
	if err != nil {
		return err //nolint:wrapcheck // Inspect wraps it
	}
	lines, err := collect(rows, func(r scanner) (line string, err error) {
		err = r.Scan(&line)
		return line, err
	})
	if err != nil {
		return err
	}
	if len(lines) != 1 || lines[0] != "ok" {
		found.Damage = lines
		return nil
	}
	if found.Schema != found.Known {
		return nil
	}
	return s.stmt.prepare(ctx, s.writer, s.reader)
}
