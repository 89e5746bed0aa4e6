package view_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"hailong/server/view"
)

var parsed = sync.OnceValues(view.New) //nolint:gochecknoglobals // parsing takes a second under the race detector

// renderer returns the tests' renderer or stops the test.
func renderer(t *testing.T) *view.Renderer {
	t.Helper()
	r, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// html renders page and returns its bytes.
func html(t *testing.T, r *view.Renderer, lang view.Lang, page view.Page) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := r.Render(&buf, lang, page); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// document renders page and parses it.
func document(t *testing.T, lang view.Lang, page view.Page) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(html(t, renderer(t), lang, page)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func place() view.Frame {
	return view.Frame{
		Place:  view.Place{Facility: "Trung tâm Phục vụ hành chính công xã Nghĩa Hưng", Point: "Quầy 2 – Trả kết quả"},
		Switch: "/s/K7QM2XHD?lang=en",
	}
}

func scale(lang view.Lang) []view.Option {
	labels := []string{"Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng", "Không sử dụng / không có ý kiến"}
	if lang == view.English {
		labels = []string{"Very satisfied", "Satisfied", "Neutral", "Dissatisfied", "Very dissatisfied", "Did not use / no opinion"}
	}
	var options []view.Option
	for i, label := range labels {
		code := 5 - i
		options = append(options, view.Option{Code: string(rune('0' + code)), Label: label, Face: code, Quiet: code == 0})
	}
	return options
}

func scaled(lang view.Lang, code, factor, text string) view.Question {
	prompt := "Ông/Bà hài lòng ở mức nào?"
	if lang == view.English {
		prompt = "How satisfied are you?"
	}
	return view.Question{Code: code, Factor: factor, Text: text, Prompt: prompt, Kind: view.KindScale, Options: scale(lang)}
}

// formOf makes a form of the items given as "code|factor|text".
func formOf(lang view.Lang, name string, items ...string) view.FormPage {
	p := view.FormPage{
		Frame: place(), Action: "/s/K7QM2XHD", Form: name, Headline: "Mời Ông/Bà đánh giá lần phục vụ này",
		Notice:       view.Notice{Controller: "Ủy ban nhân dân xã Nghĩa Hưng", RetentionMonths: 24},
		Comment:      &view.Comment{Text: "Điều gì cần sửa trước tiên?"},
		SubmissionID: "@@submission_id@@", FormToken: "@@form_token@@",
	}
	if lang == view.English {
		p.Headline, p.Comment.Text = "Please rate this visit", "What should be put right first?"
	}
	for _, item := range items {
		part := strings.Split(item, "|")
		p.Questions = append(p.Questions, scaled(lang, part[0], part[1], part[2]))
	}
	return p
}

func shortForm(lang view.Lang) view.FormPage {
	p := formOf(lang, "short",
		"A3|Tiếp cận dịch vụ|Máy móc, thiết bị (lấy số, tra cứu, quạt/điều hòa…) đủ và dùng tốt",
		"B2|Thủ tục hành chính|Chỉ phải nộp đúng những giấy tờ đã niêm yết",
		"C1|Công chức tiếp nhận, giải quyết|Lịch sự, tôn trọng người dân",
		"C2|Công chức tiếp nhận, giải quyết|Hướng dẫn rõ, đủ ngay một lần, không phải về bổ sung nhiều lần",
		"D1|Kết quả (kể cả khi bị từ chối)|Trả kết quả đúng hẹn (hoặc được báo trước, xin lỗi khi chậm)",
		"Z|Đánh giá chung|Nhìn chung, Ông/Bà hài lòng ở mức nào với lần phục vụ này?")
	p.Questions[5].Prompt = ""
	p.Alternate = &view.Alternate{URL: "/s/K7QM2XHD?form=full", Full: true, Questions: 17}
	return p
}

// everyKind is a form with all kinds of questions, some answered.
func everyKind(lang view.Lang) view.FormPage {
	p := formOf(lang, "full", "C1|Công chức tiếp nhận, giải quyết|Lịch sự, tôn trọng người dân")
	p.Questions[0].Options[1].Checked = true
	p.Alternate = &view.Alternate{URL: "/s/K7QM2XHD", Questions: 6}
	p.Questions = append(p.Questions,
		view.Question{
			Code: "T1", Factor: "Đánh giá chung", Text: "Trong lần này Ông/Bà có bị gợi ý hoặc phải đưa tiền ngoài quy định không?", Kind: view.KindSingle,
			Options: []view.Option{{Code: "no", Label: "Không", Checked: true}, {Code: "yes", Label: "Có"}, {Code: "silent", Label: "Không muốn trả lời", Quiet: true}},
		},
		view.Question{
			Code: "R1", Text: "Vì sao Ông/Bà chưa hài lòng?", Kind: view.KindMultiple, Most: 2,
			ShowIf:  &view.ShowIf{Code: "C1", Answers: []string{"Không hài lòng", "Rất không hài lòng"}, In: []string{"2", "1"}},
			Options: []view.Option{{Code: "wait", Label: "Chờ lâu", Checked: true}, {Code: "manner", Label: "Thái độ"}, {Code: "other", Label: "Khác"}},
		},
		view.Question{Code: "R2", Text: "Ông/Bà làm việc gì hôm nay?", Kind: view.KindMultiple, Options: []view.Option{{Code: "a", Label: "Nộp hồ sơ"}}},
		view.Question{Code: "G1", Text: "Nơi này đáp ứng bao nhiêu phần trăm mong đợi của Ông/Bà?", Kind: view.KindPercent, Value: "80"},
		view.Question{Code: "H1", Text: "Ông/Bà mong cải thiện điều gì nhất?", Kind: view.KindText, Value: "Thêm ghế"})
	p.Comment.Value = "Sáng thứ Hai đông, nên có thêm người hướng dẫn viết tờ khai.\nNhiều người già không quen điền mẫu."
	return p
}

// withProblems is a refused form: nothing answered, and the comment too long.
func withProblems(lang view.Lang) view.FormPage {
	p := shortForm(lang)
	p.Switch, p.Comment.Value = "", strings.Repeat("Máy lấy số hỏng nên người đến sau được gọi trước. ", 21)
	p.Problems = []view.Problem{view.NothingAnswered("A3"), view.TextTooLong(view.CommentItem, 1036, 1000)}
	return p
}

// everyProblem shows each kind of problem once.
func everyProblem(lang view.Lang) view.FormPage {
	p := everyKind(lang)
	p.Problems = []view.Problem{
		view.StrangeField(), view.UnknownAnswer("C1"), view.TooManyChosen("R1", 2), view.NotPercent("G1"), view.TextTooLong("H1", 501, 500),
		view.Wrong("R2", view.Msg("citizen.problem_unknown")),
	}
	return p
}

// fullForm is as long as the longest default instrument: 35 scored items, Z and T1.
func fullForm(lang view.Lang) view.FormPage {
	texts := []string{
		"Biển chỉ dẫn, giờ khám, giờ thăm rõ ràng", "Nhà, tầng, buồng bệnh đánh số dễ tìm", "Hành lang, lối đi an toàn", "Thời gian chờ (thang máy, thủ tục, khám) chấp nhận được", "Gọi được nhân viên y tế khi cần", "Thủ tục nhập, chuyển khoa, ra viện rõ và tiện", "Giá công khai, được báo trước khoản chi cao", "Thanh toán ra viện nhanh, rõ", "Được phổ biến nội quy, điều cần biết", "Được giải thích bệnh, cách và thời gian điều trị", "Được giải thích trước khi làm xét nghiệm, kỹ thuật", "Công khai thuốc dùng và chi phí hằng ngày", "Buồng bệnh sạch, đủ quạt/sưởi", "Yên tĩnh, an ninh", "Mỗi người một giường, ga gối tốt", "Quần áo người bệnh sạch, đủ", "Nhà vệ sinh, nhà tắm sạch", "Có nước uống nóng, lạnh", "Có wifi", "Riêng tư khi khám, thay đồ", "Căng-tin đáp ứng", "Khuôn viên xanh, sạch", "Có xe lăn, cáng khi cần", "Bác sĩ, điều dưỡng giao tiếp đúng mực", "Nhân viên khác giao tiếp đúng mực", "Được tôn trọng, công bằng, giúp đỡ", "Phối hợp tốt, xử lý thành thạo, kịp thời", "Bác sĩ thăm khám, động viên hằng ngày", "Được dặn ăn uống, vận động, phòng biến chứng", "Thời gian chờ trong quá trình điều trị", "Thuốc phát đúng giờ, dặn cách dùng, tác dụng phụ", "Dặn tái khám, chăm sóc tại nhà", "Thiết bị, vật tư đủ, hiện đại", "Kết quả điều trị đáp ứng mong muốn", "Tin tưởng chất lượng", "Nhìn chung, Ông/Bà hài lòng ở mức nào với đợt điều trị này?",
	}
	items := make([]string, len(texts))
	for i, text := range texts {
		items[i] = string(rune('A'+i/8)) + string(rune('1'+i%8)) + "|Thông tin, thủ tục khám bệnh, điều trị|" + text
	}
	p := formOf(lang, "full", items...)
	p.Questions = append(p.Questions, everyKind(lang).Questions[1])
	return p
}

// citizenPages is every citizen page in every state, by a name for its file.
func citizenPages(lang view.Lang) map[string]view.Page {
	long := place()
	long.Place.Facility = "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai – phân hiệu Rạng Đông (cơ sở 2)"
	pages := map[string]view.Page{
		"form": shortForm(lang), "form-kinds": everyKind(lang), "form-problems": withProblems(lang),
		"form-every-problem": everyProblem(lang), "form-full": fullForm(lang),
		"thanks":       view.ThanksPage{Frame: place(), Receipt: "W4TR9HQX2MKC", Controller: "Ủy ban nhân dân xã Nghĩa Hưng"},
		"thanks-bare":  view.ThanksPage{Frame: long},
		"home":         view.HomePage{Frame: view.Frame{Switch: "/?lang=en"}, Action: "/s"},
		"home-unknown": view.HomePage{Action: "/s", Code: "K7QM2XHE", Unknown: true},
		"message-repost": view.MessagePage{Frame: place(), Occasion: view.OccasionBusy, Repost: &view.Repost{
			Action: "/s/K7QM2XHD", Fields: []view.Field{{Name: "A3", Value: "4"}, {Name: "comment", Value: "Tốt"}},
		}},
	}
	for _, o := range view.Occasions() {
		pages["message-"+string(o)] = view.MessagePage{Frame: place(), Occasion: o, Home: "/", RequestID: "7f3a9c12"}
	}
	pages["message-retired"] = view.MessagePage{Frame: place(), Occasion: view.OccasionRetired, Note: "Từ 1/7/2025 xin đánh giá tại quầy 3.", Home: "/"}
	for _, state := range view.ReceiptStates() {
		page := view.ReceiptPage{Frame: view.Frame{Switch: "/r/W4TR9HQX2MKC?lang=en"}, State: state, Receipt: "W4TR9HQX2MKC"}
		switch state {
		case view.ReceiptUnknown:
			page.Receipt, page.Switch, page.RetentionMonths = "", "", 24
		case view.ReceiptReceived, view.ReceiptAside:
			page.Withdraw = "/r/W4TR9HQX2MKC/withdraw?lang=" + string(lang)
		case view.ReceiptCounted:
			page.Published = true
		case view.ReceiptWithdrawn:
		}
		pages["receipt-"+string(state)] = page
	}
	pages["withdraw"] = view.WithdrawPage{
		Frame: view.Frame{Switch: "/r/W4TR9HQX2MKC/withdraw?lang=en"}, Receipt: "W4TR9HQX2MKC", Action: "/r/W4TR9HQX2MKC/withdraw?lang=" + string(lang),
		Confirm: "c2VjcmV0", Back: "/r/W4TR9HQX2MKC?lang=" + string(lang),
	}
	notice := shortForm(lang)
	notice.Notice = view.Notice{}
	whom := shortForm(lang)
	whom.Audience, whom.Others, whom.Behalf = view.Parents, "/s/K7QM2XHD?as=pupil", &view.Behalf{Code: "FOR", Value: "yes"}
	pages["form-whom"] = whom
	pupils := shortForm(lang)
	pupils.Audience, pupils.Others, pupils.Who = view.Pupils, "/s/K7QM2XHD", "pupil"
	pages["form-pupils"] = pupils
	pages["thanks-pupils"] = view.ThanksPage{Frame: place(), Receipt: "W4TR9HQX2MKC", Audience: view.Pupils}
	pages["form-bare-notice"] = notice
	contact := shortForm(lang)
	contact.Notice.Contact = "hopthu@nghiahung.example"
	contact.Reply = view.Reply{Contact: "0228 3871 000", Urgent: view.UrgentHealth}
	pages["form-contact"] = contact
	return pages
}
