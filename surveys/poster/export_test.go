package poster

import "fmt"

// Overflow tells what of a poster leaves its paper's margins or is set smaller than may be, "" nothing.
// The code is given, as making it costs more than the layout.
func (p *Press) Overflow(paper Paper, poster Poster, code Code) string {
	f, err := formatOf(paper)
	if err != nil {
		return err.Error()
	}
	const rounding = 0.01
	l := p.layout(f, poster, code)
	for _, it := range l.items {
		if it.text == "" {
			continue
		}
		right := it.at.x + p.face(it.bold).width(it.text, it.size)
		if right > f.width-f.margin+rounding || it.at.x < f.margin-rounding || it.at.y > f.height-3 || it.at.y < 3 {
			return fmt.Sprintf("%q at %v reaches %.2f", it.text, it.at, right)
		}
		if it.size < f.least-rounding {
			return fmt.Sprintf("%q is set in %.2f points, under %.2f", it.text, it.size, f.least)
		}
	}
	if l.qr < 0.4*f.width || l.spare() < 0 {
		return fmt.Sprintf("the code has %.1f mm, %.1f mm are spare", l.qr, l.spare())
	}
	return ""
}
