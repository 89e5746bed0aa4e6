package poster

import "math"

type point struct{ x, y float64 }

// segment is one piece of a path: M, L, C or Z, as SVG calls them, with its points.
type segment struct {
	op byte
	p  [3]point
}

// path is an outline to be filled or stroked.
type path []segment

func (p *path) move(to point) { *p = append(*p, segment{op: 'M', p: [3]point{to}}) }
func (p *path) line(to point) { *p = append(*p, segment{op: 'L', p: [3]point{to}}) }
func (p *path) close()        { *p = append(*p, segment{op: 'Z'}) }

func (p *path) cubic(a, b, to point) {
	*p = append(*p, segment{op: 'C', p: [3]point{a, b, to}})
}

// quad draws a quadratic curve as a cubic one, which PDF has too.
func (p *path) quad(c, to point) {
	from := p.end()
	a := point{from.x + 2*(c.x-from.x)/3, from.y + 2*(c.y-from.y)/3}
	b := point{to.x + 2*(c.x-to.x)/3, to.y + 2*(c.y-to.y)/3}
	p.cubic(a, b, to)
}

func (p *path) end() point {
	if len(*p) == 0 {
		return point{}
	}
	last := (*p)[len(*p)-1]
	switch last.op {
	case 'C':
		return last.p[2]
	default:
		return last.p[0]
	}
}

// lines draws strokes through points.
func (p *path) lines(points ...point) {
	p.move(points[0])
	for _, to := range points[1:] {
		p.line(to)
	}
}

func (p *path) rect(x, y, w, h float64) {
	p.lines(point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
	p.close()
}

// bow is how far the handles of a quarter circle reach.
const bow = 0.5522847498

func (p *path) rounded(x, y, w, h, r float64) {
	k := r * (1 - bow)
	p.move(point{x + r, y})
	p.line(point{x + w - r, y})
	p.cubic(point{x + w - k, y}, point{x + w, y + k}, point{x + w, y + r})
	p.line(point{x + w, y + h - r})
	p.cubic(point{x + w, y + h - k}, point{x + w - k, y + h}, point{x + w - r, y + h})
	p.line(point{x + r, y + h})
	p.cubic(point{x + k, y + h}, point{x, y + h - k}, point{x, y + h - r})
	p.line(point{x, y + r})
	p.cubic(point{x, y + k}, point{x + k, y}, point{x + r, y})
	p.close()
}

func (p *path) circle(cx, cy, r float64) { p.rounded(cx-r, cy-r, 2*r, 2*r, r) }

// arc is a part of a circle of at most a right angle each way, from one angle to another, clockwise, in degrees.
func (p *path) arc(c point, r, from, to float64) {
	a, b := from*math.Pi/180, to*math.Pi/180
	k := 4.0 / 3 * math.Tan((b-a)/4) * r
	on := func(t float64) point { return point{c.x + r*math.Cos(t), c.y + r*math.Sin(t)} }
	p0, p1 := on(a), on(b)
	p.move(p0)
	p.cubic(point{p0.x - k*math.Sin(a), p0.y + k*math.Cos(a)}, point{p1.x + k*math.Sin(b), p1.y - k*math.Cos(b)}, p1)
}
