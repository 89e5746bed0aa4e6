package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"hailong/server/account"
	"hailong/surveys"
	"hailong/surveys/backup"
	"hailong/surveys/instruments"
	"hailong/surveys/store"
)

// openStore opens the configured store and settles a new one: default instruments and targets, the calendar, the
// key of the form tokens. It makes no organisation.
func (p *program) openStore(ctx context.Context, c config, demo bool) (surveys.Store, surveys.Installation, error) {
	var in surveys.Installation
	s, err := p.connect(ctx, c)
	if err != nil {
		return nil, in, err
	}
	in, err = p.settle(ctx, s, c, demo)
	if err != nil {
		if file, ok := store.File(c.Store); ok {
			err = fmt.Errorf("%s: %w", file, err)
		}
		return nil, in, errors.Join(err, s.Close())
	}
	return s, in, nil
}

// connect opens the configured store as it is.
func (p *program) connect(ctx context.Context, c config) (surveys.Store, error) {
	if strings.HasPrefix(c.Store, "file:"+c.Data) {
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	if strings.HasPrefix(c.Store, "file:") { // a MongoDB has no copy of before
		if err := p.upgrade(ctx, c); err != nil {
			return nil, err
		}
	}
	s, err := store.Open(ctx, c.Store, p.clock)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

// settle also refuses a store that holds but a part of a backup.
func (p *program) settle(ctx context.Context, s surveys.Store, c config, demo bool) (surveys.Installation, error) {
	if err := backup.Finished(ctx, s); err != nil {
		return surveys.Installation{}, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	start, err := strconv.Atoi(c.MonthStart)
	if err != nil {
		return surveys.Installation{}, fmt.Errorf("month start: %w", err)
	}
	in, err := surveys.Install(ctx, s, surveys.Installation{MonthStart: start, FormKey: key, Demo: demo, KeepRaw: c.keepRaw})
	if err != nil {
		return in, err
	}
	if in.MonthStart != start && c.monthStartGiven {
		return in, fmt.Errorf("%w: the store was made with months that start on day %d; this does not change", errUsage, in.MonthStart)
	}
	if in.KeepRaw != c.keepRaw && c.keepRawGiven {
		p.say("single forms are kept %s here, as the store says, whatever --keep-raw; hailong retention changes it\n", keptFor(in.KeepRaw))
	}
	return in, instruments.Publish(ctx, s, p.today())
}

// firstPassword sets the administrator's password on a store that has none: the configured one, else a
// random one, which it returns to be printed once.
func (p *program) firstPassword(ctx context.Context, s surveys.Store, c config) (shown string, err error) {
	accounts := account.New(s, p.clock)
	has, err := accounts.HasPassword(ctx)
	if err != nil || has {
		return "", err
	}
	password := c.AdminPassword
	if password == "" {
		password = account.NewSecret()[:16]
		shown = password
	}
	set, err := accounts.SetFirstPassword(ctx, password)
	if !set {
		return "", err
	}
	return shown, nil
}

// whileHeld runs a server, with a sign for others that it uses the store.
func (p *program) whileHeld(ctx context.Context, c config, s surveys.Store, serve func() error) error {
	release, err := store.Hold(ctx, c.Store, s, p.clock)
	if err != nil {
		return err
	}
	return errors.Join(serve(), release())
}
