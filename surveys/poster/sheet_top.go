package poster

import "hailong/surveys"

// The box at the upper right of every page: batch, place code, sheet number, page.
const (
	boxLeft   = sheetWidth - sheetMargin - boxWide
	boxWide   = 74.0
	boxHigh   = 26.5
	boxInset  = 3.0
	boxNumber = 19.0 // points
)

// top is what stands over the questions of a page.
type top struct {
	facility, point, title, headline, audience, notice, how, behalf block
	height                                                          float64
}

const tick = 6.5 // side of a box to be ticked

// newTop sets the head of a page: in full on the first, on the others the place alone.
func (s *sheet) newTop(page int) top {
	lines := 2
	if page > 1 {
		lines = 1
	}
	place := func(size float64) measure {
		return measure{width: boxLeft - sheetMargin - 5, size: size, least: typeSmall, leading: 1.2, lines: lines, most: lines}
	}
	t := top{facility: s.fit([]run{{s.clean(s.Facility), true}}, place(typeFactor+1)), point: s.fit([]run{{text: s.clean(s.Point)}}, place(typeText))}
	t.height = sheetTop + t.facility.height() + 1 + t.point.height() + 3
	if page > 1 {
		return t
	}
	t.height = max(t.height, sheetTop+boxHigh+3)
	t.title = s.fit([]run{{s.clean(s.Instrument.Title.In(s.Lang)), true}}, measure{width: sheetInner, size: typeTitle, least: 14, leading: 1.15, lines: 1, most: 2})
	t.headline = s.plainText([]run{{text: s.clean(s.Instrument.Headline.In(s.Lang))}}, typeFactor, sheetInner)
	t.notice = s.plainText(s.w.notice, typeSmall, sheetInner-2*boxInset)
	t.how = s.plainText(s.w.how, typeText-0.5, sheetInner)
	t.height += 2.5 + t.title.height() + 0.8 + t.headline.height() + 2.5 + t.notice.height() + 2*boxInset - 1.4 + 2.2 + t.how.height() + 1.5
	switch s.Asks {
	case surveys.AskParents:
		t.audience = s.plainText([]run{{s.w.parents, true}}, typeText, sheetInner)
	case surveys.AskPupils:
		t.audience = s.plainText([]run{{s.w.pupils, true}}, typeText, sheetInner)
	default:
		t.behalf = s.plainText([]run{{text: s.behalf()}}, typeText, sheetInner-codeWidth)
		t.height += max(tick, t.behalf.height()) + 2
	}
	t.height += t.audience.height()
	return t
}

func (s *sheet) behalf() string {
	it, _ := s.Instrument.Item(surveys.OnBehalf)
	return s.clean(it.Text.In(s.Lang))
}

func (s *sheet) topHeight(page int) float64 { return s.newTop(page).height }

// paintTop paints the head of a page and gives its foot.
func (s *sheet) paintTop(c *canvas, page, pages int) float64 {
	t := s.newTop(page)
	y := c.writeAt(t.facility, sheetMargin, sheetTop)
	c.writeAt(t.point, sheetMargin, y+1)
	if page > 1 {
		s.paintCorner(c, page, pages)
		c.fill(func(p *path) { p.rect(sheetMargin, t.height-1.4, sheetInner, 0.6) })
		return t.height
	}
	s.paintBox(c, page, pages)
	y = sheetTop + max(boxHigh, t.facility.height()+1+t.point.height()) + 3
	c.fill(func(p *path) { p.rect(sheetMargin, y-0.4, sheetInner, 0.8) })
	y = c.writeAt(t.title, sheetMargin, y+2.5) + 0.8
	y = c.writeAt(t.headline, sheetMargin, y)
	y = c.writeAt(t.audience, sheetMargin, y) + 2.5
	frame := t.notice.height() + 2*boxInset - 1.4
	c.stroke(0.3, func(p *path) { p.rect(sheetMargin+0.15, y, sheetInner-0.3, frame) })
	c.writeAt(t.notice, sheetMargin+boxInset, y+boxInset-0.7)
	y = c.writeAt(t.how, sheetMargin, y+frame+2.2) + 1.5
	if s.Asks == "" {
		h := max(tick, t.behalf.height())
		c.stroke(circleStroke, func(p *path) { p.rect(sheetMargin+0.5, y+(h-tick)/2, tick, tick) })
		c.writeAt(t.behalf, sheetMargin+codeWidth, y+(h-t.behalf.height())/2)
	}
	return t.height
}

// paintBox paints what whoever types the form needs.
func (s *sheet) paintBox(c *canvas, page, pages int) {
	c.stroke(0.5, func(p *path) { p.rect(boxLeft+0.25, sheetTop+0.25, boxWide-0.5, boxHigh-0.5) })
	x, end := boxLeft+boxInset, sheetWidth-sheetMargin-boxInset
	first, second, third := sheetTop+8.6, sheetTop+15.4, sheetTop+23.2
	s.write(c, run{text: s.w.batch}, typeSmall, x, first)
	s.writeRight(c, run{s.batch(), true}, boxNumber, end, first)
	at := s.write(c, run{text: s.w.token + " "}, typeSmall, x, second)
	s.write(c, run{s.spacedToken(), true}, typeText, at, second)
	s.writeRight(c, run{s.pageOf(page, pages), true}, typeText, end, second)
	from := s.write(c, run{text: s.w.number}, typeSmall, x, third) + 1.5
	c.fill(func(p *path) { p.rect(from, third, end-from, 0.25) })
}

// paintCorner is the box of a further page, in two lines.
func (s *sheet) paintCorner(c *canvas, page, pages int) {
	end, first, second := sheetWidth-sheetMargin, sheetTop+4.5, sheetTop+10.5
	at := s.writeRight(c, run{s.batch(), true}, typeFactor+1, end, first)
	s.writeRight(c, run{text: s.w.batch + " "}, typeSmall, at, first)
	at = s.writeRight(c, run{s.pageOf(page, pages), true}, typeText, end, second)
	at = s.writeRight(c, run{s.spacedToken(), true}, typeText, at-5, second)
	s.writeRight(c, run{text: s.w.token + " "}, typeSmall, at, second)
}

func (s *sheet) batch() string {
	if s.Batch == "" {
		return s.w.preview
	}
	return s.Batch
}

// write paints a few words from the left and gives where they end, writeRight from the right and where they begin.
func (s *sheet) write(c *canvas, r run, size, x, baseline float64) float64 {
	c.items = append(c.items, item{at: point{x, baseline}, text: r.text, size: size, bold: r.bold})
	return x + s.face(r.bold).width(r.text, size)
}

func (s *sheet) writeRight(c *canvas, r run, size, end, baseline float64) float64 {
	x := end - s.face(r.bold).width(r.text, size)
	s.write(c, r, size, x, baseline)
	return x
}

// paintFoot says on the last page whom to ask, on the others that there is more.
func (s *sheet) paintFoot(c *canvas, page, pages int) {
	foot := []run{{text: s.w.over}}
	if page == pages {
		if foot = s.asked(); foot == nil {
			return
		}
	}
	b := s.fit(foot, measure{width: sheetInner, size: typeSmall, least: typeSmall, leading: 1.2, lines: 1, most: 1})
	left := sheetMargin
	if page < pages {
		left = sheetWidth - sheetMargin - b.lines[0].width
	}
	c.writeAt(b, left, sheetHeight-sheetFoot)
}

// asked says who answers for the survey.
func (s *sheet) asked() []run {
	office, contact := s.clean(s.Office), s.clean(s.Contact)
	switch {
	case office == "" && contact == "":
		return nil
	case office == "" || contact == "":
		return []run{{text: s.w.controls + office + contact}}
	}
	return []run{{text: s.w.controls + office + ", " + contact}}
}
