package surveys_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
)

func TestParseMoment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want surveys.Moment
		bad  bool
	}{
		{"", surveys.Moment{}, false},
		{"2026-11-26T09", surveys.Moment{Day: "2026-11-26", Hour: 9}, false},
		{"2024-02-29T00", surveys.Moment{Day: "2024-02-29", Hour: 0}, false},
		{"2026-12-31T23", surveys.Moment{Day: "2026-12-31", Hour: 23}, false},
		{text: "2026-02-29T10", bad: true},
		{text: "2026-11-26T24", bad: true},
		{text: "2026-11-26T9", bad: true},
		{text: "2026-11-26T-1", bad: true},
		{text: "2026-11-26", bad: true},
		{text: "2026-11-26T09:30", bad: true},
		{text: "2026-11-26T09Z", bad: true},
		{text: " 2026-11-26T09", bad: true},
		{text: "2026-11-26T09\n", bad: true},
		{text: "+2026-11-26T09", bad: true},
		{text: "12026-11-26T09", bad: true},
		{text: "now", bad: true},
	} {
		got, err := surveys.ParseMoment(c.text)
		if (err != nil) != c.bad || got != c.want {
			t.Errorf("%q: got %v, %v, want %v, an error: %v", c.text, got, err, c.want, c.bad)
		}
	}
}

func TestMomentOf(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation(surveys.Zone)
	if err != nil {
		t.Fatal(err)
	}
	got := surveys.MomentOf(time.Date(2025, 12, 31, 17, 59, 59, 0, time.UTC), zone)
	if diff := cmp.Diff(surveys.Moment{Day: "2026-01-01", Hour: 0}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCountedAt(t *testing.T) {
	t.Parallel()
	at := func(day surveys.Day, hour int) surveys.Moment { return surveys.Moment{Day: day, Hour: hour} }
	now := at("2026-03-10", 9)
	for _, c := range []struct {
		name       string
		given, now surveys.Moment
		closed     bool
		want       surveys.Moment
	}{
		{"not said", surveys.Moment{}, now, false, now},
		{"this hour", now, now, false, now},
		{"earlier today", at("2026-03-10", 7), now, false, at("2026-03-10", 7)},
		{"earlier today, which nothing closes", at("2026-03-10", 7), now, true, at("2026-03-10", 7)},
		{"midnight", at("2026-03-10", 0), now, false, at("2026-03-10", 0)},
		{"an hour to come: the phone's clock is ahead", at("2026-03-10", 11), now, false, now},
		{"yesterday", at("2026-03-09", 23), now, false, at("2026-03-09", 23)},
		{"fourteen days back", at("2026-02-24", 0), now, false, at("2026-02-24", 0)},
		{"fifteen days back", at("2026-02-23", 23), now, false, at("2026-03-10", -1)},
		{"tomorrow", at("2026-03-11", 0), now, false, at("2026-03-10", -1)},
		{"a phone set to 1970", at("1970-01-01", 0), now, false, at("2026-03-10", -1)},
		{"a phone set to 2099", at("2099-12-31", 23), now, false, at("2026-03-10", -1)},
		{"a closed day", at("2026-03-08", 15), now, true, at("2026-03-10", -1)},
		{"over the year's end", at("2025-12-31", 16), at("2026-01-02", 8), false, at("2025-12-31", 16)},
		{"over the year's end, fourteen days", at("2025-12-20", 16), at("2026-01-03", 8), false, at("2025-12-20", 16)},
		{"over the year's end, fifteen days", at("2025-12-19", 16), at("2026-01-03", 8), false, at("2026-01-03", -1)},
		{"over the end of a leap February", at("2024-02-29", 10), at("2024-03-14", 8), false, at("2024-02-29", 10)},
		{"over the end of a leap February, too late", at("2024-02-28", 10), at("2024-03-14", 8), false, at("2024-03-14", -1)},
		{"the server's clock was put back", at("2026-03-10", 9), at("2026-03-01", 9), false, at("2026-03-01", -1)},
		{"the server's clock was put back within the day", at("2026-03-10", 9), at("2026-03-10", 3), false, at("2026-03-10", 3)},
		{"the server's clock was put ahead", at("2026-03-10", 9), at("2026-04-10", 9), false, at("2026-04-10", -1)},
	} {
		if got := c.given.CountedAt(c.now, !c.closed); got != c.want {
			t.Errorf("%s: given %v, arriving %v: counted at %v, want %v", c.name, c.given, c.now, got, c.want)
		}
	}
}

// Whatever a phone says, an answer counts between two weeks ago and now, never on a closed day, and never on another
// day than one of the two.
func TestCountedAtBounds(t *testing.T) {
	t.Parallel()
	first := surveys.Day("2025-12-10")
	for arrived := first; arrived < first.Add(60); arrived = arrived.Add(1) {
		now := surveys.Moment{Day: arrived, Hour: 12}
		for back := -20; back <= 20; back++ {
			for _, hour := range []int{0, 12, 23} {
				for _, open := range []bool{true, false} {
					given := surveys.Moment{Day: arrived.Add(-back), Hour: hour}
					got := given.CountedAt(now, open)
					own := got == given && back <= surveys.MostLate
					onArrival := got.Day == arrived && (got.Hour == -1 || got.Hour <= now.Hour)
					if !own && !onArrival || got.Day > arrived || !open && got.Day != arrived {
						t.Fatalf("given %v, arriving %v, open %v: counted at %v", given, now, open, got)
					}
				}
			}
		}
	}
}

// The shortest time that single responses may be kept leaves room for the latest answer that counts on its own day, on
// every day of four years: with the margin of DayClosed for a night.
func TestRetentionIsLongerThanAnswersWait(t *testing.T) {
	t.Parallel()
	shortest := surveys.Installation{KeepRaw: surveys.LeastKeepRaw}
	for today := surveys.Day("2024-01-01"); today < "2028-01-01"; today = today.Add(1) {
		if kept := shortest.KeptFrom(today.Add(1)); kept > today.Add(-surveys.MostLate) {
			t.Fatalf("on %s answers are kept from %s, and one of %s may come", today, kept, today.Add(-surveys.MostLate))
		}
	}
	if err := surveys.CheckKeepRaw(surveys.LeastKeepRaw - 1); err == nil {
		t.Error("a shorter time is taken")
	}
}

func TestOpenOn(t *testing.T) {
	t.Parallel()
	place := surveys.Place{
		Point:    surveys.Point{Retired: "2026-03-05"},
		Facility: surveys.Facility{From: "2026-02-01", To: "2026-03-08"},
	}
	for day, want := range map[surveys.Day]bool{
		"2026-01-31": false, "2026-02-01": true, "2026-03-04": true, "2026-03-05": false, "2026-03-09": false,
	} {
		if got := place.OpenOn(day); got != want {
			t.Errorf("%s: open %v, want %v", day, got, want)
		}
	}
	place.Point.Retired = ""
	if !place.OpenOn("2026-03-08") || place.OpenOn("2026-03-09") {
		t.Error("a facility is open on its last day and closed after it")
	}
}
