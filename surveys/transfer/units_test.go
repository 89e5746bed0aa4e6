package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

func importUnits(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
	t.Helper()
	return transfer.ImportUnits(t.Context(), s, strings.NewReader(file), transfer.RecordOptions{})
}

func TestUnitsOfNghiaHung(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	dry := must(t)(transfer.ImportUnits(t.Context(), s, strings.NewReader(nghiaHung(t)), transfer.RecordOptions{DryRun: true}))
	if got := dump(t, s); len(got) > 0 {
		t.Errorf("a dry run stored %v", got)
	}
	sameReport(t, dry, transfer.Report{Rows: 31, New: 31})
	sameReport(t, must(t)(importUnits(t, s, nghiaHung(t))), dry)

	org, err := surveys.LoadOrganisation(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if u, _ := org.Unit("13891", "2025-06-30"); u.Name != "Thị trấn Liễu Đề" || u.Kind != "town" {
		t.Errorf("13891 was %+v", u)
	}
	if u, _ := org.Unit("13891", "2025-07-01"); u.Name != "Xã Nghĩa Hưng" || u.Parent != "37" {
		t.Errorf("13891 is %+v", u)
	}
	before := dump(t, s)
	sameReport(t, must(t)(importUnits(t, s, nghiaHung(t))), transfer.Report{Rows: 31, Known: 31})
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("importing again changed the store:\n%s", diff)
	}
	changed := strings.Replace(nghiaHung(t), "Xã Hồng Phong", "Xã Hồng Phong (mới)", 1)
	sameReport(t, must(t)(importUnits(t, s, changed)), transfer.Report{Rows: 31, Known: 30, Changed: 1})
}

func TestUnitsTellEveryServer(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	directory := surveys.NewDirectory(s)
	if _, err := directory.Organisation(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t)(importUnits(t, s, nghiaHung(t)))
	org, err := directory.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(org.UnitsOn(today)); n != 8 {
		t.Errorf("the directory shows %d units, want 8", n)
	}
}

func TestUnitFileForms(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"byte order mark and CRLF": "\ufeffcode,name,kind,parent,from,to,successors\r\n1,Tỉnh A,province,,2021-01-01,,\r\n",
		"other order of columns":   "name,code,successors,to,from,parent,kind\nTỉnh A,1,,,2021-01-01,,province\n",
		"decomposed letters":       "code,name,kind,parent,from,to,successors\n1,Ti\u0309nh A,province,,2021-01-01,,\n",
		"quoted newline in a name": "code,name,kind,parent,from,to,successors\n1,\"Tỉnh\r\n A\",province,,2021-01-01,,\n",
		"control characters":       "code,name,kind,parent,from,to,successors\n1,\"\tTỉnh \x07\u202eA\",province,,2021-01-01,,\n",
		"blank rows, no last line": "\n code , name,kind,parent,from,to,successors\n\n,,,,,,\n1, Tỉnh  A ,province,,2021-01-01,,",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptyStore(t)
			sameReport(t, must(t)(importUnits(t, s, file)), transfer.Report{Rows: 1, New: 1})
			units, err := surveys.Units().All(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			want := surveys.Unit{Code: "1", Name: "Tỉnh A", Kind: "province", From: "2021-01-01"}
			if diff := cmp.Diff(want, units[0].Value); diff != "" {
				t.Errorf("unit (-want +got):\n%s", diff)
			}
		})
	}
	s := emptyStore(t)
	must(t)(importUnits(t, s, "code,name,kind,parent,from,to,successors\n1,=Tỉnh 𠄼 @,province,,2021-01-01,,\n"))
	if u, err := surveys.Units().Find(t.Context(), s, "1@2021-01-01"); err != nil || u.Value.Name != "=Tỉnh 𠄼 @" {
		t.Errorf("got %v, %v: a formula is data on the way in", u, err)
	}
}

const unitHead = "code,name,kind,parent,from,to,successors\n"

func TestUnitMistakes(t *testing.T) {
	t.Parallel()
	s := settled(t)
	refused(t, s, []mistake{
		{"empty file", "", []string{"dòng 1: tệp trống, không có dòng tiêu đề"}},
		{"only a mark", "\ufeff\r\n", []string{"dòng 1: tệp trống, không có dòng tiêu đề"}},
		{"no header", "1,A,province,,2021-01-01,,\n", []string{
			"dòng 1, cột 1: không có cột nào tên như vậy", "dòng 1, cột A: không có cột nào tên như vậy",
			"dòng 1, cột province: không có cột nào tên như vậy", "dòng 1: cột thứ 4 không có tên",
			"dòng 1, cột 2021-01-01: không có cột nào tên như vậy", "dòng 1: cột thứ 6 không có tên", "dòng 1: cột thứ 7 không có tên",
			"dòng 1, cột code: thiếu cột này", "dòng 1, cột name: thiếu cột này", "dòng 1, cột kind: thiếu cột này",
			"dòng 1, cột parent: thiếu cột này", "dòng 1, cột from: thiếu cột này", "dòng 1, cột to: thiếu cột này",
			"dòng 1, cột successors: thiếu cột này",
		}},
		{"header", "code,name,kind,parent,from,to,code,area\n1,A,province,,2021-01-01,,,\n", []string{
			"dòng 1, cột code: cột này có hai lần", "dòng 1, cột area: không có cột nào tên như vậy",
			"dòng 1, cột successors: thiếu cột này",
		}},
		{"bars", "code|name|kind|parent|from|to|successors\n", []string{"dòng 1: các ô phải cách nhau bằng dấu phẩy, dấu chấm phẩy hoặc tab"}},
		{"windows-1258", unitHead + "1,T\xecnh,province,,2021-01-01,,\n", []string{"dòng 2: " + notUTF8}},
		{"widths", unitHead + "1,A,province,,2021-01-01,,\n2,B\n3,C,province,,2021-01-01,,,,\n", []string{
			"dòng 3: có 2 ô, tiêu đề có 7 cột", "dòng 4: có 9 ô, tiêu đề có 7 cột",
		}},
		{"quotes", unitHead + "1,\"A\nB\",province,,2021-01-01,,x\n2,\"A\"B,province,,2021-01-01,,\n3,C,x,,,,\n", []string{
			"dòng 2, cột to: có đơn vị kế thừa thì phải có ngày cuối (to)",
			"dòng 4: dấu ngoặc kép sai chỗ; phần sau của tệp chưa được đọc",
		}},
		{"open quote", unitHead + "1,\"" + strings.Repeat("x\n", 1<<20), []string{
			"dòng 2: dòng quá dài (thiếu dấu ngoặc kép đóng?); phần sau của tệp chưa được đọc",
		}},
		{"cells", unitHead + "a b,,land,x y,2021-02-30,01/02/2021,\n", []string{
			"dòng 2, cột code: “a b” có ký tự không được dùng hoặc quá dài", "dòng 2, cột name: không được để trống",
			"dòng 2, cột kind: “land” không có trong danh mục: province, district, town, ward, commune",
			"dòng 2, cột parent: “x y” có ký tự không được dùng hoặc quá dài",
			"dòng 2, cột from: “2021-02-30” không phải ngày dạng NNNN-TT-NN",
			"dòng 2, cột to: “01/02/2021” không phải ngày dạng NNNN-TT-NN",
		}},
		{"long name", unitHead + "1," + strings.Repeat("ệ", 201) + ",province,,2021-01-01,,\n", []string{
			"dòng 2, cột name: dài quá 200 ký tự",
		}},
		{"span", unitHead + "1,A,province,,2021-01-02,2021-01-01,\n", []string{"dòng 2, cột to: ngày cuối 2021-01-01 trước ngày đầu 2021-01-02"}},
		{"twice", unitHead + "1,A,province,,2021-01-01,,\n1,B,province,,2021-01-01,,\n", []string{"dòng 3, cột code: trùng với dòng 2"}},
	}, importUnits)
}

func TestTreeMistakes(t *testing.T) {
	t.Parallel()
	s := settled(t)
	refused(t, s, []mistake{
		{"parent", unitHead + "1,A,commune,2,2021-01-01,,\n3,B,commune,36,2025-07-01,,\n", []string{
			"dòng 2, cột parent: không có đơn vị 2 vào ngày 2021-01-01", "dòng 3, cột parent: không có đơn vị 36 vào ngày 2025-07-01",
		}},
		{"parent of a wrong row", unitHead + "2,,province,,2021-01-01,,\n1,A,commune,2,2021-01-01,,\n", []string{
			"dòng 2, cột name: không được để trống",
		}},
		{"cycle", unitHead + "1,A,commune,2,2021-01-01,,\n2,B,commune,3,2021-01-01,,\n3,C,commune,1,2021-01-01,,\n", []string{
			"dòng 2, cột parent: đi lên từ 1 không tới được cấp cao nhất", "dòng 3, cột parent: đi lên từ 2 không tới được cấp cao nhất",
			"dòng 4, cột parent: đi lên từ 3 không tới được cấp cao nhất",
		}},
		{"overlap with the store", unitHead + "13891,A,commune,37,2026-01-01,,\n", []string{
			"dòng 2, cột from: mã 13891: thời gian 2026-01-01– chồng lên 2025-07-01–",
		}},
		{"overlap in the file", unitHead + "1,A,province,,2021-01-01,2021-12-31,\n1,B,province,,2021-12-31,,\n", []string{
			"dòng 3, cột from: mã 1: thời gian 2021-12-31– chồng lên 2021-01-01–2021-12-31",
		}},
		{"successors", unitHead + "1,A,province,,2021-01-01,2021-12-31,2;37;37\n4,A,province,,2021-01-01,2024-12-31,2;37;361;13891\n", []string{
			"dòng 2, cột successors: 37 được ghi hai lần",
			"dòng 3, cột successors: đơn vị kế thừa 2 không có vào ngày 2025-01-01",
		}},
	}, importUnits)
}

func TestUnitsCutFromUnderOthers(t *testing.T) {
	t.Parallel()
	s := settled(t)
	refused(t, s, []mistake{
		{"parent ends before its children begin", unitHead + "361,Huyện Nghĩa Hưng,district,36,2021-01-01,2021-12-31,\n", func() []string {
			org, err := surveys.LoadOrganisation(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, u := range org.UnitsOn("2024-09-01") {
				if u.Parent == "361" {
					all = append(all, "dòng 2: với đơn vị "+u.ID()+" đang có: không có đơn vị 361 vào ngày 2024-09-01")
				}
			}
			return all
		}()},
	}, importUnits)

	got := must(t)(importUnits(t, s, unitHead+"13891,Xã Nghĩa Hưng,commune,37,2025-07-01,2026-12-31,\n"))
	sameReport(t, got, transfer.Report{Rows: 1, Changed: 1, Adrift: []surveys.FacilityID{"hall"}})
}

func TestManyMistakesAreCounted(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	file := "code,name,kind,parent,from,to,successors\n" + strings.Repeat("1,,province,,2021-01-01,,\n", 1500)
	_, err := importUnits(t, s, file)
	got := strings.Split(err.Error(), "\n")
	if len(got) != 1001 || got[1000] != "… and 500 more mistakes" || got[999] != "line 1001, column name: this must not be blank" {
		t.Errorf("got %d lines, the last %q", len(got), got[len(got)-2:])
	}
}

const notUTF8 = "không phải chữ UTF-8 (có thể là Windows-1258, TCVN3 hay VNI), hoặc chữ đã hỏng; trong Excel hãy lưu lại thành “CSV UTF-8” hoặc XLSX"
