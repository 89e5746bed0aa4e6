package mask

import "slices"

// What looks like a row of digits and is none: dates, times, years, prices, laws. A row stays only if all of it
// reads as such.

// stays says that the row of pieces i to end, end not included, leads to nobody.
func (t *text) stays(i, end int) bool {
	money := t.beforeMoney(end)
	if t.isService(i, end) || t.isList(i, end) || money && t.isPrice(i, end) {
		return true
	}
	words, items, others := 0, 0, 0
	for at := i; at < end; {
		switch t.pieces[at].kind {
		case gap:
			at++
		case spelled:
			words++
			at++
		case letters, digits:
			next := t.item(at, end, money)
			if next != 0 {
				items++
			} else if next = t.other(at, end); next != 0 {
				others++
			} else {
				return false
			}
			at = next
		}
	}
	return items > 0 && words <= 2*items && words <= 4 && others <= items
}

// isService reads a number that a service is called by, not a person: 1900 1234.
func (t *text) isService(i, end int) bool {
	d := t.values[t.pieces[i].from:t.pieces[end-1].to]
	return t.pieces[i].kind == digits && len(d) >= 6 && len(d) <= 10 && len(d) != 9 &&
		d[0] == 1 && (d[1] == 8 || d[1] == 9) && d[2] == 0 && d[3] == 0
}

// other reads a short number behind an item and a comma: 15/3/1956, 70 tuổi.
func (t *text) other(at, end int) int {
	if _, n := t.num(at, end); n == 0 || at == 0 || t.of(at-1) != ", " || t.values[t.pieces[at].from] == 0 {
		return 0
	}
	return at + 1
}

// item reads a date, a time, a year, a price or a law's number from piece at and gives the piece behind it, 0 if
// there is none.
func (t *text) item(at, end int, money bool) int {
	for _, read := range []func(at, end int) int{t.date, t.isoDate, t.time, t.monthYear, t.law, t.dayMonth, t.ratio, t.year} {
		if next := read(at, end); next != 0 {
			return next
		}
	}
	return t.price(at, end, money)
}

// num is the value of the digits at piece i and how many they are; 0 digits where it is no number of the row.
func (t *text) num(i, end int) (value, size int) {
	if i >= end || t.pieces[i].kind != digits || t.size(i, i+1) > 4 {
		return 0, 0
	}
	for _, v := range t.values[t.pieces[i].from:t.pieces[i].to] {
		value = 10*value + int(v)
	}
	return value, t.size(i, i+1)
}

// sign is the gap of piece i if it belongs to the row.
func (t *text) sign(i, end int) string {
	if i >= end || t.pieces[i].kind != gap {
		return ""
	}
	return t.of(i)
}

func isYear(value, size int) bool { return size == 4 && value >= 1900 && value <= 2099 }

func short(size int) bool { return size == 1 || size == 2 }

func isDay(value, size int) bool { return short(size) && value >= 1 && value <= 31 }

func isMonth(value, size int) bool { return short(size) && value >= 1 && value <= 12 }

func (t *text) date(at, end int) int {
	d, dn := t.num(at, end)
	m, mn := t.num(at+2, end)
	y, yn := t.num(at+4, end)
	first, second := t.sign(at+1, end), t.sign(at+3, end)
	if !isDay(d, dn) || !isMonth(m, mn) || first != second || !slices.Contains([]string{"/", "-", "."}, first) {
		return 0
	}
	if isYear(y, yn) || first == "/" && yn == 2 {
		return at + 5
	}
	return 0
}

func (t *text) isoDate(at, end int) int {
	y, yn := t.num(at, end)
	m, mn := t.num(at+2, end)
	d, dn := t.num(at+4, end)
	if first := t.sign(at+1, end); first != t.sign(at+3, end) || first != "-" && first != "/" {
		return 0
	}
	if isYear(y, yn) && isMonth(m, mn) && isDay(d, dn) {
		return at + 5
	}
	return 0
}

func (t *text) time(at, end int) int {
	h, hn := t.num(at, end)
	m, mn := t.num(at+2, end)
	sign := t.sign(at+1, end)
	if !short(hn) || h > 24 || mn != 2 || m > 59 || sign != ":" && sign != "." {
		return 0
	}
	if s, sn := t.num(at+4, end); sign == ":" && t.sign(at+3, end) == ":" && sn == 2 && s < 60 {
		return at + 5
	}
	return at + 3
}

func (t *text) monthYear(at, end int) int {
	m, mn := t.num(at, end)
	y, yn := t.num(at+2, end)
	if sign := t.sign(at+1, end); isMonth(m, mn) && isYear(y, yn) && (sign == "/" || sign == "-") {
		return at + 3
	}
	return 0
}

func (t *text) law(at, end int) int {
	_, n := t.num(at, end)
	y, yn := t.num(at+2, end)
	if n > 0 && isYear(y, yn) && t.sign(at+1, end) == "/" {
		return at + 3
	}
	return 0
}

func (t *text) dayMonth(at, end int) int {
	d, dn := t.num(at, end)
	m, mn := t.num(at+2, end)
	if isDay(d, dn) && isMonth(m, mn) && t.sign(at+1, end) == "/" {
		return at + 3
	}
	return 0
}

// ratio reads 140/90, but not the beginning of a number apart by strokes.
func (t *text) ratio(at, end int) int {
	_, a := t.num(at, end)
	_, b := t.num(at+2, end)
	if a < 2 || a > 3 || b < 2 || b > 3 || t.sign(at+1, end) != "/" || t.values[t.pieces[at].from] == 0 {
		return 0
	}
	if next := t.sign(at+3, end); next != "" && next != ", " && next != " - " {
		return 0
	}
	return at + 3
}

func (t *text) year(at, end int) int {
	if isYear(t.num(at, end)) {
		return at + 1
	}
	return 0
}

// price reads a number in thousands, 50.000. Where no money is named it must be round and under a million.
func (t *text) price(at, end int, money bool) int {
	_, n := t.num(at, end)
	if n == 0 || n > 3 || t.values[t.pieces[at].from] == 0 {
		return 0
	}
	sign := t.sign(at+1, end)
	if sign != "." && sign != "," {
		return 0
	}
	groups, last := 0, at+1
	for t.sign(last, end) == sign {
		value, size := t.num(last+1, end)
		if size != 3 || !money && value != 0 {
			break
		}
		groups++
		last += 2
	}
	if groups == 0 || !money && groups > 1 {
		return 0
	}
	return last
}

// beforeMoney says that đồng, đ or ₫ follows.
func (t *text) beforeMoney(end int) bool {
	if end < len(t.pieces) && t.pieces[end].kind == gap {
		if g := t.of(end); g == "₫" || g == " ₫" || len(g) >= len("₫") && g[:len("₫")] == "₫" {
			return true
		}
		if t.pieces[end].runes > 1 {
			return false
		}
		end++
	}
	return isMoney(t.word(end))
}

// isPrice reads a price of one number: round, or in thousands apart by spaces.
func (t *text) isPrice(i, end int) bool {
	d := t.values[t.pieces[i].from:t.pieces[end-1].to]
	if d[0] == 0 || t.pieces[i].kind != digits {
		return false
	}
	if end == i+1 {
		return len(d) < leastRow || len(d) <= 12 && d[len(d)-1] == 0 && d[len(d)-2] == 0 && d[len(d)-3] == 0
	}
	for at := i + 1; at < end; at += 2 {
		if _, size := t.num(at+1, end); size != 3 || t.sign(at, end) != " " {
			return false
		}
	}
	return t.size(i, i+1) <= 3
}

// isList reads short numbers apart by commas: 101, 102, 103.
func (t *text) isList(i, end int) bool {
	if t.values[t.pieces[i].from] == 0 {
		return false
	}
	for at := i; at < end; at++ {
		switch p := t.pieces[at]; p.kind {
		case gap:
			if g := t.of(at); g != ", " && g != "; " {
				return false
			}
		case digits:
			if p.to-p.from > 4 {
				return false
			}
		case letters, spelled:
			return false
		}
	}
	return end > i+2
}
