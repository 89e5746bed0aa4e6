package transfer_test

import (
	"fmt"
	"testing"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

// A sealed day takes no row, whether the setting of today would have sealed it or an earlier one did; nor does a day
// that is sealed tomorrow. Nothing else of the file is imported then.
func TestSealedDaysTakeNoRow(t *testing.T) {
	t.Parallel()
	s := settled(t)
	if _, err := surveys.Install(t.Context(), s, surveys.Installation{MonthStart: 1, KeepRaw: 5}); err != nil {
		t.Fatal(err)
	}
	counter := token(t, s, "Quầy 1")
	point, err := surveys.Points().By(t.Context(), s, "token", string(counter))
	if err != nil {
		t.Fatal(err)
	}
	book := surveys.DayBook{Facility: point[0].Value.Facility, Day: "2025-11-20", Format: 1, Sealed: true, Body: []byte("[]")}
	seen := surveys.DirtyDay{Facility: book.Facility, Day: book.Day}
	if _, err := s.PutDays(t.Context(), []surveys.CountedDay{{Book: book, Seen: seen}}); err != nil {
		t.Fatal(err)
	}
	// Today is 6 March 2026.
	refused(t, s, []mistake{
		{"sealed", fmt.Sprintf("token,date,A3\n%[1]s,2025-10-05,4\n%[1]s,2025-10-06,4\n%[1]s,2025-11-20,4\n%[1]s,2025-11-21,4\n", counter), []string{
			"dòng 2, cột date: ngày 2025-10-05 đã niêm phong: từng phiếu của ngày ấy đã hết hạn lưu, không nhận thêm phiếu",
			"dòng 3, cột date: ngày 2025-10-06 đã niêm phong: từng phiếu của ngày ấy đã hết hạn lưu, không nhận thêm phiếu",
			"dòng 4, cột date: ngày 2025-11-20 đã niêm phong: từng phiếu của ngày ấy đã hết hạn lưu, không nhận thêm phiếu",
		}},
	}, func(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
		t.Helper()
		return importResponses(t, s, "a", file)
	})
	file := fmt.Sprintf("token,date,A3\n%[1]s,2025-10-07,4\n%[1]s,2025-11-21,4\n", counter)
	sameReport(t, must(t)(importResponses(t, s, "a", file)), transfer.Report{Rows: 2, New: 2})
}
