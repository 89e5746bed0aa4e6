package view_test

import (
	"bytes"
	"compress/gzip"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"hailong/server/view"
)

// flat is the text of a selection with every run of white space, no-break spaces too, as one space.
func flat(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func mustSay(t *testing.T, s *goquery.Selection, wants ...string) {
	t.Helper()
	got := flat(s)
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

func TestEveryStaffPageStandsAlone(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	bad := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|%!|NaN|ZgotmplZ|&lt;no value|staff\.[a-z]+\.`)
	ids := regexp.MustCompile(`\sid="([^"]+)"`)
	for name, page := range staffPages() {
		for _, lang := range view.Langs() {
			body := html(t, r, lang, page)
			if found := bad.Find(bytes.ReplaceAll(body, []byte(`<script src="`+r.Asset("entry.js")), nil)); found != nil {
				t.Errorf("%s %s holds %q", name, lang, found)
			}
			seen := map[string]bool{}
			for _, m := range ids.FindAllSubmatch(body, -1) {
				if seen[string(m[1])] {
					t.Errorf("%s %s: id %s stands twice", name, lang, m[1])
				}
				seen[string(m[1])] = true
			}
			doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if doc.Find("h1").Length() != 1 || doc.Find("html").AttrOr("lang", "") != string(lang) {
				t.Errorf("%s %s: not one h1, or the wrong language", name, lang)
			}
			doc.Find("a[href^='#']").Each(func(_ int, s *goquery.Selection) {
				if !seen[s.AttrOr("href", "#")[1:]] {
					t.Errorf("%s: %s leads nowhere", name, s.AttrOr("href", ""))
				}
			})
		}
	}
}

// TestNoEnglishOnVietnamesePages looks for words of the English catalogue that have no business in Vietnamese.
func TestNoEnglishOnVietnamesePages(t *testing.T) {
	t.Parallel()
	english := regexp.MustCompile(`(?i)\b(the|forms?|facilit(y|ies)|satisfied|target|period|verdict|release|items?|sign|password|interval|quarter)\b`)
	for name, page := range staffPages() {
		doc := document(t, view.Vietnamese, page)
		if found := english.FindString(doc.Find("body").Text()); found != "" {
			t.Errorf("%s says %q", name, found)
		}
	}
}

func TestLoginPage(t *testing.T) {
	t.Parallel()
	page := view.LoginPage{StaffFrame: view.StaffFrame{CSRF: "c-1"}, Next: `/app?q="x"`, Problem: view.LoginWrong}
	doc := document(t, view.Vietnamese, page)
	form := doc.Find("form[method=post][action='/login']")
	for name, want := range map[string]string{"csrf": "c-1", "next": `/app?q="x"`, "password": ""} {
		if got := form.Find("input[name="+name+"]").AttrOr("value", ""); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	mustSay(t, doc.Find("[role=alert]"), "Mật khẩu chưa đúng")
	if doc.Find("form[action='/logout']").Length() != 0 {
		t.Error("somebody who is not signed in can sign out")
	}
	page.Problem = ""
	if document(t, view.English, page).Find("[role=alert]").Length() != 0 {
		t.Error("a fresh form complains")
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "Yêu cầu chưa đọc được", 403: "Không mở được trang này", 404: "Không có trang này", 500: "Chưa tải được số liệu",
		503: "Hệ thống đang bận", 418: "Chưa tải được số liệu",
	} {
		doc := document(t, view.Vietnamese, view.ErrorPage{Status: status, RequestID: "4F2K-81"})
		mustSay(t, doc.Find("main"), want, "4F2K-81")
	}
}

func TestListPage(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, listPage())
	mustSay(t, doc.Find("h1"), "Các cơ sở ở xã Nghĩa Hưng")
	mustSay(t, doc.Find(".lead"), "Quý III/2026, 25 cơ sở: 3 chưa đạt, 8 chưa đủ căn cứ, 6 đạt; 1 chưa trọn kỳ, 5 chưa có chỉ tiêu, 2 chưa có số liệu để xem.")
	if got := doc.Find("tbody tr:not(.sector)").Length(); got != 25 {
		t.Errorf("%d rows, want 25", got)
	}
	mustSay(t, doc.Find("tr.sector").First(), "Y tế", "5 cơ sở · chỉ tiêu 85 % · gộp mọi phiếu 85,9 % (1.281 phiếu) · trung bình 5 cơ sở 85,3 %")
	mustSay(t, doc.Find("tr.sector").Last(), "chưa có chỉ tiêu")
	rows := map[string]string{
		"Trạm Y tế xã Nghĩa Hưng":     "79,5 %412 phiếuChưa đạt",
		"Điểm trạm Nghĩa Châu":        "Chưa đủ căn cứ cần thêm ≈ 690",
		"Điểm trạm Nghĩa Trung":       "Chưa đủ căn cứ xem kỳ dài hơn",
		"Trường Tiểu học Nghĩa Trung": "Chưa đủ căn cứ cần thêm ≈ 6",
		"Trường Mầm non Nghĩa Trung":  "Đang gộp 7 phiếu. Sớm nhất ngày 01/11/2026.",
		"Trường THCS Nghĩa Châu":      "Chưa có phiếu nào trong kỳ",
		"UBND xã Nghĩa Hưng":          "Chưa có chỉ tiêu",
	}
	doc.Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		name := s.Find("th a").Text()
		if want, ok := rows[name]; ok {
			mustSay(t, s, want)
			delete(rows, name)
		}
	})
	if len(rows) != 0 {
		t.Errorf("rows not found: %v", slices.Collect(maps.Keys(rows)))
	}
	if doc.Find("tr.without svg.chart, tr.without .rate:contains('%')").Length() != 0 {
		t.Error("a row without a result has a drawing or a rate")
	}
	mustSay(t, doc.Find("footer"), "Đã chốt ngày 14/10/2026. Số liệu tính đến hết ngày 15/10/2026.")
	mustSay(t, doc.Find("thead"), "85")
}

func TestListFilterIsAForm(t *testing.T) {
	t.Parallel()
	p := listPage()
	p.Filter.Query, p.Filter.Sector = `"><script>`, "health"
	doc := document(t, view.Vietnamese, p)
	form := doc.Find("form[method=get][action='/app']")
	for what, want := range map[string]string{
		"input[name=q]": `"><script>`, "input[name=on]": "2026-09-30", "select[name=kind] option[selected]": "quarter",
		"select[name=unit] option[selected]": "13-09", "select[name=sector] option[selected]": "health",
	} {
		if got := form.Find(what).AttrOr("value", ""); got != want {
			t.Errorf("%s = %q, want %q", what, got, want)
		}
	}
	if got := form.Find("a[rel=prev]").AttrOr("href", ""); got != "/app?kind=quarter&on=2026-06-30" {
		t.Errorf("previous = %q", got)
	}
	mustSay(t, form, "25 trong 151 cơ sở", "Bỏ lọc")
	p.Sectors = nil
	mustSay(t, document(t, view.Vietnamese, p).Find("main"), "Không có cơ sở nào khớp")
	p.Total = 0
	mustSay(t, document(t, view.Vietnamese, p).Find("main"), "Chưa có cơ sở nào")
}

func TestLongListIsSmall(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	body := html(t, renderer(t), view.Vietnamese, longList())
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("150 rows: %d bytes, %d gzipped", len(body), packed.Len())
	if packed.Len() > 60<<10 {
		t.Errorf("150 rows are %d bytes gzipped, want at most 60 KB", packed.Len())
	}
}

func TestFrameOfStaffPages(t *testing.T) {
	t.Parallel()
	p := listPage()
	doc := document(t, view.Vietnamese, p)
	if got := doc.Find("form[method=post][action='/logout'] input[name=csrf]").AttrOr("value", ""); got != "csrf-marker" {
		t.Errorf("csrf of the way out = %q", got)
	}
	mustSay(t, doc.Find("header"), "Khảo sát sự hài lòng", "Khu vực Nghĩa Hưng")
	mustSay(t, doc.Find(".demo"), "Bản trình diễn, số liệu minh họa")
	if got := doc.Find("header a[hreflang=en]").AttrOr("href", ""); got != "/app?lang=en" {
		t.Errorf("other language = %q", got)
	}
	p.Demo = false
	if document(t, view.Vietnamese, p).Find(".demo").Length() != 0 {
		t.Error("real figures are called a demonstration")
	}
}
