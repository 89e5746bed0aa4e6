package view_test

import (
	"slices"
	"strings"
	"testing"

	"hailong/server/view"
)

// The notice says what the law and the office's own promise ask for (domain: what the form should say), whoever reads it.
func TestNoticeSaysAll(t *testing.T) {
	t.Parallel()
	page := shortForm(view.Vietnamese)
	page.Notice = view.Notice{Controller: "UBND xã A", Contact: "0228 3871 000", RetentionMonths: 24}
	all := []string{
		"Phiếu này không hỏi tên, số điện thoại, số căn cước hay mã hồ sơ.",
		"Trả lời là tự nguyện.", "có thể bỏ qua câu không muốn trả lời và dừng bất cứ lúc nào.",
		"Câu trả lời chỉ dùng để cải tiến phục vụ và lập báo cáo tổng hợp của UBND xã A.", "không xem được từng phiếu.",
		"Không lưu địa chỉ mạng hay loại máy.", "Riêng máy này nhớ",
		"Xin không ghi tên, số điện thoại của mình hoặc của người khác vào ô góp ý.", "được che đi trước khi lưu; tên người thì không.",
		"Nếu cần được trả lời, xin gửi kiến nghị riêng: 0228 3871 000.",
		"được lưu 24 tháng rồi tự xóa", "rút được phiếu cho đến khi kết quả của ngày đó được công bố.",
		"Đơn vị chịu trách nhiệm về dữ liệu: UBND xã A. Liên hệ: 0228 3871 000.",
	}
	for audience, at := range map[view.Audience]string{"": "", view.Parents: "cha mẹ", view.Pupils: "Thầy cô"} {
		page.Audience = audience
		said := flat(document(t, view.Vietnamese, page).Find(".intro"))
		from := 0
		for _, sentence := range all {
			i := strings.Index(said[from:], sentence)
			if i < 0 {
				t.Fatalf("%q: %q is not said, or out of order, in %q", audience, sentence, said)
			}
			from += i
		}
		if !strings.Contains(said, at) {
			t.Errorf("%q: %q", audience, said)
		}
	}
	page.Notice = view.Notice{}
	if said := flat(document(t, view.Vietnamese, page).Find(".intro")); !strings.Contains(said, "lưu không định hạn") || strings.Contains(said, "chịu trách nhiệm") {
		t.Errorf("an office that is not known: %q", said)
	}
}

// The line under the comment says where an answer or help is to be had; a telephone number can be tapped, and what is none
// stays text.
func TestReplyLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reply view.Reply
		said  string // "" no line
		links []string
	}{
		{view.Reply{}, "", nil},
		{view.Reply{Contact: "0228 3871 000"}, "xin liên hệ 0228 3871 000.", []string{"tel:02283871000"}},
		{view.Reply{Contact: "+84 (228) 3871.000", Urgent: view.UrgentHealth}, "Cấp cứu, xin gọi 115.", []string{"tel:+842283871000", "tel:115"}},
		{view.Reply{Contact: "hopthu@nghiahung.example"}, "xin liên hệ hopthu@nghiahung.example.", []string{"mailto:hopthu@nghiahung.example"}},
		{view.Reply{Contact: "phòng tiếp dân, 0228 3871 000"}, "xin liên hệ phòng tiếp dân, 0228 3871 000.", nil},
		{view.Reply{Contact: "javascript:alert(1)@x.vn"}, "xin liên hệ javascript:alert(1)@x.vn.", nil},
		{view.Reply{Contact: "a@b.vn?bcc=c@d.vn"}, "xin liên hệ a@b.vn?bcc=c@d.vn.", nil},
		{view.Reply{Urgent: view.UrgentEducation}, "Trẻ em cần được bảo vệ ngay, xin gọi (miễn phí) 111.", []string{"tel:111"}},
	} {
		page := shortForm(view.Vietnamese)
		page.Reply = tt.reply
		line := document(t, view.Vietnamese, page).Find("p.reply")
		var links []string
		for _, a := range line.Find("a").EachIter() {
			links = append(links, a.AttrOr("href", ""))
		}
		if text := flat(line); tt.said == "" && line.Length() != 0 || !strings.Contains(text, tt.said) || !slices.Equal(links, tt.links) {
			t.Errorf("%+v: says %q with links %q", tt.reply, text, links)
		}
	}
}
