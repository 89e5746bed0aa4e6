package poster

import (
	"fmt"
	"strings"
)

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

// SheetText is all that a form says.
func (p *Press) SheetText(form Sheet) string {
	leaves, err := p.leaves(form)
	if err != nil {
		return err.Error()
	}
	var said strings.Builder
	for _, l := range leaves {
		for _, it := range l.items {
			said.WriteString(it.text + " ")
		}
	}
	return said.String()
}

// SheetProblem tells what of a form is too small, leaves the margins, lies on something else or is missing, "" nothing.
func (p *Press) SheetProblem(form Sheet) string {
	leaves, err := p.leaves(form)
	if err != nil {
		return err.Error()
	}
	const rounding, leastCircle, leastType = 0.01, 8.0, 11.0
	for n, l := range leaves {
		circles, said := 0, ""
		for _, it := range l.items {
			right := it.at.x + p.face(it.bold).width(it.text, it.size)
			switch {
			case it.white:
				return fmt.Sprintf("page %d is not black only", n+1)
			case it.text != "" && it.size < leastType:
				return fmt.Sprintf("page %d: %q is set in %.2f points", n+1, it.text, it.size)
			case it.text != "" && (it.at.x < sheetMargin-rounding || right > sheetWidth-sheetMargin+rounding):
				return fmt.Sprintf("page %d: %q reaches from %.2f to %.2f", n+1, it.text, it.at.x, right)
			}
			said += it.text + "\n"
			top, foot := it.at.y, it.at.y
			if it.shape != nil {
				left, right := sheetWidth, 0.0
				top, foot = sheetHeight, 0.0
				round := false
				for _, s := range it.shape {
					if s.op != 'Z' {
						to := s.p[0]
						if s.op == 'C' {
							to, round = s.p[2], true
						}
						left, right, top, foot = min(left, to.x), max(right, to.x), min(top, to.y), max(foot, to.y)
					}
				}
				if round {
					circles++
					if right-left < leastCircle {
						return fmt.Sprintf("page %d: a circle of %.2f mm", n+1, right-left)
					}
				}
			}
			if top < 8 || foot > sheetHeight-8 {
				return fmt.Sprintf("page %d: something lies from %.1f to %.1f", n+1, top, foot)
			}
		}
		for _, code := range l.codes {
			if !strings.Contains(said, "\n"+code+"\n") {
				return fmt.Sprintf("page %d lacks the code %s", n+1, code)
			}
		}
		for _, always := range []string{form.Batch, string(form.Token[:4]) + " " + string(form.Token[4:]), fmt.Sprintf("%d/%d", n+1, len(leaves))} {
			if !strings.Contains(said, always) {
				return fmt.Sprintf("page %d lacks %s", n+1, always)
			}
		}
		if circles == 0 && len(l.codes) > 3 {
			return fmt.Sprintf("page %d has no circles", n+1)
		}
	}
	return ""
}
