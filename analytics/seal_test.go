package analytics_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
)

// keepRaw settles the installation of an office.
func (o *office) keepRaw(months int) {
	o.Helper()
	_, err := surveys.Install(o.ctx, o.st, surveys.Installation{MonthStart: 1, KeepRaw: months})
	o.must(err)
}

// seal runs the sealing of a day and wants so many days emptied.
func (o *office) seal(day surveys.Day, want int) {
	o.Helper()
	got, err := analytics.NewSealer(o.st, analytics.NewRoller(o.st)).Seal(o.ctx, day)
	o.must(err)
	if got != want {
		o.Errorf("on %s %d days were sealed, want %d", day, got, want)
	}
}

// responses counts the stored responses up to a day.
func (o *office) responses(to surveys.Day) int {
	o.Helper()
	n := 0
	o.must(o.st.EachResponse(o.ctx, surveys.ResponseQuery{To: to}, func(surveys.Response) error { n++; return nil }))
	return n
}

// The same months with and without sealing give the same releases, among them those of counters that waited in
// sealed days until their quarter or year closed.
func TestSealingChangesNoRelease(t *testing.T) {
	t.Parallel()
	run := func(months int) *office {
		o := newOffice(t, newMemStore(), 1)
		o.keepRaw(months)
		for month := surveys.Day("2026-01-01"); month < "2026-09-01"; month = month.Add(31)[:8] + "01" {
			n := 7
			if month == "2026-03-01" || month == "2026-06-01" {
				n = 33
			}
			forms := o.give(n, surveys.Response{Facility: hall, Day: month.Add(4), Arrived: month.Add(4)})
			o.give(2, surveys.Response{Facility: clinic, Day: month.Add(9), Arrived: month.Add(9)})
			o.move(forms[:1], surveys.Withdrawn)
		}
		for day := surveys.Day("2026-01-01"); day <= "2027-01-20"; day = day.Add(1) {
			o.pass(day)
			_, err := analytics.NewSealer(o.st, analytics.NewRoller(o.st)).Seal(o.ctx, day)
			o.must(err)
		}
		return o
	}
	kept, sealed := run(0), run(3)
	if len(kept.told()) < 6 {
		t.Fatalf("only %d releases", len(kept.told()))
	}
	if diff := cmp.Diff(kept.told(), sealed.told()); diff != "" {
		t.Errorf("sealing changed what is released (-kept +sealed):\n%s", diff)
	}
	if kept.verify().Sealed != 0 || kept.responses("") == 0 {
		t.Error("something was sealed though all is kept")
	}
	was := sealed.verify()
	if was.Sealed != 16 || was.Responses != 0 || sealed.responses("") != 0 {
		t.Errorf("after sealing: %+v", was)
	}
	sealed.must(sealed.st.MarkAllDirty(sealed.ctx))
	sealed.must(sealed.st.MarkDirty(sealed.ctx, hall, "2026-01-05"))
	sealed.roll()
	if is := sealed.verify(); is.Forms != was.Forms || is.Days != was.Days || is.Dirty != 0 {
		t.Errorf("a rebuild changed sealed days: %+v, was %+v", is, was)
	}
}

// What cannot be brought back is not deleted by a clock that jumped, nor on the day of a slip in the setting.
func TestSealingDistrustsTheClock(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.keepRaw(24)
	o.give(3, surveys.Response{Facility: hall, Day: "2024-01-10", Arrived: "2024-01-10"})
	o.give(3, surveys.Response{Facility: hall, Day: "2025-12-20", Arrived: "2025-12-20"})
	o.roll()
	for _, night := range []struct {
		day  surveys.Day
		want int
		what string
	}{
		{"2026-01-08", 0, "the first night"},
		{"2026-01-08", 0, "the first night again"},
		{"2026-01-10", 0, "nothing is older than 24 months yet"},
		{"2028-01-09", 0, "the clock went two years ahead"},
		{"2028-01-09", 0, "and is asked again"},
		{"2026-01-11", 0, "it is back"},
		{"2026-01-12", 1, "and has stayed"},
		{"2026-01-11", 0, "a day back"},
	} {
		got, err := analytics.NewSealer(o.st, analytics.NewRoller(o.st)).Seal(o.ctx, night.day)
		if err != nil || got != night.want {
			t.Errorf("%s: %d days sealed, %v; want %d", night.what, got, err, night.want)
		}
	}
	if o.responses("") != 3 {
		t.Errorf("%d responses left, want 3", o.responses(""))
	}
	o.must(analytics.Retain(o.ctx, o.st, 3, "2026-04-01"))
	o.seal("2026-04-01", 0)
	o.must(analytics.Retain(o.ctx, o.st, 0, "2026-04-01")) // taken back
	o.seal("2026-04-02", 0)
	o.must(analytics.Retain(o.ctx, o.st, 3, "2026-04-02"))
	o.seal("2026-04-03", 1)
	for _, months := range []int{-1, 1, 2, 1201} {
		if err := analytics.Retain(o.ctx, o.st, months, "2026-04-03"); err == nil || !strings.Contains(err.Error(), "3 months or more") {
			t.Errorf("%d months: %v", months, err)
		}
	}
}

// A crash at any write, before or after it, leaves what the next nights finish.
func TestSealingSurvivesACrash(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for k := 1; ; k++ {
			o := newOffice(t, newMemStore(), 1)
			o.keepRaw(3)
			for i := range 4 {
				day := surveys.Day("2026-01-10").Add(i)
				forms := o.give(5, surveys.Response{Facility: hall, Day: day, Arrived: day})
				o.move(forms[:1], surveys.Withdrawn)
				o.give(5, surveys.Response{Facility: clinic, Day: day, Arrived: day})
			}
			o.seal("2026-05-01", 0)
			broken := &faulty{Store: o.st, left: k, after: after}
			_, err := analytics.NewSealer(broken, analytics.NewRoller(broken)).Seal(o.ctx, "2026-05-02")
			if !broken.crashed {
				if k < 4 || err != nil {
					t.Errorf("only %d writes, %v", k, err)
				}
				break
			}
			_, err = analytics.NewSealer(o.st, analytics.NewRoller(o.st)).Seal(o.ctx, "2026-05-03")
			o.must(err)
			if r := o.verify(); r.Sealed != 8 || r.Responses != 0 || r.Forms != 36 || r.Dirty != 0 {
				t.Errorf("after a crash at write %d (after it: %t): %+v", k, after, r)
			}
		}
	}
}

// Several servers may seal in the same night.
func TestSealingAtOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		t.Helper()
		o := newOffice(t, fresh(), 1)
		o.keepRaw(3)
		for i := range 6 {
			day := surveys.Day("2026-01-10").Add(i)
			o.give(3, surveys.Response{Facility: hall, Day: day, Arrived: day})
		}
		o.roll()
		o.seal("2026-05-01", 0)
		errs := make(chan error)
		for range 3 {
			go func() {
				_, err := analytics.NewSealer(o.st, analytics.NewRoller(o.st)).Seal(o.ctx, "2026-05-02")
				errs <- err
			}()
		}
		for range 3 {
			o.must(<-errs)
		}
		o.seal("2026-05-03", 0)
		if r := o.verify(); r.Sealed != 6 || r.Forms != 18 || r.Responses != 0 || r.Dirty != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// lateStore brings an answer to a day at the moment that the day is sealed.
type lateStore struct {
	surveys.Store
	late []surveys.Response
}

func (l *lateStore) PutDays(ctx context.Context, counted []surveys.CountedDay) ([]bool, error) {
	if len(counted) > 0 && counted[0].Book.Sealed && l.late != nil {
		if _, err := l.AddResponses(ctx, l.late); err != nil {
			return nil, err
		}
		l.late = nil
	}
	return l.Store.PutDays(ctx, counted)
}

func TestSealingLosesNoLateAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	o.keepRaw(3)
	o.give(4, surveys.Response{Facility: hall, Day: "2026-01-10", Arrived: "2026-01-10"})
	o.give(4, surveys.Response{Facility: hall, Day: "2026-01-11", Arrived: "2026-01-11"})
	o.roll()
	o.seal("2026-05-01", 0)
	late := defaults(surveys.Response{Facility: hall, Day: "2026-01-10", Arrived: "2026-05-02"})
	late.ID = surveys.NewSubmissionID()
	late.Receipt = late.ID.Receipt()
	st := &lateStore{Store: o.st, late: []surveys.Response{late}}
	if n, err := analytics.NewSealer(st, analytics.NewRoller(st)).Seal(o.ctx, "2026-05-02"); err != nil || n != 1 {
		t.Errorf("%d days sealed, %v; want the one without a late answer", n, err)
	}
	if n := o.responses(""); n != 5 {
		t.Errorf("%d responses left, want 5", n)
	}
	o.seal("2026-05-03", 1)
	if r := o.verify(); r.Forms != 9 || r.Sealed != 2 || r.Responses != 0 {
		t.Errorf("%+v, want 9 forms on 2 sealed days", r)
	}
}

// Verify tells of a sealed day that was changed, was not emptied, or holds less than was released.
func TestVerifyHoldsSealedDays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*surveys.DayBook)
		left   bool
		want   string
	}{
		"all is well":          {func(*surveys.DayBook) {}, false, ""},
		"a count was changed":  {func(b *surveys.DayBook) { replaceAll(&b.Body, `"n":40`, `"n":41`) }, false, "day 2026-01-10 of f_hall is not as it was sealed"},
		"the sum was changed":  {func(b *surveys.DayBook) { b.Forms++ }, false, "not as it was sealed"},
		"the seal was changed": {func(b *surveys.DayBook) { b.Seal = "0" }, false, "not as it was sealed"},
		"the seal is gone":     {func(b *surveys.DayBook) { b.Seal = "" }, false, "does not equal a recount of its responses"},
		"an answer came after": {func(*surveys.DayBook) {}, true, "day 2026-01-10 of f_hall got single forms after its seal"},
		"counts are gone":      {func(b *surveys.DayBook) { b.Body = []byte("[]"); b.Seal = b.Digest() }, false, "what was released (qr) is not among the answers any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, newMemStore(), 1)
			o.keepRaw(3)
			o.give(40, surveys.Response{Facility: hall, Day: "2026-01-10", Arrived: "2026-01-10"})
			o.pass("2026-01-11")
			o.seal("2026-05-01", 0)
			o.seal("2026-05-02", 1)
			book, err := o.st.Day(o.ctx, hall, "2026-01-10")
			o.must(err)
			was := string(book.Body) + book.Seal
			c.change(&book)
			if c.want != "" && !c.left && was == string(book.Body)+book.Seal && name != "the sum was changed" {
				t.Fatalf("nothing was changed in %s", was)
			}
			seen := surveys.DirtyDay{Facility: hall, Day: book.Day}
			if _, err = o.st.PutDays(o.ctx, []surveys.CountedDay{{Book: book, Seen: seen}}); err != nil {
				t.Fatal(err)
			}
			if c.left {
				o.give(1, surveys.Response{Facility: hall, Day: "2026-01-10", Arrived: "2026-01-10"})
			}
			report, err := analytics.Verify(o.ctx, o.st)
			o.must(err)
			told := strings.Join(report.Mismatches, "\n")
			if (c.want == "") != (told == "") || !strings.Contains(told, c.want) {
				t.Errorf("told %q, want %q", told, c.want)
			}
		})
	}
}

func TestRetainAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newMemStore(), 1)
	if err := analytics.Retain(o.ctx, o.st, 12, "2026-04-01"); !errors.Is(err, surveys.ErrNotFound) {
		t.Errorf("before the store is settled: %v", err)
	}
	o.keepRaw(24)
	errs := make(chan error)
	for range 4 {
		go func() { errs <- analytics.Retain(context.WithoutCancel(o.ctx), o.st, 12, "2026-04-01") }()
	}
	for range 4 {
		o.must(<-errs)
	}
	if in, err := surveys.Installed(o.ctx, o.st); err != nil || in.KeepRaw != 12 || in.MonthStart != 1 {
		t.Errorf("%+v, %v", in, err)
	}
}

// How often codes were opened is kept as long as single responses: months that have ended before go, when the clock is
// believed, and no others.
func TestSealingDropsUsage(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		o.keepRaw(3)
		for _, month := range []surveys.Month{"2025-12", "2026-01", "2026-02", "2026-05"} {
			o.must(surveys.AddUsage(o.ctx, o.st, surveys.Usage{Facility: hall, Month: month, Points: map[surveys.PointID]map[int]surveys.Use{"p_1": {28: {Opened: 1}}}}, "m"))
		}
		months := func() string {
			stored, err := surveys.Usages().All(o.ctx, o.st)
			o.must(err)
			var all []string
			for _, u := range stored {
				all = append(all, string(u.Value.Month))
			}
			return strings.Join(all, " ")
		}
		o.seal("2026-05-10", 0)
		if got, want := months(), "2025-12 2026-01 2026-02 2026-05"; got != want {
			t.Errorf("before the clock is believed %q is kept, want %q", got, want)
		}
		o.seal("2026-05-11", 0)
		if got, want := months(), "2026-02 2026-05"; got != want {
			t.Errorf("%q is kept, want %q", got, want)
		}
	})
}
