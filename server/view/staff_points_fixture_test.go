package view_test

import (
	"fmt"

	"hailong/server/view"
)

func useCounts(exact bool, opened, begun, sent int64) view.UseCounts {
	return view.UseCounts{Opened: view.UseCount{N: opened, Exact: exact}, Begun: view.UseCount{N: begun, Exact: exact}, Sent: view.UseCount{N: sent, Exact: exact}}
}

// pointUses are a sound use as an administrator sees it, one that others see of a covered code, and one of a link.
func pointUses() []view.PointUse {
	return []view.PointUse{
		{Exact: true, Week: useCounts(true, 45, 33, 21), Month: useCounts(true, 1234, 801, 656), Seen: "2026-10-14", Share: 0.53, HasShare: true, Medium: "paper"},
		{Week: useCounts(false, 0, 0, 0), Month: useCounts(false, 120, 90, 60), Seen: "2026-10-06", Share: 0.5, HasShare: true, Medium: "paper", Problem: "silent"},
		{Week: useCounts(false, 40, 20, 0), Month: useCounts(false, 160, 80, 0), Seen: "2026-10-14", HasShare: true, Medium: "link", Problem: "unsent"},
		{Week: useCounts(false, 0, 0, 0), Month: useCounts(false, 0, 0, 0), Medium: "paper", Problem: "never"},
		{Exact: true, Month: useCounts(true, 1, 0, 90), Week: useCounts(true, 0, 0, 0), Seen: "2026-09-20", Medium: "kiosk", Problem: "silent"},
	}
}

func reach() view.Reach {
	return view.Reach{
		Missing: []view.MissingGroup{{Name: "refused", Kinds: []string{"refusal", "gate"}}, {Name: "left", Kinds: []string{"waiting", "gate"}}, {Name: "families", Kinds: []string{"online", "slip"}}},
		Offers:  []view.PointOffer{{Kind: "refusal", Name: "Nơi trả lại hồ sơ"}, {Kind: "slip", Name: hostile}, {Kind: "online", Name: "Cổng thông tin, nhóm Zalo"}},
		Action:  "/app/facilities/f_1/points", Back: "/app/facilities/f_1?kind=quarter", CSRF: "csrf-marker",
	}
}

func pointsPage() view.PointsPage {
	p := view.PointsPage{
		StaffFrame: staffFrame(), AsOf: "2026-10-14", Since: "2026-03-01", All: 612,
		Filter: view.ListFilter{Units: []view.UnitChoice{{Value: "13891", Name: "Xã Nghĩa Hưng"}}, Sectors: []string{"health", "education", "one_stop", "policy"}, Clear: "/app/points"},
	}
	prints := printRows()
	for i, u := range pointUses() {
		r := view.PointRow{
			Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", FacilityURL: "/app/facilities/f_1", Point: fmt.Sprint("Quầy ", i+1), Kind: "counter", Use: u,
		}
		switch u.Medium {
		case "kiosk":
			r.Kind = "kiosk"
		case "link":
			r.Kind, r.Point, r.Facility = "online", hostile, hostile
		default:
			r.PrintURL, r.Prints = "/app/facilities/f_1/print", prints[i:i+1]
		}
		p.Rows = append(p.Rows, r)
		if !r.Sound() {
			p.Problems = append(p.Problems, r)
		}
	}
	p.Total = len(p.Rows)
	return p
}

// pointsPages are the list of points in every state.
func pointsPages() map[string]view.Page {
	sound, next, none, empty, only := pointsPage(), pointsPage(), pointsPage(), pointsPage(), facilityPage()
	sound.Problems, sound.Rows, sound.Total = nil, sound.Rows[:1], 1
	sound.Rows[0].Prints = nil
	next.Problems, next.First, next.Next, next.Filter.Unit, next.Filter.Query = nil, "/app/points", "/app/points?page=3", "13891", "trạm"
	none.Problems, none.Rows, none.Total, none.Filter.Sector = nil, nil, 0, "policy"
	empty.Problems, empty.Rows, empty.Total, empty.All, empty.Since = nil, nil, 0, 0, ""
	only.Reach.OnlyResults, only.Points = true, nil
	slips := printPage()
	slips.Paper, slips.NoSlips, slips.Reach = "slips", true, reach()
	return map[string]view.Page{
		"points": pointsPage(), "points-sound": sound, "points-next": next, "points-none": none, "points-empty": empty,
		"facility-only-results": only, "print-no-slips": slips,
	}
}
