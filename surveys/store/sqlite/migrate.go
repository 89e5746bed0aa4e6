package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"hailong/surveys"
)

// migration is one numbered file of SQL.
type migration struct {
	surveys.SchemaStep

	text string
}

// readMigrations reads the files of a folder, in order of their names, which begin with four digits.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err //nolint:wrapcheck // the callers wrap it
	}
	steps := make([]migration, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err //nolint:wrapcheck // it names the file
		}
		number, title, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		n, err := strconv.Atoi(number)
		if err != nil || len(steps) > 0 && n <= steps[len(steps)-1].Number {
			return nil, fmt.Errorf("%s does not have the next number", name)
		}
		about, _, _ := strings.Cut(strings.TrimPrefix(string(text), "-- "), "\n")
		steps = append(steps, migration{surveys.SchemaStep{Number: n, Name: title, About: about}, string(text)})
	}
	return steps, nil
}

// after are the steps that a file of a schema still needs.
func after(steps []migration, has int) []migration {
	for i, step := range steps {
		if step.Number > has {
			return steps[i:]
		}
	}
	return nil
}

// Plan says what Migrate would do with the file, and changes nothing: neither the file nor its folder.
func Plan(ctx context.Context, path string) (surveys.Migration, error) {
	steps, err := readMigrations(migrations)
	if err != nil {
		return surveys.Migration{}, fmt.Errorf("plan: %w", err)
	}
	known := steps[len(steps)-1].Number
	has, err := peek(ctx, path, known)
	if err != nil {
		return surveys.Migration{}, (&Store{}).wrap("plan for "+path, err)
	}
	plan := surveys.Migration{From: has, To: known, Copy: "none is needed"}
	for _, step := range after(steps, has) {
		plan.Steps = append(plan.Steps, step.SchemaStep)
	}
	if has > 0 && len(plan.Steps) > 0 {
		plan.Copy = "the whole file is copied first, as " + copyName(path, has, "DAY")
	}
	return plan, nil
}

// peek reads the schema of a file that may not be there. Of one that nobody has open, which has no log beside it, it
// reads the header alone, for SQLite would make a log to read it.
func peek(ctx context.Context, path string, known int) (int, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err //nolint:wrapcheck // Plan wraps it
	case info.Size() == 0:
		return 0, nil
	}
	if _, err = os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return peekHeader(path, known)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return 0, err //nolint:wrapcheck // Plan wraps it
	}
	db, err := sql.Open("sqlite", address(absolute, "deferred", "query_only(ON)"))
	if err != nil {
		return 0, err //nolint:wrapcheck // Plan wraps it
	}
	has, err := version(ctx, db, known)
	return has, errors.Join(err, db.Close())
}

// The header of a database file, https://www.sqlite.org/fileformat.html#the_database_header.
const (
	headerLength      = 100
	headerMagic       = "SQLite format 3\x00"
	headerVersion     = 60 // user_version, 4 bytes
	headerApplication = 68 // application_id, 4 bytes
)

func peekHeader(path string, known int) (int, error) {
	file, err := os.Open(path) //nolint:gosec // the administrator chose the path
	if err != nil {
		return 0, err //nolint:wrapcheck // it names the file
	}
	defer file.Close() //nolint:errcheck // it was only read
	header := make([]byte, headerLength)
	if _, err = io.ReadFull(file, header); err != nil || !bytes.HasPrefix(header, []byte(headerMagic)) {
		return 0, errForeign
	}
	number := func(at int) int { return int(int32(binary.BigEndian.Uint32(header[at:]))) } //nolint:gosec // as SQLite reads it
	return ours(number(headerApplication), number(headerVersion), known)
}

// Migrated is what was done to a file.
type Migrated struct {
	From, To int
	Copy     string // path of the copy of before; "" if none was made
}

// Migrate brings a file that is there to the present schema. A file that holds something is first copied whole into
// the folder, by default its own. All is done in one transaction, which keeps every other writer out from before the
// copy to the end: the copy holds what the migration began with, and a crash, or another process doing the same,
// leaves the one schema or the other.
func Migrate(ctx context.Context, path string, clock surveys.Clock, folder string) (done Migrated, err error) {
	if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	m := migrator{path: path, clock: clock, folder: folder}
	if m.path, err = filepath.Abs(path); err == nil {
		done, err = m.run(ctx)
	}
	return done, (&Store{}).wrap("migrate "+path, err)
}

type migrator struct {
	path, folder string
	clock        surveys.Clock
}

// run works in the journal mode it finds, so that what is not ours stays as it is.
func (m migrator) run(ctx context.Context) (done Migrated, rerr error) {
	steps, err := readMigrations(migrations)
	if err != nil {
		return done, err
	}
	// What a step drops is zeroed: else the freed pages would keep what retention deletes later.
	db, err := sql.Open("sqlite", address(m.path, "immediate", "secure_delete(ON)"))
	if err != nil {
		return done, err //nolint:wrapcheck // Migrate wraps it
	}
	defer func() { rerr = errors.Join(rerr, db.Close()) }()
	done.To = steps[len(steps)-1].Number
	// Most often there is nothing to do, and no need to wait for a writer.
	if done.From, err = version(ctx, db, done.To); err != nil || done.From == done.To {
		return done, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return done, err //nolint:wrapcheck // Migrate wraps it
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if done.From, err = version(ctx, tx, done.To); err != nil || done.From == done.To {
		return done, err // another process was quicker
	}
	if done.From > 0 {
		if done.Copy, err = m.copy(ctx, done.From); err != nil {
			return done, err
		}
	}
	if err = apply(ctx, tx, after(steps, done.From), done.To); err != nil {
		return done, err
	}
	return done, tx.Commit() //nolint:wrapcheck // Migrate wraps it
}

func apply(ctx context.Context, tx *sql.Tx, steps []migration, to int) error {
	for _, step := range steps {
		if _, err := tx.ExecContext(ctx, step.text); err != nil {
			return fmt.Errorf("step %d, %s: %w", step.Number, step.Name, err)
		}
	}
	done := fmt.Sprintf("%s; PRAGMA user_version = %d", markHeader, to) // a pragma takes no parameters
	_, err := tx.ExecContext(ctx, done)
	return err //nolint:wrapcheck // Migrate wraps it
}
