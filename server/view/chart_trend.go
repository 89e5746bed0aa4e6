package view

import (
	"html/template"
	"math"
	"strings"
)

// TrendChart is a facility's rate over periods of one level, oldest first.
type TrendChart struct {
	Name   string
	Points []TrendPoint
	Target float64 // 0: none
}

const (
	trendTop     = 12.0
	trendBottom  = 252.0
	trendHeight  = 326
	labelLine    = 274.0
	formsLine    = 294.0
	yearLine     = 316.0
	fewPoints    = 6 // up to here every point has its value beside it and no line joins them
	denseMonths  = 8 // from here a phone shows every third label
	denseQuarter = 5 // from here a phone shows every second label
)

// trendChart draws the rates with their intervals. Its axis begins where the data need it to; what is
// still waiting is a dashed gap, never a zero, and no line crosses it.
func trendChart(w *words, c TrendChart) template.HTML {
	var s svg
	s.open("chart trend", trendHeight, w.T("staff.chart.trend_title", c.Name), c.describe(w))
	c.grid(&s, w)
	for i, p := range c.Points {
		if p.Current {
			s.rect("now", c.left(i), 1/float64(len(c.Points)), int(trendTop), int(trendBottom-trendTop))
		}
	}
	c.gridLines(&s, w)
	c.targetLine(&s, w)
	for i, p := range c.Points {
		c.foot(&s, w, i, p)
		if p.State == StateHidden {
			c.gap(&s, w, i, p)
		}
	}
	c.path(&s)
	for i, p := range c.Points {
		if p.State == StateFull {
			s.dot("node", c.middle(i), c.y(p.Rate), 4.5)
		}
	}
	c.values(&s, w)
	return s.close()
}

// axisStart is where the axis begins: the ten below the lowest end of an interval, 60 % at most.
func (c TrendChart) axisStart() float64 {
	low := 0.6
	if c.Target > 0 {
		low = math.Min(low, math.Floor(c.Target*10-1e-9)/10)
	}
	for _, p := range c.Points {
		if p.State == StateFull {
			low = math.Min(low, math.Floor(p.Interval.Low*10+1e-9)/10)
		}
	}
	return math.Max(low, 0)
}

func (c TrendChart) y(rate float64) float64 {
	start := c.axisStart()
	return trendBottom - (rate-start)/(1-start)*(trendBottom-trendTop)
}

func (c TrendChart) left(i int) float64   { return float64(i) / float64(len(c.Points)) }
func (c TrendChart) middle(i int) float64 { return (float64(i) + 0.5) / float64(len(c.Points)) }

// grid labels the axis; its ends carry the percent sign because it need not begin at 0.
func (c TrendChart) grid(s *svg, w *words) {
	start := c.axisStart()
	for _, v := range c.levels() {
		label := scaleNumber(w, v)
		if v == 1 || v == start {
			label = w.Whole(v)
		}
		s.text("scale end", 0, -8, c.y(v)+5, label)
	}
}

func (c TrendChart) gridLines(s *svg, _ *words) {
	for _, v := range c.levels() {
		s.line("base", 0, c.y(v), 1, c.y(v))
	}
}

func (c TrendChart) levels() []float64 {
	start := math.Round(c.axisStart() * 10)
	step := 1.0
	if start <= 4 {
		step = 2
	}
	var levels []float64
	for v := 10.0; v > start+step/2; v -= step {
		levels = append(levels, v/10)
	}
	return append(levels, start/10)
}

func (c TrendChart) targetLine(s *svg, w *words) {
	if c.Target == 0 {
		return
	}
	y := c.y(c.Target)
	label := w.T("staff.chart.target", w.Whole(c.Target))
	s.line("target", 0, y, 1, y)
	s.text("target-label wide", 1, 8, y+5, label)
}

// foot writes what stands under a node: its period, its forms and, where it changes, the year.
func (c TrendChart) foot(s *svg, w *words, i int, p TrendPoint) {
	class := "scale middle"
	if p.Current {
		class = "scale current middle"
	}
	if c.thin(i) {
		class += " wide"
	}
	s.text(class, c.middle(i), 0, labelLine, p.Period.short(w))
	forms := "–"
	switch p.State {
	case StateFull:
		forms = w.N(p.Forms)
	case StateNone:
		forms = w.N(0)
	}
	s.text(class+" forms", c.middle(i), 0, formsLine, forms)
	if i == 0 {
		s.text("scale end forms", 0, -8, formsLine, w.T("staff.forms_column"))
		s.line("base", 0, formsLine+8, 1, formsLine+8)
	}
	if i == 0 || p.Period.Year != c.Points[i-1].Period.Year {
		s.line("base", c.left(i), formsLine+8, c.left(i), yearLine+4)
		s.text("scale start", c.left(i), 4, yearLine, w.year(p.Period.Year))
	}
}

// thin says that a phone has no room for the label under node i; the last one always stays.
func (c TrendChart) thin(i int) bool {
	n, back := len(c.Points), len(c.Points)-1-i
	if c.Points[i].Period.Kind == PeriodMonth {
		return n >= denseMonths && back%3 != 0
	}
	return n >= denseQuarter && back%2 != 0
}

// gap marks a node whose forms still wait, with the reason where there is room.
func (c TrendChart) gap(s *svg, w *words, i int, p TrendPoint) {
	width := 1 / float64(len(c.Points))
	s.rect("gap", c.left(i)+width*0.1, width*0.8, int(trendTop)+16, int(trendBottom-trendTop)-32)
	if len(c.Points) <= fewPoints && p.Minimum > 0 {
		for k, line := range strings.SplitN(w.T("staff.trend.gap_inside", p.Minimum), "|", 2) {
			s.text("scale middle wide", c.middle(i), 0, (trendTop+trendBottom)/2+float64(20*k), line)
		}
	}
}

// path draws the intervals and the line between neighbours that both have a rate; a few points whose intervals
// overlap make no line.
func (c TrendChart) path(s *svg) {
	for i, p := range c.Points {
		if p.State == StateFull {
			s.line("ci-line", c.middle(i), c.y(p.Interval.High), c.middle(i), c.y(p.Interval.Low))
		}
	}
	if len(c.Points) <= fewPoints {
		return
	}
	for i := 1; i < len(c.Points); i++ {
		a, b := c.Points[i-1], c.Points[i]
		if a.State == StateFull && b.State == StateFull {
			s.line("path", c.middle(i-1), c.y(a.Rate), c.middle(i), c.y(b.Rate))
		}
	}
}

// values labels the first and the last rate, all of them when they are few.
func (c TrendChart) values(s *svg, w *words) {
	first, last := -1, -1
	for i, p := range c.Points {
		if p.State != StateFull {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	few := len(c.Points) <= fewPoints
	for i, p := range c.Points {
		if p.State != StateFull || (!few && i != first && i != last) {
			continue
		}
		if few {
			s.text("figure start", c.middle(i), 10, c.y(p.Rate)+5, w.Points(p.Rate))
			continue
		}
		s.text("figure middle", c.middle(i), 0, c.valueLine(i), w.Points(p.Rate))
	}
}

// valueLine puts a value above its node, or below when the node is at the top or its neighbour is higher.
func (c TrendChart) valueLine(i int) float64 {
	y := c.y(c.Points[i].Rate)
	for _, k := range []int{i - 1, i + 1} {
		if k >= 0 && k < len(c.Points) && c.Points[k].State == StateFull && c.Points[k].Rate > c.Points[i].Rate {
			return y + 22
		}
	}
	if y < trendTop+22 {
		return y + 22
	}
	return y - 12
}

// describe says where the axis begins and how the rates went from the first to the last.
func (c TrendChart) describe(w *words) string {
	parts := make([]string, 0, len(c.Points))
	for _, p := range c.Points {
		if p.State == StateFull {
			parts = append(parts, p.Period.label(w)+": "+w.Pct(p.Rate))
		}
	}
	return strings.Join(parts, "; ")
}
