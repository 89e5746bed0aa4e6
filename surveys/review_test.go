package surveys_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"hailong/surveys"
)

func handles(prefix string, n int) []surveys.Handle {
	list := make([]surveys.Handle, n)
	for i := range list {
		list[i] = surveys.Handle(fmt.Sprintf("%s%03d", prefix, i))
	}
	return list
}

func reviewOf(by string, d surveys.Decision, forms ...surveys.Handle) surveys.Review {
	return surveys.Review{
		Facility: "f_1", Quarter: "2026-01-01", Day: "2026-02-03", Reason: surveys.ReasonBurst, Forms: forms,
		Decision: d, Note: " Cả lớp\ntập huấn\u202e cùng trả lời. ", By: by, On: "2026-02-04",
	}
}

func TestHandleOpensNothing(t *testing.T) {
	t.Parallel()
	seen := map[surveys.Handle]bool{}
	for range 1000 {
		id := surveys.NewSubmissionID()
		h := id.Handle()
		if seen[h] || string(h) == string(id.Receipt()) || len(h) != 12 || id.Handle() != h {
			t.Fatalf("handle %q of %s", h, id)
		}
		seen[h] = true
	}
}

func TestReviewIsCleaned(t *testing.T) {
	t.Parallel()
	act, err := reviewOf("a", surveys.Accept, "B", "A", "B").Clean()
	if err != nil || act.Note != "Cả lớp tập huấn cùng trả lời." || !slices.Equal(act.Forms, []surveys.Handle{"A", "B"}) {
		t.Errorf("%+v, %v", act, err)
	}
	tests := map[string]func(*surveys.Review){
		"note: error.required":      func(r *surveys.Review) { r.Note = " \n\u200b" },
		"note: error.too_long":      func(r *surveys.Review) { r.Note = strings.Repeat("𠜎", 501) },
		"decision: error.malformed": func(r *surveys.Review) { r.Decision = "delete" },
		"forms: error.malformed":    func(r *surveys.Review) { r.Forms = nil },
		"by: error.required":        func(r *surveys.Review) { r.By = "" },
	}
	for want, spoil := range tests {
		act := reviewOf("a", surveys.Accept, "A")
		spoil(&act)
		if _, err := act.Clean(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	longest := reviewOf("a", surveys.Accept, handles("A", surveys.MostReviewed)...)
	longest.Note = strings.Repeat("ộ", 500)
	if _, err := longest.Clean(); err != nil {
		t.Errorf("the longest act is refused: %v", err)
	}
	longest.Forms = append(longest.Forms, "Z")
	if _, err := longest.Clean(); err == nil {
		t.Error("an act on too many forms passes")
	}
}

// Twenty may be excluded alone; what comes beyond waits for another person, who may say the same or count it.
func TestExclusionsBeyondTwentyNeedTwo(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newMemory()
	add := func(r surveys.Review) (surveys.Review, error) { return surveys.AddReview(ctx, s, r) }
	must := func(r surveys.Review) surveys.Review {
		t.Helper()
		kept, err := add(r)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	if must(reviewOf("hoa", surveys.Exclude, handles("A", 20)...)).Second {
		t.Error("the twentieth already needs two")
	}
	if must(reviewOf("hoa", surveys.Accept, handles("B", 100)...)).Second {
		t.Error("counting needs two")
	}
	over := must(reviewOf("hoa", surveys.Exclude, handles("C", 3)...))
	if !over.Second || over.Seq != 3 {
		t.Errorf("the twenty-first is %+v", over)
	}
	next := reviewOf("hoa", surveys.Exclude, "X")
	next.Quarter = "2026-04-01"
	if must(next).Second {
		t.Error("another quarter has no twenty of its own")
	}
	if _, err := add(reviewOf("hoa", surveys.Exclude, "C000")); !errors.Is(err, surveys.ErrSecond) {
		t.Errorf("the same person again: %v", err)
	}
	if _, err := add(reviewOf("minh", surveys.Exclude, "C000", "D000")); !errors.Is(err, surveys.ErrConflict) {
		t.Errorf("one that waits and one that does not, together: %v", err)
	}
	if must(reviewOf("minh", surveys.Exclude, "C000")).Second {
		t.Error("the second person's word does not settle it")
	}
	must(reviewOf("hoa", surveys.Accept, "C001"))
	must(reviewOf("minh", surveys.Accept, "C002"))
	for _, h := range []surveys.Handle{"A000", "B000", "C000", "C001", "C002"} {
		for _, d := range surveys.Decisions() {
			if _, err := add(reviewOf("minh", d, h)); !errors.Is(err, surveys.ErrConflict) {
				t.Errorf("%s is settled, and %s gives %v", h, d, err)
			}
		}
	}
	acts, err := surveys.ReviewsOf(ctx, s, "f_1", "2026-01-01")
	if err != nil || len(acts) != 6 || surveys.AloneLeft(acts) != 0 {
		t.Errorf("%d acts, %d left (%v)", len(acts), surveys.AloneLeft(acts), err)
	}
}

// Two reviewers at once: every form is settled by one of them, and nobody passes the twenty.
func TestReviewersAtOnce(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newMemory()
	var wait sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = surveys.AddReview(ctx, s, reviewOf("hoa", surveys.Exclude, handles("A", 5+i/8)[i%4:]...))
			if i%2 == 0 {
				_, errs[i] = surveys.AddReview(ctx, s, reviewOf("hoa", surveys.Exclude, handles(fmt.Sprint("B", i), 6)...))
			}
		})
	}
	wait.Wait()
	acts, err := surveys.ReviewsOf(ctx, s, "f_1", "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	alone, seen := 0, map[surveys.Handle]bool{}
	for i, a := range acts {
		if a.Seq != i+1 {
			t.Errorf("act %d has the number %d", i+1, a.Seq)
		}
		for _, h := range a.Forms {
			if seen[h] {
				t.Errorf("%s was decided on twice", h)
			}
			seen[h] = true
			if !a.Second {
				alone++
			}
		}
	}
	if alone > surveys.AloneExclusions || alone < 15 {
		t.Errorf("%d were excluded on one person's word", alone)
	}
	for i := 0; i < len(errs); i += 2 {
		if errs[i] != nil {
			t.Errorf("forms of its own: %v", errs[i])
		}
	}
}
