package view_test

import (
	"fmt"
	"math"

	"hailong/server/view"
)

const hostile = `<script>alert("1")</script> & **Cơ sở** 'X'`

func staffFrame() view.StaffFrame {
	return view.StaffFrame{
		Organisation: "Khu vực Nghĩa Hưng", Demo: true, CSRF: "csrf-marker", SignedIn: true, MayReview: true, Switch: "/app?lang=en",
	}
}

func quarter(year, number int) view.Period {
	from := []string{"01-01", "04-01", "07-01", "10-01"}[number-1]
	to := []string{"03-31", "06-30", "09-30", "12-31"}[number-1]
	return view.Period{
		Kind: view.PeriodQuarter, Year: year, Number: number,
		From: surveysDay(year, from), To: surveysDay(year, to),
	}
}

func month(year, number int) view.Period {
	return view.Period{
		Kind: view.PeriodMonth, Year: year, Number: number,
		From: surveysDay(year, fmt.Sprintf("%02d-01", number)), To: surveysDay(year, fmt.Sprintf("%02d-28", number)),
	}
}

func picker() view.PeriodPicker {
	return view.PeriodPicker{
		Period: quarter(2026, 3), On: "2026-09-30",
		Previous: "/app?kind=quarter&on=2026-06-30", Next: "/app?kind=quarter&on=2026-12-31",
	}
}

// around is roughly the interval of n forms, for pictures only.
func around(rate float64, n int64) view.Interval {
	half := 1.96 * math.Sqrt(rate*(1-rate)/float64(n)/2.5)
	return view.Interval{Low: math.Max(0, rate-half), High: math.Min(1, rate+half)}
}

func score(rate float64, n int64, verdict string, needed int64) view.Score {
	s := view.Score{Forms: n, Rate: rate, Interval: around(rate, n), Target: 0.85, Verdict: verdict, Needed: needed}
	if verdict == view.VerdictNoTarget {
		s.Target = 0
	}
	return s
}

func row(name string, rate float64, n int64, verdict string, needed int64) view.FacilityRow {
	return view.FacilityRow{Name: name, URL: "/app/facilities/f_1", State: view.StateFull, Score: score(rate, n, verdict, needed)}
}

// listPage has 25 facilities with every verdict and state.
func listPage() view.ListPage {
	u, m, x := view.VerdictUndecided, view.VerdictMet, view.VerdictNotMet
	waiting := view.FacilityRow{
		Name: "Trường Mầm non Nghĩa Trung", URL: "/app/facilities/f_2", State: view.StateHidden,
		Waiting: view.Waiting{Forms: 7, Steps: []view.WaitStep{{Date: "2026-11-01", Minimum: 20, Kind: "month"}}},
	}
	partly := row("Trạm Y tế xã Nghĩa Hưng", 0.795, 412, x, 0)
	partly.Reliability = view.Reliability{Grade: "C", Signals: []string{"late"}}
	nobody := view.FacilityRow{Name: "Trường THCS Nghĩa Châu", URL: "/app/facilities/f_3", State: view.StateNone}
	return view.ListPage{
		StaffFrame: staffFrame(), Picker: picker(), Place: "xã Nghĩa Hưng", Closing: "2026-10-14", Closed: true,
		Total: 151, AsOf: "2026-10-15",
		Filter: view.ListFilter{
			Unit: "13-09", Units: []view.UnitChoice{{Value: "13-08", Name: "Xã Nghĩa Lâm"}, {Value: "13-09", Name: "Xã Nghĩa Hưng"}},
			Sectors: []string{"health", "education", "one_stop", "policy"}, Clear: "/app?kind=quarter&on=2026-09-30",
		},
		Sectors: []view.SectorGroup{
			{
				Sector: "health", Target: 0.85, Pooled: &view.PooledRate{Rate: 0.859, Forms: 1281}, Mean: &view.MeanRate{Rate: 0.853, Facilities: 5},
				Rows: []view.FacilityRow{
					row("Bệnh viện đa khoa Nghĩa Hưng", 0.887, 684, m, 0), row("Điểm trạm Nghĩa Châu", 0.824, 46, u, 683),
					row("Điểm trạm Nghĩa Thái", 0.935, 118, m, 0), row("Điểm trạm Nghĩa Trung", 0.824, 21, u, 0),
					partly,
				},
			},
			{
				Sector: "education", Target: 0.85, Pooled: &view.PooledRate{Rate: 0.889, Forms: 1187}, Mean: &view.MeanRate{Rate: 0.877, Facilities: 13},
				Rows: []view.FacilityRow{
					row("Trường Mầm non Liễu Đề", 0.941, 138, m, 0), row("Trường Mầm non Nghĩa Châu", 0.885, 34, u, 103),
					row("Trường Mầm non Nghĩa Thái", 0.898, 62, u, 28), waiting, row("Trường THCS Liễu Đề", 0.788, 121, x, 0), nobody,
					row("Trường THCS Nghĩa Hưng", 0.931, 152, m, 0), row("Trường THCS Nghĩa Thái", 0.871, 57, u, 0),
					row("Trường THCS Nghĩa Trung", 0.91, 38, u, 31), row("Trường THPT A Nghĩa Hưng", 0.916, 226, m, 0),
					row("Trường Tiểu học Liễu Đề", 0.904, 164, m, 0), row("Trường Tiểu học Nghĩa Châu", 0.729, 41, x, 0),
					row("Trường Tiểu học Nghĩa Thái", 0.83, 73, u, 0), row("Trường Tiểu học Nghĩa Trung", 0.935, 29, u, 6),
					row("Trung tâm Giáo dục nghề nghiệp – Giáo dục thường xuyên Nghĩa Hưng", 0.866, 52, view.VerdictIncomplete, 0),
				},
			},
			{
				Sector: "one_stop", Pooled: &view.PooledRate{Rate: 0.873, Forms: 729}, Mean: &view.MeanRate{Rate: 0.87, Facilities: 4},
				Rows: []view.FacilityRow{
					row("Điểm tiếp nhận Nghĩa Châu", 0.868, 31, view.VerdictNoTarget, 0), row("Điểm tiếp nhận Nghĩa Thái", 0.912, 96, view.VerdictNoTarget, 0),
					row("Điểm tiếp nhận Nghĩa Trung", 0.828, 64, view.VerdictNoTarget, 0), row("Trung tâm Phục vụ hành chính công", 0.872, 538, view.VerdictNoTarget, 0),
				},
			},
			{Sector: "policy", Rows: []view.FacilityRow{row("UBND xã Nghĩa Hưng", 0.703, 87, view.VerdictNoTarget, 0)}},
		},
	}
}

// longList has 150 facilities, none filtered out.
func longList() view.ListPage {
	p := listPage()
	p.Place, p.Filter.Unit, p.Total = "", "", 150
	sectors := p.Sectors
	p.Sectors = nil
	for i, s := range sectors {
		rows := s.Rows
		s.Rows = nil
		for k := range []int{30, 100, 14, 6}[i] {
			r := rows[k%len(rows)]
			r.Name = fmt.Sprintf("%s %d", r.Name, k/len(rows)+1)
			r.URL = fmt.Sprintf("/app/facilities/f_%012x?kind=quarter&on=2026-09-30", 7919*(k+1)*(i+1))
			if r.State == view.StateFull {
				r.Score.Rate = math.Min(0.99, r.Score.Rate+float64(k%13)/200)
				r.Score.Forms += int64(k * 3)
				r.Score.Interval = around(r.Score.Rate, r.Score.Forms)
			}
			s.Rows = append(s.Rows, r)
		}
		p.Sectors = append(p.Sectors, s)
	}
	return p
}

func openList() view.ListPage {
	p := listPage()
	p.Picker = view.PeriodPicker{Period: quarter(2026, 4), On: "2026-12-31", Previous: "/app?kind=quarter&on=2026-09-30"}
	p.Closing, p.Closed = "2027-01-14", false
	for i := range p.Sectors {
		for k := range p.Sectors[i].Rows {
			r := &p.Sectors[i].Rows[k]
			if r.Score.Verdict != view.VerdictNoTarget {
				r.Score.Verdict = view.VerdictOpen
			}
		}
	}
	return p
}
