package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hailong/surveys"
)

// manyRows is how many rows one statement takes: each call of the driver costs about as much as a row.
const manyRows = 16

// Statements for n rows. The receipts say where a response may be; that it is there its primary key says.
func knownIDs(n int) string {
	return `WITH asked (receipt, id) AS (VALUES ` + rowsOf(n, 2) + `)
SELECT a.id FROM asked a CROSS JOIN ` + placeOfReceipt + ` CROSS JOIN responses r
WHERE k.receipt = a.receipt AND p.place = k.place AND r.facility = p.facility AND r.day = ` + dayOfReceipt + ` AND r.id = a.id`
}

// addReceipts passes over one that is there: two responses of a facility-day may share it.
func addReceipts(n int) string {
	return `INSERT INTO receipts (receipt, place, day) VALUES ` + rowsOf(n, 3) + ` ON CONFLICT DO NOTHING`
}

func addResponses(n int) string {
	return `INSERT INTO responses (id, receipt, facility, point, instrument, version, form, channel,
	standing, reason, pace, lang, day, hour, arrived, answers, comment) VALUES ` + rowsOf(n, 17)
}

// rowsOf writes the parameters of n rows.
func rowsOf(n, columns int) string {
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	return row + strings.Repeat(","+row, n-1)
}

const (
	placeOf  = `SELECT place FROM places WHERE facility = ?`
	addPlace = `INSERT INTO places (facility) VALUES (?) RETURNING place`
)

// adding holds the statements of AddResponses for a number of rows.
type adding struct{ known, receipts, responses *sql.Stmt }

// newRow is a response on its way into the table.
type newRow struct {
	*surveys.Response
	position int // in the batch
	key      []byte
	receipt  string
	answers  string
}

// newRows encodes a batch, before the one writer is kept busy. Of two with one id the first counts.
func newRows(batch []surveys.Response) ([]newRow, error) {
	rows := make([]newRow, 0, len(batch))
	seen := make(map[surveys.SubmissionID]bool, len(batch))
	for i := range batch {
		r := &batch[i]
		if seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		key, ok := packID(r.ID)
		if !ok {
			return nil, fmt.Errorf("%q is not a submission id", r.ID)
		}
		answers, err := r.Answers.MarshalJSON() // straight: json.Marshal would read it all again
		if err != nil {
			return nil, fmt.Errorf("encode the answers of a response: %w", err)
		}
		rows = append(rows, newRow{Response: r, position: i, key: key, receipt: string(r.ID.Receipt()), answers: string(answers)})
	}
	return rows, nil
}

// AddResponses stores the batch and its dirty marks as one transaction.
func (s *Store) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	added := make([]bool, len(batch))
	if len(batch) == 0 {
		return added, nil
	}
	rows, err := newRows(batch)
	if err != nil {
		return nil, s.wrap("add responses", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		a := adder{ctx: ctx, tx: tx, stmt: &s.stmt}
		if rows, err = a.unknown(rows); err != nil {
			return err
		}
		return a.add(rows)
	})
	if err != nil {
		return nil, s.wrap("add responses", err)
	}
	for _, row := range rows {
		added[row.position] = true
	}
	return added, nil
}

// adder adds a batch within a transaction. Each table is met in the order of its key, so that rows that belong on one
// page find it still at hand.
type adder struct {
	ctx  context.Context //nolint:containedctx // of one call
	tx   *sql.Tx
	stmt *statements
}

// each calls f for the rows, manyRows at a time and the last few one by one, with the statement for so many.
func (a adder) each(rows []newRow, pick func(adding) *sql.Stmt, f func(*sql.Stmt, []newRow) error) error {
	for len(rows) > 0 {
		n, with := 1, a.stmt.one
		if len(rows) >= manyRows {
			n, with = manyRows, a.stmt.many
		}
		if err := f(a.tx.StmtContext(a.ctx, pick(with)), rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// unknown leaves out what is stored already, and sorts the rest by receipt.
func (a adder) unknown(rows []newRow) ([]newRow, error) {
	slices.SortFunc(rows, func(a, b newRow) int { return cmp.Compare(a.receipt, b.receipt) })
	known := map[string]bool{}
	args := make([]any, 0, 2*manyRows)
	err := a.each(rows, func(s adding) *sql.Stmt { return s.known }, func(stmt *sql.Stmt, some []newRow) error {
		args = args[:0]
		for _, row := range some {
			args = append(args, row.receipt, row.key)
		}
		found, err := stmt.QueryContext(a.ctx, args...)
		if err != nil {
			return err //nolint:wrapcheck // AddResponses wraps it
		}
		keys, err := collect(found, func(row scanner) (key string, err error) { return key, row.Scan(&key) })
		for _, key := range keys {
			known[key] = true
		}
		return err
	})
	return slices.DeleteFunc(rows, func(row newRow) bool { return known[string(row.key)] }), err
}

// add stores rows that are sorted by receipt, and marks their days.
func (a adder) add(rows []newRow) error {
	if err := a.addReceipts(rows); err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b newRow) int {
		return cmp.Or(cmp.Compare(a.Facility, b.Facility), cmp.Compare(a.Day, b.Day), bytes.Compare(a.key, b.key))
	})
	if err := a.addResponses(rows); err != nil {
		return err
	}
	mark := a.tx.StmtContext(a.ctx, a.stmt.mark) //nolint:sqlclosecheck // the transaction closes it
	var last facilityDay
	for _, row := range rows {
		if at := (facilityDay{row.Facility, row.Day}); at != last {
			last = at
			if _, err := mark.ExecContext(a.ctx, string(at.facility), string(at.day)); err != nil {
				return err //nolint:wrapcheck // AddResponses wraps it
			}
		}
	}
	return nil
}

func (a adder) addReceipts(rows []newRow) error {
	places, days := map[surveys.FacilityID]int64{}, map[surveys.Day]int64{}
	for _, row := range rows {
		var err error
		if _, ok := places[row.Facility]; !ok {
			if places[row.Facility], err = a.place(row.Facility); err != nil {
				return err
			}
		}
		if _, ok := days[row.Day]; !ok {
			if days[row.Day], err = dayNumber(row.Day); err != nil {
				return err
			}
		}
	}
	args := make([]any, 0, 3*manyRows)
	return a.each(rows, func(s adding) *sql.Stmt { return s.receipts }, func(stmt *sql.Stmt, some []newRow) error {
		args = args[:0]
		for _, row := range some {
			args = append(args, row.receipt, places[row.Facility], days[row.Day])
		}
		_, err := stmt.ExecContext(a.ctx, args...)
		return err //nolint:wrapcheck // AddResponses wraps it
	})
}

// place is the number of a facility, a new one if it has none yet.
func (a adder) place(facility surveys.FacilityID) (place int64, err error) {
	err = a.tx.StmtContext(a.ctx, a.stmt.place).QueryRowContext(a.ctx, string(facility)).Scan(&place) //nolint:sqlclosecheck // the transaction closes it
	if errors.Is(err, sql.ErrNoRows) {
		err = a.tx.QueryRowContext(a.ctx, addPlace, string(facility)).Scan(&place)
	}
	return place, err //nolint:wrapcheck // AddResponses wraps it
}

// dayNumber counts from 1970-01-01.
func dayNumber(day surveys.Day) (int64, error) {
	day, err := surveys.ParseDay(string(day))
	return day.Date().Unix() / int64(24*time.Hour/time.Second), err
}

func (a adder) addResponses(rows []newRow) error {
	args := make([]any, 0, 17*manyRows)
	return a.each(rows, func(s adding) *sql.Stmt { return s.responses }, func(stmt *sql.Stmt, some []newRow) error {
		args = args[:0]
		for _, row := range some {
			// Plain types spare the driver's interface its look through reflection.
			args = append(args, row.key, row.receipt, string(row.Facility), string(row.Point), row.Instrument,
				int64(row.Version), string(row.Form), string(row.Channel), string(row.Standing), row.Reason, string(row.Pace),
				row.Lang, string(row.Day), int64(row.Hour), string(row.Arrived), row.answers, row.Comment)
		}
		_, err := stmt.ExecContext(a.ctx, args...)
		return err //nolint:wrapcheck // AddResponses wraps it
	})
}
