package view_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"hailong/server/view"
	"hailong/surveys"
)

func TestFacilitySentence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		verdict string
		needed  int64
		want    string
	}{
		{view.VerdictMet, 0, "Quý III/2026: đạt – 82,4 % hài lòng, 46 phiếu; cả khoảng tin cậy từ chỉ tiêu 85 % trở lên."},
		{view.VerdictNotMet, 0, "Quý III/2026: chưa đạt – 82,4 % hài lòng, 46 phiếu; cả khoảng tin cậy dưới chỉ tiêu 85 %."},
		{view.VerdictUndecided, 187, "Quý III/2026: chưa đủ căn cứ – 82,4 % hài lòng, 46 phiếu; cần thêm khoảng 190 phiếu."},
		{view.VerdictUndecided, 0, "Quý III/2026: chưa đủ căn cứ – 82,4 % hài lòng, 46 phiếu; nên xem kỳ dài hơn."},
		{view.VerdictOpen, 21, "Quý III/2026: đang thu thập – 82,4 % hài lòng, 46 phiếu đến nay; cần thêm khoảng 25 phiếu để kết luận."},
		{view.VerdictOpen, 0, "Quý III/2026: đang thu thập – 82,4 % hài lòng, 46 phiếu đến nay."},
		{view.VerdictIncomplete, 9, "Quý III/2026: chưa trọn kỳ – 82,4 % hài lòng, 46 phiếu; còn phiếu đang gộp nên chưa kết luận."},
		{view.VerdictNoTarget, 0, "Quý III/2026: 82,4 % hài lòng, 46 phiếu; ngành này chưa có chỉ tiêu nên không kết luận."},
		{view.VerdictNoPeriod, 0, "Quý III/2026: 82,4 % hài lòng, 46 phiếu."},
	}
	for _, test := range tests {
		p := facilityPage()
		p.Score = score(0.824, 46, test.verdict, test.needed)
		doc := document(t, view.Vietnamese, p)
		if got := flat(doc.Find(".sentence")); got != test.want {
			t.Errorf("%s: %q, want %q", test.verdict, got, test.want)
		}
		chips := 1
		if test.verdict == view.VerdictNoPeriod {
			chips = 0
		}
		if got := doc.Find(".chip svg").Length(); got != chips {
			t.Errorf("%s: %d chips, want %d", test.verdict, got, chips)
		}
	}
}

func TestFacilityPage(t *testing.T) {
	t.Parallel()
	doc := document(t, view.Vietnamese, facilityPage())
	mustSay(t, doc.Find(".under"), "Đã chốt ngày 14/10/2026.")
	mustSay(t, doc.Find("main"),
		"khoảng tin cậy 95 %", "8 phiếu đang gộp", "16/10/2026nếu ngày hôm trước đủ 30 phiếu",
		"64,1 % hài lòng, 354 người trả lời; thiếu khoảng 74 người hài lòng để bằng mức 85 %.",
		"141 người trả lời (chỉ phiếu đầy đủ)", "Tháng 2/2026: dưới 20 phiếu, đang gộp vào kỳ dài hơn.",
		"1.555 câu trả lời “Hài lòng” trở lên chia cho 1.957 câu trả lời của 5 câu chính", "hệ số thiết kế 1,61",
		"Trạm y tế, phiên bản 1, 2", "01/07/2026 – 30/09/2026, chốt ngày 14/10/2026", "4 đợt", "12 phiếu, có ghi lý do")
	if got := doc.Find(".items tbody tr:not(.factor)").Length(); got != 25 {
		t.Errorf("%d items, want 25", got)
	}
	mustSay(t, doc.Find("#item-C5"), "Nhà vệ sinh sạch, dùng được", "64,1 %", "354", "51")
	mustSay(t, doc.Find("#item-F3"), "Chưa hiện: mỗi đợt công bố có dưới 10 câu trả lời.")
	if doc.Find("#item-F3 svg.chart, #item-F3 .rate").Length() != 0 {
		t.Error("a withheld item shows something")
	}
	if got := doc.Find("#item-B2 .star").Length() + doc.Find("#item-B1 .star").Length(); got != 1 {
		t.Errorf("%d stars on a core and a detail item, want 1", got)
	}
	mustSay(t, doc.Find(".restricted"), "chỉ quản trị xem được", "Không muốn trả lời9")
	if got := doc.Find("details table").Length(); got != 2 {
		t.Errorf("%d tables behind drawings, want 2", got)
	}
	for _, absent := range []string{"giới hạn", "Độ phủ", "Tải", "Ý kiến", "So với"} {
		body := doc.Find("main").Clone()
		body.Find(".points").Remove()
		if strings.Contains(body.Text(), absent) {
			t.Errorf("the page speaks of %q, which is not built", absent)
		}
	}
}

func TestFacilityPoints(t *testing.T) {
	t.Parallel()
	points := document(t, view.Vietnamese, facilityPage()).Find(".points li")
	if got := points.First().Find(".address").AttrOr("href", ""); got != "https://haihau.example.vn/s/K7QM2XHD" {
		t.Errorf("address = %q", got)
	}
	for _, want := range []string{"/app/points/p_1/qr.svg", "/app/points/p_1/qr.png"} {
		if points.First().Find("a[href='"+want+"']").Length() != 1 {
			t.Errorf("no link to %s", want)
		}
	}
	mustSay(t, points.Last(), "không còn dùng")
	if points.Last().Find("a[href*='qr.']").Length() != 0 {
		t.Error("a retired point still offers its code")
	}
}

func TestFacilityWithoutResult(t *testing.T) {
	t.Parallel()
	waiting := document(t, view.Vietnamese, waitingFacility())
	mustSay(t, waiting.Find(".chip"), "Đang gộp")
	mustSay(t, waiting.Find(".answer"), "Quý IV/2026: đang gộp thêm phiếu.", "Sớm nhất hiện ngày 16/10/2026.")
	nobody := document(t, view.Vietnamese, nobodyFacility())
	mustSay(t, nobody.Find(".answer"), "Chưa có phiếu trong quý IV/2026.", "Chưa ai trả lời ở đây trong kỳ này.")
	for name, doc := range map[string]*goquery.Document{"waiting": waiting, "nobody": nobody} {
		if doc.Find(".hero, .items, .first, .restricted").Length() != 0 {
			t.Errorf("%s: figures are drawn where there are none", name)
		}
		if strings.Contains(flat(doc.Find(".answer")), " %") {
			t.Errorf("%s: a rate is said where there is none", name)
		}
	}
}

func TestRestrictedIsWithheldOrAbsent(t *testing.T) {
	t.Parallel()
	p := facilityPage()
	p.Restricted[0].Withheld = true
	doc := document(t, view.Vietnamese, p)
	mustSay(t, doc.Find(".restricted"), "cần ít nhất 30 phiếu")
	if doc.Find(".restricted table").Length() != 0 {
		t.Error("withheld counts are shown")
	}
	p.Restricted = nil
	if document(t, view.Vietnamese, p).Find(".restricted").Length() != 0 {
		t.Error("there is a section for restricted items where there are none")
	}
}

func TestStaffPagesEscape(t *testing.T) {
	t.Parallel()
	f, l := facilityPage(), listPage()
	f.Name, f.Place, f.Organisation, f.Factors[0].Title, f.Factors[0].Items[0].Label = hostile, hostile, hostile, hostile, hostile
	f.Priorities[0].Label, f.Points[0].Name, f.Scale[4], f.Definition.Target.Source = hostile, hostile, hostile, hostile
	f.Points[0].URL, f.List = "javascript:alert(1)", "javascript:alert(1)"
	l.Place, l.Filter.Query, l.Sectors[0].Rows[0].Name, l.Filter.Units[0].Name = hostile, hostile, hostile, hostile
	for _, page := range []view.Page{f, l} {
		for _, lang := range view.Langs() {
			doc := document(t, lang, page)
			if doc.Find("script").Length() != 0 {
				t.Errorf("%T: a name became a script", page)
			}
			if doc.Find("a[href^='javascript:']").Length() != 0 {
				t.Errorf("%T: an address became a script", page)
			}
			mustSay(t, doc.Find("h1"), hostile)
		}
	}
}

func TestPeriodLabels(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	tests := []struct {
		period view.Period
		vi, en string
	}{
		{month(2026, 9), "Tháng 9/2026", "September 2026"},
		{quarter(2026, 3), "Quý III/2026", "Q3 2026"},
		{view.Period{Kind: view.PeriodHalf, Year: 2026, Number: 1}, "6 tháng đầu năm 2026", "First half of 2026"},
		{view.Period{Kind: view.PeriodNineMonths, Year: 2026}, "9 tháng năm 2026", "First 9 months of 2026"},
		{view.Period{Kind: view.PeriodYear, Year: 2026}, "Năm 2026", "Year 2026"},
		{view.Period{Kind: view.PeriodStage, From: "2021-01-01", To: "2025-12-31"}, "Giai đoạn 2021–2025", "2021–2025"},
		{view.Period{Kind: view.PeriodCustom, From: "2026-08-01", To: "2026-08-15"}, "01/08/2026 – 15/08/2026", "1 Aug 2026 – 15 Aug 2026"},
	}
	for _, test := range tests {
		for lang, want := range map[view.Lang]string{view.Vietnamese: test.vi, view.English: test.en} {
			if got := strings.Join(strings.Fields(r.Label(lang, test.period)), " "); got != want {
				t.Errorf("%s: %q, want %q", lang, got, want)
			}
		}
	}
}

func TestRoundNeeded(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{0: 0, 1: 1, 19: 19, 20: 20, 21: 25, 96: 100, 99: 100, 100: 100, 101: 110, 683: 690} {
		if got := view.RoundNeeded(n); got != want {
			t.Errorf("RoundNeeded(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestWhole(t *testing.T) {
	t.Parallel()
	for rate, want := range map[float64]string{0.85: "85\u00a0%", 0.875: "87,5\u00a0%", 1: "100\u00a0%", 0.29: "29\u00a0%", 0.57: "57\u00a0%"} {
		if got := view.Whole(view.Vietnamese, rate); got != want {
			t.Errorf("Whole(%v) = %q, want %q", rate, got, want)
		}
	}
}

func TestTrendGapsAreRuns(t *testing.T) {
	t.Parallel()
	none := func(m int) view.TrendPoint { return view.TrendPoint{Period: month(2026, m), State: view.StateNone} }
	p := facilityPage()
	p.Trend.Points = []view.TrendPoint{
		none(1), none(2), none(3),
		{Period: month(2026, 4), State: view.StateHidden, Minimum: 20},
		{Period: month(2026, 5), State: view.StateFull, Rate: 0.8, Interval: around(0.8, 30), Forms: 30},
		none(6),
	}
	var got []string
	document(t, view.Vietnamese, p).Find(".gaps li").Each(func(_ int, s *goquery.Selection) { got = append(got, flat(s)) })
	want := "Tháng 1/2026 đến tháng 3/2026: chưa có phiếu.|Tháng 4/2026: dưới 20 phiếu, đang gộp vào kỳ dài hơn.|Tháng 6/2026: chưa có phiếu."
	if strings.Join(got, "|") != want {
		t.Errorf("gaps %q, want %q", got, want)
	}
}

func TestPageStructsTakeDomainDays(t *testing.T) {
	t.Parallel()
	var day surveys.Day = "2026-10-14"
	p := view.FacilityPage{Name: "Trạm", Picker: picker(), Closing: day, Closed: true, State: view.StateNone}
	mustSay(t, document(t, view.English, p).Find(".under"), "Closed on 14 Oct 2026.")
}
