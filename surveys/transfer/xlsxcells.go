package transfer

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	mostColumn = 16_384
	mostLine   = 1_048_576
	// indexSheet is the last sheet of our own exports; an import passes over it.
	indexSheet = "#index"
)

// xlsxRows gives the rows of a sheet. A cell is as it stands there: a number without its format, but a date as
// a day, and a code padded by a format such as 00000 with its zeros.
type xlsxRows struct {
	sheet  string
	others []string // further sheets that hold something

	xml       *xml.Decoder
	meter     *meter
	strings   []string
	styles    []cellStyle
	merged    map[int][]string
	epoch1904 bool
	line      int
}

// cellStyle is what a number format makes of a number.
type cellStyle struct {
	date  bool
	width int // zeros that the format pads with
}

func (x *xlsxRows) next() (row, error) {
	x.meter.left = mostRow
	start, found, err := x.seek("row", "sheetData")
	switch {
	case err != nil:
		return row{}, x.broken(err)
	case !found:
		return row{}, io.EOF
	}
	return x.readRow(start)
}

// seek goes to where the next element of a name starts; found is false where another ends before.
func (x *xlsxRows) seek(name, end string) (start xml.StartElement, found bool, err error) {
	for {
		token, err := x.xml.RawToken()
		if err != nil {
			return start, false, err //nolint:wrapcheck // the caller tells what it means
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == name {
				return e, true, nil
			}
		case xml.EndElement:
			if e.Name.Local == end {
				return start, false, nil
			}
		}
	}
}

// broken is what is said when the sheet cannot be read further.
func (x *xlsxRows) broken(err error) error {
	key := "import.xlsx_broken"
	if errors.Is(err, errLongRow) {
		key = "import.long_row"
	}
	return unreadable{RowError{Line: x.line + 1, Key: key}}
}

// startRow begins a row of its number, or of the next where it gives none.
func (x *xlsxRows) startRow(start xml.StartElement) (row, bool) {
	line := x.line + 1
	if r := attribute(start, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < line || n > mostLine {
			return row{}, false
		}
		line = n
	}
	x.line = line
	r := row{line: line, number: line, sparse: true}
	for _, ref := range x.merged[line] {
		column, _, _ := parseRef(ref)
		r.faults = append(r.faults, fault{column: column, key: "import.merged", args: []string{ref}})
	}
	return r, true
}

func (x *xlsxRows) readRow(start xml.StartElement) (row, error) {
	r, ok := x.startRow(start)
	if !ok {
		return row{}, x.broken(errCell)
	}
	for {
		start, found, err := x.seek("c", "row")
		if err == nil && found {
			err = x.readCell(start, &r)
		}
		if err != nil {
			return row{}, x.broken(err)
		}
		if !found {
			return r, nil
		}
	}
}

var errCell = errors.New("a cell out of place")

// readCell puts a cell into its row.
func (x *xlsxRows) readCell(start xml.StartElement, r *row) error {
	column := len(r.cells)
	if ref := attribute(start, "r"); ref != "" {
		c, line, ok := parseRef(ref)
		if !ok || line != r.line || c < column {
			return errCell
		}
		column = c
	}
	if column >= mostColumn {
		return errCell
	}
	c, err := x.cellContent()
	if err != nil {
		return err
	}
	kind := attribute(start, "t")
	number := kind == "" || kind == "n"
	value, key := c.text, ""
	switch {
	case c.formula:
		key = "import.formula"
	case kind == "e":
		key = "import.cell_error"
	case kind == "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(x.strings) {
			return errCell
		}
		value = x.strings[i]
	case kind == "inlineStr":
	case kind == "b":
		value = map[string]string{"1": "TRUE", "0": "FALSE"}[value]
	case kind == "d":
		value = strings.TrimSuffix(value, "T00:00:00")
	case number && value != "":
		value = x.number(value, attribute(start, "s"))
	}
	for len(r.cells) < column {
		r.cells, r.numbers = append(r.cells, ""), append(r.numbers, false)
	}
	r.cells, r.numbers = append(r.cells, value), append(r.numbers, number)
	if key != "" {
		r.faults = append(r.faults, fault{column: column, key: key, args: []string{brief(c.text)}})
	}
	return nil
}

// content is what stands in a cell.
type content struct {
	text    string
	formula bool
}

// cellContent reads up to the end of a cell.
func (x *xlsxRows) cellContent() (c content, err error) {
	var inline richText
	inValue := false
	for {
		token, err := x.xml.RawToken()
		if err != nil {
			return c, err //nolint:wrapcheck // the caller tells what it means
		}
		inline.take(token)
		switch e := token.(type) {
		case xml.StartElement:
			inValue = e.Name.Local == "v"
			c.formula = c.formula || e.Name.Local == "f"
		case xml.CharData:
			if inValue {
				c.text += string(e)
			}
		case xml.EndElement:
			inValue = false
			if e.Name.Local == "c" {
				c.text += inline.String()
				return c, nil
			}
		}
	}
}

// number is a number as it would be typed.
func (x *xlsxRows) number(value, style string) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return value
	}
	var s cellStyle
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(x.styles) {
		s = x.styles[i]
	}
	const lastSerial = 2_958_465 // 9999-12-31
	switch {
	case s.date && n >= 0 && n <= lastSerial:
		return x.date(n)
	case n == math.Trunc(n) && math.Abs(n) < 1e15:
		whole := strconv.FormatInt(int64(n), 10)
		if n >= 0 && len(whole) < s.width {
			whole = strings.Repeat("0", s.width-len(whole)) + whole
		}
		return whole
	default:
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
}

// date is the day of a serial number, with the time if there is one. Serial 60 is the 29 February 1900 that
// Excel believes in: it comes out as a day that does not exist.
func (x *xlsxRows) date(serial float64) string {
	days := int(serial)
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case x.epoch1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days == 60:
		return "1900-02-29"
	case days < 60:
		base = base.AddDate(0, 0, 1)
	}
	day := base.AddDate(0, 0, days)
	seconds := math.Round((serial - float64(days)) * 86_400)
	if seconds == 0 {
		return day.Format(time.DateOnly)
	}
	return day.Add(time.Duration(seconds) * time.Second).Format(time.DateTime)
}

// stylesXML is xl/styles.xml.
type stylesXML struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

func (b *workbook) readStyles() ([]cellStyle, error) {
	name := b.byType["styles"]
	if b.parts[name] == nil {
		return nil, nil
	}
	var book stylesXML
	if err := b.decode(name, &book); err != nil {
		return nil, brokenBook("import.xlsx_broken")
	}
	codes := map[int]string{}
	for _, f := range book.Formats {
		codes[f.ID] = f.Code
	}
	styles := make([]cellStyle, len(book.Cells))
	for i, c := range book.Cells {
		styles[i] = styleOf(c.Format, codes[c.Format])
	}
	return styles, nil
}

var (
	literals = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)
	zeros    = regexp.MustCompile(`^0+$`)
	escape   = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)
)

// styleOf reads a number format: one of Excel's own by its number, another by its code.
func styleOf(id int, code string) cellStyle {
	if code == "" {
		own := id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
		return cellStyle{date: own}
	}
	if zeros.MatchString(code) {
		return cellStyle{width: min(len(code), 20)}
	}
	return cellStyle{date: strings.ContainsAny(literals.ReplaceAllString(code, ""), "dDyY")}
}

func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		n, err := strconv.ParseUint(e[2:6], 16, 16)
		if err != nil {
			return e
		}
		return string(rune(n))
	})
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// parseRef reads the place of a cell, as B7: column 1, line 7. Of a range it reads the first cell.
func parseRef(ref string) (column, line int, ok bool) {
	ref, _, _ = strings.Cut(ref, ":")
	i := 0
	for i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z' {
		column = column*26 + int(ref[i]-'A') + 1
		i++
	}
	line, err := strconv.Atoi(ref[i:])
	return column - 1, line, err == nil && column > 0 && column <= mostColumn && line > 0 && line <= mostLine
}

// letters names a column, from 0: A, B, … AA.
func letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
