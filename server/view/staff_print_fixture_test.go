package view_test

import "hailong/server/view"

func printRows() []view.PrintRow {
	hall, at := "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", "/app/facilities/f_1/print"
	return []view.PrintRow{
		{ID: "p_1.a4.0001", PointID: "p_1", Point: "Quầy 2", Facility: hall, FacilityURL: at, Paper: "a4", State: "hung", Since: "2026-10-01", Place: "cạnh quầy 2", Address: "https://cu.example/s/7K3MPX9D", Stale: "address"},
		{ID: "p_1.a5.0002", PointID: "p_1", Point: "Quầy 2", Facility: hall, FacilityURL: at, Paper: "a5", State: "printed", Since: "2026-10-02", Stale: "named"},
		{ID: "p_2.a6.0001", PointID: "p_2", Point: hostile, Facility: hostile, FacilityURL: at, Paper: "a6", State: "hung", Since: "2026-10-03", Place: hostile, Stale: "moved"},
		{ID: "p_2.a6.0002", PointID: "p_2", Point: "Quầy 3", Facility: hall, FacilityURL: at, Paper: "a6", State: "hung", Since: "2026-10-03", Stale: "retired"},
		{ID: "p_3.slips.0001", PointID: "p_3", Point: "Bàn trả kết quả", Facility: hall, FacilityURL: at, Paper: "slips", State: "queued", Since: "2026-10-04"},
		{ID: "p_3.a4.0002", PointID: "p_3", Point: "Bàn trả kết quả", Facility: hall, FacilityURL: at, Paper: "a4", State: "printed", Since: "2026-10-05"},
		{ID: "p_3.a4.0003", PointID: "p_3", Point: "Bàn trả kết quả", Facility: hall, FacilityURL: at, Paper: "a4", State: "down", Since: "2026-10-06", Place: "cửa"},
	}
}

func printPage() view.PrintPage {
	return view.PrintPage{
		StaffFrame: staffFrame(), Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Action: "/app/facilities/f_1/print",
		Back: "/app/facilities/f_1", Here: "/app/facilities/f_1/print?paper=a4", Papers: []string{"a4", "a5", "a6", "slips"}, Paper: "a4",
		Points: []view.PrintPoint{
			{ID: "p_1", Name: "Quầy 2", Kind: "counter", Chosen: true, Preview: "/app/points/p_1/poster.svg?paper=a4"},
			{ID: "p_2", Name: hostile, Kind: "gate", Preview: "/app/points/p_2/poster.svg?paper=a4"},
		},
		Rows: printRows(), Address: "https://hl.example",
	}
}

func printsPage(filter view.PrintFilter) view.PrintsPage {
	p := view.PrintsPage{
		StaffFrame: staffFrame(), Filter: filter, Total: len(printRows()), Here: "/app/prints?show=" + string(filter),
		Downloads: []view.PrintDownload{{Paper: "slips", Count: 1, URL: "/app/prints.pdf?paper=slips"}},
	}
	p.Count(printRows())
	return p
}

// printPages are the pages about paper in every state.
func printPages() map[string]view.Page {
	nothing, local, none := printPage(), printPage(), printPage()
	nothing.Problem, nothing.Points[0].Chosen = view.PrintNothing, false
	local.Local, local.Address, local.Done, local.Paper = true, "http://127.0.0.1:8080", view.PrintDoneQueued, "slips"
	none.Points, none.Rows = nil, nil
	pages := map[string]view.Page{
		"print": printPage(), "print-nothing": nothing, "print-local": local, "print-none": none,
		"prints-empty": view.PrintsPage{StaffFrame: staffFrame(), Filter: view.PrintsTodo, Here: "/app/prints"},
		"error-409":    view.ErrorPage{StaffFrame: staffFrame(), Status: 409, RequestID: "4F2K-81"},
		"error-422":    view.ErrorPage{StaffFrame: staffFrame(), Status: 422, RequestID: "4F2K-81"},
	}
	for _, f := range view.PrintFilters() {
		pages["prints-"+string(f)] = printsPage(f)
		empty := printsPage(f)
		empty.Rows, empty.Downloads = nil, nil
		pages["prints-"+string(f)+"-empty"] = empty
	}
	return pages
}
