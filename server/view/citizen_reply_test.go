package view_test

import (
	"slices"
	"strings"
	"testing"

	"hailong/server/view"
)

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
		line := document(t, view.Vietnamese, page).Find("textarea#comment + p.hint")
		var links []string
		for _, a := range line.Find("a").EachIter() {
			links = append(links, a.AttrOr("href", ""))
		}
		if text := flat(line); tt.said == "" && line.Length() != 0 || !strings.Contains(text, tt.said) || !slices.Equal(links, tt.links) {
			t.Errorf("%+v: says %q with links %q", tt.reply, text, links)
		}
	}
}
