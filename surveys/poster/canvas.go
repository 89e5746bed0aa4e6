package poster

import "strings"

// canvas is what is painted on, in the order in which it is painted.
type canvas struct {
	*Press
	items []item
}

// writeAt paints a block from its upper left corner and gives its foot.
func (c *canvas) writeAt(b block, left, top float64) float64 {
	for i, ln := range b.lines {
		c.writeLine(ln, b.size, left, top+ascent*b.size/millimetre+float64(i)*b.leading)
	}
	return top + b.height()
}

func (c *canvas) writeLine(ln line, size, x, baseline float64) {
	for _, r := range ln.runs {
		if strings.TrimSpace(r.text) != "" {
			c.items = append(c.items, item{at: point{x, baseline}, text: r.text, size: size, bold: r.bold})
		}
		x += c.face(r.bold).width(r.text, size)
	}
}

// fill paints an area, stroke its outline.
func (c *canvas) fill(draw func(*path)) { c.stroke(0, draw) }

func (c *canvas) stroke(width float64, draw func(*path)) {
	it := item{scale: 1, stroke: width}
	draw(&it.shape)
	c.items = append(c.items, it)
}
