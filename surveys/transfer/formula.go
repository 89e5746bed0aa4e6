package transfer

import (
	"strings"
	"unicode"
)

// formulaSigns begin a formula in some spreadsheet, by OWASP's list; the wide ones do so in East Asian settings.
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// beginsFormula says whether a spreadsheet might take a cell for a formula, also when it passes over space that
// stands before it.
func beginsFormula(cell string) bool {
	if cell == "" {
		return false
	}
	rest := strings.TrimLeftFunc(cell, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
	})
	return strings.ContainsRune("\t\r\n", rune(cell[0])) || rest != "" && strings.ContainsRune(formulaSigns, firstRune(rest))
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// needsGuard says whether a cell begins a formula, or looks like one that is guarded.
func needsGuard(cell string) bool { return beginsFormula(strings.TrimLeft(cell, "'")) }

// guarded keeps a spreadsheet from taking a cell for a formula: such a cell gets an apostrophe in front.
func guarded(cell string) string {
	if needsGuard(cell) {
		return "'" + cell
	}
	return cell
}

// unguarded takes the apostrophe of guarded away again.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && needsGuard(rest) {
		return rest
	}
	return cell
}
