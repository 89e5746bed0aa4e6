package mask

import "unicode"

// digitOf gives the value of a decimal digit of any script, also circled, raised or lowered.
func digitOf(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r - '0'), true
	case r < 0x80, r >= 'À' && r < 0x660, r >= 0x1e00 && r < 0x2000: // Latin letters
		return 0, false
	case r == '⁰' || r == '₀' || r == '⓪':
		return 0, true
	case r == '¹':
		return 1, true
	case r == '²' || r == '³':
		return byte(r-'²') + 2, true
	case r >= '⁴' && r <= '⁹':
		return byte(r-'⁴') + 4, true
	case r >= '₁' && r <= '₉':
		return byte(r-'₁') + 1, true
	case r >= '①' && r <= '⑨':
		return byte(r-'①') + 1, true
	case r >= '❶' && r <= '❾':
		return byte(r-'❶') + 1, true
	case r >= 0x1d7ce && r <= 0x1d7ff: // mathematical
		return byte((r - 0x1d7ce) % 10), true
	case unicode.Is(unicode.Nd, r):
		// A block of decimal digits begins with its zero and stands at a multiple of ten from it.
		zero := r
		for r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
			zero--
		}
		return byte(r - zero), true //nolint:gosec // at most 9, by the loop
	}
	return 0, false
}

// likeDigit gives the digit that a letter is written for.
func likeDigit(r rune) (byte, bool) {
	switch r {
	case 'o', 'O', 'О', 'о', 'Ο', 'ο': // Latin, Cyrillic, Greek
		return 0, true
	case 'l', 'I', 'i', '|':
		return 1, true
	}
	return 0, false
}

// bare is the letter without marks and in small, 0 for what is no letter of Vietnamese or English.
func bare(r rune) byte {
	switch {
	case r >= 'a' && r <= 'z':
		return byte(r)
	case r >= 'A' && r <= 'Z':
		return byte(r) | 0x20
	case r < 0x80:
		return 0
	}
	switch unicode.ToLower(r) {
	case 'à', 'á', 'ả', 'ã', 'ạ', 'ă', 'ằ', 'ắ', 'ẳ', 'ẵ', 'ặ', 'â', 'ầ', 'ấ', 'ẩ', 'ẫ', 'ậ':
		return 'a'
	case 'è', 'é', 'ẻ', 'ẽ', 'ẹ', 'ê', 'ề', 'ế', 'ể', 'ễ', 'ệ':
		return 'e'
	case 'ì', 'í', 'ỉ', 'ĩ', 'ị':
		return 'i'
	case 'ò', 'ó', 'ỏ', 'õ', 'ọ', 'ô', 'ồ', 'ố', 'ổ', 'ỗ', 'ộ', 'ơ', 'ờ', 'ớ', 'ở', 'ỡ', 'ợ':
		return 'o'
	case 'ù', 'ú', 'ủ', 'ũ', 'ụ', 'ư', 'ừ', 'ứ', 'ử', 'ữ', 'ự':
		return 'u'
	case 'ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ':
		return 'y'
	case 'đ':
		return 'd'
	}
	return 0
}

// mostWord is the most letters of a word that means anything here.
const mostWord = 8

// folded is a word without marks and in small; "" when it is too long to mean anything here.
func folded(word string) string {
	var b [mostWord]byte
	n := 0
	for _, r := range word {
		c := bare(r)
		if c == 0 && unicode.Is(unicode.Mn, r) {
			continue
		}
		if c == 0 || n == mostWord {
			return ""
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}

// spelledDigit gives the digit that a folded word means, in Vietnamese, as it is typed in haste, or in English.
func spelledDigit(word string) (byte, bool) {
	switch word {
	case "khong", "ko", "hong", "hok", "kong", "khog", "kg", "zero", "oh":
		return 0, true
	case "mot", "mott", "one":
		return 1, true
	case "hai", "two":
		return 2, true
	case "ba", "bar", "three":
		return 3, true
	case "bon", "tu", "four":
		return 4, true
	case "nam", "lam", "five":
		return 5, true
	case "sau", "six":
		return 6, true
	case "bay", "bayr", "seven":
		return 7, true
	case "tam", "eight":
		return 8, true
	case "chin", "nine":
		return 9, true
	}
	return 0, false
}

// isMoney says that a number before the folded word is a price.
func isMoney(word string) bool { return word == "d" || word == "dong" || word == "vnd" }

// counts says that the number after the folded word is that of a counter, a floor, a day of the week.
func counts(word string) bool {
	switch word {
	case "thu", "quay", "tang", "cua", "ca", "lau", "phong", "lop", "khu", "ban", "khoa":
		return true
	}
	return false
}

// cueOf is what the number after the folded words is said to be; before is the word in front of word.
func cueOf(word, before string) (label string, found bool) {
	switch word {
	case "sdt", "dt", "dthoai", "phone", "tel", "zalo", "thoai", "lh", "alo", "mobile", "dd":
		return Phone, true
	case "so":
		if before == "ho" { // hồ sơ
			return File, true
		}
	case "nhan", "hso", "mhs":
		return File, word != "nhan" || before == "bien" // biên nhận
	case "cccd", "cmnd", "cmt", "cmtnd", "bhyt", "bhxh", "cuoc", "chieu", "cancuoc":
		return Paper, true
	case "stk", "tk":
		return Row, true
	case "khoan":
		return Row, before == "tai" // tài khoản
	}
	return "", false
}

// leads says that a folded word may stand between a cue and its number.
func leads(word string) bool {
	switch word {
	case "la", "so", "cua", "toi", "minh", "em", "e", "chau", "ong", "no", "nay", "ma":
		return true
	}
	return false
}
