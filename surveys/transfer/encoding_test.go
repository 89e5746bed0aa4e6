package transfer_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"hailong/surveys"
	"hailong/surveys/transfer"
)

func encoded(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The same units in every form that an office program saves.
func TestFormsOfText(t *testing.T) {
	t.Parallel()
	plain := unitHead + "36,Nam Định 𠄼,province,,2021-01-01,2025-06-30,37;38\n37,\"Nghĩa, \"\"Hưng\"\"\",province,,2025-07-01,,\n38,'=1+1,province,,2025-07-01,,\n"
	semicolons := strings.NewReplacer("37;38", "\"37|38\"", "\"Nghĩa, \"\"Hưng\"\"\"", "Nghĩ|a", ",", ";").Replace(plain)
	semicolons = strings.NewReplacer("37|38", "37;38", "Nghĩ|a", "\"Nghĩa, \"\"Hưng\"\"\"").Replace(semicolons)
	tabs := strings.NewReplacer("\"Nghĩa, \"\"Hưng\"\"\"", "Nghĩ|a", ",", "\t").Replace(plain)
	tabs = strings.Replace(tabs, "Nghĩ|a", "\"Nghĩa, \"\"Hưng\"\"\"", 1)
	for name, file := range map[string]string{
		"UTF-8":                 plain,
		"a mark":                "\ufeff" + plain,
		"Windows line ends":     strings.ReplaceAll(plain, "\n", "\r\n"),
		"no last line end":      strings.TrimSuffix(plain, "\n"),
		"NFD":                   norm.NFD.String(plain),
		"semicolons":            semicolons,
		"semicolons and a mark": "\ufeff" + strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"tabs":                  tabs,
		"UTF-16LE":              encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), plain),
		"UTF-16BE":              encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), plain),
		"UTF-16LE, no mark":     encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), plain),
		"UTF-16BE, no mark":     encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), plain),
		"Excel's Unicode text":  encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), strings.ReplaceAll(tabs, "\n", "\r\n")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptyStore(t)
			sameReport(t, must(t)(importUnits(t, s, file)), transfer.Report{Rows: 3, New: 3})
			for id, want := range map[string]string{"36@2021-01-01": "Nam Định 𠄼", "37@2025-07-01": `Nghĩa, "Hưng"`, "38@2025-07-01": "=1+1"} {
				if u, err := surveys.Units().Find(t.Context(), s, id); err != nil || u.Value.Name != want {
					t.Errorf("%s: got %q, %v", id, u.Value.Name, err)
				}
			}
		})
	}
}

// A text that cannot be read for certain is refused, and never taken for other letters.
func TestTextThatIsNotCertain(t *testing.T) {
	t.Parallel()
	s := settled(t)
	line := "36,%,province,,2021-01-01,,\n"
	utf16 := encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unitHead+line)
	refused(t, s, []mistake{
		{"Windows-1258", unitHead + strings.Replace(line, "%", encoded(t, charmap.Windows1258, "Nam Đi\u0323nh"), 1), []string{"dòng 2: " + notUTF8}},
		{"Windows-1258 in the header", encoded(t, charmap.Windows1258, "code,tên\n"), []string{"dòng 1: " + notUTF8}},
		{"half a UTF-16 pair", strings.Replace(utf16, "%\x00", "\x3c\xd8", 1), []string{"dòng 2: " + notUTF8}},
		{"an odd byte of UTF-16", utf16 + "a", []string{"dòng 3: " + notUTF8}},
		{"damaged before", unitHead + strings.Replace(line, "%", "Nam \ufffdnh", 1), []string{"dòng 2: " + notUTF8}},
		{"old Macintosh", strings.ReplaceAll(unitHead+line, "\n", "\r"), []string{"dòng 1: các dòng chỉ kết thúc bằng CR (kiểu Macintosh cũ); hãy lưu lại thành “CSV UTF-8” hoặc XLSX"}},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", []string{"đây là tệp Excel kiểu cũ (.xls) hoặc có mật khẩu; hãy lưu lại thành XLSX không có mật khẩu"}},
	}, func(t *testing.T, s surveys.Store, file string) (transfer.Report, error) {
		t.Helper()
		return importUnits(t, s, file)
	})
}
