package transfer_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

// workbook is an XLSX file with some rows in its first sheet, and what change makes of it.
func workbook(t *testing.T, rows [][]any, change func(f *excelize.File) error, opts ...excelize.Options) string {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		if err := change(f); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := errors.Join(f.Write(&out, opts...), f.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func day(d string) time.Time {
	t, err := time.Parse(time.DateOnly, d)
	if err != nil {
		panic(err)
	}
	return t
}

func unitHeader() []any {
	return []any{"code", "name", "kind", "parent", "from", "to", "successors"}
}

// styled sets the number format of some cells.
func styled(f *excelize.File, format, from, to string) error {
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	return f.SetCellStyle("Sheet1", from, to, style)
}

func TestUnitsFromAWorkbook(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	// NFD, a letter beyond 16 bits, and what would be a formula.
	file := workbook(t, [][]any{
		unitHeader(),
		{1, "Hà Nội", "province", nil, day("2021-01-01"), nil, nil},
		{"36", "Nam Đi\u0323nh 𠄼", "province", nil, "2021-01-01", day("2025-06-30"), "37"},
		{"37", "=1+1", "province", nil, 45839.0, nil, nil, nil},
		nil,
		{13891.0, " Nghĩa  Hưng ", "commune", 37, day("2025-07-01"), nil, nil},
	}, func(f *excelize.File) error {
		_, err := f.NewSheet("Ghi chú")
		return errors.Join(err, styled(f, "00", "A2", "A2"), styled(f, "[$-42A]dd/mm/yyyy;@", "E4", "E4"),
			styled(f, "dd \"tháng\" mm", "E2", "E2"))
	})
	report := must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{}))
	sameReport(t, report, transfer.Report{Rows: 4, New: 4, Sheet: "Sheet1"})
	got := map[string]surveys.Unit{}
	units, err := surveys.Units().All(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		got[u.Value.ID()] = u.Value
	}
	want := map[string]surveys.Unit{
		"01@2021-01-01":    {Code: "01", Name: "Hà Nội", Kind: "province", From: "2021-01-01"},
		"36@2021-01-01":    {Code: "36", Name: "Nam Định 𠄼", Kind: "province", From: "2021-01-01", To: "2025-06-30", Successors: []string{"37"}},
		"37@2025-07-01":    {Code: "37", Name: "=1+1", Kind: "province", From: "2025-07-01"},
		"13891@2025-07-01": {Code: "13891", Name: "Nghĩa Hưng", Kind: "commune", Parent: "37", From: "2025-07-01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
	// From a pipe, which cannot go back, and under any name, it is the same.
	again := must(t)(transfer.ImportUnits(t.Context(), s, io.MultiReader(strings.NewReader(file)), transfer.RecordOptions{}))
	sameReport(t, again, transfer.Report{Rows: 4, Known: 4, Sheet: "Sheet1"})
}

func TestDatesOfTheOldMacintosh(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	file := workbook(t, [][]any{unitHeader(), {"36", "Nam Định", "province", nil, 42735.0, nil, nil}}, func(f *excelize.File) error {
		yes := true
		return errors.Join(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}), styled(f, "yyyy-mm-dd", "E2", "E2"))
	})
	must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{}))
	if _, err := surveys.Units().Find(t.Context(), s, "36@2021-01-01"); err != nil {
		t.Error(err)
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	unit := []any{"36", "Nam Định", "province", nil, "2021-01-01", nil, nil}
	sheets := func(hide ...string) func(f *excelize.File) error {
		return func(f *excelize.File) error {
			for _, name := range []string{"Hai", "Trống", "Ba"} {
				if _, err := f.NewSheet(name); err != nil {
					return err
				}
			}
			header := unitHeader()
			other := []any{"37", "Ninh Bình", "province", nil, "2021-01-01", nil, nil}
			err := errors.Join(f.SetSheetRow("Hai", "A1", &header), f.SetSheetRow("Hai", "A2", &other), f.SetCellValue("Ba", "C7", 1))
			for _, name := range hide {
				err = errors.Join(err, f.SetSheetVisible(name, false, name == "Ba"))
			}
			return err
		}
	}
	for _, c := range []struct {
		name, sheet string
		hide        []string
		others      []string
	}{
		{"all in sight", "Sheet1", nil, []string{"Hai", "Ba"}},
		{"the first is hidden", "Hai", []string{"Sheet1", "Ba"}, []string{"Sheet1", "Ba"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := workbook(t, [][]any{unitHeader(), unit}, func(f *excelize.File) error {
				f.SetActiveSheet(1)
				err := sheets(c.hide...)(f)
				i, indexErr := f.GetSheetIndex("Hai")
				f.SetActiveSheet(i)
				return errors.Join(err, indexErr, sheets(c.hide...)(f))
			})
			report := must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{DryRun: true}))
			slices.Sort(report.OtherSheets)
			slices.Sort(c.others)
			if diff := cmp.Diff(c.others, report.OtherSheets); report.Sheet != c.sheet || diff != "" {
				t.Errorf("read %s, want %s; others (-want +got):\n%s", report.Sheet, c.sheet, diff)
			}
		})
	}
}

func TestWorkbookMistakes(t *testing.T) {
	t.Parallel()
	s := settled(t)
	good := []any{"36", "Nam Định", "province", nil, "2021-01-01", nil, nil}
	change := func(f func(*excelize.File) error) string { return workbook(t, [][]any{unitHeader(), good, good}, f) }
	whole := change(nil)
	refused(t, s, []mistake{
		{"merged", change(func(f *excelize.File) error {
			return errors.Join(f.MergeCell("Sheet1", "B2", "B3"), f.MergeCell("Sheet1", "K9", "L9"))
		}), []string{
			"dòng 2, cột name (B2): các ô B2:B3 bị gộp; hãy bỏ gộp và điền từng ô", "dòng 3, cột name (B3): không được để trống",
		}},
		{"formula", change(func(f *excelize.File) error {
			return errors.Join(f.SetCellFormula("Sheet1", "B3", "=B2"), f.SetCellValue("Sheet1", "A3", "37"), f.SetCellFormula("Sheet1", "J2", "1+1"))
		}), []string{
			"dòng 2, ô J2: ô có công thức; hãy dán thành giá trị (Paste Values)",
			"dòng 3, cột name (B3): ô có công thức; hãy dán thành giá trị (Paste Values)",
		}},
		{"formula in the header", change(func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "A1", `="code"`) }), []string{
			"dòng 1, ô A1: ô có công thức; hãy dán thành giá trị (Paste Values)",
		}},
		{"a row twice", whole, []string{"dòng 3, cột code (A3): trùng với dòng 2"}},
		{"wrong dates", workbook(t, [][]any{unitHeader(), {"36", "A", "province", nil, "1/3/2021", nil, nil}, {"37", "B", "province", nil, 44000, nil, nil}, {"38", "C", "province", nil, time.Date(2021, 3, 1, 8, 30, 0, 0, time.UTC), "2020-02-30", nil}}, nil), []string{
			"dòng 2, cột from (E2): “1/3/2021” không phải ngày dạng NNNN-TT-NN",
			"dòng 3, cột from (E3): “44000” không phải ngày dạng NNNN-TT-NN",
			"dòng 4, cột from (E4): “2021-03-01 08:30:00” không phải ngày dạng NNNN-TT-NN",
			"dòng 4, cột to (F4): “2020-02-30” không phải ngày dạng NNNN-TT-NN",
		}},
		{"zeros are lost", workbook(t, [][]any{unitHeader(), {1, "Hà Nội", "province", nil, "2021-01-01", nil, nil}}, nil), []string{
			"dòng 2, cột code (A2): “1” là số, có thể đã mất số 0 ở đầu; hãy định dạng cột thành Text và ghi đủ mã",
		}},
		{"header", workbook(t, [][]any{{"code", "Tên", "kind", "parent", "from", "to", nil, "successors", "kind"}}, nil), []string{
			"dòng 1, cột Tên (B1): không có cột nào tên như vậy", "dòng 1, ô G1: cột thứ 7 không có tên",
			"dòng 1, cột kind (I1): cột này có hai lần", "dòng 1, cột name: thiếu cột này",
		}},
		{"too wide", workbook(t, [][]any{unitHeader(), append(slices.Clone(good), nil, "thêm")}, nil), []string{"dòng 2: có 9 ô, tiêu đề có 7 cột"}},
		{"damaged text", workbook(t, [][]any{unitHeader(), {"36", "Nam \ufffd\ufffdnh", "province", nil, "2021-01-01", nil, nil}}, nil), []string{"dòng 2: " + notUTF8}},
		{"an error", change(func(f *excelize.File) error {
			return errors.Join(f.SetCellValue("Sheet1", "A3", "37"), f.SetCellFormula("Sheet1", "B3", "1/0"))
		}), []string{
			"dòng 3, cột name (B3): ô có công thức; hãy dán thành giá trị (Paste Values)",
		}},
		{"empty", workbook(t, nil, nil), []string{"dòng 1: tệp trống, không có dòng tiêu đề"}},
		{"a password", workbook(t, [][]any{unitHeader(), good}, nil, excelize.Options{Password: "bí mật"}), []string{
			"đây là tệp Excel kiểu cũ (.xls) hoặc có mật khẩu; hãy lưu lại thành XLSX không có mật khẩu",
		}},
		{"cut short", whole[:len(whole)-30], []string{"tệp XLSX bị hỏng hoặc bị cắt ngắn; phần sau của tệp chưa được đọc"}},
		{"no workbook", packed(t, map[string]string{"content.xml": "<a/>"}), []string{"tệp nén này không phải bảng tính XLSX; hãy lưu lại thành XLSX"}},
		{"a web page", "<html><table><tr><td>code</td></tr></table>", []string{
			"đây không phải tệp CSV hay XLSX (mà là trang web, XML, JSON, PDF hoặc tệp nén); hãy lưu lại thành XLSX",
		}},
	}, func(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
		t.Helper()
		return importUnits(t, s, file)
	})
}

// packed is a ZIP file of these parts.
func packed(t *testing.T, parts map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.WriteString(part, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sheetOf is a workbook around the XML of its only sheet and of its shared strings.
func sheetOf(t *testing.T, sheet, shared string) string {
	t.Helper()
	const relation = `<Relationship Id="%s" Type="http://x/%s" Target="%s"/>`
	return packed(t, map[string]string{
		"xl/workbook.xml": `<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": "<Relationships>" + fmt.Sprintf(relation, "r1", "worksheet", "worksheets/s.xml") +
			fmt.Sprintf(relation, "r2", "sharedStrings", "/xl/strings.xml") + "</Relationships>",
		"xl/worksheets/s.xml": "<worksheet><sheetData>" + sheet,
		"xl/strings.xml":      "<sst>" + shared + "</sst>",
	})
}

func TestHandmadeSheets(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	cell := func(text string) string { return `<c t="inlineStr"><is><t>` + text + `</t></is></c>` }
	header := `<row>` + cell("code") + cell("name") + cell("kind") + cell("parent") + cell("from") + cell("to") + cell("successors") + `</row>`
	const end = "</sheetData></worksheet>"
	rich := sheetOf(t, header+`<row r="3"><c r="A3"><v>36</v></c><c r="B3" t="s"><v>0</v></c><c r="C3" t="inlineStr"><is><t>province</t></is></c>`+
		`<c r="E3" t="d"><v>2021-01-01T00:00:00</v></c></row>`+end,
		`<si><r><t>Nam </t></r><r><t xml:space="preserve">Định_x000D_</t></r><rPh sb="0" eb="1"><t>phiên âm</t></rPh></si>`)
	dry := transfer.RecordOptions{DryRun: true}
	sameReport(t, must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(rich), transfer.RecordOptions{})), transfer.Report{Rows: 1, New: 1, Sheet: "S"})
	if u, err := surveys.Units().Find(t.Context(), s, "36@2021-01-01"); err != nil || u.Value.Name != "Nam Định" {
		t.Errorf("got %+v, %v", u.Value, err)
	}
	broken := "tệp XLSX bị hỏng hoặc bị cắt ngắn; phần sau của tệp chưa được đọc"
	cases := []struct{ name, file, want string }{
		{"rows out of order", sheetOf(t, header+`<row r="1"></row>`+end, ""), "dòng 2: " + broken},
		{"cells out of order", sheetOf(t, header+`<row r="2"><c r="B2"/><c r="A2"/></row>`+end, ""), "dòng 3: " + broken},
		{"a text that is not there", sheetOf(t, header+`<row><c t="s"><v>7</v></c></row>`+end, ""), "dòng 3: " + broken},
		{"no end", sheetOf(t, header, ""), "dòng 2: " + broken},
		{"a column beyond all", sheetOf(t, header+`<row r="2"><c r="ZZZ2"/></row>`+end, ""), "dòng 3: " + broken},
		{"an endless cell", sheetOf(t, header+"<row>"+cell(strings.Repeat("a", 3<<20))+"</row>"+end, ""), "dòng 3: dòng quá dài (thiếu dấu ngoặc kép đóng?); phần sau của tệp chưa được đọc"},
		{"a bomb", sheetOf(t, header+end, "<si><t>"+strings.Repeat("a", 3<<20)+"</t></si>"), "tệp XLSX mở ra quá lớn; hãy lưu thành CSV UTF-8"},
		{"an error", sheetOf(t, header+`<row><c/><c t="e"><v>#N/A</v></c></row>`+end, ""), "dòng 2, cột name (B2): ô có lỗi #N/A"},
	}
	for _, c := range cases {
		var wrong *transfer.FileError
		if _, err := transfer.ImportUnits(t.Context(), s, strings.NewReader(c.file), dry); !errors.As(err, &wrong) || wrong.Text("vi") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestResponsesFromAWorkbook(t *testing.T) {
	t.Parallel()
	s := settled(t)
	tok := string(token(t, s, "Quầy 1"))
	rows := [][]any{{"token", "date", "A3", "Z", "comment"}}
	for i := range 2500 {
		rows = append(rows, []any{tok, day("2026-03-01"), float64(i % 6), 5, nil})
	}
	rows[1][4] = "=HYPERLINK(\"x\") li\u0323ch 𠄼"
	file := workbook(t, rows, nil)
	sameReport(t, must(t)(importResponses(t, s, "x", file)), transfer.Report{Rows: 2500, New: 2500, Sheet: "Sheet1"})
	sameReport(t, must(t)(importResponses(t, s, "x", file)), transfer.Report{Rows: 2500, Known: 2500, Sheet: "Sheet1"})
	comments := 0
	for _, r := range responses(t, s) {
		if r.Comment == "=HYPERLINK(\"x\") lịch 𠄼" {
			comments++
		} else if r.Comment != "" {
			t.Errorf("comment %q", r.Comment)
		}
		if r.Day != "2026-03-01" {
			t.Errorf("day %s", r.Day)
		}
	}
	if comments != 1 {
		t.Errorf("%d comments, want 1", comments)
	}
	// The same rows as CSV are the same rows.
	var text strings.Builder
	text.WriteString("token,date,A3,Z,comment\n")
	for i := range 2500 {
		fmt.Fprintf(&text, "%s,2026-03-01,%d,5,%s\n", tok, i%6, map[bool]string{true: `"'=HYPERLINK(""x"") lịch 𠄼"`}[i == 0])
	}
	report := must(t)(importResponses(t, s, "x", text.String()))
	sameReport(t, report, transfer.Report{Rows: 2500, Known: 2500})
	if report.Earlier == nil || report.Differing != nil {
		t.Errorf("another file of the same rows: got %+v, %v", report.Earlier, report.Differing)
	}
}
