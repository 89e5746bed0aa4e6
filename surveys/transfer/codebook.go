package transfer

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"hailong/surveys"
)

// Codebook writes what every column and value of an export means, in Vietnamese and English, as CSV or XLSX: its
// columns, the words of its coded values, the items of all published instruments, and how the figures are made.
func Codebook(ctx context.Context, store surveys.Store, w io.Writer, kind Kind, opt ExportOptions) error {
	x := &export{store: store, kind: kind, opt: opt}
	var err error
	if x.items, err = exportItems(ctx, store); err != nil {
		return fmt.Errorf("codebook of %s: %w", kind, err)
	}
	opt.Progress = nil
	out, err := newSheet(w, "codebook", []column{
		text("part", "", ""), text("column", "", ""), text("instrument", "", ""), number("version", "", ""), text("value", "", ""),
		text("vi", "", ""), text("en", "", ""),
	}, opt)
	if err != nil {
		return fmt.Errorf("codebook of %s: %w", kind, err)
	}
	defer out.abandon()
	lines := x.columnLines()
	if kind != Facilities && kind != Units {
		for _, in := range x.items.instruments {
			lines = append(lines, instrumentLines(in)...)
		}
	}
	for _, line := range append(lines, noteLines(kind)...) {
		if err := out.write(line); err != nil {
			return fmt.Errorf("codebook of %s: %w", kind, err)
		}
	}
	if _, err := out.close(); err != nil {
		return fmt.Errorf("codebook of %s: %w", kind, err)
	}
	return nil
}

// columnLines are the columns, each with its values where they are a list.
func (x *export) columnLines() [][]string {
	var lines [][]string
	for _, c := range x.columns() {
		lines = append(lines, []string{"column", c.name, "", "", "", c.vi, c.en})
		for _, v := range codedValues()[codedName(x.kind, c.name)] {
			lines = append(lines, []string{"value", c.name, "", "", v.code, v.vi, v.en})
		}
	}
	return lines
}

// instrumentLines are an instrument with its scale and items.
func instrumentLines(in surveys.Instrument) [][]string {
	line := func(part, column, value string, w surveys.Words) []string {
		return []string{part, column, in.Key, strconv.Itoa(in.Version), value, w.In("vi"), w.In("en")}
	}
	lines := [][]string{
		line("instrument", "", "", in.Title), line("source", "", "", in.Source), line("scoring", "", "", in.Scoring),
	}
	for _, g := range in.Scale {
		lines = append(lines, line("scale", "", strconv.Itoa(g.Value), g.Text))
	}
	for _, f := range in.Factors {
		lines = append(lines, line("factor", "", f.Code, f.Title))
	}
	for it := range in.Accepted() {
		lines = append(lines, line("item", it.Code, string(it.Kind)+" "+string(it.Role), it.Text))
		if it.None != nil {
			lines = append(lines, line("option", it.Code, "0", it.None))
		}
		for _, o := range it.Options {
			lines = append(lines, line("option", it.Code, o.Code, o.Text))
		}
	}
	return lines
}

// noteLines say how cells are written and figures are made.
func noteLines(kind Kind) [][]string {
	notes := []bilingual{
		{"Ô trống: không trả lời, không hỏi hoặc không biết. Trả lời 0 (không sử dụng, không có ý kiến) không phải là ô trống và không tính vào tỷ lệ.", "A blank cell: not answered, not asked or not known. The answer 0 (not used, no opinion) is not blank and counts in no rate."},
		{"Tỷ lệ hài lòng của một câu = số trả lời 4 và 5 chia cho số trả lời 1–5. Điểm của cơ sở = Σs/Σm trên các câu cốt lõi.", "The rate of an item = answers 4 and 5 divided by answers 1–5. The score of a facility = Σs/Σm over the core items."},
		{"Trong tệp CSV, chữ bắt đầu bằng dấu của công thức (= + - @, tab, xuống dòng) có thêm dấu ' ở trước; khi nhập lại, dấu này được bỏ.", "In CSV a text that begins like a formula (= + - @, tab, line end) has an apostrophe in front; an import takes it away again."},
		{"Dòng cuối: số dòng và SHA-256 của mọi byte trước đó; ở tệp XLSX là của tệp CSV có cùng các dòng ấy.", "Last line: the number of rows and the SHA-256 of all bytes before it; in XLSX of the CSV that the rows would make."},
	}
	switch kind {
	case Responses:
		notes = append(notes, bilingual{"Câu nhiều lựa chọn: các mã cách nhau bằng ;. Ý kiến và câu trả lời tự do nằm ở tệp comments.", "Multiple choice: codes apart by ;. Comments and free texts are in the file of comments."})
	case Comments:
		notes = append(notes, bilingual{"Không dòng nào dẫn tới một phiếu: chỉ có cơ sở và kỳ công bố (ít nhất mười phiếu); chưa công bố sau 14 ngày thì chỉ có cơ sở.", "No row leads to a response: it has the facility and the node of a release (at least ten forms); after 14 days without a release, the facility only."})
	case Releases:
		notes = append(notes, bilingual{"Chỉ cộng số đếm của các đợt với nhau, không cộng hay lấy trung bình các tỷ lệ.", "Add up counts of releases; never add or average rates."})
	case Days:
		notes = append(notes, bilingual{"Bảng đếm ngày chỉ dành cho quản trị viên: một ngày có thể chỉ có một phiếu.", "Days are for the administrator only: a day may hold a single form."})
	case Facilities, Units:
		notes = append(notes[2:], bilingual{`Trong tên điểm khảo sát, \; và \: là chính các dấu ấy.`, `In the name of a point \; and \: stand for these signs themselves.`})
	}
	lines := make([][]string, len(notes))
	for i, n := range notes {
		lines[i] = []string{"note", "", "", "", "", n.vi, n.en}
	}
	return lines
}

// codedValue is a value of a list with its words.
type codedValue struct{ code, vi, en string }

// codedName is the list that a column takes its values from.
func codedName(kind Kind, column string) string {
	if column == "kind" {
		return string(kind) + " kind"
	}
	return column
}

func codedValues() map[string][]codedValue {
	return map[string][]codedValue{
		"form": {{"short", "mẫu ngắn", "short"}, {"full", "mẫu đầy đủ", "full"}},
		"channel": {
			{"qr", "quét mã", "code scanned"},
			{"kiosk", "máy tại chỗ", "kiosk"},
			{"paper", "phiếu giấy", "paper"},
			{"assisted", "trả lời hộ", "assisted"},
			{"link", "đường dẫn", "link"},
		},
		"standing": {{"answers", "được tính", "counted"}, {"aside", "để riêng, có lý do", "set aside for a reason"}},
		"stream": {
			{"answers", "câu cốt lõi và Z của phiếu được tính", "core items and Z of counted forms"},
			{"aside", "như trên, của phiếu để riêng", "the same of forms set aside"},
			{"detail", "câu chi tiết của mẫu đầy đủ", "detail items of full forms"},
			{"restricted", "câu hạn chế, chỉ quản trị viên và Văn phòng đọc", "restricted items, for administrator and office only"},
		},
		"level": {
			{"day", "ngày", "day"},
			{"half_month", "nửa tháng", "half-month"},
			{"month", "tháng", "month"},
			{"quarter", "quý", "quarter"},
			{"year", "năm", "year"},
		},
		"sector": {
			{"one_stop", "một cửa", "one-stop"},
			{"health", "y tế", "health"},
			{"education", "giáo dục", "education"},
			{"policy", "chính sách", "policy"},
		},
		"units kind": {
			{"province", "tỉnh, thành phố", "province"},
			{"district", "huyện", "district"},
			{"town", "thị trấn", "town"},
			{"ward", "phường", "ward"},
			{"commune", "xã", "commune"},
		},
		"facilities kind": {
			{"one_stop_hall", "bộ phận Một cửa", "one-stop hall"},
			{"hospital", "bệnh viện", "hospital"},
			{"station", "trạm y tế", "health station"},
			{"station_branch", "điểm trạm y tế", "branch of a health station"},
			{"kindergarten", "trường mầm non", "kindergarten"},
			{"primary", "trường tiểu học", "primary school"},
			{"lower_secondary", "trường trung học cơ sở", "lower secondary school"},
			{"upper_secondary", "trường trung học phổ thông", "upper secondary school"},
			{"mixed_school", "trường nhiều cấp", "school of several levels"},
			{"office", "trụ sở", "office"},
		},
	}
}
