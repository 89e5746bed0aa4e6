package poster

import (
	"fmt"
)

// format is the measures of one paper: millimetres, and points where it is of type.
type format struct {
	width, height float64
	margin        float64 // left and right
	top, bottom   float64
	qr            float64 // side of the code without its quiet zone
	phone         float64 // width of a step's drawing
	disc          float64 // of a step's number
	short         bool    // for want of room: a step's number lies on its drawing's corner, the notes are brief
	phoneGap      float64
	pad           float64 // inside the box

	place, headline, sub, step, address, label, code, note float64
	least                                                  float64

	placeLines, pointLines, callLines int // at most

	rule, frame                       float64 // strokes
	underName, underPlace, underRule  float64 // gaps
	underHead, underAddress, underBox float64
	betweenNote                       float64
}

// formatOf gives the measures of a poster; look.md, section Paper. Slips are eighths of A4.
func formatOf(paper Paper) (format, error) {
	a4 := format{
		width: 210, height: 297, margin: 15, top: 13, bottom: 13, qr: 98, phone: 16, disc: 9, phoneGap: 5.4, pad: 5.5,
		place: 17, headline: 53, sub: 24, step: 19, address: 21, label: 18, code: 38, note: 15,
		least: 15, placeLines: 4, pointLines: 3, callLines: 4, rule: 1, frame: 0.75,
		underName: 1.1, underPlace: 3.9, underRule: 5, underHead: 2.6, underAddress: 3.4, underBox: 10, betweenNote: 1.6,
	}
	switch paper {
	case A4:
		return a4, nil
	case A5:
		f := a4.scaled(210.0 / 297)
		f.width, f.height, f.qr, f.note, f.least = 148, 210, 69, 11, 11
		return f, nil
	case A6:
		f := a4.scaled(0.5)
		f.width, f.height, f.margin, f.qr, f.least = 105, 148, 7, 47, 9
		f.top, f.bottom = 6, 6
		f.place, f.step, f.address, f.label, f.note = 9.5, 9.5, 11.5, 9.5, 9
		return f, nil
	case Slips:
		return format{
			width: 297.0 / 4, height: 105, margin: 5, top: 4.5, bottom: 4, qr: 33, phone: 5.2, disc: 3.3, short: true, phoneGap: 2, pad: 1.7,
			place: 8.5, headline: 17.5, sub: 8.5, step: 8, address: 9.5, label: 8, code: 13.6, note: 8,
			least: 8, placeLines: 3, pointLines: 2, callLines: 3, rule: 0.4, frame: 0.3, underName: 0.2,
			underPlace: 1.3, underRule: 1.1, underHead: 0.4, underAddress: 0.9, underBox: 1.6, betweenNote: 0.3,
		}, nil
	}
	return format{}, fmt.Errorf("%w: %q", ErrPaper, paper)
}

// scaled is the format on a smaller paper.
func (f format) scaled(k float64) format {
	for _, v := range []*float64{
		&f.margin, &f.top, &f.bottom, &f.phone, &f.disc, &f.phoneGap, &f.pad, &f.place, &f.headline, &f.sub, &f.step,
		&f.address, &f.label, &f.code, &f.note, &f.rule, &f.frame, &f.underName, &f.underPlace, &f.underRule, &f.underHead,
		&f.underAddress, &f.underBox, &f.betweenNote,
	} {
		*v *= k
	}
	return f
}

// leastQR is the part of the width below which a code is never drawn.
const leastQR = 0.41

// tighter gives room to a longer text: first the gaps become smaller (t to 0.5), then the headline and the code, within
// their minimums (t to 1); beyond that texts have fewer lines and end in "…".
func (f format) tighter(t float64) format {
	g, k := min(1, 2*t), min(1, max(0, 2*t-1))
	for _, gap := range []*float64{&f.underName, &f.underPlace, &f.underRule, &f.underHead, &f.underAddress, &f.underBox, &f.betweenNote} {
		*gap *= 1 - 0.6*g
	}
	f.top *= 1 - 0.2*g
	f.bottom *= 1 - 0.2*g
	f.headline *= 1 - 0.4*k
	f.sub = max(f.least, f.sub*(1-0.3*k))
	f.code *= 1 - 0.2*k
	f.qr = max(leastQR*f.width, f.qr*(1-0.15*k))
	if t > 1 {
		f.placeLines, f.pointLines, f.callLines = f.placeLines-1, f.pointLines-1, f.callLines-1
	}
	if t > 1.1 {
		f.placeLines, f.callLines = f.placeLines-1, f.callLines-1
	}
	return f
}

// item is one thing to paint: a shape, or a text where there is one. at is its origin or the start of its baseline.
type item struct {
	at     point
	scale  float64 // millimetres to a unit of the shape
	shape  path
	stroke float64 // millimetres; 0: filled
	white  bool

	text string
	size float64 // points
	bold bool
}

// drawing is what both painters paint, in order, in millimetres from the upper left corner.
type drawing struct {
	width, height float64
	items         []item
	places        []point // where copies of the items go
	cuts          path    // where to cut
}

const cutStroke = 0.15

// draw lays out one poster on one paper.
func (p *Press) draw(paper Paper, poster Poster) (drawing, error) {
	f, err := formatOf(paper)
	if err != nil {
		return drawing{}, err
	}
	code, err := NewCode(poster.URL())
	if err != nil {
		return drawing{}, err
	}
	l := p.layout(f, poster, code)
	d := drawing{width: f.width, height: f.height, items: l.items, places: []point{{}}}
	if paper == Slips {
		d.onSheet()
	}
	return d, nil
}

// The sheet of slips: A4 lying, four by two.
const slipColumns, slipRows = 4, 2

// onSheet repeats a slip over a sheet and draws where to cut: a dashed line between, a tick at the edges.
func (d *drawing) onSheet() {
	w, h := d.width, d.height
	d.width, d.height, d.places = slipColumns*w, slipRows*h, nil
	for row := range slipRows {
		for column := range slipColumns {
			d.places = append(d.places, point{float64(column) * w, float64(row) * h})
		}
	}
	for column := 1; column < slipColumns; column++ {
		x := float64(column) * w
		d.cuts.lines(point{x, 0}, point{x, d.height})
	}
	for row := 1; row < slipRows; row++ {
		y := float64(row) * h
		d.cuts.lines(point{0, y}, point{d.width, y})
	}
}

// layout is a poster at work: what has been set, and what is painted.
type layout struct {
	canvas
	format
	w     words
	code  Code
	token string

	facility, point, headline, sub, address, privacy, call block

	box   box
	steps steps
}

// layout sets everything as large as there is room.
func (p *Press) layout(f format, poster Poster, code Code) *layout {
	var l *layout
	for tight := 0; tight <= 12; tight++ {
		l = &layout{canvas: canvas{Press: p}, format: f.tighter(float64(tight) / 10), w: wordsIn(poster.Lang), code: code, token: string(poster.Token)}
		l.set(poster)
		if l.spare() >= 0 {
			break
		}
	}
	l.paint()
	return l
}

// inner is the width between the margins.
func (f format) inner() float64 { return f.width - 2*f.margin }

func (l *layout) set(poster Poster) {
	body := func(size float64, lines, most int) measure {
		return measure{width: l.inner(), size: size, least: l.least, leading: 1.27, lines: lines, most: most}
	}
	l.facility = l.fit([]run{{l.clean(poster.Facility), true}}, body(l.place, 2, l.placeLines))
	l.point = l.fit([]run{{text: l.clean(poster.Point)}}, body(l.place, 2, l.pointLines))
	headline := l.clean(poster.Headline)
	if headline == "" {
		headline = l.w.headline
	}
	l.headline = l.fit([]run{{headline, true}}, measure{
		width: l.inner(), size: l.format.headline, least: max(l.least, l.format.headline*0.55), leading: 1.13, lines: 2, most: 3,
	})
	l.sub = l.fit([]run{{text: l.w.sub}}, body(l.format.sub, 1, 2))
	host := l.clean(poster.host())
	l.address = l.fit([]run{{host + "/s/" + string(poster.Token), true}}, body(l.format.address, 1, 3))
	l.box = l.newBox(host, string(poster.Token))
	l.privacy = l.fit(l.w.privacy, body(l.note, 2, 3))
	help := l.w.help
	if l.short {
		help = l.w.ask
	}
	l.call = l.fit(l.w.call(help, l.clean(poster.Office), l.clean(poster.Contact)), body(l.note, 2, l.callLines))
	l.steps = l.newSteps()
}

// around is the white above and below the code.
func (l *layout) around() float64 { return l.code.quietZone(l.qr) }

// natural is the height of all that is set with its least gaps.
func (l *layout) natural() float64 {
	return l.top + l.placeHeight() + l.underPlace + l.rule + l.underRule + l.headline.height() + l.underHead +
		l.sub.height() + l.around() + l.qr + l.around() + l.address.height() + l.underAddress + l.box.height + l.underBox +
		l.privacy.height() + l.betweenNote + l.call.height() + l.bottom
}

func (l *layout) placeHeight() float64 { return l.facility.height() + l.underName + l.point.height() }

// spare is what is left of the paper's height; negative if it is not enough.
func (l *layout) spare() float64 { return l.height - l.natural() }

// paint puts everything in its place from the top down; what is spare goes around the code and above the notes.
func (l *layout) paint() {
	spare := max(0, l.spare())
	y := l.top
	y = l.write(l.facility, y) + l.underName
	y = l.write(l.point, y) + l.underPlace
	l.fill(func(p *path) { p.rect(l.margin, y, l.inner(), l.rule) })
	y += l.rule + l.underRule
	y = l.write(l.headline, y) + l.underHead
	y = l.write(l.sub, y) + l.around() + 0.25*spare
	l.items = append(l.items, item{at: point{l.margin, y}, scale: l.qr / float64(len(l.code.rows)), shape: l.code.outline()})
	l.paintSteps(y)
	y += l.qr + l.around() + 0.25*spare
	y = l.write(l.address, y) + l.underAddress
	y = l.paintBox(y) + l.underBox + 0.5*spare
	y = l.write(l.privacy, y) + l.betweenNote
	l.write(l.call, y)
}

// write paints a block from its top at the left margin and gives its foot.
func (l *layout) write(b block, top float64) float64 { return l.writeAt(b, l.margin, top) }
