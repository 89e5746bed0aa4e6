package view

import (
	"html/template"
	"strings"
)

// sentence is the answer to "are we there?" in one sentence.
func (p FacilityPage) sentence(w *words) template.HTML {
	period := p.Picker.Period.label(w)
	switch p.State {
	case StateNone:
		return rich(w, "staff.sentence.none", w.lower(period))
	case StateHidden:
		if p.Waiting.Forms == 0 { // they came out with a longer period
			return rich(w, "staff.sentence.longer", period)
		}
		return rich(w, "staff.sentence.hidden", period)
	}
	s := p.Score
	args := []any{period, w.Pct(s.Rate), s.Forms}
	switch s.Verdict {
	case VerdictMet, VerdictNotMet:
		return rich(w, "staff.sentence."+s.Verdict, append(args, w.Whole(s.Target))...)
	case VerdictUndecided, VerdictOpen:
		if s.Needed > 0 {
			return rich(w, "staff.sentence."+s.Verdict+"_needed", append(args, w.N(RoundNeeded(s.Needed)))...)
		}
		return rich(w, "staff.sentence."+s.Verdict, args...)
	case VerdictIncomplete, VerdictNoTarget:
		return rich(w, "staff.sentence."+s.Verdict, args...)
	}
	return rich(w, "staff.sentence.plain", args...)
}

// note is what stands beside the verdict of a row, "" for nothing.
func (s Score) note(w *words) string {
	switch {
	case s.Verdict == VerdictIncomplete:
		return w.T("staff.note.incomplete")
	case s.Verdict != VerdictUndecided && s.Verdict != VerdictOpen:
		return ""
	case s.Needed > 0:
		return w.T("staff.note.needed", RoundNeeded(s.Needed))
	case s.Verdict == VerdictUndecided:
		return w.T("staff.note.longer")
	}
	return ""
}

// summary counts the verdicts of the list in one sentence, what asks for attention first.
func (p ListPage) summary(w *words) template.HTML {
	counts := p.verdicts()
	part := func(key string) []string {
		if counts[key] == 0 {
			return nil
		}
		return []string{w.T("staff.summary."+key, counts[key])}
	}
	var first, second []string
	for _, key := range []string{VerdictNotMet, VerdictUndecided, VerdictMet} {
		first = append(first, part(key)...)
	}
	for _, key := range []string{VerdictOpen, VerdictIncomplete, VerdictNoTarget, StateNone} {
		second = append(second, part(key)...)
	}
	text := w.T("staff.summary.head", p.Picker.Period.label(w), p.Count())
	all := strings.Join(first, ", ")
	if len(first) > 0 && len(second) > 0 {
		all += "; "
	}
	if all += strings.Join(second, ", "); all != "" {
		text += ": " + all
	}
	return bold(text + ".")
}

// span names the run.
func (g TrendGap) span(w *words) string {
	if g.Single {
		return g.From.label(w)
	}
	return w.T("staff.period.span", g.From.label(w), w.lower(g.To.label(w)))
}

// staffFuncs are what staff templates say and draw beyond plain messages.
func staffFuncs(lang Lang, c catalogue) template.FuncMap {
	return template.FuncMap{
		"heroChart":      said(lang, c, heroChart),
		"rowChart":       said(lang, c, rowChart),
		"scaleChart":     said(lang, c, scaleChart),
		"stackChart":     said(lang, c, stackChart),
		"miniStackChart": said(lang, c, miniStackChart),
		"trendChart":     said(lang, c, trendChart),
		"sentence":       said(lang, c, func(w *words, p FacilityPage) template.HTML { return p.sentence(w) }),
		"summary":        said(lang, c, func(w *words, p ListPage) template.HTML { return p.summary(w) }),
		"note":           said(lang, c, func(w *words, s Score) string { return s.note(w) }),
		"period":         said(lang, c, func(w *words, p Period) string { return p.label(w) }),
		"periodInside":   said(lang, c, func(w *words, p Period) string { return w.lower(p.label(w)) }),
		"span":           said(lang, c, func(w *words, g TrendGap) string { return g.span(w) }),
		"whole":          said(lang, c, (*words).Whole),
		"points":         said(lang, c, (*words).Points),
		"capital":        capital,
		"axisStart":      func(t TrendChart) float64 { return t.axisStart() },
		"decimal":        func(v float64, places int) string { return FormatDecimal(lang, v, places) },
		"rich": func(key string, args ...any) (template.HTML, error) {
			w := &words{lang: lang, catalogue: c}
			return rich(w, key, args...), w.err
		},
	}
}

// said makes a template function of one that needs words, with its own error each time.
func said[T, R any](lang Lang, c catalogue, f func(*words, T) R) func(T) (R, error) {
	return func(v T) (R, error) {
		w := &words{lang: lang, catalogue: c}
		r := f(w, v)
		return r, w.err
	}
}
