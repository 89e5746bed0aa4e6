package poster

import (
	"strings"
	"unicode"
)

// run is a stretch of text of one weight.
type run struct {
	text string
	bold bool
}

// words are what a poster says in one language.
type words struct {
	headline string
	sub      string
	steps    [3][]run
	send     string // on the drawn button
	cannot   string
	typeIt   func(host string) []run
	above    []run // instead, where the host is too long to stand twice
	privacy  []run
	help     string
	ask      string    // help in short, on a slip: whoever has one stands at the counter
	or       [2]string // to a telephone, to anything else
	at       string    // before the office where no contact is known
}

func wordsIn(lang string) words {
	if lang == "en" {
		return words{
			headline: "Were you satisfied today?",
			sub:      "Scan the code and answer in about a minute.",
			steps: [3][]run{
				{{text: "Open the camera or Zalo, scan this code"}},
				{{text: "Choose your answers"}},
				{{text: "Tap "}, {text: "Send feedback", bold: true}},
			},
			send:   "Send",
			cannot: "Cannot scan?",
			above:  []run{{text: "Type the address above. Code:"}},
			typeIt: func(host string) []run { return []run{{text: "Go to "}, {host, true}, {text: ", type"}} },
			privacy: []run{
				{"We do not ask your name.", true}, {text: " Staff cannot see single answers."},
			},
			help: "For help or a paper form: ask at the counter",
			ask:  "For help: ask at the counter",
			or:   [2]string{", or call ", ", or contact "},
			at:   ", or ",
		}
	}
	return words{
		headline: "Hôm nay Ông/Bà có hài lòng không?",
		sub:      "Quét mã, trả lời trong khoảng một phút.",
		steps: [3][]run{
			{{text: "Mở máy ảnh hoặc Zalo, quét mã này"}},
			{{text: "Chọn câu trả lời"}},
			{{text: "Bấm "}, {text: "Gửi đánh giá", bold: true}},
		},
		send:    "Gửi",
		cannot:  "Không quét được?",
		above:   []run{{text: "Gõ địa chỉ ở trên. Mã:"}},
		typeIt:  func(host string) []run { return []run{{text: "Vào "}, {host, true}, {text: ", gõ mã"}} },
		privacy: []run{{"Không hỏi tên.", true}, {text: " Cán bộ phục vụ không xem được từng phiếu."}},
		help:    "Cần giúp hoặc muốn phiếu giấy: hỏi tại quầy",
		ask:     "Cần giúp: hỏi tại quầy",
		or:      [2]string{", hoặc gọi ", ", hoặc liên hệ "},
		at:      ", hoặc ",
	}
}

// call says who helps: at the counter, and whoever is known beyond it.
func (w words) call(help, office, contact string) []run {
	said := []run{{text: help}}
	switch {
	case contact != "":
		or := w.or[1]
		if isTelephone(contact) {
			or = w.or[0]
			contact = strings.ReplaceAll(contact, " ", noBreak)
		}
		said = append(said, run{text: or}, run{contact, true})
		if office != "" {
			said = append(said, run{text: ", " + office})
		}
	case office != "":
		said = append(said, run{text: w.at + office})
	}
	if !strings.HasSuffix(said[len(said)-1].text, ".") {
		said = append(said, run{text: "."})
	}
	return said
}

func isTelephone(s string) bool {
	const most = 24
	return len(s) <= most && strings.ContainsFunc(s, unicode.IsDigit) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(" +-.()", r) })
}
