package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"hailong/surveys"
)

type facilityDay struct {
	facility surveys.FacilityID
	day      surveys.Day
}

// markDay draws a new random mark. A number counted up from one would not do: a day cleared and marked
// again would get its old mark back, and a slow roller that had listed that one could clear the new.
const markDay = `INSERT INTO dirty (day, facility, mark) VALUES (?, ?, random())
ON CONFLICT (day, facility) DO UPDATE SET mark = excluded.mark`

// noLimit is what LIMIT takes for all.
const noLimit = -1

func limitOf(n int) int {
	if n == 0 {
		return noLimit
	}
	return n
}

// DirtyDays lists the facility-days to be counted again, oldest first.
func (s *Store) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	const query = `SELECT facility, day, CAST(mark AS TEXT) FROM dirty WHERE ? IN ('', facility)
ORDER BY day, facility LIMIT ?`
	return list(ctx, s, "list dirty days", func(row scanner) (d surveys.DirtyDay, err error) {
		d.Marks = make([]string, 1)
		err = row.Scan(&d.Facility, &d.Day, &d.Marks[0])
		return d, err
	}, query, q.Facility, limitOf(q.Limit))
}

// MarkDirty makes one facility-day dirty.
func (s *Store) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	_, err := s.stmt.mark.ExecContext(ctx, day, facility)
	return s.wrap("mark a day dirty", err)
}

// MarkAllDirty makes every facility-day that has a response or a book dirty, except sealed ones.
func (s *Store) MarkAllDirty(ctx context.Context) error {
	// WHERE true keeps the parser from reading ON as the join's.
	const query = `INSERT INTO dirty (day, facility, mark)
SELECT day, facility, random() FROM (
	SELECT DISTINCT facility, day FROM responses
	UNION SELECT facility, day FROM days
	EXCEPT SELECT facility, day FROM days WHERE sealed
) WHERE true
ON CONFLICT (day, facility) DO UPDATE SET mark = excluded.mark`
	_, err := s.writer.ExecContext(ctx, query)
	return s.wrap("mark all days dirty", err)
}

const bookColumns = `SELECT facility, day, rev, format, forms, rolled, sealed, body FROM days `

func scanBook(row scanner) (b surveys.DayBook, err error) {
	err = row.Scan(&b.Facility, &b.Day, &b.Rev, &b.Format, &b.Forms, &b.Rolled, &b.Sealed, &b.Body)
	return b, err
}

// Day finds a book.
func (s *Store) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	const query = bookColumns + `WHERE facility = ? AND day = ?`
	b, err := scanBook(s.reader.QueryRowContext(ctx, query, facility, day))
	return b, s.wrap("day", err)
}

// PutDay replaces the book under its revision and clears the marks seen, as one transaction.
func (s *Store) PutDay(ctx context.Context, b surveys.DayBook, seen surveys.DirtyDay) error {
	const (
		first = `INSERT INTO days (format, forms, rolled, sealed, body, facility, day, rev)
VALUES (?, ?, ?, ?, ?, ?, ?, ? + 1) ON CONFLICT (facility, day) DO NOTHING`
		next = `UPDATE days SET format = ?, forms = ?, rolled = ?, sealed = ?, body = ?, rev = rev + 1
WHERE facility = ? AND day = ? AND rev = ?`
		clearMarks = `DELETE FROM dirty WHERE day = ? AND facility = ? AND instr(?, ' ' || mark || ' ')`
	)
	query := next
	if b.Rev == 0 {
		query = first
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		err := changeOne(ctx, tx, query, b.Format, b.Forms, b.Rolled, b.Sealed, blob(b.Body), b.Facility, b.Day, b.Rev)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, clearMarks, seen.Day, seen.Facility, " "+strings.Join(seen.Marks, " ")+" ")
		return err //nolint:wrapcheck // wrapped below
	})
	return s.wrap("put day", err)
}

// changeOne runs a statement that must change one row; ErrConflict if it changed none.
func changeOne(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err //nolint:wrapcheck // the method that writes wraps it
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = surveys.ErrConflict
	}
	return err
}

// blob is a body as the driver should see it: it takes nil for NULL.
func blob(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

// The listing goes along the primary key.
const (
	nextFacilityOfDays = `SELECT min(facility) FROM days WHERE facility > ?`
	pageOfDays         = bookColumns + `WHERE facility = ? AND day >= ? AND day > ? AND day <= ? AND rolled >= ?
ORDER BY day LIMIT ?`
)

// EachDay goes facility by facility.
func (s *Store) EachDay(ctx context.Context, q surveys.DayQuery, f func(surveys.DayBook) error) error {
	return s.eachFacility(ctx, string(q.Facility), nextFacilityOfDays, func(facility string) error {
		return eachPage(pageSize, func(last *surveys.DayBook) ([]surveys.DayBook, error) {
			var after surveys.Day
			if last != nil {
				after = last.Day
			}
			return list(ctx, s, "list days", scanBook, pageOfDays, facility, q.From, after, upTo(q.To), q.RolledFrom, pageSize)
		}, f)
	})
}
