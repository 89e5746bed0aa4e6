package analytics_test

import (
	"context"
	"strings"
	"testing"

	"hailong/analytics"
	"hailong/surveys"
)

// habitMeddler changes the habits that are read from a store.
type habitMeddler struct {
	surveys.Store
	change func(body string) string
}

func (m habitMeddler) Records(ctx context.Context, q surveys.RecordQuery) ([]surveys.Record, error) {
	all, err := m.Store.Records(ctx, q)
	if q.Kind != "habit" || m.change == nil {
		return all, err
	}
	kept := all[:0]
	for _, r := range all {
		if body := m.change(string(r.Body)); body != "" {
			r.Body = []byte(body)
			kept = append(kept, r)
		}
	}
	return kept, err
}

// verifyHabits tells what verify says of habits, and that it says nothing else.
func (o *office) verifyHabits(change func(string) string) (told []string) {
	o.Helper()
	report, err := analytics.Verify(o.ctx, habitMeddler{o.st, change})
	o.must(err)
	for _, m := range report.Mismatches {
		if !strings.Contains(m, "the habit of f_hall in the month from") {
			o.Errorf("it says %q", m)
		}
		told = append(told, m)
	}
	return told
}

// A habit that is not what its forms make it is told, for each figure that a grade is made of.
func TestVerifyNoticesHabits(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.honestDays("2026-01-05", "2026-03-15", 3)
	o.give(40, surveys.Response{Day: "2026-02-12", Hour: 18, Pace: surveys.Steady, Answers: scale(5, core("one_stop")...)})
	o.pass("2026-04-20")
	if told := o.verifyHabits(nil); len(told) != 0 {
		t.Fatalf("untouched: %q", told)
	}
	february := func(from, to string) func(string) string {
		return func(body string) string {
			if !strings.Contains(body, `"2026-02-01"`) {
				return body
			}
			changed := strings.Replace(body, from, to, 1)
			if changed == body {
				t.Errorf("no %q in %s", from, body)
			}
			return changed
		}
	}
	for name, change := range map[string]func(string) string{
		"forms":      february(`"forms":124`, `"forms":84`),
		"after hour": february(`,40,0,0,0,0,0]`, `,0,0,0,0,0,0]`),
		"perfect":    february(`"perfect":`, `"perfect":1`),
		"paced":      february(`"paced":`, `"paced":1`),
		"hasty":      february(`"hasty":`, `"hasty":1`),
		"bunched":    february(`"bunched":`, `"bunched":1`),
		"bunched at": february(`"bunched_at":[0`, `"bunched_at":[7`),
		"emptied": func(body string) string {
			if strings.Contains(body, `"2026-02-01"`) {
				return `{"facility":"f_hall","month":"2026-02-01","format":2}`
			}
			return body
		},
		"gone": func(body string) string {
			if strings.Contains(body, `"2026-02-01"`) {
				return ""
			}
			return body
		},
	} {
		want := "does not equal a recount"
		if name == "gone" {
			want = "was never taken"
		}
		if told := o.verifyHabits(change); len(told) != 1 || !strings.Contains(told[0], "2026-02-01") || !strings.Contains(told[0], want) {
			t.Errorf("%s: it says %q", name, told)
		}
	}
}

// What people decided since, what was taken back and what came in later does not make a true habit a false one, and does
// not hide one that cannot be.
func TestVerifyKnowsWhatHabitsCannotKnow(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.honestDays("2026-01-05", "2026-03-15", 3)
	some := o.give(6, surveys.Response{Day: "2026-02-12", Hour: 10, Pace: surveys.Steady, Answers: scale(5, core("one_stop")...)})
	o.pass("2026-04-20")
	o.must(o.st.Move(o.ctx, some[0].ID, surveys.Counted, surveys.Aside, surveys.ReasonExcluded))
	o.must(o.st.Move(o.ctx, some[1].ID, surveys.Counted, surveys.Withdrawn, ""))
	o.give(3, surveys.Response{Day: "2026-02-13", Arrived: "2026-04-25", Hour: 10, Answers: scale(5, core("one_stop")...)})
	o.roll()
	if told := o.verifyHabits(nil); len(told) != 0 {
		t.Errorf("it says %q", told)
	}
	forms := 0
	for _, h := range o.habits() {
		if h.Month == "2026-02-01" {
			forms = h.Forms
		}
	}
	if forms == 0 {
		t.Fatal("no habit of February")
	}
	tenfold := func(body string) string { return strings.Replace(body, `"forms":`, `"forms":1`, 1) }
	if told := o.verifyHabits(tenfold); len(told) != 3 {
		t.Errorf("of three habits with tenfold forms it says %q", told)
	}
}
