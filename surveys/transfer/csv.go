package transfer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row is one row of a file. Its cells are good until the next row is read.
type row struct {
	line   int // where it starts, from 1
	number int // as a spreadsheet counts the rows, blank ones too
	cells  []string

	// Of a sheet only:
	sparse  bool    // cells at the end that are blank may be missing
	numbers []bool  // which cells hold a number
	faults  []fault // cells whose content is no data
}

// fault is what is wrong with a cell, whatever its column asks for.
type fault struct {
	column int // from 0
	key    string
	args   []string
}

// rows gives the rows of a file one after the other, and after the last io.EOF. An unreadable error is a
// file whose rest cannot be read.
type rows interface {
	next() (row, error)
}

// unreadable is a mistake that ends the reading.
type unreadable struct{ RowError }

// Error tells the mistake in English.
func (e unreadable) Error() string { return e.Text("en") }

// mostRow is about the most bytes of a row: a missing quote must not draw the whole file into memory.
const mostRow = 1 << 20

var errLongRow = errors.New("row too long")

// csvRows reads CSV: UTF-8 with or without a byte order mark, lines ended by LF or CRLF, cells separated as
// separatorOf tells.
type csvRows struct {
	csv    *csv.Reader
	meter  *meter
	expect int // the line the next row starts on, if no blank line comes before
	number int
}

// newCSVRows reads from a buffer, whose source the meter guards.
func newCSVRows(buffer *bufio.Reader, m *meter) rows {
	mark := []byte("\ufeff")
	if start, err := buffer.Peek(len(mark)); err == nil && bytes.Equal(start, mark) {
		buffer.Discard(len(mark)) //nolint:errcheck // these bytes have just been peeked
	}
	header, lone := firstLine(buffer)
	if lone {
		return failedRows{unreadable{RowError{Line: 1, Key: "import.line_ends"}}}
	}
	c := csv.NewReader(buffer)
	c.Comma = separatorOf(header)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	return &csvRows{csv: c, meter: m, expect: 1}
}

func (r *csvRows) next() (row, error) {
	r.meter.left = mostRow
	cells, err := r.csv.Read()
	var syntax *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return row{}, io.EOF
	case errors.Is(err, errLongRow):
		return row{}, unreadable{RowError{Line: r.expect, Key: "import.long_row"}}
	case errors.As(err, &syntax):
		return row{}, unreadable{RowError{Line: syntax.Line, Key: "import.quotes"}}
	case err != nil:
		return row{}, fmt.Errorf("read the file: %w", err)
	}
	line, _ := r.csv.FieldPos(0)
	r.number += 1 + line - r.expect
	r.expect = line + 1
	for _, c := range cells {
		r.expect += strings.Count(c, "\n")
	}
	return row{line: line, number: r.number, cells: cells}, nil
}

// meter lets so many bytes through until it is set again.
type meter struct {
	r    io.Reader
	left int
}

// Read reads what is left to let through.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errLongRow
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err //nolint:wrapcheck // a reader hands on io.EOF as it is
}

// table is a file with its header.
type table struct {
	rows    rows
	bad     *complaints
	columns []string
	at      map[string]int
	first   int // the header's row number
}

// openTable reads the header. Each of needed must be there, and no other but those that known allows.
// A header with a mistake leaves nothing to be read: ok is false.
func openTable(r rows, bad *complaints, needed []string, known func(column string) bool) (t *table, ok bool, err error) {
	head, err := r.next()
	for err == nil && head.sparse && blank(head.cells) {
		head, err = r.next()
	}
	if errors.Is(err, io.EOF) {
		bad.add(1, "", "import.empty")
		return nil, false, nil
	}
	if err != nil {
		return nil, false, tell(bad, err)
	}
	t = &table{rows: r, bad: bad, at: map[string]int{}, first: head.number}
	before := bad.count()
	switch {
	case !readable(head.cells):
		bad.add(head.line, "", "import.not_utf8")
	case len(head.faults) > 0:
		t.tellFaults(head)
	case len(head.cells) == 1 && strings.Contains(head.cells[0], "|"):
		bad.add(head.line, "", "import.separator")
	default:
		t.readHeader(head, needed, known)
	}
	return t, bad.count() == before, nil
}

func (t *table) readHeader(head row, needed []string, known func(column string) bool) {
	if head.sparse {
		head.cells = trimmed(head.cells)
		t.bad.columns = map[string]int{}
	}
	for i, cell := range head.cells {
		name := strings.TrimSpace(cell)
		e := RowError{Line: head.line, Column: name}
		if head.sparse {
			e.Cell = letters(i) + strconv.Itoa(head.line)
		}
		_, twice := t.at[name]
		switch {
		case name == "":
			e.Key, e.Args = "import.unnamed", []string{strconv.Itoa(i + 1)}
		case twice:
			e.Key = "import.twice"
		case !slices.Contains(needed, name) && !known(name):
			e.Column, e.Key = brief(name), "import.column"
		}
		if e.Key != "" {
			t.bad.put(e)
		}
		t.at[name] = i
		if head.sparse {
			t.bad.columns[name] = i
		}
		t.columns = append(t.columns, name)
	}
	for _, name := range needed {
		if _, there := t.at[name]; !there {
			t.bad.add(head.line, name, "import.missing")
		}
	}
}

// next gives the next row that is not blank; more is false after the last. Rows that have not as many cells
// as the header, or are not text, are complained about and left out. The last line of an export is no row.
func (t *table) next() (r row, more bool, err error) {
	for {
		r, err = t.rows.next()
		if errors.Is(err, io.EOF) {
			return row{}, false, nil
		}
		if err != nil {
			return row{}, false, tell(t.bad, err)
		}
		r.number -= t.first
		if r.sparse {
			r = t.fit(r)
		}
		switch {
		case !readable(r.cells):
			t.bad.add(r.line, "", "import.not_utf8")
		case len(r.faults) > 0:
			t.tellFaults(r)
		case blank(r.cells):
		case isLastLine(r.cells):
		case len(r.cells) != len(t.columns):
			t.bad.add(r.line, "", "import.width", strconv.Itoa(len(r.cells)), strconv.Itoa(len(t.columns)))
		default:
			return r, true, nil
		}
	}
}

// fit makes a row of a sheet as wide as the header, if nothing stands beyond.
func (t *table) fit(r row) row {
	r.cells = trimmed(r.cells)
	for len(r.cells) < len(t.columns) {
		r.cells = append(r.cells, "")
	}
	return r
}

// tellFaults complains about the cells of a row whose content is no data.
func (t *table) tellFaults(r row) {
	for _, f := range r.faults {
		e := RowError{Line: r.line, Cell: letters(f.column) + strconv.Itoa(r.line), Key: f.key, Args: f.args}
		if f.column < len(t.columns) {
			e.Column = t.columns[f.column]
		}
		t.bad.put(e)
	}
}

// trimmed is a row without the blank cells at its end.
func trimmed(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

var lastLine = regexp.MustCompile(`^# rows=[0-9]+ sha256=[0-9a-f]{64}$`)

func isLastLine(cells []string) bool {
	return strings.HasPrefix(cells[0], "# rows=") && lastLine.MatchString(cells[0]) && blank(cells[1:])
}

// eachRow opens a table as openTable does and calls f with every row that next gives.
func eachRow(r rows, bad *complaints, needed []string, known func(column string) bool, f func(*cells)) error {
	file, ok, err := openTable(r, bad, needed, known)
	if err != nil || !ok {
		return err
	}
	for {
		next, more, err := file.next()
		if err != nil || !more {
			return err
		}
		f(&cells{table: file, row: next})
	}
}

// cell is a cell by its column, without space around; "" where the file has no such column.
func (t *table) cell(r row, column string) string {
	i, ok := t.at[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// tell notes a mistake that ends the reading; any other error is given back.
func tell(bad *complaints, err error) error {
	var mistake unreadable
	if !errors.As(err, &mistake) {
		return err
	}
	bad.put(mistake.RowError)
	return nil
}

// readable says whether cells are text: UTF-8 without NUL, and without the sign that stands for what some other
// program could not read.
func readable(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool {
		return !plain(c) && (!utf8.ValidString(c) || strings.Contains(c, "\x00") || strings.Contains(c, "\ufffd"))
	})
}

// plain says of most cells at one glance that they are text.
func plain(cell string) bool {
	for i := range len(cell) {
		if cell[i] == 0 || cell[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}
