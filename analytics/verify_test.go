package analytics_test

import (
	"context"
	"strings"
	"testing"

	"hailong/analytics"
	"hailong/surveys"
)

// meddler changes what is read from a store.
type meddler struct {
	surveys.Store
	response func(*surveys.Response)
	book     func(*surveys.DayBook)
	release  func(*surveys.ReleaseRecord)
}

func (m meddler) EachResponse(ctx context.Context, q surveys.ResponseQuery, f func(surveys.Response) error) error {
	return m.Store.EachResponse(ctx, q, func(r surveys.Response) error {
		if m.response != nil {
			m.response(&r)
		}
		return f(r)
	})
}

func (m meddler) Day(ctx context.Context, facility surveys.FacilityID, day surveys.Day) (surveys.DayBook, error) {
	b, err := m.Store.Day(ctx, facility, day)
	if m.book != nil {
		m.book(&b)
	}
	return b, err
}

func (m meddler) EachRelease(ctx context.Context, q surveys.ReleaseQuery, f func(surveys.ReleaseRecord) error) error {
	return m.Store.EachRelease(ctx, q, func(r surveys.ReleaseRecord) error {
		if m.release != nil {
			m.release(&r)
		}
		return f(r)
	})
}

func replaceAll(raw *[]byte, from, to string) {
	*raw = []byte(strings.ReplaceAll(string(*raw), from, to))
}

// TestVerifyNotices: each kind of disagreement is told, and nothing else.
func TestVerifyNotices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		meddle  meddler
		after   func(o *office)
		want    string // "" nothing
		telling int
	}{
		{name: "all is well"},
		{
			name: "a response that came meanwhile", after: func(o *office) { o.give(1, surveys.Response{Day: "2026-05-04"}) },
		},
		{
			name: "a response was changed", want: "does not equal a recount", telling: 2,
			meddle: meddler{response: func(r *surveys.Response) { r.Answers["A3"] = surveys.NumberAnswer(1) }},
		},
		{
			name: "a receipt was changed", want: "receipt", telling: 80,
			meddle: meddler{response: func(r *surveys.Response) { r.Receipt = "0" }},
		},
		{
			name: "arrived before it was given", want: "arrived before", telling: 80,
			meddle: meddler{response: func(r *surveys.Response) { r.Arrived = r.Day.Add(-1) }},
		},
		{
			name: "a book was changed", want: "does not equal a recount", telling: 2,
			meddle: meddler{book: func(b *surveys.DayBook) { replaceAll(&b.Body, `"n":40`, `"n":41`) }},
		},
		{
			name: "a book's forms were changed", want: "does not equal a recount", telling: 2,
			meddle: meddler{book: func(b *surveys.DayBook) { b.Forms++ }},
		},
		{
			name: "a release's forms were changed", want: "sum of its parts", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) { replaceAll(&r.Head, `"forms":40`, `"forms":41`) }},
		},
		{
			name: "a release's item was changed", want: "item A3", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) { replaceAll(&r.Head, `"A3":[0,0,0,0,40,0]`, `"A3":[0,0,0,0,39,1]`) }},
		},
		{
			name: "a release was changed with its parts", want: "not among the answers", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) {
				for _, raw := range []*[]byte{&r.Head, &r.Parts} {
					replaceAll(raw, `"A3":[0,0,0,0,40,0]`, `"A3":[0,0,0,0,39,1]`)
				}
			}},
		},
		{
			name: "released answers were removed", want: "not among the answers", telling: 1,
			after: func(o *office) {
				book, err := o.st.Day(o.ctx, hall, "2026-05-04")
				o.must(err)
				book.Forms, book.Body = 0, []byte("[]")
				_, err = o.st.PutDays(o.ctx, []surveys.CountedDay{{Book: book, Seen: surveys.DirtyDay{Facility: hall, Day: book.Day}}})
				o.must(err)
			},
		},
		{
			name: "a release's node was changed", want: "outside its node",
			meddle: meddler{release: func(r *surveys.ReleaseRecord) {
				replaceAll(&r.Head, `"From":"2026-05-04","To":"2026-05-04"`, `"From":"2026-05-03","To":"2026-05-03"`)
			}},
		},
		{
			name: "a release's sequence was changed", want: "id that does not follow", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) { replaceAll(&r.Head, `"seq":1`, `"seq":2`) }},
		},
		{
			name: "too small a release", want: "fewer than its minimum", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) {
				replaceAll(&r.Head, `"forms":40`, `"forms":29`)
				replaceAll(&r.Head, `"n":40`, `"n":29`)
				replaceAll(&r.Parts, `"n":40`, `"n":29`)
			}},
		},
		{
			name: "a few given among typed ones", want: "that citizens gave themselves", telling: 2,
			meddle: meddler{release: func(r *surveys.ReleaseRecord) {
				text := string(r.Parts)
				part := text[1 : len(text)-1]
				less := strings.ReplaceAll(strings.ReplaceAll(part, `"n":40`, `"n":35`), `"c":"qr"`, `"c":"paper"`)
				few := strings.ReplaceAll(part, `"n":40`, `"n":5`)
				for _, name := range []string{`"s":`, `"m":`, `"ss":`, `"sm":`, `"mm":`, `"v":`, `"all":`} {
					few = strings.ReplaceAll(few, name, `"x`+name[1:])
				}
				few, _, _ = strings.Cut(few, `,"items"`)
				few += "}}"
				r.Parts = []byte("[" + less + "," + few + "]")
			}},
		},
		{
			name: "a release stands twice as a correction", want: "more was corrected than released",
			after: func(o *office) {
				o.must(o.st.EachRelease(o.ctx, surveys.ReleaseQuery{}, func(r surveys.ReleaseRecord) error {
					r.ID += " again"
					replaceAll(&r.Parts, "2026-05-04", "2026-04-04")
					replaceAll(&r.Parts, ":40", ":-40")
					return o.st.AddRelease(o.ctx, r)
				}))
			},
		},
		{
			name: "a book counts responses that are not there", want: "does not equal a recount", telling: 1,
			meddle: meddler{book: func(b *surveys.DayBook) {
				if b.Day == "2026-06-01" {
					b.Body = []byte(`[{"i":"one_stop","v":1,"t":"answers","k":{"n":1}}]`)
				}
			}},
			after: func(o *office) {
				o.must(o.st.MarkDirty(o.ctx, hall, "2026-06-01"))
				o.roll()
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := testOffice(t)
			o.give(40, surveys.Response{Day: "2026-05-04"})
			o.give(40, surveys.Response{Day: "2026-05-05"})
			o.pass("2026-05-06")
			if c.after != nil {
				c.after(o)
			}
			c.meddle.Store = o.st
			report, err := analytics.Verify(o.ctx, c.meddle)
			o.must(err)
			found := 0
			for _, m := range report.Mismatches {
				if strings.Contains(m, c.want) {
					found++
				}
			}
			if c.want == "" && len(report.Mismatches) > 0 || c.want != "" && found == 0 || c.telling > 0 && found != c.telling {
				t.Errorf("want %d of %q, got %q", c.telling, c.want, report.Mismatches)
			}
		})
	}
}

// TestVerifyNamesNobody: what verify prints holds no submission id and no answer.
func TestVerifyNamesNobody(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	forms := o.give(40, surveys.Response{Day: "2026-05-04", Comment: "dấu vết"})
	o.pass("2026-05-06")
	report, err := analytics.Verify(o.ctx, meddler{Store: o.st, response: func(r *surveys.Response) {
		r.Receipt, r.Arrived, r.Answers = "0", "2026-05-01", nil
	}})
	o.must(err)
	text := strings.Join(report.Mismatches, "\n")
	if text == "" {
		t.Error("nothing was noticed")
	}
	for _, f := range forms {
		if strings.Contains(text, string(f.ID)) || strings.Contains(text, f.Comment) || strings.Contains(text, string(f.Receipt)) {
			t.Fatalf("%q names %s", text, f.ID)
		}
	}
}

// TestVerifyStopsTelling: a store that is wrong all over does not fill the screen.
func TestVerifyStopsTelling(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	o.give(300, surveys.Response{Day: "2026-05-04"})
	o.roll()
	report, err := analytics.Verify(o.ctx, meddler{Store: o.st, response: func(r *surveys.Response) { r.Receipt = "0" }})
	o.must(err)
	if n := len(report.Mismatches); n != 100 {
		t.Errorf("%d mismatches are told", n)
	}
}
