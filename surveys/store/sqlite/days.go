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
const markDay = `INSERT INTO dirty (facility, day, mark) VALUES (?, ?, random())
ON CONFLICT (facility, day) DO UPDATE SET mark = excluded.mark`

// noLimit is what LIMIT takes for all.
const noLimit = -1

func limitOf(n int) int {
	if n == 0 {
		return noLimit
	}
	return n
}

// The listings go along the primary key.
const (
	dirtyColumns    = `SELECT facility, day, CAST(mark AS TEXT) FROM dirty `
	dirtyDays       = dirtyColumns + `ORDER BY facility, day LIMIT ?`
	dirtyOfFacility = dirtyColumns + `WHERE facility = ? ORDER BY day LIMIT ?`
)

func scanDirty(row scanner) (d surveys.DirtyDay, err error) {
	d.Marks = make([]string, 1)
	err = row.Scan(&d.Facility, &d.Day, &d.Marks[0])
	return d, err
}

// DirtyDays lists the facility-days to be counted again, by facility and day.
func (s *Store) DirtyDays(ctx context.Context, q surveys.DirtyQuery) ([]surveys.DirtyDay, error) {
	if q.Facility == "" {
		return list(ctx, s, "list dirty days", scanDirty, dirtyDays, limitOf(q.Limit))
	}
	return list(ctx, s, "list dirty days", scanDirty, dirtyOfFacility, q.Facility, limitOf(q.Limit))
}

// MarkDirty makes one facility-day dirty.
func (s *Store) MarkDirty(ctx context.Context, facility surveys.FacilityID, day surveys.Day) error {
	_, err := s.stmt.mark.ExecContext(ctx, facility, day)
	return s.wrap("mark a day dirty", err)
}

// MarkAllDirty makes every facility-day that has a response or a book dirty, except sealed ones.
func (s *Store) MarkAllDirty(ctx context.Context) error {
	// WHERE true keeps the parser from reading ON as the join's.
	const query = `INSERT INTO dirty (facility, day, mark)
SELECT facility, day, random() FROM (
	SELECT DISTINCT facility, day FROM responses
	UNION SELECT facility, day FROM days
	EXCEPT SELECT facility, day FROM days WHERE sealed
) WHERE true
ON CONFLICT (facility, day) DO UPDATE SET mark = excluded.mark`
	_, err := s.writer.ExecContext(ctx, query)
	return s.wrap("mark all days dirty", err)
}

const bookColumns = `SELECT facility, day, rev, format, forms, sealed, seal, body FROM days `

func scanBook(row scanner) (b surveys.DayBook, err error) {
	err = row.Scan(&b.Facility, &b.Day, &b.Rev, &b.Format, &b.Forms, &b.Sealed, &b.Seal, &b.Body)
	return b, err
}

// Day finds a book.
func (s *Store) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	const query = bookColumns + `WHERE facility = ? AND day = ?`
	b, err := scanBook(s.reader.QueryRowContext(ctx, query, facility, day))
	return b, s.wrap("day", err)
}

const (
	insertDay = `INSERT INTO days (format, forms, sealed, seal, body, facility, day, rev)
VALUES (?, ?, ?, ?, ?, ?, ?, ? + 1) ON CONFLICT (facility, day) DO NOTHING`
	replaceDay = `UPDATE days SET format = ?, forms = ?, sealed = ?, seal = ?, body = ?, rev = rev + 1
WHERE facility = ? AND day = ? AND rev = ?`
	clearMarks = `DELETE FROM dirty WHERE facility = ? AND day = ? AND instr(?, ' ' || mark || ' ')`
)

// PutDays replaces the books whose revision is still the same and clears the marks seen, all as one
// transaction: the disk is waited for once.
func (s *Store) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	stored := make([]bool, len(counted))
	if len(counted) == 0 {
		return stored, nil
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		insert, replace := tx.StmtContext(ctx, s.stmt.insertDay), tx.StmtContext(ctx, s.stmt.replaceDay)
		unmark := tx.StmtContext(ctx, s.stmt.clearMarks)
		for i, c := range counted {
			put := replace
			if c.Book.Rev == 0 {
				put = insert
			}
			var err error
			if stored[i], err = putDay(ctx, put, unmark, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.wrap("put days", err)
	}
	return stored, nil
}

// putDay says false where the revision is another.
func putDay(ctx context.Context, put, unmark *sql.Stmt, c surveys.CountedDay) (stored bool, err error) {
	b := c.Book
	result, err := put.ExecContext(ctx, b.Format, b.Forms, b.Sealed, b.Seal, blob(b.Body), b.Facility, b.Day, b.Rev)
	if err != nil {
		return false, err //nolint:wrapcheck // PutDays wraps it
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return false, err //nolint:wrapcheck // PutDays wraps it
	}
	if len(c.Seen.Marks) > 0 {
		marks := " " + strings.Join(c.Seen.Marks, " ") + " "
		_, err = unmark.ExecContext(ctx, c.Seen.Facility, c.Seen.Day, marks)
	}
	return true, err //nolint:wrapcheck // PutDays wraps it
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
	pageOfDays         = bookColumns + `WHERE facility = ? AND day >= ? AND day > ? AND day <= ?
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
			return list(ctx, s, "list days", scanBook, pageOfDays, facility, q.From, after, upTo(q.To), pageSize)
		}, f)
	})
}
