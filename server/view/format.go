package view

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

const noBreakSpace = "\u00a0"

var errFormat = errors.New("format")

// wholeNumber returns the value of any integer type.
func wholeNumber(v any) (int64, bool) {
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
		return 0, false
	case r.CanInt():
		return r.Int(), true
	case r.CanUint() && r.Uint() <= math.MaxInt64:
		return int64(r.Uint()), true //nolint:gosec // bounded on the line above
	}
	return 0, false
}

// FormatInt writes n with the thousands separator of lang: 1.234 in Vietnamese, 1,234 in English.
func FormatInt(lang Lang, n int64) string {
	return message.NewPrinter(lang.tag()).Sprint(number.Decimal(n))
}

// FormatDecimal writes v with exactly places decimals in the manner of lang.
func FormatDecimal(lang Lang, v float64, places int) string {
	return message.NewPrinter(lang.tag()).Sprint(number.Decimal(v, number.Scale(places)))
}

// FormatPercent writes a rate between 0 and 1 with one decimal: "87,3 %" with a no-break space in Vietnamese,
// "87.3%" in English.
func FormatPercent(lang Lang, rate float64) string {
	s := FormatDecimal(lang, rate*100, 1)
	if lang == Vietnamese {
		return s + noBreakSpace + "%"
	}
	return s + "%"
}

// FormatDate writes a civil day, given as YYYY-MM-DD text of any string type or as a time, as "15/10/2026" or
// "15 Oct 2026". The day of a time is the one its own zone has.
func FormatDate(lang Lang, day any) (string, error) {
	t, ok := day.(time.Time)
	if !ok {
		v := reflect.ValueOf(day)
		if v.Kind() != reflect.String {
			return "", fmt.Errorf("%w: %T is no day", errFormat, day)
		}
		var err error
		if t, err = time.Parse(time.DateOnly, v.String()); err != nil {
			return "", fmt.Errorf("%w: %w", errFormat, err)
		}
	}
	if lang == Vietnamese {
		return t.Format("02/01/2006"), nil
	}
	return t.Format("2 Jan 2006"), nil
}

// wordPairs are Vietnamese words of two syllables that read badly when a line breaks between them. They are short:
// at 320 px and twice the text size a longer one would not fit beside a face.
func wordPairs() []string {
	return []string{
		"hài lòng", "sử dụng", "ý kiến", "phục vụ", "căn cước", "hồ sơ", "đánh giá", "góp ý", "bác sĩ", "kết quả",
		"niêm yết", "bổ sung", "đúng hẹn", "xin lỗi",
	}
}

// placeWords are kept whole in the name of a place, which is set smaller. A commune's kind stays with its name.
func placeWords() []string {
	return []string{"hành chính công", "đa khoa", "xã ", "phường ", "Nghĩa Hưng"}
}

// newGluer returns a replacer that puts no-break spaces inside words, with a small or a capital first letter.
func newGluer(words []string) *strings.Replacer {
	var args []string
	for _, w := range words {
		runes := []rune(w)
		for _, form := range []string{w, strings.ToUpper(string(runes[:1])) + string(runes[1:])} {
			args = append(args, form, strings.ReplaceAll(form, " ", noBreakSpace))
		}
	}
	return strings.NewReplacer(args...)
}
