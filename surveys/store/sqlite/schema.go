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

// migrations bring a file from each schema to the next: the file numbered 1 makes schema 1, and so on; its first
// comment says what it does, in one line, where it changes a file that is there. What was published is never edited.
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
	if application == 0 && has == 0 && tables == 0 {
		return 0, nil
	}
	return ours(application, has, known)
}

// ours gives the schema of a file that holds something, or says why it is not to be touched.
func ours(application, has, known int) (int, error) {
	switch {
	case application != applicationID:
		return 0, errForeign
	case has > known:
		return 0, fmt.Errorf("%w: it has schema %d, this program knows %d; use the newer hailong that wrote it",
			surveys.ErrNewer, has, known)
	default:
		return has, nil
	}
}
