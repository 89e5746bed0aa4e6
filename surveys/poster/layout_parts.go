package poster

import "strconv"

// box is for whoever cannot scan: where to type, and the code in two groups of four.
type box struct {
	label  block
	typed  block
	size   float64 // of the code
	width  float64 // of the code
	height float64
}

const (
	codeGroup   = 4    // letters together
	codeSpacing = 0.06 // between letters, in ems
	codeGap     = 0.62 // between groups
)

func (l *layout) newBox(host, token string) box {
	b := box{size: l.format.code}
	b.width = l.codeWidth(token, b.size)
	m := measure{size: l.label, least: l.least, leading: 1.27, lines: 1, most: 2}
	m.width = l.inner() - b.width - 3.4*l.pad
	b.label = l.fit([]run{{text: l.w.cannot}}, m)
	m.size, m.lines, m.most = b.label.size, 2, 3
	b.typed = l.fit(l.w.typeIt(host), m)
	if !b.typed.whole || len(b.typed.lines) > m.lines {
		b.typed = l.fit(l.w.above, m)
	}
	b.height = max(b.textHeight(), b.size/millimetre*capHeight) + 1.1*l.pad
	return b
}

// textHeight is of the label and what to type under it.
func (b box) textHeight() float64 {
	return b.label.height() + b.typed.height() - (ascent+descent)*b.typed.size/millimetre + b.typed.leading
}

func (l *layout) codeWidth(token string, size float64) float64 {
	em := size / millimetre
	return l.bold.width(token, size) + float64(len(token)-1)*codeSpacing*em + float64((len(token)-1)/codeGroup)*codeGap*em
}

// paintBox frames the box from its top and gives its foot.
func (l *layout) paintBox(top float64) float64 {
	b := l.box
	inset := l.frame / 2
	l.stroke(l.frame, func(p *path) { p.rect(l.margin+inset, top+inset, l.inner()-l.frame, b.height-l.frame) })
	left, y := l.margin+l.pad, top+(b.height-b.textHeight())/2
	capital := b.size / millimetre * capHeight
	x, baseline := l.width-l.margin-l.pad-b.width, top+(b.height+capital)/2
	l.writeAt(b.label, left, y)
	l.writeAt(b.typed, left, y+b.label.height()-(ascent+descent)*b.typed.size/millimetre+b.typed.leading)
	l.paintCode(x, baseline)
	return top + b.height
}

// paintCode writes the token letter by letter, wide apart, so that it can be read and typed.
func (l *layout) paintCode(x, baseline float64) {
	em := l.box.size / millimetre
	for i, r := range l.token {
		if i > 0 {
			x += codeSpacing * em
		}
		if i > 0 && i%codeGroup == 0 {
			x += codeGap * em
		}
		l.items = append(l.items, item{at: point{x, baseline}, text: string(r), size: l.box.size, bold: true})
		x += l.bold.glyph(r).advance * em
	}
}

// steps are the three drawn steps beside the code.
type steps struct {
	texts   [3]block
	heights [3]float64
	left    float64 // of the drawings
}

func (l *layout) newSteps() steps {
	var s steps
	s.left = l.margin + l.qr + max(l.around(), 0.95*l.phone)
	if l.short {
		s.left += l.disc / 2 // the number stands out of the drawing
	}
	m := measure{
		width: l.width - l.margin - s.left - l.phone - l.phoneGap, size: l.step, least: l.least,
		leading: 1.2, lines: 3, most: 4,
	}
	for {
		total := 0.0
		for i, runs := range l.w.steps {
			s.texts[i] = l.fit(runs, m)
			s.heights[i] = s.texts[i].height()
			if !l.short {
				s.heights[i] += l.disc * 1.12
			}
			s.heights[i] = max(s.heights[i], l.phoneHeight())
			total += s.heights[i]
		}
		if total <= l.qr || m.size <= m.least {
			return s
		}
		m.size = max(m.least, m.size-0.5)
	}
}

func (l *layout) phoneHeight() float64 { return phoneHeight * l.phone / phoneWidth }

// paintSteps spreads the steps over the height of the code.
func (l *layout) paintSteps(top float64) {
	total := 0.0
	for _, h := range l.steps.heights {
		total += h
	}
	between := (l.qr - total) / 2
	y := top
	for i, ph := range []phone{scanning(), choosing(), l.sending(l.w.send)} {
		h := l.steps.heights[i]
		l.paintPhone(ph, l.steps.left, y+(h-l.phoneHeight())/2)
		l.paintStep(i, y, h)
		y += h + between
	}
}

func (l *layout) paintPhone(ph phone, x, y float64) {
	k := l.phone / phoneWidth
	at := point{x, y}
	l.items = append(l.items,
		item{at: at, scale: k, shape: ph.strokes, stroke: phoneStroke * k},
		item{at: at, scale: k, shape: ph.fills})
	if len(ph.thin) > 0 {
		l.items = append(l.items, item{at: at, scale: k, shape: ph.thin, stroke: faceStroke * k})
	}
	if len(ph.white) > 0 {
		l.items = append(l.items, item{at: at, scale: k, shape: ph.white, white: true})
	}
}

// paintStep writes the number in its disc and the words of a step.
func (l *layout) paintStep(i int, top, height float64) {
	text := l.steps.texts[i]
	left := l.steps.left + l.phone + l.phoneGap
	if l.short {
		l.paintDisc(i, l.steps.left, top+(height-l.phoneHeight())/2+0.6, true)
		l.writeAt(text, left, top+(height-text.height())/2)
		return
	}
	y := top + (height-text.height()-l.disc*1.12)/2
	l.paintDisc(i, left+l.disc/2, y+l.disc/2, false)
	l.writeAt(text, left, y+l.disc*1.12)
}

// paintDisc draws a number white on black, with a white ring where it lies on something.
func (l *layout) paintDisc(i int, cx, cy float64, ring bool) {
	if ring {
		white := item{scale: 1, white: true}
		white.shape.circle(cx, cy, l.disc/2+0.35)
		l.items = append(l.items, white)
	}
	l.fill(func(p *path) { p.circle(cx, cy, l.disc/2) })
	number := strconv.Itoa(i + 1)
	em := 0.68 * l.disc
	digit := item{at: point{cx - l.bold.width(number, em*millimetre)/2, cy + em*capHeight/2}, scale: em, white: true}
	for _, r := range number {
		digit.shape = l.bold.glyph(r).outline
	}
	l.items = append(l.items, digit)
}
