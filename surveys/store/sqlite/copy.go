package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const partial = ".partial"

// copyName is the name of a copy made on a day; copyStart is what it begins with.
func copyName(path string, schema int, day string) string {
	return copyStart(path, schema) + day + filepath.Ext(path)
}

func copyStart(path string, schema int) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".schema-" + strconv.Itoa(schema) + "."
}

// copy writes the file as it stands into the folder of copies and gives its path. Whoever calls it holds the write
// lock, so a copy that has no whole name yet was left by a process that died.
func (m migrator) copy(ctx context.Context, schema int) (string, error) {
	folder := m.folder
	if folder == "" {
		folder = filepath.Dir(m.path)
	}
	name := filepath.Join(folder, copyName(m.path, schema, m.clock().Format(time.DateOnly)))
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = m.forgetPartial(folder, schema)
	}
	if err == nil {
		err = m.write(ctx, name+partial)
	}
	if err == nil {
		name, err = settle(name+partial, name)
	}
	if err != nil {
		return "", fmt.Errorf("the copy of before could not be written to %s, so nothing was changed: %w", folder, err)
	}
	return name, nil
}

// forgetPartial removes what processes that died have left.
func (m migrator) forgetPartial(folder string, schema int) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err //nolint:wrapcheck // it names the folder
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), copyStart(m.path, schema)) && strings.HasSuffix(e.Name(), partial) {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return err //nolint:wrapcheck // it names the file
			}
		}
	}
	return nil
}

// write makes the copy through a connection of its own: the lock of the migration lets readers be.
func (m migrator) write(ctx context.Context, to string) (err error) {
	file, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the administrator chose the folder
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	db, err := sql.Open("sqlite", address(m.path, "deferred"))
	if err != nil {
		return err //nolint:wrapcheck // Migrate wraps it
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return file.Sync() //nolint:wrapcheck // it names the file
}

// settle gives a whole copy a name that none has, and makes the name durable.
func settle(from, name string) (string, error) {
	end := filepath.Ext(name)
	for n := 2; ; n++ {
		_, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return "", errors.Join(err, os.Remove(from))
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, end), "-"+strconv.Itoa(n-1)) + "-" + strconv.Itoa(n) + end
	}
	if err := os.Rename(from, name); err != nil {
		return "", errors.Join(err, os.Remove(from))
	}
	return name, syncFolder(filepath.Dir(name))
}

// syncFolder makes the names in a folder durable, where the system has a way to.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the administrator chose the folder
	if err != nil {
		return err //nolint:wrapcheck // it names the folder
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		err = nil // Windows has none
	}
	return errors.Join(err, folder.Close())
}
