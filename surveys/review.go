package surveys

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Handle names a form to whoever reviews it: derived one way from the submission id, by another way than the receipt,
// so that it opens nothing, and nothing leads from an act on record to a form once the form is deleted.
type Handle string

const handleLength = 12 // Crockford letters: 60 bits

// Handle derives the handle of a submission.
func (id SubmissionID) Handle() Handle {
	sum := sha256.Sum256([]byte("hailong review\x00" + string(id)))
	return Handle(crockford(binary.BigEndian.Uint64(sum[:]), handleLength))
}

// Decision is what a reviewer makes of a form that stands aside.
type Decision string

// The decisions.
const (
	Accept  Decision = "accept"  // it counts from now on
	Exclude Decision = "exclude" // it stays aside for good
)

// Decisions lists the decisions.
func Decisions() []Decision { return []Decision{Accept, Exclude} }

// Review is one act of a reviewer on forms of one facility and day. Acts are only ever added. An act holds no answer, no
// comment and no hour; what became of a form stands in its own reason (ReasonAccepted, ReasonExcluded), which the
// rules that set aside leave alone.
type Review struct {
	Facility FacilityID `json:"facility"`
	Quarter  Day        `json:"quarter"` // first day of the quarter that Day is in
	Seq      int        `json:"seq"`     // within facility and quarter, from 1
	Day      Day        `json:"day"`     // on which the forms were given
	Reason   string     `json:"reason"`  // why they stood aside
	Forms    []Handle   `json:"forms"`
	Decision Decision   `json:"decision"`
	Note     string     `json:"note"`
	By       string     `json:"by"`
	On       Day        `json:"on"`
	// Second says that the act waits for another person to make the same one.
	Second bool `json:"second,omitempty"`
}

// Reviews is the collection of acts, by facility. The id counts within facility and quarter, so that of two acts at once
// one is made anew in sight of the other.
func Reviews() Collection[Review] {
	return Collection[Review]{
		Kind:   "review",
		ID:     func(r Review) string { return fmt.Sprintf("%s.%s.%06d", r.Facility, r.Quarter, r.Seq) },
		Keys:   func(r Review) map[string]string { return map[string]string{"quarter": r.quarter()} },
		Frozen: func(Review) bool { return true },
	}
}

func (r Review) quarter() string { return string(r.Facility) + "." + string(r.Quarter) }

// AloneExclusions is how many forms of a facility and quarter may be excluded on one person's word.
const AloneExclusions = 20

// MostReviewed is how many forms one act may hold.
const MostReviewed = 500

// mostNote is the length of a note, in runes.
const mostNote = 500

// ErrSecond says that another person must make this act: whoever made it first cannot.
var ErrSecond = errors.New("a second person is needed")

// FormState is what the acts so far made of a form.
type FormState struct {
	Decision Decision
	Waits    bool   // for a second person
	By       string // of the last act
}

// FormStates is what the acts made of each form they name; acts of one facility and quarter in their order.
func FormStates(acts []Review) map[Handle]FormState {
	states := map[Handle]FormState{}
	for _, a := range acts {
		for _, h := range a.Forms {
			states[h] = FormState{Decision: a.Decision, Waits: a.Second, By: a.By}
		}
	}
	return states
}

// ReviewsOf lists the acts on a facility's forms of a quarter, the first first.
func ReviewsOf(ctx context.Context, s RecordStore, facility FacilityID, quarter Day) ([]Review, error) {
	stored, err := Reviews().By(ctx, s, "quarter", Review{Facility: facility, Quarter: quarter}.quarter())
	return values(stored), err
}

// Clean gives the act as it is kept, or an InvalidError.
func (r Review) Clean() (Review, error) {
	bad := &InvalidError{}
	r.Note = oneLine(r.Note)
	switch n := utf8.RuneCountInString(r.Note); {
	case n == 0:
		bad.Add("note", "error.required", "note")
	case n > mostNote:
		bad.Add("note", "error.too_long", "note")
	}
	if !slices.Contains(Decisions(), r.Decision) {
		bad.Add("decision", "error.malformed", "decision")
	}
	r.Forms = slices.Compact(slices.Sorted(slices.Values(r.Forms)))
	if len(r.Forms) == 0 || len(r.Forms) > MostReviewed {
		bad.Add("forms", "error.malformed", "forms")
	}
	if r.By == "" || r.Facility == "" || r.Quarter == "" || r.Day == "" || r.On == "" {
		bad.Add("by", "error.required", "by")
	}
	return r, bad.OrNil()
}

// AddReview puts an act on record and gives it as it was kept. Beyond AloneExclusions a facility and quarter an exclusion
// is kept with Second set, and does nothing until another person excludes the same forms. ErrConflict if
// somebody has acted on one of the forms meanwhile, ErrSecond if the same person excludes again what waits for another;
// an InvalidError for a note that is missing or too long. The caller moves the forms (analytics.Queue does).
func AddReview(ctx context.Context, s RecordStore, act Review) (Review, error) {
	act, err := act.Clean()
	if err != nil {
		return act, err
	}
	for {
		acts, err := ReviewsOf(ctx, s, act.Facility, act.Quarter)
		if err != nil {
			return act, err
		}
		if act, err = act.after(acts); err != nil {
			return act, err
		}
		_, err = Reviews().Put(ctx, s, act, 0)
		if !errors.Is(err, ErrConflict) {
			return act, err
		}
		if err = ctx.Err(); err != nil {
			return act, fmt.Errorf("add review: %w", err)
		}
	}
}

// after fits the act behind those there are.
func (r Review) after(acts []Review) (Review, error) {
	states := FormStates(acts)
	waiting := 0
	for _, h := range r.Forms {
		state, known := states[h]
		switch {
		case !known:
		case !state.Waits:
			return r, fmt.Errorf("review: a form is settled: %w", ErrConflict)
		case r.Decision == Exclude && state.By == r.By:
			return r, fmt.Errorf("review: %w", ErrSecond)
		default:
			waiting++
		}
	}
	if r.Decision == Exclude && waiting > 0 && waiting < len(r.Forms) {
		return r, fmt.Errorf("review: some forms wait for a second person: %w", ErrConflict)
	}
	r.Seq = len(acts) + 1
	r.Second = r.Decision == Exclude && waiting == 0 && excluded(states)+len(r.Forms) > AloneExclusions
	return r, nil
}

// excluded counts the forms that are excluded for good.
func excluded(states map[Handle]FormState) int {
	n := 0
	for _, s := range states {
		if s.Decision == Exclude && !s.Waits {
			n++
		}
	}
	return n
}

// AloneLeft is how many more forms may be excluded on one person's word.
func AloneLeft(acts []Review) int { return max(0, AloneExclusions-excluded(FormStates(acts))) }
