package poster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hailong/surveys"
)

// sheetWords are the words of a paper form, beside those of its instrument.
type sheetWords struct {
	batch, token, number, page       string
	preview                          string // in place of the number of a batch
	parents, pupils                  string
	notice, how                      []run
	none                             string // the column of 0, in a word or two
	noneOf                           string // an item's own wording of 0
	ifOne, ifNot, or                 string
	choose                           string
	percent, warning, over, controls string
	prompt                           string // of the pulse
}

func sheetWordsIn(lang string) sheetWords {
	if lang == "en" {
		return sheetWords{
			batch: "Batch", token: "Place code", number: "Sheet no. (office)", page: "Page", preview: "PREVIEW",
			parents: "For parents", pupils: "For pupils from grade 10",
			notice: []run{
				{"This form does not ask your name, telephone, identity number or file number;", true},
				{text: " answering is voluntary, any question may be left out, and the answers only serve to improve the service and for joint reports."},
			},
			how: []run{
				{"How to answer: ", true},
				{text: "put a cross (×) in one circle for each question. A mistake? Fill that circle black and cross another one. Then fold the form and put it in the box."},
			},
			none: "Not used", noneOf: "0 = %s", ifOne: "Only if you chose %s in %s.", ifNot: "Not if you chose %s in %s.", or: " or ",
			choose: "Choose at most %d.", percent: "Number from 0 to 100",
			warning: "Please do not write a name or telephone number, yours or another's.", over: "Please turn to the next page",
			controls: "Questions about this form: ", prompt: "Please choose one",
		}
	}
	return sheetWords{ //nolint:gosec // it takes the words of a form for a secret
		batch: "Lô số", token: "Mã điểm", number: "Phiếu số (nơi nhận ghi)", page: "Trang", preview: "XEM TRƯỚC",
		parents: "Dành cho cha mẹ học sinh", pupils: "Dành cho học sinh từ lớp 10",
		notice: []run{
			{"Phiếu này không hỏi tên, số điện thoại, số căn cước hay mã hồ sơ;", true},
			{text: " trả lời là tự nguyện, câu nào không muốn trả lời xin để trống, và câu trả lời chỉ dùng để cải tiến phục vụ và lập báo cáo chung."},
		},
		how: []run{
			{"Cách trả lời: ", true},
			{text: "mỗi câu đánh dấu × vào một vòng tròn. Nếu nhầm, xin tô đen vòng đó rồi đánh dấu vòng khác. Xong xin gấp phiếu lại và bỏ vào hộp."},
		},
		none: "Không sử dụng", noneOf: "0 = %s", ifOne: "Chỉ trả lời khi chọn %s ở câu %s.", ifNot: "Không trả lời khi chọn %s ở câu %s.", or: " hoặc ",
		choose: "Chọn nhiều nhất %d.", percent: "Số từ 0 đến 100",
		warning: "Xin không ghi tên, số điện thoại của mình hoặc của người khác.", over: "Xin xem tiếp trang sau",
		controls: "Hỏi về phiếu này: ", prompt: "Xin chọn một mức",
	}
}

// condition says in words when an item is asked, "" if it always is.
func (w sheetWords) condition(in *surveys.Instrument, it surveys.Item, lang string) string {
	if it.ShowIf == nil {
		return ""
	}
	cause, known := in.Item(it.ShowIf.Item)
	if !known {
		return ""
	}
	form, values := w.ifOne, it.ShowIf.In
	if len(values) == 0 {
		form, values = w.ifNot, it.ShowIf.NotIn
	}
	said := make([]string, 0, len(values))
	for _, v := range values {
		said = append(said, optionNumber(cause, v, lang))
	}
	list := strings.Join(said, ", ")
	if i := strings.LastIndex(list, ", "); i >= 0 {
		list = list[:i] + w.or + list[i+2:]
	}
	return fmt.Sprintf(form, list, cause.Code)
}

// optionNumber is a choice as it stands in its circle, with its words where it has any.
func optionNumber(it surveys.Item, value, lang string) string {
	i := slices.IndexFunc(it.Options, func(o surveys.Option) bool { return o.Code == value })
	if i < 0 {
		return value
	}
	return strconv.Itoa(i+1) + " (" + it.Options[i].Text.In(lang) + ")"
}
