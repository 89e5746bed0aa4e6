package poster

// The telephones of the three steps are drawn in a frame of this size and scaled.
const (
	phoneWidth  = 16.0
	phoneHeight = 27.5
)

// phone is the drawing of one step.
type phone struct {
	strokes, fills, thin, white path
}

const (
	phoneStroke = 1.05
	faceStroke  = 0.5
)

// newPhone is a telephone with an empty screen.
func newPhone() phone {
	var p phone
	p.strokes.rounded(0.5, 0.5, phoneWidth-1, phoneHeight-1, 2.6)
	p.strokes.lines(point{6.1, 2.7}, point{9.9, 2.7})
	return p
}

// scanning shows a code between the corners of a camera's frame.
func scanning() phone {
	p := newPhone()
	const l, t, r, b, arm = 3.0, 8.6, 13.0, 18.6, 2.2
	p.strokes.lines(point{l, t + arm}, point{l, t}, point{l + arm, t})
	p.strokes.lines(point{r - arm, t}, point{r, t}, point{r, t + arm})
	p.strokes.lines(point{r, b - arm}, point{r, b}, point{r - arm, b})
	p.strokes.lines(point{l + arm, b}, point{l, b}, point{l, b - arm})
	for _, at := range []point{{4.8, 10.4}, {8.5, 10.4}, {4.8, 14.1}} {
		p.fills.rect(at.x, at.y, 2.7, 2.7)
	}
	for _, at := range []point{{8.5, 14.1}, {9.9, 15.5}} {
		p.fills.rect(at.x, at.y, 1.3, 1.3)
	}
	return p
}

// choosing shows three faces beside lines of text: glad, even, sad.
func choosing() phone {
	p := newPhone()
	for i, y := range []float64{7.9, 14.1, 20.3} {
		const x, r = 5.2, 2.2
		p.thin.circle(x, y, r)
		p.fills.circle(x-0.8, y-0.55, 0.3)
		p.fills.circle(x+0.8, y-0.55, 0.3)
		switch i {
		case 0:
			p.thin.arc(point{x, y + 0.1}, 1.2, 20, 90)
			p.thin.arc(point{x, y + 0.1}, 1.2, 90, 160)
		case 1:
			p.thin.lines(point{x - 0.9, y + 0.75}, point{x + 0.9, y + 0.75})
		default:
			p.thin.arc(point{x, y + 1.7}, 1.1, 200, 270)
			p.thin.arc(point{x, y + 1.7}, 1.1, 270, 340)
		}
		p.strokes.lines(point{9.6, y}, point{12.8, y})
	}
	return p
}

// sending shows text, a button with its word, and an arrow up.
func (p *Press) sending(word string) phone {
	ph := newPhone()
	ph.strokes.lines(point{3.2, 7.2}, point{12.8, 7.2})
	ph.strokes.lines(point{3.2, 10.2}, point{9.2, 10.2})
	ph.fills.rounded(2.2, 13.3, 11.6, 6, 1.3)
	ph.strokes.lines(point{8, 24.9}, point{8, 21.4})
	ph.strokes.lines(point{6.2, 23}, point{8, 21.2}, point{9.8, 23})
	const em = 4.1
	x := (phoneWidth - p.bold.width(word, em*millimetre)) / 2
	for _, r := range word {
		g := p.bold.glyph(r)
		for _, s := range g.outline {
			for i := range s.p {
				s.p[i] = point{x + s.p[i].x*em, 17.75 + s.p[i].y*em}
			}
			ph.white = append(ph.white, s)
		}
		x += g.advance * em
	}
	return ph
}
