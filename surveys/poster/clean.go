package poster

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

const (
	// gap stands for letters that cannot be printed.
	gap = '…'
	// mostLetters is more than any line of a poster holds; what is beyond is not even measured.
	mostLetters = 400
)

// clean makes a text printable: composed (NFC), on one line, every letter one that both faces have. A fancy form of a
// letter becomes the letter (𝐀 → A); emoji, marks that compose with nothing and invisible marks are left out; a run of
// letters of another script becomes one "…".
func (p *Press) clean(s string) string {
	var plain, out strings.Builder
	letters := []rune(norm.NFC.String(s))
	if len(letters) > mostLetters {
		letters = append(letters[:mostLetters:mostLetters], gap)
	}
	for _, r := range letters {
		if p.prints(r) || unicode.Is(unicode.M, r) {
			plain.WriteRune(r) // a mark may yet compose with the plain form of a fancy letter
		} else {
			plain.WriteString(p.plain(r))
		}
	}
	for _, r := range norm.NFC.String(plain.String()) {
		if p.prints(r) || r == ' ' {
			out.WriteRune(r)
		}
	}
	return join(strings.Fields(out.String()))
}

// prints says whether a letter is in the font and stands alone, from left to right.
func (p *Press) prints(r rune) bool {
	if r > 0xffff || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.M, unicode.Cf, unicode.Co) {
		return false
	}
	if properties, _ := bidi.LookupRune(r); properties.Class() == bidi.R || properties.Class() == bidi.AL {
		return false // letters that would need shaping and another direction
	}
	return p.regular.glyph(r).known && p.bold.glyph(r).known
}

// plain is the nearest printable form of what cannot be printed as it is.
func (p *Press) plain(r rune) string {
	if unicode.IsSpace(r) || unicode.IsControl(r) {
		return " "
	}
	var b strings.Builder
	for _, k := range norm.NFC.String(norm.NFKC.String(string(r))) {
		if !p.prints(k) {
			b.Reset()
			break
		}
		b.WriteRune(k)
	}
	switch {
	case b.Len() > 0:
		return b.String()
	case unicode.IsLetter(r) || unicode.IsNumber(r) || r == unicode.ReplacementChar:
		return string(gap)
	default:
		return ""
	}
}

// join puts words together again; of gaps that follow each other one stays.
func join(words []string) string {
	out := strings.Join(words, " ")
	for _, twice := range []string{"……", "… …"} {
		for strings.Contains(out, twice) {
			out = strings.ReplaceAll(out, twice, "…")
		}
	}
	return out
}
