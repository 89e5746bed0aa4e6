package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
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

// makeFile makes the file and its folders if they are not there. It never opens a file that is: closing
// it again would drop the locks that this process has on it (POSIX), and with them another handle's.
func makeFile(path string) error {
	if path == "" {
		return errors.New("the store needs the path of a file")
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("it is a folder; name a file in it, such as %s", filepath.Join(path, "hailong.db"))
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", surveys.ErrUnavailable, err)
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("%w: its folder cannot be made: %w", surveys.ErrUnavailable, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the administrator chose the path
	switch {
	case errors.Is(err, fs.ErrExist): // another process was faster
		return nil
	case err != nil:
		return fmt.Errorf("%w: the file cannot be made: %w", surveys.ErrUnavailable, err)
	}
	return file.Close() //nolint:wrapcheck // Open wraps it
}

var errForeign = errors.New("it is the database of another program; it was left as it is")

// migrate brings the file to the present schema in one transaction, so that a crash, or another process
// doing the same, leaves the one or the other. It runs in the journal mode it finds, so that what is not
// ours stays as it is.
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
	has, err := version(ctx, db, len(steps))
	if err != nil || has == len(steps) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	has, err = version(ctx, tx, len(steps))
	if err != nil {
		return err
	}
	for _, step := range steps[has:] {
		if err = apply(ctx, tx, step); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	done := fmt.Sprintf("%s; PRAGMA user_version = %d", markHeader, len(steps)) // a pragma takes no parameters
	if _, err = tx.ExecContext(ctx, done); err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	return tx.Commit() //nolint:wrapcheck // Open wraps it
}

func apply(ctx context.Context, tx *sql.Tx, step string) error {
	text, err := migrations.ReadFile(step)
	if err != nil {
		return err //nolint:wrapcheck // migrate names the step
	}
	_, err = tx.ExecContext(ctx, string(text))
	return err //nolint:wrapcheck // migrate names the step
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
