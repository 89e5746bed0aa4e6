// Package sqlite keeps everything in one SQLite file: the store of an installation on one machine.
// Several processes may have the file open at once (a running server and its commands). It is meant for a
// local disk; a file on a network share is not safe, as SQLite's locks are not there.
//
// Open is the entry point. surveys/store/storetest is the contract it keeps.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"hailong/surveys"
)

const (
	// patience is how long a write waits for another process.
	patience = 10 * time.Second
	// pingPatience is how long Ping waits: someone is looking.
	pingPatience = 2 * time.Second
)

// Store is one SQLite file. There is one writing connection, as SQLite has one writer anyway and waiting
// in Go is fair and ends with the context; readers have their own.
type Store struct {
	path   string
	file   os.FileInfo // to notice when path is another file, or none
	writer *sql.DB
	reader *sql.DB
	stmt   statements
	closed atomic.Bool
	full   atomic.Bool // a write found no space, and the log was not folded since
}

var _ surveys.Store = (*Store)(nil)

// Open opens the file at path, or makes it (0600, in folders of 0700), and brings it to the present
// schema, with a copy beside it of what it was, see Migrate. A file of a newer program gives surveys.ErrNewer; a
// file that is something else is left as it is. The clock dates the copy.
func Open(ctx context.Context, path string, clock surveys.Clock) (*Store, error) {
	s := &Store{path: path}
	if err := s.open(ctx, clock); err != nil {
		err = s.wrap("open "+path, err)
		s.Close() //nolint:errcheck // the first error says more
		return nil, err
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, clock surveys.Clock) error {
	if err := makeFile(s.path); err != nil {
		return err
	}
	path, err := filepath.Abs(s.path)
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	if _, err = (migrator{path: path, clock: clock}).run(ctx); err != nil {
		return err
	}
	if s.file, err = os.Stat(path); err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	s.writer, err = sql.Open("sqlite", address(path, "immediate",
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)",
		"journal_size_limit(67108864)", "wal_autocheckpoint(8000)", "cache_size(-32768)"))
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	s.writer.SetMaxOpenConns(1)
	s.reader, err = sql.Open("sqlite", address(path, "deferred", "query_only(ON)", "cache_size(-8192)"))
	if err != nil {
		return err //nolint:wrapcheck // Open wraps it
	}
	readers := runtime.GOMAXPROCS(0) + 2
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	if err = s.connect(ctx); err != nil {
		return err
	}
	return s.stmt.prepare(ctx, s.writer, s.reader)
}

// writePage writes what stands there already. Beginning a transaction would show nothing: on a read-only
// file SQLite takes BEGIN IMMEDIATE for a plain BEGIN.
func (s *Store) writePage(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, markHeader)
		return err //nolint:wrapcheck // Ping and Open wrap it
	})
}

// connect makes the writing connection and sees to it that the file can be written. SQLite does not
// wait when two processes want to start the write-ahead log of a new file at once, so we do. A full disk is no
// hindrance: what is there can be read, and saved elsewhere.
func (s *Store) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.writePage(ctx)
		if isFull(err) {
			return nil
		}
		if !isBusy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// address is the driver's DSN. Pragmas stand in it because they hold for one connection each.
func address(path, lock string, pragmas ...string) string {
	q := url.Values{"_txlock": {lock}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()))
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return u.String()
}

// Ping writes one page, as a disk that cannot be written shows itself only then: our mark into the header,
// where it stands already. It also sees to it that there is room for a batch, and that the file is still the
// one in the folder: answers written to one that was moved away or deleted would be lost with it.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingPatience)
	defer cancel()
	if err := s.writePage(ctx); err != nil {
		return s.wrap("ping", err)
	}
	now, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("ping: %w: %w", surveys.ErrUnavailable, err)
	}
	if !os.SameFile(s.file, now) {
		return fmt.Errorf("ping: %w: %s was replaced by another file", surveys.ErrUnavailable, s.path)
	}
	if err := s.hasRoom(); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// Close waits for what is under way and closes the file. Closing again does nothing.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	var first error
	// The writer last: the last connection to close folds the write-ahead log into the file.
	for _, closer := range []func() error{s.stmt.close, closeDB(s.reader), closeDB(s.writer)} {
		if err := closer(); err != nil && first == nil {
			first = fmt.Errorf("close %s: %w", s.path, err)
		}
	}
	return first
}

func closeDB(db *sql.DB) func() error {
	return func() error {
		if db == nil {
			return nil
		}
		return db.Close()
	}
}

// write runs f as one transaction: all of it is durable when write returns nil, nothing of it otherwise.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	err := s.transact(ctx, f)
	s.refold(ctx, err)
	return err
}

func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err //nolint:wrapcheck // the method that writes wraps it
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit() //nolint:wrapcheck // the method that writes wraps it
}
