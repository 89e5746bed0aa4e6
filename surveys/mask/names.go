package mask

import (
	"unicode"
	"unicode/utf8"
)

// Name is where, in bytes, a name stands in a text, without its title.
type Name struct{ Start, End int }

// mostNames is the most words of a name.
const mostNames = 5

// Names finds what is likely a name: words with a capital after a title, as in "bác sĩ Hoa", "ông Trần Văn Ba". It
// is for whoever reviews a comment; a name is not masked.
func Names(s string) []Name {
	var found []Name
	t := split(s)
	for i := range t.pieces {
		after, ok := t.title(i)
		if !ok {
			continue
		}
		if n := t.name(after); n.End > 0 && (len(found) == 0 || found[len(found)-1].End <= n.Start) {
			found = append(found, n)
		}
	}
	return found
}

// name reads words with a capital from piece at on; signs other than one space end it.
func (t *text) name(at int) (n Name) {
	for range mostNames {
		if !t.isNamed(at) {
			return n
		}
		if n.End == 0 {
			n.Start = t.pieces[at].start
		}
		n.End = t.pieces[at].end
		if t.of(at+1) != " " {
			return n
		}
		at += 2
	}
	return n
}

// isNamed says that piece i is a word with a capital first that is no title itself.
func (t *text) isNamed(i int) bool {
	if !t.is(i, letters) && !t.is(i, spelled) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(t.of(i))
	if !unicode.IsUpper(r) {
		return false
	}
	if _, two := t.title(i); two {
		return false
	}
	word := small(t.of(i))
	return !isTitle(word) || word == "chi" // a name too
}

// title says that a title ends with piece i or the piece behind, and gives the piece that a name would begin with.
func (t *text) title(i int) (after int, ok bool) {
	if !t.is(i, letters) && !t.is(i, spelled) {
		return 0, false
	}
	second := ""
	if t.of(i+1) == " " {
		second = small(t.of(i + 2))
	}
	word := small(t.of(i))
	switch last := i; {
	case isTitleOfTwo(word, second):
		last = i + 2
		return t.behind(last)
	case isTitle(word):
		return t.behind(last)
	}
	return 0, false
}

// behind passes over the space or the dot behind a title.
func (t *text) behind(i int) (int, bool) {
	switch t.of(i + 1) {
	case " ", ".", ". ", ": ":
		return i + 2, true
	}
	return 0, false
}

// small is a word in small letters, "" when it is too long for a title.
func small(word string) string {
	const most = 12 // bytes
	if len(word) > most {
		return ""
	}
	var b [2 * most]byte
	out := b[:0]
	for _, r := range word {
		out = utf8.AppendRune(out, unicode.ToLower(r))
	}
	return string(out)
}

func isTitle(word string) bool {
	switch word {
	case "ông", "bà", "anh", "chị", "cô", "chú", "bác", "thầy", "em", "cậu", "dì", "mợ", "thím", "cụ", "cháu",
		"ong", "chi", "thay", "bs", "ths", "ts", "ys", "đd", "ktv", "đ/c", "mr", "mrs", "ms", "dr":
		return true
	}
	return false
}

func isTitleOfTwo(first, second string) bool {
	switch first + " " + second {
	case "bác sĩ", "bác sỹ", "bac si", "cô giáo", "thầy giáo", "co giao", "y tá", "y sĩ", "y sỹ", "điều dưỡng", "dược sĩ",
		"đồng chí", "dong chi", "cán bộ", "can bo", "nhân viên", "chủ tịch", "giám đốc", "trưởng phòng", "hiệu trưởng",
		"chuyên viên", "công chức", "kế toán", "bảo vệ", "hộ sinh", "nữ hộ", "trưởng khoa", "trưởng trạm", "bí thư",
		"thạc sĩ", "tiến sĩ", "giáo viên", "phó phòng":
		return true
	}
	return false
}
