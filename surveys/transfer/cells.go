package transfer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hailong/surveys"
)

const (
	mostName    = 200
	mostAddress = 300
)

var (
	unitCode   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,20}$`)
	facilityID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	langCode   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
)

// cells reads the cells of one row and complains about those that are wrong.
type cells struct {
	table *table
	row   row
	wrong bool
}

func (c *cells) complain(column, key string, args ...string) {
	c.wrong = true
	c.table.bad.add(c.row.line, column, key, args...)
}

// raw is the cell without space around, and without the apostrophe by which an export guards it.
func (c *cells) raw(column string) string { return unguarded(c.table.cell(c.row, column)) }

// isNumber says whether the cell of a sheet holds a number.
func (c *cells) isNumber(column string) bool {
	i, ok := c.table.at[column]
	return ok && i < len(c.row.numbers) && c.row.numbers[i]
}

// checkZeros complains about an official code that Excel took for a number and that is too short for its kind:
// 01 becomes 1. The widths are those of the General Statistics Office.
func (c *cells) checkZeros(column, code string, kind surveys.UnitKind) {
	width := map[surveys.UnitKind]int{"province": 2, "district": 3, "town": 3, "ward": 5, "commune": 5}[kind]
	if c.isNumber(column) && len(code) < width {
		c.complain(column, "import.zeros", brief(code))
	}
}

// text is a cell as a name is kept, of at most so many characters.
func (c *cells) text(column string, most int, needed bool) string {
	s := cleanName(c.raw(column))
	if s == "" && needed {
		c.complain(column, "import.blank")
	}
	if utf8.RuneCountInString(s) > most {
		c.complain(column, "import.long", strconv.Itoa(most))
	}
	return s
}

// code is a cell that must match a pattern.
func (c *cells) code(column string, pattern *regexp.Regexp, needed bool) string {
	s := c.raw(column)
	switch {
	case s == "" && needed:
		c.complain(column, "import.blank")
	case s != "" && !pattern.MatchString(s):
		c.complain(column, "import.charset", brief(s))
	}
	return s
}

// day is a cell that holds a civil day.
func (c *cells) day(column string, needed bool) surveys.Day {
	s := c.raw(column)
	if s == "" {
		if needed {
			c.complain(column, "import.blank")
		}
		return ""
	}
	d, err := surveys.ParseDay(s)
	if err != nil {
		c.complain(column, "import.day", brief(s))
	}
	return d
}

// span is the first and last day of a thing.
func (c *cells) span() (from, to surveys.Day) {
	from, to = c.day("from", true), c.day("to", false)
	if from != "" && to != "" && to < from {
		c.complain("to", "import.span", string(from), string(to))
	}
	return from, to
}

// oneOf is a cell that must be one of a list; blank is the default, if there is one.
func oneOf[T ~string](c *cells, column string, list []T, byDefault T) T {
	s := T(c.raw(column))
	if s == "" {
		s = byDefault
	}
	switch {
	case s == "":
		c.complain(column, "import.blank")
	case !slices.Contains(list, s):
		c.complain(column, "import.value", brief(string(s)), listed(list))
	}
	return s
}

func listed[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

// pieces splits a cell at semicolons and leaves out what is blank.
func pieces(cell string) []string {
	var list []string
	for p := range strings.SplitSeq(cell, ";") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// cleanName is NFC, on one line, without control characters, marks that turn the writing direction, and
// needless space.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		default:
			return r
		}
	}, norm.NFC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// brief is a cell as a complaint may repeat it.
func brief(s string) string {
	const most = 40
	s = cleanName(s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
