package poster

import (
	"cmp"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// noBreak is a space at which no line ends; it is printed as a plain one.
const noBreak = "\u00a0"

// unit is what stays on one line: a word, or words that belong together.
type unit []run

// units cuts text at its spaces. A number, a dash or a single letter stays with the word before it ("Quầy 2 –").
func units(runs []run) []unit {
	var list []unit
	open := false // the next word goes on without a space
	for _, r := range runs {
		for i, word := range strings.Split(r.text, " ") {
			if i > 0 {
				open = false
			}
			if word == "" {
				continue
			}
			piece := run{strings.ReplaceAll(word, noBreak, " "), r.bold}
			last := len(list) - 1
			switch {
			case open && last >= 0:
				list[last] = append(list[last], piece)
			case last >= 0 && clings(word) && len(list[last]) < 4:
				list[last] = append(list[last], run{" ", r.bold}, piece)
			default:
				list = append(list, unit{piece})
			}
			open = true
		}
	}
	return list
}

func clings(word string) bool {
	return utf8.RuneCountInString(word) == 1 || utf8.RuneCountInString(word) <= 3 && !strings.ContainsFunc(word, unicode.IsLetter)
}

// cut makes every unit fit into a width: one that is too long is cut, at best behind a mark of an address.
func (p *Press) cut(list []unit, size, width float64) (fitting []unit, whole bool) {
	whole = true
	for _, u := range list {
		if p.widthOf(u, size) <= width {
			fitting = append(fitting, u)
			continue
		}
		whole = false
		fitting = append(fitting, p.chop(u, size, width)...)
	}
	return fitting, whole
}

// chop cuts one unit into parts that fit.
func (p *Press) chop(u unit, size, width float64) []unit {
	var parts []unit
	for len(u) > 0 {
		var head unit
		head, u = split(u, p.fits(u, size, width))
		parts = append(parts, head)
	}
	return parts
}

// fits is how many letters of a unit fit, at best up to a mark of an address; at least one.
func (p *Press) fits(u unit, size, width float64) int {
	used, n, mark := 0.0, 0, 0
	for _, r := range u {
		face := p.face(r.bold)
		for _, letter := range r.text {
			used += face.glyph(letter).advance * size / millimetre
			if used > width {
				return max(1, cmp.Or(mark, n))
			}
			n++
			if strings.ContainsRune("/.-@: ", letter) {
				mark = n
			}
		}
	}
	return n
}

// split cuts a unit behind so many letters.
func split(u unit, letters int) (head, tail unit) {
	for i, r := range u {
		n := utf8.RuneCountInString(r.text)
		if letters >= n {
			letters -= n
			head = append(head, r)
			continue
		}
		text := []rune(r.text)
		if letters > 0 {
			head = append(head, run{string(text[:letters]), r.bold})
		}
		return head, append(unit{{string(text[letters:]), r.bold}}, u[i+1:]...)
	}
	return head, nil
}

func (p *Press) widthOf(u unit, size float64) float64 {
	w := 0.0
	for _, r := range u {
		w += p.face(r.bold).width(r.text, size)
	}
	return w
}

// line is one line of text with its length in millimetres.
type line struct {
	runs  []run
	width float64
}

// wrap breaks text into as few lines as fit, evenly long: no line of one orphan word.
func (p *Press) wrap(list []unit, size, width float64) []line {
	n := len(list)
	if n == 0 {
		return nil
	}
	widths := make([]float64, n)
	for i, u := range list {
		widths[i] = p.widthOf(u, size)
	}
	breaks := balance(widths, p.regular.width(" ", size), width)
	lines := make([]line, 0, len(breaks))
	for k, from := range breaks {
		to := n
		if k+1 < len(breaks) {
			to = breaks[k+1]
		}
		lines = append(lines, p.set(list[from:to], size))
	}
	return lines
}

// balance chooses where lines begin: the fewest lines, and among these the least sum of squares of what is left free.
func balance(widths []float64, space, width float64) []int {
	type best struct {
		lines, next int
		cost        float64
	}
	n := len(widths)
	from := make([]best, n+1)
	for i := n - 1; i >= 0; i-- {
		from[i] = best{lines: math.MaxInt}
		used := -space
		for j := i; j < n; j++ {
			used += space + widths[j]
			if used > width && j > i {
				break
			}
			free := max(0, width-used)
			cost, lines := from[j+1].cost+free*free, from[j+1].lines+1
			if lines < from[i].lines || lines == from[i].lines && cost < from[i].cost {
				from[i] = best{lines, j + 1, cost}
			}
		}
	}
	var begins []int
	for i := 0; i < n; i = from[i].next {
		begins = append(begins, i)
	}
	return begins
}

// set puts units on one line and joins what is of one weight.
func (p *Press) set(list []unit, size float64) line {
	var l line
	add := func(r run) {
		if last := len(l.runs) - 1; last >= 0 && l.runs[last].bold == r.bold {
			l.runs[last].text += r.text
			return
		}
		l.runs = append(l.runs, r)
	}
	for i, u := range list {
		if i > 0 {
			add(run{" ", u[0].bold && list[i-1][len(list[i-1])-1].bold})
		}
		for _, r := range u {
			add(r)
		}
	}
	l.width = p.widthOf(l.runs, size)
	return l
}

// block is text that has been set: its lines at one size.
type block struct {
	lines   []line
	size    float64 // points
	leading float64 // millimetres from line to line
	whole   bool    // no word was cut
}

// height is from the top of the first line to the foot of the last.
func (b block) height() float64 {
	if len(b.lines) == 0 {
		return 0
	}
	return float64(len(b.lines)-1)*b.leading + (ascent+descent)*b.size/millimetre
}

// measure is how text may be set.
type measure struct {
	width       float64 // millimetres
	size, least float64 // points; no smaller
	leading     float64 // in ems
	lines       int     // it shrinks rather than take more
	most        int     // at its least size no more than these; what is over ends in "…"
}

// fit sets text as large as it can.
func (p *Press) fit(runs []run, m measure) block {
	list := units(runs)
	length := 0.0 // at a size of one point
	for _, u := range list {
		length += p.widthOf(u, 1)
	}
	const step = 0.5
	for size := m.size; ; size = max(m.least, size-step) {
		if size > m.least && length*size > float64(m.lines)*m.width {
			continue // it cannot fit, however it is broken
		}
		cut, whole := p.cut(list, size, m.width)
		b := block{lines: p.wrap(cut, size, m.width), size: size, leading: m.leading * size / millimetre, whole: whole}
		if whole && len(b.lines) <= m.lines {
			return b
		}
		if size <= m.least {
			b.lines = p.shorten(b.lines, m, size)
			return b
		}
	}
}

// shorten ends a text that has too many lines.
func (p *Press) shorten(lines []line, m measure, size float64) []line {
	if len(lines) <= m.most {
		return lines
	}
	// Balanced lines are shorter than they need be: the whole text may go on in the last one.
	last := lines[m.most-1]
	end := &last.runs[len(last.runs)-1]
	for p.widthOf(last.runs, size)+p.face(end.bold).width(string(gap), size) > m.width {
		_, n := utf8.DecodeLastRuneInString(end.text)
		end.text = end.text[:len(end.text)-n]
		if end.text == "" && len(last.runs) > 1 {
			last.runs = last.runs[:len(last.runs)-1]
			end = &last.runs[len(last.runs)-1]
		} else if end.text == "" {
			break
		}
	}
	end.text = strings.TrimRight(end.text, " ,;:–-") + string(gap)
	last.width = p.widthOf(last.runs, size)
	return append(lines[:m.most-1:m.most-1], last)
}
