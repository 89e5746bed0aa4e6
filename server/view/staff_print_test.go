package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"hailong/server/view"
)

func docOf(t *testing.T, lang view.Lang, page view.Page) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(html(t, renderer(t), lang, page)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestPrintPage(t *testing.T) {
	t.Parallel()
	doc := docOf(t, view.Vietnamese, printPage())
	if n := doc.Find(".sheets img").Length(); n != 1 {
		t.Errorf("%d previews, want that of the chosen point", n)
	}
	if n := doc.Find("input[name=point][checked]").Length(); n != 1 || doc.Find("input[name=point]").Length() != 2 {
		t.Errorf("%d points are ticked, want 1 of 2", n)
	}
	if got := doc.Find("input[name=paper][checked]").AttrOr("value", ""); got != "a4" {
		t.Errorf("paper %q", got)
	}
	if doc.Find("form.choice[method=post] input[name=csrf][value=csrf-marker]").Length() != 1 || doc.Find("form[method=get] input[name=csrf]").Length() != 0 {
		t.Error("the form has no CSRF token, or one would stand in an address")
	}
	mustSay(t, doc.Find(".prints"), "Phải thay. Mã dẫn tới địa chỉ cũ: https://cu.example/s/7K3MPX9D", "Tên trên bản in đã đổi.",
		"Điểm này nay thuộc cơ sở khác.", "Điểm này không còn nhận phiếu.", "chờ in từ 04/10/2026", "đang treo từ 01/10/2026 · cạnh quầy 2", "đã gỡ 06/10/2026")
	if n := doc.Find(".problem, .done").Length(); n != 0 {
		t.Errorf("%d notices on a page without any", n)
	}
	nothing := docOf(t, view.English, printPages()["print-nothing"])
	mustSay(t, nothing.Find("[role=alert]"), "No point is chosen.")
	if nothing.Find("#preview").Length() != 0 {
		t.Error("nothing is chosen and a preview is shown")
	}
	mustSay(t, docOf(t, view.Vietnamese, printPages()["print-local"]).Find("main"), "http://127.0.0.1:8080, địa chỉ chỉ mở được trên máy này", "Đã đưa vào danh sách chờ in.")
	none := docOf(t, view.Vietnamese, printPages()["print-none"])
	if none.Find("form.choice, #prints").Length() != 0 {
		t.Error("there is nothing to print and a form for it")
	}
}

// Each state offers the steps that there are from it, and no other.
func TestPrintLines(t *testing.T) {
	t.Parallel()
	doc := docOf(t, view.Vietnamese, printsPage(view.PrintsAll))
	got := map[string][]string{}
	doc.Find(".print").Each(func(i int, s *goquery.Selection) {
		id := printRows()[i].ID
		s.Find("button[name=state]").Each(func(_ int, b *goquery.Selection) { got[id] = append(got[id], b.AttrOr("value", "")) })
		if place := s.Find("input[name=place]").Length(); (place == 1) != (printRows()[i].State == "printed") {
			t.Errorf("%s: %d fields for the place", id, place)
		}
		if forms := s.Find("form input[name=csrf]").Length(); forms != s.Find("form").Length() {
			t.Errorf("%s: a form without CSRF token", id)
		}
	})
	want := map[string][]string{
		"p_1.a4.0001": {"down"}, "p_1.a5.0002": {"hung", "down"}, "p_2.a6.0001": {"down"}, "p_2.a6.0002": {"down"},
		"p_3.slips.0001": {"printed", "down"}, "p_3.a4.0002": {"hung", "down"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestPrintFilters(t *testing.T) {
	t.Parallel()
	want := map[view.PrintFilter]int{
		view.PrintsTodo: 6, view.PrintsQueued: 1, view.PrintsPrinted: 2, view.PrintsHung: 3, view.PrintsReplace: 4, view.PrintsDown: 1, view.PrintsAll: 7,
	}
	for f, n := range want {
		if got := len(printsPage(f).Rows); got != n || view.ParsePrintFilter(string(f)) != f {
			t.Errorf("%s picks %d, want %d", f, got, n)
		}
	}
	if f := view.ParsePrintFilter("<script>"); f != view.PrintsTodo {
		t.Errorf("an unknown filter is %s", f)
	}
	if got := flat(docOf(t, view.Vietnamese, printsPage(view.PrintsTodo)).Find("option[selected]")); got != "Cần làm (6)" {
		t.Errorf("the chosen filter reads %q", got)
	}
}

func TestFacilityTellsWhatHangs(t *testing.T) {
	t.Parallel()
	points := docOf(t, view.Vietnamese, facilityPage()).Find(".points li")
	mustSay(t, points.First(), "A4: đang treo từ 01/10/2026 · cạnh quầy 2 · Phải thay.", "A5: đã in 02/10/2026, chưa treo")
	if got := flat(points.Last()); strings.Contains(got, "treo") {
		t.Errorf("a point without a print says %q", got)
	}
}
