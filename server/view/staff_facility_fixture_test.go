package view_test

import (
	"fmt"
	"maps"
	"strings"

	"hailong/server/view"
	"hailong/surveys"
)

func surveysDay(year int, monthDay string) surveys.Day {
	return surveys.Day(fmt.Sprintf("%d-%s", year, monthDay))
}

func scaleWords() [5]string {
	return [5]string{"Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"}
}

// item makes one from its label and the counts from 5 to 1 and none; a star before the label makes it core.
func item(code, label string, counts [5]int64, none int64) view.ItemRow {
	core := strings.HasPrefix(label, "*")
	i := view.ItemRow{Code: code, Label: strings.TrimPrefix(label, "*"), Core: core, None: none}
	for k, n := range counts {
		i.Counts[4-k] = n
		i.Answered += n
	}
	i.Rate = float64(counts[0]+counts[1]) / float64(i.Answered)
	return i
}

func factors() []view.FactorGroup {
	return []view.FactorGroup{
		{Title: "Khả năng tiếp cận", Rate: 0.822, Shown: 3, Items: []view.ItemRow{
			item("A1", "Đường đến trạm có biển chỉ dẫn dễ thấy", [5]int64{87, 52, 16, 0, 2}, 3),
			item("A2", "Sơ đồ, bảng chỉ phòng dễ hiểu", [5]int64{88, 38, 18, 11, 2}, 3),
			item("A3", "Lối đi bằng phẳng, xe lăn và người già đi được", [5]int64{59, 60, 20, 10, 4}, 7),
		}},
		{Title: "Thông tin, thủ tục", Rate: 0.825, Shown: 7, Items: []view.ItemRow{
			item("B1", "Các bước khám được niêm yết dễ hiểu", [5]int64{84, 50, 13, 5, 3}, 6),
			item("B2", "*Thủ tục gọn, không phải đi lại nhiều", [5]int64{203, 135, 33, 19, 12}, 8),
			item("B3", "Giá dịch vụ công khai, rõ", [5]int64{92, 35, 13, 8, 2}, 10),
			item("B4", "Người đón tiếp niềm nở, chỉ dẫn tận tình", [5]int64{98, 38, 5, 3, 3}, 9),
			item("B5", "Theo đúng thứ tự, không chen ngang", [5]int64{81, 39, 18, 9, 7}, 5),
			item("B6", "*Chờ đến lượt khám", [5]int64{124, 141, 74, 37, 20}, 12),
			item("B7", "Thời gian khám, tư vấn đủ", [5]int64{78, 55, 16, 6, 2}, 4),
		}},
		{Title: "Cơ sở vật chất", Rate: 0.786, Shown: 6, Items: []view.ItemRow{
			item("C1", "Chỗ chờ sạch, thoáng mùa hè, ấm mùa đông", [5]int64{71, 47, 19, 12, 5}, 3),
			item("C2", "Đủ ghế ngồi", [5]int64{55, 60, 24, 13, 6}, 3),
			item("C3", "Có quạt, điều hòa chạy tốt", [5]int64{66, 57, 24, 6, 4}, 3),
			item("C4", "Kín đáo, riêng tư khi khám", [5]int64{94, 36, 11, 3, 1}, 15),
			item("C5", "*Nhà vệ sinh sạch, dùng được", [5]int64{96, 131, 64, 33, 30}, 51),
			item("C6", "Khuôn viên xanh, sạch", [5]int64{107, 32, 11, 3, 1}, 5),
		}},
		{Title: "Nhân viên y tế", Rate: 0.921, Shown: 3, Items: []view.ItemRow{
			item("D1", "*Bác sĩ, y sĩ, điều dưỡng nói năng đúng mực", [5]int64{275, 96, 26, 6, 2}, 4),
			item("D2", "Được tôn trọng, đối xử công bằng", [5]int64{108, 38, 10, 2, 0}, 1),
			item("D3", "Tay nghề đáp ứng mong đợi", [5]int64{114, 31, 7, 4, 1}, 3),
		}},
		{Title: "Kết quả", Rate: 0.88, Shown: 3, Items: []view.ItemRow{
			item("E1", "*Kết quả khám đáp ứng mong muốn", [5]int64{234, 120, 33, 8, 5}, 12),
			item("E2", "Đơn thuốc, kết quả đầy đủ, được giải thích", [5]int64{90, 41, 15, 8, 2}, 5),
			item("E3", "Tin tưởng chất lượng nơi đây", [5]int64{99, 39, 10, 2, 1}, 6),
		}},
		{Title: "Riêng của trạm y tế", Rate: 0.781, Shown: 2, Items: []view.ItemRow{
			item("F1", "Đủ thuốc thiết yếu, thuốc bảo hiểm y tế", [5]int64{41, 50, 29, 14, 7}, 19),
			item("F2", "Tiêm chủng: tư vấn, theo dõi sau tiêm chu đáo", [5]int64{69, 18, 4, 3, 1}, 65),
			{Code: "F3", Label: "Có người trực khi cần", Withheld: true},
		}},
	}
}

func monthTrend() view.Trend {
	rates := []float64{0.814, 0.835, 0.83, 0.796, 0.807, 0.849, 0.81, 0, 0.82, 0.856, 0.84, 0.821, 0.839, 0.724, 0.823}
	forms := []int64{96, 112, 121, 134, 128, 117, 104, 0, 138, 131, 142, 127, 138, 1141, 133}
	t := view.Trend{Level: view.PeriodMonth, Target: 0.85}
	for i, r := range rates {
		p := view.TrendPoint{Period: month(2025+(i+6)/12, (i+6)%12+1), State: view.StateFull, Rate: r, Forms: forms[i], Current: i >= 12}
		if r == 0 {
			p.State, p.Minimum = view.StateHidden, 20
		} else {
			p.Interval = around(r, forms[i])
		}
		t.Points = append(t.Points, p)
	}
	return t
}

func quarterTrend() view.Trend {
	point := func(year, number int, rate float64, n int64) view.TrendPoint {
		return view.TrendPoint{Period: quarter(year, number), State: view.StateFull, Rate: rate, Forms: n, Interval: around(rate, n)}
	}
	t := view.Trend{Level: view.PeriodQuarter, Target: 0.85, Points: []view.TrendPoint{
		point(2025, 3, 0.797, 14),
		{Period: quarter(2025, 4), State: view.StateHidden, Minimum: 10},
		point(2026, 1, 0.845, 12), point(2026, 2, 0.833, 18), point(2026, 3, 0.824, 21),
	}}
	t.Points[4].Current = true
	return t
}

func surveyPoints() []view.SurveyPoint {
	uses := pointUses()
	return []view.SurveyPoint{
		{ID: "p_1", Name: "Khu chờ khám", Kind: "waiting", Code: "K7QM2XHD", URL: "https://haihau.example.vn/s/K7QM2XHD", Prints: printRows()[:2], Use: &uses[0]},
		{ID: "p_2", Name: "Phòng phát thuốc", Kind: "result", Code: "K7QM2XHE", URL: "https://haihau.example.vn/s/K7QM2XHE", Use: &uses[1]},
		{ID: "p_4", Name: hostile, Kind: "online", Code: "K7QM2XHG", URL: "https://haihau.example.vn/s/K7QM2XHG", Use: &uses[2], Paste: "Mời Ông/Bà cho biết mức độ hài lòng với " + hostile + ":\nhttps://haihau.example.vn/s/K7QM2XHG"},
		{ID: "p_3", Name: "Cổng trạm", Kind: "gate", Code: "K7QM2XHF", URL: "https://haihau.example.vn/s/K7QM2XHF", Retired: true},
	}
}

func definition() view.Definition {
	return view.Definition{
		Satisfied: 1555, Answered: 1957, CoreItems: 5, Deff: 1.61, EffectiveN: 1215.5, Mean: 4.148, Releases: 4,
		Instruments: []view.InstrumentUse{{Title: "Trạm y tế", Versions: []int{1, 2}}},
		Target:      view.TargetSource{Value: 0.85, From: "2021-01-01", Source: "Kế hoạch cải cách hành chính 2021–2025"},
	}
}

// facilityPage is a busy station with 25 items.
func facilityPage() view.FacilityPage {
	return view.FacilityPage{
		StaffFrame: staffFrame(), Name: "Trạm Y tế xã Nghĩa Hưng", Place: "xã Nghĩa Hưng", Sector: "health",
		List: "/app?kind=quarter&on=2026-09-30", Picker: picker(), Closing: "2026-10-14", Closed: true,
		State: view.StateFull, Score: score(0.795, 412, view.VerdictNotMet, 0), Trend: monthTrend(),
		Priorities: []view.Priority{
			{Label: "Nhà vệ sinh sạch, dùng được", Code: "C5", Rate: 0.641, Answered: 354, Counts: [5]int64{30, 33, 64, 131, 96}, Missing: 74, Level: 0.85},
			{Label: "Chờ đến lượt khám", Code: "B6", Rate: 0.669, Answered: 396, Counts: [5]int64{20, 37, 74, 141, 124}, Missing: 72, Level: 0.85},
			{Label: "Đủ thuốc thiết yếu, thuốc bảo hiểm y tế", Code: "F1", Rate: 0.645, Answered: 141, Counts: [5]int64{7, 14, 29, 50, 41}, Missing: 29, Level: 0.85, Detail: true},
		},
		Scale: scaleWords(), Factors: factors(), Points: surveyPoints(), Reach: reach(), Print: "/app/facilities/f_1/print", Definition: definition(), AsOf: "2026-10-15",
		Restricted: []view.RestrictedItem{{
			Code: "T1", Label: "Có ai gợi ý hoặc Ông/Bà phải đưa tiền ngoài quy định không?",
			Options: []view.OptionCount{{"Không", 148}, {"Có", 3}, {"Không muốn trả lời", 9}},
		}},
		Waiting: view.Waiting{Forms: 8, Steps: []view.WaitStep{
			{Date: "2026-10-16", Minimum: 30, Kind: "day"}, {Date: "2026-11-01", Minimum: 20, Kind: "month"}, {Date: "2027-01-01", Minimum: 10, Kind: "quarter"},
		}},
		SetAside: 12, WithAside: &view.WithAside{Rate: 0.861, Interval: view.Interval{Low: 0.83, High: 0.888}},
		Reliability: view.Reliability{Grade: "A"},
	}
}

// smallFacility has 21 forms, released by quarter.
func smallFacility() view.FacilityPage {
	p := facilityPage()
	p.Name, p.Score, p.Trend = "Điểm trạm Nghĩa Trung", score(0.824, 21, view.VerdictUndecided, 407), quarterTrend()
	p.Factors = []view.FactorGroup{{Title: "Câu chính", Rate: 0.822, Shown: 5, Items: []view.ItemRow{
		item("B2", "*Thủ tục gọn, không phải đi lại nhiều", [5]int64{14, 4, 2, 1, 0}, 0),
		item("B6", "*Chờ đến lượt khám", [5]int64{7, 7, 4, 2, 0}, 1),
		item("C5", "*Nhà vệ sinh sạch, dùng được", [5]int64{11, 6, 3, 0, 0}, 1),
	}}}
	p.Priorities, p.Restricted, p.SetAside, p.WithAside, p.DetailWaiting = p.Priorities[1:2], nil, 0, nil, 20
	p.Definition = view.Definition{
		Satisfied: 84, Answered: 102, CoreItems: 5, Deff: 2.4, EffectiveN: 42.5, Mean: 4.2, Releases: 1,
		Instruments: []view.InstrumentUse{{Title: "Trạm y tế", Versions: []int{2}}}, Target: definition().Target,
	}
	return p
}

// waitingFacility has forms, none of them released.
func waitingFacility() view.FacilityPage {
	p := smallFacility()
	p.Picker = view.PeriodPicker{Period: quarter(2026, 4), On: "2026-12-31", Previous: "/app?kind=quarter&on=2026-09-30"}
	p.Closing, p.Closed, p.State, p.Score, p.Factors, p.Priorities = "2027-01-14", false, view.StateHidden, view.Score{}, nil, nil
	p.Definition = view.Definition{Instruments: p.Definition.Instruments, Target: p.Definition.Target}
	p.DetailWaiting = 0
	return p
}

// nobodyFacility has not had one form.
func nobodyFacility() view.FacilityPage {
	p := waitingFacility()
	p.State, p.Waiting, p.Trend = view.StateNone, view.Waiting{}, view.Trend{}
	return p
}

func staffPages() map[string]view.Page {
	empty := listPage()
	empty.Sectors, empty.Filter.Query = nil, "bệnh viện"
	met := facilityPage()
	met.Score, met.Waiting = score(0.91, 412, view.VerdictMet, 0), view.Waiting{}
	slightly, partly, mostly := facilityPage(), facilityPage(), facilityPage()
	slightly.Reliability = view.Reliability{Grade: "B", Signals: []string{"drift"}}
	partly.Reliability = view.Reliability{Grade: "C", Signals: []string{"late", "bunched"}}
	mostly.Reliability = view.Reliability{Grade: "D", Signals: []string{"late", "bunched", "hasty", "drift"}}
	open := facilityPage()
	open.Reliability = view.Reliability{}
	open.Score, open.Closed = score(0.82, 60, view.VerdictOpen, 188), false
	low := facilityPage()
	low.Score, low.Definition.Target, low.Priorities, low.Waiting = score(0.12, 44, view.VerdictNoTarget, 0), view.TargetSource{}, nil, view.Waiting{}
	low.Trend.Target = 0
	frame := view.StaffFrame{Organisation: "Khu vực Nghĩa Hưng", CSRF: "csrf-marker", Switch: "/login?lang=en"}
	pages := map[string]view.Page{
		"login":            view.LoginPage{StaffFrame: frame, Next: "/app"},
		"login-wrong":      view.LoginPage{StaffFrame: frame, Next: "/app", Problem: view.LoginWrong},
		"error":            view.ErrorPage{StaffFrame: staffFrame(), Status: 500, RequestID: "4F2K-81", Retry: "/app"},
		"list":             listPage(),
		"list-150":         longList(),
		"list-open":        openList(),
		"list-no-match":    empty,
		"list-empty":       view.ListPage{StaffFrame: staffFrame(), Picker: picker(), AsOf: "2026-10-15"},
		"facility":         facilityPage(),
		"facility-met":     met,
		"facility-open":    open,
		"facility-low":     low,
		"facility-small":   smallFacility(),
		"facility-waiting": waitingFacility(),
		"facility-nobody":  nobodyFacility(),
	}
	pages["facility-slightly"], pages["facility-partly"], pages["facility-mostly"] = slightly, partly, mostly
	maps.Copy(pages, printPages())
	maps.Copy(pages, reviewPages())
	maps.Copy(pages, entryPages())
	maps.Copy(pages, kioskPages())
	maps.Copy(pages, pointsPages())
	return pages
}
