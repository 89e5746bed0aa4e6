package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"hailong/surveys"
)

// applicationID marks our files in the header that every SQLite file has: "HLNG".
const (
	applicationID = 0x484C4E47
	markHeader    = `PRAGMA application_id = 0x484C4E47`
)

// migrations bring a file from each schema to the next: the first makes schema 1, and so on. What was
// released is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// prepareFile makes the file and its folders if they are not there, and refuses what is surely no store
// of ours before SQLite touches it.
func prepareFile(path string) error {
	if path == "" {
		return errors.New("the store needs the path of a file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("%w: its folder cannot be made: %w", surveys.ErrUnavailable, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("it is a folder; name a file in it, such as %s", filepath.Join(path, "hailong.db"))
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the administrator chose the path
	if err != nil {
		return fmt.Errorf("%w: this user needs the right to write the file and its folder: %w", surveys.ErrUnavailable, err)
	}
	defer func() { _ = file.Close() }() // only read
	return checkHeader(file)
}

var (
	errNoDatabase = errors.New("it is not an SQLite database; it was left as it is")
	errForeign    = errors.New("it is the database of another program; it was left as it is")
)

// checkHeader reads the first 100 bytes (https://www.sqlite.org/fileformat.html §1.3). An empty file is
// fine, and so is one without mark, which may be about to get it: migrate looks into these.
func checkHeader(file io.Reader) error {
	header := make([]byte, 100)
	_, err := io.ReadFull(file, header)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it cannot be read: %w", surveys.ErrUnavailable, err)
	case err != nil || !bytes.HasPrefix(header, []byte("SQLite format 3\x00")):
		return errNoDatabase
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != 0 && id != applicationID {
		return errForeign
	}
	return nil
}

// migrate brings the file to the present schema in one transaction, so that a crash, or another process
// doing the same, leaves the one or the other. It runs in the journal mode it finds, so that the mark of
// a new file stands in the file itself before there is a write-ahead log.
func migrate(ctx context.Context, dsn string) (rerr error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	defer func() { rerr = errors.Join(rerr, db.Close()) }()
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	// Most often there is nothing to do, and no need to wait for a writer.
	if has, err := version(ctx, db, len(steps)); err != nil || has == len(steps) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	has, err := version(ctx, tx, len(steps))
	if err != nil {
		return err
	}
	for _, step := range steps[has:] {
		text, err := migrations.ReadFile(step)
		if err != nil {
			return err //nolint:wrapcheck // Open wraps it
		}
		if _, err = tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	done := fmt.Sprintf("%s; PRAGMA user_version = %d", markHeader, len(steps)) // a pragma takes no parameters
	if _, err = tx.ExecContext(ctx, done); err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	return tx.Commit() //nolint:wrapcheck // Open wraps it
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version is the schema that the file has: 0 if it is new. It refuses a file of another program or of a
// newer one.
func version(ctx context.Context, db querier, known int) (int, error) {
	const query = `SELECT (SELECT application_id FROM pragma_application_id),
	(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`
	var application, has, tables int
	if err := db.QueryRowContext(ctx, query).Scan(&application, &has, &tables); err != nil {
		return 0, err //nolint:wrapcheck // Open wraps it
	}
	switch {
	case application == 0 && has == 0 && tables == 0:
		return 0, nil
	case application != applicationID:
		return 0, errForeign
	case has > known:
		return 0, fmt.Errorf("%w: it has schema %d, this program knows %d; use the newer hailong that wrote it",
			surveys.ErrNewer, has, known)
	default:
		return has, nil
	}
}
