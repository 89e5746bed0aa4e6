package view

import (
	"html/template"
	"math"
)

// ScoreChart is one rate with its interval on a scale of 0 to 100 %.
type ScoreChart struct {
	Name     string // whose rate, for the title
	Rate     float64
	Interval Interval
	Target   float64 // 0: none
	Verdict  string
}

const (
	heroBodyTop    = 36
	heroBodyHeight = 28
	heroHeight     = 124
	rowHeight      = 42 // six dash lengths, so that the target runs through the rows unbroken
	rowBodyHeight  = 14
)

// heroChart draws the big bar of the facility page: the value above the axis, the target below.
func heroChart(w *words, c ScoreChart) template.HTML {
	var s svg
	title, desc := c.describe(w)
	height := heroHeight
	if c.Target == 0 {
		height = heroBodyTop + heroBodyHeight + 36
	}
	s.open("chart hero", height, title, desc)
	s.rect("track", 0, 1, heroBodyTop, heroBodyHeight)
	bottom := float64(heroBodyTop + heroBodyHeight)
	for i := range 6 {
		x := float64(i) / 5
		s.line("tick", x, bottom, x, bottom+6)
		s.text("scale "+endAnchor(x), x, 0, bottom+22, scaleLabel(w, x))
	}
	s.rect("ci "+tone(c.Verdict), c.Interval.Low, c.Interval.width(), heroBodyTop, heroBodyHeight)
	if c.Target > 0 {
		s.line("target", c.Target, heroBodyTop-6, c.Target, bottom+34)
		s.text("target-label "+anchor(c.Target), labelAt(c.Target), 0, bottom+52, w.T("staff.chart.target", w.Whole(c.Target)))
	}
	s.dot("pt "+tone(c.Verdict), c.Rate, heroBodyTop+heroBodyHeight/2, 7)
	c.heroValue(&s, w)
	return s.close()
}

// heroValue writes the rate and its range where they fit at any width: ending at the interval's end,
// starting at its start, or centred over it.
func (c ScoreChart) heroValue(s *svg, w *words) {
	at, class := (c.Interval.Low+c.Interval.High)/2, "middle"
	switch {
	case at > 0.63:
		at, class = math.Max(c.Interval.High, 0.75), "end"
	case at < 0.37:
		at, class = math.Min(c.Interval.Low, 0.25), "start"
	}
	s.raw(`<text class="value `, class, `" x="`, percent(at), `" y="24"><tspan class="rate `, tone(c.Verdict), `">`,
		escape(w.Pct(c.Rate)), `</tspan><tspan dx="8">`, escape(c.rangeWords(w)), `</tspan></text>`)
}

// rowChart draws one row of a list on the scale common to all rows.
func rowChart(w *words, c ScoreChart) template.HTML {
	var s svg
	title, _ := c.describe(w)
	s.open("chart row", rowHeight, title, "")
	s.line("base", 0, rowHeight/2, c.Interval.Low, rowHeight/2)
	s.line("base", c.Interval.High, rowHeight/2, 1, rowHeight/2)
	s.rect("ci "+tone(c.Verdict), c.Interval.Low, c.Interval.width(), (rowHeight-rowBodyHeight)/2, rowBodyHeight)
	if c.Target > 0 {
		s.line("target", c.Target, 0, c.Target, rowHeight)
	}
	s.dot("pt "+tone(c.Verdict), c.Rate, rowHeight/2, 3.5)
	return s.close()
}

// scaleChart draws the scale that stands above rows: 0, 50, 100 and the target.
func scaleChart(w *words, target float64) template.HTML {
	var s svg
	s.raw(`<svg class="chart scale-row" width="100%" height="20" aria-hidden="true">`)
	for _, x := range []float64{0, 0.5, 1} {
		if target > 0 && math.Abs(x-target) < 0.1 {
			continue
		}
		class := "scale " + endAnchor(x)
		if target > 0 && math.Abs(x-target) < 0.2 {
			class += " crowded" // where the bars are narrow this label goes
		}
		s.text(class, x, 0, 15, scaleNumber(w, x))
	}
	if target > 0 {
		s.text("scale at-target "+endAnchor(target), target, 0, 15, scaleNumber(w, target))
	}
	return s.close()
}

// describe says the drawing in words.
func (c ScoreChart) describe(w *words) (title, desc string) {
	title = w.T("staff.chart.score_title", c.Name, w.Pct(c.Rate), c.rangeWords(w))
	if c.Target > 0 {
		desc = w.T("staff.chart.target", w.Whole(c.Target))
	}
	return title, desc
}

func (c ScoreChart) rangeWords(w *words) string {
	return w.T("staff.chart.range", w.Points(c.Interval.Low), w.Points(c.Interval.High))
}

// scaleLabel labels the ends of an axis in percent and what lies between by the number alone.
func scaleLabel(w *words, x float64) string {
	if x == 0 || x == 1 {
		return w.Whole(x)
	}
	return scaleNumber(w, x)
}

func scaleNumber(w *words, x float64) string { return w.N(int64(math.Round(x * 100))) }
