package analytics

import (
	"context"
	"errors"
	"fmt"

	"hailong/surveys"
)

// Fate is what became of one response.
type Fate struct {
	// Published: figures are out that it belongs to, so that it can no longer be withdrawn. A release takes a whole
	// part of a day, in which single forms cannot be told apart: of an answer that came in on the day of the
	// release, behind others of its part, this is true as well.
	Published bool
	// Counted: a figure that is out counts it for certain.
	Counted bool
	// Sealed: the time for which it is kept has ended, and it is about to be deleted.
	Sealed bool
}

// Fate tells what became of a response, from the parts that releases took.
func (r *Roller) Fate(ctx context.Context, resp surveys.Response) (Fate, error) {
	var fate Fate
	book, err := r.store.Day(ctx, resp.Facility, resp.Day)
	if err != nil && !errors.Is(err, surveys.ErrNotFound) {
		return fate, fmt.Errorf("look at a response's day: %w", err)
	}
	fate.Sealed = book.Sealed
	// None made before the response came can hold it.
	q := surveys.ReleaseQuery{Facility: resp.Facility, ReleasedFrom: resp.Arrived}
	err = r.store.EachRelease(ctx, q, func(rec surveys.ReleaseRecord) error {
		if !resp.Day.Within(rec.From, rec.To) {
			return nil
		}
		parts, readErr := readParts(rec)
		for _, p := range parts {
			if p.holds(resp) {
				fate.Published = true
				// What arrives on the day of a release may arrive behind it.
				fate.Counted = fate.Counted || p.Stream == Answers && rec.Released > resp.Arrived
			}
		}
		return readErr
	})
	if err != nil {
		return fate, fmt.Errorf("look for a response's release: %w", err)
	}
	if !fate.Counted || resp.Standing != surveys.Counted {
		fate.Counted = false
		return fate, nil
	}
	tally, err := r.tallies.of(ctx, resp.Instrument, resp.Version)
	if err != nil {
		return fate, err
	}
	fate.Counted = tally.inFigures(resp)
	return fate, nil
}

// holds says whether a part is that of a response, in any stream.
func (p dayPart) holds(r surveys.Response) bool {
	return p.Day == r.Day && p.Arrived == r.Arrived && p.Point == r.Point && p.Form == r.Form && p.Channel == r.Channel &&
		p.Instrument == r.Instrument && p.Version == r.Version
}
