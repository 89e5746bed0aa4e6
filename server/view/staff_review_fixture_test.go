package view_test

import (
	"strconv"

	"hailong/server/view"
	"hailong/surveys"
)

func reviewForms(n int) []view.ReviewForm {
	paces := view.Paces()
	forms := make([]view.ReviewForm, n)
	for i := range forms {
		forms[i] = view.ReviewForm{
			Handle: "H" + strconv.Itoa(i), Point: []string{"Quầy 1", "Quầy 2", hostile}[i%3], Full: i%4 == 0, Pace: paces[i%len(paces)],
		}
	}
	return forms
}

func reviewPage() view.ReviewPage {
	hall := "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng"
	row := func(facility string, day surveys.Day, reason string, n int) view.ReviewRow {
		return view.ReviewRow{Facility: facility, Place: "xã Nghĩa Hưng", Day: day, Reason: view.Reason(reason), URL: "/app/review/group?facility=f_1&day=" + string(day) + "&reason=" + reason, Forms: reviewForms(n)}
	}
	return view.ReviewPage{
		StaffFrame: staffFrame(), Waiting: 143, Second: 40,
		Filter: view.ReviewFilter{Units: []view.UnitChoice{{Value: "13891", Name: "Xã Nghĩa Hưng"}}, Reasons: view.AsideReasons(), Clear: "/app/review?"},
		Rows: []view.ReviewRow{
			row(hall, "2026-10-12", surveys.ReasonBurst, 12), row("Trạm Y tế xã Nghĩa Hưng", "2026-10-12", surveys.ReasonNoToken, 1),
			row(hostile, "2026-10-13", surveys.ReasonOverBudget, 130), row("Bệnh viện đa khoa Nghĩa Hưng", "2026-10-14", "mai sau", 3),
		},
		Next: "/app/review?after=f_1&after_day=2026-10-14", First: "/app/review?",
	}
}

func reviewGroup(open, waits int) view.ReviewGroupPage {
	return view.ReviewGroupPage{
		StaffFrame: staffFrame(), Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Place: "xã Nghĩa Hưng", FacilityID: "f_1",
		Day: "2026-10-12", ReasonCode: surveys.ReasonBurst, Reason: view.Reason(surveys.ReasonBurst), Open: reviewForms(open), Waits: reviewForms(waits),
		Mark: "00ff", Own: true, Left: 8, Back: "/app/review",
	}
}

// reviewPages are the pages about forms that stand aside, in every state.
func reviewPages() map[string]view.Page {
	none, second, match := reviewPage(), reviewPage(), reviewPage()
	none.Rows, none.Next, none.First = nil, "", ""
	second.Rows, second.Next, second.First, second.Filter.Second = nil, "", "", true
	match.Rows, match.Filter.Query = nil, hostile
	done := reviewPage()
	done.Done = view.ReviewDone{What: "accepted", Forms: 4, Gone: 1}
	busy := reviewPage()
	busy.Reviewing = 180
	pages := map[string]view.Page{
		"review": reviewPage(), "review-busy": busy, "review-none": none, "review-none-second": second, "review-no-match": match, "review-done": done,
		"review-group": reviewGroup(6, 0), "review-group-large": reviewGroup(230, 0), "review-group-gone": reviewGroup(0, 0),
		"review-acts-empty": view.ReviewActsPage{StaffFrame: staffFrame()},
		"review-acts": view.ReviewActsPage{StaffFrame: staffFrame(), Next: "/app/review/acts?from=100", Acts: []view.ReviewAct{
			{On: "2026-10-15", Facility: hostile, Day: "2026-10-12", Reason: view.Reason(surveys.ReasonBurst), Forms: 12, What: "second", Note: hostile},
			{On: "2026-10-14", By: "Nguyễn Thị Hoa", Facility: "Trạm Y tế xã Nghĩa Hưng", Day: "2026-10-12", Reason: view.Reason(surveys.ReasonNoToken), Forms: 1, What: "accepted", Note: "Cả lớp tập huấn cùng trả lời."},
			{On: "2026-10-14", Facility: "Trạm Y tế xã Nghĩa Hưng", Day: "2026-10-11", Reason: view.Reason(surveys.ReasonHoneypot), Forms: 3, What: "excluded", Note: "Gửi bằng máy."},
		}},
	}
	for _, problem := range []view.ReviewProblem{view.ReviewNoNote, view.ReviewLongNote, view.ReviewNothing, view.ReviewChanged, view.ReviewNeedsTwo} {
		page := reviewGroup(3, 2)
		page.Problem, page.Note, page.Chosen, page.Own = problem, hostile, []string{"H1"}, problem == view.ReviewNeedsTwo
		pages["review-group-"+string(problem)] = page
	}
	for _, what := range []string{"excluded", "second"} {
		page := reviewGroup(2, 4)
		page.Done, page.Own = view.ReviewDone{What: what, Forms: 3}, false
		pages["review-group-"+what] = page
	}
	return pages
}
