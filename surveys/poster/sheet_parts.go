package poster

import (
	"fmt"
	"strconv"
	"strings"

	"hailong/surveys"
)

const (
	rowPad  = 1.5  // above and below a question
	leastIn = 10.9 // the least height of a row
)

// code paints an item's code beside its first line.
func (s *sheet) code(c *canvas, code string, baseline float64) {
	c.items = append(c.items, item{at: point{sheetMargin, baseline}, text: code, size: typeText, bold: true})
}

// rule is the hairline under a question.
func rule(c *canvas, y float64) {
	c.fill(func(p *path) { p.rect(sheetMargin, y-hairline, sheetInner, hairline) })
}

// ring paints a circle with what is typed for it.
func (s *sheet) ring(c *canvas, cx, cy float64, digit string) {
	c.stroke(circleStroke, func(p *path) { p.circle(cx, cy, circle/2) })
	s.middle(c, cx, cy, digit, typeDigit)
}

// middle paints a short text around a point.
func (s *sheet) middle(c *canvas, cx, cy float64, text string, size float64) {
	em := size / millimetre
	c.items = append(c.items, item{at: point{cx - s.regular.width(text, size)/2, cy + em*capHeight/2}, text: text, size: size})
}

// besides paints a question's code and text in the middle of a height.
func (s *sheet) besides(c *canvas, code string, text block, top, height float64) {
	y := top + (height-text.height())/2
	s.code(c, code, y+ascent*typeText/millimetre)
	c.writeAt(text, sheetMargin+codeWidth, y)
}

// scaleRow is an item of the scale: its text, and six circles.
func (s *sheet) scaleRow(it surveys.Item) piece {
	text := s.plainText(s.text(it), typeText, scaleLeft()-sheetMargin-codeWidth-3)
	h := max(leastIn, text.height()+2*rowPad)
	return piece{height: h, item: it.Code, scale: true, paint: func(c *canvas, top float64) {
		s.besides(c, it.Code, text, top, h)
		for i, g := range grades() {
			s.ring(c, scaleLeft()+(float64(i)+0.5)*pitch, top+h/2, strconv.Itoa(g))
		}
		rule(c, top+h)
	}}
}

// scaleHead says what the circles mean: a word over each column, or where words are longer than a column is wide, a row
// of circles with their words beside them.
func (s *sheet) scaleHead() piece {
	const above, under = 2.2, 1.2
	labels := make([]block, len(grades()))
	height, whole := 0.0, true
	for i, g := range grades() {
		labels[i] = s.fit([]run{{text: s.label(g, true)}}, measure{width: pitch - 0.2, size: typeSmall, least: typeSmall, leading: 1.1, lines: 4, most: 4})
		whole = whole && labels[i].whole
		height = max(height, labels[i].height())
	}
	prompt := s.plainText([]run{{s.prompt(), true}}, typeText, scaleLeft()-sheetMargin-3)
	if !whole {
		return s.scaleKey(prompt)
	}
	h := above + height + under
	return piece{height: h, paint: func(c *canvas, top float64) {
		c.writeAt(prompt, sheetMargin, top+h-under-prompt.height())
		for i, b := range labels {
			x, y := scaleLeft()+(float64(i)+0.5)*pitch, top+h-under-b.height()
			for k, ln := range b.lines {
				c.writeLine(ln, b.size, x-ln.width/2, y+ascent*b.size/millimetre+float64(k)*b.leading)
			}
		}
		rule(c, top+h)
	}}
}

// prompt is what is asked of every item. The pulse's own speaks of a screen.
func (s *sheet) prompt() string {
	if s.Instrument.Key == surveys.Pulse {
		return s.w.prompt
	}
	return s.clean(s.Instrument.Prompt.In(s.Lang))
}

// label is what a digit of the scale means. brief leaves out of 0 what has no room over a column.
func (s *sheet) label(grade int, brief bool) string {
	if grade == 0 && brief {
		return s.w.none
	}
	for _, g := range s.Instrument.Scale {
		if text := s.clean(g.Text.In(s.Lang)); g.Value == grade && brief {
			return strings.ReplaceAll(text, noBreak, " ") // over a column a line may end anywhere
		} else if g.Value == grade {
			return text
		}
	}
	return ""
}

// scaleKey is the head of the scale with its words beside circles, three in a row.
func (s *sheet) scaleKey(prompt block) piece {
	const perRow, above, step = 3, 1.5, 9.6
	const width = sheetInner / perRow
	first := prompt.height() + above + 1
	h := first + step*float64(len(grades())/perRow) + 1
	labels := make([]block, len(grades()))
	for i, g := range grades() {
		labels[i] = s.plainText([]run{{text: s.label(g, false)}}, typeSmall, width-circle-4)
	}
	return piece{height: h, paint: func(c *canvas, top float64) {
		c.writeAt(prompt, sheetMargin, top+above)
		for i, g := range grades() {
			x, y := sheetMargin+float64(i%perRow)*width, top+first+step*(float64(i/perRow)+0.5)
			s.ring(c, x+circle/2, y, strconv.Itoa(g))
			c.writeAt(labels[i], x+circle+2, y-labels[i].height()/2)
		}
		rule(c, top+h)
	}}
}

// heading is the title of a factor.
func (s *sheet) heading(title string) piece {
	const above, under = 3.4, 0.6
	b := s.plainText([]run{{s.clean(title), true}}, typeFactor, sheetInner)
	return piece{height: above + b.height() + under, paint: func(c *canvas, top float64) { c.writeAt(b, sheetMargin, top+above) }}
}

// percentRow has three boxes for a number.
func (s *sheet) percentRow(it surveys.Item) piece {
	const boxes, boxWidth, boxHeight, sign = 3, 8.5, 9.5, 8.0
	left := sheetWidth - sheetMargin - sign - boxes*boxWidth
	runs := append(s.text(it), run{text: " (" + s.w.percent + ")"})
	text := s.plainText(runs, typeText, left-sheetMargin-codeWidth-4)
	h := max(boxHeight+2*rowPad, text.height()+2*rowPad)
	return piece{height: h, item: it.Code, paint: func(c *canvas, top float64) {
		s.besides(c, it.Code, text, top, h)
		for i := range boxes {
			c.stroke(circleStroke, func(p *path) { p.rect(left+float64(i)*boxWidth, top+(h-boxHeight)/2, boxWidth, boxHeight) })
		}
		s.middle(c, sheetWidth-sheetMargin-sign/2+1, top+h/2, "%", typeFactor)
		rule(c, top+h)
	}}
}

// choices are numbered circles with their words, in two columns where that saves room.
func (s *sheet) choices(it surveys.Item) piece {
	const gap = 1.0
	text := s.plainText(s.text(it), typeText, sheetInner-codeWidth)
	columns := 2
	width := (sheetInner - codeWidth) / float64(columns)
	labels := make([]block, len(it.Options))
	for i, o := range it.Options {
		labels[i] = s.plainText([]run{{text: s.clean(o.Text.In(s.Lang))}}, typeText, width-circle-5)
	}
	rows := (len(labels) + columns - 1) / columns
	heights := make([]float64, rows)
	total := 0.0
	for i, b := range labels {
		heights[i%rows] = max(heights[i%rows], circle+gap, b.height()+gap)
	}
	for _, h := range heights {
		total += h
	}
	h := rowPad + text.height() + gap + total + rowPad
	return piece{height: h, item: it.Code, paint: func(c *canvas, top float64) {
		s.code(c, it.Code, top+rowPad+ascent*typeText/millimetre)
		foot := c.writeAt(text, sheetMargin+codeWidth, top+rowPad) + gap
		y := foot
		for i, b := range labels {
			row := i % rows
			if row == 0 {
				y = foot
			}
			x, middle := sheetMargin+codeWidth+float64(i/rows)*width, y+heights[row]/2
			s.ring(c, x+circle/2, middle, strconv.Itoa(i+1))
			c.writeAt(b, x+circle+2.4, middle-b.height()/2)
			y += heights[row]
		}
		rule(c, top+h)
	}}
}

// lines are to be written on.
func (s *sheet) lines(code string, runs []run, n int) piece {
	const step, under = 9.0, 1.6
	left := sheetMargin
	if code != "" {
		left += codeWidth
	}
	text := s.plainText(runs, typeText, sheetWidth-sheetMargin-left)
	warning := s.plainText([]run{{text: s.w.warning}}, typeSmall, sheetWidth-sheetMargin-left)
	h := rowPad + text.height() + under/2 + warning.height() + step*float64(n) + under + rowPad
	return piece{height: h, item: code, paint: func(c *canvas, top float64) {
		if code != "" {
			s.code(c, code, top+rowPad+ascent*typeText/millimetre)
		}
		y := c.writeAt(text, left, top+rowPad) + under/2
		y = c.writeAt(warning, left, y)
		for i := range n {
			at := y + step*float64(i+1)
			c.fill(func(p *path) { p.rect(left, at-0.2, sheetWidth-sheetMargin-left, 0.2) })
		}
	}}
}

// comment is the free text at the end.
func (s *sheet) comment() piece {
	const n = 3
	return s.lines("", []run{{s.clean(s.Instrument.Comment.In(s.Lang)), true}}, n)
}

// token in two groups, as it is typed.
func (s *sheet) spacedToken() string {
	if len(s.Token) <= codeGroup {
		return string(s.Token)
	}
	return string(s.Token[:codeGroup] + " " + s.Token[codeGroup:])
}

func (s *sheet) pageOf(page, pages int) string { return fmt.Sprintf("%s %d/%d", s.w.page, page, pages) }
