package poster

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"slices"
)

// Preview draws a poster as an SVG for the screen: the same layout as the PDF's, letters as outlines, so that it needs no
// font and cannot differ.
func (p *Press) Preview(paper Paper, poster Poster) ([]byte, error) {
	d, err := p.draw(paper, poster)
	if err != nil {
		return nil, err
	}
	return p.drawn(d, poster.Facility+" – "+poster.Point), nil
}

// drawn writes a drawing under a title.
func (p *Press) drawn(d drawing, title string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s" role="img"><title>%s</title>`,
		number(d.width), number(d.height), number(d.width), number(d.height), html.EscapeString(p.clean(title)))
	s := svg{press: p, Buffer: &b}
	s.letters(d.items)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/><g id="one">`)
	for _, it := range d.items {
		s.paint(it)
	}
	b.WriteString(`</g>`)
	for _, at := range d.places[1:] {
		fmt.Fprintf(&b, `<use href="#one" x="%s" y="%s"/>`, number(at.x), number(at.y))
	}
	if len(d.cuts) > 0 {
		fmt.Fprintf(&b, `<path fill="none" stroke="#000" stroke-width="%s" stroke-dasharray="1 1.5" d="%s"/>`, number(cutStroke), data(d.cuts))
	}
	b.WriteString(`</svg>`)
	return b.Bytes()
}

type svg struct {
	press *Press
	*bytes.Buffer
}

type letter struct {
	bold bool
	r    rune
}

func (l letter) id() string {
	if l.bold {
		return fmt.Sprintf("b%x", l.r)
	}
	return fmt.Sprintf("r%x", l.r)
}

// letters writes the outline of every letter once.
func (s svg) letters(items []item) {
	seen := map[letter]bool{}
	for _, it := range items {
		for _, r := range it.text {
			seen[letter{it.bold, r}] = true
		}
	}
	list := make([]letter, 0, len(seen))
	for l := range seen {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b letter) int { return cmp.Compare(a.id(), b.id()) })
	s.WriteString(`<defs>`)
	for _, l := range list {
		if outline := s.press.face(l.bold).glyph(l.r).outline; len(outline) > 1 {
			fmt.Fprintf(s.Buffer, `<path id="%s" d="%s"/>`, l.id(), data(outline))
		}
	}
	s.WriteString(`</defs>`)
}

func (s svg) paint(it item) {
	if it.text != "" {
		em := it.size / millimetre
		fmt.Fprintf(s.Buffer, `<g transform="translate(%s %s) scale(%s)">`, number(it.at.x), number(it.at.y), number(em))
		x := 0.0
		for _, r := range it.text {
			g := s.press.face(it.bold).glyph(r)
			if len(g.outline) > 1 {
				fmt.Fprintf(s.Buffer, `<use href="#%s" x="%s"/>`, letter{it.bold, r}.id(), number(x))
			}
			x += g.advance
		}
		s.WriteString(`</g>`)
		return
	}
	colour := "#000"
	if it.white {
		colour = "#fff"
	}
	ink := `fill="` + colour + `"`
	if it.stroke > 0 {
		ink = `fill="none" stroke="` + colour + `" stroke-linecap="round" stroke-linejoin="round" stroke-width="` + number(it.stroke/it.scale) + `"`
	}
	fmt.Fprintf(s.Buffer, `<path transform="translate(%s %s) scale(%s)" %s d="%s"/>`, number(it.at.x), number(it.at.y), number(it.scale), ink, data(it.shape))
}

// data writes a path in SVG's words.
func data(p path) string {
	var b bytes.Buffer
	for _, s := range p {
		b.WriteByte(s.op)
		n := 1
		switch s.op {
		case 'C':
			n = 3
		case 'Z':
			continue
		}
		for i, at := range s.p[:n] {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(at.x) + " " + number(at.y))
		}
	}
	return b.String()
}
