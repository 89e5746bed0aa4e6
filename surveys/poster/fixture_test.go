package poster_test

import (
	"strings"

	"hailong/surveys/poster"
)

// usual is the poster of look.md's pictures.
func usual() poster.Poster {
	return poster.Poster{
		Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Point: "Quầy 2 – Trả kết quả", BaseURL: "https://hl.example",
		Token: "7K3MPX9D", Office: "Văn phòng HĐND và UBND xã Nghĩa Hưng", Contact: "0229 000 0000", Lang: "vi",
	}
}

// samples are usual and hostile posters by name.
func samples() map[string]poster.Poster {
	with := func(change func(*poster.Poster)) poster.Poster {
		p := usual()
		change(&p)
		return p
	}
	return map[string]poster.Poster{
		"usual":   usual(),
		"english": with(func(p *poster.Poster) { p.Lang = "en" }),
		"short": {
			Facility: "Trạm Y tế", Point: "Cổng", BaseURL: "http://a.vn", Token: "00000000", Lang: "vi",
		},
		"long": with(func(p *poster.Poster) {
			p.Facility = "Trung tâm Giáo dục nghề nghiệp – Giáo dục thường xuyên Nghĩa Hưng, cơ sở 2 tại thị trấn Quỹ Nhất, tỉnh Ninh Bình"
			p.Point = "Phòng chờ khu điều trị ngoại trú tầng 2, nhà B, bên trái cầu thang máy – quầy trả kết quả xét nghiệm"
			p.BaseURL = "https://khaosathailong.nghiahung.ninhbinh.gov.vn"
			p.Office = "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã Nghĩa Hưng, tỉnh Ninh Bình"
			p.Contact = "vanphong@nghiahung.ninhbinh.gov.vn"
		}),
		"formula": with(func(p *poster.Poster) { p.Facility, p.Point = `=HYPERLINK("http://x","y")`, "+1-1|@SUM(A1)" }),
		"script":  with(func(p *poster.Poster) { p.Facility, p.Point = `<script>alert("1")</script> & 'X' \(`, "]]></svg>{{.}}" }),
		"fourbyte": with(func(p *poster.Poster) {
			p.Facility, p.Point = "Trạm 😀 Y tế 𝐍𝐠𝐡𝐢̃𝐚 𠮷野 👨‍👩‍👧", "🚪 Cổng 🅰️ ①"
		}),
		"nfd": with(func(p *poster.Poster) {
			p.Facility, p.Point = "Tra\u0323m Y te\u0302\u0301 xa\u0303 Nghi\u0303a Hu\u031bng", "Qua\u0302\u0300y 2"
		}),
		"scripts": with(func(p *poster.Poster) {
			p.Facility, p.Point = "\u202eمستشفى\u202c \u200fשלום 衛生站 ไทย ក្ខ", "a\u0000b\tc\nd\u00ad\ufeff\ufffd \xff"
		}),
		"zalgo":    with(func(p *poster.Poster) { p.Facility = "T" + strings.Repeat("\u0336\u0301", 90) + "rạm" }),
		"nobreaks": with(func(p *poster.Poster) { p.Facility, p.Point = strings.Repeat("W", 200), strings.Repeat("Ễ", 200) }),
		"words200": with(func(p *poster.Poster) {
			p.Facility, p.Point = strings.TrimSpace(strings.Repeat("Nghĩa Hưng ", 18)), strings.TrimSpace(strings.Repeat("1 ", 100))
			p.Office, p.Contact = strings.TrimSpace(strings.Repeat("văn phòng ", 20)), strings.Repeat("9", 200)
			p.BaseURL = "https://" + strings.Repeat("rat-dai.", 15) + "example"
		}),
		"endless": with(func(p *poster.Poster) {
			p.Facility, p.Point, p.Contact = strings.Repeat("x", 1<<20), strings.Repeat("ba ", 1<<18), strings.Repeat("\u0301", 1<<18)
		}),
		"cut": with(func(p *poster.Poster) { // the last line that there is room for ends in another weight
			p.Contact, p.Office = strings.Repeat("9", 68), strings.Repeat("W", 200)
		}),
		"question": with(func(p *poster.Poster) {
			p.Headline = "Ông/Bà đánh giá thế nào về tinh thần, thái độ phục vụ của cán bộ, nhân viên tại Trạm Y tế hôm nay?"
		}),
		"nothing": {BaseURL: "https://hl.example", Token: "7K3MPX9D"},
	}
}
