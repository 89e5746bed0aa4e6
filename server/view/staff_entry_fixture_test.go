package view_test

import (
	"hailong/server/view"
	"hailong/surveys"
)

func entryRow(state string, handedIn, typed int, check surveys.PaperCheck, high float64) view.EntryRow {
	return view.EntryRow{
		Number: "260001-7", URL: "/app/entry/2600017", Facility: "Bệnh viện đa khoa Nghĩa Hưng", Point: "Khoa Nội – bàn ra viện",
		Title: "Phiếu đánh giá của người bệnh nội trú", Full: true, State: state, Printed: "2026-10-01", Copies: 40, HandedIn: handedIn, Typed: typed,
		Rate: view.EntryRate{PaperCheck: check, High: high},
	}
}

func entryBatch(state string) view.EntryBatchPage {
	p := view.EntryBatchPage{
		StaffFrame: staffFrame(), EntryRow: entryRow(state, 12, 12, surveys.PaperCheck{}, 0), PDF: "/app/entry/2600017/form.pdf", Channel: "paper", Day: "2026-10-09",
		TypedBy: []string{"administrator"}, Undone: 1, Pages: 3,
	}
	for i := range 12 {
		p.Sums = append(p.Sums, view.EntrySum{Sheet: i + 1, Pages: []int{40 + i, 71 - i, 93}})
	}
	return p
}

func entryForm() view.EntryFormPage {
	scale := []view.EntryOption{{"5", "Rất hài lòng"}, {"4", "Hài lòng"}, {"3", "Bình thường"}, {"2", "Không hài lòng"}, {"1", "Rất không hài lòng"}, {"0", "Không sử dụng / không có ý kiến"}}
	return view.EntryFormPage{
		StaffFrame: staffFrame(), EntryRow: entryRow("open", 12, 7, surveys.PaperCheck{}, 0), Action: "/app/entry/2600017/type", Back: "/app/entry/2600017",
		Undo: "/app/entry/2600017/undo", ID: "11111111-1111-4111-8111-111111111111", Day: "2026-10-09",
		Leaves: []view.EntryLeaf{
			{Page: 1, Items: []view.EntryItem{
				{Code: "A1", Text: "Biển chỉ dẫn, giờ khám, giờ thăm rõ ràng", Kind: "scale5", Options: scale, Value: "4"},
				{Code: "A2", Text: hostile, Kind: "scale5", Options: scale, Value: "x", Wrong: true},
			}},
			{Page: 2, Items: []view.EntryItem{
				{Code: "G1", Text: "Đợt nằm viện này đáp ứng bao nhiêu % mong đợi?", Kind: "percent"},
				{Code: "G4", Text: "Lý do Ông/Bà chưa hài lòng là gì?", Kind: "text", If: "A1", In: "1,2"},
				{Code: "K1", Text: "Ông/Bà điều trị ở khoa nào?", Kind: "single", Options: []view.EntryOption{{"1", "Nội"}, {"2", "Ngoại"}}},
				{Code: "K4", Text: "Mong cải thiện điều gì?", Kind: "multiple", Most: 2, Options: []view.EntryOption{{"1", "Chờ đợi"}, {"2", "Thái độ"}, {"3", hostile}}},
			}},
		},
		Behalf: true, BehalfCode: "FOR", BehalfText: "Tôi trả lời thay người khác", CommentText: "Điều gì bệnh viện cần cải thiện trước tiên?",
		Last: &view.EntryLast{EntrySum: view.EntrySum{Sheet: 7, Pages: []int{40, 71}}, ID: "22222222-2222-4222-8222-222222222222"},
	}
}

// entryPages are the pages of paper forms in every state.
func entryPages() map[string]view.Page {
	good, high := surveys.PaperCheck{Sheets: 4, Compared: 176, Differing: 1, Corrected: 1}, surveys.PaperCheck{Sheets: 2, Compared: 88, Differing: 5, Corrected: 2, Late: 3}
	pages := map[string]view.Page{
		"entry": view.EntryPage{StaffFrame: staffFrame(), Batches: []view.EntryRow{
			entryRow("checking", 12, 12, surveys.PaperCheck{}, 0), entryRow("open", 0, 0, surveys.PaperCheck{}, 0),
			entryRow("closed", 40, 40, good, 0.031), entryRow("closed", 20, 20, high, 0.126),
		}},
		"entry-unknown": view.EntryPage{StaffFrame: staffFrame(), Number: hostile, Problem: view.EntryNoBatch},
		"entry-paper": view.PaperPage{
			StaffFrame: staffFrame(), Facility: hostile, Action: "/app/facilities/f_1/paper", Back: "/app/facilities/f_1", Entry: "/app/entry", Form: "full",
			Copies: "20", MostCopies: 100, Points: []view.PrintPoint{{ID: "p_1", Name: "Quầy 2", Kind: "counter", Chosen: true}, {ID: "p_2", Name: hostile, Kind: "gate"}},
			Previews: []string{"/app/points/p_1/form.svg?page=1"}, Problem: view.PaperCopies, Batches: []view.EntryRow{entryRow("open", 0, 0, good, 0.031)},
		},
		"entry-paper-none": view.PaperPage{StaffFrame: staffFrame(), Facility: "Trạm", Problem: view.PaperNothing, Form: "short"},
		"entry-form":       entryForm(),
		"entry-diff": view.EntryDiffPage{
			StaffFrame: staffFrame(), EntryRow: entryRow("checking", 12, 12, surveys.PaperCheck{}, 0), Action: "/app/entry/2600017/check/7", Back: "/app/entry/2600017", Sheet: 7,
			Rows: []view.EntryDiff{
				{Code: "A1", Text: "Biển chỉ dẫn rõ ràng", First: "4", Second: "5", Pick: "second"}, {Code: "K1", Text: hostile, First: "", Second: "2"},
			},
			Again: []view.Field{{Name: "A1", Value: "5"}}, Problem: view.EntryUnsettled,
		},
	}
	again := entryForm()
	again.Check, again.Sheet, again.Last, again.Problem = true, 7, nil, view.EntryAnswers
	pages["entry-form-again"] = again
	for _, done := range (view.EntryBatchPage{}).Dones() {
		p := entryBatch("open")
		p.Done = done
		pages["entry-batch-done-"+done] = p
	}
	for _, problem := range []view.EntryProblem{
		view.EntryMalformed, view.EntryNoDay, view.EntryFuture, view.EntryUnprinted, view.EntryClosedThen, view.EntrySealed, view.EntryDone, view.EntryMissing,
		view.EntryPublished, view.EntryUnchecked, view.EntryNotAll, view.EntryConflict, view.EntryBusy, view.EntryNothing, view.EntryLongComment,
	} {
		p := entryBatch("open")
		p.Problem, p.HandedIn, p.TypedDay, p.TypedSheets = problem, 13, "31022026", "x"
		pages["entry-batch-"+string(problem)] = p
	}
	fresh := entryBatch("open")
	fresh.EntryRow, fresh.Sums, fresh.Channel, fresh.Undone = entryRow("open", 0, 0, surveys.PaperCheck{}, 0), nil, "", 0
	pages["entry-batch-new"] = fresh
	lost := entryBatch("open")
	lost.Missing, lost.Channel = []int{3, 7}, "assisted"
	pages["entry-batch-lost"] = lost
	checking := entryBatch("checking")
	checking.Sample = []view.EntrySampled{{3, "todo", "/app/entry/2600017/check/3"}, {7, "open", "/app/entry/2600017/check/7"}, {9, "done", ""}}
	pages["entry-batch-checking"] = checking
	closed := entryBatch("closed")
	closed.Closed, closed.Sums, closed.Rate = "2026-10-10", nil, view.EntryRate{PaperCheck: high, High: 0.126}
	pages["entry-batch-closed"] = closed
	return pages
}
