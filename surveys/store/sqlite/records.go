package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hailong/surveys"
)

const recordColumns = `SELECT r.kind, r.id, r.rev, r.keys, r.frozen, r.body FROM `

const recordByID = recordColumns + `records r WHERE kind = ? AND id = ?`

func scanRecord(row scanner) (r surveys.Record, err error) {
	var keys []byte
	if err = row.Scan(&r.Kind, &r.ID, &r.Rev, &keys, &r.Frozen, &r.Body); err != nil {
		return surveys.Record{}, err
	}
	if err = json.Unmarshal(keys, &r.Keys); err != nil {
		return surveys.Record{}, fmt.Errorf("decode the keys of a record: %w", err)
	}
	return r, nil
}

// Record finds one.
func (s *Store) Record(ctx context.Context, kind, id string) (surveys.Record, error) {
	r, err := scanRecord(s.stmt.record.QueryRowContext(ctx, kind, id))
	return r, s.wrap("record", err)
}

// PutRecord stores the record under its revision and its keys, as one transaction.
func (s *Store) PutRecord(ctx context.Context, r surveys.Record) (int64, error) {
	const (
		first = `INSERT INTO records (keys, frozen, body, kind, id, rev) VALUES (?, ?, ?, ?, ?, ? + 1)
ON CONFLICT (kind, id) DO NOTHING`
		next = `UPDATE records SET keys = ?, frozen = ?, body = ?, rev = rev + 1
WHERE kind = ? AND id = ? AND rev = ? AND NOT frozen`
	)
	keys, err := json.Marshal(r.Keys)
	if err != nil {
		return 0, fmt.Errorf("put record: encode its keys: %w", err)
	}
	query := next
	if r.Rev == 0 {
		query = first
	}
	if err := s.write(ctx, func(tx *sql.Tx) error {
		err := changeOne(ctx, tx, query, string(keys), r.Frozen, blob(r.Body), r.Kind, r.ID, r.Rev)
		if errors.Is(err, surveys.ErrConflict) && r.Rev > 0 {
			err = whyUnchanged(ctx, tx, r.Kind, r.ID)
			if errors.Is(err, sql.ErrNoRows) { // no predecessor
				err = surveys.ErrConflict
			}
		}
		if err != nil {
			return err
		}
		return putKeys(ctx, tx, r)
	}); err != nil {
		return 0, s.wrap("put record", err)
	}
	return r.Rev + 1, nil
}

// putKeys replaces the keys of a record.
func putKeys(ctx context.Context, tx *sql.Tx, r surveys.Record) error {
	const (
		forget = `DELETE FROM record_keys WHERE kind = ? AND id = ?`
		index  = `INSERT INTO record_keys (kind, name, value, id) VALUES (?, ?, ?, ?)`
	)
	if _, err := tx.ExecContext(ctx, forget, r.Kind, r.ID); err != nil {
		return err //nolint:wrapcheck // PutRecord wraps it
	}
	for name, value := range r.Keys {
		if value == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, index, r.Kind, name, value, r.ID); err != nil {
			return err //nolint:wrapcheck // PutRecord wraps it
		}
	}
	return nil
}

// DeleteRecord removes a record and, by the foreign key, its keys.
func (s *Store) DeleteRecord(ctx context.Context, kind, id string, rev int64) error {
	const remove = `DELETE FROM records WHERE kind = ? AND id = ? AND rev = ? AND NOT frozen`
	err := s.write(ctx, func(tx *sql.Tx) error {
		err := changeOne(ctx, tx, remove, kind, id, rev)
		if errors.Is(err, surveys.ErrConflict) {
			err = whyUnchanged(ctx, tx, kind, id)
		}
		return err
	})
	return s.wrap("delete record", err)
}

// whyUnchanged tells why a change of a record under a condition found nothing to change.
func whyUnchanged(ctx context.Context, tx *sql.Tx, kind, id string) error {
	const query = `SELECT frozen FROM records WHERE kind = ? AND id = ?`
	var frozen bool
	if err := tx.QueryRowContext(ctx, query, kind, id).Scan(&frozen); err != nil {
		return err //nolint:wrapcheck // the method that writes wraps it
	}
	if frozen {
		return surveys.ErrFrozen
	}
	return surveys.ErrConflict
}

// CROSS JOIN: the keys first, which are in order already.
const (
	recordsOfKind = recordColumns + `records r WHERE kind = ? AND id > ? ORDER BY id LIMIT ?`
	recordsOfKey  = recordColumns + `record_keys k CROSS JOIN records r ON r.kind = k.kind AND r.id = k.id
WHERE k.kind = ? AND k.name = ? AND k.value = ? AND k.id > ? ORDER BY k.id LIMIT ?`
)

const kindsOfRecords = `SELECT DISTINCT kind FROM records ORDER BY kind`

// Kinds lists the kinds that have a record.
func (s *Store) Kinds(ctx context.Context) ([]string, error) {
	scan := func(row scanner) (kind string, err error) { return kind, row.Scan(&kind) }
	return list(ctx, s, "list kinds", scan, kindsOfRecords)
}

// Records lists those of a kind, or of a key, by id.
func (s *Store) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	if q.Index == "" {
		return list(ctx, s, "list records", scanRecord, recordsOfKind, q.Kind, q.After, limitOf(q.Limit))
	}
	return list(ctx, s, "list records", scanRecord, recordsOfKey, q.Kind, q.Index, q.Value, q.After, limitOf(q.Limit))
}
