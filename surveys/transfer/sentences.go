package transfer

import "maps"

type bilingual struct{ vi, en string }

// sentences are all the reasons this package gives, and those of surveys.Submission.Check.
func sentences() map[string]bilingual {
	all := fileSentences()
	maps.Copy(all, rowSentences())
	return all
}

// fileSentences are about the file and its form.
func fileSentences() map[string]bilingual {
	return map[string]bilingual{
		"import.cell":  {"dòng {0}, cột {1}: {2}", "line {0}, column {1}: {2}"},
		"import.line":  {"dòng {0}: {1}", "line {0}: {1}"},
		"import.place": {"dòng {0}, ô {1}: {2}", "line {0}, cell {1}: {2}"},
		"import.more":  {"… và {0} lỗi khác", "… and {0} more mistakes"},

		"import.empty":       {"tệp trống, không có dòng tiêu đề", "the file is empty: there is no header"},
		"import.not_utf8":    {"không phải chữ UTF-8 (có thể là Windows-1258, TCVN3 hay VNI), hoặc chữ đã hỏng; trong Excel hãy lưu lại thành “CSV UTF-8” hoặc XLSX", "this is not UTF-8 text (perhaps Windows-1258, TCVN3 or VNI), or it is damaged; save it from Excel as “CSV UTF-8” or XLSX"},
		"import.separator":   {"các ô phải cách nhau bằng dấu phẩy, dấu chấm phẩy hoặc tab", "cells must be separated by commas, semicolons or tabs"},
		"import.line_ends":   {"các dòng chỉ kết thúc bằng CR (kiểu Macintosh cũ); hãy lưu lại thành “CSV UTF-8” hoặc XLSX", "lines end in CR alone (old Macintosh); save the file as “CSV UTF-8” or XLSX"},
		"import.xls":         {"đây là tệp Excel kiểu cũ (.xls) hoặc có mật khẩu; hãy lưu lại thành XLSX không có mật khẩu", "this is an old Excel file (.xls) or has a password; save it as XLSX without one"},
		"import.foreign":     {"đây không phải tệp CSV hay XLSX (mà là trang web, XML, JSON, PDF hoặc tệp nén); hãy lưu lại thành XLSX", "this is neither CSV nor XLSX (but a web page, XML, JSON, PDF or a packed file); save it as XLSX"},
		"import.not_xlsx":    {"tệp nén này không phải bảng tính XLSX; hãy lưu lại thành XLSX", "this packed file is no XLSX workbook; save it as XLSX"},
		"import.xlsx_broken": {"tệp XLSX bị hỏng hoặc bị cắt ngắn; phần sau của tệp chưa được đọc", "the XLSX file is damaged or cut short; the rest of it was not read"},
		"import.xlsx_big":    {"tệp XLSX mở ra quá lớn; hãy lưu thành CSV UTF-8", "the XLSX file unpacks to too much; save it as CSV UTF-8"},
		"import.no_sheet":    {"tệp không có trang tính nào đang hiện", "the workbook has no sheet that is not hidden"},
		"import.merged":      {"các ô {0} bị gộp; hãy bỏ gộp và điền từng ô", "the cells {0} are merged; unmerge them and fill each"},
		"import.formula":     {"ô có công thức; hãy dán thành giá trị (Paste Values)", "the cell holds a formula; paste it as a value"},
		"import.cell_error":  {"ô có lỗi {0}", "the cell holds the error {0}"},
		"import.zeros":       {"“{0}” là số, có thể đã mất số 0 ở đầu; hãy định dạng cột thành Text và ghi đủ mã", "“{0}” is a number and may have lost its leading zeros; format the column as Text and write the whole code"},
		"import.other_file":  {"tệp không phải là tệp đã kiểm tra: cần sha256 {0}, tệp này có {1}", "this is not the file that was checked: sha256 {0} is wanted, this one has {1}"},
		"import.differs":     {"đợt này đã có dòng này với nội dung khác; phiếu cũ được giữ nguyên", "the batch holds this row already with another content; the response stays as it was"},
		"import.quotes":      {"dấu ngoặc kép sai chỗ; phần sau của tệp chưa được đọc", "a misplaced quote; the rest of the file was not read"},
		"import.long_row":    {"dòng quá dài (thiếu dấu ngoặc kép đóng?); phần sau của tệp chưa được đọc", "the row is too long (a missing closing quote?); the rest of the file was not read"},
		"import.width":       {"có {0} ô, tiêu đề có {1} cột", "{0} cells, but the header has {1} columns"},
		"import.unnamed":     {"cột thứ {0} không có tên", "column number {0} has no name"},
		"import.column":      {"không có cột nào tên như vậy", "there is no such column"},
		"import.twice":       {"cột này có hai lần", "this column stands twice"},
		"import.missing":     {"thiếu cột này", "this column is missing"},
	}
}

// rowSentences are about what the rows say.
func rowSentences() map[string]bilingual {
	return map[string]bilingual{
		"import.blank":   {"không được để trống", "this must not be blank"},
		"import.long":    {"dài quá {0} ký tự", "longer than {0} characters"},
		"import.charset": {"“{0}” có ký tự không được dùng hoặc quá dài", "“{0}” has characters that may not be used, or is too long"},
		"import.day":     {"“{0}” không phải ngày dạng NNNN-TT-NN", "“{0}” is not a day of the form YYYY-MM-DD"},
		"import.span":    {"ngày cuối {1} trước ngày đầu {0}", "the last day {1} is before the first day {0}"},
		"import.value":   {"“{0}” không có trong danh mục: {1}", "“{0}” is not one of: {1}"},
		"import.again":   {"trùng với dòng {0}", "the same as line {0}"},

		"import.parent":         {"không có đơn vị {0} vào ngày {1}", "there is no unit {0} on {1}"},
		"import.cycle":          {"đi lên từ {0} không tới được cấp cao nhất", "going up from {0} never reaches the top"},
		"import.overlap":        {"mã {0}: thời gian {1} chồng lên {2}", "code {0}: the span {1} overlaps {2}"},
		"import.stored_unit":    {"với đơn vị {0} đang có: {1}", "for the unit {0} as it stands: {2}"},
		"import.successor":      {"đơn vị kế thừa {0} không có vào ngày {1}", "the successor {0} does not exist on {1}"},
		"import.successor_open": {"có đơn vị kế thừa thì phải có ngày cuối (to)", "a unit with successors needs a last day (to)"},
		"import.successor_two":  {"{0} được ghi hai lần", "{0} stands twice"},

		"import.facility":    {"không có cơ sở {0}", "there is no facility {0}"},
		"import.unit":        {"không có đơn vị {0} vào ngày {1}", "there is no unit {0} on {1}"},
		"import.unit_split":  {"đơn vị {0} kết thúc ngày {1} và có {2} đơn vị kế thừa: cần thêm một dòng cùng id từ ngày sau đó", "unit {0} ends on {1} and has {2} successors: a further row of the same id from the day after is needed"},
		"import.unit_ended":  {"đơn vị {0} kết thúc ngày {1}, không có đơn vị kế thừa: cần ngày cuối (to) hoặc thêm một dòng cùng id từ ngày sau đó", "unit {0} ends on {1} without a successor: a last day (to) is needed, or a further row of the same id from the day after"},
		"import.disagree":    {"khác với dòng {0} của cùng cơ sở", "differs from line {0} of the same facility"},
		"import.to_between":  {"ngày cuối của một dòng trước phải để trống hoặc là {0}", "the last day of an earlier row must be blank or {0}"},
		"import.placed":      {"ngày {0} không sau lần xếp trước ({1})", "the day {0} is not after the placement before it ({1})"},
		"import.ambiguous":   {"có nhiều cơ sở như vậy; hãy ghi id", "several facilities are like this; give the id"},
		"import.instrument":  {"không có bộ câu hỏi {0} đã công bố", "no instrument {0} is published"},
		"import.point":       {"“{0}” không có dạng loại:tên[:bộ câu hỏi]", "“{0}” is not of the form kind:name[:instrument]"},
		"import.point_kind":  {"loại điểm “{0}” không có trong danh mục: {1}", "the point kind “{0}” is not one of: {1}"},
		"import.point_twice": {"điểm “{0}” được ghi hai lần", "the point “{0}” stands twice"},

		"import.token":   {"không phải mã điểm (8 chữ và số)", "this is not a point's code (8 letters and digits)"},
		"import.unknown": {"không có điểm nào mang mã này", "no point has this code"},
		"import.future":  {"ngày {0} chưa tới", "{0} is in the future"},
		"import.sealed":  {"ngày {0} đã niêm phong: từng phiếu của ngày ấy đã hết hạn lưu, không nhận thêm phiếu", "{0} is sealed: the single forms of that day are no longer kept, and none can be added"},
		"import.closed":  {"cơ sở không hoạt động vào ngày {0}", "the facility was not open on {0}"},

		"error.unknown_item":  {"bộ câu hỏi của điểm này không có câu {0}", "the instrument of this point has no item {0}"},
		"error.unknown_value": {"câu {0} không có trả lời “{1}”", "“{1}” is no answer to item {0}"},
		"error.too_long":      {"dài quá {2} ký tự (thừa {0})", "longer than {2} characters (by {0})"},
		"error.too_many":      {"chọn nhiều nhất {0}", "at most {0} may be chosen"},
		"error.not_asked":     {"câu {0} không được hỏi khi trả lời câu {1} như vậy", "item {0} is not asked after this answer to {1}"},
		"error.no_answer":     {"không có câu nào được trả lời", "no item is answered"},
	}
}
