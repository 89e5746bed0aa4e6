package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"hailong/surveys"
)

// pageSize is how many rows a listing holds in memory, and how long a reader holds on to the log.
const pageSize = 256

// insertResponse leaves a known id as it is. The receipt follows from the id, so that its index finds both: a
// second random index would cost a page a row.
const insertResponse = `INSERT INTO responses (id, receipt, facility, point, instrument, version, form, channel,
	standing, reason, lang, day, hour, arrived, answers, comment)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16
WHERE NOT EXISTS (SELECT 1 FROM responses WHERE receipt = ?2 AND id = ?1)`

const responseColumns = `SELECT id, receipt, facility, point, instrument, version, form, channel,
	standing, reason, lang, day, hour, arrived, answers, comment FROM responses `

const (
	responseByID       = responseColumns + `WHERE receipt = ? AND id = ?`
	responsesOfReceipt = responseColumns + `WHERE receipt = ?`
)

// AddResponses stores the batch and its dirty marks as one transaction.
func (s *Store) AddResponses(ctx context.Context, batch []surveys.Response) ([]bool, error) {
	added := make([]bool, len(batch))
	if len(batch) == 0 {
		return added, nil
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		insert := tx.StmtContext(ctx, s.stmt.insertResponse)
		days := map[facilityDay]bool{}
		for i, r := range batch {
			isNew, err := addResponse(ctx, insert, r)
			if err != nil {
				return err
			}
			added[i] = isNew
			if isNew {
				days[facilityDay{r.Facility, r.Day}] = true
			}
		}
		mark := tx.StmtContext(ctx, s.stmt.mark) //nolint:sqlclosecheck // the transaction closes it
		for d := range days {
			if _, err := mark.ExecContext(ctx, d.facility, d.day); err != nil {
				return err //nolint:wrapcheck // wrapped below
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.wrap("add responses", err)
	}
	return added, nil
}

func addResponse(ctx context.Context, insert *sql.Stmt, r surveys.Response) (isNew bool, err error) {
	id, ok := packID(r.ID)
	if !ok {
		return false, fmt.Errorf("%q is not a submission id", r.ID)
	}
	answers, err := r.Answers.MarshalJSON() // straight: json.Marshal would read it all again
	if err != nil {
		return false, fmt.Errorf("encode the answers of a response: %w", err)
	}
	result, err := insert.ExecContext(ctx, id, r.ID.Receipt(), r.Facility, r.Point, r.Instrument, r.Version, r.Form, r.Channel,
		r.Standing, r.Reason, r.Lang, r.Day, r.Hour, r.Arrived, string(answers), r.Comment)
	if err != nil {
		return false, err //nolint:wrapcheck // AddResponses wraps it
	}
	n, err := result.RowsAffected()
	return n == 1, err //nolint:wrapcheck // AddResponses wraps it
}

// Response finds one by its id.
func (s *Store) Response(ctx context.Context, id surveys.SubmissionID) (surveys.Response, error) {
	key, ok := packID(id)
	if !ok {
		return surveys.Response{}, fmt.Errorf("response: %w", surveys.ErrNotFound)
	}
	r, err := scanResponse(s.stmt.response.QueryRowContext(ctx, id.Receipt(), key))
	return r, s.wrap("response", err)
}

// ResponsesByReceipt finds those with the receipt.
func (s *Store) ResponsesByReceipt(ctx context.Context, receipt surveys.Receipt) ([]surveys.Response, error) {
	return list(ctx, s, "responses of a receipt", scanResponse, responsesOfReceipt, receipt)
}

// Move changes a standing and makes the day dirty, as one transaction.
func (s *Store) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	const (
		move = `UPDATE responses SET standing = ?, reason = ? WHERE receipt = ? AND id = ? AND standing = ? RETURNING facility, day`
		// What is overwritten is zeroed in the file too (secure_delete).
		empty  = `UPDATE responses SET answers = '{}', comment = '' WHERE receipt = ? AND id = ?`
		exists = `SELECT 1 FROM responses WHERE receipt = ? AND id = ?`
	)
	key, ok := packID(id)
	if !ok {
		return fmt.Errorf("move response: %w", surveys.ErrNotFound)
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var d facilityDay
		err := tx.QueryRowContext(ctx, move, to, reason, id.Receipt(), key, from).Scan(&d.facility, &d.day)
		if errors.Is(err, sql.ErrNoRows) {
			return conflictIfThere(ctx, tx, exists, id.Receipt(), key)
		}
		if err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		if to == surveys.Withdrawn {
			if _, err = tx.ExecContext(ctx, empty, id.Receipt(), key); err != nil {
				return err //nolint:wrapcheck // wrapped below
			}
		}
		_, err = tx.StmtContext(ctx, s.stmt.mark).ExecContext(ctx, d.facility, d.day) //nolint:sqlclosecheck // the transaction closes it
		return err                                                                    //nolint:wrapcheck // wrapped below
	})
	return s.wrap("move response", err)
}

// conflictIfThere tells why an update under a condition found nothing to change.
func conflictIfThere(ctx context.Context, tx *sql.Tx, exists string, args ...any) error {
	var one int
	if err := tx.QueryRowContext(ctx, exists, args...).Scan(&one); err != nil {
		return err //nolint:wrapcheck // sql.ErrNoRows becomes ErrNotFound in wrap
	}
	return surveys.ErrConflict
}

// The listing goes along the primary key.
const (
	nextFacilityOfResponses = `SELECT min(facility) FROM responses WHERE facility > ?`
	pageOfResponses         = responseColumns + `WHERE facility = ? AND (day, id) > (?, ?) AND day <= ?
ORDER BY day, id LIMIT ?`
)

// EachResponse goes facility by facility, so that a query of days need not pass over the others.
func (s *Store) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	return s.eachFacility(ctx, string(q.Facility), nextFacilityOfResponses, func(facility string) error {
		return eachPage(pageSize, func(last *surveys.Response) ([]surveys.Response, error) {
			day, id := q.From, []byte{}
			if last != nil {
				day = last.Day
				id, _ = packID(last.ID)
			}
			rows, err := s.stmt.pageOfResponses.QueryContext(ctx, facility, day, id, upTo(q.To), pageSize)
			if err != nil {
				return nil, s.wrap("list responses", err)
			}
			page, err := collect(rows, scanResponse)
			return page, s.wrap("list responses", err)
		}, f)
	})
}

// upTo is the last day of a query; an open one ends after every day.
func upTo(day surveys.Day) surveys.Day {
	if day == "" {
		return "~"
	}
	return day
}

func scanResponse(row scanner) (r surveys.Response, err error) {
	var id, answers []byte
	err = row.Scan(&id, &r.Receipt, &r.Facility, &r.Point, &r.Instrument, &r.Version, &r.Form, &r.Channel,
		&r.Standing, &r.Reason, &r.Lang, &r.Day, &r.Hour, &r.Arrived, &answers, &r.Comment)
	if err != nil {
		return surveys.Response{}, err
	}
	r.ID = unpackID(id)
	if err = json.Unmarshal(answers, &r.Answers); err != nil {
		return surveys.Response{}, fmt.Errorf("decode the answers of a response: %w", err)
	}
	return r, nil
}

// packID gives the 16 bytes of a UUID, and says false when the text is none in its usual form.
func packID(id surveys.SubmissionID) ([]byte, bool) {
	key, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
	if err != nil || len(key) != 16 || unpackID(key) != id {
		return nil, false
	}
	return key, true
}

func unpackID(key []byte) surveys.SubmissionID {
	return surveys.SubmissionID(fmt.Sprintf("%x-%x-%x-%x-%x", key[0:4], key[4:6], key[6:8], key[8:10], key[10:]))
}
