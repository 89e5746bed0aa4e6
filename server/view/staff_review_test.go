package view_test

import (
	"slices"
	"strings"
	"testing"

	"hailong/server/view"
)

func TestReviewQueueTellsWhatIsSeen(t *testing.T) {
	t.Parallel()
	doc := docOf(t, view.Vietnamese, reviewPage())
	rows := doc.Find(".reviews li")
	if rows.Length() != 4 {
		t.Fatalf("%d rows", rows.Length())
	}
	mustSay(t, rows.Eq(0), "Trung tâm Phục vụ hành chính công", "12 phiếu", "12/10/2026", "Nằm trong một đợt gửi dồn dập", "9 phiếu ngắn · 3 phiếu đầy đủ · 3 phiếu điền nhanh hơn thời gian đọc")
	mustSay(t, rows.Eq(3), "Lý do khác")
	mustSay(t, doc.Find("select[name=show]"), "Chờ xem (143)", "Chờ người thứ hai (40)")
	if n := doc.Find("select[name=reason] option").Length(); n != 1+len(view.AsideReasons()) {
		t.Errorf("%d reasons are offered", n)
	}
	for _, never := range view.AsideReasons() {
		if slices.Contains([]string{"accepted", "excluded"}, never) {
			t.Errorf("%s is offered as a reason for setting aside", never)
		}
	}
	if got := docOf(t, view.Vietnamese, reviewPages()["review-busy"]).Find(".who .count").Text(); got != "180+" {
		t.Errorf("the way to the queue tells %q", got)
	}
	if doc.Find(".who .count").Length() != 0 || doc.Find(`.who a[href="/app/review"]`).Length() != 1 {
		t.Error("the way to the queue counts what is under ten, or is missing")
	}
	frame := staffFrame()
	frame.MayReview = false
	if docOf(t, view.Vietnamese, view.ErrorPage{StaffFrame: frame, Status: 404}).Find(`a[href="/app/review"]`).Length() != 0 {
		t.Error("who may not review is shown the way")
	}
}

func TestReviewGroupPage(t *testing.T) {
	t.Parallel()
	small := docOf(t, view.Vietnamese, reviewGroup(6, 0))
	if n := small.Find("input[name=form][type=checkbox][checked]").Length(); n != 6 || small.Find("input[name=mark]").Length() != 0 {
		t.Errorf("%d forms are ticked, want all 6 and no mark", n)
	}
	if small.Find("form.decide[method=post] input[name=csrf][value=csrf-marker]").Length() != 1 {
		t.Error("the form has no CSRF token")
	}
	large := docOf(t, view.Vietnamese, reviewGroup(730, 0))
	if large.Find("input[name=form]").Length() != 0 || large.Find("input[name=mark][value='00ff']").Length() != 1 {
		t.Error("a large group is not decided on as a whole")
	}
	mustSay(t, large.Find("main"), "mỗi lần 500 phiếu", "730 phiếu chờ quyết định")
	own := docOf(t, view.Vietnamese, reviewPages()["review-group-needs_two"])
	if own.Find(".waiting button[value=exclude]").Length() != 0 || own.Find(".waiting button[value=accept]").Length() != 1 {
		t.Error("whoever excluded first can be the second person too")
	}
	if n := own.Find("input[name=form][checked]").Length(); n != 1 {
		t.Errorf("%d forms are ticked after a problem, want the one that was", n)
	}
	mustSay(t, own.Find("[role=alert]"), "Các phiếu này chờ một người khác.")
	if got := own.Find("#note").Text(); got != hostile {
		t.Errorf("the note that was typed came back as %q", got)
	}
	other := docOf(t, view.English, reviewPages()["review-group-second"])
	if other.Find(".waiting button[value=exclude]").Length() != 1 {
		t.Error("a second person cannot exclude")
	}
}

func TestReliabilityAccusesNobody(t *testing.T) {
	t.Parallel()
	said := map[string]string{"facility": "A Độ tin cậy của phiếu: đáng tin cậy", "facility-slightly": "B Độ tin cậy của phiếu: khá tin cậy", "facility-partly": "C Độ tin cậy của phiếu: nên đối chiếu thêm", "facility-mostly": "D Độ tin cậy của phiếu: chưa nên dùng riêng"}
	for name, want := range said {
		doc := docOf(t, view.Vietnamese, staffPages()[name])
		mustSay(t, doc.Find(".reliability"), want)
		mustSay(t, doc.Find(".definition"), "Độ tin cậy của phiếuSo cách phiếu đến trong kỳ")
		blamed := name != "facility" && doc.Find(".reliability li").Length() > 0
		if blamed {
			mustSay(t, doc.Find(".reliability"), "không phải kết luận về ai")
		}
		for _, never := range []string{"gian lận", "cán bộ", "làm giả", "vi phạm"} {
			if got := flat(doc.Find(".reliability")); strings.Contains(got, never) {
				t.Errorf("%s says %q", name, never)
			}
		}
	}
	if n := docOf(t, view.Vietnamese, staffPages()["facility-open"]).Find(".reliability").Length(); n != 0 {
		t.Error("an open period has a grade")
	}
	rows := docOf(t, view.Vietnamese, listPage()).Find(".facilities .reliable")
	if rows.Length() != 1 {
		t.Fatalf("%d rows tell a grade, want only the one below B", rows.Length())
	}
	mustSay(t, rows, "tin cậy: C")
}
