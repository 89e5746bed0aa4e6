package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"hailong/surveys"
)

// statements are those of the hot paths, prepared once; database/sql prepares them again for each
// connection that needs them.
type statements struct {
	mark, insertDay, replaceDay, clearMarks, place *sql.Stmt // of the writer
	one, many                                      adding
	response, pageOfResponses, record              *sql.Stmt // of the readers
}

func (s *statements) prepare(ctx context.Context, writer, reader *sql.DB) error {
	for _, p := range []struct {
		to  **sql.Stmt
		db  *sql.DB
		sql string
	}{
		{&s.place, writer, placeOf},
		{&s.one.known, writer, knownIDs(1)},
		{&s.one.receipts, writer, addReceipts(1)},
		{&s.one.responses, writer, addResponses(1)},
		{&s.many.known, writer, knownIDs(manyRows)},
		{&s.many.receipts, writer, addReceipts(manyRows)},
		{&s.many.responses, writer, addResponses(manyRows)},
		{&s.mark, writer, markDay},
		{&s.insertDay, writer, insertDay},
		{&s.replaceDay, writer, replaceDay},
		{&s.clearMarks, writer, clearMarks},
		{&s.response, reader, responseByID},
		{&s.pageOfResponses, reader, pageOfResponses},
		{&s.record, reader, recordByID},
	} {
		stmt, err := p.db.PrepareContext(ctx, p.sql) //nolint:sqlclosecheck // close does
		if err != nil {
			return fmt.Errorf("prepare %.30q: %w", p.sql, err)
		}
		*p.to = stmt
	}
	return nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{
		s.mark, s.insertDay, s.replaceDay, s.clearMarks, s.place, s.one.known, s.one.receipts, s.one.responses,
		s.many.known, s.many.receipts, s.many.responses, s.response, s.pageOfResponses, s.record,
	} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
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

// scanner is a row, or one of several.
type scanner interface{ Scan(to ...any) error }

// collect reads all rows of a query that gives few, or a page of one that gives many.
func collect[T any](rows *sql.Rows, scan func(scanner) (T, error)) (all []T, rerr error) {
	defer func() { rerr = errors.Join(rerr, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err() //nolint:wrapcheck // the method that reads wraps it
}

// eachPage calls f for all that page gives, page by page: between pages nothing is open, so that a slow f
// holds up neither a writer nor the folding of the write-ahead log, and may use the store itself.
func eachPage[T any](size int, page func(last *T) ([]T, error), f func(T) error) error {
	var last *T
	for {
		list, err := page(last)
		if err != nil {
			return err
		}
		for _, one := range list {
			if err := f(one); err != nil {
				return err
			}
		}
		if len(list) < size {
			return nil
		}
		last = &list[len(list)-1]
	}
}

// eachFacility calls f for the facility of a query, or else for every one that has a row, in order.
func (s *Store) eachFacility(ctx context.Context, one, next string, f func(facility string) error) error {
	if one != "" {
		return f(one)
	}
	for at := ""; ; {
		var facility sql.NullString
		if err := s.reader.QueryRowContext(ctx, next, at).Scan(&facility); err != nil {
			return s.wrap("list facilities", err)
		}
		if !facility.Valid {
			return nil
		}
		if err := f(facility.String); err != nil {
			return err
		}
		at = facility.String
	}
}
