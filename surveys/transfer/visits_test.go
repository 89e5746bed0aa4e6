package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

func importVisits(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
	t.Helper()
	return transfer.ImportVisits(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{})
}

const someVisits = "facility,from,to,visits\nhall,2026-01-01,2026-01-31,620\nhall,2026-01-15,,90\nf-old,2026-01-01,2026-01-31,0\n"

func TestVisits(t *testing.T) {
	t.Parallel()
	s := settled(t)
	before := dump(t, s)
	dry := must(t)(transfer.ImportVisits(t.Context(), s, strings.NewReader(someVisits), transfer.RecordOptions{DryRun: true}))
	sameReport(t, dry, transfer.Report{Rows: 3, New: 3})
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("a dry run changed the store:\n%s", diff)
	}
	sameReport(t, must(t)(importVisits(t, s, someVisits)), dry)
	for day, want := range map[surveys.Day]float64{"2026-01-01": 20, "2026-01-15": 90, "2026-01-16": 20, "2026-01-31": 20} {
		if got, known, err := surveys.VisitsADay(t.Context(), s, "hall", day); got != want || !known || err != nil {
			t.Errorf("%s: %g a day, %v, %v, want %g", day, got, known, err, want)
		}
	}
	if got, known, err := surveys.VisitsADay(t.Context(), s, "f-old", "2026-01-02"); got != 0 || !known || err != nil {
		t.Errorf("a month without visits: %g a day, %v, %v", got, known, err)
	}
	for _, day := range []surveys.Day{"2025-12-31", "2026-02-01"} {
		if _, known, err := surveys.VisitsADay(t.Context(), s, "hall", day); known || err != nil {
			t.Errorf("%s: it knows of visits that nobody declared, %v", day, err)
		}
	}
	// Again, and as XLSX-minded people save it; a corrected number takes the place of the first.
	again := "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(someVisits, ",", ";"), "\n", "\r\n")
	sameReport(t, must(t)(importVisits(t, s, again)), transfer.Report{Rows: 3, Known: 3})
	sameReport(t, must(t)(importVisits(t, s, strings.Replace(someVisits, "620", "930", 1))), transfer.Report{Rows: 3, Known: 2, Changed: 1})
	if got, _, err := surveys.VisitsADay(t.Context(), s, "hall", "2026-01-01"); got != 30 || err != nil {
		t.Errorf("after the correction %g a day, %v", got, err)
	}
}

func TestVisitMistakes(t *testing.T) {
	t.Parallel()
	const head = "facility,from,to,visits\n"
	refused(t, settled(t), []mistake{
		{"empty", "", []string{"dòng 1: tệp trống, không có dòng tiêu đề"}},
		{"a column short", "facility,from,visits\nhall,2026-01-01,5\n", []string{"dòng 1, cột to: thiếu cột này"}},
		{"cells", head + "nowhere,2026-01-01,,5\nhall,1/1/2026,,5\nhall,2026-01-31,2026-01-01,5\nhall,2026-01-01,,many\nhall,2026-01-01,,-3\nhall,2026-01-01,,\n,2026-01-01,,5\n", []string{
			"dòng 2, cột facility: không có cơ sở nowhere", "dòng 3, cột from: “1/1/2026” không phải ngày dạng NNNN-TT-NN",
			"dòng 4, cột to: ngày cuối 2026-01-01 trước ngày đầu 2026-01-31", "dòng 5, cột visits: “many” có ký tự không được dùng hoặc quá dài",
			"dòng 6, cột visits: “-3” có ký tự không được dùng hoặc quá dài", "dòng 7, cột visits: không được để trống",
			"dòng 8, cột facility: không được để trống",
		}},
		{"twice", head + "hall,2026-01-01,,5\nhall,2026-01-01,2026-01-01,6\n", []string{"dòng 3, cột facility: trùng với dòng 2"}},
		{"one bad row", head + "hall,2026-01-01,,5\nhall,2026-02-30,,6\n", []string{"dòng 3, cột from: “2026-02-30” không phải ngày dạng NNNN-TT-NN"}},
	}, importVisits)
}
