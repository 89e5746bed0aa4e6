package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"hailong/analytics"
	"hailong/surveys"
	"hailong/surveys/store"
)

// roll counts what is dirty and runs the release pass.
func roll(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	return p.withStore(ctx, c, func(s surveys.Store, in surveys.Installation) error { return p.pass(ctx, s, in) })
}

// withStore opens the store for one command and closes it.
func (p *program) withStore(ctx context.Context, c config, f func(surveys.Store, surveys.Installation) error) error {
	s, in, err := p.openStore(ctx, c, false)
	if err != nil {
		return err
	}
	return errors.Join(f(s, in), s.Close())
}

// withExisting is withStore for a command that has nothing to do on a new store: a slip in its path would make one.
func (p *program) withExisting(ctx context.Context, c config, f func(surveys.Store, surveys.Installation) error) error {
	if file, ok := store.File(c.Store); ok {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("there is no store: %w", err)
		}
	}
	return p.withStore(ctx, c, f)
}

func (p *program) pass(ctx context.Context, s surveys.Store, in surveys.Installation) error {
	calendar, err := analytics.NewCalendar(in.MonthStart)
	if err != nil {
		return err
	}
	roller := analytics.NewRoller(s)
	if err = analytics.NewQueue(s, analytics.NewLedger(s), roller, calendar).Finish(ctx, p.today()); err != nil {
		return err
	}
	releaser := analytics.NewReleaser(s, roller, calendar)
	made, err := releaser.Pass(ctx, p.today(), nil)
	if err != nil {
		return err
	}
	p.say("%d releases made\n", made)
	sealed, err := analytics.NewSealer(s, analytics.NewRoller(s)).Seal(ctx, p.today())
	if sealed > 0 {
		p.say("%d days sealed, their single forms deleted\n", sealed)
	}
	return err
}

// rebuild counts every day again. Releases stay as they are.
func rebuild(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	return p.withExisting(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		if err := s.MarkAllDirty(ctx); err != nil {
			return fmt.Errorf("mark all days: %w", err)
		}
		days, err := analytics.NewRoller(s).Roll(ctx, "", p.progress("days counted:"))
		if err != nil {
			return err
		}
		p.say("%d days counted\n", days)
		return nil
	})
}

// errMismatch says that verify found something.
var errMismatch = errors.New("the store does not agree with itself")

// verify recounts the responses and holds them against days, releases and habits.
func verify(ctx context.Context, p *program, c config, words []string) error {
	if err := noWords(words); err != nil {
		return err
	}
	return p.withExisting(ctx, c, func(s surveys.Store, _ surveys.Installation) error {
		report, err := analytics.Verify(ctx, s)
		if err != nil {
			return err
		}
		for _, m := range report.Mismatches {
			p.say("%s\n", m)
		}
		p.say("%d responses, %d forms counted, %d days, %d of them sealed, %d habits, %d releases, %d dirty days, %d mismatches\n",
			report.Responses, report.Forms, report.Days, report.Sealed, report.Habits, report.Releases, report.Dirty, len(report.Mismatches))
		if len(report.Mismatches) > 0 {
			return errMismatch
		}
		return nil
	})
}

// countDirty counts what is dirty, so that days are exported as they stand.
func countDirty(ctx context.Context, s surveys.Store) (int, error) {
	return analytics.NewRoller(s).Roll(ctx, "", nil)
}
