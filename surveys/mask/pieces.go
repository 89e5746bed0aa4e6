package mask

import (
	"unicode"
	"unicode/utf8"
)

// kind of a piece of text.
type kind byte

const (
	gap     kind = iota // neither letters nor digits
	letters             // a word or part of one
	digits              // digits that touch
	spelled             // a word for a digit, or a letter that stands alone for one
)

// piece is a stretch of one kind. The pieces of a text cover it.
type piece struct {
	kind       kind
	start, end int // in bytes
	from, to   int // in text.values: the digits it means
	runes      int // of a gap, without what cannot be seen
	breaks     bool
}

// text is a text in pieces.
type text struct {
	s      string
	pieces []piece
	values []byte // of all digits, 0–9
	runes  []letter
	ended  int // the piece behind the last row of digits that was read
}

// letter is one letter or digit of a token.
type letter struct {
	at    int
	r     rune
	value byte
	class class
}

type class byte

const (
	plain class = iota
	digit
	like // a letter that may stand for a digit
)

// split cuts a text into pieces.
func split(s string) *text {
	t := &text{s: s, pieces: make([]piece, 0, len(s)/3+4)}
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if isWord(r) {
			at = t.token(at)
		} else {
			at = t.gap(at, size)
		}
	}
	return t
}

func isWord(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '|'
	}
	if unicode.IsLetter(r) {
		return true
	}
	_, ok := digitOf(r)
	return ok
}

// gap reads what is neither letter nor digit, and says whether a number may go on behind it.
func (t *text) gap(at, size int) int {
	p := piece{kind: gap, start: at}
	r, _ := utf8.DecodeRuneInString(t.s[at:])
	for {
		switch {
		case r == '%' || r == '@' || r == '₫' || r == '$' || r == '[' || r == ']':
			p.breaks = true
		case r < 0x80 || !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			p.runes++
		}
		at += size
		if at >= len(t.s) {
			break
		}
		if r, size = utf8.DecodeRuneInString(t.s[at:]); isWord(r) {
			break
		}
	}
	p.end = at
	t.pieces = append(t.pieces, p)
	return at
}

// token reads letters and digits that touch, marks among them, and cuts them into words and numbers.
func (t *text) token(at int) int {
	t.runes = t.runes[:0]
	start := at
	for at < len(t.s) {
		r, size := utf8.DecodeRuneInString(t.s[at:])
		if !isWord(r) {
			if unicode.Is(unicode.Mn, r) {
				at += size
				continue
			}
			break
		}
		l := letter{at: at, r: r}
		if v, ok := digitOf(r); ok {
			l.class, l.value = digit, v
		} else if v, ok := likeDigit(r); ok {
			l.class, l.value = like, v
		}
		t.runes = append(t.runes, l)
		at += size
	}
	t.settle()
	t.cut(start, at)
	return at
}

// settle makes digits or plain letters of the letters that may stand for digits: they are digits beside a digit
// unless a plain letter touches them, and by themselves when they are a whole token.
func (t *text) settle() { //nolint:gocognit // one scan over a token, plainest in one place
	n := len(t.runes)
	for i := 0; i < n; {
		if t.runes[i].class == plain {
			i++
			continue
		}
		end, first, last := i, -1, -1
		for ; end < n && t.runes[end].class != plain; end++ {
			if t.runes[end].class == digit {
				last = end
				if first < 0 {
					first = end
				}
			}
		}
		for k := i; k < end; k++ {
			before, after := k < first && i > 0, k > last && end < n
			if t.runes[k].class == like && first >= 0 {
				t.runes[k].class = digit
				if before || after {
					t.runes[k].class = plain
				}
			}
		}
		i = end
	}
}

// cut makes the pieces of a token.
func (t *text) cut(start, end int) { //nolint:gocognit // one scan over a token, plainest in one place
	n := len(t.runes)
	for i := 0; i < n; {
		j := i
		for j < n && (t.runes[j].class == digit) == (t.runes[i].class == digit) {
			j++
		}
		p := piece{kind: letters, start: start, end: end, from: len(t.values)}
		if i > 0 {
			p.start = t.runes[i].at
		}
		if j < n {
			p.end = t.runes[j].at
		}
		switch {
		case t.runes[i].class == digit:
			p.kind = digits
			for _, l := range t.runes[i:j] {
				t.values = append(t.values, l.value)
			}
		case j-i <= leastRow && j-i == n && t.allLike():
			p.kind = spelled
			for _, l := range t.runes {
				t.values = append(t.values, l.value)
			}
		default:
			if v, ok := spelledDigit(folded(t.s[p.start:p.end])); ok {
				p.kind = spelled
				t.values = append(t.values, v)
			}
		}
		p.to = len(t.values)
		t.pieces = append(t.pieces, p)
		i = j
	}
}

func (t *text) allLike() bool {
	for _, l := range t.runes {
		if l.class != like {
			return false
		}
	}
	return true
}

// word is the folded word of piece i, "" when it is none.
func (t *text) word(i int) string {
	if i < 0 || i >= len(t.pieces) || t.pieces[i].kind == gap || t.pieces[i].kind == digits {
		return ""
	}
	return folded(t.s[t.pieces[i].start:t.pieces[i].end])
}

// of is the text of piece i, "" outside.
func (t *text) of(i int) string {
	if i < 0 || i >= len(t.pieces) {
		return ""
	}
	return t.s[t.pieces[i].start:t.pieces[i].end]
}

// is says that piece i is of a kind.
func (t *text) is(i int, k kind) bool {
	return i >= 0 && i < len(t.pieces) && t.pieces[i].kind == k
}

// size is how many digits pieces i to j, j not included, mean.
func (t *text) size(i, j int) int { return t.pieces[j-1].to - t.pieces[i].from }
