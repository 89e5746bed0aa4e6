package view

import "html/template"

// testWords are the words of a language, for the drawings under test.
func (r *Renderer) testWords(lang Lang) *words {
	return &words{lang: lang, catalogue: r.catalogues[lang]}
}

// HeroChart is heroChart.
func (r *Renderer) HeroChart(lang Lang, c ScoreChart) template.HTML {
	return heroChart(r.testWords(lang), c)
}

// RowChart is rowChart.
func (r *Renderer) RowChart(lang Lang, c ScoreChart) template.HTML {
	return rowChart(r.testWords(lang), c)
}

// StackChart is stackChart.
func (r *Renderer) StackChart(lang Lang, c StackChart) template.HTML {
	return stackChart(r.testWords(lang), c)
}

// TrendChart is trendChart.
func (r *Renderer) TrendChart(lang Lang, c TrendChart) template.HTML {
	return trendChart(r.testWords(lang), c)
}

// Label is the label of a period.
func (r *Renderer) Label(lang Lang, p Period) string { return p.label(r.testWords(lang)) }

// Whole is words.Whole.
func Whole(lang Lang, rate float64) string { return (&words{lang: lang}).Whole(rate) }
