package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"hailong/surveys"
)

// A store that servers use is known by that, so that a restore keeps off it. Beside a file there is another that
// servers lock together and a restore alone: the system lets go of it however a program ends, and it stands though the
// store's file itself was deleted under a server. In a MongoDB each server has a record that it renews.

var (
	// ErrServed says that a server uses the store.
	ErrServed = errors.New("a server is using this store: stop it first")
	// ErrClaimed says that a restore into the store is under way.
	ErrClaimed = errors.New("a restore into this store is under way: wait for its end")
)

const (
	lockSuffix = ".lock"
	// LeaseKind is the kind of the records of servers. They mean nothing in another store.
	LeaseKind  = "lease"
	renewEvery = 20 * time.Second
	deadAfter  = 2 * time.Minute
)

// lease is the record of one server.
type lease struct {
	ID   string `json:"id"`
	Beat int64  `json:"beat"` // Unix ms
}

func leases() surveys.Collection[lease] {
	return surveys.Collection[lease]{Kind: LeaseKind, ID: func(l lease) string { return l.ID }}
}

// lockOf is the lock beside a file; nil where the address is that of a MongoDB.
func lockOf(address string) (*flock.Flock, error) {
	path, err := parse(address)
	if err != nil || path == "" {
		return nil, err
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err //nolint:wrapcheck // it names the folder
	}
	return flock.New(path+lockSuffix, flock.SetPermissions(0o600)), nil
}

func free() error { return nil }

// Hold says to others that a server uses the store, until release is called. ErrClaimed during a restore.
func Hold(ctx context.Context, address string, s surveys.RecordStore, clock surveys.Clock) (release func() error, err error) {
	lock, err := lockOf(address)
	if err == nil && lock == nil {
		return holdRecord(ctx, s, clock)
	}
	return taken(lock, err, (*flock.Flock).TryRLock, ErrClaimed)
}

// Claim keeps servers off a file until release is called, or says ErrServed. Before it the store need not exist. For
// a MongoDB see Vacant.
func Claim(address string) (release func() error, err error) {
	lock, err := lockOf(address)
	return taken(lock, err, (*flock.Flock).TryLock, ErrServed)
}

// taken takes a lock, unless there is none to take.
func taken(lock *flock.Flock, err error, try func(*flock.Flock) (bool, error), refused error) (release func() error, _ error) {
	if err != nil || lock == nil {
		return free, err
	}
	held, err := try(lock)
	if err != nil {
		return free, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	if !held {
		return free, refused
	}
	return lock.Close, nil
}

// Vacant says ErrServed if the record of a living server is in the store. Those of servers that were killed it removes:
// to a restore the store would else not be empty.
func Vacant(ctx context.Context, s surveys.RecordStore, clock surveys.Clock) error {
	living, err := forgetDead(ctx, s, clock)
	if err == nil && living > 0 {
		return ErrServed
	}
	return err
}

// holdRecord makes the record and renews it, also when it was deleted with all else.
func holdRecord(ctx context.Context, s surveys.RecordStore, clock surveys.Clock) (release func() error, err error) {
	var b [8]byte
	rand.Read(b[:])
	l := lease{ID: hex.EncodeToString(b[:])}
	if _, err = forgetDead(ctx, s, clock); err != nil {
		return free, err
	}
	renew := func(ctx context.Context) error {
		at, findErr := leases().Find(ctx, s, l.ID)
		if findErr != nil && !errors.Is(findErr, surveys.ErrNotFound) {
			return findErr
		}
		l.Beat = clock().UnixMilli()
		_, putErr := leases().Put(ctx, s, l, at.Rev)
		return putErr
	}
	if err = renew(ctx); err != nil {
		return free, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() {
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for {
			select {
			case <-background.Done():
				return
			case <-tick.C:
				renew(background) //nolint:errcheck // it is tried again; who cannot write is no danger to a restore
			}
		}
	})
	return func() error {
		stop()
		work.Wait()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
		defer cancel()
		return forget(last, s, l.ID)
	}, nil
}

// forget removes the record of a server that ends. Where it cannot, the record dies by itself.
func forget(ctx context.Context, s surveys.RecordStore, id string) error {
	at, err := leases().Find(ctx, s, id)
	if err == nil {
		err = leases().Delete(ctx, s, id, at.Rev)
	}
	if errors.Is(err, surveys.ErrNotFound) || errors.Is(err, surveys.ErrUnavailable) {
		return nil
	}
	return err
}

// forgetDead removes the records of servers that were killed and says how many servers live.
func forgetDead(ctx context.Context, s surveys.RecordStore, clock surveys.Clock) (living int, err error) {
	all, err := leases().All(ctx, s)
	if err != nil {
		return 0, err
	}
	dead := clock().Add(-deadAfter).UnixMilli()
	for _, l := range all {
		if l.Value.Beat > dead {
			living++
			continue
		}
		err := leases().Delete(ctx, s, l.Value.ID, l.Rev)
		if errors.Is(err, surveys.ErrConflict) {
			living++ // it has just renewed it
		} else if err != nil && !errors.Is(err, surveys.ErrNotFound) {
			return living, err
		}
	}
	return living, nil
}
