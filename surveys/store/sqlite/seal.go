package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"hailong/surveys"
)

// DeleteResponses zeroes what it deletes (secure_delete) and then folds the write-ahead log into the file and empties
// it, where copies of the pages before would lie on. A reader in the midst of a page may keep that from happening;
// then the log is overwritten as it is used.
func (s *Store) DeleteResponses(ctx context.Context, facility surveys.FacilityID, days []surveys.Day) error {
	const (
		isReady = `SELECT seal <> '' AND NOT EXISTS (SELECT 1 FROM dirty WHERE facility = days.facility AND day = days.day)
FROM days WHERE facility = ? AND day = ?`
		remove = `DELETE FROM responses WHERE facility = ? AND day = ?`
	)
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, day := range days {
			var ready bool
			err := tx.QueryRowContext(ctx, isReady, facility, day).Scan(&ready)
			if errors.Is(err, sql.ErrNoRows) || err == nil && !ready {
				return fmt.Errorf("day %s of %s is not sealed, or dirty: %w", day, facility, surveys.ErrConflict)
			}
			if err == nil {
				_, err = tx.ExecContext(ctx, remove, facility, day)
			}
			if err != nil {
				return err //nolint:wrapcheck // wrapped below
			}
		}
		return nil
	})
	if err != nil {
		return s.wrap("delete responses", err)
	}
	if len(days) == 0 {
		return nil
	}
	return s.wrap("empty the log", s.emptyLog(ctx))
}

// emptyLog folds the write-ahead log into the file and cuts it off, with the copies of pages that lie in it.
func (s *Store) emptyLog(ctx context.Context) error {
	var busy, pages, done int
	return s.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &done) //nolint:wrapcheck // the caller wraps it
}
