package surveys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Difference is an item that was typed differently the second time. Values are digits, as they were typed.
type Difference struct {
	Item          Item
	First, Second string
}

// Compare holds a second keying of a sheet against the stored form. What differs is counted once, the first time, so that
// whoever types again in sight of the differences does not better the rate. Free texts are not compared.
func (d *EntryDesk) Compare(ctx context.Context, k Keyed) ([]Difference, error) {
	paper, was, err := d.checked(ctx, &k)
	if err != nil {
		return nil, err
	}
	compared, differ := compare(paper.Place, paper.Form, was.Answers, k.Answers)
	b, err := d.change(ctx, k.Batch, func(b *PaperBatch) error {
		s, ok := b.sheet(k.Sheet)
		switch {
		case !ok || s.ID != was.ID:
			return ErrConflict
		case s.Checked && (!s.Open || len(differ) > 0):
			return errSame
		case s.Checked: // the sheet was typed anew meanwhile and nothing differs any more
			s.Open = false
			return nil
		}
		s.Checked, s.Open = true, len(differ) > 0
		b.Check.Sheets++
		b.Check.Compared += compared
		b.Check.Differing += len(differ)
		b.CheckedBy = credit(b.CheckedBy, k.By)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !b.Sheets[k.Sheet-1].Open {
		return nil, nil // settled, or nothing differs
	}
	return differ, nil
}

// checked reads the form that a second keying is to be held against, and puts the keying into shape.
func (d *EntryDesk) checked(ctx context.Context, k *Keyed) (PlacedBatch, Response, error) {
	paper, err := d.Find(ctx, k.Batch)
	if err != nil {
		return paper, Response{}, err
	}
	s, ok := paper.sheet(k.Sheet)
	if paper.State != BatchChecking || !ok || !slices.Contains(paper.Sample(), k.Sheet) {
		return paper, Response{}, ErrBatchDone
	}
	was, err := d.store.Response(ctx, s.ID)
	if errors.Is(err, ErrNotFound) || err == nil && was.Standing == Withdrawn {
		return paper, was, ErrSheetMissing
	}
	if err != nil {
		return paper, was, fmt.Errorf("second keying: %w", err)
	}
	k.Form, k.Channel, k.Lang = paper.Form, paper.Channel, paper.Lang
	return paper, was, k.Check(paper.Place.Instrument)
}

// compare counts the items that were typed in either keying, and lists those that differ.
func compare(place *Place, form Form, first, second Answers) (compared int, differ []Difference) {
	items := slices.Clone(place.Instrument.Asked(form))
	if place.Facility.AsksBehalf() {
		items = append(items, onBehalfItem())
	}
	for _, it := range items {
		if it.Kind == TextItem || !it.Reached(first) && !it.Reached(second) {
			continue
		}
		compared++
		a, b := it.Digits(first[it.Code]), it.Digits(second[it.Code])
		if a != b {
			differ = append(differ, Difference{Item: it, First: a, Second: b})
		}
	}
	return compared, differ
}

// Settle ends the comparison of a sheet: where second names an item, what was typed the second time is right. The stored
// form is put right if it is in no figure yet: it is withdrawn, and a right one stored in its place. One that has come out
// stays as it is, and that is noted.
func (d *EntryDesk) Settle(ctx context.Context, k Keyed, second []string) error {
	paper, was, err := d.checked(ctx, &k)
	if err != nil {
		return err
	}
	if s, ok := paper.sheet(k.Sheet); !ok || !s.Open {
		return nil // settled before
	}
	right := Submission{ID: NewSubmissionID(), Form: paper.Form, Channel: was.Channel, Lang: was.Lang, Comment: was.Comment}
	right.Answers = maps.Clone(was.Answers)
	_, differ := compare(paper.Place, paper.Form, was.Answers, k.Answers)
	changed := 0
	for _, one := range differ {
		if !slices.Contains(second, one.Item.Code) {
			continue
		}
		changed++
		if a, given := k.Answers[one.Item.Code]; given {
			right.Answers[one.Item.Code] = a
		} else {
			delete(right.Answers, one.Item.Code)
		}
	}
	right.Prune(paper.Place.Instrument)
	if err = right.Check(paper.Place.Instrument); err != nil {
		return err
	}
	if sameAnswers(right.Answers, was.Answers) {
		return d.settled(ctx, k, was.ID, was.ID, PaperCheck{})
	}
	_, err = d.takeBack(ctx, was.ID)
	if errors.Is(err, ErrPublished) {
		return d.settled(ctx, k, was.ID, was.ID, PaperCheck{Late: changed})
	}
	if err != nil {
		return err
	}
	if err = d.settled(ctx, k, was.ID, right.ID, PaperCheck{Corrected: changed}); err != nil {
		return err
	}
	_, err = d.ingest.Add(ctx, paper.Place.Response(right, was.Day, -1, d.today()))
	return err
}

// settled notes what came of a sheet, and under which id it is stored from now on.
func (d *EntryDesk) settled(ctx context.Context, k Keyed, was, now SubmissionID, came PaperCheck) error {
	_, err := d.change(ctx, k.Batch, func(b *PaperBatch) error {
		s, ok := b.sheet(k.Sheet)
		if !ok || s.ID != was {
			return fmt.Errorf("sheet %d of batch %s: %w", k.Sheet, k.Batch, ErrConflict)
		}
		s.ID, s.Open = now, false
		b.Check.Corrected += came.Corrected
		b.Check.Late += came.Late
		b.CheckedBy = credit(b.CheckedBy, k.By)
		return nil
	})
	return err
}
