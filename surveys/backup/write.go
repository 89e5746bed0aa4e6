package backup

import (
	"context"
	"fmt"
	"io"
	"slices"

	"hailong/surveys"
)

// Options of a backup.
type Options struct {
	Made       surveys.Day
	Recipients []string // age1…; none: not encrypted
	Passing    []string // kinds of records that are not kept, as sessions
	// Progress, unless nil, is told now and then how many lines are written.
	Progress func(done, of int)
}

// progressEvery is how many lines lie between two tellings.
const progressEvery = 1000

// writer writes one backup.
type writer struct {
	*lineWriter

	store surveys.Store
	opt   Options
	known map[[2]string]bool // records written, by kind and id
	// sealed are the days that were written so.
	sealed map[surveys.FacilityID]map[surveys.Day]bool
}

// Write writes a backup of the store. It may be used meanwhile.
func Write(ctx context.Context, store surveys.Store, to io.Writer, opt Options) (Counts, error) {
	file, err := seal(to, opt.Recipients)
	if err != nil {
		return Counts{}, err
	}
	w := &writer{lineWriter: newLineWriter(file), store: store, opt: opt, known: map[[2]string]bool{}, sealed: map[surveys.FacilityID]map[surveys.Day]bool{}}
	if err := w.write(line{Backup: &header{Format: format, Made: opt.Made}}); err != nil {
		return Counts{}, err
	}
	// The records twice: first, so that the pass's stamp is no newer than the releases, and again at the end for what
	// the responses in between may rest on. The days that were sealed meanwhile come again after the responses, which
	// may have been deleted before they were read.
	for _, part := range []func(context.Context) error{w.records, w.releases, w.days, w.responses, w.sealedSince, w.records} {
		if err := part(ctx); err != nil {
			return w.counts, err
		}
	}
	if err := w.close(); err != nil {
		return w.counts, err
	}
	if err := file.Close(); err != nil {
		return w.counts, fmt.Errorf("write the backup: %w", err)
	}
	return w.counts, nil
}

func (w *writer) tell() {
	c := w.counts
	if n := c.Records + c.Releases + c.Days + c.Responses; w.opt.Progress != nil && n%progressEvery == 0 {
		w.opt.Progress(n, 0)
	}
}

func (w *writer) put(l line) error {
	defer w.tell()
	return w.write(l)
}

// records writes those that are not written yet.
func (w *writer) records(ctx context.Context) error {
	kinds, err := w.store.Kinds(ctx)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	for _, kind := range kinds {
		if slices.Contains(w.opt.Passing, kind) {
			continue
		}
		if err := w.recordsOf(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) recordsOf(ctx context.Context, kind string) error {
	const page = 500
	for after := ""; ; {
		list, err := w.store.Records(ctx, surveys.RecordQuery{Kind: kind, After: after, Limit: page})
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		for _, r := range list {
			after = r.ID
			key := [2]string{r.Kind, r.ID}
			if w.known[key] {
				continue
			}
			w.known[key] = true
			if err := w.put(line{Record: &recordLine{r.Kind, r.ID, r.Keys, r.Body, r.Frozen}}); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

func (w *writer) releases(ctx context.Context) error {
	err := w.store.EachRelease(ctx, surveys.ReleaseQuery{}, func(r surveys.ReleaseRecord) error {
		return w.put(line{Release: &releaseLine{r.ID, r.Facility, r.From, r.To, r.Released, r.Format, r.Head, r.Parts}})
	})
	return wrap(err)
}

func (w *writer) days(ctx context.Context) error {
	return wrap(w.store.EachDay(ctx, surveys.DayQuery{}, w.day))
}

func (w *writer) sealedSince(ctx context.Context) error {
	err := w.store.EachDay(ctx, surveys.DayQuery{}, func(b surveys.DayBook) error {
		if b.Seal == "" || w.sealed[b.Facility][b.Day] {
			return nil
		}
		return w.day(b)
	})
	return wrap(err)
}

func (w *writer) day(b surveys.DayBook) error {
	if b.Seal != "" {
		if w.sealed[b.Facility] == nil {
			w.sealed[b.Facility] = map[surveys.Day]bool{}
		}
		w.sealed[b.Facility][b.Day] = true
	}
	return w.put(line{Day: &dayLine{b.Facility, b.Day, b.Format, b.Forms, b.Sealed, b.Seal, b.Body}})
}

func (w *writer) responses(ctx context.Context) error {
	err := w.store.EachResponse(ctx, surveys.ResponseQuery{}, func(r surveys.Response) error {
		return w.put(line{Response: &responseLine{
			r.ID, r.Facility, r.Point, r.Instrument, r.Version, r.Form, r.Channel, r.Standing, r.Reason, r.Pace, r.Lang, r.Day,
			r.Hour, r.Arrived, r.Answers, r.Comment,
		}})
	})
	return wrap(err)
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}
