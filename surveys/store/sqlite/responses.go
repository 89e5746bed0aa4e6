package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"hailong/surveys"
)

// pageSize is how many rows a listing holds in memory, and how long a reader holds on to the log.
const pageSize = 256

const responseColumns = `SELECT id, receipt, facility, point, instrument, version, form, channel,
	standing, reason, pace, lang, day, hour, arrived, answers, comment FROM responses `

// The receipts lead to a response: by its facility and day, and then its id or a look through the day.
const (
	placeOfReceipt = `receipts k CROSS JOIN places p`
	dayOfReceipt   = `date(k.day * 86400, 'unixepoch')`

	placeOfResponse = `SELECT r.facility, r.day FROM ` + placeOfReceipt + ` CROSS JOIN responses r
WHERE k.receipt = ? AND p.place = k.place AND r.facility = p.facility AND r.day = ` + dayOfReceipt + ` AND r.id = ?`

	ofReceipt = `SELECT id, r.receipt, r.facility, point, instrument, version, form, channel,
	standing, reason, pace, lang, r.day, hour, arrived, answers, comment FROM ` + placeOfReceipt + ` CROSS JOIN responses r
WHERE k.receipt = ?1 AND p.place = k.place AND r.facility = p.facility AND r.day = ` + dayOfReceipt + ` AND `
	responseByID       = ofReceipt + `r.id = ?2`
	responsesOfReceipt = ofReceipt + `r.receipt = ?1`
)

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
		move = `UPDATE responses SET standing = ?, reason = ? WHERE facility = ? AND day = ? AND id = ? AND standing = ?`
		// What is overwritten is zeroed in the file too (secure_delete), and then in the log.
		empty = `UPDATE responses SET answers = '{}', comment = '' WHERE facility = ? AND day = ? AND id = ?`
	)
	key, ok := packID(id)
	if !ok {
		return fmt.Errorf("move response: %w", surveys.ErrNotFound)
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var d facilityDay
		if err := tx.QueryRowContext(ctx, placeOfResponse, id.Receipt(), key).Scan(&d.facility, &d.day); err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		if err := changeOne(ctx, tx, move, to, reason, d.facility, d.day, key, from); err != nil {
			return err
		}
		if to == surveys.Withdrawn {
			if err := changeOne(ctx, tx, empty, d.facility, d.day, key); err != nil {
				return err
			}
		}
		_, err := tx.StmtContext(ctx, s.stmt.mark).ExecContext(ctx, d.facility, d.day) //nolint:sqlclosecheck // the transaction closes it
		return err                                                                     //nolint:wrapcheck // wrapped below
	})
	if err == nil && to == surveys.Withdrawn {
		err = s.emptyLog(ctx)
	}
	return s.wrap("move response", err)
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
		&r.Standing, &r.Reason, &r.Pace, &r.Lang, &r.Day, &r.Hour, &r.Arrived, &answers, &r.Comment)
	if err != nil {
		return surveys.Response{}, err
	}
	r.ID = unpackID(id)
	if r.Answers, err = surveys.ParseAnswers(answers); err != nil {
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
