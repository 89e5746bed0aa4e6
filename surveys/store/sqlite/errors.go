package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"hailong/surveys"
)

// wrap says what was being done and gives the error its meaning in the domain; nil stays nil.
func (s *Store) wrap(doing string, err error) error {
	var failed *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, surveys.ErrNotFound)
	case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrFrozen),
		errors.Is(err, surveys.ErrUnavailable), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone), s.closed.Load():
		return fmt.Errorf("%s: %w: %w", doing, surveys.ErrUnavailable, err)
	case errors.As(err, &failed):
		if reason, ok := unavailable(failed.Code()); ok {
			return fmt.Errorf("%s: %w: %s: %w", doing, surveys.ErrUnavailable, reason, err)
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// primary is the part of an SQLite code that names the kind of failure; the rest says where it happened.
const primary = 0xff

// unavailable says why the file cannot be used, if that is what the code means.
func unavailable(code int) (reason string, ok bool) {
	switch code & primary {
	case codes.SQLITE_FULL:
		return "the disk is full", true
	case codes.SQLITE_IOERR:
		return "the disk cannot be read or written", true
	case codes.SQLITE_READONLY:
		return "the file or its folder is read-only", true
	case codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return "the file cannot be opened", true
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_PROTOCOL:
		return "another program holds the file", true
	case codes.SQLITE_NOTADB:
		return "it is not an SQLite database; it was left as it is", true
	case codes.SQLITE_CORRUPT:
		return "the file is damaged; restore a backup", true
	case codes.SQLITE_NOMEM:
		return "out of memory", true
	default:
		return "", false
	}
}

// isBusy says that another process was in the way.
func isBusy(err error) bool { return hasCode(err, codes.SQLITE_BUSY) }

func hasCode(err error, code int) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&primary == code
}

// list runs a query of the readers and collects its rows.
func list[T any](
	ctx context.Context, s *Store, doing string, scan func(scanner) (T, error), query string, args ...any,
) ([]T, error) {
	rows, err := s.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.wrap(doing, err)
	}
	all, err := collect(rows, scan)
	return all, s.wrap(doing, err)
}
