package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	codes "modernc.org/sqlite/lib"

	"hailong/surveys"
)

// batchRoom is about what a full batch of long answers adds to the write-ahead log, in bytes.
const batchRoom = 1 << 20

// isFull says that there was no space on the disk.
func isFull(err error) bool { return hasCode(err, codes.SQLITE_FULL) }

// hasRoom sees to it that the disk has room for a batch. One page, as Ping writes it, still fits where a batch does
// not, and answers would be refused by a server that calls itself ready.
func (s *Store) hasRoom() (rerr error) {
	path := s.path + "-room"
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // beside the file that the administrator chose
	switch {
	case errors.Is(err, fs.ErrPermission): // a folder in which only our files may be written
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", surveys.ErrUnavailable, err)
	}
	defer func() {
		if gone := os.Remove(path); !errors.Is(gone, fs.ErrNotExist) { // another process looks at the same moment
			rerr = errors.Join(rerr, gone)
		}
	}()
	_, err = file.Write(make([]byte, batchRoom))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%w: the disk is full: %w", surveys.ErrUnavailable, err)
	}
	return nil
}

// refold is told how each write ended. One that succeeds after the disk was full moves the write-ahead
// log into the file, so that the log's own space serves again before the log takes what was given back: by itself
// SQLite waits for a log of 32 MB, which one that filled the disk never reaches.
func (s *Store) refold(ctx context.Context, err error) {
	switch {
	case isFull(err):
		s.full.Store(true)
	case err == nil && s.full.Load():
		// It waits for nobody; while it finds no room itself, it is tried again after the next write.
		_, err = s.writer.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
		s.full.Store(isFull(err))
	}
}
