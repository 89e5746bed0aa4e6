package transfer

import "slices"

// column is a column of an export: its name, what it means, and whether its cells are whole numbers.
type column struct {
	name   string
	number bool
	vi, en string
}

// columns are those of the export's kind, in order.
func (x *export) columns() []column {
	switch x.kind {
	case Responses:
		list := responseColumns()
		for _, code := range x.items.codes {
			list = append(list, column{name: code, number: true, vi: "trả lời câu " + code + " (xem phần item)", en: "answer to item " + code + " (see item)"})
		}
		return list
	case Comments:
		return commentColumns()
	case Days:
		return dayColumns()
	case Releases:
		return releaseColumns()
	case Facilities:
		return facilityFileColumns()
	case Units:
		return unitFileColumns()
	}
	return nil
}

func text(name, vi, en string) column   { return column{name: name, vi: vi, en: en} }
func number(name, vi, en string) column { return column{name: name, number: true, vi: vi, en: en} }

// asked are the columns by which figures are told apart.
func asked() []column {
	return []column{
		text("instrument", "khóa bộ câu hỏi", "key of the instrument"),
		number("version", "phiên bản bộ câu hỏi", "version of the instrument"),
	}
}

func responseColumns() []column {
	return slices.Concat([]column{
		text("facility", "mã cơ sở", "id of the facility"),
		text("point", "mã điểm khảo sát", "id of the point"),
	}, asked(), []column{
		text("form", "mẫu ngắn hay đầy đủ", "short or full form"),
		text("channel", "kênh trả lời", "the way the answer came"),
		text("standing", "được tính hay để riêng", "counted or set aside"),
		text("lang", "ngôn ngữ của phiếu", "language of the form"),
		text("date", "ngày trả lời (NNNN-TT-NN, giờ Việt Nam)", "civil day of the answer (YYYY-MM-DD, Viet Nam)"),
		number("hour", "giờ trả lời 0–23; trống: không biết (phiếu giấy, trả lời hộ)", "hour of the answer 0–23; blank: unknown (typed forms)"),
		text("arrived", "ngày phiếu về hệ thống", "civil day it reached the store"),
	})
}

func commentColumns() []column {
	return []column{
		text("facility", "mã cơ sở", "id of the facility"),
		text("instrument", "khóa bộ câu hỏi; trống: phiếu chưa được công bố", "key of the instrument; blank: the form is not released"),
		text("stream", "phần công bố; trống: chưa công bố", "stream of the release; blank: not released"),
		text("from", "ngày đầu của kỳ công bố; trống: chưa công bố và đã chờ quá 14 ngày", "first day of the release's node; blank: not released and waiting for more than 14 days"),
		text("to", "ngày cuối của kỳ công bố", "last day of the release's node"),
		text("item", "comment: ý kiến chung; mã câu: câu trả lời tự do", "comment: the comment; a code: a free-text item"),
		text("text", "lời của người dân; thứ tự các dòng là ngẫu nhiên", "the citizen's words; the order of the rows is random"),
		text("names", "chữ có lẽ là tên người sau cách xưng hô (; ở giữa), cần xem lại trước khi chuyển ý kiến đi; trống: không thấy", "what is likely a name after a title (; between them), to be looked at before the words go on; blank: none seen"),
	}
}

func sumColumns() []column {
	return []column{
		number("satisfied", "Σs: số trả lời 4 hoặc 5 ở các câu cốt lõi", "Σs: core answers that are 4 or 5"),
		number("answered", "Σm: số trả lời 1–5 ở các câu cốt lõi", "Σm: core answers 1–5"),
		number("satisfied_sq", "Σs²", "Σs²"),
		number("cross", "Σsm", "Σsm"),
		number("answered_sq", "Σm²", "Σm²"),
		number("points", "tổng điểm các trả lời cốt lõi 1–5", "sum of the core answers 1–5"),
		number("complete", "số phiếu mà mọi câu cốt lõi đã trả lời đều từ 4 (hài lòng toàn diện)", "forms all of whose answered core items are 4 or 5"),
	}
}

func dayColumns() []column {
	return slices.Concat([]column{
		text("facility", "mã cơ sở", "id of the facility"),
		text("date", "ngày trả lời", "civil day of the answers"),
		text("point", "mã điểm khảo sát", "id of the point"),
	}, asked(), []column{
		text("stream", "phần: answers, aside, detail, restricted", "stream: answers, aside, detail, restricted"),
		text("form", "mẫu ngắn hay đầy đủ", "short or full form"),
		text("channel", "kênh trả lời", "the way the answers came"),
		text("arrived", "ngày phiếu về hệ thống", "civil day they reached the store"),
		number("forms", "số phiếu; 0 ở detail và restricted, vì phiếu đã nằm ở answers: cộng lại là tổng số phiếu", "forms; 0 in detail and restricted, whose forms stand in answers: adds up to all forms"),
		number("stream_forms", "số phiếu của riêng phần này", "forms of this stream"),
	}, sumColumns(), []column{
		text("items", "JSON: số trả lời theo câu (thang 1–5: vị trí 0–5; câu chọn: theo phương án)", "JSON: answers by item (scale: by value 0–5; choices: by option)"),
	})
}

func releaseColumns() []column {
	return slices.Concat([]column{
		text("release", "mã đợt công bố", "id of the release"),
		text("facility", "mã cơ sở", "id of the facility"),
	}, asked(), []column{
		text("stream", "phần: answers, aside, detail, restricted", "stream: answers, aside, detail, restricted"),
		text("level", "cấp kỳ", "level of the node"),
		text("from", "ngày đầu của kỳ", "first day of the node"),
		text("to", "ngày cuối của kỳ", "last day of the node"),
		number("seq", "số thứ tự trong kỳ; từ 1 là bổ sung hoặc đính chính", "number within the node; from 1 supplements and corrections"),
		text("released", "ngày công bố", "day of the release"),
		number("correction", "1: đính chính, các số đếm là số âm", "1: a correction, its counts are negative"),
		text("item", "trống: dòng của cả đợt; mã câu: dòng của câu", "blank: the release as a whole; a code: one item of it"),
		number("withheld", "1: câu có dưới mười trả lời (hoặc phải giấu cùng), không công bố", "1: fewer than ten answers (or hidden with such an item): withheld"),
		number("forms", "số phiếu của đợt", "forms of the release"),
	}, sumColumns(), []column{
		number("none", "số trả lời 0: không sử dụng, không có ý kiến", "answers 0: not used, no opinion"),
		number("n1", "số trả lời 1", "answers 1"), number("n2", "số trả lời 2", "answers 2"), number("n3", "số trả lời 3", "answers 3"),
		number("n4", "số trả lời 4", "answers 4"), number("n5", "số trả lời 5", "answers 5"),
		text("counts", "câu không theo thang 1–5: phương án=số trả lời, cách nhau bằng ;", "items off the scale: option=answers, apart by ;"),
	})
}

func facilityFileColumns() []column {
	return []column{
		text("id", "mã cơ sở", "id of the facility"),
		text("unit", "mã đơn vị, hoặc MÃ@NGÀY", "code of the unit, or CODE@DAY"),
		text("name", "tên cơ sở", "name"), text("sector", "lĩnh vực", "sector"), text("kind", "loại cơ sở", "kind"),
		text("address", "địa chỉ", "address"),
		text("from", "ngày đầu của dòng này", "first day of this row"),
		text("to", "ngày cuối; trống: còn hoạt động hoặc có dòng tiếp theo", "last day; blank: open, or another row follows"),
		text("instrument", "bộ câu hỏi", "instrument"),
		text("points", `điểm khảo sát loại:tên[:bộ câu hỏi], cách nhau bằng ;`, "points kind:name[:instrument], apart by ;"),
	}
}

func unitFileColumns() []column {
	return []column{
		text("code", "mã đơn vị", "code"), text("name", "tên", "name"), text("kind", "cấp", "kind"),
		text("parent", "mã đơn vị cấp trên", "code of the unit above"),
		text("from", "ngày đầu", "first day"), text("to", "ngày cuối; trống: còn hiệu lực", "last day; blank: in force"),
		text("successors", "các đơn vị kế thừa, cách nhau bằng ;", "successors, apart by ;"),
	}
}
