package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hailong/surveys"
)

var (
	// ErrNotEmpty says that a store holds something already, if only its settings.
	ErrNotEmpty = errors.New("the store is not empty: restore into a new one")
	// ErrUnfinished says that a restore into the store was cut off: it holds a part only.
	ErrUnfinished = errors.New("a restore into this store did not finish: remove the store and restore again")
)

// Check reads a backup through and says what it holds, or what is wrong with it.
func Check(source Source) (Counts, error) {
	last, err := read(source, func(line) error { return nil })
	return last.Counts, err
}

func read(source Source, f func(line) error) (last end, err error) {
	file, err := source.Open()
	if err != nil {
		return end{}, fmt.Errorf("open the backup: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	lines, err := unseal(file, source.Identities)
	if err != nil {
		return end{}, err
	}
	return readLines(lines, f)
}

// unfinished marks a store into which a restore is under way.
type unfinished struct {
	Backup string `json:"backup"` // its sum
}

const restoring = "restoring"

func restorings() surveys.Collection[unfinished] {
	return surveys.Collection[unfinished]{Kind: restoring, ID: func(unfinished) string { return restoring }}
}

// Finished says whether no restore into the store is under way or was cut off: else ErrUnfinished.
func Finished(ctx context.Context, store surveys.RecordStore) error {
	_, err := restorings().Find(ctx, store, restoring)
	switch {
	case err == nil:
		return ErrUnfinished
	case errors.Is(err, surveys.ErrNotFound):
		return nil
	}
	return err
}

// restoreBatch is how many responses or days are stored together.
const restoreBatch = 2000

// restorer stores one backup.
type restorer struct {
	store     surveys.Store
	days      []surveys.CountedDay
	responses []surveys.Response
	done      int
	begun     bool // with the responses
	progress  func(done, of int)
	// sealed are the days with a seal, whose responses were to be deleted when the backup was made; left are those of
	// them whose responses were stored before the seal was read.
	sealed map[surveys.FacilityID]map[surveys.Day]bool
	left   map[surveys.FacilityID]map[surveys.Day]bool
}

// Restore reads a backup into an empty store: first all of it is checked, then it is stored. Every day with responses
// is dirty afterwards: count them. What was cut off leaves a store that Finished refuses.
func Restore(ctx context.Context, store surveys.Store, source Source, progress func(done, of int)) (Counts, error) {
	if err := empty(ctx, store); err != nil {
		return Counts{}, err
	}
	checked, err := read(source, func(line) error { return ctx.Err() })
	if err != nil {
		return Counts{}, err
	}
	mark, err := restorings().Put(ctx, store, unfinished{Backup: checked.SHA256}, 0)
	if err != nil {
		return Counts{}, err
	}
	r := &restorer{
		store: store, progress: progress,
		sealed: map[surveys.FacilityID]map[surveys.Day]bool{}, left: map[surveys.FacilityID]map[surveys.Day]bool{},
	}
	stored, err := read(source, func(l line) error { return r.restore(ctx, l) })
	if err == nil {
		err = r.flush(ctx)
	}
	if err == nil {
		err = r.empty(ctx)
	}
	if err == nil && stored.SHA256 != checked.SHA256 {
		err = fmt.Errorf("%w: it changed while it was read", errDamaged)
	}
	if err != nil {
		return Counts{}, fmt.Errorf("restore: %w", err)
	}
	return checked.Counts, restorings().Delete(ctx, store, restoring, mark.Rev)
}

// empty refuses a store that holds anything.
func empty(ctx context.Context, store surveys.Store) error {
	kinds, err := store.Kinds(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if slices.Contains(kinds, restoring) {
		return ErrUnfinished
	}
	if len(kinds) > 0 {
		return ErrNotEmpty
	}
	found := func() error { return ErrNotEmpty }
	return errors.Join(
		store.EachResponse(ctx, surveys.ResponseQuery{}, func(surveys.Response) error { return found() }),
		store.EachDay(ctx, surveys.DayQuery{}, func(surveys.DayBook) error { return found() }),
		store.EachRelease(ctx, surveys.ReleaseQuery{}, func(surveys.ReleaseRecord) error { return found() }),
	)
}

func (r *restorer) restore(ctx context.Context, l line) error {
	if r.done++; r.progress != nil && r.done%progressEvery == 0 {
		r.progress(r.done, 0)
	}
	switch {
	case l.Record != nil:
		_, err := r.store.PutRecord(ctx, surveys.Record{
			Kind: l.Record.Kind, ID: l.Record.ID, Keys: l.Record.Keys, Body: l.Record.Body, Frozen: l.Record.Frozen,
		})
		return err
	case l.Release != nil:
		return r.store.AddRelease(ctx, surveys.ReleaseRecord(*l.Release))
	case l.Day != nil:
		r.day(l.Day.counted())
	case l.Response != nil:
		r.begun = true
		if l := l.Response; r.sealed[l.Facility][l.Day] {
			return nil
		}
		r.responses = append(r.responses, l.Response.response())
	}
	if len(r.days)+len(r.responses) >= restoreBatch {
		return r.flush(ctx)
	}
	return nil
}

// day takes a day. One that comes again was sealed meanwhile, and some of its responses may have been read before.
func (r *restorer) day(c surveys.CountedDay) {
	if b := c.Book; b.Seal != "" {
		note(r.sealed, b.Facility, b.Day)
		if r.begun {
			note(r.left, b.Facility, b.Day)
		}
	}
	r.days = append(r.days, c)
}

func note(set map[surveys.FacilityID]map[surveys.Day]bool, id surveys.FacilityID, day surveys.Day) {
	if set[id] == nil {
		set[id] = map[surveys.Day]bool{}
	}
	set[id][day] = true
}

// flush stores what was gathered. The days come first in a backup, so that they are never set over newer ones.
func (r *restorer) flush(ctx context.Context) error {
	stored, err := r.store.PutDays(ctx, r.days)
	if err != nil {
		return err
	}
	for i, yes := range stored {
		if yes {
			continue
		}
		if err = r.replace(ctx, r.days[i]); err != nil {
			return err
		}
	}
	_, err = r.store.AddResponses(ctx, r.responses)
	r.days, r.responses = r.days[:0], r.responses[:0]
	return err
}

// settle clears the marks of days whose books count their responses already.
func (r *restorer) settle(ctx context.Context, id surveys.FacilityID, days map[surveys.Day]bool) error {
	dirty, err := r.store.DirtyDays(ctx, surveys.DirtyQuery{Facility: id})
	if err != nil {
		return err
	}
	for _, d := range dirty {
		if !days[d.Day] {
			continue
		}
		book, err := r.store.Day(ctx, id, d.Day)
		if err == nil {
			_, err = r.store.PutDays(ctx, []surveys.CountedDay{{Book: book, Seen: d}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replace stores a day that came before.
func (r *restorer) replace(ctx context.Context, c surveys.CountedDay) error {
	was, err := r.store.Day(ctx, c.Book.Facility, c.Book.Day)
	if err != nil {
		return err
	}
	c.Book.Rev = was.Rev
	stored, err := r.store.PutDays(ctx, []surveys.CountedDay{c})
	if err == nil && !stored[0] {
		err = fmt.Errorf("day %s of %s: %w", c.Book.Day, c.Book.Facility, surveys.ErrConflict)
	}
	return err
}

// empty deletes the responses of days that came with a seal after them.
func (r *restorer) empty(ctx context.Context) error {
	for id, days := range r.left {
		if err := r.settle(ctx, id, days); err != nil {
			return err
		}
		if err := r.store.DeleteResponses(ctx, id, slices.Sorted(maps.Keys(days))); err != nil {
			return err
		}
	}
	return nil
}
