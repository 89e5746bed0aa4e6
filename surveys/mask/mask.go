package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in place of what was taken out.
const (
	Phone = "[số điện thoại]"
	Paper = "[số giấy tờ]"
	File  = "[mã hồ sơ]"
	Plate = "[biển số xe]"
	Mail  = "[thư điện tử]"
	Row   = "[dãy số]" // of nine digits or more, or said to be an account
)

const (
	leastRow   = 9 // digits that are masked whatever they are
	leastCued  = 6 // digits that are masked when the words before say what they are
	widestGap  = 5 // signs between two digits of one number
	mostBefore = 3 // words between a cue and its number
)

// span is a stretch of a text, in bytes, and what stands for it.
type span struct {
	start, end int
	label      string
}

// Text masks a text. Its time grows with the text's length only, and masking again changes nothing: what a mask laid
// bare beside it is looked at again. That ends, since every mask leaves fewer digits.
func Text(s string) string {
	for {
		masked := once(s)
		if masked == s {
			return s
		}
		s = masked
	}
}

// once masks what is found in one reading.
func once(s string) string {
	t := split(s)
	spans := t.find()
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	at := 0
	for _, sp := range spans {
		if sp.start < at { // it begins in the one before
			sp.start = at
		}
		if sp.end <= at {
			continue
		}
		b.WriteString(s[at:sp.start])
		b.WriteString(sp.label)
		at = sp.end
	}
	b.WriteString(s[at:])
	return b.String()
}

// find gives what is to be masked, in order.
func (t *text) find() []span {
	var spans []span
	for i := 0; i < len(t.pieces); i++ {
		p := t.pieces[i]
		var sp span
		next := i
		switch p.kind {
		case gap:
			sp, next = t.mail(i)
		case letters:
			sp, next = t.file(i)
		case digits, spelled:
			if sp, next = t.plate(i); sp.label == "" {
				sp, next = t.number(i)
			}
		}
		if sp.label != "" {
			spans = append(spans, sp)
		}
		i = max(i, next-1)
	}
	return merged(spans)
}

// merged takes out spans that a later one swallows: a later one may reach back.
func merged(spans []span) []span {
	kept := spans[:0]
	for _, sp := range spans {
		for len(kept) > 0 && kept[len(kept)-1].start >= sp.start {
			kept = kept[:len(kept)-1]
		}
		kept = append(kept, sp)
	}
	return kept
}

// run finds the end of the row of digits that begins with piece i: the piece after its last.
func (t *text) run(i int) int {
	if i < t.ended { // in a row that was cut
		return t.ended
	}
	end := i + 1
	if t.alone(i) {
		return end
	}
	for end < len(t.pieces) {
		next := end
		if t.pieces[next].kind == gap {
			if t.pieces[next].breaks || t.pieces[next].runes > widestGap {
				break
			}
			next++
		}
		if !t.is(next, digits) && !t.is(next, spelled) {
			break
		}
		if t.beginsPlate(next) {
			break
		}
		end = next + 1
	}
	t.ended = end
	return end
}

// alone says that the number of piece i ends with it: the minutes of 8h30, the number of a counter.
func (t *text) alone(i int) bool {
	p := t.pieces[i]
	if p.kind != digits || p.to-p.from > 2 {
		return false
	}
	switch t.word(i - 1) {
	case "h", "g", "gio":
		return t.is(i-2, digits) && t.size(i-2, i-1) <= 2
	}
	return t.values[p.from] != 0 && t.is(i+1, gap) && t.of(i-1) == " " && counts(t.word(i-2))
}

// number masks the row of digits that begins with piece i if it leads to somebody.
func (t *text) number(i int) (span, int) {
	end := t.whole(i, t.run(i))
	size := t.size(i, end)
	if size < leastCued {
		return span{}, end
	}
	label, cued := t.cue(t.glued(i))
	if size < leastRow && !cued || t.stays(i, end) {
		return span{}, end
	}
	from, to := t.trim(i, end)
	if !cued || label == Phone && t.size(from, to) > leastRow+3 {
		label = t.labelOf(from, to)
	}
	return t.widen(from, to, label), end
}

// whole cuts a row behind a number that is whole in itself, where another follows, or a date or a price.
func (t *text) whole(i, end int) int {
	for j := i + 1; j < end && t.size(i, j) <= 13; j++ {
		if t.pieces[j-1].kind == gap || !t.strong(i, j) {
			continue
		}
		rest := j
		if t.pieces[j].kind == gap {
			rest++
		}
		if t.size(rest, end) >= leastRow || t.pieces[rest].kind == digits && t.size(rest, end) > 2 && t.stays(rest, end) {
			return j
		}
	}
	return end
}

// trim leaves words at the ends that are no digits of the number: "không" behind a whole telephone number.
func (t *text) trim(i, end int) (from, to int) {
	if t.strong(i, end) {
		return i, end
	}
	for _, off := range [][2]int{{0, 1}, {1, 0}, {1, 1}, {0, 2}, {2, 0}, {1, 2}, {2, 1}, {2, 2}} {
		from, ok := t.skip(i, end, off[0], 1)
		if !ok {
			continue
		}
		last, ok := t.skip(end-1, i-1, off[1], -1)
		if !ok || last < from {
			continue
		}
		if to = last + 1; t.strong(from, to) || t.size(from, to) == leastRow {
			return from, to
		}
	}
	return i, end
}

// skip passes over words for digits and the gaps behind them, in a direction, before it meets limit.
func (t *text) skip(at, limit, words, step int) (int, bool) {
	for range words {
		if !t.is(at, spelled) || t.size(at, at+1) > 1 {
			return at, false
		}
		at += step
		if at != limit && t.is(at, gap) {
			at += step
		}
		if at == limit {
			return at, false
		}
	}
	return at, true
}

// strong says that the digits are a telephone number or a number of an identity card, and nothing more.
func (t *text) strong(i, end int) bool {
	d := t.values[t.pieces[i].from:t.pieces[end-1].to]
	return isPhone(d) || len(d) == 12 && d[0] == 0
}

func isPhone(d []byte) bool {
	switch n := len(d); {
	case n > 4 && d[0] == 0 && d[1] == 0 && d[2] == 8 && d[3] == 4: // 0084
		return isPhone(d[3:]) || n == 13 && isPhone(append([]byte{0}, d[4:]...))
	case n > 2 && d[0] == 8 && d[1] == 4: // +84
		return n == 11 && d[2] >= 3 || n == 12 && (d[2] == 2 || d[2] == 0 && d[3] >= 3)
	case n == 10:
		return d[0] == 0 && d[1] >= 3
	case n == 11:
		return d[0] == 0 && (d[1] == 2 || d[1] == 1)
	}
	return false
}

// labelOf says what a row of digits most likely is.
func (t *text) labelOf(i, end int) string {
	d := t.values[t.pieces[i].from:t.pieces[end-1].to]
	switch n := len(d); {
	case isPhone(d):
		return Phone
	case n == 9 || n == 12:
		return Paper
	case (n == 10 || n == 11) && (d[0] == 0 || d[0] == 8 && d[1] == 4):
		return Phone
	case n >= 20 && d[0] == 0: // several
		return Phone
	}
	return Row
}

// widen takes the signs along that belong to the number: +, a bracket that closes inside, letters glued before.
func (t *text) widen(i, end int, label string) span {
	start, stop := t.pieces[i].start, t.pieces[end-1].end
	inside := t.s[start:stop]
	if label != Phone {
		start = t.pieces[t.glued(i)].start
	}
	if start > 0 && t.s[start-1] == '+' {
		start--
	}
	if start > 0 && t.s[start-1] == '(' && strings.IndexByte(inside, ')') >= 0 && strings.IndexByte(inside, '(') < 0 {
		start--
	}
	for stop < len(t.s) { // a frame around the last digit
		r, size := utf8.DecodeRuneInString(t.s[stop:])
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			break
		}
		stop += size
	}
	return span{start, stop, label}
}

// glued is the piece of the capitals that touch the number of piece i, as in DN4012345678901, else i.
func (t *text) glued(i int) int {
	if t.is(i-1, letters) && len(t.of(i-1)) <= 3 && isUpper(t.of(i-1)) {
		return i - 1
	}
	return i
}

func isUpper(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// cue reads the words before a number for what it is said to be.
func (t *text) cue(i int) (label string, found bool) {
	at := i - 1
	for range mostBefore + 1 {
		if t.is(at, gap) {
			if t.pieces[at].breaks || t.pieces[at].runes > mostBefore {
				return "", false
			}
			at--
		}
		word := t.word(at)
		if word == "" {
			return "", false
		}
		before := at - 1
		if t.is(before, gap) {
			before--
		}
		if label, found = cueOf(word, t.word(before)); found {
			return label, true
		}
		if !leads(word) {
			return "", false
		}
		at--
	}
	return "", false
}
