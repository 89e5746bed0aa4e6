package analytics_test

import (
	"testing"

	"hailong/analytics"
	"hailong/surveys"
)

// A caller sees the past of today's own facilities and of those that were the scope's then, and of nobody else.
func TestCovers(t *testing.T) {
	t.Parallel()
	o := testOffice(t)
	moved := surveys.Facility{
		ID: "f_moved", Name: "Trạm chuyển", Sector: "health", Kind: "station", Instrument: "station", From: "2000-01-01",
		Placements: []surveys.Placement{{Unit: "100", From: "2000-01-01"}, {Unit: "200", From: "2026-04-01"}},
	}
	_, err := surveys.Facilities().Put(o.ctx, o.st, moved, 0)
	o.must(err)
	o.must(surveys.OrganisationChanged(o.ctx, o.st))
	o.today = "2026-06-01"
	o.restart()
	for _, c := range []struct {
		own, asked string
		from, to   surveys.Day
		tree       analytics.Tree
		want       bool
	}{
		{"all", "all", "2026-01-01", "2026-05-31", "", true},
		{"facility:f_hall", "facility:f_hall", "2026-01-01", "2026-05-31", "", true},
		{"facility:f_hall", "facility:f_clinic", "2026-01-01", "2026-05-31", "", false},
		{"facility:f_hall", "unit:100", "2026-05-01", "2026-05-31", "", false},
		{"facility:f_hall", "all", "2026-05-01", "2026-05-31", "", false},
		{"unit:100", "unit:100", "2026-05-01", "2026-05-31", "", true},
		{"unit:100", "unit:100", "2026-01-01", "2026-03-31", "", true}, // with what moved away since
		{"unit:100", "facility:f_moved", "2026-01-01", "2026-03-31", "", true},
		{"unit:100", "facility:f_moved", "2026-03-01", "2026-04-01", "", false},
		{"unit:200", "unit:200", "2026-01-01", "2026-05-31", "", true},
		{"unit:200", "facility:f_moved", "2026-01-01", "2026-03-31", "", true}, // it has come since
		{"unit:200", "unit:100", "2026-01-01", "2026-03-31", "", false},
		{"facility:f_moved", "unit:200", "2026-01-01", "2026-05-31", "now", false},
		{"unit:36", "unit:100", "2026-01-01", "2026-03-31", "", true},
		{"unit:36", "sector:health", "2026-01-01", "2026-03-31", "", true},
		{"sector:health", "unit:200", "2026-01-01", "2026-03-31", "", true},
		{"sector:health", "unit:100", "2026-01-01", "2026-03-31", "", false}, // the hall is there too
	} {
		own, err := analytics.ParseScope(c.own)
		o.must(err)
		asked, err := analytics.ParseScope(c.asked)
		o.must(err)
		got, err := o.desk.Covers(o.ctx, own, analytics.Query{Scope: asked, From: c.from, To: c.to, Tree: c.tree})
		o.must(err)
		if got != c.want {
			t.Errorf("%s asks for %s, %s to %s: got %t, want %t", c.own, c.asked, c.from, c.to, got, c.want)
		}
	}
}
