package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hailong/surveys"
)

// Act is what a reviewer asks for.
type Act struct {
	GroupKey
	Forms    []surveys.Handle // nil: all of the group that do not wait for a second person, as Mark saw it
	Second   bool             // with Forms nil: all that wait for a second person instead
	Mark     string
	Decision surveys.Decision
	Note     string
	By       string
	On       surveys.Day
}

// Done is what came of an act.
type Done struct {
	Review surveys.Review
	// Gone counts forms that were taken back by their givers, or deleted, since the act was asked for.
	Gone int
}

// Decide puts an act on record and carries it out: the act first, so that a crash leaves it to Finish. ErrConflict if the
// group is not as it was seen, or somebody was quicker; then nothing changed.
func (q *Queue) Decide(ctx context.Context, a Act) (Done, error) {
	group, err := q.Group(ctx, a.GroupKey)
	if errors.Is(err, surveys.ErrNotFound) {
		return Done{}, fmt.Errorf("review: nothing is left: %w", surveys.ErrConflict)
	}
	if err != nil {
		return Done{}, err
	}
	review := surveys.Review{
		Facility: a.Facility, Quarter: q.quarter(a.Day), Day: a.Day, Reason: a.Reason, Forms: a.Forms,
		Decision: a.Decision, Note: a.Note, By: a.By, On: a.On,
	}
	if a.Forms == nil && a.Mark != group.Mark() {
		return Done{}, fmt.Errorf("review: the group has changed: %w", surveys.ErrConflict)
	}
	there := map[surveys.Handle]bool{}
	for _, f := range group.Forms {
		there[f.Handle] = true
		if a.Forms == nil && f.Waits == a.Second && len(review.Forms) < surveys.MostReviewed {
			review.Forms = append(review.Forms, f.Handle)
		}
	}
	if slices.ContainsFunc(review.Forms, func(h surveys.Handle) bool { return !there[h] }) {
		return Done{}, fmt.Errorf("review: a form is not there any more: %w", surveys.ErrConflict)
	}
	if review, err = surveys.AddReview(ctx, q.store, review); err != nil {
		return Done{}, err
	}
	moved, err := q.carryOut(ctx, review)
	if err != nil {
		return Done{}, err
	}
	done := Done{Review: review}
	if !review.Second {
		done.Gone = len(review.Forms) - moved
	}
	return done, q.recount(ctx, a.GroupKey)
}

// recount brings the day's own count up to date, so that the queue tells what is left.
func (q *Queue) recount(ctx context.Context, key GroupKey) error {
	if _, err := q.roller.Roll(ctx, key.Facility, nil); err != nil {
		return err
	}
	return q.ledger.ReadDays(ctx, surveys.DayQuery{Facility: key.Facility, From: key.Day, To: key.Day})
}

// carryOut moves the forms of an act, and says how many it found. It may be repeated. A form that was released aside
// leaves that stream by a correction of at least the minimum (design.md §6, rule 4), at some later pass.
func (q *Queue) carryOut(ctx context.Context, r surveys.Review) (int, error) {
	if r.Second {
		return 0, nil
	}
	to, reason := surveys.Counted, surveys.ReasonAccepted
	if r.Decision == surveys.Exclude {
		to, reason = surveys.Aside, surveys.ReasonExcluded
	}
	var ids []surveys.SubmissionID
	err := q.eachAside(ctx, r.Facility, r.Day, func(resp surveys.Response) {
		if _, named := slices.BinarySearch(r.Forms, resp.ID.Handle()); named && resp.Reason != surveys.ReasonExcluded {
			ids = append(ids, resp.ID)
		}
	})
	if err != nil {
		return 0, err
	}
	moved := 0
	for _, id := range ids {
		err := q.store.Move(ctx, id, surveys.Aside, to, reason)
		switch {
		case err == nil:
			moved++
		case errors.Is(err, surveys.ErrConflict), errors.Is(err, surveys.ErrNotFound): // taken back, or deleted
		default:
			return moved, fmt.Errorf("carry out a review: %w", err)
		}
	}
	return moved, nil
}

// finishDays is how long after an act its forms are looked at again: a restored backup may hold an act and its forms as they
// stood before.
const finishDays = 100

// Finish carries out what acts of the last days left undone: a crash between the act and its forms. Call it before the
// pass.
func (q *Queue) Finish(ctx context.Context, today surveys.Day) error {
	acts, err := surveys.Reviews().All(ctx, q.store)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Value.On < today.Add(-finishDays) {
			continue
		}
		if _, err := q.carryOut(ctx, a.Value); err != nil {
			return err
		}
	}
	return nil
}
