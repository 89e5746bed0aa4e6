package view

import (
	"html/template"
	"strconv"
	"strings"
)

// Interval is a confidence interval, its ends rates of 0 to 1.
type Interval struct{ Low, High float64 }

// width is the length of the interval.
func (i Interval) width() float64 { return i.High - i.Low }

// svg writes one drawing. Across, everything is in percent of the drawing's width, and down it is in
// px, so that one drawing serves every width with strokes and text unscaled. Colours are the style
// sheet's: a shape only names its class. Every text passes through escape.
type svg struct{ b strings.Builder }

// open starts a drawing of the given class and height in px, with its title and description.
func (s *svg) open(class string, height int, title, desc string) {
	s.raw(`<svg class="`, class, `" width="100%" height="`, strconv.Itoa(height), `" role="img"><title>`, escape(title), `</title>`)
	if desc != "" {
		s.raw(`<desc>`, escape(desc), `</desc>`)
	}
}

// close ends the drawing and gives it as HTML.
func (s *svg) close() template.HTML {
	s.raw(`</svg>`)
	return template.HTML(s.b.String()) //nolint:gosec // built here; every text went through escape
}

// rect draws from share x to x+w, from y px down h px.
func (s *svg) rect(class string, x, w float64, y, h int) {
	s.raw(`<rect class="`, class, `" x="`, percent(x), `" width="`, percent(w),
		`" y="`, strconv.Itoa(y), `" height="`, strconv.Itoa(h), `"/>`)
}

// line draws a line between two points, shares across and px down.
func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.raw(`<line class="`, class, `" x1="`, percent(x1), `" y1="`, decimal(y1),
		`" x2="`, percent(x2), `" y2="`, decimal(y2), `"/>`)
}

// dot draws a small disc.
func (s *svg) dot(class string, x, y, r float64) {
	s.raw(`<circle class="`, class, `" cx="`, percent(x), `" cy="`, decimal(y), `" r="`, decimal(r), `"/>`)
}

// text writes words at share x, moved dx px, on the base line y.
func (s *svg) text(class string, x float64, dx int, y float64, words string) {
	s.raw(`<text class="`, class, `" x="`, percent(x), `"`)
	if dx != 0 {
		s.raw(` dx="`, strconv.Itoa(dx), `"`)
	}
	s.raw(` y="`, decimal(y), `">`, escape(words), `</text>`)
}

func (s *svg) raw(parts ...string) {
	for _, p := range parts {
		s.b.WriteString(p)
	}
}

func escape(text string) string { return template.HTMLEscapeString(text) }

// percent writes a share of 0 to 1 as an attribute, at most two decimals.
func percent(share float64) string { return decimal(share*100) + "%" }

func decimal(v float64) string {
	text := strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0")
	text = strings.TrimSuffix(text, ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// tone is the class that colours an interval: only a verdict has a colour, and a figure that is not
// final yet is drawn hollow.
func tone(verdict string) string {
	switch verdict {
	case VerdictMet:
		return "v-good"
	case VerdictNotMet:
		return "v-bad"
	case VerdictOpen, VerdictIncomplete:
		return "v-hollow"
	default:
		return "v-plain"
	}
}

// anchor keeps a label inside the drawing: it starts, centres or ends at a share across.
func anchor(share float64) string {
	switch {
	case share < 0.1:
		return "start"
	case share > 0.87:
		return "end"
	default:
		return "middle"
	}
}

// labelAt is where a label of anchor stands: at its place, or at the edge it would cross.
func labelAt(share float64) float64 {
	switch anchor(share) {
	case "start":
		return 0
	case "end":
		return 1
	default:
		return share
	}
}

// endAnchor keeps the labels of the two ends of a scale inside.
func endAnchor(x float64) string {
	switch x {
	case 0:
		return "start"
	case 1:
		return "end"
	default:
		return "middle"
	}
}

// rich fills a message and makes HTML of it.
func rich(w *words, key string, args ...any) template.HTML {
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = a
		if s, ok := a.(string); ok {
			safe[i] = strings.ReplaceAll(s, "*", star)
		}
	}
	return bold(w.T(key, safe...))
}

// star stands for a star that came with an argument and marks nothing.
const star = "\ue000"

// bold makes HTML of a text in which **words** are to be bold.
func bold(text string) template.HTML {
	var b strings.Builder
	for i, p := range strings.Split(escape(text), "**") {
		if i%2 == 1 {
			p = "<b>" + p + "</b>"
		}
		b.WriteString(p)
	}
	return template.HTML(strings.ReplaceAll(b.String(), star, "*")) //nolint:gosec // escaped above
}
