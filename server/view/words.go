package view

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// words says things in one language for what Go draws and composes itself. The first failure is kept in
// err, so that a drawing need not check every label; the template function that made the words returns it.
type words struct {
	lang      Lang
	catalogue catalogue
	err       error
}

// T fills a message.
func (w *words) T(key string, args ...any) string {
	s, err := w.catalogue.say(w.lang, key, args...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

// N writes a count.
func (w *words) N(n int64) string { return FormatInt(w.lang, n) }

// Pct writes a rate with one decimal and its sign.
func (w *words) Pct(rate float64) string { return FormatPercent(w.lang, rate) }

// Points writes a rate with one decimal and no sign, for ranges.
func (w *words) Points(rate float64) string { return FormatDecimal(w.lang, rate*100, 1) }

// Whole writes a rate that somebody set, like a target: no decimal unless it has one.
func (w *words) Whole(rate float64) string {
	tenths := math.Round(rate * 1000)
	if math.Mod(tenths, 10) != 0 {
		return w.Pct(rate)
	}
	s := FormatDecimal(w.lang, tenths/10, 0)
	if w.lang == Vietnamese {
		return s + noBreakSpace + "%"
	}
	return s + "%"
}

// Date writes a civil day.
func (w *words) Date(day any) string {
	s, err := FormatDate(w.lang, day)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

// lower is s as it stands inside a sentence; English labels of periods keep their capital.
func (w *words) lower(s string) string {
	if w.lang != Vietnamese {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}

// capital is s with a capital at its start.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
