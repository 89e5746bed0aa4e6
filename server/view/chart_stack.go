package view

import (
	"html/template"
	"strings"
)

// StackChart is the distribution of one item's answers.
type StackChart struct {
	Name   string   // the item, for the title
	Counts [5]int64 // of the answers 1 to 5
	Words  [5]string
	Target float64 // ticked above and below the bar; 0: none
}

const (
	stackRowHeight  = 30 // five dash lengths, so that the target runs through the rows unbroken
	stackRowBar     = 18
	stackMiniHeight = 20
	stackTextDown   = 14  // from the bar's top to its count's base line
	stackNarrow     = 270 // px, the least width of a bar on a phone
	stackWide       = 430 // px, the least width of a bar on a screen
	digitWidth      = 8   // px
	digitMargin     = 5   // px
)

// stackChart draws a distribution as one row of the items' table, from very satisfied at the left.
func stackChart(w *words, c StackChart) template.HTML {
	return c.draw(w, "chart stack", stackRowHeight, (stackRowHeight-stackRowBar)/2)
}

// miniStackChart draws a distribution as a bar alone.
func miniStackChart(w *words, c StackChart) template.HTML {
	c.Target = 0
	return c.draw(w, "chart stack mini", stackMiniHeight, 1)
}

func (c StackChart) draw(w *words, class string, height, top int) template.HTML {
	var s svg
	s.open(class, height, c.Name, c.describe(w))
	var total int64
	for _, n := range c.Counts {
		total += n
	}
	if total == 0 {
		return s.close()
	}
	if c.Target > 0 {
		s.line("target", c.Target, 0, c.Target, float64(height))
	}
	var before int64
	for answer := 5; answer >= 1; answer-- {
		n := c.Counts[answer-1]
		if n > 0 {
			s.rect("a"+string(rune('0'+answer)), share(before, total), share(n, total), top, stackRowBar)
		}
		before += n
	}
	c.counts(&s, w, total, top)
	return s.close()
}

// counts writes the numbers inside the bars where they fit; some fit on a wide screen only.
func (c StackChart) counts(s *svg, w *words, total int64, top int) {
	var before int64
	for answer := 5; answer >= 1; answer-- {
		n := c.Counts[answer-1]
		label := w.N(n)
		room := float64(digitWidth*len(label) + digitMargin)
		part := share(n, total)
		class := "t" + string(rune('0'+answer))
		if part*stackNarrow < room {
			class += " wide"
		}
		if n > 0 && part*stackWide >= room {
			s.text(class, share(before, total)+part/2, 0, float64(top+stackTextDown), label)
		}
		before += n
	}
}

// describe lists the counts from the best answer to the worst.
func (c StackChart) describe(w *words) string {
	parts := make([]string, 0, len(c.Counts))
	for answer := 5; answer >= 1; answer-- {
		parts = append(parts, c.Words[answer-1]+": "+w.N(c.Counts[answer-1]))
	}
	return strings.Join(parts, "; ")
}

func share(n, total int64) float64 { return float64(n) / float64(total) }
