package analytics_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hailong/analytics"
	"hailong/surveys"
)

// What a point saw is told up to the last midnight, forms by citizens themselves, and nothing of points that are gone.
func TestPointUses(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, fresh func() surveys.Store) {
		o := newOffice(t, fresh(), 1)
		now := time.Date(2026, 3, 10, 3, 0, 0, 0, time.UTC)
		for _, p := range []surveys.Point{
			{ID: "p_1", Token: "AAAAAAAA", Facility: hall, Kind: "counter", Name: "Quầy 1"},
			{ID: "p_2", Token: "BBBBBBBB", Facility: hall, Kind: "online", Name: "Cổng"},
			{ID: "p_3", Token: "CCCCCCCC", Facility: hall, Kind: "gate", Name: "Cổng cũ", Retired: "2026-03-01"},
			{ID: "p_4", Token: "DDDDDDDD", Facility: "f_nobody", Kind: "gate", Name: "Không ai"},
		} {
			_, err := surveys.Points().Put(o.ctx, o.st, p, 0)
			o.must(err)
		}
		use := func(month surveys.Month, point surveys.PointID, days map[int]surveys.Use) {
			o.must(surveys.AddUsage(o.ctx, o.st, surveys.Usage{Facility: hall, Month: month, Points: map[surveys.PointID]map[int]surveys.Use{point: days}}, surveys.NewID("u")))
		}
		_, err := surveys.CountingSince(o.ctx, o.st, "2025-01-01")
		o.must(err)
		use("2026-03", "p_1", map[int]surveys.Use{2: {Opened: 100}, 3: {Opened: 30, Begun: 21}, 9: {Opened: 14, Begun: 9}, 10: {Opened: 50, Begun: 50}})
		use("2026-03", "p_1", map[int]surveys.Use{9: {Opened: 1}})
		use("2026-02", "p_1", map[int]surveys.Use{10: {Opened: 7}, 9: {Opened: 1000}}) // on the 10th 28 days are not over
		use("2025-04", "p_2", map[int]surveys.Use{1: {Opened: 3}})
		use("2026-03", "p_3", map[int]surveys.Use{9: {Opened: 5}})
		hung := surveys.Print{ID: "p_2.a4.0001", Point: "p_2", Facility: hall, Paper: "a4", State: surveys.PrintHung, Hung: "2026-01-01"}
		_, err = surveys.Prints().Put(o.ctx, o.st, hung, 0)
		o.must(err)
		o.give(4, surveys.Response{Day: "2026-03-09"})
		o.give(2, surveys.Response{Day: "2026-03-09", Standing: surveys.Aside, Reason: surveys.ReasonBurst})
		o.give(8, surveys.Response{Day: "2026-03-09", Channel: surveys.Paper})
		o.give(16, surveys.Response{Day: "2026-03-09", Arrived: "2026-03-10"}) // after midnight
		o.give(32, surveys.Response{Day: "2026-03-10"})
		o.give(64, surveys.Response{Day: "2026-03-02", Arrived: "2026-03-04"})
		o.give(128, surveys.Response{Day: "2026-02-09"})
		o.give(5, surveys.Response{Day: "2026-03-09", Point: "p_2", Channel: surveys.Link})
		o.roll()
		desk := analytics.NewPointDesk(o.st, func() time.Time { return now }, time.UTC)
		org, err := surveys.LoadOrganisation(o.ctx, o.st)
		o.must(err)
		type row struct {
			Point       surveys.PointID
			Week, Month analytics.PointDay
			Seen        surveys.Day
			Problem     analytics.PointProblem
			Share       float64
		}
		rows := func() (list []row) {
			uses, err := desk.Uses(o.ctx, org)
			o.must(err)
			for _, u := range uses {
				share, _ := u.Share()
				list = append(list, row{u.Point.ID, u.Week, u.Month, u.Seen, u.Problem, share})
			}
			return list
		}
		want := []row{
			{"p_1", analytics.PointDay{Opened: 45, Begun: 30, Sent: 6}, analytics.PointDay{Opened: 152, Begun: 30, Sent: 70}, "2026-03-09", "", 70.0 / 152},
			{"p_2", analytics.PointDay{Sent: 5}, analytics.PointDay{Sent: 5}, "2025-04-01", analytics.PointNever, 0},
		}
		if diff := cmp.Diff(want, rows()); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
		use("2026-03", "p_1", map[int]surveys.Use{9: {Opened: 1}})
		now = now.Add(time.Minute)
		if got := rows()[0].Week.Opened; got != 45 {
			t.Errorf("a moment later %d", got)
		}
		now = now.Add(5 * time.Minute)
		if got := rows()[0].Week.Opened; got != 46 {
			t.Errorf("some minutes later %d, want 46", got)
		}
	})
}

func TestCoarse(t *testing.T) {
	t.Parallel()
	got := analytics.PointDay{Opened: 9, Begun: 10, Sent: 149}.Coarse()
	if want := (analytics.PointDay{Opened: 0, Begun: 10, Sent: 140}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
