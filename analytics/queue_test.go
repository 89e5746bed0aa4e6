package analytics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hailong/analytics"
	"hailong/surveys"
)

func (o *office) queue(st surveys.Store) *analytics.Queue {
	return analytics.NewQueue(st, o.ledger, analytics.NewRoller(st), o.calendar)
}

// aside stores n forms that a rule set aside.
func (o *office) aside(n int, day surveys.Day, reason string, change ...func(*surveys.Response)) []*given {
	o.Helper()
	like := surveys.Response{Day: day, Standing: surveys.Aside, Reason: reason, Hour: 9, Comment: "bình luận bí mật"}
	for _, f := range change {
		f(&like)
	}
	return o.give(n, like)
}

func (o *office) group(q *analytics.Queue, day surveys.Day, reason string) analytics.AsideGroup {
	o.Helper()
	g, err := q.Group(o.ctx, analytics.GroupKey{Facility: hall, Day: day, Reason: reason})
	o.must(err)
	return g
}

func act(g analytics.AsideGroup, d surveys.Decision, forms ...surveys.Handle) analytics.Act {
	a := analytics.Act{GroupKey: g.Key(), Mark: g.Mark(), Decision: d, Note: "Đã hỏi cơ sở.", By: "hoa", On: "2026-02-10"}
	if len(forms) > 0 {
		a.Forms = forms
	}
	return a
}

// A group is decided on as it was seen; what was decided is on record and leaves the queue; a stale sight changes nothing.
func TestQueueDecides(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.give(40, surveys.Response{Day: "2026-02-03"})
		o.aside(6, "2026-02-03", surveys.ReasonBurst)
		o.aside(2, "2026-02-03", surveys.ReasonNoToken)
		o.aside(1, "2026-02-03", surveys.ReasonBurst, func(r *surveys.Response) { r.Answers = scale(0, "A3") }) // in no figure
		o.roll()
		q := o.queue(o.st)
		page, err := q.Page(o.ctx, analytics.QueueQuery{Limit: 10})
		o.must(err)
		if len(page.Groups) != 2 || page.More || len(page.Groups[0].Forms) != 6 || page.Groups[0].Reason != surveys.ReasonBurst {
			t.Fatalf("the queue is %+v", page)
		}
		if told := fmt.Sprintf("%+v", page); strings.Contains(told, "bí mật") || strings.Contains(told, string(o.forms[40].ID)) || strings.Contains(told, string(o.forms[40].Receipt)) {
			t.Errorf("the queue tells a comment, an id or a receipt: %s", told)
		}
		burst := page.Groups[0]
		o.aside(1, "2026-02-03", surveys.ReasonBurst) // it comes while the reviewer reads
		if _, err = q.Decide(o.ctx, act(burst, surveys.Accept)); !errors.Is(err, surveys.ErrConflict) {
			t.Errorf("a group that has grown is decided on: %v", err)
		}
		done, err := q.Decide(o.ctx, act(burst, surveys.Accept, burst.Forms[0].Handle, burst.Forms[1].Handle))
		o.must(err)
		if done.Gone != 0 || done.Review.Seq != 1 || len(done.Review.Forms) != 2 {
			t.Errorf("done %+v", done)
		}
		if _, err = q.Decide(o.ctx, act(burst, surveys.Exclude, burst.Forms[0].Handle)); !errors.Is(err, surveys.ErrConflict) {
			t.Errorf("a settled form is decided on again: %v", err)
		}
		left := o.group(q, "2026-02-03", surveys.ReasonBurst)
		_, err = q.Decide(o.ctx, act(left, surveys.Exclude))
		o.must(err)
		first, second, err := q.Waiting(o.ctx, nil)
		o.must(err)
		if first != 2 || second != 0 {
			t.Errorf("%d and %d wait, want the two without a token", first, second)
		}
		count := map[string]int{}
		o.must(o.st.EachResponse(o.ctx, surveys.ResponseQuery{Facility: hall}, func(r surveys.Response) error {
			count[string(r.Standing)+" "+r.Reason]++
			return nil
		}))
		if count["answers accepted"] != 2 || count["aside excluded"] != 5 || count["aside burst"] != 1 || count["aside no_token"] != 2 {
			t.Errorf("the forms stand as %v", count)
		}
		if r := o.verify(); len(r.Mismatches) > 0 {
			t.Errorf("verify: %q", r.Mismatches)
		}
		stored, err := o.st.Records(o.ctx, surveys.RecordQuery{Kind: "review"})
		o.must(err)
		for _, rec := range stored {
			if strings.Contains(string(rec.Body), "answers") || strings.Contains(string(rec.Body), "hour") || strings.Contains(string(rec.Body), string(o.forms[40].ID)) {
				t.Errorf("an act holds %s", rec.Body)
			}
			if err := o.st.DeleteRecord(o.ctx, "review", rec.ID, rec.Rev); !errors.Is(err, surveys.ErrFrozen) {
				t.Errorf("an act can be deleted: %v", err)
			}
		}
	})
}

// What was taken back, or deleted, between the sight and the act is told; nothing else is lost.
func TestQueueWithWithdrawnAndSealed(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		gone := o.aside(3, "2026-02-03", surveys.ReasonRepeat)
		o.roll()
		q := o.queue(o.st)
		seen := o.group(q, "2026-02-03", surveys.ReasonRepeat)
		o.move(gone[:1], surveys.Withdrawn)
		if _, err := q.Decide(o.ctx, act(seen, surveys.Accept)); !errors.Is(err, surveys.ErrConflict) {
			t.Errorf("one was taken back: %v", err)
		}
		if _, err := q.Decide(o.ctx, act(seen, surveys.Accept, gone[0].ID.Handle())); !errors.Is(err, surveys.ErrConflict) {
			t.Errorf("one that was taken back is decided on: %v", err)
		}
		_, err := q.Decide(o.ctx, act(seen, surveys.Accept, gone[1].ID.Handle()))
		o.must(err)
		r, err := o.st.Response(o.ctx, gone[0].ID)
		o.must(err)
		if r.Standing != surveys.Withdrawn || len(r.Answers) != 0 {
			t.Errorf("what was taken back is %+v", r)
		}
		o.roll()
		sealDays(o, hall, "2026-02-03")
		if _, err := q.Decide(o.ctx, act(seen, surveys.Accept, gone[2].ID.Handle())); !errors.Is(err, surveys.ErrConflict) {
			t.Errorf("a deleted form is decided on: %v", err)
		}
		o.must(o.ledger.ReadDays(o.ctx, surveys.DayQuery{}))
		if first, _, err := q.Waiting(o.ctx, nil); err != nil || first != 0 {
			t.Errorf("%d deleted forms wait (%v)", first, err)
		}
		o.must(q.Finish(o.ctx, "2026-02-11"))
	})
}

// Forms that were taken back after somebody had acted on them hide no other that still waits.
func TestTakenBackAfterReview(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	forms := o.aside(25, "2026-02-03", surveys.ReasonRepeat)
	o.roll()
	q := o.queue(o.st)
	g := o.group(q, "2026-02-03", surveys.ReasonRepeat)
	_, err := q.Decide(o.ctx, act(g, surveys.Exclude, g.Forms[0].Handle, g.Forms[1].Handle))
	o.must(err)
	left := o.group(q, "2026-02-03", surveys.ReasonRepeat)
	var most []surveys.Handle
	for _, f := range left.Forms[:21] {
		most = append(most, f.Handle)
	}
	done, err := q.Decide(o.ctx, act(left, surveys.Exclude, most...))
	o.must(err)
	if !done.Review.Second {
		t.Fatal("twenty-three are excluded on one person's word")
	}
	acted := map[surveys.Handle]bool{g.Forms[0].Handle: true, g.Forms[1].Handle: true, most[0]: true, most[1]: true}
	for _, f := range forms {
		if acted[f.ID.Handle()] {
			o.must(o.st.Move(o.ctx, f.ID, surveys.Aside, surveys.Withdrawn, ""))
		}
	}
	o.roll()
	o.must(o.ledger.ReadDays(o.ctx, surveys.DayQuery{}))
	first, second, err := q.Waiting(o.ctx, nil)
	o.must(err)
	page, err := q.Page(o.ctx, analytics.QueueQuery{Limit: 5})
	o.must(err)
	if first != 2 || second != 19 || len(page.Groups) != 1 || len(page.Groups[0].Forms) != 2 {
		t.Errorf("%d and %d wait, on the page %+v; want 2 and 19", first, second, page.Groups)
	}
}

// sealDays seals days and deletes their responses.
func sealDays(o *office, facility surveys.FacilityID, days ...surveys.Day) {
	o.Helper()
	for _, day := range days {
		b, err := o.st.Day(o.ctx, facility, day)
		o.must(err)
		b.Sealed, b.Seal = true, b.Digest()+" withdrawn"
		_, err = o.st.PutDays(o.ctx, []surveys.CountedDay{{Book: b, Seen: surveys.DirtyDay{Facility: facility, Day: day}}})
		o.must(err)
	}
	o.must(o.st.DeleteResponses(o.ctx, facility, days))
}

// What was released aside comes into the score by a correction of at least the minimum, or waits.
func TestAcceptedAfterRelease(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		accepted, counted int64
	}{{9, 40}, {30, 70}} {
		o := newOffice(t, newMemStore(), 1)
		o.give(40, surveys.Response{Day: "2026-02-03"})
		o.aside(60, "2026-02-03", surveys.ReasonBurst)
		o.pass("2026-02-04")
		s := o.summary("facility:f_hall", "2026-01-01", "2026-03-31", exact)
		if *s.Forms != 40 || s.WithSetAside == nil {
			t.Fatalf("before: %d forms, with those aside %v", *s.Forms, s.WithSetAside)
		}
		q := o.queue(o.st)
		g := o.group(q, "2026-02-03", surveys.ReasonBurst)
		var forms []surveys.Handle
		for _, f := range g.Forms[:tt.accepted] {
			forms = append(forms, f.Handle)
		}
		_, err := q.Decide(o.ctx, act(g, surveys.Accept, forms...))
		o.must(err)
		for _, night := range []surveys.Day{"2026-02-11", "2026-03-01", "2026-03-02", "2026-04-01", "2026-04-02"} {
			_, err = o.passOn(o.st, night)
			o.must(err)
		}
		if s = o.summary("facility:f_hall", "2026-01-01", "2026-03-31", exact); *s.Forms != tt.counted {
			t.Errorf("%d accepted after their release: %d forms count, want %d", tt.accepted, *s.Forms, tt.counted)
		}
		if r := o.verify(); len(r.Mismatches) > 0 {
			t.Errorf("verify: %q", r.Mismatches)
		}
	}
}

// A crash between an act and its forms is mended before the next pass.
func TestFinishAfterCrash(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.aside(8, "2026-02-03", surveys.ReasonBurst)
		o.roll()
		dies := &movesFew{Store: o.st, left: 3}
		q := o.queue(dies)
		if _, err := q.Decide(o.ctx, act(o.group(q, "2026-02-03", surveys.ReasonBurst), surveys.Accept)); !errors.Is(err, errDies) {
			t.Fatalf("it did not die: %v", err)
		}
		o.restart()
		q = o.queue(o.st)
		if _, err := q.Group(o.ctx, analytics.GroupKey{Facility: hall, Day: "2026-02-03", Reason: surveys.ReasonBurst}); !errors.Is(err, surveys.ErrNotFound) {
			t.Errorf("settled forms wait again: %v", err)
		}
		o.must(q.Finish(o.ctx, "2026-02-11"))
		o.must(q.Finish(o.ctx, "2026-02-11"))
		n := 0
		o.must(o.st.EachResponse(o.ctx, surveys.ResponseQuery{}, func(r surveys.Response) error {
			if r.Standing == surveys.Counted && r.Reason == surveys.ReasonAccepted {
				n++
			}
			return nil
		}))
		if n != 8 {
			t.Errorf("%d of 8 accepted forms count", n)
		}
	})
}

var errDies = errors.New("killed")

// movesFew moves some responses and is killed then.
type movesFew struct {
	surveys.Store
	left int
}

func (m *movesFew) Move(ctx context.Context, id surveys.SubmissionID, from, to surveys.Standing, reason string) error {
	if m.left--; m.left < 0 {
		return errDies
	}
	return m.Store.Move(ctx, id, from, to, reason)
}

// Two reviewers decide on the same group at once: one of them is told, and every form is settled once.
func TestQueueAtOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.aside(12, "2026-02-03", surveys.ReasonBurst)
		o.roll()
		q := o.queue(o.st)
		g := o.group(q, "2026-02-03", surveys.ReasonBurst)
		errs := make([]error, 6)
		var work sync.WaitGroup
		for i := range errs {
			work.Go(func() { _, errs[i] = q.Decide(context.Background(), act(g, surveys.Decisions()[i%2])) })
		}
		work.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, surveys.ErrConflict):
				t.Errorf("%v", err)
			}
		}
		acts, err := surveys.ReviewsOf(o.ctx, o.st, hall, "2026-01-01")
		o.must(err)
		if won != 1 || len(acts) != 1 {
			t.Errorf("%d won, %d acts", won, len(acts))
		}
	})
}

// Five thousand waiting forms: each page holds what follows the last, none twice, and costs little.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	for i := range 100 {
		day := surveys.Day("2026-02-01").Add(i % 50)
		f := []surveys.FacilityID{hall, clinic}[i/50]
		o.aside(30, day, surveys.ReasonBurst, func(r *surveys.Response) { r.Facility = f })
		o.aside(20, day, surveys.ReasonOverBudget, func(r *surveys.Response) { r.Facility = f })
	}
	o.roll()
	q := o.queue(o.st)
	query, forms, pages := analytics.QueueQuery{Limit: 25}, 0, 0
	began := time.Now() //nolint:forbidigo // a test has no other clock
	for {
		page, err := q.Page(o.ctx, query)
		o.must(err)
		pages++
		for _, g := range page.Groups {
			forms += len(g.Forms)
		}
		if !page.More {
			break
		}
		last := page.Groups[len(page.Groups)-1]
		query.AfterDay, query.After = last.Day, last.Facility
	}
	if forms != 5000 || pages != 8 {
		t.Errorf("%d forms on %d pages", forms, pages)
	}
	t.Logf("%d pages in %s", pages, time.Since(began))
	only, err := q.Page(o.ctx, analytics.QueueQuery{Limit: 5, Reason: surveys.ReasonOverBudget, Facilities: func(id surveys.FacilityID) bool { return id == clinic }})
	o.must(err)
	for _, g := range only.Groups {
		if g.Facility != clinic || g.Reason != surveys.ReasonOverBudget {
			t.Errorf("a filter lets %v pass", g.Key())
		}
	}
	if len(only.Groups) != 5 || !only.More {
		t.Errorf("%d groups, more %t", len(only.Groups), only.More)
	}
}
