package view_test

import (
	"strings"
	"testing"

	"hailong/server/view"
)

// Others than administrators read whole tens, and "under 10" whether nobody came or nine.
func TestPointsPage(t *testing.T) {
	t.Parallel()
	doc := docOf(t, view.Vietnamese, pointsPages()["points"])
	rows := doc.Find(".uses tbody tr")
	if rows.Length() != 5 || doc.Find(".problems li").Length() != 5 { // the first has a print to replace
		t.Errorf("%d rows and %d problems, want 5 and 5", rows.Length(), doc.Find(".problems li").Length())
	}
	mustSay(t, rows.Eq(0), "45 mở · 33 bắt đầu · 21 gửi", "1.234 mở · 801 bắt đầu · 656 gửi", "14/10/2026")
	mustSay(t, rows.Eq(1), "dưới 10 mở · dưới 10 bắt đầu · dưới 10 gửi", "120+ mở · 90+ bắt đầu · 60+ gửi", "≈ 50")
	if text := rows.Eq(1).Text(); strings.Contains(text, " 0 ") {
		t.Errorf("a row in tens says %q", text)
	}
	mustSay(t, rows.Eq(3), "chưa thấy ai mở")
	mustSay(t, doc.Find(".problems"), "Mã có vẻ đã hỏng hoặc bị che.", "Xin đến xem mã còn treo", "Nhiều người mở nhưng ít người gửi.", "Treo từ hai tuần trở lên mà chưa ai mở.", "Máy có vẻ đã tắt")
	mustSay(t, docOf(t, view.English, pointsPages()["points-sound"]).Find("main"), "No code seems damaged or covered.")
	next := docOf(t, view.Vietnamese, pointsPages()["points-next"])
	if next.Find("#problems").Length() != 0 || next.Find("a[rel=next]").AttrOr("href", "") != "/app/points?page=3" {
		t.Error("the second page repeats the problems, or does not go on")
	}
	mustSay(t, docOf(t, view.Vietnamese, pointsPages()["points-none"]).Find("main"), "Không có điểm nào như vậy")
	mustSay(t, docOf(t, view.Vietnamese, pointsPages()["points-empty"]).Find("main"), "Chưa có điểm nào đang dùng")
}

func TestReachOnPages(t *testing.T) {
	t.Parallel()
	doc := docOf(t, view.Vietnamese, facilityPage()).Find("#points")
	mustSay(t, doc.Find(".reach"), "Chưa có điểm nào hỏi:", "người bị từ chối hoặc bị trả lại hồ sơ", "nơi từ chối hồ sơ, cổng", "phụ huynh ít khi đến trường")
	if text := doc.Find(".reach").Text(); strings.Contains(text, "Mọi điểm đều ở nơi trả kết quả") {
		t.Error("says that all points are at result desks")
	}
	if n := doc.Find(".offers form[action='/app/facilities/f_1/points'] input[name=csrf][value=csrf-marker]").Length(); n != 3 {
		t.Errorf("%d offers, want 3", n)
	}
	if got := doc.Find("textarea.paste").Text(); !strings.HasSuffix(got, ":\nhttps://haihau.example.vn/s/K7QM2XHG") || strings.Contains(got, "?") {
		t.Errorf("the text to paste is %q", got)
	}
	only := docOf(t, view.Vietnamese, pointsPages()["facility-only-results"]).Find("#points")
	mustSay(t, only, "Mọi điểm đều ở nơi trả kết quả.", "Tạo điểm cho phiếu nhỏ")
	mustSay(t, docOf(t, view.Vietnamese, pointsPages()["print-no-slips"]).Find("main"), "chưa có điểm riêng cho phiếu nhỏ", "Tạo đường dẫn cho cổng thông tin, Zalo")
}
